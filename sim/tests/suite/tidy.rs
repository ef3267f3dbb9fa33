//! The house in order: what the compiler accepts without a word and the next reader would not.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

const LINES_PER_FUNCTION_MAX: usize = 70;
const LINES_PER_FILE_MAX: usize = 500;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

fn sources(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    for path in entries.map(|entry| entry.path()) {
        if path.is_dir() {
            files.extend(sources(&path));
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            files.push(path);
        }
    }
    files.sort();
    files
}

fn read(path: &Path) -> String {
    fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// The lines of a file without the items that only tests have.
fn code(text: &str) -> Vec<&str> {
    let mut lines = text.lines();
    let mut found = Vec::new();
    while let Some(line) = lines.next() {
        if line.trim() != "#[cfg(test)]" {
            found.push(line);
            continue;
        }
        let end = line.replace("#[cfg(test)]", "}");
        let mut item = lines.by_ref().skip_while(|line| line.trim().starts_with("#["));
        let first = item.next().unwrap_or_default();
        if !first.ends_with(';') && !first.ends_with('}') {
            item.find(|line| *line == end);
        }
    }
    found
}

#[test]
fn only_items_of_tests_are_left_out() {
    let text = "a\n#[cfg(test)]\nmod tests;\nb\n    #[cfg(test)]\n    #[must_use]\n    fn c() {\n        d\n    \
                }\n    e\n#[cfg(test)]\nmod more {\n    f\n}\ng";
    assert_eq!(code(text), ["a", "b", "    e", "g"]);
}

fn is_test(path: &Path) -> bool {
    path.components().any(|part| part.as_os_str() == "tests" || part.as_os_str() == "tests.rs")
}

/// The sources of the packages that make up `quorate`, in dependency order.
const PACKAGES: [&str; 5] =
    ["sim/model/src", "sim/documents/src", "sim/analysis/src", "sim/engine/src", "sim/src"];

/// All source files of `quorate`.
fn product() -> Vec<PathBuf> {
    PACKAGES.iter().flat_map(|folder| sources(&root().join(folder))).collect()
}

/// The rooms in the order in which each `lib.rs` declares them, the packages in their order.
fn rooms() -> Vec<String> {
    let text = |folder: &&str| read(&root().join(folder).join("lib.rs"));
    let module = |line: &str| Some(line.strip_prefix("pub mod ")?.strip_suffix(';')?.to_owned());
    let texts: Vec<String> = PACKAGES.iter().map(text).collect();
    texts.iter().flat_map(|text| text.lines()).filter_map(module).collect()
}

/// The room a source file belongs to.
fn room_of(path: &Path) -> String {
    let folders = PACKAGES.iter().map(|folder| root().join(folder));
    let inside = folders.filter_map(|folder| path.strip_prefix(folder).ok()).next().unwrap_or(path);
    let first = inside.components().next().map(|part| part.as_os_str().to_string_lossy());
    first.unwrap_or_default().trim_end_matches(".rs").to_owned()
}

/// Every room that a line names by a `crate::` path, lists in braces included.
fn named(text: &str) -> BTreeSet<String> {
    let mut rooms = BTreeSet::new();
    let word = |text: &str| -> String {
        text.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect()
    };
    for (at, _) in text.match_indices("crate::") {
        let rest = &text[at + "crate::".len()..];
        if let Some(list) = rest.strip_prefix('{') {
            let mut depth = 0;
            let mut item = String::new();
            for c in list.chars() {
                match c {
                    '{' => depth += 1,
                    '}' if depth == 0 => break,
                    '}' => depth -= 1,
                    ',' if depth == 0 => {
                        rooms.insert(word(item.trim()));
                        item.clear();
                        continue;
                    }
                    _ => {}
                }
                item.push(c);
            }
            rooms.insert(word(item.trim()));
        } else {
            rooms.insert(word(rest));
        }
    }
    rooms
}

#[test]
fn a_room_uses_only_rooms_above_it() {
    let rooms = rooms();
    assert!(rooms.len() > 30, "{} rooms are declared", rooms.len());
    let position = |room: &str| rooms.iter().position(|known| known == room);
    let mut upward = Vec::new();
    for path in product() {
        let own = room_of(&path);
        let Some(own_position) = position(&own) else { continue };
        let text = code(&read(&path))
            .into_iter()
            .filter(|line| !line.trim_start().starts_with("//"))
            .collect::<Vec<_>>()
            .join("\n");
        for used in named(&text) {
            if position(&used).is_some_and(|used| used > own_position) && !is_test(&path) {
                upward
                    .push(format!("{}: `{own}` uses `{used}`, which is below it", path.display()));
            }
        }
    }
    assert!(upward.is_empty(), "{}", upward.join("\n"));
}

#[test]
fn a_path_in_braces_is_seen() {
    let found = named("use crate::{ledger::{Links, View}, replay};\ncrate::cli::run()");
    assert_eq!(found.into_iter().collect::<Vec<_>>(), ["cli", "ledger", "replay"]);
}

#[test]
fn files_and_functions_stay_short() {
    let mut long = Vec::new();
    for folder in PACKAGES.into_iter().chain(["fuzz/src", "benches"]) {
        for path in sources(&root().join(folder)) {
            if is_test(&path) {
                continue;
            }
            let text = read(&path);
            let lines = code(&text);
            if lines.len() > LINES_PER_FILE_MAX {
                long.push(format!("{}: {} lines", path.display(), lines.len()));
            }
            for (start, length) in functions(&lines) {
                if length > LINES_PER_FUNCTION_MAX {
                    long.push(format!("{}:{start}: a function of {length} lines", path.display()));
                }
            }
        }
    }
    assert!(long.is_empty(), "{}", long.join("\n"));
}

/// Where each function begins and how many lines it has, by indentation (rustfmt's is reliable).
fn functions(lines: &[&str]) -> Vec<(usize, usize)> {
    let mut functions = Vec::new();
    for (index, line) in lines.iter().enumerate() {
        let trimmed = line.trim_start();
        let head = trimmed.split('(').next().unwrap_or("");
        if !head.split_whitespace().any(|word| word == "fn") || trimmed.starts_with("//") {
            continue;
        }
        let indent = &line[..line.len() - trimmed.len()];
        let end = format!("{indent}}}");
        if let Some(length) = lines[index..].iter().position(|line| *line == end) {
            functions.push((index + 1, length + 1));
        }
    }
    functions
}

#[test]
fn a_long_function_is_found() {
    let lines = ["impl X {", "    pub fn one(", "    ) {", "        {", "        }", "    }", "}"];
    assert_eq!(functions(&lines), [(2, 5)]);
}

#[test]
fn no_file_is_dead() {
    let texts: Vec<String> = product().iter().map(|path| read(path)).collect();
    let module = |line: &'_ str| {
        let name = line.trim().strip_suffix(';')?.rsplit_once("mod ")?.1;
        Some(name.to_owned())
    };
    let all: BTreeSet<String> =
        texts.iter().flat_map(|text| text.lines()).filter_map(module).collect();
    for path in product() {
        let name = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        let declared = all.contains(&name);
        assert!(
            declared || name == "lib" || name == "main",
            "{} is declared nowhere",
            path.display()
        );
    }
}

