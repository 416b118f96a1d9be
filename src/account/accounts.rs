//! The accounts of a server: which one an access key belongs to, and how they come and go.

use std::sync::{Arc, Mutex, PoisonError, RwLock};

use dashmap::DashMap;

use super::{Account, AccountStart, Ids};
use crate::Seed;

/// All accounts. The seed's are always there, in its order; others are made and dropped.
#[derive(Debug)]
pub(crate) struct Accounts {
    seed: Seed,
    start: AccountStart,
    max: usize,
    by_access_key_id: DashMap<String, Arc<Slot>>,
    /// In the order they came. Held while accounts come and go, so that these changes have an order; calls don't need it.
    slots: Mutex<Vec<Arc<Slot>>>,
}

/// The place of an account. What is in it is replaced whole: a call in flight keeps the account it found here.
#[derive(Debug)]
pub(crate) struct Slot {
    /// Held for a copy of the pointer.
    account: RwLock<Arc<Account>>,
    is_seeded: bool,
}

impl Slot {
    pub(crate) fn account(&self) -> Arc<Account> {
        Arc::clone(&self.account.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Puts what `change` makes of the account in its place, in one step. It must keep the keys' ids.
    pub(crate) fn update(&self, change: impl FnOnce(&Account) -> Account) {
        let mut account = self.account.write().unwrap_or_else(PoisonError::into_inner);
        let changed = change(&account);
        *account = Arc::new(changed);
    }
}

/// Why an account could not be made or dropped.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum AccountsRefusal {
    /// There are as many as there may be.
    Full(usize),
    /// The seed's accounts can't be dropped.
    Seeded,
    Unknown,
}

impl Accounts {
    pub(crate) fn new(seed: Seed, start: AccountStart, max: usize) -> Self {
        let accounts = Self { seed, start, max, by_access_key_id: DashMap::new(), slots: Mutex::default() };
        let seeded: Vec<_> = accounts.seed.accounts(start).collect();
        seeded.into_iter().for_each(|account| accounts.add(&mut accounts.slots(), account, true));
        accounts
    }

    fn slots(&self) -> std::sync::MutexGuard<'_, Vec<Arc<Slot>>> {
        self.slots.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn add(&self, slots: &mut Vec<Arc<Slot>>, account: Account, is_seeded: bool) {
        let access_key_ids: Vec<_> = account.keys.keys().cloned().collect();
        let slot = Arc::new(Slot { account: RwLock::new(Arc::new(account)), is_seeded });
        for access_key_id in access_key_ids {
            self.by_access_key_id.insert(access_key_id, Arc::clone(&slot));
        }
        slots.push(slot);
    }

    /// The account that owns the access key, if any does.
    pub(crate) fn find(&self, access_key_id: &str) -> Option<Arc<Account>> {
        self.by_access_key_id.get(access_key_id).map(|slot| slot.account())
    }

    /// The place of the account with this id or access key id; of the seed's first without one.
    pub(crate) fn select(&self, id: Option<&str>) -> Option<Arc<Slot>> {
        let slots = self.slots();
        match id {
            None => slots.first().cloned(),
            Some(id) => slots
                .iter()
                .find(|slot| slot.account().id == id)
                .cloned()
                .or_else(|| self.by_access_key_id.get(id).map(|slot| Arc::clone(&slot))),
        }
    }

    /// Every account and whether it is the seed's, in the order they came.
    pub(crate) fn list(&self) -> Vec<(Arc<Account>, bool)> {
        self.slots().iter().map(|slot| (slot.account(), slot.is_seeded)).collect()
    }

    /// Makes an account with a key pair of its own and a copy of the resources that the seed's first account starts with.
    pub(crate) fn make(&self, ids: &Ids) -> Result<Arc<Account>, AccountsRefusal> {
        let mut slots = self.slots();
        if slots.len() >= self.max {
            return Err(AccountsRefusal::Full(self.max));
        }
        let account = self.seed.make_account(self.start, ids);
        self.add(&mut slots, account, false);
        Ok(slots.last().expect("it was just added").account())
    }

    /// Drops a made account; calls in flight finish in it.
    pub(crate) fn drop(&self, id: &str) -> Result<(), AccountsRefusal> {
        let mut slots = self.slots();
        let at = slots.iter().position(|slot| slot.account().id == id).ok_or(AccountsRefusal::Unknown)?;
        if slots[at].is_seeded {
            return Err(AccountsRefusal::Seeded);
        }
        let account = slots.remove(at).account();
        account.keys.keys().for_each(|access_key_id| drop(self.by_access_key_id.remove(access_key_id)));
        Ok(())
    }

    /// Puts an account back to its start.
    pub(crate) fn reset(&self, slot: &Slot) {
        slot.update(|account| self.seed.restarted(account, self.start));
    }

    /// Puts the seed's accounts back to their start and drops the made ones.
    pub(crate) fn reset_all(&self) {
        let made: Vec<_> = self.slots().iter().filter(|slot| !slot.is_seeded).map(|slot| slot.account()).collect();
        for account in made {
            // Somebody else may have dropped it meanwhile.
            let _ = self.drop(&account.id);
        }
        self.slots().iter().for_each(|slot| self.reset(slot));
    }
}
