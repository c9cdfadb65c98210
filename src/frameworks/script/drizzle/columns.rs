//! Columns: builders and what is chained to them.

use serde_json::Value;

use super::tables::{Casing, Declared, made_by, table_of};
use crate::base::Name;
use crate::base::code::Expr;
use crate::facts::database::{Action, Column, Dialect, EnumType, ForeignKey, Generated, Key, ObjectName};
use crate::facts::program::{CallRef, Meaning, Program, Site};
use crate::frameworks::script::literals::{enum_values, literal};
use crate::frameworks::script::tables::options::Options;
use crate::frameworks::script::tables::sql;
use crate::frameworks::script::tables::steps::{Chain, Link};

const MAX_DEPTH: u32 = 8;

/// One link of a column's chain, with where its arguments are read.
type Said<'p> = (Link<'p>, Site);

/// A column of a table.
pub struct Made<'p> {
    /// The key it stands at.
    pub key: Name,
    /// The column.
    pub column: Column,
    /// Its enumerated type.
    pub ty: Option<EnumType>,
    /// `.primaryKey()`.
    pub is_primary: bool,
    /// `.unique()`.
    pub unique: Option<Key>,
    /// `.references(…)`.
    references: Option<Said<'p>>,
}

/// What a column is made by.
enum Base {
    Builder(Name),
    Enum(EnumType),
    Custom(String),
}

/// The columns of a table, in order.
#[must_use]
pub fn columns<'p>(program: &'p dyn Program, table: &Declared<'p>, casing: Casing) -> Vec<Made<'p>> {
    let mut made: Vec<Made> = Vec::new();
    for (key, value, at) in entries(program, table) {
        let Some(column) = column(program, table, casing, &key, &at, value) else { continue };
        made.retain(|known| known.key != key);
        made.push(column);
    }
    made
}

/// The members of the object of columns, or of what a callback returns: `(t) => ({ id: t.serial() })`.
fn entries<'p>(program: &'p dyn Program, table: &Declared<'p>) -> Vec<(Name, &'p Expr, Site)> {
    let Some(second) = table.call.positional(1) else { return Vec::new() };
    match program.resolve(&table.site, second).function() {
        Some(function) => {
            let facts = program.file(function.file);
            let Some(index) = facts.returns_of(function.id).first() else { return Vec::new() };
            let returned = &facts.outline.returns[*index as usize];
            let at = Site { file: function.file, scope: returned.scope, offset: u32::MAX, env: None };
            program.entries(&at, &returned.value).unwrap_or_default()
        }
        None => program.entries(&table.site, second).unwrap_or_default(),
    }
}

/// The name of the column behind a key of a table.
#[must_use]
pub fn column_name(program: &dyn Program, table: &Declared, casing: Casing, key: &str) -> Option<Name> {
    let (_, value, at) = entries(program, table).into_iter().rev().find(|(name, ..)| name == key)?;
    let chain = flat(program, &at, value);
    Some(given_name(program, chain.first()?).map_or_else(|| casing.column(key), Name::from))
}

fn given_name(program: &dyn Program, (link, site): &Said) -> Option<String> {
    let first = link.arg(0)?;
    if program.entries(site, first).is_some() {
        return None;
    }
    program.text(site, first).plain().filter(|name| !name.is_empty())
}

/// The links of a column's chain, with those of the program's own functions and constants that begin it.
fn flat<'p>(program: &'p dyn Program, site: &Site, expr: &'p Expr) -> Vec<Said<'p>> {
    let mut out = Vec::new();
    flat_at(program, site, expr, 0, &mut out);
    out
}

