//! Benchmark runs: what criterion measured, saved as one small file, compared with an earlier one.
//!
//! A [`Run`] names the machine, for its times mean nothing without it. [`measures`] reads the folder
//! criterion writes (`target/criterion`: `benchmark.json` and `estimates.json` of every measurement);
//! [`page`] tells it as a [`Sheet`](super::sheet::Sheet).

mod beside;
mod page;
mod read;
mod topic;
mod units;

pub use page::page;
pub use read::{BenchmarkError, figures, measures};

use serde::{Deserialize, Serialize};

/// The format's name in a saved run.
pub const FORMAT: &str = "quorate-benchmarks";

/// A run of the benchmarks on one machine.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Run {
    /// Always [`FORMAT`].
    pub format: String,
    /// The version of quorate that was measured.
    pub version: String,
    /// Where it was measured.
    pub machine: Machine,
    /// Times, sorted by group, in the order of names within it; numbers as numbers.
    pub measures: Vec<Measure>,
    /// Heap bytes.
    #[serde(default)]
    pub memory: Vec<Figure>,
    /// Calls of the allocator.
    #[serde(default)]
    pub allocations: Vec<Calls>,
    /// Other programs that ran on the same machine.
    #[serde(default)]
    pub yardsticks: Vec<Yardstick>,
}

/// The machine of a run.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Machine {
    /// The processor's name as it tells itself.
    pub processor: String,
    /// Number of cores that this process may use.
    pub cores: usize,
    /// Operating system and architecture.
    pub system: String,
}

/// How long something takes.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Measure {
    /// What is measured: `ledger/traces`.
    pub group: String,
    /// Which of it: `symbol`.
    pub name: String,
    /// The median time of one round, in nanoseconds.
    pub nanoseconds: f64,
    /// The lower end of the median's confidence interval, in nanoseconds.
    pub low: f64,
    /// The upper end, in nanoseconds.
    pub high: f64,
    /// How much a round does.
    pub work: Work,
}

/// How much one round of a measurement does.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Work {
    /// One of something.
    #[default]
    Once,
    /// So many elements: steps, modifications, states.
    Elements(u64),
    /// So many bytes.
    Bytes(u64),
}

/// Heap bytes of one thing.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Figure {
    /// The thing.
    pub name: String,
    /// Bytes of one.
    pub bytes_each: f64,
    /// How many there were.
    pub count: u64,
}

/// How often one step of something calls the allocator.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Calls {
    /// What takes the steps.
    pub name: String,
    /// Calls a step.
    pub each: f64,
    /// How many steps there were.
    pub count: u64,
}

/// What another program reaches that does the same work.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Yardstick {
    /// What it is and does, in words.
    pub name: String,
    /// The group of the measurement that does the same.
    pub group: String,
    /// Its name.
    pub measure: String,
    /// Elements a second, of the same kind.
    pub rate: f64,
}

/// The shortest and the longest time that a measurement may have, in nanoseconds: a thousandth of one, and a year.
const NANOSECONDS: std::ops::RangeInclusive<f64> = 1e-3..=3.2e16;

/// The least and the most that a program can reach, a second.
const RATES: std::ops::RangeInclusive<f64> = 1e-6..=1e15;

impl Yardstick {
    /// Whether its rate is one.
    ///
    /// # Errors
    /// The rate, as a sentence.
    pub fn check(&self) -> Result<(), String> {
        match RATES.contains(&self.rate) {
            true => Ok(()),
            false => Err(format!("`rate` is {}; expected 1e-6 to 1e15 a second", self.rate)),
        }
    }
}

impl Measure {
    /// Whether its times are times.
    ///
    /// # Errors
    /// The field that is out of range, as a sentence.
    pub fn check(&self) -> Result<(), String> {
        let times = [("nanoseconds", self.nanoseconds), ("low", self.low), ("high", self.high)];
        match times.iter().find(|(_, time)| !NANOSECONDS.contains(time)) {
            Some((field, time)) => {
                let (least, most) = (NANOSECONDS.start(), NANOSECONDS.end());
                Err(format!("`{field}` is {time}; expected {least} to {most:e} nanoseconds"))
            }
            None => Ok(()),
        }
    }

    /// Elements or bytes a second; rounds a second where a round does one thing.
    #[must_use]
    pub fn rate(&self) -> f64 {
        let work = match self.work {
            Work::Once => 1,
            Work::Elements(count) | Work::Bytes(count) => count,
        };
        work as f64 * 1e9 / self.nanoseconds
    }

    /// Time for the same work, as a multiple of the time in `earlier`.
    #[must_use]
    pub fn against(&self, earlier: &Self) -> f64 {
        earlier.rate() / self.rate()
    }

    /// Whether it got slower: by a tenth at least, and with intervals that do not meet.
    #[must_use]
    pub fn is_slower_than(&self, earlier: &Self) -> bool {
        self.against(earlier) > NOTABLE && self.apart(earlier)
    }

