//! Counts known from elsewhere, and the search held against the plainest one.

mod above_cap;
mod batches;
mod counting;
mod faulty;
mod own;
mod plain;
mod stories;

use super::*;
use crate::protocol::{Base, Protocol};

fn bounded(base: Base, (cosignatories, cosigned, depth): (u32, u32, u32)) -> Protocol {
    let mut protocol = Protocol::of_base(base);
    protocol.limits.max_cosignatories_per_account = cosignatories;
    protocol.limits.max_cosigned_accounts_per_account = cosigned;
    protocol.limits.max_multisig_depth = depth;
    protocol
}

fn explored(question: Question<'_>) -> Report {
    let report = Explorer::new(question).unwrap().run();
    assert!(report.broken.is_empty());
    report
}

fn counts(protocol: &Protocol, accounts: usize) -> (u64, u64) {
    let report = explored(Question::new(protocol, accounts));
    assert!(report.complete);
    (report.counts.states_labelled, report.counts.states_canonical)
}

#[test]
fn counts_equal_those_of_an_independent_checker() {
    let three = bounded(Base::Symbol, (3, 3, 2));
    assert_eq!(counts(&three, 3).0, 52);
    assert_eq!(counts(&three, 4), (2_189, 139));
    assert_eq!(counts(&three, 5), (157_301, 1_838));
    let two = bounded(Base::Symbol, (3, 2, 2));
    assert_eq!(counts(&two, 4).0, 1_789);
    assert_eq!(counts(&two, 5).0, 62_781);
}

#[test]
fn counts_of_larger_worlds_stay_what_they_are() {
    let three = bounded(Base::Symbol, (3, 3, 2));
    assert_eq!(counts(&three, 6), (14_372_641, 25_843));
    assert_eq!(counts(&three, 7), (1_875_571_818, 456_039));
}

#[test]
fn the_result_does_not_depend_on_the_number_of_threads() {
    let mut protocol = bounded(Base::Symbol, (3, 3, 3));
    protocol.limits.max_cosignatures_per_aggregate = 2;
    let find: Vec<Hazard> =
        ["takeover", "locked-alive", "dead-level"].map(|word| word.parse().unwrap()).into();
    let question = Question { find: &find, to_the_end: true, ..Question::new(&protocol, 5) };
    let one = explored(question.clone());
    for jobs in 2..=3 {
        let other = explored(Question { jobs, ..question.clone() });
        assert_eq!((one.counts, &one.hazards), (other.counts, &other.hazards));
    }
}

#[test]
fn parts_make_the_whole() {
    let protocol = bounded(Base::Symbol, (3, 3, 2));
    let find = ["takeover:1".parse().unwrap()];
    let labels = ["ann", "bob", "cleo", "dan"].map(str::to_owned);
    let whole = Question { find: &find, to_the_end: true, ..Question::new(&protocol, 4) };
    let part = |share| {
        let question = Question { share, ..whole.clone() };
        Part::new(&question, &explored(question.clone()), &labels).unwrap()
    };
    let parts: Vec<Part> = (1..=3).map(|part_of| part(Share { part: part_of, parts: 3 })).collect();
    assert!(parts.iter().all(|part| part.states_canonical > 20));
    let (merged, one) = (merge(parts.clone()).unwrap(), part(Share::default()));
    assert_eq!(merged.states_labelled, 2_189);
    let numbers = |part: &Part| {
        let depth = part.hazards[0].depth;
        (part.states_labelled, part.states_canonical, part.transitions, part.depth_max, depth)
    };
    assert_eq!(numbers(&merged), numbers(&one));
    assert_eq!(merge(parts[..2].to_vec()), Err(MergeError::Times { part: 3, parts: 3, times: 0 }));
    assert_eq!(merge(Vec::new()), Err(MergeError::Empty));
    assert_eq!(merge(vec![parts[0].clone(), one]), Err(MergeError::Other(1, 3)));
}

#[test]
fn a_search_that_is_stopped_goes_on_where_it_was() {
    let protocol = bounded(Base::Symbol, (3, 3, 2));
    let find = ["takeover".parse().unwrap(), "lockout:2".parse().unwrap()];
    let whole = Question { find: &find, to_the_end: true, ..Question::new(&protocol, 5) };
    let one = explored(whole.clone());
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("explore.checkpoint");
    for levels in 0..one.counts.depth_max {
        let mut explorer = Explorer::new(whole.clone()).unwrap();
        for _ in 0..levels {
            assert_eq!(explorer.level(&AtomicBool::new(false)), Ok(true));
        }
        explorer.save(&mut std::fs::File::create(&path).unwrap()).unwrap();
        assert_eq!(explorer.level(&AtomicBool::new(true)), Err(Stop::Asked));
        let resumed = Explorer::resume(whole.clone(), &path).unwrap();
        assert_eq!((resumed.depth(), resumed.counts()), (levels, explorer.counts()));
        let report = resumed.run();
        assert_eq!((report.counts, &report.hazards), (one.counts, &one.hazards));
    }
    let other = Question { accounts: 4, ..whole.clone() };
    let message = Explorer::resume(other, &path).unwrap_err().to_string();
    assert!(message.contains("the checkpoint is of 5 accounts"), "{message}");
    let text = std::fs::read_to_string(&path).unwrap();
    let torn = text.rsplit_once("end").unwrap().0;
    std::fs::write(&path, torn).unwrap();
    let message = Explorer::resume(whole.clone(), &path).unwrap_err().to_string();
    assert!(message.contains("the file ends here"), "{message}");
    std::fs::write(&path, text.replacen(" 1:", " 1:7000", 1)).unwrap();
    let message = Explorer::resume(whole, &path).unwrap_err().to_string();
    assert!(message.contains("expected a skeleton"), "{message}");
}

