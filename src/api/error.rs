//! A refusal: a code of the catalogue, what it is about, and a hint for the developer.

use std::fmt;

use super::ErrorCode;

/// The result of every stage and action.
pub(crate) type Result<T> = std::result::Result<T, Error>;

/// A refusal on its way to the one function that renders it.
#[derive(Clone, Debug)]
pub(crate) struct Error {
    pub(crate) code: ErrorCode,
    about: Option<Box<str>>,
    hint: Option<Box<str>>,
}

impl Error {
    /// Adds a sentence of the mock's own, sent in the `x-mock-hint` header; the body stays the service's.
    pub(crate) fn hint(mut self, hint: impl Into<Box<str>>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    /// The refusal of a parameter whose value does not fit its type or its range.
    pub(crate) fn invalid_parameter(name: &str, value: &str) -> Self {
        ErrorCode::InvalidParameter.about(name).hint(format!("{name} was {:?}", shortened(value)))
    }

    pub(crate) fn hint_text(&self) -> Option<&str> {
        self.hint.as_deref()
    }

    /// The service's sentence, its hole filled.
    pub(crate) fn message(&self) -> String {
        self.code.message().replacen("{}", self.about.as_deref().unwrap_or_default(), 1)
    }
}

impl ErrorCode {
    /// Raises this code, its message's hole filled with `about`.
    pub(crate) fn about(self, about: impl Into<Box<str>>) -> Error {
        Error { code: self, about: Some(about.into()), hint: None }
    }
}

impl From<ErrorCode> for Error {
    fn from(code: ErrorCode) -> Self {
        Self { code, about: None, hint: None }
    }
}

/// As much of what a caller sent as a hint or a log line shows.
pub(crate) fn shortened(text: &str) -> &str {
    text.char_indices().nth(64).map_or(text, |(end, _)| &text[..end])
}

impl fmt::Display for Error {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}: {}", self.code.code(), self.message())
    }
}

impl std::error::Error for Error {}
