//! The routes under `/_mock/`: JSON in, JSON out, one method of [`Control`] each.

use std::str::FromStr;

use http::request::Parts;
use http::{Method, StatusCode, header};
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::{Control, ControlError, ControlErrorKind, RequestFilter};
use crate::account::Secret;
use crate::api::shortened;
use crate::wire::{Params, is_type};

/// What every route begins with.
const PREFIX: &str = "/_mock";

/// Every route: method, path, query parameters, and what it does. `GET /_mock/` answers with this list.
const ROUTES: &[Route] = &[
    route("GET", "/_mock/", "", "this list"),
    route("GET", "/_mock/health", "", "version, accounts, uptime"),
    route("GET", "/_mock/actions", "account", "every action of the real service: emulated, stubbed or known"),
    route("POST", "/_mock/accounts", "", "makes an account with a key pair and a copy of the seed's state"),
    route("GET", "/_mock/accounts", "", "every account"),
    route("DELETE", "/_mock/accounts/{AccountId}", "", "drops a made account"),
    route("POST", "/_mock/reset", "account", "puts one account back to its start, or all and drops the made ones"),
    route("GET", "/_mock/state", "account", "the account's resources in the seed's format, sorted"),
    route("PUT", "/_mock/state", "account", "replaces them in one step or changes nothing"),
    route("GET", "/_mock/requests", "account, action, status, since, limit", "the calls the account received"),
    route("DELETE", "/_mock/requests", "account", "forgets them"),
    route(
        "POST",
        "/_mock/verify",
        "account",
        "{\"action\", \"params\", \"times\": {\"exactly\"|\"at_least\"|\"at_most\": N}}",
    ),
    route("POST", "/_mock/faults", "account", "plans a fault: error, delay, break or throttle"),
    route("GET", "/_mock/faults", "account", "the planned faults, and how often each struck"),
    route("DELETE", "/_mock/faults", "account", "forgets them"),
    route("DELETE", "/_mock/faults/{fault}", "account", "forgets one"),
    route("POST", "/_mock/stubs", "account", "plans a canned response or error for an action"),
    route("GET", "/_mock/stubs", "account", "the planned stubs, and how often each was given"),
    route("DELETE", "/_mock/stubs", "account", "forgets them"),
    route("DELETE", "/_mock/stubs/{stub}", "account", "forgets one"),
    route("GET", "/_mock/clock", "account", "the account's time"),
    route("PUT", "/_mock/clock", "account", "{\"freeze\": TIME}, {\"advance\": \"15m\"} or {\"real\": true}"),
];

/// A line of the list.
#[derive(Clone, Copy, Debug, Serialize)]
struct Route {
    method: &'static str,
    path: &'static str,
    #[serde(skip_serializing_if = "str::is_empty")]
    query: &'static str,
    does: &'static str,
}

const fn route(method: &'static str, path: &'static str, query: &'static str, does: &'static str) -> Route {
    Route { method, path, query, does }
}

/// Its answer; `None` for one without a body.
#[derive(Debug)]
pub(crate) struct ControlReply {
    pub(crate) status: StatusCode,
    pub(crate) body: Option<String>,
}

