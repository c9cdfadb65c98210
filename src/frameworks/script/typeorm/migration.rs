//! Migrations: classes whose `up` is given a query runner.
//!
//! They run in the order of the timestamp at the end of the class's name, or of the `name` it has.

use super::{ID, objects};
use crate::base::Name;
use crate::base::code::{ClassId, Expr};
use crate::facts::database::{Change, ColumnChange, Dialect, Key, KeyKind, ObjectName};
use crate::facts::finding::Findings;
use crate::facts::program::{ClassRef, FileId, FuncRef, Program, Site};
use crate::frameworks::script::tables::driver;
use crate::frameworks::script::tables::found::{Steps, dialect_of_folder, stem};
use crate::frameworks::script::tables::steps::{Chain, Go, Link, Walk};

/// Reads every migration of a file.
pub fn read(program: &dyn Program, file: FileId, findings: &mut Findings) {
    let outline = &program.file(file).outline;
    for (index, class) in (0u32..).zip(&outline.classes) {
        let Some(id) = class.methods.iter().find(|id| outline.function(**id).name == "up") else { continue };
        let up = FuncRef { file, id: *id };
        let of = ClassRef { file, id: ClassId(index) };
        if !is_migration(program, of, up) || !is_run(program, file) {
            continue;
        }
        let name = program
            .class_attribute(of, "name")
            .and_then(|(value, at)| program.text(&at, value).plain())
            .filter(|name| !name.is_empty())
            .unwrap_or_else(|| class.name.to_string());
        let dialect = dialect_of_folder(program, file).or_else(|| driver::dialect_of(program, file));
        let walk = Walk::new(program);
        let mut reader = Reader { program, dialect: dialect.unwrap_or_default(), steps: Steps::new(file, &class.name) };
        let subjects = walk.names_of_param(up, 0);
        walk.body(up, &None, &subjects, &mut |chain, _| reader.chain(chain));
        let mut migration = reader.steps.finish(program, ID, &name);
        migration.number = timestamp(&name);
        migration.position = name.as_str().into();
        migration.dialect = dialect_of_folder(program, file).or(dialect);
        migration.place.line = class.at.line;
        findings.migrations.push(migration);
    }
}

/// `implements MigrationInterface`, or an `up` that is given a `queryRunner` in a JavaScript file.
fn is_migration(program: &dyn Program, class: ClassRef, up: FuncRef) -> bool {
    let site = program.around_class(class);
    let declared = program.class(class);
    if declared.bases.iter().any(|base| program.resolve_type(&site, base).is_any(&["typeorm.MigrationInterface"])) {
        return true;
    }
    let param = program.function(up).params.first();
    let typed = param.is_some_and(|param| program.resolve_type(&program.around(up), &param.ty).is_any(&["typeorm.QueryRunner"]));
    typed || declared.bases.is_empty() && param.and_then(|param| param.name()).is_some_and(|name| name == "queryRunner")
}

/// Whether a file lies where migrations are run from: by its path or name, unless no file of the program does.
fn is_run(program: &dyn Program, file: FileId) -> bool {
    let says = |file: FileId| {
        program.path(file).to_lowercase().contains("migrat") || stem(program, file).starts_with(|c: char| c.is_ascii_digit())
    };
    let has_up =
        |file: FileId| program.file(file).outline.functions.iter().any(|function| function.name == "up" && function.class.is_some());
    struct SomeSay(bool);
    let some_say = || program.answers().once(|| SomeSay((0..program.file_count()).map(FileId).any(|other| says(other) && has_up(other))));
    says(file) || !some_say().0
}

/// The digits at the end of a name.
fn timestamp(name: &str) -> Option<u128> {
    let digits: String = name.chars().rev().take_while(char::is_ascii_digit).collect::<Vec<_>>().into_iter().rev().collect();
    digits.parse().ok()
}

struct Reader<'p> {
    program: &'p dyn Program,
    dialect: Dialect,
    steps: Steps,
}

