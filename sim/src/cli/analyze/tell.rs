//! An examined account for people: the tree, the answers now and eventually side by side, the ways.

use std::fmt::Write as _;

use super::examination::{Examination, Missing, shared};
use super::partial::few;
use super::subject::Subject;
use super::want::NextLevel;
use super::way::{Purpose, Way, cap, count_of};
use crate::account::{AccountId, PerAccount};
use crate::analysis::{Answers, Fewest, GroupAnswers, Likelihood, Power, Scaled, Side, Structure};
use crate::protocol::Base;

/// Most lines of a tree.
const TREE_LINES_MAX: usize = 60;
/// Width of the first column, and of the second.
const FIRST: usize = 30;
const SECOND: usize = 34;
/// Most keys of a way that are named.
const NAMES_MAX: usize = 8;

/// What removal and mixed modifications are called in the table.
const CHANGES: [&str; 2] = ["fewest to remove a cosignatory", "fewest to replace one"];

/// Everything about one account.
pub fn examination(
    subject: &Subject,
    structure: &Structure,
    found: &Examination,
    list: usize,
) -> String {
    let mut text = String::new();
    if let Some(partial) = &found.partial {
        let _ = writeln!(text, "partial: {}", partial.text());
    }
    for warning in &found.warnings {
        let _ = writeln!(text, "warning: {}", warning.text());
    }
    text += &tree(subject, structure, found);
    let now = &found.answers.now;
    row(&mut text, "", "now", "eventually");
    figures(&mut text, &found.answers, "keys", &found.missing);
    if let Some(changing) = &found.changing {
        for (what, (_, side)) in CHANGES.into_iter().zip(changing.sides()) {
            let cell = side.map_or_else(|| "none can".to_owned(), |side| fewest(&side.fewest));
            row(&mut text, what, &cell, "");
        }
    }
    if let Some(thief) = found.thief {
        let [now, eventually] = thief.map(|can| if can { "spends" } else { "cannot spend" });
        row(&mut text, "a thief with the stolen keys", now, eventually);
    }
    let (loss, compromise) = (&found.missing.loss, &found.missing.compromise);
    for (field, keys) in [("loss", loss), ("compromise", compromise)] {
        if !keys.is_empty() {
            let _ = writeln!(text, "not known: `{field}` of {}", few(keys));
        }
    }
    if let Some(groups) = &found.groups {
        over_groups(&mut text, groups, &found.missing);
    }
    text.push('\n');
    formulas(&mut text, found);
    one_transaction(&mut text, subject, now);
    replacements(&mut text, now);
    next_level(&mut text, &found.next);
    lists(&mut text, found, list);
    notes(&mut text, found);
    found.ways.iter().for_each(|one| way(&mut text, one));
    if found.is_cut_short() {
        text.push_str("a number given as `a .. b` is an interval: the true one lies inside it\n");
    }
    text
}

/// What is told of keys, or of groups of them.
fn figures(text: &mut String, answers: &Answers, unit: &str, missing: &Missing) {
    let (now, eventually) = (&answers.now, &answers.eventually);
    let mut pair = |what: &str, of: &dyn Fn(&Power) -> String| {
        row(text, what, &of(now), &of(eventually));
    };
    pair(&format!("fewest {unit} that spend"), &|power| match power.locked {
        true => "none can".to_owned(),
        false => fewest(&power.spend.fewest),
    });
    pair("minimal quorums", &|power| count(&power.spend));
    pair("alone can spend", &|power| names(&power.spend.singles));
    pair("fewest losses that lock", &|power| match power.locked {
        true => "locked".to_owned(),
        false => fewest(&power.lock.fewest),
    });
    pair("most losses survived", &|power| survived(power, answers.keys));
    pair("minimal losses that lock", &|power| count(&power.lock));
    pair("single points of failure", &|power| names(&power.lock.singles));
    let known = |of: fn(&Power) -> &Side| {
        of(now).likelihood.is_some() || of(eventually).likelihood.is_some()
    };
    if known(|power| &power.lock) || !missing.loss.is_empty() {
        pair("probability of lockout", &|power| likelihood(power.lock.likelihood));
    }
    if known(|power| &power.spend) || !missing.compromise.is_empty() {
        pair("probability of theft", &|power| likelihood(power.spend.likelihood));
    }
}

