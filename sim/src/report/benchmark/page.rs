//! A benchmark run as a page: rates, curves, shares of the time, and what changed since an earlier run.

use super::beside::{peers, yardsticks};
use super::topic::{CHECKS, FAULTS, Topic, measures, name_of, topics};
use super::units::{calls, counted, rate, time, times};
use super::{Calls, Figure, Measure, NOTABLE, Run, Work};
use crate::report::plot::{self, Bar, Scale};
use crate::report::sheet::{Block, Cell, Mark, Section, Sheet, Table, grouped};

/// The page of a run; with an earlier run, every measurement beside its earlier self.
#[must_use]
pub fn page(run: &Run, earlier: Option<&Run>) -> Sheet {
    let mut sections: Vec<Section> = in_short(run).into_iter().collect();
    sections.extend(earlier.map(|earlier| changes(run, earlier)));
    sections.extend(shares(run));
    sections.extend(yardsticks(run));
    sections.extend(allocations(run, earlier));
    for topic in topics(run) {
        sections.push(section(topic, &measures(run, &topic), earlier));
    }
    sections.extend(faults(run));
    sections.extend(memory(run));
    sections.push(peers(run));
    let slower = earlier.map(|earlier| slower(run, earlier).count());
    Sheet {
        title: "How fast quorate is".to_owned(),
        verdict: slower.map(verdict).or_else(|| {
            let words = |figure| format!("{figure} in a campaign with every check, on one core");
            campaign(run).map(|figure| (Mark::Plain, words(figure)))
        }),
        lead:
            "Medians of repeated measurements on the machine named below. On another machine all of them differ, \
             ratios the least."
                .to_owned(),
        facts: facts(run),
        sections,
        ..Sheet::default()
    }
}

/// The figures that are asked for most.
fn in_short(run: &Run) -> Option<Section> {
    let rate_of = |group: &str, name: &str| run.find(group, name).map(rate);
    let mut largest = run.measures.iter().filter(|one| one.group.starts_with("explore/"));
    let largest = largest.rfind(|one| one.name == "jobs 1");
    let explored = largest.map(|one| {
        let accounts = one.group.trim_start_matches("explore/");
        let count = match one.work {
            Work::Elements(count) => format!(" ({} states)", grouped(count)),
            Work::Once | Work::Bytes(_) => String::new(),
        };
        let what = format!("Everything that {accounts} accounts can reach{count}, one core");
        (what, time(one.nanoseconds))
    });
    let analyses = run.measures.iter().filter(|one| one.group == "analysis");
    let slowest = analyses.max_by(|one, other| one.nanoseconds.total_cmp(&other.nanoseconds));
    let analysed = slowest.map(|one| {
        (format!("Everything about one account, the slowest ({})", one.name), time(one.nanoseconds))
    });
    let mut faults: Vec<f64> =
        run.measures.iter().filter(|one| one.group == FAULTS).map(|one| one.nanoseconds).collect();
    faults.sort_by(f64::total_cmp);
    let caught = faults.get(faults.len() / 2).zip(faults.last()).map(|(middle, most)| {
        let what = format!("One of {} seeded faults is caught after, one core", faults.len());
        (what, format!("{} (median), at most {}", time(*middle), time(*most)))
    });
    let checked =
        campaign(run).map(|figure| ("A campaign with every check, one core".into(), figure));
    let replayed = rate_of("replay/symbol", "with invariants");
    let replayed = replayed
        .map(|rate| ("Recorded Symbol traces read, replayed and checked, one core".into(), rate));
    let rows: Vec<Vec<Cell>> = [checked, caught, explored, replayed, analysed]
        .into_iter()
        .flatten()
        .map(|(what, figure): (String, String)| vec![Cell::text(what), Cell::number(figure)])
        .collect();
    let title = "In short".to_owned();
    let blocks = |rows| vec![table(&["what", "figure"], rows)];
    (!rows.is_empty()).then(|| Section { title, blocks: blocks(rows) })
}

