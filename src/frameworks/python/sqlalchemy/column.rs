//! One column: `Column("name", String(50), ForeignKey("t.id"), nullable=False)`, `mapped_column(…)`.

use super::expression::{Columns, default, sql};
use super::types::{SqlType, sql_type};
use super::words::{Said, said};
use crate::base::Name;
use crate::base::code::Expr;
use crate::facts::database::{Action, Check, Generated, ObjectName};
use crate::facts::program::{Meaning, Program, Site};
use crate::frameworks::python::literals::truth;

/// What is said of a column.
#[derive(Clone, Debug, Default)]
pub struct Column {
    /// Its name, when the call says one.
    pub name: Option<Name>,
    /// Its type, when one is said.
    pub ty: Option<SqlType>,
    /// The type an annotation says, for when the column it refers to is not known.
    pub fallback: Option<SqlType>,
    /// `nullable=`.
    pub nullable: Option<bool>,
    /// `primary_key=True`.
    pub is_key: bool,
    /// `autoincrement=`.
    pub autoincrement: Option<bool>,
    /// `unique=True`.
    pub unique: bool,
    /// `index=True`.
    pub index: bool,
    /// The method of that index, when it is not the usual one.
    pub index_method: Option<Name>,
    /// What the database fills in.
    pub default: Option<Name>,
    /// The program fills in a value itself.
    pub is_given: bool,
    /// `Identity()`, `Computed(…)`.
    pub generated: Option<Generated>,
    /// `ForeignKey(…)`.
    pub references: Vec<Reference>,
    /// `CheckConstraint(…)` within the column.
    pub checks: Vec<Check>,
    /// `comment=`.
    pub doc: Option<Name>,
}

/// A foreign key of one column.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Reference {
    /// The table.
    pub table: ObjectName,
    /// Its column; none: its primary key.
    pub column: Option<Name>,
    /// The constraint's name.
    pub name: Option<Name>,
    /// `ondelete=`.
    pub on_delete: Option<Action>,
    /// `onupdate=`.
    pub on_update: Option<Action>,
    /// `deferrable=`, `initially=`.
    pub deferrable: Option<Name>,
}

/// Who knows which table and column `User.id` are.
pub trait Targets {
    /// The table of a model or table value, and the column of an attribute.
    fn target(&self, site: &Site, expr: &Expr) -> Option<(ObjectName, Option<Name>)>;
}

/// The column that an expression makes; `deferred(…)` and `column_property(…)` are looked through.
#[must_use]
pub fn column(program: &dyn Program, targets: &dyn Targets, site: &Site, expr: &Expr) -> Option<Column> {
    let made = said(program, site, expr)?;
    match made.word.as_str() {
        "Column" | "mapped_column" => Some(of_call(program, targets, &made)),
        "deferred" | "column_property" | "immutable_column_property" => column(program, targets, &made.at, made.call.positional(0)?),
        "orm_insert_sentinel" | "insert_sentinel" => {
            let name = made.call.arg(0, "name").and_then(|name| program.text(&made.at, name).plain()).map(Name::from);
            Some(Column { name, ty: Some(SqlType::of("integer")), nullable: Some(true), ..Column::default() })
        }
        _ => None,
    }
}

/// The column of a call of `Column` or `mapped_column`.
#[must_use]
pub fn of_call(program: &dyn Program, targets: &dyn Targets, made: &Said) -> Column {
    let mut column = Column::default();
    let reading = Reading { program, targets, made };
    let plain = made.call.args.iter().filter(|arg| arg.name.is_none());
    for (index, arg) in plain.enumerate() {
        if let Expr::Spread(inner) = &arg.value {
            for (item, at) in program.items(&made.at, inner).unwrap_or_default() {
                reading.positional(&mut column, index, &at, item);
            }
            continue;
        }
        reading.positional(&mut column, index, &made.at, &arg.value);
    }
    reading.keywords(&mut column);
    column
}

/// Reads one more item of a column that is not told by a call: `ForeignKey(…)`, `Identity()`.
pub fn schema_items(program: &dyn Program, targets: &dyn Targets, column: &mut Column, site: &Site, expr: &Expr) {
    if let Some(made) = said(program, site, expr) {
        Reading { program, targets, made: &made }.schema_item(column, &made);
    }
}

