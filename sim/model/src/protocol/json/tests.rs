//! Files load, refusals name their place, and a record says only what differs.

use serde_json::Value;

use super::*;
use crate::protocol::{EligibleAddition, Threshold};
use proptest::prelude::*;

macro_rules! shipped {
    ($name:literal) => {
        include_str!(concat!("../../../../../scenarios/protocols/", $name, ".json"))
    };
}

fn preset(name: &str) -> Protocol {
    Protocol::preset(name).unwrap()
}

fn refusal(text: &str) -> String {
    parse(text).unwrap_err().to_string()
}

#[test]
fn shipped_protocols_change_what_their_names_say() {
    let mut expected = preset("symbol-mainnet");
    expected.name = "guarded-removal".to_owned();
    expected.switches.removal_threshold = Threshold::Larger;
    assert_eq!(parse(shipped!("guarded-removal")), Ok(expected));

    let tight = parse(shipped!("tight-cap")).unwrap();
    assert_eq!(tight.limits.max_cosignatories_per_account, 25);
    assert_eq!(tight.limits.max_cosignatures_per_aggregate, 15);
    assert_eq!(tight.switches, preset("symbol-mainnet").switches);

    let mut expected = preset("symbol-mainnet");
    expected.name = "no-opt-in".to_owned();
    expected.switches.opt_in = false;
    assert_eq!(parse(shipped!("no-opt-in")), Ok(expected));

    let mut expected = preset("nis1");
    expected.name = "nis1-strict-n-of-n".to_owned();
    expected.switches.n_of_n_removal_by_others = false;
    assert_eq!(parse(shipped!("nis1-strict-n-of-n")), Ok(expected));
}

#[test]
fn shipped_protocols_are_written_as_they_are_recorded() {
    for text in [shipped!("guarded-removal"), shipped!("no-opt-in"), shipped!("nis1-strict-n-of-n")]
    {
        let record = record_of(&parse(text).unwrap());
        let shipped: Value = serde_json::from_str(text).unwrap();
        assert_eq!(serde_json::to_value(&record).unwrap(), shipped);
    }
}

#[test]
fn every_field_can_be_changed() {
    let found = parse(
        r#"{"base":"catapult-v1","limits":{"max_cosignatories_per_account":1,
        "max_cosigned_accounts_per_account":2,"max_multisig_depth":0,"max_cosignatures_per_aggregate":4,
        "max_transactions_per_aggregate":5,"max_message_bytes":7,"transaction_lifetime_seconds":6,
        "bonded_lifetime_seconds":8,
        "hash_lock_amount":9,"hash_lock_duration_blocks_max":10,"max_rollback_blocks":3,"block_time_seconds":11},
        "switches":{"opt_in":false,"removal_threshold":"approval","mixed_threshold":"removal",
        "pass_down":false,"max_deletions_per_modification":255,"eligible_addition":"own_key",
        "strict_cosignature_check":true,"bonded_aggregates":false}}"#,
    )
    .unwrap();
    assert_eq!((found.name.as_str(), found.base), ("catapult-v1", Base::CatapultV1));
    let limits = Limits {
        max_cosignatories_per_account: 1,
        max_cosigned_accounts_per_account: 2,
        max_multisig_depth: 0,
        max_cosignatures_per_aggregate: 4,
        max_transactions_per_aggregate: 5,
        max_transactions_per_block: u32::MAX,
        max_message_bytes: 7,
        transaction_lifetime_seconds: 6,
        bonded_lifetime_seconds: 8,
        hash_lock_amount: 9,
        hash_lock_duration_blocks_max: 10,
        max_rollback_blocks: 3,
        block_time_seconds: 11,
    };
    let switches = Switches {
        opt_in: false,
        removal_threshold: Threshold::Approval,
        mixed_threshold: Threshold::Removal,
        pass_down: false,
        max_deletions_per_modification: 255,
        eligible_addition: EligibleAddition::OwnKey,
        strict_cosignature_check: true,
        bonded_aggregates: false,
        n_of_n_removal_by_others: false,
    };
    assert_eq!((found.limits, found.switches), (limits, switches));
}

