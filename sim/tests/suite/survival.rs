//! What can go wrong around a command: readers that leave, full disks, folders that nobody may write to,
//! Ctrl-C, `kill -9`, endless and hostile input. The table in `sim/README.md` ("Survives") is this file.
#![cfg(unix)]

use std::fs::{self, File};
use std::io::{Read, Write};
use std::os::unix::process::ExitStatusExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Output, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

const QUORATE: &str = env!("CARGO_BIN_EXE_quorate");
/// Longer than anything here may take.
const PATIENCE: Duration = Duration::from_secs(120);

/// Commands that say something on standard output.
const TALKERS: [&str; 19] = [
    "replay --verbose scenarios/household",
    "replay --trace scenarios/household/symbol.json",
    "replay scenarios/household --format json",
    "replay scenarios/household/symbol.json --export-graph household",
    "protocols",
    "protocols nis1 --format json",
    "faults",
    "explore --accounts 3",
    "explore --accounts 3 --format json",
    "analyze sim/examples/board.json",
    "fuzz --runs 3 --steps 50",
    "generate churn --steps 3000",
    "generate worst-case --steps 20",
    "diff scenarios/household/symbol.json scenarios/household/nis1.json",
    "completions bash",
    "man",
    "--help",
    "generate dao --help",
    "--version",
];

pub(super) fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

pub(super) fn quorate(folder: &Path, words: &str) -> Command {
    let mut command = Command::new(QUORATE);
    command.current_dir(folder).args(words.split(' ')).stdin(Stdio::null());
    command
}

pub(super) fn run(folder: &Path, words: &str) -> Output {
    finish(quorate(folder, words).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap())
}

/// Waits for the end, but not for ever.
pub(super) fn finish(mut child: Child) -> Output {
    let mut taken = Vec::new();
    let streams = [
        child.stdout.take().map(|stream| Box::new(stream) as Box<dyn Read + Send>),
        child.stderr.take().map(|stream| Box::new(stream) as Box<dyn Read + Send>),
    ];
    for stream in streams {
        taken.push(std::thread::spawn(move || {
            let mut bytes = Vec::new();
            stream.map(|mut stream| stream.read_to_end(&mut bytes));
            bytes
        }));
    }
    let status = ended(&mut child);
    let stderr = taken.pop().unwrap().join().unwrap();
    let stdout = taken.pop().unwrap().join().unwrap();
    Output { status, stdout, stderr }
}

pub(super) fn ended(child: &mut Child) -> ExitStatus {
    let start = Instant::now();
    loop {
        if let Some(status) = child.try_wait().unwrap() {
            return status;
        }
        if start.elapsed() > PATIENCE {
            child.kill().unwrap();
            panic!("it hangs");
        }
        sleep(Duration::from_millis(10));
    }
}

/// Waits until a command listens to Ctrl-C: it takes the signal itself, so the system holds it back. Where the
/// system does not say so, some time passes.
pub(super) fn await_listening(child: &Child) {
    const INTERRUPT: u64 = 1 << 1;
    let path = format!("/proc/{}/status", child.id());
    let held_back = || {
        let status = fs::read_to_string(&path).ok()?;
        let digits = status.lines().find_map(|line| line.strip_prefix("SigBlk:"))?;
        u64::from_str_radix(digits.trim(), 16).ok()
    };
    let start = Instant::now();
    while held_back().is_some_and(|signals| signals & INTERRUPT == 0) && start.elapsed() < PATIENCE
    {
        sleep(Duration::from_millis(5));
    }
    sleep(Duration::from_millis(300));
}

pub(super) fn signal(child: &Child, name: &str) {
    let pid = child.id().to_string();
    assert!(Command::new("kill").args([name, &pid]).status().unwrap().success());
}

/// Exit code 2 and one line that says why.
#[track_caller]
pub(super) fn refused(output: &Output, words: &str, part: &str) {
    let error = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(2), "{words}: {error}");
    assert!(error.starts_with("error: ") && error.lines().count() == 1, "{words}: {error}");
    assert!(error.contains(part), "{words}: {error}");
}

