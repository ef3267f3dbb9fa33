//! A scenario for each way in which a hazard comes about, made for the configuration's own limits.

use serde::{Deserialize, Serialize};

use super::shape::{Cause, Shape, power};
use crate::account::AccountId;
use crate::author::{
    BuilderError, COSIGNS_ENOUGH, INELIGIBLE, INVALID, MISSING, ScenarioBuilder, TOO_DEEP, TOO_MANY,
};
use crate::protocol::{Protocol, Threshold};
use crate::scenario::{Ability, Act, Check, Document};
use crate::transaction::Transaction;
use crate::unit::Amount;
use crate::verdict::{Reason, Verdict};

/// Most accounts that a scenario is written for; beyond, the closed form stands alone.
const ACCOUNTS_MAX: u64 = 700;

/// A scenario that shows a hazard, replayed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schemas", derive(schemars::JsonSchema))]
pub struct Witness {
    /// Transactions from plain accounts to the state that hurts.
    pub transactions: u64,
    /// Accounts named in it.
    pub accounts: u64,
    /// The whole file.
    pub scenario: Document,
}

impl Witness {
    pub(super) fn new(
        builder: ScenarioBuilder,
        transactions: usize,
        accounts: usize,
    ) -> Result<Self, BuilderError> {
        let (transactions, accounts) = (transactions as u64, accounts as u64);
        Ok(Self { transactions, accounts, scenario: builder.end()? })
    }
}

const VAULT: &str = "vault";
const PAYEE: &str = "payee";

/// The scenario of one way; none where it would name too many accounts.
pub(super) fn witness(protocol: &Protocol, cause: Cause) -> Result<Option<Witness>, BuilderError> {
    let shape = Shape::new(protocol);
    let large = matches!(cause, Cause::Lock | Cause::Tree | Cause::RemovalAboveCap);
    if large && shape.cap.saturating_add(shape.depth) > ACCOUNTS_MAX {
        return Ok(None);
    }
    match cause {
        Cause::Lock => lock(protocol, &shape),
        Cause::Strict => strict(protocol, &shape),
        Cause::Tree => tree(protocol, &shape),
        Cause::RemovalAboveCap => removal_above_cap(protocol, &shape),
        Cause::SharedSignature => shared_signature(protocol),
        Cause::Removal | Cause::Others => takeover(protocol),
        Cause::Shared => dead_level(protocol),
    }
    .map(Some)
}

/// So many names, numbered so that they sort as they count.
pub(super) fn numbered(word: &str, count: u64) -> Vec<String> {
    let width = count.to_string().len();
    (1..=count).map(|number| format!("{word}-{number:0width$}")).collect()
}

/// The names of a cast: the account first, then who is paid, then the others.
fn cast(others: &[&[String]]) -> Vec<String> {
    let first = [VAULT, PAYEE].map(str::to_owned);
    first.into_iter().chain(others.iter().flat_map(|names| names.iter().cloned())).collect()
}

fn first(accounts: &[AccountId], count: u64) -> &[AccountId] {
    accounts.get(..count as usize).unwrap_or(accounts)
}

/// The payment as far as the cap goes, and one signature further: both are refused.
fn nobody_pays(
    builder: &mut ScenarioBuilder,
    cap: u64,
    all: &[AccountId],
) -> Result<(), BuilderError> {
    let (vault, payee) = (builder.id(VAULT), builder.id(PAYEE));
    let some = first(all, cap);
    let payment = builder.payment(some, vault, payee);
    builder.submit(
        payment,
        format!("{cap} signatures, as many as fit, are not enough"),
        MISSING,
    )?;
    let payment = builder.payment(first(all, cap + 1), vault, payee);
    builder.submit(payment, format!("{} signatures exceed the limit", cap + 1), TOO_MANY)
}

