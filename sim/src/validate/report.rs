//! The answer of a validation, and of two of them compared.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::fitting::{Fit, StoryResult};
use super::{Cost, HazardKind, HazardReport, Note, Severity, World};
use crate::campaign;
use crate::protocol::json::Description;
use crate::replay::{Failure, ProtocolId, Scenario};
use crate::unit::Count;
use crate::version::Version;

/// The verdict on a configuration.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schemas", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "schemas", schemars(inline))]
pub enum Soundness {
    /// It contradicts itself, a scenario failed, or an invariant is broken.
    #[serde(rename = "broken")]
    Broken,
    /// All invariants hold, and a hazard is reachable.
    #[serde(rename = "sound with hazards")]
    Hazards,
    /// All invariants hold, and no hazard is reachable.
    #[serde(rename = "sound")]
    Sound,
}

impl Soundness {
    /// Its name in answers.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Broken => "broken",
            Self::Hazards => "sound with hazards",
            Self::Sound => "sound",
        }
    }
}

/// What a validation found: the same for the same question, whatever the number of threads.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schemas", derive(schemars::JsonSchema))]
pub struct Report {
    /// Version of the program that answered.
    #[serde(rename = "quorate")]
    pub version: Version,
    /// The configuration's name and digest.
    #[serde(flatten)]
    pub protocol: ProtocolId,
    /// The verdict.
    pub verdict: Soundness,
    /// Whether nothing was cut short by `--time` or Ctrl-C.
    pub complete: bool,
    /// Hazards that are denied, reachable and not accepted.
    pub denied: Vec<HazardKind>,
    /// Every limit and switch; null where the base has none.
    #[serde(rename = "rules")]
    pub rules: Description,
    /// What there is to say about the configuration itself.
    pub configuration: Vec<Note>,
    /// Every hazard, in the order of [`HazardKind::ALL`].
    pub hazards: Vec<HazardReport>,
    /// What the costliest legal aggregate asks of a node.
    pub cost: Cost,
    /// The shipped scenarios.
    pub scenarios: ShippedScenarios,
    /// The exhaustive explorations.
    pub exploration: Vec<World>,
    /// The random runs.
    pub campaign: campaign::Report,
    /// By how much it costs more than the configuration it is compared with, where that is too much.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cost_growth: Option<CostGrowth>,
    /// The acceptance that ends next among those that count.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next_to_expire: Option<NextToExpire>,
    /// The command that comes to the same answer; absent where it is as wanted.
    #[serde(rename = "repeat", default, skip_serializing_if = "Option::is_none")]
    pub reproduce: Option<String>,
}

impl Report {
    /// The verdict that the parts lead to.
    #[must_use]
    pub(super) fn judged(self) -> Self {
        let contradiction = self.configuration.iter().any(|note| note.severity == Severity::Broken);
        let world = |world: &World| !world.broken.is_empty() || !world.disagreements.is_empty();
        let proof = self.hazards.iter().any(|hazard| hazard.contradiction.is_some());
        let scenario = self.scenarios.failed > 0;
        let broken = contradiction || scenario || proof || self.campaign.found();
        let verdict = match self.hazards.iter().any(|hazard| hazard.reachable) {
            _ if broken || self.exploration.iter().any(world) => Soundness::Broken,
            true => Soundness::Hazards,
            false => Soundness::Sound,
        };
        Self { verdict, ..self }
    }

    /// What was found out about one hazard.
    #[must_use]
    pub fn hazard(&self, kind: HazardKind) -> Option<&HazardReport> {
        self.hazards.iter().find(|hazard| hazard.kind == kind)
    }

    /// Whether a hazard is reachable.
    #[must_use]
    pub fn is_reachable(&self, kind: HazardKind) -> bool {
        self.hazard(kind).is_some_and(|hazard| hazard.reachable)
    }

