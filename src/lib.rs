//! A local stand-in for the Alibaba Cloud ApsaraDB RDS endpoint, `rds.aliyuncs.com`, API version 2014-08-15.
//!
//! Start it, point an SDK at it, drop it:
//!
//! ```
//! use rds_mock::MockRds;
//!
//! let rds = MockRds::start();
//! let key = rds.access_key();
//! println!("endpoint {}, access key {} / {}", rds.url(), key.id, key.secret);
//!
//! // Anything can call it. This one forgot to sign:
//! use std::io::{Read, Write};
//! let mut stream = std::net::TcpStream::connect(rds.address())?;
//! stream.write_all(b"GET /?Action=DescribeRegions&Version=2014-08-15&Format=JSON HTTP/1.0\r\n\r\n")?;
//! let mut answer = String::new();
//! stream.read_to_string(&mut answer)?;
//! assert!(answer.starts_with("HTTP/1.0 400"));
//! assert!(answer.contains(r#""Code":"MissingParameter""#));
//! # Ok::<(), std::io::Error>(())
//! ```
//!
//! The server verifies signatures (V1 with HMAC-SHA1 and HMAC-SHA256, V3 with ACS3-HMAC-SHA256), keeps DB instances and
//! their ECS security groups in memory, answers XML or JSON, and refuses the way the service refuses. [`MockRds::builder`]
//! takes a [`Seed`] of one's own and the settings that the program has as flags; [`MockRds::control`] makes accounts, plans
//! faults and stubs, moves clocks and shows the journal.
//!
//! # A tour of the source
//!
//! A call comes in through `server` (axum), which frees it from HTTP; `gateway` takes it through its stages, in the order
//! in which the real gateway refuses; `wire` knows the protocol and nothing of RDS; `rds` knows RDS and nothing of HTTP;
//! `api` is the door between them: what an action is, and the catalogue of errors. `account` holds what a caller owns, and
//! `control` is what a test does to it, by method or by the routes under `/_mock/`.

mod account;
mod api;
mod control;
mod gateway;
mod rds;
mod seed;
mod server;
mod wire;

pub use jiff::{SignedDuration, Timestamp};

pub use crate::account::Secret;
pub use crate::control::{
    AccountKey, AccountSummary, ActionInfo, BreakPlan, ClockChange, ClockReading, Control, ControlError,
    ControlErrorKind, Expectation, FaultPhase, FaultPlan, FaultStatus, Health, NearMiss, PlannedError, RealTime,
    ReceivedRequest, RequestFilter, Requests, StrikePlan, StubPlan, StubStatus, ThrottlePlan, Times, Verdict,
};
pub use crate::seed::{Seed, SeedError};
pub use crate::server::{
    AccessKey, Builder, DEFAULT_JOURNAL_BYTES, DEFAULT_JOURNAL_ENTRIES, DEFAULT_MAX_ACCOUNTS,
    DEFAULT_MAX_SECURITY_GROUPS, DEFAULT_TIMESTAMP_SKEW, MockRds, Options, Server, StartError,
};

/// Name and one-line summary of every action that is emulated, sorted by name.
pub fn emulated_actions() -> impl Iterator<Item = (&'static str, &'static str)> {
    rds::PRODUCT.actions.iter().map(|entry| (entry.name, entry.summary))
}
