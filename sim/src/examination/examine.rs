//! Everything about one account: answers, formulas, notes, and takeovers and recoveries as scenarios.

use std::collections::{BTreeMap, HashSet};

use serde::{Deserialize, Serialize};

use super::changing::{Changing, changing};
use super::forbidden::{self, Warning};
use super::next_level::NextLevel;
use super::partial::{self, Partial, few};
use super::subject::Subject;
use super::way::{Place, Purpose, Way, cap, count_of, way};
use crate::account::{AccountId, PerAccount};
use crate::analysis::{
    Answers, Budget, GroupAnswers, Odds, Options, Power, Side, Structure, View, answers, can_spend,
    formula, group_answers, is_frozen,
};

/// Most keys that a formula writes out.
const FORMULA_KEYS_MAX: usize = 60;
/// Most work to look for cosignatories whose vote never counts: sets times accounts.
const VOTES_MAX: usize = 4_000_000;

/// The part of the work left for one way, or for the proof that there is none, and the least work there
/// is for all of them.
const WAY_PART: f64 = 0.25;
const WAYS_WORK: u64 = 200_000_000;
/// The part of the time for numbers; the rest is for ways.
const NUMBERS_PART: f64 = 0.85;

/// Something an owner should know.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schemas", derive(schemars::JsonSchema))]
pub struct Note {
    /// Its name, as programs know it.
    pub name: String,
    /// A sentence for people.
    pub text: String,
}

/// One account, examined.
#[derive(Clone, Debug)]
pub struct Examination {
    /// Its name.
    pub account: String,
    /// Its id in the structure.
    pub target: AccountId,
    /// The answers.
    pub answers: Answers,
    /// The answers over groups of keys; `None` where the file has none of these keys.
    pub groups: Option<GroupAnswers>,
    /// Who can change it now; `None` for a key.
    pub changing: Option<Changing>,
    /// The policy in words, now and eventually.
    pub formulas: [String; 2],
    /// What an owner should know.
    pub notes: Vec<Note>,
    /// Takeover, recovery, unwinding.
    pub ways: Vec<Way>,
    /// Whether a thief with the stolen keys can spend, now and eventually; `None` if none is stolen.
    pub thief: Option<[bool; 2]>,
    /// What the next better level costs.
    pub next: NextLevel,
    /// What a node's document does not show of it.
    pub partial: Option<Partial>,
    /// The limits of the protocol that it, or what lies below or above it, exceeds.
    pub warnings: Vec<Warning>,
    /// The keys whose probability is not known while others' are.
    pub missing: Missing,
}

/// The keys without a probability of loss and of theft, where other keys have one.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schemas", derive(schemars::JsonSchema))]
pub struct Missing {
    /// Those whose `loss` is not known.
    pub loss: Vec<String>,
    /// Those whose `compromise` is not known.
    pub compromise: Vec<String>,
}

/// Examines one account. `near` is what lies below it, `around` all that has to do with it, `whole` the
/// file that it stands in.
pub fn examine(
    near: Place<'_>,
    around: Place<'_>,
    whole: &Subject,
    options: &Options,
) -> Examination {
    let Place { subject, structure, target } = near;
    let parts = if subject.groups.is_empty() { 1.0 } else { 2.0 };
    let work = options.budget.share(1.0 / parts).work;
    let numbers = |parts: f64| {
        let budget = Budget { work, ..options.budget.part(NUMBERS_PART / parts) };
        Options { budget, ..*options }
    };
    let mut found = answers(structure, target, &subject.odds, &numbers(parts));
    let groups =
        group_answers(structure, target, &subject.groups, &subject.odds, &found, &numbers(1.0));
    found.work += groups.as_ref().map_or(0, |groups| groups.answers.work);
    let words = |view| formula(structure, target, view, FORMULA_KEYS_MAX).to_string();
    let ids: Vec<AccountId> =
        subject.stolen.iter().filter_map(|key| structure.target(key)).collect();
    // a thief of a key that the owner lost can still sign with it
    let mut found_again = structure.clone();
    found_again.find_again();
    let thief = |view| can_spend(&found_again, target, &ids, view);
    // what the numbers left of the budget; at least so much that small accounts have their ways
    let rest = options.budget.without(found.work);
    let budget = Budget { work: rest.work.max(WAYS_WORK), ..rest }.share(WAY_PART);
    let mut examiner = Examiner { whole, near, around, answers: &found, budget, ways: Vec::new() };
    examiner.find_ways();
    let mut notes = examiner.notes();
    notes.extend(groups.as_ref().and_then(|groups| common_cause(&found, groups)));
    let stuck = examiner.is_stuck();
    let ways = examiner.ways;
    let changing = changing(structure, &subject.protocol, target, &found.now, stuck, options);
    let all = forbidden::warnings(around.subject, around.structure);
    Examination {
        partial: partial::of(whole, structure, target),
        warnings: forbidden::concerning(&all, around.structure, around.target),
        missing: Missing {
            loss: missing(
                subject,
                structure,
                target,
                &found,
                (|power| &power.lock, |odds| odds.loss),
            ),
            compromise: missing(
                subject,
                structure,
                target,
                &found,
                (|power| &power.spend, |odds| odds.compromise),
            ),
        },
        account: structure.name(target).to_owned(),
        next: NextLevel::None,
        target,
        changing,
        formulas: [words(View::Now), words(View::Eventually)],
        notes,
        ways,
        thief: (!whole.stolen.is_empty()).then(|| [thief(View::Now), thief(View::Eventually)]),
        groups,
        answers: found,
    }
}