/// Whether a path is one of these routes' rather than a call's.
pub(crate) fn is_control(path: &str) -> bool {
    path.strip_prefix(PREFIX).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

/// Answers a request, after making sure that no web page sent it. `body` is `None` when it could not be read.
pub(crate) fn answer(control: &Control, token: Option<&Secret>, head: &Parts, body: Option<&[u8]>) -> ControlReply {
    let outcome = check_origin(head, token)
        .and_then(|()| check_type(head))
        .and_then(|()| check_token(head, token))
        .and_then(|()| body.ok_or_else(|| ControlError::invalid("the body is larger than 1 MiB, or broke off")))
        .and_then(|body| dispatch(control, head, body));
    outcome.unwrap_or_else(|error| {
        let status = match error.kind() {
            ControlErrorKind::Invalid => StatusCode::BAD_REQUEST,
            ControlErrorKind::Forbidden => StatusCode::FORBIDDEN,
            ControlErrorKind::NotFound => StatusCode::NOT_FOUND,
            ControlErrorKind::Conflict => StatusCode::CONFLICT,
        };
        json(status, &error)
    })
}

fn dispatch(control: &Control, head: &Parts, body: &[u8]) -> Result<ControlReply, ControlError> {
    let path = head.uri.path().strip_prefix(PREFIX).unwrap_or_default();
    let segments: Vec<_> = path.split('/').filter(|segment| !segment.is_empty()).collect();
    let query = Params::read(head.uri.query().unwrap_or_default(), b"");
    let only = |known: &[&str]| check_query(&query, known);
    let no_body = || check_no_body(body);
    let account = query.get_filled("account");
    let done = || Ok(ControlReply { status: StatusCode::NO_CONTENT, body: None });
    match (head.method.as_str(), segments.as_slice()) {
        ("GET", []) => only(&[]).map(|()| ok(&ROUTES)),
        ("GET", ["health"]) => only(&[]).map(|()| ok(&control.health())),
        ("GET", ["actions"]) => only(&["account"]).and_then(|()| control.actions(account)).map(|actions| ok(&actions)),
        ("GET", ["accounts"]) => only(&[]).map(|()| ok(&control.accounts())),
        ("POST", ["accounts"]) => {
            only(&[]).and_then(|()| no_body())?;
            Ok(json(StatusCode::CREATED, &control.create_account()?))
        }
        ("DELETE", ["accounts", id]) => {
            only(&[]).and_then(|()| no_body())?;
            control.delete_account(id)?;
            done()
        }
        ("POST", ["reset"]) => {
            only(&["account"]).and_then(|()| no_body())?;
            match account {
                Some(account) => control.reset(account)?,
                None => control.reset_all(),
            }
            done()
        }
        ("GET", ["state"]) => only(&["account"]).and_then(|()| control.state(account)).map(|state| ok(&state)),
        ("PUT", ["state"]) => {
            only(&["account"])?;
            let text = std::str::from_utf8(body).map_err(|_| ControlError::invalid("the body is not UTF-8"))?;
            control.set_state(account, text)?;
            done()
        }
        ("GET", ["requests"]) => {
            only(&["account", "action", "status", "since", "limit"])?;
            let filter = RequestFilter {
                action: query.get_filled("action").map(str::to_owned),
                status: number(&query, "status")?,
                since: number(&query, "since")?,
                limit: number(&query, "limit")?,
            };
            Ok(ok(&control.requests(account, &filter)?))
        }
        ("DELETE", ["requests"]) => {
            only(&["account"]).and_then(|()| no_body())?;
            control.clear_requests(account)?;
            done()
        }
        ("POST", ["verify"]) => {
            only(&["account"])?;
            let verdict = control.verify(account, &read(body)?)?;
            Ok(json(if verdict.met { StatusCode::OK } else { StatusCode::CONFLICT }, &verdict))
        }
        ("POST", ["faults"]) => {
            only(&["account"])?;
            let fault = control.add_fault(account, &read(body)?)?;
            Ok(json(StatusCode::CREATED, &serde_json::json!({ "fault": fault })))
        }
        ("GET", ["faults"]) => only(&["account"]).and_then(|()| control.faults(account)).map(|faults| ok(&faults)),
        ("DELETE", ["faults"]) => {
            only(&["account"]).and_then(|()| no_body())?;
            control.clear_faults(account)?;
            done()
        }
        ("DELETE", ["faults", fault]) => {
            only(&["account"]).and_then(|()| no_body())?;
            control.remove_fault(account, segment("fault", fault)?)?;
            done()
        }
        ("POST", ["stubs"]) => {
            only(&["account"])?;
            let stub = control.add_stub(account, &read(body)?)?;
            Ok(json(StatusCode::CREATED, &serde_json::json!({ "stub": stub })))
        }
        ("GET", ["stubs"]) => only(&["account"]).and_then(|()| control.stubs(account)).map(|stubs| ok(&stubs)),
        ("DELETE", ["stubs"]) => {
            only(&["account"]).and_then(|()| no_body())?;
            control.clear_stubs(account)?;
            done()
        }
        ("DELETE", ["stubs", stub]) => {
            only(&["account"]).and_then(|()| no_body())?;
            control.remove_stub(account, segment("stub", stub)?)?;
            done()
        }
        ("GET", ["clock"]) => only(&["account"]).and_then(|()| control.clock(account)).map(|clock| ok(&clock)),
        ("PUT", ["clock"]) => {
            only(&["account"])?;
            Ok(ok(&control.set_clock(account, read(body)?)?))
        }
        (method, _) => Err(no_route(method, head.uri.path())),
    }
}

/// A route that does not exist: another method of the same path, or the nearest path.
fn no_route(method: &str, path: &str) -> ControlError {
    let path_of = |route: &&Route| route.path.trim_end_matches('/').to_owned();
    let trimmed = path.trim_end_matches('/');
    let methods: Vec<_> = ROUTES.iter().filter(|route| path_of(route) == trimmed).map(|route| route.method).collect();
    if !methods.is_empty() {
        return ControlError::invalid(format!("{path} takes {}, not {method}", methods.join(" and ")));
    }
    ControlError::unknown("route", path, ROUTES.iter().map(|route| route.path)).not_found()
}

/// Refuses what would be read as something else than was meant: an unset variable as all accounts, say.
fn check_query(query: &Params<'_>, known: &[&str]) -> Result<(), ControlError> {
    if query.is_malformed() {
        return Err(ControlError::invalid("the query has malformed encoded characters"));
    }
    if let Some((name, _)) = query.iter().find(|(_, value)| value.is_empty()) {
        let name = shortened(name);
        return Err(ControlError::invalid(format!("the query parameter {name} is empty; leave it out or fill it")));
    }
    match query.iter().find(|(name, _)| !known.contains(name)) {
        Some((name, _)) => Err(ControlError::unknown("query parameter", name, known.iter().copied())),
        None => Ok(()),
    }
}

/// Refuses a body where none is looked at.
fn check_no_body(body: &[u8]) -> Result<(), ControlError> {
    match body.trim_ascii() {
        b"" | b"{}" => Ok(()),
        _ => Err(ControlError::invalid("this route takes no body; accounts are named by ?account=")),
    }
}

/// A number in the path.
fn segment(name: &str, text: &str) -> Result<u64, ControlError> {
    text.parse().map_err(|_| ControlError::invalid(format!("{text:?} is no number of a {name}")))
}

fn number<T: FromStr>(query: &Params<'_>, name: &str) -> Result<Option<T>, ControlError> {
    let Some(text) = query.get_filled(name) else { return Ok(None) };
    let number =
        text.parse().map_err(|_| ControlError::invalid(format!("{name} is {text:?}, not a number in range")))?;
    Ok(Some(number))
}

fn read<T: DeserializeOwned>(body: &[u8]) -> Result<T, ControlError> {
    serde_json::from_slice(body).map_err(|error| ControlError::unreadable(&error.to_string()))
}

fn ok<T: Serialize>(value: &T) -> ControlReply {
    json(StatusCode::OK, value)
}

fn json<T: Serialize>(status: StatusCode, value: &T) -> ControlReply {
    let body = serde_json::to_string(value).expect("answers have string keys");
    ControlReply { status, body: Some(body) }
}

/// A page of another site must not reach in. Browsers name the site in `Origin`, but not in a read that they take to be of
/// the same site; so the host that was called must be an address or a name without a dot, for a name with one may have been
/// pointed here by the page's owner. Who has the admin token may call the server what he likes.
fn check_origin(head: &Parts, token: Option<&Secret>) -> Result<(), ControlError> {
    let text = |name| head.headers.get(name).map(|value| value.to_str().unwrap_or_default().to_owned());
    let host = text(header::HOST).unwrap_or_default();
    let name = host.rsplit_once(':').map_or(host.as_str(), |(name, _)| name);
    let is_address = name.starts_with('[') || name.parse::<std::net::Ipv4Addr>().is_ok();
    if token.is_none() && !is_address && name.contains('.') {
        let name = shortened(name);
        return Err(forbidden(format!("calls to the host {name:?} are refused; with --admin-token any name will do")));
    }
    let Some(origin) = text(header::ORIGIN) else { return Ok(()) };
    let is_own = origin.split_once("://").is_some_and(|(_, site)| site == host);
    let origin = shortened(&origin);
    if is_own { Ok(()) } else { Err(forbidden(format!("requests from the origin {origin:?} are refused"))) }
}

/// A form of another site can send what it likes, but not this type.
fn check_type(head: &Parts) -> Result<(), ControlError> {
    let is_write = !matches!(head.method, Method::GET | Method::HEAD);
    let is_json = head.headers.get(header::CONTENT_TYPE).is_some_and(|value| is_type(value, b"application/json"));
    if is_write && !is_json {
        return Err(forbidden("a request that changes something needs Content-Type: application/json".to_owned()));
    }
    Ok(())
}

fn check_token(head: &Parts, token: Option<&Secret>) -> Result<(), ControlError> {
    let Some(token) = token else { return Ok(()) };
    let sent = head.headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
    let sent = sent.and_then(|value| value.strip_prefix("Bearer ")).unwrap_or_default();
    if token.is(sent) {
        Ok(())
    } else {
        Err(forbidden("Authorization: Bearer with the admin token is needed".to_owned()))
    }
}

fn forbidden(message: String) -> ControlError {
    ControlError::new(ControlErrorKind::Forbidden, message)
}
