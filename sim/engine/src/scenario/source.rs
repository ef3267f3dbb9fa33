//! Opening a scenario and reading it step by step, with a place for everything that is wrong.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Read};
use std::path::Path;

use flate2::bufread::MultiGzDecoder;

use super::header::{FORMAT, Header};
use super::read::Misfit;
use super::record::{HeaderRecord, StepRecord};
use super::step::Step;
use crate::encoding;
use crate::flaw::Flaw;

/// Longest line of a `.jsonl`, in bytes. A line holds one step.
pub const LINE_BYTES_MAX: u64 = 64 << 20;
/// Largest `.json`, in bytes; longer scenarios belong into `.jsonl`, which is streamed.
const JSON_BYTES_MAX: u64 = 256 << 20;
/// Most blank lines in a row, so that a small compressed file cannot keep us for hours.
const BLANK_LINES_MAX: u64 = 100_000;
/// Bytes read at a time.
const CHUNK_BYTES: usize = 256 << 10;

/// How a scenario is laid out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Layout {
    /// One JSON object.
    Json,
    /// The header on line 1, then one step a line.
    Lines,
}

/// Why a scenario cannot be read: the place, what was found, what was expected.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ScenarioError {
    /// The file as the user named it.
    pub file: String,
    /// The line, from 1; 0 where no line is meant.
    pub line: u64,
    /// The column in bytes, from 1; 0 where no column is meant.
    pub column: u64,
    /// The step, from 1; 0 where the header or the whole file is meant.
    pub step: u64,
    /// What was found and what was expected.
    pub what: String,
}

impl std::error::Error for ScenarioError {}

impl std::fmt::Display for ScenarioError {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "{}:", self.file)?;
        if self.line > 0 {
            write!(formatter, "{}:", self.line)?;
        }
        if self.column > 0 {
            write!(formatter, "{}:", self.column)?;
        }
        if self.step > 0 {
            write!(formatter, " step {}:", self.step)?;
        }
        write!(formatter, " {}", self.what)
    }
}

/// Where bytes come from.
pub type Source = BufReader<Box<dyn Read>>;

/// A source of scenario text.
#[must_use]
pub fn source(reader: impl Read + 'static) -> Source {
    BufReader::with_capacity(CHUNK_BYTES, Box::new(reader))
}

/// The steps of an open scenario.
pub struct Steps {
    file: String,
    input: Input,
    step: u64,
    /// The line the present step begins on.
    line: u64,
}

/// What a line of a stream holds.
#[expect(clippy::large_enum_variant, reason = "nearly every line is a step")]
pub enum Line<'a> {
    /// A step, read into the caller's [`Step`].
    Step(StepRecord<'a>),
    /// The header of another scenario.
    Header(Box<Header>),
    /// Nothing more.
    End,
}

enum Input {
    Lines {
        reader: Source,
        line: Vec<u8>,
        next_line: u64,
    },
    Json {
        text: String,
        steps: std::vec::IntoIter<(usize, usize)>,
        counted: (usize, u64),
        present: (usize, usize),
    },
}

/// The layout a file's name announces, `None` for a file that is no scenario by its name.
#[must_use]
pub fn sniff(path: &Path) -> Option<Layout> {
    let name = path.file_name()?.to_str()?;
    if name.ends_with(".json") {
        Some(Layout::Json)
    } else if name.ends_with(".jsonl") || name.ends_with(".jsonl.gz") {
        Some(Layout::Lines)
    } else {
        None
    }
}

/// Opens a scenario file and reads its header.
///
/// # Errors
/// A file that cannot be read, is no scenario by its name, or has a header that does not fit.
pub fn open(path: &Path) -> Result<(Header, Steps), ScenarioError> {
    let name = path.display().to_string();
    let Some(layout) = sniff(path) else {
        return Err(at(&name, "expected a scenario: `.json`, `.jsonl` or `.jsonl.gz`"));
    };
    let file = File::open(path).map_err(|error| at(&name, format!("cannot open: {error}")))?;
    if name.ends_with(".gz") {
        let mut file = BufReader::with_capacity(CHUNK_BYTES, file);
        let head = file.fill_buf().map_err(|error| at(&name, format!("cannot read: {error}")))?;
        if !encoding::is_gzip(head) {
            let what = "no gzip data, whatever its name says; expected a gzip file";
            return Err(ScenarioError { line: 1, ..at(&name, what) });
        }
        open_reader(&name, source(MultiGzDecoder::new(file)), layout)
    } else {
        open_reader(&name, source(file), layout)
    }
}

