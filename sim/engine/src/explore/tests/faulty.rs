//! Rules with a mistake in them lead to states that break an invariant: a search finds one, with a shortest
//! way to it. (What no move of the search can do wrong, `state_invariant` tests on states made by hand.)

use super::*;
use crate::protocol::conduct::{DepthScope, LoopScope};

#[test]
fn a_search_under_faulty_rules_finds_the_promise_that_they_break() {
    type Edit = fn(&mut Protocol);
    let rows: [(StateInvariant, u32, Edit); 3] = [
        (StateInvariant::NoLoop, 1, |protocol| protocol.conduct.loop_scope = LoopScope::Direct),
        (StateInvariant::Depth, 2, |protocol| protocol.conduct.depth_scope = DepthScope::Above),
        (StateInvariant::Depth, 2, |protocol| protocol.conduct.depth_scope = DepthScope::Below),
    ];
    for (invariant, depth, edit) in rows {
        let mut protocol = bounded(Base::Symbol, (2, 2, 1));
        if invariant == StateInvariant::NoLoop {
            protocol.limits.max_multisig_depth = 3;
        }
        let healthy = Explorer::new(Question::new(&protocol, 4)).unwrap().run();
        assert!(healthy.broken.is_empty());
        edit(&mut protocol);
        let report = Explorer::new(Question::new(&protocol, 4)).unwrap().run();
        let finding = report.broken.iter().find(|one| one.subject == Subject::Invariant(invariant));
        let finding = finding.unwrap_or_else(|| panic!("{invariant:?}: {:?}", report.broken));
        let last = finding.steps.last().unwrap();
        assert_eq!(
            state_invariant::broken(protocol.base, &protocol.limits, 4, last.after),
            Some(invariant)
        );
        assert!(finding.depth >= depth && finding.steps.len() as u32 == finding.depth);
    }
}
