//! The words that several sentences share.

use super::missing::Missing;
use super::{Explanation, catalogue};
use crate::ledger::rules::Facts;
use crate::transaction::{Action, Body, CosignatoryModification, EmbeddedTransaction};
use crate::verdict::{Reason, Refusal};

/// What helps an aggregate that is signed first by an account whose signature does not count.
pub(super) const NEVER_COMPLETE: &str = "it waits and is never complete: announce it anew, signed first by \
     somebody whose signature counts";

/// Most accounts that a sentence names one by one.
const NAMED_MAX: usize = 8;

/// Whether the rule behind a reason compares numbers.
pub(super) const fn has_numbers(reason: Reason) -> bool {
    matches!(
        reason,
        Reason::AggregateTooManyTransactions
            | Reason::AggregateTooManyCosignatures
            | Reason::MultisigMultipleDeletes
            | Reason::MultisigMinSettingOutOfRange
            | Reason::MultisigMinSettingLargerThanNumCosignatories
            | Reason::MultisigMaxCosignedAccounts
            | Reason::MultisigMaxCosignatories
            | Reason::MultisigMaxMultisigDepth
            | Reason::InsufficientBalance
            | Reason::MessageTooLarge
            | Reason::LockHashInvalidDuration
            | Reason::LockHashInvalidMosaicAmount
            | Reason::PastDeadline
            | Reason::FutureDeadline
            | Reason::MultisigMinCosignatoriesOutOfRange
            | Reason::TooManyMultisigCosigners
            | Reason::TooManyTransactions
    )
}

/// A packet that no validator sees.
pub(super) fn refused(code: String, refusal: Refusal) -> Explanation {
    let (text, remedy) = catalogue::refusal(refusal);
    Explanation {
        code,
        check: "before validation".to_owned(),
        source: "the packet is dropped; the servers have no name for it".to_owned(),
        text: text.to_owned(),
        remedy: remedy.to_owned(),
        ..Explanation::default()
    }
}

/// `one of bob, carol is missing`, `bob and carol are missing`, ...
#[must_use]
pub fn missing_words(missing: &Missing) -> String {
    let Some(fewest) = missing.fewest else {
        return match missing.proved {
            true => "no further signatures can complete it".to_owned(),
            false => "which signatures are missing was not found within the budget".to_owned(),
        };
    };
    let singles: Vec<String> =
        missing.sets.iter().filter(|set| set.len() == 1).flatten().cloned().collect();
    let whole = missing.count.as_deref() == Some(missing.sets.len().to_string().as_str());
    match (fewest, missing.sets.as_slice()) {
        (0, _) => "nothing is missing".to_owned(),
        (1, [one]) if whole && one.len() == 1 => format!("{} is missing", listed(one)),
        (_, [one]) if whole => format!("{} are missing", listed(one)),
        (1, sets) if whole && singles.len() == sets.len() => {
            format!("one of {} is missing", listed(&singles))
        }
        (_, sets) if whole && (2..=ALTERNATIVES_MAX).contains(&sets.len()) => {
            let ways: Vec<String> = sets.iter().map(|set| set.join(" and ")).collect();
            format!("missing: {}", ways.join(", or "))
        }
        (_, sets) => {
            let bound = if missing.proved { "at least" } else { "at most" };
            let (noun, verb) =
                if fewest == 1 { ("signature", "is") } else { ("signatures", "are") };
            let example = sets.first().map_or_else(String::new, |set| listed(set));
            let count = missing.count.as_deref().unwrap_or("more than could be counted");
            format!("{bound} {fewest} {noun} {verb} missing, for example {example} ({count} ways)")
        }
    }
}

/// Whether [`missing_words`] names every way to complete it.
#[must_use]
pub fn names_all(missing: &Missing) -> bool {
    let count = missing.sets.len();
    let whole = missing.count.as_deref() == Some(count.to_string().as_str());
    let most = match missing.sets.iter().all(|set| set.len() == 1) {
        true => NAMED_MAX,
        false => ALTERNATIVES_MAX,
    };
    whole && count <= most
}

/// Most alternatives that one sentence names.
const ALTERNATIVES_MAX: usize = 3;

/// Names in a row, the first few of many.
#[must_use]
pub fn listed(names: &[String]) -> String {
    match names.len() > NAMED_MAX {
        true => {
            let (shown, more) = names.split_at(NAMED_MAX);
            format!("{} and {} more", shown.join(", "), more.len())
        }
        false => names.join(", "),
    }
}

/// What a part does, in words.
pub(super) fn kind_of(
    part: &EmbeddedTransaction,
    changes: &[CosignatoryModification],
) -> &'static str {
    let any = |action| changes.iter().any(|change| change.action == action);
    match &part.body {
        Body::Modification(_) => match (any(Action::Add), any(Action::Remove)) {
            (true, true) => "removal and addition of cosignatories",
            (true, false) => "addition of cosignatories",
            (false, true) => "removal of a cosignatory",
            (false, false) => "change of thresholds",
        },
        other => other.name(),
    }
}

/// Whether these are the facts of an account that keeps no entry: neither numbers nor another account.
pub(super) fn keeps_no_entry(facts: Facts) -> bool {
    facts == Facts { found: 0, limit: 0, other: None, ..facts }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(fewest: Option<usize>, sets: &[&[&str]], count: Option<&str>) -> String {
        let sets = sets.iter().map(|set| set.iter().map(|&name| name.to_owned()).collect());
        missing_words(&Missing {
            fewest,
            proved: fewest.is_some(),
            sets: sets.collect(),
            count: count.map(str::to_owned),
        })
    }

    #[test]
    fn only_a_whole_list_is_told_as_one() {
        assert_eq!(words(Some(1), &[&["a"]], Some("1")), "a is missing");
        assert_eq!(words(Some(1), &[&["a"], &["b"]], Some("2")), "one of a, b is missing");
        let many = "at least 1 signature is missing, for example a (525 ways)";
        assert_eq!(words(Some(1), &[&["a"]], Some("525")), many);
        assert_eq!(words(Some(1), &[&["a"], &["b"]], Some("525")), many);
        let two = words(Some(2), &[&["a", "b"]], None);
        assert!(two.starts_with("at least 2 signatures are missing, for example a, b"), "{two}");
        assert!(words(None, &[], None).contains("not found"));
        let all = |sets: usize, size: usize, count: &str| {
            let set = vec!["a".to_owned(); size];
            let (fewest, count) = (Some(size), Some(count.to_owned()));
            names_all(&Missing { fewest, proved: true, sets: vec![set; sets], count })
        };
        assert!(all(3, 2, "3") && all(8, 1, "8"));
        assert!(!all(4, 2, "4") && !all(9, 1, "9") && !all(3, 2, "5"));
    }
}
