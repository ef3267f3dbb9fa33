//! A peer of your own: it answers steps with `result` and `state`; `quorate conform` compares it with the rules.
//! [`Toy`] knows plain transfers and says so. Put your own implementation in its place; `main` can stay.
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
pub struct Toy(BTreeMap<String, u64>);

impl Toy {
    /// Answers a line of JSON: a header starts afresh and has no answer, a step comes back with its verdict.
    pub fn answer(&mut self, line: &str) -> Result<Option<String>, serde_json::Error> {
        let mut message: Value = serde_json::from_str(line)?;
        if message.get("format").is_some() {
            let balances = message.get("balances").cloned().unwrap_or_else(|| json!({}));
            self.0 = serde_json::from_value(balances)?;
            return Ok(None);
        }
        let result = self.transfer(message.get("transaction")).unwrap_or("Unsupported");
        if let Some(fields) = message.as_object_mut() {
            fields.extend([("result".into(), json!(result)), ("state".into(), json!({}))]);
        }
        Ok(Some(message.to_string()))
    }

    /// The result of a transfer; none for any other transaction.
    fn transfer(&mut self, step: Option<&Value>) -> Option<&'static str> {
        let text = |field: &str| step?.get(field)?.as_str();
        let (signer, recipient) = (text("signer")?, text("recipient")?);
        let amount = step?.get("amount").filter(|_| text("type") == Some("transfer"))?.as_u64()?;
        let held = self.0.get(signer).copied().unwrap_or(0);
        let Some(rest) = held.checked_sub(amount) else {
            return Some("Failure_Core_Insufficient_Balance");
        };
        self.0.insert(signer.to_owned(), rest);
        *self.0.entry(recipient.to_owned()).or_default() += amount;
        Some("Success")
    }
}

/// A line in, a line out, flushed: whoever asks may be waiting for it.
#[cfg_attr(test, allow(dead_code, reason = "the tests call `answer`"))]
fn main() -> io::Result<()> {
    let mut toy = Toy::default();
    for line in io::stdin().lock().lines() {
        if let Some(answer) = toy.answer(&line?)? {
            println!("{answer}");
            io::stdout().flush()?;
        }
    }
    Ok(())
}
