//! What each result name means: the check that gives it, where that stands, when it runs, and what
//! helps.
//!
//! Sources: `plugins/*/src/validators` of the Catapult server (tags v0.4.0.1 and v0.8.0.3, and Symbol
//! 1.0.3.8), `org.nem.nis.validators` and `org.nem.core.model.ValidationResult` of NIS1 0.6.102.

use crate::protocol::Base;
use crate::verdict::{Reason, Refusal};

/// When a check runs. The earlier one decides, whatever else is wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    /// Before the state is looked at, over the whole transaction with all its parts.
    Stateless,
    /// Once, on the state before the transaction.
    Transaction,
    /// For each part in turn, on the state that the parts before it left.
    Part,
    /// Once the transactions of a block have been executed.
    Block,
    /// When a transaction or a signature enters the pool of unconfirmed ones.
    Pool,
}

impl Stage {
    /// The stage in words.
    #[must_use]
    pub const fn text(self) -> &'static str {
        match self {
            Self::Stateless => {
                "before the state is looked at, over the whole transaction with all its parts"
            }
            Self::Transaction => "once, on the state before the transaction",
            Self::Part => "for each part in turn, on the state that the parts before it left",
            Self::Block => "once all transactions of a block have been executed",
            Self::Pool => "when a transaction or a signature enters the pool of unconfirmed ones",
        }
    }
}

/// What one reason means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Meaning {
    /// The server's own name of the check: on Catapult, on NIS1; empty where it has none.
    pub check: [&'static str; 2],
    /// When it runs.
    pub stage: Stage,
    /// What is wrong.
    pub text: &'static str,
    /// What people did who met it.
    pub remedy: &'static str,
    /// The number behind the name on catapult-v3, catapult-v1 and symbol, and on NIS1; 0: none.
    pub codes: [u32; 4],
}

/// `FAILURE_MULTISIG_NOT_A_COSIGNER` where a modification removes somebody who is no cosigner: the check
/// that gives it, and what helps.
pub(super) const REMOVED_STRANGER: (&str, &str) = (
    "MultisigCosignatoryModificationValidator",
    "remove a present cosigner only; look at the account's present cosigners",
);

impl Meaning {
    /// The server's own name of the check on this base; empty where it has none.
    #[must_use]
    pub const fn check_of(&self, base: Base) -> &'static str {
        let [catapult, nis1] = self.check;
        match base {
            Base::Nis1 => nis1,
            _ => catapult,
        }
    }
}

/// The number of a Catapult failure: severity, facility and code (`ValidationResult.h`).
const fn failure(facility: u8, code: u32) -> u32 {
    0x8000_0000 | (facility as u32) << 16 | code
}

const AGGREGATE: u8 = 0x41;
const CORE: u8 = 0x43;
const LOCK_HASH: u8 = 0x48;
const MULTISIG: u8 = 0x55;
const TRANSFER: u8 = 0x54;

/// The same code on the three Catapult protocols.
const fn alike(facility: u8, code: u32, nis1: u32) -> [u32; 4] {
    let number = failure(facility, code);
    [number, number, number, nis1]
}

/// Codes that v0.4.0.1 numbers otherwise.
const fn moved(facility: u8, oldest: u32, code: u32, nis1: u32) -> [u32; 4] {
    let number = failure(facility, code);
    [failure(facility, oldest), number, number, nis1]
}

const OURS: [u32; 4] = [0; 4];

const fn nis1(code: u32) -> [u32; 4] {
    [0, 0, 0, code]
}

/// Executed.
pub const SUCCESS: Meaning = Meaning {
    check: ["all checks"; 2],
    stage: Stage::Part,
    text: "every check passed and the transaction was executed",
    remedy: "nothing is to be done",
    codes: [0, 0, 0, 1],
};

/// A signature that does not hold; the ledger has none, so no rule of ours gives it.
pub const NOT_VERIFIABLE: Meaning = Meaning {
    check: ["Signature", "the signature, before all validators"],
    stage: Stage::Stateless,
    text: "a signature does not hold over the bytes that are signed: they were changed after it, signed for \
           another network, or put into another order by the server before it verifies",
    remedy: "sign again what the server verifies (`quorate decode` shows it), on Catapult with the generation \
             hash of this network",
    codes: [failure(0x53, 8), failure(0x53, 1), failure(0x53, 1), 8],
};

