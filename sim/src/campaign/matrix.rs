//! Which check catches which fault.

use super::{AUDITOR, Plan, Progress, campaign};
use crate::fault::Fault;
use crate::protocol::Protocol;

/// One fault and the checks that objected to it.
#[derive(Clone, Debug)]
pub struct Row {
    /// The fault.
    pub fault: &'static Fault,
    /// The preset it was seeded in.
    pub protocol: &'static str,
    /// The invariants, and `auditor`, in the order in which they objected first.
    pub caught_by: Vec<&'static str>,
    /// Steps taken up to the first objection.
    pub steps_to_first: Option<u64>,
}

impl Row {
    /// Whether no invariant objected, and the auditor did.
    #[must_use]
    pub fn auditor_only(&self) -> bool {
        self.caught_by == [AUDITOR]
    }
}

/// Which check has teeth.
#[derive(Clone, Debug, Default)]
pub struct Matrix {
    /// A row for each fault.
    pub rows: Vec<Row>,
}

/// Steps of each run of the matrix.
const STEPS: u32 = 400;

/// Seeds each fault in its first protocol and notes every check that objects in so many runs.
#[must_use]
pub fn matrix(faults: &[&'static Fault], seed: u64, runs: u64, jobs: usize) -> Matrix {
    let row = |&fault: &&'static Fault| {
        let protocol = fault.protocols.first().copied()?;
        let plan = Plan {
            protocol: Protocol::preset(protocol)?,
            fault: Some(fault),
            seed,
            runs,
            steps: STEPS,
            audited: true,
            keep_going: true,
            jobs,
        };
        let report = campaign(&plan, &Progress::default(), |_| ());
        let (caught_by, steps_to_first) = (report.caught_by, report.steps_to_first);
        Some(Row { fault, protocol, caught_by, steps_to_first })
    };
    Matrix { rows: faults.iter().filter_map(row).collect() }
}
