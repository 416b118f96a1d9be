//! Standard error, by one write for all the lines of one turn of the event loop: a write a line would cost as much as
//! answering the call.

use std::io::{self, Write};
use std::sync::{Mutex, MutexGuard, PoisonError};

use tokio::sync::Notify;
use tracing_subscriber::filter::LevelFilter;
use tracing_subscriber::fmt::MakeWriter;

use crate::settings::{LogFormat, LogLevel, Settings};

/// So much is collected at the most before it is written.
const MAX_PENDING: usize = 64 * 1024;

/// The program's log.
pub(crate) static LOG: Log = Log { pending: Mutex::new(Vec::new()), has_pending: Notify::const_new() };

/// Lines on their way to standard error.
#[derive(Debug)]
pub(crate) struct Log {
    pending: Mutex<Vec<u8>>,
    has_pending: Notify,
}

impl Log {
    /// Sends what this program traces to the log.
    pub(crate) fn start(&'static self, settings: &Settings) {
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
    }

    /// Writes lines whenever there are any. A task of the event loop, so it has its turn after those that made them.
    pub(crate) async fn run(&self) {
        loop {
            self.has_pending.notified().await;
            self.flush();
        }
    }

    /// Writes what there is. Where nobody reads any more, it is lost: that is no reason not to serve.
    pub(crate) fn flush(&self) {
        let lines = std::mem::take(&mut *self.pending());
        let _ = io::stderr().write_all(&lines);
    }

    /// Held for a copy, never for a write.
    fn pending(&self) -> MutexGuard<'_, Vec<u8>> {
        self.pending.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Write for &Log {
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        let mut pending = self.pending();
        pending.extend_from_slice(line);
        let length = pending.len();
        drop(pending);
        if length >= MAX_PENDING {
            Log::flush(self);
        } else if length == line.len() {
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
