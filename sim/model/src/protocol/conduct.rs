//! How an implementation goes about the rules: what no protocol leaves open, as data.
//!
//! The healthy value of every field is its default; a [fault](crate::fault) is another value. Each
//! field is read at one place of the ledger, so that a mistake that real implementations made can be
//! made again by changing the protocol and not the ledger.

/// Which levels the depth limit looks at.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum DepthScope {
    /// Those above the changed account and those below the added one.
    #[default]
    Both,
    /// Only those above.
    Above,
    /// Only those below.
    Below,
}

/// How far a loop is looked for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum LoopScope {
    /// In everything above and everything below.
    #[default]
    Transitive,
    /// Only whether an account is added to itself.
    Direct,
}

/// What the limit on cosignatories is compared with.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum LimitSubject {
    /// The number of cosignatories after the change.
    #[default]
    Count,
    /// The same without what the change adds.
    CountWithoutAdditions,
    /// The same without what the change removes.
    CountWithoutDeletions,
    /// The larger threshold, and not the number at all.
    Thresholds,
}

/// Which number of cosignatories bounds the thresholds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum SettingsBound {
    /// The number after the change.
    #[default]
    After,
    /// The number before the change.
    Before,
    /// The number after the change, but none where something is removed.
    NoneOnDeletion,
}

/// When signatures that nothing asks for are noticed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum EligibilityTime {
    /// Before everything else.
    #[default]
    First,
    /// Behind missing signatures of the first part.
    AfterMissing,
    /// Once all parts are executed, by the state they leave.
    AfterExecution,
}

/// What may be initiated by a multisig account.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Initiation {
    /// Nothing.
    #[default]
    Never,
    /// Everything.
    Always,
    /// Modifications without a deletion.
    ModificationWithoutDeletion,
}

/// What becomes of the thresholds when a change of them is undone.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum MinimaUndo {
    /// The saved ones come back.
    #[default]
    Saved,
    /// Those of an account that was dissolved do not.
    LostOnDissolution,
    /// They stay as they are.
    Never,
}

/// Who is paid a hash lock's deposit.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum DepositRecipient {
    /// Its owner when it is used, the harvester when it expires.
    #[default]
    Rightful,
    /// The signer of the aggregate when it is used.
    AggregateSigner,
    /// Its owner even when it expires.
    OwnerAlways,
}

/// Who pays the fees of a NIS1 wrapper and of its signatures.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum FeePayer {
    /// The multisig account.
    #[default]
    Multisig,
    /// The cosignatory who initiated.
    Initiator,
}

/// In which order a modification's list is judged.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum ListOrder {
    /// As the protocol's servers do.
    #[default]
    Native,
    /// Otherwise: one ordered list as two, two lists as one or the second one first.
    Foreign,
}

/// When a NIS1 modification's new threshold is compared with the number of cosignatories.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum RangeCheck {
    /// Always.
    #[default]
    Always,
    /// Only where the modification speaks of the threshold.
    WithDelta,
}

/// What a NIS1 transfer of mosaics pays for them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum MosaicFee {
    /// By the equivalent in the currency, less for a mosaic of few units.
    #[default]
    ByEquivalent,
    /// The same without what a mosaic of few units costs less.
    WithoutRelief,
    /// One unit, whatever they are.
    Flat,
}

