//! rusqlite, and rusqlite_migration: `M::up("…")` in a list.

use super::http::{is_test, is_test_file};
use crate::base::code::CallId;
use crate::base::language::Language;
use crate::facts::database::{Dialect, Doing, Migration, Step};
use crate::facts::finding::Findings;
use crate::facts::framework::{Framework, Tells};
use crate::facts::program::{CallRef, FileId, Program, Site};
use crate::frameworks::embedded::{self, Library, included};
use crate::frameworks::script::tables::found::{folder, place, stem, symbol_at};

/// rusqlite.
pub const FRAMEWORK: Framework = Framework {
    id: "rust/rusqlite",
    label: "rusqlite",
    languages: &[Language::Rust],
    modules: &["rusqlite", "rusqlite_migration", "tokio_rusqlite", "async_sqlite", "r2d2_sqlite"],
    tells: &[Tells::Tables, Tells::Migrations],
    read: Some(read),
    types: None,
};

const LIBRARY: Library = Library {
    id: FRAMEWORK.id,
    names: &["execute", "execute_batch", "prepare", "prepare_cached", "query_row", "query_row_and_then", "query_one", "query"],
    dialects: &[("rusqlite", Dialect::Sqlite)],
    is_test,
};

fn read(program: &dyn Program, file: FileId, findings: &mut Findings) {
    embedded::read(program, file, &LIBRARY, findings);
    read_migrations(program, file, findings);
}

/// `M::up("CREATE …")`: one list in its own order.
fn read_migrations(program: &dyn Program, file: FileId, findings: &mut Findings) {
    if is_test_file(program, file) {
        return;
    }
    let mut steps: Vec<(u32, Step)> = Vec::new();
    for (id, call) in (0u32..).zip(&program.file(file).outline.calls) {
        if call.callee.last_name().is_none_or(|name| name != "up") || is_test(program, file, call.scope) {
            continue;
        }
        if !program.callee(CallRef { file, id: CallId(id) }).is_any(&["rusqlite_migration.M.up"]) {
            continue;
        }
        let Some(sql) = call.positional(0) else { continue };
        let site = Site::of_call(file, call);
        let doing = included(program, &site, sql).map_or_else(|| Doing::Sql(program.text(&site, sql)), Doing::SqlFile);
        let at = place(file, &symbol_at(program, file, call.scope), call.at.line);
        steps.push((call.at.offset, Step { doing, place: at }));
    }
    let Some((_, first)) = steps.first() else { return };
    let at = first.place.clone();
    steps.sort_by_key(|(offset, _)| *offset);
    findings.migrations.push(Migration {
        framework: FRAMEWORK.id,
        sequence: folder(program, file),
        id: stem(program, file),
        position: stem(program, file),
        dialect: Some(Dialect::Sqlite),
        steps: steps.into_iter().map(|(_, step)| step).collect(),
        place: at,
        ..Migration::default()
    });
}
