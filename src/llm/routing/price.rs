//! What a call costs.

use serde::{Deserialize, Serialize};

use crate::llm::call::Usage;

/// US dollars for a million tokens.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Price {
    /// Of a question.
    pub input: f64,
    /// Of a question that the service had read before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cached_input: Option<f64>,
    /// Of a question that the service keeps.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cache_write: Option<f64>,
    /// Of an answer.
    pub output: f64,
    /// Questions with more tokens cost more.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub above_prompt_tokens: Option<u64>,
    /// How many times as much.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub above_factor: Option<f64>,
}

impl Price {
    /// What a call has cost.
    #[must_use]
    pub fn cost(&self, usage: Usage) -> f64 {
        let fresh = usage.input.saturating_sub(usage.cached).saturating_sub(usage.cache_write);
        let sum = many(fresh) * self.input
            + many(usage.cached) * self.cached_input.unwrap_or(self.input)
            + many(usage.cache_write) * self.cache_write.unwrap_or(self.input)
            + many(usage.output) * self.output;
        sum * self.factor(usage.input)
    }

    /// What a call may cost at most.
    #[must_use]
    pub fn worst(&self, input: u64, output: u64) -> f64 {
        let dearest = self.input.max(self.cache_write.unwrap_or_default()).max(self.cached_input.unwrap_or_default());
        (many(input) * dearest + many(output) * self.output) * self.factor(input)
    }

    fn factor(&self, input: u64) -> f64 {
        match (self.above_prompt_tokens, self.above_factor) {
            (Some(above), Some(factor)) if input > above => factor,
            _ => 1.0,
        }
    }

    /// Whether a number stands there that no price can be.
    pub(super) fn is_wrong(&self) -> bool {
        let all = [Some(self.input), self.cached_input, self.cache_write, Some(self.output), self.above_factor];
        all.into_iter().flatten().any(|price| !price.is_finite() || price < 0.0)
    }
}

/// Millions of tokens.
fn many(tokens: u64) -> f64 {
    #[expect(clippy::cast_precision_loss, reason = "no call has so many tokens")]
    let tokens = tokens as f64;
    tokens / 1e6
}
