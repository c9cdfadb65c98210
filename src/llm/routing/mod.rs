//! Which models there are, what they take, and who is asked what.
//!
//! A table is built in; a person's own table is laid over it. It never comes from the repository that is read. Knows no keys.

mod lay;
mod price;
mod url;

use std::collections::BTreeMap;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::call::{Limits, Task};

pub use lay::RoutingError;
pub use price::Price;
pub use url::{Base, env_name};

/// The last member of every chain: nobody is asked, and the question stays open.
pub const STATIC: &str = "static";

/// Tokens of a prompt that services add around its parts.
const OVERHEAD: u64 = 32;

/// The table.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Routing {
    /// The form of the table, 1.
    version: u32,
    /// Services, by name.
    pub providers: BTreeMap<String, Provider>,
    /// Models, by the name that the rest of the table uses.
    pub models: BTreeMap<String, Model>,
    /// Other names of models.
    pub aliases: BTreeMap<String, Alias>,
    /// Who is asked what.
    pub routes: BTreeMap<Task, Route>,
    /// How several answers make one.
    pub orchestration: Orchestration,
    /// How large a question may be.
    pub chunk: Chunk,
    /// How much a run may take.
    pub budget: Budget,
    /// What a person should know about the table: aliases it uses.
    #[serde(skip)]
    pub notes: Vec<String>,
}

/// A service.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Provider {
    /// What it speaks.
    pub kind: Kind,
    /// Where it is.
    pub base_url: Base,
    /// The version of its interface, where it wants one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub api_version: Option<String>,
    /// Variables that hold keys. None: it asks for none, as servers of one's own.
    #[serde(default)]
    pub key_env: Vec<String>,
    /// Seconds until a connection must stand.
    #[serde(default = "Provider::default_connect_timeout")]
    connect_timeout_s: u64,
    /// Seconds until an answer must be there.
    #[serde(default = "Provider::default_request_timeout")]
    request_timeout_s: u64,
    /// How many requests may run at once.
    #[serde(default = "Provider::default_concurrency")]
    pub max_concurrency: usize,
}

impl Provider {
    fn default_connect_timeout() -> u64 {
        5
    }

    fn default_request_timeout() -> u64 {
        120
    }

    fn default_concurrency() -> usize {
        4
    }

    /// How long a connection may take.
    #[must_use]
    pub fn connect_timeout(&self) -> Duration {
        Duration::from_secs(self.connect_timeout_s)
    }

    /// How long an answer may take.
    #[must_use]
    pub fn request_timeout(&self) -> Duration {
        Duration::from_secs(self.request_timeout_s)
    }
}

/// What a service speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    /// `POST {base_url}/chat/completions`, as OpenAI has it: Groq, vLLM, Ollama, llama.cpp.
    OpenaiChat,
    /// `POST {base_url}/v1/messages`, as Anthropic has it.
    AnthropicMessages,
}

/// A model.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Model {
    /// The service that runs it.
    pub provider: String,
    /// What the service calls it.
    pub id: String,
    /// Tokens that question and answer may have together.
    pub context: u64,
    /// Tokens that an answer may have.
    pub max_output: u64,
    /// How it is made to answer in a form.
    pub json: JsonMode,
    /// Models of one family err alike: their votes count once.
    #[serde(default)]
    family: Option<String>,
    /// How one says how long it shall think.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reasoning: Option<Reasoning>,
    /// What it costs; `None` when nobody knows.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub price: Option<Price>,
    /// How much it may be asked, until the service says otherwise.
    #[serde(default)]
    pub limits: RateLimits,
}

impl Model {
    /// The family: as the table says, or what its id starts with.
    #[must_use]
    pub fn family(&self) -> String {
        if let Some(family) = &self.family {
            return family.clone();
        }
        let name = self.id.rsplit('/').next().unwrap_or_default();
        let letters: String = name.chars().take_while(|c| c.is_alphabetic()).collect();
        if letters.is_empty() { self.id.clone() } else { letters.to_lowercase() }
    }
}

