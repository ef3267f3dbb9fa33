//! Keys: what an account is outside the ledger. Addresses, signatures, and keys made from names.
//!
//! Each [`Era`] has its own way from a private key to an address. What differs is which hash expands
//! the private key and binds a signature ([`Scheme`]), which hash makes the address, and whether the
//! private key is read back to front. Source: `crypto/KeyUtils.cpp`, `model/Address.cpp` and
//! `crypto/Hashes.h` of the server of each era; NIS1 `core/crypto/ed25519`.

mod address;
mod name;
mod signature;

pub use address::{Address, AddressError, base32_text};
pub use name::{in_text_order, private_key_of_name};
pub use signature::{KeyPair, PrivateKey, PublicKey, Signature, verify};

use sha3::Digest;

/// Which of the six byte formats: given by the user and never guessed, for A1 and B are the same
/// bytes with the opposite meaning.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Era {
    /// Catapult server v0.1 to v0.4: modification version 3, Add 0 / Remove 1.
    A,
    /// Catapult server v0.5 and v0.6: modification version 1, still Add 0 / Remove 1.
    A1,
    /// Catapult server v0.7 and v0.8: modification version 1, Remove 0 / Add 1.
    B,
    /// Catapult server v0.9.0 to v0.9.5: aligned headers, two lists of public keys.
    B2,
    /// Symbol, Catapult server from v0.9.6 on: two lists of addresses.
    C,
    /// NEM NIS1.
    N,
}

impl Era {
    /// Every era, oldest Catapult first.
    pub const ALL: [Self; 6] = [Self::A, Self::A1, Self::B, Self::B2, Self::C, Self::N];

    /// The name used on the command line and in JSON.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::A => "A",
            Self::A1 => "A1",
            Self::B => "B",
            Self::B2 => "B2",
            Self::C => "C",
            Self::N => "N",
        }
    }

    /// The era of this name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|era| era.name() == name)
    }

    /// Length of an address in bytes: 24 in era C, 25 before and in NIS1.
    #[must_use]
    pub const fn address_bytes(self) -> usize {
        if matches!(self, Self::C) { 24 } else { 25 }
    }
}

impl std::fmt::Display for Era {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.pad(self.name())
    }
}

/// The network a transaction or an address belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Network {
    /// 0x68, the public main network.
    Mainnet,
    /// 0x98, the public test network.
    Testnet,
    /// 0x60, private; not in Symbol.
    Mijin,
    /// 0x90, private test; neither in Symbol nor in NIS1.
    MijinTest,
}

impl Network {
    /// Every network.
    pub const ALL: [Self; 4] = [Self::Mainnet, Self::Testnet, Self::Mijin, Self::MijinTest];

    /// The byte that stands for it in transactions and addresses.
    #[must_use]
    pub const fn byte(self) -> u8 {
        match self {
            Self::Mainnet => 0x68,
            Self::Testnet => 0x98,
            Self::Mijin => 0x60,
            Self::MijinTest => 0x90,
        }
    }

    /// The name used in JSON.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Mainnet => "mainnet",
            Self::Testnet => "testnet",
            Self::Mijin => "mijin",
            Self::MijinTest => "mijin_test",
        }
    }

    /// The network of this byte.
    #[must_use]
    pub const fn from_byte(byte: u8) -> Option<Self> {
        match byte {
            0x68 => Some(Self::Mainnet),
            0x98 => Some(Self::Testnet),
            0x60 => Some(Self::Mijin),
            0x90 => Some(Self::MijinTest),
            _ => None,
        }
    }

    /// The network of this name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|network| network.name() == name)
    }

    /// Whether this era has the network: Symbol only the two public ones, NIS1 no `mijin_test`.
    #[must_use]
    pub const fn exists_in(self, era: Era) -> bool {
        match era {
            Era::A | Era::A1 | Era::B | Era::B2 => true,
            Era::C => matches!(self, Self::Mainnet | Self::Testnet),
            Era::N => !matches!(self, Self::MijinTest),
        }
    }
}

/// The hashes a key lives by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Scheme {
    /// SHA3-512 for keys and signatures, SHA3-256 for addresses and hashes.
    Sha3,
    /// Keccak-512 and Keccak-256.
    Keccak,
    /// SHA-512 for keys and signatures, SHA3-256 for addresses and hashes.
    Sha2,
}

impl Scheme {
    /// What this era uses on this network.
    ///
    /// Era B follows its SDK (nem2-sdk 0.13.3 to 0.14.4): Keccak on public networks, SHA3 on mijin.
    /// Era B2 is taken at v0.9.3 and later, where SHA-512 came in.
    #[must_use]
    pub const fn of(era: Era, network: Network) -> Self {
        match (era, network) {
            (Era::A | Era::A1, _) | (Era::B, Network::Mijin | Network::MijinTest) => Self::Sha3,
            (Era::B, Network::Mainnet | Network::Testnet) | (Era::N, _) => Self::Keccak,
            (Era::B2 | Era::C, _) => Self::Sha2,
        }
    }

    /// The 32-byte hash of the pieces of a message, one after the other.
    #[must_use]
    pub fn hash(self, pieces: &[&[u8]]) -> [u8; 32] {
        match self {
            Self::Keccak => digest::<sha3::Keccak256>(pieces),
            Self::Sha3 | Self::Sha2 => digest::<sha3::Sha3_256>(pieces),
        }
    }
}

fn digest<D: Digest<OutputSize = sha3::digest::consts::U32>>(pieces: &[&[u8]]) -> [u8; 32] {
    let mut state = D::new();
    for piece in pieces {
        state.update(piece);
    }
    state.finalize().into()
}
