//! SQL in code: what a library's methods, macros and tagged templates are given. Statements that make a schema are a migration of the
//! file they stand in, unless a tool's own functions hold them; others are uses of tables.

use super::script::tables::found::{folder, place, stem, symbol_at};
use crate::base::code::{Call, CallKind, Expr, ScopeId, ScopeKind};
use crate::facts::database::{Dialect, Doing, Migration, Query, Step};
use crate::facts::finding::Findings;
use crate::facts::program::{FileId, Program, Site, Text};

/// Words that statements begin with: those of a schema first.
const SCHEMA_WORDS: &[&str] = &["create", "alter", "drop", "pragma", "comment"];
const QUERY_WORDS: &[&str] = &["select", "insert", "update", "delete", "with", "merge", "replace", "truncate", "values"];

/// A library and what it is given SQL by.
pub struct Library {
    /// The framework's id.
    pub id: &'static str,
    /// Methods, functions and macros, by their last name.
    pub names: &'static [&'static str],
    /// The dialects of its modules.
    pub dialects: &'static [(&'static str, Dialect)],
    /// Whether code at a place only runs in tests.
    pub is_test: fn(&dyn Program, FileId, ScopeId) -> bool,
}

/// Functions that a migration tool calls.
const STEPS: &[&str] = &["up", "down", "upgrade", "downgrade", "forward", "backward", "forwards", "reverse", "rollback", "revert"];

/// Reads the SQL that a file gives to a library.
pub fn read(program: &dyn Program, file: FileId, library: &Library, findings: &mut Findings) {
    let mut steps: Vec<(u32, Step)> = Vec::new();
    for call in &program.file(file).outline.calls {
        if !call.callee.last_name().is_some_and(|name| library.names.contains(&name.as_str())) || call.kind == CallKind::Attribute {
            continue;
        }
        let site = Site::of_call(file, call);
        let Some(given) = call.args.iter().take(2).find_map(|arg| given(program, &site, &arg.value)) else { continue };
        if (library.is_test)(program, file, call.scope) {
            continue;
        }
        let at = place(file, &symbol_at(program, file, call.scope), call.at.line);
        match given {
            Given::Schema(_) if is_of_tool(program, file, call.scope) => {}
            Given::Schema(doing) => steps.push((call.at.offset, Step { doing, place: at })),
            Given::Query(sql) => findings.queries.push(Query { framework: library.id, sql, place: at }),
        }
    }
    if steps.is_empty() {
        return;
    }
    steps.sort_by_key(|(offset, _)| *offset);
    let steps: Vec<Step> = steps.into_iter().map(|(_, step)| step).collect();
    findings.migrations.push(Migration {
        framework: library.id,
        sequence: folder(program, file),
        id: stem(program, file),
        position: stem(program, file),
        dialect: dialect_of(program, file, library),
        is_loose: true,
        place: steps[0].place.clone(),
        steps,
        ..Migration::default()
    });
}

/// Whether a migration tool runs what stands here.
fn is_of_tool(program: &dyn Program, file: FileId, scope: ScopeId) -> bool {
    let outline = &program.file(file).outline;
    let is_step = outline.scopes_from(scope).any(|(_, scope)| match scope.kind {
        ScopeKind::Function(id) => STEPS.contains(&outline.function(id).name.as_str()),
        _ => false,
    });
    is_step || program.path(file).split('/').any(|part| part.to_ascii_lowercase().contains("migration"))
}

/// The dialect of the modules that a file imports; of a library that has one, that one.
fn dialect_of(program: &dyn Program, file: FileId, library: &Library) -> Option<Dialect> {
    let imports = &program.file(file).outline.imports;
    let is_of = |module: &str, of: &str| module.strip_prefix(of).is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', '/', ':']));
    let imported = library.dialects.iter().find(|(module, _)| imports.iter().any(|import| is_of(&import.module, module)));
    let only = library.dialects.first().filter(|first| library.dialects.iter().all(|other| other.1 == first.1));
    imported.or(only).map(|(_, dialect)| *dialect)
}

/// What a call is given.
enum Given {
    /// A statement that makes or changes a schema, or a file of them.
    Schema(Doing),
    /// Any other statement.
    Query(Text),
}

fn given(program: &dyn Program, site: &Site, expr: &Expr) -> Option<Given> {
    if let Some(path) = included(program, site, expr) {
        return Some(Given::Schema(Doing::SqlFile(path)));
    }
    if !matches!(expr, Expr::Str(_) | Expr::Template(_) | Expr::Ref(_) | Expr::Member(..) | Expr::Call(_)) {
        return None;
    }
    let text = program.text(site, expr);
    let word = first_word(&text)?;
    if SCHEMA_WORDS.contains(&word.as_str()) {
        return Some(Given::Schema(Doing::Sql(text)));
    }
    QUERY_WORDS.contains(&word.as_str()).then_some(Given::Query(text))
}

/// The file of `include_str!("schema.sql")`, also behind a constant.
#[must_use]
pub fn included(program: &dyn Program, site: &Site, expr: &Expr) -> Option<Text> {
    let call: &Call = match expr {
        Expr::Call(id) => program.file(site.file).outline.call(*id),
        Expr::Ref(_) | Expr::Member(..) => {
            let meaning = program.resolve(site, expr);
            let (Expr::Call(id), at) = meaning.value()? else { return None };
            program.file(at.file).outline.call(*id)
        }
        _ => return None,
    };
    let is_file = call.kind == CallKind::Macro && call.callee.last_name().is_some_and(|name| name == "include_str");
    let path = call.args.first().filter(|_| is_file)?.value.as_str()?;
    path.ends_with(".sql").then(|| Text::known(path))
}

/// The first word of a text of SQL behind its comments, in lower case.
fn first_word(text: &Text) -> Option<String> {
    let (text, _) = text.template();
    let mut rest = text.trim_start();
    while let Some(comment) = rest.strip_prefix("--") {
        rest = comment.split_once('\n').map_or("", |(_, rest)| rest).trim_start();
    }
    let word: String = rest.chars().take_while(char::is_ascii_alphabetic).map(|c| c.to_ascii_lowercase()).collect();
    let is_followed = rest[word.len()..].starts_with(char::is_whitespace);
    (is_followed && !word.is_empty()).then_some(word)
}
