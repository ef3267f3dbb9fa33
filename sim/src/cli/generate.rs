//! `quorate generate`: made scenarios of any size.

mod writer;

use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};

use clap::Subcommand;

use super::limits::Limits;
use super::output::{Reader, remark};
use super::progress::Progress;
use super::{Exit, Fatal};
use crate::workload::{Workload, WorkloadKind, WorkloadSettings};

use writer::ScenarioWriter;

/// Make a scenario of any size, its expectations filled in, so that it replays green.
///
/// It is written step by step; neither its making nor its replay takes more memory for more steps.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  quorate generate supply-chain --sensors 12 --days 30 --output chain.jsonl.gz
  quorate generate churn --accounts 100 --steps 10000000 --seed 7 | quorate apply --no-state
  quorate generate custody-tree --accounts 1000000 --output custody.jsonl
  quorate generate dao --members 40 --protocol nis1
  quorate generate worst-case --max-cosignatories 10 --max-depth 2

`quorate generate KIND --help` lists the options of each.")]
pub struct Arguments {
    #[command(subcommand)]
    kind: KindArguments,
}

#[derive(Debug, Subcommand)]
enum KindArguments {
    /// Sensors watch over shipments; the quality approval is released only when all is well
    #[command(after_help = "Examples:
  quorate generate supply-chain
  quorate generate supply-chain --sensors 12 --days 30 --warm 2 --output chain.jsonl.gz
  quorate generate supply-chain --protocol nis1 --sensors 25 --days 3")]
    SupplyChain {
        /// Number of sensors; more than one shipment can hold make several shipments
        #[arg(long, value_name = "N", default_value_t = 3)]
        sensors: u32,
        /// Number of days, 288 readings a sensor each
        #[arg(long, value_name = "N", default_value_t = 1)]
        days: u32,
        /// Number of readings that are too warm: their sensor does not sign that day's report
        #[arg(long, value_name = "N", default_value_t = 0)]
        warm: u32,
        #[command(flatten)]
        given: Given,
    },
    /// Vaults of departments of officers, two of three on every level
    #[command(after_help = "Examples:
  quorate generate custody-tree --accounts 1000 --steps 5000
  quorate generate custody-tree --accounts 1000000 --levels 3 --output custody.jsonl.gz")]
    CustodyTree {
        /// Number of accounts, filled up with whole trees
        #[arg(long, value_name = "N", default_value_t = 1_000)]
        accounts: u32,
        /// Levels of a tree; fewer where the protocol allows no more
        #[arg(long, value_name = "N", default_value_t = 2)]
        levels: u32,
        #[command(flatten)]
        length: Length,
        #[command(flatten)]
        given: Given,
    },
    /// A treasury whose members vote, come and go
    #[command(after_help = "Examples:
  quorate generate dao --members 40 --steps 5000
  quorate generate dao --protocol nis1 --output dao.json")]
    Dao {
        /// Number of accounts that are members or may become members
        #[arg(long, value_name = "N", default_value_t = 20)]
        members: u32,
        #[command(flatten)]
        length: Length,
        #[command(flatten)]
        given: Given,
    },
    /// The long random life of some accounts, refusals included
    #[command(after_help = "Examples:
  quorate generate churn --accounts 12 --steps 1000
  quorate generate churn --accounts 100 --steps 10000000 --output churn.jsonl")]
    Churn {
        /// Number of accounts
        #[arg(long, value_name = "N", default_value_t = 30)]
        accounts: u32,
        #[command(flatten)]
        length: Length,
        #[command(flatten)]
        given: Given,
    },
    /// Payments out of the deepest and widest structure that the limits allow
    #[command(after_help = "Examples:
  quorate generate worst-case --steps 100
  quorate generate worst-case --protocol catapult-v1 --max-depth 2")]
    WorstCase {
        #[command(flatten)]
        length: Length,
        #[command(flatten)]
        given: Given,
    },
}

/// How long it is.
#[derive(Debug, clap::Args)]
struct Length {
    /// Number of steps
    #[arg(long, value_name = "N", default_value_t = 1_000)]
    steps: u64,
}

/// What every kind takes.
#[derive(Debug, clap::Args)]
struct Given {
    /// A preset, a protocol file (.json) or a server's config-network.properties
    #[arg(long, value_name = "PROTOCOL", default_value = "symbol-mainnet")]
    protocol: String,
    /// Random seed
    #[arg(long, value_name = "NUMBER", default_value_t = 1)]
    seed: u64,
    /// The file (.json, .jsonl or .jsonl.gz); default: standard output
    #[arg(long, short, value_name = "FILE")]
    output: Option<PathBuf>,
    #[command(flatten)]
    limits: Limits,
}

impl KindArguments {
    fn plan(&self) -> (WorkloadKind, Option<u64>, &Given) {
        match *self {
            Self::SupplyChain { sensors, days, warm, ref given } => {
                let steps = (u64::from(sensors) + 1) * 288 * u64::from(days);
                (WorkloadKind::SupplyChain { sensors, days, warm }, Some(steps), given)
            }
            Self::CustodyTree { accounts, levels, ref length, ref given } => {
                let steps = length.steps;
                (WorkloadKind::CustodyTree { accounts, levels, steps }, Some(steps), given)
            }
            Self::Dao { members, ref length, ref given } => {
                (WorkloadKind::Dao { members, steps: length.steps }, Some(length.steps), given)
            }
            Self::Churn { accounts, ref length, ref given } => {
                (WorkloadKind::Churn { accounts, steps: length.steps }, Some(length.steps), given)
            }
            Self::WorstCase { ref length, ref given } => {
                (WorkloadKind::WorstCase { steps: length.steps }, Some(length.steps), given)
            }
        }
    }
}

/// Runs the command.
pub fn run(arguments: &Arguments) -> Result<Exit, Fatal> {
    let (kind, steps, given) = arguments.kind.plan();
    let protocol = given.limits.on(super::protocol::load(&given.protocol)?)?;
    let stop = super::interrupt::watch_reading();
    let plan = WorkloadSettings { protocol, seed: given.seed, kind };
    let workload = Workload::new(&plan).map_err(|unfit| Fatal(unfit.to_string()))?;
    let writer = ScenarioWriter::open(given.output.as_deref())?;
    write(workload, writer, steps, stop)
}

/// Writes the whole scenario. Whoever stops it finds no file, and on standard output whole lines.
fn write(
    mut workload: Workload,
    mut writer: ScenarioWriter,
    steps: Option<u64>,
    stop: &AtomicBool,
) -> Result<Exit, Fatal> {
    let mut progress = Progress::start(steps);
    let mut reader = writer.header(workload.header())?;
    while reader == Reader::Listens {
        if stop.load(Ordering::Relaxed) {
            writer.give_up()?;
            remark("stopped by Ctrl-C: incomplete");
            return Ok(Exit::Stopped);
        }
        let Some(record) = workload.next().map_err(|unfit| Fatal(unfit.to_string()))? else {
            return writer.end().map(|_| Exit::Good);
        };
        reader = writer.step(&record)?;
        progress.step();
    }
    Ok(Exit::Good)
}
