//! Catapult's documents, with the field names of eras A, B and C.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::check;
use super::{Account, Document, DocumentKind, FieldError, Member};
use crate::key::{Address, Era, Network, PublicKey, base32_text};
use crate::wire::Fields;

/// The names an era gives to the account's key and to its two lists.
const fn field_names(era: Era) -> (Option<&'static str>, &'static str, &'static str) {
    match era {
        Era::A | Era::A1 => (Some("account"), "cosignatories", "multisigAccounts"),
        Era::C => (None, "cosignatoryAddresses", "multisigAddresses"),
        Era::B | Era::B2 | Era::N => {
            (Some("accountPublicKey"), "cosignatoryPublicKeys", "multisigPublicKeys")
        }
    }
}

/// Names for addresses: the wrapper's labels, else base32.
pub(super) type Labels = BTreeMap<Address, String>;

/// Collects accounts while a document is read.
struct Reader<'l> {
    era: Era,
    labels: &'l Labels,
    accounts: BTreeMap<String, Account>,
    members: BTreeMap<String, Member>,
    base32: bool,
}

/// Reads one account's document.
pub(super) fn read_multisig(
    value: &Value,
    path: &str,
    labels: &Labels,
) -> Result<Document, FieldError> {
    let mut reader = Reader::new(era_of(value, path)?, labels);
    let query = reader.entry(value, path)?;
    Ok(reader.document(DocumentKind::Multisig, query, Vec::new()))
}

/// Reads a graph.
pub(super) fn read_graph(
    value: &Value,
    path: &str,
    labels: &Labels,
) -> Result<Document, FieldError> {
    let levels = value.as_array().filter(|levels| !levels.is_empty());
    let levels = levels.ok_or_else(|| FieldError::new(path, "no level", "a list of levels"))?;
    let first = value.pointer("/0/multisigEntries/0");
    let first_path = format!("{path}[0].multisigEntries[0]");
    let first = first.ok_or_else(|| FieldError::new(&*first_path, "nothing", "an entry"))?;
    let mut reader = Reader::new(era_of(first, &first_path)?, labels);
    let mut read = Vec::new();
    for (index, level) in levels.iter().enumerate() {
        read.push(reader.level(level, format!("{path}[{index}]"))?);
    }
    let asked = read.iter().find(|(level, _)| *level == 0).map(|(_, names)| names.as_slice());
    let Some([query]) = asked else {
        return Err(FieldError::new(path, "no level 0 with one account", "the account asked for"));
    };
    let query = query.clone();
    let document = reader.document(DocumentKind::Graph, query, read);
    check::levels(&document, path)?;
    Ok(document)
}

/// The era whose field names an entry uses.
fn era_of(value: &Value, path: &str) -> Result<Era, FieldError> {
    let entry = value.get("multisig").unwrap_or(&Value::Null);
    [Era::C, Era::B, Era::A]
        .into_iter()
        .find(|&era| entry.get(field_names(era).1).is_some())
        .ok_or_else(|| {
            FieldError::new(
                format!("{path}.multisig"),
                "no list of cosignatories",
                "`cosignatoryAddresses`, `cosignatoryPublicKeys` or `cosignatories`",
            )
        })
}

impl<'l> Reader<'l> {
    fn new(era: Era, labels: &'l Labels) -> Self {
        let (accounts, members) = (BTreeMap::new(), BTreeMap::new());
        Self { era, labels, accounts, members, base32: false }
    }

    fn document(
        self,
        kind: DocumentKind,
        query: String,
        levels: Vec<(i64, Vec<String>)>,
    ) -> Document {
        let Self { era, accounts, members, base32, .. } = self;
        Document { era, kind, query, accounts, levels, members, base32 }
    }

    fn level(&mut self, value: &Value, path: String) -> Result<(i64, Vec<String>), FieldError> {
        let mut fields = Fields::new(value, path)?;
        let level = fields.signed("level")?;
        let mut names: Vec<String> = Vec::new();
        for (path, entry) in fields.list("multisigEntries")? {
            let name = self.entry(entry, &path)?;
            if names.contains(&name) {
                let found = format!("`{name}` a second time");
                return Err(FieldError::new(path, found, "each account once in a level"));
            }
            names.push(name);
        }
        fields.finish()?;
        Ok((level, names))
    }

