//! Where each number of a protocol comes from.

use super::json::nearest_preset;
use super::{Base, Limits, Protocol};

/// What a limit says that is not its preset's.
const OWN: &str = "set by the protocol file";

const NO_AGGREGATES: &str = "NIS1 has no aggregates: a multisig transaction holds one other";
const NO_HASH_LOCKS: &str = "NIS1 has no hash locks";

/// Each limit in the order of [`Limits`]: its name, its value (`none` = not limited) and where the
/// value comes from.
///
/// A limit that differs from the nearest preset's was set by whoever wrote the protocol file.
#[must_use]
pub fn sources(protocol: &Protocol) -> Vec<(&'static str, String, &'static str)> {
    let preset = nearest_preset(protocol);
    let is_public = preset.name == "symbol-mainnet";
    numbers(&protocol.limits)
        .into_iter()
        .zip(numbers(&preset.limits))
        .map(|((limit, number), (_, usual))| {
            let source = match number == usual {
                true if protocol.base == Base::Nis1 => of_nis1(limit),
                true => of_catapult(limit, protocol.base, is_public),
                false => OWN,
            };
            (limit, shown(limit, number), source)
        })
        .collect()
}

fn shown(limit: &str, number: u64) -> String {
    let is_count = !matches!(
        limit,
        "transaction_lifetime_seconds"
            | "bonded_lifetime_seconds"
            | "max_rollback_blocks"
            | "hash_lock_amount"
            | "hash_lock_duration_blocks_max"
            | "block_time_seconds"
    );
    match is_count && number == u64::from(u32::MAX) {
        true => "none".to_owned(),
        false => number.to_string(),
    }
}

fn numbers(limits: &Limits) -> [(&'static str, u64); 13] {
    [
        ("max_cosignatories_per_account", limits.max_cosignatories_per_account.into()),
        ("max_cosigned_accounts_per_account", limits.max_cosigned_accounts_per_account.into()),
        ("max_multisig_depth", limits.max_multisig_depth.into()),
        ("max_cosignatures_per_aggregate", limits.max_cosignatures_per_aggregate.into()),
        ("max_transactions_per_aggregate", limits.max_transactions_per_aggregate.into()),
        ("max_transactions_per_block", limits.max_transactions_per_block.into()),
        ("max_message_bytes", limits.max_message_bytes.into()),
        ("transaction_lifetime_seconds", limits.transaction_lifetime_seconds),
        ("bonded_lifetime_seconds", limits.bonded_lifetime_seconds),
        ("hash_lock_amount", limits.hash_lock_amount),
        ("hash_lock_duration_blocks_max", limits.hash_lock_duration_blocks_max),
        ("max_rollback_blocks", limits.max_rollback_blocks),
        ("block_time_seconds", limits.block_time_seconds),
    ]
}

fn of_nis1(limit: &str) -> &'static str {
    match limit {
        "max_cosignatories_per_account" => {
            "`BlockChainConstants.MAX_ALLOWED_COSIGNATORIES_PER_ACCOUNT` says 32 (33 is refused); \
             the NanoWallet guide says 64, which the code does not allow"
        }
        "max_cosigned_accounts_per_account" => "NIS1 does not limit it",
        "max_multisig_depth" => {
            "NIS1 0.6.102: a multisig account cannot be a cosignatory, a cosignatory not multisig"
        }
        "max_cosignatures_per_aggregate" | "max_transactions_per_aggregate" => NO_AGGREGATES,
        "max_transactions_per_block" => {
            "NIS1 0.6.102: 120, each multisig transaction counted with its inner one and signatures"
        }
        "max_message_bytes" => {
            "NIS1 0.6.102, `TransferTransactionValidator`, from its last fork on"
        }
        "transaction_lifetime_seconds" | "bonded_lifetime_seconds" => {
            "NIS1 0.6.102, `DeadlineValidator`: a deadline at most a day after the timestamp"
        }
        "hash_lock_amount" | "hash_lock_duration_blocks_max" | "max_rollback_blocks" => {
            NO_HASH_LOCKS
        }
        _ => "NIS1 0.6.102: a block a minute on average",
    }
}

