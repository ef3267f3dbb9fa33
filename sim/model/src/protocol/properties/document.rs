//! The text of a properties file: sections of keys and values, each with its place.
//!
//! The syntax is that of the servers' `[section]` and `key = value` lines with `#` and `;` comment
//! lines, read strictly: what a lenient reader would merge or skip is refused.

use super::value::excerpt;
use super::{Problem, PropertiesError};
use crate::encoding;
use serde_json::Value;
use std::collections::BTreeMap;

/// Largest file that is read, in bytes: 1 MiB. The longest shipped one has 4 KiB.
pub const FILE_BYTES_MAX: usize = 1 << 20;

/// Longest line that is read, in bytes: 16 KiB. The longest shipped one has 200 bytes.
pub const LINE_BYTES_MAX: usize = 1 << 14;

/// A place in the text; both count from 1, columns in characters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Position {
    /// The line.
    pub line: u32,
    /// The column.
    pub column: u32,
}

impl Position {
    /// The error that `problem` is at this place.
    pub(super) fn error(self, problem: Problem) -> PropertiesError {
        PropertiesError { line: self.line, column: self.column, problem }
    }
}

/// A `key = value` line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Entry<'text> {
    /// The key, without blanks around it; never empty.
    pub key: &'text str,
    /// Where the key starts.
    pub key_position: Position,
    /// The value, without blanks around it; may be empty.
    pub value: &'text str,
    /// Where the value starts, or would start.
    pub value_position: Position,
}

/// A `[section]` line and the entries below it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Section<'text> {
    /// The name, without brackets and blanks; never empty.
    pub name: &'text str,
    /// Where the section's bracket stands.
    pub position: Position,
    /// The entries in the order of the file; no key appears twice.
    pub entries: Vec<Entry<'text>>,
}

impl<'text> Section<'text> {
    /// The entry of this key.
    #[must_use]
    pub fn entry(&self, key: &str) -> Option<&Entry<'text>> {
        self.entries.iter().find(|entry| entry.key == key)
    }
}

/// A properties file, read for its syntax only.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Document<'text> {
    /// The sections in the order of the file; no name appears twice.
    pub sections: Vec<Section<'text>>,
    /// The place behind the last line's last character.
    pub end: Position,
}

impl<'text> Document<'text> {
    /// Reads a file.
    ///
    /// # Errors
    ///
    /// A file or line that is too long, bytes that are not UTF-8 (a byte order mark is passed over), control characters, a line that is
    /// neither a section, an entry nor a comment, an entry outside a section, an empty name, and a
    /// section or key that appears twice.
    pub fn read(bytes: &'text [u8]) -> Result<Self, PropertiesError> {
        let start = Position { line: 1, column: 1 };
        if bytes.len() > FILE_BYTES_MAX {
            return Err(start.error(Problem::FileTooLarge { bytes: bytes.len() }));
        }
        let text = encoding::text(bytes).map_err(|error| not_utf8(bytes, error))?;
        let mut reader = Reader {
            sections: Vec::new(),
            section_lines: BTreeMap::new(),
            key_lines: BTreeMap::new(),
            end: start,
        };
        for (number, line) in (1..).zip(text.split('\n')) {
            reader.line(number, line.strip_suffix('\r').unwrap_or(line))?;
        }
        Ok(Self { sections: reader.sections, end: reader.end })
    }

    /// Reads a node's `network/properties`: the same sections and keys, all values as text. `normal` is
    /// [`normal_json`] of what `text` says; places are those of the keys in `text`.
    #[must_use]
    pub fn of_json(normal: &'text BTreeMap<String, BTreeMap<String, String>>, text: &str) -> Self {
        let place = |from: usize, key: &str| place_of(text, from, key);
        let mut sections = Vec::new();
        for (name, keys) in normal {
            let plain = name.rsplit('.').next().unwrap_or(name);
            let (start, position) = place(0, plain);
            let entry = |(key, value): (&'text String, &'text String)| {
                let (_, key_position) = place(start, key);
                Entry { key, key_position, value, value_position: key_position }
            };
            let entries = keys.iter().map(entry).collect();
            sections.push(Section { name, position, entries });
        }
        let last = text.lines().count().max(1);
        let end = Position { line: u32::try_from(last).unwrap_or(u32::MAX), column: 1 };
        Self { sections, end }
    }

