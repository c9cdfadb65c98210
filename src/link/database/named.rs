//! The names that databases give to constraints and indexes that say none.

use crate::base::Name;
use crate::facts::database::{Check, Dialect, ForeignKey, Index, Key, Table};

/// Longest name of PostgreSQL.
const LONGEST: usize = 63;

/// `table_columns_label`, cut as PostgreSQL does: the longer part first.
fn made(table: &str, columns: &str, label: &str) -> String {
    let mut table: Vec<char> = table.chars().collect();
    let mut columns: Vec<char> = columns.chars().collect();
    let size = |part: &[char]| part.iter().map(|c| c.len_utf8()).sum::<usize>();
    let overhead = label.len() + 1 + usize::from(!columns.is_empty());
    while size(&table) + size(&columns) + overhead > LONGEST {
        let longer = if size(&table) > size(&columns) { &mut table } else { &mut columns };
        if longer.pop().is_none() {
            break;
        }
    }
    let table: String = table.into_iter().collect();
    let columns: String = columns.into_iter().collect();
    if columns.is_empty() { format!("{table}_{label}") } else { format!("{table}_{columns}_{label}") }
}

/// The primary key's name.
#[must_use]
pub fn of_primary(table: &Table, dialect: Dialect) -> Name {
    match dialect {
        Dialect::MySql => "PRIMARY".into(),
        _ => made(&table.name.name, "", "pkey").into(),
    }
}

/// A unique constraint's name.
#[must_use]
pub fn of_unique(table: &Table, key: &Key, dialect: Dialect) -> Name {
    match dialect {
        Dialect::MySql => key.columns.first().cloned().unwrap_or_default(),
        _ => made(&table.name.name, &key.columns.join("_"), "key").into(),
    }
}

/// The name of the foreign key at a place in its table.
#[must_use]
pub fn of_foreign(table: &Table, key: &ForeignKey, index: usize, dialect: Dialect) -> Name {
    match dialect {
        Dialect::MySql => format!("{}_ibfk_{}", table.name.name, index + 1).into(),
        _ => made(&table.name.name, &key.columns.join("_"), "fkey").into(),
    }
}

/// The name of the check at a place in its table.
#[must_use]
pub fn of_check(table: &Table, index: usize, dialect: Dialect) -> Name {
    let name = |check: &Check| {
        let mut named = table.columns.iter().filter(|column| super::words::names(&check.condition, &column.name));
        match (named.next(), named.next()) {
            (Some(column), None) => made(&table.name.name, &column.name, "check"),
            _ => made(&table.name.name, "", "check"),
        }
    };
    if dialect == Dialect::MySql {
        return format!("{}_chk_{}", table.name.name, index + 1).into();
    }
    let Some(check) = table.checks.get(index) else { return Name::default() };
    let own = name(check);
    let before = table.checks.iter().take(index).filter(|other| other.name.is_none() && name(other) == own).count();
    if before == 0 { own.into() } else { format!("{own}{before}").into() }
}

/// An index's name.
#[must_use]
pub fn of_index(table: &Table, index: &Index, dialect: Dialect) -> Name {
    let part = |text: &Name, is_expression: bool| {
        if !is_expression {
            return text.to_string();
        }
        // `lower(email)` is named after its function.
        let head: String = text.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect();
        if text[head.len()..].starts_with('(') && !head.is_empty() { head } else { "expr".to_owned() }
    };
    match dialect {
        Dialect::MySql => index.parts.first().map(|part| part.text.clone()).unwrap_or_default(),
        _ => {
            let parts: Vec<String> = index.parts.iter().map(|of| part(&of.text, of.is_expression)).collect();
            made(&table.name.name, &parts.join("_"), "idx").into()
        }
    }
}

/// Gives every constraint and index of a table the name that the database gave it, before the table or a column is renamed.
pub fn name_all(table: &mut Table, dialect: Dialect) {
    if matches!(dialect, Dialect::Sqlite | Dialect::Mongo | Dialect::SqlServer) {
        return;
    }
    if let Some(mut key) = table.primary_key.take() {
        if key.name.is_none() && dialect != Dialect::MySql {
            key.name = Some(of_primary(table, dialect));
        }
        table.primary_key = Some(key);
    }
    for index in 0..table.uniques.len() {
        let name = of_unique(table, &table.uniques[index], dialect);
        table.uniques[index].name.get_or_insert(name);
    }
    for index in 0..table.foreign_keys.len() {
        let name = of_foreign(table, &table.foreign_keys[index], index, dialect);
        table.foreign_keys[index].name.get_or_insert(name);
    }
    let checks: Vec<Name> = (0..table.checks.len()).map(|index| of_check(table, index, dialect)).collect();
    for (check, name) in table.checks.iter_mut().zip(checks) {
        check.name.get_or_insert(name);
    }
    for index in 0..table.indexes.len() {
        let name = of_index(table, &table.indexes[index], dialect);
        table.indexes[index].name.get_or_insert(name);
    }
}

/// Drops the constraint of this name; whether there was one.
pub fn drop_constraint(table: &mut Table, name: &str, dialect: Dialect) -> bool {
    let is = |own: &Option<Name>, made: Name| own.as_ref().map_or_else(|| made == name, |own| own.eq_ignore_ascii_case(name));
    if let Some(at) = (0..table.foreign_keys.len()).find(|at| {
        let key = &table.foreign_keys[*at];
        is(&key.name, of_foreign(table, key, *at, dialect))
    }) {
        table.foreign_keys.remove(at);
        return true;
    }
    if let Some(at) = table.uniques.iter().position(|key| is(&key.name, of_unique(table, key, dialect))) {
        table.uniques.remove(at);
        return true;
    }
    if let Some(at) = (0..table.checks.len()).find(|at| is(&table.checks[*at].name, of_check(table, *at, dialect))) {
        table.checks.remove(at);
        return true;
    }
    if table.primary_key.as_ref().is_some_and(|key| is(&key.name, of_primary(table, dialect))) {
        table.primary_key = None;
        return true;
    }
    let before = table.indexes.len();
    table.indexes.retain(|index| !(index.unique && index.name.as_ref().is_some_and(|own| own.eq_ignore_ascii_case(name))));
    before != table.indexes.len()
}

/// Drops the index of this name; whether there was one. Unique constraints are indexes too.
pub fn drop_index(table: &mut Table, name: &str, dialect: Dialect) -> bool {
    let is = |own: &Option<Name>, made: Name| own.as_ref().map_or_else(|| made == name, |own| own.eq_ignore_ascii_case(name));
    if let Some(at) = table.indexes.iter().position(|index| is(&index.name, of_index(table, index, dialect))) {
        table.indexes.remove(at);
        return true;
    }
    if let Some(at) = table.uniques.iter().position(|key| is(&key.name, of_unique(table, key, dialect))) {
        table.uniques.remove(at);
        return true;
    }
    false
}
