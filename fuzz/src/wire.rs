//! Claim: no bytes make a reader of payloads panic, hang or allocate more than they justify; what it takes is
//! written back byte for byte, from the model, from its JSON and from its scenario step; and a line is
//! answered as the bytes are.
//!
//! Input: a readable seed (`C A0000000..`: the era and hex digits), or else one byte for the era and a
//! payload. Failure: a panic, or other bytes.

use quorate::wire::{Era, Payload, bytes_of_hex, decode_line_unsealed, encode_line, round_trip};

/// Tries the claim.
///
/// # Panics
/// If it does not hold.
pub fn run(bytes: &[u8]) {
    if let Some((era, payload)) = readable(bytes) {
        return payload_holds(era, &payload);
    }
    let Some((era, payload)) = bytes.split_first() else { return };
    payload_holds(era_of(*era), payload);
}

/// An era for every byte.
#[must_use]
pub fn era_of(byte: u8) -> Era {
    let index = usize::from(byte) % Era::ALL.len();
    Era::ALL.into_iter().nth(index).unwrap_or(Era::C)
}

/// A seed that a person can read: the era's name, a blank, hex digits.
fn readable(bytes: &[u8]) -> Option<(Era, Vec<u8>)> {
    let (era, digits) = std::str::from_utf8(bytes).ok()?.trim_end().split_once(' ')?;
    Some((Era::from_name(era)?, bytes_of_hex(digits).ok()?))
}

/// Tries the claim on one payload.
///
/// # Panics
/// If it does not hold.
pub fn payload_holds(era: Era, bytes: &[u8]) {
    let taken = round_trip(bytes, era).unwrap_or_else(|what| panic!("era {era}: {what}"));
    let read = Payload::decode(bytes, era).and_then(|payload| payload.check_order());
    if let Err(error) = &read {
        assert!(error.offset <= bytes.len(), "a refusal behind the end: {error}");
        assert!(!error.found.is_empty() && !error.expected.is_empty(), "{error}");
    }
    assert!(taken || read.is_err(), "taken once and refused once");
    let hex: String = bytes.iter().map(|byte| format!("{byte:02X}")).collect();
    match (read, decode_line_unsealed(&hex, era)) {
        (Ok(()), Ok(answer)) => {
            let again = encode_line(&answer.to_string(), Some(era));
            assert_eq!(again.unwrap_or_else(|error| panic!("{error} in {answer}")), hex);
        }
        (Err(one), Err(other)) => assert_eq!(one, other, "a line is refused as its bytes are"),
        (read, answer) => panic!("bytes: {read:?}, their line: {answer:?}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seed_is_read_with_its_era_and_anything_else_is_bytes() {
        assert_eq!(readable(b"B2 00FF\n"), Some((Era::B2, vec![0, 255])));
        assert_eq!(readable(b"D 00"), None);
        run(b"");
        run(b"C 0");
        run(&[7]);
    }

    #[test]
    fn every_seed_is_a_payload_that_is_taken_or_says_that_it_is_not() {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/seeds/wire");
        let mut eras = std::collections::BTreeSet::new();
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            let (era, bytes) = readable(&std::fs::read(&path).unwrap()).unwrap();
            let refused = path.file_name().unwrap().to_string_lossy().contains("refused");
            assert_eq!(Payload::decode(&bytes, era).is_err(), refused, "{}", path.display());
            payload_holds(era, &bytes);
            eras.insert(era);
        }
        assert_eq!(eras.len(), Era::ALL.len(), "{eras:?}");
    }
}
