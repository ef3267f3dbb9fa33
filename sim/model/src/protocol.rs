//! The protocol: limits, switches and native result names. A protocol is data over few rules.
//!
//! Presets are made by [`Protocol::preset`]; a user's own protocol comes from JSON
//! ([`json`]) or from a server's `config-network.properties` ([`properties`]).

pub mod conduct;
mod era;
pub mod json;
mod limit;
mod names;
mod presets;
pub mod properties;
pub mod sources;

pub use conduct::Conduct;
pub use limit::Limit;
pub use presets::PRESETS;

use sha2::{Digest, Sha256};

use crate::transaction::Envelope;
use crate::verdict::{Reason, Verdict};

/// The rule set a protocol is built on. The four differ in more than limits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Base {
    /// NEM NIS1: one threshold, one level, wrapper and signature transactions.
    Nis1,
    /// Catapult server v0.4.0.1: modification version 3, Add 0 / Remove 1.
    CatapultV3,
    /// Catapult server v0.8.0.3: modification version 1, Remove 0 / Add 1.
    CatapultV1,
    /// Symbol (Catapult server 1.0): additions and deletions as two lists.
    Symbol,
}

impl Base {
    /// The name used on the command line, in headers (`ruleset`) and as a preset.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Nis1 => "nis1",
            Self::CatapultV3 => "catapult-v3",
            Self::CatapultV1 => "catapult-v1",
            Self::Symbol => "symbol",
        }
    }

    /// Whether an account has a threshold of its own for removing a cosignatory (Catapult: `minRemoval`).
    #[must_use]
    pub const fn has_removal_threshold(self) -> bool {
        !matches!(self, Self::Nis1)
    }

    /// Whether a min approval of 0 is legal and stands for all cosignatories (NIS1: `min_cosignatories`).
    #[must_use]
    pub const fn has_zero_for_all(self) -> bool {
        matches!(self, Self::Nis1)
    }

    /// Whether a modification may leave its threshold unmentioned (NIS1: one without a min change).
    #[must_use]
    pub const fn has_optional_threshold(self) -> bool {
        matches!(self, Self::Nis1)
    }

    /// Whether a transaction may hold several others (Catapult: aggregates); otherwise it holds one at most
    /// (NIS1: a multisig transaction), carries any number of signatures, and needs no consent of anybody added.
    #[must_use]
    pub const fn has_aggregates(self) -> bool {
        !matches!(self, Self::Nis1)
    }

    /// The envelope that carries the signatures of several accounts and executes at once.
    #[must_use]
    pub const fn signed_envelope(self) -> Envelope {
        match self.has_aggregates() {
            true => Envelope::AggregateComplete,
            false => Envelope::Multisig,
        }
    }

    /// What [`Self::signed_envelope`] is called.
    #[must_use]
    pub const fn signed_envelope_name(self) -> &'static str {
        match self.has_aggregates() {
            true => "aggregate",
            false => "multisig transaction",
        }
    }

    /// Whether a multisig account may cosign for another one.
    #[must_use]
    pub const fn has_levels(self) -> bool {
        !matches!(self, Self::Nis1)
    }

    /// Whether what waits for signatures needs a deposit, a hash lock.
    #[must_use]
    pub const fn has_hash_locks(self) -> bool {
        !matches!(self, Self::Nis1)
    }

    /// Whether the rules of a block speak of its transactions (NIS1: how many, no second modification of
    /// an account).
    #[must_use]
    pub const fn has_block_rules(self) -> bool {
        matches!(self, Self::Nis1)
    }

    /// Whether transactions cost a fee here: on Catapult its signer, on NIS1 the multisig account would pay,
    /// and only there it decides what is accepted.
    #[must_use]
    pub const fn has_fees(self) -> bool {
        matches!(self, Self::Nis1)
    }

    /// Min removal as the ledger keeps it: 0 where a removal has no threshold of its own.
    #[must_use]
    pub const fn stored_removal(self, removal: u32) -> u32 {
        if self.has_removal_threshold() { removal } else { 0 }
    }

    /// The threshold that stands beside min approval: min removal, or min approval once more where there is
    /// no other.
    #[must_use]
    pub const fn shown_removal(self, approval: u32, removal: u32) -> u32 {
        if self.has_removal_threshold() { removal } else { approval }
    }

    /// The thresholds of a multisig account of so many cosignatories in words: `2-of-3, removal 1`.
    #[must_use]
    pub fn thresholds(self, (approval, removal): (u32, u32), count: usize) -> String {
        match (self.has_removal_threshold(), approval) {
            (true, _) => format!("{approval}-of-{count}, removal {removal}"),
            // NIS1 writes 0 where all have to sign
            (false, 0) => format!("{count}-of-{count} (min 0)"),
            (false, _) => format!("{approval}-of-{count}"),
        }
    }

    /// The same as pictures have room for: `2/1 of 3`.
    #[must_use]
    pub fn short_thresholds(self, (approval, removal): (u32, u32), count: usize) -> String {
        match (self.has_removal_threshold(), approval) {
            (true, _) => format!("{approval}/{removal} of {count}"),
            (false, 0) => format!("{count} of {count}"),
            (false, _) => format!("{approval} of {count}"),
        }
    }

    /// Whether a modification is one ordered list of entries (the older Catapult eras).
    #[must_use]
    pub const fn has_ordered_changes(self) -> bool {
        matches!(self, Self::CatapultV3 | Self::CatapultV1)
    }

    /// Whether a hash lock that was used or has expired still keeps others of its hash out until it is
    /// forgotten, `max_rollback_blocks` after its end (`HashLockCacheUniqueValidator.cpp` before 1.0).
    #[must_use]
    pub const fn has_one_lock_per_hash(self) -> bool {
        matches!(self, Self::CatapultV3 | Self::CatapultV1)
    }

    /// The largest number of cosignatories that the servers' configuration can name: to v0.6
    /// `maxCosignersPerAccount` was a byte.
    #[must_use]
    pub const fn cosignatories_field_max(self) -> u32 {
        match self {
            Self::CatapultV3 => u8::MAX as u32,
            _ => u32::MAX,
        }
    }

    /// Whether the servers of this base can give a reason.
    #[must_use]
    pub fn gives(self, reason: Reason) -> bool {
        names::is_native(self, reason)
    }

    /// How this base spells a verdict.
    #[must_use]
    pub fn result_name(self, verdict: Verdict) -> &'static str {
        match verdict {
            Verdict::Accepted => "Success",
            Verdict::Pending => "Pending",
            Verdict::Rejected(reason) => names::of(self, reason),
            Verdict::Refused(refusal) => refusal.name(),
        }
    }

    /// The base of this name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        [Self::Nis1, Self::CatapultV3, Self::CatapultV1, Self::Symbol]
            .into_iter()
            .find(|base| base.name() == name)
    }
}

