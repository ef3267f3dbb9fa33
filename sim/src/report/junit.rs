//! JUnit XML, which every CI server reads: a suite for each run, a test case for each scenario.

use quick_junit::{NonSuccessKind, Property, TestCase, TestCaseStatus, TestSuite};

use super::markup::valid_xml;
use super::{Failure, Report, Scenario};

/// The report as JUnit XML.
///
/// # Errors
/// Only what the XML writer reports.
pub fn document(report: &Report) -> Result<String, quick_junit::SerializeError> {
    let mut junit = quick_junit::Report::new(format!("quorate {}", report.command));
    for run in &report.runs {
        let mut suite = TestSuite::new(run.peer.as_deref().unwrap_or(&report.command));
        suite.add_property(Property::new("quorate", env!("CARGO_PKG_VERSION")));
        for protocol in report.protocols() {
            suite.add_property(Property::new(
                format!("protocol {}", protocol.name),
                protocol.digest.as_str(),
            ));
        }
        for scenario in &run.scenarios {
            suite.add_test_case(test_case(scenario));
        }
        junit.add_test_suite(suite);
    }
    junit.to_string().map(valid_xml)
}

fn test_case(scenario: &Scenario) -> TestCase {
    let mut case = TestCase::new(scenario.path.as_str(), status(scenario));
    if !scenario.name.is_empty() {
        case.set_classname(scenario.name.as_str());
    }
    case
}

fn status(scenario: &Scenario) -> TestCaseStatus {
    let Some(first) = scenario.findings().next() else { return TestCaseStatus::success() };
    let kind = match scenario.error {
        Some(_) => NonSuccessKind::Error,
        None => NonSuccessKind::Failure,
    };
    let mut status = TestCaseStatus::non_success(kind);
    status.set_message(format!("{}: `{}`", scenario.place(first), first.about));
    status.set_type(first.about.as_str());
    let all: Vec<String> = scenario.findings().map(|failure| text(scenario, failure)).collect();
    status.set_description(all.join("\n"));
    status
}

fn text(scenario: &Scenario, failure: &Failure) -> String {
    let Failure { about, expected, found, detail, .. } = failure;
    let place = scenario.place(failure);
    let reason = failure.reason.as_ref();
    let reason = reason.map_or_else(String::new, |one| format!("  reason:   {}\n", one.text));
    format!("{place}: `{about}`\n  expected: {expected}\n  found:    {found}\n{reason}{detail}")
}

#[cfg(test)]
mod tests {
    use super::super::tests::sample;
    use super::*;

    #[test]
    fn a_case_for_every_scenario() {
        let text = document(&sample()).unwrap();
        assert!(
            text.contains("tests=\"3\" skipped=\"0\" errors=\"1\" failures=\"1\"")
                || text.contains("tests=\"3\""),
            "{text}"
        );
        assert!(text.contains("message=\"b.json:14: step 3: `result`\""), "{text}");
        assert!(text.contains("&lt;&amp;&gt;"), "{text}");
        assert!(!text.contains("timestamp"), "{text}");
    }
}
