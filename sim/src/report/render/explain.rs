//! `explain`: what a result means, and who has signed and who still must.

use super::{
    Block, Cell, Mark, Section, Sheet, Table, capital, count_of, head, sentence, version_facts,
};
use crate::reason::codes::{Code, Codes};
use crate::reason::{
    Branch, Ineligible, Missing, PartSigning, Signing, Signings, Standing, listed, missing_words,
    names_all,
};
use crate::report::tree::{Node, Signature, scene};

impl From<&Codes> for Sheet {
    fn from(answer: &Codes) -> Self {
        match answer.codes.as_slice() {
            [only] => one(only),
            several if several.len() <= 3 => Self {
                title: format!("{} results of this name or number", several.len()),
                sections: several
                    .iter()
                    .map(|code| Section { title: code.code.clone(), blocks: blocks(code) })
                    .collect(),
                ..Self::default()
            },
            all => list(all),
        }
    }
}

fn one(code: &Code) -> Sheet {
    Sheet {
        title: code.code.clone(),
        lead: sentence(&code.text),
        sections: vec![Section { title: "What to do".into(), blocks: blocks(code) }],
        facts: version_facts(None),
        ..Sheet::default()
    }
}

fn blocks(code: &Code) -> Vec<Block> {
    let row = |spelling: &crate::reason::codes::Spelling| {
        vec![
            Cell::text(spelling.protocol.as_str()),
            Cell::text(spelling.name.as_str()),
            Cell::text(spelling.number.as_deref().unwrap_or("-")),
            Cell::text(spelling.source.as_str()).marked(Mark::Quiet),
        ]
    };
    let mut blocks = vec![
        Block::Text(sentence(&code.remedy)),
        Block::Heading("The check".into()),
        Block::Text(format!("{}; it runs {}.", code.check, code.when)),
        Block::Table(Table {
            head: head(&["Protocol", "Name", "Number", "Source"]),
            rows: code.protocols.iter().map(row).collect(),
        }),
    ];
    if let Some(scenario) = &code.scenario {
        blocks.push(Block::Heading("See it".into()));
        blocks.push(Block::Command(format!("quorate replay --trace scenarios/{scenario}")));
    }
    blocks
}

fn list(codes: &[Code]) -> Sheet {
    let row = |code: &Code| {
        let names = code.protocols.iter().map(|one| one.name.as_str());
        let mut names: Vec<&str> = names.collect();
        names.dedup();
        vec![Cell::text(names.join(", ")), Cell::text(code.text.as_str())]
    };
    Sheet {
        title: format!("{} results", codes.len()),
        lead: "`quorate explain NAME` says when one is given, and what helps.".into(),
        sections: vec![Section {
            title: "Results".into(),
            blocks: vec![Block::Table(Table {
                head: head(&["Name", "What is wrong"]),
                rows: codes.iter().map(row).collect(),
            })],
        }],
        facts: version_facts(None),
        ..Sheet::default()
    }
}

impl From<&Signing> for Sheet {
    fn from(answer: &Signing) -> Self {
        let mut sheet = Self {
            title: capital(&headline(answer)),
            verdict: Some((verdict(answer).0, answer.verdict.clone())),
            lead: lead(answer),
            facts: version_facts(None),
            ..Self::default()
        };
        if !answer.confirmed {
            let words = "The ledger does not confirm every set that is listed: do not rely on them. \
                         This is a fault of quorate; please report it.";
            let blocks = vec![Block::Text(words.into())];
            sheet.sections.push(Section { title: "Not confirmed".into(), blocks });
        }
        let trees = trees(answer);
        if !trees.is_empty() {
            sheet.sections.push(Section { title: "Who is asked".into(), blocks: trees });
        }
        sheet.sections.push(Section { title: "Signatures".into(), blocks: signatures(answer) });
        sheet.sections.push(Section { title: "Transactions inside".into(), blocks: parts(answer) });
        if !answer.after.is_empty() {
            sheet.sections.push(Section { title: "Afterwards".into(), blocks: after(answer) });
        }
        if !answer.partial.is_empty() {
            let open = answer.partial.iter().map(|one| Block::Text(format!("- {one}")));
            let title = "What the documents do not show".into();
            sheet.sections.push(Section { title, blocks: open.collect() });
        }
        sheet
    }
}

