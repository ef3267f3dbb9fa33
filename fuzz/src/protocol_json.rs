//! Claim: the reader of a protocol of one's own never panics, and what it reads is written and read
//! back equal.

use quorate::protocol::json;

/// Tries the claim.
///
/// # Panics
/// If it does not hold.
pub fn run(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    let Ok(protocol) = json::parse(text) else { return };
    let written = serde_json::to_string(&json::record_of(&protocol));
    let written = written.unwrap_or_else(|error| panic!("cannot be written: {error}"));
    let again = json::parse(&written);
    let again = again.unwrap_or_else(|error| panic!("{error} in {written}"));
    assert_eq!(again, protocol, "read back from {written}");
}
