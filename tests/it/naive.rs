//! What a naive mock gets wrong, one test a point.

use std::io::Read;

use rds_mock::MockRds;

use crate::support::signer::query;
use crate::support::{Connection, Dialect, INSTANCE, Key, Request, Unsigned, frozen, groups, read_back, set};

fn start() -> (MockRds, Key) {
    let rds = MockRds::start();
    let key = Key::of(&rds);
    (rds, key)
}

/// Point 1. Every V1 SDK sends `x-acs-action`, one of them with another spelling than the parameter's.
#[test]
fn v3_is_chosen_by_the_authorization_alone() {
    let (rds, key) = start();
    let request = read_back().sign(&key).header("x-acs-action", "somethingElse").header("x-acs-version", "2000-01-01");
    request.clone().send(rds.address()).assert_ok();
    // Neither does another scheme make it V3.
    let basic = read_back().sign(&key).header("x-acs-action", "somethingElse").header("Authorization", "Basic eA==");
    basic.send(rds.address()).assert_ok();
}

/// Point 2. Clients encode in different ways what they sign in one.
#[test]
fn parameters_are_decoded_and_encoded_again_before_the_signature_is_checked() {
    let (rds, key) = start();
    let value = "a b*c'd(e)f!g~h";
    for sent in ["a+b*c'd(e)f!g~h", "a%20b%2Ac%27d%28e%29f%21g%7Eh", "a+b%2ac%27d%28e%29f!g%7eh"] {
        let call = Unsigned::new("DescribeDBInstances").param("RegionId", "cn-hangzhou").param("SearchKey", value);
        let mut request = call.sign(&key);
        let text = String::from_utf8(request.query.clone()).unwrap();
        let encoded = "a%20b%2Ac%27d%28e%29f%21g~h";
        assert!(text.contains(encoded), "{text}");
        request.query = text.replace(encoded, sent).into_bytes();
        request.send(rds.address()).assert_ok();
    }
}

/// Point 3. Two SDKs send and sign `SignatureType=`; PHP drops empty values when it signs.
#[test]
fn empty_parameters_count_in_the_signature_and_may_be_left_out() {
    let (rds, key) = start();
    read_back().set("SignatureType", "").sign(&key).send(rds.address()).assert_ok();
    let mut php = read_back().sign(&key);
    php.query.extend_from_slice(b"&SignatureType=&OwnerAccount=");
    php.send(rds.address()).assert_ok();
    let mut filled = read_back().sign(&key);
    filled.query.extend_from_slice(b"&OwnerAccount=x");
    filled.send(rds.address()).assert_refused(400, "IncompleteSignature");
}

/// Point 4. Everything in the query, everything in the form, or some of each.
#[test]
fn parameters_come_in_query_and_form() {
    let (rds, key) = start();
    for call in [read_back(), read_back().method("POST"), read_back().form()] {
        call.sign(&key).send(rds.address()).assert_ok();
    }
    let params = read_back().method("POST").v1_params(&key);
    for split in 0..=params.len() {
        let request = Request {
            method: "POST".to_owned(),
            path: "/".to_owned(),
            query: query(&params[..split]).into_bytes(),
            headers: vec![
                ("Host".to_owned(), b"x".to_vec()),
                ("Content-Type".to_owned(), b"application/x-www-form-urlencoded;charset=UTF-8".to_vec()),
            ],
            body: query(&params[split..]).into_bytes(),
        };
        let reply = request.send(rds.address());
        // The same nonce: only the first one of these is new.
        if split == 0 {
            reply.assert_ok()
        } else {
            reply.assert_refused(400, "SignatureNonceUsed")
        };
    }
}

/// Point 5. POSTs come without a type and without a length.
#[test]
fn a_post_needs_neither_type_nor_length() {
    let (rds, key) = start();
    let plain = read_back().method("POST");
    plain.sign(&key).send(rds.address()).assert_ok();
    plain.sign(&key).header("Content-Length", "0").send(rds.address()).assert_ok();
    let typed = plain.sign(&key).header("Content-Type", "application/x-www-form-urlencoded");
    typed.send(rds.address()).assert_ok();
    let mut untyped_form = read_back().form().sign(&key);
    untyped_form.headers.retain(|(name, _)| name != "Content-Type");
    untyped_form.send(rds.address()).assert_ok();
    let other_body = Request { body: b"{}".to_vec(), ..plain.sign(&key) }.header("Content-Type", "application/json");
    other_body.send(rds.address()).assert_ok();
    plain.v3().sign(&key).header("Content-Type", "application/octet-stream").send(rds.address()).assert_ok();
}

