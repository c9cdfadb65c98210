//! Which calls declare tables, and what the tables are called.

use super::{ID, columns, extras};
use crate::base::Name;
use crate::base::code::{Call, CallId, Expr};
use crate::facts::database::{Dialect, Key, ObjectName, Table};
use crate::facts::finding::Findings;
use crate::facts::program::{CallRef, Entered, FileId, FuncRef, Meaning, Program, Site};
use crate::frameworks::script::tables::found::{declared, place};
use crate::frameworks::script::tables::naming::{camel, snake};
use crate::frameworks::script::tables::options::Options;
use crate::frameworks::script::tables::steps::frame;

/// Modules that declare tables, with their dialect.
const CORES: &[(&str, Dialect)] = &[
    ("drizzle-orm/pg-core", Dialect::Postgres),
    ("drizzle-orm/gel-core", Dialect::Postgres),
    ("drizzle-orm/mysql-core", Dialect::MySql),
    ("drizzle-orm/singlestore-core", Dialect::MySql),
    ("drizzle-orm/sqlite-core", Dialect::Sqlite),
    ("drizzle-orm/mssql-core", Dialect::SqlServer),
];

/// A table as a call declares it.
#[derive(Clone)]
pub struct Declared<'p> {
    /// The call.
    pub call: &'p Call,
    /// Where its arguments are read.
    pub site: Site,
    /// Which one.
    pub at: CallRef,
    /// The table.
    pub name: ObjectName,
    /// The dialect.
    pub dialect: Dialect,
}

/// How keys without a name of their own become columns.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Casing {
    /// As they are.
    #[default]
    Keep,
    /// `snake_case`.
    Snake,
    /// `camelCase`.
    Camel,
}

impl Casing {
    /// A key as a column's name.
    #[must_use]
    pub fn column(self, key: &str) -> Name {
        match self {
            Self::Keep => key.into(),
            Self::Snake => snake(key).into(),
            Self::Camel => camel(key).into(),
        }
    }
}

/// Reads the tables of a file.
pub fn read(program: &dyn Program, file: FileId, findings: &mut Findings) {
    let outline = &program.file(file).outline;
    let may_declare = outline.calls.iter().any(|call| {
        call.callee.last_name().is_some_and(|name| matches!(name.as_str(), "table" | "pgTable" | "mysqlTable" | "sqliteTable"))
    }) || outline.imports.iter().any(|import| import.module.starts_with("drizzle-orm/"));
    if !may_declare {
        return;
    }
    let has_core = outline.imports.iter().any(|import| CORES.iter().any(|(core, _)| import.module.starts_with(core)));
    let casing = casing(program, file);
    for (index, call) in (0u32..).zip(&outline.calls) {
        if call.args.len() < 2 || !has_core && !is_table_named(call) {
            continue;
        }
        let at = CallRef { file, id: CallId(index) };
        let Some(table) = declaration(program, at) else { continue };
        of_table(program, &table, casing, findings);
    }
}

fn is_table_named(call: &Call) -> bool {
    call.callee.last_name().is_some_and(|name| name.to_lowercase().ends_with("table"))
}

fn of_table(program: &dyn Program, declaration: &Declared, casing: Casing, findings: &mut Findings) {
    let columns = columns::columns(program, declaration, casing);
    if columns.is_empty() {
        return;
    }
    let model = bound_name(program, declaration.at);
    let mut table = Table { name: declaration.name.clone(), ..Table::default() };
    let mut enums = Vec::new();
    let keys: Vec<Name> = columns.iter().filter(|made| made.is_primary).map(|made| made.column.name.clone()).collect();
    table.primary_key = (!keys.is_empty()).then(|| Key::of(keys));
    for made in &columns {
        table.columns.push(made.column.clone());
        if let Some(ty) = &made.ty
            && !enums.contains(ty)
        {
            enums.push(ty.clone());
        }
        if let Some(unique) = &made.unique {
            table.uniques.push(unique.clone());
        }
        table.foreign_keys.extend(made.reference(program, declaration, casing));
    }
    extras::read(program, declaration, casing, &columns, &mut table);
    let at = place(declaration.at.file, &model, declaration.call.at.line);
    let mut finding = declared(ID, table, &model, at);
    finding.enums = enums;
    finding.dialect = Some(declaration.dialect);
    findings.tables.push(finding);
}

/// The name a call's value is bound to: `export const users = pgTable(…)`.
fn bound_name(program: &dyn Program, at: CallRef) -> Name {
    let outline = &program.file(at.file).outline;
    let found = outline.assigns.iter().find(|assign| chain_holds(&assign.value, at.id, program, at.file));
    found
        .and_then(|assign| match &assign.target {
            crate::base::code::Pattern::Name(name) => Some(name.clone()),
            _ => None,
        })
        .unwrap_or_default()
}

/// Whether a value is a call, or a chain on it.
fn chain_holds(value: &Expr, id: CallId, program: &dyn Program, file: FileId) -> bool {
    let mut here = value;
    for _ in 0..8 {
        match here {
            Expr::Call(call) if *call == id => return true,
            Expr::Call(call) => match &program.file(file).outline.call(*call).callee {
                Expr::Member(receiver, _) => here = receiver,
                _ => return false,
            },
            Expr::Cast(pair) => here = &pair.0,
            _ => return false,
        }
    }
    false
}

