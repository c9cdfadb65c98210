//! Swagger 2.0 → the structure of OpenAPI 3.0: bodies, content, components, servers, security schemes.
//!
//! Leaves the words inside schemas alone.

use serde_json::{Map, Value, json};

use super::spot::METHODS;

/// What is taken when neither the operation nor the document names a media type.
const JSON: &str = "application/json";
const FORM: &str = "application/x-www-form-urlencoded";
const MULTIPART: &str = "multipart/form-data";
/// Nobody writes documents this deep.
const DEEPEST: usize = 220;
/// The words of a parameter that are no words of its schema.
const OF_PARAMETER: [&str; 7] = ["name", "in", "description", "required", "allowEmptyValue", "collectionFormat", "deprecated"];

type Object = Map<String, Value>;

/// The document in the structure of 3.0.
#[must_use]
pub fn converted(document: &Object) -> Value {
    let reading = Reading { document };
    let mut out = Object::new();
    for (key, value) in document {
        match key.as_str() {
            "swagger" => drop(out.insert("openapi".into(), json!("3.0.3"))),
            "paths" => drop(
                out.insert("paths".into(), map(value, |key, item| if key.starts_with("x-") { item.clone() } else { reading.item(item) })),
            ),
            "host"
            | "basePath"
            | "schemes"
            | "consumes"
            | "produces"
            | "definitions"
            | "parameters"
            | "responses"
            | "securityDefinitions" => {}
            _ => drop(out.insert(key.clone(), value.clone())),
        }
    }
    if let Some(servers) = servers(document) {
        out.insert("servers".into(), servers);
    }
    out.insert("components".into(), reading.components());
    let mut out = Value::Object(out);
    move_references(&mut out, 0);
    out
}

/// `#/definitions/Pet` → `#/components/schemas/Pet`.
fn move_references(value: &mut Value, depth: usize) {
    if depth > DEEPEST {
        return;
    }
    match value {
        Value::Array(items) => items.iter_mut().for_each(|item| move_references(item, depth + 1)),
        Value::Object(members) => {
            if let Some(Value::String(reference)) = members.get_mut("$ref") {
                for (old, new) in [("#/definitions/", "schemas"), ("#/parameters/", "parameters"), ("#/responses/", "responses")] {
                    if let Some(rest) = reference.strip_prefix(old) {
                        *reference = format!("#/components/{new}/{rest}");
                        break;
                    }
                }
            }
            members.values_mut().for_each(|inner| move_references(inner, depth + 1));
        }
        _ => {}
    }
}

struct Reading<'a> {
    document: &'a Object,
}

impl<'a> Reading<'a> {
    fn components(&self) -> Value {
        let plain = |_: &str, value: &Value| value.clone();
        let shelf = |key: &str| self.document.get(key).cloned().unwrap_or_default();
        let mut out = json!({"schemas": map(&shelf("definitions"), plain)});
        let parameters = shelf("parameters");
        let is_parameter = |value: &Value| !matches!(text(value, "in"), "body" | "formData");
        let kept = parameters.as_object().into_iter().flatten().filter(|(_, value)| is_parameter(value));
        out["parameters"] = Value::Object(kept.map(|(name, value)| (name.clone(), parameter(value))).collect());
        let produces = self.media(None, "produces");
        out["responses"] = map(&shelf("responses"), |_, value| response(value, &produces));
        out["securitySchemes"] = map(&shelf("securityDefinitions"), |_, value| scheme(value));
        out
    }

    fn item(&self, item: &Value) -> Value {
        let Some(members) = item.as_object() else { return item.clone() };
        let shared = self.parameters(members.get("parameters"));
        let (bodies, plain): (Vec<_>, Vec<_>) = shared.into_iter().partition(|(_, parameter)| is_body(parameter));
        let mut out = Object::new();
        for (key, value) in members {
            match value.as_object() {
                Some(operation) if METHODS.contains(&key.as_str()) => out.insert(key.clone(), self.operation(operation, &bodies)),
                _ if key == "parameters" => out.insert(key.clone(), plain.iter().map(|(written, _)| parameter(written)).collect()),
                _ => out.insert(key.clone(), value.clone()),
            };
        }
        Value::Object(out)
    }

