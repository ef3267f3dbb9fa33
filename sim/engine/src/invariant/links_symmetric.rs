//! An account cosigns for exactly those accounts that list it as a cosignatory.

use super::{Finding, Scene, broken};
use crate::account::AccountId;
use crate::ledger::Links;

/// Looks at both sides of every link that an account has or had before the step: a link that is kept on
/// one side alone belongs to an account that did not change.
pub(super) fn check(scene: &Scene<'_>) -> Finding {
    let links = scene.ledger.state().links();
    for &account in scene.changed {
        let before = scene.before.entry(account);
        for list in [links.cosignatories_of(account), before.cosignatories()] {
            list.iter().try_for_each(|&cosignatory| symmetric(links, account, cosignatory))?;
        }
        for list in [links.multisigs_of(account), before.multisigs()] {
            list.iter().try_for_each(|&multisig| symmetric(links, multisig, account))?;
        }
        let sorted = |list: &[_]| list.is_sorted_by(|one, other| one < other);
        if !sorted(links.cosignatories_of(account)) || !sorted(links.multisigs_of(account)) {
            return broken("a list of {} holds an account twice or out of order", &[account]);
        }
    }
    Ok(())
}

/// Whether both know of the link between them, or neither does.
fn symmetric(links: &Links, multisig: AccountId, cosignatory: AccountId) -> Finding {
    let listed = links.cosignatories_of(multisig).contains(&cosignatory);
    let known = links.multisigs_of(cosignatory).contains(&multisig);
    match (listed, known) {
        (true, false) => {
            let what = "{} lists {} as a cosignatory, which does not know of it";
            broken(what, &[multisig, cosignatory])
        }
        (false, true) => {
            let what = "{} believes to cosign for {}, which does not list it";
            broken(what, &[cosignatory, multisig])
        }
        _ => Ok(()),
    }
}
