//! Denied hazards, and those that somebody accepts until a day.

use std::path::Path;
use std::time::{SystemTime, UNIX_EPOCH};

use crate::cli::{Fatal, input};
use crate::validate::{Acceptance, Accepted, Day, HazardKind, Report, acceptances};

/// Denied and accepted hazards.
pub struct Gate {
    denied: Vec<HazardKind>,
    accepted: Vec<Acceptance>,
    today: Day,
}

const SECONDS_PER_DAY: u64 = 86_400;

impl Gate {
    /// Reads the file of accepted hazards; the system's day counts unless another one is given.
    pub fn new(
        denied: &[HazardKind],
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
        Ok(Self { denied: denied.to_vec(), accepted: list, today })
    }

    /// Notes who accepts which hazard, and which are denied and reachable all the same.
    pub fn judge(&self, report: &mut Report) {
        for hazard in &mut report.hazards {
            let acceptance = self.accepted.iter().find(|one| one.hazard == hazard.kind);
            hazard.accepted = acceptance.map(|acceptance| self.accepted(acceptance));
            let is_accepted = hazard.accepted.as_ref().is_some_and(|accepted| !accepted.expired);
            if hazard.reachable && !is_accepted && self.denied.contains(&hazard.kind) {
                report.denied.push(hazard.kind);
            }
        }
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