fn facts(run: &Run) -> Vec<(String, String)> {
    let fact = |name: &str, value: &str| (name.to_owned(), value.to_owned());
    vec![
        fact("Version", &run.version),
        fact("Processor", &run.machine.processor),
        fact("Cores", &run.machine.cores.to_string()),
        fact("System", &run.machine.system),
        fact("Repeat", "cargo bench -p quorate-bench, then quorate report --bench"),
    ]
}

fn slower<'r>(run: &'r Run, earlier: &'r Run) -> impl Iterator<Item = &'r Measure> {
    run.measures.iter().filter(|now| {
        earlier.find(&now.group, &now.name).is_some_and(|then| now.is_slower_than(then))
    })
}

/// The figure that is asked for first: what a whole campaign on Symbol's rules reaches.
fn campaign(run: &Run) -> Option<String> {
    run.find("campaign/whole", "symbol, 1 threads").map(rate)
}

fn verdict(slower: usize) -> (Mark, String) {
    match slower {
        0 => (Mark::Good, "nothing got slower".to_owned()),
        1 => (Mark::Warning, "1 measurement got slower".to_owned()),
        many => (Mark::Warning, format!("{many} measurements got slower")),
    }
}

fn changes(run: &Run, earlier: &Run) -> Section {
    let mut blocks = Vec::new();
    if run.machine != earlier.machine {
        blocks.push(Block::Text(format!(
            "The earlier run is from another machine ({}, {} cores): the ratios below compare \
             machines as much as versions.",
            earlier.machine.processor, earlier.machine.cores
        )));
    }
    let pairs = run.measures.iter().filter_map(|now| {
        let then = earlier.find(&now.group, &now.name)?;
        let notable = now.is_slower_than(then) || now.is_faster_than(then);
        notable.then_some((now, then))
    });
    let mut pairs: Vec<(&Measure, &Measure)> = pairs.collect();
    // What got slower most stands first.
    pairs.sort_by(|(now, then), (other, before)| {
        other.against(before).total_cmp(&now.against(then))
    });
    let head = ["what", "before", "now", "time for the same work", "change"];
    let mut rows: Vec<Vec<Cell>> = pairs.into_iter().map(|(now, then)| change(now, then)).collect();
    let rest = rows.split_off(rows.len().min(ROWS_MAX));
    blocks.push(match rows.is_empty() {
        true => {
            Block::Text(format!("No measurement differs notably from version {}.", earlier.version))
        }
        false => table(&head, rows),
    });
    if !rest.is_empty() {
        let title = format!("{} more", rest.len());
        blocks.push(Block::Folded { title, blocks: vec![table(&head, rest)] });
    }
    Section { title: "Against the earlier run".to_owned(), blocks }
}

fn change(now: &Measure, then: &Measure) -> Vec<Cell> {
    let (word, mark) = judged(now, then);
    let reached = |one: &Measure| match one.work {
        Work::Once => time(one.nanoseconds),
        Work::Elements(_) => counted(one.rate(), "").replace(" /s", "/s"),
        Work::Bytes(_) => rate(one),
    };
    vec![
        Cell::text(format!("{}: {}", Topic::of(now).title, name_of(now))),
        Cell::number(reached(then)),
        Cell::number(reached(now)),
        Cell::number(format!("{:.2} times", now.against(then))),
        Cell::text(word).marked(mark),
    ]
}

fn judged(now: &Measure, then: &Measure) -> (&'static str, Mark) {
    match (now.is_slower_than(then), now.is_faster_than(then)) {
        (true, _) => ("slower", Mark::Warning),
        (_, true) => ("faster", Mark::Good),
        _ => ("the same", Mark::Quiet),
    }
}

