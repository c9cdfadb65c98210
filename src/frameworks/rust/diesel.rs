//! Diesel. Read from 2.2: `table!` and `joinable!` as tables, structs with `#[diesel(table_name = …)]` and the query functions as uses.
//! Migrations are files of SQL.

use super::attributes::Attributes;
use super::http::{is_test, is_test_file};
use crate::base::Name;
use crate::base::case::snake;
use crate::base::code::{Call, CallKind, ClassId, Expr, Type};
use crate::base::language::Language;
use crate::facts::database::{Access, Column, ForeignKey, Key, ObjectName, Table};
use crate::facts::finding::Findings;
use crate::facts::framework::{Framework, Tells};
use crate::facts::program::{FileId, Meaning, Program, Site};
use crate::frameworks::script::tables::found::{declared, place, symbol_at, used};

/// Diesel.
pub const FRAMEWORK: Framework = Framework {
    id: "rust/diesel",
    label: "Diesel",
    languages: &[Language::Rust],
    modules: &["diesel", "diesel_async", "diesel_derives", "diesel_migrations"],
    tells: &[Tells::Tables, Tells::Migrations],
    read: Some(read),
    types: None,
};

fn read(program: &dyn Program, file: FileId, findings: &mut Findings) {
    if is_test_file(program, file) {
        return;
    }
    let first = findings.tables.len();
    let outline = &program.file(file).outline;
    for call in outline.calls.iter().filter(|call| call.kind == CallKind::Macro) {
        match call.callee.last_name().map(Name::as_str) {
            Some("table") => read_table(program, file, call, findings),
            Some("joinable") => read_joinable(call, first, findings),
            _ => {}
        }
    }
    if findings.tables.len() > first {
        findings.mirrors.push(FRAMEWORK.id);
    }
    read_models(program, file, findings);
    read_queries(program, file, findings);
}

/// `table! { schema.users (id) { id -> Int4, } }`.
fn read_table(program: &dyn Program, file: FileId, call: &Call, findings: &mut Findings) {
    let mut plain = call.args.iter().filter(|arg| arg.name.is_none()).map(|arg| &arg.value).peekable();
    let Some(path) = plain.next() else { return };
    let lists: Vec<&[crate::base::code::Arg]> = plain
        .filter_map(|value| match value {
            Expr::Args(args) => Some(args.as_ref()),
            _ => None,
        })
        .collect();
    let (key, columns) = match lists.as_slice() {
        [columns] => (None, *columns),
        [key, columns] => (Some(*key), *columns),
        _ => return,
    };
    let name = match path {
        Expr::Ref(name) => ObjectName::new(name.clone()),
        Expr::Member(schema, name) => ObjectName::in_schema(schema.last_name().cloned().unwrap_or_default(), name.clone()),
        _ => return,
    };
    let sql_name = call.args.iter().find(|arg| arg.name.as_deref() == Some("sql_name")).and_then(|arg| arg.value.as_str());
    let name = sql_name.map_or(name.clone(), |own| ObjectName { name: own.into(), ..name });
    let site = Site::of_call(file, call);
    let columns: Vec<Column> = columns.iter().filter_map(|arg| column(program, &site, arg.name.as_ref()?, &arg.value)).collect();
    if columns.is_empty() {
        return;
    }
    let key: Vec<Name> = match key {
        Some(key) => key.iter().filter_map(|arg| arg.value.last_name().cloned()).collect(),
        None => vec!["id".into()],
    };
    let at = place(file, &name.name, call.at.line);
    let model = name.name.clone();
    let table = Table { name, columns, primary_key: Some(Key::of(key)), ..Table::default() };
    findings.tables.push(declared(FRAMEWORK.id, table, &model, at));
}

