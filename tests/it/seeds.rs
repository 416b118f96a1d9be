//! Seeds that start a server, and those that don't and say where and why.

use rds_mock::Seed;

use crate::support::{Key, Unsigned, fixtures, frozen_with, groups};

const KEYS: &str = "    AccessKeys: [{AccessKeyId: a, AccessKeySecret: topsecret}]\n";

/// An account with the given lines more.
fn account(lines: &str) -> String {
    format!("Accounts:\n  - AccountId: '1234567890123456'\n{KEYS}{lines}")
}

#[track_caller]
fn refused(text: &str, expected: &str) {
    let error = Seed::parse(text).expect_err(text).to_string();
    assert!(error.starts_with(expected), "{error:?} does not begin with {expected:?}");
    assert!(!error.contains("topsecret"), "{error}");
}

#[test]
fn the_shipped_demo_reads() {
    Seed::read(fixtures("seeds/demo.yaml")).unwrap();
}

#[test]
fn yaml_and_json_say_the_same() {
    let json = r#"{"Accounts": [{"AccountId": "1234567890123456", "AccessKeys": [{"AccessKeyId": "a", "AccessKeySecret": "b"}],
        "DBInstances": [{"DBInstanceId": "rm-1", "SecurityGroupIds": ["sg-1"]}]}]}"#;
    let yaml = account("    DBInstances:\n      - DBInstanceId: rm-1\n        SecurityGroupIds: [sg-1]\n");
    for seed in [json, &yaml] {
        let rds = frozen_with(seed);
        let call =
            Unsigned::new("DescribeSecurityGroupConfiguration").param("DBInstanceId", "rm-1").at(crate::support::NOW);
        assert_eq!(groups(&call.sign(&Key::of(&rds)).send(rds.address())), ["sg-1"]);
    }
}

#[test]
fn unknown_keys_are_refused_by_line_and_name() {
    refused(&account("    DbInstances: []\n"), "seed:4:5: unknown field `DbInstances`, expected one of AccountId,");
    refused(&account("    DBInstances:\n      - DBInstanceID: rm-1\n"), "seed:5:9: unknown field `DBInstanceID`");
    refused("accounts: []\n", "seed:1:1: unknown field `accounts`, expected one of Accounts");
}

#[test]
fn ids_given_twice_are_refused() {
    let two = "    DBInstances:\n      - DBInstanceId: rm-1\n      - DBInstanceId: rm-1\n";
    refused(&account(two), "seed:6:9: DBInstanceId: \"rm-1\" is given twice");
    let two = "    SecurityGroups:\n      - SecurityGroupId: sg-1\n      - SecurityGroupId: sg-1\n";
    refused(&account(two), "seed:6:9: SecurityGroupId: \"sg-1\" is given twice");
    let groups = "    DBInstances:\n      - DBInstanceId: rm-1\n        SecurityGroupIds: [sg-1, sg-1]\n";
    refused(&account(groups), "seed:5:9: SecurityGroupIds: \"sg-1\" is given twice");
    let same_key = format!("{}  - AccountId: '2222222222222222'\n{KEYS}", account(""));
    refused(&same_key, "seed:5:18: AccessKeyId: \"a\" is given twice");
    let same_account = format!(
        "{}  - AccountId: '1234567890123456'\n    AccessKeys: [{{AccessKeyId: b, AccessKeySecret: b}}]\n",
        account("")
    );
    refused(&same_account, "seed:4:5: AccountId: \"1234567890123456\" is given twice");
    refused("Accounts: []\nAccounts: []\n", "seed:2:1: duplicate mapping key: Accounts");
}

