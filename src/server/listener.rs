//! Accepting connections, as many as may be open at once, until told to stop.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::handler::Handler;
use tokio::net::{TcpListener, TcpSocket};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, watch};

use super::{connection, http};

/// How many connections may be open at once; more wait in the system's backlog.
const MAX_CONNECTIONS: u32 = 4096;
/// How many wait there at the most, unless the system allows fewer.
const BACKLOG: u32 = 1024;

/// How long to wait after a failed accept: the usual reason, no free file descriptor, passes as connections close.
const ACCEPT_PAUSE: Duration = Duration::from_millis(50);

/// Binds and listens. A server that ended a moment ago does not keep its port.
pub(super) fn bind(address: SocketAddr) -> io::Result<TcpListener> {
    let socket = if address.is_ipv4() { TcpSocket::new_v4()? } else { TcpSocket::new_v6()? };
    socket.set_reuseaddr(true)?;
    socket.bind(address)?;
    socket.listen(BACKLOG)
}

/// Serves until `stop` ends, then waits for open connections, at most for `grace`.
pub(super) async fn run(
    listener: TcpListener,
    service: http::Service,
    stop: impl Future<Output = ()>,
    grace: Duration,
) {
    let service = http::call.with_state(Arc::new(service));
    let permits = Arc::new(Semaphore::new(MAX_CONNECTIONS as usize));
    let (stopping, stopped) = watch::channel(());
    let serve = |stream, permit: OwnedSemaphorePermit| {
        let (service, stopped) = (service.clone(), stopped.clone());
        tokio::spawn(async move {
            connection::serve(stream, service, stopped).await;
            drop(permit);
        })
    };
    let accepting = async {
        loop {
            let permit = Arc::clone(&permits).acquire_owned().await.expect("the semaphore is never closed");
            match listener.accept().await {
                Ok((stream, _)) => drop(serve(stream, permit)),
                Err(error) => {
                    tracing::warn!(%error, "cannot accept a connection");
                    tokio::time::sleep(ACCEPT_PAUSE).await;
                }
            }
        }
    };
    tokio::select! {
        () = accepting => {}
        () = stop => {}
    }
    // First, so that answers from now on say that they are the last.
    drop(stopping);
    // Whoever is in the backlog has connected and may have sent a call; more than fit there have not been waiting.
    for _ in 0..BACKLOG {
        let Ok(permit) = Arc::clone(&permits).try_acquire_owned() else { break };
        let Ok(Ok((stream, _))) = tokio::time::timeout(Duration::ZERO, listener.accept()).await else { break };
        drop(serve(stream, permit));
    }
    drop(listener);
    // All permits are back when the last connection is closed.
    let _ = tokio::time::timeout(grace, permits.acquire_many(MAX_CONNECTIONS)).await;
}
