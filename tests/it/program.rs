//! The program: flags and variables, the URL, the port file, health, signals.

use std::io::{BufRead, BufReader, Read};
use std::net::{SocketAddr, TcpStream};
use std::path::PathBuf;
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

use crate::support::{Connection, INSTANCE, Key, Unsigned, fixtures, groups, read_back, set};

/// The program, without what this process's environment would tell it.
fn program() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_rds-mock"));
    for (name, _) in std::env::vars_os() {
        if name.to_string_lossy().starts_with("RDS_MOCK_") {
            command.env_remove(name);
        }
    }
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

/// A running program with a port file; killed when dropped.
struct Running {
    child: Child,
    stdout: BufReader<std::process::ChildStdout>,
    address: SocketAddr,
    folder: tempfile::TempDir,
}

/// How a program ended.
struct Ended {
    code: Option<i32>,
    /// What came after the URL.
    rest: String,
    log: String,
}

impl Running {
    /// Starts on a free port and waits for the URL.
    fn start(arguments: &[&str]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let mut command = program();
        command.args(["--listen", "127.0.0.1:0", "--port-file"]).arg(folder.path().join("port")).args(arguments);
        let mut child = command.spawn().unwrap();
        let mut stdout = BufReader::new(child.stdout.take().unwrap());
        let mut line = String::new();
        stdout.read_line(&mut line).unwrap();
        let address = line.strip_prefix("http://").expect(&line).trim_end().parse().unwrap();
        Self { child, stdout, address, folder }
    }

    fn port_file(&self) -> PathBuf {
        self.folder.path().join("port")
    }

    fn signal(&self, name: &str) {
        assert!(
            Command::new("sh").arg("-c").arg(format!("kill -s {name} {}", self.child.id())).status().unwrap().success()
        );
    }

    fn wait(&mut self) -> Ended {
        let (mut rest, mut log) = (String::new(), String::new());
        self.stdout.read_to_string(&mut rest).unwrap();
        self.child.stderr.take().unwrap().read_to_string(&mut log).unwrap();
        Ended { code: self.child.wait().unwrap().code(), rest, log }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn key() -> Key {
    Key::new("testid", "testsecret")
}

#[track_caller]
fn assert_fails(output: &Output, code: i32, parts: &[&str]) {
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(code), "{stderr}");
    assert!(output.stdout.is_empty(), "{}", String::from_utf8_lossy(&output.stdout));
    for part in parts {
        assert!(stderr.contains(part), "{part:?} is not in {stderr}");
    }
}

#[test]
fn prints_its_url_and_nothing_else_and_logs_a_line_a_call() {
    let mut running = Running::start(&[]);
    read_back().sign(&key()).send(running.address).assert_ok();
    set("a,b,c,d").sign(&key()).send(running.address).assert_refused(400, "AssociatedEcsSecurityGroupIdQuotaExceed");
    running.signal("TERM");
    let Ended { code, rest, log } = running.wait();
    assert_eq!((code, rest.as_str()), (Some(0), ""), "{log}");
    let calls: Vec<_> = log.lines().filter(|line| line.contains(" call ")).collect();
    assert_eq!(calls.len(), 2, "{log}");
    for part in [
        "action=\"ModifySecurityGroupConfiguration\"",
        "access_key_id=\"testid\"",
        "status=400",
        "code=\"AssociatedEcsSecurityGroupIdQuotaExceed\"",
        "request_id=",
        "duration_ms=",
    ] {
        assert!(calls[1].contains(part), "{part} in {}", calls[1]);
    }
    assert!(!log.contains("testsecret") && !log.contains("Signature="), "{log}");
}

#[test]
fn logs_as_json_when_told_to_and_not_at_all_when_off() {
    let mut running = Running::start(&["--log-format", "json"]);
    set("a,b,c,d").sign(&key()).send(running.address);
    running.signal("TERM");
    let log = running.wait().log;
    let lines: Vec<serde_json::Value> = log.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let call = lines.iter().find(|line| line["message"] == "call").unwrap();
    assert_eq!(call["action"], "ModifySecurityGroupConfiguration");
    assert_eq!((&call["status"], &call["access_key_id"]), (&400.into(), &"testid".into()));
    assert!(call["duration_ms"].is_f64() && call["request_id"].is_string(), "{call}");

    let mut quiet = Running::start(&["--log-level", "off"]);
    read_back().sign(&key()).send(quiet.address).assert_ok();
    quiet.signal("INT");
    assert_eq!(quiet.wait().log, "");
}

#[test]
fn the_port_file_is_whole_and_leads_the_health_check() {
    let mut running = Running::start(&[]);
    let health = |file: PathBuf| program().arg("healthcheck").arg("--port-file").arg(file).output().unwrap();
    assert_eq!(std::fs::read_to_string(running.port_file()).unwrap(), format!("{}\n", running.address.port()));
    assert_eq!(std::fs::read_dir(running.folder.path()).unwrap().count(), 1, "the draft of the port file is gone");
    let healthy = health(running.port_file());
    assert_eq!((healthy.status.code(), healthy.stdout.len(), healthy.stderr.len()), (Some(0), 0, 0));
    // Without a port file, by the address, also one that stands for all.
    let port = running.address.port();
    for address in [format!("127.0.0.1:{port}"), format!("0.0.0.0:{port}")] {
        let by_variable = program().arg("healthcheck").env("RDS_MOCK_LISTEN", &address).output().unwrap();
        assert!(by_variable.status.success(), "{address}");
    }
    running.signal("TERM");
    running.wait();
    assert_fails(&health(running.port_file()), 1, &["no answer from 127.0.0.1:"]);
    assert_fails(&health(running.folder.path().join("none")), 1, &["--port-file", "none"]);
    let zero = program().args(["healthcheck", "--listen", "127.0.0.1:0"]).output().unwrap();
    assert_fails(&zero, 1, &["--listen", "port 0", "--port-file"]);
}

#[test]
fn the_health_check_tells_another_server_from_this_one() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap().to_string();
    let thread = std::thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        let _ = stream.read(&mut [0; 1024]);
        std::io::Write::write_all(&mut stream, b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n").unwrap();
    });
    let output = program().args(["healthcheck", "--listen", &address]).output().unwrap();
    assert_fails(&output, 1, &["something else", &address]);
    thread.join().unwrap();
}

