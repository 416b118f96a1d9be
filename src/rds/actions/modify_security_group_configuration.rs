//! ModifySecurityGroupConfiguration: the ECS security groups whose members may reach an instance.

use serde::Deserialize;

use super::security_group_configuration::SecurityGroupConfiguration;
use crate::api::{Action, Context, Error, ErrorCode, MaybeEmpty, Result};
use crate::rds::model::InstanceStatus;
use crate::rds::{Instance, SecurityGroupIds};

/// Replaces the instance's security groups by the given ones.
///
/// `SecurityGroupId` is one comma-separated list. Empty, it removes all groups, as does the literal `Empty` that the
/// Terraform provider sends; absent, it is refused. The order of the checks (list, instance, state, number, groups) is a
/// guess: none is documented.
#[derive(Debug, Deserialize)]
pub(super) struct ModifySecurityGroupConfiguration {
    #[serde(rename = "DBInstanceId")]
    instance_id: String,
    #[serde(rename = "SecurityGroupId")]
    security_group_id: MaybeEmpty,
}

impl Action for ModifySecurityGroupConfiguration {
    const NAME: &'static str = "ModifySecurityGroupConfiguration";
    const SUMMARY: &'static str = "Replaces the ECS security groups of an instance; an empty list removes them all.";
    type Response = SecurityGroupConfiguration;

    fn run(self, context: &Context<'_>) -> Result<SecurityGroupConfiguration> {
        let ids = SecurityGroupIds::parse(&self.security_group_id.0)?;
        let check = |instance: &Instance| {
            if instance.status != InstanceStatus::Running {
                return Err(ErrorCode::IncorrectDbInstanceState.into());
            }
            let limit = context.limits.security_groups_per_instance;
            if ids.len() > limit {
                return Err(Error::from(ErrorCode::AssociatedEcsSecurityGroupIdQuotaExceed)
                    .hint(format!("{} groups, and at most {limit} are allowed", ids.len())));
            }
            context.world.check_security_groups(instance, ids.as_slice())?;
            Ok(ids)
        };
        let replace = |instance: &mut Instance, ids: SecurityGroupIds| {
            instance.security_group_ids = ids.into_vec();
            SecurityGroupConfiguration::of(instance, context.request_id)
        };
        context.world.change(&self.instance_id, check, replace)
    }
}
