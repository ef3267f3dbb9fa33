//! The policy in words: what several levels of accounts mean, in AND, OR and k-of.

use std::fmt;

use super::structure::{Structure, View};
use crate::account::{AccountId, PerAccount};

/// A policy as a formula over keys.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Formula {
    /// A key, by its name.
    Key(String),
    /// An account that is not written out because the whole would be too long; it has a formula of
    /// its own.
    Account(String),
    /// All of these.
    And(Vec<Formula>),
    /// Any of these.
    Or(Vec<Formula>),
    /// At least so many of these: more than one and fewer than all.
    AtLeast(u32, Vec<Formula>),
}

/// Most levels that are written out.
const DEPTH_MAX: usize = 64;

/// The policy of `target` in this view. Accounts below it are written out as long as the whole names
/// at most `keys_max` keys, a shared one once for each place; otherwise only its own level is.
#[must_use]
pub fn formula(structure: &Structure, target: AccountId, view: View, keys_max: usize) -> Formula {
    let below = structure.below(target);
    let mut sizes: PerAccount<(usize, usize)> = PerAccount::new(structure.len());
    for &account in &below {
        let parts = structure.cosignatories(account).iter().map(|&child| sizes[child]);
        let grow = |(length, depth): (usize, usize), part: (usize, usize)| {
            (length.saturating_add(part.0), depth.max(part.1 + 1))
        };
        let size = parts.fold((0, 0), grow);
        sizes[account] = if structure.is_key(account) { (1, 0) } else { size };
    }
    let fits = |account: AccountId| sizes[account].0 <= keys_max && sizes[account].1 <= DEPTH_MAX;
    let whole = target.index() < structure.len() && fits(target);
    let mut formulas: PerAccount<Option<Formula>> = PerAccount::new(structure.len());
    for &account in &below {
        let written = match structure.is_key(account) {
            true => Formula::Key(structure.name(account).to_owned()),
            false if whole || account == target => gate(structure, account, view, &formulas),
            false => Formula::Account(structure.name(account).to_owned()),
        };
        formulas[account] = Some(written);
    }
    let found = formulas.0.get_mut(target.index()).and_then(Option::take);
    found.unwrap_or_else(|| Formula::Key(structure.name(target).to_owned()))
}

fn gate(
    structure: &Structure,
    account: AccountId,
    view: View,
    formulas: &PerAccount<Option<Formula>>,
) -> Formula {
    let children = structure.cosignatories(account);
    let parts = children.iter().filter_map(|&child| formulas[child].clone());
    let threshold = structure.threshold(account, view);
    match threshold as usize {
        1 => joined(parts, Formula::Or, |part| match part {
            Formula::Or(parts) => Ok(parts),
            other => Err(other),
        }),
        all if all == children.len() => joined(parts, Formula::And, |part| match part {
            Formula::And(parts) => Ok(parts),
            other => Err(other),
        }),
        _ => Formula::AtLeast(threshold, parts.collect()),
    }
}

/// One AND (or OR) of all parts: those of the same kind are taken in, a part named twice stays once.
fn joined(
    parts: impl Iterator<Item = Formula>,
    kind: fn(Vec<Formula>) -> Formula,
    inner: fn(Formula) -> Result<Vec<Formula>, Formula>,
) -> Formula {
    let mut seen = std::collections::BTreeSet::new();
    let flat = parts.flat_map(|part| inner(part).unwrap_or_else(|part| vec![part]));
    let mut flat: Vec<Formula> = flat.filter(|part| seen.insert(part.clone())).collect();
    match flat.pop() {
        Some(only) if flat.is_empty() => only,
        last => {
            flat.extend(last);
            kind(flat)
        }
    }
}

impl fmt::Display for Formula {
    /// For example `phone AND 2 of (alice, bob, carol OR dave)`.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Key(name) | Self::Account(name) => formatter.write_str(name),
            Self::And(parts) => list(formatter, parts, " AND ", true),
            Self::Or(parts) => list(formatter, parts, " OR ", true),
            Self::AtLeast(threshold, parts) => {
                write!(formatter, "{threshold} of (")?;
                list(formatter, parts, ", ", false)?;
                formatter.write_str(")")
            }
        }
    }
}

fn list(
    formatter: &mut fmt::Formatter<'_>,
    parts: &[Formula],
    between: &str,
    bracket: bool,
) -> fmt::Result {
    for (place, part) in parts.iter().enumerate() {
        let separator = if place == 0 { "" } else { between };
        match part {
            Formula::And(_) | Formula::Or(_) if bracket => {
                write!(formatter, "{separator}({part})")?
            }
            _ => write!(formatter, "{separator}{part}")?,
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::Protocol;

    fn text(entries: &[(&str, u32, &[&str])], view: View, keys_max: usize) -> String {
        let entry = |&(name, threshold, below): &(&str, u32, &[&str])| {
            let below = below.iter().map(|&name| name.to_owned()).collect();
            (name.to_owned(), threshold, 1, below)
        };
        let protocol = Protocol::preset("symbol-mainnet").unwrap();
        let structure = Structure::new(entries.iter().map(entry), &protocol).unwrap();
        formula(&structure, structure.target("x").unwrap(), view, keys_max).to_string()
    }

    #[test]
    fn levels_become_and_or_and_k_of() {
        let tree: [(&str, u32, &[&str]); 3] = [
            ("x", 2, &["hardware", "y"]),
            ("y", 1, &["z", "backup"]),
            ("z", 2, &["phone", "robot", "clerk"]),
        ];
        assert_eq!(
            text(&tree, View::Now, 100),
            "hardware AND (2 of (phone, robot, clerk) OR backup)"
        );
        assert_eq!(
            text(&tree, View::Eventually, 100),
            "hardware OR phone OR robot OR clerk OR backup"
        );
        assert_eq!(text(&tree, View::Now, 3), "hardware AND y");
    }

    #[test]
    fn a_shared_key_stands_once_in_an_and() {
        let tree: [(&str, u32, &[&str]); 3] =
            [("x", 2, &["y", "z"]), ("y", 2, &["a", "b"]), ("z", 2, &["b", "c"])];
        assert_eq!(text(&tree, View::Now, 100), "a AND b AND c");
    }

    #[test]
    fn a_formula_that_would_grow_with_every_level_is_cut() {
        let names: Vec<String> = (0..60).map(|at| format!("m{at}")).collect();
        let mut entries = vec![("x", 2, vec!["m0", "m1"])];
        for three in names.windows(3) {
            entries.push((&three[0], 2, vec![&three[1], &three[2]]));
        }
        let entries: Vec<(&str, u32, &[&str])> = entries
            .iter()
            .map(|(name, threshold, below)| (*name, *threshold, &below[..]))
            .collect();
        assert_eq!(text(&entries, View::Now, 1000), "m0 AND m1");
    }
}
