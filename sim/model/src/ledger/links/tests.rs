//! Both lists of links against what was put into them.

use super::*;

#[test]
fn lists_grow_shrink_and_stay_sorted() {
    let mut links = Links::new(300);
    for step in 0..200u32 {
        links.link(AccountId(0), AccountId(1 + step * 7 % 200));
        links.link(AccountId(299), AccountId(1 + step * 3 % 200));
    }
    assert_eq!(links.cosignatory_count(AccountId(0)), 200);
    assert!(links.cosignatories_of(AccountId(0)).is_sorted());
    assert_eq!(links.multisigs_of(AccountId(5)), [AccountId(0), AccountId(299)]);
    for member in 1..=200 {
        links.unlink(AccountId(0), AccountId(member));
    }
    assert_eq!(links.cosignatories_of(AccountId(0)), []);
    assert_eq!(links.multisig_accounts().collect::<Vec<_>>(), [AccountId(299)]);
    assert_eq!(links.cosignatory_count(AccountId(299)), 200);
    let pool = links.cosignatories.pool.len();
    (1..=200).for_each(|member| links.link(AccountId(0), AccountId(member)));
    assert_eq!(links.cosignatories.pool.len(), pool, "free runs are used again");
}

#[test]
fn lists_of_the_same_few_members_lie_the_same_way_however_they_came_about() {
    let [one, other] = [&[1, 2, 3][..], &[9, 3, 2, 8, 1]].map(|members| {
        let mut links = Links::new(30);
        members.iter().for_each(|&member| links.link(AccountId(0), AccountId(member)));
        [8, 9].into_iter().for_each(|member| links.unlink(AccountId(0), AccountId(member)));
        links
    });
    assert!(one.lists(AccountId(0))[0].same(other.lists(AccountId(0))[0]));
    let mut long = one.clone();
    (4..20).for_each(|member| long.link(AccountId(0), AccountId(member)));
    assert!(long.lists(AccountId(0))[0].near().is_none());
    assert!(!one.lists(AccountId(0))[0].same(long.lists(AccountId(0))[0]));
    (4..20).for_each(|member| long.unlink(AccountId(0), AccountId(member)));
    assert!(one.lists(AccountId(0))[0].same(long.lists(AccountId(0))[0]));
}

#[test]
fn marks_are_cleared_in_one_go_even_when_the_stamp_wraps() {
    let mut marks = StampMarks::new(2);
    marks.stamp = u32::MAX;
    assert!(marks.mark(AccountId(1)));
    assert!(!marks.mark(AccountId(1)));
    marks.clear();
    assert!(!marks.marked(AccountId(0)) && !marks.marked(AccountId(1)));
}
