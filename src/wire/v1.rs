//! Signature V1: `SignatureVersion=1.0`, an HMAC over method and parameters.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use hmac::{Hmac, KeyInit, Mac};
use http::Method;
use sha1::Sha1;
use sha2::Sha256;

use super::Params;
use super::percent::encode_into;

/// The hash under the HMAC, named by `SignatureMethod`.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum SignatureMethod {
    HmacSha1,
    /// Sent by an old PHP client.
    HmacSha256,
}

impl SignatureMethod {
    /// Reads the parameter. Case does not matter: the documents themselves write `Hmac-SHA1` too (a guess).
    pub(crate) fn parse(name: &str) -> Option<Self> {
        if name.eq_ignore_ascii_case("HMAC-SHA1") {
            Some(Self::HmacSha1)
        } else if name.eq_ignore_ascii_case("HMAC-SHA256") {
            Some(Self::HmacSha256)
        } else {
            None
        }
    }
}

/// Which parameters without a value count in the string to sign.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum EmptyValues {
    /// They count, as the service's own echo shows.
    Signed,
    /// They are left out, as the PHP client does.
    Dropped,
}

/// `METHOD&%2F&` and the sorted, encoded, joined and once more encoded parameters without `Signature`.
pub(crate) fn string_to_sign(method: &Method, params: &Params<'_>, empty: EmptyValues) -> String {
    let mut pairs: Vec<(&str, &str)> = params
        .iter()
        .filter(|(name, value)| *name != "Signature" && !(empty == EmptyValues::Dropped && value.is_empty()))
        .collect();
    pairs.sort_unstable();

    let mut canonical = String::with_capacity(512);
    for (name, value) in pairs {
        if !canonical.is_empty() {
            canonical.push('&');
        }
        encode_into(&mut canonical, name);
        canonical.push('=');
        encode_into(&mut canonical, value);
    }
    let mut string = String::with_capacity(canonical.len() * 5 / 4);
    string.push_str(method.as_str());
    string.push_str("&%2F&");
    encode_into(&mut string, &canonical);
    string
}

/// Whether `signature` is the base64 HMAC of `string_to_sign` under the secret followed by `&`. Constant in time.
pub(crate) fn verify(method: SignatureMethod, secret: &str, string_to_sign: &str, signature: &str) -> bool {
    let Ok(signature) = BASE64.decode(signature) else { return false };
    match method {
        SignatureMethod::HmacSha1 => mac::<Hmac<Sha1>>(secret, string_to_sign).verify_slice(&signature).is_ok(),
        SignatureMethod::HmacSha256 => mac::<Hmac<Sha256>>(secret, string_to_sign).verify_slice(&signature).is_ok(),
    }
}

/// The bytes of the MAC under a key as it is, without the `&` that belongs behind a secret.
pub(crate) fn mac_bytes(method: SignatureMethod, key: &[u8], text: &str) -> Vec<u8> {
    match method {
        SignatureMethod::HmacSha1 => keyed::<Hmac<Sha1>>(key, text).finalize().into_bytes().to_vec(),
        SignatureMethod::HmacSha256 => keyed::<Hmac<Sha256>>(key, text).finalize().into_bytes().to_vec(),
    }
}

fn mac<M: Mac + KeyInit>(secret: &str, text: &str) -> M {
    let mut key = Vec::with_capacity(secret.len() + 1);
    key.extend_from_slice(secret.as_bytes());
    key.push(b'&');
    keyed(&key, text)
}

fn keyed<M: Mac + KeyInit>(key: &[u8], text: &str) -> M {
    let mut mac = <M as KeyInit>::new_from_slice(key).expect("an HMAC takes a key of any length");
    mac.update(text.as_bytes());
    mac
}
