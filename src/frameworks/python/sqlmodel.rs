//! SQLModel: classes with `table=True` as tables; their fields come through the bases, as pydantic's do.
//!
//! Types are those of SQLModel 0.0.50: a `datetime` keeps its time zone.

use super::sqlalchemy::ancestry::{object_name, of_metadata};
use super::sqlalchemy::column::{Column, Reference, column, dotted_target, options, schema_items};
use super::sqlalchemy::draft::Draft;
use super::sqlalchemy::model::Models;
use super::sqlalchemy::types::{SqlType, sql_type};
use super::sqlalchemy::words::said;
use super::sqlalchemy::{enums, finding, tablename};
use crate::base::Name;
use crate::base::code::{Call, ClassId, Expr, Field, Key, Type};
use crate::base::language::Language;
use crate::facts::database::{Action, ObjectName, TableFinding};
use crate::facts::finding::{Findings, Place};
use crate::facts::framework::{Framework, Tells};
use crate::facts::program::{ClassRef, FileId, Meaning, Program, Site};
use crate::frameworks::python::annotations::Annotation;
use crate::frameworks::python::literals::{literal, truth};

/// SQLModel.
pub const FRAMEWORK: Framework = Framework {
    id: "python/sqlmodel",
    label: "SQLModel",
    languages: &[Language::Python],
    modules: &["sqlmodel"],
    tells: &[Tells::Tables],
    read: Some(read),
    types: None,
};

fn read(program: &dyn Program, file: FileId, findings: &mut Findings) {
    for (index, class) in (0u32..).zip(&program.file(file).outline.classes) {
        if class.keywords.iter().any(|(name, _)| name == "table") {
            findings.tables.extend(table(program, ClassRef { file, id: ClassId(index) }));
        }
    }
}

/// Whether a class is a table: `class Hero(HeroBase, table=True)`.
#[must_use]
pub fn is_table(program: &dyn Program, class: ClassRef) -> bool {
    let site = program.around_class(class);
    let said = program.class(class).keywords.iter().find(|(name, _)| name == "table");
    said.is_some_and(|(_, value)| truth(program, &site, Some(value)) == Some(true)) && is_model(program, class)
}

fn is_model(program: &dyn Program, class: ClassRef) -> bool {
    program.outside_bases(class).iter().any(|base| base.starts_with("sqlmodel.") && base.ends_with("SQLModel"))
}

/// The name of a model's table.
#[must_use]
pub fn table_name(program: &dyn Program, class: ClassRef) -> ObjectName {
    let declared = program.class(class);
    let own = program.class_attribute(class, "__tablename__");
    let name = own.and_then(|(value, at)| tablename::text(program, &at, value, &declared.name));
    let computed = || {
        let function = program.method(class, "__tablename__")?;
        tablename::computed(program, function, &declared.name)
    };
    let name = name.or_else(computed).unwrap_or_else(|| declared.name.to_lowercase());
    object_name(schema(program, class), name.into())
}

fn schema(program: &dyn Program, class: ClassRef) -> Option<Name> {
    let of_dict = |at: &Site, value: &Expr| match program.resolve(at, value) {
        Meaning::Value(Expr::Object(entries), at) => {
            let entry = entries.iter().find(|entry| matches!(&entry.key, Key::Name(name) if name == "schema"))?;
            program.text(&at, &entry.value).plain().map(Name::from)
        }
        _ => None,
    };
    let said = program.class_attribute(class, "__table_args__").and_then(|(value, at)| match program.items(&at, value) {
        Some(items) => items.last().and_then(|(last, at)| of_dict(at, last)),
        None => of_dict(&at, value),
    });
    said.or_else(|| of_metadata(program, metadata(program, class)).1)
}

fn metadata(program: &dyn Program, class: ClassRef) -> Option<(&Call, Site)> {
    let (value, at) = program.class_attribute(class, "metadata")?;
    super::sqlalchemy::ancestry::metadata_of(program, &at, value)
}

