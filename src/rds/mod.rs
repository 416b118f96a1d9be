//! ApsaraDB RDS, API version 2014-08-15: the model, the world of an account, and the actions on it.

pub(crate) mod actions;
mod model;
mod regions;
mod security_groups;
mod world;

pub(crate) use self::model::{Instance, NetworkType, SecurityGroup};
pub(crate) use self::security_groups::SecurityGroupIds;
pub(crate) use self::world::World;
use crate::api::Product;

/// RDS as the gateway sees it.
pub(crate) static PRODUCT: Product = Product {
    title: "RDS",
    name: "Rds",
    ram_code: "rds",
    version: "2014-08-15",
    host: "rds.aliyuncs.com",
    actions: actions::INDEX,
    // 420 actions: the union of the public API metadata of 2024 and 2026 and the SDK models of 2026.
    known_actions: include_str!("known_actions.txt"),
};
