//! What `analyze --want` answers, and what the next better level costs.

use std::collections::BTreeMap;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::analysis::StructureError;
use crate::plan::moved;
use crate::replay::ProtocolId;
use crate::unit::count_of;
use crate::version::Version;

/// What an account is to bear, eventually: after any chain of transactions.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schemas", derive(schemars::JsonSchema))]
pub struct Goal {
    /// Any loss of so many keys, or groups, must leave enough to spend in the end.
    pub survive: usize,
    /// No so many stolen keys, or groups, may spend, not even in the end.
    pub resist: usize,
}

/// A goal that cannot be asked for.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum GoalError {
    /// Accounts that make no structure.
    #[error(transparent)]
    Structure(#[from] StructureError),
    /// The account has no thresholds.
    #[error("`{0}` is no multisig account; expected an account with cosignatories")]
    NotMultisig(String),
    /// Words that are no goal.
    #[error("`{0}`; expected `survive=N`, `resist=M` or both, as in `survive=1,resist=2`")]
    Words(String),
}

/// More losses or thefts than anybody would ask for; no account has so many keys.
const NUMBER_MAX: usize = 1_000_000;

impl FromStr for Goal {
    type Err = GoalError;

    fn from_str(text: &str) -> Result<Self, GoalError> {
        let wrong = || GoalError::Words(text.to_owned());
        let (mut survive, mut resist) = (None, None);
        for word in text.split(',') {
            let (name, number) = word.split_once('=').ok_or_else(wrong)?;
            let number = number.trim().parse().ok().filter(|&number| number <= NUMBER_MAX);
            let known = match name.trim() {
                "survive" => &mut survive,
                "resist" => &mut resist,
                _ => return Err(wrong()),
            };
            if known.replace(number.ok_or_else(wrong)?).is_some() {
                return Err(wrong());
            }
        }
        Ok(Self { survive: survive.unwrap_or(0), resist: resist.unwrap_or(0) })
    }
}

/// What an account bears.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schemas", derive(schemars::JsonSchema))]
pub struct Level {
    /// Any loss of so many leaves enough to spend in the end; null where the account is locked, or the
    /// number is not proved.
    pub survive: Option<usize>,
    /// The same where payments go on without a modification first.
    pub survive_now: Option<usize>,
    /// No so many stolen spend, not even in the end; null where the number is not proved.
    pub resist: Option<usize>,
}

/// What kind of change it is, the smaller ones first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "schemas", derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
pub enum ProposalKind {
    /// Thresholds alone.
    Thresholds,
    /// One new key, and thresholds.
    Key,
    /// The cosignatories of an account take its place, and thresholds.
    Level,
}

impl ProposalKind {
    /// What it is, in words.
    #[must_use]
    pub const fn words(self) -> &'static str {
        match self {
            Self::Thresholds => "thresholds",
            Self::Key => "one key more",
            Self::Level => "one level less",
        }
    }
}

/// One account of a change, before and after.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schemas", derive(schemars::JsonSchema))]
pub struct Settings {
    /// The account.
    pub account: String,
    /// Cosignatories that are added.
    pub added: Vec<String>,
    /// Cosignatories that are removed.
    pub removed: Vec<String>,
    /// Min approval before and after (NIS1: min cosignatories).
    pub min_approval: [u32; 2],
    /// Min removal before and after; null on NIS1.
    pub min_removal: Option<[u32; 2]>,
}

/// How long the plan of a change is, as `quorate plan` finds it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schemas", derive(schemars::JsonSchema))]
pub struct PlanLength {
    /// Whether there is a plan; null where the work ended before one was found.
    pub possible: Option<bool>,
    /// How many transactions.
    pub transactions: Option<usize>,
    /// Whether it is proved that no plan has fewer.
    pub shortest: bool,
    /// How many windows open between them.
    pub windows: usize,
}

/// A change that reaches the goal.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schemas", derive(schemars::JsonSchema))]
pub struct Proposal {
    /// What kind of change.
    pub kind: ProposalKind,
    /// The accounts that change.
    pub settings: Vec<Settings>,
    /// What the account bears afterwards.
    #[serde(flatten)]
    pub level: Level,
    /// The transactions that it takes.
    pub plan: PlanLength,
    /// The changed accounts with their cosignatories afterwards.
    pub accounts: BTreeMap<String, Vec<String>>,
}

