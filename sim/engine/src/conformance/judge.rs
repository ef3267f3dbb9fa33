//! One answer beside ours: byte by byte, and where that fails read as JSON.

use std::collections::BTreeMap;

use super::message::Answer;
use super::{About, Difference};
use crate::protocol::Protocol;
use crate::scenario::record::{EntryRecord, StateRecord};

/// What we answer to a step.
pub struct Ours<'b> {
    /// The step, from 1.
    pub step: u64,
    /// The line it begins on.
    pub line: u64,
    /// Our verdict's name, if the step has one.
    pub result: Option<&'static str>,
    /// Result, state and the closing brace, as they stand behind the question.
    pub tail: &'b [u8],
    /// How many bytes of it are the result.
    pub result_bytes: usize,
}

/// Whether the answer is, byte by byte, the one we would have given; the usual case.
pub fn agrees(answer: &[u8], question: &[u8], ours: &Ours<'_>, states: bool) -> bool {
    let Some(rest) = answer.strip_prefix(question) else { return false };
    if rest == ours.tail {
        return true;
    }
    let (result, _) = ours.tail.split_at(ours.result_bytes);
    match rest.strip_prefix(result) {
        Some(rest) => !states && (rest == b"}" || !result.is_empty() && rest.starts_with(b",")),
        None => false,
    }
}

/// Reads an answer that is not ours byte by byte.
///
/// # Errors
/// A line that is no answer.
pub fn judge(answer: &[u8], expected: &Ours<'_>) -> Result<Vec<Difference>, String> {
    let theirs = Answer::read(answer)?;
    let mut differences = Vec::new();
    let difference = |about, ours: String, theirs: String| Difference {
        step: expected.step,
        line: expected.line,
        result: expected.result,
        about,
        expected: ours,
        found: theirs,
    };
    if let Some(ours) = expected.result {
        let Some(result) = &theirs.result else {
            return Err("it has no `result`".to_owned());
        };
        if result.0 != ours {
            differences.push(difference(About::Result, ours.to_owned(), result.0.to_string()));
        }
    }
    let ours = expected.tail.get(expected.result_bytes..).and_then(|rest| {
        let from = rest.iter().position(|&byte| byte == b'{')?;
        rest.get(from..rest.len() - 1)
    });
    if ours.is_some() && theirs.state.is_none() {
        let found = "no `state` in the answer; `--no-state` compares results only".to_owned();
        differences.push(difference(About::State, "a `state` with every answer".to_owned(), found));
    }
    if let (Some(ours), Some(theirs)) = (ours, &theirs.state) {
        let ours = serde_json::from_slice::<StateRecord<'_>>(ours).map_err(|it| it.to_string())?;
        let (ours, theirs) = (sorted(&ours), sorted(theirs));
        if ours != theirs {
            let (one, other) = (entries_without(&ours, &theirs), entries_without(&theirs, &ours));
            differences.push(difference(About::State, one, other));
        }
    }
    Ok(differences)
}

type Entries<'a> = BTreeMap<&'a str, EntryRecord<'a>>;

/// A state in which the order of names does not count.
fn sorted<'a>(state: &'a StateRecord<'_>) -> Entries<'a> {
    let entry = |(name, entry): &'a (crate::scenario::record::Name<'_>, EntryRecord<'_>)| {
        let mut entry = entry.clone();
        entry.cosignatories.sort_unstable();
        (name.0.as_ref(), entry)
    };
    state.0.iter().map(entry).collect()
}