#[test]
fn names_say_what_a_room_is() {
    let banned = ["util", "utils", "common", "types", "helpers", "misc", "manager"];
    for path in product() {
        let name = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        assert!(!banned.contains(&name.as_str()), "{}: a name that says nothing", path.display());
    }
}

/// What knows protocols by their names: where they are described, spelled, and judged a second time.
const BASES_COMPARED: [&str; 3] =
    ["sim/model/src/protocol", "sim/engine/src/auditor", "sim/engine/src/reason/codes.rs"];

/// A rule set is asked for what it has, by name; what compares it with one of the four has to be found and
/// thought through again for each new one.
#[test]
fn protocols_are_asked_for_what_they_have() {
    let mut wrong = Vec::new();
    for path in product().into_iter().filter(|path| !is_test(path)) {
        let name = path.strip_prefix(root()).unwrap_or(&path).to_string_lossy().into_owned();
        if BASES_COMPARED.iter().any(|known| name.starts_with(known)) {
            continue;
        }
        let compares = |line: &&str| {
            ["== Base::", "!= Base::"].iter().any(|comparison| line.contains(comparison))
                || line.contains("matches!(base,")
        };
        let lines = code(&read(&path)).iter().filter(|line| compares(line)).count();
        if lines > 0 {
            wrong.push(format!("{name}: {lines} comparisons with a base"));
        }
    }
    assert_eq!(wrong, Vec::<String>::new(), "ask for a capability (`Base::has_..`) instead");
}

#[test]
fn nothing_is_left_open() {
    let marks = [["to", "do!("].concat(), ["unimple", "mented!("].concat(), ["FIX", "ME"].concat()];
    for folder in ["sim", "fuzz/src", "benches"] {
        for path in sources(&root().join(folder)) {
            let text = read(&path);
            for mark in &marks {
                assert!(!text.contains(mark.as_str()), "{}: `{mark}`", path.display());
            }
        }
    }
}

#[test]
fn the_top_level_is_fixed() {
    let allowed = [
        "Cargo.toml",
        "Cargo.lock",
        "README.md",
        "LICENSE",
        "sim",
        "fuzz",
        "scenarios",
        "benches",
        "reports",
        "target",
    ];
    for entry in fs::read_dir(root()).into_iter().flatten().flatten() {
        let name = entry.file_name().to_string_lossy().into_owned();
        assert!(
            name.starts_with('.') || allowed.contains(&name.as_str()),
            "`{name}` at the top level"
        );
    }
}