/// The smallest changes that reach a goal.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schemas", derive(schemars::JsonSchema))]
pub struct Advice {
    /// The account.
    pub account: String,
    /// What it is to bear.
    pub want: Goal,
    /// `keys`, or `groups` where the file has groups.
    pub counted: String,
    /// How many of them it has.
    pub count: usize,
    /// What it bears now.
    pub has: Level,
    /// Whether that is enough already; null where it is not decided.
    pub met: Option<bool>,
    /// The smallest changes of each kind, those of thresholds first; of the later kinds only what needs
    /// fewer other thresholds than those before.
    pub changes: Vec<Proposal>,
    /// Which facts and limits forbid it, where there is no change.
    pub why: Vec<String>,
    /// Whether these are proved to be the smallest, or that there are none.
    pub complete: bool,
    /// The protocol.
    #[serde(flatten)]
    pub protocol: ProtocolId,
    /// The version that answered.
    #[serde(rename = "quorate")]
    pub version: Version,
}

/// A better level and what it costs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schemas", derive(schemars::JsonSchema))]
pub struct Step {
    /// The level.
    pub want: Goal,
    /// The smallest change of thresholds that reaches it; null where there is none.
    pub change: Option<Proposal>,
    /// Why there is none.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub why: Option<String>,
}

/// The next better levels.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schemas", derive(schemars::JsonSchema))]
pub struct Next {
    /// `keys`, or `groups` where the file has groups.
    pub counted: String,
    /// What the account bears now.
    pub has: Level,
    /// One loss more survived.
    pub survive: Step,
    /// One theft more resisted.
    pub resist: Step,
}

impl Advice {
    /// Whether the goal is reached already, or by a change that was found.
    #[must_use]
    pub fn is_good(&self) -> bool {
        self.met == Some(true) || !self.changes.is_empty()
    }
}

impl Settings {
    /// The change of one account in words.
    #[must_use]
    pub fn words(&self) -> String {
        let mut words = moved([("remove", &self.removed[..]), ("add", &self.added[..])]);
        let approval =
            if self.min_removal.is_some() { "min approval" } else { "min cosignatories" };
        let thresholds = [Some(self.min_approval), self.min_removal];
        for (name, threshold) in [approval, "min removal"].into_iter().zip(thresholds) {
            if let Some([before, after]) = threshold.filter(|[before, after]| before != after) {
                words.push(format!("{name} {before} -> {after}"));
            }
        }
        format!("{}: {}", self.account, words.join(", "))
    }
}

impl Proposal {
    /// The change in words, and how long its plan is.
    #[must_use]
    pub fn words(&self) -> String {
        let settings: Vec<String> = self.settings.iter().map(Settings::words).collect();
        format!("{} ({})", settings.join("; "), self.plan.words())
    }

    /// How many thresholds are others, and by how much in sum.
    #[must_use]
    pub fn cost(&self) -> (u32, u32) {
        let of = |settings: &Settings| [Some(settings.min_approval), settings.min_removal];
        let changes = self.settings.iter().flat_map(of).flatten();
        changes.fold((0, 0), |sum, [before, after]| {
            (sum.0 + u32::from(before != after), sum.1 + before.abs_diff(after))
        })
    }
}

impl PlanLength {
    /// The number of transactions in words.
    #[must_use]
    pub fn words(&self) -> String {
        let Some(count) = self.transactions else { return "plan undecided".to_owned() };
        let windows = match self.windows {
            0 => String::new(),
            windows => format!(", {}", count_of(windows as u64, "window")),
        };
        format!("{}{windows}", count_of(count as u64, "transaction"))
    }
}

impl Next {
    /// What each of them costs, in words.
    #[must_use]
    pub fn lines(&self) -> [String; 2] {
        let number = |count: usize, one: &str, more: &str| {
            format!("{count} {}", if count == 1 { one } else { more })
        };
        let groups = self.counted == "groups";
        let (losses, thefts) = (self.survive.want.survive, self.resist.want.resist);
        let (survive, resist) = match groups {
            true => (
                number(losses, "lost group", "lost groups"),
                number(thefts, "stolen group", "stolen groups"),
            ),
            false => {
                (number(losses, "loss", "losses"), number(thefts, "stolen key", "stolen keys"))
            }
        };
        let line = |what: String, step: &Step, then: &dyn Fn(Level) -> Option<String>| {
            let cost = match (&step.change, &step.why) {
                (Some(change), _) => {
                    let then = then(change.level).map_or(String::new(), |then| format!(", {then}"));
                    format!("{}{then}", change.words())
                }
                (None, Some(why)) => format!("not by thresholds: {why}"),
                (None, None) => "not by thresholds".to_owned(),
            };
            format!("{what}: {cost}")
        };
        let other = |before: Option<usize>, after: Option<usize>, what: &str| {
            let after = after.filter(|after| before.is_none_or(|before| *after < before))?;
            Some(format!("{what} {after} then"))
        };
        [
            line(format!("to survive {survive}"), &self.survive, &|level| {
                other(self.has.resist, level.resist, "resists")
            }),
            line(format!("to resist {resist}"), &self.resist, &|level| {
                other(self.has.survive, level.survive, "survives")
            }),
        ]
    }
}
