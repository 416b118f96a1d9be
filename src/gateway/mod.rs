//! The path of a call, from what arrived to what is answered. No HTTP server in here.

mod answer;
mod authenticate;
mod request;

use std::panic::{AssertUnwindSafe, catch_unwind};

use http::Method;

pub(crate) use self::answer::Answer;
use self::authenticate::{Caller, authenticate};
use self::request::Request;
use crate::account::{Accounts, ClockSetting, Ids};
use crate::api::{Context, Entry, Error, ErrorCode, Limits, Product, Result};
use crate::wire::{Body, Call, Format};

/// What every call of a server shares.
#[derive(Debug)]
pub(crate) struct Gateway {
    pub(crate) product: &'static Product,
    pub(crate) accounts: Accounts,
    /// The clock of a call whose access key nobody knows.
    pub(crate) clock: ClockSetting,
    pub(crate) ids: Ids,
    pub(crate) limits: Limits,
    /// How far a timestamp may be from now, either way.
    pub(crate) timestamp_skew: jiff::SignedDuration,
}

impl Gateway {
    /// Answers a call.
    pub(crate) fn answer(&self, call: &Call) -> Answer {
        let request_id = self.ids.request_id();
        if call.method == Method::OPTIONS {
            return Answer::preflight(request_id, self.ids.trace_id());
        }
        let request = Request::read(call);
        // A bug of ours must cost one answer, not the connection; a change is committed in one assignment or not at all.
        let outcome = catch_unwind(AssertUnwindSafe(|| self.stages(&request, &request_id)))
            .unwrap_or_else(|_| Err(ErrorCode::InternalError.into()));
        Answer::of(&request, outcome, self.product, request_id, self.ids.trace_id())
    }

    /// The stages of a call, in the order in which the gateway refuses.
    ///
    /// Recorded is that the action is looked up before the access key, and the access key before the signature is checked;
    /// the rest of the order is a guess.
    fn stages(&self, request: &Request<'_>, request_id: &str) -> Result<Body> {
        request.check_readable()?;
        let action = self.resolve(request)?;
        check_method(request)?;
        let format = request.format()?;
        let caller = authenticate(self, request)?;
        self.run(action, &caller, request, format, request_id)
    }

    /// Finds the action that the call names, on the one path there is.
    fn resolve(&self, request: &Request<'_>) -> Result<&'static Entry> {
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
        self.product.find(name).ok_or_else(|| {
            not_found(match self.product.known(name) {
                Some(known) => format!("{known} is a real {product} action which is not emulated"),
                None => format!("{product} has no such action"),
            })
        })
    }

    /// Runs the action in the caller's world.
    fn run(
        &self,
        action: &Entry,
        caller: &Caller,
        request: &Request<'_>,
        format: Format,
        request_id: &str,
    ) -> Result<Body> {
        let context = Context { world: &caller.account.world, now: caller.now, request_id, limits: self.limits };
        (action.call)(&context, &request.params, format)
    }
}

/// Calls are GET or POST.
fn check_method(request: &Request<'_>) -> Result<()> {
    match request.call.method {
        Method::GET | Method::POST => Ok(()),
        _ => Err(ErrorCode::UnsupportedHttpMethod.into()),
    }
}
