//! Why a signature is wrong: the mistakes people make, tried one by one until one explains the signature received.

use std::panic::{AssertUnwindSafe, catch_unwind};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use http::Method;
use jiff::SignedDuration;

use super::request::Request;
use crate::account::Account;
use crate::api::shortened;
use crate::wire::v1::{EmptyValues, SignatureMethod};
use crate::wire::{v1, v3};

/// What to say when no known mistake fits.
const NOTHING_FITS: &str = "none of the usual mistakes explains this signature; most likely the secret is another one. \
    Compare your string to sign with the server's, at the end of the message";

/// What to say of a call that is too long to try hundreds of variants of.
const TOO_LONG: &str = "the call is too long to look for the mistake; compare your string to sign with the server's";

/// How long the signed part of a call may be to be diagnosed, in bytes: other callers wait meanwhile.
const MAX_LENGTH: usize = 8 * 1024;

/// How many mistakes at once are tried.
const MAX_MISTAKES: usize = 2;

/// A bug in here must not change an answer.
pub(super) fn safely(diagnose: impl FnOnce() -> String) -> Option<String> {
    catch_unwind(AssertUnwindSafe(diagnose)).ok()
}

/// A way to encode that is not the right one, and the mistake it is.
struct Encoding {
    mistake: &'static str,
    encode: fn(&str) -> String,
}

/// The right way comes first: then the mistake is elsewhere.
const ENCODINGS: &[Encoding] = &[
    Encoding { mistake: "", encode },
    Encoding { mistake: "a space is encoded as + instead of %20", encode: |text| encode(text).replace("%20", "+") },
    Encoding { mistake: "* is left as it is instead of %2A", encode: |text| encode(text).replace("%2A", "*") },
    Encoding {
        mistake: "~ is encoded as %7E instead of left as it is",
        encode: |text| encode(text).replace('~', "%7E"),
    },
    Encoding {
        mistake: "a space is encoded as + instead of %20, * is left as it is and ~ is encoded as %7E",
        encode: |text| encode(text).replace("%20", "+").replace("%2A", "*").replace('~', "%7E"),
    },
    Encoding {
        mistake: "! ' ( ) and * are left as they are instead of encoded",
        encode: |text| {
            let pairs = [("%21", "!"), ("%27", "'"), ("%28", "("), ("%29", ")"), ("%2A", "*")];
            pairs.iter().fold(encode(text), |text, (from, to)| text.replace(from, to))
        },
    },
    Encoding { mistake: "percent-encoding is in lower case (%3a instead of %3A)", encode: lower_case },
    Encoding {
        mistake: "names and values are encoded twice before they are joined",
        encode: |text| encode(&encode(text)),
    },
    Encoding { mistake: "names and values are not encoded", encode: str::to_owned },
];

fn encode(text: &str) -> String {
    let mut out = String::new();
    crate::wire::encode_into(&mut out, text);
    out
}

fn lower_case(text: &str) -> String {
    let encoded = encode(text);
    let mut parts = encoded.split('%');
    let mut out = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let (hex, rest) = part.split_at(part.len().min(2));
        out.push('%');
        out.push_str(&hex.to_ascii_lowercase());
        out.push_str(rest);
    }
    out
}

/// A text that may have been signed, and the mistakes that lead to it.
struct Candidate {
    text: String,
    mistakes: Vec<String>,
}

impl Candidate {
    fn new(text: String, mistakes: &[&str]) -> Self {
        Self {
            text,
            mistakes: mistakes
                .iter()
                .filter(|mistake| !mistake.is_empty())
                .map(|mistake| (*mistake).to_owned())
                .collect(),
        }
    }
}

impl Candidate {
    /// Whether it may have been signed with a secret that is a mistake too.
    fn allows(&self, wrong_secret: &str) -> bool {
        self.mistakes.len() + usize::from(!wrong_secret.is_empty()) <= MAX_MISTAKES
    }
}

