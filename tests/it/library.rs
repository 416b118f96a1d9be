//! The server as a library: start, use, drop.

use std::net::TcpStream;
use std::time::Duration;

use rds_mock::{MockRds, Seed, StartError};

use crate::support::{INSTANCE, Key, Unsigned, frozen, groups, read_back, set};

#[test]
fn starts_in_a_plain_test_and_frees_the_port_when_dropped() {
    let rds = MockRds::start();
    let address = rds.address();
    assert_eq!(rds.url(), format!("http://{address}"));
    assert_eq!((rds.access_key().id.as_str(), rds.access_key().secret.as_str()), ("testid", "testsecret"));
    read_back().sign(&Key::of(&rds)).send(address).assert_ok();
    let idle = TcpStream::connect(address).unwrap();
    drop(rds);
    assert!(TcpStream::connect(address).is_err());
    let again = MockRds::builder().listen(address).start().unwrap();
    assert_eq!(again.address(), address);
    drop(idle);
}

#[tokio::test]
async fn starts_and_stops_within_an_event_loop() {
    let rds = MockRds::start();
    let (address, key) = (rds.address(), Key::of(&rds));
    tokio::task::spawn_blocking(move || read_back().sign(&key).send(address).assert_ok()).await.unwrap();
    drop(rds);
}

#[test]
fn servers_do_not_meet() {
    let (one, other) = (MockRds::start(), MockRds::start());
    set("sg-1").sign(&Key::of(&one)).send(one.address()).assert_ok();
    assert_eq!(groups(&read_back().sign(&Key::of(&other)).send(other.address())), [""; 0]);
}

#[test]
fn accounts_do_not_meet() {
    let account = |id: &str| {
        format!(
            "{{AccountId: '{id}', AccessKeys: [{{AccessKeyId: 'key-{id}', AccessKeySecret: s}}], \
             DBInstances: [{{DBInstanceId: {INSTANCE}}}]}}"
        )
    };
    let seed = format!("Accounts: [{}, {}]", account("1111111111111111"), account("2222222222222222"));
    let rds = MockRds::builder().seed(Seed::parse(&seed).unwrap()).start().unwrap();
    let (one, other) = (Key::new("key-1111111111111111", "s"), Key::new("key-2222222222222222", "s"));
    set("sg-1").sign(&one).send(rds.address()).assert_ok();
    assert_eq!(groups(&read_back().sign(&one).send(rds.address())), ["sg-1"]);
    assert!(groups(&read_back().sign(&other).send(rds.address())).is_empty());
    assert_eq!(rds.access_key().id, one.id);
}

#[test]
fn the_same_seed_and_calls_give_the_same_bytes() {
    let history = || {
        let rds = frozen();
        let key = Key::of(&rds);
        let calls = [set("sg-1"), read_back(), read_back().without("Timestamp"), Unsigned::new("DescribeRegions")];
        let replies: Vec<_> = calls
            .iter()
            .enumerate()
            .map(|(number, call)| {
                let call = call.clone().at(crate::support::NOW).nonce(&number.to_string());
                crate::cases::shown(&call.sign(&key).send(rds.address()))
            })
            .collect();
        replies
    };
    assert_eq!(history(), history());
}

#[test]
fn settings_are_honoured() {
    let rds = MockRds::builder().max_security_groups(1).timestamp_skew(Duration::from_secs(3600)).start().unwrap();
    let key = Key::of(&rds);
    set("sg-1,sg-2").sign(&key).send(rds.address()).assert_refused(400, "AssociatedEcsSecurityGroupIdQuotaExceed");
    let at = |minutes: i64| {
        let time = rds_mock::Timestamp::from_second(rds_mock::Timestamp::now().as_second() - minutes * 60).unwrap();
        read_back().at(&time.strftime("%Y-%m-%dT%H:%M:%SZ").to_string())
    };
    at(58).sign(&key).send(rds.address()).assert_ok();
    at(-58).sign(&key).send(rds.address()).assert_ok();
    at(62).sign(&key).send(rds.address()).assert_refused(400, "IllegalTimestamp");
    let boundless = MockRds::builder().timestamp_skew(Duration::MAX).start().unwrap();
    at(62).sign(&key).send(boundless.address()).assert_ok();
}

#[test]
fn a_temporary_key_works_with_its_token() {
    let seed = "Accounts: [{AccountId: '1234567890123456', AccessKeys: [{AccessKeyId: STS.a, AccessKeySecret: s, \
        SecurityToken: 'CAIS+/=', Expiration: '2099-01-01T00:00:00Z'}]}]";
    let rds = MockRds::builder().seed(Seed::parse(seed).unwrap()).start().unwrap();
    let key = Key::of(&rds);
    assert_eq!(key.token.as_deref(), Some("CAIS+/="));
    for call in [Unsigned::new("DescribeRegions"), Unsigned::new("DescribeRegions").v3()] {
        call.sign(&key).send(rds.address()).assert_ok();
    }
    let without = Key { token: None, ..key.clone() };
    Unsigned::new("DescribeRegions").sign(&without).send(rds.address()).assert_refused(400, "MissingSecurityToken");
    let other = Key { token: None, ..key }.token("another");
    let mismatch = Unsigned::new("DescribeRegions").v3().sign(&other).send(rds.address());
    mismatch.assert_refused(400, "InvalidSecurityToken.MismatchWithAccessKey");
}

#[test]
fn timestamps_with_fractions_are_accepted() {
    let rds = frozen();
    for at in ["2026-01-02T03:04:05.873Z", "2026-01-02T03:04:05.873989123Z"] {
        read_back().at(at).sign(&Key::of(&rds)).send(rds.address()).assert_ok();
        read_back().v3().at(at).sign(&Key::of(&rds)).send(rds.address()).assert_ok();
    }
}

#[test]
fn hmac_sha256_is_accepted_under_v1() {
    let rds = MockRds::start();
    read_back().set("SignatureMethod", "HMAC-SHA256").sign(&Key::of(&rds)).send(rds.address()).assert_ok();
}

#[test]
fn what_can_not_start_says_why() {
    let taken = MockRds::start();
    let error = MockRds::builder().listen(taken.address()).start().unwrap_err();
    assert!(matches!(error, StartError::Listen { .. }), "{error}");
    assert!(error.to_string().contains(&taken.address().to_string()), "{error}");

    let seed = "Accounts:\n - AccountId: '1234567890123456'\n   AccessKeys: [{AccessKeyId: a, AccessKeySecret: a}]\n   \
        DBInstances:\n    - DBInstanceId: rm-1\n      SecurityGroupIds: [a, b]\n";
    let error = MockRds::builder().seed(Seed::parse(seed).unwrap()).max_security_groups(1).start().unwrap_err();
    assert!(matches!(error, StartError::Seed(_)), "{error}");
    assert_eq!(error.to_string(), "seed:5:7: SecurityGroupIds: rm-1 has 2 groups, at most 1 are allowed");
}

#[test]
fn nothing_prints_a_secret() {
    let rds = MockRds::start();
    assert!(!format!("{rds:?} {:?} {:?}", rds.access_key(), Seed::default()).contains("testsecret"));
}
