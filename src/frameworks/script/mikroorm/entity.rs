//! Classes with `@Entity`: their tables.

use super::properties::{Prop, props};
use super::relations::{columns, foreign_key, pivot, relations};
use super::{Context, ID, LIBRARY};
use crate::base::Name;
use crate::base::code::ClassId;
use crate::facts::database::{Check, Column, Dialect, Index, IndexPart, Key, ObjectName, Table, TableKind};
use crate::facts::finding::Findings;
use crate::facts::importers::Importers;
use crate::facts::program::{ClassRef, FileId, Program};
use crate::frameworks::script::decorators::{Decor, decorators};
use crate::frameworks::script::tables::found::{declared, place};
use crate::frameworks::script::tables::naming::snake;
use crate::frameworks::script::tables::options::Options;
use crate::frameworks::script::tables::sql;

/// Reads every entity of a file.
pub fn read(context: &Context, file: FileId, findings: &mut Findings) {
    let program = context.program;
    for (index, class) in (0u32..).zip(&program.file(file).outline.classes) {
        let class_ref = ClassRef { file, id: ClassId(index) };
        if class.decorators.is_empty() {
            continue;
        }
        let decors = class_decorators(context, class_ref);
        let Some(entity) = decors.iter().find(|decor| decor.of(LIBRARY) == Some("Entity")) else { continue };
        let options = entity.arg(0).map(|arg| Options::of(program, &entity.site, arg)).unwrap_or_default();
        let is_root = options.has("discriminatorColumn") || options.has("discriminatorMap");
        let is_abstract = options.flag(program, "abstract") == Some(true) || class.flags.is_abstract;
        let is_view = options.has("expression") || options.flag(program, "virtual") == Some(true);
        if is_abstract && !is_root || is_view || root_of(context, class_ref).is_some() {
            continue;
        }
        of_class(context, class_ref, &options, &decors, findings);
    }
}

fn class_decorators<'p>(context: &Context<'p>, class: ClassRef) -> Vec<Decor<'p>> {
    decorators(context.program, &context.program.around_class(class), &context.program.class(class).decorators)
}

fn entity_options<'p>(context: &Context<'p>, class: ClassRef) -> Option<Options<'p>> {
    let decors = class_decorators(context, class);
    let entity = decors.iter().find(|decor| decor.of(LIBRARY) == Some("Entity"))?;
    Some(entity.arg(0).map(|arg| Options::of(context.program, &entity.site, arg)).unwrap_or_default())
}

/// The class above whose table this one shares.
fn root_of(context: &Context, class: ClassRef) -> Option<ClassRef> {
    context.program.lineage(class).into_iter().skip(1).find(|base| {
        entity_options(context, *base).is_some_and(|options| options.has("discriminatorColumn") || options.has("discriminatorMap"))
    })
}

/// The table of a class.
#[must_use]
pub fn table_name(context: &Context, class: ClassRef) -> ObjectName {
    let program = context.program;
    let class = root_of(context, class).unwrap_or(class);
    let options = entity_options(context, class).unwrap_or_default();
    let given = options.text(program, "tableName").or_else(|| options.text(program, "collection"));
    let name = given.unwrap_or_else(|| snake(&program.class(class).name));
    match name.split_once('.') {
        Some((schema, name)) => ObjectName::in_schema(schema, name),
        None => ObjectName::in_schema(options.text(program, "schema").unwrap_or_default(), name),
    }
}

fn of_class(context: &Context, class: ClassRef, options: &Options, decors: &[Decor], findings: &mut Findings) {
    let program = context.program;
    let name = table_name(context, class);
    let declared_class = program.class(class);
    let mut table = Table { name, doc: declared_class.doc.clone(), ..Table::default() };
    let mut found = props(context, class);
    relate(context, class, &mut found, &mut table);
    if let Some(column) = options.text(program, "discriminatorColumn") {
        let children = children_of(context, class);
        for child in &children {
            for mut prop in props(context, *child) {
                if !found.iter().any(|known| known.property == prop.property) {
                    prop.column.nullable = true;
                    found.push(prop);
                }
            }
        }
        let allowed =
            children.iter().filter_map(|child| entity_options(context, *child)?.text(program, "discriminatorValue")).map(Name::from);
        let column = Column { name: snake(&column).into(), ty: "text".into(), ..Column::default() };
        found.push(Prop { property: column.name.to_string(), allowed: allowed.collect(), column, is_indexed: true, ..Prop::default() });
    }
    said_of_class(program, decors, &found, &mut table);
    let at = place(class.file, &declared_class.name, declared_class.at.line);
    finish(&found, &mut table);
    if context.dialect == Dialect::Mongo {
        table.kind = TableKind::Collection;
    }
    let mut finding = declared(ID, table, &declared_class.name, at.clone());
    finding.dialect = Some(context.dialect);
    findings.tables.push(finding);
    for relation in relations(context, class).iter().filter(|relation| relation.kind == "ManyToMany") {
        if let Some(table) = pivot(context, class, relation) {
            let mut finding = declared(ID, table, "", place(class.file, &declared_class.name, relation.line));
            finding.is_implied = true;
            finding.dialect = Some(context.dialect);
            findings.tables.push(finding);
        }
    }
}

