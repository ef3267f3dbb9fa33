//! Compares what came with what the scenario expects.

use std::borrow::Cow;

use super::tree::{account_tree, tops};
use super::{Failure, Replay, state_text};
use crate::account::AccountId;
use crate::flaw::explain;
use crate::ledger::{Entry, GenesisError, Links, View};
use crate::mosaic::MosaicId;
use crate::scenario::record::{EntryRecord, StateRecord, StateText, StepRecord};
use crate::scenario::{Check, Header, Misfit, Step, write};
use crate::transaction::Transaction;
use crate::trial;
use crate::unit::Amount;
use crate::verdict::{Reason, Refusal, Verdict};

impl Replay {
    pub(super) fn expect_result(&mut self, verdict: Verdict, step: &Step, record: &StepRecord<'_>) {
        let Some(expected) = &record.result else { return };
        self.outcome.expectations += 1;
        let found = self.header.protocol.result_name(verdict);
        if expected.0 == found {
            return;
        }
        let expected = match known_name(&self.header.protocol, &expected.0) {
            true => format!("`{}`", expected.0),
            false => format!("`{}`, which this protocol never answers", expected.0),
        };
        let around = step.transactions().iter().flat_map(Transaction::accounts).collect();
        self.fail("result", expected, format!("`{found}`"), around, false);
    }

    pub(super) fn expect_state(
        &mut self,
        step: &Step,
        expected: &StateText<'_>,
    ) -> Result<(), Misfit> {
        self.outcome.expectations += 1;
        let links = self.trial.ledger().state().links();
        let (names, base) = (&self.header.names, self.header.protocol.base);
        if let StateText::Text(text) = expected
            && state_text::is_state(text.get(), names, base, links)
        {
            return Ok(());
        }
        let expected = expected
            .entries()
            .map_err(|error| Misfit(format!("in `state`: {}", explain(&error))))?;
        if self.state_is(&expected) {
            return Ok(());
        }
        let found = write::state(names, base, links);
        let (expected, found) = difference(&expected, &found);
        let around = step.transactions().iter().flat_map(Transaction::accounts).collect();
        self.fail("state", expected, found, around, false);
        Ok(())
    }

    /// Whether the whole multisig state is the expected one.
    fn state_is(&self, expected: &StateRecord<'_>) -> bool {
        let links = self.trial.ledger().state().links();
        expected.0.len() == links.multisig_account_count()
            && expected.0.iter().all(|(name, entry)| {
                let account = self.header.names.accounts.find(&name.0);
                account.is_some_and(|account| self.entry_is(links, account, entry))
            })
    }

    fn entry_is(&self, links: &Links, account: AccountId, expected: &EntryRecord<'_>) -> bool {
        let minima = links.minima(account);
        let two = self.header.protocol.base.has_removal_threshold();
        let thresholds = expected.min_cosignatories == (!two).then_some(minima.approval)
            && expected.min_approval == two.then_some(minima.approval)
            && expected.min_removal == two.then_some(minima.removal);
        let accounts = &self.header.names.accounts;
        let cosignatories = links.cosignatories_of(account);
        let mut labels = cosignatories.iter().map(|&account| accounts.label(account));
        let names = expected.cosignatories.iter().map(|name| name.0.as_ref());
        // Ids follow the text of the names, so sorted lists are equal one by one.
        thresholds && (names.clone().eq(labels.clone()) || same_set(names, &mut labels))
    }

    /// Compares everything a `check` step asks for.
    pub(super) fn check(&mut self, check: &Check) {
        for &(account, mosaic, expected) in &check.balances {
            self.expect_balance(account, mosaic, expected);
        }
        if let Some(expected) = &check.state {
            self.expect_entries(expected);
        }
        self.check_abilities(check);
    }

    fn expect_balance(&mut self, account: AccountId, mosaic: MosaicId, expected: Amount) {
        self.outcome.expectations += 1;
        let found = self.trial.ledger().state().balance(account, mosaic);
        if found != expected {
            let name = self.header.names.mosaic_name(mosaic).to_owned();
            let label = self.header.names.accounts.label(account);
            let expected = format!("`{label}` holds {expected} {name}");
            self.fail("balance", expected, format!("{found} {name}"), vec![account], false);
        }
    }

