//! Accounts: each test can have one of its own.

use serde::Serialize;

use super::{Control, ControlError, ControlErrorKind};
use crate::account::{Account, AccountsRefusal};

/// A made account and the key pair to sign with.
#[derive(Clone, Serialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct AccountKey {
    /// 16 digits.
    pub account_id: String,
    /// The id to sign with.
    pub access_key_id: String,
    /// The secret to sign with.
    pub access_key_secret: String,
}

impl std::fmt::Debug for AccountKey {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { account_id, access_key_id, .. } = self;
        formatter
            .debug_struct("AccountKey")
            .field("account_id", account_id)
            .field("access_key_id", access_key_id)
            .finish_non_exhaustive()
    }
}

/// An account in the list of all.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct AccountSummary {
    /// 16 digits.
    pub account_id: String,
    /// The ids of its access keys, sorted.
    pub access_key_ids: Vec<String>,
    /// Whether it is the seed's; otherwise it was made and can be dropped.
    pub seeded: bool,
}

impl Control {
    /// Makes an account with a key pair of its own and its own copy of the resources that the seed's first account has.
    ///
    /// # Errors
    ///
    /// When there are as many accounts as there may be.
    pub fn create_account(&self) -> Result<AccountKey, ControlError> {
        let account = self.gateway.accounts.make(&self.gateway.ids).map_err(|refusal| refused(refusal, ""))?;
        let (access_key_id, key) = account.keys.first_key_value().expect("a made account has a key");
        Ok(AccountKey {
            account_id: account.id.clone(),
            access_key_id: access_key_id.clone(),
            access_key_secret: key.secret.expose().to_owned(),
        })
    }

    /// Every account, the seed's first, then the made ones in the order they came.
    pub fn accounts(&self) -> Vec<AccountSummary> {
        let summary = |(account, seeded): (std::sync::Arc<Account>, bool)| AccountSummary {
            account_id: account.id.clone(),
            access_key_ids: account.keys.keys().cloned().collect(),
            seeded,
        };
        self.gateway.accounts.list().into_iter().map(summary).collect()
    }

    /// Drops a made account. Calls in flight finish; later ones find no such access key.
    ///
    /// # Errors
    ///
    /// When there is no such account, or it is the seed's.
    pub fn delete_account(&self, account_id: &str) -> Result<(), ControlError> {
        self.gateway.accounts.drop(account_id).map_err(|refusal| refused(refusal, account_id))
    }

    /// Puts an account back to its start, in one step: a call in flight sees all of the old or all of the new.
    ///
    /// # Errors
    ///
    /// When there is no such account.
    pub fn reset(&self, account: &str) -> Result<(), ControlError> {
        let slot = self.slot(Some(account))?;
        self.gateway.accounts.reset(&slot);
        Ok(())
    }

    /// Puts the seed's accounts back to their start and drops the made ones.
    pub fn reset_all(&self) {
        self.gateway.accounts.reset_all();
    }
}

fn refused(refusal: AccountsRefusal, account_id: &str) -> ControlError {
    match refusal {
        AccountsRefusal::Full(max) => {
            let message = format!("there are {max} accounts, and no more are allowed (--max-accounts)");
            ControlError::new(ControlErrorKind::Conflict, message)
        }
        AccountsRefusal::Seeded => {
            let message = format!("account {account_id} is the seed's; reset it instead");
            ControlError::new(ControlErrorKind::Conflict, message)
        }
        AccountsRefusal::Unknown => {
            ControlError::new(ControlErrorKind::NotFound, format!("there is no account {account_id:?}"))
        }
    }
}
