//! Compares who can spend, what is locked, and the minimal key sets.

use std::sync::atomic::Ordering;

use super::Replay;
use crate::account::AccountId;
use crate::analysis::{Budget, QuorumList, Structure, View, can_spend, check_quorums};
use crate::ledger::View as _;
use crate::scenario::{Check, KeySets};

/// Most key sets a `quorums` check compares.
const QUORUMS_MAX: usize = 10_000;

/// Most key sets that a message names.
const SETS_SHOWN: usize = 100;

/// What is found where the work an answer may cost does not tell.
const UNDECIDED: &str = "undecided: these accounts share too many keys to count their minimal quorums \
    within the budget; `can_spend` checks one set of keys";

const VIEWS: [(View, &str); 2] = [(View::Now, "now"), (View::Eventually, "eventually")];

impl Replay {
    pub(super) fn check_abilities(&mut self, check: &Check) {
        if check.can_spend.is_none() && check.locked.is_none() && check.quorums.is_none() {
            return;
        }
        let structure = match self.structure() {
            Ok(structure) => structure,
            Err(error) => return self.fail("check", "a structure", error, Vec::new(), false),
        };
        if let Some(ability) = &check.can_spend {
            let keys: Vec<AccountId> = ability.keys.clone();
            let expected = [ability.now, ability.eventually];
            self.expect_spend(&structure, ability.account, &keys, expected, "can_spend");
        }
        if let Some(ability) = &check.locked {
            let left: Vec<AccountId> =
                self.header.names.accounts.ids().filter(|&key| !self.trial.is_lost(key)).collect();
            let expected = [ability.now, ability.eventually].map(|locked| locked.map(|is| !is));
            self.expect_spend(&structure, ability.account, &left, expected, "locked");
        }
        if let Some((account, now, eventually)) = &check.quorums {
            for ((view, word), expected) in VIEWS.into_iter().zip([now, eventually]) {
                let Some(expected) = expected else { continue };
                self.expect_quorums(&structure, *account, view, word, expected);
            }
        }
    }

    /// The accounts as the analysis sees them.
    fn structure(&self) -> Result<Structure, String> {
        let links = self.trial.ledger().state().links();
        let accounts = &self.header.names.accounts;
        let label = |account: AccountId| accounts.label(account).to_owned();
        let entry = |account| {
            let minima = links.minima(account);
            let base = self.header.protocol.base;
            let removal = base.shown_removal(minima.approval, minima.removal);
            let cosignatories = links.cosignatories(account).map(label).collect();
            (label(account), minima.approval, removal, cosignatories)
        };
        let entries = links.multisig_accounts().map(entry);
        Structure::new(entries, &self.header.protocol).map_err(|error| error.to_string())
    }

    fn expect_spend(
        &mut self,
        structure: &Structure,
        account: AccountId,
        keys: &[AccountId],
        expected: [Option<bool>; 2],
        about: &str,
    ) {
        let label = self.header.names.accounts.label(account).to_owned();
        let keys: Vec<&str> =
            keys.iter().map(|&key| self.header.names.accounts.label(key)).collect();
        let found = VIEWS.map(|(view, _)| match structure.target(&label) {
            Some(target) => {
                let known: Vec<AccountId> =
                    keys.iter().filter_map(|key| structure.target(key)).collect();
                can_spend(structure, target, &known, view)
            }
            None => keys.contains(&label.as_str()),
        });
        for (((_, word), expected), found) in VIEWS.into_iter().zip(expected).zip(found) {
            let Some(expected) = expected else { continue };
            self.outcome.expectations += 1;
            if expected == found {
                continue;
            }
            let say = |can| if can { "can spend" } else { "cannot spend" };
            let expected = format!("these keys {} from `{label}` {word}", say(expected));
            self.fail(about, expected, format!("they {}", say(found)), vec![account], false);
        }
    }

    fn expect_quorums(
        &mut self,
        structure: &Structure,
        account: AccountId,
        view: View,
        word: &str,
        expected: &KeySets,
    ) {
        self.outcome.expectations += 1;
        let names = &self.header.names.accounts;
        let words = |set: &Vec<AccountId>| -> Vec<String> {
            set.iter().map(|&key| names.label(key).to_owned()).collect()
        };
        let mut expected: Vec<Vec<String>> = expected.iter().map(words).collect();
        expected.sort_by(|one, other| (one.len(), one).cmp(&(other.len(), other)));
        let label = names.label(account);
        let (same, found) = match structure.target(label) {
            Some(target) => {
                let budget = Budget { stop: self.options.stop, ..Budget::default() };
                check_quorums(structure, target, view, &expected, QUORUMS_MAX, &budget)
            }
            None => {
                let own = vec![vec![label.to_owned()]];
                (Some(expected == own), QuorumList { count: Some(1_u8.into()), sets: Some(own) })
            }
        };
        let expected = format!("quorums {word}: {}", say(&expected));
        match same {
            Some(true) => {}
            Some(false) => self.fail("quorums", expected, told(&found), vec![account], false),
            None if self.options.stop.is_some_and(|stop| stop.load(Ordering::Relaxed)) => {}
            None => self.fail("quorums", expected, UNDECIDED.to_owned(), vec![account], false),
        }
    }
}

/// Sets as a message names them.
fn say(sets: &[Vec<String>]) -> String {
    let shown = sets.iter().take(SETS_SHOWN).map(|set| format!("{{{}}}", set.join(", ")));
    let shown: Vec<String> = shown.collect();
    match sets.len() - shown.len() {
        0 => shown.join(" "),
        more => format!("{} and {more} more", shown.join(" ")),
    }
}

/// What was found: the sets, or only their number.
fn told(found: &QuorumList) -> String {
    match (&found.sets, &found.count) {
        (Some(sets), _) => say(sets),
        (None, Some(count)) => format!("{count} minimal quorums, not all of them these"),
        (None, None) => "a set among these is not a minimal quorum".to_owned(),
    }
}
