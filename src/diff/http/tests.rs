//! Every rule's example, its quiet pair and its mirror image; contexts with levels of their own; reading of documents.

use serde_json::{Value, json};

use super::super::catalogue;
use super::super::change::{Change, Level};
use super::document;
use super::{Date, Policy, compare_under};

fn policy() -> Policy {
    let today = Date::of("2026-11-20").expect("a day");
    Policy { today, notice: 90, needs_sunset: true, guards_endpoints: false, versions: true, wording: true }
}

fn changes(before: &Value, after: &Value) -> Vec<Change> {
    compare_under(Some(before), Some(after), &policy())
}

fn levels(before: &Value, after: &Value, rule: &str) -> Vec<Level> {
    changes(before, after).into_iter().filter(|change| change.rule == rule).map(|change| change.level).collect()
}

#[test]
fn every_rule_has_an_example_that_fires_and_a_near_miss_that_does_not() {
    let mut count = 0;
    for rule in catalogue::rules().filter(|rule| rule.domain == "http") {
        let example = rule.example.as_ref().unwrap_or_else(|| panic!("{}: no example", rule.id));
        let quiet = rule.quiet.as_ref().unwrap_or_else(|| panic!("{}: no quiet pair", rule.id));
        let fired = levels(&example.before, &example.after, &rule.id);
        assert_eq!(fired, [rule.level], "{}: {:#?}", rule.id, changes(&example.before, &example.after));
        assert!(levels(&quiet.before, &quiet.after, &rule.id).is_empty(), "{}: fires on its quiet pair", rule.id);
        if let Some(inverse) = &rule.inverse {
            assert!(!levels(&example.after, &example.before, inverse).is_empty(), "{}: the mirror image is no {inverse}", rule.id);
        }
        for document in [&example.before, &example.after, &quiet.before, &quiet.after] {
            let mut same = document.clone();
            same["x-changed"] = json!(true);
            assert_eq!(changes(document, &same), [], "{}: a document differs from itself", rule.id);
        }
        assert!(rule.safely.is_some(), "{}: nothing about safety", rule.id);
        count += 1;
    }
    assert_eq!(count, 91);
}

fn served(operation: &Value) -> Value {
    json!({"paths": {"/orders": {"post": operation}}})
}

fn level(before: &Value, after: &Value, rule: &str) -> Level {
    let found = levels(&served(before), &served(after), rule);
    assert_eq!(found.len(), 1, "{rule}: {:#?}", changes(&served(before), &served(after)));
    found[0]
}

#[test]
fn contexts_have_levels_of_their_own() {
    let one = json!({"security": [{"key": []}]});
    let two = json!({"security": [{"key": []}, {"login": []}]});
    assert_eq!(level(&one, &two, "http-security-added"), Level::Info);
    assert_eq!(level(&two, &one, "http-security-removed"), Level::Breaking);
    let open = Policy { guards_endpoints: true, ..policy() };
    let found = compare_under(Some(&served(&one)), Some(&served(&json!({}))), &open);
    assert_eq!(found.iter().map(|change| change.level).collect::<Vec<_>>(), [Level::Warning]);
    let (ok, accepted) = (json!({"responses": {"200": {}}}), json!({"responses": {"202": {}}}));
    assert_eq!(level(&ok, &accepted, "http-response-status-added"), Level::Breaking);
    let redirect = json!({"responses": {"200": {}, "302": {}}});
    assert_eq!(level(&redirect, &ok, "http-response-error-status-removed"), Level::Info);
    let path = |parameters: Value| json!({"paths": {"/orders/{id}": {"get": {"parameters": parameters}}}});
    let id = json!([{"name": "id", "in": "path", "required": true}]);
    assert_eq!(levels(&path(id), &path(json!([])), "http-parameter-removed"), [Level::Breaking]);
    let query = |required: bool, name: &str| json!({"parameters": [{"name": name, "in": "query", "required": required}]});
    assert_eq!(level(&query(true, "pageSize"), &query(true, "pagesize"), "http-parameter-name-case-changed"), Level::Breaking);
}

#[test]
fn what_was_announced_may_go() {
    let deprecated = json!({"deprecated": true, "x-sunset": "2026-11-19T08:00:00Z"});
    let document = served(&deprecated);
    let none = json!({"paths": {}});
    let rules = |document: &Value| changes(document, &none).into_iter().map(|change| (change.rule, change.level)).collect::<Vec<_>>();
    assert_eq!(rules(&document), [("http-endpoint-removed-after-deprecation".to_owned(), Level::Info)]);
    let draft = served(&json!({"x-stability-level": "draft"}));
    assert_eq!(rules(&draft), [("http-endpoint-removed".to_owned(), Level::Info)]);
    let internal = served(&json!({"x-internal": true}));
    assert_eq!(rules(&internal), [("http-endpoint-removed".to_owned(), Level::Info)]);
}

