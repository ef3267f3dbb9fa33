//! `quorate fmt`: scenario files in their one layout.

use std::fs::File;
use std::io::{self, BufRead, BufReader, BufWriter, Read, Write};
use std::path::{Path, PathBuf};

use flate2::Compression;
use flate2::bufread::MultiGzDecoder;
use flate2::write::GzEncoder;

use super::input::{self, LARGE_BYTES_MAX};
use super::output::{Reader, ended, print, remark};
use super::replay::start;
use super::{Exit, Fatal};
use crate::report::file::Draft;
use crate::scenario::{Layout, Step, layout, sniff};

/// Bytes read and written at a time.
const CHUNK_BYTES: usize = 256 << 10;

/// Write scenario files in their one layout: nothing but the space between words changes.
///
/// A `.jsonl` has one step a line and no space; a `.json` lines of 160 characters. Every file is read as a
/// scenario first: one that cannot be replayed is refused and left as it is.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  quorate fmt found
  quorate fmt --check scenarios")]
pub struct Arguments {
    /// Scenario files (.json, .jsonl, .jsonl.gz) or folders of them
    #[arg(required = true, value_name = "PATH")]
    paths: Vec<PathBuf>,
    /// Write nothing, name what would be written; exit code 1 if there is any
    #[arg(long)]
    check: bool,
}

/// Runs the command.
pub fn run(arguments: &Arguments) -> Result<Exit, Fatal> {
    let stop = super::interrupt::watch_reading();
    let files = super::replay::files(&arguments.paths)?;
    let (count, mut changed, mut reader) = (files.len(), 0, Reader::Listens);
    for path in files {
        if stop.load(std::sync::atomic::Ordering::Relaxed) {
            print("stopped by Ctrl-C: incomplete\n")?;
            return Ok(Exit::Stopped);
        }
        read_through(&path)?;
        let is_other = match sniff(&path) {
            Some(Layout::Json) => json(&path, arguments.check)?,
            _ => lines(&path, arguments.check)?,
        };
        if !is_other {
            continue;
        }
        changed += 1;
        if reader == Reader::Listens {
            reader = print(&format!("{}\n", path.display()))?;
        }
    }
    let what = if arguments.check { "would be written" } else { "written" };
    remark(&format!("{changed} of {count} {what} anew"));
    Ok(ended(
        if arguments.check && changed > 0 { Exit::Broken } else { Exit::Good },
        Reader::Listens,
    ))
}

/// Reads every step, so that whatever is wrong is said with its place and nothing is written.
fn read_through(path: &Path) -> Result<(), Fatal> {
    let (mut header, mut steps) = start(path)?;
    let mut step = Step::default();
    while steps.next(&mut header, &mut step)?.is_some() {}
    Ok(())
}

fn json(path: &Path, check: bool) -> Result<bool, Fatal> {
    let name = path.display();
    let text = input::text(path, LARGE_BYTES_MAX)?;
    let laid_out = layout::document(&text).map_err(|error| Fatal(format!("{name}: {error}")))?;
    let is_other = laid_out != text;
    if is_other && !check {
        let draft = Draft::create(path);
        let mut draft = draft.map_err(|error| unwritable(path, &error))?;
        draft.write_all(laid_out.as_bytes()).map_err(|error| unwritable(path, &error))?;
        commit(path, draft)?;
    }
    Ok(is_other)
}

/// A `.jsonl` line by line: compared first, written only where something changes.
fn lines(path: &Path, check: bool) -> Result<bool, Fatal> {
    let is_other = walk(path, &mut io::sink())?;
    if !is_other || check {
        return Ok(is_other);
    }
    let draft = Draft::create(path).map_err(|error| unwritable(path, &error))?;
    let mut output = BufWriter::with_capacity(CHUNK_BYTES, draft);
    if path.extension().is_some_and(|extension| extension == "gz") {
        let mut packed = GzEncoder::new(output, Compression::best());
        walk(path, &mut packed)?;
        output = packed.finish().map_err(|error| unwritable(path, &error))?;
    } else {
        walk(path, &mut output)?;
    }
    let draft = output.into_inner().map_err(|error| unwritable(path, error.error()))?;
    commit(path, draft)?;
    Ok(true)
}

