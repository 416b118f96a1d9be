//! The signatures against published examples and against requests that real SDKs sent: every stage by itself.

use std::fs;
use std::path::{Path, PathBuf};

use base64::Engine as _;
use http::{HeaderMap, HeaderName, HeaderValue, header};
use serde_json::Value;

use super::v1::{self, EmptyValues, SignatureMethod};
use super::v3::{self, Authorization};
use super::{Call, Params};

fn fixtures(folder: &str) -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures").join(folder);
    let mut paths: Vec<_> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    assert!(!paths.is_empty());
    paths
}

fn call(method: &str, target: &str, headers: impl Iterator<Item = (String, String)>, body: Vec<u8>) -> Call {
    let headers: HeaderMap = headers
        .map(|(name, value)| {
            (HeaderName::from_bytes(name.as_bytes()).unwrap(), HeaderValue::from_bytes(value.as_bytes()).unwrap())
        })
        .collect();
    Call { method: method.parse().unwrap(), uri: target.parse().unwrap(), headers, body: Ok(body) }
}

/// What must come out of a call's stages.
struct Expected {
    secret: String,
    /// V3 only.
    canonical_request: Option<String>,
    string_to_sign: String,
    signature: String,
}

#[track_caller]
fn check(name: &str, call: &Call, expected: &Expected) {
    let params = Params::read(call.query(), call.form());
    assert!(!params.is_malformed(), "{name}");
    let wrong_secret = format!("{}x", expected.secret);
    let authorization = call.header(header::AUTHORIZATION.as_str()).as_deref().and_then(Authorization::parse);
    let Some(authorization) = authorization else {
        assert!(expected.canonical_request.is_none(), "{name} is not V1");
        let method = SignatureMethod::parse(params.get("SignatureMethod").unwrap()).unwrap();
        let string_to_sign = v1::string_to_sign(&call.method, &params, EmptyValues::Signed);
        assert_eq!(string_to_sign, expected.string_to_sign, "{name}");
        assert!(v1::verify(method, &expected.secret, &string_to_sign, &expected.signature), "{name}");
        assert!(!v1::verify(method, &wrong_secret, &string_to_sign, &expected.signature), "{name}");
        return;
    };
    let body_hash = v3::hash(call.body.as_deref().unwrap());
    let signed_headers = authorization.signed_headers.unwrap();
    let canonical_request = v3::canonical_request(call, &params, &signed_headers, &body_hash);
    assert_eq!(Some(&canonical_request), expected.canonical_request.as_ref(), "{name}");
    let string_to_sign = v3::string_to_sign(&canonical_request);
    assert_eq!(string_to_sign, expected.string_to_sign, "{name}");
    assert_eq!(authorization.signature.as_ref(), Some(&expected.signature), "{name}");
    assert!(v3::verify(&expected.secret, &string_to_sign, &expected.signature), "{name}");
    assert!(!v3::verify(&wrong_secret, &string_to_sign, &expected.signature), "{name}");
    assert!(!v3::verify(&expected.secret, &string_to_sign, &expected.signature.to_uppercase()), "{name}");
}

#[test]
fn published_examples_come_out_stage_by_stage() {
    for folder in fixtures("signing") {
        let read = |stage: &str| fs::read_to_string(folder.join(stage)).ok();
        let request = read("request.txt").unwrap();
        let (head, body) = request.split_once("\r\n\r\n").unwrap();
        let mut lines = head.lines();
        let mut first = lines.next().unwrap().split(' ');
        let headers = lines.map(|line| {
            let (name, value) = line.split_once(": ").unwrap();
            (name.to_owned(), value.to_owned())
        });
        let call = call(first.next().unwrap(), first.next().unwrap(), headers, body.as_bytes().to_vec());
        let expected = Expected {
            secret: read("secret.txt").unwrap(),
            canonical_request: read("canonical-request.txt"),
            string_to_sign: read("string-to-sign.txt").unwrap(),
            signature: read("signature.txt").unwrap(),
        };
        check(&folder.display().to_string(), &call, &expected);
    }
}

#[test]
fn captured_requests_of_real_sdks_come_out_stage_by_stage() {
    for path in fixtures("captures") {
        if path.extension().is_none_or(|extension| extension != "json") {
            continue;
        }
        let capture: Value = serde_json::from_str(&fs::read_to_string(&path).unwrap()).unwrap();
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        for request in capture["requests"].as_array().unwrap() {
            let headers = request["headers"].as_array().unwrap().iter().map(|pair| (text(&pair[0]), text(&pair[1])));
            let body = base64::engine::general_purpose::STANDARD.decode(text(&request["body_b64"])).unwrap();
            let call = call(&text(&request["method"]), &text(&request["target"]), headers, body);
            let verify = &request["verify"];
            let expected = Expected {
                secret: text(&capture["access_key_secret"]),
                canonical_request: verify["canonical_request"].as_str().map(str::to_owned),
                string_to_sign: text(&verify["string_to_sign"]),
                signature: text(&verify["expected"]),
            };
            check(&path.display().to_string(), &call, &expected);
        }
    }
}
