//! Which account an access key belongs to.

use std::sync::Arc;

use dashmap::DashMap;

use super::Account;

/// All accounts, found by the id of any of their access keys.
///
/// A look-up hands out the account itself, so a call in flight keeps the one it started with.
#[derive(Debug, Default)]
pub(crate) struct Accounts {
    by_access_key_id: DashMap<String, Arc<Account>>,
}

impl Accounts {
    /// The account that owns the access key, if any does.
    pub(crate) fn find(&self, access_key_id: &str) -> Option<Arc<Account>> {
        self.by_access_key_id.get(access_key_id).map(|account| Arc::clone(&account))
    }

    /// Makes an account known by each of its keys.
    pub(crate) fn add(&self, account: Account) {
        let account = Arc::new(account);
        for access_key_id in account.keys.keys() {
            self.by_access_key_id.insert(access_key_id.clone(), Arc::clone(&account));
        }
    }
}
