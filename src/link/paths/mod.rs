//! Paths as frameworks write them → OpenAPI templates and their parameters.
//!
//! One written path may stand for several served ones: optional parameters and groups.

mod angle;
mod bracket;
mod colon;
mod curly;
mod regex;

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
        PathSyntax::Curly => vec![curly::parts(&text)],
        PathSyntax::Colon => colon::variants(&text),
        PathSyntax::Angle => vec![angle::parts(&text)],
        PathSyntax::Regex => regex::variants(&text),
        PathSyntax::Bracket => bracket::variants(&text),
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
