//! Claim: the strict reader takes exactly what the writer writes. A model made up field by field is
//! written, read and found equal; with one byte changed it is refused, or read as another payload that is
//! written back with that byte.
//!
//! Input: the choices of the generator, byte by byte; where they end, zeros follow. Failure: a panic,
//! a model that is refused, or another model or other bytes than went in.

use std::borrow::Cow;

use quorate::key::Network;
use quorate::wire::catapult::{
    self, Aggregate, Body, Changes, Cosignature, EmbeddableBody, Embedded, HashLock, Modification,
    Transfer,
};
use quorate::wire::{Era, Payload, nis1};

use crate::wire::{era_of, payload_holds};

/// Tries the claim.
///
/// # Panics
/// If it does not hold.
pub fn run(bytes: &[u8]) {
    let mut choices = Choices(bytes);
    let payload = payload(&mut choices);
    let era = payload.era();
    let mut written = payload.encode().unwrap_or_else(|error| panic!("{error}: {payload:?}"));
    match Payload::decode(&written, era) {
        Ok(read) => assert_eq!(read, payload),
        Err(error) => panic!("{error}: {payload:?}"),
    }
    let (at, change) = (usize::from(choices.u16()) % written.len().max(1), choices.u8());
    if let Some(byte) = written.get_mut(at) {
        *byte ^= change;
    }
    payload_holds(era, &written);
}

/// Bytes as choices.
struct Choices<'a>(&'a [u8]);

impl Choices<'_> {
    fn u8(&mut self) -> u8 {
        let [byte] = self.array();
        byte
    }

    fn u16(&mut self) -> u16 {
        u16::from_le_bytes(self.array())
    }

    fn u64(&mut self) -> u64 {
        u64::from_le_bytes(self.array())
    }

    /// A number below `bound`, which is at least 1.
    fn below(&mut self, bound: u8) -> u8 {
        self.u8() % bound.max(1)
    }

    fn array<const N: usize>(&mut self) -> [u8; N] {
        let mut array = [0; N];
        let (taken, rest) = self.0.split_at(N.min(self.0.len()));
        array.iter_mut().zip(taken).for_each(|(to, from)| *to = *from);
        self.0 = rest;
        array
    }

    fn list<T>(&mut self, most: u8, mut one: impl FnMut(&mut Self) -> T) -> Vec<T> {
        let count = self.below(most + 1);
        (0..count).map(|_| one(self)).collect()
    }

    fn pick<T: Copy>(&mut self, from: &[T]) -> Option<T> {
        let index = usize::from(self.u8()) % from.len().max(1);
        from.get(index).copied()
    }

    fn network(&mut self, era: Era) -> Network {
        let known: Vec<Network> =
            Network::ALL.into_iter().filter(|network| network.exists_in(era)).collect();
        self.pick(&known).unwrap_or(Network::Testnet)
    }
}

