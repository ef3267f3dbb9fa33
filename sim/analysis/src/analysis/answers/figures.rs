//! The answers about one account as programs read them.

use std::collections::BTreeMap;

use num_bigint::BigUint;
use serde::{Deserialize, Serialize};

use super::super::scaled::Scaled;
use super::super::structure::View;
use super::{Answers, Fewest, Importance, Likelihood, Power, Side};

/// A count: a number where every reader can hold it (up to 2^53), else its decimal digits as text.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schemas", derive(schemars::JsonSchema))]
#[serde(untagged)]
pub enum Count {
    /// Up to 2^53.
    Number(u64),
    /// More.
    Digits(String),
}

impl From<&BigUint> for Count {
    fn from(count: &BigUint) -> Self {
        match u64::try_from(count) {
            Ok(small) if small <= 1 << 53 => Self::Number(small),
            _ => Self::Digits(count.to_string()),
        }
    }
}

/// A number from 0 up: as it is where a 64-bit float holds it in full, else as text such as `3.9e-10922`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schemas", derive(schemars::JsonSchema))]
#[serde(untagged)]
pub enum Number {
    /// 0, or at least 1e-290.
    Float(f64),
    /// Smaller than that.
    Text(String),
}

impl From<Scaled> for Number {
    fn from(value: Scaled) -> Self {
        match value.to_f64() {
            plain if value.is_zero() || plain >= 1e-290 => Self::Float(plain),
            _ => Self::Text(value.to_string()),
        }
    }
}

impl Number {
    /// The number in words short enough for a table: four digits, or a power of ten where it is below 0.001.
    #[must_use]
    pub fn words(&self) -> String {
        let (mantissa, exponent) = match self {
            Self::Float(value) if (0.001..10.0).contains(value) || *value == 0.0 => {
                let digits = format!("{value:.6}");
                return digits.trim_end_matches('0').trim_end_matches('.').to_owned();
            }
            Self::Float(value) => Scaled::new(*value).decimal(),
            Self::Text(text) => {
                let (mantissa, exponent) = text.split_once('e').unwrap_or((text, "0"));
                let (mantissa, exponent) = (mantissa.parse(), exponent.parse());
                let (Ok(mantissa), Ok(exponent)) = (mantissa, exponent) else {
                    return text.clone();
                };
                (mantissa, exponent)
            }
        };
        format!("{mantissa:.3}e{exponent}")
    }
}

impl Probability {
    /// The probability, or its bounds, in words.
    #[must_use]
    pub fn words(&self) -> String {
        match self {
            Self::Exact(exact) => exact.words(),
            Self::Bounds(Interval { interval: [low, high], .. }) => {
                format!("{} .. {}", low.words(), high.words())
            }
        }
    }

    /// The same, or that it is not known.
    #[must_use]
    pub fn words_of(one: Option<&Self>) -> String {
        one.map_or_else(|| "not known".to_owned(), Self::words)
    }
}

/// A probability, 0 to 1.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schemas", derive(schemars::JsonSchema))]
#[serde(untagged)]
pub enum Probability {
    /// The true value, to about 12 digits.
    Exact(Number),
    /// Bounds of the true value.
    Bounds(Interval),
}

/// Two bounds that the true value lies between.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schemas", derive(schemars::JsonSchema))]
pub struct Interval {
    /// The lower and the upper bound.
    pub interval: [Number; 2],
    /// What that means.
    pub note: String,
}

impl From<Likelihood> for Probability {
    fn from(likelihood: Likelihood) -> Self {
        match likelihood.exact() {
            Some(exact) => Self::Exact(exact.into()),
            None => Self::Bounds(Interval {
                interval: [likelihood.low, likelihood.high].map(Number::from),
                note: "not exact: the true value lies between these bounds".to_owned(),
            }),
        }
    }
}

/// The proof of a smallest set: the best set found, and how small any can be.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schemas", derive(schemars::JsonSchema))]
pub struct Certificate {
    /// The fewest keys that were found.
    pub keys: Vec<String>,
    /// No set is smaller; equal to the number of `keys` where they are proved to be fewest.
    pub lower_bound: usize,
}

impl From<&Fewest> for Certificate {
    fn from(fewest: &Fewest) -> Self {
        Self { keys: fewest.keys.clone(), lower_bound: fewest.lower }
    }
}

