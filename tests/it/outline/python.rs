//! Python.

use contract_agent::base::language::Language;
use expect_test::{Expect, expect};

use super::{check_cases, check_cut_cases};

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
