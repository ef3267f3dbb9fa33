//! SARIF 2.1.0, for code scanning: a rule for every invariant and kind of expectation, a result for
//! every failure, at its file and line.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::{Failure, Report, Scenario, statement};
use crate::validate::HazardKind;

/// The report as one SARIF log.
#[must_use]
pub fn document(report: &Report) -> Value {
    let scenarios = || report.runs.iter().flat_map(|run| &run.scenarios);
    let invariants = crate::invariant::ALL.iter().map(|invariant| invariant.name);
    let mut names: BTreeSet<&str> = invariants.chain(["result", "state"]).collect();
    if report.command == "validate" {
        names.extend(HazardKind::ALL.map(HazardKind::name));
    }
    names.extend(scenarios().flat_map(Scenario::findings).map(|failure| failure.about.as_str()));
    let rules: Vec<Value> = names
        .iter()
        .map(|name| json!({"id": name, "shortDescription": {"text": statement(name)}}))
        .collect();
    let mut results = Vec::new();
    for run in &report.runs {
        for scenario in &run.scenarios {
            let found = scenario.findings().map(|one| result(run.peer.as_deref(), scenario, one));
            results.extend(found);
        }
    }
    let protocols = report.protocols().into_iter();
    let protocols =
        protocols.map(|protocol| json!({"name": protocol.name, "digest": protocol.digest}));
    json!({
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [{
            "tool": {"driver": {
                "name": "quorate",
                "semanticVersion": env!("CARGO_PKG_VERSION"),
                "rules": rules,
            }},
            "columnKind": "utf16CodeUnits",
            "invocations": [{"executionSuccessful": report.complete}],
            "results": results,
            "properties": {"protocols": protocols.collect::<Vec<_>>()},
        }],
    })
}

fn result(peer: Option<&str>, scenario: &Scenario, failure: &Failure) -> Value {
    let whose = peer.map_or(String::new(), |peer| format!(" from `{peer}`"));
    let reason = failure.reason.as_ref();
    let reason = reason.map_or_else(String::new, |one| format!("; reason: {}", one.text));
    // a configuration has no steps
    let step = Some(failure.step).filter(|&step| step > 0);
    let step = step.map_or_else(String::new, |step| format!("step {step}: "));
    let text = format!(
        "{step}`{}`: expected {}, found{whose} {}{reason}",
        failure.about, failure.expected, failure.found
    );
    json!({
        "ruleId": failure.about,
        "level": "error",
        "message": {"text": text},
        "locations": [{"physicalLocation": {
            "artifactLocation": {"uri": uri(&scenario.path)},
            "region": {"startLine": failure.line.max(1)},
        }}],
    })
}

/// A path as a URI reference: what a URI may not hold is written in percent.
fn uri(path: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"/-._~".contains(&byte);
    let bytes = path.bytes().map(|byte| match byte {
        b'\\' => "/".to_owned(),
        byte if plain(byte) => char::from(byte).to_string(),
        byte => format!("%{byte:02X}"),
    });
    bytes.collect()
}

#[cfg(test)]
mod tests {
    use super::super::tests::sample;
    use super::*;

    #[test]
    fn every_result_has_a_rule_and_a_place() {
        let document = document(&sample());
        let run = &document["runs"][0];
        let rules: Vec<&Value> = run["tool"]["driver"]["rules"]
            .as_array()
            .unwrap()
            .iter()
            .map(|rule| &rule["id"])
            .collect();
        let results = run["results"].as_array().unwrap();
        assert_eq!(results.len(), 3);
        for result in results {
            assert!(rules.contains(&&result["ruleId"]), "{result}");
        }
        let place = &results[0]["locations"][0]["physicalLocation"];
        assert_eq!(place["artifactLocation"]["uri"], "b.json");
        assert_eq!(place["region"]["startLine"], 14);
        assert_eq!(uri("a b/ü"), "a%20b/%C3%BC");
    }
}
