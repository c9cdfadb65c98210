//! Types of bodies: a flat list of fields, each with the line that names it, made into a JSON Schema.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::cited::{Cited, of_code};
use super::{Finding, Kind, list, short, text};
use crate::llm::evidence::Excerpt;

/// More fields are not read.
const MOST_FIELDS: usize = 300;
/// Deeper nesting is not read.
const DEEPEST: usize = 12;
const FORMATS: [&str; 16] = [
    "date-time",
    "date",
    "time",
    "duration",
    "uuid",
    "email",
    "uri",
    "hostname",
    "ipv4",
    "ipv6",
    "int32",
    "int64",
    "float",
    "double",
    "byte",
    "binary",
];

/// Reads one answer; `None` when it says that the code does not tell. A field that does not stand spoils its body: a type that
/// lacks a field would be a wrong one.
pub fn read(kind: &Kind, excerpts: &[Excerpt], given: &Value) -> Result<Option<Finding>, Vec<String>> {
    let mut cited = Vec::new();
    let mut bodies: BTreeMap<String, Value> = BTreeMap::new();
    let mut faults = Vec::new();
    for body in list(given, "bodies").iter().take(20) {
        match read_body(kind, excerpts, body) {
            Ok((status, schema, lines)) => {
                bodies.entry(status).or_insert(schema);
                cited.extend(lines);
            }
            Err(words) => faults.extend(words),
        }
    }
    if !faults.is_empty() {
        return Err(faults);
    }
    if *kind == Kind::Responses && !bodies.is_empty() && !bodies.keys().any(|status| status.starts_with(['2', '3'])) {
        return Err(vec!["it lacks what is answered when all goes well".to_owned()]);
    }
    let value = match kind {
        Kind::Responses => json!(bodies),
        // A body that is known not to be there says nothing about its type.
        _ => bodies.into_values().next().unwrap_or(Value::Null),
    };
    let is_empty = value.as_object().is_none_or(Map::is_empty);
    // The lines of the bodies themselves come first; ten show enough.
    cited.truncate(10);
    Ok((!is_empty).then(|| Finding { ask: 0, key: value.to_string(), value, cited, is_literal: true, is_candidate: false }))
}

type Body = (String, Value, Vec<Cited>);

fn read_body(kind: &Kind, excerpts: &[Excerpt], body: &Value) -> Result<Body, Vec<String>> {
    let cited = of_code(excerpts, body.get("citation").unwrap_or(&Value::Null)).map_err(|words| vec![words])?;
    let status = status_of(kind, text(body, "status"), &cited).map_err(|words| vec![words])?;
    let root = text(body, "root");
    if root == "none" {
        return Ok((status, Value::Null, vec![cited]));
    }
    let mut lines = vec![cited];
    let mut faults = Vec::new();
    let mut top = Node { ty: known_type(root).to_owned(), ..Node::default() };
    for field in list(body, "fields").iter().take(MOST_FIELDS) {
        match read_field(excerpts, field) {
            Ok((path, node, line)) => {
                top.put(&path, node);
                lines.push(line);
            }
            Err(words) => faults.push(format!("field `{}`: {words}", short(text(field, "path")))),
        }
    }
    if known_type(root).is_empty() && top.fields.is_empty() && faults.is_empty() {
        return Err(vec!["the type of the body is not said".to_owned()]);
    }
    if root == "object" && top.fields.is_empty() && faults.is_empty() {
        return Err(vec!["an object of which no field is known is no answer".to_owned()]);
    }
    if faults.is_empty() { Ok((status, top.schema(), lines)) } else { Err(faults) }
}

/// A status is said near the line that answers with it, unless it is the usual one.
fn status_of(kind: &Kind, said: &str, cited: &Cited) -> Result<String, String> {
    if *kind != Kind::Responses {
        return Ok(String::new());
    }
    let is_status =
        said.len() == 3 && said.starts_with(['1', '2', '3', '4', '5']) && said.bytes().skip(1).all(|byte| byte.is_ascii_digit());
    if !is_status {
        return Err(format!("`{}` is no status", short(said)));
    }
    let is_named = |code: &str| {
        let code = code.to_ascii_lowercase().replace(['_', ' '], "");
        code.contains(said) || phrases(said).iter().any(|phrase| code.contains(phrase))
    };
    if said == "200" || cited.around(8).any(is_named) {
        Ok(said.to_owned())
    } else {
        Err(format!("nothing near the cited line says {said}"))
    }
}

