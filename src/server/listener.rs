//! Accepting connections, as many as may be open at once, until told to stop.

use std::sync::Arc;
use std::time::Duration;

use axum::handler::Handler;
use tokio::net::TcpListener;
use tokio::sync::{Semaphore, watch};

use super::{connection, http};

/// How many connections may be open at once; more wait in the system's backlog.
const MAX_CONNECTIONS: u32 = 4096;

/// How long to wait after a failed accept: the usual reason, no free file descriptor, passes as connections close.
const ACCEPT_PAUSE: Duration = Duration::from_millis(50);

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
    let accepting = async {
        loop {
            let permit = Arc::clone(&permits).acquire_owned().await.expect("the semaphore is never closed");
            match listener.accept().await {
                Ok((stream, _)) => {
                    let (service, stopped) = (service.clone(), stopped.clone());
                    tokio::spawn(async move {
                        connection::serve(stream, service, stopped).await;
                        drop(permit);
                    });
                }
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
    drop(listener);
    drop(stopping);
    // All permits are back when the last connection is closed.
    let _ = tokio::time::timeout(grace, permits.acquire_many(MAX_CONNECTIONS)).await;
}
