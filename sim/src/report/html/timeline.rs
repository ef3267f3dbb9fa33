//! A timeline: a list of steps, each with the accounts where they changed. A script shows one step at a
//! time; without it, and on paper, the list stands as it is.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use super::{Writer, breakable, class, escaped, sign, worded};
use crate::report::sheet::{Moment, Timeline};
use crate::unit::count_of;

/// Most steps of one timeline on a page.
const MOMENTS_MAX: usize = 600;
/// How many of them are the last ones, where there are more.
const LAST: usize = 200;

impl Writer {
    pub(super) fn timeline(&mut self, text: &mut String, timeline: &Timeline) {
        let number = self.timelines;
        let title = escaped(&timeline.title);
        let _ = writeln!(
            text,
            "<div class=\"timeline\" id=\"t{number}\" role=\"group\" aria-labelledby=\"t{number}-title\">\n\
             <h3 id=\"t{number}-title\">{title}</h3>"
        );
        if !timeline.description.is_empty() {
            let _ =
                writeln!(text, "<p class=\"description\">{}</p>", worded(&timeline.description));
        }
        text.push_str("<ol class=\"moments\">\n");
        let mut drawn = Drawn { number, ..Drawn::default() };
        let all = timeline.moments.as_slice();
        let left_out = all.len().saturating_sub(MOMENTS_MAX);
        let mut step = 0;
        for (at, moment) in all.iter().enumerate() {
            step += moment.skipped + u64::from(at > 0);
            let first = MOMENTS_MAX - LAST;
            if left_out > 0 && (first..first + left_out).contains(&at) {
                drawn.gap += moment.skipped + 1;
                continue;
            }
            drawn.gap += moment.skipped;
            self.moment(text, moment, step, &mut drawn);
        }
        text.push_str("</ol>\n</div>\n");
    }

    fn moment(&mut self, text: &mut String, moment: &Moment, step: u64, drawn: &mut Drawn) {
        let (number, mark) = (drawn.number, class(moment.mark));
        if drawn.gap > 0 {
            let gap = count_of(drawn.gap, "step");
            let _ = writeln!(text, "<li class=\"gap\">{gap} left out here</li>");
            drawn.gap = 0;
        }
        let label = if step == 0 { "Start".to_owned() } else { format!("Step {step}") };
        let _ = writeln!(
            text,
            "<li class=\"moment {mark}\" id=\"t{number}-{step}\">\n<div class=\"told\">\n\
             <p class=\"step\">{label}</p>"
        );
        let (note, what) = (worded(&moment.note), escaped(&moment.what));
        match moment.note.is_empty() {
            true => text.push_str(&format!("<p class=\"what\">{what}</p>\n")),
            false => {
                let _ = writeln!(text, "<p class=\"what\">{note}</p>\n<p class=\"how\">{what}</p>");
            }
        }
        if !moment.signers.is_empty() {
            text.push_str("<p class=\"signers\"><span class=\"word\">signed by</span>");
            for signer in &moment.signers {
                let _ = write!(text, " <span class=\"signer\">{}</span>", escaped(signer));
            }
            text.push_str("</p>\n");
        }
        if !moment.decision.is_empty() {
            let (sign, words) = (sign(moment.mark), breakable(&moment.decision));
            let _ = writeln!(
                text,
                "<p class=\"decision {mark}\"><span class=\"word\">decided</span> <span class=\"badge\">\
                 {sign}{words}</span></p>"
            );
        }
        for failure in &moment.failures {
            let words = worded(failure);
            let _ =
                writeln!(text, "<p class=\"failure\"><strong>Not as expected</strong> {words}</p>");
        }
        text.push_str("</div>\n");
        self.stand(text, &moment.picture, drawn);
        text.push_str("</li>\n");
    }

    /// The accounts as they stand, if that is news; a drawing that stands on the page already is used
    /// again.
    fn stand(&mut self, text: &mut String, picture: &str, drawn: &mut Drawn) {
        let picture = picture.trim();
        if picture.is_empty() || drawn.last.as_deref() == Some(picture) {
            return;
        }
        drawn.last = Some(picture.to_owned());
        text.push_str(
            "<figure class=\"stand\"><div class=\"card\" tabindex=\"0\" role=\"group\" \
            aria-label=\"The multisig accounts\">",
        );
        let again = drawn.places.get(picture).and_then(|id| again(picture, id));
        match again {
            Some(used) => text.push_str(&used),
            None if self.takes(picture.len()) => {
                let id = format!("t{}-p{}", drawn.number, drawn.places.len());
                text.push_str(&picture.replacen("<svg ", &format!("<svg id=\"{id}\" "), 1));
                drawn.places.insert(picture.to_owned(), id);
            }
            None => text.push_str("<p class=\"quiet\">(left out: the page would be too long)</p>"),
        }
        text.push_str("</div></figure>\n");
    }
}

/// What a timeline remembers while it is written.
#[derive(Default)]
struct Drawn {
    number: usize,
    gap: u64,
    last: Option<String>,
    places: BTreeMap<String, String>,
}

/// A drawing that shows another one of the page, of the same size.
fn again(picture: &str, id: &str) -> Option<String> {
    let head = picture.split_once('>')?.0;
    let value = |name: &str| {
        let rest = head.split_once(&format!(" {name}=\""))?.1;
        let value = rest.split_once('"')?.0;
        value.bytes().all(|byte| byte.is_ascii_digit()).then_some(value)
    };
    let (width, height) = (value("width")?, value("height")?);
    let title = picture.split_once("<title>").and_then(|(_, rest)| rest.split_once("</title>"));
    let title = title.map_or("", |(title, _)| title);
    Some(format!(
        "<svg class=\"tree\" viewBox=\"0 0 {width} {height}\" width=\"{width}\" height=\"{height}\" \
         role=\"img\"><title>{title}</title><use href=\"#{id}\"/></svg>"
    ))
}
