//! Paths with `{id}`: OpenAPI's own form and its relatives.

use super::{Part, Parts, convertor, enclosed};

/// `{id}`, `{id:int}`, `{id:\\d+}`, `{*rest}`, `{rest*}`, `{id?}`.
pub(super) fn parts(text: &str) -> Vec<Part> {
    let chars: Vec<char> = text.chars().collect();
    let mut parts = Parts::default();
    let mut at = 0;
    while at < chars.len() {
        if chars[at] == '{'
            && let Some((inner, next)) = enclosed(&chars, at, '{', '}')
        {
            let (name, kind) = inner.split_once(':').unwrap_or((inner.as_str(), ""));
            parts.param(name.trim_matches(|c: char| matches!(c, '*' | '?' | ' ' | '+')), convertor(kind));
            at = next;
        } else {
            parts.push(chars[at]);
            at += 1;
        }
    }
    parts.done()
}
