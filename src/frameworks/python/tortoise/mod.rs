//! Tortoise ORM: models and the tables between two of them; Aerich's migrations as the statements they hold.
//!
//! Defaults are the program's, not the database's. Times keep their zone, durations are numbers, a list of two keys is no primary key.

mod fields;

use self::fields::{Made, key_column, made, model_of, on_delete, plain_column, word_of};
use super::marshmallow::nested_class;
use super::queried;
use super::sqlalchemy::column::{Column, Reference};
use super::sqlalchemy::draft::Draft;
use super::sqlalchemy::naming::Naming;
use super::sqlalchemy::types::SqlType;
use crate::base::Name;
use crate::base::code::{ClassId, Expr, FuncId, ScopeId};
use crate::base::language::Language;
use crate::facts::database::{Doing, Index, IndexPart, Key, Migration, ObjectName, Step, Table, TableFinding};
use crate::facts::finding::{Findings, Place};
use crate::facts::framework::{Framework, Tells};
use crate::facts::program::{ClassRef, FileId, Meaning, Program, Site};
use crate::frameworks::python::literals::{texts, truth};

/// Tortoise ORM.
pub const FRAMEWORK: Framework = Framework {
    id: "python/tortoise",
    label: "Tortoise ORM, Aerich",
    languages: &[Language::Python],
    modules: &["tortoise", "aerich"],
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
    findings.migrations.extend(migration(program, file));
    let library = queried::Library {
        id: FRAMEWORK.id,
        reads: &["filter", "all", "get", "get_or_none", "first", "exclude", "exists", "annotate", "in_bulk", "raw"],
        writes: &["create", "bulk_create", "bulk_update", "update_or_create", "get_or_create", "save", "delete", "update_from_dict"],
        is_written_when_made: false,
        table: &|class| is_model(program, class).then(|| table_name(program, class)),
    };
    queried::read(program, file, &library, findings);
}

/// `async def upgrade(db) -> str: return """CREATE TABLE …"""`.
fn migration(program: &dyn Program, file: FileId) -> Option<Migration> {
    let facts = program.file(file);
    let imports = facts.outline.imports.iter().any(|import| import.module == "tortoise" || import.module.starts_with("tortoise."));
    let functions = (0u32..).zip(&facts.outline.functions);
    let (id, function) = functions.filter(|(_, function)| function.scope == ScopeId(0)).find(|(_, function)| function.name == "upgrade")?;
    if !imports || !function.flags.is_async {
        return None;
    }
    let steps: Vec<Step> = facts
        .returns_of(FuncId(id))
        .iter()
        .map(|index| {
            let value = &facts.outline.returns[*index as usize];
            let site = Site { file, scope: value.scope, offset: value.at.offset, env: None };
            let place = Place { file, symbol: "upgrade".into(), line: value.at.line };
            Step { doing: Doing::Sql(program.text(&site, &value.value)), place }
        })
        .collect();
    let (folder, name) = program.path(file).rsplit_once('/').unwrap_or(("", program.path(file)));
    let digits: String = name.chars().take_while(char::is_ascii_digit).collect();
    Some(Migration {
        framework: FRAMEWORK.id,
        sequence: folder.into(),
        id: name.strip_suffix(".py").unwrap_or(name).into(),
        position: name.into(),
        number: digits.parse().ok(),
        steps,
        place: Place { file, symbol: "upgrade".into(), line: function.at.line },
        ..Migration::default()
    })
}

fn is_model(program: &dyn Program, class: ClassRef) -> bool {
    program.outside_bases(class).iter().any(|base| base.starts_with("tortoise.") && base.ends_with(".Model"))
}

fn meta<'p>(program: &'p dyn Program, class: ClassRef, word: &str) -> Option<(&'p Expr, Site)> {
    let own = nested_class(program, class, "Meta")?;
    program.class_attribute(own, word)
}

fn table_name(program: &dyn Program, class: ClassRef) -> ObjectName {
    let said = meta(program, class, "table").and_then(|(value, at)| program.text(&at, value).plain());
    let name = said.unwrap_or_else(|| program.class(class).name.to_lowercase());
    match meta(program, class, "schema").and_then(|(value, at)| program.text(&at, value).plain()) {
        Some(schema) => ObjectName::in_schema(schema, name),
        None => ObjectName::new(name),
    }
}

fn tables(program: &dyn Program, class: ClassRef, findings: &mut Findings) {
    let is_abstract = meta(program, class, "abstract").and_then(|(value, at)| truth(program, &at, Some(value))) == Some(true);
    if !is_model(program, class) || is_abstract {
        return;
    }
    let mut draft = columns(program, class);
    if draft.columns.is_empty() {
        return;
    }
    if !draft.columns.iter().any(|(_, _, column)| column.is_key) {
        let key = Column { ty: Some(SqlType::of("integer")), is_key: true, nullable: Some(false), ..Column::default() };
        draft.columns.insert(0, ("id".into(), "id".into(), key));
    }
    add_items(program, class, &mut draft);
    let declared = program.class(class);
    draft.doc = meta(program, class, "table_description").and_then(|(value, at)| program.text(&at, value).plain()).map(Name::from);
    let place = Place { file: class.file, symbol: declared.name.clone(), line: declared.at.line };
    findings.tables.push(finding(draft.finish().0, declared.name.clone(), place, false));
    for base in program.lineage(class) {
        let owner = program.file(base.file).outline.class(base.id);
        for field in &owner.fields {
            let site = Site { file: base.file, scope: owner.inner, offset: field.at.offset, env: None };
            let between =
                field.default.as_ref().and_then(|value| made(program, &site, value)).filter(|made| made.word == "ManyToManyField");
            findings.tables.extend(between.and_then(|made| between_two(program, class, &made)));
        }
    }
}

