//! What a document must be true to: thresholds in range, links from both sides, every level as the one
//! before it makes it.

use std::collections::BTreeSet;

use super::{Account, Document, FieldError};
use crate::key::Era;

/// A graph deeper than this is none that a server allows (`maxMultisigDepth` is 3 everywhere); the limit
/// ends a walk around a loop.
const LEVELS_MAX: i64 = 64;

/// Thresholds lie between 1 and the number of cosignatories; without any both are 0.
pub(super) fn thresholds(account: &Account, path: &str) -> Result<(), FieldError> {
    let count = account.cosignatory_count;
    for (field, value) in
        [("minApproval", account.min_approval), ("minRemoval", account.min_removal)]
    {
        let (least, most) = if count == 0 { (0, 0) } else { (1, count) };
        if !(least..=most).contains(&value) {
            let expected = match count {
                0 => "0, for it has no cosignatories".to_owned(),
                count => format!("1 to {count}, the number of its cosignatories"),
            };
            return Err(FieldError::new(format!("{path}.{field}"), value, expected));
        }
    }
    Ok(())
}

/// Where both ends of a link are listed, both must tell of it.
pub(super) fn links(document: &Document, path: &str) -> Result<(), FieldError> {
    let missing = |name: &str, other: &str, list: &str| {
        FieldError::new(
            path,
            format_args!("`{name}` without `{other}` among its {list}"),
            format_args!("the link that `{other}` names"),
        )
    };
    for (name, account) in &document.accounts {
        for cosignatory in &account.cosignatories {
            if let Some(other) = document.accounts.get(cosignatory)
                && !other.multisigs.contains(name)
            {
                return Err(missing(cosignatory, name, "multisig accounts"));
            }
        }
        for multisig in &account.multisigs {
            if let Some(other) = document.accounts.get(multisig)
                && !other.cosignatories.contains(name)
            {
                return Err(missing(multisig, name, "cosignatories"));
            }
        }
    }
    Ok(())
}

/// The levels must be those that the links make, in ascending order.
pub(super) fn levels(document: &Document, path: &str) -> Result<(), FieldError> {
    let rule = levels_of(document)?;
    let set = |names: &[String]| names.iter().cloned().collect::<BTreeSet<String>>();
    for (index, (level, names)) in document.levels.iter().enumerate() {
        let path = format!("{path}[{index}]");
        let Some((expected, members)) = rule.get(index) else {
            return Err(FieldError::new(path, format!("level {level}"), "no further level"));
        };
        if level != expected {
            let found = format!("level {level}");
            return Err(FieldError::new(path, found, format!("level {expected}")));
        }
        let (found, expected) = (set(names), set(members));
        if let Some(name) = found.difference(&expected).next() {
            let expected = "only accounts linked with the level nearer to 0";
            return Err(FieldError::new(path, format!("`{name}`"), expected));
        }
        if let Some(name) = expected.difference(&found).next() {
            let found = format!("level {level} without `{name}`");
            return Err(FieldError::new(
                path,
                found,
                "every account linked with the level nearer to 0",
            ));
        }
    }
    if let Some((level, names)) = rule.get(document.levels.len()) {
        let found = format!("no level {level}");
        let expected = format!("one with `{}`", names.join("`, `"));
        return Err(FieldError::new(path, found, expected));
    }
    Ok(())
}

/// The levels that the links make: breadth first in each direction with no memory of what was visited,
/// so that an account within reach at two depths stands at both.
pub(super) fn levels_of(document: &Document) -> Result<Vec<(i64, Vec<String>)>, FieldError> {
    let mut levels = vec![(0, vec![document.query.clone()])];
    type Links = fn(&Account) -> &[String];
    let directions: [(i64, Links); 2] =
        [(1, |account| &account.cosignatories), (-1, |account| &account.multisigs)];
    for (step, links) in directions {
        let mut level = step;
        let mut members = next(document, std::slice::from_ref(&document.query), links);
        while !members.is_empty() {
            if level.abs() > LEVELS_MAX {
                let found = format!("links beyond level {LEVELS_MAX}");
                return Err(FieldError::new("graph", found, "no loop"));
            }
            let following = next(document, &members, links);
            levels.push((level, members));
            members = following;
            level += step;
        }
    }
    levels.sort_by_key(|(level, _)| *level);
    Ok(levels)
}

/// The accounts linked with these, each once, in the order of their addresses.
fn next(document: &Document, names: &[String], links: fn(&Account) -> &[String]) -> Vec<String> {
    let linked: BTreeSet<(_, &String)> = names
        .iter()
        .filter_map(|name| document.accounts.get(name))
        .flat_map(links)
        .map(|name| (document.members.get(name).map(|member| member.address), name))
        .collect();
    linked.into_iter().map(|(_, name)| name.clone()).collect()
}

/// A NIS1 account's minimum lies between 0 (all) and the number of its cosignatories.
pub(super) fn minimum(account: &Account, path: &str) -> Result<(), FieldError> {
    debug_assert!(account.cosignatory_count > 0 || account.min_approval == 0);
    if account.min_approval <= account.cosignatory_count {
        return Ok(());
    }
    Err(FieldError::new(
        format!("{path}.multisigInfo.minCosignatories"),
        account.min_approval,
        format_args!("at most {}, the number of its cosignatories", account.cosignatory_count),
    ))
}

/// Everything that holds for a document as a whole.
pub(super) fn whole(document: &Document, path: &str) -> Result<(), FieldError> {
    if document.era == Era::N { Ok(()) } else { links(document, path) }
}
