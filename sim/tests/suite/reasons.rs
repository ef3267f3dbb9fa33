//! Every reason has a story that shows it, and a sentence with the case's own accounts and numbers.

use std::collections::BTreeMap;
use std::path::Path;

use quorate::analysis::Budget;
use quorate::ledger::Ledger;
use quorate::protocol::Base;
use quorate::reason::{self, Explanation, Solver};
use quorate::scenario::{Step, open, sniff};
use quorate::verdict::{Reason, Refusal, Verdict};

fn files(folder: &Path, found: &mut Vec<std::path::PathBuf>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            if !path.ends_with("protocols") && !path.ends_with("traces") {
                files(&path, found);
            }
        } else if sniff(&path).is_some() && !path.ends_with("schema.json") {
            found.push(path);
        }
    }
}

/// What is shown of each verdict: the base it was met on and the explanation.
fn met() -> Vec<(Base, Verdict, Explanation)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../scenarios");
    let mut paths = Vec::new();
    files(&root, &mut paths);
    let (mut met, kept) = (Vec::new(), Solver::new(Budget::default()));
    for path in paths {
        let (mut header, mut steps) = open(&path).unwrap();
        let mut ledger = Ledger::from_genesis(header.protocol.clone(), &header.genesis).unwrap();
        let mut step = Step::default();
        while steps.next(&mut header, &mut step).unwrap().is_some() {
            let before = ledger.clone();
            let Some(verdict) = step.put_to(&mut ledger) else { continue };
            let sealed = reason::of_sealed(&ledger, &header.names.accounts, verdict);
            let mut again = before.clone();
            let base = header.protocol.base;
            let mut explain =
                |solver: &Solver| reason::of(&mut again, &header.names.accounts, &step, solver);
            let explanation = explain(&Solver::new(Budget::default()));
            assert_eq!(explain(&kept), explanation, "{}: what was solved before", path.display());
            assert_eq!(again.state(), before.state(), "{}: looking changes", path.display());
            match (explanation, verdict) {
                (Some(explanation), _) => met.push((base, verdict, explanation)),
                (None, Verdict::Rejected(_) | Verdict::Refused(_)) => {
                    met.push((base, verdict, sealed.unwrap()));
                }
                (None, _) => {}
            }
        }
    }
    met
}

#[test]
fn every_reason_is_shown_by_a_scenario_and_names_its_numbers() {
    let mut known: BTreeMap<Reason, String> = BTreeMap::new();
    let mut refusals: BTreeMap<Refusal, String> = BTreeMap::new();
    for (base, verdict, explanation) in met() {
        let text = &explanation.text;
        assert!(!text.is_empty() && !text.contains("the account ("), "{explanation:?}");
        for number in [explanation.found, explanation.limit].into_iter().flatten() {
            assert!(text.contains(&number.to_string()), "{number} is missing: {explanation:?}");
        }
        for name in &explanation.ineligible {
            assert!(text.contains(name), "{explanation:?}");
        }
        match verdict {
            Verdict::Rejected(reason) => {
                assert!(!explanation.check.is_empty(), "{base:?} {explanation:?}");
                known.entry(reason).or_insert_with(|| text.clone());
            }
            Verdict::Refused(refusal) => {
                refusals.entry(refusal).or_insert_with(|| text.clone());
            }
            _ => {}
        }
    }
    let unknown: Vec<Reason> =
        Reason::ALL.into_iter().filter(|reason| !known.contains_key(reason)).collect();
    if std::env::var_os("SHOW").is_some() {
        for (reason, text) in &known {
            println!("{reason:?}: {text}");
        }
        println!("{refusals:#?}");
    }
    assert!(unknown.is_empty(), "no scenario shows {unknown:?}");
    // A lost key is the replay's matter: the ledger does not know which keys exist.
    let ours = |refusal: &Refusal| *refusal != Refusal::LostKey;
    let unknown: Vec<Refusal> = Refusal::ALL
        .into_iter()
        .filter(|refusal| ours(refusal) && !refusals.contains_key(refusal))
        .collect();
    assert!(unknown.is_empty(), "no scenario shows {unknown:?}");
}
