//! The picture of an account: who cosigns for whom, thresholds, shared keys and single points, as SVG.
//!
//! The account stands on the left, its keys on the right, each once however many accounts it cosigns
//! for. Colours are named in a legend and never stand alone: every mark is a word, too.
//!
//! Every colour stands in an attribute, so that a picture is complete by itself, and every element has
//! a class, so that a page may colour it anew: a style sheet goes before attributes.

mod label;

use std::collections::BTreeMap;
use std::fmt::Write as _;

use label::{NAME_LETTERS_MAX, fitted, letters_width, shortened};

use super::markup::escaped;

/// What is special about a node.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Marks {
    /// It cosigns for several accounts of the picture.
    pub shared: bool,
    /// Its loss alone locks the account, for ever.
    pub failure: bool,
    /// Its loss alone locks the account until a modification brings it back.
    pub failure_now: bool,
    /// It alone comes to spend.
    pub theft: bool,
    /// It alone spends now, and not once thresholds have changed.
    pub theft_now: bool,
    /// Nobody can sign with it any more.
    pub lost: bool,
    /// A thief holds it.
    pub stolen: bool,
}

/// What a key has signed, or an account agrees to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Signature {
    /// The picture is about something else.
    #[default]
    None,
    /// Signed, or enough agree.
    Signed,
    /// A signature that is missing, or an account that waits for one.
    Missing,
    /// A signature that is neither there nor missing.
    NotNeeded,
    /// A signature that counts for nothing, or a key that cannot sign.
    Useless,
}

/// What became of a node since the picture before.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum News {
    /// Nothing.
    #[default]
    None,
    /// It was not there.
    New,
    /// Its thresholds are others.
    Changed,
    /// It is not part of anything any more.
    Gone,
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
    /// The groups it is lost or stolen with.
    pub groups: Vec<String>,
    /// What it has signed, and in words.
    pub signature: (Signature, &'static str),
    /// What became of it.
    pub news: News,
    /// Those of `below` that were not there before.
    pub joined: Vec<usize>,
    /// Those that were below it before and are not any more; places after its own, too.
    pub left: Vec<usize>,
}

const COLUMN: f64 = 290.0;
const ROW: f64 = 40.0;
const WIDTH: f64 = 200.0;
const HEIGHT: f64 = 30.0;
const TOP: f64 = 64.0;
const LEFT: f64 = 24.0;
const SCENE_TOP: f64 = 20.0;

#[derive(Clone, Copy, Default)]
struct Place {
    column: usize,
    row: f64,
}

/// The picture of `nodes`, the first being the account; every node after all it cosigns for. With a
/// title on top and a legend below.
#[must_use]
pub fn picture(title: &str, nodes: &[Node]) -> String {
    let places = layout(nodes);
    let (width, height) = extent(nodes, &places);
    let (width, height) = (width.max(620.0), TOP + height + 56.0);
    let mut text = opening(title, width, height);
    let title = escaped(title);
    let _ = writeln!(
        text,
        "<rect class=\"sheet\" width=\"100%\" height=\"100%\" fill=\"#ffffff\"/>\n\
         <text class=\"ink\" x=\"{LEFT}\" y=\"34\" font-size=\"18\" font-weight=\"600\" \
         fill=\"#1f2937\">{title}</text>"
    );
    scene_at(&mut text, nodes, &places, TOP);
    legend(&mut text, nodes, height);
    text.push_str("</svg>\n");
    text
}

/// As [`picture`] without the legend, the title for screen readers only: one of a series, on a page
/// that explains the colours once.
#[must_use]
pub fn scene(title: &str, nodes: &[Node]) -> String {
    let places = layout(nodes);
    let (width, height) = extent(nodes, &places);
    let mut text = opening(title, width, height + SCENE_TOP + 8.0);
    scene_at(&mut text, nodes, &places, SCENE_TOP);
    text.push_str("</svg>\n");
    text
}

/// Words in place of a picture: nothing to draw, or too much.
#[must_use]
pub fn remark(words: &str) -> String {
    let mut text = opening(words, LEFT * 2.0 + WIDTH + COLUMN, ROW + SCENE_TOP);
    let _ = writeln!(
        text,
        "<text class=\"words\" x=\"{LEFT}\" y=\"{ROW}\" fill=\"#475569\">{}</text>\n</svg>",
        escaped(words)
    );
    text
}

