//! The list of ECS security group ids that `ModifySecurityGroupConfiguration` takes.

use std::collections::HashSet;

use crate::api::{Error, ErrorCode, Result, shortened};

/// Well-formed ids without duplicates, in the order they were given. Empty means: no groups.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct SecurityGroupIds(Vec<String>);

impl SecurityGroupIds {
    /// What the Terraform provider sends in place of an empty value since 2019.
    const TERRAFORM_EMPTY: &str = "Empty";

    /// Reads a comma-separated list: items are trimmed, empty ones dropped, repeated ones kept once.
    ///
    /// No document says so of blanks, order or duplicates; the rule is a guess. Documented is that an empty value clears.
    pub(crate) fn parse(list: &str) -> Result<Self> {
        if list.trim() == Self::TERRAFORM_EMPTY {
            return Ok(Self(Vec::new()));
        }
        // Comparing each with each is quickest for the few that are usual, and takes minutes for all that a body holds.
        let is_long = list.len() > 1024;
        let (mut ids, mut seen): (Vec<String>, _) = (Vec::new(), HashSet::new());
        for id in list.split(',').map(str::trim).filter(|id| !id.is_empty()) {
            Self::check(id)?;
            let is_new = if is_long { seen.insert(id) } else { !ids.iter().any(|known| known == id) };
            if is_new {
                ids.push(id.to_owned());
            }
        }
        Ok(Self(ids))
    }

    /// Refuses an id with anything but letters, digits, `-` and `_` in it: a wrong separator, a quote.
    pub(crate) fn check(id: &str) -> Result<()> {
        let fits = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
        if !id.is_empty() && id.bytes().all(fits) { Ok(()) } else { Err(malformed(id)) }
    }

    pub(crate) fn len(&self) -> usize {
        self.0.len()
    }

    pub(crate) fn as_slice(&self) -> &[String] {
        &self.0
    }

    pub(crate) fn into_vec(self) -> Vec<String> {
        self.0
    }
}

fn malformed(id: &str) -> Error {
    Error::from(ErrorCode::InvalidSecurityGroupIdMalformed)
        .hint(format!("{:?} is not a security group id; separate ids with commas", shortened(id)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(list: &str) -> Vec<String> {
        SecurityGroupIds::parse(list).unwrap().into_vec()
    }

    #[test]
    fn trims_drops_and_keeps_the_first() {
        assert_eq!(parse(" sg-b ,, sg-a,sg-b,sg-a ,"), ["sg-b", "sg-a"]);
    }

    #[test]
    fn clears() {
        for list in ["", " ", ",", " , ,, ", "Empty", " Empty "] {
            assert!(parse(list).is_empty(), "{list:?}");
        }
        assert_eq!(parse("Empty,sg-1"), ["Empty", "sg-1"]);
        assert_eq!(parse("empty"), ["empty"]);
    }

    #[test]
    fn refuses_a_wrong_separator_or_quote() {
        for list in ["sg-1;sg-2", "sg-1 sg-2", "\"sg-1\"", "['sg-1']", "sg-é", "sg-1\n,sg-\u{0}2", "sg-1，sg-2"] {
            let error = SecurityGroupIds::parse(list).unwrap_err();
            assert!(error.is(ErrorCode::InvalidSecurityGroupIdMalformed), "{list:?}");
        }
    }
}
