//! A wrong signature is explained: each mistake that people make, made on purpose.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use hmac::{Hmac, KeyInit, Mac};
use rds_mock::{MockRds, RequestFilter};
use sha1::Sha1;
use sha2::Sha256;

use crate::support::signer::{encode, query};
use crate::support::{Dialect, Key, NOW, Reply, Request, Unsigned, frozen, frozen_with};

const VALUE: &str = "a b*c~d:e";

fn call() -> Unsigned {
    Unsigned::new("DescribeDBInstances").param("RegionId", "cn-hangzhou").param("SearchKey", VALUE).at(NOW)
}

fn mac<M: Mac + KeyInit>(key: &str, text: &str) -> Vec<u8> {
    <M as KeyInit>::new_from_slice(key.as_bytes()).unwrap().chain_update(text).finalize().into_bytes().to_vec()
}

fn sha1(key: &str, text: &str) -> String {
    BASE64.encode(mac::<Hmac<Sha1>>(key, text))
}

/// Sends a V1 call with the signature that `sign` makes of its parameters, which come without one and unsorted.
#[track_caller]
fn v1(sign: impl Fn(&[(String, String)]) -> String) -> Reply {
    let rds = frozen();
    let mut params = call().set("Signature", "").v1_params(&Key::of(&rds));
    params.retain(|(name, _)| name != "Signature");
    params.push(("Signature".to_owned(), sign(&params)));
    let request = Request {
        method: "GET".to_owned(),
        path: "/".to_owned(),
        query: query(&params).into_bytes(),
        headers: vec![],
        body: vec![],
    };
    let reply = request.send(rds.address());
    if reply.status != 200 {
        let journal = rds.control().requests(None, &RequestFilter::default()).unwrap();
        // The header is cut where clients would refuse it.
        let whole = journal.requests[0].diagnosis.as_deref().unwrap_or_default();
        assert!(whole.starts_with(reply.header("x-mock-diagnosis").unwrap_or_default()), "{whole}");
    }
    reply
}

fn sorted(params: &[(String, String)]) -> Vec<(String, String)> {
    let mut params = params.to_vec();
    params.sort();
    params
}

fn join(params: &[(String, String)], encode: impl Fn(&str) -> String) -> String {
    let pairs: Vec<_> = params.iter().map(|(name, value)| format!("{}={}", encode(name), encode(value))).collect();
    pairs.join("&")
}

#[track_caller]
fn explained(reply: &Reply, expected: &str) {
    assert_eq!(reply.code(), "IncompleteSignature", "{reply:?}");
    let diagnosis = reply.header("x-mock-diagnosis").unwrap_or_else(|| panic!("no diagnosis in {reply:?}"));
    assert!(diagnosis.contains(expected), "{expected:?} is not in {diagnosis:?}");
    assert!(!diagnosis.contains("testsecret") && !reply.body.contains("testsecret"), "{reply:?}");
}

#[test]
fn a_right_signature_needs_no_explanation() {
    let reply = v1(|params| sha1("testsecret&", &format!("GET&%2F&{}", encode(&query(&sorted(params))))));
    assert_eq!((reply.status, reply.header("x-mock-diagnosis")), (200, None), "{reply:?}");
}

#[test]
fn mistakes_with_the_secret_are_explained() {
    let with = |secret: &str| v1(|params| sha1(secret, &format!("GET&%2F&{}", encode(&query(&sorted(params))))));
    explained(&with("testsecret"), "the secret lacks the & behind it");
    explained(&with("testsecret\n&"), "the secret has a line break behind it");
    explained(&with("testsecret &"), "the secret has a space behind it");
    explained(&with(" testsecret&"), "the secret has a space before it");
    explained(&with("something else&"), "none of the usual mistakes");
    let v3 = |secret: &str| {
        let rds = frozen();
        call().dialect(Dialect::V3).sign(&Key::new("testid", secret)).send(rds.address())
    };
    explained(&v3("testsecret&"), "the secret has & behind it");
    explained(&v3("testsecret\n"), "the secret has a line break behind it");
    explained(&v3("something else"), "none of the usual mistakes");
}

