//! A call as it arrived, freed from the HTTP server.

use http::{HeaderMap, HeaderValue, Method, Uri, header};

use crate::api::Error;

/// One request: everything of it that a signature can cover, as received.
#[derive(Debug)]
pub(crate) struct Call {
    pub(crate) method: Method,
    pub(crate) uri: Uri,
    pub(crate) headers: HeaderMap,
    /// The body, or why it could not be read.
    pub(crate) body: Result<Vec<u8>, Error>,
}

impl Call {
    pub(crate) fn path(&self) -> &str {
        self.uri.path()
    }

    /// The raw query, without the question mark.
    pub(crate) fn query(&self) -> &str {
        self.uri.query().unwrap_or_default()
    }

    /// A header's value as text, or `None` when it is absent. Bytes that are not UTF-8 are replaced.
    pub(crate) fn header(&self, name: &str) -> Option<String> {
        self.headers.get(name).map(|value| String::from_utf8_lossy(value.as_bytes()).into_owned())
    }

    /// The body, where it holds form parameters: the type says so, or there is no type.
    ///
    /// Clients send the type with and without `;charset=UTF-8`, and POSTs without any type.
    pub(crate) fn form(&self) -> &[u8] {
        let is_form = match self.headers.get(header::CONTENT_TYPE) {
            None => true,
            Some(value) => is_type(value, b"application/x-www-form-urlencoded"),
        };
        match &self.body {
            Ok(body) if is_form => body,
            _ => &[],
        }
    }

    /// The host name the client called: the `Host` header without its port, and without the scheme that one SDK puts in
    /// front of it. `None` when there is no such header or it is not a host name.
    pub(crate) fn host_name(&self) -> Option<&str> {
        let host = self.headers.get(header::HOST)?.to_str().ok()?;
        let host = host.rsplit_once("://").map_or(host, |(_, rest)| rest);
        let name = match host.rsplit_once(':') {
            Some((name, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => name,
            _ => host,
        };
        let is_name = |byte: u8| byte.is_ascii_alphanumeric() || b"-._[]:".contains(&byte);
        (!name.is_empty() && name.len() <= 255 && name.bytes().all(is_name)).then_some(name)
    }
}

/// Whether a `Content-Type` is this one, whatever its case and its parameters.
pub(crate) fn is_type(value: &HeaderValue, wanted: &[u8]) -> bool {
    let essence = value.as_bytes().split(|byte| *byte == b';').next().unwrap_or_default();
    essence.trim_ascii().eq_ignore_ascii_case(wanted)
}
