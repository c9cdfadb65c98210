//! A person's table over the built-in one: key by key, with complaints that name the key.

use std::fmt;

use serde::de::DeserializeOwned;
use toml::{Table, Value};

use super::{Kind, Price, Routing, STATIC, url};
use crate::base::nearest::nearest;
use crate::llm::call::Task;

const DEFAULT: &str = include_str!("default.toml");
const HELP: &str = "`contract-agent models` shows the table that is built in";

/// Which keys may stand where; `*` is a name that the table gives.
const KEYS: &[(&str, &[&str])] = &[
    ("", &["version", "providers", "models", "aliases", "routes", "orchestration", "chunk", "budget", "cache"]),
    ("providers.*", &["kind", "base_url", "api_version", "key_env", "connect_timeout_s", "request_timeout_s", "max_concurrency"]),
    ("models.*", &["provider", "id", "context", "max_output", "json", "family", "reasoning", "price", "limits"]),
    ("models.*.reasoning", &["field", "values", "default", "hide"]),
    ("models.*.price", &["input", "cached_input", "cache_write", "output", "above_prompt_tokens", "above_factor"]),
    ("models.*.limits", &["rpm", "tpm", "itpm", "otpm"]),
    ("aliases.*", &["use", "why"]),
    ("routes.*", &["design", "chain", "why", "effort", "max_output_tokens"]),
    ("orchestration", &["consensus", "refine"]),
    ("orchestration.consensus", &["routes", "members", "quorum", "drop", "escalate"]),
    ("orchestration.refine", &["max_rounds"]),
    ("chunk", &["max_input_tokens", "overlap_lines", "estimate_bytes_per_token", "claude_factor"]),
    ("budget", &["max_cost_usd", "max_input_tokens", "max_requests", "max_retries", "retry_after_cap_s"]),
];

/// The table cannot be read: the key or variable, what is wrong, and how to go on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RoutingError {
    /// The key, or the variable; empty when it is about the text as a whole.
    pub key: String,
    /// 1-based line and column, when it is known.
    pub at: Option<(usize, usize)>,
    /// What is wrong.
    pub message: String,
    /// How to go on.
    pub help: String,
}

impl RoutingError {
    pub(super) fn of(key: &str, message: &str, help: &str) -> Self {
        Self { key: key.to_owned(), at: None, message: message.to_owned(), help: help.to_owned() }
    }
}

impl fmt::Display for RoutingError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.key.as_str() {
            "" => f.write_str(&self.message),
            key => write!(f, "`{key}`: {}", self.message),
        }
    }
}

impl std::error::Error for RoutingError {}

pub(super) fn built_in() -> Routing {
    read(&table(DEFAULT).expect("the built-in table is TOML")).expect("the built-in table is in order")
}

pub(super) fn over(text: &str) -> Result<Routing, RoutingError> {
    let own = table(text)?;
    check_keys(&own, "", "")?;
    let mut all = table(DEFAULT).expect("the built-in table is TOML");
    let is_cache_named = own.contains_key("cache");
    lay(&mut all, own, 0);
    all.remove("cache");
    let mut routing = read(&all)?;
    if is_cache_named {
        routing
            .notes
            .push("`cache` of the routing table is not read: answers are kept in the store, see `contract-agent cache`".to_owned());
    }
    Ok(routing)
}

fn table(text: &str) -> Result<Table, RoutingError> {
    text.parse::<Table>().map_err(|error| {
        let at = error.span().map(|span| {
            let before = text.get(..span.start).unwrap_or(text);
            let line = before.rsplit('\n').next().unwrap_or_default();
            (before.matches('\n').count() + 1, line.chars().count() + 1)
        });
        RoutingError { at, ..RoutingError::of("", &format!("this is not TOML: {}", error.message()), HELP) }
    })
}

/// Complains about the first key that no table has. `place` is where it is in [`KEYS`], `shown` where it is for people.
fn check_keys(table: &Table, place: &str, shown: &str) -> Result<(), RoutingError> {
    let known = KEYS.iter().find(|(at, _)| *at == place).map(|(_, keys)| *keys);
    let is_named = ["providers", "models", "aliases", "routes"].contains(&place);
    for (key, value) in table {
        let full = if shown.is_empty() { key.clone() } else { format!("{shown}.{key}") };
        if let Some(known) = known.filter(|known| !known.contains(&key.as_str())) {
            return Err(unknown(&full, key, known));
        }
        if place == "routes" && !Task::ALL.iter().any(|task| task.name() == key) {
            return Err(unknown(&full, key, &Task::ALL.map(Task::name)));
        }
        let below = match (place, is_named) {
            ("", _) => key.clone(),
            (_, true) => format!("{place}.*"),
            (_, false) => format!("{place}.{key}"),
        };
        if let Value::Table(table) = value
            && (KEYS.iter().any(|(at, _)| at.starts_with(&below)))
        {
            check_keys(table, &below, &full)?;
        }
    }
    Ok(())
}