/// All of one more than the cap, at the lowest level.
fn lock(protocol: &Protocol, shape: &Shape) -> Result<Witness, BuilderError> {
    let cap = shape.cap;
    // Where no key may cosign twice, nothing can be shared anyway and no levels need be filled.
    let holders = if shape.cosigned == 1 { 0 } else { shape.depth - 1 };
    let (holders, members) = (numbered("holder", holders), numbered("member", cap + 1));
    let labels = cast(&[&holders, &members]);
    let all = cap + 1;
    let description = format!(
        "Every step is legal and no key is lost: at most {cap} signatures at a time make a \
         {all}-of-{all}, and then no aggregate carries enough to pay, to remove anybody or to lower \
         a threshold, and no cosignatory can become multisig to share a signature."
    );
    let mut builder = ScenarioBuilder::new(
        protocol,
        &labels,
        "All keys alive and locked for ever",
        &description,
    )?;
    let (vault, keys) = (builder.id(VAULT), builder.ids(&members));
    let mut chain = builder.ids(&holders);
    chain.push(vault);
    for pair in chain.windows(2) {
        if let &[above, below] = pair {
            builder.convert(above, &[below], (1, 1))?;
        }
    }
    let threshold = u32::try_from(all).unwrap_or(u32::MAX);
    builder.convert(vault, &keys, (threshold, threshold))?;
    let made = builder.accepted();
    nobody_pays(&mut builder, cap, &keys)?;
    let some = first(&keys, cap);
    let lowering = builder.lowering(some, vault, (1, 1), (&[], &[]));
    builder.submit(lowering, "the thresholds cannot be lowered", MISSING)?;
    if let (Some(&last), true) = (keys.last(), shape.deletions > 0) {
        let removal = builder.lowering(some, vault, (1, 1), (&[], &[last]));
        builder.submit(removal, "nobody can be removed", MISSING)?;
    }
    if let &[one, two, ..] = keys.as_slice() {
        let signers = if shape.consent { vec![one, two] } else { vec![one] };
        let nesting = builder.lowering(&signers, one, (1, 1), (&[two], &[]));
        let refused = if shape.cosigned == 1 { COSIGNS_ENOUGH } else { TOO_DEEP };
        builder.submit(nesting, "two cosignatories cannot share a signature", refused)?;
    }
    Witness::new(builder, made, labels.len())
}

/// An account becomes multisig under the strict check and never acts again.
fn strict(protocol: &Protocol, shape: &Shape) -> Result<Witness, BuilderError> {
    let labels = cast(&[&["member".to_owned()]]);
    let description = "Only signers of embedded transactions may sign an aggregate. A cosignatory is \
                       none of them, and the multisig account itself may not sign.";
    let mut builder = ScenarioBuilder::new(protocol, &labels, "Multisig and mute", description)?;
    let (vault, payee, member) = (builder.id(VAULT), builder.id(PAYEE), builder.id("member"));
    let signers = if shape.consent { vec![vault, member] } else { vec![vault] };
    let mut conversion = builder.lowering(&signers, vault, (1, 1), (&[member], &[]));
    if shape.consent {
        conversion.push_transfer(member, payee, Amount(0));
    }
    let note = "vault takes a cosignatory, who signs a part of its own";
    builder.submit(conversion, note, Verdict::Accepted)?;
    let payment = builder.payment(&[member], vault, payee);
    builder.submit(payment, "the cosignatory may not sign for it", INELIGIBLE)?;
    let payment = builder.payment(&[vault], vault, payee);
    let own = Verdict::Rejected(Reason::MultisigOperationProhibitedByAccount);
    builder.submit(payment, "nor may the account itself", own)?;
    Witness::new(builder, 1, labels.len())
}

/// A node of a tree: a key, or an account over others.
struct Node {
    label: String,
    below: Vec<Node>,
}

impl Node {
    /// A tree with so many keys, as wide as the cap and the limit on cosignatories allow and no deeper
    /// than needed.
    fn grow(keys: u64, wide: u64, depth: u64, numbers: &mut (u64, u64)) -> Self {
        if keys == 1 {
            numbers.0 += 1;
            return Self { label: format!("member-{:03}", numbers.0), below: Vec::new() };
        }
        let label = match numbers.1 {
            0 => VAULT.to_owned(),
            number => format!("board-{number:03}"),
        };
        numbers.1 += 1;
        let count = wide.min(keys);
        let most = power(wide, depth.saturating_sub(1));
        let mut more = keys - count;
        let mut below = Vec::new();
        for _ in 0..count {
            let extra = more.min(most - 1);
            more -= extra;
            below.push(Self::grow(1 + extra, wide, depth.saturating_sub(1), numbers));
        }
        Self { label, below }
    }

    fn labels(&self, keys: bool, found: &mut Vec<String>) {
        if self.below.is_empty() == keys {
            found.push(self.label.clone());
        }
        self.below.iter().for_each(|node| node.labels(keys, found));
    }

    /// Every account from the top on becomes an all-must-sign multisig of those below it.
    fn convert(&self, builder: &mut ScenarioBuilder) -> Result<(), BuilderError> {
        if self.below.is_empty() {
            return Ok(());
        }
        let members: Vec<AccountId> =
            self.below.iter().map(|node| builder.id(&node.label)).collect();
        let all = members.len() as u32;
        builder.convert(builder.id(&self.label), &members, (all, all))?;
        self.below.iter().try_for_each(|node| node.convert(builder))
    }

