//! Many threads on one instance: every read sees one whole write, in an order that time allows.

use std::sync::Barrier;
use std::time::Instant;

use rds_mock::MockRds;

use crate::support::{Connection, Key, groups, read_back, set};

const THREADS: usize = 64;
const CALLS: usize = 40;

/// One finished call: which write it made or saw (0 is the empty beginning), and when.
#[derive(Clone, Copy, Debug)]
struct Event {
    value: usize,
    is_write: bool,
    started: Instant,
    finished: Instant,
}

#[test]
fn sixty_four_threads_on_one_instance_are_linearizable() {
    let rds = MockRds::start();
    let key = Key::of(&rds);
    let barrier = Barrier::new(THREADS);
    let begin = Instant::now();
    let mut history: Vec<Event> = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..THREADS)
            .map(|thread| {
                let (rds, key, barrier) = (&rds, &key, &barrier);
                scope.spawn(move || {
                    let mut connection = Connection::open(rds.address());
                    barrier.wait();
                    (0..CALLS).map(|call| one_call(&mut connection, key, thread, call)).collect::<Vec<_>>()
                })
            })
            .collect();
        threads.into_iter().flat_map(|thread| thread.join().unwrap()).collect()
    });
    history.push(Event { value: 0, is_write: true, started: begin, finished: begin });
    assert_eq!(history.len(), THREADS * CALLS + 1);
    check_linearizable(&history);
}

/// Every third call of a thread writes. All three groups of a write carry its number, so that a mixture shows.
fn one_call(connection: &mut Connection, key: &Key, thread: usize, call: usize) -> Event {
    let number = thread * CALLS + call + 1;
    let is_write = (thread + call).is_multiple_of(3);
    let request = if is_write { set(&format!("sg-{number}-a,sg-{number}-b,sg-{number}-c")) } else { read_back() };
    let bytes = request.sign(key).bytes();
    let started = Instant::now();
    let reply = connection.exchange(&bytes);
    let finished = Instant::now();
    let seen = groups(&reply.assert_ok());
    let value = seen.first().map_or(0, |id| id.split('-').nth(1).unwrap().parse().unwrap());
    let whole: Vec<String> = ["a", "b", "c"].iter().map(|part| format!("sg-{value}-{part}")).collect();
    assert!(seen.is_empty() || seen == whole, "a mixture: {seen:?}");
    assert!(!is_write || value == number, "a write answered with {seen:?}");
    Event { value, is_write, started, finished }
}

/// Decides linearizability of a register whose writes all differ (Gibbons and Korach, 1997).
///
/// The calls of one value, its write and the reads that saw it, must stand together in the order. From the first end to
/// the last beginning among them the register holds that value for certain, if they don't all overlap ("forward"). No two
/// such stretches may overlap, and none may enclose a value whose calls do all overlap.
fn check_linearizable(history: &[Event]) {
    let mut by_value: std::collections::BTreeMap<usize, Vec<&Event>> = std::collections::BTreeMap::new();
    history.iter().for_each(|event| by_value.entry(event.value).or_default().push(event));
    let mut forward = Vec::new();
    let mut backward = Vec::new();
    for (value, events) in &by_value {
        let write = events.iter().find(|event| event.is_write).unwrap_or_else(|| panic!("{value} was never written"));
        assert!(events.iter().all(|event| event.finished >= write.started), "{value} was read before it was written");
        let first_end = events.iter().map(|event| event.finished).min().unwrap();
        let last_begin = events.iter().map(|event| event.started).max().unwrap();
        if first_end < last_begin {
            forward.push((first_end, last_begin, value));
        } else {
            backward.push((last_begin, first_end, value));
        }
    }
    forward.sort();
    for pair in forward.windows(2) {
        assert!(pair[0].1 <= pair[1].0, "values {} and {} take turns", pair[0].2, pair[1].2);
    }
    for (begin, end, value) in backward {
        let enclosing = forward.iter().find(|(from, to, _)| *from < begin && end < *to);
        assert!(enclosing.is_none(), "{value} came while {enclosing:?} held");
    }
}

#[test]
fn the_check_finds_a_stale_read() {
    let at = |milliseconds| Instant::now() + std::time::Duration::from_millis(milliseconds);
    let event = |value, is_write, from, to| Event { value, is_write, started: at(from), finished: at(to) };
    let good = [event(0, true, 0, 0), event(1, true, 100, 200), event(1, false, 300, 400), event(2, true, 350, 500)];
    check_linearizable(&good);
    let stale = [
        event(0, true, 0, 0),
        event(1, true, 100, 200),
        event(2, true, 300, 400),
        event(1, false, 500, 600),
        event(2, false, 700, 800),
    ];
    assert!(std::panic::catch_unwind(|| check_linearizable(&stale)).is_err());
}
