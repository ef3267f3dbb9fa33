//! The line protocol: a header or a step a line to the peer, an answer a line back.
//!
//! A question is the step's own text without the members `result` and `state`; the answer is the same
//! text with them. Nothing is written again that stands in the text already.

use std::borrow::Cow;

use serde::Deserialize;

use crate::flaw::explain;
use crate::ledger::{Links, View};
use crate::protocol::Base;
use crate::scenario::Names;
use crate::scenario::record::{HeaderRecord, Name, StateRecord, StateText, StepRecord};
use crate::scenario::write::START_MEMBERS;

/// Where `result` and `state` stand in a step's text: addresses and lengths of what they say.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct AnswerPlaces {
    result: Option<(usize, usize)>,
    state: Option<(usize, usize)>,
    elsewhere: bool,
}

impl AnswerPlaces {
    /// What this record tells. Only addresses are kept, so that the text can be looked at again.
    #[must_use]
    pub fn by(record: &StepRecord<'_>) -> Self {
        let place = |text: &str| (text.as_ptr() as usize, text.len());
        let mut places = Self::default();
        match &record.result {
            Some(Name(Cow::Borrowed(text))) => places.result = Some(place(text)),
            other => places.elsewhere |= other.is_some(),
        }
        match &record.state {
            Some(StateText::Text(text)) => places.state = Some(place(text.get())),
            other => places.elsewhere |= other.is_some(),
        }
        places
    }

    /// The text as far as `result` and `state`, if they are its last members, one behind the other and
    /// without spaces: `..,"result":"R","state":{..}}`.
    fn split(self, text: &str) -> Option<&str> {
        let offset = |address: usize| address.checked_sub(text.as_ptr() as usize);
        let mut rest = text.trim_ascii_end().strip_suffix('}')?;
        if let Some((address, length)) = self.state {
            let start = offset(address)?;
            (start + length == rest.len()).then_some(())?;
            rest = text.get(..start)?.strip_suffix(",\"state\":")?;
        }
        if let Some((address, length)) = self.result {
            let start = offset(address)?;
            (start + length + 1 == rest.len()).then_some(())?;
            rest = text.get(..start)?.strip_suffix(",\"result\":\"")?;
        }
        (!self.elsewhere).then_some(rest)
    }
}

/// Writes `text`, one JSON object, on one line and without its members `result` and `state`; its
/// closing brace is left out, so that an answer can be put behind it. Returns whether any member is
/// left, for the comma.
///
/// The text must be JSON, as everything is that the scenario reader let pass.
pub fn open_question(text: &str, places: AnswerPlaces, out: &mut Vec<u8>) -> bool {
    match places.split(text) {
        Some(question) => {
            push_on_one_line(question.as_bytes(), out);
            // A step has an action, so something is left.
            true
        }
        None => {
            out.push(b'{');
            push_members(text, false, &|name| !["result", "state"].contains(&name), out)
        }
    }
}

/// Writes a header on one line, without the `steps` of the `.json` layout, and its line end.
pub fn header_line(text: &str, out: &mut Vec<u8>) {
    out.push(b'{');
    push_members(text, false, &|name| name != "steps", out);
    out.extend_from_slice(b"}\n");
}

/// Writes a header that starts elsewhere: the same protocol and accounts, and the start that `start` says.
pub fn header_line_from(text: &str, start: &HeaderRecord<'_>, out: &mut Vec<u8>) {
    let is_start = |name: &str| START_MEMBERS.contains(&name);
    out.push(b'{');
    let any = push_members(text, false, &|name| !is_start(name) && name != "steps", out);
    // Records of this crate give serde no reason to fail.
    push_members(&serde_json::to_string(start).unwrap_or_default(), any, &is_start, out);
    out.extend_from_slice(b"}\n");
}

