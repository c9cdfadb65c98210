//! Properties of an entity as columns.

use super::{Context, LIBRARY};
use crate::base::Name;
use crate::base::code::{Expr, Field, Type};
use crate::facts::database::{Column, Dialect, Generated};
use crate::facts::program::{ClassRef, Meaning, Program, Site};
use crate::frameworks::script::decorators::{Decor, decorators};
use crate::frameworks::script::literals::{enum_values, literal};
use crate::frameworks::script::tables::naming::snake;
use crate::frameworks::script::tables::options::Options;
use crate::frameworks::script::tables::sql;
use crate::frameworks::script::typeorm::relations::{lambda_class, lambda_returns};
use crate::frameworks::script::typeorm::types::{Said, reflected, with_arguments};

const MAX_EMBEDDED: u32 = 4;

/// A property with a column.
#[derive(Clone, Debug, Default)]
pub struct Prop {
    /// The property, with those of embedded objects around it: `home.street`.
    pub property: String,
    /// Its column.
    pub column: Column,
    /// Part of the primary key.
    pub is_primary: bool,
    /// Unique by itself.
    pub is_unique: bool,
    /// Indexed by itself.
    pub is_indexed: bool,
    /// The values it may have.
    pub allowed: Vec<Name>,
}

/// Prefixes of embedded objects.
#[derive(Clone, Default)]
pub struct Under {
    /// Before the columns' names.
    pub prefix: String,
    /// Before the properties' names.
    pub path: String,
    /// The object around may be missing.
    pub nullable: bool,
    depth: u32,
}

/// The columns of a class and its bases.
#[must_use]
pub fn props(context: &Context, class: ClassRef) -> Vec<Prop> {
    let mut found = Vec::new();
    below(context, &Under::default(), class, &mut found);
    found
}

fn below(context: &Context, under: &Under, class: ClassRef, found: &mut Vec<Prop>) {
    let program = context.program;
    for class in program.lineage(class).into_iter().rev() {
        let site = program.inside_class(class);
        for field in program.class(class).fields.iter().filter(|field| !field.decorators.is_empty()) {
            let decors = decorators(program, &site, &field.decorators);
            of_field(context, under, &site, field, &decors, found);
        }
    }
}

/// The options of a decorator: the object among its arguments, with a leading lambda as `entity`.
#[must_use]
pub fn options<'p>(program: &'p dyn Program, decor: &Decor<'p>) -> Options<'p> {
    let objects = decor.args().into_iter().filter(|arg| program.entries(&decor.site, arg).is_some());
    objects.fold(Options::default(), |options, arg| options.with(Options::of(program, &decor.site, arg)))
}

fn of_field(context: &Context, under: &Under, site: &Site, field: &Field, decors: &[Decor], found: &mut Vec<Prop>) {
    let program = context.program;
    let Some((decor, kind)) = decors.iter().find_map(|decor| {
        let kind = decor.of(LIBRARY)?;
        matches!(kind, "Property" | "PrimaryKey" | "Enum" | "Embedded").then_some((decor, kind))
    }) else {
        return;
    };
    let options = options(program, decor);
    if options.flag(program, "persist") == Some(false) || options.has("formula") {
        return;
    }
    let is_optional = options.flag(program, "nullable") == Some(true)
        || context.reads_types && (field.optional || takes_null(&field.ty)) && options.flag(program, "nullable") != Some(false);
    let nullable = under.nullable || is_optional;
    if kind == "Embedded" {
        return embedded(context, under, site, field, (decor, &options, nullable), found);
    }
    let given = options.text(program, "fieldName").or_else(|| options.text(program, "name"));
    let name = format!("{}{}", under.prefix, given.unwrap_or_else(|| snake(&field.name)));
    let mut prop = Prop {
        property: format!("{}{}", under.path, field.name),
        is_primary: kind == "PrimaryKey" || options.flag(program, "primary") == Some(true),
        is_unique: options.get("unique").is_some_and(|(value, _)| *value != Expr::Bool(false)),
        is_indexed: options.get("index").is_some_and(|(value, _)| *value != Expr::Bool(false)),
        ..Prop::default()
    };
    prop.column = Column {
        name: name.into(),
        nullable: nullable && !prop.is_primary,
        default: default(program, site, field, &options),
        doc: options.text(program, "comment").map(Name::from),
        ..Column::default()
    };
    if options.flag(program, "version") == Some(true) {
        prop.column.default =
            Some(if said(context, site, field, &options) == "datetime" { "current_timestamp".into() } else { "1".into() });
    }
    if kind == "Enum" {
        enumerated(context, site, field, (decor, &options), &mut prop);
    } else {
        prop.column.ty = ty(context, site, field, &options).into();
        key(context, &options, &mut prop);
    }
    if let Some(expression) = options.text(program, "generated") {
        prop.column.generated = Some(Generated::Stored(expression.trim_end_matches(" stored").into()));
    }
    for decor in decors {
        let is_plain = decor.args().into_iter().all(|arg| !Options::of(program, &decor.site, arg).has("properties"));
        prop.is_unique |= is_plain && decor.of(LIBRARY) == Some("Unique");
        prop.is_indexed |= is_plain && decor.of(LIBRARY) == Some("Index");
    }
    found.retain(|known| known.property != prop.property);
    found.push(prop);
}

