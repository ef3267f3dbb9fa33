//! The readers against bytes that nobody meant, and against payloads that were made up field by field.
//!
//! Hypothesis: a reader never panics; what it takes, the writers give back byte for byte, through the
//! model, through JSON and through a scenario step. Method: random bytes, damaged payloads of the official
//! SDKs, and models from a structure-aware generator. Failure: a panic, or other bytes.

use std::borrow::Cow;
use std::io::Read;
use std::sync::LazyLock;

use flate2::read::GzDecoder;
use proptest::collection::vec;
use proptest::prelude::*;
use quorate::key::{Address, Era, KeyPair, Network, in_text_order, private_key_of_name};
use quorate::wire::catapult::{
    self, Aggregate, Changes, Cosignature, EmbeddableBody, Embedded, HashLock, Modification,
    Transfer,
};
use quorate::wire::{Payload, decode_line, encode_line, nis1};
use serde_json::{Value, json};

const NAMES: [(Era, &str); 6] = [
    (Era::A, "era-A"),
    (Era::A1, "era-A1-transitional"),
    (Era::B, "era-B"),
    (Era::B2, "era-B2-transitional"),
    (Era::C, "era-C"),
    (Era::N, "era-N"),
];

static PAYLOADS: LazyLock<Vec<(Era, Vec<u8>)>> = LazyLock::new(|| {
    let mut payloads = Vec::new();
    for (era, name) in NAMES {
        let path = format!("{}/tests/data/vectors/{name}.jsonl.gz", env!("CARGO_MANIFEST_DIR"));
        let mut text = String::new();
        GzDecoder::new(std::fs::File::open(path).unwrap()).read_to_string(&mut text).unwrap();
        for line in text.lines() {
            let line: Value = serde_json::from_str(line).unwrap();
            let hex = line["hex"].as_str().unwrap();
            let bytes = data_encoding::HEXUPPER.decode(hex.as_bytes()).unwrap();
            if bytes.len() < 2000 {
                payloads.push((era, bytes));
            }
        }
    }
    payloads
});

/// What is read must be written back the same in three ways.
fn round_trip(bytes: &[u8], era: Era) -> Result<(), TestCaseError> {
    if let Ok(payload) = Payload::decode(bytes, era) {
        payload.check_order().ok();
    }
    quorate::wire::round_trip(bytes, era).map(|_| ()).map_err(TestCaseError::fail)
}

fn era() -> impl Strategy<Value = Era> {
    prop::sample::select(Era::ALL.to_vec())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn random_bytes_are_read_or_refused(era in era(), mut bytes in vec(any::<u8>(), 0..400), fit: bool) {
        if fit && bytes.len() >= 4 {
            let size = (bytes.len() as u32).to_le_bytes();
            bytes[..4].copy_from_slice(&size);
        }
        round_trip(&bytes, era)?;
    }

    #[test]
    fn damaged_payloads_are_read_or_refused(
        index in any::<prop::sample::Index>(),
        other in era(),
        changes in vec((any::<prop::sample::Index>(), any::<u8>()), 0..4),
        cut in prop::option::of(any::<prop::sample::Index>()),
        tail in vec(any::<u8>(), 0..3),
    ) {
        let (era, bytes) = &PAYLOADS[index.index(PAYLOADS.len())];
        let mut bytes = bytes.clone();
        for (at, byte) in changes {
            let at = at.index(bytes.len());
            bytes[at] = byte;
        }
        if let Some(cut) = cut {
            bytes.truncate(cut.index(bytes.len() + 1));
        }
        bytes.extend(tail);
        round_trip(&bytes, *era)?;
        round_trip(&bytes, other)?;
        if *era != Era::N && bytes.len() >= 4 {
            let size = (bytes.len() as u32).to_le_bytes();
            bytes[..4].copy_from_slice(&size);
            round_trip(&bytes, *era)?;
        }
    }

    #[test]
    fn lines_are_read_or_refused(era in era(), text in "\\PC{0,40}", json in "\\{\"(hex|json|wire|data)\":[\\PC]{0,30}\\}") {
        for line in [text, json] {
            decode_line(&line, era, None).ok();
            encode_line(&line, Some(era)).ok();
        }
    }

    #[test]
    fn made_up_payloads_come_back_equal((era, transaction) in catapult_transaction()) {
        let payload = Payload::Catapult { era, transaction };
        let bytes = payload.encode().unwrap();
        let read = Payload::decode(&bytes, era)
            .map_err(|error| TestCaseError::fail(format!("{error}\n{payload:?}")))?;
        prop_assert_eq!(&read, &payload);
        round_trip(&bytes, era)?;
    }

    #[test]
    fn made_up_nis1_payloads_come_back_equal(transaction in nis1_transaction()) {
        let payload = Payload::Nis1(transaction);
        let bytes = payload.encode().unwrap();
        let read = Payload::decode(&bytes, Era::N)
            .map_err(|error| TestCaseError::fail(format!("{error}\n{payload:?}")))?;
        prop_assert_eq!(&read, &payload);
        round_trip(&bytes, Era::N)?;
    }
}

