//! The known protocols and where each of their numbers comes from.

use super::{Base, Conduct, EligibleAddition, Limits, Protocol, Switches, Threshold};

/// A known protocol, by name, with a line that says what it is.
pub const PRESETS: [(&str, &str); 5] = [
    (
        "symbol-mainnet",
        "the public Symbol networks: 25 cosignatories, 25 cosigned accounts, depth 3",
    ),
    ("symbol-private", "the values that the Symbol server's repository ships: 10, 5, depth 3"),
    ("catapult-v1", "Catapult server v0.8.0.3: modification version 1, Remove 0 / Add 1"),
    ("catapult-v3", "Catapult server v0.4.0.1: modification version 3, Add 0 / Remove 1"),
    ("nis1", "NEM NIS1 0.6: one threshold, one level, 32 cosignatories"),
];

/// Catapult repository defaults: `resources/config-network.properties`, the same from v0.1.0.1 to
/// today but for the name `maxCosignersPerAccount` (to v0.6). Message: `maxMessageSize = 1024`.
/// Hash lock: `maxHashLockDuration = 2d` at 15 s a block. `maxTransactionLifetime = 24h`;
/// `maxRollbackBlocks = 40` from v0.4 on (360 before).
const CATAPULT: Limits = Limits {
    max_cosignatories_per_account: 10,
    max_cosigned_accounts_per_account: 5,
    max_multisig_depth: 3,
    max_cosignatures_per_aggregate: 15,
    max_transactions_per_aggregate: 1000,
    max_transactions_per_block: u32::MAX,
    max_message_bytes: 1024,
    transaction_lifetime_seconds: 24 * 3600,
    bonded_lifetime_seconds: 48 * 3600,
    hash_lock_amount: 10_000_000,
    hash_lock_duration_blocks_max: 11_520,
    max_rollback_blocks: 40,
    block_time_seconds: 15,
};

/// The Symbol server repository's defaults: as [`CATAPULT`], 30 s a block, so 2 d are 5,760 blocks.
const SYMBOL_PRIVATE: Limits =
    Limits { hash_lock_duration_blocks_max: 5_760, block_time_seconds: 30, ..CATAPULT };

/// The public Symbol networks' own `config-network.properties` (mainnet and testnet). What they
/// finalize is never taken back: `maxRollbackBlocks = 0`; `maxTransactionLifetime = 6h`.
const SYMBOL_MAINNET: Limits = Limits {
    max_cosignatories_per_account: 25,
    max_cosigned_accounts_per_account: 25,
    max_cosignatures_per_aggregate: 25,
    max_transactions_per_aggregate: 100,
    transaction_lifetime_seconds: 6 * 3600,
    max_rollback_blocks: 0,
    ..SYMBOL_PRIVATE
};

/// NEM NIS1 0.6.102. `BlockChainConstants.MAX_ALLOWED_COSIGNATORIES_PER_ACCOUNT = 32`; the NanoWallet
/// guide says 64, the code says 32, and the code is right. One level: a multisig account cannot be a
/// cosignatory, a cosignatory cannot become multisig. 120 transactions a block, children counted;
/// messages of 1,024 bytes; an unconfirmed transaction lives at most a day; 360 blocks may be
/// taken back (`nis.blockChainRewriteLimit`, by default); a block a minute.
const NIS1: Limits = Limits {
    max_cosignatories_per_account: 32,
    max_cosigned_accounts_per_account: u32::MAX,
    max_multisig_depth: 1,
    max_cosignatures_per_aggregate: u32::MAX,
    max_transactions_per_aggregate: 1,
    max_transactions_per_block: 120,
    max_message_bytes: 1024,
    transaction_lifetime_seconds: 24 * 3600,
    bonded_lifetime_seconds: 24 * 3600,
    hash_lock_amount: 0,
    hash_lock_duration_blocks_max: 0,
    max_rollback_blocks: 360,
    block_time_seconds: 60,
};

/// Catapult from v0.6 on, Symbol included.
const SWITCHES: Switches = Switches {
    opt_in: true,
    removal_threshold: Threshold::Removal,
    mixed_threshold: Threshold::Larger,
    pass_down: true,
    max_deletions_per_modification: 1,
    eligible_addition: EligibleAddition::Leaves,
    strict_cosignature_check: false,
    bonded_aggregates: true,
    n_of_n_removal_by_others: false,
};

const SWITCHES_V3: Switches = Switches { eligible_addition: EligibleAddition::OwnKey, ..SWITCHES };

const SWITCHES_NIS1: Switches = Switches {
    opt_in: false,
    n_of_n_removal_by_others: true,
    bonded_aggregates: false,
    ..SWITCHES
};

impl Protocol {
    /// The protocol of this name: a preset, or a base's name (`symbol` is `symbol-mainnet`).
    #[must_use]
    pub fn preset(name: &str) -> Option<Self> {
        let (base, limits, switches, currency) = match name {
            "symbol" | "symbol-mainnet" => (Base::Symbol, SYMBOL_MAINNET, SWITCHES, "xym"),
            "symbol-private" => (Base::Symbol, SYMBOL_PRIVATE, SWITCHES, "xym"),
            "catapult-v1" => (Base::CatapultV1, CATAPULT, SWITCHES, "cat.currency"),
            "catapult-v3" => (Base::CatapultV3, CATAPULT, SWITCHES_V3, "cat.currency"),
            "nis1" => (Base::Nis1, NIS1, SWITCHES_NIS1, "xem"),
            _ => return None,
        };
        let name = if name == "symbol" { "symbol-mainnet" } else { name };
        Some(Self {
            name: name.to_owned(),
            base,
            limits,
            switches,
            conduct: Conduct::default(),
            currency,
        })
    }

    /// The protocol a base's rules and default limits make.
    #[must_use]
    pub fn of_base(base: Base) -> Self {
        let (limits, switches, currency) = match base {
            Base::Nis1 => (NIS1, SWITCHES_NIS1, "xem"),
            Base::CatapultV3 => (CATAPULT, SWITCHES_V3, "cat.currency"),
            Base::CatapultV1 => (CATAPULT, SWITCHES, "cat.currency"),
            Base::Symbol => (SYMBOL_MAINNET, SWITCHES, "xym"),
        };
        Self {
            name: base.name().to_owned(),
            base,
            limits,
            switches,
            conduct: Conduct::default(),
            currency,
        }
    }
}
