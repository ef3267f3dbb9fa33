//! Bars, one a line, the longest as wide as the plot.

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

const WIDTH: u32 = 900;
const NAMES: i32 = 290;
const NUMBERS: i32 = 90;
const TOP: i32 = 76;
const LINE: i32 = 24;
const INK: RGBColor = RGBColor(31, 41, 55);
const GRID: RGBColor = RGBColor(226, 232, 240);
const BLUE: RGBColor = RGBColor(29, 78, 216);

/// The bars in the order given, each with its name and its length in figures.
///
/// # Errors
/// What the drawing library reports.
pub fn bars(title: &str, axis: &str, bars: &[Bar], scale: Scale) -> Result<String, PlotError> {
    let mut text = String::new();
    {
        let height = TOP + LINE * bars.len() as i32 + 16;
        let area = SVGBackend::with_string(&mut text, (WIDTH, height as u32)).into_drawing_area();
        draw(&area, title, axis, bars, scale).map_err(|error| PlotError(error.to_string()))?;
    }
    Ok(valid_xml(text))
}

type Outcome<'a> = Result<(), DrawingAreaErrorKind<<SVGBackend<'a> as DrawingBackend>::ErrorType>>;

fn draw<'a>(
    area: &DrawingArea<SVGBackend<'a>, Shift>,
    title: &str,
    axis: &str,
    bars: &[Bar],
    scale: Scale,
) -> Outcome<'a> {
    area.fill(&WHITE)?;
    let words = |size: i32| ("sans-serif", size).into_font().color(&INK);
    area.draw(&Text::new(title.to_owned(), (16, 14), words(20)))?;
    area.draw(&Text::new(axis.to_owned(), (NAMES, 48), words(12)))?;
    let (left, right) = (NAMES, WIDTH as i32 - NUMBERS);
    let ruler = Ruler::over(bars, scale);
    let across = |length: f64| left + (ruler.share(length) * f64::from(right - left)) as i32;
    let bottom = TOP + LINE * bars.len() as i32;
    for line in ruler.lines() {
        let x = across(line);
        area.draw(&PathElement::new([(x, TOP - 6), (x, bottom)], GRID))?;
    }
    for (bar, top) in bars.iter().zip((TOP..).step_by(LINE as usize)) {
        let middle = top + LINE / 2 - 2;
        let to_the_right = words(13).pos(Pos::new(HPos::Right, VPos::Center));
        area.draw(&Text::new(shortened(&bar.name), (left - 10, middle), to_the_right))?;
        let end = across(bar.length).max(left + 1);
        area.draw(&Rectangle::new([(left, top), (end, top + LINE - 6)], BLUE.filled()))?;
        let to_the_left = words(12).pos(Pos::new(HPos::Left, VPos::Center));
        area.draw(&Text::new(bar.figure.clone(), (end + 6, middle), to_the_left))?;
    }
    area.present()
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
    const LETTERS_MAX: usize = 38;
    if name.chars().count() <= LETTERS_MAX {
        return name.to_owned();
    }
    name.chars().take(LETTERS_MAX - 1).chain(['…']).collect()
}

/// Three figures and a letter for thousands.
fn figures(value: f64) -> String {
    let (value, letter) = match value {
        large if large >= 1e9 => (large / 1e9, " G"),
        large if large >= 1e6 => (large / 1e6, " M"),
        large if large >= 1e4 => (large / 1e3, " k"),
        small => (small, ""),
    };
    let decimals = if value >= 100.0 { 0 } else { usize::from(value < 10.0) + 1 };
    format!("{value:.decimals$}{letter}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bars_have_their_names_and_figures() {
        let all = [Bar::new("ledger <alone>", 2_500_000.0), Bar::new("auditor", 400_000.0)];
        let all = all.into_iter().chain([Bar::new("a fault", 0.001).called("1.00 µs".to_owned())]);
        let all: Vec<Bar> = all.collect();
        let svg = bars("Rates", "steps a second", &all, Scale::Linear).unwrap();
        for word in [
            "<svg",
            "Rates",
            "steps a second",
            "ledger &lt;alone&gt;",
            "2.50 M",
            "400 k",
            "1.00 µs",
        ] {
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
    }

    #[test]
    fn no_bars_and_no_lengths_are_drawn_all_the_same() {
        assert!(bars("none", "nothing", &[], Scale::Logarithmic).is_ok());
        assert!(bars("zero", "nothing", &[Bar::new("a", 0.0)], Scale::Linear).is_ok());
    }
}
