//! Mosaics: the protocol's currency and the tokens that accounts define.

use crate::account::AccountId;
use crate::unit::Amount;

/// A dense mosaic number; 0 is the protocol's currency.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct MosaicId(pub u32);

impl MosaicId {
    /// The currency in which fees and deposits are paid.
    pub const CURRENCY: Self = Self(0);
}

/// What the owner of a mosaic decided when defining it.
///
/// The rules of definition and supply are simple ones of this testbench (only the owner defines and
/// changes the supply); they do not claim to follow a server.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Definition {
    /// The account that defined it and alone may change its supply.
    pub owner: AccountId,
    /// Units in existence.
    pub supply: Amount,
    /// Decimal places, for display only, 0 to 6.
    pub divisibility: u8,
    /// Whether the supply may change after the first supply change.
    pub supply_mutable: bool,
    /// Whether others than the owner may pass it on.
    pub transferable: bool,
}
