//! Every fact of the shipped files, every refusal with its place, and no panic on any bytes.

use super::*;
use crate::key::Era;
use crate::protocol::Limits;
use proptest::prelude::*;
use serde_json::Value;

macro_rules! config {
    ($($name:literal)*) => {
        [$(($name, include_str!(concat!("../../../../tests/data/config/", $name, ".properties")))),*]
    };
}

const FILES: [(&str, &str); 12] = config!(
    "server-0.1" "server-0.4" "server-0.5" "service-0.5" "server-0.7" "server-0.8" "server-0.9"
    "symbol-server-1.0" "symbol-server" "symbol-bootstrap" "symbol-testnet" "symbol-mainnet"
);

fn file(name: &str) -> &'static str {
    FILES.iter().find(|(known, _)| *known == name).unwrap().1
}

/// A file that is complete, on few lines, for refusals: each test changes one line of it.
const SMALL: &str = "\
[network]
identifier = mainnet
[chain]
blockGenerationTargetTime = 30s
[plugin:catapult.plugins.aggregate]
maxTransactionsPerAggregate = 100
maxCosignaturesPerAggregate = 25
enableStrictCosignatureCheck = false
enableBondedAggregateSupport = true
maxBondedTransactionLifetime = 48h
[plugin:catapult.plugins.lockhash]
lockedFundsPerAggregate = 10'000'000
maxHashLockDuration = 2d
[plugin:catapult.plugins.multisig]
maxMultisigDepth = 3
maxCosignatoriesPerAccount = 25
maxCosignedAccountsPerAccount = 25
";

fn refusal_of(text: &str) -> String {
    protocol(text.as_bytes(), "own", None).unwrap_err().to_string()
}

/// What is said of [`SMALL`] with `from` replaced by `to`.
fn refusal(from: &str, to: &str) -> String {
    assert_eq!(SMALL.matches(from).count(), 1, "{from}");
    refusal_of(&SMALL.replace(from, to))
}

#[test]
fn single_values_are_read_as_the_servers_read_them() {
    let mut lines = 0;
    for line in include_str!("../../../../tests/data/config-values.jsonl").lines() {
        let case: Value = serde_json::from_str(line).unwrap();
        let text = case["text"].as_str().unwrap();
        let kind = ValueType::from_name(case["type"].as_str().unwrap()).unwrap();
        let found = read_value(kind, text);
        lines += 1;
        if (kind, text) == (ValueType::U8, "999") {
            // The declared difference: the servers read 231.
            assert_eq!(found.unwrap_err().flaw, Flaw::Overflow);
            continue;
        }
        let expected = match &case["value"] {
            Value::String(number) => Some(number.parse().unwrap()),
            Value::Bool(flag) => Some(u64::from(*flag)),
            _ => None,
        };
        assert_eq!(found.ok(), expected, "{line}");
        assert_eq!(expected.is_some(), case["ok"].as_bool().unwrap(), "{line}");
    }
    assert_eq!(lines, 39);
}

#[test]
fn a_value_that_overflows_its_type_is_refused_even_where_servers_wrap() {
    for (kind, text) in [
        (ValueType::U8, "300"),
        (ValueType::U16, "65536"),
        (ValueType::U64, "18446744073709551616"),
        (ValueType::U64, "99999999999999999999999999"),
        (ValueType::MosaicId, "0x1'0000'0000'0000'0000"),
        (ValueType::TimespanMs, "18446744073709552s"),
        (ValueType::BlockspanSeconds, "213503982334602d"),
    ] {
        assert_eq!(read_value(kind, text).unwrap_err().flaw, Flaw::Overflow, "{text}");
    }
    assert_eq!(read_value(ValueType::U8, "255"), Ok(255));
    assert_eq!(read_value(ValueType::MosaicId, "0xFFFF'FFFF'FFFF'FFFF"), Ok(u64::MAX));
}