fn flat_at<'p>(program: &'p dyn Program, site: &Site, expr: &'p Expr, depth: u32, out: &mut Vec<Said<'p>>) {
    let Meaning::Value(Expr::Call(id), at) = program.resolve(site, expr) else { return };
    if depth > MAX_DEPTH {
        return;
    }
    let chain = Chain::ending(program, &at, *id);
    let first = chain.first().clone();
    let mut rest = chain.links.as_slice();
    match chain.receiver {
        // `const id = uuid().primaryKey()`, `...: id.notNull()`.
        Some(receiver @ Expr::Ref(_)) if is_column(program, &chain.site, receiver) => {
            flat_at(program, &chain.site, receiver, depth + 1, out)
        }
        _ => {
            let call = CallRef { file: at.file, id: first.id };
            let own = program.callee(call).function().is_some();
            let whole = match chain.links.get(1).map(|next| &next.call.callee) {
                Some(Expr::Member(receiver, _)) => Some(receiver.as_ref()),
                _ => None,
            };
            let start = whole.unwrap_or(match program.resolve(site, expr) {
                Meaning::Value(value, _) => value,
                _ => return,
            });
            match program.produce(&chain.site, start) {
                Meaning::Value(made @ Expr::Call(inner), made_at) if own && (*inner != first.id || made_at.file != at.file) => {
                    flat_at(program, &made_at, made, depth + 1, out);
                }
                _ => out.push((first.clone(), chain.site_of(&first))),
            }
            rest = &rest[1..];
        }
    }
    out.extend(rest.iter().map(|link| (link.clone(), chain.site_of(link))));
}

/// Whether a name stands for a column that was begun elsewhere.
fn is_column(program: &dyn Program, site: &Site, receiver: &Expr) -> bool {
    match program.resolve(site, receiver) {
        Meaning::Value(Expr::Call(id), at) => {
            let chain = Chain::ending(program, &at, *id);
            let first = CallRef { file: at.file, id: chain.first().id };
            match program.callee(first) {
                Meaning::Outside(path) => path.starts_with("drizzle-orm/") && !path.ends_with("Schema"),
                meaning => meaning.function().is_some(),
            }
        }
        _ => false,
    }
}

fn base(program: &dyn Program, (link, site): &Said) -> Base {
    let call = CallRef { file: site.file, id: link.id };
    match program.callee(call) {
        Meaning::Outside(path) => Base::Builder(path.rsplit('.').next().unwrap_or(&path).into()),
        Meaning::Value(Expr::Call(id), made) => {
            let made = CallRef { file: made.file, id: *id };
            if let Some(ty) = enum_type(program, made) {
                return Base::Enum(ty);
            }
            custom(program, made).map_or_else(|| Base::Builder(link.name.clone()), Base::Custom)
        }
        _ => Base::Builder(link.name.clone()),
    }
}

/// `pgEnum("role", ["a", "b"])`, `schema.enum("role", [...])`.
fn enum_type(program: &dyn Program, at: CallRef) -> Option<EnumType> {
    let call = program.call(at);
    let site = Site::of_call(at.file, call);
    let schema = match program.callee(at) {
        Meaning::Outside(path) => made_by(&path, &["pgEnum"]).map(|_| String::new())?,
        Meaning::Attribute(of, method) if method == "enum" => {
            let (schema, _) = of.call()?;
            made_by(program.callee(schema).outside()?, &["pgSchema"])?;
            let made = program.call(schema);
            program.text(&Site::of_call(schema.file, made), made.positional(0)?).plain()?
        }
        _ => return None,
    };
    let name = program.text(&site, call.positional(0)?).plain()?;
    let labels = labels(program, &site, call.positional(1)?);
    Some(EnumType { name: ObjectName::in_schema(schema, name), labels })
}

fn labels(program: &dyn Program, site: &Site, expr: &Expr) -> Vec<Name> {
    let inner = match expr {
        Expr::Cast(pair) => &pair.0,
        other => other,
    };
    let listed = match inner {
        Expr::Call(id) => {
            let call = program.file(site.file).outline.call(*id);
            let of_object = call.callee.dotted().is_some_and(|name| matches!(name.as_str(), "Object.values" | "enumToPgEnum"));
            call.positional(0).filter(|_| of_object)
        }
        _ => None,
    };
    let values = enum_values(program, site, listed.unwrap_or(inner));
    values.iter().filter_map(|value| value.as_str().map(Name::from)).collect()
}

