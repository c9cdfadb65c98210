//! `diff` of single documents and of folders.

use std::fs;
use std::path::Path;

use super::{Repo, said};

const API: &str =
    "openapi: 3.1.0\ninfo: {title: a, version: '1'}\npaths:\n  /a:\n    get:\n      responses:\n        '200': {description: ok}\n";

fn diff(folder: &Path, before: (&str, &str), after: (&str, &str)) -> super::Said {
    let name = |side: &str, name: &str| format!("{side}-{name}");
    fs::write(folder.join(name("a", before.0)), before.1).unwrap();
    fs::write(folder.join(name("b", after.0)), after.1).unwrap();
    said(folder, &["diff", "--format", "json", &name("a", before.0), &name("b", after.0)], &[])
}

#[test]
fn documents_are_known_by_what_they_hold() {
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path();
    diff(at, ("x.yaml", API), ("x.txt", API)).is(0);
    let gone = diff(at, ("x.yaml", API), ("x.yaml", &API.replace("get:", "put:"))).is(1);
    assert_eq!(gone.json()["base"]["state"], "document");
    let sql = "CREATE TABLE a (id int PRIMARY KEY, b text);\n";
    diff(at, ("x.sql", sql), ("x.sql", sql)).is(0);
    diff(at, ("x.sql", sql), ("x.sql", "CREATE TABLE a (id int PRIMARY KEY);\n")).is(1);
    let graphql = "type Query {\n  a: Int\n}\n";
    diff(at, ("x.graphql", graphql), ("x.graphql", graphql)).is(0);
    diff(at, ("x.graphql", graphql), ("x.graphql", "type Query {\n  b: Int\n}\n")).is(1);
    let proto = "syntax = \"proto3\";\nmessage A {\n  int32 a = 1;\n}\n";
    diff(at, ("x.proto", proto), ("x.proto", proto)).is(0);
    diff(at, ("x.proto", proto), ("x.proto", &proto.replace("int32", "string"))).is(1);
}

#[test]
fn what_cannot_be_compared_says_why() {
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path();
    for (name, bad) in [("x.json", "{"), ("x.yaml", "a: 1\n"), ("x.txt", "hello"), ("x.json", "[]"), ("x.yaml", "")] {
        let told = diff(at, ("y.yaml", API), (name, bad)).is(2);
        assert!(told.err.contains("help:"), "{}", told.err);
    }
    let told = diff(at, ("x.yaml", API), ("x.sql", "CREATE TABLE a (id int);\n")).is(2);
    assert!(told.err.contains("cannot be compared with"), "{}", told.err);
    said(at, &["diff", "a-x.yaml", "nowhere"], &[]).is(2);
    let deep = format!("{{\"openapi\": \"3.1.0\", \"paths\": {}1{}}}", "{\"a\":".repeat(100_000), "}".repeat(100_000));
    let told = diff(at, ("deep.json", &deep), ("deep.json", &deep));
    assert!((0..=2).contains(&told.code), "{}", told.code);
}

#[test]
fn what_cannot_be_read_of_the_earlier_document_is_no_pass() {
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path();
    let whole = "CREATE TABLE a (id int PRIMARY KEY);\nCREATE TABLE b (id int,, c text, d text, e text, f text);\n";
    diff(at, ("x.sql", whole), ("x.sql", whole)).is(0);
    for after in [whole.replace(" f text", " f int"), "CREATE TABLE a (id int PRIMARY KEY);\n".to_owned()] {
        let told = diff(at, ("x.sql", whole), ("x.sql", &after)).is(1);
        assert!(told.rules().contains(&"meta-contract-unreadable".to_owned()), "{}", told.out);
        assert_eq!(told.json()["summary"]["stale"], 0);
    }
    let told = diff(at, ("x.sql", "CREATE TABLE a (id int PRIMARY KEY);\n"), ("x.sql", whole)).is(0);
    assert_eq!(told.rules(), ["meta-extraction-incomplete"]);
    let broken = "type Query {\n  a: Int\n}\ntype A {{{\n";
    diff(at, ("x.graphql", broken), ("x.graphql", broken)).is(0);
    diff(at, ("x.graphql", broken), ("x.graphql", "type Query {\n  a: Int\n}\n")).is(1);
}

#[test]
fn settings_say_how_long_what_is_deprecated_stays() {
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path();
    let deprecated = |more: &str| API.replace("      responses", &format!("      deprecated: true\n{more}      responses"));
    let rules = |settings: &str, more: &str| {
        fs::write(at.join("contract-agent.toml"), settings).unwrap();
        let said = diff(at, ("x.yaml", API), ("x.yaml", &deprecated(more))).is(0);
        said.rules().into_iter().filter(|rule| rule.contains("sunset")).collect::<Vec<_>>()
    };
    assert_eq!(rules("", ""), [""; 0]);
    assert_eq!(rules("[guard]\nneeds_sunset = true\n", ""), ["http-sunset-missing"]);
    let far = "      x-sunset: '9999-01-01'\n";
    assert_eq!(rules("[guard]\nneeds_sunset = true\nnotice_days = 30\n", far), [""; 0]);
    assert_eq!(rules("[guard]\nnotice_days = 4000000\n", far), ["http-sunset-too-soon"]);
}

#[test]
fn folders_of_contracts_are_compared_wherever_they_lie() {
    let repo = Repo::new();
    let copy = repo.beside("copy");
    repo.run(&["analyze", "-q", "-o", copy.to_str().unwrap()]).is(0);
    repo.run(&["diff", "contracts", copy.to_str().unwrap()]).is(0);
    repo.break_it();
    repo.run(&["analyze", "-q"]).is(0);
    let told = repo.run(&["diff", copy.to_str().unwrap(), "contracts", "--format", "json"]).is(1);
    assert_eq!(told.json()["summary"]["breaking"], 1);
    repo.run(&["diff", "HEAD", "contracts"]).is(1);
    repo.run(&["diff", "HEAD"]).is(1);
    repo.run(&["diff", "contracts", copy.to_str().unwrap(), "--fail-on", "none"]).is(0);
}

#[test]
fn annotations_come_with_a_job_summary() {
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path();
    fs::write(at.join("a.yaml"), API).unwrap();
    fs::write(at.join("b.yaml"), API.replace("get:", "put:")).unwrap();
    let summary = at.join("summary.md");
    fs::write(&summary, "before\n").unwrap();
    let told = said(at, &["diff", "a.yaml", "b.yaml", "--format", "github"], &[("GITHUB_STEP_SUMMARY", summary.to_str().unwrap())]).is(1);
    assert!(told.out.starts_with("::error "), "{}", told.out);
    let text = fs::read_to_string(&summary).unwrap();
    assert!(text.starts_with("before\n") && text.contains("1 breaking"), "{text}");
}
