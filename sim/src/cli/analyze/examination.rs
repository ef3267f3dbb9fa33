//! Everything that is told of one account: answers, formulas, notes, and ways as scenarios.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::subject::Subject;
use super::way::{Place, Purpose, Way, cap, count_of, way};
use crate::account::{AccountId, PerAccount};
use crate::analysis::{
    Answers, Budget, Options, Side, Structure, View, answers, can_spend, formula, is_frozen,
};

/// Most keys that a formula writes out.
const FORMULA_KEYS_MAX: usize = 60;
/// Most work to look for cosignatories whose vote never counts: sets times accounts.
const VOTES_MAX: usize = 4_000_000;
/// Most transactions of a way whose scenario stands in the answer itself.
const SCENARIO_STEPS_MAX: usize = 20;

/// The part of the work left for one way, or for the proof that there is none, and the least work there
/// is for all of them.
const WAY_PART: f64 = 0.25;
const WAYS_WORK: u64 = 200_000_000;
/// The part of the time for numbers; the rest is for ways.
const NUMBERS_PART: f64 = 0.85;

/// Something an owner should know.
pub struct Note {
    /// Its name, as programs know it.
    pub name: &'static str,
    /// A sentence for people.
    pub text: String,
}

/// One account, examined.
pub struct Examination {
    /// Its name.
    pub account: String,
    /// Its id in the structure.
    pub target: AccountId,
    /// The answers.
    pub answers: Answers,
    /// The policy in words, now and eventually.
    pub formulas: [String; 2],
    /// What an owner should know.
    pub notes: Vec<Note>,
    /// Takeover, recovery, unwinding.
    pub ways: Vec<Way>,
    /// Whether a thief with the stolen keys can spend, now and eventually; `None` if none is stolen.
    pub thief: Option<[bool; 2]>,
}

/// Examines one account. `near` is what lies below it, `around` all that has to do with it. `is_stolen` =
/// a thief holds some key, of this account or not.
pub fn examine(
    near: Place<'_>,
    around: Place<'_>,
    is_stolen: bool,
    options: &Options,
) -> Examination {
    let Place { subject, structure, target } = near;
    let numbers = Budget { work: options.budget.work, ..options.budget.part(NUMBERS_PART) };
    let found = answers(structure, target, &subject.odds, &Options { budget: numbers, ..*options });
    let words = |view| formula(structure, target, view, FORMULA_KEYS_MAX).to_string();
    let ids: Vec<AccountId> =
        subject.stolen.iter().filter_map(|key| structure.target(key)).collect();
    // a thief of a key that the owner lost can still sign with it
    let mut whole = structure.clone();
    whole.find_again();
    let thief = |view| can_spend(&whole, target, &ids, view);
    // what the numbers left of the budget; at least so much that small accounts have their ways
    let rest = options.budget.without(found.work);
    let budget = Budget { work: rest.work.max(WAYS_WORK), ..rest }.share(WAY_PART);
    let mut examiner =
        Examiner { subject, structure, target, around, answers: &found, budget, ways: Vec::new() };
    examiner.find_ways();
    let notes = examiner.notes();
    let ways = examiner.ways;
    Examination {
        account: structure.name(target).to_owned(),
        target,
        formulas: [words(View::Now), words(View::Eventually)],
        notes,
        ways,
        thief: is_stolen.then(|| [thief(View::Now), thief(View::Eventually)]),
        answers: found,
    }
}

struct Examiner<'a> {
    subject: &'a Subject,
    structure: &'a Structure,
    target: AccountId,
    around: Place<'a>,
    answers: &'a Answers,
    budget: Budget,
    ways: Vec<Way>,
}