/// The columns and keys of relations.
fn relate(context: &Context, class: ClassRef, found: &mut Vec<Prop>, table: &mut Table) {
    for relation in relations(context, class).iter().filter(|relation| relation.kind != "ManyToMany") {
        let made = columns(context, relation, 0);
        if made.is_empty() {
            continue;
        }
        table.foreign_keys.push(foreign_key(context, relation, &made, table_name(context, relation.class)));
        let is_unique = relation.kind == "OneToOne" || relation.options.flag(context.program, "unique") == Some(true);
        if is_unique && !relation.is_primary {
            table.uniques.push(Key::of(made.iter().map(|(prop, _)| prop.column.name.clone())));
        }
        if relation.options.flag(context.program, "index") == Some(true) {
            let parts = made.iter().map(|(prop, _)| IndexPart::column(prop.column.name.clone())).collect();
            table.indexes.push(Index { parts, ..Index::default() });
        }
        for (prop, _) in made {
            if !found.iter().any(|known| known.column.name == prop.column.name) {
                found.push(prop);
            }
        }
    }
}

/// Classes below one that share its table.
fn children_of(context: &Context, parent: ClassRef) -> Vec<ClassRef> {
    let program = context.program;
    let mut found = Vec::new();
    for &file in Importers::of(program).importing("@mikro-orm") {
        let outline = &program.file(file).outline;
        for (index, class) in (0u32..).zip(&outline.classes) {
            let id = ClassRef { file, id: ClassId(index) };
            if id != parent && !class.decorators.is_empty() && program.lineage(id).contains(&parent) {
                found.push(id);
            }
        }
    }
    found
}

/// `@Index`, `@Unique`, `@Check` above the class.
fn said_of_class(program: &dyn Program, decors: &[Decor], found: &[Prop], table: &mut Table) {
    for decor in decors {
        let Some(kind @ ("Index" | "Unique" | "Check")) = decor.of(LIBRARY) else { continue };
        let options = decor.arg(0).map(|arg| Options::of(program, &decor.site, arg)).unwrap_or_default();
        let name = options.text(program, "name").map(Name::from);
        if kind == "Check" {
            if let Some(condition) = options.text(program, "expression") {
                table.checks.push(Check { name, condition: condition.into(), is_whole: false });
            }
            continue;
        }
        let columns: Vec<Name> = options
            .texts(program, "properties")
            .iter()
            .flat_map(|property| found.iter().filter(|prop| prop.property == property.as_str()).map(|prop| prop.column.name.clone()))
            .collect();
        if columns.is_empty() {
            continue;
        }
        if kind == "Unique" {
            table.uniques.push(Key { name, ..Key::of(columns) });
        } else {
            let method = options.text(program, "type").filter(|method| method != "fulltext").map(Name::from);
            table.indexes.push(Index { name, parts: columns.into_iter().map(IndexPart::column).collect(), method, ..Index::default() });
        }
    }
}

fn finish(found: &[Prop], table: &mut Table) {
    let keys: Vec<Name> = found.iter().filter(|prop| prop.is_primary).map(|prop| prop.column.name.clone()).collect();
    table.primary_key = (!keys.is_empty()).then(|| Key::of(keys));
    for prop in found {
        let name = prop.column.name.clone();
        table.columns.push(prop.column.clone());
        if prop.is_unique {
            table.uniques.push(Key::of([name.clone()]));
        } else if prop.is_indexed {
            table.indexes.push(Index { parts: vec![IndexPart::column(name.clone())], ..Index::default() });
        }
        if !prop.allowed.is_empty() {
            let listed: Vec<String> = prop.allowed.iter().map(|label| sql::quoted(label)).collect();
            let condition = format!("{} IN ({})", sql::ident(&name), listed.join(", "));
            table.checks.push(Check { condition: condition.into(), ..Check::default() });
        }
    }
}

/// Whether a class is an entity.
#[must_use]
pub fn is_entity(context: &Context, class: ClassRef) -> bool {
    entity_options(context, class).is_some()
}