impl<'p> Reader<'p> {
    fn chain(&mut self, chain: &Chain<'p>) -> Go {
        let link = chain.first();
        let site = chain.site_of(link);
        let line = link.call.at.line;
        let objects = objects::Objects { program: self.program, dialect: self.dialect };
        match link.name.as_str() {
            "query" => {
                if let Some(sql) = link.arg(0) {
                    self.steps.sql(line, self.program.text(&site, sql));
                }
            }
            "createSchema" | "dropSchema" => {
                let Some(name) = self.text(&site, link, 0) else { return Go::Read };
                let change = if link.name == "createSchema" { Change::CreateSchema(name.into()) } else { Change::DropSchema(name.into()) };
                self.steps.change(line, change);
            }
            "createTable" => match link.arg(0).and_then(|table| objects.table(&site, table)) {
                Some((table, enums)) => {
                    enums.into_iter().for_each(|ty| self.steps.create_enum(line, ty));
                    let if_absent = link.arg(1).is_some_and(|flag| *flag == Expr::Bool(true));
                    self.steps.change(line, Change::CreateTable { table: Box::new(table), if_absent });
                }
                None => self.steps.unknown(line, "which table does `createTable` make?"),
            },
            "transaction" | "startTransaction" | "commitTransaction" | "connect" => return Go::Inside,
            _ => return self.on_table(chain, link, &objects),
        }
        Go::Read
    }

    /// Calls whose first argument is a table.
    fn on_table(&mut self, chain: &Chain<'p>, link: &Link<'p>, objects: &objects::Objects<'p>) -> Go {
        const CHANGES: &[&str] = &[
            "dropTable",
            "renameTable",
            "addColumn",
            "addColumns",
            "dropColumn",
            "dropColumns",
            "renameColumn",
            "changeColumn",
            "changeColumns",
            "createPrimaryKey",
            "updatePrimaryKeys",
            "dropPrimaryKey",
            "createUniqueConstraint",
            "createUniqueConstraints",
            "dropUniqueConstraint",
            "dropUniqueConstraints",
            "createCheckConstraint",
            "createCheckConstraints",
            "dropCheckConstraint",
            "createForeignKey",
            "createForeignKeys",
            "dropForeignKey",
            "dropForeignKeys",
            "createIndex",
            "createIndices",
            "dropIndex",
            "dropIndices",
            "createExclusionConstraint",
        ];
        if !CHANGES.contains(&link.name.as_str()) {
            return Go::Inside;
        }
        let site = chain.site_of(link);
        let line = link.call.at.line;
        let Some(table) = link.arg(0).and_then(|table| objects.table_named(&site, table)) else {
            self.steps.unknown(line, format!("which table does `{}` change?", link.name));
            return Go::Read;
        };
        let changes = self.changes(&site, link, &table, objects);
        if changes.is_empty() {
            self.steps.unknown(line, format!("what does `{}` change in `{}`?", link.name, table.name));
        }
        changes.into_iter().for_each(|change| self.steps.change(line, change));
        Go::Read
    }

    fn changes(&self, site: &Site, link: &Link<'p>, table: &ObjectName, objects: &objects::Objects<'p>) -> Vec<Change> {
        let each = || -> Vec<(&'p Expr, Site)> {
            let Some(arg) = link.arg(1) else { return Vec::new() };
            self.program.items(site, arg).unwrap_or_else(|| vec![(arg, site.clone())])
        };
        let mut out = Vec::new();
        match link.name.as_str() {
            "dropTable" => out.push(Change::DropTable(table.clone())),
            "renameTable" => out.extend(self.text(site, link, 1).map(|to| Change::RenameTable(table.clone(), renamed(table, &to)))),
            "addColumn" | "addColumns" => each().iter().for_each(|(column, at)| objects.add_column(at, column, table, &mut out)),
            "dropColumn" | "dropColumns" => {
                let names = each().into_iter().filter_map(|(column, at)| objects.column_named(&at, column));
                out.extend(names.map(|name| Change::DropColumn(table.clone(), name)));
            }
            "renameColumn" => {
                let from = link.arg(1).and_then(|column| objects.column_named(site, column));
                let to = link.arg(2).and_then(|column| objects.column_named(site, column));
                out.extend(from.zip(to).map(|(from, to)| Change::RenameColumn(table.clone(), from, to)));
            }
            "changeColumn" => {
                let from = link.arg(1).and_then(|column| objects.column_named(site, column));
                if let (Some(from), Some(to)) = (from, link.arg(2)) {
                    self.change_column(site, to, from, table, objects, &mut out);
                }
            }
            "changeColumns" => {
                for (pair, at) in each() {
                    let options = crate::frameworks::script::tables::options::Options::of(self.program, &at, pair);
                    let from = options.get("oldColumn").and_then(|(column, at)| objects.column_named(at, column));
                    if let (Some(from), Some((to, at))) = (from, options.get("newColumn")) {
                        self.change_column(at, to, from, table, objects, &mut out);
                    }
                }
            }
            _ => self.key_changes(site, link, table, objects, &mut out),
        }
        out
    }

