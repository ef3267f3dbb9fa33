//! Result names of every protocol, in every spelling and number under which people meet them.

use serde::{Deserialize, Serialize};

use super::catalogue::{self, Meaning};
use super::source;
use crate::account::distance;
use crate::protocol::Base;
use crate::verdict::{Reason, Refusal, Verdict};

/// All bases, in the order of the columns of [`Meaning::codes`].
const BASES: [Base; 4] = [Base::CatapultV3, Base::CatapultV1, Base::Symbol, Base::Nis1];

/// Spellings of releases between the eras, and the number that NIS1's wallets showed.
const OTHER_SPELLINGS: [(&str, Reason); 2] = [
    ("Failure_Multisig_Redundant_Modifications", Reason::MultisigRedundantModification),
    ("742", Reason::MultisigNoMatchingMultisig),
];

/// Facilities of the Catapult server: the third byte of a result (`FacilityCode.h`).
const FACILITIES: [(u8, &str); 16] = [
    (0x41, "Aggregate"),
    (0x43, "Core"),
    (0x44, "Metadata"),
    (0x45, "Extension"),
    (0x48, "LockHash"),
    (0x49, "Hash"),
    (0x4C, "AccountLink"),
    (0x4D, "Mosaic"),
    (0x4E, "Namespace"),
    (0x50, "RestrictionAccount"),
    (0x51, "RestrictionMosaic"),
    (0x52, "LockSecret"),
    (0x53, "Signature"),
    (0x54, "Transfer"),
    (0x55, "Multisig"),
    (0xFE, "Consumer"),
];

/// What result names mean.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schemas", derive(schemars::JsonSchema))]
pub struct Codes {
    /// One entry a result.
    pub codes: Vec<Code>,
}

/// What one result means.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schemas", derive(schemars::JsonSchema))]
pub struct Code {
    /// The name; where the protocols spell it differently, the newest spelling.
    pub code: String,
    /// How each protocol spells and numbers it.
    pub protocols: Vec<Spelling>,
    /// The server's own name of the check.
    pub check: String,
    /// When it runs.
    pub when: String,
    /// What is wrong.
    pub text: String,
    /// What people did who met it.
    pub remedy: String,
    /// A shipped scenario that shows it.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub scenario: Option<String>,
}

/// The name of a result on one protocol.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schemas", derive(schemars::JsonSchema))]
pub struct Spelling {
    /// The protocol.
    pub protocol: String,
    /// The name.
    pub name: String,
    /// The number behind the name: decimal on NIS1, hexadecimal on Catapult; absent where the server
    /// has none.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub number: Option<String>,
    /// The server and its version.
    pub source: String,
}

/// A result that somebody asks about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Known {
    /// A failure of validation.
    Reason(Reason),
    /// A packet that is dropped.
    Refusal(Refusal),
    /// Executed.
    Success,
    /// Waiting for signatures.
    Pending,
    /// A signature does not hold.
    NotVerifiable,
    /// A transactions hash is not that of the transactions inside.
    HashMismatch,
}

/// Every result, failures first.
pub fn all() -> impl Iterator<Item = Known> {
    let reasons = Reason::ALL.into_iter().map(Known::Reason);
    let refusals = Refusal::ALL.into_iter().map(Known::Refusal);
    let signatures = [Known::NotVerifiable, Known::HashMismatch];
    reasons.chain(signatures).chain(refusals).chain([Known::Success, Known::Pending])
}