    /// The first account whose cosignatories are all keys.
    fn lowest(&self) -> Option<&Self> {
        if self.below.is_empty() {
            return None;
        }
        self.below.iter().find_map(Self::lowest).or(Some(self))
    }
}

/// Nested accounts that need one signature more than the cap, lowered from below.
fn tree(protocol: &Protocol, shape: &Shape) -> Result<Witness, BuilderError> {
    let cap = shape.cap;
    let mut numbers = (0, 0);
    let wide = shape.cosignatories.min(cap);
    let root = Node::grow(cap + 1, wide, shape.depth, &mut numbers);
    let (mut accounts, mut members) = (Vec::new(), Vec::new());
    root.labels(false, &mut accounts);
    root.labels(true, &mut members);
    accounts.retain(|label| label != VAULT);
    let labels = cast(&[&accounts, &members]);
    let description = format!(
        "Nested accounts need {} signatures, one more than an aggregate carries, and no payment is \
         possible until an account below has lowered its thresholds on its own.",
        cap + 1
    );
    let mut builder =
        ScenarioBuilder::new(protocol, &labels, "A quorum over the cap", &description)?;
    root.convert(&mut builder)?;
    let made = builder.accepted();
    let keys = builder.ids(&members);
    nobody_pays(&mut builder, cap, &keys)?;
    if let Some(lowest) = root.lowest() {
        let below: Vec<AccountId> =
            lowest.below.iter().map(|node| builder.id(&node.label)).collect();
        let account = builder.id(&lowest.label);
        let lowering = builder.lowering(&below, account, (1, 1), (&[], &[]));
        let note = format!("{} lowers its thresholds, signed by its own", lowest.label);
        builder.submit(lowering, note, Verdict::Accepted)?;
        let spare = below.get(1..).unwrap_or_default();
        let left: Vec<AccountId> =
            keys.iter().copied().filter(|key| !spare.contains(key)).collect();
        let payment = builder.payment(&left, builder.id(VAULT), builder.id(PAYEE));
        let note = format!("{} signatures fit and are enough", left.len());
        builder.submit(payment, note, Verdict::Accepted)?;
    }
    Witness::new(builder, made, labels.len())
}

/// Whether a removal alone needs min removal; else a removal beside an addition does.
fn plain_removal(protocol: &Protocol) -> bool {
    !protocol.base.has_removal_threshold()
        || protocol.switches.removal_threshold == Threshold::Removal
}

/// One removes another, brings somebody along if the protocol wants that, and lowers what there is.
fn removal(
    protocol: &Protocol,
    builder: &ScenarioBuilder,
    by: AccountId,
    removed: AccountId,
) -> Transaction {
    let (vault, guest) = (builder.id(VAULT), builder.id(GUEST));
    let consent = protocol.switches.opt_in;
    let goal = (1, protocol.base.stored_removal(1));
    match plain_removal(protocol) {
        true => builder.lowering(&[by], vault, goal, (&[], &[removed])),
        false if consent => builder.lowering(&[by, guest], vault, goal, (&[guest], &[removed])),
        false => builder.lowering(&[by], vault, goal, (&[guest], &[removed])),
    }
}

const GUEST: &str = "guest";

/// Min approval above the cap, min removal 1.
fn removal_above_cap(protocol: &Protocol, shape: &Shape) -> Result<Witness, BuilderError> {
    let cap = shape.cap;
    let members = numbered("member", cap + 1);
    let labels = cast(&[&[GUEST.to_owned()], &members]);
    let description = format!(
        "Min approval {} is more than the {cap} signatures of an aggregate; a removal, which needs \
         one signature, lowers it.",
        cap + 1
    );
    let mut builder =
        ScenarioBuilder::new(protocol, &labels, "Approval over the cap", &description)?;
    let keys = builder.ids(&members);
    builder.convert(builder.id(VAULT), &keys, (u32::try_from(cap + 1).unwrap_or(u32::MAX), 1))?;
    let made = builder.accepted();
    nobody_pays(&mut builder, cap, &keys)?;
    if let (Some(&one), Some(&last)) = (keys.first(), keys.last()) {
        let leaving = removal(protocol, &builder, one, last);
        builder.submit(
            leaving,
            "one removes another and lowers min approval",
            Verdict::Accepted,
        )?;
        let minima =
            crate::ledger::View::minima(builder.ledger().state().links(), builder.id(VAULT));
        let some = first(&keys, minima.approval.into());
        let payment = builder.payment(some, builder.id(VAULT), builder.id(PAYEE));
        let note = format!("now {} signatures are enough", minima.approval);
        builder.submit(payment, note, Verdict::Accepted)?;
    }
    Witness::new(builder, made, labels.len())
}

