//! What time it is for an account.

use std::sync::{PoisonError, RwLock};

use jiff::{SignedDuration, Timestamp};

/// The machine's time, that time moved by hand, or one that stands still.
#[derive(Debug, Default)]
pub(crate) struct Clock {
    /// Held for a copy.
    setting: RwLock<ClockSetting>,
}

/// How a clock runs.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum ClockSetting {
    /// So much ahead of the machine's time.
    Running(SignedDuration),
    Frozen(Timestamp),
}

impl Default for ClockSetting {
    fn default() -> Self {
        Self::Running(SignedDuration::ZERO)
    }
}

impl ClockSetting {
    /// The time it shows; the last second there is, where it was moved beyond it.
    pub(crate) fn now(self) -> Timestamp {
        match self {
            Self::Running(ahead) => Timestamp::now().saturating_add(ahead).unwrap_or(Timestamp::MAX),
            Self::Frozen(at) => at,
        }
    }

    /// The same clock, moved forward or back. `None` where no such time exists.
    pub(crate) fn advanced(self, by: SignedDuration) -> Option<Self> {
        match self {
            Self::Running(ahead) => {
                let ahead = ahead.checked_add(by)?;
                Timestamp::now().checked_add(ahead).ok()?;
                Some(Self::Running(ahead))
            }
            Self::Frozen(at) => at.checked_add(by).ok().map(Self::Frozen),
        }
    }
}

impl Clock {
    pub(crate) fn new(setting: ClockSetting) -> Self {
        Self { setting: RwLock::new(setting) }
    }

    pub(crate) fn now(&self) -> Timestamp {
        self.setting().now()
    }

    pub(crate) fn setting(&self) -> ClockSetting {
        *self.setting.read().unwrap_or_else(PoisonError::into_inner)
    }

    /// Sets the clock to what `change` makes of its setting, in one step; leaves it where that is nothing.
    pub(crate) fn update(&self, change: impl FnOnce(ClockSetting) -> Option<ClockSetting>) -> bool {
        let mut setting = self.setting.write().unwrap_or_else(PoisonError::into_inner);
        let changed = change(*setting);
        *setting = changed.unwrap_or(*setting);
        changed.is_some()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn advances_whether_it_runs_or_not() {
        let hour = SignedDuration::from_hours(1);
        let frozen = ClockSetting::Frozen(Timestamp::UNIX_EPOCH);
        assert_eq!(frozen.advanced(hour).unwrap().now(), Timestamp::UNIX_EPOCH + hour);
        let running = ClockSetting::default().advanced(hour).unwrap();
        assert_eq!(running, ClockSetting::Running(hour));
        assert!(running.now() > Timestamp::now() + SignedDuration::from_mins(59));
        assert_eq!(ClockSetting::Frozen(Timestamp::MAX).advanced(hour), None);
        assert_eq!(running.advanced(SignedDuration::MAX), None);
    }
}
