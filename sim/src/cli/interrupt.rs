//! Ctrl-C: the first asks a command to stop with what it has, the second ends it at once.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use super::{Exit, Fatal};

/// A flag that the first Ctrl-C sets.
///
/// # Errors
/// The system refuses the handler.
pub fn watch() -> Result<Arc<AtomicBool>, Fatal> {
    let stop = Arc::new(AtomicBool::new(false));
    let flag = Arc::clone(&stop);
    handle(move || set(&flag))?;
    Ok(stop)
}

/// The same as a flag that outlives everything.
///
/// # Errors
/// The system refuses the handler.
pub fn watch_always() -> Result<&'static AtomicBool, Fatal> {
    static STOP: AtomicBool = AtomicBool::new(false);
    handle(|| set(&STOP))?;
    Ok(&STOP)
}

fn set(stop: &AtomicBool) {
    if stop.swap(true, Ordering::Relaxed) {
        std::process::exit(Exit::Stopped as i32);
    }
}

fn handle(handler: impl Fn() + Send + 'static) -> Result<(), Fatal> {
    ctrlc::set_handler(handler).map_err(|error| Fatal(format!("cannot watch Ctrl-C: {error}")))
}
