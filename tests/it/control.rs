//! What a test does to a server besides calling it: by the library's methods, and by the routes under `/_mock/`.

use std::net::SocketAddr;

use rds_mock::{ClockChange, ControlErrorKind, Expectation, MockRds, RequestFilter, Times};
use serde_json::{Value, json};

use crate::support::{Connection, INSTANCE, Key, Reply, Request, Unsigned, frozen, groups, now, read_back, set};

/// A request to a route, as a test would send it.
fn request(method: &str, path: &str, body: Option<Value>) -> Request {
    let (path, query) = path.split_once('?').unwrap_or((path, ""));
    let request = Request {
        method: method.to_owned(),
        path: path.to_owned(),
        query: query.as_bytes().to_vec(),
        headers: Vec::new(),
        body: body.map(|body| body.to_string().into_bytes()).unwrap_or_default(),
    };
    let request = request.header("Host", "127.0.0.1:1");
    if method == "GET" { request } else { request.header("Content-Type", "application/json") }
}

#[track_caller]
fn send(address: SocketAddr, method: &str, path: &str, body: Option<Value>) -> Reply {
    request(method, path, body).send(address)
}

#[track_caller]
fn made(address: SocketAddr) -> (String, Key) {
    let account = send(address, "POST", "/_mock/accounts", None);
    assert_eq!(account.status, 201, "{account:?}");
    let account = account.json();
    let text = |name: &str| account[name].as_str().unwrap().to_owned();
    (text("AccountId"), Key::new(&text("AccessKeyId"), &text("AccessKeySecret")))
}

#[test]
fn a_made_account_has_keys_and_state_of_its_own() {
    let rds = MockRds::start();
    let (id, key) = made(rds.address());
    assert!(id.len() == 16 && id.bytes().all(|byte| byte.is_ascii_digit()));
    assert!(key.id.starts_with("LTAI5t") && key.id.len() == 24 && key.secret.len() == 30);
    set("sg-1").sign(&key).send(rds.address()).assert_ok();
    set("sg-2").v3().sign(&key).send(rds.address()).assert_ok();
    assert_eq!(groups(&read_back().sign(&key).send(rds.address())), ["sg-2"]);
    assert!(groups(&read_back().sign(&Key::of(&rds)).send(rds.address())).is_empty());
    let (other, _) = made(rds.address());
    let list = send(rds.address(), "GET", "/_mock/accounts", None).json();
    let ids: Vec<_> = list.as_array().unwrap().iter().map(|account| account["AccountId"].as_str().unwrap()).collect();
    assert_eq!(ids, ["1234567890123456", &id, &other]);
    assert!(!list.to_string().contains(&key.secret));
    assert_eq!(send(rds.address(), "DELETE", &format!("/_mock/accounts/{id}"), None).status, 204);
    read_back().sign(&key).send(rds.address()).assert_refused(404, "InvalidAccessKeyId.NotFound");
    assert_eq!(send(rds.address(), "DELETE", &format!("/_mock/accounts/{id}"), None).status, 404);
    assert_eq!(send(rds.address(), "DELETE", "/_mock/accounts/1234567890123456", None).status, 409);
}

#[test]
fn a_thousand_accounts_in_parallel_never_meet() {
    let rds = MockRds::start();
    let keys: Vec<Key> = (0..1000)
        .map(|_| {
            let account = rds.control().create_account().unwrap();
            Key::new(&account.access_key_id, &account.access_key_secret)
        })
        .collect();
    std::thread::scope(|scope| {
        for (thread, keys) in keys.chunks(125).enumerate() {
            let address = rds.address();
            scope.spawn(move || {
                let mut connection = Connection::open(address);
                for round in 0..2 {
                    for (number, key) in keys.iter().enumerate() {
                        let id = format!("sg-{thread}-{number}-{round}");
                        connection.exchange(&set(&id).sign(key).bytes()).assert_ok();
                    }
                    for (number, key) in keys.iter().enumerate() {
                        let seen = groups(&connection.exchange(&read_back().sign(key).bytes()).assert_ok());
                        assert_eq!(seen, [format!("sg-{thread}-{number}-{round}")]);
                    }
                }
            });
        }
    });
    assert!(groups(&read_back().sign(&Key::of(&rds)).send(rds.address())).is_empty());
}

#[test]
fn accounts_are_bounded() {
    let rds = MockRds::builder().max_accounts(2).start().unwrap();
    rds.control().create_account().unwrap();
    let refused = rds.control().create_account().unwrap_err();
    assert_eq!(refused.kind(), ControlErrorKind::Conflict);
    let refused = send(rds.address(), "POST", "/_mock/accounts", None);
    assert_eq!(refused.status, 409);
    assert!(refused.json()["error"].as_str().unwrap().contains("--max-accounts"), "{refused:?}");
}

#[test]
fn reset_puts_one_account_back_or_all() {
    let rds = MockRds::start();
    let (id, key) = made(rds.address());
    let current = |key: &Key| groups(&read_back().sign(key).send(rds.address()).assert_ok());
    for key in [&key, &Key::of(&rds)] {
        set("sg-1").sign(key).send(rds.address()).assert_ok();
    }
    let used = read_back().nonce("once");
    used.sign(&key).send(rds.address()).assert_ok();
    assert_eq!(send(rds.address(), "POST", &format!("/_mock/reset?account={}", key.id), None).status, 204);
    assert!(current(&key).is_empty());
    assert_eq!(current(&Key::of(&rds)), ["sg-1"]);
    // The nonces are part of it.
    used.sign(&key).send(rds.address()).assert_ok();

    assert_eq!(send(rds.address(), "POST", "/_mock/reset", None).status, 204);
    assert!(current(&Key::of(&rds)).is_empty());
    read_back().sign(&key).send(rds.address()).assert_refused(404, "InvalidAccessKeyId.NotFound");
    assert_eq!(send(rds.address(), "POST", &format!("/_mock/reset?account={id}"), None).status, 400);
}