impl Known {
    /// The name that a protocol has for it.
    #[must_use]
    pub fn name(self, base: Base) -> &'static str {
        let verdict = match self {
            Self::Reason(reason) => Verdict::Rejected(reason),
            Self::Refusal(refusal) => Verdict::Refused(refusal),
            Self::Success => Verdict::Accepted,
            Self::Pending => Verdict::Pending,
            Self::NotVerifiable if base == Base::Nis1 => return "FAILURE_SIGNATURE_NOT_VERIFIABLE",
            Self::NotVerifiable => return "Failure_Signature_Not_Verifiable",
            Self::HashMismatch => return "Failure_Aggregate_Transactions_Hash_Mismatch",
        };
        base.result_name(verdict)
    }

    /// What is said of it, whatever the protocol.
    #[must_use]
    pub fn meaning(self) -> Meaning {
        match self {
            Self::Reason(reason) => catalogue::meaning(reason),
            Self::Refusal(refusal) => {
                let (text, remedy) = catalogue::refusal(refusal);
                let check = ["before validation"; 2];
                let stage = catalogue::Stage::Stateless;
                Meaning { check, stage, text, remedy, codes: [0; 4] }
            }
            Self::Success => catalogue::SUCCESS,
            Self::Pending => catalogue::PENDING,
            Self::NotVerifiable => catalogue::NOT_VERIFIABLE,
            Self::HashMismatch => catalogue::HASH_MISMATCH,
        }
    }

    /// The protocols that answer with it, with the name and number there.
    #[must_use]
    pub fn spellings(self) -> Vec<Spelling> {
        let codes = self.meaning().codes;
        let number = |base: Base, code: u32| match (self, code, base) {
            (Self::Reason(Reason::Neutral), 0, Base::Nis1) => Some("0".to_owned()),
            (Self::Success, 0, _) => Some("0x00000000".to_owned()),
            (_, 0, _) => None,
            (_, code, Base::Nis1) => Some(code.to_string()),
            (_, code, _) => Some(format!("0x{code:08X}")),
        };
        let gives = |base: Base| match self {
            Self::Reason(reason) => base.gives(reason),
            Self::HashMismatch => matches!(base, Base::CatapultV1 | Base::Symbol),
            _ => true,
        };
        let spelling = |(base, code): (Base, u32)| Spelling {
            protocol: base.name().to_owned(),
            name: self.name(base).to_owned(),
            number: number(base, code),
            source: source(base).to_owned(),
        };
        BASES.into_iter().zip(codes).filter(|(base, _)| gives(*base)).map(spelling).collect()
    }

    /// All that is said about it; `scenario` finds a shipped one by the name of a result.
    pub fn code(self, scenario: impl Fn(&str) -> Option<String>) -> Code {
        let meaning = self.meaning();
        let protocols = self.spellings();
        let code = newest(&protocols, |_| true).unwrap_or_default();
        let [catapult, nis1] = meaning.check;
        let checks = match (catapult, nis1) {
            ("", only) | (only, "") => only.to_owned(),
            (one, other) if one == other => one.to_owned(),
            (catapult, nis1) => format!("{catapult} (Catapult), {nis1} (NIS1)"),
        };
        Code {
            code,
            scenario: protocols.iter().rev().find_map(|one| scenario(&one.name)),
            protocols,
            check: checks,
            when: meaning.stage.text().to_owned(),
            text: meaning.text.to_owned(),
            remedy: meaning.remedy.to_owned(),
        }
    }
}

/// The newest of the names that fit, of Catapult where there is one.
fn newest(protocols: &[Spelling], fits: impl Fn(&str) -> bool) -> Option<String> {
    let (nis1, catapult): (Vec<&Spelling>, Vec<&Spelling>) =
        protocols.iter().partition(|one| one.protocol == Base::Nis1.name());
    let mut fitting = catapult.into_iter().rev().chain(nis1).filter(|one| fits(&one.name));
    fitting.next().map(|one| one.name.clone())
}

/// A word or number that is no result.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum UnknownCode {
    /// A number of a facility whose results these rules do not give.
    #[error(
        "result {code} is number {number} of facility `{facility}`, which no rule of these protocols \
         gives; expected one that `quorate explain --list` shows"
    )]
    OtherFacility {
        /// As it was asked for.
        code: String,
        /// The facility's name.
        facility: &'static str,
        /// The number inside the facility.
        number: u32,
    },
    /// Neither a name nor a number of a result.
    #[error("unknown result `{code}`; expected one that `quorate explain --list` shows{hint}")]
    Unknown {
        /// As it was asked for.
        code: String,
        /// The nearest name, as a question.
        hint: String,
    },
}

