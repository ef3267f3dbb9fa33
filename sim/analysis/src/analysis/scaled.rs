//! Numbers from 0 up, far beyond the range of `f64`: a mantissa and a 64-bit exponent.

use std::cmp::Ordering;
use std::fmt;

/// A number >= 0: `mantissa` times 2 to the power of `exponent`. The mantissa is 0 or in [1, 2); about
/// 16 decimal digits, like `f64`, from 1e-2,000,000,000,000,000,000 on.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Scaled {
    mantissa: f64,
    exponent: i64,
}

const FRACTION_BITS: u32 = 52;
const BIAS: i64 = 1023;

/// 2 to a power the exponent field of an `f64` can hold: -1022 to 1023.
fn power_of_two(exponent: i64) -> f64 {
    f64::from_bits(((exponent + BIAS) as u64) << FRACTION_BITS)
}

impl Scaled {
    /// Nothing.
    pub const ZERO: Self = Self { mantissa: 0.0, exponent: 0 };
    /// One.
    pub const ONE: Self = Self { mantissa: 1.0, exponent: 0 };

    /// The number of an `f64`; 0 for what is negative, infinite or no number.
    #[must_use]
    pub fn new(value: f64) -> Self {
        if !(value.is_finite() && value > 0.0) {
            return Self::ZERO;
        }
        if value < f64::MIN_POSITIVE {
            let raised = Self::normal(value * power_of_two(200));
            return Self { exponent: raised.exponent - 200, ..raised };
        }
        Self::normal(value)
    }

    /// Splits a normal positive `f64` into mantissa and exponent.
    #[inline]
    fn normal(value: f64) -> Self {
        let bits = value.to_bits();
        let exponent = (bits >> FRACTION_BITS) as i64 - BIAS;
        let one = (BIAS as u64) << FRACTION_BITS;
        Self { mantissa: f64::from_bits(bits & ((1 << FRACTION_BITS) - 1) | one), exponent }
    }

    /// Whether this is 0.
    #[must_use]
    pub fn is_zero(self) -> bool {
        self.mantissa == 0.0
    }

    /// The nearest `f64`: 0 or infinity beyond its range.
    #[must_use]
    pub fn to_f64(self) -> f64 {
        match self.exponent {
            -1022..=1023 => self.mantissa * power_of_two(self.exponent),
            -1080..=-1023 => self.mantissa * power_of_two(self.exponent + 100) * power_of_two(-100),
            ..-1080 => 0.0,
            _ => f64::INFINITY,
        }
    }

    /// The sum.
    #[must_use]
    #[inline]
    pub fn plus(self, other: Self) -> Self {
        let (large, small) =
            if other.is_zero() || (self.exponent >= other.exponent && !self.is_zero()) {
                (self, other)
            } else {
                (other, self)
            };
        let shift = small.exponent - large.exponent;
        if small.is_zero() || shift < -64 {
            return large;
        }
        let sum = large.mantissa + small.mantissa * power_of_two(shift);
        let carry = i64::from(sum >= 2.0);
        Self { mantissa: sum * power_of_two(-carry), exponent: large.exponent + carry }
    }

    /// The difference, 0 where the other is larger. Digits cancel as they do in `f64`.
    #[must_use]
    pub fn minus(self, other: Self) -> Self {
        if other.is_zero() || self <= other {
            return if other.is_zero() { self } else { Self::ZERO };
        }
        let shift = other.exponent - self.exponent;
        if shift < -64 {
            return self;
        }
        let rest = Self::new(self.mantissa - other.mantissa * power_of_two(shift));
        Self { exponent: rest.exponent + self.exponent, ..rest }
    }

    /// The product.
    #[must_use]
    #[inline]
    pub fn times(self, other: Self) -> Self {
        let product = self.mantissa * other.mantissa;
        if product == 0.0 {
            return Self::ZERO;
        }
        let carry = i64::from(product >= 2.0);
        Self {
            mantissa: product * power_of_two(-carry),
            exponent: self.exponent + other.exponent + carry,
        }
    }

    /// The quotient; `None` for a division by 0.
    #[must_use]
    pub fn over(self, other: Self) -> Option<Self> {
        if other.is_zero() {
            return None;
        }
        let quotient = Self::new(self.mantissa / other.mantissa);
        if quotient.is_zero() {
            return Some(quotient);
        }
        let exponent = quotient.exponent + self.exponent - other.exponent;
        Some(Self { exponent, ..quotient })
    }

    /// Mantissa and exponent to the base 10: the number is the first times 10 to the second, the
    /// first in [1, 10); both 0 for 0.
    #[must_use]
    pub fn decimal(self) -> (f64, i64) {
        if self.is_zero() {
            return (0.0, 0);
        }
        let mut exponent = (self.exponent as f64 * std::f64::consts::LOG10_2).floor() as i64;
        let rest = self.times(power_of_ten(exponent));
        let mut mantissa = rest.to_f64();
        while mantissa >= 10.0 {
            mantissa /= 10.0;
            exponent += 1;
        }
        while mantissa < 1.0 {
            mantissa *= 10.0;
            exponent -= 1;
        }
        (mantissa, exponent)
    }
}

