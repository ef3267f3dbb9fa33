//! Faults in the limits.

use super::{ALL, CATAPULT, Fault};
use crate::protocol::conduct::{DepthScope, LimitSubject};

/// One more than the limit.
fn more(limit: &mut u32) {
    *limit = limit.saturating_add(1);
}

/// One fewer than the limit.
fn fewer(limit: &mut u32) {
    *limit = limit.saturating_sub(1);
}

pub(super) const FAULTS: &[Fault] = &[
    Fault {
        name: "depth-one-too-many",
        protocols: CATAPULT,
        description: "One level more than the limit is taken.",
        origin: "catapult, MultisigLoopAndLevelValidator: Max_Multisig_Depth",
        edit: |protocol| more(&mut protocol.limits.max_multisig_depth),
    },
    Fault {
        name: "depth-one-too-few",
        protocols: CATAPULT,
        description: "The last level that the limit allows is refused.",
        origin: "catapult, MultisigLoopAndLevelValidator: Max_Multisig_Depth",
        edit: |protocol| fewer(&mut protocol.limits.max_multisig_depth),
    },
    Fault {
        name: "depth-only-upwards",
        protocols: CATAPULT,
        description: "Levels below an added account are not counted.",
        origin: "catapult, MultisigLoopAndLevelValidator: path up + path down + 1",
        edit: |protocol| protocol.conduct.depth_scope = DepthScope::Above,
    },
    Fault {
        name: "depth-only-downwards",
        protocols: CATAPULT,
        description: "Levels above the changed account are not counted.",
        origin: "catapult, MultisigLoopAndLevelValidator: path up + path down + 1",
        edit: |protocol| protocol.conduct.depth_scope = DepthScope::Below,
    },
    Fault {
        name: "cosignatory-limit-one-too-many",
        protocols: ALL,
        description: "One cosignatory more than the limit is taken.",
        origin: "catapult, MultisigMaxCosignatoriesValidator: Max_Cosignatories; nis1 752113079",
        edit: |protocol| more(&mut protocol.limits.max_cosignatories_per_account),
    },
    Fault {
        name: "cosignatory-limit-one-too-few",
        protocols: ALL,
        description: "The last cosignatory that the limit allows is refused.",
        origin: "catapult, MultisigMaxCosignatoriesValidator: Max_Cosignatories",
        edit: |protocol| fewer(&mut protocol.limits.max_cosignatories_per_account),
    },
    Fault {
        name: "cosigned-limit-one-too-many",
        protocols: CATAPULT,
        description: "An account may cosign for one more than the limit.",
        origin: "catapult, MultisigMaxCosignedAccountsValidator: Max_Cosigned_Accounts",
        edit: |protocol| more(&mut protocol.limits.max_cosigned_accounts_per_account),
    },
    Fault {
        name: "cap-forgets-the-signer",
        protocols: CATAPULT,
        description: "The cap on signatures counts the cosignatures without the signer.",
        origin: "catapult, BasicAggregateCosignaturesValidator: cosignatures + 1 against the limit",
        edit: |protocol| more(&mut protocol.limits.max_cosignatures_per_aggregate),
    },
    Fault {
        name: "cap-one-too-few",
        protocols: CATAPULT,
        description: "The last signature that the cap allows is refused.",
        origin: "catapult, BasicAggregateCosignaturesValidator: Too_Many_Cosignatures",
        edit: |protocol| fewer(&mut protocol.limits.max_cosignatures_per_aggregate),
    },
    Fault {
        name: "transaction-limit-one-too-many",
        protocols: CATAPULT,
        description: "An aggregate may hold one transaction more than the limit.",
        origin: "catapult, BasicAggregateCosignaturesValidator: Too_Many_Transactions",
        edit: |protocol| more(&mut protocol.limits.max_transactions_per_aggregate),
    },
    Fault {
        name: "message-limit-one-too-many",
        protocols: ALL,
        description: "A message may be one byte longer than the limit.",
        origin: "catapult, TransferMessageValidator: Message_Too_Large; nis1 TransferTransactionValidator",
        edit: |protocol| more(&mut protocol.limits.max_message_bytes),
    },
    Fault {
        name: "limit-forgets-additions",
        protocols: CATAPULT,
        description: "The limit on cosignatories does not count what is being added.",
        origin: "catapult, MultisigMaxCosignatoriesValidator: current + additions - deletions",
        edit: |protocol| protocol.conduct.limit_subject = LimitSubject::CountWithoutAdditions,
    },
    Fault {
        name: "limit-forgets-deletions",
        protocols: CATAPULT,
        description: "A cosignatory cannot be replaced at the limit.",
        origin: "catapult, MultisigMaxCosignatoriesValidator: current + additions - deletions",
        edit: |protocol| protocol.conduct.limit_subject = LimitSubject::CountWithoutDeletions,
    },
    Fault {
        name: "limit-on-thresholds",
        protocols: CATAPULT,
        description: "The limit on cosignatories is compared with the thresholds.",
        origin: "catapult-server before 19625f08",
        edit: |protocol| protocol.conduct.limit_subject = LimitSubject::Thresholds,
    },
    Fault {
        name: "count-does-not-wrap",
        protocols: CATAPULT,
        description: "Removing from a plain account is not reported as too many cosignatories.",
        origin: "catapult, MultisigMaxCosignatoriesValidator: the unsigned subtraction wraps",
        edit: |protocol| protocol.conduct.count_wraps = false,
    },
];
