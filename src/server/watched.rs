//! A TCP stream with bounded patience: for the next call, for the rest of a head, and for whoever should read the answers.

use std::future::Future;
use std::io;
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, AtomicU8, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, ready};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio::time::{Instant, Sleep, sleep, sleep_until};

use super::parting::Parting;

/// How long a head may take from its first byte to its last.
const HEAD_TIMEOUT: Duration = Duration::from_secs(10);
/// How long a connection may be idle; told to clients in `Keep-Alive`.
const IDLE_TIMEOUT: Duration = Duration::from_secs(25);
/// How long a call that is on its way when the server stops may take to get here.
const STOP_PATIENCE: Duration = Duration::from_millis(50);
/// How long an answer may wait for the client to take the next part of it.
const WRITE_TIMEOUT: Duration = Duration::from_secs(30);

/// Where a connection is between two calls; decides how patient its stream is.
#[derive(Debug, Default)]
pub(super) struct Phase {
    at: AtomicU8,
    is_stopping: AtomicBool,
    /// How the connection ends, where a fault breaks it.
    parting: Mutex<Option<Parting>>,
}

impl Phase {
    /// No byte of a call has come.
    const IDLE: u8 = 0;
    /// A head has begun.
    const HEAD: u8 = 1;
    /// A head is complete; reading the body and answering are the service's business.
    pub(super) const CALL: u8 = 2;
    /// The service has answered; the next read begins to wait for another call.
    pub(super) const ANSWERED: u8 = 3;

    fn get(&self) -> u8 {
        self.at.load(Ordering::Relaxed)
    }

    pub(super) fn set(&self, phase: u8) {
        self.at.store(phase, Ordering::Relaxed);
    }

    pub(super) fn part(&self, parting: Parting) {
        *self.parting.lock().unwrap_or_else(PoisonError::into_inner) = Some(parting);
    }

    pub(super) fn take_parting(&self) -> Option<Parting> {
        self.parting.lock().unwrap_or_else(PoisonError::into_inner).take()
    }

    /// From now on the stream soon ends where it would wait for another call; calls that have arrived are still read.
    pub(super) fn stop(&self) {
        self.is_stopping.store(true, Ordering::Relaxed);
    }

    pub(super) fn is_stopping(&self) -> bool {
        self.is_stopping.load(Ordering::Relaxed)
    }
}

/// A TCP stream that ends by itself when a head is too slow, the connection idle, or the client does not read.
#[derive(Debug)]
pub(super) struct Watched {
    pub(super) stream: TcpStream,
    phase: Arc<Phase>,
    /// Until when we wait for the other side.
    deadline: Instant,
    /// Wakes us at the deadline or before. Moving it takes a lock that all connections share and the deadline moves with
    /// every call, so it follows only when it has to.
    timer: Pin<Box<Sleep>>,
    /// Runs while an answer waits for the client.
    writing: Option<Pin<Box<Sleep>>>,
    /// The other side has ended, or was idle for so long that we treat it so.
    at_end: bool,
    /// A head took too long, or what may have been the beginning of one did.
    timed_out: bool,
    /// The server is stopping and this stream knows it.
    is_ending: bool,
    /// Something was written since the last head began.
    has_written: bool,
}

impl Watched {
    pub(super) fn new(stream: TcpStream, phase: Arc<Phase>) -> Self {
        let deadline = Instant::now() + IDLE_TIMEOUT;
        let timer = Box::pin(sleep_until(deadline));
        Self {
            stream,
            phase,
            deadline,
            timer,
            writing: None,
            at_end: false,
            timed_out: false,
            is_ending: false,
            has_written: false,
        }
    }

    /// Whether there is nothing left to read: nobody is sending any more, or nobody is waited for.
    pub(super) fn is_at_end(&self) -> bool {
        self.at_end
    }

    /// The status for a head that was begun but not answered. `has_unread` says that the reader had bytes left over: they
    /// came with the call before, so no phase tells of them.
    pub(super) fn unanswered(&self, has_unread: bool) -> Option<&'static str> {
        let is_unanswered = match self.phase.get() {
            Phase::HEAD => !self.has_written,
            Phase::IDLE => has_unread,
            _ => false,
        };
        is_unanswered.then_some(if self.timed_out { "408 Request Timeout" } else { "400 Bad Request" })
    }

    fn allow(&mut self, patience: Duration) {
        self.deadline = Instant::now() + patience;
    }

    /// Ready when the deadline has passed.
    fn poll_deadline(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        loop {
            if self.timer.deadline() > self.deadline {
                self.timer.as_mut().reset(self.deadline);
            }
            ready!(self.timer.as_mut().poll(cx));
            if self.timer.deadline() >= self.deadline {
                return Poll::Ready(());
            }
            self.timer.as_mut().reset(self.deadline);
        }
    }

    /// Passes on what a write did, and gives up on a client that takes nothing for too long.
    fn watch_write<T>(&mut self, cx: &mut Context<'_>, written: Poll<io::Result<T>>) -> Poll<io::Result<T>> {
        if written.is_ready() {
            self.writing = None;
            return written;
        }
        let writing = self.writing.get_or_insert_with(|| Box::pin(sleep(WRITE_TIMEOUT)));
        ready!(writing.as_mut().poll(cx));
        Poll::Ready(Err(io::ErrorKind::TimedOut.into()))
    }
}

impl AsyncRead for Watched {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        if self.phase.get() == Phase::ANSWERED {
            self.phase.set(Phase::IDLE);
            self.allow(IDLE_TIMEOUT);
        }
        let before = buffer.filled().len();
        if let Poll::Ready(outcome) = Pin::new(&mut self.stream).poll_read(cx, buffer) {
            if buffer.filled().len() == before {
                self.at_end = true;
            } else if self.phase.get() == Phase::IDLE {
                self.phase.set(Phase::HEAD);
                self.has_written = false;
                self.allow(HEAD_TIMEOUT);
            }
            return Poll::Ready(outcome);
        }
        match self.phase.get() {
            Phase::IDLE => {
                if self.phase.is_stopping() && !self.is_ending {
                    self.is_ending = true;
                    self.allow(STOP_PATIENCE);
                }
                ready!(self.poll_deadline(cx));
                self.timed_out = !self.is_ending;
                self.at_end = true;
                Poll::Ready(Ok(()))
            }
            Phase::HEAD => {
                ready!(self.poll_deadline(cx));
                self.timed_out = true;
                Poll::Ready(Err(io::ErrorKind::TimedOut.into()))
            }
            _ => Poll::Pending,
        }
    }
}

impl AsyncWrite for Watched {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        self.has_written = true;
        let written = Pin::new(&mut self.stream).poll_write(cx, bytes);
        self.watch_write(cx, written)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}
