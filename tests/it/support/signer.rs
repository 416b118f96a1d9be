//! Signs calls the way the public documents describe it, sharing nothing with the server but the hash functions.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use rds_mock::MockRds;
use sha1::Sha1;
use sha2::{Digest, Sha256};

use super::Request;

/// How a call is signed.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Dialect {
    V1,
    V3,
}

/// What to sign with.
#[derive(Clone, Debug)]
pub(crate) struct Key {
    pub(crate) id: String,
    pub(crate) secret: String,
    pub(crate) token: Option<String>,
}

impl Key {
    pub(crate) fn new(id: &str, secret: &str) -> Self {
        Self { id: id.to_owned(), secret: secret.to_owned(), token: None }
    }

    pub(crate) fn token(mut self, token: &str) -> Self {
        self.token = Some(token.to_owned());
        self
    }

    /// The server's first key.
    pub(crate) fn of(rds: &MockRds) -> Self {
        let key = rds.access_key();
        Self { id: key.id.clone(), secret: key.secret.clone(), token: key.security_token.clone() }
    }
}

/// A call to be signed.
///
/// `common` holds what the dialect adds: parameters under V1, `x-acs-…` headers under V3.
#[derive(Clone, Debug)]
pub(crate) struct Unsigned {
    pub(crate) dialect: Dialect,
    pub(crate) method: String,
    pub(crate) path: String,
    pub(crate) host: String,
    pub(crate) params: Vec<(String, String)>,
    pub(crate) overrides: BTreeMap<String, Option<String>>,
    pub(crate) is_form: bool,
    pub(crate) timestamp: String,
    pub(crate) nonce: Option<String>,
    action: String,
    format: Option<String>,
}

impl Unsigned {
    /// A V1 call by GET for an answer in JSON, dated now.
    pub(crate) fn new(action: &str) -> Self {
        Self {
            dialect: Dialect::V1,
            method: "GET".to_owned(),
            path: "/".to_owned(),
            host: "rds.aliyuncs.com".to_owned(),
            params: Vec::new(),
            overrides: BTreeMap::new(),
            is_form: false,
            timestamp: rds_mock::Timestamp::now().strftime("%Y-%m-%dT%H:%M:%SZ").to_string(),
            nonce: None,
            action: action.to_owned(),
            format: Some("JSON".to_owned()),
        }
    }

    pub(crate) fn param(mut self, name: &str, value: &str) -> Self {
        self.params.push((name.to_owned(), value.to_owned()));
        self
    }

    pub(crate) fn dialect(mut self, dialect: Dialect) -> Self {
        self.dialect = dialect;
        self
    }

    pub(crate) fn v3(self) -> Self {
        self.dialect(Dialect::V3)
    }

    pub(crate) fn method(mut self, method: &str) -> Self {
        self.method = method.to_owned();
        self
    }

    /// All parameters in a form body, by POST.
    pub(crate) fn form(mut self) -> Self {
        self.is_form = true;
        self.method("POST")
    }

    pub(crate) fn at(mut self, timestamp: &str) -> Self {
        self.timestamp = timestamp.to_owned();
        self
    }

    pub(crate) fn nonce(mut self, nonce: &str) -> Self {
        self.nonce = Some(nonce.to_owned());
        self
    }

    /// The `Format` parameter of V1, or the `Accept` header of V3; `None` leaves it out.
    pub(crate) fn format(mut self, format: Option<&str>) -> Self {
        self.format = format.map(str::to_owned);
        self
    }

    /// Sets a common parameter (V1) or header (V3) before signing.
    pub(crate) fn set(mut self, name: &str, value: &str) -> Self {
        self.overrides.insert(name.to_owned(), Some(value.to_owned()));
        self
    }

    /// Leaves a common parameter (V1) or header (V3) out before signing.
    pub(crate) fn without(mut self, name: &str) -> Self {
        self.overrides.insert(name.to_owned(), None);
        self
    }

    /// Signs the call, under a nonce of its own unless one was given.
    pub(crate) fn sign(&self, key: &Key) -> Request {
        match self.dialect {
            Dialect::V1 => self.sign_v1(key),
            Dialect::V3 => self.sign_v3(key),
        }
    }

    fn fresh_nonce(&self) -> String {
        static COUNTER: AtomicU64 = AtomicU64::new(0);
        self.nonce.clone().unwrap_or_else(|| format!("nonce-{}", COUNTER.fetch_add(1, Ordering::Relaxed)))
    }

    fn overridden(&self, mut common: Vec<(String, String)>) -> Vec<(String, String)> {
        for (name, value) in &self.overrides {
            common.retain(|(known, _)| known != name);
            if let Some(value) = value {
                common.push((name.clone(), value.clone()));
            }
        }
        common
    }

