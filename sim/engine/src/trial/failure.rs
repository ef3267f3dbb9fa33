//! What went wrong, and when two failures are the same.

use crate::account::{AccountId, Accounts};
use crate::invariant::Breach;
use crate::protocol::Protocol;
use crate::verdict::Verdict;

/// What makes two failures the same failure.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum FailureKind {
    /// This invariant is broken.
    Invariant(&'static str),
    /// The ledger answers this and the auditor that.
    Verdicts {
        /// The ledger's answer.
        ledger: Verdict,
        /// The auditor's answer.
        auditor: Verdict,
    },
    /// The answers agree and this part of the state does not.
    State(&'static str),
}

impl FailureKind {
    /// The invariant, if it is one.
    #[must_use]
    pub const fn invariant(self) -> Option<&'static str> {
        match self {
            Self::Invariant(name) => Some(name),
            Self::Verdicts { .. } | Self::State(_) => None,
        }
    }

    /// A word for tables and file names.
    #[must_use]
    pub fn label(self, protocol: &Protocol) -> String {
        match self {
            Self::Invariant(name) => name.to_owned(),
            Self::Verdicts { ledger, auditor } => {
                let (found, expected) =
                    (protocol.result_name(ledger), protocol.result_name(auditor));
                format!("{found} instead of {expected}")
            }
            Self::State(part) => format!("another {part}"),
        }
    }
}

/// Something that should not have happened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    /// Its kind.
    pub kind: FailureKind,
    /// What is wrong, in words; `{}` stands for the accounts, in order.
    pub what: String,
    /// The accounts it is about.
    pub accounts: Vec<AccountId>,
    /// Every invariant that the same step broke.
    pub broken: Vec<&'static str>,
    /// Whether the auditor objected to the same step.
    pub disagrees: bool,
}

impl Failure {
    pub(super) fn of_breach(
        breach: Breach,
        broken: Vec<&'static str>,
        disagrees: bool,
    ) -> Box<Self> {
        let kind = FailureKind::Invariant(breach.invariant);
        Box::new(Self { kind, what: breach.what, accounts: breach.accounts, broken, disagrees })
    }

    pub(super) fn of_audit(kind: FailureKind, what: String, accounts: &[AccountId]) -> Box<Self> {
        let (accounts, broken) = (accounts.to_vec(), Vec::new());
        Box::new(Self { kind, what, accounts, broken, disagrees: true })
    }

    /// The sentence with the accounts' names.
    #[must_use]
    pub fn sentence(&self, accounts: &Accounts) -> String {
        let mut sentence = self.what.clone();
        for &account in &self.accounts {
            sentence = sentence.replacen("{}", &format!("`{}`", accounts.label(account)), 1);
        }
        sentence
    }
}
