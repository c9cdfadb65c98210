//! A table on its way: columns and constraints as they are said, put together by SQLAlchemy's rules.

use super::column::{Column, Targets, check, deferrable, dotted_target, name_of, name_text};
use super::expression::{Columns, sql};
use super::naming::Naming;
use super::words::Said;
use crate::base::Name;
use crate::base::code::Expr;
use crate::facts::database::{self, Action, Check, EnumType, ForeignKey, Generated, Index, IndexPart, Key, ObjectName, Table};
use crate::facts::program::{Program, Site};
use crate::frameworks::python::literals::{texts, truth};

/// A table on its way.
#[derive(Clone, Debug, Default)]
pub struct Draft {
    /// Its name.
    pub name: ObjectName,
    /// Its columns: the attribute that code knows each by, the column's name, and what is said of it.
    pub columns: Vec<(Name, Name, Column)>,
    /// `PrimaryKeyConstraint(…)`.
    pub primary_key: Option<Key>,
    /// `UniqueConstraint(…)`.
    pub uniques: Vec<Key>,
    /// `ForeignKeyConstraint(…)`.
    pub foreign_keys: Vec<ForeignKey>,
    /// `CheckConstraint(…)`.
    pub checks: Vec<Check>,
    /// `Index(…)`.
    pub indexes: Vec<Index>,
    /// `comment=`, a docstring.
    pub doc: Option<Name>,
    /// How constraints without a name are named.
    pub naming: Naming,
}

impl Draft {
    /// A table without columns.
    #[must_use]
    pub fn new(name: ObjectName, naming: Naming) -> Self {
        Self { name, naming, ..Self::default() }
    }

    /// Adds a column; one that a nearer class said already stays.
    pub fn add(&mut self, attribute: &str, column: Column) {
        let name = column.name.clone().unwrap_or_else(|| attribute.into());
        if !name.is_empty() && !self.columns.iter().any(|(known, ..)| known == attribute && !known.is_empty()) {
            self.columns.retain(|(_, known, _)| *known != name);
            self.columns.push((attribute.into(), name, column));
        }
    }

    /// Adds a column, or puts it in the place of the one that a base says.
    pub fn put(&mut self, attribute: &Name, column: Column) {
        let name = column.name.clone().unwrap_or_else(|| attribute.clone());
        match self.columns.iter_mut().find(|(known, ..)| known == attribute) {
            Some(known) => *known = (attribute.clone(), name, column),
            None => self.columns.push((attribute.clone(), name, column)),
        }
    }

    /// Takes a base's column away, which a nearer class makes something else.
    pub fn forget(&mut self, attribute: &Name, ty: &crate::base::code::Type) {
        if !matches!(ty, crate::base::code::Type::Unknown) {
            self.columns.retain(|(known, ..)| known != attribute);
        }
    }

    /// The column that code calls so.
    #[must_use]
    pub fn column_named(&self, word: &str) -> Option<Name> {
        let by_attribute = self.columns.iter().find(|(attribute, ..)| attribute == word);
        by_attribute.or_else(|| self.columns.iter().find(|(_, name, _)| name == word)).map(|(_, name, _)| name.clone())
    }

    /// Adds a constraint or index; whether it was one.
    pub fn add_item(&mut self, program: &dyn Program, targets: &dyn Targets, made: &Said) -> bool {
        match made.word.as_str() {
            "PrimaryKeyConstraint" => {
                let key = self.key(program, made, 0);
                if !key.columns.is_empty() {
                    self.primary_key = Some(key);
                }
            }
            "UniqueConstraint" => {
                let key = self.key(program, made, 0);
                if !key.columns.is_empty() {
                    self.uniques.push(key);
                }
            }
            "ForeignKeyConstraint" => self.foreign_keys.extend(self.foreign_key(program, targets, made)),
            "CheckConstraint" => {
                let checked = check(program, made, &Columns(&|word| self.column_named(word)));
                self.checks.extend(checked);
            }
            "Index" => self.indexes.extend(self.index(program, made, 1)),
            _ => return false,
        }
        true
    }

