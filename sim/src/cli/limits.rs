//! Limits changed on the spot.

use crate::protocol::Protocol;

/// Limits that take the place of the protocol's own.
#[derive(Clone, Debug, Default, clap::Args)]
pub struct Limits {
    /// Most cosignatories one account may have
    #[arg(long, value_name = "NUMBER")]
    max_cosignatories: Option<u32>,
    /// Most accounts one account may cosign for
    #[arg(long, value_name = "NUMBER")]
    max_cosigned: Option<u32>,
    /// Most levels, counted in edges: a multisig of multisigs is depth 2
    #[arg(long, value_name = "NUMBER")]
    max_depth: Option<u32>,
    /// Most signatures in one aggregate, its signer included
    #[arg(long, value_name = "NUMBER")]
    max_cosignatures: Option<u32>,
    /// Most transactions in one aggregate
    #[arg(long, value_name = "NUMBER")]
    max_transactions: Option<u32>,
}

impl Limits {
    /// Changes a protocol's limits where one was named.
    pub fn change(&self, protocol: &mut Protocol) {
        let limits = &mut protocol.limits;
        let set = |limit: &mut u32, value: Option<u32>| *limit = value.unwrap_or(*limit);
        set(&mut limits.max_cosignatories_per_account, self.max_cosignatories);
        set(&mut limits.max_cosigned_accounts_per_account, self.max_cosigned);
        set(&mut limits.max_multisig_depth, self.max_depth);
        set(&mut limits.max_cosignatures_per_aggregate, self.max_cosignatures);
        set(&mut limits.max_transactions_per_aggregate, self.max_transactions);
    }
}
