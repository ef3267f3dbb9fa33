//! The shipped stories, carried inside the program so that every copy of it tries the same ones
//! (`build.rs` collects them).
//!
//! The recorded traces and the longest supply chains stay outside.

/// A story: its path below `scenarios`, and the file as it is.
#[derive(Clone, Copy, Debug)]
pub struct Story {
    /// Path below `scenarios`.
    pub path: &'static str,
    /// The file, packed or not.
    pub bytes: &'static [u8],
}

/// Every shipped story, by path.
pub const STORIES: &[Story] = include!(concat!(env!("OUT_DIR"), "/stories.rs"));
