//! Hazards of one's own: found as those of this crate are, and refused where they depend on names.

use super::*;
use crate::account::AccountId;
use crate::ledger::View;

const NAMES: [&str; 4] = ["ann", "bob", "cleo", "dan"];

/// A hazard of this crate as one of one's own.
fn copied(protocol: &Protocol, accounts: usize, word: &str) -> OwnHazard {
    let (protocol, hazard) = (protocol.clone(), word.parse().unwrap());
    OwnHazard::new(format!("own-{word}"), move |state: &Graph, account: AccountId| {
        affected(&protocol, state, accounts, hazard) >> account.0 & 1 == 1
    })
}

fn asked<'p>(protocol: &'p Protocol, own: &'p [OwnHazard]) -> Question<'p> {
    Question { own, to_the_end: true, ..Question::new(protocol, 4) }
}

#[test]
fn an_own_hazard_is_found_where_the_same_one_of_this_crate_is() {
    let protocol = bounded(Base::Symbol, (3, 3, 2));
    let words = ["takeover:1", "lockout:2", "dead-level", "takeover:3"];
    let own = words.map(|word| copied(&protocol, 4, word));
    let find = words.map(|word| word.parse().unwrap());
    let question = Question { find: &find, ..asked(&protocol, &own) };
    for jobs in [1, 3] {
        let question = Question { jobs, ..question.clone() };
        let report = explored(question.clone());
        assert_eq!((report.hazards.len(), report.asymmetric), (8, None));
        let [known, mine] = [0, 4].map(|at| &report.hazards[at..at + 4]);
        for one in mine {
            let Subject::Own(at) = one.subject else { panic!("{one:?}") };
            let same = known.iter().find(|other| other.subject == Subject::Hazard(find[at]));
            assert_eq!(Finding { subject: one.subject, ..same.unwrap().clone() }, *one);
        }
        let labels = NAMES.map(str::to_owned);
        let answer = Part::new(&question, &report, &labels).unwrap();
        let [known, mine] = [&answer.hazards[2], &answer.hazards[6]];
        assert_eq!((mine.name.as_str(), mine.depth), ("own-dead-level", known.depth));
        assert!(mine.scenario.is_some() && mine.account == known.account);
    }
}

#[test]
fn a_search_ends_with_the_last_hazard_that_it_looks_for() {
    let protocol = bounded(Base::Symbol, (3, 3, 2));
    let own = [copied(&protocol, 4, "dead-level"), OwnHazard::new("never", |_, _| false)];
    let near = Question { to_the_end: false, ..asked(&protocol, &own[..1]) };
    let report = explored(near);
    assert_eq!((report.stop, report.hazards[0].subject), (Some(Stop::Found), Subject::Own(0)));
    let both = asked(&protocol, &own);
    let report = explored(Question { to_the_end: false, ..both.clone() });
    assert!(report.complete && report.hazards.len() == 1);
    let answer = Part::new(&both, &report, &NAMES.map(str::to_owned)).unwrap();
    let never = answer.hazards.iter().find(|one| one.name == "never").unwrap();
    assert_eq!((never.reachable, &never.scenario), (Some(false), &None));
}

#[test]
fn a_hazard_that_depends_on_names_is_refused() {
    type Bad = fn(&Graph, AccountId) -> bool;
    let bad: [Bad; 6] = [
        |_, account| account == AccountId(0),
        |state, account| state.is_multisig(account) && account == AccountId(2),
        |state, account| state.is_cosignatory(AccountId(3), account),
        |state, account| state.multisigs(account).any(|above| above > account),
        // Seen in a state where names make no difference, and in another where they do.
        |state, account| match state.cosignatory_count(account) {
            count @ 1.. => count == 1 || account == AccountId(2),
            0 => false,
        },
        // The same for everybody who takes the place of the next one.
        |state, account| state.is_cosignatory(AccountId((account.0 + 1) % 4), account),
    ];
    let protocol = bounded(Base::Symbol, (3, 3, 2));
    for (number, predicate) in bad.into_iter().enumerate() {
        let named = OwnHazard::new("named", predicate);
        let own = [copied(&protocol, 4, "takeover:1"), named];
        let question = asked(&protocol, &own);
        let report = explored(question.clone());
        assert_eq!((report.stop, report.asymmetric), (Some(Stop::Asymmetric), Some(1)), "{number}");
        assert!(!report.complete);
        assert!(report.hazards.iter().all(|one| one.subject == Subject::Own(0)), "{number}");
        let answer = Part::new(&question, &report, &NAMES.map(str::to_owned)).unwrap();
        assert_eq!(answer.hazards[1].reachable, None);
    }
    // One account has no other name.
    let alone = [OwnHazard::new("first", |_, account| account == AccountId(0))];
    let report = explored(Question { accounts: 1, ..asked(&protocol, &alone) });
    assert_eq!((report.complete, report.hazards.len()), (true, 1));
}

#[test]
fn an_own_hazard_has_a_name_of_its_own() {
    let protocol = bounded(Base::Symbol, (3, 3, 2));
    for name in ["", "takeover:1", "locked-alive", "no-loop", "mine"] {
        let own = ["mine", name].map(|name| OwnHazard::new(name, |_, _| false));
        let error = Explorer::new(asked(&protocol, &own)).unwrap_err();
        assert!(matches!(&error, ExploreError::OwnName(found) if found == name), "{error}");
    }
}

#[test]
fn a_checkpoint_keeps_what_was_found_of_an_own_hazard() {
    let protocol = bounded(Base::Symbol, (3, 3, 2));
    let own = [copied(&protocol, 4, "dead-level")];
    let question = asked(&protocol, &own);
    let whole = explored(question.clone());
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("explore.checkpoint");
    let mut explorer = Explorer::new(question.clone()).unwrap();
    for _ in 0..=whole.hazards[0].depth {
        assert_eq!(explorer.level(&AtomicBool::new(false)), Ok(true));
    }
    explorer.save(&mut std::fs::File::create(&path).unwrap()).unwrap();
    let resumed = Explorer::resume(question, &path).unwrap().run();
    assert_eq!((resumed.counts, &resumed.hazards), (whole.counts, &whole.hazards));
    let other = [OwnHazard::new("another", |_, _| false)];
    let error = Explorer::resume(asked(&protocol, &other), &path).unwrap_err().to_string();
    assert!(error.contains("looking for own-dead-level; expected"), "{error}");
}
