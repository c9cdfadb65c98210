//! Names within SQL text: whether a text names something, and the text with one name in another's place. Strings are left alone.

use crate::base::Name;
use crate::base::quoted::closing;

/// A piece of SQL text: a name (without its quotes) or anything else.
struct Piece<'t> {
    text: &'t str,
    /// The name, when it is one, and whether it is quoted.
    name: Option<(&'t str, bool)>,
}

fn pieces(text: &str) -> Vec<Piece<'_>> {
    let mut found = Vec::new();
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let (end, name) = match first {
            '\'' => (closing(rest, '\''), None),
            '"' | '`' => {
                let end = closing(rest, first);
                let inner = rest.get(1..end.saturating_sub(1)).unwrap_or_default();
                (end, Some((inner, true)))
            }
            c if c.is_alphabetic() || c == '_' => {
                let end = rest.find(|c: char| !(c.is_alphanumeric() || c == '_' || c == '$')).unwrap_or(rest.len());
                (end, Some((&rest[..end], false)))
            }
            c if c.is_ascii_digit() => (rest.find(|c: char| !c.is_alphanumeric()).unwrap_or(rest.len()), None),
            c => (c.len_utf8(), None),
        };
        found.push(Piece { text: &rest[..end], name });
        rest = &rest[end..];
    }
    found
}

fn is_name(written: (&str, bool), name: &str) -> bool {
    if written.1 { written.0 == name } else { written.0.eq_ignore_ascii_case(name) }
}

/// Whether a text names this.
#[must_use]
pub fn names(text: &str, name: &str) -> bool {
    pieces(text).iter().any(|piece| piece.name.is_some_and(|written| is_name(written, name)))
}

/// All that a text names, in lower case.
pub fn all_names(text: &str) -> impl Iterator<Item = String> + '_ {
    pieces(text).into_iter().filter_map(|piece| piece.name).map(|(name, _)| name.to_lowercase())
}

/// The text with `to` where it names `from`.
#[must_use]
pub fn renamed(text: &str, from: &str, to: &str) -> Name {
    if !names(text, from) {
        return text.into();
    }
    let quoted = spelled(to);
    pieces(text)
        .into_iter()
        .map(|piece| match piece.name {
            Some(written) if is_name(written, from) => quoted.as_str(),
            _ => piece.text,
        })
        .collect::<String>()
        .into()
}

/// A name as SQL: in quotes when it needs them.
#[must_use]
pub fn spelled(name: &str) -> String {
    let is_plain = name.starts_with(|c: char| c.is_ascii_lowercase() || c == '_')
        && name.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_');
    if is_plain { name.to_owned() } else { format!("\"{}\"", name.replace('"', "\"\"")) }
}