/// Names and sources of everything that is built in.
fn packages() -> Vec<(String, Option<String>)> {
    let lock = read(&root().join("Cargo.lock"));
    let value = |block: &str, field: &str| {
        let line = block.lines().find_map(|line| line.strip_prefix(field))?;
        Some(line.trim_matches('"').to_owned())
    };
    let blocks = lock.split("[[package]]").skip(1);
    blocks.map(|one| (value(one, "name = ").unwrap(), value(one, "source = "))).collect()
}

#[test]
fn everything_comes_from_the_one_registry() {
    let packages = packages();
    assert!(packages.len() > 100, "{} packages", packages.len());
    for (name, source) in packages {
        let own = name.starts_with("quorate");
        let registry = Some("registry+https://github.com/rust-lang/crates.io-index");
        let expected = if own { None } else { registry };
        assert_eq!(source.as_deref(), expected, "`{name}` comes from elsewhere");
    }
}

#[test]
fn nothing_speaks_to_a_network() {
    let deny = read(&root().join(".deny.toml"));
    let list = deny.lines().find_map(|line| line.strip_prefix("deny = [")).unwrap();
    let banned: Vec<&str> = list.split('"').skip(1).step_by(2).collect();
    assert!(banned.contains(&"tokio"), "{banned:?}");
    for (name, _) in packages() {
        assert!(!banned.contains(&name.as_str()), "`{name}` is built in");
    }
    let net = ["std::", "net"].concat();
    for path in product() {
        assert!(!read(&path).contains(&net), "{}: `{net}`", path.display());
    }
}

#[test]
fn main_and_the_replay_loop_stay_small() {
    let main = read(&root().join("sim/src/main.rs"));
    assert!(main.lines().count() <= 30, "main.rs only opens the door");
    let replay = read(&root().join("sim/engine/src/replay.rs"));
    let lines: Vec<&str> = replay.lines().collect();
    let start = lines.iter().position(|line| line.starts_with("pub fn replay(")).unwrap_or(0);
    let length = lines[start..].iter().position(|line| *line == "}").unwrap_or(usize::MAX);
    assert!(length <= 40, "the loop that is the architecture has {length} lines");
}

/// Words that a reader would have to guess at: metaphors, and one thing under a second name.
const NOT_PLAIN: [&str; 27] = [
    "law",
    "laws",
    "befall",
    "befallen",
    "befalls",
    "dearest",
    "dearer",
    "promise",
    "promises",
    "hunt",
    "hunts",
    "hunting",
    "teeth",
    "toothless",
    "tale",
    "strays",
    "peril",
    "told",
    "as told",
    "all the same",
    "is no utf",
    "is no day",
    "no answer but",
    "spoken of",
    "small world",
    "small worlds",
    "nobody is asked",
];

/// What a reader of a line finds: all of a comment, the texts in quotes of a line of code.
fn words_of(line: &str) -> Vec<String> {
    let line = line.trim_start();
    if line.starts_with("//") {
        return vec![line.to_lowercase()];
    }
    line.split('"').skip(1).step_by(2).map(str::to_lowercase).collect()
}

/// Whether a text has these words, as words, not in backticks or as a placeholder.
fn says(text: &str, words: &str) -> bool {
    let edge = |c: Option<char>| c.is_none_or(|c| !c.is_alphanumeric() && !"_-{}".contains(c));
    text.match_indices(words).any(|(at, _)| {
        let (before, after) = (&text[..at], &text[at + words.len()..]);
        edge(before.chars().next_back()) && edge(after.chars().next())
    })
}

#[test]
fn texts_are_in_plain_words() {
    let mut found = Vec::new();
    let others = ["sim/examples", "fuzz/src", "fuzz/fuzz_targets", "benches"];
    let others = others.iter().flat_map(|folder| sources(&root().join(folder)));
    for path in product().into_iter().chain(others).filter(|path| !is_test(path)) {
        let text = read(&path);
        for (number, line) in code(&text).into_iter().enumerate() {
            // names of things, and placeholders of a format string, stand alone
            for text in words_of(line).iter().filter(|text| text.contains(' ')) {
                let words = NOT_PLAIN.iter().filter(|words| says(text, words));
                found.extend(words.map(|words| format!("{path:?}:{}: `{words}`", number + 1)));
            }
        }
    }
    let pages = ["README.md", "sim/README.md", "sim/cluster/README.md"];
    let pages = pages.into_iter().chain(["scenarios/README.md", "reports/README.md"]);
    for page in pages {
        for (number, line) in read(&root().join(page)).lines().enumerate() {
            let line = line.to_lowercase();
            let words = NOT_PLAIN.iter().filter(|words| says(&line, words));
            found.extend(words.map(|words| format!("{page}:{}: `{words}`", number + 1)));
        }
    }
    assert!(found.is_empty(), "{found:#?}");
}
