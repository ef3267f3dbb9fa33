//! Reading what the benchmarks left behind.

use std::path::{Path, PathBuf};

use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::{Measure, Work};

/// Why a run cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum BenchmarkError {
    /// The system refuses to read a file or folder.
    #[error("{path}: cannot read: {cause}")]
    Unreadable {
        /// Where.
        path: String,
        /// What the system says.
        cause: std::io::Error,
    },
    /// A file is not what criterion, or a benchmark here, writes.
    #[error("{path}: {cause}")]
    Malformed {
        /// Which file.
        path: String,
        /// What is wrong, with line and column.
        cause: serde_json::Error,
    },
    /// There is nothing to report.
    #[error("{0}: no measurement found; expected what `cargo bench -p quorate-bench` writes")]
    Empty(String),
}

/// A larger file is none of criterion's.
const FILE_BYTES_MAX: u64 = 1 << 20;

/// Folders below the top one; criterion's own depth is 4.
const DEPTH_MAX: usize = 6;

#[derive(Deserialize)]
struct Benchmark {
    group_id: String,
    function_id: Option<String>,
    value_str: Option<String>,
    throughput: Option<Value>,
}

#[derive(Deserialize)]
struct Estimates {
    median: Estimate,
}

#[derive(Deserialize)]
struct Estimate {
    confidence_interval: Interval,
    point_estimate: f64,
}

#[derive(Deserialize)]
struct Interval {
    lower_bound: f64,
    upper_bound: f64,
}

/// All measurements below a folder that criterion wrote, and those in `once.json` among the figures beside it.
///
/// # Errors
/// A folder or file that cannot be read, a measurement without a time, and a folder without any measurement.
pub fn measures(folder: &Path) -> Result<Vec<Measure>, BenchmarkError> {
    let mut found = Vec::new();
    collect(folder, 0, &mut found)?;
    if found.is_empty() {
        return Err(BenchmarkError::Empty(folder.display().to_string()));
    }
    found.extend(figures::<Measure>(folder, "once.json")?);
    found.sort_by(|one, other| order(one).cmp(&order(other)));
    Ok(found)
}

/// By group, then by what stands before the first number, then numbers as numbers, then by name.
fn order(measure: &Measure) -> (&str, &str, u64, &str) {
    let name = measure.name.as_str();
    let at = name.find(|letter: char| letter.is_ascii_digit()).unwrap_or(name.len());
    let (before, rest) = name.split_at_checked(at).unwrap_or((name, ""));
    let digits = rest.split(|letter: char| !letter.is_ascii_digit()).next().unwrap_or("");
    (&measure.group, before, digits.parse().unwrap_or(0), name)
}

fn collect(folder: &Path, depth: usize, found: &mut Vec<Measure>) -> Result<(), BenchmarkError> {
    for path in entries(folder)? {
        if !path.is_dir() || depth >= DEPTH_MAX {
            continue;
        }
        let (benchmark, estimates) = (path.join("benchmark.json"), path.join("estimates.json"));
        if path.ends_with("new") && benchmark.is_file() && estimates.is_file() {
            found.push(measure(parsed(&benchmark)?, &parsed(&estimates)?));
        } else {
            collect(&path, depth + 1, found)?;
        }
    }
    Ok(())
}

fn entries(folder: &Path) -> Result<Vec<PathBuf>, BenchmarkError> {
    let unreadable =
        |cause| BenchmarkError::Unreadable { path: folder.display().to_string(), cause };
    let entries = std::fs::read_dir(folder).map_err(unreadable)?;
    let mut paths: Vec<PathBuf> = entries.filter_map(|entry| Some(entry.ok()?.path())).collect();
    paths.sort();
    Ok(paths)
}

fn measure(benchmark: Benchmark, estimates: &Estimates) -> Measure {
    let parts = [benchmark.function_id, benchmark.value_str].into_iter().flatten();
    let Estimate { confidence_interval, point_estimate } = &estimates.median;
    Measure {
        group: benchmark.group_id,
        name: parts.collect::<Vec<_>>().join(", "),
        nanoseconds: *point_estimate,
        low: confidence_interval.lower_bound,
        high: confidence_interval.upper_bound,
        work: work(benchmark.throughput.as_ref()),
    }
}

/// The amount that criterion was given; its other units are taken as rounds.
fn work(throughput: Option<&Value>) -> Work {
    let amount = |unit: &str| throughput?.get(unit)?.as_u64();
    match (amount("Elements"), amount("Bytes").or_else(|| amount("BytesDecimal"))) {
        (Some(count), _) => Work::Elements(count),
        (None, Some(count)) => Work::Bytes(count),
        (None, None) => Work::Once,
    }
}

