//! A search on disk: written between two levels, read again to go on.
//!
//! Lines of text. The first is an object that says what is explored and how far; then a line for each
//! family: its skeleton, and for each depth the runs of its states' numbers; the last names how many
//! families there are, so that a torn file is seen.

use std::fmt::Write as _;
use std::fs::{self, File};
use std::io::{self, BufRead, BufReader, Write};
use std::path::Path;

use serde::{Deserialize, Serialize};

use super::family::Level;
use super::search::{Place, Search};
use super::symmetry::{Skeleton, Symmetry};
use super::witness::Stage;
use super::{Explorer, Packed, Promise, Question, Sight, Sightings, Subject};
use crate::protocol::json::{self, ProtocolRecord};

const FORMAT: &str = "quorate-exploration";

/// Why a checkpoint cannot be written or read.
#[derive(Debug, thiserror::Error)]
pub enum CheckpointError {
    /// The file.
    #[error("{path}: {source}")]
    File {
        /// Which.
        path: String,
        /// What the system says.
        source: io::Error,
    },
    /// A line that does not say what it should.
    #[error("{path}:{line}: {what}")]
    Line {
        /// Which file.
        path: String,
        /// Which line, from 1.
        line: usize,
        /// What was found and what was expected.
        what: String,
    },
    /// A checkpoint of another question.
    #[error("{path}: the checkpoint is of {found}; expected {expected}")]
    Other {
        /// Which file.
        path: String,
        /// What it holds.
        found: String,
        /// What is asked now.
        expected: String,
    },
}

/// The first line.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Head {
    format: String,
    version: u32,
    protocol: ProtocolRecord,
    accounts: usize,
    share: (u32, u32),
    find: Vec<String>,
    depth: u32,
    transitions: u64,
    sights: Vec<SightRecord>,
    waiting: Vec<(u32, u32, u32)>,
}

/// A state on the way out: rows, thresholds, and the accounts told apart.
type StageRecord = (u64, u64, u8);

/// A thing seen: subject, family, number, depth, and the told-apart account with the way out.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct SightRecord {
    subject: String,
    place: (u32, u32),
    depth: u32,
    ladder: Option<(u8, Vec<StageRecord>)>,
}

impl SightRecord {
    fn of(sight: &Sight) -> Self {
        let stage = |stage: &Stage| (stage.state.rows, stage.state.thresholds, stage.colour);
        let ladder = sight.ladder.as_ref();
        Self {
            subject: sight.subject.to_string(),
            place: (sight.place.family, sight.place.number),
            depth: sight.depth,
            ladder: ladder.map(|(account, way)| (*account, way.iter().map(stage).collect())),
        }
    }

    fn sight(&self) -> Option<Sight> {
        let stage = |&(rows, thresholds, colour): &StageRecord| Stage {
            state: Packed { rows, thresholds },
            colour,
        };
        let ladder = self.ladder.as_ref();
        let promise = Promise::ALL.into_iter().find(|promise| promise.name() == self.subject);
        Some(Sight {
            subject: match promise {
                Some(promise) => Subject::Promise(promise),
                None => Subject::Hazard(self.subject.parse().ok()?),
            },
            place: Place { family: self.place.0, number: self.place.1 },
            depth: self.depth,
            ladder: ladder.map(|(account, way)| (*account, way.iter().map(stage).collect())),
        })
    }
}

/// What a question is about, for comparing two.
fn theme(question: &Question<'_>) -> (ProtocolRecord, usize, (u32, u32), Vec<String>) {
    let protocol = json::record_of(question.protocol);
    let find = question.find.iter().map(ToString::to_string).collect();
    (protocol, question.accounts, (question.share.part, question.share.parts), find)
}

impl Head {
    fn theme(&self) -> (ProtocolRecord, usize, (u32, u32), Vec<String>) {
        (self.protocol.clone(), self.accounts, self.share, self.find.clone())
    }
}

fn described(theme: &(ProtocolRecord, usize, (u32, u32), Vec<String>)) -> String {
    let (protocol, accounts, (part, parts), find) = theme;
    let protocol = serde_json::to_string(protocol).unwrap_or_default();
    let find = if find.is_empty() { "no hazard".to_owned() } else { find.join(", ") };
    format!("{accounts} accounts under {protocol}, part {part} of {parts}, looking for {find}")
}

