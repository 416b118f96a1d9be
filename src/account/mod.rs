//! An account and its parts. Everything that a test can change hangs on one [`Account`] value.

mod accounts;
mod clock;
mod ids;
mod journal;
mod keys;
mod nonces;

use std::collections::BTreeMap;
use std::sync::Arc;

pub(crate) use self::accounts::{Accounts, AccountsRefusal, Slot};
pub(crate) use self::clock::{Clock, ClockSetting};
pub(crate) use self::ids::Ids;
pub(crate) use self::journal::{Journal, JournalEntry, JournalLimits};
pub use self::keys::Secret;
pub(crate) use self::keys::{Key, SecurityToken};
use crate::rds::World;

/// An Alibaba Cloud account: owns access keys, resources, a clock, and through its keys the nonces used so far.
#[derive(Debug)]
pub(crate) struct Account {
    /// 16 digits.
    pub(crate) id: String,
    pub(crate) clock: Arc<Clock>,
    pub(crate) keys: Arc<BTreeMap<String, Key>>,
    pub(crate) journal: Arc<Journal>,
    pub(crate) world: World,
}

/// What every account starts with besides keys and resources.
#[derive(Clone, Copy, Debug)]
pub(crate) struct AccountStart {
    pub(crate) clock: ClockSetting,
    pub(crate) journal: JournalLimits,
}

impl AccountStart {
    pub(crate) fn clock(self) -> Arc<Clock> {
        Arc::new(Clock::new(self.clock))
    }

    pub(crate) fn journal(self) -> Arc<Journal> {
        Arc::new(Journal::new(self.journal))
    }
}

impl Account {
    /// The same account with other resources; keys with their nonces, clock and journal stay what they are.
    pub(crate) fn with_world(&self, world: World) -> Self {
        Self {
            id: self.id.clone(),
            clock: Arc::clone(&self.clock),
            keys: Arc::clone(&self.keys),
            journal: Arc::clone(&self.journal),
            world,
        }
    }
}
