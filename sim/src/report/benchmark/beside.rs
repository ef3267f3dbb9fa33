//! quorate beside other programs: those that were measured elsewhere, and those that ran beside it.

use super::topic::{CHECKS, Topic, name_of};
use super::units::{counted, rate, times};
use super::{Run, Yardstick};
use crate::report::sheet::{Block, Cell, Section, Table};

/// What others reach on the same model of modifications.
const PEERS: [(&str, &str); 5] = [
    ("Foundry invariant tests", "5,100 calls/s"),
    ("Hypothesis, stateful", "3,750 rules/s"),
    ("proptest-state-machine, one light check", "398,000 steps/s"),
    ("the Catapult server, same steps, no signatures", "20,000 to 28,000 steps/s"),
    ("the NIS1 validators, same steps, no signatures", "41,000 to 122,000 steps/s"),
];

/// Ours and theirs; for orders of magnitude only.
pub fn peers(run: &Run) -> Section {
    let row = |name: &str, rate: String| vec![Cell::text(name), Cell::number(rate)];
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
    let text = "Others were measured earlier, on two quiet cores of an AMD EPYC, one core each; this run's \
                machine is named at the top. Only orders of magnitude can be compared.";
    let table = table(&["who", "rate"], ours.chain(theirs).collect());
    Section { title: "Beside others".to_owned(), blocks: vec![Block::Text(text.to_owned()), table] }
}

/// Other programs that did the same work on this machine, beside this run.
pub fn yardsticks(run: &Run) -> Option<Section> {
    let rows: Vec<Vec<Cell>> = run.yardsticks.iter().filter_map(|one| row(run, one)).collect();
    let text = "Small programs that do the same work with less, or in another way; not part of quorate. They ran on the \
                machine of this run, before or after it.";
    let head = ["program, and what it is compared with", "the program", "quorate", "quorate is"];
    let blocks = vec![Block::Text(text.to_owned()), table(&head, rows.clone())];
    let title = "Beside other programs on the same machine".to_owned();
    (!rows.is_empty()).then_some(Section { title, blocks })
}

fn row(run: &Run, other: &Yardstick) -> Option<Vec<Cell>> {
    let own = run.find(&other.group, &other.measure)?;
    let topic = Topic::of(own);
    let ratio = own.rate() / other.rate;
    let ratio = match ratio {
        less if less < 1.0 => format!("{} slower", times(1.0 / less)),
        more => format!("{} as fast", times(more)),
    };
    let what = format!("{} (beside: {}, {})", other.name, topic.title, name_of(own));
    Some(vec![
        Cell::text(what),
        Cell::number(counted(other.rate, topic.unit)),
        Cell::number(rate(own)),
        Cell::number(ratio),
    ])
}

fn table(head: &[&str], rows: Vec<Vec<Cell>>) -> Block {
    Block::Table(Table { head: head.iter().map(|word| (*word).to_owned()).collect(), rows })
}

#[cfg(test)]
mod tests {
    use super::super::tests::sample;
    use super::*;

    #[test]
    fn a_program_that_ran_beside_it_stands_beside_the_measurement_it_names() {
        let mut run = sample();
        let other = |rate| Yardstick {
            name: "bare modifications".into(),
            group: CHECKS.into(),
            measure: "ledger alone".into(),
            rate,
        };
        // quorate: 1,000 modifications in 1 ms
        run.yardsticks = vec![other(4e5), other(2e6)];
        let words = format!("{:?}", yardsticks(&run));
        for word in [
            "400,000 modifications/s",
            "1.00 million modifications/s",
            "2.5 times as fast",
            "2.0 times slower",
        ] {
            assert!(words.contains(word), "{word} in {words}");
        }
        run.yardsticks[0].measure = "of no such name".into();
        run.yardsticks.pop();
        assert!(yardsticks(&run).is_none());
    }
}