#[test]
fn a_change_of_something_shared_is_told_once() {
    let document = |required: bool| {
        let limit = json!({"name": "limit", "in": "query", "required": required});
        let list = json!({"get": {"parameters": [{"$ref": "#/components/parameters/limit"}]}});
        json!({"paths": {"/a": list, "/b": list}, "components": {"parameters": {"limit": limit}}})
    };
    let found = changes(&document(false), &document(true));
    assert_eq!(found.len(), 1, "{found:#?}");
    assert_eq!(found[0].location.subject, "GET /a");
    assert_eq!(found[0].location.shared.as_deref(), Some("parameters/limit"));
    assert_eq!(found[0].affects, ["GET /b"]);
    let schema = |kind: &str| {
        let order = json!({"type": "object", "properties": {"price": {"type": kind}}});
        let content = json!({"application/json": {"schema": {"$ref": "#/components/schemas/Order"}}});
        let get = json!({"get": {"responses": {"200": {"content": content}}}});
        json!({"paths": {"/a": get, "/b": get}, "components": {"schemas": {"Order": order}}})
    };
    let found = changes(&schema("integer"), &schema("string"));
    assert_eq!(found.len(), 1, "{found:#?}");
    assert_eq!((found[0].location.part.as_str(), found[0].location.path.as_str()), ("200 body", "price"));
    assert_eq!(found[0].affects, ["GET /b"]);
}

#[test]
fn parts_of_something_shared_are_told_apart() {
    let document = |required: bool| {
        let header = json!({"required": required, "schema": {"type": "string"}});
        let get = json!({"get": {"responses": {"404": {"$ref": "#/components/responses/Missing"}}}});
        json!({"paths": {"/a": get, "/b": get}, "components": {"responses": {"Missing": {"headers": {"X-A": header, "X-B": header}}}}})
    };
    let found = changes(&document(true), &document(false));
    let places: Vec<_> = found.iter().filter_map(|change| change.location.shared.as_deref()).collect();
    assert_eq!(places, ["responses/Missing header X-A", "responses/Missing header X-B"]);
    assert!(found.iter().all(|change| change.affects == ["GET /b"]));
}

#[test]
fn a_prefix_may_move_between_the_server_and_the_paths() {
    let get = json!({"get": {"responses": {"200": {}}}});
    let before = json!({"servers": [{"url": "https://a.example.org/v1"}], "paths": {"/a": get, "/b": get}});
    let after = json!({"servers": [{"url": "https://a.example.org"}], "paths": {"/v1/a": get, "/v1/b": get}});
    assert_eq!(changes(&before, &after), []);
    let other = json!({"servers": [{"url": "https://a.example.org/v1"}], "paths": {"/x/a": get, "/x/b": get}});
    let found = changes(&before, &other);
    assert_eq!(found.len(), 1, "{found:#?}");
    assert_eq!(found[0].rule, "http-base-path-changed");
}

#[test]
fn webhooks_flow_the_other_way() {
    let hook = |properties: Value| {
        let body = json!({"required": true, "content": {"application/json": {"schema": {"type": "object", "properties": properties}}}});
        json!({"webhooks": {"paid": {"post": {"requestBody": body, "responses": {"200": {}}}}}})
    };
    let found = changes(&hook(json!({"id": {"type": "string"}, "sum": {"type": "number"}})), &hook(json!({"id": {"type": "string"}})));
    assert!(found.iter().all(|change| change.rule.starts_with("output-") && change.location.subject == "webhook paid"), "{found:#?}");
    assert_eq!(found.len(), 1);
}

fn read(text: &str) -> Value {
    document::read(text.as_bytes(), &mut |_| None).expect("a document").value
}

