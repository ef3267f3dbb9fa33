//! The picture of an account: who cosigns for whom, thresholds, shared keys and single points, as SVG.
//!
//! The account stands on the left, its keys on the right, each once however many accounts it cosigns
//! for. Colours are named in a legend and never stand alone: every mark is a word, too.

use std::collections::BTreeMap;
use std::fmt::Write as _;

/// What is special about a node.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Marks {
    /// It cosigns for several accounts of the picture.
    pub shared: bool,
    /// Its loss alone locks the account.
    pub failure: bool,
    /// It alone comes to spend.
    pub theft: bool,
    /// Nobody can sign with it any more.
    pub lost: bool,
    /// A thief holds it.
    pub stolen: bool,
}

/// An account or a key.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Node {
    /// Its name.
    pub name: String,
    /// Its thresholds in words; empty for a key.
    pub thresholds: String,
    /// Its cosignatories: places in the list of nodes, all after its own.
    pub below: Vec<usize>,
    /// What is special about it.
    pub marks: Marks,
}

const COLUMN: f64 = 290.0;
const ROW: f64 = 40.0;
const WIDTH: f64 = 200.0;
const HEIGHT: f64 = 30.0;
const TOP: f64 = 64.0;
const LEFT: f64 = 24.0;
const NAME_LETTERS_MAX: usize = 22;

#[derive(Clone, Copy, Default)]
struct Place {
    column: usize,
    row: f64,
}

/// The picture of `nodes`, the first being the account; every node after all it cosigns for.
#[must_use]
pub fn picture(title: &str, nodes: &[Node]) -> String {
    let places = layout(nodes);
    let columns = places.iter().map(|place| place.column).max().unwrap_or(0) + 1;
    let rows = places.iter().map(|place| place.row).fold(0.0, f64::max) + 1.0;
    // 5.6 is the usual width of a letter of that size
    let beside = nodes.iter().map(|node| words(node.marks).len()).max().unwrap_or(0) as f64 * 5.6;
    let (width, height) = (
        (LEFT * 2.0 + (columns - 1) as f64 * COLUMN + WIDTH + beside).max(620.0),
        TOP + rows * ROW + 56.0,
    );
    let mut text = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width:.0} {height:.0}\" \
         width=\"{width:.0}\" height=\"{height:.0}\" role=\"img\" \
         font-family=\"system-ui, sans-serif\" font-size=\"13\">\n<title>{0}</title>\n\
         <rect width=\"100%\" height=\"100%\" fill=\"#ffffff\"/>\n\
         <text x=\"{LEFT}\" y=\"34\" font-size=\"18\" font-weight=\"600\" fill=\"#1f2937\">{0}</text>\n",
        escaped(title)
    );
    for (node, from) in nodes.iter().zip(&places) {
        for &below in &node.below {
            if let (Some(child), Some(to)) = (nodes.get(below), places.get(below)) {
                edge(&mut text, *from, *to, child.marks.shared);
            }
        }
    }
    for (node, place) in nodes.iter().zip(&places) {
        draw(&mut text, node, *place);
    }
    legend(&mut text, nodes, height);
    text.push_str("</svg>\n");
    text
}

/// Keys in rows from the top in the order of the tree, accounts amid those below them; a column for
/// each level.
fn layout(nodes: &[Node]) -> Vec<Place> {
    let mut places = vec![Place::default(); nodes.len()];
    for (at, node) in nodes.iter().enumerate() {
        let column = places.get(at).map_or(0, |place| place.column + 1);
        for &below in &node.below {
            if let Some(place) = places.get_mut(below) {
                place.column = place.column.max(column);
            }
        }
    }
    let mut ends: BTreeMap<usize, f64> = BTreeMap::new();
    let mut done = vec![false; nodes.len()];
    let mut next_row = 0.0;
    // a stack of its own: a chain may be long
    let mut open = vec![(0, false)];
    while let Some((at, after)) = open.pop() {
        let (Some(node), Some(done_here)) = (nodes.get(at), done.get_mut(at)) else { continue };
        if *done_here {
            continue;
        }
        if !after && !node.below.is_empty() {
            open.push((at, true));
            open.extend(node.below.iter().rev().map(|&below| (below, false)));
            continue;
        }
        *done_here = true;
        let rows: Vec<f64> =
            node.below.iter().filter_map(|&below| Some(places.get(below)?.row)).collect();
        let low = rows.iter().copied().fold(f64::INFINITY, f64::min);
        let high = rows.iter().copied().fold(0.0, f64::max);
        let Some(place) = places.get_mut(at) else { continue };
        let wanted = if rows.is_empty() { next_row } else { f64::midpoint(low, high) };
        let free = ends.get(&place.column).copied().unwrap_or(0.0);
        place.row = if wanted < free { free } else { wanted };
        ends.insert(place.column, place.row + 1.0);
        if rows.is_empty() {
            next_row = place.row + 1.0;
        }
    }
    places
}

