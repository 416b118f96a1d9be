//! The clock of an account: frozen, moved, or back to the machine's.

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use super::{Control, ControlError};
use crate::account::ClockSetting;

/// How to set a clock.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum ClockChange {
    /// Stands still at this time.
    Freeze(Timestamp),
    /// Goes forward, or back if negative, by this much, whether it stands or runs.
    Advance(SignedDuration),
    /// Shows the machine's time again.
    Real(RealTime),
}

/// The value of [`ClockChange::Real`] in JSON, `true`.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(try_from = "bool")]
pub struct RealTime;

impl TryFrom<bool> for RealTime {
    type Error = &'static str;

    fn try_from(is_real: bool) -> Result<Self, Self::Error> {
        if is_real { Ok(Self) } else { Err("`real` is true or left out") }
    }
}

/// What a clock shows.
#[derive(Clone, Copy, Debug, Serialize)]
#[non_exhaustive]
pub struct ClockReading {
    /// The account's time.
    pub now: Timestamp,
    /// Whether it stands still.
    pub frozen: bool,
}

impl Control {
    /// Reads an account's clock.
    ///
    /// # Errors
    ///
    /// When there is no such account.
    pub fn clock(&self, account: Option<&str>) -> Result<ClockReading, ControlError> {
        let setting = self.slot(account)?.account().clock.setting();
        Ok(ClockReading { now: setting.now(), frozen: matches!(setting, ClockSetting::Frozen(_)) })
    }

    /// Sets an account's clock. It measures timestamps, remembers nonces and ends security tokens, of that account only.
    ///
    /// # Errors
    ///
    /// When there is no such account, or no such time.
    pub fn set_clock(&self, account: Option<&str>, change: ClockChange) -> Result<ClockReading, ControlError> {
        let current = self.slot(account)?.account();
        let is_set = current.clock.update(|setting| match change {
            ClockChange::Freeze(at) => Some(ClockSetting::Frozen(at)),
            ClockChange::Real(RealTime) => Some(ClockSetting::default()),
            ClockChange::Advance(by) => setting.advanced(by),
        });
        if !is_set {
            return Err(ControlError::invalid("advance: there is no such time"));
        }
        self.clock(account)
    }
}
