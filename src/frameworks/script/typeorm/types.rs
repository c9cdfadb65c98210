//! The SQL type of a column: by the type it is given, else by the TypeScript type of its property.
//!
//! Read from TypeORM 0.3 (`driver/postgres`, `driver/mysql`, `driver/sqlite`: `normalizeType`, `createFullType`).

use crate::base::code::{ClassKind, Expr, Type};
use crate::facts::database::Dialect;
use crate::facts::program::{Meaning, Program, Site};
use crate::frameworks::script::tables::options::Options;

const MAX_DEPTH: u32 = 12;

/// What a column's type is called before a driver spells it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Said {
    /// `String`, or a property of that type.
    Text,
    /// `Number`.
    Number,
    /// `Boolean`.
    Boolean,
    /// `Date`.
    Date,
    /// `Buffer`.
    Bytes,
    /// A database's type by name: `varchar`, `jsonb`, `simple-array`.
    Named(String),
    /// Anything else.
    Unknown,
}

/// The type an option names: `"varchar"`, `Number`.
#[must_use]
pub fn said(program: &dyn Program, site: &Site, expr: &Expr) -> Said {
    match program.resolve(site, expr) {
        Meaning::Outside(path) => match path.strip_prefix("builtins.") {
            Some("String") => Said::Text,
            Some("Number") => Said::Number,
            Some("Boolean") => Said::Boolean,
            Some("Date") => Said::Date,
            Some("Buffer") => Said::Bytes,
            _ => Said::Unknown,
        },
        _ => program.text(site, expr).plain().map_or(Said::Unknown, |name| Said::Named(name.to_lowercase())),
    }
}

/// What TypeScript says a property is at run time.
#[must_use]
pub fn reflected(program: &dyn Program, site: &Site, ty: &Type) -> Said {
    reflected_at(program, site, ty, 0)
}

fn reflected_at(program: &dyn Program, site: &Site, ty: &Type, depth: u32) -> Said {
    if depth > MAX_DEPTH {
        return Said::Unknown;
    }
    match ty {
        Type::Union(parts) => {
            let real = parts.iter().find(|part| !is_nothing(part));
            real.map_or(Said::Unknown, |part| reflected_at(program, site, part, depth + 1))
        }
        Type::Literal(Expr::Str(_) | Expr::Template(_)) => Said::Text,
        Type::Literal(Expr::Int(_) | Expr::Float(_)) => Said::Number,
        Type::Literal(Expr::Bool(_)) => Said::Boolean,
        Type::Named(_) => named(program, site, ty, depth),
        Type::Inter(parts) => parts.first().map_or(Said::Unknown, |part| reflected_at(program, site, part, depth + 1)),
        _ => Said::Unknown,
    }
}

fn is_nothing(ty: &Type) -> bool {
    matches!(ty, Type::Literal(Expr::Null)) || ty.last_name().is_some_and(|name| matches!(name.as_str(), "null" | "undefined"))
}

fn named(program: &dyn Program, site: &Site, ty: &Type, depth: u32) -> Said {
    let name = ty.last_name().map_or("", |name| name.as_str());
    match name {
        "string" | "String" => return Said::Text,
        "number" | "Number" => return Said::Number,
        "boolean" | "Boolean" => return Said::Boolean,
        "bigint" => return Said::Named("bigint".to_owned()),
        "Buffer" | "Uint8Array" => return Said::Bytes,
        _ => {}
    }
    match program.resolve_type(site, ty) {
        Meaning::Outside(path) if path == "builtins.Date" => Said::Date,
        Meaning::Class(class) => {
            let declared = program.class(class);
            match declared.kind {
                ClassKind::Enum if declared.variants.iter().any(|variant| matches!(variant.value, Some(Expr::Str(_)))) => Said::Text,
                ClassKind::Enum => Said::Number,
                ClassKind::Alias => reflected_at(program, &program.around_class(class), &declared.alias, depth + 1),
                _ => Said::Unknown,
            }
        }
        _ => Said::Unknown,
    }
}

