//! Words of the command line that only `explore` knows.

use crate::explore::{Share, Sweep};
use crate::protocol::Limit;

/// Reads an amount of memory: digits, and perhaps K, M or G (powers of 1024).
pub(super) fn bytes(word: &str) -> Result<usize, String> {
    let expected = || format!("`{word}` is not an amount of memory; expected such as 512M or 4G");
    let digits = word.trim_end_matches(|letter: char| letter.is_ascii_alphabetic());
    let shift = match word.get(digits.len()..).unwrap_or_default() {
        "" => 0,
        "K" | "k" => 10,
        "M" | "m" => 20,
        "G" | "g" => 30,
        _ => return Err(expected()),
    };
    let count: usize = digits.parse().map_err(|_| expected())?;
    count.checked_mul(1 << shift).ok_or_else(expected)
}

/// Reads `K/M`: part K of M.
pub(super) fn share(word: &str) -> Result<Share, String> {
    let numbers = word.split_once('/').and_then(|(part, parts)| {
        Some(Share { part: part.parse().ok()?, parts: parts.parse().ok()? })
    });
    let valid = numbers.filter(|share| (1..=share.parts).contains(&share.part));
    valid.ok_or_else(|| {
        format!("`{word}` is not a part; expected K/M with K from 1 to M, such as 2/8")
    })
}

/// A limit and the values it is to take.
#[derive(Clone, Debug)]
pub(super) struct Axis {
    limit: String,
    values: Vec<u32>,
}

impl Axis {
    /// The limit's name, as the flag is spelt.
    pub fn limit(&self) -> &str {
        &self.limit
    }

    /// Adds the values to a sweep.
    pub fn set(&self, sweep: &mut Sweep) {
        if let Some(values) = slot(sweep, &self.limit) {
            values.extend(&self.values);
            values.sort_unstable();
            values.dedup();
        }
    }
}

fn slot<'s>(sweep: &'s mut Sweep, limit: &str) -> Option<&'s mut Vec<u32>> {
    match Limit::OF_SHAPE.into_iter().find(|known| known.option() == limit)? {
        Limit::Cosignatories => Some(&mut sweep.max_cosignatories),
        Limit::Cosigned => Some(&mut sweep.max_cosigned),
        Limit::Depth => Some(&mut sweep.max_depth),
        Limit::Cosignatures => Some(&mut sweep.max_cosignatures),
        _ => None,
    }
}

/// Most values that one limit takes in a sweep.
const VALUES_MAX: usize = 64;

/// Reads `LIMIT=VALUES`: numbers and ranges, separated by commas.
pub(super) fn axis(word: &str) -> Result<Axis, String> {
    let expected = || {
        format!(
            "`{word}` is not a limit with values; expected such as max-depth=1-3 or \
             max-cosignatures=1,2,5 (limits: {})",
            crate::explore::LIMITS.join(", ")
        )
    };
    let (limit, list) = word.split_once('=').ok_or_else(expected)?;
    slot(&mut Sweep::default(), limit).ok_or_else(expected)?;
    let mut values = Vec::new();
    for run in list.split(',') {
        let (from, to) = run.split_once('-').unwrap_or((run, run));
        let from: u32 = from.parse().map_err(|_| expected())?;
        let to: u32 = to.parse().map_err(|_| expected())?;
        values.extend((from..=to).take(VALUES_MAX + 1));
    }
    if values.is_empty() || values.len() > VALUES_MAX {
        return Err(format!("{} values for `{limit}`; expected 1 to {VALUES_MAX}", values.len()));
    }
    Ok(Axis { limit: limit.to_owned(), values })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_parts_and_ranges_are_read() {
        assert_eq!(bytes("2K"), Ok(2048));
        assert_eq!(bytes("7"), Ok(7));
        assert!(bytes("G").is_err() && bytes("1T").is_err() && bytes("99999999999G").is_err());
        assert_eq!(share("2/8"), Ok(Share { part: 2, parts: 8 }));
        assert!(share("0/8").is_err() && share("9/8").is_err() && share("2").is_err());
        assert_eq!(axis("max-depth=1-3,5").unwrap().values, [1, 2, 3, 5]);
        assert!(axis("depth=1").is_err() && axis("max-depth=").is_err());
        assert!(axis("max-depth=3-1").is_err() && axis("max-depth=1-4000000000").is_err());
    }
}
