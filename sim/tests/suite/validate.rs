//! `quorate validate` as CI and a network's engineer meet it: verdicts, exit codes, files.

use std::path::Path;
use std::process::{Command, Output};

use serde_json::Value;

/// Few runs and few accounts, so that a test does not wait.
const QUICK: [&str; 4] = ["--runs", "10", "--work", "300000"];

fn quorate(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_quorate")).args(arguments).output().expect("quorate runs")
}

fn validate(arguments: &[&str]) -> Output {
    // Only accepted hazards end on a day.
    let today: &[&str] = match arguments.contains(&"--accept") && !arguments.contains(&"--today") {
        true => &["--today", "2026-12-01"],
        false => &[],
    };
    quorate(&[&["validate"], &QUICK[..], today, arguments].concat())
}

fn answer(arguments: &[&str]) -> Value {
    let output = validate(&[&["--format", "json"], arguments].concat());
    serde_json::from_slice(&output.stdout).unwrap_or_else(|error| panic!("{error}: {output:?}"))
}

fn text(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).expect("text")
}

/// What was printed, however its lines are wrapped.
fn words(output: &Output) -> String {
    text(output).split_whitespace().collect::<Vec<_>>().join(" ")
}

fn hazard<'a>(answer: &'a Value, name: &str) -> &'a Value {
    let all = answer["hazards"].as_array().expect("hazards");
    all.iter().find(|one| one["name"] == name).expect("the hazard")
}

fn reachable(answer: &Value) -> Vec<&str> {
    let all = answer["hazards"].as_array().expect("hazards");
    let open = all.iter().filter(|one| one["reachable"] == true);
    open.map(|one| one["name"].as_str().unwrap()).collect()
}

fn written(folder: &Path, name: &str, text: &str) -> String {
    let path = folder.join(name);
    std::fs::write(&path, text).unwrap();
    path.to_str().unwrap().to_owned()
}

/// A network's own file, as a node's `resources` folder holds it.
fn properties(cosignatures: u32, cosignatories: u32) -> String {
    format!(
        "[network]\nidentifier = private\ngenerationHashSeed = 00\n[chain]\n\
         currencyMosaicId = 0x1\nblockGenerationTargetTime = 15s\n\
         [plugin:catapult.plugins.aggregate]\nmaxTransactionsPerAggregate = 100\n\
         maxCosignaturesPerAggregate = {cosignatures}\nenableStrictCosignatureCheck = false\n\
         enableBondedAggregateSupport = true\nmaxBondedTransactionLifetime = 48h\n\
         [plugin:catapult.plugins.lockhash]\nlockedFundsPerAggregate = 10'000'000\n\
         maxHashLockDuration = 2d\n[plugin:catapult.plugins.multisig]\nmaxMultisigDepth = 3\n\
         maxCosignatoriesPerAccount = {cosignatories}\nmaxCosignedAccountsPerAccount = 25\n"
    )
}

#[test]
fn the_answer_has_the_fields_that_scripts_rely_on() {
    let answer = answer(&["symbol-mainnet"]);
    assert_eq!(answer["verdict"], "sound with hazards");
    assert_eq!(answer["protocol"], "symbol-mainnet");
    assert_eq!(answer["protocol_digest"].as_str().unwrap().len(), 16);
    assert_eq!(answer["quorate"], env!("CARGO_PKG_VERSION"));
    let names: Vec<&Value> =
        answer["hazards"].as_array().unwrap().iter().map(|one| &one["name"]).collect();
    assert_eq!(names, ["locked-alive", "over-cap", "takeover", "dead-level", "costly"]);
    assert_eq!(reachable(&answer), ["over-cap", "takeover", "dead-level", "costly"]);
    assert_eq!(answer["cost"]["visits"], 1_692_700);
    assert_eq!(answer["cost"]["growth"][0]["limit"], "max_cosignatories");
    assert_eq!(hazard(&answer, "takeover")["closed_by"][0], "removal_threshold removal -> max");
    assert!(hazard(&answer, "locked-alive").get("closed_by").is_none());
    assert!(answer["scenarios"]["passed"].as_u64().unwrap() > 60);
    assert_eq!(answer["scenarios"]["failed"], 0);
    assert_eq!(answer["campaign"]["runs"], 10);
    assert!(answer["exploration"].as_array().unwrap().len() == 2);
    assert_eq!(answer["complete"], true);
}

