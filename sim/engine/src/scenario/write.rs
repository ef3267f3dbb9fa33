//! From ids back to text: records of headers, steps and states, and whole files.

use std::borrow::Cow;

use super::header::{FORMAT, Header};
use super::names::Names;
use super::record::{
    AdvanceRecord, AnnounceRecord, CanSpendRecord, ChangeKind, ChangeRecord, CheckRecord,
    CosignRecord, EntryRecord, HeaderRecord, HoldingRecord, LockedRecord, MosaicRecord, Name,
    Number, Pairs, ProtocolChoice, QuorumsRecord, RollBackRecord, SealRecord, StateRecord,
    StepRecord, SupplyAction, TransactionRecord, TransactionType,
};
use super::step::{Act, Check, KeySets, Step};
use crate::account::AccountId;
use crate::ledger::{Entry, Genesis, Links, Minima, View};
use crate::mosaic::MosaicId;
use crate::protocol::{Base, Protocol, json};
use crate::transaction::{
    Action, Body, CosignatoryModification, EmbeddedTransaction, Envelope, Modification, PendingId,
    Transaction,
};
use crate::unit::Amount;

/// The multisig state of a ledger as a record, sorted by name.
#[must_use]
pub fn state<'n>(names: &'n Names, base: Base, links: &Links) -> StateRecord<'n> {
    let entry = |account| {
        let cosignatories = links.cosignatories_of(account);
        (label(names, account), entry(names, base, links.minima(account), cosignatories))
    };
    Pairs(links.multisig_accounts().map(entry).collect())
}

fn label(names: &Names, account: AccountId) -> Name<'_> {
    Name(Cow::Borrowed(names.accounts.label(account)))
}

fn labels<'n>(names: &'n Names, accounts: &[AccountId]) -> Vec<Name<'n>> {
    accounts.iter().map(|&account| label(names, account)).collect()
}

fn entry<'n>(
    names: &'n Names,
    base: Base,
    minima: Minima,
    cosignatories: &[AccountId],
) -> EntryRecord<'n> {
    let cosignatories = labels(names, cosignatories);
    let two = base.has_removal_threshold();
    EntryRecord {
        min_cosignatories: (!two).then_some(minima.approval),
        min_approval: two.then_some(minima.approval),
        min_removal: two.then_some(minima.removal),
        cosignatories,
    }
}

/// Multisig accounts as a record, sorted by name.
#[must_use]
pub fn entries<'n>(names: &'n Names, base: Base, list: &[Entry]) -> StateRecord<'n> {
    let mut list: Vec<&Entry> = list.iter().collect();
    list.sort_unstable_by_key(|entry| entry.account);
    let record = |item: &&Entry| {
        let mut cosignatories = item.cosignatories.clone();
        cosignatories.sort_unstable();
        (label(names, item.account), entry(names, base, item.minima, &cosignatories))
    };
    Pairs(list.iter().map(record).collect())
}

/// The record of a transaction.
#[must_use]
pub fn transaction<'n>(
    names: &'n Names,
    base: Base,
    transaction: &'n Transaction,
) -> TransactionRecord<'n> {
    let id = |id: Option<PendingId>| id.map(|id| Name::from(names.pending_name(id)));
    let kind = match transaction.envelope {
        Envelope::Bare => {
            let mut record = match transaction.parts.first() {
                Some(inner) => part(names, base, transaction, inner),
                None => TransactionRecord::new(TransactionType::Transfer),
            };
            record.id = record.id.or_else(|| id(transaction.id));
            record.deadline_seconds = transaction.deadline_seconds;
            return record;
        }
        Envelope::AggregateComplete => TransactionType::AggregateComplete,
        Envelope::AggregateBonded => TransactionType::AggregateBonded,
        Envelope::Multisig => TransactionType::Multisig,
    };
    let inner = transaction.parts.iter().map(|inner| {
        let mut record = part(names, base, transaction, inner);
        record.id = record.id.or_else(|| id(transaction.inner_id));
        record
    });
    TransactionRecord {
        id: id(transaction.id),
        deadline_seconds: transaction.deadline_seconds,
        signer: Some(label(names, transaction.signer)),
        cosignatures: Some(labels(names, &transaction.cosignatures)),
        transactions: Some(inner.collect()),
        ..TransactionRecord::new(kind)
    }
}

