//! Why a request of a test could not be carried out.

use serde::Serialize;

use crate::api::shortened;

/// What kind of refusal it is.
#[derive(Clone, Copy, Debug, Eq, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum ControlErrorKind {
    /// Something in it is wrong: a key, a name, a value. 400 over HTTP.
    Invalid,
    /// It may not be done: the origin, the type or the token is wrong. 403 over HTTP.
    Forbidden,
    /// What it is about does not exist. 404 over HTTP.
    NotFound,
    /// It is well-formed but can't be done now. 409 over HTTP.
    Conflict,
}

/// A request that was refused. Nothing was changed.
#[derive(Clone, Debug, Eq, PartialEq, Serialize, thiserror::Error)]
#[error("{message}")]
pub struct ControlError {
    #[serde(skip)]
    kind: ControlErrorKind,
    #[serde(rename = "error")]
    message: String,
    /// The key or name that was not understood.
    #[serde(skip_serializing_if = "Option::is_none")]
    key: Option<String>,
    /// The valid one that is nearest to it.
    #[serde(skip_serializing_if = "Option::is_none")]
    nearest: Option<String>,
}

impl ControlError {
    /// What kind of refusal it is.
    pub fn kind(&self) -> ControlErrorKind {
        self.kind
    }

    /// The valid key or name that is nearest to the one that was not understood.
    pub fn nearest(&self) -> Option<&str> {
        self.nearest.as_deref()
    }

    pub(super) fn new(kind: ControlErrorKind, message: impl Into<String>) -> Self {
        Self { kind, message: message.into(), key: None, nearest: None }
    }

    pub(super) fn invalid(message: impl Into<String>) -> Self {
        Self::new(ControlErrorKind::Invalid, message)
    }

    /// A name that is none of the known ones. The nearest is looked for among names of about its length, and not for names
    /// longer than any: other callers wait meanwhile.
    pub(super) fn unknown<'a>(what: &str, name: &str, known: impl Iterator<Item = &'a str>) -> Self {
        const LONGEST: usize = 64;
        const MOST: usize = 1000;
        let nearest = if name.len() > LONGEST { None } else { nearest(name, known.take(MOST)) };
        let suggestion = nearest.as_ref().map(|nearest| format!("; did you mean {nearest:?}?")).unwrap_or_default();
        let name = shortened(name);
        Self {
            kind: ControlErrorKind::Invalid,
            message: format!("there is no {what} {name:?}{suggestion}"),
            key: Some(name.to_owned()),
            nearest,
        }
    }

    /// The same refusal with more to say.
    pub(super) fn and(mut self, more: &str) -> Self {
        self.message.push_str(more);
        self
    }

    /// The same refusal, of something that does not exist.
    pub(super) fn not_found(mut self) -> Self {
        self.kind = ControlErrorKind::NotFound;
        self
    }

    /// What a reader says of a body; an unknown key is answered with the nearest known one.
    pub(super) fn unreadable(said: &str) -> Self {
        let mut quoted = said.split('`').skip(1).step_by(2);
        if let (true, Some(key)) = (said.starts_with("unknown "), quoted.next()) {
            let what = if said.starts_with("unknown variant") { "value" } else { "key" };
            return Self::unknown(what, key, quoted);
        }
        // A seed's reader names the place first, and lists the valid names without quotes.
        if let Some((_, unknown)) = said.split_once(": unknown field `") {
            let (key, names) = unknown.split_once("`, expected one of ").unwrap_or((unknown, ""));
            let mut error = Self::unknown("key", key, names.split(", "));
            error.message =
                format!("{said}{}", error.message.strip_prefix(&format!("there is no key {key:?}")).unwrap_or(""));
            return error;
        }
        Self::invalid(said)
    }
}

/// The known name that takes the fewest changes to get to.
fn nearest<'a>(name: &str, known: impl Iterator<Item = &'a str>) -> Option<String> {
    let name = name.to_lowercase();
    known
        .map(|known| (known.len().abs_diff(name.len()), known))
        .filter(|(difference, _)| *difference <= 16)
        .map(|(_, known)| (strsim::damerau_levenshtein(&known.to_lowercase(), &name), known))
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, known)| known.to_owned())
}
