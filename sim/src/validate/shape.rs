//! Which hazards a configuration lets happen, in closed form, and which bound says so.
//!
//! The number of accounts is not bounded, so that limits and switches alone decide. Let `C` be the
//! limit on cosignatories, `S` that on cosigned accounts, `D` the depth, `K` the cap on signatures.
//!
//! - Multisig accounts can be made from above: a plain account takes plain cosignatories, each of which
//!   takes its own later. With low thresholds two signatures do every step, with consent one is too few.
//! - The most signatures that an account can need are `C^D`: a tree in which all must sign everywhere.
//! - `C <= K` unwinds everything: an account over plain cosignatories is spoken for by at most `C`
//!   signatures and may lower its thresholds to 1, then it counts as one signature for the account above.
//! - `C > K` locks: `K + 1` of `K + 1` at the lowest level that the depth allows. No modification of it
//!   fits, and no cosignatory can become multisig to share a signature, for no level is left.
//!
//! `explore` finds the same in all worlds of few accounts: `tests/suite/validate.rs` and the tests below compare them.

use serde::{Deserialize, Serialize};

use crate::hazard::Hazard;
use crate::protocol::{Base, Limit, Protocol, Threshold};
use crate::unit::count_of;

/// A hazard that a whole configuration is asked about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schemas", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
#[cfg_attr(feature = "schemas", schemars(rename = "hazard_name"))]
pub enum HazardKind {
    /// All keys exist, and an account can never be spent again.
    LockedAlive,
    /// An account's smallest quorum exceeds the cap on signatures; unwinding from below gets there.
    OverCap,
    /// Fewer keys can spend in the end than can now.
    Takeover,
    /// A cosignatory's vote never counts.
    DeadLevel,
    /// One legal aggregate makes a node visit more accounts than it should.
    Costly,
}

/// A word that names no hazard of a configuration.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "unknown hazard `{0}`; expected `locked-alive`, `over-cap`, `takeover`, `dead-level` or `costly`"
)]
pub struct UnknownHazardKind(pub String);

impl HazardKind {
    /// All of them, in the order in which they are reported.
    pub const ALL: [Self; 5] =
        [Self::LockedAlive, Self::OverCap, Self::Takeover, Self::DeadLevel, Self::Costly];

    /// Its name on the command line and in answers.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::LockedAlive => "locked-alive",
            Self::OverCap => "over-cap",
            Self::Takeover => "takeover",
            Self::DeadLevel => "dead-level",
            Self::Costly => "costly",
        }
    }

    /// What it means, in a sentence.
    #[must_use]
    pub const fn meaning(self) -> &'static str {
        match self {
            Self::LockedAlive => "all keys exist, and an account can never be spent from again",
            Self::OverCap => "an account needs more signatures than one transaction may carry",
            Self::Takeover => "fewer keys can spend in the end than can spend now",
            Self::DeadLevel => "the vote of a cosignatory never counts",
            Self::Costly => "one legal transaction makes a node visit more accounts than it should",
        }
    }

    /// The limit that it is about, if it is about one.
    #[must_use]
    pub const fn limit(self) -> Option<Limit> {
        match self {
            Self::LockedAlive | Self::OverCap => Some(Limit::Cosignatures),
            Self::DeadLevel => Some(Limit::Depth),
            Self::Costly => Some(Limit::Cosignatories),
            Self::Takeover => None,
        }
    }

    /// The hazard of a state that an exploration finds it by; none for one that is only computed.
    #[must_use]
    pub const fn of_states(self) -> Option<Hazard> {
        match self {
            Self::LockedAlive => Some(Hazard::LockedAlive),
            Self::OverCap => Some(Hazard::OverCap),
            Self::Takeover => Some(Hazard::Takeover(None)),
            Self::DeadLevel => Some(Hazard::DeadLevel),
            Self::Costly => None,
        }
    }
}

impl std::str::FromStr for HazardKind {
    type Err = UnknownHazardKind;

    fn from_str(word: &str) -> Result<Self, UnknownHazardKind> {
        let named = |kind: &Self| kind.name() == word;
        Self::ALL.into_iter().find(named).ok_or_else(|| UnknownHazardKind(word.to_owned()))
    }
}

impl std::fmt::Display for HazardKind {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str(self.name())
    }
}