fn finding(table: Table, model: Name, place: Place, is_implied: bool) -> TableFinding {
    TableFinding { is_implied, ..TableFinding::of_model(FRAMEWORK.id, table, model, place) }
}

/// Plain columns first, keys to others behind them, as the library orders them.
fn columns(program: &dyn Program, class: ClassRef) -> Draft {
    let mut draft = Draft::new(table_name(program, class), Naming::default());
    let mut keys = Vec::new();
    for base in program.lineage(class).into_iter().rev() {
        let owner = program.file(base.file).outline.class(base.id);
        for field in &owner.fields {
            let site = Site { file: base.file, scope: owner.inner, offset: field.at.offset, env: None };
            let Some(made) = field.default.as_ref().and_then(|value| made(program, &site, value)) else { continue };
            match made.word.as_str() {
                "ForeignKeyField" | "OneToOneField" => keys.push((field.name.clone(), key_column(program, &made, &field.name))),
                "ManyToManyField" | "ReverseRelation" => {}
                _ => draft.put(&field.name, plain_column(program, &made)),
            }
        }
    }
    for (name, column) in keys {
        draft.put(&name, column);
    }
    draft
}

/// `unique_together`, `indexes`.
fn add_items(program: &dyn Program, class: ClassRef, draft: &mut Draft) {
    let groups = |word: &str| -> Vec<(Vec<Name>, Option<Name>, Option<Name>)> {
        let Some((value, at)) = meta(program, class, word) else { return Vec::new() };
        let items = program.items(&at, value).unwrap_or_default();
        // `unique_together = ("a", "b")` is one group.
        if !items.is_empty() && items.iter().all(|(item, at)| program.text(at, item).plain().is_some()) {
            return vec![(texts(program, &at, value), None, None)];
        }
        items.into_iter().map(|(item, at)| group(program, &at, item)).collect()
    };
    for (names, ..) in groups("unique_together") {
        let columns: Vec<Name> = names.into_iter().map(|name| draft.column_named(&name).unwrap_or(name)).collect();
        draft.uniques.push(Key::of(columns));
    }
    for (names, name, method) in groups("indexes") {
        let parts: Vec<IndexPart> = names.into_iter().map(|name| IndexPart::column(draft.column_named(&name).unwrap_or(name))).collect();
        if !parts.is_empty() {
            draft.indexes.push(Index { name, parts, method, ..Index::default() });
        }
    }
}

/// Fields, a name, a method: `("a", "b")`, `Index(fields=["a"], name="x")`, `GinIndex(fields=["a"])`.
fn group(program: &dyn Program, at: &Site, item: &Expr) -> (Vec<Name>, Option<Name>, Option<Name>) {
    let Meaning::Value(Expr::Call(id), site) = program.resolve(at, item) else { return (texts(program, at, item), None, None) };
    let call = program.file(site.file).outline.call(*id);
    let names = call.keyword("fields").map_or_else(Vec::new, |fields| texts(program, &site, fields));
    let name = call.keyword("name").and_then(|name| program.text(&site, name).plain()).map(Name::from);
    let method = match call.callee.last_name().map(Name::as_str) {
        Some("GinIndex") => Some("gin".into()),
        Some("GistIndex") => Some("gist".into()),
        Some("HashIndex") => Some("hash".into()),
        Some("BrinIndex") => Some("brin".into()),
        Some("BloomIndex") => Some("bloom".into()),
        Some("SpGistIndex") => Some("spgist".into()),
        _ => None,
    };
    (names, name, method)
}

/// The table of a many-to-many field: two keys, unique together.
fn between_two(program: &dyn Program, class: ClassRef, made: &Made) -> Option<TableFinding> {
    let other = model_of(program, made)?;
    let lower = |class: ClassRef| program.class(class).name.to_lowercase();
    let (own, target) = (table_name(program, class), table_name(program, other));
    let name = word_of(program, made, "through").unwrap_or_else(|| format!("{}_{}", own.name, target.name).into());
    let backward = word_of(program, made, "backward_key")
        .unwrap_or_else(|| if class == other { format!("{}_rel_id", lower(class)) } else { format!("{}_id", lower(class)) }.into());
    let forward = word_of(program, made, "forward_key").unwrap_or_else(|| format!("{}_id", lower(other)).into());
    let mut draft = Draft::new(ObjectName { schema: own.schema.clone(), name }, Naming::default());
    for (column, table) in [(&backward, own), (&forward, target)] {
        let reference = Reference { table, on_delete: Some(on_delete(made)), ..Reference::default() };
        let key =
            Column { nullable: Some(false), fallback: Some(SqlType::of("integer")), references: vec![reference], ..Column::default() };
        draft.put(column, key);
    }
    if truth(program, &made.at, made.call.keyword("create_unique_index")) != Some(false) {
        let parts = vec![IndexPart::column(backward), IndexPart::column(forward)];
        draft.indexes.push(Index { parts, unique: true, ..Index::default() });
    }
    let declared = program.class(class);
    let place = Place { file: class.file, symbol: declared.name.clone(), line: made.call.at.line };
    Some(finding(draft.finish().0, Name::default(), place, true))
}