#[test]
fn the_secret_of_another_key_of_the_account_is_recognised_and_not_of_another_account() {
    let seed = "Accounts: [{AccountId: '1111111111111111', AccessKeys: [{AccessKeyId: a, AccessKeySecret: sa}, \
        {AccessKeyId: b, AccessKeySecret: sb}]}, {AccountId: '2222222222222222', AccessKeys: [{AccessKeyId: c, AccessKeySecret: sc}]}]";
    let rds = frozen_with(seed);
    for dialect in [Dialect::V1, Dialect::V3] {
        let with = |secret: &str| call().dialect(dialect).sign(&Key::new("a", secret)).send(rds.address());
        explained(&with("sb"), "the secret is that of the access key b");
        explained(&with("sc"), "none of the usual mistakes");
    }
}

#[test]
fn mistakes_with_the_encoding_are_explained() {
    let with = |encoding: fn(&str) -> String| {
        v1(|params| sha1("testsecret&", &format!("GET&%2F&{}", encode(&join(&sorted(params), encoding)))))
    };
    explained(&with(|text| encode(text).replace("%20", "+")), "a space is encoded as +");
    explained(&with(|text| encode(text).replace("%2A", "*")), "* is left as it is");
    explained(&with(|text| encode(text).replace('~', "%7E")), "~ is encoded as %7E");
    explained(&with(|text| encode(&encode(text))), "encoded twice");
    explained(&with(str::to_owned), "names and values are not encoded");
    let once = v1(|params| sha1("testsecret&", &format!("GET&%2F&{}", query(&sorted(params)))));
    explained(&once, "not encoded once more");
    let slash = v1(|params| sha1("testsecret&", &format!("GET&/&{}", encode(&query(&sorted(params))))));
    explained(&slash, "the slash is not encoded");
}

#[test]
fn mistakes_with_the_parameters_and_the_method_are_explained() {
    let unsorted = v1(|params| sha1("testsecret&", &format!("GET&%2F&{}", encode(&query(params)))));
    explained(&unsorted, "the parameters are not sorted");
    let method = v1(|params| sha1("testsecret&", &format!("POST&%2F&{}", encode(&query(&sorted(params))))));
    explained(&method, "it was signed as a POST");
    let left_in = v1(|params| {
        let with: Vec<_> = params.iter().cloned().chain([("Signature".to_owned(), String::new())]).collect();
        sha1("testsecret&", &format!("GET&%2F&{}", encode(&query(&sorted(&with)))))
    });
    explained(&left_in, "Signature is among the parameters");
    // Two at once.
    let both = v1(|params| sha1("testsecret", &format!("POST&%2F&{}", encode(&query(&sorted(params))))));
    explained(&both, "it was signed as a POST; the secret lacks the & behind it");

    // The form body left out.
    let rds = frozen();
    let params = call().method("POST").v1_params(&Key::of(&rds));
    let (form, url): (Vec<_>, Vec<_>) =
        params.into_iter().filter(|(name, _)| name != "Signature").partition(|(name, _)| name == "SearchKey");
    let signature = sha1("testsecret&", &format!("POST&%2F&{}", encode(&query(&sorted(&url)))));
    let url: Vec<_> = url.into_iter().chain([("Signature".to_owned(), signature)]).collect();
    let request = Request {
        method: "POST".to_owned(),
        path: "/".to_owned(),
        query: query(&url).into_bytes(),
        headers: vec![],
        body: query(&form).into_bytes(),
    };
    explained(&request.send(rds.address()), "the parameters in the form body are left out");
}

