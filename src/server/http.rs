//! The axum side: an HTTP request becomes a call, an answer becomes an HTTP response.

use std::sync::Arc;
use std::time::{Duration, Instant};

use ::http::request::Parts;
use ::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::body::{Body, Bytes, HttpBody};
use axum::extract::{Request, State};
use axum::response::Response;
use http_body_util::BodyExt;

use crate::account::Secret;
use crate::api::{Error, ErrorCode};
use crate::control::{Control, routes};
use crate::gateway::{Answer, Gateway};
use crate::wire::{Call, render};

/// The largest request body that is read.
const MAX_BODY: usize = 1024 * 1024;
/// How much of a body that is too large is taken off the wire and dropped, so that the client gets to read the refusal.
const MAX_DISCARDED: usize = 64 * 1024 * 1024;
/// How long a body may take.
const BODY_TIMEOUT: Duration = Duration::from_secs(30);
/// From how many bytes on an answer says that it could have been compressed (a guess: only larger ones do).
const VARY_FROM: usize = 1024;

/// How long a hint may be; some clients refuse long header lines.
const MAX_HINT: usize = 512;

const REQUEST_ID: HeaderName = HeaderName::from_static("x-acs-request-id");
const TRACE_ID: HeaderName = HeaderName::from_static("x-acs-trace-id");
const HINT: HeaderName = HeaderName::from_static("x-mock-hint");
const DIAGNOSIS: HeaderName = HeaderName::from_static("x-mock-diagnosis");

/// Every method and path goes to the gateway, which refuses what is not a call in the service's own form. So there is one
/// handler and nothing to route.
pub(super) async fn call(State(service): State<Arc<Service>>, request: Request) -> Response {
    let started = Instant::now();
    let (head, body) = request.into_parts();
    if routes::is_control(head.uri.path()) {
        return control(&service, &head, read(body).await);
    }
    let call = Call { method: head.method, uri: head.uri, headers: head.headers, body: read(body).await };
    let answer = service.gateway.answer(&call, started, tokio::time::sleep).await;
    log(&answer, started.elapsed());
    let breaks = answer.breaks;
    let mut response = respond(answer);
    if let Some(breaks) = breaks {
        response.extensions_mut().insert(breaks);
    }
    if call.body.is_err() {
        // Some of the body may still be on its way.
        response.headers_mut().insert(header::CONNECTION, HeaderValue::from_static("close"));
    }
    response
}

/// What a connection's requests go to.
#[derive(Debug)]
pub(super) struct Service {
    pub(super) gateway: Arc<Gateway>,
    pub(super) control: Control,
    pub(super) admin_token: Option<Secret>,
}

/// The one place outside the RPC protocol. Not in the log of calls, for it is none.
fn control(service: &Service, head: &Parts, body: Result<Vec<u8>, Error>) -> Response {
    let reply = routes::answer(&service.control, service.admin_token.as_ref(), head, body.as_deref().ok());
    tracing::debug!(method = %head.method, path = head.uri.path(), status = reply.status.as_u16(), "control");
    let mut response = Response::new(Body::from(reply.body.unwrap_or_default()));
    *response.status_mut() = reply.status;
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    response
}

/// Reads a body to its end, also one that is too large: answering before the end would break the connection for some
/// clients.
async fn read(body: Body) -> Result<Vec<u8>, Error> {
    if body.is_end_stream() {
        return Ok(Vec::new());
    }
    let late = || ErrorCode::RequestTimeout.about(BODY_TIMEOUT.as_secs().to_string());
    tokio::time::timeout(BODY_TIMEOUT, collect(body)).await.unwrap_or_else(|_| Err(late()))
}

async fn collect(mut body: Body) -> Result<Vec<u8>, Error> {
    let mut bytes = Vec::new();
    let mut length = 0;
    while let Some(frame) = body.frame().await {
        let frame = frame.map_err(|_| Error::from(ErrorCode::RequestParameterMalformed).hint("the body broke off"))?;
        let Ok(data) = frame.into_data() else { continue };
        length += data.len();
        if length <= MAX_BODY {
            bytes.extend_from_slice(&data);
        } else if length > MAX_DISCARDED {
            break;
        }
    }
    if length <= MAX_BODY { Ok(bytes) } else { Err(ErrorCode::RequestEntityTooLarge.about(MAX_BODY.to_string())) }
}

/// One line a call. Never parameters: they may hold passwords. What a health check or a browser asks is no call.
fn log(answer: &Answer, duration: Duration) {
    if answer.body.is_none() {
        tracing::debug!(request_id = answer.request_id, "options");
        return;
    }
    let Answer { status, request_id, record, .. } = answer;
    let duration_ms = (duration.as_secs_f64() * 1e6).round() / 1e3;
    tracing::info!(
        action = record.action,
        access_key_id = record.access_key_id,
        status,
        code = record.code,
        %request_id,
        duration_ms,
        diagnosis = answer.diagnosis,
        "call"
    );
}

/// The headers that recorded answers of 2022 to 2025 have; the connection adds its own, hyper `Date` and `Content-Length`.
fn respond(answer: Answer) -> Response {
    let mut headers = HeaderMap::with_capacity(12);
    let text = answer.body.map(|body| {
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(body.format.content_type()));
        body.text
    });
    if text.as_ref().is_some_and(|text| text.len() >= VARY_FROM) {
        headers.insert(header::VARY, HeaderValue::from_static("Accept-Encoding"));
    }
    headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*"));
    headers.insert(header::ACCESS_CONTROL_EXPOSE_HEADERS, HeaderValue::from_static("*"));
    if text.is_none() {
        headers.insert(header::ACCESS_CONTROL_ALLOW_METHODS, HeaderValue::from_static("POST, GET, OPTIONS"));
        headers.insert(header::ACCESS_CONTROL_ALLOW_HEADERS, HeaderValue::from_static("*"));
    }
    headers.insert(REQUEST_ID, ascii(&answer.request_id));
    headers.insert(TRACE_ID, ascii(&answer.trace_id));
    if let Some(text) = &text {
        headers.insert(header::ETAG, ascii(&render::etag(text)));
    }
    if let Some(hint) = answer.hint {
        headers.insert(HINT, sentence(&hint));
    }
    if let Some(diagnosis) = answer.diagnosis {
        headers.insert(DIAGNOSIS, sentence(&diagnosis));
    }
    let mut response = Response::new(Body::from(Bytes::from(text.unwrap_or_default())));
    *response.status_mut() = StatusCode::from_u16(answer.status).expect("the catalogue holds valid statuses");
    *response.headers_mut() = headers;
    response
}

/// A sentence for a developer, which may quote what a caller sent.
fn sentence(text: &str) -> HeaderValue {
    let visible: String = text.escape_default().take(MAX_HINT).collect();
    ascii(&visible.replace("\\\"", "\"").replace("\\'", "'").replace("\\\\", "\\"))
}

fn ascii(text: &str) -> HeaderValue {
    HeaderValue::from_str(text).expect("made of visible ASCII characters")
}