fn column(program: &dyn Program, site: &Site, name: &Name, value: &Expr) -> Option<Column> {
    let Expr::Type(ty) = value else { return None };
    let length = ty.args().iter().rev().find_map(|arg| match arg {
        Type::Value(Expr::Int(length)) => Some(*length),
        _ => None,
    });
    let is_nullable = ty.last_name().is_some_and(|name| name == "Nullable");
    let inner = if is_nullable { ty.args().first()? } else { ty.as_ref() };
    let ty = sql_type(program, site, inner, length, 0)?;
    Some(Column { name: name.clone(), ty, nullable: is_nullable, ..Column::default() })
}

/// A type of `diesel::sql_types`, or the program's own.
fn sql_type(program: &dyn Program, site: &Site, ty: &Type, length: Option<i64>, depth: u32) -> Option<Name> {
    let name = ty.last_name()?;
    let sized = |base: &str| length.map_or_else(|| Name::from(base), |length| format!("{base}({length})").into());
    let known = match name.as_str() {
        "Int2" | "SmallInt" | "SmallSerial" | "TinyInt" | "Tinyint" => "smallint",
        "Int4" | "Integer" | "Serial" => "integer",
        "Int8" | "BigInt" | "BigSerial" => "bigint",
        "Float4" | "Float" => "real",
        "Float8" | "Double" => "double precision",
        "Numeric" | "Decimal" => "numeric",
        "Text" | "TinyText" | "MediumText" | "LongText" => "text",
        "Varchar" | "VarChar" => return Some(sized("character varying")),
        "Bpchar" | "Char" => return Some(sized("character")),
        "CChar" => "\"char\"",
        "Bool" => "boolean",
        "Timestamp" | "Datetime" => "timestamp without time zone",
        "Timestamptz" | "TimestamptzSqlite" => "timestamp with time zone",
        "Date" => "date",
        "Time" => "time without time zone",
        "Interval" => "interval",
        "Uuid" => "uuid",
        "Json" => "json",
        "Jsonb" => "jsonb",
        "Bytea" | "Binary" | "Blob" => "bytea",
        "Inet" => "inet",
        "Cidr" => "cidr",
        "MacAddr" => "macaddr",
        "Money" => "money",
        "Oid" => "oid",
        "TsVector" | "Tsvector" => "tsvector",
        "TsQuery" => "tsquery",
        "Int4range" => "int4range",
        "Int8range" => "int8range",
        "Numrange" => "numrange",
        "Daterange" => "daterange",
        "Tsrange" => "tsrange",
        "Tstzrange" => "tstzrange",
        "Nullable" | "Unsigned" if depth < 8 => return sql_type(program, site, ty.args().first()?, length, depth + 1),
        "Array" if depth < 8 => {
            return sql_type(program, site, ty.args().first()?, None, depth + 1).map(|element| format!("{element}[]").into());
        }
        _ => return Some(own_type(program, site, ty).unwrap_or_else(|| snake(name).into())),
    };
    Some(known.into())
}

/// The database's name of `#[diesel(postgres_type(name = "kind"))] struct Kind;`.
fn own_type(program: &dyn Program, site: &Site, ty: &Type) -> Option<Name> {
    let Meaning::Class(class) = program.resolve_type(site, ty) else {
        // The macro's own `use` lines are no imports of the file: the type stands beside it.
        let name = ty.last_name()?;
        let outline = &program.file(site.file).outline;
        let index = outline.classes.iter().position(|class| class.name == *name)?;
        return type_name(program, site.file, ClassId(u32::try_from(index).ok()?));
    };
    type_name(program, class.file, class.id)
}

fn type_name(program: &dyn Program, file: FileId, id: ClassId) -> Option<Name> {
    let class = program.file(file).outline.class(id);
    let attributes = Attributes::new(program, file, &class.decorators);
    let said = attributes.nested("diesel", "postgres_type").or_else(|| attributes.all("postgres").next())?;
    said.keyword("name").or_else(|| said.keyword("type_name"))?.as_str().map(Name::from)
}