    /// Whether it is as wanted: not broken, and no denied hazard reachable.
    #[must_use]
    pub fn is_good(&self) -> bool {
        self.verdict != Soundness::Broken && self.denied.is_empty() && self.cost_growth.is_none()
    }
}

/// What a [`CostGrowth`] is called among failures.
pub const COST_GROWTH: &str = "cost-growth";

/// Account visits of the costliest legal aggregate that grew by more than they may.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schemas", derive(schemars::JsonSchema))]
pub struct CostGrowth {
    /// Account visits before and after.
    #[serde(flatten)]
    pub visits: Visits,
    /// The greatest factor that is allowed.
    pub factor_max: f64,
}

impl CostGrowth {
    /// The growth, where it is above `factor_max`.
    #[must_use]
    pub fn above(visits: Visits, factor_max: f64) -> Option<Self> {
        let is_above = visits.to.0 as f64 > visits.from.0 as f64 * factor_max;
        is_above.then_some(Self { visits, factor_max })
    }
}

/// The acceptance of a reachable hazard that ends next.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schemas", derive(schemars::JsonSchema))]
pub struct NextToExpire {
    /// Which hazard it accepts.
    pub hazard: HazardKind,
    /// The last day on which it counts.
    #[cfg_attr(feature = "schemas", schemars(regex(pattern = r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$")))]
    pub until: String,
}

/// What came of the shipped scenarios under a configuration.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schemas", derive(schemars::JsonSchema))]
pub struct ShippedScenarios {
    /// How many came out as expected.
    pub passed: u64,
    /// How many did not.
    pub failed: u64,
    /// How many were skipped: they are about another base, other switches or other limits.
    #[serde(rename = "not_fitting")]
    pub skipped: u64,
    /// Those that failed.
    pub failures: Vec<Scenario>,
    /// All of them.
    pub all: Vec<ShippedScenario>,
}

/// A shipped scenario and what came of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schemas", derive(schemars::JsonSchema))]
pub struct ShippedScenario {
    /// Its path below `scenarios`.
    pub path: String,
    /// Its name; empty if it cannot be read.
    pub name: String,
    /// `passed`, `failed`, or `skipped:` and why.
    pub outcome: String,
    /// What was replayed; reports have a case for each.
    #[serde(skip)]
    pub played: Option<Scenario>,
}

impl ShippedScenarios {
    pub(super) fn new(tried: Vec<StoryResult>, protocol: &ProtocolId) -> Self {
        let mut scenarios = Self::default();
        for one in tried {
            let outcome = match (&one.fit, one.passed()) {
                (Fit::Not(why), _) => format!("skipped: {why}"),
                (_, true) => "passed".to_owned(),
                (_, false) => "failed".to_owned(),
            };
            let played = played(&one, protocol);
            match &played {
                None => scenarios.skipped += 1,
                Some(_) if one.passed() => scenarios.passed += 1,
                Some(played) => {
                    scenarios.failed += 1;
                    scenarios.failures.push(played.clone());
                }
            }
            let path = one.path.to_owned();
            scenarios.all.push(ShippedScenario { path, name: one.name, outcome, played });
        }
        scenarios
    }
}

/// A shipped scenario that was replayed, as `replay` reports it.
fn played(tried: &StoryResult, protocol: &ProtocolId) -> Option<Scenario> {
    let scenario = Scenario {
        path: format!("scenarios/{}", tried.path),
        name: tried.name.clone(),
        protocol: Some(protocol.clone()),
        ..Scenario::default()
    };
    match &tried.fit {
        Fit::Not(_) => None,
        Fit::Unreadable(error) => {
            let (about, found) = ("scenario".to_owned(), error.to_string());
            let error = Failure { about, found, line: error.line, ..Failure::default() };
            Some(Scenario { error: Some(error), ..scenario })
        }
        Fit::Replayed(outcome) => Some(Scenario {
            steps: outcome.steps,
            expectations: Some(outcome.expectations),
            digest: Some(outcome.digest_text()),
            failures: outcome.failures.clone(),
            ..scenario
        }),
    }
}

