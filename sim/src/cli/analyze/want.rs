//! `analyze --want`: the smallest changes by which an account bears so many losses and thefts.

use std::path::Path;

use serde_json::{Value, json};

use super::super::answer::give;
use super::super::output::remark;
use super::super::{Exit, Fatal, answer};
use super::clock::Clock;
use super::examination::Examination;
use super::subject::{Account, Subject};
use super::{Arguments, partial, refuse_forbidden, structure, targets};
use crate::analysis::Budget;
use crate::goal::{Advice, Change, Goal, Next, State, advice, next};
use crate::protocol::Base;
use crate::report::file;

/// Most work for the next better level of one account, and most accounts that it is looked for.
const NEXT_WORK: u64 = 60_000_000;
pub const NEXT_ACCOUNTS_MAX: usize = 50;

/// What the next better level of an account costs.
pub enum NextLevel {
    /// It was found.
    Found(Box<Next>),
    /// It was not looked for, or not found, within the work for it.
    Skipped,
    /// There is none: the account is no multisig account, locked, or not shown in full.
    None,
}

fn state<'a>(subject: &'a Subject, target: &'a str) -> State<'a> {
    State {
        protocol: &subject.protocol,
        accounts: &subject.accounts,
        groups: &subject.groups,
        lost: &subject.lost,
        stolen: &subject.stolen,
        target,
    }
}

/// Tells of the one account that is asked for.
pub fn run(
    subjects: &[Subject],
    file: &Path,
    goal: Goal,
    arguments: &Arguments,
    clock: &Clock,
) -> Result<Exit, Fatal> {
    let path = file.display();
    let [subject] = subjects else {
        let found = subjects.len();
        return Err(Fatal(format!("{path}: {found} structures; expected one for `--want`")));
    };
    let whole = structure(file, subject)?;
    refuse_forbidden(arguments, file, subject, &whole)?;
    let all = targets(file, subject, &whole, arguments.account.as_deref())?;
    let &[target] = all.as_slice() else {
        let names: Vec<String> = all.iter().map(|&id| whole.name(id).to_owned()).collect();
        let hint = "`--want` is about one; name it with `--account`";
        return Err(Fatal(format!("{path}: accounts {}; {hint}", partial::few(&names))));
    };
    if let Some(partial) = partial::of(subject, &whole, target).filter(|one| !one.figures_exact) {
        return Err(Fatal(format!("{path}: {}", partial.text())));
    }
    let state = state(subject, whole.name(target));
    let found = advice(&state, goal, &clock.options(Some(1.0)).budget)
        .map_err(|error| Fatal(format!("{path}: {error}")))?;
    save(arguments, subject, &found)?;
    let format = match arguments.format {
        super::Format::Text => answer::Format::Text,
        super::Format::Json => answer::Format::Json,
    };
    give(&found, format, &arguments.page)?;
    Ok(match (clock.is_stopped(), found.is_good()) {
        (true, _) => Exit::Stopped,
        (false, true) => Exit::Good,
        (false, false) => Exit::Broken,
    })
}

/// Writes the accounts after each change, for `plan` and `analyze`.
fn save(arguments: &Arguments, subject: &Subject, found: &Advice) -> Result<(), Fatal> {
    let Some(folder) = &arguments.save else { return Ok(()) };
    let unwritable =
        |path: &Path, error| Fatal(format!("{}: cannot write: {error}", path.display()));
    std::fs::create_dir_all(folder).map_err(|error| unwritable(folder, error))?;
    for (at, change) in found.changes.iter().enumerate() {
        let name = format!("{}-want-{}.json", file::name_of(&found.account), at + 1);
        let path = folder.join(name);
        let text = format!("{:#}\n", tree(subject, change));
        file::save(&path, &text).map_err(|error| unwritable(&path, error))?;
        remark(&path.display().to_string());
    }
    Ok(())
}

/// The account tree after a change.
fn tree(subject: &Subject, change: &Change) -> Value {
    let nis1 = subject.protocol.base == Base::Nis1;
    let account = |account: &Account| {
        let (name, mut approval, mut removal, mut below) = account.clone();
        if let Some(new) = change.accounts.get(&name) {
            below.clone_from(new);
        }
        if let Some(settings) = change.settings.iter().find(|one| one.account == name) {
            [_, approval] = settings.min_approval;
            removal = settings.min_removal.map_or(removal, |[_, removal]| removal);
        }
        let entry = match nis1 {
            true => json!({ "min_cosignatories": approval, "cosignatories": below }),
            false => json!({
                "min_approval": approval, "min_removal": removal, "cosignatories": below,
            }),
        };
        (name, entry)
    };
    let groups = subject.groups.iter().map(|group| (group.name.clone(), json!(group.keys)));
    let odds = subject.odds.iter().map(|(key, odds)| {
        let both = [("loss", odds.loss), ("compromise", odds.compromise)];
        let known =
            both.into_iter().filter_map(|(name, odds)| Some((name.to_owned(), json!(odds?))));
        (key.clone(), Value::Object(known.collect()))
    });
    json!({
        "format": super::tree_file::FORMAT,
        "protocol": crate::scenario::write::protocol_choice(&subject.protocol),
        "accounts": Value::Object(subject.accounts.iter().map(account).collect()),
        "groups": Value::Object(groups.collect()),
        "probabilities": Value::Object(odds.collect()),
        "lost": subject.lost,
        "stolen": subject.stolen,
    })
}

/// The next better level of an examined account, within the work that is `left`.
pub fn next_level(subject: &Subject, found: &Examination, left: &Budget) -> NextLevel {
    let exact = found.partial.as_ref().is_none_or(|partial| partial.figures_exact);
    let multisig = subject.accounts.iter().any(|account| account.0 == found.account);
    if !exact || !multisig || found.answers.eventually.locked {
        return NextLevel::None;
    }
    if left.work < NEXT_WORK || left.is_late() {
        return NextLevel::Skipped;
    }
    let budget = Budget { work: NEXT_WORK, ..*left };
    match next(&state(subject, &found.account), &budget) {
        Ok(Some(next)) => NextLevel::Found(Box::new(next)),
        Ok(None) | Err(_) => NextLevel::Skipped,
    }
}