/// A transactions hash that is not that of the transactions inside.
pub const HASH_MISMATCH: Meaning = Meaning {
    check: ["AggregateTransactionsHash", ""],
    stage: Stage::Stateless,
    text: "the transactions hash, which the signatures cover, is not that of the transactions inside",
    remedy: "compute the hash anew from the transactions inside, then sign",
    codes: [0, failure(0x41, 7), failure(0x41, 7), 0],
};

/// Waiting for signatures: the testbench's own word.
pub const PENDING: Meaning = Meaning {
    check: ["the testbench's own word"; 2],
    stage: Stage::Pool,
    text: "the transaction was announced and waits for signatures",
    remedy: "collect the missing signatures before it expires",
    codes: [0; 4],
};

/// The meaning of a reason.
#[must_use]
pub fn meaning(reason: Reason) -> Meaning {
    let row = ROWS.iter().find(|row| row.0 == reason);
    row.map_or(SUCCESS, |&(_, check, stage, codes, text, remedy)| Meaning {
        check,
        stage,
        text,
        remedy,
        codes,
    })
}

type Row = (Reason, [&'static str; 2], Stage, [u32; 4], &'static str, &'static str);

#[rustfmt::skip]
const ROWS: &[Row] = &[
    (Reason::AggregateNoTransactions, ["BasicAggregateCosignatures", ""], Stage::Stateless, alike(AGGREGATE, 2, 0),
     "the aggregate holds no transaction",
     "put at least one transaction into the aggregate"),
    (Reason::AggregateTooManyTransactions, ["BasicAggregateCosignatures", ""], Stage::Stateless, alike(AGGREGATE, 1, 0),
     "the aggregate holds more transactions than the network allows",
     "split it into several aggregates"),
    (Reason::AggregateTooManyCosignatures, ["BasicAggregateCosignatures", ""], Stage::Stateless, alike(AGGREGATE, 3, 0),
     "the aggregate carries more signatures than the network allows; its signer counts as one",
     "leave out signatures that are not needed; if all are needed, lower the thresholds of nested accounts first"),
    (Reason::AggregateRedundantCosignatures, ["BasicAggregateCosignatures", ""], Stage::Stateless, alike(AGGREGATE, 4, 0),
     "an account cosigned twice, or the signer of the aggregate cosigned as well",
     "send each signature once; the signer of the aggregate must not cosign. Such a cosignature removes a waiting aggregate"),
    (Reason::AggregateIneligibleCosignatories, ["MultisigAggregateEligibleCosignatories", ""], Stage::Transaction, moved(AGGREGATE, 0x1001, 5, 0),
     "a signature is not asked for by any transaction of the aggregate: its account is neither the signer of one, nor a key below a signer, nor an account to be added",
     "leave that signature out. The own key of a multisig account never counts; a dissolved account cannot act in the aggregate that dissolves it"),
    (Reason::AggregateMissingCosignatures, ["MultisigAggregateSufficientCosignatories", ""], Stage::Part, moved(AGGREGATE, 0x1002, 6, 0),
     "an account that must approve has not: too few of its cosignatories signed, counted by min approval, by min removal for a removal, by the larger of both for a removal with an addition",
     "collect the missing signatures; an added account must sign, too (opt-in)"),
    (Reason::MultisigAccountInBothSets, ["MultisigCosignatories", ""], Stage::Stateless, alike(MULTISIG, 1, 0),
     "the modification adds and removes the same account",
     "name the account once"),
    (Reason::MultisigMultipleDeletes, ["MultisigCosignatories", "MultisigCosignatoryModification"], Stage::Stateless, alike(MULTISIG, 2, 77),
     "the modification removes more than one cosignatory",
     "remove one cosignatory a modification; on Catapult several modifications fit into one aggregate, on NIS1 they need a block each"),
    (Reason::MultisigRedundantModification, ["MultisigCosignatories", "MultisigCosignatoryModification"], Stage::Stateless, alike(MULTISIG, 3, 78),
     "the modification names the same account twice",
     "name each account once"),
    (Reason::MultisigUnknownMultisigAccount, ["MultisigInvalidCosignatories", ""], Stage::Part, alike(MULTISIG, 4, 0),
     "a cosignatory is to be removed from an account that is not a multisig account",
     "look at the account's present cosignatories; it may have been dissolved meanwhile"),
    (Reason::MultisigNotACosignatory, ["MultisigInvalidCosignatories", ""], Stage::Part, alike(MULTISIG, 5, 0),
     "the account to be removed is not a cosignatory",
     "look at the account's present cosignatories; it may have been removed meanwhile"),
    (Reason::MultisigAlreadyACosignatory, ["MultisigInvalidCosignatories", "MultisigCosignatoryModification"], Stage::Part, alike(MULTISIG, 6, 75),
     "the account to be added already is a cosignatory",
     "leave the addition out"),
    (Reason::MultisigMinSettingOutOfRange, ["MultisigInvalidSettings", ""], Stage::Part, alike(MULTISIG, 7, 0),
     "a threshold would fall below 1; or the last cosignatory is removed and the changes of the thresholds are not exactly -1 and -1",
     "choose changes that leave both thresholds at 1 or more; with the last cosignatory, change both by -1. An account that cosigns for another cannot become a plain account before it is released there"),
    (Reason::MultisigMinSettingLargerThanNumCosignatories, ["MultisigInvalidSettings", ""], Stage::Part, alike(MULTISIG, 8, 0),
     "a threshold would be larger than the number of cosignatories",
     "lower both thresholds in the same modification that removes a cosignatory"),
    (Reason::MultisigInvalidModificationAction, ["MultisigCosignatories", ""], Stage::Stateless, alike(MULTISIG, 9, 0),
     "an entry of the list neither adds nor removes: its action byte is above 1",
     "write action byte 0 or 1; what they mean differs: version 3 adds with 0, version 1 of v0.8 adds with 1"),
    (Reason::MultisigMaxCosignedAccounts, ["MultisigMaxCosignedAccounts", ""], Stage::Part, alike(MULTISIG, 10, 0),
     "the account to be added already cosigns for as many accounts as the network allows",
     "add another account, or release this one from an account it cosigns for"),
    (Reason::MultisigMaxCosignatories, ["MultisigMaxCosignatories", ""], Stage::Part, alike(MULTISIG, 11, 0),
     "the account would have more cosignatories than the network allows; a removal from an account without cosignatories gives this name as well, for the count wraps below 0",
     "remove a cosignatory in the same modification, or use nested accounts"),
    (Reason::MultisigLoop, ["MultisigLoopAndLevel", ""], Stage::Part, alike(MULTISIG, 12, 0),
     "the account would cosign for itself, directly or through others",
     "break the loop first, in an earlier transaction of the same aggregate if you like"),
    (Reason::MultisigMaxMultisigDepth, ["MultisigLoopAndLevel", ""], Stage::Part, alike(MULTISIG, 13, 0),
     "more levels of accounts above each other than the network allows; depth is judged before loops",
     "use fewer levels: add the keys themselves instead of an account over them"),
    (Reason::MultisigOperationProhibitedByAccount, ["MultisigPermittedOperation", ""], Stage::Transaction, moved(MULTISIG, 0x800, 14, 0),
     "a multisig account cannot sign a transaction or an aggregate itself",
     "let a cosignatory sign an aggregate that holds the account's transaction"),
    (Reason::InsufficientBalance, ["Balance", "BalanceValidator"], Stage::Part, moved(CORE, 5, 3, 5),
     "the account owns less than it spends, fees and deposits included; a mosaic that nobody defined counts as none owned",
     "send it what is missing first: fees and all that it spends before are taken already. On NIS1 the multisig account pays every fee, its cosigners' signatures included"),
    (Reason::MessageTooLarge, ["TransferMessage", "TransferTransactionValidator"], Stage::Stateless, moved(TRANSFER, 6, 1, 6),
     "the message is longer than the network allows",
     "shorten the message"),
    (Reason::LockHashUnknownHash, ["AggregateHashPresent", ""], Stage::Transaction, alike(LOCK_HASH, 4, 0),
     "no confirmed hash lock holds for this bonded aggregate",
     "announce the hash lock first and wait until its block is confirmed, then announce the aggregate"),
    (Reason::LockHashInactiveHash, ["AggregateHashPresent", ""], Stage::Transaction, alike(LOCK_HASH, 5, 0),
     "the hash lock of this bonded aggregate was used or has expired",
     "make a new lock; on catapult-v3 and catapult-v1 the same hash is blocked until the old lock is pruned"),
    (Reason::LockHashInvalidDuration, ["HashLockDuration", ""], Stage::Stateless, alike(LOCK_HASH, 6, 0),
     "the duration of the lock is 0 or longer than the network allows",
     "choose a duration within the limit (two days by default)"),
    (Reason::LockHashInvalidMosaicAmount, ["HashLockMosaic", ""], Stage::Stateless, alike(LOCK_HASH, 2, 0),
     "the deposit of the lock is not exactly the amount that the network asks for",
     "deposit exactly that amount of the currency"),
    (Reason::LockHashHashAlreadyExists, ["HashLockCacheUnique", ""], Stage::Part, alike(LOCK_HASH, 3, 0),
     "a lock for the same aggregate exists already; on catapult-v3 and catapult-v1 a used or expired one counts until it is pruned",
     "announce the aggregate under the lock that exists, or make another aggregate"),
    (Reason::PastDeadline, ["Deadline", "DeadlineValidator"], Stage::Transaction, moved(CORE, 3, 1, 3),
     "the deadline of the transaction lies before the time of the block",
     "make the transaction anew with a later deadline; all signatures must be collected again"),
    (Reason::FutureDeadline, ["Deadline", "DeadlineValidator"], Stage::Transaction, moved(CORE, 4, 2, 4),
     "the deadline of the transaction is further away than the network allows",
     "choose an earlier deadline"),
    (Reason::MosaicUnknown, ["the testbench's own rule", "the testbench's own rule"], Stage::Part, OURS,
     "nobody defined this mosaic, so its supply cannot be changed",
     "define the mosaic first"),
    (Reason::MosaicOwnerConflict, ["the testbench's own rule", "the testbench's own rule"], Stage::Part, OURS,
     "only the owner of a mosaic changes its definition and supply",
     "let the owner sign"),
    (Reason::MosaicSupplyImmutable, ["the testbench's own rule", "the testbench's own rule"], Stage::Part, OURS,
     "the mosaic was defined with a supply that never changes",
     "define another mosaic"),
    (Reason::MosaicSupplyNegative, ["the testbench's own rule", "the testbench's own rule"], Stage::Part, OURS,
     "the owner holds less of the mosaic than is to be taken away",
     "lower the supply by no more than the owner holds"),
    (Reason::MosaicSupplyExceeded, ["the testbench's own rule", "the testbench's own rule"], Stage::Part, OURS,
     "the supply would be larger than the ledger can count",
     "raise the supply by less"),
    (Reason::MosaicNonTransferable, ["the testbench's own rule", "the testbench's own rule"], Stage::Part, OURS,
     "the mosaic moves between its owner and others only",
     "send it from or to its owner"),
    (Reason::TransactionNotAllowedForMultisig, ["", "MultisigNonOperationalValidator"], Stage::Transaction, nis1(74),
     "a multisig account cannot sign a transaction itself",
     "let a cosigner wrap the transaction in a multisig transaction"),
    (Reason::MultisigNotACosigner, ["", "MultisigTransactionSignerValidator"], Stage::Transaction, nis1(71),
     "the signer of the multisig transaction is not a cosigner of the account it acts for, or a modification removes an account that is not a cosigner",
     "let a present cosigner start the transaction; look at the account's present cosigners"),
    (Reason::MultisigInvalidCosigners, ["", "MultisigSignaturesPresentValidator"], Stage::Part, nis1(72),
     "signatures are missing, or one of them is by an account that is not a cosigner; the signature of a removed cosigner does not count",
     "collect the missing signatures; one signature of a stranger spoils the whole transaction"),
    (Reason::MultisigAccountCannotBeCosigner, ["", "MultisigCosignatoryModificationValidator"], Stage::Part, nis1(81),
     "a multisig account cannot be a cosigner, and a cosigner cannot become a multisig account: NIS1 has one level; an account cannot cosign for itself",
     "add plain accounts only; release the account from those it cosigns for before it becomes multisig"),
    (Reason::MultisigMinCosignatoriesOutOfRange, ["", "NumCosignatoryRangeValidator"], Stage::Part, nis1(82),
     "the number of needed signatures would be below 0 or above the number of cosigners",
     "change it in the same modification: a removal needs a relative change of -1 where all must sign"),
    (Reason::TooManyMultisigCosigners, ["", "NumCosignatoryRangeValidator"], Stage::Part, nis1(80),
     "the account would have more cosigners than the network allows (32; the guide says 64)",
     "remove a cosigner in the same modification, or use fewer"),
    (Reason::ConflictingMultisigModification, ["", "BlockMultisigAggregateModificationValidator"], Stage::Block, nis1(79),
     "a block holds two modifications of the same account",
     "send the second modification once the first is confirmed"),
    (Reason::TooManyTransactions, ["", "MaxTransactionsBlockValidator"], Stage::Block, nis1(15),
     "a block holds more transactions than the network allows; inner ones and signatures count",
     "put some of them into the next block"),
    (Reason::SelfSignedTransaction, ["", "NoSelfSignedTransactionsBlockValidator"], Stage::Block, nis1(16),
     "the harvester of a block may not be the signer of a transaction in it",
     "let somebody else harvest the block"),
    (Reason::MultisigNoMatchingMultisig, ["", "UnconfirmedTransactionsCache"], Stage::Pool, nis1(73),
     "the signature fits no waiting transaction: none waits under that hash, it has expired or is complete, the account it names is another, or the signer is not a cosigner",
     "look whether the transaction still waits, and whether the signer is a cosigner of its account now"),
    (Reason::Neutral, ["", "UnconfirmedTransactionsCache"], Stage::Pool, OURS,
     "the transaction or signature is known already, so nothing changes",
     "nothing is to be done: it was received the first time"),
    (Reason::HashAlreadyExists, ["UniqueTransactionHash", ""], Stage::Transaction, [0xA049_0007, 0xA049_0001, 0xA049_0001, 0],
     "the same transaction was executed before",
     "make a new one, with another deadline, if it is meant to happen twice"),
    (Reason::TransactionDuplicateInChain, ["", "BlockChainValidator"], Stage::Block, nis1(106),
     "the same transaction, inner transaction or signature stands in the chain part twice",
     "make a new one, with another time stamp, if it is meant to happen twice"),
];

/// What a refusal means: the server drops the packet before it validates it and has no name for it.
#[must_use]
pub const fn refusal(refusal: Refusal) -> (&'static str, &'static str) {
    match refusal {
        Refusal::NotEmbeddable => (
            "a transaction of this type cannot stand where it stands: a modification only inside an aggregate, an aggregate never inside another",
            "wrap the modification in an aggregate",
        ),
        Refusal::UnknownType => (
            "the protocol has no transaction of this type",
            "look at which types the protocol has (`quorate protocols NAME`)",
        ),
        Refusal::TooManyEntries => (
            "a list has more entries than the bytes of a transaction can count (255)",
            "split it into several modifications",
        ),
        Refusal::EmptyModification => (
            "a NIS1 modification of version 1 without entries, or one of version 2 without entries and without a change of the number of needed signatures, cannot be constructed",
            "add an entry or a relative change",
        ),
        Refusal::NotOneInnerTransaction => (
            "a NIS1 multisig transaction wraps exactly one transaction",
            "wrap each transaction on its own",
        ),
        Refusal::UnknownVersion => (
            "the protocol has no transaction of this version, or the version has no such field",
            "look at the versions of the protocol in `scenarios/README.md`",
        ),
        Refusal::NotPending => (
            "nothing waits under this id: it was never announced, is complete, or has expired",
            "announce it (again)",
        ),
        Refusal::AlreadyAnnounced => (
            "another transaction was announced under this id",
            "give each transaction an id of its own",
        ),
        Refusal::LostKey => {
            ("a key that was lost earlier in the scenario cannot sign", "let another key sign")
        }
        Refusal::BeyondHorizon => (
            "the ledger keeps fewer blocks than are to be rolled back",
            "ask for a longer memory (`--horizon`)",
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_number_means_one_reason_on_one_protocol() {
        for column in 0..4 {
            let mut known = std::collections::BTreeMap::new();
            for reason in Reason::ALL {
                let code = meaning(reason).codes[column];
                if code != 0 {
                    assert_eq!(known.insert(code, reason), None, "{code:#x} twice");
                }
            }
            assert!(known.len() > 15, "column {column}: {}", known.len());
        }
    }

    #[test]
    fn every_reason_has_one_meaning() {
        for reason in Reason::ALL {
            assert_eq!(ROWS.iter().filter(|row| row.0 == reason).count(), 1, "{reason:?}");
        }
    }

    #[test]
    fn numbers_are_those_of_the_servers() {
        let codes = |reason| meaning(reason).codes;
        assert_eq!(codes(Reason::MultisigLoop), [0x8055_000C, 0x8055_000C, 0x8055_000C, 0]);
        assert_eq!(codes(Reason::AggregateMissingCosignatures)[0], 0x8041_1002);
        assert_eq!(codes(Reason::AggregateMissingCosignatures)[2], 0x8041_0006);
        assert_eq!(codes(Reason::MultisigNotACosigner)[3], 71);
    }
}
