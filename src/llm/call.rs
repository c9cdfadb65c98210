//! What is asked of a model and what comes back. Knows no service, no prompt and no HTTP.

use std::collections::BTreeMap;
use std::fmt;
use std::time::SystemTime;

use serde::{Deserialize, Serialize};
use serde_json::Value;

/// What a question is about; each has a route of models.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Task {
    /// What a file that no reader knows holds.
    CodeStructure,
    /// What operations take and return.
    ApiContract,
    /// Entities and tables.
    Schema,
    /// Who sends what to whom.
    EventFlow,
    /// What a program needs to run.
    Infra,
    /// Two sources that disagree.
    ContractMerge,
    /// What something is for, in words.
    Documentation,
    /// Whether a file is worth a question.
    Triage,
}

impl Task {
    /// All tasks.
    pub const ALL: [Self; 8] = [
        Self::CodeStructure,
        Self::ApiContract,
        Self::Schema,
        Self::EventFlow,
        Self::Infra,
        Self::ContractMerge,
        Self::Documentation,
        Self::Triage,
    ];

    /// The name of its route.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::CodeStructure => "code_structure",
            Self::ApiContract => "api_contract",
            Self::Schema => "schema",
            Self::EventFlow => "event_flow",
            Self::Infra => "infra",
            Self::ContractMerge => "contract_merge",
            Self::Documentation => "documentation",
            Self::Triage => "triage",
        }
    }
}

impl fmt::Display for Task {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// The words of a question. Answers are kept by these words: the same question has the same bytes in every run, its fences too, or
/// it is paid for twice.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Prompt {
    /// The name of its template.
    pub name: String,
    /// The version of its template.
    pub version: u32,
    /// The system part. Nothing of the repository stands in it.
    pub system: String,
    /// The first user part, alike for all questions of one kind, so that services may cache it.
    pub stable: String,
    /// The second user part: text of the repository, masked and fenced.
    pub input: String,
}

impl Prompt {
    /// What it is called where answers are kept: `api_extraction@1`.
    #[must_use]
    pub fn id(&self) -> String {
        format!("{}@{}", self.name, self.version)
    }

    /// Its length, without what services add.
    #[must_use]
    pub fn bytes(&self) -> usize {
        self.system.len() + self.stable.len() + self.input.len()
    }
}

/// One question.
#[derive(Clone, Debug, PartialEq)]
pub struct Call {
    /// Which route it takes.
    pub task: Task,
    /// Its words.
    pub prompt: Prompt,
    /// What the form of the answer is called: letters, digits, `_` and `-`.
    pub schema_name: String,
    /// The form of the answer, as JSON Schema.
    pub schema: Value,
    /// The files of which text stands in the prompt.
    pub files: Vec<Sent>,
    /// 0 at first, 1 when an answer is to be repaired.
    pub round: u8,
}

/// A file of which text is sent.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sent {
    /// Its path in the repository.
    pub path: String,
    /// The digest of its masked text, blake3 in hex.
    pub digest: String,
    /// How much of it is sent.
    pub bytes: usize,
    /// How many credentials were taken out, by the rule that found them.
    pub masks: BTreeMap<String, usize>,
}

/// Tokens of one call, as the service counts them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Usage {
    /// All of the prompt, with what came from or went into the service's cache.
    pub input: u64,
    /// The part of `input` that was read from the service's cache.
    pub cached: u64,
    /// The part of `input` that was written to the service's cache.
    pub cache_write: u64,
    /// The answer, with what the model thought.
    pub output: u64,
}

/// What a model answered. Whether it is true is not known here.
#[derive(Clone, Debug, PartialEq)]
pub struct Answer {
    /// The answer; a string with all that was said when that was no JSON.
    pub value: Value,
    /// Where it has not the form that was asked for; empty when it has. A route goes on to its next model only when a repair
    /// (`round` 1) fails, so a first answer with problems is there to be repaired.
    pub problems: Vec<String>,
    /// The model, by its name in the table.
    pub model: String,
    /// The model, as the service calls it.
    pub id: String,
    /// The family of models: `gpt-oss`, `qwen`, `claude`.
    pub family: String,
    /// What it took; nothing when it came from the cache.
    pub usage: Usage,
    /// What it cost; `None` when the table knows no price.
    pub cost_usd: Option<f64>,
    /// Whether an earlier run had asked it.
    pub from_cache: bool,
}

