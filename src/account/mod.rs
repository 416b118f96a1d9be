//! An account and its parts. Everything that a test can change hangs on one [`Account`] value.

mod accounts;
mod clock;
mod faults;
mod ids;
mod journal;
mod keys;
mod nonces;
mod permissions;
mod stubs;

use std::collections::BTreeMap;
use std::sync::Arc;

pub(crate) use self::accounts::{Accounts, AccountsRefusal, Slot};
pub(crate) use self::clock::{Clock, ClockSetting};
pub(crate) use self::faults::{Break, Bucket, Effect, Fault, Faults, Phase, PlannedFault, Strike, Verdict};
pub(crate) use self::ids::Ids;
pub(crate) use self::journal::{Journal, JournalEntry, JournalLimits, Texts};
pub use self::keys::Secret;
pub(crate) use self::keys::{Key, SecurityToken};
pub(crate) use self::permissions::{Denial, Permissions, Statement, matches};
pub(crate) use self::stubs::{Canned, PlannedStub, Stub, Stubs};
use crate::rds::World;

/// An Alibaba Cloud account: owns access keys, resources, a clock, and through its keys the nonces used so far.
#[derive(Debug)]
pub(crate) struct Account {
    /// 16 digits.
    pub(crate) id: String,
    pub(crate) clock: Arc<Clock>,
    pub(crate) keys: Arc<BTreeMap<String, Key>>,
    pub(crate) journal: Arc<Journal>,
    pub(crate) faults: Arc<Faults>,
    pub(crate) stubs: Arc<Stubs>,
    pub(crate) world: World,
}

/// What every account starts with besides keys and resources.
#[derive(Clone, Copy, Debug)]
pub(crate) struct AccountStart {
    pub(crate) clock: ClockSetting,
    pub(crate) journal: JournalLimits,
}

impl AccountStart {
    /// An account at its start.
    pub(crate) fn account(
        self,
        id: String,
        keys: BTreeMap<String, Key>,
        faults: Faults,
        stubs: Stubs,
        world: World,
    ) -> Account {
        Account {
            id,
            clock: Arc::new(Clock::new(self.clock)),
            keys: Arc::new(keys),
            journal: Arc::new(Journal::new(self.journal)),
            faults: Arc::new(faults),
            stubs: Arc::new(stubs),
            world,
        }
    }
}

impl Account {
    /// The same account with other resources; all else stays what it is.
    pub(crate) fn with_world(&self, world: World) -> Self {
        Self {
            id: self.id.clone(),
            clock: Arc::clone(&self.clock),
            keys: Arc::clone(&self.keys),
            journal: Arc::clone(&self.journal),
            faults: Arc::clone(&self.faults),
            stubs: Arc::clone(&self.stubs),
            world,
        }
    }
}
