//! Why steps of a scenario are refused, where somebody else found them: a fuzzing campaign, a peer.

use std::collections::{BTreeMap, BTreeSet};
use std::io::Cursor;
use std::sync::atomic::{AtomicBool, Ordering};

use super::{Options, Replay};
use crate::reason::Explanation;
use crate::scenario::{Act, Header, Layout, ScenarioError, Step, Steps, open_reader, source};

/// Every so many steps it is asked whether to stop: so many take some ten milliseconds.
const STOP_EACH: u64 = 5_000;

/// Why these steps (from 1) are refused or wait on our ledger; steps that are executed are left out. Once
/// `stop` is set, what a long scenario does not tell within 5,000 steps is left out, too.
///
/// # Errors
/// A scenario that cannot be read, up to the last of these steps.
pub fn reasons(
    header: Header,
    steps: &mut Steps,
    options: Options,
    wanted: &BTreeSet<u64>,
    stop: &AtomicBool,
) -> Result<BTreeMap<u64, Explanation>, ScenarioError> {
    let options = Options { bare: true, ..options };
    let mut replay = Replay::new(header, options).map_err(|what| steps.error(what))?;
    let (mut step, mut found) = (Step::default(), BTreeMap::new());
    let last = wanted.last().copied().unwrap_or(0);
    while steps.number() < last && steps.next(replay.header_mut(), &mut step)?.is_some() {
        if steps.number().is_multiple_of(STOP_EACH) && stop.load(Ordering::Relaxed) {
            break;
        }
        let mark = replay.ledger().mark();
        let verdict = replay.act(&step).filter(|_| wanted.contains(&steps.number()));
        let reason = verdict.and_then(|verdict| replay.reason_of(verdict, &step, mark));
        found.extend(reason.map(|reason| (steps.number(), reason)));
    }
    Ok(found)
}

/// Why our ledger refuses the last step of a scenario in memory (the `.json` layout), if it does.
#[must_use]
pub fn last_reason(text: &str) -> Option<Explanation> {
    let (number, _) = last_judged(text)?;
    let (header, mut steps) = open_text(text)?;
    let wanted = BTreeSet::from([number]);
    let never = AtomicBool::new(false);
    reasons(header, &mut steps, Options::default(), &wanted, &never).ok()?.remove(&number)
}

/// The number of the step that is judged last, and the line on which it begins, both from 1; a closing
/// check of balances is not judged.
#[must_use]
pub fn last_judged(text: &str) -> Option<(u64, u64)> {
    let (mut header, mut steps) = open_text(text)?;
    let (mut step, mut last) = (Step::default(), None);
    while steps.next(&mut header, &mut step).ok()?.is_some() {
        if !matches!(step.act, Act::Check(_)) {
            last = Some((steps.number(), steps.line()));
        }
    }
    last
}

fn open_text(text: &str) -> Option<(Header, Steps)> {
    let bytes = Cursor::new(text.as_bytes().to_vec());
    open_reader("finding", source(bytes), Layout::Json).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Once the time is up, what lies far behind the start of a scenario is not looked for.
    #[test]
    fn a_set_stop_ends_the_search_for_reasons_in_a_long_scenario() {
        let header =
            r#"{"format":"multisig-trace","version":1,"protocol":"nis1","accounts":["a","b"]}"#;
        let poor = r#"{"transaction":{"type":"transfer","signer":"a","recipient":"b","amount":9}}"#;
        let text = format!("{header}\n{}", format!("{poor}\n").repeat(12_000));
        let wanted = BTreeSet::from([3, 4_999, 5_001, 12_000]);
        for (stop, expected) in [(false, &[3, 4_999, 5_001, 12_000][..]), (true, &[3, 4_999])] {
            let reader = source(Cursor::new(text.clone().into_bytes()));
            let (header, mut steps) = open_reader("long", reader, Layout::Lines).unwrap();
            let stop = AtomicBool::new(stop);
            let found = reasons(header, &mut steps, Options::default(), &wanted, &stop).unwrap();
            assert_eq!(found.into_keys().collect::<Vec<_>>(), expected);
        }
    }
}