/// Reads one more option of a column that is not told by a call: `sa_column_kwargs={"server_default": …}`.
pub fn options(program: &dyn Program, column: &mut Column, name: &str, site: &Site, value: &Expr) {
    let known = truth(program, site, Some(value));
    let text = || program.text(site, value).plain().map(Name::from);
    match name {
        "nullable" => column.nullable = known.or(column.nullable),
        "primary_key" => column.is_key |= known == Some(true),
        "unique" => column.unique |= known == Some(true),
        "index" => column.index |= known == Some(true),
        "autoincrement" => column.autoincrement = known,
        "name" => column.name = text(),
        "comment" => column.doc = text(),
        "type_" => column.ty = sql_type(program, site, value),
        "default" => column.is_given = true,
        "server_default" => column.default = default(program, site, value).map(Name::from),
        _ => {}
    }
}

struct Reading<'a> {
    program: &'a dyn Program,
    targets: &'a dyn Targets,
    made: &'a Said<'a>,
}

impl Reading<'_> {
    fn positional(&self, column: &mut Column, index: usize, at: &Site, expr: &Expr) {
        let is_free = column.name.is_none() && column.ty.is_none();
        if index == 0 && is_free {
            let is_text = match self.program.resolve(at, expr) {
                Meaning::Value(Expr::Str(_) | Expr::Template(_), _) => true,
                Meaning::Value(Expr::Call(_), _) => said(self.program, at, expr).is_some_and(|said| said.word == "quoted_name"),
                Meaning::Param(..) | Meaning::Unknown => self.program.text(at, expr).plain().is_some(),
                _ => false,
            };
            if is_text {
                column.name = self.program.text(at, expr).plain().map(Name::from);
                return;
            }
        }
        if let Some(made) = said(self.program, at, expr)
            && self.schema_item(column, &made)
        {
            return;
        }
        if column.ty.is_none() {
            column.ty = sql_type(self.program, at, expr);
        }
    }

    /// `ForeignKey(…)`, `Identity()`, `Computed(…)`, `Sequence(…)`, `CheckConstraint(…)`.
    fn schema_item(&self, column: &mut Column, made: &Said) -> bool {
        match made.word.as_str() {
            "ForeignKey" => column.references.extend(reference(self.program, self.targets, made)),
            "Identity" => {
                let is_always = truth(self.program, &made.at, made.call.arg(0, "always")) == Some(true);
                column.generated = Some(if is_always { Generated::IdentityAlways } else { Generated::IdentityByDefault });
            }
            "Computed" => column.generated = self.computed(made),
            "Sequence" => column.is_given = true,
            "CheckConstraint" => column.checks.extend(check(self.program, made, &Columns(&|_| None))),
            "FetchedValue" | "DefaultClause" => {}
            "ColumnDefault" => column.is_given = true,
            _ => return false,
        }
        true
    }

    fn computed(&self, made: &Said) -> Option<Generated> {
        let expr = made.call.arg(0, "sqltext")?;
        let text = self.program.text(&made.at, expr).plain().or_else(|| sql(self.program, &made.at, expr, &Columns(&|_| None)))?;
        let is_stored = truth(self.program, &made.at, made.call.arg(1, "persisted")) != Some(false);
        Some(if is_stored { Generated::Stored(text.into()) } else { Generated::Virtual(text.into()) })
    }

    fn keywords(&self, column: &mut Column) {
        self.own_keywords(column);
        // `Column("a", Text(), **options)`.
        let spread = self.made.call.args.iter().filter(|arg| arg.name.as_deref() == Some("**"));
        for arg in spread {
            let inner = if let Expr::Spread(inner) = &arg.value { inner.as_ref() } else { &arg.value };
            for (name, value, at) in self.program.entries(&self.made.at, inner).unwrap_or_default() {
                options(self.program, column, &name, &at, value);
            }
        }
    }

    fn own_keywords(&self, column: &mut Column) {
        let truth = |name: &str| self.made.keyword(name).and_then(|(expr, at)| truth(self.program, at, Some(expr)));
        let text = |name: &str| self.made.keyword(name).and_then(|(expr, at)| self.program.text(at, expr).plain()).map(Name::from);
        column.name = text("name").or_else(|| text("__name")).or_else(|| column.name.take());
        if let Some((expr, at)) = self.made.keyword("type_").or_else(|| self.made.keyword("__type")) {
            column.ty = sql_type(self.program, at, expr);
        }
        column.nullable = truth("nullable");
        column.is_key = truth("primary_key") == Some(true);
        column.autoincrement = truth("autoincrement");
        column.unique = truth("unique") == Some(true);
        column.index = truth("index") == Some(true);
        column.doc = text("comment");
        column.is_given |= self.made.keyword("default").is_some_and(|(expr, _)| !matches!(expr, Expr::Null))
            || self.made.keyword("default_factory").is_some()
            || self.made.keyword("insert_default").is_some();
        if let Some((expr, at)) = self.made.keyword("server_default") {
            match said(self.program, at, expr) {
                Some(made) if matches!(made.word.as_str(), "Identity" | "Computed") => {
                    self.schema_item(column, &made);
                }
                Some(made) if made.word == "FetchedValue" => {}
                Some(made) if made.word == "DefaultClause" => {
                    column.default = made.call.positional(0).and_then(|expr| default(self.program, &made.at, expr)).map(Name::from);
                }
                _ => column.default = default(self.program, at, expr).map(Name::from),
            }
        }
    }
}

