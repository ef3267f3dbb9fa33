//! Steps in words.

use crate::report::sheet::grouped;
use crate::scenario::Header;
use crate::scenario::record::{
    AdvanceRecord, ChangeKind, CheckRecord, HoldingRecord, Name, StepRecord, SupplyAction,
    TransactionRecord, TransactionType,
};
use crate::unit::count_of;

/// Most names of one list.
const NAMES_MAX: usize = 12;
/// Most inner transactions of one aggregate that are written.
const PARTS_MAX: usize = 6;
/// Most letters of a message, or of anything else a user wrote.
const LETTERS_MAX: usize = 120;

/// The moment before the first step.
pub fn beginning(header: &Header) -> String {
    let accounts = header.names.accounts.len();
    let multisig = header.genesis.entries.len();
    let mut text = format!("The beginning: {}", count_of(accounts as u64, "account"));
    if multisig > 0 {
        text += &format!(", {multisig} of them multisig");
    }
    for (keys, what) in [(&header.lost, "lost"), (&header.stolen, "stolen")] {
        let names: Vec<&str> = keys.iter().map(|&key| header.names.accounts.label(key)).collect();
        if !names.is_empty() {
            text += &format!("; {what}: {}", list(names.into_iter()));
        }
    }
    text
}

/// What a step does, and who signs it, the initiator first.
pub fn step(record: &StepRecord<'_>, currency: &str) -> (String, Vec<String>) {
    let mut signers = Vec::new();
    let what = if let Some(one) = &record.transaction {
        sign(one, &mut signers);
        transaction(one, currency)
    } else if let Some(one) = &record.announce {
        sign(&one.transaction, &mut signers);
        let (id, what) = (cut(&one.id.0), transaction(&one.transaction, currency));
        format!("Announced as {id}, to wait for signatures: {what}")
    } else if let Some(one) = &record.cosign {
        signers.push(cut(&one.signer.0));
        format!("A cosignature for {}", cut(&one.id.0))
    } else if let Some(seal) = &record.seal_block {
        match &seal.harvester {
            Some(name) => format!("A block is sealed; {} harvests", cut(&name.0)),
            None => "A block is sealed".to_owned(),
        }
    } else if let Some(advance) = &record.advance {
        passed(advance)
    } else if let Some(back) = &record.roll_back {
        format!("{} rolled back", blocks(back.blocks.0))
    } else if let Some(keys) = &record.lose {
        format!("Lost from now on: {}", named(keys))
    } else if let Some(keys) = &record.steal {
        format!("Stolen from now on: {}", named(keys))
    } else if let Some(check) = &record.check {
        checked(check)
    } else {
        "Nothing".to_owned()
    };
    (what, signers)
}

fn sign(one: &TransactionRecord<'_>, signers: &mut Vec<String>) {
    let all = one.signer.iter().chain(one.cosignatures.iter().flatten());
    let count = all.clone().count();
    signers.extend(all.take(NAMES_MAX).map(|name| cut(&name.0)));
    if count > NAMES_MAX {
        signers.push(format!("{} more", count - NAMES_MAX));
    }
}

fn transaction(one: &TransactionRecord<'_>, currency: &str) -> String {
    let signer = one.signer.as_ref().map_or(String::new(), |name| cut(&name.0));
    match one.kind {
        TransactionType::AggregateComplete
        | TransactionType::AggregateBonded
        | TransactionType::Multisig
        | TransactionType::Block => {
            let parts = one.transactions.as_deref().unwrap_or_default();
            let told = parts.iter().take(PARTS_MAX).map(|part| match part.transactions {
                Some(_) => format!("{} inside another", kind(part.kind)),
                None => transaction(part, currency),
            });
            let mut told: Vec<String> = told.collect();
            if parts.len() > PARTS_MAX {
                told.push(format!("and {} transactions more", parts.len() - PARTS_MAX));
            }
            match told.as_slice() {
                [] => format!("An empty {}", kind(one.kind)),
                [only] => only.clone(),
                _ => format!("Together: {}", told.join("; then ")),
            }
        }
        TransactionType::MultisigModification => format!("{signer} {}", modification(one)),
        TransactionType::Transfer => transfer(&signer, one, currency),
        TransactionType::HashLock => {
            let amount = one.amount.map_or_else(String::new, |amount| grouped(amount.0));
            let id = one.id.as_ref().map_or(String::new(), |id| cut(&id.0));
            format!("{signer} locks {amount} {currency} for {id}")
        }
        TransactionType::MosaicDefinition => format!("{signer} defines the mosaic {}", mosaic(one)),
        TransactionType::MosaicSupplyChange => {
            let verb = match one.action {
                Some(SupplyAction::Decrease) => "destroys",
                _ => "creates",
            };
            let amount = one.amount.map_or_else(String::new, |amount| grouped(amount.0));
            format!("{signer} {verb} {amount} {}", mosaic(one))
        }
    }
}

