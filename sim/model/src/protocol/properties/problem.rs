//! What is wrong with a properties file, in words.

use super::document::{FILE_BYTES_MAX, LINE_BYTES_MAX};
use super::value::ValueError;
use crate::account::distance;
use crate::encoding::NotUtf8;
use thiserror::Error;

/// A properties file that cannot be read: where and why. The reader knows no file name; whoever
/// does puts it in front.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("{line}:{column}: {problem}")]
pub struct PropertiesError {
    /// The line, from 1.
    pub line: u32,
    /// The column in characters, from 1.
    pub column: u32,
    /// What is wrong there.
    pub problem: Problem,
}

/// What is wrong, what was found and what was expected.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[expect(missing_docs, reason = "the message beside each name says what it is")]
pub enum Problem {
    #[error("the file has {bytes} bytes, expected at most {FILE_BYTES_MAX}")]
    FileTooLarge { bytes: usize },
    #[error("the line has {bytes} bytes, expected at most {LINE_BYTES_MAX}")]
    LineTooLong { bytes: usize },
    #[error("{0}")]
    NotUtf8(NotUtf8),
    #[error("the control character U+{code:04X} stands here, expected printable text")]
    ControlCharacter { code: u32 },
    #[error("`{found}` starts a section and does not end it, expected `[name]` and nothing else")]
    NotASection { found: String },
    #[error("the section has no name, expected `[name]`")]
    EmptySection,
    #[error("section `[{name}]` appears again, expected it once (first on line {first_line})")]
    DuplicateSection { name: String, first_line: u32 },
    #[error("`{found}` is neither, expected `[section]`, `key = value` or a comment")]
    NotAnEntry { found: String },
    #[error("there is no key before `=`, expected `key = value`")]
    EmptyKey,
    #[error("key `{key}` stands outside any section, expected a `[section]` line before it")]
    OutsideSection { key: String },
    #[error(
        "key `{key}` is one of NIS1's `config.properties`, which sets no limits, expected a \
         `config-network.properties`; the limits of NIS1 are those of the preset `nis1`"
    )]
    Nis1Properties { key: String },
    #[error(
        "key `{key}` appears again in `[{section}]`, expected it once (first on line {first_line})"
    )]
    DuplicateKey { key: String, section: String, first_line: u32 },
    #[error("key `{key}` is not known in `[{section}]`{}", offer(.nearest, ", did you mean"))]
    UnknownKey { key: String, section: &'static str, nearest: Option<String> },
    #[error("key `{key}` of `[{section}]` is missing{}", offer(.nearest, ", is it meant by"))]
    MissingKey { section: &'static str, key: &'static str, nearest: Option<String> },
    #[error(
        "section `[{section}]` with its key `{key}` is missing{}", offer(.nearest, ", is it meant by")
    )]
    MissingSection { section: &'static str, key: &'static str, nearest: Option<String> },
    #[error(
        "`maxCosignersPerAccount` and `maxCosignatoriesPerAccount` are two names of one limit, \
         expected one of them"
    )]
    TwoNames,
    #[error(
        "`maxCosignersPerAccount` belongs to servers to 0.6 and `nemesisSignerPublicKey` to servers \
         from 0.9.6 on, expected `maxCosignatoriesPerAccount` beside it"
    )]
    TwoServers,
    #[error(
        "`[plugin:catapult.plugins.lock]` and `[plugin:catapult.plugins.lockhash]` are two names \
         of one section, expected one of them"
    )]
    TwoSections,
    #[error("`{key}`: {error}")]
    Value { key: String, error: ValueError },
    #[error("`identifier` is empty, expected the name of a network, such as `mainnet`")]
    EmptyIdentifier,
    #[error("`{key}` is {milliseconds} ms, expected a whole number of seconds")]
    NotWholeSeconds { key: &'static str, milliseconds: u64 },
    #[error("`blockGenerationTargetTime` is 0, expected a whole number of seconds from 1 on")]
    NoBlockTime,
    #[error(
        "the base is `nis1`, whose limits are constants of its code, expected a Catapult or Symbol base"
    )]
    NoNis1File,
}

/// The nearest name, as a question.
fn offer(nearest: &Option<String>, words: &str) -> String {
    nearest.as_ref().map_or_else(String::new, |nearest| format!("{words} `{nearest}`?"))
}

/// How many edits still look like a slip of the pen.
pub(super) fn edits_max(word: &str) -> usize {
    1 + word.chars().count() / 4
}

/// The candidate with the fewest edits, if these are few enough for a slip.
pub(super) fn nearest<'name>(
    word: &str,
    candidates: impl Iterator<Item = &'name str>,
) -> Option<String> {
    candidates
        .filter(|candidate| candidate.len().abs_diff(word.len()) <= edits_max(word))
        .map(|candidate| (distance(word, candidate), candidate))
        .filter(|&(edits, _)| edits <= edits_max(word))
        .min()
        .map(|(_, candidate)| candidate.to_owned())
}