/// `customType({ dataType() { return "citext" } })`.
fn custom(program: &dyn Program, at: CallRef) -> Option<String> {
    let call = program.call(at);
    if !program.callee(at).outside().is_some_and(|path| path.ends_with(".customType")) {
        return None;
    }
    let site = Site::of_call(at.file, call);
    let options = Options::of(program, &site, call.positional(0)?);
    let (value, at) = options.get("dataType")?;
    let function = program.resolve(at, value).function()?;
    let facts = program.file(function.file);
    let index = facts.returns_of(function.id).last()?;
    let returned = &facts.outline.returns[*index as usize];
    let text = program.text(&Site { file: function.file, scope: returned.scope, offset: u32::MAX, env: None }, &returned.value);
    Some(text.plain().unwrap_or_else(|| text.template().0.split('(').next().unwrap_or_default().to_owned()))
}

fn column<'p>(
    program: &'p dyn Program,
    table: &Declared<'p>,
    casing: Casing,
    key: &Name,
    site: &Site,
    value: &'p Expr,
) -> Option<Made<'p>> {
    let chain = flat(program, site, value);
    let first = chain.first()?;
    let given = given_name(program, first);
    let name = given.as_deref().map_or_else(|| casing.column(key), Name::from);
    let (link, at) = first;
    let config_at = usize::from(link.arg(0).is_some_and(|arg| program.entries(at, arg).is_none()));
    let options = link.arg(config_at).map(|arg| Options::of(program, at, arg)).unwrap_or_default();
    let mut made = Made {
        key: key.clone(),
        column: Column { name, nullable: true, ..Column::default() },
        ty: None,
        is_primary: false,
        unique: None,
        references: None,
    };
    match base(program, first) {
        Base::Enum(ty) => {
            made.column.ty = spelled(&ty.name).into();
            made.ty = Some(ty);
        }
        Base::Custom(ty) => made.column.ty = ty.into(),
        Base::Builder(builder) => {
            made.column.ty = super::types::builder_type(program, table.dialect, &builder, &options)?.into();
            made.column.nullable = !made.column.ty.ends_with("serial");
            if builder == "mysqlEnum" {
                let listed = link.arg(config_at).map(|arg| labels(program, at, arg)).unwrap_or_default();
                let listed: Vec<String> = listed.iter().map(|label| sql::quoted(label)).collect();
                made.column.ty = format!("enum({})", listed.join(",")).into();
            }
        }
    }
    for said in &chain[1..] {
        apply(program, table, said, &mut made);
    }
    Some(made)
}

fn spelled(name: &ObjectName) -> String {
    match &name.schema {
        Some(schema) => format!("{}.{}", sql::ident(schema), sql::ident(&name.name)),
        None => sql::ident(&name.name),
    }
}

fn apply<'p>(program: &'p dyn Program, table: &Declared<'p>, (link, site): &Said<'p>, made: &mut Made<'p>) {
    match link.name.as_str() {
        "notNull" => made.column.nullable = false,
        "primaryKey" => {
            made.is_primary = true;
            made.column.nullable = false;
            let options = link.arg(0).map(|arg| Options::of(program, site, arg)).unwrap_or_default();
            if options.flag(program, "autoIncrement") == Some(true) {
                made.column.generated = Some(Generated::AutoIncrement);
            }
        }
        "autoincrement" => made.column.generated = Some(Generated::AutoIncrement),
        "unique" => {
            let given = link.arg(0).and_then(|arg| program.text(site, arg).plain());
            let name = given.unwrap_or_else(|| format!("{}_{}_unique", table.name.name, made.column.name));
            let options = link.arg(1).map(|arg| Options::of(program, site, arg)).unwrap_or_default();
            let nulls_not_distinct = options.text(program, "nulls").is_some_and(|nulls| nulls == "not distinct");
            made.unique = Some(Key { name: Some(name.into()), nulls_not_distinct, ..Key::of([made.column.name.clone()]) });
        }
        "array" => made.column.ty = format!("{}[]", made.column.ty).into(),
        "default" => made.column.default = link.arg(0).and_then(|arg| default(program, site, arg, &made.column)),
        "defaultNow" => {
            made.column.default = Some(
                match table.dialect {
                    Dialect::Sqlite => "(cast((julianday('now') - 2440587.5)*86400000 as integer))",
                    Dialect::MySql => "(now())",
                    _ => "now()",
                }
                .into(),
            );
        }
        "defaultRandom" => made.column.default = Some("gen_random_uuid()".into()),
        "generatedAlwaysAsIdentity" => identity(made, Generated::IdentityAlways),
        "generatedByDefaultAsIdentity" => identity(made, Generated::IdentityByDefault),
        "generatedAlwaysAs" => generated(program, table, link, site, made),
        "references" => made.references = Some((link.clone(), site.clone())),
        _ => {}
    }
}