/// Reads the header of a scenario from any source; `name` stands in messages.
///
/// # Errors
/// As [`open`].
pub fn open_reader(
    name: &str,
    mut reader: Source,
    layout: Layout,
) -> Result<(Header, Steps), ScenarioError> {
    match layout {
        Layout::Json => {
            let mut bytes = Vec::new();
            let mut limited = (&mut reader).take(JSON_BYTES_MAX + 1);
            limited.read_to_end(&mut bytes).map_err(|error| at(name, unreadable(&error)))?;
            if bytes.len() as u64 > JSON_BYTES_MAX {
                let what = "larger than 256 MiB; expected a long scenario as `.jsonl`";
                return Err(ScenarioError { line: 1, ..at(name, what) });
            }
            let text = encoding::text(&bytes).map_err(|error| not_utf8(name, 1, &bytes, &error))?;
            open_json(name, text.to_owned())
        }
        Layout::Lines => open_lines(name, reader),
    }
}

fn open_json(name: &str, text: String) -> Result<(Header, Steps), ScenarioError> {
    let record: HeaderRecord<'_> = object(&text, HEADER_EXPECTED)
        .and_then(|()| serde_json::from_str(&text))
        .map_err(|error| syntax(name, header_flaw(&text, &error), (1, 1), 0))?;
    let header =
        Header::read(&record).map_err(|misfit| place_in_header(name, &text, 1, misfit.0))?;
    let base = text.as_ptr() as usize;
    let place = |raw: &&serde_json::value::RawValue| {
        let start = raw.get().as_ptr() as usize - base;
        (start, start + raw.get().len())
    };
    let steps: Vec<_> = record.steps.iter().flatten().map(place).collect();
    let present = (0, text.len());
    let input = Input::Json { steps: steps.into_iter(), counted: (0, 1), text, present };
    Ok((header, Steps { file: name.to_owned(), input, step: 0, line: 1 }))
}

fn open_lines(name: &str, mut reader: Source) -> Result<(Header, Steps), ScenarioError> {
    let mut line = Vec::new();
    let mut number = 0;
    let text = loop {
        number += 1;
        match read_line(name, &mut reader, &mut line, number)? {
            None => {
                let what = "the file is empty; expected a header: {\"format\":\"multisig-trace\",\"version\":1,..}";
                return Err(ScenarioError { line: number, ..at(name, what) });
            }
            Some(_) if number > BLANK_LINES_MAX => return Err(too_blank(name, number)),
            Some(text) if text.trim().is_empty() => {}
            Some(text) => break text,
        }
    };
    let header = read_header(name, number, text).map_err(|error| {
        match serde_json::from_str::<StepRecord<'_>>(text) {
            Ok(_) => {
                let what = "a step; expected the header first: {\"format\":\"multisig-trace\",..}";
                ScenarioError { line: number, ..at(name, what) }
            }
            Err(_) => error,
        }
    })?;
    let input = Input::Lines { reader, line, next_line: number + 1 };
    Ok((header, Steps { file: name.to_owned(), input, step: 0, line: number }))
}

fn header_flaw(text: &str, error: &serde_json::Error) -> Flaw {
    Flaw::of_format(text, error, FORMAT).expecting(HEADER_EXPECTED)
}

fn read_header(name: &str, line: u64, text: &str) -> Result<Header, ScenarioError> {
    let record: HeaderRecord<'_> = object(text, HEADER_EXPECTED)
        .and_then(|()| serde_json::from_str(text))
        .map_err(|error| syntax(name, header_flaw(text, &error), (line, 1), 0))?;
    let misfit = |what: String| place_in_header(name, text, line, what);
    if record.steps.is_some() {
        return Err(misfit("`steps` in a header line; expected one step a line below it".into()));
    }
    Header::read(&record).map_err(|error| misfit(error.0))
}