impl<'p> Explorer<'p> {
    /// Writes a checkpoint: into a file beside it first, which then takes its name.
    ///
    /// # Errors
    /// The file cannot be written.
    pub fn save(&self, path: &Path) -> Result<(), CheckpointError> {
        let mut beside = path.as_os_str().to_owned();
        beside.push(".partial");
        let written = self.write_to(Path::new(&beside)).and_then(|()| fs::rename(&beside, path));
        written.map_err(|source| CheckpointError::File { path: path.display().to_string(), source })
    }

    fn write_to(&self, path: &Path) -> io::Result<()> {
        let mut file = io::BufWriter::new(File::create(path)?);
        serde_json::to_writer(&mut file, &self.head())?;
        file.write_all(b"\n")?;
        let mut line = String::new();
        for family in &self.search.shelf.families {
            line.clear();
            let _ = write!(line, "{:016x}", family.skeleton.rows);
            for level in &family.levels {
                let _ = write!(line, " {}:{}", level.depth, runs(&level.numbers));
            }
            line.push('\n');
            file.write_all(line.as_bytes())?;
        }
        writeln!(file, "end {}", self.search.shelf.families.len())?;
        file.into_inner().map_err(io::IntoInnerError::into_error)?.sync_all()
    }

    fn head(&self) -> Head {
        let (protocol, accounts, share, find) = theme(&self.question);
        let waiting = self.ladders.waiting.iter();
        Head {
            format: FORMAT.to_owned(),
            version: 1,
            protocol,
            accounts,
            share,
            find,
            depth: self.search.depth,
            transitions: self.search.transitions,
            sights: self.sights.iter().map(SightRecord::of).collect(),
            waiting: waiting.map(|&(place, depth)| (place.family, place.number, depth)).collect(),
        }
    }

    /// Goes on from a checkpoint.
    ///
    /// # Errors
    /// A question that cannot be explored, a file that cannot be read, is torn, or is of another
    /// question.
    pub fn resume(question: Question<'p>, path: &Path) -> Result<Self, super::ExploreError> {
        let pool = super::pool(&question)?;
        let setting = super::setting(&question);
        let (mut search, _): (_, Sightings) = Search::new(setting, Packed::default(), 0);
        search.shelf = super::expansion::Shelf::default();
        let mut reader = Reader::open(path)?;
        let head = reader.head(&question)?;
        (search.depth, search.transitions) = (head.depth, head.transitions);
        let mut explorer = Self::at(question, pool, search);
        while let Some(line) = reader.family()? {
            explorer.recall(&line).ok_or_else(|| {
                reader
                    .wrong("expected a skeleton of 16 hexadecimal digits and runs `depth:from-to`")
            })?;
        }
        reader.end(explorer.search.shelf.families.len())?;
        let sights: Option<Vec<Sight>> = head.sights.iter().map(SightRecord::sight).collect();
        explorer.sights = sights.ok_or_else(|| reader.wrong("a finding of an unknown name"))?;
        let waiting = head.waiting.iter();
        explorer.ladders.waiting =
            waiting.map(|&(family, number, depth)| (Place { family, number }, depth)).collect();
        explorer.stand();
        Ok(explorer)
    }

    /// Reads one family; `None` if the line is not one.
    fn recall(&mut self, line: &str) -> Option<()> {
        let setting = self.search.setting;
        let mut words = line.split(' ');
        let rows = u64::from_str_radix(words.next().filter(|word| word.len() == 16)?, 16).ok()?;
        let skeleton = Skeleton { rows, colour: 0 };
        let known = self.search.shelf.families.len();
        let canonical = Symmetry::new(setting.accounts).canonical(skeleton).0;
        self.search.shelf.find_or_make(&setting, canonical)?;
        let family = self.search.shelf.families.get_mut(known).filter(|_| canonical == skeleton)?;
        for word in words {
            let (depth, text) = word.split_once(':')?;
            let mut numbers = Vec::new();
            for run in text.split(',') {
                let (from, to) = run.split_once('-').unwrap_or((run, run));
                let (from, to): (u32, u32) = (from.parse().ok()?, to.parse().ok()?);
                if to >= family.size() {
                    return None;
                }
                numbers.extend(from..=to);
            }
            for &number in &numbers {
                let (least, orbit) = family.reach(number)?;
                if least != number {
                    return None;
                }
                if setting.share.holds(skeleton, number) {
                    self.counts.states_canonical += 1;
                    self.counts.states_labelled += family.weight * u64::from(orbit);
                }
            }
            self.search.shelf.bytes += numbers.len() * 4;
            family.levels.push(Level { depth: depth.parse().ok()?, numbers });
        }
        Some(())
    }