fn of_catapult(limit: &str, base: Base, is_public: bool) -> &'static str {
    match limit {
        "max_cosignatories_per_account" if base == Base::CatapultV3 => {
            "`maxCosignersPerAccount = 10`, the servers' `resources/config-network.properties` to v0.6"
        }
        "max_transactions_per_block" => {
            "a server's `maxTransactionsPerBlock` (6'000 on the public Symbol networks) is not modelled"
        }
        "transaction_lifetime_seconds" if is_public => {
            "`maxTransactionLifetime = 6h`, the public Symbol networks' \
             `config-network.properties` (the server's repository says 24h)"
        }
        "transaction_lifetime_seconds" => {
            "`maxTransactionLifetime = 24h`, the servers' `resources/config-network.properties`, \
             all versions"
        }
        "max_rollback_blocks" if is_public => {
            "`maxRollbackBlocks = 0`, the public Symbol networks' `config-network.properties`"
        }
        "max_rollback_blocks" => {
            "`maxRollbackBlocks = 40`, the servers' `resources/config-network.properties` from v0.4"
        }
        "bonded_lifetime_seconds" => {
            "`maxBondedTransactionLifetime = 48h`, the servers' \
             `resources/config-network.properties` from v0.4"
        }
        "hash_lock_duration_blocks_max" if base == Base::Symbol => {
            "`maxHashLockDuration = 2d`, at `blockGenerationTargetTime = 30s`"
        }
        "hash_lock_duration_blocks_max" => {
            "`maxHashLockDuration = 2d`, at `blockGenerationTargetTime = 15s`"
        }
        "block_time_seconds" if base == Base::Symbol => {
            "`blockGenerationTargetTime = 30s`, Symbol's `config-network.properties`"
        }
        "block_time_seconds" => {
            "`blockGenerationTargetTime = 15s`, the servers' `resources/config-network.properties`"
        }
        "max_multisig_depth" => {
            "`maxMultisigDepth = 3`, the servers' `resources/config-network.properties`, all versions"
        }
        "max_message_bytes" => {
            "`maxMessageSize = 1024`, the servers' `resources/config-network.properties`, all versions"
        }
        "hash_lock_amount" => {
            "`lockedFundsPerAggregate = 10'000'000`, the servers' \
             `resources/config-network.properties`, all versions"
        }
        _ if is_public => of_public_networks(limit),
        _ => of_repository(limit),
    }
}

fn of_public_networks(limit: &str) -> &'static str {
    match limit {
        "max_cosignatories_per_account" => {
            "`maxCosignatoriesPerAccount = 25`, the public Symbol networks' \
             `config-network.properties` (the server's repository says 10)"
        }
        "max_cosigned_accounts_per_account" => {
            "`maxCosignedAccountsPerAccount = 25`, the public Symbol networks' \
             `config-network.properties` (the server's repository says 5)"
        }
        "max_cosignatures_per_aggregate" => {
            "`maxCosignaturesPerAggregate = 25`, the public Symbol networks' \
             `config-network.properties` (the server's repository says 15)"
        }
        _ => {
            "`maxTransactionsPerAggregate = 100`, the public Symbol networks' \
             `config-network.properties` (the server's repository says 1'000)"
        }
    }
}

fn of_repository(limit: &str) -> &'static str {
    match limit {
        "max_cosignatories_per_account" => {
            "`maxCosignatoriesPerAccount = 10`, the servers' `resources/config-network.properties` \
             from v0.7 (the public Symbol networks say 25)"
        }
        "max_cosigned_accounts_per_account" => {
            "`maxCosignedAccountsPerAccount = 5`, the servers' \
             `resources/config-network.properties` (the public Symbol networks say 25)"
        }
        "max_cosignatures_per_aggregate" => {
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
            ("25".to_owned(), of_public_networks("max_cosignatories_per_account"))
        );
    }

    #[test]
    fn no_limit_is_called_none() {
        let nis1 = Protocol::of_base(Base::Nis1);
        assert_eq!(source(&nis1, "max_cosigned_accounts_per_account").0, "none");
        assert_eq!(source(&nis1, "max_transactions_per_block").0, "120");
    }
}
