//! `analyze`: what the keys of accounts are worth.

use serde::Deserialize as _;
use serde_json::Value;

use super::{
    Block, Cell, Mark, Section, Sheet, Table, count_of, counted, facts, head, list, number, story,
    text,
};
use crate::goal::Next;
use crate::report::plot::{Point, Series, scatter};

/// Most accounts of one page.
const ACCOUNTS_MAX: usize = 100;
/// Most key sets that are written out.
const SETS_MAX: usize = 40;

/// The page of an analysis. `pictures` are drawings of account trees with the account's name.
#[must_use]
pub fn analyze(answer: &Value, pictures: &[(String, String)]) -> Sheet {
    let accounts = answer.as_array().map_or(&[][..], Vec::as_slice);
    let sections = accounts.iter().take(ACCOUNTS_MAX).map(|one| section(one, pictures)).collect();
    let mut laws: Vec<(&str, &str)> =
        accounts.iter().map(|one| (text(one, "protocol"), text(one, "protocol_digest"))).collect();
    laws.sort_unstable();
    laws.dedup();
    let title = match accounts {
        [only] => format!("Who controls {}", text(only, "account")),
        _ => format!("Who controls {}", count_of(accounts.len() as u64, "account")),
    };
    let mut lead =
        "Now is the approval of one payment as the accounts stand; eventually is after any \
                    chain of transactions that the same keys get accepted."
            .to_owned();
    if accounts.len() > ACCOUNTS_MAX {
        lead += &format!(" Only the first {ACCOUNTS_MAX} accounts are shown here.");
    }
    let version = accounts.first().unwrap_or(&Value::Null);
    Sheet {
        title,
        lead,
        facts: facts(version, &laws),
        sections,
        verdict: verdict(accounts),
        ..Sheet::default()
    }
}

/// What an owner should know, first what the document does not show and what the protocol forbids.
fn notes(one: &Value) -> Vec<(&str, &str)> {
    let partial = one.get("partial").filter(|partial| !partial.is_null());
    let partial = partial.map(|partial| ("partial", text(partial, "text")));
    let warnings = list(one, "warnings").iter().map(|one| ("forbidden", text(one, "text")));
    let notes = list(one, "notes").iter().map(|note| (text(note, "name"), text(note, "text")));
    partial.into_iter().chain(warnings).chain(notes).collect()
}

fn verdict(accounts: &[Value]) -> Option<(Mark, String)> {
    let any = |name: &str| accounts.iter().any(|one| notes(one).iter().any(|note| note.0 == name));
    let count: u64 = accounts.iter().map(|one| notes(one).len() as u64).sum();
    Some(match count {
        _ if any("forbidden") => (Mark::Bad, "Forbidden by the protocol".to_owned()),
        _ if any("partial") => (Mark::Warning, "Partial: not all is shown".to_owned()),
        _ if any("locked") => (Mark::Bad, "Locked for ever".to_owned()),
        _ if any("locked-alive") => (Mark::Bad, "Locked with all keys alive".to_owned()),
        0 => return None,
        count => (Mark::Warning, format!("{} for the owner", count_of(count, "note"))),
    })
}

fn section(one: &Value, pictures: &[(String, String)]) -> Section {
    let account = text(one, "account");
    let mut blocks = Vec::new();
    let note = |&(name, text): &(&str, &str)| {
        vec![Cell::text(name).marked(Mark::Warning), Cell::text(text)]
    };
    if !notes(one).is_empty() {
        let rows = notes(one).iter().map(note).collect();
        blocks.push(Block::Table(Table { head: head(&["Note", "What it means"]), rows }));
    }
    if let Some((_, svg)) = pictures.iter().find(|(name, _)| name == account) {
        let caption = format!("{account} and the keys below it");
        blocks.push(Block::Picture { svg: svg.clone(), caption });
    }
    let answers = one.get("answers").unwrap_or(&Value::Null);
    blocks.push(Block::Heading("Now and eventually".into()));
    blocks.push(figures(one, answers, "keys"));
    blocks.extend(over_groups(one, answers));
    blocks.extend(next_level(one));
    blocks.extend(importance(answers));
    blocks.extend(sets(one, answers));
    for way in list(one, "ways") {
        let title = format!("A way: {} by {}", text(way, "name"), words(way.get("keys")));
        let steps = list(way, "steps").iter().enumerate();
        let row = |(at, step): (usize, &Value)| {
            vec![counted(at as u64 + 1), Cell::text(step.as_str().unwrap_or(""))]
        };
        let table = Table { head: head(&["", "Transaction"]), rows: steps.map(row).collect() };
        blocks.push(Block::Heading(title));
        match story(way.get("scenario")) {
            Some(story) => blocks.push(story),
            None => blocks.push(Block::Table(table)),
        }
    }
    Section { title: account.to_owned(), blocks }
}

