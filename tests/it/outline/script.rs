//! TypeScript and JavaScript.

use std::time::{Duration, Instant};

use contract_agent::base::code::Outline;
use contract_agent::base::language::Language;

use super::{check_cases, check_cut_cases, dump, read};

const ALL: [Language; 3] = [Language::TypeScript, Language::Tsx, Language::JavaScript];

#[test]
fn fixtures() {
    check_cases("script");
}

#[test]
fn cut_fixtures() {
    check_cut_cases("script");
}

/// Outlines hostile source in every language of the family; the function `last` must always be found.
fn check_hostile(source: &str) {
    for language in ALL {
        let outline = read(language, format!("{source}\nfunction last() {{}}\n").as_bytes());
        assert!(outline.functions.iter().any(|function| function.name == "last"), "{language:?} lost the end of {:.40}", source);
        dump::dump(&outline);
        drop(outline.clone());
    }
}

fn lower(source: &str) -> Outline {
    read(Language::TypeScript, source.as_bytes())
}

#[test]
fn deep_nesting_is_cut_off() {
    for (open, close) in [
        ("(", ")"),
        ("[", "]"),
        ("{a:", "}"),
        ("f(", ")"),
        ("`${", "}`"),
        ("!", ""),
        ("-", ""),
        ("a ? b : ", ""),
        ("a => ", ""),
        ("await ", ""),
        ("new ", ""),
        ("a = ", ""),
        ("x[", "]"),
        ("(a.b + ", ").c"),
        ("[...", "]"),
        ("function () { return ", "}"),
        ("class extends ", " {}"),
        ("1 - (", ")"),
        ("a.b.c[", "]"),
        ("typeof ", ""),
        ("(() => { f(", ") })"),
    ] {
        check_hostile(&format!("x = {}1{};", open.repeat(3_000), close.repeat(3_000)));
    }
}

#[test]
fn deep_statements_are_cut_off() {
    for (open, close) in [("{", "}"), ("if (a) ", ""), ("for (const a of b) {", "}"), ("try {", "} catch (e) {}"), ("l: ", "")] {
        check_hostile(&format!("{}f();{}", open.repeat(2_000), close.repeat(2_000)));
    }
    check_hostile(&format!("var {}a{} = b;", "[".repeat(3_000), "]".repeat(3_000)));
    check_hostile(&format!("var {}a{} = b;", "{a:".repeat(3_000), "}".repeat(3_000)));
}

#[test]
fn deep_types_are_cut_off() {
    for (open, close) in [("A<", ">"), ("(", ")"), ("{a:", "}"), ("[", "]"), ("() => ", ""), ("keyof ", ""), ("", "[]"), ("", "['a']")] {
        let source = format!("type T = {}A{};\nfunction last() {{}}", open.repeat(3_000), close.repeat(3_000));
        read(Language::TypeScript, source.as_bytes());
    }
    lower(&format!("type T = a{};", ".b".repeat(10_000)));
}

#[test]
fn long_chains_keep_their_calls() {
    let calls = |link: &str| lower(&format!("x = a{};", link.repeat(10_000))).calls.len();
    assert_eq!(calls(".b(1)"), 10_000);
    assert_eq!(calls("\n.b(c => d)"), 10_000);
    assert_eq!(calls(" + f(1)"), 10_000);
    assert_eq!(calls(" + 'x' + f(1)"), 10_000);
    assert_eq!(calls(" || f(1)"), 10_000);
    assert_eq!(calls(" - f(1)"), 10_000);
    assert_eq!(calls("[f(1)]"), 10_000);
    assert_eq!(lower(&format!("if (a) {{}}{}", " else if (b) { c() }".repeat(10_000))).calls.len(), 10_000);
    for link in [".b", "[b]", " + b", " && b", "?.b"] {
        check_hostile(&format!("x = a{};", link.repeat(10_000)));
    }
    lower(&format!("type T = A{};", " | B".repeat(10_000)));
}

#[test]
fn broken_text_does_not_lose_the_rest() {
    for source in ["", "\u{feff}", "<<<<<<< HEAD\na();\n=======\n", "@", "export", "import {", "class {", "`${", "'\\u{", "/**", "\0\0"] {
        for language in ALL {
            read(language, source.as_bytes());
        }
    }
    let outline = lower("const a = f();\nfoo bar(baz; {\n}\nconst c = h();\nclass A { x = = 1; y() { g(); } }\n");
    assert!(outline.has_errors);
    assert!(outline.calls.len() >= 3, "{}", dump::dump(&outline));
}

#[test]
fn one_long_line_takes_no_quadratic_time() {
    let piece = "!function(e,t){var n=e[0],r=t.a.b;if(n)return r(n,{a:1,b:\"c\"+n});for(var i in t)e.push(i)}(a,b),";
    let source = format!("{}0;", piece.repeat(1_000));
    let start = Instant::now();
    let outline = read(Language::JavaScript, source.as_bytes());
    assert_eq!(outline.calls.len(), 3_000);
    assert!(start.elapsed() < Duration::from_secs(30));
}
