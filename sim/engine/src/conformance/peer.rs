//! The other program: started, fed, listened to, killed when it is no longer needed.
//!
//! One thread writes to its standard input, one reads its standard output, one its standard error, so
//! that no full pipe can stop us; whoever asks waits for an answer only, and for no longer than the
//! deadline.

use std::io::{self, Read, Write};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, SyncSender, channel, sync_channel};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

use crate::ending::Ending;

/// Bytes read from the peer at a time.
const CHUNK_BYTES: usize = 64 << 10;
/// Chunks that may lie unread; then the peer has to wait.
const CHUNKS_MAX: usize = 64;
/// Bytes of standard error that are kept, the last ones.
const COMPLAINT_BYTES_MAX: usize = 2 << 10;
/// How often a wait looks up, to see whether it is to stop.
const LOOK_UP: Duration = Duration::from_millis(50);
/// How long a program may take to end after it closed its standard output.
const GRACE: Duration = Duration::from_millis(500);

/// How the peer failed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PeerError {
    /// The command is not a command line.
    #[error("`{0}` is not a command line; expected a program and its arguments, quotes closed")]
    Command(String),
    /// The program cannot be started.
    #[error("cannot start `{command}`: {error}; expected a program in the path or by its path")]
    Start {
        /// The command.
        command: String,
        /// What the system said.
        error: String,
    },
    /// It ended, or closed its standard output, before it had answered everything.
    #[error("the peer ended ({status}) and left this step unanswered{complaint}")]
    Ended {
        /// How it ended.
        status: String,
        /// What it wrote to standard error.
        complaint: String,
    },
    /// It does not answer.
    #[error(
        "no answer within {seconds} s; expected a line for every step, flushed at once{complaint}"
    )]
    Silent {
        /// The deadline.
        seconds: String,
        /// What it wrote to standard error.
        complaint: String,
    },
    /// It writes a line without an end.
    #[error("more than {bytes} bytes without a line end; expected one answer a line{complaint}")]
    Flood {
        /// The limit.
        bytes: usize,
        /// What it wrote to standard error.
        complaint: String,
    },
    /// It answers something that is no answer.
    #[error(
        "invalid answer `{line}` ({what}); expected the step with `result` and `state`{complaint}"
    )]
    Garbage {
        /// The line, cut.
        line: String,
        /// Why it is none.
        what: String,
        /// What it wrote to standard error.
        complaint: String,
    },
    /// It answers more lines than there were steps.
    #[error(
        "`{line}` answers no step; expected a line for a step and none for a header{complaint}"
    )]
    Surplus {
        /// The line, cut.
        line: String,
        /// What it wrote to standard error.
        complaint: String,
    },
    /// The wait was ended from outside.
    #[error("stopped")]
    Stopped,
}

/// The peers that run: their process groups, by the number of the process that leads each.
static RUNNING: Ending<u32> = Ending::new();

/// Ends every peer with all processes that it started, for a program that is about to end itself: no peer
/// starts afterwards.
pub fn end_peers() {
    RUNNING.end(end_group);
}

/// Ends all processes of a group; none is left is no error.
fn end_group(leader: u32) {
    #[cfg(unix)]
    if let Ok(leader) = i32::try_from(leader) {
        use nix::sys::signal::{Signal, killpg};
        let _ = killpg(nix::unistd::Pid::from_raw(leader), Signal::SIGKILL);
    }
    #[cfg(not(unix))]
    let _ = leader;
}

/// A running peer. It leads a process group, and ends with all processes in it.
pub struct Peer {
    command: String,
    child: Child,
    feeder: Sender<Arc<Vec<u8>>>,
    chunks: Receiver<Vec<u8>>,
    buffer: Vec<u8>,
    start: usize,
    complaint: Arc<Mutex<Vec<u8>>>,
    complaint_ends: Receiver<()>,
    deadline: Duration,
    stop: Arc<AtomicBool>,
}