#[test]
fn syntax_is_refused_with_its_place() {
    #[rustfmt::skip]
    let cases = [
        ("", "1:1: the file is empty; expected a protocol: an object with a `base`"),
        ("[]", "1:2: invalid type: a list; expected an object"),
        ("{\"base\":\"nis1\"} x", "1:17: something stands behind the object; expected the end of it"),
        ("{}", "1:2: missing field `base`; it is required; expected a protocol: an object with a `base`"),
        ("{\"base\":\"symbol\",\n \"depth\":3}",
         "2:8: unknown field `depth`; expected one of `format`, `version`, `name`, `base`, `limits`, `switches`"),
        ("{\"base\":\"symbol\",\n\"base\":\"symbol\"}", "2:6: duplicate field `base`; expected it once"),
        ("{\"base\":\"symbol\",\"limits\":[30]}", "1:27: invalid type: a list; expected an object"),
        ("{\"base\":\"symbol\",\"limits\":{\"max_multisig_depth\":null}}",
         "1:52: invalid type: `null`; expected a whole number from 0 to 4294967295"),
        ("{\"base\":\"symbol\",\"limits\":{\"max_multisig_depth\":2,\"max_multisig_depth\":3}}",
         "1:70: duplicate field `max_multisig_depth`; expected it once"),
        ("{\"base\":\"symbol\",\"limits\":{\"max_multisig_depth\":-1}}",
         "1:50: invalid value: integer `-1`; expected a whole number from 0 to 4294967295"),
        ("{\"base\":\"symbol\",\"limits\":{\"max_cosignatories_per_account\":4294967296}}",
         "1:69: invalid value: integer `4294967296`; expected a whole number from 0 to 4294967295"),
        ("{\"base\":\"symbol\",\"switches\":{\"mixed_threshold\":\"min\"}}",
         "1:52: unknown variant `min`; expected one of `approval`, `removal`, `max`; did you mean `max`?"),
    ];
    for (text, message) in cases {
        assert_eq!(refusal(text), message, "{text}");
    }
}

#[test]
fn contents_are_refused_with_their_place() {
    #[rustfmt::skip]
    let cases = [
        ("{\"format\":\"multisig-trace\",\"base\":\"symbol\"}",
         "1:2: `format` is `multisig-trace`; expected `multisig-protocol`: this is a scenario, not a protocol"),
        ("{\"version\":2,\"base\":\"symbol\"}", "1:2: version 2 is not known, expected 1"),
        ("{\"base\":\"symbol\",\"name\":\"\"}",
         "1:18: the name is empty, expected a word or none at all"),
        ("{\"base\":\"symbol-mainet\"}",
         "1:2: base `symbol-mainet` is not known, expected a preset, did you mean `symbol-mainnet`?"),
        ("{\"name\":\"base\",\n  \"base\" : \"x\"}",
         "2:3: base `x` is not known, expected one of `symbol-mainnet`, `symbol-private`, `catapult-v1`, \
          `catapult-v3`, `nis1`"),
        ("{\"base\":\"symbol\",\"limits\":{\n\"max_multisig_depth\":256}}",
         "2:1: `max_multisig_depth` is 256, expected 0 to 255"),
        ("{\"base\":\"symbol\",\"switches\":{\"max_deletions_per_modification\":256}}",
         "1:30: `max_deletions_per_modification` is 256, expected 0 to 255"),
        ("{\"base\":\"nis1\",\"limits\":{\"block_time_seconds\":0}}",
         "1:26: `block_time_seconds` is 0, expected 1 to 18446744073709551615"),
    ];
    for (text, message) in cases {
        assert_eq!(refusal(text), message, "{text}");
    }
}

#[test]
fn what_a_base_has_no_use_for_is_refused_with_a_sentence() {
    #[rustfmt::skip]
    let cases = [
        ("symbol", "switches", "n_of_n_removal_by_others", "true",
         "removes by min removal from an N-of-N account too; the switch belongs to `nis1`"),
        ("catapult-v1", "limits", "max_transactions_per_block", "120",
         "has no limit on blocks in this testbench; it belongs to `nis1`"),
        ("nis1", "switches", "opt_in", "false", "never asks an added account for its consent"),
        ("nis1", "switches", "eligible_addition", "\"leaves\"", "never asks an added account for its consent"),
        ("nis1", "switches", "pass_down", "true", "has no nested levels"),
        ("nis1", "switches", "removal_threshold", "\"max\"", "has a single threshold, min cosignatories"),
        ("nis1", "switches", "mixed_threshold", "\"max\"", "has a single threshold, min cosignatories"),
        ("nis1", "switches", "max_deletions_per_modification", "1", "always allows one deletion in a modification"),
        ("nis1", "switches", "strict_cosignature_check", "false", "has no aggregates"),
        ("nis1", "switches", "bonded_aggregates", "true", "has no aggregates"),
        ("nis1", "limits", "max_multisig_depth", "2", "has one level, since no cosignatory can be a multisig account"),
        ("nis1", "limits", "max_cosigned_accounts_per_account", "5", "does not limit how many accounts one cosigns for"),
        ("nis1", "limits", "max_cosignatures_per_aggregate", "5", "has no aggregates"),
        ("nis1", "limits", "max_transactions_per_aggregate", "5", "has no aggregates"),
        ("nis1", "limits", "hash_lock_amount", "5", "has no hash locks"),
        ("nis1", "limits", "hash_lock_duration_blocks_max", "5", "has no hash locks"),
    ];
    for (base, group, field, value, reason) in cases {
        let text = format!("{{\"base\":\"{base}\",\n\"{group}\":{{\n  \"{field}\":{value}}}}}");
        let value = value.replace('"', "`");
        assert_eq!(
            refusal(&text),
            format!("3:3: `{field}` is {value}, but base `{base}` {reason}")
        );
    }
}