/// The full SQL type with length, precision and array.
#[must_use]
pub fn sql_type(program: &dyn Program, dialect: Dialect, said: &Said, options: &Options) -> String {
    let length = options.text(program, "length").filter(|length| !length.is_empty());
    let precision = options.number(program, "precision");
    let scale = options.number(program, "scale");
    let base = base_type(dialect, said);
    let mut full = with_arguments(&base, length.as_deref(), precision, scale);
    if dialect == Dialect::MySql {
        if full == "varchar" {
            full.push_str("(255)");
        }
        if options.flag(program, "unsigned") == Some(true) {
            full.push_str(" unsigned");
        }
    }
    if matches!(base.as_str(), "geometry" | "geography")
        && let Some(feature) = options.text(program, "spatialFeatureType")
    {
        full = match options.number(program, "srid") {
            Some(srid) => format!("{base}({feature},{srid})"),
            None => format!("{base}({feature})"),
        };
    }
    if options.flag(program, "array") == Some(true) && dialect == Dialect::Postgres {
        full.push_str("[]");
    }
    full
}

/// The driver's name of a type.
fn base_type(dialect: Dialect, said: &Said) -> String {
    let name = match dialect {
        Dialect::MySql => match said {
            Said::Text | Said::Unknown => "varchar",
            Said::Number => "int",
            Said::Boolean => "tinyint",
            Said::Date => "datetime",
            Said::Bytes => "longblob",
            Said::Named(name) => match name.as_str() {
                "simple-array" | "simple-json" => "text",
                "simple-enum" => "enum",
                "uuid" => "varchar(36)",
                "bool" | "boolean" => "tinyint",
                "integer" => "int",
                other => other,
            },
        },
        Dialect::Sqlite => match said {
            Said::Text | Said::Unknown => "varchar",
            Said::Number => "integer",
            Said::Boolean => "boolean",
            Said::Date => "datetime",
            Said::Bytes => "blob",
            Said::Named(name) => match name.as_str() {
                "simple-array" | "simple-json" => "text",
                "simple-enum" | "enum" | "uuid" => "varchar",
                other => other,
            },
        },
        _ => match said {
            Said::Text | Said::Unknown => "character varying",
            Said::Number => "integer",
            Said::Boolean => "boolean",
            Said::Date => "timestamp without time zone",
            Said::Bytes => "bytea",
            Said::Named(name) => postgres_name(name),
        },
    };
    name.to_owned()
}

/// PostgreSQL's own name of a type.
#[must_use]
pub fn postgres_name(name: &str) -> &str {
    match name {
        "int" | "int4" | "mediumint" => "integer",
        "int2" | "tinyint" => "smallint",
        "int8" => "bigint",
        "decimal" | "dec" => "numeric",
        "float" | "float8" | "double" => "double precision",
        "float4" => "real",
        "varchar" | "nvarchar" | "string" => "character varying",
        "char" | "nchar" | "bpchar" => "character",
        "bool" => "boolean",
        "timestamp" | "datetime" => "timestamp without time zone",
        "timestamptz" => "timestamp with time zone",
        "time" => "time without time zone",
        "timetz" => "time with time zone",
        "varbit" => "bit varying",
        "blob" => "bytea",
        "simple-array" | "simple-json" | "longtext" | "mediumtext" => "text",
        other => other,
    }
}

/// `numeric` with `(10,2)`, `timestamp with time zone` with `(3)` behind its first word.
#[must_use]
pub fn with_arguments(base: &str, length: Option<&str>, precision: Option<i64>, scale: Option<i64>) -> String {
    if base.contains('(') {
        return base.to_owned();
    }
    let arguments = match (length, precision, scale) {
        (Some(length), ..) => format!("({length})"),
        (None, Some(precision), Some(scale)) => format!("({precision},{scale})"),
        (None, Some(precision), None) => format!("({precision})"),
        (None, None, _) => return base.to_owned(),
    };
    match base.split_once(' ') {
        Some((first @ ("timestamp" | "time"), rest)) => format!("{first}{arguments} {rest}"),
        _ => format!("{base}{arguments}"),
    }
}

/// PostgreSQL's type of a generated key.
#[must_use]
pub fn sql_type_of_key(said: &Said) -> String {
    base_type(Dialect::Postgres, said)
}