/// Writes those members of an object whose names `kept` wants; `any`: members stand before them. Returns
/// whether any stand there now.
fn push_members(text: &str, any: bool, kept: &dyn Fn(&str) -> bool, out: &mut Vec<u8>) -> bool {
    let bytes = text.as_bytes();
    let mut any = any;
    let mut start = bytes.iter().position(|&byte| byte == b'{').map_or(bytes.len(), |at| at + 1);
    while let Some(end) = member_end(bytes, start) {
        let member = bytes.get(start..end).unwrap_or(&[]).trim_ascii();
        start = end + 1;
        if member.is_empty() || !kept(name_of(member)) {
            continue;
        }
        if any {
            out.push(b',');
        }
        any = true;
        push_on_one_line(member, out);
    }
    any
}

/// The name of a member, as it is written.
fn name_of(member: &[u8]) -> &str {
    let name = string_end(member, 1).and_then(|end| member.get(1..end));
    std::str::from_utf8(name.unwrap_or_default()).unwrap_or_default()
}

/// A line break can stand between the tokens only: inside a JSON string it would be escaped.
fn push_on_one_line(member: &[u8], out: &mut Vec<u8>) {
    let start = out.len();
    out.extend_from_slice(member);
    if memchr::memchr2(b'\n', b'\r', member).is_none() {
        return;
    }
    for byte in out.iter_mut().skip(start) {
        if matches!(byte, b'\n' | b'\r') {
            *byte = b' ';
        }
    }
}

/// Where the member that begins at `start` ends: at a comma or at the brace that closes the object.
fn member_end(bytes: &[u8], start: usize) -> Option<usize> {
    let mut depth = 0usize;
    let mut at = start;
    loop {
        match bytes.get(at)? {
            b'"' => at = string_end(bytes, at + 1)?,
            b'{' | b'[' => depth += 1,
            b',' if depth == 0 => return Some(at),
            b'}' | b']' if depth == 0 => return Some(at),
            b'}' | b']' => depth -= 1,
            _ => {}
        }
        at += 1;
    }
}

/// Where the string ends whose first character stands at `start`.
fn string_end(bytes: &[u8], start: usize) -> Option<usize> {
    let mut at = start;
    loop {
        at += memchr::memchr2(b'"', b'\\', bytes.get(at..)?)?;
        match bytes.get(at)? {
            b'"' => return Some(at),
            _ => at += 2,
        }
    }
}

/// Writes the whole multisig state as JSON, accounts and cosignatories sorted by name.
pub fn push_state(names: &Names, base: Base, links: &Links, out: &mut Vec<u8>) {
    out.push(b'{');
    for (index, account) in links.multisig_accounts().enumerate() {
        if index > 0 {
            out.push(b',');
        }
        push_text(names.accounts.label(account), out);
        let minima = links.minima(account);
        if !base.has_removal_threshold() {
            out.extend_from_slice(b":{\"min_cosignatories\":");
            push_number(minima.approval, out);
        } else {
            out.extend_from_slice(b":{\"min_approval\":");
            push_number(minima.approval, out);
            out.extend_from_slice(b",\"min_removal\":");
            push_number(minima.removal, out);
        }
        out.extend_from_slice(b",\"cosignatories\":[");
        for (index, &cosignatory) in links.cosignatories_of(account).iter().enumerate() {
            if index > 0 {
                out.push(b',');
            }
            push_text(names.accounts.label(cosignatory), out);
        }
        out.extend_from_slice(b"]}");
    }
    out.push(b'}');
}

fn push_text(text: &str, out: &mut Vec<u8>) {
    let plain = |byte: u8| byte >= 0x20 && byte != b'"' && byte != b'\\';
    if text.bytes().all(plain) {
        out.push(b'"');
        out.extend_from_slice(text.as_bytes());
        out.push(b'"');
    } else {
        out.extend_from_slice(serde_json::Value::from(text).to_string().as_bytes());
    }
}

fn push_number(number: u32, out: &mut Vec<u8>) {
    let mut digits = [0u8; 10];
    let mut rest = number;
    let mut length = 0;
    for digit in digits.iter_mut().rev() {
        *digit = b'0' + (rest % 10) as u8;
        rest /= 10;
        length += 1;
        if rest == 0 {
            break;
        }
    }
    out.extend_from_slice(digits.get(digits.len() - length..).unwrap_or(&[]));
}