/// Two configurations side by side: what a proposed change opens, closes and costs.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schemas", derive(schemars::JsonSchema))]
pub struct Comparison {
    /// Version of the program that answered.
    #[serde(rename = "quorate")]
    pub version: Version,
    /// The verdict on the proposed configuration.
    pub verdict: Soundness,
    /// The hazards of the proposed configuration.
    pub hazards: Vec<HazardReport>,
    /// Limits given on the command line, as options; they belong to the proposed configuration.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub limits_given: String,
    /// Limits and switches that differ.
    pub changes: Vec<LimitChange>,
    /// Hazards that only the proposed configuration has.
    pub opened: Vec<HazardKind>,
    /// Hazards that only the present configuration has.
    pub closed: Vec<HazardKind>,
    /// Hazards that both have, to another degree.
    pub changed: Vec<ChangedHazard>,
    /// Account visits of the costliest legal aggregate.
    pub visits: Visits,
    /// The present configuration.
    pub before: Report,
    /// The proposed configuration.
    pub after: Report,
}

/// A limit or switch that differs.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schemas", derive(schemars::JsonSchema))]
pub struct LimitChange {
    /// Its name.
    pub name: String,
    /// Its value in the present configuration; null where the base has none.
    pub from: Value,
    /// Its value in the proposed one.
    pub to: Value,
}

/// A hazard that both configurations have, to another degree.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schemas", derive(schemars::JsonSchema))]
pub struct ChangedHazard {
    /// Which hazard.
    pub hazard: HazardKind,
    /// By how much.
    #[serde(flatten)]
    pub visits: Visits,
}

/// Account visits before and after.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schemas", derive(schemars::JsonSchema))]
pub struct Visits {
    /// In the present configuration.
    pub from: Count,
    /// In the proposed one.
    pub to: Count,
}

impl Comparison {
    /// Compares two answers; `limits_given` are the options that changed the second.
    #[must_use]
    pub fn new(before: Report, after: Report, limits_given: String) -> Self {
        let only = |one: &Report, other: &Report| {
            let kinds = one.hazards.iter().filter(|hazard| hazard.reachable).map(|one| one.kind);
            kinds.filter(|&kind| !other.is_reachable(kind)).collect()
        };
        let visits = Visits { from: before.cost.visits, to: after.cost.visits };
        let costly = HazardKind::Costly;
        let both = before.is_reachable(costly) && after.is_reachable(costly);
        let grown = (both && visits.from != visits.to).then_some(visits);
        Self {
            version: Version::default(),
            verdict: after.verdict,
            hazards: after.hazards.clone(),
            limits_given,
            changes: changes(&before.rules, &after.rules),
            opened: only(&after, &before),
            closed: only(&before, &after),
            changed: grown
                .map(|visits| ChangedHazard { hazard: costly, visits })
                .into_iter()
                .collect(),
            visits,
            before,
            after,
        }
    }
}

/// The base if it differs, then every limit and switch that does.
fn changes(before: &Description, after: &Description) -> Vec<LimitChange> {
    let base = (before.base != after.base).then(|| LimitChange {
        name: "base".to_owned(),
        from: before.base.as_str().into(),
        to: after.base.as_str().into(),
    });
    base.into_iter()
        .chain(differing(&before.limits, &after.limits))
        .chain(differing(&before.switches, &after.switches))
        .collect()
}

/// The fields of two values of one type that differ.
fn differing<T: Serialize>(before: &T, after: &T) -> Vec<LimitChange> {
    let fields = |of: &T| match serde_json::to_value(of) {
        Ok(Value::Object(fields)) => fields,
        _ => serde_json::Map::new(),
    };
    let new = fields(after);
    let changed = fields(before).into_iter().map(|(name, from)| {
        let to = new.get(&name).cloned().unwrap_or(Value::Null);
        LimitChange { name, from, to }
    });
    changed.filter(|change| change.from != change.to).collect()
}