    /// The section of this name.
    #[must_use]
    pub fn section(&self, name: &str) -> Option<&Section<'text>> {
        self.sections.iter().find(|section| section.name == name)
    }

    /// The entry of this key in the section of this name.
    #[must_use]
    pub fn entry(&self, section: &str, key: &str) -> Option<&Entry<'text>> {
        self.section(section)?.entry(key)
    }
}

/// Sections and keys of a node's `network/properties` as a properties file names them: what stands under
/// `plugins` is `[plugin:catapult.plugins.NAME]`. Numbers and flags are taken as their text.
///
/// # Errors
/// What is no JSON, or a field of another shape, with its path.
pub fn normal_json(text: &str) -> Result<BTreeMap<String, BTreeMap<String, String>>, String> {
    let value: Value = serde_json::from_str(text).map_err(|error| error.to_string())?;
    let mut sections = BTreeMap::new();
    let Value::Object(fields) = value else {
        return Err("no object; expected `network`, `chain` and `plugins`".to_owned());
    };
    for (name, section) in fields {
        if name != "plugins" {
            let section = normal_section(&name, section)?;
            let name = if name == "forkHeights" { "fork_heights".to_owned() } else { name };
            sections.insert(name, section);
            continue;
        }
        let Value::Object(plugins) = section else {
            return Err(
                "`plugins` is not an object; expected one with the plugins' names".to_owned()
            );
        };
        for (name, section) in plugins {
            let section = normal_section(&format!("plugins.{name}"), section)?;
            sections.insert(format!("plugin:catapult.plugins.{name}"), section);
        }
    }
    Ok(sections)
}

fn normal_section(path: &str, section: Value) -> Result<BTreeMap<String, String>, String> {
    let Value::Object(fields) = section else {
        return Err(format!("`{path}` is not an object; expected one with keys and values"));
    };
    let text = |(key, value): (String, Value)| match value {
        Value::String(text) => Ok((key, text)),
        Value::Number(number) => Ok((key, number.to_string())),
        Value::Bool(flag) => Ok((key, flag.to_string())),
        _ => Err(format!("`{path}.{key}` is not a text; expected the value as text")),
    };
    fields.into_iter().map(text).collect()
}

/// Where a key stands in JSON text behind an offset: the offset behind it, and its line and column.
fn place_of(text: &str, from: usize, key: &str) -> (usize, Position) {
    let quoted = format!("\"{key}\"");
    let behind = text.get(from..).unwrap_or_default();
    let is_key = |&(at, _): &(usize, &str)| {
        behind.get(at + quoted.len()..).unwrap_or_default().trim_start().starts_with(':')
    };
    let offset = from + behind.match_indices(&quoted).find(is_key).map_or(0, |(at, _)| at);
    let before = text.get(..offset).unwrap_or_default();
    let line = u32::try_from(before.matches('\n').count() + 1).unwrap_or(u32::MAX);
    let column = before.rsplit('\n').next().unwrap_or_default().chars().count() + 1;
    (offset, Position { line, column: u32::try_from(column).unwrap_or(u32::MAX) })
}

/// A key before any section: most likely, if it looks so, the wrong node's file.
fn outside_section(key: &str) -> Problem {
    let is_nis1 = ["nem.", "nis."].iter().any(|prefix| key.starts_with(prefix));
    let key = excerpt(key);
    if is_nis1 { Problem::Nis1Properties { key } } else { Problem::OutsideSection { key } }
}

