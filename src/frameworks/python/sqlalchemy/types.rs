//! Column types as PostgreSQL prints them: `String(50)` is `character varying(50)`.
//!
//! Read from what SQLAlchemy 2.1 itself compiles for PostgreSQL. Types that the program declares are in [`super::custom`].

use super::words::word;
use super::{custom, enums};
use crate::base::code::{Call, Expr};
use crate::facts::database::EnumType;
use crate::facts::program::{CallRef, Meaning, Program, Site};
use crate::frameworks::python::literals::{literal, truth};

const MAX_DEPTH: u32 = 12;

/// A column's type, and the types of the database it needs.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct SqlType {
    /// As SQL.
    pub text: String,
    /// Enumerated types it names.
    pub enums: Vec<EnumType>,
}

impl SqlType {
    /// A type that needs no other.
    #[must_use]
    pub fn of(text: impl Into<String>) -> Self {
        Self { text: text.into(), enums: Vec::new() }
    }

    /// Whether a single primary key of this type counts by itself.
    #[must_use]
    pub fn is_integer(&self) -> bool {
        matches!(self.text.as_str(), "integer" | "bigint" | "smallint")
    }
}

/// The type that an expression says: `String`, `sa.String(50)`, `JSON().with_variant(JSONB, "postgresql")`, a type of the program.
#[must_use]
pub fn sql_type(program: &dyn Program, site: &Site, expr: &Expr) -> Option<SqlType> {
    type_at(program, site, expr, 0)
}

/// As [`sql_type`], for types within types.
pub(super) fn type_at(program: &dyn Program, site: &Site, expr: &Expr, depth: u32) -> Option<SqlType> {
    if depth > MAX_DEPTH {
        return None;
    }
    if let Expr::Cond(cond) = expr {
        return type_at(program, site, &cond.yes, depth + 1).or_else(|| type_at(program, site, &cond.no, depth + 1));
    }
    let meaning = program.produce(site, expr);
    of_meaning(program, &meaning, depth).or_else(|| {
        let others = || program.produce_all(site, expr);
        matches!(meaning, Meaning::Unknown | Meaning::Value(Expr::Cond(_), _))
            .then(|| others().iter().find_map(|meaning| of_meaning(program, meaning, depth + 1)))?
    })
}

fn of_meaning(program: &dyn Program, meaning: &Meaning, depth: u32) -> Option<SqlType> {
    match meaning {
        Meaning::Class(class) => custom::of_class(program, *class, None, depth),
        Meaning::Value(Expr::Call(id), at) => of_call(program, CallRef { file: at.file, id: *id }, at, depth),
        Meaning::Value(Expr::Cond(cond), at) => {
            type_at(program, at, &cond.yes, depth + 1).or_else(|| type_at(program, at, &cond.no, depth + 1))
        }
        other => of_word(program, &word(program, other)?, None, depth),
    }
}

fn of_call(program: &dyn Program, call_ref: CallRef, site: &Site, depth: u32) -> Option<SqlType> {
    let call = program.file(call_ref.file).outline.call(call_ref.id);
    let at = site.moved(call_ref.file, call.scope, call.at.offset);
    if let Some((receiver, name)) = call.method() {
        match name.as_str() {
            "with_variant" => {
                let is_ours = call.args.iter().skip(1).any(|arg| {
                    let name = program.text(&at, &arg.value).plain();
                    name.is_some_and(|name| name.starts_with("postgres"))
                });
                let chosen = if is_ours { call.positional(0)? } else { receiver };
                return type_at(program, &at, chosen, depth + 1);
            }
            // `MutableDict.as_mutable(JSONB)`, `dialect.type_descriptor(UUID())`.
            "as_mutable" | "type_descriptor" => return type_at(program, &at, call.positional(0)?, depth + 1),
            "as_generic" | "copy" => return type_at(program, &at, receiver, depth + 1),
            _ => {}
        }
    }
    match program.resolve(&at, &call.callee) {
        Meaning::Class(class) => custom::of_class(program, class, Some((call, &at)), depth),
        callee => {
            let word = word(program, &callee)?;
            if word == "mutable_json_type" {
                return type_at(program, &at, call.arg(0, "dbtype")?, depth + 1);
            }
            of_word(program, &word, Some((call, &at)), depth)
        }
    }
}

