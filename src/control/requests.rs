//! The journal of an account, made readable: decoded parameters, no secrets, and what nobody looked at.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::Serialize;

use super::{Control, ControlError};
use crate::account::{Break, JournalEntry};
use crate::api::{Product, is_common_parameter};
use crate::wire::Params;

/// Which calls to read; each part left out lets all pass.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct RequestFilter {
    /// The action, whatever its case.
    pub action: Option<String>,
    /// The HTTP status.
    pub status: Option<u16>,
    /// Only calls with a greater sequence number.
    pub since: Option<u64>,
    /// The newest so many.
    pub limit: Option<usize>,
}

/// Calls an account received.
#[derive(Clone, Debug, Serialize)]
#[non_exhaustive]
pub struct Requests {
    /// Oldest first.
    pub requests: Vec<ReceivedRequest>,
    /// How many older calls are no longer there.
    pub dropped: u64,
}

/// A call an account received, and how it was answered.
#[derive(Clone, Debug, Serialize)]
#[non_exhaustive]
pub struct ReceivedRequest {
    /// Counts the account's calls from 1.
    pub sequence: u64,
    /// When, by the account's clock.
    pub time: Timestamp,
    /// As it was sent.
    pub action: String,
    /// `V1` or `V3`.
    pub signature: &'static str,
    /// The access key it claims to be signed with.
    pub access_key_id: String,
    /// The `User-Agent` header.
    pub user_agent: String,
    /// Every parameter, decoded. Signatures, tokens, passwords and secrets show as `***`.
    pub params: BTreeMap<String, String>,
    /// The HTTP status of the answer.
    pub status: u16,
    /// The error code of the answer; empty for a success.
    pub code: String,
    /// The number of the fault that struck it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fault: Option<u64>,
    /// How the connection was broken instead of answering: then status and code say what would have been answered.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub broken: Option<&'static str>,
    /// The number of the stub that answered it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub stub: Option<u64>,
    /// What mistake explains a refusal.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub diagnosis: Option<String>,
    /// The id of the answer.
    pub request_id: String,
    /// From the end of the request's head to the answer, in milliseconds.
    pub duration_ms: f64,
    /// Parameters that were sent but that the emulated action does not look at.
    pub unread: Vec<String>,
    /// Parameters that the real action does not have: typos, for the most part.
    pub unknown: Vec<String>,
}

impl Control {
    /// The calls an account received, right or wrong, oldest first. A call belongs to the account whose access key it
    /// names; one that names none, or one that nobody has, is only in the log.
    ///
    /// # Errors
    ///
    /// When there is no such account, or the real service has no such action.
    pub fn requests(&self, account: Option<&str>, filter: &RequestFilter) -> Result<Requests, ControlError> {
        let account = self.slot(account)?.account();
        let product = self.gateway.product;
        if let Some(action) = filter.action.as_ref().filter(|action| product.known(action).is_none()) {
            return Err(ControlError::unknown("action", action, product.known_names()));
        }
        let (mut entries, dropped) = account.journal.read(|entry| {
            filter.action.as_ref().is_none_or(|action| action.eq_ignore_ascii_case(&entry.texts.action()))
                && filter.status.is_none_or(|status| status == entry.status)
                && filter.since.is_none_or(|since| entry.sequence > since)
        });
        if let Some(limit) = filter.limit {
            entries.drain(..entries.len().saturating_sub(limit));
        }
        Ok(Requests { requests: entries.iter().map(|entry| ReceivedRequest::of(entry, product)).collect(), dropped })
    }

    /// Forgets the calls an account received; the sequence goes on.
    ///
    /// # Errors
    ///
    /// When there is no such account.
    pub fn clear_requests(&self, account: Option<&str>) -> Result<(), ControlError> {
        self.slot(account)?.account().journal.clear();
        Ok(())
    }
}

impl ReceivedRequest {
    pub(super) fn of(entry: &JournalEntry, product: &Product) -> Self {
        let action = entry.texts.action();
        let sent = Params::read("", entry.texts.params());
        let mine = || sent.iter().map(|(name, _)| name).filter(|name| !is_common_parameter(name));
        let emulated = product.find(&action);
        let is_read = |name: &str| emulated.is_none_or(|emulated| (emulated.fields)().contains(&name));
        let known = product.known(&action);
        let is_known = |name: &str| known.as_ref().is_none_or(|known| known.has_parameter(name));
        Self {
            sequence: entry.sequence,
            time: entry.time,
            action: action.to_string(),
            signature: if entry.is_v3 { "V3" } else { "V1" },
            access_key_id: entry.texts.access_key_id().into_owned(),
            user_agent: entry.texts.user_agent().into_owned(),
            params: sent.iter().map(|(name, value)| (name.to_owned(), shown(name, value))).collect(),
            status: entry.status,
            code: entry.code.to_string(),
            fault: entry.fault,
            broken: entry.broken.map(Break::word),
            stub: entry.stub,
            diagnosis: entry.diagnosis.as_deref().map(str::to_owned),
            request_id: entry.texts.request_id().into_owned(),
            duration_ms: (entry.duration.as_secs_f64() * 1e6).round() / 1e3,
            unread: mine().filter(|name| !is_read(name)).map(str::to_owned).collect(),
            unknown: mine().filter(|name| !is_known(name)).map(str::to_owned).collect(),
        }
    }
}

/// A value, unless its name says that it is a secret.
pub(super) fn shown(name: &str, value: &str) -> String {
    const SECRET: &[&str] = &["signature", "securitytoken", "bearertoken"];
    const SECRET_PARTS: &[&str] = &["password", "secret", "privatekey", "serverkey"];
    let name = name.to_ascii_lowercase();
    let is_secret = SECRET.contains(&name.as_str()) || SECRET_PARTS.iter().any(|part| name.contains(part));
    if is_secret { "***".to_owned() } else { value.to_owned() }
}
