//! Bytes round-trip, in one function for tests and fuzz targets alike.

use super::{Era, Payload, step};

/// Reads `bytes` and writes them again in three ways: from the model, through JSON, and through a scenario
/// step. Bytes that are refused are no failure; the answer tells whether they were read.
///
/// # Errors
/// A sentence that says which way gave other bytes, or none.
pub fn round_trip(bytes: &[u8], era: Era) -> Result<bool, String> {
    let Ok(payload) = Payload::decode(bytes, era) else { return Ok(false) };
    let same = |way: &str, written: Result<Vec<u8>, super::FieldError>| match written {
        Ok(written) if written == bytes => Ok(()),
        Ok(written) => Err(format!("{way} gave {} other bytes", written.len())),
        Err(error) => Err(format!("{way} gave none: {error}")),
    };
    same("the model", payload.encode())?;
    let json = payload.to_json();
    same("the json", Payload::from_json(&json, era).and_then(|again| again.encode()))?;
    let (step, wire) = step::split(&payload);
    same("the step", step::join(&step, &wire).and_then(|again| again.encode()))?;
    Ok(true)
}
