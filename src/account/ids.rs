//! The one source of generated ids.

use std::hash::{BuildHasher, RandomState};
use std::sync::atomic::{AtomicU64, Ordering};

use uuid::{Builder, Uuid};

/// Makes request and trace ids. Seeded, it makes the same ones in the same order every time.
#[derive(Debug)]
pub(crate) struct Ids {
    state: AtomicU64,
}

impl Ids {
    /// A source that repeats itself for the same seed.
    pub(crate) fn seeded(seed: u64) -> Self {
        Self { state: AtomicU64::new(seed) }
    }

    /// A source that nobody can predict.
    pub(crate) fn random() -> Self {
        // The standard library asks the system directly; other ways need a /dev, which an empty image may lack.
        Self::seeded(RandomState::new().hash_one(()))
    }

    /// An upper-case UUID. Its version nibble is 5, as in recent answers of the service.
    pub(crate) fn request_id(&self) -> String {
        let mut buffer = Uuid::encode_buffer();
        let id = Builder::from_sha1_bytes(self.bytes()).into_uuid();
        id.hyphenated().encode_upper(&mut buffer).to_owned()
    }

    /// 32 lower-case hex digits.
    pub(crate) fn trace_id(&self) -> String {
        hex::encode(self.bytes())
    }

    /// An account id: 16 digits, the first no zero.
    pub(crate) fn account_id(&self) -> String {
        (1_000_000_000_000_000 + self.next() % 9_000_000_000_000_000).to_string()
    }

    /// Letters and digits, as access keys have them.
    pub(crate) fn letters(&self, length: usize) -> String {
        const LETTERS: &[u8; 62] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
        (0..length).map(|_| char::from(LETTERS[(self.next() % 62) as usize])).collect()
    }

    fn bytes(&self) -> [u8; 16] {
        let mut bytes = [0; 16];
        bytes[..8].copy_from_slice(&self.next().to_be_bytes());
        bytes[8..].copy_from_slice(&self.next().to_be_bytes());
        bytes
    }

    /// SplitMix64 (Steele, Lea and Flood, 2014): a counter and a bijective mix, so that no two numbers of one source are
    /// equal and no lock is needed.
    fn next(&self) -> u64 {
        const STEP: u64 = 0x9e37_79b9_7f4a_7c15;
        let mut mixed = self.state.fetch_add(STEP, Ordering::Relaxed).wrapping_add(STEP);
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seed_repeats_itself() {
        let (one, other) = (Ids::seeded(7), Ids::seeded(7));
        assert_eq!(one.request_id(), other.request_id());
        assert_eq!(one.trace_id(), other.trace_id());
        assert_ne!(one.request_id(), one.request_id());
        assert_ne!(Ids::seeded(8).request_id(), Ids::seeded(7).request_id());
    }

    #[test]
    fn ids_look_like_the_service_s() {
        let id = Ids::random().request_id();
        assert_eq!(id.len(), 36);
        assert_eq!(id, id.to_uppercase());
        assert_eq!(id.as_bytes()[14], b'5');
        let trace = Ids::random().trace_id();
        assert!(trace.len() == 32 && trace.bytes().all(|byte| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte)));
    }
}