/// A side of a power, and the probability of a key that it is judged by.
type Likelihood = (fn(&Power) -> &Side, fn(&Odds) -> Option<f64>);

/// The keys below the account without this probability; none if no key has one.
fn missing(
    subject: &Subject,
    structure: &Structure,
    target: AccountId,
    found: &Answers,
    (side, of): Likelihood,
) -> Vec<String> {
    if [&found.now, &found.eventually].iter().all(|power| side(power).likelihood.is_some()) {
        return Vec::new();
    }
    let left = |&key: &AccountId| structure.is_key(key) && !structure.is_lost(key);
    let keys: Vec<AccountId> = structure.below(target).into_iter().filter(left).collect();
    let known = |&key: &AccountId| subject.odds.get(structure.name(key)).and_then(of).is_some();
    let (with, without): (Vec<AccountId>, Vec<AccountId>) = keys.into_iter().partition(known);
    let mut names: Vec<String> = without
        .into_iter()
        .filter(|_| !with.is_empty())
        .map(|key| structure.name(key).to_owned())
        .collect();
    names.sort();
    names
}

/// The groups that alone spend or lock in the end, where no key does.
fn common_cause(found: &Answers, groups: &GroupAnswers) -> Option<Note> {
    let said = |keys: &Side, groups: &Side, what: &str| {
        let news = keys.singles.is_empty() && !groups.singles.is_empty();
        news.then(|| format!("{what}: {}", few(&groups.singles)))
    };
    let (keys, over) = (&found.eventually, &groups.answers.eventually);
    let theft = said(&keys.spend, &over.spend, "one group alone can take it over");
    let loss = said(&keys.lock, &over.lock, "the loss of one group locks it for ever");
    let text: Vec<String> = theft.into_iter().chain(loss).collect();
    let what = text.join("; ");
    (!text.is_empty()).then(|| Note {
        name: "common-cause".into(),
        text: format!("{what}; no single key does that"),
    })
}

struct Examiner<'a> {
    whole: &'a Subject,
    near: Place<'a>,
    around: Place<'a>,
    answers: &'a Answers,
    budget: Budget,
    ways: Vec<Way>,
}