impl Examiner<'_> {
    fn way(&mut self, purpose: Purpose, keys: &[String], lost: &[String]) {
        let near = Place { subject: self.subject, structure: self.structure, target: self.target };
        let found = way(near, self.around, purpose, keys, lost, &self.budget);
        self.ways.extend(found);
    }

    fn find_ways(&mut self) {
        if self.structure.is_key(self.target) {
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
            left.iter().filter_map(|key| self.structure.target(key)).collect();
        if can_spend(self.structure, self.target, &ids, View::Eventually) {
            self.way(Purpose::Recovery, &left, &lost);
        }
        if cap(&self.subject.protocol).is_some_and(|cap| least.lower > cap) {
            self.way(Purpose::Unwinding, &self.left_without(&[]), &[]);
        }
    }

    /// The keys below the account that are not lost, without these.
    fn left_without(&self, lost: &[String]) -> Vec<String> {
        let structure = self.structure;
        let keys = structure.below(self.target).into_iter();
        let keys = keys.filter(|&key| structure.is_key(key) && !structure.is_lost(key));
        let mut names: Vec<String> = keys.map(|key| structure.name(key).to_owned()).collect();
        names.retain(|name| !lost.contains(name));
        names.sort();
        names
    }

    fn has(&self, purpose: Purpose) -> bool {
        self.ways.iter().any(|way| way.purpose == purpose)
    }

    fn notes(&self) -> Vec<Note> {
        let mut notes = Vec::new();
        let mut note = |name, text: String| notes.push(Note { name, text });
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
            cap(&self.subject.protocol).filter(|&cap| least.lower > cap && !now.locked)
        {
            let needs = format!("needs {} signatures, an aggregate holds {cap}", least.lower);
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
            note("takeover", format!("a payment needs {keys}, seizing the account {fewer}"));
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
        for key in shared(self.structure, self.target) {
            let (name, places) = (self.structure.name(key.0), key.1);
            note("shared", format!("{name} stands in {places} places and signs once for all"));
        }
        if self.subject.incomplete.iter().any(|name| name == self.structure.name(self.target)) {
            note("incomplete", "the document names only some of its cosignatories".into());
        }
        notes
    }

    /// What is said where no way was found that fits the cap: a proof, or that there is none either.
    fn without_a_way(&self, problem: String) -> (&'static str, String) {
        let proved = is_frozen(
            self.around.structure,
            &self.subject.protocol,
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
            account.3.iter().any(|below| below == self.structure.name(self.target))
        };
        !self.structure.is_key(self.target) && self.around.subject.accounts.iter().any(mine)
    }

    /// The cosignatories without whom every minimal quorum still is one.
    fn dead_votes(&self) -> Vec<String> {
        let structure = self.structure;
        let below = structure.below(self.target);
        let Some(sets) = &self.answers.now.spend.sets else { return Vec::new() };
        let own = structure.cosignatories(self.target);
        let work = sets.len().saturating_mul(below.len());
        if work > VOTES_MAX || shared(structure, self.target).is_empty() {
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
            if votes.len() <= structure.threshold(self.target, View::Now) as usize {
                votes.into_iter().for_each(|vote| needed[vote] = true);
            }
        }
        let alive = structure.alive(self.target, View::Now);
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
    /// The answer for programs.
    pub fn to_json(&self, subject: &Subject) -> Value {
        let mut value = json!({ "account": self.account, "answers": self.answers.to_json() });
        let [now, eventually] = &self.formulas;
        let least = self.answers.now.spend.fewest.exact();
        let fits = cap(&subject.protocol).zip(least).map(|(cap, least)| least <= cap);
        let notes = self.notes.iter().map(|note| json!({"name": note.name, "text": note.text}));
        let ways = self.ways.iter().map(|way| {
            let shown = way.steps.len() <= SCENARIO_STEPS_MAX;
            let scenario = shown.then(|| serde_json::from_str::<Value>(&way.scenario).ok());
            json!({
                "name": way.purpose.name(), "keys": way.keys, "lost": way.lost,
                "transactions": way.steps.len(), "steps": way.steps,
                "scenario": scenario.flatten(),
            })
        });
        let more = json!({
            "protocol": subject.protocol.name,
            "protocol_digest": subject.protocol.digest(),
            "quorate": env!("CARGO_PKG_VERSION"),
            "formula": {"now": now, "eventually": eventually},
            "locked": {"now": self.answers.now.locked, "eventually": self.answers.eventually.locked},
            "signatures_cap": {"most": cap(&subject.protocol), "one_transaction_is_enough": fits},
            "complete": !self.is_cut_short(),
            "lost": subject.lost,
            "stolen": subject.stolen,
            "thief_spends": self.thief.map(|[now, eventually]| json!({"now": now, "eventually": eventually})),
            "notes": notes.collect::<Vec<Value>>(),
            "ways": ways.collect::<Vec<Value>>(),
        });
        if let (Value::Object(fields), Value::Object(more)) = (&mut value, more) {
            if let Some(id) = &subject.id {
                fields.insert("id".to_owned(), json!(id));
            }
            fields.extend(more);
        }
        value
    }

    /// Whether a number is an interval or a bound only.
    pub fn is_cut_short(&self) -> bool {
        let short = |side: &Side| {
            side.likelihood.is_some_and(|likelihood| likelihood.exact().is_none())
                || side.fewest.exact().is_none()
                || side.count.is_none()
                || side.unlisted
        };
        [&self.answers.now, &self.answers.eventually]
            .into_iter()
            .any(|power| !power.locked && (short(&power.spend) || short(&power.lock)))
    }
}