fn takes_null(ty: &Type) -> bool {
    match ty {
        Type::Union(parts) => parts.iter().any(|part| {
            matches!(part, Type::Literal(Expr::Null)) || part.last_name().is_some_and(|name| matches!(name.as_str(), "null" | "undefined"))
        }),
        _ => false,
    }
}

/// `@Embedded(() => Address, { prefix, object })`.
fn embedded(
    context: &Context,
    under: &Under,
    site: &Site,
    field: &Field,
    (decor, options, nullable): (&Decor, &Options, bool),
    found: &mut Vec<Prop>,
) {
    let program = context.program;
    let property = format!("{}{}", under.path, field.name);
    let is_object =
        options.flag(program, "object") == Some(true) || options.flag(program, "array") == Some(true) || matches!(field.ty, Type::List(_));
    if is_object || under.depth >= MAX_EMBEDDED {
        let ty = if context.dialect == Dialect::Postgres { "jsonb" } else { "json" };
        let name = format!("{}{}", under.prefix, options.text(program, "fieldName").unwrap_or_else(|| snake(&field.name)));
        let column = Column { name: name.into(), ty: ty.into(), nullable, ..Column::default() };
        return found.push(Prop { property, column, ..Prop::default() });
    }
    let lambda = decor.args().into_iter().find(|arg| matches!(arg, Expr::Func(_))).map(|arg| (arg, decor.site.clone()));
    let lambda = lambda.or_else(|| options.get("entity").map(|(value, at)| (value, at.clone())));
    let class = match lambda {
        Some((value, at)) => lambda_class(program, &at, value),
        None => program.resolve_type(site, &field.ty).class(),
    };
    let Some(class) = class else { return };
    let prefix = match options.get("prefix") {
        Some((Expr::Bool(false), _)) => String::new(),
        Some((Expr::Bool(true), _)) | None => format!("{}_", snake(&field.name)),
        Some((value, at)) => program.text(at, value).plain().unwrap_or_default(),
    };
    let inner = Under { prefix: format!("{}{prefix}", under.prefix), path: format!("{property}."), nullable, depth: under.depth + 1 };
    below(context, &inner, class, found);
}

/// The default the database has: said, or the literal a property begins with.
fn default(program: &dyn Program, site: &Site, field: &Field, options: &Options) -> Option<Name> {
    if let Some(raw) = options.text(program, "defaultRaw") {
        return Some(raw.into());
    }
    if let Some((value, at)) = options.get("default") {
        return sql::default_sql(program, at, value).or_else(|| sql::told(program, at, value, &|_, _| None).map(Name::from));
    }
    let value = literal(program, site, field.default.as_ref()?)?;
    if value.is_array() || value.is_object() { None } else { sql::value_sql(&value).map(Name::from) }
}

/// The type's name: given, else by the property's type.
fn said(context: &Context, site: &Site, field: &Field, options: &Options) -> String {
    let program = context.program;
    if let Some((value, at)) = options.get("type") {
        if let Some(name) = program.text(at, value).plain() {
            return name;
        }
        if let Some(name) = value.last_name() {
            return type_class(name).to_owned();
        }
    }
    let inner = match &field.ty {
        Type::Named(named) if matches!(field.ty.last_name().map(Name::as_str), Some("Opt" | "Hidden" | "Ref" | "Rel" | "ScalarRef")) => {
            named.args.first().unwrap_or(&field.ty)
        }
        other => other,
    };
    if let Type::List(of) = inner {
        return if reflected(program, site, of) == Said::Number { "int[]" } else { "string[]" }.to_owned();
    }
    match reflected(program, site, inner) {
        Said::Text => "string",
        Said::Number => "number",
        Said::Boolean => "boolean",
        Said::Date => "datetime",
        Said::Bytes => "blob",
        Said::Named(name) => return name,
        Said::Unknown if matches!(inner, Type::Unknown) && field.default.is_some() => "string",
        Said::Unknown => "json",
    }
    .to_owned()
}

/// `types.text`, `TextType`.
fn type_class(name: &str) -> &str {
    let name = name.strip_suffix("Type").unwrap_or(name);
    match name {
        "String" => "string",
        "Text" => "text",
        "Integer" => "integer",
        "BigInt" => "bigint",
        "SmallInt" => "smallint",
        "TinyInt" => "tinyint",
        "MediumInt" => "mediumint",
        "Float" => "float",
        "Double" => "double",
        "Decimal" => "decimal",
        "Boolean" => "boolean",
        "Date" => "date",
        "DateTime" => "datetime",
        "Time" => "time",
        "Interval" => "interval",
        "Uuid" => "uuid",
        "Json" => "json",
        "Blob" => "blob",
        "Uint8Array" => "uint8array",
        "Array" | "EnumArray" => "string[]",
        "Character" => "character",
        other => other,
    }
}

