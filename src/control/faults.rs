//! Faults: what a test plans to go wrong.

use std::collections::BTreeMap;
use std::time::Duration;

use jiff::SignedDuration;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{Control, ControlError, ControlErrorKind};
use crate::account::{Break, Bucket, Effect, Fault, Phase, PlannedFault, Strike};
use crate::api::{Error, ErrorCode, Product, is_common_parameter};
use crate::wire::is_unfit;

/// The longest delay.
const MAX_DELAY: SignedDuration = SignedDuration::from_mins(10);
/// How many faults an account may have.
const MAX_FAULTS: usize = 1000;

/// A fault as it is planned: which calls it strikes, and what it does to them. One of `error`, `delay`, `breaks` and
/// `throttle` at least; a delay goes with any other.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct FaultPlan {
    /// The action it strikes; any without one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub action: Option<String>,
    /// Parameters a call must have to be struck; it may have more.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub params: BTreeMap<String, String>,
    /// Which of the calls that match; all unless said.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub strike: Option<StrikePlan>,
    /// Whether the call fails before its change is made or after; before unless said.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub phase: Option<FaultPhase>,
    /// Answers with this error.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<PlannedError>,
    /// Waits so long first, up to ten minutes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub delay: Option<SignedDuration>,
    /// Breaks the connection instead of answering.
    #[serde(rename = "break", skip_serializing_if = "Option::is_none")]
    pub breaks: Option<BreakPlan>,
    /// Lets so many calls pass and throttles the rest.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub throttle: Option<ThrottlePlan>,
}

/// Which of the calls that match are struck.
#[derive(Clone, Copy, Debug, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum StrikePlan {
    /// The first N.
    First(u64),
    /// Every Nth.
    Every(u64),
    /// All but the first N.
    After(u64),
}

/// When a call fails.
#[derive(Clone, Copy, Debug, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum FaultPhase {
    /// Nothing is changed.
    Before,
    /// The change is made, and the caller does not get to know.
    After,
}

/// An error of the service. For those of the catalogue the code is enough; any other needs a status.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct PlannedError {
    /// `Code`, such as `Throttling.User`.
    pub code: String,
    /// The HTTP status, 400 to 599.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<u16>,
    /// `Message`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub message: Option<String>,
}

/// How a connection is broken.
#[derive(Clone, Copy, Debug, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum BreakPlan {
    /// A TCP reset.
    Reset,
    /// Closed without an answer.
    Close,
    /// The answer's head and half of its body.
    Cut,
    /// Bytes that are no HTTP.
    Garbage,
}

/// A token bucket, on the account's clock. Calls for which there is no token are refused with `Throttling.User`.
#[derive(Clone, Copy, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct ThrottlePlan {
    /// Calls a second.
    pub rate: f64,
    /// Calls at once.
    pub burst: u32,
}

/// A fault that is planned, and how often it was met.
#[derive(Clone, Debug, Serialize)]
#[non_exhaustive]
pub struct FaultStatus {
    /// Counts from 1 within an account; journal entries name it.
    pub fault: u64,
    /// Calls that matched.
    pub matched: u64,
    /// Calls that were struck.
    pub struck: u64,
    /// As it was planned.
    pub plan: Value,
}

impl Control {
    /// Plans a fault for an account and gives its number.
    ///
    /// # Errors
    ///
    /// When there is no such account, the plan can't be carried out, or there are too many faults.
    pub fn add_fault(&self, account: Option<&str>, plan: &FaultPlan) -> Result<u64, ControlError> {
        let account = self.slot(account)?.account();
        let fault = plan.to_fault(self.gateway.product)?;
        account.faults.add(fault, MAX_FAULTS).ok_or_else(|| {
            let message = format!("an account has at most {MAX_FAULTS} faults");
            ControlError::new(ControlErrorKind::Conflict, message)
        })
    }

    /// The faults of an account, in the order they came.
    ///
    /// # Errors
    ///
    /// When there is no such account.
    pub fn faults(&self, account: Option<&str>) -> Result<Vec<FaultStatus>, ControlError> {
        let status = |planned: PlannedFault| FaultStatus {
            fault: planned.number,
            matched: planned.matched,
            struck: planned.struck,
            plan: planned.fault.plan,
        };
        Ok(self.slot(account)?.account().faults.list().into_iter().map(status).collect())
    }

    /// Forgets a fault.
    ///
    /// # Errors
    ///
    /// When there is no such account, or it has no such fault.
    pub fn remove_fault(&self, account: Option<&str>, fault: u64) -> Result<(), ControlError> {
        if self.slot(account)?.account().faults.remove(fault) {
            return Ok(());
        }
        Err(ControlError::new(ControlErrorKind::NotFound, format!("there is no fault {fault}")))
    }

