//! The header: protocol, names and the state everything starts from.

use super::names::Names;
use super::read::{Misfit, misfit};
use super::record::{HeaderRecord, LimitsRecord, ProtocolChoice, StateRecord};
use crate::account::{AccountId, Accounts};
use crate::flaw::other_format;
use crate::ledger::{Entry, Genesis, Minima};
use crate::mosaic::Definition;
use crate::protocol::{Base, Limit, PRESETS, Protocol, json};

/// The word that every scenario's header begins with.
pub const FORMAT: &str = "multisig-trace";

/// A scenario's header, read.
#[derive(Clone, Debug)]
pub struct Header {
    /// A short name; empty if the file gives none.
    pub name: String,
    /// What it shows; empty if the file does not say.
    pub description: String,
    /// The protocol.
    pub protocol: Protocol,
    /// All names.
    pub names: Names,
    /// The start.
    pub genesis: Genesis,
    /// Keys that do not exist any more.
    pub lost: Vec<AccountId>,
    /// Keys that a thief holds, too.
    pub stolen: Vec<AccountId>,
}

impl Header {
    /// Reads a header.
    ///
    /// # Errors
    /// Another format or version, an unknown protocol, a name twice or unknown, a start that is
    /// impossible.
    pub fn read(record: &HeaderRecord<'_>) -> Result<Self, Misfit> {
        if record.format.0 != FORMAT {
            return misfit(other_format(&record.format.0, FORMAT));
        }
        if record.version != 1 {
            return misfit(format!("`version` is {}; expected 1", record.version));
        }
        let protocol = protocol(record)?;
        let labels: Vec<&str> = record.accounts.iter().map(|name| name.0.as_ref()).collect();
        let accounts = Accounts::new(&labels).map_err(|error| Misfit(error.to_string()))?;
        let mut names = Names::new(accounts, &protocol);
        let genesis = genesis(record, &protocol, &mut names)?;
        let list = |list: &[super::record::Name<'_>]| {
            list.iter().map(|name| names.account(name)).collect::<Result<Vec<_>, _>>()
        };
        let (lost, stolen) = (list(&record.lost)?, list(&record.stolen)?);
        let text = |field: &Option<super::record::Name<'_>>| {
            field.as_ref().map_or(String::new(), |text| text.0.to_string())
        };
        let (name, description) = (text(&record.name), text(&record.description));
        Ok(Self { name, description, protocol, names, genesis, lost, stolen })
    }
}

fn protocol(record: &HeaderRecord<'_>) -> Result<Protocol, Misfit> {
    match (&record.ruleset, &record.protocol) {
        (Some(ruleset), None) => {
            let Some(base) = Base::from_name(&ruleset.0) else {
                let found = &ruleset.0;
                let expected = "`nis1`, `catapult-v3`, `catapult-v1` or `symbol`";
                return misfit(format!("unknown `ruleset` `{found}`; expected {expected}"));
            };
            let mut protocol = Protocol::of_base(base);
            if let Some(limits) = &record.limits {
                set_limits(&mut protocol, limits);
            }
            Ok(protocol)
        }
        (None, Some(ProtocolChoice::Preset(name))) if record.limits.is_none() => {
            Protocol::preset(name).ok_or_else(|| Misfit(unknown_protocol(name, "")))
        }
        (None, Some(ProtocolChoice::Own(own))) if record.limits.is_none() => {
            json::build(own).map_err(|error| Misfit(format!("in `protocol`: {error}")))
        }
        (None, Some(_)) => misfit(
            "`limits` beside `protocol`; expected them inside: {\"base\":..,\"limits\":{..}}",
        ),
        (Some(_), Some(_)) => misfit("`ruleset` and `protocol`; expected one of them"),
        (None, None) => {
            misfit("no `protocol`; expected a preset's name or an object with a `base`")
        }
    }
}

/// The message for a protocol that does not exist; `others` is what else could stand there.
#[must_use]
pub fn unknown_protocol(name: &str, others: &str) -> String {
    let known: Vec<String> = PRESETS.iter().map(|(name, _)| format!("`{name}`")).collect();
    let (known, hint) = (known.join(", "), json::hint(name));
    format!("unknown protocol `{name}`; expected one of {known}{others}{hint}")
}

fn set_limits(protocol: &mut Protocol, record: &LimitsRecord) {
    let given = [
        record.max_cosignatories_per_account,
        record.max_cosigned_accounts_per_account,
        record.max_multisig_depth,
        record.max_cosignatures_per_aggregate,
        record.max_transactions_per_aggregate,
    ];
    for (limit, value) in Limit::OF_SHAPE.into_iter().zip(given) {
        value.into_iter().for_each(|value| limit.set(&mut protocol.limits, value.into()));
    }
}

fn genesis(
    record: &HeaderRecord<'_>,
    protocol: &Protocol,
    names: &mut Names,
) -> Result<Genesis, Misfit> {
    let mut genesis = Genesis::of_accounts(names.accounts.len());
    for mosaic in &record.mosaics {
        let owner = names.account(&mosaic.owner)?;
        let id = names.define_mosaic(&mosaic.name.0);
        if mosaic.divisibility > 6 {
            let (name, found) = (&mosaic.name.0, mosaic.divisibility);
            return misfit(format!("`divisibility` of `{name}` is {found}; expected 0 to 6"));
        }
        genesis.definitions.push((
            id,
            Definition {
                owner,
                divisibility: mosaic.divisibility,
                supply_mutable: mosaic.supply_mutable,
                transferable: mosaic.transferable,
                ..Definition::default()
            },
        ));
    }
    for (name, holding) in &record.balances.0 {
        let account = names.account(name)?;
        names.holding(account, holding, &mut genesis.balances);
    }
    genesis.entries = entries(names, protocol, &record.state)?;
    Ok(genesis)
}

/// Reads a state: all multisig accounts, each with thresholds in the protocol's own words.
pub(super) fn entries(
    names: &Names,
    protocol: &Protocol,
    record: &StateRecord<'_>,
) -> Result<Vec<Entry>, Misfit> {
    let two = protocol.base.has_removal_threshold();
    let mut entries = Vec::with_capacity(record.0.len());
    for (name, entry) in &record.0 {
        let account = names.account(name)?;
        let minima = match (entry.min_approval, entry.min_removal, entry.min_cosignatories) {
            (None, None, Some(minimum)) if !two => Minima { approval: minimum, removal: 0 },
            (Some(approval), Some(removal), None) if two => Minima { approval, removal },
            _ => {
                let expected = match two {
                    true => "`min_approval` and `min_removal`",
                    false => "`min_cosignatories`",
                };
                let name = &name.0;
                return misfit(format!("thresholds of `{name}`: expected {expected} and no other"));
            }
        };
        let cosignatories =
            entry.cosignatories.iter().map(|name| names.account(name)).collect::<Result<_, _>>()?;
        entries.push(Entry { account, minima, cosignatories });
    }
    Ok(entries)
}