fn unknown(full: &str, key: &str, known: &[&str]) -> RoutingError {
    let help = match nearest(key, known.iter().copied()) {
        Some(meant) => format!("did you mean `{meant}`?"),
        None => format!("there are {}", known.join(", ")),
    };
    RoutingError::of(full, "there is no such key", &help)
}

/// Puts the keys of one table over those of another. What is no table is replaced as a whole.
fn lay(under: &mut Table, over: Table, depth: usize) {
    for (key, value) in over {
        match (under.get_mut(&key), value) {
            (Some(Value::Table(under)), Value::Table(over)) if depth < 8 => lay(under, over, depth + 1),
            (_, value) => {
                under.insert(key, value);
            }
        }
    }
}

/// Makes a table of values a table of meanings, part by part so that complaints name the part.
fn read(all: &Table) -> Result<Routing, RoutingError> {
    check_parts(all)?;
    let mut routing: Routing = part("", &Value::Table(all.clone()))?;
    if routing.version != 1 {
        let help = "this contract-agent reads version 1; take a newer one, or write the table anew";
        return Err(RoutingError::of("version", &format!("version {} is not known", routing.version), help));
    }
    check_models(&routing)?;
    for (name, alias) in &routing.aliases {
        if !routing.models.contains_key(&alias.target) {
            return Err(no_model(&routing, &format!("aliases.{name}.use"), &alias.target));
        }
    }
    check_numbers(&routing)?;
    settle_names(&mut routing)?;
    Ok(routing)
}

fn part<T: DeserializeOwned>(key: &str, value: &Value) -> Result<T, RoutingError> {
    value.clone().try_into().map_err(|error: toml::de::Error| {
        let message = error.message().trim_end_matches('.').to_owned();
        let help = if ["address", "encryption", "to speak to"].iter().any(|word| message.contains(word)) { url::HELP } else { HELP };
        RoutingError::of(key, &message, help)
    })
}

fn check_parts(all: &Table) -> Result<(), RoutingError> {
    let named = |name: &str| all.get(name).and_then(Value::as_table).into_iter().flatten();
    for (name, value) in named("providers") {
        part::<super::Provider>(&format!("providers.{name}"), value)?;
    }
    for (name, value) in named("models") {
        if let Some(price) = value.get("price") {
            part::<Price>(&format!("models.{name}.price"), price)?;
        }
        part::<super::Model>(&format!("models.{name}"), value)?;
    }
    for (name, value) in named("aliases") {
        part::<super::Alias>(&format!("aliases.{name}"), value)?;
    }
    for (name, value) in named("routes") {
        part::<super::Route>(&format!("routes.{name}"), value)?;
    }
    if let Some(value) = all.get("chunk") {
        part::<super::Chunk>("chunk", value)?;
    }
    if let Some(value) = all.get("budget") {
        part::<super::Budget>("budget", value)?;
    }
    if let Some(value) = all.get("orchestration") {
        part::<super::Orchestration>("orchestration", value)?;
    }
    Ok(())
}

fn check_models(routing: &Routing) -> Result<(), RoutingError> {
    for (name, model) in &routing.models {
        let key = format!("models.{name}");
        let Some(provider) = routing.providers.get(&model.provider) else {
            let help = match nearest(&model.provider, routing.providers.keys().map(String::as_str)) {
                Some(meant) => format!("did you mean `{meant}`?"),
                None => format!("add `[providers.{}]`", model.provider),
            };
            return Err(RoutingError::of(&format!("{key}.provider"), &format!("there is no provider `{}`", model.provider), &help));
        };
        let is_output_config = model.json == super::JsonMode::OutputConfig;
        let is_response_format = !is_output_config && model.json != super::JsonMode::Prompt;
        let is_anthropic = provider.kind == Kind::AnthropicMessages;
        if (is_output_config && !is_anthropic) || (is_response_format && is_anthropic) {
            let help = "`output_config` and `prompt` are for anthropic-messages; the others, and `prompt`, for openai-chat";
            return Err(RoutingError::of(&format!("{key}.json"), "its provider does not speak this", help));
        }
        if model.price.as_ref().is_some_and(Price::is_wrong) {
            return Err(RoutingError::of(&format!("{key}.price"), "a price is 0 or more", "prices are US dollars for a million tokens"));
        }
        if model.context == 0 || model.max_output == 0 {
            return Err(RoutingError::of(&key, "`context` and `max_output` must be more than 0", HELP));
        }
    }
    Ok(())
}

