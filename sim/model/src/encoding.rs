//! Text as editors save it: UTF-8 with or without a byte order mark, and what it is text of.
//!
//! Every reader of files goes through here, so that each accepts the same bytes and names what it does
//! not accept in the same words.

use std::borrow::Cow;

use thiserror::Error;

/// The byte order mark that some editors put before UTF-8.
const MARK: &[u8] = b"\xEF\xBB\xBF";

/// Bytes that are no text in UTF-8.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum NotUtf8 {
    /// Text in UTF-16, by its byte order mark or by its zero bytes.
    #[error("this is UTF-16 ({order}); expected UTF-8: save it as UTF-8")]
    Utf16 {
        /// `little-endian` or `big-endian`.
        order: &'static str,
    },
    /// Compressed data, by its first bytes.
    #[error("this is gzip data; expected text in UTF-8: unpack it first")]
    Gzip,
    /// A byte that stands in no UTF-8 text.
    #[error("the byte 0x{byte:02X} is not UTF-8; expected text in UTF-8")]
    Byte {
        /// Where it stands, from 0.
        offset: usize,
        /// The byte.
        byte: u8,
    },
}

impl NotUtf8 {
    /// Where the first byte stands that is not UTF-8, from 0.
    #[must_use]
    pub const fn offset(&self) -> usize {
        match self {
            Self::Utf16 { .. } | Self::Gzip => 0,
            Self::Byte { offset, .. } => *offset,
        }
    }

    /// The line and the column in characters of that byte, both from 1.
    #[must_use]
    pub fn place(&self, bytes: &[u8]) -> (usize, usize) {
        let before = without_mark(bytes).get(..self.offset()).unwrap_or_default();
        let before = std::str::from_utf8(before).unwrap_or_default();
        let last = before.rsplit('\n').next().unwrap_or_default();
        (1 + before.matches('\n').count(), 1 + last.chars().count())
    }
}

/// The bytes behind the byte order mark, or all of them where there is none.
#[must_use]
pub fn without_mark(bytes: &[u8]) -> &[u8] {
    bytes.strip_prefix(MARK).unwrap_or(bytes)
}

/// The text of these bytes, without a byte order mark.
///
/// # Errors
/// UTF-16, or a byte that is not UTF-8; offsets are counted behind the mark.
pub fn text(bytes: &[u8]) -> Result<&str, NotUtf8> {
    let bytes = without_mark(bytes);
    if let Some(order) = utf16(bytes) {
        return Err(NotUtf8::Utf16 { order });
    }
    std::str::from_utf8(bytes).map_err(|error| {
        if is_gzip(bytes) {
            return NotUtf8::Gzip;
        }
        let offset = error.valid_up_to();
        NotUtf8::Byte { offset, byte: bytes.get(offset).copied().unwrap_or_default() }
    })
}

/// Whether these bytes begin as gzip data does.
#[must_use]
pub fn is_gzip(bytes: &[u8]) -> bool {
    bytes.starts_with(&[0x1F, 0x8B])
}

/// The byte order of UTF-16 text, by its byte order mark; without one, by every second of the first eight
/// bytes being zero and none of the others. `None` for anything else.
#[must_use]
pub fn utf16(bytes: &[u8]) -> Option<&'static str> {
    let order = |little: bool| if little { "little-endian" } else { "big-endian" };
    match bytes {
        [0xFF, 0xFE, 0, 0, ..] => None,
        [0xFF, 0xFE, ..] => Some(order(true)),
        [0xFE, 0xFF, ..] => Some(order(false)),
        _ => {
            let head = bytes.get(..8)?;
            let zeros =
                |at: usize| (0..).zip(head).all(|(index, &byte)| (byte == 0) == (index % 2 == at));
            (zeros(0) || zeros(1)).then(|| order(zeros(1)))
        }
    }
}

/// Whether a terminal acts on a character instead of showing it: control characters, what turns the
/// reading direction, and what has no width. A line end counts.
#[must_use]
pub fn is_hidden(letter: char) -> bool {
    letter.is_control()
        || matches!(letter,
            '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}')
}

/// The text as a terminal may show it: [hidden](is_hidden) characters other than line ends are written out,
/// `\u{1b}`.
#[must_use]
pub fn printable(text: &str) -> Cow<'_, str> {
    written_out(text, |letter| letter != '\n', |text, letter| text.extend(letter.escape_default()))
}

/// JSON whose strings hold no [hidden](is_hidden) character as such, `\u001b`; the values stay the same.
#[must_use]
pub fn printable_json(json: &str) -> Cow<'_, str> {
    // Between its strings JSON has line ends and tabs; within them both are written out anyway.
    let is_space = |letter| matches!(letter, '\n' | '\t' | '\r');
    written_out(
        json,
        |letter| !is_space(letter),
        |text, letter| {
            let mut units = [0; 2];
            for unit in letter.encode_utf16(&mut units) {
                text.push_str(&format!("\\u{unit:04x}"));
            }
        },
    )
}

fn written_out(
    text: &str,
    concerns: impl Fn(char) -> bool,
    write: impl Fn(&mut String, char),
) -> Cow<'_, str> {
    let is_to_write = |letter| is_hidden(letter) && concerns(letter);
    if !text.contains(is_to_write) {
        return Cow::Borrowed(text);
    }
    let mut shown = String::with_capacity(text.len() + 16);
    for letter in text.chars() {
        if is_to_write(letter) { write(&mut shown, letter) } else { shown.push(letter) }
    }
    Cow::Owned(shown)
}

/// Most values of a JSON document that is held whole in memory.
pub const JSON_VALUES_MAX: usize = 4 << 20;

