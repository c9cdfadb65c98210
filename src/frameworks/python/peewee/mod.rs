//! Peewee: models, the tables between two of them, and what its extensions for PostgreSQL add.
//!
//! - [`fields`]: one field as a column.
//! - [`migrations`]: `migrate(migrator.add_column(…))` of playhouse, and the functions of peewee-migrate.
//!
//! A base class without fields is no table.

mod fields;
mod migrations;

use super::marshmallow::nested_class;
use super::queried;
use super::sqlalchemy::draft::Draft;
use super::sqlalchemy::naming::Naming;
use super::sqlalchemy::tablename;
use crate::base::Name;
use crate::base::code::{ClassId, Expr, ScopeKind};
use crate::base::language::Language;
use crate::facts::database::{Check, Index, IndexPart, Key, ObjectName, Table, TableFinding};
use crate::facts::finding::{Findings, Place};
use crate::facts::framework::{Framework, Tells};
use crate::facts::program::{CallRef, ClassRef, FileId, Meaning, Program, Site};
use crate::frameworks::python::literals::{texts, truth};

/// Peewee.
pub const FRAMEWORK: Framework = Framework {
    id: "python/peewee",
    label: "Peewee",
    languages: &[Language::Python],
    modules: &["peewee", "playhouse", "peewee_async", "peewee_migrate"],
    tells: &[Tells::Tables, Tells::Migrations],
    read: Some(read),
    types: None,
};

fn read(program: &dyn Program, file: FileId, findings: &mut Findings) {
    for (index, class) in (0u32..).zip(&program.file(file).outline.classes) {
        if !class.bases.is_empty() {
            tables(program, ClassRef { file, id: ClassId(index) }, findings);
        }
    }
    migrations::read(program, file, findings);
    let library = queried::Library {
        id: FRAMEWORK.id,
        reads: &["select", "get", "get_or_none", "get_by_id", "raw", "filter", "alias"],
        writes: &[
            "create",
            "insert",
            "insert_many",
            "insert_from",
            "update",
            "delete",
            "replace",
            "get_or_create",
            "save",
            "delete_instance",
            "bulk_create",
            "bulk_update",
            "delete_by_id",
            "set_by_id",
            "upsert",
        ],
        is_written_when_made: false,
        table: &|class| (is_model(program, class) && !is_abstract(program, class)).then(|| table_name(program, class)),
    };
    queried::read(program, file, &library, findings);
}

/// Whether a class is a model.
fn is_model(program: &dyn Program, class: ClassRef) -> bool {
    program.outside_bases(class).iter().any(|base| {
        let root = base.split('.').next().unwrap_or_default();
        matches!(root, "peewee" | "playhouse" | "peewee_async") && (base.ends_with("Model") || base.ends_with(".AIOModel"))
    })
}

/// Whether a model is there for others to inherit from.
fn is_abstract(program: &dyn Program, class: ClassRef) -> bool {
    let name = program.class(class).name.to_lowercase();
    let said = own_meta(program, class).and_then(|meta| {
        let field = program.class(meta).fields.iter().find(|field| field.name == "abstract")?;
        truth(program, &program.inside_class(meta), field.default.as_ref())
    });
    said == Some(true)
        || name.starts_with("base")
        || name.ends_with("base")
        || name.ends_with("mixin")
        || name.starts_with("abstract")
        || name.ends_with("basemodel")
}

fn own_meta(program: &dyn Program, class: ClassRef) -> Option<ClassRef> {
    nested_class(program, class, "Meta")
}

/// A word of `class Meta`: of the model itself, or inherited where Peewee does so.
fn meta<'p>(program: &'p dyn Program, class: ClassRef, word: &str) -> Option<(&'p Expr, Site)> {
    let is_inherited = !matches!(word, "table_name" | "db_table" | "table_alias");
    let classes = program.lineage(class);
    let count = if is_inherited { classes.len() } else { 1 };
    classes.into_iter().take(count).find_map(|class| program.class_attribute(own_meta(program, class)?, word))
}

/// The table of a model.
fn table_name(program: &dyn Program, class: ClassRef) -> ObjectName {
    let declared = program.class(class);
    let said = meta(program, class, "table_name").or_else(|| meta(program, class, "db_table"));
    let said = said.and_then(|(value, at)| program.text(&at, value).plain());
    let made = || {
        let (value, at) = meta(program, class, "table_function")?;
        tablename::computed(program, program.resolve(&at, value).function()?, &declared.name)
    };
    let name = said.or_else(made).unwrap_or_else(|| {
        let is_legacy = meta(program, class, "legacy_table_names").and_then(|(value, at)| truth(program, &at, Some(value)));
        if is_legacy == Some(false) { tablename::snake(&declared.name) } else { declared.name.to_lowercase() }
    });
    match meta(program, class, "schema").and_then(|(value, at)| program.text(&at, value).plain()) {
        Some(schema) => ObjectName::in_schema(schema, name),
        None => ObjectName::new(name),
    }
}

/// A model's table and those that its many-to-many fields make.
fn tables(program: &dyn Program, class: ClassRef, findings: &mut Findings) {
    if !is_model(program, class) || is_abstract(program, class) || is_within_function(program, class) {
        return;
    }
    let Some(finding) = table(program, class) else { return };
    findings.tables.push(finding);
    for class in program.lineage(class) {
        let declared = program.file(class.file).outline.class(class.id);
        for field in &declared.fields {
            let site = program.inside_class(class);
            let through = field.default.as_ref().and_then(|value| fields::through(program, &site, value));
            findings.tables.extend(through.and_then(|other| between(program, class, other)));
        }
    }
}