impl Examiner<'_> {
    fn way(&mut self, purpose: Purpose, keys: &[String], lost: &[String]) {
        let found = way(self.near, self.around, purpose, keys, lost, &self.budget);
        self.ways.extend(found);
    }

    fn find_ways(&mut self) {
        if self.near.structure.is_key(self.near.target) {
            return;
        }
        let (now, eventually) = (&self.answers.now, &self.answers.eventually);
        if eventually.locked {
            return;
        }
        if now.locked {
            return self.way(Purpose::Recovery, &self.left_without(&[]), &[]);
        }
        let least = &now.spend.fewest;
        if eventually.spend.fewest.keys.len() < least.lower {
            self.way(Purpose::Takeover, &eventually.spend.fewest.keys.clone(), &[]);
        }
        let lost = now.lock.fewest.keys.clone();
        let left = self.left_without(&lost);
        let ids: Vec<AccountId> =
            left.iter().filter_map(|key| self.near.structure.target(key)).collect();
        if can_spend(self.near.structure, self.near.target, &ids, View::Eventually) {
            self.way(Purpose::Recovery, &left, &lost);
        }
        if cap(&self.near.subject.protocol).is_some_and(|cap| least.lower > cap) {
            self.way(Purpose::Unwinding, &self.left_without(&[]), &[]);
        }
    }

    /// The keys below the account that are not lost, without these.
    fn left_without(&self, lost: &[String]) -> Vec<String> {
        let structure = self.near.structure;
        let keys = structure.below(self.near.target).into_iter();
        let keys = keys.filter(|&key| structure.is_key(key) && !structure.is_lost(key));
        let mut names: Vec<String> = keys.map(|key| structure.name(key).to_owned()).collect();
        let lost: HashSet<&String> = lost.iter().collect();
        names.retain(|name| !lost.contains(name));
        names.sort();
        names
    }

    fn has(&self, purpose: Purpose) -> bool {
        self.ways.iter().any(|way| way.purpose == purpose)
    }

    fn notes(&self) -> Vec<Note> {
        let mut notes = Vec::new();
        let mut note = |name: &str, text: String| notes.push(Note { name: name.to_owned(), text });
        let (now, eventually) = (&self.answers.now, &self.answers.eventually);
        match (now.locked, eventually.locked) {
            (true, true) => {
                note("locked", "locked for ever: the keys left control it no more".into())
            }
            (true, false) if self.has(Purpose::Recovery) => {
                note(
                    "locked-now",
                    "locked now; a modification by the keys left brings it back".into(),
                );
            }
            (true, false) => {
                let (name, text) = self.without_a_way("locked now".into());
                note(name, text);
            }
            _ => {}
        }
        let least = &now.spend.fewest;
        if let Some(cap) =
            cap(&self.near.subject.protocol).filter(|&cap| least.lower > cap && !now.locked)
        {
            let at_least = if least.exact().is_some() { "" } else { "at least " };
            let needs =
                format!("needs {at_least}{} signatures, an aggregate holds {cap}", least.lower);
            match self.has(Purpose::Unwinding) {
                true => note("over-cap", format!("{needs}; modifications from below get it there")),
                false => {
                    let (name, text) = self.without_a_way(needs);
                    note(name, text);
                }
            }
        }
        let few = &eventually.spend.fewest;
        if few.keys.len() < least.lower && !now.locked && !eventually.locked {
            let (keys, fewer) = (count_of(least.lower, "key"), count_of(few.keys.len(), "key"));
            let at_least = if least.exact().is_some() { "" } else { "at least " };
            let at_most = if few.exact().is_some() { "" } else { "at most " };
            let text =
                format!("a payment needs {at_least}{keys}, seizing the account {at_most}{fewer}");
            note("takeover", text);
        } else if few.lower < least.keys.len() && few != least && !now.locked {
            let text = "undecided whether fewer keys than a payment needs can seize the account";
            note("takeover-undecided", text.into());
        }
        if self.is_stuck() {
            let text = "it cosigns for another account, so it cannot become plain until released";
            note("stuck", text.into());
        }
        for name in self.dead_votes() {
            note(
                "dead-level",
                format!("the vote of {name} never counts: it is in no minimal quorum"),
            );
        }
        for key in shared(self.near.structure, self.near.target) {
            let (name, places) = (self.near.structure.name(key.0), key.1);
            note("shared", format!("{name} stands in {places} places and signs once for all"));
        }
        if let Some(message) = &self.whole.not_found {
            note("plain", format!("neither multisig nor cosignatory: the node said `{message}`"));
        }
        if let Some(text) = self.signs_for() {
            note("cosigner", text);
        }
        notes
    }

    /// What is said where no way was found that fits the cap: a proof, or that there is none either.
    fn without_a_way(&self, problem: String) -> (&'static str, String) {
        let proved = is_frozen(
            self.around.structure,
            &self.near.subject.protocol,
            self.around.target,
            &self.budget,
        );
        match proved {
            true => ("locked-alive", format!("{problem}, and no modification changes that")),
            false => (
                "undecided",
                format!(
                    "{problem}; undecided: neither a way out that fits the cap on signatures was \
                     found nor a proof that there is none"
                ),
            ),
        }
    }

    /// A multisig that cosigns for another account keeps its entry, whatever is tried.
    fn is_stuck(&self) -> bool {
        let mine = |account: &super::subject::Account| {
            account.3.iter().any(|below| below == self.near.structure.name(self.near.target))
        };
        let told = self.told().is_some_and(|account| !account.multisigs.is_empty());
        !self.near.structure.is_key(self.near.target)
            && (told || self.around.subject.accounts.iter().any(mine))
    }

    /// What a node's document tells of the account.
    fn told(&self) -> Option<&crate::rest::Account> {
        let document = self.whole.document.as_ref()?;
        document.accounts.get(self.near.structure.name(self.near.target))
    }

    /// For whom the account signs, where a node's document is about it and says so.
    fn signs_for(&self) -> Option<String> {
        let document = self.whole.document.as_ref()?;
        let told =
            self.told().filter(|_| document.query == self.near.structure.name(self.near.target))?;
        let account = |name: &String| match document.accounts.get(name) {
            Some(other) if other.cosignatory_count > 0 => {
                let (count, least) = (other.cosignatory_count, other.min_approval);
                format!("{name} ({}-of-{count})", if least == 0 { count } else { least })
            }
            _ => name.clone(),
        };
        match told.multisigs.is_empty() {
            false => {
                let all: Vec<String> = told.multisigs.iter().map(account).collect();
                Some(format!("it signs for {}", few(&all)))
            }
            true if told.cosignatory_count == 0 => {
                Some("neither multisig nor cosignatory: its own key alone spends".to_owned())
            }
            true => None,
        }
    }

    /// The cosignatories without whom every minimal quorum still is one.
    fn dead_votes(&self) -> Vec<String> {
        let structure = self.near.structure;
        let below = structure.below(self.near.target);
        let Some(sets) = &self.answers.now.spend.sets else { return Vec::new() };
        let own = structure.cosignatories(self.near.target);
        let work = sets.len().saturating_mul(below.len());
        if work > VOTES_MAX || shared(structure, self.near.target).is_empty() {
            return Vec::new();
        }
        let mut needed: PerAccount<bool> = PerAccount::new(structure.len());
        for set in sets {
            let ids: Vec<AccountId> = set.iter().filter_map(|key| structure.target(key)).collect();
            let votes: Vec<AccountId> = own
                .iter()
                .copied()
                .filter(|&vote| can_spend(structure, vote, &ids, View::Now))
                .collect();
            if votes.len() <= structure.threshold(self.near.target, View::Now) as usize {
                votes.into_iter().for_each(|vote| needed[vote] = true);
            }
        }
        let alive = structure.alive(self.near.target, View::Now);
        let dead = own.iter().filter(|&&vote| alive[vote] && !needed[vote]);
        dead.map(|&vote| structure.name(vote).to_owned()).collect()
    }
}

/// The keys and accounts below the target that stand in several places, and in how many.
pub fn shared(structure: &Structure, target: AccountId) -> Vec<(AccountId, usize)> {
    let mut places: BTreeMap<AccountId, usize> = BTreeMap::new();
    for account in structure.below(target) {
        for &cosignatory in structure.cosignatories(account) {
            *places.entry(cosignatory).or_default() += 1;
        }
    }
    places.into_iter().filter(|&(_, count)| count > 1).collect()
}

impl Examination {
    /// Whether a number is an interval or a bound only.
    #[must_use]
    pub fn is_cut_short(&self) -> bool {
        let short = |side: &Side| {
            side.likelihood.is_some_and(|likelihood| likelihood.exact().is_none())
                || side.fewest.exact().is_none()
                || side.count.is_none()
                || side.unlisted
        };
        let answers = std::iter::once(&self.answers);
        self.changing.as_ref().is_some_and(Changing::is_cut_short)
            || answers
                .chain(self.groups.iter().map(|groups| &groups.answers))
                .flat_map(|answers| [&answers.now, &answers.eventually])
                .any(|power| !power.locked && (short(&power.spend) || short(&power.lock)))
    }
}
