//! Variables in the text of Compose files, Dockerfiles and their like: `${TAG:-latest}`.

use super::secret::is_secret_name;
use crate::facts::infrastructure::EnvAccess;

/// A text with its variables filled in as far as they have defaults, and the variables it reads.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Filled {
    /// The text; what has no default stays as it is written.
    pub text: String,
    /// The variables.
    pub reads: Vec<(String, EnvAccess)>,
}

/// Fills in a text. `known` gives the values of variables that are set elsewhere.
#[must_use]
pub fn fill(text: &str, known: &dyn Fn(&str) -> Option<String>) -> Filled {
    let mut filled = Filled::default();
    fill_at(text, known, &mut filled, 0);
    filled
}

fn fill_at(text: &str, known: &dyn Fn(&str) -> Option<String>, filled: &mut Filled, depth: usize) {
    let mut rest = text;
    while let Some(at) = rest.find('$') {
        filled.text.push_str(&rest[..at]);
        let after = &rest[at + 1..];
        if let Some(behind) = after.strip_prefix('$') {
            filled.text.push_str("$$");
            rest = behind;
        } else if let Some((body, behind)) = after.strip_prefix('{').and_then(closed) {
            braced(body, known, filled, depth);
            rest = behind;
        } else {
            let name: String = after.chars().take_while(|c| c.is_ascii_alphanumeric() || *c == '_').collect();
            rest = &after[name.len()..];
            if name.is_empty() || name.starts_with(|c: char| c.is_ascii_digit()) {
                filled.text.push('$');
                filled.text.push_str(&name);
                continue;
            }
            match known(&name).filter(|_| !is_secret_name(&name)) {
                Some(value) => filled.text.push_str(&value),
                None => filled.text.push_str(&format!("${{{name}}}")),
            }
            filled.reads.push((name, EnvAccess::Read));
        }
    }
    filled.text.push_str(rest);
}

/// The body of a brace that is open, and what stands behind it.
fn closed(text: &str) -> Option<(&str, &str)> {
    let mut depth = 1_usize;
    for (at, c) in text.char_indices() {
        match c {
            '{' => depth += 1,
            '}' => depth -= 1,
            _ => {}
        }
        if depth == 0 {
            return Some((&text[..at], &text[at + 1..]));
        }
    }
    None
}

/// `NAME`, `NAME:-default`, `NAME-default`, `NAME:?message`, `NAME:+other`.
fn braced(body: &str, known: &dyn Fn(&str) -> Option<String>, filled: &mut Filled, depth: usize) {
    let end = body.find(|c: char| !(c.is_ascii_alphanumeric() || c == '_')).unwrap_or(body.len());
    let (name, operator) = body.split_at(end);
    if name.is_empty() || depth > 8 {
        return filled.text.push_str(&format!("${{{body}}}"));
    }
    let operator = operator.strip_prefix(':').unwrap_or(operator);
    let (access, value) = match (operator.chars().next(), operator.get(1..)) {
        (Some('-'), Some(default)) => {
            let mut inner = Filled::default();
            fill_at(default, known, &mut inner, depth + 1);
            filled.reads.append(&mut inner.reads);
            (EnvAccess::Optional(Some(inner.text.clone())), Some(inner.text))
        }
        (Some('?'), _) => (EnvAccess::Required, None),
        (Some('+'), _) => (EnvAccess::Optional(None), Some(String::new())),
        _ => (EnvAccess::Read, None),
    };
    // What a secret would be never becomes part of something that is shown.
    match known(name).or(value).filter(|_| !is_secret_name(name)) {
        Some(value) => filled.text.push_str(&value),
        None => filled.text.push_str(&format!("${{{name}}}")),
    }
    filled.reads.push((name.to_owned(), access));
}

/// Fills in a text of which nothing is known elsewhere.
#[must_use]
pub fn fill_plain(text: &str) -> Filled {
    fill(text, &|_| None)
}