/// What of a protocol decides which hazards can happen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Shape {
    pub base: Base,
    /// `C`.
    pub cosignatories: u64,
    /// `S`.
    pub cosigned: u64,
    /// `D`.
    pub depth: u64,
    /// `K`; NIS1 has none.
    pub cap: u64,
    pub transactions: u64,
    /// Whether an added account must consent.
    pub consent: bool,
    /// Whether only signers of embedded transactions may sign.
    pub strict: bool,
    /// Whether some modification with a deletion asks for min removal alone.
    pub removal_route: bool,
    /// NIS1: whether N-of-N removal needs only the others.
    pub removal_by_others: bool,
    pub deletions: u64,
}

impl Shape {
    pub fn new(protocol: &Protocol) -> Self {
        let (limits, switches) = (&protocol.limits, &protocol.switches);
        let base = protocol.base;
        let by_removal = |threshold| threshold == Threshold::Removal;
        let deletions = u64::from(switches.max_deletions_per_modification);
        Self {
            base,
            cosignatories: limits.max_cosignatories_per_account.into(),
            cosigned: limits.max_cosigned_accounts_per_account.into(),
            depth: if base.has_levels() { limits.max_multisig_depth.into() } else { 1 },
            cap: protocol.max_signatures().map_or(u64::MAX, u64::from),
            transactions: limits.max_transactions_per_aggregate.into(),
            consent: protocol.has_opt_in(),
            strict: switches.strict_cosignature_check && base.has_aggregates(),
            removal_route: base.has_removal_threshold()
                && deletions > 0
                && (by_removal(switches.removal_threshold) || by_removal(switches.mixed_threshold)),
            removal_by_others: !base.has_removal_threshold() && switches.n_of_n_removal_by_others,
            deletions,
        }
    }

    /// Whether an account can become multisig at all.
    pub fn builds(&self) -> bool {
        let room = self.cosignatories.min(self.cosigned).min(self.depth) >= 1;
        // Under the strict check the added account signs a part of its own.
        let parts = if self.strict && self.consent { 2 } else { 1 };
        room && self.cap >= self.cap_least() && self.transactions >= parts
    }

    /// Fewest signatures with which an account becomes multisig: its own, and that of whom it adds.
    pub fn cap_least(&self) -> u64 {
        if self.consent { 2 } else { 1 }
    }

    /// The most signatures that an account can need, `C^D`; saturating.
    pub fn quorum_most(&self) -> u64 {
        power(self.cosignatories, self.depth)
    }

    /// Whether a hazard can happen, and which of the ways to it is open; [`HazardKind::Costly`] is not asked
    /// here.
    pub fn cause(&self, kind: HazardKind) -> Option<Cause> {
        if !self.builds() {
            return None;
        }
        if self.strict {
            return (kind == HazardKind::LockedAlive).then_some(Cause::Strict);
        }
        let Self { cosignatories, cosigned, depth, cap, .. } = *self;
        match kind {
            HazardKind::LockedAlive => (cosignatories > cap).then_some(Cause::Lock),
            HazardKind::OverCap => self.over_cap(),
            HazardKind::Takeover if !self.base.has_removal_threshold() => {
                (self.removal_by_others && cosignatories >= 2).then_some(Cause::Others)
            }
            HazardKind::Takeover => {
                (self.removal_route && cosignatories >= 2).then_some(Cause::Removal)
            }
            HazardKind::DeadLevel => {
                (cosignatories.min(cosigned).min(depth) >= 2).then_some(Cause::Shared)
            }
            HazardKind::Costly => None,
        }
    }

    fn over_cap(&self) -> Option<Cause> {
        let Self { cosignatories, cosigned, depth, cap, .. } = *self;
        let removal = (cosignatories > cap && self.removal_route).then_some(Cause::RemovalAboveCap);
        let by_tree = cap >= 2 && depth >= 2 && power(cosignatories.min(cap), depth) > cap;
        let tree = by_tree.then_some(Cause::Tree);
        let shared = cap == 1 && cosignatories.min(cosigned).min(depth) >= 2;
        // The fewest modifications first.
        removal.or(tree).or(shared.then_some(Cause::SharedSignature))
    }
}

/// A way in which a hazard comes about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Cause {
    /// All of one more than the cap, with no level left below.
    Lock,
    /// The strict check takes every signature that a multisig account would need.
    Strict,
    /// A tree that needs more than the cap and is lowered from below.
    Tree,
    /// Min approval above the cap, min removal below.
    RemovalAboveCap,
    /// A cosignatory becomes a multisig of another one, whose signature then counts for both.
    SharedSignature,
    /// Min removal below min approval.
    Removal,
    /// NIS1: all but one delete the last one.
    Others,
    /// A key beside a nested account that needs it.
    Shared,
}

