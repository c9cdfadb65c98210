//! Indexes: known by what they are over, else by their name. Only those that make values distinct are a promise; the others are speed.

use std::collections::BTreeSet;

use super::found::{Both, Found, Reach, list};
use super::text;
use crate::contract::model::database::{Index, Table};

/// An index without its name.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Plain {
    parts: Vec<(String, String)>,
    unique: bool,
    method: String,
    include: Vec<String>,
    condition: String,
    options: String,
}

fn plain(found: &Found, index: &Index) -> Plain {
    let option = |at: usize| {
        let text = index.column_options.get(at).map(|text| text.to_lowercase()).unwrap_or_default();
        if matches!(text.as_str(), "asc" | "asc nulls last") { String::new() } else { text }
    };
    let part = |at: usize, text: &String| {
        let text = if text.starts_with('(') { text::folded(text) } else { found.folded(text) };
        (text, option(at))
    };
    let method = index.method.to_lowercase();
    Plain {
        parts: index.columns.iter().enumerate().map(|(at, text)| part(at, text)).collect(),
        unique: index.unique,
        method: if method == "btree" { String::new() } else { method },
        include: index.include.iter().map(|column| found.folded(column)).collect(),
        condition: text::folded(&index.condition),
        options: index.options.to_uppercase(),
    }
}

/// The changes of indexes. What goes with a column is told there.
pub fn compare(found: &mut Found, both: &Both<'_>, lost: &BTreeSet<String>) {
    let all =
        |table: &'_ Table| -> Vec<(Plain, Index)> { table.indexes.iter().map(|index| (plain(found, index), index.clone())).collect() };
    let (mut old, mut new) = (all(both.before), all(both.after));
    // The same index under any name; several of one kind are matched one by one.
    old.retain(|(was, own)| {
        let same = |at: &usize| new[*at].0 == *was;
        let best = (0..new.len()).filter(same).min_by_key(|at| new[*at].1.name != own.name);
        best.map(|at| new.remove(at)).is_none()
    });
    old.retain(|(was, own)| {
        let at = new.iter().position(|(_, now)| !own.name.is_empty() && now.name.eq_ignore_ascii_case(&own.name));
        let Some(at) = at else { return true };
        let (now, index) = new.remove(at);
        tell_changed(found, both, (was, own), (&now, &index));
        false
    });
    for (was, own) in &old {
        if touches(own, lost) {
            continue;
        }
        let words = (Some(words(own)), None);
        if was.unique && !is_distinct(found, both.after, own) {
            both.tell(found, "db-unique-removed", part(own), Reach::All, words);
        } else {
            both.tell(found, "db-index-removed", part(own), Reach::Readers, words);
        }
    }
    for (now, own) in &new {
        let words = (None, Some(words(own)));
        if now.unique && !is_distinct(found, both.before, own) {
            both.tell(found, "db-unique-index-added", part(own), Reach::Writers, words);
        } else {
            both.tell(found, "db-index-added", part(own), Reach::Readers, words);
        }
    }
}

fn tell_changed(found: &mut Found, both: &Both<'_>, (was, old): (&Plain, &Index), (now, new): (&Plain, &Index)) {
    let words = (Some(words(old)), Some(words(new)));
    // Fewer columns, other columns or more rows have to be distinct than before.
    let is_stricter =
        now.unique && !is_distinct(found, both.before, new) && (!was.unique || was.parts != now.parts || was.condition != now.condition);
    let is_looser = was.unique && !is_distinct(found, both.after, old) && !now.unique;
    let (rule, reach) = match (is_stricter, is_looser) {
        (true, _) => ("db-unique-index-added", Reach::Writers),
        (false, true) => ("db-unique-removed", Reach::All),
        (false, false) => ("db-index-changed", Reach::Readers),
    };
    both.tell(found, rule, part(new), reach, words);
}

/// Whether a table already has these columns distinct by a key or an index.
fn is_distinct(found: &Found, table: &Table, index: &Index) -> bool {
    if !index.condition.is_empty() || index.columns.iter().any(|part| part.starts_with('(')) {
        return false;
    }
    let fold = |columns: &[String]| columns.iter().map(|column| found.folded(column)).collect::<BTreeSet<String>>();
    let wanted = fold(&index.columns);
    let keys = table.primary_key.iter().chain(&table.uniques).map(|key| &key.columns);
    let indexes = table.indexes.iter().filter(|other| other.unique && other.condition.is_empty()).map(|other| &other.columns);
    keys.chain(indexes).any(|columns| fold(columns) == wanted)
}

fn touches(index: &Index, lost: &BTreeSet<String>) -> bool {
    let is_lost = |text: &String| lost.contains(text) || lost.contains(&text.to_lowercase());
    let names = |text: &str| lost.iter().any(|column| text::names(text, column));
    index.columns.iter().any(|part| is_lost(part) || (part.starts_with('(') && names(part))) || names(&index.condition)
}

fn part(index: &Index) -> String {
    let name = if index.name.is_empty() { list(&index.columns) } else { index.name.clone() };
    format!("index {name}")
}

fn words(index: &Index) -> String {
    let unique = if index.unique { "UNIQUE " } else { "" };
    let method = if index.method.is_empty() { String::new() } else { format!("USING {} ", index.method) };
    let with = |at: usize, text: &String| match index.column_options.get(at).filter(|options| !options.is_empty()) {
        Some(options) => format!("{text} {options}"),
        None => text.clone(),
    };
    let columns: Vec<String> = index.columns.iter().enumerate().map(|(at, text)| with(at, text)).collect();
    let include = if index.include.is_empty() { String::new() } else { format!(" INCLUDE {}", list(&index.include)) };
    let condition = if index.condition.is_empty() { String::new() } else { format!(" WHERE {}", index.condition) };
    format!("{unique}{method}{}{include}{condition}", list(&columns))
}
