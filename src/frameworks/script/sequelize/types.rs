//! Data types as SQL: `DataTypes.STRING(64)`, `Sequelize.ENUM("a", "b")`, `DataType.DECIMAL(10, 2)`.

use crate::base::Name;
use crate::base::code::{Call, Expr};
use crate::facts::database::{Dialect, EnumType, ObjectName};
use crate::facts::program::{Meaning, Program, Site};
use crate::frameworks::script::literals::{enum_values, literal};
use crate::frameworks::script::tables::sql;

const MAX_DEPTH: u32 = 8;

/// Names of data types.
const NAMES: &[&str] = &[
    "STRING",
    "CHAR",
    "TEXT",
    "NUMBER",
    "TINYINT",
    "SMALLINT",
    "MEDIUMINT",
    "INTEGER",
    "BIGINT",
    "FLOAT",
    "REAL",
    "DOUBLE",
    "DECIMAL",
    "NUMERIC",
    "TIME",
    "DATE",
    "DATEONLY",
    "BOOLEAN",
    "NOW",
    "BLOB",
    "UUID",
    "UUIDV1",
    "UUIDV4",
    "HSTORE",
    "JSON",
    "JSONB",
    "ARRAY",
    "ENUM",
    "RANGE",
    "GEOMETRY",
    "GEOGRAPHY",
    "CIDR",
    "INET",
    "MACADDR",
    "CITEXT",
    "TSVECTOR",
    "VIRTUAL",
];

/// A data type.
#[derive(Clone, Debug, Default)]
pub struct Ty {
    /// As SQL; empty for a virtual one.
    pub sql: String,
    /// The labels of an enumeration.
    pub labels: Vec<Name>,
    /// How often it is an array of itself.
    pub is_array: bool,
    /// `VIRTUAL`: no column.
    pub is_virtual: bool,
}

/// Whether a name is that of a data type.
#[must_use]
pub fn is_type(name: &str) -> bool {
    NAMES.contains(&name)
}

/// The type an expression says.
#[must_use]
pub fn of(program: &dyn Program, dialect: Dialect, site: &Site, expr: &Expr) -> Option<Ty> {
    of_at(program, dialect, site, expr, 0)
}

fn of_at(program: &dyn Program, dialect: Dialect, site: &Site, expr: &Expr, depth: u32) -> Option<Ty> {
    if depth > MAX_DEPTH {
        return None;
    }
    match expr {
        Expr::Str(text) => Some(Ty { sql: text.to_lowercase(), ..Ty::default() }),
        Expr::Ref(name) | Expr::Member(_, name) if is_type(name) => plain(program, dialect, name, None, site, depth),
        // `DataTypes.INTEGER.UNSIGNED`, `DataTypes.STRING.BINARY`.
        Expr::Member(inner, flag) if matches!(flag.as_str(), "UNSIGNED" | "ZEROFILL" | "BINARY") => {
            let mut ty = of_at(program, dialect, site, inner, depth + 1)?;
            match (flag.as_str(), dialect) {
                ("BINARY", Dialect::Postgres) => ty.sql = "bytea".to_owned(),
                ("UNSIGNED", Dialect::MySql) => ty.sql.push_str(" unsigned"),
                _ => {}
            }
            Some(ty)
        }
        Expr::Call(id) => {
            let call = program.file(site.file).outline.call(*id);
            let at = Site { scope: call.scope, offset: call.at.offset, ..site.clone() };
            let name = call.callee.last_name()?;
            if is_type(name) {
                return plain(program, dialect, name, Some(call), &at, depth);
            }
            match program.produce(site, expr) {
                Meaning::Value(value, made) if !std::ptr::eq(value, expr) => of_at(program, dialect, &made, value, depth + 1),
                _ => None,
            }
        }
        Expr::Ref(_) | Expr::Member(..) => match program.resolve(site, expr) {
            Meaning::Value(value, at) if !std::ptr::eq(value, expr) => of_at(program, dialect, &at, value, depth + 1),
            _ => None,
        },
        Expr::Cast(pair) => of_at(program, dialect, site, &pair.0, depth + 1),
        _ => None,
    }
}

fn plain(program: &dyn Program, dialect: Dialect, name: &str, call: Option<&Call>, site: &Site, depth: u32) -> Option<Ty> {
    let arg = |position: usize| call.and_then(|call| call.positional(position));
    match name {
        "VIRTUAL" => return Some(Ty { is_virtual: true, ..Ty::default() }),
        "ENUM" => {
            let labels = call.map(|call| labels_of(program, site, call)).unwrap_or_default();
            return Some(Ty { sql: "enum".to_owned(), labels, ..Ty::default() });
        }
        "ARRAY" => {
            let mut inner = match arg(0) {
                Some(inner) => of_at(program, dialect, site, inner, depth + 1)?,
                None => Ty { sql: "character varying(255)".to_owned(), ..Ty::default() },
            };
            if inner.labels.is_empty() {
                inner.sql.push_str("[]");
            }
            inner.is_array = true;
            return Some(inner);
        }
        _ => {}
    }
    let said = Said { program, site, call };
    let sql = if dialect == Dialect::Postgres { said.postgres(name) } else { said.other(name, dialect) };
    Some(Ty { sql, ..Ty::default() })
}

/// A type's name with what it is given.
struct Said<'s> {
    program: &'s dyn Program,
    site: &'s Site,
    call: Option<&'s Call>,
}