/// Point 6. The list of signed headers is the client's, the host is what it sent, the secret is bare.
#[test]
fn v3_is_rebuilt_from_the_clients_own_list() {
    let (rds, key) = start();
    let address = rds.address().to_string();
    for host in [address.as_str(), &format!("http://{address}"), "rds.aliyuncs.com", "RDS.example:1"] {
        let mut call = read_back().v3();
        call.host = host.to_owned();
        call.sign(&key).send(rds.address()).assert_ok();
    }
    let with_more =
        read_back().v3().set("user-agent", "AlibabaCloud (x; y)").set("x-acs-credentials-provider", "static_ak");
    with_more.sign(&key).send(rds.address()).assert_ok();
    let ampersand = Key::new(&key.id, &format!("{}&", key.secret));
    read_back().v3().sign(&ampersand).send(rds.address()).assert_refused(400, "IncompleteSignature");
}

/// Point 7. The format's case, its default, and the exact types.
#[test]
fn formats_are_found_whatever_their_case_and_xml_is_the_default() {
    let (rds, key) = start();
    let content_type = |call: Unsigned| {
        let reply = call.sign(&key).send(rds.address());
        assert_eq!(reply.status, 200, "{reply:?}");
        (reply.header("content-type").unwrap().to_owned(), reply.body[..1].to_owned())
    };
    let json = ("application/json;charset=utf-8".to_owned(), "{".to_owned());
    let xml = ("text/xml;charset=utf-8".to_owned(), "<".to_owned());
    for format in ["JSON", "json", "Json"] {
        assert_eq!(content_type(read_back().format(Some(format))), json);
    }
    for format in [Some("XML"), Some("xml"), Some(""), None] {
        assert_eq!(content_type(read_back().format(format)), xml);
    }
    let v3 = || read_back().dialect(Dialect::V3);
    for accept in ["application/json", "application/json, text/plain", "text/plain, application/json;q=0.5"] {
        assert_eq!(content_type(v3().format(Some(accept))), json, "{accept}");
    }
    for accept in [Some("*/*"), Some("text/xml"), Some("application/xml"), None] {
        assert_eq!(content_type(v3().format(accept)), xml, "{accept:?}");
    }
    assert_eq!(content_type(v3().format(Some("*/*")).param("Format", "JSON")), json);
    // V1 does not look at Accept.
    let accept = read_back().format(None).sign(&key).header("Accept", "application/json").send(rds.address());
    assert!(accept.body.starts_with("<?xml version='1.0' encoding='UTF-8'?><"), "{accept:?}");
}

/// Point 8. RDS has codes of its own for three common errors.
#[test]
fn refusals_speak_the_dialect_of_rds() {
    let (rds, key) = start();
    let send = |call: Unsigned, key: &Key| call.sign(key).send(rds.address());
    send(read_back(), &Key::new(&key.id, "wrong")).assert_refused(400, "IncompleteSignature");
    send(read_back().v3(), &Key::new(&key.id, "wrong")).assert_refused(400, "IncompleteSignature");
    send(read_back().at("2020-01-01T00:00:00Z"), &key).assert_refused(400, "IllegalTimestamp");
    let missing =
        send(Unsigned::new("DescribeSecurityGroupConfiguration"), &key).assert_refused(400, "MissingParameter");
    assert!(missing.message().contains("\"DBInstanceId\""), "{missing:?}");
}

/// Point 9. SDKs compare the server's string to sign with their own to tell a wrong secret from a wrong request.
#[test]
fn a_wrong_signature_is_answered_with_the_exact_string_to_sign() {
    let (rds, key) = start();
    let call = set("sg-1,sg-2").method("POST").at("2026-01-02T03:04:05Z").nonce("n");
    let frozen = frozen();
    let reply = call.sign(&Key::new(&key.id, "wrong")).send(frozen.address());
    let string_to_sign = "POST&%2F&AccessKeyId%3Dtestid%26Action%3DModifySecurityGroupConfiguration%26DBInstanceId%3D\
        rm-uf6wjk5xxxxxx%26Format%3DJSON%26SecurityGroupId%3Dsg-1%252Csg-2%26SignatureMethod%3DHMAC-SHA1%26\
        SignatureNonce%3Dn%26SignatureVersion%3D1.0%26Timestamp%3D2026-01-02T03%253A04%253A05Z%26Version%3D2014-08-15";
    let message = reply.message();
    assert_eq!(message.split_once(':').unwrap().1, string_to_sign);
    assert!(message.ends_with(&format!("server string to sign is:{string_to_sign}")), "{message}");
    drop(rds);
}