/// The numbers of a protocol. Sources stand with each preset in `presets.rs`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Limits {
    /// Most cosignatories one account may have.
    pub max_cosignatories_per_account: u32,
    /// Most accounts one account may cosign for; `u32::MAX` = no limit (NIS1).
    pub max_cosigned_accounts_per_account: u32,
    /// Most levels, counted in edges: a multisig of multisigs is depth 2.
    pub max_multisig_depth: u32,
    /// Most signatures an aggregate may carry, its signer included; `u32::MAX` = no limit (NIS1).
    pub max_cosignatures_per_aggregate: u32,
    /// Most transactions inside one aggregate.
    pub max_transactions_per_aggregate: u32,
    /// Most transactions in one block, inner ones and signatures counted (NIS1); `u32::MAX` = none.
    pub max_transactions_per_block: u32,
    /// Longest message, in bytes.
    pub max_message_bytes: u32,
    /// How far ahead the deadline of a transaction that need not wait may lie, in seconds.
    pub transaction_lifetime_seconds: u64,
    /// How long a bonded aggregate (NIS1: an unconfirmed multisig transaction) may wait, in seconds.
    pub bonded_lifetime_seconds: u64,
    /// The deposit a hash lock must hold, in the currency's smallest unit.
    pub hash_lock_amount: u64,
    /// Longest hash lock, in blocks.
    pub hash_lock_duration_blocks_max: u64,
    /// How many blocks a server may take back; for so long it keeps hash locks that have ended.
    pub max_rollback_blocks: u64,
    /// Time between two blocks, in seconds.
    pub block_time_seconds: u64,
}

/// Which threshold a kind of operation must reach.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Threshold {
    /// Min approval.
    Approval,
    /// Min removal.
    Removal,
    /// The larger of the two.
    Larger,
}

/// Whose signatures an added account makes eligible.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum EligibleAddition {
    /// The added account's own key and nothing else (Catapult to v0.5).
    OwnKey,
    /// The keys at the bottom of the added account's tree (Catapult from v0.6).
    Leaves,
}

/// The rules that differ between protocols, or that a protocol of one's own may change.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Switches {
    /// Whether an added account must consent by its signatures (Catapult from v0.4; NIS1: never).
    pub opt_in: bool,
    /// What a modification with deletions and no additions needs.
    pub removal_threshold: Threshold,
    /// What a modification with deletions and additions needs.
    pub mixed_threshold: Threshold,
    /// Whether nested levels are judged by the same kind of operation; otherwise by min approval.
    pub pass_down: bool,
    /// Most deletions in one modification.
    pub max_deletions_per_modification: u32,
    /// Whose signatures an added account makes eligible.
    pub eligible_addition: EligibleAddition,
    /// Whether only signers of embedded transactions may sign an aggregate.
    pub strict_cosignature_check: bool,
    /// Whether bonded aggregates exist.
    pub bonded_aggregates: bool,
    /// NIS1: whether removing a cosignatory of an N-of-N account needs only the N - 1 others.
    pub n_of_n_removal_by_others: bool,
}

