//! One connection: HTTP/1.1 with bounded heads, bounded patience, and an answer to whatever was sent.

use std::convert::Infallible;
use std::future::poll_fn;
use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU8, Ordering};
use std::task::{Context, Poll, ready};
use std::time::Duration;

use axum::handler::{Handler, HandlerService};
use http::{HeaderMap, HeaderName, HeaderValue, Request, Version, header};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::{Service, service_fn};
use hyper_util::rt::TokioIo;
use hyper_util::service::TowerToHyperService;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, ReadBuf};
use tokio::net::TcpStream;
use tokio::sync::watch;
use tokio::time::{Instant, Sleep};

use super::http::Service as Answering;

/// Request line and headers together.
const MAX_HEAD: usize = 64 * 1024;
/// How long a head may take from its first byte to its last.
const HEAD_TIMEOUT: Duration = Duration::from_secs(10);
/// How long a connection may be idle; told to clients in `Keep-Alive`.
const IDLE_TIMEOUT: Duration = Duration::from_secs(25);
const KEEP_ALIVE: HeaderName = HeaderName::from_static("keep-alive");
/// How long and how much is still read after the last answer, so that a client which is sending gets to read it.
const LINGER_TIMEOUT: Duration = Duration::from_secs(1);
const LINGER_BYTES: usize = 1024 * 1024;

/// Serves one connection to its end; after `stopped` changes or closes, to the end of the call in flight.
pub(super) async fn serve<H, T>(
    stream: TcpStream,
    service: HandlerService<H, T, Arc<Answering>>,
    mut stopped: watch::Receiver<()>,
) where
    H: Handler<T, Arc<Answering>> + Unpin,
    T: 'static,
{
    // Without it, an answer in two segments costs keep-alive clients 40 ms.
    let _ = stream.set_nodelay(true);
    let phase = Arc::new(Phase::default());
    let watched = Watched::new(stream, Arc::clone(&phase));
    let answering = TowerToHyperService::new(service);
    let is_stopping = Arc::new(AtomicBool::new(false));
    let service = {
        let is_stopping = Arc::clone(&is_stopping);
        service_fn(move |request: Request<Incoming>| {
            phase.set(Phase::CALL);
            let wants_close = wants_close(&request);
            let answer = answering.call(request);
            let (phase, is_stopping) = (Arc::clone(&phase), Arc::clone(&is_stopping));
            // Boxed, so that the connection can be taken apart at its end.
            Box::pin(async move {
                let mut answer = answer.await?;
                phase.set(Phase::ANSWERED);
                if !wants_close && !is_stopping.load(Ordering::Relaxed) {
                    promise_to_stay(answer.headers_mut());
                }
                Ok::<_, Infallible>(answer)
            })
        })
    };
    let mut connection = http1::Builder::new()
        .half_close(true)
        .max_header_size(MAX_HEAD)
        .max_buf_size(4 * MAX_HEAD)
        .header_read_timeout(None)
        // Head and body in one buffer, and so in one write.
        .writev(false)
        .serve_connection(TokioIo::new(watched), service);
    loop {
        tokio::select! {
            // What hyper has to say of a broken connection, it has said to the client, or `last_words` does.
            _ = poll_fn(|cx| connection.poll_without_shutdown(cx)) => break,
            _ = stopped.changed(), if !is_stopping.load(Ordering::Relaxed) => {
                is_stopping.store(true, Ordering::Relaxed);
                Pin::new(&mut connection).graceful_shutdown();
            }
        }
    }
    let mut watched = connection.into_parts().io.into_inner();
    last_words(&mut watched).await;
    if !watched.at_end && !is_stopping.load(Ordering::Relaxed) {
        linger(&mut watched.stream).await;
    }
}

/// Whether the client will not send another call on this connection.
fn wants_close(request: &Request<Incoming>) -> bool {
    let says = |word: &str| {
        let values = request.headers().get_all(header::CONNECTION).iter().filter_map(|value| value.to_str().ok());
        values.flat_map(|value| value.split(',')).any(|token| token.trim().eq_ignore_ascii_case(word))
    };
    if request.version() == Version::HTTP_10 { !says("keep-alive") } else { says("close") }
}

/// As the service says it. On an answer that ends the connection hyper says so.
fn promise_to_stay(headers: &mut HeaderMap) {
    headers.insert(header::CONNECTION, HeaderValue::from_static("keep-alive"));
    headers.insert(KEEP_ALIVE, HeaderValue::from_static("timeout=25"));
}

/// Answers a head that hyper gave up on without a word: one that broke off, took too long, or began HTTP/2.
async fn last_words(watched: &mut Watched) {
    if watched.phase.get() != Phase::HEAD || watched.has_written {
        return;
    }
    let status = if watched.timed_out { "408 Request Timeout" } else { "400 Bad Request" };
    let answer = format!("HTTP/1.1 {status}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n");
    let _ = watched.stream.write_all(answer.as_bytes()).await;
}

/// Ends our side and reads on for a moment. Closing at once with unread bytes would reset the connection, and the client
/// would lose the answer.
async fn linger(stream: &mut TcpStream) {
    let drained = async {
        stream.shutdown().await?;
        let mut buffer = [0; 4096];
        let mut left = LINGER_BYTES;
        while left > 0 {
            match stream.read(&mut buffer).await? {
                0 => break,
                count => left = left.saturating_sub(count),
            }
        }
        Ok::<_, io::Error>(())
    };
    let _ = tokio::time::timeout(LINGER_TIMEOUT, drained).await;
}

/// Where a connection is between two calls; decides how patient it is.
#[derive(Debug, Default)]
struct Phase(AtomicU8);

impl Phase {
    /// No byte of a call has come.
    const IDLE: u8 = 0;
    /// A head has begun.
    const HEAD: u8 = 1;
    /// A head is complete; reading the body and answering are the service's business.
    const CALL: u8 = 2;
    /// The service has answered; the next read begins to wait for another call.
    const ANSWERED: u8 = 3;

    fn get(&self) -> u8 {
        self.0.load(Ordering::Relaxed)
    }

    fn set(&self, phase: u8) {
        self.0.store(phase, Ordering::Relaxed);
    }
}

/// A TCP stream that ends by itself when a head is too slow or the connection idle for too long.
#[derive(Debug)]
struct Watched {
    stream: TcpStream,
    phase: Arc<Phase>,
    /// Until when we wait for the other side.
    deadline: Instant,
    /// Wakes us at the deadline or before. Moving it takes a lock that all connections share and the deadline moves with
    /// every call, so it follows only when it has to.
    timer: Pin<Box<Sleep>>,
    /// The other side has ended, or was idle for so long that we treat it so.
    at_end: bool,
    /// A head took too long.
    timed_out: bool,
    /// Something was written since the last head began.
    has_written: bool,
}

impl Watched {
    fn new(stream: TcpStream, phase: Arc<Phase>) -> Self {
        let deadline = Instant::now() + IDLE_TIMEOUT;
        let timer = Box::pin(tokio::time::sleep_until(deadline));
        Self { stream, phase, deadline, timer, at_end: false, timed_out: false, has_written: false }
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
                ready!(self.poll_deadline(cx));
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
        Pin::new(&mut self.stream).poll_write(cx, bytes)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        slices: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        self.has_written = true;
        Pin::new(&mut self.stream).poll_write_vectored(cx, slices)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}
