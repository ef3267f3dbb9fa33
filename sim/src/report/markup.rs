//! Words made safe for HTML and XML.

/// The text with the five characters that mean something in markup written out; control characters,
/// which XML forbids, and what turns the reading direction become blanks.
#[must_use]
pub fn escaped(text: &str) -> String {
    let mut safe = String::with_capacity(text.len() + text.len() / 8);
    for letter in text.chars() {
        match letter {
            '&' => safe.push_str("&amp;"),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '"' => safe.push_str("&quot;"),
            '\'' => safe.push_str("&#39;"),
            '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' => safe.push(' '),
            '\u{fffe}' | '\u{ffff}' => safe.push(' '),
            '\n' | '\t' => safe.push(letter),
            control if control.is_control() => safe.push(' '),
            other => safe.push(other),
        }
    }
    safe
}

/// A whole XML document that others built, with `\u{fffd}` for every character that XML has no way to write.
#[must_use]
pub fn valid_xml(document: String) -> String {
    let is_forbidden = |letter: char| match letter {
        '\n' | '\t' | '\r' => false,
        letter => letter < ' ' || matches!(letter, '\u{fffe}' | '\u{ffff}'),
    };
    if document.contains(is_forbidden) {
        document.replace(is_forbidden, "\u{fffd}")
    } else {
        document
    }
}

/// As [`escaped`], for a name in code: a line may end behind every underscore.
#[must_use]
pub fn breakable(text: &str) -> String {
    escaped(text).replace('_', "_<wbr>")
}

/// As [`escaped`], with what stands between two backticks as code.
#[must_use]
pub fn worded(text: &str) -> String {
    let safe = escaped(text);
    let parts: Vec<&str> = safe.split('`').collect();
    let even = parts.len().is_multiple_of(2);
    let mut worded = String::with_capacity(safe.len());
    for (at, part) in parts.iter().enumerate() {
        let last = at + 1 == parts.len();
        match at.is_multiple_of(2) {
            // a backtick without its other half stays one
            _ if last && even => {
                worded.push('`');
                worded.push_str(part);
            }
            true => worded.push_str(part),
            false if part.is_empty() => worded.push_str("``"),
            false => {
                worded.push_str("<code>");
                worded.push_str(&part.replace('_', "_<wbr>"));
                worded.push_str("</code>");
            }
        }
    }
    worded
}

/// A name for an anchor: letters, digits and hyphens of ASCII.
#[must_use]
pub fn anchor(text: &str) -> String {
    let mut name = String::new();
    for letter in text.chars().flat_map(char::to_lowercase).take(60) {
        match letter {
            letter if letter.is_ascii_alphanumeric() => name.push(letter),
            _ if name.ends_with('-') || name.is_empty() => {}
            _ => name.push('-'),
        }
    }
    name.trim_end_matches('-').to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_text_becomes_markup() {
        let text = escaped("</script><img src=x onerror='1'>&\"\u{0}\u{202e}\n");
        assert_eq!(text, "&lt;/script&gt;&lt;img src=x onerror=&#39;1&#39;&gt;&amp;&quot;  \n");
        assert_eq!(worded("`a` & `<b>`"), "<code>a</code> &amp; <code>&lt;b&gt;</code>");
        assert_eq!(worded("one ` alone"), "one ` alone");
        assert_eq!(worded("`a` and `"), "<code>a</code> and `");
        assert_eq!(anchor("<b> Locked: \"ÄÖ\" alive!"), "b-locked-alive");
    }
}
