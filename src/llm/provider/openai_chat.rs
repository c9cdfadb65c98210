//! `POST /chat/completions`, as OpenAI has it and Groq and servers of one's own understand it.
//!
//! Sent without `temperature`, `logprobs` and the like: some models refuse them, and none becomes repeatable by them.

use serde_json::{Value, json};

use super::strict::{Dialect, held_to};
use super::{Asking, Reply, Request, Response, Then, Trouble, count, form_in_words};
use crate::llm::call::Usage;
use crate::llm::routing::{EffortField, JsonMode};

const KEY_HEADER: (&str, &str) = ("authorization", "Bearer ");

pub(super) fn request(asking: &Asking) -> Request {
    let held = match asking.mode {
        JsonMode::JsonSchemaStrict | JsonMode::JsonSchema => held_to(asking.schema, Dialect::Strict),
        _ => None,
    };
    let is_enforced = held.is_some() && asking.mode == JsonMode::JsonSchemaStrict;
    let prompt = asking.prompt;
    let words = if is_enforced { String::new() } else { form_in_words(prompt, asking.schema) };
    let parts = [&prompt.stable, &words, &prompt.input].map(String::as_str);
    let user: Vec<&str> = parts.into_iter().filter(|part| !part.is_empty()).collect();
    let mut messages = Vec::new();
    if !prompt.system.is_empty() {
        messages.push(json!({"role": "system", "content": prompt.system}));
    }
    messages.push(json!({"role": "user", "content": user.join("\n\n")}));
    let mut body = json!({
        "model": asking.model.id,
        "messages": messages,
        "max_completion_tokens": asking.max_output,
    });
    if let Some(held) = held {
        let schema = json!({"name": asking.schema_name, "strict": is_enforced, "schema": held});
        body["response_format"] = json!({"type": "json_schema", "json_schema": schema});
    } else if asking.mode != JsonMode::Prompt {
        body["response_format"] = json!({"type": "json_object"});
    }
    if let (Some(effort), Some(reasoning)) = (asking.effort, &asking.model.reasoning)
        && reasoning.field == EffortField::ReasoningEffort
    {
        body["reasoning_effort"] = json!(effort);
        if reasoning.hide {
            body["include_reasoning"] = json!(false);
        }
    }
    let headers = vec![("content-type", "application/json".to_owned())];
    Request { path: "/chat/completions", key_header: KEY_HEADER, headers, body: Some(body.to_string()) }
}

pub(super) fn listing() -> Request {
    Request { path: "/models", key_header: KEY_HEADER, headers: Vec::new(), body: None }
}

pub(super) fn read(response: &Response) -> Result<Reply, Trouble> {
    let body = super::json(response)?;
    let usage = Usage {
        input: count(&body, "/usage/prompt_tokens"),
        cached: count(&body, "/usage/prompt_tokens_details/cached_tokens"),
        cache_write: 0,
        output: count(&body, "/usage/completion_tokens"),
    };
    let failed = |words: &str, then: Then| Err(Trouble { usage, ..Trouble::new(words, then) });
    let Some(choice) = body.pointer("/choices/0") else {
        return failed("the answer has no form that is known", Then::Next);
    };
    let text = choice.pointer("/message/content").and_then(Value::as_str).unwrap_or_default();
    let refusal = choice.pointer("/message/refusal").and_then(Value::as_str).is_some_and(|words| !words.is_empty());
    match choice.get("finish_reason").and_then(Value::as_str) {
        Some("length") => failed("its answer was cut, since it was longer than allowed", Then::Longer),
        Some("content_filter") => failed("it refused", Then::Refused),
        _ if refusal => failed("it refused", Then::Refused),
        _ if text.trim().is_empty() => failed("its answer was empty", Then::AgainOnce),
        _ => Ok(Reply { text: text.to_owned(), usage }),
    }
}
