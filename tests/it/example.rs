//! What a test of one's own looks like: an account for it alone, a fault, a retry, and what the server received.

use rds_mock::{Expectation, FaultPhase, FaultPlan, MockRds, PlannedError, StrikePlan, Times};

use crate::support::{Key, groups, read_back, set};

#[test]
fn a_change_whose_answer_got_lost_can_be_retried() {
    let rds = MockRds::start();
    let account = rds.control().create_account().unwrap();
    let key = Key::new(&account.access_key_id, &account.access_key_secret);
    let id = Some(account.account_id.as_str());

    let fault = FaultPlan {
        action: Some("ModifySecurityGroupConfiguration".to_owned()),
        strike: Some(StrikePlan::First(1)),
        phase: Some(FaultPhase::After),
        error: Some(PlannedError { code: "ServiceUnavailable".to_owned(), status: None, message: None }),
        ..FaultPlan::default()
    };
    rds.control().add_fault(id, &fault).unwrap();

    set("sg-1,sg-2").sign(&key).send(rds.address()).assert_refused(503, "ServiceUnavailable");
    // The call failed, and the change was made all the same.
    assert_eq!(groups(&read_back().sign(&key).send(rds.address()).assert_ok()), ["sg-1", "sg-2"]);

    set("sg-1,sg-2").sign(&key).send(rds.address()).assert_ok();
    assert_eq!(groups(&read_back().sign(&key).send(rds.address()).assert_ok()), ["sg-1", "sg-2"]);
    let expected = Expectation::of("ModifySecurityGroupConfiguration").times(Times::Exactly(2));
    let verdict = rds.control().verify(id, &expected).unwrap();
    assert!(verdict.met, "{verdict:?}");

    // Other accounts saw nothing of it.
    assert!(groups(&read_back().sign(&Key::of(&rds)).send(rds.address()).assert_ok()).is_empty());
}