/// Secrets that may have been used in place of the right one, and the mistake each is.
fn secrets(account: &Account, access_key_id: &str, suffix: &str) -> Vec<(String, String)> {
    let Some(key) = account.keys.get(access_key_id) else { return Vec::new() };
    let secret = key.secret.expose();
    let mut secrets = vec![(format!("{secret}{suffix}"), String::new())];
    if suffix.is_empty() {
        secrets
            .push((format!("{secret}&"), "the secret has & behind it, which is V1's way; V3 takes it bare".to_owned()));
    } else {
        secrets.push((secret.to_owned(), "the secret lacks the & behind it".to_owned()));
    }
    for (before, after, what) in [
        ("", "\n", "a line break behind it"),
        ("", "\r\n", "a line break behind it"),
        ("", " ", "a space behind it"),
        (" ", "", "a space before it"),
        ("\"", "\"", "quotes around it"),
    ] {
        secrets.push((format!("{before}{secret}{after}{suffix}"), format!("the secret has {what}")));
    }
    if secret.trim() != secret {
        secrets.push((format!("{}{suffix}", secret.trim()), "the spaces around the secret belong to it".to_owned()));
    }
    for (other, other_key) in account.keys.iter().filter(|(id, _)| *id != access_key_id) {
        let mistake = format!("the secret is that of the access key {other}");
        secrets.push((format!("{}{suffix}", other_key.secret.expose()), mistake));
    }
    secrets
}

/// Explains a wrong V1 signature.
pub(super) fn of_v1(request: &Request<'_>, account: &Account, method: SignatureMethod, signature: &str) -> String {
    if request.call.query().len() + request.call.form().len() > MAX_LENGTH {
        return TOO_LONG.to_owned();
    }
    let secrets = secrets(account, request.access_key_id().unwrap_or_default(), "&");
    for candidate in v1_candidates(request) {
        for (secret, wrong_secret) in secrets.iter().filter(|(_, mistake)| candidate.allows(mistake)) {
            for hash in [SignatureMethod::HmacSha1, SignatureMethod::HmacSha256] {
                let mac = v1::mac_bytes(hash, secret.as_bytes(), &candidate.text);
                let is_base64 = BASE64.encode(&mac) == signature;
                if !is_base64 && !hex::encode(&mac).eq_ignore_ascii_case(signature) {
                    continue;
                }
                let wrong_hash = if hash == method { "" } else { "the hash is not the one that SignatureMethod names" };
                let wrong_text = if is_base64 { "" } else { "the signature is in hex instead of base64" };
                return explained(&candidate.mistakes, &[wrong_secret, wrong_hash, wrong_text]);
            }
        }
    }
    let string_to_sign = v1::string_to_sign(&request.call.method, &request.params, EmptyValues::Signed);
    nothing_fits(signature, &string_to_sign)
}

/// Sets what the server would have signed beside what is known of the client's.
fn nothing_fits(signature: &str, string_to_sign: &str) -> String {
    let signature = shortened(signature);
    format!("{NOTHING_FITS}. The signature received is {signature:?}, the server's string to sign {string_to_sign:?}")
}

