//! Canned answers, for actions that are not emulated or should answer otherwise.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use serde_json::{Map, Value};

use crate::api::Error;
use crate::wire::Params;

/// A canned answer and the calls that get it.
#[derive(Clone, Debug)]
pub(crate) struct Stub {
    /// In the service's spelling.
    pub(crate) action: &'static str,
    /// Parameters a call must have to get it.
    pub(crate) params: BTreeMap<String, String>,
    /// How often it is given; always without a number.
    pub(crate) times: Option<u64>,
    pub(crate) answer: Canned,
}

/// What a stub answers with.
#[derive(Clone, Debug)]
pub(crate) enum Canned {
    /// The response without its `RequestId`.
    Response(Map<String, Value>),
    Error(Error),
}

/// The stubs of an account, in the order they came.
#[derive(Debug, Default)]
pub(crate) struct Stubs {
    /// Held while a call is matched, never while it is answered.
    planned: Mutex<Planned>,
}

#[derive(Debug, Default)]
struct Planned {
    stubs: Vec<PlannedStub>,
    last_number: u64,
}

/// A stub, and how often it was given.
#[derive(Clone, Debug)]
pub(crate) struct PlannedStub {
    /// Counts from 1 within an account.
    pub(crate) number: u64,
    pub(crate) stub: Stub,
    pub(crate) given: u64,
}

impl Stubs {
    pub(crate) fn new(stubs: impl IntoIterator<Item = Stub>) -> Self {
        let planned = Self::default();
        for stub in stubs {
            planned.add(stub, usize::MAX);
        }
        planned
    }

    fn planned(&self) -> MutexGuard<'_, Planned> {
        self.planned.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Plans a stub and gives its number; `None` when there are `max` already.
    pub(crate) fn add(&self, stub: Stub, max: usize) -> Option<u64> {
        let mut planned = self.planned();
        if planned.stubs.len() >= max {
            return None;
        }
        planned.last_number += 1;
        let number = planned.last_number;
        planned.stubs.push(PlannedStub { number, stub, given: 0 });
        Some(number)
    }

    pub(crate) fn list(&self) -> Vec<PlannedStub> {
        self.planned().stubs.clone()
    }

    /// Forgets a stub; `false` when there is none with this number.
    pub(crate) fn remove(&self, number: u64) -> bool {
        let mut planned = self.planned();
        let before = planned.stubs.len();
        planned.stubs.retain(|stub| stub.number != number);
        planned.stubs.len() < before
    }

    pub(crate) fn clear(&self) {
        self.planned().stubs.clear();
    }

    /// Whether there is a stub for the action that may still be given.
    pub(crate) fn cover(&self, action: &str) -> bool {
        self.planned().stubs.iter().any(|planned| planned.stub.action == action && planned.is_left())
    }

    /// The number and the answer of the first stub that the call matches and that is left.
    pub(crate) fn give(&self, action: &str, params: &Params<'_>) -> Option<(u64, Canned)> {
        let mut planned = self.planned();
        let stub =
            planned.stubs.iter_mut().find(|planned| planned.is_left() && planned.stub.matches(action, params))?;
        stub.given += 1;
        Some((stub.number, stub.stub.answer.clone()))
    }
}

impl PlannedStub {
    fn is_left(&self) -> bool {
        self.stub.times.is_none_or(|times| self.given < times)
    }
}

impl Stub {
    fn matches(&self, action: &str, params: &Params<'_>) -> bool {
        self.action == action && self.params.iter().all(|(name, wanted)| params.get(name) == Some(wanted))
    }
}
