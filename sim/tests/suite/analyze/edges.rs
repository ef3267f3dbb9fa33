//! What an answer leaves open, what a protocol forbids, and what a label means.

use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use super::{analyze, data, quorate};

fn field(name: &str) -> PathBuf {
    data("field").join(name)
}

/// Exit code 0 and the text of an answer.
fn text(arguments: &[&str]) -> String {
    let output = quorate(arguments);
    let errors = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(0), "{arguments:?}: {errors}");
    String::from_utf8(output.stdout).unwrap()
}

/// Exit code 2 and the message.
fn refused(arguments: &[&str]) -> String {
    let output = quorate(arguments);
    assert_eq!(output.status.code(), Some(2), "{arguments:?}");
    String::from_utf8(output.stderr).unwrap()
}

fn unpacked(path: &Path) -> Value {
    serde_json::from_reader(flate2::read::GzDecoder::new(std::fs::File::open(path).unwrap()))
        .unwrap()
}

fn page(path: &str, more: &[&str]) -> String {
    let folder = tempfile::tempdir().unwrap();
    let html = folder.path().join("page.html").display().to_string();
    text(&[&["analyze", path, "--html", &html], more].concat());
    std::fs::read_to_string(html).unwrap()
}

const BOB: &str = "TA7RJ3U72F3VDTXNLTHBTBQZSEPBMVMRBHBGKRQ";
const CAROL: &str = "TBISSC6ESU3OCPP4QZFBLL5UAJ5RLGZ5EDS6RFI";
const ROOT: &str = "TCFKIYWYTDS5WLJD7BMQYA37CH677KI37TCADDQ";
const SHARED: &str = "TDFU3L3BR3QFMGBQW36XKNEEISX7XPUKCF5VWXRY";