fn corner(place: Place) -> (f64, f64) {
    (LEFT + place.column as f64 * COLUMN, TOP + place.row * ROW)
}

fn edge(text: &mut String, from: Place, to: Place, shared: bool) {
    let ((x, y), (to_x, to_y)) = (corner(from), corner(to));
    let (x, y, to_y) = (x + WIDTH, y + HEIGHT / 2.0, to_y + HEIGHT / 2.0);
    let bend = (to_x - x) / 2.0;
    let (colour, width) = if shared { ("#d97706", 1.8) } else { ("#94a3b8", 1.2) };
    let (one, two) = (x + bend, to_x - bend);
    let _ = writeln!(
        text,
        "<path d=\"M{x:.1} {y:.1} C{one:.1} {y:.1} {two:.1} {to_y:.1} {to_x:.1} {to_y:.1}\" \
         fill=\"none\" stroke=\"{colour}\" stroke-width=\"{width}\"/>"
    );
}

fn draw(text: &mut String, node: &Node, place: Place) {
    let (x, y) = corner(place);
    let marks = node.marks;
    let account = !node.below.is_empty();
    let (fill, line, ink) = match (account, marks) {
        (_, Marks { lost: true, .. }) => ("#f1f5f9", "#94a3b8", "#64748b"),
        (_, Marks { stolen: true, .. }) => ("#fae8ff", "#a21caf", "#1f2937"),
        (false, Marks { failure: true, .. }) => ("#fee2e2", "#dc2626", "#1f2937"),
        (false, Marks { theft: true, .. }) => ("#fae8ff", "#a21caf", "#1f2937"),
        (_, Marks { shared: true, .. }) => ("#fef3c7", "#d97706", "#1f2937"),
        (true, _) => ("#1e3a5f", "#1e3a5f", "#ffffff"),
        (false, _) => ("#ffffff", "#475569", "#1f2937"),
    };
    let dash = if marks.lost { " stroke-dasharray=\"4 3\"" } else { "" };
    let radius = if account { 4 } else { 15 };
    let _ = writeln!(
        text,
        "<rect x=\"{x:.1}\" y=\"{y:.1}\" width=\"{WIDTH}\" height=\"{HEIGHT}\" rx=\"{radius}\" \
         fill=\"{fill}\" stroke=\"{line}\" stroke-width=\"1.4\"{dash}/>"
    );
    let (name_x, base) = (x + 12.0, y + HEIGHT / 2.0 + 4.5);
    let room = if account {
        NAME_LETTERS_MAX.saturating_sub(node.thresholds.len())
    } else {
        NAME_LETTERS_MAX
    };
    let name = escaped(&shortened(&node.name, room.max(8)));
    let full = escaped(&node.name);
    let _ = writeln!(
        text,
        "<text x=\"{name_x:.1}\" y=\"{base:.1}\" fill=\"{ink}\"><title>{full}</title>{name}</text>"
    );
    if account {
        let end = x + WIDTH - 12.0;
        let thresholds = escaped(&node.thresholds);
        let _ = writeln!(
            text,
            "<text x=\"{end:.1}\" y=\"{base:.1}\" fill=\"{ink}\" text-anchor=\"end\" \
             font-weight=\"600\" font-size=\"12\">{thresholds}</text>"
        );
    }
    let words = words(marks);
    if !words.is_empty() {
        let beside = if account { (x, y - 4.0) } else { (x + WIDTH + 8.0, base) };
        let _ = writeln!(
            text,
            "<text x=\"{:.1}\" y=\"{:.1}\" fill=\"#475569\" font-size=\"11\">{words}</text>",
            beside.0, beside.1
        );
    }
}