fn mosaic(one: &TransactionRecord<'_>) -> String {
    one.mosaic.as_ref().map_or(String::new(), |name| cut(&name.0))
}

const fn kind(kind: TransactionType) -> &'static str {
    match kind {
        TransactionType::AggregateComplete | TransactionType::AggregateBonded => "aggregate",
        TransactionType::Multisig => "multisig wrapper",
        TransactionType::Block => "block",
        _ => "transaction",
    }
}

fn modification(one: &TransactionRecord<'_>) -> String {
    let mut told = Vec::new();
    let changes = one.modifications.as_deref().unwrap_or_default();
    let of = |wanted: ChangeKind| {
        changes.iter().filter(move |change| change.action == wanted).map(|one| &one.cosignatory)
    };
    let added = one.additions.iter().flatten().chain(of(ChangeKind::Add));
    let removed = one.deletions.iter().flatten().chain(of(ChangeKind::Remove));
    let invalid = of(ChangeKind::Invalid);
    let names = |all: &mut dyn Iterator<Item = &Name<'_>>| {
        let all: Vec<&str> = all.map(|name| name.0.as_ref()).collect();
        list(all.into_iter())
    };
    for (verb, mut all) in [
        ("adds", Box::new(added) as Box<dyn Iterator<Item = &Name<'_>>>),
        ("removes", Box::new(removed)),
        ("means nothing for", Box::new(invalid)),
    ] {
        let names = names(&mut *all);
        if !names.is_empty() {
            told.push(format!("{verb} {names}"));
        }
    }
    let deltas = [
        ("min approval", one.min_approval_delta),
        ("min removal", one.min_removal_delta),
        ("min cosignatories", one.min_cosignatories_delta),
    ];
    for (what, delta) in deltas {
        if let Some(delta) = delta.filter(|delta| *delta != 0) {
            told.push(format!("{what} {delta:+}"));
        }
    }
    if told.is_empty() { "changes nothing".to_owned() } else { told.join("; ") }
}

fn transfer(signer: &str, one: &TransactionRecord<'_>, currency: &str) -> String {
    let mut amounts: Vec<String> =
        one.amount.iter().map(|amount| format!("{} {currency}", grouped(amount.0))).collect();
    let mosaics = one.mosaics.iter().flat_map(|mosaics| &mosaics.0);
    amounts.extend(
        mosaics
            .take(NAMES_MAX)
            .map(|(name, amount)| format!("{} {}", grouped(amount.0), cut(&name.0))),
    );
    let amounts = if amounts.is_empty() { "nothing".to_owned() } else { amounts.join(" and ") };
    let recipient = one.recipient.as_ref().map_or(String::new(), |name| cut(&name.0));
    let message = one.message.as_ref().filter(|message| !message.0.is_empty());
    let message = message.map_or(String::new(), |text| format!(", saying “{}”", cut(&text.0)));
    format!("{signer} pays {amounts} to {recipient}{message}")
}

fn passed(advance: &AdvanceRecord) -> String {
    match (advance.blocks, advance.seconds) {
        (Some(count), _) => {
            format!("{} {}", blocks(count.0), if count.0 == 1 { "passes" } else { "pass" })
        }
        (_, Some(seconds)) => format!("{} seconds pass", grouped(seconds.0)),
        _ => "No time passes".to_owned(),
    }
}

fn blocks(count: u64) -> String {
    count_of(count, "block")
}

