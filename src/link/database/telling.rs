//! Changes in words, for the life of a database.

use crate::base::Name;
use crate::facts::database::{Change, ColumnChange, Key, KeyKind, ObjectName, TableKind};

/// What a change did: `create table users`, `add column users.email`.
#[must_use]
pub fn told(change: &Change) -> String {
    match change {
        Change::CreateTable { table, .. } => format!("create {} {}", kind(table.kind), name(&table.name)),
        Change::CreateTableLike { table, like, .. } => format!("create table {} like {}", name(&table.name), name(like)),
        Change::DropTable(table) => format!("drop table {}", name(table)),
        Change::AttachPartition(table, partition) => format!("attach partition {} to {}", name(partition), name(table)),
        Change::RenameTable(from, to) => format!("rename table {} to {}", name(from), name(to)),
        Change::AddColumn { table, column, .. } => format!("add column {}.{}", name(table), column.name),
        Change::DropColumn(table, column) => format!("drop column {}.{column}", name(table)),
        Change::RenameColumn(table, from, to) => format!("rename column {}.{from} to {to}", name(table)),
        Change::AlterColumn(table, column, change) => format!("alter column {}.{column}: {}", name(table), altered(change)),
        Change::Comment { table, column: None, .. } => format!("comment on {}", name(table)),
        Change::Comment { table, column: Some(column), .. } => format!("comment on {}.{column}", name(table)),
        Change::SetSchema(table, schema) => format!("move {} to schema {schema}", name(table)),
        other => told_of_keys(other).unwrap_or_else(|| told_of_types(other)),
    }
}

fn name(name: &ObjectName) -> String {
    name.schema.as_ref().map_or_else(|| name.name.to_string(), |schema| format!("{schema}.{}", name.name))
}

fn kind(kind: TableKind) -> &'static str {
    match kind {
        TableKind::Table => "table",
        TableKind::View => "view",
        TableKind::MaterializedView => "materialized view",
        TableKind::Collection => "collection",
    }
}

fn altered(change: &ColumnChange) -> String {
    match change {
        ColumnChange::Type(ty) => format!("type {ty}"),
        ColumnChange::Nullable(true) => "drop not null".to_owned(),
        ColumnChange::Nullable(false) => "set not null".to_owned(),
        ColumnChange::Default(Some(default)) => format!("default {default}"),
        ColumnChange::Default(None) => "drop default".to_owned(),
        ColumnChange::Generated(Some(_)) => "generated".to_owned(),
        ColumnChange::Generated(None) => "no longer generated".to_owned(),
        ColumnChange::Redefine(column) => format!("{}{}", column.ty, if column.nullable { "" } else { " not null" }),
    }
}

fn list(columns: &[Name]) -> String {
    columns.join(", ")
}

fn key(of: &ObjectName, key: &Key) -> String {
    format!("{} ({})", name(of), list(&key.columns))
}

fn told_of_keys(change: &Change) -> Option<String> {
    Some(match change {
        Change::SetPrimaryKey(table, of) => format!("add primary key on {}", key(table, of)),
        Change::AddUnique(table, of) => format!("add unique on {}", key(table, of)),
        Change::AddForeignKey(table, of) => {
            format!("add foreign key on {} ({}) to {}", name(table), list(&of.columns), name(&of.target))
        }
        Change::AddCheck(table, check) => format!("add check on {}: {}", name(table), check.condition),
        Change::DropConstraint(table, constraint) => format!("drop constraint {}.{constraint}", name(table)),
        Change::DropKeyOn { table, kind, columns } => {
            let kind = match kind {
                KeyKind::Primary => "primary key",
                KeyKind::Unique => "unique",
                KeyKind::Foreign => "foreign key",
                KeyKind::Index => "index",
            };
            format!("drop {kind} on {} ({})", name(table), list(columns))
        }
        Change::RenameConstraint(table, from, to) => format!("rename constraint {}.{from} to {to}", name(table)),
        Change::KeyFromIndex { table, index, .. } => format!("add key on {} from index {index}", name(table)),
        Change::CreateIndex { table, index, .. } => {
            let parts: Vec<Name> = index.parts.iter().map(|part| part.text.clone()).collect();
            format!("create {}index on {} ({})", if index.unique { "unique " } else { "" }, name(table), list(&parts))
        }
        Change::DropIndex(_, index) => format!("drop index {index}"),
        Change::RenameIndex(from, to) => format!("rename index {from} to {to}"),
        _ => return None,
    })
}

fn told_of_types(change: &Change) -> String {
    match change {
        Change::CreateEnum(ty) => format!("create enum {}", name(&ty.name)),
        Change::AddLabel { ty, label, .. } => format!("add label {}.{label}", name(ty)),
        Change::RenameLabel(ty, from, to) => format!("rename label {}.{from} to {to}", name(ty)),
        Change::RenameType(from, to) => format!("rename type {} to {}", name(from), name(to)),
        Change::DropType(ty) => format!("drop type {}", name(ty)),
        Change::CreateType { name: ty, .. } => format!("create type {}", name(ty)),
        Change::CreateExtension(extension) => format!("create extension {extension}"),
        Change::CreateSchema(schema) => format!("create schema {schema}"),
        Change::DropSchema(schema) => format!("drop schema {schema}"),
        Change::CreateSequence { name: sequence, .. } => format!("create sequence {}", name(sequence)),
        Change::DropSequence(sequence) => format!("drop sequence {}", name(sequence)),
        Change::CreateFunction { name: function, .. } => format!("create function {}", name(function)),
        Change::DropFunction(function) => format!("drop function {}", name(function)),
        _ => String::new(),
    }
}