#[test]
fn a_signal_ends_it_after_the_calls_in_flight() {
    for signal in ["TERM", "INT"] {
        let mut running = Running::start(&[]);
        let _idle = TcpStream::connect(running.address).unwrap();
        // A call in flight: head and half of the body are there.
        let bytes = set("sg-1").form().sign(&key()).bytes();
        let mut connection = Connection::open(running.address);
        connection.send(&bytes[..bytes.len() - 10]);
        std::thread::sleep(Duration::from_millis(100));
        running.signal(signal);
        let asked = Instant::now();
        // It no longer accepts, but finishes what it began.
        while TcpStream::connect_timeout(&running.address, Duration::from_millis(50)).is_ok() {
            assert!(asked.elapsed() < Duration::from_secs(5), "still accepting after {signal}");
        }
        connection.send(&bytes[bytes.len() - 10..]);
        let reply = connection.read().unwrap().assert_ok();
        assert_eq!(reply.header("connection"), Some("close"));
        let ended = running.wait();
        assert_eq!(ended.code, Some(0), "{}", ended.log);
    }
}

#[test]
fn a_connection_that_never_ends_does_not_keep_it() {
    let mut running = Running::start(&[]);
    let mut stuck = Connection::open(running.address);
    stuck.send(b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\n");
    std::thread::sleep(Duration::from_millis(100));
    running.signal("TERM");
    let asked = Instant::now();
    assert_eq!(running.wait().code, Some(0));
    // Not a measurement: the body's own limit is 30 seconds.
    assert!(asked.elapsed() < Duration::from_secs(15), "{:?}", asked.elapsed());
}

/// A harness that starts the program and never reads its log must not stop it.
#[test]
fn a_log_that_nobody_reads_holds_up_nothing() {
    let mut running = Running::start(&[]);
    let mut connection = Connection::open(running.address);
    for _ in 0..1500 {
        connection.exchange(&read_back().sign(&key()).bytes()).assert_ok();
    }
    running.signal("TERM");
    let asked = Instant::now();
    while running.child.try_wait().unwrap().is_none() {
        assert!(asked.elapsed() < Duration::from_secs(15), "it waits for a reader of its log");
        std::thread::sleep(Duration::from_millis(10));
    }
    assert_eq!(running.wait().code, Some(0));
}

/// Calls that were sent before the signal are answered, also where the server has not read them yet.
#[test]
fn a_call_in_the_socket_is_answered_before_the_end() {
    for _ in 0..10 {
        let mut running = Running::start(&[]);
        let mut used = Connection::open(running.address);
        used.exchange(&read_back().sign(&key()).bytes()).assert_ok();
        let mut fresh = Connection::open(running.address);
        running.signal("STOP");
        for connection in [&mut used, &mut fresh] {
            connection.send(&set("sg-1").sign(&key()).bytes());
        }
        running.signal("TERM");
        running.signal("CONT");
        for connection in [&mut used, &mut fresh] {
            connection.read().unwrap().assert_ok();
            assert!(connection.is_closed());
        }
        assert_eq!(running.wait().code, Some(0));
    }
}

#[test]
fn flags_are_variables_too_and_flags_win() {
    let folder = tempfile::tempdir().unwrap();
    let seed = folder.path().join("seed.json");
    std::fs::write(
        &seed,
        format!(
            r#"{{"Accounts": [{{"AccountId": "1234567890123456",
            "AccessKeys": [{{"AccessKeyId": "alice", "AccessKeySecret": "wonderland"}}],
            "DBInstances": [{{"DBInstanceId": "{INSTANCE}", "SecurityGroupIds": ["sg-1", "sg-2", "sg-3", "sg-4"]}}]}}]}}"#
        ),
    )
    .unwrap();
    let mut child = program()
        .env("RDS_MOCK_LISTEN", "127.0.0.1:0")
        .env("RDS_MOCK_SEED", &seed)
        .env("RDS_MOCK_MAX_SECURITY_GROUPS", "10")
        .env("RDS_MOCK_TIMESTAMP_SKEW", "1s")
        .env("RDS_MOCK_LOG_LEVEL", "nonsense")
        .args(["--log-level", "error", "--timestamp-skew", "1h"])
        .spawn()
        .unwrap();
    let mut line = String::new();
    BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
    let address = line.strip_prefix("http://").expect(&line).trim_end().parse().unwrap();
    let alice = Key::new("alice", "wonderland");
    assert_eq!(groups(&read_back().sign(&alice).send(address)).len(), 4);
    let old = rds_mock::Timestamp::from_second(rds_mock::Timestamp::now().as_second() - 1800).unwrap();
    let old = old.strftime("%Y-%m-%dT%H:%M:%SZ").to_string();
    Unsigned::new("DescribeRegions").at(&old).sign(&alice).send(address).assert_ok();
    child.kill().unwrap();
    child.wait().unwrap();
}

