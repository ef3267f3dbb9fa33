//! What one legal aggregate can ask of a node: accounts visited by the approval check.
//!
//! For each embedded transaction a server walks the whole tree below its signer and below every account
//! it adds: all cosignatories, also when enough have agreed, and an account as often as ways lead to it
//! (`MultisigAggregateSufficientCosignatoriesValidator`). So a full tree of depth `D` costs
//! `walk(D) = 1 + C + C^2 + .. + C^D` visits, however few accounts it is made of, and one signature can
//! satisfy it where all thresholds are 1.
//!
//! The costliest part is a modification that swaps one full cosignatory for another: it walks the account
//! (`walk(D)`) and the added one (`walk(D - 1)`), because the number of cosignatories may stand at its
//! limit before and after. Two accounts take turns, so that every embedded transaction does it:
//! `T * (walk(D) + walk(D - 1))`. It cannot be more: with `e` cosignatories before, `k` added and `d`
//! deleted, `e + k - d <= C`, and the visits are `1 + (e + k) * walk(D - 1)` at most.
//!
//! The eligibility check walks the same trees once more, before anything is executed.

use serde::{Deserialize, Serialize};

use super::shape::Shape;
use super::witness::{Witness, numbered};
use crate::account::AccountId;
use crate::author::{BuilderError, ScenarioBuilder};
use crate::ledger::View;
use crate::protocol::{EligibleAddition, Limit, Protocol};
use crate::unit::{Count, UNCOUNTED, count_of, grouped};
use crate::verdict::Verdict;

/// Most accounts that a scenario is built of.
const ACCOUNTS_MAX: u64 = 400;
/// Most embedded transactions that a scenario's aggregate holds.
const PARTS_MAX: u64 = 2_000;
/// Most visits that are counted one by one.
const COUNTED_MAX: u64 = 50_000_000;

/// Account visits of the costliest legal aggregate; a text where they are beyond counting.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schemas", derive(schemars::JsonSchema))]
pub struct Cost {
    /// Account visits of the approval check.
    pub visits: Count,
    /// The most of one embedded transaction.
    pub visits_per_transaction: Count,
    /// Most account visits that are allowed; above, the configuration is costly.
    pub visits_max: u64,
    /// Whether some aggregate attains it; else it is an upper bound.
    pub exact: bool,
    /// How it comes to that, with the numbers put in.
    pub formula: String,
    /// What attains it, in a sentence.
    pub structure: String,
    /// The same with one limit changed.
    pub growth: Vec<Growth>,
}

/// What a changed limit makes of the cost.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schemas", derive(schemars::JsonSchema))]
pub struct Growth {
    /// The limit.
    pub limit: String,
    /// Its value now.
    pub from: u64,
    /// The changed value.
    pub to: u64,
    /// Account visits then.
    pub visits: Count,
}

/// Visits of one walk down a full tree; saturating.
pub(super) fn walk(cosignatories: u64, depth: u64) -> u64 {
    if cosignatories <= 1 {
        return if cosignatories == 0 { 1 } else { depth.saturating_add(1) };
    }
    let mut visits = 1u64;
    for _ in 0..depth {
        let next = visits.saturating_mul(cosignatories).saturating_add(1);
        if next == u64::MAX {
            return next;
        }
        visits = next;
    }
    visits
}

/// Visits of the costliest embedded transaction, and whether an aggregate of them is legal.
fn dearest(shape: &Shape) -> (u64, bool) {
    let Shape { cosignatories, depth, .. } = *shape;
    if !shape.base.has_levels() {
        return (cosignatories.saturating_add(1), true);
    }
    if shape.cap == 0 || shape.transactions == 0 {
        return (0, true);
    }
    if !shape.builds() {
        return (1, true);
    }
    if shape.strict {
        // Nobody multisig ever signs: an account and the keys it takes.
        return (cosignatories.min(shape.cap - 1).saturating_add(1), false);
    }
    let swaps = if shape.consent { shape.deletions.min(cosignatories) } else { 0 };
    let below = walk(cosignatories, depth - 1);
    let visits = walk(cosignatories, depth).saturating_add(below.saturating_mul(swaps));
    (visits, swaps <= 1)
}

/// The account visits of the costliest legal aggregate, and whether one attains them.
pub(super) fn visits(protocol: &Protocol) -> (u64, bool) {
    let shape = Shape::new(protocol);
    let (each, exact) = dearest(&shape);
    let parts = u64::from(protocol.max_parts());
    // Eras that make only the added account's own key eligible need a key that is shared.
    let own_key = protocol.switches.eligible_addition == EligibleAddition::OwnKey;
    let apart = own_key && shape.base.has_levels() && shape.cosigned < 2 && shape.depth >= 2;
    let total = each.saturating_mul(parts);
    (total, exact && !apart && total != u64::MAX)
}

