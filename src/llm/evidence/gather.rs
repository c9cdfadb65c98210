//! The lines that a question is about: its declaration, the file's imports, and declarations that it uses, in this file and in
//! others of the same feature.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::blocks::{self, size};
use super::chunk::imports_within;
use super::text::Text;
use super::{Excerpt, Pool, joined};
use crate::contract::model::Evidence;

/// Where to look for declarations that a place uses.
#[derive(Clone, Copy, Debug, Default)]
pub struct Near<'a> {
    /// Files of the same feature.
    pub files: &'a [String],
    /// Names that somebody asked for.
    pub names: &'a [String],
}

/// A smaller file is sent as it is.
const SMALL: usize = 6000;
/// Files that are searched for one question.
const MOST_FILES: usize = 60;
/// Declarations that are added for one question.
const MOST_DECLARATIONS: usize = 16;

/// The lines that some places are about, together at most `most` bytes.
#[must_use]
pub fn gather(pool: &Pool, places: &[Evidence], near: Near, most: usize) -> Vec<Excerpt> {
    let mut found: Vec<Excerpt> = Vec::new();
    let share = most / places.len().clamp(1, 8);
    for place in places {
        let left = most.saturating_sub(bytes(&found));
        let Some(text) = pool.text(&place.file).filter(|text| !text.is_empty()) else { continue };
        let excerpt = of_place(&text, place, share.min(left));
        found.extend(excerpt);
        found = joined(found);
    }
    add_declarations(pool, &mut found, near, most);
    found
}

/// Only the declarations of some names, wherever they are among these files.
#[must_use]
pub fn declarations(pool: &Pool, near: Near, most: usize) -> Vec<Excerpt> {
    let mut found = Vec::new();
    let names: BTreeSet<String> = near.names.iter().filter_map(|name| last_name(name)).collect();
    look_up(pool, &mut found, &names, near.files, most);
    joined(found)
}

fn bytes(excerpts: &[Excerpt]) -> usize {
    excerpts.iter().map(Excerpt::bytes).sum()
}

/// The imports and the declaration around a place; all of a small file.
fn of_place(text: &Arc<Text>, place: &Evidence, most: usize) -> Option<Excerpt> {
    let whole = Excerpt::whole(text.clone());
    if whole.bytes() <= most.min(SMALL) {
        return Some(whole);
    }
    let mut ranges = imports_within(text, most / 4);
    let taken: usize = ranges.iter().map(|range| size(text.lines(), *range)).sum();
    let left = most.saturating_sub(taken);
    match text.place(&place.symbol, place.line) {
        Some(line) => ranges.extend(block_of(text, line, left)),
        None => ranges.extend(blocks::pieces(text.lines(), (1, text.len()), left.max(1)).first().copied()),
    }
    let excerpt = Excerpt::new(text.clone(), ranges);
    (!excerpt.ranges().is_empty() && excerpt.bytes() <= most.saturating_add(SMALL)).then_some(excerpt)
}

/// The largest block around a line that fits, with the heads of those around it.
fn block_of(text: &Text, line: u32, most: usize) -> Vec<(u32, u32)> {
    let chain = blocks::around(text.lines(), line);
    let fits = chain.iter().position(|block| size(text.lines(), *block) <= most);
    let mut ranges: Vec<(u32, u32)> = chain
        .iter()
        .take(fits.unwrap_or(chain.len()))
        .map(|block| blocks::head(text.lines(), *block))
        .filter(|head| head.1 - head.0 < 12)
        .collect();
    match fits.and_then(|at| chain.get(at)) {
        Some(block) => ranges.push(*block),
        None => ranges.extend(window(text, line, most)),
    }
    ranges
}

/// As many lines around a line as fit.
fn window(text: &Text, line: u32, most: usize) -> Option<(u32, u32)> {
    let mut range = (line, line);
    loop {
        let wider = (range.0.saturating_sub(1).max(1), range.1.saturating_add(1).min(text.len()));
        if wider == range || size(text.lines(), wider) > most {
            return Some(range);
        }
        range = wider;
    }
}

fn add_declarations(pool: &Pool, found: &mut Vec<Excerpt>, near: Near, most: usize) {
    let mut names: BTreeSet<String> = near.names.iter().filter_map(|name| last_name(name)).collect();
    // What one round brings in may itself use what the next finds.
    for round in 0..3 {
        if round > 0 || names.is_empty() {
            names.extend(found.iter().flat_map(|excerpt| excerpt.text.names(excerpt.ranges())));
        }
        let own: Vec<String> = found.iter().map(|excerpt| excerpt.text.path.clone()).collect();
        let files: Vec<String> = own.iter().chain(near.files.iter().filter(|file| !own.contains(file))).cloned().collect();
        look_up(pool, found, &names, &files, most);
    }
    *found = joined(std::mem::take(found));
}

