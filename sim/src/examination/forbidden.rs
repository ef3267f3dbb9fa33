//! Accounts that a protocol forbids: their answers come with a warning that names the limit.

use serde::{Deserialize, Serialize};

use super::subject::Subject;
use crate::account::{AccountId, PerAccount};
use crate::analysis::Structure;
use crate::protocol::Limit;

/// A limit that an account exceeds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schemas", derive(schemars::JsonSchema))]
pub struct Warning {
    /// The account.
    pub account: String,
    /// The limit, as protocol files name it.
    pub limit: String,
    /// What the account has.
    pub found: usize,
    /// What the protocol allows.
    pub most: u64,
    /// All of it as a sentence.
    pub text: String,
}

/// Every limit of the subject's protocol that one of the accounts exceeds.
pub fn warnings(subject: &Subject, structure: &Structure) -> Vec<Warning> {
    let mut cosigned: PerAccount<usize> = PerAccount::new(structure.len());
    let mut depths: PerAccount<usize> = PerAccount::new(structure.len());
    for &account in structure.order() {
        for &below in structure.cosignatories(account) {
            cosigned[below] += 1;
            depths[account] = depths[account].max(depths[below] + 1);
        }
    }
    let mut all = Vec::new();
    for account in structure.accounts() {
        let mut check = |limit: Limit, found: usize| {
            let most = limit.of(&subject.protocol.limits);
            if found as u64 > most {
                let (account, protocol) = (structure.name(account), &subject.protocol.name);
                all.push(Warning::new(account, protocol, (limit, found, most)));
            }
        };
        let cosignatories = structure.cosignatories(account).len();
        check(Limit::Cosignatories, cosignatories);
        check(Limit::Cosigned, cosigned[account]);
        // of a chain that is too long, only its top is named
        let depth = if cosigned[account] == 0 { depths[account] } else { 0 };
        check(Limit::Depth, depth);
    }
    all
}

/// The warnings that concern an account: of those below it and above it.
pub fn concerning(all: &[Warning], structure: &Structure, target: AccountId) -> Vec<Warning> {
    let below = structure.below(target);
    let concerns = |warning: &&Warning| {
        let account = structure.target(&warning.account);
        account.is_some_and(|account| {
            below.contains(&account) || structure.below(account).contains(&target)
        })
    };
    all.iter().filter(concerns).cloned().collect()
}

impl Warning {
    fn new(account: &str, protocol: &str, (limit, found, most): (Limit, usize, u64)) -> Self {
        let what = match limit {
            Limit::Cosignatories => format!("has {found} cosignatories"),
            Limit::Cosigned => format!("cosigns for {found} accounts"),
            _ => format!("has depth {found}"),
        };
        let limit = limit.field();
        let text = format!(
            "account `{account}` {what}; {protocol} allows at most {most} ({limit}), so no node holds it"
        );
        Self { account: account.to_owned(), limit: limit.to_owned(), found, most, text }
    }
}
