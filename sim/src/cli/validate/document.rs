//! The answer for programs. Fields are added in later versions, never renamed or removed.

use serde_json::{Map, Value, json};

use super::gate::Gate;
use crate::campaign::DEPTHS;
use crate::protocol::json::describe;
use crate::unit::count_json;
use crate::validate::{Answer, Cost, Danger, Fit, Note, Tried, World};

/// The whole answer as one JSON object.
pub fn answer(answer: &Answer, gate: &Gate) -> Value {
    json!({
        "quorate": env!("CARGO_PKG_VERSION"),
        "protocol": answer.protocol.name,
        "protocol_digest": answer.digest,
        "verdict": answer.soundness().name(),
        "complete": answer.complete,
        "denied": gate.refused(answer).iter().map(|peril| peril.name()).collect::<Vec<_>>(),
        "law": describe(&answer.protocol),
        "configuration": answer.notes.iter().map(note).collect::<Vec<_>>(),
        "hazards": answer.dangers.iter().map(|one| danger(one, gate)).collect::<Vec<_>>(),
        "cost": cost(&answer.cost, answer.visits_max),
        "scenarios": stories(&answer.stories),
        "exploration": answer.worlds.iter().map(world).collect::<Vec<_>>(),
        "campaign": campaign(answer),
    })
}

fn note(note: &Note) -> Value {
    json!({"name": note.name, "severity": note.severity.name(), "text": note.text})
}

fn danger(danger: &Danger, gate: &Gate) -> Value {
    let mut fields = Map::new();
    let mut put = |name: &str, value: Value| {
        fields.insert(name.to_owned(), value);
    };
    put("name", json!(danger.peril.name()));
    put("reachable", json!(danger.reachable));
    put("why", json!(danger.why));
    if danger.reachable {
        put("closed_by", json!(danger.closed_by));
    }
    if let Some(witness) = &danger.witness {
        put("transactions", json!(witness.transactions));
        put("accounts", json!(witness.accounts));
        put("scenario", serde_json::from_str(&witness.text).unwrap_or(Value::Null));
    }
    if let Some(contradiction) = &danger.contradiction {
        put("contradiction", json!(contradiction));
    }
    if let Some((acceptance, expired)) = gate.acceptance(danger.peril) {
        let mut accepted = json!({
            "reason": acceptance.reason,
            "until": acceptance.until.to_string(),
            "expired": expired,
        });
        if let (true, Some(fields)) = (expired, accepted.as_object_mut()) {
            fields.insert("today".to_owned(), json!(gate.today.to_string()));
        }
        put("accepted", accepted);
    }
    Value::Object(fields)
}

/// What the dearest aggregate costs.
pub fn cost(cost: &Cost, visits_max: u64) -> Value {
    let growth = cost.growth.iter().map(
        |row| json!({"limit": row.limit, "from": row.from, "to": row.to, "visits": count_json(row.visits)}),
    );
    json!({
        "visits": count_json(cost.visits),
        "visits_per_transaction": count_json(cost.visits_per_transaction),
        "visits_max": visits_max,
        "exact": cost.exact,
        "formula": cost.formula,
        "structure": cost.structure,
        "growth": growth.collect::<Vec<_>>(),
    })
}

fn stories(stories: &[Tried]) -> Value {
    let passed = stories.iter().filter(|tried| tried.passed()).count();
    let failed: Vec<Value> =
        stories.iter().filter(|tried| tried.failed()).map(failed_story).collect();
    let all = stories.iter().map(|tried| {
        let what = match &tried.fit {
            Fit::Not(why) => format!("does not fit: {why}"),
            _ if tried.passed() => "passed".to_owned(),
            _ => "failed".to_owned(),
        };
        json!({"path": tried.path, "name": tried.name, "outcome": what})
    });
    json!({
        "passed": passed,
        "failed": failed.len(),
        "not_fitting": stories.len() - passed - failed.len(),
        "failures": failed,
        "all": all.collect::<Vec<_>>(),
    })
}

fn failed_story(tried: &Tried) -> Value {
    let failures: Vec<Value> = match &tried.fit {
        Fit::Told(outcome) => outcome
            .failures
            .iter()
            .map(|one| {
                json!({"step": one.step, "about": one.about, "invariant": one.invariant,
                       "expected": one.expected, "found": one.found})
            })
            .collect(),
        Fit::Unreadable(error) => vec![json!({"about": "scenario", "found": error.to_string()})],
        Fit::Not(_) => Vec::new(),
    };
    json!({"path": tried.path, "name": tried.name, "failures": failures})
}

/// A small world.
pub fn world(world: &World) -> Value {
    let reached = world.reached.iter().map(
        |&(peril, modifications)| json!({"name": peril.name(), "modifications": modifications}),
    );
    json!({
        "world": world.scale.name(),
        "accounts": world.accounts,
        "limits": world.limits,
        "states_labelled": world.counts.states_labelled,
        "states_canonical": world.counts.states_canonical,
        "transitions": world.counts.transitions,
        "depth_max": world.counts.depth_max,
        "complete": world.complete,
        "broken": world.broken,
        "reached": reached.collect::<Vec<_>>(),
        "disagreements": world.disagree.iter().map(|peril| peril.name()).collect::<Vec<_>>(),
    })
}

fn campaign(answer: &Answer) -> Value {
    let report = &answer.campaign;
    let rows: Vec<(&str, [u64; DEPTHS])> = report.tally.rows(&answer.protocol).collect();
    let results = rows.iter().map(|(name, counts)| {
        json!({"name": name, "count": counts.iter().sum::<u64>(), "by_depth": counts})
    });
    let never = rows.iter().filter(|(_, counts)| counts.iter().all(|&count| count == 0));
    let findings = answer.found.iter().map(|story| {
        let scenario = serde_json::from_str::<Value>(&story.text).unwrap_or(Value::Null);
        json!({"description": story.description, "scenario": scenario})
    });
    json!({
        "seed": answer.seed,
        "runs": report.runs,
        "steps": report.tally.steps(),
        "accepted": report.tally.accepted(),
        "modifications": report.tally.modifications,
        "states": report.tally.states,
        "results": results.collect::<Vec<_>>(),
        "never_reached": never.map(|(name, _)| name).collect::<Vec<_>>(),
        "findings": findings.collect::<Vec<_>>(),
        "complete": report.complete,
    })
}
