//! A strict reader of bytes: every field is named, every refusal says where and what was expected.
//!
//! Nothing is allocated but the error: lists are handed out as slices of the input, so a count field
//! can ask for no more than the input holds.

use std::fmt;

use crate::unit::count_of;

/// Why bytes are refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("at byte {offset}: found {found}, expected {expected}")]
pub struct WireError {
    /// Where the refused field begins, in bytes from the start of the payload; for a hex text that is
    /// no hex, the position of the character.
    pub offset: usize,
    /// What stands there.
    pub found: String,
    /// What should stand there.
    pub expected: String,
}

impl WireError {
    /// A refusal of what stands at `offset`.
    #[cold]
    #[must_use]
    pub fn new(offset: usize, found: impl fmt::Display, expected: impl fmt::Display) -> Self {
        Self { offset, found: found.to_string(), expected: expected.to_string() }
    }
}

/// A position in a payload; reading moves it.
#[derive(Clone, Copy, Debug)]
pub struct Cursor<'a> {
    rest: &'a [u8],
    offset: usize,
}

impl<'a> Cursor<'a> {
    /// The start of `bytes`.
    #[must_use]
    pub const fn new(bytes: &'a [u8]) -> Self {
        Self { rest: bytes, offset: 0 }
    }

    /// Bytes read so far, counted from the start of the whole payload.
    #[must_use]
    pub const fn offset(&self) -> usize {
        self.offset
    }

    /// Bytes left.
    #[must_use]
    pub const fn left(&self) -> usize {
        self.rest.len()
    }

    #[cold]
    fn short(&self, count: usize, field: &str) -> WireError {
        let needed = format_args!("{} of {field}", Bytes(count));
        WireError::new(self.offset, Bytes(self.left()), needed)
    }

