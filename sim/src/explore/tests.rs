//! Counts known from elsewhere, and the search held against the plainest one.

use super::*;
use crate::protocol::{Base, Protocol};

fn bounded(base: Base, (cosignatories, cosigned, depth): (u32, u32, u32)) -> Protocol {
    let mut protocol = Protocol::of_base(base);
    protocol.limits.max_cosignatories_per_account = cosignatories;
    protocol.limits.max_cosigned_accounts_per_account = cosigned;
    protocol.limits.max_multisig_depth = depth;
    protocol
}

fn counts(protocol: &Protocol, accounts: usize) -> (u64, u64) {
    let report = Explorer::new(Question::new(protocol, accounts)).unwrap().run();
    assert!(report.complete && report.broken.is_empty());
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