/// How a model is made to answer in a form.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum JsonMode {
    /// `response_format` with a schema that the service holds it to.
    JsonSchemaStrict,
    /// `response_format` with a schema that it mostly keeps.
    JsonSchema,
    /// `response_format` that promises JSON of any form.
    JsonObject,
    /// `output_config.format` with a schema that the service holds it to.
    OutputConfig,
    /// The prompt asks for it, nothing else does.
    Prompt,
}

/// How one says how long a model shall think.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Reasoning {
    /// Where it stands in a request.
    pub field: EffortField,
    /// What may stand there.
    pub values: Vec<String>,
    /// What stands there when a route asks for nothing, or for what the model does not know.
    pub default: String,
    /// Whether the service is asked to keep the thoughts to itself (`include_reasoning`, which not all know).
    #[serde(default = "Reasoning::default_hide")]
    pub hide: bool,
}

impl Reasoning {
    fn default_hide() -> bool {
        true
    }
}

/// Where a request says how long the model shall think.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum EffortField {
    /// At the top.
    #[serde(rename = "reasoning_effort")]
    ReasoningEffort,
    /// Beside the form of the answer.
    #[serde(rename = "output_config.effort")]
    OutputConfigEffort,
}

/// How much a model may be asked. What is absent is not limited.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RateLimits {
    /// Requests per minute.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rpm: Option<u64>,
    /// Tokens per minute, question and answer together.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tpm: Option<u64>,
    /// Tokens of questions per minute.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub itpm: Option<u64>,
    /// Tokens of answers per minute.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub otpm: Option<u64>,
}

/// Another name of a model.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Alias {
    /// The model that is asked.
    #[serde(rename = "use")]
    pub target: String,
    /// Why.
    #[serde(default)]
    pub why: String,
}

/// Who is asked for one task.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Route {
    /// The models that the route was made for.
    #[serde(default)]
    pub design: Vec<String>,
    /// Who is asked, in this order; the last is [`STATIC`].
    pub chain: Vec<String>,
    /// Why these.
    #[serde(default)]
    pub why: String,
    /// How long they shall think.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub effort: Option<String>,
    /// Tokens that an answer may have.
    pub max_output_tokens: u64,
}

impl Route {
    /// The models of the chain.
    pub fn models(&self) -> impl Iterator<Item = &str> {
        self.chain.iter().map(String::as_str).filter(|name| *name != STATIC)
    }
}

/// How several answers make one.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Orchestration {
    /// Several models are asked the same.
    pub consensus: Consensus,
    /// One model is asked again.
    pub refine: Refine,
}

/// Several models are asked the same.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Consensus {
    /// For which tasks.
    pub routes: Vec<Task>,
    /// Who is asked.
    pub members: Vec<String>,
    /// How many must agree.
    pub quorum: u8,
    /// Which findings go.
    pub drop: Drop,
    /// Who is asked when they do not agree.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub escalate: Option<String>,
}

/// Which findings go when models do not agree.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Drop {
    /// Those of one model that is not the first of the route, when code says nothing of them.
    UnsupportedSecondary,
    /// None.
    Nothing,
}

/// One model is asked again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Refine {
    /// How often one question may be put.
    pub max_rounds: u8,
}

/// How large a question may be.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Chunk {
    /// Tokens.
    pub max_input_tokens: u64,
    /// Lines that two parts of one file share.
    pub overlap_lines: usize,
    /// Bytes of text that make a token.
    pub estimate_bytes_per_token: f64,
    /// How many times as many tokens Claude counts.
    pub claude_factor: f64,
}

/// How much a run may take.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Budget {
    /// US dollars; `inf` when it shall not matter.
    pub max_cost_usd: f64,
    /// Tokens of questions.
    pub max_input_tokens: u64,
    /// Requests.
    pub max_requests: u64,
    /// How often one request is sent again.
    pub max_retries: u32,
    /// The longest wait that is obeyed, in seconds.
    pub retry_after_cap_s: u64,
}

impl Routing {
    /// The table that is built in.
    #[must_use]
    pub fn built_in() -> Self {
        lay::built_in()
    }

    /// The built-in table with a person's own laid over it.
    ///
    /// # Errors
    /// When the text is not TOML, or says what no table can.
    pub fn with(text: &str) -> Result<Self, RoutingError> {
        lay::over(text)
    }

