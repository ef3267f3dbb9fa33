//! Claim: the reader of a server's properties never panics, refuses with a line, and what it reads is a
//! protocol that can be written as JSON and read back equal.

use quorate::protocol::{json, properties};

/// Tries the claim.
///
/// # Panics
/// If it does not hold.
pub fn run(bytes: &[u8]) {
    match properties::protocol(bytes, "x", None) {
        Err(error) => assert!(!error.to_string().contains('\n'), "{error}"),
        Ok(protocol) => {
            let record = json::record_of(&protocol);
            let again = json::build(&record);
            let again = again.unwrap_or_else(|error| panic!("{error} in {record:?}"));
            assert_eq!(again, protocol);
        }
    }
}
