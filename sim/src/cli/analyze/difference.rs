//! What the accounts of two states say of themselves: cosignatories, thresholds, lost and stolen keys,
//! probabilities, the protocol.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::subject::{Account, Subject};
use crate::protocol::{Base, Protocol};

/// How one account's own entry changes.
#[derive(Default)]
pub struct Entry {
    /// Cosignatories that were not there before.
    pub added: Vec<String>,
    /// Cosignatories that are gone.
    pub removed: Vec<String>,
    /// How many of its cosignatories pay, before and after; 0 for a plain account.
    pub payment: (u32, u32),
    /// How many of them remove a cosignatory.
    pub removal: (u32, u32),
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
            payment: (one.0, other.0),
            removal: (one.1, other.1),
        }
    }

    /// Whether nothing changes.
    pub fn is_empty(&self) -> bool {
        let same = |(old, new): (u32, u32)| old == new;
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
        match (self.payment, self.removal) {
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

    /// The same for programs.
    pub fn to_json(&self) -> Value {
        let pair = |(old, new): (u32, u32)| json!({ "old": old, "new": new });
        json!({
            "cosignatories_added": self.added, "cosignatories_removed": self.removed,
            "payment_signatures": pair(self.payment), "removal_signatures": pair(self.removal),
        })
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
    let removal = match protocol.base {
        // N - 1 remove the last one of N-of-N, else as many as pay
        Base::Nis1 => protocol.eventual_threshold(*approval, *removal, count),
        _ => protocol.switches.removal_threshold.of(*approval, *removal),
    };
    (protocol.approval_threshold(*approval, count), removal)
}

/// What changes besides the accounts' entries: a line, and the same for programs.
pub fn besides(old: &Subject, new: &Subject) -> Vec<(String, Value)> {
    let mut all = Vec::new();
    let [before, after] = [old, new].map(|subject| {
        let (name, digest) = (subject.protocol.name.clone(), subject.protocol.digest());
        (name, digest)
    });
    if before != after {
        let name = |(name, digest): &(String, String)| match before.0 == after.0 {
            true => format!("{name} ({digest})"),
            false => name.clone(),
        };
        let line = format!("another protocol: {} -> {}", name(&before), name(&after));
        let told = |(name, digest): &(String, String)| json!({"name": name, "digest": digest});
        all.push((line, json!({"protocol": {"old": told(&before), "new": told(&after)}})));
    }
    let lists = [("lost", &old.lost, &new.lost), ("stolen", &old.stolen, &new.stolen)];
    for (word, old, new) in lists {
        let [gone, come] = [(old, new), (new, old)]
            .map(|(one, other)| one.iter().filter(|key| !other.contains(key)).collect::<Vec<_>>());
        let names =
            |keys: &[&String]| keys.iter().map(|key| key.as_str()).collect::<Vec<_>>().join(", ");
        if !come.is_empty() {
            all.push((format!("{word}: {}", names(&come)), json!({ word: {"new": come} })));
        }
        if !gone.is_empty() {
            all.push((
                format!("no longer {word}: {}", names(&gone)),
                json!({ word: {"old": gone} }),
            ));
        }
    }
    let odds: BTreeSet<&String> = old.odds.keys().chain(new.odds.keys()).collect();
    let odds: Vec<&String> =
        odds.into_iter().filter(|key| old.odds.get(*key) != new.odds.get(*key)).collect();
    if !odds.is_empty() {
        let names = odds.iter().map(|key| key.as_str()).collect::<Vec<_>>().join(", ");
        let line = format!("probabilities changed: {names}");
        all.push((line, json!({ "probabilities_changed": odds })));
    }
    all
}