fn table(program: &dyn Program, class: ClassRef) -> Option<TableFinding> {
    if !is_table(program, class) {
        return None;
    }
    let (naming, schema) = of_metadata(program, metadata(program, class));
    let mut draft = Draft::new(table_name(program, class), naming);
    for base in program.lineage(class).into_iter().rev() {
        let declared = program.file(base.file).outline.class(base.id);
        for field in &declared.fields {
            let site = Site { file: base.file, scope: declared.inner, offset: field.at.offset, env: None };
            match of_field(program, &site, field) {
                Some(column) => draft.put(&field.name, column),
                None => draft.forget(&field.name, &field.ty),
            }
        }
    }
    if let Some((value, at)) = program.class_attribute(class, "__table_args__") {
        for (item, at) in program.items(&at, value).unwrap_or_default() {
            draft.read_item(program, &Models(program), &at, item);
        }
    }
    let declared = program.class(class);
    let place = Place { file: class.file, symbol: declared.name.clone(), line: declared.at.line };
    let found = finding(draft, schema, declared.name.clone(), place)?;
    Some(TableFinding { framework: FRAMEWORK.id, ..found })
}

/// The column of a field; `None` for relationships and class variables.
fn of_field(program: &dyn Program, site: &Site, field: &Field) -> Option<Column> {
    if field.name.starts_with('_') || field.name == "model_config" || matches!(field.ty, Type::Unknown) {
        return None;
    }
    if matches!(field.ty.last_name().map(Name::as_str), Some("ClassVar")) {
        return None;
    }
    let annotation = Annotation::new(program, site, &field.ty);
    let mut calls: Vec<(Name, &Call, Site)> = Vec::new();
    let given = field.default.as_ref().and_then(|value| said(program, site, value));
    if let Some(made) = given {
        if made.word == "sqlmodel.Relationship" {
            return None;
        }
        calls.push((made.word, made.call, made.at));
    } else if let Some((path, call, at)) = field.default.as_ref().and_then(|value| super::annotations::library_call(program, site, value)) {
        // `pydantic.Field(…)`.
        let made = program.file(call.file).outline.call(call.id);
        calls.push((path, made, at.moved(call.file, made.scope, made.at.offset)));
    }
    let alternatives = annotation.alternatives(program);
    for one in std::iter::once(&annotation).chain(&alternatives) {
        for (expr, at) in &one.metadata {
            if let Some((path, call, at)) = super::annotations::library_call(program, at, expr) {
                let made = program.file(call.file).outline.call(call.id);
                calls.push((path, made, at.moved(call.file, made.scope, made.at.offset)));
            }
        }
    }
    let reading = Reading { program, calls: &calls };
    Some(reading.column(site, field, &alternatives))
}

/// What `Field(…)` calls say, the outermost first.
struct Reading<'a> {
    program: &'a dyn Program,
    calls: &'a [(Name, &'a Call, Site)],
}

