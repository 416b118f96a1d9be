//! The calls an account received, and how they were answered; within bounds.

use std::borrow::Cow;
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
    pub(crate) texts: Texts,
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
    pub(crate) duration: Duration,
}

/// The texts of an entry in one piece of memory: every call makes an entry, and most are never read.
#[derive(Clone, Debug)]
pub(crate) struct Texts {
    joined: Box<[u8]>,
    /// Where each but the last ends.
    ends: [usize; 4],
}

impl Texts {
    /// Joins them; `query` and `form` become one.
    pub(crate) fn new(
        action: &str,
        access_key_id: &str,
        request_id: &str,
        user_agent: &[u8],
        params: [&[u8]; 2],
    ) -> Self {
        let [query, form] = params;
        let length =
            action.len() + access_key_id.len() + request_id.len() + user_agent.len() + query.len() + form.len() + 1;
        let (mut joined, mut ends) = (Vec::with_capacity(length), [0; 4]);
        let texts = [action.as_bytes(), access_key_id.as_bytes(), request_id.as_bytes(), user_agent];
        for (text, end) in texts.into_iter().zip(&mut ends) {
            joined.extend_from_slice(text);
            *end = joined.len();
        }
        joined.extend_from_slice(query);
        joined.push(b'&');
        joined.extend_from_slice(form);
        Self { joined: joined.into(), ends }
    }

    fn text(&self, number: usize) -> Cow<'_, str> {
        let begin = if number == 0 { 0 } else { self.ends[number - 1] };
        String::from_utf8_lossy(&self.joined[begin..self.ends[number]])
    }

    pub(crate) fn action(&self) -> Cow<'_, str> {
        self.text(0)
    }

    pub(crate) fn access_key_id(&self) -> Cow<'_, str> {
        self.text(1)
    }

    pub(crate) fn request_id(&self) -> Cow<'_, str> {
        self.text(2)
    }

    pub(crate) fn user_agent(&self) -> Cow<'_, str> {
        self.text(3)
    }

    /// Query and form, joined as in a query.
    pub(crate) fn params(&self) -> &[u8] {
        &self.joined[self.ends[3]..]
    }
}

impl JournalEntry {
    /// What the entry takes, roughly.
    fn bytes(&self) -> usize {
        let diagnosis = self.diagnosis.as_ref().map_or(0, |diagnosis| diagnosis.len());
        size_of::<Self>() + self.texts.joined.len() + self.code.len() + diagnosis
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
            texts: Texts::new("A", "k", "", b"", [&vec![b'x'; params], b""]),
            status: 200,
            code: "".into(),
            fault: None,
            broken: None,
            stub: None,
            diagnosis: None,
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