#[test]
fn older_documents_are_read_in_the_words_of_the_newest() {
    let swagger = "
swagger: '2.0'
info: {title: Orders, version: '1'}
host: api.example.org
basePath: /v1
schemes: [https]
consumes: [application/json]
produces: [application/json]
paths:
  /orders/{id}:
    parameters:
      - {name: id, in: path, required: true, type: string}
    post:
      parameters:
        - {name: tags, in: query, type: array, items: {type: string}, collectionFormat: multi}
        - {name: order, in: body, required: true, schema: {$ref: '#/definitions/Order'}}
      responses:
        200: {description: fine, schema: {$ref: '#/definitions/Order'}}
        404: {$ref: '#/responses/Missing'}
definitions:
  Order: {type: object, properties: {sum: {type: number, minimum: 0, exclusiveMinimum: true, x-nullable: true}}}
responses:
  Missing: {description: none}
securityDefinitions:
  login: {type: oauth2, flow: accessCode, authorizationUrl: 'https://a', tokenUrl: 'https://b', scopes: {read: all}}
";
    let newest = "
openapi: 3.1.0
info: {title: Orders, version: '1'}
servers: [{url: 'https://api.example.org/v1'}]
paths:
  /orders/{id}:
    parameters:
      - {name: id, in: path, required: true, schema: {type: string}}
    post:
      parameters:
        - {name: tags, in: query, schema: {type: array, items: {type: string}}}
      requestBody:
        required: true
        content: {application/json: {schema: {$ref: '#/components/schemas/Order'}}}
      responses:
        '200': {description: fine, content: {application/json: {schema: {$ref: '#/components/schemas/Order'}}}}
        '404': {$ref: '#/components/responses/Missing'}
components:
  schemas:
    Order: {type: object, properties: {sum: {type: [number, 'null'], exclusiveMinimum: 0}}}
  responses:
    Missing: {description: none}
  securitySchemes:
    login: {type: oauth2, flows: {authorizationCode: {authorizationUrl: 'https://a', tokenUrl: 'https://b', scopes: {read: all}}}}
";
    let rules = |before: &str, after: &str| changes(&read(before), &read(after)).into_iter().map(|change| change.rule).collect::<Vec<_>>();
    assert_eq!(rules(swagger, newest), ["http-spec-version-changed"]);
    assert_eq!(rules(newest, swagger), ["http-spec-version-changed"]);
    let plain = "{openapi: 3.0.0, paths: {}, components: {schemas: {A: {$ref: '#/components/schemas/B', nullable: true}, B: {type: string, nullable: true, enum: [a]}}}}";
    let value = read(plain);
    assert_eq!(value["components"]["schemas"]["A"], json!({"$ref": "#/components/schemas/B"}));
    assert_eq!(value["components"]["schemas"]["B"], json!({"type": ["string", "null"], "enum": ["a", null]}));
}

#[test]
fn other_files_are_brought_in() {
    let main = "{openapi: 3.1.0, paths: {/a: {$ref: 'paths/a.yaml'}}}";
    let mut files = |path: &str| match path {
        "paths/a.yaml" => {
            Some(b"get: {responses: {'200': {content: {application/json: {schema: {$ref: '../schemas.json#/Node'}}}}}}".to_vec())
        }
        "schemas.json" => {
            Some(br##"{"Node": {"type": "object", "properties": {"next": {"$ref": "#/Node"}, "lost": {"$ref": "lost.json"}}}}"##.to_vec())
        }
        _ => None,
    };
    let read = document::read(main.as_bytes(), &mut files).expect("a document");
    assert_eq!(read.missing, ["lost.json#"]);
    assert_eq!(read.value["components"]["schemas"]["Node"]["properties"]["next"]["$ref"], "#/components/schemas/Node");
    assert_eq!(read.value["paths"]["/a"]["$ref"], "#/components/pathItems/a");
    let inline = json!({"openapi": "3.1.0", "paths": {"/a": {"get": {"responses": {"200": {"content": {"application/json": {}}}}}}}});
    let found = changes(&read.value, &inline);
    assert!(found.iter().any(|change| change.rule == "http-response-media-type-schema-removed"), "{found:#?}");
    assert!(document::read(b"a: [", &mut |_| None).is_err());
    assert!(document::read(b"title: none", &mut |_| None).is_err());
}

#[test]
fn references_in_circles_end() {
    let document = json!({
        "paths": {"/a": {"$ref": "#/paths/~1a", "get": {"parameters": [{"$ref": "#/components/parameters/p"}], "requestBody": {"$ref": "#/components/requestBodies/b"}}}},
        "components": {"parameters": {"p": {"$ref": "#/components/parameters/p"}}, "requestBodies": {"b": {"$ref": "#/components/requestBodies/b"}}},
    });
    let mut other = document.clone();
    other["paths"]["/b"] = json!({"post": {}});
    assert_eq!(changes(&document, &other).len(), 1);
}