#[test]
fn mistakes_with_the_signature_itself_are_explained() {
    let text = |params: &[(String, String)]| format!("GET&%2F&{}", encode(&query(&sorted(params))));
    let hex = v1(|params| hex::encode(mac::<Hmac<Sha1>>("testsecret&", &text(params))));
    explained(&hex, "in hex instead of base64");
    let hash = v1(|params| BASE64.encode(mac::<Hmac<Sha256>>("testsecret&", &text(params))));
    explained(&hash, "the hash is not the one that SignatureMethod names");
}

/// A V3 call in which one thing is replaced after signing, or before.
#[track_caller]
fn v3(change: impl Fn(&mut Request)) -> Reply {
    let rds: MockRds = frozen();
    let mut call = call().v3();
    call.host = "127.0.0.1:20140".to_owned();
    let mut request = call.sign(&Key::of(&rds));
    change(&mut request);
    request.send(rds.address())
}

fn replace(request: &mut Request, name: &str, value: &str) {
    request.headers.iter_mut().find(|(known, _)| known == name).unwrap().1 = value.as_bytes().to_vec();
}

#[test]
fn mistakes_of_v3_are_explained() {
    // Signed for one host and sent to another.
    let signed_for = |host: &str, sent: &str| {
        let rds = frozen();
        let mut call = call().v3();
        call.host = host.to_owned();
        let mut request = call.sign(&Key::of(&rds));
        replace(&mut request, "host", sent);
        request.send(rds.address())
    };
    explained(&signed_for("rds.aliyuncs.com", "127.0.0.1:20140"), "the host signed is rds.aliyuncs.com");
    explained(&signed_for("127.0.0.1", "127.0.0.1:20140"), "the host is signed without its port");
    explained(&v3(|request| request.method = "POST".to_owned()), "it was signed as a GET");

    // Signed with what the query looks like on the wire.
    let plus = |request: &mut Request| {
        let text = String::from_utf8(request.query.clone()).unwrap();
        request.query = text.replace("%20", "+").into_bytes();
    };
    assert_eq!(v3(plus).status, 200, "how it is sent does not matter");

    // A body that is not the one that was hashed.
    let rds = frozen();
    let mut request = call().v3().form().sign(&Key::of(&rds));
    request.body.extend_from_slice(b"&X=1");
    explained(&request.send(rds.address()), "x-acs-content-sha256, which is not that of the body received");

    // Upper-case hex.
    let shout = |request: &mut Request| {
        let (_, value) = request.headers.iter_mut().find(|(name, _)| name == "Authorization").unwrap();
        let text = String::from_utf8(value.clone()).unwrap();
        let (head, signature) = text.split_once("Signature=").unwrap();
        *value = format!("{head}Signature={}", signature.to_uppercase()).into_bytes();
    };
    explained(&v3(shout), "the signature is not in lower-case hex");
}

#[test]
fn mistakes_in_the_canonical_request_are_explained() {
    // Takes the server's own canonical request, spoils it, signs that.
    let spoiled = |spoil: fn(&str) -> String| {
        let rds = frozen();
        let request = call().v3().sign(&Key::of(&rds));
        let refused = call().v3().nonce("n").sign(&Key::new("testid", "wrong")).send(rds.address()).message();
        let canonical =
            refused.split_once("server CanonicalRequest is [").unwrap().1.split_once("] server string").unwrap().0;
        let string_to_sign =
            format!("ACS3-HMAC-SHA256\n{}", hex::encode(<Sha256 as sha2::Digest>::digest(spoil(canonical))));
        let signature = hex::encode(mac::<Hmac<Sha256>>("testsecret", &string_to_sign));
        let mut request = Request { headers: call().v3().nonce("n").sign(&Key::of(&rds)).headers, ..request };
        let (_, value) = request.headers.iter_mut().find(|(name, _)| name == "Authorization").unwrap();
        let text = String::from_utf8(value.clone()).unwrap();
        *value = format!("{}Signature={signature}", text.split_once("Signature=").unwrap().0).into_bytes();
        request.send(rds.address())
    };
    assert_eq!(spoiled(str::to_owned).status, 200);
    explained(&spoiled(|text| text.replace("%20", "+")), "a space is encoded as +");
    explained(
        &spoiled(|text| {
            text.replace("x-acs-date:", "X-Acs-Date:")
                .replace("x-acs-action:", "X-Acs-Action:")
                .replace("x-acs-version:", "X-Acs-Version:")
                .replace("x-acs-content-sha256:", "X-Acs-Content-Sha256:")
                .replace("x-acs-signature-nonce:", "X-Acs-Signature-Nonce:")
                .replace("host:", "Host:")
                .replace("accept:", "Accept:")
        }),
        "header names are not in lower case",
    );
    explained(&spoiled(|text| text.replace("\n\n", "\n")), "the empty line behind the headers is missing");
}

