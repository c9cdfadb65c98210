//! A contract's canonical order, its documents, and what validation finds in them.

use contract_agent::contract::documents::repo::RepoDocument;
use contract_agent::contract::documents::{Document, documents};
use contract_agent::contract::export::{Folder, Kind};
use contract_agent::contract::model::{
    Conflict, Contract, Dependency, Evidence, FeatureContract, FeatureKind, Header, LeftOut, Location, Method, Operation, Origin,
    Parameter, RequestBody, Response,
};
use contract_agent::contract::settle::slug_of;
use contract_agent::contract::validate::{DocumentKind, Finding, schema_of, validate_folder};
use contract_agent::contract::version::{Bump, raised};
use expect_test::{expect, expect_file};
use proptest::prelude::*;
use serde_json::{Value, json};

pub fn operation(method: Method, path: &str, file: &str, symbol: &str) -> Operation {
    Operation {
        method,
        path: path.into(),
        evidence: Evidence::new(file, symbol, 7),
        framework: "python/fastapi".into(),
        ..Operation::default()
    }
}

fn response(schema: Value) -> Response {
    Response { content: [("application/json".to_string(), schema)].into(), ..Response::default() }
}

/// A shop with two features, told out of order.
pub fn shop() -> Contract {
    let mut create = operation(Method::Post, "/users", "app/users.py", "create");
    create.request_body = Some(RequestBody {
        required: true,
        content: [("application/json".to_string(), json!({"$ref": "#/components/schemas/NewUser"}))].into(),
        ..RequestBody::default()
    });
    create.responses.insert("201".into(), response(json!({"$ref": "#/components/schemas/User"})));
    create.security = Some(vec![[("bearer".to_string(), vec!["users:write".to_string()])].into()]);
    create.summary = "Create a user: | pipes & <tags>".into();
    let mut read = operation(Method::Get, "/users/{user_id}", "app/users.py", "read");
    read.tags = vec!["users".into()];
    read.parameters.push(Parameter {
        name: "verbose".into(),
        schema: json!({"default": false, "type": "boolean"}),
        ..Parameter::default()
    });
    let mut found = response(json!({"anyOf": [{"$ref": "#/components/schemas/User"}, {"type": "null"}]}));
    found.headers.insert("ETag".into(), Header { required: true, schema: json!({"type": "string"}), ..Header::default() });
    read.responses.insert("200".into(), found);
    read.responses.insert("404".into(), Response::default());
    let users = FeatureContract {
        name: "Users".into(),
        slug: "users".into(),
        purpose: "Keeps the users.".into(),
        files: vec!["app/users.py".into(), "app/models.py".into()],
        languages: vec!["Python".into()],
        frameworks: vec!["python/fastapi".into()],
        http: vec![create, read],
        schemas: [
            ("User".to_string(), json!({"required": ["name", "id"], "properties": {"name": {"type": "string"}, "id": {"type": "integer"}}, "type": "object"})),
            ("NewUser".to_string(), json!({"type": "object", "properties": {"name": {"maxLength": 80, "type": "string"}}, "required": ["name"]})),
            ("Unused".to_string(), json!({"type": "object"})),
        ]
        .into(),
        security_schemes: [("bearer".to_string(), json!({"type": "http", "scheme": "bearer"}))].into(),
        ..FeatureContract::default()
    };
    let shared = FeatureContract {
        name: "Core".into(),
        slug: "core".into(),
        kind: FeatureKind::Shared,
        files: vec!["app/core.py".into()],
        ..FeatureContract::default()
    };
    let mut contract = Contract { features: vec![users, shared], ..Contract::default() };
    contract.features[0].dependencies.push(Dependency {
        on: "core".into(),
        weight: 2,
        evidence: vec![Evidence::new("app/users.py", "", 1)],
        ..Dependency::default()
    });
    contract.repo.name = "shop".into();
    contract.repo.languages = [("Python".to_string(), 3)].into();
    contract.repo.left_out = vec![LeftOut { reason: "tests".into(), count: 2, examples: vec!["tests/b.py".into(), "tests/a.py".into()] }];
    contract.settle();
    contract
}

