//! The RPC protocol: parameters, signatures, timestamps, and the two formats of an answer. Knows nothing of RDS.

mod call;
mod format;
mod params;
mod percent;
pub(crate) mod render;
#[cfg(test)]
mod signing_fixtures;
mod timestamp;
pub(crate) mod typed;
pub(crate) mod v1;
pub(crate) mod v3;

pub(crate) use self::call::{Call, is_type};
pub(crate) use self::format::Format;
pub(crate) use self::params::Params;
pub(crate) use self::percent::encode_into;
pub(crate) use self::render::{Body, is_unfit};
pub(crate) use self::timestamp::parse as parse_timestamp;