#[test]
fn a_tight_cap_locks_and_its_saved_scenarios_replay() {
    let folder = tempfile::tempdir().unwrap();
    let save = folder.path().to_str().unwrap();
    let tight = ["--max-cosignatories", "25", "--max-cosignatures", "15"];
    let answer = answer(&[&tight[..], &["--save", save]].concat());
    let locked = hazard(&answer, "locked-alive");
    assert_eq!(locked["reachable"], true);
    let members = locked["scenario"]["accounts"].as_array().unwrap();
    assert_eq!(
        members.iter().filter(|one| one.as_str().unwrap().starts_with("member")).count(),
        16
    );
    assert_eq!(
        locked["closed_by"],
        serde_json::json!(["max_cosignatories 25 -> 15", "max_cosignatures 15 -> 25"])
    );
    for name in reachable(&answer) {
        assert!(folder.path().join(format!("{name}.json")).exists(), "{name}");
    }
    assert_eq!(quorate(&["replay", "--thorough", save]).status.code(), Some(0));
}

#[test]
fn a_denied_hazard_is_exit_code_1_unless_it_is_accepted_in_time() {
    let folder = tempfile::tempdir().unwrap();
    let until = |day: &str| {
        let list = r#"{"accepted":[{"hazard":"takeover","reason":"wallets warn","until":"DAY"}]}"#;
        written(folder.path(), &format!("{day}.json"), &list.replace("DAY", day))
    };
    let deny = ["nis1", "--deny", "takeover"];
    let denied = validate(&deny);
    assert_eq!(denied.status.code(), Some(1));
    assert!(text(&denied).contains("Denied and reachable: takeover."));
    let last = text(&denied);
    assert!(
        last.trim_end().lines().last().unwrap().starts_with("reproduce: quorate validate nis1")
    );
    let accepted = validate(&[&deny[..], &["--accept", &until("2026-12-01")]].concat());
    assert_eq!(accepted.status.code(), Some(0));
    assert!(words(&accepted).contains("yes, accepted"));
    assert!(text(&accepted).contains("Accepted: 1 hazard.\n"));
    let expired = validate(&[&deny[..], &["--accept", &until("2026-11-30")]].concat());
    assert_eq!(expired.status.code(), Some(1));
    assert!(words(&expired).contains("acceptance EXPIRED on 2026-11-30 (today is 2026-12-01)"));
    assert_eq!(validate(&["nis1", "--deny", "locked-alive"]).status.code(), Some(0));
    assert_eq!(validate(&["nis1", "--deny", "lockout"]).status.code(), Some(2));
    let wrong = validate(&["nis1", "--accept", &written(folder.path(), "no.json", "{}")]);
    assert_eq!(wrong.status.code(), Some(2));
    assert!(String::from_utf8(wrong.stderr).unwrap().contains("no.json:1:2: missing field"));
}

#[test]
fn a_nodes_own_file_and_its_folder_say_the_same() {
    let folder = tempfile::tempdir().unwrap();
    let file = written(folder.path(), "config-network.properties", &properties(15, 25));
    let by_file = answer(&[&file]);
    assert!(reachable(&by_file).contains(&"locked-alive"));
    assert_eq!(by_file["configuration"][0]["name"], "cap-below-cosignatories");
    let by_folder = answer(&[folder.path().to_str().unwrap()]);
    assert_eq!(by_file, by_folder);
    written(folder.path(), "config-network.properties", &properties(25, 25));
    let public = answer(&[&file]);
    assert!(!reachable(&public).contains(&"locked-alive"));
    let empty = tempfile::tempdir().unwrap();
    let none = validate(&[empty.path().to_str().unwrap()]);
    assert_eq!(none.status.code(), Some(2));
    assert!(String::from_utf8(none.stderr).unwrap().contains("expected one of them"));
}

#[test]
fn a_contradiction_is_broken_and_stands_in_every_report() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    let (junit, sarif, html) = (path("j.xml"), path("s.sarif"), path("p.html"));
    let output =
        validate(&["--max-depth", "0", "--junit", &junit, "--sarif", &sarif, "--html", &html]);
    assert_eq!(output.status.code(), Some(1));
    assert!(text(&output).contains("safe to ship? broken\n"));
    assert!(text(&output).contains(&format!("{html}\n")));
    let read = |path: &str| std::fs::read_to_string(path).unwrap();
    assert!(read(&junit).contains("no-multisig") && read(&junit).contains("failures=\"1\""));
    let log: Value = serde_json::from_str(&read(&sarif)).unwrap();
    assert_eq!(log["runs"][0]["results"][0]["ruleId"], "no-multisig");
    assert!(read(&html).contains("max_multisig_depth is 0"));
}

