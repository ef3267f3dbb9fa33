//! A benchmark run as a page: rates, curves, shares of the time, and what changed since an earlier run.

use super::{Measure, Run, Work};
use crate::report::plot::{self, Bar, Scale};
use crate::report::sheet::{Block, Cell, Mark, Section, Sheet, Table, grouped};

/// The page of a run; with an earlier run, every measurement beside its earlier self.
#[must_use]
pub fn page(run: &Run, earlier: Option<&Run>) -> Sheet {
    let mut sections: Vec<Section> = in_short(run).into_iter().collect();
    sections.extend(earlier.map(|earlier| changes(run, earlier)));
    sections.extend(shares(run));
    sections.push(peers(run));
    for topic in topics(run) {
        let measures = run.measures.iter().filter(|one| Topic::of(one) == topic);
        sections.push(section(topic, &measures.collect::<Vec<_>>(), earlier));
    }
    sections.extend(faults(run));
    sections.extend(memory(run));
    let slower = earlier.map(|earlier| slower(run, earlier).count());
    Sheet {
        title: "How fast quorate is".to_owned(),
        verdict: slower.map(verdict),
        lead:
            "Medians of criterion's samples on the machine named below. Absolute numbers belong to \
               that machine; ratios travel."
                .to_owned(),
        facts: facts(run),
        sections,
        ..Sheet::default()
    }
}

/// The group of the times to catch each fault.
const FAULTS: &str = "faults";

/// The group of the same sequences under more and more checks.
const CHECKS: &str = "campaign/checks";

/// What a section is about: groups of one kind stand together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Topic<'r> {
    title: &'r str,
    /// What an element is.
    unit: &'r str,
}

impl<'r> Topic<'r> {
    fn of(measure: &'r Measure) -> Self {
        let first = measure.group.split('/').next().unwrap_or_default();
        let (title, unit) = match (measure.group.as_str(), first) {
            ("analysis", _) => ("Everything about one account", ""),
            ("analysis/fewest", _) => ("The fewest keys of one account", ""),
            ("campaign/whole", _) => ("Whole campaigns", "steps"),
            (CHECKS, _) => ("The same steps under more and more checks", "steps"),
            ("ledger/modifications", _) => {
                ("Modifications on a ledger of so many accounts", "modifications")
            }
            ("ledger/traces", _) => ("Recorded traces on the ledger alone", "steps"),
            (_, "explore") => ("Exhaustive exploration", "states"),
            (_, "replay") => ("Files read and replayed", ""),
            (_, "wire") => ("Transaction bytes", ""),
            (group, _) => (group, "elements"),
        };
        Self { title, unit }
    }
}

/// The topics in the order of the run, that of faults left out: it has a section of its own.
fn topics(run: &Run) -> Vec<Topic<'_>> {
    let mut topics: Vec<Topic<'_>> = Vec::new();
    for topic in run.measures.iter().filter(|one| one.group != FAULTS).map(Topic::of) {
        if !topics.contains(&topic) {
            topics.push(topic);
        }
    }
    topics
}

/// What a measurement is called within its topic.
fn name_of(measure: &Measure) -> String {
    match measure.group.split_once('/') {
        Some(("explore", accounts)) => format!("{accounts} accounts, {}", measure.name),
        Some(("replay" | "wire", which)) => format!("{which}: {}", measure.name),
        _ => measure.name.clone(),
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
        (format!("The slowest analysis measured ({})", one.name), time(one.nanoseconds))
    });
    let mut faults: Vec<f64> =
        run.measures.iter().filter(|one| one.group == FAULTS).map(|one| one.nanoseconds).collect();
    faults.sort_by(f64::total_cmp);
    let caught = faults.get(faults.len() / 2).zip(faults.last()).map(|(middle, most)| {
        let what = format!("One of {} seeded faults is caught after, one core", faults.len());
        (what, format!("{} (median), at most {}", time(*middle), time(*most)))
    });
    let checked = rate_of(CHECKS, "every invariant and the auditor");
    let checked =
        checked.map(|rate| ("Steps of a campaign with every check, one core".into(), rate));
    let replayed = rate_of("replay/symbol", "with invariants");
    let replayed =
        replayed.map(|rate| ("A recorded trace read, replayed and checked".into(), rate));
    let rows: Vec<Vec<Cell>> = [checked, caught, explored, replayed, analysed]
        .into_iter()
        .flatten()
        .map(|(what, figure): (String, String)| vec![Cell::text(what), number(figure)])
        .collect();
    let title = "In short".to_owned();
    let blocks = |rows| vec![table(&["what", "figure"], rows)];
    (!rows.is_empty()).then(|| Section { title, blocks: blocks(rows) })
}

