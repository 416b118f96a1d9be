//! What a call asks for and claims, read once, before anything of it is believed.

use http::header;

use crate::api::{ErrorCode, Result};
use crate::wire::v3::Authorization;
use crate::wire::{Call, Format, Params};

/// A call with its parameters decoded and its dialect known.
#[derive(Debug)]
pub(super) struct Request<'a> {
    pub(super) call: &'a Call,
    pub(super) params: Params<'a>,
    pub(super) dialect: Dialect,
}

/// Which signature a call carries; it decides where action, version and caller stand.
#[derive(Debug)]
pub(super) enum Dialect {
    /// Parameters.
    V1,
    /// Headers.
    V3(Authorization),
}

/// What a dialect calls the things that both have.
#[derive(Debug)]
pub(super) struct Names {
    pub(super) action: &'static str,
    pub(super) version: &'static str,
    pub(super) timestamp: &'static str,
    pub(super) nonce: &'static str,
    pub(super) security_token: &'static str,
}

const V1_NAMES: Names = Names {
    action: "Action",
    version: "Version",
    timestamp: "Timestamp",
    nonce: "SignatureNonce",
    security_token: "SecurityToken",
};

const V3_NAMES: Names = Names {
    action: "x-acs-action",
    version: "x-acs-version",
    timestamp: "x-acs-date",
    nonce: "x-acs-signature-nonce",
    security_token: "x-acs-security-token",
};

impl<'a> Request<'a> {
    /// Reads a call. Only an `Authorization` that begins with `ACS3-` makes it V3: every V1 SDK sends `x-acs-action` too.
    pub(super) fn read(call: &'a Call) -> Self {
        let authorization = call.header(header::AUTHORIZATION.as_str());
        let dialect = authorization.as_deref().and_then(Authorization::parse).map_or(Dialect::V1, Dialect::V3);
        Self { call, params: Params::read(call.query(), call.form()), dialect }
    }

    /// Refuses a call whose body or parameters could not be read.
    pub(super) fn check_readable(&self) -> Result<()> {
        if let Err(refusal) = &self.call.body {
            return Err(refusal.clone());
        }
        if self.params.is_malformed() { Err(ErrorCode::RequestParameterMalformed.into()) } else { Ok(()) }
    }

    pub(super) fn names(&self) -> &'static Names {
        match self.dialect {
            Dialect::V1 => &V1_NAMES,
            Dialect::V3(_) => &V3_NAMES,
        }
    }

    /// One of the things that both dialects have, by the name this one gives it; an empty one counts as absent.
    pub(super) fn common(&self, name: &str) -> Option<&str> {
        match self.dialect {
            Dialect::V1 => self.params.get_filled(name),
            Dialect::V3(_) => {
                let value = self.call.headers.get(name)?.as_bytes();
                std::str::from_utf8(value).ok().map(str::trim).filter(|value| !value.is_empty())
            }
        }
    }

    pub(super) fn action(&self) -> Option<&str> {
        self.common(self.names().action)
    }

    pub(super) fn version(&self) -> Option<&str> {
        self.common(self.names().version)
    }

    /// The access key id that the call claims to be signed with.
    pub(super) fn access_key_id(&self) -> Option<&str> {
        match &self.dialect {
            Dialect::V1 => self.params.get_filled("AccessKeyId"),
            Dialect::V3(authorization) => authorization.credential.as_deref(),
        }
    }

    /// The format asked for, or the refusal of one that does not exist.
    pub(super) fn format(&self) -> Result<Format> {
        Format::asked(self.call, &self.params, matches!(self.dialect, Dialect::V3(_)))
    }
}
