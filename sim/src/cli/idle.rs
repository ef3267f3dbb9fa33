//! Options that have no effect beside others: refused, for whoever gives one expects something of it.

use clap::ArgMatches;
use clap::parser::ValueSource;

use super::Fatal;
use crate::protocol::Limit;

/// What else is on the command line.
enum Beside {
    /// Anything.
    Always,
    /// This option.
    Given(&'static str),
    /// Neither of these options.
    Without(&'static [&'static str]),
    /// This option with this value.
    Value(&'static str, &'static str),
}

use Beside::{Always, Given, Value, Without};

/// Options of a command that have no effect there, and why.
struct Rule(&'static str, Beside, &'static [&'static str], &'static str);

const LIMITS: [&str; 5] = [
    Limit::Cosignatories.name(),
    Limit::Cosigned.name(),
    Limit::Depth.name(),
    Limit::Cosignatures.name(),
    Limit::Transactions.name(),
];

const RULES: &[Rule] = &[
    Rule(
        "analyze",
        Without(&["design"]),
        &["loss", "compromise", "probabilities", "plot"],
        "it belongs to `--design`; an account tree names its own `probabilities`",
    ),
    Rule(
        "analyze",
        Given("probabilities"),
        &["loss", "compromise"],
        "the file of `--probabilities` names those of every key",
    ),
    Rule(
        "analyze",
        Given("design"),
        &["time", "list", "save", "svg", "strict", "max_cosigned", "max_depth", "max_cosignatures"],
        "`--design` is about one account of plain keys",
    ),
    Rule("analyze", Given("against"), &["list", "save", "svg"], "`--against` shows changes only"),
    Rule(
        "analyze",
        Given("each_step"),
        &["list", "save", "svg"],
        "`--each-step` shows changes only",
    ),
    Rule(
        "analyze",
        Given("each_step"),
        &["protocol", LIMITS[0], LIMITS[1], LIMITS[2], LIMITS[3]],
        "the scenario is replayed under its own protocol",
    ),
    Rule(
        "analyze",
        Always,
        &["max_transactions"],
        "no answer depends on the number of transactions in an aggregate",
    ),
    Rule(
        "explore",
        Given("merge"),
        &[
            "protocol",
            "accounts",
            LIMITS[0],
            LIMITS[1],
            LIMITS[2],
            LIMITS[3],
            "find",
            "to_the_end",
            "jobs",
            "memory",
            "max_modifications",
            "names",
            "checkpoint",
            "shard",
            "timings",
        ],
        "the parts were searched already",
    ),
    Rule(
        "explore",
        Given("theorem"),
        &[
            "find",
            "deny",
            "to_the_end",
            "max_modifications",
            "names",
            "save",
            "checkpoint",
            "shard",
            "timings",
        ],
        "`--theorem` looks at every state and for no hazard",
    ),
    Rule(
        "explore",
        Given("sweep"),
        &["to_the_end", "names", "save", "checkpoint", "shard", "timings"],
        "`--sweep` searches each combination to the end and prints a table",
    ),
    Rule(
        "explore",
        Given("compare_fuzz"),
        &["find", "deny", "to_the_end", "names", "save", "checkpoint", "timings"],
        "`--compare-fuzz` counts states and looks for no hazard",
    ),
    Rule(
        "explore",
        Without(&["find", "deny"]),
        &["to_the_end"],
        "without `--find` or `--deny` every search goes to the end",
    ),
    Rule(
        "explore",
        Given("shard"),
        &["deny"],
        "one part decides nothing; give `--find` to each part and `--deny` to `--merge`",
    ),
    Rule(
        "explore",
        Always,
        &["max_transactions"],
        "the search makes no aggregates of several transactions",
    ),
    Rule("validate", Without(&["accept"]), &["today"], "only accepted hazards end on a day"),
    Rule("replay", Value("format", "json"), &["verbose", "trace"], "the JSON answer holds it all"),
    Rule("conform", Given("no_shrink"), &["save"], "only shrunk differences are saved"),
    Rule("faults", Without(&["matrix"]), &["jobs"], "a list needs no threads"),
];

/// Refuses the first option that has no effect.
///
/// # Errors
/// Names the option, and why it has none.
pub fn refuse(matches: &ArgMatches) -> Result<(), Fatal> {
    let Some((command, matches)) = matches.subcommand() else { return Ok(()) };
    let is_given = |id: &str| matches.value_source(id) == Some(ValueSource::CommandLine);
    let is_value = |id: &str, value: &str| {
        let mut given = matches.get_raw(id).into_iter().flatten();
        given.any(|one| one == value)
    };
    let flag = |id: &str| format!("`--{}`", id.replace('_', "-"));
    for Rule(_, beside, idle, why) in RULES.iter().filter(|rule| rule.0 == command) {
        let place = match beside {
            Always => String::new(),
            Given(id) if is_given(id) => format!(" beside {}", flag(id)),
            Without(ids) if !ids.iter().any(|id| is_given(id)) => {
                let ids: Vec<String> = ids.iter().map(|id| flag(id)).collect();
                format!(" without {}", ids.join(" or "))
            }
            Value(id, value) if is_value(id, value) => format!(" beside `--{id} {value}`"),
            _ => continue,
        };
        if let Some(id) = idle.iter().find(|id| is_given(id)) {
            return Err(Fatal(format!("{} has no effect{place}: {why}", flag(id))));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A command line that the definition takes, refused or not.
    fn refused(line: &str) -> Option<String> {
        let matches = super::super::definition()
            .try_get_matches_from(line.split(' '))
            .unwrap_or_else(|error| panic!("{line}: {error}"));
        refuse(&matches).err().map(|error| error.to_string())
    }

    #[test]
    fn every_rule_names_a_command_and_options_that_there_are() {
        let definition = super::super::definition();
        for Rule(command, beside, idle, why) in RULES {
            let command = definition.find_subcommand(command).expect(why);
            let known = |id: &str| command.get_arguments().any(|one| one.get_id() == id);
            let others: &[&str] = match beside {
                Always => &[],
                Given(id) | Value(id, _) => &[id],
                Without(ids) => ids,
            };
            for id in others.iter().chain(*idle) {
                assert!(known(id), "{} {id}", command.get_name());
            }
        }
    }

    #[test]
    fn an_option_without_effect_is_refused_by_its_name() {
        let found = refused("quorate analyze x.json --loss 0.2").unwrap();
        assert!(found.starts_with("`--loss` has no effect without `--design`: "), "{found}");
        let found = refused("quorate explore --merge a.json --names a,b").unwrap();
        assert!(found.starts_with("`--names` has no effect beside `--merge`: "), "{found}");
        let found = refused("quorate replay x.json --trace --format json").unwrap();
        assert!(found.starts_with("`--trace` has no effect beside `--format json`"), "{found}");
        assert!(refused("quorate analyze x.json --max-transactions 3").is_some());
        assert_eq!(refused("quorate analyze x.json --list 3"), None);
        assert_eq!(refused("quorate analyze --design 3 --loss 0.2 --plot x.svg"), None);
        assert_eq!(refused("quorate explore --deny takeover --to-the-end"), None);
        assert_eq!(refused("quorate validate --accept x.json --today 2027-01-01"), None);
    }
}
