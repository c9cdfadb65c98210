//! Findings of tables put together: places, migrations and their steps.

use crate::base::Name;
use crate::base::code::{ScopeId, ScopeKind};
use crate::facts::database::{Access, Change, Dialect, Doing, EnumType, Migration, ObjectName, Step, Table, TableFinding, TableUse};
use crate::facts::finding::{Findings, Place};
use crate::facts::program::{FileId, Program, Text};

/// The folder of a file.
#[must_use]
pub fn folder(program: &dyn Program, file: FileId) -> Name {
    program.path(file).rsplit_once('/').map_or("", |(folder, _)| folder).into()
}

/// A file's name without its ending.
#[must_use]
pub fn stem(program: &dyn Program, file: FileId) -> Name {
    let path = program.path(file);
    let name = path.rsplit_once('/').map_or(path, |(_, name)| name);
    name.rsplit_once('.').map_or(name, |(stem, _)| stem).into()
}

/// A place.
#[must_use]
pub fn place(file: FileId, symbol: &str, line: u32) -> Place {
    Place { file, symbol: symbol.into(), line }
}

/// A table that a model declares.
#[must_use]
pub fn declared(framework: &'static str, table: Table, model: &str, at: Place) -> TableFinding {
    TableFinding {
        framework,
        table,
        enums: Vec::new(),
        dialect: None,
        model: model.into(),
        sequence: Name::default(),
        is_implied: false,
        is_state: false,
        place: at,
    }
}

/// The steps of a migration as they are found.
#[derive(Default)]
pub struct Steps {
    /// What was found.
    pub list: Vec<Step>,
    file: FileId,
    symbol: Name,
}

impl Steps {
    /// None yet, of a migration that is called this.
    #[must_use]
    pub fn new(file: FileId, symbol: &str) -> Self {
        Self { list: Vec::new(), file, symbol: symbol.into() }
    }

    /// A change.
    pub fn change(&mut self, line: u32, change: Change) {
        self.push(line, Doing::Change(change));
    }

    /// SQL.
    pub fn sql(&mut self, line: u32, text: Text) {
        self.push(line, Doing::Sql(text));
    }

    /// A file of SQL.
    pub fn file(&mut self, line: u32, path: Text) {
        self.push(line, Doing::SqlFile(path));
    }

    /// Something that cannot be read.
    pub fn unknown(&mut self, line: u32, question: impl Into<String>) {
        self.push(line, Doing::Unknown(question.into()));
    }

    /// A type that is made before a table uses it.
    pub fn create_enum(&mut self, line: u32, ty: EnumType) {
        self.change(line, Change::CreateEnum(ty));
    }

    fn push(&mut self, line: u32, doing: Doing) {
        self.list.push(Step { doing, place: place(self.file, &self.symbol, line) });
    }

    /// The migration of these steps.
    #[must_use]
    pub fn finish(self, program: &dyn Program, framework: &'static str, id: &str) -> Migration {
        Migration {
            framework,
            sequence: folder(program, self.file),
            id: id.into(),
            position: stem(program, self.file),
            place: place(self.file, &self.symbol, self.list.first().map_or(1, |step| step.place.line)),
            steps: self.list,
            ..Migration::default()
        }
    }
}

/// A use of a table.
pub fn used(findings: &mut Findings, framework: &'static str, table: ObjectName, access: Access, at: Place) {
    findings.uses.push(TableUse { framework, table, access, place: at });
}

/// The dialect a migration is written in, when its folder says so: `migrations/sqlite`.
#[must_use]
pub fn dialect_of_folder(program: &dyn Program, file: FileId) -> Option<Dialect> {
    let folder = folder(program, file);
    folder.rsplit('/').take(2).find_map(super::driver::dialect_named)
}

/// The name of the function or class around a scope; empty for the module.
#[must_use]
pub fn symbol_at(program: &dyn Program, file: FileId, scope: ScopeId) -> Name {
    let outline = &program.file(file).outline;
    outline
        .scopes_from(scope)
        .find_map(|(_, scope)| {
            let name = match scope.kind {
                ScopeKind::Function(id) => &outline.function(id).name,
                ScopeKind::Class(id) => &outline.class(id).name,
                _ => return None,
            };
            (!name.is_empty()).then(|| name.clone())
        })
        .unwrap_or_default()
}
