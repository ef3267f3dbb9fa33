//! Draws accounts and their cosignatories as text.

use std::fmt::Write as _;

use crate::account::AccountId;
use crate::ledger::{Links, View};
use crate::protocol::Base;
use crate::scenario::Names;

/// Most lines of one drawing.
const LINES_MAX: usize = 40;

/// The tree below each of these accounts, with thresholds; an account that stands in several places
/// is drawn in each. Long trees are cut.
#[must_use]
pub fn account_tree(
    names: &Names,
    base: Base,
    links: &Links,
    lost: &[AccountId],
    roots: &[AccountId],
) -> String {
    let mut drawing = Drawing { names, base, links, lost, text: String::new(), lines: 0 };
    for &root in roots {
        drawing.line(root, "", "");
        drawing.below(root, "", 0);
    }
    if drawing.lines > LINES_MAX {
        let _ = writeln!(drawing.text, "... {} lines more", drawing.lines - LINES_MAX);
    }
    drawing.text
}

struct Drawing<'a> {
    names: &'a Names,
    base: Base,
    links: &'a Links,
    lost: &'a [AccountId],
    text: String,
    lines: usize,
}

impl Drawing<'_> {
    fn line(&mut self, account: AccountId, indent: &str, branch: &str) {
        self.lines += 1;
        if self.lines > LINES_MAX {
            return;
        }
        let label = self.names.accounts.label(account);
        let lost = if self.lost.contains(&account) { "  (lost)" } else { "" };
        let _ = writeln!(self.text, "{indent}{branch}{label}{}{lost}", self.thresholds(account));
    }

    fn thresholds(&self, account: AccountId) -> String {
        let count = self.links.cosignatory_count(account);
        let minima = self.links.minima(account);
        match count {
            0 => String::new(),
            _ => {
                let minima = (minima.approval, minima.removal);
                format!("  {}", self.base.thresholds(minima, count as usize))
            }
        }
    }

    fn below(&mut self, account: AccountId, indent: &str, level: usize) {
        if level > 12 || self.lines > 10 * LINES_MAX {
            return;
        }
        let cosignatories = self.links.cosignatories_of(account);
        let last = cosignatories.len().saturating_sub(1);
        for (index, &cosignatory) in cosignatories.iter().enumerate() {
            let (branch, more) = if index == last { ("`- ", "   ") } else { ("|- ", "|  ") };
            self.line(cosignatory, indent, branch);
            self.below(cosignatory, &format!("{indent}{more}"), level + 1);
        }
    }
}

/// The topmost accounts above these, each once.
pub(super) fn tops(links: &Links, accounts: &[AccountId]) -> Vec<AccountId> {
    let mut tops = Vec::new();
    let mut seen = std::collections::BTreeSet::new();
    let mut open = accounts.to_vec();
    while let Some(account) = open.pop() {
        if !seen.insert(account) {
            continue;
        }
        match links.multisigs_of(account) {
            [] => tops.push(account),
            above => open.extend_from_slice(above),
        }
    }
    tops.sort_unstable();
    tops
}
