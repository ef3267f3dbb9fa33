//! Windows: sets of keys that spend between two steps of a change and at neither end of it, or that
//! spend at both ends and not in between.

use serde::{Deserialize, Serialize};

use super::allowance::Allowance;
use super::coalition::{Coalitions, State, coalitions};
use super::difference;
use super::forbidden;
use super::subject::{Account, Subject};
use super::way::count_of;
use crate::analysis::View;

/// The part of the work and time left for one account in a state between.
pub const STATE_PART: f64 = 0.05;
/// Most sets that are named in one sentence.
const SETS_SHOWN: usize = 20;

/// Both views with their names.
pub const VIEWS: [(View, &str); 2] = [(View::Now, "now"), (View::Eventually, "eventually")];

/// A window of one account.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schemas", derive(schemars::JsonSchema))]
pub struct Opening {
    /// The account.
    pub account: String,
    /// Whether the sets gain power in between, or lose it.
    pub power: Turn,
    /// `now`, `eventually` or `now and eventually`.
    pub when: String,
    /// The minimal sets of keys; the first of them where they are many.
    pub sets: Vec<Vec<String>>,
    /// How many there are; 0 where none was found among those looked at.
    pub sets_count: usize,
    /// How many minimal sets were looked at, where that was not all of them.
    pub looked_at: Option<usize>,
    /// That in between fewer keys come to spend than at the ends, or may.
    pub fewer: Option<Fewer>,
    /// All of it as a sentence.
    pub text: String,
}

/// What happens to the power of some keys.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schemas", derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
pub enum Turn {
    /// They can spend in between and neither before nor after.
    Gained,
    /// They can spend before and after and not in between.
    Lost,
}

impl Opening {
    /// The windows of an account between two states.
    pub fn all(account: &str, between: &State, ends: [&State; 2]) -> Vec<Self> {
        let mut all: Vec<Self> = Vec::new();
        for power in [Turn::Gained, Turn::Lost] {
            let found = VIEWS.map(|(view, _)| match power {
                Turn::Gained => coalitions(&[between], &ends, view),
                Turn::Lost => coalitions(&ends, &[between], view),
            });
            let [now, eventually] = found;
            let both = now == eventually;
            let when = if both { "now and eventually" } else { "now" };
            let list = [(when, Some(now)), ("eventually", Some(eventually).filter(|_| !both))];
            for (when, found) in list.into_iter().filter_map(|(when, found)| Some((when, found?))) {
                let fewer = match power == Turn::Gained && when != "now" {
                    true => fewer(between, ends),
                    false => None,
                };
                all.push(Self::new(account, power, when, found, fewer));
            }
        }
        all.retain(|one| one.sets_count > 0 || one.looked_at.is_some());
        all
    }

    /// Whether fewer keys than at either end seize the account, or some that spend at both ends are
    /// locked out; also where that is undecided.
    pub fn is_grave(&self) -> bool {
        self.power == Turn::Lost || self.fewer.is_some()
    }

    /// Whether the budget ended before it was decided.
    pub fn is_open(&self) -> bool {
        self.sets_count == 0 || self.fewer.is_some_and(|fewer| fewer.keys.is_none())
    }

    fn new(
        account: &str,
        power: Turn,
        when: &str,
        found: Coalitions,
        fewer: Option<Fewer>,
    ) -> Self {
        let (sets, looked) = (shown(&found), looked_at(&found));
        let seized = fewer.map_or(String::new(), |fewer| fewer.words(account));
        let text = match (found.count, power) {
            (0, _) => format!("{when} not decided for {account}{looked}"),
            (_, Turn::Gained) => format!(
                "{when} {sets} can spend {account}, and neither before nor after{looked}{seized}"
            ),
            (_, Turn::Lost) => format!(
                "{when} {sets} cannot spend {account}, and could before and can after{looked}"
            ),
        };
        let Coalitions { sets, count: sets_count, looked_at } = found;
        let (account, when) = (account.to_owned(), when.to_owned());
        Self { account, power, when, sets, sets_count, looked_at, fewer, text }
    }

