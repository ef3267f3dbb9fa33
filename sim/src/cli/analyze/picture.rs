//! The account tree as a picture.

use std::path::Path;

use super::super::Fatal;
use super::letters;
use super::subject::Subject;
use crate::account::{AccountId, PerAccount};
use crate::analysis::{Group, Structure};
use crate::examination::{Examination, shared};
use crate::report::file;
use crate::report::render::Drawing;
use crate::report::tree::{Marks, Node, picture};

/// Most accounts and keys of a picture; more could not be read.
const NODES_MAX: usize = 2_000;

/// Writes the picture of one account.
pub fn save(
    path: Option<&Path>,
    subject: &Subject,
    structure: &Structure,
    found: &Examination,
) -> Result<(), Fatal> {
    let Some(path) = path else { return Ok(()) };
    let nodes = nodes(subject, structure, found);
    if nodes.len() > NODES_MAX {
        let (account, count) = (&found.account, nodes.len());
        let what = format!("{count} accounts and keys; a picture holds at most {NODES_MAX}");
        return Err(Fatal(format!("account `{account}`: {what}")));
    }
    let text = picture(&title(subject, found), &nodes);
    file::save(path, &text)
        .map_err(|error| Fatal(format!("{}: cannot write: {error}", path.display())))
}

/// The tree below one account, as a picture and in letters; no picture if there are too many accounts and
/// keys for it.
pub fn drawn(subject: &Subject, structure: &Structure, found: &Examination) -> Drawing {
    let nodes = nodes(subject, structure, found);
    let title = title(subject, found);
    Drawing {
        account: found.account.clone(),
        svg: (nodes.len() <= NODES_MAX).then(|| picture(&title, &nodes)),
        lines: letters::tree(subject, structure, found),
    }
}

fn title(subject: &Subject, found: &Examination) -> String {
    let what = match (&found.partial, found.warnings.is_empty()) {
        (Some(partial), _) if !partial.figures_exact => " (partial: not all is shown)",
        (_, false) => " (forbidden by the protocol)",
        _ => "",
    };
    format!("{}, {}{what}", found.account, subject.protocol.name)
}

/// The accounts and keys below the target with what is special about them.
pub fn nodes(subject: &Subject, structure: &Structure, found: &Examination) -> Vec<Node> {
    let mut many: PerAccount<bool> = PerAccount::new(structure.len());
    for (account, _) in shared(structure, found.target) {
        many[account] = true;
    }
    let (now, eventually) = (&found.answers.now, &found.answers.eventually);
    let marks = |account: AccountId| {
        let name = structure.name(account);
        let has = |names: &[String]| names.iter().any(|one| one == name);
        Marks {
            shared: many[account],
            failure: has(&eventually.lock.singles),
            failure_now: has(&now.lock.singles) && !has(&eventually.lock.singles),
            theft: has(&eventually.spend.singles),
            theft_now: has(&now.spend.singles) && !has(&eventually.spend.singles),
            lost: has(&subject.lost),
            stolen: has(&subject.stolen),
        }
    };
    marked(subject, structure, found.target, marks)
}

/// The accounts and keys below the target as they are; none where they are too many to be read.
pub fn plain(subject: &Subject, structure: &Structure, target: AccountId) -> Vec<Node> {
    if structure.below(target).len() > NODES_MAX {
        return Vec::new();
    }
    let marks = |account: AccountId| {
        let has = |names: &[String]| names.iter().any(|one| one == structure.name(account));
        Marks { lost: has(&subject.lost), stolen: has(&subject.stolen), ..Marks::default() }
    };
    marked(subject, structure, target, marks)
}

/// The accounts and keys below the target, each after all it cosigns for.
fn marked(
    subject: &Subject,
    structure: &Structure,
    target: AccountId,
    marks: impl Fn(AccountId) -> Marks,
) -> Vec<Node> {
    let mut order: Vec<AccountId> = structure.below(target);
    order.reverse();
    let mut places: PerAccount<usize> = PerAccount::new(structure.len());
    for (at, &account) in order.iter().enumerate() {
        places[account] = at;
    }
    let groups = |name: &str| -> Vec<String> {
        let inside = |group: &&Group| group.keys.iter().any(|key| key == name);
        subject.groups.iter().filter(inside).map(|group| group.name.clone()).collect()
    };
    let node = |&account: &AccountId| Node {
        name: structure.name(account).to_owned(),
        thresholds: match structure.cosignatories(account).len() {
            0 => String::new(),
            count => subject.protocol.base.short_thresholds(structure.minima(account), count),
        },
        below: structure.cosignatories(account).iter().map(|&below| places[below]).collect(),
        marks: marks(account),
        groups: groups(structure.name(account)),
        ..Node::default()
    };
    order.iter().map(node).collect()
}
