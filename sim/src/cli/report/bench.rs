//! `quorate report --bench`: what the benchmarks measured on this machine.

use std::path::{Path, PathBuf};

use crate::cli::Fatal;
use crate::report::benchmark::{FORMAT, Machine, Run, figures, measures, page};
use crate::report::file;
use crate::report::sheet::Sheet;

/// What to tell of benchmarks.
#[derive(Debug, clap::Args)]
pub struct Bench {
    /// Report what `cargo bench -p quorate-bench` measured; default: target/criterion
    #[arg(
        long,
        value_name = "FOLDER",
        num_args = 0..=1,
        require_equals = true,
        default_missing_value = "target/criterion"
    )]
    bench: Option<PathBuf>,
    /// With --bench: write the run as JSON, to compare with later
    #[arg(long, value_name = "FILE", requires = "bench")]
    save: Option<PathBuf>,
    /// A run saved earlier: what got slower since is marked
    #[arg(long, value_name = "FILE")]
    against: Option<PathBuf>,
}

impl Bench {
    /// Refuses an earlier run where there is none to compare with it.
    ///
    /// # Errors
    /// `--against` without `--bench` and without a saved run among the results.
    pub fn refuse_idle(&self, is_run: bool) -> Result<(), Fatal> {
        match self.against.is_some() && self.bench.is_none() && !is_run {
            false => Ok(()),
            true => Err(Fatal(
                "`--against` has no effect: no run of the benchmarks to compare; expected `--bench` \
                 or a saved run"
                    .into(),
            )),
        }
    }

    /// The page of the run that was just measured, if it is asked for.
    ///
    /// # Errors
    /// A folder without measurements, an earlier run that cannot be read, a file that cannot be written.
    pub fn sheet(&self) -> Result<Option<Sheet>, Fatal> {
        let Some(folder) = &self.bench else { return Ok(None) };
        let measured = measured(folder)?;
        if let Some(path) = &self.save {
            let text = serde_json::to_string_pretty(&measured)
                .map_err(|error| super::unwritable(path, &error))?;
            file::save(path, &format!("{text}\n"))
                .map_err(|error| super::unwritable(path, &error))?;
        }
        self.told(&measured).map(Some)
    }

    /// The page of a run, beside the earlier one if there is one.
    ///
    /// # Errors
    /// An earlier run that cannot be read.
    pub fn told(&self, run: &Run) -> Result<Sheet, Fatal> {
        let earlier = self.against.as_deref().map(saved).transpose()?;
        Ok(page(run, earlier.as_ref()))
    }
}

fn measured(folder: &Path) -> Result<Run, Fatal> {
    let fatal = |error| Fatal(format!("{error}"));
    let run = Run {
        format: FORMAT.to_owned(),
        version: env!("CARGO_PKG_VERSION").to_owned(),
        machine: machine(),
        measures: measures(folder).map_err(fatal)?,
        memory: figures(folder, "memory.json").map_err(fatal)?,
        allocations: figures(folder, "allocations.json").map_err(fatal)?,
        yardsticks: figures(folder, "yardsticks.json").map_err(fatal)?,
    };
    let wrong = |what| Fatal(format!("{}: {what}", folder.with_file_name("figures").display()));
    run.check().map_err(wrong)?;
    Ok(run)
}

/// A run that was saved.
fn saved(path: &Path) -> Result<Run, Fatal> {
    let name = path.display();
    let text = crate::cli::input::text(path, crate::cli::input::LARGE_BYTES_MAX)?;
    Run::parse(&text).map_err(|error| {
        Fatal(format!("{name}: {error}; expected what `quorate report --bench --save FILE` writes"))
    })
}

/// This machine, as far as it tells.
fn machine() -> Machine {
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let system = format!("{}, {}", std::env::consts::OS, std::env::consts::ARCH);
    let told = std::fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let named = told.lines().find_map(|line| line.strip_prefix("model name")?.split_once(':'));
    let processor = named.map_or("unknown", |(_, name)| name.trim()).to_owned();
    Machine { processor, cores, system }
}