#[test]
fn every_file_gives_its_protocol() {
    use Base::{CatapultV1, CatapultV3, Symbol};
    #[rustfmt::skip]
    let expected = [
        // file, base, cosignatories, cosigned, cosignatures, transactions, lock blocks, block time,
        // lifetime in hours, blocks kept
        ("server-0.1",        CatapultV3, 10,  5, 15, 1000, 11_520, 15, 24, 360),
        ("server-0.4",        CatapultV3, 10,  5, 15, 1000, 11_520, 15, 24, 40),
        ("server-0.5",        CatapultV3, 10,  5, 15, 1000, 11_520, 15, 24, 40),
        ("service-0.5",       CatapultV3, 10, 14, 15, 1000, 11_520, 15, 24, 40),
        ("server-0.7",        CatapultV1, 10,  5, 15, 1000, 11_520, 15, 24, 40),
        ("server-0.8",        CatapultV1, 10,  5, 15, 1000, 11_520, 15, 24, 40),
        ("server-0.9",        Symbol,     10,  5, 15, 1000, 11_520, 15, 24, 40),
        ("symbol-server-1.0", Symbol,     10,  5, 15, 1000,  5_760, 30, 24, 40),
        ("symbol-server",     Symbol,     10,  5, 15, 1000,  5_760, 30, 24, 40),
        ("symbol-bootstrap",  Symbol,     25, 25, 25,  100, 11_520, 15, 6, 0),
        ("symbol-testnet",    Symbol,     25, 25, 25,  100,  5_760, 30, 6, 0),
        ("symbol-mainnet",    Symbol,     25, 25, 25,  100,  5_760, 30, 6, 0),
    ];
    assert_eq!(expected.len(), FILES.len());
    for row in expected {
        let (name, base, cosignatories, cosigned, cosignatures, transactions, ..) = row;
        let (.., blocks, seconds, lifetime_hours, kept) = row;
        let found = protocol(file(name).as_bytes(), name, None).unwrap();
        assert_eq!((found.name.as_str(), found.base), (name, base));
        let limits = Limits {
            max_cosignatories_per_account: cosignatories,
            max_cosigned_accounts_per_account: cosigned,
            max_multisig_depth: 3,
            max_cosignatures_per_aggregate: cosignatures,
            max_transactions_per_aggregate: transactions,
            max_transactions_per_block: u32::MAX,
            max_message_bytes: 1024,
            transaction_lifetime_seconds: lifetime_hours * 3600,
            bonded_lifetime_seconds: 172_800,
            hash_lock_amount: 10_000_000,
            hash_lock_duration_blocks_max: blocks,
            max_rollback_blocks: kept,
            block_time_seconds: seconds,
        };
        assert_eq!(found.limits, limits, "{name}");
        assert_eq!(found.switches, Protocol::of_base(base).switches, "{name}");
    }
}

#[test]
fn the_other_values_of_a_file_are_kept() {
    let mainnet = parse(file("symbol-mainnet").as_bytes()).unwrap();
    assert_eq!(mainnet.identifier.as_deref(), Some("mainnet"));
    assert_eq!(mainnet.currency_mosaic_id, Some(0x6BED_913F_A202_23F8));
    assert_eq!(mainnet.strict_aggregate_transaction_hash, Some(1_690_500));
    assert_eq!(mainnet.unique_aggregate_transaction_hash, None);
    assert_eq!(mainnet.bonded_lifetime_ms, Some(172_800_000));
    let testnet = parse(file("symbol-testnet").as_bytes()).unwrap();
    assert_eq!(testnet.unique_aggregate_transaction_hash, Some(2_742_000));
    let oldest = parse(file("server-0.1").as_bytes()).unwrap();
    assert_eq!((oldest.currency_mosaic_id, oldest.bonded_lifetime_ms), (None, None));
    assert_eq!(oldest.hash_lock_duration_seconds_max, Some(172_800));
    assert_eq!(parse(file("service-0.5").as_bytes()).unwrap().max_message_bytes, None);
}

#[test]
fn switches_come_from_the_file() {
    let text = SMALL
        .replace("CosignatureCheck = false", "CosignatureCheck = true")
        .replace("AggregateSupport = true", "AggregateSupport = false");
    let found = protocol(text.as_bytes(), "own", None).unwrap().switches;
    assert!(found.strict_cosignature_check && !found.bonded_aggregates);
}

