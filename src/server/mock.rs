//! The library's server: a thread of its own, gone when dropped.

use std::fmt;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::mpsc;
use std::thread::JoinHandle;
use std::time::Duration;

use jiff::Timestamp;
use tokio::sync::oneshot;

use super::{Options, Server, StartError};
use crate::Seed;
use crate::account::Secret;
use crate::control::Control;

/// A running mock of the RDS endpoint.
///
/// It answers on a thread of its own, so a plain `#[test]` can use it as well as an async one. Dropping it stops the
/// server and frees the port.
#[must_use = "the server stops when this value is dropped"]
#[derive(Debug)]
pub struct MockRds {
    address: SocketAddr,
    access_key: AccessKey,
    control: Control,
    /// Dropped to stop the server.
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

/// An access key to sign calls with.
#[derive(Clone, Eq, PartialEq)]
#[non_exhaustive]
pub struct AccessKey {
    /// `AccessKeyId`.
    pub id: String,
    /// `AccessKeySecret`.
    pub secret: String,
    /// `SecurityToken`, which a temporary key must be sent with.
    pub security_token: Option<String>,
}

impl fmt::Debug for AccessKey {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("AccessKey").field("id", &self.id).finish_non_exhaustive()
    }
}

impl MockRds {
    /// Starts a server with the demo seed on a free port of the loopback interface.
    ///
    /// # Panics
    ///
    /// When no port or no thread can be had; [`Builder::start`] returns that as an error.
    pub fn start() -> Self {
        Self::builder().start().expect("a server with the demo seed starts wherever a port is free")
    }

    /// A server with settings of one's own.
    pub fn builder() -> Builder {
        Builder::default()
    }

    /// Where the server answers: `http://127.0.0.1:PORT`, without a slash at the end.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Address and port, for SDKs whose endpoint has no scheme.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// What a test does to the server besides calling it: accounts, reset, state, clock.
    pub fn control(&self) -> &Control {
        &self.control
    }

    /// The first access key of the seed's first account.
    pub fn access_key(&self) -> &AccessKey {
        &self.access_key
    }
}

impl Drop for MockRds {
    fn drop(&mut self) {
        drop(self.stop.take());
        if let Some(thread) = self.thread.take() {
            // A panic of the server's thread is a bug that has been printed; a drop must not add a second one.
            let _ = thread.join();
        }
    }
}

/// The settings of a [`MockRds`]; each has the program's default.
#[derive(Debug)]
pub struct Builder {
    address: SocketAddr,
    options: Options,
}

impl Default for Builder {
    fn default() -> Self {
        Self { address: (Ipv4Addr::LOCALHOST, 0).into(), options: Options::default() }
    }
}

impl Builder {
    /// Listens here; without it, on a free port of 127.0.0.1.
    #[must_use]
    pub fn listen(mut self, address: SocketAddr) -> Self {
        self.address = address;
        self
    }

    /// Starts with these accounts instead of the demo's.
    #[must_use]
    pub fn seed(mut self, seed: Seed) -> Self {
        self.options.seed = seed;
        self
    }

    /// How many ECS security groups an instance may be added to; 3 unless set (the newest service allows 10).
    #[must_use]
    pub fn max_security_groups(mut self, number: usize) -> Self {
        self.options.max_security_groups = number;
        self
    }

    /// How far a call's timestamp may be from now, either way; 15 minutes unless set.
    #[must_use]
    pub fn timestamp_skew(mut self, skew: Duration) -> Self {
        self.options.timestamp_skew = skew;
        self
    }

    /// How many accounts there may be, the seed's included; 10,000 unless set.
    #[must_use]
    pub fn max_accounts(mut self, number: usize) -> Self {
        self.options.max_accounts = number;
        self
    }

    /// How many calls, and how many bytes, the journal of an account keeps; 1000 and 1 MiB unless set.
    #[must_use]
    pub fn journal(mut self, entries: usize, bytes: usize) -> Self {
        (self.options.journal_entries, self.options.journal_bytes) = (entries, bytes);
        self
    }

    /// Refuses parameters that the real action does not have; the service ignores them.
    #[must_use]
    pub fn strict_parameters(mut self) -> Self {
        self.options.strict_parameters = true;
        self
    }

    /// Asks for this bearer token on the routes under `/_mock/`.
    #[must_use]
    pub fn admin_token(mut self, token: impl Into<String>) -> Self {
        self.options.admin_token = Some(Secret::new(token));
        self
    }

    /// Makes request and trace ids repeatable: the same seed and the same calls give the same answers, byte for byte.
    #[must_use]
    pub fn seed_ids(mut self, seed: u64) -> Self {
        self.options.id_seed = Some(seed);
        self
    }

    /// Stops the clock of every account at this time.
    #[must_use]
    pub fn freeze_clock(mut self, at: Timestamp) -> Self {
        self.options.frozen_at = Some(at);
        self
    }

    /// Starts the server; it answers when this returns.
    ///
    /// # Errors
    ///
    /// When the seed doesn't fit the settings, the address can't be bound, or no thread can be made.
    pub fn start(self) -> Result<MockRds, StartError> {
        let Self { address, options } = self;
        let (id, secret, security_token) = options.seed.first_key();
        let access_key = AccessKey {
            id: id.to_owned(),
            secret: secret.to_owned(),
            security_token: security_token.map(str::to_owned),
        };
        let (stop, stopped) = oneshot::channel();
        let (started, starting) = mpsc::channel();
        let thread = std::thread::Builder::new()
            .name("rds-mock".to_owned())
            .spawn(move || serve(address, options, stopped, &started))
            .map_err(StartError::Thread)?;
        let (address, control) = starting.recv().expect("the thread reports before it ends")?;
        Ok(MockRds { address, access_key, control, stop: Some(stop), thread: Some(thread) })
    }
}

/// The server's thread: one event loop, which reports its address or why it has none, and ends when told to.
fn serve(
    address: SocketAddr,
    options: Options,
    stopped: oneshot::Receiver<()>,
    started: &mpsc::Sender<Result<(SocketAddr, Control), StartError>>,
) {
    let runtime = match tokio::runtime::Builder::new_current_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => {
            let _ = started.send(Err(StartError::Thread(error)));
            return;
        }
    };
    runtime.block_on(async {
        match Server::bind(address, options).await {
            Ok(server) => {
                let _ = started.send(Ok((server.address(), server.control())));
                let stop = async {
                    let _ = stopped.await;
                };
                // Whoever drops the server is not waiting for answers.
                server.run(stop, Duration::ZERO).await;
            }
            Err(error) => {
                let _ = started.send(Err(error));
            }
        }
    });
}
