//! Who calls: the checks from the presence of a signature to its nonce.

use std::collections::HashSet;
use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};

use super::request::{Dialect, Request};
use super::{Gateway, diagnosis};
use crate::account::{Account, Secret};
use crate::api::{Error, ErrorCode, Result, shortened};
use crate::wire::parse_timestamp;
use crate::wire::v1::{self, EmptyValues, SignatureMethod};
use crate::wire::v3::{self, Authorization};

/// The proven sender of a call.
#[derive(Debug)]
pub(super) struct Caller {
    pub(super) account: Arc<Account>,
    /// The account's time, read once for the call.
    pub(super) now: Timestamp,
}

/// What the call says of its sender, complete but not yet believed.
struct Credentials<'a> {
    access_key_id: &'a str,
    timestamp: &'a str,
    /// V3's documents call it optional.
    nonce: Option<&'a str>,
    security_token: Option<&'a str>,
    proof: Proof<'a>,
}

/// A signature and what it takes to check it.
enum Proof<'a> {
    V1 { method: SignatureMethod, signature: &'a str },
    V3 { signed_headers: &'a str, content_hash: &'a str, signature: &'a str },
}

/// Proves the sender or refuses the call. `account` is the one that the access key belongs to, if any does.
///
/// The timestamp is measured by the clock of the account that the access key belongs to, before a key that nobody knows
/// is refused. The nonce comes last, so that a call with a wrong signature can't use it up.
pub(super) fn authenticate(gateway: &Gateway, request: &Request<'_>, account: Option<&Arc<Account>>) -> Result<Caller> {
    let credentials = credentials(request)?;
    let now = account.map_or_else(|| gateway.clock.now(), |account| account.clock.now());
    check_timestamp(credentials.timestamp, now, gateway.timestamp_skew)?;

    let account = account.ok_or(ErrorCode::InvalidAccessKeyIdNotFound)?;
    let key = account.keys.get(credentials.access_key_id).ok_or(ErrorCode::InvalidAccessKeyIdNotFound)?;
    key.check_active()?;
    key.check_security_token(credentials.security_token, now)?;
    check_signature(request, account, &credentials.proof, &key.secret)?;
    if let Some(nonce) = credentials.nonce {
        // A timestamp may be one skew ahead and stays valid for another.
        key.use_nonce(nonce, now, gateway.timestamp_skew * 2)?;
    }
    Ok(Caller { account: Arc::clone(account), now })
}

/// Collects what the dialect needs: first everything must be there, then the method must be one that exists.
fn credentials<'a>(request: &'a Request<'_>) -> Result<Credentials<'a>> {
    let names = request.names();
    let common = |name: &'static str| request.common(name).ok_or_else(|| ErrorCode::MissingParameter.about(name));
    match &request.dialect {
        Dialect::V1 => {
            check_v1_type(request)?;
            let access_key_id = common("AccessKeyId")?;
            let method = common("SignatureMethod")?;
            let version = common("SignatureVersion")?;
            let nonce = common(names.nonce)?;
            let timestamp = common(names.timestamp)?;
            let signature = common("Signature")?;
            let proof = Proof::V1 { method: v1_method(method, version)?, signature };
            let security_token = request.common(names.security_token);
            Ok(Credentials { access_key_id, timestamp, nonce: Some(nonce), security_token, proof })
        }
        Dialect::V3(authorization) => {
            let part = |part: &'a Option<String>, name: &'static str| {
                part.as_deref().ok_or_else(|| {
                    ErrorCode::MissingParameter.about(name).hint(format!("{name} is not in the Authorization header"))
                })
            };
            let access_key_id = part(&authorization.credential, "Credential")?;
            let signed_headers = part(&authorization.signed_headers, "SignedHeaders")?;
            let signature = part(&authorization.signature, "Signature")?;
            let timestamp = common(names.timestamp)?;
            let content_hash = common("x-acs-content-sha256")?;
            check_v3_algorithm(authorization)?;
            let nonce = request.common(names.nonce);
            let security_token = request.common(names.security_token);
            let proof = Proof::V3 { signed_headers, content_hash, signature };
            Ok(Credentials { access_key_id, timestamp, nonce, security_token, proof })
        }
    }
}

/// Refuses signatures of another kind first: such calls leave out what an HMAC needs (a key pair's, a bearer's).
fn check_v1_type(request: &Request<'_>) -> Result<()> {
    let Some(kind) = request.common("SignatureType") else { return Ok(()) };
    Err(Error::from(ErrorCode::UnsupportedSignatureType)
        .hint(format!("SignatureType {:?} is not emulated; leave it out or empty", shortened(kind))))
}

fn v1_method(method: &str, version: &str) -> Result<SignatureMethod> {
    if version != "1.0" {
        return Err(ErrorCode::InvalidSignatureVersion.into());
    }
    SignatureMethod::parse(method).ok_or_else(|| {
        Error::from(ErrorCode::InvalidSignatureMethod)
            .hint(format!("SignatureMethod was {:?}; HMAC-SHA1 and HMAC-SHA256 are known", shortened(method)))
    })
}

fn check_v3_algorithm(authorization: &Authorization) -> Result<()> {
    if authorization.algorithm == v3::ALGORITHM {
        return Ok(());
    }
    let sent = shortened(&authorization.algorithm);
    Err(Error::from(ErrorCode::InvalidSignatureMethod)
        .hint(format!("the algorithm {sent:?} is not emulated; {} is", v3::ALGORITHM)))
}

fn check_timestamp(text: &str, now: Timestamp, skew: SignedDuration) -> Result<()> {
    let timestamp = parse_timestamp(text).ok_or(ErrorCode::InvalidTimestampFormat)?;
    if timestamp.duration_since(now).abs() <= skew {
        return Ok(());
    }
    Err(Error::from(ErrorCode::IllegalTimestamp)
        .diagnosis(diagnosis::of_timestamp(timestamp.duration_since(now)))
        .hint(format!("the call is dated {timestamp}, it is {now:.0}, and they may be {skew:#} apart")))
}

fn check_signature(request: &Request<'_>, account: &Account, proof: &Proof<'_>, secret: &Secret) -> Result<()> {
    match proof {
        Proof::V1 { method, signature } => check_v1(request, *method, signature, secret).map_err(|refusal| {
            refusal.diagnosis(diagnosis::safely(|| diagnosis::of_v1(request, account, *method, signature)))
        }),
        Proof::V3 { signed_headers, content_hash, signature } => {
            check_signed_headers(signed_headers)?;
            check_v3(request, signed_headers, content_hash, signature, secret).map_err(|refusal| {
                refusal.diagnosis(diagnosis::safely(|| diagnosis::of_v3(request, account, signed_headers, signature)))
            })
        }
    }
}

/// Refuses a header that is named twice. Its value would be copied for each mention, so the canonical request is not even
/// built.
fn check_signed_headers(signed_headers: &str) -> Result<()> {
    let mut seen = HashSet::new();
    match signed_headers.split(';').find(|name| !seen.insert(name.to_ascii_lowercase())) {
        None => Ok(()),
        Some(name) => Err(ErrorCode::IncompleteSignature
            .about("SignedHeaders names a header twice.")
            .hint(format!("SignedHeaders names {:?} twice", shortened(name)))),
    }
}

/// The refusal's message ends with the server's string to sign: SDKs compare it with their own to tell a wrong secret.
fn check_v1(request: &Request<'_>, method: SignatureMethod, signature: &str, secret: &Secret) -> Result<()> {
    let matches = |string_to_sign: &str| v1::verify(method, secret.expose(), string_to_sign, signature);
    let sign = |empty| v1::string_to_sign(&request.call.method, &request.params, empty);
    let string_to_sign = sign(EmptyValues::Signed);
    if matches(&string_to_sign) {
        return Ok(());
    }
    let has_empty = request.params.iter().any(|(_, value)| value.is_empty());
    if has_empty && matches(&sign(EmptyValues::Dropped)) {
        return Ok(());
    }
    Err(ErrorCode::IncompleteSignature.about(format!("server string to sign is:{string_to_sign}")))
}

/// V3's refusal shows the canonical request too, in the words that three independent sources quote.
fn check_v3(
    request: &Request<'_>,
    signed_headers: &str,
    content_hash: &str,
    signature: &str,
    secret: &Secret,
) -> Result<()> {
    let body = request.call.body.as_deref().unwrap_or_default();
    let body_hash = v3::hash(body);
    let canonical = v3::canonical_request(request.call, &request.params, signed_headers, &body_hash);
    let string_to_sign = v3::string_to_sign(&canonical);
    let refuse = || {
        ErrorCode::IncompleteSignature
            .about(format!("server CanonicalRequest is [{canonical}] server string to sign is:{string_to_sign}"))
    };
    if content_hash != body_hash {
        return Err(refuse().hint(format!("x-acs-content-sha256 is not the hash of the body received, {body_hash}")));
    }
    if let Some(name) = unsigned_header(request, signed_headers) {
        return Err(refuse().hint(format!("the header {} must be sent and listed in SignedHeaders", shortened(name))));
    }
    if v3::verify(secret.expose(), &string_to_sign, signature) { Ok(()) } else { Err(refuse()) }
}

/// The first header that a V3 signature must cover and does not: `host` and every `x-acs-*` that was sent.
///
/// The documents ask for it; that the gateway insists is a guess. Without it, action or date could be changed unnoticed.
fn unsigned_header<'a>(request: &'a Request<'_>, signed_headers: &str) -> Option<&'a str> {
    let is_signed = |name: &str| signed_headers.split(';').any(|signed| signed.eq_ignore_ascii_case(name));
    let sent = request.call.headers.keys().map(http::HeaderName::as_str);
    std::iter::once("host").chain(sent.filter(|name| name.starts_with("x-acs-"))).find(|name| !is_signed(name))
}
