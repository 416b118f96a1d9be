//! The fields that `DescribeDBInstances` and `DescribeDBInstanceAttribute` show of an instance alike.

use serde::Serialize;

use crate::rds::Instance;
use crate::rds::model::{Engine, InstanceStatus, wire_time};

/// Flattened into the answers of both. Fields without a value are empty text, as clients compare them with `""`.
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct InstanceFields {
    #[serde(rename = "DBInstanceId")]
    id: String,
    #[serde(rename = "DBInstanceDescription")]
    description: String,
    region_id: String,
    zone_id: String,
    engine: Engine,
    engine_version: String,
    #[serde(rename = "DBInstanceStatus")]
    status: InstanceStatus,
    #[serde(rename = "DBInstanceType")]
    instance_type: String,
    category: String,
    #[serde(rename = "DBInstanceClass")]
    class: String,
    #[serde(rename = "DBInstanceStorageType")]
    storage_type: String,
    #[serde(rename = "DBInstanceCPU")]
    cpu: String,
    #[serde(rename = "DBInstanceMemory")]
    memory: u32,
    #[serde(rename = "DBInstanceNetType")]
    net_type: &'static str,
    instance_network_type: &'static str,
    vpc_id: String,
    v_switch_id: String,
    connection_mode: &'static str,
    connection_string: String,
    pay_type: String,
    resource_group_id: String,
    expire_time: String,
    lock_mode: &'static str,
    deletion_protection: bool,
    /// Terraform's provider panics where this object is missing.
    #[serde(rename = "ReadOnlyDBInstanceIds")]
    read_only_instance_ids: ReadOnlyInstanceIds,
}

/// The mock has no read-only instances.
#[derive(Debug, Serialize)]
struct ReadOnlyInstanceIds {
    #[serde(rename = "ReadOnlyDBInstanceId")]
    ids: [(); 0],
}

impl InstanceFields {
    pub(super) fn of(instance: &Instance) -> Self {
        Self {
            id: instance.id.clone(),
            description: instance.description.clone(),
            region_id: instance.region_id.clone(),
            zone_id: instance.zone_id(),
            engine: instance.engine,
            engine_version: instance.engine_version().to_owned(),
            status: instance.status,
            instance_type: instance.instance_type.clone(),
            category: instance.category.clone(),
            class: instance.class().to_owned(),
            storage_type: instance.storage_type.clone(),
            cpu: instance.cpu.clone(),
            memory: instance.memory,
            net_type: Instance::NET_TYPE,
            instance_network_type: instance.instance_network_type.word(),
            vpc_id: instance.vpc_id.clone().unwrap_or_default(),
            v_switch_id: instance.v_switch_id.clone().unwrap_or_default(),
            connection_mode: Instance::CONNECTION_MODE,
            connection_string: instance.connection_string(),
            pay_type: instance.pay_type.clone(),
            resource_group_id: instance.resource_group_id.clone(),
            expire_time: instance.expire_time.map(wire_time).unwrap_or_default(),
            lock_mode: Instance::LOCK_MODE,
            deletion_protection: instance.deletion_protection,
            read_only_instance_ids: ReadOnlyInstanceIds { ids: [] },
        }
    }
}