    /// The columns that positional arguments name, from one of them on.
    fn named_columns(&self, program: &dyn Program, made: &Said, from: usize) -> Vec<Name> {
        let mut names = Vec::new();
        for arg in made.call.args.iter().filter(|arg| arg.name.is_none()).skip(from) {
            match &arg.value {
                Expr::Spread(inner) => names.extend(texts(program, &made.at, inner)),
                expr => names.extend(self.named_column(program, &made.at, expr)),
            }
        }
        names
    }

    fn named_column(&self, program: &dyn Program, at: &Site, expr: &Expr) -> Option<Name> {
        if let Expr::Ref(word) | Expr::Member(_, word) = expr
            && let Some(name) = self.column_named(word)
        {
            return Some(name);
        }
        let text = program.text(at, expr).plain()?;
        Some(text.into())
    }

    fn key(&self, program: &dyn Program, made: &Said, from: usize) -> Key {
        Key {
            name: name_of(program, made),
            columns: self.named_columns(program, made, from),
            nulls_not_distinct: flag(program, made, "postgresql_nulls_not_distinct"),
            deferrable: deferrable(program, made),
        }
    }

    fn foreign_key(&self, program: &dyn Program, targets: &dyn Targets, made: &Said) -> Option<ForeignKey> {
        let list = |position: usize, keyword: &str| made.call.arg(position, keyword).and_then(|expr| program.items(&made.at, expr));
        let columns: Vec<Name> = list(0, "columns")?.iter().filter_map(|(item, at)| self.named_column(program, at, item)).collect();
        let referred: Vec<(ObjectName, Option<Name>)> = list(1, "refcolumns")?
            .iter()
            .filter_map(|(item, at)| match program.text(at, item).plain() {
                Some(text) => dotted_target(&text),
                None => targets.target(at, item),
            })
            .collect();
        let action =
            |name: &str| made.keyword(name).and_then(|(expr, at)| program.text(at, expr).plain()).and_then(|text| Action::of(&text));
        let target = referred.first()?.0.clone();
        let target_columns: Vec<Name> = referred.iter().filter_map(|(_, column)| column.clone()).collect();
        (!columns.is_empty()).then(|| ForeignKey {
            name: name_of(program, made),
            target_columns: if target_columns.len() == columns.len() { target_columns } else { Vec::new() },
            columns,
            target,
            on_delete: action("ondelete"),
            on_update: action("onupdate"),
            deferrable: deferrable(program, made),
        })
    }

    /// An index: its name, and what is indexed from this argument on.
    #[must_use]
    pub fn index(&self, program: &dyn Program, made: &Said, from: usize) -> Option<Index> {
        let name = match made.keyword("name") {
            Some((expr, at)) => name_text(program, at, expr),
            None => name_text(program, &made.at, made.call.positional(0)?),
        };
        let mut items: Vec<(&Expr, Site)> = Vec::new();
        for arg in made.call.args.iter().filter(|arg| arg.name.is_none()).skip(from) {
            match &arg.value {
                Expr::Spread(inner) => items.extend(program.items(&made.at, inner).unwrap_or_default()),
                expr => items.push((expr, made.at.clone())),
            }
        }
        let parts = items.iter().map(|(expr, at)| self.part(program, made, at, expr)).collect::<Option<Vec<IndexPart>>>()?;
        self.index_of(program, made, name, parts)
    }

    /// An index over these parts with the options of a call.
    #[must_use]
    pub fn index_of(&self, program: &dyn Program, made: &Said, name: Option<Name>, parts: Vec<IndexPart>) -> Option<Index> {
        let columns = Columns(&|word| self.column_named(word));
        let condition = made.keyword("postgresql_where").and_then(|(expr, at)| sql_or_text(program, at, expr, &columns));
        let text = |name: &str| made.keyword(name).and_then(|(expr, at)| program.text(at, expr).plain()).map(Name::from);
        let include = made.keyword("postgresql_include").map_or_else(Vec::new, |(expr, at)| texts(program, at, expr));
        (!parts.is_empty()).then(|| Index {
            name,
            parts,
            unique: flag(program, made, "unique"),
            method: text("postgresql_using").filter(|method| !method.eq_ignore_ascii_case("btree")),
            include,
            condition: condition.map(Name::from),
            nulls_not_distinct: flag(program, made, "postgresql_nulls_not_distinct"),
        })
    }

