//! Standard output: a broken pipe is no error, it is a reader who has seen enough.

use std::io::{self, ErrorKind, Write};

use super::Fatal;
use crate::encoding::{printable, printable_json};

/// Whether the reader is still there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reader {
    /// It reads on.
    Listens,
    /// It has closed its end.
    Left,
}

/// Judges the outcome of a write to standard output.
pub fn written(result: io::Result<()>) -> Result<Reader, Fatal> {
    match result {
        Ok(()) => Ok(Reader::Listens),
        Err(error) if error.kind() == ErrorKind::BrokenPipe => Ok(Reader::Left),
        Err(error) => Err(Fatal(format!("cannot write to standard output: {error}"))),
    }
}

/// Says a line on standard error; nobody listening is no error.
pub fn remark(line: &str) {
    let _ = writeln!(io::stderr(), "{}", printable(line));
}

/// Says on standard error why a command ends. Lines behind the first are indented, so that no name in it
/// passes for a message of its own.
pub fn complain(message: &str) {
    let mut lines = message.lines();
    let mut text = format!("error: {}", lines.next().unwrap_or_default());
    for line in lines {
        text.push_str(if line.starts_with("    ") { "\n" } else { "\n    " });
        text.push_str(line);
    }
    remark(&text);
}

/// Prints a text for people and flushes it: whatever came from outside is made [printable].
pub fn print(text: &str) -> Result<Reader, Fatal> {
    print_file(&printable(text))
}

/// Prints JSON and flushes it, its strings made printable without changing them.
pub fn print_json(text: &str) -> Result<Reader, Fatal> {
    print_file(&printable_json(text))
}

/// Prints what is a file of its own, as it is, and flushes it.
pub fn print_file(text: &str) -> Result<Reader, Fatal> {
    let mut output = io::stdout().lock();
    written(output.write_all(text.as_bytes()).and_then(|()| output.flush()))
}