    fn found(&self) -> Coalitions {
        Coalitions { sets: self.sets.clone(), count: self.sets_count, looked_at: self.looked_at }
    }
}

/// That fewer keys come to spend in between than at the ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schemas", derive(schemars::JsonSchema))]
pub struct Fewer {
    /// So many; null where the budget ended before that was decided.
    pub keys: Option<usize>,
    /// At least so many at the ends.
    pub otherwise: usize,
}

impl Fewer {
    /// It as the end of a sentence.
    fn words(self, account: &str) -> String {
        let Self { keys, otherwise } = self;
        match keys {
            Some(least) => {
                format!("; {} can seize {account} ({otherwise} otherwise)", count_of(least, "key"))
            }
            None => format!("; undecided whether fewer keys can seize {account} than otherwise"),
        }
    }
}

/// Whether fewer keys come to spend in between than at either end; `None` where they do not.
fn fewer(between: &State, ends: [&State; 2]) -> Option<Fewer> {
    let bounds = |state: &State| {
        let power = state.power(View::Eventually);
        Some(power.spend.fewest.bounds()).filter(|_| !power.locked)
    };
    let ends: Vec<(usize, usize)> = ends.into_iter().filter_map(bounds).collect();
    let lower = ends.iter().map(|end| end.0).min()?;
    let upper = ends.iter().map(|end| end.1).min()?;
    let (least, most) = bounds(between)?;
    match (most < lower, least < upper) {
        (true, _) => Some(Fewer { keys: Some(most), otherwise: lower }),
        (false, true) => Some(Fewer { keys: None, otherwise: lower }),
        (false, false) => None,
    }
}

/// The first sets, and how many more there are.
pub fn shown(found: &Coalitions) -> String {
    let few: Vec<String> =
        found.sets.iter().take(SETS_SHOWN).map(|set| format!("{{{}}}", set.join(", "))).collect();
    match found.count - few.len() {
        0 => few.join(" "),
        usize::MAX.. => format!("{} and more", few.join(" ")),
        more => format!("{} and {more} more", few.join(" ")),
    }
}

/// A remark where not all minimal sets were looked at.
pub fn looked_at(found: &Coalitions) -> String {
    found.looked_at.map_or(String::new(), |looked_at| {
        format!(" (only the first {looked_at} minimal sets were looked at)")
    })
}

/// One order of exchanging cosignatories in two steps.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schemas", derive(schemars::JsonSchema))]
pub struct Exchange {
    /// `deleting first` or `adding first`.
    pub order: String,
    /// Whose thresholds hold in between, where they differ: `old`, `new` or nothing.
    pub thresholds: String,
    /// The limit that forbids the state in between.
    pub refused: Option<String>,
    /// The windows.
    pub openings: Vec<Opening>,
}

/// What opens between two steps if cosignatories are exchanged one step after the other.
pub fn exchange(
    old: &Subject,
    new: &Subject,
    account: &str,
    allowance: &Allowance,
) -> Vec<Exchange> {
    let of = |subject| difference::of(subject, account).cloned();
    let (Some(before), Some(after)) = (of(old), of(new)) else { return Vec::new() };
    let kept: Vec<String> = before.3.iter().filter(|key| after.3.contains(key)).cloned().collect();
    let added = after.3.iter().filter(|key| !before.3.contains(key));
    let all: Vec<String> = before.3.iter().chain(added).cloned().collect();
    if kept.len() == before.3.len() || all.len() == before.3.len() {
        return Vec::new();
    }
    let changed = replaced(old, &[(account, Some(&after))]);
    let ends = [old, &changed].map(|subject| state(subject, account, allowance));
    let [Some(start), Some(end)] = ends else { return Vec::new() };
    let same = (before.1, before.2) == (after.1, after.2);
    let thresholds = [(&before, if same { "" } else { "old" }), (&after, "new")];
    let mut exchanges = Vec::new();
    for (order, between) in [("deleting first", kept), ("adding first", all)] {
        for (of, thresholds) in thresholds.into_iter().take(if same { 1 } else { 2 }) {
            let Some(entry) = middle(of, &between) else { continue };
            let middle = replaced(old, &[(account, Some(&entry))]);
            let Some(state) = state(&middle, account, allowance) else { continue };
            let refused = refused(&middle, [old, &changed]);
            let openings = match refused {
                Some(_) => Vec::new(),
                None => Opening::all(account, &state, [&start, &end]),
            };
            let (order, thresholds) = (order.to_owned(), thresholds.to_owned());
            exchanges.push(Exchange { order, thresholds, refused, openings });
        }
    }
    exchanges
}

