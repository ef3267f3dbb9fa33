//! The limits of a protocol, with all their names: of the command line, of a protocol file, and of the servers'
//! configuration.

use std::ops::RangeInclusive;

use super::Limits;

/// One of the numbers in [`Limits`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Limit {
    /// Most cosignatories of one account.
    Cosignatories,
    /// Most accounts that one account cosigns for.
    Cosigned,
    /// Most levels, in edges.
    Depth,
    /// Most signatures of an aggregate, its signer included.
    Cosignatures,
    /// Most transactions of an aggregate.
    Transactions,
    /// Most transactions of a block (NIS1).
    BlockTransactions,
    /// Longest message, in bytes.
    Message,
    /// How far ahead the deadline of a transaction that need not wait may lie, in seconds.
    TransactionLifetime,
    /// How long a bonded aggregate may wait, in seconds.
    BondedLifetime,
    /// A hash lock's deposit, in the currency's smallest unit.
    HashLockAmount,
    /// Longest hash lock, in blocks.
    HashLockDuration,
    /// How many blocks a server may take back.
    Rollback,
    /// Time between two blocks, in seconds.
    BlockTime,
}

impl Limit {
    /// All of them, in the order of [`Limits`].
    pub const ALL: [Self; 13] = [
        Self::Cosignatories,
        Self::Cosigned,
        Self::Depth,
        Self::Cosignatures,
        Self::Transactions,
        Self::BlockTransactions,
        Self::Message,
        Self::TransactionLifetime,
        Self::BondedLifetime,
        Self::HashLockAmount,
        Self::HashLockDuration,
        Self::Rollback,
        Self::BlockTime,
    ];

    /// Those that a multisig account's shape meets: the command line sets them, and a search for the smallest
    /// change moves them.
    pub const OF_SHAPE: [Self; 5] =
        [Self::Cosignatories, Self::Cosigned, Self::Depth, Self::Cosignatures, Self::Transactions];

