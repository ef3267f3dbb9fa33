//! A document made from what a ledger holds, as a node would write it: entries of a level are sorted
//! by address, lists of links by what stands in them.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::json;

use super::{Account, Document, DocumentKind, FieldError, Links, Member, Purse, check};
use crate::key::{Address, Era, PublicKey};

pub(super) fn document(
    era: Era,
    query: &str,
    links: &Links,
    members: &BTreeMap<String, Member>,
) -> Result<Document, FieldError> {
    let mut accounts = accounts(era, query, links, members)?;
    link(&mut accounts, links);
    for account in accounts.values_mut() {
        account.cosignatories.sort_by_key(|name| place(era, members.get(name)));
        account.multisigs.sort_by_key(|name| place(era, members.get(name)));
    }
    let kind = if era == Era::N {
        DocumentKind::Account { status: "LOCKED".to_owned(), remote_status: "INACTIVE".to_owned() }
    } else {
        DocumentKind::Graph
    };
    let mut document = Document {
        era,
        kind,
        query: query.to_owned(),
        accounts,
        levels: Vec::new(),
        members: members.clone(),
        base32: era == Era::N,
    };
    let levels = check::levels_of(&document)?;
    let shown: BTreeSet<&String> = levels.iter().flat_map(|(_, names)| names).collect();
    document.accounts.retain(|name, _| shown.contains(name));
    // An account that is shown names others that are not: a custodian's client has more cosignatories.
    let lists = |account: &Account| [account.cosignatories.clone(), account.multisigs.clone()];
    let named: BTreeSet<String> =
        document.accounts.values().flat_map(lists).flatten().chain([query.to_owned()]).collect();
    document.members.retain(|name, _| named.contains(name));
    if era != Era::N {
        document.levels = levels;
    }
    Ok(document)
}

/// What a list of links is sorted by: what stands in it, addresses in Symbol and keys before; NIS1's
/// accounts by address.
fn place(era: Era, member: Option<&Member>) -> (Option<PublicKey>, Option<Address>) {
    let key = member.and_then(|member| member.public_key);
    (key.filter(|_| !matches!(era, Era::C | Era::N)), member.map(|member| member.address))
}

/// Every account named, without its links.
fn accounts(
    era: Era,
    query: &str,
    links: &Links,
    members: &BTreeMap<String, Member>,
) -> Result<BTreeMap<String, Account>, FieldError> {
    let mut accounts = BTreeMap::new();
    let names = links.iter().flat_map(|(name, (_, _, cosignatories))| {
        std::iter::once(name.as_str()).chain(cosignatories.iter().map(String::as_str))
    });
    for name in names.chain([query]) {
        let member = members.get(name).ok_or_else(|| {
            FieldError::new(format!("accounts.{name}"), "no address", "an address for every name")
        })?;
        if member.public_key.is_none() && !matches!(era, Era::C | Era::N) {
            let path = format!("accounts.{name}");
            return Err(FieldError::new(path, "no public key", "one, for this era shows it"));
        }
        accounts.entry(name.to_owned()).or_insert_with(|| plain(era, member));
    }
    Ok(accounts)
}

fn plain(era: Era, member: &Member) -> Account {
    let purse = Purse {
        balance: 0,
        vested_balance: 0,
        harvested_blocks: 0,
        label: None,
        importance: json!(0.0),
    };
    Account {
        address: member.address,
        public_key: member.public_key.filter(|_| era != Era::C),
        min_approval: 0,
        min_removal: 0,
        cosignatories: Vec::new(),
        multisigs: Vec::new(),
        cosignatory_count: 0,
        version: (era == Era::C).then_some(1),
        purse: (era == Era::N).then_some(purse),
    }
}

fn link(accounts: &mut BTreeMap<String, Account>, links: &Links) {
    for (name, (min_approval, min_removal, cosignatories)) in links {
        for cosignatory in cosignatories {
            if let Some(account) = accounts.get_mut(cosignatory) {
                account.multisigs.push(name.clone());
            }
        }
        if let Some(account) = accounts.get_mut(name) {
            (account.min_approval, account.min_removal) = (*min_approval, *min_removal);
            account.cosignatories.clone_from(cosignatories);
            account.cosignatory_count = u32::try_from(cosignatories.len()).unwrap_or(u32::MAX);
        }
    }
}
