//! What a modification changes: who gains power, who loses it, and between two steps which window is
//! open.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::path::Path;

use serde_json::{Value, json};

use super::super::output::print;
use super::super::replay::Format;
use super::super::{Exit, Fatal};
use super::clock::{Clock, weight};
use super::subject::{self, Subject};
use super::window;
use super::{Arguments, structure};
use crate::account::AccountId;
use crate::analysis::{Answers, Options, Side, Structure, View, answers, can_spend};

/// Most sets that are named on either side of a change.
const SETS_SHOWN: usize = 6;

/// One account in one state.
struct State {
    answers: Answers,
    structure: Structure,
    target: AccountId,
}

/// How one account changes from one state to the next.
struct Change {
    account: String,
    /// For now and eventually: which minimal sets spend that did not, and which spent that do not.
    gained: [Vec<Vec<String>>; 2],
    lost: [Vec<Vec<String>>; 2],
    /// The fewest keys that spend, and the fewest losses that lock: before and after.
    fewest: [[(Option<usize>, Option<usize>); 2]; 2],
    /// Windows that open between two steps.
    windows: Vec<String>,
}

/// Compares two files.
pub fn files(
    old: &Subject,
    new: &Subject,
    arguments: &Arguments,
    clock: &Clock,
) -> Result<Exit, Fatal> {
    let mut changes = changes(old, new, arguments, clock)?;
    for change in &mut changes {
        change.windows = window::exchange(old, new, &change.account, clock);
    }
    let orders = window::orders(old, new, clock);
    match arguments.format {
        Format::Json => {
            let mut all: Vec<Value> = changes.iter().map(Change::to_json).collect();
            all.extend(orders.map(|orders| orders.to_json()));
            print(&format!("{}\n", Value::Array(all)))?;
        }
        Format::Text if changes.is_empty() => {
            print("no account changes\n")?;
        }
        Format::Text => {
            let text = changes.iter().map(Change::text).collect::<Vec<_>>().join("\n");
            let orders = orders.map_or(String::new(), |orders| orders.text());
            print(&(text + &orders))?;
        }
    }
    Ok(Exit::Good)
}

/// Compares each state of a scenario with the one before.
pub fn steps(path: &Path, arguments: &Arguments, clock: &Clock) -> Result<Exit, Fatal> {
    let mut states: Vec<(u64, Subject)> = Vec::new();
    let mut step = 0;
    subject::of_scenario(path, |replay| {
        let now = subject::of_replay(replay);
        let same = |last: &Subject| {
            last.accounts == now.accounts && last.lost == now.lost && last.stolen == now.stolen
        };
        if !states.last().is_some_and(|(_, last)| same(last)) {
            states.push((step, now));
        }
        step += 1;
    })?;
    let mut documents = Vec::new();
    let mut told = false;
    for pair in states.windows(2) {
        let [(_, old), (step, new)] = pair else { continue };
        let changes = changes(old, new, arguments, clock)?;
        let text: Vec<String> = changes.iter().map(Change::text).collect();
        if !text.is_empty() && arguments.format == Format::Text {
            told = true;
            print(&format!("step {step}\n{}\n", text.join("")))?;
        }
        let all: Vec<Value> = changes.iter().map(Change::to_json).collect();
        documents.push(json!({ "step": step, "changes": all }));
    }
    match arguments.format {
        Format::Json => {
            print(&format!("{}\n", Value::Array(documents)))?;
        }
        Format::Text if !told => {
            print("no step changes an account\n")?;
        }
        Format::Text => {}
    }
    Ok(Exit::Good)
}

/// Every account that is not the same in both.
fn changes(
    old: &Subject,
    new: &Subject,
    arguments: &Arguments,
    clock: &Clock,
) -> Result<Vec<Change>, Fatal> {
    let file = arguments.file.as_deref().unwrap_or(Path::new(""));
    let (before, after) = (structure(file, old)?, structure(file, new)?);
    let multisigs = |structure: &Structure| -> Vec<String> {
        structure.multisigs().map(|account| structure.name(account).to_owned()).collect()
    };
    let wanted = arguments.account.as_deref().or(new.target.as_deref());
    let wanted = wanted.map(|word| new.name_of(word).to_owned());
    let mut names: BTreeSet<String> =
        multisigs(&before).into_iter().chain(multisigs(&after)).collect();
    names.retain(|name| wanted.as_ref().is_none_or(|wanted| wanted == name));
    let mut changes = Vec::new();
    let of = |name: &String, known: &Structure| weight(known, known.target(name)?);
    let weights: Vec<[Option<f64>; 2]> =
        names.iter().map(|name| [of(name, &before), of(name, &after)]).collect();
    let mut left: f64 = weights.iter().flatten().flatten().sum();
    let mut state = |subject: &Subject, known: &Structure, name: &str, weight: Option<f64>| {
        let part = weight.map(|weight| weight / left);
        left -= weight.unwrap_or(0.0);
        let state = state(subject, known, name, &clock.options(part));
        clock.add(part, state.answers.work);
        state
    };
    for (name, weights) in names.into_iter().zip(weights) {
        let [one, other] = weights;
        let one = state(old, &before, &name, one);
        let other = state(new, &after, &name, other);
        let change = Change::new(&name, &one, &other);
        if change.matters() {
            changes.push(change);
        }
    }
    Ok(changes)
}