/// A protocol: base rules, limits, switches, and how it spells results.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Protocol {
    /// The preset's name, or the one its file gives.
    pub name: String,
    /// The rule set it is built on.
    pub base: Base,
    /// Its numbers.
    pub limits: Limits,
    /// Its rules where they differ.
    pub switches: Switches,
    /// How its implementation goes about them; healthy unless a [fault](crate::fault) is seeded.
    pub conduct: Conduct,
    /// The name of its currency.
    pub currency: &'static str,
}

impl Protocol {
    /// The first 16 hex digits of the SHA-256 of what [`json::describe`] says without the name: equal
    /// for protocols of the same rule set, limits and switches, whatever they are called. A seeded
    /// fault is not in it.
    #[must_use]
    pub fn digest(&self) -> String {
        let mut rules = serde_json::to_value(json::describe(self)).unwrap_or_default();
        if let serde_json::Value::Object(fields) = &mut rules {
            fields.shift_remove("name");
        }
        let hash = Sha256::digest(rules.to_string());
        data_encoding::HEXLOWER.encode(hash.get(..8).unwrap_or_default())
    }

    /// The protocol's own spelling of a reason.
    #[must_use]
    pub fn reason_name(&self, reason: Reason) -> &'static str {
        names::of(self.base, reason)
    }

    /// The protocol's own spelling of a verdict: `Success`, `Pending`, the first failure's name, or
    /// `Refused_<why>` for a shape that is dropped before validation.
    #[must_use]
    pub fn result_name(&self, verdict: Verdict) -> &'static str {
        self.base.result_name(verdict)
    }

    /// All reasons this protocol can give, in the order of [`Reason`].
    pub fn reasons(&self) -> impl Iterator<Item = Reason> + '_ {
        Reason::ALL.into_iter().filter(|&reason| self.base.gives(reason))
    }

    /// How many signatures control an account in the end, given its thresholds and the number of its
    /// cosignatories: any chain of modifications included, each cosignatory counted as one.
    ///
    /// Catapult: the least of what a change of settings, a removal and a swap need. NIS1: N - 1 for an
    /// N-of-N account of two or more, else the threshold. Source: the theorem in `sim/README.md`.
    #[must_use]
    pub fn eventual_threshold(&self, approval: u32, removal: u32, cosignatories: u32) -> u32 {
        if self.switches.max_deletions_per_modification == 0 {
            return self.approval_threshold(approval, cosignatories);
        }
        let minima = (approval, removal);
        let [alone, swap] =
            [false, true].map(|adds| self.deletion_threshold(minima, cosignatories, adds));
        self.approval_threshold(approval, cosignatories).min(alone).min(swap)
    }

    /// How many of an account's cosignatories must agree to a modification that removes one of them,
    /// and, where it `adds`, adds another one. On NIS1 those that stay; one of them may be needed to
    /// begin it although nobody has to agree.
    #[must_use]
    pub fn deletion_threshold(
        &self,
        (approval, removal): (u32, u32),
        cosignatories: u32,
        adds: bool,
    ) -> u32 {
        if self.base == Base::Nis1 {
            let all = approval == 0 || approval >= cosignatories;
            return match all {
                true if cosignatories >= 2 && self.switches.n_of_n_removal_by_others => {
                    cosignatories - 1
                }
                true => cosignatories,
                false => approval,
            };
        }
        let Switches { removal_threshold, mixed_threshold, .. } = self.switches;
        let threshold = if adds { mixed_threshold } else { removal_threshold };
        threshold.of(approval, removal)
    }

    /// How many signatures a plain transfer needs now.
    #[must_use]
    pub fn approval_threshold(&self, approval: u32, cosignatories: u32) -> u32 {
        if self.base.has_zero_for_all() && approval == 0 { cosignatories } else { approval }
    }

    /// Most signatures of one transaction, the signer's own included; `None` where there is no limit.
    #[must_use]
    pub const fn max_signatures(&self) -> Option<u32> {
        match self.limits.max_cosignatures_per_aggregate {
            most if self.base.has_aggregates() && most != u32::MAX => Some(most),
            _ => None,
        }
    }

    /// Most transactions in one: 1 where there are no aggregates.
    #[must_use]
    pub const fn max_parts(&self) -> u32 {
        match self.base.has_aggregates() {
            true => self.limits.max_transactions_per_aggregate,
            false => 1,
        }
    }

    /// Whether an added account must consent.
    #[must_use]
    pub const fn has_opt_in(&self) -> bool {
        self.switches.opt_in && self.base.has_aggregates()
    }
}

impl Threshold {
    /// The number this threshold stands for, given both minima.
    #[must_use]
    #[inline]
    pub fn of(self, approval: u32, removal: u32) -> u32 {
        match self {
            Self::Approval => approval,
            Self::Removal => removal,
            Self::Larger => approval.max(removal),
        }
    }
}

#[cfg(test)]
mod tests;
