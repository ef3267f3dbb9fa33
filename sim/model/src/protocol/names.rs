//! How each protocol spells a reason.
//!
//! Sources: NIS1 `ValidationResult`; Catapult v0.4.0.1 and v0.8.0.3 and Symbol 1.0 `Results.h` of the
//! plugins. Where an older era has no name of its own in the sources read, Symbol's is used. The
//! mosaic rules are this testbench's own and say so.

use super::Base;
use crate::verdict::Reason;

/// The columns: nis1, catapult-v3, catapult-v1 and symbol. Empty: this protocol never says it.
#[rustfmt::skip]
const fn row(reason: Reason) -> [&'static str; 3] {
    use Reason as R;
    match reason {
        R::AggregateNoTransactions => ["", "Failure_Aggregate_No_Transactions", "Failure_Aggregate_No_Transactions"],
        R::AggregateTooManyTransactions => ["", "Failure_Aggregate_Too_Many_Transactions", "Failure_Aggregate_Too_Many_Transactions"],
        R::AggregateTooManyCosignatures => ["", "Failure_Aggregate_Too_Many_Cosignatures", "Failure_Aggregate_Too_Many_Cosignatures"],
        R::AggregateRedundantCosignatures => ["", "Failure_Aggregate_Redundant_Cosignatures", "Failure_Aggregate_Redundant_Cosignatures"],
        R::AggregateIneligibleCosignatories => ["", "Failure_Aggregate_Ineligible_Cosigners", "Failure_Aggregate_Ineligible_Cosignatories"],
        R::AggregateMissingCosignatures => ["", "Failure_Aggregate_Missing_Cosigners", "Failure_Aggregate_Missing_Cosignatures"],
        R::MultisigAccountInBothSets => ["", "Failure_Multisig_Modify_Account_In_Both_Sets", "Failure_Multisig_Account_In_Both_Sets"],
        R::MultisigMultipleDeletes => ["FAILURE_MULTISIG_MODIFICATION_MULTIPLE_DELETES", "Failure_Multisig_Modify_Multiple_Deletes", "Failure_Multisig_Multiple_Deletes"],
        R::MultisigRedundantModification => ["FAILURE_MULTISIG_MODIFICATION_REDUNDANT_MODIFICATIONS", "Failure_Multisig_Modify_Redundant_Modifications", "Failure_Multisig_Redundant_Modification"],
        R::MultisigUnknownMultisigAccount => ["", "Failure_Multisig_Modify_Unknown_Multisig_Account", "Failure_Multisig_Unknown_Multisig_Account"],
        R::MultisigNotACosignatory => ["", "Failure_Multisig_Modify_Not_A_Cosigner", "Failure_Multisig_Not_A_Cosignatory"],
        R::MultisigAlreadyACosignatory => ["FAILURE_MULTISIG_ALREADY_A_COSIGNER", "Failure_Multisig_Modify_Already_A_Cosigner", "Failure_Multisig_Already_A_Cosignatory"],
        R::MultisigMinSettingOutOfRange => ["", "Failure_Multisig_Modify_Min_Setting_Out_Of_Range", "Failure_Multisig_Min_Setting_Out_Of_Range"],
        R::MultisigMinSettingLargerThanNumCosignatories => ["", "Failure_Multisig_Modify_Min_Setting_Larger_Than_Num_Cosignatories", "Failure_Multisig_Min_Setting_Larger_Than_Num_Cosignatories"],
        R::MultisigInvalidModificationAction => ["", "Failure_Multisig_Modify_Unsupported_Modification_Type", "Failure_Multisig_Invalid_Modification_Action"],
        R::MultisigMaxCosignedAccounts => ["", "Failure_Multisig_Modify_Max_Cosigned_Accounts", "Failure_Multisig_Max_Cosigned_Accounts"],
        R::MultisigMaxCosignatories => ["", "Failure_Multisig_Modify_Max_Cosigners", "Failure_Multisig_Max_Cosignatories"],
        R::MultisigLoop => ["", "Failure_Multisig_Modify_Loop", "Failure_Multisig_Loop"],
        R::MultisigMaxMultisigDepth => ["", "Failure_Multisig_Modify_Max_Multisig_Depth", "Failure_Multisig_Max_Multisig_Depth"],
        R::MultisigOperationProhibitedByAccount => ["", "Failure_Multisig_Operation_Not_Permitted_By_Account", "Failure_Multisig_Operation_Prohibited_By_Account"],
        R::InsufficientBalance => ["FAILURE_INSUFFICIENT_BALANCE", "Failure_Core_Insufficient_Balance", "Failure_Core_Insufficient_Balance"],
        R::MessageTooLarge => ["FAILURE_MESSAGE_TOO_LARGE", "Failure_Transfer_Message_Too_Large", "Failure_Transfer_Message_Too_Large"],
        R::LockHashUnknownHash => ["", "Failure_LockHash_Hash_Does_Not_Exist", "Failure_LockHash_Unknown_Hash"],
        R::LockHashInactiveHash => ["", "Failure_LockHash_Inactive_Hash", "Failure_LockHash_Inactive_Hash"],
        R::LockHashInvalidDuration => ["", "Failure_LockHash_Invalid_Duration", "Failure_LockHash_Invalid_Duration"],
        R::LockHashInvalidMosaicAmount => ["", "Failure_LockHash_Invalid_Mosaic_Amount", "Failure_LockHash_Invalid_Mosaic_Amount"],
        R::LockHashHashAlreadyExists => ["", "Failure_LockHash_Hash_Exists", "Failure_LockHash_Hash_Already_Exists"],
        R::PastDeadline => ["FAILURE_PAST_DEADLINE", "Failure_Core_Past_Deadline", "Failure_Core_Past_Deadline"],
        R::FutureDeadline => ["FAILURE_FUTURE_DEADLINE", "Failure_Core_Future_Deadline", "Failure_Core_Future_Deadline"],
        R::HashAlreadyExists => ["", "Failure_Hash_Exists", "Failure_Hash_Already_Exists"],
        R::MosaicUnknown => ["Quorate_Mosaic_Unknown"; 3],
        R::MosaicOwnerConflict => ["Quorate_Mosaic_Owner_Conflict"; 3],
        R::MosaicSupplyImmutable => ["Quorate_Mosaic_Supply_Immutable"; 3],
        R::MosaicSupplyNegative => ["Quorate_Mosaic_Supply_Negative"; 3],
        R::MosaicSupplyExceeded => ["Quorate_Mosaic_Supply_Exceeded"; 3],
        R::MosaicNonTransferable => ["Quorate_Mosaic_Non_Transferable"; 3],
        R::TransactionNotAllowedForMultisig => ["FAILURE_TRANSACTION_NOT_ALLOWED_FOR_MULTISIG", "", ""],
        R::MultisigNotACosigner => ["FAILURE_MULTISIG_NOT_A_COSIGNER", "", ""],
        R::MultisigInvalidCosigners => ["FAILURE_MULTISIG_INVALID_COSIGNERS", "", ""],
        R::MultisigAccountCannotBeCosigner => ["FAILURE_MULTISIG_ACCOUNT_CANNOT_BE_COSIGNER", "", ""],
        R::MultisigMinCosignatoriesOutOfRange => ["FAILURE_MULTISIG_MIN_COSIGNATORIES_OUT_OF_RANGE", "", ""],
        R::TooManyMultisigCosigners => ["FAILURE_TOO_MANY_MULTISIG_COSIGNERS", "", ""],
        R::ConflictingMultisigModification => ["FAILURE_CONFLICTING_MULTISIG_MODIFICATION", "", ""],
        R::TooManyTransactions => ["FAILURE_TOO_MANY_TRANSACTIONS", "", ""],
        R::SelfSignedTransaction => ["FAILURE_SELF_SIGNED_TRANSACTION", "", ""],
        R::MultisigNoMatchingMultisig => ["FAILURE_MULTISIG_NO_MATCHING_MULTISIG", "", ""],
        R::TransactionDuplicateInChain => ["FAILURE_TRANSACTION_DUPLICATE_IN_CHAIN", "", ""],
        R::Neutral => ["NEUTRAL", "", ""],
    }
}

/// The spelling of `reason` in `base`; the other family's spelling where this one has none.
pub(super) fn of(base: Base, reason: Reason) -> &'static str {
    let [nis1, v3, newer] = row(reason);
    let own = match base {
        Base::Nis1 => nis1,
        Base::CatapultV3 => v3,
        Base::CatapultV1 | Base::Symbol => newer,
    };
    match (own, newer) {
        ("", "") => nis1,
        ("", newer) => newer,
        (own, _) => own,
    }
}

/// Whether `base` can give this reason at all.
pub(super) fn is_native(base: Base, reason: Reason) -> bool {
    let [nis1, v3, newer] = row(reason);
    match base {
        Base::Nis1 => !nis1.is_empty(),
        Base::CatapultV3 => !v3.is_empty(),
        Base::CatapultV1 => !newer.is_empty(),
        Base::Symbol => !newer.is_empty() && reason != Reason::MultisigInvalidModificationAction,
    }
}
