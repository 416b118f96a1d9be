//! An answer before HTTP dresses it.

use super::request::Request;
use crate::account::Break;
use crate::api::{Product, Result, shortened};
use crate::wire::render::{self, ErrorContext};
use crate::wire::{Body, Format};

/// What goes back, and what the log says of the call.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    /// `None` for an answer that has none.
    pub(crate) body: Option<Body>,
    pub(crate) request_id: String,
    pub(crate) trace_id: String,
    /// A sentence of the mock's own, for the developer.
    pub(crate) hint: Option<String>,
    /// What mistake explains a refusal.
    pub(crate) diagnosis: Option<String>,
    /// How the connection is broken instead of sending this.
    pub(crate) breaks: Option<Break>,
    pub(crate) record: Record,
}

/// The call in the log. Texts are as the caller sent them, shortened.
#[derive(Debug, Default)]
pub(crate) struct Record {
    pub(crate) action: String,
    pub(crate) access_key_id: String,
    /// The error code; empty for a success.
    pub(crate) code: String,
}

impl Answer {
    /// Renders what the stages returned, a refusal in the format that the call asked for if that much is known of it.
    pub(super) fn of(
        request: &Request<'_>,
        outcome: Result<Body>,
        product: &Product,
        request_id: String,
        trace_id: String,
    ) -> Self {
        let shown = |text: Option<&str>| shortened(text.unwrap_or_default()).to_owned();
        let mut record = Record {
            action: shown(request.action()),
            access_key_id: shown(request.access_key_id()),
            code: String::new(),
        };
        match outcome {
            Ok(body) => Self {
                status: 200,
                body: Some(body),
                request_id,
                trace_id,
                hint: None,
                diagnosis: None,
                breaks: None,
                record,
            },
            Err(error) => {
                error.code().clone_into(&mut record.code);
                let host_id = request.call.host_name().unwrap_or(product.host);
                let context = ErrorContext { request_id: &request_id, host_id, product: product.name };
                let body = render::error(&error, context, request.format().unwrap_or(Format::Xml));
                let hint = error.hint_text().map(str::to_owned);
                Self {
                    status: error.status(),
                    body: Some(body),
                    request_id,
                    trace_id,
                    hint,
                    diagnosis: error.diagnosis_text().map(str::to_owned),
                    breaks: None,
                    record,
                }
            }
        }
    }

    /// The answer to a browser's question what it may send: yes, by the headers that every answer has (a guess).
    pub(super) fn preflight(request_id: String, trace_id: String) -> Self {
        Self {
            status: 200,
            body: None,
            request_id,
            trace_id,
            hint: None,
            diagnosis: None,
            breaks: None,
            record: Record::default(),
        }
    }
}