/// Point 10. Real statuses: 404 and 400 for bad keys, never 200, 401 or 429.
#[test]
fn statuses_are_the_services() {
    let (rds, key) = start();
    let send = |call: Unsigned, key: &Key| call.sign(key).send(rds.address());
    send(read_back(), &Key::new("nobody", "x")).assert_refused(404, "InvalidAccessKeyId.NotFound");
    send(read_back(), &Key::new(&key.id, "wrong")).assert_refused(400, "IncompleteSignature");
    send(set("sg-1,sg-2,sg-3,sg-4"), &key).assert_refused(400, "AssociatedEcsSecurityGroupIdQuotaExceed");
}

/// Point 11. Terraform and pop-core take a `Code` in a success for a failure; Go panics at anything but strings.
#[test]
fn successes_have_no_code_and_refusals_hold_strings() {
    let (rds, key) = start();
    for (action, _) in rds_mock::emulated_actions() {
        let call =
            Unsigned::new(action).param("DBInstanceId", INSTANCE).param("SecurityGroupId", "").param("RegionId", "x");
        let success = call.sign(&key).send(rds.address()).assert_ok().json();
        assert!(success.get("Code").is_none() && success.get("Message").is_none(), "{success}");
        assert!(success["RequestId"].is_string(), "{success}");
    }
    let refusal = read_back().sign(&Key::new("nobody", "x")).send(rds.address()).json();
    for field in ["Code", "Message", "RequestId", "HostId", "Recommend"] {
        assert!(refusal[field].as_str().is_some_and(|text| !text.is_empty()), "{field} in {refusal}");
    }
}

/// Point 12. Empty lists are lists.
#[test]
fn empty_lists_are_there() {
    let (rds, key) = start();
    let cleared = set("").sign(&key).send(rds.address()).assert_ok().json();
    assert_eq!(cleared["Items"], serde_json::json!({"EcsSecurityGroupRelation": []}));
    let elsewhere = Unsigned::new("DescribeDBInstances").param("RegionId", "cn-shenzhen").sign(&key);
    let elsewhere = elsewhere.send(rds.address()).assert_ok().json();
    assert_eq!(elsewhere["Items"], serde_json::json!({"DBInstance": []}));
    let xml = read_back().format(Some("XML")).sign(&key).send(rds.address()).assert_ok();
    assert!(xml.body.contains("<Items></Items>"), "{xml:?}");
}

/// Point 13. The action is looked up before the key; a nonce serves once, and a refused call does not use it up.
#[test]
fn a_nonce_serves_once_and_only_a_right_signature_uses_it() {
    let (rds, key) = start();
    let nobody = Key::new("nobody", "x");
    Unsigned::new("Nonsense").sign(&nobody).send(rds.address()).assert_refused(404, "InvalidAction.NotFound");
    for dialect in [Dialect::V1, Dialect::V3] {
        let call = read_back().dialect(dialect).nonce(&format!("once-{dialect:?}"));
        call.sign(&Key::new(&key.id, "wrong")).send(rds.address()).assert_refused(400, "IncompleteSignature");
        call.sign(&key).send(rds.address()).assert_ok();
        call.sign(&key).send(rds.address()).assert_refused(400, "SignatureNonceUsed");
    }
    // Another key may use the same nonce.
    let seed = "Accounts: [{AccountId: '1234567890123456', AccessKeys: [{AccessKeyId: a, AccessKeySecret: a}, \
        {AccessKeyId: b, AccessKeySecret: b}]}]";
    let rds = crate::support::frozen_with(seed);
    for id in ["a", "b"] {
        let call = Unsigned::new("DescribeRegions").at(crate::support::NOW).nonce("n");
        call.sign(&Key::new(id, id)).send(rds.address()).assert_ok();
    }
}

/// Point 14. This header turns an error into throttling for some SDKs and makes them wait.
#[test]
fn nothing_asks_to_be_retried() {
    let (rds, key) = start();
    for call in [read_back(), read_back().without("Timestamp"), set("a,b,c,d")] {
        assert_eq!(call.sign(&key).send(rds.address()).header("x-acs-retry-after"), None);
    }
}

/// Point 15. One id in body and header, in upper case, another for each call.
#[test]
fn request_ids_agree_and_differ() {
    let (rds, key) = start();
    let mut seen = std::collections::HashSet::new();
    for call in [read_back(), read_back(), read_back().without("Timestamp"), read_back().v3()] {
        let reply = call.sign(&key).send(rds.address());
        let id = reply.json()["RequestId"].as_str().unwrap().to_owned();
        assert_eq!(reply.header("x-acs-request-id"), Some(id.as_str()));
        assert_eq!(id, id.to_uppercase());
        assert_eq!(id.len(), 36);
        assert!(seen.insert(id));
        assert_eq!(reply.header("x-acs-trace-id").map(str::len), Some(32));
    }
}

