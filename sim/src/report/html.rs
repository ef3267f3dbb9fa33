//! One page of HTML: no network, no other file; readable without scripts, on paper, phone and screen.
//!
//! The page is its sheet and nothing else, so equal sheets give equal bytes. Every word of a user goes
//! through `escaped`; should one slip through, the page's own policy
//! runs no script but the one whose hash it names, and loads nothing.

mod timeline;

use std::collections::BTreeSet;
use std::fmt::Write as _;

use sha2::{Digest, Sha256};

use super::markup::{anchor, breakable, escaped, worded};
use super::record;
use super::sheet::{Block, Cell, Mark, Section, Sheet, Table};
use crate::replay::Options;

const STYLE: &str = include_str!("html/page.css");
const SCRIPT: &str = include_str!("html/page.js");
/// Most columns of a table whose headings stand upright.
const COLUMNS_UPRIGHT_MAX: usize = 9;

/// Most rows of one table.
const ROWS_MAX: usize = 2_000;
/// Most bytes of all drawings of a page; a browser should open it without thinking.
const PICTURE_BYTES_MAX: usize = 16 << 20;

/// The sheet as one page.
#[must_use]
pub fn page(sheet: &Sheet) -> String {
    let mut writer = Writer::default();
    let anchors: Vec<String> =
        sheet.sections.iter().map(|section| writer.anchor(&section.title)).collect();
    let mut body = String::new();
    head(&mut body, sheet);
    contents(&mut body, sheet, &anchors);
    body.push_str("<main>\n");
    for (section, anchor) in sheet.sections.iter().zip(&anchors) {
        writer.section(&mut body, section, anchor);
    }
    body.push_str("</main>\n");
    let hash = data_encoding::BASE64.encode(&Sha256::digest(SCRIPT));
    format!(
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; \
         style-src 'unsafe-inline'; script-src 'sha256-{hash}'; img-src data:; base-uri 'none'; \
         form-action 'none'\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <meta name=\"color-scheme\" content=\"light dark\">\n\
         <meta name=\"generator\" content=\"quorate {}\">\n\
         <title>{}</title>\n<link rel=\"icon\" href=\"data:,\">\n<style>\n{STYLE}</style>\n</head>\n\
         <body>\n<a class=\"skip\" href=\"#contents\">To the contents</a>\n<div class=\"page\">\n\
         {body}</div>\n<script>{SCRIPT}</script>\n</body>\n</html>\n",
        env!("CARGO_PKG_VERSION"),
        escaped(&sheet.title.replace('`', "")),
    )
}

fn head(text: &mut String, sheet: &Sheet) {
    let _ = writeln!(
        text,
        "<header class=\"head\">\n<p class=\"brand\">quorate</p>\n<h1>{}</h1>",
        worded(&sheet.title)
    );
    if let Some((mark, words)) = &sheet.verdict {
        let (class, sign, words) = (class(*mark), sign(*mark), escaped(words));
        let _ = writeln!(text, "<p class=\"verdict {class}\">{sign}<strong>{words}</strong></p>");
    }
    if !sheet.lead.is_empty() {
        let _ = writeln!(text, "<p class=\"lead\">{}</p>", worded(&sheet.lead));
    }
    if !sheet.facts.is_empty() || sheet.reproduce.is_some() {
        text.push_str("<dl class=\"facts\">\n");
        let reproduce = sheet.reproduce.iter().map(|command| ("reproduce", command.as_str()));
        let facts = sheet.facts.iter().map(|(name, value)| (name.as_str(), value.as_str()));
        for (name, value) in facts.chain(reproduce) {
            let (name, value) = (escaped(name), escaped(value));
            let _ = writeln!(text, "<div><dt>{name}</dt><dd>{value}</dd></div>");
        }
        text.push_str("</dl>\n");
    }
    text.push_str("</header>\n");
}

fn contents(text: &mut String, sheet: &Sheet, anchors: &[String]) {
    text.push_str(
        "<nav id=\"contents\" aria-label=\"Contents\" tabindex=\"-1\">\n<h2>Contents</h2>\n<ol>\n",
    );
    for (section, anchor) in sheet.sections.iter().zip(anchors) {
        let title = escaped(&section.title);
        let _ = writeln!(text, "<li><a href=\"#{anchor}\">{title}</a></li>");
    }
    text.push_str("</ol>\n</nav>\n");
}

