//! Accepted hazards: a file that says which, why, and until when.
//!
//! ```json
//! {"accepted":[{"hazard":"takeover","reason":"wallets warn about a low min removal","until":"2027-06-30"}]}
//! ```

use super::shape::HazardKind;
use crate::flaw::Flaw;

/// A day of the calendar, written `YYYY-MM-DD`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Day {
    year: u16,
    month: u8,
    day: u8,
}

/// A text that is not a date.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a date; expected `YYYY-MM-DD`")]
pub struct NoDay(pub String);

impl std::str::FromStr for Day {
    type Err = NoDay;

    fn from_str(text: &str) -> Result<Self, NoDay> {
        let no_day = || NoDay(text.chars().take(40).collect());
        let mut parts = text.split('-');
        let mut number = |digits: usize| {
            let part = parts.next()?;
            let plain = part.len() == digits && part.bytes().all(|byte| byte.is_ascii_digit());
            plain.then(|| part.parse::<u16>().ok())?
        };
        let read = (number(4), number(2), number(2));
        let (Some(year), Some(month), Some(day)) = read else { return Err(no_day()) };
        let exists = (1..=12).contains(&month) && (1..=days(year, month)).contains(&day);
        if parts.next().is_some() || !exists {
            return Err(no_day());
        }
        Ok(Self { year, month: month as u8, day: day as u8 })
    }
}

fn days(year: u16, month: u16) -> u16 {
    let leap = year.is_multiple_of(4) && !year.is_multiple_of(100) || year.is_multiple_of(400);
    match month {
        2 if leap => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

impl Day {
    /// The day so many days behind 1970-01-01.
    #[must_use]
    pub fn of_epoch(mut rest: u64) -> Self {
        let mut year = 1970u16;
        loop {
            let length = (1..=12).map(|month| u64::from(days(year, month))).sum();
            if rest < length || year == u16::MAX {
                break;
            }
            rest -= length;
            year += 1;
        }
        let mut month = 1;
        while month < 12 && rest >= u64::from(days(year, month)) {
            rest -= u64::from(days(year, month));
            month += 1;
        }
        Self { year, month: month as u8, day: rest.min(30) as u8 + 1 }
    }
}

impl std::fmt::Display for Day {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "{:04}-{:02}-{:02}", self.year, self.month, self.day)
    }
}

/// A hazard that somebody answers for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Acceptance {
    /// Which hazard.
    pub hazard: HazardKind,
    /// Why it is all right.
    pub reason: String,
    /// The last day on which it counts.
    pub until: Day,
}

impl Acceptance {
    /// Whether it does not count any more.
    #[must_use]
    pub fn has_expired(&self, today: Day) -> bool {
        today > self.until
    }
}

#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields, expecting = "an object with `accepted`")]
struct FileRecord {
    accepted: Vec<AcceptanceRecord>,
}

#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields, expecting = "an object with `hazard`, `reason` and `until`")]
struct AcceptanceRecord {
    hazard: String,
    reason: String,
    until: String,
}

/// Reads a file of accepted hazards.
///
/// # Errors
/// Text that is no such object, an unknown hazard, an empty reason, a day that does not exist, or a
/// hazard accepted twice; as `line:column: what`, or with the number of the entry.
pub fn acceptances(text: &str) -> Result<Vec<Acceptance>, String> {
    let expected = "{\"accepted\":[{\"hazard\":..,\"reason\":..,\"until\":\"YYYY-MM-DD\"}]}";
    let file: FileRecord = serde_json::from_str(text)
        .map_err(|error| Flaw::of_format(text, &error, expected).expecting(expected).to_string())?;
    let mut list: Vec<Acceptance> = Vec::new();
    for (index, record) in file.accepted.iter().enumerate() {
        let entry = |what: String| format!(" entry {} of `accepted`: {what}", index + 1);
        let hazard: HazardKind =
            record.hazard.parse().map_err(|error| entry(format!("{error}")))?;
        let until: Day = record.until.parse().map_err(|error| entry(format!("{error}")))?;
        if record.reason.trim().is_empty() {
            return Err(entry("the reason is empty; expected why this hazard is accepted".into()));
        }
        if list.iter().any(|known| known.hazard == hazard) {
            return Err(entry(format!("`{hazard}` is accepted twice; expected each hazard once")));
        }
        list.push(Acceptance { hazard, reason: record.reason.clone(), until });
    }
    Ok(list)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_is_one_that_exists() {
        let day: Day = "2028-02-29".parse().unwrap();
        assert_eq!(day.to_string(), "2028-02-29");
        for text in
            ["2027-02-29", "2027-13-01", "2027-00-10", "27-01-01", "2027-1-1", "2027-01-01-"]
        {
            assert!(text.parse::<Day>().is_err(), "{text}");
        }
    }

    #[test]
    fn days_are_counted_from_the_epoch() {
        for (count, text) in [
            (0, "1970-01-01"),
            (58, "1970-02-28"),
            (364, "1970-12-31"),
            (11_016, "2000-02-29"),
            (20_777, "2026-11-20"),
        ] {
            assert_eq!(Day::of_epoch(count).to_string(), text);
        }
    }

    #[test]
    fn an_acceptance_counts_on_its_last_day() {
        let text = r#"{"accepted":[{"hazard":"takeover","reason":"known","until":"2027-06-30"}]}"#;
        let list = acceptances(text).unwrap();
        assert!(!list[0].has_expired("2027-06-30".parse().unwrap()));
        assert!(list[0].has_expired("2027-07-01".parse().unwrap()));
    }

    #[test]
    fn what_is_no_acceptance_is_refused_with_its_place() {
        let of = |entry: &str| acceptances(&format!("{{\"accepted\":[{entry}]}}")).unwrap_err();
        let good = r#"{"hazard":"costly","reason":"x","until":"2027-01-01"}"#;
        assert!(of(r#"{"hazard":"costly"}"#).starts_with("1:"));
        assert!(
            of(&good.replace("costly", "dear")).contains("entry 1 of `accepted`: unknown hazard")
        );
        assert!(of(&good.replace("01-01", "01-41")).contains("is not a date"));
        assert!(of(&good.replace('x', " ")).contains("the reason is empty"));
        assert!(
            of(&format!("{good},{good}")).contains("entry 2 of `accepted`: `costly` is accepted")
        );
    }
}