#[test]
fn equal_questions_have_equal_answers_on_any_number_of_threads() {
    let of = |jobs: &str| {
        let arguments = ["symbol-private", "--seed", "7", "--format", "json", "--jobs", jobs];
        validate(&arguments).stdout
    };
    let one = of("1");
    assert!(!one.is_empty());
    assert_eq!(one, of("2"));
    let text = String::from_utf8(one).unwrap();
    assert!(!text.contains("jobs") && !text.contains("2026-12-01"), "no threads and no day in it");
}

#[test]
fn a_change_says_what_it_gains_and_what_it_loses() {
    let guarded = "../scenarios/protocols/guarded-removal.json";
    let change = answer(&["symbol-mainnet", "--against", guarded]);
    assert_eq!(change["closed"], serde_json::json!(["takeover"]));
    assert_eq!(change["opened"], serde_json::json!([]));
    assert_eq!(change["changes"][0]["name"], "removal_threshold");
    let back = validate(&[guarded, "--against", "symbol-private"]);
    let said = text(&back);
    assert!(said.contains("max_cosignatories_per_account      25      10\n"), "{said}");
    assert!(said.contains("takeover    opened: reachable only after\n"), "{said}");
    assert!(said.contains("1,692,700 -> 1,222,000"), "{said}");
}

#[test]
fn time_cuts_short_and_says_so() {
    let output = quorate(&["validate", "--time", "1ms", "--runs", "100000", "--work", "1000"]);
    assert_eq!(output.status.code(), Some(0));
    assert!(words(&output).contains(" (incomplete) Hazards"), "{}", text(&output));
}

/// The proposed configuration is the one that is changed, judged and pointed at.
#[test]
fn limits_given_with_a_comparison_belong_to_the_proposed_configuration() {
    let given = ["symbol-mainnet", "--against", "symbol-mainnet", "--max-cosignatures", "15"];
    let answer = answer(&given);
    let name = "symbol-mainnet with max-cosignatures 15";
    assert_eq!(answer["after"]["protocol"], name);
    assert_eq!(answer["before"]["protocol"], "symbol-mainnet");
    let changes = answer["changes"].as_array().unwrap();
    assert_eq!(changes.len(), 1, "{changes:?}");
    assert_eq!(changes[0]["name"], "max_cosignatures_per_aggregate");
    assert_eq!((&changes[0]["from"], &changes[0]["to"]), (&25.into(), &15.into()));
    assert_eq!(answer["opened"][0], "locked-alive");
    let text = words(&validate(&given));
    assert!(text.contains(&format!("belong to the new configuration, {name}")), "{text}");
}

#[test]
fn reports_of_a_comparison_point_at_the_new_file_and_its_limit() {
    let folder = tempfile::tempdir().unwrap();
    let old = written(folder.path(), "old.properties", &properties(25, 25));
    let new = written(folder.path(), "new.properties", &properties(15, 25));
    let path = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    let (sarif, junit, page) = (path("r.sarif"), path("r.xml"), path("r.html"));
    let output = validate(&[
        &old,
        "--against",
        &new,
        "--deny",
        "locked-alive",
        "--sarif",
        &sarif,
        "--junit",
        &junit,
        "--html",
        &page,
    ]);
    assert_eq!(output.status.code(), Some(1), "{}", text(&output));
    let limit = properties(15, 25);
    let line = 1 + limit.lines().position(|line| line.starts_with("maxCosignaturesPer")).unwrap();
    let sarif: Value = serde_json::from_str(&std::fs::read_to_string(sarif).unwrap()).unwrap();
    let place = &sarif["runs"][0]["results"][0]["locations"][0]["physicalLocation"];
    assert!(place["artifactLocation"]["uri"].as_str().unwrap().ends_with("new.properties"));
    assert_eq!(place["region"]["startLine"], line);
    let junit = std::fs::read_to_string(junit).unwrap();
    assert!(junit.contains(&format!("new.properties:{line}: ")), "{junit}");
    assert!(!junit.contains("old.properties"), "{junit}");
    let page = std::fs::read_to_string(page).unwrap();
    assert!(page.contains("a denied hazard is reachable"), "the badge says so");
}

#[test]
fn a_costlier_aggregate_is_a_change() {
    let deeper = ["symbol-mainnet", "--against", "symbol-mainnet", "--max-transactions", "200"];
    let text = text(&validate(&deeper));
    assert!(
        text.contains("costly      changed: account visits 1,692,700 -> 3,385,400\n"),
        "{text}"
    );
    assert!(!text.contains("costly      kept"), "{text}");
    let answer = answer(&deeper);
    let expected = serde_json::json!({"hazard": "costly", "from": 1_692_700, "to": 3_385_400});
    assert_eq!(answer["changed"], serde_json::json!([expected]));
}