    fn change_column(
        &self,
        site: &Site,
        to: &'p Expr,
        from: Name,
        table: &ObjectName,
        objects: &objects::Objects<'p>,
        out: &mut Vec<Change>,
    ) {
        let Some(made) = objects.column(site, to, table) else { return };
        out.extend(made.ty.map(Change::CreateEnum));
        let name = made.column.name.clone();
        if name != from {
            out.push(Change::RenameColumn(table.clone(), from, name.clone()));
        }
        if made.is_unique {
            out.push(Change::AddUnique(table.clone(), Key::of([name.clone()])));
        } else {
            out.push(Change::DropKeyOn { table: table.clone(), kind: KeyKind::Unique, columns: vec![name.clone()] });
        }
        out.push(Change::AlterColumn(table.clone(), name, ColumnChange::Redefine(Box::new(made.column))));
    }

    fn key_changes(&self, site: &Site, link: &Link<'p>, table: &ObjectName, objects: &objects::Objects<'p>, out: &mut Vec<Change>) {
        let items = || -> Vec<(&'p Expr, Site)> {
            let Some(arg) = link.arg(1) else { return Vec::new() };
            self.program.items(site, arg).unwrap_or_else(|| vec![(arg, site.clone())])
        };
        match link.name.as_str() {
            "createPrimaryKey" | "updatePrimaryKeys" => {
                let columns: Vec<Name> = items().into_iter().filter_map(|(item, at)| objects.column_named(&at, item)).collect();
                out.push(Change::SetPrimaryKey(table.clone(), Key::of(columns)));
            }
            "dropPrimaryKey" => out.push(Change::DropKeyOn { table: table.clone(), kind: KeyKind::Primary, columns: Vec::new() }),
            "createUniqueConstraint" | "createUniqueConstraints" => {
                out.extend(
                    items().into_iter().filter_map(|(item, at)| objects.key(&at, item)).map(|key| Change::AddUnique(table.clone(), key)),
                );
            }
            "createCheckConstraint" | "createCheckConstraints" | "createExclusionConstraint" => {
                out.extend(
                    items()
                        .into_iter()
                        .filter_map(|(item, at)| objects.check(&at, item))
                        .map(|check| Change::AddCheck(table.clone(), check)),
                );
            }
            "createForeignKey" | "createForeignKeys" => {
                let keys = items().into_iter().filter_map(|(item, at)| objects.foreign_key(&at, item));
                out.extend(keys.map(|key| Change::AddForeignKey(table.clone(), key)));
            }
            "createIndex" | "createIndices" => {
                let indexes = items().into_iter().filter_map(|(item, at)| objects.index(&at, item));
                out.extend(indexes.map(|index| Change::CreateIndex { table: table.clone(), index, if_absent: false }));
            }
            name => {
                let kind = match name {
                    "dropForeignKey" | "dropForeignKeys" => KeyKind::Foreign,
                    "dropIndex" | "dropIndices" => KeyKind::Index,
                    _ => KeyKind::Unique,
                };
                out.extend(items().into_iter().filter_map(|(item, at)| objects.drop_key(&at, item, table, kind)));
            }
        }
    }

    fn text(&self, site: &Site, link: &Link<'p>, position: usize) -> Option<String> {
        self.program.text(site, link.arg(position)?).plain()
    }
}

/// A table's new name, in the schema it is in.
fn renamed(table: &ObjectName, to: &str) -> ObjectName {
    match to.rsplit_once('.') {
        Some((schema, name)) => ObjectName::in_schema(schema, name),
        None => ObjectName { schema: table.schema.clone(), name: to.into() },
    }
}
