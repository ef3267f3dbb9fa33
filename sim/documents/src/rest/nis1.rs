//! NIS1's `account/get`: one account with its cosignatories, or with the accounts it cosigns for.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::catapult::Labels;
use super::check;
use super::{Account, Document, DocumentKind, FieldError, Member};
use crate::key::{Address, Era, PublicKey};
use crate::wire::Fields;

/// What NIS1 tells of an account besides its links.
#[derive(Clone, Debug, PartialEq)]
pub struct Purse {
    /// Micro XEM.
    pub balance: u64,
    /// The part of it that counts for importance, in micro XEM.
    pub vested_balance: u64,
    /// Blocks it has harvested.
    pub harvested_blocks: u64,
    /// A text its node knows it by; in practice absent.
    pub label: Option<String>,
    /// Its share of the network's importance, as the node wrote the number.
    pub importance: Value,
}

const STATUS: [&str; 3] = ["LOCKED", "UNLOCKED", "UNKNOWN"];
const REMOTE_STATUS: [&str; 5] = ["ACTIVE", "INACTIVE", "ACTIVATING", "DEACTIVATING", "REMOTE"];

struct Reader<'l> {
    labels: &'l Labels,
    accounts: BTreeMap<String, Account>,
    members: BTreeMap<String, Member>,
}

pub(super) fn read(value: &Value, path: &str, labels: &Labels) -> Result<Document, FieldError> {
    let (accounts, members) = (BTreeMap::new(), BTreeMap::new());
    let mut reader = Reader { labels, accounts, members };
    let mut outer = Fields::new(value, path)?;
    let mut meta = Fields::new(outer.required("meta")?, outer.path("meta"))?;
    let status = one_of(&mut meta, "status", &STATUS)?;
    let remote_status = one_of(&mut meta, "remoteStatus", &REMOTE_STATUS)?;
    let (query, mut account) = reader.info(outer.required("account")?, outer.path("account"))?;
    outer.finish()?;
    account.cosignatories = reader.neighbours(&mut meta, "cosignatories", &query)?;
    account.multisigs = reader.neighbours(&mut meta, "cosignatoryOf", &query)?;
    if account.cosignatories.len() as u64 != u64::from(account.cosignatory_count) {
        let found = format!("{} entries", account.cosignatories.len());
        let expected = format!("{}, as `multisigInfo` says", account.cosignatory_count);
        return Err(meta.error("cosignatories", found, expected));
    }
    if !account.cosignatories.is_empty() && !account.multisigs.is_empty() {
        let expected = "none, for a multisig account is nobody's cosignatory on NIS1";
        return Err(meta.error("cosignatoryOf", "accounts", expected));
    }
    meta.finish()?;
    reader.accounts.insert(query.clone(), account);
    let Reader { accounts, members, .. } = reader;
    let kind = DocumentKind::Account { status, remote_status };
    let levels = Vec::new();
    Ok(Document { era: Era::N, kind, query, accounts, levels, members, base32: true })
}

fn one_of(fields: &mut Fields<'_>, key: &str, known: &[&str]) -> Result<String, FieldError> {
    let text = fields.text(key)?;
    if known.contains(&text) {
        return Ok(text.to_owned());
    }
    Err(fields.error(key, format_args!("`{text}`"), known.join(", ")))
}

