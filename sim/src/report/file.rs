//! Writing a report: to a file beside it first, then in its place, so that a reader never sees half.

use std::fs;
use std::io;
use std::path::Path;

/// Writes `text` to a temporary file in the same folder and renames it.
///
/// # Errors
/// What the system says: no such folder, no permission, no space. The temporary file is removed.
pub fn save(path: &Path, text: &str) -> io::Result<()> {
    let name = path.file_name().ok_or_else(|| {
        io::Error::new(io::ErrorKind::InvalidInput, "expected the name of a file")
    })?;
    let mut beside = std::ffi::OsString::from(".");
    beside.push(name);
    beside.push(format!(".{}", std::process::id()));
    let beside = path.with_file_name(beside);
    let saved = fs::write(&beside, text).and_then(|()| fs::rename(&beside, path));
    if saved.is_err() {
        let _ = fs::remove_file(&beside);
    }
    saved
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_saved_report_stands_alone_in_its_folder() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("report.xml");
        save(&path, "one").unwrap();
        save(&path, "two").unwrap();
        assert_eq!(fs::read_to_string(&path).unwrap(), "two");
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
        assert!(save(&folder.path().join("no/such/report.xml"), "x").is_err());
    }
}
