//! What is found about one account, as programs read it.

use serde::{Deserialize, Serialize};

use super::changing::{ChangeFigures, Changing};
use super::examine::{Examination, Missing, Note};
use super::forbidden::Warning;
use super::next_level::NextLevel;
use super::partial::Partial;
use super::period::Period;
use super::subject::Subject;
use super::way::{Purpose, Way, cap};
use crate::analysis::{Figures, GroupFigures};
use crate::goal::Next;
use crate::replay::ProtocolId;
use crate::scenario::Document;
use crate::version::Version;

/// Most transactions of a takeover or recovery whose scenario stands in the answer itself.
const SCENARIO_STEPS_MAX: usize = 20;

/// The same thing now, by one payment as the accounts stand, and eventually, after any chain of
/// transactions that the same keys get accepted.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schemas", derive(schemars::JsonSchema))]
pub struct Views<T> {
    /// Now.
    pub now: T,
    /// Eventually.
    pub eventually: T,
}

/// An element of the list that `quorate analyze` answers with.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schemas", derive(schemars::JsonSchema))]
#[serde(untagged)]
pub enum Element {
    /// An account.
    Account(Box<Report>),
    /// An account that there was no time for.
    Late(Late),
}

/// An account that there was no time for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schemas", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Late {
    /// Its name.
    pub account: String,
    /// Always false.
    pub complete: bool,
}

/// The answers over keys, and over groups of them where there are some.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schemas", derive(schemars::JsonSchema))]
pub struct KeyAnswers {
    /// Over keys.
    #[serde(flatten)]
    pub figures: Figures,
    /// Over groups of keys.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub groups: Option<GroupFigures>,
}

/// Whether the fewest signatures fit one transaction.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schemas", derive(schemars::JsonSchema))]
pub struct SignaturesCap {
    /// Most signatures of one transaction, its signer's included; null where there is no limit.
    pub most: Option<usize>,
    /// Whether they fit; null where that is undecided, or nobody can spend.
    pub one_transaction_is_enough: Option<bool>,
}

/// How keys take an account over, recover it, or get around the limit of signatures.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schemas", derive(schemars::JsonSchema))]
pub struct Scheme {
    /// Which of them.
    #[serde(rename = "name")]
    pub purpose: Purpose,
    /// The keys that sign.
    pub keys: Vec<String>,
    /// The keys that must be lost before; empty unless it is a recovery from a loss to come.
    pub lost: Vec<String>,
    /// How many transactions it takes, the payment included.
    pub transactions: usize,
    /// Each transaction in words, the payment last.
    pub steps: Vec<String>,
    /// The scenario; null where it is long, `--save` writes it.
    pub scenario: Option<Document>,
}

/// What is found about one account.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schemas", derive(schemars::JsonSchema))]
pub struct Report {
    /// The account.
    pub account: String,
    /// Who spends, what locks, how likely that is.
    pub answers: KeyAnswers,
    /// What the file calls the accounts, where it has a name for them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// The protocol.
    #[serde(flatten)]
    pub protocol: ProtocolId,
    /// The version that answered.
    #[serde(rename = "quorate")]
    pub version: Version,
    /// Who can spend, in words.
    pub formula: Views<String>,
    /// Whether no keys that are left can spend.
    pub locked: Views<bool>,
    /// Whether the fewest signatures fit one transaction.
    pub signatures_cap: SignaturesCap,
    /// Whether every number is exact and every account is shown.
    pub complete: bool,
    /// What a node's document does not show.
    pub partial: Option<Partial>,
    /// Limits of the protocol that the account, or what lies below or above it, exceeds.
    pub warnings: Vec<Warning>,
    /// Keys whose probability is not known while others' are.
    pub probabilities_missing: Missing,
    /// The time that the probabilities are meant for, where it was said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub period: Option<Period>,
    /// Keys that are lost.
    pub lost: Vec<String>,
    /// Keys that a thief holds.
    pub stolen: Vec<String>,
    /// Whether a thief with the stolen keys can spend; null where none is stolen.
    pub thief_spends: Option<Views<bool>>,
    /// What the next better level costs; null where there is none or it was not looked for.
    pub next_level: Option<Next>,
    /// Whether it was not looked for within the work for it.
    pub next_level_skipped: bool,
    /// What an owner should know.
    pub notes: Vec<Note>,
    /// Takeover, recovery and so on, with their steps.
    pub ways: Vec<Scheme>,
    /// Who can remove a cosignatory now; not there for a key.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub removal: Option<ChangeFigures>,
    /// Who can replace a cosignatory by another now; not there for a key.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mixed: Option<ChangeFigures>,
}

impl From<&Way> for Scheme {
    fn from(way: &Way) -> Self {
        let shown = way.steps.len() <= SCENARIO_STEPS_MAX;
        Self {
            purpose: way.purpose,
            keys: way.keys.clone(),
            lost: way.lost.clone(),
            transactions: way.steps.len(),
            steps: way.steps.clone(),
            scenario: shown.then(|| Document::new(&way.scenario).ok()).flatten(),
        }
    }
}

impl Report {
    /// What was found about an account of this subject.
    #[must_use]
    pub fn new(subject: &Subject, found: &Examination) -> Self {
        let now = &found.answers.now;
        let most = cap(&subject.protocol);
        let fits = most.filter(|_| !now.locked).and_then(|cap| now.spend.fewest.fits(cap));
        let [formula_now, formula_eventually] = found.formulas.clone();
        let exact = found.partial.as_ref().is_none_or(|partial| partial.figures_exact);
        let change = |of: fn(&Changing) -> Option<&crate::analysis::Side>| {
            found.changing.as_ref().map(|changing| ChangeFigures::from(of(changing)))
        };
        Self {
            account: found.account.clone(),
            answers: KeyAnswers {
                figures: (&found.answers).into(),
                groups: found.groups.as_ref().map(GroupFigures::from),
            },
            id: subject.id.clone(),
            protocol: ProtocolId::of(&subject.protocol),
            version: Version::default(),
            formula: Views { now: formula_now, eventually: formula_eventually },
            locked: Views { now: now.locked, eventually: found.answers.eventually.locked },
            signatures_cap: SignaturesCap { most, one_transaction_is_enough: fits },
            complete: !found.is_cut_short() && exact,
            partial: found.partial.clone(),
            warnings: found.warnings.clone(),
            probabilities_missing: found.missing.clone(),
            period: None,
            lost: subject.lost.clone(),
            stolen: subject.stolen.clone(),
            thief_spends: found.thief.map(|[now, eventually]| Views { now, eventually }),
            next_level: match &found.next {
                NextLevel::Found(next) => Some((**next).clone()),
                NextLevel::Skipped | NextLevel::None => None,
            },
            next_level_skipped: matches!(found.next, NextLevel::Skipped),
            notes: found.notes.clone(),
            ways: found.ways.iter().map(Scheme::from).collect(),
            removal: change(|changing| changing.removal.as_ref()),
            mixed: change(|changing| changing.mixed.as_ref()),
        }
    }

    /// Leaves out the lists of more than so many minimal sets, not their counts.
    pub fn leave_out(&mut self, most: usize) {
        let groups = self.answers.groups.as_mut().map(|groups| groups.power.lists());
        let lists =
            self.answers.figures.power.lists().into_iter().chain(groups.into_iter().flatten());
        let changes = [&mut self.removal, &mut self.mixed].into_iter().flatten();
        let lists = lists.chain(changes.map(|change| &mut change.sets));
        for list in lists {
            if list.as_ref().is_some_and(|sets| sets.len() > most) {
                *list = None;
            }
        }
    }
}
