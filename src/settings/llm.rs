//! `[llm]`: what a repository says of models. It can only hold them back: whom they are asked of, with which key and at what cost
//! is never the repository's to say.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What a repository says of models.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct LlmSettings {
    /// `off`: models are never asked about this repository.
    pub mode: LlmMode,
    /// Globs of files of which nothing is ever sent, besides those that hold keys by their names.
    pub sensitive: Vec<String>,
}

/// Whether models may be asked.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum LlmMode {
    /// Whoever runs the analysis decides.
    #[default]
    Auto,
    /// Never.
    Off,
}
