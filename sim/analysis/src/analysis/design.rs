//! What should I choose: lockout against theft for every pair of thresholds.

use super::gate;
use super::scaled::{Chance, Scaled};
use crate::protocol::Protocol;

/// The probabilities of one account under one choice of thresholds.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Risk {
    /// The signatures it takes.
    pub signatures: u32,
    /// The probability that too many keys are lost.
    pub lockout: Scaled,
    /// The probability that enough keys are stolen.
    pub theft: Scaled,
    /// Whether no other choice is better in one and as good in the other.
    pub frontier: bool,
}

/// One choice of thresholds for one account.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Design {
    /// Min approval; on NIS1 `min_cosignatories`.
    pub min_approval: u32,
    /// Min removal; on NIS1 the same number, there is only one.
    pub min_removal: u32,
    /// By one transaction, thresholds as they are.
    pub now: Risk,
    /// By any chain of transactions.
    pub eventually: Risk,
    /// Whether no other choice is better in one of these and as good in the others: lockout now, which
    /// stops payments; lockout and theft in the end, which cannot be undone. What a thief could do by
    /// one transaction alone does not count: he is free to make more.
    pub frontier: bool,
}

/// Keys for which no table can be made.
#[derive(Clone, Copy, Debug, PartialEq, thiserror::Error)]
pub enum DesignError {
    /// Too few or too many keys.
    #[error("{found} keys for one account; expected 1 to {most}")]
    Keys {
        /// The number of keys.
        found: usize,
        /// The most cosignatories the protocol (or this table) allows.
        most: u32,
    },
    /// A number that is no probability.
    #[error("probability {found} of key {place}; expected 0 to 1")]
    Probability {
        /// The number.
        found: f64,
        /// Which key, from 1.
        place: usize,
    },
}

/// Most keys of a table: it has a row for each pair of thresholds.
const KEYS_MAX: u32 = 100;

/// Every choice of thresholds for an account of these keys, `(loss, compromise)` each, in the order of
/// min approval and min removal. NIS1 has one threshold, so one row for each.
///
/// # Errors
/// No key, more keys than the protocol allows, a number that is no probability.
pub fn design(keys: &[(f64, f64)], protocol: &Protocol) -> Result<Vec<Design>, DesignError> {
    let most = protocol.limits.max_cosignatories_per_account.min(KEYS_MAX);
    let found = keys.len();
    let count = u32::try_from(found).ok().filter(|count| (1..=most).contains(count));
    let count = count.ok_or(DesignError::Keys { found, most })?;
    for (place, key) in keys.iter().enumerate() {
        let wrong = [key.0, key.1].into_iter().find(|value| !(0.0..=1.0).contains(value));
        if let Some(found) = wrong {
            return Err(DesignError::Probability { found, place: place + 1 });
        }
    }
    let loss: Vec<Chance> = keys.iter().map(|key| Chance::new(key.0)).collect();
    let compromise: Vec<Chance> = keys.iter().map(|key| Chance::new(key.1)).collect();
    let risk = |signatures: u32| Risk {
        signatures,
        lockout: gate::effect((count + 1 - signatures) as usize, &loss).chance.yes,
        theft: gate::effect(signatures as usize, &compromise).chance.yes,
        frontier: false,
    };
    let risks: Vec<Risk> = (1..=count).map(risk).collect();
    let of = |signatures: u32| risks.iter().find(|risk| risk.signatures == signatures).copied();
    let removals = |approval: u32| match protocol.base.has_removal_threshold() {
        true => 1..=count,
        false => approval..=approval,
    };
    let pairs =
        (1..=count).flat_map(|approval| removals(approval).map(move |removal| (approval, removal)));
    let row = |(min_approval, min_removal)| {
        let now = of(protocol.approval_threshold(min_approval, count))?;
        let eventually = of(protocol.eventual_threshold(min_approval, min_removal, count))?;
        Some(Design { min_approval, min_removal, now, eventually, frontier: false })
    };
    let mut rows: Vec<Design> = pairs.filter_map(row).collect();
    mark(&mut rows, |row| &mut row.now);
    mark(&mut rows, |row| &mut row.eventually);
    mark_choices(&mut rows);
    Ok(rows)
}

