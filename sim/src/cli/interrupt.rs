//! Ctrl-C: a wish to stop, granted between two steps.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use super::Fatal;

/// A flag that the first Ctrl-C sets; a second one ends the process at once.
///
/// # Errors
/// The system does not let the signal be caught.
pub fn flag() -> Result<Arc<AtomicBool>, Fatal> {
    let flag = Arc::new(AtomicBool::new(false));
    let raised = Arc::clone(&flag);
    let caught = ctrlc::set_handler(move || {
        if raised.swap(true, Ordering::Relaxed) {
            std::process::exit(super::Exit::Stopped as i32);
        }
    });
    caught.map_err(|error| Fatal(format!("cannot catch Ctrl-C: {error}")))?;
    Ok(flag)
}