    /// The name in answers: `max_depth`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Cosignatories => "max_cosignatories",
            Self::Cosigned => "max_cosigned",
            Self::Depth => "max_depth",
            Self::Cosignatures => "max_cosignatures",
            Self::Transactions => "max_transactions",
            _ => self.field(),
        }
    }

    /// The option of the command line, without the dashes before it: `max-depth`. Empty for a limit that it does
    /// not set.
    #[must_use]
    pub const fn option(self) -> &'static str {
        match self {
            Self::Cosignatories => "max-cosignatories",
            Self::Cosigned => "max-cosigned",
            Self::Depth => "max-depth",
            Self::Cosignatures => "max-cosignatures",
            Self::Transactions => "max-transactions",
            _ => "",
        }
    }

    /// The field of a protocol file: `max_multisig_depth`.
    #[must_use]
    pub const fn field(self) -> &'static str {
        match self {
            Self::Cosignatories => "max_cosignatories_per_account",
            Self::Cosigned => "max_cosigned_accounts_per_account",
            Self::Depth => "max_multisig_depth",
            Self::Cosignatures => "max_cosignatures_per_aggregate",
            Self::Transactions => "max_transactions_per_aggregate",
            Self::BlockTransactions => "max_transactions_per_block",
            Self::Message => "max_message_bytes",
            Self::TransactionLifetime => "transaction_lifetime_seconds",
            Self::BondedLifetime => "bonded_lifetime_seconds",
            Self::HashLockAmount => "hash_lock_amount",
            Self::HashLockDuration => "hash_lock_duration_blocks_max",
            Self::Rollback => "max_rollback_blocks",
            Self::BlockTime => "block_time_seconds",
        }
    }

    /// The keys in `config-network.properties`, all that it ever had.
    #[must_use]
    pub const fn keys(self) -> &'static [&'static str] {
        match self {
            Self::Cosignatories => &["maxCosignatoriesPerAccount", "maxCosignersPerAccount"],
            Self::Cosigned => &["maxCosignedAccountsPerAccount"],
            Self::Depth => &["maxMultisigDepth"],
            Self::Cosignatures => &["maxCosignaturesPerAggregate"],
            Self::Transactions => &["maxTransactionsPerAggregate"],
            Self::BlockTransactions => &["maxTransactionsPerBlock"],
            Self::Message => &["maxMessageSize"],
            Self::TransactionLifetime => &["maxTransactionLifetime"],
            Self::BondedLifetime => &["maxBondedTransactionLifetime"],
            Self::HashLockAmount => &["lockedFundsPerAggregate"],
            Self::HashLockDuration => &["maxHashLockDuration"],
            Self::Rollback => &["maxRollbackBlocks"],
            Self::BlockTime => &["blockGenerationTargetTime"],
        }
    }

    /// The values that leave multisig accounts something to do and fit a server's configuration.
    #[must_use]
    pub const fn useful(self) -> RangeInclusive<u64> {
        match self {
            Self::Cosignatories => 2..=u32::MAX as u64,
            Self::Depth => 1..=u8::MAX as u64,
            Self::Cosignatures => 2..=u8::MAX as u64,
            _ => 1..=u32::MAX as u64,
        }
    }

    /// Whether it counts things: `u32::MAX` says that there is no limit.
    #[must_use]
    pub const fn is_count(self) -> bool {
        matches!(
            self,
            Self::Cosignatories
                | Self::Cosigned
                | Self::Depth
                | Self::Cosignatures
                | Self::Transactions
                | Self::BlockTransactions
                | Self::Message
        )
    }

    /// Its value.
    #[must_use]
    pub fn of(self, limits: &Limits) -> u64 {
        let mut limits = *limits;
        match self.place(&mut limits) {
            Place::Count(count) => u64::from(*count),
            Place::Amount(amount) => *amount,
        }
    }

    /// Gives it a value; a count beyond 32 bits is no limit.
    pub fn set(self, limits: &mut Limits, value: u64) {
        match self.place(limits) {
            Place::Count(count) => *count = u32::try_from(value).unwrap_or(u32::MAX),
            Place::Amount(amount) => *amount = value,
        }
    }

    const fn place(self, limits: &mut Limits) -> Place<'_> {
        match self {
            Self::Cosignatories => Place::Count(&mut limits.max_cosignatories_per_account),
            Self::Cosigned => Place::Count(&mut limits.max_cosigned_accounts_per_account),
            Self::Depth => Place::Count(&mut limits.max_multisig_depth),
            Self::Cosignatures => Place::Count(&mut limits.max_cosignatures_per_aggregate),
            Self::Transactions => Place::Count(&mut limits.max_transactions_per_aggregate),
            Self::BlockTransactions => Place::Count(&mut limits.max_transactions_per_block),
            Self::Message => Place::Count(&mut limits.max_message_bytes),
            Self::TransactionLifetime => Place::Amount(&mut limits.transaction_lifetime_seconds),
            Self::BondedLifetime => Place::Amount(&mut limits.bonded_lifetime_seconds),
            Self::HashLockAmount => Place::Amount(&mut limits.hash_lock_amount),
            Self::HashLockDuration => Place::Amount(&mut limits.hash_lock_duration_blocks_max),
            Self::Rollback => Place::Amount(&mut limits.max_rollback_blocks),
            Self::BlockTime => Place::Amount(&mut limits.block_time_seconds),
        }
    }
}

/// Where the value of a limit stands.
enum Place<'a> {
    Count(&'a mut u32),
    Amount(&'a mut u64),
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::{Base, Protocol, json};

    #[test]
    fn every_name_is_that_of_its_value() {
        let names = serde_json::to_value(json::describe(&Protocol::of_base(Base::CatapultV1)));
        let listed: Vec<String> =
            names.unwrap()["limits"].as_object().unwrap().keys().cloned().collect();
        assert_eq!(Limit::ALL.map(Limit::field).as_slice(), listed);
        for (index, limit) in Limit::ALL.into_iter().enumerate() {
            let base = if limit == Limit::BlockTransactions { Base::Nis1 } else { Base::Symbol };
            let mut protocol = Protocol::of_base(base);
            let value = 100 + index as u64;
            limit.set(&mut protocol.limits, value);
            assert_eq!(limit.of(&protocol.limits), value);
            let written = serde_json::to_value(json::describe(&protocol)).unwrap();
            assert_eq!(written["limits"][limit.field()], value, "{limit:?}");
            assert!(limit.useful().contains(&value));
        }
        for limit in Limit::OF_SHAPE {
            assert_eq!(limit.option().replace('-', "_"), limit.name());
            assert!(limit.field().starts_with(limit.name()) || limit == Limit::Depth);
        }
    }

    #[test]
    fn what_counts_knows_no_limit() {
        for limit in Limit::ALL {
            let mut limits = Protocol::of_base(Base::Symbol).limits;
            limit.set(&mut limits, u64::MAX);
            let most = if limit.is_count() { u64::from(u32::MAX) } else { u64::MAX };
            assert_eq!(limit.of(&limits), most, "{limit:?}");
        }
    }
}