/// Where the first byte that is not UTF-8 stands.
fn not_utf8(bytes: &[u8], error: encoding::NotUtf8) -> PropertiesError {
    let (line, column) = error.place(bytes);
    let narrow = |number: usize| u32::try_from(number).unwrap_or(u32::MAX);
    Position { line: narrow(line), column: narrow(column) }.error(Problem::NotUtf8(error))
}

/// The place of the byte `offset` of a line.
fn position(line: u32, text: &str, offset: usize) -> Position {
    let before = text.get(..offset).map_or(0, |before| before.chars().count());
    Position { line, column: u32::try_from(before + 1).unwrap_or(u32::MAX) }
}

/// How many bytes of blanks a piece of a line starts with.
fn blanks(text: &str) -> usize {
    text.len() - text.trim_start_matches(BLANKS).len()
}

const BLANKS: [char; 2] = [' ', '\t'];

struct Reader<'text> {
    sections: Vec<Section<'text>>,
    section_lines: BTreeMap<&'text str, u32>,
    /// The keys of the section that is open.
    key_lines: BTreeMap<&'text str, u32>,
    end: Position,
}

impl<'text> Reader<'text> {
    fn line(&mut self, number: u32, line: &'text str) -> Result<(), PropertiesError> {
        if line.len() > LINE_BYTES_MAX {
            let problem = Problem::LineTooLong { bytes: line.len() };
            return Err(position(number, line, 0).error(problem));
        }
        self.end = position(number, line, line.len());
        let control = |character: char| character.is_control() && character != '\t';
        if let Some((offset, character)) = line.char_indices().find(|&(_, found)| control(found)) {
            let problem = Problem::ControlCharacter { code: u32::from(character) };
            return Err(position(number, line, offset).error(problem));
        }
        let content = line.trim_matches(BLANKS);
        let start = position(number, line, blanks(line));
        match content.chars().next() {
            None | Some('#' | ';') => Ok(()),
            Some('[') => self.section(start, content),
            Some(_) => self.entry(number, line, content),
        }
    }

    fn section(&mut self, start: Position, content: &'text str) -> Result<(), PropertiesError> {
        let found = || excerpt(content);
        let inner = content.strip_prefix('[').and_then(|inner| inner.strip_suffix(']'));
        let inner = inner.filter(|inner| !inner.contains(['[', ']']));
        let inner = inner.ok_or_else(|| start.error(Problem::NotASection { found: found() }))?;
        let name = inner.trim_matches(BLANKS);
        if name.is_empty() {
            return Err(start.error(Problem::EmptySection));
        }
        if let Some(first_line) = self.section_lines.insert(name, start.line) {
            let name = excerpt(name);
            return Err(start.error(Problem::DuplicateSection { name, first_line }));
        }
        self.key_lines.clear();
        self.sections.push(Section { name, position: start, entries: Vec::new() });
        Ok(())
    }

    fn entry(
        &mut self,
        number: u32,
        line: &'text str,
        content: &'text str,
    ) -> Result<(), PropertiesError> {
        let key_position = position(number, line, blanks(line));
        let Some((before, after)) = line.split_once('=') else {
            return Err(key_position.error(Problem::NotAnEntry { found: excerpt(content) }));
        };
        let key = before.trim_matches(BLANKS);
        if key.is_empty() {
            return Err(key_position.error(Problem::EmptyKey));
        }
        let value = after.trim_matches(BLANKS);
        let gap = if value.is_empty() { 0 } else { blanks(after) };
        let value_position = position(number, line, before.len() + 1 + gap);
        let Some(section) = self.sections.last_mut() else {
            return Err(key_position.error(outside_section(key)));
        };
        if let Some(first_line) = self.key_lines.insert(key, number) {
            let (key, section) = (excerpt(key), excerpt(section.name));
            return Err(key_position.error(Problem::DuplicateKey { key, section, first_line }));
        }
        section.entries.push(Entry { key, key_position, value, value_position });
        Ok(())
    }
}