impl Reader<'_> {
    /// The accounts of a list; each is linked with the account asked for and nothing else is known.
    fn neighbours(
        &mut self,
        meta: &mut Fields<'_>,
        key: &str,
        query: &str,
    ) -> Result<Vec<String>, FieldError> {
        let mut names = Vec::new();
        for (path, value) in meta.list(key)? {
            let (name, mut account) = self.info(value, path.clone())?;
            let signs = key == "cosignatories";
            if signs == (account.cosignatory_count > 0) {
                let found = format!("{} cosignatories", account.cosignatory_count);
                let expected = if signs { "none, for it is one itself" } else { "at least one" };
                return Err(FieldError::new(format!("{path}.multisigInfo"), found, expected));
            }
            let links = if signs { &mut account.multisigs } else { &mut account.cosignatories };
            links.push(query.to_owned());
            if name == query || names.contains(&name) {
                let found = format!("`{name}` a second time");
                return Err(FieldError::new(path, found, "each account once"));
            }
            self.accounts.insert(name.clone(), account);
            names.push(name);
        }
        Ok(names)
    }

    fn info(&mut self, value: &Value, path: String) -> Result<(String, Account), FieldError> {
        let mut fields = Fields::new(value, path.clone())?;
        let text = fields.text("address")?;
        let address = Address::from_text(text).ok().filter(|address| address.bytes().len() == 25);
        let address = address.filter(|address| address.check().is_ok()).ok_or_else(|| {
            fields.error("address", format_args!("`{text}`"), "an address of 40 characters")
        })?;
        let public_key = read_key(&mut fields, &address)?;
        let purse = read_purse(&mut fields)?;
        let (count, minimum) = read_multisig_info(&mut fields)?;
        fields.finish()?;
        let account = Account {
            address,
            public_key,
            min_approval: minimum,
            min_removal: minimum,
            cosignatories: Vec::new(),
            multisigs: Vec::new(),
            cosignatory_count: count,
            version: None,
            purse: Some(purse),
        };
        check::minimum(&account, &path)?;
        let name = self.labels.get(&address).cloned().unwrap_or_else(|| address.to_string());
        self.members.insert(name.clone(), Member { address, public_key });
        Ok((name, account))
    }
}

fn read_key(fields: &mut Fields<'_>, address: &Address) -> Result<Option<PublicKey>, FieldError> {
    if fields.required("publicKey")?.is_null() {
        return Ok(None);
    }
    let key = PublicKey(fields.bytes("publicKey")?);
    let made = address.network().map(|network| Address::of(&key, Era::N, network));
    if made == Some(*address) {
        return Ok(Some(key));
    }
    let expected = format!("that of {address}");
    Err(fields.error("publicKey", "the key of another account", expected))
}

fn read_purse(fields: &mut Fields<'_>) -> Result<Purse, FieldError> {
    let label = match fields.required("label")? {
        Value::Null => None,
        _ => Some(fields.text("label")?.to_owned()),
    };
    let importance = fields.required("importance")?.clone();
    if !importance.is_number() {
        return Err(fields.error("importance", importance, "a number"));
    }
    Ok(Purse {
        balance: fields.number("balance")?,
        vested_balance: fields.number("vestedBalance")?,
        harvested_blocks: fields.number("harvestedBlocks")?,
        label,
        importance,
    })
}

/// Number of cosignatories and minimum; `{}` for a plain account.
fn read_multisig_info(fields: &mut Fields<'_>) -> Result<(u32, u32), FieldError> {
    let value = fields.required("multisigInfo")?;
    let mut info = Fields::new(value, fields.path("multisigInfo"))?;
    if value.as_object().is_some_and(Map::is_empty) {
        return Ok((0, 0));
    }
    let count = info.number("cosignatoriesCount")?;
    let minimum = info.number("minCosignatories")?;
    info.finish()?;
    if count == 0 {
        return Err(fields.error("multisigInfo", "no cosignatories", "`{}` for a plain account"));
    }
    Ok((count, minimum))
}

pub(super) fn to_json(document: &Document, status: &str, remote_status: &str) -> Value {
    let info = |name: &String| Some(info_to_json(document.accounts.get(name)?));
    let infos = |names: &[String]| names.iter().filter_map(info).collect::<Vec<Value>>();
    let Some(account) = document.accounts.get(&document.query) else { return Value::Null };
    json!({
        "meta": {
            "cosignatories": infos(&account.cosignatories),
            "cosignatoryOf": infos(&account.multisigs),
            "status": status,
            "remoteStatus": remote_status,
        },
        "account": info_to_json(account),
    })
}

fn info_to_json(account: &Account) -> Value {
    let purse = account.purse.as_ref();
    let multisig_info = match account.cosignatory_count {
        0 => json!({}),
        count => json!({"cosignatoriesCount": count, "minCosignatories": account.min_approval}),
    };
    json!({
        "address": account.address.to_string(),
        "publicKey": account.public_key.map(|key| key.to_string().to_lowercase()),
        "balance": purse.map(|purse| purse.balance),
        "vestedBalance": purse.map(|purse| purse.vested_balance),
        "harvestedBlocks": purse.map(|purse| purse.harvested_blocks),
        "label": purse.and_then(|purse| purse.label.as_deref()),
        "importance": purse.map(|purse| &purse.importance),
        "multisigInfo": multisig_info,
    })
}
