//! Paths as frameworks write them → OpenAPI templates and their parameters.
//!
//! One written path may stand for several served ones: optional parameters and groups.

use crate::base::Name;
use crate::facts::finding::{Location, ParamFinding, PathSyntax, PathText};
use crate::facts::program::TextPart;
use crate::facts::shape::Shape;

/// A served path.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Template {
    /// `/users/{id}`.
    pub path: String,
    /// Its parameters, in order.
    pub params: Vec<ParamFinding>,
    /// Parts that are not known: what people wrote there.
    pub holes: Vec<Name>,
}

/// Stands for a hole while a path is read: private-use characters do not occur in paths.
const HOLE: char = '\u{e000}';

/// The templates a route's path stands for: one, or two for each optional part (at most 8).
#[must_use]
pub fn templates(path: &PathText) -> Vec<Template> {
    read(path, false)
}

/// As [`templates`], for what stands before other paths. A prefix of which nothing is known is left out, and told as unknown.
#[must_use]
pub fn prefixes(path: &PathText) -> Vec<Template> {
    read(path, true)
}

fn read(path: &PathText, is_prefix: bool) -> Vec<Template> {
    let mut holes = Vec::new();
    let mut text = String::new();
    for part in &path.text.0 {
        match part {
            TextPart::Known(known) => text.push_str(known),
            TextPart::Hole(why) => {
                holes.push(why.clone());
                text.push(HOLE);
            }
        }
    }
    let read: Vec<Vec<Part>> = match path.syntax {
        PathSyntax::Curly => vec![curly(&text)],
        PathSyntax::Colon => colon(&text),
        PathSyntax::Angle => vec![angle(&text)],
        PathSyntax::Regex => regex(&text),
        PathSyntax::Bracket => bracket(&text),
    };
    read.into_iter().map(|parts| template(&parts, &holes, is_prefix)).collect()
}

/// A prefix and what follows, as one path: one slash between, none doubled.
#[must_use]
pub fn join(prefix: &str, path: &str) -> String {
    let mut joined = String::with_capacity(prefix.len() + path.len() + 1);
    for text in [prefix, path] {
        for c in text.chars() {
            if c != '/' || !joined.ends_with('/') {
                joined.push(c);
            }
        }
    }
    if !joined.starts_with('/') {
        joined.insert(0, '/');
    }
    joined
}

/// A piece of a path.
#[derive(Clone, Debug, PartialEq)]
enum Part {
    Text(String),
    Param(String, Shape),
    Hole,
}

fn template(parts: &[Part], holes: &[Name], is_prefix: bool) -> Template {
    let mut made = Template::default();
    let mut next_hole = holes.iter();
    for (index, part) in parts.iter().enumerate() {
        let is_base = index == 0 && parts.get(1).map_or(is_prefix, |next| matches!(next, Part::Text(text) if text.starts_with('/')));
        match part {
            Part::Text(text) => made.path.push_str(&text.replace('?', "")),
            Part::Param(name, shape) => {
                let name = unique(&made.params, &clean(name, made.params.len()));
                made.path.push_str(&format!("{{{name}}}"));
                made.params.push(param(&name, shape.clone()));
            }
            // `{base}/users`: where the application is served under is a matter of its installation.
            Part::Hole if is_base => made.holes.extend(next_hole.next().cloned()),
            Part::Hole => {
                let why = next_hole.next().cloned().unwrap_or_default();
                let name = unique(&made.params, &clean(&why, made.params.len()));
                made.path.push_str(&format!("{{{name}}}"));
                made.params.push(param(&name, Shape::Text(None)));
                made.holes.push(why);
            }
        }
    }
    made
}

fn param(name: &str, shape: Shape) -> ParamFinding {
    ParamFinding { name: name.into(), location: Location::Path, required: true, shape, ..ParamFinding::default() }
}

/// Names in a template hold letters, digits, `_`, `-` and `.`.
fn clean(name: &str, position: usize) -> String {
    let cleaned: String = name.chars().map(|c| if c.is_alphanumeric() || matches!(c, '_' | '-' | '.') { c } else { '_' }).collect();
    let cleaned = cleaned.trim_matches('_');
    if cleaned.is_empty() { format!("param{}", position + 1) } else { cleaned.to_owned() }
}

