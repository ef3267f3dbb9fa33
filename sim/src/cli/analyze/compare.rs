//! What a modification changes: who gains power, who loses it, which thresholds are others, and between
//! two steps which window is open.

mod page;

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::path::Path;

use serde_json::{Value, json};

use super::super::output::{print, print_json};
use super::super::replay::Format;
use super::super::{Exit, Fatal};
use super::choose;
use super::clock::{Clock, weight};
use super::coalition::{Coalitions, State, coalitions};
use super::difference::{self, Entry};
use super::forbidden;
use super::part;
use super::partial::{self, Partial};
use super::subject::{self, Subject};
use super::tell;
use super::window::{self, Exchange, Orders, VIEWS};
use super::{Arguments, structure};
use crate::analysis::{Likelihood, Power, Structure};

/// The same thing in the old and in the new state.
type Pair<T> = (Option<T>, Option<T>);
/// What a number lies between, both ends included; undecided where they differ.
type Bounds = (usize, usize);

/// How one account changes from one state to the next, now and eventually.
struct Change {
    account: String,
    entry: Entry,
    /// Which minimal sets spend that did not, and which spent that do not.
    gained: [Coalitions; 2],
    lost: [Coalitions; 2],
    /// What the fewest keys that spend, and the fewest losses that lock, lie between; `None` where no
    /// keys spend.
    fewest: [[Pair<Bounds>; 2]; 2],
    /// The probabilities of lockout and of theft.
    likelihoods: [[Pair<Likelihood>; 2]; 2],
    /// What opens if cosignatories are exchanged in two steps.
    exchanges: Vec<Exchange>,
}

/// Compares two files.
pub fn files(
    paths: [&Path; 2],
    subjects: [&Subject; 2],
    arguments: &Arguments,
    clock: &Clock,
) -> Result<Exit, Fatal> {
    let [old, new] = subjects;
    let structures = [structure(paths[0], old)?, structure(paths[1], new)?];
    let names = names(subjects, &structures, arguments)?;
    let remarks = remarks(paths, subjects, &structures, &names);
    super::refuse_forbidden(arguments, paths[0], old, &structures[0])?;
    super::refuse_forbidden(arguments, paths[1], new, &structures[1])?;
    let mut changes = changes(subjects, &structures, &names, clock);
    let besides = difference::besides(old, new);
    // between two sets of rules there is no step in between
    let one_base = old.protocol.base == new.protocol.base;
    for change in changes.iter_mut().filter(|_| one_base) {
        change.exchanges = window::exchange(old, new, &change.account, clock);
    }
    let orders = window::orders(old, new, clock).filter(|_| one_base);
    match arguments.format {
        Format::Json => {
            let mut all: Vec<Value> = changes.iter().map(Change::to_json).collect();
            all.extend(orders.iter().map(Orders::to_json));
            all.extend(besides.iter().chain(&remarks).map(|(_, value)| value.clone()));
            print_json(&format!("{}\n", Value::Array(all)))?;
        }
        Format::Text => {
            let mut text = String::new();
            let lines = remarks.iter().chain(&besides).map(|(line, _)| line);
            lines.for_each(|line| text += &format!("{line}\n"));
            text += &changes.iter().map(Change::text).collect::<Vec<_>>().join("\n");
            text += &orders.as_ref().map_or(String::new(), Orders::text);
            if changes.is_empty() {
                text += match besides.is_empty() {
                    true => "no account changes\n",
                    false => "nobody gains or loses spending power, and no threshold changes\n",
                };
            }
            print(&text)?;
        }
    }
    arguments.page.save(|| {
        let [before, after] = paths.map(file_name);
        let lines = remarks.iter().chain(&besides).map(|(line, _)| line.clone());
        let part = page::Part {
            step: None,
            states: [(old, &structures[0]), (new, &structures[1])],
            changes,
            remarks: lines.collect(),
            orders: orders.as_ref(),
        };
        page::sheet(format!("From {before} to {after}"), std::slice::from_ref(&part))
    })?;
    Ok(if clock.is_stopped() { Exit::Stopped } else { Exit::Good })
}

fn file_name(path: &Path) -> std::borrow::Cow<'_, str> {
    path.file_name().unwrap_or(path.as_os_str()).to_string_lossy()
}

/// What of either file is not shown, or forbidden by its protocol: a line and the same for programs.
fn remarks(
    paths: [&Path; 2],
    subjects: [&Subject; 2],
    structures: &[Structure; 2],
    names: &BTreeSet<String>,
) -> Vec<(String, Value)> {
    let mut all = Vec::new();
    for ((path, subject), structure) in paths.into_iter().zip(subjects).zip(structures) {
        let file = path.display().to_string();
        for name in names {
            let Some(found) = open(subject, subjects, structure, name) else { continue };
            let line = format!("partial: {file}: {name}: {}", found.text());
            let value = json!({"file": file, "account": name, "partial": found.to_json()});
            all.push((line, value));
        }
        for warning in forbidden::warnings(subject, structure) {
            let line = format!("warning: {file}: {}", warning.text());
            all.push((line, json!({"file": file, "warning": warning.to_json()})));
        }
    }
    all
}