fn v1_candidates(request: &Request<'_>) -> Vec<Candidate> {
    let mut candidates = Vec::new();
    let all = || request.params.iter().filter(|(name, _)| *name != "Signature");
    let query = || request.params.in_query().filter(|(name, _)| *name != "Signature");
    let in_query = query().count();
    let mut selections: Vec<(Vec<(&str, &str)>, &'static str)> = vec![(sorted(all()), "")];
    selections.push((all().collect(), "the parameters are not sorted"));
    if in_query > 0 && in_query < all().count() {
        selections.push((sorted(query()), "the parameters in the form body are left out"));
        selections.push((sorted(all().skip(in_query)), "the parameters in the query are left out"));
    }
    selections.push((
        sorted(all().chain([("Signature", "")])),
        "an empty Signature is among the parameters; it must not be there at all",
    ));
    let method = &request.call.method;
    let other = if *method == Method::GET { "POST" } else { "GET" };
    let methods = [
        (method.as_str(), ""),
        (other, if other == "GET" { "it was signed as a GET" } else { "it was signed as a POST" }),
    ];
    for (pairs, selection) in &selections {
        for Encoding { mistake, encode } in ENCODINGS {
            let pairs: Vec<_> =
                pairs.iter().map(|(name, value)| format!("{}={}", encode(name), encode(value))).collect();
            let joined = pairs.join("&");
            for (method, wrong_method) in methods {
                let wrong = [*selection, *mistake, wrong_method];
                let outer = if mistake.contains("lower case") { lower_case(&joined) } else { self::encode(&joined) };
                candidates.push(Candidate::new(format!("{method}&%2F&{outer}"), &wrong));
                let once = "the joined parameters are not encoded once more";
                candidates
                    .push(Candidate::new(format!("{method}&%2F&{joined}"), &[wrong[0], wrong[1], wrong[2], once]));
                let slash = "the slash is not encoded as %2F";
                candidates.push(Candidate::new(format!("{method}&/&{outer}"), &[wrong[0], wrong[1], wrong[2], slash]));
            }
        }
    }
    candidates.retain(|candidate| candidate.mistakes.len() <= MAX_MISTAKES);
    candidates.sort_by_key(|candidate| candidate.mistakes.len());
    candidates
}

fn sorted<'a>(pairs: impl Iterator<Item = (&'a str, &'a str)>) -> Vec<(&'a str, &'a str)> {
    let mut pairs: Vec<_> = pairs.collect();
    pairs.sort_unstable();
    pairs
}

/// Explains a wrong V3 signature.
pub(super) fn of_v3(request: &Request<'_>, account: &Account, signed_headers: &str, signature: &str) -> String {
    let secrets = secrets(account, request.access_key_id().unwrap_or_default(), "");
    for candidate in v3_candidates(request, signed_headers) {
        if candidate.text.len() > MAX_LENGTH {
            return TOO_LONG.to_owned();
        }
        let string_to_sign = v3::string_to_sign(&candidate.text);
        for (secret, wrong_secret) in secrets.iter().filter(|(_, mistake)| candidate.allows(mistake)) {
            // Some sign the canonical request itself.
            for (signed, wrong_signed) in [
                (&string_to_sign, ""),
                (&candidate.text, "the canonical request is signed instead of the string to sign"),
            ] {
                let mac = v3::mac_bytes(secret.as_bytes(), signed);
                let is_hex = hex::encode(&mac) == signature;
                if !is_hex && BASE64.encode(&mac) != signature && !hex::encode(&mac).eq_ignore_ascii_case(signature) {
                    continue;
                }
                let wrong_text = if is_hex { "" } else { "the signature is not in lower-case hex" };
                return explained(&candidate.mistakes, &[wrong_secret, wrong_signed, wrong_text]);
            }
        }
    }
    let body_hash = v3::hash(request.call.body.as_deref().unwrap_or_default());
    let canonical = v3::canonical_request(request.call, &request.params, signed_headers, &body_hash);
    nothing_fits(signature, &v3::string_to_sign(&canonical))
}