/// Reads the next line into `line` and returns it without its end; `None` at the end of the file.
fn read_line<'l>(
    name: &str,
    reader: &mut dyn BufRead,
    line: &'l mut Vec<u8>,
    number: u64,
) -> Result<Option<&'l str>, ScenarioError> {
    line.clear();
    let place = |what: String| ScenarioError { line: number, ..at(name, what) };
    let read = reader.take(LINE_BYTES_MAX + 1).read_until(b'\n', line);
    if read.map_err(|error| place(unreadable(&error)))? == 0 {
        return Ok(None);
    }
    if line.len() as u64 > LINE_BYTES_MAX {
        return Err(place("a line of more than 64 MiB; expected one step a line".to_owned()));
    }
    let mark = line.len() - encoding::without_mark(line).len();
    line.drain(..mark);
    match encoding::text(line) {
        Ok(text) => Ok(Some(text.trim_end_matches(['\n', '\r']))),
        Err(error) => Err(not_utf8(name, number, line, &error)),
    }
}

impl Steps {
    /// Reads the next step into `step` and returns its record; `None` behind the last one.
    ///
    /// # Errors
    /// A step that is no JSON, has an unknown field, or names what the header does not know.
    pub fn next(
        &mut self,
        header: &mut Header,
        step: &mut Step,
    ) -> Result<Option<StepRecord<'_>>, ScenarioError> {
        match self.read_next(header, step, false)? {
            Line::Step(record) => Ok(Some(record)),
            Line::End | Line::Header(_) => Ok(None),
        }
    }

    /// Reads the next line: a step into `step`, or another header, with which a stream of several
    /// scenarios goes on.
    ///
    /// # Errors
    /// As [`Steps::next`].
    pub fn next_line(
        &mut self,
        header: &mut Header,
        step: &mut Step,
    ) -> Result<Line<'_>, ScenarioError> {
        self.read_next(header, step, true)
    }

    fn read_next(
        &mut self,
        header: &mut Header,
        step: &mut Step,
        another_header: bool,
    ) -> Result<Line<'_>, ScenarioError> {
        let Self { file, input, step: number, line } = self;
        let in_lines = matches!(input, Input::Lines { .. });
        let (text, before) = match input {
            Input::Lines { reader, line: buffer, next_line } => {
                *line = skip_blank(file, reader, buffer, next_line)?;
                let text = std::str::from_utf8(buffer).unwrap_or("").trim_end_matches(['\n', '\r']);
                if text.is_empty() {
                    return Ok(Line::End);
                }
                (text, "")
            }
            Input::Json { text, steps, counted, present } => {
                let Some((start, end)) = steps.next() else { return Ok(Line::End) };
                *present = (start, end);
                let passed = text.get(counted.0..start).unwrap_or("");
                *counted = (start, counted.1 + passed.matches('\n').count() as u64);
                *line = counted.1;
                (text.get(start..end).unwrap_or(""), text.get(..start).unwrap_or(""))
            }
        };
        *number += 1;
        let read = object(text, STEP_EXPECTED).and_then(|()| serde_json::from_str(text));
        let record: StepRecord<'_> = match read {
            Ok(record) => record,
            Err(error) => {
                return match read_header(file, *line, text) {
                    Ok(header) if in_lines && another_header => {
                        *number = 0;
                        Ok(Line::Header(Box::new(header)))
                    }
                    Ok(_) if in_lines => {
                        let what = "a second header; expected a step, or the end of the scenario";
                        Err(ScenarioError { line: *line, ..at(file, what) })
                    }
                    Err(misfit) if text.contains("\"format\"") && in_lines => Err(misfit),
                    _ => {
                        let start = (*line, column_behind(before));
                        Err(syntax(
                            file,
                            Flaw::new(text, &error).expecting(STEP_EXPECTED),
                            start,
                            *number,
                        ))
                    }
                };
            }
        };
        match header.names.read(&header.protocol, &record, step) {
            Ok(()) => Ok(Line::Step(record)),
            Err(Misfit(what)) => {
                Err(ScenarioError { line: *line, step: *number, ..at(file, what) })
            }
        }
    }

    /// Whether the next line has not arrived yet, so that whoever waits for an answer should get it.
    #[must_use]
    pub fn is_idle(&self) -> bool {
        match &self.input {
            Input::Lines { reader, .. } => !reader.buffer().contains(&b'\n'),
            Input::Json { .. } => false,
        }
    }

    /// The text that was read last: the header (with all the steps in the `.json` layout), then one
    /// step after the other.
    #[must_use]
    pub fn text(&self) -> &str {
        match &self.input {
            Input::Lines { line, .. } => {
                std::str::from_utf8(line).unwrap_or("").trim_end_matches(['\n', '\r'])
            }
            Input::Json { text, present, .. } => text.get(present.0..present.1).unwrap_or(""),
        }
    }

    /// The number of the step read last, from 1.
    #[must_use]
    pub const fn number(&self) -> u64 {
        self.step
    }

    /// The line the step read last begins on, from 1.
    #[must_use]
    pub const fn line(&self) -> u64 {
        self.line
    }

    /// The file as the user named it.
    #[must_use]
    pub fn file(&self) -> &str {
        &self.file
    }

    /// An error at the step read last.
    #[must_use]
    pub fn error(&self, what: impl Into<String>) -> ScenarioError {
        ScenarioError { line: self.line, step: self.step, ..at(&self.file, what) }
    }
}

