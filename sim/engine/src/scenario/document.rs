//! A scenario inside an answer: the JSON object that its file would hold.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::layout;

/// A scenario that `quorate replay` can run; scenarios/schema.json lists its fields.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Document(Value);

impl Document {
    /// A scenario from the text of its file.
    ///
    /// # Errors
    /// A text that is no JSON.
    pub fn new(text: &str) -> Result<Self, serde_json::Error> {
        serde_json::from_str(text).map(Self)
    }

    /// The text of its file.
    #[must_use]
    pub fn text(&self) -> String {
        let line = self.0.to_string();
        layout::document(&line).unwrap_or(line)
    }
}

#[cfg(feature = "schemas")]
impl schemars::JsonSchema for Document {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "scenario".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({
            "description": "A scenario that `quorate replay` can run; scenarios/schema.json lists its fields.",
            "type": "object",
            "required": ["format", "version", "accounts"],
            "properties": {
                "format": {"const": super::FORMAT},
                "version": {"const": 1},
                "accounts": {"type": "array", "items": {"type": "string"}},
                "steps": {"type": "array", "items": {"type": "object"}},
            },
        })
    }
}
