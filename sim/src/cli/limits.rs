//! Limits changed on the spot, wherever a protocol is taken.

use super::Fatal;
use crate::protocol::{Limit, Protocol};

/// Limits that stand in place of the protocol's own.
#[derive(Clone, Copy, Debug, Default, clap::Args)]
#[command(next_help_heading = "Limits")]
pub struct Limits {
    /// Most cosignatories of one account
    #[arg(long, value_name = "N")]
    max_cosignatories: Option<u32>,
    /// Most accounts that one account cosigns for
    #[arg(long, value_name = "N")]
    max_cosigned: Option<u32>,
    /// Most levels in edges: a multisig of multisigs is depth 2
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(..=255))]
    max_depth: Option<u32>,
    /// Most signatures of an aggregate, its signer included
    #[arg(long, value_name = "N")]
    max_cosignatures: Option<u32>,
    /// Most transactions of an aggregate
    #[arg(long, value_name = "N")]
    max_transactions: Option<u32>,
}

impl Limits {
    /// The protocol with these limits.
    ///
    /// # Errors
    /// A limit that the protocol has not: NIS1 knows no aggregates.
    pub fn on(&self, mut protocol: Protocol) -> Result<Protocol, Fatal> {
        for (limit, value) in self.given() {
            let is_of_aggregates = matches!(limit, Limit::Cosignatures | Limit::Transactions);
            if is_of_aggregates && !protocol.base.has_aggregates() {
                let (option, name) = (limit.option(), &protocol.name);
                return Err(Fatal(format!(
                    "`--{option}` has no effect on `{name}`: no aggregates"
                )));
            }
            limit.set(&mut protocol.limits, value.into());
        }
        Ok(protocol)
    }

    /// The protocol with these limits, and a name that says which of them are not its own: `symbol-mainnet
    /// with max-cosignatures 15`.
    ///
    /// # Errors
    /// As [`Self::on`].
    pub fn named_on(&self, protocol: Protocol) -> Result<Protocol, Fatal> {
        let before = protocol.limits;
        let mut changed = self.on(protocol)?;
        let others = self.given().filter(|(limit, value)| limit.of(&before) != u64::from(*value));
        let words: Vec<String> =
            others.map(|(limit, value)| format!("{} {value}", limit.option())).collect();
        if !words.is_empty() {
            changed.name = format!("{} with {}", changed.name, words.join(", "));
        }
        Ok(changed)
    }

    /// The limits that were given.
    fn given(&self) -> impl Iterator<Item = (Limit, u32)> + use<> {
        let values = [
            self.max_cosignatories,
            self.max_cosigned,
            self.max_depth,
            self.max_cosignatures,
            self.max_transactions,
        ];
        Limit::OF_SHAPE.into_iter().zip(values).filter_map(|(limit, value)| Some((limit, value?)))
    }

    /// The flags as they were given, for the command that repeats.
    #[must_use]
    pub fn flags(&self) -> String {
        self.given().map(|(limit, value)| format!(" --{} {value}", limit.option())).collect()
    }
}
