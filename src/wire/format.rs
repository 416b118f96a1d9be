//! XML or JSON: which of the two a call asked for.

use http::header;

use super::{Call, Params};
use crate::api::{ErrorCode, Result};

/// The format of an answer.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Format {
    Xml,
    Json,
}

impl Format {
    /// The content type, spelled exactly so: several SDKs compare an error's type with this very text.
    pub(crate) const fn content_type(self) -> &'static str {
        match self {
            Self::Xml => "text/xml;charset=utf-8",
            Self::Json => "application/json;charset=utf-8",
        }
    }

    /// What the call asked for, or the refusal of what it asked for.
    ///
    /// Under V1 the `Format` parameter decides, whatever its case, and XML is the default. Under V3 the same parameter wins
    /// where it is present (a guess) and `Accept` decides otherwise; `*/*` and no `Accept` at all give XML.
    pub(crate) fn asked(call: &Call, params: &Params<'_>, is_v3: bool) -> Result<Self> {
        if let Some(format) = params.get_filled("Format") {
            return if format.eq_ignore_ascii_case("xml") {
                Ok(Self::Xml)
            } else if format.eq_ignore_ascii_case("json") {
                Ok(Self::Json)
            } else {
                Err(ErrorCode::InvalidParameterFormat.into())
            };
        }
        if !is_v3 {
            return Ok(Self::Xml);
        }
        let mut accepts = call.headers.get_all(header::ACCEPT).iter().peekable();
        if accepts.peek().is_none() {
            return Ok(Self::Xml);
        }
        accepts
            .filter_map(|accept| accept.to_str().ok())
            .flat_map(|accept| accept.split(','))
            .find_map(|range| {
                let essence = range.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
                match essence.as_str() {
                    "application/json" => Some(Self::Json),
                    "application/xml" | "text/xml" | "application/*" | "text/*" | "*/*" | "" => Some(Self::Xml),
                    _ => None,
                }
            })
            .ok_or_else(|| ErrorCode::InvalidParameterAccept.into())
    }
}