impl From<&Signings> for Sheet {
    fn from(answer: &Signings) -> Self {
        let row = |(index, one): (usize, &Signing)| {
            let (mark, words) = verdict(one);
            vec![
                Cell::number(index + 1),
                Cell::text(one.hash.as_deref().unwrap_or("-")),
                Cell::text(words).marked(mark),
            ]
        };
        let rows = answer.transactions.iter().enumerate().map(row).collect();
        let table = Table { head: head(&["#", "Hash", "Now"]), rows };
        let mut sections =
            vec![Section { title: "Overview".into(), blocks: vec![Block::Table(table)] }];
        for (index, one) in answer.transactions.iter().enumerate() {
            let sheet = Self::from(one);
            let mut blocks = vec![Block::Text(sheet.lead)];
            for section in sheet.sections {
                blocks.push(Block::Heading(section.title));
                blocks.extend(section.blocks);
            }
            sections.push(Section { title: format!("Transaction {}", index + 1), blocks });
        }
        Self {
            title: format!("{} transactions", answer.transactions.len()),
            facts: version_facts(None),
            sections,
            ..Self::default()
        }
    }
}

/// The answer in one sentence, for somebody who reads nothing else.
fn headline(answer: &Signing) -> String {
    let missing = &answer.missing;
    if let Some(first) = answer.invalid.first() {
        return format!("it is refused: the signature of {} {}", first.account, first.why);
    }
    match (&answer.reason, answer.complete, refusing(answer)) {
        (None, ..) => "it goes through: no signature is missing".to_owned(),
        (Some(reason), true, []) if reason.missing.as_ref() == Some(missing) => {
            format!("it waits: {}", reason.text)
        }
        (Some(_), false, []) if missing.fewest.is_none() && missing.proved => {
            "it cannot go through: no further signatures can complete it".to_owned()
        }
        (Some(reason), false, []) if reason.missing.is_none() => {
            format!("it is refused: {}; besides, {}", reason.text, missing_words(missing))
        }
        (Some(_), false, []) => {
            let words = missing_words(missing);
            let words = match words.strip_prefix("missing: ") {
                Some(sets) => format!("{}: {sets}", signatures_missing(missing)),
                None => words,
            };
            format!("it does not go through yet: {words}")
        }
        (Some(_), _, [first, ..]) => {
            format!("it is refused: the signature of {} counts for nothing", first.account)
        }
        (Some(reason), true, []) => format!("it is refused: {}", reason.text),
    }
}

/// The signatures that count for nothing and refuse the whole: of one that waits the node leaves them out.
fn refusing(answer: &Signing) -> &[Ineligible] {
    if answer.ended_by.is_empty() { &answer.ineligible } else { &[] }
}

/// `2 signatures are missing`; `at least` where some of the sets are larger.
fn signatures_missing(missing: &Missing) -> String {
    let fewest = missing.fewest.unwrap_or(0);
    let least = if missing.sets.iter().all(|set| set.len() == fewest) { "" } else { "at least " };
    let verb = if fewest == 1 { "is" } else { "are" };
    format!("{least}{} {verb} missing", count_of(fewest as u64, "signature"))
}

fn verdict(answer: &Signing) -> (Mark, String) {
    match (answer.reason.is_none(), answer.complete, &answer.missing.fewest) {
        (true, _, _) => (Mark::Good, "it goes through".to_owned()),
        _ if answer.verdict == "Pending" && answer.complete => {
            (Mark::Warning, format!("it waits: {}", answer.verdict))
        }
        (false, false, Some(fewest)) if is_waiting(answer) => {
            let count = count_of(*fewest as u64, "signature");
            (Mark::Warning, format!("{count} missing: {}", answer.verdict))
        }
        _ => (Mark::Bad, format!("it is refused: {}", answer.verdict)),
    }
}

/// Whether nothing is wrong with it now but that signatures are missing.
fn is_waiting(answer: &Signing) -> bool {
    let lacks = answer.reason.as_ref().is_some_and(|reason| reason.missing.is_some());
    lacks && !answer.complete && refusing(answer).is_empty() && answer.invalid.is_empty()
}

fn lead(answer: &Signing) -> String {
    let Some(reason) = &answer.reason else {
        return "Every check passes; nothing more is needed.".to_owned();
    };
    let waits = is_waiting(answer);
    let refused_all_the_same = !answer.complete
        && answer.missing.fewest.is_some()
        && !answer.verdict_completed.eq_ignore_ascii_case("success");
    match (waits, refused_all_the_same) {
        (true, false) => String::new(),
        (true, true) => format!(
            "With the missing signatures it is still refused: {}.",
            match &answer.reason_completed {
                Some(reason) => format!("{}: {}", reason.code, reason.text),
                None => answer.verdict_completed.clone(),
            }
        ),
        (false, _) => format!("{} {}", sentence(&reason.text), sentence(&reason.remedy)),
    }
}

