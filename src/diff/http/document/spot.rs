//! What stands where in an OpenAPI document of any version: which values are schemas, parameters, responses.
//!
//! Knows the shape of documents, not their meaning.

/// The methods that a path item can hold.
pub const METHODS: [&str; 9] = ["get", "put", "post", "delete", "options", "head", "patch", "trace", "query"];

/// A kind of object.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// The document itself.
    Document,
    /// `components`.
    Components,
    /// What one path, webhook or callback expression holds.
    PathItem,
    /// One method.
    Operation,
    /// A parameter.
    Parameter,
    /// A request body.
    Body,
    /// A response.
    Response,
    /// A header.
    Header,
    /// One media type of some content.
    Media,
    /// How one property of a form is written.
    Encoding,
    /// A callback: path items by expression.
    Callback,
    /// A link.
    Link,
    /// A schema.
    Schema,
    /// A security scheme.
    SecurityScheme,
    /// Anything else: examples, extensions, texts.
    Plain,
}

/// A place: of one object, or of a list or map of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Spot {
    /// One of a kind.
    One(Kind),
    /// A list or map of them.
    Each(Kind),
}

impl Spot {
    /// The place under a member of an object.
    #[must_use]
    pub fn under(self, key: &str) -> Self {
        let extension = key.starts_with("x-");
        match self {
            Self::Each(Kind::PathItem | Kind::Response | Kind::Callback) if extension => Self::One(Kind::Plain),
            Self::Each(kind) => Self::One(kind),
            Self::One(Kind::Callback) if !extension => Self::One(Kind::PathItem),
            Self::One(kind) => member(kind, key),
        }
    }

    /// The place of an entry of a list.
    #[must_use]
    pub fn entry(self) -> Self {
        match self {
            Self::One(kind) | Self::Each(kind) => Self::One(kind),
        }
    }

    /// Whether it is one object of the kind.
    #[must_use]
    pub fn is(self, kind: Kind) -> bool {
        self == Self::One(kind)
    }
}

fn member(kind: Kind, key: &str) -> Spot {
    use Kind as K;
    use Spot::{Each, One};
    match (kind, key) {
        (K::Document, "paths" | "webhooks") | (K::Components, "pathItems") => Each(K::PathItem),
        (K::Document, "components") => One(K::Components),
        (K::Document, "definitions") | (K::Components, "schemas") => Each(K::Schema),
        (K::Document | K::Components | K::PathItem | K::Operation, "parameters") => Each(K::Parameter),
        (K::Document | K::Components | K::Operation, "responses") => Each(K::Response),
        (K::Document, "securityDefinitions") | (K::Components, "securitySchemes") => Each(K::SecurityScheme),
        (K::Components, "requestBodies") => Each(K::Body),
        (K::Components | K::Response | K::Encoding, "headers") => Each(K::Header),
        (K::Components | K::Operation, "callbacks") => Each(K::Callback),
        (K::Components | K::Response, "links") => Each(K::Link),
        (K::PathItem, "additionalOperations") => Each(K::Operation),
        (K::PathItem, method) if METHODS.contains(&method) => One(K::Operation),
        (K::Operation, "requestBody") => One(K::Body),
        (K::Parameter | K::Header | K::Media | K::Response, "schema") | (K::Media, "itemSchema") => One(K::Schema),
        (K::Parameter | K::Header | K::Body | K::Response, "content") => Each(K::Media),
        (K::Media, "encoding") => Each(K::Encoding),
        (K::Schema, key) => of_schema(key),
        _ => One(K::Plain),
    }
}

fn of_schema(key: &str) -> Spot {
    match key {
        "properties" | "patternProperties" | "$defs" | "definitions" | "dependentSchemas" | "dependencies" | "allOf" | "anyOf"
        | "oneOf" | "prefixItems" => Spot::Each(Kind::Schema),
        "items"
        | "additionalItems"
        | "unevaluatedItems"
        | "contains"
        | "additionalProperties"
        | "unevaluatedProperties"
        | "propertyNames"
        | "not"
        | "if"
        | "then"
        | "else"
        | "contentSchema" => Spot::One(Kind::Schema),
        _ => Spot::One(Kind::Plain),
    }
}
