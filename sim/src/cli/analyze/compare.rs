//! What a modification changes: who gains power, who loses it, which thresholds are others, and between
//! two steps which window is open.

use std::collections::BTreeSet;
use std::path::Path;

use super::super::answer::give_text;
use super::super::{Exit, Fatal};
use super::picture;
use super::subject::{self, Subject};
use super::{Arguments, structure};
use crate::account::did_you_mean;
use crate::analysis::Structure;
use crate::examination::{
    self, AccountChange, Allowance, Compared, Partial, Remark, StepChanges, besides, changes,
    partial,
};
use crate::protocol::Protocol;
use crate::report::render::{between, each_step};
use crate::report::sheet::Sheet;
use crate::report::tree::scene;

/// Compares two files.
pub fn files(
    paths: [&Path; 2],
    subjects: [&Subject; 2],
    arguments: &Arguments,
    allowance: &Allowance,
) -> Result<Exit, Fatal> {
    let [old, new] = subjects;
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
        let exchanges = |change: AccountChange| {
            let found = examination::exchange(old, new, &change.account, allowance);
            change.with(found)
        };
        changes = changes.into_iter().map(exchanges).collect();
    }
    let orders = examination::orders(old, new, allowance).filter(|_| one_base);
    let period = arguments.period;
    let changes =
        changes.into_iter().map(|one| Compared::Change(Box::new(AccountChange { period, ..one })));
    let answer: Vec<Compared> = changes
        .chain(orders.map(Compared::Orders))
        .chain(besides.into_iter().map(Compared::Besides))
        .chain(remarks.into_iter().map(|one| Compared::Remark(Box::new(one))))
        .collect();
    arguments.page.save(|| {
        let states = [(old, &structures[0]), (new, &structures[1])];
        let sheet = between(&answer, &|_, account| drawn(states, account));
        let [before, after] = paths.map(file_name);
        titled(sheet, format!("From {before} to {after}"), &[&old.protocol, &new.protocol])
    })?;
    give_text(&answer, arguments.format, false)?;
    Ok(if allowance.is_stopped() { Exit::Stopped } else { Exit::Good })
}

/// The sheet with what the answer does not hold: the files' names and their protocols.
fn titled(sheet: Sheet, title: String, protocols: &[&Protocol]) -> Sheet {
    let mut all: Vec<&Protocol> = Vec::new();
    for protocol in protocols {
        if !all.contains(protocol) {
            all.push(protocol);
        }
    }
    let facts = Sheet::new("", all).facts;
    Sheet { title, facts, ..sheet }
}

/// An account's tree before and after; nothing where it is drawn on one side alone.
fn drawn(states: [(&Subject, &Structure); 2], account: &str) -> Option<[String; 2]> {
    let [before, after] = states.map(|(subject, structure)| {
        let nodes = picture::plain(subject, structure, structure.target(account)?);
        (!nodes.is_empty()).then(|| scene(account, &nodes))
    });
    Some([before?, after?])
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
    let mut answer = Vec::new();
    for (pair, structures) in states.windows(2).zip(structures.windows(2)) {
        let ([(_, old), (step, new)], [before, after]) = (pair, structures) else { continue };
        super::refuse_forbidden(arguments, path, new, after)?;
        let known = [before.clone(), after.clone()];
        let names = wanted([old, new], &known, arguments);
        let changes = changes([old, new], &known, &names, allowance).into_iter();
        let period = arguments.period;
        let warnings = examination::warnings(new, after).into_iter();
        answer.push(StepChanges {
            step: *step,
            changes: changes.map(|one| AccountChange { period, ..one }).collect(),
            besides: besides(old, new),
            warnings: warnings.map(|one| one.text).collect(),
        });
    }
    arguments.page.save(|| {
        let both = |step: Option<u64>| {
            let at = states.iter().position(|one| Some(one.0) == step)?;
            let state = |at: usize| Some((&states.get(at)?.1, structures.get(at)?));
            Some([state(at.checked_sub(1)?)?, state(at)?])
        };
        let pictures = |step: Option<u64>, account: &str| drawn(both(step)?, account);
        let ends: Vec<&Protocol> =
            states.first().into_iter().chain(states.last()).map(|one| &one.1.protocol).collect();
        titled(each_step(&answer, &pictures), format!("Step by step: {}", file_name(path)), &ends)
    })?;
    give_text(&answer, arguments.format, false)?;
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
    let hint = did_you_mean(structures.iter().find_map(|structure| structure.nearest(word)));
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