/// `joinable!(posts -> users (author_id))`: the target's primary key.
fn read_joinable(call: &Call, first: usize, findings: &mut Findings) {
    let names: Vec<&Name> = call.args.iter().filter_map(|arg| arg.value.last_name()).collect();
    let [child, parent, column] = names.as_slice() else { return };
    let target = ObjectName::new((*parent).clone());
    let tables = &mut findings.tables[first..];
    let known = tables.iter().find(|found| found.model == **parent).map(|found| found.table.clone());
    let target_columns = known.as_ref().and_then(|table| table.primary_key.clone()).map(|key| key.columns).unwrap_or_default();
    let key = ForeignKey {
        columns: vec![(*column).clone()],
        target: known.map_or(target, |table| table.name),
        target_columns,
        ..ForeignKey::default()
    };
    if let Some(found) = tables.iter_mut().find(|found| found.model == **child) {
        found.table.foreign_keys.push(key);
    }
}

/// Structs that rows are read into or written from.
fn read_models(program: &dyn Program, file: FileId, findings: &mut Findings) {
    for class in &program.file(file).outline.classes {
        let attributes = Attributes::new(program, file, &class.decorators);
        let Some(table) = attributes.value("diesel", "table_name").or_else(|| attributes.all("table_name").next()?.positional(0)) else {
            continue;
        };
        let name = table.last_name().cloned().or_else(|| table.as_str().and_then(|text| text.rsplit("::").next()).map(Name::from));
        let Some(name) = name else { continue };
        let at = || place(file, &class.name, class.at.line);
        if attributes.derives("Queryable") || attributes.derives("Selectable") || attributes.derives("QueryableByName") {
            used(findings, FRAMEWORK.id, ObjectName::new(name.clone()), Access::Read, at());
        }
        if attributes.derives("Insertable") || attributes.derives("AsChangeset") {
            used(findings, FRAMEWORK.id, ObjectName::new(name), Access::Write, at());
        }
    }
}

/// Functions that change rows: `diesel::insert_into(users::table)`.
const WRITES: &[&str] = &["insert_into", "insert_or_ignore_into", "replace_into", "update", "delete"];

/// `users::table.filter(…)`, `diesel::update(users::table)`, and `users` of `use schema::users::dsl::*`.
fn read_queries(program: &dyn Program, file: FileId, findings: &mut Findings) {
    let outline = &program.file(file).outline;
    let dsl: Vec<Name> = outline
        .imports
        .iter()
        .filter_map(|import| import.module.strip_suffix("::dsl").or_else(|| import.module.split_once("::dsl::").map(|(table, _)| table)))
        .filter_map(|module| module.rsplit("::").next().map(Name::from))
        .collect();
    let table_of = |expr: &Expr| -> Option<Name> {
        match root(outline, expr)? {
            Expr::Member(base, name) if name == "table" => base.last_name().cloned(),
            Expr::Ref(name) if dsl.contains(name) => Some(name.clone()),
            _ => None,
        }
    };
    for call in &outline.calls {
        let name = call.callee.last_name().map_or("", Name::as_str);
        let (table, access) = if WRITES.contains(&name) && call.args.len() == 1 {
            (call.positional(0).and_then(table_of), Access::Write)
        } else {
            (call.method().and_then(|(receiver, _)| direct(receiver)).and_then(table_of), Access::Read)
        };
        let Some(table) = table else { continue };
        if !is_test(program, file, call.scope) {
            let at = place(file, &symbol_at(program, file, call.scope), call.at.line);
            used(findings, FRAMEWORK.id, ObjectName::new(table), access, at);
        }
    }
}

/// The receiver of the first method of a chain.
fn direct(receiver: &Expr) -> Option<&Expr> {
    matches!(receiver, Expr::Ref(_) | Expr::Member(..)).then_some(receiver)
}

/// What a chain of calls begins with.
fn root<'p>(outline: &'p crate::base::code::Outline, expr: &'p Expr) -> Option<&'p Expr> {
    let mut here = expr;
    for _ in 0..64 {
        match here {
            Expr::Call(id) => here = outline.call(*id).method()?.0,
            other => return Some(other),
        }
    }
    None
}
