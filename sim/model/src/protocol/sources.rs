//! Where each number of a protocol comes from.

use super::json::nearest_preset;
use super::{Base, Limit, Protocol};

/// What a limit says that is not its preset's.
const OWN: &str = "set by the protocol file";

const NO_AGGREGATES: &str = "NIS1 has no aggregates: a multisig transaction holds one other";
const NO_HASH_LOCKS: &str = "NIS1 has no hash locks";

/// Each limit in the order of [`Limit::ALL`]: its name, its value (`none` = not limited) and where the
/// value comes from.
///
/// A limit that differs from the nearest preset's was set by whoever wrote the protocol file.
#[must_use]
pub fn sources(protocol: &Protocol) -> Vec<(&'static str, String, &'static str)> {
    let preset = nearest_preset(protocol);
    let is_public = preset.name == "symbol-mainnet";
    let sourced = |limit: Limit| {
        let number = limit.of(&protocol.limits);
        let source = match number == limit.of(&preset.limits) {
            true if protocol.base == Base::Nis1 => of_nis1(limit),
            true => of_catapult(limit, protocol.base, is_public),
            false => OWN,
        };
        let is_none = limit.is_count() && number == u64::from(u32::MAX);
        let shown = if is_none { "none".to_owned() } else { number.to_string() };
        (limit.field(), shown, source)
    };
    Limit::ALL.into_iter().map(sourced).collect()
}

fn of_nis1(limit: Limit) -> &'static str {
    match limit {
        Limit::Cosignatories => {
            "`BlockChainConstants.MAX_ALLOWED_COSIGNATORIES_PER_ACCOUNT` says 32 (33 is refused); \
             the NanoWallet guide says 64, which the code does not allow"
        }
        Limit::Cosigned => "NIS1 does not limit it",
        Limit::Depth => {
            "NIS1 0.6.102: a multisig account cannot be a cosignatory, a cosignatory not multisig"
        }
        Limit::Cosignatures | Limit::Transactions => NO_AGGREGATES,
        Limit::BlockTransactions => {
            "NIS1 0.6.102: 120, each multisig transaction counted with its inner one and signatures"
        }
        Limit::Message => "NIS1 0.6.102, `TransferTransactionValidator`, from its last fork on",
        Limit::TransactionLifetime | Limit::BondedLifetime => {
            "NIS1 0.6.102, `DeadlineValidator`: a deadline at most a day after the timestamp"
        }
        Limit::HashLockAmount | Limit::HashLockDuration => NO_HASH_LOCKS,
        Limit::Rollback => {
            "NIS1 0.6.102: `nis.blockChainRewriteLimit`, 360 unless a node's properties say otherwise"
        }
        Limit::BlockTime => "NIS1 0.6.102: a block a minute on average",
    }
}

fn of_catapult(limit: Limit, base: Base, is_public: bool) -> &'static str {
    match limit {
        Limit::Cosignatories if base == Base::CatapultV3 => {
            "`maxCosignersPerAccount = 10`, the servers' `resources/config-network.properties` to v0.6"
        }
        Limit::BlockTransactions => {
            "a server's `maxTransactionsPerBlock` (6'000 on the public Symbol networks) is not modelled"
        }
        Limit::TransactionLifetime if is_public => {
            "`maxTransactionLifetime = 6h`, the public Symbol networks' \
             `config-network.properties` (the server's repository says 24h)"
        }
        Limit::TransactionLifetime => {
            "`maxTransactionLifetime = 24h`, the servers' `resources/config-network.properties`, \
             all versions"
        }
        Limit::Rollback if is_public => {
            "`maxRollbackBlocks = 0`, the public Symbol networks' `config-network.properties`"
        }
        Limit::Rollback => {
            "`maxRollbackBlocks = 40`, the servers' `resources/config-network.properties` from v0.4"
        }
        Limit::BondedLifetime => {
            "`maxBondedTransactionLifetime = 48h`, the servers' \
             `resources/config-network.properties` from v0.4"
        }
        Limit::HashLockDuration if base == Base::Symbol => {
            "`maxHashLockDuration = 2d`, at `blockGenerationTargetTime = 30s`"
        }
        Limit::HashLockDuration => {
            "`maxHashLockDuration = 2d`, at `blockGenerationTargetTime = 15s`"
        }
        Limit::BlockTime if base == Base::Symbol => {
            "`blockGenerationTargetTime = 30s`, Symbol's `config-network.properties`"
        }
        Limit::BlockTime => {
            "`blockGenerationTargetTime = 15s`, the servers' `resources/config-network.properties`"
        }
        Limit::Depth => {
            "`maxMultisigDepth = 3`, the servers' `resources/config-network.properties`, all versions"
        }
        Limit::Message => {
            "`maxMessageSize = 1024`, the servers' `resources/config-network.properties`, all versions"
        }
        Limit::HashLockAmount => {
            "`lockedFundsPerAggregate = 10'000'000`, the servers' \
             `resources/config-network.properties`, all versions"
        }
        _ if is_public => of_public_networks(limit),
        _ => of_repository(limit),
    }
}

