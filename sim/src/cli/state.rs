//! The accounts that a question is put to: a scenario, an account tree, or one or several node's answers,
//! as the start of a ledger.

use std::path::PathBuf;

use super::Fatal;
use super::analyze::subject::{self, Subject};
use crate::account::Accounts;
use crate::examination::partial::{self, Partial};
use crate::key::Address;
use crate::ledger::{Entry, Genesis, Minima};
use crate::mosaic::MosaicId;
use crate::protocol::Protocol;
use crate::rest::transaction::AccountDirectory;
use crate::rest::{Document, question};
use crate::unit::Amount;

/// Accounts with their names, and what was read of them.
pub struct State {
    /// What the files tell of accounts.
    pub subject: Subject,
    /// The accounts' names with their addresses and keys; a transaction adds its own to them.
    pub directory: AccountDirectory,
}

impl State {
    /// Reads one file of any layout, or several that are node's answers of one network.
    ///
    /// # Errors
    /// A file that cannot be read, several files that are not all node's answers, answers that differ.
    pub fn read(paths: &[PathBuf], protocol: Option<&Protocol>) -> Result<Self, Fatal> {
        let mut subjects = Vec::new();
        for path in paths {
            let mut read = subject::read(path, protocol)?;
            match (read.pop(), read.is_empty()) {
                (Some(subject), true) => subjects.push((path.display().to_string(), subject)),
                _ => {
                    let what = "several account trees; expected one state";
                    return Err(Fatal(format!("{}: {what}", path.display())));
                }
            }
        }
        let subject = match subjects.len() {
            1 => subjects.pop().map(|(_, subject)| subject),
            _ => Some(merged(subjects)?),
        };
        let subject = subject.ok_or_else(|| Fatal("no state; expected a file".into()))?;
        let directory = directory_of(&subject);
        Ok(Self { subject, directory })
    }

    /// These accounts and all that transactions have added to the directory.
    ///
    /// # Errors
    /// More accounts than a ledger can number.
    pub fn accounts(&self) -> Result<Accounts, Fatal> {
        self.directory.accounts().map_err(|error| Fatal(error.to_string()))
    }

    /// The start of a ledger of these [accounts](Self::accounts).
    ///
    /// # Errors
    /// Accounts of another state.
    pub fn genesis(&self, accounts: &Accounts) -> Result<Genesis, Fatal> {
        if let Some(document) = &self.subject.document {
            return document.genesis_in(accounts).map_err(|error| Fatal(error.to_string()));
        }
        let find = |name: &String| {
            accounts.find(name).ok_or_else(|| Fatal(format!("`{name}`: no account of the state")))
        };
        let base = self.subject.protocol.base;
        let mut genesis = Genesis::of_accounts(accounts.len());
        for (name, approval, removal, below) in &self.subject.accounts {
            genesis.entries.push(Entry {
                account: find(name)?,
                minima: Minima { approval: *approval, removal: base.stored_removal(*removal) },
                cosignatories: below.iter().map(find).collect::<Result<_, _>>()?,
            });
        }
        for (name, amount) in &self.subject.balances {
            genesis.balances.push((find(name)?, MosaicId::CURRENCY, Amount(*amount)));
        }
        Ok(genesis)
    }

    /// What the state does not show of these accounts and of all below them; of each one entry, none where
    /// it shows all.
    ///
    /// # Errors
    /// Accounts that make no structure; one that is a multisig account whose cosignatories are not shown.
    pub fn partial(&self, names: &[&str]) -> Result<Vec<Partial>, Fatal> {
        let Some(document) = &self.subject.document else { return Ok(Vec::new()) };
        let structure = self.subject.structure().map_err(|error| Fatal(error.to_string()))?;
        let mut all = Vec::new();
        for name in names {
            let target = structure.target(name);
            let below = target.map_or_else(Vec::new, |target| structure.below(target));
            let below = below.into_iter().map(|account| structure.name(account));
            if let Some(hidden) = below.chain([*name]).find(|name| is_hidden(document, name)) {
                let ask = asked(document, hidden).unwrap_or_default();
                return Err(Fatal(format!(
                    "the state: `{hidden}` is a multisig account, and not all of its cosignatories are \
                     shown; expected the answer about it as well; ask the node: {ask}"
                )));
            }
            all.extend(match target {
                Some(target) => partial::of(&self.subject, &structure, target),
                None if document.shows(name) => None,
                None => {
                    let ask = asked(document, name).into_iter().collect();
                    Some(Partial::new(vec![(*name).to_owned()], false, ask))
                }
            });
        }
        Ok(all)
    }
}

/// Whether an account is known to be a multisig account and its cosignatories are not.
fn is_hidden(document: &Document, name: &str) -> bool {
    let cosigned = |account: &crate::rest::Account| account.multisigs.iter().any(|one| one == name);
    let counted = document.accounts.get(name).is_some_and(|account| account.cosignatory_count > 0);
    !document.shows(name) && (counted || document.accounts.values().any(cosigned))
}

/// The request whose answer shows an account, whether the document names it or its name is its address.
fn asked(document: &Document, name: &str) -> Option<String> {
    let address = || Address::from_text(name).ok().map(|address| question(document.era, address));
    document.question(name).or_else(address)
}

