//! One operation of a migration as changes: tables, columns, statements, types.

use super::walk::{Operation, Walk};
use crate::base::Name;
use crate::base::code::{Call, Expr};
use crate::facts::database::{Change, ColumnChange, Doing, EnumType, Generated, ObjectName, Table};
use crate::facts::program::{Meaning, Site, Text, TextPart};
use crate::frameworks::python::literals::{texts, truth};
use crate::frameworks::python::sqlalchemy::column::column;
use crate::frameworks::python::sqlalchemy::draft::Draft;
use crate::frameworks::python::sqlalchemy::expression::default;
use crate::frameworks::python::sqlalchemy::model::Models;
use crate::frameworks::python::sqlalchemy::types::sql_type;
use crate::frameworks::python::sqlalchemy::words::said;
use crate::frameworks::python::sqlalchemy::{core, enums};

/// How statements that change a schema begin.
const CHANGES: &[&str] = &["create", "alter", "drop", "comment", "do", "rename"];

impl<'p> Walk<'p> {
    /// Reads one operation.
    pub(super) fn operation(&mut self, operation: &Operation<'p>) {
        match operation.name.as_str() {
            "create_table" => self.create_table(operation),
            "add_column" => self.add_column(operation),
            "alter_column" => self.alter_column(operation),
            "execute" => self.statement(operation.call, &operation.at, false),
            "drop_table" => {
                if let Some(table) = self.table(operation, 0) {
                    self.push(Change::DropTable(table));
                }
            }
            "rename_table" => {
                let new = self.text(operation, 1, "new_table_name");
                if let (Some(table), Some(new)) = (self.table_at(operation, 0, "old_table_name"), new) {
                    let renamed = ObjectName { schema: table.schema.clone(), name: new };
                    self.push(Change::RenameTable(table, renamed));
                }
            }
            "drop_column" => {
                let column = operation.arg(1, "column_name", 0).and_then(|expr| self.name(&operation.at, expr));
                if let (Some(table), Some(column)) = (self.table(operation, 0), column) {
                    self.push(Change::DropColumn(table, column));
                }
            }
            "create_table_comment" | "drop_table_comment" => {
                let text = operation.arg(1, "comment", 0).and_then(|expr| self.name(&operation.at, expr));
                if let Some(table) = self.table(operation, 0) {
                    let text = text.filter(|_| operation.name == "create_table_comment");
                    self.push(Change::Comment { table, column: None, text });
                }
            }
            "sync_enum_values" => self.sync_labels(operation),
            _ => self.key_operation(operation),
        }
    }

    /// alembic-postgresql-enum: `op.sync_enum_values(enum_schema="public", enum_name="state", new_values=[…], …)`.
    fn sync_labels(&mut self, operation: &Operation<'p>) {
        let (call, at) = (operation.call, &operation.at);
        let word = |position: usize, keyword: &str| call.arg(position, keyword).and_then(|expr| self.program.text(at, expr).plain());
        let Some(name) = word(1, "enum_name").or_else(|| word(1, "name")) else { return };
        let schema = word(0, "enum_schema").or_else(|| word(0, "schema")).unwrap_or_default();
        let ty = ObjectName::in_schema(schema, name);
        let labels = call.arg(2, "new_values").map_or_else(Vec::new, |expr| texts(self.program, at, expr));
        for label in labels {
            self.push(Change::AddLabel { ty: ty.clone(), label, before: None, after: None });
        }
    }

    /// A text argument.
    pub(super) fn text(&self, operation: &Operation<'p>, position: usize, keyword: &str) -> Option<Name> {
        self.name(&operation.at, operation.call.arg(position, keyword)?)
    }

    /// A name as a text, or within `op.f(…)`.
    pub(super) fn name(&self, at: &Site, expr: &'p Expr) -> Option<Name> {
        crate::frameworks::python::sqlalchemy::column::name_text(self.program, at, expr)
    }

    /// The table an operation is about: of its batch, or said at this position.
    pub(super) fn table(&self, operation: &Operation<'p>, position: usize) -> Option<ObjectName> {
        self.table_at(operation, position, "table_name")
    }

    pub(super) fn table_at(&self, operation: &Operation<'p>, position: usize, keyword: &str) -> Option<ObjectName> {
        let (call, at): (&Call, &Site) = match &operation.batch {
            Some((call, at)) => (call, at),
            None => (operation.call, &operation.at),
        };
        let (position, keyword) = if operation.batch.is_some() { (0, "table_name") } else { (position, keyword) };
        let name = self.program.text(at, call.arg(position, keyword)?).plain()?;
        let schema = ["schema", "source_schema"].iter().find_map(|word| call.keyword(word));
        let schema = schema.and_then(|expr| self.program.text(at, expr).plain());
        Some(match schema {
            Some(schema) => ObjectName::in_schema(schema, name),
            None => ObjectName::new(name),
        })
    }

