//! The strict reader of a server's `config-network.properties`.
//!
//! [`protocol`] makes a protocol of such a file, [`parse`] reads the values that concern multisig,
//! [`Document`] the syntax alone, [`read_value`] a single value. The sections of the aggregate, hash
//! lock and multisig plugins are judged key by key, as the servers do; the other sections are read
//! for their syntax, and their few values that a protocol needs by type. Whether the values make
//! sense together is not asked here.
//!
//! Keys, types and defaults: the Catapult servers' `resources/config-network.properties` from
//! v0.1.0.1 to Symbol, and the configuration classes of their plugins.

mod document;
mod origin;
mod problem;
#[cfg(test)]
mod tests;
mod value;

pub use document::{
    Document, Entry, FILE_BYTES_MAX, LINE_BYTES_MAX, Position, Section, normal_json,
};
pub use origin::{Origin, origin_of};
pub use problem::{Problem, PropertiesError};
use problem::{edits_max, nearest};
pub use value::{Flaw, ValueError, ValueType, read_value};

use super::{Base, Protocol};
use crate::account::distance;
use origin::NEMESIS_SIGNER;

const NETWORK: &str = "network";
const CHAIN: &str = "chain";
const AGGREGATE: &str = "plugin:catapult.plugins.aggregate";
const LOCK_HASH: &str = "plugin:catapult.plugins.lockhash";
/// Hash and secret locks in one section, v0.1 only.
const LOCK: &str = "plugin:catapult.plugins.lock";
const MULTISIG: &str = "plugin:catapult.plugins.multisig";
const TRANSFER: &str = "plugin:catapult.plugins.transfer";
const FORK_HEIGHTS: &str = "fork_heights";

const BLOCK_TIME: &str = "blockGenerationTargetTime";
const LIFETIME: &str = "maxTransactionLifetime";
const BONDED_LIFETIME: &str = "maxBondedTransactionLifetime";
/// To v0.6.
const COSIGNERS: &str = "maxCosignersPerAccount";
/// From v0.7 on.
const COSIGNATORIES: &str = "maxCosignatoriesPerAccount";

/// Whether added cosignatories must opt in; a fork of the oldest servers has the key.
const OPT_IN: &str = "newCosignersMustApprove";

/// A section that is read by type, and what is known of it.
struct KnownSection {
    name: &'static str,
    /// Whether a key that is not listed is refused.
    complete: bool,
    keys: &'static [(&'static str, ValueType)],
}

const KNOWN: [KnownSection; 7] = [
    KnownSection {
        name: CHAIN,
        complete: false,
        keys: &[
            (BLOCK_TIME, ValueType::TimespanMs),
            (LIFETIME, ValueType::TimespanMs),
            ("maxRollbackBlocks", ValueType::U32),
            ("currencyMosaicId", ValueType::MosaicId),
        ],
    },
    KnownSection {
        name: AGGREGATE,
        complete: true,
        keys: &[
            ("maxTransactionsPerAggregate", ValueType::U32),
            ("maxCosignaturesPerAggregate", ValueType::U8),
            ("enableStrictCosignatureCheck", ValueType::Bool),
            ("enableBondedAggregateSupport", ValueType::Bool),
            (BONDED_LIFETIME, ValueType::TimespanMs),
        ],
    },
    KnownSection {
        name: LOCK_HASH,
        complete: true,
        keys: &[
            ("lockedFundsPerAggregate", ValueType::U64),
            ("maxHashLockDuration", ValueType::BlockspanSeconds),
        ],
    },
    KnownSection {
        name: LOCK,
        complete: true,
        keys: &[
            ("lockedFundsPerAggregate", ValueType::U64),
            ("maxHashLockDuration", ValueType::BlockspanSeconds),
            ("maxSecretLockDuration", ValueType::BlockspanSeconds),
            ("minProofSize", ValueType::U16),
            ("maxProofSize", ValueType::U16),
        ],
    },
    KnownSection {
        name: MULTISIG,
        complete: true,
        keys: &[
            ("maxMultisigDepth", ValueType::U8),
            (COSIGNERS, ValueType::U8),
            (COSIGNATORIES, ValueType::U32),
            ("maxCosignedAccountsPerAccount", ValueType::U32),
            (OPT_IN, ValueType::Bool),
        ],
    },
    KnownSection { name: TRANSFER, complete: false, keys: &[("maxMessageSize", ValueType::U16)] },
    KnownSection {
        name: FORK_HEIGHTS,
        complete: false,
        keys: &[
            ("strictAggregateTransactionHash", ValueType::U64),
            ("uniqueAggregateTransactionHash", ValueType::U64),
        ],
    },
];

