//! Whether a text is the ledger's state, letter by letter as this crate writes it.
//!
//! A recorded trace repeats the whole state at every step, and nearly always it is what the ledger
//! has. Comparing letters costs a fraction of reading the text; where they differ, and be it only by
//! a space, the text is read properly.

use crate::ledger::{Links, View};
use crate::protocol::Base;
use crate::scenario::Names;

/// Whether `text` is exactly how this state is written without spaces.
pub(super) fn is_state(text: &str, names: &Names, base: Base, links: &Links) -> bool {
    let mut rest = Rest(text.as_bytes());
    let mut begin: &[u8] = b"{";
    for account in links.multisig_accounts() {
        let minima = links.minima(account);
        let head = rest.take(begin) && rest.quoted(names.accounts.label(account));
        let thresholds = match base.has_removal_threshold() {
            false => rest.take(b":{\"min_cosignatories\":") && rest.number(minima.approval),
            true => {
                rest.take(b":{\"min_approval\":")
                    && rest.number(minima.approval)
                    && rest.take(b",\"min_removal\":")
                    && rest.number(minima.removal)
            }
        };
        if !head || !thresholds || !rest.take(b",\"cosignatories\":") {
            return false;
        }
        let mut open: &[u8] = b"[";
        for &cosignatory in links.cosignatories_of(account) {
            if !rest.take(open) || !rest.quoted(names.accounts.label(cosignatory)) {
                return false;
            }
            open = b",";
        }
        if !rest.take(b"]}") {
            return false;
        }
        begin = b",";
    }
    let end: &[u8] = if begin == b"{" { b"{}" } else { b"}" };
    rest.take(end) && rest.0.is_empty()
}

/// What is left of a text.
struct Rest<'t>(&'t [u8]);

impl Rest<'_> {
    #[inline]
    fn take(&mut self, expected: &[u8]) -> bool {
        match self.0.strip_prefix(expected) {
            Some(rest) => {
                self.0 = rest;
                true
            }
            None => false,
        }
    }

    /// A name in quotes. A name that JSON would have to escape never matches; reading it does.
    #[inline]
    fn quoted(&mut self, label: &str) -> bool {
        let plain = !label.bytes().any(|byte| byte < 0x20 || byte == b'"' || byte == b'\\');
        plain && self.take(b"\"") && self.take(label.as_bytes()) && self.take(b"\"")
    }

    #[inline]
    fn number(&mut self, number: u32) -> bool {
        let digits = self.0.iter().take_while(|byte| byte.is_ascii_digit()).count();
        let (text, rest) = self.0.split_at(digits.min(10));
        let value = text.iter().fold(0u64, |value, &digit| value * 10 + u64::from(digit - b'0'));
        let canonical = digits == 1 || text.first().is_some_and(|&digit| digit != b'0');
        self.0 = rest;
        canonical && value == u64::from(number)
    }
}