fn network(era: Era) -> impl Strategy<Value = Network> {
    let known: Vec<Network> =
        Network::ALL.into_iter().filter(|network| network.exists_in(era)).collect();
    prop::sample::select(known)
}

fn changes(era: Era) -> BoxedStrategy<Changes<'static>> {
    let key = any::<[u8; 32]>;
    match era {
        Era::C => {
            let address = || {
                any::<[u8; 20]>().prop_map(|tail| {
                    let mut address = [0x98; 24];
                    address[4..].copy_from_slice(&tail);
                    address
                })
            };
            (vec(address(), 0..5), vec(address(), 0..5))
                .prop_map(|(additions, deletions)| Changes::Addresses {
                    additions: Cow::Owned(additions),
                    deletions: Cow::Owned(deletions),
                })
                .boxed()
        }
        Era::B2 => (vec(key(), 0..5), vec(key(), 0..5))
            .prop_map(|(additions, deletions)| Changes::Keys {
                additions: Cow::Owned(additions),
                deletions: Cow::Owned(deletions),
            })
            .boxed(),
        _ => vec((0_u8..2, key()), 0..9)
            .prop_map(|entries| {
                let entry = |(action, key): (u8, [u8; 32])| {
                    let mut entry = [action; 33];
                    entry[1..].copy_from_slice(&key);
                    entry
                };
                Changes::Ordered(Cow::Owned(entries.into_iter().map(entry).collect()))
            })
            .boxed(),
    }
}

fn transfer(era: Era) -> impl Strategy<Value = EmbeddableBody<'static>> {
    let ids = if era == Era::C { 1000_u64 } else { 4 };
    (any::<[u8; 24]>(), vec((0..ids, any::<u64>()), 0..5), vec(any::<u8>(), 0..60), any::<bool>())
        .prop_map(move |(address, mut mosaics, mut message, text)| {
            if era == Era::C {
                mosaics.sort_unstable();
                mosaics.dedup_by_key(|(id, _)| *id);
            }
            if text {
                message = String::from_utf8_lossy(&message).into_owned().into_bytes();
            }
            let mut recipient = [0; 25];
            recipient[..24].copy_from_slice(&address);
            let entry = |(id, amount): (u64, u64)| {
                (u128::from(id) | u128::from(amount) << 64).to_le_bytes()
            };
            EmbeddableBody::Transfer(Transfer {
                recipient,
                mosaics: Cow::Owned(mosaics.into_iter().map(entry).collect()),
                message: Cow::Owned(message),
            })
        })
}

fn part(era: Era, embedded: bool) -> BoxedStrategy<(u8, EmbeddableBody<'static>)> {
    let version = if era == Era::A { 3 } else { 1 };
    let modification = (any::<i8>(), any::<i8>(), changes(era)).prop_map(
        move |(removal_delta, approval_delta, changes)| {
            (
                version,
                EmbeddableBody::Modification(Modification {
                    removal_delta,
                    approval_delta,
                    changes,
                }),
            )
        },
    );
    let lock =
        (any::<[u64; 3]>(), any::<[u8; 32]>()).prop_map(|([mosaic, amount, duration], hash)| {
            (1, EmbeddableBody::HashLock(HashLock { mosaic, amount, duration, hash }))
        });
    let mut choices = vec![modification.boxed(), lock.boxed()];
    if era != Era::B2 {
        choices.push(transfer(era).prop_map(move |part| (version, part)).boxed());
    }
    if embedded {
        let kind = prop::sample::select(catapult::OPAQUE.to_vec());
        let opaque = (1_u8.., kind, vec(any::<u8>(), 0..50)).prop_map(|(version, kind, body)| {
            (version, EmbeddableBody::Opaque { kind, body: Cow::Owned(body) })
        });
        choices.push(opaque.boxed());
    }
    prop::strategy::Union::new(choices).boxed()
}

