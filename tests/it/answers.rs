//! Answers to gaps: what they fill, what they never touch, and how they are told.

use std::collections::BTreeSet;

use contract_agent::contract::resolutions::questions::{Question, Unread, questions_of, unread_gap};
use contract_agent::pipeline::{self, Silent};
use contract_agent::scan::{self, Options};
use contract_agent::settings::Settings;
use serde_json::{Value, json};

use crate::folder;
use crate::guard::Repo;

const APP: &str = r#"import os

from fastapi import FastAPI
from kafka import KafkaProducer

app = FastAPI()
producer = KafkaProducer()


@app.get("/plain")
def plain() -> int:
    return 1


@app.get("/v1/" + os.environ["AREA"] + "/users")
def list_users():
    return [{"id": 1}]


@app.post("/orders")
def place_order():
    producer.send(os.environ["TOPIC"], {"id": 1})
    return make()
"#;

const GO: &str = "package main\n\nfunc main() {\n\tr.GET(\"/stock/:id\", getStock)\n}\n";

fn repo() -> Repo {
    let repo = Repo::bare_bones();
    repo.write("app/main.py", APP);
    repo.write("requirements.txt", "fastapi\nkafka-python\n");
    repo.run(&["analyze", "-q"]).is(0);
    repo.commit("first");
    repo
}

/// What the contract of the work tree leaves open.
fn questions(repo: &Repo) -> Vec<Question> {
    let options = Options { output: Some("contracts".into()), ..Options::default() };
    let tree = scan::scan(repo.path(), &options).unwrap();
    let analysis = pipeline::analyze(&tree, &Settings::default(), "shop", &Silent);
    let unread: Vec<Unread> = pipeline::evidence::unread(&tree);
    questions_of(&analysis.contract, &unread, &BTreeSet::new())
}

fn question(repo: &Repo, code: &str) -> Question {
    let all = questions(repo);
    all.iter().find(|question| question.gap.code == code).cloned().unwrap_or_else(|| panic!("no {code} in {all:#?}"))
}

fn by_a_person(question: &Question, value: Value) -> Value {
    json!({
        "gap": question.gap.id, "code": question.gap.code, "subject": question.gap.subject, "origin": "human", "value": value,
    })
}

/// An answer of a model that rests on one declaration, with the digest of a text that is not there.
fn by_a_model(question: &Question, value: Value, digest: &str) -> Value {
    let mut answer = by_a_person(question, value);
    answer["origin"] = json!("model");
    answer["confidence"] = json!("medium");
    answer["models"] = json!(["m"]);
    answer["votes"] = json!(1);
    answer["prompt"] = json!("api_extraction@1");
    let evidence = &question.gap.evidence;
    answer["evidence"] = json!([{"file": evidence.file, "symbol": evidence.symbol, "quote": "x", "digest": digest}]);
    answer
}

fn answer(repo: &Repo, answers: &[Value]) {
    let document = json!({"$schema": "urn:contract-agent:schema:resolutions:1", "schemaVersion": "1.0.0", "resolutions": answers});
    repo.write("contracts/resolutions.json", &format!("{document:#}\n"));
}

fn openapi(repo: &Repo) -> String {
    repo.run(&["export", "openapi", "-q"]).is(0).out
}

#[test]
fn a_person_fills_a_path_and_everything_follows() {
    let repo = repo();
    let gap = question(&repo, "route-path-unknown");
    assert_eq!(gap.gap.holes().len(), 1, "{:?}", gap.gap);
    answer(&repo, &[by_a_person(&gap, json!("staff"))]);
    // What was served all along and now has a name lets nobody down; only the contracts are behind.
    let report = repo.check(&["--base", "HEAD"]).is(1).json();
    assert_eq!(report["summary"]["breaking"], 0, "{report:#}");
    let said = repo.run(&["analyze"]).is(0);
    assert_eq!(said.err, "");
    repo.run(&["check", "--base", "HEAD"]).is(0);
    let api = openapi(&repo);
    assert!(api.contains("/v1/staff/users:"), "{api}");
    assert!(api.contains("origin: human"), "{api}");
    assert!(!api.contains("route-path-unknown") && !api.contains("AREA"), "{api}");
    assert!(repo.run(&["show", "/v1/staff/users"]).is(0).out.contains("list_users"));
    repo.run(&["validate"]).is(0);
    repo.run(&["check"]).is(0);

    // The same from the index and from the commit.
    repo.commit("answered");
    repo.run(&["check", "--staged"]).is(0);
    repo.run(&["check", "--rev", "HEAD", "--base", "none"]).is(0);
    assert!(repo.run(&["show", "--rev", "HEAD", "/v1/staff"]).is(0).out.contains("/v1/staff/users"));
    repo.run(&["show", "--rev", "HEAD~1", "/v1/staff"]).is(1);

    // Another answer alone is staged: the contracts are behind.
    answer(&repo, &[by_a_person(&gap, json!("crew"))]);
    repo.git(&["add", "-A"]);
    repo.run(&["check", "--staged"]).is(1);
}

