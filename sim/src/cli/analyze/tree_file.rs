//! The plain account tree: accounts with thresholds, and how likely keys are lost and stolen.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::super::{Fatal, input};
use super::subject::{Account, Subject};
use crate::analysis::{Group, Odds, StructureError};
use crate::flaw::{Flaw, other_format, place_at};
use crate::protocol::{Protocol, json};
use crate::scenario::record::{EntryRecord, Name, Pairs, ProtocolChoice};
use crate::scenario::{unknown_protocol, write};

/// The word that an account tree begins with.
pub const FORMAT: &str = "account-tree";
/// The protocol of a tree that names none.
const PROTOCOL: &str = "symbol-mainnet";

/// What the texts of this module hold.
const TREE: &str = "an account tree: an object with `format` and `accounts`";
const STRUCTURE: &str = "a structure: an object with `accounts` and `target`";
const CHANCES: &str = "{\"KEY\":{\"loss\":0 to 1,\"compromise\":0 to 1}}";

#[derive(Deserialize, Serialize)]
#[serde(deny_unknown_fields, expecting = "an account tree: an object with `format` and `accounts`")]
struct Tree<'a> {
    #[serde(borrow)]
    format: Name<'a>,
    #[serde(borrow, default, skip_serializing_if = "Option::is_none")]
    name: Option<Name<'a>>,
    #[serde(borrow, default, rename = "description", skip_serializing)]
    _description: Option<Name<'a>>,
    #[serde(default)]
    protocol: Option<ProtocolChoice>,
    #[serde(borrow)]
    accounts: Pairs<Name<'a>, EntryRecord<'a>>,
    #[serde(borrow, default)]
    groups: Pairs<Name<'a>, Vec<Name<'a>>>,
    #[serde(borrow, default)]
    probabilities: Pairs<Name<'a>, Chances>,
    #[serde(borrow, default)]
    lost: Vec<Name<'a>>,
    #[serde(borrow, default)]
    stolen: Vec<Name<'a>>,
}

/// A line of a collection of structures: what else it holds is no concern of this command.
#[derive(Deserialize)]
#[serde(expecting = "a structure: an object with `accounts` and `target`")]
struct Structure<'a> {
    #[serde(borrow, default)]
    id: Option<Name<'a>>,
    #[serde(borrow)]
    accounts: Pairs<Name<'a>, EntryRecord<'a>>,
    #[serde(borrow)]
    target: Name<'a>,
    #[serde(borrow, default)]
    groups: Pairs<Name<'a>, Vec<Name<'a>>>,
    #[serde(borrow, default)]
    probabilities: Pairs<Name<'a>, Chances>,
}

#[derive(Clone, Copy, Deserialize, Serialize)]
#[serde(deny_unknown_fields, expecting = "an object: `loss` and `compromise`, each 0 to 1")]
struct Chances {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    loss: Option<f64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    compromise: Option<f64>,
}

/// Reads one account tree; `line` is the one it begins on.
pub fn read(file: &str, text: &str, line: usize) -> Result<Subject, Fatal> {
    let place = Place { file, text, line };
    let ours = text.contains("\"format\"");
    let subject = if ours { own(place)? } else { collected(place)? };
    subject.structure().map_err(|error| {
        let what = error.to_string();
        // the first account that the message names is where to look
        let name = match &error {
            StructureError::Loop(accounts) => accounts.first().map_or("", String::as_str),
            _ => what.split('`').nth(1).unwrap_or(""),
        };
        place.at(name, &what)
    })?;
    Ok(subject)
}

/// The text of an account tree that has these accounts and everything else of a subject.
///
/// # Errors
/// Only what serde reports; a tree of this module gives no reason.
pub fn text(subject: &Subject, accounts: &[Account]) -> Result<String, Fatal> {
    fn names(names: &[String]) -> Vec<Name<'_>> {
        names.iter().map(|name| Name::from(name.as_str())).collect()
    }
    let has_removal = subject.protocol.base.has_removal_threshold();
    let entries = accounts.iter().map(|(name, approval, removal, below)| {
        let entry = EntryRecord {
            min_approval: has_removal.then_some(*approval),
            min_removal: has_removal.then_some(*removal),
            min_cosignatories: (!has_removal).then_some(*approval),
            cosignatories: names(below),
        };
        (Name::from(name.as_str()), entry)
    });
    let groups = subject.groups.iter();
    let odds = subject.odds.iter();
    let tree = Tree {
        format: Name::from(FORMAT),
        name: None,
        _description: None,
        protocol: Some(write::protocol_choice(&subject.protocol)),
        accounts: Pairs(entries.collect()),
        groups: Pairs(
            groups.map(|one| (Name::from(one.name.as_str()), names(&one.keys))).collect(),
        ),
        probabilities: Pairs(
            odds.map(|(key, odds)| {
                let chances = Chances { loss: odds.loss, compromise: odds.compromise };
                (Name::from(key.as_str()), chances)
            })
            .collect(),
        ),
        lost: names(&subject.lost),
        stolen: names(&subject.stolen),
    };
    let text = serde_json::to_string_pretty(&tree);
    text.map(|text| text + "\n").map_err(|error| Fatal(format!("cannot write JSON: {error}")))
}

