//! Names that stay inside the frame they are written into.

/// Most letters of a name.
pub(super) const NAME_LETTERS_MAX: usize = 22;
/// A name is not cut further than to so many letters.
const NAME_LETTERS_MIN: usize = 7;

/// About how wide a text of 13 pixels is, rather too wide than too narrow.
pub(super) fn letters_width(text: &str) -> f64 {
    let width = |letter: char| match letter {
        'i' | 'j' | 'l' | 't' | 'f' | 'r' | 'I' | ' ' | '.' | ',' | '-' | '\'' => 5.0,
        'm' | 'w' | 'M' | 'W' | '@' => 13.0,
        'A'..='Z' => 9.6,
        ' '..='~' => 7.5,
        _ => 13.0,
    };
    text.chars().map(width).sum()
}

/// A name behind its sign, shortened until it fits into so many pixels.
pub(super) fn fitted(sign: &str, name: &str, room: f64) -> String {
    let text = |letters: usize| sign.to_owned() + &shortened(name, letters);
    let fits = |letters: &usize| letters_width(&text(*letters)) <= room;
    text((NAME_LETTERS_MIN..=NAME_LETTERS_MAX).rev().find(fits).unwrap_or(NAME_LETTERS_MIN))
}

/// A name with so many letters at most, its middle left out.
pub(super) fn shortened(name: &str, most: usize) -> String {
    if name.chars().count() <= most {
        return name.to_owned();
    }
    let letters: Vec<char> = name.chars().collect();
    let half = most.saturating_sub(1) / 2;
    let first = letters.iter().take(half);
    let last = letters.iter().skip(letters.len() - half);
    first.chain(&['…']).chain(last).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_stays_inside_its_frame_whatever_its_letters() {
        for name in
            ["W".repeat(40), "TD6TLAMJMDD3DC3S6SNFLGH2T5YSUNKNWM7N4VY".to_owned(), "il".repeat(20)]
        {
            for room in [116.0, 176.0] {
                let text = fitted("\u{2713} ", &name, room);
                assert!(letters_width(&text) <= room && text.contains('\u{2026}'), "{text}");
            }
        }
        assert_eq!(fitted("", "alice-laptop", 176.0), "alice-laptop");
    }
}