/// What a document leaves open about an account; one that it does not hold may be anything.
fn open(
    subject: &Subject,
    both: [&Subject; 2],
    structure: &Structure,
    name: &str,
) -> Option<Partial> {
    if let Some(target) = structure.target(name) {
        return partial::of(subject, structure, target);
    }
    subject.document.as_ref()?;
    let documents = both.into_iter().filter_map(|subject| subject.document.as_ref());
    let mut questions = documents.filter_map(|document| document.question(name));
    Some(Partial {
        not_shown: vec![name.to_owned()],
        figures_exact: false,
        ask: questions.next().into_iter().collect(),
    })
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
    let structures: Vec<Structure> =
        states.iter().map(|(_, one)| structure(path, one)).collect::<Result<_, Fatal>>()?;
    is_known(arguments, &states.iter().map(|(_, one)| one).collect::<Vec<_>>(), &structures)?;
    let (mut documents, mut told) = (Vec::new(), Vec::new());
    for (pair, structures) in states.windows(2).zip(structures.windows(2)) {
        let ([(_, old), (step, new)], [before, after]) = (pair, structures) else { continue };
        super::refuse_forbidden(arguments, path, new, after)?;
        let known = [before.clone(), after.clone()];
        let names = wanted([old, new], &known, arguments);
        let changes = changes([old, new], &known, &names, clock);
        let besides = difference::besides(old, new);
        let warnings = forbidden::warnings(new, after).into_iter();
        let warnings: Vec<String> = warnings.map(|one| one.text()).collect();
        let lines = besides.iter().map(|(line, _)| line.clone());
        let remarks: Vec<String> =
            lines.chain(warnings.iter().map(|line| format!("warning: {line}"))).collect();
        let all: Vec<Value> = changes.iter().map(Change::to_json).collect();
        let besides: Vec<Value> = besides.into_iter().map(|(_, value)| value).collect();
        documents.push(
            json!({ "step": step, "changes": all, "besides": besides, "warnings": warnings }),
        );
        if changes.is_empty() && remarks.is_empty() {
            continue;
        }
        if arguments.format == Format::Text {
            let lines = remarks.iter().map(|line| format!("{line}\n"));
            let text: String = changes.iter().map(Change::text).chain(lines).collect();
            print(&format!("step {step}\n{text}\n"))?;
        }
        told.push(page::Part {
            step: Some(*step),
            states: [(old, before), (new, after)],
            changes,
            remarks,
            orders: None,
        });
    }
    arguments.page.save(|| page::sheet(format!("Step by step: {}", file_name(path)), &told))?;
    match arguments.format {
        Format::Json => {
            print_json(&format!("{}\n", Value::Array(documents)))?;
        }
        Format::Text if told.is_empty() => {
            print("no step changes an account\n")?;
        }
        Format::Text => {}
    }
    Ok(if clock.is_stopped() { Exit::Stopped } else { Exit::Good })
}

/// The accounts to compare; an account asked for must be known to one of the files.
fn names(
    subjects: [&Subject; 2],
    structures: &[Structure; 2],
    arguments: &Arguments,
) -> Result<BTreeSet<String>, Fatal> {
    is_known(arguments, &subjects, structures)?;
    Ok(wanted(subjects, structures, arguments))
}

fn is_known(
    arguments: &Arguments,
    subjects: &[&Subject],
    structures: &[Structure],
) -> Result<(), Fatal> {
    let Some(word) = arguments.account.as_deref() else { return Ok(()) };
    let mut states = subjects.iter().zip(structures);
    if states.any(|(subject, structure)| structure.target(subject.name_of(word)).is_some()) {
        return Ok(());
    }
    let near = structures.iter().find_map(|structure| structure.nearest(word));
    let hint = near.map_or(String::new(), |near| format!("; did you mean `{near}`?"));
    Err(Fatal(format!("no account `{word}`; expected one of those compared{hint}")))
}

