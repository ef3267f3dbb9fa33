//! Plots as SVG: probabilities against probabilities, on logarithmic axes; in [`chart`], counts against
//! whole numbers. Both stand in the same frame.

pub mod chart;

use std::ops::Range;

mod bars;

pub use bars::{Bar, Scale, bars};

use plotters::coord::Shift;
use plotters::coord::types::RangedCoordf64;
use plotters::prelude::*;
use plotters::style::text_anchor::{HPos, Pos, VPos};

use super::markup::valid_xml;

/// A point: two probabilities as powers of ten, and a word beside it.
#[derive(Clone, Debug, PartialEq)]
pub struct Point {
    /// The power of ten of the first probability.
    pub across: f64,
    /// The power of ten of the second.
    pub up: f64,
    /// What it is; may be empty.
    pub label: String,
    /// Whether no other point is better in one and as good in the other.
    pub frontier: bool,
}

/// Points of one kind.
#[derive(Clone, Debug, PartialEq)]
pub struct Series {
    /// What they are.
    pub name: String,
    /// The points.
    pub points: Vec<Point>,
}

/// A plot that cannot be drawn: what the drawing library says.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("cannot draw the plot: {0}")]
pub struct PlotError(String);

/// As wide as a phone can show them legibly.
const SIZE: (u32, u32) = (560, 460);
const MARGIN: u32 = 10;
/// Width of the vertical axis with its words.
const UP_AREA: u32 = 66;
/// Width of a letter beside a point, on the large side.
const LETTER_PIXELS: f64 = 7.5;
const INK: RGBColor = RGBColor(31, 41, 55);
/// Colours of series, the first ones furthest apart.
const COLOURS: [RGBColor; 6] = [
    RGBColor(29, 78, 216),
    RGBColor(194, 65, 12),
    RGBColor(21, 128, 61),
    RGBColor(126, 34, 206),
    RGBColor(14, 116, 144),
    RGBColor(100, 116, 139),
];
/// What stands behind: everything that is compared with.
const BEHIND: RGBColor = RGBColor(148, 163, 184);

type Area<'a> = DrawingArea<SVGBackend<'a>, Shift>;
type Context<'a> = ChartContext<'a, SVGBackend<'a>, Cartesian2d<RangedCoordf64, RangedCoordf64>>;
type Outcome<'a> = Result<(), DrawingAreaErrorKind<<SVGBackend<'a> as DrawingBackend>::ErrorType>>;

/// One direction of a plot.
struct Axis<'t> {
    words: &'t str,
    range: Range<f64>,
    label: fn(f64) -> String,
}

/// What stands around a plot.
struct Frame<'t> {
    title: &'t str,
    across: Axis<'t>,
    up: Axis<'t>,
}

/// A frame and what `inside` draws into it, as SVG.
fn drawn(
    frame: &Frame<'_>,
    legend: SeriesLabelPosition,
    inside: impl for<'a> FnOnce(&mut Context<'a>) -> Outcome<'a>,
) -> Result<String, PlotError> {
    let mut text = String::new();
    {
        let area = SVGBackend::with_string(&mut text, SIZE).into_drawing_area();
        framed(&area, frame, legend, inside).map_err(|error| PlotError(error.to_string()))?;
    }
    Ok(valid_xml(text))
}

fn framed<'a>(
    area: &Area<'a>,
    Frame { title, across, up }: &Frame<'_>,
    legend: SeriesLabelPosition,
    inside: impl FnOnce(&mut Context<'a>) -> Outcome<'a>,
) -> Outcome<'a> {
    area.fill(&WHITE)?;
    let mut chart = ChartBuilder::on(area)
        .caption(title, ("sans-serif", 16).into_font().color(&INK))
        .margin(MARGIN)
        .x_label_area_size(46)
        .y_label_area_size(UP_AREA)
        .build_cartesian_2d(across.range.clone(), up.range.clone())?;
    chart
        .configure_mesh()
        .axis_desc_style(("sans-serif", 16))
        .label_style(("sans-serif", 15))
        .x_desc(across.words)
        .y_desc(up.words)
        .x_label_formatter(&|value| (across.label)(*value))
        .y_label_formatter(&|value| (up.label)(*value))
        .light_line_style(RGBColor(241, 245, 249))
        .bold_line_style(RGBColor(226, 232, 240))
        .axis_style(INK)
        .draw()?;
    inside(&mut chart)?;
    chart
        .configure_series_labels()
        .label_font(("sans-serif", 15))
        .position(legend)
        .background_style(WHITE)
        .border_style(RGBColor(203, 213, 225))
        .draw()?;
    area.present()
}

