//! The session of a long run: progress on standard error, the clock and the Ctrl-C that cut it short.

use std::io::IsTerminal as _;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use super::output::remark;
use super::{Fatal, interrupt};
use crate::campaign::Progress;
use crate::encoding::printable;

/// As many threads as asked for, or as there are cores.
pub fn jobs(asked: Option<usize>) -> usize {
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    asked.unwrap_or(cores).max(1)
}

/// What a watcher shows of its progress.
pub struct Shown {
    /// How many of how many things are done.
    template: &'static str,
    /// What stands behind it.
    figures: fn(&Progress, Duration) -> String,
}

impl Shown {
    /// Random runs: what they met.
    pub const RUNS: Self =
        Self { template: "{spinner} {bar:24} {pos}/{len} runs  {msg}", figures: of_runs };
    /// Files that are played to peers: how fast, and how many differences were found.
    pub const FILES: Self =
        Self { template: "{spinner} {bar:8} {pos}/{len} files  {msg}", figures: of_files };
}

/// Shows how far runs have come, and stops them at the first Ctrl-C or when their time is up. The
/// second Ctrl-C ends the program.
pub struct Watcher {
    /// Where the runs say how far they have come.
    pub progress: Arc<Progress>,
    /// Set by the first Ctrl-C.
    pub interrupted: Arc<AtomicBool>,
    bar: ProgressBar,
    /// Whether a message stands in place of the figures.
    has_message: Arc<AtomicBool>,
    over: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

/// How often the progress is drawn and the clock looked at.
const BEAT: Duration = Duration::from_millis(50);

impl Watcher {
    /// Begins to watch.
    ///
    /// # Errors
    /// The system refuses a handler of Ctrl-C.
    pub fn start(shown: &Shown, count: u64, time: Option<Duration>) -> Result<Self, Fatal> {
        let bar = match std::io::stderr().is_terminal() {
            true => ProgressBar::new(count),
            false => ProgressBar::with_draw_target(None, ProgressDrawTarget::hidden()),
        };
        if let Ok(style) = ProgressStyle::with_template(shown.template) {
            bar.set_style(style);
        }
        let mut watcher = Self {
            progress: Arc::default(),
            interrupted: interrupt::watch(),
            bar,
            has_message: Arc::default(),
            over: Arc::default(),
            thread: None,
        };
        watcher.thread = Some(watcher.beat(shown.figures, time));
        Ok(watcher)
    }

    /// The thread that draws and looks at the clock.
    fn beat(
        &self,
        figures: fn(&Progress, Duration) -> String,
        time: Option<Duration>,
    ) -> JoinHandle<()> {
        let (progress, interrupted) = (Arc::clone(&self.progress), Arc::clone(&self.interrupted));
        let (has_message, over) = (Arc::clone(&self.has_message), Arc::clone(&self.over));
        let bar = self.bar.clone();
        std::thread::spawn(move || {
            let start = Instant::now();
            while !over.load(Ordering::Relaxed) {
                std::thread::park_timeout(BEAT);
                let late = time.is_some_and(|time| start.elapsed() >= time);
                if late || interrupted.load(Ordering::Relaxed) {
                    progress.stop.store(true, Ordering::Relaxed);
                }
                bar.set_position(progress.runs.load(Ordering::Relaxed));
                if !has_message.load(Ordering::Relaxed) {
                    bar.set_message(figures(&progress, start.elapsed()));
                }
                bar.tick();
            }
        })
    }

    /// Prints a line above the progress, or on its own where there is none.
    pub fn say(&self, line: &str) {
        if self.bar.is_hidden() {
            remark(line);
        } else {
            self.bar.println(printable(line));
        }
    }

    /// Writes to standard output, with the progress out of the way.
    pub fn around<T>(&self, write: impl FnOnce() -> T) -> T {
        self.bar.suspend(write)
    }

    /// Shows what is being done in place of the figures; an empty text brings them back.
    pub fn note(&self, text: &str) {
        self.has_message.store(!text.is_empty(), Ordering::Relaxed);
        self.bar.set_message(text.to_owned());
    }

    /// Stops watching and clears the line; whether Ctrl-C was pressed.
    pub fn end(mut self) -> bool {
        self.over.store(true, Ordering::Relaxed);
        if let Some(thread) = self.thread.take() {
            thread.thread().unpark();
            let _ = thread.join();
        }
        self.bar.finish_and_clear();
        self.interrupted.load(Ordering::Relaxed)
    }
}

fn count(number: &AtomicU64) -> u64 {
    number.load(Ordering::Relaxed)
}

fn rate(progress: &Progress, elapsed: Duration) -> String {
    let rate = count(&progress.steps) as f64 / elapsed.as_secs_f64().max(0.001);
    format!("{rate:.0} steps/s")
}

fn of_runs(progress: &Progress, elapsed: Duration) -> String {
    let share = (count(&progress.accepted) * 100).checked_div(count(&progress.steps)).unwrap_or(0);
    format!(
        "{}  {share}% accepted  {} states  {} results  {} found",
        rate(progress, elapsed),
        count(&progress.states),
        count(&progress.results),
        count(&progress.findings)
    )
}

fn of_files(progress: &Progress, elapsed: Duration) -> String {
    format!("{}  {} differences", rate(progress, elapsed), count(&progress.findings))
}
