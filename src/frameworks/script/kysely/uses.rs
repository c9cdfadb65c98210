//! Who reads and writes which table: `db.selectFrom("person")`, `db.insertInto("person")`.

use super::ID;
use crate::facts::database::Access;
use crate::facts::finding::Findings;
use crate::facts::program::{FileId, Program, Site};
use crate::frameworks::script::tables::found::{place, symbol_at, used};
use crate::frameworks::script::tables::options::texts_of;

/// Reads the uses in a file.
pub fn read(program: &dyn Program, file: FileId, findings: &mut Findings) {
    let outline = &program.file(file).outline;
    let begins = |name: &str| matches!(name, "selectFrom" | "insertInto" | "updateTable" | "deleteFrom" | "replaceInto" | "mergeInto");
    if !outline.calls.iter().any(|call| call.callee.last_name().is_some_and(|name| begins(name))) {
        return;
    }
    for call in &outline.calls {
        let Some((_, method)) = call.method() else { continue };
        let access = match method.as_str() {
            "selectFrom" | "innerJoin" | "leftJoin" | "rightJoin" | "fullJoin" | "crossJoin" => Access::Read,
            name if begins(name) => Access::Write,
            _ => continue,
        };
        let Some(arg) = call.positional(0) else { continue };
        for text in texts_of(program, &Site::of_call(file, call), arg) {
            let Some(table) = text.split_whitespace().next() else { continue };
            let at = place(file, &symbol_at(program, file, call.scope), call.at.line);
            used(findings, ID, super::schema::object_name(table, None), access, at);
        }
    }
}