    /// Parameters as they are written, and what they are.
    fn parameters<'v>(&'v self, list: Option<&'v Value>) -> Vec<(&'v Value, &'v Value)> {
        let list = list.and_then(Value::as_array).into_iter().flatten();
        list.map(|written| (written, self.looked_up(written, "#/parameters/", "parameters"))).collect()
    }

    /// What a reference to a shelf of the document means; anything else is itself.
    fn looked_up<'v>(&'v self, value: &'v Value, prefix: &str, shelf: &str) -> &'v Value {
        let found = text(value, "$ref").strip_prefix(prefix).and_then(|name| self.document.get(shelf)?.get(name));
        found.unwrap_or(value)
    }

    fn media(&self, operation: Option<&Object>, key: &str) -> Vec<String> {
        let own = operation.and_then(|operation| operation.get(key));
        let list = own.or_else(|| self.document.get(key)).and_then(Value::as_array);
        list.into_iter().flatten().filter_map(Value::as_str).map(str::to_owned).collect()
    }

    fn operation(&self, operation: &Object, of_path: &[(&Value, &Value)]) -> Value {
        let own = self.parameters(operation.get("parameters"));
        let (bodies, plain): (Vec<_>, Vec<_>) = own.into_iter().partition(|(_, parameter)| is_body(parameter));
        let replaced =
            |parameter: &Value| bodies.iter().any(|(_, own)| text(own, "in") == "body" || text(own, "name") == text(parameter, "name"));
        let inherited = of_path.iter().map(|(_, parameter)| *parameter).filter(|parameter| !replaced(parameter));
        let bodies: Vec<&Value> = inherited.chain(bodies.iter().map(|(_, parameter)| *parameter)).collect();
        let mut out = Object::new();
        for (key, value) in operation {
            match key.as_str() {
                "parameters" => drop(out.insert(key.clone(), plain.iter().map(|(written, _)| parameter(written)).collect())),
                "responses" => drop(out.insert(key.clone(), self.responses(operation, value))),
                "consumes" | "produces" | "schemes" => {}
                _ => drop(out.insert(key.clone(), value.clone())),
            }
        }
        if let Some(body) = body(&bodies, &self.media(Some(operation), "consumes")) {
            out.insert("requestBody".into(), body);
        }
        Value::Object(out)
    }

    /// A shared response stays shared unless the operation names formats of its own.
    fn responses(&self, operation: &Object, responses: &Value) -> Value {
        let produces = self.media(Some(operation), "produces");
        map(responses, |_, written| {
            let meant = self.looked_up(written, "#/responses/", "responses");
            let stays_shared = !std::ptr::eq(meant, written) && !operation.contains_key("produces");
            if stays_shared { written.clone() } else { response(meant, &produces) }
        })
    }
}

fn is_body(parameter: &Value) -> bool {
    matches!(text(parameter, "in"), "body" | "formData")
}

fn text<'v>(value: &'v Value, key: &str) -> &'v str {
    value.get(key).and_then(Value::as_str).unwrap_or_default()
}

fn map(value: &Value, each: impl Fn(&str, &Value) -> Value) -> Value {
    Value::Object(value.as_object().into_iter().flatten().map(|(key, value)| (key.clone(), each(key, value))).collect())
}

/// What stands beside the words of a parameter is its schema.
fn parameter(written: &Value) -> Value {
    let Some(members) = written.as_object() else { return written.clone() };
    if members.contains_key("$ref") {
        return written.clone();
    }
    let (mut out, schema): (Object, Object) = members
        .clone()
        .into_iter()
        .partition(|(key, _)| OF_PARAMETER.contains(&key.as_str()) || (key.starts_with("x-") && key != "x-nullable"));
    let format = out.remove("collectionFormat");
    let is_list = schema.get("type").and_then(Value::as_str) == Some("array");
    if is_list {
        let (style, explode) = style(format.as_ref().and_then(Value::as_str).unwrap_or("csv"), text(written, "in"));
        out.insert("style".into(), json!(style));
        out.insert("explode".into(), json!(explode));
    }
    out.insert("schema".into(), Value::Object(schema));
    Value::Object(out)
}

