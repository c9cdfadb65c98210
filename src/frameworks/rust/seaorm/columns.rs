//! Columns: `ColumnDef::new(Post::Id).integer().not_null()` and the helpers of `sea_orm_migration::schema` (`string_len_null`).

use super::names::{iden, labels, text};
use crate::base::Name;
use crate::base::code::{Call, Expr};
use crate::facts::database::{Check, Column, EnumType, Generated, Key, ObjectName};
use crate::facts::program::{Program, Site};
use crate::frameworks::script::tables::steps::{Chain, Link};

/// A column and what is said of the table with it.
#[derive(Default)]
pub struct Made {
    /// The column.
    pub column: Column,
    /// The primary key, when it is one.
    pub primary: bool,
    /// A unique constraint.
    pub unique: Option<Key>,
    /// Checks.
    pub checks: Vec<Check>,
    /// An enumerated type that it uses, when its labels are told there.
    pub enumeration: Option<EnumType>,
    /// Whether a type was said.
    pub has_type: bool,
    /// Whether NULL was spoken of.
    pub says_null: bool,
}

/// PostgreSQL's type for a method of `ColumnDef`, a helper or a `ColumnType`, in snake case.
#[must_use]
pub fn type_of(name: &str, program: &dyn Program, site: &Site, call: Option<&Call>, skip: usize) -> Option<Name> {
    let number = |at: usize| call.and_then(|call| call.positional(at + skip)).and_then(|expr| number_of(program, site, expr));
    let sized = |base: &str, size: Option<i64>| size.map_or_else(|| Name::from(base), |size| format!("{base}({size})").into());
    Some(match name {
        "char" => "character(1)".into(),
        "char_len" => sized("character", number(0)),
        "string" => sized("character varying", number(0)),
        "string_len" => sized("character varying", number(0)),
        "text" => "text".into(),
        "tiny_integer" | "tiny_unsigned" | "small_integer" | "small_unsigned" => "smallint".into(),
        "integer" | "unsigned" => "integer".into(),
        "big_integer" | "big_unsigned" => "bigint".into(),
        "float" => "real".into(),
        "double" => "double precision".into(),
        "decimal" => "numeric".into(),
        "decimal_len" => match (number(0), number(1)) {
            (Some(precision), Some(scale)) => format!("numeric({precision},{scale})").into(),
            _ => "numeric".into(),
        },
        "date_time" | "timestamp" => "timestamp without time zone".into(),
        "timestamp_with_time_zone" => "timestamp with time zone".into(),
        "time" => "time without time zone".into(),
        "date" => "date".into(),
        "year" => "smallint".into(),
        "interval" => "interval".into(),
        "binary" | "binary_len" | "var_binary" | "blob" => "bytea".into(),
        "bit" => "bit".into(),
        "varbit" => sized("bit varying", number(0)),
        "boolean" => "boolean".into(),
        "money" => "money".into(),
        "json" => "json".into(),
        "json_binary" => "jsonb".into(),
        "uuid" => "uuid".into(),
        "cidr" => "cidr".into(),
        "inet" => "inet".into(),
        "mac_address" | "mac_addr" => "macaddr".into(),
        "ltree" => "ltree".into(),
        "vector" => sized("vector", number(0)),
        "custom" => iden(program, site, call?.positional(skip)?)?,
        "enumeration" => iden(program, site, call?.positional(skip)?)?,
        "array" => {
            let element = column_type(program, site, call?.positional(skip)?)?;
            format!("{element}[]").into()
        }
        _ => return None,
    })
}

fn number_of(program: &dyn Program, site: &Site, expr: &Expr) -> Option<i64> {
    match expr {
        Expr::Int(number) => Some(*number),
        Expr::Call(id) => number_of(program, site, program.file(site.file).outline.call(*id).positional(0)?),
        Expr::Ref(_) | Expr::Member(..) => match program.resolve(site, expr).value()? {
            (Expr::Int(number), _) => Some(*number),
            _ => None,
        },
        _ => None,
    }
}

/// `ColumnType::Text`, `ColumnType::String(StringLen::N(20))`, `ColumnType::Array(RcOrArc::new(…))`.
#[must_use]
pub fn column_type(program: &dyn Program, site: &Site, expr: &Expr) -> Option<Name> {
    match expr {
        Expr::Member(_, name) => type_of(&crate::base::case::snake(name), program, site, None, 0),
        Expr::Call(id) => {
            let call = program.file(site.file).outline.call(*id);
            let name = call.callee.last_name()?;
            if name == "new" {
                return column_type(program, site, call.positional(0)?);
            }
            if name == "Enum" {
                let field = call.keyword("name")?;
                return iden(program, site, field);
            }
            type_of(&crate::base::case::snake(name), program, site, Some(call), 0)
        }
        _ => None,
    }
}

/// A column from `ColumnDef::new(…)…` or a helper.
#[must_use]
pub fn column(program: &dyn Program, chain: &Chain<'_>) -> Option<Made> {
    let first = chain.first();
    let site = chain.site_of(first);
    let mut made = Made::default();
    let is_definition = chain.receiver.and_then(Expr::last_name).is_some_and(|root| root == "ColumnDef")
        && matches!(first.name.as_str(), "new" | "new_with_type");
    made.column.name = iden(program, &site, first.arg(0)?)?;
    if is_definition {
        made.column.nullable = true;
        if first.name == "new_with_type" {
            made.column.ty = column_type(program, &site, first.arg(1)?)?;
            made.has_type = true;
        }
    } else {
        helper(program, &site, first, &mut made)?;
    }
    for link in chain.links.iter().skip(1) {
        modify(program, &chain.site_of(link), link, &mut made);
    }
    Some(made)
}

