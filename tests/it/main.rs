//! The integration tests: one binary, real sockets, each test its own server.

mod captures;
mod cases;
mod support;
