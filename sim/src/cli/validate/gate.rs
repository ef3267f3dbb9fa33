//! What may not be: denied hazards, unless somebody answers for them and the time is not over.

use std::path::Path;
use std::time::{SystemTime, UNIX_EPOCH};

use crate::cli::{Fatal, input};
use crate::validate::{Acceptance, Answer, Day, Peril, acceptances};

/// Denied and accepted hazards.
pub struct Gate {
    denied: Vec<Peril>,
    accepted: Vec<Acceptance>,
    /// The day by which acceptances are judged.
    pub today: Day,
}

const SECONDS_PER_DAY: u64 = 86_400;

impl Gate {
    /// Reads the file of accepted hazards; the system's day counts unless another one is given.
    pub fn new(
        denied: &[Peril],
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

    /// Whether a hazard is denied.
    pub fn denies(&self, peril: Peril) -> bool {
        self.denied.contains(&peril)
    }

    /// Who answers for a hazard, and whether that is over.
    pub fn acceptance(&self, peril: Peril) -> Option<(&Acceptance, bool)> {
        let found = self.accepted.iter().find(|one| one.hazard == peril)?;
        Some((found, found.has_expired(self.today)))
    }

    /// The hazards that are reachable, denied and not accepted.
    pub fn refused(&self, answer: &Answer) -> Vec<Peril> {
        let accepted = |peril| matches!(self.acceptance(peril), Some((_, false)));
        let reachable = answer.dangers.iter().filter(|danger| danger.reachable);
        let perils = reachable.map(|danger| danger.peril);
        perils.filter(|&peril| self.denies(peril) && !accepted(peril)).collect()
    }
}
