//! `api_contract.yaml`: a feature's operations as an OpenAPI 3.1 document. What OpenAPI has no place for stands under
//! `x-contract-agent`.

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};

use crate::contract::model::{FeatureContract, Operation, Parameter, RequestBody, Response};
use crate::contract::schema::{closure, component_ref, each_ref};

/// The extension our own findings stand under.
pub const EXTENSION: &str = "x-contract-agent";

/// The document of a settled feature.
#[must_use]
pub fn document_of(feature: &FeatureContract) -> Value {
    let mut info = Map::new();
    info.insert("title".into(), json!(feature.name));
    put_text(&mut info, "description", &feature.purpose);
    info.insert("version".into(), json!(feature.version));
    let mut document = Map::new();
    document.insert("openapi".into(), json!("3.1.0"));
    document.insert("info".into(), Value::Object(info));
    // Paths are whole as they are served; where, the code does not say.
    document.insert("servers".into(), json!([{"url": "/"}]));
    let tags: BTreeSet<&String> = feature.http.iter().flat_map(|operation| &operation.tags).collect();
    if !tags.is_empty() {
        document.insert("tags".into(), tags.into_iter().map(|tag| json!({"name": tag})).collect());
    }
    document.insert("paths".into(), paths_of(&feature.http));
    let components = components_of(feature);
    if !components.is_empty() {
        document.insert("components".into(), Value::Object(components));
    }
    Value::Object(document)
}

fn paths_of(operations: &[Operation]) -> Value {
    let mut paths = Map::new();
    for operation in operations {
        let item = paths.entry(operation.path.clone()).or_insert_with(|| Value::Object(Map::new()));
        if let Value::Object(item) = item {
            item.insert(operation.method.key().into(), operation_of(operation));
        }
    }
    Value::Object(paths)
}

fn operation_of(operation: &Operation) -> Value {
    let mut out = Map::new();
    if !operation.tags.is_empty() {
        out.insert("tags".into(), json!(operation.tags));
    }
    put_text(&mut out, "summary", &operation.summary);
    put_text(&mut out, "description", &operation.description);
    out.insert("operationId".into(), json!(operation.operation_id));
    if operation.deprecated {
        out.insert("deprecated".into(), json!(true));
    }
    if !operation.parameters.is_empty() {
        out.insert("parameters".into(), operation.parameters.iter().map(parameter_of).collect());
    }
    if let Some(body) = &operation.request_body {
        out.insert("requestBody".into(), request_body_of(body));
    }
    out.insert("responses".into(), responses_of(operation));
    // An empty list says that nothing was seen to be asked for; tools take a missing one for an oversight.
    out.insert("security".into(), json!(operation.security.as_deref().unwrap_or_default()));
    out.insert(EXTENSION.into(), extension_of(operation));
    Value::Object(out)
}

/// Many tools want one response at least, so what is unknown is said as such.
fn responses_of(operation: &Operation) -> Value {
    if operation.responses.is_empty() {
        return json!({"default": {"description": "The responses could not be read from the code."}});
    }
    Value::Object(operation.responses.iter().map(|(status, response)| (status.clone(), response_of(response))).collect())
}

fn parameter_of(parameter: &Parameter) -> Value {
    let mut out = Map::new();
    out.insert("name".into(), json!(parameter.name));
    out.insert("in".into(), json!(parameter.location.key()));
    put_text(&mut out, "description", &parameter.description);
    if parameter.required {
        out.insert("required".into(), json!(true));
    }
    if parameter.deprecated {
        out.insert("deprecated".into(), json!(true));
    }
    if let Some(style) = &parameter.style {
        out.insert("style".into(), json!(style));
    }
    if let Some(explode) = parameter.explode {
        out.insert("explode".into(), json!(explode));
    }
    put_parameter_schema(&mut out, &parameter.schema);
    Value::Object(out)
}

/// What is no text and travels as text of a media type stands under `content`.
fn put_parameter_schema(out: &mut Map<String, Value>, schema: &Value) {
    let media = schema.get("contentMediaType").and_then(Value::as_str).filter(|_| schema.get("type") != Some(&json!("string")));
    let Some(media) = media else {
        out.insert("schema".into(), schema.clone());
        return;
    };
    let mut inner = schema.clone();
    if let Some(inner) = inner.as_object_mut() {
        inner.remove("contentMediaType");
    }
    out.insert("content".into(), json!({media: {"schema": inner}}));
}