    /// The next `count` bytes.
    ///
    /// # Errors
    /// Fewer bytes are left.
    #[inline]
    pub fn take(&mut self, count: usize, field: &str) -> Result<&'a [u8], WireError> {
        let Some((taken, rest)) = self.rest.split_at_checked(count) else {
            return Err(self.short(count, field));
        };
        self.rest = rest;
        self.offset += count;
        Ok(taken)
    }

    /// A cursor over the next `count` bytes, with their offsets in the whole payload.
    ///
    /// # Errors
    /// Fewer bytes are left.
    #[inline]
    pub fn part(&mut self, count: usize, field: &str) -> Result<Self, WireError> {
        let offset = self.offset;
        self.take(count, field).map(|rest| Self { rest, offset })
    }

    /// The next `N` bytes as an array.
    ///
    /// # Errors
    /// Fewer bytes are left.
    #[inline]
    pub fn array<const N: usize>(&mut self, field: &str) -> Result<&'a [u8; N], WireError> {
        let Some((taken, rest)) = self.rest.split_first_chunk::<N>() else {
            return Err(self.short(N, field));
        };
        self.rest = rest;
        self.offset += N;
        Ok(taken)
    }

    /// The next `count` entries of `N` bytes each.
    ///
    /// # Errors
    /// Fewer bytes are left.
    #[inline]
    pub fn entries<const N: usize>(
        &mut self,
        count: usize,
        field: &str,
    ) -> Result<&'a [[u8; N]], WireError> {
        if self.left() / N < count {
            return Err(WireError::new(
                self.offset,
                Bytes(self.left()),
                format_args!("{count} {field} of {}", Bytes(N)),
            ));
        }
        self.take(count * N, field).map(|bytes| bytes.as_chunks().0)
    }

    /// The next byte.
    ///
    /// # Errors
    /// No byte is left; the same holds for the wider integers below.
    #[inline]
    pub fn u8(&mut self, field: &str) -> Result<u8, WireError> {
        self.array::<1>(field).map(|&[byte]| byte)
    }

    /// The next byte as a signed number.
    ///
    /// # Errors
    /// No byte is left.
    #[inline]
    pub fn i8(&mut self, field: &str) -> Result<i8, WireError> {
        self.array(field).map(|&bytes| i8::from_le_bytes(bytes))
    }

    /// Two bytes, little-endian.
    ///
    /// # Errors
    /// Fewer bytes are left.
    #[inline]
    pub fn u16(&mut self, field: &str) -> Result<u16, WireError> {
        self.array(field).map(|&bytes| u16::from_le_bytes(bytes))
    }

    /// Four bytes, little-endian.
    ///
    /// # Errors
    /// Fewer bytes are left.
    #[inline]
    pub fn u32(&mut self, field: &str) -> Result<u32, WireError> {
        self.array(field).map(|&bytes| u32::from_le_bytes(bytes))
    }

    /// Four bytes, little-endian, signed.
    ///
    /// # Errors
    /// Fewer bytes are left.
    #[inline]
    pub fn i32(&mut self, field: &str) -> Result<i32, WireError> {
        self.array(field).map(|&bytes| i32::from_le_bytes(bytes))
    }

    /// Eight bytes, little-endian.
    ///
    /// # Errors
    /// Fewer bytes are left.
    #[inline]
    pub fn u64(&mut self, field: &str) -> Result<u64, WireError> {
        self.array(field).map(|&bytes| u64::from_le_bytes(bytes))
    }

    /// Four bytes that hold a length, at most the bytes left behind them.
    ///
    /// # Errors
    /// Fewer bytes are left than four, or than the length says.
    #[inline]
    pub fn length(&mut self, field: &str) -> Result<usize, WireError> {
        let at = self.offset;
        let length = self.u32(field)?;
        match usize::try_from(length) {
            Ok(length) if length <= self.left() => Ok(length),
            _ => Err(WireError::new(
                at,
                format_args!("{field} {length}"),
                format_args!("at most {}, the bytes left behind it", self.left()),
            )),
        }
    }

    /// Four bytes that must hold this number.
    ///
    /// # Errors
    /// Another number, or fewer bytes.
    #[inline]
    pub fn exactly(&mut self, expected: u32, field: &str) -> Result<(), WireError> {
        let at = self.offset;
        let found = self.u32(field)?;
        if found == expected {
            return Ok(());
        }
        Err(WireError::new(at, format_args!("{field} {found}"), expected))
    }

    /// `count` bytes that must be zero.
    ///
    /// # Errors
    /// One is not, or there are fewer.
    #[inline]
    pub fn zeros(&mut self, count: usize, field: &str) -> Result<(), WireError> {
        let at = self.offset;
        let bytes = self.take(count, field)?;
        match bytes.iter().position(|&byte| byte != 0) {
            None => Ok(()),
            Some(index) => {
                let found = bytes.get(index).copied().unwrap_or_default();
                Err(WireError::new(
                    at + index,
                    format_args!("{found:#04x}"),
                    format_args!("zero in the {field}"),
                ))
            }
        }
    }

    /// Nothing may be left.
    ///
    /// # Errors
    /// Bytes are left.
    #[inline]
    pub fn end(&self, what: &str) -> Result<(), WireError> {
        if self.rest.is_empty() {
            return Ok(());
        }
        Err(WireError::new(
            self.offset,
            format_args!("{} more", Bytes(self.left())),
            format_args!("the end of the {what}"),
        ))
    }
}

struct Bytes(usize);

impl fmt::Display for Bytes {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&count_of(self.0 as u64, "byte"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refusal_says_where_and_what() {
        let mut cursor = Cursor::new(&[1, 0, 7]);
        assert_eq!(cursor.u16("version").unwrap(), 1);
        let refusal = cursor.u32("size").unwrap_err();
        assert_eq!(refusal.to_string(), "at byte 2: found 1 byte, expected 4 bytes of size");
        assert_eq!(cursor.zeros(1, "padding").unwrap_err().offset, 2);
    }

    #[test]
    fn a_count_asks_for_no_more_than_there_is() {
        let mut cursor = Cursor::new(&[0; 70]);
        assert_eq!(cursor.entries::<32>(usize::MAX, "keys").unwrap_err().offset, 0);
        assert_eq!(cursor.entries::<32>(2, "keys").unwrap().len(), 2);
        assert_eq!(cursor.end("list").unwrap_err().offset, 64);
    }

    #[test]
    fn a_part_keeps_its_place_in_the_whole() {
        let mut cursor = Cursor::new(&[0, 0, 9, 9, 1]);
        cursor.u16("header").unwrap();
        let mut part = cursor.part(2, "body").unwrap();
        assert_eq!(part.u8("first").unwrap(), 9);
        assert_eq!(part.u16("second").unwrap_err().offset, 3);
        assert_eq!(cursor.offset(), 4);
    }
}
