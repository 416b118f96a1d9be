//! The path of a call, from what arrived to what is answered. No HTTP server in here.

mod answer;
mod authenticate;
mod authorize;
mod diagnosis;
mod request;

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::time::{Duration, Instant};

use http::{Method, header};

pub(crate) use self::answer::Answer;
use self::authenticate::{Caller, authenticate};
use self::authorize::authorize;
use self::request::{Dialect, Request};
use crate::account::{Account, Accounts, Break, Canned, ClockSetting, Ids, JournalEntry, Phase, Texts, Verdict};
use crate::api::{Context, Entry, Error, ErrorCode, Limits, Product, Result, is_common_parameter, shortened};
use crate::wire::{Body, Call, Format, render};

/// What every call of a server shares.
#[derive(Debug)]
pub(crate) struct Gateway {
    pub(crate) product: &'static Product,
    pub(crate) accounts: Accounts,
    /// The clock of a call whose access key nobody knows.
    pub(crate) clock: ClockSetting,
    pub(crate) ids: Ids,
    pub(crate) limits: Limits,
    /// Whether a parameter that the real action does not have refuses the call.
    pub(crate) strict_parameters: bool,
    /// How far a timestamp may be from now, either way.
    pub(crate) timestamp_skew: jiff::SignedDuration,
}

impl Gateway {
    /// Answers a call, whose head had been read at `received`, and notes it in the journal of the account it names. Where a
    /// fault delays it, `sleep` does the waiting.
    pub(crate) async fn answer(&self, call: &Call, received: Instant, sleep: impl AsyncFn(Duration)) -> Answer {
        let request_id = self.ids.request_id();
        if call.method == Method::OPTIONS {
            return Answer::preflight(request_id, self.ids.trace_id());
        }
        let request = Request::read(call);
        let account = request.access_key_id().and_then(|id| self.accounts.find(id));
        let admitted = guarded(|| self.admit(&request, account.as_ref()));
        let verdict = admitted.as_ref().ok().and_then(|admitted| admitted.verdict.clone());
        let stub = admitted.as_ref().ok().and_then(|admitted| Some(admitted.stub.as_ref()?.0));
        let delay_in =
            |phase| verdict.as_ref().filter(|verdict| verdict.phase == phase).and_then(|verdict| verdict.delay);
        if let Some(delay) = delay_in(Phase::Before) {
            sleep(delay).await;
        }
        let outcome = admitted.and_then(|admitted| guarded(|| self.carry_out(&admitted, &request, &request_id)));
        if let Some(delay) = delay_in(Phase::After) {
            sleep(delay).await;
        }
        let mut answer = Answer::of(&request, outcome, self.product, request_id, self.ids.trace_id());
        answer.breaks = verdict.as_ref().and_then(|verdict| verdict.breaks);
        if let Some(account) = account {
            let fault = verdict.map(|verdict| verdict.fault);
            let struck = Struck { fault, stub, broken: answer.breaks };
            account.journal.add(entry(&request, &account, &answer, struck, received.elapsed()));
        }
        answer
    }

    /// The stages of a call up to its execution, in the order in which the gateway refuses.
    ///
    /// Recorded is that the action is looked up before the access key, and the access key before the signature is checked;
    /// the rest of the order is a guess.
    fn admit(&self, request: &Request<'_>, account: Option<&Arc<Account>>) -> Result<Admitted> {
        request.check_readable()?;
        let action = self.resolve(request, account)?;
        check_method(request)?;
        let format = request.format()?;
        let caller = authenticate(self, request, account)?;
        self.check_parameters(action, request)?;
        let verdict = caller.account.faults.strike(action.name, &request.params, caller.now);
        // A call that fails before it is carried out does not use up a stub.
        let fails_first = verdict.as_ref().is_some_and(Verdict::fails_first);
        let stub = if fails_first { None } else { caller.account.stubs.give(action.name, &request.params) };
        Ok(Admitted { action, format, caller, verdict, stub })
    }

    /// Runs an admitted call. A fault strikes before it, and nothing happens, or after it, and what happened stays.
    fn carry_out(&self, admitted: &Admitted, request: &Request<'_>, request_id: &str) -> Result<Body> {
        let run = || {
            authorize(self.product, &admitted.caller, admitted.action.name, request)?;
            match &admitted.stub {
                Some((_, Canned::Response(response))) => {
                    let mut response = response.clone();
                    response.insert("RequestId".to_owned(), request_id.into());
                    Ok(render::response(admitted.action.name, &response, admitted.format))
                }
                Some((_, Canned::Error(error))) => Err(error.clone()),
                None => self.run(admitted, request, request_id),
            }
        };
        let Some(Verdict { phase, error, breaks, .. }) = &admitted.verdict else { return run() };
        match (error, breaks, phase) {
            (Some(error), _, Phase::Before) => Err(error.clone()),
            (Some(error), _, Phase::After) => run().and(Err(error.clone())),
            // Nothing is carried out and nothing is answered; what a cut answer begins with is an error of the service.
            (None, Some(_), Phase::Before) => Err(ErrorCode::InternalError.into()),
            (None, _, _) => run(),
        }
    }

