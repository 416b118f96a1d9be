//! A response or a refusal → the bytes of the answer, in XML or JSON.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD_NO_PAD as BASE64;
use md5::{Digest, Md5};
use quick_xml::Writer;
use quick_xml::escape::partial_escape;
use quick_xml::events::{BytesCData, BytesText};
use serde::Serialize;

use super::Format;
use crate::api::{AccessDenied, Error};

/// The declaration that opens every XML answer, in the service's single quotes.
const XML_DECLARATION: &str = "<?xml version='1.0' encoding='UTF-8'?>";

/// A rendered body.
#[derive(Clone, Debug)]
pub(crate) struct Body {
    pub(crate) format: Format,
    pub(crate) text: String,
}

/// Renders a response. In XML its root is `<{action}Response>`; JSON has no root.
pub(crate) fn response<T: Serialize>(action: &str, response: &T, format: Format) -> Body {
    let text = match format {
        Format::Json => serde_json::to_string(response).expect("a response has string keys and finite numbers"),
        Format::Xml => {
            let mut xml = String::with_capacity(512);
            xml.push_str(XML_DECLARATION);
            let root = format!("{action}Response");
            let mut serializer = quick_xml::se::Serializer::with_root(&mut xml, Some(&root))
                .expect("an action's name is a name in XML too");
            serializer.expand_empty_elements(true);
            response.serialize(serializer).expect("a response is made of elements");
            xml_characters_only(xml)
        }
    };
    Body { format, text }
}

/// What a refusal's body says besides code and message.
#[derive(Clone, Copy, Debug)]
pub(crate) struct ErrorContext<'a> {
    pub(crate) request_id: &'a str,
    /// The host name the client called.
    pub(crate) host_id: &'a str,
    /// The product's name in the troubleshooting link.
    pub(crate) product: &'a str,
}

/// Renders a refusal: the only place where one becomes text.
pub(crate) fn error(error: &Error, context: ErrorContext<'_>, format: Format) -> Body {
    let ErrorContext { request_id, host_id, product } = context;
    let code = error.code();
    let document = ErrorDocument {
        request_id,
        message: &error.message(),
        recommend: &format!("https://api.aliyun.com/troubleshoot?q={code}&product={product}&requestId={request_id}"),
        host_id,
        code,
        access_denied_detail: error.access_denied_detail(),
    };
    let text = match format {
        Format::Json => serde_json::to_string(&document).expect("made of strings"),
        Format::Xml => xml_characters_only(document.to_xml()),
    };
    Body { format, text }
}

/// The five strings of an error, and who was denied what, in the order that JSON answers of the gateway have had since 2020.
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct ErrorDocument<'a> {
    request_id: &'a str,
    message: &'a str,
    recommend: &'a str,
    host_id: &'a str,
    code: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    access_denied_detail: Option<&'a AccessDenied>,
}

impl ErrorDocument<'_> {
    /// XML has an order of its own, and the link in a CDATA section.
    fn to_xml(&self) -> String {
        let mut writer = Writer::new(Vec::with_capacity(512));
        let written = writer.create_element("Error").write_inner_content(|writer| {
            for (name, text) in [
                ("RequestId", self.request_id),
                ("HostId", self.host_id),
                ("Code", self.code),
                ("Message", self.message),
            ] {
                writer.create_element(name).write_text_content(BytesText::from_escaped(partial_escape(text)))?;
            }
            writer.create_element("Recommend").write_cdata_content(BytesCData::new(self.recommend))?;
            if let Some(detail) = self.access_denied_detail {
                let detail = quick_xml::se::to_string_with_root("AccessDeniedDetail", detail);
                writer.get_mut().extend_from_slice(detail.expect("a struct of strings").as_bytes());
            }
            Ok(())
        });
        written.expect("writing to memory does not fail");
        let xml = String::from_utf8(writer.into_inner()).expect("made of strings");
        format!("{XML_DECLARATION}{xml}")
    }
}

/// Whether a character is better refused where text enters: most of these XML 1.0 can't carry, even escaped.
pub(crate) fn is_unfit(character: char) -> bool {
    character.is_control() || matches!(character, '\u{fffe}' | '\u{ffff}')
}

/// Replaces what XML 1.0 can't carry, even escaped, with U+FFFD. Resources never hold such characters (the seed and the
/// actions refuse them); a refusal may quote a header that does.
fn xml_characters_only(text: String) -> String {
    let is_foreign = |character: char| matches!(character, '\0'..='\u{8}' | '\u{b}' | '\u{c}' | '\u{e}'..='\u{1f}' | '\u{fffe}' | '\u{ffff}');
    if text.contains(is_foreign) { text.replace(is_foreign, "\u{fffd}") } else { text }
}

/// The service's entity tag: the body's MD5 in base64 without padding, between the first and the last digit of the
/// body's length in characters. Decoded from three live samples; unquoted.
pub(crate) fn etag(text: &str) -> String {
    let length = text.chars().count();
    let last = length % 10;
    let mut first = length;
    while first >= 10 {
        first /= 10;
    }
    let digest = BASE64.encode(Md5::digest(text.as_bytes()));
    format!("{first}{digest}{last}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::ErrorCode;

    #[test]
    fn etag_is_that_of_the_published_example() {
        let body = r#"{"RequestId":"4C467B38-3910-447D-87BC-AC049166F216","PageNumber":1}"#;
        assert_eq!(etag(body), "6fFZlRJGpxLMSG/ThCz0rBA7");
    }

    #[test]
    fn etag_counts_characters_not_bytes() {
        let text = "é".repeat(19);
        assert!(etag(&text).starts_with('1') && etag(&text).ends_with('9'));
    }

    #[test]
    fn xml_never_holds_a_character_that_xml_can_not() {
        let context = ErrorContext { request_id: "R", host_id: "h", product: "Rds" };
        let refusal = ErrorCode::IncompleteSignature.about("a\u{1}b\u{ffff}<&>");
        let body = super::error(&refusal, context, Format::Xml);
        assert!(body.text.contains("a\u{fffd}b\u{fffd}&lt;&amp;&gt;"), "{}", body.text);
    }
}
