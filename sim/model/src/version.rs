//! Which version of this program gave an answer.

use serde::{Deserialize, Serialize};

/// Version of the program that answered.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schemas", derive(schemars::JsonSchema))]
#[serde(transparent)]
#[cfg_attr(feature = "schemas", schemars(inline))]
pub struct Version(
    #[cfg_attr(feature = "schemas", schemars(regex(pattern = r"^[0-9]+\.[0-9]+\.[0-9]+")))]
    pub  String,
);

impl Default for Version {
    /// This program's own version.
    fn default() -> Self {
        Self(env!("CARGO_PKG_VERSION").to_owned())
    }
}

impl std::fmt::Display for Version {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str(&self.0)
    }
}