#[test]
fn a_count_beyond_counting_is_said_in_words() {
    let folder = tempfile::tempdir().unwrap();
    let page = folder.path().join("page.html");
    let page = page.to_str().unwrap();
    let wide = ["symbol-mainnet", "--max-cosignatories", "255", "--max-depth", "255"];
    let text = text(&validate(&[&wide[..], &["--html", page]].concat()));
    let answer = answer(&wide);
    let words = "more than can be counted";
    for field in ["visits", "visits_per_transaction"] {
        assert_eq!(answer["cost"][field], words);
    }
    assert_eq!(answer["cost"]["exact"], false);
    let page = std::fs::read_to_string(page).unwrap();
    for told in [&text, &answer.to_string(), &page] {
        let digits = told.replace([',', '\u{202f}', '\''], "");
        assert!(!digits.contains("18446744073709551615"), "{told}");
        assert!(told.contains(words), "{told}");
    }
}

/// A properties file is known by what it says, not by its name, and however an editor saves it.
#[test]
fn a_properties_file_is_read_under_any_name_and_with_a_byte_order_mark() {
    let folder = tempfile::tempdir().unwrap();
    let public = properties(25, 25);
    let symbol = public.replace("generationHashSeed = 00", "nemesisSignerPublicKey = 00");
    let public = symbol.replace("identifier = private", "identifier = public");
    let windows = format!("\u{feff}{}", public.replace('\n', "\r\n"));
    for (name, file) in [
        ("config.new", &public),
        ("config.txt", &public),
        ("config", &public),
        ("config.json", &public),
        ("config-network.properties", &windows),
    ] {
        let path = written(folder.path(), name, file);
        let output = quorate(&["protocols", &path]);
        let told = words(&output);
        assert!(told.contains("(rules: symbol)"), "{name}: {told}");
        assert!(
            told.contains("decided by `nemesisSignerPublicKey` in `[network]`"),
            "{name}: {told}"
        );
    }
    let utf16: Vec<u8> = windows.encode_utf16().flat_map(u16::to_le_bytes).collect();
    let path = folder.path().join("utf16.properties");
    std::fs::write(&path, utf16).unwrap();
    let output = quorate(&["protocols", path.to_str().unwrap()]);
    assert_eq!(output.status.code(), Some(2));
    let error = String::from_utf8(output.stderr).unwrap();
    assert!(error.contains("UTF-16 (little-endian); expected UTF-8"), "{error}");
    let neither = written(folder.path(), "neither", "hello\n");
    let error = String::from_utf8(quorate(&["protocols", &neither]).stderr).unwrap();
    assert!(error.contains("neither a protocol in JSON"), "{error}");
}

#[test]
fn the_server_of_a_properties_file_is_named_with_the_key_that_decided() {
    let folder = tempfile::tempdir().unwrap();
    let keys = "publicKey = 00\nepochAdjustment = 1573430400s";
    let text = properties(25, 25).replace("generationHashSeed = 00", keys);
    let path = written(folder.path(), "own", &text);
    let answer = answer(&[&path]);
    let notes = answer["configuration"].as_array().unwrap();
    let note = notes.iter().find(|note| note["name"] == "server").expect("a note");
    let said = note["text"].as_str().unwrap();
    assert!(said.starts_with("rules of `symbol`, bytes of era B2"), "{said}");
    assert!(said.contains("`epochAdjustment`"), "{said}");
    // The same file says which bytes it means.
    let payload = "00";
    let output = quorate(&["decode", "--protocol", &path, payload]);
    let error = String::from_utf8(output.stderr).unwrap();
    assert!(error.contains("bytes of era B2"), "{error}");
}

#[test]
fn all_hazards_or_new_ones_can_be_denied() {
    let folder = tempfile::tempdir().unwrap();
    let old = written(folder.path(), "old.properties", &properties(25, 4));
    let new = written(folder.path(), "new.properties", &properties(2, 10));
    let opened = answer(&[&old, "--against", &new]);
    let opened: Vec<&str> =
        opened["opened"].as_array().unwrap().iter().map(|one| one.as_str().unwrap()).collect();
    assert!(!opened.is_empty());
    let output = validate(&[&old, "--against", &new, "--deny", "new", "--format", "json"]);
    assert_eq!(output.status.code(), Some(1));
    let denied: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(denied["after"]["denied"], serde_json::json!(opened));
    // Nothing is new beside itself.
    let output = validate(&[&new, "--against", &new, "--deny", "new"]);
    assert_eq!(output.status.code(), Some(0), "{}", text(&output));
    let all = answer(&[&new, "--deny", "all"]);
    assert_eq!(all["denied"], serde_json::json!(reachable(&all)));
    let two = answer(&[&new, "--deny", "takeover,over-cap"]);
    assert_eq!(two["denied"], serde_json::json!(["over-cap", "takeover"]));
    for arguments in
        [&["--deny", "new"][..], &["--max-cost-growth", "2"], &["--deny", "all,nothing"]]
    {
        let output = validate(&[&[new.as_str()], arguments].concat());
        assert_eq!(output.status.code(), Some(2), "{arguments:?}");
    }
}

