//! DescribeSecurityGroupConfiguration: the security groups an instance is added to.

use serde::{Deserialize, Serialize};

use super::security_group_relation::Items;
use crate::api::{Action, Context, Result};

/// Reads the instance's security groups, in the order they were set.
#[derive(Debug, Deserialize)]
pub(super) struct DescribeSecurityGroupConfiguration {
    #[serde(rename = "DBInstanceId")]
    instance_id: String,
}

/// As `ModifySecurityGroupConfiguration` answers, each group with its name.
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Response {
    items: Items,
    request_id: String,
    /// The *id* of the instance; the service calls it so.
    #[serde(rename = "DBInstanceName")]
    instance_id: String,
}

impl Action for DescribeSecurityGroupConfiguration {
    const NAME: &'static str = "DescribeSecurityGroupConfiguration";
    const SUMMARY: &'static str = "Reads the ECS security groups of an instance.";
    type Response = Response;

    fn run(self, context: &Context<'_>) -> Result<Response> {
        let instance = context.world.instance(&self.instance_id)?;
        let items = Items::of(&instance).with_names(context.world);
        Ok(Response { items, request_id: context.request_id.to_owned(), instance_id: instance.id })
    }
}