/// The same over groups of keys.
fn over_groups(text: &mut String, groups: &GroupAnswers, missing: &Missing) {
    text.push('\n');
    for group in &groups.groups {
        let _ = writeln!(text, "group {}: {}", group.name, few(&group.keys));
    }
    if !groups.alone.is_empty() {
        let _ = writeln!(text, "in no group, each counts alone: {}", few(&groups.alone));
    }
    for key in &groups.in_several {
        let several = "lost or stolen with any of them";
        let _ = writeln!(text, "{} is in {}: {several}", key.name, few(&key.keys));
    }
    row(text, "groups", "now", "eventually");
    figures(text, &groups.answers, "groups", missing);
}

/// Whether the fewest signatures fit one transaction.
fn one_transaction(text: &mut String, subject: &Subject, now: &Power) {
    let Some(cap) = cap(&subject.protocol).filter(|_| !now.locked) else { return };
    let fits = match now.spend.fewest.fits(cap) {
        Some(true) => "fits",
        Some(false) => "does not fit",
        None => "undecided whether that fits",
    };
    let needed = match now.spend.fewest.bounds() {
        (least, most) if least == most => count_of(least, "signature"),
        (least, most) => format!("{least} .. {most} signatures"),
    };
    let _ = writeln!(text, "one transaction: {needed} of at most {cap}: {fits}");
}

fn row(text: &mut String, first: &str, second: &str, third: &str) {
    let line = format!("{first:<FIRST$} {second:<SECOND$} {third}");
    text.push_str(line.trim_end());
    text.push('\n');
}

fn fewest(fewest: &Fewest) -> String {
    let size = fewest.keys.len();
    if fewest.exact().is_none() {
        return format!("{} .. {size}", fewest.lower);
    }
    match fewest.keys.join(", ") {
        long if long.len() + 4 > SECOND => size.to_string(),
        short => format!("{size}: {short}"),
    }
}

/// Names that fit into a column, else their number; the tree marks them.
fn names(names: &[String]) -> String {
    match names.join(", ") {
        none if none.is_empty() => "none".to_owned(),
        long if long.len() + 1 > SECOND => count_of(names.len(), "key"),
        short => short,
    }
}

fn count(side: &Side) -> String {
    let Some(count) = &side.count else { return "not counted within the budget".to_owned() };
    let digits = count.to_string();
    match (digits.get(..1), digits.get(1..4), digits.len()) {
        (Some(first), Some(more), long) if long > 15 => format!("{first}.{more}e{}", long - 1),
        _ => digits,
    }
}

fn survived(power: &Power, keys: usize) -> String {
    let (least, most) = power.left.bounds();
    let left = |signed| keys.saturating_sub(signed);
    match (power.locked, least == most) {
        (true, _) => "locked".to_owned(),
        (false, true) => format!("{} of {keys}", left(least)),
        (false, false) => format!("{} .. {} of {keys}", left(most), left(least)),
    }
}

/// A probability in words short enough for a table.
pub fn scaled(value: Scaled) -> String {
    let (mantissa, exponent) = value.decimal();
    match exponent {
        _ if value.is_zero() => "0".to_owned(),
        -3..=0 => {
            let digits = format!("{:.6}", value.to_f64());
            digits.trim_end_matches('0').trim_end_matches('.').to_owned()
        }
        _ => format!("{mantissa:.3}e{exponent}"),
    }
}

/// A probability or its bounds in words.
pub fn likelihood(likelihood: Option<Likelihood>) -> String {
    match likelihood {
        None => "not known".to_owned(),
        Some(one) => match one.exact() {
            Some(exact) => scaled(exact),
            None => format!("{} .. {}", scaled(one.low), scaled(one.high)),
        },
    }
}

fn formulas(text: &mut String, found: &Examination) {
    let [now, eventually] = &found.formulas;
    let _ = writeln!(text, "policy now:        {now}");
    if now != eventually {
        let _ = writeln!(text, "policy eventually: {eventually}");
    }
}

/// What the next better level costs.
fn next_level(text: &mut String, next: &NextLevel) {
    match next {
        NextLevel::Found(next) => {
            for line in next.lines() {
                let _ = writeln!(text, "{line}");
            }
        }
        NextLevel::Skipped => {
            text.push_str(
                "next better level: skipped, it takes too much work (`--want` asks for one)\n",
            );
        }
        NextLevel::None => {}
    }
}

