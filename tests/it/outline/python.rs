//! Python.

use contract_agent::base::language::Language;
use contract_agent::outline::{Trouble, outline};
use expect_test::{Expect, expect};

use super::{check_cases, check_cut_cases, read};

fn check(source: &str, expect: &Expect) {
    super::check(Language::Python, source, expect);
}

#[test]
fn fixtures() {
    check_cases("python");
}

#[test]
fn cut_fixtures() {
    check_cut_cases("python");
}

#[test]
fn a_byte_order_mark_is_dropped() {
    check(
        "\u{feff}x = 1\r\ny = \"\"\"a\r\nb\"\"\"\r\n",
        &expect![[r#"
        1: x = 1
        2: y = "a\nb"
    "#]],
    );
}

/// Nests `open … close` around a one.
fn nest(open: &str, close: &str, times: usize) -> String {
    format!("x = {}1{}\ndef last(): pass\n", open.repeat(times), close.repeat(times))
}

fn has_last(source: &str) -> bool {
    let outline = read(Language::Python, source.as_bytes());
    outline.functions.iter().any(|function| function.name == "last")
}

#[test]
fn deep_nesting_is_cut_off() {
    for (open, close) in [
        ("(", ")"),
        ("[", "]"),
        ("f(", ")"),
        ("f(a=", ")"),
        ("{1: ", "}"),
        ("not ", ""),
        ("-", ""),
        ("a[", "]"),
        ("lambda: ", ""),
        ("a if b else ", ""),
        ("[y for y in ", "]"),
        ("(a := ", ")"),
        ("await ", ""),
        ("2 ** ", ""),
        ("a and (", ")"),
        ("(b + ", ".c.d.e.f)"),
    ] {
        assert!(has_last(&nest(open, close, 10_000)), "{open}");
    }
}

#[test]
fn deep_statements_are_cut_off() {
    let nested = |head: &str| (0..600).map(|depth| format!("{}{head}\n", " ".repeat(depth))).collect::<String>();
    for head in ["if x:", "class A:", "def f():", "for a in b:", "while a:", "with a as b:", "try:", "match x:"] {
        let source = format!("{}{}pass\ndef last(): pass\n", nested(head), " ".repeat(600));
        read(Language::Python, source.as_bytes());
    }
    for (open, close) in [("List[", "]"), ("Callable[[", "]]"), ("\"List[", "]\""), ("a | (", ")")] {
        read(Language::Python, format!("x: {}\ndef last(): pass\n", open.repeat(5_000)).as_bytes());
        read(Language::Python, format!("x: {}int{}\n", open.repeat(2_000), close.repeat(2_000)).as_bytes());
    }
    for pattern in ["(", "[", "P(", "a | ("] {
        read(Language::Python, format!("match x:\n  case {}\n", pattern.repeat(2_000)).as_bytes());
    }
}

#[test]
fn long_chains_are_walked() {
    let long = |base: &str, link: &str| format!("x = {base}{}\ndef last(): pass\n", link.repeat(10_000));
    for (base, link) in [
        ("a", ".b"),
        ("a", ".b()"),
        ("a", "[0]"),
        ("a", "()"),
        ("a", " + b"),
        ("a", " + f(b)"),
        ("\"a\"", " + b"),
        ("a", " or b"),
        ("a", " | b"),
        ("a", " % b"),
        ("a", " == b"),
        ("\"a\"", " \"b\""),
        ("a", " = b"),
        ("a", ", b"),
    ] {
        assert!(has_last(&long(base, link)), "{link}");
    }
    assert!(has_last(&format!("x: a{} = 1\ndef last(): pass\n", " | b".repeat(10_000))));
    assert!(has_last(&format!("if a: pass\n{}def last(): pass\n", "elif b: pass\n".repeat(2_000))));
    let calls = read(Language::Python, long("a", " + f(b)").as_bytes()).calls.len();
    assert_eq!(calls, 10_000);
}

#[test]
fn odd_bytes_are_read() {
    for text in ["\0", "x = 1\0\ny = 2\n", "\r\r\r", "\\", "'", "f'{", "f'{x", "\"\"\"", "@", "def", "x: '", "\u{feff}\u{feff}"] {
        read(Language::Python, text.as_bytes());
    }
    let odd = outline(Language::Python, b"x = '\xff'\n");
    assert_eq!((odd.trouble, odd.outline.assigns.len()), (Some(Trouble::NotUtf8), 1));
    let wide = outline(Language::Python, b"\xff\xfex\0=\x001\0\n\0");
    assert_eq!((wide.trouble, wide.outline.assigns.len()), (None, 1));
}
