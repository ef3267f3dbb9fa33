//! What is noted of the states that a level of the search reached first.

use super::Subject;
use super::expansion::{Fresh, Notes, Setting};
use super::family::Family;
use super::packed::Graph;
use super::state_invariant::{StateInvariant, broken_links, broken_thresholds};
use crate::hazard::{Hazard, affected};

/// What is kept of the fresh states of one family.
#[derive(Debug, Default)]
pub(super) struct Sightings {
    pub canonical: u64,
    pub labelled: u64,
    /// The invariant that the family's links break, once it was asked.
    links: Option<Option<StateInvariant>>,
    /// The least state of each subject.
    pub first: Vec<(Subject, u32)>,
    /// States in which some account's smallest quorum exceeds the cap.
    pub heavy: Vec<u32>,
    /// A hazard of one's own that depends on which account is which.
    pub asymmetric: Option<usize>,
}

impl Sightings {
    fn note(&mut self, subject: Subject, number: u32) {
        match self.first.iter_mut().find(|(known, _)| *known == subject) {
            Some((_, least)) => *least = number.min(*least),
            None => self.first.push((subject, number)),
        }
    }
}

impl Notes for Sightings {
    fn look(&mut self, setting: &Setting<'_>, family: &Family, fresh: Fresh) {
        self.canonical += 1;
        self.labelled += family.weight * u64::from(fresh.orbit);
        let protocol = setting.protocol;
        let (base, limits) = (protocol.base, &protocol.limits);
        let rows = fresh.state.rows;
        let links = || broken_links(base, limits, setting.accounts, rows);
        let links = *self.links.get_or_insert_with(links);
        if let Some(invariant) = links.or_else(|| broken_thresholds(base, fresh.state)) {
            self.note(Subject::Invariant(invariant), fresh.number);
        }
        let mut heavy = false;
        for &hazard in setting.find {
            if affected(protocol, &Graph::new(fresh.state), setting.accounts, hazard) == 0 {
                continue;
            }
            match hazard {
                Hazard::LockedAlive | Hazard::OverCap => heavy = true,
                _ => self.note(Subject::Hazard(hazard), fresh.number),
            }
        }
        if heavy {
            self.heavy.push(fresh.number);
        }
        for (at, own) in setting.own.iter().enumerate() {
            let hurt = own.affected(fresh.state, setting.accounts);
            if !own.is_symmetric(fresh.state, setting.accounts, hurt) {
                self.asymmetric.get_or_insert(at);
            } else if hurt != 0 {
                self.note(Subject::Own(at), fresh.number);
            }
        }
    }
}