/// A value for lockout and one for theft.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schemas", derive(schemars::JsonSchema))]
pub struct BySide<T> {
    /// That of lockout, after losses.
    pub lockout: T,
    /// That of theft.
    pub theft: T,
}

/// What replacing one key by one that is neither lost nor stolen is worth.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schemas", derive(schemars::JsonSchema))]
pub struct ReplacementFigures {
    /// The key.
    pub key: String,
    /// How much less likely lockout becomes.
    pub lockout_reduction: Number,
    /// How much less likely theft becomes.
    pub theft_reduction: Number,
}

/// Minimal sets of names, each sorted; the sets by size and then by names.
type Sets = Option<Vec<Vec<String>>>;

/// Who can spend from an account and what locks it: now, by one payment as the accounts stand, and
/// (`eventual_`) after any chain of transactions that the same keys get accepted. Sets that are too many to
/// list are null; `_sha256` is that of the list, names joined by `,` and sets by a line feed.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schemas", derive(schemars::JsonSchema))]
pub struct PowerFigures {
    /// The minimal sets that spend now.
    pub min_path_sets: Sets,
    /// How many there are; null where counting did not end.
    pub min_path_sets_count: Option<Count>,
    /// Digest of the list.
    pub min_path_sets_sha256: Option<String>,
    /// The minimal sets whose loss locks the account now.
    pub min_cut_sets: Sets,
    /// How many there are; null where counting did not end.
    pub min_cut_sets_count: Option<Count>,
    /// Digest of the list.
    pub min_cut_sets_sha256: Option<String>,
    /// The fewest that spend now; null where none can, or the number is not proved.
    pub min_signatures: Option<usize>,
    /// Its proof, or its bounds; null where none can.
    pub min_signatures_certificate: Option<Certificate>,
    /// The fewest losses that lock the account now; null where that is not proved.
    pub min_losses_that_lock: Option<usize>,
    /// Its proof, or its bounds.
    pub min_losses_certificate: Option<Certificate>,
    /// The most losses after which it can still spend now, if they hit the right ones.
    pub max_losses_survivable: Option<usize>,
    /// Whose loss alone locks the account now.
    pub single_points_of_failure: Vec<String>,
    /// Who alone spends now.
    pub single_points_of_theft: Vec<String>,
    /// How likely it is locked now; null where a probability is not known.
    pub lockout_probability: Option<Probability>,
    /// How likely thieves can spend now; null where a probability is not known.
    pub theft_probability: Option<Probability>,
    /// The minimal sets that spend eventually.
    pub eventual_spend_min_coalitions: Sets,
    /// How many there are; null where counting did not end.
    pub eventual_spend_min_coalitions_count: Option<Count>,
    /// Digest of the list.
    pub eventual_spend_min_coalitions_sha256: Option<String>,
    /// The minimal sets whose loss locks the account for ever.
    pub eventual_lockout_min_cut_sets: Sets,
    /// How many there are; null where counting did not end.
    pub eventual_lockout_min_cut_sets_count: Option<Count>,
    /// Digest of the list.
    pub eventual_lockout_min_cut_sets_sha256: Option<String>,
    /// The fewest that spend eventually; null where none can, or the number is not proved.
    pub eventual_min_signatures: Option<usize>,
    /// Its proof, or its bounds; null where none can.
    pub eventual_min_signatures_certificate: Option<Certificate>,
    /// The fewest losses that lock the account for ever; null where that is not proved.
    pub eventual_min_losses_that_lock: Option<usize>,
    /// Its proof, or its bounds.
    pub eventual_min_losses_certificate: Option<Certificate>,
    /// The most losses after which those left can still bring it back.
    pub eventual_max_losses_survivable: Option<usize>,
    /// Whose loss alone locks the account for ever.
    pub eventual_single_points_of_failure: Vec<String>,
    /// Who alone can seize it.
    pub eventual_single_points_of_theft: Vec<String>,
    /// How likely it is locked for ever; null where a probability is not known.
    pub eventual_lockout_probability: Option<Probability>,
    /// How likely thieves can seize it; null where a probability is not known.
    pub eventual_theft_probability: Option<Probability>,
}

