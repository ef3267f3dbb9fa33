//! Denied hazards, and those that somebody accepts until a day.

use std::path::Path;
use std::time::{SystemTime, UNIX_EPOCH};

use crate::cli::{Fatal, input};
use crate::validate::{
    Acceptance, Accepted, CostGrowth, Day, HazardKind, NextToExpire, Report, UnknownHazardKind,
    Visits, acceptances,
};

/// What `--deny` names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Denied {
    /// One hazard.
    Kind(HazardKind),
    /// Every hazard.
    All,
    /// Every hazard that the configuration compared with does not have.
    New,
}

impl std::str::FromStr for Denied {
    type Err = String;

    fn from_str(word: &str) -> Result<Self, String> {
        match word {
            "all" => Ok(Self::All),
            "new" => Ok(Self::New),
            word => word
                .parse()
                .map(Self::Kind)
                .map_err(|error: UnknownHazardKind| format!("{error}, `all` or `new`")),
        }
    }
}

impl std::fmt::Display for Denied {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Kind(kind) => kind.fmt(formatter),
            Self::All => formatter.write_str("all"),
            Self::New => formatter.write_str("new"),
        }
    }
}

/// Denied and accepted hazards.
pub struct Gate {
    denied: Vec<Denied>,
    cost_growth_max: Option<f64>,
    accepted: Vec<Acceptance>,
    today: Day,
}

const SECONDS_PER_DAY: u64 = 86_400;

impl Gate {
    /// Reads the file of accepted hazards; the system's day counts unless another one is given.
    pub fn new(
        denied: &[Denied],
        cost_growth_max: Option<f64>,
        accepted: Option<&Path>,
        today: Option<Day>,
    ) -> Result<Self, Fatal> {
        let list = match accepted {
            None => Vec::new(),
            Some(path) => {
                let name = path.display();
                let text = input::text(path, input::SMALL_BYTES_MAX)?;
                acceptances(&text).map_err(|error| Fatal(format!("{name}:{error}")))?
            }
        };
        let today = today.unwrap_or_else(|| {
            let elapsed = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
            Day::of_epoch(elapsed.as_secs() / SECONDS_PER_DAY)
        });
        Ok(Self { denied: denied.to_vec(), cost_growth_max, accepted: list, today })
    }

    /// Notes who accepts which hazard, which are denied and still reachable, and what costs too much; `before` is
    /// what the configuration is compared with.
    pub fn judge(&self, report: &mut Report, before: Option<&Report>) {
        let is_denied = |kind: HazardKind| {
            self.denied.iter().any(|denied| match denied {
                Denied::Kind(named) => *named == kind,
                Denied::All => true,
                Denied::New => before.is_some_and(|before| !before.is_reachable(kind)),
            })
        };
        for hazard in &mut report.hazards {
            let acceptance = self.accepted.iter().find(|one| one.hazard == hazard.kind);
            hazard.accepted = acceptance.map(|acceptance| self.accepted(acceptance));
            let is_accepted = hazard.accepted.as_ref().is_some_and(|accepted| !accepted.expired);
            if hazard.reachable && !is_accepted && is_denied(hazard.kind) {
                report.denied.push(hazard.kind);
            }
        }
        report.next_to_expire = self.next_to_expire(report);
        report.cost_growth = self.cost_growth_max.zip(before).and_then(|(factor_max, before)| {
            let visits = Visits { from: before.cost.visits, to: report.cost.visits };
            CostGrowth::above(visits, factor_max)
        });
    }

    fn next_to_expire(&self, report: &Report) -> Option<NextToExpire> {
        let counts =
            |one: &&Acceptance| !one.has_expired(self.today) && report.is_reachable(one.hazard);
        let next = self.accepted.iter().filter(counts).min_by_key(|one| one.until)?;
        Some(NextToExpire { hazard: next.hazard, until: next.until.to_string() })
    }

    fn accepted(&self, acceptance: &Acceptance) -> Accepted {
        let expired = acceptance.has_expired(self.today);
        Accepted {
            reason: acceptance.reason.clone(),
            until: acceptance.until.to_string(),
            expired,
            today: expired.then(|| self.today.to_string()),
        }
    }
}