    /// Forgets all faults of an account.
    ///
    /// # Errors
    ///
    /// When there is no such account.
    pub fn clear_faults(&self, account: Option<&str>) -> Result<(), ControlError> {
        self.slot(account)?.account().faults.clear();
        Ok(())
    }
}

impl FaultPlan {
    pub(crate) fn to_fault(&self, product: &Product) -> Result<Fault, ControlError> {
        if let Some(action) = self.action.as_ref().filter(|action| product.known(action).is_none()) {
            return Err(ControlError::unknown("action", action, product.known_names()));
        }
        let effect = match (&self.error, self.breaks, self.throttle) {
            (None, None, None) if self.delay.is_none() => {
                return Err(ControlError::invalid("a fault needs one of error, delay, break and throttle"));
            }
            (None, None, None) => Effect::None,
            (Some(error), None, None) => Effect::Fail(error.to_error()?),
            (None, Some(breaks), None) => Effect::Break(breaks.to_break()),
            (None, None, Some(throttle)) => throttle.to_effect()?,
            _ => return Err(ControlError::invalid("a fault has only one of error, break and throttle")),
        };
        let delay = match self.delay {
            None => None,
            Some(delay) if (SignedDuration::ZERO..=MAX_DELAY).contains(&delay) => Some(delay.unsigned_abs()),
            Some(delay) => {
                return Err(ControlError::invalid(format!("delay is {delay:#}; 0s to {MAX_DELAY:#} are valid")));
            }
        };
        check_params(product, self.action.as_deref(), &self.params)?;
        Ok(Fault {
            plan: serde_json::to_value(self).expect("a plan has string keys"),
            action: self.action.clone(),
            params: self.params.clone(),
            strike: self.strike.map_or(Ok(Strike::All), StrikePlan::to_strike)?,
            phase: if matches!(self.phase, Some(FaultPhase::After)) { Phase::After } else { Phase::Before },
            delay: delay.filter(|delay| *delay > Duration::ZERO),
            effect,
        })
    }
}

/// Refuses parameters that a call of the action never has: typos, which would match nothing.
pub(super) fn check_params(
    product: &Product,
    action: Option<&str>,
    params: &BTreeMap<String, String>,
) -> Result<(), ControlError> {
    let Some(known) = action.and_then(|action| product.known(action)) else { return Ok(()) };
    match params.keys().find(|name| !is_common_parameter(name) && !known.has_parameter(name)) {
        Some(name) => Err(ControlError::unknown(&format!("parameter of {}", known.name), name, known.parameters())),
        None => Ok(()),
    }
}

impl StrikePlan {
    fn to_strike(self) -> Result<Strike, ControlError> {
        match self {
            Self::First(0) | Self::Every(0) => Err(ControlError::invalid("strike: 0 would never strike")),
            Self::First(count) => Ok(Strike::First(count)),
            Self::Every(count) => Ok(Strike::Every(count)),
            Self::After(count) => Ok(Strike::After(count)),
        }
    }
}

impl BreakPlan {
    fn to_break(self) -> Break {
        match self {
            Self::Reset => Break::Reset,
            Self::Close => Break::Close,
            Self::Cut => Break::Cut,
            Self::Garbage => Break::Garbage,
        }
    }
}

impl ThrottlePlan {
    fn to_effect(self) -> Result<Effect, ControlError> {
        if !(self.rate.is_finite() && self.rate >= 0.0) || self.burst == 0 {
            return Err(ControlError::invalid("throttle: rate is 0 or more calls a second, burst 1 or more"));
        }
        let burst = f64::from(self.burst);
        let bucket = Bucket { rate: self.rate, burst, tokens: burst, filled_at: None };
        Ok(Effect::Throttle(bucket, ErrorCode::ThrottlingUser.into()))
    }
}

impl PlannedError {
    pub(super) fn to_error(&self) -> Result<Error, ControlError> {
        let Self { code, status, message } = self;
        let row = ErrorCode::ALL.iter().find(|row| row.code() == code);
        let is_name = |byte: u8| byte.is_ascii_alphanumeric() || b"._-".contains(&byte);
        if code.is_empty() || !code.bytes().all(is_name) {
            return Err(ControlError::invalid(format!("code is {code:?}; letters, digits, dots, - and _ are valid")));
        }
        let Some(status) = status.or(row.map(|row| row.status())) else {
            let nearest =
                ControlError::unknown("code of the catalogue", code, ErrorCode::ALL.iter().map(|row| row.code()));
            return Err(nearest.and("; one of your own needs a status"));
        };
        if !(400..600).contains(&status) {
            return Err(ControlError::invalid(format!("status is {status}; 400 to 599 are valid")));
        }
        if message.as_ref().is_some_and(|message| message.contains(is_unfit)) {
            return Err(ControlError::invalid("message has a control character, which has no form in XML"));
        }
        let default = row.map_or("Planned by a fault.", |row| row.message()).replace("{}", "");
        Ok(Error::planned(code.as_str().into(), status, message.clone().unwrap_or(default)))
    }
}