    fn entry(&mut self, value: &Value, path: &str) -> Result<String, FieldError> {
        let mut outer = Fields::new(value, path)?;
        let path = outer.path("multisig");
        let mut fields = Fields::new(outer.required("multisig")?, path.clone())?;
        outer.finish()?;
        let (key_field, cosignatories, multisigs) = field_names(self.era);
        let version = match fields.optional("version") {
            Some(_) => Some(fields.number("version")?),
            None => None,
        };
        let text = fields.text("accountAddress")?;
        let address = self.address(text, || fields.path("accountAddress"))?;
        self.base32 |= matches!(text.len(), 39 | 40);
        let public_key = match key_field {
            Some(field) => Some(self.own_key(&mut fields, field, &address)?),
            None => None,
        };
        let min_approval = fields.number("minApproval")?;
        let min_removal = fields.number("minRemoval")?;
        let network = address.network().unwrap_or(Network::Testnet);
        let cosignatories = self.links(&mut fields, cosignatories, network)?;
        let multisigs = self.links(&mut fields, multisigs, network)?;
        fields.finish()?;
        let account = Account {
            address,
            public_key,
            min_approval,
            min_removal,
            cosignatory_count: u32::try_from(cosignatories.len()).unwrap_or(u32::MAX),
            cosignatories,
            multisigs,
            version,
            purse: None,
        };
        check::thresholds(&account, &path)?;
        let name = self.name(Member { address, public_key });
        match self.accounts.get(&name) {
            Some(earlier) if *earlier != account => {
                let found = format!("an entry of `{name}` that differs from an earlier one");
                return Err(FieldError::new(path, found, "the same wherever it is listed"));
            }
            _ => self.accounts.insert(name.clone(), account),
        };
        Ok(name)
    }

    fn address(&self, text: &str, path: impl FnOnce() -> String) -> Result<Address, FieldError> {
        let address = Address::from_text(text).ok().filter(|address| {
            address.bytes().len() == self.era.address_bytes() && address.network().is_some()
        });
        address.ok_or_else(|| {
            let digits = 2 * self.era.address_bytes();
            let expected = format!("an address of {digits} hex digits, or of base32");
            FieldError::new(path(), format_args!("`{text}`"), expected)
        })
    }

    fn own_key(
        &self,
        fields: &mut Fields<'_>,
        field: &str,
        address: &Address,
    ) -> Result<PublicKey, FieldError> {
        let key = PublicKey(fields.bytes(field)?);
        let network = address.network().unwrap_or(Network::Testnet);
        let made = Address::of(&key, self.era, network);
        if made == *address {
            return Ok(key);
        }
        Err(fields.error(
            field,
            format_args!("the key of {made}"),
            format_args!("that of {address}"),
        ))
    }

    /// The names of a list of addresses (era C) or public keys.
    fn links(
        &mut self,
        fields: &mut Fields<'_>,
        field: &str,
        network: Network,
    ) -> Result<Vec<String>, FieldError> {
        let mut names = Vec::new();
        for (path, value) in fields.list(field)? {
            let text = value.as_str().unwrap_or_default();
            let member = if self.era == Era::C {
                Member { address: self.address(text, || path.clone())?, public_key: None }
            } else {
                let key = PublicKey::from_hex(text).ok_or_else(|| {
                    FieldError::new(&*path, value, "a public key of 64 hex digits")
                })?;
                let address = Address::of(&key, self.era, network);
                Member { address, public_key: Some(key) }
            };
            let name = self.name(member);
            if names.contains(&name) {
                let found = format!("`{name}` a second time");
                return Err(FieldError::new(path, found, "each account once"));
            }
            names.push(name);
        }
        Ok(names)
    }

    fn name(&mut self, member: Member) -> String {
        let label = self.labels.get(&member.address).cloned();
        let name = label.unwrap_or_else(|| member.address.to_string());
        self.members.insert(name.clone(), member);
        name
    }
}

/// The entry of one account; `None` for a NIS1 document, which has no such entries.
pub(super) fn multisig_to_json(document: &Document, account: &Account) -> Option<Value> {
    if document.era == Era::N {
        return None;
    }
    let address_text = |address: &Address| {
        if document.base32 { base32_text(address.bytes()) } else { address.hex() }
    };
    let link = |name: &String| {
        let member = document.members.get(name)?;
        Some(match (document.era, member.public_key) {
            (Era::C, _) | (_, None) => address_text(&member.address),
            (_, Some(key)) => key.to_string(),
        })
    };
    let links =
        |names: &[String]| -> Value { names.iter().filter_map(link).collect::<Vec<_>>().into() };
    let (key_field, cosignatories, multisigs) = field_names(document.era);
    let mut entry = Map::new();
    let mut put = |key: &str, value: Value| entry.insert(key.to_owned(), value);
    if let Some(version) = account.version {
        put("version", version.into());
    }
    if let (Some(field), Some(key)) = (key_field, account.public_key) {
        put(field, key.to_string().into());
    }
    put("accountAddress", address_text(&account.address).into());
    put("minApproval", account.min_approval.into());
    put("minRemoval", account.min_removal.into());
    put(cosignatories, links(&account.cosignatories));
    put(multisigs, links(&account.multisigs));
    Some(json!({"multisig": entry}))
}

pub(super) fn graph_to_json(document: &Document) -> Value {
    let level = |(level, names): &(i64, Vec<String>)| {
        let entries: Vec<Value> =
            names.iter().filter_map(|name| document.multisig_json(name)).collect();
        json!({"level": level, "multisigEntries": entries})
    };
    document.levels.iter().map(level).collect::<Vec<_>>().into()
}
