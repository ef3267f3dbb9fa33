//! Who can change an account now: remove a cosignatory, or replace one by another.

use serde::{Deserialize, Serialize};

use crate::account::AccountId;
use crate::analysis::{Certificate, Count, Options, Power, Side, Structure, signers};
use crate::protocol::Protocol;

/// The part of the work for each of both, where its thresholds are not those of a payment.
const PART: f64 = 0.1;

/// The sets of keys that can change an account by one transaction as it stands.
#[derive(Clone, Debug)]
pub struct Changing {
    /// That remove a cosignatory; the same transaction may change the thresholds.
    pub removal: Option<Side>,
    /// That remove one and add another, whose own agreement is not counted.
    pub mixed: Option<Side>,
}

/// Who can change `target`; `None` for a key. `now` is who spends. An account that is `stuck`, because it
/// cosigns for another one, keeps its last cosignatory, whoever signs.
pub fn changing(
    structure: &Structure,
    protocol: &Protocol,
    target: AccountId,
    now: &Power,
    stuck: bool,
    options: &Options,
) -> Option<Changing> {
    let options = Options { digest_max: 0, budget: options.budget.share(PART), ..*options };
    let side = |adds: bool| -> Option<Side> {
        let asked = structure.asked_for_removal(protocol, target, adds)?;
        match asked.asks_the_same(structure, target) {
            true => (!now.locked).then(|| now.spend.clone()),
            false => signers(&asked, target, &options),
        }
    };
    let removable = !stuck || structure.cosignatories(target).len() > 1;
    (!structure.is_key(target)).then(|| Changing {
        removal: if removable { side(false) } else { None },
        mixed: side(true),
    })
}

impl Changing {
    /// Both by name.
    pub fn sides(&self) -> [(&'static str, Option<&Side>); 2] {
        [("removal", self.removal.as_ref()), ("mixed", self.mixed.as_ref())]
    }

    /// Whether a number is a bound only.
    pub fn is_cut_short(&self) -> bool {
        let short =
            |side: &Side| side.fewest.exact().is_none() || side.count.is_none() || side.unlisted;
        self.sides().into_iter().filter_map(|(_, side)| side).any(short)
    }
}

/// Who can change an account in one way: the fewest keys, and all minimal sets of them. Where no keys are
/// enough there is no certificate and no set.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schemas", derive(schemars::JsonSchema))]
pub struct ChangeFigures {
    /// The fewest keys; null where none are enough, or the number is not proved.
    pub fewest: Option<usize>,
    /// Its proof, or its bounds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub certificate: Option<Certificate>,
    /// How many minimal sets there are; null where counting did not end.
    pub count: Option<Count>,
    /// The minimal sets; null where they are too many to list.
    pub sets: Option<Vec<Vec<String>>>,
}

impl From<Option<&Side>> for ChangeFigures {
    fn from(side: Option<&Side>) -> Self {
        match side {
            None => {
                Self { count: Some(Count::Number(0)), sets: Some(Vec::new()), ..Self::default() }
            }
            Some(side) => Self {
                fewest: side.fewest.exact(),
                certificate: Some((&side.fewest).into()),
                count: side.count.as_ref().map(Count::from),
                sets: side.sets.clone(),
            },
        }
    }
}
