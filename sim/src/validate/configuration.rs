//! The configuration itself, before anything is tried: what contradicts itself, what no server can
//! hold, what makes other limits pointless.

use serde::{Deserialize, Serialize};

use super::shape::Shape;
use crate::protocol::{Protocol, Threshold};

/// How bad a note is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "schemas", derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
#[cfg_attr(feature = "schemas", schemars(inline))]
pub enum Severity {
    /// A contradiction: the configuration is broken.
    Broken,
    /// Legal, and worth knowing.
    Remark,
}

impl Severity {
    /// Its name in answers.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Broken => "broken",
            Self::Remark => "remark",
        }
    }
}

/// Something about the configuration.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schemas", derive(schemars::JsonSchema))]
pub struct Note {
    /// A name that stays, whatever the numbers.
    pub name: String,
    /// How bad it is.
    pub severity: Severity,
    /// What it is, with the numbers.
    pub text: String,
}

fn broken(name: &'static str, text: impl Into<String>) -> Note {
    Note { name: name.to_owned(), severity: Severity::Broken, text: text.into() }
}

fn remark(name: &'static str, text: impl Into<String>) -> Note {
    Note { name: name.to_owned(), severity: Severity::Remark, text: text.into() }
}

/// All notes, the contradictions first.
#[must_use]
pub fn notes(protocol: &Protocol) -> Vec<Note> {
    let mut notes = overflows(protocol);
    match protocol.base.has_aggregates() {
        false => of_nis1(protocol, &mut notes),
        true => {
            of_aggregates(protocol, &mut notes);
            of_waiting(protocol, &mut notes);
            of_rules(protocol, &mut notes);
        }
    }
    if protocol.limits.block_time_seconds == 0 {
        notes.push(broken("no-block-time", "a block takes 0 seconds, so no time ever passes"));
    }
    notes.sort_by_key(|note| note.severity);
    notes
}

/// Values that the servers' configuration fields cannot hold. Types: the servers' configuration
/// classes of the plugins aggregate, multisig and transfer; `maxCosignersPerAccount` was a byte.
fn overflows(protocol: &Protocol) -> Vec<Note> {
    let limits = &protocol.limits;
    if !protocol.base.has_aggregates() {
        return Vec::new();
    }
    let byte = u64::from(u8::MAX);
    let cosignatories_most = u64::from(protocol.base.cosignatories_field_max());
    let fields = [
        ("max_cosignatures_per_aggregate", limits.max_cosignatures_per_aggregate, byte),
        ("max_multisig_depth", limits.max_multisig_depth, byte),
        ("max_cosignatories_per_account", limits.max_cosignatories_per_account, cosignatories_most),
        ("max_message_bytes", limits.max_message_bytes, u64::from(u16::MAX)),
    ];
    let beyond = fields.into_iter().filter(|&(_, value, most)| u64::from(value) > most);
    let note = |(name, value, most)| {
        let bytes = if most == byte { "one byte" } else { "two bytes" };
        broken("overflow", format!("{name} is {value}; a server keeps it in {bytes}, 0 to {most}"))
    };
    beyond.map(note).collect()
}

/// Most signatures that a NIS1 block has room for: the outer and the inner transaction count, too.
fn block_room(protocol: &Protocol) -> u32 {
    protocol.limits.max_transactions_per_block.saturating_sub(1)
}

fn of_nis1(protocol: &Protocol, notes: &mut Vec<Note>) {
    let limits = &protocol.limits;
    let (cosignatories, room) = (limits.max_cosignatories_per_account, block_room(protocol));
    if cosignatories == 0 {
        notes.push(no_multisig("max_cosignatories_per_account is 0"));
    }
    if limits.max_transactions_per_block < 2 {
        notes.push(broken(
            "block-too-small",
            format!(
                "a block holds {} transactions; a multisig transaction and its inner one are 2",
                limits.max_transactions_per_block
            ),
        ));
    } else if cosignatories > room {
        notes.push(remark(
            "cosignatories-beyond-block",
            format!(
                "an account may need {cosignatories} signatures, a block of {} transactions has room \
                 for {room} beside the transaction they sign",
                limits.max_transactions_per_block
            ),
        ));
    }
}

fn no_multisig(why: &str) -> Note {
    broken("no-multisig", format!("{why}, so no account can ever become multisig"))
}

fn of_aggregates(protocol: &Protocol, notes: &mut Vec<Note>) {
    let (limits, shape) = (&protocol.limits, Shape::new(protocol));
    let (cap, parts) =
        (limits.max_cosignatures_per_aggregate, limits.max_transactions_per_aggregate);
    if cap == 0 {
        notes.push(broken(
            "no-signature",
            "an aggregate may carry 0 signatures: none is ever valid",
        ));
    } else if u64::from(cap) < shape.cap_least() {
        notes.push(no_multisig(
            "an aggregate carries 1 signature, and who is added must sign as well",
        ));
    }
    if parts == 0 {
        notes.push(broken("no-transaction", "an aggregate may hold 0 transactions: none is valid"));
    }
    let room = [
        ("max_cosignatories_per_account", limits.max_cosignatories_per_account),
        ("max_cosigned_accounts_per_account", limits.max_cosigned_accounts_per_account),
        ("max_multisig_depth", limits.max_multisig_depth),
    ];
    for (name, _) in room.into_iter().filter(|&(_, value)| value == 0) {
        notes.push(no_multisig(&format!("{name} is 0")));
    }
    if shape.strict {
        notes.push(broken(
            "strict-check",
            "with the strict cosignature check only signers of embedded transactions may sign, so a \
             multisig account can be made and never acts",
        ));
    }
    let cosignatories = limits.max_cosignatories_per_account;
    if cap > 0 && cap < cosignatories {
        notes.push(remark(
            "cap-below-cosignatories",
            format!(
                "an account may have {cosignatories} cosignatories, an aggregate carries {cap} \
                 signatures: thresholds from {} on cannot be reached at once",
                cap.saturating_add(1)
            ),
        ));
    }
}

