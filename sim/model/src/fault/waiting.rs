//! Faults around bonded aggregates and their deposits.

use super::{CATAPULT, ERAS, Fault};
use crate::protocol::conduct::DepositRecipient;

pub(super) const FAULTS: &[Fault] = &[
    Fault {
        name: "expired-aggregate-executes",
        protocols: CATAPULT,
        description: "What waits beyond its time, or its deposit's, goes on waiting.",
        origin: "catapult, maxBondedTransactionLifetime; AggregateHashPresentValidator: Inactive_Hash",
        edit: |protocol| protocol.conduct.expiry = false,
    },
    Fault {
        name: "bonded-lifetime-doubled",
        protocols: CATAPULT,
        description: "A bonded aggregate may wait longer than its own limit.",
        origin: "catapult-server before 1b616914: bonded aggregates had no limit of their own",
        edit: |protocol| {
            let doubled = protocol.limits.bonded_lifetime_seconds.saturating_mul(2);
            protocol.limits.bonded_lifetime_seconds = doubled;
        },
    },
    Fault {
        name: "pending-judged-by-announcement",
        protocols: CATAPULT,
        description: "Whether signatures are missing is judged by the state at the announcement.",
        origin: "catapult, extensions/partialtransaction: judged by the confirmed state",
        edit: |protocol| protocol.conduct.pending_by_present = false,
    },
    Fault {
        name: "stale-cosignature-kept",
        protocols: CATAPULT,
        description: "A signature that a modification made stale stays with what waits.",
        origin: "catapult, extensions/partialtransaction: accepted cosignatures are judged again",
        edit: |protocol| protocol.conduct.stale_dropped = false,
    },
    Fault {
        name: "deposit-returned-twice",
        protocols: CATAPULT,
        description: "The deposit of a used hash lock is paid back twice.",
        origin: "catapult, plugins/txes/lock_hash: on success the deposit is returned",
        edit: |protocol| protocol.conduct.deposit_payments = 2,
    },
    Fault {
        name: "deposit-to-the-aggregate-signer",
        protocols: CATAPULT,
        description: "The deposit of a used hash lock goes to whoever signed the aggregate.",
        origin: "catapult, plugins/txes/lock_hash: the deposit returns to the lock's owner",
        edit: |protocol| protocol.conduct.deposit_recipient = DepositRecipient::AggregateSigner,
    },
    Fault {
        name: "expired-deposit-to-its-owner",
        protocols: CATAPULT,
        description: "The deposit of an expired hash lock goes back to its owner.",
        origin: "catapult, plugins/txes/lock_hash: expiry pays the harvester; wrong account: 12bee307",
        edit: |protocol| protocol.conduct.deposit_recipient = DepositRecipient::OwnerAlways,
    },
    Fault {
        name: "hash-lock-one-block-too-long",
        protocols: CATAPULT,
        description: "A hash lock may last one block longer than the limit.",
        origin: "catapult, plugins/txes/lock_hash: duration from 1 to maxHashLockDuration",
        edit: |protocol| {
            let longest = protocol.limits.hash_lock_duration_blocks_max.saturating_add(1);
            protocol.limits.hash_lock_duration_blocks_max = longest;
        },
    },
    Fault {
        name: "second-announcement-ignored",
        protocols: CATAPULT,
        description: "Cosignatures that arrive with a second announcement are lost.",
        origin: "catapult, extensions/partialtransaction, PtUpdater: an existing one takes what is new",
        edit: |protocol| protocol.conduct.announced_again_merges = false,
    },
    Fault {
        name: "attached-cosignatures-unjudged",
        protocols: CATAPULT,
        description: "Cosignatures that come with an announcement are kept as they are.",
        origin: "catapult, extensions/partialtransaction, PtUpdater: each is offered and judged",
        edit: |protocol| protocol.conduct.attached_offered = false,
    },
    Fault {
        name: "ineligible-signer-refused",
        protocols: CATAPULT,
        description: "An announcement is refused if its own signer may not sign it.",
        origin: "catapult, extensions/partialtransaction, PtValidator: custom stateful validators wait",
        edit: |protocol| protocol.conduct.ineligible_signer_waits = false,
    },
    Fault {
        name: "failure-leaves-it-waiting",
        protocols: CATAPULT,
        description: "A cosignature that makes too many, or is its signer's, ends no aggregate.",
        origin: "catapult, extensions/partialtransaction, PtUpdater: an unexpected failure purges",
        edit: |protocol| protocol.conduct.failure_ends_waiting = false,
    },
    Fault {
        name: "list-before-lock",
        protocols: CATAPULT,
        description: "An announcement is judged by its modifications before its lock is asked for.",
        origin: "catapult, extensions/partialtransaction, PtValidator: basic rules, then the plugins'",
        edit: |protocol| protocol.conduct.lock_before_stateless = false,
    },
    Fault {
        name: "unconfirmed-lock-counts",
        protocols: CATAPULT,
        description: "A hash lock of the open block lets an aggregate wait.",
        origin: "catapult, extensions/partialtransaction: judged by the confirmed state",
        edit: |protocol| protocol.conduct.lock_confirmed = false,
    },
    Fault {
        name: "waiting-judged-by-open-block",
        protocols: CATAPULT,
        description: "Cosignatures are judged by what the open block changed, not by confirmed state.",
        origin: "catapult, extensions/partialtransaction, JointValidator: a view of the cache",
        edit: |protocol| protocol.conduct.judged_by_confirmed = false,
    },
    Fault {
        name: "complete-announcement-waits",
        protocols: CATAPULT,
        description: "An aggregate that needs no cosignature waits for one.",
        origin: "catapult, extensions/partialtransaction, PtUpdater: 1-of-1 is complete at once",
        edit: |protocol| protocol.conduct.completeness_at_announcement = false,
    },
    Fault {
        name: "second-lock-taken",
        protocols: CATAPULT,
        description: "A hash may be locked while a lock on it holds.",
        origin: "catapult, plugins/txes/lock_hash, HashLockCacheUniqueValidator",
        edit: |protocol| protocol.conduct.second_lock_refused = false,
    },
    Fault {
        name: "ended-lock-forgotten",
        protocols: ERAS,
        description: "A hash lock that was used or ran out may be made again at once.",
        origin: "catapult-server v0.8.0.3, HashLockCacheUniqueValidator: the cache contains it",
        edit: |protocol| protocol.conduct.ended_lock_kept = false,
    },
    Fault {
        name: "hash-lock-remembered-longer",
        protocols: ERAS,
        description: "A hash lock that has ended is forgotten one block late.",
        origin: "catapult-server v0.8.0.3, HashLockPlugin: pruned maxRollbackBlocks after its end",
        edit: |protocol| {
            let blocks = protocol.limits.max_rollback_blocks.saturating_add(1);
            protocol.limits.max_rollback_blocks = blocks;
        },
    },
];
