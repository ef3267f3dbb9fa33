//! Private and public keys, signing and verifying, each with the hash of its [`Scheme`].

use std::fmt;

use data_encoding::{HEXUPPER, HEXUPPER_PERMISSIVE};
use ed25519_dalek::VerifyingKey;
use ed25519_dalek::hazmat::{ExpandedSecretKey, raw_sign, raw_verify};
use sha2::Sha512;
use sha3::{Digest, Keccak512, Sha3_512};

use super::{Era, Network, Scheme};

/// A private key as wallets write it, 32 bytes; which way round they are read is the scheme's.
#[derive(Clone, PartialEq, Eq)]
pub struct PrivateKey(pub [u8; 32]);

impl fmt::Debug for PrivateKey {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("PrivateKey(..)")
    }
}

/// A public key, 32 bytes.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PublicKey(pub [u8; 32]);

impl PublicKey {
    /// Reads 64 hex digits, upper or lower case.
    #[must_use]
    pub fn from_hex(text: &str) -> Option<Self> {
        let bytes = HEXUPPER_PERMISSIVE.decode(text.as_bytes()).ok()?;
        bytes.try_into().ok().map(Self)
    }
}

impl fmt::Display for PublicKey {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(&HEXUPPER.encode(&self.0))
    }
}

impl fmt::Debug for PublicKey {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "PublicKey({self})")
    }
}

/// A signature, 64 bytes.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Signature(pub [u8; 64]);

impl fmt::Display for Signature {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(&HEXUPPER.encode(&self.0))
    }
}

impl fmt::Debug for Signature {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Signature({self})")
    }
}

/// A private key with its public key under one scheme.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyPair {
    scheme: Scheme,
    reversed: bool,
    private: PrivateKey,
    public: PublicKey,
}

impl KeyPair {
    /// The pair this private key makes in this era and network.
    #[must_use]
    pub fn new(private: PrivateKey, era: Era, network: Network) -> Self {
        let scheme = Scheme::of(era, network);
        let reversed = era == Era::N;
        let public = VerifyingKey::from(&expand(scheme, &private, reversed)).to_bytes();
        Self { scheme, reversed, private, public: PublicKey(public) }
    }

    /// The public key.
    #[must_use]
    pub const fn public(&self) -> PublicKey {
        self.public
    }

    /// The private key.
    #[must_use]
    pub const fn private(&self) -> &PrivateKey {
        &self.private
    }

    /// Signs a message; the same message always gives the same signature.
    #[must_use]
    pub fn sign(&self, message: &[u8]) -> Signature {
        let secret = expand(self.scheme, &self.private, self.reversed);
        let public = VerifyingKey::from(&secret);
        let signature = match self.scheme {
            Scheme::Sha3 => raw_sign::<Sha3_512>(&secret, message, &public),
            Scheme::Keccak => raw_sign::<Keccak512>(&secret, message, &public),
            Scheme::Sha2 => raw_sign::<Sha512>(&secret, message, &public),
        };
        Signature(signature.to_bytes())
    }
}

/// NIS1 alone reads the private key back to front; era B took over its hash and not its order.
fn expand(scheme: Scheme, private: &PrivateKey, reversed: bool) -> ExpandedSecretKey {
    let PrivateKey(mut seed) = private.clone();
    if reversed {
        seed.reverse();
    }
    let wide: [u8; 64] = match scheme {
        Scheme::Sha3 => Sha3_512::digest(seed).into(),
        Scheme::Keccak => Keccak512::digest(seed).into(),
        Scheme::Sha2 => Sha512::digest(seed).into(),
    };
    ExpandedSecretKey::from_bytes(&wide)
}

/// Whether `signature` is this key's signature of `message`; false for bytes that are no key.
#[must_use]
pub fn verify(scheme: Scheme, key: &PublicKey, message: &[u8], signature: &Signature) -> bool {
    let Ok(key) = VerifyingKey::from_bytes(&key.0) else { return false };
    let signature = ed25519_dalek::Signature::from_bytes(&signature.0);
    match scheme {
        Scheme::Sha3 => raw_verify::<Sha3_512>(&key, message, &signature),
        Scheme::Keccak => raw_verify::<Keccak512>(&key, message, &signature),
        Scheme::Sha2 => raw_verify::<Sha512>(&key, message, &signature),
    }
    .is_ok()
}