/// What a `config-network.properties` says about multisig; `None` where the file does not say it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NetworkProperties {
    /// The server that the file's keys point to; see [`origin_of`].
    pub origin: Origin,
    /// `[network] identifier`, such as `mainnet` or `mijin-test`.
    pub identifier: Option<String>,
    /// `[chain] currencyMosaicId`.
    pub currency_mosaic_id: Option<u64>,
    /// `[chain] blockGenerationTargetTime`, in milliseconds.
    pub block_time_ms: u64,
    /// `maxTransactionsPerAggregate`, inner transactions of one aggregate.
    pub max_transactions_per_aggregate: u32,
    /// `maxCosignaturesPerAggregate`, the aggregate's signer included, 0 to 255.
    pub max_cosignatures_per_aggregate: u32,
    /// `enableStrictCosignatureCheck`.
    pub strict_cosignature_check: bool,
    /// `enableBondedAggregateSupport`.
    pub bonded_aggregates: bool,
    /// `[chain] maxTransactionLifetime`, in milliseconds.
    pub lifetime_ms: Option<u64>,
    /// `[chain] maxRollbackBlocks`.
    pub max_rollback_blocks: Option<u64>,
    /// `maxBondedTransactionLifetime`, in milliseconds; absent before v0.4.
    pub bonded_lifetime_ms: Option<u64>,
    /// `lockedFundsPerAggregate`, in the currency's smallest unit.
    pub hash_lock_amount: Option<u64>,
    /// `maxHashLockDuration`, in seconds; blocks of the target time are counted from it.
    pub hash_lock_duration_seconds_max: Option<u64>,
    /// `maxMultisigDepth`, in edges, 0 to 255.
    pub max_multisig_depth: u32,
    /// `maxCosignatoriesPerAccount`, to v0.6 `maxCosignersPerAccount`.
    pub max_cosignatories_per_account: u32,
    /// `newCosignersMustApprove`, of ProximaX Sirius; absent elsewhere.
    pub opt_in: Option<bool>,
    /// Keys of that server's own in the sections that are read key by key, `[section] key`; they are
    /// ignored. On every other server they are refused.
    pub ignored: Vec<String>,
    /// `maxCosignedAccountsPerAccount`.
    pub max_cosigned_accounts_per_account: u32,
    /// `[plugin:catapult.plugins.transfer] maxMessageSize`, in bytes, 0 to 65,535.
    pub max_message_bytes: Option<u32>,
    /// `[fork_heights] strictAggregateTransactionHash`, a height.
    pub strict_aggregate_transaction_hash: Option<u64>,
    /// `[fork_heights] uniqueAggregateTransactionHash`, a height.
    pub unique_aggregate_transaction_hash: Option<u64>,
}

/// Reads the bytes of a `config-network.properties`.
///
/// # Errors
///
/// The first thing wrong, with its line and column: what [`Document::read`] refuses, a value that is
/// not of its key's type, an unknown key in a section of the aggregate, hash lock or multisig plugin,
/// a limit or section under two names at once, and a needed key that is missing.
pub fn parse(bytes: &[u8]) -> Result<NetworkProperties, PropertiesError> {
    parse_document(&Document::read(bytes)?)
}

/// As [`parse`], of a document whose syntax has been read.
///
/// # Errors
/// As [`parse`].
pub fn parse_document(document: &Document<'_>) -> Result<NetworkProperties, PropertiesError> {
    Typed::new(document)?.properties()
}

/// Makes a protocol of the bytes of a `config-network.properties`. The base is decided by the file
/// ([`origin_of`]) unless the caller knows better.
///
/// What the file does not say is taken from the base: message size, lifetime of transactions and
/// blocks that may be taken back always, lifetime of bonded
/// aggregates and hash locks only on `catapult-v3`, whose oldest servers did not have them.
///
/// # Errors
///
/// As [`parse`]; moreover a block time that is not a whole number of seconds from 1 on, a lifetime
/// that is not a whole number of seconds, and the base `nis1`, which has no such file.
pub fn protocol(bytes: &[u8], name: &str, base: Option<Base>) -> Result<Protocol, PropertiesError> {
    protocol_of(&Document::read(bytes)?, name, base)
}