/// The entries of one state that the other does not have, as text.
fn entries_without(one: &Entries<'_>, other: &Entries<'_>) -> String {
    let differs = |(name, entry): &(&&str, &EntryRecord<'_>)| other.get(**name) != Some(*entry);
    let entries: Vec<String> = one
        .iter()
        .filter(differs)
        .map(|(name, entry)| {
            format!("`{name}` {}", serde_json::to_string(entry).unwrap_or_default())
        })
        .collect();
    if entries.is_empty() { "no other multisig account".to_owned() } else { entries.join(", ") }
}

/// Whether a peer's result is the name of a refusal, in this protocol or by the way all of them spell it. A word
/// of its own may mean anything: the peer may have executed the step.
pub(super) fn names_a_refusal(protocol: &Protocol, name: &str) -> bool {
    let begins =
        |prefix: &str| name.get(..prefix.len()).is_some_and(|it| it.eq_ignore_ascii_case(prefix));
    begins("Failure_")
        || begins("Refused_")
        || protocol.reasons().any(|one| protocol.reason_name(one) == name)
}

#[cfg(test)]
mod tests {
    use super::*;

    const TAIL: &[u8] = b",\"result\":\"Success\",\"state\":{\"a\":{\"min_approval\":1,\"min_removal\":1,\"cosignatories\":[\"b\",\"c\"]}}}";
    const RESULT_BYTES: usize = ",\"result\":\"Success\"".len();

    const OURS: Ours<'static> =
        Ours { step: 1, line: 2, result: Some("Success"), tail: TAIL, result_bytes: RESULT_BYTES };

    fn judged(answer: &str) -> Result<Vec<Difference>, String> {
        judge(answer.as_bytes(), &OURS)
    }

    #[test]
    fn order_spaces_and_further_members_do_not_count() {
        let answer = "{\"x\": [1], \"state\": {\"a\": {\"cosignatories\": [\"c\", \"b\"], \"min_removal\": 1, \"min_approval\": 1}}, \"result\": \"Success\"}";
        assert_eq!(judged(answer), Ok(vec![]));
    }

    #[test]
    fn another_result_and_another_state_differ() {
        let found = judged("{\"result\":\"No\",\"state\":{}}").unwrap();
        let [result, state] = found.as_slice() else { panic!("{found:?}") };
        assert_eq!(
            (result.about, result.expected.as_str(), result.found.as_str()),
            (About::Result, "Success", "No")
        );
        assert_eq!(state.about, About::State);
        assert_eq!(state.found, "no other multisig account");
        assert!(state.expected.starts_with("`a` {\"min_approval\":1"));
    }

    #[test]
    fn an_answer_without_the_state_that_was_asked_for_differs() {
        let found = judged("{\"result\":\"Success\"}").unwrap();
        let [missing] = found.as_slice() else { panic!("{found:?}") };
        assert_eq!(missing.about, About::State);
        assert!(missing.found.contains("no `state`"), "{missing:?}");
    }

    #[test]
    fn what_is_no_answer_is_garbage() {
        for line in
            ["", "hello", "[]", "{}", "{\"result\":1}", "{\"result\":\"Success\",\"state\":[]}"]
        {
            assert!(judged(line).is_err(), "{line}");
        }
    }

    #[test]
    fn the_usual_answer_agrees_byte_by_byte() {
        let whole = [b"{\"q\":1".as_slice(), TAIL].concat();
        let agree = |answer: &[u8], states| agrees(answer, b"{\"q\":1", &OURS, states);
        assert!(agree(&whole, true));
        assert!(!agree(b"{\"q\":1,\"result\":\"Success\"}", true), "its state is missing");
        assert!(agree(b"{\"q\":1,\"result\":\"Success\"}", false));
        assert!(!agree(b"{\"q\":2,\"result\":\"Success\"}", true));
        assert!(!agree(b"{\"q\":1,\"result\":\"Success\",\"state\":{}}", true));
        assert!(agree(b"{\"q\":1,\"result\":\"Success\",\"state\":{}}", false));
    }

    #[test]
    fn a_word_that_no_protocol_has_may_stand_for_an_executed_step() {
        let [symbol, nis1] = ["symbol-mainnet", "nis1"].map(|name| Protocol::preset(name).unwrap());
        for refusal in ["Failure_Core_Unsigned", "FAILURE_ELSEWHERE", "Refused_Lost_Key"] {
            assert!(
                names_a_refusal(&symbol, refusal) && names_a_refusal(&nis1, refusal),
                "{refusal}"
            );
        }
        assert!(names_a_refusal(&nis1, "NEUTRAL") && !names_a_refusal(&symbol, "NEUTRAL"));
        for other in ["Success", "Pending", "SUCCESS", "OK", "", "Failure", "executed"] {
            assert!(!names_a_refusal(&symbol, other) && !names_a_refusal(&nis1, other), "{other}");
        }
    }
}