#[derive(Clone, Copy)]
struct Place<'a> {
    file: &'a str,
    text: &'a str,
    line: usize,
}

impl Place<'_> {
    /// A message that points at the first mention of a name as a key.
    fn at(&self, name: &str, what: &str) -> Fatal {
        let quoted = format!("\"{name}\"");
        let as_key = |&(at, _): &(usize, &str)| {
            let rest = self.text.get(at + quoted.len()..).unwrap_or("");
            rest.trim_start().starts_with(':')
        };
        let found = self.text.match_indices(&quoted).find(as_key);
        let found = found.or_else(|| self.text.match_indices(&quoted).next());
        match found {
            Some((at, _)) => self.mark(at, what),
            None => Fatal(format!("{}: {what}", self.file)),
        }
    }

    /// The same at the first mention of a name, as a key or not, after this field of the tree.
    fn in_field(&self, field: &str, name: &str, what: &str) -> Fatal {
        let field = self.text.find(&format!("\"{field}\"")).unwrap_or(0);
        let rest = self.text.get(field..).unwrap_or("");
        match rest.find(&format!("\"{name}\"")) {
            Some(at) => self.mark(field + at, what),
            None => self.at(name, what),
        }
    }

    fn mark(&self, at: usize, what: &str) -> Fatal {
        let (line, column) = place_at(self.text, at);
        Fatal(format!("{}:{}:{column}: {what}", self.file, self.line + line - 1))
    }

    fn syntax(&self, error: &serde_json::Error, expected: &str) -> Fatal {
        let flaw = Flaw::of_format(self.text, error, FORMAT).expecting(expected);
        let line = self.line + flaw.line - 1;
        Fatal(format!("{}:{}", self.file, Flaw { line, ..flaw }))
    }
}

fn own(place: Place<'_>) -> Result<Subject, Fatal> {
    let tree: Tree<'_> =
        serde_json::from_str(place.text).map_err(|error| place.syntax(&error, TREE))?;
    if tree.format.0 != FORMAT {
        return Err(place.at("format", &other_format(&tree.format.0, FORMAT)));
    }
    let protocol = match &tree.protocol {
        Some(ProtocolChoice::Own(own)) => json::build(own).map_err(|error| error.to_string()),
        Some(ProtocolChoice::Preset(name)) => {
            Protocol::preset(name).ok_or_else(|| unknown_protocol(name, ""))
        }
        None => Protocol::preset(PROTOCOL).ok_or_else(|| unknown_protocol(PROTOCOL, "")),
    };
    let protocol = protocol.map_err(|what| place.at("protocol", &what))?;
    let accounts = accounts(place, &protocol, &tree.accounts)?;
    let mut subject = Subject::new(protocol, accounts);
    subject.id = tree.name.map(|name| name.0.into_owned());
    groups(place, &mut subject, &tree.groups)?;
    subject.lost = keys_of(&subject, &tree.lost);
    subject.stolen = keys_of(&subject, &tree.stolen);
    chances(place, &mut subject, &tree.probabilities)?;
    known(place, &subject, "probabilities", subject.odds.keys())?;
    known(place, &subject, "lost", subject.lost.iter())?;
    known(place, &subject, "stolen", subject.stolen.iter())?;
    Ok(subject)
}

fn collected(place: Place<'_>) -> Result<Subject, Fatal> {
    let structure: Structure<'_> =
        serde_json::from_str(place.text).map_err(|error| place.syntax(&error, STRUCTURE))?;
    let protocol =
        Protocol::preset(PROTOCOL).ok_or_else(|| Fatal(unknown_protocol(PROTOCOL, "")))?;
    let accounts = accounts(place, &protocol, &structure.accounts)?;
    let mut subject = Subject::new(protocol, accounts);
    subject.id = structure.id.map(|id| id.0.into_owned());
    subject.target = Some(structure.target.0.into_owned());
    groups(place, &mut subject, &structure.groups)?;
    chances(place, &mut subject, &structure.probabilities)?;
    Ok(subject)
}

fn accounts(
    place: Place<'_>,
    protocol: &Protocol,
    entries: &Pairs<Name<'_>, EntryRecord<'_>>,
) -> Result<Vec<Account>, Fatal> {
    let two = protocol.base.has_removal_threshold();
    let account = |(name, entry): &(Name<'_>, EntryRecord<'_>)| {
        let minima = match (entry.min_approval, entry.min_removal, entry.min_cosignatories) {
            (Some(approval), Some(removal), None) if two => (approval, removal),
            (None, None, Some(least)) if !two => (least, least),
            _ => {
                let expected = match two {
                    true => "`min_approval` and `min_removal`",
                    false => "`min_cosignatories`",
                };
                let what = format!("thresholds of account `{}`: expected {expected}", name.0);
                return Err(place.at(&name.0, &what));
            }
        };
        let below = entry.cosignatories.iter().map(|below| below.0.to_string()).collect();
        Ok((name.0.to_string(), minima.0, minima.1, below))
    };
    entries.0.iter().map(account).collect()
}

