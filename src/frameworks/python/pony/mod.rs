//! Pony: entities, the tables between two of them, and hierarchies that share one table.
//!
//! - [`attributes`]: one attribute.
//! - [`between`]: tables of two sets.
//!
//! Of a pair of attributes that name each other, one has the column: the required one, else the one whose entity comes first by name.

mod attributes;
mod between;

use self::attributes::{Attribute, own_attributes, sql_type};
use self::between::between;
use super::queried;
use super::sqlalchemy::column::Column;
use super::sqlalchemy::draft::Draft;
use super::sqlalchemy::naming::Naming;
use super::sqlalchemy::types::SqlType;
use crate::base::Name;
use crate::base::code::{ClassId, Expr};
use crate::base::language::Language;
use crate::facts::database::{Action, ForeignKey, Index, IndexPart, Key, ObjectName, Table, TableFinding};
use crate::facts::finding::{Findings, Place};
use crate::facts::framework::{Framework, Tells};
use crate::facts::importers::Heirs;
use crate::facts::program::{CallRef, ClassRef, FileId, Meaning, Program};
use crate::frameworks::python::literals::texts;

/// Pony.
pub const FRAMEWORK: Framework = Framework {
    id: "python/pony",
    label: "Pony ORM",
    languages: &[Language::Python],
    modules: &["pony"],
    tells: &[Tells::Tables],
    read: Some(read),
    types: None,
};

fn read(program: &dyn Program, file: FileId, findings: &mut Findings) {
    for (index, class) in (0u32..).zip(&program.file(file).outline.classes) {
        if !class.bases.is_empty() {
            tables(program, ClassRef { file, id: ClassId(index) }, findings);
        }
    }
    let library = queried::Library {
        id: FRAMEWORK.id,
        reads: &["get", "select", "select_random", "select_by_sql", "get_by_sql", "exists", "get_for_update"],
        writes: &["delete", "set"],
        is_written_when_made: true,
        table: &|class| is_entity(program, class).then(|| table_name(program, class)),
    };
    queried::read(program, file, &library, findings);
}

/// Whether a class is an entity: `class Person(db.Entity)`.
fn is_entity(program: &dyn Program, class: ClassRef) -> bool {
    program.lineage(class).into_iter().any(|class| {
        let around = program.around_class(class);
        let declared = program.file(class.file).outline.class(class.id);
        declared.bases.iter().any(|base| match program.resolve_type(&around, base) {
            Meaning::Attribute(of, name) => name == "Entity" && is_database(program, &of),
            Meaning::Outside(path) => path.starts_with("pony.orm.") && path.ends_with("Entity"),
            _ => false,
        })
    })
}

fn is_database(program: &dyn Program, meaning: &Meaning) -> bool {
    match meaning {
        Meaning::Value(Expr::Call(id), at) => {
            program.callee(CallRef { file: at.file, id: *id }).is_any(&["pony.orm.Database", "pony.orm.core.Database"])
        }
        // `def define_entities(db): class Person(db.Entity)`.
        Meaning::Param(..) => true,
        _ => false,
    }
}

/// The entity at the root of a hierarchy, whose table all share.
fn root(program: &dyn Program, class: ClassRef) -> ClassRef {
    program.lineage(class).into_iter().rev().find(|base| is_entity(program, *base)).unwrap_or(class)
}

fn table_name(program: &dyn Program, class: ClassRef) -> ObjectName {
    let class = root(program, class);
    let Some((value, at)) = program.class_attribute(class, "_table_") else {
        return ObjectName::new(program.class(class).name.to_lowercase());
    };
    match texts(program, &at, value).as_slice() {
        [schema, name] => ObjectName::in_schema(schema.clone(), name.clone()),
        [name] => ObjectName::new(name.clone()),
        _ => ObjectName::new(program.class(class).name.to_lowercase()),
    }
}

fn tables(program: &dyn Program, class: ClassRef, findings: &mut Findings) {
    if !is_entity(program, class) {
        return;
    }
    let own = own_attributes(program, class);
    for one in own.iter().filter(|attribute| attribute.kind == "Set") {
        findings.tables.extend(between(program, one));
    }
    if root(program, class) != class {
        return;
    }
    let declared = program.class(class);
    let mut draft = Draft::new(table_name(program, class), naming(&declared.name));
    let children = children(program, class);
    for attribute in &own {
        add(program, attribute, false, &mut draft);
    }
    if !draft.columns.iter().any(|(_, _, column)| column.is_key) && key_of(program, class).is_empty() {
        let key = Column { ty: Some(SqlType::of("integer")), is_key: true, nullable: Some(false), ..Column::default() };
        draft.columns.insert(0, ("id".into(), "id".into(), key));
    }
    if !children.is_empty() && !own.iter().any(|attribute| attribute.kind == "Discriminator") {
        let kind = Column { ty: Some(SqlType::of("text")), nullable: Some(false), ..Column::default() };
        draft.put(&"classtype".into(), kind);
    }
    for child in &children {
        for attribute in own_attributes(program, *child) {
            add(program, &attribute, true, &mut draft);
        }
    }
    for class in std::iter::once(class).chain(children) {
        add_items(program, class, &mut draft);
    }
    let place = Place { file: class.file, symbol: declared.name.clone(), line: declared.at.line };
    findings.tables.push(finding(draft.finish().0, declared.name.clone(), place, false));
}