/// A type of the library with the arguments it is made with.
pub(super) fn of_word(program: &dyn Program, word: &str, made: Option<(&Call, &Site)>, depth: u32) -> Option<SqlType> {
    let made = Made { program, made };
    let (library, name) = word.split_once('.').unwrap_or(("", word));
    // `sa.GUID = GUID` of advanced-alchemy's revisions puts its types among SQLAlchemy's own.
    let library = if library.is_empty() && is_advanced(name) { "advanced" } else { library };
    if let Some(ty) = of_other_library(library, name, &made) {
        return Some(ty);
    }
    let text = match name {
        "Enum" | "ENUM" => return made.made.map(|(call, at)| enums::of_call(program, call, at)),
        "ARRAY" | "array" => {
            let (call, at) = made.made?;
            let mut item = type_at(program, at, call.arg(0, "item_type")?, depth + 1)?;
            item.text.push_str("[]");
            return Some(item);
        }
        "MutableDict" | "MutableList" | "DOMAIN" => return None,
        "String" | "Unicode" | "VARCHAR" | "NVARCHAR" | "AutoString" | "VARCHAR2" => made.sized("character varying", "length"),
        "CHAR" | "NCHAR" => made.sized("character", "length"),
        "Numeric" | "NUMERIC" | "DECIMAL" => made.numeric(),
        "Float" | "FLOAT" => made.float(),
        "DateTime" | "TIMESTAMP" | "DATETIME" | "DATETIME2" => made.zoned("timestamp"),
        "DATETIMEOFFSET" | "UtcDateTime" | "TIMESTAMPAware" => "timestamp with time zone".to_owned(),
        "Time" | "TIME" => made.zoned("time"),
        "Uuid" if made.truth("native_uuid") == Some(false) => "character(32)".to_owned(),
        "BIT" => made.bits(),
        "TINYINT" if made.number(0, "display_width") == Some(1) => "boolean".to_owned(),
        "HALFVEC" | "VECTOR" => made.sized(&name.to_lowercase(), "dim"),
        _ => plain(name)?.to_owned(),
    };
    Some(SqlType::of(text))
}

/// Types without arguments that matter.
fn plain(name: &str) -> Option<&'static str> {
    Some(match name {
        "Text" | "UnicodeText" | "TEXT" | "CLOB" | "LONGTEXT" | "MEDIUMTEXT" | "TINYTEXT" | "NTEXT" | "NCLOB" => "text",
        "Integer" | "INTEGER" | "INT" | "MEDIUMINT" => "integer",
        "BigInteger" | "BIGINT" => "bigint",
        "SmallInteger" | "SMALLINT" | "TINYINT" | "YEAR" => "smallint",
        "Double" | "DOUBLE" | "DOUBLE_PRECISION" => "double precision",
        "REAL" => "real",
        "MONEY" => "money",
        "Boolean" | "BOOLEAN" => "boolean",
        "Date" | "DATE" => "date",
        "Interval" | "INTERVAL" => "interval",
        "LargeBinary" | "BYTEA" | "BLOB" | "BINARY" | "VARBINARY" | "PickleType" | "LONGBLOB" | "MEDIUMBLOB" | "TINYBLOB" | "IMAGE"
        | "Binary" => "bytea",
        "JSON" => "json",
        "JSONB" => "jsonb",
        "UUID" | "Uuid" | "UNIQUEIDENTIFIER" => "uuid",
        "INET" => "inet",
        "CIDR" => "cidr",
        "MACADDR" => "macaddr",
        "MACADDR8" => "macaddr8",
        "TSVECTOR" => "tsvector",
        "TSQUERY" => "tsquery",
        "HSTORE" => "hstore",
        "OID" => "oid",
        "REGCLASS" => "regclass",
        "REGCONFIG" => "regconfig",
        "CITEXT" | "CIText" => "citext",
        "XML" => "xml",
        "JSONPATH" => "jsonpath",
        "INT4RANGE" => "int4range",
        "INT8RANGE" => "int8range",
        "NUMRANGE" => "numrange",
        "DATERANGE" => "daterange",
        "TSRANGE" => "tsrange",
        "TSTZRANGE" => "tstzrange",
        "INT4MULTIRANGE" => "int4multirange",
        "INT8MULTIRANGE" => "int8multirange",
        "NUMMULTIRANGE" => "nummultirange",
        "DATEMULTIRANGE" => "datemultirange",
        "TSMULTIRANGE" => "tsmultirange",
        "TSTZMULTIRANGE" => "tstzmultirange",
        _ => return None,
    })
}

fn is_advanced(name: &str) -> bool {
    matches!(
        name,
        "GUID"
            | "DateTimeUTC"
            | "JsonB"
            | "ORA_JSONB"
            | "StoredObject"
            | "FileObject"
            | "BigIntIdentity"
            | "EncryptedString"
            | "EncryptedText"
            | "PasswordHash"
    )
}