pub fn files(contract: &Contract) -> Vec<(String, Vec<u8>)> {
    documents(contract).into_iter().map(|Document { path, bytes }| (path, bytes)).collect()
}

fn document(contract: &Contract, path: &str) -> String {
    let found = documents(contract).into_iter().find(|document| document.path == path).unwrap_or_else(|| panic!("no {path}"));
    String::from_utf8(found.bytes).unwrap()
}

fn one_feature(http: Vec<Operation>, schemas: &[(&str, Value)]) -> Contract {
    let schemas = schemas.iter().map(|(name, schema)| (name.to_string(), schema.clone())).collect();
    let feature = FeatureContract { name: "F".into(), slug: "f".into(), http, schemas, ..FeatureContract::default() };
    let mut contract = Contract { features: vec![feature], ..Contract::default() };
    contract.settle();
    contract
}

fn keys(contract: &Contract) -> Vec<String> {
    contract.features[0].http.iter().map(Operation::key).collect()
}

fn findings(contract: &Contract) -> Vec<Finding> {
    validate_folder(&files(contract))
}

#[test]
fn documents_of_a_small_shop() {
    let contract = shop();
    let paths: Vec<String> = documents(&contract).into_iter().map(|document| document.path).collect();
    assert_eq!(
        paths,
        [
            "README.md",
            "features/core/README.md",
            "features/core/feature_contract.json",
            "features/users/README.md",
            "features/users/api_contract.yaml",
            "features/users/feature_contract.json",
            "relationships.json",
            "repo_contract.json",
        ]
    );
    for path in &paths {
        let name = path.replace('/', "__");
        expect_file![format!("{}/tests/it/shop/{name}", env!("CARGO_MANIFEST_DIR"))].assert_eq(&document(&contract, path));
    }
    assert_eq!(findings(&contract), []);
}

#[test]
fn settling_twice_and_order_change_nothing() {
    let settled = shop();
    let mut again = settled.clone();
    again.settle();
    assert_eq!(again, settled);
    let mut reversed = settled.clone();
    reversed.features.reverse();
    reversed.features.iter_mut().for_each(|feature| {
        feature.http.reverse();
        feature.files.reverse();
    });
    reversed.settle();
    assert_eq!(reversed, settled);
}

#[test]
fn lines_never_reach_a_document() {
    let contract = shop();
    let mut moved = contract.clone();
    for operation in &mut moved.features[1].http {
        operation.evidence.line += 40;
    }
    moved.settle();
    assert_eq!(files(&moved), files(&contract));
}

#[test]
fn parameter_names_of_one_path_are_unified() {
    let mut second = operation(Method::Put, "/a/{y}/b/{y}", "x.py", "put");
    second.parameters.push(Parameter {
        name: "y".into(),
        location: Location::Path,
        schema: json!({"type": "integer"}),
        ..Parameter::default()
    });
    let contract = one_feature(vec![second, operation(Method::Get, "/a/{x}/b/{z}", "x.py", "get")], &[]);
    assert_eq!(keys(&contract), ["GET /a/{x}/b/{z}", "PUT /a/{x}/b/{z}"]);
    let put = &contract.features[0].http[1];
    assert_eq!(put.original_path.as_deref(), Some("/a/{y}/b/{y}"));
    let parameters: Vec<(&str, &Value)> = put.parameters.iter().map(|parameter| (parameter.name.as_str(), &parameter.schema)).collect();
    assert_eq!(parameters, [("x", &json!({"type": "integer"})), ("z", &json!({"type": "string"}))]);
    assert_eq!(findings(&contract), []);
}