fn of_public_networks(limit: Limit) -> &'static str {
    match limit {
        Limit::Cosignatories => {
            "`maxCosignatoriesPerAccount = 25`, the public Symbol networks' \
             `config-network.properties` (the server's repository says 10)"
        }
        Limit::Cosigned => {
            "`maxCosignedAccountsPerAccount = 25`, the public Symbol networks' \
             `config-network.properties` (the server's repository says 5)"
        }
        Limit::Cosignatures => {
            "`maxCosignaturesPerAggregate = 25`, the public Symbol networks' \
             `config-network.properties` (the server's repository says 15)"
        }
        _ => {
            "`maxTransactionsPerAggregate = 100`, the public Symbol networks' \
             `config-network.properties` (the server's repository says 1'000)"
        }
    }
}

fn of_repository(limit: Limit) -> &'static str {
    match limit {
        Limit::Cosignatories => {
            "`maxCosignatoriesPerAccount = 10`, the servers' `resources/config-network.properties` \
             from v0.7 (the public Symbol networks say 25)"
        }
        Limit::Cosigned => {
            "`maxCosignedAccountsPerAccount = 5`, the servers' \
             `resources/config-network.properties` (the public Symbol networks say 25)"
        }
        Limit::Cosignatures => {
            "`maxCosignaturesPerAggregate = 15`, the servers' \
             `resources/config-network.properties` (the public Symbol networks say 25)"
        }
        _ => {
            "`maxTransactionsPerAggregate = 1'000`, the servers' \
             `resources/config-network.properties` (the public Symbol networks say 100)"
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::PRESETS;

    fn source(protocol: &Protocol, limit: &str) -> (String, &'static str) {
        let all = sources(protocol);
        let (_, value, source) = all.into_iter().find(|(name, ..)| *name == limit).unwrap();
        (value, source)
    }

    #[test]
    fn every_limit_of_every_preset_has_a_source_of_its_own() {
        for (name, _) in PRESETS {
            let protocol = Protocol::preset(name).unwrap();
            let all = sources(&protocol);
            assert_eq!(all.len(), 13);
            assert!(all.iter().all(|(_, _, source)| *source != OWN && source.len() > 15), "{name}");
        }
    }

    /// A citation that quotes a value of the file quotes the preset's.
    #[test]
    fn quoted_counts_are_the_values() {
        for (name, _) in PRESETS.iter().filter(|(name, _)| *name != "nis1") {
            for (limit, value, source) in sources(&Protocol::preset(name).unwrap()).iter().take(5) {
                let quoted = source.split(['=', '`']).nth(2).unwrap().trim().replace('\'', "");
                assert_eq!(&quoted, value, "{name} {limit}");
            }
        }
    }

    #[test]
    fn the_guide_and_the_code_of_nis1_both_have_their_say() {
        let (value, source) =
            source(&Protocol::of_base(Base::Nis1), "max_cosignatories_per_account");
        assert_eq!(value, "32");
        assert!(source.contains("NanoWallet guide says 64") && source.contains("says 32"));
    }

    #[test]
    fn a_changed_limit_was_set_by_the_file() {
        let mut protocol = Protocol::preset("symbol-mainnet").unwrap();
        protocol.limits.max_multisig_depth = 2;
        assert_eq!(source(&protocol, "max_multisig_depth"), ("2".to_owned(), OWN));
        assert_eq!(
            source(&protocol, "max_cosignatories_per_account"),
            ("25".to_owned(), of_public_networks(Limit::Cosignatories))
        );
    }

    #[test]
    fn no_limit_is_called_none() {
        let nis1 = Protocol::of_base(Base::Nis1);
        assert_eq!(source(&nis1, "max_cosigned_accounts_per_account").0, "none");
        assert_eq!(source(&nis1, "max_transactions_per_block").0, "120");
    }
}
