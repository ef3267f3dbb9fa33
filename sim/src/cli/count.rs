//! Numbers on the command line of which there must be one at least: with none, nothing would be checked.

use std::fmt::Display;
use std::str::FromStr;

/// Reads a number from 1 on.
///
/// # Errors
/// No number, one beyond its range, or zero.
pub fn parse<N>(text: &str) -> Result<N, String>
where
    N: FromStr<Err: Display> + Default + PartialEq,
{
    match text.parse() {
        Ok(number) if number != N::default() => Ok(number),
        Ok(_) => Err("expected at least 1".to_owned()),
        Err(error) => Err(N::Err::to_string(&error)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn zero_is_refused_and_everything_else_read_as_a_number() {
        assert_eq!(parse::<u32>("1"), Ok(1));
        assert_eq!(parse::<u64>("0"), Err("expected at least 1".to_owned()));
        assert!(parse::<usize>("-1").is_err() && parse::<u32>("4294967296").is_err());
    }
}