impl Peer {
    /// Starts a program; `command` is split into words as a shell would, but no shell runs it.
    ///
    /// # Errors
    /// A command that cannot be split or started; or [`end_peers`] was called.
    pub fn start(
        command: &str,
        deadline: Duration,
        stop: Arc<AtomicBool>,
    ) -> Result<Self, PeerError> {
        let words = shlex::split(command).unwrap_or_default();
        let Some((program, arguments)) = words.split_first() else {
            return Err(PeerError::Command(command.to_owned()));
        };
        let unstarted = |error: io::Error| PeerError::Start {
            command: command.to_owned(),
            error: error.to_string(),
        };
        let mut peer = Command::new(program);
        peer.args(arguments).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        #[cfg(unix)]
        {
            // A Ctrl-C on the terminal is for us; we end the peer.
            std::os::unix::process::CommandExt::process_group(&mut peer, 0);
        }
        let mut child = RUNNING.make(PeerError::Stopped, || {
            let child = peer.spawn().map_err(unstarted)?;
            Ok((child.id(), child))
        })?;
        let (input, output, error) = (child.stdin.take(), child.stdout.take(), child.stderr.take());
        let (feeder, fodder) = channel::<Arc<Vec<u8>>>();
        let (heard, chunks) = sync_channel(CHUNKS_MAX);
        let (closing, complaint_ends) = sync_channel(1);
        let complaint = Arc::new(Mutex::new(Vec::new()));
        let kept = Arc::clone(&complaint);
        thread::spawn(move || input.map(|input| feed(input, &fodder)));
        thread::spawn(move || output.map(|output| listen(output, &heard)));
        thread::spawn(move || {
            if let Some(error) = error {
                keep_complaint(error, &kept);
            }
            drop(closing);
        });
        let command = command.to_owned();
        let (buffer, start) = (Vec::new(), 0);
        Ok(Self {
            command,
            child,
            feeder,
            chunks,
            buffer,
            start,
            complaint,
            complaint_ends,
            deadline,
            stop,
        })
    }

    /// Ends the program and starts it once more.
    ///
    /// # Errors
    /// A program that cannot be started any more.
    pub fn restart(&mut self) -> Result<(), PeerError> {
        *self = Self::start(&self.command, self.deadline, Arc::clone(&self.stop))?;
        Ok(())
    }

    /// Hands over questions; never waits. What a dead peer does not read shows in its answers.
    pub fn ask(&self, questions: Arc<Vec<u8>>) {
        let _ = self.feeder.send(questions);
    }

    /// Waits for the next line, which is returned without its end.
    ///
    /// # Errors
    /// The peer ends, is silent past the deadline, writes more than `bytes_max` without a line end;
    /// or the wait is stopped from outside.
    pub fn answer(&mut self, bytes_max: usize) -> Result<&[u8], PeerError> {
        let mut searched = self.start;
        let end = loop {
            let unsearched = self.buffer.get(searched..).unwrap_or(&[]);
            if let Some(at) = memchr::memchr(b'\n', unsearched) {
                break searched + at;
            }
            searched = self.buffer.len();
            if searched - self.start > bytes_max {
                return Err(PeerError::Flood { bytes: bytes_max, complaint: self.complaint() });
            }
            self.buffer.drain(..self.start);
            searched -= self.start;
            self.start = 0;
            let chunk = self.next_chunk()?;
            self.buffer.extend_from_slice(&chunk);
        };
        let line = self.buffer.get(self.start..end).unwrap_or(&[]);
        self.start = end + 1;
        Ok(line.strip_suffix(b"\r").unwrap_or(line))
    }

    /// A line that has already arrived although nothing was asked.
    pub fn surplus(&mut self) -> Option<PeerError> {
        while let Ok(chunk) = self.chunks.try_recv() {
            self.buffer.extend_from_slice(&chunk);
        }
        let rest = self.buffer.get(self.start..).unwrap_or(&[]);
        let end = memchr::memchr(b'\n', rest)?;
        let line = cut(rest.get(..end).unwrap_or(&[]));
        Some(PeerError::Surplus { line, complaint: self.complaint() })
    }

