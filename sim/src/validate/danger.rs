//! Every hazard of a configuration: shown or excluded, and what would close it.

use super::closing::{closings, reachable};
use super::cost;
use super::shape::{Peril, Shape, why};
use super::tale::TaleError;
use super::witness::{self, Witness};
use super::world;
use crate::explore::ExploreError;
use crate::protocol::Protocol;
use crate::unit::count_text;

/// What was found out about one hazard.
#[derive(Clone, Debug)]
pub struct Danger {
    /// Which hazard.
    pub peril: Peril,
    /// Whether it can happen.
    pub reachable: bool,
    /// How it comes about, or which bound excludes it.
    pub why: String,
    /// A scenario that shows it; none if it cannot happen, or would take too many accounts.
    pub witness: Option<Witness>,
    /// The single changes that close it, switches first, then each limit's smallest.
    pub closed_by: Vec<String>,
    /// What contradicts the closed form: our own mistake.
    pub contradiction: Option<String>,
}

/// Every hazard, in the order of [`Peril::ALL`].
///
/// # Errors
/// Threads that cannot be started.
pub fn dangers(protocol: &Protocol, visits_max: u64) -> Result<Vec<Danger>, ExploreError> {
    Peril::ALL.into_iter().map(|peril| danger(protocol, peril, visits_max)).collect()
}

fn danger(protocol: &Protocol, peril: Peril, visits_max: u64) -> Result<Danger, ExploreError> {
    let shape = Shape::new(protocol);
    let reachable = reachable(protocol, peril, visits_max);
    let why = match peril {
        Peril::Costly => costly(protocol, reachable, visits_max),
        _ => why(&shape, peril),
    };
    let (mut witness, mut closed_by, mut contradiction) = (None, Vec::new(), None);
    if reachable {
        match shown(protocol, &shape, peril) {
            Ok(found) => witness = found,
            Err(error) => contradiction = Some(error.to_string()),
        }
        for closing in closings(protocol, peril, visits_max) {
            let guards = peril == Peril::Takeover && closing.protocol.limits == protocol.limits;
            if guards && world::shows(&closing.protocol, peril)? {
                let what = format!("{} does not close {peril} in a small world", closing.text);
                contradiction.get_or_insert(what);
            }
            closed_by.push(closing.text);
        }
    }
    Ok(Danger { peril, reachable, why, witness, closed_by, contradiction })
}

fn shown(protocol: &Protocol, shape: &Shape, peril: Peril) -> Result<Option<Witness>, TaleError> {
    match shape.way(peril) {
        Some(way) => witness::witness(protocol, way),
        None => cost::witness(protocol),
    }
}

fn costly(protocol: &Protocol, reachable: bool, visits_max: u64) -> String {
    let (visits, exact) = cost::visits(protocol);
    let number = count_text(visits);
    let most = if exact { "" } else { "at most " };
    match reachable {
        true => format!(
            "one legal aggregate can ask for {most}{number} account visits, more than {visits_max}"
        ),
        false => format!(
            "no legal aggregate asks for more than {number} account visits, {visits_max} are allowed"
        ),
    }
}
