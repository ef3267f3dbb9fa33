//! Progress on standard error, and the clock that cuts a campaign short.

use std::io::IsTerminal as _;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::campaign::{Plan, Progress};
use crate::cli::output::remark;

/// Shows how far a campaign has come and stops it when its time is up.
pub(super) struct Watcher {
    bar: ProgressBar,
    over: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

/// How often the progress is drawn and the clock looked at.
const BEAT: Duration = Duration::from_millis(50);

impl Watcher {
    /// Begins to watch.
    pub fn start(progress: &Arc<Progress>, plan: &Plan, time: Option<Duration>) -> Self {
        let bar = match std::io::stderr().is_terminal() {
            true => ProgressBar::new(plan.runs),
            false => ProgressBar::with_draw_target(None, ProgressDrawTarget::hidden()),
        };
        if let Ok(style) = ProgressStyle::with_template("{bar:24} {pos}/{len} runs  {msg}") {
            bar.set_style(style);
        }
        let over = Arc::new(AtomicBool::new(false));
        let (shared, drawn, ended) = (Arc::clone(progress), bar.clone(), Arc::clone(&over));
        let watch = move || {
            let start = Instant::now();
            while !ended.load(Ordering::Relaxed) {
                std::thread::park_timeout(BEAT);
                if time.is_some_and(|time| start.elapsed() >= time) {
                    shared.stop.store(true, Ordering::Relaxed);
                }
                draw(&drawn, &shared, start.elapsed());
            }
        };
        Self { bar, over, thread: Some(std::thread::spawn(watch)) }
    }

    /// Says a line above the progress, or on its own where there is none.
    pub fn say(&self, line: &str) {
        if self.bar.is_hidden() {
            remark(line);
        } else {
            self.bar.println(line);
        }
    }

    /// Shows what is going on in place of the figures.
    pub fn note(&self, text: &str) {
        self.over.store(true, Ordering::Relaxed);
        self.bar.set_message(text.to_owned());
    }

    /// Stops watching and clears the line.
    pub fn end(mut self) {
        self.over.store(true, Ordering::Relaxed);
        if let Some(thread) = self.thread.take() {
            thread.thread().unpark();
            let _ = thread.join();
        }
        self.bar.finish_and_clear();
    }
}

fn draw(bar: &ProgressBar, progress: &Progress, elapsed: Duration) {
    let count = |number: &std::sync::atomic::AtomicU64| number.load(Ordering::Relaxed);
    let (steps, accepted) = (count(&progress.steps), count(&progress.accepted));
    let rate = steps as f64 / elapsed.as_secs_f64().max(0.001);
    let share = (accepted * 100).checked_div(steps).unwrap_or(0);
    bar.set_position(count(&progress.runs));
    bar.set_message(format!(
        "{rate:.0} steps/s  {share}% accepted  {} states  {} results  {} found",
        count(&progress.states),
        count(&progress.results),
        count(&progress.findings)
    ));
}