/// What each file says of the server it was written for.
#[test]
fn the_server_is_decided_by_keys_and_not_by_the_network_s_name() {
    let network = |keys: &str| SMALL.replace("[network]\n", &format!("[network]\n{keys}\n"));
    let old = |text: &str| text.replace("maxCosignatoriesPerAccount", "maxCosignersPerAccount");
    let cases = [
        (SMALL.to_owned(), Base::CatapultV1, Era::B, "maxCosignatoriesPerAccount"),
        (network("publicKey = AB"), Base::CatapultV1, Era::B, "publicKey"),
        (
            network("publicKey = AB\nepochAdjustment = 1573430400s"),
            Base::Symbol,
            Era::B2,
            "epochAdjustment",
        ),
        (
            network("publicKey = AB\nepochAdjustment = 1s\ngenerationHashSeed = CD"),
            Base::Symbol,
            Era::B2,
            "generationHashSeed",
        ),
        (
            network("nemesisSignerPublicKey = AB\nepochAdjustment = 1s\ngenerationHashSeed = CD"),
            Base::Symbol,
            Era::C,
            "nemesisSignerPublicKey",
        ),
        (old(SMALL), Base::CatapultV3, Era::A, "maxCosignersPerAccount"),
        (old(&network("publicKey = AB")), Base::CatapultV3, Era::A, "maxCosignersPerAccount"),
        (format!("{SMALL}[fork_heights]\n"), Base::Symbol, Era::C, "fork_heights"),
        (
            SMALL.replace("[chain]", "[chain]\nmaxVotingKeysPerAccount = 3"),
            Base::Symbol,
            Era::C,
            "maxVotingKeysPerAccount",
        ),
    ];
    for (text, base, era, decided_by) in cases {
        for identifier in ["mainnet", "public", "public-test", "mijin-test", "our own"] {
            let text = text.replace("= mainnet", &format!("= {identifier}"));
            let found = parse(text.as_bytes()).unwrap().origin;
            assert_eq!(
                (found.base, found.era, found.decided_by),
                (base, era, decided_by),
                "{text}"
            );
            assert!(found.to_string().contains(decided_by));
            assert_eq!(protocol(text.as_bytes(), "own", None).unwrap().base, base);
        }
    }
    let told = protocol(old(SMALL).as_bytes(), "own", Some(Base::CatapultV1)).unwrap();
    assert_eq!(told.base, Base::CatapultV1, "the caller knows better");
    let mixed = old(&network("nemesisSignerPublicKey = AB"));
    assert!(refusal_of(&mixed).contains("belongs to servers to 0.6"), "{}", refusal_of(&mixed));
}

#[test]
fn a_fork_of_the_oldest_servers_switches_opt_in() {
    let old = SMALL.replace("maxCosignatoriesPerAccount", "maxCosignersPerAccount");
    let with = |value: &str| {
        let key = format!("maxMultisigDepth = 3\nnewCosignersMustApprove = {value}");
        protocol(old.replace("maxMultisigDepth = 3", &key).as_bytes(), "own", None)
    };
    assert!(!with("false").unwrap().switches.opt_in);
    assert!(with("true").unwrap().switches.opt_in);
    assert!(with("maybe").is_err());
}

#[test]
fn a_byte_order_mark_is_passed_over() {
    let marked = format!("\u{feff}{}", SMALL.replace('\n', "\r\n"));
    assert_eq!(protocol(marked.as_bytes(), "own", None), protocol(SMALL.as_bytes(), "own", None));
    let broken = format!("\u{feff}{}", SMALL.replace("= mainnet", "="));
    assert_eq!(
        refusal_of(&broken),
        "2:13: `identifier` is empty, expected the name of a network, such as `mainnet`"
    );
    let utf16: Vec<u8> = SMALL.encode_utf16().flat_map(u16::to_le_bytes).collect();
    assert_eq!(
        parse(&utf16).unwrap_err().to_string(),
        "1:1: this is UTF-16 (little-endian); expected UTF-8: save it as UTF-8"
    );
}