    /// Types that columns need are made with them.
    pub(super) fn needs(&mut self, enums: Vec<EnumType>) {
        for needed in enums {
            self.push(Change::CreateEnum(needed));
        }
    }

    fn create_table(&mut self, operation: &Operation<'p>) {
        let Some(name) = self.table(operation, 0) else {
            self.say(Doing::Unknown("which table does this create?".to_owned()));
            return;
        };
        let mut draft = Draft::new(name, self.naming.clone());
        let targets = Models(self.program);
        for arg in operation.call.args.iter().filter(|arg| arg.name.is_none()).skip(1) {
            draft.read_item(self.program, &targets, &operation.at, &arg.value);
        }
        draft.doc = operation.call.keyword("comment").and_then(|expr| self.program.text(&operation.at, expr).plain()).map(Name::from);
        let if_absent = truth(self.program, &operation.at, operation.call.keyword("if_not_exists")) == Some(true);
        let (table, enums) = draft.finish();
        self.needs(enums);
        self.create(table, if_absent);
    }

    /// Indexes are made behind their table, so that they go by their names.
    fn create(&mut self, table: Table, if_absent: bool) {
        self.push(Change::CreateTable { table: Box::new(table), if_absent });
    }

    fn add_column(&mut self, operation: &Operation<'p>) {
        let Some(table) = self.table(operation, 0) else { return };
        let Some(given) = operation.arg(1, "column", 0) else { return };
        let targets = Models(self.program);
        let Some(said) = column(self.program, &targets, &operation.at, given) else {
            self.say(Doing::Unknown(format!("which column does this add to {}?", table.name)));
            return;
        };
        let is_key = said.is_key;
        let mut draft = Draft::new(table.clone(), self.naming.clone());
        draft.add("", said);
        let Some((mut column, mut rest, enums)) = draft.only_column() else { return };
        // The table's own key is not known here: what refers to nothing is not counted.
        column.nullable &= !is_key;
        self.needs(enums);
        let if_absent = truth(self.program, &operation.at, operation.call.keyword("if_not_exists")) == Some(true);
        self.push(Change::AddColumn { table: table.clone(), column: Box::new(column), if_absent });
        for key in std::mem::take(&mut rest.uniques) {
            self.push(Change::AddUnique(table.clone(), key));
        }
        for key in std::mem::take(&mut rest.foreign_keys) {
            self.push(Change::AddForeignKey(table.clone(), key));
        }
        for check in std::mem::take(&mut rest.checks) {
            self.push(Change::AddCheck(table.clone(), check));
        }
        for index in std::mem::take(&mut rest.indexes) {
            self.push(Change::CreateIndex { table: table.clone(), index, if_absent: false });
        }
        if let Some(key) = rest.primary_key.take().filter(|_| is_key) {
            self.push(Change::SetPrimaryKey(table, key));
        }
    }

    fn alter_column(&mut self, operation: &Operation<'p>) {
        let Some(table) = self.table(operation, 0) else { return };
        let Some(column) = operation.arg(1, "column_name", 0).and_then(|expr| self.name(&operation.at, expr)) else { return };
        let (call, at) = (operation.call, &operation.at);
        let mut changes = Vec::new();
        if let Some(ty) = call.keyword("type_").and_then(|expr| sql_type(self.program, at, expr)) {
            self.needs(ty.enums);
            changes.push(ColumnChange::Type(ty.text.into()));
        }
        match call.keyword("server_default") {
            Some(Expr::Null) => changes.push(ColumnChange::Default(None)),
            None | Some(Expr::Bool(false)) => {}
            Some(expr) => changes.extend(self.new_default(at, expr)),
        }
        if let Some(nullable) = truth(self.program, at, call.keyword("nullable")) {
            changes.push(ColumnChange::Nullable(nullable));
        }
        for change in changes {
            self.push(Change::AlterColumn(table.clone(), column.clone(), change));
        }
        if let Some(expr) = call.keyword("comment").filter(|expr| !matches!(expr, Expr::Bool(_))) {
            let text = self.program.text(at, expr).plain().map(Name::from);
            self.push(Change::Comment { table: table.clone(), column: Some(column.clone()), text });
        }
        let new = call.keyword("new_column_name").or_else(|| call.keyword("name")).and_then(|expr| self.name(at, expr));
        if let Some(new) = new.filter(|new| *new != column) {
            self.push(Change::RenameColumn(table, column, new));
        }
    }

