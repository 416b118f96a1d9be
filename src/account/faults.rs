//! Planned failures: which calls they strike, and what they do to them. Deterministic: they count, they don't roll dice.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use jiff::Timestamp;

use crate::api::Error;
use crate::wire::Params;

/// A planned failure.
#[derive(Clone, Debug)]
pub(crate) struct Fault {
    /// As it was planned, to be shown.
    pub(crate) plan: serde_json::Value,
    /// The action it strikes, whatever its case; any without one.
    pub(crate) action: Option<String>,
    /// Parameters a call must have to be struck.
    pub(crate) params: BTreeMap<String, String>,
    pub(crate) strike: Strike,
    pub(crate) phase: Phase,
    pub(crate) delay: Option<Duration>,
    pub(crate) effect: Effect,
}

/// Which of the calls that match are struck.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Strike {
    All,
    First(u64),
    /// The Nth, the 2Nth and so on.
    Every(u64),
    /// All but the first N.
    After(u64),
}

/// Whether a call fails before its change is made, or after: then the change stands, and the caller does not know.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Phase {
    Before,
    After,
}

/// What happens to a call that is struck, besides being delayed.
#[derive(Clone, Debug)]
pub(crate) enum Effect {
    None,
    Fail(Error),
    Break(Break),
    /// Refuses the calls for which its bucket has no token.
    Throttle(Bucket, Error),
}

/// How a connection is broken instead of an answer.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Break {
    /// A TCP reset.
    Reset,
    /// Closed without an answer.
    Close,
    /// The answer's head and half of its body.
    Cut,
    /// Bytes that are no HTTP.
    Garbage,
}

/// A token bucket, on the account's clock.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Bucket {
    /// Tokens a second.
    pub(crate) rate: f64,
    /// How many it holds.
    pub(crate) burst: f64,
    pub(crate) tokens: f64,
    pub(crate) filled_at: Option<Timestamp>,
}

impl Bucket {
    /// Takes a token if there is one.
    fn take(&mut self, now: Timestamp) -> bool {
        let since = now.duration_since(self.filled_at.unwrap_or(now)).as_secs_f64().max(0.0);
        self.filled_at = Some(now);
        self.tokens = (self.tokens + since * self.rate).min(self.burst);
        let has_one = self.tokens >= 1.0;
        if has_one {
            self.tokens -= 1.0;
        }
        has_one
    }
}

/// What a fault does to a call.
#[derive(Clone, Debug)]
pub(crate) struct Verdict {
    /// The fault's number.
    pub(crate) fault: u64,
    pub(crate) phase: Phase,
    pub(crate) delay: Option<Duration>,
    pub(crate) error: Option<Error>,
    pub(crate) breaks: Option<Break>,
}

impl Break {
    /// As plans and the journal call it.
    pub(crate) const fn word(self) -> &'static str {
        match self {
            Self::Reset => "reset",
            Self::Close => "close",
            Self::Cut => "cut",
            Self::Garbage => "garbage",
        }
    }
}

impl Verdict {
    /// Whether the call fails before it is carried out.
    pub(crate) fn fails_first(&self) -> bool {
        self.phase == Phase::Before && (self.error.is_some() || self.breaks.is_some())
    }
}

/// The faults of an account, in the order they came.
#[derive(Debug, Default)]
pub(crate) struct Faults {
    /// Held while a call is matched, never while it is worked on.
    planned: Mutex<Planned>,
}

#[derive(Debug, Default)]
struct Planned {
    faults: Vec<PlannedFault>,
    last_number: u64,
}

/// A fault, and how often it was met.
#[derive(Clone, Debug)]
pub(crate) struct PlannedFault {
    /// Counts from 1 within an account.
    pub(crate) number: u64,
    pub(crate) fault: Fault,
    /// Calls that matched.
    pub(crate) matched: u64,
    /// Calls that were struck.
    pub(crate) struck: u64,
}

impl Faults {
    pub(crate) fn new(faults: impl IntoIterator<Item = Fault>) -> Self {
        let planned = Self::default();
        for fault in faults {
            planned.add(fault, usize::MAX);
        }
        planned
    }

