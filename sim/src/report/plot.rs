//! Plots as SVG: probabilities against probabilities, on logarithmic axes.

mod bars;

pub use bars::{Bar, Scale, bars};

use plotters::coord::Shift;
use plotters::prelude::*;

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

const SIZE: (u32, u32) = (900, 620);
const INK: RGBColor = RGBColor(31, 41, 55);
const COLOURS: [RGBColor; 3] =
    [RGBColor(148, 163, 184), RGBColor(29, 78, 216), RGBColor(194, 65, 12)];

/// The points of all series, each series' frontier joined by a line.
///
/// # Errors
/// What the drawing library reports.
pub fn scatter(
    title: &str,
    (across, up): (&str, &str),
    series: &[Series],
) -> Result<String, PlotError> {
    let mut text = String::new();
    {
        let area = SVGBackend::with_string(&mut text, SIZE).into_drawing_area();
        draw(&area, title, (across, up), series).map_err(|error| PlotError(error.to_string()))?;
    }
    Ok(text)
}

type Outcome<'a> = Result<(), DrawingAreaErrorKind<<SVGBackend<'a> as DrawingBackend>::ErrorType>>;

fn draw<'a>(
    area: &DrawingArea<SVGBackend<'a>, Shift>,
    title: &str,
    (across, up): (&str, &str),
    series: &[Series],
) -> Outcome<'a> {
    area.fill(&WHITE)?;
    let points = || series.iter().flat_map(|one| &one.points);
    let low = |of: fn(&Point) -> f64| points().map(of).fold(-1.0, f64::min).floor() - 0.3;
    let mut chart = ChartBuilder::on(area)
        .caption(title, ("sans-serif", 22).into_font().color(&INK))
        .margin(16)
        .x_label_area_size(48)
        .y_label_area_size(70)
        .build_cartesian_2d(low(|point| point.across)..0.2, low(|point| point.up)..0.2)?;
    let power = |value: &f64| match *value {
        zero if zero.abs() < 0.01 => "1".to_owned(),
        between if (between - between.round()).abs() > 0.01 => String::new(),
        value => format!("1e{value:.0}"),
    };
    chart
        .configure_mesh()
        .x_desc(across)
        .y_desc(up)
        .x_label_formatter(&power)
        .y_label_formatter(&power)
        .light_line_style(RGBColor(241, 245, 249))
        .bold_line_style(RGBColor(226, 232, 240))
        .axis_style(INK)
        .draw()?;
    for (at, (one, colour)) in series.iter().zip(COLOURS.into_iter().cycle()).enumerate() {
        let mut frontier: Vec<&Point> = one.points.iter().filter(|point| point.frontier).collect();
        frontier.sort_by(|one, other| one.across.total_cmp(&other.across));
        let line = frontier.iter().map(|point| (point.across, point.up));
        chart.draw_series(LineSeries::new(line, colour.stroke_width(2)))?;
        let size = 4 + 2 * i32::from(at == 0);
        let dots = one.points.iter().map(|point| {
            let style = if point.frontier { colour.filled() } else { colour.stroke_width(1) };
            Circle::new((point.across, point.up), size, style)
        });
        let legend = chart.draw_series(dots)?;
        legend.label(&one.name).legend(move |(x, y)| Circle::new((x + 8, y), 4, colour.filled()));
        let shift = if at == 0 { -20 } else { 8 };
        let words = one.points.iter().filter(|point| !point.label.is_empty()).map(|point| {
            let font = ("sans-serif", 13).into_font().color(if at == 0 { &INK } else { &colour });
            EmptyElement::at((point.across, point.up))
                + Text::new(point.label.clone(), (8, shift), font)
        });
        chart.draw_series(words)?;
    }
    chart
        .configure_series_labels()
        .position(SeriesLabelPosition::LowerLeft)
        .background_style(WHITE)
        .border_style(RGBColor(203, 213, 225))
        .draw()?;
    area.present()
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