#[test]
fn a_cost_that_grows_too_much_fails() {
    let folder = tempfile::tempdir().unwrap();
    let old = written(folder.path(), "old.properties", &properties(25, 4));
    let new = written(folder.path(), "new.properties", &properties(25, 8));
    let sarif = folder.path().join("out.sarif");
    let sarif = sarif.to_str().unwrap();
    let output = validate(&[&old, "--against", &new, "--max-cost-growth", "1.5", "--sarif", sarif]);
    assert_eq!(output.status.code(), Some(1), "{}", text(&output));
    assert!(
        words(&output).contains("account visits of one transaction grow from"),
        "{}",
        text(&output)
    );
    assert!(words(&output).contains(" --max-cost-growth 1.5"), "{}", text(&output));
    let report: Value = serde_json::from_str(&std::fs::read_to_string(sarif).unwrap()).unwrap();
    assert_eq!(report["runs"][0]["results"][0]["ruleId"], "cost-growth");
    let output = validate(&[&old, "--against", &new, "--max-cost-growth", "1000000"]);
    assert_eq!(output.status.code(), Some(0), "{}", text(&output));
}

#[test]
fn a_denied_hazard_is_a_rule_that_points_at_the_line_of_its_limit() {
    let folder = tempfile::tempdir().unwrap();
    let properties = properties(2, 10);
    let config = written(folder.path(), "a.properties", &properties);
    let sarif = folder.path().join("out.sarif");
    let output = validate(&[&config, "--deny", "over-cap", "--sarif", sarif.to_str().unwrap()]);
    assert_eq!(output.status.code(), Some(1), "{}", text(&output));
    let report: Value = serde_json::from_str(&std::fs::read_to_string(sarif).unwrap()).unwrap();
    let run = &report["runs"][0];
    let rules = run["tool"]["driver"]["rules"].as_array().unwrap();
    let rule = rules.iter().find(|rule| rule["id"] == "over-cap").expect("a rule for the hazard");
    let meaning = "an account needs more signatures than one transaction may carry";
    assert_eq!(rule["shortDescription"]["text"], meaning);
    let result = &run["results"][0];
    assert_eq!(result["ruleId"], "over-cap");
    let line = result["locations"][0]["physicalLocation"]["region"]["startLine"].as_u64().unwrap();
    let line = properties.lines().nth(line as usize - 1).unwrap();
    assert!(line.starts_with("maxCos"), "{line}");
}

#[test]
fn the_last_line_before_the_command_says_what_to_change_and_what_expires_next() {
    let output = validate(&["nis1", "--deny", "takeover"]);
    let all = text(&output);
    let end = all.rsplit_once("\n\n").unwrap().1;
    let (verdict, command) = end.trim_end().rsplit_once('\n').unwrap();
    let denied = "FAIL: sound with hazards: takeover; a denied hazard is reachable; to change: takeover: \
                  n_of_n_removal_by_others true -> false";
    assert_eq!(verdict.replace('\n', " "), denied, "{all}");
    assert!(command.starts_with("reproduce: quorate validate nis1"), "{all}");
    let folder = tempfile::tempdir().unwrap();
    let accepted = r#"{"accepted":[{"hazard":"takeover","reason":"x","until":"2027-06-30"},
        {"hazard":"costly","reason":"never reachable here","until":"2026-12-24"}]}"#;
    let accepted = written(folder.path(), "accepted.json", accepted);
    let until = |day| validate(&["nis1", "--deny", "all", "--accept", &accepted, "--today", day]);
    let output = until("2026-12-01");
    assert_eq!(output.status.code(), Some(0), "{}", text(&output));
    let last = words(&output);
    let next =
        "PASS: sound with hazards: takeover; the next acceptance to expire: takeover on 2027-06-30";
    assert!(last.ends_with(next), "{last}");
    // The command comes to the same answer on any other day.
    let output = until("2027-07-01");
    assert_eq!(output.status.code(), Some(1), "{}", text(&output));
    let command = text(&output).trim_end().lines().last().unwrap().to_owned();
    assert!(command.contains(" --today 2027-07-01"), "{command}");
}