/// Writes what an answer adds to its question: result, state, the closing brace and the line end.
pub fn close_answer(any: bool, result: Option<&str>, state: Option<&[u8]>, out: &mut Vec<u8>) {
    let mut comma = any;
    if let Some(result) = result {
        out.extend_from_slice(if comma { b",\"result\":\"" } else { b"\"result\":\"" });
        out.extend_from_slice(result.as_bytes());
        out.push(b'"');
        comma = true;
    }
    if let Some(state) = state {
        out.extend_from_slice(if comma { b",\"state\":" } else { b"\"state\":" });
        out.extend_from_slice(state);
    }
    out.extend_from_slice(b"}\n");
}

/// What is read of an answer; the step it repeats is not looked at.
#[derive(Debug, Deserialize)]
pub struct Answer<'a> {
    /// The verdict's name.
    #[serde(borrow, default)]
    pub result: Option<Name<'a>>,
    /// The multisig state behind the step; absent = unknown.
    #[serde(borrow, default)]
    pub state: Option<StateRecord<'a>>,
}

impl<'a> Answer<'a> {
    /// Reads an answer.
    ///
    /// # Errors
    /// A line that is no JSON object with a text `result` and an object `state`.
    pub fn read(line: &'a [u8]) -> Result<Self, String> {
        let text = std::str::from_utf8(line)
            .map_err(|error| format!("byte {} of the line is not UTF-8", error.valid_up_to()))?;
        serde_json::from_str(text).map_err(|error| explain(&error))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn question(text: &str) -> String {
        let record: StepRecord<'_> = serde_json::from_str(text).unwrap();
        let mut out = Vec::new();
        assert!(open_question(text, AnswerPlaces::by(&record), &mut out));
        let mut slow = vec![b'{'];
        push_members(text, false, &|name| !["result", "state"].contains(&name), &mut slow);
        assert_eq!(out.trim_ascii(), slow, "the quick way is the slow way");
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn a_question_is_the_step_without_what_is_to_be_answered() {
        let step = "{\"lose\":[\"a\"]";
        for rest in
            ["", ",\"result\":\"x\"", ",\"state\":{}", ",\"result\":\"x\",\"state\":{\"a\":1}"]
        {
            assert_eq!(question(&format!("{step}{rest}}}")), step);
        }
        for text in [
            "{ \"state\" : {\"b\":[1,2]} , \"lose\":[\"a\"]}",
            "{\"result\":\"\\u0041\",\"lose\":[\"a\"]}",
            "{\"result\":\"x\",\"lose\":[\"a\"],\"state\":{}}",
        ] {
            assert_eq!(question(text), step);
        }
        let noted = "{\"note\":\"}\\\",{\",\"lose\":[]";
        assert_eq!(question(&format!("{noted},\"state\":{{}},\"result\":\"x\"}}")), noted);
        assert_eq!(question("{\"lose\":\n  []}"), "{\"lose\":   []");
    }

    #[test]
    fn a_header_loses_its_steps_only() {
        let mut out = Vec::new();
        header_line("{\"format\":\"f\",\n\"steps\":[{\"a\":1},\n{}],\"state\":{}}", &mut out);
        assert_eq!(String::from_utf8(out).unwrap(), "{\"format\":\"f\",\"state\":{}}\n");
    }

    #[test]
    fn an_answer_closes_its_question() {
        let mut out = Vec::new();
        close_answer(true, Some("Success"), Some(b"{}"), &mut out);
        assert_eq!(out, b",\"result\":\"Success\",\"state\":{}}\n");
        out.clear();
        close_answer(false, None, Some(b"{}"), &mut out);
        assert_eq!(out, b"\"state\":{}}\n");
    }

    #[test]
    fn numbers_are_written_in_full() {
        for number in [0, 7, 10, 99, 100, u32::MAX] {
            let mut out = Vec::new();
            push_number(number, &mut out);
            assert_eq!(String::from_utf8(out).unwrap(), number.to_string());
        }
    }
}
