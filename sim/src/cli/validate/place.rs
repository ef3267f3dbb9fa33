//! Where a finding about a configuration stands: the file, and the line of the limit behind it.

use std::path::Path;

use crate::cli::input;
use crate::protocol::{Limit, Protocol};
use crate::validate::{Closing, HazardKind, closings};

/// The configuration that is judged, as a file to point at.
pub struct Place {
    /// The file, or the name of a preset.
    pub path: String,
    text: String,
    changed: Vec<Limit>,
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
        let is_changed = |limit: &Limit| {
            before.is_some_and(|before| limit.of(&before.limits) != limit.of(&protocol.limits))
        };
        let changed = Limit::OF_SHAPE.into_iter().filter(is_changed).collect();
        Self { path, text, changed }
    }

    /// The line of the limit that lets a hazard happen, from 1; 0 where the file does not name it. Of
    /// several the one that was changed; where no single change closes the hazard, the limit that it
    /// is about.
    pub fn line(&self, protocol: &Protocol, kind: HazardKind, visits_max: u64) -> u64 {
        let closings = closings(protocol, kind, visits_max);
        let limits = closings.iter().filter_map(|Closing { limit, .. }| *limit);
        let mut ordered: Vec<Limit> = limits.collect();
        ordered.sort_by_key(|limit| !self.changed.contains(limit));
        ordered.extend(kind.limit());
        ordered.into_iter().find_map(|limit| self.line_of(limit)).unwrap_or(0)
    }

    fn line_of(&self, limit: Limit) -> Option<u64> {
        let quoted = format!("\"{}\"", limit.field());
        let is_key = |line: &str| {
            let key = line.split_once('=').map_or("", |(key, _)| key.trim());
            limit.keys().contains(&key) || line.contains(&quoted)
        };
        let lines = (1..).zip(self.text.lines());
        lines.into_iter().find(|(_, line)| is_key(line)).map(|(number, _)| number)
    }
}
