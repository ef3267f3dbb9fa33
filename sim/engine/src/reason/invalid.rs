//! Signatures that do not hold: a server refuses the whole before it looks at anything else.

use super::codes::Known;
use super::signing::{Ineligible, Signing};
use super::tree::withdraw;
use super::{Explanation, source};
use crate::protocol::Base;

impl Signing {
    /// The same transaction where these signatures do not hold. `known` says how the server calls that, and
    /// `changes` what it changes in the bytes before it verifies them.
    pub fn refuse_signatures(
        &mut self,
        base: Base,
        known: Known,
        invalid: Vec<Ineligible>,
        changes: &[String],
    ) {
        let Some(first) = invalid.first() else { return };
        let mut text = format!("the signature of `{}` {}", first.account, first.why);
        if invalid.len() > 1 {
            text += &format!("; {} others do not hold either", invalid.len() - 1);
        }
        changes.iter().for_each(|change| text += &format!("; {change}"));
        let meaning = known.meaning();
        let check = meaning.check_of(base);
        let code = known.name(base).to_owned();
        self.verdict.clone_from(&code);
        self.verdict_completed.clone_from(&code);
        self.reason = Some(Explanation {
            code,
            check: check.to_owned(),
            source: source(base).to_owned(),
            account: Some(first.account.clone()),
            ineligible: invalid.iter().map(|one| one.account.clone()).collect(),
            text,
            remedy: meaning.remedy.to_owned(),
            ..Explanation::default()
        });
        self.reason_completed = None;
        self.after.clear();
        self.withdraw(&invalid);
        self.invalid = invalid;
    }

    /// Counts these signatures for nothing, wherever they stand.
    fn withdraw(&mut self, invalid: &[Ineligible]) {
        let names: Vec<&str> = invalid.iter().map(|one| one.account.as_str()).collect();
        let holds = |name: &String| !names.contains(&name.as_str());
        self.signed.retain(holds);
        self.complete = false;
        for part in &mut self.parts {
            let count = part.signed.len();
            part.signed.retain(holds);
            part.satisfied &= part.signed.len() == count;
            withdraw(&mut part.tree, &names);
        }
    }
}
