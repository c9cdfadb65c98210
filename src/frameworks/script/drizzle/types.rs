//! The SQL types of column builders.

use crate::facts::database::Dialect;
use crate::facts::program::Program;
use crate::frameworks::script::tables::options::Options;

/// The SQL type of a builder.
#[must_use]
pub fn builder_type(program: &dyn Program, dialect: Dialect, builder: &str, options: &Options) -> Option<String> {
    let number = |key: &str| options.number(program, key);
    let sized = |name: &str, key: &str| number(key).map_or_else(|| name.to_owned(), |size| format!("{name}({size})"));
    if dialect == Dialect::Sqlite {
        return Some(match builder {
            "integer" | "int" => "integer".to_owned(),
            "text" => sized("text", "length"),
            "real" | "numeric" | "blob" => builder.to_owned(),
            _ => return None,
        });
    }
    let scaled = |name: &str| match (number("precision"), number("scale")) {
        (Some(precision), Some(scale)) => format!("{name}({precision},{scale})"),
        (Some(precision), None) => format!("{name}({precision})"),
        _ => name.to_owned(),
    };
    if dialect == Dialect::MySql {
        let unsigned = if options.flag(program, "unsigned") == Some(true) { " unsigned" } else { "" };
        return Some(match builder {
            "int" | "bigint" | "smallint" | "mediumint" | "tinyint" => format!("{builder}{unsigned}"),
            "varchar" | "char" | "binary" | "varbinary" => sized(builder, "length"),
            "decimal" | "double" | "float" | "real" => scaled(builder),
            "timestamp" | "datetime" | "time" => sized(builder, "fsp"),
            "text" | "tinytext" | "mediumtext" | "longtext" | "boolean" | "date" | "json" | "serial" | "year" => builder.to_owned(),
            "mysqlEnum" => "enum".to_owned(),
            _ => return None,
        });
    }
    Some(match builder {
        "varchar" => sized("character varying", "length"),
        "char" => sized("character", "length"),
        "numeric" | "decimal" => scaled("numeric"),
        "doublePrecision" => "double precision".to_owned(),
        "timestamp" | "time" => {
            let zone = if options.flag(program, "withTimezone") == Some(true) { "with time zone" } else { "without time zone" };
            format!("{} {zone}", sized(builder, "precision"))
        }
        "interval" => {
            let fields = options.text(program, "fields").map(|fields| format!(" {fields}")).unwrap_or_default();
            sized(&format!("interval{fields}"), "precision")
        }
        "vector" | "halfvec" | "sparsevec" | "bit" => sized(builder, "dimensions"),
        "geometry" => {
            let ty = options.text(program, "type").unwrap_or_else(|| "point".to_owned());
            number("srid").map_or_else(|| format!("geometry({ty})"), |srid| format!("geometry({ty},{srid})"))
        }
        "bigint" | "bigserial" | "boolean" | "bytea" | "cidr" | "date" | "inet" | "integer" | "json" | "jsonb" | "line" | "macaddr"
        | "macaddr8" | "point" | "real" | "serial" | "smallint" | "smallserial" | "text" | "uuid" => builder.to_owned(),
        _ => return None,
    })
}
