//! The limits that a multisig account's shape meets, with all their names: of the command line, of a protocol
//! file, and of the servers' configuration.

use std::ops::RangeInclusive;

use super::Limits;

/// A limit that the command line sets and that a search for the smallest change moves.
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
}

impl Limit {
    /// All of them, in the order in which they are listed.
    pub const ALL: [Self; 5] =
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
        }
    }

    /// The option of the command line, without the dashes before it: `max-depth`.
    #[must_use]
    pub const fn option(self) -> &'static str {
        match self {
            Self::Cosignatories => "max-cosignatories",
            Self::Cosigned => "max-cosigned",
            Self::Depth => "max-depth",
            Self::Cosignatures => "max-cosignatures",
            Self::Transactions => "max-transactions",
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
        }
    }

    /// The values that leave multisig accounts something to do and fit a server's configuration.
    #[must_use]
    pub const fn useful(self) -> RangeInclusive<u32> {
        match self {
            Self::Cosignatories => 2..=u32::MAX,
            Self::Cosigned | Self::Transactions => 1..=u32::MAX,
            Self::Depth => 1..=u8::MAX as u32,
            Self::Cosignatures => 2..=u8::MAX as u32,
        }
    }

    /// Its value.
    #[must_use]
    pub const fn of(self, limits: &Limits) -> u32 {
        match self {
            Self::Cosignatories => limits.max_cosignatories_per_account,
            Self::Cosigned => limits.max_cosigned_accounts_per_account,
            Self::Depth => limits.max_multisig_depth,
            Self::Cosignatures => limits.max_cosignatures_per_aggregate,
            Self::Transactions => limits.max_transactions_per_aggregate,
        }
    }

    /// Gives it a value.
    pub const fn set(self, limits: &mut Limits, value: u32) {
        *match self {
            Self::Cosignatories => &mut limits.max_cosignatories_per_account,
            Self::Cosigned => &mut limits.max_cosigned_accounts_per_account,
            Self::Depth => &mut limits.max_multisig_depth,
            Self::Cosignatures => &mut limits.max_cosignatures_per_aggregate,
            Self::Transactions => &mut limits.max_transactions_per_aggregate,
        } = value;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::{Protocol, json};

    #[test]
    fn every_name_is_that_of_its_value() {
        for (index, limit) in Limit::ALL.into_iter().enumerate() {
            let mut protocol = Protocol::preset("symbol-mainnet").unwrap();
            let value = 100 + index as u32;
            limit.set(&mut protocol.limits, value);
            assert_eq!(limit.of(&protocol.limits), value);
            let written = serde_json::to_value(json::describe(&protocol)).unwrap();
            assert_eq!(written["limits"][limit.field()], value, "{limit:?}");
            assert_eq!(limit.option().replace('-', "_"), limit.name());
            assert!(limit.field().starts_with(limit.name()) || limit == Limit::Depth);
            assert!(limit.useful().contains(&value));
        }
    }
}
