//! The one layout a scenario is written in, so that two people who say the same write the same file.
//!
//! Only the space between words changes: every word, number and text stays as it was written, and so
//! does the order. A `.jsonl` has no space at all. In a `.json` what fits stands on one line of 160
//! characters; a transaction that does not fit fills its lines, everything else has a line an entry.

use std::fmt::Write as _;

/// Most characters of a line, unless one word alone is longer.
const WIDTH: usize = 160;
/// Deepest nesting; the reader of scenarios refuses the same depth.
const DEPTH_MAX: usize = 128;

/// A text that is no JSON, and where.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("at byte {0}: found no JSON, expected one value")]
pub struct NoJson(pub usize);

/// A JSON value as it was written.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Node<'t> {
    /// A text in its quotes, a number, `true`, `false`, `null`.
    Word(&'t str),
    List(Vec<Node<'t>>),
    Object(Vec<(&'t str, Node<'t>)>),
}

/// Lays a value out as one line without space.
///
/// # Errors
/// The text is no JSON value.
pub fn line(text: &str) -> Result<String, NoJson> {
    let mut out = String::with_capacity(text.len());
    push_line(&mut out, &read(text)?, "");
    Ok(out)
}

/// Lays a scenario out as a `.json` file: one field of the header and one step a line, those that do
/// not fit on several.
///
/// # Errors
/// The text is no JSON value.
///
/// ```
/// use quorate::scenario::layout;
///
/// let text = r#"{"version":1, "steps":[{"advance":{"blocks":5}}]}"#;
/// let expected = "{\n  \"version\": 1,\n  \"steps\": [\n    {\"advance\": {\"blocks\": 5}}\n  ]\n}\n";
/// assert_eq!(layout::document(text).unwrap(), expected);
/// ```
pub fn document(text: &str) -> Result<String, NoJson> {
    let mut out = String::with_capacity(text.len() * 5 / 4);
    let Node::Object(fields) = read(text)? else { return Err(NoJson(0)) };
    out.push('{');
    for (index, (name, value)) in fields.iter().enumerate() {
        let comma = if index > 0 { "," } else { "" };
        let _ = write!(out, "{comma}\n  {name}: ");
        match value {
            Node::List(steps) if *name == "\"steps\"" && !steps.is_empty() => {
                rows(&mut out, steps, 2)
            }
            _ => push(&mut out, value, 2, name.len() + 5),
        }
    }
    out.push_str("\n}\n");
    Ok(out)
}

/// Lays one step out as it stands in the `steps` of a `.json` file, without a comma.
///
/// # Errors
/// The text is no JSON value.
pub fn step(text: &str) -> Result<String, NoJson> {
    let mut out = "    ".to_owned();
    push(&mut out, &read(text)?, 4, 5);
    Ok(out)
}

/// Writes a value at an indent; `taken` is what its line needs beside it.
fn push(out: &mut String, node: &Node<'_>, indent: usize, taken: usize) {
    if taken + width(node) <= WIDTH {
        return push_line(out, node, " ");
    }
    match node {
        Node::Word(word) => out.push_str(word),
        Node::List(list) if list.iter().all(|one| matches!(one, Node::Word(_))) => {
            out.push('[');
            fill(out, list.iter().map(|one| ("", one)), indent + 2);
            close(out, indent, ']');
        }
        Node::List(list) => rows(out, list, indent),
        Node::Object(fields) if is_transaction(fields) => transaction(out, fields, indent, taken),
        Node::Object(fields) => {
            out.push('{');
            for (index, (name, value)) in fields.iter().enumerate() {
                let comma = if index > 0 { "," } else { "" };
                let _ = write!(out, "{comma}\n{:1$}{name}: ", "", indent + 2);
                push(out, value, indent + 2, indent + name.len() + 5);
            }
            close(out, indent, '}');
        }
    }
}

/// A list with a line an entry.
fn rows(out: &mut String, list: &[Node<'_>], indent: usize) {
    out.push('[');
    for (index, one) in list.iter().enumerate() {
        let comma = if index > 0 { "," } else { "" };
        let _ = write!(out, "{comma}\n{:1$}", "", indent + 2);
        push(out, one, indent + 2, indent + 3);
    }
    close(out, indent, ']');
}

fn is_transaction(fields: &[(&str, Node<'_>)]) -> bool {
    fields.iter().any(|(name, _)| *name == "\"type\"")
}

/// A transaction: everything before its last list on the first line where that fits, else filled lines.
fn transaction(out: &mut String, fields: &[(&str, Node<'_>)], indent: usize, taken: usize) {
    if let Some(((name, Node::List(list)), before)) = fields.split_last()
        && list.iter().any(|one| matches!(one, Node::Object(_)))
    {
        let head: usize = before.iter().map(|(name, one)| name.len() + width(one) + 4).sum();
        if taken + head + name.chars().count() + 4 <= WIDTH {
            out.push('{');
            for (name, value) in before {
                let _ = write!(out, "{name}: ");
                push_line(out, value, " ");
                out.push_str(", ");
            }
            let _ = write!(out, "{name}: ");
            rows(out, list, indent);
            return out.push('}');
        }
    }
    out.push('{');
    fill(out, fields.iter().map(|(name, value)| (*name, value)), indent + 2);
    close(out, indent, '}');
}

/// As many entries a line as fit; one that does not fit on any line stands alone.
fn fill<'n>(
    out: &mut String,
    entries: impl Iterator<Item = (&'n str, &'n Node<'n>)>,
    indent: usize,
) {
    let mut column = WIDTH;
    let mut first = true;
    for (name, value) in entries {
        if !first {
            out.push(',');
        }
        let label = if name.is_empty() { 0 } else { name.chars().count() + 2 };
        let wide = label + width(value);
        // The space before it and the comma behind it count.
        if !first && column + wide + 2 <= WIDTH {
            out.push(' ');
            column += wide + 2;
        } else {
            let _ = write!(out, "\n{:indent$}", "");
            column = indent + wide + 1;
        }
        if !name.is_empty() {
            let _ = write!(out, "{name}: ");
        }
        push(out, value, indent, indent + label + 1);
        if column > WIDTH {
            column = WIDTH;
        }
        first = false;
    }
}

fn close(out: &mut String, indent: usize, bracket: char) {
    let _ = write!(out, "\n{:indent$}{bracket}", "");
}

/// Characters of a value on one line.
fn width(node: &Node<'_>) -> usize {
    let separators = |count: usize| 2 + 2 * count.saturating_sub(1);
    match node {
        Node::Word(word) => word.chars().count(),
        Node::List(list) => separators(list.len()) + list.iter().map(width).sum::<usize>(),
        Node::Object(fields) => {
            let entry = |(name, value): &(&str, Node<'_>)| name.chars().count() + 2 + width(value);
            separators(fields.len()) + fields.iter().map(entry).sum::<usize>()
        }
    }
}

/// A value on one line, `space` behind every comma and colon.
fn push_line(out: &mut String, node: &Node<'_>, space: &str) {
    match node {
        Node::Word(word) => out.push_str(word),
        Node::List(list) => {
            out.push('[');
            for (index, one) in list.iter().enumerate() {
                if index > 0 {
                    let _ = write!(out, ",{space}");
                }
                push_line(out, one, space);
            }
            out.push(']');
        }
        Node::Object(fields) => {
            out.push('{');
            for (index, (name, value)) in fields.iter().enumerate() {
                if index > 0 {
                    let _ = write!(out, ",{space}");
                }
                let _ = write!(out, "{name}:{space}");
                push_line(out, value, space);
            }
            out.push('}');
        }
    }
}

fn read(text: &str) -> Result<Node<'_>, NoJson> {
    let mut reader = Reader { text, at: 0 };
    let node = reader.value(0)?;
    reader.space();
    if reader.at < text.len() { Err(NoJson(reader.at)) } else { Ok(node) }
}

struct Reader<'t> {
    text: &'t str,
    at: usize,
}

impl<'t> Reader<'t> {
    fn rest(&self) -> &'t [u8] {
        self.text.as_bytes().get(self.at..).unwrap_or(&[])
    }

    fn space(&mut self) {
        let blank = |byte: &&u8| matches!(byte, b' ' | b'\t' | b'\n' | b'\r');
        self.at += self.rest().iter().take_while(blank).count();
    }

    /// Goes behind this byte if it comes next.
    fn take(&mut self, byte: u8) -> bool {
        self.space();
        let comes = self.rest().first() == Some(&byte);
        self.at += usize::from(comes);
        comes
    }

    fn value(&mut self, depth: usize) -> Result<Node<'t>, NoJson> {
        if depth > DEPTH_MAX {
            return Err(NoJson(self.at));
        }
        if self.take(b'[') {
            let mut list = Vec::new();
            while !self.take(b']') {
                if !list.is_empty() && !self.take(b',') {
                    return Err(NoJson(self.at));
                }
                list.push(self.value(depth + 1)?);
            }
            return Ok(Node::List(list));
        }
        if self.take(b'{') {
            let mut fields = Vec::new();
            while !self.take(b'}') {
                if !fields.is_empty() && !self.take(b',') {
                    return Err(NoJson(self.at));
                }
                let name = self.word()?;
                if !name.starts_with('"') || !self.take(b':') {
                    return Err(NoJson(self.at));
                }
                fields.push((name, self.value(depth + 1)?));
            }
            return Ok(Node::Object(fields));
        }
        self.word().map(Node::Word)
    }

    /// A text in its quotes, or the letters and digits up to whatever separates.
    fn word(&mut self) -> Result<&'t str, NoJson> {
        self.space();
        let rest = self.rest();
        let length = if rest.first() == Some(&b'"') {
            let mut escaped = false;
            let ends = rest.iter().skip(1).position(|&byte| {
                let ends = byte == b'"' && !escaped;
                escaped = byte == b'\\' && !escaped;
                ends
            });
            ends.map_or(0, |end| end + 2)
        } else {
            let of_word =
                |byte: &&u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'+' | b'.');
            rest.iter().take_while(of_word).count()
        };
        let start = self.at;
        self.at += length;
        match self.text.get(start..self.at) {
            Some(word) if !word.is_empty() => Ok(word),
            _ => Err(NoJson(start)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_but_space_changes() {
        let text = r#" {"b" : [1 ,2.50,{"x\"\\":"a  \u0041"}], "a":{} , "c":[ ] } "#;
        assert_eq!(line(text).unwrap(), r#"{"b":[1,2.50,{"x\"\\":"a  \u0041"}],"a":{},"c":[]}"#);
        let written = document(text).unwrap();
        assert_eq!(line(&written), line(text));
        assert_eq!(document(&written).unwrap(), written);
    }

    #[test]
    fn no_line_is_longer_than_the_width() {
        let names: Vec<String> = (0..60).map(|n| format!("\"account-{n:02}\"")).collect();
        let names = names.join(",");
        let part = format!(
            "{{\"type\":\"multisig_modification\",\"signer\":\"a\",\"additions\":[{names}],\"deletions\":[]}}"
        );
        let text = format!(
            "{{\"accounts\":[{names}],\"steps\":[{{\"transaction\":{{\"type\":\"aggregate_complete\",\"signer\":\"a\",\"cosignatures\":[{names}],\"transactions\":[{part},{part}]}}}}]}}"
        );
        let written = document(&text).unwrap();
        let longest = written.lines().map(str::len).max().unwrap();
        assert!((140..=WIDTH).contains(&longest), "{longest}\n{written}");
        assert_eq!(line(&written).unwrap(), text);
    }

    #[test]
    fn what_is_no_json_is_refused_with_its_place() {
        for (text, at) in
            [("", 0), ("{\"a\"}", 4), ("[1 2]", 3), ("1 2", 2), ("\"x", 0), ("[1,]", 3)]
        {
            assert_eq!(line(text), Err(NoJson(at)), "{text}");
        }
        assert!(line(&"[".repeat(100_000)).is_err());
    }
}
