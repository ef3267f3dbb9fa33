//! Times, rates and ratios in words.

use super::topic::Topic;
use super::{Measure, Work};
use crate::report::sheet::grouped;

/// A rate with its unit in words: `2.50 million steps/s`, `5.90 GB/s`.
pub fn rate(measure: &Measure) -> String {
    let value = measure.rate();
    if matches!(measure.work, Work::Bytes(_)) {
        let (value, unit) = match value {
            large if large >= 1e9 => (large / 1e9, "GB"),
            large if large >= 1e6 => (large / 1e6, "MB"),
            large if large >= 1e3 => (large / 1e3, "kB"),
            small => (small, "bytes"),
        };
        return format!("{} {unit}/s", figures(value));
    }
    counted(value, Topic::of(measure).unit)
}

/// So many of something a second: `2.50 million steps/s`.
pub fn counted(rate: f64, unit: &str) -> String {
    match rate {
        large if large >= 1e6 => format!("{} million {unit}/s", figures(large / 1e6)),
        large if large >= 1e3 => {
            let step = 10_f64.powf(large.log10().floor() - 2.0);
            format!("{} {unit}/s", grouped(((large / step).round() * step) as u64))
        }
        small => format!("{} {unit}/s", figures(small)),
    }
}

/// A time with its unit: `1.65 s`, `30.2 ms`.
pub fn time(nanoseconds: f64) -> String {
    let (value, unit) = match nanoseconds {
        long if long >= 1e9 => (long / 1e9, "s"),
        long if long >= 1e6 => (long / 1e6, "ms"),
        long if long >= 1e3 => (long / 1e3, "µs"),
        short => (short, "ns"),
    };
    format!("{} {unit}", figures(value))
}

/// Three figures.
pub fn figures(value: f64) -> String {
    let decimals = if value >= 100.0 { 0 } else { usize::from(value < 10.0) + 1 };
    format!("{value:.decimals$}")
}

/// `1.7 times`, `340 times`: never less than 1.
pub fn times(ratio: f64) -> String {
    match ratio {
        few if few < 10.0 => format!("{few:.1} times"),
        many => format!("{} times", grouped(many.round() as u64)),
    }
}

/// Calls of the allocator a step: `none`, `1 in 204 steps`, `3.21`.
pub fn calls(each: f64) -> String {
    match each {
        none if none <= 0.0 => "none".to_owned(),
        few if few < 0.5 => format!("1 in {} steps", grouped((1.0 / few).round() as u64)),
        many => figures(many),
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::measure;
    use super::*;

    #[test]
    fn numbers_have_three_figures_and_a_unit() {
        assert_eq!(time(1_650_000_000.0), "1.65 s");
        assert_eq!(time(30_200.0), "30.2 µs");
        assert_eq!(time(412.0), "412 ns");
        assert_eq!(
            rate(&measure("ledger/traces", "b", 1e9, Work::Elements(2_500_000))),
            "2.50 million steps/s"
        );
        assert_eq!(rate(&measure("a", "b", 1e9, Work::Elements(62_549))), "62,500 elements/s");
        assert_eq!(rate(&measure("a", "b", 1e9, Work::Bytes(5_900_000_000))), "5.90 GB/s");
    }

    #[test]
    fn a_share_of_a_call_is_one_call_in_so_many_steps() {
        assert_eq!(calls(0.0), "none");
        assert_eq!(calls(0.0049), "1 in 204 steps");
        assert_eq!(calls(0.96), "0.96");
        assert_eq!(calls(3.214), "3.21");
    }
}