/// The class of a mark.
const fn class(mark: Mark) -> &'static str {
    match mark {
        Mark::Plain => "plain",
        Mark::Good => "good",
        Mark::Warning => "warning",
        Mark::Bad => "bad",
        Mark::Quiet => "quiet",
    }
}

/// A sign beside marked words, so that nobody has to tell colours apart.
const fn sign(mark: Mark) -> &'static str {
    match mark {
        Mark::Plain | Mark::Quiet => "",
        Mark::Good => "<span class=\"sign\" aria-hidden=\"true\">\u{2713}</span>",
        Mark::Warning => "<span class=\"sign\" aria-hidden=\"true\">!</span>",
        Mark::Bad => "<span class=\"sign\" aria-hidden=\"true\">\u{2717}</span>",
    }
}

/// What a page remembers while it is written.
#[derive(Default)]
struct Writer {
    anchors: BTreeSet<String>,
    timelines: usize,
    picture_bytes: usize,
}

impl Writer {
    /// An anchor that nothing else on the page has.
    fn anchor(&mut self, title: &str) -> String {
        let name = format!("s-{}", anchor(title));
        let mut free = name.clone();
        let mut number = 2;
        while !self.anchors.insert(free.clone()) {
            free = format!("{name}-{number}");
            number += 1;
        }
        free
    }

    /// Whether so many bytes more of drawings still fit the page; counts them if they do.
    const fn takes(&mut self, bytes: usize) -> bool {
        let fits = self.picture_bytes.saturating_add(bytes) <= PICTURE_BYTES_MAX;
        if fits {
            self.picture_bytes += bytes;
        }
        fits
    }

    fn section(&mut self, text: &mut String, section: &Section, anchor: &str) {
        let title = escaped(&section.title);
        let _ = writeln!(
            text,
            "<section id=\"{anchor}\" aria-labelledby=\"{anchor}-title\">\n\
             <h2 id=\"{anchor}-title\">{title}<a class=\"here\" href=\"#{anchor}\" \
             aria-label=\"Link to this section\">#</a></h2>"
        );
        self.blocks(text, &section.blocks);
        text.push_str("</section>\n");
    }

    fn blocks(&mut self, text: &mut String, blocks: &[Block]) {
        for block in blocks {
            self.block(text, block);
        }
    }

    fn block(&mut self, text: &mut String, block: &Block) {
        match block {
            Block::Text(words) => {
                for paragraph in words.split("\n\n").filter(|one| !one.trim().is_empty()) {
                    let _ = writeln!(text, "<p>{}</p>", worded(paragraph));
                }
            }
            Block::Heading(words) => {
                let anchor = self.anchor(words);
                let _ = writeln!(text, "<h3 id=\"{anchor}\">{}</h3>", escaped(words));
            }
            Block::Table(one) => table(text, one),
            Block::Picture { svg, caption } => self.figure(text, svg, caption),
            Block::Chart(chart) => {
                if let Ok(svg) = chart.svg() {
                    self.figure(text, &svg, &chart.caption);
                }
            }
            Block::Verbatim(lines) => {
                let _ = writeln!(text, "<pre>{}</pre>", escaped(lines));
            }
            Block::Change { before, after, caption } => {
                text.push_str("<figure class=\"change\">\n<div class=\"sides\">\n");
                for (word, svg) in [("Before", before), ("After", after)] {
                    let _ = writeln!(text, "<div><p class=\"side\">{word}</p>");
                    self.drawing(text, svg);
                    text.push_str("</div>\n");
                }
                let caption = worded(caption);
                let _ = writeln!(text, "</div>\n<figcaption>{caption}</figcaption>\n</figure>");
            }
            Block::Command(line) => {
                let _ =
                    writeln!(text, "<pre class=\"command\"><code>{}</code></pre>", escaped(line));
            }
            Block::Timeline(one) => {
                self.timelines += 1;
                self.timeline(text, one);
            }
            Block::Scenario(scenario) => {
                let options = Options { keep_going: true, explain: true, ..Options::default() };
                if let Ok((timeline, _)) = record::text("scenario", &scenario.text(), options) {
                    self.timelines += 1;
                    self.timeline(text, &timeline);
                }
            }
            Block::InText(_) => {}
            Block::OnPage(blocks) => self.blocks(text, blocks),
            Block::Folded { title, blocks } => {
                let title = escaped(title);
                let _ =
                    writeln!(text, "<details>\n<summary>{title}</summary>\n<div class=\"inside\">");
                self.blocks(text, blocks);
                text.push_str("</div>\n</details>\n");
            }
        }
    }