/// Reads back what was written, and puts it in its place if nothing but space between words is new.
fn commit(path: &Path, mut draft: Draft) -> Result<(), Fatal> {
    let written = draft.read_back().map_err(|error| unwritable(path, &error))?;
    if let Some(written) = written {
        let unreadable =
            |error: io::Error| Fatal(format!("{}: cannot read: {error}", path.display()));
        let before = unpacked(path, File::open(path).map_err(unreadable)?);
        if !same_words(before, unpacked(path, written)).map_err(unreadable)? {
            let what =
                "left as it is: its new layout would change its meaning, which is a bug of `fmt`";
            return Err(Fatal(format!("{}: {what}", path.display())));
        }
    }
    draft.commit().map_err(|error| unwritable(path, &error))
}

/// A file's bytes, unpacked where its name says that it is packed.
fn unpacked(path: &Path, file: File) -> Box<dyn Read> {
    let file = BufReader::with_capacity(CHUNK_BYTES, file);
    match path.extension() {
        Some(extension) if extension == "gz" => Box::new(MultiGzDecoder::new(file)),
        _ => Box::new(file),
    }
}

/// Whether two JSON texts differ in nothing but space outside of strings, and a byte order mark.
fn same_words(one: impl Read, other: impl Read) -> io::Result<bool> {
    let (mut one, mut other) = (Words::of(one), Words::of(other));
    loop {
        match (one.next()?, other.next()?) {
            (None, None) => return Ok(true),
            (one, other) if one == other => {}
            _ => return Ok(false),
        }
    }
}

/// The bytes of a JSON text without the space outside of strings.
struct Words<R> {
    bytes: io::Bytes<BufReader<R>>,
    in_string: bool,
    escaped: bool,
}

impl<R: Read> Words<R> {
    fn of(source: R) -> Self {
        let bytes = BufReader::with_capacity(CHUNK_BYTES, source).bytes();
        Self { bytes, in_string: false, escaped: false }
    }

    fn next(&mut self) -> io::Result<Option<u8>> {
        loop {
            let Some(byte) = self.bytes.next().transpose()? else { return Ok(None) };
            let is_space = matches!(byte, b' ' | b'\n' | b'\r' | b'\t' | 0xEF | 0xBB | 0xBF);
            if !self.in_string && is_space {
                continue;
            }
            if byte == b'"' && !self.escaped {
                self.in_string = !self.in_string;
            }
            self.escaped = self.in_string && byte == b'\\' && !self.escaped;
            return Ok(Some(byte));
        }
    }
}

/// Writes every line as it ought to be; whether any is not.
fn walk(path: &Path, output: &mut impl Write) -> Result<bool, Fatal> {
    let unreadable = |error: io::Error| Fatal(format!("{}: cannot read: {error}", path.display()));
    let source = unpacked(path, File::open(path).map_err(unreadable)?);
    let mut reader = BufReader::with_capacity(CHUNK_BYTES, source);
    let (mut line, mut is_other) = (String::new(), false);
    loop {
        line.clear();
        if reader.read_line(&mut line).map_err(unreadable)? == 0 {
            return Ok(is_other);
        }
        let text = line.strip_suffix('\n');
        is_other |= text.is_none();
        let text = text.unwrap_or(&line);
        let behind_mark = text.strip_prefix('\u{feff}');
        is_other |= behind_mark.is_some();
        let text = behind_mark.unwrap_or(text);
        if text.trim().is_empty() {
            is_other = true;
            continue;
        }
        let laid_out =
            layout::line(text).map_err(|error| Fatal(format!("{}: {error}", path.display())))?;
        is_other |= laid_out != text;
        let written = output.write_all(laid_out.as_bytes()).and_then(|()| output.write_all(b"\n"));
        written.map_err(|error| unwritable(path, &error))?;
    }
}

fn unwritable(path: &Path, error: &io::Error) -> Fatal {
    Fatal(format!("{}: cannot write: {error}", path.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_but_space_between_words_is_no_change() {
        let same = |one: &str, other: &str| same_words(one.as_bytes(), other.as_bytes()).unwrap();
        let text = r#"{"a b": [1, 2, "x \\\" y"]}"#;
        assert!(same(text, "\u{feff}{ \"a b\":[1,2,\"x \\\\\\\" y\"] }\n"), "{text}");
        for other in [
            text.replace("a b", "ab"),
            text.replace("1, 2", "12"),
            text.replace(" y", "y"),
            text.replace('}', ""),
            text.replace('1', "1.0"),
        ] {
            assert!(!same(text, &other) && !same(&other, text), "{other}");
        }
    }
}
