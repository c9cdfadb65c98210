//! Columns of a table builder: types and what is chained to them.

use crate::base::Name;
use crate::base::code::Expr;
use crate::facts::database::{Column, Dialect, EnumType, ForeignKey, Generated, ObjectName};
use crate::facts::program::{Program, Site};
use crate::frameworks::script::literals::{enum_values, literal};
use crate::frameworks::script::tables::inline::inline;
use crate::frameworks::script::tables::options::Options;
use crate::frameworks::script::tables::sql;
use crate::frameworks::script::tables::steps::{Chain, Link};

/// Methods that begin a column.
const BUILDERS: &[&str] = &[
    "increments",
    "bigincrements",
    "bigIncrements",
    "smallIncrements",
    "tinyint",
    "smallint",
    "int",
    "integer",
    "mediumint",
    "bigint",
    "bigInteger",
    "text",
    "string",
    "float",
    "double",
    "decimal",
    "boolean",
    "bool",
    "date",
    "datetime",
    "dateTime",
    "time",
    "timestamp",
    "binary",
    "enu",
    "enum",
    "json",
    "jsonb",
    "uuid",
    "geometry",
    "geography",
    "point",
    "specificType",
];

/// Whether a method begins a column.
#[must_use]
pub fn is_builder(name: &str) -> bool {
    BUILDERS.contains(&name)
}

/// A column with what is said beside it.
pub struct MadeColumn {
    /// The column.
    pub column: Column,
    /// A type that is made for it.
    pub ty: Option<EnumType>,
    /// Whether it is the primary key.
    pub is_primary: bool,
    /// Unique by its raw type.
    pub is_unique: bool,
    /// Allowed values, as a condition.
    pub check: Option<Name>,
    /// A key in its raw type.
    pub references: Option<ForeignKey>,
}

/// Reads columns.
pub struct Builder<'t, 'p> {
    /// The program.
    pub program: &'p dyn Program,
    /// What types are spelled for.
    pub dialect: Dialect,
    /// The table.
    pub table: &'t ObjectName,
}

