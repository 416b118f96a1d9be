//! DescribeDBInstanceAttribute: everything about an instance.

use serde::{Deserialize, Serialize};

use super::instance_fields::InstanceFields;
use crate::api::{Action, Context, Result};
use crate::rds::Instance;
use crate::rds::model::wire_time;

/// Reads the attributes of an instance, or of several whose ids are separated by commas.
///
/// The documents warn against several ids, so the service takes them; that one unknown id refuses the whole call is a guess.
#[derive(Debug, Deserialize)]
pub(super) struct DescribeDBInstanceAttribute {
    #[serde(rename = "DBInstanceId")]
    instance_id: String,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Response {
    items: Items,
    request_id: String,
}

#[derive(Debug, Serialize)]
struct Items {
    #[serde(rename = "DBInstanceAttribute")]
    attributes: Vec<Attribute>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
struct Attribute {
    #[serde(flatten)]
    fields: InstanceFields,
    creation_time: String,
    #[serde(rename = "DBInstanceStorage")]
    storage: u32,
    /// A string on the wire.
    port: String,
    maintain_time: String,
    auto_upgrade_minor_version: &'static str,
    #[serde(rename = "SecurityIPMode")]
    security_ip_mode: &'static str,
    /// Terraform's provider panics where one of these three objects is missing.
    slave_zones: SlaveZones,
    serverless_config: ServerlessConfig,
    extra: Extra,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
struct SlaveZones {
    slave_zone: [(); 0],
}

/// The mock has no serverless instances, whose limits would stand here.
#[derive(Debug, Serialize)]
struct ServerlessConfig {}

#[derive(Debug, Serialize)]
struct Extra {
    #[serde(rename = "DBInstanceIds")]
    instance_ids: InstanceIds,
}

#[derive(Debug, Serialize)]
struct InstanceIds {
    #[serde(rename = "DBInstanceId")]
    ids: [(); 0],
}

impl Action for DescribeDBInstanceAttribute {
    const NAME: &'static str = "DescribeDBInstanceAttribute";
    const SUMMARY: &'static str = "Reads the attributes of an instance.";
    type Response = Response;

    fn run(self, context: &Context<'_>) -> Result<Response> {
        let attributes = self
            .instance_id
            .split(',')
            .map(|id| context.world.instance(id.trim()).map(|instance| Attribute::of(&instance)))
            .collect::<Result<_>>()?;
        Ok(Response { items: Items { attributes }, request_id: context.request_id.to_owned() })
    }
}

impl Attribute {
    fn of(instance: &Instance) -> Self {
        Self {
            fields: InstanceFields::of(instance),
            creation_time: wire_time(instance.creation_time),
            storage: instance.storage,
            port: instance.port().to_string(),
            maintain_time: instance.maintain_time.clone(),
            auto_upgrade_minor_version: "Auto",
            security_ip_mode: "normal",
            slave_zones: SlaveZones { slave_zone: [] },
            serverless_config: ServerlessConfig {},
            extra: Extra { instance_ids: InstanceIds { ids: [] } },
        }
    }
}