#[test]
fn a_reader_who_leaves_is_no_error() {
    for words in TALKERS {
        let (reader, writer) = std::io::pipe().unwrap();
        drop(reader);
        let mut command = quorate(&root(), words);
        let output = finish(command.stdout(writer).stderr(Stdio::piped()).spawn().unwrap());
        let code = output.status.code();
        assert!(
            code == Some(0) || words.starts_with("diff") && code == Some(1),
            "{words}: {code:?}"
        );
        assert_eq!(String::from_utf8_lossy(&output.stderr), "", "{words}");
    }
}

#[test]
fn nobody_at_all_may_listen() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("bad.json"), "{").unwrap();
    for words in ["replay bad.json", "fmt bad.json", "protocols nobody", "generate dao --members 1"]
    {
        let (reader, writer) = std::io::pipe().unwrap();
        drop(reader);
        let mut command = quorate(folder.path(), words);
        let child = command.stdout(writer.try_clone().unwrap()).stderr(writer).spawn().unwrap();
        assert_eq!(finish(child).status.code(), Some(2), "{words}");
    }
}

#[test]
fn a_full_device_is_said() {
    for words in TALKERS {
        let full = File::options().write(true).open("/dev/full").unwrap();
        let mut command = quorate(&root(), words);
        let output = finish(command.stdout(full).stderr(Stdio::piped()).spawn().unwrap());
        if words.contains("--help") || words.contains("--version") {
            assert_eq!(output.status.code(), Some(2), "{words}");
        } else {
            refused(&output, words, "cannot write to standard output");
        }
    }
    let good = "scenarios/household/symbol.json";
    for words in
        [format!("replay {good} --junit /dev/full"), format!("replay {good} --sarif /dev/full")]
    {
        refused(&run(&root(), &words), &words, "/dev/full: cannot write");
    }
}

/// Names in a folder, those that begin with a dot included.
pub(super) fn names(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).unwrap();
    entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect()
}

#[test]
fn a_full_disk_leaves_no_half_file() {
    for name in ["made.jsonl", "made.json", "made.jsonl.gz"] {
        let folder = tempfile::tempdir().unwrap();
        // Files of at most 16 blocks of 512 bytes.
        let script = format!(
            "trap '' XFSZ; ulimit -f 16; exec {QUORATE} generate churn --steps 5000 --output {name}"
        );
        let mut shell = Command::new("sh");
        let output = shell.current_dir(folder.path()).args(["-c", &script]).output().unwrap();
        refused(&output, name, &format!("{name}: cannot write: "));
        assert_eq!(names(folder.path()), Vec::<String>::new());
    }
}

#[test]
fn where_nobody_may_write_is_said() {
    let good = "scenarios/household/symbol.json";
    for words in [
        format!("replay {good} --junit /proc/quorate.xml"),
        format!("replay {good} --sarif /proc/quorate.sarif"),
        "generate dao --output /proc/quorate.jsonl".to_owned(),
        "man /proc/quorate".to_owned(),
        "fuzz --fault no-opt-in --runs 200 --save /proc/quorate".to_owned(),
        "explore --accounts 3 --find takeover --save /proc/quorate".to_owned(),
        "explore --accounts 3 --checkpoint /proc/quorate".to_owned(),
        "generate dao --output sim".to_owned(),
    ] {
        let output = run(&root(), &words);
        let error = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(2), "{words}: {error}");
        assert!(error.contains("error: "), "{words}: {error}");
    }
}

/// Begins to write a scenario that takes longer than anybody waits.
fn endless(folder: &Path, name: &str) -> Child {
    let words = format!("generate churn --steps 1000000000 --output {name}");
    let child = with_default_signals(folder, &words).stderr(Stdio::piped()).spawn().unwrap();
    let start = Instant::now();
    let begun = |name: &String| name.starts_with(&format!(".{}", "made"));
    while !names(folder).iter().any(begun) {
        assert!(start.elapsed() < PATIENCE, "nothing is written");
        sleep(Duration::from_millis(10));
    }
    child
}

