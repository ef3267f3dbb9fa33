//! Account trees as tables: CSV with a row for each link, as spreadsheets export them.

use std::collections::BTreeMap;

use csv_core::{ReadFieldResult, ReaderBuilder};

use super::super::Fatal;
use super::subject::{Account, Subject};
use crate::analysis::StructureError;
use crate::protocol::Protocol;
use crate::scenario::unknown_protocol;

/// An example, for `--csv-template`.
pub const TEMPLATE: &str = "\
account,min_approval,min_removal,cosignatory
treasury,2,2,board
treasury,2,2,office
board,2,2,ada
board,,,ben
board,,,cai
office,1,1,cai
office,,,vault
";

/// The columns, in the order of the template; on NIS1 one threshold stands for both.
const COLUMNS: [&str; 5] =
    ["account", "min_approval", "min_removal", "cosignatory", "min_cosignatories"];
const EXPECTED: &str = "expected `account`, `min_approval`, `min_removal` and `cosignatory` (NIS1: \
                        `account`, `min_cosignatories` and `cosignatory`)";
/// What may stand between cells.
const DELIMITERS: [char; 3] = [',', ';', '\t'];

/// Whether a file is a table: by its name, or by its first line.
pub fn is_table(name: &str, text: &str) -> bool {
    let named = [".csv", ".csv.gz"].iter().any(|ending| name.to_lowercase().ends_with(ending));
    let first = text.trim_start().lines().next().unwrap_or("").to_lowercase();
    named || (!first.starts_with(['{', '[']) && first.contains(COLUMNS[3]))
}

/// Reads one account tree.
pub fn read(name: &str, text: &str) -> Result<Subject, Fatal> {
    let place = Place { name, text };
    let mut rows = place.rows()?.into_iter();
    let Some(head) = rows.next() else {
        return Err(Fatal(format!("{name}:1:1: nothing; {EXPECTED}")));
    };
    let columns = Columns::of(place, &head)?;
    let mut tree = Tree { place, columns, accounts: Vec::new(), places: BTreeMap::new() };
    rows.try_for_each(|row| tree.add(&row))?;
    tree.subject()
}

/// A cell without spaces around it, and the byte that it begins at.
struct Cell {
    text: String,
    at: usize,
}

#[derive(Clone, Copy)]
struct Place<'a> {
    name: &'a str,
    text: &'a str,
}

impl Place<'_> {
    fn error(&self, at: usize, what: &str) -> Fatal {
        let before = self.text.get(..at).unwrap_or("");
        let line = before.matches('\n').count() + 1;
        let column = before.rsplit('\n').next().unwrap_or("").chars().count() + 1;
        Fatal(format!("{}:{line}:{column}: {what}", self.name))
    }

    /// What stands between the cells of the first line that is not empty.
    fn delimiter(&self) -> char {
        let line = self.text.lines().find(|line| !line.trim().is_empty()).unwrap_or("");
        let count = |delimiter: &char| line.matches(*delimiter).count();
        // of equally frequent ones the last is taken: the comma
        DELIMITERS.into_iter().rev().max_by_key(count).unwrap_or(',')
    }

    /// All rows in which something stands.
    fn rows(&self) -> Result<Vec<Vec<Cell>>, Fatal> {
        let delimiter = self.delimiter();
        let mut reader = ReaderBuilder::new().delimiter(delimiter as u8).build();
        let bytes = self.text.as_bytes();
        let mut output = vec![0; bytes.len() + 1];
        let (mut rows, mut row): (Vec<Vec<Cell>>, Vec<Cell>) = (Vec::new(), Vec::new());
        let (mut start, mut end, mut filled) = (0, 0, 0);
        loop {
            let (input, room) = (bytes.get(end..), output.get_mut(filled..));
            let (result, read, written) =
                reader.read_field(input.unwrap_or_default(), room.unwrap_or_default());
            (end, filled) = (end + read, filled + written);
            match result {
                ReadFieldResult::Field { record_end } => {
                    if row.is_empty() {
                        let rest = self.text.get(start..end).unwrap_or("");
                        start += rest.len() - rest.trim_start_matches(['\r', '\n']).len();
                    }
                    let value = output.get(..filled).unwrap_or_default();
                    row.push(self.cell(start, end, delimiter, &String::from_utf8_lossy(value))?);
                    (start, filled) = (end, 0);
                    if record_end {
                        rows.push(std::mem::take(&mut row));
                    }
                }
                // the end is found by asking once more; there is room for all of the text
                ReadFieldResult::InputEmpty => {}
                ReadFieldResult::OutputFull | ReadFieldResult::End => break,
            }
        }
        rows.retain(|row| row.iter().any(|cell| !cell.text.is_empty()));
        Ok(rows)
    }

    /// The cell between two bytes of the text, what ends it included. The reader takes any quotes; here they must be those of RFC 4180.
    fn cell(&self, start: usize, end: usize, delimiter: char, value: &str) -> Result<Cell, Fatal> {
        let raw = self.text.get(start..end).unwrap_or("");
        let raw = raw.strip_suffix(delimiter).unwrap_or(raw).trim_end();
        let (at, raw) = (start + raw.len() - raw.trim_start().len(), raw.trim_start());
        let quotes = raw.matches('"').count();
        let expected = "expected the whole cell in quotes, and each quote inside doubled";
        let wrong = match raw.strip_prefix('"') {
            Some(_) if !quotes.is_multiple_of(2) => "a quote that is never closed",
            Some(rest) if !rest.ends_with('"') => "text behind a closing quote",
            None if quotes > 0 => "a quote inside a cell",
            _ => return Ok(Cell { text: value.trim().to_owned(), at }),
        };
        Err(self.error(at, &format!("{wrong}; {expected}")))
    }
}

