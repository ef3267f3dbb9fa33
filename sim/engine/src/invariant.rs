//! Invariants: what holds for every correct implementation under every configuration, one a file.
//!
//! Each is recomputed from raw state, never through the rule it judges. A [`Watch`] keeps a copy of
//! the state as it was before the step ([`Shadow`]) and shows every invariant a [`Scene`]: what was
//! asked, what was answered, what stood before and what stands now.
//!
//! ```
//! use quorate::account::AccountId;
//! use quorate::invariant::{Event, Invariant, Watch};
//! use quorate::ledger::{Genesis, Ledger};
//! use quorate::protocol::Protocol;
//! use quorate::transaction::{Envelope, Transaction};
//!
//! let silence = Invariant::new("silence", "nobody says anything", |scene| match scene.executed {
//!     [] => Ok(()),
//!     _ => Err(("{} speaks".to_owned(), vec![scene.executed[0].signer])),
//! });
//! let protocol = Protocol::preset("symbol-mainnet").unwrap();
//! let mut ledger = Ledger::from_genesis(protocol.clone(), &Genesis::of_accounts(2)).unwrap();
//! let mut watch = Watch::new(protocol, &ledger, false);
//! watch.add(silence);
//! let mut transfer = Transaction::new(Envelope::Bare, AccountId(0));
//! transfer.push_transfer(AccountId(0), AccountId(1), Default::default());
//! let verdict = ledger.submit(&transfer);
//! let event = Event::Submit(std::slice::from_ref(&transfer));
//! assert_eq!(watch.step(&ledger, event, verdict).unwrap_err().invariant, "silence");
//! ```

mod approved;
mod cosignatory_limit;
mod cosigned_limit;
mod depth_limit;
mod evaluator;
mod executed_once;
mod levels;
mod links_symmetric;
mod multisig_never_initiates;
mod no_loop;
mod opt_in;
mod pending_ends_once;
mod rejected_unchanged;
mod roll_back_exact;
mod shadow;
mod supply_conserved;
mod thresholds_in_range;
mod watch;

pub use shadow::{Shadow, ShadowEntry};
pub use watch::Watch;

use crate::account::AccountId;
use crate::ledger::Ledger;
use crate::protocol::Protocol;
use crate::transaction::{PendingId, Transaction};
use crate::verdict::Verdict;

/// What a step asked of the ledger.
#[derive(Clone, Copy, Debug)]
pub enum Event<'a> {
    /// To execute these transactions, all or none.
    Submit(&'a [Transaction]),
    /// To let a transaction wait under this id.
    Announce(PendingId, &'a Transaction),
    /// To add a cosignature.
    Cosign(PendingId, AccountId),
    /// To seal the open block for this harvester, or to let time pass.
    Seal(Option<AccountId>),
    /// To take so many sealed blocks back.
    RollBack(u64),
}

impl Event<'_> {
    /// The id that an announcement gives to its transaction, or a cosignature names.
    pub(crate) const fn announced(&self) -> Option<PendingId> {
        match *self {
            Self::Announce(pending, _) | Self::Cosign(pending, _) => Some(pending),
            Self::Submit(_) | Self::Seal(_) | Self::RollBack(_) => None,
        }
    }
}

/// One step as an invariant sees it.
#[derive(Debug)]
pub struct Scene<'a> {
    /// The protocol as it ought to be followed.
    pub protocol: &'a Protocol,
    /// The ledger after the step.
    pub ledger: &'a Ledger,
    /// The raw state before the step.
    pub before: &'a Shadow,
    /// What was asked.
    pub event: Event<'a>,
    /// What was answered.
    pub verdict: Verdict,
    /// The transactions that were executed by this step, in order.
    pub executed: &'a [Transaction],
    /// The accounts that the step names, each once.
    pub touched: &'a [AccountId],
    /// Those of them whose links or thresholds are others now.
    pub changed: &'a [AccountId],
    /// Those of them whose balance of the currency is another now.
    pub moved: &'a [AccountId],
    /// The waiting transactions and hash locks that the step is about; all where time moved.
    pub pending: &'a [PendingId],
}

