//! Did the code under test call what it should have, as often as it should have?

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::faults::check_params;
use super::requests::shown;
use super::{Control, ControlError, ReceivedRequest};
use crate::account::JournalEntry;
use crate::wire::Params;

/// How many calls are shown that came near.
const NEAREST: usize = 5;

/// Calls that are expected: of an action, with at least these parameters.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Expectation {
    /// The action, whatever its case.
    pub action: String,
    /// Parameters that a call must have; it may have more.
    #[serde(default)]
    pub params: BTreeMap<String, String>,
    /// How often; at least once unless said.
    #[serde(default)]
    pub times: Times,
}

impl Expectation {
    /// Expects calls of an action, at least one.
    pub fn of(action: impl Into<String>) -> Self {
        Self { action: action.into(), params: BTreeMap::new(), times: Times::default() }
    }

    /// Expects this parameter too.
    #[must_use]
    pub fn param(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.params.insert(name.into(), value.into());
        self
    }

    /// Expects them so often.
    #[must_use]
    pub fn times(mut self, times: Times) -> Self {
        self.times = times;
        self
    }
}

/// How often.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq)]
#[serde(rename_all = "snake_case")]
pub enum Times {
    /// So often, no more and no less.
    Exactly(usize),
    /// So often or more.
    AtLeast(usize),
    /// So often or less.
    AtMost(usize),
}

impl Default for Times {
    fn default() -> Self {
        Self::AtLeast(1)
    }
}

/// What the journal says of an expectation.
#[derive(Clone, Debug, Serialize)]
#[non_exhaustive]
pub struct Verdict {
    /// Whether it is met by the calls that are still in the journal.
    pub met: bool,
    /// Whether calls that are no longer in the journal could change that.
    pub certain: bool,
    /// How many calls match.
    pub count: usize,
    /// The calls that match.
    pub matching: Vec<ReceivedRequest>,
    /// If it is not met: the calls that came nearest, and what differs.
    pub nearest: Vec<NearMiss>,
    /// How many older calls are no longer in the journal.
    pub dropped: u64,
}

/// A call that almost matches.
#[derive(Clone, Debug, Serialize)]
#[non_exhaustive]
pub struct NearMiss {
    /// What differs, a line each.
    pub differs: Vec<String>,
    /// The call.
    pub request: ReceivedRequest,
}

impl Control {
    /// Compares the calls that an account received with an expectation.
    ///
    /// # Errors
    ///
    /// When there is no such account, or the real service has no such action.
    pub fn verify(&self, account: Option<&str>, expectation: &Expectation) -> Result<Verdict, ControlError> {
        let product = self.gateway.product;
        if product.known(&expectation.action).is_none() {
            return Err(ControlError::unknown("action", &expectation.action, product.known_names()));
        }
        check_params(product, Some(&expectation.action), &expectation.params)?;
        let (entries, dropped) = self.slot(account)?.account().journal.read(|_| true);
        let (mut matching, mut others) = (Vec::new(), Vec::new());
        for entry in &entries {
            let differs = differences(expectation, entry);
            let request = ReceivedRequest::of(entry, product);
            if differs.is_empty() { matching.push(request) } else { others.push(NearMiss { differs, request }) }
        }
        let count = matching.len();
        let (met, could_change) = match expectation.times {
            Times::Exactly(times) => (count == times, count <= times),
            Times::AtLeast(times) => (count >= times, count < times),
            Times::AtMost(times) => (count <= times, count <= times),
        };
        // The fewest differences first, the newest of equals.
        others.reverse();
        others.sort_by_key(|other| other.differs.len());
        others.truncate(if met { 0 } else { NEAREST });
        Ok(Verdict { met, certain: dropped == 0 || !could_change, count, matching, nearest: others, dropped })
    }
}

/// Compares what was sent; secrets differ without being shown.
fn differences(expectation: &Expectation, entry: &JournalEntry) -> Vec<String> {
    let mut differs = Vec::new();
    let action = entry.texts.action();
    if !action.eq_ignore_ascii_case(&expectation.action) {
        differs.push(format!("Action is {action:?}, not {:?}", expectation.action));
    }
    let sent = Params::read("", entry.texts.params());
    for (name, wanted) in &expectation.params {
        match sent.get(name) {
            None => differs.push(format!("{name} was not sent")),
            Some(sent) if sent != wanted => {
                differs.push(format!("{name} is {:?}, not {:?}", shown(name, sent), shown(name, wanted)));
            }
            Some(_) => {}
        }
    }
    differs
}
