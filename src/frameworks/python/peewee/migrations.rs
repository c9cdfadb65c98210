//! Peewee's migrations: `migrate(migrator.add_column("t", "c", field), …)` of playhouse, and `def migrate(migrator, database)` of
//! peewee-migrate, whose models stand in the function.

use super::{draft, fields, is_model};
use crate::base::Name;
use crate::base::code::{Call, Expr, FuncId, ScopeId};
use crate::facts::database::{Change, ColumnChange, Doing, Index, IndexPart, Migration, ObjectName, Step};
use crate::facts::finding::{Findings, Place};
use crate::facts::program::{ClassRef, FileId, FuncRef, Meaning, Program, Site};
use crate::frameworks::python::literals::{texts, truth};
use crate::frameworks::python::sqlalchemy::draft::Draft;
use crate::frameworks::python::sqlalchemy::naming::Naming;
use crate::frameworks::python::sqlalchemy::tablename;

/// Finds the migrations of peewee-migrate.
pub(super) fn read(program: &dyn Program, file: FileId, findings: &mut Findings) {
    let functions = (0u32..).zip(&program.file(file).outline.functions);
    let way_up = functions.filter(|(_, function)| function.scope == ScopeId(0) && function.name == "migrate").find(|(_, function)| {
        function.params.first().and_then(|param| param.name()).is_some_and(|name| name == "migrator") && function.params.len() >= 2
    });
    if let Some((id, _)) = way_up {
        findings.migrations.push(migration(program, FuncRef { file, id: FuncId(id) }));
    }
}

fn migration(program: &dyn Program, function: FuncRef) -> Migration {
    let path = program.path(function.file);
    let (folder, name) = path.rsplit_once('/').unwrap_or(("", path));
    let digits: String = name.chars().take_while(char::is_ascii_digit).collect();
    let mut walk = Walk { program, file: function.file, steps: Vec::new(), models: Vec::new() };
    walk.function(function);
    Migration {
        framework: super::FRAMEWORK.id,
        sequence: folder.into(),
        id: name.strip_suffix(".py").unwrap_or(name).into(),
        position: name.into(),
        number: digits.parse().ok(),
        steps: walk.steps,
        place: Place { file: function.file, symbol: "migrate".into(), line: program.function(function).at.line },
        ..Migration::default()
    }
}

struct Walk<'p> {
    program: &'p dyn Program,
    file: FileId,
    steps: Vec<Step>,
    /// Models that the function declares: name and table.
    models: Vec<(Name, ObjectName)>,
}

impl<'p> Walk<'p> {
    fn function(&mut self, function: FuncRef) {
        let outline = &self.program.file(self.file).outline;
        let inner = outline.function(function.id).inner;
        for (index, class) in (0u32..).zip(&outline.classes) {
            if !outline.is_within(class.scope, inner) {
                continue;
            }
            let class_ref = ClassRef { file: self.file, id: crate::base::code::ClassId(index) };
            if is_model(self.program, class_ref) {
                let (mut draft, line) = (draft(self.program, class_ref), class.at.line);
                fields::add_key(self.program, super::meta(self.program, class_ref, "primary_key"), &mut draft);
                super::add_items(self.program, class_ref, &mut draft);
                self.models.push((class.name.clone(), draft.name.clone()));
                let is_made = class.decorators.iter().any(|decorator| decorator.last_name().is_some_and(|name| name == "create_model"));
                if is_made {
                    let (table, _) = draft.finish();
                    self.push(Change::CreateTable { table: Box::new(table), if_absent: false }, line);
                }
            }
        }
        for call in
            outline.calls.iter().filter(|call| outline.function_around(call.scope).is_some() && outline.is_within(call.scope, inner))
        {
            self.call(call);
        }
        self.steps.sort_by_key(|step| step.place.line);
    }

    fn push(&mut self, change: Change, line: u32) {
        self.steps.push(Step { doing: Doing::Change(change), place: Place { file: self.file, symbol: "migrate".into(), line } });
    }

    /// A model's table, by the model's class, its name, or the table's.
    fn table(&self, site: &Site, expr: &Expr) -> Option<ObjectName> {
        if let Meaning::Class(class) = self.program.resolve(site, expr) {
            return Some(super::table_name(self.program, class));
        }
        let name = self.program.text(site, expr).plain()?;
        let known = self.models.iter().find(|(model, _)| model.eq_ignore_ascii_case(&name)).map(|(_, table)| table.clone());
        Some(known.unwrap_or_else(|| ObjectName::new(name)))
    }

    fn call(&mut self, call: &'p Call) {
        let Some((receiver, name)) = call.method() else { return };
        let is_migrator = matches!(receiver, Expr::Ref(name) if name.contains("migrator"));
        if !is_migrator {
            return;
        }
        let site = Site::of_call(self.file, call);
        let line = call.at.line;
        if matches!(name.as_str(), "sql" | "execute_sql") {
            if let Some(text) = call.positional(0) {
                let doing = Doing::Sql(self.program.text(&site, text));
                self.steps.push(Step { doing, place: Place { file: self.file, symbol: "migrate".into(), line } });
            }
            return;
        }
        let Some(table) = call.positional(0).and_then(|expr| self.table(&site, expr)) else { return };
        for change in self.changes(name, call, &site, &table) {
            self.push(change, line);
        }
    }