/// The multisig accounts of either state, or the one that is asked for.
fn wanted(
    [old, new]: [&Subject; 2],
    structures: &[Structure; 2],
    arguments: &Arguments,
) -> BTreeSet<String> {
    let word = arguments.account.as_deref().or(new.target.as_deref());
    if let Some(word) = word {
        let names = [old, new].map(|subject| subject.name_of(word));
        let name = if names[1] == word { names[0] } else { names[1] };
        return BTreeSet::from([name.to_owned()]);
    }
    let multisigs = structures.iter().flat_map(|structure| {
        structure.multisigs().map(|account| structure.name(account).to_owned())
    });
    let mut names: BTreeSet<String> = multisigs.collect();
    if names.is_empty() {
        let documents = [old, new].into_iter().filter_map(|subject| subject.document.as_ref());
        names.extend(documents.map(|document| document.query.clone()));
    }
    names
}

/// Every account that is not the same in both.
fn changes(
    [old, new]: [&Subject; 2],
    [before, after]: &[Structure; 2],
    names: &BTreeSet<String>,
    clock: &Clock,
) -> Vec<Change> {
    let mut changes = Vec::new();
    let of = |name: &String, known: &Structure| weight(known, known.target(name)?, false);
    let weights: Vec<[Option<f64>; 2]> =
        names.iter().map(|name| [of(name, before), of(name, after)]).collect();
    let mut left: f64 = weights.iter().flatten().flatten().sum();
    let state = |of: (&Subject, &Structure, &str), weight: Option<f64>, left: &mut f64| {
        let part = weight.map(|weight| weight / *left);
        *left -= weight.unwrap_or(0.0);
        State::within(clock, part, of)
    };
    for (name, [one, other]) in names.iter().zip(weights) {
        if is_unchanged([old, new], [before, after], name) {
            left -= [one, other].into_iter().flatten().sum::<f64>();
            continue;
        }
        let one = state((old, before, name), one, &mut left);
        let other = state((new, after, name), other, &mut left);
        let change = Change::new(Entry::new(old, new, name), name, &one, &other);
        if change.matters() {
            changes.push(change);
        }
    }
    changes
}

/// Whether all that lies below an account is the same in both, so that it need not be examined.
fn is_unchanged([old, new]: [&Subject; 2], known: [&Structure; 2], name: &str) -> bool {
    let [Some(one), Some(other)] = known.map(|known| known.target(name)) else { return false };
    let [before, after] = known;
    let (one, other) = (part::below(old, before, one), part::below(new, after, other));
    old.protocol == new.protocol
        && Entry::new(old, new, name).is_empty()
        && one.accounts == other.accounts
        && (one.odds, one.lost) == (other.odds, other.lost)
}

/// A pair of each of two lists.
fn pairs<T: Copy>(old: [[Option<T>; 2]; 2], new: [[Option<T>; 2]; 2]) -> [[Pair<T>; 2]; 2] {
    let pair = |[old, other_old]: [Option<T>; 2], [new, other_new]: [Option<T>; 2]| {
        [(old, new), (other_old, other_new)]
    };
    let ([now, eventually], [new_now, new_eventually]) = (old, new);
    [pair(now, new_now), pair(eventually, new_eventually)]
}

fn of_both<T>(state: &State, of: impl Fn(&Power) -> T) -> [T; 2] {
    VIEWS.map(|(view, _)| of(state.power(view)))
}

impl Change {
    fn new(entry: Entry, account: &str, old: &State, new: &State) -> Self {
        let fewest = |power: &Power| match power.locked {
            true => [None, Some((0, 0))],
            false => [&power.spend, &power.lock].map(|side| Some(side.fewest.bounds())),
        };
        let likelihoods = |power: &Power| [power.lock.likelihood, power.spend.likelihood];
        Self {
            account: account.to_owned(),
            entry,
            gained: VIEWS.map(|(view, _)| coalitions(&[new], &[old], view)),
            lost: VIEWS.map(|(view, _)| coalitions(&[old], &[new], view)),
            fewest: pairs(of_both(old, fewest), of_both(new, fewest)),
            likelihoods: pairs(of_both(old, likelihoods), of_both(new, likelihoods)),
            exchanges: Vec::new(),
        }
    }

    fn sets(&self) -> impl Iterator<Item = &Coalitions> {
        self.gained.iter().chain(&self.lost)
    }

    fn matters(&self) -> bool {
        self.sets().any(|sets| *sets != Coalitions::default())
            || !self.entry.is_empty()
            || self.fewest.iter().flatten().any(|(old, new)| old != new)
            || self.likelihoods.iter().flatten().any(|(old, new)| old != new)
    }

    /// The numbers that change: when, what, before and after.
    fn numbers(&self) -> Vec<(&'static str, &'static str, String, String)> {
        let mut rows = Vec::new();
        let views = VIEWS.iter().zip(&self.fewest).zip(&self.likelihoods);
        for (((_, view), fewest), likelihoods) in views {
            let changed = ["fewest keys that spend", "fewest losses that lock"].iter().zip(fewest);
            for (what, &(old, new)) in changed.filter(|(_, (old, new))| old != new) {
                rows.push((*view, *what, bounds_text(old), bounds_text(new)));
            }
            let changed = ["probability of lockout", "probability of theft"].iter();
            let changed = changed.zip(likelihoods).filter(|(_, (old, new))| old != new);
            for (what, &(old, new)) in changed {
                rows.push((*view, *what, tell::likelihood(old), tell::likelihood(new)));
            }
        }
        rows
    }

