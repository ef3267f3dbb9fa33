//! Answers of `explore`, for people.

pub(super) use crate::report::sheet::grouped;
use std::fmt::Write as _;

use serde_json::{Value, json};

use crate::explore::{Agreement, Bounds, Closing, Found, LIMITS, Part, Question, Row, Stop};
use crate::protocol::Protocol;

fn modifications(count: u32) -> String {
    format!("{count} modification{}", if count == 1 { "" } else { "s" })
}

/// The answer of a search.
pub(super) fn part(part: &Part, seconds: Option<f64>) -> String {
    let Part { accounts, limits, share, .. } = *part;
    let mut text = Title { protocol: &part.protocol, accounts, limits, share }.text();
    let rows = [
        ("states, accounts told apart by name", part.states_labelled),
        ("states up to renaming", part.states_canonical),
        ("legal modifications out of them", part.transitions),
        ("modifications to the farthest state", u64::from(part.depth_max)),
    ];
    for (what, number) in rows {
        let _ = writeln!(text, "{what:<37} {:>20}", grouped(number));
    }
    if let Some(seconds) = seconds {
        let _ = writeln!(text, "{:<37} {seconds:>20.3}", "seconds");
    }
    text.push('\n');
    for found in part.broken.iter().chain(&part.hazards) {
        text += &line(found, part.broken.contains(found));
    }
    text + &ending(part)
}

/// What was asked, in one line.
#[derive(Clone, Copy, Debug)]
pub(super) struct Title<'a> {
    pub protocol: &'a str,
    pub accounts: usize,
    pub limits: Bounds,
    pub share: (u32, u32),
}

impl Title<'_> {
    pub fn text(self) -> String {
        let Bounds {
            max_cosignatories_per_account: cosignatories,
            max_cosigned_accounts_per_account: cosigned,
            max_multisig_depth: depth,
            max_cosignatures_per_aggregate: cap,
        } = self.limits;
        let limit = |value: u32| if value == u32::MAX { "any".into() } else { value.to_string() };
        let (cosigned, cap) = (limit(cosigned), limit(cap));
        let (name, accounts) = (self.protocol, self.accounts);
        let share = match self.share {
            (1, 1) => String::new(),
            (number, parts) => format!(", part {number} of {parts}"),
        };
        format!(
            "{name}, {accounts} accounts{share}: at most {cosignatories} cosignatories, {cosigned} \
             cosigned accounts, depth {depth}, {cap} cosignatures\n\n"
        )
    }
}

fn line(found: &Found, broken: bool) -> String {
    let name = &found.name;
    match (broken, found.reachable, found.depth, &found.account) {
        (true, _, Some(depth), _) => format!("broken: {name}, after {}\n", modifications(depth)),
        (_, Some(true), Some(depth), Some(account)) => {
            format!("{name:<14} befalls `{account}` after {}\n", modifications(depth))
        }
        (_, Some(false), ..) => format!("{name:<14} befalls nobody in any state\n"),
        _ => format!("{name:<14} not found as far as the search went\n"),
    }
}

fn ending(part: &Part) -> String {
    let kept = if part.broken.is_empty() { "every promise is kept in each" } else { "see above" };
    let proved = modifications(part.depth_proved);
    let why = match part.stop {
        None if part.complete => return format!("All states were seen; {kept}.\n"),
        Some(Stop::Memory) => "the next do not fit the memory (`--memory`)",
        Some(Stop::Asked) => "stopped by Ctrl-C, incomplete",
        Some(Stop::Depth) => "no more were asked for (`--max-modifications`)",
        Some(Stop::Found) => "every hazard is found (`--to-the-end` goes on)",
        None => "a part is not complete",
    };
    format!("All states up to {proved} were seen; {kept}. Not all: {why}.\n")
}

/// A scenario as a text that reads well: one field of the header a line, one step a line.
pub(super) fn scenario(scenario: &Value) -> String {
    let Value::Object(fields) = scenario else { return format!("{scenario}\n") };
    let mut text = String::from("{\n");
    for (name, value) in fields.iter().filter(|(name, _)| *name != "steps") {
        let _ = writeln!(text, "  {}: {value},", Value::from(name.as_str()));
    }
    text += "  \"steps\": [\n";
    let steps = fields.get("steps").and_then(Value::as_array).map_or(&[][..], |steps| steps);
    for (index, step) in steps.iter().enumerate() {
        let comma = if index + 1 < steps.len() { "," } else { "" };
        let _ = writeln!(text, "    {step}{comma}");
    }
    text + "  ]\n}\n"
}