#[test]
fn a_limit_may_be_named_as_the_base_has_it() {
    let limits: LimitsRecord =
        serde_json::from_str(r#"{"max_cosignatories_per_account":32,"max_multisig_depth":1}"#)
            .unwrap();
    let nis1 = preset("nis1");
    assert_eq!(change(&nis1, &limits, &SwitchesRecord::default()), Ok(nis1));
}

#[test]
fn a_record_names_the_preset_and_only_what_differs() {
    for (name, _) in PRESETS {
        let text = serde_json::to_string(&record_of(&preset(name))).unwrap();
        assert_eq!(
            text,
            format!(r#"{{"format":"multisig-protocol","version":1,"base":"{name}"}}"#)
        );
    }
    let mut own = preset("symbol-private");
    own.name = "own".to_owned();
    own.limits.max_multisig_depth = 4;
    assert_eq!(
        serde_json::to_string(&record_of(&own)).unwrap(),
        r#"{"format":"multisig-protocol","version":1,"name":"own","base":"symbol-private","limits":{"max_multisig_depth":4}}"#
    );
}

#[test]
fn a_description_spells_out_everything() {
    let describe = |name| serde_json::to_value(describe(&preset(name))).unwrap();
    let symbol = describe("symbol-private");
    assert_eq!(symbol["base"], "symbol");
    assert_eq!(symbol["limits"]["max_cosignatories_per_account"], 10);
    assert_eq!(symbol["limits"]["max_transactions_per_block"], Value::Null);
    assert_eq!(symbol["switches"]["mixed_threshold"], "max");
    assert_eq!(symbol["switches"]["n_of_n_removal_by_others"], Value::Null);
    let nis1 = describe("nis1");
    assert_eq!(nis1["limits"]["max_multisig_depth"], 1);
    assert_eq!(nis1["limits"]["max_cosigned_accounts_per_account"], Value::Null);
    assert_eq!(nis1["limits"]["hash_lock_amount"], Value::Null);
    assert_eq!(nis1["switches"]["n_of_n_removal_by_others"], true);
    assert_eq!(nis1["switches"]["opt_in"], Value::Null);
    for description in [symbol, nis1] {
        assert_eq!(description["limits"].as_object().unwrap().len(), 13);
        assert_eq!(description["switches"].as_object().unwrap().len(), 9);
    }
}

fn threshold() -> impl Strategy<Value = Threshold> {
    prop::sample::select(vec![Threshold::Approval, Threshold::Removal, Threshold::Larger])
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(256) })]

    #[test]
    fn a_recorded_protocol_is_read_back_as_it_was(
        base in prop::sample::select(vec!["symbol-mainnet", "symbol-private", "catapult-v1", "catapult-v3"]),
        counts in any::<[u32; 5]>(),
        depth in any::<u8>(),
        spans in any::<[u64; 5]>(),
        block_time_seconds in 1..u64::MAX,
        flags in any::<[bool; 4]>(),
        thresholds in (threshold(), threshold()),
        deletions in any::<u8>(),
    ) {
        let mut own = preset(base);
        own.name = "own".to_owned();
        own.limits = Limits {
            max_cosignatories_per_account: counts[0],
            max_cosigned_accounts_per_account: counts[1],
            max_multisig_depth: depth.into(),
            max_cosignatures_per_aggregate: counts[2],
            max_transactions_per_aggregate: counts[3],
            max_message_bytes: counts[4],
            bonded_lifetime_seconds: spans[0],
            hash_lock_amount: spans[1],
            hash_lock_duration_blocks_max: spans[2],
            transaction_lifetime_seconds: spans[3],
            max_rollback_blocks: spans[4],
            block_time_seconds,
            ..own.limits
        };
        own.switches = Switches {
            opt_in: flags[0],
            removal_threshold: thresholds.0,
            mixed_threshold: thresholds.1,
            pass_down: flags[1],
            max_deletions_per_modification: deletions.into(),
            strict_cosignature_check: flags[2],
            bonded_aggregates: flags[3],
            ..own.switches
        };
        let text = serde_json::to_string_pretty(&record_of(&own)).unwrap();
        prop_assert_eq!(parse(&text), Ok(own));
    }

    #[test]
    fn no_text_makes_the_reader_panic(
        place in any::<prop::sample::Index>(),
        inserted in "[\\PC\n]{0,4}",
    ) {
        let text = shipped!("tight-cap");
        let place = place.index(text.len());
        let mutated = format!("{}{inserted}{}", &text[..place], &text[place + 1..]);
        if let Err(error) = parse(&mutated) {
            prop_assert!(error.line > 0);
        }
    }
}
