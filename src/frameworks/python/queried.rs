//! Models that answer for their own tables: `User.select()`, `await User.filter(…)`, `User(…).save()`.

use std::collections::BTreeSet;

use crate::base::Name;
use crate::base::code::{CallId, Expr, ScopeId, ScopeKind};
use crate::facts::database::{Access, ObjectName, TableUse};
use crate::facts::finding::{Findings, Place};
use crate::facts::program::{CallRef, ClassRef, FileId, Meaning, Program, Site};

/// How a library's models are used.
pub struct Library<'a> {
    /// The framework's id.
    pub id: &'static str,
    /// Methods of a model that read.
    pub reads: &'a [&'a str],
    /// Methods of a model or of an instance that write.
    pub writes: &'a [&'a str],
    /// Whether making an instance writes it.
    pub is_written_when_made: bool,
    /// The table of a model.
    pub table: &'a dyn Fn(ClassRef) -> Option<ObjectName>,
}

/// Finds the uses of models in a file.
pub fn read(program: &dyn Program, file: FileId, library: &Library, findings: &mut Findings) {
    let outline = &program.file(file).outline;
    let mut found: BTreeSet<(ObjectName, Access, Name)> = BTreeSet::new();
    let mut say = |table: ObjectName, access: Access, scope: ScopeId, line: u32| {
        let symbol = symbol(program, file, scope);
        if found.insert((table.clone(), access, symbol.clone())) {
            findings.uses.push(TableUse { framework: library.id, table, access, place: Place { file, symbol, line } });
        }
    };
    for (id, call) in (0u32..).zip(&outline.calls) {
        let site = Site::of_call(file, call);
        if let Some((receiver, method)) = call.method() {
            let access = if library.reads.contains(&method.as_str()) {
                Access::Read
            } else if library.writes.contains(&method.as_str()) {
                Access::Write
            } else {
                continue;
            };
            let class = match program.resolve(&site, receiver) {
                Meaning::Class(class) | Meaning::Instance(class) => Some(class),
                Meaning::Outside(_) | Meaning::Module(..) | Meaning::Namespace(_) => None,
                _ if access == Access::Write => program.class_of(&site, receiver),
                _ => None,
            };
            if let Some(table) = class.and_then(library.table) {
                say(table, access, call.scope, call.at.line);
            }
        } else if library.is_written_when_made
            && matches!(call.callee, Expr::Ref(_))
            && let Meaning::Class(class) = program.callee(CallRef { file, id: CallId(id) })
            && let Some(table) = (library.table)(class)
        {
            say(table, Access::Write, call.scope, call.at.line);
        }
    }
}

/// The function or class around a place.
fn symbol(program: &dyn Program, file: FileId, scope: ScopeId) -> Name {
    let outline = &program.file(file).outline;
    let named = outline.scopes_from(scope).find_map(|(_, scope)| match &scope.kind {
        ScopeKind::Function(id) => Some(outline.function(*id).name.clone()).filter(|name| !name.is_empty()),
        ScopeKind::Class(id) => Some(outline.class(*id).name.clone()),
        _ => None,
    });
    named.unwrap_or_default()
}
