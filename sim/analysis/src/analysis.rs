//! What a key is worth: who can spend now, who could in the end, what may be lost, and how likely.
//!
//! An account is a k-of-n gate over its cosignatories, so a [`Structure`] is a loop-free graph of
//! gates over keys: a monotone Boolean function. Every question is one about that function.
//!
//! ```
//! use quorate::analysis::{Structure, View, can_spend};
//! use quorate::protocol::Protocol;
//!
//! let protocol = Protocol::preset("symbol-mainnet").unwrap();
//! let keys = ["ann", "bob", "cleo"].map(String::from).to_vec();
//! // Two of three pay, one of three deletes.
//! let vault = ("vault".to_owned(), 2, 1, keys);
//! let structure = Structure::new([vault], &protocol).unwrap();
//! let [vault, ann] = ["vault", "ann"].map(|name| structure.target(name).unwrap());
//! assert!(!can_spend(&structure, vault, &[ann], View::Now));
//! assert!(can_spend(&structure, vault, &[ann], View::Eventually));
//! ```
//!
//! # Two views, two sides
//!
//! *Now* takes min approval at every level. *Eventually* takes [`Protocol::eventual_threshold`] at
//! every level, the fewest cosignatories that control an account by any chain of modifications: on
//! Catapult and Symbol the smaller of min approval and min removal, because a modification that
//! deletes somebody may lower both thresholds and needs only min removal; on NIS1 N - 1 for an N-of-N
//! account. Controlled accounts are brought under full control from the bottom up, so what holds for
//! one level holds for all, and no search is needed. Nothing an outsider does helps: an account below
//! its threshold cannot be modified, so it keeps its cosignatories and thresholds.
//!
//! The sets of keys that spend make the function true. The sets whose loss locks make its *dual* true:
//! the same graph with every k-of-n turned into (n - k + 1)-of-n. So four functions are asked the
//! same questions, and two views that agree are asked once.
//!
//! # Groups
//!
//! Keys that are lost or stolen together, a [`Group`], count as one. A group is a shared key in the place
//! of its keys, so the same methods answer over groups. A key in several groups is stolen with any of them
//! and lost with any of them; then what locks is not the dual of what spends, and each is asked of its own
//! graph.
//!
//! # Which method when
//!
//! First the function is cut into *modules*: gates below which nothing is used from elsewhere
//! (found by dominators in one pass). A module is solved alone and is one variable of the module
//! above; probabilities multiply down the chain, minimal sets are products. Then, for each module:
//!
//! | module | method | exact because |
//! |---|---|---|
//! | one gate | Poisson-binomial rows from both ends; elementary symmetric polynomials | its variables are independent |
//! | up to 28 variables | truth table, 64 assignments a word | every assignment is looked at |
//! | up to 12 shared variables | every gate once for each assignment of the shared variables below it | what is left is a tree |
//! | more | hash-consed decision diagram, as far as the budget reaches | equal functions are one node |
//! | beyond the budget | the most probable cases split until the budget ends; at least as many keys as the fewest | an interval, and it says so |
//!
//! Probabilities are carried with that of the opposite event and only positive terms are added, so no
//! digits cancel; where `f64` could underflow, [`Scaled`] numbers take over. Where a difference cannot
//! be avoided (Birnbaum importances on a diagram) its error is bounded, and a doubtful one is not given.
//! On a truth table one is taken only where it costs no more than a digit, else the words are compared.
//! Fussell-Vesely importance needs the event that a minimal set with the key is complete: it is the
//! upward closure of the event that the key decides.
//!
//! The fewest keys come from whichever of these methods a module has: the least assignment of a table,
//! the cheapest path of a diagram, the best of all cases of the shared variables, of which those with
//! the same parents are only counted. The rest is branch and bound on a linear relaxation, with a
//! proved lower bound (`signatures`). That an account is locked although all keys are there has a proof of its own
//! (`frozen`), and where neither that nor a way out is found, nothing is claimed. Counts of
//! minimal sets are exact big integers whether or not the sets can be listed. What does not end within
//! the [`Budget`] is left out or given as bounds, never guessed. A budget is in units of work, so that
//! answers are the same on every machine; a deadline or a stop cuts every method short as well.
//!
//! [`Protocol::eventual_threshold`]: crate::protocol::Protocol::eventual_threshold

mod answers;
mod budget;
mod coalition;
mod conditions;
mod demand;
mod design;
#[cfg(test)]
mod dice;
mod diagram;
mod flat;
mod formula;
mod frozen;
mod gate;
mod groups;
mod ladder;
mod listing;
mod modules;
mod plan;
mod policy;
mod quorum;
mod scaled;
mod sets;
mod signatures;
mod structure;
mod table;

pub use answers::{
    Answers, BySide, Certificate, Count, Fewest, Figures, GroupFigures, Importance, Interval,
    Likelihood, Number, Odds, Options, Power, PowerFigures, Probability, Replacement,
    ReplacementFigures, Side, ViewFigures, answers, fewest_keys, signers,
};
pub use budget::{Budget, Work};
pub use coalition::{SETS_MAX, sets_by_number};
pub use demand::{DemandGate, Demanded, demanded, fewest_demanded};
pub use design::{Design, DesignError, Risk, design};
pub use flat::Flat;
pub use formula::{Formula, formula};
pub use frozen::is_frozen;
pub use groups::{Event, Group, GroupAnswers, group_answers};
pub use ladder::{HOLDING, Ladder, PAYMENT, Rung, Spending};
pub use quorum::{QuorumList, check_quorums, minimal_quorums};
pub use scaled::Scaled;
pub use structure::{Structure, StructureError, View, can_spend};
