//! What a text is, by what stands in it: for the word to somebody who brought the wrong thing.

use serde_json::{Map, Value};

/// What a JSON value holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Contents {
    /// A scenario, by its `format`.
    Scenario,
    /// A step of a scenario: `transaction` with a type in words, `announce`, `cosign`.
    Step,
    /// An account tree, by its `format` or its `accounts`.
    AccountTree,
    /// A node's answer about accounts.
    Accounts,
    /// A node's `network/properties`.
    NetworkProperties,
    /// A node's answer about a transaction, or a list of them.
    Transaction,
    /// A hash lock.
    Lock,
    /// A cosignature on its own.
    Cosignature,
    /// A payload, an announcement or a decoded transaction.
    Payload,
    /// A node's refusal.
    NodeError {
        /// Such as `ResourceNotFound`.
        code: String,
        /// The node's sentence.
        message: String,
    },
    /// A list without an entry.
    EmptyList,
    /// None of these.
    Unknown,
}

impl Contents {
    /// What it is, in words.
    #[must_use]
    pub fn text(&self) -> String {
        match self {
            Self::Scenario => "a scenario".to_owned(),
            Self::Step => "a step of a scenario".to_owned(),
            Self::AccountTree => "an account tree".to_owned(),
            Self::Accounts => "a node's answer about accounts".to_owned(),
            Self::NetworkProperties => "a node's `network/properties`".to_owned(),
            Self::Transaction => "a node's answer about a transaction".to_owned(),
            Self::Lock => "a hash lock".to_owned(),
            Self::Cosignature => "a cosignature on its own".to_owned(),
            Self::Payload => "a transaction's payload".to_owned(),
            Self::NodeError { code, message } => format!("a node's error `{code}`: {message}"),
            Self::EmptyList => "an empty list (the node has none to show)".to_owned(),
            Self::Unknown => "JSON that is none of these".to_owned(),
        }
    }
}

/// What a JSON value holds, by its field names.
#[must_use]
pub fn contents_of(value: &Value) -> Contents {
    match value {
        Value::Object(fields) => of_object(fields),
        Value::Array(entries) => match entries.first() {
            None => Contents::EmptyList,
            Some(Value::Array(_)) => Contents::Accounts,
            Some(first) if first.get("level").is_some() => Contents::Accounts,
            Some(first @ Value::Object(_)) => contents_of(first),
            _ => Contents::Unknown,
        },
        _ => Contents::Unknown,
    }
}

fn of_object(fields: &Map<String, Value>) -> Contents {
    let is = |key: &str| fields.contains_key(key);
    let is_text = |key: &str| fields.get(key).is_some_and(Value::is_string);
    let is_object = |key: &str| fields.get(key).is_some_and(Value::is_object);
    match fields.get("format").and_then(Value::as_str) {
        Some("account-tree") => return Contents::AccountTree,
        Some(_) => return Contents::Scenario,
        None => {}
    }
    if let Some((code, message)) = node_error(fields) {
        return Contents::NodeError { code, message };
    }
    let kind = fields.get("transaction").and_then(|inner| inner.get("type"));
    if is("wire") || (is("era") && is_object("json")) {
        return Contents::Payload;
    }
    if kind.is_some_and(Value::is_string) || is_object("announce") || is_object("cosign") {
        return Contents::Step;
    }
    if is_object("transaction") || (is("type") && (is("signerPublicKey") || is("signer"))) {
        return Contents::Transaction;
    }
    if is_object("lock") || (is("endHeight") && is("hash")) {
        return Contents::Lock;
    }
    if is("parentHash") {
        return Contents::Cosignature;
    }
    if is_text("payload") || is_text("hex") || is_text("data") {
        return Contents::Payload;
    }
    if let Some(Value::Array(entries)) = fields.get("data") {
        return entries.first().map_or(Contents::Transaction, contents_of);
    }
    if is_object("network") && (is_object("plugins") || is_object("chain")) {
        return Contents::NetworkProperties;
    }
    if ["multisig", "graph", "response"].iter().any(|key| is(key)) || (is("meta") && is("account"))
    {
        return Contents::Accounts;
    }
    if is_object("accounts") {
        return Contents::AccountTree;
    }
    Contents::Unknown
}

/// Code and message of a node's refusal: catapult-rest writes `code`, NIS1 `error`.
fn node_error(fields: &Map<String, Value>) -> Option<(String, String)> {
    let text = |key: &str| fields.get(key).and_then(Value::as_str);
    let code = text("code").or_else(|| text("error"))?;
    Some((code.to_owned(), text("message")?.to_owned()))
}
