//! Changes of types, sequences and functions.

use super::state::{Making, State, Statement, is_of_type, is_same, retyped};
use super::words;
use crate::base::Name;
use crate::facts::database::{Change, EnumType, ObjectName};
use crate::facts::document::Spot;

/// Makes a change of types, sequences or functions.
pub fn apply_to_types(state: &mut State, change: &Change, spot: &Spot) {
    match change {
        Change::CreateEnum(ty) => create_enum(state, ty, spot),
        Change::AddLabel { ty, label, before, after } => add_label(state, ty, label, before.as_ref(), after.as_ref()),
        Change::RenameLabel(ty, from, to) => rename_label(state, ty, from, to),
        Change::RenameType(from, to) => rename_type(state, from, to),
        Change::DropType(name) => {
            state.enums.retain(|(ty, _)| !is_same(&ty.name, name));
            state.statements.retain(|statement| statement.making != Making::Type || !is_same(&statement.name, name));
        }
        Change::CreateType { name, sql } => keep(state, Making::Type, name, sql, spot),
        Change::CreateSequence { name, sql } => keep(state, Making::Sequence, name, sql, spot),
        Change::CreateFunction { name, sql } => keep(state, Making::Function, name, sql, spot),
        Change::DropSequence(name) => {
            state.statements.retain(|statement| statement.making != Making::Sequence || !is_same(&statement.name, name));
        }
        Change::DropFunction(name) => {
            state.statements.retain(|statement| statement.making != Making::Function || !is_same(&statement.name, name));
        }
        _ => {}
    }
}

fn keep(state: &mut State, making: Making, name: &ObjectName, sql: &Name, spot: &Spot) {
    let is_same_one = |statement: &Statement| {
        statement.making == making && statement.name == *name && (making != Making::Function || header(&statement.sql) == header(sql))
    };
    let made = Statement { making, name: name.clone(), sql: sql.clone(), spot: spot.clone() };
    match state.statements.iter_mut().find(|statement| is_same_one(statement)) {
        // A function is replaced; a shell type is filled.
        Some(statement) if making != Making::Sequence => *statement = made,
        Some(_) => {}
        None => state.statements.push(made),
    }
}

/// A function's name and parameters: functions of one name and other parameters stand side by side.
fn header(sql: &str) -> String {
    let upto = sql.find(')').unwrap_or(sql.len());
    let from = sql.find('(').unwrap_or(0).min(upto);
    sql[from..upto].split_whitespace().collect::<Vec<_>>().join(" ").to_lowercase()
}

fn create_enum(state: &mut State, ty: &EnumType, spot: &Spot) {
    if !state.enums.iter().any(|(other, _)| other.name == ty.name) {
        state.enums.push((ty.clone(), spot.clone()));
    }
}

fn add_label(state: &mut State, ty: &ObjectName, label: &Name, before: Option<&Name>, after: Option<&Name>) {
    let Some(ty) = state.enum_mut(ty) else { return };
    if ty.labels.contains(label) {
        return;
    }
    let place = |other: &Name| ty.labels.iter().position(|own| own == other);
    let at = before.and_then(place).or_else(|| after.and_then(place).map(|at| at + 1)).unwrap_or(ty.labels.len());
    ty.labels.insert(at, label.clone());
}

fn rename_label(state: &mut State, name: &ObjectName, from: &Name, to: &Name) {
    let Some(ty) = state.enum_mut(name) else { return };
    for label in ty.labels.iter_mut().filter(|label| *label == from) {
        *label = to.clone();
    }
    let (from, to) = (format!("'{}'", from.replace('\'', "''")), format!("'{}'", to.replace('\'', "''")));
    for column in state.tables_mut().flat_map(|held| &mut held.table.columns).filter(|column| is_of_type(&column.ty, name)) {
        if let Some(default) = &mut column.default
            && default.starts_with(&from)
        {
            *default = format!("{to}{}", &default[from.len()..]).into();
        }
    }
}

fn rename_type(state: &mut State, from: &ObjectName, to: &ObjectName) {
    if let Some(ty) = state.enum_mut(from) {
        ty.name = to.clone();
    }
    for statement in state.statements.iter_mut().filter(|statement| statement.making == Making::Type && is_same(&statement.name, from)) {
        statement.name = to.clone();
        statement.sql = words::renamed(&statement.sql, &from.name, &to.name);
    }
    for column in state.tables_mut().flat_map(|held| &mut held.table.columns).filter(|column| is_of_type(&column.ty, from)) {
        column.ty = retyped(&column.ty, to);
        column.default = column.default.as_ref().map(|default| words::renamed(default, &from.name, &to.name));
    }
}