/// A broken invariant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Breach {
    /// The name of the invariant.
    pub invariant: &'static str,
    /// What is wrong, in words; `{}` stands for the accounts, in order.
    pub what: String,
    /// The accounts it is about.
    pub accounts: Vec<AccountId>,
}

/// What a check says: nothing, or what is wrong in words and the accounts that its `{}` stand for.
pub type Finding = Result<(), (String, Vec<AccountId>)>;

/// A finding about some accounts.
fn broken(what: impl Into<String>, accounts: &[AccountId]) -> Finding {
    Err((what.into(), accounts.to_vec()))
}

/// What a check looks at; where there is nothing of it, it holds.
#[derive(Clone, Copy)]
enum Subject {
    /// The accounts whose links or thresholds changed.
    Changed,
    /// The transactions that were executed.
    Executed,
    /// Every step.
    Step,
    /// Every step, by a check that knows more than the scene and stands in for the plain one.
    Knowing(&'static KnowingCheck),
}

type KnowingCheck = dyn Fn(&Scene<'_>) -> Finding + Send + Sync;

/// An invariant: its name, what it states, and how it is checked.
///
/// Those of this crate are [`ALL`]; one of your own is given beside them to a [`Watch`], a
/// [`Replay`](crate::replay::Replay), a campaign ([`CampaignPlan::invariants`](crate::campaign::CampaignPlan::invariants)) or the
/// shrinker. `sim/examples/own_invariant.rs` is one. An exploration knows states and no steps: there it is an
/// [`OwnHazard`](crate::explore::OwnHazard) that a state breaks it.
#[derive(Clone, Copy)]
pub struct Invariant {
    /// Its name in reports.
    pub name: &'static str,
    /// What it states, in a sentence.
    pub statement: &'static str,
    subject: Subject,
    check: fn(&Scene<'_>) -> Finding,
}

impl std::fmt::Debug for Invariant {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_tuple("Invariant").field(&self.name).finish()
    }
}

impl Invariant {
    /// An invariant of your own.
    #[must_use]
    pub const fn new(
        name: &'static str,
        statement: &'static str,
        check: fn(&Scene<'_>) -> Finding,
    ) -> Self {
        Self { name, statement, subject: Subject::Step, check }
    }

    /// An invariant of your own whose check knows more than the scene, and whose words are made while the
    /// program runs: limits from a file, a list of accounts, a counter. All of it stays in memory until the
    /// program ends, so make it once and copy it.
    ///
    /// ```
    /// use quorate::account::AccountId;
    /// use quorate::campaign::{CampaignPlan, Progress, report};
    /// use quorate::invariant::Invariant;
    /// use quorate::ledger::View;
    /// use quorate::protocol::Protocol;
    ///
    /// let frozen = vec![AccountId(0), AccountId(1)]; // as read from a file, for example
    /// let name = format!("frozen-{}", frozen.len());
    /// let own = Invariant::with_state(name, "these accounts stay plain", move |scene| {
    ///     let links = scene.ledger.state().links();
    ///     match frozen.iter().find(|account| links.is_multisig(**account)) {
    ///         Some(&account) => Err(("{} is multisig".to_owned(), vec![account])),
    ///         None => Ok(()),
    ///     }
    /// });
    /// let plan = CampaignPlan {
    ///     invariants: vec![own].leak(),
    ///     ..CampaignPlan::new(Protocol::preset("symbol-mainnet").unwrap())
    /// };
    /// let found = report(&plan, &Progress::default(), &|run| format!("run {run}")).findings;
    /// assert!(found[0].what.contains("is multisig"));
    /// ```
    #[must_use]
    pub fn with_state(
        name: impl Into<String>,
        statement: impl Into<String>,
        check: impl Fn(&Scene<'_>) -> Finding + Send + Sync + 'static,
    ) -> Self {
        let plain = Self::new(name.into().leak(), statement.into().leak(), |_| Ok(()));
        Self { subject: Subject::Knowing(Box::leak(Box::new(check))), ..plain }
    }

    /// Checks it on one step.
    ///
    /// # Errors
    /// It is broken.
    #[inline]
    pub fn check(&self, scene: &Scene<'_>) -> Result<(), Breach> {
        if self.is_idle(scene) {
            return Ok(());
        }
        let name = self.name;
        self.finding(scene).map_err(|(what, accounts)| Breach { invariant: name, what, accounts })
    }

    #[inline]
    fn finding(&self, scene: &Scene<'_>) -> Finding {
        match self.subject {
            Subject::Knowing(check) => check(scene),
            _ => (self.check)(scene),
        }
    }

    /// Whether it holds on one step.
    pub(crate) fn holds(&self, scene: &Scene<'_>) -> bool {
        self.is_idle(scene) || self.finding(scene).is_ok()
    }

    /// Whether one of [`ALL`] holds on one step: the loop over them is unrolled, each check called by its name.
    #[inline(always)]
    fn built_in_holds(&self, scene: &Scene<'_>) -> bool {
        self.is_idle(scene) || (self.check)(scene).is_ok()
    }

    /// Whether there is nothing to look at.
    #[inline(always)]
    const fn is_idle(&self, scene: &Scene<'_>) -> bool {
        match self.subject {
            Subject::Changed => scene.changed.is_empty(),
            Subject::Executed => scene.executed.is_empty(),
            Subject::Step | Subject::Knowing(_) => false,
        }
    }
}

/// Every invariant, in the order of checking.
pub const ALL: [Invariant; 14] = [
    Invariant {
        name: "links-symmetric",
        statement: "an account cosigns for exactly those accounts that list it as a cosignatory",
        subject: Subject::Changed,
        check: links_symmetric::check,
    },
    Invariant {
        name: "no-loop",
        statement: "no account is above itself",
        subject: Subject::Changed,
        check: no_loop::check,
    },
    Invariant {
        name: "depth-limit",
        statement: "no chain of cosignatories is longer than the depth limit",
        subject: Subject::Changed,
        check: depth_limit::check,
    },
    Invariant {
        name: "cosignatory-limit",
        statement: "no account has more cosignatories than the limit",
        subject: Subject::Changed,
        check: cosignatory_limit::check,
    },
    Invariant {
        name: "cosigned-limit",
        statement: "no account cosigns for more accounts than the limit",
        subject: Subject::Changed,
        check: cosigned_limit::check,
    },
    Invariant {
        name: "thresholds-in-range",
        statement: "the thresholds of a multisig account lie between 1 and the number of its \
                  cosignatories (nis1: from 0), those of any other account are 0",
        subject: Subject::Changed,
        check: thresholds_in_range::check,
    },
    Invariant {
        name: "multisig-never-initiates",
        statement: "no transaction is executed whose outermost signer is multisig",
        subject: Subject::Executed,
        check: multisig_never_initiates::check,
    },
    Invariant {
        name: "approved",
        statement: "every executed transaction carries the signatures its account asks for",
        subject: Subject::Executed,
        check: approved::check,
    },
    Invariant {
        name: "opt-in",
        statement: "no account becomes a cosignatory without consenting, where the protocol asks it",
        subject: Subject::Executed,
        check: opt_in::check,
    },
    Invariant {
        name: "executed-once",
        statement: "no transaction is executed twice on one chain",
        subject: Subject::Executed,
        check: executed_once::check,
    },
    Invariant {
        name: "rejected-unchanged",
        statement: "what is not executed changes neither links, thresholds nor balances",
        subject: Subject::Step,
        check: rejected_unchanged::check,
    },
    Invariant {
        name: "supply-conserved",
        statement: "no step creates or destroys currency",
        subject: Subject::Step,
        check: supply_conserved::check,
    },
    Invariant {
        name: "pending-ends-once",
        statement: "a waiting transaction completes, fails or expires once and not after its deadline, \
                  and its deposit is paid once",
        subject: Subject::Step,
        check: pending_ends_once::check,
    },
    Invariant {
        name: "roll-back-exact",
        statement: "rolling back restores the exact earlier state",
        subject: Subject::Step,
        check: roll_back_exact::check,
    },
];

#[cfg(test)]
mod tests;