fn check_numbers(routing: &Routing) -> Result<(), RoutingError> {
    let (chunk, budget) = (&routing.chunk, &routing.budget);
    let is_ratio = |number: f64| number.is_finite() && (0.1..=100.0).contains(&number);
    if !is_ratio(chunk.estimate_bytes_per_token) || !is_ratio(chunk.claude_factor) {
        return Err(RoutingError::of("chunk", "`estimate_bytes_per_token` and `claude_factor` must be between 0.1 and 100", HELP));
    }
    if budget.max_cost_usd.is_nan() || budget.max_cost_usd < 0.0 {
        return Err(RoutingError::of("budget.max_cost_usd", "this is no sum of money", "0 asks nobody, `inf` does not limit the cost"));
    }
    for (name, provider) in &routing.providers {
        if provider.max_concurrency == 0 || provider.connect_timeout_s == 0 || provider.request_timeout_s == 0 {
            return Err(RoutingError::of(&format!("providers.{name}"), "time-outs and `max_concurrency` must be at least 1", HELP));
        }
    }
    Ok(())
}

/// Puts the names of models in place of aliases, notes each alias once, and complains about names that nobody has.
fn settle_names(routing: &mut Routing) -> Result<(), RoutingError> {
    let mut named: Vec<(String, &mut String)> = Vec::new();
    let mut routes = std::mem::take(&mut routing.routes);
    let mut consensus = routing.orchestration.consensus.clone();
    for task in Task::ALL {
        let key = format!("routes.{task}");
        let Some(route) = routes.get_mut(&task) else { return Err(RoutingError::of(&key, "there is no such route", HELP)) };
        if let Some(at) = route.chain.iter().position(|name| name == STATIC) {
            if at + 1 < route.chain.len() {
                return Err(RoutingError::of(&format!("{key}.chain"), "nobody is asked after `static`", "let `static` be the last"));
            }
        } else {
            route.chain.push(STATIC.to_owned());
        }
        if route.max_output_tokens == 0 {
            return Err(RoutingError::of(&format!("{key}.max_output_tokens"), "it must be more than 0", HELP));
        }
    }
    for (task, route) in &mut routes {
        named.extend(route.chain.iter_mut().filter(|name| *name != STATIC).map(|name| (format!("routes.{task}.chain"), name)));
    }
    let members = consensus.members.iter_mut().map(|name| ("orchestration.consensus.members".to_owned(), name));
    named.extend(members);
    named.extend(consensus.escalate.iter_mut().map(|name| ("orchestration.consensus.escalate".to_owned(), name)));
    let mut notes = Vec::new();
    for (key, name) in named {
        if let Some(note) = settle_name(routing, &key, name)? {
            notes.push(note);
        }
    }
    notes.sort();
    notes.dedup();
    routing.routes = routes;
    routing.orchestration.consensus = consensus;
    routing.notes = notes;
    Ok(())
}

fn settle_name(routing: &Routing, key: &str, name: &mut String) -> Result<Option<String>, RoutingError> {
    if routing.models.contains_key(name.as_str()) {
        return Ok(None);
    }
    let Some(found) = routing.resolve(name).map(str::to_owned) else { return Err(no_model(routing, key, name)) };
    let why = routing.alias(name).map(|alias| alias.why.as_str()).filter(|why| !why.is_empty());
    let note = format!("`{name}` stands for `{found}`{}", why.map(|why| format!(" ({why})")).unwrap_or_default());
    *name = found;
    Ok(Some(note))
}

fn no_model(routing: &Routing, key: &str, name: &str) -> RoutingError {
    let help = match nearest(name, routing.models.keys().chain(routing.aliases.keys()).map(String::as_str)) {
        Some(meant) => format!("did you mean `{meant}`?"),
        None => format!("add `[models.{name}]`; there are {}", routing.models.keys().cloned().collect::<Vec<_>>().join(", ")),
    };
    RoutingError::of(key, &format!("there is no model `{name}`"), &help)
}