fn of_waiting(protocol: &Protocol, notes: &mut Vec<Note>) {
    let limits = &protocol.limits;
    if !protocol.switches.bonded_aggregates {
        return;
    }
    if limits.hash_lock_duration_blocks_max == 0 {
        notes.push(broken(
            "no-hash-lock",
            "bonded aggregates need a hash lock, and none may last a single block",
        ));
    }
    if limits.bonded_lifetime_seconds < limits.block_time_seconds {
        notes.push(broken(
            "no-time-to-sign",
            format!(
                "a bonded aggregate waits {} seconds, less than a block of {}",
                limits.bonded_lifetime_seconds, limits.block_time_seconds
            ),
        ));
    }
    let lock = limits.hash_lock_duration_blocks_max.saturating_mul(limits.block_time_seconds);
    if lock > 0 && limits.bonded_lifetime_seconds > lock {
        notes.push(remark(
            "deposit-ends-first",
            format!(
                "a bonded aggregate may wait {} seconds, its deposit at most {lock}",
                limits.bonded_lifetime_seconds
            ),
        ));
    }
    if limits.hash_lock_amount == 0 {
        notes.push(remark("free-waiting", "a hash lock costs nothing: anybody may fill the pool"));
    }
}

fn of_rules(protocol: &Protocol, notes: &mut Vec<Note>) {
    let switches = &protocol.switches;
    if !switches.opt_in {
        notes.push(remark("no-consent", "an account is made a cosignatory without consent"));
    }
    if switches.max_deletions_per_modification == 0 {
        notes.push(remark("no-removal", "no cosignatory can ever be removed"));
    }
    if switches.removal_threshold != Threshold::Removal
        && switches.mixed_threshold == Threshold::Removal
    {
        notes.push(remark(
            "swap-below-removal",
            "a removal beside an addition needs less than a removal alone",
        ));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::Base;
    use crate::protocol::PRESETS;

    type Change = fn(&mut Protocol);

    fn names(change: impl FnOnce(&mut Protocol)) -> Vec<(&'static str, Severity)> {
        let mut protocol = Protocol::of_base(Base::Symbol);
        change(&mut protocol);
        notes(&protocol).into_iter().map(|note| (&*note.name.leak(), note.severity)).collect()
    }

    #[test]
    fn nothing_is_to_be_said_of_the_presets() {
        for (name, _) in PRESETS {
            assert_eq!(notes(&Protocol::preset(name).unwrap()), [], "{name}");
        }
    }

    #[test]
    fn what_leaves_nothing_to_do_is_broken() {
        let changes: [(Change, &str); 9] = [
            (|p| p.limits.max_cosignatures_per_aggregate = 0, "no-signature"),
            (|p| p.limits.max_cosignatures_per_aggregate = 1, "no-multisig"),
            (|p| p.limits.max_transactions_per_aggregate = 0, "no-transaction"),
            (|p| p.limits.max_cosignatories_per_account = 0, "no-multisig"),
            (|p| p.limits.max_cosigned_accounts_per_account = 0, "no-multisig"),
            (|p| p.limits.max_multisig_depth = 0, "no-multisig"),
            (|p| p.switches.strict_cosignature_check = true, "strict-check"),
            (|p| p.limits.hash_lock_duration_blocks_max = 0, "no-hash-lock"),
            (|p| p.limits.bonded_lifetime_seconds = 29, "no-time-to-sign"),
        ];
        for (change, name) in changes {
            assert_eq!(names(change)[0], (name, Severity::Broken));
        }
    }

    #[test]
    fn a_value_that_a_server_cannot_hold_is_broken() {
        assert_eq!(
            names(|p| p.limits.max_cosignatures_per_aggregate = 256),
            [("overflow", Severity::Broken)]
        );
        assert_eq!(
            names(|p| p.limits.max_message_bytes = 65_536),
            [("overflow", Severity::Broken)]
        );
        let mut wide = Protocol::of_base(Base::CatapultV3);
        wide.limits.max_cosignatories_per_account = 256;
        assert_eq!(notes(&wide)[0].name, "overflow");
        wide.base = Base::CatapultV1;
        assert_eq!(notes(&wide)[0].name, "cap-below-cosignatories");
    }

    #[test]
    fn what_is_legal_and_odd_is_a_remark() {
        let remark = |name| vec![(name, Severity::Remark)];
        assert_eq!(
            names(|p| p.limits.max_cosignatures_per_aggregate = 15),
            remark("cap-below-cosignatories")
        );
        assert_eq!(names(|p| p.switches.opt_in = false), remark("no-consent"));
        assert_eq!(names(|p| p.switches.max_deletions_per_modification = 0), remark("no-removal"));
        assert_eq!(
            names(|p| p.limits.bonded_lifetime_seconds = 200_000),
            remark("deposit-ends-first")
        );
        let mut nis1 = Protocol::of_base(Base::Nis1);
        nis1.limits.max_cosignatories_per_account = 120;
        assert_eq!(notes(&nis1)[0].name, "cosignatories-beyond-block");
        nis1.limits.max_cosignatories_per_account = 119;
        assert_eq!(notes(&nis1), []);
    }
}
