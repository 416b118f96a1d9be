//! The resources: a DB instance and an ECS security group, in the service's own field names.
//!
//! The same structs are what a seed file holds. What a seed leaves out is either a default or derived when it is read
//! (a connection string from id and engine), so writing a struct back gives what was put in.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// A closed set of words of the service: the same table reads a seed, writes an answer and compares a filter.
macro_rules! words {
    ($(#[$doc:meta])* $name:ident: $default:ident; $($variant:ident = $word:literal,)*) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
        pub(crate) enum $name { $(#[serde(rename = $word)] $variant),* }

        impl $name {
            pub(crate) const fn word(self) -> &'static str {
                match self { $(Self::$variant => $word),* }
            }
        }

        impl Default for $name {
            fn default() -> Self {
                Self::$default
            }
        }
    };
}

words! {
    /// The network a resource lives in. The RDS documentation spells both this way in every version; a recorded answer of
    /// the service was not found.
    NetworkType: Vpc;
    Classic = "Classic",
    Vpc = "VPC",
}

words! {
    /// The database engine of an instance.
    Engine: MySql;
    MySql = "MySQL",
    SqlServer = "SQLServer",
    PostgreSql = "PostgreSQL",
    MariaDb = "MariaDB",
}

words! {
    /// The states of the documented state table.
    InstanceStatus: Running;
    Creating = "Creating",
    Running = "Running",
    Deleting = "Deleting",
    Rebooting = "Rebooting",
    DbInstanceClassChanging = "DBInstanceClassChanging",
    Transing = "TRANSING",
    EngineVersionUpgrading = "EngineVersionUpgrading",
    TransingToOthers = "TransingToOthers",
    GuardDbInstanceCreating = "GuardDBInstanceCreating",
    Restoring = "Restoring",
    Importing = "Importing",
    ImportingFromOthers = "ImportingFromOthers",
    DbInstanceNetTypeChanging = "DBInstanceNetTypeChanging",
    GuardSwitching = "GuardSwitching",
    InsCloning = "INS_CLONING",
    Released = "Released",
}

impl Engine {
    /// The label in a connection string, `{id}.{label}.rds.aliyuncs.com`.
    const fn host_label(self) -> &'static str {
        match self {
            Self::MySql => "mysql",
            Self::SqlServer => "sqlserver",
            Self::PostgreSql => "pg",
            Self::MariaDb => "mariadb",
        }
    }

    const fn port(self) -> u16 {
        match self {
            Self::MySql | Self::MariaDb => 3306,
            Self::SqlServer => 1433,
            Self::PostgreSql => 5432,
        }
    }

    const fn default_class(self) -> &'static str {
        match self {
            Self::MySql => "mysql.n2.medium.2c",
            Self::SqlServer => "mssql.x2.medium.s2",
            Self::PostgreSql => "pg.n2.medium.2c",
            Self::MariaDb => "mariadb.n2.medium.2c",
        }
    }

    /// What an instance runs whose seed names no version.
    const fn default_version(self) -> &'static str {
        match self {
            Self::MySql => "8.0",
            Self::SqlServer => "2019_std",
            Self::PostgreSql => "16.0",
            Self::MariaDb => "10.3",
        }
    }
}