impl Said<'_> {
    fn arg(&self, position: usize) -> Option<&Expr> {
        self.call.and_then(|call| call.positional(position))
    }

    fn number(&self, position: usize) -> Option<i64> {
        literal(self.program, self.site, self.arg(position)?)?.as_i64()
    }

    fn word(&self) -> Option<String> {
        self.program.text(self.site, self.arg(0)?).plain()
    }

    fn sized(&self, base: &str) -> String {
        format!("{base}({})", self.number(0).unwrap_or(255))
    }

    fn decimal(&self, base: &str) -> String {
        match (self.number(0), self.number(1)) {
            (Some(precision), Some(scale)) => format!("{base}({precision},{scale})"),
            (Some(precision), None) => format!("{base}({precision})"),
            _ => base.to_owned(),
        }
    }

    fn postgres(&self, name: &str) -> String {
        match name {
            "STRING" => self.sized("character varying"),
            "CHAR" => self.sized("character"),
            "TINYINT" | "SMALLINT" => "smallint".to_owned(),
            "MEDIUMINT" | "INTEGER" => "integer".to_owned(),
            "FLOAT" | "DOUBLE" => "double precision".to_owned(),
            "DECIMAL" | "NUMERIC" | "NUMBER" => self.decimal("numeric"),
            "TIME" => "time without time zone".to_owned(),
            "DATE" => "timestamp with time zone".to_owned(),
            "DATEONLY" => "date".to_owned(),
            "BLOB" => "bytea".to_owned(),
            "UUIDV1" | "UUIDV4" => "uuid".to_owned(),
            "RANGE" => range(self.arg(0)),
            "GEOMETRY" | "GEOGRAPHY" => match (self.word(), self.number(1)) {
                (Some(kind), Some(srid)) => format!("{}({kind},{srid})", name.to_lowercase()),
                (Some(kind), None) => format!("{}({kind})", name.to_lowercase()),
                _ => name.to_lowercase(),
            },
            other => other.to_lowercase(),
        }
    }

    fn other(&self, name: &str, dialect: Dialect) -> String {
        match name {
            "STRING" => self.sized("varchar"),
            "CHAR" => self.sized("char"),
            "TEXT" => match (self.word().as_deref(), dialect) {
                (Some(size @ ("tiny" | "medium" | "long")), Dialect::MySql) => format!("{size}text"),
                _ => "text".to_owned(),
            },
            "DECIMAL" | "NUMERIC" | "NUMBER" => self.decimal("decimal"),
            "BOOLEAN" => "tinyint(1)".to_owned(),
            "DATE" => self.number(0).map_or_else(|| "datetime".to_owned(), |size| format!("datetime({size})")),
            "DATEONLY" => "date".to_owned(),
            "UUID" | "UUIDV1" | "UUIDV4" => if dialect == Dialect::MySql { "char(36)" } else { "uuid" }.to_owned(),
            "DOUBLE" => "double precision".to_owned(),
            "JSONB" => "json".to_owned(),
            other => other.to_lowercase(),
        }
    }
}

fn range(of: Option<&Expr>) -> String {
    let name = of.and_then(Expr::last_name).map_or("INTEGER", |name| name.as_str());
    match name {
        "BIGINT" => "int8range",
        "DECIMAL" => "numrange",
        "DATE" => "tstzrange",
        "DATEONLY" => "daterange",
        _ => "int4range",
    }
    .to_owned()
}

/// `ENUM("a", "b")`, `ENUM(["a"])`, `ENUM({ values: […] })`, `ENUM(...Object.values(X))`.
fn labels_of(program: &dyn Program, site: &Site, call: &Call) -> Vec<Name> {
    let mut found = Vec::new();
    for arg in &call.args {
        let inner = if let Expr::Spread(inner) = &arg.value { inner } else { &arg.value };
        let values = program.entries(site, inner).and_then(|entries| entries.into_iter().find(|(name, ..)| name == "values"));
        match values {
            Some((_, values, at)) => found.extend(labels(program, &at, values)),
            None => found.extend(labels(program, site, inner)),
        }
    }
    found
}

/// The texts of a list, an enumeration, or one text.
#[must_use]
pub fn labels(program: &dyn Program, site: &Site, expr: &Expr) -> Vec<Name> {
    let listed = match expr {
        Expr::Call(id) => {
            let call = program.file(site.file).outline.call(*id);
            let of_object = call.callee.dotted().is_some_and(|name| name == "Object.values");
            call.positional(0).filter(|_| of_object)
        }
        _ => None,
    };
    let values = enum_values(program, site, listed.unwrap_or(expr));
    if values.is_empty() {
        return program.text(site, expr).plain().map(Name::from).into_iter().collect();
    }
    values.iter().map(|value| value.as_str().map_or_else(|| value.to_string(), str::to_owned).into()).collect()
}

impl Ty {
    /// The type as a column has it: an enumeration gets the name Sequelize gives.
    #[must_use]
    pub fn named(&self, dialect: Dialect, table: &ObjectName, column: &str) -> (String, Option<EnumType>) {
        if self.labels.is_empty() {
            let sql = if self.sql == "enum" { "text" } else { &self.sql };
            return (sql.to_owned(), None);
        }
        let listed: Vec<String> = self.labels.iter().map(|label| sql::quoted(label)).collect();
        match dialect {
            Dialect::Postgres => {
                let name = ObjectName { schema: table.schema.clone(), name: format!("enum_{}_{column}", table.name).into() };
                let spelled = match &name.schema {
                    Some(schema) => format!("{}.{}", sql::ident(schema), sql::ident(&name.name)),
                    None => sql::ident(&name.name),
                };
                let spelled = if self.is_array { format!("{spelled}[]") } else { spelled };
                (spelled, Some(EnumType { name, labels: self.labels.clone() }))
            }
            Dialect::MySql => (format!("enum({})", listed.join(",")), None),
            _ => ("text".to_owned(), None),
        }
    }
}