/// An unset variable, or an account in the wrong place, must not reset everybody.
#[test]
fn a_reset_that_names_its_account_wrongly_resets_nothing() {
    let rds = MockRds::start();
    made(rds.address());
    assert_eq!(send(rds.address(), "POST", "/_mock/reset?account=", None).status, 400);
    assert_eq!(send(rds.address(), "POST", "/_mock/reset", Some(json!({"account": "testid"}))).status, 400);
    assert_eq!(send(rds.address(), "POST", "/_mock/accounts", Some(json!({"AccountId": "1"}))).status, 400);
    assert_eq!(rds.control().accounts().len(), 2);
    assert_eq!(send(rds.address(), "POST", "/_mock/reset", Some(json!({}))).status, 204);
    assert_eq!(rds.control().accounts().len(), 1);
}

#[test]
fn calls_during_resets_see_all_of_the_old_or_all_of_the_new() {
    let rds = MockRds::start();
    let key = Key::of(&rds);
    let seen = std::thread::scope(|scope| {
        let calls = scope.spawn(|| {
            let mut connection = Connection::open(rds.address());
            let mut seen = std::collections::BTreeSet::new();
            for _ in 0..300 {
                connection.exchange(&set("sg-1,sg-2,sg-3").sign(&key).bytes()).assert_ok();
                seen.insert(groups(&connection.exchange(&read_back().sign(&key).bytes()).assert_ok()));
            }
            seen
        });
        let control = rds.control().clone();
        while !calls.is_finished() {
            control.reset("1234567890123456").unwrap();
        }
        calls.join().unwrap()
    });
    let whole: Vec<Vec<String>> = vec![vec![], ["sg-1", "sg-2", "sg-3"].map(str::to_owned).to_vec()];
    assert!(seen.iter().all(|groups| whole.contains(groups)), "{seen:?}");
    assert_eq!(seen.len(), 2, "no reset came between a change and its reading: {seen:?}");
}

#[test]
fn state_is_read_and_replaced_in_the_seeds_format() {
    let rds = frozen();
    let state = send(rds.address(), "GET", "/_mock/state", None).assert_ok().json();
    assert_eq!(state["AccountId"], "1234567890123456");
    assert_eq!(state["DBInstances"][0]["DBInstanceId"], INSTANCE);
    assert!(!state.to_string().contains("testsecret"));

    // What was read can be written back, and reads the same.
    assert_eq!(send(rds.address(), "PUT", "/_mock/state", Some(state.clone())).status, 204);
    assert_eq!(rds.control().state(None).unwrap(), state);

    let wanted = json!({"DBInstances": [
        {"DBInstanceId": "rm-2", "SecurityGroupIds": ["sg-1"]}, {"DBInstanceId": "rm-1", "DBInstanceStatus": "Rebooting"},
    ]});
    assert_eq!(send(rds.address(), "PUT", "/_mock/state?account=testid", Some(wanted)).status, 204);
    let state = rds.control().state(Some("testid")).unwrap();
    let ids: Vec<_> =
        state["DBInstances"].as_array().unwrap().iter().map(|instance| &instance["DBInstanceId"]).collect();
    assert_eq!(ids, ["rm-1", "rm-2"], "sorted");
    let call = |id: &str| {
        let call =
            Unsigned::new("DescribeSecurityGroupConfiguration").param("DBInstanceId", id).at(crate::support::NOW);
        call.sign(&Key::of(&rds)).send(rds.address())
    };
    assert_eq!(groups(&call("rm-2").assert_ok()), ["sg-1"]);
    call(INSTANCE).assert_refused(404, "InvalidDBInstanceId.NotFound");
}

#[test]
fn a_state_that_does_not_fit_changes_nothing() {
    let rds = MockRds::start();
    let before = rds.control().state(None).unwrap();
    for (body, part) in [
        (json!({"DBInstances": [{"DBInstanceId": "rm-1"}, {"DBInstanceId": "rm-1"}]}), "given twice"),
        (json!({"DBInstances": [{"DBInstanceId": "rm-1", "SecurityGroupIds": ["a", "b", "c", "d"]}]}), "at most 3"),
        (json!({"DBInstances": [{"DBInstanceId": "rm-1", "Status": "Running"}]}), "unknown field `Status`"),
        (json!({"Instances": []}), "unknown field `Instances`"),
        (json!({"AccountId": "9999999999999999"}), "can't be changed"),
        (json!([]), ""),
    ] {
        let refused = send(rds.address(), "PUT", "/_mock/state", Some(body));
        assert_eq!(refused.status, 400, "{refused:?}");
        assert!(refused.json()["error"].as_str().unwrap().contains(part), "{part} is not in {refused:?}");
    }
    assert_eq!(rds.control().state(None).unwrap(), before);
    let near = send(rds.address(), "PUT", "/_mock/state", Some(json!({"DBInstance": []}))).json();
    assert_eq!((&near["key"], &near["nearest"]), (&json!("DBInstance"), &json!("DBInstances")), "{near}");
}

#[test]
fn a_clock_is_frozen_moved_and_let_go_for_one_account_alone() {
    let rds = MockRds::start();
    let (id, key) = made(rds.address());
    let clock = |body: Value| send(rds.address(), "PUT", &format!("/_mock/clock?account={id}"), Some(body));
    let frozen = clock(json!({"freeze": "2026-01-02T03:04:05Z"})).assert_ok().json();
    assert_eq!(frozen, json!({"now": "2026-01-02T03:04:05Z", "frozen": true}));
    let at = |minute: u8| read_back().at(&format!("2026-01-02T03:{minute:02}:05Z")).sign(&key).send(rds.address());
    at(4).assert_ok();
    at(25).assert_refused(400, "IllegalTimestamp");
    assert_eq!(clock(json!({"advance": "20m"})).assert_ok().json()["now"], "2026-01-02T03:24:05Z");
    at(25).assert_ok();
    at(4).assert_refused(400, "IllegalTimestamp");
    // The others' time goes on.
    read_back().sign(&Key::of(&rds)).send(rds.address()).assert_ok();
    assert!(!rds.control().clock(None).unwrap().frozen);

    clock(json!({"real": true})).assert_ok();
    read_back().sign(&key).send(rds.address()).assert_ok();
    let change = |change: ClockChange| rds.control().set_clock(Some(&id), change).unwrap();
    assert_eq!(change(ClockChange::Freeze(now())).now, now());
    let hour = rds_mock::SignedDuration::from_hours(1);
    assert_eq!(change(ClockChange::Advance(hour)).now, now() + hour);
    assert!(!change(ClockChange::Real(rds_mock::RealTime)).frozen);
}

