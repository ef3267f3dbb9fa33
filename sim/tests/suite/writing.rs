//! Every command that writes a file, and what may happen to the file meanwhile: `kill -9`, a full device, a
//! pipe, a link, a closed standard output. The table in `sim/README.md` ("Survives") names each.
#![cfg(unix)]

use std::fs;
use std::io::Read;
use std::os::unix::fs::{FileTypeExt, PermissionsExt, symlink};
use std::os::unix::process::ExitStatusExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::thread::{sleep, spawn};
use std::time::{Duration, Instant};

use super::survival::{ended, finish, names, pipe, quorate, refused, root, run};

const QUORATE: &str = env!("CARGO_BIN_EXE_quorate");

/// Commands that write the file `OUT`, as quick as they can be, and their exit codes.
const WRITERS: [(&str, i32); 21] = [
    ("replay good.json --junit OUT", 0),
    ("replay good.json --sarif OUT", 0),
    ("replay good.json --html OUT", 0),
    ("fuzz --runs 2 --steps 40 --junit OUT", 0),
    ("fuzz --runs 2 --steps 40 --sarif OUT", 0),
    ("fuzz --runs 2 --steps 40 --html OUT", 0),
    ("validate nis1 --runs 2 --html OUT", 0),
    ("validate nis1 --runs 2 --sarif OUT", 0),
    ("explore --accounts 3 --html OUT", 0),
    ("explore --accounts 3 --checkpoint OUT", 0),
    ("explore --accounts 2 --sweep max-depth=1-2 --plot OUT", 0),
    ("analyze tree.json --html OUT", 0),
    ("analyze tree.json --svg OUT", 0),
    ("plan tree.json other.json --save OUT", 0),
    ("plan tree.json other.json --html OUT", 0),
    ("conform --peer ./peer good.json --junit OUT", 0),
    ("conform --peer ./peer good.json --html OUT", 0),
    ("faults no-opt-in --matrix --runs 1 --html OUT", 0),
    ("report run.json --html OUT", 0),
    ("generate dao --steps 60 --output OUT", 0),
    ("fmt OUT", 0),
];

/// A folder with what the commands read.
fn folder() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let put = |name: &str, text: &str| fs::write(folder.path().join(name), text).unwrap();
    let tree = |approval: u32| {
        format!(
            r#"{{"format":"account-tree","protocol":"symbol-mainnet","accounts":{{"vault":{{"min_approval":{approval},"min_removal":1,"cosignatories":["a","b","c"]}}}}}}"#
        )
    };
    put("tree.json", &tree(2));
    put("other.json", &tree(3));
    put("peer", &format!("#!/bin/sh\nexec {QUORATE} apply\n"));
    fs::set_permissions(folder.path().join("peer"), fs::Permissions::from_mode(0o755)).unwrap();
    for (from, to) in
        [("scenarios/household/symbol.json", "good.json"), ("reports/benchmarks.json", "run.json")]
    {
        fs::copy(root().join(from), folder.path().join(to)).unwrap();
    }
    folder
}

/// What stands where a command is to write: nothing, or for `fmt` a scenario that it lays out anew.
fn prepare(words: &str, out: &Path) {
    let _ = fs::remove_file(out);
    if words.starts_with("fmt") {
        let text = fs::read_to_string(root().join("scenarios/household/symbol.json")).unwrap();
        fs::write(out, text.replace('\n', "\n ")).unwrap();
    }
}

/// What the command writes when nothing happens, and how long it takes.
fn whole(folder: &Path, (words, code): (&str, i32)) -> (Vec<u8>, Duration) {
    let out = folder.join("out.json");
    prepare(words, &out);
    let start = Instant::now();
    let output = run(folder, &words.replace("OUT", "out.json"));
    assert_eq!(output.status.code(), Some(code), "{words}: {output:?}");
    (fs::read(&out).unwrap(), start.elapsed())
}

#[test]
fn a_kill_during_any_command_leaves_the_old_file_or_the_whole_new_one() {
    let folder = folder();
    let out = folder.path().join("out.json");
    let mut killed = 0;
    for (words, code) in WRITERS {
        let (new, takes) = whole(folder.path(), (words, code));
        for part in [0.5, 0.85] {
            prepare(words, &out);
            // A search goes on from its checkpoint: there nothing stands before.
            if !words.starts_with("fmt") && !words.contains("--checkpoint") {
                fs::write(&out, "the old one").unwrap();
            }
            let old = fs::read(&out).ok();
            let mut command = quorate(folder.path(), &words.replace("OUT", "out.json"));
            let mut child = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
            sleep(takes.mul_f64(part));
            child.kill().unwrap();
            killed += u32::from(ended(&mut child).signal() == Some(9));
            let found = fs::read(&out).ok();
            // A checkpoint of an earlier level is a whole one: the search goes on from it.
            let words_again = words.replace("OUT", "out.json");
            let resumes = || run(folder.path(), &words_again).status.success();
            let is_whole =
                found.as_ref() == Some(&new) || words.contains("--checkpoint") && resumes();
            assert!(found == old || is_whole, "{words}: half a file");
            for name in names(folder.path()).iter().filter(|name| name.contains("out.json")) {
                assert!(name == "out.json" || name.starts_with(".out.json."), "{words}: {name}");
            }
        }
    }
    assert!(killed > 0, "{killed} of {} commands were killed in time", 2 * WRITERS.len());
}

