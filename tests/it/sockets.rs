//! What can be sent to the port besides well-formed calls, and how a connection behaves.

use std::io::{Read, Write};
use std::net::{Shutdown, TcpStream};
use std::time::Duration;

use rds_mock::MockRds;

use crate::support::{Connection, Key, NOW, Reply, Request, Unsigned, frozen, read_back, set};

fn start() -> (MockRds, Key) {
    let rds = MockRds::start();
    let key = Key::of(&rds);
    (rds, key)
}

/// Sends bytes, ends, and reads the one answer.
#[track_caller]
fn answer(rds: &MockRds, bytes: &[u8]) -> Reply {
    let mut connection = Connection::open(rds.address());
    connection.send(bytes);
    connection.finish();
    connection.read().unwrap_or_else(|error| panic!("{error} for {}", String::from_utf8_lossy(bytes)))
}

#[test]
fn what_is_no_call_gets_a_plain_refusal() {
    let (rds, _) = start();
    for (bytes, status) in [
        (&b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03"[..], 400), // TLS
        (b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0", 400),
        (b"GET / HT", 400),
        (b"GET / HTTP/1.1\r\nHost: x", 400),
        (b"\r\n\r\n", 400),
        (b"\0", 400),
        (b"GET / HTTP/1.1\r\nno colon\r\n\r\n", 400),
        (b"GET ?Action=DescribeRegions HTTP/1.1\r\n\r\n", 400),
        (b"GET /\xff HTTP/1.1\r\n\r\n", 400),
        (b"GET / HTTP/9.9\r\n\r\n", 400),
        (b"POST / HTTP/1.1\r\nContent-Length: x\r\n\r\n", 400),
        (b"POST / HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab", 400),
    ] {
        let reply = answer(&rds, bytes);
        assert_eq!((reply.status, reply.body.as_str()), (status, ""), "{}", String::from_utf8_lossy(bytes));
    }
}

#[test]
fn what_is_a_request_gets_the_services_form_whatever_it_asks() {
    let (rds, _) = start();
    for (bytes, status, code) in [
        (&b"GET / HTTP/1.1\r\n\r\n"[..], 400, "MissingParameter"),
        (b"GET / HTTP/1.0\r\n\r\n", 400, "MissingParameter"),
        (b"GET http://rds.aliyuncs.com/ HTTP/1.1\r\nHost: rds.aliyuncs.com\r\n\r\n", 400, "MissingParameter"),
        (b"GET /favicon.ico HTTP/1.1\r\nHost: x\r\n\r\n", 400, "MissingParameter"),
        (b"GET /x?Action=DescribeRegions&Version=2014-08-15 HTTP/1.1\r\n\r\n", 404, "InvalidAction.NotFound"),
        (b"BREW /?Action=DescribeRegions&Version=2014-08-15 HTTP/1.1\r\n\r\n", 400, "UnsupportedHTTPMethod"),
        (b"GET /?Action=%zz HTTP/1.1\r\n\r\n", 400, "RequestParameterMalformed"),
        (b"POST / HTTP/1.1\r\nContent-Length: 2\r\n\r\n\xff\xff", 400, "RequestParameterMalformed"),
        (b"POST / HTTP/1.1\r\nContent-Length: 100\r\n\r\nAction=Descr", 400, "RequestParameterMalformed"),
        (b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n", 400, "RequestParameterMalformed"),
        (b"GET / HTTP/1.1\r\nAuthorization: ACS3-\r\n\r\n", 400, "MissingParameter"),
        (b"GET / HTTP/1.1\r\nAuthorization: ACS3-HMAC-SHA256 \xff=,,;=\r\n\r\n", 400, "MissingParameter"),
    ] {
        let reply = answer(&rds, bytes);
        let shown = String::from_utf8_lossy(bytes);
        assert_eq!(reply.status, status, "{shown}: {reply:?}");
        assert!(reply.body.contains(&format!("<Code>{code}</Code>")), "{shown}: {reply:?}");
        assert!(reply.header("x-acs-request-id").is_some(), "{shown}");
    }
}

#[test]
fn a_refused_call_changes_nothing() {
    let (rds, key) = start();
    let before = read_back().sign(&key).send(rds.address()).json()["Items"].clone();
    let calls = [
        set("sg-1").without("Timestamp"),
        set("sg-1").at("2000-01-01T00:00:00Z"),
        set("sg-1").method("PUT"),
        set("sg-1").set("Format", "yaml"),
        set("sg-1,sg-2,sg-3,sg-4"),
        set("sg-1,,'"),
    ];
    for call in calls {
        assert!(call.sign(&key).send(rds.address()).status >= 400);
    }
    set("sg-1").sign(&Key::new(&key.id, "wrong")).send(rds.address()).assert_refused(400, "IncompleteSignature");
    assert_eq!(read_back().sign(&key).send(rds.address()).json()["Items"], before);
}

#[test]
fn head_is_refused_without_a_body_and_options_is_answered_for_browsers() {
    let (rds, key) = start();
    let mut connection = Connection::open(rds.address());
    connection.send(&read_back().method("HEAD").sign(&key).bytes());
    let head = connection.read_head().unwrap();
    assert_eq!(head.status, 400);
    assert_ne!(head.header("content-length"), Some("0"));
    // The connection is still in step.
    connection.exchange(&read_back().sign(&key).bytes()).assert_ok();

    let options = connection.exchange(b"OPTIONS /any/path HTTP/1.1\r\nHost: x\r\n\r\n");
    assert_eq!((options.status, options.body.as_str()), (200, ""));
    assert_eq!(options.header("access-control-allow-origin"), Some("*"));
    assert_eq!(options.header("access-control-allow-methods"), Some("POST, GET, OPTIONS"));
    assert!(options.header("x-acs-request-id").is_some());
}

#[test]
fn bodies_come_chunked_and_on_demand() {
    let (rds, key) = start();
    let mut request = set("sg-1").form().sign(&key).header("Transfer-Encoding", "chunked");
    let body = std::mem::take(&mut request.body);
    let mut bytes = request.bytes();
    for part in body.chunks(7) {
        bytes.extend_from_slice(format!("{:x}\r\n", part.len()).as_bytes());
        bytes.extend_from_slice(part);
        bytes.extend_from_slice(b"\r\n");
    }
    bytes.extend_from_slice(b"0\r\n\r\n");
    Connection::open(rds.address()).exchange(&bytes).assert_ok();

    let mut request = set("sg-2").form().sign(&key).header("Expect", "100-continue");
    let body = std::mem::take(&mut request.body);
    let request = request.header("Content-Length", &body.len().to_string());
    let mut connection = Connection::open(rds.address());
    assert_eq!(connection.exchange(&request.bytes()).status, 100);
    connection.exchange(&body).assert_ok();
}

#[test]
fn a_mebibyte_of_body_is_read_and_more_is_refused() {
    let (rds, key) = start();
    let of_size = |size: usize| {
        let call = read_back().form();
        let overhead = call.clone().param("Padding", "").nonce("a-nonce").sign(&key).body.len();
        // The signature's encoding varies in length, so the body may be a few bytes shorter than asked.
        call.param("Padding", &"x".repeat(size - overhead - 16)).sign(&key)
    };
    let largest = of_size(1024 * 1024);
    assert!(largest.body.len() <= 1024 * 1024 && largest.body.len() > 1024 * 1024 - 64);
    largest.send(rds.address()).assert_ok();
    for size in [1024 * 1024 + 64, 5 * 1024 * 1024] {
        let mut request = of_size(size);
        request.query = b"Format=JSON".to_vec();
        request.send(rds.address()).assert_refused(413, "RequestEntityTooLarge");
    }
    // Whoever announces too much is answered too, and in time.
    let announced = b"POST / HTTP/1.1\r\nContent-Length: 999999999999\r\n\r\nx";
    assert_eq!(answer(&rds, announced).status, 400);
}

#[test]
fn heads_up_to_64_kib_are_read_and_longer_ones_are_refused() {
    let rds = frozen();
    // A signature whose encoding has the same length whatever the padding: V3's is in hex.
    let (key, at) = (Key::of(&rds), NOW.to_owned());
    let padded = |size: usize| {
        read_back().v3().nonce(&format!("n-{size:07}")).at(&at).sign(&key).header("X-Padding", &"x".repeat(size))
    };
    let overhead = padded(0).bytes().len();
    padded(64 * 1024 - overhead).send(rds.address()).assert_ok();
    assert_eq!(padded(64 * 1024 - overhead + 1).send(rds.address()).status, 431);
    assert_eq!(padded(2 * 1024 * 1024).send(rds.address()).status, 431);
    // A target has a limit of its own in HTTP libraries.
    let long = Unsigned::new("DescribeDBInstances")
        .param("RegionId", "cn-hangzhou")
        .param("SearchKey", &"x".repeat(60_000))
        .at(NOW);
    long.sign(&key).send(rds.address()).assert_ok();
    let too_long = Request { query: vec![b'x'; 70_000], ..read_back().sign(&key) };
    assert!([414, 431].contains(&too_long.send(rds.address()).status));
}

#[test]
fn a_slow_head_is_cut_with_an_answer() {
    let rds = MockRds::start();
    let mut stream = TcpStream::connect(rds.address()).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(15))).unwrap();
    stream.write_all(b"GET / HTTP/1.1\r\nHost: x\r\n").unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    assert!(answer.starts_with("HTTP/1.1 408 "), "{answer}");
}

#[test]
fn calls_may_be_sent_ahead() {
    let (rds, key) = start();
    let mut connection = Connection::open(rds.address());
    let calls: Vec<u8> = (0..5).flat_map(|number| set(&format!("sg-{number}")).sign(&key).bytes()).collect();
    connection.send(&calls);
    for number in 0..5 {
        let reply = connection.read().unwrap().assert_ok();
        assert_eq!(crate::support::groups(&reply), [format!("sg-{number}")]);
    }
}

#[test]
fn a_client_that_asks_to_close_is_told_so() {
    let (rds, key) = start();
    let mut connection = Connection::open(rds.address());
    let reply = connection.exchange(&read_back().sign(&key).header("Connection", "close").bytes()).assert_ok();
    assert_eq!(reply.header("connection"), Some("close"));
    assert_eq!(reply.header("keep-alive"), None);
    assert!(connection.is_closed());
}

#[test]
fn a_client_that_ends_its_side_still_gets_its_answer() {
    let (rds, key) = start();
    let mut stream = TcpStream::connect(rds.address()).unwrap();
    stream.write_all(&read_back().sign(&key).bytes()).unwrap();
    stream.shutdown(Shutdown::Write).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    assert!(answer.starts_with("HTTP/1.1 200 OK"), "{answer}");
}

/// Every bit of two signed requests, flipped one by one. Accepted is only what means the same.
#[test]
fn no_bit_of_a_signed_request_can_be_flipped() {
    let (rds, key) = start();
    for (call, is_v3) in [(set("sg-1,sg-2"), false), (set("sg-1,sg-2").v3(), true)] {
        let bytes = call.sign(&key).bytes();
        let line = bytes.windows(2).position(|window| window == b"\r\n").unwrap();
        // V1 does not cover headers.
        let end = if is_v3 { bytes.len() } else { line };
        for at in 0..end {
            for bit in 0..8 {
                let mut flipped = bytes.clone();
                flipped[at] ^= 1 << bit;
                let reply = answer(&rds, &flipped);
                if reply.status == 200 {
                    assert!(means_the_same(&bytes, at, bit, line), "{}", String::from_utf8_lossy(&flipped));
                }
            }
        }
    }
}

/// The case of a header's name or of a hex digit behind a `%`, the minor HTTP version, `+` for nothing else.
fn means_the_same(bytes: &[u8], at: usize, bit: u8, request_line: usize) -> bool {
    if at <= request_line {
        let is_hex = bytes[at.saturating_sub(1)] == b'%' || bytes[at.saturating_sub(2)] == b'%';
        let is_version = at == request_line - 1;
        return is_version || (bit == 5 && is_hex && bytes[at].is_ascii_alphabetic());
    }
    let line_start = bytes[..at].iter().rposition(|byte| *byte == b'\n').unwrap() + 1;
    let is_name = !bytes[line_start..at].contains(&b':');
    is_name && bit == 5 && bytes[at].is_ascii_alphabetic()
}

#[test]
fn an_unfinished_second_head_is_answered_too() {
    let (rds, key) = start();
    let mut connection = Connection::open(rds.address());
    let mut bytes = read_back().sign(&key).bytes();
    bytes.extend_from_slice(b"GET / HT");
    connection.send(&bytes);
    connection.finish();
    connection.read().unwrap().assert_ok();
    assert_eq!(connection.read().unwrap().status, 400);
}

#[test]
fn an_idle_connection_is_closed_and_a_slow_body_is_refused() {
    let (rds, key) = start();
    let mut idle = Connection::open(rds.address());
    idle.stream.set_read_timeout(Some(Duration::from_secs(40))).unwrap();
    idle.exchange(&read_back().sign(&key).bytes()).assert_ok();
    let mut slow = Connection::open(rds.address());
    slow.stream.set_read_timeout(Some(Duration::from_secs(40))).unwrap();
    slow.send(b"POST /?Format=JSON HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\nhalf");
    assert!(idle.is_closed());
    let reply = slow.read().unwrap().assert_refused(408, "RequestTimeout");
    assert_eq!(reply.header("connection"), Some("close"));
    assert!(slow.is_closed());
}

#[test]
fn a_body_that_breaks_off_ends_the_connection_and_says_so() {
    let (rds, _) = start();
    let broken = answer(&rds, b"POST /?Format=JSON HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n");
    assert_eq!((broken.code().as_str(), broken.header("connection")), ("RequestParameterMalformed", Some("close")));
    assert_eq!(broken.header("keep-alive"), None);
}

/// Each mention of a header copies its value, so a short call could ask for gigabytes.
#[test]
fn a_header_signed_many_times_is_refused_without_being_copied() {
    let (rds, key) = start();
    let mut request = read_back().v3().sign(&key).header("a", &"x".repeat(30_000));
    let authorization = request.headers.iter_mut().find(|(name, _)| name == "Authorization").unwrap();
    let names = "a;".repeat(14_000);
    let text = String::from_utf8(authorization.1.clone()).unwrap();
    authorization.1 = text.replace("SignedHeaders=", &format!("SignedHeaders={names}")).into_bytes();
    let reply = request.send(rds.address()).assert_refused(400, "IncompleteSignature");
    assert!(reply.body.len() < 1000, "{} bytes", reply.body.len());
    assert!(reply.header("x-mock-hint").unwrap().contains("twice"));
}

#[test]
fn a_hint_stays_short_whatever_it_is_about() {
    let seed = "Accounts: [{AccountId: '1234567890123456', AccessKeys: [{AccessKeyId: a, AccessKeySecret: a}], \
        DBInstances: [{DBInstanceId: rm-uf6wjk5xxxxxx}], SecurityGroups: [{SecurityGroupId: sg-1}]}]";
    let rds = crate::support::frozen_with(seed);
    let long = "é\"\u{7}".repeat(20_000);
    for (groups, code) in
        [("s".repeat(500_000), "InvalidSecurityGroupId.NotFound"), (long, "InvalidSecurityGroupId.Malformed")]
    {
        let reply = set(&groups).form().at(NOW).sign(&Key::of(&rds)).send(rds.address());
        assert_eq!(reply.code(), code);
        assert!(reply.header("x-mock-hint").unwrap().len() <= 512);
    }
}

/// As many as a body holds; compared one with another they would take minutes.
#[test]
fn a_list_of_all_that_a_body_holds_is_refused_like_any_other() {
    let (rds, key) = start();
    let groups: Vec<String> = (0..120_000).map(|number| number.to_string()).collect();
    let mut connection = Connection::open(rds.address());
    let reply = connection.exchange(&set(&groups.join(",")).form().sign(&key).bytes());
    reply.assert_refused(400, "AssociatedEcsSecurityGroupIdQuotaExceed");
}