#[test]
fn an_advanced_clock_ends_tokens_and_forgets_nonces() {
    let seed = "Accounts: [{AccountId: '1234567890123456', AccessKeys: [{AccessKeyId: STS.a, AccessKeySecret: s, \
        SecurityToken: token, Expiration: '2026-01-02T04:00:00Z'}, {AccessKeyId: b, AccessKeySecret: b}]}]";
    let rds = crate::support::frozen_with(seed);
    let advance = |minutes: i64| {
        let change = json!({"advance": format!("{minutes}m")});
        send(rds.address(), "PUT", "/_mock/clock", Some(change)).assert_ok().json()["now"].as_str().unwrap().to_owned()
    };
    let regions =
        |key: &Key, at: &str| Unsigned::new("DescribeRegions").at(at).nonce("n").sign(key).send(rds.address());
    let (temporary, lasting) = (Key::new("STS.a", "s").token("token"), Key::new("b", "b"));
    regions(&temporary, crate::support::NOW).assert_ok();
    regions(&lasting, crate::support::NOW).assert_ok();
    regions(&lasting, crate::support::NOW).assert_refused(400, "SignatureNonceUsed");
    let later = advance(56);
    regions(&temporary, &later).assert_refused(400, "InvalidSecurityToken.Expired");
    let later = advance(120);
    regions(&lasting, &later).assert_ok();
}

#[test]
fn what_is_not_understood_is_answered_with_the_nearest_name() {
    let rds = MockRds::start();
    for (method, path, body, status, key, nearest) in [
        ("GET", "/_mock/acounts", None, 404, "/_mock/acounts", "/_mock/accounts"),
        ("GET", "/_mock/state?acount=1", None, 400, "acount", "account"),
        ("GET", "/_mock/state?account=testit", None, 400, "testit", "testid"),
        ("PUT", "/_mock/clock", Some(json!({"frezze": "2026-01-02T03:04:05Z"})), 400, "frezze", "freeze"),
    ] {
        let reply = send(rds.address(), method, path, body);
        assert_eq!(reply.status, status, "{reply:?}");
        assert_eq!((&reply.json()["key"], &reply.json()["nearest"]), (&json!(key), &json!(nearest)), "{reply:?}");
    }
    for (method, path, body) in [
        ("PUT", "/_mock/clock", json!({"freeze": "yesterday"})),
        ("PUT", "/_mock/clock", json!({"freeze": "2026-01-02T03:04:05Z", "real": true})),
        ("PUT", "/_mock/clock", json!({"real": false})),
        ("PUT", "/_mock/clock", json!({"advance": "99999999999h"})),
        ("PUT", "/_mock/clock", json!({})),
        ("PUT", "/_mock/health", json!({})),
        ("POST", "/_mock/state", json!({})),
    ] {
        let reply = send(rds.address(), method, path, Some(body.clone()));
        assert_eq!(reply.status, 400, "{method} {path} {body}: {reply:?}");
        assert!(reply.json()["error"].is_string());
    }
}

#[test]
fn pages_of_other_sites_can_not_reach_in() {
    let rds = MockRds::start();
    let with = |headers: &[(&str, &str)], method: &str| {
        let mut request = Request { headers: Vec::new(), ..request(method, "/_mock/accounts", None) };
        for (name, value) in headers {
            request = request.header(name, value);
        }
        request.send(rds.address()).status
    };
    let json = ("Content-Type", "application/json");
    assert_eq!(with(&[("Host", "127.0.0.1:1"), json], "POST"), 201);
    assert_eq!(with(&[("Host", "127.0.0.1:1"), ("Origin", "http://127.0.0.1:1"), json], "POST"), 201);
    assert_eq!(with(&[("Host", "rds-mock:1"), ("Origin", "http://rds-mock:1"), json], "POST"), 201);
    for headers in [
        &[("Host", "127.0.0.1:1"), ("Origin", "http://evil.example"), json][..],
        &[("Host", "127.0.0.1:1"), ("Origin", "null"), json],
        &[("Host", "evil.example:1"), ("Origin", "http://evil.example:1"), json],
        &[("Host", "127.0.0.1:1"), ("Origin", "http://127.0.0.1:2"), json],
        &[("Host", "127.0.0.1:1")],
        &[("Host", "127.0.0.1:1"), ("Content-Type", "text/plain")],
        &[("Host", "127.0.0.1:1"), ("Content-Type", "application/x-www-form-urlencoded")],
    ] {
        assert_eq!(with(headers, "POST"), 403, "{headers:?}");
    }
    assert_eq!(with(&[("Host", "127.0.0.1:1"), ("Origin", "http://evil.example")], "GET"), 403);
    // A name that its owner points here: the browser takes the read to be of the same site and sends no origin.
    assert_eq!(with(&[("Host", "evil.example:1")], "GET"), 403);
    for host in ["127.0.0.1:1", "localhost", "[::1]:1", "rds-mock:20140"] {
        assert_eq!(with(&[("Host", host)], "GET"), 200, "{host}");
    }
    assert_eq!(with(&[("Host", "127.0.0.1:1"), ("Origin", "http://evil.example")], "OPTIONS"), 403);
    assert_eq!(rds.control().accounts().len(), 4);
}