impl Reading<'_> {
    fn keyword(&self, name: &str) -> Option<(&Expr, &Site)> {
        self.calls.iter().find_map(|(_, call, at)| call.keyword(name).map(|expr| (expr, at)))
    }

    fn truth(&self, name: &str) -> Option<bool> {
        self.keyword(name).and_then(|(expr, at)| truth(self.program, at, Some(expr)))
    }

    fn number(&self, name: &str) -> Option<i64> {
        self.keyword(name).and_then(|(expr, at)| literal(self.program, at, expr)).and_then(|value| value.as_i64())
    }

    fn column(&self, site: &Site, field: &Field, alternatives: &[Annotation]) -> Column {
        let targets = Models(self.program);
        if let Some((expr, at)) = self.keyword("sa_column")
            && let Some(column) = column(self.program, &targets, at, expr)
        {
            return column;
        }
        let mut column = Column { is_key: self.truth("primary_key") == Some(true), ..Column::default() };
        column.ty = match self.keyword("sa_type") {
            Some((expr, at)) => sql_type(self.program, at, expr),
            None => alternatives.first().and_then(|one| self.of_annotation(one)),
        };
        let admits_null = spells_null(self.program, site, &field.ty, 0);
        column.nullable = self.truth("nullable").or(Some(!column.is_key && admits_null));
        column.unique = self.truth("unique") == Some(true);
        column.index = self.truth("index") == Some(true);
        column.is_given = self.has_default(field);
        if let Some(key) = self.keyword("foreign_key").and_then(|(expr, at)| self.program.text(at, expr).plain())
            && let Some((table, target)) = dotted_target(&key)
        {
            let on_delete = self.keyword("ondelete").and_then(|(expr, at)| self.program.text(at, expr).plain());
            column.references.push(Reference {
                table,
                column: target,
                on_delete: on_delete.and_then(|text| Action::of(&text)),
                ..Reference::default()
            });
        }
        if let Some((expr, at)) = self.keyword("sa_column_args") {
            for (item, at) in self.program.items(at, expr).unwrap_or_default() {
                schema_items(self.program, &targets, &mut column, &at, item);
            }
        }
        if let Some((expr, at)) = self.keyword("sa_column_kwargs") {
            for (name, value, at) in self.program.entries(at, expr).unwrap_or_default() {
                options(self.program, &mut column, &name, &at, value);
            }
        }
        column
    }

    /// A value that the program makes itself: then a key does not count by itself.
    fn has_default(&self, field: &Field) -> bool {
        let said = self.keyword("default_factory").is_some();
        let by_call = self.calls.iter().find_map(|(_, call, _)| call.arg(0, "default"));
        let is_value = |expr: &Expr| !matches!(expr, Expr::Null) && !super::pydantic::is_ellipsis(expr);
        let plain = field.default.as_ref().filter(|value| !matches!(value, Expr::Call(_)));
        said || by_call.is_some_and(is_value) || plain.is_some_and(is_value)
    }

    fn of_annotation(&self, annotation: &Annotation) -> Option<SqlType> {
        match annotation.head(self.program) {
            Meaning::Outside(path) => self.of_path(&path),
            Meaning::Class(class) if enums::is_enum(self.program, class) => Some(enums::of_class(self.program, class, None)),
            Meaning::Class(class) => self.program.outside_bases(class).iter().find_map(|base| self.of_path(base)),
            Meaning::Value(Expr::Call(id), at) => {
                let call = self.program.file(at.file).outline.call(*id);
                let inner = call.positional(1).filter(|_| call.callee.last_name().is_some_and(|name| name == "NewType"))?;
                self.of_path(self.program.resolve(&at, inner).outside()?)
            }
            _ => None,
        }
    }

    fn of_path(&self, path: &str) -> Option<SqlType> {
        let text = match path {
            "datetime.datetime" | "pydantic.AwareDatetime" | "pydantic.types.AwareDatetime" => "timestamp with time zone".to_owned(),
            "pydantic.NaiveDatetime" => "timestamp without time zone".to_owned(),
            "decimal.Decimal" => match (self.number("max_digits"), self.number("decimal_places")) {
                (Some(digits), places) => format!("numeric({digits},{})", places.unwrap_or(0)),
                _ => "numeric".to_owned(),
            },
            "pydantic.PositiveInt" | "pydantic.NonNegativeInt" | "pydantic.StrictInt" => "integer".to_owned(),
            "pydantic.PositiveFloat" | "pydantic.NonNegativeFloat" => "double precision".to_owned(),
            "pydantic.UUID4" | "pydantic.UUID1" | "pydantic.UUID7" => "uuid".to_owned(),
            _ => match super::sqlalchemy::annotated::plain(path) {
                Some("character varying") => self.sized(),
                Some(plain) => plain.to_owned(),
                None if is_text(path) => self.sized(),
                None => return None,
            },
        };
        Some(SqlType::of(text))
    }

    fn sized(&self) -> String {
        self.number("max_length").map_or_else(|| "character varying".to_owned(), |length| format!("character varying({length})"))
    }
}

/// Types that are text to SQLModel.
fn is_text(path: &str) -> bool {
    let (module, name) = path.rsplit_once('.').unwrap_or(("", path));
    let is_pydantic = module.starts_with("pydantic") && (name.ends_with("Str") || name.ends_with("Url") || name.starts_with("IPv"));
    is_pydantic || module == "ipaddress" || path == "pathlib.Path"
}

fn spells_null(program: &dyn Program, site: &Site, ty: &Type, depth: u32) -> bool {
    if depth > 8 {
        return false;
    }
    match ty {
        Type::Literal(Expr::Null) | Type::Value(Expr::Null) => true,
        Type::Union(types) => types.iter().any(|ty| spells_null(program, site, ty, depth + 1)),
        Type::Named(named) => match ty.last_name().map(Name::as_str) {
            Some("Optional") => true,
            Some("Union") => ty.args().iter().any(|ty| spells_null(program, site, ty, depth + 1)),
            Some("Annotated") => ty.args().first().is_some_and(|ty| spells_null(program, site, ty, depth + 1)),
            // A name for `str | None`.
            _ if named.args.is_empty() => match program.resolve(site, &named.path) {
                Meaning::Value(value @ (Expr::Index(_) | Expr::Binary(_)), at) => {
                    spells_null(program, &at, &Type::spelled(value), depth + 1)
                }
                _ => false,
            },
            _ => false,
        },
        _ => false,
    }
}
