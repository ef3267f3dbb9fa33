//! `analyze --want`: the smallest changes by which an account bears so many losses and thefts.

use std::path::Path;

use super::super::answer::give;
use super::super::output::{ended, remark};
use super::super::{Exit, Fatal};
use super::subject::Subject;
use super::{Arguments, refuse_forbidden, structure, targets};
use crate::examination::partial;
use crate::examination::{Allowance, state};
use crate::goal::{Advice, Goal, Proposal, advice};
use crate::plan::Account;
use crate::report::file;

/// Tells of the one account that is asked for.
pub fn run(
    subjects: &[Subject],
    file: &Path,
    goal: Goal,
    arguments: &Arguments,
    allowance: &Allowance,
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
        return Err(Fatal(format!("{path}: {}", partial.text)));
    }
    let state = state(subject, whole.name(target));
    let found = advice(&state, goal, &allowance.options(Some(1.0)).budget)
        .map_err(|error| Fatal(format!("{path}: {error}")))?;
    save(arguments, subject, &found)?;
    let reader = give(&found, arguments.format, &arguments.page)?;
    let exit = match (allowance.is_stopped(), found.is_good()) {
        (true, _) => Exit::Stopped,
        (false, true) => Exit::Good,
        (false, false) => Exit::Broken,
    };
    Ok(ended(exit, reader))
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
        let text = super::tree_file::text(subject, &changed(subject, change))?;
        file::save(&path, &text).map_err(|error| unwritable(&path, error))?;
        remark(&path.display().to_string());
    }
    Ok(())
}

/// The accounts after a change.
fn changed(subject: &Subject, change: &Proposal) -> Vec<Account> {
    let account = |account: &Account| {
        let (name, mut approval, mut removal, mut below) = account.clone();
        if let Some(new) = change.accounts.get(&name) {
            below.clone_from(new);
        }
        if let Some(settings) = change.settings.iter().find(|one| one.account == name) {
            [_, approval] = settings.min_approval;
            removal = settings.min_removal.map_or(removal, |[_, removal]| removal);
        }
        (name, approval, removal, below)
    };
    subject.accounts.iter().map(account).collect()
}