/// The table that a call declares.
#[must_use]
pub fn declaration<'p>(program: &'p dyn Program, at: CallRef) -> Option<Declared<'p>> {
    let call = program.call(at);
    let site = Site::of_call(at.file, call);
    let first = call.positional(0)?;
    let (dialect, name) = match program.callee(at) {
        Meaning::Outside(path) => {
            let path = path.strip_suffix(".withRLS").unwrap_or(&path);
            let dialect = made_by(path, &["pgTable", "mysqlTable", "sqliteTable", "singlestoreTable", "gelTable", "mssqlTable"])?;
            (dialect, ObjectName::new(program.text(&site, first).plain()?))
        }
        // `const table = pgTableCreator((name) => `app_${name}`)`.
        Meaning::Value(Expr::Call(creator), made) => {
            let creator = CallRef { file: made.file, id: *creator };
            let path = program.callee(creator);
            let makers = &["pgTableCreator", "mysqlTableCreator", "sqliteTableCreator", "singlestoreTableCreator"];
            let dialect = made_by(path.outside()?, makers)?;
            (dialect, ObjectName::new(created_name(program, creator, at)?))
        }
        // `const billing = pgSchema("billing")`, `billing.table(…)`.
        Meaning::Attribute(of, method) if method == "table" => {
            let (schema, _) = of.call()?;
            let path = program.callee(schema);
            let dialect = made_by(path.outside()?, &["pgSchema", "mysqlSchema", "mysqlDatabase", "gelSchema"])?;
            let made = program.call(schema);
            let schema = program.text(&Site::of_call(schema.file, made), made.positional(0)?).plain()?;
            (dialect, ObjectName::in_schema(schema, program.text(&site, first).plain()?))
        }
        _ => return None,
    };
    Some(Declared { call, site, at, name, dialect })
}

/// The dialect of a maker of tables.
#[must_use]
pub fn made_by(path: &str, names: &[&str]) -> Option<Dialect> {
    let (module, name) = path.rsplit_once('.')?;
    if !names.contains(&name) {
        return None;
    }
    CORES.iter().find(|(core, _)| module.starts_with(core)).map(|(_, dialect)| *dialect)
}

/// What a creator makes of a table's name.
fn created_name(program: &dyn Program, creator: CallRef, table: CallRef) -> Option<String> {
    let made = program.call(creator);
    let function = program.resolve(&Site::of_call(creator.file, made), made.positional(0)?).function()?;
    let caller = Site::of_call(table.file, program.call(table));
    returned_text(program, function, Entered::Call { function, call: table, caller })
}

/// The text a function returns when it is entered.
fn returned_text(program: &dyn Program, function: FuncRef, entered: Entered) -> Option<String> {
    let facts = program.file(function.file);
    let index = facts.returns_of(function.id).first()?;
    let returned = &facts.outline.returns[*index as usize];
    let at = Site { file: function.file, scope: returned.scope, offset: u32::MAX, env: frame(entered, None) };
    program.text(&at, &returned.value).plain()
}

/// The table an expression names: `users`, `schema.users`, `() => users`.
#[must_use]
pub fn table_of<'p>(program: &'p dyn Program, site: &Site, expr: &'p Expr) -> Option<Declared<'p>> {
    let Meaning::Value(Expr::Call(id), at) = program.resolve(site, expr) else { return None };
    let mut here = CallRef { file: at.file, id: *id };
    for _ in 0..4 {
        if let Some(table) = declaration(program, here) {
            return Some(table);
        }
        // `pgTable(…).enableRLS()`; an alias: `alias(users, "u")`.
        let call = program.call(here);
        match call.method() {
            Some((Expr::Call(inner), _)) => here.id = *inner,
            _ => {
                let is_alias = call.callee.last_name().is_some_and(|name| matches!(name.as_str(), "alias" | "aliasedTable"));
                let of = call.positional(0).filter(|_| is_alias)?;
                let Meaning::Value(Expr::Call(id), at) = program.resolve(&Site::of_call(here.file, call), of) else { return None };
                here = CallRef { file: at.file, id: *id };
            }
        }
    }
    None
}

/// The casing that the package's `drizzle.config` says.
#[must_use]
pub fn casing(program: &dyn Program, file: FileId) -> Casing {
    let root = program.package_with(file, "drizzle-orm").or_else(|| program.package_with(file, "drizzle-kit")).unwrap_or("");
    let folder = if root.is_empty() { String::new() } else { format!("{root}/") };
    let config = ["ts", "js", "mjs", "mts"].iter().find_map(|end| program.file_at(&format!("{folder}drizzle.config.{end}")));
    let Some(config) = config else { return Casing::Keep };
    let outline = &program.file(config).outline;
    let says = |site: &Site, expr| Options::of(program, site, expr).text(program, "casing");
    let of_calls = outline.calls.iter().filter(|call| call.callee.last_name().is_some_and(|name| name == "defineConfig"));
    let said = of_calls.filter_map(|call| says(&Site::of_call(config, call), call.positional(0)?)).next().or_else(|| {
        outline.exports.iter().find_map(|export| match &export.target {
            crate::base::code::ExportTarget::Value(value) => says(&Site::module(config), value),
            _ => None,
        })
    });
    match said.as_deref() {
        Some("snake_case") => Casing::Snake,
        Some("camelCase") => Casing::Camel,
        _ => Casing::Keep,
    }
}
