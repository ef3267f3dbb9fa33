//! How far a long walk over steps has come, on a terminal only.

use std::io::IsTerminal as _;
use std::time::Instant;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

/// Every so many steps the line is drawn again.
const EACH: u64 = 1 << 14;

/// A line on standard error: steps so far and steps a second.
pub struct Progress {
    bar: ProgressBar,
    start: Instant,
    steps: u64,
}

impl Progress {
    /// Begins to count; `steps` where their number is known.
    pub fn start(steps: Option<u64>) -> Self {
        let bar = match (std::io::stderr().is_terminal(), steps) {
            (false, _) => ProgressBar::with_draw_target(None, ProgressDrawTarget::hidden()),
            (true, Some(steps)) => ProgressBar::new(steps),
            (true, None) => ProgressBar::new_spinner(),
        };
        let template = match steps {
            Some(_) => "{bar:24} {human_pos}/{human_len} steps  {msg}  {eta} left",
            None => "{human_pos} steps  {msg}",
        };
        if let Ok(style) = ProgressStyle::with_template(template) {
            bar.set_style(style);
        }
        Self { bar, start: Instant::now(), steps: 0 }
    }

    /// One more step.
    #[inline]
    pub fn step(&mut self) {
        self.steps += 1;
        if self.steps.is_multiple_of(EACH) && !self.bar.is_hidden() {
            let rate = self.steps as f64 / self.start.elapsed().as_secs_f64().max(0.001);
            self.bar.set_message(format!("{rate:.0} steps/s"));
            self.bar.set_position(self.steps);
        }
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        self.bar.finish_and_clear();
    }
}
