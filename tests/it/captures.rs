//! Requests that real SDKs sent, replayed byte for byte, under a clock that stands where theirs stood.

use std::fs;
use std::path::PathBuf;

use rds_mock::{MockRds, Seed, Timestamp};
use serde_json::Value;

use crate::support::{Connection, Reply, fixtures};

struct Capture {
    path: PathBuf,
    case: String,
    bytes: Vec<u8>,
    string_to_sign: String,
    timestamp: Timestamp,
    is_v3: bool,
}

fn captures() -> Vec<Capture> {
    let mut paths: Vec<_> = fs::read_dir(fixtures("captures")).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.retain(|path| path.extension().is_some_and(|extension| extension == "json"));
    paths.sort();
    let captures: Vec<_> = paths.into_iter().flat_map(read).collect();
    assert!(captures.len() >= 109, "{} captures", captures.len());
    captures
}

fn read(path: PathBuf) -> Vec<Capture> {
    use base64::Engine as _;
    let capture: Value = serde_json::from_str(&fs::read_to_string(&path).unwrap()).unwrap();
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let read = |request: &Value| {
        let mut bytes = format!("{} {} HTTP/1.1\r\n", text(&request["method"]), text(&request["target"])).into_bytes();
        for header in request["headers"].as_array().unwrap() {
            bytes.extend_from_slice(format!("{}: {}\r\n", text(&header[0]), text(&header[1])).as_bytes());
        }
        bytes.extend_from_slice(b"\r\n");
        let body = base64::engine::general_purpose::STANDARD.decode(text(&request["body_b64"])).unwrap();
        bytes.extend_from_slice(&body);
        let is_v3 = request["verify"]["sig"] == "V3";
        Capture {
            path: path.clone(),
            case: text(&capture["case"]),
            string_to_sign: text(&request["verify"]["string_to_sign"]),
            timestamp: timestamp(&String::from_utf8_lossy(&bytes)),
            bytes,
            is_v3,
        }
    };
    capture["requests"].as_array().unwrap().iter().map(read).collect()
}

/// When the SDK sent it.
fn timestamp(request: &str) -> Timestamp {
    let at = request.find("Timestamp=").map(|at| at + "Timestamp=".len());
    let at = at.or_else(|| request.find("x-acs-date: ").map(|at| at + "x-acs-date: ".len())).unwrap();
    let text = request[at..].split(['&', ' ', '\r']).next().unwrap();
    text.replace("%3A", ":").parse().unwrap()
}

fn answer(capture: &Capture, seed: Seed) -> Reply {
    let rds = MockRds::builder().seed(seed).freeze_clock(capture.timestamp).seed_ids(1).start().unwrap();
    Connection::open(rds.address()).exchange(&capture.bytes)
}

#[test]
fn each_gets_the_right_answer() {
    for capture in captures() {
        let reply = answer(&capture, Seed::default());
        let expected = match capture.case.as_str() {
            "set-one" | "set-three" | "clear-empty" => (200, ""),
            "describe-sg" | "describe-attribute" | "describe-dbinstances" => (200, ""),
            "absent-param" => (400, "MissingParameter"),
            // Its value is a list of every character that SDKs encode differently; the signature is right.
            "encoding" => (400, "InvalidSecurityGroupId.Malformed"),
            // Not emulated yet.
            "modify-security-ips" | "describe-iparray" => (404, "InvalidAction.NotFound"),
            other => panic!("a case without an expectation: {other}"),
        };
        assert_eq!((reply.status, reply.code().as_str()), expected, "{:?}: {reply:?}", capture.path);
        crate::cases::check_file(&capture.path.with_extension("answer.txt"), &crate::cases::shown(&reply));
    }
}

#[test]
fn each_is_refused_with_its_own_string_to_sign_when_the_secret_is_wrong() {
    let seed = include_str!("../../fixtures/seeds/demo.yaml").replace("testsecret", "another");
    for capture in captures() {
        if matches!(capture.case.as_str(), "modify-security-ips" | "describe-iparray") {
            continue; // Refused before the signature is looked at.
        }
        let reply = answer(&capture, Seed::parse(&seed).unwrap()).assert_refused(400, "IncompleteSignature");
        let end = format!("server string to sign is:{}", capture.string_to_sign);
        assert!(reply.message().ends_with(&end), "{:?}: {reply:?}", capture.path);
        assert!(capture.is_v3 || reply.message().matches(':').count() == 1, "python splits at the colon: {reply:?}");
    }
}
