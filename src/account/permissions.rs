//! What an access key may do: the part of RAM policies that tests need.

use serde::{Deserialize, Serialize};

/// The statements of a key. Without any, it may do everything.
#[derive(Clone, Debug, Default)]
pub(crate) struct Permissions {
    /// `None` allows everything that is not denied.
    pub(crate) allow: Option<Vec<Statement>>,
    pub(crate) deny: Vec<Statement>,
}

/// Actions on resources, each with `*` and `?` as wildcards, in the shape of a RAM policy's statement.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
pub(crate) struct Statement {
    /// `rds:Describe*`.
    pub(crate) action: Patterns,
    /// `acs:rds:*:*:dbinstance/rm-1`; any without one.
    #[serde(default)]
    pub(crate) resource: Patterns,
}

/// One pattern or a list of them.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(untagged)]
pub(crate) enum Patterns {
    One(String),
    Many(Vec<String>),
}

impl Default for Patterns {
    fn default() -> Self {
        Self::One("*".to_owned())
    }
}

/// Why a call is denied.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Denial {
    /// Nothing allows it.
    Implicit,
    /// A statement denies it.
    Explicit,
}

impl Permissions {
    /// Whether nothing can be denied.
    pub(crate) fn are_unlimited(&self) -> bool {
        self.allow.is_none() && self.deny.is_empty()
    }

    /// Whether an action on a resource is denied. A denial outweighs any allowance.
    pub(crate) fn denial(&self, action: &str, resource: &str) -> Option<Denial> {
        let covers = |statement: &Statement| statement.covers(action, resource);
        if self.deny.iter().any(covers) {
            return Some(Denial::Explicit);
        }
        let is_allowed = self.allow.as_ref().is_none_or(|allow| allow.iter().any(covers));
        (!is_allowed).then_some(Denial::Implicit)
    }
}

impl Statement {
    fn covers(&self, action: &str, resource: &str) -> bool {
        // RAM compares actions whatever their case, and resources exactly.
        let action = action.to_ascii_lowercase();
        self.action.as_slice().iter().any(|pattern| matches(&pattern.to_ascii_lowercase(), &action))
            && self.resource.as_slice().iter().any(|pattern| matches(pattern, resource))
    }
}

impl Patterns {
    pub(crate) fn as_slice(&self) -> &[String] {
        match self {
            Self::One(pattern) => std::slice::from_ref(pattern),
            Self::Many(patterns) => patterns,
        }
    }
}

/// Whether a text fits a pattern in which `*` stands for any text and `?` for any one byte. Linear in memory, and in time
/// the product of both lengths at worst.
pub(crate) fn matches(pattern: &str, text: &str) -> bool {
    let (pattern, text) = (pattern.as_bytes(), text.as_bytes());
    let (mut at_pattern, mut at_text, mut star) = (0, 0, None);
    while at_text < text.len() {
        match pattern.get(at_pattern) {
            Some(b'*') => {
                star = Some((at_pattern, at_text));
                at_pattern += 1;
            }
            Some(letter) if *letter == b'?' || *letter == text[at_text] => {
                at_pattern += 1;
                at_text += 1;
            }
            _ => {
                // Give the last star one byte more.
                let Some((star_at, taken)) = star else { return false };
                star = Some((star_at, taken + 1));
                (at_pattern, at_text) = (star_at + 1, taken + 1);
            }
        }
    }
    pattern[at_pattern..].iter().all(|letter| *letter == b'*')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_match() {
        for (pattern, text, expected) in [
            ("*", "", true),
            ("", "", true),
            ("", "a", false),
            ("rds:Describe*", "rds:DescribeRegions", true),
            ("rds:Describe*", "rds:Modify", false),
            ("*b*c", "abbcbc", true),
            ("*b*c", "abbcb", false),
            ("a?c", "abc", true),
            ("a?c", "ac", false),
            ("acs:rds:*:*:dbinstance/rm-1", "acs:rds:cn-hangzhou:123:dbinstance/rm-1", true),
            ("acs:rds:*:*:dbinstance/rm-1", "acs:rds:cn-hangzhou:123:dbinstance/rm-12", false),
        ] {
            assert_eq!(matches(pattern, text), expected, "{pattern} {text}");
        }
    }
}
