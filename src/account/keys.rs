//! Access keys and the security tokens that temporary ones need.

use std::fmt;
use std::sync::{Mutex, PoisonError};

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use super::Permissions;
use super::nonces::Nonces;
use crate::api::{ErrorCode, Result};

/// An access key of an account.
#[derive(Debug)]
pub(crate) struct Key {
    pub(crate) secret: Secret,
    pub(crate) security_token: Option<SecurityToken>,
    pub(crate) disabled: bool,
    pub(crate) permissions: Permissions,
    /// The nonces seen under this key. Held for one look-up, never across an `.await`.
    nonces: Mutex<Nonces>,
}

impl Key {
    pub(crate) fn new(secret: Secret, security_token: Option<SecurityToken>, disabled: bool) -> Self {
        Self { secret, security_token, disabled, permissions: Permissions::default(), nonces: Mutex::default() }
    }

    /// The same key, which may do no more than this.
    pub(crate) fn with_permissions(mut self, permissions: Permissions) -> Self {
        self.permissions = permissions;
        self
    }

    /// The same key with no nonce used.
    pub(crate) fn restarted(&self) -> Self {
        Self::new(self.secret.clone(), self.security_token.clone(), self.disabled)
            .with_permissions(self.permissions.clone())
    }

    /// Refuses a disabled key.
    pub(crate) fn check_active(&self) -> Result<()> {
        if self.disabled { Err(ErrorCode::InvalidAccessKeyIdInactive.into()) } else { Ok(()) }
    }

    /// Refuses a token that is missing, malformed, another key's, or past its time.
    ///
    /// Tokens are opaque, so malformed means no more than that: something other than visible ASCII stands in it (a guess).
    /// A token sent with a key that has none mismatches (a guess).
    pub(crate) fn check_security_token(&self, sent: Option<&str>, now: Timestamp) -> Result<()> {
        let (token, sent) = match (&self.security_token, sent) {
            (None, None) => return Ok(()),
            (Some(_), None) => return Err(ErrorCode::MissingSecurityToken.into()),
            (token, Some(sent)) => (token, sent),
        };
        if !sent.bytes().all(|byte| byte.is_ascii_graphic()) {
            return Err(ErrorCode::InvalidSecurityTokenMalformed.into());
        }
        match token {
            Some(token) if token.value.expose() == sent => match token.expiration {
                Some(expiration) if expiration <= now => Err(ErrorCode::InvalidSecurityTokenExpired.into()),
                _ => Ok(()),
            },
            _ => Err(ErrorCode::InvalidSecurityTokenMismatch.into()),
        }
    }

    /// Refuses a nonce that this key has used before.
    pub(crate) fn use_nonce(&self, nonce: &str, now: Timestamp, memory: SignedDuration) -> Result<()> {
        let mut nonces = self.nonces.lock().unwrap_or_else(PoisonError::into_inner);
        if nonces.use_once(nonce, now, memory) { Ok(()) } else { Err(ErrorCode::SignatureNonceUsed.into()) }
    }
}

/// The token that a temporary access key must be sent with.
#[derive(Clone, Debug)]
pub(crate) struct SecurityToken {
    pub(crate) value: Secret,
    /// From when on it is refused.
    pub(crate) expiration: Option<Timestamp>,
}

/// Text that does not print; a seed file is the one place it is written to.
#[derive(Clone, Deserialize, Serialize)]
#[serde(transparent)]
pub struct Secret(String);

impl Secret {
    /// Keeps the text from being printed.
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    pub(crate) fn expose(&self) -> &str {
        &self.0
    }
}

impl Secret {
    /// Whether it is this text. Takes the same time wherever the two differ.
    pub(crate) fn is(&self, text: &str) -> bool {
        let (ours, theirs) = (self.0.as_bytes(), text.as_bytes());
        let difference = ours.iter().zip(theirs).fold(0, |difference, (one, other)| difference | (one ^ other));
        // An empty secret is no secret, and nothing equals it.
        !ours.is_empty() && ours.len() == theirs.len() && difference == 0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Secret(…)")
    }
}
