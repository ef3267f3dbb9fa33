//! What a modification changes: who gains power, who loses it, which thresholds are others, and between
//! two steps which window is open.

mod page;

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::path::Path;

use super::super::answer::json;
use super::super::output::{print, print_json};
use super::super::replay::Format;
use super::super::{Exit, Fatal};
use super::subject::{self, Subject};
use super::{Arguments, structure};
use crate::analysis::{Probability, Structure};
use crate::examination::{
    self, Allowance, Change, Compared, Partial, Period, Remark, StepChanges, besides, changes,
    partial,
};
use crate::report::render::likely;

/// Compares two files.
pub fn files(
    paths: [&Path; 2],
    subjects: [&Subject; 2],
    arguments: &Arguments,
    allowance: &Allowance,
) -> Result<Exit, Fatal> {
    let [old, new] = subjects;
    let period = arguments.period;
    let structures = [structure(paths[0], old)?, structure(paths[1], new)?];
    let names = names(subjects, &structures, arguments)?;
    let remarks = remarks(paths, subjects, &structures, &names);
    super::refuse_forbidden(arguments, paths[0], old, &structures[0])?;
    super::refuse_forbidden(arguments, paths[1], new, &structures[1])?;
    let mut changes = changes(subjects, &structures, &names, allowance);
    let besides = besides(old, new);
    // between two sets of rules there is no step in between
    let one_base = old.protocol.base == new.protocol.base;
    if one_base {
        let exchanges = |change: Change| {
            let found = examination::exchange(old, new, &change.account, allowance);
            change.with(found)
        };
        changes = changes.into_iter().map(exchanges).collect();
    }
    let orders = examination::orders(old, new, allowance).filter(|_| one_base);
    match arguments.format {
        Format::Json => {
            let all = changes.iter().cloned().map(Box::new).map(Compared::Change);
            let all = all.chain(orders.iter().cloned().map(Compared::Orders));
            let all = all.chain(besides.iter().cloned().map(Compared::Besides));
            let remarks = remarks.iter().cloned().map(Box::new).map(Compared::Remark);
            print_json(&json(&all.chain(remarks).collect::<Vec<Compared>>())?)?;
        }
        Format::Text => {
            let mut text = String::new();
            for line in lines(&remarks, &besides) {
                let _ = writeln!(text, "{line}");
            }
            text += &changes.iter().map(|one| told(one, period)).collect::<Vec<_>>().join("\n");
            text += &orders.as_ref().map_or(String::new(), examination::Orders::text);
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
        let part = page::Part {
            step: None,
            period,
            states: [(old, &structures[0]), (new, &structures[1])],
            remarks: lines(&remarks, &besides).collect(),
            changes,
            orders: orders.as_ref(),
        };
        page::sheet(format!("From {before} to {after}"), std::slice::from_ref(&part))
    })?;
    Ok(if allowance.is_stopped() { Exit::Stopped } else { Exit::Good })
}

/// What is not shown or forbidden, and what changes besides the accounts, a line each.
fn lines<'a>(
    remarks: &'a [Remark],
    besides: &'a [examination::Besides],
) -> impl Iterator<Item = String> + 'a {
    remarks.iter().map(Remark::line).chain(besides.iter().map(examination::Besides::line))
}

fn file_name(path: &Path) -> std::borrow::Cow<'_, str> {
    path.file_name().unwrap_or(path.as_os_str()).to_string_lossy()
}