/// A DB instance.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
pub(crate) struct Instance {
    #[serde(rename = "DBInstanceId")]
    pub(crate) id: String,
    #[serde(rename = "DBInstanceDescription", default)]
    pub(crate) description: String,
    #[serde(default = "default_region")]
    pub(crate) region_id: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    zone_id: Option<String>,
    #[serde(default)]
    pub(crate) engine: Engine,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    engine_version: Option<String>,
    #[serde(rename = "DBInstanceStatus", default)]
    pub(crate) status: InstanceStatus,
    #[serde(default)]
    pub(crate) instance_network_type: NetworkType,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) vpc_id: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) v_switch_id: Option<String>,
    #[serde(rename = "DBInstanceType", default = "default_type")]
    pub(crate) instance_type: String,
    #[serde(default = "default_category")]
    pub(crate) category: String,
    #[serde(rename = "DBInstanceClass", default, skip_serializing_if = "Option::is_none")]
    class: Option<String>,
    /// GB.
    #[serde(rename = "DBInstanceStorage", default = "default_storage")]
    pub(crate) storage: u32,
    #[serde(rename = "DBInstanceStorageType", default = "default_storage_type")]
    pub(crate) storage_type: String,
    #[serde(rename = "DBInstanceCPU", default = "default_cpu")]
    pub(crate) cpu: String,
    /// MB.
    #[serde(rename = "DBInstanceMemory", default = "default_memory")]
    pub(crate) memory: u32,
    #[serde(default = "default_pay_type")]
    pub(crate) pay_type: String,
    #[serde(default = "default_resource_group")]
    pub(crate) resource_group_id: String,
    #[serde(default = "default_creation_time")]
    pub(crate) creation_time: Timestamp,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) expire_time: Option<Timestamp>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    connection_string: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    port: Option<u16>,
    #[serde(default)]
    pub(crate) deletion_protection: bool,
    #[serde(default = "default_maintain_time")]
    pub(crate) maintain_time: String,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub(crate) tags: BTreeMap<String, String>,
    /// The ECS security groups the instance is added to, in the order they were given.
    #[serde(default)]
    pub(crate) security_group_ids: Vec<String>,
}

fn default_region() -> String {
    "cn-hangzhou".to_owned()
}
fn default_type() -> String {
    "Primary".to_owned()
}
fn default_category() -> String {
    "HighAvailability".to_owned()
}
fn default_storage() -> u32 {
    20
}
fn default_storage_type() -> String {
    "cloud_essd".to_owned()
}
fn default_cpu() -> String {
    "2".to_owned()
}
fn default_memory() -> u32 {
    4096
}
fn default_pay_type() -> String {
    "Postpaid".to_owned()
}
fn default_resource_group() -> String {
    "rg-acfmxxxxxxxxxxx".to_owned()
}
fn default_creation_time() -> Timestamp {
    // A fixed instant, so that two starts from one seed answer alike.
    Timestamp::constant(1_767_225_600, 0)
}
fn default_maintain_time() -> String {
    "18:00Z-22:00Z".to_owned()
}

impl Instance {
    /// The one access mode left to new instances.
    pub(crate) const CONNECTION_MODE: &str = "Standard";
    pub(crate) const LOCK_MODE: &str = "Unlock";
    /// Instances of the mock have no public endpoint.
    pub(crate) const NET_TYPE: &str = "Intranet";

    pub(crate) fn zone_id(&self) -> String {
        self.zone_id.clone().unwrap_or_else(|| format!("{}-h", self.region_id))
    }

    pub(crate) fn engine_version(&self) -> &str {
        self.engine_version.as_deref().unwrap_or(self.engine.default_version())
    }

    pub(crate) fn class(&self) -> &str {
        self.class.as_deref().unwrap_or(self.engine.default_class())
    }

    pub(crate) fn connection_string(&self) -> String {
        let derived = || format!("{}.{}.rds.aliyuncs.com", self.id, self.engine.host_label());
        self.connection_string.clone().unwrap_or_else(derived)
    }

    pub(crate) fn port(&self) -> u16 {
        self.port.unwrap_or(self.engine.port())
    }
}

/// An ECS security group that the account owns.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
pub(crate) struct SecurityGroup {
    #[serde(rename = "SecurityGroupId")]
    pub(crate) id: String,
    #[serde(rename = "SecurityGroupName", default)]
    pub(crate) name: String,
    #[serde(default = "default_region")]
    pub(crate) region_id: String,
    /// In ECS a group is of type VPC if and only if it has a `VpcId`; a seed may simply say the type, but not the contrary.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) vpc_id: Option<String>,
    #[serde(default)]
    pub(crate) network_type: NetworkType,
}

/// A point in time as RDS answers write it: UTC, whole seconds, `Z`.
pub(crate) fn wire_time(time: Timestamp) -> String {
    time.strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
}
