//! An account and its parts. Everything that a test can change hangs on one [`Account`] value.

mod accounts;
mod clock;
mod ids;
mod keys;
mod nonces;

use std::collections::BTreeMap;

pub(crate) use self::accounts::Accounts;
pub(crate) use self::clock::Clock;
pub(crate) use self::ids::Ids;
pub(crate) use self::keys::{Key, Secret, SecurityToken};
use crate::rds::World;

/// An Alibaba Cloud account: owns access keys, resources, a clock, and through its keys the nonces used so far.
#[derive(Debug)]
pub(crate) struct Account {
    pub(crate) clock: Clock,
    pub(crate) keys: BTreeMap<String, Key>,
    pub(crate) world: World,
}
