//! One change after the other, with the database's own rules: what depends on something goes with it, names follow.

use super::replay_keys::apply_to_keys;
use super::replay_types::apply_to_types;
use super::state::{Held, State};
use super::words;
use crate::base::Name;
use crate::facts::database::{Change, Column, ColumnChange, Dialect, Generated, ObjectName, Table, TableKind};
use crate::facts::document::Spot;

use super::named;

/// Makes one change.
pub fn apply(state: &mut State, change: &Change, framework: &str, spot: &Spot) {
    match change {
        Change::CreateTable { table, if_absent } => create(state, table, *if_absent, framework, spot),
        Change::CreateTableLike { table, like, with_all } => {
            let table = like_of(state, table, like, *with_all);
            create(state, &table, true, framework, spot);
        }
        Change::DropTable(name) => drop_table(state, name),
        Change::AttachPartition(_, partition) => {
            state.take(partition);
        }
        Change::RenameTable(from, to) => rename_table(state, from, to, spot),
        Change::SetSchema(name, schema) => set_schema(state, name, schema, spot),
        Change::AddColumn { table, column, .. } => {
            if let Some(table) = state.change(table, spot)
                && position(table, &column.name).is_none()
            {
                table.columns.push((**column).clone());
            }
        }
        Change::DropColumn(table, column) => drop_column(state, table, column, spot),
        Change::RenameColumn(table, from, to) => rename_column(state, table, from, to, spot),
        Change::AlterColumn(table, column, change) => {
            if let Some(table) = state.change(table, spot)
                && let Some(at) = position(table, column)
            {
                alter_column(table, at, change);
            }
        }
        Change::Comment { table, column, text } => comment(state, table, column.as_ref(), text.as_ref()),
        // `CREATE EXTENSION {name}` of a text with a hole names none.
        Change::CreateExtension(name) if name.contains('{') => {}
        Change::CreateExtension(name) => {
            state.extensions.insert(name.clone());
        }
        Change::CreateSchema(name) => {
            state.schemas.insert(name.clone());
        }
        Change::DropSchema(name) => drop_schema(state, name),
        other => {
            if !apply_to_keys(state, other, spot) {
                apply_to_types(state, other, spot);
            }
        }
    }
}

/// Where a column stands: by its very name, else without case.
#[must_use]
pub fn position(table: &Table, name: &str) -> Option<usize> {
    let exact = table.columns.iter().position(|column| column.name == name);
    exact.or_else(|| table.columns.iter().position(|column| column.name.eq_ignore_ascii_case(name)))
}

fn create(state: &mut State, table: &Table, if_absent: bool, framework: &str, spot: &Spot) {
    if if_absent && state.has_exactly(&table.name) {
        return;
    }
    for key in &table.foreign_keys {
        if key.target != table.name && state.table(&key.target).is_none() {
            state.missing.insert(key.target.clone());
        }
    }
    let mut held = Held { table: table.clone(), spots: Vec::new(), was: Vec::new(), framework: framework.into() };
    for key in &mut held.table.foreign_keys {
        if let Some(target) = state.table(&key.target) {
            key.target = target.table.name.clone();
        }
    }
    require_key(&mut held.table);
    held.add_spot(spot);
    state.put(held);
}

/// Columns of the primary key take no NULL.
pub fn require_key(table: &mut Table) {
    let Some(key) = table.primary_key.clone() else { return };
    for name in &key.columns {
        if let Some(at) = position(table, name) {
            table.columns[at].nullable = false;
        }
    }
}

/// A table made from another one.
fn like_of(state: &mut State, table: &Table, like: &ObjectName, with_all: bool) -> Table {
    let mut made = table.clone();
    let Some(held) = state.table(like) else {
        state.missing.insert(like.clone());
        return made;
    };
    let mut columns = held.table.columns.clone();
    if with_all {
        made.primary_key = made.primary_key.or_else(|| held.table.primary_key.clone().map(|key| without_name(&key)));
        made.uniques.extend(held.table.uniques.iter().map(without_name));
        made.checks.extend(held.table.checks.iter().cloned());
        made.foreign_keys.extend(held.table.foreign_keys.iter().filter(|_| table.options.is_some()).cloned());
        made.indexes.extend(held.table.indexes.iter().map(|index| crate::facts::database::Index { name: None, ..index.clone() }));
    } else {
        for column in &mut columns {
            column.default = None;
            column.generated = None;
            column.ty = match column.ty.as_str() {
                "serial" => "integer".into(),
                "bigserial" => "bigint".into(),
                "smallserial" => "smallint".into(),
                _ => column.ty.clone(),
            };
        }
    }
    columns.extend(table.columns.iter().filter(|own| !held.table.columns.iter().any(|column| column.name == own.name)).cloned());
    made.columns = columns;
    made
}