fn style(format: &str, place: &str) -> (&'static str, bool) {
    match format {
        "multi" => ("form", true),
        "ssv" => ("spaceDelimited", false),
        "tsv" => ("tabDelimited", false),
        "pipes" => ("pipeDelimited", false),
        _ if matches!(place, "query" | "formData") => ("form", false),
        _ => ("simple", false),
    }
}

fn body(parameters: &[&Value], consumes: &[String]) -> Option<Value> {
    if let Some(whole) = parameters.iter().find(|parameter| text(parameter, "in") == "body") {
        let schema = whole.get("schema").cloned().unwrap_or_else(|| json!({}));
        let required = whole.get("required").and_then(Value::as_bool).unwrap_or_default();
        return Some(json!({"required": required, "content": content(&schema, consumes)}));
    }
    if parameters.is_empty() {
        return None;
    }
    let mut properties = Object::new();
    let mut required = Vec::new();
    for field in parameters {
        let name = text(field, "name").to_owned();
        if field.get("required") == Some(&Value::Bool(true)) {
            required.push(json!(name));
        }
        let mut property = parameter(field).get("schema").cloned().unwrap_or_else(|| json!({}));
        if let (Some(text), Some(property)) = (field.get("description"), property.as_object_mut()) {
            property.insert("description".into(), text.clone());
        }
        properties.insert(name, property);
    }
    let has_file = parameters.iter().any(|field| text(field, "type") == "file");
    let mut forms: Vec<String> = consumes.iter().filter(|media| media.contains("form")).cloned().collect();
    if forms.is_empty() {
        forms.push(if has_file { MULTIPART } else { FORM }.to_owned());
    }
    let is_needed = !required.is_empty();
    let mut schema = json!({"type": "object", "properties": properties});
    if is_needed {
        schema["required"] = Value::Array(required);
    }
    Some(json!({"required": is_needed, "content": content(&schema, &forms)}))
}

fn content(schema: &Value, media: &[String]) -> Value {
    let fallback = [JSON.to_owned()];
    let media = if media.is_empty() { &fallback } else { media };
    Value::Object(media.iter().map(|media| (media.clone(), json!({"schema": schema}))).collect())
}

fn response(written: &Value, produces: &[String]) -> Value {
    let Some(members) = written.as_object() else { return written.clone() };
    let mut out = members.clone();
    out.remove("examples");
    if let Some(schema) = out.remove("schema") {
        out.insert("content".into(), content(&schema, produces));
    }
    if let Some(headers) = out.get_mut("headers") {
        *headers = map(headers, |_, header| parameter(header));
    }
    Value::Object(out)
}

fn scheme(written: &Value) -> Value {
    let mut out = written.as_object().cloned().unwrap_or_default();
    match text(written, "type") {
        "basic" => {
            out.insert("type".into(), json!("http"));
            out.insert("scheme".into(), json!("basic"));
        }
        "oauth2" => {
            let flow = match text(written, "flow") {
                "application" => "clientCredentials",
                "accessCode" => "authorizationCode",
                other => other,
            };
            let mut inner = Object::new();
            for key in ["authorizationUrl", "tokenUrl", "scopes"] {
                inner.extend(out.remove(key).map(|value| (key.to_owned(), value)));
            }
            out.remove("flow");
            out.insert("flows".into(), json!({flow: inner}));
        }
        _ => {}
    }
    Value::Object(out)
}

/// Where the document says it is served; `None` when it says nothing.
fn servers(document: &Object) -> Option<Value> {
    let of = |key: &str| document.get(key).and_then(Value::as_str);
    let (host, base) = (of("host"), of("basePath"));
    if host.is_none() && base.is_none() {
        return None;
    }
    let base = base.unwrap_or_default();
    let Some(host) = host else { return Some(json!([{"url": base}])) };
    let schemes = document.get("schemes").and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str);
    let urls: Vec<Value> = schemes.map(|scheme| json!({"url": format!("{scheme}://{host}{base}")})).collect();
    Some(if urls.is_empty() { json!([{"url": format!("//{host}{base}")}]) } else { Value::Array(urls) })
}
