//! Rust.

use contract_agent::base::language::Language;
use expect_test::{Expect, expect};

use super::{check_cases, check_cut_cases, read};

fn check(source: &str, expect: &Expect) {
    super::check(Language::Rust, source, expect);
}

#[test]
fn fixtures() {
    check_cases("rust");
}

#[test]
fn cut_fixtures() {
    check_cut_cases("rust");
}

#[test]
fn a_long_chain_is_kept_whole() {
    let routes: String = (0..5000).map(|i| format!("\n.route(\"/{i}\", get(h{i}))")).collect();
    let outline = read(Language::Rust, format!("fn f() -> Router {{ Router::new(){routes} }}").as_bytes());
    assert_eq!(outline.calls.len(), 10_001);
    assert_eq!(outline.calls[9_999].at.line, 5001);
}

#[test]
fn deep_nesting_is_cut_off() {
    let deep = 3_000;
    for (open, close) in [
        ("(", ")"),
        ("[", "]"),
        ("{", "}"),
        ("f(", ")"),
        ("m!(", ")"),
        ("m!{", "}"),
        ("a.b(", ")"),
        ("-", ""),
        ("&", ""),
        ("a + (", ")"),
        ("|x| ", ""),
        ("if a { ", "}"),
        ("match a { b => ", "}"),
        ("X { a: ", "}"),
        ("x::<", ">"),
        ("a.", ""),
        ("a::", ""),
        ("json!({\"a\": ", "})"),
    ] {
        for wrap in [["fn f() { let x = ", "; }"], ["#[a(", ")] struct X;"], ["m!(", ");"], ["type A = ", ";"], ["m! {", "}"]] {
            let source = format!("{}{}x{}{}\nfn after() {{}}", wrap[0], open.repeat(deep), close.repeat(deep), wrap[1]);
            read(Language::Rust, source.as_bytes());
        }
    }
}

#[test]
fn what_follows_broken_code_stands() {
    check(
        "fn a( { } fn b() {}\nfn c(x: u8) { d(x); }\nimpl X { fn e(&self) { f() }",
        &expect![[r#"
            has errors
            scope 1 in 0: function 0
            scope 2 in 0: function 1
            scope 3 in 0: function 2
            scope 4 in 0: impl 0
            scope 5 in 4: function 3
            1: function 0 a() -> [] scope 1
            1: function 1 b() -> [] scope 2
            2: function 2 c(x: u8) -> [] scope 3
            3 in 4: function 3 e(receiver self) -> [] scope 5
            3: impl 0 X scope 4 methods [3]
            2 in 3: call d(x)
            3 in 5: call f()
        "#]],
    );
}
