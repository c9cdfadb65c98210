//! Paths with `<id>`: Flask, Django, Sanic, Rocket.

use super::{Part, Parts, convertor, enclosed};

/// `<id>`, `<int:id>`, `<id:int>`, `<id..>`, `<string(length=2):lang>`.
pub(super) fn parts(text: &str) -> Vec<Part> {
    let chars: Vec<char> = text.chars().collect();
    let mut parts = Parts::default();
    let mut at = 0;
    while at < chars.len() {
        if chars[at] == '<'
            && let Some((inner, next)) = enclosed(&chars, at, '<', '>')
        {
            let (name, kind) = angle_param(&inner);
            parts.param(name, convertor(kind));
            at = next;
        } else {
            parts.push(chars[at]);
            at += 1;
        }
    }
    parts.done()
}

fn angle_param(inner: &str) -> (&str, &str) {
    const CONVERTORS: &[&str] = &["int", "float", "string", "str", "path", "uuid", "slug", "any", "default", "regex", "date"];
    let inner = inner.trim_end_matches("..").trim_matches('?');
    let Some((left, right)) = inner.rsplit_once(':') else { return (inner, "") };
    let head = left.split('(').next().unwrap_or(left).trim();
    // Werkzeug and Django write the convertor first, Sanic and Bottle the name.
    if CONVERTORS.contains(&head) || left.contains('(') {
        return (right, head);
    }
    match inner.split_once(':') {
        Some((name, kind))
            if is_identifier(name) && (CONVERTORS.contains(&kind.split(':').next().unwrap_or(kind)) || !is_identifier(kind)) =>
        {
            (name, kind)
        }
        _ => (right, left),
    }
}

fn is_identifier(text: &str) -> bool {
    !text.is_empty() && text.chars().all(|c| c.is_alphanumeric() || c == '_')
}