    fn figure(&mut self, text: &mut String, svg: &str, caption: &str) {
        text.push_str("<figure class=\"picture\">\n");
        self.drawing(text, svg);
        let _ = writeln!(text, "<figcaption>{}</figcaption>\n</figure>", worded(caption));
    }

    /// A drawing on its card; the card scrolls where the screen is narrower.
    fn drawing(&mut self, text: &mut String, svg: &str) {
        if !self.takes(svg.len()) {
            text.push_str(
                "<p class=\"quiet\">(this drawing is left out: the page would be too long)</p>\n",
            );
            return;
        }
        text.push_str("<div class=\"card\" tabindex=\"0\" role=\"group\" aria-label=\"Drawing\">");
        text.push_str(svg.trim());
        text.push_str("</div>\n");
    }
}

fn table(text: &mut String, table: &Table) {
    // many columns stand under headings that are turned; few with long words go below each other on a phone
    let stacks = stacks(table);
    let wide = match (table.head.len() > COLUMNS_UPRIGHT_MAX, stacks) {
        (true, _) => " class=\"wide\"",
        (_, true) => " class=\"stacks\"",
        _ => "",
    };
    let _ = writeln!(
        text,
        "<div class=\"scroll\" tabindex=\"0\" role=\"group\" aria-label=\"Table\"><table{wide}>"
    );
    // a heading stands over numbers if its column's first cell is one
    let number = |column: usize| {
        table.rows.first().and_then(|row| row.get(column)).is_some_and(|cell| cell.number)
    };
    if table.head.iter().any(|word| !word.is_empty()) {
        text.push_str("<thead><tr>");
        for (column, word) in table.head.iter().enumerate() {
            let class = if number(column) { " class=\"number\"" } else { "" };
            let _ = write!(text, "<th scope=\"col\"{class}>{}</th>", escaped(word));
        }
        text.push_str("</tr></thead>\n");
    }
    text.push_str("<tbody>\n");
    for row in table.rows.iter().take(ROWS_MAX) {
        text.push_str("<tr>");
        for (column, one) in row.iter().enumerate() {
            let heads_row = column == 0 && !one.number;
            let heading = table.head.get(column).filter(|_| stacks && !heads_row);
            cell(text, one, heads_row, heading.map_or("", String::as_str));
        }
        text.push_str("</tr>\n");
    }
    text.push_str("</tbody>\n</table></div>\n");
    if table.rows.len() > ROWS_MAX {
        let more = table.rows.len() - ROWS_MAX;
        let _ = writeln!(text, "<p class=\"quiet\">{more} rows more are left out here.</p>");
    }
}

/// Characters of a row that fit side by side on a phone.
const PHONE_ROW_MAX: usize = 44;

/// Whether the cells of a row go below each other on a phone, each with its heading.
fn stacks(table: &Table) -> bool {
    let width = |row: &Vec<Cell>| row.iter().map(|cell| cell.text.chars().count()).sum::<usize>();
    let columns = table.rows.first().map_or(0, Vec::len);
    let named = table.head.iter().skip(1).all(|word| !word.is_empty());
    let long = table.rows.iter().take(ROWS_MAX).any(|row| width(row) > PHONE_ROW_MAX);
    (2..=COLUMNS_UPRIGHT_MAX).contains(&columns) && named && long
}

fn cell(text: &mut String, cell: &Cell, heads_row: bool, heading: &str) {
    let tag = if heads_row { "th scope=\"row\"" } else { "td" };
    let end = if heads_row { "th" } else { "td" };
    let number = if cell.number { "number " } else { "" };
    let (class, sign, words) = (class(cell.mark), sign(cell.mark), worded(&cell.text));
    let heading = match heading.is_empty() || cell.text.is_empty() {
        true => String::new(),
        false => format!(" data-head=\"{}\"", escaped(heading)),
    };
    let _ = write!(text, "<{tag} class=\"{number}{class}\"{heading}>{sign}{words}</{end}>");
}

#[cfg(test)]
mod tests;
