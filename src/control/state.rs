//! The state of an account, in the seed's own format.

use serde_json::Value;

use super::{Control, ControlError};
use crate::Seed;

impl Control {
    /// The resources of an account in the seed's format, sorted, so that two of them can be compared line by line:
    /// `AccountId`, `DBInstances` and `SecurityGroups`. No keys and no secrets.
    ///
    /// # Errors
    ///
    /// When there is no such account.
    pub fn state(&self, account: Option<&str>) -> Result<Value, ControlError> {
        let account = self.slot(account)?.account();
        let (instances, groups) = (account.world.instances(), account.world.security_groups());
        let json = |value: Result<Value, serde_json::Error>| value.expect("resources have string keys");
        Ok(serde_json::json!({
            "AccountId": account.id,
            "DBInstances": json(serde_json::to_value(instances)),
            "SecurityGroups": json(serde_json::to_value(groups)),
        }))
    }

    /// Replaces the resources of an account in one step, or changes nothing. Takes what [`Control::state`] gives; checked as
    /// a seed is.
    ///
    /// # Errors
    ///
    /// When there is no such account, or the state is not one that a server could start with.
    pub fn set_state(&self, account: Option<&str>, state: &str) -> Result<(), ControlError> {
        let slot = self.slot(account)?;
        let current = slot.account();
        let limit = self.gateway.limits.security_groups_per_instance;
        let world =
            Seed::world(&current.id, state, limit).map_err(|error| ControlError::unreadable(&error.to_string()))?;
        // On the account that is there now: it may have been reset meanwhile.
        slot.update(|account| account.with_world(world));
        Ok(())
    }
}
