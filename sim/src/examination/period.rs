//! The time that probabilities are meant for.

use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// The time within which a key is lost or stolen with the probability that a file gives it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schemas", derive(schemars::JsonSchema))]
pub struct Period {
    /// How many units, from 1.
    pub number: u32,
    /// The unit.
    pub unit: PeriodUnit,
}

/// A unit of time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schemas", derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
pub enum PeriodUnit {
    /// A day.
    Day,
    /// A week.
    Week,
    /// A month, the twelfth part of a year.
    Month,
    /// A year of 365.25 days.
    Year,
}

impl PeriodUnit {
    /// The unit in words.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Day => "day",
            Self::Week => "week",
            Self::Month => "month",
            Self::Year => "year",
        }
    }

    /// How many of it are a year.
    #[must_use]
    pub const fn per_year(self) -> f64 {
        match self {
            Self::Day => 365.25,
            Self::Week => 365.25 / 7.0,
            Self::Month => 12.0,
            Self::Year => 1.0,
        }
    }
}

impl Period {
    /// `1 year`, `6 months`.
    #[must_use]
    pub fn words(self) -> String {
        super::count_of(self.number as usize, self.unit.name())
    }
}

/// A text that is no period.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is no period; expected a number and a unit: `30d`, `2w`, `6 months` or `1y`")]
pub struct PeriodError(String);

impl FromStr for Period {
    type Err = PeriodError;

    fn from_str(text: &str) -> Result<Self, PeriodError> {
        let error = || PeriodError(text.to_owned());
        let digits = text.find(|letter: char| !letter.is_ascii_digit()).unwrap_or(text.len());
        let (number, unit) = text.split_at(digits);
        let number: u32 = number.parse().ok().filter(|&number| number > 0).ok_or_else(error)?;
        let unit = match unit.trim() {
            "d" | "day" | "days" => PeriodUnit::Day,
            "w" | "week" | "weeks" => PeriodUnit::Week,
            "month" | "months" => PeriodUnit::Month,
            "y" | "year" | "years" => PeriodUnit::Year,
            _ => return Err(error()),
        };
        Ok(Self { number, unit })
    }
}