#[test]
fn an_admin_token_is_asked_for_when_set() {
    let rds = MockRds::builder().admin_token("s3cret").start().unwrap();
    let get = || request("GET", "/_mock/health", None);
    assert_eq!(get().send(rds.address()).status, 403);
    for wrong in ["Bearer s3cre", "Bearer s3cret2", "s3cret", "Basic s3cret", "Bearer "] {
        assert_eq!(get().header("Authorization", wrong).send(rds.address()).status, 403, "{wrong}");
    }
    get().header("Authorization", "Bearer s3cret").send(rds.address()).assert_ok();
    // Who has it may call the server by any name.
    let named = Request { headers: Vec::new(), ..get() }.header("Host", "rds.example.com");
    assert_eq!(named.send(rds.address()).status, 403);
    named.header("Authorization", "Bearer s3cret").send(rds.address()).assert_ok();
    let empty = MockRds::builder().admin_token("").start().unwrap();
    assert_eq!(get().header("Authorization", "Bearer ").send(empty.address()).status, 403);
    // Calls are signed as ever.
    read_back().sign(&Key::of(&rds)).send(rds.address()).assert_ok();
    assert!(!format!("{rds:?}").contains("s3cret"));
}

#[test]
fn the_journal_tells_what_was_received() {
    let rds = frozen();
    let key = Key::of(&rds);
    let send_call = |call: Unsigned, key: &Key| call.at(crate::support::NOW).sign(key).send(rds.address());
    send_call(set("sg-1,sg 2+é").v3().set("user-agent", "my client"), &key);
    send_call(set("sg-1").param("DbInstanceID", "typo").param("OwnerId", "1").form(), &key).assert_ok();
    send_call(read_back(), &Key::new(&key.id, "wrong"));
    let secrets = Unsigned::new("CreateAccount").param("AccountPassword", "hunter2").param("AccountName", "a");
    send_call(secrets.param("ServerKey", "hunter2").param("signature", "hunter2"), &key);
    send_call(read_back(), &Key::new("nobody", "x"));
    let journal = send(rds.address(), "GET", "/_mock/requests", None).assert_ok().json();
    assert_eq!(journal["dropped"], 0);
    let requests = journal["requests"].as_array().unwrap();
    assert_eq!(requests.len(), 4, "a call by a key that nobody has is nobody's");

    let first = &requests[0];
    assert_eq!((&first["sequence"], &first["time"]), (&json!(1), &json!("2026-01-02T03:04:05Z")));
    assert_eq!((&first["signature"], &first["user_agent"]), (&json!("V3"), &json!("my client")));
    assert_eq!((&first["status"], &first["code"]), (&json!(400), &json!("InvalidSecurityGroupId.Malformed")));
    assert_eq!(first["params"], json!({"DBInstanceId": INSTANCE, "SecurityGroupId": "sg-1,sg 2+é"}));
    assert!(first["request_id"].is_string() && first["duration_ms"].is_f64());

    let second = &requests[1];
    assert_eq!((&second["signature"], &second["code"], &second["status"]), (&json!("V1"), &json!(""), &json!(200)));
    assert_eq!((&second["unread"], &second["unknown"]), (&json!(["DbInstanceID"]), &json!(["DbInstanceID"])));
    assert_eq!(second["params"]["Signature"], "***");
    assert_eq!(requests[2]["code"], "IncompleteSignature");
    // Of an action that is not emulated nobody can say what it would look at.
    assert_eq!((&requests[3]["unread"], &requests[3]["unknown"]), (&json!([]), &json!(["ServerKey", "signature"])));
    assert!(!journal.to_string().contains("hunter2") && !journal.to_string().contains("testsecret"));
    // Secrets are compared without being shown.
    let verify = |password: &str| {
        let expectation = Expectation::of("CreateAccount").param("AccountPassword", password);
        rds.control().verify(None, &expectation).unwrap()
    };
    assert!(verify("hunter2").met && !verify("***").met);
    assert!(!serde_json::to_string(&verify("hunter3")).unwrap().contains("hunter"));

    let sequences = |query: &str| {
        let journal = send(rds.address(), "GET", &format!("/_mock/requests?{query}"), None).assert_ok().json();
        let requests = journal["requests"].as_array().unwrap();
        requests.iter().map(|request| request["sequence"].as_u64().unwrap()).collect::<Vec<_>>()
    };
    assert_eq!(sequences("action=modifysecuritygroupconfiguration"), [1, 2]);
    assert_eq!(sequences("status=400"), [1, 3]);
    assert_eq!(sequences("since=2"), [3, 4]);
    assert_eq!(sequences("limit=1"), [4]);
    assert_eq!(sequences("since=1&status=400&limit=5&account=testid"), [3]);
    for query in ["status=4oo", "limit=-1", "since=x", "state=400", "account=", "status=%zz", "action=DescribeRegion"] {
        assert_eq!(send(rds.address(), "GET", &format!("/_mock/requests?{query}"), None).status, 400, "{query}");
    }
    assert_eq!(send(rds.address(), "DELETE", "/_mock/requests", None).status, 204);
    assert_eq!(sequences(""), [0; 0]);
    send_call(read_back(), &key).assert_ok();
    assert_eq!(sequences(""), [5]);
}

#[test]
fn the_journal_is_bounded_and_says_what_it_dropped() {
    let rds = MockRds::builder().journal(2, 1_000_000).start().unwrap();
    let key = Key::of(&rds);
    for number in 0..5 {
        set(&format!("sg-{number}")).sign(&key).send(rds.address()).assert_ok();
    }
    let journal = rds.control().requests(None, &RequestFilter::default()).unwrap();
    assert_eq!((journal.requests.len(), journal.requests[0].sequence, journal.dropped), (2, 4, 3));

    let off = MockRds::builder().journal(0, 0).start().unwrap();
    read_back().sign(&Key::of(&off)).send(off.address()).assert_ok();
    let journal = off.control().requests(None, &RequestFilter::default()).unwrap();
    assert_eq!((journal.requests.len(), journal.dropped), (0, 1));
}

