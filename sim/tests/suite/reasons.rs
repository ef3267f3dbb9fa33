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

/// What a reason says is what the ledger knows at that moment: what a waiting aggregate holds and what is
/// confirmed, not what was announced or stands in the open block.
#[test]
fn reasons_speak_of_what_is_held_and_confirmed() {
    let rows: [(&str, &[(u64, &str)]); 7] = [
        (
            "fails-when-complete",
            &[(4, "`m` needs 3 of a, b, c (min approval); signed: a, b; c is missing")],
        ),
        (
            "raised-in-the-open-block",
            &[
                (4, "signed: a; one of b, c is missing"),
                (5, "`m` needs 3 of a, b, c (min approval); signed: a, b; c is missing"),
            ],
        ),
        (
            "cosignature-of-a-removed-account",
            &[
                (7, "signed: a, c; d, e are missing"),
                (8, "`c` signs twice"),
                (9, "signed: a, c, d; e is missing"),
            ],
        ),
        (
            "signed-first-by-a-stranger",
            &[(3, "`d` signs it first and no transaction inside asks for it")],
        ),
        (
            "nis1-cosigned-by-a-multisig-account",
            &[
                (2, "`n` is a multisig account (1-of-1: c) and cannot sign a transaction itself"),
                (3, "`c` has 0 left where 500000 are needed (smallest units)"),
            ],
        ),
        (
            "dissolved-in-the-open-block",
            &[(4, "`m` is a multisig account (1-of-1: a) and cannot sign a transaction itself")],
        ),
        (
            "numbers-of-64-bits",
            &[
                (1, "`a` has 10 left where 18446744073709551615 are needed (smallest units)"),
                (3, "the deposit is 18446744073709551615, it must be 10000000 (smallest units)"),
            ],
        ),
    ];
    for (name, expected) in rows {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/reasons");
        let (header, mut steps) = open(&folder.join(format!("{name}.jsonl"))).unwrap();
        let wanted = expected.iter().map(|(number, _)| *number).collect();
        let options = quorate::replay::Options::default();
        let never = std::sync::atomic::AtomicBool::new(false);
        let found = quorate::replay::reasons(header, &mut steps, options, &wanted, &never).unwrap();
        let found: Vec<(u64, &str)> =
            found.iter().map(|(number, reason)| (*number, reason.text.as_str())).collect();
        assert_eq!(found, expected, "{name}");
    }
}
