//! What the next better level of an examined account costs.

use super::examine::Examination;
use super::subject::Subject;
use crate::analysis::Budget;
use crate::goal::{Next, State, next};

/// Most work for the next better level of one account.
const NEXT_WORK: u64 = 60_000_000;
/// Most accounts of a file that it is looked for.
pub const NEXT_ACCOUNTS_MAX: usize = 50;

/// What the next better level of an account costs.
#[derive(Clone, Debug)]
pub enum NextLevel {
    /// It was found.
    Found(Box<Next>),
    /// It was not looked for, or not found, within the work for it.
    Skipped,
    /// There is none: the account is no multisig account, locked, or not shown in full.
    None,
}

/// The accounts of a subject as a goal takes them.
#[must_use]
pub fn state<'a>(subject: &'a Subject, target: &'a str) -> State<'a> {
    State {
        protocol: &subject.protocol,
        accounts: &subject.accounts,
        groups: &subject.groups,
        lost: &subject.lost,
        stolen: &subject.stolen,
        target,
    }
}

/// The next better level of an examined account, within the work that is `left`.
#[must_use]
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
