//! `POST /v1/messages`, as Anthropic has it.
//!
//! Sent without sampling parameters, tools and the start of an answer: models of today refuse them.

use serde_json::{Value, json};

use super::strict::{Dialect, held_to};
use super::{Asking, Reply, Request, Response, Then, Trouble, count, form_in_words};
use crate::llm::call::Usage;
use crate::llm::routing::{EffortField, JsonMode, Provider};

const KEY_HEADER: (&str, &str) = ("x-api-key", "");
/// The version of the interface that this is written for.
const VERSION: &str = "2026-10-21";

pub(super) fn request(provider: &Provider, asking: &Asking) -> Request {
    let held = match asking.mode {
        JsonMode::OutputConfig => held_to(asking.schema, Dialect::OutputConfig),
        _ => None,
    };
    let prompt = asking.prompt;
    let words = if held.is_some() { String::new() } else { form_in_words(prompt, asking.schema) };
    let stable: Vec<&str> = [prompt.stable.as_str(), &words].into_iter().filter(|part| !part.is_empty()).collect();
    let stable = stable.join("\n\n");
    // Empty blocks are refused, and marks on them too.
    let mut content = Vec::new();
    if !stable.is_empty() {
        content.push(json!({"type": "text", "text": stable, "cache_control": {"type": "ephemeral"}}));
    }
    if !prompt.input.is_empty() {
        content.push(json!({"type": "text", "text": prompt.input}));
    }
    let mut body = json!({"model": asking.model.id, "max_tokens": asking.max_output});
    if !prompt.system.is_empty() {
        body["system"] = json!([{"type": "text", "text": prompt.system}]);
    }
    body["messages"] = json!([{"role": "user", "content": content}]);
    if let Some(held) = held {
        body["output_config"] = json!({"format": {"type": "json_schema", "schema": held}});
    }
    if let (Some(effort), Some(reasoning)) = (asking.effort, &asking.model.reasoning) {
        match reasoning.field {
            EffortField::OutputConfigEffort => body["output_config"]["effort"] = json!(effort),
            EffortField::ReasoningEffort => body["reasoning_effort"] = json!(effort),
        }
    }
    let mut headers = version(provider);
    headers.push(("content-type", "application/json".to_owned()));
    Request { path: "/v1/messages", key_header: KEY_HEADER, headers, body: Some(body.to_string()) }
}

fn version(provider: &Provider) -> Vec<(&'static str, String)> {
    vec![("anthropic-version", provider.api_version.clone().unwrap_or_else(|| VERSION.to_owned()))]
}

pub(super) fn listing(provider: &Provider) -> Request {
    Request { path: "/v1/models?limit=1000", key_header: KEY_HEADER, headers: version(provider), body: None }
}

pub(super) fn read(response: &Response) -> Result<Reply, Trouble> {
    let body = super::json(response)?;
    let cached = count(&body, "/usage/cache_read_input_tokens");
    let cache_write = count(&body, "/usage/cache_creation_input_tokens");
    let usage = Usage {
        input: count(&body, "/usage/input_tokens").saturating_add(cached).saturating_add(cache_write),
        cached,
        cache_write,
        output: count(&body, "/usage/output_tokens"),
    };
    let failed = |words: &str, then: Then| Err(Trouble { usage, ..Trouble::new(words, then) });
    let Some(content) = body.get("content").and_then(Value::as_array) else {
        return failed("the answer has no form that is known", Then::Next);
    };
    match body.get("stop_reason").and_then(Value::as_str) {
        Some("refusal") => {
            let category = body.pointer("/stop_details/category").and_then(Value::as_str).unwrap_or("no reason given");
            let category: String = category.chars().filter(|c| !c.is_control()).take(40).collect();
            return failed(&format!("it refused ({category})"), Then::Refused);
        }
        Some("max_tokens") => return failed("its answer was cut, since it was longer than allowed", Then::Longer),
        Some("model_context_window_exceeded") => return failed("the question is too long for it", Then::Next),
        Some("tool_use" | "pause_turn") => return failed("it wanted to do more than answer", Then::Next),
        _ => {}
    }
    let text = content.iter().filter(|block| block.get("type").is_some_and(|kind| kind == "text"));
    match text.filter_map(|block| block.get("text")?.as_str()).find(|text| !text.trim().is_empty()) {
        Some(text) => Ok(Reply { text: text.to_owned(), usage }),
        None => failed("its answer was empty", Then::AgainOnce),
    }
}