/// The cost of a protocol and how it grows; `visits_max` is what is allowed.
#[must_use]
pub fn cost(protocol: &Protocol, visits_max: u64) -> Cost {
    let shape = Shape::new(protocol);
    let (total, exact) = visits(protocol);
    let (each, _) = dearest(&shape);
    Cost {
        visits: Count(total),
        visits_per_transaction: Count(each),
        visits_max,
        exact,
        formula: formula(&shape, each, total),
        structure: structure(&shape),
        growth: growth(protocol),
    }
}

fn formula(shape: &Shape, each: u64, total: u64) -> String {
    let Shape { cosignatories: c, depth: d, transactions, .. } = *shape;
    let t = grouped(transactions);
    if !shape.base.has_levels() {
        return format!("1 account + {c} cosignatories = {}", grouped(total));
    }
    if !shape.builds() || shape.strict {
        return format!("{t} transactions * {} = {}", grouped(each), grouped(total));
    }
    let terms: Vec<String> = (0..=d.min(4)).map(|level| power_text(c, level)).collect();
    let whole = format!("{}{}", terms.join(" + "), if d > 4 { " + .." } else { "" });
    let tree = walk(c, d);
    let added = grouped(each.saturating_sub(tree));
    if total == u64::MAX {
        return format!("{t} transactions * ({whole} and what they add) = {UNCOUNTED}");
    }
    let (is_tree, tree, total) = (each == tree, grouped(tree), grouped(total));
    match is_tree {
        true => format!("{t} transactions * ({whole}) = {t} * {tree} = {total}"),
        false => {
            format!("{t} transactions * (({whole}) + {added}) = {t} * ({tree} + {added}) = {total}")
        }
    }
}

fn power_text(base: u64, exponent: u64) -> String {
    match exponent {
        0 => "1".to_owned(),
        1 => base.to_string(),
        _ => format!("{base}^{exponent}"),
    }
}

fn structure(shape: &Shape) -> String {
    let Shape { cosignatories: c, depth: d, transactions: t, .. } = *shape;
    if !shape.base.has_levels() {
        return format!("a payment of an account with {c} cosignatories");
    }
    if !shape.builds() {
        return "transfers of one plain account".to_owned();
    }
    if shape.strict {
        return "plain accounts that become multisig".to_owned();
    }
    let tree = format!("an account with {c} cosignatories on each of {d} levels, all thresholds 1");
    match shape.consent && shape.deletions > 0 {
        true => format!(
            "{tree}; {t} embedded modifications swap one of its cosignatories for another like it \
             and back"
        ),
        false => format!("{tree}; {t} embedded transfers from it"),
    }
}

/// The limits that the cost depends on; without levels the first of them.
const LIMITS: [Limit; 3] = [Limit::Cosignatories, Limit::Depth, Limit::Transactions];

/// Each limit one higher, and twice as high.
fn growth(protocol: &Protocol) -> Vec<Growth> {
    let mut rows = Vec::new();
    let count = if protocol.base.has_levels() { LIMITS.len() } else { 1 };
    for limit in LIMITS.into_iter().take(count) {
        let mut changed = protocol.clone();
        let from = limit.of(&protocol.limits);
        for to in [from.saturating_add(1), from.saturating_mul(2)] {
            limit.set(&mut changed.limits, to);
            rows.push(Growth {
                limit: limit.name().to_owned(),
                from,
                to,
                visits: Count(visits(&changed).0),
            });
        }
    }
    rows
}

/// Visits of one walk down from an account, as a server makes it.
pub(super) fn counted<V: View>(view: &V, account: AccountId) -> u64 {
    view.cosignatories(account).fold(1, |sum, below| sum + counted(view, below))
}

/// The levels of a full tree in as few accounts as the limits allow: how many accounts each level has.
/// The first level below the top has one account to spare.
fn levels(shape: &Shape) -> Option<Vec<u64>> {
    let spare = u64::from(shape.consent && shape.deletions > 0);
    let mut sizes = vec![shape.cosignatories.checked_add(spare)?];
    for _ in 1..shape.depth {
        let slots = sizes.last()?.checked_mul(shape.cosignatories)?;
        sizes.push(slots.div_ceil(shape.cosigned).max(shape.cosignatories));
        if sizes.iter().sum::<u64>() > ACCOUNTS_MAX {
            return None;
        }
    }
    (sizes.iter().sum::<u64>() <= ACCOUNTS_MAX).then_some(sizes)
}

