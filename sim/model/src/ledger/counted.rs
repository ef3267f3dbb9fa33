//! A value that counts how often it was handed out for writing.

use std::ops::{Deref, DerefMut};

/// A value, and how often somebody could have written it. Whoever finds the same count twice knows
/// that nothing changed between.
#[derive(Clone, Debug, Default)]
pub(super) struct Counted<T> {
    value: T,
    writes: u64,
}

impl<T> Counted<T> {
    pub(super) const fn new(value: T) -> Self {
        Self { value, writes: 0 }
    }

    pub(super) const fn get(&self) -> &T {
        &self.value
    }

    /// How often it was handed out for writing.
    pub(super) const fn writes(&self) -> u64 {
        self.writes
    }
}

impl<T> Deref for Counted<T> {
    type Target = T;

    #[inline]
    fn deref(&self) -> &T {
        &self.value
    }
}

impl<T> DerefMut for Counted<T> {
    #[inline]
    fn deref_mut(&mut self) -> &mut T {
        self.writes += 1;
        &mut self.value
    }
}