/// Types of sqlalchemy-utils, GeoAlchemy, pgvector, advanced-alchemy and fastapi-users.
fn of_other_library(library: &str, name: &str, made: &Made) -> Option<SqlType> {
    let text: String = match (library, name) {
        ("utils", "UUIDType") | ("advanced" | "users", "GUID") => "uuid".to_owned(),
        ("utils", "EmailType") => "character varying(255)".to_owned(),
        ("utils", "URLType" | "ScalarListType" | "IPAddressType" | "ColorType" | "TimezoneType" | "LocaleType" | "WeekDaysType") => {
            match name {
                "IPAddressType" | "TimezoneType" => "character varying(50)",
                "ColorType" => "character varying(20)",
                "LocaleType" => "character varying(10)",
                "WeekDaysType" => "bit varying(7)",
                _ => "text",
            }
            .to_owned()
        }
        ("utils", "PhoneNumberType") => "character varying(20)".to_owned(),
        ("utils", "CountryType") => "character varying(2)".to_owned(),
        ("utils", "CurrencyType") => "character varying(3)".to_owned(),
        ("utils", "ChoiceType") => match made.inner("impl", 1) {
            Some(inner) => return Some(inner),
            None => "character varying(255)".to_owned(),
        },
        ("utils", "JSONType") => "json".to_owned(),
        ("utils", "ArrowType" | "EnrichedDateTimeType") => "timestamp without time zone".to_owned(),
        ("utils", "TSVectorType") => "tsvector".to_owned(),
        ("utils", "LtreeType") => "ltree".to_owned(),
        ("utils", "StringEncryptedType") => return made.inner("", 0).or_else(|| Some(SqlType::of("character varying"))),
        ("utils", "EncryptedType" | "PasswordType") => "bytea".to_owned(),
        ("geo", "Geometry" | "Geography" | "Raster") => made.geometry(&name.to_lowercase()),
        ("pgvector", "Vector" | "VECTOR" | "HALFVEC" | "SPARSEVEC" | "HalfVector") => {
            let base = if name.eq_ignore_ascii_case("vector") { "vector".to_owned() } else { name.to_lowercase() };
            made.sized(&base, "dim")
        }
        ("advanced", "DateTimeUTC") => "timestamp with time zone".to_owned(),
        ("advanced", "JsonB" | "ORA_JSONB" | "StoredObject" | "FileObject") => "jsonb".to_owned(),
        ("advanced", "BigIntIdentity") => "bigint".to_owned(),
        ("advanced", "EncryptedString" | "PasswordHash") => "character varying".to_owned(),
        ("advanced", "EncryptedText") => "text".to_owned(),
        ("json", "MutableJson" | "NestedMutableJson") => "json".to_owned(),
        _ => return None,
    };
    Some(SqlType::of(text))
}

/// The arguments a type is made with; none for the bare class.
struct Made<'a> {
    program: &'a dyn Program,
    made: Option<(&'a Call, &'a Site)>,
}

impl Made<'_> {
    fn number(&self, position: usize, keyword: &str) -> Option<i64> {
        let (call, at) = self.made?;
        let expr = call.arg(position, keyword)?;
        let value = literal(self.program, at, expr)?;
        value.as_i64()
    }

    fn truth(&self, keyword: &str) -> Option<bool> {
        let (call, at) = self.made?;
        truth(self.program, at, call.keyword(keyword))
    }

    fn inner(&self, keyword: &str, position: usize) -> Option<SqlType> {
        let (call, at) = self.made?;
        type_at(self.program, at, call.arg(position, keyword)?, MAX_DEPTH - 2)
    }

    fn sized(&self, base: &str, keyword: &str) -> String {
        self.number(0, keyword).map_or_else(|| base.to_owned(), |length| format!("{base}({length})"))
    }

    fn numeric(&self) -> String {
        match (self.number(0, "precision"), self.number(1, "scale")) {
            (Some(precision), Some(scale)) => format!("numeric({precision},{scale})"),
            (Some(precision), None) => format!("numeric({precision},0)"),
            _ => "numeric".to_owned(),
        }
    }

    fn float(&self) -> String {
        let is_single = self.number(0, "precision").is_some_and(|precision| precision <= 24);
        if is_single { "real".to_owned() } else { "double precision".to_owned() }
    }

    fn zoned(&self, base: &str) -> String {
        let zone = self.truth("timezone").or_else(|| {
            let (call, at) = self.made?;
            truth(self.program, at, call.positional(0))
        });
        let precision = self.number(usize::MAX - 1, "precision").map_or_else(String::new, |precision| format!("({precision})"));
        let zone = if zone == Some(true) { "with" } else { "without" };
        format!("{base}{precision} {zone} time zone")
    }

    fn bits(&self) -> String {
        let base = if self.truth("varying") == Some(true) { "bit varying" } else { "bit" };
        self.sized(base, "length")
    }

    /// `Geometry("POINT", srid=4326)`.
    fn geometry(&self, base: &str) -> String {
        let Some((call, at)) = self.made else { return format!("{base}(GEOMETRY,-1)") };
        let kind = call.arg(0, "geometry_type").and_then(|expr| self.program.text(at, expr).plain());
        let srid = self.number(1, "srid").unwrap_or(-1);
        format!("{base}({},{srid})", kind.unwrap_or_else(|| "GEOMETRY".to_owned()))
    }
}