fn v3_candidates(request: &Request<'_>, signed_headers: &str) -> Vec<Candidate> {
    let body = request.call.body.as_deref().unwrap_or_default();
    let body_hash = v3::hash(body);
    let right = v3::canonical_request(request.call, &request.params, signed_headers, &body_hash);
    let mut lines = right.splitn(4, '\n');
    let (method, _, query, rest) = (lines.next(), lines.next(), lines.next(), lines.next().unwrap_or_default());
    let (method, query) = (method.unwrap_or_default(), query.unwrap_or_default());
    let whole = |method: &str, query: &str, rest: &str| format!("{method}\n/\n{query}\n{rest}");

    let mut candidates = vec![Candidate::new(right.clone(), &[])];
    let other = if method == "GET" { ("POST", "it was signed as a POST") } else { ("GET", "it was signed as a GET") };
    candidates.push(Candidate::new(whole(other.0, query, rest), &[other.1]));
    let pairs: Vec<_> = request.params.in_query().collect();
    for (pairs, selection) in [(sorted(pairs.iter().copied()), ""), (pairs.clone(), "the parameters are not sorted")] {
        for Encoding { mistake, encode } in ENCODINGS {
            let pairs: Vec<_> =
                pairs.iter().map(|(name, value)| format!("{}={}", encode(name), encode(value))).collect();
            candidates.push(Candidate::new(whole(method, &pairs.join("&"), rest), &[selection, mistake]));
        }
    }
    let raw = "the query is signed as it was sent instead of decoded and encoded again";
    candidates.push(Candidate::new(whole(method, request.call.query(), rest), &[raw]));

    let host = request.call.header("host").unwrap_or_default();
    let name = request.call.host_name().unwrap_or_default().to_owned();
    let port = host.rsplit_once(':').map_or("", |(_, port)| port);
    let region = request.params.get_filled("RegionId").unwrap_or("cn-hangzhou");
    let mut hosts = vec![(name, "the host is signed without its port".to_owned())];
    for other in ["rds.aliyuncs.com", &format!("rds.{region}.aliyuncs.com"), "localhost", "127.0.0.1"] {
        for host in [other.to_owned(), format!("{other}:{port}")] {
            let mistake = format!("the host signed is {host}, not the one that was called");
            hosts.push((host, mistake));
        }
    }
    for (wrong, mistake) in hosts {
        let rest = rest.replacen(&format!("host:{host}\n"), &format!("host:{wrong}\n"), 1);
        candidates.push(Candidate::new(whole(method, query, &rest), &[&mistake]));
    }
    let sent_hash = request.common("x-acs-content-sha256").unwrap_or_default();
    for (hash, mistake) in [
        (
            sent_hash.to_owned(),
            "the body hash signed is the one in x-acs-content-sha256, which is not that of the body received",
        ),
        (v3::hash(b""), "the body hash signed is that of an empty body"),
        ("UNSIGNED-PAYLOAD".to_owned(), "the body hash signed is UNSIGNED-PAYLOAD"),
    ] {
        let rest = rest.strip_suffix(&body_hash).unwrap_or(rest);
        candidates.push(Candidate::new(whole(method, query, &format!("{rest}{hash}")), &[mistake]));
    }
    let (block, tail) = rest.split_once("\n\n").unwrap_or((rest, ""));
    let title = |line: &str| match line.split_once(':') {
        Some((name, value)) => {
            let words: Vec<_> = name
                .split('-')
                .map(|word| {
                    let (first, others) = word.split_at(word.chars().next().map_or(0, char::len_utf8));
                    format!("{}{others}", first.to_ascii_uppercase())
                })
                .collect();
            format!("{}:{value}", words.join("-"))
        }
        None => line.to_owned(),
    };
    let titled: Vec<_> = block.lines().map(title).collect();
    let not_lower = "header names are not in lower case";
    candidates.push(Candidate::new(whole(method, query, &format!("{}\n\n{tail}", titled.join("\n"))), &[not_lower]));
    let no_blank = "the empty line behind the headers is missing";
    candidates.push(Candidate::new(whole(method, query, &format!("{block}\n{tail}")), &[no_blank]));
    candidates.sort_by_key(|candidate| candidate.mistakes.len());
    candidates
}

fn explained(mistakes: &[String], more: &[&str]) -> String {
    let all: Vec<_> =
        mistakes.iter().map(String::as_str).chain(more.iter().copied()).filter(|mistake| !mistake.is_empty()).collect();
    if all.is_empty() { "the signature itself is right; see x-mock-hint".to_owned() } else { all.join("; ") }
}

/// The zones that are no whole hour away from UTC, in minutes.
const ODD_ZONES: &[i64] = &[-570, -210, -150, 210, 270, 330, 345, 390, 525, 570, 630, 765];

/// Explains a timestamp that is off by about as much as a time zone.
pub(super) fn of_timestamp(off_by: SignedDuration) -> Option<String> {
    let mut zones = (-12..=14).filter(|hours| *hours != 0).map(|hours| hours * 60).chain(ODD_ZONES.iter().copied());
    // Clocks are a little off, and calls take time.
    let zone = zones.find(|zone| (off_by.as_secs() - zone * 60).abs() <= 120)?;
    let (sign, zone) = (if zone < 0 { '-' } else { '+' }, zone.abs());
    Some(format!("the time is local, of the zone {sign}{:02}:{:02}, but says Z; it must be UTC", zone / 60, zone % 60))
}