fn without_name(key: &crate::facts::database::Key) -> crate::facts::database::Key {
    crate::facts::database::Key { name: None, ..key.clone() }
}

/// Drops a table. What refers to it goes too; in SQLite keys stay, and turn to the table that took the name.
fn drop_table(state: &mut State, name: &ObjectName) {
    let Some(held) = state.take(name) else { return };
    let gone = held.table.name.clone();
    if state.dialect == Dialect::Sqlite {
        let again = held.was.iter().rev().find(|was| state.table(was).is_some()).cloned();
        if let Some(again) = again {
            for other in state.tables_mut() {
                for key in other.table.foreign_keys.iter_mut().filter(|key| key.target == gone) {
                    key.target = again.clone();
                }
            }
        }
        return;
    }
    for other in state.tables_mut() {
        other.table.foreign_keys.retain(|key| key.target != gone);
    }
    if held.table.kind != TableKind::Table || state.dialect == Dialect::Postgres {
        state.retain(|other| !(other.table.query.as_ref().is_some_and(|query| words::names(query, &gone.name))));
    }
}

fn rename_table(state: &mut State, from: &ObjectName, to: &ObjectName, spot: &Spot) {
    let dialect = state.dialect;
    let Some(mut held) = state.take(from) else {
        state.missing.insert(from.clone());
        return;
    };
    named::name_all(&mut held.table, dialect);
    let old = std::mem::replace(&mut held.table.name, to.clone());
    if held.table.name.schema.is_none() {
        held.table.name.schema.clone_from(&old.schema);
    }
    let new = held.table.name.clone();
    held.was.push(old.clone());
    held.add_spot(spot);
    state.put(held);
    for other in state.tables_mut() {
        for key in other.table.foreign_keys.iter_mut().filter(|key| key.target == old) {
            key.target = new.clone();
        }
        if let Some(query) = &mut other.table.query {
            *query = words::renamed(query, &old.name, &new.name);
        }
    }
}

fn set_schema(state: &mut State, name: &ObjectName, schema: &Name, spot: &Spot) {
    let to = ObjectName::in_schema(schema.clone(), name.name.clone());
    if let Some(mut held) = state.take(name) {
        let old = std::mem::replace(&mut held.table.name, to.clone());
        held.add_spot(spot);
        state.put(held);
        for other in state.tables_mut() {
            for key in other.table.foreign_keys.iter_mut().filter(|key| key.target == old) {
                key.target = to.clone();
            }
        }
    } else {
        apply_to_types(state, &Change::RenameType(name.clone(), to), spot);
    }
}

fn drop_schema(state: &mut State, name: &Name) {
    let schema = ObjectName::in_schema(name.clone(), "").schema;
    state.retain(|held| held.table.name.schema != schema);
    state.enums.retain(|(ty, _)| ty.name.schema != schema);
    state.statements.retain(|statement| statement.name.schema != schema);
    state.schemas.remove(name);
}

/// Drops a column with all that is built on it.
fn drop_column(state: &mut State, name: &ObjectName, column: &Name, spot: &Spot) {
    let dialect = state.dialect;
    let Some(table) = state.change(name, spot) else { return };
    let Some(at) = position(table, column) else { return };
    let own = table.name.clone();
    if dialect == Dialect::MySql {
        shrink_indexes(table, at);
    }
    let column = table.columns.remove(at).name;
    let has = |columns: &[Name]| columns.iter().any(|other| other.eq_ignore_ascii_case(&column));
    if table.primary_key.as_ref().is_some_and(|key| has(&key.columns)) {
        table.primary_key = None;
    }
    table.uniques.retain(|key| !has(&key.columns));
    table.foreign_keys.retain(|key| !has(&key.columns));
    table.checks.retain(|check| !words::names(&check.condition, &column));
    table.indexes.retain(|index| {
        let is_part = index.parts.iter().any(|part| match part.is_expression {
            true => words::names(&part.text, &column),
            false => part.text.eq_ignore_ascii_case(&column),
        });
        !is_part && !has(&index.include) && !index.condition.as_ref().is_some_and(|text| words::names(text, &column))
    });
    if dialect != Dialect::Sqlite {
        for other in state.tables_mut() {
            other.table.foreign_keys.retain(|key| key.target != own || !has(&key.target_columns));
        }
    }
}