const TOP: &str = "top";

/// A scenario that attains the cost, counted visit by visit; none where it would be too large.
pub(super) fn witness(protocol: &Protocol) -> Result<Option<Witness>, BuilderError> {
    let shape = Shape::new(protocol);
    let (total, exact) = visits(protocol);
    let plain = shape.base.has_levels() && shape.builds() && !shape.strict;
    let small = shape.transactions <= PARTS_MAX && total <= COUNTED_MAX && shape.deletions <= 1;
    let Some(sizes) = levels(&shape).filter(|_| plain && exact && small) else { return Ok(None) };
    let levels: Vec<Vec<String>> = sizes
        .iter()
        .enumerate()
        .map(|(depth, &size)| numbered(&format!("level-{}", depth + 1), size))
        .collect();
    let mut labels = vec![TOP.to_owned()];
    labels.extend(levels.iter().flatten().cloned());
    let description = format!(
        "{} Every signature is legal, and the approval check visits {} accounts for the last \
         aggregate.",
        "A full tree whose thresholds are 1.",
        grouped(total)
    );
    let mut builder = ScenarioBuilder::new(protocol, &labels, "A costly aggregate", &description)?;
    build(&mut builder, &shape, &levels)?;
    let made = builder.accepted();
    let (aggregate, found) = dear(&builder, &shape, &levels)?;
    if found != total {
        let what = format!("the aggregate makes {found} visits; expected {total}");
        return Err(BuilderError::Replay(what));
    }
    builder.submit(aggregate, count_of(total, "account visit"), Verdict::Accepted)?;
    Witness::new(builder, made, labels.len()).map(Some)
}

/// Brings the tree about, from the top down.
fn build(
    builder: &mut ScenarioBuilder,
    shape: &Shape,
    levels: &[Vec<String>],
) -> Result<(), BuilderError> {
    let wide = shape.cosignatories as usize;
    let top = builder.id(TOP);
    let first = levels.first().map_or(&[][..], Vec::as_slice);
    let members = builder.ids(first.get(..wide).unwrap_or(first));
    builder.convert(top, &members, (1, 1))?;
    for pair in levels.windows(2) {
        let [above, below] = pair else { continue };
        let mut next = below.iter().cycle();
        for account in above {
            let members: Vec<String> = next.by_ref().take(wide).cloned().collect();
            builder.convert(builder.id(account), &builder.ids(&members), (1, 1))?;
        }
    }
    Ok(())
}

/// The key at the bottom of an account, first cosignatory by first cosignatory.
fn key_of(builder: &ScenarioBuilder, mut account: AccountId) -> AccountId {
    while let Some(below) = builder.ledger().state().links().cosignatories(account).next() {
        account = below;
    }
    account
}

/// The costliest aggregate, and the visits it makes, counted on the state before each of its parts.
fn dear(
    builder: &ScenarioBuilder,
    shape: &Shape,
    levels: &[Vec<String>],
) -> Result<(crate::transaction::Transaction, u64), BuilderError> {
    let top = builder.id(TOP);
    let links = builder.ledger().state().links();
    let first = levels.first().map(|first| builder.ids(first)).unwrap_or_default();
    let (one, two) = (first.first().copied(), first.last().copied());
    let (Some(one), Some(two)) = (one, two) else { return Ok((builder.signed(&[]), 0)) };
    if !(shape.consent && shape.deletions > 0) {
        let mut aggregate = builder.signed(&[key_of(builder, top)]);
        for _ in 0..shape.transactions {
            aggregate.push_transfer(top, one, crate::unit::Amount(1));
        }
        return Ok((aggregate, shape.transactions * counted(links, top)));
    }
    let (key, other) = (key_of(builder, one), key_of(builder, two));
    let signers = if key == other { vec![key] } else { vec![key, other] };
    let mut aggregate = builder.signed(&signers);
    let mut ledger = builder.ledger().clone();
    let mut found = 0;
    for part in 0..shape.transactions {
        let (added, removed) = if part % 2 == 0 { (two, one) } else { (one, two) };
        let links = ledger.state().links();
        found += counted(links, top) + counted(links, added);
        aggregate.push_modification(top, (0, 0), &[added], &[removed]);
        let mut alone = builder.signed(&signers);
        alone.push_modification(top, (0, 0), &[added], &[removed]);
        let answer = ledger.submit(&alone);
        if answer != Verdict::Accepted {
            let name = builder.ledger().protocol().result_name(answer);
            return Err(BuilderError::Replay(format!("swap {part} alone answers `{name}`")));
        }
    }
    Ok((aggregate, found))
}
