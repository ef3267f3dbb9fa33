//! A search on disk: written between two levels, read again to go on.
//!
//! Lines of text. The first is an object that says what is explored and how far; then a line for each
//! family: its skeleton, and for each depth the runs of its states' numbers; the last names how many
//! families there are and the digest of all lines before it, so that a torn or damaged file is seen.

use std::fmt::Write as _;
use std::fs::File;
use std::io::{self, BufRead, BufReader, Read, Write};
use std::path::Path;

use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use super::numbers::Numbers;
use super::packed::Set;
use super::search::{Place, Search};
use super::state_invariant::is_possible;
use super::symmetry::{Skeleton, Symmetry};
use super::witness::Stage;
use super::{Explorer, Packed, Question, Sight, Sightings, StateInvariant, Subject};
use crate::flaw::explain;
use crate::protocol::json::{self, ProtocolRecord};

const FORMAT: &str = "quorate-exploration";
const VERSION: u32 = 3;
/// Longest line of a checkpoint, in bytes: more than the states that fit the memory take.
const LINE_BYTES_MAX: u64 = 256 << 20;
/// Longest first line, in bytes.
const HEAD_BYTES_MAX: u64 = 64 << 20;

/// The digest of some lines as it stands in the last one.
fn digits(digest: Sha256) -> String {
    digest.finalize().iter().take(8).map(|byte| format!("{byte:02x}")).collect()
}

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