fn naming(entity: &str) -> Naming {
    Naming::from_pairs(&[("ix", &format!("idx_{}__%(column_0_N_name)s", entity.to_lowercase()))])
}

fn finding(table: Table, model: Name, place: Place, is_implied: bool) -> TableFinding {
    TableFinding { is_implied, ..TableFinding::of_model(FRAMEWORK.id, table, model, place) }
}

/// Entities that inherit from a root.
fn children(program: &dyn Program, class: ClassRef) -> Vec<ClassRef> {
    let mut found = Vec::new();
    let heirs = Heirs::of(program);
    let mut names = vec![program.class(class).name.clone()];
    while let Some(name) = names.pop() {
        for child in heirs.naming(&name) {
            if *child != class && !found.contains(child) && program.lineage(*child).contains(&class) && is_entity(program, *child) {
                names.push(program.class(*child).name.clone());
                found.push(*child);
            }
        }
    }
    found.sort_unstable();
    found
}

/// Adds the columns of an attribute; those of a child are optional in the table.
fn add(program: &dyn Program, attribute: &Attribute, is_child: bool, draft: &mut Draft) {
    if let Some(entity) = attribute.entity(program) {
        let reverse = attribute.reverse(program, entity);
        if attribute.has_column(reverse.as_ref()) {
            add_key(program, attribute, entity, reverse.as_ref(), is_child, draft);
        }
        return;
    }
    let is_text =
        attribute.call.positional(0).and_then(Expr::last_name).is_some_and(|name| matches!(name.as_str(), "str" | "unicode" | "LongStr"));
    let ty = if attribute.kind == "Discriminator" && attribute.call.args.is_empty() {
        Some(SqlType::of("text"))
    } else {
        sql_type(program, attribute)
    };
    let Some(ty) = ty else { return };
    let is_optional = attribute.kind == "Optional";
    let keeps_empty = is_text || ty.text == "jsonb" || ty.text.ends_with("[]");
    let nullable = match attribute.flag(program, "nullable") {
        Some(said) => said,
        None => is_optional && !(keeps_empty && attribute.flag(program, "unique") != Some(true)),
    };
    let is_key = attribute.kind == "PrimaryKey" && attribute.call.positional(0).is_some();
    let column = Column {
        name: attribute.text(program, "column"),
        autoincrement: Some(is_key && attribute.flag(program, "auto") == Some(true)),
        ty: Some(ty),
        nullable: Some(nullable || is_child),
        is_key,
        unique: attribute.flag(program, "unique") == Some(true) && !is_key,
        index: attribute.call.keyword("index").is_some_and(|index| !matches!(index, Expr::Bool(false))),
        default: attribute.text(program, "sql_default"),
        ..Column::default()
    };
    draft.put(attribute.name, column);
}

/// The names of an entity's `PrimaryKey(a, b)`.
fn key_of(program: &dyn Program, class: ClassRef) -> Vec<Name> {
    composite(program, class, "PrimaryKey").into_iter().next().unwrap_or_default()
}

/// The attributes that `composite_key(a, b)` and its like list in the body of an entity.
fn composite(program: &dyn Program, class: ClassRef, word: &str) -> Vec<Vec<Name>> {
    let outline = &program.file(class.file).outline;
    let inner = outline.class(class.id).inner;
    let calls = outline.calls.iter().filter(|call| call.scope == inner && call.callee.last_name().is_some_and(|name| name == word));
    calls
        .filter_map(|call| {
            let names: Vec<Name> = call
                .args
                .iter()
                .filter_map(|arg| match &arg.value {
                    Expr::Ref(name) => Some(name.clone()),
                    Expr::Str(name) => Some(name.clone()),
                    _ => None,
                })
                .collect();
            let declares = outline.class(class.id).fields.iter().any(|field| names.contains(&field.name));
            (names.len() > 1 && declares).then_some(names)
        })
        .collect()
}