#[test]
fn two_handlers_of_a_route_are_a_conflict_but_one_told_twice_is_not() {
    let twice = operation(Method::Get, "/a", "a.py", "one");
    let mut documented = operation(Method::Get, "/a", "openapi.yaml", "");
    documented.origin = Origin::Document;
    documented.summary = "From the document".into();
    let contract = one_feature(vec![twice.clone(), documented.clone(), twice.clone()], &[]);
    assert_eq!(contract.repo.conflicts, []);
    assert_eq!(contract.features[0].http[0].summary, "From the document");

    let contract = one_feature(vec![operation(Method::Get, "/a", "b.py", "two"), twice, documented], &[]);
    assert_eq!(keys(&contract), ["GET /a"]);
    let [Conflict { code, subject, sides, .. }] = contract.repo.conflicts.as_slice() else { panic!("{:?}", contract.repo.conflicts) };
    assert_eq!((code.as_str(), subject.as_str(), sides.len()), ("route-two-handlers", "GET /a", 2));
    assert_eq!((sides[0].evidence.file.as_str(), sides[1].evidence.file.as_str()), ("a.py", "b.py"));
}

#[test]
fn operation_ids_are_unique_and_legible() {
    let mut named = operation(Method::Get, "/c", "a.py", "x");
    named.operation_id = "explicit".into();
    let contract = one_feature(
        vec![
            operation(Method::Get, "/a", "a.py", "Users.list"),
            operation(Method::Get, "/b", "b.py", "Posts.list"),
            named,
            operation(Method::Get, "/d/{id}", "b.py", ""),
            operation(Method::Get, "/", "b.py", "single"),
        ],
        &[],
    );
    let ids: Vec<&str> = contract.features[0].http.iter().map(|operation| operation.operation_id.as_str()).collect();
    assert_eq!(ids, ["single", "list_get_a", "list_get_b", "explicit", "get_d_id"]);
}

#[test]
fn component_names_become_legal_and_references_follow() {
    let mut read = operation(Method::Get, "/a", "a.py", "x");
    read.responses.insert("200".into(), response(json!({"type": "array", "items": {"$ref": "#/components/schemas/Page[User]"}})));
    read.responses.insert("400".into(), response(json!({"$ref": "#/components/schemas/a~1b%20c"})));
    read.responses.insert("500".into(), response(json!({"$ref": "#/components/schemas/Missing"})));
    let schemas = [
        ("Page[User]", json!({"properties": {"next": {"$ref": "#/components/schemas/Page[User]"}}})),
        ("Page_User", json!({})),
        (
            "a/b c",
            json!({"oneOf": [{"$ref": "#/components/schemas/Cat"}], "discriminator": {"propertyName": "kind", "mapping": {"c": "#/components/schemas/Cat"}}}),
        ),
        ("Cat", json!({"enum": ["b", "a", null], "type": ["string"]})),
    ];
    let contract = one_feature(vec![read], &schemas);
    let names: Vec<&String> = contract.features[0].schemas.keys().collect();
    assert_eq!(names, ["Cat", "Missing", "Page_User", "Page_User_2", "a_b_c"]);
    assert_eq!(contract.features[0].gaps[0].code, "schema-unknown");
    assert_eq!(contract.features[0].schemas["Cat"], json!({"type": "string", "enum": ["a", "b", null]}));
    assert_eq!(findings(&contract), []);
    let api = document(&contract, "features/f/api_contract.yaml");
    assert!(api.contains("\"#/components/schemas/Page_User_2\"") && !api.contains("Page_User:"), "{api}");
}

#[test]
fn what_cannot_stand_in_openapi_becomes_a_question() {
    let mut odd = operation(Method::Get, "no-slash/{id}", "a.py", "x");
    odd.parameters.push(Parameter { name: "stray".into(), location: Location::Path, ..Parameter::default() });
    odd.responses.insert("4xx".into(), Response::default());
    odd.responses.insert("weird".into(), Response::default());
    odd.security = Some(vec![[("unknown scheme".to_string(), Vec::new())].into()]);
    let contract = one_feature(vec![odd], &[]);
    let codes: Vec<&str> =
        contract.features[0].http[0].gaps.iter().chain(&contract.features[0].gaps).map(|gap| gap.code.as_str()).collect();
    assert_eq!(codes, ["path-parameter-not-in-path", "response-status-unknown", "security-scheme-unknown"]);
    assert!(contract.features[0].http[0].responses.contains_key("4XX"));
    assert_eq!(findings(&contract), []);
}

