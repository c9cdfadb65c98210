//! Paths with `:id`: Express and its relatives, Koa, Nest, Hono.

use super::{Part, Parts, convertor, enclosed};
use crate::facts::shape::Shape;

/// `:id`, `:id(\\d+)`, `:id?`, `*`, `*rest`, `{/:id}` groups, `(.*)`.
pub(super) fn variants(text: &str) -> Vec<Vec<Part>> {
    let variants = expand_optional(text);
    variants.iter().map(|text| colon_parts(text)).collect()
}

/// Optional groups `{…}` and optional parameters `/:id?`: with and without.
fn expand_optional(text: &str) -> Vec<String> {
    let mut done = Vec::new();
    let mut open = vec![text.to_owned()];
    while let Some(text) = open.pop() {
        if done.len() + open.len() >= 8 {
            done.push(text);
            continue;
        }
        match optional_part(&text) {
            Some((start, end, inner)) => {
                open.push(format!("{}{}", &text[..start], &text[end..]));
                open.push(format!("{}{inner}{}", &text[..start], &text[end..]));
            }
            None => done.push(text),
        }
    }
    done.dedup();
    done
}

/// The first optional part: its byte range and what stands there when it is given.
fn optional_part(text: &str) -> Option<(usize, usize, String)> {
    let mut after = 0;
    while let Some(start) = text[after..].find('{').map(|found| after + found)
        && let Some(length) = text[start..].find('}')
    {
        let end = start + length;
        let inner = &text[start + 1..end];
        // `:id{[0-9]+}` is a pattern, `:file{.:ext}` a group.
        if !is_behind_name(&text[..start]) || holds_param(inner) {
            return Some((start, end + 1, inner.to_owned()));
        }
        after = end + 1;
    }
    let mut from = 0;
    while let Some(found) = text[from..].find(':') {
        let colon = from + found;
        let rest = &text[colon + 1..];
        let name_len = rest.find(|c: char| !(c.is_alphanumeric() || c == '_')).unwrap_or(rest.len());
        let mut end = colon + 1 + name_len;
        if text[end..].starts_with('(') {
            let close = text[end..].find(')').map_or(text.len(), |close| end + close + 1);
            end = close;
        }
        if name_len > 0 && text[end..].starts_with('?') {
            let start = if text[..colon].ends_with('/') { colon - 1 } else { colon };
            return Some((start, end + 1, text[start..end].to_owned()));
        }
        from = (colon + 1).min(text.len());
    }
    None
}

/// Whether a text ends in a parameter: `/users/:id`.
fn is_behind_name(text: &str) -> bool {
    let name = text.rsplit(|c: char| !(c.is_alphanumeric() || c == '_')).next().unwrap_or_default();
    !name.is_empty() && text[..text.len() - name.len()].ends_with(':')
}

/// Whether a group holds a parameter.
fn holds_param(inner: &str) -> bool {
    inner.split(':').skip(1).any(|rest| rest.starts_with(|c: char| c.is_alphabetic() || c == '_'))
}

fn colon_parts(text: &str) -> Vec<Part> {
    let chars: Vec<char> = text.chars().collect();
    let mut parts = Parts::default();
    let mut at = 0;
    while at < chars.len() {
        let c = chars[at];
        if c == ':' && chars.get(at + 1).is_some_and(|c| c.is_alphabetic() || *c == '_') {
            let name: String = chars[at + 1..].iter().take_while(|c| c.is_alphanumeric() || **c == '_').collect();
            at += 1 + name.chars().count();
            let mut shape = Shape::Text(None);
            if chars.get(at) == Some(&'(')
                && let Some((pattern, next)) = enclosed(&chars, at, '(', ')')
            {
                shape = convertor(&pattern);
                at = next;
            } else if chars.get(at) == Some(&'{')
                && let Some((pattern, next)) = enclosed(&chars, at, '{', '}')
            {
                shape = convertor(&pattern);
                at = next;
            }
            while matches!(chars.get(at), Some('+' | '*' | '?')) {
                at += 1;
            }
            parts.param(&name, shape);
        } else if c == '*' || (c == '(' && chars.get(at + 1) == Some(&'.')) {
            at = wildcard(&chars, at, &mut parts);
        } else if c == '\\' {
            at += 1;
            if let Some(escaped) = chars.get(at) {
                parts.push(*escaped);
                at += 1;
            }
        } else {
            parts.push(c);
            at += 1;
        }
    }
    parts.done()
}

fn wildcard(chars: &[char], at: usize, parts: &mut Parts) -> usize {
    if chars[at] == '('
        && let Some((_, next)) = enclosed(chars, at, '(', ')')
    {
        parts.param("wildcard", Shape::Text(None));
        return next;
    }
    let name: String = chars[at + 1..].iter().take_while(|c| c.is_alphanumeric() || **c == '_').collect();
    parts.param(if name.is_empty() { "wildcard" } else { &name }, Shape::Text(None));
    at + 1 + name.chars().count()
}