fn words(names: Option<&Value>) -> String {
    let names = names.and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
    match names {
        [] => "none".to_owned(),
        names => names.iter().filter_map(Value::as_str).collect::<Vec<_>>().join(", "),
    }
}

/// A probability, or an interval of two, as a person reads it.
fn probability(value: Option<&Value>) -> String {
    match value {
        Some(Value::Number(number)) => match number.as_f64() {
            Some(small) if small != 0.0 && small.abs() < 0.001 => format!("{small:.3e}"),
            Some(number) => format!("{number:.4}"),
            None => number.to_string(),
        },
        None | Some(Value::Null) => "not known".to_owned(),
        Some(Value::String(text)) => text.clone(),
        Some(other) => match list(other, "interval") {
            [low, high] => format!("{} .. {}", probability(Some(low)), probability(Some(high))),
            _ => other.to_string(),
        },
    }
}

/// A number of keys; where it is not proved, its bounds.
fn size(answers: &Value, field: &str, certificate: &str) -> String {
    if let Some(Value::Number(number)) = answers.get(field) {
        return number.to_string();
    }
    match answers.get(certificate).filter(|proof| proof.is_object()) {
        Some(proof) => {
            format!("{} .. {}", number(proof, "lower_bound"), list(proof, "keys").len())
        }
        None => "not known".to_owned(),
    }
}

/// What the next better level costs.
fn next_level(one: &Value) -> Vec<Block> {
    let next = one.get("next_level").and_then(|next| Next::deserialize(next).ok());
    let Some(next) = next else { return Vec::new() };
    let rows = next.lines().into_iter().map(|line| vec![Cell::text(line)]).collect();
    vec![
        Block::Heading("The next better level".into()),
        Block::Table(Table { head: head(&["Smallest change of thresholds, eventually"]), rows }),
    ]
}

/// What is told of groups of keys, where the file has some.
fn over_groups(one: &Value, answers: &Value) -> Vec<Block> {
    let Some(groups) = answers.get("groups") else { return Vec::new() };
    let named = |field: &str, words: fn(&str, String) -> String| {
        let fields = groups.get(field).and_then(Value::as_object).into_iter().flatten();
        let named = fields.map(|(name, names)| words(name, self::words(Some(names))));
        named.collect::<Vec<String>>()
    };
    let mut rows = named("members", |name, keys| format!("{name}: {keys}"));
    if !list(groups, "alone").is_empty() {
        rows.push(format!("in no group, each counts alone: {}", words(groups.get("alone"))));
    }
    rows.extend(named("in_several", |key, names| {
        format!("{key} is in {names}: lost or stolen with any of them")
    }));
    let rows = rows.into_iter().map(|row| vec![Cell::text(row)]).collect();
    let lead = "Keys of a group are lost and stolen together and count as one. A group with a \
                probability is an event of its own beside those of its keys.";
    vec![
        Block::Heading("Over groups of keys".into()),
        Block::Text(lead.into()),
        Block::Table(Table { head: head(&["Group"]), rows }),
        figures(one, groups, "groups"),
    ]
}

/// The figures over keys, or over groups of them.
fn figures(one: &Value, answers: &Value, unit: &str) -> Block {
    let keys = unit == "keys";
    let whole = if keys { "keys" } else { "count" };
    let mut rows = Vec::new();
    let mut row = |name: &str, of: &dyn Fn(&str, bool) -> String| {
        let cell = |view: &str, prefix: &str| {
            let locked = one.pointer(&format!("/locked/{view}")) == Some(&Value::Bool(true));
            Cell::text(of(prefix, locked))
        };
        rows.push(vec![Cell::text(name), cell("now", ""), cell("eventually", "eventual_")]);
    };
    if keys {
        row("can spend", &|prefix, _| {
            let view = if prefix.is_empty() { "now" } else { "eventually" };
            one.get("formula").map_or("", |formula| text(formula, view)).to_owned()
        });
    }
    row(&format!("fewest {unit} that spend"), &|prefix, locked| match locked {
        true => "none can".to_owned(),
        false => {
            let field = format!("{prefix}min_signatures");
            size(answers, &field, &format!("{field}_certificate"))
        }
    });
    row("fewest losses that lock it", &|prefix, locked| match locked {
        true => "locked".to_owned(),
        false => size(
            answers,
            &format!("{prefix}min_losses_that_lock"),
            &format!("{prefix}min_losses_certificate"),
        ),
    });
    row("most losses it can survive", &|prefix, locked| match answers
        .get(format!("{prefix}max_losses_survivable"))
    {
        Some(Value::Number(most)) => format!("{most} of {}", number(answers, whole)),
        _ if locked => "locked".to_owned(),
        _ => "not known".to_owned(),
    });
    for (name, field) in [
        ("whose loss alone locks it", "single_points_of_failure"),
        ("that alone spend", "single_points_of_theft"),
    ] {
        row(&format!("{unit} {name}"), &|prefix, _| words(answers.get(format!("{prefix}{field}"))));
    }
    for (name, field, of) in [
        ("probability of lockout", "lockout_probability", "loss"),
        ("probability of theft", "theft_probability", "compromise"),
    ] {
        row(name, &|prefix, _| likely(one, answers.get(format!("{prefix}{field}")), of));
    }
    if keys {
        rows.extend(changing(one));
    }
    Block::Table(Table { head: head(&["", "Now", "Eventually"]), rows })
}