/// Damaged links are refused before anything is made of them, in debug builds, too.
#[test]
fn a_checkpoint_with_any_other_digit_is_refused() {
    let protocol = bounded(Base::Symbol, (2, 2, 2));
    let question = Question::new(&protocol, 3);
    let mut explorer = Explorer::new(question.clone()).unwrap();
    assert_eq!(explorer.level(&AtomicBool::new(false)), Ok(true));
    let mut bytes = Vec::new();
    explorer.save(&mut bytes).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("explore.checkpoint");
    let first_line = bytes.iter().position(|&byte| byte == b'\n').unwrap();
    for at in (first_line..bytes.len()).filter(|&at| bytes[at].is_ascii_hexdigit()) {
        for digit in b"0123456789abcdef".iter().filter(|digit| **digit != bytes[at]) {
            let mut damaged = bytes.clone();
            damaged[at] = *digit;
            std::fs::write(&path, &damaged).unwrap();
            assert!(Explorer::resume(question.clone(), &path).is_err(), "byte {at}");
        }
    }
    // Links drawn anywhere: a few bits in the place of the last skeleton.
    let text = String::from_utf8(bytes).unwrap();
    let last = text.lines().rev().nth(1).unwrap();
    for seed in 0..4_000_u64 {
        let mut word = 0_u64;
        (0..=seed % 5).for_each(|bit| word |= 1 << (crate::choice::derive(seed, bit) % 64));
        let other = last.replacen(&last[..16], &format!("{word:016x}"), 1);
        if other != last {
            std::fs::write(&path, text.replacen(last, &other, 1)).unwrap();
            assert!(Explorer::resume(question.clone(), &path).is_err(), "{word:016x}");
        }
    }
}

#[test]
fn too_little_memory_ends_the_search_between_two_levels() {
    let protocol = bounded(Base::Symbol, (3, 3, 2));
    let one = explored(Question::new(&protocol, 5));
    let mut depths = Vec::new();
    for bytes_max in [3_000, 10_000, 20_000] {
        let report = explored(Question { bytes_max, ..Question::new(&protocol, 5) });
        assert_eq!((report.complete, report.stop), (false, Some(Stop::Memory)));
        assert!(report.counts.states_canonical < one.counts.states_canonical);
        let depth_max = Some(report.depth_proved);
        let bounded = explored(Question { depth_max, ..Question::new(&protocol, 5) });
        assert_eq!(bounded.counts, report.counts);
        depths.push(report.depth_proved);
    }
    assert!(depths.is_sorted() && depths[0] < depths[2], "{depths:?}");
}

#[test]
fn the_closed_form_of_control_is_what_a_search_finds() {
    for (base, bounds, accounts) in [
        (Base::Symbol, (3, 3, 2), 4),
        (Base::CatapultV1, (3, 2, 3), 4),
        (Base::CatapultV3, (3, 2, 3), 4),
        (Base::Symbol, (3, 3, 2), 5),
        (Base::Nis1, (32, u32::MAX, 1), 5),
    ] {
        let protocol = bounded(base, bounds);
        let question = Question { jobs: 2, ..Question::new(&protocol, accounts) };
        let agreement = control_theorem(&question).unwrap();
        assert_eq!(agreement.disagreement, None, "{base:?}");
        assert!(agreement.gained > 20, "{agreement:?}");
    }
    let protocol = bounded(Base::Symbol, (3, 3, 2));
    let five = Question { jobs: 2, ..Question::new(&protocol, 5) };
    assert_eq!(control_theorem(&five).unwrap().states, 1_838);
    // Too little for the states, for the coalitions, for their moves.
    for bytes_max in [10_000, 200_000, 3_000_000] {
        let error = control_theorem(&Question { bytes_max, ..five.clone() }).unwrap_err();
        let expected = format!("the states do not fit {bytes_max} bytes");
        assert!(error.to_string().starts_with(&expected), "{error}");
    }
}

#[test]
fn a_sweep_says_which_limit_closes_a_hazard() {
    let protocol = bounded(Base::Symbol, (3, 3, 2));
    let find = ["takeover".parse().unwrap(), "dead-level".parse().unwrap()];
    let question = Question { find: &find, ..Question::new(&protocol, 4) };
    let limits =
        Sweep { max_cosignatories: vec![1, 2, 3], max_depth: vec![1, 2], ..Sweep::default() };
    let report = sweep(&question, &limits).unwrap();
    assert_eq!(report.rows.len(), 6);
    let closed = |word: &str| {
        let of = report.closed_by.iter().filter(|closing| closing.name == word);
        of.map(|closing| (closing.limit.as_str(), closing.values.clone())).collect::<Vec<_>>()
    };
    assert_eq!(closed("takeover"), [("max_cosignatories", vec![1])]);
    assert_eq!(closed("dead-level"), [("max_cosignatories", vec![1]), ("max_depth", vec![1])]);
}

#[test]
fn what_cannot_be_explored_is_refused() {
    let protocol = Protocol::preset("symbol").unwrap();
    for accounts in [0, 11] {
        let error = Explorer::new(Question::new(&protocol, accounts)).unwrap_err();
        assert!(error.to_string().ends_with("expected 1 to 10"));
    }
    let share = Share { part: 4, parts: 3 };
    let error = Explorer::new(Question { share, ..Question::new(&protocol, 3) }).unwrap_err();
    assert_eq!(error.to_string(), "part 4 of 3 does not exist; expected 1 to 3");
}