    fn changes(&self, name: &str, call: &'p Call, site: &Site, table: &ObjectName) -> Vec<Change> {
        let text = |position: usize| call.positional(position).and_then(|expr| self.program.text(site, expr).plain()).map(Name::from);
        let rest = || -> Vec<Name> {
            call.args.iter().skip(1).filter(|arg| arg.name.is_none()).flat_map(|arg| texts(self.program, site, &arg.value)).collect()
        };
        match name {
            "add_fields" | "add_columns" => {
                let given = call.args.iter().filter_map(|arg| Some((arg.name.clone()?, &arg.value)));
                given.flat_map(|(field, value)| self.added(site, table, &field, value)).collect()
            }
            "add_column" => match (text(1), call.positional(2)) {
                (Some(column), Some(value)) => self.added(site, table, &column, value),
                _ => Vec::new(),
            },
            "change_fields" | "change_columns" => {
                let given = call.args.iter().filter_map(|arg| Some((arg.name.clone()?, &arg.value)));
                given.filter_map(|(field, value)| self.redefined(site, table, &field, value)).collect()
            }
            "alter_column_type" => match (text(1), call.positional(2)) {
                (Some(column), Some(value)) => self.redefined(site, table, &column, value).into_iter().collect(),
                _ => Vec::new(),
            },
            "remove_fields" | "drop_columns" => rest().into_iter().map(|column| Change::DropColumn(table.clone(), column)).collect(),
            "drop_column" => text(1).map(|column| Change::DropColumn(table.clone(), column)).into_iter().collect(),
            "rename_field" | "rename_column" => match (text(1), text(2)) {
                (Some(old), Some(new)) => vec![Change::RenameColumn(table.clone(), old, new)],
                _ => Vec::new(),
            },
            "rename_table" => text(1)
                .map(|new| Change::RenameTable(table.clone(), ObjectName { schema: table.schema.clone(), name: new }))
                .into_iter()
                .collect(),
            "drop_table" | "remove_model" => vec![Change::DropTable(table.clone())],
            "add_not_null" | "drop_not_null" => {
                let nullable = name == "drop_not_null";
                rest().into_iter().map(|column| Change::AlterColumn(table.clone(), column, ColumnChange::Nullable(nullable))).collect()
            }
            "add_index" => self.index(call, site, table).into_iter().collect(),
            _ => Vec::new(),
        }
    }

    fn added(&self, site: &Site, table: &ObjectName, field: &Name, value: &Expr) -> Vec<Change> {
        let Some(said) = fields::column(self.program, site, field, value, None) else { return Vec::new() };
        let mut draft = Draft::new(table.clone(), naming_of(table));
        draft.put(field, said);
        let Some((column, rest, _)) = draft.only_column() else { return Vec::new() };
        let mut changes = vec![Change::AddColumn { table: table.clone(), column: Box::new(column), if_absent: false }];
        changes.extend(rest.foreign_keys.into_iter().map(|key| Change::AddForeignKey(table.clone(), key)));
        changes.extend(rest.indexes.into_iter().map(|index| Change::CreateIndex { table: table.clone(), index, if_absent: false }));
        changes
    }

    fn redefined(&self, site: &Site, table: &ObjectName, field: &Name, value: &Expr) -> Option<Change> {
        let said = fields::column(self.program, site, field, value, None)?;
        let mut draft = Draft::new(table.clone(), Naming::default());
        draft.put(field, said);
        let (column, ..) = draft.only_column()?;
        Some(Change::AlterColumn(table.clone(), column.name.clone(), ColumnChange::Redefine(Box::new(column))))
    }

    /// `add_index("t", ("a", "b"), True)`, `add_index(Model, "a", unique=True)`.
    fn index(&self, call: &'p Call, site: &Site, table: &ObjectName) -> Option<Change> {
        let plain = call.args.iter().skip(1).filter(|arg| arg.name.is_none() && !matches!(arg.value, Expr::Bool(_)));
        let columns: Vec<Name> = plain.flat_map(|arg| texts(self.program, site, &arg.value)).collect();
        let flag = call.args.iter().find(|arg| matches!(arg.value, Expr::Bool(_))).map(|arg| &arg.value);
        let unique = truth(self.program, site, call.keyword("unique").or(flag)) == Some(true);
        let parts: Vec<IndexPart> = columns.iter().cloned().map(IndexPart::column).collect();
        let name = naming_of(table).index(table, &columns);
        (!parts.is_empty()).then(|| Change::CreateIndex {
            table: table.clone(),
            index: Index { name, parts, unique, ..Index::default() },
            if_absent: false,
        })
    }
}

/// Indexes of a migration are named after the table.
fn naming_of(table: &ObjectName) -> Naming {
    super::naming(&tablename::snake(&table.name))
}