/// `base` to the power of `exponent`; saturating.
pub(super) fn power(base: u64, exponent: u64) -> u64 {
    match base {
        0 | 1 => base,
        _ => base.saturating_pow(u32::try_from(exponent).unwrap_or(u32::MAX)),
    }
}

/// Why a hazard can or cannot happen, in a sentence.
pub(super) fn why(shape: &Shape, kind: HazardKind) -> String {
    let Shape { cosignatories, cosigned, depth, cap, .. } = *shape;
    if let Some(cause) = shape.cause(kind) {
        return reached(shape, cause);
    }
    if !shape.builds() {
        return "no account can become multisig".to_owned();
    }
    if shape.strict {
        return "no multisig account can act at all, so none can be over the cap, taken over or \
                outvoted"
            .to_owned();
    }
    match kind {
        HazardKind::LockedAlive | HazardKind::OverCap if !shape.base.has_aggregates() => {
            "a transaction carries any number of signatures".to_owned()
        }
        HazardKind::LockedAlive => format!(
            "an account over keys needs at most {cosignatories} signatures (max_cosignatories), the \
             cap is {cap}: it can lower its thresholds, then the account above it can"
        ),
        HazardKind::OverCap if shape.quorum_most() <= cap => format!(
            "no account needs more than {} (max_cosignatories {cosignatories} to the power \
             of max_depth {depth}), the cap is {cap}",
            most(shape.quorum_most())
        ),
        HazardKind::OverCap => format!(
            "an account that needs more than {cap} signatures stays so: nothing can be lowered from \
             below"
        ),
        HazardKind::Takeover if !shape.base.has_removal_threshold() => {
            "removing somebody from an N-of-N account needs all N, so no fewer keys come to spend"
                .to_owned()
        }
        HazardKind::Takeover if cosignatories < 2 => {
            "every multisig account is 1-of-1 (max_cosignatories 1)".to_owned()
        }
        HazardKind::Takeover => {
            "every modification of an account needs at least its min approval, so who cannot spend \
             cannot change anything either"
                .to_owned()
        }
        HazardKind::DeadLevel if depth < 2 => {
            "cosignatories are keys (one level), and each key is in a smallest quorum".to_owned()
        }
        HazardKind::DeadLevel if cosigned < 2 => {
            "no key cosigns twice (max_cosigned 1), so all branches are apart and each one counts"
                .to_owned()
        }
        HazardKind::DeadLevel => "an account with one cosignatory has no vote to lose".to_owned(),
        HazardKind::Costly => String::new(),
    }
}

fn reached(shape: &Shape, cause: Cause) -> String {
    let Shape { cosignatories, cap, depth, .. } = *shape;
    let over = cap.saturating_add(1);
    match cause {
        Cause::Lock => {
            let level = match depth {
                1 => "nothing",
                _ => "no level that could share a signature",
            };
            format!(
                "{over}-of-{over} (up to {cosignatories} cosignatories) can be made with at most \
                 {cap} signatures at a time, is more than the cap of {cap}, and has {level} below it"
            )
        }
        Cause::Strict => "only signers of embedded transactions may sign, so an account that becomes \
                        multisig never acts again"
            .to_owned(),
        Cause::Tree => format!(
            "nested accounts can need up to {}, the cap is {cap}; they must first be \
             lowered from below",
            most(shape.quorum_most())
        ),
        Cause::RemovalAboveCap => format!(
            "min approval can be {over} with a cap of {cap}; only a removal with a lower min removal \
             leads out"
        ),
        Cause::SharedSignature => {
            "2-of-2 needs two signatures, the cap is 1; one cosignatory must first become a multisig \
             of the other"
                .to_owned()
        }
        Cause::Removal => "a removal needs min removal and may lower min approval with it: 2-of-2 with \
                         min removal 1 falls to one key"
            .to_owned(),
        Cause::Others => {
            "deleting one of an N-of-N account needs the N - 1 others only: 2-of-2 falls to one key"
                .to_owned()
        }
        Cause::Shared => "1-of-2 of a key and a 2-of-2 that needs the same key: the 2-of-2 never \
                        decides anything"
            .to_owned(),
    }
}

/// A number of signatures, or that it is beyond counting.
fn most(number: u64) -> String {
    match number {
        u64::MAX => "more signatures than can be counted".to_owned(),
        _ => count_of(number, "signature"),
    }
}