/// Whoever reads meanwhile, however often, sees the old file or the whole new one; who is killed while the new one
/// lies beside its place leaves the old one.
#[test]
fn a_reader_never_sees_half_a_file_and_a_kill_while_writing_leaves_the_old_one() {
    let folder = folder();
    let out = folder.path().join("out.json");
    let is_beside = || names(folder.path()).iter().any(|name| name.starts_with(".out.json."));
    let length = || fs::metadata(&out).map_or(0, |data| data.len());
    let mut killed = 0;
    for (words, code) in WRITERS.iter().filter(|one| one.0.contains("--html OUT")) {
        let (new, _) = whole(folder.path(), (words, *code));
        let start = || {
            fs::write(&out, "the old one").unwrap();
            let mut command = quorate(folder.path(), &words.replace("OUT", "out.json"));
            command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap()
        };
        let mut child = start();
        while child.try_wait().unwrap().is_none() {
            let seen = length();
            assert!(seen == 11 || seen == new.len() as u64, "{words}: {seen} bytes");
        }
        assert_eq!(fs::read(&out).unwrap(), new, "{words}");
        let mut child = start();
        while child.try_wait().unwrap().is_none() && !is_beside() {}
        child.kill().unwrap();
        if ended(&mut child).signal() == Some(9) {
            killed += 1;
            let found = fs::read(&out).unwrap();
            assert!(found == b"the old one" || found == new, "{words}: half a file");
        }
        let left = names(folder.path()).into_iter().filter(|name| name.starts_with(".out.json."));
        left.for_each(|name| fs::remove_file(folder.path().join(name)).unwrap());
    }
    assert!(killed > 3, "{killed} were killed while they wrote");
}

#[test]
fn a_full_device_is_said_by_every_command() {
    let folder = folder();
    symlink("/dev/full", folder.path().join("full.json")).unwrap();
    for (words, _) in WRITERS {
        // Nothing is laid out anew there, and no search goes on from there.
        if words.starts_with("fmt") || words.contains("--checkpoint") {
            continue;
        }
        let words = words.replace("OUT", "full.json");
        refused(&run(folder.path(), &words), &words, "full.json: cannot write");
        assert_eq!(fs::read_link(folder.path().join("full.json")).unwrap(), Path::new("/dev/full"));
    }
}

#[test]
fn a_link_is_followed_and_a_pipe_is_written_to_as_it_is() {
    let folder = folder();
    let (link, real) = (folder.path().join("link.json"), folder.path().join("real.json"));
    symlink("real.json", &link).unwrap();
    let fifo = pipe(folder.path(), "fifo.json");
    for (words, code) in WRITERS {
        let (new, _) = whole(folder.path(), (words, code));
        prepare(words, &real);
        let output = run(folder.path(), &words.replace("OUT", "link.json"));
        assert_eq!(output.status.code(), Some(code), "{words}: {output:?}");
        assert_eq!(fs::read_link(&link).unwrap(), Path::new("real.json"), "{words}");
        assert!(fs::read(&real).unwrap() == new, "{words}");
        fs::remove_file(&real).unwrap();
        if words.starts_with("fmt") || words.contains("--checkpoint") {
            continue;
        }
        let reader = reading(fifo.clone());
        let output = run(folder.path(), &words.replace("OUT", "fifo.json"));
        assert_eq!(output.status.code(), Some(code), "{words}: {output:?}");
        assert!(reader.join().unwrap() == new, "{words}");
        assert!(fs::metadata(&fifo).unwrap().file_type().is_fifo(), "{words}");
    }
    let left: Vec<String> = names(folder.path());
    assert!(left.iter().all(|name| !name.starts_with('.')), "{left:?}");
}

/// Reads a pipe to its end.
fn reading(fifo: PathBuf) -> std::thread::JoinHandle<Vec<u8>> {
    spawn(move || {
        let mut bytes = Vec::new();
        fs::File::open(fifo).unwrap().read_to_end(&mut bytes).unwrap();
        bytes
    })
}

/// No standard output, no standard error, no standard input at all: each descriptor is free, and what is
/// written goes into its own file none the less.
#[test]
fn without_any_standard_stream_the_file_is_the_same() {
    let folder = folder();
    let out = folder.path().join("out.json");
    for (words, code) in WRITERS {
        let (new, _) = whole(folder.path(), (words, code));
        for closed in [">&-", "<&- >&- 2>&-"] {
            prepare(words, &out);
            let script = format!("exec {QUORATE} {} {closed}", words.replace("OUT", "out.json"));
            let mut shell = Command::new("sh");
            shell.current_dir(folder.path()).args(["-c", &script]).stdin(Stdio::null());
            let child = shell.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
            let output = finish(child);
            assert_eq!(output.status.code(), Some(code), "{words} {closed}: {output:?}");
            assert!(fs::read(&out).unwrap() == new, "{words} {closed}");
        }
    }
}
