//! Probabilities in words that people use.

use super::super::grouped;
use crate::analysis::{Interval, Number, Probability};
use crate::examination::{Period, PeriodUnit};

/// From here on a probability is said in percent.
const PERCENT_FROM: f64 = 0.1;
/// From here on the number stands beside the words.
const NUMBER_FROM: f64 = 0.001;
/// What is rarer than once in so many is not distinguished.
const RAREST: f64 = 1e12;

/// `0.0027, about 1 in 370`; with a period `0.0027, about once in 370 years`.
#[must_use]
pub fn likely(probability: &Probability, period: Option<Period>) -> String {
    match probability {
        Probability::Exact(exact) => one(exact, period),
        Probability::Bounds(Interval { interval: [low, high], .. }) => {
            format!("{} .. {}", one(low, period), one(high, period))
        }
    }
}

/// ` in 1 year`, behind the name of a probability; nothing without a period.
pub fn within(period: Option<Period>) -> String {
    period.map_or_else(String::new, |period| format!(" in {}", period.words()))
}

fn one(number: &Number, period: Option<Period>) -> String {
    let value = match number {
        Number::Float(value) => *value,
        // smaller than what a float holds
        Number::Text(_) => f64::MIN_POSITIVE,
    };
    match value {
        0.0 => "never".to_owned(),
        1.0.. => "certain".to_owned(),
        PERCENT_FROM.. => {
            let percent = (value * 100.0).round().min(99.0);
            format!("{}, about {percent} %{}", number.words(), within(period))
        }
        NUMBER_FROM.. => format!("{}, about {}", number.words(), rarity(value, period)),
        _ if span(value, period).0 > RAREST => format!("rarer than {}", rarest(period)),
        _ => format!("about {}", rarity(value, period)),
    }
}

/// Once in how many, and of which unit.
fn span(value: f64, period: Option<Period>) -> (f64, Option<PeriodUnit>) {
    let Some(period) = period else { return (1.0 / value, None) };
    let spans = f64::from(period.number) / value;
    let years = spans / period.unit.per_year();
    match years >= 2.0 {
        true => (years, Some(PeriodUnit::Year)),
        false => (spans, Some(period.unit)),
    }
}

fn rarity(value: f64, period: Option<Period>) -> String {
    let (count, unit) = span(value, period);
    let count = round(count);
    match unit {
        None => format!("1 in {count}"),
        Some(unit) => format!("once in {count} {}s", unit.name()),
    }
}

fn rarest(period: Option<Period>) -> String {
    match period {
        None => "1 in a million million".to_owned(),
        Some(_) => "once in a million million years".to_owned(),
    }
}

/// Two digits that count, then zeros or a word.
fn round(count: f64) -> String {
    let step = 10_f64.powf(count.log10().floor() - 1.0).max(1.0);
    let rounded = (count / step).round() * step;
    let digits = |number: f64| match number < 10.0 {
        true => format!("{number:.1}").trim_end_matches(".0").to_owned(),
        false => grouped(number.round() as u64),
    };
    match rounded {
        1e9.. => format!("{} thousand million", digits(rounded / 1e9)),
        1e6.. => format!("{} million", digits(rounded / 1e6)),
        _ => grouped(rounded as u64),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(value: f64, period: Option<&str>) -> String {
        let period = period.map(|text| text.parse().unwrap());
        likely(&Probability::Exact(Number::Float(value)), period)
    }

    #[test]
    fn a_probability_is_said_in_words() {
        assert_eq!(said(0.0, None), "never");
        assert_eq!(said(1.0, None), "certain");
        assert_eq!(said(0.25, None), "0.25, about 25 %");
        assert_eq!(said(0.9999, None), "0.9999, about 99 %");
        assert_eq!(said(0.0027, None), "0.0027, about 1 in 370");
        assert_eq!(said(0.000_027, None), "about 1 in 37,000");
        assert_eq!(said(2.7e-7, None), "about 1 in 3.7 million");
        assert_eq!(said(2.7e-8, None), "about 1 in 37 million");
        assert_eq!(said(2.7e-11, None), "about 1 in 37 thousand million");
        assert_eq!(said(2.7e-14, None), "rarer than 1 in a million million");
        let tiny = Probability::Exact(Number::Text("3.9e-10922".into()));
        assert_eq!(likely(&tiny, None), "rarer than 1 in a million million");
    }

    #[test]
    fn with_a_period_it_is_said_how_often() {
        assert_eq!(said(0.25, Some("1y")), "0.25, about 25 % in 1 year");
        assert_eq!(said(0.0027, Some("1y")), "0.0027, about once in 370 years");
        assert_eq!(said(0.0027, Some("6 months")), "0.0027, about once in 190 years");
        assert_eq!(said(0.09, Some("1 month")), "0.09, about once in 11 months");
        assert_eq!(said(0.002, Some("1 day")), "0.002, about once in 500 days");
        assert_eq!(said(0.001, Some("1 day")), "0.001, about once in 3 years");
        assert_eq!(said(2.7e-14, Some("1y")), "rarer than once in a million million years");
        let number = |value| Number::Float(value);
        let interval = [number(0.0025), number(0.0027)];
        let bounds = Probability::Bounds(Interval { interval, note: String::new() });
        let expected = "0.0025, about once in 400 years .. 0.0027, about once in 370 years";
        assert_eq!(likely(&bounds, Some("1 year".parse().unwrap())), expected);
    }

    #[test]
    fn a_period_is_a_number_and_a_unit() {
        for (text, number, unit) in [
            ("1y", 1, PeriodUnit::Year),
            ("5 years", 5, PeriodUnit::Year),
            ("1 month", 1, PeriodUnit::Month),
            ("2w", 2, PeriodUnit::Week),
            ("30d", 30, PeriodUnit::Day),
        ] {
            assert_eq!(text.parse::<Period>().unwrap(), Period { number, unit }, "{text}");
        }
        for text in ["", "y", "0y", "1", "1m", "1 fortnight", "-1y", "99999999999y"] {
            assert!(text.parse::<Period>().is_err(), "{text}");
        }
    }
}