#[test]
fn values_that_do_not_fit_are_refused_by_line_and_key() {
    let instance = |line: &str| account(&format!("    DBInstances:\n      - DBInstanceId: rm-1\n        {line}\n"));
    refused(
        &instance("InstanceNetworkType: vpc"),
        "seed:6:30: InstanceNetworkType: unknown variant `vpc`, expected one of Classic, VPC",
    );
    refused(&instance("DBInstanceStatus: Sleeping"), "seed:6:27: DBInstanceStatus: unknown variant `Sleeping`");
    refused(&instance("DBInstanceStorage: big"), "seed:6:28: DBInstanceStorage: invalid u32");
    refused(&instance("CreationTime: yesterday"), "seed:6:23: CreationTime: ");
    refused(&instance("SecurityGroupIds: [a b]"), "seed:5:9: SecurityGroupIds: \"a b\" has something other than");
    refused(&instance("DBInstanceDescription: \"a\\u0007b\""), "seed:5:9: DBInstanceDescription: control characters");
    refused(&instance("Tags: {\"a\\u0007\": b}"), "seed:5:9: \"a\\u{7}\": control characters");
    refused(&account("    DBInstances:\n      - DBInstanceDescription: x\n"), "seed:5:9: missing field `DBInstanceId`");
    refused(&account("    DBInstances:\n      - DBInstanceId: ''\n"), "seed:5:9: DBInstanceId: must not be empty");
}

#[test]
fn groups_an_instance_can_not_be_added_to_are_refused() {
    let seed = |group: &str| {
        account(&format!(
            "    SecurityGroups: [{{SecurityGroupId: sg-1}}, {{SecurityGroupId: sg-2, NetworkType: Classic}}]\n    \
             DBInstances:\n      - {{DBInstanceId: rm-1, SecurityGroupIds: [{group}]}}\n"
        ))
    };
    Seed::parse(&seed("sg-1")).unwrap();
    refused(&seed("Empty"), "seed:6:9: SecurityGroupIds: the account has no security group Empty");
    let classic = "    SecurityGroups: [{SecurityGroupId: sg-1, VpcId: vpc-1, NetworkType: Classic}]\n";
    refused(&account(classic), "seed:4:22: VpcId: a group of the type Classic has none");
    refused(&seed("sg-9"), "seed:6:9: SecurityGroupIds: the account has no security group sg-9");
    refused(&seed("sg-2"), "seed:6:9: SecurityGroupIds: sg-2 is of type Classic, the instance of type VPC");
}

#[test]
fn accounts_and_keys_are_checked() {
    refused("Accounts: []\n", "seed: Accounts: at least one account is needed");
    refused(
        "Accounts: [{AccountId: '12', AccessKeys: []}]",
        "seed:1:12: AccountId: \"12\" is not a number of 16 digits",
    );
    refused(
        "Accounts: [{AccountId: '1234567890123456', AccessKeys: []}]",
        "seed:1:12: AccessKeys: an account needs at least one",
    );
    let key = |fields: &str| {
        format!("Accounts: [{{AccountId: '1234567890123456', AccessKeys: [{{AccessKeyId: a, {fields}}}]}}]")
    };
    refused(&key("AccessKeySecret: ''"), "seed:1:57: AccessKeySecret: must not be empty");
    refused(
        &key("AccessKeySecret: topsecret, Expiration: '2026-01-01T00:00:00Z'"),
        "seed:1:57: Expiration: only a key with a SecurityToken expires",
    );
    refused(&key("AccessKeySecret: topsecret, SecurityToken: 'a b'"), "seed:1:57: SecurityToken: only visible ASCII");
    refused(&key("Secret: topsecret"), "seed:1:74: unknown field `Secret`");
    refused("", "seed");
    refused("Accounts: [", "seed:1:11: Accounts: unclosed bracket");
}

#[test]
fn a_file_is_named_in_its_errors() {
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), "Account: []\n").unwrap();
    let error = Seed::read(file.path()).unwrap_err().to_string();
    assert!(error.starts_with(&format!("{}:1:1: unknown field `Account`", file.path().display())), "{error}");
    let error = Seed::read("no/such/file.yaml").unwrap_err().to_string();
    assert!(error.starts_with("no/such/file.yaml: cannot be read: "), "{error}");
}