fn number(text: String) -> Cell {
    Cell { number: true, ..Cell::text(text) }
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
    let rows: Vec<Vec<Cell>> = pairs.map(|(now, then)| change(now, then)).collect();
    blocks.push(match rows.is_empty() {
        true => {
            Block::Text(format!("No measurement differs notably from version {}.", earlier.version))
        }
        false => table(&["what", "before", "now", "time for the same work", "change"], rows),
    });
    Section { title: "Against the earlier run".to_owned(), blocks }
}

fn change(now: &Measure, then: &Measure) -> Vec<Cell> {
    let (word, mark) = judged(now, then);
    vec![
        Cell::text(format!("{}: {}", now.group, now.name)),
        Cell { number: true, ..Cell::text(rate(then)) },
        Cell { number: true, ..Cell::text(rate(now)) },
        Cell { number: true, ..Cell::text(format!("{:.2} times", now.against(then))) },
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
    let times = names.map(|name| run.find(CHECKS, name).map(|one| one.nanoseconds));
    let [Some(ledger), Some(invariants), Some(auditor)] = times else { return None };
    let parts = [
        ("the ledger", ledger),
        ("every invariant, after every step", (invariants - ledger).max(0.0)),
        ("the auditor, and comparing with it", (auditor - invariants).max(0.0)),
    ];
    let whole: f64 = parts.iter().map(|(_, time)| time).sum();
    let rows = parts.iter().map(|(name, time)| {
        let share = format!("{:.0} %", time * 100.0 / whole);
        let times = format!("{:.2} times", time / ledger);
        vec![
            Cell::text(*name),
            Cell { number: true, ..Cell::text(share) },
            Cell { number: true, ..Cell::text(times) },
        ]
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
    let svg = plot::bars(title, axis, bars, scale).ok()?;
    Some(Block::Picture { svg, caption: format!("{title}: {axis}.") })
}

fn section(topic: Topic<'_>, measures: &[&Measure], earlier: Option<&Run>) -> Section {
    let alike = measures.iter().all(|one| one.work != Work::Once);
    let slowest = measures.iter().map(|one| one.rate()).fold(f64::MAX, f64::min);
    let rows = measures.iter().map(|one| {
        let spread = (one.high - one.low) * 50.0 / one.nanoseconds;
        let mut row = vec![
            Cell::text(name_of(one)),
            number(time(one.nanoseconds)),
            number(format!("{spread:.1} %")).marked(Mark::Quiet),
        ];
        if alike {
            row.push(number(rate(one)));
            row.push(number(times(one.rate() / slowest)));
        }
        let then = earlier.and_then(|earlier| earlier.find(&one.group, &one.name));
        row.extend(then.map(|then| {
            let (word, mark) = judged(one, then);
            Cell::text(format!("{:.2} times, {word}", one.against(then))).marked(mark)
        }));
        row
    });
    let mut head = vec!["what", "median time", "give or take"];
    if alike {
        head.extend(["rate", "beside the slowest"]);
    }
    let mut rows: Vec<Vec<Cell>> = rows.collect();
    if earlier.is_some() {
        head.push("time against the earlier run");
        rows.iter_mut()
            .for_each(|row| row.resize(head.len(), Cell::text("new").marked(Mark::Quiet)));
    }
    let length = |one: &Measure| if alike { one.rate() } else { one.nanoseconds / 1e6 };
    let bars: Vec<Bar> = measures.iter().map(|one| Bar::new(name_of(one), length(one))).collect();
    let axis = match measures.first().map(|one| one.work) {
        Some(Work::Elements(_)) => format!("{} a second", topic.unit),
        Some(Work::Bytes(_)) => "bytes a second".to_owned(),
        Some(Work::Once) | None => "milliseconds".to_owned(),
    };
    let scale = if spans_decades(&bars) { Scale::Logarithmic } else { Scale::Linear };
    let mut blocks = vec![table(&head, rows)];
    blocks.extend(drawn(topic.title, &axis, &bars, scale));
    Section { title: topic.title.to_owned(), blocks }
}

/// `1.7 times`, `340 times`: never less than 1.
fn times(ratio: f64) -> String {
    match ratio {
        few if few < 10.0 => format!("{few:.1} times"),
        many => format!("{} times", grouped(many.round() as u64)),
    }
}

/// Whether some bar would be too short to see beside the longest.
fn spans_decades(bars: &[Bar]) -> bool {
    let most = bars.iter().map(|bar| bar.length).fold(0.0, f64::max);
    let least = bars.iter().map(|bar| bar.length).fold(f64::MAX, f64::min);
    most > least * 50.0
}

/// What others reach on the same model of modifications.
const PEERS: [(&str, &str); 5] = [
    ("Foundry invariant tests", "5,100 calls/s"),
    ("Hypothesis, stateful", "3,750 rules/s"),
    ("proptest-state-machine, one light check", "398,000 steps/s"),
    ("the Catapult server, same steps, no signatures", "20,000 to 28,000 steps/s"),
    ("the NIS1 validators, same steps, no signatures", "41,000 to 122,000 steps/s"),
];

fn peers(run: &Run) -> Section {
    let row = |name: &str, rate: String| {
        vec![Cell::text(name), Cell { number: true, ..Cell::text(rate) }]
    };
    let ours = [
        ("quorate, ledger alone", CHECKS, "ledger alone"),
        ("quorate, every invariant after every step", CHECKS, "every invariant"),
        ("quorate, every invariant and the auditor", CHECKS, "every invariant and the auditor"),
        ("quorate, recorded Symbol traces, ledger alone", "ledger/traces", "symbol"),
        ("quorate, recorded NIS1 traces, ledger alone", "ledger/traces", "nis1"),
    ];
    let ours = ours
        .into_iter()
        .filter_map(|(title, group, name)| Some(row(title, rate(run.find(group, name)?))));
    let theirs = PEERS.iter().map(|(name, rate)| row(name, (*rate).to_owned()));
    let text = "Others were measured on two quiet cores of an AMD EPYC, one core each; this run's \
                machine is named at the top. Read the orders of magnitude.";
    let table = table(&["who", "steps a second"], ours.chain(theirs).collect());
    Section { title: "Beside others".to_owned(), blocks: vec![Block::Text(text.to_owned()), table] }
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
    let bars: Vec<Bar> =
        times.iter().map(|one| Bar::new(&one.name, one.nanoseconds / 1e6)).collect();
    let mut blocks = vec![Block::Text(text)];
    blocks.extend(drawn("Time to catch each fault", "milliseconds", &bars, Scale::Logarithmic));
    let row = |one: &&Measure| {
        vec![Cell::text(&one.name), Cell { number: true, ..Cell::text(time(one.nanoseconds)) }]
    };
    let rows = times.iter().map(row).collect();
    let blocks_inside = vec![table(&["fault", "caught after"], rows)];
    blocks.push(Block::Folded { title: "All of them".to_owned(), blocks: blocks_inside });
    Some(Section { title: "Time to catch each fault".to_owned(), blocks })
}

fn memory(run: &Run) -> Option<Section> {
    let rows: Vec<Vec<Cell>> = run
        .memory
        .iter()
        .map(|one| {
            vec![
                Cell::text(&one.name),
                Cell { number: true, ..Cell::text(format!("{:.1}", one.bytes_each)) },
                Cell::number(one.count),
            ]
        })
        .collect();
    let blocks = vec![table(&["what", "heap bytes each", "counted over"], rows)];
    (!run.memory.is_empty()).then(|| Section { title: "Memory".to_owned(), blocks })
}

fn table(head: &[&str], rows: Vec<Vec<Cell>>) -> Block {
    Block::Table(Table { head: head.iter().map(|word| (*word).to_owned()).collect(), rows })
}

/// A rate with its unit in words: `2.50 million steps/s`, `5.90 GB/s`.
fn rate(measure: &Measure) -> String {
    let value = measure.rate();
    if matches!(measure.work, Work::Bytes(_)) {
        let (value, unit) = match value {
            large if large >= 1e9 => (large / 1e9, "GB"),
            large if large >= 1e6 => (large / 1e6, "MB"),
            large if large >= 1e3 => (large / 1e3, "kB"),
            small => (small, "bytes"),
        };
        return format!("{} {unit}/s", figures(value));
    }
    let unit = Topic::of(measure).unit;
    match value {
        large if large >= 1e6 => format!("{} million {unit}/s", figures(large / 1e6)),
        large if large >= 1e3 => {
            let step = 10_f64.powf(large.log10().floor() - 2.0);
            format!("{} {unit}/s", grouped(((large / step).round() * step) as u64))
        }
        small => format!("{} {unit}/s", figures(small)),
    }
}

/// A time with its unit: `1.65 s`, `30.2 ms`.
fn time(nanoseconds: f64) -> String {
    let (value, unit) = match nanoseconds {
        long if long >= 1e9 => (long / 1e9, "s"),
        long if long >= 1e6 => (long / 1e6, "ms"),
        long if long >= 1e3 => (long / 1e3, "µs"),
        short => (short, "ns"),
    };
    format!("{} {unit}", figures(value))
}

/// Three figures.
fn figures(value: f64) -> String {
    let decimals = if value >= 100.0 { 0 } else { usize::from(value < 10.0) + 1 };
    format!("{value:.decimals$}")
}

#[cfg(test)]
mod tests {
    use super::super::tests::{measure, sample};
    use super::*;

    fn words(sheet: &Sheet) -> String {
        format!("{sheet:?}")
    }

    #[test]
    fn a_page_names_the_machine_and_every_group() {
        let sheet = page(&sample(), None);
        let words = words(&sheet);
        for word in [
            "Test 3000",
            "Modifications on a ledger",
            "Transaction bytes",
            "decode: C",
            "plain account",
            "u8-wrap",
        ] {
            assert!(words.contains(word), "{word}");
        }
        assert_eq!(sheet.verdict, None);
    }

    #[test]
    fn a_page_begins_with_what_is_asked_for_most() {
        let sheet = page(&sample(), None);
        let first = format!("{:?}", sheet.sections[0]);
        // 1,000 steps in 8 ms; faults of 2 and 90 ms
        for word in ["In short", "125,000 steps/s", "90.0 ms (median), at most 90.0 ms"] {
            assert!(first.contains(word), "{word} in {first}");
        }
        // All five, each the one that is meant: one core, with invariants, the slowest, the middle.
        let mut run = sample();
        let more = [
            measure("explore/4", "jobs 1", 3e6, Work::Elements(139)),
            measure("explore/5", "jobs 1", 4e7, Work::Elements(1_838)),
            measure("explore/5", "jobs 2", 2e7, Work::Elements(1_838)),
            measure("replay/symbol", "with invariants", 5e6, Work::Bytes(1_000_000)),
            measure("replay/symbol", "without", 2e6, Work::Bytes(1_000_000)),
            measure("analysis", "quick", 7e5, Work::Once),
            measure("analysis", "slow", 6e8, Work::Once),
            measure("analysis", "middle", 9e6, Work::Once),
            measure("faults", "zero-threshold", 3e6, Work::Once),
        ];
        run.measures.extend(more);
        let in_short = in_short(&run).unwrap();
        let [Block::Table(table)] = &in_short.blocks[..] else { panic!("{in_short:?}") };
        let cells = |row: &Vec<Cell>| row.iter().map(|cell| cell.text.clone()).collect::<Vec<_>>();
        let rows: Vec<Vec<String>> = table.rows.iter().map(cells).collect();
        let expected = [
            ["Steps of a campaign with every check, one core", "125,000 steps/s"],
            [
                "One of 3 seeded faults is caught after, one core",
                "3.00 ms (median), at most 90.0 ms",
            ],
            ["Everything that 5 accounts can reach (1,838 states), one core", "40.0 ms"],
            ["A recorded trace read, replayed and checked", "200 MB/s"],
            ["The slowest analysis measured (slow)", "600 ms"],
        ];
        assert_eq!(rows, expected);
        let zero = words(&sheet).contains("\"0.0");
        assert!(!zero, "no figure is shown as nothing");
    }

    #[test]
    fn shares_are_what_each_group_of_checks_adds() {
        let section = shares(&sample()).unwrap();
        let words = format!("{section:?}");
        // 1, 3 - 1 and 8 - 3 of 8
        for share in ["\"12 %\"", "\"25 %\"", "\"62 %\""] {
            assert!(words.contains(share), "{share} in {words}");
        }
    }

    #[test]
    fn what_got_slower_is_marked() {
        let (earlier, mut run) = (sample(), sample());
        run.measures[7] = measure("wire/decode", "C", 9_000.0, Work::Bytes(20_000));
        let sheet = page(&run, Some(&earlier));
        assert_eq!(sheet.verdict, Some((Mark::Warning, "1 measurement got slower".to_owned())));
        assert!(words(&sheet).contains("1.80 times, slower"));
        let same = page(&earlier, Some(&earlier));
        assert_eq!(same.verdict, Some((Mark::Good, "nothing got slower".to_owned())));
    }

    #[test]
    fn every_row_has_a_cell_for_each_heading() {
        let (mut earlier, run) = (sample(), sample());
        earlier.measures.remove(0);
        earlier.measures.pop();
        for section in page(&run, Some(&earlier)).sections {
            for block in section.blocks {
                let Block::Table(table) = block else { continue };
                assert!(table.rows.iter().all(|row| row.len() == table.head.len()), "{table:?}");
            }
        }
    }

    #[test]
    fn numbers_have_three_figures_and_a_unit() {
        assert_eq!(time(1_650_000_000.0), "1.65 s");
        assert_eq!(time(30_200.0), "30.2 µs");
        assert_eq!(time(412.0), "412 ns");
        assert_eq!(
            rate(&measure("ledger/traces", "b", 1e9, Work::Elements(2_500_000))),
            "2.50 million steps/s"
        );
        assert_eq!(rate(&measure("a", "b", 1e9, Work::Elements(62_549))), "62,500 elements/s");
        assert_eq!(rate(&measure("a", "b", 1e9, Work::Bytes(5_900_000_000))), "5.90 GB/s");
    }
}