fn replacements(text: &mut String, power: &Power) {
    if let Some(first) = power.replacements().first() {
        let (lockout, theft) = (scaled(first.lockout), scaled(first.theft));
        let key = &first.key;
        let _ = writeln!(text, "replace first: {key} (lockout -{lockout}, theft -{theft})");
    }
}

/// The minimal sets, cut at `most`.
fn lists(text: &mut String, found: &Examination, most: usize) {
    sets_of(text, &found.answers, "", most);
    let changes = ["sets that remove a cosignatory", "sets that replace one"];
    let changing =
        found.changing.iter().flat_map(|changing| changes.into_iter().zip(changing.sides()));
    for (what, side) in changing.filter_map(|(what, (_, side))| Some((what, side?))) {
        sets(text, what, side, most);
    }
    if let Some(groups) = &found.groups {
        sets_of(text, &groups.answers, " over groups", most);
    }
}

fn sets_of(text: &mut String, answers: &Answers, over: &str, most: usize) {
    let (now, eventually) = (&answers.now, &answers.eventually);
    for (what, side) in [
        ("quorums now", &now.spend),
        ("quorums eventually", &eventually.spend),
        ("losses that lock now", &now.lock),
        ("losses that lock for ever", &eventually.lock),
    ] {
        sets(text, &format!("{what}{over}"), side, most);
    }
}

fn sets(text: &mut String, what: &str, side: &Side, most: usize) {
    let Some(sets) = side.sets.as_ref().filter(|sets| !sets.is_empty() && most > 0) else { return };
    let shown: Vec<String> =
        sets.iter().take(most).map(|set| format!("{{{}}}", set.join(", "))).collect();
    let more = match sets.len() - shown.len() {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    let _ = writeln!(text, "{what}: {}{more}", shown.join(" "));
}

fn notes(text: &mut String, found: &Examination) {
    for note in &found.notes {
        let _ = writeln!(text, "{}: {}", note.name, note.text);
    }
}

fn way(text: &mut String, way: &Way) {
    let keys = match way.keys.len() {
        few if few <= NAMES_MAX => way.keys.join(", "),
        many => format!("{many} keys"),
    };
    let these = match (way.purpose, way.lost.is_empty()) {
        (Purpose::Recovery, false) => format!("should {} be lost, {keys}", way.lost.join(", ")),
        (Purpose::Recovery, true) => format!("with the keys left ({keys})"),
        _ => format!("with {keys}"),
    };
    let count = count_of(way.steps.len(), "transaction");
    let _ = writeln!(text, "\n{}: {these}: {count}", way.purpose.name());
    for (at, step) in way.steps.iter().take(12).enumerate() {
        let _ = writeln!(text, "  {}. {step}", at + 1);
    }
    if way.steps.len() > 12 {
        let _ = writeln!(text, "  ... {} more; `--save` writes them all", way.steps.len() - 12);
    }
}

struct Drawing<'a> {
    subject: &'a Subject,
    structure: &'a Structure,
    found: &'a Examination,
    shared: PerAccount<bool>,
    drawn: PerAccount<bool>,
    lines: Vec<String>,
}

/// The tree below an account with thresholds; shared keys, single points and lost keys are marked.
fn tree(subject: &Subject, structure: &Structure, found: &Examination) -> String {
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
    text.push('\n');
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
        let mut marks = thresholds(self.subject, self.structure, account);
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

/// `  2-of-3, removal 1`; nothing for a key.
pub fn thresholds(subject: &Subject, structure: &Structure, account: AccountId) -> String {
    let count = structure.cosignatories(account).len();
    let (approval, removal) = structure.minima(account);
    match (count, subject.protocol.base) {
        (0, _) => String::new(),
        (_, Base::Nis1) if approval == 0 => format!("  {count}-of-{count} (min 0)"),
        (_, Base::Nis1) => format!("  {approval}-of-{count}"),
        _ => format!("  {approval}-of-{count}, removal {removal}"),
    }
}

/// `2/1 of 3`: min approval, min removal and the number of cosignatories.
pub fn short_thresholds(subject: &Subject, structure: &Structure, account: AccountId) -> String {
    let count = structure.cosignatories(account).len();
    let (approval, removal) = structure.minima(account);
    match (count, subject.protocol.base) {
        (0, _) => String::new(),
        (_, Base::Nis1) if approval == 0 => format!("{count} of {count}"),
        (_, Base::Nis1) => format!("{approval} of {count}"),
        _ => format!("{approval}/{removal} of {count}"),
    }
}