/// Marks the rows that no other beats in all that counts.
fn mark_choices(rows: &mut [Design]) {
    let figures = |row: &Design| [row.now.lockout, row.eventually.lockout, row.eventually.theft];
    let all: Vec<[Scaled; 3]> = rows.iter().map(figures).collect();
    for row in rows {
        let own = figures(row);
        let beats = |other: &[Scaled; 3]| {
            let mut pairs = other.iter().zip(&own);
            pairs.all(|(other, own)| other <= own) && *other != own
        };
        row.frontier = !all.iter().any(beats);
    }
}

/// Marks the choices that no other beats: those with equal signatures have equal risks.
fn mark(rows: &mut [Design], of: fn(&mut Design) -> &mut Risk) {
    let mut all: Vec<Risk> = rows.iter_mut().map(|row| *of(row)).collect();
    all.sort_by_key(|risk| risk.signatures);
    all.dedup_by_key(|risk| risk.signatures);
    for risk in rows.iter_mut().map(of) {
        let beats = |other: &Risk| {
            other.lockout <= risk.lockout
                && other.theft <= risk.theft
                && (other.lockout < risk.lockout || other.theft < risk.theft)
        };
        risk.frontier = !all.iter().any(beats);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows(count: usize, protocol: &str) -> Vec<Design> {
        design(&vec![(0.1, 0.01); count], &Protocol::preset(protocol).unwrap()).unwrap()
    }

    #[test]
    fn low_min_removal_lowers_safety_to_it() {
        let rows = rows(3, "symbol-mainnet");
        assert_eq!(rows.len(), 9);
        let row = rows.iter().find(|row| (row.min_approval, row.min_removal) == (3, 1)).unwrap();
        assert_eq!((row.now.signatures, row.eventually.signatures), (3, 1));
        assert!((row.now.theft.to_f64() - 1e-6).abs() < 1e-18);
        assert!((row.eventually.theft.to_f64() - (1.0 - 0.99_f64.powi(3))).abs() < 1e-12);
        assert!((row.now.lockout.to_f64() - (1.0 - 0.9_f64.powi(3))).abs() < 1e-12);
        assert!((row.eventually.lockout.to_f64() - 1e-3).abs() < 1e-12);
    }

    #[test]
    fn all_of_n_on_nis1_is_all_but_one() {
        let rows = rows(3, "nis1");
        let signatures: Vec<(u32, u32)> =
            rows.iter().map(|row| (row.now.signatures, row.eventually.signatures)).collect();
        assert_eq!(signatures, [(1, 1), (2, 2), (3, 2)]);
    }

    #[test]
    fn the_frontier_leaves_out_what_another_choice_beats() {
        // a lost key is worth nothing to a thief here: asking for more only locks
        let keys = [(0.5, 0.0), (0.5, 0.0)];
        let rows = design(&keys, &Protocol::preset("symbol-mainnet").unwrap()).unwrap();
        let marked = |row: &&Design| row.now.frontier;
        assert!(rows.iter().filter(marked).all(|row| row.min_approval == 1));
        assert_eq!(rows.iter().filter(marked).count(), 2);
    }

    #[test]
    fn of_equal_keys_only_equal_thresholds_are_worth_choosing() {
        for row in rows(4, "symbol-mainnet") {
            // a low min removal costs payments and protects from nothing; a high one changes nothing
            assert_eq!(row.frontier, row.min_removal >= row.min_approval, "{row:?}");
        }
        let nis1: Vec<bool> = rows(4, "nis1").iter().map(|row| row.frontier).collect();
        assert_eq!(nis1, [true, true, true, false]);
    }

    #[test]
    fn what_makes_no_table_is_refused() {
        let symbol = Protocol::preset("symbol-mainnet").unwrap();
        let error = |keys: &[(f64, f64)]| design(keys, &symbol).unwrap_err().to_string();
        assert_eq!(error(&[]), "0 keys for one account; expected 1 to 25");
        assert_eq!(error(&[(0.1, 0.1), (1.5, 0.0)]), "probability 1.5 of key 2; expected 0 to 1");
        assert!(error(&[(f64::NAN, 0.0)]).contains("expected 0 to 1"));
    }
}