#[test]
fn without_the_answers_the_code_speaks_alone_to_the_byte() {
    let repo = repo();
    let plain = folder::files(&repo.path().join("contracts"));
    answer(&repo, &[by_a_person(&question(&repo, "route-path-unknown"), json!("staff"))]);
    repo.run(&["analyze", "-q"]).is(0);
    assert!(folder::files(&repo.path().join("contracts")) != plain);
    std::fs::remove_file(repo.path().join("contracts/resolutions.json")).unwrap();
    repo.run(&["analyze", "-q"]).is(0);
    assert!(folder::files(&repo.path().join("contracts")) == plain);
}

#[test]
fn an_edit_beside_an_answer_of_a_model_breaks_no_promise_and_shows() {
    let repo = repo();
    let gap = question(&repo, "route-path-unknown");
    // The digest is what `check` itself makes of the declaration: taken from a first, wrong one.
    let text = "@app.get(\"/v1/\" + os.environ[\"AREA\"] + \"/users\")\ndef list_users():\n    return [{\"id\": 1}]";
    answer(&repo, &[by_a_model(&gap, json!("staff"), blake3::hash(text.as_bytes()).to_hex().as_str())]);
    let said = repo.run(&["analyze"]).is(0);
    assert_eq!(said.err, "", "the answer holds");
    assert!(openapi(&repo).contains("confidence: medium"));
    repo.commit("answered");

    repo.edit("app/main.py", "return [{\"id\": 1}]", "return [{\"id\": 2}]");
    let report = repo.run(&["check", "--base", "HEAD", "--format", "json"]);
    assert!(report.json()["notes"].to_string().contains("is stale"), "{}", report.out);
    assert_eq!(report.json()["summary"]["breaking"], 0, "{}", report.out);
    let said = repo.run(&["analyze"]).is(0);
    assert!(said.err.contains("1 answer in") && said.err.contains("is stale"), "{}", said.err);
    let api = openapi(&repo);
    assert!(api.contains("/v1/staff/users:") && api.contains("confidence: low") && api.contains("stale: true"), "{api}");
    let feature = repo.read("contracts/repo_contract.json");
    assert!(!feature.contains("\"stale\": true"));
}

#[test]
fn what_nothing_asks_any_more_is_kept_and_told() {
    let repo = repo();
    let gap = question(&repo, "route-path-unknown");
    answer(&repo, &[by_a_person(&gap, json!("staff"))]);
    repo.edit("app/main.py", "\"/v1/\" + os.environ[\"AREA\"] + \"/users\"", "\"/v2/users\"");
    let before = repo.read("contracts/resolutions.json");
    let said = repo.run(&["analyze"]).is(0);
    assert!(said.err.contains("is unused") && said.err.contains(&gap.gap.id), "{}", said.err);
    assert_eq!(repo.read("contracts/resolutions.json"), before);
    repo.run(&["validate"]).is(0);
}

#[test]
fn code_is_never_overwritten() {
    let repo = repo();
    repo.edit("app/main.py", "\"/plain\"", "\"/v1/staff/users\"");
    let gap = question(&repo, "route-path-unknown");
    answer(&repo, &[by_a_person(&gap, json!("staff"))]);
    let said = repo.run(&["analyze"]).is(0);
    assert!(said.err.contains("was not followed") && said.err.contains("is served by `plain` already"), "{}", said.err);
    let api = openapi(&repo);
    assert_eq!(api.matches("/v1/staff/users:").count(), 1, "{api}");
    assert!(api.contains("operationId: plain") && api.contains("route-path-unknown"), "{api}");
}

#[test]
fn channels_schemas_and_words_are_filled_and_marked() {
    let repo = repo();
    let all = questions(&repo);
    let of = |code: &str, subject: &str| {
        let found = all.iter().find(|question| question.gap.code == code && question.gap.subject.contains(subject));
        found.cloned().unwrap_or_else(|| panic!("no {code} {subject} in {all:#?}"))
    };
    let schema = json!({"type": "object", "properties": {"id": {"type": "integer"}}, "required": ["id"]});
    answer(
        &repo,
        &[
            by_a_person(&of("channel-unknown", ""), json!("orders.placed")),
            by_a_person(&of("response-type-unknown", "POST /orders"), json!({"200": schema, "404": null})),
            by_a_person(
                &of("feature-purpose-unknown", ""),
                json!({"purpose": "Takes orders.", "summaries": {"POST /orders": "Places one."}}),
            ),
            by_a_person(&of("repo-summary-unknown", ""), json!("A shop.")),
        ],
    );
    let said = repo.run(&["analyze"]).is(0);
    assert_eq!(said.err, "");
    let api = openapi(&repo);
    assert!(api.contains("summary: Place Order") && !api.contains("Places one."), "what the framework says of itself stays\n{api}");
    assert!(api.contains("origin: human"), "{api}");
    let feature = repo.read("contracts/features/shop/feature_contract.json");
    assert!(feature.contains("\"purpose\": \"Takes orders.\"") && feature.contains("\"purposeBy\""), "{feature}");
    assert!(api.contains("'404':") || api.contains("\"404\":"), "{api}");
    let events = repo.run(&["export", "asyncapi", "-q"]).is(0).out;
    assert!(events.contains("\"orders.placed\"") && events.contains("\"human\""), "{events}");
    let whole = repo.read("contracts/repo_contract.json");
    assert!(whole.contains("\"summary\": \"A shop.\"") && whole.contains("\"summaryBy\""), "{whole}");
    repo.run(&["validate"]).is(0);
    repo.run(&["check"]).is(0);
}