fn aggregate(era: Era) -> impl Strategy<Value = (u8, catapult::Body<'static>)> {
    let versions: Vec<u8> = match era {
        Era::A => vec![2],
        Era::C => vec![1, 2, 3],
        _ => vec![1],
    };
    let embedded = (any::<[u8; 32]>(), network(era), part(era, true))
        .prop_map(|(signer, network, (version, part))| Embedded { signer, version, network, part });
    let signature = (any::<[u8; 32]>(), any::<[u8; 32]>()).prop_map(|(signer, half)| {
        let mut signature = [7; 64];
        signature[..32].copy_from_slice(&half);
        Cosignature { signer, signature }
    });
    let hash = any::<[u8; 32]>();
    let lists = (vec(embedded, 0..5), vec(signature, 0..4));
    (prop::sample::select(versions), any::<bool>(), hash, lists).prop_map(
        move |(version, bonded, hash, (transactions, cosignatures))| {
            let transactions_hash = if matches!(era, Era::B2 | Era::C) { hash } else { [0; 32] };
            let aggregate = Aggregate { bonded, transactions_hash, transactions, cosignatures };
            (version, catapult::Body::Aggregate(aggregate))
        },
    )
}

fn catapult_transaction() -> impl Strategy<Value = (Era, catapult::Transaction<'static>)> {
    let eras = Era::ALL.into_iter().filter(|era| *era != Era::N).collect::<Vec<_>>();
    prop::sample::select(eras).prop_flat_map(|era| {
        let single =
            part(era, false).prop_map(|(version, part)| (version, catapult::Body::Single(part)));
        let body = prop_oneof![single, aggregate(era)];
        (any::<[u8; 32]>(), network(era), any::<[u64; 2]>(), body).prop_map(
            move |(signer, network, [max_fee, deadline], (version, body))| {
                let signature = [9; 64];
                let transaction = catapult::Transaction {
                    signature,
                    signer,
                    version,
                    network,
                    max_fee,
                    deadline,
                    body,
                };
                (era, transaction)
            },
        )
    })
}

fn nis1_body() -> impl Strategy<Value = (u8, nis1::Body<'static>)> {
    let modification = (
        vec((any::<bool>(), any::<[u8; 32]>()), 0..5),
        prop::option::of(any::<i32>()),
    )
        .prop_map(|(mut entries, relative_change)| {
            entries.sort_by_key(|(adds, _)| !adds);
            let entries = entries.iter().map(|(adds, key)| nis1::entry(*adds, key)).collect();
            let version = if relative_change.is_some() { 2 } else { 1 };
            (version, nis1::Body::Modification { entries: Cow::Owned(entries), relative_change })
        });
    let mosaic =
        ("[a-z.:]{0,8}", "[a-zé:]{0,4}", any::<u64>()).prop_map(|(namespace, name, quantity)| {
            nis1::Mosaic { namespace: Cow::Owned(namespace), name: Cow::Owned(name), quantity }
        });
    let message = (1_u32..3, vec(any::<u8>(), 0..9))
        .prop_map(|(kind, payload)| nis1::Message { kind, payload: Cow::Owned(payload) });
    let mosaics = prop::option::of(vec(mosaic, 0..4));
    let transfer = (any::<u64>(), prop::option::of(message), mosaics).prop_map(
        |(amount, message, mosaics)| {
            let version = if mosaics.is_some() { 2 } else { 1 };
            let recipient = [b'N'; 40];
            let transfer = nis1::Transfer { recipient, amount, message, mosaics };
            (version, nis1::Body::Transfer(transfer))
        },
    );
    let opaque = (1_u8.., prop::sample::select(nis1::OPAQUE.to_vec()), vec(any::<u8>(), 0..9))
        .prop_map(|(version, kind, body)| {
            (version, nis1::Body::Opaque { kind, body: Cow::Owned(body) })
        });
    prop_oneof![modification, transfer, opaque]
}

