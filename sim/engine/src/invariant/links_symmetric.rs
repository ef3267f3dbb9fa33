//! An account cosigns for exactly those accounts that list it as a cosignatory.

use super::{Finding, Scene, broken};

pub(super) fn check(scene: &Scene<'_>) -> Finding {
    let links = scene.ledger.state().links();
    for &account in scene.changed {
        for &cosignatory in links.cosignatories_of(account) {
            if !links.multisigs_of(cosignatory).contains(&account) {
                let what = "{} lists {} as a cosignatory, which does not know of it";
                return broken(what, &[account, cosignatory]);
            }
        }
        for &multisig in links.multisigs_of(account) {
            if !links.cosignatories_of(multisig).contains(&account) {
                let what = "{} believes to cosign for {}, which does not list it";
                return broken(what, &[account, multisig]);
            }
        }
        let sorted = |list: &[_]| list.is_sorted_by(|one, other| one < other);
        if !sorted(links.cosignatories_of(account)) || !sorted(links.multisigs_of(account)) {
            return broken("a list of {} holds an account twice or out of order", &[account]);
        }
    }
    Ok(())
}