#[test]
fn a_fingerprint_follows_the_promise_and_not_the_version() {
    let contract = shop();
    let mut same = contract.clone();
    same.features[1].version = "3.0.0".into();
    same.settle();
    assert_eq!(same.features[1].fingerprint, contract.features[1].fingerprint);
    let mut other = contract.clone();
    other.features[1].http[1].deprecated = true;
    other.settle();
    assert_ne!(other.features[1].fingerprint, contract.features[1].fingerprint);
}

#[test]
fn a_version_is_kept_or_raised() {
    let before = shop();
    let document = documents(&before).pop().unwrap();
    let mut previous: RepoDocument = serde_json::from_slice(&document.bytes).unwrap();
    previous.features.iter_mut().for_each(|entry| entry.version = "1.2.3".into());
    let mut after = shop();
    after.features[1].http[1].deprecated = true;
    after.settle();
    after.carry_versions(Some(&previous), None, |_| Bump::Minor);
    let versions: Vec<&str> = after.features.iter().map(|feature| feature.version.as_str()).collect();
    assert_eq!(versions, ["1.2.3", "1.3.0"]);
    for (version, bump, next) in [
        ("1.2.3", Bump::Major, "2.0.0"),
        ("1.2.3", Bump::Patch, "1.2.4"),
        ("0.2.3", Bump::Major, "0.3.0"),
        ("0.2.3", Bump::Minor, "0.2.4"),
        ("?", Bump::Minor, "0.1.0"),
    ] {
        assert_eq!(raised(version, bump), next);
    }
}

#[test]
fn features_become_one_document() {
    let part = |slug: &str, path: &str, field: &str| {
        let mut read = operation(Method::Get, path, &format!("{slug}.py"), "read");
        read.responses.insert("200".into(), response(json!({"$ref": "#/components/schemas/Page"})));
        read.responses.insert("400".into(), response(json!({"$ref": "#/components/schemas/Error"})));
        let schemas = [
            ("Error".to_string(), json!({"type": "object"})),
            ("Item".to_string(), json!({"type": "object", "properties": {field: {}}})),
            ("Page".to_string(), json!({"type": "array", "items": {"$ref": "#/components/schemas/Item"}})),
        ];
        FeatureContract { slug: slug.into(), http: vec![read], schemas: schemas.into(), ..FeatureContract::default() }
    };
    let features = vec![part("a", "/x/{id}", "one"), part("b", "/x/{key}/y", "two"), part("c", "/x/{key}", "one")];
    let mut contract = Contract { features, ..Contract::default() };
    contract.settle();

    let files: Vec<(String, Vec<u8>)> = documents(&contract).into_iter().map(|document| (document.path, document.bytes)).collect();
    let exported = |wanted: &[String]| Folder::new(&files, wanted).export(Kind::OpenApi, None).unwrap();
    let whole = exported(&["a".into(), "b".into()]);
    let found = validate_folder(&[("api_contract.yaml".into(), whole.bytes.clone())]);
    assert_eq!(found.iter().map(|finding| finding.code.as_str()).collect::<Vec<_>>(), ["document-missing"]);
    let text = String::from_utf8(whole.bytes).unwrap();
    for part in ["/x/{id}:", "/x/{key}/y:", "Error:", "a_Item:", "a_Page:", "b_Item:", "b_Page:", "components/schemas/b_Item"] {
        assert!(text.contains(part), "{part} in {text}");
    }
    assert_eq!(exported(&[]).notes.len(), 1, "two features serve GET /x/{{}}");
}

#[test]
fn slugs_are_safe_everywhere() {
    for (name, slug) in [
        ("User Profiles", "user-profiles"),
        ("../../etc", "etc"),
        ("CON", "con-feature"),
        ("com1", "com1-feature"),
        ("日本", "feature"),
        ("a_b.c/", "a_b-c"),
        ("", "feature"),
    ] {
        assert_eq!(slug_of(name), slug);
    }
    let named = |name: &str| FeatureContract { name: name.into(), ..FeatureContract::default() };
    let mut contract = Contract { features: vec![named("A B"), named("a-b"), named("A.B")], ..Contract::default() };
    contract.settle();
    let slugs: Vec<&str> = contract.features.iter().map(|feature| feature.slug.as_str()).collect();
    assert_eq!(slugs, ["a-b", "a-b-2", "a-b-3"]);
}

