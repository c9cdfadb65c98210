//! Objection: models of Knex tables, and who uses which.
//!
//! Read from Objection 3 (`vincit.github.io/objection.js`). Tables come from Knex's migrations.

use crate::base::code::Expr;
use crate::base::language::Language;
use crate::facts::database::{Access, ObjectName};
use crate::facts::finding::Findings;
use crate::facts::framework::{Framework, Tells};
use crate::facts::program::{ClassRef, FileId, Program, Site};
use crate::frameworks::script::tables::found::{place, symbol_at, used};
use crate::frameworks::script::tables::steps::{Chain, tops};

/// The framework's id.
const ID: &str = "script/objection";
/// Methods that change rows.
const WRITES: &[&str] = &[
    "insert",
    "insertAndFetch",
    "insertGraph",
    "insertGraphAndFetch",
    "update",
    "updateAndFetchById",
    "patch",
    "patchAndFetchById",
    "upsertGraph",
    "delete",
    "deleteById",
    "increment",
    "decrement",
    "truncate",
];

/// Objection.
pub const FRAMEWORK: Framework = Framework {
    id: ID,
    label: "Objection",
    languages: &[Language::TypeScript, Language::Tsx, Language::JavaScript],
    modules: &["objection"],
    tells: &[Tells::Tables],
    read: Some(read),
    types: None,
};

fn read(program: &dyn Program, file: FileId, findings: &mut Findings) {
    let outline = &program.file(file).outline;
    if !outline.calls.iter().any(|call| call.method().is_some_and(|(_, method)| method == "query")) {
        return;
    }
    for id in tops(program, file) {
        let call = outline.call(id);
        let chain = Chain::ending(program, &Site::of_call(file, call), id);
        let (Some(Expr::Ref(_)), "query") = (chain.receiver, chain.first().name.as_str()) else { continue };
        let Some(class) = chain.receiver.and_then(|receiver| program.resolve(&chain.site, receiver).class()) else { continue };
        if let Some(table) = table_of(program, class) {
            let access = if chain.has(WRITES) { Access::Write } else { Access::Read };
            used(findings, ID, ObjectName::new(table), access, place(file, &symbol_at(program, file, call.scope), chain.line()));
        }
    }
}

/// The table of a model: `static tableName = "users"`, `static get tableName() { return "users" }`.
fn table_of(program: &dyn Program, class: ClassRef) -> Option<String> {
    if !program.outside_bases(class).iter().any(|base| base == "objection.Model") {
        return None;
    }
    if let Some((value, at)) = program.class_attribute(class, "tableName") {
        return program.text(&at, value).plain();
    }
    let getter = program.method(class, "tableName")?;
    let facts = program.file(getter.file);
    let returned = &facts.outline.returns[*facts.returns_of(getter.id).first()? as usize];
    program.text(&Site::of_scope(getter.file, returned.scope), &returned.value).plain()
}
