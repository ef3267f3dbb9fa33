//! What answers say in words, where a reader would take fewer words for something else.

use std::path::Path;
use std::process::Command;

use serde_json::Value;

/// The exit code, and what was printed however its lines are wrapped: the answer, then standard error.
fn said(line: &str) -> (i32, String, String) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_quorate"));
    let words = shlex::split(line).unwrap();
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let output = command.args(words).current_dir(root).output().unwrap();
    let text = |bytes: Vec<u8>| {
        let text = String::from_utf8(bytes).unwrap();
        text.split_whitespace().collect::<Vec<_>>().join(" ")
    };
    (output.status.code().unwrap(), text(output.stdout), text(output.stderr))
}

/// The answer of a command that ends with this exit code; each of these texts stands in it.
fn says(line: &str, exit: i32, texts: &[&str]) -> String {
    let (code, answer, errors) = said(line);
    assert_eq!(code, exit, "{line}\n{answer}\n{errors}");
    for text in texts {
        assert!(answer.contains(text), "{line}: {text}\n{answer}");
    }
    answer
}

#[test]
fn losses_that_are_survived_in_any_case_stand_beside_those_at_best() {
    let treasury = "analyze sim/examples/board.json --account treasury";
    let rows = ["survives in any case 1 of 5 3 of 5", "survives at best 2 of 5 4 of 5"];
    says(treasury, 0, &rows);
}

#[test]
fn a_hazard_that_was_looked_for_and_not_reached_is_named_in_each_row_of_a_sweep() {
    let sweep = "explore --accounts 3 --sweep max-cosignatories=1-2";
    says(&format!("{sweep} --find locked-alive"), 0, &["locked-alive not reachable"]);
    let cut = format!("{sweep} --find locked-alive --max-modifications 1");
    says(&cut, 0, &["locked-alive not found so far (not complete)"]);
    assert!(!says(sweep, 0, &[]).contains("locked-alive"));
    let (_, json, _) = said(&format!("{sweep} --find locked-alive --format json"));
    let json: Value = serde_json::from_str(&json).unwrap();
    assert_eq!(json["asked"], serde_json::json!(["locked-alive"]));
}

#[test]
fn what_is_denied_and_not_excluded_is_the_verdict() {
    let denied = "denied: takeover reachable in 1 modification";
    says("explore --accounts 3 --deny takeover", 1, &[denied]);
    let open = "denied and undecided: locked-alive; not all states were seen";
    says("explore --accounts 3 --deny locked-alive --max-modifications 1", 1, &[open]);
    let sweep = "explore --accounts 3 --sweep max-cosignatories=1-2";
    let denied = "denied: takeover reachable under 1 of 2 combinations";
    says(&format!("{sweep} --deny takeover"), 1, &[denied]);
    let open = "denied: locked-alive undecided under 2 of 2 combinations";
    says(&format!("{sweep} --deny locked-alive --max-modifications 1"), 1, &[open]);
}

#[test]
fn a_count_of_a_search_that_was_cut_short_is_said_to_be_one() {
    let words = ["states up to renaming, looked at so far", "out of them, looked at so far 0"];
    says("explore --accounts 4 --max-modifications 0", 0, &words);
    assert!(!says("explore --accounts 3", 0, &[]).contains("so far"));
}

#[test]
fn a_list_of_results_is_that_of_the_protocol() {
    let count = |line: &str| -> usize {
        let (code, json, errors) = said(&format!("{line} --format json"));
        assert_eq!(code, 0, "{errors}");
        let json: Value = serde_json::from_str(&json).unwrap();
        json["codes"].as_array().unwrap().len()
    };
    let of = |name: &str| count(&format!("explain --list --protocol {name}"));
    let all = count("explain --list");
    assert!(of("nis1") < all && of("symbol-mainnet") < all, "{all}");
    assert!(of("nis1") + of("symbol-mainnet") >= 30);
    let own = says("explain --list --protocol nis1", 0, &["FAILURE_MULTISIG_INVALID_COSIGNERS"]);
    assert!(!own.contains("Failure_Multisig"), "names of other protocols: {own}");
    says("explain --list --protocol nope", 2, &[]);
}

#[test]
fn a_fault_that_nothing_caught_was_caught_after_no_number_of_steps() {
    let runs = ["with 1 run each", "not caught -", "each fault 1 run", "seed 1"];
    says("faults --matrix --runs 1", 0, &runs);
}

#[test]
fn nothing_is_checked_with_no_run_no_step_and_no_thread() {
    for line in [
        "fuzz --runs 0",
        "fuzz --steps 0",
        "fuzz --jobs 0",
        "validate --runs 0",
        "validate --jobs 0",
        "faults --matrix --runs 0",
        "explore --jobs 0",
        "explore --compare-fuzz 0",
        "explore --compare-fuzz 1 --steps 0",
    ] {
        let (code, _, errors) = said(line);
        assert!(code == 2 && errors.contains("expected at least 1"), "{line}: {errors}");
    }
}

#[test]
fn each_protocol_is_spoken_of_in_its_own_words_and_large_numbers_alike() {
    let rest = "--runs 1 --work 100 --html /dev/null";
    let words = ["no legal multisig transaction asks for more than 33 account visits"];
    let nis1 = says(&format!("validate nis1 {rest}"), 0, &words);
    assert!(!nis1.contains("aggregate"), "{nis1}");
    let symbol = format!("validate symbol-mainnet {rest} --max-visits 1000");
    let symbol = says(&symbol, 0, &["1,692,700 account visits, more than 1,000"]);
    assert!(!symbol.contains("1692700") && !symbol.contains("16276"), "{symbol}");
}

#[test]
fn a_limit_names_its_own_source() {
    says(
        "protocols nis1",
        0,
        &["max_rollback_blocks 360 NIS1 0.6.102: `nis.blockChainRewriteLimit`"],
    );
}

#[test]
fn a_probability_names_the_time_it_is_of() {
    let of_a_year = ["probability of lockout in 1 year", "probability of theft in 1 year"];
    says("analyze sim/examples/board.json --account treasury --period 1y", 0, &of_a_year);
    let fact = ["period of the probabilities 2 weeks"];
    says("analyze --design 3 --loss 0.05 --compromise 0.01 --period 2w", 0, &fact);
}

#[test]
fn what_fails_ends_with_the_command_that_comes_to_it_again() {
    for line in [
        "explore --accounts 3 --deny takeover",
        "analyze sim/examples/committee.json --want 'survive=3,resist=3'",
        "plan sim/examples/board.json sim/examples/board-new.json --lost 'ada,ben,cai,dora,vault'",
        "diff sim/tests/cmd/broken.json scenarios/household/symbol.json",
    ] {
        let (code, _, errors) = said(line);
        let last = format!("reproduce: quorate {line}");
        assert!(code == 1 && errors.ends_with(&last), "{line}: {code}: {errors}");
    }
}

#[test]
fn a_made_scenario_names_the_members_it_has_and_one_of_a_thing_is_one() {
    let dao = "generate dao --members 9999 --steps 1";
    says(dao, 0, &["A treasury and its 19 members", "1 step drawn"]);
    let chain = "generate supply-chain --sensors 1 --days 1 --warm 0";
    says(chain, 0, &["A cold chain over 1 day", "1 shipment, 1 sensor,"]);
}