    /// Whether it got faster: by a tenth at least, and with intervals that do not meet.
    #[must_use]
    pub fn is_faster_than(&self, earlier: &Self) -> bool {
        earlier.against(self) > NOTABLE && self.apart(earlier)
    }

    fn apart(&self, earlier: &Self) -> bool {
        let scale = earlier.nanoseconds * self.against(earlier) / self.nanoseconds;
        self.low * scale > earlier.high || self.high * scale < earlier.low
    }
}

/// A change below a tenth is left to chance.
const NOTABLE: f64 = 1.1;

impl Run {
    /// The measurement of the same name.
    #[must_use]
    pub fn find(&self, group: &str, name: &str) -> Option<&Measure> {
        self.measures.iter().find(|one| one.group == group && one.name == name)
    }

    /// Whether its numbers are times and rates.
    ///
    /// # Errors
    /// The first that is not, with its place.
    pub fn check(&self) -> Result<(), String> {
        for (index, measure) in self.measures.iter().enumerate() {
            measure.check().map_err(|what| format!("measures[{index}]: {what}"))?;
        }
        for (index, other) in self.yardsticks.iter().enumerate() {
            other.check().map_err(|what| format!("yardsticks[{index}]: {what}"))?;
        }
        Ok(())
    }

    /// Reads a saved run.
    ///
    /// # Errors
    /// What is wrong with the text, with line and column.
    pub fn parse(text: &str) -> Result<Self, serde_json::Error> {
        let run: Self = serde_json::from_str(text)?;
        if run.format != FORMAT {
            let found = &run.format;
            return Err(serde::de::Error::custom(format!(
                "unknown format `{found}`; expected `{FORMAT}`"
            )));
        }
        run.check().map_err(serde::de::Error::custom)?;
        Ok(run)
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    /// A measurement of `nanoseconds`, give or take one in a hundred.
    pub fn measure(group: &str, name: &str, nanoseconds: f64, work: Work) -> Measure {
        let (low, high) = (nanoseconds * 0.99, nanoseconds * 1.01);
        Measure { group: group.into(), name: name.into(), nanoseconds, low, high, work }
    }

    /// A run with a bit of everything.
    pub fn sample() -> Run {
        let machine = Machine { processor: "Test 3000".into(), cores: 2, system: "none".into() };
        let measures = vec![
            measure("faults", "no-opt-in", 2e6, Work::Once),
            measure("faults", "u8-wrap", 9e7, Work::Once),
            measure("campaign/checks", "ledger alone", 1e6, Work::Elements(1_000)),
            measure("campaign/checks", "every invariant", 3e6, Work::Elements(1_000)),
            measure(
                "campaign/checks",
                "every invariant and the auditor",
                8e6,
                Work::Elements(1_000),
            ),
            measure("campaign/whole", "symbol, 1 threads", 2e6, Work::Elements(1_500)),
            measure("ledger/modifications", "16", 1_000.0, Work::Elements(20)),
            measure("ledger/modifications", "1000000", 1_100.0, Work::Elements(20)),
            measure("wire", "decode, C", 5_000.0, Work::Bytes(20_000)),
        ];
        let memory = vec![Figure { name: "plain account".into(), bytes_each: 60.1, count: 1_000 }];
        let allocations = vec![Calls { name: "the ledger alone".into(), each: 0.0, count: 1_000 }];
        let (format, version) = (FORMAT.into(), "0.1.0".into());
        Run { format, version, machine, measures, memory, allocations, yardsticks: Vec::new() }
    }

    #[test]
    fn a_run_reads_back_as_it_was_written() {
        let run = sample();
        let text = serde_json::to_string(&run).unwrap();
        assert_eq!(Run::parse(&text).unwrap(), run);
        let other = text.replace(FORMAT, "quorate-other");
        assert!(Run::parse(&other).unwrap_err().to_string().contains("expected `quorate-benchm"));
    }

    #[test]
    fn slower_needs_a_tenth_and_intervals_apart() {
        let earlier = measure("a", "b", 100.0, Work::Once);
        assert!(measure("a", "b", 120.0, Work::Once).is_slower_than(&earlier));
        assert!(!measure("a", "b", 105.0, Work::Once).is_slower_than(&earlier));
        let unsure = Measure { low: 90.0, ..measure("a", "b", 120.0, Work::Once) };
        assert!(!unsure.is_slower_than(&earlier));
        assert!(measure("a", "b", 80.0, Work::Once).is_faster_than(&earlier));
    }

    #[test]
    fn twice_the_work_in_twice_the_time_is_neither_slower_nor_faster() {
        let earlier = measure("a", "b", 100.0, Work::Elements(10));
        let now = measure("a", "b", 200.0, Work::Elements(20));
        assert!(!now.is_slower_than(&earlier) && !now.is_faster_than(&earlier));
        assert!((now.against(&earlier) - 1.0).abs() < 1e-9);
    }
}
