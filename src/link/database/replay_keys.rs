//! Changes of constraints and indexes.

use std::collections::BTreeSet;

use super::named;
use super::replay::require_key;
use super::state::State;
use crate::base::Name;
use crate::facts::database::{Change, Dialect, ForeignKey, Index, Key, KeyKind, ObjectName, Table};
use crate::facts::document::Spot;

/// Makes a change of constraints or indexes; whether it is one.
pub fn apply_to_keys(state: &mut State, change: &Change, spot: &Spot) -> bool {
    let dialect = state.dialect;
    match change {
        Change::SetPrimaryKey(name, key) => {
            if let Some(table) = state.change(name, spot) {
                table.primary_key = Some(key.clone());
                require_key(table);
            }
        }
        Change::AddUnique(name, key) => {
            if let Some(table) = state.change(name, spot) {
                let is_there = |other: &Key| other.columns == key.columns && (key.name.is_none() || other.name == key.name);
                if !table.uniques.iter().any(is_there) {
                    table.uniques.push(key.clone());
                }
            }
        }
        Change::AddForeignKey(name, key) => add_foreign_key(state, name, key, spot),
        Change::AddCheck(name, check) => {
            if let Some(table) = state.change(name, spot) {
                let is_there = |other: &Option<Name>| other.is_some() && *other == check.name;
                if !table.checks.iter().any(|other| is_there(&other.name)) {
                    table.checks.push(check.clone());
                }
            }
        }
        Change::DropConstraint(name, constraint) => {
            if let Some(table) = state.change(name, spot) {
                let own = table.name.clone();
                let before = key_columns(table);
                named::drop_constraint(table, constraint, dialect);
                let after = key_columns(table);
                drop_referring(state, &own, &before, &after);
            }
        }
        Change::DropKeyOn { table, kind, columns } => {
            if let Some(table) = state.change(table, spot) {
                drop_key_on(table, *kind, columns);
            }
        }
        Change::RenameConstraint(name, from, to) => {
            if let Some(table) = state.change(name, spot) {
                named::name_all(table, dialect);
                rename_key(table, from, to);
            }
        }
        Change::KeyFromIndex { table, name, index, is_primary } => {
            if let Some(table) = state.change(table, spot) {
                key_from_index(table, name.as_ref(), index, *is_primary);
            }
        }
        Change::CreateIndex { table, index, .. } => add_index(state, table, index, spot),
        Change::DropIndex(table, index) => drop_index(state, table.as_ref(), index, spot),
        Change::RenameIndex(from, to) => {
            for held in state.tables_mut() {
                let named = has_name(&held.table, from, dialect);
                if named {
                    named::name_all(&mut held.table, dialect);
                    rename_key(&mut held.table, from, to);
                }
            }
        }
        _ => return false,
    }
    true
}

/// The columns of the keys that others may refer to.
fn key_columns(table: &Table) -> BTreeSet<Vec<Name>> {
    table.primary_key.iter().chain(&table.uniques).map(|key| key.columns.clone()).collect()
}

/// In PostgreSQL keys of others go with the key they refer to, unless another one is like it.
fn drop_referring(state: &mut State, own: &ObjectName, before: &BTreeSet<Vec<Name>>, after: &BTreeSet<Vec<Name>>) {
    if state.dialect != Dialect::Postgres {
        return;
    }
    let gone: Vec<&Vec<Name>> = before.difference(after).collect();
    if gone.is_empty() {
        return;
    }
    for held in state.tables_mut() {
        held.table.foreign_keys.retain(|key| key.target != *own || !gone.contains(&&key.target_columns));
    }
}

fn add_foreign_key(state: &mut State, name: &ObjectName, key: &ForeignKey, spot: &Spot) {
    let target = state.table(&key.target).map(|held| held.table.name.clone());
    if target.is_none() {
        state.missing.insert(key.target.clone());
    }
    let Some(table) = state.change(name, spot) else { return };
    let mut key = key.clone();
    if let Some(target) = target {
        key.target = target;
    }
    let is_same = |other: &ForeignKey| {
        other.columns == key.columns && other.target == key.target && (other.name == key.name || key.name.is_none() || other.name.is_none())
    };
    match table.foreign_keys.iter_mut().find(|other| is_same(other)) {
        Some(other) => *other = key,
        None => table.foreign_keys.push(key),
    }
}

fn drop_key_on(table: &mut Table, kind: KeyKind, columns: &[Name]) {
    let is = |own: &[Name]| own.len() == columns.len() && columns.iter().all(|column| own.contains(column));
    let is_on = |index: &Index| {
        let own: Vec<Name> = index.parts.iter().map(|part| part.text.clone()).collect();
        is(&own)
    };
    match kind {
        KeyKind::Primary => table.primary_key = None,
        KeyKind::Unique => {
            table.uniques.retain(|key| !is(&key.columns));
            table.indexes.retain(|index| !(index.unique && is_on(index)));
        }
        KeyKind::Foreign => table.foreign_keys.retain(|key| !is(&key.columns)),
        KeyKind::Index => table.indexes.retain(|index| !is_on(index)),
    }
}

fn has_name(table: &Table, name: &Name, dialect: Dialect) -> bool {
    let mut named = table.clone();
    named::name_all(&mut named, dialect);
    let keys = named.primary_key.iter().chain(&named.uniques).map(|key| &key.name);
    keys.chain(named.indexes.iter().map(|index| &index.name)).any(|own| own.as_ref() == Some(name))
}

/// Gives a constraint or index another name.
fn rename_key(table: &mut Table, from: &Name, to: &Name) {
    let keys = table.primary_key.iter_mut().chain(table.uniques.iter_mut()).map(|key| &mut key.name);
    let foreign = table.foreign_keys.iter_mut().map(|key| &mut key.name);
    let checks = table.checks.iter_mut().map(|check| &mut check.name);
    let indexes = table.indexes.iter_mut().map(|index| &mut index.name);
    for name in keys.chain(foreign).chain(checks).chain(indexes) {
        if name.as_ref().is_some_and(|own| own.eq_ignore_ascii_case(from)) {
            *name = Some(to.clone());
        }
    }
}

fn key_from_index(table: &mut Table, name: Option<&Name>, index: &Name, is_primary: bool) {
    let Some(at) = table.indexes.iter().position(|own| own.name.as_ref().is_some_and(|own| own.eq_ignore_ascii_case(index))) else {
        return;
    };
    let from = table.indexes.remove(at);
    let key = Key {
        name: Some(name.unwrap_or(index).clone()),
        columns: from.parts.into_iter().map(|part| part.text).collect(),
        nulls_not_distinct: from.nulls_not_distinct,
        deferrable: None,
    };
    if is_primary {
        table.primary_key = Some(key);
        require_key(table);
    } else {
        table.uniques.push(key);
    }
}

fn add_index(state: &mut State, name: &ObjectName, index: &Index, spot: &Spot) {
    let Some(table) = state.change(name, spot) else { return };
    let is_there = |own: &Index| own == index || (index.name.is_some() && own.name == index.name);
    if !table.indexes.iter().any(is_there) {
        table.indexes.push(index.clone());
    }
}

fn drop_index(state: &mut State, table: Option<&ObjectName>, index: &Name, spot: &Spot) {
    let dialect = state.dialect;
    if let Some(name) = table {
        if let Some(table) = state.change(name, spot) {
            named::drop_index(table, index, dialect);
        }
        return;
    }
    for held in state.tables_mut() {
        if named::drop_index(&mut held.table, index, dialect) {
            held.add_spot(spot);
            return;
        }
    }
}
