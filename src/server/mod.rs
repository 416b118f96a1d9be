//! The server: a gateway behind a listener, started, used, and stopped.

mod connection;
mod http;
mod listener;
mod mock;
mod parting;
mod watched;

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use tokio::net::TcpListener;

pub use self::mock::{AccessKey, Builder, MockRds};
use crate::account::{AccountStart, Accounts, ClockSetting, Ids, JournalLimits, Secret};
use crate::api::Limits;
use crate::control::Control;
use crate::gateway::Gateway;
use crate::{Seed, SeedError, rds};

/// How many ECS security groups an instance may be added to, unless set: the number of the API document of 2020.
pub const DEFAULT_MAX_SECURITY_GROUPS: usize = 3;

/// How far a call's timestamp may be from now, unless set.
pub const DEFAULT_TIMESTAMP_SKEW: Duration = Duration::from_secs(15 * 60);

/// A skew of more than a lifetime is as good as none.
const MAX_TIMESTAMP_SKEW: SignedDuration = SignedDuration::from_hours(100 * 366 * 24);

/// How many accounts there may be, unless set.
pub const DEFAULT_MAX_ACCOUNTS: usize = 10_000;

/// How many calls the journal of an account keeps, unless set.
pub const DEFAULT_JOURNAL_ENTRIES: usize = 1000;

/// How many bytes the journal of an account keeps, unless set.
pub const DEFAULT_JOURNAL_BYTES: usize = 1024 * 1024;

/// What a server is made of; the program's settings and the library's builder both end up here.
#[derive(Debug)]
pub struct Options {
    /// The accounts to start with.
    pub seed: Seed,
    /// How many ECS security groups an instance may be added to.
    pub max_security_groups: usize,
    /// How far a call's timestamp may be from now, either way.
    pub timestamp_skew: Duration,
    /// How many accounts there may be, the seed's included.
    pub max_accounts: usize,
    /// How many calls the journal of an account keeps.
    pub journal_entries: usize,
    /// How many bytes the journal of an account keeps, roughly.
    pub journal_bytes: usize,
    /// Refuses parameters that the real action does not have.
    pub strict_parameters: bool,
    /// What the routes under `/_mock/` ask for as bearer token; without it, for nothing.
    pub admin_token: Option<Secret>,
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
            max_accounts: DEFAULT_MAX_ACCOUNTS,
            journal_entries: DEFAULT_JOURNAL_ENTRIES,
            journal_bytes: DEFAULT_JOURNAL_BYTES,
            strict_parameters: false,
            admin_token: None,
            id_seed: None,
            frozen_at: None,
        }
    }
}

impl Options {
    fn journal(&self) -> JournalLimits {
        JournalLimits { entries: self.journal_entries, bytes: self.journal_bytes }
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
    control: Control,
    admin_token: Option<Secret>,
    listener: TcpListener,
    address: SocketAddr,
}

impl Server {
    /// Makes the accounts and binds the address; port 0 takes any free one. Runs within a tokio runtime.
    ///
    /// # Errors
    ///
    /// When the seed holds more than the options allow, or the address can't be bound.
    pub async fn bind(address: SocketAddr, options: Options) -> Result<Self, StartError> {
        options.seed.check_limit(options.max_security_groups)?;
        let clock = options.frozen_at.map_or_else(ClockSetting::default, ClockSetting::Frozen);
        let start = AccountStart { clock, journal: options.journal() };
        let gateway = Gateway {
            product: &rds::PRODUCT,
            accounts: Accounts::new(options.seed, start, options.max_accounts),
            clock,
            ids: options.id_seed.map_or_else(Ids::random, Ids::seeded),
            limits: Limits { security_groups_per_instance: options.max_security_groups },
            strict_parameters: options.strict_parameters,
            timestamp_skew: SignedDuration::try_from(options.timestamp_skew)
                .map_or(MAX_TIMESTAMP_SKEW, |skew| skew.min(MAX_TIMESTAMP_SKEW)),
        };
        let listen_error = |source| StartError::Listen { address, source };
        let listener = listener::bind(address).map_err(listen_error)?;
        let address = listener.local_addr().map_err(listen_error)?;
        let gateway = Arc::new(gateway);
        let control = Control::new(Arc::clone(&gateway));
        Ok(Self { gateway, control, admin_token: options.admin_token, listener, address })
    }

    /// What tests do to the server besides calling it.
    pub fn control(&self) -> Control {
        self.control.clone()
    }

    /// The address that was bound, with the port that was taken.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Answers until `stop` ends; then stops accepting and gives calls in flight `grace` to finish.
    pub async fn run(self, stop: impl Future<Output = ()>, grace: Duration) {
        let Self { listener, control, gateway, admin_token, .. } = self;
        listener::run(listener, http::Service { gateway, control, admin_token }, stop, grace).await;
    }
}
