//! What services are sent and what they say: pure functions between questions and bytes. Knows no network and no clock but the
//! one that a response brings.

mod anthropic_messages;
mod form;
mod headers;
mod openai_chat;
mod said;
mod strict;

use std::time::{Duration, SystemTime};

use serde_json::Value;

use super::call::{Prompt, Usage};
use super::routing::{JsonMode, Kind, Model, Provider};

pub use form::{Form, form};
pub use headers::{Headers, Level, Meter};

/// All that a request is made of.
#[derive(Clone, Copy, Debug)]
pub struct Asking<'a> {
    /// The model.
    pub model: &'a Model,
    /// How long it shall think.
    pub effort: Option<&'a str>,
    /// Tokens that the answer may have.
    pub max_output: u64,
    /// The words.
    pub prompt: &'a Prompt,
    /// What the form of the answer is called.
    pub schema_name: &'a str,
    /// The form of the answer.
    pub schema: &'a Value,
    /// How the form is asked for; by the prompt alone when the service has refused the schema.
    pub mode: JsonMode,
}

/// A request, without its key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Request {
    /// What is asked for, below the service's address.
    pub path: &'static str,
    /// The name of the header that holds the key, and what stands before the key.
    pub key_header: (&'static str, &'static str),
    /// Other headers.
    pub headers: Vec<(&'static str, String)>,
    /// The body; a listing has none.
    pub body: Option<String>,
}

/// A response.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Response {
    /// The status.
    pub status: u16,
    /// The headers.
    pub headers: Headers,
    /// The body.
    pub body: Vec<u8>,
}

/// A response that holds an answer.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Reply {
    /// What the model said.
    pub text: String,
    /// What it took.
    pub usage: Usage,
}

/// Why a response holds no answer: words for people, and what follows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Trouble {
    /// In plain words.
    pub words: String,
    /// What follows.
    pub then: Then,
    /// What it took all the same.
    pub usage: Usage,
}

/// What follows when there is no answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Then {
    /// The same again, after a while: as long as the service says, if it says.
    Again(Option<Duration>),
    /// The same again, after a while, since there were too many requests or tokens.
    Slower(Option<Duration>),
    /// The same again, once.
    AgainOnce,
    /// The same with another key, for the rest of the run: this one is no key.
    OtherKey,
    /// The same with another key: this one may not have this model.
    OtherAccount,
    /// The same with the schema in the prompt.
    SchemaInPrompt,
    /// The next model; this one would say the same of this question.
    Next,
    /// The same with room for a longer answer; the next model when there is none.
    Longer,
    /// The next model; this one refused.
    Refused,
    /// The next model, for the rest of the run: this one is gone.
    ModelGone,
    /// Another service, for the rest of the run: nothing more is to be had here.
    ServiceGone,
}

impl Trouble {
    fn new(words: impl Into<String>, then: Then) -> Self {
        Self { words: words.into(), then, usage: Usage::default() }
    }
}

/// The request for an answer.
#[must_use]
pub fn request(provider: &Provider, asking: &Asking) -> Request {
    match provider.kind {
        Kind::OpenaiChat => openai_chat::request(asking),
        Kind::AnthropicMessages => anthropic_messages::request(provider, asking),
    }
}

/// The request for a listing of models.
#[must_use]
pub fn listing(provider: &Provider) -> Request {
    match provider.kind {
        Kind::OpenaiChat => openai_chat::listing(),
        Kind::AnthropicMessages => anthropic_messages::listing(provider),
    }
}

/// What a response says.
///
/// # Errors
/// When it holds no answer.
pub fn read(kind: Kind, response: &Response, now: SystemTime) -> Result<Reply, Trouble> {
    match kind {
        _ if response.status != 200 => Err(said::trouble(response, now)),
        Kind::OpenaiChat => openai_chat::read(response),
        Kind::AnthropicMessages => anthropic_messages::read(response),
    }
}

/// The ids of a listing.
///
/// # Errors
/// When it is none.
pub fn read_listing(response: &Response, now: SystemTime) -> Result<Vec<String>, Trouble> {
    if response.status != 200 {
        return Err(said::trouble(response, now));
    }
    let value = json(response)?;
    let ids = value.get("data").and_then(Value::as_array);
    let ids = ids.ok_or_else(|| Trouble::new("the listing of models has no form that is known", Then::Next))?;
    Ok(ids.iter().filter_map(|model| model.get("id")?.as_str().map(str::to_owned)).collect())
}

/// The body as JSON. Whatever stands between here and the service may answer in its place.
fn json(response: &Response) -> Result<Value, Trouble> {
    if response.body.iter().all(u8::is_ascii_whitespace) {
        return Err(Trouble::new("the answer was empty", Then::AgainOnce));
    }
    serde_json::from_slice(&response.body).map_err(|_| {
        let is_page = response.body.trim_ascii_start().starts_with(b"<");
        let words = if is_page {
            "a page came in place of an answer: is there a proxy that asks for a login?"
        } else {
            "the answer is no JSON: it was cut off, or the address is not that of a service for models"
        };
        Trouble::new(words, Then::AgainOnce)
    })
}

/// A number of tokens in a part of a response.
fn count(value: &Value, pointer: &str) -> u64 {
    value.pointer(pointer).and_then(Value::as_u64).unwrap_or_default()
}

/// Words that ask for the form of the answer, where nothing else does. None when the prompt has the schema already.
fn form_in_words(prompt: &Prompt, schema: &Value) -> String {
    let has = |text: &str| prompt.stable.contains(text) || prompt.system.contains(text);
    if has(&schema.to_string()) || has(&format!("{schema:#}")) {
        return String::new();
    }
    format!("Answer with one JSON value and no other words. It fits this JSON Schema:\n{schema}")
}

#[cfg(test)]
mod tests;