#[test]
fn local_time_for_utc_is_recognised() {
    let rds = frozen();
    let at = |time: &str| call().at(time).sign(&Key::of(&rds)).send(rds.address());
    let china = at("2026-01-02T11:04:35Z").assert_refused(400, "IllegalTimestamp");
    assert!(china.header("x-mock-diagnosis").unwrap().contains("+08:00"), "{china:?}");
    let india = at("2026-01-02T08:34:05Z").assert_refused(400, "IllegalTimestamp");
    assert!(india.header("x-mock-diagnosis").unwrap().contains("+05:30"), "{india:?}");
    assert_eq!(at("2026-01-02T04:12:05Z").header("x-mock-diagnosis"), None);
    assert_eq!(at("2020-01-02T03:04:05Z").header("x-mock-diagnosis"), None);
}

#[test]
fn a_long_call_is_refused_without_trying_everything() {
    let rds = frozen();
    let long = "x".repeat(500_000);
    for dialect in [Dialect::V1, Dialect::V3] {
        let call = call().param("Long", &long).form().dialect(dialect);
        let reply = call.sign(&Key::new("testid", "wrong")).send(rds.address());
        explained(&reply, if dialect == Dialect::V1 { "too long" } else { "none of the usual mistakes" });
    }
    let call = call().param("Long", &long[..50_000]).v3();
    explained(&call.sign(&Key::new("testid", "wrong")).send(rds.address()), "too long");
}

#[test]
fn a_right_signature_of_a_call_that_is_refused_otherwise_is_not_blamed() {
    let reply = v3(|request| *request = request.clone().header("x-acs-foo", "1"));
    explained(&reply, "the signature itself is right");
    assert!(reply.header("x-mock-hint").unwrap().contains("x-acs-foo"), "{reply:?}");
}

#[test]
fn other_names_of_this_machine_are_recognised() {
    let rds = frozen();
    let mut call = call().v3();
    call.host = "localhost:20140".to_owned();
    let mut request = call.sign(&Key::of(&rds));
    replace(&mut request, "host", "127.0.0.1:20140");
    explained(&request.send(rds.address()), "the host signed is localhost:20140");
}

#[test]
fn what_is_no_header_name_is_no_trouble() {
    let reply = v3(|request| {
        let (_, value) = request.headers.iter_mut().find(|(name, _)| name == "Authorization").unwrap();
        *value = String::from_utf8(value.clone()).unwrap().replace("SignedHeaders=", "SignedHeaders=é;").into_bytes();
    });
    explained(&reply, "none of the usual mistakes");
}

#[test]
fn what_is_known_of_both_sides_stands_in_the_journal_when_nothing_fits() {
    let rds = frozen();
    call().sign(&Key::new("testid", "another")).send(rds.address());
    let journal = rds.control().requests(None, &RequestFilter::default()).unwrap();
    let diagnosis = journal.requests[0].diagnosis.as_deref().unwrap();
    assert!(
        diagnosis.contains("The signature received is ") && diagnosis.contains("GET&%2F&AccessKeyId%3Dtestid"),
        "{diagnosis}"
    );
}