/// The columns of an entity's primary key: name and type.
fn key_columns(program: &dyn Program, entity: ClassRef, depth: u32) -> Vec<(Name, SqlType)> {
    let entity = root(program, entity);
    let attributes = own_attributes(program, entity);
    let listed = key_of(program, entity);
    let column = |attribute: &Attribute| -> Vec<(Name, SqlType)> {
        if let Some(target) = attribute.entity(program).filter(|_| depth < 6) {
            let behind = key_columns(program, target, depth + 1);
            return named_after(program, attribute, &behind);
        }
        let name = attribute.text(program, "column").unwrap_or_else(|| attribute.name.clone());
        sql_type(program, attribute).map(|ty| (name, ty)).into_iter().collect()
    };
    if !listed.is_empty() {
        return listed.iter().filter_map(|name| attributes.iter().find(|attribute| attribute.name == name)).flat_map(column).collect();
    }
    let single = attributes.iter().find(|attribute| attribute.kind == "PrimaryKey" && attribute.call.positional(0).is_some());
    single.map_or_else(|| vec![("id".into(), SqlType::of("integer"))], column)
}

/// The columns of a key to another entity: the attribute's name, with the other's columns when there are several.
fn named_after(program: &dyn Program, attribute: &Attribute, behind: &[(Name, SqlType)]) -> Vec<(Name, SqlType)> {
    let said = attribute.call.keyword("columns").or_else(|| attribute.call.keyword("column"));
    let said = said.map_or_else(Vec::new, |expr| texts(program, &attribute.at, expr));
    let named = behind.iter().enumerate().map(|(index, (name, ty))| {
        let own = said.get(index).cloned().unwrap_or_else(|| match behind.len() {
            1 => attribute.name.clone(),
            _ => format!("{}_{name}", attribute.name).into(),
        });
        (own, ty.clone())
    });
    named.collect()
}

fn add_key(program: &dyn Program, attribute: &Attribute, entity: ClassRef, reverse: Option<&Attribute>, is_child: bool, draft: &mut Draft) {
    let behind = key_columns(program, entity, 0);
    let own = named_after(program, attribute, &behind);
    let is_required = matches!(attribute.kind.as_str(), "Required" | "PrimaryKey");
    let is_key = attribute.kind == "PrimaryKey";
    let cascades = attribute.flag(program, "cascade_delete").is_none()
        && reverse.is_some_and(|reverse| {
            reverse.flag(program, "cascade_delete") != Some(false)
                && (reverse.kind == "Set" || reverse.flag(program, "cascade_delete") == Some(true))
        });
    let on_delete = match is_required {
        true if cascades => Some(Action::Cascade),
        true => None,
        false => Some(Action::SetNull),
    };
    let is_one = reverse.is_some_and(|reverse| reverse.kind != "Set") && !is_key;
    let index = !is_key && attribute.call.keyword("index").is_none_or(|index| !matches!(index, Expr::Bool(false)));
    let target = table_name(program, entity);
    for (name, ty) in &own {
        let column = Column {
            name: Some(name.clone()),
            ty: Some(ty.clone()),
            nullable: Some(!is_required || is_child),
            is_key,
            autoincrement: Some(false),
            unique: is_one && own.len() == 1 && attribute.flag(program, "unique") == Some(true),
            index: index && own.len() == 1,
            ..Column::default()
        };
        draft.put(if own.len() == 1 { attribute.name } else { name }, column);
    }
    draft.foreign_keys.push(ForeignKey {
        columns: own.iter().map(|(name, _)| name.clone()).collect(),
        target,
        target_columns: behind.into_iter().map(|(name, _)| name).collect(),
        on_delete,
        ..ForeignKey::default()
    });
    if own.len() > 1 && index {
        draft.indexes.push(Index { parts: own.into_iter().map(|(name, _)| IndexPart::column(name)).collect(), ..Index::default() });
    }
}

/// `PrimaryKey(a, b)`, `composite_key(a, b)`, `composite_index(a, b)`.
fn add_items(program: &dyn Program, class: ClassRef, draft: &mut Draft) {
    let columns = |draft: &Draft, names: Vec<Name>| -> Vec<Name> {
        names
            .into_iter()
            .flat_map(|name| {
                let single = draft.column_named(&name);
                let several = || -> Vec<Name> {
                    let prefix = format!("{name}_");
                    draft.columns.iter().filter(|(_, column, _)| column.starts_with(&prefix)).map(|(_, column, _)| column.clone()).collect()
                };
                single.map_or_else(several, |name| vec![name])
            })
            .collect()
    };
    if let Some(names) = composite(program, class, "PrimaryKey").into_iter().next() {
        draft.primary_key = Some(Key::of(columns(draft, names)));
    }
    for names in composite(program, class, "composite_key") {
        draft.uniques.push(Key::of(columns(draft, names)));
    }
    for names in composite(program, class, "composite_index") {
        let parts = columns(draft, names).into_iter().map(IndexPart::column).collect();
        draft.indexes.push(Index { parts, ..Index::default() });
    }
}
