//! Which step of one scenario is which of the other.

use super::{Numbered, Places, StepChange, action, brief, changes};

/// A step that is not the same in both.
#[derive(Clone, Debug)]
pub(super) enum Pair {
    /// Only the old scenario has it.
    Removed(Numbered),
    /// Only the new one has it.
    Added(Numbered),
    /// Both have it, and something in it is different.
    Changed(Numbered, Numbered),
}

impl Pair {
    /// The same as an answer has it.
    pub fn change(&self) -> StepChange {
        match self {
            Self::Removed(old) => {
                StepChange::Removed { removed: old.place(), old: old.step.clone() }
            }
            Self::Added(new) => StepChange::Added { added: new.place(), new: new.step.clone() },
            Self::Changed(old, new) => StepChange::Changed {
                changed: Places { old: old.place(), new: new.place() },
                what: brief(&old.step),
                changes: changes(&old.step, &new.step),
            },
        }
    }
}

/// Most cells of the table by which the longest common sequence is found (2 bytes each).
const CELLS_MAX: usize = 16 << 20;

/// Puts steps side by side: what is common in order stays, what lies between two common steps is changed,
/// added or removed.
pub(super) fn pairs(mut old: Vec<Numbered>, mut new: Vec<Numbered>) -> Vec<Pair> {
    while let (Some(one), Some(other)) = (old.last(), new.last())
        && one.step == other.step
    {
        old.pop();
        new.pop();
    }
    let common = common(&old, &new);
    let mut pairs = Vec::new();
    let (mut old, mut new) = (old.into_iter(), new.into_iter());
    let (mut old_at, mut new_at) = (0, 0);
    for (old_to, new_to) in common {
        let between = old.by_ref().take(old_to - old_at).collect();
        gap(&mut pairs, between, new.by_ref().take(new_to - new_at).collect());
        old.next();
        new.next();
        (old_at, new_at) = (old_to + 1, new_to + 1);
    }
    gap(&mut pairs, old.collect(), new.collect());
    pairs
}

/// What lies between two common steps: those that do the same kind of thing are the same step, changed.
fn gap(pairs: &mut Vec<Pair>, old: Vec<Numbered>, new: Vec<Numbered>) {
    let mut new = std::collections::VecDeque::from(new);
    for one in old {
        let name = action(&one.step).map(|(name, _)| name.to_owned());
        let alike = new
            .iter()
            .position(|other| action(&other.step).map(|(name, _)| name) == name.as_deref());
        match alike {
            Some(index) => {
                pairs.extend(new.drain(..index).map(Pair::Added));
                let Some(other) = new.pop_front() else { continue };
                pairs.push(Pair::Changed(one, other));
            }
            None => pairs.push(Pair::Removed(one)),
        }
    }
    pairs.extend(new.into_iter().map(Pair::Added));
}

/// The longest sequence of equal steps, as pairs of indices; none where the table would be too large.
fn common(old: &[Numbered], new: &[Numbered]) -> Vec<(usize, usize)> {
    let width = new.len() + 1;
    if old.len().saturating_add(1).saturating_mul(width) > CELLS_MAX || old.len() > 65_000 {
        return Vec::new();
    }
    // Row by row from the end: how many steps the rests have in common.
    let mut table = vec![0_u16; (old.len() + 1) * width];
    let at = |row: usize, column: usize| row * width + column;
    let cell = |table: &[u16], index: usize| table.get(index).copied().unwrap_or(0);
    for (row, one) in old.iter().enumerate().rev() {
        for (column, other) in new.iter().enumerate().rev() {
            let best = match one.step == other.step {
                true => cell(&table, at(row + 1, column + 1)) + 1,
                false => cell(&table, at(row + 1, column)).max(cell(&table, at(row, column + 1))),
            };
            if let Some(place) = table.get_mut(at(row, column)) {
                *place = best;
            }
        }
    }
    let (mut row, mut column, mut pairs) = (0, 0, Vec::new());
    while let (Some(one), Some(other)) = (old.get(row), new.get(column)) {
        if one.step == other.step {
            pairs.push((row, column));
            (row, column) = (row + 1, column + 1);
        } else if cell(&table, at(row + 1, column)) >= cell(&table, at(row, column + 1)) {
            row += 1;
        } else {
            column += 1;
        }
    }
    pairs
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn steps(blocks: &[u32]) -> Vec<Numbered> {
        let step = |(number, blocks): (usize, &u32)| {
            let step = match blocks {
                0 => json!({"seal_block": {}}),
                _ => json!({"advance": {"blocks": blocks}}),
            };
            Numbered { number: number as u64 + 1, line: 0, step }
        };
        blocks.iter().enumerate().map(step).collect()
    }

    fn told(old: &[u32], new: &[u32]) -> String {
        let pairs = pairs(steps(old), steps(new));
        let tell = |pair: &Pair| match pair {
            Pair::Removed(old) => format!("-{}", old.number),
            Pair::Added(new) => format!("+{}", new.number),
            Pair::Changed(old, new) => format!("{}~{}", old.number, new.number),
        };
        pairs.iter().map(tell).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn steps_are_added_removed_and_changed() {
        assert_eq!(told(&[1, 2, 3], &[1, 2, 3]), "");
        assert_eq!(told(&[1, 2, 3], &[1, 9, 2, 3]), "+2");
        assert_eq!(told(&[1, 2, 3, 4], &[1, 3, 4]), "-2");
        assert_eq!(told(&[1, 2, 3], &[1, 5, 3]), "2~2");
        assert_eq!(told(&[1, 0, 3], &[1, 5, 3]), "-2 +2");
        assert_eq!(told(&[1, 2, 0, 4], &[7, 2, 0, 8, 9]), "1~1 4~4 +5");
        assert_eq!(told(&[1, 7, 2], &[1, 0, 8, 2]), "+2 2~3");
        assert_eq!(told(&[], &[1]), "+1");
    }
}
