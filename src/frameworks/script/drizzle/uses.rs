//! Who reads and writes which table: `db.select().from(users)`, `db.insert(users)`, `db.query.users.findMany()`.

use super::ID;
use super::tables::{Declared, declaration, table_of};
use crate::base::Name;
use crate::base::code::{Expr, Pattern};
use crate::facts::database::Access;
use crate::facts::finding::Findings;
use crate::facts::importers::Importers;
use crate::facts::program::{CallRef, FileId, Program, Site};
use crate::frameworks::script::tables::found::{place, symbol_at, used};

/// Reads the uses in a file.
pub fn read(program: &dyn Program, file: FileId, findings: &mut Findings) {
    for call in &program.file(file).outline.calls {
        let Some((receiver, method)) = call.method() else { continue };
        let found = match method.as_str() {
            "from" | "innerJoin" | "leftJoin" | "rightJoin" | "fullJoin" | "crossJoin" | "$count" => {
                of_argument(program, file, call).map(|table| (table, Access::Read))
            }
            "insert" | "update" | "delete" => of_argument(program, file, call).map(|table| (table, Access::Write)),
            "findMany" | "findFirst" => relational(program, file, receiver).map(|table| (table, Access::Read)),
            _ => None,
        };
        if let Some((table, access)) = found {
            let at = place(file, &symbol_at(program, file, call.scope), call.at.line);
            used(findings, ID, table.name, access, at);
        }
    }
}

fn of_argument<'p>(program: &'p dyn Program, file: FileId, call: &'p crate::base::code::Call) -> Option<Declared<'p>> {
    let arg = call.positional(0)?;
    if !matches!(arg, Expr::Ref(_) | Expr::Member(..)) {
        return None;
    }
    table_of(program, &Site::of_call(file, call), arg)
}

/// `db.query.users`: the table that some schema file exports under this name.
fn relational<'p>(program: &'p dyn Program, file: FileId, receiver: &Expr) -> Option<Declared<'p>> {
    let Expr::Member(query, name) = receiver else { return None };
    let Expr::Member(_, word) = query.as_ref() else { return None };
    if word != "query" {
        return None;
    }
    let near = program.path(file).split('/').next().unwrap_or_default();
    let mut found = None;
    for &other in Importers::of(program).importing("drizzle-orm") {
        let outline = &program.file(other).outline;
        if !outline.imports.iter().any(|import| import.module.starts_with("drizzle-orm/")) {
            continue;
        }
        let table = declared_as(program, other, name);
        if table.is_some() {
            let is_near = program.path(other).starts_with(near);
            found = table;
            if is_near {
                break;
            }
        }
    }
    found
}

fn declared_as<'p>(program: &'p dyn Program, file: FileId, name: &Name) -> Option<Declared<'p>> {
    let outline = &program.file(file).outline;
    let assign = outline.assigns.iter().find(|assign| matches!(&assign.target, Pattern::Name(bound) if bound == name))?;
    let Expr::Call(id) = &assign.value else { return None };
    declaration(program, CallRef { file, id: *id })
}
