//! Columns of an entity: decorators of properties, embedded objects, and the columns of an `EntitySchema`.

use super::Context;
use super::types::{self, Said};
use crate::base::Name;
use crate::base::code::{Expr, Field};
use crate::facts::database::{Column, Dialect, EnumType, Generated, ObjectName};
use crate::facts::program::{ClassRef, Program, Site};
use crate::frameworks::script::decorators::{Decor, decorators};
use crate::frameworks::script::literals::{enum_values, literal};
use crate::frameworks::script::tables::options::Options;
use crate::frameworks::script::tables::sql::{self, value_sql};

/// How deep embedded objects nest.
const MAX_EMBEDDED: usize = 4;
/// More columns than any table has.
const MAX_COLUMNS: usize = 2_000;

/// A property that has a column.
#[derive(Clone, Debug, Default)]
pub struct Prop {
    /// The property; below embedded objects with their names before it: `price.amount`.
    pub property: String,
    /// Its column.
    pub column: Column,
    /// The column's name as the code gives it.
    pub given: Option<String>,
    /// Part of the primary key.
    pub is_primary: bool,
    /// Unique by itself.
    pub is_unique: bool,
    /// The enumerated type it has.
    pub ty: Option<EnumType>,
    /// The identifier of a document.
    pub is_object_id: bool,
    /// Labels that are allowed where the dialect has no type for them.
    pub allowed: Vec<Name>,
}

/// What the decorators of one property say of its column.
pub struct Saying<'p> {
    /// The decorator: `Column`, `PrimaryGeneratedColumn`, `CreateDateColumn`.
    pub kind: &'p str,
    /// The type it is given.
    pub ty: Option<Said>,
    /// The type of the property.
    pub reflected: Said,
    /// Options.
    pub options: Options<'p>,
    /// How its values are made: `increment`, `uuid`, `rowid`, `identity`.
    pub generated: Option<String>,
}

/// Where columns belong.
#[derive(Clone)]
pub struct Under<'t> {
    /// The table.
    pub table: &'t ObjectName,
    /// Prefixes of the columns' names.
    pub prefixes: Vec<String>,
    /// The properties around.
    pub path: String,
}

/// The columns of a class and its bases, bases first; what the class declares again replaces.
#[must_use]
pub fn props(context: &Context, table: &ObjectName, class: ClassRef) -> Vec<Prop> {
    let mut found = Vec::new();
    below(context, &Under { table, prefixes: Vec::new(), path: String::new() }, class, &mut found);
    found
}

fn below(context: &Context, under: &Under, class: ClassRef, found: &mut Vec<Prop>) {
    let program = context.program;
    for class in program.lineage(class).into_iter().rev() {
        let site = program.inside_class(class);
        for field in &program.class(class).fields {
            if field.decorators.is_empty() || found.len() > MAX_COLUMNS {
                continue;
            }
            let decors = decorators(program, &site, &field.decorators);
            of_field(context, under, &site, field, &decors, found);
        }
    }
}

fn of_field(context: &Context, under: &Under, site: &Site, field: &Field, decors: &[Decor], found: &mut Vec<Prop>) {
    let program = context.program;
    let Some((decor, kind)) = decors.iter().find_map(|decor| {
        let name = decor.of(&["typeorm"])?;
        COLUMNS.contains(&name).then_some((decor, name))
    }) else {
        return;
    };
    let property = format!("{}{}", under.path, field.name);
    if let Some((class, options)) = embedded(program, decor) {
        let prefix = match options.get("prefix") {
            Some((Expr::Bool(false), _)) => None,
            Some((value, at)) => program.text(at, value).plain().filter(|prefix| !prefix.is_empty()),
            None => Some(field.name.to_string()),
        };
        let mut prefixes = under.prefixes.clone();
        prefixes.extend(prefix);
        if under.path.matches('.').count() < MAX_EMBEDDED {
            below(context, &Under { table: under.table, prefixes, path: format!("{property}.") }, class, found);
        }
        return;
    }
    let mut said = saying(program, decor, kind);
    said.reflected = types::reflected(program, site, &field.ty);
    if let Some(generated) = decors.iter().find(|decor| decor.of(&["typeorm"]) == Some("Generated")) {
        said.generated =
            generated.arg(0).and_then(|arg| program.text(&generated.site, arg).plain()).or_else(|| Some("increment".to_owned()));
    }
    let mut prop = column(context, under, &field.name, &said);
    prop.property = property;
    prop.column.doc = prop.column.doc.take().or_else(|| field.doc.clone());
    found.retain(|known| known.property != prop.property);
    found.push(prop);
}