fn signatures(answer: &Signing) -> Vec<Block> {
    let row = |name: &str, value: String, mark: Mark| {
        vec![Cell::text(name), Cell::text(value).marked(mark)]
    };
    let most = answer.cap.most.map_or(String::new(), |most| format!(" of at most {most}"));
    let mut rows = vec![row("signed", listed(&answer.signed), Mark::Good)];
    rows.push(row(
        "missing",
        missing_words(&answer.missing)
            .trim_start_matches("missing: ")
            .trim_end_matches(" are missing")
            .trim_end_matches(" is missing")
            .to_owned(),
        match answer.complete {
            true => Mark::Good,
            false => Mark::Warning,
        },
    ));
    for one in &answer.invalid {
        rows.push(row("does not hold", format!("{}: {}", one.account, one.why), Mark::Bad));
    }
    for one in &answer.ineligible {
        rows.push(row("counts for nothing", format!("{}: {}", one.account, one.why), Mark::Bad));
    }
    rows.push(row("signatures carried", format!("{}{most}", answer.cap.used), Mark::Plain));
    let deadline =
        if answer.deadline_utc.is_some() { &answer.deadline_utc } else { &answer.deadline };
    for (name, value) in [("hash", &answer.hash), ("deadline", deadline)] {
        rows.extend(value.iter().map(|value| row(name, value.clone(), Mark::Quiet)));
    }
    let lock = answer.lock_end_height.map(|height| format!("ends at height {height}"));
    rows.extend(lock.map(|lock| row("hash lock", lock, Mark::Quiet)));
    for end in &answer.ended_by {
        rows.push(row("can be ended by", end.clone(), Mark::Quiet));
    }
    let mut blocks = vec![Block::Table(Table { head: head(&["", ""]), rows })];
    blocks.extend(alternatives(&answer.missing));
    blocks
}

/// The accounts that are asked, drawn and in lines: what each has signed and what is missing.
fn trees(answer: &Signing) -> Vec<Block> {
    let mut blocks = Vec::new();
    let mut shown: Vec<&[Branch]> = Vec::new();
    for part in &answer.parts {
        let tree = part.tree.as_slice();
        if tree.is_empty() || shown.contains(&tree) || shown.len() >= TREES_MAX {
            continue;
        }
        shown.push(tree);
        let caption = format!(
            "{}: {} ({}). \u{2713} signed or enough agree; ? missing (dashed); \u{2717} counts for \
             nothing; no sign: not needed.",
            part.account, part.kind, part.threshold
        );
        blocks.push(Block::Verbatim(outline(tree).join("\n")));
        blocks.push(Block::Picture { svg: scene(&part.account, &nodes(tree)), caption });
    }
    blocks
}

/// Most trees of one answer.
const TREES_MAX: usize = 5;

/// The sign and the words of a standing; the same in lines and in the picture.
fn standing(branch: &Branch) -> (Signature, &'static str) {
    match branch.standing {
        Standing::Signed => (Signature::Signed, "signed"),
        Standing::Missing => (Signature::Missing, "missing"),
        Standing::NotNeeded => (Signature::NotNeeded, "not needed"),
        Standing::CannotSign => (Signature::Useless, "cannot sign for this"),
        Standing::CountsForNothing => (Signature::Useless, "signed, counts for nothing"),
        Standing::Agrees => (Signature::Signed, ""),
        Standing::Waits => (Signature::Missing, ""),
    }
}

/// `1 of 3, 2 needed`: how many agree, of how many, and how many must; nothing for a key.
fn agreement(branch: &Branch) -> String {
    match branch.below.len() {
        0 => String::new(),
        count => format!("{} of {count}, {} needed", branch.agreed, branch.needed),
    }
}

fn nodes(tree: &[Branch]) -> Vec<Node> {
    let node = |branch: &Branch| Node {
        name: branch.account.clone(),
        thresholds: match branch.below.len() {
            0 => String::new(),
            _ => format!("{} of {}", branch.agreed, branch.needed),
        },
        below: branch.below.clone(),
        signature: standing(branch),
        ..Node::default()
    };
    tree.iter().map(node).collect()
}