fn part<'n>(
    names: &'n Names,
    base: Base,
    transaction: &'n Transaction,
    part: &EmbeddedTransaction,
) -> TransactionRecord<'n> {
    let signer = Some(label(names, part.signer));
    match &part.body {
        Body::Transfer(transfer) => {
            let message = transfer.message.of_text(&transaction.text);
            let (amount, mosaics) = amounts(names, transaction.amounts_of(transfer));
            TransactionRecord {
                signer,
                recipient: Some(label(names, transfer.recipient)),
                amount,
                mosaics,
                message: (!message.is_empty()).then(|| Name::from(message)),
                ..TransactionRecord::new(TransactionType::Transfer)
            }
        }
        Body::Modification(body) => TransactionRecord {
            signer,
            ..modification(names, base, body, transaction.changes_of(body))
        },
        Body::HashLock(body) => TransactionRecord {
            signer,
            id: Some(Name::from(names.pending_name(body.pending))),
            amount: Some(Number(body.amount.0)),
            duration_blocks: Some(Number(body.duration_blocks)),
            ..TransactionRecord::new(TransactionType::HashLock)
        },
        Body::MosaicDefinition(body) => TransactionRecord {
            signer,
            mosaic: Some(Name::from(names.mosaic_name(body.mosaic))),
            divisibility: Some(body.divisibility),
            supply_mutable: Some(body.supply_mutable),
            transferable: Some(body.transferable),
            ..TransactionRecord::new(TransactionType::MosaicDefinition)
        },
        Body::MosaicSupplyChange(body) => TransactionRecord {
            signer,
            mosaic: Some(Name::from(names.mosaic_name(body.mosaic))),
            action: Some(match body.increase {
                true => SupplyAction::Increase,
                false => SupplyAction::Decrease,
            }),
            amount: Some(Number(body.delta.0)),
            ..TransactionRecord::new(TransactionType::MosaicSupplyChange)
        },
        Body::Nested => TransactionRecord {
            signer,
            transactions: Some(Vec::new()),
            ..TransactionRecord::new(TransactionType::AggregateComplete)
        },
    }
}

type Amounts<'n> = (Option<Number>, Option<Pairs<Name<'n>, Number>>);

/// A single amount of the currency, or amounts by mosaic.
fn amounts<'n>(names: &'n Names, amounts: &[(MosaicId, Amount)]) -> Amounts<'n> {
    if let [(MosaicId::CURRENCY, amount)] = amounts {
        return (Some(Number(amount.0)), None);
    }
    let pair = |&(mosaic, amount): &(MosaicId, Amount)| {
        (Name::from(names.mosaic_name(mosaic)), Number(amount.0))
    };
    (None, Some(Pairs(amounts.iter().map(pair).collect())))
}

fn modification<'n>(
    names: &'n Names,
    base: Base,
    body: &Modification,
    changes: &[CosignatoryModification],
) -> TransactionRecord<'n> {
    let record = TransactionRecord {
        version: (body.version != 0).then_some(body.version),
        ..TransactionRecord::new(TransactionType::MultisigModification)
    };
    let of = |action| {
        let chosen = changes.iter().filter(move |change| change.action == action);
        Some(chosen.map(|change| label(names, change.account)).collect::<Vec<_>>())
    };
    let (approval, removal) = (i64::from(body.approval_delta), i64::from(body.removal_delta));
    let two = base.has_removal_threshold();
    let record = TransactionRecord {
        min_cosignatories_delta: (!two && body.delta_present).then_some(approval),
        min_removal_delta: two.then_some(removal),
        min_approval_delta: two.then_some(approval),
        ..record
    };
    match base.has_ordered_changes() {
        true => TransactionRecord {
            modifications: Some(changes.iter().map(|change| ordered(names, change)).collect()),
            ..record
        },
        false => TransactionRecord {
            additions: of(Action::Add),
            deletions: of(Action::Remove),
            ..record
        },
    }
}

fn ordered<'n>(names: &'n Names, change: &CosignatoryModification) -> ChangeRecord<'n> {
    let action = match change.action {
        Action::Add => ChangeKind::Add,
        Action::Remove => ChangeKind::Remove,
        Action::Invalid => ChangeKind::Invalid,
    };
    ChangeRecord { action, cosignatory: label(names, change.account) }
}

/// The record of a step, without expectations.
#[must_use]
pub fn step<'n>(names: &'n Names, base: Base, step: &'n Step) -> StepRecord<'n> {
    let mut record = StepRecord::default();
    match &step.act {
        Act::Transaction => {
            record.transaction = Some(transaction(names, base, &step.transaction));
        }
        Act::Block => {
            let inner = step.block.iter().map(|inner| transaction(names, base, inner));
            record.transaction = Some(TransactionRecord {
                transactions: Some(inner.collect()),
                ..TransactionRecord::new(TransactionType::Block)
            });
        }
        &Act::Announce(pending) => {
            let id = Name::from(names.pending_name(pending));
            let mut transaction = transaction(names, base, &step.transaction);
            let deadline_seconds = transaction.deadline_seconds.take();
            let deadline_blocks = None;
            let announce = AnnounceRecord { id, deadline_blocks, deadline_seconds, transaction };
            record.announce = Some(Box::new(announce));
        }
        &Act::Cosign(pending, signer) => {
            let id = Name::from(names.pending_name(pending));
            record.cosign = Some(CosignRecord { id, signer: label(names, signer) });
        }
        Act::SealBlock(harvester) => {
            let harvester = harvester.map(|account| label(names, account));
            record.seal_block = Some(SealRecord { harvester });
        }
        &Act::Advance(blocks) => {
            let blocks = Some(Number(blocks));
            record.advance = Some(AdvanceRecord { blocks, seconds: None });
        }
        &Act::RollBack(blocks) => {
            record.roll_back = Some(RollBackRecord { blocks: Number(blocks) });
        }
        Act::Lose(keys) => record.lose = Some(labels(names, keys)),
        Act::Steal(keys) => record.steal = Some(labels(names, keys)),
        Act::Check(expected) => record.check = Some(Box::new(check(names, base, expected))),
    }
    record
}