/// The groups of keys: of keys that there are, each once, under a name that nothing else has.
fn groups(
    place: Place<'_>,
    subject: &mut Subject,
    list: &Pairs<Name<'_>, Vec<Name<'_>>>,
) -> Result<(), Fatal> {
    let multisig = |name: &str| {
        subject.accounts.iter().any(|account| account.0 == name && !account.3.is_empty())
    };
    let mut keys: BTreeSet<&str> = BTreeSet::new();
    for (name, _, _, below) in &subject.accounts {
        keys.extend(std::iter::once(name).chain(below).map(String::as_str));
    }
    let mut groups = Vec::new();
    for (name, members) in &list.0 {
        let group = name.0.as_ref();
        let refused = |member: &str, what: &str, expected: &str| {
            let what = format!("group `{group}` {what}; expected {expected}");
            // what is wrong about a member stands behind the name of its group
            place.in_field("groups", member, &what)
        };
        if group.is_empty() {
            return Err(refused(group, "has an empty name", "at least one character"));
        }
        if keys.contains(group) {
            return Err(refused(
                group,
                "has the name of an account",
                "a name that no account and no key has",
            ));
        }
        let mut own: BTreeSet<&str> = BTreeSet::new();
        for member in members.iter().map(|member| member.0.as_ref()) {
            let named = format!("names `{member}`");
            if multisig(member) {
                let what = format!("{named}, a multisig account, which has no key that signs");
                return Err(refused(member, &what, "keys"));
            }
            if !keys.contains(member) {
                return Err(refused(member, &named, "a key of one of the accounts"));
            }
            if !own.insert(member) {
                return Err(refused(member, &format!("{named} twice"), "each key once"));
            }
        }
        if members.is_empty() {
            return Err(refused(group, "has no keys", "at least one"));
        }
        let keys = members.iter().map(|member| member.0.to_string()).collect();
        groups.push(Group { name: group.to_owned(), keys });
    }
    subject.groups = groups;
    Ok(())
}

/// The keys of these names; the name of a group stands for all its keys.
fn keys_of(subject: &Subject, names: &[Name<'_>]) -> Vec<String> {
    let mut keys: Vec<String> = Vec::new();
    for name in names {
        let group = subject.groups.iter().find(|group| group.name == name.0);
        let named = group.map_or_else(|| vec![name.0.to_string()], |group| group.keys.clone());
        keys.extend(named);
    }
    let mut seen = BTreeSet::new();
    keys.retain(|key| seen.insert(key.clone()));
    keys
}

fn chances(
    place: Place<'_>,
    subject: &mut Subject,
    list: &Pairs<Name<'_>, Chances>,
) -> Result<(), Fatal> {
    for (key, chances) in &list.0 {
        for (which, value) in [("loss", chances.loss), ("compromise", chances.compromise)] {
            if let Some(value) = value.filter(|value| !(0.0..=1.0).contains(value)) {
                let what = format!("`{which}` of key `{}` is {value}; expected 0 to 1", key.0);
                return Err(place.at(&key.0, &what));
            }
        }
        let odds = Odds { loss: chances.loss, compromise: chances.compromise };
        subject.odds.insert(key.0.to_string(), odds);
    }
    Ok(())
}

/// Refuses a name that no account has and no account lists as cosignatory.
fn known<'n>(
    place: Place<'_>,
    subject: &Subject,
    field: &str,
    names: impl Iterator<Item = &'n String>,
) -> Result<(), Fatal> {
    let mut names = names.peekable();
    if names.peek().is_none() {
        return Ok(());
    }
    let below = subject.accounts.iter().flat_map(|account| account.3.iter());
    let groups = subject.groups.iter().map(|group| &group.name);
    let all: BTreeSet<&String> =
        subject.accounts.iter().map(|account| &account.0).chain(below).chain(groups).collect();
    match names.find(|name| !all.contains(name)) {
        None => Ok(()),
        Some(name) => {
            let what = format!("`{field}` names `{name}`; expected a key of one of the accounts");
            Err(place.in_field(field, name, &what))
        }
    }
}

/// The probabilities of a file that holds nothing else, in the order of the keys' names.
pub fn probabilities(path: &std::path::Path) -> Result<Vec<(f64, f64)>, Fatal> {
    let file = path.display().to_string();
    let text = input::text(path, input::SMALL_BYTES_MAX)?;
    let place = Place { file: &file, text: &text, line: 1 };
    let list: Pairs<Name<'_>, Chances> =
        serde_json::from_str(&text).map_err(|error| place.syntax(&error, CHANCES))?;
    let mut sorted: Vec<_> = list.0.iter().collect();
    sorted.sort_by(|one, other| one.0.cmp(&other.0));
    let pair = |(key, chances): &(Name<'_>, Chances)| match (chances.loss, chances.compromise) {
        (Some(loss), Some(compromise)) => Ok((loss, compromise)),
        _ => {
            let what = format!("key `{}`: expected `loss` and `compromise`", key.0);
            Err(place.at(&key.0, &what))
        }
    };
    sorted.into_iter().map(pair).collect()
}