fn payload(choices: &mut Choices<'_>) -> Payload<'static> {
    let era = era_of(choices.u8());
    if era == Era::N {
        return Payload::Nis1(nis1_outer(choices));
    }
    let signature = choices.array();
    if era == Era::C && signature == [0; 64] {
        let cosignature = Cosignature { signer: choices.array(), signature };
        let parent_hash = choices.array();
        return Payload::Detached(catapult::DetachedCosignature { cosignature, parent_hash });
    }
    let network = choices.network(era);
    let (version, body) = match choices.below(3) {
        0 => {
            let (version, part) = part(choices, era, network, false);
            (version, Body::Single(part))
        }
        kind => aggregate(choices, era, kind == 1),
    };
    let signer = choices.array();
    let (max_fee, deadline) = (choices.u64(), choices.u64());
    let transaction =
        catapult::Transaction { signature, signer, version, network, max_fee, deadline, body };
    Payload::Catapult { era, transaction }
}

fn aggregate(choices: &mut Choices<'_>, era: Era, bonded: bool) -> (u8, Body<'static>) {
    let version = match era {
        Era::A => 2,
        Era::C => 1 + choices.below(3),
        _ => 1,
    };
    let aligned = matches!(era, Era::B2 | Era::C);
    let transactions_hash = if aligned { choices.array() } else { [0; 32] };
    let transactions = choices.list(4, |choices| {
        let network = choices.network(era);
        let (version, part) = part(choices, era, network, true);
        Embedded { signer: choices.array(), version, network, part }
    });
    let cosignatures = choices
        .list(4, |choices| Cosignature { signer: choices.array(), signature: choices.array() });
    (version, Body::Aggregate(Aggregate { bonded, transactions_hash, transactions, cosignatures }))
}

fn part(
    choices: &mut Choices<'_>,
    era: Era,
    network: Network,
    embedded: bool,
) -> (u8, EmbeddableBody<'static>) {
    let version = if era == Era::A { 3 } else { 1 };
    match choices.below(4) {
        0 if era != Era::B2 => (version, EmbeddableBody::Transfer(transfer(choices, era))),
        1 => {
            let lock = HashLock {
                mosaic: choices.u64(),
                amount: choices.u64(),
                duration: choices.u64(),
                hash: choices.array(),
            };
            (1, EmbeddableBody::HashLock(lock))
        }
        2 if embedded => {
            let kind = choices.pick(&catapult::OPAQUE).unwrap_or(catapult::TRANSFER);
            let body = Cow::Owned(choices.list(40, Choices::u8));
            (choices.u8().max(1), EmbeddableBody::Opaque { kind, body })
        }
        _ => {
            let [removal_delta, approval_delta] = choices.array().map(|byte: u8| byte as i8);
            let changes = changes(choices, era, network);
            let modification = Modification { removal_delta, approval_delta, changes };
            (version, EmbeddableBody::Modification(modification))
        }
    }
}

fn changes(choices: &mut Choices<'_>, era: Era, network: Network) -> Changes<'static> {
    match era {
        Era::C => {
            let mut addresses = || Cow::Owned(choices.list(8, |choices| address(choices, network)));
            Changes::Addresses { additions: addresses(), deletions: addresses() }
        }
        Era::B2 => {
            let mut keys = || Cow::Owned(choices.list(8, Choices::array));
            Changes::Keys { additions: keys(), deletions: keys() }
        }
        _ => Changes::Ordered(Cow::Owned(choices.list(8, |choices| {
            let mut entry: [u8; 33] = choices.array();
            entry.iter_mut().take(1).for_each(|action| *action &= 1);
            entry
        }))),
    }
}

/// An unresolved address; an alias ends in zeros.
fn address(choices: &mut Choices<'_>, network: Network) -> [u8; 24] {
    let mut address: [u8; 24] = choices.array();
    let alias = network.byte() | 1;
    if address.first() == Some(&alias) {
        address.iter_mut().skip(9).for_each(|byte| *byte = 0);
    }
    address
}

fn transfer(choices: &mut Choices<'_>, era: Era) -> Transfer<'static> {
    let mut recipient: [u8; 25] = choices.array();
    let mut mosaics = choices.list(6, |choices| (choices.u64(), choices.u64()));
    if era == Era::C {
        recipient.iter_mut().skip(24).for_each(|byte| *byte = 0);
        mosaics.sort_unstable();
        mosaics.dedup_by_key(|(id, _)| *id);
    }
    let entry =
        |(id, amount): (u64, u64)| (u128::from(id) | (u128::from(amount) << 64)).to_le_bytes();
    let mosaics = Cow::Owned(mosaics.into_iter().map(entry).collect());
    Transfer { recipient, mosaics, message: Cow::Owned(choices.list(60, Choices::u8)) }
}

fn nis1_one(
    choices: &mut Choices<'_>,
    signed: bool,
    (version, body): (u8, nis1::Body<'static>),
) -> nis1::Transaction<'static> {
    nis1::Transaction {
        version,
        network: choices.network(Era::N),
        timestamp: u32::from_le_bytes(choices.array()),
        signer: choices.array(),
        signature: signed.then(|| choices.array()),
        fee: choices.u64(),
        deadline: u32::from_le_bytes(choices.array()),
        body,
    }
}

fn nis1_outer(choices: &mut Choices<'_>) -> nis1::Transaction<'static> {
    match choices.below(4) {
        0 => {
            let body = nis1_cosignature(choices);
            nis1_one(choices, true, body)
        }
        1 => {
            let body = nis1_body(choices, true);
            let inner = Box::new(nis1_one(choices, false, body));
            let cosignatures = Some(choices.list(3, |choices| {
                let body = nis1_cosignature(choices);
                nis1_one(choices, true, body)
            }));
            nis1_one(choices, true, (1, nis1::Body::Multisig { inner, cosignatures }))
        }
        _ => {
            let body = nis1_body(choices, false);
            nis1_one(choices, true, body)
        }
    }
}

fn nis1_cosignature(choices: &mut Choices<'_>) -> (u8, nis1::Body<'static>) {
    let (other_hash, multisig_address) = (choices.array(), base32(choices));
    (1, nis1::Body::Cosignature { other_hash, multisig_address })
}

fn base32(choices: &mut Choices<'_>) -> [u8; 40] {
    let bytes: [u8; 40] = choices.array();
    bytes.map(|byte| match byte % 32 {
        letter @ 0..26 => b'A' + letter,
        digit => b'2' + digit - 26,
    })
}

fn nis1_body(choices: &mut Choices<'_>, inner: bool) -> (u8, nis1::Body<'static>) {
    match choices.below(3) {
        0 => {
            let mut entries = choices.list(6, |choices| (choices.below(2) == 0, choices.array()));
            entries.sort_by_key(|(adds, _): &(bool, [u8; 32])| !adds);
            let entries = entries.iter().map(|(adds, key)| nis1::entry(*adds, key)).collect();
            let change = i32::from_le_bytes(choices.array());
            let relative_change = (choices.below(2) == 0).then_some(change);
            let version = if relative_change.is_some() { 2 } else { 1 };
            (version, nis1::Body::Modification { entries: Cow::Owned(entries), relative_change })
        }
        1 if inner => {
            let kind = choices.pick(&nis1::OPAQUE).unwrap_or(nis1::TRANSFER);
            let body = Cow::Owned(choices.list(20, Choices::u8));
            (choices.u8().max(1), nis1::Body::Opaque { kind, body })
        }
        _ => nis1_transfer(choices),
    }
}

fn nis1_transfer(choices: &mut Choices<'_>) -> (u8, nis1::Body<'static>) {
    let message = (choices.below(2) == 0).then(|| nis1::Message {
        kind: 1 + u32::from(choices.below(2)),
        payload: Cow::Owned(choices.list(40, Choices::u8)),
    });
    let name = |choices: &mut Choices<'_>| {
        let text: String =
            choices.list(9, |choices| char::from(choices.u8())).into_iter().collect();
        Cow::Owned(text)
    };
    let mosaics = (choices.below(2) == 0).then(|| {
        choices.list(4, |choices| nis1::Mosaic {
            namespace: name(choices),
            name: name(choices),
            quantity: choices.u64(),
        })
    });
    let version = if mosaics.is_some() { 2 } else { 1 };
    let (recipient, amount) = (base32(choices), choices.u64());
    (version, nis1::Body::Transfer(nis1::Transfer { recipient, amount, message, mosaics }))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Bytes that look random and are the same everywhere.
    fn noise(mut seed: u64, count: usize) -> Vec<u8> {
        let mut next = || {
            seed ^= seed << 13;
            seed ^= seed >> 7;
            seed ^= seed << 17;
            (seed >> 32) as u8
        };
        (0..count).map(|_| next()).collect()
    }

    #[test]
    fn the_claim_holds_on_made_up_payloads_of_every_era() {
        let mut kinds = std::collections::BTreeSet::new();
        for seed in 1..3000 {
            let bytes =
                noise(u64::wrapping_mul(seed, 0x9E37_79B9_7F4A_7C15), 40 + (seed as usize % 900));
            run(&bytes);
            let payload = payload(&mut Choices(&bytes));
            let kind = match &payload {
                Payload::Catapult { transaction, .. } => u32::from(transaction.body.kind()),
                Payload::Detached(_) => 0,
                Payload::Nis1(transaction) => transaction.body.kind(),
            };
            kinds.insert((payload.era(), kind));
        }
        assert!(kinds.len() >= 5 * 4 + 3, "{kinds:?}");
        run(&[4]);
    }
}