/// MySQL takes a dropped column out of its indexes and keeps the rest of them.
fn shrink_indexes(table: &mut Table, at: usize) {
    let name = table.columns[at].name.clone();
    for index in &mut table.indexes {
        if index.parts.len() > 1 {
            index.parts.retain(|part| part.text != name);
        }
    }
    for key in &mut table.uniques {
        if key.columns.len() > 1 {
            key.columns.retain(|column| *column != name);
        }
    }
}

fn rename_column(state: &mut State, name: &ObjectName, from: &Name, to: &Name, spot: &Spot) {
    let dialect = state.dialect;
    let Some(table) = state.change(name, spot) else { return };
    let Some(at) = position(table, from) else { return };
    named::name_all(table, dialect);
    let own = table.name.clone();
    let from = std::mem::replace(&mut table.columns[at].name, to.clone());
    let follow = |columns: &mut Vec<Name>| {
        for column in columns.iter_mut().filter(|column| column.eq_ignore_ascii_case(&from)) {
            *column = to.clone();
        }
    };
    let keys = table.primary_key.iter_mut().chain(table.uniques.iter_mut()).map(|key| &mut key.columns);
    keys.for_each(follow);
    table.foreign_keys.iter_mut().for_each(|key| follow(&mut key.columns));
    for check in &mut table.checks {
        check.condition = words::renamed(&check.condition, &from, to);
    }
    for index in &mut table.indexes {
        follow(&mut index.include);
        for part in &mut index.parts {
            if part.is_expression {
                part.text = words::renamed(&part.text, &from, to);
            } else if part.text.eq_ignore_ascii_case(&from) {
                part.text = to.clone();
            }
        }
        index.condition = index.condition.as_ref().map(|text| words::renamed(text, &from, to));
    }
    for column in &mut table.columns {
        if let Some(Generated::Stored(text) | Generated::Virtual(text)) = &mut column.generated {
            *text = words::renamed(text, &from, to);
        }
    }
    for other in state.tables_mut() {
        for key in other.table.foreign_keys.iter_mut().filter(|key| key.target == own) {
            follow(&mut key.target_columns);
        }
    }
}

fn alter_column(table: &mut Table, at: usize, change: &ColumnChange) {
    let is_key = table.primary_key.as_ref().is_some_and(|key| key.columns.contains(&table.columns[at].name));
    let column = &mut table.columns[at];
    match change {
        ColumnChange::Type(ty) => column.ty = ty.clone(),
        ColumnChange::Nullable(nullable) => column.nullable = *nullable && !is_key,
        ColumnChange::Default(default) => column.default.clone_from(default),
        ColumnChange::Generated(generated) => {
            column.generated.clone_from(generated);
            if matches!(generated, Some(Generated::IdentityAlways | Generated::IdentityByDefault)) {
                column.nullable = false;
                column.default = None;
            }
        }
        ColumnChange::Redefine(new) => {
            *column = Column { name: column.name.clone(), ..(**new).clone() };
            column.nullable &= !is_key;
        }
    }
}

/// A comment is no change of the table that people look for: it leaves no place.
fn comment(state: &mut State, name: &ObjectName, column: Option<&Name>, text: Option<&Name>) {
    let Some(held) = state.table(name).map(|held| held.table.name.clone()) else { return };
    let Some(table) = state.tables_mut().find(|other| other.table.name == held) else { return };
    match column {
        None => table.table.doc = text.cloned(),
        Some(column) => {
            if let Some(at) = position(&table.table, column) {
                table.table.columns[at].doc = text.cloned();
            }
        }
    }
}
