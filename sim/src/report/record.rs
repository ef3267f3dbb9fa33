//! Writes a replay down as a [`Timeline`]: what was done, who signed, what was decided, how the
//! accounts stand.
//!
//! A [`Recorder`] is shown every step of a replay; [`story`] and [`text`] replay a scenario for it, from
//! a file or from memory. Long stories are cut in the middle, never at a failure.

mod scene;
pub mod words;

use std::collections::VecDeque;

use super::sheet::{Mark, Moment, Timeline};
use crate::replay::{Failure, Options, Outcome, Replay, replay_to_end};
use crate::scenario::record::StepRecord;
use crate::scenario::{Header, Layout, ScenarioError, Steps, open_reader, source};
use crate::verdict::Verdict;
use scene::Scene;

/// Most steps that are kept from the beginning.
const FIRST_MAX: usize = 200;
/// Most steps that are kept from the end.
const LAST_MAX: usize = 100;
/// Most failed steps that are kept between them.
const FAILED_MAX: usize = 50;

/// Replays a scenario and writes it down.
///
/// # Errors
/// A scenario that cannot be read.
pub fn story(
    header: Header,
    steps: &mut Steps,
    options: Options,
) -> Result<(Timeline, Outcome), ScenarioError> {
    let mut recorder = None;
    let title = (header.name.clone(), header.description.clone());
    let start = header.clone();
    let replay = replay_to_end(header, steps, options, |replay, record| {
        recorder.get_or_insert_with(|| Recorder::new(&start)).step(replay, record);
    })?;
    let recorder = recorder.unwrap_or_else(|| Recorder::new(&start));
    let outcome = replay.end();
    let timeline = recorder.end(&outcome);
    let (title, description) = title;
    Ok((Timeline { title, description, ..timeline }, outcome))
}

/// Replays a scenario that is a text in memory, in the `.json` layout: a hazard's witness, a finding.
/// `name` stands in messages.
///
/// # Errors
/// A text that is no scenario.
pub fn text(
    name: &str,
    text: &str,
    options: Options,
) -> Result<(Timeline, Outcome), ScenarioError> {
    let bytes = std::io::Cursor::new(text.as_bytes().to_vec());
    let (header, mut steps) = open_reader(name, source(bytes), Layout::Json)?;
    story(header, &mut steps, options)
}

/// A timeline in the making.
#[derive(Clone, Debug)]
pub struct Recorder {
    title: String,
    description: String,
    scene: Scene,
    first: Vec<Moment>,
    failed: Vec<Moment>,
    last: VecDeque<(u64, Moment)>,
    told: u64,
    failures: usize,
}

impl Recorder {
    /// A timeline that begins where the header says.
    #[must_use]
    pub fn new(header: &Header) -> Self {
        let mut scene = Scene::default();
        let begin = Moment {
            what: words::beginning(header),
            picture: scene.beginning(header),
            ..Moment::default()
        };
        Self {
            title: header.name.clone(),
            description: header.description.clone(),
            scene,
            first: vec![begin],
            failed: Vec::new(),
            last: VecDeque::new(),
            told: 0,
            failures: 0,
        }
    }

    /// Writes down the step that the replay has just taken.
    pub fn step(&mut self, replay: &Replay, record: &StepRecord<'_>) {
        let base = replay.header().protocol.currency;
        let (what, signers) = words::step(record, base);
        let all = &replay.outcome().failures;
        let failures: Vec<String> = all.iter().skip(self.failures).map(failure).collect();
        self.failures = all.len();
        let (decision, mark) = decision(replay, record, !failures.is_empty());
        let note = record.note.as_ref().map_or(String::new(), |note| note.0.to_string());
        let picture = self.scene.after(replay);
        self.told += 1;
        let moment =
            Moment { what, note, signers, decision, mark, picture, failures, ..Moment::default() };
        self.keep(moment);
    }

    fn keep(&mut self, moment: Moment) {
        if self.first.len() <= FIRST_MAX {
            self.first.push(moment);
            return;
        }
        self.last.push_back((self.told, moment));
        if self.last.len() <= LAST_MAX {
            return;
        }
        let Some((at, mut moment)) = self.last.pop_front() else { return };
        // the picture of a step that is left out is still how things stand at the next
        let failed = !moment.failures.is_empty() && self.failed.len() < FAILED_MAX;
        if let (false, Some((_, next))) = (failed, self.last.front_mut())
            && next.picture.is_empty()
        {
            next.picture = std::mem::take(&mut moment.picture);
        }
        if failed {
            // which step it is stands in `skipped` until the end
            self.failed.push(Moment { skipped: at, ..moment });
        }
    }

    /// The timeline, with what the replay found at its end.
    #[must_use]
    pub fn end(mut self, outcome: &Outcome) -> Timeline {
        let late: Vec<String> = outcome.failures.iter().skip(self.failures).map(failure).collect();
        let mut moments = self.first;
        let mut at = moments.len() as u64 - 1;
        let failed = self.failed.drain(..).map(|moment| (moment.skipped, moment));
        for (number, moment) in failed.chain(self.last) {
            moments.push(Moment { skipped: number.saturating_sub(at + 1), ..moment });
            at = number;
        }
        if !late.is_empty() {
            let what = "The end of the scenario".to_owned();
            let failures = late;
            moments.push(Moment { what, failures, mark: Mark::Bad, ..Moment::default() });
        }
        Timeline { title: self.title, description: self.description, moments }
    }
}

