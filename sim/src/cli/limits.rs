//! Limits changed on the spot, wherever a protocol is taken.

use super::Fatal;
use crate::protocol::{Limits as OwnLimits, Protocol};

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
        let aggregates = [
            ("max-cosignatures", self.max_cosignatures),
            ("max-transactions", self.max_transactions),
        ];
        let idle = aggregates.iter().find(|(_, value)| value.is_some());
        if let Some((flag, _)) = idle.filter(|_| !protocol.base.has_aggregates()) {
            let name = &protocol.name;
            return Err(Fatal(format!("`--{flag}` has no effect on `{name}`: no aggregates")));
        }
        let limits = &mut protocol.limits;
        let set = |limit: &mut u32, value: Option<u32>| *limit = value.unwrap_or(*limit);
        set(&mut limits.max_cosignatories_per_account, self.max_cosignatories);
        set(&mut limits.max_cosigned_accounts_per_account, self.max_cosigned);
        set(&mut limits.max_multisig_depth, self.max_depth);
        set(&mut limits.max_cosignatures_per_aggregate, self.max_cosignatures);
        set(&mut limits.max_transactions_per_aggregate, self.max_transactions);
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
        let words: Vec<String> = self
            .flags_of(before)
            .into_iter()
            .filter_map(|(name, own, given)| {
                given.filter(|&given| given != own).map(|given| (name, given))
            })
            .map(|(name, given)| format!("{name} {given}"))
            .collect();
        if !words.is_empty() {
            changed.name = format!("{} with {}", changed.name, words.join(", "));
        }
        Ok(changed)
    }

    /// Each flag's name, the protocol's own limit, and the one given.
    const fn flags_of(&self, own: OwnLimits) -> [(&'static str, u32, Option<u32>); 5] {
        [
            ("max-cosignatories", own.max_cosignatories_per_account, self.max_cosignatories),
            ("max-cosigned", own.max_cosigned_accounts_per_account, self.max_cosigned),
            ("max-depth", own.max_multisig_depth, self.max_depth),
            ("max-cosignatures", own.max_cosignatures_per_aggregate, self.max_cosignatures),
            ("max-transactions", own.max_transactions_per_aggregate, self.max_transactions),
        ]
    }

    /// The flags as they were given, for the command that repeats.
    #[must_use]
    pub fn flags(&self) -> String {
        let flags = [
            ("max-cosignatories", self.max_cosignatories),
            ("max-cosigned", self.max_cosigned),
            ("max-depth", self.max_depth),
            ("max-cosignatures", self.max_cosignatures),
            ("max-transactions", self.max_transactions),
        ];
        let given = flags.iter().filter_map(|(name, value)| Some((name, (*value)?)));
        given.map(|(name, value)| format!(" --{name} {value}")).collect()
    }
}
