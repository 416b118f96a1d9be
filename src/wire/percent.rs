//! Percent-encoding the way the signatures want it, and its strict reverse.

use std::borrow::Cow;

use percent_encoding::percent_decode_str;

/// Appends `text`, encoded, to `out`: everything but `A-Z a-z 0-9 - _ . ~` becomes `%XX` in upper case; a space is `%20`,
/// never `+`.
///
/// Every call is encoded twice, so runs of plain characters are copied whole.
pub(crate) fn encode_into(out: &mut String, text: &str) {
    const HEX: &[u8; 16] = b"0123456789ABCDEF";
    let mut rest = text;
    while let Some(at) = rest.bytes().position(|byte| !IS_PLAIN[usize::from(byte)]) {
        let (plain, encoded) = rest.split_at(at);
        out.push_str(plain);
        let width = encoded.chars().next().map_or(0, char::len_utf8);
        for byte in encoded[..width].bytes() {
            out.push('%');
            out.push(char::from(HEX[usize::from(byte >> 4)]));
            out.push(char::from(HEX[usize::from(byte & 15)]));
        }
        rest = &encoded[width..];
    }
    out.push_str(rest);
}

/// Which bytes stay as they are. All of them are ASCII, so a text may be split before and after any other.
static IS_PLAIN: [bool; 256] = {
    let mut table = [false; 256];
    let mut byte = 0_u8;
    while byte < 128 {
        table[byte as usize] = byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.' | b'~');
        byte += 1;
    }
    table
};

/// Decodes a name or value of a query or form, where `+` is a space. `None` when a `%` is not followed by two hex
/// digits or the bytes are not UTF-8.
pub(crate) fn decode(raw: &str) -> Option<Cow<'_, str>> {
    let raw = if raw.contains('+') { Cow::Owned(raw.replace('+', " ")) } else { Cow::Borrowed(raw) };
    if !raw.contains('%') {
        return Some(raw);
    }
    let mut rest = raw.as_bytes();
    while let Some(at) = rest.iter().position(|byte| *byte == b'%') {
        let hex = rest.get(at + 1..at + 3)?;
        if !hex.iter().all(u8::is_ascii_hexdigit) {
            return None;
        }
        rest = &rest[at + 3..];
    }
    percent_decode_str(&raw).decode_utf8().ok().map(|decoded| Cow::Owned(decoded.into_owned()))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn encode(text: &str) -> String {
        let mut out = String::new();
        encode_into(&mut out, text);
        out
    }

    #[test]
    fn encodes_as_the_signature_document_says() {
        assert_eq!(encode("AZaz09-_.~"), "AZaz09-_.~");
        assert_eq!(encode(" *!'()/+é"), "%20%2A%21%27%28%29%2F%2B%C3%A9");
    }

    #[test]
    fn decodes_what_clients_leave_raw() {
        assert_eq!(decode("a+b%20c!'()*~%7e").as_deref(), Some("a b c!'()*~~"));
    }

    #[test]
    fn refuses_malformed_encoding() {
        for malformed in ["%", "a%2", "%zz", "%+1", "%C3%28", "%FF"] {
            assert_eq!(decode(malformed), None, "{malformed}");
        }
    }

    proptest! {
        #[test]
        fn decoding_reverses_encoding(text in any::<String>()) {
            let encoded = encode(&text);
            prop_assert_eq!(decode(&encoded).map(Cow::into_owned), Some(text));
        }
    }
}
