//! DescribeSecurityGroupConfiguration: the security groups an instance is added to.

use serde::Deserialize;

use super::security_group_configuration::SecurityGroupConfiguration;
use crate::api::{Action, Context, Result};

/// Reads the instance's security groups, in the order they were set.
#[derive(Debug, Deserialize)]
pub(super) struct DescribeSecurityGroupConfiguration {
    #[serde(rename = "DBInstanceId")]
    instance_id: String,
}

impl Action for DescribeSecurityGroupConfiguration {
    const NAME: &'static str = "DescribeSecurityGroupConfiguration";
    const SUMMARY: &'static str = "Reads the ECS security groups of an instance.";
    type Response = SecurityGroupConfiguration;

    fn run(self, context: &Context<'_>) -> Result<SecurityGroupConfiguration> {
        let instance = context.world.instance(&self.instance_id)?;
        Ok(SecurityGroupConfiguration::of(&instance, context.request_id).with_names(context.world))
    }
}
