//! An account cosigns for exactly those accounts that list it as a cosignatory.

use super::{Finding, Scene, broken};
use crate::account::AccountId;

/// Looks at both sides of every link that an account has or had before the step: a link that is kept on
/// one side alone belongs to an account that did not change.
pub(super) fn check(scene: &Scene<'_>) -> Finding {
    let links = scene.ledger.state().links();
    for &account in scene.changed {
        let before = scene.before.entry(account);
        let (below, above) = (links.cosignatories_of(account), links.multisigs_of(account));
        let knows = |one: AccountId, multisig| links.multisigs_of(one).contains(&multisig);
        let lists = |multisig: AccountId, one| links.cosignatories_of(multisig).contains(&one);
        let mut gone_below = before.cosignatories().iter().filter(|one| !below.contains(one));
        let mut gone_above = before.multisigs().iter().filter(|one| !above.contains(one));
        if let Some(&one) = below.iter().find(|one| !knows(**one, account)) {
            return unknown(account, one);
        }
        if let Some(&one) = above.iter().find(|one| !lists(**one, account)) {
            return unlisted(account, one);
        }
        if let Some(&one) = gone_below.find(|one| knows(**one, account)) {
            return unlisted(one, account);
        }
        if let Some(&one) = gone_above.find(|one| lists(**one, account)) {
            return unknown(one, account);
        }
        let sorted = |list: &[_]| list.is_sorted_by(|one, other| one < other);
        if !sorted(below) || !sorted(above) {
            return broken("a list of {} holds an account twice or out of order", &[account]);
        }
    }
    Ok(())
}

#[cold]
fn unknown(multisig: AccountId, cosignatory: AccountId) -> Finding {
    let what = "{} lists {} as a cosignatory, which does not know of it";
    broken(what, &[multisig, cosignatory])
}

#[cold]
fn unlisted(cosignatory: AccountId, multisig: AccountId) -> Finding {
    let what = "{} believes to cosign for {}, which does not list it";
    broken(what, &[cosignatory, multisig])
}
