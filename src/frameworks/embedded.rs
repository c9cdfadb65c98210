//! SQL in code: what a library's methods, macros and tagged templates are given. Statements that make a schema are a migration of the
//! file they stand in, unless a tool's own functions hold them; others are uses of tables.

use super::script::tables::found::{folder, place, stem, symbol_at};
use crate::base::Name;
use crate::base::code::{Call, CallKind, Expr, Pattern, ScopeId, ScopeKind};
use crate::base::language::Language;
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

/// Names that much else has too: they are given SQL where it stands.
const COMMON: &[&str] = &["get", "all", "run", "each", "one", "any", "none", "many", "begin", "cursor", "fetch", "iterate"];

/// Functions that a migration tool calls to go on, and to go back.
const UP: &[&str] = &["up", "upgrade", "forward", "forwards"];
const DOWN: &[&str] = &["down", "downgrade", "backward", "backwards", "reverse", "rollback", "revert"];

/// Reads the SQL that a file gives to a library.
pub fn read(program: &dyn Program, file: FileId, library: &Library, findings: &mut Findings) {
    let mut steps: Vec<(u32, Step)> = Vec::new();
    for call in &program.file(file).outline.calls {
        let Some(name) = call.callee.last_name().filter(|name| library.names.contains(&name.as_str())) else { continue };
        let is_said = |expr: &Expr| matches!(expr, Expr::Str(_) | Expr::Template(_));
        if call.kind == CallKind::Attribute || (COMMON.contains(&name.as_str()) && !call.args.iter().any(|arg| is_said(&arg.value))) {
            continue;
        }
        let site = Site::of_call(file, call);
        let given: Vec<Given> =
            call.args.iter().take(2).map(|arg| all_given(program, &site, &arg.value)).find(|given| !given.is_empty()).unwrap_or_default();
        if given.is_empty() || (library.is_test)(program, file, call.scope) {
            continue;
        }
        let is_of_tool = is_of_tool(program, file, call.scope);
        let at = place(file, &symbol_at(program, file, call.scope), call.at.line);
        for given in given {
            match given {
                Given::Schema(_) if is_of_tool => {}
                Given::Schema(doing) => steps.push((call.at.offset, Step { doing, place: at.clone() })),
                Given::Query(sql) => findings.queries.push(Query { framework: library.id, sql, place: at.clone() }),
            }
        }
    }
    add_lists(program, file, &mut steps);
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

/// Lists of statements that stand by themselves in a file: `const MIGRATIONS: &[&str] = &["CREATE TABLE …", …]`, run one after the
/// other by code that counts.
fn add_lists(program: &dyn Program, file: FileId, steps: &mut Vec<(u32, Step)>) {
    let outline = &program.file(file).outline;
    for assign in outline.assigns.iter().filter(|assign| assign.scope == ScopeId(0)) {
        let Expr::List(items) = &assign.value else { continue };
        let site = Site { offset: assign.at.offset, ..Site::module(file) };
        let mut texts = Vec::new();
        items.iter().for_each(|item| statements_in(program, &site, item, 0, &mut texts));
        if is_of_tool(program, file, assign.scope) {
            continue;
        }
        let symbol = match &assign.target {
            Pattern::Name(name) => name.clone(),
            _ => Name::default(),
        };
        for text in texts {
            let is_run = |step: &Step| matches!(&step.doing, Doing::Sql(other) if *other == text);
            if !steps.iter().any(|(_, step)| is_run(step)) {
                steps.push((assign.at.offset, Step { doing: Doing::Sql(text), place: place(file, &symbol, assign.at.line) }));
            }
        }
    }
}

/// Statements of a schema among the items of a list, or members of them: `(1, "CREATE …")`.
fn statements_in(program: &dyn Program, site: &Site, item: &Expr, depth: u32, texts: &mut Vec<Text>) {
    match item {
        Expr::Str(_) | Expr::Template(_) => {
            let text = program.text(site, item);
            if makes_schema(&text) {
                texts.push(text);
            }
        }
        Expr::List(items) if depth < 3 => items.iter().for_each(|item| statements_in(program, site, item, depth + 1, texts)),
        Expr::Object(entries) if depth < 3 => {
            entries.iter().for_each(|entry| statements_in(program, site, &entry.value, depth + 1, texts));
        }
        Expr::Call(id) if depth < 3 => {
            let call = program.file(site.file).outline.call(*id);
            if call.kind == CallKind::Struct {
                call.args.iter().for_each(|arg| statements_in(program, site, &arg.value, depth + 1, texts));
            }
        }
        _ => {}
    }
}

/// Whether a text begins with a statement that makes something of a schema; words of prose do not.
fn makes_schema(text: &Text) -> bool {
    let (text, _) = text.template();
    let words: Vec<String> = text.split_whitespace().take(2).map(str::to_ascii_lowercase).collect();
    let [first, second] = words.as_slice() else { return false };
    let things = ["table", "index", "unique", "type", "view", "virtual", "extension", "materialized", "schema"];
    matches!(first.as_str(), "create" | "alter") && things.contains(&second.as_str())
}

/// What an argument gives: a name of a loop or a parameter gives each of its values.
fn all_given(program: &dyn Program, site: &Site, expr: &Expr) -> Vec<Given> {
    match expr {
        Expr::Ref(_) | Expr::Template(_) => program.instances(site, &[expr]).iter().filter_map(|site| given(program, site, expr)).collect(),
        _ => given(program, site, expr).into_iter().collect(),
    }
}

/// Whether a migration tool runs what stands here, or it goes back. Rust's tools are given files of SQL.
fn is_of_tool(program: &dyn Program, file: FileId, scope: ScopeId) -> bool {
    let facts = program.file(file);
    let is_rust = facts.language == Language::Rust;
    let is_step = facts.outline.scopes_from(scope).any(|(_, scope)| match scope.kind {
        ScopeKind::Function(id) => {
            let name = facts.outline.function(id).name.as_str();
            DOWN.contains(&name) || (!is_rust && UP.contains(&name))
        }
        _ => false,
    });
    let folders = program.path(file).rsplit_once('/').map_or("", |(folders, _)| folders);
    is_step || (!is_rust && folders.to_ascii_lowercase().contains("migration"))
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
