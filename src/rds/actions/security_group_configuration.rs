//! What both security group actions answer with.

use serde::Serialize;

use crate::rds::{Instance, World};

/// The groups of an instance, elements in the order of the API document's sample.
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct SecurityGroupConfiguration {
    items: Items,
    request_id: String,
    /// The *id* of the instance; the service calls it so.
    #[serde(rename = "DBInstanceName")]
    instance_id: String,
}

/// The wrapper around the list; never missing, never `null`: Terraform's provider would panic.
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
struct Items {
    ecs_security_group_relation: Vec<EcsSecurityGroupRelation>,
}

/// One group an instance is added to; the name only where the action shows it.
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
struct EcsSecurityGroupRelation {
    network_type: &'static str,
    security_group_id: String,
    region_id: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    security_group_name: Option<String>,
}

impl SecurityGroupConfiguration {
    /// The groups of an instance, as `ModifySecurityGroupConfiguration` shows them. Region and network type are the
    /// instance's, which every group must share.
    pub(super) fn of(instance: &Instance, request_id: &str) -> Self {
        let relation = |id: &String| EcsSecurityGroupRelation {
            network_type: instance.instance_network_type.word(),
            security_group_id: id.clone(),
            region_id: instance.region_id.clone(),
            security_group_name: None,
        };
        Self {
            items: Items { ecs_security_group_relation: instance.security_group_ids.iter().map(relation).collect() },
            request_id: request_id.to_owned(),
            instance_id: instance.id.clone(),
        }
    }

    /// Adds the names, which `DescribeSecurityGroupConfiguration` shows since 2021.
    pub(super) fn with_names(mut self, world: &World) -> Self {
        for relation in &mut self.items.ecs_security_group_relation {
            relation.security_group_name = Some(world.security_group_name(&relation.security_group_id).to_owned());
        }
        self
    }
}