    fn planned(&self) -> MutexGuard<'_, Planned> {
        self.planned.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Plans a fault and gives its number; `None` when there are `max` already.
    pub(crate) fn add(&self, fault: Fault, max: usize) -> Option<u64> {
        let mut planned = self.planned();
        if planned.faults.len() >= max {
            return None;
        }
        planned.last_number += 1;
        let number = planned.last_number;
        planned.faults.push(PlannedFault { number, fault, matched: 0, struck: 0 });
        Some(number)
    }

    pub(crate) fn list(&self) -> Vec<PlannedFault> {
        self.planned().faults.clone()
    }

    /// Forgets a fault; `false` when there is none with this number.
    pub(crate) fn remove(&self, number: u64) -> bool {
        let mut planned = self.planned();
        let before = planned.faults.len();
        planned.faults.retain(|fault| fault.number != number);
        planned.faults.len() < before
    }

    pub(crate) fn clear(&self) {
        self.planned().faults.clear();
    }

    /// Whether there is a fault for the action by name.
    pub(crate) fn name(&self, action: &str) -> bool {
        let is_named = |fault: &Fault| fault.action.as_ref().is_some_and(|named| named.eq_ignore_ascii_case(action));
        self.planned().faults.iter().any(|planned| is_named(&planned.fault))
    }

    /// What happens to a call. Every fault that it matches counts it; the first of them that strikes decides.
    pub(crate) fn strike(&self, action: &str, params: &Params<'_>, now: Timestamp) -> Option<Verdict> {
        let mut verdict = None;
        for planned in &mut self.planned().faults {
            if !planned.fault.matches(action, params) {
                continue;
            }
            planned.matched += 1;
            if verdict.is_none() && planned.fault.strike.strikes(planned.matched) {
                verdict = planned.fault.verdict(planned.number, now);
                planned.struck += u64::from(verdict.is_some());
            }
        }
        verdict
    }
}

impl Strike {
    /// Whether it strikes the call with this number among those that match.
    fn strikes(self, number: u64) -> bool {
        match self {
            Self::All => true,
            Self::First(count) => number <= count,
            Self::Every(count) => number.is_multiple_of(count),
            Self::After(count) => number > count,
        }
    }
}

impl Fault {
    fn matches(&self, action: &str, params: &Params<'_>) -> bool {
        self.action.as_ref().is_none_or(|wanted| wanted.eq_ignore_ascii_case(action))
            && self.params.iter().all(|(name, wanted)| params.get(name) == Some(wanted))
    }

    /// What it does to a call that it strikes; nothing where its bucket lets the call pass.
    fn verdict(&mut self, fault: u64, now: Timestamp) -> Option<Verdict> {
        let (error, breaks) = match &mut self.effect {
            Effect::None => (None, None),
            Effect::Fail(error) => (Some(error.clone()), None),
            Effect::Break(breaks) => (None, Some(*breaks)),
            Effect::Throttle(bucket, error) => {
                if bucket.take(now) {
                    return None;
                }
                (Some(error.clone()), None)
            }
        };
        Some(Verdict { fault, phase: self.phase, delay: self.delay, error, breaks })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn struck(strike: Strike, calls: u64) -> Vec<u64> {
        (1..=calls).filter(|number| strike.strikes(*number)).collect()
    }

    #[test]
    fn strikes_by_count() {
        assert_eq!(struck(Strike::All, 3), [1, 2, 3]);
        assert_eq!(struck(Strike::First(2), 4), [1, 2]);
        assert_eq!(struck(Strike::Every(3), 7), [3, 6]);
        assert_eq!(struck(Strike::After(2), 4), [3, 4]);
    }

    #[test]
    fn a_bucket_fills_with_time() {
        let mut bucket = Bucket { rate: 0.5, burst: 2.0, tokens: 2.0, filled_at: None };
        let at = |seconds| Timestamp::from_second(seconds).unwrap();
        assert_eq!([0, 0, 0].map(|second| bucket.take(at(second))), [true, true, false]);
        assert_eq!(
            [1, 2, 3, 4, 100, 100, 100].map(|second| bucket.take(at(second))),
            [false, true, false, true, true, true, false]
        );
        // A clock that goes back fills nothing and empties nothing.
        assert!(!bucket.take(at(50)));
    }
}