fn merged(subjects: Vec<(String, Subject)>) -> Result<Subject, Fatal> {
    let mut documents = Vec::new();
    let mut names = Vec::new();
    let mut protocol = None;
    for (name, subject) in subjects {
        let Some(document) = subject.document else {
            let expected = "expected a node's answer, as every file of several is";
            return Err(Fatal(format!("{name}: {expected}")));
        };
        documents.push(document);
        names.push(name);
        protocol = Some(subject.protocol);
    }
    let document = Document::merge(documents)
        .map_err(|error| Fatal(format!("{}: {error}", names.join(", "))))?;
    let protocol = protocol.ok_or_else(|| Fatal("no state; expected a file".into()))?;
    Ok(subject::of_parsed(document, protocol))
}

fn directory_of(subject: &Subject) -> AccountDirectory {
    let mut directory =
        subject.document.as_ref().map(AccountDirectory::of_document).unwrap_or_default();
    let accounts = subject.accounts.iter();
    let named = accounts.flat_map(|(name, _, _, below)| std::iter::once(name).chain(below));
    let named = named.chain(&subject.names).chain(&subject.target);
    if subject.document.is_none() {
        named.for_each(|name| directory.insert(name, None, None));
    }
    directory
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ledger::Ledger;
    use crate::rest::transaction::{Options, read};

    fn file(folder: &tempfile::TempDir, name: &str, text: &str) -> PathBuf {
        let path = folder.path().join(name);
        std::fs::write(&path, text).unwrap();
        path
    }

    const BOB: &str = "985BF57BE48DB7972B092ADE5DDBF6ED82123D25EBC1FEB2";
    const JOINT: &str = "98D0C32CE8B5D8B1D6A9A2C1A55A2D7C8E6C2F6E7B6F2C2D";
    const CAROL: &str = "98A1A1A1A1A1A1A1A1A1A1A1A1A1A1A1A1A1A1A1A1A1A1A1";

    fn entry(address: &str, minima: (u32, u32), below: &[&str], above: &[&str]) -> String {
        serde_json::json!({"multisig": {
            "version": 1, "accountAddress": address, "minApproval": minima.0, "minRemoval": minima.1,
            "cosignatoryAddresses": below, "multisigAddresses": above,
        }})
        .to_string()
    }

    #[test]
    fn several_answers_are_one_state_and_an_account_that_none_shows_is_asked_for() {
        let folder = tempfile::tempdir().unwrap();
        let joint = file(&folder, "joint.json", &entry(JOINT, (2, 1), &[BOB, CAROL], &[]));
        let bob = file(&folder, "bob.json", &entry(BOB, (0, 0), &[], &[JOINT]));
        let carol = file(&folder, "carol.json", &entry(CAROL, (0, 0), &[], &[JOINT]));
        let state = State::read(&[joint.clone(), bob.clone(), carol], None).unwrap();
        let accounts = state.accounts().unwrap();
        let genesis = state.genesis(&accounts).unwrap();
        assert_eq!((accounts.len(), genesis.entries.len()), (3, 1));
        let name = state.subject.document.as_ref().unwrap().find(JOINT).unwrap().to_owned();
        assert!(state.partial(&[&name]).unwrap().is_empty());
        let state = State::read(&[joint.clone(), bob.clone()], None).unwrap();
        let partial = state.partial(&[&name]).unwrap().remove(0);
        assert_eq!((partial.not_shown.len(), partial.ask.len()), (1, 1));
        let other = file(&folder, "other.json", &entry(JOINT, (1, 1), &[BOB, CAROL], &[]));
        let error = State::read(&[joint.clone(), other], None).err().unwrap();
        assert!(error.to_string().contains("differs from an earlier one"), "{error}");
        // the same in one file
        let texts = [&joint, &bob].map(|path| std::fs::read_to_string(path).unwrap());
        let list = file(&folder, "list.json", &format!("[{}]", texts.join(",")));
        let state = State::read(&[list], None).unwrap();
        assert_eq!(state.genesis(&state.accounts().unwrap()).unwrap().entries.len(), 1);
    }

    #[test]
    fn a_scenario_keeps_its_balances_and_a_ledger_starts_from_it() {
        let folder = tempfile::tempdir().unwrap();
        let text = r#"{"format":"multisig-trace","version":1,"protocol":"symbol-mainnet",
            "accounts":["alice","bob","joint"],"balances":{"joint":7},
            "state":{"joint":{"min_approval":1,"min_removal":1,"cosignatories":["alice"]}},"steps":[]}"#;
        let path = file(&folder, "scenario.json", text);
        let state = State::read(&[path], None).unwrap();
        let accounts = state.accounts().unwrap();
        let genesis = state.genesis(&accounts).unwrap();
        assert_eq!(accounts.len(), 3, "bob is no cosignatory and still an account");
        let ledger = Ledger::from_genesis(state.subject.protocol.clone(), &genesis).unwrap();
        let joint = accounts.find("joint").unwrap();
        assert_eq!(ledger.state().balance(joint, MosaicId::CURRENCY), Amount(7));
    }

    #[test]
    fn a_transaction_where_a_state_is_expected_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let text = r#"{"transaction":{"type":16724,"signerPublicKey":"00"}}"#;
        let error = State::read(&[file(&folder, "t.json", text)], None).err().unwrap();
        assert!(error.to_string().contains("a node's answer about a transaction"), "{error}");
        let graph =
            format!(r#"[{{"level":0,"multisigEntries":[{}]}}]"#, entry(BOB, (0, 0), &[], &[]));
        let error = read(graph.as_bytes(), &Options::default()).unwrap_err();
        assert!(error.found.contains("a node's answer about accounts"), "{error}");
    }
}
