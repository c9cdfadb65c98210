use std::time::UNIX_EPOCH;

use serde_json::json;

use super::*;
use crate::llm::routing::Routing;

fn prompt() -> Prompt {
    Prompt { name: "x".into(), version: 1, system: "You read code.".into(), stable: "Rules.".into(), input: "fn a() {}".into() }
}

fn schema() -> Value {
    json!({"type": "object", "properties": {"path": {"type": "string", "minLength": 1}, "note": {"type": "string"}}, "required": ["path"]})
}

fn asked(name: &str, mode: Option<JsonMode>, prompt: &Prompt) -> (Request, Value) {
    let routing = Routing::built_in();
    let (model, provider) = routing.model(name).expect("the table has it");
    let schema = schema();
    let asking = Asking {
        model,
        effort: Some("low"),
        max_output: 4096,
        prompt,
        schema_name: "found",
        schema: &schema,
        mode: mode.unwrap_or(model.json),
    };
    let request = request(provider, &asking);
    let body = serde_json::from_str(request.body.as_deref().unwrap_or_default()).expect("a body is JSON");
    (request, body)
}

#[test]
fn groq_is_asked_with_a_strict_schema() {
    let (request, body) = asked("gpt-oss-120b", None, &prompt());
    assert_eq!((request.path, request.key_header), ("/chat/completions", ("authorization", "Bearer ")));
    let expected = json!({
        "model": "openai/gpt-oss-120b",
        "messages": [{"role": "system", "content": "You read code."}, {"role": "user", "content": "Rules.\n\nfn a() {}"}],
        "max_completion_tokens": 4096,
        "response_format": {"type": "json_schema", "json_schema": {"name": "found", "strict": true, "schema": {
            "type": "object",
            "properties": {
                "path": {"type": "string", "description": "minLength: 1"},
                "note": {"anyOf": [{"type": "string"}, {"type": "null"}]},
            },
            "required": ["path", "note"],
            "additionalProperties": false,
        }}},
        "reasoning_effort": "low",
        "include_reasoning": false,
    });
    assert_eq!(body, expected);
}

#[test]
fn best_effort_has_the_schema_in_the_prompt_too() {
    let (_, body) = asked("qwen3-8-27b", None, &prompt());
    assert_eq!(body["response_format"]["json_schema"]["strict"], json!(false));
    let words = body["messages"][1]["content"].as_str().expect("it is there");
    assert!(words.starts_with("Rules.\n\nAnswer with one JSON value") && words.ends_with("fn a() {}"), "{words}");
    let with_schema = Prompt { stable: format!("Rules. {:#}", schema()), ..prompt() };
    let (_, body) = asked("qwen3-8-27b", None, &with_schema);
    assert!(!body["messages"][1]["content"].as_str().expect("it is there").contains("Answer with one"));
    let (_, body) = asked("qwen3-8-27b", Some(JsonMode::Prompt), &prompt());
    assert_eq!(body.get("response_format"), None);
}

#[test]
fn anthropic_is_asked_with_a_format_and_a_mark_for_its_cache() {
    let (request, body) = asked("claude-sonnet", None, &prompt());
    assert_eq!((request.path, request.key_header), ("/v1/messages", ("x-api-key", "")));
    assert!(request.headers.contains(&("anthropic-version", "2026-10-21".to_owned())));
    let expected = json!({
        "model": "claude-sonnet-5-5",
        "max_tokens": 4096,
        "system": [{"type": "text", "text": "You read code."}],
        "messages": [{"role": "user", "content": [
            {"type": "text", "text": "Rules.", "cache_control": {"type": "ephemeral"}},
            {"type": "text", "text": "fn a() {}"},
        ]}],
        "output_config": {
            "format": {"type": "json_schema", "schema": {
                "type": "object",
                "properties": {"path": {"type": "string", "description": "minLength: 1"}, "note": {"type": "string"}},
                "required": ["path"],
                "additionalProperties": false,
            }},
            "effort": "low",
        },
    });
    assert_eq!(body, expected);
    let (_, body) = asked("claude-sonnet", Some(JsonMode::Prompt), &Prompt { stable: String::new(), system: String::new(), ..prompt() });
    assert_eq!(body["output_config"], json!({"effort": "low"}));
    assert_eq!(body.get("system"), None);
}