#[test]
fn a_kill_leaves_what_was_there() {
    let folder = tempfile::tempdir().unwrap();
    let place = folder.path().join("made.jsonl");
    for before in [None, Some("the old one")] {
        before.map(|text| fs::write(&place, text));
        let mut child = endless(folder.path(), "made.jsonl");
        sleep(Duration::from_millis(100));
        child.kill().unwrap();
        assert_eq!(ended(&mut child).signal(), Some(9));
        assert_eq!(fs::read_to_string(&place).ok().as_deref(), before);
    }
}

#[test]
fn ctrl_c_while_a_file_is_written_leaves_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let child = endless(folder.path(), "made.jsonl.gz");
    signal(&child, "-INT");
    let output = finish(child);
    assert_eq!(output.status.code(), Some(130));
    assert_eq!(String::from_utf8_lossy(&output.stderr), "stopped by Ctrl-C: incomplete\n");
    assert_eq!(names(folder.path()), Vec::<String>::new());
}

/// As [`quorate`], with no signal ignored: a test run in the background of a script ignores Ctrl-C, and so
/// would the command. Where `env` knows no way to undo that, it is started as it is.
pub(super) fn with_default_signals(folder: &Path, words: &str) -> Command {
    const DEFAULT: &str = "--default-signal=INT,TERM,HUP";
    let known = Command::new("env").args([DEFAULT, "true"]).output();
    if !known.is_ok_and(|output| output.status.success()) {
        return quorate(folder, words);
    }
    let mut command = Command::new("env");
    command
        .current_dir(folder)
        .args([DEFAULT, QUORATE])
        .args(words.split(' '))
        .stdin(Stdio::null());
    command
}

#[test]
fn a_wish_to_end_while_a_file_is_written_leaves_nothing() {
    for (name, number) in [("-TERM", 15), ("-HUP", 1)] {
        let folder = tempfile::tempdir().unwrap();
        let mut child = endless(folder.path(), "made.jsonl");
        signal(&child, name);
        assert_eq!(ended(&mut child).signal(), Some(number));
        assert_eq!(names(folder.path()), Vec::<String>::new(), "{name}");
    }
}

#[test]
fn what_was_ignored_at_the_start_stays_ignored() {
    let folder = tempfile::tempdir().unwrap();
    let script = format!("trap '' INT HUP; exec {QUORATE} fuzz --runs 1000000000 --jobs 1");
    let mut shell = Command::new("sh");
    shell.current_dir(folder.path()).args(["-c", &script]).stdout(Stdio::piped());
    let mut child = shell.spawn().unwrap();
    sleep(Duration::from_millis(500));
    for name in ["-INT", "-HUP", "-INT"] {
        signal(&child, name);
    }
    sleep(Duration::from_millis(500));
    assert!(child.try_wait().unwrap().is_none(), "it ended");
    signal(&child, "-TERM");
    assert_eq!(ended(&mut child).signal(), Some(15));
}

/// Starts it, waits until it is at work, presses Ctrl-C.
pub(super) fn interrupted(folder: &Path, words: &[&str]) -> Output {
    let mut command = with_default_signals(folder, words[0]);
    command.args(&words[1..]).stdin(Stdio::piped());
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let kept = child.stdin.take();
    await_listening(&child);
    sleep(Duration::from_millis(400));
    signal(&child, "-INT");
    let output = finish(child);
    drop(kept);
    output
}

#[test]
fn ctrl_c_says_what_was_found_so_far() {
    let folder = tempfile::tempdir().unwrap();
    fs::copy(root().join("scenarios/household/symbol.json"), folder.path().join("a.json")).unwrap();
    let cases: [(&[&str], &str); 5] = [
        (&["fuzz", "--runs", "1000000000"], "incomplete"),
        // In the middle of a run that has no end.
        (&["fuzz", "--steps", "4294967295"], "incomplete"),
        (&["explore", "--accounts", "8"], "incomplete"),
        (&["conform", "--peer", "sleep 1000", "--deadline", "1000s", "a.json"], "incomplete"),
        (&["fuzz", "--runs", "1000000000", "--format", "json"], "\"complete\":false"),
    ];
    for (words, part) in cases {
        let output = interrupted(folder.path(), words);
        let text = String::from_utf8_lossy(&output.stdout);
        let error = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(130), "{words:?}: {text}{error}");
        assert!(text.contains(part), "{words:?}: {text}{error}");
    }
    // Whoever only waits for the next line has nothing to say.
    let status = interrupted(folder.path(), &["apply"]).status;
    assert!(status.signal() == Some(2) || status.code() == Some(130), "{status}");
}

