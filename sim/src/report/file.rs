//! Writing a report: to a file beside it first, then in its place, so that a reader never sees half.

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use sha2::{Digest as _, Sha256};

use crate::ending::Ending;

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

/// The files on their way, beside their places.
static DRAFTS: Ending<PathBuf> = Ending::new();

/// Removes every file on its way, for a program that is about to end: none is begun afterwards.
pub fn abandon() {
    DRAFTS.end(|path| {
        let _ = fs::remove_file(path);
    });
}

/// Longest part of a name that is taken over into the name of the file beside it, in bytes: a file system
/// takes 255.
const NAME_BYTES_MAX: usize = 200;

/// A new file beside `place`, whose name begins with a dot and holds the number of this process. What lies
/// there already, a planted link as well, is never opened.
fn beside(place: &Path) -> io::Result<(PathBuf, File)> {
    let name = place.file_name().unwrap_or_default().to_string_lossy();
    let end = NAME_BYTES_MAX.min(name.len());
    let end = (0..=end).rev().find(|&end| name.is_char_boundary(end)).unwrap_or(0);
    let name = name.get(..end).unwrap_or_default();
    let process = std::process::id();
    let mut number = 0;
    loop {
        let again = if number > 0 { format!("-{number}") } else { String::new() };
        let path = place.with_file_name(format!(".{name}.{process}{again}"));
        let over = io::Error::other("this program is about to end");
        let made = DRAFTS.make(over, || Ok((path.clone(), File::create_new(&path)?)));
        match made {
            Ok(file) => return Ok((path, file)),
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists && number < 100 => {}
            Err(error) => return Err(error),
        }
        number += 1;
    }
}

/// Where a path leads, whether or not there is anything yet.
fn followed(path: &Path) -> io::Result<PathBuf> {
    let mut place = path.to_owned();
    for _ in 0..LINKS_MAX {
        match fs::read_link(&place) {
            Ok(target) => place = place.parent().unwrap_or(Path::new("")).join(target),
            Err(_) => return Ok(place),
        }
    }
    Err(io::Error::new(io::ErrorKind::InvalidInput, "too many links; expected a file"))
}

/// Links in a row that are followed.
const LINKS_MAX: usize = 40;

/// Gives a new file the mode and, as far as this user may, the owner of the file whose place it takes.
fn take_over(place: &Path, file: &File) -> io::Result<()> {
    let Ok(before) = fs::metadata(place) else { return Ok(()) };
    #[cfg(unix)]
    {
        use std::os::unix::fs::{MetadataExt as _, fchown};
        let own = file.metadata()?;
        if (own.uid(), own.gid()) != (before.uid(), before.gid()) {
            let whole = fchown(file, Some(before.uid()), Some(before.gid()));
            // The group alone, where only an administrator may give a file away.
            let _ = whole.or_else(|_| fchown(file, None, Some(before.gid())));
        }
    }
    file.set_permissions(before.permissions())
}

/// A file on its way: written beside its place, and there only once it is whole.
///
/// Whoever is killed meanwhile leaves what stood there before, and at most a file whose name begins
/// with a dot. Devices and pipes are written to as they are; a link is followed, not replaced. A file that
/// was there hands its mode and owner on.
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
        if path.file_name().is_none() {
            let what = "expected the name of a file";
            return Err(io::Error::new(io::ErrorKind::InvalidInput, what));
        }
        let is_input = |input: &PathBuf| is_same(input, path);
        if PROTECTED.get().is_some_and(|inputs| inputs.iter().any(is_input)) {
            let what = "it is one of the inputs; expected another file";
            return Err(io::Error::new(io::ErrorKind::InvalidInput, what));
        }
        if fs::metadata(path).is_ok_and(|data| !data.is_file()) {
            let file = fs::OpenOptions::new().write(true).open(path)?;
            return Ok(Self { file: Some(file), beside: PathBuf::new(), place: None });
        }
        let place = followed(path)?;
        let (beside, file) = beside(&place)?;
        Ok(Self { file: Some(file), beside, place: Some(place) })
    }

    /// Puts it in its place, whole.
    ///
    /// # Errors
    /// What the system says: no space.
    pub fn commit(mut self) -> io::Result<()> {
        let Some(mut file) = self.file.take() else { return Ok(()) };
        let Some(place) = self.place.take() else { return file.flush() };
        let written = file.sync_all().and_then(|()| take_over(&place, &file));
        let saved = written.and_then(|()| fs::rename(&self.beside, place));
        if saved.is_err() {
            let _ = fs::remove_file(&self.beside);
        }
        DRAFTS.forget(&self.beside);
        saved
    }

    /// What was written so far, to be read from its beginning; none for what is no regular file.
    ///
    /// # Errors
    /// What the system says.
    pub fn read_back(&mut self) -> io::Result<Option<File>> {
        self.flush()?;
        self.place.as_ref().map(|_| File::open(&self.beside)).transpose()
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
            DRAFTS.forget(&self.beside);
        }
    }
}

/// A name for a file of an account, a scenario or whatever else has a name: every byte but letters, digits, `-` and
/// `_` of ASCII is `%` and two hex digits. Different labels have different names; of a long one the end is a digest.
#[must_use]
pub fn name_of(label: &str) -> String {
    let mut name = String::new();
    for byte in label.bytes() {
        match byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_') {
            true => name.push(char::from(byte)),
            false => name.push_str(&format!("%{byte:02X}")),
        }
    }
    if name.len() > LABEL_BYTES_MAX {
        let digest = Sha256::digest(label);
        name.truncate(LABEL_BYTES_MAX);
        name.push('%');
        name.extend(digest.iter().take(16).map(|byte| format!("{byte:02x}")));
    }
    name
}

/// Longest name of a label that is written in full, in bytes.
const LABEL_BYTES_MAX: usize = 120;

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
    fn a_link_that_somebody_planted_beside_is_not_written_to() {
        let folder = tempfile::tempdir().unwrap();
        let victim = folder.path().join("victim");
        fs::write(&victim, "precious").unwrap();
        let beside = format!(".made.json.{}", std::process::id());
        std::os::unix::fs::symlink(&victim, folder.path().join(&beside)).unwrap();
        save(&folder.path().join("made.json"), "new").unwrap();
        assert_eq!(fs::read_to_string(&victim).unwrap(), "precious");
        assert_eq!(fs::read_to_string(folder.path().join("made.json")).unwrap(), "new");
        assert!(folder.path().join(&beside).is_symlink());
    }

    #[test]
    fn different_labels_have_different_names() {
        let long = "é".repeat(200);
        let labels = ["a/b", "a-b", "a.b", "a%2Fb", "", &format!("{long}1"), &format!("{long}2")];
        let names: std::collections::BTreeSet<String> =
            labels.iter().map(|label| name_of(label)).collect();
        assert_eq!(names.len(), labels.len(), "{names:?}");
        assert!(names.iter().all(|name| name.len() < 160), "{names:?}");
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
