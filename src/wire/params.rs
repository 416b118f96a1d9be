//! The parameters of a call: query and form body together, decoded.

use std::borrow::Cow;

use super::percent::decode;

/// Decoded parameters in the order they were sent, the query's before the form's.
///
/// A name sent twice keeps both values for the signature; a look-up sees the first. No SDK does it, so the rule is a guess.
#[derive(Debug)]
pub(crate) struct Params<'a> {
    pairs: Vec<(Cow<'a, str>, Cow<'a, str>)>,
    query_length: usize,
    malformed: bool,
}

impl<'a> Params<'a> {
    /// Reads query and form. What can't be decoded is left out and remembered in [`Params::is_malformed`].
    pub(crate) fn read(query: &'a str, form: &'a [u8]) -> Self {
        let mut params = Self { pairs: Vec::with_capacity(16), query_length: 0, malformed: false };
        params.add(query);
        params.query_length = params.pairs.len();
        match std::str::from_utf8(form) {
            Ok(form) => params.add(form),
            Err(_) => params.malformed = true,
        }
        params
    }

    fn add(&mut self, encoded: &'a str) {
        for pair in encoded.split('&').filter(|pair| !pair.is_empty()) {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            match (decode(name), decode(value)) {
                (Some(name), Some(value)) => self.pairs.push((name, value)),
                _ => self.malformed = true,
            }
        }
    }

    /// Whether a name or value had a broken percent-encoding or was not UTF-8.
    pub(crate) fn is_malformed(&self) -> bool {
        self.malformed
    }

    /// The value of a parameter, which may be empty. Names are case-sensitive.
    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        self.pairs.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_ref())
    }

    /// The value of a parameter unless it is absent or empty.
    pub(crate) fn get_filled(&self, name: &str) -> Option<&str> {
        self.get(name).filter(|value| !value.is_empty())
    }

    /// All names and values, in the order sent.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.pairs.iter().map(|(name, value)| (name.as_ref(), value.as_ref()))
    }

    /// The names and values that stood in the query.
    pub(crate) fn in_query(&self) -> impl Iterator<Item = (&str, &str)> {
        self.iter().take(self.query_length)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn joins_query_and_form() {
        let params = Params::read("A=1&B=a+b&&C", b"D=%2B&A=2");
        let all: Vec<_> = params.iter().collect();
        assert_eq!(all, [("A", "1"), ("B", "a b"), ("C", ""), ("D", "+"), ("A", "2")]);
        assert_eq!(params.get("A"), Some("1"));
        assert_eq!(params.get("a"), None);
        assert_eq!(params.get("C"), Some(""));
        assert_eq!(params.get_filled("C"), None);
        assert_eq!(params.in_query().count(), 3);
        assert!(!params.is_malformed());
    }

    #[test]
    fn remembers_what_it_could_not_read() {
        let params = Params::read("A=%zz&B=1", b"");
        assert!(params.is_malformed());
        assert_eq!(params.get("B"), Some("1"));
        assert!(Params::read("", b"\xff").is_malformed());
    }
}
