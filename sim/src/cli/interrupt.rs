//! Ctrl-C and the other wishes to end: the first Ctrl-C asks a command to stop with what it has, the second
//! ends it at once. Whatever ends it leaves no half-written file and no running peer.
//!
//! A signal that was ignored when this program started (`nohup`, a background job of a script) stays ignored.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, LazyLock};
use std::time::Duration;

use super::{Exit, Fatal, output};
use crate::conformance::end_peers;
use crate::report::file;

/// How often it is looked whether Ctrl-C was pressed.
const LOOK_UP: Duration = Duration::from_millis(100);
/// How long a command may take to stop before it is stopped.
const GRACE: Duration = Duration::from_secs(2);

/// Set by the first Ctrl-C.
static STOP: LazyLock<Arc<AtomicBool>> = LazyLock::new(Arc::default);
/// Whether the command looks at it; one that does not is ended at once.
static IS_WATCHED: AtomicBool = AtomicBool::new(false);

/// As [`watch_always`], for a command that may be waiting for something that never comes: it gets two seconds
/// to stop by itself.
pub fn watch_reading() -> &'static AtomicBool {
    let stop = watch_always();
    std::thread::spawn(move || {
        while !stop.load(Ordering::Relaxed) {
            std::thread::sleep(LOOK_UP);
        }
        std::thread::sleep(GRACE);
        leave();
    });
    stop
}

/// A flag that the first Ctrl-C sets.
pub fn watch() -> Arc<AtomicBool> {
    IS_WATCHED.store(true, Ordering::Relaxed);
    Arc::clone(&STOP)
}

/// Whether Ctrl-C was pressed.
pub fn was_pressed() -> bool {
    STOP.load(Ordering::Relaxed)
}

/// The same as a flag that outlives everything.
pub fn watch_always() -> &'static AtomicBool {
    IS_WATCHED.store(true, Ordering::Relaxed);
    &STOP
}

fn interrupted() {
    if STOP.swap(true, Ordering::Relaxed) || !IS_WATCHED.load(Ordering::Relaxed) {
        leave();
    }
}

fn tidy_up() {
    end_peers();
    file::abandon();
}

fn leave() -> ! {
    tidy_up();
    std::process::exit(Exit::Stopped as i32)
}

/// The exit code of a program that panicked, as Rust gives it.
const PANICKED: i32 = 101;

/// Lets a panic, of whatever thread, end this program as a signal does.
pub fn end_on_panic() {
    let say = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |panic| {
        say(panic);
        tidy_up();
        output::complain(
            "this is a bug in quorate, not in its input; please report it with the lines above and the command",
        );
        std::process::exit(PANICKED)
    }));
}

/// Begins to listen to signals; to be called before any other thread starts.
///
/// # Errors
/// The system refuses.
#[cfg(unix)]
pub fn listen() -> Result<(), Fatal> {
    use nix::sys::signal::{SigSet, Signal, raise};

    let ignored = ignored();
    let mut signals = SigSet::empty();
    for signal in [Signal::SIGINT, Signal::SIGTERM, Signal::SIGHUP] {
        if ignored & (1 << (signal as u32 - 1)) == 0 {
            signals.add(signal);
        }
    }
    signals.thread_block().map_err(|error| Fatal(format!("cannot watch signals: {error}")))?;
    std::thread::spawn(move || {
        while let Ok(signal) = signals.wait() {
            if signal == Signal::SIGINT {
                interrupted();
            } else {
                tidy_up();
                // Whoever started us sees which signal it was.
                let _ = signals.thread_unblock();
                let _ = raise(signal);
            }
        }
    });
    Ok(())
}

/// The signals that whoever started this program wants ignored, a bit each; none where the system does not say.
#[cfg(unix)]
fn ignored() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    line.and_then(|digits| u64::from_str_radix(digits.trim(), 16).ok()).unwrap_or(0)
}

/// Begins to listen to Ctrl-C.
///
/// # Errors
/// The system refuses the handler.
#[cfg(not(unix))]
pub fn listen() -> Result<(), Fatal> {
    ctrlc::set_handler(interrupted).map_err(|error| Fatal(format!("cannot watch Ctrl-C: {error}")))
}

#[cfg(test)]
mod tests {
    use std::path::Path;
    use std::process::Command;

    use super::*;

    const FOLDER: &str = "QUORATE_TEST_FOLDER";

    /// What a process of its own does: it writes a file, and another thread panics.
    fn panic_while_writing(folder: &str) {
        end_on_panic();
        let _draft = file::Draft::create(&Path::new(folder).join("made.json")).unwrap();
        assert!(std::fs::read_dir(folder).unwrap().next().is_some());
        let _ = std::thread::spawn(|| panic!("in a thread")).join();
    }

    #[test]
    fn a_panic_of_any_thread_ends_the_program_and_leaves_no_half_written_file() {
        if let Ok(folder) = std::env::var(FOLDER) {
            return panic_while_writing(&folder);
        }
        let folder = tempfile::tempdir().unwrap();
        let (_, module) = module_path!().split_once("::").unwrap();
        let own = "a_panic_of_any_thread_ends_the_program_and_leaves_no_half_written_file";
        let name = format!("{module}::{own}");
        let mut command = Command::new(std::env::current_exe().unwrap());
        command.args(["--exact", &name, "--nocapture"]).env(FOLDER, folder.path());
        let output = command.output().unwrap();
        let text = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(PANICKED), "{text}");
        assert!(text.contains("in a thread") && text.contains("please report"), "{text}");
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
    }
}
