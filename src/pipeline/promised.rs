//! What single documents promise, without a repository around them: one GraphQL schema, one or several protocol buffer files.

use super::schemas::File;
use crate::base::problem::Problem;
use crate::contract::model::graphql::GraphqlContract;
use crate::contract::model::grpc::GrpcContract;
use crate::features::{graphql::promised as of_graphql, grpc::promised as of_grpc};
use crate::formats::{graphql, proto};
use crate::link::graphql::Graphql;
use crate::link::grpc::resolved;

/// What a file is called that stands by itself: under another name it is still the same.
const LONE: &str = "this file";

/// A GraphQL schema, and the first thing in it that could not be read.
#[must_use]
pub fn graphql_of(path: &str, bytes: &[u8]) -> (GraphqlContract, Option<Problem>) {
    let (found, problem) = graphql::read(path, bytes);
    (of_graphql::contract_of(&Graphql::of_document(found)), problem)
}

/// Protocol buffer files of two sides, each with its path, and the first thing in each that could not be read, with
/// whether it stands in the earlier side. Where each side
/// is one file, it is the same file, whatever it is called.
#[must_use]
pub fn protos_of(before: &[File], after: &[File]) -> (GrpcContract, GrpcContract, Vec<(bool, Problem)>) {
    let is_lone = before.len() == 1 && after.len() == 1;
    let mut problems = Vec::new();
    let mut read = |files: &[File], is_before: bool| {
        let mut all = Vec::new();
        for (path, bytes) in files {
            let (mut file, problem) = proto::read(path, bytes);
            problems.extend(problem.map(|problem| (is_before, problem)));
            if is_lone {
                file.file = LONE.to_owned();
            }
            all.push(file);
        }
        of_grpc::contract_of(&resolved(all))
    };
    (read(before, true), read(after, false), problems)
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;
    use crate::diff::catalogue;
    use crate::diff::change::Change;

    fn changes(domain: &str, before: &[File], after: &[File]) -> Vec<Change> {
        if domain == "graphql" {
            let read = |files: &[File]| {
                let (contract, problem) = graphql_of(&files[0].0, &files[0].1);
                assert_eq!(problem, None, "{files:?}");
                contract
            };
            return crate::diff::graphql::compare(&read(before), &read(after));
        }
        let (before, after, problems) = protos_of(before, after);
        assert!(problems.is_empty(), "{problems:?}");
        crate::diff::proto::compare(&before, &after)
    }

    fn one(text: &str) -> Vec<File> {
        vec![("a".to_owned(), text.as_bytes().to_vec())]
    }

    /// A text, or texts by path.
    fn files(value: &Value) -> Vec<File> {
        match value {
            Value::Object(files) => files.iter().map(|(path, text)| (path.clone(), text_of(text))).collect(),
            text => vec![("a".to_owned(), text_of(text))],
        }
    }

    fn text_of(value: &Value) -> Vec<u8> {
        value.as_str().expect("examples of this kind are texts").as_bytes().to_vec()
    }

    fn lines(changes: &[Change]) -> Vec<String> {
        let line = |change: &Change| {
            let place = &change.location;
            let level = format!("{:?}", change.level).to_lowercase();
            format!("{level} {} {} {}{}", change.rule, place.subject, place.part, place.path).trim().to_owned()
        };
        changes.iter().map(line).collect()
    }

    #[test]
    fn rules_do_what_their_examples_say() {
        for rule in catalogue::rules().filter(|rule| ["graphql", "proto"].contains(&rule.domain.as_str())) {
            let id = &rule.id;
            let (Some(example), Some(quiet)) = (&rule.example, &rule.quiet) else { panic!("{id}: no example") };
            assert!(rule.safely.is_some(), "{id}: no word on how to do it safely");
            let run = |before: &Value, after: &Value| changes(&rule.domain, &files(before), &files(after));
            let found = run(&example.before, &example.after);
            assert!(found.iter().any(|change| change.rule == *id && change.level == rule.level), "{id}: {:?}", lines(&found));
            let found = run(&quiet.before, &quiet.after);
            assert!(found.iter().all(|change| change.rule != *id), "{id} should be quiet: {:?}", lines(&found));
            let found = run(&example.after, &example.before);
            assert!(rule.inverse.iter().all(|inverse| found.iter().any(|change| change.rule == *inverse)), "{id}: {:?}", lines(&found));
            for side in [&example.before, &example.after, &quiet.before, &quiet.after] {
                assert_eq!(run(side, side), [], "{id}");
            }
        }
    }

    #[test]
    fn schemas_are_compared() {
        let check = |before: &str, after: &str, expected: &[&str]| {
            assert_eq!(lines(&changes("graphql", &one(before), &one(after))), expected, "{before} → {after}");
        };
        // Contexts with levels of their own.
        let enum_of = |field: &str, values: &str| format!("type Query {{ {field} }} enum E {{ {values} }}");
        check(&enum_of("a(e: E): Int", "A"), &enum_of("a(e: E): Int", "A B"), &["info graphql-enum-value-added E B"]);
        check(&enum_of("a(e: E): [E!]", "A"), &enum_of("a(e: E): [E!]", "A B"), &["warning graphql-enum-value-added E B"]);
        let lost = "breaking graphql-argument-default-changed Query a(n)";
        check("type Query { a(n: Int! = 1): Int }", "type Query { a(n: Int!): Int }", &[lost]);
        check("input I { n: Int! = 1 }", "input I { n: Int! }", &["breaking graphql-input-field-default-changed I n"]);
        check(
            "directive @d(n: Int! = 1) on FIELD",
            "directive @d(n: Int!) on FIELD",
            &["breaking graphql-directive-argument-default-changed @d n"],
        );
        check("directive @d on FIELD", "directive @d(n: Int!) on FIELD", &["breaking graphql-directive-argument-added @d n"]);
        check("directive @d(n: Int!) on FIELD", "directive @d(n: Int) on FIELD", &["info graphql-directive-argument-changed @d n"]);
        check("directive @d on FIELD", "directive @d repeatable on FIELD", &["info graphql-directive-repeatable-changed @d"]);
        check("scalar S", "scalar S @specifiedBy(url: \"u\")", &["info graphql-directive-usage-added S"]);
        check("input I { a: Int }", "input I @oneOf { a: Int }", &["breaking graphql-directive-usage-added I"]);
        // One cause is told once.
        let node = "interface Node { id: ID } type A implements Node { id: ID }";
        check(node, "type A { id: ID }", &["breaking graphql-type-removed Node"]);
        let used = "directive @d on OBJECT type A @d { id: ID }";
        check(used, "type A { id: ID }", &["breaking graphql-directive-removed @d"]);
        check("type A { a: Int b: Int }", "input A { a: Int }", &["breaking graphql-type-kind-changed A"]);
        check("type A { a(b: Int): Int }", "type A { b: Int }", &["breaking graphql-field-removed A a", "info graphql-field-added A b"]);
        check(
            "type Query { a: Int } type Mutation { b: Int }",
            "type Query { a: Int }",
            &["breaking graphql-root-type-changed schema mutation"],
        );
        let named = "schema { query: Q } type Q { a: Int b: Int }";
        check("type Query { a: Int }", named, &["info graphql-field-added Q b", "info graphql-root-type-renamed schema query"]);
        check("type Query { a: Int c: Int }", named, &["breaking graphql-root-type-changed schema query"]);
        // A type named like a root is none where the schema names its roots.
        check(named, &format!("{named} type Mutation {{ c: Int }}"), &["info graphql-type-added Mutation"]);
        // Parts of a type are one.
        check(
            "type A implements N { a: Int b: Int } interface N { a: Int }",
            "interface N { a: Int } extend type A implements N { b: Int } type A { a: Int }",
            &[],
        );
    }

    #[test]
    fn what_a_change_reaches_is_told() {
        let schema = |ty: &str| {
            let rest = "type User implements Node { friend: User name: Name } type Name { text: String } interface Node { id: ID }";
            format!("type Query {{ node: Node ping: Int me(in: In): [User!] }} input In {{ n: {ty} }} {rest} type Text {{ n: {ty} }}")
        };
        let found = changes("graphql", &one(&schema("Int")), &one(&schema("String")));
        let affects: Vec<_> = found.iter().map(|change| (change.location.subject.as_str(), change.affects.join(", "))).collect();
        assert_eq!(affects, [("In", "query me".to_owned()), ("Text", String::new())]);
        let file = |ty: &str| {
            format!("message A {{ B b = 1; }} message B {{ {ty} n = 1; }} service S {{ rpc Get(A) returns (C); rpc Set(C) returns (C); }}")
        };
        let found = changes(
            "proto",
            &one(&format!("syntax = \"proto3\"; {}", file("int32"))),
            &one(&format!("syntax = \"proto3\"; {}", file("string"))),
        );
        assert_eq!(found[0].affects, ["S/Get"]);
    }

    #[test]
    fn protocol_buffers_are_compared() {
        let check = |before: &str, after: &str, expected: &[&str]| {
            let [before, after] = [before, after].map(|text| match text.contains("syntax") || text.contains("edition") {
                true => text.to_owned(),
                false => format!("syntax = \"proto3\"; {text}"),
            });
            assert_eq!(lines(&changes("proto", &one(&before), &one(&after))), expected, "{before} → {after}");
        };
        // Contexts with levels of their own.
        check("message M { int32 a = 1; }", "message M { reserved 1; reserved \"a\"; }", &["warning proto-field-removed M a"]);
        check("enum E { Z = 0; A = 1; }", "enum E { reserved 1; reserved \"A\"; Z = 0; }", &["warning proto-enum-value-removed E A"]);
        let http = |more: &str| format!("service S {{ rpc R(A) returns (A) {{ option (google.api.http) = {{ get: \"/a\" {more} }}; }} }}");
        let further = "additional_bindings { get: \"/b\" }";
        check(&http(""), &http(further), &["info proto-rpc-http-binding-changed S R"]);
        check(&http(further), &http(""), &["breaking proto-rpc-http-binding-changed S R"]);
        // One cause is told once.
        let shop = |package: &str| {
            format!(
                "syntax = \"proto3\"; package {package}; message A {{ message B {{}} B b = 1; {package}.C c = 2; map<int32, C> m = 3; }} message C {{}} service S {{ rpc R(A) returns (A.B); }} extend C {{ A x = 7; }}"
            )
        };
        check(&shop("shop.v1"), &shop("shop.v2"), &["breaking proto-package-changed this file"]);
        check(
            "message M { int32 a = 1; string b = 2; E e = 3; repeated int32 c = 4; } enum E { Z = 0; }",
            "edition = \"2023\"; message M { int32 a = 1; string b = 2; E e = 3; repeated int32 c = 4; } enum E { Z = 0; }",
            &["breaking proto-syntax-changed this file"],
        );
        check("message M { message N { enum E { Z = 0; } } N n = 1; } message O {}", "message O {}", &["breaking proto-message-removed M"]);
        check("message O {}", "message M { message N { enum E { Z = 0; } } N n = 1; } message O {}", &["info proto-message-added M"]);
        check(
            "message M { oneof x { int32 a = 1; int32 b = 2; } }",
            "message M { oneof y { int32 a = 1; int32 b = 2; } }",
            &["breaking proto-oneof-removed M x"],
        );
        check(
            "message M { oneof x { int32 a = 1; int32 b = 2; } }",
            "message M { oneof x { int32 a = 1; } int32 b = 2; }",
            &["breaking proto-field-oneof-changed M b"],
        );
        check("message M { oneof x { int32 a = 1; } }", "message M { reserved 1; reserved \"a\"; }", &["warning proto-field-removed M a"]);
        check(
            "message M { int32 a = 1; int32 b = 2; }",
            "message M { int32 b = 1; int32 a = 2; }",
            &["breaking proto-field-number-changed M a", "breaking proto-field-number-changed M b"],
        );
        check(
            "message M { int32 a = 1; int32 b = 2; }",
            "message M { int32 b = 1; }",
            &["breaking proto-field-removed-unreserved M a", "breaking proto-field-number-changed M b"],
        );
        check(
            "message M { int32 a = 1; }",
            "message M { int32 c = 1; int32 a = 2; }",
            &["breaking proto-field-number-changed M a", "info proto-field-added M c"],
        );
        check("enum E { Z = 0; A = 1; }", "enum E { Z = 0; A = 2; }", &["breaking proto-enum-value-removed-unreserved E A"]);
        check(
            "enum E { option allow_alias = true; Z = 0; A = 1; B = 1; }",
            "enum E { Z = 0; A = 1; }",
            &["breaking proto-enum-value-renamed E B"],
        );
    }

    #[test]
    fn features_and_types_of_fields_are_compared() {
        let check = |before: &str, after: &str, expected: &[&str]| {
            assert_eq!(lines(&changes("proto", &one(before), &one(after))), expected, "{before} → {after}");
        };
        let edition = |options: &str, body: &str| format!("edition = \"2023\"; {options} message M {{ {body} }}");
        let implicit = "option features.field_presence = IMPLICIT;";
        check(
            &edition(implicit, "int32 a = 1; M m = 2;"),
            &edition("", "int32 a = 1; M m = 2;"),
            &["breaking proto-field-cardinality-changed M a"],
        );
        check(&edition("option features = { field_presence: IMPLICIT };", "int32 a = 1;"), &edition(implicit, "int32 a = 1;"), &[]);
        check(
            &edition("", "int32 a = 1;"),
            &edition("", "int32 a = 1 [features.field_presence = LEGACY_REQUIRED];"),
            &["breaking proto-required-field-changed M a"],
        );
        check(
            &edition("", "M a = 1;"),
            &edition("", "M a = 1 [features.message_encoding = DELIMITED];"),
            &["breaking proto-field-type-changed M a"],
        );
        let three = |body: &str| {
            format!(
                "syntax = \"proto3\"; import \"other.proto\"; message M {{ {body} }} enum E {{ Z = 0; A = 1; }} enum F {{ Y = 0; }} enum G {{ Z = 0; A = 1; B = 2; option allow_alias = false; }}"
            )
        };
        let check3 = |before: &str, after: &str, expected: &[&str]| check(&three(before), &three(after), expected);
        check3("int32 a = 1;", "optional int32 a = 1;", &["breaking proto-field-cardinality-changed M a"]);
        check3("other.Thing a = 1;", "other.Thing a = 1;", &[]);
        check3("other.Thing a = 1;", "optional other.Thing a = 1;", &["breaking proto-field-cardinality-changed M a"]);
        check3("other.Thing a = 1;", "other.Other a = 1;", &["breaking proto-field-type-changed M a"]);
        check3("google.protobuf.Any a = 1;", "optional google.protobuf.Any a = 1;", &[]);
        check3("map<string, int32> a = 1;", "map<string, int64> a = 1;", &["warning proto-field-type-wire-compatible M a"]);
        check3("map<int32, int32> a = 1;", "map<string, int32> a = 1;", &["breaking proto-field-type-changed M a"]);
        check3("map<int32, int32> a = 1;", "int32 a = 1;", &["breaking proto-field-cardinality-changed M a"]);
        check3("int64 a = 1;", "int32 a = 1;", &["breaking proto-field-type-changed M a"]);
        check3("bytes a = 1;", "string a = 1;", &["breaking proto-field-type-changed M a"]);
        check3("E a = 1;", "G a = 1;", &["warning proto-field-type-wire-compatible M a"]);
        check3("E a = 1;", "F a = 1;", &["breaking proto-field-type-changed M a"]);
        check3(
            "string a = 1 [(validate.rules).string.min_len = 1];",
            "string a = 1 [(validate.rules).string = { min_len: 2 }];",
            &["warning proto-field-option-changed M a [checks]"],
        );
        check3("string a = 1 [(validate.rules).string.min_len = 1];", "string a = 1 [(validate.rules).string = { min_len: 1 }];", &[]);
        check3("string a_b = 1;", "string a = 1 [json_name = \"aB\"];", &["breaking proto-field-renamed M a"]);
        let two = |body: &str| format!("syntax = \"proto2\"; message M {{ {body} }} enum E {{ B = 1; A = 0; }}");
        let check2 = |before: &str, after: &str, expected: &[&str]| check(&two(before), &two(after), expected);
        check2("optional E e = 1;", "optional E e = 1 [default = B];", &[]);
        check2("optional E e = 1;", "optional E e = 1 [default = A];", &["breaking proto-field-default-changed M e"]);
        check2("optional double d = 1 [default = 1e3];", "optional double d = 1 [default = 1000];", &[]);
        check2("optional bytes b = 1 [default = 'a\\142'];", "optional bytes b = 1 [default = \"\\x61b\"];", &[]);
        check2("extensions 5 to max;", "extensions 7 to max;", &["breaking proto-extension-removed M extensions 5 to 6"]);
        check2(
            "optional group G = 1 { optional int32 a = 1; }",
            "optional group G = 1 { optional bool a = 1; }",
            &["breaking proto-field-type-changed M.G a"],
        );
        let extend = |field: &str| format!("syntax = \"proto2\"; extend google.protobuf.FieldOptions {{ {field} }}");
        check(&extend("optional int32 x = 50001;"), &extend("optional string x = 50001;"), &["breaking proto-field-type-changed x"]);
        check(&extend("optional int32 x = 50001;"), &extend("optional int32 y = 50001;"), &["breaking proto-field-renamed y"]);
        check(&extend("optional int32 x = 50001;"), &extend(""), &["breaking proto-extension-removed x"]);
    }

    #[test]
    fn files_that_move_and_go_are_compared() {
        let folder = |files: &[(&str, &str)]| -> Vec<File> {
            let text = |text: &str| format!("syntax = \"proto3\"; {text}").into_bytes();
            files.iter().map(|(path, body)| ((*path).to_owned(), text(body))).collect()
        };
        let check = |before: &[(&str, &str)], after: &[(&str, &str)], expected: &[&str]| {
            assert_eq!(lines(&changes("proto", &folder(before), &folder(after))), expected, "{before:?} → {after:?}");
        };
        let (m, n) = (("m.proto", "package p; message M {}"), ("n.proto", "package p; message N { M m = 1; }"));
        check(&[m, n], &[m, ("o.proto", n.1)], &["warning proto-file-removed n.proto"]);
        check(&[m, n], &[m], &["breaking proto-message-removed p.N", "warning proto-file-removed n.proto"]);
        check(
            &[m, n],
            &[m, ("n.proto", "package q; import \"m.proto\"; message N { p.M m = 1; }")],
            &["breaking proto-package-changed n.proto"],
        );
        check(
            &[m, n, ("q.proto", "package q; message Q {} service S { rpc R(Q) returns (Q); }")],
            &[m, n],
            &["breaking proto-package-removed q"],
        );
    }

    #[test]
    fn large_and_hostile_documents_end() {
        let ring = |ty: &str| -> String {
            let types = (0..500).map(|at| format!("type T{at} {{ next: T{} n: {ty} in: Query }}\n", (at + 1) % 500));
            let operations = (0..250).map(|at| format!("  q{at}: T{}\n", at * 2));
            format!("type Query {{\n{}}}\n{}", operations.collect::<String>(), types.collect::<String>())
        };
        let found = changes("graphql", &one(&ring("Int")), &one(&ring("String")));
        assert_eq!((found.len(), found[0].affects.len()), (500, 250));
        let ring = |ty: &str| -> String {
            let types = (0..500).map(|at| format!("message T{at} {{ T{} next = 1; {ty} n = 2; }}\n", (at + 1) % 500));
            format!("syntax = \"proto3\"; {}", types.collect::<String>())
        };
        assert_eq!(changes("proto", &one(&ring("int32")), &one(&ring("string"))).len(), 500);
        for deep in [
            "type A { a: ".to_owned() + &"[".repeat(100_000),
            "{".repeat(100_000),
            "type A { a(b: I = ".to_owned() + &"{a:".repeat(100_000),
        ] {
            let (contract, problem) = graphql_of("a", deep.as_bytes());
            assert_eq!((crate::diff::graphql::compare(&contract, &contract), problem.is_some()), (vec![], !deep.starts_with('{')));
        }
        for deep in ["message A { ".repeat(100_000), "message A { a b = 1 [".to_owned() + &"{ a: ".repeat(100_000)] {
            let files = one(&deep);
            let (before, after, problems) = protos_of(&files, &files);
            assert_eq!((crate::diff::proto::compare(&before, &after), problems.is_empty()), (vec![], false));
        }
    }
}
