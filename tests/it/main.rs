//! The integration tests: one binary, real sockets, each test its own server.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on should panic")]

mod captures;
mod cases;
mod concurrency;
mod control;
mod doctor;
mod example;
mod layers;
mod library;
mod naive;
mod permissions;
mod program;
mod properties;
mod readme;
mod seeds;
mod sockets;
mod support;
