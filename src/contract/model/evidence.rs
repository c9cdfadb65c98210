//! Where a promise stands in the code, how sure it is, and what is missing or contradictory.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Answered;

/// Where something stands. The line is for terminals only: it never enters a document, since an edit above a handler
/// must not change a contract.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
pub struct Evidence {
    /// Path from the repository's root, `/`-separated.
    pub file: String,
    /// The declaration: `UserRouter.create`; empty when it is the file.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub symbol: String,
    /// 1-based line, 0 when unknown.
    #[serde(skip)]
    pub line: u32,
}

impl Evidence {
    /// A place in a file.
    pub fn new(file: impl Into<String>, symbol: impl Into<String>, line: u32) -> Self {
        Self { file: file.into(), symbol: symbol.into(), line }
    }

    /// Whether a document would show the same place.
    #[must_use]
    pub fn is_same_place(&self, other: &Self) -> bool {
        self.file == other.file && self.symbol == other.symbol
    }
}

/// Who says so.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Origin {
    /// Read from program code.
    #[default]
    Code,
    /// Read from a document in the repository: an OpenAPI file, a schema, a manifest.
    Document,
    /// Answered by a model and grounded in the code.
    Model,
    /// Answered by a person.
    Human,
}

/// How sure it is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Confidence {
    /// Every step from the source to the promise was resolved.
    #[default]
    High,
    /// A step rests on a convention.
    Medium,
    /// A step is missing.
    Low,
}

/// Something that could not be told: a question with its evidence.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Gap {
    /// Names the gap in answers to it: 12 hexadecimal digits over code, subject and evidence. Set by settling.
    pub id: String,
    /// Names the trouble: `response-type-unknown`.
    pub code: String,
    /// What it is about: `GET /users/{id}`, `response 200 of GET /users/{id}`.
    pub subject: String,
    /// The question, ending in a question mark.
    pub question: String,
    /// Where to look.
    pub evidence: Evidence,
    /// It was answered, and the code that the answer rests on has changed since: the answer is still followed, and to be checked.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub stale: bool,
}

impl Gap {
    /// A question; the id comes with settling.
    pub fn new(code: &str, subject: impl Into<String>, question: impl Into<String>, evidence: Evidence) -> Self {
        Self { id: String::new(), code: code.into(), subject: subject.into(), question: question.into(), evidence, stale: false }
    }

    /// The holes that a question about a path or a channel's name asks for, as the code says them: what stands in it between
    /// backticks, in order.
    #[must_use]
    pub fn holes(&self) -> Vec<&str> {
        let unbraced = |word| str::strip_prefix(word, '{').and_then(|word| word.strip_suffix('}')).unwrap_or(word);
        self.question.split('`').skip(1).step_by(2).map(unbraced).collect()
    }
}

/// Two places that cannot both be right.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Conflict {
    /// Names the trouble: `route-two-handlers`.
    pub code: String,
    /// What it is about: `GET /users`.
    pub subject: String,
    /// What happened, one sentence.
    pub message: String,
    /// The sides; the first is the one the contract follows.
    pub sides: Vec<ConflictSide>,
    /// Which of them holds, when somebody said so. Code is what has to be changed then; the contract goes on to follow it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub chosen: Option<Choice>,
}

/// Which side of a conflict holds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Choice {
    /// Its number, counted from 0.
    pub side: usize,
    /// Who said so.
    pub by: Answered,
}

/// One side of a conflict.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ConflictSide {
    /// The feature's slug; empty when it belongs to none.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub feature: String,
    /// Where it stands.
    pub evidence: Evidence,
}

/// Files that were not read, by reason.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct LeftOut {
    /// Why, in words people know: `tests`, `generated`, `larger than 2 MiB`, `no reader for .scala`.
    pub reason: String,
    /// How many files.
    pub count: usize,
    /// A few of them; settling sorts them and keeps ten.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub examples: Vec<String>,
}

/// What went wrong with one file.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Problem {
    /// Path from the repository's root; empty when it is about the repository.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub file: String,
    /// Names the trouble: `file-not-read`.
    pub code: String,
    /// What happened: lower case, no full stop, no line numbers.
    pub message: String,
    /// How to go on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub help: Option<String>,
    /// 1-based line, 0 when unknown; for terminals only.
    #[serde(skip)]
    pub line: u32,
}