    /// The parameters of a V1 call, `Signature` last.
    pub(crate) fn v1_params(&self, key: &Key) -> Vec<(String, String)> {
        let mut common = vec![
            ("Action", self.action.clone()),
            ("Version", "2014-08-15".to_owned()),
            ("AccessKeyId", key.id.clone()),
            ("SignatureMethod", "HMAC-SHA1".to_owned()),
            ("SignatureVersion", "1.0".to_owned()),
            ("SignatureNonce", self.fresh_nonce()),
            ("Timestamp", self.timestamp.clone()),
        ];
        common.extend(self.format.clone().map(|format| ("Format", format)));
        common.extend(key.token.clone().map(|token| ("SecurityToken", token)));
        let common = common.into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
        let mut params = self.overridden(common);
        params.extend(self.params.clone());

        let mut sorted = params.clone();
        sorted.sort();
        let string_to_sign = format!("{}&%2F&{}", self.method, encode(&query(&sorted)));
        let is_sha256 = params.iter().any(|(name, value)| name == "SignatureMethod" && value == "HMAC-SHA256");
        let secret = format!("{}&", key.secret);
        let signature = if is_sha256 {
            BASE64.encode(hmac::<Sha256>(secret.as_bytes(), string_to_sign.as_bytes()))
        } else {
            BASE64.encode(hmac::<Sha1>(secret.as_bytes(), string_to_sign.as_bytes()))
        };
        if self.overrides.get("Signature") != Some(&None) {
            params.push(("Signature".to_owned(), signature));
        }
        params
    }

    fn sign_v1(&self, key: &Key) -> Request {
        let encoded = query(&self.v1_params(key)).into_bytes();
        let (query, body) = if self.is_form { (Vec::new(), encoded) } else { (encoded, Vec::new()) };
        let request =
            Request { method: self.method.clone(), path: self.path.clone(), query, headers: Vec::new(), body };
        let request = request.header("Host", &self.host);
        if self.is_form { request.header("Content-Type", "application/x-www-form-urlencoded") } else { request }
    }

    fn sign_v3(&self, key: &Key) -> Request {
        let encoded = query(&self.params);
        let (url_query, body) = if self.is_form { (String::new(), encoded) } else { (encoded, String::new()) };
        let mut headers = vec![
            ("host", self.host.clone()),
            ("x-acs-action", self.action.clone()),
            ("x-acs-version", "2014-08-15".to_owned()),
            ("x-acs-date", self.timestamp.clone()),
            ("x-acs-signature-nonce", self.fresh_nonce()),
            ("x-acs-content-sha256", hex(&Sha256::digest(body.as_bytes()))),
        ];
        let accept = match self.format.as_deref() {
            Some("JSON") => Some("application/json".to_owned()),
            Some("XML") => Some("application/xml".to_owned()),
            other => other.map(str::to_owned),
        };
        headers.extend(accept.map(|accept| ("accept", accept)));
        if self.is_form {
            headers.push(("content-type", "application/x-www-form-urlencoded".to_owned()));
        }
        headers.extend(key.token.clone().map(|token| ("x-acs-security-token", token)));
        let headers = headers.into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
        let mut headers = self.overridden(headers);
        headers.sort();

        let mut sorted = if self.is_form { Vec::new() } else { self.params.clone() };
        sorted.sort();
        let lines: String = headers.iter().map(|(name, value)| format!("{name}:{}\n", value.trim())).collect();
        let names: Vec<_> = headers.iter().map(|(name, _)| name.as_str()).collect();
        let (names, body_hash) = (names.join(";"), hex(&Sha256::digest(body.as_bytes())));
        let canonical = format!("{}\n/\n{}\n{lines}\n{names}\n{body_hash}", self.method, query(&sorted));
        let string_to_sign = format!("ACS3-HMAC-SHA256\n{}", hex(&Sha256::digest(canonical.as_bytes())));
        let signature = hex(&hmac::<Sha256>(key.secret.as_bytes(), string_to_sign.as_bytes()));
        let authorization =
            format!("ACS3-HMAC-SHA256 Credential={},SignedHeaders={names},Signature={signature}", key.id);
        headers.push(("Authorization".to_owned(), authorization));
        Request {
            method: self.method.clone(),
            path: self.path.clone(),
            query: url_query.into_bytes(),
            headers: headers.into_iter().map(|(name, value)| (name, value.into_bytes())).collect(),
            body: body.into_bytes(),
        }
    }
}

/// Encoded names and values, joined.
pub(crate) fn query(params: &[(String, String)]) -> String {
    let pairs: Vec<_> = params.iter().map(|(name, value)| format!("{}={}", encode(name), encode(value))).collect();
    pairs.join("&")
}

pub(crate) fn encode(text: &str) -> String {
    encode_bytes(text.as_bytes())
}

pub(crate) fn encode_bytes(bytes: &[u8]) -> String {
    let encode = |byte: &u8| match byte {
        b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' => char::from(*byte).to_string(),
        _ => format!("%{byte:02X}"),
    };
    bytes.iter().map(encode).collect()
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// HMAC by its definition (RFC 2104), for hashes with blocks of 64 bytes.
fn hmac<D: Digest>(key: &[u8], text: &[u8]) -> Vec<u8> {
    let key = if key.len() > 64 { D::digest(key).to_vec() } else { key.to_vec() };
    let pad = |with: u8| -> Vec<u8> { (0..64).map(|at| key.get(at).copied().unwrap_or(0) ^ with).collect() };
    let inner = D::new().chain_update(pad(0x36)).chain_update(text).finalize();
    D::new().chain_update(pad(0x5c)).chain_update(inner).finalize().to_vec()
}