fn ty(context: &Context, site: &Site, field: &Field, options: &Options) -> String {
    let program = context.program;
    if let Some(ty) = options.text(program, "columnType") {
        return ty;
    }
    let said = said(context, site, field, options);
    let length = options.number(program, "length");
    let (precision, scale) = (options.number(program, "precision"), options.number(program, "scale"));
    let sized = |base: &str, fallback: Option<i64>| with_arguments(base, None, length.or(fallback), None);
    let is_postgres = context.dialect == Dialect::Postgres;
    match said.to_lowercase().as_str() {
        "string" | "varchar" => format!("{}({})", if is_postgres { "character varying" } else { "varchar" }, length.unwrap_or(255)),
        "character" | "char" => format!("character({})", length.unwrap_or(1)),
        "number" | "integer" | "int" => if context.dialect == Dialect::MySql { "int" } else { "integer" }.to_owned(),
        "float" => "real".to_owned(),
        "double" => "double precision".to_owned(),
        "decimal" | "numeric" => format!("numeric({},{})", precision.unwrap_or(10), scale.unwrap_or(0)),
        "boolean" | "bool" => if is_postgres { "boolean" } else { "tinyint(1)" }.to_owned(),
        "datetime" | "timestamptz" | "timestamp" if !is_postgres => sized("datetime", None),
        "datetime" | "timestamptz" => sized("timestamp with time zone", None),
        "timestamp" => sized("timestamp without time zone", None),
        "date" if options.get("type").is_none() => sized(if is_postgres { "timestamp with time zone" } else { "datetime" }, None),
        "time" => sized(if is_postgres { "time without time zone" } else { "time" }, Some(0)),
        "json" | "object" | "any" | "record" | "jsonb" => if is_postgres { "jsonb" } else { "json" }.to_owned(),
        "buffer" | "blob" | "uint8array" => if is_postgres { "bytea" } else { "blob" }.to_owned(),
        "string[]" | "array" => if is_postgres { "text[]" } else { "text" }.to_owned(),
        "int[]" | "number[]" => if is_postgres { "integer[]" } else { "text" }.to_owned(),
        "uuid" if !is_postgres => "varchar(36)".to_owned(),
        other => other.to_owned(),
    }
}

/// Numbers that are keys are counted by the database.
fn key(context: &Context, options: &Options, prop: &mut Prop) {
    let said = options.flag(context.program, "autoincrement");
    let counts = said.unwrap_or(prop.is_primary && prop.column.default.is_none());
    if !counts || !matches!(prop.column.ty.as_str(), "integer" | "int" | "bigint" | "smallint") {
        return;
    }
    match context.dialect {
        Dialect::Postgres => {
            prop.column.ty = match prop.column.ty.as_str() {
                "bigint" => "bigserial".into(),
                "smallint" => "smallserial".into(),
                _ => "serial".into(),
            };
        }
        _ => prop.column.generated = Some(Generated::AutoIncrement),
    }
}

/// `@Enum(() => Status)`, `@Enum({ items: () => Status })`, `@Enum({ items: ["a"] })`.
fn enumerated(context: &Context, site: &Site, field: &Field, (decor, options): (&Decor, &Options), prop: &mut Prop) {
    let program = context.program;
    let lambda = decor.args().into_iter().find(|arg| matches!(arg, Expr::Func(_))).map(|arg| (arg, decor.site.clone()));
    let said = lambda.or_else(|| options.get("items").map(|(value, at)| (value, at.clone())));
    let values = match &said {
        Some((value @ Expr::Func(_), at)) => lambda_returns(program, at, value).map(|(value, at)| enum_values(program, &at, value)),
        Some((value, at)) => Some(enum_values(program, at, value)),
        None => match (&field.ty, program.resolve_type(site, &field.ty)) {
            (Type::Named(named), Meaning::Class(_)) => Some(enum_values(program, site, &named.path)),
            _ => None,
        },
    };
    let values = values.unwrap_or_default();
    let is_number = !values.is_empty() && values.iter().all(serde_json::Value::is_number);
    let is_list = options.flag(program, "array") == Some(true) || matches!(field.ty, Type::List(_));
    prop.column.ty = match (is_list, is_number) {
        (true, _) => "text[]".into(),
        (false, true) => "smallint".into(),
        (false, false) => "text".into(),
    };
    if !is_number && !is_list {
        prop.allowed = values.iter().filter_map(|value| value.as_str().map(Name::from)).collect();
    }
}
