//! What a question would take, without asking it.

use std::sync::Arc;

use super::kept::{self, End, Finished};
use super::keys::Keys;
use crate::llm::call::{Call, Shelf};
use crate::llm::routing::Routing;

/// What a question would take if its first model that can be reached answered it.
#[derive(Clone, Debug, PartialEq)]
pub struct Planned {
    /// The model, by its name in the table.
    pub model: String,
    /// The model, as the service calls it.
    pub id: String,
    /// The host it would be sent to.
    pub host: String,
    /// Tokens of the question, a high guess.
    pub input: u64,
    /// Tokens that the answer may have.
    pub output: u64,
    /// US dollars at most; `None` when the price is not known.
    pub cost_usd: Option<f64>,
    /// Whether an earlier run has the answer, so that nothing would be sent.
    pub is_kept: bool,
}

/// What a question would take; `None` when nobody can be reached.
#[must_use]
pub fn planned(routing: &Routing, keys: &Keys, shelf: Option<&Arc<dyn Shelf>>, call: &Call) -> Option<Planned> {
    let finished = Finished::new(shelf.cloned());
    let models = || routing.route(call.task).models().filter_map(|name| Some((name, routing.model(name)?)));
    let end = |name: &str| {
        let model = routing.models.get(name)?;
        finished.find(&kept::key(routing, model, call), call).map(|kept| kept.end)
    };
    // A refusal that is kept is no answer: the next model is asked.
    let is_usable = |end: End| end == End::Fine || end == End::Misshapen && call.round == 0;
    let kept = models().find(|(name, _)| end(name).is_some_and(is_usable));
    let next = || models().find(|(name, (model, _))| end(name).is_none() && keys.opens(routing, &model.provider));
    let (name, (model, provider)) = kept.or_else(next)?;
    let input = routing.tokens(model, call.prompt.bytes() + call.schema.to_string().len());
    let output = routing.route(call.task).max_output_tokens.min(model.max_output);
    Some(Planned {
        model: name.to_owned(),
        id: model.id.clone(),
        host: provider.base_url.host(),
        input,
        output,
        cost_usd: if kept.is_some() { Some(0.0) } else { model.price.map(|price| price.worst(input, output)) },
        is_kept: kept.is_some(),
    })
}