/// What the theorem's check came to.
pub(super) fn agreement(protocol: &Protocol, accounts: usize, agreement: &Agreement) -> String {
    let name = &protocol.name;
    let (states, coalitions) = (grouped(agreement.states), grouped(agreement.coalitions));
    let (answers, gained) = (grouped(agreement.answers), grouped(agreement.gained));
    let end = match &agreement.disagreement {
        None => "closed form and search agree in all of them.".to_owned(),
        Some(found) => format!(
            "they differ: coalition {:#010b} of {:?} controls {:#010b} by the closed form, {:#010b} by \
             search.",
            found.coalition, found.state, found.closed_form, found.search
        ),
    };
    format!(
        "{name}, {accounts} accounts, eventual control: {states} states up to renaming, {coalitions} with \
         a coalition, {answers} answers ({gained} coalitions gain an account they cannot spend now): \
         {end}\n"
    )
}

/// The same for programs.
pub(super) fn agreement_document(
    protocol: &Protocol,
    accounts: usize,
    agreement: &Agreement,
) -> Value {
    json!({
        "protocol": protocol.name,
        "accounts": accounts,
        "limits": Bounds::of(protocol),
        "states_canonical": agreement.states,
        "coalitions": agreement.coalitions,
        "answers": agreement.answers,
        "gained": agreement.gained,
        "agrees": agreement.disagreement.is_none(),
        "protocol_digest": protocol.digest(),
        "quorate": env!("CARGO_PKG_VERSION"),
    })
}

/// The table of a sweep, and what closes what.
pub(super) fn sweep(rows: &[Row], closings: &[Closing]) -> String {
    let [cosignatories, cosigned, depth, cap] = LIMITS;
    let head = ("states, labelled", "up to renaming", "first found");
    let mut text = format!(
        "{cosignatories:>17} {cosigned:>12} {depth:>9} {cap:>16} {:>20} {:>14}  {}\n",
        head.0, head.1, head.2
    );
    for row in rows {
        let limit = |value: u32| if value == u32::MAX { "any".into() } else { value.to_string() };
        let [cosignatories, cosigned, depth, cap] = row.limits.map(limit);
        let (labelled, canonical) = (row.counts.states_labelled, row.counts.states_canonical);
        let (labelled, canonical) = (grouped(labelled), grouped(canonical));
        let found = row.found.iter().map(|(at, subject)| format!("{subject} after {at}"));
        let found = found.collect::<Vec<_>>().join(", ");
        let found = if row.complete { found } else { format!("{found} (not complete)") };
        let _ = writeln!(
            text,
            "{cosignatories:>17} {cosigned:>12} {depth:>9} {cap:>16} {labelled:>20} {canonical:>14}  \
             {found}"
        );
    }
    text.push('\n');
    for closing in closings {
        let limit = LIMITS.get(closing.limit).copied().unwrap_or_default();
        let values: Vec<String> = closing.values.iter().map(ToString::to_string).collect();
        let values = values.join(" or ");
        let _ = writeln!(text, "{} is closed by {limit} {values}", closing.subject);
    }
    text
}

/// The same for programs.
pub(super) fn sweep_document(question: &Question<'_>, rows: &[Row], closings: &[Closing]) -> Value {
    let row = |row: &Row| {
        let limits =
            LIMITS.iter().zip(row.limits).map(|(name, value)| (name.replace('-', "_"), value));
        let limits: serde_json::Map<String, Value> =
            limits.map(|(name, value)| (name, Value::from(value))).collect();
        let found = row.found.iter();
        let found: Vec<Value> = found
            .map(|(depth, subject)| json!({"name": subject.to_string(), "depth": depth}))
            .collect();
        json!({
            "limits": limits,
            "states_labelled": row.counts.states_labelled,
            "states_canonical": row.counts.states_canonical,
            "transitions": row.counts.transitions,
            "depth_max": row.counts.depth_max,
            "complete": row.complete,
            "found": found,
        })
    };
    let closing = |closing: &Closing| {
        let limit = LIMITS.get(closing.limit).copied().unwrap_or_default().replace('-', "_");
        json!({"name": closing.subject.to_string(), "limit": limit, "values": closing.values})
    };
    json!({
        "protocol": question.protocol.name,
        "accounts": question.accounts,
        "rows": rows.iter().map(row).collect::<Vec<_>>(),
        "closed_by": closings.iter().map(closing).collect::<Vec<_>>(),
        "protocol_digest": question.protocol.digest(),
        "quorate": env!("CARGO_PKG_VERSION"),
    })
}