/// The results of this name or number: several where protocols use a number for different ones.
///
/// # Errors
/// A word that is no result of any protocol, with the nearest one.
pub fn find(asked: &str) -> Result<Vec<Known>, UnknownCode> {
    let asked = asked.trim().trim_matches(['`', '"', '\'', ',', '.', ':', ';']);
    // `code 71`, `nis1: 71`
    let last = asked.rsplit(|letter: char| letter.is_whitespace()).next().unwrap_or(asked);
    let word = letters(asked);
    let other = OTHER_SPELLINGS.iter().find(|(name, _)| letters(name) == word || *name == last);
    if let Some(&(_, reason)) = other {
        return Ok(vec![Known::Reason(reason)]);
    }
    let is_named =
        |known: &Known| known.spellings().iter().any(|spelling| letters(&spelling.name) == word);
    let named: Vec<Known> = all().filter(is_named).collect();
    match (named.is_empty(), number(last)) {
        (false, _) => Ok(named),
        (true, Some(number)) => numbered(last, number),
        (true, None) => Err(unknown(asked)),
    }
}

/// Refuses a name that no protocol gives, spelt exactly so.
///
/// # Errors
/// Such a name, with the nearest one.
pub fn check_name(name: &str) -> Result<(), UnknownCode> {
    let gives = |known: Known| BASES.into_iter().any(|base| known.name(base) == name);
    if all().any(gives) { Ok(()) } else { Err(unknown(name)) }
}

/// A name without what people leave out or change: case, and all that is neither letter nor digit.
fn letters(name: &str) -> String {
    name.chars().filter(char::is_ascii_alphanumeric).collect::<String>().to_lowercase()
}

/// Decimal (as an unsigned or a signed 32-bit number) or, behind `0x`, hexadecimal.
fn number(asked: &str) -> Option<u32> {
    if let Some(digits) = asked.strip_prefix("0x").or_else(|| asked.strip_prefix("0X")) {
        return u32::from_str_radix(digits, 16).ok();
    }
    match asked.parse::<i64>() {
        Ok(number) => u32::try_from(number)
            .ok()
            .or_else(|| i32::try_from(number).ok().map(i32::cast_unsigned)),
        Err(_) => eight_digits(asked),
    }
}

/// Eight hexadecimal digits without `0x`, as nodes log them.
fn eight_digits(asked: &str) -> Option<u32> {
    (asked.len() == 8).then(|| u32::from_str_radix(asked, 16).ok()).flatten()
}

fn numbered(asked: &str, number: u32) -> Result<Vec<Known>, UnknownCode> {
    let spelled = |known: &Known, number: u32| {
        let is_it =
            |spelling: &Spelling| spelling.number.as_deref().and_then(self::number) == Some(number);
        known.spellings().iter().any(is_it)
    };
    let found: Vec<Known> = all().filter(|known| spelled(known, number)).collect();
    if !found.is_empty() {
        return Ok(found);
    }
    if let Some(hexadecimal) = eight_digits(asked).filter(|&other| other != number) {
        return numbered(&format!("0x{asked}"), hexadecimal);
    }
    let facility =
        FACILITIES.iter().find(|(facility, _)| u32::from(*facility) == number >> 16 & 0xFF);
    Err(match facility {
        Some(&(_, facility)) if number >> 30 != 0 => {
            UnknownCode::OtherFacility { code: asked.to_owned(), facility, number: number & 0xFFFF }
        }
        _ => UnknownCode::Unknown { code: asked.to_owned(), hint: String::new() },
    })
}

/// Longest word for which a near one is looked for, in bytes.
const WORD_MAX: usize = 100;

/// Most names that a hint offers.
const OFFERED_MAX: usize = 4;

fn unknown(asked: &str) -> UnknownCode {
    let code: String = asked.chars().take(WORD_MAX).collect();
    let words: Vec<String> =
        code.split(|letter: char| !letter.is_alphanumeric()).map(letters).collect();
    let holds_all = |name: &str| {
        let name = letters(name);
        words.iter().all(|word| name.contains(word.as_str()))
    };
    let is_long = words.iter().map(String::len).sum::<usize>() > 2;
    let fitting = all().filter_map(|known| newest(&known.spellings(), holds_all));
    let mut offered: Vec<String> = fitting.filter(|_| is_long).collect();
    if offered.is_empty() {
        offered.extend(nearest(&letters(&code)));
    }
    let count = offered.len();
    let names: Vec<String> =
        offered.iter().take(OFFERED_MAX).map(|name| format!("`{name}`")).collect();
    let hint = match names.as_slice() {
        [] => String::new(),
        _ if count > OFFERED_MAX => {
            format!("; {count} names are like it, such as {}", names.join(", "))
        }
        [only] => format!(", did you mean {only}?"),
        [rest @ .., last] => format!(", did you mean {} or {last}?", rest.join(", ")),
    };
    UnknownCode::Unknown { code, hint }
}