/// As [`protocol`], of a document whose syntax has been read.
///
/// # Errors
/// As [`protocol`].
pub fn protocol_of(
    document: &Document<'_>,
    name: &str,
    base: Option<Base>,
) -> Result<Protocol, PropertiesError> {
    let typed = Typed::new(document)?;
    let properties = typed.properties()?;
    let base = base.unwrap_or(properties.origin.base);
    if base == Base::Nis1 {
        return Err(Position { line: 1, column: 1 }.error(Problem::NoNis1File));
    }
    typed.complete_for(base)?;
    let block_time_seconds = typed.block_time_seconds(properties.block_time_ms)?;
    let mut protocol = Protocol { name: name.to_owned(), ..Protocol::of_base(base) };
    let limits = &mut protocol.limits;
    limits.max_cosignatories_per_account = properties.max_cosignatories_per_account;
    limits.max_cosigned_accounts_per_account = properties.max_cosigned_accounts_per_account;
    limits.max_multisig_depth = properties.max_multisig_depth;
    limits.max_cosignatures_per_aggregate = properties.max_cosignatures_per_aggregate;
    limits.max_transactions_per_aggregate = properties.max_transactions_per_aggregate;
    limits.block_time_seconds = block_time_seconds;
    if let Some(bytes) = properties.max_message_bytes {
        limits.max_message_bytes = bytes;
    }
    if let Some(lifetime_ms) = properties.lifetime_ms {
        limits.transaction_lifetime_seconds = typed.whole_seconds(CHAIN, LIFETIME, lifetime_ms)?;
    }
    if let Some(blocks) = properties.max_rollback_blocks {
        limits.max_rollback_blocks = blocks;
    }
    if let Some(lifetime_ms) = properties.bonded_lifetime_ms {
        limits.bonded_lifetime_seconds =
            typed.whole_seconds(AGGREGATE, BONDED_LIFETIME, lifetime_ms)?;
    }
    if let Some(amount) = properties.hash_lock_amount {
        limits.hash_lock_amount = amount;
    }
    if let Some(seconds) = properties.hash_lock_duration_seconds_max {
        limits.hash_lock_duration_blocks_max = seconds.checked_div(block_time_seconds).unwrap_or(0);
    }
    protocol.switches.opt_in = properties.opt_in.unwrap_or(protocol.switches.opt_in);
    protocol.switches.strict_cosignature_check = properties.strict_cosignature_check;
    protocol.switches.bonded_aggregates = properties.bonded_aggregates;
    Ok(protocol)
}

/// A document whose known values have all been read once.
struct Typed<'read, 'text> {
    document: &'read Document<'text>,
}

impl<'read, 'text> Typed<'read, 'text> {
    fn new(document: &'read Document<'text>) -> Result<Self, PropertiesError> {
        for section in &document.sections {
            if let Some(known) = KNOWN.iter().find(|known| known.name == section.name) {
                let is_open = is_sirius(document);
                section.entries.iter().try_for_each(|entry| judge(known, entry, is_open))?;
            }
        }
        let typed = Self { document };
        typed.one_name_each()?;
        Ok(typed)
    }

    /// The same limit, or the same section, may not stand there under its old and its new name.
    fn one_name_each(&self) -> Result<(), PropertiesError> {
        let entry = |key| self.document.entry(MULTISIG, key).map(|entry| entry.key_position);
        if let (Some(old), Some(new)) = (entry(COSIGNERS), entry(COSIGNATORIES)) {
            return Err(old.max(new).error(Problem::TwoNames));
        }
        let signer = self.document.entry(NETWORK, NEMESIS_SIGNER);
        if let (Some(old), Some(_)) = (entry(COSIGNERS), signer) {
            return Err(old.error(Problem::TwoServers));
        }
        let section = |name| self.document.section(name).map(|section| section.position);
        if let (Some(old), Some(new)) = (section(LOCK), section(LOCK_HASH)) {
            return Err(old.max(new).error(Problem::TwoSections));
        }
        Ok(())
    }

