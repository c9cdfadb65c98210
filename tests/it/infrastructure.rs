//! What repositories need to run: `fixtures/infrastructure/<format>/<case>/input/` against `expected.json`, feature by feature.
//! `UPDATE_EXPECT=1` writes it. Nothing that looks like a planted secret may reach any document.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use contract_agent::contract::documents::documents;
use contract_agent::contract::model::Contract;
use contract_agent::pipeline::{Silent, analyze, on_threads};
use contract_agent::scan::{Options, scan};
use contract_agent::settings;
use expect_test::expect_file;
use serde_json::{Value, json};

/// What the values of secrets in the cases begin or end with.
const PLANTED: &str = "PLANTED";

fn contract_of(folder: &Path) -> Contract {
    let settings = settings::find(folder).expect("settings that can be read").settings;
    let tree = scan(folder, &Options::default()).expect("a folder");
    on_threads(1, || analyze(&tree, &settings, "the-repository", &Silent)).expect("threads").contract
}

fn folders(folder: &Path) -> Vec<PathBuf> {
    let mut found: Vec<PathBuf> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).filter(|path| path.is_dir()).collect();
    found.sort();
    found
}

fn check(case: &Path) {
    let contract = contract_of(&case.join("input"));
    let features: BTreeMap<&str, Value> =
        contract.features.iter().map(|feature| (feature.slug.as_str(), json!(feature.infrastructure))).collect();
    for document in documents(&contract) {
        let text = String::from_utf8_lossy(&document.bytes).to_uppercase();
        assert!(!text.contains(PLANTED), "{}: {} holds a secret", case.display(), document.path);
    }
    let mut text = String::new();
    write(&json!(features), 0, &mut text);
    text.push('\n');
    expect_file![case.join("expected.json")].assert_eq(&text);
}

/// JSON without what every entry has, on one line where that is short.
fn write(value: &Value, depth: usize, text: &mut String) {
    let value = match value {
        Value::Object(members) => {
            let told = |key: &str, value: &Value| match key {
                "origin" => value == "code",
                "confidence" => value != "high",
                _ => true,
            };
            Value::Object(members.iter().filter(|(key, value)| told(key, value)).map(|(key, value)| (key.clone(), short(value))).collect())
        }
        other => other.clone(),
    };
    let line = value.to_string();
    let (open, close, parts): (_, _, Vec<(Option<&String>, &Value)>) = match &value {
        Value::Object(members) if line.len() > 150 => ('{', '}', members.iter().map(|(key, value)| (Some(key), value)).collect()),
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

/// Evidence as `file (symbol)`.
fn short(value: &Value) -> Value {
    let Value::Array(items) = value else { return value.clone() };
    let place = |item: &Value| match (item.get("file"), item.get("symbol")) {
        (Some(Value::String(file)), Some(Value::String(symbol))) if item.as_object().is_some_and(|item| item.len() == 2) => {
            json!(format!("{file} ({symbol})"))
        }
        (Some(file), None) if item.as_object().is_some_and(|item| item.len() == 1) => file.clone(),
        _ => item.clone(),
    };
    items.iter().map(place).collect()
}

#[test]
fn what_small_repositories_need() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/infrastructure");
    let cases: Vec<PathBuf> = folders(&root).iter().flat_map(|format| folders(format)).collect();
    assert!(!cases.is_empty());
    for case in cases {
        check(&case);
    }
}

/// Files that nest 100,000 deep, repeat themselves or break off cost time in proportion, and no more.
#[test]
fn hostile_files_end() {
    let deep = |open: &str, count: usize| open.repeat(count);
    let bomb: String = (1..40).map(|n| format!("a{n}: &a{n} [*a{0}, *a{0}, *a{0}, *a{0}, *a{0}, *a{0}]\n", n - 1)).collect();
    let locals: String = (0..40).map(|n| format!("a{n} = \"${{local.a{0}}}${{local.a{0}}}${{local.a{0}}}\"\n", n + 1)).collect();
    let selves: String =
        (0..40).map(|n| format!("  a{n}: ${{self:custom.a{0}}}${{self:custom.a{0}}}${{self:custom.a{0}}}\n", n + 1)).collect();
    let files = [
        ("compose.yaml", format!("services:\n  a:\n    image: x\na0: &a0 [x]\n{bomb}")),
        ("docker-compose.deep.yml", format!("services: {}", deep("[", 100_000))),
        ("compose.dash.yaml", deep("- ", 100_000)),
        ("Dockerfile", format!("FROM a\\\n{}", deep("\\\n", 100_000))),
        ("Jenkinsfile", deep("triggers { stage('x' image \n", 50_000)),
        (".gitlab-ci.yml", (1..60).map(|n| format!("a{n}:\n  extends: [a{0}, a{0}, a{0}, a{0}]\n", n - 1)).collect()),
        ("Dockerfile.doc", "FROM a\nRUN <<EOF\nFROM b".to_owned()),
        ("deep.tf", format!("a = {}", deep("[", 100_000))),
        ("braces.tf", deep("a {", 100_000)),
        ("maps.tf", format!("a = {}", deep("{", 100_000))),
        ("signs.tf", format!("a = {}", deep("!", 100_000))),
        ("calls.tf", format!("a = {}", deep("f(", 100_000))),
        ("holes.tf", format!("a = {}", deep("\"${", 100_000))),
        ("loops.tf", format!("locals {{\n{locals}\n}}\nresource \"aws_sqs_queue\" \"x\" {{\n name = local.a0\n}}")),
        ("self.tf", "module \"x\" {\n source = \"./\"\n for_each = toset([\"a\", \"b\", \"c\"])\n}".to_owned()),
        ("serverless.yml", format!("service: x\nprovider: aws\ncustom:\n{selves}functions:\n  a: {{handler: \"${{self:custom.a0}}\"}}\n")),
        ("chart/Chart.yaml", "name: x\n".to_owned()),
        ("chart/values.yaml", "a: [1]\n".to_owned()),
        ("chart/templates/a.yaml", format!("kind: Pod\nmetadata: {{name: {{{{ {} }}}}}}", deep("quote (", 100_000))),
        (
            "chart/templates/b.yaml",
            format!("{{{{ if {} .Values.a }}}}\nkind: Pod\n{}", deep("not ", 100_000), deep("{{ if .Values.a }}\n", 50_000)),
        ),
        ("kustomization.yaml", "resources: [../x, .]\nbases: [.]\n".to_owned()),
        ("wrangler.jsonc", format!("{{\"a\": {}", deep("[", 100_000))),
        ("fly.toml", format!("a = {}", deep("[", 100_000))),
        (".env.example", deep("=", 100_000)),
        ("Procfile", deep(":", 100_000)),
    ];
    let folder = tempfile::tempdir().unwrap();
    for (path, text) in &files {
        let path = folder.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    let contract = contract_of(folder.path());
    let problems: Vec<&str> = contract.repo.problems.iter().map(|problem| problem.message.as_str()).collect();
    assert!(problems.is_empty(), "{problems:?}");
}