#[test]
fn calls_are_verified_and_near_misses_shown() {
    let rds = MockRds::start();
    let key = Key::of(&rds);
    set("sg-1").sign(&key).send(rds.address()).assert_ok();
    set("sg-1").v3().sign(&key).send(rds.address()).assert_ok();
    set("sg-2").sign(&key).send(rds.address()).assert_ok();
    let verify = |body: Value| {
        let reply = send(rds.address(), "POST", "/_mock/verify", Some(body));
        (reply.status, reply.json())
    };
    let sg1 = |times: Value| json!({"action": "ModifySecurityGroupConfiguration", "params": {"SecurityGroupId": "sg-1"}, "times": times});
    for (times, status) in [
        (json!({"exactly": 2}), 200),
        (json!({"exactly": 1}), 409),
        (json!({"at_least": 2}), 200),
        (json!({"at_least": 3}), 409),
        (json!({"at_most": 2}), 200),
        (json!({"at_most": 1}), 409),
    ] {
        let (got, verdict) = verify(sg1(times.clone()));
        assert_eq!((got, &verdict["count"], &verdict["certain"]), (status, &json!(2), &json!(true)), "{times}");
        assert_eq!(verdict["matching"].as_array().unwrap().len(), 2);
    }
    let (status, verdict) = verify(
        json!({"action": "modifySecurityGroupConfiguration", "params": {"SecurityGroupId": "sg-3", "OwnerId": "1"}}),
    );
    assert_eq!(status, 409);
    let nearest = verdict["nearest"].as_array().unwrap();
    assert_eq!(nearest.len(), 3);
    assert_eq!(nearest[0]["differs"], json!(["OwnerId was not sent", "SecurityGroupId is \"sg-2\", not \"sg-3\""]));
    for (body, part) in [
        (json!({"action": "ModifySecurityGroupConfig"}), "did you mean \"ModifySecurityGroupConfiguration\"?"),
        (json!({"action": "DescribeRegions", "parms": {}}), "did you mean \"params\"?"),
        (json!({"action": "DescribeRegions", "times": {"exact": 1}}), "did you mean \"exactly\"?"),
        (json!({"action": "DescribeRegions", "params": {"AcceptLanguag": "x"}}), "did you mean \"AcceptLanguage\"?"),
        (json!({"action": "x".repeat(200_000)}), "there is no action"),
        (json!({"params": {}}), "missing field `action`"),
    ] {
        let (status, error) = verify(body);
        assert_eq!(status, 400, "{error}");
        assert!(error["error"].as_str().unwrap().contains(part), "{part} is not in {error}");
    }
}

#[test]
fn a_verdict_says_when_dropped_calls_could_change_it() {
    let rds = MockRds::builder().journal(1, 1_000_000).start().unwrap();
    for groups in ["sg-1", "sg-2"] {
        set(groups).sign(&Key::of(&rds)).send(rds.address()).assert_ok();
    }
    let verdict = |groups: &str, times: Times| {
        let expectation =
            Expectation::of("ModifySecurityGroupConfiguration").param("SecurityGroupId", groups).times(times);
        let verdict = rds.control().verify(None, &expectation).unwrap();
        (verdict.met, verdict.certain)
    };
    assert_eq!(verdict("sg-2", Times::AtLeast(1)), (true, true));
    assert_eq!(verdict("sg-1", Times::AtLeast(1)), (false, false));
    assert_eq!(verdict("sg-2", Times::Exactly(1)), (true, false));
    assert_eq!(verdict("sg-2", Times::Exactly(0)), (false, true));
    assert_eq!(verdict("sg-2", Times::AtMost(1)), (true, false));
    assert_eq!(verdict("sg-2", Times::AtMost(0)), (false, true));
}

#[test]
fn strict_parameters_refuse_typos_but_not_what_clients_add() {
    let rds = MockRds::builder().strict_parameters().start().unwrap();
    let key = Key::of(&rds);
    let extras = set("sg-1").param("RegionId", "cn-hangzhou").param("SourceIp", "1").param("OwnerId", "1");
    extras.clone().sign(&key).send(rds.address()).assert_ok();
    let typo = extras.param("DbInstanceID", "x").sign(&key).send(rds.address());
    let typo = typo.assert_refused(400, "UnsupportedParameter");
    assert!(typo.message().contains("\"DbInstanceID\""), "{typo:?}");
}

/// Plans a fault and returns its number.
#[track_caller]
fn plan(rds: &MockRds, fault: Value) -> u64 {
    let reply = send(rds.address(), "POST", "/_mock/faults", Some(fault));
    assert_eq!(reply.status, 201, "{reply:?}");
    reply.json()["fault"].as_u64().unwrap()
}

#[test]
fn faults_strike_by_count_and_answer_with_the_services_errors() {
    let rds = MockRds::start();
    let call = |call: Unsigned| call.sign(&Key::of(&rds)).send(rds.address());
    let statuses = |count: usize| (0..count).map(|_| call(read_back()).status).collect::<Vec<_>>();
    let fault = plan(&rds, json!({"strike": {"first": 2}, "error": {"code": "ServiceUnavailable"}}));
    assert_eq!(statuses(4), [503, 503, 200, 200]);
    let status = send(rds.address(), "GET", "/_mock/faults", None).json();
    assert_eq!(
        (&status[0]["fault"], &status[0]["matched"], &status[0]["struck"]),
        (&json!(fault), &json!(4), &json!(2))
    );
    assert_eq!(send(rds.address(), "DELETE", &format!("/_mock/faults/{fault}"), None).status, 204);
    assert_eq!(send(rds.address(), "DELETE", &format!("/_mock/faults/{fault}"), None).status, 404);

    plan(
        &rds,
        json!({"action": "describeSecurityGroupConfiguration", "strike": {"every": 2}, "error": {"code": "Throttling.User"}}),
    );
    plan(
        &rds,
        json!({"action": "DescribeRegions", "strike": {"after": 1}, "error": {"code": "My.Own", "status": 418, "message": "tea"}}),
    );
    assert_eq!(statuses(4), [200, 400, 200, 400]);
    call(read_back()).assert_ok();
    let throttled = call(read_back()).assert_refused(400, "Throttling.User");
    assert_eq!(throttled.message(), "Request was denied due to user flow control.");
    call(Unsigned::new("DescribeRegions")).assert_ok();
    let own = call(Unsigned::new("DescribeRegions")).assert_refused(418, "My.Own");
    assert_eq!(own.message(), "tea");
    let journal = rds.control().requests(None, &RequestFilter::default()).unwrap();
    assert_eq!(journal.requests.last().unwrap().fault, Some(3));

    assert_eq!(send(rds.address(), "DELETE", "/_mock/faults", None).status, 204);
    assert_eq!(statuses(2), [200, 200]);
}

