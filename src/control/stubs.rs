//! Stubs: canned answers for actions that are not emulated, or that should answer otherwise.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::faults::check_params;
use super::{Control, ControlError, ControlErrorKind, PlannedError};
use crate::account::{Canned, PlannedStub, Stub};
use crate::api::Product;
use crate::wire::is_unfit;

/// How many stubs an account may have.
const MAX_STUBS: usize = 1000;

/// A stub as it is planned: which calls get it, and what it answers. One of `response` and `error`.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct StubPlan {
    /// An action that the real service has, whatever its case.
    pub action: String,
    /// Parameters a call must have to get it; it may have more.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub params: BTreeMap<String, String>,
    /// How often it is given; always unless said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub times: Option<u64>,
    /// The response as the service's JSON has it, without `RequestId`, which is added. In XML the elements of a list are
    /// named by its key.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub response: Option<Map<String, Value>>,
    /// The error.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<PlannedError>,
}

/// A stub that is planned, and how often it was given.
#[derive(Clone, Debug, Serialize)]
#[non_exhaustive]
pub struct StubStatus {
    /// Counts from 1 within an account; journal entries name it.
    pub stub: u64,
    /// In the service's spelling.
    pub action: &'static str,
    /// Parameters a call must have.
    pub params: BTreeMap<String, String>,
    /// How often it is given at the most.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub times: Option<u64>,
    /// How often it was given.
    pub given: u64,
}

impl Control {
    /// Plans a stub for an account and gives its number. Signatures are verified as ever.
    ///
    /// # Errors
    ///
    /// When there is no such account, the plan can't be carried out, or there are too many stubs.
    pub fn add_stub(&self, account: Option<&str>, plan: &StubPlan) -> Result<u64, ControlError> {
        let account = self.slot(account)?.account();
        let stub = plan.to_stub(self.gateway.product)?;
        account.stubs.add(stub, MAX_STUBS).ok_or_else(|| {
            let message = format!("an account has at most {MAX_STUBS} stubs");
            ControlError::new(ControlErrorKind::Conflict, message)
        })
    }

    /// The stubs of an account, in the order they came.
    ///
    /// # Errors
    ///
    /// When there is no such account.
    pub fn stubs(&self, account: Option<&str>) -> Result<Vec<StubStatus>, ControlError> {
        let status = |planned: PlannedStub| StubStatus {
            stub: planned.number,
            action: planned.stub.action,
            params: planned.stub.params,
            times: planned.stub.times,
            given: planned.given,
        };
        Ok(self.slot(account)?.account().stubs.list().into_iter().map(status).collect())
    }

    /// Forgets a stub.
    ///
    /// # Errors
    ///
    /// When there is no such account, or it has no such stub.
    pub fn remove_stub(&self, account: Option<&str>, stub: u64) -> Result<(), ControlError> {
        if self.slot(account)?.account().stubs.remove(stub) {
            return Ok(());
        }
        Err(ControlError::new(ControlErrorKind::NotFound, format!("there is no stub {stub}")))
    }

    /// Forgets all stubs of an account.
    ///
    /// # Errors
    ///
    /// When there is no such account.
    pub fn clear_stubs(&self, account: Option<&str>) -> Result<(), ControlError> {
        self.slot(account)?.account().stubs.clear();
        Ok(())
    }
}

impl StubPlan {
    pub(crate) fn to_stub(&self, product: &Product) -> Result<Stub, ControlError> {
        let known = product.known(&self.action);
        let known = known.ok_or_else(|| ControlError::unknown("action", &self.action, product.known_names()))?;
        check_params(product, Some(&self.action), &self.params)?;
        let answer = match (&self.response, &self.error) {
            (Some(response), None) => {
                check_object(response)?;
                Canned::Response(response.clone())
            }
            (None, Some(error)) => Canned::Error(error.to_error()?),
            _ => return Err(ControlError::invalid("a stub needs one of response and error")),
        };
        Ok(Stub { action: known.name, params: self.params.clone(), times: self.times, answer })
    }
}

/// Refuses what has no place in an answer of the service, or in XML.
fn check_object(object: &Map<String, Value>) -> Result<(), ControlError> {
    for (key, value) in object {
        let mut letters = key.bytes();
        let begins = letters.next().is_some_and(|byte| byte.is_ascii_alphabetic() || byte == b'_');
        if !begins || !letters.all(|byte| byte.is_ascii_alphanumeric() || b"_-.".contains(&byte)) {
            return Err(ControlError::invalid(format!("{key:?} cannot name an element of an XML answer")));
        }
        check_value(key, value)?;
    }
    Ok(())
}

fn check_value(key: &str, value: &Value) -> Result<(), ControlError> {
    match value {
        Value::Null => Err(ControlError::invalid(format!("{key} is null, which the service never answers"))),
        Value::Object(object) => check_object(object),
        Value::Array(items) => items.iter().try_for_each(|item| match item {
            Value::Array(_) => {
                Err(ControlError::invalid(format!("{key} is a list in a list, which has no form in XML")))
            }
            item => check_value(key, item),
        }),
        Value::String(text) if text.contains(|letter| is_unfit(letter) && !matches!(letter, '\n' | '\t')) => {
            Err(ControlError::invalid(format!("{key} has a control character, which has no form in XML")))
        }
        _ => Ok(()),
    }
}
