use super::*;
use crate::scenario::{Layout, open_reader, source};

fn kinds() -> [WorkloadKind; 6] {
    [
        WorkloadKind::SupplyChain { sensors: 4, days: 2, warm: 0 },
        WorkloadKind::SupplyChain { sensors: 19, days: 1, warm: 3 },
        WorkloadKind::CustodyTree { accounts: 120, levels: 3, steps: 400 },
        WorkloadKind::Dao { members: 40, steps: 600 },
        WorkloadKind::Churn { accounts: 30, steps: 500 },
        WorkloadKind::WorstCase { steps: 3 },
    ]
}

/// The whole scenario as lines, and how often each result comes.
fn told(protocol: &str, kind: WorkloadKind) -> (Vec<u8>, std::collections::BTreeMap<String, u32>) {
    let plan = WorkloadSettings { protocol: Protocol::preset(protocol).unwrap(), seed: 3, kind };
    let mut workload = Workload::new(&plan).unwrap();
    let mut text = serde_json::to_vec(&write::header(workload.header())).unwrap();
    let mut results = std::collections::BTreeMap::new();
    while let Some(record) = workload.next().unwrap() {
        text.push(b'\n');
        serde_json::to_writer(&mut text, &record).unwrap();
        if let Some(result) = &record.result {
            *results.entry(result.0.to_string()).or_insert(0) += 1;
        }
    }
    (text, results)
}

#[test]
fn every_kind_replays_green_under_every_protocol() {
    for (protocol, _) in crate::protocol::PRESETS {
        for kind in kinds() {
            let (text, results) = told(protocol, kind);
            let reader = source(std::io::Cursor::new(text));
            let (header, mut steps) = open_reader(kind.name(), reader, Layout::Lines).unwrap();
            let outcome = crate::replay::replay(header, &mut steps, Options::default()).unwrap();
            assert_eq!(outcome.failures, [], "{kind:?} under {protocol}");
            let count = |name| results.get(name).copied().unwrap_or(0);
            let good = count("Success") + count("Pending");
            assert!(u64::from(good) * 4 > outcome.steps, "{kind:?} under {protocol}: {results:?}");
        }
    }
}

#[test]
fn a_seed_tells_the_same_again_and_another_one_something_else() {
    let kind = WorkloadKind::Churn { accounts: 12, steps: 100 };
    let plan = |seed| WorkloadSettings { protocol: Protocol::preset("nis1").unwrap(), seed, kind };
    let told = |seed| {
        let mut workload = Workload::new(&plan(seed)).unwrap();
        let mut lines = Vec::new();
        while let Some(record) = workload.next().unwrap() {
            lines.push(serde_json::to_string(&record).unwrap());
        }
        lines
    };
    assert_eq!(told(1), told(1));
    assert_ne!(told(1), told(2));
}

#[test]
fn one_warm_reading_withholds_the_approval() {
    for protocol in ["symbol-mainnet", "nis1"] {
        let end = |warm| {
            let (text, results) =
                told(protocol, WorkloadKind::SupplyChain { sensors: 3, days: 1, warm });
            let text = String::from_utf8(text).unwrap();
            let last = text.lines().last().unwrap().to_owned();
            (last.contains("\"pharmacy\":{\"quality-approval\":1}"), results.len())
        };
        assert_eq!(end(0), (true, 1), "{protocol}");
        assert!(!end(1).0, "{protocol}");
        assert!(end(1).1 > 1, "{protocol}");
    }
}

#[test]
fn what_does_not_fit_is_said() {
    let refused = |kind, change: fn(&mut Protocol)| {
        let mut protocol = Protocol::preset("symbol-mainnet").unwrap();
        change(&mut protocol);
        Workload::new(&WorkloadSettings { protocol, seed: 1, kind }).err().unwrap().to_string()
    };
    let flat = |protocol: &mut Protocol| protocol.limits.max_multisig_depth = 0;
    for kind in kinds().into_iter().filter(|kind| !matches!(kind, WorkloadKind::Churn { .. })) {
        let error = refused(kind, flat);
        assert!(error.starts_with(&format!("`{}` under `symbol-mainnet`: found", kind.name())));
        assert!(error.contains("expected"), "{error}");
    }
    let few = refused(WorkloadKind::Churn { accounts: 3, steps: 1 }, |_| ());
    assert!(few.contains("found 3 accounts, expected at least 4"), "{few}");
    let warm = WorkloadKind::SupplyChain { sensors: 1, days: 1, warm: 145 };
    assert!(refused(warm, |_| ()).contains("expected at most 144"));
}

#[test]
fn the_worst_case_is_as_wide_and_deep_as_the_limits() {
    let plan = WorkloadSettings {
        protocol: Protocol::preset("symbol-mainnet").unwrap(),
        seed: 1,
        kind: WorkloadKind::WorstCase { steps: 2 },
    };
    let workload = Workload::new(&plan).unwrap();
    let header = workload.header();
    assert_eq!(header.names.accounts.len(), 100);
    assert!(header.description.contains("15,625 ways"), "{}", header.description);
    let full = |entry: &Entry| entry.cosignatories.len() == 25 && entry.minima.approval == 25;
    assert!(header.genesis.entries.iter().all(full));
}