#[test]
fn a_fault_strikes_calls_with_its_parameters_of_its_account_and_signed_ones_only() {
    let rds = MockRds::start();
    plan(&rds, json!({"params": {"SecurityGroupId": "sg-2"}, "error": {"code": "InternalError"}}));
    let key = Key::of(&rds);
    set("sg-1").sign(&key).send(rds.address()).assert_ok();
    set("sg-2").sign(&key).send(rds.address()).assert_refused(500, "InternalError");
    set("sg-2").sign(&Key::new(&key.id, "wrong")).send(rds.address()).assert_refused(400, "IncompleteSignature");
    let (_, other) = made(rds.address());
    set("sg-2").sign(&other).send(rds.address()).assert_ok();
    assert_eq!(rds.control().faults(None).unwrap()[0].matched, 1);
}

#[test]
fn a_fault_after_the_commit_leaves_the_change_and_one_before_does_not() {
    for (phase, expected) in [("before", vec![]), ("after", vec!["sg-1"])] {
        for effect in [json!({"error": {"code": "ServiceUnavailable"}}), json!({"break": "close"})] {
            let rds = MockRds::start();
            let mut fault = effect.clone();
            fault["phase"] = json!(phase);
            fault["action"] = json!("ModifySecurityGroupConfiguration");
            plan(&rds, fault);
            let mut connection = Connection::open(rds.address());
            connection.send(&set("sg-1").sign(&Key::of(&rds)).bytes());
            match connection.read() {
                Ok(reply) => drop(reply.assert_refused(503, "ServiceUnavailable")),
                Err(_) => assert!(effect["break"].is_string()),
            }
            assert_eq!(groups(&read_back().sign(&Key::of(&rds)).send(rds.address())), expected, "{phase} {effect}");
        }
    }
}

#[test]
fn connections_break_as_planned() {
    use std::io::{ErrorKind, Read};
    let rds = MockRds::start();
    let bytes = |breaks: &str| {
        rds.control().clear_faults(None).unwrap();
        plan(&rds, json!({"strike": {"first": 1}, "break": breaks}));
        let mut connection = Connection::open(rds.address());
        connection.send(&read_back().sign(&Key::of(&rds)).bytes());
        let mut bytes = Vec::new();
        connection.stream.read_to_end(&mut bytes).map(|_| bytes)
    };
    assert_eq!(bytes("reset").unwrap_err().kind(), ErrorKind::ConnectionReset);
    assert_eq!(bytes("close").unwrap(), b"");
    assert!(!bytes("garbage").unwrap().starts_with(b"HTTP/"));
    let cut = String::from_utf8(bytes("cut").unwrap()).unwrap();
    let (head, body) = cut.split_once("\r\n\r\n").unwrap();
    let length: usize = head.lines().find_map(|line| line.strip_prefix("content-length: ")).unwrap().parse().unwrap();
    assert!(head.starts_with("HTTP/1.1 500") && body.len() == length / 2 && length > 100, "{cut}");
    // After the commit it is the success that is cut short.
    rds.control().clear_faults(None).unwrap();
    plan(&rds, json!({"strike": {"first": 1}, "phase": "after", "break": "cut"}));
    let mut connection = Connection::open(rds.address());
    connection.send(&read_back().sign(&Key::of(&rds)).bytes());
    let mut cut = String::new();
    connection.stream.read_to_string(&mut cut).unwrap();
    assert!(cut.starts_with("HTTP/1.1 200 OK\r\n") && cut.ends_with(&cut[cut.find('{').unwrap()..]), "{cut}");
    let journal = rds.control().requests(None, &RequestFilter::default()).unwrap();
    let broken: Vec<_> = journal.requests.iter().map(|request| request.broken.unwrap()).collect();
    assert_eq!(broken, ["reset", "close", "garbage", "cut", "cut"]);
    read_back().sign(&Key::of(&rds)).send(rds.address()).assert_ok();
}

#[test]
fn a_delay_waits_and_a_bucket_throttles_on_the_accounts_clock() {
    let rds = frozen();
    let call = || read_back().at(crate::support::NOW).sign(&Key::of(&rds)).send(rds.address());
    plan(&rds, json!({"delay": "300ms"}));
    let begin = std::time::Instant::now();
    call().assert_ok();
    // Not a measurement: it waits for as long as it was told to, or it does not.
    assert!(begin.elapsed() >= std::time::Duration::from_millis(300));
    let journal = rds.control().requests(None, &RequestFilter::default()).unwrap();
    assert!(journal.requests[0].duration_ms >= 300.0);

    rds.control().clear_faults(None).unwrap();
    plan(&rds, json!({"throttle": {"rate": 1, "burst": 2}}));
    let codes = |count: usize| (0..count).map(|_| call().code()).collect::<Vec<_>>();
    assert_eq!(codes(3), ["", "", "Throttling.User"]);
    let change = json!({"advance": "1s"});
    send(rds.address(), "PUT", "/_mock/clock", Some(change)).assert_ok();
    assert_eq!(codes(2), ["", "Throttling.User"]);
}

