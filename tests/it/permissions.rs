//! What an access key may do.

use rds_mock::Seed;

use crate::support::tree::Tree;
use crate::support::{Key, Reply, Unsigned, frozen_with, read_back, set};

fn reply(statements: &str, call: Unsigned) -> Reply {
    let seed = format!(
        "Accounts: [{{AccountId: '1234567890123456', AccessKeys: [{{AccessKeyId: a, AccessKeySecret: a, {statements}}}], \
         DBInstances: [{{DBInstanceId: rm-uf6wjk5xxxxxx, RegionId: cn-beijing}}]}}]"
    );
    let rds = frozen_with(&seed);
    call.at(crate::support::NOW).sign(&Key::of(&rds)).send(rds.address())
}

#[test]
fn a_key_may_do_what_it_is_allowed_and_not_denied() {
    let allow_read = "Allow: [{Action: 'rds:describe*'}]";
    reply(allow_read, read_back()).assert_ok();
    reply(allow_read, set("sg-1")).assert_refused(403, "Forbidden.RAM");
    let deny_write = "Deny: [{Action: ['rds:Modify*', 'rds:Delete*']}]";
    reply(deny_write, read_back()).assert_ok();
    reply(deny_write, set("sg-1")).assert_refused(403, "Forbidden.RAM");
    reply("Allow: [{Action: '*'}], Deny: [{Action: 'rds:*'}]", read_back()).assert_refused(403, "Forbidden.RAM");
    reply("Allow: []", read_back()).assert_refused(403, "Forbidden.RAM");
    reply("Disabled: false", set("sg-1")).assert_ok();
}

#[test]
fn resources_are_named_by_region_account_and_instance() {
    let on = |resource: &str| format!("Allow: [{{Action: 'rds:*', Resource: '{resource}'}}]");
    for resource in ["acs:rds:*:*:dbinstance/rm-uf6wjk5xxxxxx", "acs:rds:cn-beijing:1234567890123456:dbinstance/*", "*"]
    {
        reply(&on(resource), set("sg-1")).assert_ok();
    }
    for resource in
        ["acs:rds:*:*:dbinstance/rm-1", "acs:rds:cn-hangzhou:*:dbinstance/*", "acs:rds:*:9999999999999999:*"]
    {
        reply(&on(resource), set("sg-1")).assert_refused(403, "Forbidden.RAM");
    }
    let list = || Unsigned::new("DescribeDBInstances").param("RegionId", "cn-beijing");
    reply(&on("acs:rds:cn-beijing:*:dbinstance/*"), list()).assert_ok();
    reply(&on("acs:rds:*:*:dbinstance/rm-uf6wjk5xxxxxx"), list()).assert_refused(403, "Forbidden.RAM");
}

#[test]
fn a_denial_says_who_was_denied_what_in_both_formats() {
    let deny = "Deny: [{Action: 'rds:Modify*'}]";
    let json = reply(deny, set("sg-1").nonce("n")).assert_refused(403, "Forbidden.RAM");
    let detail = &json.json()["AccessDeniedDetail"];
    assert_eq!(detail["AuthAction"], "rds:ModifySecurityGroupConfiguration");
    assert_eq!(
        (&detail["NoPermissionType"], &detail["AuthPrincipalOwnerId"]),
        (&"ExplicitDeny".into(), &"1234567890123456".into())
    );
    let xml = reply(deny, set("sg-1").nonce("n").format(Some("XML")));
    assert_eq!(Tree::of_xml(&xml.body).1, Tree::of_json(&json.json()));
    let implicit = reply("Allow: []", set("sg-1")).json();
    assert_eq!(implicit["AccessDeniedDetail"]["NoPermissionType"], "ImplicitDeny");
}

#[test]
fn statements_that_match_nothing_are_refused() {
    for (statement, part) in [
        ("Allow: [{Action: 'rds:Descrbe*'}]", "Allow: no RDS action matches \"rds:Descrbe*\""),
        ("Deny: [{Action: 'ecs:*'}]", "Deny: no RDS action matches"),
        ("Deny: [{Action: '*', Resource: 'rm-1'}]", "Deny: \"rm-1\" is no RDS resource"),
        ("Deny: [{Actions: '*'}]", "unknown field `Actions`"),
    ] {
        let seed = format!(
            "Accounts: [{{AccountId: '1234567890123456', AccessKeys: [{{AccessKeyId: a, AccessKeySecret: a, {statement}}}]}}]"
        );
        let error = Seed::parse(&seed).unwrap_err().to_string();
        assert!(error.contains(part), "{part} is not in {error}");
    }
}