fn words(marks: Marks) -> String {
    let all = [
        (marks.lost, "lost"),
        (marks.stolen, "stolen"),
        (marks.failure, "its loss locks"),
        (marks.theft, "alone spends"),
        (marks.shared, "shared"),
    ];
    all.into_iter().filter(|(set, _)| *set).map(|(_, word)| word).collect::<Vec<_>>().join(", ")
}

/// What the colours mean, those that occur.
fn legend(text: &mut String, nodes: &[Node], height: f64) {
    let any = |of: fn(&Marks) -> bool| nodes.iter().any(|node| of(&node.marks));
    let all = [
        (true, "#1e3a5f", "#1e3a5f", "account: approval / removal of cosignatories"),
        (true, "#ffffff", "#475569", "key"),
        (any(|marks| marks.shared), "#fef3c7", "#d97706", "shared"),
        (any(|marks| marks.failure), "#fee2e2", "#dc2626", "its loss locks"),
        (any(|marks| marks.theft || marks.stolen), "#fae8ff", "#a21caf", "alone spends, or stolen"),
    ];
    let (mut x, y) = (LEFT, height - 24.0);
    for (_, fill, line, word) in all.into_iter().filter(|entry| entry.0) {
        let _ = writeln!(
            text,
            "<rect x=\"{x:.1}\" y=\"{:.1}\" width=\"16\" height=\"12\" rx=\"3\" fill=\"{fill}\" \
             stroke=\"{line}\"/><text x=\"{:.1}\" y=\"{y:.1}\" fill=\"#475569\" \
             font-size=\"11\">{word}</text>",
            y - 10.0,
            x + 22.0
        );
        x += 40.0 + 5.6 * word.len() as f64;
    }
}

fn shortened(name: &str, most: usize) -> String {
    if name.chars().count() <= most {
        return name.to_owned();
    }
    let letters: Vec<char> = name.chars().collect();
    let half = most.saturating_sub(1) / 2;
    let first = letters.iter().take(half);
    let last = letters.iter().skip(letters.len() - half);
    first.chain(&['…']).chain(last).collect()
}

/// The five characters that mean something in XML; control characters, which it forbids, are left out.
fn escaped(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '&' => safe.push_str("&amp;"),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '"' => safe.push_str("&quot;"),
            '\'' => safe.push_str("&#39;"),
            control if control.is_control() => safe.push(' '),
            other => safe.push(other),
        }
    }
    safe
}

#[cfg(test)]
mod tests {
    use super::*;

    fn node(name: &str, below: &[usize]) -> Node {
        Node { name: name.into(), below: below.to_vec(), ..Node::default() }
    }

    #[test]
    fn every_node_stands_once_and_no_two_in_one_place() {
        let nodes = [
            node("x", &[1, 2]),
            node("y", &[3, 4]),
            node("z", &[4, 5]),
            node("a", &[]),
            node("b", &[]),
            node("c", &[]),
        ];
        let places = layout(&nodes);
        for (at, one) in places.iter().enumerate() {
            for other in &places[..at] {
                assert!(one.column != other.column || (one.row - other.row).abs() >= 1.0);
            }
        }
        assert_eq!(places.iter().map(|place| place.column).collect::<Vec<_>>(), [0, 1, 1, 2, 2, 2]);
        assert_eq!(picture("x", &nodes).matches("<path").count(), 6);
    }

    #[test]
    fn names_cannot_break_the_picture() {
        let text = picture("<x>", &[node("</svg><script>&", &[])]);
        assert!(!text.contains("<script>") && text.contains("&lt;x&gt;"));
    }
}
