//! Payloads on their way through `decode` and `encode`: arguments, files or standard input; one in,
//! one answer out, in constant memory.

use std::fs::File;
use std::io::{self, BufRead, BufReader, BufWriter, Read, StdoutLock, Write};
use std::path::Path;

use data_encoding::HEXUPPER;
use serde::Serialize;

use super::answer::Format;
use super::output::{Reader, remark, written};
use super::protocol::Loaded;
use super::{Exit, Fatal};
use crate::encoding;
use crate::key::Era;
use crate::wire::{RefusedLine, bytes_of_hex};

/// Longest line, and largest payload, in bytes. The longest a server takes has 2 MiB.
const PAYLOAD_BYTES_MAX: usize = 64 << 20;
/// Bytes read and written at a time.
const CHUNK_BYTES: usize = 256 << 10;

/// Which era the bytes are of: given, for it cannot be seen (A1 and B are the same bytes with the
/// opposite meaning).
#[derive(Debug, clap::Args)]
#[group(multiple = false)]
pub struct EraChoice {
    /// The era of the bytes
    #[arg(long, value_parser = ["A", "A1", "B", "B2", "C", "N"])]
    era: Option<String>,
    /// The protocol whose bytes they are: a preset, a protocol file or a server's properties
    #[arg(long, value_name = "NAME|FILE")]
    protocol: Option<String>,
}

impl EraChoice {
    /// The era; `None` where neither option is given.
    ///
    /// # Errors
    /// A protocol that does not exist or cannot be read.
    pub fn era(&self) -> Result<Option<Era>, Fatal> {
        match (&self.era, &self.protocol) {
            (Some(era), _) => Ok(Era::from_name(era)),
            (None, Some(name)) => {
                let Loaded { protocol, origin } = super::protocol::read(name)?;
                if let Some(origin) = origin {
                    remark(&format!("{name}: {origin}"));
                }
                Ok(Some(origin.map_or_else(|| Era::of_base(protocol.base), |origin| origin.era)))
            }
            (None, None) => Ok(None),
        }
    }
}

/// Reads a generation hash from the command line.
pub fn generation_hash(text: &str) -> Result<[u8; 32], String> {
    let bytes = bytes_of_hex(text).map_err(|error| error.to_string())?;
    let found = crate::unit::count_of(bytes.len() as u64, "byte");
    bytes.try_into().map_err(|_| format!("found {found}, expected 32 (64 hex digits)"))
}

/// Sends every payload of `inputs` to `answer` and prints what comes back, a line each; a document may hold
/// several.
///
/// # Errors
/// A file that cannot be read.
pub fn answer_all<T: Serialize>(
    inputs: &[String],
    format: Format,
    expected: &'static str,
    answer: impl FnMut(&str) -> Vec<Result<T, RefusedLine>>,
) -> Result<Exit, Fatal> {
    let output = BufWriter::with_capacity(CHUNK_BYTES, io::stdout().lock());
    let mut stream = PayloadStream {
        answer,
        expected,
        output,
        format,
        answered: 0,
        refused: 0,
        line: Vec::new(),
    };
    let mut reader = Reader::Listens;
    for input in inputs {
        reader = stream.input(input)?;
        if reader == Reader::Left {
            break;
        }
    }
    if reader == Reader::Listens {
        written(stream.output.flush())?;
    }
    if stream.refused > 0 && stream.answered > 1 {
        remark(&format!("{} of {} refused", stream.refused, stream.answered));
    }
    Ok(if stream.refused > 0 { Exit::Unreadable } else { Exit::Good })
}

/// Takes payloads in and hands answers out.
struct PayloadStream<A> {
    answer: A,
    /// What an input may be.
    expected: &'static str,
    output: BufWriter<StdoutLock<'static>>,
    format: Format,
    answered: u64,
    refused: u64,
    line: Vec<u8>,
}

impl<T: Serialize, A: FnMut(&str) -> Vec<Result<T, RefusedLine>>> PayloadStream<A> {
    fn input(&mut self, input: &str) -> Result<Reader, Fatal> {
        if input == "-" {
            let stdin = BufReader::with_capacity(CHUNK_BYTES, io::stdin());
            return self.lines("standard input", stdin);
        }
        let path = Path::new(input);
        if path.is_dir() {
            return Err(Fatal(format!("{input}: a folder; expected {}", self.expected)));
        }
        if !path.is_file() {
            if super::input::is_path(input) && !input.starts_with(['{', '[']) {
                return Err(Fatal(format!("{input}: no such file; expected {}", self.expected)));
            }
            return self.text(input);
        }
        let unreadable = |error| Fatal(format!("{input}: cannot read: {error}"));
        let mut file = BufReader::with_capacity(CHUNK_BYTES, File::open(path).map_err(unreadable)?);
        let head = file.fill_buf().map_err(unreadable)?;
        refuse_utf16(input, head)?;
        let is_document = path.extension().is_some_and(|extension| extension == "json");
        if head.is_empty() || (!is_document && is_text(head)) {
            return self.lines(input, file);
        }
        let Some(bytes) = whole(file).map_err(unreadable)? else {
            return self.hand_out(Err(too_long("a payload")));
        };
        if is_document { self.bytes(&bytes) } else { self.text(&HEXUPPER.encode(&bytes)) }
    }