/// What of either file is not shown, or forbidden by its protocol.
fn remarks(
    paths: [&Path; 2],
    subjects: [&Subject; 2],
    structures: &[Structure; 2],
    names: &BTreeSet<String>,
) -> Vec<Remark> {
    let mut all = Vec::new();
    for ((path, subject), structure) in paths.into_iter().zip(subjects).zip(structures) {
        let file = path.display().to_string();
        for name in names {
            let Some(found) = open(subject, subjects, structure, name) else { continue };
            let (account, partial) = (Some(name.clone()), Some(found));
            all.push(Remark { file: file.clone(), account, partial, warning: None });
        }
        for warning in examination::warnings(subject, structure) {
            let (file, warning) = (file.clone(), Some(warning));
            all.push(Remark { file, account: None, partial: None, warning });
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
    Some(Partial::new(vec![name.to_owned()], false, questions.next().into_iter().collect()))
}

/// Compares each state of a scenario with the one before.
pub fn steps(path: &Path, arguments: &Arguments, allowance: &Allowance) -> Result<Exit, Fatal> {
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
    let period = arguments.period;
    let (mut documents, mut parts) = (Vec::new(), Vec::new());
    for (pair, structures) in states.windows(2).zip(structures.windows(2)) {
        let ([(_, old), (step, new)], [before, after]) = (pair, structures) else { continue };
        super::refuse_forbidden(arguments, path, new, after)?;
        let known = [before.clone(), after.clone()];
        let names = wanted([old, new], &known, arguments);
        let changes = changes([old, new], &known, &names, allowance);
        let besides = besides(old, new);
        let warnings = examination::warnings(new, after).into_iter();
        let warnings: Vec<String> = warnings.map(|one| one.text).collect();
        let lines = besides.iter().map(examination::Besides::line);
        let remarks: Vec<String> =
            lines.chain(warnings.iter().map(|line| format!("warning: {line}"))).collect();
        let (step, all) = (*step, changes.clone());
        documents.push(StepChanges { step, changes: all, besides, warnings });
        if changes.is_empty() && remarks.is_empty() {
            continue;
        }
        if arguments.format == Format::Text {
            let lines = remarks.iter().map(|line| format!("{line}\n"));
            let text: String = changes.iter().map(|one| told(one, period)).chain(lines).collect();
            print(&format!("step {step}\n{text}\n"))?;
        }
        parts.push(page::Part {
            step: Some(step),
            period,
            states: [(old, before), (new, after)],
            changes,
            remarks,
            orders: None,
        });
    }
    arguments.page.save(|| page::sheet(format!("Step by step: {}", file_name(path)), &parts))?;
    match arguments.format {
        Format::Json => {
            print_json(&json(&documents)?)?;
        }
        Format::Text if parts.is_empty() => {
            print("no step changes an account\n")?;
        }
        Format::Text => {}
    }
    Ok(if allowance.is_stopped() { Exit::Stopped } else { Exit::Good })
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

/// The numbers that change: when, what, before and after.
fn numbers(change: &Change, period: Option<Period>) -> Vec<[String; 4]> {
    let mut rows = Vec::new();
    let mut row = |view: &str, what: &str, [old, new]: [String; 2]| {
        rows.push([view.to_owned(), what.to_owned(), old, new]);
    };
    for (name, view) in change.views() {
        let fewest = [&view.min_signatures, &view.min_losses_that_lock];
        let words = ["fewest keys that spend", "fewest losses that lock"];
        for (what, number) in words.into_iter().zip(fewest).filter(|one| one.1.changes()) {
            row(name, what, number.words());
        }
        let likely = [&view.lockout_probability, &view.theft_probability];
        for (what, pair) in LIKELY.into_iter().zip(likely).filter(|one| one.1.changes()) {
            row(name, what, probabilities(pair, period));
        }
    }
    let both = change.groups.iter();
    for (name, view) in both.flat_map(|both| [("now", &both.now), ("eventually", &both.eventually)])
    {
        let fewest = [&view.min_signatures, &view.min_losses_that_lock];
        let words = ["fewest groups that spend", "fewest losses of groups that lock"];
        for (what, number) in words.into_iter().zip(fewest).filter(|one| one.1.changes()) {
            row(name, what, number.words());
        }
        let singles = [&view.single_points_of_theft, &view.single_points_of_failure];
        let words = ["groups that alone spend", "groups whose loss alone locks"];
        let none = |names: &Vec<String>| match names.is_empty() {
            true => "none".to_owned(),
            false => partial::few(names),
        };
        for (what, pair) in words.into_iter().zip(singles).filter(|one| one.1.changes()) {
            row(name, what, [none(&pair.old), none(&pair.new)]);
        }
        let likely = [&view.lockout_probability, &view.theft_probability];
        for (what, pair) in LIKELY.into_iter().zip(likely).filter(|one| one.1.changes()) {
            row(name, &format!("{what} over groups"), probabilities(pair, period));
        }
    }
    rows
}

/// What may be likely.
const LIKELY: [&str; 2] = ["probability of lockout", "probability of theft"];

fn probabilities(
    pair: &examination::OldNew<Option<Probability>>,
    period: Option<Period>,
) -> [String; 2] {
    let words = |one: &Option<Probability>| match one {
        None => "not known".to_owned(),
        Some(one) => likely(one, period),
    };
    [words(&pair.old), words(&pair.new)]
}

/// Whose power changes: when, what, and the sets of keys.
fn powers(change: &Change) -> Vec<[String; 3]> {
    let mut rows = Vec::new();
    for (name, view) in change.views() {
        for (what, found) in [("gain power", view.gained()), ("lose power", view.lost())] {
            let looked_at = examination::looked_at(&found);
            let sets = match (found.count, looked_at.is_empty()) {
                (0, true) => continue,
                (0, false) => format!("none found{looked_at}"),
                _ => format!("{}{looked_at}", examination::shown(&found)),
            };
            rows.push([name.to_owned(), what.to_owned(), sets]);
        }
    }
    rows
}

/// How one account changes, for people.
fn told(change: &Change, period: Option<Period>) -> String {
    let mut text = format!("{}\n", change.account);
    for line in change.entry.lines() {
        let _ = writeln!(text, "  {line}");
    }
    for [view, what, old, new] in numbers(change, period) {
        let _ = writeln!(text, "  {view:<10} {what}: {old} -> {new}");
    }
    for [view, what, sets] in powers(change) {
        let _ = writeln!(text, "  {view:<10} {what}: {sets}");
    }
    if !change.moves_power() {
        text.push_str("  nobody gains or loses spending power\n");
    }
    for line in &change.windows {
        let _ = writeln!(text, "  {line}");
    }
    text
}
