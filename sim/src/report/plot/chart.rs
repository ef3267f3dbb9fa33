//! Line charts as SVG: counts, on a logarithmic axis, against whole numbers.

use plotters::prelude::*;

use super::{Axis, COLOURS, Frame, PlotError, beside, drawn};

/// A count at a value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Point {
    /// The value that was set.
    pub across: u32,
    /// What was counted there, at least 1.
    pub up: u64,
    /// What was found there: written beside a full dot; the dot is hollow if it is empty.
    pub mark: String,
}

/// Points joined by a line, ascending.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Series {
    /// What they are.
    pub name: String,
    /// The points.
    pub points: Vec<Point>,
}

/// Series in one chart.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Chart {
    /// The title.
    pub title: String,
    /// What the horizontal axis and the vertical axis count.
    pub axes: (String, String),
    /// The lines.
    pub series: Vec<Series>,
    /// What it shows, in a sentence.
    pub caption: String,
}

impl Chart {
    /// The drawing.
    ///
    /// # Errors
    /// What the drawing library reports.
    pub fn svg(&self) -> Result<String, PlotError> {
        lines(&self.title, (&self.axes.0, &self.axes.1), &self.series)
    }
}

/// A legend of more lines would hide the chart.
const LEGEND_LINES_MAX: usize = 16;

/// All series in one chart, named axes.
///
/// # Errors
/// What the drawing library reports.
pub fn lines(
    title: &str,
    (across, up): (&str, &str),
    series: &[Series],
) -> Result<String, PlotError> {
    let points = || series.iter().flat_map(|one| &one.points);
    let values = || points().map(|point| f64::from(point.across));
    let (left, right) = (values().fold(f64::MAX, f64::min), values().fold(0.0, f64::max));
    let top = points().map(|point| place(point).1).fold(1.0, f64::max).ceil();
    let frame = Frame {
        title,
        across: Axis { words: across, range: left.min(right) - 0.2..right + 0.8, label: whole },
        up: Axis { words: up, range: 0.0..top + 0.2, label: power },
    };
    drawn(&frame, SeriesLabelPosition::LowerRight, |chart| {
        for (at, (one, colour)) in series.iter().zip(COLOURS.into_iter().cycle()).enumerate() {
            let line = LineSeries::new(one.points.iter().map(place), colour.stroke_width(2));
            let drawn = chart.draw_series(line)?;
            if at < LEGEND_LINES_MAX {
                let swatch = move |(x, y)| PathElement::new([(x, y), (x + 16, y)], colour);
                drawn.label(&one.name).legend(swatch);
            }
            chart.draw_series(one.points.iter().map(|point| {
                let full = !point.mark.is_empty();
                let style = if full { colour.filled() } else { colour.stroke_width(1) };
                Circle::new(place(point), 4, style)
            }))?;
            let marked = one.points.iter().filter(|point| !point.mark.is_empty());
            let range = chart.x_range();
            chart.draw_series(marked.map(|point| {
                let (right, style) = beside(place(point).0, &range, &point.mark, &colour);
                EmptyElement::at(place(point)) + Text::new(point.mark.clone(), (right, 4), style)
            }))?;
        }
        Ok(())
    })
}

/// Where a point stands: the value, and the power of ten of the count.
fn place(point: &Point) -> (f64, f64) {
    (f64::from(point.across), (point.up.max(1) as f64).log10())
}

fn whole(value: f64) -> String {
    if value.fract().abs() < 0.01 { format!("{value:.0}") } else { String::new() }
}

fn power(value: f64) -> String {
    if value.fract().abs() < 0.01 { format!("1e{value:.0}") } else { String::new() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_chart_names_its_axes_series_and_marks() {
        let point = |across, up, mark: &str| Point { across, up, mark: mark.into() };
        let points = vec![point(1, 11, ""), point(2, 2189, "takeover"), point(3, 0, "")];
        let series = [Series { name: "depth 2".into(), points }];
        let text = lines("four accounts", ("cosignatories", "states"), &series).unwrap();
        let words =
            ["<svg", "four accounts", "cosignatories", "states", "depth 2", "takeover", "1e4"];
        for word in words {
            assert!(text.contains(word), "{word}");
        }
        assert_eq!(text.matches("<circle").count(), 3);
        assert!(lines("nothing", ("across", "up"), &[]).unwrap().contains("nothing"));
        let hostile = [Series { name: "</svg><script>".into(), points: vec![point(1, 2, "<b>")] }];
        let text = lines("<i>&", ("<u>", "\"'"), &hostile).unwrap();
        for markup in ["<script>", "<b>", "<i>", "<u>"] {
            assert!(!text.contains(markup), "{markup}");
        }
    }
}