    fn new_default(&self, at: &Site, expr: &'p Expr) -> Option<ColumnChange> {
        if let Some(made) = said(self.program, at, expr).filter(|made| made.word == "Identity") {
            let is_always = truth(self.program, &made.at, made.call.arg(0, "always")) == Some(true);
            let generated = if is_always { Generated::IdentityAlways } else { Generated::IdentityByDefault };
            return Some(ColumnChange::Generated(Some(generated)));
        }
        default(self.program, at, expr).map(|default| ColumnChange::Default(Some(default.into())))
    }

    /// `op.execute(…)`, and what a connection executes when it changes the schema.
    pub(super) fn statement(&mut self, call: &'p Call, at: &Site, only_changes: bool) {
        let Some(expr) = call.arg(0, "sqltext").or_else(|| call.keyword("statement")) else { return };
        if let Some(made) = said(self.program, at, expr) {
            match made.word.as_str() {
                "CreateSchema" => {
                    if let Some(name) = made.call.arg(0, "name").and_then(|expr| self.program.text(&made.at, expr).plain()) {
                        self.push(Change::CreateSchema(name.into()));
                    }
                    return;
                }
                "CreateSequence" => return self.create_sequence(&made.at, made.call),
                "text" | "DDL" => {
                    if let Some(inner) = made.call.arg(0, "text") {
                        let text = self.program.text(&made.at, inner);
                        self.sql(text, only_changes);
                    }
                    return;
                }
                _ => return,
            }
        }
        let text = self.program.text(at, expr);
        let is_statement = matches!(self.program.resolve(at, expr), Meaning::Value(Expr::Str(_) | Expr::Template(_) | Expr::Binary(_), _));
        let is_known = text.0.iter().any(|part| matches!(part, TextPart::Known(_)));
        if is_known {
            self.sql(text, only_changes);
        } else if !only_changes && is_statement {
            self.say(Doing::Unknown("what does this statement change?".to_owned()));
        }
    }

    fn sql(&mut self, text: Text, only_changes: bool) {
        let first: String = match text.0.first() {
            Some(TextPart::Known(known)) => known.trim_start().chars().take_while(char::is_ascii_alphabetic).collect(),
            _ => String::new(),
        };
        if !only_changes || CHANGES.contains(&first.to_ascii_lowercase().as_str()) {
            self.say(Doing::Sql(text));
        }
    }

    fn create_sequence(&mut self, at: &Site, call: &'p Call) {
        let Some(made) = call.positional(0).and_then(|expr| said(self.program, at, expr)) else { return };
        let Some(name) = made.call.arg(0, "name").and_then(|expr| self.program.text(&made.at, expr).plain()) else { return };
        let statement = format!("CREATE SEQUENCE {}", crate::frameworks::python::sqlalchemy::expression::identifier(&name));
        self.push(Change::CreateSequence { name: ObjectName::new(name), sql: statement.into() });
    }

    /// `status_type.create(op.get_bind())`, `table.create(bind)`.
    pub(super) fn create_value(&mut self, receiver: &'p Expr, site: &Site) {
        let Some(made) = said(self.program, site, receiver) else { return };
        match made.word.rsplit('.').next().unwrap_or_default() {
            "Enum" | "ENUM" => {
                let ty = enums::of_call(self.program, made.call, &made.at);
                self.needs(ty.enums);
            }
            "Table" => {
                if let Some((draft, _)) = core::draft(self.program, &Models(self.program), &made) {
                    let (table, enums) = draft.finish();
                    self.needs(enums);
                    self.create(table, true);
                }
            }
            "Sequence" => {
                if let Some(name) = made.call.arg(0, "name").and_then(|expr| self.program.text(&made.at, expr).plain()) {
                    let statement = format!("CREATE SEQUENCE {}", crate::frameworks::python::sqlalchemy::expression::identifier(&name));
                    self.push(Change::CreateSequence { name: ObjectName::new(name), sql: statement.into() });
                }
            }
            _ => {}
        }
    }

    /// `status_type.drop(op.get_bind())`.
    pub(super) fn drop_value(&mut self, receiver: &'p Expr, site: &Site) {
        let Some(made) = said(self.program, site, receiver) else { return };
        if !matches!(made.word.rsplit('.').next().unwrap_or_default(), "Enum" | "ENUM") {
            return;
        }
        let said_name = made.call.keyword("name").and_then(|expr| self.program.text(&made.at, expr).plain()).map(ObjectName::new);
        let name = said_name.or_else(|| enums::of_call(self.program, made.call, &made.at).enums.into_iter().next().map(|ty| ty.name));
        if let Some(name) = name {
            self.push(Change::DropType(name));
        }
    }
}
