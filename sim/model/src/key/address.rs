//! Addresses: network byte, 20 bytes of the key's hash, checksum; as bytes, base32 and hex.

use std::fmt;

use data_encoding::{BASE32_NOPAD, HEXUPPER, HEXUPPER_PERMISSIVE};
use ripemd::{Digest, Ripemd160};

use super::{Era, Network, PublicKey, Scheme};

/// An account's address: 24 bytes in era C, 25 bytes in all others.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Address {
    bytes: [u8; 25],
    length: u8,
}

/// Why a text is not an address.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AddressError {
    /// Neither 39 or 40 characters of base32 nor 48 or 50 hex digits.
    #[error(
        "`{0}` is not an address; expected 39 (Symbol) or 40 characters of A-Z and 2-7, or 48 or 50 hex digits"
    )]
    Form(String),
    /// The last bytes are not the hash of the others.
    #[error("the checksum of address `{0}` is wrong")]
    Checksum(String),
    /// The first byte names no network.
    #[error("address `{0}` begins with no network's letter; expected N, T, M or S")]
    Network(String),
}

impl Address {
    /// The address of a public key.
    #[must_use]
    pub fn of(key: &PublicKey, era: Era, network: Network) -> Self {
        let scheme = Scheme::of(era, network);
        let mut body = [0_u8; 21];
        let (first, rest) = body.split_at_mut(1);
        first.copy_from_slice(&[network.byte()]);
        rest.copy_from_slice(&Ripemd160::digest(scheme.hash(&[&key.0])));
        let mut bytes = [0_u8; 25];
        let (start, checksum) = bytes.split_at_mut(21);
        start.copy_from_slice(&body);
        let length = era.address_bytes();
        let check = scheme.hash(&[&body]);
        for (to, from) in checksum.iter_mut().take(length - 21).zip(check) {
            *to = from;
        }
        Self { bytes, length: length as u8 }
    }

    /// The address of these bytes, 24 or 25 of them, unchecked: Symbol's aliases have no checksum.
    #[must_use]
    pub fn from_bytes(given: &[u8]) -> Option<Self> {
        let mut bytes = [0_u8; 25];
        if !matches!(given.len(), 24 | 25) {
            return None;
        }
        for (to, from) in bytes.iter_mut().zip(given) {
            *to = *from;
        }
        Some(Self { bytes, length: given.len() as u8 })
    }

    /// Reads base32 or hex of either length; the checksum is not looked at.
    ///
    /// # Errors
    /// Another length or character.
    pub fn from_text(text: &str) -> Result<Self, AddressError> {
        let bytes = match text.len() {
            39 | 40 => BASE32_NOPAD.decode(text.as_bytes()).ok(),
            48 | 50 => HEXUPPER_PERMISSIVE.decode(text.as_bytes()).ok(),
            _ => None,
        };
        bytes
            .and_then(|bytes| Self::from_bytes(&bytes))
            .ok_or_else(|| AddressError::Form(text.to_owned()))
    }

    /// Checks network byte and checksum.
    ///
    /// Era B cannot be distinguished from A by an address; both checksums are tried for 25 bytes.
    ///
    /// # Errors
    /// An unknown network, or a checksum that is not the hash of the bytes before it.
    pub fn check(&self) -> Result<(), AddressError> {
        if self.network().is_none() {
            return Err(AddressError::Network(self.to_string()));
        }
        let (body, checksum) = self.bytes().split_at_checked(21).unwrap_or_default();
        let schemes: &[Scheme] =
            if self.length == 24 { &[Scheme::Sha3] } else { &[Scheme::Sha3, Scheme::Keccak] };
        if schemes.iter().any(|scheme| scheme.hash(&[body]).starts_with(checksum)) {
            return Ok(());
        }
        Err(AddressError::Checksum(self.to_string()))
    }

    /// The bytes, 24 or 25.
    #[must_use]
    pub fn bytes(&self) -> &[u8] {
        self.bytes.get(..usize::from(self.length)).unwrap_or(&self.bytes)
    }

    /// The network its first byte names; `None` for an alias or an unknown byte.
    #[must_use]
    pub const fn network(&self) -> Option<Network> {
        let [first, ..] = self.bytes;
        Network::from_byte(first)
    }

    /// The bytes as upper-case hex, as Catapult's REST writes them.
    #[must_use]
    pub fn hex(&self) -> String {
        HEXUPPER.encode(self.bytes())
    }
}

/// Base32 of an address's bytes without padding: 39 characters of 24 bytes, 40 of 25.
#[must_use]
pub fn base32_text(bytes: &[u8]) -> String {
    BASE32_NOPAD.encode(bytes)
}

impl fmt::Display for Address {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(&base32_text(self.bytes()))
    }
}

impl fmt::Debug for Address {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Address({self})")
    }
}