    /// Answers line by line; every line is one payload, an empty one too.
    fn lines(&mut self, name: &str, mut input: impl LineSource) -> Result<Reader, Fatal> {
        let unreadable = |error| Fatal(format!("{name}: cannot read: {error}"));
        let head = input.fill_buf().map_err(unreadable)?;
        refuse_utf16(name, head)?;
        if head.is_empty() {
            return Err(Fatal(format!("{name}: empty; expected {}", self.expected)));
        }
        if is_indented(head) {
            return match whole(input).map_err(unreadable)? {
                Some(bytes) => self.bytes(&bytes),
                None => self.hand_out(Err(too_long("a document"))),
            };
        }
        loop {
            let mut line = std::mem::take(&mut self.line);
            line.clear();
            let mut limited = (&mut input).take(PAYLOAD_BYTES_MAX as u64 + 2);
            let read = limited.read_until(b'\n', &mut line).map_err(unreadable)?;
            if read == 0 {
                return Ok(Reader::Listens);
            }
            let reader = if line.last() != Some(&b'\n') && line.len() > PAYLOAD_BYTES_MAX {
                line.clear();
                // Said before the rest is passed over: a line may have no end.
                let reader = self.hand_out(Err(too_long("a line")));
                written(self.output.flush())?;
                input.skip_until(b'\n').map_err(unreadable)?;
                reader
            } else {
                let text = line.strip_suffix(b"\n").unwrap_or(&line);
                self.bytes(text.strip_suffix(b"\r").unwrap_or(text))
            };
            self.line = line;
            let idle = !input.has_line();
            let flushed = if idle { written(self.output.flush())? } else { Reader::Listens };
            if reader? == Reader::Left || flushed == Reader::Left {
                return Ok(Reader::Left);
            }
        }
    }

    fn bytes(&mut self, bytes: &[u8]) -> Result<Reader, Fatal> {
        match encoding::text(bytes) {
            Ok(text) => self.text(text),
            Err(error) => {
                let at = error.offset();
                let what = format!(
                    "at byte {at}: found bytes that are not UTF-8, expected hex digits or JSON"
                );
                self.hand_out(Err(RefusedLine { error: what, offset: Some(at), path: None }))
            }
        }
    }

    fn text(&mut self, text: &str) -> Result<Reader, Fatal> {
        if encoding::json_values(text) > encoding::JSON_VALUES_MAX {
            let most = encoding::JSON_VALUES_MAX;
            let error = format!("line: found too many values, expected at most {most}");
            return self.hand_out(Err(RefusedLine { error, offset: Some(0), path: None }));
        }
        for answer in (self.answer)(text) {
            if self.hand_out(answer)? == Reader::Left {
                return Ok(Reader::Left);
            }
        }
        Ok(Reader::Listens)
    }

    fn hand_out(&mut self, answer: Result<T, RefusedLine>) -> Result<Reader, Fatal> {
        self.answered += 1;
        match answer {
            Ok(answer) => self.write(&answer),
            Err(refused) => {
                self.refused += 1;
                self.write(&refused)
            }
        }
    }

    fn write(&mut self, value: &impl Serialize) -> Result<Reader, Fatal> {
        let line = match self.format {
            Format::Json => serde_json::to_string(value),
            Format::Text => serde_json::to_string_pretty(value),
        };
        let line = line.map_err(|error| Fatal(format!("cannot write JSON: {error}")))?;
        let line = encoding::printable_json(&line);
        written(self.output.write_all(line.as_bytes()).and_then(|()| self.output.write_all(b"\n")))
    }
}

/// Lines, and whether the next one has already arrived.
trait LineSource: BufRead {
    fn has_line(&self) -> bool;
}

impl<R: Read> LineSource for BufReader<R> {
    fn has_line(&self) -> bool {
        self.buffer().contains(&b'\n')
    }
}

/// All bytes, or `None` where there are too many.
fn whole(input: impl Read) -> io::Result<Option<Vec<u8>>> {
    let mut bytes = Vec::new();
    input.take(PAYLOAD_BYTES_MAX as u64 + 1).read_to_end(&mut bytes)?;
    Ok((bytes.len() <= PAYLOAD_BYTES_MAX).then_some(bytes))
}

/// Whether this is the head of one JSON value on several lines: its first line is not a value by itself.
fn is_indented(head: &[u8]) -> bool {
    let head = encoding::without_mark(head).trim_ascii_start();
    let Some(end) = head.iter().position(|&byte| byte == b'\n') else { return false };
    let line = head.get(..end).unwrap_or_default();
    let is_open = matches!(head.first(), Some(b'{' | b'['));
    is_open
        && serde_json::from_slice::<serde::de::IgnoredAny>(line).is_err_and(|error| error.is_eof())
}

/// Hex digits and JSON are text; a payload's first bytes are its size or its type, of which one is zero.
fn is_text(head: &[u8]) -> bool {
    !head.iter().take(8).any(|&byte| byte == 0)
}

fn refuse_utf16(name: &str, head: &[u8]) -> Result<(), Fatal> {
    match encoding::utf16(head) {
        Some(order) => Err(Fatal(format!("{name}: {}", encoding::NotUtf8::Utf16 { order }))),
        None => Ok(()),
    }
}

fn too_long(what: &str) -> RefusedLine {
    let most = PAYLOAD_BYTES_MAX;
    let error = format!("at byte {most}: found more of {what}, expected at most {most} bytes");
    RefusedLine { error, offset: Some(most), path: None }
}