    /// Finds the action that the call names, on the one path there is. One that is not emulated exists for an account that
    /// has a stub for it.
    fn resolve(&self, request: &Request<'_>, account: Option<&Arc<Account>>) -> Result<Target> {
        let name = request.action().ok_or_else(|| ErrorCode::MissingParameter.about(request.names().action))?;
        let version = request.version().ok_or_else(|| ErrorCode::MissingParameter.about(request.names().version))?;
        let not_found = |hint: String| Error::from(ErrorCode::InvalidActionNotFound).hint(hint);
        let Product { title: product, version: ours, .. } = self.product;
        if request.call.path() != "/" {
            return Err(not_found("calls go to the path /".to_owned()));
        }
        if version != *ours {
            return Err(not_found(format!("{product} has the version {ours} only")));
        }
        if let Some(entry) = self.product.find(name) {
            return Ok(Target { name: entry.name, entry: Some(entry) });
        }
        let Some(known) = self.product.known(name) else {
            return Err(not_found(format!("{product} has no such action")));
        };
        // A fault may strike an action that nothing else answers for.
        if account.is_some_and(|account| account.stubs.cover(known.name) || account.faults.name(known.name)) {
            return Ok(Target { name: known.name, entry: None });
        }
        Err(not_found(format!("{} is a real {product} action which is not emulated", known.name)))
    }

    /// Refuses a parameter that the real action does not have, where that was asked for.
    fn check_parameters(&self, action: Target, request: &Request<'_>) -> Result<()> {
        if !self.strict_parameters {
            return Ok(());
        }
        let Some(known) = self.product.known(action.name) else { return Ok(()) };
        let mut names = request.params.iter().map(|(name, _)| name);
        match names.find(|name| !is_common_parameter(name) && !known.has_parameter(name)) {
            Some(name) => Err(ErrorCode::UnsupportedParameter.about(shortened(name))),
            None => Ok(()),
        }
    }

    /// Runs the action in the caller's world.
    fn run(&self, admitted: &Admitted, request: &Request<'_>, request_id: &str) -> Result<Body> {
        let Admitted { action, format, caller, .. } = admitted;
        let Some(entry) = action.entry else {
            return Err(Error::from(ErrorCode::InvalidActionNotFound)
                .hint(format!("{} is not emulated, and none of the stubs matches this call", action.name)));
        };
        let context = Context { world: &caller.account.world, now: caller.now, request_id, limits: self.limits };
        (entry.call)(&context, &request.params, *format)
    }
}

/// The action that a call names.
#[derive(Clone, Copy)]
struct Target {
    /// In the service's spelling.
    name: &'static str,
    /// `None` for one that is not emulated but stubbed.
    entry: Option<&'static Entry>,
}

/// A call that may be carried out.
struct Admitted {
    action: Target,
    format: Format,
    caller: Caller,
    verdict: Option<Verdict>,
    /// The number of the stub it gets, and the answer.
    stub: Option<(u64, Canned)>,
}

/// Turns a panic into a refusal: a bug of ours must cost one answer, not the connection. A change is committed in one
/// assignment or not at all, so nothing is left half done.
fn guarded<T>(stages: impl FnOnce() -> Result<T>) -> Result<T> {
    catch_unwind(AssertUnwindSafe(stages)).unwrap_or_else(|_| Err(ErrorCode::InternalError.into()))
}

/// What a test had planned for a call, by number.
struct Struck {
    fault: Option<u64>,
    stub: Option<u64>,
    broken: Option<Break>,
}

/// The call for the journal. A body that is no form has no parameters.
fn entry(
    request: &Request<'_>,
    account: &Account,
    answer: &Answer,
    struck: Struck,
    duration: Duration,
) -> JournalEntry {
    let call = request.call;
    let user_agent = call.headers.get(header::USER_AGENT).map_or(&[][..], |value| value.as_bytes());
    let action = request.action().unwrap_or_default();
    let params = [call.query().as_bytes(), call.form()];
    let texts = Texts::new(action, &answer.record.access_key_id, &answer.request_id, user_agent, params);
    JournalEntry {
        sequence: 0,
        time: account.clock.now(),
        is_v3: matches!(request.dialect, Dialect::V3(_)),
        texts,
        status: answer.status,
        code: answer.record.code.as_str().into(),
        fault: struck.fault,
        stub: struck.stub,
        broken: struck.broken,
        diagnosis: answer.diagnosis.as_deref().map(Into::into),
        duration,
    }
}

/// Calls are GET or POST.
fn check_method(request: &Request<'_>) -> Result<()> {
    match request.call.method {
        Method::GET | Method::POST => Ok(()),
        _ => Err(ErrorCode::UnsupportedHttpMethod.into()),
    }
}