fn nis1_transaction() -> impl Strategy<Value = nis1::Transaction<'static>> {
    (nis1_body(), any::<[u8; 32]>(), any::<u64>(), vec(any::<[u8; 32]>(), 0..3), any::<bool>())
        .prop_map(|((version, body), signer, fee, cosigners, wrapped)| {
            let one = |version, signer, signature, body| nis1::Transaction {
                version,
                network: Network::Testnet,
                timestamp: 5,
                signer,
                signature,
                fee,
                deadline: 6,
                body,
            };
            if !wrapped && !matches!(body, nis1::Body::Opaque { .. }) {
                return one(version, signer, Some([1; 64]), body);
            }
            let cosignature = |signer: [u8; 32]| {
                let (other_hash, multisig_address) = (signer, [b'T'; 40]);
                let body = nis1::Body::Cosignature { other_hash, multisig_address };
                one(1, signer, Some([2; 64]), body)
            };
            let cosignatures = Some(cosigners.into_iter().map(cosignature).collect());
            let inner = Box::new(one(version, signer, None, body));
            one(1, signer, Some([3; 64]), nis1::Body::Multisig { inner, cosignatures })
        })
}

/// A type that is carried unread inside of another transaction is none that stands alone, as bytes or as JSON.
#[test]
fn what_is_carried_unread_does_not_stand_alone() {
    let refused = |payload: &Payload<'_>, bytes: &[u8], era, kind: u32| {
        let read = Payload::decode(bytes, era);
        let what = read.err().map(|error| error.to_string()).unwrap_or_default();
        assert!(what.contains(&format!("type {kind:#06x}")), "{era}: {kind:#06x}: {what}");
        let read = Payload::from_json(&payload.to_json(), era);
        let what = read.err().map(|error| error.to_string()).unwrap_or_default();
        assert!(what.contains("`opaque`"), "{era}: {kind:#06x}: {what}");
    };
    for kind in nis1::OPAQUE {
        let body = nis1::Body::Opaque { kind, body: Cow::Borrowed(&[]) };
        let (network, signature) = (Network::Testnet, Some([1; 64]));
        let transaction = nis1::Transaction {
            version: 1,
            network,
            timestamp: 5,
            signer: [7; 32],
            signature,
            fee: 0,
            deadline: 6,
            body,
        };
        for form in [nis1::Form::Verifiable, nis1::Form::NonVerifiable] {
            let mut bytes = Vec::new();
            transaction.write(form, &mut bytes).unwrap();
            let what = nis1::read(&bytes, form).unwrap_err().to_string();
            assert!(what.contains(&format!("type {kind:#06x}")), "{what}");
        }
        let mut bytes = Vec::new();
        transaction.write(nis1::Form::Verifiable, &mut bytes).unwrap();
        refused(&Payload::Nis1(transaction), &bytes, Era::N, kind);
    }
    for era in Era::ALL.into_iter().filter(|era| *era != Era::N) {
        for kind in catapult::OPAQUE {
            let body = EmbeddableBody::Opaque { kind, body: Cow::Borrowed(&[]) };
            let transaction = catapult::Transaction {
                signature: [1; 64],
                signer: [7; 32],
                version: 1,
                network: Network::ALL.into_iter().find(|one| one.exists_in(era)).unwrap(),
                max_fee: 0,
                deadline: 6,
                body: catapult::Body::Single(body),
            };
            let mut bytes = Vec::new();
            transaction.write(era, &mut bytes).unwrap();
            refused(&Payload::Catapult { era, transaction }, &bytes, era, kind.into());
        }
    }
}

#[test]
fn what_a_key_signs_holds_in_every_era() {
    let generation_hash = [5; 32];
    for (era, bytes) in PAYLOADS.iter().step_by(7) {
        let mut payload = Payload::decode(bytes, *era).unwrap();
        let network = match &payload {
            Payload::Catapult { transaction, .. } => transaction.network,
            _ => Network::Testnet,
        };
        let key = |name| KeyPair::new(private_key_of_name(name), *era, network);
        payload.sign(&key("alice"), Some(&generation_hash)).unwrap();
        let cosigned = payload.cosign(&key("bob"), Some(&generation_hash)).is_ok();
        let signatures = payload.verify(Some(&generation_hash)).unwrap().unwrap();
        assert_eq!(signatures.signer, Some(true), "{era}");
        if cosigned {
            assert_eq!(signatures.cosignatures.last(), Some(&true), "{era}");
        }
        let other = [6; 32];
        if *era != Era::N {
            let elsewhere = payload.verify(Some(&other)).unwrap().unwrap();
            assert_eq!(elsewhere.signer, Some(false), "{era}: replayed on another network");
        }
    }
}