#[test]
fn wrong_values_are_refused_by_flag_value_and_choices() {
    for (arguments, parts) in [
        (&["--listen", "somewhere"][..], &["--listen", "somewhere"][..]),
        (&["--max-security-groups", "0"], &["--max-security-groups", "'0'", "1 to 1000"]),
        (&["--max-security-groups", "many"], &["--max-security-groups", "'many'", "1 to 1000"]),
        (&["--timestamp-skew", "15"], &["--timestamp-skew", "'15'", "1s to 24h"]),
        (&["--timestamp-skew=-5m"], &["--timestamp-skew", "'-5m'", "1s to 24h"]),
        (&["--timestamp-skew", "25h"], &["--timestamp-skew", "'25h'", "1s to 24h"]),
        (&["--log-level", "loud"], &["--log-level", "'loud'", "off, error, warn, info, debug, trace"]),
        (&["--log-format", "xml"], &["--log-format", "'xml'", "text, json"]),
        (&["--prot", "1"], &["--prot"]),
    ] {
        assert_fails(&program().args(arguments).output().unwrap(), 2, parts);
    }
    let by_variable = program().env("RDS_MOCK_LOG_LEVEL", "loud").output().unwrap();
    assert_fails(&by_variable, 2, &["--log-level", "'loud'", "off, error, warn, info, debug, trace"]);
}

#[test]
fn what_can_not_start_says_which_flag_is_to_blame() {
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    assert_fails(&program().args(["--listen", &address]).output().unwrap(), 1, &["--listen", &address]);
    let no_seed = program().args(["--listen", "127.0.0.1:0", "--seed", "no/such.yaml"]).output().unwrap();
    assert_fails(&no_seed, 1, &["--seed", "no/such.yaml"]);
    let no_folder = program().args(["--listen", "127.0.0.1:0", "--port-file", "no/such/port"]).output().unwrap();
    assert_fails(&no_folder, 1, &["--port-file", "no/such/port"]);
    let too_many = tempfile::NamedTempFile::new().unwrap();
    let seed = std::fs::read_to_string(fixtures("seeds/demo.yaml")).unwrap();
    std::fs::write(too_many.path(), seed.replace("SecurityGroupIds: []", "SecurityGroupIds: [a, b]")).unwrap();
    let mut command = program();
    command.args(["--listen", "127.0.0.1:0", "--max-security-groups", "1", "--seed"]).arg(too_many.path());
    assert_fails(
        &command.output().unwrap(),
        1,
        &["--seed", ":8:9: SecurityGroupIds: ", "has 2 groups, at most 1 are allowed"],
    );
    let demo = fixtures("seeds/demo.yaml");
    let wrong = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(wrong.path(), std::fs::read_to_string(demo).unwrap().replace("DBInstanceStatus", "Status")).unwrap();
    let wrong_seed = program().args(["--listen", "127.0.0.1:0", "--seed"]).arg(wrong.path()).output().unwrap();
    assert_fails(&wrong_seed, 1, &["--seed", ":16:9: unknown field `Status`"]);
}

#[test]
fn help_names_every_flag_and_its_variable() {
    let help = String::from_utf8(program().arg("--help").output().unwrap().stdout).unwrap();
    for flag in ["listen", "port-file", "seed", "max-security-groups", "timestamp-skew", "log-level", "log-format"] {
        let variable = format!("RDS_MOCK_{}", flag.replace('-', "_").to_uppercase());
        assert!(help.contains(&format!("--{flag}")) && help.contains(&variable), "{flag} in {help}");
    }
    assert!(help.contains("healthcheck"), "{help}");
}