/// A line for each account and key, those below it indented; an account that stood before is not opened
/// again.
fn outline(tree: &[Branch]) -> Vec<String> {
    let mut under = vec![false; tree.len()];
    for &below in tree.iter().flat_map(|branch| &branch.below) {
        under.get_mut(below).into_iter().for_each(|one| *one = true);
    }
    let tops = under.iter().enumerate().filter(|(_, under)| !**under).map(|(at, _)| (at, 0));
    let mut open: Vec<(usize, usize)> = tops.rev().collect();
    let (mut lines, mut done) = (Vec::new(), vec![false; tree.len()]);
    while let Some((at, depth)) = open.pop() {
        let Some(branch) = tree.get(at).filter(|_| lines.len() < LINES_MAX) else { continue };
        let again = done.get(at).copied().unwrap_or(false) && !branch.below.is_empty();
        done.get_mut(at).into_iter().for_each(|one| *one = true);
        let (signature, words) = standing(branch);
        let sign = match signature {
            Signature::Signed => "[x]",
            Signature::Missing => "[ ]",
            Signature::Useless => "[!]",
            Signature::NotNeeded | Signature::None => " - ",
        };
        let told = match (again, words) {
            (true, _) => "as above".to_owned(),
            (false, "") => agreement(branch),
            (false, words) => words.to_owned(),
        };
        lines.push(format!("{}{sign} {}: {told}", "  ".repeat(depth), branch.account));
        if !again {
            open.extend(branch.below.iter().rev().map(|&below| (below, depth + 1)));
        }
    }
    lines
}

/// Most lines of a tree.
const LINES_MAX: usize = 200;

/// All ways to complete it that are listed, where there are several; in a text only those that the sentence
/// does not name.
fn alternatives(missing: &Missing) -> Vec<Block> {
    let sets = &missing.sets;
    if sets.len() < 2 {
        return Vec::new();
    }
    let row = |set: &Vec<String>| vec![Cell::number(set.len()), Cell::text(set.join(", "))];
    let table = Table { head: head(&["Signatures", "Of"]), rows: sets.iter().map(row).collect() };
    let shown = sets.len().to_string();
    let title = match missing.count.as_deref() {
        Some(count) if count == shown => format!("Ways to complete it: {count}"),
        Some(count) => format!("Ways to complete it: the first {shown} of {count}"),
        None => format!("Ways to complete it: the first {shown} of more than could be counted"),
    };
    let blocks = vec![Block::Heading(title), Block::Table(table)];
    match names_all(missing) {
        true => vec![Block::OnPage(blocks)],
        false => blocks,
    }
}

fn parts(answer: &Signing) -> Vec<Block> {
    let row = |(index, part): (usize, &PartSigning)| {
        let mark = if part.satisfied { Mark::Good } else { Mark::Warning };
        let state = match part.satisfied {
            true => "satisfied".to_owned(),
            false => missing_words(&part.missing),
        };
        let added = match part.opt_in.as_slice() {
            [] => String::new(),
            added => format!(", and {} must agree", listed(added)),
        };
        vec![
            Cell::number(index + 1),
            Cell::text(format!("{}: {}", part.account, part.kind)),
            Cell::text(format!(
                "{} of {} agree, {} needed ({}){added}",
                part.agreed,
                part.of.len(),
                part.needed,
                part.threshold
            )),
            Cell::text(state).marked(mark),
        ]
    };
    vec![Block::Table(Table {
        head: head(&["#", "Transaction", "Needs", "Now"]),
        rows: answer.parts.iter().enumerate().map(row).collect(),
    })]
}

fn after(answer: &Signing) -> Vec<Block> {
    let row = |(name, after): (&String, &crate::reason::After)| {
        let entry = match after.cosignatories.len() {
            0 => "a plain account".to_owned(),
            count => {
                let thresholds = match after.min_cosignatories {
                    Some(0) => "all must sign (min cosignatories 0)".to_owned(),
                    Some(least) => format!("min cosignatories {least}"),
                    None => {
                        format!(
                            "min approval {}, min removal {}",
                            after.min_approval, after.min_removal
                        )
                    }
                };
                let noun = if count == 1 { "cosignatory" } else { "cosignatories" };
                format!("{thresholds}, {count} {noun}: {}", listed(&after.cosignatories))
            }
        };
        vec![Cell::text(name.as_str()), Cell::text(entry)]
    };
    vec![Block::Table(Table {
        head: head(&["Account", "Stands"]),
        rows: answer.after.iter().map(row).collect(),
    })]
}
