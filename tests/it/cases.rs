//! A folder a case: `fixtures/actions/<action>/<case>` and `fixtures/refusals/<case>`.
//!
//! `case.yaml` says what is sent and, in a word, what comes back; `answer.xml.txt` and `answer.json.txt` hold the answer
//! to the byte, all but `Date`. `UPDATE_FIXTURES=1 cargo test` writes the answers anew; the difference is for review.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use rds_mock::{MockRds, Seed};
use serde::Deserialize;
use serde_json::Value;

use crate::support::tree::Tree;
use crate::support::{Dialect, Key, NOW, Reply, Unsigned, fixtures, now};

/// One case.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Case {
    /// `success`, or the code of the refusal.
    expect: String,
    /// Calls that come first and must succeed.
    #[serde(default)]
    before: Vec<BTreeMap<String, String>>,
    /// `Action` and its parameters.
    call: BTreeMap<String, String>,
    #[serde(default)]
    v3: bool,
    #[serde(default)]
    form: bool,
    method: Option<String>,
    path: Option<String>,
    at: Option<String>,
    key: Option<CaseKey>,
    /// Common parameters (V1) or headers (V3) that are other than usual, or left out.
    #[serde(default)]
    set: BTreeMap<String, Option<String>>,
    /// What is replaced in the bytes after signing.
    #[serde(default)]
    tamper: BTreeMap<String, String>,
    /// Sends the same bytes once before, which must succeed.
    #[serde(default)]
    twice: bool,
    /// The answer is the same whatever format is asked for.
    #[serde(default)]
    one_format: bool,
    max_security_groups: Option<usize>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct CaseKey {
    id: String,
    secret: String,
    token: Option<String>,
}

#[test]
fn every_action_case_answers_to_the_byte() {
    let folders: Vec<_> = folders(&fixtures("actions")).iter().flat_map(|action| folders(action)).collect();
    assert!(folders.len() > 40, "{} cases", folders.len());
    folders.iter().for_each(|folder| run(folder));
}

#[test]
fn every_refusal_case_answers_to_the_byte() {
    let folders = folders(&fixtures("refusals"));
    assert!(folders.len() > 20, "{} cases", folders.len());
    folders.iter().for_each(|folder| run(folder));
}

#[test]
fn every_emulated_action_has_cases() {
    for (action, _) in rds_mock::emulated_actions() {
        assert!(folders(&fixtures("actions").join(action)).len() >= 2, "{action}");
    }
}

fn folders(parent: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(parent).unwrap_or_else(|error| panic!("{}: {error}", parent.display()));
    let mut folders: Vec<_> = entries.map(|entry| entry.unwrap().path()).filter(|path| path.is_dir()).collect();
    folders.sort();
    folders
}

fn run(folder: &Path) {
    let text = fs::read_to_string(folder.join("case.yaml")).unwrap();
    let case: Case = serde_saphyr::from_str(&text).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    let xml = case.answer(folder, "XML");
    let json = case.answer(folder, "JSON");
    check_file(&folder.join("answer.xml.txt"), &shown(&xml));
    check_file(&folder.join("answer.json.txt"), &shown(&json));
    let name = folder.display();
    assert_eq!(xml.status, json.status, "{name}");
    for reply in [&xml, &json] {
        check_form(&name.to_string(), reply, &case.expect);
    }
    if !case.one_format {
        assert!(json.body.starts_with('{'), "{name}");
        let (mut xml_tree, mut json_tree) = (Tree::of_xml(&xml.body).1, Tree::of_json(&json.json()));
        if case.expect == "IncompleteSignature" {
            // Its message quotes the call, which named the format.
            xml_tree.remove("Message");
            json_tree.remove("Message");
        }
        assert_eq!(xml_tree, json_tree, "{name}: XML and JSON differ");
    }
}

impl Case {
    /// Starts a server, makes the calls, and returns the last answer.
    fn answer(&self, folder: &Path, format: &str) -> Reply {
        let seed = folder.join("seed.yaml");
        let seed = if seed.exists() { Seed::read(seed).unwrap() } else { Seed::default() };
        let mut builder = MockRds::builder().seed(seed).freeze_clock(now()).seed_ids(1);
        if let Some(limit) = self.max_security_groups {
            builder = builder.max_security_groups(limit);
        }
        let rds = builder.start().unwrap();
        for (number, call) in self.before.iter().enumerate() {
            let call = unsigned(call).nonce(&format!("before-{number}"));
            call.sign(&Key::of(&rds)).send(rds.address()).assert_ok();
        }
        let bytes = self.bytes(&rds, format);
        let send = || crate::support::Connection::open(rds.address()).exchange(&bytes);
        if self.twice {
            send().assert_ok_in_any_format();
        }
        send()
    }