    /// Sends what goes to a service elsewhere, when the variable [`env_name`] says so.
    ///
    /// # Errors
    /// When a variable holds no address that may be used.
    pub fn redirected(mut self, env: &dyn Fn(&str) -> Option<String>) -> Result<Self, RoutingError> {
        for (name, provider) in &mut self.providers {
            let variable = env_name(name);
            if let Some(text) = env(&variable).filter(|text| !text.is_empty()) {
                provider.base_url = Base::parse(&text).map_err(|words| RoutingError::of(&variable, &words, url::HELP))?;
            }
        }
        Ok(self)
    }

    /// The name in the table of what somebody calls a model.
    #[must_use]
    pub fn resolve(&self, name: &str) -> Option<&str> {
        if let Some((name, _)) = self.models.get_key_value(name) {
            return Some(name);
        }
        let target = &self.alias(name)?.target;
        self.models.get_key_value(target).map(|(name, _)| name.as_str())
    }

    /// An alias, however its letters and spaces are written.
    fn alias(&self, name: &str) -> Option<&Alias> {
        let plain = |name: &str| name.trim().to_lowercase().replace(' ', "-");
        self.aliases.iter().find(|(key, _)| plain(key) == plain(name)).map(|(_, alias)| alias)
    }

    /// A model and its service.
    #[must_use]
    pub fn model(&self, name: &str) -> Option<(&Model, &Provider)> {
        let model = self.models.get(self.resolve(name)?)?;
        Some((model, self.providers.get(&model.provider)?))
    }

    /// A task's route. Every table has all of them.
    #[must_use]
    pub fn route(&self, task: Task) -> &Route {
        self.routes.get(&task).expect("a table that was read has a route for every task")
    }

    /// How many tokens a prompt of so many bytes has for a model, a high guess.
    #[must_use]
    pub fn tokens(&self, model: &Model, bytes: usize) -> u64 {
        #[expect(clippy::cast_precision_loss, clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "an estimate")]
        let tokens = (bytes as f64 / self.bytes_per_token(model)).ceil() as u64;
        tokens + OVERHEAD
    }

    fn bytes_per_token(&self, model: &Model) -> f64 {
        let is_claude = self.providers.get(&model.provider).is_some_and(|provider| provider.kind == Kind::AnthropicMessages);
        self.chunk.estimate_bytes_per_token / if is_claude { self.chunk.claude_factor } else { 1.0 }
    }

    /// What a model is told about how long it shall think on a task.
    #[must_use]
    pub fn effort<'r>(&'r self, task: Task, model: &'r Model) -> Option<&'r str> {
        let reasoning = model.reasoning.as_ref()?;
        let wanted = self.route(task).effort.as_deref().filter(|wanted| reasoning.values.iter().any(|value| value == wanted));
        Some(wanted.unwrap_or(&reasoning.default))
    }

    /// How large a question of a task may be, so that every model of its chain can take it. It depends on the table alone: a question
    /// is cut the same way in every run.
    #[must_use]
    pub fn limits(&self, task: Task) -> Limits {
        let models = || self.route(task).models().filter_map(|name| self.model(name)).map(|(model, _)| model);
        let room = |model: &Model| {
            let half = [model.limits.tpm, model.limits.itpm].into_iter().flatten().map(|limit| limit / 2).min();
            half.unwrap_or(u64::MAX).min(model.context / 2)
        };
        let tokens = models().map(room).min().unwrap_or(u64::MAX).min(self.chunk.max_input_tokens);
        let bytes_per_token = models().map(|model| self.bytes_per_token(model)).fold(self.chunk.estimate_bytes_per_token, f64::min);
        Limits {
            input_tokens: usize::try_from(tokens.saturating_sub(OVERHEAD)).unwrap_or(usize::MAX),
            bytes_per_token,
            overlap_lines: self.chunk.overlap_lines,
            max_rounds: self.orchestration.refine.max_rounds,
            quorum: self.orchestration.consensus.quorum,
        }
    }
}

#[cfg(test)]
mod tests;
