//! What a node's document does not show of an account, and which question to ask the node.

use serde::{Deserialize, Serialize};

use super::subject::Subject;
use crate::account::AccountId;
use crate::analysis::Structure;

/// Most names in one sentence.
const NAMES_MAX: usize = 8;

/// What a document leaves open about one account.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schemas", derive(schemars::JsonSchema))]
pub struct Partial {
    /// The accounts that the document names and does not show.
    pub not_shown: Vec<String>,
    /// Whether the figures hold anyway: what is not shown lies above the account.
    pub figures_exact: bool,
    /// The requests to the node whose answers show it all.
    pub ask: Vec<String>,
    /// All of it as a sentence.
    pub text: String,
}

/// What the subject's document leaves open about `target`; `None` where it shows all.
pub fn of(subject: &Subject, structure: &Structure, target: AccountId) -> Option<Partial> {
    let document = subject.document.as_ref()?;
    let name = structure.name(target);
    let unseen = |other: &String| !document.shows(other);
    let below = structure.below(target).into_iter();
    let mut below: Vec<String> =
        below.map(|id| structure.name(id).to_owned()).filter(unseen).collect();
    below.sort();
    if !below.is_empty() {
        let ask = document.question(name).into_iter().collect();
        return Some(Partial::new(below, false, ask));
    }
    let above = document.accounts.get(name).map_or(&[][..], |account| &account.multisigs);
    let above: Vec<String> = above.iter().filter(|name| unseen(name)).cloned().collect();
    // what only stands beside the account asked for is nobody's question
    let asked = document.query == name || subject.target.as_deref() == Some(name);
    (asked && !above.is_empty()).then(|| {
        let ask = above.iter().filter_map(|name| document.question(name)).collect();
        Partial::new(above, true, ask)
    })
}

impl Partial {
    /// What is not shown, whether the figures hold anyway, and what to ask.
    #[must_use]
    pub fn new(not_shown: Vec<String>, figures_exact: bool, ask: Vec<String>) -> Self {
        let names = few(&not_shown);
        let what = match (figures_exact, not_shown.len()) {
            (true, _) => format!(
                "the figures are exact, but the document does not show all of {names}, for which it \
                 signs"
            ),
            (false, 1) => format!(
                "the document does not show whether {names} is a multisig account itself; what \
                 follows holds only if it is not"
            ),
            (false, _) => format!(
                "the document does not show whether {names} are multisig accounts themselves; what \
                 follows holds only if they are not"
            ),
        };
        let text = format!("{what}; ask the node: {}", few(&ask));
        Self { not_shown, figures_exact, ask, text }
    }
}

/// The first names, and how many more there are.
pub fn few(names: &[String]) -> String {
    let shown = names.iter().take(NAMES_MAX).cloned().collect::<Vec<_>>().join(", ");
    match names.len().saturating_sub(NAMES_MAX) {
        0 => shown,
        more => format!("{shown} and {more} more"),
    }
}
