//! Operations on constraints and indexes.

use super::walk::{Operation, Walk};
use crate::base::Name;
use crate::base::code::Expr;
use crate::facts::database::{Action, Change, Check, ForeignKey, Key, ObjectName};
use crate::facts::program::Site;
use crate::frameworks::python::literals::{texts, truth};
use crate::frameworks::python::sqlalchemy::column::deferrable;
use crate::frameworks::python::sqlalchemy::draft::Draft;
use crate::frameworks::python::sqlalchemy::expression::{Columns, sql};
use crate::frameworks::python::sqlalchemy::words::Said;

impl<'p> Walk<'p> {
    /// Reads an operation on keys and indexes; others change no schema.
    pub(super) fn key_operation(&mut self, operation: &Operation<'p>) {
        match operation.name.as_str() {
            "create_index" => self.create_index(operation),
            "drop_index" => {
                if let Some(name) = self.text(operation, 0, "index_name") {
                    let table = self.table(operation, 1);
                    self.push(Change::DropIndex(table, name));
                }
            }
            "create_foreign_key" => self.create_foreign_key(operation),
            "create_unique_constraint" => {
                if let Some((table, key)) = self.key(operation) {
                    let name = self.naming.given("uq", &table, key.name.clone(), &key.columns, None);
                    self.push(Change::AddUnique(table, Key { name, ..key }));
                }
            }
            "create_primary_key" => {
                if let Some((table, key)) = self.key(operation) {
                    self.push(Change::SetPrimaryKey(table, key));
                }
            }
            "create_check_constraint" => self.create_check(operation),
            "drop_constraint" => self.drop_constraint(operation),
            _ => {}
        }
    }

    fn list(&self, at: &Site, expr: Option<&'p Expr>) -> Vec<Name> {
        expr.map_or_else(Vec::new, |expr| texts(self.program, at, expr))
    }

    fn said(operation: &Operation<'p>) -> Said<'p> {
        Said { word: operation.name.clone(), call: operation.call, at: operation.at.clone(), given: None }
    }

    /// Name, table, columns.
    fn key(&self, operation: &Operation<'p>) -> Option<(ObjectName, Key)> {
        let table = self.table(operation, 1)?;
        let columns = self.list(&operation.at, operation.arg(2, "columns", 1));
        let said = Self::said(operation);
        let nulls_not_distinct = truth(self.program, &operation.at, operation.call.keyword("postgresql_nulls_not_distinct")) == Some(true);
        let name = self.text(operation, 0, "constraint_name");
        (!columns.is_empty()).then(|| (table, Key { name, columns, nulls_not_distinct, deferrable: deferrable(self.program, &said) }))
    }

    fn create_index(&mut self, operation: &Operation<'p>) {
        let Some(table) = self.table(operation, 1) else { return };
        let Some(columns) = operation.arg(2, "columns", 1) else { return };
        let said = Self::said(operation);
        let draft = Draft::new(table.clone(), self.naming.clone());
        let items = self.program.items(&operation.at, columns).unwrap_or_else(|| vec![(columns, operation.at.clone())]);
        let parts = items.iter().map(|(item, at)| draft.part(self.program, &said, at, item)).collect::<Option<Vec<_>>>();
        let name = self.text(operation, 0, "index_name");
        let index = parts.and_then(|parts| draft.index_of(self.program, &said, name, parts));
        if let Some(mut index) = index {
            let names: Vec<Name> = index.parts.iter().map(|part| part.text.clone()).collect();
            index.name = index.name.or_else(|| self.naming.index(&table, &names));
            let if_absent = truth(self.program, &operation.at, operation.call.keyword("if_not_exists")) == Some(true);
            self.push(Change::CreateIndex { table, index, if_absent });
        }
    }

    fn create_foreign_key(&mut self, operation: &Operation<'p>) {
        let Some(table) = self.table_at(operation, 1, "source_table") else { return };
        let at = &operation.at;
        let Some(target) = operation.arg(2, "referent_table", 1).and_then(|expr| self.program.text(at, expr).plain()) else { return };
        let columns = self.list(at, operation.arg(3, "local_cols", 1));
        let target_columns = self.list(at, operation.arg(4, "remote_cols", 1));
        let word = |keyword: &str| operation.call.keyword(keyword).and_then(|expr| self.program.text(at, expr).plain());
        let target = match word("referent_schema") {
            Some(schema) => ObjectName::in_schema(schema, target),
            None => ObjectName::new(target),
        };
        if columns.is_empty() {
            return;
        }
        let given = self.text(operation, 0, "constraint_name");
        let key = ForeignKey {
            name: self.naming.given("fk", &table, given, &columns, Some((&target, &target_columns))),
            columns,
            target,
            target_columns,
            on_delete: word("ondelete").and_then(|text| Action::of(&text)),
            on_update: word("onupdate").and_then(|text| Action::of(&text)),
            deferrable: deferrable(self.program, &Self::said(operation)),
        };
        self.push(Change::AddForeignKey(table, key));
    }

    fn create_check(&mut self, operation: &Operation<'p>) {
        let Some(table) = self.table(operation, 1) else { return };
        let Some(expr) = operation.arg(2, "condition", 1) else { return };
        let text = self.program.text(&operation.at, expr).plain();
        let condition = text.or_else(|| sql(self.program, &operation.at, expr, &Columns(&|_| None)));
        let Some(condition) = condition else { return };
        let given = self.text(operation, 0, "constraint_name");
        let name = self.naming.given("ck", &table, given, &[], None);
        self.push(Change::AddCheck(table, Check { name, condition: condition.into(), is_whole: false }));
    }

    fn drop_constraint(&mut self, operation: &Operation<'p>) {
        let Some(table) = self.table(operation, 1) else { return };
        let Some(name) = self.text(operation, 0, "constraint_name") else { return };
        let kind = operation.arg(2, "type_", 1).and_then(|expr| self.program.text(&operation.at, expr).plain());
        let name = match kind.as_deref() {
            Some("check") => self.naming.given("ck", &table, Some(name.clone()), &[], None).unwrap_or(name),
            _ => name,
        };
        self.push(Change::DropConstraint(table, name));
    }
}
