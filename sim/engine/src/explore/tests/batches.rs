//! A level is expanded batch by batch: every batch counts, and a level that is stopped between two of
//! them is taken back whole.

use super::*;
use symmetry::Skeleton;

fn protocol() -> Protocol {
    let mut protocol = bounded(Base::Symbol, (3, 3, 2));
    protocol.limits.max_cosignatures_per_aggregate = 2;
    protocol
}

const FIND: [Hazard; 3] = [Hazard::DeadLevel, Hazard::LockedAlive, Hazard::Takeover(None)];

fn question(protocol: &Protocol, jobs: usize) -> Question<'_> {
    Question { find: &FIND, to_the_end: true, jobs, ..Question::new(protocol, 5) }
}

/// In batches of so many families.
fn explorer(question: Question<'_>, batch: usize) -> Explorer<'_> {
    let mut explorer = Explorer::new(question).unwrap();
    explorer.search.batch = batch;
    explorer
}

/// What was found: subjects, depths, lengths of the ways.
fn found(report: &Report) -> Vec<(Subject, u32, usize)> {
    let finding = |one: &Finding| (one.subject, one.depth, one.steps.len());
    report.hazards.iter().map(finding).collect()
}

#[test]
fn every_batch_of_a_level_counts() {
    let protocol = protocol();
    let whole = explorer(question(&protocol, 1), usize::MAX).run();
    assert!(whole.families > 60 && whole.hazards.len() == 3, "{whole:?}");
    for batch in [1, 2, 3, 7, 64] {
        for jobs in [1, 3] {
            let report = explorer(question(&protocol, jobs), batch).run();
            assert_eq!(report.counts, whole.counts, "batches of {batch}, {jobs} threads");
            assert_eq!(found(&report), found(&whole), "batches of {batch}, {jobs} threads");
            assert_eq!(report.families, whole.families);
        }
    }
}

/// A family: its skeleton, its states by depth, how many are reached.
type Listed = (Skeleton, Vec<(u32, numbers::Numbers)>, u32);

/// All states as they are listed, by family and depth.
fn listed(explorer: &Explorer<'_>) -> Vec<Listed> {
    let level = |level: &family::Level| (level.depth, level.numbers.clone());
    let of = |family: &Family| {
        let reached = (0..family.size()).filter(|&number| family.has(number)).count() as u32;
        (family.skeleton, family.levels.iter().map(level).collect(), reached)
    };
    let families = explorer.search.shelf.families.iter().map(of);
    // A family that was met and holds no state yet is none.
    families.filter(|(_, levels, _): &(_, Vec<_>, _)| !levels.is_empty()).collect()
}

#[test]
fn a_level_stopped_at_any_point_is_taken_back() {
    let protocol = protocol();
    let never = AtomicBool::new(false);
    for jobs in [1, 3] {
        let whole = explorer(question(&protocol, jobs), 4).run();
        let mut one = explorer(question(&protocol, jobs), 4);
        let mut stops = 0;
        loop {
            // So little memory that the next level ends in its first batch, in the second, ...
            let mut bytes = one.search.shelf.bytes;
            let enough = one.question.bytes_max;
            let (before, counts) = (listed(&one), one.counts());
            let more = loop {
                one.question.bytes_max = bytes;
                match one.level(&never) {
                    Err(stop) => {
                        assert_eq!(stop, Stop::Memory);
                        assert_eq!((listed(&one), one.counts()), (before.clone(), counts));
                        stops += 1;
                        bytes = one.search.shelf.bytes.max(bytes) + 600;
                    }
                    Ok(more) => break more,
                }
            };
            one.question.bytes_max = enough;
            if !more {
                break;
            }
        }
        assert!(stops > 20, "{stops} stops");
        let report = one.report(None);
        assert_eq!(report.counts, whole.counts);
        assert_eq!(found(&report), found(&whole));
    }
}