/// Decorators that make columns.
const COLUMNS: &[&str] = &[
    "Column",
    "PrimaryColumn",
    "PrimaryGeneratedColumn",
    "CreateDateColumn",
    "UpdateDateColumn",
    "DeleteDateColumn",
    "VersionColumn",
    "ObjectIdColumn",
    "TreeLevelColumn",
    "ViewColumn",
];

/// `@Column(() => Money, { prefix: "…" })`.
fn embedded<'p>(program: &'p dyn Program, decor: &Decor<'p>) -> Option<(ClassRef, Options<'p>)> {
    let first = decor.arg(0)?;
    let Expr::Func(_) = first else { return None };
    let class = super::relations::lambda_class(program, &decor.site, first)?;
    let options = decor.arg(1).map(|options| Options::of(program, &decor.site, options)).unwrap_or_default();
    Some((class, options))
}

/// What a decorator says: a type and options, each of which may be left out.
fn saying<'p>(program: &'p dyn Program, decor: &Decor<'p>, kind: &'p str) -> Saying<'p> {
    let mut ty = None;
    let mut generated = None;
    let mut options = Options::default();
    for (index, arg) in decor.args().into_iter().enumerate() {
        if program.entries(&decor.site, arg).is_some() {
            options = Options::of(program, &decor.site, arg);
        } else if kind == "PrimaryGeneratedColumn" && index == 0 {
            generated = program.text(&decor.site, arg).plain();
        } else if index == 0 {
            ty = Some(types::said(program, &decor.site, arg));
        }
    }
    if kind == "PrimaryGeneratedColumn" && generated.is_none() {
        generated = Some("increment".to_owned());
    }
    if let Some((value, at)) = options.get("type") {
        ty = Some(types::said(program, at, value));
    }
    Saying { kind, ty, reflected: Said::Unknown, options, generated }
}

/// The column of what is said.
#[must_use]
pub fn column(context: &Context, under: &Under, property: &str, said: &Saying) -> Prop {
    let (program, dialect) = (context.program, context.dialect);
    let options = &said.options;
    let given = options.text(program, "name");
    let name: Name = context.naming.column(property, given.as_deref(), &under.prefixes).into();
    let is_primary = said.kind.starts_with("Primary") || said.kind == "ObjectIdColumn" || options.flag(program, "primary") == Some(true);
    let ty = said_type(said, dialect);
    let mut column = Column {
        name: name.clone(),
        ty: types::sql_type(program, dialect, &ty, options).into(),
        nullable: !is_primary && (options.flag(program, "nullable") == Some(true) || said.kind == "DeleteDateColumn"),
        default: default(program, &ty, dialect, options),
        collation: options.text(program, "collation").map(Name::from),
        doc: options.text(program, "comment").map(Name::from),
        ..Column::default()
    };
    computed(program, options, &mut column);
    made_by_database(said, dialect, &ty, &mut column);
    let mut prop = Prop {
        property: property.to_owned(),
        given: given.clone(),
        is_primary,
        is_unique: options.flag(program, "unique") == Some(true),
        is_object_id: said.kind == "ObjectIdColumn",
        column,
        ..Prop::default()
    };
    if matches!(&ty, Said::Named(named) if matches!(named.as_str(), "enum" | "simple-enum")) {
        enumerated(context, under, said, &mut prop);
    }
    prop
}

/// The type that counts: the given one, the decorator's own, the property's.
fn said_type(said: &Saying, dialect: Dialect) -> Said {
    if said.generated.as_deref() == Some("uuid") {
        return Said::Named("uuid".to_owned());
    }
    if let Some(ty) = &said.ty {
        return ty.clone();
    }
    let date = match dialect {
        Dialect::MySql => "datetime(6)",
        Dialect::Sqlite => "datetime",
        _ => "timestamp",
    };
    match said.kind {
        "CreateDateColumn" | "UpdateDateColumn" | "DeleteDateColumn" => Said::Named(date.to_owned()),
        "VersionColumn" | "TreeLevelColumn" => Said::Number,
        "PrimaryGeneratedColumn" => Said::Number,
        "ObjectIdColumn" => Said::Named("objectid".to_owned()),
        _ if said.generated.is_some() && said.reflected == Said::Unknown => Said::Number,
        _ => said.reflected.clone(),
    }
}