fn opening(title: &str, width: f64, height: f64) -> String {
    format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" class=\"tree\" viewBox=\"0 0 {width:.0} {height:.0}\" \
         width=\"{width:.0}\" height=\"{height:.0}\" role=\"img\" \
         font-family=\"system-ui, sans-serif\" font-size=\"13\">\n<title>{}</title>\n",
        escaped(title)
    )
}

/// Width and height of the nodes with the words beside them.
fn extent(nodes: &[Node], places: &[Place]) -> (f64, f64) {
    let columns = places.iter().map(|place| place.column).max().unwrap_or(0) + 1;
    let rows = places.iter().map(|place| place.row).fold(0.0, f64::max) + 1.0;
    // 5.6 is the usual width of a letter of that size
    let beside =
        nodes.iter().map(|node| words(node).concat().len()).max().unwrap_or(0) as f64 * 5.6;
    (LEFT * 2.0 + (columns - 1) as f64 * COLUMN + WIDTH + beside, rows * ROW)
}

fn scene_at(text: &mut String, nodes: &[Node], places: &[Place], top: f64) {
    for (node, from) in nodes.iter().zip(places) {
        let kept = node.below.iter().map(|below| (below, node.joined.contains(below), false));
        for (&below, joined, left) in kept.chain(node.left.iter().map(|left| (left, false, true))) {
            if let (Some(child), Some(to)) = (nodes.get(below), places.get(below)) {
                let line = match (left, joined, child.marks.shared) {
                    (true, ..) => Line::Left,
                    (_, true, _) => Line::Joined,
                    (_, _, true) => Line::Shared,
                    _ => Line::Plain,
                };
                edge(text, corner(*from, top), corner(*to, top), line);
            }
        }
    }
    for (node, place) in nodes.iter().zip(places) {
        draw(text, node, corner(*place, top));
    }
}