#[test]
fn a_delay_after_the_commit_waits_with_the_answer_and_not_with_the_change() {
    let rds = MockRds::start();
    plan(&rds, json!({"action": "ModifySecurityGroupConfiguration", "phase": "after", "delay": "5s"}));
    let mut waiting = Connection::open(rds.address());
    waiting.send(&set("sg-1").sign(&Key::of(&rds)).bytes());
    let current = || groups(&read_back().sign(&Key::of(&rds)).send(rds.address()).assert_ok());
    // The change is there long before the answer.
    while current().is_empty() {}
    waiting.stream.set_nonblocking(true).unwrap();
    assert!(waiting.read().is_err(), "the answer came with the change");
}

#[test]
fn a_fault_strikes_an_action_that_is_not_emulated() {
    let rds = MockRds::start();
    plan(&rds, json!({"action": "CreateDBInstance", "strike": {"first": 1}, "error": {"code": "Throttling"}}));
    let call = || Unsigned::new("CreateDBInstance").sign(&Key::of(&rds)).send(rds.address());
    call().assert_refused(400, "Throttling");
    let over = call().assert_refused(404, "InvalidAction.NotFound");
    assert!(over.header("x-mock-hint").unwrap().contains("not emulated"), "{over:?}");
    let status = send(rds.address(), "GET", "/_mock/faults", None).json();
    assert_eq!(status[0]["plan"]["strike"], json!({"first": 1}));
}

#[test]
fn faults_come_with_the_seed_and_with_its_reset() {
    let seed = "Accounts: [{AccountId: '1234567890123456', AccessKeys: [{AccessKeyId: a, AccessKeySecret: a}], \
        Faults: [{action: DescribeRegions, strike: {first: 1}, error: {code: InternalError}}]}]";
    let rds = crate::support::frozen_with(seed);
    let call =
        || Unsigned::new("DescribeRegions").at(crate::support::NOW).sign(&Key::of(&rds)).send(rds.address()).status;
    assert_eq!([call(), call()], [500, 200]);
    rds.control().reset_all();
    assert_eq!([call(), call()], [500, 200]);
}

#[test]
fn faults_that_make_no_sense_are_refused() {
    let rds = MockRds::start();
    for (fault, part) in [
        (json!({}), "one of error, delay, break and throttle"),
        (json!({"action": "DescribeRegion", "delay": "1s"}), "did you mean \"DescribeRegions\"?"),
        (
            json!({"action": "DescribeRegions", "params": {"Acceptlanguage": "x"}, "delay": "1s"}),
            "did you mean \"AcceptLanguage\"?",
        ),
        (json!({"error": {"code": "InternalError", "message": "a\u{1}"}}), "control character"),
        (json!({"eror": {"code": "InternalError"}}), "did you mean \"error\"?"),
        (
            json!({"error": {"code": "Throtling.User"}}),
            "did you mean \"Throttling.User\"?; one of your own needs a status",
        ),
        (json!({"error": {"code": "A b", "status": 400}}), "letters, digits"),
        (json!({"error": {"code": "A", "status": 200}}), "400 to 599"),
        (json!({"error": {"code": "InternalError"}, "break": "reset"}), "only one of"),
        (json!({"break": "explode"}), "there is no value \"explode\""),
        (json!({"delay": "-1s"}), "0s to 10m"),
        (json!({"delay": "11m"}), "0s to 10m"),
        (json!({"delay": "1s", "strike": {"every": 0}}), "never strike"),
        (json!({"throttle": {"rate": -1, "burst": 1}}), "throttle"),
        (json!({"throttle": {"rate": 1, "burst": 0}}), "throttle"),
    ] {
        let reply = send(rds.address(), "POST", "/_mock/faults", Some(fault.clone()));
        assert_eq!(reply.status, 400, "{fault}: {reply:?}");
        assert!(reply.json()["error"].as_str().unwrap().contains(part), "{part} is not in {reply:?}");
    }
    assert!(rds.control().faults(None).unwrap().is_empty());
}

#[test]
fn a_stub_answers_for_an_action_that_is_not_emulated() {
    let rds = MockRds::start();
    let stub = |stub: Value| {
        let reply = send(rds.address(), "POST", "/_mock/stubs", Some(stub));
        assert_eq!(reply.status, 201, "{reply:?}");
        reply.json()["stub"].as_u64().unwrap()
    };
    let accounts = json!({"Accounts": {"DBInstanceAccount": [{"AccountName": "a<b"}, {"AccountName": "c"}]}, "Total": 2, "Empty": {"X": []}});
    let number = stub(
        json!({"action": "describeAccounts", "params": {"DBInstanceId": "rm-1"}, "times": 2, "response": accounts}),
    );
    stub(
        json!({"action": "DescribeAccounts", "params": {"DBInstanceId": "rm-2"}, "error": {"code": "InvalidDBInstanceId.NotFound"}}),
    );
    let call = |id: &str, key: &Key, format: &str| {
        let call = Unsigned::new("DescribeAccounts").param("DBInstanceId", id).format(Some(format));
        call.sign(key).send(rds.address())
    };
    let key = Key::of(&rds);
    let json_reply = call("rm-1", &key, "JSON").assert_ok();
    let mut expected = accounts.clone();
    expected["RequestId"] = json!(json_reply.header("x-acs-request-id").unwrap());
    assert_eq!(json_reply.json(), expected);
    let xml = call("rm-1", &key, "XML").assert_ok();
    let (root, tree) = crate::support::tree::Tree::of_xml(&xml.body);
    expected["RequestId"] = json!(xml.header("x-acs-request-id").unwrap());
    assert_eq!((root.as_str(), tree), ("DescribeAccountsResponse", crate::support::tree::Tree::of_json(&expected)));

    // Twice, then no more; the other one goes on. Signatures are verified, and other accounts know nothing of it.
    let over = call("rm-1", &key, "JSON").assert_refused(404, "InvalidAction.NotFound");
    assert!(over.header("x-mock-hint").unwrap().contains("none of the stubs"), "{over:?}");
    call("rm-2", &key, "JSON").assert_refused(404, "InvalidDBInstanceId.NotFound");
    call("rm-2", &Key::new(&key.id, "wrong"), "JSON").assert_refused(400, "IncompleteSignature");
    let (_, other) = made(rds.address());
    call("rm-2", &other, "JSON").assert_refused(404, "InvalidAction.NotFound");

    let status = send(rds.address(), "GET", "/_mock/stubs", None).assert_ok().json();
    assert_eq!(
        (&status[0]["stub"], &status[0]["action"], &status[0]["given"]),
        (&json!(number), &json!("DescribeAccounts"), &json!(2))
    );
    let journal = rds.control().requests(None, &RequestFilter::default()).unwrap();
    assert_eq!(journal.requests[0].stub, Some(number));
    let actions = send(rds.address(), "GET", "/_mock/actions", None).json();
    let stubbed: Vec<_> = actions.as_array().unwrap().iter().filter(|action| action["status"] == "stubbed").collect();
    assert_eq!(stubbed.len(), 1);
    assert_eq!(send(rds.address(), "DELETE", "/_mock/stubs/2", None).status, 204);
    assert_eq!(send(rds.address(), "DELETE", "/_mock/stubs/2", None).status, 404);
    assert_eq!(send(rds.address(), "DELETE", "/_mock/stubs", None).status, 204);
    let gone = call("rm-2", &key, "JSON").assert_refused(404, "InvalidAction.NotFound");
    assert!(gone.header("x-mock-hint").unwrap().contains("not emulated"), "{gone:?}");
}

