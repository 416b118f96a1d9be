//! The `Timestamp` of V1 and the `x-acs-date` of V3.

use jiff::Timestamp;

/// Reads `yyyy-MM-ddTHH:mm:ssZ`, with or without a fraction of up to nine digits.
///
/// The documents know no fraction, but two clients send one (milliseconds, nanoseconds). An offset in place of the `Z`, a
/// space for the `T`, or a missing part is `None`.
pub(crate) fn parse(text: &str) -> Option<Timestamp> {
    const SHAPE: &[u8] = b"dddd-dd-ddTdd:dd:dd";
    let body = text.strip_suffix('Z')?;
    let (seconds, fraction) =
        body.split_once('.').map_or((body, None), |(seconds, fraction)| (seconds, Some(fraction)));
    let fits = |(have, want): (u8, &u8)| if *want == b'd' { have.is_ascii_digit() } else { have == *want };
    if seconds.len() != SHAPE.len() || !seconds.bytes().zip(SHAPE).all(fits) {
        return None;
    }
    if fraction
        .is_some_and(|digits| !(1..=9).contains(&digits.len()) || !digits.bytes().all(|byte| byte.is_ascii_digit()))
    {
        return None;
    }
    text.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn takes_what_clients_send() {
        for text in ["2026-01-02T03:04:05Z", "2026-01-02T03:04:05.873Z", "2026-01-02T03:04:05.873989123Z"] {
            assert!(parse(text).is_some(), "{text}");
        }
    }

    #[test]
    fn refuses_everything_else() {
        for text in [
            "",
            "Z",
            "2026-01-02T03:04:05",
            "2026-01-02T03:04:05z",
            "2026-01-02t03:04:05Z",
            "2026-01-02 03:04:05Z",
            "2026-01-02T03:04:05+08:00",
            "2026-01-02T03:04:05+00:00Z",
            "2026-01-02T03:04Z",
            "2026-01-02T03:04:05.Z",
            "2026-01-02T03:04:05.1234567890Z",
            "2026-01-02T03:04:05,5Z",
            "2026-13-02T03:04:05Z",
            "2026-02-30T03:04:05Z",
            "2026-01-02T24:04:05Z",
            "20260102T030405Z",
            "1767323045",
        ] {
            assert!(parse(text).is_none(), "{text}");
        }
    }
}
