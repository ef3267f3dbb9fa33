//! Writes a scenario step by step: to standard output, or to a file that appears once it is whole.

use std::io::{self, BufWriter, StdoutLock, Write};
use std::path::{Path, PathBuf};

use flate2::Compression;
use flate2::write::GzEncoder;
use serde::Serialize;

use crate::cli::Fatal;
use crate::cli::output::{Reader, written};
use crate::report::file::Draft;
use crate::scenario::record::StepRecord;
use crate::scenario::{Header, LINE_BYTES_MAX, Layout, layout, sniff, write};

/// Bytes written at a time.
const CHUNK_BYTES: usize = 256 << 10;

/// Where the text goes.
enum Output {
    Standard(BufWriter<StdoutLock<'static>>),
    Plain(BufWriter<Draft>),
    Packed(Box<GzEncoder<BufWriter<Draft>>>),
}

impl Write for Output {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self {
            Self::Standard(output) => output.write(bytes),
            Self::Plain(output) => output.write(bytes),
            Self::Packed(output) => output.write(bytes),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match self {
            Self::Standard(output) => output.flush(),
            Self::Plain(output) => output.flush(),
            Self::Packed(output) => output.flush(),
        }
    }
}

/// A scenario that is being written.
pub struct ScenarioWriter {
    output: Output,
    path: Option<PathBuf>,
    layout: Layout,
    line: Vec<u8>,
    steps: u64,
}

impl ScenarioWriter {
    /// Begins to write to this file, or to standard output.
    ///
    /// # Errors
    /// A name that is not a scenario's, or a place that cannot be written to.
    pub fn open(path: Option<&Path>) -> Result<Self, Fatal> {
        let writer = |output, layout| Self {
            output,
            path: path.map(Path::to_owned),
            layout,
            line: Vec::new(),
            steps: 0,
        };
        let Some(path) = path else {
            let output = BufWriter::with_capacity(CHUNK_BYTES, io::stdout().lock());
            return Ok(writer(Output::Standard(output), Layout::Lines));
        };
        let name = path.display();
        let Some(layout) = sniff(path) else {
            return Err(Fatal(format!("{name}: expected `.json`, `.jsonl` or `.jsonl.gz`")));
        };
        let draft = Draft::create(path);
        let draft = draft.map_err(|error| Fatal(format!("{name}: cannot write: {error}")))?;
        let output = BufWriter::with_capacity(CHUNK_BYTES, draft);
        let packed = path.extension().is_some_and(|extension| extension == "gz");
        let output = match packed {
            true => Output::Packed(Box::new(GzEncoder::new(output, Compression::default()))),
            false => Output::Plain(output),
        };
        Ok(writer(output, layout))
    }

    /// Writes the header.
    ///
    /// # Errors
    /// A header longer than a reader takes, or a place that takes no more.
    pub fn header(&mut self, header: &Header) -> Result<Reader, Fatal> {
        self.compact(&write::header(header))?;
        if self.line.len() as u64 >= LINE_BYTES_MAX {
            let (found, most) = (self.line.len(), LINE_BYTES_MAX);
            return Err(Fatal(format!(
                "found a header of {found} bytes, expected at most {most}: fewer accounts"
            )));
        }
        if self.layout == Layout::Json {
            let text = layout::document(&String::from_utf8_lossy(&self.line)).map_err(broken)?;
            let open = text.strip_suffix("\n}\n").unwrap_or(&text);
            self.line.clear();
            self.line.extend_from_slice(open.as_bytes());
            self.line.extend_from_slice(b",\n  \"steps\": [");
        } else {
            self.line.push(b'\n');
        }
        self.hand_over()
    }

    /// Writes the next step.
    ///
    /// # Errors
    /// A place that takes no more.
    pub fn step(&mut self, record: &StepRecord<'_>) -> Result<Reader, Fatal> {
        self.compact(record)?;
        if self.layout == Layout::Json {
            let text = layout::step(&String::from_utf8_lossy(&self.line)).map_err(broken)?;
            self.line.clear();
            self.line.extend_from_slice(if self.steps > 0 { b",\n" } else { b"\n" });
            self.line.extend_from_slice(text.as_bytes());
        } else {
            self.line.push(b'\n');
        }
        self.steps += 1;
        self.hand_over()
    }

    /// Ends the scenario and puts it in its place.
    ///
    /// # Errors
    /// A place that takes no more.
    pub fn end(mut self) -> Result<Reader, Fatal> {
        if self.layout == Layout::Json {
            self.line.clear();
            self.line.extend_from_slice(if self.steps > 0 { b"\n  ]\n}\n" } else { b"]\n}\n" });
            self.hand_over()?;
        }
        let path = self.path;
        let draft = match self.output {
            Output::Standard(mut output) => return written(output.flush()),
            Output::Plain(output) => output,
            Output::Packed(output) => output.finish().map_err(|error| unwritable(&path, &error))?,
        };
        let draft = draft.into_inner().map_err(|error| unwritable(&path, error.error()))?;
        draft.commit().map_err(|error| unwritable(&path, &error))?;
        Ok(Reader::Listens)
    }

    /// Writes out what standard output was given so far; a file is not written.
    ///
    /// # Errors
    /// A place that takes no more.
    pub fn give_up(self) -> Result<Reader, Fatal> {
        match self.output {
            Output::Standard(mut output) => written(output.flush()),
            Output::Plain(_) | Output::Packed(_) => Ok(Reader::Listens),
        }
    }

    fn compact(&mut self, record: &impl Serialize) -> Result<(), Fatal> {
        self.line.clear();
        serde_json::to_writer(&mut self.line, record)
            .map_err(|error| Fatal(format!("cannot write a record: {error}")))
    }

    fn hand_over(&mut self) -> Result<Reader, Fatal> {
        let result = self.output.write_all(&self.line);
        match self.path {
            None => written(result),
            Some(_) => {
                result.map_err(|error| unwritable(&self.path, &error)).map(|()| Reader::Listens)
            }
        }
    }
}

fn broken(error: layout::NoJson) -> Fatal {
    Fatal(error.to_string())
}

fn unwritable(path: &Option<PathBuf>, error: &io::Error) -> Fatal {
    let name = path.as_deref().unwrap_or(Path::new("standard output")).display();
    Fatal(format!("{name}: cannot write: {error}"))
}
