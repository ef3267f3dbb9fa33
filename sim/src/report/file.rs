//! Writing a report: to a file beside it first, then in its place, so that a reader never sees half.

use std::ffi::OsString;
use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

/// Files that must stay as they are: what this process reads.
static PROTECTED: OnceLock<Vec<PathBuf>> = OnceLock::new();

/// Keeps these files from being written to, under whatever name. The first call counts.
pub fn protect(paths: &[PathBuf]) {
    let _ = PROTECTED.set(paths.to_vec());
}

/// What tells a file or folder from every other, whatever links lead to it: its device and number there.
#[must_use]
pub fn identity(path: &Path) -> Option<(u64, u64)> {
    #[cfg(unix)]
    {
        use std::os::unix::fs::MetadataExt as _;
        fs::metadata(path).ok().map(|data| (data.dev(), data.ino()))
    }
    #[cfg(not(unix))]
    {
        use std::hash::{DefaultHasher, Hash as _, Hasher as _};
        let mut hasher = DefaultHasher::new();
        fs::canonicalize(path).ok()?.hash(&mut hasher);
        Some((0, hasher.finish()))
    }
}

/// Whether both paths lead to one regular file, by links or by another name.
#[must_use]
pub fn is_same(one: &Path, other: &Path) -> bool {
    one.is_file() && other.is_file() && identity(one) == identity(other)
}

/// A file on its way: written beside its place, and there only once it is whole.
///
/// Whoever is killed meanwhile leaves what stood there before, and at most a file whose name begins
/// with a dot. Devices and pipes are written to as they are; a link is followed, not replaced.
#[derive(Debug)]
pub struct Draft {
    file: Option<File>,
    beside: PathBuf,
    /// `None` for what is no regular file.
    place: Option<PathBuf>,
}

impl Draft {
    /// Begins to write what is to stand at `path`.
    ///
    /// # Errors
    /// What the system says: no such folder, no permission. A file that is [protected](protect).
    pub fn create(path: &Path) -> io::Result<Self> {
        let name = path.file_name().ok_or_else(|| {
            io::Error::new(io::ErrorKind::InvalidInput, "expected the name of a file")
        })?;
        let is_input = |input: &PathBuf| is_same(input, path);
        if PROTECTED.get().is_some_and(|inputs| inputs.iter().any(is_input)) {
            let what = "it is one of the inputs; expected another file";
            return Err(io::Error::new(io::ErrorKind::InvalidInput, what));
        }
        if fs::metadata(path).is_ok_and(|data| !data.is_file()) {
            let file = fs::OpenOptions::new().write(true).open(path)?;
            return Ok(Self { file: Some(file), beside: PathBuf::new(), place: None });
        }
        let place = fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
        let mut beside = OsString::from(".");
        beside.push(place.file_name().unwrap_or(name));
        beside.push(format!(".{}", std::process::id()));
        let beside = place.with_file_name(beside);
        let file = File::create(&beside)?;
        Ok(Self { file: Some(file), beside, place: Some(place) })
    }

    /// Puts it in its place, whole.
    ///
    /// # Errors
    /// What the system says: no space.
    pub fn commit(mut self) -> io::Result<()> {
        let Some(mut file) = self.file.take() else { return Ok(()) };
        let Some(place) = self.place.take() else { return file.flush() };
        let saved = file.sync_all().and_then(|()| fs::rename(&self.beside, place));
        if saved.is_err() {
            let _ = fs::remove_file(&self.beside);
        }
        saved
    }
}

impl Write for Draft {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.file.as_mut().map_or(Ok(bytes.len()), |file| file.write(bytes))
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.as_mut().map_or(Ok(()), File::flush)
    }
}

impl Drop for Draft {
    fn drop(&mut self) {
        if self.file.take().is_some() && self.place.is_some() {
            let _ = fs::remove_file(&self.beside);
        }
    }
}

/// Writes `text` to a temporary file in the same folder and renames it.
///
/// # Errors
/// What the system says: no such folder, no permission, no space. The temporary file is removed.
pub fn save(path: &Path, text: &str) -> io::Result<()> {
    let mut draft = Draft::create(path)?;
    draft.write_all(text.as_bytes())?;
    draft.commit()
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

    #[test]
    fn a_draft_that_is_given_up_leaves_what_was_there() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("long.jsonl");
        save(&path, "before").unwrap();
        let mut draft = Draft::create(&path).unwrap();
        draft.write_all(b"half").unwrap();
        drop(draft);
        assert_eq!(fs::read_to_string(&path).unwrap(), "before");
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    }

    #[cfg(unix)]
    #[test]
    fn a_link_is_followed_and_a_device_stays_a_device() {
        let folder = tempfile::tempdir().unwrap();
        let (path, link) = (folder.path().join("real.xml"), folder.path().join("link.xml"));
        save(&path, "one").unwrap();
        std::os::unix::fs::symlink(&path, &link).unwrap();
        save(&link, "two").unwrap();
        assert_eq!(fs::read_to_string(&path).unwrap(), "two");
        assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
        save(Path::new("/dev/null"), "x").unwrap();
        assert!(!fs::metadata("/dev/null").unwrap().is_file());
    }
}