    fn bytes(&self, rds: &MockRds, format: &str) -> Vec<u8> {
        let mut call = unsigned(&self.call).nonce("the-call").format(Some(format));
        if self.v3 {
            call = call.dialect(Dialect::V3);
        }
        if self.form {
            call = call.form();
        }
        if let Some(method) = &self.method {
            call = call.method(method);
        }
        if let Some(at) = &self.at {
            call = call.at(at);
        }
        call.path = self.path.clone().unwrap_or(call.path);
        for (name, value) in &self.set {
            call.overrides.insert(name.clone(), value.clone());
        }
        let key = match &self.key {
            Some(CaseKey { id, secret, token }) => Key { id: id.clone(), secret: secret.clone(), token: token.clone() },
            None => Key::of(rds),
        };
        let mut bytes = call.sign(&key).bytes();
        for (from, to) in &self.tamper {
            let text = String::from_utf8(bytes).unwrap();
            assert!(text.contains(from.as_str()), "nothing to tamper with: {from} in {text}");
            bytes = text.replace(from.as_str(), to).into_bytes();
        }
        bytes
    }
}

impl Reply {
    #[track_caller]
    fn assert_ok_in_any_format(&self) {
        assert_eq!(self.status, 200, "{self:?}");
    }
}

fn unsigned(call: &BTreeMap<String, String>) -> Unsigned {
    let mut unsigned = Unsigned::new(call.get("Action").map_or("", String::as_str)).at(NOW);
    if !call.contains_key("Action") {
        unsigned = unsigned.without("Action");
    }
    for (name, value) in call.iter().filter(|(name, _)| *name != "Action") {
        unsigned = unsigned.param(name, value);
    }
    unsigned
}

/// What every answer of the service has, whatever it says.
#[track_caller]
fn check_form(name: &str, reply: &Reply, expect: &str) {
    let is_json = reply.body.starts_with('{');
    let (root, tree) = if is_json { (String::new(), Tree::of_json(&reply.json())) } else { Tree::of_xml(&reply.body) };
    let Tree::Children(children) = tree else { panic!("{name}: {reply:?}") };
    let get = |wanted: &str| {
        children.iter().find(|(name, _)| name == wanted).map(|(_, tree)| match tree {
            Tree::Text(text) => text.clone(),
            Tree::Children(_) => String::new(),
        })
    };
    let content_type = if is_json { "application/json;charset=utf-8" } else { "text/xml;charset=utf-8" };
    assert_eq!(reply.header("content-type"), Some(content_type), "{name}");
    assert!(is_json || reply.body.starts_with("<?xml version='1.0' encoding='UTF-8'?><"), "{name}");
    let request_id = get("RequestId").unwrap();
    assert_eq!(reply.header("x-acs-request-id"), Some(request_id.as_str()), "{name}");
    assert_eq!(request_id, request_id.to_uppercase(), "{name}");
    let code = get("Code");
    if expect == "success" {
        assert_eq!((reply.status, code), (200, None), "{name}: {reply:?}");
        assert!(is_json || root.ends_with("Response"), "{name}");
        return;
    }
    assert_eq!(code.as_deref(), Some(expect), "{name}: {reply:?}");
    assert!(reply.status >= 400, "{name}");
    assert!(is_json || root == "Error", "{name}");
    for field in ["Message", "Recommend", "HostId"] {
        assert!(get(field).is_some_and(|text| !text.is_empty()), "{name}: {field}");
    }
}

/// An answer as a fixture holds it: everything but the date, one header a line, the body as it is.
pub(crate) fn shown(reply: &Reply) -> String {
    let headers = reply.headers.iter().filter(|(name, _)| !name.eq_ignore_ascii_case("date"));
    let headers: String = headers.map(|(name, value)| format!("{name}: {value}\n")).collect();
    format!("{} {}\n{headers}\n{}", reply.version, reply.status, reply.body)
}

/// Compares with the fixture, or writes it when asked to.
#[track_caller]
pub(crate) fn check_file(path: &Path, actual: &str) {
    if std::env::var_os("UPDATE_FIXTURES").is_some() {
        fs::write(path, actual).unwrap();
        return;
    }
    let expected = fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    assert_eq!(actual, expected, "{}", path.display());
}

/// SDKs rely on it: one in Go panics at anything else.
#[test]
fn refusals_hold_strings_only() {
    for folder in folders(&fixtures("refusals")) {
        let answer = fs::read_to_string(folder.join("answer.json.txt")).unwrap();
        let (_, body) = answer.split_once("\n\n").unwrap();
        let Ok(Value::Object(fields)) = serde_json::from_str(body) else { continue };
        assert_eq!(fields.len(), 5, "{}", folder.display());
        assert!(fields.values().all(Value::is_string), "{}", folder.display());
    }
}
