//! A sheet as plain text: the verdict first, the command that reproduces it last.
//!
//! Pictures, timelines and what is folded are for a page; `details` opens what is folded.

use crate::encoding::printable;

use super::sheet::{Block, Cell, Section, Sheet, Table, VERSION_FACT};

/// How wide, and how much.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Options {
    /// Most columns of a line, unless one word alone is longer.
    pub width: usize,
    /// Whether folded details are written, too.
    pub details: bool,
}

impl Default for Options {
    fn default() -> Self {
        Self { width: WIDTH, details: false }
    }
}

/// Columns where nobody says how many there are.
pub const WIDTH: usize = 100;
/// Fewest columns of a cell whose words are wrapped, unless one of them is longer.
const CELL_WIDTH_MIN: usize = 16;
/// A name of more characters may be broken after a joint where a table needs the room.
const LONG_WORD: usize = 40;
/// Space between two columns.
const GAP: usize = 2;

/// The sheet as text.
#[must_use]
pub fn page(sheet: &Sheet, options: Options) -> String {
    let mut text = String::new();
    let title = match &sheet.verdict {
        Some((_, verdict)) if sheet.title.is_empty() => verdict.clone(),
        Some((_, verdict)) if sheet.title.ends_with('?') => format!("{} {verdict}", sheet.title),
        Some((_, verdict)) => format!("{}: {verdict}", sheet.title),
        None => sheet.title.clone(),
    };
    paragraph(&mut text, &title, "", options.width);
    paragraph(&mut text, &sheet.lead, "", options.width);
    for one in &sheet.sections {
        section(&mut text, one, options);
    }
    let facts = sheet.facts.iter().filter(|(name, _)| name != VERSION_FACT);
    let rows: Vec<Vec<Cell>> = facts
        .map(|(name, value)| vec![Cell::text(name.as_str()), Cell::text(value.as_str())])
        .collect();
    if !rows.is_empty() {
        text.push('\n');
        table(&mut text, &Table { head: Vec::new(), rows }, options.width);
    }
    if let Some(words) = &sheet.conclusion {
        text.push('\n');
        paragraph(&mut text, words, "", options.width);
    }
    if let Some(command) = &sheet.reproduce {
        text.push_str(&format!("reproduce: {command}\n"));
    }
    printable(&text).into_owned()
}

fn section(text: &mut String, section: &Section, options: Options) {
    let mut inside = String::new();
    for (at, one) in section.blocks.iter().enumerate() {
        let before = at.checked_sub(1).and_then(|before| section.blocks.get(before));
        if matches!((before, one), (Some(Block::Table(_)), Block::Table(_))) {
            inside.push('\n');
        }
        block(&mut inside, one, options);
    }
    if inside.is_empty() {
        return;
    }
    text.push('\n');
    if !section.title.is_empty() {
        paragraph(text, &section.title, "", options.width);
    }
    text.push_str(inside.strip_prefix('\n').unwrap_or(&inside));
}

fn block(text: &mut String, block: &Block, options: Options) {
    let width = options.width;
    match block {
        Block::Text(words) => paragraph(text, words, "", width),
        Block::Heading(words) => {
            text.push('\n');
            paragraph(text, words, "", width);
        }
        Block::Table(one) => table(text, one, width),
        Block::Verbatim(lines) | Block::Command(lines) => {
            lines.lines().for_each(|line| text.push_str(&format!("  {line}\n")));
        }
        Block::Scenario(scenario) => text.push_str(&scenario.text()),
        Block::Folded { title, blocks } if options.details => {
            paragraph(text, title, "", width);
            blocks.iter().for_each(|one| self::block(text, one, options));
        }
        Block::InText(blocks) => blocks.iter().for_each(|one| self::block(text, one, options)),
        Block::OnPage(blocks) if options.details => {
            blocks.iter().for_each(|one| self::block(text, one, options));
        }
        Block::Picture { .. }
        | Block::Change { .. }
        | Block::Chart(_)
        | Block::Timeline(_)
        | Block::OnPage(_)
        | Block::Folded { .. } => {}
    }
}

/// Words in lines that begin with `indent`.
fn paragraph(text: &mut String, words: &str, indent: &str, width: usize) {
    if words.is_empty() {
        return;
    }
    for line in wrapped(words, width.saturating_sub(indent.len())) {
        text.push_str(&format!("{indent}{line}\n"));
    }
}