/// A probability, or of which keys theirs is missing.
fn likely(one: &Value, value: Option<&Value>, of: &str) -> String {
    let missing = one.get("probabilities_missing").map_or(&[][..], |keys| list(keys, of));
    match value {
        None | Some(Value::Null) if !missing.is_empty() => {
            let names = words(one.pointer(&format!("/probabilities_missing/{of}")));
            format!("not known: no {of} of {names}")
        }
        value => probability(value),
    }
}

/// The fewest keys that modify the account in each of these ways.
fn changing(one: &Value) -> Vec<Vec<Cell>> {
    let row = |(name, field): (&str, &str)| {
        let change = one.get(field)?;
        let now = match change.get("certificate").is_none() {
            true => "none can".to_owned(),
            false => size(change, "fewest", "certificate"),
        };
        let name = Cell::text(format!("fewest keys that {name}"));
        Some(vec![name, Cell::text(now), Cell::text("-").marked(Mark::Quiet)])
    };
    CHANGES.into_iter().filter_map(row).collect()
}

/// What a modification may do besides a payment, and where the answer says who can.
const CHANGES: [(&str, &str); 2] = [
    ("remove a cosignatory (thresholds may change with it)", "removal"),
    ("replace a cosignatory", "mixed"),
];

/// How much each key matters, where probabilities are known.
fn importance(answers: &Value) -> Option<Block> {
    let of = |measure: &str, side: &str| answers.get(measure)?.get(side)?.as_object();
    let keys = of("birnbaum", "lockout").filter(|keys| !keys.is_empty())?;
    let row = |key: &String| {
        let cell = |measure, side| {
            let value = of(measure, side).and_then(|values| values.get(key));
            Cell { text: probability(value), number: true, mark: Mark::Plain }
        };
        vec![
            Cell::text(key.as_str()),
            cell("birnbaum", "lockout"),
            cell("birnbaum", "theft"),
            cell("fussell_vesely", "lockout"),
            cell("fussell_vesely", "theft"),
        ]
    };
    let rows = keys.keys().map(row).collect();
    let words = [
        "Key",
        "Birnbaum, lockout",
        "Birnbaum, theft",
        "Fussell-Vesely, lockout",
        "Fussell-Vesely, theft",
    ];
    let blocks = vec![
        Block::Text(
            "Birnbaum: the probability with this key certainly lost (stolen), less that with it \
             certainly safe. Fussell-Vesely: the probability that a minimal set with this key is \
             complete, divided by the whole."
                .into(),
        ),
        Block::Table(Table { head: head(&words), rows }),
    ];
    Some(Block::Folded { title: "How much each key matters now".into(), blocks })
}

fn sets(one: &Value, answers: &Value) -> Option<Block> {
    let mut blocks = sets_in(answers, "keys");
    blocks.extend(answers.get("groups").into_iter().flat_map(|groups| sets_in(groups, "groups")));
    for (name, field) in CHANGES {
        if let Some(change) = one.get(field) {
            let name = format!("Minimal sets of keys that {name}");
            blocks.extend(sets_of(&name, list(change, "sets"), number(change, "count")));
        }
    }
    let title = "Every minimal set of keys".into();
    (!blocks.is_empty()).then_some(Block::Folded { title, blocks })
}

