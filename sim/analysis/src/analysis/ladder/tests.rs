//! Ways up the tree, each on a tree made for one rule.

use super::*;

type Account<'a> = (&'a str, u32, u32, &'a [&'a str]);

fn way(protocol: &Protocol, tree: &[Account<'_>], keys: &[&str]) -> Option<Ladder> {
    let entry = |&(name, approval, removal, below): &Account<'_>| {
        let below = below.iter().map(|&name| name.to_owned()).collect();
        (name.to_owned(), approval, removal, below)
    };
    let structure = Structure::new(tree.iter().map(entry), protocol).unwrap();
    let ids: Vec<AccountId> = keys.iter().map(|key| structure.target(key).unwrap()).collect();
    let target = structure.target(tree[0].0).unwrap();
    let spending =
        Spending { structure: &structure, protocol, target, keys: &ids, recipient: ids[0] };
    spending.ladder(&Budget::default())
}

fn symbol() -> Protocol {
    Protocol::preset("symbol-mainnet").unwrap()
}

#[test]
fn one_key_takes_a_two_of_three_with_min_removal_one() {
    let way = way(&symbol(), &[("x", 2, 1, &["a", "b", "c"])], &["b"]).unwrap();
    let [rung] = &way.rungs[..] else { panic!("{:?}", way.rungs) };
    assert_eq!(rung.deleted, Some(AccountId(0)));
    assert_eq!(way.payment.signatures().count(), 1);
}

#[test]
fn steps_that_are_not_needed_are_left_out() {
    let tree: &[Account<'_>] =
        &[("x", 2, 1, &["y", "d"]), ("y", 2, 2, &["a", "b"]), ("z", 1, 1, &["a"])];
    // both keys of `y` sign for it as it stands
    assert_eq!(way(&symbol(), tree, &["a", "b"]).unwrap().rungs.len(), 1);
    let three: &[Account<'_>] = &[("x", 2, 2, &["y", "d"]), ("y", 3, 2, &["a", "b", "c"])];
    assert_eq!(way(&symbol(), three, &["a", "b", "d"]).unwrap().rungs.len(), 1);
    assert_eq!(way(&symbol(), three, &["a", "b", "c", "d"]).unwrap().rungs.len(), 0);
    assert_eq!(way(&symbol(), three, &["a", "d"]), None);
}

#[test]
fn a_structure_over_the_cap_is_unwound_from_below() {
    let mut protocol = symbol();
    protocol.limits.max_cosignatures_per_aggregate = 3;
    let tree: &[Account<'_>] =
        &[("x", 2, 2, &["y", "z"]), ("y", 2, 2, &["a", "b"]), ("z", 2, 2, &["c", "d"])];
    let found = way(&protocol, tree, &["a", "b", "c", "d"]).unwrap();
    assert_eq!(found.rungs.len(), 1);
    protocol.limits.max_cosignatures_per_aggregate = 2;
    assert_eq!(way(&protocol, tree, &["a", "b", "c", "d"]).unwrap().rungs.len(), 2);
    protocol.limits.max_cosignatures_per_aggregate = 1;
    assert_eq!(way(&protocol, tree, &["a", "b", "c", "d"]), None);
}

#[test]
fn where_signatures_do_not_fit_cosignatories_are_nested() {
    let mut protocol = symbol();
    protocol.limits.max_cosignatures_per_aggregate = 2;
    let tree: &[Account<'_>] = &[("x", 4, 4, &["a", "b", "c", "d"])];
    let found = way(&protocol, tree, &["a", "b", "c", "d"]).unwrap();
    assert_eq!(found.rungs.iter().filter(|rung| rung.added.is_some()).count(), 2);
    assert!(found.rungs.iter().all(|rung| rung.transaction.signatures().count() <= 2));
    protocol.limits.max_multisig_depth = 1;
    assert_eq!(way(&protocol, tree, &["a", "b", "c", "d"]), None);
    protocol.limits.max_multisig_depth = 2;
    protocol.limits.max_cosigned_accounts_per_account = 1;
    assert_eq!(way(&protocol, tree, &["a", "b", "c", "d"]), None);
    // an account below that is there already takes another key in
    let nested: &[Account<'_>] = &[("x", 3, 3, &["y", "c", "d"]), ("y", 1, 1, &["a", "b"])];
    protocol.limits.max_cosigned_accounts_per_account = 2;
    assert!(way(&protocol, nested, &["a", "c", "d"]).is_some());
}

#[test]
fn all_of_n_on_nis1_falls_to_all_but_one() {
    let nis1 = Protocol::preset("nis1").unwrap();
    for stored in [0, 3] {
        let tree: &[Account<'_>] = &[("x", stored, stored, &["a", "b", "c"])];
        let found = way(&nis1, tree, &["a", "c"]).unwrap();
        assert_eq!(found.rungs.len(), 1);
        assert_eq!(found.rungs[0].deleted, Some(AccountId(1)));
        assert_eq!(way(&nis1, tree, &["a"]), None);
    }
    let tree: &[Account<'_>] = &[("x", 2, 2, &["a", "b", "c"])];
    assert!(way(&nis1, tree, &["a", "c"]).unwrap().rungs.is_empty());
}
