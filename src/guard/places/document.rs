//! Which line of a document says what a finding is about: by its keys in JSON and YAML, by its words elsewhere.

use std::collections::HashMap;

use super::text::{REACH, declared_in, is_word, words};
use crate::diff::change::Domain;
use crate::guard::Finding;

/// A document, read once for all findings that stand in it.
pub struct Lines<'a> {
    lines: Vec<&'a str>,
    /// Where each key (of JSON and YAML) or word (of anything else) stands, by line from 0.
    by_name: HashMap<&'a str, Vec<usize>>,
    /// Of each line the first one after what it opens; empty where blocks do not count.
    ends: Vec<usize>,
}

impl<'a> Lines<'a> {
    /// Of a document's text.
    #[must_use]
    pub fn new(path: &str, text: &'a str) -> Self {
        let lines: Vec<&str> = text.lines().collect();
        let is_structured = [".json", ".yaml", ".yml"].iter().any(|extension| path.ends_with(extension));
        let mut by_name: HashMap<&str, Vec<usize>> = HashMap::new();
        for (index, line) in lines.iter().enumerate() {
            let mut put = |name: &'a str| {
                let places = by_name.entry(name).or_default();
                if places.last() != Some(&index) {
                    places.push(index);
                }
            };
            match is_structured {
                true => names_of(line).into_iter().flatten().for_each(&mut put),
                false => words(line).for_each(&mut put),
            }
        }
        let ends = if is_structured { ends_of(&lines) } else { Vec::new() };
        Self { lines, by_name, ends }
    }

    /// The line of a finding, 1-based; `None` when nothing of it stands there.
    #[must_use]
    pub fn find(&self, finding: &Finding) -> Option<u32> {
        let keys = keys_of(finding);
        let found = if self.ends.is_empty() { self.by_words(&keys) } else { self.by_keys(&keys) };
        found.and_then(|index| u32::try_from(index + 1).ok())
    }

    /// Follows keys inwards; a key that is not there is passed over.
    fn by_keys(&self, keys: &[String]) -> Option<usize> {
        let (mut from, mut end, mut found) = (0, self.lines.len(), None);
        for key in keys {
            if let Some(index) = self.first(key, from, end) {
                (from, end, found) = (index + 1, self.ends.get(index).copied().unwrap_or(end), Some(index));
            }
        }
        found
    }

    /// The line that declares the first of the names that one does, and below it the last of the rest that is there.
    fn by_words(&self, keys: &[String]) -> Option<usize> {
        let names: Vec<&str> = keys.iter().map(|key| key.trim_matches('"')).filter(|key| is_word(key)).collect();
        let declares = |name: &str| {
            let places = self.by_name.get(name)?;
            places
                .iter()
                .copied()
                .find(|at| self.lines.get(*at).is_some_and(|line| declared_in(line, name)))
                .or_else(|| places.first().copied())
        };
        let (at, first) = names.iter().enumerate().find_map(|(at, name)| Some((at, declares(name)?)))?;
        let inner = names.iter().skip(at + 1).rev().find_map(|name| self.first(name, first + 1, first + REACH as usize));
        Some(inner.unwrap_or(first))
    }

    fn first(&self, name: &str, from: usize, end: usize) -> Option<usize> {
        let places = self.by_name.get(name)?;
        let at = places.partition_point(|place| *place < from);
        places.get(at).copied().filter(|place| *place < end)
    }
}

/// The names that lead to a finding's place, from the outside in.
fn keys_of(finding: &Finding) -> Vec<String> {
    let location = &finding.location;
    let steps = |path: &str| path.split(['.', '[', ']', '/']).filter(|step| !step.is_empty()).map(str::to_owned).collect::<Vec<_>>();
    if let Some(shared) = &location.shared {
        return std::iter::once("schemas".to_owned()).chain(steps(shared)).collect();
    }
    let mut keys: Vec<String> = Vec::new();
    match (finding.contract, location.subject.split_once(' ')) {
        (Domain::Http, Some((method, path))) => keys.extend(["paths".into(), path.to_owned(), method.to_lowercase()]),
        (Domain::Db, _) => keys.push(location.subject.rsplit('.').next().unwrap_or_default().to_owned()),
        _ => keys.extend(location.subject.split([' ', '.']).filter(|word| !word.is_empty()).map(str::to_owned)),
    }
    let is_name = |word: &&str| !matches!(*word, "body" | "parameter" | "query" | "header" | "column" | "payload");
    keys.extend(location.part.split_whitespace().filter(is_name).map(str::to_owned));
    keys.extend(steps(&location.path));
    keys
}

/// What a line of JSON or YAML is found by: its key, and the value of `name`.
fn names_of(line: &str) -> [Option<&str>; 2] {
    let line = line.trim_start().trim_start_matches("- ");
    let quote = line.chars().next().filter(|first| matches!(first, '"' | '\''));
    let (key, rest) = match quote {
        Some(mark) => line.get(1..).and_then(|rest| rest.split_once(mark)).unwrap_or(("", "")),
        None => line.find(": ").or_else(|| line.ends_with(':').then(|| line.len() - 1)).map_or(("", ""), |at| line.split_at(at)),
    };
    let Some(value) = rest.trim_start().strip_prefix(':') else { return [None, None] };
    let value = (key == "name").then(|| value.trim().trim_end_matches(',').trim_matches(['"', '\''])).filter(|value| !value.is_empty());
    [(!key.is_empty()).then_some(key), value]
}

/// Of each line the first one that is not deeper: where its block is over.
fn ends_of(lines: &[&str]) -> Vec<usize> {
    let mut ends = vec![lines.len(); lines.len()];
    let mut open: Vec<(usize, usize)> = Vec::new();
    for (index, line) in lines.iter().enumerate() {
        let inner = line.trim_start();
        if inner.is_empty() {
            continue;
        }
        let depth = line.len() - inner.len();
        // A list may stand as deep as its key.
        let is_closed = |above: usize| if inner.starts_with('-') { above > depth } else { above >= depth };
        while let Some((_, at)) = open.pop_if(|(above, _)| is_closed(*above)) {
            ends[at] = index;
        }
        open.push((depth, index));
    }
    ends
}

#[cfg(test)]
mod tests {
    use super::Lines;

    #[test]
    fn keys_lead_inwards_and_never_out_of_their_block() {
        let yaml = "paths:\n  /a:\n    get:\n      responses: {}\n  /b:\n    post:\n      parameters:\n      - name: limit\n  /c: {}\n";
        let lines = Lines::new("x.yaml", yaml);
        let line = |keys: &[&str]| lines.by_keys(&keys.iter().map(|key| (*key).to_owned()).collect::<Vec<_>>()).map(|index| index + 1);
        assert_eq!(line(&["paths", "/b", "post", "limit"]), Some(8));
        assert_eq!(line(&["paths", "/a", "post"]), Some(2));
        assert_eq!(line(&["/c", "limit"]), Some(9));
        assert_eq!(line(&["nothing"]), None);
    }
}