/// The account with these cosignatories, thresholds as they are or as far as they fit. On NIS1 0 goes on
/// standing for all; a number does not grow with the cosignatories, be it all of them now.
fn middle(of: &Account, between: &[String]) -> Option<Account> {
    let count = u32::try_from(between.len()).ok().filter(|&count| count > 0)?;
    Some((of.0.clone(), of.1.min(count), of.2.min(count), between.to_vec()))
}

/// The accounts with other entries of some; `None` makes an account plain.
pub fn replaced(old: &Subject, entries: &[(&str, Option<&Account>)]) -> Subject {
    let kept = old.accounts.iter().filter(|one| !entries.iter().any(|entry| entry.0 == one.0));
    let new = entries.iter().filter_map(|entry| entry.1);
    let accounts = kept.chain(new).cloned().collect();
    Subject { lost: old.lost.clone(), ..Subject::new(old.protocol.clone(), accounts) }
}

fn state(subject: &Subject, account: &str, allowance: &Allowance) -> Option<State> {
    let structure = subject.structure().ok()?;
    Some(State::within(allowance, Some(STATE_PART), (subject, &structure, account)))
}

/// The limit that only the state in between exceeds: no node accepts it.
pub fn refused(between: &Subject, ends: [&Subject; 2]) -> Option<String> {
    let all = |subject: &Subject| {
        let structure = subject.structure().ok()?;
        Some(forbidden::warnings(subject, &structure))
    };
    if ends.into_iter().filter_map(all).any(|warnings| !warnings.is_empty()) {
        return None;
    }
    let warnings = all(between)?;
    Some(warnings.first()?.text.clone())
}

impl Exchange {
    /// Whether a window opens, or may.
    pub fn opens(&self) -> bool {
        !self.openings.is_empty()
    }

    fn words(&self) -> String {
        match self.thresholds.as_str() {
            "" => self.order.clone(),
            which => format!("{}, {which} thresholds", self.order),
        }
    }

    /// The order, when, what and the sets of each window, for a table.
    pub fn rows(&self) -> Vec<[String; 4]> {
        let words = self.words();
        if let Some(why) = &self.refused {
            return vec![[words, String::new(), format!("refused: {why}"), String::new()]];
        }
        if self.openings.is_empty() {
            return vec![[words, String::new(), "no window".to_owned(), String::new()]];
        }
        let what = |one: &Opening| match (one.sets_count, one.power) {
            (0, _) => "not decided",
            (_, Turn::Gained) => "spend in between, neither before nor after",
            (_, Turn::Lost) => "spend before and after, not in between",
        };
        let seized =
            |one: &Opening| one.fewer.map_or(String::new(), |fewer| fewer.words(&one.account));
        let row = |one: &Opening| {
            let found = one.found();
            let sets = format!("{}{}", shown(&found), looked_at(&found));
            [words.clone(), one.when.clone(), format!("{}{}", what(one), seized(one)), sets]
        };
        self.openings.iter().map(row).collect()
    }

    /// A line for each window, or that there is none.
    pub fn lines(&self) -> Vec<String> {
        let words = self.words();
        if let Some(why) = &self.refused {
            return vec![format!("{words}: refused: {why}")];
        }
        match self.openings.is_empty() {
            true => vec![format!("{words}: no window")],
            false => {
                let line = |one: &Opening| format!("window: {words}: {}", one.text);
                self.openings.iter().map(line).collect()
            }
        }
    }
}
