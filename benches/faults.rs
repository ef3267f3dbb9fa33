//! The time from the first choice of a campaign, at its default settings, to the first objection
//! against each seeded fault.
#![allow(missing_docs, reason = "criterion's macro makes an undocumented function")]

use std::time::Duration;

use criterion::{Criterion, criterion_group, criterion_main};
use quorate::campaign::{CampaignPlan, Progress, campaign};
use quorate::fault::Fault;
use quorate::protocol::Protocol;

/// The settings of `quorate fuzz --fault NAME --jobs 1`.
fn plan(fault: &'static Fault) -> Option<CampaignPlan> {
    let protocol = Protocol::preset(fault.protocols.first()?)?;
    Some(CampaignPlan { fault: Some(fault), ..CampaignPlan::new(protocol) })
}

fn catching(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("faults");
    group.sample_size(10);
    group.warm_up_time(Duration::from_millis(50));
    group.measurement_time(Duration::from_millis(200));
    for fault in Fault::all() {
        let Some(plan) = plan(fault) else { continue };
        group.bench_function(fault.name, |bencher| {
            bencher.iter(|| {
                let report = campaign(&plan, &Progress::default(), |_| ());
                assert!(!report.findings.is_empty());
            });
        });
    }
    group.finish();
}

criterion_group!(benches, catching);
criterion_main!(benches);