#[test]
fn a_file_that_no_reader_knows_is_told_by_its_answer() {
    let repo = repo();
    repo.write("stock/main.go", GO);
    repo.run(&["analyze", "-q"]).is(0);
    let gap = question(&repo, "file-without-reader");
    assert_eq!((gap.language.as_str(), &gap.gap), ("Go", &unread_gap("stock/main.go")));
    let found = json!({
        "operations": [
            {"method": "get", "path": "/stock/{id}", "symbol": "getStock", "responses": {"200": {"type": "object"}}},
            {"method": "get", "path": "/plain", "symbol": "other"},
            {"method": "post", "path": "/maybe", "candidate": true},
        ],
        "tables": [{"name": "stock", "columns": [{"name": "id", "type": "bigint", "key": true}]}],
        "channels": [{"action": "send", "channel": "stock.low", "protocol": "nats"}],
    });
    answer(&repo, &[by_a_model(&gap, found, blake3::hash(GO.as_bytes()).to_hex().as_str())]);
    let said = repo.run(&["analyze"]).is(0);
    assert_eq!(said.err, "");
    let api = repo.read("contracts/features/stock/api_contract.yaml");
    assert!(api.contains("/stock/{id}:") && api.contains("origin: model"), "{api}");
    assert!(!api.contains("/plain") && !api.contains("/maybe"), "{api}");
    assert!(repo.read("contracts/features/stock/schema_contract.sql").contains("stock"));
    assert!(repo.read("contracts/features/stock/events_contract.json").contains("stock.low"));
    repo.run(&["validate"]).is(0);
    repo.run(&["check"]).is(0);

    // Another text: followed and marked. No file: unused.
    repo.write("stock/main.go", &GO.replace("getStock", "readStock"));
    let said = repo.run(&["analyze"]).is(0);
    assert!(said.err.contains("is stale"), "{}", said.err);
    assert!(repo.read("contracts/repo_contract.json").contains("\"stale\": true"));
    std::fs::remove_file(repo.path().join("stock/main.go")).unwrap();
    let said = repo.run(&["analyze"]).is(0);
    assert!(said.err.contains("is unused"), "{}", said.err);
    assert!(!repo.path().join("contracts/features/stock").exists());
}

#[test]
fn mistakes_are_told_with_their_place() {
    let repo = repo();
    let gap = question(&repo, "route-path-unknown");
    let good = by_a_person(&gap, json!("staff"));
    let change = |key: &str, value: Value| {
        let mut answer = good.clone();
        answer[key] = value;
        answer
    };
    let told = |answers: &[Value], expected: &str| {
        answer(&repo, answers);
        for command in [&["analyze"][..], &["check"], &["show"]] {
            let said = repo.run(command).is(2);
            assert!(said.err.contains("cannot read the answers") && said.err.contains(expected), "{expected}\n{}", said.err);
            assert!(said.err.contains("resolutions.json"), "{}", said.err);
        }
        let said = repo.run(&["validate"]).is(1);
        assert!(said.out.contains("resolutions.json"), "{}", said.out);
    };
    told(&[change("orign", json!("human"))], "unknown field `orign`");
    told(&[change("origin", json!("code"))], "`code` does not answer");
    told(&[change("gap", json!("12"))], "resolutions[0].gap: a gap's id has 12 hexadecimal digits");
    told(&[change("value", json!(7))], "resolutions[0].value: it must be what stands for the hole");
    told(&[change("value", json!("a b"))], "resolutions[0].value: ` ` cannot stand in a path");
    told(&[change("code", json!("no-such"))], "resolutions[0].code: a gap of the code `no-such`");
    told(&[change("origin", json!("model"))], "resolutions[0].evidence: an answer of a model needs evidence");
    told(&[good.clone(), good.clone()], "resolutions[1].gap: resolutions[0] answers the same gap");
    repo.write("contracts/resolutions.json", "{\n  \"resolutions\": [\n");
    let said = repo.run(&["analyze"]).is(2);
    assert!(said.err.contains("resolutions.json:3:1"), "{}", said.err);
    repo.write("contracts/resolutions.json", "{}");
    assert!(repo.run(&["analyze"]).is(2).err.contains("missing field `$schema`"));
    repo.write("contracts/resolutions.json", "<<<<<<< ours\n{}\n=======\n{}\n>>>>>>> theirs\n");
    assert!(repo.run(&["analyze"]).is(2).err.contains("a merge left its marks"));
}

#[test]
fn the_form_of_answers_can_be_asked_for() {
    let repo = Repo::bare_bones();
    let schema = repo.run(&["schema", "resolutions"]).is(0).json();
    assert_eq!(schema["title"], "resolutions.json");
    jsonschema::validator_for(&schema).unwrap();
}