    /// One part of an index.
    #[must_use]
    pub fn part(&self, program: &dyn Program, made: &Said, at: &Site, expr: &Expr) -> Option<IndexPart> {
        let mut part = self.plain_part(program, at, expr)?;
        if let Some((ops, ops_at)) = made.keyword("postgresql_ops") {
            let known = program.entries(ops_at, ops).unwrap_or_default();
            let class = known.iter().find(|(key, ..)| *key == part.text).and_then(|(_, value, at)| program.text(at, value).plain());
            part.options = class.map(Name::from).or(part.options);
        }
        Some(part)
    }

    fn plain_part(&self, program: &dyn Program, at: &Site, expr: &Expr) -> Option<IndexPart> {
        if let Expr::Ref(word) | Expr::Member(_, word) = expr
            && let Some(name) = self.column_named(word)
        {
            return Some(IndexPart::column(name));
        }
        if matches!(program.resolve(at, expr), crate::facts::program::Meaning::Value(Expr::Str(_) | Expr::Template(_), _)) {
            return program.text(at, expr).plain().map(IndexPart::column);
        }
        let text = sql(program, at, expr, &Columns(&|word| self.column_named(word)))?;
        for (suffix, options) in [(" DESC NULLS LAST", "DESC NULLS LAST"), (" DESC", "DESC"), (" NULLS LAST", "NULLS LAST")] {
            if let Some(column) = text.strip_suffix(suffix) {
                let is_expression = !is_name(column);
                let text = column.trim_matches('"');
                return Some(IndexPart { text: text.into(), is_expression, options: Some(options.into()) });
            }
        }
        Some(IndexPart { is_expression: !is_name(&text), text: text.trim_matches('"').into(), options: None })
    }
}

fn is_name(text: &str) -> bool {
    let inner = text.trim_matches('"');
    !inner.is_empty() && inner.chars().all(|c| c == '_' || c.is_alphanumeric())
}

fn sql_or_text(program: &dyn Program, at: &Site, expr: &Expr, columns: &Columns) -> Option<String> {
    match expr {
        Expr::Str(text) => Some(text.to_string()),
        _ => sql(program, at, expr, columns).or_else(|| program.text(at, expr).plain()),
    }
}

fn flag(program: &dyn Program, made: &Said, name: &str) -> bool {
    made.keyword(name).and_then(|(expr, at)| truth(program, at, Some(expr))) == Some(true)
}

impl Draft {
    /// Reads one argument of `Table(…)`, of `op.create_table(…)` or of `__table_args__`: a column, a constraint, an index, or several.
    pub fn read_item(&mut self, program: &dyn Program, targets: &dyn Targets, site: &Site, expr: &Expr) {
        if let Expr::Spread(inner) = expr {
            for (item, at) in program.items(site, inner).unwrap_or_default() {
                self.read_item(program, targets, &at, item);
            }
            return;
        }
        if let Some(made) = super::words::said(program, site, expr)
            && self.add_item(program, targets, &made)
        {
            return;
        }
        if let Some(column) = super::column::column(program, targets, site, expr) {
            self.add("", column);
        }
    }

    /// The table that it comes to, and the types it needs.
    #[must_use]
    pub fn finish(self) -> (Table, Vec<EnumType>) {
        let mut enums: Vec<EnumType> = Vec::new();
        let key = self.whole_key();
        let mut table = Table { name: self.name.clone(), doc: self.doc.clone(), ..Table::default() };
        for (_, name, column) in &self.columns {
            let ty = column.ty.as_ref().or(column.fallback.as_ref());
            for needed in ty.map_or(&[][..], |ty| &ty.enums) {
                if !enums.contains(needed) {
                    enums.push(needed.clone());
                }
            }
            table.columns.push(self.settled(name, column, key.as_ref()));
            self.keys_of(name, column, &mut table);
        }
        table.primary_key = key.map(|mut key| {
            key.name = key.name.or_else(|| self.naming.primary_key(&self.name, &key.columns));
            key
        });
        self.constraints_into(&mut table);
        (table, enums)
    }

    fn whole_key(&self) -> Option<Key> {
        let columns: Vec<Name> = self.columns.iter().filter(|(_, _, column)| column.is_key).map(|(_, name, _)| name.clone()).collect();
        self.primary_key.clone().or_else(|| (!columns.is_empty()).then(|| Key::of(columns)))
    }

