//! The sentence behind a result name, with the accounts and numbers of the case.

use super::missing::{Demand, Missing, Solver};
use super::words::{NEVER_COMPLETE, has_numbers, keeps_no_entry, listed, missing_words, refused};
use super::{Explanation, catalogue, demand_of_part, labels, path, source};
use crate::account::{AccountId, Accounts, PerAccount};
use crate::ledger::rules::{Facts, signature};
use crate::ledger::{Ledger, Links, View};
use crate::transaction::{Action, Body, EmbeddedTransaction, Modification, Transaction};
use crate::verdict::{Reason, Verdict};

/// The ledger where a step is refused.
pub(super) struct Scene<'a> {
    pub ledger: &'a Ledger,
    pub accounts: &'a Accounts,
    pub transaction: Option<&'a Transaction>,
    pub facts: Facts,
    /// Whose signatures count, where signatures are missing.
    pub eligible: &'a PerAccount<bool>,
    pub solver: &'a Solver,
}

impl Scene<'_> {
    /// The reason for this verdict; none for a step that was executed.
    pub fn explanation(&self, verdict: Verdict) -> Option<Explanation> {
        let code = self.ledger.protocol().result_name(verdict).to_owned();
        match verdict {
            Verdict::Accepted => None,
            Verdict::Pending => Some(self.waits(code)),
            Verdict::Refused(refusal) => Some(refused(code, refusal)),
            Verdict::Rejected(reason) => Some(self.rejected(code, reason)),
        }
    }

    fn rejected(&self, code: String, reason: Reason) -> Explanation {
        let meaning = catalogue::meaning(reason);
        let base = self.ledger.protocol().base;
        let facts = self.facts;
        let removes = reason == Reason::MultisigNotACosigner && facts.other.is_some();
        let (check, remedy) = match removes {
            // The same name for another check (`catalogue`).
            true => catalogue::REMOVED_STRANGER,
            false => (meaning.check_of(base), meaning.remedy),
        };
        let numbers = has_numbers(reason);
        let mut explanation = Explanation {
            code,
            check: check.to_owned(),
            source: source(base).to_owned(),
            part: facts.part.map(|part| part as usize + 1),
            account: self.subject().map(|account| self.name(account)),
            found: numbers.then_some(facts.found),
            limit: numbers.then_some(facts.limit),
            path: labels(self.accounts, self.path(reason)),
            remedy: remedy.to_owned(),
            ..Explanation::default()
        };
        self.signatures(reason, &mut explanation);
        explanation.text = self.sentence(reason, &explanation);
        explanation
    }

    fn waits(&self, code: String) -> Explanation {
        let mut explanation = Explanation {
            code,
            check: "the transaction waits for signatures".to_owned(),
            source: source(self.ledger.protocol().base).to_owned(),
            remedy: "collect the missing signatures before it expires".to_owned(),
            ..Explanation::default()
        };
        self.demand(&mut explanation, None);
        explanation.text = self.missing_text(None, &explanation);
        if explanation.missing.as_ref().is_some_and(|missing| missing.fewest == Some(0)) {
            explanation.text +=
                ", and the node looks at it again only when another signature comes that counts";
            "let somebody whose signature counts, and who has not signed yet, cosign it"
                .clone_into(&mut explanation.remedy);
        }
        if let Some(signer) = self.stranger_who_signs_first() {
            explanation.ineligible = vec![self.name(signer)];
            explanation.missing = Some(Missing::never());
            explanation.text = format!(
                "`{}` signs it first and no transaction inside asks for it",
                self.name(signer)
            );
            NEVER_COMPLETE.clone_into(&mut explanation.remedy);
        }
        explanation
    }

    /// The signer of an aggregate whose own signature does not count.
    fn stranger_who_signs_first(&self) -> Option<AccountId> {
        let signer = self.transaction?.signer;
        let counts = self.eligible.0.get(signer.index()).copied().unwrap_or(true);
        (self.ledger.protocol().base.has_aggregates() && !counts).then_some(signer)
    }

    /// Who signed, who is missing, whose signature counts for nothing.
    fn signatures(&self, reason: Reason, explanation: &mut Explanation) {
        let stranger = self.facts.other.or(self.facts.account);
        match reason {
            Reason::AggregateMissingCosignatures => {
                self.demand(explanation, self.facts.part.map(|part| part as usize));
            }
            Reason::MultisigInvalidCosigners if self.facts.other.is_some() => {
                explanation.ineligible = labels(self.accounts, stranger);
            }
            Reason::MultisigInvalidCosigners => self.demand(explanation, Some(0)),
            Reason::AggregateIneligibleCosignatories => {
                explanation.ineligible = labels(self.accounts, self.facts.account);
            }
            _ => {}
        }
    }

    /// What a part, or the whole, still asks for.
    fn demand(&self, explanation: &mut Explanation, part: Option<usize>) {
        let Some(transaction) = self.transaction else { return };
        let signed: Vec<AccountId> = transaction.signatures().collect();
        let mut demand = Demand::new(self.accounts, &signed, self.eligible, &[]);
        let chosen = |index: &usize| part.is_none_or(|part| part == *index);
        for (index, part) in transaction.parts.iter().enumerate() {
            if chosen(&index) {
                demand_of_part(&mut demand, self.ledger, transaction, part);
            }
        }
        explanation.missing = Some(demand.missing(self.solver));
        explanation.signed = labels(self.accounts, signed);
    }

    fn name(&self, account: AccountId) -> String {
        self.accounts.label(account).to_owned()
    }

    fn links(&self) -> &Links {
        self.ledger.state().links()
    }

    fn part(&self) -> Option<&EmbeddedTransaction> {
        let parts = &self.transaction?.parts;
        parts.get(self.facts.part.unwrap_or(0) as usize)
    }

    /// The account that the rule speaks of: its own, the part's, or the signer.
    fn subject(&self) -> Option<AccountId> {
        let part = self.facts.part.and_then(|_| self.part()).map(|part| part.signer);
        self.facts.account.or(part).or_else(|| Some(self.transaction?.signer))
    }

    fn modification(&self) -> Option<&Modification> {
        match &self.part()?.body {
            Body::Modification(body) => Some(body),
            _ => None,
        }
    }

    /// A loop or the longest way through the levels, as the modification would make it.
    fn path(&self, reason: Reason) -> Vec<AccountId> {
        let (Some(account), Some(other)) = (self.facts.account, self.facts.other) else {
            return Vec::new();
        };
        let links = self.links();
        match reason {
            Reason::MultisigLoop => {
                let mut way = vec![account];
                let down = path::between(links, other, account);
                match down.is_empty() {
                    // The account to be added lies above, or is this account itself.
                    true => {
                        let top = path::longest(links, account, true);
                        let meets = top.iter().position(|&above| above == other);
                        way.push(other);
                        let up = meets.map_or(&[][..], |at| top.get(..at).unwrap_or(&[]));
                        way.extend(up.iter().rev());
                    }
                    false => way.extend(down),
                }
                way
            }
            Reason::MultisigMaxMultisigDepth => {
                let mut way = path::longest(links, account, true);
                way.reverse();
                way.extend(path::longest(links, other, false));
                way
            }
            _ => Vec::new(),
        }
    }

    /// Names in a row, the first few of many.
    fn list(&self, accounts: impl Iterator<Item = AccountId>) -> String {
        let all: Vec<String> = accounts.map(|account| self.name(account)).collect();
        listed(&all)
    }

    /// `2-of-3: alice, bob, carol`.
    fn entry(&self, account: AccountId) -> String {
        let links = self.links();
        let minima = links.minima(account);
        let count = links.cosignatory_count(account);
        if count == 0 {
            return "it has no cosignatories".to_owned();
        }
        let needed = if minima.approval == 0 { count } else { minima.approval };
        format!("{needed}-of-{count}: {}", self.list(links.cosignatories(account)))
    }

    fn sentence(&self, reason: Reason, explanation: &Explanation) -> String {
        let account = explanation.account.as_deref().unwrap_or("the account");
        let other = self.facts.other.map_or_else(|| "the account".to_owned(), |it| self.name(it));
        let (found, limit) = (self.facts.found, self.facts.limit);
        match reason {
            Reason::AggregateNoTransactions => "0 transactions, at least 1 is needed".to_owned(),
            Reason::AggregateTooManyTransactions | Reason::TooManyTransactions => {
                format!("{found} transactions, limit {limit}")
            }
            Reason::AggregateTooManyCosignatures => {
                format!("{found} signatures with that of the signer, limit {limit}")
            }
            Reason::AggregateRedundantCosignatures => self.redundant(account),
            Reason::AggregateIneligibleCosignatories => self.ineligible(account),
            Reason::AggregateMissingCosignatures => {
                self.missing_text(self.facts.account, explanation)
            }
            Reason::MultisigInvalidCosigners => match self.facts.other {
                Some(_) => format!(
                    "`{other}` is not a cosigner of `{account}` ({})",
                    self.subject().map_or_else(String::new, |account| self.entry(account))
                ),
                None => self.missing_text(self.facts.account, explanation),
            },
            Reason::PastDeadline => {
                format!("the deadline is second {limit}, the block's time is second {found}")
            }
            Reason::FutureDeadline => {
                format!("the deadline is second {found}, the latest allowed is second {limit}")
            }
            Reason::InsufficientBalance => {
                format!("`{account}` has {found} left where {limit} are needed (smallest units)")
            }
            Reason::MessageTooLarge => format!("the message has {found} bytes, limit {limit}"),
            Reason::LockHashInvalidDuration => {
                format!("the lock lasts {found} blocks, allowed are 1 to {limit}")
            }
            Reason::LockHashInvalidMosaicAmount => {
                format!("the deposit is {found}, it must be {limit} (smallest units)")
            }
            Reason::MultisigOperationProhibitedByAccount
            | Reason::TransactionNotAllowedForMultisig => self.initiates(account),
            Reason::MultisigNotACosigner if self.facts.other.is_none() => self.initiator(),
            _ => self.modification_sentence(reason, account, &other),
        }
    }

    /// What is wrong with a modification.
    fn modification_sentence(&self, reason: Reason, account: &str, other: &str) -> String {
        let (found, limit) = (self.facts.found, self.facts.limit);
        let path = || labels(self.accounts, self.path(reason)).join(" -> ");
        match reason {
            Reason::MultisigAccountInBothSets => {
                format!("`{other}` is both added to `{account}` and removed from it")
            }
            Reason::MultisigMultipleDeletes => {
                format!("{found} removals in one modification of `{account}`, limit {limit}")
            }
            Reason::MultisigRedundantModification if self.facts.other.is_none() => {
                format!("the modification of `{account}` has {found} entries, {limit} different")
            }
            Reason::MultisigRedundantModification => {
                format!("`{other}` stands twice in the modification of `{account}`")
            }
            Reason::MultisigInvalidModificationAction => {
                format!("the entry for `{other}` has an action byte other than 0 and 1")
            }
            Reason::MultisigUnknownMultisigAccount => {
                format!("`{account}` has no cosignatories, so `{other}` cannot be removed from it")
            }
            Reason::MultisigNotACosignatory | Reason::MultisigNotACosigner => {
                let members = self.subject().map_or_else(String::new, |it| self.entry(it));
                format!("`{other}` is not a cosignatory of `{account}` ({members})")
            }
            Reason::MultisigAlreadyACosignatory => {
                format!("`{other}` already is a cosignatory of `{account}`")
            }
            Reason::MultisigMaxCosignedAccounts => format!(
                "`{other}` cosigns for {} now + 1 = {found} accounts, limit {limit}",
                found - 1
            ),
            Reason::MultisigMaxCosignatories | Reason::TooManyMultisigCosigners => {
                self.too_many(account)
            }
            Reason::MultisigLoop => format!("the loop {}", path()),
            Reason::MultisigMaxMultisigDepth => format!("depth {found}, limit {limit}: {}", path()),
            Reason::MultisigMinSettingOutOfRange
            | Reason::MultisigMinSettingLargerThanNumCosignatories => {
                self.thresholds(reason, account)
            }
            Reason::MultisigMinCosignatoriesOutOfRange => format!(
                "min cosignatories of `{account}` would be {found}, allowed are 0 to {limit}, the number of cosignatories"
            ),
            Reason::MultisigAccountCannotBeCosigner => self.one_level(account, other),
            _ => self.other_sentence(reason, account),
        }
    }

    /// What is neither about signatures nor about a modification.
    fn other_sentence(&self, reason: Reason, account: &str) -> String {
        let meaning = catalogue::meaning(reason).text;
        let height = self.ledger.height();
        match reason {
            Reason::LockHashUnknownHash => {
                format!(
                    "{meaning}; the open block is {height}, a lock counts once its block is sealed"
                )
            }
            Reason::LockHashInactiveHash | Reason::LockHashHashAlreadyExists => {
                format!("{meaning}; the open block is {height}")
            }
            Reason::SelfSignedTransaction => {
                format!("`{account}` harvests the block and signs a transaction in it")
            }
            Reason::MultisigNoMatchingMultisig | Reason::Neutral => meaning.to_owned(),
            _ => format!("`{account}`: {meaning}"),
        }
    }

    fn redundant(&self, account: &str) -> String {
        let signer = self.transaction.map(|transaction| transaction.signer);
        match signer.is_some() && signer == self.facts.account {
            true => format!("`{account}` is the signer of the aggregate and cosigns as well"),
            false => format!("`{account}` signs twice"),
        }
    }

    fn ineligible(&self, account: &str) -> String {
        let Some(id) = self.facts.account else { return String::new() };
        if self.links().is_multisig(id) {
            let entry = self.entry(id);
            return format!(
                "`{account}` is a multisig account ({entry}); its own key never counts"
            );
        }
        let asked: Vec<AccountId> = self
            .transaction
            .iter()
            .flat_map(|it| it.parts.iter().map(|part| part.signer))
            .collect();
        let mut asked: Vec<String> = labels(self.accounts, asked);
        asked.sort();
        asked.dedup();
        format!(
            "`{account}` is not a cosignatory of any account that this aggregate asks ({}), and is not added by it",
            listed(&asked)
        )
    }

    /// `treasury needs 2 of alice, bob, carol (min approval); signed: alice; missing: bob or carol`.
    fn missing_text(&self, account: Option<AccountId>, explanation: &Explanation) -> String {
        let mut text = String::new();
        if let (Some(account), Some(transaction), Some(part)) =
            (account, self.transaction, self.part())
        {
            text = self.needs(account, transaction, part);
        }
        let signed = match explanation.signed.as_slice() {
            [] => "nobody".to_owned(),
            signed => listed(signed),
        };
        let missing = explanation.missing.as_ref();
        format!("{text}signed: {signed}; {}", missing.map_or_else(String::new, missing_words))
    }

    fn needs(
        &self,
        account: AccountId,
        transaction: &Transaction,
        part: &EmbeddedTransaction,
    ) -> String {
        let (links, name) = (self.links(), self.name(account));
        let changes = transaction.changes_in(part);
        if !links.is_multisig(account) {
            let why = if account == part.signer { "" } else { " (it is added, and must agree)" };
            return format!("`{name}` must sign{why}; ");
        }
        let protocol = self.ledger.protocol();
        if !protocol.base.has_removal_threshold() {
            let (needed, stay) = self.ledger.nis1_signers(account, changes);
            return format!("`{name}` needs {needed} of {}; ", self.list(stay.into_iter()));
        }
        let threshold = signature::operation(&protocol.switches, changes);
        let minima = links.minima(account);
        format!(
            "`{name}` needs {} of {} ({}); ",
            threshold.of(minima.approval, minima.removal),
            self.list(links.cosignatories(account)),
            super::threshold_name(threshold)
        )
    }

    fn initiates(&self, account: &str) -> String {
        let entry = self.subject().map_or_else(String::new, |account| self.entry(account));
        format!("`{account}` is a multisig account ({entry}) and cannot sign a transaction itself")
    }

    fn initiator(&self) -> String {
        let Some((transaction, part)) = self.transaction.zip(self.part()) else {
            return String::new();
        };
        let (signer, multisig) = (self.name(transaction.signer), self.name(part.signer));
        match self.links().is_multisig(part.signer) {
            true => {
                format!(
                    "`{signer}` is not a cosigner of `{multisig}` ({})",
                    self.entry(part.signer)
                )
            }
            false => {
                format!("`{multisig}` is not a multisig account, so `{signer}` cannot act for it")
            }
        }
    }

    /// `2 now + 3 added - 1 removed = 4 cosignatories, limit 3`.
    fn too_many(&self, account: &str) -> String {
        let (found, limit) = (self.facts.found, self.facts.limit);
        let now = self.facts.account.map_or(0, |it| self.links().cosignatory_count(it));
        let changes = match (self.transaction, self.part()) {
            (Some(transaction), Some(part)) => transaction.changes_in(part),
            _ => &[],
        };
        let count = |action| changes.iter().filter(|change| change.action == action).count();
        let mut sum = format!("{now} now");
        for (word, sign, count) in
            [("added", '+', count(Action::Add)), ("removed", '-', count(Action::Remove))]
        {
            if count > 0 {
                sum += &format!(" {sign} {count} {word}");
            }
        }
        match found < 0 {
            true => format!(
                "`{account}`: {sum} = {found}; the server counts without a sign, so this is above the limit {limit}"
            ),
            false => format!("`{account}`: {sum} = {found} cosignatories, limit {limit}"),
        }
    }

    fn thresholds(&self, reason: Reason, account: &str) -> String {
        let (Some(id), Some(body)) = (self.facts.account, self.modification()) else {
            return String::new();
        };
        let links = self.links();
        let (approval, removal) = (body.approval_delta, body.removal_delta);
        let before = links.minima(id);
        if reason == Reason::MultisigMinSettingOutOfRange && keeps_no_entry(self.facts) {
            return format!(
                "`{account}` keeps no cosignatory, so both changes must be exactly -1: found approval {approval:+}, removal {removal:+}"
            );
        }
        let sum = |name: &str, before: u32, delta: i32| {
            let after = i64::from(before) + i64::from(delta);
            format!("{name} {before} {delta:+} = {after}")
        };
        let found = format!(
            "{}, {}",
            sum("min approval", before.approval, approval),
            sum("min removal", before.removal, removal)
        );
        match reason {
            Reason::MultisigMinSettingOutOfRange => {
                format!("`{account}`: {found}; each must be at least {}", self.facts.limit)
            }
            _ => format!(
                "`{account}`: {found}; each must be at most {}, the number of cosignatories then",
                self.facts.limit
            ),
        }
    }

    fn one_level(&self, account: &str, other: &str) -> String {
        match self.facts.other {
            Some(it) if Some(it) == self.facts.account => {
                format!("`{account}` cannot cosign for itself")
            }
            Some(it) => format!(
                "`{other}` is a multisig account ({}) and cannot cosign for `{account}`",
                self.entry(it)
            ),
            None => {
                let id = self.facts.account.unwrap_or_default();
                let above = self.list(self.links().multisigs(id));
                format!("`{account}` cosigns for {above} and cannot become a multisig account")
            }
        }
    }
}