/// The figures of one view.
#[derive(Clone, Copy, Debug)]
pub struct ViewFigures<'a> {
    /// The minimal sets that spend, and their number.
    pub spend: (Option<&'a [Vec<String>]>, Option<&'a Count>),
    /// The minimal losses that lock, and their number.
    pub lock: (Option<&'a [Vec<String>]>, Option<&'a Count>),
    /// The fewest that spend, and its proof.
    pub signatures: (Option<usize>, Option<&'a Certificate>),
    /// The fewest losses that lock, and its proof.
    pub losses: (Option<usize>, Option<&'a Certificate>),
    /// The most losses that can be survived.
    pub survivable: Option<usize>,
    /// Whose loss alone locks.
    pub failure: &'a [String],
    /// Who alone spends.
    pub theft: &'a [String],
    /// How likely lockout is.
    pub lockout_probability: Option<&'a Probability>,
    /// How likely theft is.
    pub theft_probability: Option<&'a Probability>,
}

impl PowerFigures {
    fn of(answers: &Answers) -> Self {
        let Answers { keys, now, eventually, .. } = answers;
        let signatures = |power: &Power| power.spend.fewest.exact().filter(|_| !power.locked);
        let proof = |power: &Power| (!power.locked).then(|| (&power.spend.fewest).into());
        // at best all but a smallest quorum may go
        let survivable = |power: &Power| {
            let left = power.left.exact().filter(|_| !power.locked);
            left.map(|least| keys.saturating_sub(least))
        };
        let count = |side: &Side| side.count.as_ref().map(Count::from);
        let likely = |side: &Side| side.likelihood.map(Probability::from);
        Self {
            min_path_sets: now.spend.sets.clone(),
            min_path_sets_count: count(&now.spend),
            min_path_sets_sha256: now.spend.sha256.clone(),
            min_cut_sets: now.lock.sets.clone(),
            min_cut_sets_count: count(&now.lock),
            min_cut_sets_sha256: now.lock.sha256.clone(),
            min_signatures: signatures(now),
            min_signatures_certificate: proof(now),
            min_losses_that_lock: now.lock.fewest.exact(),
            min_losses_certificate: Some((&now.lock.fewest).into()),
            max_losses_survivable: survivable(now),
            single_points_of_failure: now.lock.singles.clone(),
            single_points_of_theft: now.spend.singles.clone(),
            lockout_probability: likely(&now.lock),
            theft_probability: likely(&now.spend),
            eventual_spend_min_coalitions: eventually.spend.sets.clone(),
            eventual_spend_min_coalitions_count: count(&eventually.spend),
            eventual_spend_min_coalitions_sha256: eventually.spend.sha256.clone(),
            eventual_lockout_min_cut_sets: eventually.lock.sets.clone(),
            eventual_lockout_min_cut_sets_count: count(&eventually.lock),
            eventual_lockout_min_cut_sets_sha256: eventually.lock.sha256.clone(),
            eventual_min_signatures: signatures(eventually),
            eventual_min_signatures_certificate: proof(eventually),
            eventual_min_losses_that_lock: eventually.lock.fewest.exact(),
            eventual_min_losses_certificate: Some((&eventually.lock.fewest).into()),
            eventual_max_losses_survivable: survivable(eventually),
            eventual_single_points_of_failure: eventually.lock.singles.clone(),
            eventual_single_points_of_theft: eventually.spend.singles.clone(),
            eventual_lockout_probability: likely(&eventually.lock),
            eventual_theft_probability: likely(&eventually.spend),
        }
    }

    /// The figures of one view.
    #[must_use]
    pub fn view(&self, view: View) -> ViewFigures<'_> {
        match view {
            View::Now => ViewFigures {
                spend: (self.min_path_sets.as_deref(), self.min_path_sets_count.as_ref()),
                lock: (self.min_cut_sets.as_deref(), self.min_cut_sets_count.as_ref()),
                signatures: (self.min_signatures, self.min_signatures_certificate.as_ref()),
                losses: (self.min_losses_that_lock, self.min_losses_certificate.as_ref()),
                survivable: self.max_losses_survivable,
                failure: &self.single_points_of_failure,
                theft: &self.single_points_of_theft,
                lockout_probability: self.lockout_probability.as_ref(),
                theft_probability: self.theft_probability.as_ref(),
            },
            View::Eventually => ViewFigures {
                spend: (
                    self.eventual_spend_min_coalitions.as_deref(),
                    self.eventual_spend_min_coalitions_count.as_ref(),
                ),
                lock: (
                    self.eventual_lockout_min_cut_sets.as_deref(),
                    self.eventual_lockout_min_cut_sets_count.as_ref(),
                ),
                signatures: (
                    self.eventual_min_signatures,
                    self.eventual_min_signatures_certificate.as_ref(),
                ),
                losses: (
                    self.eventual_min_losses_that_lock,
                    self.eventual_min_losses_certificate.as_ref(),
                ),
                survivable: self.eventual_max_losses_survivable,
                failure: &self.eventual_single_points_of_failure,
                theft: &self.eventual_single_points_of_theft,
                lockout_probability: self.eventual_lockout_probability.as_ref(),
                theft_probability: self.eventual_theft_probability.as_ref(),
            },
        }
    }

    /// Every list of minimal sets.
    pub fn lists(&mut self) -> [&mut Sets; 4] {
        [
            &mut self.min_path_sets,
            &mut self.min_cut_sets,
            &mut self.eventual_spend_min_coalitions,
            &mut self.eventual_lockout_min_cut_sets,
        ]
    }
}

