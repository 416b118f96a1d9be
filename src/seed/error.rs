//! Why a seed was refused: where, and what to change.

use serde_saphyr::Location;

/// A seed that a server can't start from. Says file, line and key.
#[derive(Debug, thiserror::Error)]
#[error("{place}: {message}")]
pub struct SeedError {
    place: String,
    message: String,
}

impl SeedError {
    pub(super) fn unreadable(source: String, error: &std::io::Error) -> Self {
        Self { place: source, message: format!("cannot be read: {error}") }
    }

    /// What the YAML reader says. Never with the lines around it, which may hold a secret.
    pub(super) fn syntax(source: String, text: &str, error: &serde_saphyr::Error) -> Self {
        let said = error.without_snippet().to_string();
        let Some(location) = error.location() else {
            return Self { place: source, message: said };
        };
        let suffix = format!(" at line {}, column {}", location.line(), location.column());
        let said = said.strip_suffix(&suffix).unwrap_or(&said);
        let message = match key_before(text, location) {
            Some(key) if !said.contains(&key) => format!("{key}: {said}"),
            _ => said.to_owned(),
        };
        Self { place: place(&source, location), message }
    }

    /// What is wrong with a value that was read.
    pub(super) fn value(source: &str, location: Location, message: String) -> Self {
        Self { place: place(source, location), message }
    }
}

fn place(source: &str, location: Location) -> String {
    if location == Location::UNKNOWN {
        return source.to_owned();
    }
    format!("{source}:{}:{}", location.line(), location.column())
}

/// The key whose value stands at the location, where one stands right before it on the line.
fn key_before(text: &str, location: Location) -> Option<String> {
    let line = text.lines().nth(usize::try_from(location.line()).ok()?.checked_sub(1)?)?;
    let column = usize::try_from(location.column()).ok()?.checked_sub(1)?;
    let before: String = line.chars().take(column).collect();
    let key = before.trim_end().strip_suffix(':')?.rsplit(['{', ',', ' ']).next()?.trim_matches(['"', '\'']);
    (!key.is_empty()).then(|| key.to_owned())
}
