//! The order and the words of the page.

use super::super::tests::{measure, sample};
use super::*;

fn words(sheet: &Sheet) -> String {
    format!("{sheet:?}")
}

#[test]
fn a_page_names_the_machine_and_every_group() {
    let sheet = page(&sample(), None);
    let words = words(&sheet);
    for word in [
        "Test 3000",
        "Modifications on a ledger",
        "Transaction bytes read",
        "Symbol (era C)",
        "plain account",
        "u8-wrap",
    ] {
        assert!(words.contains(word), "{word}");
    }
    let whole = sample().measures.into_iter().filter(|one| one.group != "campaign/whole");
    let run = Run { measures: whole.collect(), ..sample() };
    assert_eq!(page(&run, None).verdict, None);
}

#[test]
fn a_page_begins_with_what_is_asked_for_most() {
    let sheet = page(&sample(), None);
    let reached = "750,000 modifications/s in a campaign with every check, on one core";
    assert_eq!(sheet.verdict, Some((Mark::Plain, reached.to_owned())));
    let first = format!("{:?}", sheet.sections[0]);
    // a whole campaign, not what the checks take of it; faults of 2 and 90 ms
    for word in ["In short", "750,000 modifications/s", "90.0 ms (median), at most 90.0 ms"] {
        assert!(first.contains(word), "{word} in {first}");
    }
    // All five, each the one that is meant: one core, with invariants, the slowest, the middle.
    let mut run = sample();
    let more = [
        measure("explore/4", "jobs 1", 3e6, Work::Elements(139)),
        measure("explore/5", "jobs 1", 4e7, Work::Elements(1_838)),
        measure("explore/5", "jobs 2", 2e7, Work::Elements(1_838)),
        measure("replay/symbol", "with invariants", 5e6, Work::Bytes(1_000_000)),
        measure("replay/symbol", "without", 2e6, Work::Bytes(1_000_000)),
        measure("analysis", "quick", 7e5, Work::Once),
        measure("analysis", "slow", 6e8, Work::Once),
        measure("analysis", "middle", 9e6, Work::Once),
        measure("faults", "zero-threshold", 3e6, Work::Once),
    ];
    run.measures.extend(more);
    let in_short = in_short(&run).unwrap();
    let [Block::Table(table)] = &in_short.blocks[..] else { panic!("{in_short:?}") };
    let cells = |row: &Vec<Cell>| row.iter().map(|cell| cell.text.clone()).collect::<Vec<_>>();
    let rows: Vec<Vec<String>> = table.rows.iter().map(cells).collect();
    let expected = [
        ["A campaign with every check, one core", "750,000 modifications/s"],
        ["One of 3 seeded faults is caught after, one core", "3.00 ms (median), at most 90.0 ms"],
        ["Everything that 5 accounts can reach (1,838 states), one core", "40.0 ms"],
        ["Recorded Symbol traces read, replayed and checked, one core", "200 MB/s"],
        ["Everything about one account, the slowest (slow)", "600 ms"],
    ];
    assert_eq!(rows, expected);
    let zero = words(&sheet).contains("\"0.0");
    assert!(!zero, "no figure is shown as nothing");
}

#[test]
fn shares_are_what_each_group_of_checks_adds() {
    let section = shares(&sample()).unwrap();
    let words = format!("{section:?}");
    // 1, 3 - 1 and 8 - 3 of 8
    for share in ["\"12 %\"", "\"25 %\"", "\"62 %\""] {
        assert!(words.contains(share), "{share} in {words}");
    }
}

#[test]
fn what_got_slower_is_marked() {
    let (earlier, mut run) = (sample(), sample());
    *run.measures.last_mut().unwrap() = measure("wire", "decode, C", 9_000.0, Work::Bytes(20_000));
    let sheet = page(&run, Some(&earlier));
    assert_eq!(sheet.verdict, Some((Mark::Warning, "1 measurement got slower".to_owned())));
    assert!(words(&sheet).contains("1.80 times, slower"));
    for (measure, nanoseconds) in run.measures.iter_mut().zip([1e7, 1e8]) {
        (measure.nanoseconds, measure.low, measure.high) = (nanoseconds, nanoseconds, nanoseconds);
    }
    let changed = format!("{:?}", changes(&run, &earlier));
    let order = [
        "no-opt-in",
        "2.00 ms",
        "10.0 ms",
        "5.00 times",
        "Symbol (era C)",
        "4.00 GB/s",
        "1.80 times",
    ];
    let places = order.map(|word| changed.find(word).unwrap_or(usize::MAX));
    assert!(places.is_sorted() && places[6] < usize::MAX, "{changed}");
    let same = page(&earlier, Some(&earlier));
    assert_eq!(same.verdict, Some((Mark::Good, "nothing got slower".to_owned())));
}

#[test]
fn every_row_has_a_cell_for_each_heading() {
    let (mut earlier, run) = (sample(), sample());
    earlier.measures.remove(0);
    earlier.measures.pop();
    for section in page(&run, Some(&earlier)).sections {
        for block in section.blocks {
            let Block::Table(table) = block else { continue };
            assert!(table.rows.iter().all(|row| row.len() == table.head.len()), "{table:?}");
        }
    }
}

#[test]
fn a_step_that_asks_more_of_the_allocator_is_marked() {
    let (earlier, mut run) = (sample(), sample());
    assert!(format!("{:?}", allocations(&run, None)).contains("\"none\""));
    run.allocations[0].each = 0.01;
    let words = format!("{:?}", allocations(&run, Some(&earlier)));
    assert!(words.contains("1 in 100 steps") && words.contains("none, more"), "{words}");
    let less = format!("{:?}", allocations(&earlier, Some(&run)));
    assert!(!less.contains("more"), "{less}");
}

#[test]
fn a_replay_stands_beside_the_reader_and_checks_in_their_order() {
    let mut run = sample();
    run.measures = [("serde_json alone, states included", 2e6), ("with invariants", 5e6)]
        .map(|(name, time)| measure("replay/nis1", name, time, Work::Bytes(1_000)))
        .to_vec();
    let words = words(&page(&run, None));
    for word in ["time beside the JSON reader", "NIS1: with invariants", "2.50 times"] {
        assert!(words.contains(word), "{word} in {words}");
    }
    let mut run = sample();
    run.measures.reverse();
    let of_checks = run.measures.iter().find(|one| one.group == CHECKS).map(Topic::of);
    let names = measures(&run, &of_checks.unwrap());
    let names: Vec<&str> = names.iter().map(|one| one.name.as_str()).collect();
    assert_eq!(names, ["ledger alone", "every invariant", "every invariant and the auditor"]);
}

#[test]
fn what_ran_once_says_so() {
    let mut run = sample();
    let mut once = measure("explore/9", "jobs 1", 1.4e10, Work::Elements(180_224_316));
    (once.low, once.high) = (1.4e10, 1.4e10);
    run.measures.push(once);
    let words = words(&page(&run, None));
    for word in ["\"one run\"", "9 accounts, 1 thread", "9 accounts can reach (180,224,316 states)"]
    {
        assert!(words.contains(word), "{word} in {words}");
    }
}
