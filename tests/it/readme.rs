//! The documents are true: tables come from the code, links lead somewhere, commands are the program's own.

use std::fs;
use std::path::{Path, PathBuf};

fn document(name: &str) -> (PathBuf, String) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(name);
    let text = fs::read_to_string(&path).unwrap();
    (path, text)
}

/// Compares the part between two marks with what it should be, or writes it when asked to.
#[track_caller]
pub(crate) fn check_section(document_name: &str, section: &str, expected: &str) {
    let (path, text) = document(document_name);
    let (begin, end) = (format!("<!-- {section} -->\n"), format!("<!-- /{section} -->"));
    let from = text.find(&begin).unwrap_or_else(|| panic!("no {begin}")) + begin.len();
    let to = text.find(&end).unwrap_or_else(|| panic!("no {end}"));
    if std::env::var_os("UPDATE_FIXTURES").is_some() {
        fs::write(path, format!("{}{expected}{}", &text[..from], &text[to..])).unwrap();
        return;
    }
    assert_eq!(&text[from..to], expected, "{document_name} is stale; UPDATE_FIXTURES=1 cargo test writes it");
}

#[test]
fn the_table_of_actions_is_made_from_the_index() {
    let rows: String =
        rds_mock::emulated_actions().map(|(name, summary)| format!("| `{name}` | {summary} |\n")).collect();
    check_section("README.md", "actions", &format!("| action | what it does |\n| --- | --- |\n{rows}"));
}

#[test]
fn the_table_of_routes_is_the_servers_own() {
    let rds = rds_mock::MockRds::start();
    let request = b"GET /_mock/ HTTP/1.1\r\nHost: localhost\r\n\r\n";
    let routes = crate::support::Connection::open(rds.address()).exchange(request).json();
    let row = |route: &serde_json::Value| {
        let text = |name: &str| route[name].as_str().unwrap_or_default().replace('|', "\\|");
        format!("| `{} {}` | {} | {} |\n", text("method"), text("path"), text("query"), text("does"))
    };
    let rows: String = routes.as_array().unwrap().iter().map(row).collect();
    check_section("README.md", "routes", &format!("| route | query | |\n| --- | --- | --- |\n{rows}"));
}

#[test]
fn the_examples_shown_are_the_ones_that_are_run() {
    for (section, language, path) in [
        ("pytest-fixture", "python", "examples/pytest/conftest.py"),
        ("pytest", "python", "examples/pytest/test_groups.py"),
        ("node", "js", "examples/node/groups.test.js"),
        ("junit-extension", "java", "examples/junit/src/test/java/RdsMock.java"),
        ("junit", "java", "examples/junit/src/test/java/GroupsTest.java"),
        ("rust", "rust", "tests/it/example.rs"),
    ] {
        let (_, text) = document(path);
        check_section("README.md", &format!("example {section}"), &format!("```{language}\n{text}```\n"));
    }
}

#[test]
fn the_seed_shown_is_the_one_that_is_shipped() {
    let (_, seed) = document("fixtures/seeds/demo.yaml");
    check_section("README.md", "seed", &format!("```yaml\n{seed}```\n"));
}

#[test]
fn every_setting_is_in_the_readme() {
    let (_, readme) = document("README.md");
    let help = std::process::Command::new(env!("CARGO_BIN_EXE_rds-mock")).arg("--help").output().unwrap().stdout;
    let help = String::from_utf8(help).unwrap();
    let flags: Vec<_> = help.split_whitespace().filter(|word| word.starts_with("--")).collect();
    assert!(flags.len() >= 8, "{flags:?}");
    for flag in flags.iter().filter(|flag| !["--help", "--version"].contains(flag)) {
        assert!(readme.contains(&format!("`{flag}")), "{flag} is not in the README");
    }
}

#[test]
fn links_within_the_repository_lead_somewhere() {
    for name in ["README.md", "CHANGELOG.md", "docs/errors.md", "load/README.md"] {
        let (path, text) = document(name);
        for link in text.split("](").skip(1).map(|rest| rest.split(')').next().unwrap()) {
            let target = link.split('#').next().unwrap();
            if target.is_empty() || target.contains("://") {
                continue;
            }
            assert!(path.parent().unwrap().join(target).exists(), "{name} links to {target}");
        }
    }
}