/// Reads lines until one is not blank; an empty buffer at the end. Returns the line's number.
fn skip_blank(
    file: &str,
    reader: &mut dyn BufRead,
    buffer: &mut Vec<u8>,
    next_line: &mut u64,
) -> Result<u64, ScenarioError> {
    let first = *next_line;
    loop {
        let number = *next_line;
        let blank = match read_line(file, reader, buffer, number)? {
            None => return Ok(number),
            Some(text) => text.trim().is_empty(),
        };
        *next_line += 1;
        if !blank {
            return Ok(number);
        }
        if number - first >= BLANK_LINES_MAX {
            return Err(too_blank(file, number));
        }
    }
}

fn too_blank(file: &str, line: u64) -> ScenarioError {
    let what = format!("more than {BLANK_LINES_MAX} blank lines; expected one step a line");
    ScenarioError { line, ..at(file, what) }
}

const HEADER_EXPECTED: &str =
    "the header: an object with `format`, `version`, a protocol and `accounts`";
const STEP_EXPECTED: &str = "a step: an object with one action";

/// Refuses a list: the parser would take it for an object whose fields stand in order.
fn object(text: &str, expected: &'static str) -> Result<(), serde_json::Error> {
    if !text.trim_ascii_start().starts_with('[') {
        return Ok(());
    }
    let found = serde::de::Unexpected::Seq;
    Err(serde::de::Error::invalid_type(found, &expected))
}

fn at(file: &str, what: impl Into<String>) -> ScenarioError {
    ScenarioError { file: file.to_owned(), line: 0, column: 0, step: 0, what: what.into() }
}

fn unreadable(error: &io::Error) -> String {
    match error.kind() {
        io::ErrorKind::UnexpectedEof => {
            "the compressed data ends early, or something else stands behind it; expected a whole gzip \
             file and nothing else"
                .to_owned()
        }
        io::ErrorKind::InvalidInput | io::ErrorKind::InvalidData => {
            format!("the compressed data is damaged ({error}); expected a gzip file")
        }
        _ => format!("cannot read: {error}"),
    }
}

/// Puts a flaw at its place: its lines and columns are counted from the text it was found in, which begins at
/// `first_column` of `first_line`.
fn syntax(
    file: &str,
    flaw: Flaw,
    (first_line, first_column): (u64, u64),
    step: u64,
) -> ScenarioError {
    let line = first_line + flaw.line as u64 - 1;
    let before = if flaw.line == 1 { first_column - 1 } else { 0 };
    let column = flaw.column as u64 + before;
    ScenarioError { file: file.to_owned(), line, column, step, what: flaw.what }
}

/// The column that follows this text, in bytes from 1.
fn column_behind(text: &str) -> u64 {
    (text.len() - text.rfind('\n').map_or(0, |end| end + 1)) as u64 + 1
}

/// Puts what does not fit in a header at its place: where its first word in backticks stands, or the
/// second time that it stands there.
fn place_in_header(file: &str, text: &str, first_line: u64, what: String) -> ScenarioError {
    let word = what.split('`').nth(1).unwrap_or("");
    let quoted = serde_json::Value::from(word).to_string();
    let nth = usize::from(what.contains("twice"));
    let found = text.match_indices(&quoted).nth(nth);
    let at = found.map_or(0, |(at, _)| at);
    let before = text.get(..at).unwrap_or("");
    let lines = before.matches('\n').count() as u64;
    let column = if found.is_some() { column_behind(before) } else { 0 };
    ScenarioError { file: file.to_owned(), line: first_line + lines, column, step: 0, what }
}

fn not_utf8(file: &str, first_line: u64, bytes: &[u8], error: &encoding::NotUtf8) -> ScenarioError {
    let (line, column) = error.place(bytes);
    let line = first_line + line as u64 - 1;
    ScenarioError { line, column: column as u64, ..at(file, error.to_string()) }
}
