//! Which bytes and addresses a protocol has.

use super::Base;
use crate::key::Era;

impl Era {
    /// The era whose bytes a protocol speaks.
    #[must_use]
    pub const fn of_base(base: Base) -> Self {
        match base {
            Base::Symbol => Self::C,
            Base::CatapultV1 => Self::B,
            Base::CatapultV3 => Self::A,
            Base::Nis1 => Self::N,
        }
    }

    /// The protocol that follows this era's rules; A1 and B2 are taken for the one they led to.
    #[must_use]
    pub const fn base(self) -> Base {
        match self {
            Self::A => Base::CatapultV3,
            Self::A1 | Self::B | Self::B2 => Base::CatapultV1,
            Self::C => Base::Symbol,
            Self::N => Base::Nis1,
        }
    }
}
