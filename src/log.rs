//! Standard error, written by a thread of its own: one write for all the lines of one turn of the event loop, and no
//! waiting for whoever reads them.

use std::io::{self, Write};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::Notify;
use tracing_subscriber::filter::LevelFilter;
use tracing_subscriber::fmt::MakeWriter;

use crate::settings::{LogFormat, LogLevel, Settings};

/// So much waits to be written at the most; what comes then is dropped, and counted.
const MAX_PENDING: usize = 1024 * 1024;
/// How long lines are collected before they are written together: waking for each would cost as much as the call.
const PAUSE: Duration = Duration::from_millis(10);
/// How long the last lines may take at the end.
const PATIENCE: Duration = Duration::from_millis(100);

/// The program's log.
pub(crate) static LOG: Log =
    Log { state: Mutex::new(State::EMPTY), changed: Condvar::new(), has_pending: Notify::const_new() };

/// Lines on their way to standard error.
#[derive(Debug)]
pub(crate) struct Log {
    /// Held for a copy, never for a write.
    state: Mutex<State>,
    changed: Condvar,
    has_pending: Notify,
}

#[derive(Debug)]
struct State {
    pending: Vec<u8>,
    dropped: u64,
    is_writing: bool,
    is_finishing: bool,
}

impl State {
    const EMPTY: Self = Self { pending: Vec::new(), dropped: 0, is_writing: false, is_finishing: false };
}

impl Log {
    /// Sends what this program traces to the log.
    pub(crate) fn start(&'static self, settings: &Settings) -> io::Result<()> {
        std::thread::Builder::new().name("log".to_owned()).spawn(|| self.write_out())?;
        let level = match settings.log_level {
            LogLevel::Off => LevelFilter::OFF,
            LogLevel::Error => LevelFilter::ERROR,
            LogLevel::Warn => LevelFilter::WARN,
            LogLevel::Info => LevelFilter::INFO,
            LogLevel::Debug => LevelFilter::DEBUG,
            LogLevel::Trace => LevelFilter::TRACE,
        };
        let log = tracing_subscriber::fmt().with_max_level(level).with_target(false).with_writer(self);
        match settings.log_format {
            LogFormat::Text => log.with_ansi(false).init(),
            LogFormat::Json => log.json().flatten_event(true).init(),
        }
        Ok(())
    }

    /// Wakes the writer. A task of the event loop, so it has its turn after those that made the lines: waking the writer
    /// for each of them would cost as much as answering the call.
    pub(crate) async fn run(&self) {
        loop {
            self.has_pending.notified().await;
            self.changed.notify_all();
        }
    }

    /// Waits until all is written, but not for a reader that has stopped reading.
    pub(crate) fn finish(&self) {
        self.state().is_finishing = true;
        self.changed.notify_all();
        let is_busy = |state: &mut State| state.is_writing || !state.pending.is_empty();
        let _ = self.changed.wait_timeout_while(self.state(), PATIENCE, is_busy);
    }

    fn write_out(&self) {
        let mut lines = Vec::new();
        loop {
            let mut state = self.state();
            while state.pending.is_empty() {
                state = self.changed.wait(state).unwrap_or_else(PoisonError::into_inner);
            }
            state.is_writing = true;
            if !state.is_finishing {
                drop(state);
                std::thread::sleep(PAUSE);
                state = self.state();
            }
            std::mem::swap(&mut lines, &mut state.pending);
            let dropped = std::mem::take(&mut state.dropped);
            drop(state);
            if dropped > 0 {
                lines.extend_from_slice(
                    format!("{dropped} lines of the log were dropped: nobody read them\n").as_bytes(),
                );
            }
            // Where nobody reads any more, it is lost: that is no reason not to serve.
            let _ = io::stderr().write_all(&lines);
            lines.clear();
            self.state().is_writing = false;
            self.changed.notify_all();
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Write for &Log {
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        let mut state = self.state();
        let was_empty = state.pending.is_empty();
        if state.pending.len() + line.len() <= MAX_PENDING {
            state.pending.extend_from_slice(line);
        } else {
            state.dropped += 1;
        }
        drop(state);
        if was_empty {
            self.has_pending.notify_one();
        }
        Ok(line.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl<'a> MakeWriter<'a> for &'static Log {
    type Writer = &'a Log;

    fn make_writer(&'a self) -> &'a Log {
        self
    }
}