/// Where the time of a campaign goes: each group of checks is what it adds to the one before.
fn shares(run: &Run) -> Option<Section> {
    let names = ["ledger alone", "every invariant", "every invariant and the auditor"];
    let found = names.map(|name| run.find(CHECKS, name).map(|one| one.nanoseconds));
    let [Some(ledger), Some(invariants), Some(auditor)] = found else { return None };
    let parts = [
        ("the ledger", ledger),
        ("every invariant, after every step", (invariants - ledger).max(0.0)),
        ("the auditor, and comparing with it", (auditor - invariants).max(0.0)),
    ];
    let whole: f64 = parts.iter().map(|(_, time)| time).sum();
    let rows = parts.iter().map(|(name, time)| {
        let share = format!("{:.0} %", time * 100.0 / whole);
        let times = times(time / ledger);
        vec![Cell::text(*name), Cell::number(share), Cell::number(times)]
    });
    let table = table(&["part", "share of the time", "beside the ledger"], rows.collect());
    let bars: Vec<Bar> =
        parts.iter().map(|(name, time)| Bar::new(*name, time * 100.0 / whole)).collect();
    let mut blocks = vec![
        Block::Text(
            "The same recorded sequences, put to the ledger under more and more checks.".into(),
        ),
        table,
    ];
    blocks.extend(drawn("Where the time goes", "share of the time, %", &bars, Scale::Linear));
    Some(Section { title: "Where the time goes".to_owned(), blocks })
}

fn drawn(title: &str, axis: &str, bars: &[Bar], scale: Scale) -> Option<Block> {
    let svg = plot::bars(axis, bars, scale).ok()?;
    Some(Block::Picture { svg, caption: format!("{title}: {axis}.") })
}

fn section(topic: Topic<'_>, measures: &[&Measure], earlier: Option<&Run>) -> Section {
    let alike = measures.iter().all(|one| one.work != Work::Once);
    let mut blocks = Vec::new();
    blocks.extend((!topic.text.is_empty()).then(|| Block::Text(topic.text.to_owned())));
    let length = |one: &Measure| if alike { one.rate() } else { one.nanoseconds / 1e6 };
    let bar = |one: &&Measure| {
        let bar = Bar::new(name_of(one), length(one));
        if alike { bar } else { bar.called(time(one.nanoseconds)) }
    };
    let bars: Vec<Bar> = measures.iter().map(bar).collect();
    let axis = match measures.first().map(|one| one.work) {
        Some(Work::Elements(_)) => format!("{} a second", topic.unit),
        Some(Work::Bytes(_)) => "bytes a second".to_owned(),
        Some(Work::Once) | None => "milliseconds".to_owned(),
    };
    let scale = if spans_decades(&bars) { Scale::Logarithmic } else { Scale::Linear };
    let picture = drawn(topic.title, &axis, &bars, scale);
    let table = figures(topic, measures, alike, earlier);
    if measures.len() > ROWS_MAX {
        blocks.extend(picture);
        blocks.push(Block::Folded { title: "All figures".to_owned(), blocks: vec![table] });
    } else {
        blocks.push(table);
        blocks.extend(picture);
    }
    Section { title: topic.title.to_owned(), blocks }
}

/// A longer table is folded.
const ROWS_MAX: usize = 8;

/// The table of a section: times, and rates where all that is measured is counted.
fn figures(topic: Topic<'_>, measures: &[&Measure], alike: bool, earlier: Option<&Run>) -> Block {
    let slowest = measures.iter().map(|one| one.rate()).fold(f64::MAX, f64::min);
    let mut head = vec!["what".to_owned(), "median time".to_owned(), "give or take".to_owned()];
    if alike {
        head.push("rate".to_owned());
        head.push(match topic.beside {
            Some((_, called)) => format!("time beside {called}"),
            None => "rate beside the slowest".to_owned(),
        });
    }
    if earlier.is_some() {
        head.push("time against the earlier run".to_owned());
    }
    let row = |one: &&Measure| {
        let mut row = vec![
            Cell::text(name_of(one)),
            Cell::number(time(one.nanoseconds)),
            Cell::number(spread(one)).marked(Mark::Quiet),
        ];
        if alike {
            let other = topic.beside.and_then(|(name, _)| {
                measures.iter().find(|other| other.group == one.group && other.name == name)
            });
            row.push(Cell::number(rate(one)));
            row.push(Cell::number(match other {
                Some(other) => format!("{:.2} times", other.rate() / one.rate()),
                None => times(one.rate() / slowest),
            }));
        }
        let then = earlier.and_then(|earlier| earlier.find(&one.group, &one.name));
        row.extend(then.map(|then| {
            let (word, mark) = judged(one, then);
            Cell::text(format!("{:.2} times, {word}", one.against(then))).marked(mark)
        }));
        row.resize(head.len(), Cell::text("new").marked(Mark::Quiet));
        row
    };
    let rows = measures.iter().map(row).collect();
    Block::Table(Table { head, rows })
}

