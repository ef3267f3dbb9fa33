//! Faults in the rules of NIS1, most of them from its own history.

use super::{Fault, NIS1};
use crate::protocol::conduct::{FeePayer, Initiation, MinimaUndo, RangeCheck};

pub(super) const FAULTS: &[Fault] = &[
    Fault {
        name: "n-of-n-removal-needs-all",
        protocols: NIS1,
        description: "Removing from an N-of-N account needs the removed one's signature, too.",
        origin: "nis1, MultisigSignaturesPresentValidator: all except the removed one",
        edit: |law| law.switches.n_of_n_removal_by_others = false,
    },
    Fault {
        name: "m-of-n-removal-needs-all-others",
        protocols: NIS1,
        description: "Removing from an M-of-N account needs all that stay instead of M.",
        origin: "nem before f0c7a0045",
        edit: |law| law.conduct.m_of_n_removal_by_minimum = false,
    },
    Fault {
        name: "removed-signature-counts",
        protocols: NIS1,
        description: "The signature of the removed cosignatory counts towards M.",
        origin: "nis1, MultisigSignaturesPresentValidator: the removed one does not count",
        edit: |law| law.conduct.removed_left_out = false,
    },
    Fault {
        name: "stored-n-is-m-of-n",
        protocols: NIS1,
        description: "A stored threshold of N is taken for M-of-N: a removal needs N others.",
        origin: "nem before 9bbc912f4",
        edit: |law| law.conduct.stored_n_is_all = false,
    },
    Fault {
        name: "range-checked-only-with-a-change",
        protocols: NIS1,
        description: "A plain removal may leave the threshold above the number of cosignatories.",
        origin: "nem before 9f3e7123d and 35f7e21ca",
        edit: |law| law.conduct.range_check = RangeCheck::WithDelta,
    },
    Fault {
        name: "absolute-threshold",
        protocols: NIS1,
        description: "The change of the threshold is its new value, and undo cannot restore the old.",
        origin: "nem before b31399983",
        edit: |law| {
            law.conduct.delta_relative = false;
            law.conduct.minima_undo = MinimaUndo::Never;
        },
    },
    Fault {
        name: "undo-keeps-threshold",
        protocols: NIS1,
        description: "Going back leaves the threshold as it is.",
        origin: "nem before b31399983 and 35f7e21ca: a change that undo does not know of",
        edit: |law| law.conduct.minima_undo = MinimaUndo::Never,
    },
    Fault {
        name: "zero-change-refused",
        protocols: NIS1,
        description: "A change of the threshold by 0 is refused.",
        origin: "nem before 872e946bf",
        edit: |law| law.conduct.zero_delta_taken = false,
    },
    Fault {
        name: "stranger-ignored",
        protocols: NIS1,
        description: "A stranger's signature is ignored instead of refused.",
        origin: "nem before 8aa16b793",
        edit: |law| law.conduct.stranger_refused = false,
    },
    Fault {
        name: "self-addition",
        protocols: NIS1,
        description: "An account may add itself as its own cosignatory.",
        origin: "nem before a73e0a40d",
        edit: |law| law.conduct.self_addition_refused = false,
    },
    Fault {
        name: "multi-level",
        protocols: NIS1,
        description: "A multisig account may cosign, and a cosignatory may become multisig.",
        origin: "nem before 81f3e3c73 and 17fd099e1",
        edit: |law| law.conduct.one_level = false,
    },
    Fault {
        name: "initiator-counted-twice",
        protocols: NIS1,
        description: "The initiator's signature counts twice.",
        origin: "nem before fc31844c2",
        edit: |law| law.conduct.signer_votes = 2,
    },
    Fault {
        name: "validation-changes-the-live-set",
        protocols: NIS1,
        description: "Judging the signatures of a removal already removes the cosignatory.",
        origin: "nem before 1c524107f",
        edit: |law| law.conduct.judging_changes_nothing = false,
    },
    Fault {
        name: "two-modifications-in-a-block",
        protocols: NIS1,
        description: "A block may modify the same account twice.",
        origin: "nem before 7c1c07cda",
        edit: |law| law.conduct.conflict_refused = false,
    },
    Fault {
        name: "unwrapped-modification",
        protocols: NIS1,
        description: "A multisig account may modify itself by its own key unless it removes somebody.",
        origin: "nem before b5e22135b and aacb8f237",
        edit: |law| law.conduct.initiation = Initiation::ModificationWithoutDeletion,
    },
    Fault {
        name: "multisig-acts-alone",
        protocols: NIS1,
        description: "A multisig account's own key may still do everything.",
        origin: "nis1, MultisigNonOperationalValidator",
        edit: |law| law.conduct.initiation = Initiation::Always,
    },
    Fault {
        name: "repeated-entries",
        protocols: NIS1,
        description: "The same account twice in a modification is taken.",
        origin: "nem before 5a4638530: no redundancy check",
        edit: |law| law.conduct.repeats_refused = false,
    },
    Fault {
        name: "several-deletes",
        protocols: NIS1,
        description: "One modification may remove two cosignatories.",
        origin: "nis1, MultisigCosignatoryModificationValidator: one deleted account at most",
        edit: |law| law.switches.max_deletions_per_modification = 2,
    },
    Fault {
        name: "harvester-signed",
        protocols: NIS1,
        description: "Whoever signed a transaction of a block may harvest it.",
        origin: "nis1, NoSelfSignedTransactionsBlockValidator",
        edit: |law| law.conduct.self_signed_refused = false,
    },
    Fault {
        name: "block-ignores-inner-transactions",
        protocols: NIS1,
        description: "The limit of a block does not count inner transactions and signatures.",
        origin: "nis1, MaxTransactionsBlockValidator; the same in catapult-server before a934b146",
        edit: |law| law.conduct.block_counts_inner = false,
    },
    Fault {
        name: "fees-paid-by-the-initiator",
        protocols: NIS1,
        description: "The initiator pays for the wrapper and the signatures.",
        origin: "nem before 96f714d2f",
        edit: |law| law.conduct.fee_payer = FeePayer::Initiator,
    },
    Fault {
        name: "signature-costs-the-inner-fee",
        protocols: NIS1,
        description: "Each signature is charged as much as the inner transaction.",
        origin: "nem before 796d3a783",
        edit: |law| law.conduct.signature_own_fee = false,
    },
];