/// Columns of a text as it will be shown.
fn length(text: &str) -> usize {
    printable(text).chars().count()
}

/// Lines of at most `width` characters; a longer word is cut after a joint (`_`, `-`, `.`, `/`), or stays.
fn wrapped(words: &str, width: usize) -> Vec<String> {
    let mut lines = vec![String::new()];
    for word in words.split_whitespace() {
        let mut first = true;
        for part in parts(word, width) {
            let Some(line) = lines.last_mut() else { break };
            let space = usize::from(first && !line.is_empty());
            if line.is_empty() || length(line) + space + length(part) <= width {
                line.push_str(if space > 0 { " " } else { "" });
                line.push_str(part);
            } else {
                lines.push(part.to_owned());
            }
            first = false;
        }
    }
    lines
}

/// A word in one piece if it fits, else in pieces that end where a name has a joint: `_`, `-`, `.`, `/`.
fn parts(word: &str, width: usize) -> Vec<&str> {
    if length(word) <= width {
        vec![word]
    } else {
        word.split_inclusive(['_', '-', '.', '/']).collect()
    }
}

/// Fewest columns that a word needs: all of it, of a very long name as much as its longest piece.
fn least_width(word: &str) -> usize {
    let longest = parts(word, LONG_WORD).into_iter().map(length).max().unwrap_or(0);
    longest.max(length(word).min(LONG_WORD))
}

/// Fewest columns that a heading needs.
fn heading_width(words: &str) -> usize {
    let parts = words.split_whitespace().flat_map(|word| parts(word, 0));
    parts.map(length).max().unwrap_or(0)
}

/// The table in columns if it fits, with wrapped words if need be; else one cell below another.
fn table(text: &mut String, table: &Table, width: usize) {
    let columns = table.rows.iter().map(Vec::len).max().unwrap_or(0);
    let has_head = table.head.iter().any(|word| !word.is_empty());
    let head: Vec<Cell> = match has_head {
        true => table.head.iter().map(|word| Cell::text(word.as_str())).collect(),
        false => Vec::new(),
    };
    let cells = |column: usize| {
        head.get(column).into_iter().chain(table.rows.iter().filter_map(move |row| row.get(column)))
    };
    let natural: Vec<usize> = (0..columns)
        .map(|column| cells(column).map(|cell| length(&cell.text)).max().unwrap_or(0))
        .collect();
    let is_number = |column: usize| {
        table.rows.first().and_then(|row| row.get(column)).is_some_and(|cell| cell.number)
    };
    let least: Vec<usize> = (0..columns)
        .map(|column| {
            let below = table.rows.iter().filter_map(|row| row.get(column));
            let cells = below.map(|cell| length(&cell.text)).max().unwrap_or(0);
            match is_number(column) {
                true => cells.max(table.head.get(column).map_or(0, |word| heading_width(word))),
                // A table whose words do not fit is stacked: only very long names are broken.
                false => {
                    let words =
                        self::cells(table, column).flat_map(|cell| cell.text.split_whitespace());
                    words.map(least_width).max().unwrap_or(0).max(CELL_WIDTH_MIN)
                }
            }
        })
        .collect();
    let Some(widths) = fitted(natural, &least, is_number, width) else {
        table.rows.iter().for_each(|row| stacked(text, &table.head, row, width));
        return;
    };
    if has_head {
        line(text, &head, &widths, is_number);
    }
    table.rows.iter().for_each(|row| line(text, row, &widths, is_number));
}

/// The cells of a column.
fn cells(table: &Table, column: usize) -> impl Iterator<Item = &Cell> {
    table.rows.iter().filter_map(move |row| row.get(column))
}

/// Widths of the columns. Where not all fit, headings above numbers are wrapped first, then the
/// widest columns of words; none if that is not enough.
fn fitted(
    mut widths: Vec<usize>,
    least: &[usize],
    is_number: impl Fn(usize) -> bool,
    width: usize,
) -> Option<Vec<usize>> {
    let gaps = GAP * widths.len().saturating_sub(1);
    while widths.iter().sum::<usize>() + gaps > width {
        let spare = widths.iter().zip(least).map(|(width, least)| width.saturating_sub(*least));
        let spare = spare.enumerate().filter(|&(_, spare)| spare > 0);
        let rank = |&(column, _): &(usize, usize)| {
            (is_number(column), widths.get(column).copied(), usize::MAX - column)
        };
        let (widest, _) = spare.max_by_key(rank)?;
        *widths.get_mut(widest)? -= 1;
    }
    Some(widths)
}

