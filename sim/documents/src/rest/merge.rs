//! Several answers of one network as one document.

use std::collections::BTreeMap;

use super::{Account, Document, DocumentKind, FieldError};
use crate::key::Address;

impl Document {
    /// One document of several answers; accounts of one address are one account, by its label where one of
    /// the answers has a label for it. The account asked for is that of the first one; there are no levels.
    ///
    /// # Errors
    /// No document, documents of different eras, or entries of one account that differ.
    pub fn merge(documents: Vec<Self>) -> Result<Self, FieldError> {
        let labels = labels_of(&documents);
        let mut documents = documents.into_iter();
        let first = documents.next();
        let mut merged =
            first.ok_or_else(|| FieldError::new("documents", "none", "at least one"))?;
        merged.rename(&labels);
        for (index, mut document) in (1..).zip(documents) {
            if document.era != merged.era {
                let (found, expected) = (document.era, merged.era);
                let found = format!("a document of era {found}");
                return Err(FieldError::new(
                    format!("[{index}]"),
                    found,
                    format!("era {expected}"),
                ));
            }
            document.rename(&labels);
            merged.members.append(&mut document.members);
            for (name, account) in document.accounts {
                merged.join_account(name, account, index)?;
            }
            merged.levels.clear();
            if merged.kind == DocumentKind::Multisig {
                merged.kind = DocumentKind::Graph;
            }
        }
        Ok(merged)
    }

    fn join_account(
        &mut self,
        name: String,
        account: Account,
        index: usize,
    ) -> Result<(), FieldError> {
        let Some(earlier) = self.accounts.get_mut(&name) else {
            self.accounts.insert(name, account);
            return Ok(());
        };
        let minima = |one: &Account| (one.min_approval, one.min_removal, one.cosignatory_count);
        let differs = minima(earlier) != minima(&account)
            || (earlier.is_complete()
                && account.is_complete()
                && !is_same_set(&earlier.cosignatories, &account.cosignatories));
        if differs {
            let found = format!("an entry of `{name}` that differs from an earlier one");
            let expected = "the same in all documents, taken at one time";
            return Err(FieldError::new(format!("[{index}]"), found, expected));
        }
        if account.is_complete() && !earlier.is_complete() {
            earlier.cosignatories = account.cosignatories;
        }
        let is_new = |name: &String| !earlier.multisigs.contains(name);
        let more: Vec<String> = account.multisigs.into_iter().filter(is_new).collect();
        earlier.multisigs.extend(more);
        Ok(())
    }

    fn rename(&mut self, labels: &BTreeMap<Address, String>) {
        let names: BTreeMap<String, String> = self
            .members
            .iter()
            .filter_map(|(name, member)| Some((name.clone(), labels.get(&member.address)?.clone())))
            .collect();
        let new = |name: String| names.get(&name).cloned().unwrap_or(name);
        let all = |list: &mut Vec<String>| {
            list.iter_mut().for_each(|name| *name = new(std::mem::take(name)));
        };
        self.query = new(std::mem::take(&mut self.query));
        self.members = std::mem::take(&mut self.members)
            .into_iter()
            .map(|(n, member)| (new(n), member))
            .collect();
        let accounts = std::mem::take(&mut self.accounts).into_iter();
        self.accounts = accounts
            .map(|(name, mut account)| {
                all(&mut account.cosignatories);
                all(&mut account.multisigs);
                (new(name), account)
            })
            .collect();
        self.levels.iter_mut().for_each(|(_, names)| all(names));
    }
}

/// The name of each address: a label where any document has one.
fn labels_of(documents: &[Document]) -> BTreeMap<Address, String> {
    let mut labels = BTreeMap::new();
    for (name, member) in documents.iter().flat_map(|document| &document.members) {
        let is_label = *name != member.address.to_string();
        if is_label || !labels.contains_key(&member.address) {
            labels.insert(member.address, name.clone());
        }
    }
    labels
}

fn is_same_set(one: &[String], other: &[String]) -> bool {
    one.len() == other.len() && one.iter().all(|name| other.contains(name))
}
