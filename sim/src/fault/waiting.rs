//! Faults around bonded aggregates and their deposits.

use super::{CATAPULT, Fault};
use crate::protocol::conduct::DepositRecipient;

pub(super) const FAULTS: &[Fault] = &[
    Fault {
        name: "expired-aggregate-executes",
        protocols: CATAPULT,
        description: "What waits beyond its time, or its deposit's, goes on waiting.",
        origin: "catapult, maxBondedTransactionLifetime; AggregateHashPresentValidator: Inactive_Hash",
        edit: |law| law.conduct.expiry = false,
    },
    Fault {
        name: "bonded-lifetime-doubled",
        protocols: CATAPULT,
        description: "A bonded aggregate may wait longer than its own limit.",
        origin: "catapult-server before 1b616914: bonded aggregates had no limit of their own",
        edit: |law| {
            let doubled = law.limits.bonded_lifetime_seconds.saturating_mul(2);
            law.limits.bonded_lifetime_seconds = doubled;
        },
    },
    Fault {
        name: "pending-judged-by-announcement",
        protocols: CATAPULT,
        description: "Whether signatures are missing is judged by the state at the announcement.",
        origin: "catapult, extensions/partialtransaction: judged by the confirmed state",
        edit: |law| law.conduct.pending_by_present = false,
    },
    Fault {
        name: "stale-cosignature-kept",
        protocols: CATAPULT,
        description: "A signature that a modification made stale stays with what waits.",
        origin: "catapult, extensions/partialtransaction: accepted cosignatures are judged again",
        edit: |law| law.conduct.stale_dropped = false,
    },
    Fault {
        name: "deposit-returned-twice",
        protocols: CATAPULT,
        description: "The deposit of a used hash lock is paid back twice.",
        origin: "catapult, plugins/txes/lock_hash: on success the deposit is returned",
        edit: |law| law.conduct.deposit_payments = 2,
    },
    Fault {
        name: "deposit-to-the-aggregate-signer",
        protocols: CATAPULT,
        description: "The deposit of a used hash lock goes to whoever signed the aggregate.",
        origin: "catapult, plugins/txes/lock_hash: the deposit returns to the lock's owner",
        edit: |law| law.conduct.deposit_recipient = DepositRecipient::AggregateSigner,
    },
    Fault {
        name: "expired-deposit-to-its-owner",
        protocols: CATAPULT,
        description: "The deposit of an expired hash lock goes back to its owner.",
        origin: "catapult, plugins/txes/lock_hash: expiry pays the harvester; wrong account: 12bee307",
        edit: |law| law.conduct.deposit_recipient = DepositRecipient::OwnerAlways,
    },
    Fault {
        name: "hash-lock-one-block-too-long",
        protocols: CATAPULT,
        description: "A hash lock may last one block longer than the limit.",
        origin: "catapult, plugins/txes/lock_hash: duration from 1 to maxHashLockDuration",
        edit: |law| {
            let longest = law.limits.hash_lock_duration_blocks_max.saturating_add(1);
            law.limits.hash_lock_duration_blocks_max = longest;
        },
    },
];
