//! What the server is and can do.

use serde::Serialize;

use super::{Control, ControlError};

/// That the server is there, and since when.
#[derive(Clone, Debug, Serialize)]
#[non_exhaustive]
pub struct Health {
    /// The version of rds-mock.
    pub version: &'static str,
    /// How many accounts there are.
    pub accounts: usize,
    /// Seconds since the start.
    pub uptime_seconds: u64,
}

/// An action that the real service has.
#[derive(Clone, Debug, Serialize)]
#[non_exhaustive]
pub struct ActionInfo {
    /// As the service writes it.
    pub action: &'static str,
    /// `emulated`; `stubbed`, by the account that was asked for; or `known`: real, but refused here as an unknown one.
    pub status: &'static str,
    /// Its parameters in the service's metadata, without those that every action has.
    pub parameters: Vec<&'static str>,
    /// What the mock does for an emulated one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub summary: Option<&'static str>,
}

impl Control {
    /// That the server is there, and since when.
    pub fn health(&self) -> Health {
        Health {
            version: env!("CARGO_PKG_VERSION"),
            accounts: self.gateway.accounts.list().len(),
            uptime_seconds: self.started.elapsed().as_secs(),
        }
    }

    /// Every action of the real service, sorted by name, and whether it is emulated, or stubbed by an account.
    ///
    /// # Errors
    ///
    /// When there is no such account.
    pub fn actions(&self, account: Option<&str>) -> Result<Vec<ActionInfo>, ControlError> {
        let product = self.gateway.product;
        let account = self.slot(account)?.account();
        let info = |action| {
            let emulated = product.find(action);
            let status = match emulated {
                _ if account.stubs.cover(action) => "stubbed",
                Some(_) => "emulated",
                None => "known",
            };
            let parameters = product.known(action).map(|known| known.parameters().collect()).unwrap_or_default();
            ActionInfo { action, status, parameters, summary: emulated.map(|entry| entry.summary) }
        };
        Ok(product.known_names().map(info).collect())
    }
}