/// Half of the confidence interval.
fn spread(one: &Measure) -> String {
    if one.low == one.high {
        return "one run".to_owned();
    }
    format!("{:.1} %", (one.high - one.low) * 50.0 / one.nanoseconds)
}

/// Whether some bar would be too short to see beside the longest.
fn spans_decades(bars: &[Bar]) -> bool {
    let most = bars.iter().map(|bar| bar.length).fold(0.0, f64::max);
    let least = bars.iter().map(|bar| bar.length).fold(f64::MAX, f64::min);
    most > least * 50.0
}

fn faults(run: &Run) -> Option<Section> {
    let mut times: Vec<&Measure> = run.measures.iter().filter(|one| one.group == FAULTS).collect();
    times.sort_by(|one, other| other.nanoseconds.total_cmp(&one.nanoseconds));
    let (slowest, middle) = (times.first()?, times.get(times.len() / 2)?);
    let text = format!(
        "Each of {} seeded faults, from the first choice of a campaign at its default settings to the \
         first objection, on one core: median {}, at most {} (`{}`).",
        times.len(),
        time(middle.nanoseconds),
        time(slowest.nanoseconds),
        slowest.name
    );
    let bars: Vec<Bar> = times
        .iter()
        .map(|one| Bar::new(&one.name, one.nanoseconds / 1e6).called(time(one.nanoseconds)))
        .collect();
    let mut blocks = vec![Block::Text(text)];
    blocks.extend(drawn("Time to catch each fault", "milliseconds", &bars, Scale::Logarithmic));
    let row = |one: &&Measure| vec![Cell::text(&one.name), Cell::number(time(one.nanoseconds))];
    let rows = times.iter().map(row).collect();
    let blocks_inside = vec![table(&["fault", "caught after"], rows)];
    blocks.push(Block::Folded { title: "All of them".to_owned(), blocks: blocks_inside });
    Some(Section { title: "Time to catch each fault".to_owned(), blocks })
}

fn memory(run: &Run) -> Option<Section> {
    let row = |one: &Figure| {
        let each = format!("{:.1} bytes", one.bytes_each);
        vec![Cell::text(&one.name), Cell::number(each), Cell::number(grouped(one.count))]
    };
    let rows: Vec<Vec<Cell>> = run.memory.iter().map(row).collect();
    let blocks = vec![table(&["what", "heap bytes each", "counted over"], rows)];
    (!run.memory.is_empty()).then(|| Section { title: "Memory".to_owned(), blocks })
}

/// What each step asks of the allocator.
fn allocations(run: &Run, earlier: Option<&Run>) -> Option<Section> {
    let row = |one: &Calls| {
        let mut row = vec![
            Cell::text(&one.name),
            Cell::number(calls(one.each)),
            Cell::number(grouped(one.count)),
        ];
        if let Some(earlier) = earlier {
            let then = earlier.allocations.iter().find(|then| then.name == one.name);
            row.push(match then {
                Some(then) if one.each > then.each * NOTABLE => {
                    Cell::text(format!("{}, more", calls(then.each))).marked(Mark::Warning)
                }
                Some(then) => Cell::text(calls(then.each)),
                None => Cell::text("new").marked(Mark::Quiet),
            });
        }
        row
    };
    let rows: Vec<Vec<Cell>> = run.allocations.iter().map(row).collect();
    let mut head = vec!["what", "calls of the allocator a step", "steps counted"];
    head.extend(earlier.map(|_| "in the earlier run"));
    let text = "Each ledger, reader and campaign is new, so that a step has its share of what they need at first; growing \
                what is there counts as a call.";
    let blocks = vec![Block::Text(text.to_owned()), table(&head, rows)];
    let title = "Allocations".to_owned();
    (!run.allocations.is_empty()).then_some(Section { title, blocks })
}

fn table(head: &[&str], rows: Vec<Vec<Cell>>) -> Block {
    Block::Table(Table { head: head.iter().map(|word| (*word).to_owned()).collect(), rows })
}

#[cfg(test)]
mod tests;
