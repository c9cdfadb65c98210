//! The YAML we write reads back as the same value, in our parser and by the rules of YAML 1.1 and 1.2.

use contract_agent::contract::yaml::to_yaml;
use proptest::prelude::*;
use serde_json::{Value, json};

/// Text that some version of YAML reads as something else when it stands bare.
const DANGEROUS: &[&str] = &[
    "",
    " ",
    "  a",
    "a ",
    "\t",
    "a\tb",
    "~",
    "null",
    "Null",
    "NULL",
    "true",
    "True",
    "TRUE",
    "false",
    "yes",
    "Yes",
    "YES",
    "no",
    "No",
    "on",
    "On",
    "ON",
    "off",
    "OFF",
    "y",
    "Y",
    "n",
    "N",
    "0",
    "00",
    "012",
    "0o7",
    "0x1F",
    "0b11",
    "1_000",
    "1e3",
    "1E3",
    "1.5",
    ".5",
    "5.",
    "-1",
    "+1",
    "-",
    "--",
    "---",
    "...",
    "--- a",
    ".inf",
    "-.inf",
    ".NaN",
    "nan",
    "Infinity",
    "1:30",
    "12:30:45",
    "2020-01-01",
    "2001-12-14t21:59:43.10-05:00",
    "=",
    "<<",
    "!",
    "!tag",
    "&a",
    "*a",
    "*/*",
    "|",
    ">",
    "|-",
    "@a",
    "`a`",
    "%TAG",
    "#",
    "# a",
    "a #b",
    "a# b",
    ": a",
    "a: b",
    "a:",
    "a:b",
    ":",
    "?",
    "? a",
    "?a",
    "- a",
    "-a",
    "[",
    "]",
    "[a]",
    "{",
    "}",
    "{a}",
    "{}",
    "[]",
    ",",
    "a, b",
    "\"",
    "'",
    "'a'",
    "\"a\"",
    "it's",
    "a\"b",
    "\\",
    "a\\nb",
    "a\nb",
    "a\nb\n",
    "a\nb\n\n",
    "\na\nb",
    "a\n\nb",
    "a\n  b",
    "  a\nb",
    "a \nb",
    "a\n \nb",
    "a\r\nb",
    "\r",
    "a\u{85}b",
    "a\u{2028}b\nc",
    "\u{feff}a",
    "\u{0}",
    "\u{7}",
    "\u{1b}[31m",
    "\u{7f}",
    "\u{9f}",
    "\u{a0}",
    "\u{200b}",
    "\u{202e}abc",
    "\u{fffe}",
    "é",
    "日本語",
    "日本\n語",
    "😀",
    "😀\n😀",
    "\u{10ffff}",
    "/users/{id}",
    "$ref",
    "#/components/schemas/A",
    "application/json",
    "^[a-z]+$",
    "^\\d{3}$",
    "x: [1, 2]",
    "key: |\n  text",
    "a\n---\nb",
    "a\n...\nb",
    "a\n\tb",
    "200",
    "2XX",
    "a b  c",
    "a:\nb",
    "http://x.y/z?a=b#c",
    "0.1.0",
    "1.0",
    "3.10",
    "190:20:30",
    "0o",
    "0x",
    "_",
    "__",
    "_1",
    "e1",
    "E",
    "%",
    "@",
    "`",
];

fn check(value: &Value) {
    let text = to_yaml(value);
    let options = serde_yaml::options! { budget: serde_yaml::budget! { max_depth: 100 } };
    let back: Value = serde_yaml::from_str_with_options(&text, options).unwrap_or_else(|error| panic!("{error}\n{text}"));
    assert_eq!(&back, value, "\n{text}");
    assert!(text.ends_with('\n') && !text.ends_with("\n\n"), "one line break at the end: {text:?}");
    for line in text.lines() {
        assert_eq!(line, line.trim_end(), "no blanks at the end of a line: {text:?}");
    }
}

#[test]
fn dangerous_text_reads_back_everywhere_it_can_stand() {
    for text in DANGEROUS {
        check(&json!(text));
        check(&json!({"key": text}));
        check(&json!([text, [text], {"a": [text]}]));
        let map: Value = [(text.to_string(), json!([{"k": text}, text]))].into_iter().collect::<serde_json::Map<_, _>>().into();
        check(&map);
        check(&json!({"outer": {"inner": [map]}}));
    }
}

/// By the rules of YAML 1.1: what stands bare begins with a letter, `/`, `$` or `_`, and is no word with a meaning.
#[test]
fn only_harmless_text_stands_bare() {
    for text in DANGEROUS {
        let line = to_yaml(&json!({"k": text}));
        let bare = line.strip_prefix("k: ").unwrap_or_default();
        if bare.starts_with(['"', '|']) {
            continue;
        }
        let harmless = [
            "a#",
            "a:b",
            "it's",
            "a\"b",
            "/users/{id}",
            "$ref",
            "application/json",
            "a, b",
            "a b  c",
            "http://x.y/z?a=b#c",
            "_",
            "__",
            "_1",
            "a# b",
        ];
        assert!(harmless.contains(text), "`{text}` stands bare: {line}");
    }
}

#[test]
fn numbers_keep_their_type_in_yaml_1_1() {
    let text = to_yaml(&json!([1e300, 1.5e-7, 1e21, -2.5e40, 1.0, 0, -7, u64::MAX, i64::MIN]));
    for line in text.lines().filter(|line| line.contains('e')) {
        assert!(line.contains('.') && (line.contains("e+") || line.contains("e-")), "a point and a signed exponent: {line}");
    }
    check(&json!([1e300, 1.5e-7, 1e21, 1.0, 0, -7, u64::MAX, i64::MIN]));
}

#[test]
fn long_keys_and_deep_values_read_back() {
    check(&json!({"a".repeat(5000): {"b".repeat(1024): 1}, "\"".repeat(600): [1]}));
    let deep = (0..90).fold(json!("x"), |inner, index| if index % 2 == 0 { json!([inner]) } else { json!({"k": inner}) });
    check(&deep);
}

#[test]
fn it_looks_as_people_write_it() {
    let value = json!({
        "openapi": "3.1.0",
        "paths": {"/a/{b}": {"get": {"tags": ["x"], "responses": {"200": {"description": "two\n\nlines\n"}}, "security": [], "x": {}}}},
    });
    expect_test::expect![[r#"
        openapi: "3.1.0"
        paths:
          /a/{b}:
            get:
              tags:
                - x
              responses:
                "200":
                  description: |
                    two

                    lines
              security: []
              x: {}
    "#]]
    .assert_eq(&to_yaml(&value));
}

fn values() -> impl Strategy<Value = Value> {
    let text = prop_oneof![
        ".{0,20}",
        "[ \\n\\t:#\\-?|>'\"{}\\[\\],&*!%@`~=<a0\\r]{0,12}",
        (0..DANGEROUS.len()).prop_map(|index| DANGEROUS[index].to_string()),
    ];
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_filter("JSON has only finite numbers", |number| number.is_finite()).prop_map(Value::from),
        text.clone().prop_map(Value::from),
    ];
    leaf.prop_recursive(5, 40, 6, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..5).prop_map(Value::from),
            prop::collection::btree_map(text.clone(), inner, 0..5).prop_map(|map| Value::Object(map.into_iter().collect())),
        ]
    })
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]
    #[test]
    fn any_value_reads_back(value in values()) {
        check(&value);
    }
}