/// Models that functions declare: migrations, tests.
fn is_within_function(program: &dyn Program, class: ClassRef) -> bool {
    let outline = &program.file(class.file).outline;
    outline.scopes_from(program.class(class).scope).any(|(_, scope)| matches!(scope.kind, ScopeKind::Function(_)))
}

/// Peewee's names of indexes: `user_name`.
fn naming(model: &str) -> Naming {
    Naming::from_pairs(&[("ix", &format!("{}_%(column_0_N_name)s", model.to_lowercase()))])
}

/// The columns of a model, its bases' first.
fn draft(program: &dyn Program, class: ClassRef) -> Draft {
    let declared = program.class(class);
    let mut draft = Draft::new(table_name(program, class), naming(&declared.name));
    for base in program.lineage(class).into_iter().rev() {
        let owner = program.file(base.file).outline.class(base.id);
        for field in &owner.fields {
            let site = Site { file: base.file, scope: owner.inner, offset: field.at.offset, env: None };
            let Some(value) = &field.default else { continue };
            match fields::column(program, &site, &field.name, value, Some(class)) {
                Some(column) => draft.put(&field.name, column),
                None if matches!(value, Expr::Null) => draft.columns.retain(|(attribute, ..)| *attribute != field.name),
                None => {}
            }
        }
    }
    draft
}

fn table(program: &dyn Program, class: ClassRef) -> Option<TableFinding> {
    let mut draft = draft(program, class);
    if draft.columns.is_empty()
        && own_meta(program, class).is_some_and(|meta| !program.class(meta).fields.iter().any(|field| field.name.ends_with("table_name")))
    {
        return None;
    }
    fields::add_key(program, meta(program, class, "primary_key"), &mut draft);
    add_items(program, class, &mut draft);
    let declared = program.class(class);
    let place = Place { file: class.file, symbol: declared.name.clone(), line: declared.at.line };
    let (table, enums) = draft.finish();
    (!table.columns.is_empty()).then(|| finding(table, enums, declared.name.clone(), place, false))
}

fn finding(table: Table, enums: Vec<crate::facts::database::EnumType>, model: Name, place: Place, is_implied: bool) -> TableFinding {
    TableFinding { enums, is_implied, ..TableFinding::of_model(FRAMEWORK.id, table, model, place) }
}

/// `indexes = ((("a", "b"), True),)` and `constraints = [Check("…")]` of `class Meta`, and `Model.add_index(…)`.
fn add_items(program: &dyn Program, class: ClassRef, draft: &mut Draft) {
    if let Some((value, at)) = meta(program, class, "indexes") {
        for (item, at) in program.items(&at, value).unwrap_or_default() {
            let Expr::List(parts) = item else { continue };
            let [columns, unique] = parts.as_ref() else { continue };
            let columns: Vec<IndexPart> =
                texts(program, &at, columns).into_iter().map(|name| IndexPart::column(draft.column_named(&name).unwrap_or(name))).collect();
            let unique = truth(program, &at, Some(unique)) == Some(true);
            draft.indexes.push(Index { parts: columns, unique, ..Index::default() });
        }
    }
    if let Some((value, at)) = meta(program, class, "constraints") {
        for (item, at) in program.items(&at, value).unwrap_or_default() {
            let Some((word, text)) = fields::constraint(program, &at, item) else { continue };
            if word == "Check" {
                draft.checks.push(Check { condition: text.into(), ..Check::default() });
            } else if let Some(columns) = unique_columns(&text) {
                draft.uniques.push(Key::of(columns));
            }
        }
    }
}

/// The columns of `SQL("UNIQUE (a, b)")`.
fn unique_columns(text: &str) -> Option<Vec<Name>> {
    let rest = text.trim();
    let rest = rest.get(..6).filter(|word| word.eq_ignore_ascii_case("unique")).and_then(|_| rest.get(6..))?;
    let inner = rest.trim().strip_prefix('(')?.strip_suffix(')')?;
    Some(inner.split(',').map(|name| name.trim().trim_matches(['"', '`']).into()).collect())
}

/// The table between two models.
fn between(program: &dyn Program, one: ClassRef, other: ClassRef) -> Option<TableFinding> {
    let key_of = |class: ClassRef| program.class(class).name.to_lowercase();
    let (first, second) = if key_of(one) <= key_of(other) { (one, other) } else { (other, one) };
    let names = (table_name(program, first), table_name(program, second));
    let name = ObjectName { schema: names.0.schema.clone(), name: format!("{}_{}_through", names.0.name, names.1.name).into() };
    let through = format!("{}{}Through", program.class(first).name, program.class(second).name);
    let mut draft = Draft::new(name, naming(&through));
    draft.put(&"id".into(), fields::counted_key());
    let mut parts = Vec::new();
    for (class, table) in [(first, names.0), (second, names.1)] {
        let column: Name = format!("{}_id", key_of(class)).into();
        parts.push(IndexPart::column(column.clone()));
        draft.put(&column, fields::key_to(table));
    }
    draft.indexes.push(Index { parts, unique: true, ..Index::default() });
    let declared = program.class(one);
    let place = Place { file: one.file, symbol: declared.name.clone(), line: declared.at.line };
    let (table, enums) = draft.finish();
    Some(finding(table, enums, Name::default(), place, true))
}

/// The class that a call's argument names.
fn class_named(program: &dyn Program, site: &Site, expr: &Expr) -> Option<ClassRef> {
    match program.resolve(site, expr) {
        Meaning::Class(class) => Some(class),
        Meaning::Value(Expr::Call(id), at) => {
            // `DeferredForeignKey("User")` and `DeferredThroughModel()` say less.
            let call = CallRef { file: at.file, id: *id };
            program.callee(call).class()
        }
        _ => None,
    }
}
