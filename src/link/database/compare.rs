//! What a model says of a table against what the migrations made of it.

use super::replay::position;
use crate::base::Name;
use crate::facts::database::{Column, Dialect, Table};

/// Where a model and the migrations differ, in words.
#[must_use]
pub fn differences(model: &Table, state: &Table, dialect: Dialect) -> Vec<String> {
    let mut found = Vec::new();
    for column in &model.columns {
        match position(state, &column.name) {
            None => found.push(format!("column {}: in the model, not in the migrations", column.name)),
            Some(at) => found.extend(column_differences(column, &state.columns[at], dialect)),
        }
    }
    for column in &state.columns {
        if position(model, &column.name).is_none() {
            found.push(format!("column {}: in the migrations, not in the model", column.name));
        }
    }
    let keys = (&model.primary_key, &state.primary_key);
    if let (Some(model), Some(state)) = keys
        && lower(&model.columns) != lower(&state.columns)
    {
        found.push(format!("primary key: ({}) in the model, ({}) in the migrations", model.columns.join(", "), state.columns.join(", ")));
    }
    found
}

fn lower(columns: &[Name]) -> Vec<String> {
    columns.iter().map(|column| column.to_lowercase()).collect()
}

fn column_differences(model: &Column, state: &Column, dialect: Dialect) -> Vec<String> {
    let mut found = Vec::new();
    let (ours, theirs) = (family(&model.ty, dialect), family(&state.ty, dialect));
    if !ours.is_empty() && !theirs.is_empty() && ours != theirs {
        found.push(format!("column {}: {} in the model, {} in the migrations", model.name, model.ty, state.ty));
    }
    if model.nullable != state.nullable {
        let word = |nullable: bool| if nullable { "takes null" } else { "not null" };
        found.push(format!("column {}: {} in the model, {} in the migrations", model.name, word(model.nullable), word(state.nullable)));
    }
    found
}

/// A type without what two spellings of it may differ in.
fn family(ty: &str, dialect: Dialect) -> String {
    let lower = ty.to_lowercase().replace('"', "");
    let (base, tail) = match lower.split_once('(') {
        Some((base, rest)) => (base.trim().to_owned(), rest.rsplit_once(')').map_or("", |(_, tail)| tail).to_owned()),
        None => (lower.clone(), String::new()),
    };
    let is_array = lower.ends_with(']');
    let base = format!("{base}{tail}");
    let base = base.trim_end_matches("[]").trim();
    let base = base.rsplit('.').next().unwrap_or(base);
    let family = match base {
        "serial" | "int" | "int4" | "integer" | "mediumint" => "integer",
        "bigserial" | "int8" | "bigint" => "bigint",
        "smallserial" | "int2" | "smallint" | "tinyint" => "smallint",
        "varchar" | "character varying" | "text" | "char" | "character" | "citext" | "longtext" | "mediumtext" | "nvarchar" => "text",
        "bool" | "boolean" => "boolean",
        "decimal" | "numeric" => "numeric",
        "float" | "real" | "double" | "double precision" | "float8" | "float4" => "double precision",
        "timestamptz" | "timestamp with time zone" => "timestamp with time zone",
        "timestamp" | "timestamp without time zone" | "datetime" => "timestamp",
        "json" | "jsonb" => "json",
        other => other,
    };
    // SQLite keeps dates, booleans and numbers in a few storage classes.
    let family = match (dialect, family) {
        (Dialect::Sqlite, "bigint" | "smallint" | "boolean") => "integer",
        (Dialect::Sqlite, "uuid" | "json" | "timestamp" | "timestamp with time zone" | "date") => "text",
        (Dialect::MySql, "boolean") => "smallint",
        _ => family,
    };
    if is_array { format!("{family}[]") } else { family.to_owned() }
}
