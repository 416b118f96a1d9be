//! The calls an account received, and how they were answered; within bounds.

use std::collections::VecDeque;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use jiff::Timestamp;

use super::Break;

/// How much a journal keeps.
#[derive(Clone, Copy, Debug)]
pub(crate) struct JournalLimits {
    pub(crate) entries: usize,
    pub(crate) bytes: usize,
}

/// The newest calls. Older ones are dropped, and counted.
#[derive(Debug)]
pub(crate) struct Journal {
    limits: JournalLimits,
    /// Held to push one entry or to copy some, never while a call is worked on.
    kept: Mutex<Kept>,
}

#[derive(Debug, Default)]
struct Kept {
    entries: VecDeque<JournalEntry>,
    bytes: usize,
    received: u64,
    dropped: u64,
}

/// A call as it was sent. Parameters stay encoded until somebody reads them: most are never read.
#[derive(Clone, Debug)]
pub(crate) struct JournalEntry {
    /// Counts from 1; given when the entry is added.
    pub(crate) sequence: u64,
    pub(crate) time: Timestamp,
    pub(crate) is_v3: bool,
    pub(crate) action: Box<str>,
    pub(crate) access_key_id: Box<str>,
    pub(crate) user_agent: Box<str>,
    /// Query and form, joined.
    pub(crate) params: Box<[u8]>,
    pub(crate) status: u16,
    /// Empty for a success.
    pub(crate) code: Box<str>,
    /// The number of the fault that struck, if one did.
    pub(crate) fault: Option<u64>,
    /// How the connection was broken instead of answering, if it was.
    pub(crate) broken: Option<Break>,
    /// The number of the stub that was given, if one was.
    pub(crate) stub: Option<u64>,
    /// What mistake explains a refusal.
    pub(crate) diagnosis: Option<Box<str>>,
    pub(crate) request_id: Box<str>,
    pub(crate) duration: Duration,
}

impl JournalEntry {
    /// What the entry takes, roughly.
    fn bytes(&self) -> usize {
        size_of::<Self>()
            + self.action.len()
            + self.code.len()
            + self.diagnosis.as_ref().map_or(0, |diagnosis| diagnosis.len())
            + self.access_key_id.len()
            + self.user_agent.len()
            + self.params.len()
            + self.request_id.len()
    }
}

impl Journal {
    pub(crate) fn new(limits: JournalLimits) -> Self {
        Self { limits, kept: Mutex::default() }
    }

    fn kept(&self) -> MutexGuard<'_, Kept> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Adds a call, and drops the oldest ones that no longer fit. A call that is too large by itself is dropped too.
    pub(crate) fn add(&self, mut entry: JournalEntry) {
        let mut kept = self.kept();
        kept.received += 1;
        entry.sequence = kept.received;
        kept.bytes += entry.bytes();
        kept.entries.push_back(entry);
        while kept.entries.len() > self.limits.entries || kept.bytes > self.limits.bytes {
            let Some(oldest) = kept.entries.pop_front() else { break };
            kept.bytes -= oldest.bytes();
            kept.dropped += 1;
        }
    }

    /// A copy of the entries that pass, oldest first, and how many were dropped before.
    pub(crate) fn read(&self, passes: impl Fn(&JournalEntry) -> bool) -> (Vec<JournalEntry>, u64) {
        let kept = self.kept();
        (kept.entries.iter().filter(|entry| passes(entry)).cloned().collect(), kept.dropped)
    }

    /// Forgets all entries, the dropped ones too. The count goes on.
    pub(crate) fn clear(&self) {
        let mut kept = self.kept();
        *kept = Kept { received: kept.received, ..Kept::default() };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(params: usize) -> JournalEntry {
        JournalEntry {
            sequence: 0,
            time: Timestamp::UNIX_EPOCH,
            is_v3: false,
            action: "A".into(),
            access_key_id: "k".into(),
            user_agent: "".into(),
            params: vec![b'x'; params].into(),
            status: 200,
            code: "".into(),
            fault: None,
            broken: None,
            stub: None,
            diagnosis: None,
            request_id: "".into(),
            duration: Duration::ZERO,
        }
    }

    fn sequences(journal: &Journal) -> (Vec<u64>, u64) {
        let (entries, dropped) = journal.read(|_| true);
        (entries.iter().map(|entry| entry.sequence).collect(), dropped)
    }

    #[test]
    fn is_bounded_in_entries_and_in_bytes() {
        let journal = Journal::new(JournalLimits { entries: 3, bytes: 1_000_000 });
        (0..5).for_each(|_| journal.add(entry(0)));
        assert_eq!(sequences(&journal), (vec![3, 4, 5], 2));

        let journal = Journal::new(JournalLimits { entries: 100, bytes: 10_000 });
        (0..5).for_each(|_| journal.add(entry(4_000)));
        assert_eq!(sequences(&journal), (vec![4, 5], 3));
        journal.add(entry(20_000));
        assert_eq!(sequences(&journal), (vec![], 6));
        assert_eq!(journal.kept().bytes, 0);
        journal.add(entry(1));
        journal.clear();
        journal.add(entry(1));
        assert_eq!(sequences(&journal), (vec![8], 0));
    }
}