    fn expect_entries(&mut self, expected: &[Entry]) {
        self.outcome.expectations += 1;
        let links = self.trial.ledger().state().links();
        let equal = |entry: &Entry| {
            let mut cosignatories = entry.cosignatories.clone();
            cosignatories.sort_unstable();
            links.minima(entry.account) == entry.minima
                && links.cosignatories_of(entry.account) == cosignatories
        };
        if expected.len() == links.multisig_account_count() && expected.iter().all(equal) {
            return;
        }
        let base = self.header.protocol.base;
        let wanted = write::entries(&self.header.names, base, expected);
        let found = write::state(&self.header.names, base, links);
        let (expected, found) = difference(&wanted, &found);
        self.fail("state", expected, found, Vec::new(), false);
    }

    pub(super) fn breach(&mut self, broken: &trial::Failure) {
        let found = broken.sentence(&self.header.names.accounts);
        let Some(name) = broken.kind.invariant() else { return };
        let statement = self.trial.statement(name);
        self.fail(name, statement, found, broken.accounts.clone(), true);
    }

    pub(super) fn fail(
        &mut self,
        about: &str,
        expected: impl Into<String>,
        found: impl Into<String>,
        around: Vec<AccountId>,
        invariant: bool,
    ) {
        let links = self.trial.ledger().state().links();
        let base = self.header.protocol.base;
        let mut roots = tops(links, &around);
        roots.retain(|&root| links.is_multisig(root));
        self.outcome.failures.push(Failure {
            step: self.outcome.steps,
            line: 0,
            about: about.to_owned(),
            expected: expected.into(),
            found: found.into(),
            detail: account_tree(&self.header.names, base, links, &self.header.lost, &roots),
            invariant,
            reason: if about == "result" { self.reason.clone() } else { None },
            shrunk: None,
        });
    }
}

fn same_set<'a>(
    names: impl Iterator<Item = &'a str>,
    labels: &mut dyn Iterator<Item = &'a str>,
) -> bool {
    let mut names: Vec<&str> = names.collect();
    names.sort_unstable();
    names.into_iter().eq(labels)
}

fn known_name(protocol: &crate::protocol::Protocol, name: &str) -> bool {
    let verdicts = [Verdict::Accepted, Verdict::Pending].into_iter();
    let verdicts = verdicts.chain(Reason::ALL.into_iter().map(Verdict::Rejected));
    let verdicts = verdicts.chain(Refusal::ALL.into_iter().map(Verdict::Refused));
    verdicts.into_iter().any(|verdict| protocol.result_name(verdict) == name)
}

/// The entries in which two states differ, as JSON.
fn difference(expected: &StateRecord<'_>, found: &StateRecord<'_>) -> (String, String) {
    let without = |one: &StateRecord<'_>, other: &StateRecord<'_>| {
        let differs = |pair: &&(_, _)| !other.0.contains(pair);
        let entries: Vec<String> = one
            .0
            .iter()
            .filter(differs)
            .map(|(name, entry)| {
                let entry = serde_json::to_string(entry).map_or(Cow::Borrowed("?"), Cow::Owned);
                format!("`{}` {entry}", name.0)
            })
            .collect();
        if entries.is_empty() { "no other multisig account".to_owned() } else { entries.join(", ") }
    };
    (without(expected, found), without(found, expected))
}

/// The sentence for a start that is impossible, with the account's name.
pub(super) fn genesis_error(header: &Header, error: &GenesisError) -> String {
    match error {
        GenesisError::SupplyOverflow(mosaic) => {
            let name = header.names.mosaic_name(MosaicId(*mosaic));
            format!(
                "the balances of `{name}` add up to more than 18446744073709551615; expected a sum of 64 bits"
            )
        }
        GenesisError::Entry { account, what } => {
            format!("in `state`: `{}` {what}", header.names.accounts.label(*account))
        }
    }
}