fn default(program: &dyn Program, ty: &Said, dialect: Dialect, options: &Options) -> Option<Name> {
    let (value, at) = options.get("default")?;
    if let Expr::Func(_) = value {
        let returned = super::relations::lambda_returns(program, at, value)?;
        return program.text(&returned.1, returned.0).plain().map(Name::from);
    }
    let value = literal(program, at, value)?;
    let is_enum = matches!(ty, Said::Named(named) if matches!(named.as_str(), "enum" | "simple-enum"));
    if is_enum && value.is_number() {
        return Some(sql::quoted(&value.to_string()).into());
    }
    let is_array = options.flag(program, "array") == Some(true);
    if (is_array || matches!(ty, Said::Named(named) if named == "simple-array"))
        && let Some(items) = value.as_array()
    {
        let items: Vec<String> = items.iter().map(|item| item.as_str().map_or_else(|| item.to_string(), str::to_owned)).collect();
        let text = if is_array { format!("{{{}}}", items.join(",")) } else { items.join(",") };
        return Some(sql::quoted(&text).into());
    }
    if dialect != Dialect::Postgres
        && let Some(truth) = value.as_bool()
    {
        return Some(if truth { "1" } else { "0" }.into());
    }
    value_sql(&value).map(Name::from)
}

/// `asExpression`, `generatedType`.
fn computed(program: &dyn Program, options: &Options, column: &mut Column) {
    let Some(expression) = options.text(program, "asExpression") else { return };
    let is_stored = options.text(program, "generatedType").is_some_and(|ty| ty.eq_ignore_ascii_case("stored"));
    column.generated = Some(if is_stored { Generated::Stored(expression.into()) } else { Generated::Virtual(expression.into()) });
}

/// Dates, versions and generated keys.
fn made_by_database(said: &Saying, dialect: Dialect, ty: &Said, column: &mut Column) {
    if matches!(said.kind, "CreateDateColumn" | "UpdateDateColumn") && column.default.is_none() {
        let now = match dialect {
            Dialect::MySql => "CURRENT_TIMESTAMP(6)",
            Dialect::Sqlite => "(datetime('now'))",
            _ => "now()",
        };
        column.default = Some(now.into());
    }
    let Some(generated) = said.generated.as_deref() else { return };
    match (generated, dialect) {
        ("uuid", Dialect::Postgres) => column.default = Some("uuid_generate_v4()".into()),
        ("increment", Dialect::Postgres) => {
            column.ty = match types::sql_type_of_key(ty).as_str() {
                "bigint" => "bigserial".into(),
                "smallint" => "smallserial".into(),
                _ => "serial".into(),
            };
        }
        ("identity", Dialect::Postgres) => {
            column.generated = Some(Generated::IdentityByDefault);
        }
        ("increment", Dialect::MySql | Dialect::Sqlite) => column.generated = Some(Generated::AutoIncrement),
        _ => {}
    }
}

/// The enumerated type of a column.
fn enumerated(context: &Context, under: &Under, said: &Saying, prop: &mut Prop) {
    let program = context.program;
    let Some((value, at)) = said.options.get("enum") else { return };
    let labels = labels(program, at, value);
    if labels.is_empty() {
        return;
    }
    let listed: Vec<String> = labels.iter().map(|label| sql::quoted(label)).collect();
    match context.dialect {
        Dialect::Postgres => {
            let given = said.options.text(program, "enumName").map(|given| match given.split_once('.') {
                Some((schema, name)) => ObjectName::in_schema(schema, name),
                None => ObjectName { schema: under.table.schema.clone(), name: given.into() },
            });
            let name = given.unwrap_or_else(|| ObjectName {
                schema: under.table.schema.clone(),
                name: format!("{}_{}_enum", under.table.name, prop.column.name.to_lowercase()).into(),
            });
            let is_array = said.options.flag(program, "array") == Some(true);
            prop.column.ty = format!("{}{}", spelled(&name), if is_array { "[]" } else { "" }).into();
            prop.ty = Some(EnumType { name, labels });
        }
        Dialect::MySql => prop.column.ty = format!("enum({})", listed.join(",")).into(),
        _ => prop.allowed = labels,
    }
}

/// A type's name as SQL spells it.
#[must_use]
pub fn spelled(name: &ObjectName) -> String {
    match &name.schema {
        Some(schema) => format!("{}.{}", sql::ident(schema), sql::ident(&name.name)),
        None => sql::ident(&name.name),
    }
}

/// The labels an enumeration has in the database: numbers as texts.
#[must_use]
pub fn labels(program: &dyn Program, site: &Site, expr: &Expr) -> Vec<Name> {
    let of_values = match expr {
        Expr::Call(id) => {
            let call = program.file(site.file).outline.call(*id);
            (call.callee.dotted().as_deref() == Some("Object.values")).then(|| call.positional(0)).flatten()
        }
        _ => None,
    };
    let values = enum_values(program, site, of_values.unwrap_or(expr));
    values.iter().map(|value| value.as_str().map_or_else(|| value.to_string(), str::to_owned).into()).collect()
}
