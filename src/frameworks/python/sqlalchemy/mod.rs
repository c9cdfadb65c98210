//! SQLAlchemy: declarative models of both generations, tables as values, and what is built on it: Flask-SQLAlchemy,
//! advanced-alchemy, fastapi-users.
//!
//! - [`words`]: what names of the library mean, whatever they are imported as.
//! - [`types`], [`custom`], [`enums`], [`annotated`]: column types, as the library says them, as the program does, as annotations do.
//! - [`column`], [`draft`], [`naming`], [`expression`]: columns, and tables put together from them.
//! - [`ancestry`], [`tablename`], [`library`], [`model`], [`fields`]: mapped classes. [`core`]: tables as values.
//! - [`uses`]: code that reads and writes tables.
//!
//! Relationships make no column and are not read. Tables that are reflected from a database say nothing here.

pub mod ancestry;
pub mod annotated;
pub mod column;
pub mod core;
mod custom;
pub mod draft;
pub mod enums;
pub mod expression;
mod fields;
mod library;
pub mod model;
pub mod naming;
pub mod tablename;
pub mod types;
mod uses;
pub mod words;

use self::draft::Draft;
use self::model::{Model, Models};
use crate::base::Name;
use crate::base::code::{ClassId, Expr, Key, ScopeId, ScopeKind};
use crate::base::language::Language;
use crate::facts::database::TableFinding;
use crate::facts::finding::{Findings, Place};
use crate::facts::framework::{Framework, Tells};
use crate::facts::importers::Heirs;
use crate::facts::program::{CallRef, ClassRef, FileId, Program, Site};

/// SQLAlchemy.
pub const FRAMEWORK: Framework = Framework {
    id: "python/sqlalchemy",
    label: "SQLAlchemy",
    languages: &[Language::Python],
    modules: &[
        "sqlalchemy",
        "sqlmodel",
        "flask_sqlalchemy",
        "advanced_alchemy",
        "fastapi_users_db_sqlalchemy",
        "quart_sqlalchemy",
        "flask_appbuilder",
    ],
    tells: &[Tells::Tables],
    read: Some(read),
    types: None,
};

fn read(program: &dyn Program, file: FileId, findings: &mut Findings) {
    uses::read(program, file, findings);
    let facts = program.file(file);
    for (index, class) in (0u32..).zip(&facts.outline.classes) {
        if class.bases.is_empty() && class.decorators.is_empty() {
            continue;
        }
        findings.tables.extend(table_of_class(program, ClassRef { file, id: ClassId(index) }));
    }
    if is_migration(program, file) {
        return;
    }
    for (index, call) in (0u32..).zip(&facts.outline.calls) {
        if call.callee.last_name().is_some_and(|name| name == "Table") {
            findings.tables.extend(table_of_call(program, CallRef { file, id: crate::base::code::CallId(index) }));
        }
    }
}

/// Whether a file is one of Alembic's: its tables are the state at some time, not now.
#[must_use]
pub fn is_migration(program: &dyn Program, file: FileId) -> bool {
    let facts = program.file(file);
    !facts.bound(ScopeId(0), "down_revision").is_empty() && !facts.bound(ScopeId(0), "revision").is_empty()
}

fn table_of_class(program: &dyn Program, class: ClassRef) -> Option<TableFinding> {
    let model = Model::new(program, class)?;
    if !model.has_own_table() || model.declares_table() {
        return None;
    }
    let (mut draft, schema) = model.draft()?;
    for child in children(program, class) {
        if let Some(child) = Model::new(program, child).filter(|child| !child.has_own_table()) {
            child.own_columns(&mut draft);
            child.own_items(&mut draft);
        }
    }
    let declared = program.class(class);
    let place = Place { file: class.file, symbol: declared.name.clone(), line: declared.at.line };
    finding(draft, schema, declared.name.clone(), place)
}

/// Classes that inherit from a mapped class that tells its kinds apart by a column.
fn children(program: &dyn Program, class: ClassRef) -> Vec<ClassRef> {
    if !is_polymorphic(program, class) {
        return Vec::new();
    }
    let heirs = Heirs::of(program);
    let mut names: Vec<Name> = vec![program.class(class).name.clone()];
    let mut found = Vec::new();
    for _ in 0..4 {
        let mut more = Vec::new();
        for child in names.iter().flat_map(|name| heirs.naming(name)) {
            if *child != class && !found.contains(child) && !more.contains(child) && program.lineage(*child).contains(&class) {
                more.push(*child);
            }
        }
        more.sort_unstable();
        if more.is_empty() {
            break;
        }
        names = more.iter().map(|child| program.class(*child).name.clone()).collect();
        found.extend(more);
    }
    found
}

/// Whether `__mapper_args__` tells kinds apart: then other classes may share the table.
fn is_polymorphic(program: &dyn Program, class: ClassRef) -> bool {
    program.lineage(class).into_iter().any(|class| {
        let facts = program.file(class.file);
        let declared = facts.outline.class(class.id);
        let by_field = declared.fields.iter().filter(|field| field.name == "__mapper_args__").any(|field| match &field.default {
            Some(Expr::Object(entries)) => {
                entries.iter().any(|entry| !matches!(&entry.key, Key::Name(name) if !name.starts_with("polymorphic")))
            }
            _ => true,
        });
        by_field || declared.methods.iter().any(|id| facts.outline.function(*id).name == "__mapper_args__")
    })
}

fn table_of_call(program: &dyn Program, call_ref: CallRef) -> Option<TableFinding> {
    let call = program.file(call_ref.file).outline.call(call_ref.id);
    let site = Site::of_call(call_ref.file, call);
    let callee = program.callee(call_ref);
    if words::word(program, &callee)? != "Table" {
        return None;
    }
    let made = words::Said { word: "Table".into(), call, at: site, given: None };
    let (draft, schema) = core::draft(program, &Models(program), &made)?;
    let model = match program.file(call_ref.file).outline.scope(call.scope).kind {
        ScopeKind::Class(id) => program.class(ClassRef { file: call_ref.file, id }).name.clone(),
        _ => Name::default(),
    };
    let symbol = if model.is_empty() { variable(program, call_ref).unwrap_or_else(|| draft.name.name.clone()) } else { model.clone() };
    finding(draft, schema, model, Place { file: call_ref.file, symbol, line: call.at.line })
}

/// The variable that takes a call's value.
fn variable(program: &dyn Program, call: CallRef) -> Option<Name> {
    let assigns = &program.file(call.file).outline.assigns;
    let assign = assigns.iter().find(|assign| assign.value == Expr::Call(call.id))?;
    match &assign.target {
        crate::base::code::Pattern::Name(name) => Some(name.clone()),
        _ => None,
    }
}

/// A finished table; foreign keys without a schema mean the metadata's own.
#[must_use]
pub fn finding(draft: Draft, schema: Option<Name>, model: Name, place: Place) -> Option<TableFinding> {
    let (mut table, enums) = draft.finish();
    if table.columns.is_empty() {
        return None;
    }
    if let Some(schema) = schema {
        for key in table.foreign_keys.iter_mut().filter(|key| key.target.schema.is_none()) {
            key.target.schema = Some(schema.clone());
        }
    }
    Some(TableFinding {
        framework: FRAMEWORK.id,
        table,
        enums,
        dialect: None,
        model,
        sequence: Name::default(),
        is_implied: false,
        is_state: false,
        place,
    })
}