/// Point 16. Connections stay open, and a body is read before it is answered.
#[test]
fn a_connection_serves_many_calls() {
    let (rds, key) = start();
    let mut connection = Connection::open(rds.address());
    for _ in 0..3 {
        for call in [set("sg-1"), read_back().form(), read_back().v3(), read_back().without("Timestamp")] {
            let reply = connection.exchange(&call.sign(&key).bytes());
            assert_eq!(reply.header("connection"), Some("keep-alive"));
            assert_eq!(reply.header("keep-alive"), Some("timeout=25"));
        }
    }
    // Head and body leave in one write: every answer is there, whole, in one read.
    for call in [read_back(), Unsigned::new("DescribeRegions")] {
        for _ in 0..20 {
            connection.send(&call.sign(&key).bytes());
            let mut buffer = vec![0; 256 * 1024];
            let count = connection.stream.read(&mut buffer).unwrap();
            let text = String::from_utf8(buffer[..count].to_vec()).unwrap();
            let (head, body) = text.split_once("\r\n\r\n").unwrap();
            let length = head.lines().find_map(|line| line.strip_prefix("content-length: ")).unwrap();
            assert_eq!(length.parse(), Ok(body.len()));
        }
    }
}

/// Point 17. V2 SDKs leave `RegionId` out, V1 SDKs always send it, Terraform sends more.
#[test]
fn region_is_not_required_and_extra_parameters_are_welcome() {
    let (rds, key) = start();
    read_back().sign(&key).send(rds.address()).assert_ok();
    let extras =
        read_back().param("RegionId", "cn-hangzhou").param("SourceIp", "10.0.0.1").param("SecureTransport", "true");
    let extras = extras.param("OwnerId", "1").param("ResourceOwnerAccount", "a@b").param("SomethingNew", "1");
    extras.sign(&key).send(rds.address()).assert_ok();
}

/// Point 18. Nothing a client is told leads it away: no https is asked for, no endpoint but the one it called.
#[test]
fn nothing_sends_clients_elsewhere() {
    let (rds, key) = start();
    for call in [read_back(), read_back().without("Timestamp"), Unsigned::new("DescribeEndpoints")] {
        let reply = call.sign(&key).send(rds.address());
        assert_eq!(reply.header("location"), None);
        assert_ne!(reply.json()["Code"], "InvalidProtocol.NeedSsl");
        assert!((200..600).contains(&reply.status) && !(300..400).contains(&reply.status), "{reply:?}");
    }
}

/// Point 19. The tag is unquoted, and counts characters where a body has more bytes than characters.
#[test]
fn etags_follow_the_services_rule() {
    use base64::Engine as _;
    use md5::{Digest, Md5};
    let seed = "Accounts: [{AccountId: '1234567890123456', AccessKeys: [{AccessKeyId: a, AccessKeySecret: a}], \
        DBInstances: [{DBInstanceId: rm-1, DBInstanceDescription: 订单订单订单订单}]}]";
    let rds = crate::support::frozen_with(seed);
    let call = Unsigned::new("DescribeDBInstances").at(crate::support::NOW).param("RegionId", "cn-hangzhou");
    let reply = call.sign(&Key::of(&rds)).send(rds.address()).assert_ok();
    let length = reply.body.chars().count();
    assert_ne!(length, reply.body.len());
    let digest = base64::engine::general_purpose::STANDARD.encode(Md5::digest(&reply.body));
    let length = length.to_string();
    let expected = format!("{}{}{}", &length[..1], digest.trim_end_matches('='), &length[length.len() - 1..]);
    assert_eq!(reply.header("etag"), Some(expected.as_str()));
}

/// The heart, end to end: replaces, keeps the order, clears, refuses without a trace.
#[test]
fn security_groups_are_set_read_replaced_cleared_and_refused() {
    let (rds, key) = start();
    for dialect in [Dialect::V1, Dialect::V3] {
        let send = |call: Unsigned| call.dialect(dialect).sign(&key).send(rds.address());
        let current = || groups(&send(read_back()).assert_ok());
        assert_eq!(groups(&send(set("sg-2,sg-1")).assert_ok()), ["sg-2", "sg-1"]);
        assert_eq!(current(), ["sg-2", "sg-1"]);
        send(set("sg-3")).assert_ok();
        assert_eq!(current(), ["sg-3"]);
        send(set("sg-1,sg-2,sg-3,sg-4")).assert_refused(400, "AssociatedEcsSecurityGroupIdQuotaExceed");
        send(set("sg-1;sg-2")).assert_refused(400, "InvalidSecurityGroupId.Malformed");
        assert_eq!(current(), ["sg-3"]);
        send(set("Empty")).assert_ok();
        assert!(current().is_empty());
        send(set("sg-1,sg-2,sg-3")).assert_ok();
        send(set("")).assert_ok();
        assert!(current().is_empty());
    }
}