fn unique(params: &[ParamFinding], name: &str) -> String {
    let taken = |name: &str| params.iter().any(|param| param.name == name);
    if !taken(name) {
        return name.to_owned();
    }
    (2..).map(|n| format!("{name}{n}")).find(|name| !taken(name)).unwrap_or_default()
}

/// Collects literal text between parameters.
#[derive(Default)]
struct Parts {
    parts: Vec<Part>,
    text: String,
}

impl Parts {
    fn push(&mut self, c: char) {
        if c == HOLE {
            self.flush();
            self.parts.push(Part::Hole);
        } else {
            self.text.push(c);
        }
    }

    fn param(&mut self, name: &str, shape: Shape) {
        self.flush();
        self.parts.push(Part::Param(name.to_owned(), shape));
    }

    fn flush(&mut self) {
        if !self.text.is_empty() {
            self.parts.push(Part::Text(std::mem::take(&mut self.text)));
        }
    }

    fn done(mut self) -> Vec<Part> {
        self.flush();
        self.parts
    }
}

/// The text up to the bracket that closes the one at `chars[start]`, and the position after it.
fn enclosed(chars: &[char], start: usize, open: char, close: char) -> Option<(String, usize)> {
    let mut depth = 0;
    for (index, c) in chars.iter().enumerate().skip(start) {
        if *c == open {
            depth += 1;
        } else if *c == close {
            depth -= 1;
            if depth == 0 {
                return Some((chars[start + 1..index].iter().collect(), index + 1));
            }
        }
    }
    None
}

/// `{id}`, `{id:int}`, `{id:\\d+}`, `{*rest}`, `{rest*}`, `{id?}`.
fn curly(text: &str) -> Vec<Part> {
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

/// The shape of a convertor's name or of a pattern.
fn convertor(kind: &str) -> Shape {
    match kind.trim().trim_start_matches('^') {
        "int" | "i32" | "i64" | "u32" | "u64" | "integer" | r"\d+" | r"\d*" | "[0-9]+" | r"[0-9]{1,}" | "number" => Shape::Int,
        "float" | "decimal" => Shape::Number,
        "uuid" => Shape::format("uuid"),
        "date" => Shape::format("date"),
        _ => Shape::Text(None),
    }
}

/// `<id>`, `<int:id>`, `<id:int>`, `<id..>`, `<string(length=2):lang>`.
fn angle(text: &str) -> Vec<Part> {
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

/// `:id`, `:id(\\d+)`, `:id?`, `*`, `*rest`, `{/:id}` groups, `(.*)`.
fn colon(text: &str) -> Vec<Vec<Part>> {
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

/// `^users/(?P<id>\\d+)/$`: anchors dropped, groups are parameters, optional parts are taken, escapes read.
fn regex(text: &str) -> Vec<Vec<Part>> {
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
            let nested = regex(branch).into_iter().flatten();
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

/// `[id]`, `[...rest]`, `[[...rest]]` (also without), `(group)` and `@slot` folders left out.
fn bracket(text: &str) -> Vec<Vec<Part>> {
    let mut variants: Vec<Vec<Part>> = vec![Vec::new()];
    for segment in text.split('/').filter(|segment| !segment.is_empty()) {
        if segment.starts_with('(') && segment.ends_with(')') || segment.starts_with('@') {
            continue;
        }
        let is_optional = segment.starts_with("[[");
        let without = is_optional.then(|| variants.clone());
        for variant in &mut variants {
            variant.push(Part::Text("/".to_owned()));
            variant.extend(bracket_segment(segment));
        }
        variants.extend(without.into_iter().flatten());
        variants.truncate(8);
    }
    for variant in &mut variants {
        if variant.is_empty() {
            variant.push(Part::Text("/".to_owned()));
        }
    }
    variants
}

fn bracket_segment(segment: &str) -> Vec<Part> {
    let chars: Vec<char> = segment.chars().collect();
    let mut parts = Parts::default();
    let mut at = 0;
    while at < chars.len() {
        if chars[at] == '['
            && let Some((inner, next)) = enclosed(&chars, at, '[', ']')
        {
            let name = inner.trim_start_matches('[').trim_end_matches(']').trim_start_matches("...");
            let (name, matcher) = name.split_once('=').unwrap_or((name, ""));
            parts.param(name, convertor(matcher));
            at = next;
        } else {
            parts.push(chars[at]);
            at += 1;
        }
    }
    parts.done()
}