#[test]
fn what_the_oldest_servers_lack_comes_from_the_base() {
    let without_lifetime = SMALL.replace("maxBondedTransactionLifetime = 48h\n", "");
    let start = without_lifetime.find("[plugin:catapult.plugins.lockhash]").unwrap();
    let end = without_lifetime.find("[plugin:catapult.plugins.multisig]").unwrap();
    let short = format!("{}{}", &without_lifetime[..start], &without_lifetime[end..]);
    let found = protocol(short.as_bytes(), "own", Some(Base::CatapultV3)).unwrap().limits;
    assert_eq!((found.bonded_lifetime_seconds, found.hash_lock_amount), (172_800, 10_000_000));
    assert_eq!(found.hash_lock_duration_blocks_max, 11_520);
    assert_eq!(
        refusal_of(&short),
        "5:1: key `maxBondedTransactionLifetime` of `[plugin:catapult.plugins.aggregate]` is missing"
    );
}

#[test]
fn blanks_comments_and_line_ends_do_not_matter() {
    let text = format!("; first\r\n\n  # second\n\t{}", SMALL.replace('\n', " \t\r\n"));
    assert_eq!(
        protocol(text.as_bytes(), "own", None),
        protocol(SMALL.trim_end().as_bytes(), "own", None)
    );
}

#[test]
fn lines_are_refused_with_their_place() {
    #[rustfmt::skip]
    let cases = [
        ("identifier = mainnet\n", "identifier\n",
         "2:1: `identifier` is neither, expected `[section]`, `key = value` or a comment"),
        ("identifier = mainnet\n", "  = mainnet\n",
         "2:3: there is no key before `=`, expected `key = value`"),
        ("[network]\n", "",
         "1:1: key `identifier` stands outside any section, expected a `[section]` line before it"),
        ("[network]\n", "[network\n",
         "1:1: `[network` starts a section and does not end it, expected `[name]` and nothing else"),
        ("[network]\n", " [network] x\n",
         "1:2: `[network] x` starts a section and does not end it, expected `[name]` and nothing else"),
        ("[network]\n", "[ ]\n", "1:1: the section has no name, expected `[name]`"),
        ("[chain]\n", "[ network ]\n",
         "3:1: section `[network]` appears again, expected it once (first on line 1)"),
        ("[chain]\n", "identifier=x\n[chain]\n",
         "3:1: key `identifier` appears again in `[network]`, expected it once (first on line 2)"),
        ("= mainnet\n", "= main\0net\n",
         "2:18: the control character U+0000 stands here, expected printable text"),
        ("= mainnet\n", "= é\u{7f}\n",
         "2:15: the control character U+007F stands here, expected printable text"),
        ("= mainnet\n", "=\n",
         "2:13: `identifier` is empty, expected the name of a network, such as `mainnet`"),
    ];
    for (from, to, message) in cases {
        assert_eq!(refusal(from, to), message);
    }
}

#[test]
fn bytes_that_are_no_text_are_refused_with_their_place() {
    let error = |bytes: &[u8]| parse(bytes).unwrap_err().to_string();
    assert_eq!(
        error(b"[a]\nk = \xc3\xa9\xff"),
        "2:6: the byte 0xFF is not UTF-8; expected text in UTF-8"
    );
    assert_eq!(error(b"\xff"), "1:1: the byte 0xFF is not UTF-8; expected text in UTF-8");
    let long = format!("[a]\n# {}", "x".repeat(LINE_BYTES_MAX - 1));
    assert_eq!(error(long.as_bytes()), "2:1: the line has 16385 bytes, expected at most 16384");
    let big = "#\n".repeat(FILE_BYTES_MAX / 2) + "#";
    assert_eq!(error(big.as_bytes()), "1:1: the file has 1048577 bytes, expected at most 1048576");
}

