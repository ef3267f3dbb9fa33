//! Bars, each below its name, the longest as wide as the plot. As wide as a phone can show them legibly.

use plotters::coord::Shift;
use plotters::prelude::*;
use plotters::style::text_anchor::{HPos, Pos, VPos};

use super::PlotError;
use crate::report::markup::valid_xml;

/// A bar.
#[derive(Clone, Debug, PartialEq)]
pub struct Bar {
    /// What it stands for.
    pub name: String,
    /// How long it is, in the unit of the axis; not negative.
    pub length: f64,
    /// The length as the reader sees it.
    pub figure: String,
}

impl Bar {
    /// A bar of this name and length, the length in three figures.
    #[must_use]
    pub fn new(name: impl Into<String>, length: f64) -> Self {
        Self { name: name.into(), length, figure: figures(length) }
    }

    /// The same bar, its length in words.
    #[must_use]
    pub fn called(self, figure: String) -> Self {
        Self { figure, ..self }
    }
}

/// How lengths become widths.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scale {
    /// Twice as much is twice as wide.
    Linear,
    /// From the power of ten below the shortest bar; lines mark powers of ten.
    Logarithmic,
}

const WIDTH: u32 = 400;
const LEFT: i32 = 12;
const NUMBERS: i32 = 80;
/// Height of the words above the bars, and of the powers of ten below them.
const HEAD: i32 = 36;
const POWERS: i32 = 20;
const LINE: i32 = 42;
/// From the top of a line, with the name in it, to its bar.
const NAME: i32 = 17;
const BAR: i32 = 14;
const INK: RGBColor = RGBColor(31, 41, 55);
const GRID: RGBColor = RGBColor(226, 232, 240);
const BLUE: RGBColor = RGBColor(29, 78, 216);

/// The bars in the order given, each with its name and its length in figures.
///
/// # Errors
/// What the drawing library reports.
pub fn bars(axis: &str, bars: &[Bar], scale: Scale) -> Result<String, PlotError> {
    let mut text = String::new();
    let ruler = Ruler::over(bars, scale);
    {
        let height = ruler.top() + LINE * bars.len() as i32 + 12;
        let area = SVGBackend::with_string(&mut text, (WIDTH, height as u32)).into_drawing_area();
        draw(&area, axis, bars, &ruler).map_err(|error| PlotError(error.to_string()))?;
    }
    Ok(valid_xml(text))
}

type Outcome<'a> = Result<(), DrawingAreaErrorKind<<SVGBackend<'a> as DrawingBackend>::ErrorType>>;

fn draw<'a>(
    area: &DrawingArea<SVGBackend<'a>, Shift>,
    axis: &str,
    bars: &[Bar],
    ruler: &Ruler,
) -> Outcome<'a> {
    area.fill(&WHITE)?;
    let words = |size: i32| ("sans-serif", size).into_font().color(&INK);
    area.draw(&Text::new(axis.to_owned(), (LEFT, 12), words(15)))?;
    let right = WIDTH as i32 - NUMBERS;
    let top = ruler.top();
    let across = |length: f64| LEFT + (ruler.share(length) * f64::from(right - LEFT)) as i32;
    let bottom = top + LINE * bars.len() as i32;
    for line in ruler.lines() {
        let x = across(line);
        area.draw(&PathElement::new([(x, top - 6), (x, bottom)], GRID))?;
        let above = words(14).pos(Pos::new(HPos::Center, VPos::Bottom));
        area.draw(&Text::new(power(line), (x.max(LEFT + 8), top - 8), above))?;
    }
    for (bar, top) in bars.iter().zip((top..).step_by(LINE as usize)) {
        area.draw(&Text::new(shortened(&bar.name), (LEFT, top), words(15)))?;
        let (top, end) = (top + NAME, across(bar.length).max(LEFT + 1));
        area.draw(&Rectangle::new([(LEFT, top), (end, top + BAR)], BLUE.filled()))?;
        let to_the_left = words(15).pos(Pos::new(HPos::Left, VPos::Center));
        area.draw(&Text::new(bar.figure.clone(), (end + 6, top + BAR / 2), to_the_left))?;
    }
    area.present()
}

/// A power of ten as short as it can be said.
fn power(value: f64) -> String {
    let (value, letter) = thousands(value, 1e3);
    format!("{value}{letter}")
}