/// The minimal sets of keys, or of groups of them.
fn sets_in(answers: &Value, unit: &str) -> Vec<Block> {
    let mut blocks = Vec::new();
    let all = format!("Minimal sets of {unit} that spend");
    let losses = match unit {
        "keys" => "Minimal losses that lock it".to_owned(),
        _ => format!("Minimal losses of {unit} that lock it"),
    };
    for (name, when, field) in [
        (&all, "now", "min_path_sets"),
        (&all, "eventually", "eventual_spend_min_coalitions"),
        (&losses, "now", "min_cut_sets"),
        (&losses, "for ever", "eventual_lockout_min_cut_sets"),
    ] {
        let count = number(answers, &format!("{field}_count"));
        blocks.extend(sets_of(&format!("{name} {when}"), list(answers, field), count));
    }
    blocks
}

/// The first of these minimal sets, where there are any.
fn sets_of(name: &str, all: &[Value], count: u64) -> Vec<Block> {
    if all.is_empty() {
        return Vec::new();
    }
    let row = |keys: &Value| vec![Cell::text(words(Some(keys)))];
    let rows = all.iter().take(SETS_MAX).map(row).collect();
    let count = count.max(all.len() as u64);
    let mut blocks = vec![
        Block::Heading(format!("{name} ({})", super::grouped(count))),
        Block::Table(Table { head: Vec::new(), rows }),
    ];
    if count > SETS_MAX as u64 {
        blocks.push(Block::Text(format!("Only the first {SETS_MAX} are written out.")));
    }
    blocks
}

/// The page of a choice of thresholds.
#[must_use]
pub fn design(answer: &Value) -> Sheet {
    let designs = list(answer, "designs");
    let keys = number(answer, "keys");
    let nis1 = text(answer, "base") == "nis1";
    let risk = |one: &Value, view: &str| {
        let risk = one.get(view).unwrap_or(&Value::Null);
        ["lockout_probability", "theft_probability"].map(|field| Cell {
            text: probability(risk.get(field)),
            number: true,
            mark: Mark::Plain,
        })
    };
    let row = |one: &Value| {
        let threshold = |field| counted(number(one, field));
        let mut cells = vec![threshold("min_approval")];
        cells.extend((!nis1).then(|| threshold("min_removal")));
        for view in ["now", "eventually"] {
            cells.push(counted(number(one.get(view).unwrap_or(&Value::Null), "signatures")));
        }
        cells.extend(risk(one, "now"));
        cells.extend(risk(one, "eventually"));
        let best = one.get("frontier").and_then(Value::as_bool) == Some(true);
        cells.push(if best { Cell::text("none").marked(Mark::Good) } else { Cell::default() });
        cells
    };
    let thresholds: &[&str] =
        if nis1 { &["Min cosignatories"] } else { &["Min approval", "Min removal"] };
    let words = [
        "Fewest keys that spend now",
        "Fewest keys that spend eventually",
        "Lockout now",
        "Theft now",
        "Lockout eventually",
        "Theft eventually",
        "Better choice",
    ];
    let words = [thresholds, &words].concat();
    let mut blocks =
        vec![Block::Table(Table { head: head(&words), rows: designs.iter().map(row).collect() })];
    if let Some(svg) = design_plot(designs, keys) {
        let caption =
            "Every choice of thresholds: down is safer from theft, left is safer from loss.".into();
        blocks.insert(0, Block::Picture { svg, caption });
    }
    Sheet {
        title: format!("Which thresholds for {}", count_of(keys, "key")),
        facts: facts(answer, &[(text(answer, "protocol"), text(answer, "protocol_digest"))]),
        sections: vec![Section { title: "Choices".into(), blocks }],
        ..Sheet::default()
    }
}

fn design_plot(designs: &[Value], keys: u64) -> Option<String> {
    let power = |risk: &Value, field: &str| {
        let value = risk.get(field).and_then(Value::as_f64).unwrap_or(0.0);
        if value > 0.0 { value.log10() } else { -16.0 }
    };
    let series = |view: &str| {
        let mut points = Vec::new();
        let mut seen = std::collections::BTreeSet::new();
        for risk in designs.iter().filter_map(|one| one.get(view)) {
            let signatures = number(risk, "signatures");
            if seen.insert(signatures) {
                points.push(Point {
                    across: power(risk, "lockout_probability"),
                    up: power(risk, "theft_probability"),
                    label: format!("{signatures} of {keys}"),
                    frontier: risk.get("frontier").and_then(Value::as_bool) == Some(true),
                });
            }
        }
        Series { name: view.to_owned(), points }
    };
    let (now, mut eventually) = (series("now"), series("eventually"));
    let same = |point: &Point| now.points.iter().any(|one| one.label == point.label);
    eventually.points.iter_mut().filter(|point| same(point)).for_each(|point| point.label.clear());
    let all = [now, eventually];
    scatter(&format!("{keys} keys"), ("probability of lockout", "probability of theft"), &all).ok()
}