/// A peer that answers nothing for a long time holds the first Ctrl-C up no longer than the second.
#[test]
fn ctrl_c_twice_stops_at_once() {
    let folder = tempfile::tempdir().unwrap();
    pipe(folder.path(), "never.jsonl");
    for words in ["replay never.jsonl", "explore --accounts 8", "fuzz --steps 4294967295"] {
        let mut command = with_default_signals(folder.path(), words);
        let mut child = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        await_listening(&child);
        signal(&child, "-INT");
        sleep(Duration::from_millis(20));
        if child.try_wait().unwrap().is_none() {
            signal(&child, "-INT");
        }
        let start = Instant::now();
        assert_eq!(ended(&mut child).code(), Some(130), "{words}");
        assert!(start.elapsed() < Duration::from_secs(1), "{words}: {:?}", start.elapsed());
    }
}

pub(super) fn pipe(folder: &Path, name: &str) -> PathBuf {
    let path = folder.join(name);
    assert!(Command::new("mkfifo").arg(&path).status().unwrap().success());
    path
}

#[test]
fn ctrl_c_in_the_middle_of_a_replay() {
    let folder = tempfile::tempdir().unwrap();
    let path = pipe(folder.path(), "long.jsonl");
    let script = format!("exec {QUORATE} generate churn --steps 1000000000 > {}", path.display());
    let mut source = Command::new("sh").args(["-c", &script]).spawn().unwrap();
    let output = interrupted(folder.path(), &["replay", "long.jsonl"]);
    let text = String::from_utf8_lossy(&output.stdout);
    assert_eq!(output.status.code(), Some(130), "{text}");
    assert!(text.contains("incomplete; as expected so far\n"), "{text}");
    // Its reader has left, which is no error.
    assert!(ended(&mut source).success());
}

#[test]
fn a_pipe_that_never_answers_can_be_left() {
    let folder = tempfile::tempdir().unwrap();
    pipe(folder.path(), "never.jsonl");
    let leave = |words: &[&str]| {
        assert_eq!(interrupted(folder.path(), words).status.code(), Some(130), "{words:?}");
    };
    let path = pipe(folder.path(), "begun.jsonl");
    let half_read = || {
        let mut command = with_default_signals(folder.path(), "replay begun.jsonl");
        let child = command.stdout(Stdio::piped()).spawn().unwrap();
        let mut writer = File::options().write(true).open(&path).unwrap();
        writer.write_all(b"{\"format\":").unwrap();
        await_listening(&child);
        signal(&child, "-INT");
        assert_eq!(finish(child).status.code(), Some(130));
    };
    // All at once: they only wait.
    std::thread::scope(|scope| {
        scope.spawn(|| leave(&["replay", "never.jsonl"]));
        scope.spawn(|| leave(&["fmt", "never.jsonl"]));
        scope.spawn(half_read);
    });
}

#[test]
fn what_never_ends_is_read_no_further_than_its_limit() {
    let folder = tempfile::tempdir().unwrap();
    fs::copy(root().join("scenarios/household/symbol.json"), folder.path().join("a.json")).unwrap();
    for name in ["zero.json", "zero.jsonl", "zero.properties"] {
        std::os::unix::fs::symlink("/dev/zero", folder.path().join(name)).unwrap();
    }
    for (words, part) in [
        ("protocols zero.json", "more than 4 MiB"),
        ("protocols zero.properties", "more than 4 MiB"),
        ("generate dao --protocol zero.json", "more than 4 MiB"),
        ("conform --peer true --declared zero.json a.json", "more than 4 MiB"),
        ("analyze zero.json", "more than 256 MiB"),
        ("replay zero.jsonl", "a line of more than 64 MiB"),
        ("fmt zero.jsonl", "a line of more than 64 MiB"),
        ("diff zero.jsonl a.json", "a line of more than 64 MiB"),
    ] {
        refused(&run(folder.path(), words), words, part);
    }
    for words in ["apply", "apply --no-state"] {
        let mut command = quorate(folder.path(), words);
        command.stdin(File::open("/dev/zero").unwrap());
        let child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        refused(&finish(child), words, "a line of more than 64 MiB");
    }
}