/// An account that a file does not list is a plain one: its own key spends.
fn state(subject: &Subject, known: &Structure, name: &str, options: &Options) -> State {
    let mut structure = known.clone();
    if structure.target(name).is_none() {
        let lone = Subject {
            target: Some(name.to_owned()),
            lost: subject.lost.clone(),
            ..Subject::new(subject.protocol.clone(), Vec::new())
        };
        structure = lone.structure().unwrap_or(structure);
    }
    let target = structure.target(name).unwrap_or_default();
    let answers = answers(&structure, target, &subject.odds, options);
    State { answers, structure, target }
}

impl State {
    fn side(&self, view: View) -> &Side {
        match view {
            View::Now => &self.answers.now.spend,
            View::Eventually => &self.answers.eventually.spend,
        }
    }

    fn spends(&self, keys: &[String], view: View) -> bool {
        let ids: Vec<AccountId> =
            keys.iter().filter_map(|key| self.structure.target(key)).collect();
        can_spend(&self.structure, self.target, &ids, view)
    }

    /// The minimal sets that spend here, but not there.
    fn beyond(&self, other: &Self, view: View) -> Vec<Vec<String>> {
        let fewest = std::slice::from_ref(&self.side(view).fewest.keys);
        let locked = self.structure.is_locked(self.target, view);
        let sets = self.side(view).sets.as_deref().unwrap_or(if locked { &[] } else { fewest });
        sets.iter().filter(|set| !other.spends(set, view)).cloned().collect()
    }

    fn fewest(&self) -> [[Option<usize>; 2]; 2] {
        let powers = [&self.answers.now, &self.answers.eventually];
        powers.map(|power| match power.locked {
            true => [None, Some(0)],
            false => [power.spend.fewest.exact(), power.lock.fewest.exact()],
        })
    }
}

const VIEWS: [(View, &str); 2] = [(View::Now, "now"), (View::Eventually, "eventually")];

impl Change {
    fn new(account: &str, old: &State, new: &State) -> Self {
        let (before, after) = (old.fewest(), new.fewest());
        let pairs = before.into_iter().zip(after).map(|(one, other)| {
            let mut both = one.into_iter().zip(other);
            [both.next().unwrap_or_default(), both.next().unwrap_or_default()]
        });
        let pairs: Vec<_> = pairs.collect();
        let pair = |at: usize| pairs.get(at).copied().unwrap_or_default();
        Self {
            account: account.to_owned(),
            gained: VIEWS.map(|(view, _)| new.beyond(old, view)),
            lost: VIEWS.map(|(view, _)| old.beyond(new, view)),
            fewest: [pair(0), pair(1)],
            windows: Vec::new(),
        }
    }

    fn matters(&self) -> bool {
        let sets = self.gained.iter().chain(&self.lost).any(|sets| !sets.is_empty());
        sets || self.fewest.iter().flatten().any(|(old, new)| old != new)
    }

    fn text(&self) -> String {
        let mut text = format!("{}\n", self.account);
        let number = |value: Option<usize>| value.map_or("none".to_owned(), |n| n.to_string());
        let what = ["fewest keys that spend", "fewest losses that lock"];
        for (at, (_, view)) in VIEWS.iter().enumerate() {
            let fewest = self.fewest.get(at).copied().unwrap_or_default();
            for (what, (old, new)) in what.iter().zip(fewest) {
                if old != new {
                    let (old, new) = (number(old), number(new));
                    let _ = writeln!(text, "  {view:<10} {what}: {old} -> {new}");
                }
            }
            for (word, all) in [("gain power", &self.gained), ("lose power", &self.lost)] {
                let Some(sets) = all.get(at).filter(|sets| !sets.is_empty()) else { continue };
                let _ = writeln!(text, "  {view:<10} {word}: {}", shown(sets));
            }
        }
        for window in &self.windows {
            let _ = writeln!(text, "  window: {window}");
        }
        text
    }

    fn to_json(&self) -> Value {
        let view = |at: usize| {
            let fewest = self.fewest.get(at).copied().unwrap_or_default();
            let [spend, lock] = fewest.map(|(old, new)| json!({ "old": old, "new": new }));
            json!({
                "gain_power": self.gained.get(at), "lose_power": self.lost.get(at),
                "min_signatures": spend, "min_losses_that_lock": lock,
            })
        };
        json!({
            "account": self.account, "now": view(0), "eventually": view(1),
            "windows": self.windows,
        })
    }
}

fn shown(sets: &[Vec<String>]) -> String {
    let few: Vec<String> =
        sets.iter().take(SETS_SHOWN).map(|set| format!("{{{}}}", set.join(", "))).collect();
    match sets.len() - few.len() {
        0 => few.join(" "),
        more => format!("{} and {more} more", few.join(" ")),
    }
}