/// 2-of-2 with one signature an aggregate.
fn shared_signature(protocol: &Protocol) -> Result<Witness, BuilderError> {
    let labels = cast(&[&["alice", "bob"].map(str::to_owned)]);
    let description = "An aggregate carries one signature. A 2-of-2 cannot pay until one of the two \
                       becomes a multisig of the other, who then counts for both.";
    let mut builder =
        ScenarioBuilder::new(protocol, &labels, "A quorum over the cap", description)?;
    let (alice, bob) = (builder.id("alice"), builder.id("bob"));
    builder.convert(builder.id(VAULT), &[alice, bob], (2, 2))?;
    let made = builder.accepted();
    nobody_pays(&mut builder, 1, &[alice, bob])?;
    builder.convert(alice, &[bob], (1, 1))?;
    let payment = builder.payment(&[bob], builder.id(VAULT), builder.id(PAYEE));
    builder.submit(payment, "bob counts for both", Verdict::Accepted)?;
    Witness::new(builder, made, labels.len())
}

fn can_spend(account: AccountId, keys: &[AccountId], now: bool, eventually: bool) -> Act {
    let (now, eventually) = (Some(now), Some(eventually));
    let ability = Ability { account, keys: keys.to_vec(), now, eventually };
    Act::Check(Box::new(Check { can_spend: Some(ability), ..Check::default() }))
}

/// A 2-of-2 account falls to one key.
fn takeover(protocol: &Protocol) -> Result<Witness, BuilderError> {
    let labels = cast(&[&["alice", "bob", GUEST].map(str::to_owned)]);
    let two = protocol.base.has_removal_threshold();
    let description = match two {
        true => "A payment needs both keys, a removal one; it lowers min approval with it.",
        false => "A payment needs both keys, deleting one needs only the other.",
    };
    let mut builder =
        ScenarioBuilder::new(protocol, &labels, "Two must pay, one takes it all", description)?;
    let (vault, payee) = (builder.id(VAULT), builder.id(PAYEE));
    let (alice, bob) = (builder.id("alice"), builder.id("bob"));
    builder.convert(vault, &[alice, bob], (2, 1))?;
    let made = builder.accepted();
    builder.act(Act::Steal(vec![alice]), "a thief takes one key");
    builder.act(can_spend(vault, &[alice], false, true), "it cannot pay now, and it will");
    let payment = builder.payment(&[alice], vault, payee);
    builder.submit(payment, "it does not pay", if two { MISSING } else { INVALID })?;
    let leaving = removal(protocol, &builder, alice, bob);
    builder.submit(leaving, "it removes the other key", Verdict::Accepted)?;
    let payment = builder.payment(&[alice], vault, payee);
    builder.submit(payment, "and pays", Verdict::Accepted)?;
    Witness::new(builder, made, labels.len())
}

/// A nested account that never decides anything.
fn dead_level(protocol: &Protocol) -> Result<Witness, BuilderError> {
    let labels = cast(&[&["alice", "board", "bob"].map(str::to_owned)]);
    let description = "Alice pays alone, or with the board, which cannot agree without her. Neither \
                       the board's vote nor bob's ever counts.";
    let mut builder =
        ScenarioBuilder::new(protocol, &labels, "A vote that never counts", description)?;
    let (vault, payee) = (builder.id(VAULT), builder.id(PAYEE));
    let (alice, board, bob) = (builder.id("alice"), builder.id("board"), builder.id("bob"));
    builder.convert(vault, &[alice, board], (1, 1))?;
    builder.convert(board, &[alice, bob], (2, 2))?;
    let made = builder.accepted();
    let quorums = (vault, Some(vec![vec![alice]]), None);
    let check = Check { quorums: Some(quorums), ..Check::default() };
    builder.act(Act::Check(Box::new(check)), "alice is the only smallest quorum");
    builder.act(can_spend(vault, &[bob], false, false), "bob alone never pays");
    let payment = builder.payment(&[bob], vault, payee);
    builder.submit(payment, "nor does he by signing", MISSING)?;
    let payment = builder.payment(&[alice], vault, payee);
    builder.submit(payment, "alice needs nobody", Verdict::Accepted)?;
    Witness::new(builder, made, labels.len())
}