    /// Whose power changes: when, what, and the sets of keys.
    fn powers(&self) -> Vec<(&'static str, &'static str, String)> {
        let mut rows = Vec::new();
        for (at, (_, view)) in VIEWS.iter().enumerate() {
            for (what, all) in [("gain power", &self.gained), ("lose power", &self.lost)] {
                let Some(sets) = all.get(at) else { continue };
                let looked_at = window::looked_at(sets);
                let sets = match (sets.count, looked_at.is_empty()) {
                    (0, true) => continue,
                    (0, false) => format!("none found{looked_at}"),
                    _ => format!("{}{looked_at}", window::shown(sets)),
                };
                rows.push((*view, what, sets));
            }
        }
        rows
    }

    fn text(&self) -> String {
        let mut text = format!("{}\n", self.account);
        for line in self.entry.lines() {
            let _ = writeln!(text, "  {line}");
        }
        for (view, what, old, new) in self.numbers() {
            let _ = writeln!(text, "  {view:<10} {what}: {old} -> {new}");
        }
        for (view, what, sets) in self.powers() {
            let _ = writeln!(text, "  {view:<10} {what}: {sets}");
        }
        if self.sets().all(|sets| *sets == Coalitions::default()) {
            text.push_str("  nobody gains or loses spending power\n");
        }
        for line in self.exchanges.iter().flat_map(Exchange::lines) {
            let _ = writeln!(text, "  {line}");
        }
        text
    }

    fn to_json(&self) -> Value {
        let view = |at: usize| {
            let fewest = self.fewest.get(at).copied().unwrap_or_default();
            let [spend, lock] = fewest.map(fewest_json);
            let odds = self.likelihoods.get(at).copied().unwrap_or_default();
            let odds =
                odds.map(|(old, new)| json!({"old": likelihood(old), "new": likelihood(new)}));
            let [lockout, theft] = odds;
            let (gained, lost) = (self.gained.get(at), self.lost.get(at));
            let count = |sets: Option<&Coalitions>| sets.map(|sets| sets.count);
            let looked_at = |sets: Option<&Coalitions>| sets.and_then(|sets| sets.looked_at);
            json!({
                "gain_power": gained.map(|sets| &sets.sets), "gain_power_count": count(gained),
                "gain_power_looked_at": looked_at(gained),
                "lose_power": lost.map(|sets| &sets.sets), "lose_power_count": count(lost),
                "lose_power_looked_at": looked_at(lost),
                "min_signatures": spend, "min_losses_that_lock": lock,
                "lockout_probability": lockout, "theft_probability": theft,
            })
        };
        let windows = self.exchanges.iter().flat_map(Exchange::lines);
        json!({
            "account": self.account, "changed": self.entry.to_json(),
            "now": view(0), "eventually": view(1),
            "windows": windows.collect::<Vec<String>>(),
            "orders": self.exchanges.iter().map(Exchange::to_json).collect::<Vec<Value>>(),
        })
    }
}

/// A number, or that it is undecided, with its bounds.
fn bounds_text(bounds: Option<Bounds>) -> String {
    match bounds {
        None => "none can".to_owned(),
        Some((least, most)) if least == most => least.to_string(),
        Some((least, most)) => format!("undecided ({least} .. {most})"),
    }
}

/// Both numbers; one that is undecided is `null`, and its bounds are given.
fn fewest_json((old, new): Pair<Bounds>) -> Value {
    let exact = |bounds: Option<Bounds>| bounds.filter(|(least, most)| least == most);
    let number = |bounds| exact(bounds).map(|(least, _)| least);
    let mut value = json!({ "old": number(old), "new": number(new) });
    for (field, bounds) in [("old_interval", old), ("new_interval", new)] {
        let open = bounds.filter(|_| exact(bounds).is_none());
        if let (Some((least, most)), Value::Object(fields)) = (open, &mut value) {
            fields.insert(field.to_owned(), json!([least, most]));
        }
    }
    value
}

/// A probability, or its bounds.
fn likelihood(likelihood: Option<Likelihood>) -> Value {
    match likelihood.map(|one| (one, one.exact())) {
        None => Value::Null,
        Some((_, Some(exact))) => choose::number(exact),
        Some((one, None)) => {
            let ends = [one.low, one.high].map(choose::number);
            json!({ "interval": ends })
        }
    }
}