/// What came of one model of a chain.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Said {
    /// The model, by its name in the table.
    pub model: String,
    /// Why it gave no answer, in plain words.
    pub words: String,
}

/// A question stays open.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NoAnswer {
    /// The chain ended: nobody could be reached, or nobody answered in the form that was asked for.
    Static(Vec<Said>),
    /// It would have cost more than is left.
    Budget(String),
    /// Somebody pressed Ctrl-C.
    Cancelled,
    /// The last model that was reached would not answer.
    Refused(Vec<Said>),
    /// It was not sure that no credential leaves.
    Unmasked(String),
}

impl fmt::Display for NoAnswer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Static(said) if said.is_empty() => f.write_str("no model can be reached"),
            Self::Static(said) | Self::Refused(said) => {
                let words: Vec<String> = said.iter().map(|said| format!("{}: {}", said.model, said.words)).collect();
                f.write_str(&words.join("; "))
            }
            Self::Budget(words) | Self::Unmasked(words) => f.write_str(words),
            Self::Cancelled => f.write_str("the run was stopped"),
        }
    }
}

/// How large a question may be.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Limits {
    /// Tokens of one prompt, all parts together.
    pub input_tokens: usize,
    /// Bytes of text that make a token, a low guess.
    pub bytes_per_token: f64,
    /// Lines that two parts of one file share.
    pub overlap_lines: usize,
    /// How often one question may be put.
    pub max_rounds: u8,
    /// How many models must agree.
    pub quorum: u8,
}

impl Limits {
    /// How many bytes of prompt that is.
    #[must_use]
    pub fn bytes(&self) -> usize {
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, clippy::cast_precision_loss, reason = "an estimate")]
        let bytes = (self.input_tokens as f64 * self.bytes_per_token) as usize;
        bytes
    }
}

/// Who answers questions.
pub trait Asks: Sync {
    /// Asks the models of the task's route, in their order, until one answers.
    fn ask(&self, call: &Call) -> impl Future<Output = Result<Answer, NoAnswer>> + Send;

    /// Asks one model, by its name in the table.
    fn ask_one(&self, model: &str, call: &Call) -> impl Future<Output = Result<Answer, NoAnswer>> + Send;

    /// The models that are asked besides one another where code says nothing, of different families, the first of the route
    /// first. Fewer than two: there is no consensus for this task.
    fn members(&self, task: Task) -> Vec<String>;

    /// Who is asked when the members of a task do not agree.
    fn judge(&self, task: Task) -> Option<String>;

    /// How large a question of a task may be.
    fn limits(&self, task: Task) -> Limits;
}

/// Where finished calls are kept. It may vanish at any time.
pub trait Shelf: Send + Sync {
    /// What is kept under a key: 64 hex digits.
    fn find(&self, key: &str) -> Option<Vec<u8>>;

    /// Keeps it: all of it or nothing, before this returns.
    fn keep(&self, key: &str, bytes: &[u8]) -> Result<(), String>;
}

/// What left this machine in one request, and what came of it.
#[derive(Clone, Debug, PartialEq)]
pub struct Exchange {
    /// When it was sent.
    pub at: SystemTime,
    /// The provider, by its name in the table.
    pub provider: String,
    /// The host it went to.
    pub host: String,
    /// The model, as the service calls it.
    pub model: String,
    /// What it was about.
    pub task: Task,
    /// The prompt's name and version.
    pub prompt: String,
    /// The files of which text was sent.
    pub files: Vec<Sent>,
    /// Bytes of the request's body.
    pub bytes: usize,
    /// The digest of the request's body, blake3 in hex.
    pub digest: String,
    /// Credentials that were found in the finished body only, by rule.
    pub masks: BTreeMap<String, usize>,
    /// The status, or why there is none.
    pub outcome: String,
    /// How the service calls the request.
    pub request_id: Option<String>,
    /// Tokens, when the service told.
    pub usage: Usage,
    /// What it cost, when the price is known.
    pub cost_usd: Option<f64>,
}

/// Writes down what left.
pub trait Witness: Send + Sync {
    /// Writes one request down. When that fails nothing more is sent.
    fn saw(&self, exchange: &Exchange) -> Result<(), String>;

    /// Whether a request that is about to leave can be written down afterwards.
    fn ready(&self) -> Result<(), String> {
        Ok(())
    }
}