#[test]
fn schemas_of_the_documents_are_schemas() {
    for kind in DocumentKind::ALL {
        let schema = schema_of(kind);
        assert!(jsonschema::validator_for(&schema).is_ok(), "{}", kind.name());
        assert_eq!(DocumentKind::parse(kind.name()), Some(kind));
    }
}

/// Validation of the shop with one document changed.
fn broken(path: &str, change: impl Fn(&str) -> String) -> Vec<String> {
    let mut files = files(&shop());
    let (_, bytes) = files.iter_mut().find(|(file, _)| file == path).unwrap();
    *bytes = change(std::str::from_utf8(bytes).unwrap()).into_bytes();
    let findings = validate_folder(&files);
    findings
        .into_iter()
        .filter(|finding| finding.code != "digest-mismatch")
        .map(|finding| format!("{} {}: {}", finding.code, finding.pointer, finding.message))
        .collect()
}

#[test]
fn validation_finds_what_is_wrong() {
    let api = "features/users/api_contract.yaml";
    let mut found = broken(api, |text| text.replace("schemas/NewUser", "schemas/Nobody"));
    found.extend(broken(api, |text| text.replace("operationId: read", "operationId: create")));
    found.extend(broken(api, |text| text.replace("/users/{user_id}:", "/users/{id}:")));
    found.extend(broken(api, |text| text.replace("in: query", "in: body")));
    found.extend(broken(api, |text| text.replace("type: integer", "type: number?")));
    found.extend(broken(api, |text| text.replace("    bearer:", "    other:")));
    found.extend(broken(api, |_| "a: [".into()));
    found.extend(broken("features/users/feature_contract.json", |text| text.replace("\"slug\"", "\"slog\"")));
    found.extend(broken("relationships.json", |_| "{}".into()));
    expect![[r#"
        reference-dangling /paths/~1users/post/requestBody/content/application~1json/schema: `#/components/schemas/Nobody` leads nowhere
        operation-id-twice /paths/~1users~1{user_id}/get: `create` also names `/paths/~1users/post`
        path-parameter-missing /paths/~1users~1{id}/get: `id` of the path has no parameter
        path-parameter-unused /paths/~1users~1{id}/get: the path has no `user_id`
        document-schema /paths/~1users~1{user_id}/get/parameters/1/in: value is not one of "query", "header" or 2 other candidates
        schema-invalid /components/schemas/User/properties/id/type: value is not valid under any of the schemas listed in the 'anyOf' keyword
        security-scheme-missing /paths/~1users/post: there is no security scheme `bearer`
        document-unreadable : it is not YAML: unclosed bracket '[' at line 1, column 4
        document-schema : "slug" is a required property
        document-schema : "$schema" is a required property
        document-schema : "cycles" is a required property
        document-schema : "edges" is a required property
        document-schema : "extractor" is a required property
        document-schema : "features" is a required property
        document-schema : "layers" is a required property
        document-schema : "schemaVersion" is a required property"#]].assert_eq(&found.join("\n"));
}

#[test]
fn digests_tell_an_interrupted_run() {
    let mut files = files(&shop());
    files[0].1.push(b'\n');
    files.retain(|(path, _)| path != "relationships.json");
    files.push(("features/gone/feature_contract.json".into(), files[2].1.clone()));
    let codes: Vec<(String, String)> = validate_folder(&files).into_iter().map(|finding| (finding.code, finding.pointer)).collect();
    let expected =
        [("document-unlisted", ""), ("digest-mismatch", "/digests/README.md"), ("document-missing", "/digests/relationships.json")];
    assert_eq!(codes, expected.map(|(code, pointer)| (code.to_string(), pointer.to_string())));
}

fn schemas() -> impl Strategy<Value = Value> {
    let name = "[A-C\\[\\]/ ]{1,3}";
    let leaf = prop_oneof![
        Just(json!({"type": "string"})),
        Just(Value::Null),
        name.prop_map(|name| json!({"$ref": format!("#/components/schemas/{name}")})),
    ];
    leaf.prop_recursive(3, 12, 3, |inner| {
        prop_oneof![
            inner.clone().prop_map(|items| json!({"items": items, "type": "array"})),
            prop::collection::btree_map("[a-c]", inner.clone(), 0..3).prop_map(|map| json!({"type": "object", "properties": map})),
            prop::collection::vec(inner, 1..3).prop_map(|list| json!({"anyOf": list})),
        ]
    })
}

fn operations() -> impl Strategy<Value = Operation> {
    let path = prop_oneof!["/[ab]/\\{[xy]\\}", "/[ab]/\\{[xy]\\}/\\{[xy]\\}", "[a/{}]{0,6}"];
    (0..8_usize, path, "[a-c.:]{0,3}", schemas(), prop_oneof!["[2-6]0[0-4]", "default", "[2-4]xx"], any::<bool>()).prop_map(
        |(method, path, symbol, schema, status, has_body)| {
            let mut operation = operation(Method::ALL[method], &path, "f.py", &symbol);
            operation.responses.insert(status, response(schema.clone()));
            operation.parameters.push(Parameter {
                name: "x".into(),
                location: Location::Path,
                schema: schema.clone(),
                ..Parameter::default()
            });
            operation.security = has_body.then(|| vec![[(symbol, Vec::new())].into()]);
            operation.request_body =
                has_body.then(|| RequestBody { content: [("text/plain".to_string(), schema)].into(), ..RequestBody::default() });
            operation
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, cases: 64, ..ProptestConfig::default() })]
    #[test]
    fn whatever_is_told_is_settled_once_and_valid(
        http in prop::collection::vec(operations(), 0..6),
        components in prop::collection::btree_map("[A-C\\[\\]/ ]{1,3}", schemas(), 0..4),
    ) {
        let schemas: Vec<(&str, Value)> = components.iter().map(|(name, schema)| (name.as_str(), schema.clone())).collect();
        let contract = one_feature(http.clone(), &schemas);
        let mut again = contract.clone();
        again.settle();
        prop_assert_eq!(&again, &contract);
        let mut reversed = http;
        reversed.reverse();
        prop_assert_eq!(files(&one_feature(reversed, &schemas)), files(&contract));
        prop_assert_eq!(findings(&contract), vec![]);
    }
}

#[test]
fn keywords_that_do_not_fit_are_dropped() {
    let schema = json!({
        "type": "object",
        "properties": {
            "a": {"type": "boolean", "default": "make_default"},
            "b": {"type": "integer", "minimum": 1, "default": 0},
            "c": {"type": "string", "minLength": "LIMIT", "default": "kept"},
            "d": {"$ref": "#/components/schemas/Kind", "default": "z"},
            "p": {"type": "string", "pattern": "\\A(?P<a>[\\u{80}-x])(?<b>y)(?<=z)\\Z"},
            "q": {"type": "string", "pattern": "\\p{L}+"},
            "e": {"anyOf": [{"type": "null"}, {"type": "integer"}], "default": null},
        }
    });
    let mut contract = Contract::default();
    let mut feature = FeatureContract { name: "f".into(), ..FeatureContract::default() };
    feature.schemas.insert("Kind".into(), json!({"enum": ["x", "y"]}));
    feature.schemas.insert("All".into(), schema);
    contract.features.push(feature);
    contract.settle();
    let kept = contract.features[0].schemas["All"]["properties"].to_string();
    expect_test::expect![[r##"{"a":{"type":"boolean"},"b":{"type":"integer","minimum":1},"c":{"type":"string","default":"kept"},"d":{"$ref":"#/components/schemas/Kind"},"e":{"default":null,"anyOf":[{"type":"null"},{"type":"integer"}]},"p":{"type":"string","pattern":"^([\\u0080-x])(y)(?<=z)$"},"q":{"type":"string","x-pattern":"\\p{L}+"}}"##]].assert_eq(&kept);
}