/// `pk_auto(Post::Id)`, `string_len_null(Post::Title, 20)`: NOT NULL unless the name says otherwise.
fn helper(program: &dyn Program, site: &Site, link: &Link<'_>, made: &mut Made) -> Option<()> {
    let name = link.name.as_str();
    made.has_type = true;
    made.says_null = true;
    match name {
        "pk_auto" | "big_pk_auto" | "big_integer_pk_auto" => {
            made.column.ty = if name == "pk_auto" { "serial".into() } else { "bigserial".into() };
            made.primary = true;
            return Some(());
        }
        "pk_uuid" => {
            made.column.ty = "uuid".into();
            made.primary = true;
            return Some(());
        }
        _ => {}
    }
    let (base, is_null, is_unique) = match (name.strip_suffix("_null"), name.strip_suffix("_uniq")) {
        (Some(base), _) => (base, true, false),
        (_, Some(base)) => (base, false, true),
        _ => (name, false, false),
    };
    made.column.nullable = is_null;
    made.column.ty = type_of(base, program, site, Some(link.call), 1)?;
    if base == "enumeration" {
        made.enumeration = enumeration(program, site, link.arg(1), link.arg(2));
    }
    if is_unique {
        made.unique = Some(Key::of([made.column.name.clone()]));
    }
    Some(())
}

fn enumeration(program: &dyn Program, site: &Site, name: Option<&Expr>, values: Option<&Expr>) -> Option<EnumType> {
    let labels = labels(program, site, values?)?;
    Some(EnumType { name: ObjectName::new(iden(program, site, name?)?), labels })
}

fn modify(program: &dyn Program, site: &Site, link: &Link<'_>, made: &mut Made) {
    match link.name.as_str() {
        "not_null" => {
            made.column.nullable = false;
            made.says_null = true;
        }
        "null" => {
            made.column.nullable = true;
            made.says_null = true;
        }
        "primary_key" => {
            made.primary = true;
            made.column.nullable = false;
        }
        "unique_key" | "unique" => made.unique = Some(Key::of([made.column.name.clone()])),
        "auto_increment" => {
            made.column.ty = match made.column.ty.as_str() {
                "smallint" => "smallserial".into(),
                "bigint" => "bigserial".into(),
                "" | "integer" => "serial".into(),
                _ => return,
            }
        }
        "default" => made.column.default = link.arg(0).and_then(|expr| value(program, site, expr)),
        "check" => {
            if let Some(condition) = link.arg(0).and_then(|expr| custom(program, site, expr)) {
                made.checks.push(Check { condition, ..Check::default() });
            }
        }
        "generated" => {
            let text = link.arg(0).and_then(|expr| custom(program, site, expr)).unwrap_or_default();
            made.column.generated = Some(Generated::Stored(text));
        }
        "comment" => made.column.doc = link.arg(0).and_then(|expr| program.text(site, expr).plain()).map(Name::from),
        "extra" => {
            let said = link.arg(0).and_then(|expr| text(program, site, expr).plain()).unwrap_or_default();
            if let Some((_, default)) = said.split_once("DEFAULT ") {
                made.column.default = Some(default.into());
            }
        }
        name => {
            let skip = 0;
            let Some(ty) = type_of(name, program, site, Some(link.call), skip) else { return };
            let is_auto = matches!(made.column.ty.as_str(), "serial");
            made.column.ty = match (is_auto, ty.as_str()) {
                (true, "bigint") => "bigserial".into(),
                (true, "integer") => "serial".into(),
                _ => ty,
            };
            made.has_type = true;
            if name == "enumeration" {
                made.enumeration = enumeration(program, site, link.arg(0), link.arg(1));
            }
        }
    }
}

/// A default as SQL.
#[must_use]
pub fn value(program: &dyn Program, site: &Site, expr: &Expr) -> Option<Name> {
    match expr {
        Expr::Bool(value) => Some(value.to_string().into()),
        Expr::Int(value) => Some(value.to_string().into()),
        Expr::Float(value) => Some(value.clone()),
        Expr::Str(text) => Some(format!("'{}'", text.replace('\'', "''")).into()),
        Expr::Member(_, name) if name == "CurrentTimestamp" => Some("CURRENT_TIMESTAMP".into()),
        Expr::Member(_, name) if name == "CurrentDate" => Some("CURRENT_DATE".into()),
        Expr::Call(id) => {
            let call = program.file(site.file).outline.call(*id);
            match call.callee.last_name()?.as_str() {
                "current_timestamp" => Some("CURRENT_TIMESTAMP".into()),
                "current_date" => Some("CURRENT_DATE".into()),
                "cust" | "Custom" => text(program, site, call.positional(0)?).plain().map(Name::from),
                "val" | "value" | "Value" | "Keyword" | "from" | "Some" | "into_simple_expr" | "Constant" | "Bool" | "Int" | "BigInt"
                | "String" | "new" => value(program, site, call.positional(0)?),
                "into" | "to_owned" | "to_string" | "clone" => value(program, site, call.method()?.0),
                _ => None,
            }
        }
        Expr::Ref(_) | Expr::Member(..) => match program.resolve(site, expr).value() {
            Some((known, at)) if known != expr && !matches!(known, Expr::Ref(_) | Expr::Member(..)) => value(program, at, known),
            _ => None,
        },
        _ => None,
    }
}

/// `Expr::cust("…")`.
fn custom(program: &dyn Program, site: &Site, expr: &Expr) -> Option<Name> {
    let Expr::Call(id) = expr else { return None };
    let call = program.file(site.file).outline.call(*id);
    let name = call.callee.last_name()?;
    if name == "cust" || name == "Custom" {
        return text(program, site, call.positional(0)?).plain().map(Name::from);
    }
    None
}
