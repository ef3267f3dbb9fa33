//! The accounts of a file in parts that have nothing to do with each other.

use std::collections::{BTreeMap, BTreeSet};

use super::subject::Subject;
use crate::account::AccountId;
use crate::analysis::Structure;

/// Cuts a subject into parts that share no account and no key: what is found about one does not depend
/// on the others. Accounts in the order of the file.
pub fn parts(subject: &Subject) -> Vec<Subject> {
    let mut places: BTreeMap<&str, usize> = BTreeMap::new();
    for account in &subject.accounts {
        for name in std::iter::once(&account.0).chain(&account.3) {
            let next = places.len();
            places.entry(name).or_insert(next);
        }
    }
    let mut linked = Linked((0..places.len()).collect());
    let place = |name: &String| places.get(name.as_str()).copied().unwrap_or(0);
    for account in &subject.accounts {
        account.3.iter().for_each(|below| linked.join(place(&account.0), place(below)));
    }
    let mut parts: BTreeMap<usize, Subject> = BTreeMap::new();
    for account in &subject.accounts {
        let fresh = || Subject {
            id: subject.id.clone(),
            ..Subject::new(subject.protocol.clone(), Vec::new())
        };
        let part = parts.entry(linked.of(place(&account.0))).or_insert_with(fresh);
        part.accounts.push(account.clone());
    }
    let mut give = |name: &String, act: &dyn Fn(&mut Subject)| {
        let root = places.get(name.as_str()).map(|&place| linked.of(place));
        root.and_then(|root| parts.get_mut(&root)).into_iter().for_each(act);
    };
    for (key, odds) in &subject.odds {
        give(key, &|part| {
            part.odds.insert(key.clone(), *odds);
        });
    }
    subject.lost.iter().for_each(|key| give(key, &|part| part.lost.push(key.clone())));
    subject.stolen.iter().for_each(|key| give(key, &|part| part.stolen.push(key.clone())));
    let with_groups = |part: Subject| {
        if subject.groups.is_empty() {
            return part;
        }
        let names = part.accounts.iter().flat_map(|account| account.3.iter());
        let names: BTreeSet<String> = names.cloned().collect();
        part.with_groups_of(subject, |key| names.contains(key))
    };
    parts.into_values().map(with_groups).collect()
}

/// What lies below an account, alone.
pub fn below(subject: &Subject, structure: &Structure, target: AccountId) -> Subject {
    let (mut reached, mut open) = (BTreeSet::from([target]), vec![target]);
    while let Some(account) = open.pop() {
        let fresh = structure.cosignatories(account).iter().filter(|&&id| reached.insert(id));
        open.extend(fresh.copied());
    }
    let name = |id: AccountId| structure.name(id).to_owned();
    let account = |&id: &AccountId| {
        let (approval, removal) = structure.minima(id);
        (
            name(id),
            approval,
            removal,
            structure.cosignatories(id).iter().copied().map(name).collect(),
        )
    };
    let multisigs = reached.iter().filter(|&&id| !structure.is_key(id));
    let inside = |name: &&String| structure.target(name).is_some_and(|id| reached.contains(&id));
    let inside = |names: &[String]| names.iter().filter(inside).cloned().collect();
    let odds = reached.iter().filter_map(|&id| subject.odds.get_key_value(structure.name(id)));
    Subject {
        id: subject.id.clone(),
        target: Some(name(target)),
        odds: odds.map(|(key, odds)| (key.clone(), *odds)).collect(),
        lost: inside(&subject.lost),
        stolen: inside(&subject.stolen),
        ..Subject::new(subject.protocol.clone(), multisigs.map(account).collect())
    }
    .with_groups_of(subject, |name| structure.target(name).is_some_and(|id| reached.contains(&id)))
}

/// A key that signs for no account of the subject.
pub fn alone(subject: &Subject, key: &str) -> Subject {
    let own = |names: &[String]| names.iter().filter(|name| *name == key).cloned().collect();
    Subject {
        id: subject.id.clone(),
        target: Some(key.to_owned()),
        odds: subject
            .odds
            .get_key_value(key)
            .map(|(key, odds)| (key.clone(), *odds))
            .into_iter()
            .collect(),
        lost: own(&subject.lost),
        stolen: own(&subject.stolen),
        ..Subject::new(subject.protocol.clone(), Vec::new())
    }
    .with_groups_of(subject, |name| name == key)
}

/// Which places belong together: each points to another of its group, the last one to itself.
struct Linked(Vec<usize>);

impl Linked {
    fn of(&mut self, place: usize) -> usize {
        let mut here = place;
        while let Some(&next) = self.0.get(here).filter(|&&next| next != here) {
            let after = self.0.get(next).copied().unwrap_or(next);
            self.0.get_mut(here).into_iter().for_each(|one| *one = after);
            here = after;
        }
        here
    }

    fn join(&mut self, one: usize, other: usize) {
        let (one, other) = (self.of(one), self.of(other));
        self.0.get_mut(one.max(other)).into_iter().for_each(|place| *place = one.min(other));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::Protocol;

    #[test]
    fn accounts_that_share_a_key_stay_together() {
        let account = |name: &str, below: &[&str]| {
            (name.to_owned(), 1, 1, below.iter().map(|&name| name.to_owned()).collect())
        };
        let accounts = vec![
            account("x", &["a", "b"]),
            account("y", &["c", "d"]),
            account("z", &["b", "e"]),
            account("w", &["y", "f"]),
        ];
        let protocol = Protocol::preset("symbol-mainnet").unwrap();
        let mut subject = Subject::new(protocol, accounts);
        subject.lost = vec!["e".to_owned(), "nobody".to_owned()];
        let parts = parts(&subject);
        let names = |part: &Subject| -> Vec<String> {
            part.accounts.iter().map(|account| account.0.clone()).collect()
        };
        assert_eq!(parts.iter().map(names).collect::<Vec<_>>(), [["x", "z"], ["y", "w"]]);
        assert_eq!(parts.iter().map(|part| part.lost.len()).collect::<Vec<_>>(), [1, 0]);
    }
}
