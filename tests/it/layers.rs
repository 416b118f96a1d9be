//! The doors between the layers: the wire knows nothing of RDS, RDS knows nothing of HTTP.

use std::fs;
use std::path::Path;

/// Every source file of a folder, with its text.
fn sources(folder: &str) -> Vec<(String, String)> {
    fn collect(folder: &Path, found: &mut Vec<(String, String)>) {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                collect(&path, found);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                found.push((path.display().to_string(), fs::read_to_string(&path).unwrap()));
            }
        }
    }
    let mut found = Vec::new();
    collect(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src").join(folder), &mut found);
    assert!(!found.is_empty());
    found
}

#[track_caller]
fn assert_absent(folder: &str, words: &[&str]) {
    for (path, text) in sources(folder) {
        for word in words {
            assert!(!text.contains(word), "{path} mentions {word}");
        }
    }
}

#[test]
fn the_wire_knows_nothing_of_rds() {
    assert_absent("wire", &["crate::rds", "crate::gateway", "crate::account", "crate::server", "axum", "hyper"]);
}

#[test]
fn rds_knows_nothing_of_http() {
    assert_absent("rds", &["http::", "axum", "hyper", "crate::wire", "crate::gateway", "crate::server", "StatusCode"]);
}

#[test]
fn the_gateway_knows_no_server() {
    assert_absent("gateway", &["axum", "hyper", "tokio", "crate::server"]);
}

#[test]
fn actions_read_no_clock_and_invent_no_id() {
    assert_absent("rds", &["Timestamp::now", "SystemTime", "Instant::now", "new_v4", "RandomState"]);
    assert_absent("wire", &["Timestamp::now", "SystemTime", "Instant::now", "new_v4", "RandomState"]);
    assert_absent("gateway", &["Timestamp::now", "SystemTime", "Instant::now", "new_v4", "RandomState"]);
}

#[test]
fn every_file_opens_with_what_lives_in_it() {
    for (path, text) in sources("") {
        assert!(text.starts_with("//! "), "{path}");
    }
}