/// Everything over keys.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schemas", derive(schemars::JsonSchema))]
pub struct Figures {
    /// How many keys lie below the account, lost ones not counted.
    pub keys: usize,
    /// Who spends and what locks.
    #[serde(flatten)]
    pub power: PowerFigures,
    /// How much each key matters now: the probability with it certainly lost (stolen) less that with it
    /// certainly safe.
    pub birnbaum: BySide<BTreeMap<String, Number>>,
    /// How much each key matters now: the probability that a minimal set with it is complete, divided by the
    /// whole.
    pub fussell_vesely: BySide<BTreeMap<String, Option<Number>>>,
    /// The keys whose replacement helps most now, the best first.
    pub replace_first: Vec<ReplacementFigures>,
    /// The same eventually.
    pub eventual_replace_first: Vec<ReplacementFigures>,
}

impl From<&Answers> for Figures {
    fn from(answers: &Answers) -> Self {
        let now = &answers.now;
        let share = |entry: &Importance| entry.fussell_vesely.map(Number::from);
        Self {
            keys: answers.keys,
            power: PowerFigures::of(answers),
            birnbaum: by_side(now, |entry| entry.birnbaum.into()),
            fussell_vesely: by_side(now, share),
            replace_first: replace_first(now),
            eventual_replace_first: replace_first(&answers.eventually),
        }
    }
}

fn by_side<T>(power: &Power, of: impl Fn(&Importance) -> T + Copy) -> BySide<BTreeMap<String, T>> {
    let side =
        |side: &Side| side.importance.iter().map(|entry| (entry.key.clone(), of(entry))).collect();
    BySide { lockout: side(&power.lock), theft: side(&power.spend) }
}

/// Most keys that are named as worth replacing.
const REPLACEMENTS_SHOWN: usize = 5;

fn replace_first(power: &Power) -> Vec<ReplacementFigures> {
    let shown = power.replacements().into_iter().take(REPLACEMENTS_SHOWN);
    let one = |one: super::Replacement| ReplacementFigures {
        key: one.key,
        lockout_reduction: one.lockout.into(),
        theft_reduction: one.theft.into(),
    };
    shown.map(one).collect()
}

/// Everything over groups of keys.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schemas", derive(schemars::JsonSchema))]
pub struct GroupFigures {
    /// How many groups there are, keys in no group among them.
    pub count: usize,
    /// The groups, each with those of its keys that count here.
    pub members: BTreeMap<String, Vec<String>>,
    /// The keys in no group, each a group of itself.
    pub alone: Vec<String>,
    /// The keys in several groups, with these.
    pub in_several: BTreeMap<String, Vec<String>>,
    /// Who spends and what locks, in names of groups.
    #[serde(flatten)]
    pub power: PowerFigures,
}

impl From<&super::super::GroupAnswers> for GroupFigures {
    fn from(found: &super::super::GroupAnswers) -> Self {
        let named = |groups: &[super::super::Group]| {
            groups.iter().map(|group| (group.name.clone(), group.keys.clone())).collect()
        };
        Self {
            count: found.answers.keys,
            members: named(&found.groups),
            alone: found.alone.clone(),
            in_several: named(&found.in_several),
            power: PowerFigures::of(&found.answers),
        }
    }
}