    fn properties(&self) -> Result<NetworkProperties, PropertiesError> {
        let lock = self.lock_section();
        Ok(NetworkProperties {
            origin: origin_of(self.document),
            identifier: self.identifier()?,
            currency_mosaic_id: self.optional(CHAIN, "currencyMosaicId")?,
            block_time_ms: self.required(CHAIN, BLOCK_TIME)?,
            max_transactions_per_aggregate: self
                .required_u32(AGGREGATE, "maxTransactionsPerAggregate")?,
            max_cosignatures_per_aggregate: self
                .required_u32(AGGREGATE, "maxCosignaturesPerAggregate")?,
            strict_cosignature_check: self.required(AGGREGATE, "enableStrictCosignatureCheck")?
                == 1,
            bonded_aggregates: self.required(AGGREGATE, "enableBondedAggregateSupport")? == 1,
            lifetime_ms: self.optional(CHAIN, LIFETIME)?,
            max_rollback_blocks: self.optional(CHAIN, "maxRollbackBlocks")?,
            bonded_lifetime_ms: self.optional(AGGREGATE, BONDED_LIFETIME)?,
            hash_lock_amount: self.locked(lock, "lockedFundsPerAggregate")?,
            hash_lock_duration_seconds_max: self.locked(lock, "maxHashLockDuration")?,
            max_multisig_depth: self.required_u32(MULTISIG, "maxMultisigDepth")?,
            max_cosignatories_per_account: self.cosignatories()?,
            opt_in: self.optional(MULTISIG, OPT_IN)?.map(|value| value == 1),
            ignored: ignored(self.document),
            max_cosigned_accounts_per_account: self
                .required_u32(MULTISIG, "maxCosignedAccountsPerAccount")?,
            max_message_bytes: self.optional(TRANSFER, "maxMessageSize")?.map(narrow),
            strict_aggregate_transaction_hash: self
                .optional(FORK_HEIGHTS, "strictAggregateTransactionHash")?,
            unique_aggregate_transaction_hash: self
                .optional(FORK_HEIGHTS, "uniqueAggregateTransactionHash")?,
        })
    }

    /// Keys that the oldest servers did not have, and the others insist on.
    fn complete_for(&self, base: Base) -> Result<(), PropertiesError> {
        if base == Base::CatapultV3 {
            return Ok(());
        }
        self.required(AGGREGATE, BONDED_LIFETIME)?;
        match self.lock_section() {
            Some(_) => Ok(()),
            None => Err(self.missing(LOCK_HASH, "lockedFundsPerAggregate")),
        }
    }

    fn identifier(&self) -> Result<Option<String>, PropertiesError> {
        let Some(entry) = self.document.entry(NETWORK, "identifier") else { return Ok(None) };
        match entry.value {
            "" => Err(entry.value_position.error(Problem::EmptyIdentifier)),
            name => Ok(Some(name.to_owned())),
        }
    }