fn said(kind: Kind, body: &Value) -> Result<Reply, Then> {
    let response = Response { status: 200, body: body.to_string().into_bytes(), ..Response::default() };
    read(kind, &response, UNIX_EPOCH).map_err(|trouble| trouble.then)
}

#[test]
fn answers_of_groq_are_read() {
    let answer = |finish: &str, content: Value| {
        json!({
            "choices": [{"index": 0, "message": {"role": "assistant", "content": content}, "finish_reason": finish}],
            "usage": {"prompt_tokens": 10, "completion_tokens": 4, "prompt_tokens_details": {"cached_tokens": 8}},
        })
    };
    let usage = Usage { input: 10, cached: 8, cache_write: 0, output: 4 };
    assert_eq!(said(Kind::OpenaiChat, &answer("stop", json!("{}"))), Ok(Reply { text: "{}".into(), usage }));
    assert_eq!(said(Kind::OpenaiChat, &answer("length", json!("{"))), Err(Then::Longer));
    assert_eq!(said(Kind::OpenaiChat, &answer("content_filter", json!(""))), Err(Then::Refused));
    assert_eq!(said(Kind::OpenaiChat, &answer("stop", json!(null))), Err(Then::AgainOnce));
    assert_eq!(said(Kind::OpenaiChat, &json!({"error": {"message": "?"}})), Err(Then::Next));
}

#[test]
fn answers_of_anthropic_are_read() {
    let answer = |stop: &str| {
        json!({
            "type": "message",
            "content": [{"type": "thinking", "thinking": "."}, {"type": "text", "text": "{}"}],
            "stop_reason": stop,
            "stop_details": {"category": "cyber"},
            "usage": {"input_tokens": 3, "cache_read_input_tokens": 5, "cache_creation_input_tokens": 2, "output_tokens": 4},
        })
    };
    let usage = Usage { input: 10, cached: 5, cache_write: 2, output: 4 };
    assert_eq!(said(Kind::AnthropicMessages, &answer("end_turn")), Ok(Reply { text: "{}".into(), usage }));
    assert_eq!(said(Kind::AnthropicMessages, &answer("refusal")), Err(Then::Refused));
    assert_eq!(said(Kind::AnthropicMessages, &answer("max_tokens")), Err(Then::Longer));
    for stop in ["model_context_window_exceeded", "tool_use"] {
        assert_eq!(said(Kind::AnthropicMessages, &answer(stop)), Err(Then::Next), "{stop}");
    }
    assert_eq!(said(Kind::AnthropicMessages, &json!({"content": []})), Err(Then::AgainOnce));
}

#[test]
fn bodies_that_are_no_answers_are_explained() {
    for (body, words) in [("", "the answer was empty"), ("<html>", "a page came in place"), ("{\"a\":", "the answer is no JSON")] {
        let response = Response { status: 200, body: body.into(), ..Response::default() };
        let trouble = read(Kind::OpenaiChat, &response, UNIX_EPOCH).expect_err(body);
        assert!(trouble.words.starts_with(words), "{}", trouble.words);
    }
}

#[test]
fn listings_are_read() {
    let response = |body: &str| Response { status: 200, body: body.into(), ..Response::default() };
    assert_eq!(read_listing(&response(r#"{"data": [{"id": "a"}, {"id": 1}, {"id": "b"}]}"#), UNIX_EPOCH), Ok(vec!["a".into(), "b".into()]));
    assert!(read_listing(&response("[]"), UNIX_EPOCH).is_err());
}
