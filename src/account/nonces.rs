//! The nonces an access key has used, remembered within bounds.

use std::collections::HashSet;
use std::hash::{BuildHasher, RandomState};

use jiff::{SignedDuration, Timestamp};

/// How many nonces one generation holds; the memory spans the last one to two generations.
const GENERATION: usize = 50_000;

/// Two generations of used nonces, as 64-bit hashes under a random key.
///
/// A nonce is remembered for at least the memory asked for and the last 50,000 at the least, whichever ends first; the
/// price is at most 2 MiB for an access key. That two different nonces hash alike is possible and about as likely as
/// one in 10^14 for a call.
#[derive(Debug, Default)]
pub(crate) struct Nonces {
    hasher: RandomState,
    current: HashSet<u64>,
    previous: HashSet<u64>,
    started: Option<Timestamp>,
}

impl Nonces {
    /// Whether the nonce is new; it is not from now on.
    pub(crate) fn use_once(&mut self, nonce: &str, now: Timestamp, memory: SignedDuration) -> bool {
        let started = *self.started.get_or_insert(now);
        let age = now.duration_since(started);
        if self.current.len() >= GENERATION || age >= memory {
            self.previous = std::mem::take(&mut self.current);
            self.started = Some(now);
        }
        if age >= memory * 2 {
            self.previous.clear();
        }
        let hash = self.hasher.hash_one(nonce);
        !self.previous.contains(&hash) && self.current.insert(hash)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HALF_AN_HOUR: SignedDuration = SignedDuration::from_mins(30);

    #[test]
    fn a_nonce_is_new_once() {
        let mut nonces = Nonces::default();
        assert!(nonces.use_once("a", Timestamp::UNIX_EPOCH, HALF_AN_HOUR));
        assert!(!nonces.use_once("a", Timestamp::UNIX_EPOCH, HALF_AN_HOUR));
        assert!(nonces.use_once("b", Timestamp::UNIX_EPOCH, HALF_AN_HOUR));
    }

    #[test]
    fn a_nonce_is_remembered_at_least_as_long_as_asked() {
        let mut nonces = Nonces::default();
        let mut now = Timestamp::UNIX_EPOCH;
        assert!(nonces.use_once("early", now, HALF_AN_HOUR));
        now += SignedDuration::from_mins(29);
        assert!(nonces.use_once("late", now, HALF_AN_HOUR));
        now += SignedDuration::from_mins(29);
        assert!(!nonces.use_once("late", now, HALF_AN_HOUR));
        now += SignedDuration::from_mins(61);
        nonces.use_once("x", now, HALF_AN_HOUR);
        now += SignedDuration::from_mins(61);
        assert!(nonces.use_once("early", now, HALF_AN_HOUR));
    }

    #[test]
    fn memory_is_bounded_and_keeps_the_newest() {
        let mut nonces = Nonces::default();
        for number in 0..GENERATION * 5 {
            assert!(nonces.use_once(&number.to_string(), Timestamp::UNIX_EPOCH, HALF_AN_HOUR));
        }
        assert!(nonces.current.len() + nonces.previous.len() <= 2 * GENERATION);
        for number in GENERATION * 4..GENERATION * 5 {
            assert!(!nonces.use_once(&number.to_string(), Timestamp::UNIX_EPOCH, HALF_AN_HOUR));
        }
    }
}
