//! Accounts as they are read: names, thresholds, loops, what is alive.

use super::*;

fn entry(
    name: &str,
    approval: u32,
    removal: u32,
    below: &[&str],
) -> (String, u32, u32, Vec<String>) {
    (name.into(), approval, removal, below.iter().map(|&name| name.into()).collect())
}

fn symbol() -> Protocol {
    Protocol::preset("symbol-mainnet").unwrap()
}

fn error(entries: &[(String, u32, u32, Vec<String>)]) -> String {
    Structure::new(entries.to_vec(), &symbol()).unwrap_err().to_string()
}

#[test]
fn what_is_no_structure_is_refused_with_its_reason() {
    assert_eq!(
        error(&[entry("x", 1, 1, &["y"]), entry("y", 1, 1, &["z"]), entry("z", 1, 1, &["y"])]),
        "accounts cosign for each other in a loop: y -> z -> y"
    );
    assert!(error(&[entry("x", 1, 1, &["x"])]).ends_with("x -> x"));
    assert_eq!(
        error(&[entry("x", 3, 1, &["a", "b"])]),
        "min approval of account `x` is 3; expected 1 to 2, its number of cosignatories"
    );
    assert!(error(&[entry("x", 1, 0, &["a"])]).starts_with("min removal of account `x` is 0"));
    assert!(error(&[entry("x", 0, 1, &[])]).contains("expected 0 for a plain account"));
    assert!(error(&[entry("x", 1, 1, &["a", "a"])]).contains("lists cosignatory `a` twice"));
    assert!(error(&[entry("x", 0, 0, &[]), entry("x", 0, 0, &[])]).contains("`x` is listed twice"));
}

#[test]
fn keys_together_spend_now_or_eventually() {
    let tree = [entry("x", 2, 1, &["y", "a"]), entry("y", 2, 2, &["b", "c"])];
    let structure = Structure::new(tree, &symbol()).unwrap();
    let id = |name: &str| structure.target(name).unwrap();
    let spends = |names: &[&str], view| {
        let keys: Vec<_> = names.iter().map(|name| id(name)).collect();
        can_spend(&structure, id("x"), &keys, view)
    };
    assert!(spends(&["a", "b", "c"], View::Now));
    assert!(!spends(&["a", "b"], View::Now) && spends(&["a"], View::Eventually));
    assert!(!spends(&["b"], View::Eventually) && spends(&["b", "c"], View::Eventually));
    assert!(!spends(&["y", "x"], View::Eventually), "an own key of a multisig is worth nothing");
    assert!(can_spend(&structure, id("a"), &[id("a")], View::Now));
    assert!(!can_spend(&structure, AccountId(99), &[AccountId(99)], View::Now));
}

#[test]
fn a_nis1_account_of_all_keys_falls_to_all_but_one() {
    let nis1 = Protocol::preset("nis1").unwrap();
    for stored in [0, 3] {
        let tree = [entry("x", stored, stored, &["a", "b", "c"])];
        let structure = Structure::new(tree, &nis1).unwrap();
        let x = structure.target("x").unwrap();
        assert_eq!(structure.threshold(x, View::Now), 3);
        assert_eq!(structure.threshold(x, View::Eventually), 2);
    }
}

#[test]
fn a_long_chain_needs_no_deep_stack() {
    let link = |at: u32| entry(&format!("m{at}"), 1, 1, &[&format!("m{}", at + 1)]);
    let structure = Structure::new((0..200_000).map(link), &symbol()).unwrap();
    let (top, key) = (structure.target("m0").unwrap(), structure.target("m200000").unwrap());
    assert!(can_spend(&structure, top, &[key], View::Now));
}