fn identity(made: &mut Made, generated: Generated) {
    made.column.generated = Some(generated);
    made.column.nullable = false;
}

fn generated<'p>(program: &'p dyn Program, table: &Declared<'p>, link: &Link<'p>, site: &Site, made: &mut Made<'p>) {
    let Some(arg) = link.arg(0) else { return };
    let function = program.resolve(site, arg).function();
    let returned = function.and_then(|function| {
        let facts = program.file(function.file);
        let returned = &facts.outline.returns[*facts.returns_of(function.id).first()? as usize];
        Some((&returned.value, Site { file: function.file, scope: returned.scope, offset: u32::MAX, env: None }))
    });
    let (value, at) = returned.unwrap_or((arg, site.clone()));
    let Some(text) = super::extras::told(program, Casing::Keep, &at, value, None) else { return };
    let options = link.arg(1).map(|arg| Options::of(program, site, arg)).unwrap_or_default();
    let is_virtual = options.text(program, "mode").map_or(table.dialect != Dialect::Postgres, |mode| mode == "virtual");
    made.column.generated = Some(if is_virtual { Generated::Virtual(text.into()) } else { Generated::Stored(text.into()) });
}

fn default<'p>(program: &'p dyn Program, site: &Site, arg: &'p Expr, column: &Column) -> Option<Name> {
    if let Some(value) = literal(program, site, arg) {
        if let (Value::Array(items), true) = (&value, column.ty.ends_with("[]")) {
            let items: Vec<String> = items.iter().map(Value::to_string).collect();
            return Some(sql::quoted(&format!("{{{}}}", items.join(","))).into());
        }
        return sql::value_sql(&value).map(Name::from);
    }
    let (expr, at) = match program.resolve(site, arg) {
        Meaning::Value(value, at) => (value, at),
        _ => (arg, site.clone()),
    };
    matches!(expr, Expr::Call(_)).then(|| super::extras::told(program, Casing::Keep, &at, expr, None)).flatten().map(Name::from)
}

impl<'p> Made<'p> {
    /// The foreign key of `.references(() => users.id, { onDelete })`.
    #[must_use]
    pub fn reference(&self, program: &'p dyn Program, table: &Declared<'p>, casing: Casing) -> Option<ForeignKey> {
        let (link, site) = self.references.as_ref()?;
        let function = program.resolve(site, link.arg(0)?).function()?;
        let facts = program.file(function.file);
        let returned = &facts.outline.returns[*facts.returns_of(function.id).first()? as usize];
        let at = Site { file: function.file, scope: returned.scope, offset: u32::MAX, env: site.env.clone() };
        let (of, key) = member(&returned.value)?;
        let target = table_of(program, &at, of)?;
        let column = column_name(program, &target, casing, key)?;
        let options = link.arg(1).map(|arg| Options::of(program, site, arg)).unwrap_or_default();
        let action = |key: &str| options.text(program, key).as_deref().and_then(Action::of);
        let name = format!("{}_{}_{}_{column}_fk", table.name.name, self.column.name, target.name.name);
        Some(ForeignKey {
            name: Some(name.into()),
            columns: vec![self.column.name.clone()],
            target: target.name.clone(),
            target_columns: vec![column],
            on_delete: action("onDelete"),
            on_update: action("onUpdate"),
            ..ForeignKey::default()
        })
    }
}

/// `users.id`, `users["id"]`.
#[must_use]
pub fn member(expr: &Expr) -> Option<(&Expr, &Name)> {
    match expr {
        Expr::Member(of, key) => Some((of, key)),
        Expr::Index(pair) => match &pair.1 {
            Expr::Str(key) => Some((&pair.0, key)),
            _ => None,
        },
        Expr::Cast(pair) => member(&pair.0),
        _ => None,
    }
}