/// What a length is as a share of the plot's width.
struct Ruler {
    low: f64,
    high: f64,
    scale: Scale,
}

impl Ruler {
    fn over(bars: &[Bar], scale: Scale) -> Self {
        let lengths = || bars.iter().map(|bar| bar.length).filter(|length| *length > 0.0);
        let most = lengths().fold(f64::MIN_POSITIVE, f64::max);
        match scale {
            Scale::Linear => Self { low: 0.0, high: most, scale },
            Scale::Logarithmic => {
                let least = lengths().fold(most, f64::min);
                Self { low: least.log10().floor(), high: most.log10() + 0.05, scale }
            }
        }
    }

    fn share(&self, length: f64) -> f64 {
        let at = match self.scale {
            Scale::Linear => length,
            Scale::Logarithmic => length.max(f64::MIN_POSITIVE).log10(),
        };
        ((at - self.low) / (self.high - self.low)).clamp(0.0, 1.0)
    }

    /// Where the first bar's line begins.
    const fn top(&self) -> i32 {
        match self.scale {
            Scale::Linear => HEAD,
            Scale::Logarithmic => HEAD + POWERS,
        }
    }

    /// Powers of ten, or nothing: a linear bar says its number itself.
    fn lines(&self) -> Vec<f64> {
        match self.scale {
            Scale::Linear => Vec::new(),
            Scale::Logarithmic => {
                let powers = self.low as i32..=self.high.floor() as i32;
                powers.map(|power| 10_f64.powi(power)).collect()
            }
        }
    }
}

/// A name that fits its place.
fn shortened(name: &str) -> String {
    const LETTERS_MAX: usize = 52;
    if name.chars().count() <= LETTERS_MAX {
        return name.to_owned();
    }
    name.chars().take(LETTERS_MAX - 1).chain(['…']).collect()
}

/// Three figures and a letter for thousands.
fn figures(value: f64) -> String {
    let (value, letter) = thousands(value, 1e4);
    let decimals = if value >= 100.0 { 0 } else { usize::from(value < 10.0) + 1 };
    format!("{value:.decimals$}{letter}")
}

/// A value in thousands, from `least` on, millions or thousands of millions, and their letter.
fn thousands(value: f64, least: f64) -> (f64, &'static str) {
    match value {
        large if large >= 1e9 => (large / 1e9, " G"),
        large if large >= 1e6 => (large / 1e6, " M"),
        large if large >= least => (large / 1e3, " k"),
        small => (small, ""),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bars_have_their_names_and_figures() {
        let all = [Bar::new("ledger <alone>", 2_500_000.0), Bar::new("auditor", 400_000.0)];
        let all = all.into_iter().chain([Bar::new("a fault", 0.001).called("1.00 µs".to_owned())]);
        let all: Vec<Bar> = all.collect();
        let svg = bars("steps a second", &all, Scale::Linear).unwrap();
        for word in ["<svg", "steps a second", "ledger &lt;alone&gt;", "2.50 M", "400 k", "1.00 µs"]
        {
            assert!(svg.contains(word), "{word} in {svg}");
        }
    }

    #[test]
    fn the_longest_bar_is_the_whole_width_and_half_of_it_half() {
        let all = [Bar::new("a", 8.0), Bar::new("b", 4.0)];
        let ruler = Ruler::over(&all, Scale::Linear);
        assert_eq!((ruler.share(8.0), ruler.share(4.0)), (1.0, 0.5));
        let powers = Ruler::over(&[Bar::new("a", 0.5), Bar::new("b", 800.0)], Scale::Logarithmic);
        assert_eq!(powers.lines(), [0.1, 1.0, 10.0, 100.0]);
        assert!(powers.share(800.0) > powers.share(80.0));
        let words = [0.1, 1.0, 1e3, 1e5, 1e9].map(power);
        assert_eq!(words, ["0.1", "1", "1 k", "100 k", "1 G"]);
    }

    #[test]
    fn no_bars_and_no_lengths_are_drawn_all_the_same() {
        assert!(bars("nothing", &[], Scale::Logarithmic).is_ok());
        assert!(bars("nothing", &[Bar::new("a", 0.0)], Scale::Linear).is_ok());
    }
}