    fn next_chunk(&mut self) -> Result<Vec<u8>, PeerError> {
        let mut waited = Duration::ZERO;
        while waited < self.deadline {
            if self.stop.load(Ordering::Relaxed) {
                return Err(PeerError::Stopped);
            }
            let wait = LOOK_UP.min(self.deadline - waited);
            match self.chunks.recv_timeout(wait) {
                Ok(chunk) => return Ok(chunk),
                Err(RecvTimeoutError::Timeout) => waited += wait,
                Err(RecvTimeoutError::Disconnected) => {
                    let status = self.status();
                    return Err(PeerError::Ended { status, complaint: self.complaint() });
                }
            }
        }
        let seconds = format!("{}", self.deadline.as_secs_f64());
        Err(PeerError::Silent { seconds, complaint: self.complaint() })
    }

    /// How the program ended; one that goes on without standard output is killed.
    fn status(&mut self) -> String {
        let mut waited = Duration::ZERO;
        while waited < GRACE {
            match self.child.try_wait() {
                Ok(Some(status)) => return status.to_string(),
                Ok(None) => thread::sleep(LOOK_UP),
                Err(error) => return error.to_string(),
            }
            waited += LOOK_UP;
        }
        "it closed its standard output".to_owned()
    }

    /// Ends the program and whatever it started.
    fn kill(&mut self) {
        end_group(self.child.id());
        let _ = self.child.kill();
    }

    /// What the program wrote to standard error, as the end of a message. The program is killed: a
    /// peer that failed is not asked again.
    pub fn complaint(&mut self) -> String {
        self.kill();
        let _ = self.complaint_ends.recv_timeout(GRACE);
        let Ok(complaint) = self.complaint.lock() else { return String::new() };
        let text = String::from_utf8_lossy(&complaint);
        let text = text.trim();
        if text.is_empty() { String::new() } else { format!("; it said:\n{}", indented(text)) }
    }
}

impl Drop for Peer {
    fn drop(&mut self) {
        self.kill();
        // Once waited for, its number may be given to another process.
        RUNNING.forget(&self.child.id());
        let _ = self.child.wait();
    }
}

fn feed(mut input: impl Write, fodder: &Receiver<Arc<Vec<u8>>>) {
    while let Ok(questions) = fodder.recv() {
        if input.write_all(&questions).and_then(|()| input.flush()).is_err() {
            return;
        }
    }
}

fn listen(mut output: impl Read, heard: &SyncSender<Vec<u8>>) {
    let mut chunk = vec![0; CHUNK_BYTES];
    loop {
        match output.read(&mut chunk) {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(_) | Ok(0) => return,
            Ok(count) => {
                if heard.send(chunk.get(..count).unwrap_or(&[]).to_vec()).is_err() {
                    return;
                }
            }
        }
    }
}

fn keep_complaint(mut error: impl Read, kept: &Mutex<Vec<u8>>) {
    let mut chunk = vec![0; CHUNK_BYTES];
    while let Ok(count @ 1..) = error.read(&mut chunk) {
        let Ok(mut kept) = kept.lock() else { return };
        kept.extend_from_slice(chunk.get(..count).unwrap_or(&[]));
        let surplus = kept.len().saturating_sub(COMPLAINT_BYTES_MAX);
        kept.drain(..surplus);
    }
}

fn indented(text: &str) -> String {
    let lines: Vec<String> = text.lines().map(|line| format!("    {line}")).collect();
    lines.join("\n")
}

/// A line for a message, at most 200 characters of it.
#[must_use]
pub fn cut(line: &[u8]) -> String {
    const CHARACTERS_MAX: usize = 200;
    let head = line.get(..line.len().min(4 * CHARACTERS_MAX)).unwrap_or(line);
    let text = String::from_utf8_lossy(head);
    let mut short: String = text.chars().take(CHARACTERS_MAX).collect();
    if short.len() < line.len() {
        short.push_str("...");
    }
    short.escape_debug().to_string().replace("\\\"", "\"")
}
