use super::*;

fn plan(protocol: &str, seed: u64) -> Plan {
    Plan {
        protocol: Protocol::preset(protocol).unwrap(),
        fault: None,
        seed,
        runs: 200,
        steps: 400,
        audited: true,
        keep_going: false,
        jobs: 1,
    }
}

#[test]
fn healthy_ledgers_have_no_finding() {
    for (protocol, _) in crate::protocol::PRESETS {
        let report = campaign(&plan(protocol, 1), &Progress::default(), |_| ());
        let found: Vec<_> =
            report.findings.iter().map(|one| (one.run, one.step, &one.failure)).collect();
        assert!(found.is_empty(), "{protocol}: {found:#?}");
    }
}