#[test]
fn keys_of_names_sort_as_the_names_do() {
    let names: Vec<String> = (0..40).map(|index| format!("a{index}")).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    for (era, network) in [(Era::N, Network::Testnet), (Era::C, Network::Mainnet)] {
        let keys = in_text_order(&names, era, network);
        let mut pairs: Vec<(&str, String)> = names
            .iter()
            .zip(&keys)
            .map(|(name, pair)| (*name, Address::of(&pair.public(), era, network).to_string()))
            .collect();
        pairs.sort();
        assert!(pairs.windows(2).all(|pair| pair[0].1 < pair[1].1), "{era}");
        assert_eq!(keys.len(), 40);
    }
}

#[test]
fn nis1_modifications_in_no_order_are_refused() {
    let line = PAYLOADS.iter().find(|(era, bytes)| *era == Era::N && bytes.len() == 580).unwrap();
    let mut bytes = line.1.clone();
    let (first, second) = (132, 132 + 44 * 9);
    for offset in 12..44 {
        bytes.swap(first + offset, second + offset);
    }
    let payload = Payload::decode(&bytes, Era::N).unwrap();
    let error = payload.check_order().unwrap_err();
    assert!(error.offset >= 132 && (error.offset - 132).is_multiple_of(44), "{error}");
    let Payload::Nis1(mut transaction) = payload else { unreachable!() };
    transaction.canonicalize();
    assert_eq!(transaction.check_order().unwrap(), Some(nis1::Order::Text));
}

#[test]
fn wrappers_in_wrappers_end() {
    let mut inner = vec![1, 1, 0, 0, 1, 0, 0, 0x98];
    inner.extend([0; 4 + 4 + 32 + 8 + 4]);
    inner[12] = 32;
    for _ in 0..5000 {
        let mut outer = vec![4, 0x10, 0, 0, 1, 0, 0, 0x98];
        outer.extend([0; 4 + 4 + 32 + 8 + 4]);
        outer[12] = 32;
        outer.extend((inner.len() as u32).to_le_bytes());
        outer.extend(inner);
        inner = outer;
    }
    let error = Payload::decode_announced(&inner).unwrap_err();
    assert!(error.expected.contains("at most 8"), "{error}");
}

#[test]
fn an_edited_step_changes_its_bytes_and_a_contradiction_is_refused() {
    let (era, bytes) = PAYLOADS.iter().find(|(era, _)| *era == Era::C).unwrap();
    let text = data_encoding::HEXUPPER.encode(bytes);
    let mut answer = serde_json::to_value(decode_line(&text, *era, None).unwrap()).unwrap();
    answer["transaction"]["min_removal_delta"] = json!(-2);
    let error = encode_line(&answer.to_string(), None).unwrap_err();
    assert!(error.to_string().contains("different bytes"), "{error}");
    answer.as_object_mut().unwrap().remove("json");
    let edited = encode_line(&answer.to_string(), None).unwrap();
    assert_eq!(&edited[256..260], "FE01");
    answer["transaction"]["signer"] = json!("nobody");
    let error = encode_line(&answer.to_string(), None).unwrap_err();
    assert_eq!(error.path, "transaction.signer");
}

#[test]
fn stated_sizes_must_be_right() {
    let (era, bytes) = PAYLOADS.iter().find(|(era, _)| *era == Era::C).unwrap();
    let payload = Payload::decode(bytes, *era).unwrap();
    for (field, value) in [
        ("size", json!(1)),
        ("entity_type", json!(1)),
        ("network_byte", json!(1)),
        ("version", json!(2)),
        ("max_fee", json!("18446744073709551616")),
        ("max_fee", json!(-1)),
        ("signature", json!("00")),
        ("surprise", json!(0)),
    ] {
        let mut json = payload.to_json();
        json[field] = value;
        let error = Payload::from_json(&json, *era).unwrap_err();
        assert_eq!(error.path, format!("json.{field}"));
    }
    let mut json = payload.to_json();
    json.as_object_mut().unwrap().remove("size");
    assert_eq!(&Payload::from_json(&json, *era).unwrap().encode().unwrap(), bytes);
}