/// One row, as many lines high as its highest cell.
fn line(text: &mut String, row: &[Cell], widths: &[usize], is_number: impl Fn(usize) -> bool) {
    let cells: Vec<Vec<String>> =
        row.iter().zip(widths).map(|(cell, &width)| wrapped(&cell.text, width)).collect();
    let height = cells.iter().map(Vec::len).max().unwrap_or(0);
    for at in 0..height {
        let mut line = String::new();
        for (column, (cell, &width)) in cells.iter().zip(widths).enumerate() {
            let words = cell.get(at).map_or("", String::as_str);
            let space = " ".repeat(width.saturating_sub(length(words)));
            line.push_str(&match is_number(column) {
                true => format!("{space}{words}"),
                false => format!("{words}{space}"),
            });
            line.push_str(&" ".repeat(GAP));
        }
        text.push_str(line.trim_end());
        text.push('\n');
    }
}

/// A row that is too wide: its first cell, and below it the others with their headings.
fn stacked(text: &mut String, head: &[String], row: &[Cell], width: usize) {
    let Some((first, others)) = row.split_first() else { return };
    paragraph(text, &first.text, "", width);
    let told = others.iter().enumerate().filter(|(_, cell)| !cell.text.is_empty());
    let told = told.map(|(at, cell)| match head.get(at + 1).filter(|word| !word.is_empty()) {
        Some(word) => format!("{}: {}", word.to_lowercase(), cell.text),
        None => cell.text.clone(),
    });
    paragraph(text, &told.collect::<Vec<_>>().join("; "), "    ", width);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::sheet::Mark;

    fn sheet() -> Sheet {
        let rows = vec![
            vec![
                Cell::text("Failure_Multisig_Loop"),
                Cell::number(3),
                Cell::text("a b c d e f g h i j k l m"),
            ],
            vec![Cell::text("Success"), Cell::number(12), Cell::default()],
        ];
        let head = ["Result", "Met", "What it says"].map(str::to_owned).to_vec();
        let folded = Block::Folded { title: "More".into(), blocks: vec![Block::Text("x".into())] };
        Sheet {
            title: "A run".into(),
            verdict: Some((Mark::Bad, "1 failure".into())),
            lead: "All of it.".into(),
            facts: vec![(VERSION_FACT.into(), "0".into()), ("seed".into(), "1".into())],
            sections: vec![Section {
                title: "Results".into(),
                blocks: vec![Block::Table(Table { head, rows }), folded],
            }],
            reproduce: Some("quorate x".into()),
            conclusion: Some("FAIL".into()),
        }
    }

    #[test]
    fn the_verdict_stands_first_and_the_command_last() {
        let text = page(&sheet(), Options::default());
        assert_eq!(
            text,
            "A run: 1 failure\nAll of it.\n\nResults\n\
             Result                 Met  What it says\n\
             Failure_Multisig_Loop    3  a b c d e f g h i j k l m\n\
             Success                 12\n\nseed  1\n\nFAIL\nreproduce: quorate x\n"
        );
        let open = page(&sheet(), Options { details: true, ..Options::default() });
        assert!(open.contains("More\nx\n"), "{open}");
    }

    #[test]
    fn no_name_moves_the_cursor() {
        let title = "a\u{1b}[2Jb\u{202e}c".to_owned();
        let text = page(&Sheet { title, ..Sheet::default() }, Options::default());
        assert_eq!(text, r"a\u{1b}[2Jb\u{202e}c".to_owned() + "\n");
    }

    #[test]
    fn a_narrow_table_wraps_and_a_narrower_one_is_stacked() {
        let narrow = page(&sheet(), Options { width: 46, details: false });
        assert!(
            narrow.contains(
                "Failure_Multisig_Loop    3  a b c d e f g h i\n                            j k l m\n"
            ),
            "{narrow}"
        );
        let stacked = page(&sheet(), Options { width: 30, details: false });
        assert!(
            stacked.contains(
                "Failure_Multisig_Loop\n    met: 3; what it says: a b\n    c d e f g h i j k l m\n"
            ),
            "{stacked}"
        );
        for (text, width) in [(narrow, 46), (stacked, 30)] {
            assert!(text.lines().all(|line| length(line) <= width), "{text}");
        }
    }
}