#[test]
fn a_stub_takes_the_place_of_an_emulated_action_and_comes_with_the_seed() {
    let seed = "Accounts: [{AccountId: '1234567890123456', AccessKeys: [{AccessKeyId: a, AccessKeySecret: a}], \
        Stubs: [{action: DescribeRegions, times: 1, response: {Regions: {RDSRegion: []}}}], \
        Faults: [{action: DescribeRegions, strike: {first: 1}, error: {code: ServiceUnavailable}}]}]";
    let rds = crate::support::frozen_with(seed);
    let call = || Unsigned::new("DescribeRegions").at(crate::support::NOW).sign(&Key::of(&rds)).send(rds.address());
    for _ in 0..2 {
        // A call that a fault strikes first does not use it up.
        call().assert_refused(503, "ServiceUnavailable");
        assert_eq!(call().assert_ok().json()["Regions"], json!({"RDSRegion": []}));
        assert!(call().assert_ok().json()["Regions"]["RDSRegion"].as_array().unwrap().len() > 10);
        rds.control().reset_all();
    }
}

#[test]
fn stubs_that_make_no_sense_are_refused() {
    let rds = MockRds::start();
    let with = |response: Value| json!({"action": "DescribeAccounts", "response": response});
    for (stub, part) in [
        (json!({"action": "DescribeAccount", "response": {}}), "did you mean \"DescribeAccounts\"?"),
        (json!({"action": "DescribeAccounts"}), "one of response and error"),
        (
            json!({"action": "DescribeAccounts", "response": {}, "error": {"code": "InternalError"}}),
            "one of response and error",
        ),
        (json!({"action": "DescribeAccounts", "respons": {}}), "did you mean \"response\"?"),
        (with(json!({"A": null})), "A is null"),
        (with(json!({"A": {"B": [[1]]}})), "a list in a list"),
        (with(json!({"A": [{"1b": 1}]})), "\"1b\" cannot name"),
        (with(json!({"A": "x\u{1}"})), "control character"),
        (with(json!([])), ""),
    ] {
        let reply = send(rds.address(), "POST", "/_mock/stubs", Some(stub.clone()));
        assert_eq!(reply.status, 400, "{stub}: {reply:?}");
        assert!(reply.json()["error"].as_str().unwrap().contains(part), "{part} is not in {reply:?}");
    }
    let seed = "Accounts: [{AccountId: '1234567890123456', AccessKeys: [{AccessKeyId: a, AccessKeySecret: a}], Stubs: [{action: X}]}]";
    assert!(rds_mock::Seed::parse(seed).unwrap_err().to_string().contains("Stubs: there is no action \"X\""));
}

#[test]
fn health_actions_and_the_list_of_routes_are_there() {
    let rds = MockRds::start();
    let get = |path: &str| send(rds.address(), "GET", path, None).assert_ok().json();
    let health = get("/_mock/health");
    assert_eq!((&health["version"], &health["accounts"]), (&json!(env!("CARGO_PKG_VERSION")), &json!(1)));
    assert!(health["uptime_seconds"].is_u64());
    let actions = get("/_mock/actions");
    let status = |name: &str| {
        let actions = actions.as_array().unwrap();
        actions.iter().find(|action| action["action"] == name).unwrap()["status"].as_str().unwrap().to_owned()
    };
    assert_eq!(actions.as_array().unwrap().len(), 420);
    assert_eq!((status("DescribeRegions").as_str(), status("CreateDBInstance").as_str()), ("emulated", "known"));
    // Every route of the list exists, and both spellings of the list itself.
    assert_eq!(get("/_mock"), get("/_mock/"));
    for route in get("/_mock/").as_array().unwrap() {
        let path =
            route["path"].as_str().unwrap().replace("{AccountId}", "0").replace("{fault}", "0").replace("{stub}", "0");
        let reply = send(rds.address(), route["method"].as_str().unwrap(), &path, Some(json!({})));
        let error = reply.body.clone();
        assert!(!error.contains("there is no route") && !error.contains(" takes "), "{route}: {reply:?}");
    }
}

#[test]
fn routes_are_no_calls_and_calls_are_no_routes() {
    let rds = MockRds::start();
    for path in ["/_mocks", "/_mockery", "/x/_mock/health"] {
        let reply = send(rds.address(), "GET", &format!("{path}?Action=DescribeRegions&Version=2014-08-15"), None);
        assert!(reply.body.contains("InvalidAction.NotFound"), "{reply:?}");
    }
    let reply = send(rds.address(), "GET", "/_mock/health", None);
    assert_eq!(reply.header("x-acs-request-id"), None);
    assert_eq!(reply.header("access-control-allow-origin"), None);
}
