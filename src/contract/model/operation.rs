//! One HTTP operation, close to what OpenAPI 3.1 can say. Schemas are JSON Schema 2020-12 values; `{}` is "anything".

use std::collections::BTreeMap;
use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{Answered, Confidence, Evidence, Gap, Origin};

/// Schemas by media type.
pub type Content = BTreeMap<String, Value>;

/// Schemes that must hold together, each with its scopes. Empty means "nobody in particular" (optional security).
pub type SecurityRequirement = BTreeMap<String, Vec<String>>;

/// One HTTP operation.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Operation {
    /// The method.
    pub method: Method,
    /// OpenAPI path template: `/users/{id}`.
    pub path: String,
    /// The template as the code says it, when settling had to rename its parameters: OpenAPI takes `/a/{x}` and
    /// `/a/{y}` for the same path.
    pub original_path: Option<String>,
    /// Unique in its document; empty asks settling for one.
    pub operation_id: String,
    /// One line.
    pub summary: String,
    /// Who said the summary, when it is not the code's own words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub summary_by: Option<Answered>,
    /// More lines.
    pub description: String,
    /// Groups for readers.
    pub tags: Vec<String>,
    /// Marked as deprecated.
    pub deprecated: bool,
    /// Path, query, header and cookie parameters.
    pub parameters: Vec<Parameter>,
    /// The request's body.
    pub request_body: Option<RequestBody>,
    /// By status: `200`, `4XX`, `default`.
    pub responses: BTreeMap<String, Response>,
    /// Alternatives, one of which must hold. `None`: nothing says it; empty: open on purpose.
    pub security: Option<Vec<SecurityRequirement>>,
    /// The handler.
    pub evidence: Evidence,
    /// Who says so.
    pub origin: Origin,
    /// How sure it is.
    pub confidence: Confidence,
    /// Framework id: `python/fastapi`.
    pub framework: String,
    /// What could not be told of it.
    pub gaps: Vec<Gap>,
}

impl Operation {
    /// `GET /users/{id}`.
    #[must_use]
    pub fn key(&self) -> String {
        format!("{} {}", self.method, self.path)
    }
}

/// The methods OpenAPI 3.1 knows, in the order its path item lists them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Method {
    /// GET.
    #[default]
    Get,
    /// PUT.
    Put,
    /// POST.
    Post,
    /// DELETE.
    Delete,
    /// OPTIONS.
    Options,
    /// HEAD.
    Head,
    /// PATCH.
    Patch,
    /// TRACE.
    Trace,
}

impl Method {
    /// All of them.
    pub const ALL: [Self; 8] = [Self::Get, Self::Put, Self::Post, Self::Delete, Self::Options, Self::Head, Self::Patch, Self::Trace];

    /// By name, in any case; `None` for methods OpenAPI 3.1 has no place for (CONNECT, QUERY).
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|method| text.eq_ignore_ascii_case(method.key()))
    }

    /// As a key of a path item: `get`.
    #[must_use]
    pub fn key(self) -> &'static str {
        match self {
            Self::Get => "get",
            Self::Put => "put",
            Self::Post => "post",
            Self::Delete => "delete",
            Self::Options => "options",
            Self::Head => "head",
            Self::Patch => "patch",
            Self::Trace => "trace",
        }
    }
}

impl fmt::Display for Method {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.key().to_ascii_uppercase())
    }
}

/// A parameter of an operation.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Parameter {
    /// Its name on the wire.
    pub name: String,
    /// Where it stands in the request.
    pub location: Location,
    /// Whether a request without it is refused; always true in paths.
    pub required: bool,
    /// Its type, with its default.
    pub schema: Value,
    /// What it is for.
    pub description: String,
    /// OpenAPI `style`, when it is not the location's usual one.
    pub style: Option<String>,
    /// OpenAPI `explode`, when it is not the style's usual one.
    pub explode: Option<bool>,
    /// Marked as deprecated.
    pub deprecated: bool,
}

/// Where a parameter stands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Location {
    /// In the path's template.
    Path,
    /// After the `?`.
    #[default]
    Query,
    /// A header.
    Header,
    /// A cookie.
    Cookie,
}

impl Location {
    /// As OpenAPI's `in` says it.
    #[must_use]
    pub fn key(self) -> &'static str {
        match self {
            Self::Path => "path",
            Self::Query => "query",
            Self::Header => "header",
            Self::Cookie => "cookie",
        }
    }
}

/// A request's body.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct RequestBody {
    /// Whether a request without it is refused.
    pub required: bool,
    /// What it is.
    pub description: String,
    /// Schemas by media type.
    pub content: Content,
}

/// One response.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Response {
    /// What it means; settling fills in the status' usual name when empty.
    pub description: String,
    /// Headers by name.
    pub headers: BTreeMap<String, Header>,
    /// Schemas by media type; empty when there is no body.
    pub content: Content,
}

/// A response's header.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Header {
    /// What it is for.
    pub description: String,
    /// Whether it is always there.
    pub required: bool,
    /// Its type.
    pub schema: Value,
}