#[test]
fn values_are_refused_with_their_place() {
    let u8 = "expected a number from 0 to 255, such as `10` or `1'000`";
    let u32 = "expected a number from 0 to 4294967295, such as `10` or `1'000`";
    let time = "expected a time span in `ms`, `s`, `m` or `h`, such as `15s`";
    let blocks = "expected a block span in `m`, `h` or `d`, such as `2d`";
    let comment = "has a comment behind it, which needs a line of its own";
    let separator = "has a separator `'` that does not stand between two digits";
    #[rustfmt::skip]
    let cases = [
        ("Depth = 3", "Depth =", format!("15:19: `maxMultisigDepth`: there is no value, {u8}")),
        ("Depth = 3", "Depth =  256", format!("15:21: `maxMultisigDepth`: `256` is too large, {u8}")),
        ("Depth = 3", "Depth = -3", format!("15:20: `maxMultisigDepth`: `-3` has a sign, {u8}")),
        ("Depth = 3", "Depth = 0x3", format!("15:20: `maxMultisigDepth`: `0x3` is hexadecimal, {u8}")),
        ("Depth = 3", "Depth = 3e0", format!("15:20: `maxMultisigDepth`: `3e0` has an exponent, {u8}")),
        ("Depth = 3", "Depth = 3 0", format!("15:20: `maxMultisigDepth`: `3 0` has a space inside, {u8}")),
        ("Depth = 3", "Depth = '3", format!("15:20: `maxMultisigDepth`: `'3` {separator}, {u8}")),
        ("Depth = 3", "Depth = 3'", format!("15:20: `maxMultisigDepth`: `3'` {separator}, {u8}")),
        ("Depth = 3", "Depth = 1''0", format!("15:20: `maxMultisigDepth`: `1''0` {separator}, {u8}")),
        ("Depth = 3", "Depth = three", format!("15:20: `maxMultisigDepth`: `three` has the character `t`, {u8}")),
        ("Depth = 3", "Depth = 3 # edges", format!("15:20: `maxMultisigDepth`: `3 # edges` {comment}, {u8}")),
        ("sPerAggregate = 100", "sPerAggregate = 4294967296",
         format!("6:31: `maxTransactionsPerAggregate`: `4294967296` is too large, {u32}")),
        ("= 48h", "= 2d", format!("10:32: `maxBondedTransactionLifetime`: `2d` has a unit that does not belong here, {time}")),
        ("= 48h", "= 48", format!("10:32: `maxBondedTransactionLifetime`: `48` has no unit, {time}")),
        ("= 48h", "= h", format!("10:32: `maxBondedTransactionLifetime`: `h` has no digits, {time}")),
        ("= 2d", "= 30s", format!("13:23: `maxHashLockDuration`: `30s` has a unit that does not belong here, {blocks}")),
        ("Check = false", "Check = no",
         "8:32: `enableStrictCosignatureCheck`: `no` is neither, expected `true` or `false`".to_owned()),
        ("= 30s", "= 30s\ncurrencyMosaicId = 0x6bed",
         "5:20: `currencyMosaicId`: `0x6bed` has lower-case digits, expected `0x` and up to 16 \
          upper-case hexadecimal digits, such as `0x6BED'913F'A202'23F8`".to_owned()),
        ("= 30s", "= 30s\ncurrencyMosaicId = 6BED",
         "5:20: `currencyMosaicId`: `6BED` does not start with `0x`, expected `0x` and up to 16 \
          upper-case hexadecimal digits, such as `0x6BED'913F'A202'23F8`".to_owned()),
        ("= 30s", "= 1500ms",
         "4:29: `blockGenerationTargetTime` is 1500 ms, expected a whole number of seconds".to_owned()),
        ("= 30s", "= 0s",
         "4:29: `blockGenerationTargetTime` is 0, expected a whole number of seconds from 1 on".to_owned()),
        ("= 48h", "= 1ms",
         "10:32: `maxBondedTransactionLifetime` is 1 ms, expected a whole number of seconds".to_owned()),
    ];
    for (from, to, message) in cases {
        assert_eq!(refusal(from, to), message);
    }
}