/// Keys in rows from the top in the order of the tree, accounts amid those below them; a column for
/// each level.
fn layout(nodes: &[Node]) -> Vec<Place> {
    let mut places = vec![Place::default(); nodes.len()];
    let mut under = vec![false; nodes.len()];
    for (at, node) in nodes.iter().enumerate() {
        let column = places.get(at).map_or(0, |place| place.column + 1);
        for &below in node.below.iter().chain(&node.left) {
            if let Some(one) = under.get_mut(below) {
                *one = true;
            }
            if let Some(place) = places.get_mut(below) {
                place.column = place.column.max(column);
            }
        }
    }
    let mut ends: BTreeMap<usize, f64> = BTreeMap::new();
    let mut done = vec![false; nodes.len()];
    let mut next_row = 0.0;
    // a stack of its own: a chain may be long
    let tops = under.iter().enumerate().filter(|(_, under)| !**under).map(|(at, _)| (at, false));
    let mut open: Vec<(usize, bool)> = tops.rev().collect();
    while let Some((at, after)) = open.pop() {
        let (Some(node), Some(done_here)) = (nodes.get(at), done.get_mut(at)) else { continue };
        if *done_here {
            continue;
        }
        let below = || node.below.iter().chain(&node.left);
        if !after && below().next().is_some() {
            open.push((at, true));
            open.extend(below().rev().map(|&below| (below, false)));
            continue;
        }
        *done_here = true;
        let rows: Vec<f64> = below().filter_map(|&below| Some(places.get(below)?.row)).collect();
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

fn corner(place: Place, top: f64) -> (f64, f64) {
    (LEFT + place.column as f64 * COLUMN, top + place.row * ROW)
}

/// What a line between two nodes says.
#[derive(Clone, Copy)]
enum Line {
    Plain,
    Shared,
    Joined,
    Left,
}

fn edge(text: &mut String, (x, y): (f64, f64), (to_x, to_y): (f64, f64), line: Line) {
    let (x, y, to_y) = (x + WIDTH, y + HEIGHT / 2.0, to_y + HEIGHT / 2.0);
    let bend = (to_x - x) / 2.0;
    let (class, colour, width) = match line {
        Line::Plain => ("edge", "#94a3b8", "1.2"),
        Line::Shared => ("edge shared", "#d97706", "1.8"),
        Line::Joined => ("edge joined", "#15803d", "2.4"),
        Line::Left => ("edge left", "#dc2626", "1.6\" stroke-dasharray=\"2 4"),
    };
    let (one, two) = (x + bend, to_x - bend);
    let _ = writeln!(
        text,
        "<path class=\"{class}\" d=\"M{x:.1} {y:.1} C{one:.1} {y:.1} {two:.1} {to_y:.1} \
         {to_x:.1} {to_y:.1}\" fill=\"none\" stroke=\"{colour}\" stroke-width=\"{width}\"/>"
    );
}

/// Class, fill, line and ink of a node.
const fn colours(account: bool, marks: Marks, news: News) -> [&'static str; 4] {
    match (account, marks) {
        _ if matches!(news, News::Gone) => ["gone", "#ffffff", "#94a3b8", "#64748b"],
        (_, Marks { lost: true, .. }) => ["lost", "#f1f5f9", "#94a3b8", "#64748b"],
        (_, Marks { stolen: true, .. })
        | (false, Marks { theft: true, .. } | Marks { theft_now: true, .. }) => {
            ["stolen", "#fae8ff", "#a21caf", "#1f2937"]
        }
        (false, Marks { failure: true, .. } | Marks { failure_now: true, .. }) => {
            ["failure", "#fee2e2", "#dc2626", "#1f2937"]
        }
        (_, Marks { shared: true, .. }) => ["shared", "#fef3c7", "#d97706", "#1f2937"],
        (true, _) => ["account", "#1e3a5f", "#1e3a5f", "#ffffff"],
        (false, _) => ["key", "#ffffff", "#475569", "#1f2937"],
    }
}

/// Class, fill, line and ink of a node in a picture about signatures.
const fn signed_colours(signature: Signature) -> Option<[&'static str; 4]> {
    Some(match signature {
        Signature::None => return None,
        Signature::Signed => ["signed", "#dcfce7", "#15803d", "#1f2937"],
        Signature::Missing => ["missing", "#fef3c7", "#b45309", "#1f2937"],
        Signature::NotNeeded => ["key", "#ffffff", "#475569", "#1f2937"],
        Signature::Useless => ["failure", "#fee2e2", "#dc2626", "#1f2937"],
    })
}

fn draw(text: &mut String, node: &Node, (x, y): (f64, f64)) {
    let marks = node.marks;
    let account = !node.below.is_empty();
    let signature = node.signature.0;
    let [class, fill, line, ink] = match signed_colours(signature) {
        Some(colours) => colours,
        None => colours(account, marks, node.news),
    };
    let dashed = marks.lost || node.news == News::Gone || signature == Signature::Missing;
    let dash = if dashed { " stroke-dasharray=\"4 3\"" } else { "" };
    let radius = if account { 4 } else { 15 };
    if matches!(node.news, News::New | News::Changed) {
        let (x, y, width, height) = (x - 4.0, y - 4.0, WIDTH + 8.0, HEIGHT + 8.0);
        let _ = writeln!(
            text,
            "<rect class=\"news\" x=\"{x:.1}\" y=\"{y:.1}\" width=\"{width}\" height=\"{height}\" \
             rx=\"{}\" fill=\"none\" stroke=\"#15803d\" stroke-width=\"2.4\"/>",
            radius + 4
        );
    }
    let _ = writeln!(
        text,
        "<rect class=\"{class}\" x=\"{x:.1}\" y=\"{y:.1}\" width=\"{WIDTH}\" height=\"{HEIGHT}\" \
         rx=\"{radius}\" fill=\"{fill}\" stroke=\"{line}\" stroke-width=\"1.4\"{dash}/>"
    );
    let (name_x, base) = (x + 12.0, y + HEIGHT / 2.0 + 4.5);
    let sign = match signature {
        Signature::Signed => "\u{2713} ",
        Signature::Missing => "? ",
        Signature::Useless => "\u{2717} ",
        Signature::NotNeeded | Signature::None => "",
    };
    let beside = if account { letters_width(&node.thresholds) + 8.0 } else { 0.0 };
    let name = escaped(&fitted(sign, &node.name, WIDTH - 24.0 - beside));
    let full = escaped(&node.name);
    let on = format!("on-{class}");
    let _ = writeln!(
        text,
        "<text class=\"{on}\" x=\"{name_x:.1}\" y=\"{base:.1}\" fill=\"{ink}\"><title>{full}</title>\
         {name}</text>"
    );
    if account {
        let end = x + WIDTH - 12.0;
        let thresholds = escaped(&node.thresholds);
        let _ = writeln!(
            text,
            "<text class=\"{on}\" x=\"{end:.1}\" y=\"{base:.1}\" fill=\"{ink}\" text-anchor=\"end\" \
             font-weight=\"600\" font-size=\"12\">{thresholds}</text>"
        );
    }
    let [fresh, special] = words(node);
    if !fresh.is_empty() || !special.is_empty() {
        let (x, y) = if account { (x, y - 6.0) } else { (x + WIDTH + 8.0, base) };
        let fresh = match fresh.as_str() {
            "" => String::new(),
            fresh => format!("<tspan class=\"fresh\">{fresh}</tspan>"),
        };
        let _ = writeln!(
            text,
            "<text class=\"faint\" x=\"{x:.1}\" y=\"{y:.1}\" fill=\"#475569\" \
             font-size=\"11\">{fresh}{}</text>",
            escaped(&special)
        );
    }
}

/// The words beside a node: what became of it, then what is special about it.
fn words(node: &Node) -> [String; 2] {
    let fresh = match node.news {
        News::None => "",
        News::New => "new",
        News::Changed => "thresholds changed",
        News::Gone => "removed",
    };
    let marks = node.marks;
    let all = [
        (marks.lost, "lost"),
        (marks.stolen, "stolen"),
        (marks.failure, "its loss locks"),
        (marks.failure_now, "its loss locks now"),
        (marks.theft, "alone spends"),
        (marks.theft_now, "alone spends now"),
        (marks.shared, "shared"),
    ];
    let signature = Some(node.signature.1).filter(|word| !word.is_empty());
    let set = all.into_iter().filter(|(set, _)| *set).map(|(_, word)| word);
    let set = signature.into_iter().chain(set).map(str::to_owned);
    let groups =
        node.groups.iter().map(|group| format!("group {}", shortened(group, NAME_LETTERS_MAX)));
    let special = set.chain(groups).collect::<Vec<String>>().join(", ");
    let comma = if special.is_empty() || fresh.is_empty() { "" } else { ", " };
    [format!("{fresh}{comma}"), special]
}

/// What the colours mean, those that occur.
fn legend(text: &mut String, nodes: &[Node], height: f64) {
    let any = |of: fn(&Marks) -> bool| nodes.iter().any(|node| of(&node.marks));
    let plain = Marks::default();
    let of = |account, marks| colours(account, marks, News::None);
    let all = [
        (true, of(true, plain), "account: approval / removal of cosignatories"),
        (true, of(false, plain), "key"),
        (any(|marks| marks.shared), of(false, Marks { shared: true, ..plain }), "shared"),
        (
            any(|marks| marks.failure || marks.failure_now),
            of(false, Marks { failure: true, ..plain }),
            "its loss locks",
        ),
        (
            any(|marks| marks.theft || marks.theft_now || marks.stolen),
            of(false, Marks { theft: true, ..plain }),
            "alone spends, or stolen",
        ),
    ];
    let (mut x, y) = (LEFT, height - 24.0);
    for (_, [class, fill, line, _], word) in all.into_iter().filter(|entry| entry.0) {
        let _ = writeln!(
            text,
            "<rect class=\"{class}\" x=\"{x:.1}\" y=\"{:.1}\" width=\"16\" height=\"12\" rx=\"3\" \
             fill=\"{fill}\" stroke=\"{line}\"/><text class=\"faint\" x=\"{:.1}\" y=\"{y:.1}\" \
             fill=\"#475569\" font-size=\"11\">{word}</text>",
            y - 10.0,
            x + 22.0
        );
        x += 40.0 + 5.6 * word.len() as f64;
    }
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

    #[test]
    fn several_roots_stand_below_each_other_and_changes_are_marked() {
        let shared = Node { joined: vec![2], left: vec![3], ..node("x", &[2]) };
        let nodes = [shared, node("y", &[3]), node("a", &[]), node("b", &[])];
        let places = layout(&nodes);
        assert_eq!(places.iter().map(|place| place.column).collect::<Vec<_>>(), [0, 0, 1, 1]);
        assert!(places[0].row < places[1].row, "{}", places[1].row);
        let text = scene("two accounts", &nodes);
        assert_eq!(text.matches("edge joined").count(), 1);
        assert_eq!(text.matches("edge left").count(), 1);
        assert_eq!(text.matches("<path").count(), 3);
    }
}
