//! Faults in the ledger's own work: writing, undoing, paying.

use super::{ALL, CATAPULT, Fault};
use crate::protocol::conduct::MinimaUndo;

pub(super) const FAULTS: &[Fault] = &[
    Fault {
        name: "failure-keeps-effects",
        protocols: ALL,
        description: "A failed transaction keeps what its earlier parts did.",
        origin: "catapult, BatchEntityProcessor: on failure everything observed is taken back",
        edit: |protocol| protocol.conduct.failure_undone = false,
    },
    Fault {
        name: "undo-in-wrong-order",
        protocols: ALL,
        description: "Writes are taken back oldest first.",
        origin: "catapult, UtUpdater: undone in reverse order",
        edit: |protocol| protocol.conduct.undo_newest_first = false,
    },
    Fault {
        name: "undo-loses-thresholds",
        protocols: ALL,
        description: "Undoing a dissolution brings the cosignatories back and the thresholds not.",
        origin: "catapult-server before 1b616914 (v0.4.0.1)",
        edit: |protocol| protocol.conduct.minima_undo = MinimaUndo::LostOnDissolution,
    },
    Fault {
        name: "back-link-kept",
        protocols: ALL,
        description: "A removed cosignatory still believes to cosign for the account.",
        origin: "catapult, MultisigCosignatoriesObserver: the link is removed on both sides",
        edit: |protocol| protocol.conduct.back_link_removed = false,
    },
    Fault {
        name: "empty-entry-left-behind",
        protocols: CATAPULT,
        description: "A dissolved account keeps its thresholds.",
        origin: "catapult, MultisigCosignatoriesObserver: the entry disappears with both sets empty",
        edit: |protocol| protocol.conduct.empty_entry_removed = false,
    },
    Fault {
        name: "supply-grows-on-self-transfer",
        protocols: ALL,
        description: "A transfer to oneself writes a balance that was read before the debit.",
        origin: "catapult, BalanceTransferObserver: debits, then credits",
        edit: |protocol| protocol.conduct.transfer_reads_again = false,
    },
    Fault {
        name: "executed-again",
        protocols: ALL,
        description: "A transaction is executed as often as it comes.",
        origin: "catapult, services/hashcache, UniqueTransactionHash; nis1, BlockUniqueHash",
        edit: |protocol| protocol.conduct.repeat_refused = false,
    },
    Fault {
        name: "deadline-ignored",
        protocols: ALL,
        description: "A transaction is taken long after its deadline, or long before.",
        origin: "catapult, coresystem/DeadlineValidator; nis1, DeadlineValidator",
        edit: |protocol| protocol.conduct.deadline_asked = false,
    },
    Fault {
        name: "lifetime-one-block-longer",
        protocols: ALL,
        description: "What waits may be completed in the first block after its deadline.",
        origin: "catapult, coresystem/DeadlineValidator: block time > deadline is past",
        edit: |protocol| protocol.conduct.deadline_exact = false,
    },
    Fault {
        name: "future-deadline-doubled",
        protocols: ALL,
        description: "The deadline of what need not wait may lie twice as far ahead.",
        origin: "catapult, coresystem/DeadlineValidator: maxTransactionLifetime",
        edit: |protocol| {
            let doubled = protocol.limits.transaction_lifetime_seconds.saturating_mul(2);
            protocol.limits.transaction_lifetime_seconds = doubled;
        },
    },
];
