//! Every framework against small applications: `fixtures/frameworks/<language>-<name>/<case>/input/` is read by the whole registry, and the
//! operations that are served are compared with `expected.json`. `UPDATE_EXPECT=1` writes it.

#![expect(clippy::unwrap_used, reason = "a test may fail")]

use std::fs;
use std::path::{Path, PathBuf};

use contract_agent::base::Name;
use contract_agent::base::language::Language;
use contract_agent::facts::file::FileFacts;
use contract_agent::facts::finding::{Findings, ParamFinding, SchemeUse};
use contract_agent::facts::program::Program;
use contract_agent::facts::shape::Shape;
use contract_agent::formats::openapi;
use contract_agent::frameworks;
use contract_agent::link::http::{self, Http, Served};
use contract_agent::link::schema::{SchemaBook, Schemas};
use contract_agent::link::system::{LinkedFile, System};
use contract_agent::outline::outline;
use expect_test::expect_file;
use serde_json::{Map, Value, json};

#[test]
fn operations_of_small_applications() {
    let cases = cases();
    assert!(!cases.is_empty());
    for case in cases {
        check(&case);
    }
}

fn check(case: &Path) {
    let system = system_of(&case.join("input"));
    let http = http_of(&system);
    let mut text = String::new();
    write(&dump(&system, &http), 0, &mut text);
    text.push('\n');
    expect_file![case.join("expected.json")].assert_eq(&text);
}

/// JSON, on one line where that is short.
fn write(value: &Value, depth: usize, text: &mut String) {
    let line = value.to_string();
    let (open, close, parts): (_, _, Vec<(Option<&String>, &Value)>) = match value {
        Value::Object(members) if line.len() > 120 => ('{', '}', members.iter().map(|(key, value)| (Some(key), value)).collect()),
        Value::Array(items) if line.len() > 120 => ('[', ']', items.iter().map(|item| (None, item)).collect()),
        _ => return text.push_str(&line),
    };
    text.push(open);
    for (index, (key, part)) in parts.into_iter().enumerate() {
        text.push_str(if index == 0 { "\n" } else { ",\n" });
        text.push_str(&"  ".repeat(depth + 1));
        if let Some(key) = key {
            text.push_str(&format!("{}: ", json!(key)));
        }
        write(part, depth + 1, text);
    }
    text.push('\n');
    text.push_str(&"  ".repeat(depth));
    text.push(close);
}

fn folders(folder: &Path) -> Vec<PathBuf> {
    let mut found: Vec<PathBuf> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).filter(|path| path.is_dir()).collect();
    found.sort();
    found
}

fn files_below(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() { files_below(&path, found) } else { found.push(path) }
    }
}

fn system_of(folder: &Path) -> System {
    let paths = paths_below(folder);
    let files = paths.iter().filter_map(|path| linked(folder, path, &fs::read(path).unwrap())).collect();
    let manifests = manifests_of(folder, &paths);
    let documents = manifests.iter().filter_map(|(path, text)| openapi::read(path, text.as_bytes())?.ok()).collect();
    System::new(files, &manifests, readers()).with_documents(documents)
}

/// The folders of all cases.
pub fn cases() -> Vec<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/frameworks");
    folders(&root).iter().flat_map(|framework| folders(framework)).collect()
}

/// The files of a case, sorted by their names in it.
pub fn paths_below(folder: &Path) -> Vec<PathBuf> {
    let mut paths = Vec::new();
    files_below(folder, &mut paths);
    paths.sort_by_key(|path| name_in(folder, path));
    paths
}

fn name_in(folder: &Path, path: &Path) -> String {
    path.strip_prefix(folder).unwrap().to_str().unwrap().replace('\\', "/")
}

fn language_of(path: &Path) -> Option<Language> {
    Language::of_extension(path.extension()?.to_str()?)
}

/// A code file with its facts; `None` for other files.
pub fn linked(folder: &Path, path: &Path, bytes: &[u8]) -> Option<LinkedFile> {
    let language = language_of(path)?;
    let facts = FileFacts::new(language, outline(language, bytes).outline);
    Some(LinkedFile { path: name_in(folder, path), facts })
}

/// Files that are no code, with their text.
pub fn manifests_of(folder: &Path, paths: &[PathBuf]) -> Vec<(String, String)> {
    let others = paths.iter().filter(|path| language_of(path).is_none());
    others.map(|path| (name_in(folder, path), String::from_utf8_lossy(&fs::read(path).unwrap()).into_owned())).collect()
}

/// The type readers of the registry.
pub fn readers() -> Vec<&'static dyn contract_agent::facts::framework::TypeReader> {
    frameworks::ALL.iter().filter_map(|framework| framework.types).collect()
}