/// How code names a status.
fn phrases(status: &str) -> &'static [&'static str] {
    match status {
        "201" => &["created"],
        "202" => &["accepted"],
        "204" => &["nocontent"],
        "301" => &["movedpermanently"],
        "302" => &["found", "redirect"],
        "304" => &["notmodified"],
        "400" => &["badrequest"],
        "401" => &["unauthorized"],
        "403" => &["forbidden"],
        "404" => &["notfound"],
        "405" => &["methodnotallowed"],
        "409" => &["conflict"],
        "410" => &["gone"],
        "422" => &["unprocessable"],
        "429" => &["toomanyrequests"],
        "500" => &["internalserver", "internalerror"],
        "503" => &["serviceunavailable"],
        _ => &[],
    }
}

fn read_field(excerpts: &[Excerpt], field: &Value) -> Result<(Vec<String>, Node, Cited), String> {
    let path = segments(text(field, "path"))?;
    let cited = of_code(excerpts, field.get("citation").unwrap_or(&Value::Null))?;
    let name = path.iter().rev().find(|segment| *segment != ITEMS);
    if let Some(name) = name
        && !cited.names(name)
        && !cited.strings().iter().any(|string| string == name)
    {
        return Err(format!("line {} of `{}` does not name it", cited.line, cited.text.path));
    }
    let node = Node {
        ty: known_type(text(field, "type")).to_owned(),
        format: FORMATS.into_iter().find(|format| *format == text(field, "format")),
        is_required: field.get("required").and_then(Value::as_bool).unwrap_or_default(),
        is_nullable: field.get("nullable").and_then(Value::as_bool).unwrap_or_default(),
        ..Node::default()
    };
    Ok((path, node, cited))
}

fn known_type(said: &str) -> &str {
    if matches!(said, "string" | "integer" | "number" | "boolean" | "object" | "array") { said } else { "" }
}

/// Stands for the elements of a list.
const ITEMS: &str = "[]";

/// `items[].id` → `items`, `[]`, `id`.
fn segments(path: &str) -> Result<Vec<String>, String> {
    let mut out = Vec::new();
    for piece in path.split('.') {
        let name = piece.trim_end_matches(ITEMS);
        let lists = (piece.len() - name.len()) / ITEMS.len();
        if name.is_empty() && lists == 0 || name.len() > 100 || name.contains(['[', ']']) || name.chars().any(char::is_control) {
            return Err("this is no path of a field".to_owned());
        }
        if !name.is_empty() {
            out.push(name.to_owned());
        }
        out.extend(std::iter::repeat_n(ITEMS.to_owned(), lists));
    }
    if out.len() > DEEPEST { Err("it is nested too deep".to_owned()) } else { Ok(out) }
}

/// One value of a type.
#[derive(Clone, Debug, Default)]
struct Node {
    ty: String,
    format: Option<&'static str>,
    is_required: bool,
    is_nullable: bool,
    fields: Vec<(String, Node)>,
    items: Option<Box<Node>>,
}

impl Node {
    /// Puts a value below this one; what lies between is made. What is known stays.
    fn put(&mut self, path: &[String], node: Self) {
        let Some((first, rest)) = path.split_first() else {
            let (fields, items) = (std::mem::take(&mut self.fields), self.items.take());
            *self = Self { fields, items, ..node };
            return;
        };
        if first == ITEMS {
            self.ty = "array".into();
            return self.items.get_or_insert_default().put(rest, node);
        }
        if self.ty != "array" {
            self.ty = "object".into();
        }
        if let Some((_, below)) = self.fields.iter_mut().find(|(name, _)| name == first) {
            return below.put(rest, node);
        }
        // A field that only others name is there when they are.
        let mut below = Self { is_required: node.is_required, ..Self::default() };
        below.put(rest, node);
        self.fields.push((first.clone(), below));
    }

    fn schema(&self) -> Value {
        let mut schema = Map::new();
        if !self.ty.is_empty() {
            schema.insert("type".into(), if self.is_nullable { json!([self.ty, "null"]) } else { json!(self.ty) });
        }
        if let Some(format) = self.format {
            schema.insert("format".into(), json!(format));
        }
        if self.ty == "object" && !self.fields.is_empty() {
            let properties: Map<String, Value> = self.fields.iter().map(|(name, node)| (name.clone(), node.schema())).collect();
            let mut required: Vec<&String> = self.fields.iter().filter(|(_, node)| node.is_required).map(|(name, _)| name).collect();
            required.sort();
            schema.insert("properties".into(), Value::Object(properties));
            if !required.is_empty() {
                schema.insert("required".into(), json!(required));
            }
        }
        if self.ty == "array" {
            schema.insert("items".into(), self.items.as_ref().map_or_else(|| json!({}), |items| items.schema()));
        }
        Value::Object(schema)
    }
}