/// What `ForeignKey(…)` says.
#[must_use]
pub fn reference(program: &dyn Program, targets: &dyn Targets, made: &Said) -> Option<Reference> {
    let (target, at) = match made.keyword("column") {
        Some(found) => found,
        None => (made.call.positional(0)?, &made.at),
    };
    let (table, column) = match program.text(at, target).plain() {
        Some(text) => dotted_target(&text)?,
        None => targets.target(at, target)?,
    };
    let action = |name: &str| made.keyword(name).and_then(|(expr, at)| program.text(at, expr).plain()).and_then(|text| Action::of(&text));
    Some(Reference {
        table,
        column,
        name: name_of(program, made),
        on_delete: action("ondelete"),
        on_update: action("onupdate"),
        deferrable: deferrable(program, made),
    })
}

/// `users.id`, `billing.users.id`; a table alone is its primary key.
#[must_use]
pub fn dotted_target(text: &str) -> Option<(ObjectName, Option<Name>)> {
    let parts: Vec<&str> = text.split('.').collect();
    match parts.as_slice() {
        [table] if !table.is_empty() => Some((ObjectName::new(*table), None)),
        [table, column] => Some((ObjectName::new(*table), Some((*column).into()))),
        [.., schema, table, column] => Some((ObjectName::in_schema(*schema, *table), Some((*column).into()))),
        _ => None,
    }
}

/// `deferrable=True, initially="DEFERRED"`.
#[must_use]
pub fn deferrable(program: &dyn Program, made: &Said) -> Option<Name> {
    let (expr, at) = made.keyword("deferrable")?;
    if truth(program, at, Some(expr)) != Some(true) {
        return None;
    }
    let initially = made.keyword("initially").and_then(|(expr, at)| program.text(at, expr).plain());
    Some(match initially {
        Some(when) => format!("DEFERRABLE INITIALLY {}", when.to_uppercase()).into(),
        None => "DEFERRABLE".into(),
    })
}

/// The name a constraint or index is given: a text, `op.f("…")`, `conv("…")`.
#[must_use]
pub fn name_of(program: &dyn Program, made: &Said) -> Option<Name> {
    let (expr, at) = made.keyword("name")?;
    name_text(program, at, expr)
}

/// A name as a text, or within `op.f(…)` and `conv(…)`.
#[must_use]
pub fn name_text(program: &dyn Program, at: &Site, expr: &Expr) -> Option<Name> {
    if let Some(text) = program.text(at, expr).plain() {
        return Some(text.into());
    }
    let Meaning::Value(Expr::Call(id), site) = program.resolve(at, expr) else { return None };
    let call = program.file(site.file).outline.call(*id);
    let is_wrapper = call.callee.last_name().is_some_and(|name| matches!(name.as_str(), "f" | "conv" | "quoted_name"));
    let inner = call.positional(0).filter(|_| is_wrapper)?;
    program.text(&site, inner).plain().map(Name::from)
}

/// What `CheckConstraint(…)` says; without a condition that can be written it is none.
#[must_use]
pub fn check(program: &dyn Program, made: &Said, columns: &Columns) -> Option<Check> {
    let (expr, at) = match made.keyword("sqltext") {
        Some(found) => found,
        None => (made.call.positional(0)?, &made.at),
    };
    let condition = program.text(at, expr).plain().or_else(|| sql(program, at, expr, columns))?;
    Some(Check { name: name_of(program, made), condition: condition.into(), is_whole: false })
}
