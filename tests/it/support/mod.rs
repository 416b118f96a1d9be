//! What the tests stand on: a raw HTTP client, a signer that shares no line with the server, and trees of answers.

pub(crate) mod http;
pub(crate) mod signer;
pub(crate) mod tree;

use std::path::{Path, PathBuf};

use rds_mock::{MockRds, Seed, Timestamp};

pub(crate) use self::http::{Connection, Reply, Request};
pub(crate) use self::signer::{Dialect, Key, Unsigned};

/// The instance of the demo seed.
pub(crate) const INSTANCE: &str = "rm-uf6wjk5xxxxxx";

/// What the clock of a frozen server shows.
pub(crate) const NOW: &str = "2026-01-02T03:04:05Z";

pub(crate) fn now() -> Timestamp {
    NOW.parse().unwrap()
}

/// A server with the demo seed, its clock frozen at [`NOW`] and its ids repeatable.
pub(crate) fn frozen() -> MockRds {
    MockRds::builder().freeze_clock(now()).seed_ids(1).start().unwrap()
}

/// As [`frozen`], with a seed of the test's own.
#[track_caller]
pub(crate) fn frozen_with(seed: &str) -> MockRds {
    MockRds::builder().seed(Seed::parse(seed).unwrap()).freeze_clock(now()).seed_ids(1).start().unwrap()
}

pub(crate) fn fixtures(folder: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures").join(folder)
}

/// `ModifySecurityGroupConfiguration` for the demo instance.
pub(crate) fn set(groups: &str) -> Unsigned {
    Unsigned::new("ModifySecurityGroupConfiguration").param("DBInstanceId", INSTANCE).param("SecurityGroupId", groups)
}

/// `DescribeSecurityGroupConfiguration` for the demo instance.
pub(crate) fn read_back() -> Unsigned {
    Unsigned::new("DescribeSecurityGroupConfiguration").param("DBInstanceId", INSTANCE)
}

/// The ids of the groups in an answer in JSON.
#[track_caller]
pub(crate) fn groups(reply: &Reply) -> Vec<String> {
    reply.json()["Items"]["EcsSecurityGroupRelation"]
        .as_array()
        .unwrap_or_else(|| panic!("no list of groups in {reply:?}"))
        .iter()
        .map(|relation| relation["SecurityGroupId"].as_str().unwrap().to_owned())
        .collect()
}