fn failure(failure: &Failure) -> String {
    let Failure { about, expected, found, .. } = failure;
    match failure.invariant {
        true => format!("broken invariant {about}: {found}"),
        false => format!("{about}: expected {expected}, found {found}"),
    }
}

/// The verdict's name and how it is meant. Blocks and looks are not asked for unless they fail.
fn decision(replay: &Replay, record: &StepRecord<'_>, failed: bool) -> (String, Mark) {
    let asked =
        record.transaction.is_some() || record.announce.is_some() || record.cosign.is_some();
    let verdict = replay.verdict().filter(|verdict| asked || *verdict != Verdict::Accepted);
    let name = verdict.map_or("", |verdict| replay.header().protocol.result_name(verdict));
    let mark = match verdict {
        _ if failed => Mark::Bad,
        Some(Verdict::Accepted) => Mark::Good,
        Some(Verdict::Rejected(_) | Verdict::Refused(_)) => Mark::Warning,
        Some(Verdict::Pending) => Mark::Plain,
        None => Mark::Quiet,
    };
    let reason = replay.reason().map_or_else(String::new, |reason| format!(": {}", reason.text));
    (format!("{name}{reason}"), mark)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn scenario(steps: &str) -> String {
        format!(
            "{{\"format\":\"multisig-trace\",\"version\":1,\"name\":\"n\",\"protocol\":\"symbol-mainnet\",\
             \"accounts\":[\"x\",\"a\",\"b\",\"t\"],\"balances\":{{\"x\":5}},\
             \"state\":{{\"x\":{{\"min_approval\":2,\"min_removal\":1,\"cosignatories\":[\"a\",\"b\"]}}}},\
             \"steps\":[{steps}]}}"
        )
    }

    const PAY: &str = "{\"transaction\":{\"type\":\"aggregate_complete\",\"signer\":\"a\",\
        \"cosignatures\":[],\"transactions\":[{\"type\":\"transfer\",\"signer\":\"x\",\
        \"recipient\":\"t\",\"amount\":5}]}}";

    #[test]
    fn a_step_says_who_signed_what_and_how_it_ended() {
        let leave = "{\"note\":\"b goes\",\"transaction\":{\"type\":\"aggregate_complete\",\"signer\":\"a\",\
            \"cosignatures\":[],\"transactions\":[{\"type\":\"multisig_modification\",\"signer\":\"x\",\
            \"min_approval_delta\":-1,\"min_removal_delta\":0,\"additions\":[],\"deletions\":[\"b\"]}]}}";
        let (timeline, outcome) =
            text("x", &scenario(&format!("{PAY},{leave},{PAY}")), Options::default()).unwrap();
        assert_eq!(outcome.steps, 3);
        let [start, refused, left, paid] = timeline.moments.as_slice() else { panic!() };
        assert!(start.picture.contains("2/1 of 2"), "{}", start.picture);
        assert_eq!(refused.decision, "Failure_Aggregate_Missing_Cosignatures");
        assert_eq!((refused.mark, refused.signers.join(" ")), (Mark::Warning, "a".to_owned()));
        assert!(refused.picture.is_empty());
        assert!(left.picture.contains("edge left"), "{}", left.picture);
        assert_eq!(left.note, "b goes");
        assert!(left.what.contains("x removes b; min approval -1"), "{}", left.what);
        assert!(paid.what.contains("x pays 5 xym to t"), "{}", paid.what);
        assert_eq!(paid.mark, Mark::Good);
    }

    #[test]
    fn a_failure_is_told_where_it_happens() {
        let wrong = PAY.replace("}]}}", "}]},\"result\":\"Success\"}");
        let (timeline, _) = text("x", &scenario(&wrong), Options::default()).unwrap();
        let last = timeline.moments.last().unwrap();
        assert_eq!(last.mark, Mark::Bad);
        assert!(last.failures.iter().any(|text| text.contains("expected `Success`")), "{last:?}");
    }

    #[test]
    fn a_long_story_keeps_its_ends_and_its_failures() {
        let wrong = PAY.replace("}]}}", "}]},\"result\":\"Success\"}");
        let many = |count| std::iter::repeat_n(PAY, count).collect::<Vec<_>>().join(",");
        let steps = format!("{},{wrong},{}", many(900), many(900));
        let options = Options { keep_going: true, ..Options::default() };
        let (timeline, outcome) = text("x", &scenario(&steps), options).unwrap();
        assert_eq!(outcome.steps, 1801);
        assert_eq!(timeline.moments.len(), 1 + FIRST_MAX + 1 + LAST_MAX);
        let skipped: u64 = timeline.moments.iter().map(|moment| moment.skipped).sum();
        assert_eq!(skipped as usize + timeline.moments.len(), 1802);
        let failed = timeline.moments.iter().position(|moment| moment.mark == Mark::Bad).unwrap();
        assert_eq!(timeline.moments[failed].skipped, 700);
    }
}
