//! A protocol's digest speaks of every limit and every switch, and of nothing else.

use super::*;

/// A field, and a change of it.
type Change<T> = (&'static str, fn(&mut T));

#[rustfmt::skip]
const LIMITS: &[Change<Limits>] = &[
    ("max_cosignatories_per_account", |limits| limits.max_cosignatories_per_account -= 1),
    ("max_cosigned_accounts_per_account", |limits| limits.max_cosigned_accounts_per_account -= 1),
    ("max_multisig_depth", |limits| limits.max_multisig_depth += 1),
    ("max_cosignatures_per_aggregate", |limits| limits.max_cosignatures_per_aggregate -= 1),
    ("max_transactions_per_aggregate", |limits| limits.max_transactions_per_aggregate += 1),
    ("max_transactions_per_block", |limits| limits.max_transactions_per_block -= 1),
    ("max_message_bytes", |limits| limits.max_message_bytes -= 1),
    ("transaction_lifetime_seconds", |limits| limits.transaction_lifetime_seconds -= 1),
    ("bonded_lifetime_seconds", |limits| limits.bonded_lifetime_seconds -= 1),
    ("hash_lock_amount", |limits| limits.hash_lock_amount += 1),
    ("hash_lock_duration_blocks_max", |limits| limits.hash_lock_duration_blocks_max += 1),
    ("max_rollback_blocks", |limits| limits.max_rollback_blocks += 1),
    ("block_time_seconds", |limits| limits.block_time_seconds += 1),
];

#[rustfmt::skip]
const SWITCHES: &[Change<Switches>] = &[
    ("opt_in", |switches| switches.opt_in ^= true),
    ("removal_threshold", |switches| switches.removal_threshold = Threshold::Approval),
    ("mixed_threshold", |switches| switches.mixed_threshold = Threshold::Approval),
    ("pass_down", |switches| switches.pass_down ^= true),
    ("max_deletions_per_modification", |switches| switches.max_deletions_per_modification += 1),
    ("eligible_addition", |switches| switches.eligible_addition = match switches.eligible_addition {
        EligibleAddition::OwnKey => EligibleAddition::Leaves,
        EligibleAddition::Leaves => EligibleAddition::OwnKey,
    }),
    ("strict_cosignature_check", |switches| switches.strict_cosignature_check ^= true),
    ("bonded_aggregates", |switches| switches.bonded_aggregates ^= true),
    ("n_of_n_removal_by_others", |switches| switches.n_of_n_removal_by_others ^= true),
];

/// Limits and switches that a base does not have: nothing of it depends on them.
const NOT_NIS1: &[&str] = &[
    "max_cosigned_accounts_per_account",
    "max_cosignatures_per_aggregate",
    "max_transactions_per_aggregate",
    "hash_lock_amount",
    "hash_lock_duration_blocks_max",
    "max_rollback_blocks",
    "opt_in",
    "removal_threshold",
    "mixed_threshold",
    "pass_down",
    "max_deletions_per_modification",
    "eligible_addition",
    "strict_cosignature_check",
    "bonded_aggregates",
];
const NOT_CATAPULT: &[&str] = &["max_transactions_per_block", "n_of_n_removal_by_others"];

#[test]
fn a_digest_changes_with_every_single_limit_and_switch() {
    for (preset, _) in PRESETS {
        let healthy = Protocol::preset(preset).unwrap();
        // A field that is new belongs into one of the tables above.
        let described = |name: &str| {
            let all = format!("{:?}{:?}", healthy.limits, healthy.switches);
            assert!(all.contains(&format!("{name}: ")), "{name}");
        };
        let fields = format!("{:?}{:?}", healthy.limits, healthy.switches).matches(": ").count();
        assert_eq!(fields, LIMITS.len() + SWITCHES.len());
        let missing = if healthy.base == Base::Nis1 { NOT_NIS1 } else { NOT_CATAPULT };
        let mut seen = vec![(healthy.digest(), "nothing")];
        let mut judge = |name: &'static str, changed: Protocol| {
            described(name);
            let digest = changed.digest();
            match missing.contains(&name) {
                true => assert_eq!(digest, healthy.digest(), "{preset}: {name}"),
                false => {
                    let known = seen.iter().find(|(known, _)| *known == digest);
                    assert!(known.is_none(), "{preset}: {name} as {known:?}");
                    seen.push((digest, name));
                }
            }
        };
        for (name, change) in LIMITS {
            let mut changed = healthy.clone();
            change(&mut changed.limits);
            judge(name, changed);
        }
        for (name, change) in SWITCHES {
            let mut changed = healthy.clone();
            change(&mut changed.switches);
            judge(name, changed);
        }
        let named = Protocol { name: "of one's own".to_owned(), ..healthy.clone() };
        assert_eq!(named.digest(), healthy.digest());
    }
}

#[test]
fn a_digest_knows_the_law_and_not_its_name() {
    let known = |name| Protocol::preset(name).unwrap();
    let digests: std::collections::BTreeSet<String> =
        PRESETS.iter().map(|(name, _)| known(name).digest()).collect();
    assert_eq!(digests.len(), PRESETS.len());
    let mainnet = known("symbol-mainnet");
    assert_eq!(mainnet.digest().len(), 16);
    assert_eq!(Protocol { name: "mine".into(), ..mainnet.clone() }.digest(), mainnet.digest());
    let mut other = mainnet.clone();
    other.limits.max_multisig_depth += 1;
    assert_ne!(other.digest(), mainnet.digest());
}