/// The points of all series, each series' frontier joined by a line.
///
/// # Errors
/// What the drawing library reports.
pub fn scatter(
    title: &str,
    (across, up): (&str, &str),
    series: &[Series],
) -> Result<String, PlotError> {
    let points = || series.iter().flat_map(|one| &one.points);
    let low = |of: fn(&Point) -> f64| points().map(of).fold(-1.0, f64::min).floor() - 0.3;
    let axis = |words, of| Axis { words, range: low(of)..0.2, label: power };
    let frame =
        Frame { title, across: axis(across, |point| point.across), up: axis(up, |point| point.up) };
    let [blue, orange, ..] = COLOURS;
    let colours = [BEHIND, blue, orange].into_iter().cycle();
    drawn(&frame, SeriesLabelPosition::LowerLeft, |chart| {
        let mut all = series.iter().zip(colours).enumerate();
        all.try_for_each(|(at, (one, colour))| dots(chart, one, colour, at == 0))
    })
}

fn power(value: f64) -> String {
    match value {
        zero if zero.abs() < 0.01 => "1".to_owned(),
        between if (between - between.round()).abs() > 0.01 => String::new(),
        value => format!("1e{value:.0}"),
    }
}

/// Words to the right of what stands at `across`, or to its left where they would not fit: their distance from
/// it to the right, and their style.
fn beside(
    across: f64,
    range: &Range<f64>,
    words: &str,
    colour: &RGBColor,
) -> (i32, TextStyle<'static>) {
    let share = (range.end - across) / (range.end - range.start);
    let pixels = share * f64::from(SIZE.0 - UP_AREA - 2 * MARGIN);
    let fits = pixels > LETTER_PIXELS * words.chars().count() as f64 + 8.0;
    let (shift, side) = if fits { (8, HPos::Left) } else { (-8, HPos::Right) };
    let font = ("sans-serif", 15).into_font().color(colour);
    (shift, font.pos(Pos::new(side, VPos::Top)))
}

fn dots<'a>(chart: &mut Context<'a>, one: &Series, colour: RGBColor, behind: bool) -> Outcome<'a> {
    let mut frontier: Vec<&Point> = one.points.iter().filter(|point| point.frontier).collect();
    frontier.sort_by(|one, other| one.across.total_cmp(&other.across));
    let line = frontier.iter().map(|point| (point.across, point.up));
    chart.draw_series(LineSeries::new(line, colour.stroke_width(2)))?;
    let size = 4 + 2 * i32::from(behind);
    let dots = one.points.iter().map(|point| {
        let style = if point.frontier { colour.filled() } else { colour.stroke_width(1) };
        Circle::new((point.across, point.up), size, style)
    });
    let legend = chart.draw_series(dots)?;
    legend.label(&one.name).legend(move |(x, y)| Circle::new((x + 8, y), 4, colour.filled()));
    let down = if behind { -20 } else { 8 };
    let ink = if behind { INK } else { colour };
    let range = chart.x_range();
    let words = one.points.iter().filter(|point| !point.label.is_empty()).map(|point| {
        let (right, style) = beside(point.across, &range, &point.label, &ink);
        EmptyElement::at((point.across, point.up))
            + Text::new(point.label.clone(), (right, down), style)
    });
    chart.draw_series(words)?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_plot_names_its_series_and_points() {
        let point =
            |across, up, label: &str| Point { across, up, label: label.into(), frontier: true };
        let points = vec![point(-1.0, -4.0, "2 of 3"), point(-3.0, -2.0, "1 of 3")];
        let series = [Series { name: "eventually".into(), points }];
        let text = scatter("three keys", ("lockout", "theft"), &series).unwrap();
        for word in ["<svg", "three keys", "lockout", "theft", "eventually", "2 of 3", "</svg>"] {
            assert!(text.contains(word), "{word}");
        }
    }
}
