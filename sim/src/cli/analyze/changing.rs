//! Who can change an account now: remove a cosignatory, or replace one by another.

use serde_json::{Value, json};

use crate::account::AccountId;
use crate::analysis::{Options, Power, Side, Structure, signers};
use crate::protocol::Protocol;

/// The part of the work for each of both, where its thresholds are not those of a payment.
const PART: f64 = 0.1;

/// The sets of keys that can change an account by one transaction as it stands.
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

    /// Both as JSON: the fewest keys, the minimal sets and their number; none of them where no keys are
    /// enough.
    pub fn to_json(&self) -> [(&'static str, Value); 2] {
        self.sides().map(|(name, side)| {
            let Some(side) = side else {
                let none: [&str; 0] = [];
                return (name, json!({ "fewest": null, "count": 0, "sets": none }));
            };
            let bounds = json!({"keys": side.fewest.keys, "lower_bound": side.fewest.lower});
            let value = json!({
                "fewest": side.fewest.exact(), "certificate": bounds,
                "count": side.count_json(), "sets": side.sets,
            });
            (name, value)
        })
    }
}
