//! Spans of time on the command line: a number and its unit.

use std::time::Duration;

/// Reads `500ms`, `30s`, `5m` or `2h`.
///
/// # Errors
/// No number, no unit behind it, or no time at all.
pub fn parse(text: &str) -> Result<Duration, String> {
    let digits = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    let (number, unit) = text.split_at(digits);
    let expected = "a number with a unit: `500ms`, `30s`, `5m` or `2h`";
    let number: u64 = number.parse().map_err(|_| format!("expected {expected}"))?;
    let milliseconds = match unit {
        "ms" => 1,
        "s" => 1_000,
        "m" => 60_000,
        "h" => 3_600_000,
        "" => return Err(format!("`{text}` has no unit; expected {expected}")),
        _ => return Err(format!("unknown unit `{unit}`; expected {expected}")),
    };
    match number.checked_mul(milliseconds) {
        None | Some(0) => Err(format!("`{text}` is not a duration; expected {expected}")),
        Some(milliseconds) => Ok(Duration::from_millis(milliseconds)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_span_has_a_unit() {
        assert_eq!(parse("30s"), Ok(Duration::from_secs(30)));
        assert_eq!(parse("250ms"), Ok(Duration::from_millis(250)));
        assert!(parse("30").is_err_and(|message| message.contains("no unit")));
        assert!(parse("s").is_err() && parse("3 weeks").is_err());
    }
}
