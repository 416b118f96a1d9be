//! The server: a gateway behind a listener, started, used, and stopped.

mod connection;
mod http;
mod listener;
mod mock;

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use tokio::net::TcpListener;

pub use self::mock::{AccessKey, Builder, MockRds};
use crate::account::{Accounts, Clock, Ids};
use crate::api::Limits;
use crate::gateway::Gateway;
use crate::{Seed, SeedError, rds};

/// How many ECS security groups an instance may be added to, unless set: the number of the API document of 2020.
pub const DEFAULT_MAX_SECURITY_GROUPS: usize = 3;

/// How far a call's timestamp may be from now, unless set.
pub const DEFAULT_TIMESTAMP_SKEW: Duration = Duration::from_secs(15 * 60);

/// What a server is made of; the program's settings and the library's builder both end up here.
#[derive(Debug)]
pub struct Options {
    /// The accounts to start with.
    pub seed: Seed,
    /// How many ECS security groups an instance may be added to.
    pub max_security_groups: usize,
    /// How far a call's timestamp may be from now, either way.
    pub timestamp_skew: Duration,
    /// Makes request and trace ids repeatable.
    pub id_seed: Option<u64>,
    /// Stops every account's clock at this time.
    pub frozen_at: Option<Timestamp>,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            seed: Seed::default(),
            max_security_groups: DEFAULT_MAX_SECURITY_GROUPS,
            timestamp_skew: DEFAULT_TIMESTAMP_SKEW,
            id_seed: None,
            frozen_at: None,
        }
    }
}

/// Why a server could not start.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StartError {
    /// The seed doesn't fit the options.
    #[error(transparent)]
    Seed(#[from] SeedError),
    /// The address is in use, not this machine's, or not allowed.
    #[error("cannot listen on {address}: {source}")]
    Listen {
        /// The address that was asked for.
        address: SocketAddr,
        /// What the system said.
        source: io::Error,
    },
    /// A thread or its event loop could not be made.
    #[error("cannot start the server's thread: {0}")]
    Thread(#[source] io::Error),
}

/// A server that is bound but does not answer yet.
#[derive(Debug)]
pub struct Server {
    gateway: Arc<Gateway>,
    listener: TcpListener,
    address: SocketAddr,
}

impl Server {
    /// Makes the accounts and binds the address; port 0 takes any free one. Runs within a tokio runtime.
    ///
    /// # Errors
    ///
    /// When the seed holds more than the options allow, or the address can't be bound.
    pub async fn bind(address: SocketAddr, options: &Options) -> Result<Self, StartError> {
        options.seed.check_limit(options.max_security_groups)?;
        let clock = options.frozen_at.map_or(Clock::Real, Clock::Frozen);
        let accounts = Accounts::default();
        options.seed.accounts(clock).for_each(|account| accounts.add(account));
        let gateway = Gateway {
            product: &rds::PRODUCT,
            accounts,
            clock,
            ids: options.id_seed.map_or_else(Ids::random, Ids::seeded),
            limits: Limits { security_groups_per_instance: options.max_security_groups },
            timestamp_skew: SignedDuration::try_from(options.timestamp_skew).unwrap_or(SignedDuration::MAX),
        };
        let listen_error = |source| StartError::Listen { address, source };
        let listener = TcpListener::bind(address).await.map_err(listen_error)?;
        let address = listener.local_addr().map_err(listen_error)?;
        Ok(Self { gateway: Arc::new(gateway), listener, address })
    }

    /// The address that was bound, with the port that was taken.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Answers until `stop` ends; then stops accepting and gives calls in flight `grace` to finish.
    pub async fn run(self, stop: impl Future<Output = ()>, grace: Duration) {
        listener::run(self.listener, self.gateway, stop, grace).await;
    }
}
