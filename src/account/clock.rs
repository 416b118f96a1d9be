//! What time it is for an account.

use jiff::Timestamp;

/// The machine's time, or one that stands still.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) enum Clock {
    #[default]
    Real,
    Frozen(Timestamp),
}

impl Clock {
    pub(crate) fn now(self) -> Timestamp {
        match self {
            Self::Real => Timestamp::now(),
            Self::Frozen(at) => at,
        }
    }
}
