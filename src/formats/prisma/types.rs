//! What Prisma's scalar types become in each database.

use super::syntax::{Argument, Member, attribute};
use crate::facts::database::Dialect;

/// The SQL type of a scalar field, without `[]`; `None` when its type is no scalar.
#[must_use]
pub fn scalar(field: &Member, dialect: Dialect) -> Option<String> {
    if field.ty == "Unsupported" {
        return field.arguments.first().and_then(|argument| argument.value.text()).map(str::to_owned);
    }
    let plain = plain(&field.ty, dialect)?;
    let native = field.attributes.iter().find_map(|attribute| Some((attribute.name.strip_prefix("db.")?, &attribute.arguments)));
    Some(native.map_or_else(|| plain.to_owned(), |(name, arguments)| self::native(name, arguments, dialect)))
}

fn plain(ty: &str, dialect: Dialect) -> Option<&'static str> {
    let row: [&str; 5] = match ty {
        "String" => ["text", "varchar(191)", "TEXT", "nvarchar(1000)", "string"],
        "Boolean" => ["boolean", "tinyint(1)", "BOOLEAN", "bit", "bool"],
        "Int" => ["integer", "int", "INTEGER", "int", "int"],
        "BigInt" => ["bigint", "bigint", "BIGINT", "bigint", "long"],
        "Float" => ["double precision", "double", "REAL", "float(53)", "double"],
        "Decimal" => ["numeric(65,30)", "decimal(65,30)", "DECIMAL", "decimal(32,16)", "decimal"],
        "DateTime" => ["timestamp(3)", "datetime(3)", "DATETIME", "datetime2", "date"],
        "Json" => ["jsonb", "json", "JSONB", "nvarchar(max)", "object"],
        "Bytes" => ["bytea", "longblob", "BLOB", "varbinary(max)", "binData"],
        _ => return None,
    };
    let column = match dialect {
        Dialect::Postgres => 0,
        Dialect::MySql => 1,
        Dialect::Sqlite => 2,
        Dialect::SqlServer => 3,
        Dialect::Mongo => 4,
    };
    row.get(column).copied()
}

/// `@db.VarChar(20)`.
fn native(name: &str, arguments: &[Argument], dialect: Dialect) -> String {
    let args: Vec<&str> = arguments.iter().filter_map(|argument| argument.value.text()).collect();
    let args = if args.is_empty() { String::new() } else { format!("({})", args.join(",")) };
    if dialect != Dialect::Postgres {
        return other(name, &args);
    }
    match name {
        "VarChar" => format!("character varying{args}"),
        "Char" => format!("character{args}"),
        "DoublePrecision" => "double precision".into(),
        "Decimal" => format!("numeric{args}"),
        "Timestamp" => format!("timestamp{args}"),
        "Timestamptz" => format!("timestamp{args} with time zone"),
        "Time" => format!("time{args}"),
        "Timetz" => format!("time{args} with time zone"),
        "ByteA" => "bytea".into(),
        "JsonB" => "jsonb".into(),
        "VarBit" => format!("bit varying{args}"),
        _ => format!("{}{args}", name.to_lowercase()),
    }
}

/// MySQL's and SQL Server's names are the types' own, `Unsigned` in front.
fn other(name: &str, args: &str) -> String {
    match name.strip_prefix("Unsigned") {
        Some(name) => format!("{}{args} unsigned", name.to_lowercase()),
        None => format!("{}{args}", name.to_lowercase()),
    }
}

/// The type of a column that counts by itself.
#[must_use]
pub fn serial(field: &Member) -> &'static str {
    if field.ty == "BigInt" {
        "bigserial"
    } else if attribute(&field.attributes, "db.SmallInt").is_some() {
        "smallserial"
    } else {
        "serial"
    }
}
