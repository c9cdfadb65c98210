//! The way up of a migration file: a function that it exports under the name `up`.

use crate::base::Name;
use crate::base::code::ExportTarget;
use crate::base::code::{Expr, FuncId, Pattern};
use crate::facts::program::{FileId, FuncRef, Program, Site};

/// The function that a file exports as `up`, by itself or as a member of what it exports.
#[must_use]
pub fn up(program: &dyn Program, file: FileId) -> Option<FuncRef> {
    let outline = &program.file(file).outline;
    for export in &outline.exports {
        let found = match (export.name.as_str(), &export.target) {
            ("up", ExportTarget::Local(name)) => local(program, file, name),
            ("up", ExportTarget::Value(value)) => program.resolve(&Site::module(file), value).function(),
            ("default" | "=", ExportTarget::Value(value)) => member(program, file, value),
            ("default" | "=", ExportTarget::Local(name)) => bound(program, file, name).and_then(|value| member(program, file, value)),
            _ => None,
        };
        if found.is_some() {
            return found;
        }
    }
    None
}

/// A function of the module by name.
fn local(program: &dyn Program, file: FileId, name: &Name) -> Option<FuncRef> {
    let outline = &program.file(file).outline;
    let declared = (0u32..).zip(&outline.functions).find(|(_, function)| function.name == *name && function.class.is_none());
    match bound(program, file, name) {
        Some(Expr::Func(id)) => Some(FuncRef { file, id: *id }),
        Some(value) => program.resolve(&Site::module(file), value).function(),
        None => declared.map(|(index, _)| FuncRef { file, id: FuncId(index) }),
    }
}

fn bound<'p>(program: &'p dyn Program, file: FileId, name: &Name) -> Option<&'p Expr> {
    let outline = &program.file(file).outline;
    let assign = outline.assigns.iter().find(|assign| matches!(&assign.target, Pattern::Name(bound) if bound == name))?;
    Some(&assign.value)
}

/// `{ up: async (…) => {…}, down }`.
fn member(program: &dyn Program, file: FileId, value: &Expr) -> Option<FuncRef> {
    let site = Site::module(file);
    let (_, value, at) = program.entries(&site, value)?.into_iter().find(|(name, ..)| name == "up")?;
    program.resolve(&at, value).function()
}
