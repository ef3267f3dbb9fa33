//! A peer of one's own: a program that reads steps and answers each with `result` and `state`, so that
//! `quorate conform` can hold it against the rules.
//!
//! [`Toy`] knows plain transfers of the currency and nothing else, and says so. Put your own implementation
//! in its place; `main` can stay as it is. `peer.py` is the same in Python.
//!
//! ```text
//! cargo build --release --example own_peer
//! quorate conform --peer target/release/examples/own_peer my-scenario.json
//! ```

use std::collections::BTreeMap;
use std::io::{self, BufRead, Write};

use serde_json::{Value, json};

/// A ledger that knows balances.
#[derive(Debug, Default)]
pub struct Toy {
    balances: BTreeMap<String, u64>,
}

impl Toy {
    /// Answers a line: a header starts afresh and has no answer, a step comes back with its verdict.
    ///
    /// # Errors
    /// The line is no JSON.
    pub fn answer(&mut self, line: &str) -> Result<Option<String>, serde_json::Error> {
        let mut message: Value = serde_json::from_str(line)?;
        if message.get("format").is_some() {
            self.start(&message);
            return Ok(None);
        }
        let result = self.step(&message);
        if let Some(fields) = message.as_object_mut() {
            fields.insert("result".to_owned(), json!(result));
            fields.insert("state".to_owned(), json!({}));
        }
        Ok(Some(message.to_string()))
    }

    fn start(&mut self, header: &Value) {
        let balances = header.get("balances").and_then(Value::as_object).into_iter().flatten();
        let held = |(name, held): (&String, &Value)| (name.clone(), held.as_u64().unwrap_or(0));
        self.balances = balances.map(held).collect();
    }

    fn step(&mut self, step: &Value) -> &'static str {
        let Some(transaction) = step.get("transaction") else { return "Unsupported" };
        let text = |field: &str| transaction.get(field).and_then(Value::as_str);
        let amount = transaction.get("amount").and_then(Value::as_u64);
        let (Some("transfer"), Some(signer), Some(recipient), Some(amount)) =
            (text("type"), text("signer"), text("recipient"), amount)
        else {
            return "Unsupported";
        };
        let held = self.balances.get(signer).copied().unwrap_or(0);
        let Some(rest) = held.checked_sub(amount) else {
            return "Failure_Core_Insufficient_Balance";
        };
        self.balances.insert(signer.to_owned(), rest);
        *self.balances.entry(recipient.to_owned()).or_default() += amount;
        "Success"
    }
}

/// A line in, a line out, flushed: whoever asks may be waiting for it.
#[cfg_attr(test, allow(dead_code, reason = "the tests call `answer`"))]
fn main() -> io::Result<()> {
    let (mut toy, mut output) = (Toy::default(), io::stdout().lock());
    for line in io::stdin().lock().lines() {
        if let Some(answer) = toy.answer(&line?)? {
            writeln!(output, "{answer}")?;
            output.flush()?;
        }
    }
    Ok(())
}
