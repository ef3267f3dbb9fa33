//! Which smallest change of which limit, or which switch, keeps a hazard from happening.

use super::cost;
use super::shape::{HazardKind, Shape};
use crate::protocol::{Limit, Protocol, Threshold};

/// A change of the configuration that closes a hazard.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Closing {
    /// What is changed, as `max_depth 3 -> 1` or `removal_threshold removal -> max`.
    pub text: String,
    /// The limit that is changed; `None` for switches.
    pub limit: Option<Limit>,
    /// The changed protocol.
    pub protocol: Protocol,
}

/// Whether a hazard can happen under a protocol.
pub(super) fn reachable(protocol: &Protocol, kind: HazardKind, visits_max: u64) -> bool {
    match kind {
        HazardKind::Costly => cost::visits(protocol).0 > visits_max,
        _ => Shape::new(protocol).cause(kind).is_some(),
    }
}

/// Every single change that closes a hazard: switches first, then each limit's smallest change.
#[must_use]
pub fn closings(protocol: &Protocol, kind: HazardKind, visits_max: u64) -> Vec<Closing> {
    let closed = |changed: &Protocol| !reachable(changed, kind, visits_max);
    let mut found: Vec<Closing> =
        switches(protocol).into_iter().filter(|closing| closed(&closing.protocol)).collect();
    let count = if protocol.base.has_levels() { Limit::OF_SHAPE.len() } else { 1 };
    for limit in Limit::OF_SHAPE.into_iter().take(count) {
        found.extend(smallest(protocol, limit, &closed));
    }
    found
}

/// The change of one limit that closes and is smallest, downwards or upwards.
fn smallest(
    protocol: &Protocol,
    limit: Limit,
    closed: &dyn Fn(&Protocol) -> bool,
) -> Option<Closing> {
    let mut changed = protocol.clone();
    let from = limit.of(&protocol.limits);
    let mut closes = |value: u64| {
        limit.set(&mut changed.limits, value);
        closed(&changed)
    };
    // What closes goes on to close farther away: look for the edge between both.
    let mut edge = |far: u64| {
        if far == from || !closes(far) {
            return None;
        }
        let (mut open, mut shut) = (from, far);
        while open.abs_diff(shut) > 1 {
            let middle = open.midpoint(shut);
            if closes(middle) { shut = middle } else { open = middle }
        }
        Some(shut)
    };
    let (least, most) = limit.useful().into_inner();
    let down = if from > least { edge(least) } else { None };
    let up = if from < most { edge(most) } else { None };
    let to = down.into_iter().chain(up).min_by_key(|&to| to.abs_diff(from))?;
    let mut changed = protocol.clone();
    limit.set(&mut changed.limits, to);
    let text = format!("{} {from} -> {to}", limit.name());
    Some(Closing { text, limit: Some(limit), protocol: changed })
}

/// The switches that guard removals.
fn switches(protocol: &Protocol) -> Vec<Closing> {
    let mut changed = protocol.clone();
    let switches = &mut changed.switches;
    if !protocol.base.has_removal_threshold() {
        if !switches.n_of_n_removal_by_others {
            return Vec::new();
        }
        switches.n_of_n_removal_by_others = false;
        let text = "n_of_n_removal_by_others true -> false".to_owned();
        return vec![Closing { text, limit: None, protocol: changed }];
    }
    let mut words = Vec::new();
    if switches.removal_threshold == Threshold::Removal {
        switches.removal_threshold = Threshold::Larger;
        words.push("removal_threshold removal -> max");
    }
    if switches.mixed_threshold == Threshold::Removal {
        switches.mixed_threshold = Threshold::Larger;
        words.push("mixed_threshold removal -> max");
    }
    match words.is_empty() {
        true => Vec::new(),
        false => vec![Closing { text: words.join(" and "), limit: None, protocol: changed }],
    }
}
