//! Ways out: whether an account above the cap on signatures can be brought below it again.
//!
//! From the state in question a search of its own goes on, with the account distinguished, until its
//! smallest quorum fits the cap. If there is no such state, the account is locked for ever, and so it
//! is in every state the search saw. One modification at a time is enough: whoever may sign an
//! aggregate of several may sign each of them alone.

use std::collections::VecDeque;

use hashbrown::HashSet;

use super::expansion::{Fresh, Notes, Setting};
use super::family::Family;
use super::packed::{Graph, Packed, Set};
use super::search::{Budget, Place, Search, Stop};
use super::symmetry::{Skeleton, Symmetry};
use super::witness::Stage;
use crate::hazard::{Hazard, affected};

/// What is known of ways out.
#[derive(Debug, Default)]
pub(super) struct Ladders {
    /// States that wait for an answer, with their depth.
    pub waiting: VecDeque<(Place, u32)>,
    /// States, in the form of their search, whose told-apart account is locked.
    locked: HashSet<(Packed, Set), foldhash::fast::FixedState>,
}

/// The first state of a family in which the told-apart account fits the cap.
#[derive(Debug, Default)]
struct WayOut {
    number: Option<u32>,
}

impl Notes for WayOut {
    fn look(&mut self, setting: &Setting<'_>, family: &Family, fresh: Fresh) {
        let graph = Graph::new(fresh.state);
        let above = affected(setting.protocol, &graph, setting.accounts, Hazard::OverCap);
        if above & family.skeleton.colour == 0 {
            let least = self.number.map_or(fresh.number, |number| number.min(fresh.number));
            self.number = Some(least);
        }
    }
}

impl Ladders {
    /// A shortest way from a state to one where the account fits the cap, both ends included; `None`
    /// if it is locked.
    ///
    /// # Errors
    /// The search was stopped before it knew.
    pub fn climb(
        &mut self,
        setting: Setting<'_>,
        state: Packed,
        account: u8,
        budget: Budget<'_>,
    ) -> Result<Option<Vec<Stage>>, Stop> {
        let colour = 1 << account;
        let setting = Setting { share: super::Share::default(), ..setting };
        if self.locked.contains(&canonical(setting, state, colour)) {
            return Ok(None);
        }
        let (mut search, _): (_, WayOut) = Search::new(setting, state, colour);
        while !search.frontier.is_empty() {
            let noted: Vec<(u32, WayOut)> = search.level(budget)?;
            let found = |(family, way): &(u32, WayOut)| {
                way.number.map(|number| Place { family: *family, number })
            };
            if let Some(place) = noted.iter().filter_map(found).min() {
                return Ok(Some(search.path(place, search.depth)));
            }
        }
        self.remember(&search);
        Ok(None)
    }

    fn remember(&mut self, search: &Search<'_>) {
        for family in &search.shelf.families {
            for number in family.levels.iter().flat_map(|level| level.numbers.iter()) {
                let state = family.state(search.setting.scale, number);
                self.locked.insert((state, family.skeleton.colour));
            }
        }
    }
}

/// The state and the told-apart account in the form in which a search lists them.
fn canonical(setting: Setting<'_>, state: Packed, colour: Set) -> (Packed, Set) {
    let skeleton = Skeleton { rows: state.rows, colour };
    let mut symmetry = Symmetry::new(setting.accounts);
    let (canonical, renaming) = symmetry.canonical(skeleton);
    let form = symmetry.form(canonical);
    let Some(family) = Family::new(setting.scale, setting.accounts, &form, usize::MAX) else {
        return (state, colour);
    };
    let number = family.digits.number(setting.scale, state.renamed(renaming));
    (family.state(setting.scale, family.least(number)), form.skeleton.colour)
}

#[cfg(test)]
mod tests {
    use super::super::packed::{Renaming, Scale};
    use super::super::{Question, setting};
    use super::*;
    use crate::ledger::Minima;
    use crate::protocol::{Base, Protocol};

    /// Two accounts over the same keys, with different thresholds: which of them is named is no matter.
    #[test]
    fn states_that_differ_in_names_alone_have_one_form() {
        let protocol = Protocol::of_base(Base::Symbol);
        let setting = setting(&Question::new(&protocol, 10));
        assert_eq!(setting.scale, Scale(Base::Symbol));
        let minima = |approval, removal| Minima { approval, removal };
        let state = Packed::default()
            .with(0, 0b11_0000_0100, minima(3, 1))
            .with(1, 0b11_0000_0100, minima(2, 3))
            .with(3, 0b11_0000_0100, minima(1, 3))
            .with(2, 0b00_0011_0000, minima(2, 1));
        let forms = [0, 1, 2, 3, 9].map(|account| canonical(setting, state, 1 << account));
        for turn in 1..10 {
            let place = |account: u64| (account * 7 + turn) % 10;
            let beyond = 0xfedc_ba00_0000_0000;
            let names = Renaming((0..10).fold(beyond, |all, i| all | place(i) << (4 * i)));
            for (form, account) in forms.iter().zip([0, 1, 2, 3, 9]) {
                let colour = names.set(1 << account);
                assert_eq!(canonical(setting, state.renamed(names), colour), *form, "{account}");
            }
        }
        let mut different = forms.to_vec();
        different.sort_unstable();
        different.dedup();
        assert_eq!(different.len(), forms.len());
    }
}