/// 10 to the power of minus `exponent`.
fn power_of_ten(exponent: i64) -> Scaled {
    let base = Scaled::new(10.0);
    let mut square = if exponent > 0 { Scaled::ONE.over(base).unwrap_or(base) } else { base };
    let (mut power, mut rest) = (Scaled::ONE, exponent.unsigned_abs());
    while rest > 0 {
        if rest & 1 == 1 {
            power = power.times(square);
        }
        square = square.times(square);
        rest >>= 1;
    }
    power
}

impl PartialOrd for Scaled {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        match (self.is_zero(), other.is_zero()) {
            (false, false) => self.exponent.cmp(&other.exponent).then_with(|| {
                self.mantissa.partial_cmp(&other.mantissa).unwrap_or(Ordering::Equal)
            }),
            (zero, other_zero) => other_zero.cmp(&zero),
        }
        .into()
    }
}

impl fmt::Display for Scaled {
    /// Plain digits in the range people read, else as in `3.92357762942525e-10922`.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (mantissa, exponent) = self.decimal();
        match exponent {
            -4..=0 => write!(formatter, "{}", self.to_f64()),
            _ => write!(formatter, "{mantissa:.14}e{exponent}"),
        }
    }
}

/// What the algorithms need of a number: `f64` where its range suffices, [`Scaled`] elsewhere.
pub(super) trait Number: Copy + PartialOrd {
    const ZERO: Self;
    const ONE: Self;
    fn add(self, other: Self) -> Self;
    /// The difference of a number and a smaller one.
    fn sub(self, smaller: Self) -> Self;
    fn mul(self, other: Self) -> Self;
    fn from_scaled(value: Scaled) -> Self;
    fn to_scaled(self) -> Scaled;
}

impl Number for f64 {
    const ZERO: Self = 0.0;
    const ONE: Self = 1.0;
    #[inline]
    fn add(self, other: Self) -> Self {
        self + other
    }
    #[inline]
    fn sub(self, smaller: Self) -> Self {
        self - smaller
    }
    #[inline]
    fn mul(self, other: Self) -> Self {
        self * other
    }
    fn from_scaled(value: Scaled) -> Self {
        value.to_f64()
    }
    fn to_scaled(self) -> Scaled {
        Scaled::new(self)
    }
}

impl Number for Scaled {
    const ZERO: Self = Self::ZERO;
    const ONE: Self = Self::ONE;
    #[inline]
    fn add(self, other: Self) -> Self {
        self.plus(other)
    }
    #[inline]
    fn sub(self, smaller: Self) -> Self {
        self.minus(smaller)
    }
    #[inline]
    fn mul(self, other: Self) -> Self {
        self.times(other)
    }
    fn from_scaled(value: Scaled) -> Self {
        value
    }
    fn to_scaled(self) -> Scaled {
        self
    }
}

/// The probability of an event and of its opposite, each with its own digits: neither is had by
/// subtraction from 1, so 1 - 1e-400 is no problem.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Chance<N = Scaled> {
    pub yes: N,
    pub no: N,
}

impl Chance {
    /// Of a probability between 0 and 1.
    pub fn new(probability: f64) -> Self {
        Self { yes: Scaled::new(probability), no: Scaled::new(1.0 - probability) }
    }

    /// In another kind of number.
    pub fn map<N: Number>(self) -> Chance<N> {
        Chance { yes: N::from_scaled(self.yes), no: N::from_scaled(self.no) }
    }
}

/// Whether every product of one factor per event, and every sum of such, stays in the range of `f64`.
pub(super) fn fits_f64(chances: &[Chance]) -> bool {
    let least = |chance: &Chance| match (chance.yes.is_zero(), chance.no.is_zero()) {
        (true, _) | (_, true) => 0,
        _ => chance.yes.exponent.min(chance.no.exponent),
    };
    chances.iter().map(least).fold(0_i64, i64::saturating_add) > -960
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arithmetic_goes_beyond_f64() {
        let tiny = (0..100).fold(Scaled::ONE, |power, _| power.times(Scaled::new(1e-30)));
        assert_eq!(tiny.to_f64(), 0.0);
        let (mantissa, exponent) = tiny.decimal();
        assert!((mantissa - 1.0).abs() < 1e-10 || (mantissa - 10.0).abs() < 1e-10, "{mantissa}");
        assert!((-3001..=-3000).contains(&exponent));
        assert_eq!(tiny.plus(tiny).over(tiny), Some(Scaled::new(2.0)));
        assert_eq!(tiny.plus(tiny).minus(tiny), tiny);
        assert_eq!(Scaled::ZERO.plus(tiny), tiny);
        assert_eq!(tiny.plus(Scaled::ONE), Scaled::ONE);
        assert!(Scaled::ZERO < tiny && tiny < Scaled::ONE);
        assert_eq!(Scaled::ONE.over(Scaled::ZERO), None);
    }

    #[test]
    fn the_range_of_f64_is_kept() {
        for value in [0.0, 0.1, 1.0, 1.999, 2.0, 1e300, 5e-324, 1e-310, f64::MIN_POSITIVE] {
            assert_eq!(Scaled::new(value).to_f64(), value);
        }
        assert_eq!(Scaled::new(0.75).plus(Scaled::new(0.625)).to_f64(), 1.375);
        assert_eq!(Scaled::new(0.1).times(Scaled::new(0.2)).to_f64(), 0.1 * 0.2);
        assert_eq!(Scaled::new(1e-5).to_string(), "1.00000000000000e-5");
        assert_eq!(Scaled::new(0.25).to_string(), "0.25");
    }
}