impl<'p> Builder<'_, 'p> {
    /// The column a chain tells.
    #[must_use]
    pub fn column(&self, chain: &Chain<'p>, first: &Link<'p>) -> Option<MadeColumn> {
        let site = chain.site_of(first);
        let is_key = first.name.to_lowercase().ends_with("increments");
        let name = match first.arg(0) {
            Some(arg) if self.program.entries(&site, arg).is_none() => self.program.text(&site, arg).plain()?,
            _ if is_key => "id".to_owned(),
            _ => return None,
        };
        let mut made = MadeColumn {
            column: Column { name: name.into(), nullable: true, ..Column::default() },
            ty: None,
            is_primary: false,
            is_unique: false,
            check: None,
            references: None,
        };
        if is_key {
            self.key(chain, first, &mut made);
        } else if first.name == "specificType" {
            self.specific(&site, first, &mut made);
        } else if matches!(first.name.as_str(), "enu" | "enum") {
            self.enumerated(&site, first, &mut made);
        } else {
            made.column.ty = self.ty(&site, first).into();
            made.is_primary = first.name == "uuid" && self.options(&site, first, 1).flag(self.program, "primaryKey") == Some(true);
        }
        for link in &chain.links[1..] {
            self.apply(chain, link, &mut made);
        }
        made.column.nullable &= !made.is_primary;
        Some(made)
    }

    fn options(&self, site: &Site, link: &Link<'p>, position: usize) -> Options<'p> {
        link.arg(position).map(|arg| Options::of(self.program, site, arg)).unwrap_or_default()
    }

    fn key(&self, chain: &Chain<'p>, first: &Link<'p>, made: &mut MadeColumn) {
        let is_big = first.name.to_lowercase().starts_with("big");
        made.column.nullable = false;
        made.column.ty = match (self.dialect, is_big) {
            (Dialect::Postgres, true) => "bigserial",
            (Dialect::Postgres, false) => "serial",
            (Dialect::MySql, true) => "bigint unsigned",
            (Dialect::MySql, false) => "int unsigned",
            (_, _) => "integer",
        }
        .into();
        if self.dialect != Dialect::Postgres {
            made.column.generated = Some(Generated::AutoIncrement);
        }
        let site = chain.site_of(first);
        let given = [0, 1].map(|position| self.options(&site, first, position).flag(self.program, "primaryKey"));
        made.is_primary = !given.contains(&Some(false));
    }

    /// `specificType("id", "integer PRIMARY KEY GENERATED ALWAYS AS IDENTITY")`.
    fn specific(&self, site: &Site, first: &Link<'p>, made: &mut MadeColumn) {
        let text = first.arg(1).and_then(|arg| self.raw(site, arg)).unwrap_or_default();
        let said = inline(&text);
        said.apply(&mut made.column);
        made.is_primary = said.is_primary;
        made.is_unique = said.is_unique;
        made.check = said.check;
        made.references = said.references;
    }

    fn raw(&self, site: &Site, expr: &'p Expr) -> Option<String> {
        sql::told(self.program, site, expr, &|_, _| None)
    }

    fn enumerated(&self, site: &Site, first: &Link<'p>, made: &mut MadeColumn) {
        let labels: Vec<Name> = first.arg(1).map(|arg| labels(self.program, site, arg)).unwrap_or_default();
        let options = self.options(site, first, 2);
        let is_native = options.flag(self.program, "useNative") == Some(true);
        let listed: Vec<String> = labels.iter().map(|label| sql::quoted(label)).collect();
        match (self.dialect, is_native) {
            (Dialect::Postgres, true) => {
                let schema = options.text(self.program, "schemaName").unwrap_or_default();
                let name = options.text(self.program, "enumName").unwrap_or_else(|| format!("{}_{}", self.table.name, made.column.name));
                let name = ObjectName::in_schema(schema, name);
                made.column.ty = match &name.schema {
                    Some(schema) => format!("{}.{}", sql::ident(schema), sql::ident(&name.name)).into(),
                    None => sql::ident(&name.name).into(),
                };
                let exists = options.flag(self.program, "existingType") == Some(true);
                made.ty = (!exists).then_some(EnumType { name, labels });
            }
            (Dialect::MySql, _) => made.column.ty = format!("enum({})", listed.join(",")).into(),
            _ => {
                made.column.ty = "text".into();
                made.check = (!listed.is_empty()).then(|| format!("{} IN ({})", sql::ident(&made.column.name), listed.join(", ")).into());
            }
        }
    }

    /// The SQL type of a builder.
    fn ty(&self, site: &Site, first: &Link<'p>) -> String {
        let number =
            |position: usize| first.arg(position).and_then(|arg| literal(self.program, site, arg)).and_then(|value| value.as_i64());
        let decimal = || match (first.arg(1), number(1), number(2)) {
            (Some(Expr::Null), ..) => "numeric".to_owned(),
            (_, precision, scale) => format!("numeric({},{})", precision.unwrap_or(8), scale.unwrap_or(2)),
        };
        let length = || number(1).unwrap_or(255);
        match self.dialect {
            Dialect::Postgres => match first.name.as_str() {
                "tinyint" | "smallint" => "smallint".to_owned(),
                "int" | "integer" | "mediumint" => "integer".to_owned(),
                "bigint" | "bigInteger" => "bigint".to_owned(),
                "string" => format!("character varying({})", length()),
                "float" => "real".to_owned(),
                "double" => "double precision".to_owned(),
                "decimal" => decimal(),
                "boolean" | "bool" => "boolean".to_owned(),
                "date" => "date".to_owned(),
                "datetime" | "dateTime" | "timestamp" => self.timestamp(site, first),
                "time" => "time without time zone".to_owned(),
                "binary" => "bytea".to_owned(),
                other => other.to_owned(),
            },
            Dialect::MySql => match first.name.as_str() {
                "string" => format!("varchar({})", length()),
                "integer" => "int".to_owned(),
                "bigInteger" => "bigint".to_owned(),
                "float" => "float(8, 2)".to_owned(),
                "decimal" => decimal().replace("numeric", "decimal"),
                "bool" => "boolean".to_owned(),
                "dateTime" => "datetime".to_owned(),
                "binary" => number(1).map_or_else(|| "blob".to_owned(), |length| format!("varbinary({length})")),
                "uuid" => "char(36)".to_owned(),
                "jsonb" => "json".to_owned(),
                "text" => match first.arg(1).and_then(|arg| self.program.text(site, arg).plain()).as_deref() {
                    Some(kind @ ("mediumtext" | "longtext")) => kind.to_owned(),
                    _ => "text".to_owned(),
                },
                other => other.to_owned(),
            },
            _ => match first.name.as_str() {
                "string" => format!("varchar({})", length()),
                "timestamp" | "dateTime" | "datetime" => "datetime".to_owned(),
                "bigInteger" => "bigint".to_owned(),
                "bool" => "boolean".to_owned(),
                "decimal" | "double" | "float" => "float".to_owned(),
                "binary" => "blob".to_owned(),
                "uuid" => "char(36)".to_owned(),
                "jsonb" => "json".to_owned(),
                other => other.to_owned(),
            },
        }
    }

    /// `timestamp("at", { useTz: false, precision: 3 })`, `timestamp("at", true)`.
    fn timestamp(&self, site: &Site, first: &Link<'p>) -> String {
        let options = self.options(site, first, 1);
        let is_plain = first.arg(1).is_some_and(|arg| *arg == Expr::Bool(true)) || options.flag(self.program, "useTz") == Some(false);
        let precision = options.number(self.program, "precision").map(|precision| format!("({precision})")).unwrap_or_default();
        format!("timestamp{precision} {} time zone", if is_plain { "without" } else { "with" })
    }

    fn apply(&self, chain: &Chain<'p>, link: &Link<'p>, made: &mut MadeColumn) {
        let site = chain.site_of(link);
        match link.name.as_str() {
            "notNullable" | "notNull" => made.column.nullable = false,
            "nullable" => made.column.nullable = link.arg(0).is_none_or(|arg| *arg != Expr::Bool(false)),
            "primary" => made.is_primary = true,
            "unsigned" if self.dialect == Dialect::MySql && !made.column.ty.ends_with("unsigned") => {
                made.column.ty = format!("{} unsigned", made.column.ty).into();
            }
            "defaultTo" | "default" => made.column.default = link.arg(0).and_then(|arg| self.default(&site, arg)),
            "comment" => made.column.doc = link.arg(0).and_then(|arg| self.program.text(&site, arg).plain()).map(Name::from),
            "collate" => made.column.collation = link.arg(0).and_then(|arg| self.program.text(&site, arg).plain()).map(Name::from),
            "checkPositive" => made.check = Some(format!("{} > 0", sql::ident(&made.column.name)).into()),
            "checkNegative" => made.check = Some(format!("{} < 0", sql::ident(&made.column.name)).into()),
            "checkIn" => {
                let labels: Vec<Name> = link.arg(0).map(|arg| labels(self.program, &site, arg)).unwrap_or_default();
                let listed: Vec<String> = labels.iter().map(|label| sql::quoted(label)).collect();
                made.check = (!listed.is_empty()).then(|| format!("{} IN ({})", sql::ident(&made.column.name), listed.join(", ")).into());
            }
            _ => {}
        }
    }

    /// A default: a literal, `knex.fn.now()`, `knex.raw("…")`.
    fn default(&self, site: &Site, arg: &'p Expr) -> Option<Name> {
        if let Some(value) = literal(self.program, site, arg) {
            return sql::value_sql(&value).map(Name::from);
        }
        if let crate::facts::program::Meaning::Value(Expr::Call(id), at) = self.program.resolve(site, arg) {
            let call = self.program.file(at.file).outline.call(*id);
            let first = call.positional(0).and_then(|arg| self.program.text(&at, arg).plain());
            match call.callee.last_name().map(Name::as_str) {
                Some("now") => {
                    return Some(
                        first.map_or_else(|| "CURRENT_TIMESTAMP".into(), |precision| format!("CURRENT_TIMESTAMP({precision})").into()),
                    );
                }
                Some("uuid") => return Some("gen_random_uuid()".into()),
                Some("stringify") => {
                    let value = literal(self.program, &at, call.positional(0)?)?;
                    return Some(sql::quoted(&value.to_string()).into());
                }
                _ => {}
            }
        }
        let raw = match self.program.resolve(site, arg) {
            crate::facts::program::Meaning::Value(value, at) => self.raw(&at, value),
            _ => self.raw(site, arg),
        };
        raw.filter(|text| !text.eq_ignore_ascii_case("null")).map(Name::from)
    }

    /// The columns of `timestamps()`.
    #[must_use]
    pub fn timestamps(&self, chain: &Chain<'p>, link: &Link<'p>) -> Vec<Column> {
        let site = chain.site_of(link);
        let options = self.options(&site, link, 0);
        let said = |position: usize, key: &str| {
            let given = link.arg(position).is_some_and(|arg| *arg == Expr::Bool(true));
            given || options.flag(self.program, key) == Some(true)
        };
        let (has_default, is_camel) = (said(1, "defaultToNow"), said(2, "useCamelCase"));
        let names = if is_camel { ["createdAt", "updatedAt"] } else { ["created_at", "updated_at"] };
        let ty = match self.dialect {
            Dialect::Postgres => "timestamp with time zone",
            Dialect::MySql if said(0, "useTimestamps") => "timestamp",
            _ => "datetime",
        };
        let default = has_default.then(|| Name::from("CURRENT_TIMESTAMP"));
        names
            .map(|name| Column { name: name.into(), ty: ty.into(), nullable: !has_default, default: default.clone(), ..Column::default() })
            .into()
    }
}

/// The values a list or an enumeration has.
fn labels(program: &dyn Program, site: &Site, expr: &Expr) -> Vec<Name> {
    let listed = match expr {
        Expr::Call(id) => {
            let call = program.file(site.file).outline.call(*id);
            call.callee.dotted().filter(|name| name == "Object.values").and_then(|_| call.positional(0))
        }
        _ => None,
    };
    let values = enum_values(program, site, listed.unwrap_or(expr));
    values.iter().map(|value| value.as_str().map_or_else(|| value.to_string(), str::to_owned).into()).collect()
}