#[test]
fn unknown_and_missing_keys_are_named_with_the_nearest_one() {
    #[rustfmt::skip]
    let cases = [
        ("maxCosignatoriesPerAccount", "maxCosignatoryPerAccount",
         "16:1: key `maxCosignatoryPerAccount` is not known in `[plugin:catapult.plugins.multisig]`, \
          did you mean `maxCosignatoriesPerAccount`?"),
        ("lockedFundsPerAggregate", "colour",
         "12:1: key `colour` is not known in `[plugin:catapult.plugins.lockhash]`"),
        ("maxCosignedAccountsPerAccount = 25\n", "",
         "14:1: key `maxCosignedAccountsPerAccount` of `[plugin:catapult.plugins.multisig]` is missing"),
        ("maxCosignatoriesPerAccount = 25\n", "",
         "14:1: key `maxCosignatoriesPerAccount` of `[plugin:catapult.plugins.multisig]` is missing"),
        ("blockGenerationTargetTime", "blockGenerationTime",
         "3:1: key `blockGenerationTargetTime` of `[chain]` is missing, is it meant by `blockGenerationTime`?"),
        ("[plugin:catapult.plugins.multisig]", "[plugin:catapult.plugins.multsig]",
         "18:1: section `[plugin:catapult.plugins.multisig]` with its key `maxMultisigDepth` is missing, \
          is it meant by `[plugin:catapult.plugins.multsig]`?"),
        ("[plugin:catapult.plugins.aggregate]", "[plugin:catapult.plugins.metadata]",
         "18:1: section `[plugin:catapult.plugins.aggregate]` with its key `maxTransactionsPerAggregate` is missing"),
        ("[plugin:catapult.plugins.lockhash]", "[plugin:catapult.plugins.namespace]",
         "18:1: section `[plugin:catapult.plugins.lockhash]` with its key `lockedFundsPerAggregate` is missing"),
        ("maxHashLockDuration = 2d\n", "",
         "11:1: key `maxHashLockDuration` of `[plugin:catapult.plugins.lockhash]` is missing"),
        ("maxMultisigDepth = 3", "maxMultisigDepth = 3\nmaxCosignersPerAccount = 25",
         "17:1: `maxCosignersPerAccount` and `maxCosignatoriesPerAccount` are two names of one limit, \
          expected one of them"),
        ("[plugin:catapult.plugins.lockhash]", "[plugin:catapult.plugins.lock]\n[plugin:catapult.plugins.lockhash]",
         "12:1: `[plugin:catapult.plugins.lock]` and `[plugin:catapult.plugins.lockhash]` are two names \
          of one section, expected one of them"),
    ];
    for (from, to, message) in cases {
        assert_eq!(refusal(from, to), message);
    }
    assert_eq!(
        refusal_of(""),
        "1:1: section `[chain]` with its key `blockGenerationTargetTime` is missing"
    );
}

#[test]
fn nis1_has_no_such_file() {
    let error = protocol(SMALL.as_bytes(), "own", Some(Base::Nis1)).unwrap_err();
    assert_eq!(
        error.to_string(),
        "1:1: the base is `nis1`, whose limits are constants of its code, \
         expected a Catapult or Symbol base"
    );
}

#[test]
fn the_properties_of_a_nis1_node_are_recognised() {
    assert_eq!(
        refusal_of("# node\nnem.network = mainnet\n"),
        "2:1: key `nem.network` is one of NIS1's `config.properties`, which sets no limits, expected \
         a `config-network.properties`; the limits of NIS1 are those of the preset `nis1`"
    );
}

#[test]
fn values_of_other_sections_are_not_judged() {
    let text = format!(
        "{SMALL}[other]\nanything = 0x, yes -1\nempty =\n[chain2]\nx==y\nempty = a key of another section too\n"
    );
    let document = Document::read(text.as_bytes()).unwrap();
    assert_eq!(document.entry("chain2", "x").unwrap().value, "=y");
    assert_eq!(document.entry("chain2", "empty").unwrap().value, "a key of another section too");
    assert_eq!(document.entry("other", "empty").unwrap().value_position.column, 8);
    assert!(protocol(text.as_bytes(), "own", None).is_ok());
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(512) })]

    #[test]
    fn no_bytes_make_the_reader_panic(
        which in 0..FILES.len(),
        edits in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>(), 0..4_u8), 1..8),
    ) {
        let mut bytes = FILES[which].1.as_bytes().to_vec();
        for (place, byte, edit) in edits {
            let place = place.index(bytes.len());
            match edit {
                0 => bytes[place] = byte,
                1 => bytes.insert(place, byte),
                2 if bytes.len() > 1 => { bytes.remove(place); }
                _ => bytes.truncate(place + 2),
            }
        }
        let lines = bytes.split(|&byte| byte == b'\n').count();
        if let Err(error) = protocol(&bytes, "mutated", None) {
            prop_assert!((1..=lines).contains(&(error.line as usize)) && error.column > 0);
        }
    }
}
