//! Numbers for tests that look random and are the same each time.

/// A linear congruential generator and its state.
pub struct Dice(pub u64);

impl Dice {
    /// A number below `bound`.
    pub const fn below(&mut self, bound: usize) -> usize {
        self.0 =
            self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % bound
    }
}
