//! A state's digest and its equality speak of every field.

use super::*;
use crate::ledger::Minima;

const A: AccountId = AccountId(0);
const B: AccountId = AccountId(1);
const C: AccountId = AccountId(2);
const GOLD: MosaicId = MosaicId(1);
const IRON: MosaicId = MosaicId(2);

/// A state in which no field is empty.
fn state() -> State {
    let mut state = State::new(4);
    state.links.link(A, B);
    state.links.link(A, C);
    state.links.set_minima(A, Minima { approval: 2, removal: 1 });
    state.currency.0 = vec![5, 0, 7, 5];
    state.slots.extend([((A, GOLD), 0), ((B, GOLD), 1), ((B, IRON), 2)]);
    state.holdings = vec![3, 4, 0];
    let definition = Definition {
        owner: A,
        supply: Amount(7),
        divisibility: 3,
        supply_mutable: true,
        transferable: false,
    };
    state.definitions = vec![None, Some(definition), None];
    (state.uncollected, state.locked) = (11, 13);
    state.executed = vec![0, 2, 9];
    state
}

fn gold(state: &mut State) -> &mut Definition {
    state.definitions[1].as_mut().unwrap()
}

type Change = (&'static str, fn(&mut State));

/// One change of each thing a state holds.
#[rustfmt::skip]
const CHANGES: &[Change] = &[
    ("a link more", |state| state.links.link(A, AccountId(3))),
    ("a link less", |state| state.links.unlink(A, C)),
    ("a link the other way", |state| state.links.link(B, A)),
    ("another account's link", |state| state.links.link(B, C)),
    ("min approval", |state| state.links.set_minima(A, Minima { approval: 1, removal: 1 })),
    ("min removal", |state| state.links.set_minima(A, Minima { approval: 2, removal: 2 })),
    ("thresholds exchanged", |state| state.links.set_minima(A, Minima { approval: 1, removal: 2 })),
    ("a balance", |state| state.currency.0[2] = 8),
    ("a balance of nothing", |state| state.currency.0[1] = 1),
    ("balances exchanged", |state| state.currency.0.swap(1, 2)),
    ("a holding", |state| state.holdings[0] = 4),
    ("a holding gone", |state| state.holdings[1] = 0),
    ("a holding come", |state| state.holdings[2] = 4),
    ("holdings exchanged", |state| state.holdings.swap(0, 1)),
    ("a mosaic exchanged for the other", |state| state.holdings.swap(1, 2)),
    ("a new holder", |state| {
        state.slots.insert((C, GOLD), 3);
        state.holdings.push(3);
    }),
    ("an owner", |state| gold(state).owner = B),
    ("a supply", |state| gold(state).supply = Amount(8)),
    ("decimal places", |state| gold(state).divisibility = 4),
    ("a supply that is fixed", |state| gold(state).supply_mutable = false),
    ("a mosaic that may be passed on", |state| gold(state).transferable = true),
    ("a mosaic forgotten", |state| state.definitions[1] = None),
    ("a mosaic more", |state| state.definitions[2] = state.definitions[1]),
    ("another mosaic", |state| state.definitions.swap(1, 2)),
    ("what the harvester collects", |state| state.uncollected = 12),
    ("what locks hold", |state| state.locked = 14),
    ("both exchanged", |state| (state.uncollected, state.locked) = (13, 11)),
    ("an identity executed", |state| state.executed[0] = 1),
    ("an identity forgotten", |state| state.executed[1] = 0),
    ("another height", |state| state.executed[2] = 8),
    ("heights exchanged", |state| state.executed.swap(1, 2)),
];

#[test]
fn a_digest_changes_with_every_single_field() {
    // A field that is new belongs into the table above.
    let State {
        links: _,
        currency: _,
        slots: _,
        holdings: _,
        definitions: _,
        uncollected: _,
        locked: _,
        executed: _,
    } = state();
    let mut seen = vec![("nothing", state())];
    for (what, change) in CHANGES {
        let mut changed = state();
        change(&mut changed);
        for (other, before) in &seen {
            assert_ne!(changed.digest(), before.digest(), "{what}, {other}");
            assert!(changed != *before, "{what}, {other}");
        }
        seen.push((what, changed));
    }
}

#[test]
fn a_digest_does_not_depend_on_how_a_state_came_about() {
    let mut other = State::new(4);
    other.links.link(A, C);
    other.links.link(A, B);
    other.links.set_minima(A, Minima { approval: 2, removal: 1 });
    other.currency.0 = vec![5, 0, 7, 5];
    // Elsewhere in memory, one holding of nothing, one place that nobody has, room behind the last.
    other.slots.extend([((B, GOLD), 3), ((C, IRON), 0), ((A, GOLD), 2)]);
    other.holdings = vec![0, 99, 3, 4];
    other.definitions = state().definitions;
    other.definitions.extend([None, None]);
    (other.uncollected, other.locked) = (11, 13);
    other.executed = vec![0, 2, 9, 0, 0];
    assert!(other == state());
    assert_eq!(other.digest(), state().digest());
    assert_eq!(other.holdings(), [(A, GOLD, Amount(3)), (B, GOLD, Amount(4))]);
}
