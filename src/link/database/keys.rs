//! Columns that take the type of the column they refer to: an ORM that is told `ForeignKey("users.id")` and no type asks the
//! table behind it.

use std::collections::HashMap;

use crate::base::Name;
use crate::facts::database::{Column, ObjectName, Table, TableFinding};

/// How many foreign keys may lead from one to the next.
const MAX_LINKS: u32 = 8;

/// Gives every column that takes its key's type that type, and every key that names no columns those it refers to.
pub fn settle(tables: &mut [TableFinding]) {
    let mut known: HashMap<ObjectName, usize> = HashMap::new();
    for (index, found) in tables.iter().enumerate() {
        known.entry(found.table.name.clone()).or_insert(index);
    }
    let mut settled: Vec<(usize, usize, Name)> = Vec::new();
    for (index, found) in tables.iter().enumerate() {
        for (position, column) in found.table.columns.iter().enumerate().filter(|(_, column)| column.takes_key_type) {
            if let Some(ty) = type_behind(tables, &known, &found.table, column, 0) {
                settled.push((index, position, ty));
            }
        }
    }
    for (index, position, ty) in settled {
        tables[index].table.columns[position].ty = ty;
    }
    name_columns(tables, &known);
}

/// A key without columns refers to the primary key.
fn name_columns(tables: &mut [TableFinding], known: &HashMap<ObjectName, usize>) {
    for index in 0..tables.len() {
        for position in 0..tables[index].table.foreign_keys.len() {
            let key = &tables[index].table.foreign_keys[position];
            if !key.target_columns.is_empty() {
                continue;
            }
            let behind = known.get(&key.target).and_then(|target| tables[*target].table.primary_key.as_ref());
            let columns = behind.map(|primary| primary.columns.clone()).filter(|columns| columns.len() == key.columns.len());
            tables[index].table.foreign_keys[position].target_columns = columns.unwrap_or_default();
        }
    }
}

/// The type of the column that a column refers to.
fn type_behind(tables: &[TableFinding], known: &HashMap<ObjectName, usize>, table: &Table, column: &Column, depth: u32) -> Option<Name> {
    if depth > MAX_LINKS {
        return None;
    }
    let key = table.foreign_keys.iter().find(|key| key.columns.contains(&column.name))?;
    let position = key.columns.iter().position(|name| *name == column.name)?;
    let target = &tables[*known.get(&key.target)?].table;
    let name = match key.target_columns.get(position) {
        Some(name) => name,
        None => target.primary_key.as_ref()?.columns.get(position)?,
    };
    let behind = target.columns.iter().find(|column| column.name == *name)?;
    let is_itself = target.name == table.name && behind.name == column.name;
    if behind.takes_key_type && !is_itself {
        return type_behind(tables, known, target, behind, depth + 1);
    }
    (!behind.ty.is_empty()).then(|| uncounted(&behind.ty))
}

/// The type of a value that a counting column gives: `serial` is `integer`.
fn uncounted(ty: &Name) -> Name {
    match ty.as_str() {
        "serial" => "integer".into(),
        "bigserial" => "bigint".into(),
        "smallserial" => "smallint".into(),
        _ => ty.clone(),
    }
}
