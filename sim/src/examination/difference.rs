//! What the accounts of two states say of themselves: cosignatories, thresholds, lost and stolen keys,
//! probabilities, the protocol.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::subject::{Account, Subject};
use crate::protocol::Protocol;

/// Something before and after.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schemas", derive(schemars::JsonSchema))]
pub struct OldNew<T> {
    /// Before.
    pub old: T,
    /// After.
    pub new: T,
}

impl<T: PartialEq> OldNew<T> {
    /// Whether both differ.
    #[must_use]
    pub fn changes(&self) -> bool {
        self.old != self.new
    }
}

/// How one account's own entry changes.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schemas", derive(schemars::JsonSchema))]
pub struct Entry {
    /// Cosignatories that were not there before.
    #[serde(rename = "cosignatories_added")]
    pub added: Vec<String>,
    /// Cosignatories that are gone.
    #[serde(rename = "cosignatories_removed")]
    pub removed: Vec<String>,
    /// How many of its cosignatories pay; 0 for a plain account.
    #[serde(rename = "payment_signatures")]
    pub payment: OldNew<u32>,
    /// How many of them remove a cosignatory.
    #[serde(rename = "removal_signatures")]
    pub removal: OldNew<u32>,
}

impl Entry {
    /// The change of the account of this name.
    pub fn new(old: &Subject, new: &Subject, name: &str) -> Self {
        let [before, after] = [old, new].map(|subject| of(subject, name));
        let keys = |account: Option<&Account>| -> BTreeSet<String> {
            account.into_iter().flat_map(|account| account.3.iter().cloned()).collect()
        };
        let (old_keys, new_keys) = (keys(before), keys(after));
        let one = needs(&old.protocol, before);
        let other = needs(&new.protocol, after);
        Self {
            added: new_keys.difference(&old_keys).cloned().collect(),
            removed: old_keys.difference(&new_keys).cloned().collect(),
            payment: OldNew { old: one.0, new: other.0 },
            removal: OldNew { old: one.1, new: other.1 },
        }
    }

    /// Whether nothing changes.
    pub fn is_empty(&self) -> bool {
        let same = |pair: OldNew<u32>| !pair.changes();
        self.added.is_empty() && self.removed.is_empty() && same(self.payment) && same(self.removal)
    }

    /// A line for each thing that changes.
    pub fn lines(&self) -> Vec<String> {
        let mut lines = Vec::new();
        for (what, names) in
            [("cosignatories added", &self.added), ("cosignatories removed", &self.removed)]
        {
            if !names.is_empty() {
                lines.push(format!("{what}: {}", names.join(", ")));
            }
        }
        let of = |pair: OldNew<u32>| (pair.old, pair.new);
        match (of(self.payment), of(self.removal)) {
            ((0, 0), _) => {}
            ((0, new), _) => lines.push(format!("was plain; a payment needs {new} signatures now")),
            ((_, 0), _) => lines.push("is plain now: its own key pays".to_owned()),
            (payment, removal) => {
                let both = [("a payment", payment), ("removing a cosignatory", removal)];
                for (what, (old, new)) in both.into_iter().filter(|(_, (old, new))| old != new) {
                    lines.push(format!("{what}: {old} -> {new} signatures"));
                }
            }
        }
        lines
    }
}

/// The entry of an account.
pub fn of<'s>(subject: &'s Subject, name: &str) -> Option<&'s Account> {
    subject.accounts.iter().find(|account| account.0 == name && !account.3.is_empty())
}

/// How many cosignatories pay, and how many remove one of them; 0 for a plain account.
fn needs(protocol: &Protocol, account: Option<&Account>) -> (u32, u32) {
    let Some((_, approval, removal, cosignatories)) = account else { return (0, 0) };
    let count = u32::try_from(cosignatories.len()).unwrap_or(u32::MAX);
    let removal = match protocol.base.has_removal_threshold() {
        true => protocol.switches.removal_threshold.of(*approval, *removal),
        // N - 1 remove the last one of N-of-N, else as many as pay
        false => protocol.eventual_threshold(*approval, *removal, count),
    };
    (protocol.approval_threshold(*approval, count), removal)
}

/// One thing that changes besides the accounts' entries; just one of the fields is there.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schemas", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Besides {
    /// Another protocol.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub protocol: Option<OldNew<Rules>>,
    /// Keys that are lost since (`new`), or no longer (`old`).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lost: Option<KeyList>,
    /// Keys that are stolen since (`new`), or no longer (`old`).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stolen: Option<KeyList>,
    /// Keys and groups with other probabilities.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub probabilities_changed: Option<Vec<String>>,
}

/// A protocol in a comparison.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schemas", derive(schemars::JsonSchema))]
pub struct Rules {
    /// Its name.
    pub name: String,
    /// Its digest: equal for equal rule sets, limits and switches.
    pub digest: String,
}

/// Keys that are in only one of two lists.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schemas", derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
pub enum KeyList {
    /// Only in the new one.
    New(Vec<String>),
    /// Only in the old one.
    Old(Vec<String>),
}

impl Besides {
    /// It as a line.
    #[must_use]
    pub fn line(&self) -> String {
        if let Some(OldNew { old, new }) = &self.protocol {
            let name = |rules: &Rules| match old.name == new.name {
                true => format!("{} ({})", rules.name, rules.digest),
                false => rules.name.clone(),
            };
            return format!("another protocol: {} -> {}", name(old), name(new));
        }
        let lists = [("lost", &self.lost), ("stolen", &self.stolen)];
        let list = |(word, list): (&str, &Option<KeyList>)| match list.as_ref()? {
            KeyList::New(keys) => Some(format!("{word}: {}", keys.join(", "))),
            KeyList::Old(keys) => Some(format!("no longer {word}: {}", keys.join(", "))),
        };
        lists.into_iter().find_map(list).unwrap_or_else(|| {
            let keys = self.probabilities_changed.as_deref().unwrap_or_default();
            format!("probabilities changed: {}", keys.join(", "))
        })
    }
}

/// What changes besides the accounts' entries.
#[must_use]
pub fn besides(old: &Subject, new: &Subject) -> Vec<Besides> {
    let mut all = Vec::new();
    let [before, after] = [old, new].map(|subject| Rules {
        name: subject.protocol.name.clone(),
        digest: subject.protocol.digest(),
    });
    if before != after {
        let protocol = Some(OldNew { old: before, new: after });
        all.push(Besides { protocol, ..Besides::default() });
    }
    let only = |one: &[String], other: &[String]| -> Option<Vec<String>> {
        let keys: Vec<String> = one.iter().filter(|key| !other.contains(key)).cloned().collect();
        (!keys.is_empty()).then_some(keys)
    };
    let lists = |old: &[String], new: &[String]| {
        [only(new, old).map(KeyList::New), only(old, new).map(KeyList::Old)]
    };
    for list in lists(&old.lost, &new.lost).into_iter().flatten() {
        all.push(Besides { lost: Some(list), ..Besides::default() });
    }
    for list in lists(&old.stolen, &new.stolen).into_iter().flatten() {
        all.push(Besides { stolen: Some(list), ..Besides::default() });
    }
    let odds: BTreeSet<&String> = old.odds.keys().chain(new.odds.keys()).collect();
    let odds = odds.into_iter().filter(|key| old.odds.get(*key) != new.odds.get(*key));
    let odds: Vec<String> = odds.cloned().collect();
    if !odds.is_empty() {
        all.push(Besides { probabilities_changed: Some(odds), ..Besides::default() });
    }
    all
}