/// A text without the ends of its lines.
fn unwrapped(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn graph_of(address: &str) -> String {
    format!("GET /account/{address}/multisig/graph")
}

#[test]
fn one_account_alone_is_a_partial_answer_that_names_the_question() {
    let path = field("one-account/bob.json");
    let found = &analyze(&path, &[])[0];
    assert_eq!(found["account"], BOB);
    assert_eq!(found["partial"]["ask"], json!([graph_of(BOB)]));
    assert_eq!(found["partial"]["not_shown"].as_array().unwrap().len(), 4);
    assert_eq!(found["partial"]["figures_exact"], false);
    assert_eq!(found["complete"], false);
    let path = path.display().to_string();
    let answer = unwrapped(&text(&["analyze", &path]));
    let first = format!("Who controls {BOB}: Partial: not all is shown");
    assert!(answer.starts_with(&first) && answer.contains(&graph_of(BOB)), "{answer}");
    assert!(answer.find("partial: the document") < answer.find("fewest keys"), "{answer}");
    let html = page(&path, &[]);
    assert!(html.contains(&graph_of(BOB)) && html.contains("Partial: not all is shown"));
    // one of its cosignatories is not shown either
    let carol = &analyze(&field("one-account/bob.json"), &["--account", CAROL])[0];
    assert_eq!(carol["partial"]["not_shown"], json!([CAROL]));
    assert_eq!(carol["partial"]["ask"], json!([graph_of(CAROL)]));
    // the graph shows all of it: the fourth is a 2-of-2
    let whole = &analyze(&field("one-account/graph.json"), &["--account", "bob"])[0];
    assert_eq!((&whole["partial"], &whole["complete"]), (&Value::Null, &json!(true)));
    assert_eq!(whole["answers"]["keys"], 5);
}

#[test]
fn a_cosignatorys_document_says_for_whom_it_signs() {
    for (file, multisig, ask) in [
        ("one-account/carol.json", BOB, graph_of(BOB)),
        ("nis1-cosigner/bare.json", SHARED, format!("GET /account/get?address={SHARED}")),
        ("nis1-cosigner/k1.json", "shared", format!("GET /account/get?address={SHARED}")),
    ] {
        let path = field(file);
        let answer = unwrapped(&text(&["analyze", &path.display().to_string()]));
        assert!(answer.contains(&format!("cosigner it signs for {multisig}")), "{answer}");
        assert!(answer.contains(&ask) && !answer.contains("no multisig account"), "{answer}");
        let found = analyze(&path, &[]);
        assert_eq!(found.as_array().unwrap().len(), 1);
        assert_eq!(found[0]["partial"]["not_shown"], json!([multisig]));
        assert_eq!(found[0]["partial"]["ask"], json!([ask]));
        // its own key spends, whatever it signs for
        assert_eq!(found[0]["partial"]["figures_exact"], true);
        assert_eq!(found[0]["answers"]["min_signatures"], 1);
    }
    let bare = field("nis1-cosigner/bare.json").display().to_string();
    let error = refused(&["analyze", &bare, "--account", SHARED]);
    assert!(error.contains(&format!("GET /account/get?address={SHARED}")), "{error}");
    // a cosignatory of two accounts, one of which is shown in full
    let two = analyze(&data("graphs/nis1-cosignatory.json.gz"), &[]);
    let shown: Vec<&Value> = two.as_array().unwrap().iter().map(|one| &one["partial"]).collect();
    assert_eq!(shown.len(), 2);
    assert!(shown[0].is_null() && shown[1]["not_shown"].as_array().unwrap().len() == 1);
}

#[test]
fn a_graph_asked_of_an_inner_account_is_exact_for_what_lies_below_it() {
    let inner = analyze(&field("inner-account/val1-graph.json"), &[]);
    let root = &inner[0];
    assert_eq!((&root["account"], &root["complete"]), (&json!("root"), &json!(false)));
    assert_eq!(root["partial"]["not_shown"], json!(["core1"]));
    assert_eq!(root["partial"]["ask"], json!([graph_of(ROOT)]));
    assert_eq!((&inner[1]["account"], &inner[1]["partial"]), (&json!("val1"), &Value::Null));
    let whole = analyze(&field("inner-account/root-graph.json"), &[]);
    assert!(whole.as_array().unwrap().iter().all(|one| one["partial"].is_null()));
    let mine = whole.as_array().unwrap().iter().find(|one| one["account"] == "val1").unwrap();
    assert_eq!(mine["answers"], inner[1]["answers"]);
    // and so is a comparison of both
    let [inner, root] = ["val1", "root"]
        .map(|name| field(&format!("inner-account/{name}-graph.json")).display().to_string());
    let compared = words(&["analyze", &inner, "--against", &root]);
    assert!(compared.contains("partial: ") && compared.contains(&graph_of(ROOT)), "{compared}");
}

#[test]
fn an_account_that_a_document_does_not_hold_is_not_assumed_to_be_plain() {
    let [carol, bob] = ["carol", "bob"]
        .map(|name| field(&format!("one-account/{name}.json")).display().to_string());
    let answer = words(&["analyze", &carol, "--against", &bob]);
    let expected =
        format!("partial: {carol}: {BOB}: the document does not show whether {BOB} is a");
    assert!(answer.contains(&expected) && answer.contains(&graph_of(BOB)), "{answer}");
    let same = words(&["analyze", &carol, "--against", &carol]);
    assert!(same.starts_with("What changes: no account changes"), "{same}");
    assert!(same.contains("partial: "), "{same}");
}

#[test]
fn every_graph_is_whole_at_level_0_and_above() {
    let (mut whole, mut graphs) = (0, 0);
    for entry in std::fs::read_dir(data("graphs")).unwrap() {
        let path = entry.unwrap().path();
        let value = unpacked(&path);
        let Some(levels) = value["graph"].as_array() else { continue };
        graphs += 1;
        // the bare answer names accounts by their addresses
        let folder = tempfile::tempdir().unwrap();
        let bare = folder.path().join("bare.json");
        std::fs::write(&bare, value["graph"].to_string()).unwrap();
        let named = analyze(&path, &[]);
        let partial = |found: &Value| -> Vec<bool> {
            found.as_array().unwrap().iter().map(|one| one["partial"].is_null()).collect()
        };
        let [mut one, mut other] = [partial(&named), partial(&analyze(&bare, &[]))];
        one.sort_unstable();
        other.sort_unstable();
        assert_eq!(one, other, "{}", path.display());
        let below = levels.iter().filter(|level| level["level"].as_i64() >= Some(0));
        let below: Vec<&Value> = below
            .flat_map(|level| level["multisigEntries"].as_array().unwrap())
            .map(|entry| &entry["multisig"]["accountAddress"])
            .collect();
        for one in named.as_array().unwrap() {
            let account = one["account"].as_str().unwrap();
            if below.contains(&&value["labels"][account]["address_hex"]) {
                assert_eq!(one["partial"], Value::Null, "{} {account}", path.display());
                whole += 1;
            }
        }
    }
    assert!(graphs > 10 && whole > 15, "{graphs} graphs, {whole} accounts");
}

#[test]
fn an_account_the_node_does_not_know_is_a_plain_one() {
    let path = field("one-account/notfound.json");
    let found = &analyze(&path, &[])[0];
    assert_eq!(found["account"], "TAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA");
    assert_eq!(found["notes"][0]["name"], "plain");
    assert!(text(&["analyze", &path.display().to_string()]).contains("no resource exists"));
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("error.json");
    std::fs::write(
        &path,
        r#"{"code":"InvalidArgument","message":"accountId has an invalid format"}"#,
    )
    .unwrap();
    let error = refused(&["analyze", &path.display().to_string()]);
    assert!(error.contains("a node's error `InvalidArgument`: accountId has"), "{error}");
}

#[test]
fn a_move_to_another_protocol_and_a_threshold_nobody_spends_by_are_told() {
    let name = |name: &str| field(&format!("nis1-to-symbol/{name}.json")).display().to_string();
    let compared = |old: &str, new: &str| words(&["analyze", &name(old), "--against", &name(new)]);
    let nobody = "What changes: nobody gains or loses power";
    let found = compared("nis1", "symbol");
    assert!(found.starts_with(nobody), "{found}");
    assert!(found.contains("another protocol: nis1 -> symbol-mainnet"), "{found}");
    assert!(
        found.contains(
            "foundation Removing a cosignatory: 3 -> 4 signatures. Nobody gains or loses"
        )
    );
    let found = compared("symbol", "repaired");
    assert!(found.starts_with(nobody) && !found.contains("another protocol"), "{found}");
    assert!(
        found.contains(
            "foundation Removing a cosignatory: 4 -> 3 signatures. Nobody gains or loses"
        )
    );
    // N-of-N on NIS1 is what 3-of-3 with removal 2 is on Symbol
    let found = compared("nisNN", "symNN");
    assert!(found.starts_with("What changes: no account changes"), "{found}");
    assert!(found.contains("another protocol: nis1 -> symbol-mainnet"), "{found}");
    assert!(compared("symbol", "more").contains("A payment: 3 -> 2 signatures."));
    assert!(compared("symbol", "symbol").starts_with("What changes: no account changes"));
    let steps = words(&["analyze", &name("repair"), "--each-step"]);
    assert!(
        steps.contains("Step 2: foundation Removing a cosignatory: 4 -> 3 signatures."),
        "{steps}"
    );
    assert!(steps.contains("Step 3: foundation Cosignatories removed: k5."), "{steps}");
}

/// What a command prints, with one space wherever a line ends or there are several.
fn words(arguments: &[&str]) -> String {
    text(arguments).split_whitespace().collect::<Vec<_>>().join(" ")
}

fn tree(accounts: &str, more: &str) -> String {
    format!(r#"{{"format":"account-tree"{more},"accounts":{{{accounts}}}}}"#)
}

fn flat(approval: u32, removal: u32, keys: &str) -> String {
    let keys: Vec<String> = keys.split(' ').map(|key| format!("\"{key}\"")).collect();
    let keys = keys.join(",");
    format!(r#"{{"min_approval":{approval},"min_removal":{removal},"cosignatories":[{keys}]}}"#)
}

/// The answer about two trees.
fn compared(old: &str, new: &str) -> Value {
    let folder = tempfile::tempdir().unwrap();
    let [old, new] = [("old.json", old), ("new.json", new)].map(|(name, text)| {
        let path = folder.path().join(name);
        std::fs::write(&path, text).unwrap();
        path
    });
    analyze(&old, &["--against", &new.display().to_string()])
}

#[test]
fn a_window_is_a_set_of_keys_that_spends_at_neither_end() {
    let of = |keys: &str| tree(&format!("\"x\":{}", flat(3, 3, keys)), "");
    let found = compared(&of("a b c d e"), &of("a b c f g"));
    let orders = found[0]["orders"].as_array().unwrap();
    let order = |name: &str| orders.iter().find(|one| one["order"] == name).unwrap();
    let [gained] = order("adding first")["openings"].as_array().unwrap().as_slice() else {
        panic!("{orders:?}")
    };
    assert_eq!(
        (&gained["power"], &gained["when"]),
        (&json!("gained"), &json!("now and eventually"))
    );
    let sets = gained["sets"].as_array().unwrap();
    assert!(sets.contains(&json!(["d", "e", "f"])), "{sets:?}");
    // of 35 sets of three among seven, ten spend before, ten after, one of them both times
    assert_eq!((sets.len(), &gained["sets_count"]), (35 - 19, &json!(16)));
    let [lost] = order("deleting first")["openings"].as_array().unwrap().as_slice() else {
        panic!("{orders:?}")
    };
    assert_eq!(lost["power"], "lost");
    assert!(lost["sets"].as_array().unwrap().contains(&json!(["a", "b", "d", "f"])));
    // a number of NIS1 stays as it is, be it all of them; 0 goes on standing for all
    let nis1 = |number: u32, keys: &str| {
        let keys = keys.split(' ').collect::<Vec<_>>();
        json!({"format": "account-tree", "protocol": "nis1",
            "accounts": {"x": {"min_cosignatories": number, "cosignatories": keys}}})
        .to_string()
    };
    for (number, opens) in [(2, Some(json!([["b", "c"]]))), (0, None)] {
        let found = compared(&nis1(number, "a b"), &nis1(number, "a c"));
        let orders = found[0]["orders"].as_array().unwrap();
        let adding = orders.iter().find(|one| one["order"] == "adding first").unwrap();
        let mut openings = adding["openings"].as_array().unwrap().iter();
        let now = openings.find(|one| one["when"] == "now").map(|one| one["sets"].clone());
        assert_eq!(now, opens, "{number}: {adding}");
    }
    // the limit on cosignatories forbids what lies in between
    let many: Vec<String> = (0..24).map(|key| format!("k{key:02}")).collect();
    let many = many.join(" ");
    let found = compared(&of(&format!("{many} old")), &of(&format!("{many} new")));
    let refused = &found[0]["orders"][1]["refused"];
    assert!(refused.as_str().unwrap().contains("has 26 cosignatories"), "{refused}");
}

#[test]
fn whatever_differs_is_told() {
    let of = |keys: &str, more: &str| tree(&format!("\"x\":{}", flat(2, 2, keys)), more);
    let odds =
        |loss: f64| format!(r#","probabilities":{{"a":{{"loss":{loss}}},"b":{{"loss":0.1}}}}"#);
    let found = compared(&of("a b", &odds(0.1)), &of("a b", &odds(0.2)));
    let odds = &found[0]["now"]["lockout_probability"];
    assert!((odds["new"].as_f64().unwrap() - 0.28).abs() < 1e-12, "{odds}");
    assert_eq!(found[1], json!({"probabilities_changed": ["a"]}));
    let found = compared(&of("a b", ""), &of("a b", r#","stolen":["a"]"#));
    assert_eq!(found, json!([{"stolen": {"new": ["a"]}}]));
    let found = compared(&of("a b", ""), &of("a b", r#","protocol":"symbol-private""#));
    assert_eq!(found[0]["protocol"]["new"]["name"], "symbol-private");
    // seven accounts change: their orders are too many, and that is said
    let all = |key: &str| {
        let all: Vec<String> =
            (0..7).map(|at| format!("\"m{at}\":{}", flat(1, 1, &format!("{key}{at}")))).collect();
        tree(&all.join(","), "")
    };
    let found = compared(&all("a"), &all("b"));
    let together = &found.as_array().unwrap().last().unwrap()["accounts_together"];
    assert_eq!(together["not_looked_at"], 7);
}

#[test]
fn what_a_protocol_forbids_is_told_with_its_limit() {
    let keys: Vec<String> = (0..30).map(|key| format!("k{key:02}")).collect();
    let wide = format!("\"x\":{}", flat(2, 2, &keys.join(" ")));
    let deep: Vec<String> = (0..4)
        .map(|at| format!("\"m{at}\":{}", flat(1, 1, &format!("m{} s{at}", at + 1))))
        .collect();
    let nested = r#""x":{"min_cosignatories":1,"cosignatories":["y"]},
        "y":{"min_cosignatories":1,"cosignatories":["a"]}"#;
    let busy: Vec<String> = (0..6).map(|at| format!("\"m{at}\":{}", flat(1, 1, "k"))).collect();
    let folder = tempfile::tempdir().unwrap();
    for (name, written, expected) in [
        ("wide", tree(&wide, ""), ("x", "max_cosignatories_per_account", 30, 25)),
        ("deep", tree(&deep.join(","), ""), ("m0", "max_multisig_depth", 4, 3)),
        ("nested", tree(nested, r#","protocol":"nis1""#), ("x", "max_multisig_depth", 2, 1)),
        (
            "busy",
            tree(&busy.join(","), r#","protocol":"catapult-v1""#),
            ("k", "max_cosigned_accounts_per_account", 6, 5),
        ),
    ] {
        let path = folder.path().join(name).with_extension("json");
        std::fs::write(&path, written).unwrap();
        let found = &analyze(&path, &[])[0]["warnings"][0];
        let (account, limit, found_there, most) = expected;
        assert_eq!(
            [&found["account"], &found["limit"], &found["found"], &found["most"]],
            [&json!(account), &json!(limit), &json!(found_there), &json!(most)]
        );
        let path = path.display().to_string();
        let warning = found["text"].as_str().unwrap();
        let answer = unwrapped(&text(&["analyze", &path]));
        let first = format!("Who controls {}: Forbidden by the protocol", found["account"]);
        assert!(answer.starts_with(&first.replace('"', "")) || name == "busy", "{answer}");
        let warned = answer.find(&format!("warning: {warning}"));
        assert!(warned.is_some() && warned < answer.find("fewest keys"), "{answer}");
        assert!(page(&path, &[]).contains("Forbidden by the protocol"));
        let error = refused(&["analyze", &path, "--strict"]);
        assert!(error.contains(limit) && error.contains("--strict"), "{error}");
    }
    let board = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/board.json");
    assert_eq!(analyze(&board, &["--strict"])[0]["warnings"], json!([]));
}

/// The rows of a page's table of figures: label, now, eventually.
fn page_rows(html: &str) -> Vec<[String; 3]> {
    let tables = html.split(">Eventually</th>").skip(1).take(2);
    let tables = tables.map(|table| table.split("</table>").next().unwrap());
    let rows = tables.flat_map(|table| table.split("<tr>").skip(1));
    rows.filter(|row| row.contains("scope=\"row\""))
        .map(|row| {
            let mut cells = row.split('<').filter_map(|part| {
                let (tag, text) = part.split_once('>')?;
                (tag.starts_with("th") || tag.starts_with("td")).then(|| text.to_owned())
            });
            std::array::from_fn(|_| cells.next().unwrap())
        })
        .collect()
}

/// Whether words such as `0.0072, about 1 in 140` or `about 1 in 210,000` say this probability.
fn says(words: &str, probability: &Value) -> bool {
    let Some(value) = probability.as_f64() else { return words == "not known" };
    let number = |text: &str| {
        let (digits, times) = text.strip_suffix(" million").map_or((text, 1.0), |one| (one, 1e6));
        times * digits.replace(',', "").trim().parse::<f64>().unwrap()
    };
    let near = |said: f64| (said / value - 1.0).abs() < 0.06;
    let (exact, about) = words.split_once(", about ").unwrap_or(("", words));
    let about = about.trim_start_matches("about ");
    let exact = exact.is_empty() == (value < 0.001) && (exact.is_empty() || near(number(exact)));
    match (value, about.split_once("1 in "), about.split_once(" %")) {
        (0.0, ..) => words == "never",
        (1.0, ..) => words == "certain",
        (_, Some((_, many)), _) => exact && near(1.0 / number(many)),
        (_, None, Some((percent, _))) => exact && near(number(percent) / 100.0),
        _ => false,
    }
}

/// Whether a cell holds what the definition of its label says, from the answer's fields.
fn holds(cell: &str, label: &str, found: &Value, view: &str) -> bool {
    let prefix = if view == "now" { "" } else { "eventual_" };
    let answers = &found["answers"];
    let field = |name: &str| &answers[format!("{prefix}{name}")];
    let locked = found["locked"][view] == true;
    let names = |value: &Value| {
        let names: Vec<&str> =
            value.as_array().unwrap().iter().map(|name| name.as_str().unwrap()).collect();
        if names.is_empty() { "none".to_owned() } else { names.join(", ") }
    };
    let sized = |value: &Value, proof: &Value| format!("{value}: {}", names(&proof["keys"]));
    let (spend, lock) = match view {
        "now" => ("min_path_sets_count", "min_cut_sets_count"),
        _ => ("eventual_spend_min_coalitions_count", "eventual_lockout_min_cut_sets_count"),
    };
    let expected = match label {
        "can spend" => found["formula"][view].as_str().unwrap().to_owned(),
        "fewest keys that spend" if locked => "none can".to_owned(),
        "fewest keys that spend" => {
            sized(field("min_signatures"), field("min_signatures_certificate"))
        }
        "fewest losses that lock it" if locked => "locked".to_owned(),
        "fewest losses that lock it" => {
            sized(field("min_losses_that_lock"), field("min_losses_certificate"))
        }
        "losses it survives in any case" | "losses it survives at best" if locked => {
            "locked".to_owned()
        }
        "losses it survives in any case" => {
            let fewest = field("min_losses_that_lock").as_u64().unwrap();
            format!("{} of {}", fewest - 1, answers["keys"])
        }
        "losses it survives at best" => {
            format!("{} of {}", field("max_losses_survivable"), answers["keys"])
        }
        "minimal sets of keys that spend" => answers[spend].to_string(),
        "minimal losses that lock it" => answers[lock].to_string(),
        "keys whose loss alone locks it" => names(field("single_points_of_failure")),
        "keys that alone spend" => names(field("single_points_of_theft")),
        "probability of lockout" => return says(cell, field("lockout_probability")),
        "probability of theft" => return says(cell, field("theft_probability")),
        "these signatures fit one transaction" => match view {
            "now" => {
                let cap = &found["signatures_cap"];
                let fits = cap["one_transaction_is_enough"].as_bool().unwrap();
                format!("{}, it carries up to {}", if fits { "yes" } else { "no" }, cap["most"])
            }
            _ => "-".to_owned(),
        },
        // Who can change the account is looked at in its present state alone.
        other => {
            let side = match other {
                "fewest keys that remove a cosignatory" => "removal",
                "fewest keys that replace a cosignatory" => "mixed",
                other => panic!("`{other}` has no definition"),
            };
            let side = &found[side];
            match view {
                "now" if side["fewest"].is_null() => "none can".to_owned(),
                "now" => sized(&side["fewest"], &side["certificate"]),
                _ => "-".to_owned(),
            }
        }
    };
    cell == expected
}

#[test]
fn every_label_shows_the_field_it_is_defined_by() {
    let folder = tempfile::tempdir().unwrap();
    let lost = folder.path().join("lost.json");
    let odds = r#","lost":["a"],"probabilities":{"b":{"loss":0.1,"compromise":0.3}}"#;
    std::fs::write(&lost, tree(&format!("\"x\":{}", flat(2, 1, "a b")), odds)).unwrap();
    let board = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/board.json");
    for (path, account, count) in
        [(&board, "treasury", 14), (&board, "board", 14), (&board, "office", 14), (&lost, "x", 13)]
    {
        let found = &analyze(path, &["--account", account])[0];
        let path = path.display().to_string();
        let arguments = ["--account", account];
        let answer = text(&[&["analyze", &path], &arguments[..]].concat());
        let rows = page_rows(&page(&path, &arguments));
        assert_eq!(rows.len(), count, "{rows:?}");
        for [label, now, eventually] in rows {
            for (view, cell) in [("now", &now), ("eventually", &eventually)] {
                assert!(holds(cell, &label, found, view), "{label} of {account} {view}: {cell}");
            }
            // the text is of the same sheet; it may break a cell
            let mut words = label.split(' ').chain(now.split(' ')).chain(eventually.split(' '));
            assert!(words.all(|word| answer.contains(word)), "{label}: {answer}");
        }
    }
}

#[test]
fn probabilities_of_some_keys_say_which_are_missing() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("some.json");
    let odds = r#","probabilities":{"a":{"loss":0.1,"compromise":0.2},"b":{"compromise":0.2}}"#;
    std::fs::write(&path, tree(&format!("\"x\":{}", flat(2, 2, "a b c")), odds)).unwrap();
    let found = &analyze(&path, &[])[0];
    assert_eq!(found["probabilities_missing"], json!({"loss": ["b", "c"], "compromise": ["c"]}));
    let path = path.display().to_string();
    let answer = text(&["analyze", &path]);
    let both = ["not known: no loss of b, c", "not known: no compromise of c"];
    assert!(both.iter().all(|one| answer.contains(one)), "{answer}");
    assert!(page(&path, &[]).contains("not known: no loss of b, c"));
}

#[test]
fn a_byte_order_mark_is_no_part_of_the_text() {
    let folder = tempfile::tempdir().unwrap();
    let bob = std::fs::read_to_string(field("one-account/bob.json")).unwrap();
    for (name, text) in
        [("tree.json", tree(&format!("\"x\":{}", flat(1, 1, "a")), "")), ("bob.json", bob)]
    {
        let path = folder.path().join(name);
        std::fs::write(&path, format!("\u{feff}{text}")).unwrap();
        assert_eq!(analyze(&path, &[]).as_array().unwrap().len(), 1);
    }
}

#[test]
fn the_choice_of_thresholds_on_a_page_has_the_numbers_of_the_answer() {
    let folder = tempfile::tempdir().unwrap();
    for (protocol, thresholds) in [("nis1", 1), ("symbol-mainnet", 2)] {
        let html = folder.path().join("page.html").display().to_string();
        let arguments = ["analyze", "--design", "3", "--protocol", protocol, "--html", &html];
        let found: Value =
            serde_json::from_str(&text(&[&arguments[..], &["--format", "json"]].concat())).unwrap();
        let html = std::fs::read_to_string(html).unwrap();
        let table = html.split("<table").nth(1).unwrap();
        let words = |text: &str, tag: &str| -> Vec<String> {
            let cells = text.split('<').filter(|part| part.starts_with(tag));
            cells.filter_map(|part| Some(part.split_once('>')?.1.to_owned())).collect()
        };
        let head = words(table.split("</thead>").next().unwrap(), "th");
        let head: Vec<&String> = head.iter().filter(|word| !word.trim().is_empty()).collect();
        let names: &[&str] = match thresholds {
            1 => &["Min cosignatories"],
            _ => &["Min approval", "Min removal"],
        };
        assert_eq!(head[..thresholds], *names);
        let rows = table.split("<tr").filter(|row| row.contains("<td"));
        for (row, design) in rows.zip(found["designs"].as_array().unwrap()) {
            let cells: Vec<String> = row
                .split('<')
                .filter(|part| part.starts_with("td") || part.starts_with("th "))
                .filter_map(|part| Some(part.split_once('>')?.1.to_owned()))
                .collect();
            for (label, cell) in head.iter().zip(cells) {
                let of = |view: &str, field: &str| design[view][field].clone();
                let expected = match label.as_str() {
                    "Min cosignatories" | "Min approval" => design["min_approval"].clone(),
                    "Min removal" => design["min_removal"].clone(),
                    "Keys now" => of("now", "signatures"),
                    "Keys eventually" => of("eventually", "signatures"),
                    "Lockout now" => of("now", "lockout_probability"),
                    "Theft now" => of("now", "theft_probability"),
                    "Lockout eventually" => of("eventually", "lockout_probability"),
                    "Theft eventually" => of("eventually", "theft_probability"),
                    "Better choice" => continue,
                    other => panic!("`{other}` has no definition"),
                };
                let right = match label.split_once(' ') {
                    Some(("Lockout" | "Theft", _)) => says(&cell, &expected),
                    _ => expected.as_u64() == cell.parse().ok(),
                };
                assert!(right, "{label}: {cell}, but {expected}");
            }
        }
    }
}

/// Every set of keys and every line that the answer for programs holds must stand on the page.
fn page_shows(html: &str, change: &Value) {
    for view in ["now", "eventually"] {
        for power in ["gain_power", "lose_power"] {
            for set in change[view][power].as_array().unwrap() {
                let names: Vec<&str> =
                    set.as_array().unwrap().iter().map(|name| name.as_str().unwrap()).collect();
                let set = format!("{{{}}}", names.join(", "));
                assert!(html.contains(&set), "{view} {power}: {set}");
            }
        }
        for (field, what) in [
            ("min_signatures", "fewest keys that spend"),
            ("min_losses_that_lock", "fewest losses that lock"),
        ] {
            let [old, new] = ["old", "new"].map(|side| change[view][field][side].as_u64().unwrap());
            let row = format!("{what}, {view}");
            let cells: Option<Vec<&str>> = html.split(&row).nth(1).map(|rest| {
                rest.split("<td")
                    .skip(1)
                    .take(2)
                    .map(|cell| cell.split('<').next().unwrap())
                    .collect()
            });
            match cells {
                None => assert_eq!(old, new, "{row}"),
                Some(cells) => {
                    let numbers: Vec<u64> = cells
                        .iter()
                        .map(|cell| cell.rsplit('>').next().unwrap().trim().parse().unwrap())
                        .collect();
                    assert_eq!(numbers, [old, new], "{row}");
                }
            }
        }
    }
}

#[test]
fn a_comparison_is_a_page_with_what_the_answer_says() {
    let folder = tempfile::tempdir().unwrap();
    let tree = |name: &str, removal: u32, keys: &str| {
        let path = folder.path().join(name);
        let text = format!(
            r#"{{"format":"account-tree","accounts":{{"shared":
            {{"min_approval":3,"min_removal":{removal},"cosignatories":[{keys}]}}}}}}"#
        );
        std::fs::write(&path, text).unwrap();
        path.display().to_string()
    };
    let old = tree("old.json", 3, r#""a","b","c","d","e""#);
    let new = tree("new.json", 2, r#""a","b","c","f","g""#);
    let html = folder.path().join("page.html").display().to_string();
    let compared = ["analyze", &old, "--against", &new, "--format", "json", "--html", &html];
    let answer: Value = serde_json::from_str(&text(&compared)).unwrap();
    let page = std::fs::read_to_string(&html).unwrap();
    page_shows(&page, &answer[0]);
    assert!(page.contains("keys gain power over 1 account; a window can open"));
    assert!(page.contains("shared: 2 keys can spend eventually; before, it took 3."));
    assert!(page.contains("adding first, old thresholds") && page.contains("{d, e, f} {d, e, g}"));
    let same = ["analyze", &old, "--against", &old, "--html", &html];
    text(&same);
    assert!(std::fs::read_to_string(&html).unwrap().contains("no account changes"));

    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR"));
    let story = root.join("../scenarios/takeover/symbol-low-min-removal.json");
    let story = story.display().to_string();
    let steps = ["analyze", &story, "--each-step", "--format", "json", "--html", &html];
    let answer: Value = serde_json::from_str(&text(&steps)).unwrap();
    let page = std::fs::read_to_string(&html).unwrap();
    for step in answer.as_array().unwrap() {
        let number = step["step"].as_u64().unwrap();
        assert!(page.contains(&format!("Step {number}")), "step {number}");
    }
    page_shows(page.rsplit("Step 7: vault").next().unwrap(), &answer[2]["changes"][0]);
    assert!(page.contains("keys gain power over 1 account"), "the same account at two steps");
}
