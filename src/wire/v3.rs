//! Signature V3: `Authorization: ACS3-HMAC-SHA256 …`, an HMAC over a canonical request.

use hmac::{Hmac, KeyInit, Mac};
use sha2::{Digest, Sha256};

use super::percent::encode_into;
use super::{Call, Params};

/// What an `Authorization` value of a V3 call begins with; nothing else makes a call a V3 call.
const PREFIX: &str = "ACS3-";
/// The one algorithm that is emulated.
pub(crate) const ALGORITHM: &str = "ACS3-HMAC-SHA256";

/// The parts of an `Authorization` header, in whatever order they came. A part that was not sent is `None`.
#[derive(Debug, Default)]
pub(crate) struct Authorization {
    pub(crate) algorithm: String,
    pub(crate) credential: Option<String>,
    pub(crate) signed_headers: Option<String>,
    pub(crate) signature: Option<String>,
}

impl Authorization {
    /// Reads the header value; `None` when it is not one of V3.
    pub(crate) fn parse(value: &str) -> Option<Self> {
        if !value.starts_with(PREFIX) {
            return None;
        }
        let (algorithm, rest) = value.split_once(' ').unwrap_or((value, ""));
        let mut authorization = Self { algorithm: algorithm.to_owned(), ..Self::default() };
        for part in rest.split(',') {
            let filled = |value: &str| (!value.is_empty()).then(|| value.to_owned());
            match part.trim().split_once('=') {
                Some(("Credential", value)) => authorization.credential = filled(value),
                Some(("SignedHeaders", value)) => authorization.signed_headers = filled(value),
                Some(("Signature", value)) => authorization.signature = filled(value),
                _ => {}
            }
        }
        Some(authorization)
    }
}

/// The lower-case hex SHA-256 of a body.
pub(crate) fn hash(bytes: &[u8]) -> String {
    hex::encode(Sha256::digest(bytes))
}

/// The canonical request, rebuilt from the call as received and the list of headers that the client signed.
///
/// A listed header that was not sent counts as empty; one sent several times is joined with commas (a guess).
pub(crate) fn canonical_request(call: &Call, params: &Params<'_>, signed_headers: &str, body_hash: &str) -> String {
    let mut canonical = String::with_capacity(1024);
    canonical.push_str(call.method.as_str());
    canonical.push_str("\n/\n");

    let mut query: Vec<_> = params.in_query().collect();
    query.sort_unstable();
    for (index, (name, value)) in query.into_iter().enumerate() {
        if index > 0 {
            canonical.push('&');
        }
        encode_into(&mut canonical, name);
        canonical.push('=');
        encode_into(&mut canonical, value);
    }
    canonical.push('\n');

    for name in signed_headers.split(';') {
        canonical.push_str(&name.to_ascii_lowercase());
        canonical.push(':');
        for (index, value) in call.headers.get_all(name).iter().enumerate() {
            if index > 0 {
                canonical.push(',');
            }
            canonical.push_str(String::from_utf8_lossy(value.as_bytes()).trim());
        }
        canonical.push('\n');
    }
    canonical.push('\n');
    canonical.push_str(signed_headers);
    canonical.push('\n');
    canonical.push_str(body_hash);
    canonical
}

/// The algorithm and the hash of the canonical request.
pub(crate) fn string_to_sign(canonical_request: &str) -> String {
    format!("{ALGORITHM}\n{}", hash(canonical_request.as_bytes()))
}

/// Whether `signature` is the lower-case hex HMAC of `string_to_sign` under the bare secret. Constant in time.
pub(crate) fn verify(secret: &str, string_to_sign: &str, signature: &str) -> bool {
    if signature.bytes().any(|byte| byte.is_ascii_uppercase()) {
        return false;
    }
    let Ok(signature) = hex::decode(signature) else { return false };
    keyed(secret.as_bytes(), string_to_sign).verify_slice(&signature).is_ok()
}

/// The bytes of the MAC.
pub(crate) fn mac_bytes(key: &[u8], text: &str) -> Vec<u8> {
    keyed(key, text).finalize().into_bytes().to_vec()
}

fn keyed(key: &[u8], text: &str) -> Hmac<Sha256> {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).expect("an HMAC takes a key of any length");
    mac.update(text.as_bytes());
    mac
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_the_parts_in_any_order() {
        for value in [
            "ACS3-HMAC-SHA256 Credential=AK,SignedHeaders=host;x-acs-date,Signature=abc",
            "ACS3-HMAC-SHA256 Credential=AK,Signature=abc,SignedHeaders=host;x-acs-date",
            "ACS3-HMAC-SHA256 Signature=abc, SignedHeaders=host;x-acs-date,  Credential=AK",
        ] {
            let read = Authorization::parse(value).unwrap();
            assert_eq!(read.algorithm, ALGORITHM);
            assert_eq!(read.credential.as_deref(), Some("AK"));
            assert_eq!(read.signed_headers.as_deref(), Some("host;x-acs-date"));
            assert_eq!(read.signature.as_deref(), Some("abc"));
        }
    }

    #[test]
    fn is_not_a_v3_call_without_the_prefix() {
        for value in ["", "Basic dGVzdA==", "acs3-hmac-sha256 Credential=AK", "AWS4-HMAC-SHA256 Credential=AK"] {
            assert!(Authorization::parse(value).is_none(), "{value}");
        }
        assert!(Authorization::parse("ACS3-").unwrap().credential.is_none());
    }
}