/// What a benchmark that is not criterion's left in `figures`, beside criterion's folder; nothing if there is no such file.
///
/// # Errors
/// A file that cannot be read or holds something else.
pub fn figures<T: DeserializeOwned>(folder: &Path, name: &str) -> Result<Vec<T>, BenchmarkError> {
    let path = folder.with_file_name("figures").join(name);
    if path.exists() { parsed(&path) } else { Ok(Vec::new()) }
}

fn parsed<T: DeserializeOwned>(path: &Path) -> Result<T, BenchmarkError> {
    let place = || path.display().to_string();
    let unreadable = |cause| BenchmarkError::Unreadable { path: place(), cause };
    let size = std::fs::metadata(path).map_err(unreadable)?.len();
    if size > FILE_BYTES_MAX {
        let cause = format!("{size} bytes; expected {FILE_BYTES_MAX} at most");
        return Err(unreadable(std::io::Error::other(cause)));
    }
    let text = std::fs::read_to_string(path).map_err(unreadable)?;
    serde_json::from_str(&text).map_err(|cause| BenchmarkError::Malformed { path: place(), cause })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(folder: &Path, at: &str, benchmark: &str, median: f64) {
        let folder = folder.join(at).join("new");
        std::fs::create_dir_all(&folder).unwrap();
        std::fs::write(folder.join("benchmark.json"), benchmark).unwrap();
        let (low, high) = (median - 1.0, median + 1.0);
        let estimate = format!(
            "{{\"median\":{{\"confidence_interval\":{{\"confidence_level\":0.95,\
             \"lower_bound\":{low},\"upper_bound\":{high}}},\"point_estimate\":{median},\
             \"standard_error\":0.1}},\"mean\":null}}"
        );
        std::fs::write(folder.join("estimates.json"), estimate).unwrap();
    }

    fn benchmark(group: &str, value: &str, throughput: &str) -> String {
        format!(
            "{{\"group_id\":\"{group}\",\"function_id\":null,\"value_str\":\"{value}\",\
             \"throughput\":{throughput},\"full_id\":\"\",\"directory_name\":\"\",\"title\":\"\"}}"
        )
    }

    #[test]
    fn what_criterion_wrote_is_found_and_numbers_are_in_order() {
        let folder = tempfile::tempdir().unwrap();
        let of = |value: &str| benchmark("ledger/modifications", value, "{\"Elements\":20}");
        written(folder.path(), "ledger_modifications/1000", &of("1000"), 9.0);
        written(folder.path(), "ledger_modifications/16", &of("16"), 8.0);
        written(folder.path(), "wire/C", &benchmark("wire", "C", "{\"Bytes\":5}"), 7.0);
        let measures = measures(folder.path()).unwrap();
        let names: Vec<&str> = measures.iter().map(|one| one.name.as_str()).collect();
        assert_eq!(names, ["16", "1000", "C"]);
        assert_eq!(measures[0].work, Work::Elements(20));
        assert_eq!((measures[0].low, measures[0].nanoseconds, measures[0].high), (7.0, 8.0, 9.0));
        assert_eq!(measures[2].work, Work::Bytes(5));
    }

    #[test]
    fn what_was_measured_once_stands_among_the_others() {
        let target = tempfile::tempdir().unwrap();
        let folder = target.path().join("criterion");
        let of = |value: &str| benchmark("explore/9", value, "{\"Elements\":20}");
        written(&folder, "explore_9/jobs 2", &of("jobs 2"), 9.0);
        std::fs::create_dir(target.path().join("figures")).unwrap();
        let once = r#"[{"group":"explore/9","name":"jobs 1","nanoseconds":5.0,"low":5.0,"high":5.0,"work":"once"}]"#;
        std::fs::write(target.path().join("figures/once.json"), once).unwrap();
        let measures = measures(&folder).unwrap();
        let names: Vec<&str> = measures.iter().map(|one| one.name.as_str()).collect();
        assert_eq!(names, ["jobs 1", "jobs 2"]);
    }

    #[test]
    fn a_folder_without_measurements_says_what_writes_them() {
        let folder = tempfile::tempdir().unwrap();
        let error = measures(folder.path()).unwrap_err().to_string();
        assert!(error.contains("cargo bench"), "{error}");
        let missing = measures(&folder.path().join("none")).unwrap_err().to_string();
        assert!(missing.contains("cannot read"), "{missing}");
    }

    #[test]
    fn a_broken_file_is_named_with_its_line() {
        let folder = tempfile::tempdir().unwrap();
        written(folder.path(), "a", "{\n  \"group_id\": 3", 1.0);
        let error = measures(folder.path()).unwrap_err().to_string();
        assert!(error.contains("benchmark.json") && error.contains("line 2"), "{error}");
    }
}