fn check<'n>(names: &'n Names, base: Base, check: &Check) -> CheckRecord<'n> {
    let sets = |sets: &Option<KeySets>| {
        sets.as_ref().map(|sets| sets.iter().map(|set| labels(names, set)).collect())
    };
    CheckRecord {
        balance: (!check.balances.is_empty()).then(|| balances(names, &check.balances)),
        state: check.state.as_ref().map(|state| entries(names, base, state)),
        can_spend: check.can_spend.as_ref().map(|ability| CanSpendRecord {
            account: label(names, ability.account),
            keys: labels(names, &ability.keys),
            now: ability.now,
            eventually: ability.eventually,
        }),
        locked: check.locked.as_ref().map(|ability| LockedRecord {
            account: label(names, ability.account),
            now: ability.now,
            eventually: ability.eventually,
        }),
        quorums: check.quorums.as_ref().map(|(account, now, eventually)| QuorumsRecord {
            account: label(names, *account),
            now: sets(now),
            eventually: sets(eventually),
        }),
    }
}

/// What accounts hold: a bare number where it is the currency alone.
fn balances<'n>(
    names: &'n Names,
    list: &[(AccountId, MosaicId, Amount)],
) -> Pairs<Name<'n>, HoldingRecord<'n>> {
    let mut sorted = list.to_vec();
    sorted.sort_unstable_by_key(|&(account, mosaic, _)| (account, mosaic));
    let holding = |held: &[(AccountId, MosaicId, Amount)]| match held {
        [(_, MosaicId::CURRENCY, amount)] => HoldingRecord::Currency(amount.0),
        _ => HoldingRecord::Mosaics(Pairs(
            held.iter()
                .map(|&(_, mosaic, amount)| {
                    (Name::from(names.mosaic_name(mosaic)), Number(amount.0))
                })
                .collect(),
        )),
    };
    let of_one_account = sorted.chunk_by(|one, other| one.0 == other.0);
    let pairs = of_one_account.filter_map(|held| {
        let account = held.first()?.0;
        Some((label(names, account), holding(held)))
    });
    Pairs(pairs.collect())
}

/// The members of a header that say where steps start.
pub const START_MEMBERS: [&str; 5] = ["mosaics", "balances", "state", "lost", "stolen"];

/// The members of a header's record that say where steps start ([`START_MEMBERS`]), and no other.
#[must_use]
pub fn start<'h>(header: &'h Header, genesis: &'h Genesis) -> HeaderRecord<'h> {
    let names = &header.names;
    let mosaic = |&(mosaic, ref definition): &(MosaicId, crate::mosaic::Definition)| MosaicRecord {
        name: Name::from(names.mosaic_name(mosaic)),
        owner: label(names, definition.owner),
        divisibility: definition.divisibility,
        supply_mutable: definition.supply_mutable,
        transferable: definition.transferable,
    };
    HeaderRecord {
        mosaics: genesis.definitions.iter().map(mosaic).collect(),
        balances: balances(names, &genesis.balances),
        state: entries(names, header.protocol.base, &genesis.entries),
        lost: labels(names, &header.lost),
        stolen: labels(names, &header.stolen),
        ..HeaderRecord::default()
    }
}

/// The record of a header.
#[must_use]
pub fn header(header: &Header) -> HeaderRecord<'_> {
    let names = &header.names;
    let text = |text: &str| (!text.is_empty()).then(|| Name(Cow::Owned(text.to_owned())));
    HeaderRecord {
        format: Name::from(FORMAT),
        version: 1,
        name: text(&header.name),
        description: text(&header.description),
        protocol: Some(protocol_choice(&header.protocol)),
        accounts: names.accounts.ids().map(|account| label(names, account)).collect(),
        ..start(header, &header.genesis)
    }
}

/// A preset's name where it says all, else base and changes.
#[must_use]
pub fn protocol_choice(protocol: &Protocol) -> ProtocolChoice {
    if Protocol::preset(&protocol.name).as_ref() == Some(protocol) {
        return ProtocolChoice::Preset(protocol.name.clone());
    }
    ProtocolChoice::Own(Box::new(json::record_of(protocol)))
}

/// A whole scenario as a `.json` text in the one layout (see [`layout`](super::layout)). `steps` are
/// records with whatever expectations they carry.
///
/// # Errors
/// Only what serde reports; records of this crate give no reason.
pub fn document(header: &Header, steps: &[StepRecord<'_>]) -> Result<String, serde_json::Error> {
    let mut text = serde_json::to_string(&self::header(header))?;
    text.truncate(text.len() - 1);
    text += ",\"steps\":[";
    for (index, step) in steps.iter().enumerate() {
        text += if index > 0 { "," } else { "" };
        text += &serde_json::to_string(step)?;
    }
    text += "]}";
    Ok(super::layout::document(&text).unwrap_or(text))
}