/// Every command that reads a file, with a place for its name.
const READERS: [&str; 9] = [
    "replay FILE.json",
    "replay FILE.jsonl",
    "fmt FILE.json",
    "diff FILE.json FILE.json",
    "analyze FILE.json",
    "protocols FILE.json",
    "protocols FILE.properties",
    "conform --peer true --declared FILE.json good.json",
    "explore --merge FILE.json",
];

#[test]
fn hostile_files_are_refused_in_one_line() {
    let folder = tempfile::tempdir().unwrap();
    fs::copy(root().join("scenarios/household/symbol.json"), folder.path().join("good.json"))
        .unwrap();
    let good = fs::read(folder.path().join("good.json")).unwrap();
    let hostile: [(&str, Vec<u8>); 6] = [
        ("empty", Vec::new()),
        ("nul", vec![0; 1000]),
        ("latin", b"{\"name\":\"caf\xe9\"}".to_vec()),
        ("deep", vec![b'['; 200_000]),
        ("deeper", b"{\"a\":".repeat(100_000)),
        ("half", good[..good.len() / 2].to_vec()),
    ];
    for (name, bytes) in hostile {
        for ending in ["json", "jsonl", "properties"] {
            fs::write(folder.path().join(format!("{name}.{ending}")), &bytes).unwrap();
        }
        for words in READERS {
            // A properties file without a line changes nothing, and a list of nothing declares nothing.
            if name == "empty" && words.contains("properties") {
                continue;
            }
            let words = words.replace("FILE", name);
            refused(&run(folder.path(), &words), &words, name);
        }
    }
}

#[test]
fn a_folder_is_no_file_and_a_file_no_folder() {
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir(folder.path().join("a.json")).unwrap();
    fs::create_dir(folder.path().join("a.properties")).unwrap();
    fs::write(folder.path().join("plain"), "").unwrap();
    for words in [
        "replay a.json",
        "fmt a.json",
        "diff a.json a.json",
        "analyze a.json",
        "protocols a.json",
        "protocols a.properties",
        "explore --merge a.json",
        "generate dao --output a.json",
        "man plain",
        "fuzz --fault no-opt-in --runs 200 --save plain",
    ] {
        let output = run(folder.path(), words);
        let error = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(2), "{words}: {error}");
        assert!(error.contains("error: "), "{words}: {error}");
    }
}

#[test]
fn a_loop_under_a_limit_without_end_is_found() {
    let folder = tempfile::tempdir().unwrap();
    let entry =
        |below| format!(r#"{{"min_approval":1,"min_removal":1,"cosignatories":["{below}"]}}"#);
    let text = format!(
        r#"{{"format":"multisig-trace","version":1,"ruleset":"symbol","limits":{{"max_multisig_depth":4294967295}},"accounts":["a","b"],"state":{{"a":{},"b":{}}},"steps":[]}}"#,
        entry("b"),
        entry("a")
    );
    fs::write(folder.path().join("loop.json"), text).unwrap();
    refused(&run(folder.path(), "replay loop.json"), "replay loop.json", "in a loop");
}

#[test]
fn many_multisig_accounts_at_the_start_are_read_at_once() {
    let folder = tempfile::tempdir().unwrap();
    let made =
        run(folder.path(), "generate custody-tree --accounts 100000 --steps 50 -o many.jsonl");
    assert_eq!(made.status.code(), Some(0), "{}", String::from_utf8_lossy(&made.stderr));
    let start = Instant::now();
    assert_eq!(run(folder.path(), "replay many.jsonl").status.code(), Some(0));
    assert!(start.elapsed() < Duration::from_secs(60), "{:?}", start.elapsed());
}