    /// Finds the families of the present depth again.
    fn stand(&mut self) {
        let depth = self.search.depth;
        let families = self.search.shelf.families.iter().enumerate();
        let here = families.filter(|(_, family)| !family.at(depth).is_empty());
        self.search.frontier = here.map(|(id, _)| id as u32).collect();
        let depths = self.search.shelf.families.iter().flat_map(|family| &family.levels);
        self.counts.depth_max = depths.map(|level| level.depth).max().unwrap_or(0);
        self.counts.transitions = self.search.transitions;
    }
}

/// Ascending numbers as runs: `0-8,12`.
fn runs(numbers: &[u32]) -> String {
    let mut text = String::new();
    for run in numbers.chunk_by(|one, next| one + 1 == *next) {
        let (Some(first), Some(last)) = (run.first(), run.last()) else { continue };
        if !text.is_empty() {
            text.push(',');
        }
        let _ = write!(text, "{first}");
        if first != last {
            let _ = write!(text, "-{last}");
        }
    }
    text
}

/// Reads a checkpoint line by line.
struct Reader {
    path: String,
    lines: io::Lines<BufReader<File>>,
    line: usize,
    last: Option<String>,
}

impl Reader {
    fn open(path: &Path) -> Result<Self, CheckpointError> {
        let name = path.display().to_string();
        match File::open(path) {
            Ok(file) => {
                let lines = BufReader::new(file).lines();
                Ok(Self { path: name, lines, line: 0, last: None })
            }
            Err(source) => Err(CheckpointError::File { path: name, source }),
        }
    }

    fn wrong(&self, what: &str) -> CheckpointError {
        CheckpointError::Line { path: self.path.clone(), line: self.line, what: what.to_owned() }
    }

    fn next(&mut self) -> Result<String, CheckpointError> {
        self.line += 1;
        match self.lines.next() {
            Some(Ok(line)) => Ok(line),
            Some(Err(source)) => Err(CheckpointError::File { path: self.path.clone(), source }),
            None => Err(self.wrong("the file ends here; expected a line `end` and a number")),
        }
    }

    fn head(&mut self, question: &Question<'_>) -> Result<Head, CheckpointError> {
        let text = self.next()?;
        let head: Head =
            serde_json::from_str(&text).map_err(|error| self.wrong(&error.to_string()))?;
        if head.format != FORMAT || head.version != 1 {
            let (format, version) = (&head.format, head.version);
            let what = format!("`{format}` version {version}; expected `{FORMAT}` version 1");
            return Err(self.wrong(&what));
        }
        let (found, expected) = (head.theme(), theme(question));
        if found != expected {
            return Err(CheckpointError::Other {
                path: self.path.clone(),
                found: described(&found),
                expected: described(&expected),
            });
        }
        Ok(head)
    }

    /// The next family's line; `None` at the line that ends the file.
    fn family(&mut self) -> Result<Option<String>, CheckpointError> {
        let line = self.next()?;
        if line.starts_with("end ") {
            self.last = Some(line);
            return Ok(None);
        }
        Ok(Some(line))
    }

    fn end(&self, families: usize) -> Result<(), CheckpointError> {
        let expected = format!("end {families}");
        match self.last.as_deref() {
            Some(found) if found == expected => Ok(()),
            found => {
                let found = found.unwrap_or_default();
                Err(self
                    .wrong(&format!("`{found}` behind {families} families; expected `{expected}`")))
            }
        }
    }
}
