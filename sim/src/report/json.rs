//! JSON for programs. Fields are added in later versions, never renamed or removed.
//!
//! `replay` has one run and writes its fields at the top; `conform` writes a list of `peers`, each with
//! the fields of a run.
//!
//! | field | is |
//! |---|---|
//! | `scenarios` | an object a file: `path`, `name`, `protocol`, `protocol_digest`, `steps`, `expectations` and `digest` (`replay`), `declared` (`conform`, a count), `failures`, `error` (the peer failed; same fields as a failure) |
//! | `failures` | `step` (from 1, 0 = the end), `line`, `about` (`result`, `state`, ... or an invariant's name), `invariant` (true or false), `expected`, `found`, `shrunk` (a file, if one was saved) |
//! | `failed` | number of scenarios with a failure or an error |
//! | `declared` | `conform`: `ours`, `theirs`, `why`, `count` |
//! | `peer` | `conform`: the peer's command |
//! | `complete` | false if stopped by Ctrl-C |
//! | `quorate` | this program's version |
//! | `repeat` | the command that repeats the first failure; absent if there is none |

use serde_json::{Map, Value, json};

use super::{Failure, Report, Run, Scenario};

/// The report as one JSON object.
#[must_use]
pub fn document(report: &Report) -> Value {
    let mut document = match report.runs.as_slice() {
        [run] if run.peer.is_none() => run_fields(run),
        runs => {
            let peers: Vec<Value> = runs.iter().map(|run| Value::Object(run_fields(run))).collect();
            let mut fields = Map::new();
            fields.insert("peers".to_owned(), Value::Array(peers));
            fields.insert("failed".to_owned(), json!(report.failed()));
            fields
        }
    };
    document.insert("complete".to_owned(), json!(report.complete));
    document.insert("quorate".to_owned(), json!(env!("CARGO_PKG_VERSION")));
    if !report.repeat.is_empty() {
        document.insert("repeat".to_owned(), json!(report.repeat));
    }
    Value::Object(document)
}

fn run_fields(run: &Run) -> Map<String, Value> {
    let mut fields = Map::new();
    if let Some(peer) = &run.peer {
        let declared = run.declared.iter().map(|one| {
            json!({"ours": one.ours, "theirs": one.theirs, "why": one.why, "count": one.count})
        });
        fields.insert("peer".to_owned(), json!(peer));
        fields.insert("declared".to_owned(), declared.collect());
    }
    let failed = run.scenarios.iter().filter(|one| one.findings().next().is_some()).count();
    fields.insert("scenarios".to_owned(), run.scenarios.iter().map(scenario).collect());
    fields.insert("failed".to_owned(), json!(failed));
    fields
}

fn scenario(scenario: &Scenario) -> Value {
    let mut fields = Map::new();
    fields.insert("path".to_owned(), json!(scenario.path));
    fields.insert("name".to_owned(), json!(scenario.name));
    if let Some(law) = &scenario.protocol {
        fields.insert("protocol".to_owned(), json!(law.name));
        fields.insert("protocol_digest".to_owned(), json!(law.digest));
    }
    fields.insert("steps".to_owned(), json!(scenario.steps));
    if let Some(expectations) = scenario.expectations {
        fields.insert("expectations".to_owned(), json!(expectations));
    }
    if let Some(digest) = scenario.digest {
        fields.insert("digest".to_owned(), json!(format!("{digest:016x}")));
    }
    if let Some(declared) = scenario.declared {
        fields.insert("declared".to_owned(), json!(declared));
    }
    fields.insert("failures".to_owned(), scenario.failures.iter().map(failure).collect());
    if let Some(error) = &scenario.error {
        fields.insert("error".to_owned(), failure(error));
    }
    Value::Object(fields)
}

fn failure(failure: &Failure) -> Value {
    let mut value = json!({
        "step": failure.step,
        "line": failure.line,
        "about": failure.about,
        "invariant": failure.invariant,
        "expected": failure.expected,
        "found": failure.found,
    });
    if let (Some(shrunk), Value::Object(fields)) = (&failure.shrunk, &mut value) {
        fields.insert("shrunk".to_owned(), json!(shrunk));
    }
    value
}

#[cfg(test)]
mod tests {
    use super::super::{Run, tests::sample};
    use super::*;

    #[test]
    fn one_run_stands_at_the_top() {
        let document = document(&sample());
        assert_eq!(document["failed"], 2);
        assert_eq!(document["scenarios"][0]["digest"], "00000000000000ab");
        assert_eq!(document["scenarios"][1]["failures"][1]["invariant"], true);
        assert_eq!(document["scenarios"][1]["failures"][0]["shrunk"], "found/one.json");
        assert_eq!(document["scenarios"][2]["error"]["about"], "peer");
        assert_eq!(document["repeat"], "quorate replay b.json");
    }

    #[test]
    fn runs_of_peers_stand_in_a_list() {
        let mut report = sample();
        report.runs.push(Run { peer: Some("two".into()), ..Run::default() });
        let document = document(&report);
        assert_eq!(document["peers"][1]["peer"], "two");
        assert_eq!(document["failed"], 2);
    }
}