/// The name nearest in spelling.
fn nearest(word: &str) -> Option<String> {
    let names = all().flat_map(Known::spellings).map(|spelling| spelling.name);
    let edits = |name: String| (distance(&letters(&name), word), name);
    let near = names.map(edits).filter(|(edits, _)| *edits <= 1 + word.len() / 4).min();
    near.map(|(_, name)| name)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reason(asked: &str) -> Reason {
        match find(asked).unwrap().as_slice() {
            [Known::Reason(reason)] => *reason,
            found => panic!("{asked}: {found:?}"),
        }
    }

    #[test]
    fn names_old_spellings_and_numbers_find_their_entry() {
        for (asked, expected) in [
            ("Failure_Aggregate_Missing_Cosignatures", Reason::AggregateMissingCosignatures),
            ("failure_aggregate_missing_cosigners", Reason::AggregateMissingCosignatures),
            ("0x80410006", Reason::AggregateMissingCosignatures),
            ("2151743494", Reason::AggregateMissingCosignatures),
            ("-2143223802", Reason::AggregateMissingCosignatures),
            ("0x80411002", Reason::AggregateMissingCosignatures),
            ("Failure_Multisig_Redundant_Modifications", Reason::MultisigRedundantModification),
            ("71", Reason::MultisigNotACosigner),
            ("742", Reason::MultisigNoMatchingMultisig),
            ("73", Reason::MultisigNoMatchingMultisig),
            ("80410006", Reason::AggregateMissingCosignatures),
            ("failure aggregate missing cosignatures", Reason::AggregateMissingCosignatures),
            ("`Failure_Aggregate_Missing_Cosignatures`.", Reason::AggregateMissingCosignatures),
            ("FailureMultisigLoop", Reason::MultisigLoop),
            ("code 71", Reason::MultisigNotACosigner),
            ("NIS1: 742", Reason::MultisigNoMatchingMultisig),
            ("2153054213", Reason::MultisigNotACosignatory),
            ("-2141913083", Reason::MultisigNotACosignatory),
        ] {
            assert_eq!(reason(asked), expected, "{asked}");
        }
    }

    #[test]
    fn every_result_is_found_by_every_name_and_number_it_has() {
        for known in all() {
            let spellings = known.spellings();
            assert!(!spellings.is_empty(), "{known:?}");
            for spelling in spellings {
                assert!(find(&spelling.name).unwrap().contains(&known), "{spelling:?}");
                if let Some(number) = &spelling.number {
                    assert!(find(number).unwrap().contains(&known), "{spelling:?}");
                }
            }
        }
    }

    #[test]
    fn what_is_no_result_gets_the_nearest_or_the_facility() {
        let text = |asked: &str| find(asked).unwrap_err().to_string();
        assert!(text("Failure_Multisig_Lop").contains("did you mean `Failure_Multisig_Loop`?"));
        let missing = "did you mean `Failure_Aggregate_Missing_Cosignatures`?";
        assert!(text("missing cosignatures").contains(missing));
        assert!(text("Failure_Aggregate_Miss").contains(missing));
        assert!(text("cosignatures-missing").contains(missing));
        let multisig = text("FAILURE_MULTISIG");
        assert!(multisig.contains(" names are like it, such as `Failure_Multisig_"), "{multisig}");
        assert!(
            text("insufficient balance")
                .contains("did you mean `Failure_Core_Insufficient_Balance`?")
        );
        assert!(text("redundant").contains(
            "`Failure_Aggregate_Redundant_Cosignatures` or `Failure_Multisig_Redundant_Modification`?"
        ));
        assert!(!text("a").contains("like it") && !text("").contains("like it"));
        assert_eq!(find("0").unwrap(), [Known::Reason(Reason::Neutral), Known::Success]);
        assert_eq!(find("0x00000000").unwrap(), find("0").unwrap());
        assert!(text("0x80530006").contains("number 6 of facility `Signature`"));
        assert!(text("9999").starts_with("unknown result `9999`"));
        assert!(text(&"x".repeat(100_000)).len() < 300);
    }
}
