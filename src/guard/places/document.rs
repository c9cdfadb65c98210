//! Which line of a document says what a finding is about: by its keys in JSON and YAML, by its words elsewhere.

use super::text::{REACH, declares, is_word, line_with};
use crate::diff::change::Domain;
use crate::guard::Finding;

/// The line, 1-based; `None` when nothing of the finding stands there.
#[must_use]
pub fn line_in(text: &str, path: &str, finding: &Finding) -> Option<u32> {
    let is_structured = [".json", ".yaml", ".yml"].iter().any(|extension| path.ends_with(extension));
    let keys = keys_of(finding);
    if is_structured { by_keys(text, &keys) } else { by_words(text, &keys) }
}

/// The names that lead to a finding's place, from the outside in.
fn keys_of(finding: &Finding) -> Vec<String> {
    let location = &finding.location;
    let mut keys: Vec<String> = Vec::new();
    let steps = |path: &str| path.split(['.', '[', ']', '/']).filter(|step| !step.is_empty()).map(str::to_owned).collect::<Vec<_>>();
    if let Some(shared) = &location.shared {
        let mut parts = steps(shared);
        let name = parts.first().cloned().unwrap_or_default();
        keys.push("schemas".into());
        keys.push(name);
        keys.extend(parts.drain(1..));
        return keys;
    }
    match (finding.contract, location.subject.split_once(' ')) {
        (Domain::Http, Some((method, path))) => keys.extend(["paths".into(), path.to_owned(), method.to_lowercase()]),
        (Domain::Db, _) => keys.push(location.subject.rsplit('.').next().unwrap_or_default().to_owned()),
        _ => keys.extend(location.subject.split([' ', '.']).filter(|word| !word.is_empty()).map(str::to_owned)),
    }
    keys.extend(
        location.part.split_whitespace().filter(|word| !matches!(*word, "body" | "parameter" | "query" | "header")).map(str::to_owned),
    );
    keys.extend(steps(&location.path));
    keys
}

/// Follows keys inwards; a key that is not there is passed over.
fn by_keys(text: &str, keys: &[String]) -> Option<u32> {
    let lines: Vec<&str> = text.lines().collect();
    let (mut from, mut indent, mut found) = (0, -1_i64, None);
    for key in keys {
        let mut first_inside = None;
        for (index, line) in lines.iter().enumerate().skip(from) {
            let trimmed = line.trim_start();
            if trimmed.is_empty() {
                continue;
            }
            let depth = i64::try_from(line.len() - trimmed.len()).unwrap_or(i64::MAX);
            if depth <= indent && !trimmed.starts_with(['}', ']', '-']) {
                break;
            }
            if is_key(trimmed, key) {
                first_inside = Some((index, depth));
                break;
            }
        }
        if let Some((index, depth)) = first_inside {
            (from, indent, found) = (index + 1, depth, u32::try_from(index + 1).ok());
        }
    }
    found
}

/// `price:`, `"price":`, `- name: price`.
fn is_key(line: &str, key: &str) -> bool {
    let line = line.trim_start_matches("- ");
    let plain = |text: &str| text.strip_prefix(key).map(str::to_owned);
    let quoted = |mark: char| line.strip_prefix(mark).and_then(plain).and_then(|rest| rest.strip_prefix(mark).map(str::to_owned));
    let rest = plain(line).or_else(|| quoted('"')).or_else(|| quoted('\''));
    let is_named = || {
        ["name: ", "\"name\": "].iter().any(|name| line.strip_prefix(name).is_some_and(|value| value.trim_matches(['"', '\'', ',']) == key))
    };
    rest.is_some_and(|rest| rest.trim_start().starts_with(':')) || is_named()
}

/// The line that declares the first of the names that one does, and below it the last of the rest that is there.
fn by_words(text: &str, keys: &[String]) -> Option<u32> {
    let words = || keys.iter().filter(|key| is_word(key));
    let (at, first) = words().enumerate().find_map(|(at, key)| {
        let plain = key.trim_matches('"');
        let line = declares(text, plain).or_else(|| line_with(text, plain, 1, u32::MAX))?;
        Some((at, line))
    })?;
    let inner = words().skip(at + 1).filter_map(|key| line_with(text, key, first + 1, REACH)).last();
    Some(inner.unwrap_or(first))
}

#[cfg(test)]
mod tests {
    use super::by_keys;

    #[test]
    fn keys_lead_inwards_and_never_out_of_their_block() {
        let yaml = "paths:\n  /a:\n    get:\n      responses: {}\n  /b:\n    post:\n      parameters:\n        - name: limit\n";
        let keys = |keys: &[&str]| by_keys(yaml, &keys.iter().map(|key| (*key).to_owned()).collect::<Vec<_>>());
        assert_eq!(keys(&["paths", "/b", "post", "limit"]), Some(8));
        assert_eq!(keys(&["paths", "/a", "post"]), Some(2));
        assert_eq!(keys(&["nothing"]), None);
    }
}
