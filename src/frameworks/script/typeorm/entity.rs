//! Classes with `@Entity`: their tables.

use super::columns::{Prop, props};
use super::relations::{self, Kind, Relation, Target, Which, relations};
use super::{Context, ID};
use crate::base::Name;
use crate::base::code::Expr;
use crate::facts::database::{Check, Column, Dialect, Index, IndexPart, Key, ObjectName, Table, TableFinding, TableKind};
use crate::facts::finding::{Findings, Place};
use crate::facts::importers::Importers;
use crate::facts::program::{ClassRef, FileId, Program};
use crate::frameworks::script::decorators::{Decor, decorators};
use crate::frameworks::script::literals::literal;
use crate::frameworks::script::tables::found::{declared, place};
use crate::frameworks::script::tables::options::{Options, texts_of};
use crate::frameworks::script::tables::sql;

const LIBRARY: &[&str] = &["typeorm"];

/// Reads every entity of a file.
pub fn read(context: &Context, file: FileId, findings: &mut Findings) {
    let program = context.program;
    for (index, class) in (0u32..).zip(&program.file(file).outline.classes) {
        if class.decorators.is_empty() {
            continue;
        }
        let class = ClassRef { file, id: crate::base::code::ClassId(index) };
        let decors = class_decorators(context, class);
        if decors.iter().any(|decor| decor.of(LIBRARY) == Some("Entity")) {
            of_class(context, class, &decors, findings);
        }
    }
}

pub(super) fn class_decorators<'p>(context: &Context<'p>, class: ClassRef) -> Vec<Decor<'p>> {
    decorators(context.program, &context.program.around_class(class), &context.program.class(class).decorators)
}

/// The options of `@Entity("name", { … })`, `@Entity({ name })`, and of a view.
pub(super) fn entity_options<'p>(context: &Context<'p>, decors: &[Decor<'p>]) -> (Option<String>, Options<'p>) {
    let program = context.program;
    let Some(decor) = decors.iter().find(|decor| matches!(decor.of(LIBRARY), Some("Entity" | "ViewEntity"))) else {
        return (None, Options::default());
    };
    let mut name = None;
    let mut options = Options::default();
    for arg in decor.args() {
        match program.entries(&decor.site, arg) {
            Some(_) => options = Options::of(program, &decor.site, arg),
            None => name = program.text(&decor.site, arg).plain(),
        }
    }
    (options.text(program, "name").or(name).filter(|name| !name.is_empty()), options)
}

/// The table of a class; a child entity has its parent's.
#[must_use]
pub fn table_name(context: &Context, class: ClassRef) -> ObjectName {
    let decors = class_decorators(context, class);
    if decors.iter().any(|decor| decor.of(LIBRARY) == Some("ChildEntity")) {
        let parent = context.program.lineage(class).into_iter().skip(1).find(|base| {
            let decors = class_decorators(context, *base);
            decors.iter().any(|decor| decor.of(LIBRARY) == Some("Entity"))
        });
        if let Some(parent) = parent {
            return table_name(context, parent);
        }
    }
    let (name, options) = entity_options(context, &decors);
    let schema = options.text(context.program, "schema").unwrap_or_default();
    match name {
        Some(name) => ObjectName::in_schema(schema, name),
        None => ObjectName::in_schema(schema, context.naming.table(&context.program.class(class).name)),
    }
}

/// Whether a class is an entity.
#[must_use]
pub fn is_entity(context: &Context, class: ClassRef) -> bool {
    class_decorators(context, class).iter().any(|decor| matches!(decor.of(LIBRARY), Some("Entity" | "ChildEntity")))
}

fn of_class(context: &Context, class: ClassRef, decors: &[Decor], findings: &mut Findings) {
    let program = context.program;
    let name = table_name(context, class);
    let mut found = props(context, &name, class);
    let relations = relations(context, class, Which::All, 0);
    let mut children = Vec::new();
    if let Some(inheritance) = decors.iter().find(|decor| decor.of(LIBRARY) == Some("TableInheritance")) {
        children = children_of(context, class);
        for child in &children {
            add_child(context, &name, *child, &mut found);
        }
        found.push(discriminator(program, inheritance));
    }
    let declared_class = program.class(class);
    let at = place(class.file, &declared_class.name, declared_class.at.line);
    let mut made = Made { table: Table { name, doc: declared_class.doc.clone(), ..Table::default() }, props: found };
    for relation in &relations {
        made.relate(context, relation);
    }
    for child in &children {
        let own = self::relations(context, *child, Which::All, 0);
        for relation in own.iter().filter(|relation| !relations.iter().any(|known| known.property == relation.property)) {
            made.relate(context, relation);
        }
    }
    if decors.iter().any(|decor| decor.of(LIBRARY) == Some("TableInheritance")) {
        let column = made.props.iter().find(|prop| prop.property == "\u{0}discriminator").map(|prop| prop.column.name.clone());
        made.table.indexes.extend(column.map(|column| Index { parts: vec![IndexPart::column(column)], ..Index::default() }));
    }
    super::tree::read(context, decors, &mut made, &at, findings);
    made.said_of_class(context, decors);
    for class in program.lineage(class).into_iter().rev() {
        made.said_of_fields(context, class);
    }
    let owner = Target { table: made.table.name.clone(), props: made.props.clone() };
    made.finish(context, &declared_class.name, &at, findings);
    for relation in relations.iter().filter(|relation| relation.kind == Kind::ManyToMany) {
        if let Some(table) = relations::join_table(context, &owner, relation) {
            implied(context, table, &at, relation.line, findings);
        }
    }
}

