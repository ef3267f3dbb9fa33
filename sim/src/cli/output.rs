//! Standard output: a broken pipe is no error, it is a reader who has seen enough.

use std::io::{self, ErrorKind, Write};

use super::{Exit, Fatal};
use crate::encoding::{printable, printable_json};
use crate::report::text::WIDTH;

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

/// Says how to come to the same answer where it is not as it should be: the command line of this process. For a
/// reader who has left there is nothing to say.
pub fn ended(exit: Exit, reader: Reader) -> Exit {
    if exit == Exit::Broken && reader == Reader::Listens {
        let words = std::env::args_os().skip(1).map(|word| word.to_string_lossy().into_owned());
        let words: Vec<String> = std::iter::once("quorate".to_owned()).chain(words).collect();
        let line = shlex::try_join(words.iter().map(String::as_str));
        remark(&format!("reproduce: {}", line.unwrap_or_else(|_| words.join(" "))));
    }
    exit
}

/// Columns of the terminal that standard output is; files and pipes have none.
pub fn columns() -> Option<usize> {
    let (width, _) = terminal_size::terminal_size_of(io::stdout())?;
    Some(usize::from(width.0).clamp(40, WIDTH))
}

/// Prints a text for people and flushes it: whatever came from outside is made [printable], and what is wider than a
/// terminal is folded between words.
pub fn print(text: &str) -> Result<Reader, Fatal> {
    let text = printable(text);
    match columns() {
        Some(columns) => print_file(&folded(&text, columns)),
        None => print_file(&text),
    }
}

/// The text with every longer line folded between two words; what somebody copies, commands and JSON, stays
/// whole.
fn folded(text: &str, columns: usize) -> String {
    let mut folded = String::with_capacity(text.len() + text.len() / 16);
    for line in text.split_inclusive('\n') {
        let words = line.trim_start_matches(' ');
        let indent = line.len() - words.len();
        let is_copied = COPIED.iter().any(|start| words.starts_with(start));
        if is_copied || line.trim_end().chars().count() <= columns {
            folded.push_str(line);
            continue;
        }
        let hanging = (indent + 2).min(columns / 4);
        folded.push_str(&" ".repeat(indent));
        let mut used = indent;
        for word in words.split_inclusive(' ') {
            let length = word.trim_end().chars().count();
            if used + length > columns && used > indent {
                folded.truncate(folded.trim_end_matches(' ').len());
                folded.push('\n');
                folded.push_str(&" ".repeat(hanging));
                used = hanging;
            }
            folded.push_str(word);
            used += word.chars().count();
        }
    }
    folded
}

/// How lines begin that are commands or JSON.
const COPIED: [&str; 7] = ["quorate ", "reproduce:", "{", "}", "[", "]", "\""];

/// Prints JSON and flushes it, its strings made printable without changing them.
pub fn print_json(text: &str) -> Result<Reader, Fatal> {
    print_file(&printable_json(text))
}

/// Prints what is a file of its own, as it is, and flushes it.
pub fn print_file(text: &str) -> Result<Reader, Fatal> {
    let mut output = io::stdout().lock();
    written(output.write_all(text.as_bytes()).and_then(|()| output.flush()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_lines_are_folded_between_words() {
        let text = "  four words and a_word_of_any_length_that_stays_whole\nshort\n\n";
        let narrow = "  four words and\n    a_word_of_any_length_that_stays_whole\nshort\n\n";
        assert_eq!(folded(text, 20), narrow);
        assert_eq!(folded(text, 100), text);
        let copied =
            "reproduce: quorate replay a b c d e f g h i\n  {\"a\": \"b c d e f g h i j k\"}\n";
        assert_eq!(folded(copied, 20), copied);
    }
}
