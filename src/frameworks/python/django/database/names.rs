//! The names Django gives to tables, indexes and constraints that nobody named: shortened, with a digest.

use crate::base::Name;
use crate::facts::database::{Change, ForeignKey, Index, Key, Table};

use super::md5;

/// The longest name PostgreSQL keeps.
pub const MAX_NAME: usize = 63;

/// `names_digest` of Django.
fn digest<'a>(parts: impl IntoIterator<Item = &'a str>, length: usize) -> String {
    let text: String = parts.into_iter().collect();
    md5::hex(text.as_bytes()).chars().take(length).collect()
}

/// The first characters of a text.
fn cut(text: &str, length: usize) -> String {
    text.chars().take(length).collect()
}

/// A table's name, shortened as Django does.
#[must_use]
pub fn table(name: &str) -> Name {
    if name.chars().count() <= MAX_NAME || name.contains('"') {
        return name.into();
    }
    format!("{}{}", cut(name, MAX_NAME - 4), digest([name], 4)).into()
}

/// `<table>_<columns>_<digest><suffix>`.
fn of_columns(table: &str, columns: &[Name], suffix: &str) -> Name {
    let parts = std::iter::once(table).chain(columns.iter().map(|column| column.as_str()));
    let mut tail = format!("{}{suffix}", digest(parts, 8));
    let columns: Vec<&str> = columns.iter().map(|column| column.as_str()).collect();
    let columns = columns.join("_");
    let whole = format!("{table}_{columns}_{tail}");
    if whole.chars().count() <= MAX_NAME {
        return whole.into();
    }
    if tail.chars().count() > MAX_NAME / 3 {
        tail = cut(&tail, MAX_NAME / 3);
    }
    let rest = (MAX_NAME - tail.chars().count()) / 2 - 1;
    format!("{}_{}_{tail}", cut(table, rest), cut(&columns, rest)).into()
}

/// The name of an index of `Meta` that says none.
#[must_use]
pub fn of_index(table: &str, columns: &[(Name, bool)], suffix: &str) -> Option<Name> {
    let first = &columns.first()?.0;
    let ordered: Vec<String> =
        columns.iter().map(|(column, is_descending)| if *is_descending { format!("-{column}") } else { column.to_string() }).collect();
    let parts = std::iter::once(table).chain(ordered.iter().map(String::as_str)).chain([suffix]);
    let name = format!("{}_{}_{}_{suffix}", cut(table, 11), cut(first, 7), digest(parts, 6));
    Some(if name.starts_with(|first: char| first == '_' || first.is_ascii_digit()) {
        format!("D{}", name.chars().skip(1).collect::<String>()).into()
    } else {
        name.into()
    })
}

fn name_key(table: &str, key: &mut Key) {
    if key.name.is_none() {
        key.name = Some(of_columns(table, &key.columns, "_uniq"));
    }
}

fn name_index(table: &str, index: &mut Index) {
    if index.name.is_some() || index.parts.iter().any(|part| part.is_expression) {
        return;
    }
    let columns: Vec<Name> = index.parts.iter().map(|part| part.text.clone()).collect();
    let is_like = index.parts.iter().any(|part| part.options.as_ref().is_some_and(|options| options.ends_with("_pattern_ops")));
    let is_spatial = index.method.is_some();
    index.name = Some(of_columns(
        table,
        &columns,
        if is_like {
            "_like"
        } else if is_spatial {
            "_id"
        } else {
            ""
        },
    ));
}

fn name_foreign_key(table: &str, key: &mut ForeignKey) {
    if key.name.is_none()
        && let Some(column) = key.target_columns.first()
    {
        key.name = Some(of_columns(table, &key.columns, &format!("_fk_{}_{column}", key.target.name)));
    }
}

/// Names what a table has. The constraints of single columns are PostgreSQL's to name.
pub fn complete(table: &mut Table) {
    let name = table.name.name.clone();
    table.uniques.iter_mut().filter(|key| key.columns.len() > 1).for_each(|key| name_key(&name, key));
    table.indexes.iter_mut().for_each(|index| name_index(&name, index));
    table.foreign_keys.iter_mut().for_each(|key| name_foreign_key(&name, key));
}

/// Names what a change makes.
pub fn complete_change(change: &mut Change) {
    match change {
        Change::CreateTable { table, .. } => complete(table),
        Change::AddUnique(table, key) => name_key(&table.name, key),
        Change::CreateIndex { table, index, .. } => name_index(&table.name, index),
        Change::AddForeignKey(table, key) => name_foreign_key(&table.name, key),
        _ => {}
    }
}