/// At least as many values as a JSON text holds: commas and brackets, those within strings, too.
#[must_use]
pub fn json_values(text: &str) -> usize {
    memchr::memchr3_iter(b',', b'[', b'{', text.as_bytes()).count() + 1
}

/// What a configuration is written in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Syntax {
    /// An object in braces.
    Json,
    /// `[section]` and `key = value` lines.
    Properties,
    /// `key:` and `- entry` lines.
    Yaml,
    /// A page in HTML or XML.
    Markup,
}

/// What a configuration is written in, by its first line that is neither blank nor a comment (`#`, `;`);
/// `None` where that line looks like neither.
#[must_use]
pub fn syntax(text: &str) -> Option<Syntax> {
    let lines = text.lines().map(str::trim);
    let line = lines.into_iter().find(|line| !line.is_empty() && !line.starts_with(['#', ';']))?;
    let is_name = |name: &str| {
        name.starts_with(|letter: char| letter.is_ascii_alphabetic())
            && name.chars().all(|letter| letter.is_ascii_alphanumeric() || "._: -".contains(letter))
    };
    let section = line.strip_prefix('[').map(|rest| rest.trim_end_matches(']').trim());
    match (line.chars().next(), section, line.split_once('=')) {
        (Some('{'), ..) => Some(Syntax::Json),
        (_, Some(name), _) if is_name(name) => Some(Syntax::Properties),
        (_, None, Some((key, _))) if is_name(key.trim()) => Some(Syntax::Properties),
        (Some('['), ..) => Some(Syntax::Json),
        (Some('<'), ..) => Some(Syntax::Markup),
        _ if is_yaml(line) => Some(Syntax::Yaml),
        _ => None,
    }
}

/// Whether a line is one of YAML: `key:`, `key: value`, `- entry` or `---`.
#[must_use]
pub fn is_yaml(line: &str) -> bool {
    let (key, rest) = line.split_once(':').unwrap_or_default();
    let is_word = |key: &str| {
        !key.is_empty() && key.chars().all(|c| c.is_ascii_alphanumeric() || "_-.".contains(c))
    };
    line == "---"
        || line.starts_with("- ")
        || (is_word(key.trim_matches('"')) && (rest.is_empty() || rest.starts_with(' ')))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn utf16_bytes(text: &str, little: bool, mark: bool) -> Vec<u8> {
        let units = mark.then_some(0xFEFF).into_iter().chain(text.encode_utf16());
        let bytes = |unit: u16| if little { unit.to_le_bytes() } else { unit.to_be_bytes() };
        units.flat_map(bytes).collect()
    }

    #[test]
    fn a_mark_is_passed_over_and_places_are_counted_behind_it() {
        assert_eq!(text(b"\xEF\xBB\xBF{}"), Ok("{}"));
        assert_eq!(text(b"{}"), Ok("{}"));
        let bytes = b"\xEF\xBB\xBFab\nc\xFF";
        let error = text(bytes).unwrap_err();
        assert_eq!(error, NotUtf8::Byte { offset: 4, byte: 0xFF });
        assert_eq!(error.place(bytes), (2, 2));
    }

    #[test]
    fn what_a_terminal_would_act_on_is_written_out() {
        let text = "a\u{1b}]0;x\u{7}\u{9b}2J\u{202e}b\u{200b}\u{feff}c\n\t\u{e0041}é 日本 👍";
        let shown = r"a\u{1b}]0;x\u{7}\u{9b}2J\u{202e}b\u{200b}\u{feff}c".to_owned()
            + "\n"
            + r"\t\u{e0041}é 日本 👍";
        assert_eq!(printable(text), shown);
        assert_eq!(printable(&shown), shown, "once is enough");
        let json = serde_json::to_string(&[text]).unwrap();
        let safe = printable_json(&json);
        assert!(!safe.contains(is_hidden), "{safe}");
        assert_eq!(serde_json::from_str::<[String; 1]>(&safe).unwrap(), [text]);
    }

    #[test]
    fn utf16_is_named_in_both_orders_with_and_without_a_mark() {
        for little in [true, false] {
            for mark in [true, false] {
                let order = if little { "little-endian" } else { "big-endian" };
                let bytes = utf16_bytes("[network]\n", little, mark);
                assert_eq!(text(&bytes), Err(NotUtf8::Utf16 { order }), "{little} {mark}");
            }
        }
        assert_eq!(utf16(&utf16_bytes("б = г", true, true)), Some("little-endian"));
        assert_eq!(utf16(b"{\"a\":1}"), None);
        assert_eq!(text(&[0x1F, 0x8B, 8, 0]), Err(NotUtf8::Gzip));
        assert_eq!(utf16(&[0xF8, 0, 0, 0, 0, 0, 0, 0]), None, "the size of a payload");
    }

    #[test]
    fn a_configuration_is_recognised_by_its_first_line() {
        let cases = [
            ("{\"base\":1}", Some(Syntax::Json)),
            (
                "\n# a comment\n; another\n[network]\nidentifier = public\n",
                Some(Syntax::Properties),
            ),
            ("[plugin:catapult.plugins.multisig]", Some(Syntax::Properties)),
            ("[network\n", Some(Syntax::Properties)),
            ("nem.network = mainnet", Some(Syntax::Properties)),
            ("[1, 2]", Some(Syntax::Json)),
            ("[{\"a\": 1}]", Some(Syntax::Json)),
            ("", None),
            ("<xml a=\"1\">", Some(Syntax::Markup)),
            ("# a preset\nnemesis:\n  mosaics:\n", Some(Syntax::Yaml)),
            ("networkType: 152", Some(Syntax::Yaml)),
            ("words without a form", None),
        ];
        for (text, expected) in cases {
            assert_eq!(syntax(text), expected, "{text}");
        }
    }
}
