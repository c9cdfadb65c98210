//! Schemas that lead back to themselves, or nest without end.

use serde_json::{Value, json};

use super::{IN, changes, check};
use crate::diff::change::Level;
use crate::diff::schema::{Comparer, Place};

fn ring(count: usize, limit: u64) -> Value {
    let name = |at: usize| format!("T{}", at % count);
    let mut schemas = serde_json::Map::new();
    for at in 0..count {
        let mut members = serde_json::Map::new();
        for other in [at + 1, at + 7, at + 63] {
            members.insert(format!("to{}", other - at), json!({"$ref": format!("#/components/schemas/{}", name(other))}));
        }
        members.insert("all".to_owned(), json!({"type": "array", "items": {"anyOf": [{"$ref": format!("#/components/schemas/{}", name(at + 3))}, {"$ref": format!("#/components/schemas/{}", name(at + 5))}, {"type": "null"}]}}));
        members.insert("text".to_owned(), json!({"type": "string", "maxLength": limit + u64::from(at == 9)}));
        schemas.insert(name(at), json!({"type": "object", "properties": members}));
    }
    json!({"$ref": "#/components/schemas/T0", "components": {"schemas": schemas}})
}

#[test]
fn cycles_end() {
    let (before, after) = (ring(500, 9), ring(500, 8));
    let told = Comparer::new(&before, &after).compare(&before, &after, IN, Place::Body);
    assert_eq!(told.len(), 500);
    assert!(told.iter().all(|change| change.rule == "input-max-length-decreased" && change.shared.is_some()));
    let own = json!({"$ref": "#"});
    check(IN, &own, &own.clone(), &[]);
    let knot = json!({"$ref": "#/a", "a": {"allOf": [{"$ref": "#/b"}]}, "b": {"anyOf": [{"$ref": "#/a"}, {"$ref": "#/b"}, {"oneOf": [{"$ref": "#/a"}]}]}});
    check(IN, &knot, &knot.clone(), &[]);
    let _ = changes(&knot, &json!({"type": "string"}), IN, Place::Body);
}

/// A schema within a schema, 10,000 times, under a keyword. It is never dropped, as dropping recurses.
fn nest(inner: &str, keyword: &str, in_list: bool) -> &'static Value {
    let wrap = |schema: Value, _| {
        let below = if in_list { Value::Array(vec![schema, json!({"type": "array", "minItems": 3})]) } else { schema };
        Value::Object(std::iter::once((keyword.to_owned(), below)).collect())
    };
    Box::leak(Box::new((0..10_000).fold(json!({"type": inner}), wrap)))
}

#[test]
fn depth_is_bounded() {
    for (keyword, in_list) in [("items", false), ("allOf", true), ("anyOf", true), ("oneOf", true), ("not", false), ("if", false)] {
        let (before, after) = (nest("string", keyword, in_list), nest("integer", keyword, in_list));
        let told = Comparer::new(before, after).compare(before, after, IN, Place::Body);
        assert!(keyword == "if" || told.iter().any(|change| change.level == Level::Breaking), "{keyword}: {told:?}");
        assert!(told.iter().all(|change| change.path.len() < 1_000));
    }
}
