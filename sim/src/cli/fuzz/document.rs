//! JSON for programs. Fields are added in later versions, never renamed or removed; equal seeds give
//! equal bytes, whatever the number of threads.
//!
//! | field | is |
//! |---|---|
//! | `protocol`, `fault`, `seed`, `runs`, `steps` | what was tried: names (`fault` may be null), the seed, runs made, steps taken in them |
//! | `peers` | the commands of `--peer`; absent if there are none |
//! | `accepted`, `modifications`, `states` | steps that were executed, modifications among all parts, states met for the first time in their run |
//! | `results` | an object a result name: `name`, `count`, `by_depth` (five counts: the account plain, one level deep, two, three, deeper) |
//! | `never_reached` | names of results that never came |
//! | `findings` | an object a kind of failure, in the order of the runs, invariants and auditor before peers |
//! | `regressions` | `replayed` (a count), `failed` (paths); if one failed nothing new was tried |
//! | `peer_failure` | `peer`, `run`, `step`, `error`; absent if no peer failed |
//! | `protocol_digest`, `quorate` | the protocol's digest, this program's version |
//! | `complete` | false if `--time`, Ctrl-C or a peer ended it before its last run |
//! | `protocol_digest`, `quorate` | which law exactly, and which version judged |
//! | `repeat` | the command that comes to the last finding again; absent if there is none |
//!
//! A finding:
//!
//! | field | is |
//! |---|---|
//! | `invariant` | its name; absent if none is broken |
//! | `disagreement` | instead: `ledger` and `rules` (two results), or `state` (the part that differs), or `peer`, `about` (`result` or `state`), `ours` and `theirs` |
//! | `run`, `step`, `runs_that_met_it` | where it was met first (the run from 0, its step from 1), and in how many runs |
//! | `what`, `description` | in a sentence; with what was expected and how to find it again |
//! | `steps`, `scenario` | number of steps after shrinking; the whole scenario |
//! | `saved` | the file it was saved in; absent without `--save` |
//! | `commands` | what shows it again |

use serde_json::{Map, Value, json};

use super::told::Cause;
use super::{Hunt, Told};
use crate::campaign::DEPTHS;
use crate::protocol::Protocol;
use crate::trial::Kind;

/// The answer as one JSON object.
pub fn document(hunt: &Hunt<'_>) -> Value {
    let (plan, report) = (hunt.plan, hunt.report);
    let rows: Vec<(&str, [u64; DEPTHS])> = report.tally.rows(&plan.protocol).collect();
    let results = rows.iter().map(|(name, counts)| {
        json!({ "name": name, "count": counts.iter().sum::<u64>(), "by_depth": counts })
    });
    let never = rows.iter().filter(|(_, counts)| counts.iter().all(|&count| count == 0));
    let failed = hunt.regressions.failed().map(|scenario| json!(scenario.path));
    let mut document = json!({
        "protocol": plan.protocol.name,
        "fault": plan.fault.map(|fault| fault.name),
        "seed": plan.seed,
        "runs": report.runs,
        "steps": report.tally.steps(),
        "accepted": report.tally.accepted(),
        "modifications": report.tally.modifications,
        "states": report.tally.states,
        "results": results.collect::<Vec<_>>(),
        "never_reached": never.map(|(name, _)| name).collect::<Vec<_>>(),
        "findings": hunt.told.iter().map(|told| finding(&plan.protocol, told)).collect::<Vec<_>>(),
        "regressions": {
            "replayed": hunt.regressions.scenarios.len(),
            "failed": failed.collect::<Vec<_>>(),
        },
        "complete": report.complete,
        "protocol_digest": plan.protocol.digest(),
        "quorate": env!("CARGO_PKG_VERSION"),
    });
    if let Value::Object(fields) = &mut document {
        add_peers(fields, hunt);
        if let Some(repeat) = hunt.repeat() {
            fields.insert("repeat".to_owned(), json!(repeat));
        }
    }
    document
}

fn add_peers(fields: &mut Map<String, Value>, hunt: &Hunt<'_>) {
    if !hunt.arguments.peer.is_empty() {
        fields.insert("peers".to_owned(), json!(hunt.arguments.peer));
    }
    if let Some(failure) = &hunt.report.peer_failure {
        let (run, step, error) = (failure.run, failure.step, &failure.error);
        let peer = hunt.arguments.peer.get(failure.peer);
        let value = json!({ "peer": peer, "run": run, "step": step, "error": error });
        fields.insert("peer_failure".to_owned(), value);
    }
}

fn finding(protocol: &Protocol, told: &Told) -> Value {
    let mut value = json!({
        "run": told.run,
        "step": told.step,
        "runs_that_met_it": told.count,
        "what": told.what,
        "description": told.story.description,
        "steps": told.case.steps.len(),
        "scenario": serde_json::from_str::<Value>(&told.story.text).unwrap_or(Value::Null),
        "commands": told.commands(),
    });
    let (field, content) = cause(protocol, &told.cause);
    if let Value::Object(fields) = &mut value {
        fields.insert(field.to_owned(), content);
        if let Some(path) = &told.saved {
            fields.insert("saved".to_owned(), json!(path));
        }
    }
    value
}

fn cause(protocol: &Protocol, cause: &Cause) -> (&'static str, Value) {
    let content = match cause {
        Cause::Check(failure) => match failure.kind {
            Kind::Invariant(name) => return ("invariant", json!(name)),
            Kind::Verdicts { ledger, auditor } => {
                let (found, expected) =
                    (protocol.result_name(ledger), protocol.result_name(auditor));
                json!({ "ledger": found, "rules": expected })
            }
            Kind::State(part) => json!({ "state": part }),
        },
        Cause::Peer(command, difference) => json!({
            "peer": command,
            "about": difference.about.word(),
            "ours": difference.expected,
            "theirs": difference.found,
        }),
    };
    ("disagreement", content)
}
