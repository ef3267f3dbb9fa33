//! The account tree in letters, a line for each account and key.

use std::fmt::Write as _;

use super::subject::Subject;
use crate::account::{AccountId, PerAccount};
use crate::analysis::Structure;
use crate::examination::{Examination, shared};

/// Most lines of a tree.
const TREE_LINES_MAX: usize = 60;

struct Drawing<'a> {
    subject: &'a Subject,
    structure: &'a Structure,
    found: &'a Examination,
    shared: PerAccount<bool>,
    drawn: PerAccount<bool>,
    lines: Vec<String>,
}

/// The tree below an account with thresholds; shared keys, single points and lost keys are marked.
pub fn tree(subject: &Subject, structure: &Structure, found: &Examination) -> String {
    let mut shared_ones = PerAccount::new(structure.len());
    for (account, _) in shared(structure, found.target) {
        shared_ones[account] = true;
    }
    let drawn = PerAccount::new(structure.len());
    let mut drawing =
        Drawing { subject, structure, found, shared: shared_ones, drawn, lines: Vec::new() };
    drawing.draw();
    let all = drawing.lines.len();
    let mut text = String::new();
    for line in drawing.lines.iter().take(TREE_LINES_MAX) {
        let _ = writeln!(text, "{line}");
    }
    if all > TREE_LINES_MAX {
        let _ = writeln!(text, "... {} lines more", all - TREE_LINES_MAX);
    }
    text
}

impl Drawing<'_> {
    /// Depth first, with a stack of its own: a chain may be long.
    fn draw(&mut self) {
        let mut open = vec![(self.found.target, String::new(), String::new())];
        while let Some((account, branch, indent)) = open.pop() {
            let below = self.structure.cosignatories(account);
            let again = !below.is_empty() && self.drawn[account];
            let again = if again { "  (as above)" } else { "" };
            let line =
                format!("{branch}{}{}{again}", self.structure.name(account), self.marks(account));
            self.lines.push(line);
            if !again.is_empty() || self.lines.len() > 10 * TREE_LINES_MAX {
                continue;
            }
            self.drawn[account] = true;
            for (at, &child) in below.iter().enumerate().rev() {
                let last = at + 1 == below.len();
                let (knot, more) = if last { ("`- ", "   ") } else { ("|- ", "|  ") };
                open.push((child, format!("{indent}{knot}"), format!("{indent}{more}")));
            }
        }
    }

    fn marks(&self, account: AccountId) -> String {
        let name = self.structure.name(account);
        let has = |names: &[String]| names.iter().any(|one| one == name);
        let count = self.structure.cosignatories(account).len();
        let mut marks = match count {
            0 => String::new(),
            _ => {
                let minima = self.structure.minima(account);
                format!("  {}", self.subject.protocol.base.thresholds(minima, count))
            }
        };
        let (now, eventually) = (&self.found.answers.now, &self.found.answers.eventually);
        let point = |now: bool, eventually: bool, what: &str| match (now, eventually) {
            (_, true) => format!("  [{what}]"),
            (true, false) => format!("  [{what} now]"),
            _ => String::new(),
        };
        if self.shared[account] {
            marks.push_str("  [shared]");
        }
        if self.found.partial.as_ref().is_some_and(|partial| has(&partial.not_shown)) {
            marks.push_str("  [not shown]");
        }
        for group in self.subject.groups.iter().filter(|group| has(&group.keys)) {
            let _ = write!(marks, "  [group {}]", group.name);
        }
        if has(&self.subject.lost) {
            marks.push_str("  (lost)");
        }
        if has(&self.subject.stolen) {
            marks.push_str("  (stolen)");
        }
        marks += &point(has(&now.lock.singles), has(&eventually.lock.singles), "its loss locks");
        marks + &point(has(&now.spend.singles), has(&eventually.spend.singles), "alone spends")
    }
}
