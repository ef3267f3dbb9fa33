//! Ctrl-C: the first asks a command to stop with what it has, the second ends it at once.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use super::{Exit, Fatal};

/// How often it is looked whether Ctrl-C was pressed.
const LOOK_UP: Duration = Duration::from_millis(100);
/// How long a command may take to stop before it is stopped.
const GRACE: Duration = Duration::from_secs(2);

/// As [`watch_always`], for a command that may be waiting for something that never comes: it gets two seconds
/// to stop by itself.
///
/// # Errors
/// The system refuses the handler.
pub fn watch_reading() -> Result<&'static AtomicBool, Fatal> {
    let stop = watch_always()?;
    std::thread::spawn(move || {
        while !stop.load(Ordering::Relaxed) {
            std::thread::sleep(LOOK_UP);
        }
        std::thread::sleep(GRACE);
        std::process::exit(Exit::Stopped as i32);
    });
    Ok(stop)
}

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