/// What the whole registry finds in a system.
pub fn http_of(system: &System) -> Http {
    let mut findings = Findings::default();
    for framework in frameworks::ALL {
        let Some(read) = framework.read else { continue };
        for file in system.file_ids().filter(|file| framework.languages.contains(&system.file(*file).language)) {
            read(system, file, &mut findings);
        }
    }
    http::join(&findings)
}

fn dump(system: &System, http: &Http) -> Value {
    let mut book = SchemaBook::new(system);
    for served in &http.operations {
        shapes_of(served).into_iter().for_each(|shape| book.collect(shape));
    }
    let schemas = book.settle();
    let operations: Vec<Value> = http.operations.iter().map(|served| operation(system, &schemas, served)).collect();
    let mut whole = Map::new();
    whole.insert("operations".into(), Value::Array(operations));
    if !schemas.components().is_empty() {
        whole.insert("schemas".into(), json!(schemas.components()));
    }
    if !http.gaps.is_empty() {
        whole.insert("gaps".into(), http.gaps.iter().map(|gap| json!(format!("{}: {}", gap.code, gap.question))).collect());
    }
    Value::Object(whole)
}

fn shapes_of(served: &Served) -> Vec<&Shape> {
    let mut shapes: Vec<&Shape> = served.params.iter().map(|param| &param.shape).collect();
    shapes.extend(served.body.iter().flat_map(|body| body.contents.iter().map(|(_, shape)| shape)));
    for response in &served.responses {
        shapes.extend(response.contents.iter().chain(&response.headers).map(|(_, shape)| shape));
    }
    shapes
}

/// One operation; what is not said is left out.
fn operation(system: &System, schemas: &Schemas, served: &Served) -> Value {
    let mut said = Map::new();
    let mut say = |key: &str, value: Value| {
        let is_empty = match &value {
            Value::Null | Value::Bool(false) => true,
            Value::Array(items) => items.is_empty(),
            Value::Object(members) => members.is_empty(),
            _ => false,
        };
        if !is_empty {
            said.insert(key.into(), value);
        }
    };
    let texts = |names: &[Name]| names.iter().map(|name| json!(name.as_str())).collect::<Value>();
    say("operation", json!(format!("{:?} {}", served.method, served.path)));
    say("framework", json!(served.framework));
    say("at", json!(format!("{} {}", system.path(served.place.file), served.place.symbol)));
    say("id", json!(served.operation_id.as_deref()));
    say("tags", texts(&served.tags));
    say("summary", json!(served.summary.as_deref()));
    say("description", json!(served.description.as_deref()));
    say("deprecated", json!(served.deprecated));
    say("hidden", json!(served.hidden));
    say("implied", json!(served.is_implied));
    say("documented", json!(served.is_documented));
    say("holes", texts(&served.holes));
    say(
        "security",
        match served.security.as_slice() {
            [all] => all.iter().map(scheme).collect(),
            alternatives => alternatives.iter().map(|all| all.iter().map(scheme).collect::<Value>()).collect(),
        },
    );
    say("params", served.params.iter().map(|param| parameter(schemas, param)).collect());
    if let Some(body) = &served.body {
        say(if body.required { "body" } else { "optionalBody" }, contents(schemas, &body.contents));
    }
    let responses = served.responses.iter().map(|response| {
        let mut value = contents(schemas, &response.contents);
        if let (Value::Object(members), false) = (&mut value, response.headers.is_empty()) {
            members.insert("headers".into(), contents(schemas, &response.headers));
        }
        (response.status.to_string(), value)
    });
    say("responses", Value::Object(responses.collect()));
    Value::Object(said)
}

fn scheme(scheme: &SchemeUse) -> Value {
    let scopes: Vec<&str> = scheme.scopes.iter().map(Name::as_str).collect();
    json!(format!("{}: {:?}{}{}", scheme.name, scheme.kind, if scopes.is_empty() { "" } else { " " }, scopes.join(" ")))
}

fn parameter(schemas: &Schemas, param: &ParamFinding) -> Value {
    let name = format!("{:?} {}{}", param.location, param.name, if param.required { "" } else { "?" });
    let mut schema = schemas.schema(&param.shape);
    if let (Value::Object(members), Some(doc)) = (&mut schema, &param.doc) {
        members.insert("description".into(), json!(doc.as_str()));
    }
    json!({ name: schema })
}

fn contents(schemas: &Schemas, contents: &[(Name, Shape)]) -> Value {
    contents.iter().map(|(media, shape)| (media.to_string(), schemas.schema(shape))).collect::<Map<_, _>>().into()
}
