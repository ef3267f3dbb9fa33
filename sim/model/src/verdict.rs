//! The answer of a ledger: accepted, pending, rejected for a reason, or refused unread.

/// Why a server's validators say no. One word for all protocols; each protocol has its own spelling.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
#[expect(missing_docs, reason = "the names are the field's own; protocol/names.rs spells them out")]
pub enum Reason {
    AggregateNoTransactions,
    AggregateTooManyTransactions,
    AggregateTooManyCosignatures,
    AggregateRedundantCosignatures,
    AggregateIneligibleCosignatories,
    AggregateMissingCosignatures,
    MultisigAccountInBothSets,
    MultisigMultipleDeletes,
    MultisigRedundantModification,
    MultisigUnknownMultisigAccount,
    MultisigNotACosignatory,
    MultisigAlreadyACosignatory,
    MultisigMinSettingOutOfRange,
    MultisigMinSettingLargerThanNumCosignatories,
    MultisigInvalidModificationAction,
    MultisigMaxCosignedAccounts,
    MultisigMaxCosignatories,
    MultisigLoop,
    MultisigMaxMultisigDepth,
    MultisigOperationProhibitedByAccount,
    InsufficientBalance,
    MessageTooLarge,
    LockHashUnknownHash,
    LockHashInactiveHash,
    LockHashInvalidDuration,
    LockHashInvalidMosaicAmount,
    LockHashHashAlreadyExists,
    PastDeadline,
    FutureDeadline,
    HashAlreadyExists,
    MosaicUnknown,
    MosaicOwnerConflict,
    MosaicSupplyImmutable,
    MosaicSupplyNegative,
    MosaicSupplyExceeded,
    MosaicNonTransferable,
    TransactionNotAllowedForMultisig,
    MultisigNotACosigner,
    MultisigInvalidCosigners,
    MultisigAccountCannotBeCosigner,
    MultisigMinCosignatoriesOutOfRange,
    TooManyMultisigCosigners,
    ConflictingMultisigModification,
    TooManyTransactions,
    SelfSignedTransaction,
    MultisigNoMatchingMultisig,
    TransactionDuplicateInChain,
    Neutral,
}

impl Reason {
    /// Every reason, in the order of the enum.
    pub const ALL: [Self; 48] = [
        Self::AggregateNoTransactions,
        Self::AggregateTooManyTransactions,
        Self::AggregateTooManyCosignatures,
        Self::AggregateRedundantCosignatures,
        Self::AggregateIneligibleCosignatories,
        Self::AggregateMissingCosignatures,
        Self::MultisigAccountInBothSets,
        Self::MultisigMultipleDeletes,
        Self::MultisigRedundantModification,
        Self::MultisigUnknownMultisigAccount,
        Self::MultisigNotACosignatory,
        Self::MultisigAlreadyACosignatory,
        Self::MultisigMinSettingOutOfRange,
        Self::MultisigMinSettingLargerThanNumCosignatories,
        Self::MultisigInvalidModificationAction,
        Self::MultisigMaxCosignedAccounts,
        Self::MultisigMaxCosignatories,
        Self::MultisigLoop,
        Self::MultisigMaxMultisigDepth,
        Self::MultisigOperationProhibitedByAccount,
        Self::InsufficientBalance,
        Self::MessageTooLarge,
        Self::LockHashUnknownHash,
        Self::LockHashInactiveHash,
        Self::LockHashInvalidDuration,
        Self::LockHashInvalidMosaicAmount,
        Self::LockHashHashAlreadyExists,
        Self::PastDeadline,
        Self::FutureDeadline,
        Self::HashAlreadyExists,
        Self::MosaicUnknown,
        Self::MosaicOwnerConflict,
        Self::MosaicSupplyImmutable,
        Self::MosaicSupplyNegative,
        Self::MosaicSupplyExceeded,
        Self::MosaicNonTransferable,
        Self::TransactionNotAllowedForMultisig,
        Self::MultisigNotACosigner,
        Self::MultisigInvalidCosigners,
        Self::MultisigAccountCannotBeCosigner,
        Self::MultisigMinCosignatoriesOutOfRange,
        Self::TooManyMultisigCosigners,
        Self::ConflictingMultisigModification,
        Self::TooManyTransactions,
        Self::SelfSignedTransaction,
        Self::MultisigNoMatchingMultisig,
        Self::TransactionDuplicateInChain,
        Self::Neutral,
    ];
}

/// Why a server drops a packet before it validates anything; the servers have no name for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Refusal {
    /// A transaction type that may not stand inside (or may only stand inside) an aggregate.
    NotEmbeddable,
    /// A type that the protocol does not have.
    UnknownType,
    /// More entries than the wire format can count.
    TooManyEntries,
    /// A NIS1 modification that its constructor throws out.
    EmptyModification,
    /// A NIS1 wrapper that does not hold exactly one transaction.
    NotOneInnerTransaction,
    /// A version the protocol does not have.
    UnknownVersion,
    /// A cosignature for something that is not waiting (never announced, complete, or expired).
    NotPending,
    /// A second announcement under one id, of another transaction.
    AlreadyAnnounced,
    /// A key that was lost earlier in the scenario cannot sign.
    LostKey,
    /// Rolling back further than the ledger keeps copies.
    BeyondHorizon,
}

impl Refusal {
    /// The name that scenarios use.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::NotEmbeddable => "Refused_Not_Embeddable",
            Self::UnknownType => "Refused_Unknown_Type",
            Self::TooManyEntries => "Refused_Too_Many_Entries",
            Self::EmptyModification => "Refused_Empty_Modification",
            Self::NotOneInnerTransaction => "Refused_Not_One_Inner_Transaction",
            Self::UnknownVersion => "Refused_Unknown_Version",
            Self::NotPending => "Refused_Not_Pending",
            Self::AlreadyAnnounced => "Refused_Already_Announced",
            Self::LostKey => "Refused_Lost_Key",
            Self::BeyondHorizon => "Refused_Beyond_Horizon",
        }
    }

    /// Every refusal.
    pub const ALL: [Self; 10] = [
        Self::NotEmbeddable,
        Self::UnknownType,
        Self::TooManyEntries,
        Self::EmptyModification,
        Self::NotOneInnerTransaction,
        Self::UnknownVersion,
        Self::NotPending,
        Self::AlreadyAnnounced,
        Self::LostKey,
        Self::BeyondHorizon,
    ];
}

/// What became of a step.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[must_use]
pub enum Verdict {
    /// Executed.
    Accepted,
    /// Valid so far and waiting for signatures.
    Pending,
    /// The first failure of validation; nothing changed.
    Rejected(Reason),
    /// Dropped before validation; nothing changed.
    Refused(Refusal),
}

impl Verdict {
    /// Whether the step was executed.
    #[must_use]
    pub const fn is_accepted(self) -> bool {
        matches!(self, Self::Accepted)
    }
}

impl From<Result<(), Reason>> for Verdict {
    fn from(result: Result<(), Reason>) -> Self {
        match result {
            Ok(()) => Self::Accepted,
            Err(reason) => Self::Rejected(reason),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_list_of_reasons_is_the_enum() {
        for (index, reason) in Reason::ALL.iter().enumerate() {
            assert_eq!(*reason as usize, index);
        }
        assert_eq!(Reason::ALL.len(), Reason::Neutral as usize + 1);
    }
}