fn checked(check: &CheckRecord<'_>) -> String {
    let mut told = Vec::new();
    for (name, holding) in check.balance.iter().flat_map(|balance| &balance.0) {
        let amounts = match holding {
            HoldingRecord::Currency(amount) => grouped(*amount),
            HoldingRecord::Mosaics(pairs) => {
                let pair = |(mosaic, amount): &(Name<'_>, crate::scenario::record::Number)| {
                    format!("{} {}", grouped(amount.0), cut(&mosaic.0))
                };
                pairs.0.iter().take(NAMES_MAX).map(pair).collect::<Vec<_>>().join(" and ")
            }
        };
        told.push(format!("{} holds {amounts}", cut(&name.0)));
    }
    if check.state.is_some() {
        told.push("the multisig accounts stand as expected".to_owned());
    }
    let answer = |yes: bool, can: &str, cannot: &str| if yes { can } else { cannot }.to_owned();
    if let Some(can) = &check.can_spend {
        let (account, keys) = (cut(&can.account.0), named(&can.keys));
        let now = can.now.map(|yes| answer(yes, "can spend now", "cannot spend now"));
        let end = can.eventually.map(|yes| answer(yes, "can in the end", "cannot in the end"));
        let both: Vec<String> = now.into_iter().chain(end).collect();
        told.push(format!("{account}: {keys} {}", both.join(", ")));
    }
    if let Some(locked) = &check.locked {
        let now = locked.now.map(|yes| answer(yes, "locked now", "not locked now"));
        let end = locked.eventually.map(|yes| answer(yes, "locked for ever", "not for ever"));
        let both: Vec<String> = now.into_iter().chain(end).collect();
        told.push(format!("{} is {}", cut(&locked.account.0), both.join(", ")));
    }
    if let Some(quorums) = &check.quorums {
        told.push(format!("the smallest quorums of {}", cut(&quorums.account.0)));
    }
    let more = told.len().saturating_sub(NAMES_MAX);
    told.truncate(NAMES_MAX);
    let more = if more > 0 { format!("; and {more} more") } else { String::new() };
    format!("A look: {}{more}", told.join("; "))
}

fn named(names: &[Name<'_>]) -> String {
    list(names.iter().map(|name| name.0.as_ref()))
}

fn list<'n>(names: impl ExactSizeIterator<Item = &'n str>) -> String {
    let more = names.len().saturating_sub(NAMES_MAX);
    let told: Vec<String> = names.take(NAMES_MAX).map(cut).collect();
    let more = if more > 0 { format!(" and {more} more") } else { String::new() };
    told.join(", ") + &more
}

/// A user's word, not longer than can be read.
fn cut(text: &str) -> String {
    let mut short: String = text.chars().take(LETTERS_MAX).collect();
    if short.len() < text.len() {
        short.push('…');
    }
    short
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(json: &str) -> (String, String) {
        let record: StepRecord<'_> = serde_json::from_str(json).unwrap();
        let (what, signers) = step(&record, "xym");
        (what, signers.join(" "))
    }

    #[test]
    fn every_kind_of_step_has_words() {
        let cases = [
            ("{\"lose\":[\"a\",\"b\"]}", "Lost from now on: a, b", ""),
            ("{\"advance\":{\"blocks\":1}}", "1 block passes", ""),
            ("{\"roll_back\":{\"blocks\":2000}}", "2,000 blocks rolled back", ""),
            ("{\"cosign\":{\"id\":\"p\",\"signer\":\"a\"}}", "A cosignature for p", "a"),
            ("{\"seal_block\":{\"harvester\":\"h\"}}", "A block is sealed; h harvests", ""),
            (
                "{\"announce\":{\"id\":\"p\",\"transaction\":{\"type\":\"aggregate_bonded\",\"signer\":\"a\",\
                 \"transactions\":[{\"type\":\"transfer\",\"signer\":\"x\",\"recipient\":\"y\",\"amount\":1000},\
                 {\"type\":\"mosaic_definition\",\"signer\":\"x\",\"mosaic\":\"m\"}]}}}",
                "Announced as p, to wait for signatures: Together: x pays 1,000 xym to y; then x defines \
                 the mosaic m",
                "a",
            ),
            (
                "{\"transaction\":{\"type\":\"multisig_modification\",\"signer\":\"x\",\"modifications\":\
                 [{\"action\":\"remove\",\"cosignatory\":\"b\"},{\"action\":\"add\",\"cosignatory\":\"c\"}],\
                 \"min_removal_delta\":2}}",
                "x adds c; removes b; min removal +2",
                "x",
            ),
            (
                "{\"check\":{\"balance\":{\"t\":{\"xym\":5}},\"locked\":{\"account\":\"x\",\"now\":true}}}",
                "A look: t holds 5 xym; x is locked now",
                "",
            ),
        ];
        for (json, what, signers) in cases {
            assert_eq!(told(json), (what.to_owned(), signers.to_owned()));
        }
    }

    #[test]
    fn long_lists_are_cut() {
        let names: Vec<String> = (0..40).map(|number| format!("\"k{number}\"")).collect();
        let (what, _) = told(&format!("{{\"lose\":[{}]}}", names.join(",")));
        assert!(what.ends_with("k11 and 28 more"), "{what}");
    }
}
