//! What a test does to a server besides calling it: accounts, reset, state, journal, faults, stubs, clock. One method each; the routes under
//! `/_mock/` are one call each into the same methods.

mod accounts;
mod clock;
mod error;
mod faults;
mod info;
mod requests;
pub(crate) mod routes;
mod state;
mod stubs;
mod verify;

use std::sync::Arc;
use std::time::Instant;

pub use self::accounts::{AccountKey, AccountSummary};
pub use self::clock::{ClockChange, ClockReading, RealTime};
pub use self::error::{ControlError, ControlErrorKind};
pub use self::faults::{BreakPlan, FaultPhase, FaultPlan, FaultStatus, PlannedError, StrikePlan, ThrottlePlan};
pub use self::info::{ActionInfo, Health};
pub use self::requests::{ReceivedRequest, RequestFilter, Requests};
pub use self::stubs::{StubPlan, StubStatus};
pub use self::verify::{Expectation, NearMiss, Times, Verdict};
use crate::account::Slot;
use crate::gateway::Gateway;

/// The handle to a server's accounts, their state and their clocks. Cheap to clone, and good from any thread.
///
/// Methods that work on one account take its `AccountId` or one of its access key ids; `None` is the seed's first account.
#[derive(Clone, Debug)]
pub struct Control {
    gateway: Arc<Gateway>,
    started: Instant,
}

impl Control {
    pub(crate) fn new(gateway: Arc<Gateway>) -> Self {
        Self { gateway, started: Instant::now() }
    }

    /// The place of an account.
    fn slot(&self, account: Option<&str>) -> Result<Arc<Slot>, ControlError> {
        self.gateway.accounts.select(account).ok_or_else(|| {
            let accounts = self.accounts();
            let known = accounts.iter().flat_map(|account| {
                std::iter::once(account.account_id.as_str()).chain(account.access_key_ids.iter().map(String::as_str))
            });
            ControlError::unknown("account", account.unwrap_or_default(), known)
        })
    }
}