/// A table that the library makes.
pub(super) fn implied(context: &Context, table: Table, at: &Place, line: u32, findings: &mut Findings) {
    let mut finding = declared(ID, table, "", Place { line, ..at.clone() });
    finding.dialect = Some(context.dialect);
    finding.is_implied = true;
    findings.tables.push(finding);
}

/// Classes with `@ChildEntity` below a class.
fn children_of(context: &Context, parent: ClassRef) -> Vec<ClassRef> {
    let program = context.program;
    let mut found = Vec::new();
    for &file in Importers::of(program).importing("typeorm") {
        let outline = &program.file(file).outline;
        for (index, class) in (0u32..).zip(&outline.classes) {
            let is_child = class.decorators.iter().any(|decorator| match decorator {
                Expr::Call(id) => outline.call(*id).callee.last_name().is_some_and(|name| name == "ChildEntity"),
                _ => false,
            });
            let class = ClassRef { file, id: crate::base::code::ClassId(index) };
            if is_child && program.lineage(class).contains(&parent) {
                found.push(class);
            }
        }
    }
    found
}

/// A child's own columns stand in the parent's table, where any may be missing.
fn add_child(context: &Context, table: &ObjectName, child: ClassRef, found: &mut Vec<Prop>) {
    for mut prop in props(context, table, child) {
        if !found.iter().any(|known| known.property == prop.property) {
            prop.column.nullable = true;
            found.push(prop);
        }
    }
}

fn discriminator(program: &dyn Program, inheritance: &Decor) -> Prop {
    let column = inheritance.option(program, 0, "column");
    let options = column.as_ref().map(|(value, at)| Options::of(program, at, value)).unwrap_or_default();
    let name = match &column {
        Some((value, at)) if options.is_empty() => program.text(at, value).plain(),
        _ => options.text(program, "name"),
    };
    let ty = options.text(program, "type").unwrap_or_else(|| "varchar".to_owned());
    let full = super::types::with_arguments(super::types::postgres_name(&ty), options.text(program, "length").as_deref(), None, None);
    Prop {
        property: "\u{0}discriminator".to_owned(),
        column: Column { name: name.unwrap_or_else(|| "type".to_owned()).into(), ty: full.into(), ..Column::default() },
        ..Prop::default()
    }
}

/// A table in the making.
pub struct Made {
    /// What is known of it.
    pub table: Table,
    /// Its columns.
    pub props: Vec<Prop>,
}

impl Made {
    /// The columns and the key of a relation.
    pub fn relate(&mut self, context: &Context, relation: &Relation) {
        if relation.kind == Kind::ManyToMany {
            return;
        }
        let Some(key) = relations::add_columns(context, relation, &mut self.props) else { return };
        if relation.kind == Kind::OneToOne {
            self.table.uniques.push(Key::of(key.columns.iter().cloned()));
        }
        if relation.options.flag(context.program, "createForeignKeyConstraints") != Some(false) {
            self.table.foreign_keys.push(key);
        }
    }

    /// The columns of properties; a relation's property stands for its columns.
    pub fn columns_of(&self, properties: &[Name]) -> Vec<Name> {
        properties
            .iter()
            .flat_map(|property| {
                let mut named: Vec<Name> =
                    self.props.iter().filter(|prop| prop.property == property.as_str()).map(|prop| prop.column.name.clone()).collect();
                if named.is_empty() {
                    named.push(property.clone());
                }
                named
            })
            .collect()
    }

    /// `@Index`, `@Unique`, `@Check`, `@Exclusion` above the class.
    fn said_of_class(&mut self, context: &Context, decors: &[Decor]) {
        let program = context.program;
        for decor in decors {
            match decor.of(LIBRARY) {
                Some("Index") => {
                    if let Some(index) = self.index(context, decor, None) {
                        self.table.indexes.push(index);
                    }
                }
                Some("Unique") => {
                    let (name, columns) = self.named_columns(context, decor);
                    if !columns.is_empty() {
                        self.table.uniques.push(Key { name, ..Key::of(columns) });
                    }
                }
                Some(kind @ ("Check" | "Exclusion")) => {
                    let texts: Vec<String> = decor.args().into_iter().filter_map(|arg| program.text(&decor.site, arg).plain()).collect();
                    if let Some(condition) = texts.last() {
                        let is_whole = kind == "Exclusion";
                        let condition = if is_whole { format!("EXCLUDE {condition}") } else { condition.clone() };
                        let name = (texts.len() > 1).then(|| Name::from(texts[0].as_str()));
                        self.table.checks.push(Check { name, condition: condition.into(), is_whole });
                    }
                }
                _ => {}
            }
        }
    }

