//! How values of parameters and headers are written: style, explode, and what they are made of.

use serde_json::Value;

use super::side::{Side, members, text};

/// How a value is written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Style<'a> {
    /// `form`, `simple`; the media type where the value is a document of its own.
    pub name: &'a str,
    /// Whether each item or property stands by itself.
    pub explode: bool,
}

/// The style of a parameter or header at a place (`query`, `header`).
pub fn style_of<'a>(node: &'a Value, place: &str) -> Style<'a> {
    if let Some((media, _)) = members(node.get("content")).next() {
        return Style { name: media, explode: false };
    }
    let standard = if matches!(place, "query" | "cookie") { "form" } else { "simple" };
    let name = text(node, "style").unwrap_or(standard);
    let explode = node.get("explode").and_then(Value::as_bool).unwrap_or(name == "form");
    Style { name, explode }
}

/// Whether two ways of writing differ for values of the schemas: single values are written the same way, exploded or not.
pub fn differ(before: &Style<'_>, after: &Style<'_>, are_compound: bool) -> bool {
    before.name != after.name || (are_compound && before.explode != after.explode)
}

/// Whether values of a schema can be lists or objects.
pub fn is_compound(side: Side<'_>, schema: Option<&Value>) -> bool {
    const SINGLE: [&str; 5] = ["string", "number", "integer", "boolean", "null"];
    let Some(mut schema) = schema else { return false };
    for _ in 0..8 {
        let found = text(schema, "$ref").and_then(|reference| side.root.pointer(reference.strip_prefix('#')?));
        let Some(found) = found else { break };
        schema = found;
    }
    match schema.get("type") {
        Some(Value::String(kind)) => !SINGLE.contains(&kind.as_str()),
        Some(Value::Array(kinds)) => kinds.iter().filter_map(Value::as_str).any(|kind| !SINGLE.contains(&kind)),
        _ => schema
            .get("enum")
            .and_then(Value::as_array)
            .is_none_or(|values| values.iter().any(|value| value.is_array() || value.is_object())),
    }
}

/// The schema of a parameter or header, also when it stands under a media type.
pub fn schema_of(node: &Value) -> Option<&Value> {
    let inner = || members(node.get("content")).next().and_then(|(_, media)| media.get("schema"));
    node.get("schema").or_else(inner).filter(|schema| !schema.is_null())
}