fn request_body_of(body: &RequestBody) -> Value {
    let mut out = Map::new();
    put_text(&mut out, "description", &body.description);
    if body.required {
        out.insert("required".into(), json!(true));
    }
    out.insert("content".into(), content_of(&body.content));
    Value::Object(out)
}

fn response_of(response: &Response) -> Value {
    let mut out = Map::new();
    out.insert("description".into(), json!(response.description));
    if !response.headers.is_empty() {
        let headers = response.headers.iter().map(|(name, header)| {
            let mut out = Map::new();
            put_text(&mut out, "description", &header.description);
            if header.required {
                out.insert("required".into(), json!(true));
            }
            out.insert("schema".into(), header.schema.clone());
            (name.clone(), Value::Object(out))
        });
        out.insert("headers".into(), Value::Object(headers.collect()));
    }
    if !response.content.is_empty() {
        out.insert("content".into(), content_of(&response.content));
    }
    Value::Object(out)
}

/// A schema that says nothing is not written.
fn content_of(content: &crate::contract::model::Content) -> Value {
    let entry = |schema: &Value| if schema.as_object().is_some_and(Map::is_empty) { json!({}) } else { json!({"schema": schema}) };
    Value::Object(content.iter().map(|(media_type, schema)| (media_type.clone(), entry(schema))).collect())
}

fn extension_of(operation: &Operation) -> Value {
    let mut out = Map::new();
    out.insert("origin".into(), json!(operation.origin));
    out.insert("confidence".into(), json!(operation.confidence));
    put_text(&mut out, "framework", &operation.framework);
    out.insert("evidence".into(), json!(operation.evidence));
    if let Some(path) = &operation.original_path {
        out.insert("originalPath".into(), json!(path));
    }
    if let Some(by) = &operation.summary_by {
        out.insert("summaryBy".into(), json!(by));
    }
    if !operation.gaps.is_empty() {
        let gaps = operation.gaps.iter().map(|gap| {
            let mut told = json!({"id": gap.id, "code": gap.code, "question": gap.question});
            if gap.stale {
                told["stale"] = json!(true);
            }
            told
        });
        out.insert("gaps".into(), gaps.collect());
    }
    Value::Object(out)
}

/// Only the schemas and schemes that an operation reaches.
fn components_of(feature: &FeatureContract) -> Map<String, Value> {
    let mut roots = BTreeSet::new();
    let known = |name: &str| feature.schemas.contains_key(name);
    for schema in feature.http.iter().flat_map(schemas_of) {
        each_ref(schema, &mut |reference| roots.extend(component_ref(reference, known)));
    }
    let reached = closure(&feature.schemas, roots);
    let schemas: Map<String, Value> =
        feature.schemas.iter().filter(|(name, _)| reached.contains(*name)).map(|(name, schema)| (name.clone(), schema.clone())).collect();
    let used: BTreeSet<&String> =
        feature.http.iter().flat_map(|operation| operation.security.iter().flatten()).flat_map(|entry| entry.keys()).collect();
    let schemes: Map<String, Value> = feature
        .security_schemes
        .iter()
        .filter(|(name, _)| used.contains(name))
        .map(|(name, scheme)| (name.clone(), scheme.clone()))
        .collect();
    [("schemas", schemas), ("securitySchemes", schemes)]
        .into_iter()
        .filter(|(_, map)| !map.is_empty())
        .map(|(name, map)| (name.to_string(), Value::Object(map)))
        .collect()
}

/// Every schema of an operation.
pub fn schemas_of(operation: &Operation) -> impl Iterator<Item = &Value> {
    let parameters = operation.parameters.iter().map(|parameter| &parameter.schema);
    let bodies = operation.request_body.iter().flat_map(|body| body.content.values());
    let responses = operation
        .responses
        .values()
        .flat_map(|response| response.headers.values().map(|header| &header.schema).chain(response.content.values()));
    parameters.chain(bodies).chain(responses)
}

fn put_text(map: &mut Map<String, Value>, key: &str, text: &str) {
    if !text.is_empty() {
        map.insert(key.into(), json!(text));
    }
}