    /// `@Index()` on properties.
    fn said_of_fields(&mut self, context: &Context, class: ClassRef) {
        let program = context.program;
        let site = program.inside_class(class);
        for field in &program.class(class).fields {
            if field.decorators.is_empty() {
                continue;
            }
            for decor in decorators(program, &site, &field.decorators) {
                if decor.of(LIBRARY) == Some("Index")
                    && let Some(index) = self.index(context, &decor, Some(&field.name))
                    && !self.table.indexes.contains(&index)
                {
                    self.table.indexes.push(index);
                }
            }
        }
    }

    /// The name and the columns of `("name", ["a"])`, `(["a", "b"])`, `("a", "b")`, `((t) => [t.a])`.
    fn named_columns(&self, context: &Context, decor: &Decor) -> (Option<Name>, Vec<Name>) {
        let program = context.program;
        let mut name = None;
        let mut columns = Vec::new();
        for arg in decor.args() {
            if let Expr::Func(_) = arg {
                columns = lambda_members(program, decor, arg);
            } else if matches!(arg, Expr::List(_)) || program.items(&decor.site, arg).is_some() {
                columns = texts_of(program, &decor.site, arg);
            } else if program.entries(&decor.site, arg).is_none() {
                name = program.text(&decor.site, arg).plain().map(Name::from);
            }
        }
        (name, self.columns_of(&columns))
    }

    fn index(&self, context: &Context, decor: &Decor, field: Option<&Name>) -> Option<Index> {
        let program = context.program;
        let options = decor.args().into_iter().map(|arg| Options::of(program, &decor.site, arg)).find(|options| !options.is_empty());
        let options = options.unwrap_or_default();
        if options.flag(program, "synchronize") == Some(false) {
            return None;
        }
        let (name, mut columns) = self.named_columns(context, decor);
        if let Some(field) = field {
            columns = self.columns_of(std::slice::from_ref(field));
        }
        if columns.is_empty() || columns.iter().any(|column| !self.props.iter().any(|prop| prop.column.name == *column)) {
            return None;
        }
        let is_spatial = options.flag(program, "spatial") == Some(true);
        Some(Index {
            name,
            parts: columns.into_iter().map(IndexPart::column).collect(),
            unique: options.flag(program, "unique") == Some(true),
            method: (is_spatial && context.dialect == Dialect::Postgres).then(|| "gist".into()),
            condition: options.text(program, "where").map(Name::from),
            nulls_not_distinct: options.flag(program, "nullsNotDistinct") == Some(true),
            ..Index::default()
        })
    }

    /// The finding.
    pub fn finish(mut self, context: &Context, model: &str, at: &Place, findings: &mut Findings) {
        let mut finding_enums = Vec::new();
        let keys: Vec<Name> = self.props.iter().filter(|prop| prop.is_primary).map(|prop| prop.column.name.clone()).collect();
        for prop in &mut self.props {
            prop.column.nullable &= !prop.is_primary;
            if prop.is_unique {
                self.table.uniques.push(Key::of([prop.column.name.clone()]));
            }
            if let Some(ty) = &prop.ty
                && !finding_enums.contains(ty)
            {
                finding_enums.push(ty.clone());
            }
            if !prop.allowed.is_empty() {
                let listed: Vec<String> = prop.allowed.iter().map(|label| sql::quoted(label)).collect();
                let condition = format!("\"{}\" IN ({})", prop.column.name, listed.join(","));
                self.table.checks.push(Check { condition: condition.into(), ..Check::default() });
            }
        }
        let is_document = self.props.iter().any(|prop| prop.is_object_id);
        if is_document {
            self.table.kind = TableKind::Collection;
        }
        self.table.primary_key = (!keys.is_empty()).then(|| Key::of(keys));
        self.table.columns = self.props.into_iter().map(|prop| prop.column).collect();
        let finding = TableFinding {
            enums: finding_enums,
            dialect: Some(if is_document { Dialect::Mongo } else { context.dialect }),
            ..declared(ID, self.table, model, at.clone())
        };
        findings.tables.push(finding);
    }
}

/// The members a lambda lists: `(order) => [order.a, order.b]`.
fn lambda_members(program: &dyn Program, decor: &Decor, arg: &Expr) -> Vec<Name> {
    let Some((value, at)) = relations::lambda_returns(program, &decor.site, arg) else { return Vec::new() };
    let members: Vec<&Expr> = match value {
        Expr::List(items) => items.iter().collect(),
        other => vec![other],
    };
    members
        .into_iter()
        .filter_map(|item| match item {
            Expr::Member(_, name) => Some(name.clone()),
            other => literal(program, &at, other)?.as_str().map(Name::from),
        })
        .collect()
}
