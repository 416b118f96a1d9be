//! A refusal: a code of the catalogue, what it is about, and a hint for the developer.

use std::fmt;
use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use serde::Serialize;

use super::ErrorCode;

/// The result of every stage and action.
pub(crate) type Result<T> = std::result::Result<T, Error>;

/// A refusal on its way to the one function that renders it.
#[derive(Clone, Debug)]
pub(crate) struct Error {
    cause: Cause,
    hint: Option<Box<str>>,
    diagnosis: Option<Box<str>>,
    access_denied: Option<Box<AccessDenied>>,
}

/// What refuses a call.
#[derive(Clone, Debug)]
enum Cause {
    /// A row of the catalogue, and what fills its message's hole.
    Catalogue(ErrorCode, Option<Box<str>>),
    /// What a test has planned.
    Planned { code: Arc<str>, status: u16, message: Box<str> },
}

impl Error {
    /// A refusal that a test has planned; its code may be any.
    pub(crate) fn planned(code: Arc<str>, status: u16, message: impl Into<Box<str>>) -> Self {
        Self {
            cause: Cause::Planned { code, status, message: message.into() },
            hint: None,
            diagnosis: None,
            access_denied: None,
        }
    }

    /// Adds a sentence of the mock's own, sent in the `x-mock-hint` header; the body stays the service's.
    pub(crate) fn hint(mut self, hint: impl Into<Box<str>>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    /// Adds what mistake explains it, sent in the `x-mock-diagnosis` header.
    pub(crate) fn diagnosis(mut self, diagnosis: Option<String>) -> Self {
        self.diagnosis = diagnosis.map(String::into_boxed_str);
        self
    }

    /// Adds who was denied what, which the body of such a refusal shows.
    pub(crate) fn access_denied(mut self, detail: AccessDenied) -> Self {
        self.access_denied = Some(Box::new(detail));
        self
    }

    pub(crate) fn access_denied_detail(&self) -> Option<&AccessDenied> {
        self.access_denied.as_deref()
    }

    pub(crate) fn diagnosis_text(&self) -> Option<&str> {
        self.diagnosis.as_deref()
    }

    /// The refusal of a parameter whose value does not fit its type or its range.
    pub(crate) fn invalid_parameter(name: &str, value: &str) -> Self {
        ErrorCode::InvalidParameter.about(name).hint(format!("{name} was {:?}", shortened(value)))
    }

    pub(crate) fn hint_text(&self) -> Option<&str> {
        self.hint.as_deref()
    }

    /// The `Code` on the wire.
    pub(crate) fn code(&self) -> &str {
        match &self.cause {
            Cause::Catalogue(code, _) => code.code(),
            Cause::Planned { code, .. } => code,
        }
    }

    /// The HTTP status.
    pub(crate) fn status(&self) -> u16 {
        match &self.cause {
            Cause::Catalogue(code, _) => code.status(),
            Cause::Planned { status, .. } => *status,
        }
    }

    /// The service's sentence, its hole filled.
    pub(crate) fn message(&self) -> String {
        match &self.cause {
            Cause::Catalogue(code, about) => code.message().replacen("{}", about.as_deref().unwrap_or_default(), 1),
            Cause::Planned { message, .. } => message.to_string(),
        }
    }

    /// Whether it is this row of the catalogue.
    #[cfg(test)]
    pub(crate) fn is(&self, wanted: ErrorCode) -> bool {
        matches!(self.cause, Cause::Catalogue(code, _) if code == wanted)
    }
}

/// `AccessDeniedDetail` in the body of a refusal by RAM: documented, and seen in live answers of other products.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct AccessDenied {
    policy_type: &'static str,
    auth_principal_owner_id: String,
    auth_principal_type: &'static str,
    auth_principal_display_name: String,
    no_permission_type: &'static str,
    auth_action: String,
    encoded_diagnostic_message: String,
}

impl AccessDenied {
    /// The principal is a RAM user whose name nobody knows, so it is called by its key. The diagnostic message, opaque
    /// in real answers, is a sentence in base64 here.
    pub(crate) fn new(kind: &'static str, account_id: &str, key_id: &str, action: String, resource: &str) -> Self {
        Self {
            policy_type: "AccountLevelIdentityBasedPolicy",
            auth_principal_owner_id: account_id.to_owned(),
            auth_principal_type: "SubUser",
            auth_principal_display_name: key_id.to_owned(),
            no_permission_type: kind,
            encoded_diagnostic_message: BASE64.encode(format!("{kind} of {action} on {resource}")),
            auth_action: action,
        }
    }
}

impl ErrorCode {
    /// Raises this code, its message's hole filled with `about`.
    pub(crate) fn about(self, about: impl Into<Box<str>>) -> Error {
        Error { cause: Cause::Catalogue(self, Some(about.into())), hint: None, diagnosis: None, access_denied: None }
    }
}

impl From<ErrorCode> for Error {
    fn from(code: ErrorCode) -> Self {
        Self { cause: Cause::Catalogue(code, None), hint: None, diagnosis: None, access_denied: None }
    }
}

/// As much of what a caller sent as a hint or a log line shows.
pub(crate) fn shortened(text: &str) -> &str {
    text.char_indices().nth(64).map_or(text, |(end, _)| &text[..end])
}

impl fmt::Display for Error {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}: {}", self.code(), self.message())
    }
}

impl std::error::Error for Error {}