/// A state on the way out: rows, thresholds, and the accounts distinguished.
type StageRecord = (u128, u128, Set);

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
    fn of(question: &Question<'_>, sight: &Sight) -> Self {
        let stage = |stage: &Stage| (stage.state.rows, stage.state.thresholds, stage.colour);
        let ladder = sight.ladder.as_ref();
        Self {
            subject: question.name_of(sight.subject),
            place: (sight.place.family, sight.place.number),
            depth: sight.depth,
            ladder: ladder.map(|(account, way)| (*account, way.iter().map(stage).collect())),
        }
    }

    fn sight(&self, question: &Question<'_>) -> Option<Sight> {
        let stage = |&(rows, thresholds, colour): &StageRecord| Stage {
            state: Packed { rows, thresholds },
            colour,
        };
        let ladder = self.ladder.as_ref();
        let invariant =
            StateInvariant::ALL.into_iter().find(|invariant| invariant.name() == self.subject);
        let own = question.own.iter().position(|own| own.name() == self.subject);
        Some(Sight {
            subject: match (invariant, own) {
                (Some(invariant), _) => Subject::Invariant(invariant),
                (None, Some(at)) => Subject::Own(at),
                (None, None) => Subject::Hazard(self.subject.parse().ok()?),
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
    let find = question.sought().map(|subject| question.name_of(subject)).collect();
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
    /// Writes a checkpoint.
    ///
    /// # Errors
    /// What the output says.
    pub fn save(&self, output: &mut impl Write) -> io::Result<()> {
        let mut digest = Sha256::new();
        let mut write = |line: &str| {
            digest.update(line);
            output.write_all(line.as_bytes())
        };
        write(&format!("{}\n", serde_json::to_string(&self.head())?))?;
        let mut line = String::new();
        for family in &self.search.shelf.families {
            line.clear();
            let _ = write!(line, "{:030x}", family.skeleton.rows);
            for level in &family.levels {
                let _ = write!(line, " {}:{}", level.depth, runs(&level.numbers));
            }
            line.push('\n');
            write(&line)?;
        }
        writeln!(output, "end {} {}", self.search.shelf.families.len(), digits(digest))
    }

    fn head(&self) -> Head {
        let (protocol, accounts, share, find) = theme(&self.question);
        let waiting = self.ladders.waiting.iter();
        Head {
            format: FORMAT.to_owned(),
            version: VERSION,
            protocol,
            accounts,
            share,
            find,
            depth: self.search.depth,
            transitions: self.search.transitions,
            sights: self
                .sights
                .iter()
                .map(|sight| SightRecord::of(&self.question, sight))
                .collect(),
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
            let family = explorer.recall(&line);
            if explorer.search.shelf.bytes > explorer.question.bytes_max {
                return Err(reader
                    .wrong("the states do not fit the memory; expected more of it")
                    .into());
            }
            family.ok_or_else(|| {
                reader.wrong(
                    "expected a skeleton of 30 hexadecimal digits and runs `depth:from-to`, both in \
                     ascending order",
                )
            })?;
        }
        reader.end(explorer.search.shelf.families.len())?;
        let sights = head.sights.iter().map(|record| record.sight(&explorer.question));
        let sights: Option<Vec<Sight>> = sights.collect();
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
        let rows = u128::from_str_radix(words.next().filter(|word| word.len() == 30)?, 16).ok()?;
        if !is_possible(setting.accounts, rows) {
            return None;
        }
        let skeleton = Skeleton { rows, colour: 0 };
        let known = self.search.shelf.families.len();
        let canonical = Symmetry::new(setting.accounts).canonical(skeleton).0;
        self.search.shelf.find_or_make(&setting, canonical, usize::MAX)?;
        let family = self.search.shelf.families.get_mut(known).filter(|_| canonical == skeleton)?;
        for word in words {
            let (depth, text) = word.split_once(':')?;
            let depth = depth.parse().ok().filter(|depth| *depth <= self.search.depth)?;
            if family.levels.last().is_some_and(|last| last.depth >= depth) {
                return None;
            }
            self.search.shelf.bytes += Numbers::bytes(family.size());
            if self.search.shelf.bytes > self.question.bytes_max {
                return None;
            }
            let numbers = numbers(text, family.size())?;
            for number in numbers.iter() {
                let (least, orbit) = family.reach(number)?;
                if least != number {
                    return None;
                }
                if setting.share.holds(skeleton, number) {
                    self.counts.states_canonical += 1;
                    self.counts.states_labelled += family.weight * u64::from(orbit);
                }
            }
            family.put(depth, numbers);
        }
        Some(())
    }

    /// Finds the families of the present depth again.
    fn stand(&mut self) {
        let depth = self.search.depth;
        self.search.frontier = self.search.shelf.standing(depth);
        let depths = self.search.shelf.families.iter().flat_map(|family| &family.levels);
        self.counts.depth_max = depths.map(|level| level.depth).max().unwrap_or(0);
        self.counts.transitions = self.search.transitions;
    }
}

/// Ascending numbers as runs: `0-8,12`.
fn runs(numbers: &Numbers) -> String {
    let mut text = String::new();
    let mut numbers = numbers.iter().peekable();
    while let Some(first) = numbers.next() {
        let mut last = first;
        while let Some(next) = numbers.next_if_eq(&(last + 1)) {
            last = next;
        }
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

/// The numbers of ascending runs below `size`; `None` if it is not such a text.
fn numbers(text: &str, size: u32) -> Option<Numbers> {
    let (mut numbers, mut next) = (Numbers::none(size), 0);
    for run in text.split(',') {
        let (from, to) = run.split_once('-').unwrap_or((run, run));
        let (from, to): (u32, u32) = (from.parse().ok()?, to.parse().ok()?);
        if from < next || to < from || to >= size {
            return None;
        }
        (from..=to).for_each(|number| _ = numbers.insert(number));
        next = to + 1;
    }
    Some(numbers)
}

/// Reads a checkpoint line by line.
struct Reader {
    path: String,
    file: BufReader<File>,
    line: usize,
    digest: Sha256,
    last: Option<String>,
}

impl Reader {
    fn open(path: &Path) -> Result<Self, CheckpointError> {
        let name = path.display().to_string();
        match File::open(path) {
            Ok(file) => {
                let (file, digest) = (BufReader::new(file), Sha256::new());
                Ok(Self { path: name, file, line: 0, digest, last: None })
            }
            Err(source) => Err(CheckpointError::File { path: name, source }),
        }
    }

    fn wrong(&self, what: &str) -> CheckpointError {
        CheckpointError::Line { path: self.path.clone(), line: self.line, what: what.to_owned() }
    }

    fn next(&mut self) -> Result<String, CheckpointError> {
        self.line += 1;
        let bytes_max = if self.line == 1 { HEAD_BYTES_MAX } else { LINE_BYTES_MAX };
        let mut line = String::new();
        let read = self.file.by_ref().take(bytes_max).read_line(&mut line);
        if let Err(source) = read {
            return Err(CheckpointError::File { path: self.path.clone(), source });
        }
        if !line.starts_with("end ") {
            self.digest.update(&line);
        }
        match line.strip_suffix('\n') {
            Some(text) => Ok(text.to_owned()),
            None if line.len() as u64 == bytes_max => {
                let what =
                    format!("a line of more than {} MiB; expected a checkpoint", bytes_max >> 20);
                Err(self.wrong(&what))
            }
            None => {
                Err(self.wrong("the file ends here; expected a line `end`, a number and a digest"))
            }
        }
    }

    fn head(&mut self, question: &Question<'_>) -> Result<Head, CheckpointError> {
        let text = self.next()?;
        let head: Head =
            serde_json::from_str(&text).map_err(|error| self.wrong(&explain(&error)))?;
        if head.format != FORMAT || head.version != VERSION {
            let (format, version) = (&head.format, head.version);
            let what =
                format!("`{format}` version {version}; expected `{FORMAT}` version {VERSION}");
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

    fn end(&mut self, families: usize) -> Result<(), CheckpointError> {
        let expected = format!("end {families} {}", digits(self.digest.clone()));
        if !self.file.fill_buf().is_ok_and(<[u8]>::is_empty) {
            self.line += 1;
            return Err(self.wrong("another line; expected the end of the file"));
        }
        match self.last.as_deref() {
            Some(found) if found == expected => Ok(()),
            found => {
                let found = found.unwrap_or_default();
                Err(self.wrong(&format!(
                    "`{found}` after {families} families; expected `{expected}`: the file is damaged"
                )))
            }
        }
    }
}