/// Where each column stands.
struct Columns {
    places: [Option<usize>; 5],
    /// How many there are, those without a name at the end left out.
    count: usize,
}

impl Columns {
    fn of(place: Place<'_>, head: &[Cell]) -> Result<Self, Fatal> {
        let mut places = [None; 5];
        let named = head.iter().rposition(|cell| !cell.text.is_empty());
        let count = named.map_or(0, |last| last + 1);
        for (at, cell) in head.iter().take(count).enumerate() {
            let name = cell.text.to_lowercase().replace([' ', '-'], "_");
            let known = COLUMNS.iter().position(|column| *column == name);
            let Some(known) = known.and_then(|known| places.get_mut(known)) else {
                let what = format!("column `{}`; {EXPECTED}", cell.text);
                return Err(place.error(cell.at, &what));
            };
            if known.replace(at).is_some() {
                let what = format!("column `{name}` twice; expected it once");
                return Err(place.error(cell.at, &what));
            }
        }
        let [account, approval, removal, cosignatory, nis1] = places.map(|place| place.is_some());
        if !(account && cosignatory && approval == removal && approval != nis1) {
            let at = head.first().map_or(0, |cell| cell.at);
            let found: Vec<&str> = head.iter().map(|cell| cell.text.as_str()).collect();
            return Err(place.error(at, &format!("columns `{}`; {EXPECTED}", found.join("`, `"))));
        }
        Ok(Self { places, count })
    }

    const fn is_nis1(&self) -> bool {
        let [_, _, _, _, nis1] = self.places;
        nis1.is_some()
    }
}

/// A threshold with the byte that it was found at.
type Threshold = Option<(u32, usize)>;

/// An account as far as its rows were read.
struct Entry {
    name: String,
    at: usize,
    thresholds: [Threshold; 2],
    cosignatories: Vec<String>,
}

struct Tree<'a> {
    place: Place<'a>,
    columns: Columns,
    accounts: Vec<Entry>,
    /// Of each account its place in the list.
    places: BTreeMap<String, usize>,
}

