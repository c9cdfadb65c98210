//! Migrations: what the `up` of a `MigrationTrait` does with its manager.

use super::ID;
use super::builder::Builder;
use super::names::text;
use crate::base::Name;
use crate::base::code::{Expr, Impl, Pattern};
use crate::facts::finding::Findings;
use crate::facts::program::{FileId, FuncRef, Program, Site};
use crate::frameworks::embedded::included;
use crate::frameworks::script::tables::found::{Steps, place, stem};
use crate::frameworks::script::tables::steps::{Chain, Go, Link, Walk, root_of};

/// Reads the migrations of a file.
pub fn read(program: &dyn Program, file: FileId, findings: &mut Findings) {
    let outline = &program.file(file).outline;
    for of in outline.impls.iter().filter(|of| is_migration(of)) {
        let Some(id) = of.methods.iter().find(|id| outline.function(**id).name == "up") else { continue };
        let up = FuncRef { file, id: *id };
        let symbol = of.ty.last_name().cloned().unwrap_or_default();
        let walk = Walk::new(program);
        let mut reader = Reader { program, builder: Builder { program }, steps: Steps::new(file, &symbol) };
        let mut subjects = walk.names_of_param(up, 1);
        add_connections(program, up, &mut subjects);
        walk.body(up, &None, &subjects, &mut |chain, _| reader.chain(chain));
        let mut migration = reader.steps.finish(program, ID, &stem(program, file));
        if is_said_folder(&migration.position) {
            // `m2024_x/mod.rs` is called after its folder.
            let path = program.path(file);
            let mut folders: Vec<&str> = path.split('/').collect();
            folders.pop();
            let own = folders.pop().unwrap_or_default();
            migration.id = own.into();
            migration.position = own.into();
            migration.sequence = folders.join("/").into();
        }
        migration.place = place(file, &symbol, of.at.line);
        findings.migrations.push(migration);
    }
}

fn is_said_folder(stem: &str) -> bool {
    matches!(stem, "mod" | "up" | "migration")
}

fn is_migration(of: &Impl) -> bool {
    of.of_trait.as_ref().and_then(|of| of.last_name()).is_some_and(|name| name == "MigrationTrait")
}

/// Names that are bound to what the manager gives: `let db = manager.get_connection();`.
fn add_connections(program: &dyn Program, up: FuncRef, subjects: &mut Vec<Name>) {
    let outline = &program.file(up.file).outline;
    let declared = outline.function(up.id);
    for assign in &outline.assigns {
        if assign.at.offset < declared.at.offset || assign.at.offset >= declared.end {
            continue;
        }
        let (Pattern::Name(name), Expr::Call(id)) = (&assign.target, &assign.value) else { continue };
        let Some((receiver, method)) = outline.call(*id).method() else { continue };
        if matches!(method.as_str(), "get_connection" | "begin") && root_of(receiver).is_some_and(|root| subjects.contains(root)) {
            subjects.push(name.clone());
        }
    }
}

struct Reader<'p> {
    program: &'p dyn Program,
    builder: Builder<'p>,
    steps: Steps,
}

/// Methods of the manager that are given a statement.
const STATEMENTS: &[&str] = &[
    "create_table",
    "alter_table",
    "drop_table",
    "rename_table",
    "create_index",
    "drop_index",
    "create_foreign_key",
    "drop_foreign_key",
    "create_type",
    "alter_type",
    "drop_type",
    "exec_stmt",
];

impl<'p> Reader<'p> {
    fn chain(&mut self, chain: &Chain<'p>) -> Go {
        let mut go = Go::Inside;
        for link in &chain.links {
            let site = chain.site_of(link);
            match link.name.as_str() {
                name if STATEMENTS.contains(&name) => {
                    self.statement(&site, link);
                    go = Go::Read;
                }
                "execute_unprepared" => {
                    self.text(&site, link);
                    go = Go::Read;
                }
                "execute" | "execute_raw" => {
                    self.executed(&site, link);
                    go = Go::Read;
                }
                _ => {}
            }
        }
        go
    }

    fn statement(&mut self, site: &Site, link: &Link<'p>) {
        let line = link.call.at.line;
        let Some(given) = link.arg(0) else { return };
        let Some(chain) = self.builder.chain(site, given) else {
            return self.steps.unknown(line, format!("what does `{}` change?", link.name));
        };
        match self.builder.statement(&chain) {
            Some(changes) => changes.into_iter().for_each(|change| self.steps.change(line, change)),
            None if link.name == "exec_stmt" => {}
            None => self.steps.unknown(line, format!("what does `{}` change?", link.name)),
        }
    }

    /// `execute_unprepared("…")`, `execute_unprepared(include_str!("x.sql"))`.
    fn text(&mut self, site: &Site, link: &Link<'p>) {
        let line = link.call.at.line;
        let Some(given) = link.arg(0) else { return };
        match included(self.program, site, given) {
            Some(path) => self.steps.file(line, path),
            None => self.steps.sql(line, text(self.program, site, given)),
        }
    }

    /// `execute(Statement::from_string(backend, "…"))`.
    fn executed(&mut self, site: &Site, link: &Link<'p>) {
        let Some(given) = link.arg(0) else { return };
        let Some(chain) = self.builder.chain(site, given) else { return };
        let Some(made) = chain.links.iter().find(|link| link.name.starts_with("from_")) else { return };
        let at = chain.site_of(made);
        let line = link.call.at.line;
        match made.arg(1) {
            Some(sql) => match included(self.program, &at, sql) {
                Some(path) => self.steps.file(line, path),
                None => self.steps.sql(line, text(self.program, &at, sql)),
            },
            None => self.steps.unknown(line, "what does the statement change?"),
        }
    }
}