    /// One column with its place in the key.
    fn settled(&self, name: &Name, said: &Column, key: Option<&Key>) -> database::Column {
        let is_key = key.is_some_and(|key| key.columns.contains(name));
        let refers = !said.references.is_empty() || self.foreign_keys.iter().any(|foreign| foreign.columns.contains(name));
        let ty = said.ty.as_ref().or(said.fallback.as_ref());
        let is_only = key.is_some_and(|key| key.columns.len() == 1);
        let counts = is_key
            && said.autoincrement != Some(false)
            && (said.autoincrement == Some(true) || (is_only && !refers && !said.is_given))
            && said.default.is_none()
            && said.generated.is_none()
            && ty.is_some_and(super::types::SqlType::is_integer);
        let text = ty.map_or("", |ty| ty.text.as_str());
        let text = match text {
            "integer" if counts => "serial",
            "bigint" if counts => "bigserial",
            "smallint" if counts => "smallserial",
            other => other,
        };
        database::Column {
            name: name.clone(),
            ty: text.into(),
            nullable: !is_key && said.nullable.unwrap_or(!is_identity(said)),
            default: said.default.as_ref().map(|default| plain_default(default, text)),
            generated: said.generated.clone(),
            doc: said.doc.clone(),
            takes_key_type: said.ty.is_none() && !said.references.is_empty(),
            ..database::Column::default()
        }
    }

    fn keys_of(&self, name: &Name, column: &Column, table: &mut Table) {
        for reference in &column.references {
            table.foreign_keys.push(ForeignKey {
                name: reference.name.clone(),
                columns: vec![name.clone()],
                target: reference.table.clone(),
                target_columns: reference.column.clone().into_iter().collect(),
                on_delete: reference.on_delete,
                on_update: reference.on_update,
                deferrable: reference.deferrable.clone(),
            });
        }
        table.checks.extend(column.checks.iter().cloned());
        if column.index {
            let method = column.index_method.clone();
            let index = Index { parts: vec![IndexPart::column(name.clone())], unique: column.unique, method, ..Index::default() };
            table.indexes.push(index);
        } else if column.unique {
            table.uniques.push(Key::of([name.clone()]));
        }
    }

    fn constraints_into(self, table: &mut Table) {
        table.uniques.extend(self.uniques);
        table.foreign_keys.extend(self.foreign_keys);
        table.checks.extend(self.checks);
        table.indexes.extend(self.indexes);
        let (naming, name) = (&self.naming, &self.name);
        for key in &mut table.uniques {
            key.name = naming.given("uq", name, key.name.take(), &key.columns, None);
        }
        for key in &mut table.foreign_keys {
            let referred = (&key.target, key.target_columns.as_slice());
            key.name = naming.given("fk", name, key.name.take(), &key.columns, Some(referred));
        }
        for check in &mut table.checks {
            check.name = naming.given("ck", name, check.name.take(), &[], None);
        }
        for index in &mut table.indexes {
            let columns: Vec<Name> = index.parts.iter().map(|part| part.text.clone()).collect();
            index.name = index.name.take().or_else(|| naming.index(name, &columns));
        }
    }

    /// The columns that refer to others, as a column of an `ALTER TABLE` brings them along.
    #[must_use]
    pub fn only_column(self) -> Option<(database::Column, Table, Vec<EnumType>)> {
        let (mut table, enums) = self.finish();
        let column = table.columns.pop()?;
        Some((column, table, enums))
    }
}

fn is_identity(column: &Column) -> bool {
    matches!(column.generated, Some(Generated::IdentityAlways | Generated::IdentityByDefault))
}

/// A number given as a text stands for itself where the column is one: `server_default="0"`.
fn plain_default(default: &Name, ty: &str) -> Name {
    let Some(inner) = default.strip_prefix('\'').and_then(|rest| rest.strip_suffix('\'')) else { return default.clone() };
    let is_number = matches!(ty, "integer" | "bigint" | "smallint" | "double precision" | "real") || ty.starts_with("numeric");
    let fits = match ty {
        "boolean" => {
            return match inner.to_ascii_lowercase().as_str() {
                "t" | "true" | "1" => "true".into(),
                "f" | "false" | "0" => "false".into(),
                _ => default.clone(),
            };
        }
        _ => is_number && inner.parse::<f64>().is_ok_and(f64::is_finite),
    };
    if fits { inner.into() } else { default.clone() }
}
