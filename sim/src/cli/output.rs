//! Standard output: a broken pipe is no error, it is a reader who has seen enough.

use std::io::{self, ErrorKind, Write};

use super::Fatal;

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
    let _ = writeln!(io::stderr(), "{line}");
}

/// Prints a text and flushes it.
pub fn print(text: &str) -> Result<Reader, Fatal> {
    let mut output = io::stdout().lock();
    written(output.write_all(text.as_bytes()).and_then(|()| output.flush()))
}
