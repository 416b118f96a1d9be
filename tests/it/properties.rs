//! What holds for every call: a right signature is accepted, one flipped bit is not, and no bytes at all do harm.

use std::sync::LazyLock;

use proptest::prelude::*;
use proptest::sample::Index;
use rds_mock::MockRds;

use crate::support::signer::encode_bytes;
use crate::support::tree::Tree;
use crate::support::{Connection, Dialect, INSTANCE, Key, Reply, Request, Unsigned, read_back};

/// One server for all cases of a property: what they change is nothing.
static SERVER: LazyLock<MockRds> = LazyLock::new(MockRds::start);

fn key() -> Key {
    Key::of(&SERVER)
}

/// A call that reads, with parameters nobody asked for.
fn call() -> impl Strategy<Value = Unsigned> {
    let extras = proptest::collection::btree_map("[A-Za-z][A-Za-z0-9.]{0,8}|\\PC{1,6}", any::<String>(), 0..4);
    let dialect = prop_oneof![Just(Dialect::V1), Just(Dialect::V3)];
    (dialect, any::<bool>(), any::<bool>(), extras).prop_map(|(dialect, is_form, is_post, extras)| {
        let mut call = read_back().dialect(dialect);
        for (name, value) in extras {
            if !["Format", "Signature", "Action", "Version", "SignatureType", "SecurityToken"].contains(&name.as_str())
            {
                call = call.param(&format!("X{name}"), &value);
            }
        }
        if is_form {
            call.form()
        } else if is_post {
            call.method("POST")
        } else {
            call
        }
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_call_signed_by_the_document_is_accepted(call in call()) {
        let reply = call.sign(&key()).send(SERVER.address());
        prop_assert_eq!(reply.status, 200, "{:?}", reply);
    }

    #[test]
    fn a_flipped_bit_in_a_v1_parameter_is_refused(call in call(), at in any::<Index>(), byte in any::<Index>(), bit in 0..8u8) {
        let call = call.dialect(Dialect::V1);
        let mut params: Vec<(Vec<u8>, Vec<u8>)> =
            call.v1_params(&key()).into_iter().map(|(name, value)| (name.into_bytes(), value.into_bytes())).collect();
        // Names and values in one row, empty values left out: there is no bit in them.
        let mut texts: Vec<&mut Vec<u8>> =
            params.iter_mut().flat_map(|(name, value)| [name, value]).filter(|text| !text.is_empty()).collect();
        let text = &mut texts[at.index(params_len(&call))];
        let byte = byte.index(text.len());
        text[byte] ^= 1 << bit;

        let encoded: Vec<String> =
            params.iter().map(|(name, value)| format!("{}={}", encode_bytes(name), encode_bytes(value))).collect();
        let encoded = encoded.join("&").into_bytes();
        let mut request = call.sign(&key());
        if call.is_form { request.body = encoded } else { request.query = encoded }
        let reply = request.send(SERVER.address());
        prop_assert!((400..500).contains(&reply.status), "{:?}", reply);
    }

    #[test]
    fn a_flipped_bit_in_a_v3_call_is_refused(call in call(), at in any::<Index>(), byte in any::<Index>(), bit in 0..8u8) {
        let mut request = call.dialect(Dialect::V3).sign(&key());
        let headers = request.headers.len();
        let (name, byte) = match at.index(headers + 2) {
            index if index < headers => {
                let (name, value) = &mut request.headers[index];
                let byte = byte.index(value.len());
                value[byte] ^= 1 << bit;
                (name.clone(), value[byte])
            }
            _ if !request.body.is_empty() => {
                let byte = byte.index(request.body.len());
                request.body[byte] ^= 1 << bit;
                ("body".to_owned(), request.body[byte])
            }
            _ => {
                // The query is decoded before it is signed, so a flip in a hex digit's case is no change.
                let length = request.query.len();
                prop_assume!(length > 0);
                let byte = byte.index(length);
                prop_assume!(bit != 5 || !request.query[byte].is_ascii_alphabetic());
                request.query[byte] ^= 1 << bit;
                ("query".to_owned(), request.query[byte])
            }
        };
        // A line break or a zero byte in a header makes it two headers or none; a blank at its end is trimmed away.
        let reply = request.send(SERVER.address());
        prop_assert!((400..500).contains(&reply.status), "{} {:02x}: {:?}", name, byte, reply);
    }

    #[test]
    fn xml_and_json_hold_the_same_tree(id in "[a-z0-9-]{1,20}|rm-uf6wjk5xxxxxx", action in any::<Index>(), description in "\\PC{0,20}") {
        let seed = serde_json::json!({"Accounts": [{
            "AccountId": "1234567890123456",
            "AccessKeys": [{"AccessKeyId": "a", "AccessKeySecret": "a"}],
            "DBInstances": [{"DBInstanceId": INSTANCE, "DBInstanceDescription": description, "SecurityGroupIds": ["sg-1"]}],
        }]});
        let actions: Vec<_> = rds_mock::emulated_actions().map(|(name, _)| name).collect();
        let action = *action.get(&actions);
        let answer = |format: &str| {
            let rds = crate::support::frozen_with(&seed.to_string());
            let call = Unsigned::new(action).at(crate::support::NOW).nonce("n").format(Some(format));
            let call = call.param("DBInstanceId", &id).param("RegionId", "cn-hangzhou").param("SecurityGroupId", "sg-2,sg-3");
            call.sign(&Key::of(&rds)).send(rds.address())
        };
        let (xml, json) = (answer("XML"), answer("JSON"));
        prop_assert_eq!(xml.status, json.status);
        prop_assert_eq!(Tree::of_xml(&xml.body).1, Tree::of_json(&json.json()));
    }

    #[test]
    fn any_bytes_get_an_answer(bytes in proptest::collection::vec(any::<u8>(), 1..300)) {
        check_answered(&bytes)?;
    }

    #[test]
    fn a_broken_request_gets_an_answer(
        call in call(),
        edits in proptest::collection::vec((any::<Index>(), any::<u8>(), 0..3u8), 1..6),
        cut in any::<Index>(),
        is_cut in any::<bool>(),
    ) {
        let mut bytes = call.sign(&key()).bytes();
        for (at, byte, kind) in edits {
            let at = at.index(bytes.len());
            match kind {
                0 => bytes[at] = byte,
                1 => bytes.insert(at, byte),
                _ => drop(bytes.remove(at)),
            }
        }
        if is_cut {
            bytes.truncate(cut.index(bytes.len()).max(1));
        }
        check_answered(&bytes)?;
    }
}

/// How many names and values of a V1 call have a byte to flip.
fn params_len(call: &Unsigned) -> usize {
    call.v1_params(&key()).iter().flat_map(|(name, value)| [name, value]).filter(|text| !text.is_empty()).count()
}

/// Whatever is sent, something comes back, in HTTP; and the server goes on.
fn check_answered(bytes: &[u8]) -> Result<(), TestCaseError> {
    let mut connection = Connection::open(SERVER.address());
    connection.send(bytes);
    connection.finish();
    let reply = connection.read();
    let Ok(Reply { status, version, .. }) = &reply else {
        return Err(TestCaseError::fail(format!("no answer: {reply:?}")));
    };
    prop_assert!(version.starts_with("HTTP/1.") && (100..500).contains(status), "{:?}", reply);
    let request: Request = read_back().sign(&key());
    prop_assert_eq!(request.send(SERVER.address()).status, 200);
    Ok(())
}