/// How an implementation behaves; [`Conduct::default`] is healthy.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Conduct {
    /// Which levels the depth limit looks at.
    pub depth_scope: DepthScope,
    /// How far a loop is looked for.
    pub loop_scope: LoopScope,
    /// Whether a loop is reported before too many levels.
    pub loop_before_depth: bool,
    /// What the limit on cosignatories is compared with.
    pub limit_subject: LimitSubject,
    /// Whether the number of cosignatories may wrap below zero, as it does on the servers.
    pub count_wraps: bool,
    /// Whether the same account twice in one list is refused.
    pub repeats_refused: bool,
    /// Whether an account that is added and removed at once is refused.
    pub both_sets_refused: bool,
    /// In which order a list's own mistakes are found.
    pub list_order: ListOrder,
    /// In which order a list is compared with the cosignatories.
    pub membership_order: ListOrder,
    /// Which number of cosignatories bounds the thresholds.
    pub settings_bound: SettingsBound,
    /// The least threshold of a multisig account; Catapult.
    pub minimum_least: u8,
    /// Whether new thresholds are kept in a byte and wrap.
    pub minimum_wraps: bool,
    /// Whether the last cosignatory may be removed; Catapult.
    pub dissolution: bool,
    /// What may be initiated by a multisig account.
    pub initiation: Initiation,
    /// Whether a modification may stand alone; Catapult.
    pub bare_modification: bool,
    /// When signatures that nothing asks for are noticed.
    pub eligibility_time: EligibilityTime,
    /// How many votes the signer of the whole has, healthy 1, at most 2.
    pub signer_votes: u8,
    /// Whether a failed transaction is taken back.
    pub failure_undone: bool,
    /// Whether writes are taken back newest first.
    pub undo_newest_first: bool,
    /// What becomes of the thresholds when a change of them is undone.
    pub minima_undo: MinimaUndo,
    /// Whether a removed cosignatory forgets the account it cosigned for.
    pub back_link_removed: bool,
    /// Whether a dissolved account forgets its thresholds.
    pub empty_entry_removed: bool,
    /// Whether what waits, and its deposit, ends in time.
    pub expiry: bool,
    /// Whether a waiting aggregate is complete by the present state, or by that of its announcement.
    pub pending_by_present: bool,
    /// Whether stale cosignatures of a waiting aggregate are dropped.
    pub stale_dropped: bool,
    /// How often a used deposit is paid back, healthy 1.
    pub deposit_payments: u8,
    /// Who is paid a deposit.
    pub deposit_recipient: DepositRecipient,
    /// Whether a transfer to oneself reads the balance again before it writes it.
    pub transfer_reads_again: bool,
    /// NIS1: whether M-of-N asks only for M when somebody is removed; else for all that stay.
    pub m_of_n_removal_by_minimum: bool,
    /// NIS1: whether the removed cosignatory's signature is left out.
    pub removed_left_out: bool,
    /// NIS1: whether a stored threshold of N means all, as 0 does.
    pub stored_n_is_all: bool,
    /// NIS1: when the new threshold is compared with the number of cosignatories.
    pub range_check: RangeCheck,
    /// NIS1: whether the change of the threshold is relative.
    pub delta_relative: bool,
    /// NIS1: whether a change of the threshold by 0 is taken.
    pub zero_delta_taken: bool,
    /// NIS1: whether one stranger's signature spoils the whole.
    pub stranger_refused: bool,
    /// NIS1: whether an account may not add itself.
    pub self_addition_refused: bool,
    /// NIS1: whether there is one level only.
    pub one_level: bool,
    /// NIS1: whether judging signatures leaves the cosignatories alone.
    pub judging_changes_nothing: bool,
    /// NIS1: whether a second modification of an account in one block is refused.
    pub conflict_refused: bool,
    /// NIS1: whether who signed in a block may not harvest it.
    pub self_signed_refused: bool,
    /// NIS1: whether a block counts inner transactions and signatures.
    pub block_counts_inner: bool,
    /// NIS1: who pays the fees of a wrapper and its signatures.
    pub fee_payer: FeePayer,
    /// NIS1: whether a signature costs its own fee, or as much as the inner transaction.
    pub signature_own_fee: bool,
    /// Whether an aggregate that is announced again takes the cosignatures that are new.
    pub announced_again_merges: bool,
    /// Whether cosignatures that come with an announcement are judged like those that come later.
    pub attached_offered: bool,
    /// Whether an aggregate may wait whose own signer may not sign it.
    pub ineligible_signer_waits: bool,
    /// Whether a failure of what is held and a new cosignature ends a waiting aggregate.
    pub failure_ends_waiting: bool,
    /// Whether an announcement asks for the lock before it looks at the aggregate's own rules.
    pub lock_before_stateless: bool,
    /// Whether a lock of the open block lets no aggregate in yet.
    pub lock_confirmed: bool,
    /// Whether cosignatures are judged by the state that the last block left.
    pub judged_by_confirmed: bool,
    /// Whether a lock on a hash is refused while the cache holds one that counts (Symbol: an active one).
    pub second_lock_refused: bool,
    /// Whether a lock that has ended is kept for a while; the older eras.
    pub ended_lock_kept: bool,
    /// Whether an announcement without cosignatures is executed at once if it needs none.
    pub completeness_at_announcement: bool,
    /// Whether a transaction that was executed is refused the second time.
    pub repeat_refused: bool,
    /// Whether deadlines are looked at.
    pub deadline_asked: bool,
    /// Whether what waits ends with its deadline, or one block later.
    pub deadline_exact: bool,
    /// NIS1: whether a message that fills its last unit of bytes pays for one more.
    pub message_unit_begun: bool,
    /// NIS1: whether a signature must be that of a cosignatory to match.
    pub signature_must_match: bool,
    /// NIS1: what a transfer of mosaics pays for them.
    pub mosaic_fee: MosaicFee,
}

impl Default for Conduct {
    fn default() -> Self {
        Self {
            depth_scope: DepthScope::Both,
            loop_scope: LoopScope::Transitive,
            loop_before_depth: false,
            limit_subject: LimitSubject::Count,
            count_wraps: true,
            repeats_refused: true,
            both_sets_refused: true,
            list_order: ListOrder::Native,
            membership_order: ListOrder::Native,
            settings_bound: SettingsBound::After,
            minimum_least: 1,
            minimum_wraps: false,
            dissolution: true,
            initiation: Initiation::Never,
            bare_modification: false,
            eligibility_time: EligibilityTime::First,
            signer_votes: 1,
            failure_undone: true,
            undo_newest_first: true,
            minima_undo: MinimaUndo::Saved,
            back_link_removed: true,
            empty_entry_removed: true,
            expiry: true,
            pending_by_present: true,
            stale_dropped: true,
            deposit_payments: 1,
            deposit_recipient: DepositRecipient::Rightful,
            transfer_reads_again: true,
            m_of_n_removal_by_minimum: true,
            removed_left_out: true,
            stored_n_is_all: true,
            range_check: RangeCheck::Always,
            delta_relative: true,
            zero_delta_taken: true,
            stranger_refused: true,
            self_addition_refused: true,
            one_level: true,
            judging_changes_nothing: true,
            conflict_refused: true,
            self_signed_refused: true,
            block_counts_inner: true,
            fee_payer: FeePayer::Multisig,
            signature_own_fee: true,
            announced_again_merges: true,
            attached_offered: true,
            ineligible_signer_waits: true,
            failure_ends_waiting: true,
            lock_before_stateless: true,
            lock_confirmed: true,
            judged_by_confirmed: true,
            second_lock_refused: true,
            ended_lock_kept: true,
            completeness_at_announcement: true,
            repeat_refused: true,
            deadline_asked: true,
            deadline_exact: true,
            message_unit_begun: true,
            signature_must_match: true,
            mosaic_fee: MosaicFee::ByEquivalent,
        }
    }
}
