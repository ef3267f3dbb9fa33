//! Where a finding about a configuration stands: the file, and the line of the limit behind it.

use std::path::Path;

use crate::cli::input;
use crate::protocol::Protocol;
use crate::validate::{Closing, HazardKind, closings};

/// A limit by the name of its closing, in a protocol file, and in a server's properties (all names that
/// it had).
type Names = (&'static str, &'static str, &'static [&'static str]);

const NAMES: [Names; 5] = [
    (
        "max_cosignatories",
        "max_cosignatories_per_account",
        &["maxCosignatoriesPerAccount", "maxCosignersPerAccount"],
    ),
    ("max_cosigned", "max_cosigned_accounts_per_account", &["maxCosignedAccountsPerAccount"]),
    ("max_depth", "max_multisig_depth", &["maxMultisigDepth"]),
    ("max_cosignatures", "max_cosignatures_per_aggregate", &["maxCosignaturesPerAggregate"]),
    ("max_transactions", "max_transactions_per_aggregate", &["maxTransactionsPerAggregate"]),
];

/// The configuration that is judged, as a file to point at.
pub struct Place {
    /// The file, or the name of a preset.
    pub path: String,
    text: String,
    changed: Vec<&'static str>,
}

impl Place {
    /// The place of a configuration; `before` is the one that it is compared with.
    pub fn new(config: &str, protocol: &Protocol, before: Option<&Protocol>) -> Self {
        let path = crate::cli::protocol::file_of(config);
        let text = match Protocol::preset(config) {
            Some(_) => String::new(),
            // What is no file, a pipe, has been read already.
            None if !Path::new(&path).is_file() => String::new(),
            None => input::text(path.as_ref(), input::SMALL_BYTES_MAX).unwrap_or_default(),
        };
        let is_changed = |of: &Protocol, name: &str| value(of, name) != value(protocol, name);
        let names = NAMES.iter().map(|(name, ..)| *name);
        let changed = match before {
            Some(before) => names.filter(|name| is_changed(before, name)).collect(),
            None => Vec::new(),
        };
        Self { path, text, changed }
    }

    /// The line of the limit that lets a hazard happen, from 1; 0 where the file does not name it. Of
    /// several the one that was changed; where no single change closes the hazard, the limit that it
    /// is about.
    pub fn line(&self, protocol: &Protocol, kind: HazardKind, visits_max: u64) -> u64 {
        let limits: Vec<&str> = closings(protocol, kind, visits_max)
            .iter()
            .filter_map(|Closing { limit, .. }| *limit)
            .collect();
        let mut ordered: Vec<&str> = limits.clone();
        ordered.sort_by_key(|limit| !self.changed.contains(limit));
        ordered.extend(about(kind));
        ordered.iter().find_map(|limit| self.line_of(limit)).unwrap_or(0)
    }

    fn line_of(&self, limit: &str) -> Option<u64> {
        let (_, field, keys) = NAMES.iter().find(|(name, ..)| *name == limit)?;
        let quoted = format!("\"{field}\"");
        let is_key = |line: &str| {
            let key = line.split_once('=').map_or("", |(key, _)| key.trim());
            keys.contains(&key) || line.contains(&quoted)
        };
        let lines = (1..).zip(self.text.lines());
        lines.into_iter().find(|(_, line)| is_key(line)).map(|(number, _)| number)
    }
}

/// The limit that a hazard is about, by its short name.
fn about(kind: HazardKind) -> Option<&'static str> {
    match kind {
        HazardKind::LockedAlive | HazardKind::OverCap => Some("max_cosignatures"),
        HazardKind::DeadLevel => Some("max_depth"),
        HazardKind::Costly => Some("max_cosignatories"),
        HazardKind::Takeover => None,
    }
}

/// A limit's value by its short name.
fn value(protocol: &Protocol, name: &str) -> u32 {
    let limits = &protocol.limits;
    match name {
        "max_cosignatories" => limits.max_cosignatories_per_account,
        "max_cosigned" => limits.max_cosigned_accounts_per_account,
        "max_depth" => limits.max_multisig_depth,
        "max_cosignatures" => limits.max_cosignatures_per_aggregate,
        _ => limits.max_transactions_per_aggregate,
    }
}