fn look_up(pool: &Pool, found: &mut Vec<Excerpt>, names: &BTreeSet<String>, files: &[String], most: usize) {
    let mut missing: BTreeSet<&String> = names.iter().collect();
    let mut left = most.saturating_sub(bytes(found));
    let mut count = 0;
    for path in files.iter().take(MOST_FILES) {
        if missing.is_empty() || left < 200 || count >= MOST_DECLARATIONS {
            return;
        }
        let Some(text) = pool.text(path) else { continue };
        let known: Vec<(String, u32)> = missing.iter().filter_map(|name| Some(((*name).clone(), text.declared(name)?))).collect();
        for (name, line) in known {
            missing.remove(&name);
            if found.iter().any(|excerpt| excerpt.text.path == *path && excerpt.has(line)) {
                continue;
            }
            let whole = Excerpt::whole(text.clone());
            let is_small = whole.bytes() <= left.min(SMALL / 3);
            let excerpt = if is_small { whole } else { Excerpt::new(text.clone(), block_of(&text, line, left.min(2400))) };
            if excerpt.bytes() > left || count >= MOST_DECLARATIONS {
                continue;
            }
            left -= excerpt.bytes();
            count += 1;
            found.push(excerpt);
        }
    }
}

/// The last name of a dotted one; `None` when it is no name.
fn last_name(name: &str) -> Option<String> {
    let last = name.rsplit(['.', ':', '/', '#']).next().unwrap_or(name).trim();
    let is_name = !last.is_empty() && last.len() <= 80 && last.chars().all(|c| c.is_alphanumeric() || c == '_' || c == '$');
    is_name.then(|| last.to_owned())
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;
    use std::sync::Arc;

    use super::{Near, declarations, gather};
    use crate::contract::model::Evidence;
    use crate::llm::evidence::{Pool, Source, Veil};

    struct Files(BTreeMap<&'static str, String>);

    impl Source for Files {
        fn bytes(&self, path: &str) -> Option<Arc<[u8]>> {
            self.0.get(path).map(|text| text.as_bytes().into())
        }

        fn paths(&self) -> Vec<String> {
            self.0.keys().map(|path| (*path).to_owned()).collect()
        }
    }

    impl Veil for Files {
        fn veiled(&self, _: &str, bytes: &[u8]) -> Result<(String, BTreeMap<String, usize>), String> {
            Ok((String::from_utf8_lossy(bytes).into_owned(), BTreeMap::new()))
        }
    }

    fn files() -> Files {
        let filler: String = (0..200).map(|number| format!("\ndef other{number}():\n    return {number} + 1\n")).collect();
        let handlers = format!(
            "from .models import Order\nfrom x import y\n{filler}\n\n@app.get('/o')\ndef order():\n    return make(Order)\n\n\ndef make(kind):\n    return kind()\n"
        );
        Files(BTreeMap::from([
            ("a/handlers.py", handlers),
            ("a/models.py", "class Base:\n    pass\n\n\nclass Order(Base):\n    id: int\n".to_owned()),
        ]))
    }

    #[test]
    fn a_declaration_comes_with_imports_and_what_it_uses() {
        let files = files();
        let pool = Pool::new(&files, &files);
        let near = ["a/handlers.py".to_owned(), "a/models.py".to_owned()];
        let found = gather(&pool, &[Evidence::new("a/handlers.py", "order", 0)], Near { files: &near, names: &[] }, 3000);
        let text = super::super::render(&found);
        for part in ["from .models import Order", "@app.get('/o')", "return make(Order)", "def make(kind):", "class Order(Base):"] {
            assert!(text.contains(part), "{part}\n{text}");
        }
        assert!(!text.contains("other7("), "{text}");
        assert!(found.iter().map(super::Excerpt::bytes).sum::<usize>() < 3000);
    }

    #[test]
    fn names_are_looked_up() {
        let files = files();
        let pool = Pool::new(&files, &files);
        let near = ["a/models.py".to_owned()];
        let found = declarations(&pool, Near { files: &near, names: &["models.Order".into(), "no name!".into()] }, 1000);
        assert_eq!(found.len(), 1);
        assert!(found[0].has(5) && found[0].has(6), "{:?}", found[0].ranges());
    }
}