impl Tree<'_> {
    fn add(&mut self, row: &[Cell]) -> Result<(), Fatal> {
        let place = self.place;
        let first = row.first().map_or(0, |cell| cell.at);
        let filled = row.iter().rposition(|cell| !cell.text.is_empty()).map_or(0, |last| last + 1);
        let count = self.columns.count;
        if let Some(beyond) =
            row.get(count..filled).and_then(|cells| cells.iter().find(|cell| !cell.text.is_empty()))
        {
            let what = format!("`{}` in column {filled}; expected {count} columns", beyond.text);
            return Err(place.error(beyond.at, &what));
        }
        let [account, approval, removal, cosignatory, least] = self.columns.places;
        let cell = |column: Option<usize>| column.and_then(|column| row.get(column));
        let text = |column: Option<usize>| cell(column).map_or("", |cell| cell.text.as_str());
        let at = |column| cell(column).map_or(first, |cell| cell.at);
        for (column, name, what) in [
            (account, "account", "the name of an account"),
            (cosignatory, "cosignatory", "the name of a key or an account"),
        ] {
            if text(column).is_empty() {
                let what = format!("`{name}` is empty; expected {what}");
                return Err(place.error(at(column), &what));
            }
        }
        let name = text(account).to_owned();
        let next = self.accounts.len();
        let known = *self.places.entry(name.clone()).or_insert(next);
        if known == next {
            let (thresholds, cosignatories) = ([None; 2], Vec::new());
            self.accounts.push(Entry { name, at: at(account), thresholds, cosignatories });
        }
        let Some(entry) = self.accounts.get_mut(known) else { return Ok(()) };
        let [approval, removal] = if least.is_some() { [least; 2] } else { [approval, removal] };
        for (threshold, column) in entry.thresholds.iter_mut().zip([approval, removal]) {
            let (text, at) = (text(column), at(column));
            if text.is_empty() {
                continue;
            }
            let Ok(number) = text.parse::<u32>() else {
                let what = format!("`{text}` of account `{}`; expected a whole number", entry.name);
                return Err(place.error(at, &what));
            };
            match *threshold {
                Some((known, before)) if known != number => {
                    let line = place.text.get(..before).unwrap_or("").matches('\n').count() + 1;
                    let what = format!(
                        "{number} for account `{}`, and {known} in line {line}; expected the same",
                        entry.name
                    );
                    return Err(place.error(at, &what));
                }
                Some(_) => {}
                None => *threshold = Some((number, at)),
            }
        }
        let below = text(cosignatory);
        if entry.cosignatories.iter().any(|known| known == below) {
            let what = format!(
                "account `{}` lists cosignatory `{below}` twice; each counts once",
                entry.name
            );
            return Err(place.error(at(cosignatory), &what));
        }
        entry.cosignatories.push(below.to_owned());
        Ok(())
    }

    fn subject(self) -> Result<Subject, Fatal> {
        let Self { place, columns, accounts: entries, .. } = self;
        let preset = if columns.is_nis1() { "nis1" } else { "symbol-mainnet" };
        let protocol =
            Protocol::preset(preset).ok_or_else(|| Fatal(unknown_protocol(preset, "")))?;
        let account = |entry: &Entry| -> Result<Account, Fatal> {
            let [approval, removal] = entry.thresholds;
            let missing = || {
                let names = if columns.is_nis1() { &COLUMNS[4..] } else { &COLUMNS[1..3] };
                let names = names.join("` and `");
                let what = format!("no thresholds of account `{}`", entry.name);
                place.error(entry.at, &format!("{what}; expected `{names}` in its first row"))
            };
            let (approval, removal) = approval.zip(removal).ok_or_else(missing)?;
            Ok((entry.name.clone(), approval.0, removal.0, entry.cosignatories.clone()))
        };
        let accounts = entries.iter().map(account).collect::<Result<Vec<_>, Fatal>>()?;
        if accounts.is_empty() {
            let what = "no rows below the header; expected one for each cosignatory of an account";
            return Err(place.error(place.text.len(), what));
        }
        let subject = Subject::new(protocol, accounts);
        subject.structure().map_err(|error| {
            let what = error.to_string();
            // the first account that the message names is where to look
            let name = match &error {
                StructureError::Loop(accounts) => accounts.first().map_or("", String::as_str),
                _ => what.split('`').nth(1).unwrap_or(""),
            };
            let entry = entries.iter().find(|entry| entry.name == name);
            place.error(entry.map_or(0, |entry| entry.at), &what)
        })?;
        Ok(subject)
    }
}
