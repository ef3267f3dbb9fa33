//! How the answers are written as JSON.

use num_bigint::BigUint;
use serde_json::{Map, Value, json};

use super::super::scaled::Scaled;
use super::{Answers, Fewest, Importance, Power, Side};

impl Answers {
    /// The answers as JSON, in the keys of the project's files of structures.
    #[must_use]
    pub fn to_json(&self) -> Value {
        let mut object = Map::new();
        object.insert("keys".into(), json!(self.keys));
        let (spend, lock) = (&self.now.spend, &self.now.lock);
        insert_sets(&mut object, "min_path_sets", spend);
        insert_sets(&mut object, "min_cut_sets", lock);
        insert_fewest(&mut object, "", &self.now, self.keys);
        object.insert("single_points_of_failure".into(), json!(lock.singles));
        object.insert("single_points_of_theft".into(), json!(spend.singles));
        object.insert("lockout_probability".into(), likelihood(lock));
        object.insert("theft_probability".into(), likelihood(spend));
        let both = |of: fn(&Importance) -> Value| {
            let side = |side: &Side| -> Map<String, Value> {
                side.importance.iter().map(|entry| (entry.key.clone(), of(entry))).collect()
            };
            json!({ "lockout": side(lock), "theft": side(spend) })
        };
        object.insert("birnbaum".into(), both(|entry| number(entry.birnbaum)));
        let share = |entry: &Importance| entry.fussell_vesely.map_or(Value::Null, number);
        object.insert("fussell_vesely".into(), both(share));
        object.insert("replace_first".into(), replace_first(&self.now));
        object.insert("eventual_replace_first".into(), replace_first(&self.eventually));
        let (spend, lock) = (&self.eventually.spend, &self.eventually.lock);
        insert_sets(&mut object, "eventual_spend_min_coalitions", spend);
        insert_sets(&mut object, "eventual_lockout_min_cut_sets", lock);
        insert_fewest(&mut object, "eventual_", &self.eventually, self.keys);
        object.insert("eventual_single_points_of_failure".into(), json!(lock.singles));
        object.insert("eventual_single_points_of_theft".into(), json!(spend.singles));
        object.insert("eventual_lockout_probability".into(), likelihood(lock));
        object.insert("eventual_theft_probability".into(), likelihood(spend));
        Value::Object(object)
    }
}

impl Side {
    /// How many minimal sets there are, as programs read it; `null` where that is not known.
    #[must_use]
    pub fn count_json(&self) -> Value {
        self.count.as_ref().map_or(Value::Null, count)
    }
}

fn insert_sets(object: &mut Map<String, Value>, name: &str, side: &Side) {
    object.insert(name.into(), json!(side.sets));
    object.insert(format!("{name}_count"), side.count_json());
    object.insert(format!("{name}_sha256"), json!(side.sha256));
}

/// The fewest keys of both sides. A number that is not proved is `null`; its bounds are given.
fn insert_fewest(object: &mut Map<String, Value>, prefix: &str, power: &Power, keys: usize) {
    let (sign, lose) = (&power.spend.fewest, &power.lock.fewest);
    let least = sign.exact().filter(|_| !power.locked);
    object.insert(format!("{prefix}min_signatures"), json!(least));
    let proof = if power.locked { Value::Null } else { certificate(sign) };
    object.insert(format!("{prefix}min_signatures_certificate"), proof);
    object.insert(format!("{prefix}min_losses_that_lock"), json!(lose.exact()));
    object.insert(format!("{prefix}min_losses_certificate"), certificate(lose));
    // at best all but a smallest quorum may go
    let left = power.left.exact().filter(|_| !power.locked);
    let survivable = left.map(|least| keys.saturating_sub(least));
    object.insert(format!("{prefix}max_losses_survivable"), json!(survivable));
}

fn certificate(fewest: &Fewest) -> Value {
    json!({ "keys": fewest.keys, "lower_bound": fewest.lower })
}

/// Most keys that are named as worth replacing.
const REPLACEMENTS_SHOWN: usize = 5;

fn replace_first(power: &Power) -> Value {
    let shown = power.replacements().into_iter().take(REPLACEMENTS_SHOWN).map(|one| {
        let (lockout, theft) = (number(one.lockout), number(one.theft));
        json!({ "key": one.key, "lockout_reduction": lockout, "theft_reduction": theft })
    });
    shown.collect()
}

/// A count as a number where every reader can hold it, else as its digits.
fn count(count: &BigUint) -> Value {
    match u64::try_from(count) {
        Ok(small) if small <= 1 << 53 => json!(small),
        _ => json!(count.to_string()),
    }
}

/// A probability as a number where `f64` holds it in full, else as text.
fn number(value: Scaled) -> Value {
    let plain = value.to_f64();
    if value.is_zero() || plain >= 1e-290 { json!(plain) } else { json!(value.to_string()) }
}

/// The probability, or the bounds it lies between.
fn likelihood(side: &Side) -> Value {
    match side.likelihood.map(|likelihood| (likelihood, likelihood.exact())) {
        None => Value::Null,
        Some((_, Some(exact))) => number(exact),
        Some((bounds, None)) => json!({
            "interval": [number(bounds.low), number(bounds.high)],
            "note": "not exact: the true value lies between these bounds",
        }),
    }
}
