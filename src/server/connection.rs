//! One connection: HTTP/1.1 with bounded heads, bounded patience, and an answer to whatever was sent.

use std::future::poll_fn;
use std::io;
use std::sync::Arc;
use std::time::Duration;

use axum::handler::{Handler, HandlerService};
use http::{HeaderMap, HeaderName, HeaderValue, Request, Version, header};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::{Service, service_fn};
use hyper_util::rt::TokioIo;
use hyper_util::service::TowerToHyperService;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::sync::watch;

use super::http::Service as Answering;
use super::parting::Parting;
use super::watched::{Phase, Watched};
use crate::account::Break;

/// Request line and headers together.
const MAX_HEAD: usize = 64 * 1024;
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
    let service = {
        let phase = Arc::clone(&phase);
        service_fn(move |request: Request<Incoming>| {
            phase.set(Phase::CALL);
            let wants_close = wants_close(&request);
            let answer = answering.call(request);
            let phase = Arc::clone(&phase);
            // Boxed, so that the connection can be taken apart at its end.
            Box::pin(async move {
                let Ok(mut answer) = answer.await;
                phase.set(Phase::ANSWERED);
                if let Some(breaks) = answer.extensions().get::<Break>().copied() {
                    phase.part(Parting::of(breaks, answer).await);
                    return Err(io::Error::from(io::ErrorKind::ConnectionAborted));
                }
                let is_last = wants_close || phase.is_stopping();
                say_what_comes(answer.headers_mut(), is_last);
                Ok(answer)
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
            // The stream ends by itself once it has nothing more to read, so that calls already sent are answered.
            _ = stopped.changed(), if !phase.is_stopping() => phase.stop(),
        }
    }
    let parts = connection.into_parts();
    let (mut watched, has_unread) = (parts.io.into_inner(), !parts.read_buf.is_empty());
    if let Some(parting) = phase.take_parting() {
        return parting.say(watched.stream).await;
    }
    last_words(&mut watched, has_unread).await;
    if !watched.is_at_end() {
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

/// Whether the connection stays, in the service's words; unless the answer says already that it ends.
fn say_what_comes(headers: &mut HeaderMap, is_last: bool) {
    if is_last {
        headers.insert(header::CONNECTION, HeaderValue::from_static("close"));
    } else if !headers.contains_key(header::CONNECTION) {
        headers.insert(header::CONNECTION, HeaderValue::from_static("keep-alive"));
        headers.insert(KEEP_ALIVE, HeaderValue::from_static("timeout=25"));
    }
}

/// Answers a head that hyper gave up on without a word: one that broke off, took too long, or began HTTP/2.
async fn last_words(watched: &mut Watched, has_unread: bool) {
    if let Some(status) = watched.unanswered(has_unread) {
        let answer = format!("HTTP/1.1 {status}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n");
        let _ = watched.stream.write_all(answer.as_bytes()).await;
    }
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
