//! Alembic: revisions as migrations, in the order that `down_revision` says.
//!
//! - [`walk`]: the calls of `upgrade`, through the program's own functions and loops.
//! - [`operations`]: one operation as changes.
//! - [`keys`]: operations on constraints and indexes.
//!
//! Conditions are not weighed: what a migration does under one is taken as done. `downgrade` is not read.

mod keys;
mod operations;
mod walk;

use crate::base::Name;
use crate::base::code::{FuncId, ScopeId};
use crate::base::language::Language;
use crate::facts::database::Migration;
use crate::facts::finding::{Findings, Place};
use crate::facts::framework::{Framework, Tells};
use crate::facts::program::{FileId, FuncRef, Program, Site};
use crate::frameworks::python::literals::texts;
use crate::frameworks::python::sqlalchemy::ancestry::{metadata_of, of_metadata};
use crate::frameworks::python::sqlalchemy::is_migration;
use crate::frameworks::python::sqlalchemy::naming::Naming;

/// Alembic.
pub const FRAMEWORK: Framework = Framework {
    id: "python/alembic",
    label: "Alembic",
    languages: &[Language::Python],
    modules: &["alembic"],
    tells: &[Tells::Migrations],
    read: Some(read),
    types: None,
};

/// How many folders above a revision its `env.py` may lie.
const MAX_FOLDERS: usize = 4;

fn read(program: &dyn Program, file: FileId, findings: &mut Findings) {
    if is_migration(program, file) {
        findings.migrations.extend(migration(program, file));
    }
}

fn migration(program: &dyn Program, file: FileId) -> Option<Migration> {
    let site = Site::module(file);
    let id: Name = program.text(&site, module_value(program, file, "revision")?).plain()?.into();
    let mut after = module_value(program, file, "down_revision").map_or_else(Vec::new, |value| texts(program, &site, value));
    after.extend(module_value(program, file, "depends_on").map_or_else(Vec::new, |value| texts(program, &site, value)));
    let (sequence, environment) = home(program, file);
    let naming = environment.map_or_else(Naming::default, |environment| naming(program, environment));
    let mut walk = walk::Walk::new(program, naming);
    for function in ways_up(program, file) {
        walk.enter(function);
    }
    let position = program.path(file).rsplit('/').next().unwrap_or_default().into();
    let place = Place { file, symbol: "upgrade".into(), line: 1 };
    Some(Migration { framework: FRAMEWORK.id, sequence, id, after, position, steps: walk.steps, place, ..Migration::default() })
}

/// The last value that the module gives a name.
fn module_value<'p>(program: &'p dyn Program, file: FileId, name: &str) -> Option<&'p crate::base::code::Expr> {
    let facts = program.file(file);
    facts.bound(ScopeId(0), name).iter().rev().find_map(|bound| match bound.to {
        crate::facts::file::Binding::Assign(index) => facts.outline.assigns.get(index as usize).map(|assign| &assign.value),
        _ => None,
    })
}

/// `upgrade`, and behind it the functions of several databases: `upgrade_engine1`.
fn ways_up(program: &dyn Program, file: FileId) -> Vec<FuncRef> {
    let functions = (0u32..).zip(&program.file(file).outline.functions).filter(|(_, function)| function.scope == ScopeId(0));
    let is_way_up = |name: &str| name == "upgrade" || name.starts_with("upgrade_");
    let found: Vec<(u32, &Name)> =
        functions.filter(|(_, function)| is_way_up(&function.name)).map(|(id, function)| (id, &function.name)).collect();
    let is_called = |id: u32| !program.callers(FuncRef { file, id: FuncId(id) }).is_empty();
    let ways = found.iter().filter(|(id, name)| *name == "upgrade" || !is_called(*id));
    ways.map(|(id, _)| FuncRef { file, id: FuncId(*id) }).collect()
}

/// The folder of the environment that a revision belongs to, and its `env.py`.
fn home(program: &dyn Program, file: FileId) -> (Name, Option<FileId>) {
    let path = program.path(file);
    let own = path.rsplit_once('/').map_or("", |(folder, _)| folder);
    let mut folder = own;
    for _ in 0..MAX_FOLDERS {
        let candidate = if folder.is_empty() { "env.py".to_owned() } else { format!("{folder}/env.py") };
        if let Some(environment) = program.file_at(&candidate) {
            return (folder.into(), Some(environment));
        }
        let Some((outer, _)) = folder.rsplit_once('/') else { break };
        folder = outer;
    }
    (own.into(), None)
}

/// The naming convention of `target_metadata` in `env.py`.
fn naming(program: &dyn Program, environment: FileId) -> Naming {
    let Some(value) = module_value(program, environment, "target_metadata") else { return Naming::default() };
    of_metadata(program, metadata_of(program, &Site::module(environment), value)).0
}