    fn lock_section(&self) -> Option<&'static str> {
        [LOCK_HASH, LOCK].into_iter().find(|name| self.document.section(name).is_some())
    }

    /// A value of the hash lock section, which must be there if the section is.
    fn locked(
        &self,
        section: Option<&'static str>,
        key: &'static str,
    ) -> Result<Option<u64>, PropertiesError> {
        section.map(|section| self.required(section, key)).transpose()
    }

    fn cosignatories(&self) -> Result<u32, PropertiesError> {
        match self.optional(MULTISIG, COSIGNERS)? {
            Some(number) => Ok(narrow(number)),
            None => self.required_u32(MULTISIG, COSIGNATORIES),
        }
    }

    fn optional(&self, section: &str, key: &str) -> Result<Option<u64>, PropertiesError> {
        let Some(entry) = self.document.entry(section, key) else { return Ok(None) };
        let Some(kind) = kind_of(section, key) else { return Ok(None) };
        typed_value(entry, kind).map(Some)
    }

    fn required(&self, section: &'static str, key: &'static str) -> Result<u64, PropertiesError> {
        self.optional(section, key)?.ok_or_else(|| self.missing(section, key))
    }

    fn required_u32(
        &self,
        section: &'static str,
        key: &'static str,
    ) -> Result<u32, PropertiesError> {
        self.required(section, key).map(narrow)
    }

    /// The error of a missing key: at its section, or behind the last line if that is missing too.
    fn missing(&self, section: &'static str, key: &'static str) -> PropertiesError {
        match self.document.section(section) {
            Some(found) => {
                let keys = found.entries.iter().map(|entry| entry.key);
                let nearest = nearest(key, keys.filter(|&other| kind_of(section, other).is_none()));
                found.position.error(Problem::MissingKey { section, key, nearest })
            }
            None => {
                let nearest = self.nearest_section(section);
                self.document.end.error(Problem::MissingSection { section, key, nearest })
            }
        }
    }

    /// The unknown section that is probably meant. Plugin sections share a long prefix, so that only
    /// the part behind the last dot is compared.
    fn nearest_section(&self, wanted: &str) -> Option<String> {
        let names = self.document.sections.iter().map(|section| section.name);
        let unknown = |name: &&str| !KNOWN.iter().any(|known| known.name == *name);
        let candidates = names.filter(unknown).map(|name| (plugin(name), name));
        let slips = edits_max(plugin(wanted));
        candidates
            .filter(|(part, _)| part.len().abs_diff(plugin(wanted).len()) <= slips)
            .map(|(part, name)| (distance(plugin(wanted), part), name))
            .filter(|&(edits, _)| edits <= slips)
            .min()
            .map(|(_, name)| format!("[{name}]"))
    }

    fn block_time_seconds(&self, block_time_ms: u64) -> Result<u64, PropertiesError> {
        match self.whole_seconds(CHAIN, BLOCK_TIME, block_time_ms)? {
            0 => Err(self.value_position(CHAIN, BLOCK_TIME).error(Problem::NoBlockTime)),
            seconds => Ok(seconds),
        }
    }

    fn whole_seconds(
        &self,
        section: &str,
        key: &'static str,
        milliseconds: u64,
    ) -> Result<u64, PropertiesError> {
        match milliseconds % 1000 {
            0 => Ok(milliseconds / 1000),
            _ => {
                let problem = Problem::NotWholeSeconds { key, milliseconds };
                Err(self.value_position(section, key).error(problem))
            }
        }
    }

    fn value_position(&self, section: &str, key: &str) -> Position {
        self.document.entry(section, key).map_or(self.document.end, |entry| entry.value_position)
    }
}

/// Whether the file is of ProximaX Sirius, whose sections have keys of its own.
fn is_sirius(document: &Document<'_>) -> bool {
    document.entry(MULTISIG, OPT_IN).is_some()
}

/// The keys of a section that is read key by key and that are in no list.
fn ignored(document: &Document<'_>) -> Vec<String> {
    let known = |section: &str| KNOWN.iter().find(|known| known.complete && known.name == section);
    let unknown = document.sections.iter().filter(|section| known(section.name).is_some());
    unknown
        .flat_map(|section| section.entries.iter().map(move |entry| (section.name, entry.key)))
        .filter(|&(section, key)| kind_of(section, key).is_none())
        .map(|(section, key)| format!("[{section}] {key}"))
        .collect()
}

fn judge(known: &KnownSection, entry: &Entry<'_>, is_open: bool) -> Result<(), PropertiesError> {
    let kind = known.keys.iter().find(|(key, _)| *key == entry.key);
    match kind {
        Some(&(_, kind)) => typed_value(entry, kind).map(|_| ()),
        None if !known.complete || is_open => Ok(()),
        None => {
            let nearest = nearest(entry.key, known.keys.iter().map(|(key, _)| *key));
            let key = value::excerpt(entry.key);
            let section = known.name;
            Err(entry.key_position.error(Problem::UnknownKey { key, section, nearest }))
        }
    }
}

fn typed_value(entry: &Entry<'_>, kind: ValueType) -> Result<u64, PropertiesError> {
    read_value(kind, entry.value).map_err(|error| {
        let key = entry.key.to_owned();
        entry.value_position.error(Problem::Value { key, error })
    })
}

fn kind_of(section: &str, key: &str) -> Option<ValueType> {
    let known = KNOWN.iter().find(|known| known.name == section)?;
    known.keys.iter().find(|(name, _)| *name == key).map(|&(_, kind)| kind)
}

/// A number that was read as `u32` or less.
fn narrow(number: u64) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}

/// The part of a section's name behind the last dot.
fn plugin(section: &str) -> &str {
    section.rsplit('.').next().unwrap_or(section)
}
