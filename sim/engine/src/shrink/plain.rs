//! A transaction taken apart, so that pieces can be left out without minding the shared pools.

use crate::account::AccountId;
use crate::mosaic::MosaicId;
use crate::transaction::{
    Body, CosignatoryModification, EmbeddedTransaction, Envelope, PendingId, Transaction,
};
use crate::unit::{Amount, Span};

/// One part with its own lists.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct PlainPart {
    pub signer: AccountId,
    pub body: Body,
    pub changes: Vec<CosignatoryModification>,
    pub amounts: Vec<(MosaicId, Amount)>,
    pub message: String,
}

/// A transaction with its own lists.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Plain {
    pub envelope: Envelope,
    pub signer: AccountId,
    pub ids: [Option<PendingId>; 2],
    pub deadline_seconds: Option<i64>,
    pub cosignatures: Vec<AccountId>,
    pub parts: Vec<PlainPart>,
}

impl Plain {
    pub fn of(transaction: &Transaction) -> Self {
        let part = |part: &EmbeddedTransaction| PlainPart {
            signer: part.signer,
            body: part.body,
            changes: match &part.body {
                Body::Modification(body) => transaction.changes_of(body).to_vec(),
                _ => Vec::new(),
            },
            amounts: match &part.body {
                Body::Transfer(body) => transaction.amounts_of(body).to_vec(),
                _ => Vec::new(),
            },
            message: match &part.body {
                Body::Transfer(body) => body.message.of_text(&transaction.text).to_owned(),
                _ => String::new(),
            },
        };
        Self {
            envelope: transaction.envelope,
            signer: transaction.signer,
            ids: [transaction.id, transaction.inner_id],
            deadline_seconds: transaction.deadline_seconds,
            cosignatures: transaction.cosignatures.clone(),
            parts: transaction.parts.iter().map(part).collect(),
        }
    }

    pub fn transaction(&self) -> Transaction {
        let mut made = Transaction::new(self.envelope, self.signer);
        [made.id, made.inner_id] = self.ids;
        made.deadline_seconds = self.deadline_seconds;
        made.cosignatures.clone_from(&self.cosignatures);
        for part in &self.parts {
            let mut body = part.body;
            match &mut body {
                Body::Modification(body) => {
                    let start = made.changes.len();
                    made.changes.extend_from_slice(&part.changes);
                    body.changes = Span::between(start, made.changes.len());
                }
                Body::Transfer(body) => {
                    let (amounts, text) = (made.amounts.len(), made.text.len());
                    made.amounts.extend_from_slice(&part.amounts);
                    made.text.push_str(&part.message);
                    body.amounts = Span::between(amounts, made.amounts.len());
                    body.message = Span::between(text, made.text.len());
                }
                _ => {}
            }
            made.push(part.signer, body);
        }
        made
    }
}
