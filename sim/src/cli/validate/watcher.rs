//! Progress on standard error, and the clock and the Ctrl-C that cut a validation short.

use std::io::IsTerminal as _;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::campaign::Progress;
use crate::cli::{Fatal, interrupt};

/// Shows how far a validation has come and stops it when its time is up.
pub struct Watcher {
    /// Where the validation says how far it has come.
    pub progress: Arc<Progress>,
    bar: ProgressBar,
    over: Arc<AtomicBool>,
    interrupted: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

/// How often the progress is drawn and the clock looked at.
const BEAT: Duration = Duration::from_millis(50);

impl Watcher {
    /// Begins to watch.
    pub fn start(runs: u64, time: Option<Duration>) -> Result<Self, Fatal> {
        let bar = match std::io::stderr().is_terminal() {
            true => ProgressBar::new(runs),
            false => ProgressBar::with_draw_target(None, ProgressDrawTarget::hidden()),
        };
        if let Ok(style) =
            ProgressStyle::with_template("{spinner} {bar:24} {pos}/{len} runs  {msg}")
        {
            bar.set_style(style);
        }
        let (progress, over) = (Arc::new(Progress::default()), Arc::new(AtomicBool::new(false)));
        let interrupted = interrupt::watch()?;
        let shared = (Arc::clone(&progress), Arc::clone(&over), Arc::clone(&interrupted));
        let drawn = bar.clone();
        let watch = move || {
            let (progress, over, interrupted) = shared;
            let start = Instant::now();
            while !over.load(Ordering::Relaxed) {
                std::thread::park_timeout(BEAT);
                let late = time.is_some_and(|time| start.elapsed() >= time);
                if late || interrupted.load(Ordering::Relaxed) {
                    progress.stop.store(true, Ordering::Relaxed);
                }
                drawn.set_position(progress.runs.load(Ordering::Relaxed));
                drawn.tick();
            }
        };
        let thread = Some(std::thread::spawn(watch));
        Ok(Self { progress, bar, over, interrupted, thread })
    }

    /// Shows what is being done.
    pub fn say(&self, what: &str) {
        self.bar.set_message(what.to_owned());
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
