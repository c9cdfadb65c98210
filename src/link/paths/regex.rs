//! Paths that are regular expressions: Django's `re_path`, Tornado.

use super::{Part, Parts, convertor, enclosed};
use crate::facts::shape::Shape;

/// `^users/(?P<id>\\d+)/$`: anchors dropped, groups are parameters, optional parts are taken, escapes read.
pub(super) fn variants(text: &str) -> Vec<Vec<Part>> {
    let chars: Vec<char> = text.chars().collect();
    let mut parts = Parts::default();
    let mut at = 0;
    while at < chars.len() {
        match chars[at] {
            '^' | '$' => at += 1,
            '\\' => at = regex_escape(&chars, at, &mut parts),
            '(' => at = regex_group(&chars, at, &mut parts),
            '[' => at = regex_class(&chars, at, &mut parts),
            '.' if matches!(chars.get(at + 1), Some('*' | '+')) => {
                parts.param("path", Shape::Text(None));
                at += 2;
            }
            // `/?`: the slash may be there; the form with it is told.
            '?' | '*' | '+' => at += 1,
            '{' if chars.get(at + 1).is_some_and(char::is_ascii_digit) => {
                at = enclosed(&chars, at, '{', '}').map_or(at + 1, |(_, next)| next)
            }
            c => {
                parts.push(c);
                at += 1;
            }
        }
    }
    vec![parts.done()]
}

fn regex_escape(chars: &[char], at: usize, parts: &mut Parts) -> usize {
    match chars.get(at + 1) {
        Some('Z' | 'A' | 'z' | 'b' | 'B') => at + 2,
        Some('d' | 'w' | 's' | 'S' | 'D' | 'W') => {
            let shape = if chars[at + 1] == 'd' { Shape::Int } else { Shape::Text(None) };
            parts.param("", shape);
            skip_quantifier(chars, at + 2)
        }
        Some(c) => {
            parts.push(*c);
            at + 2
        }
        None => at + 1,
    }
}

fn regex_class(chars: &[char], at: usize, parts: &mut Parts) -> usize {
    let Some((inner, next)) = enclosed(chars, at, '[', ']') else {
        parts.push('[');
        return at + 1;
    };
    // `[/]` is one character; a class of several is a parameter.
    if inner.chars().count() == 1 {
        inner.chars().for_each(|c| parts.push(c));
    } else {
        parts.param("", convertor(&format!("[{inner}]+")));
    }
    skip_quantifier(chars, next)
}

fn skip_quantifier(chars: &[char], at: usize) -> usize {
    match chars.get(at) {
        Some('+' | '*' | '?') => skip_quantifier(chars, at + 1),
        Some('{') => enclosed(chars, at, '{', '}').map_or(at + 1, |(_, next)| next),
        _ => at,
    }
}

fn regex_group(chars: &[char], at: usize, parts: &mut Parts) -> usize {
    let Some((inner, next)) = group(chars, at) else {
        parts.push('(');
        return at + 1;
    };
    let after = skip_quantifier(chars, next);
    let is_optional = chars.get(next) == Some(&'?');
    let named = inner.strip_prefix("?P<").or_else(|| inner.strip_prefix("?<").filter(|rest| !rest.starts_with(['=', '!'])));
    if let Some((name, pattern)) = named.and_then(|rest| rest.split_once('>')) {
        parts.param(name, convertor(pattern));
    } else if let Some(body) = inner.strip_prefix("?:") {
        // An alternation that is not optional is read as its first branch; an optional group is left out unless it holds a parameter.
        let branch = body.split('|').next().unwrap_or(body);
        if !is_optional || branch.contains("(?P<") {
            let nested = variants(branch).into_iter().flatten();
            parts.flush();
            parts.parts.extend(nested);
        }
    } else if !inner.starts_with('?') {
        parts.param("", convertor(&inner));
    }
    after
}

/// A group's inner text, escapes and classes minded.
fn group(chars: &[char], start: usize) -> Option<(String, usize)> {
    let (mut depth, mut at, mut in_class) = (0, start, false);
    while at < chars.len() {
        match chars[at] {
            '\\' => at += 1,
            '[' if !in_class => in_class = true,
            ']' if in_class => in_class = false,
            '(' if !in_class => depth += 1,
            ')' if !in_class => {
                depth -= 1;
                if depth == 0 {
                    return Some((chars[start + 1..at].iter().collect(), at + 1));
                }
            }
            _ => {}
        }
        at += 1;
    }
    None
}
