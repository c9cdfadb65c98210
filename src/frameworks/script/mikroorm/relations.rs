//! Relations of an entity: columns with keys, and pivot tables.

use super::properties::{Prop, options, props};
use super::{Context, LIBRARY};
use crate::base::Name;
use crate::base::code::{Expr, Field};
use crate::facts::database::{Action, Column, ForeignKey, Key, ObjectName, Table};
use crate::facts::program::{ClassRef, Site};
use crate::frameworks::script::decorators::{Decor, decorators};
use crate::frameworks::script::tables::naming::snake;
use crate::frameworks::script::tables::options::Options;
use crate::frameworks::script::typeorm::relations::{lambda_class, referring_type};

const MAX_DEPTH: u32 = 4;

/// A relation that has columns or a table of its own.
pub struct Relation<'p> {
    /// The property.
    pub property: Name,
    /// `OneToOne`, `ManyToOne`, `ManyToMany`.
    pub kind: &'p str,
    /// The other class.
    pub class: ClassRef,
    /// Options.
    pub options: Options<'p>,
    /// It may be missing.
    pub nullable: bool,
    /// It is of the primary key.
    pub is_primary: bool,
    /// The line.
    pub line: u32,
}

/// The relations of a class and its bases that it owns.
#[must_use]
pub fn relations<'p>(context: &Context<'p>, class: ClassRef) -> Vec<Relation<'p>> {
    let program = context.program;
    let mut found = Vec::new();
    for class in program.lineage(class).into_iter().rev() {
        let site = program.inside_class(class);
        for field in program.class(class).fields.iter().filter(|field| !field.decorators.is_empty()) {
            let decors = decorators(program, &site, &field.decorators);
            found.extend(relation(context, &site, field, &decors));
        }
    }
    found
}

fn relation<'p>(context: &Context<'p>, site: &Site, field: &'p Field, decors: &[Decor<'p>]) -> Option<Relation<'p>> {
    let program = context.program;
    let (decor, kind) = decors.iter().find_map(|decor| {
        let kind = match decor.of(LIBRARY)? {
            "ManyToOne" => "ManyToOne",
            "OneToOne" => "OneToOne",
            "ManyToMany" => "ManyToMany",
            _ => return None,
        };
        Some((decor, kind))
    })?;
    let options = options(program, decor);
    let first = decor.arg(0).filter(|arg| matches!(arg, Expr::Func(_))).map(|arg| (arg, decor.site.clone()));
    let of = first.or_else(|| options.get("entity").map(|(value, at)| (value, at.clone())));
    let class = match of {
        Some((value, at)) => lambda_class(program, &at, value),
        None => {
            let inner = field.ty.args().first().unwrap_or(&field.ty);
            program.resolve_type(site, inner).class()
        }
    }?;
    // The other side owns what is mapped by it; `(book) => book.author` as the second argument says so too.
    let is_mapped = options.has("mappedBy") || decor.arg(1).is_some_and(|arg| matches!(arg, Expr::Func(_) | Expr::Str(_)));
    let is_owner = options.flag(program, "owner") == Some(true) || options.has("inversedBy");
    if kind != "ManyToOne" && is_mapped && !is_owner {
        return None;
    }
    let nullable = options.flag(program, "nullable") == Some(true) || context.reads_types && field.optional;
    let is_primary = options.flag(program, "primary") == Some(true);
    Some(Relation { property: field.name.clone(), kind, class, options, nullable, is_primary, line: field.at.line })
}

/// The columns of a class that are its primary key; those of its own relations too.
#[must_use]
pub fn keys(context: &Context, class: ClassRef, depth: u32) -> Vec<Prop> {
    let mut found: Vec<Prop> = props(context, class).into_iter().filter(|prop| prop.is_primary).collect();
    if depth < MAX_DEPTH && found.is_empty() {
        for relation in relations(context, class).iter().filter(|relation| relation.is_primary) {
            found.extend(columns(context, relation, depth + 1).into_iter().map(|(prop, _)| prop));
        }
    }
    found
}

/// The columns of a relation, each with the column it refers to.
#[must_use]
pub fn columns(context: &Context, relation: &Relation, depth: u32) -> Vec<(Prop, Name)> {
    let program = context.program;
    let keys = keys(context, relation.class, depth);
    let given = ["fieldName", "joinColumn", "name"].iter().find_map(|key| relation.options.text(program, key));
    let mut listed = relation.options.texts(program, "joinColumns");
    if listed.is_empty() {
        listed = relation.options.texts(program, "fieldNames");
    }
    keys.into_iter()
        .enumerate()
        .map(|(index, key)| {
            let name = listed.get(index).cloned().or_else(|| given.as_deref().map(Name::from));
            let name = name.unwrap_or_else(|| format!("{}_{}", snake(&relation.property), key.column.name).into());
            let column = Column {
                name,
                ty: referring_type(&key.column).into(),
                nullable: relation.nullable && !relation.is_primary,
                ..Column::default()
            };
            let prop = Prop { property: relation.property.to_string(), column, is_primary: relation.is_primary, ..Prop::default() };
            (prop, key.column.name)
        })
        .collect()
}

/// The foreign key of a relation's columns.
#[must_use]
pub fn foreign_key(context: &Context, relation: &Relation, made: &[(Prop, Name)], target: ObjectName) -> ForeignKey {
    let program = context.program;
    let action = |names: [&str; 2]| names.iter().find_map(|name| relation.options.text(program, name)).as_deref().and_then(Action::of);
    let cascades = relation.options.get("cascade").is_some_and(|(value, at)| {
        program
            .items(at, value)
            .unwrap_or_default()
            .iter()
            .any(|(item, _)| item.last_name().is_some_and(|name| matches!(name.as_str(), "REMOVE" | "ALL")))
    });
    let fallback = if cascades { Some(Action::Cascade) } else { relation.nullable.then_some(Action::SetNull) };
    ForeignKey {
        columns: made.iter().map(|(prop, _)| prop.column.name.clone()).collect(),
        target,
        target_columns: made.iter().map(|(_, name)| name.clone()).collect(),
        on_delete: action(["deleteRule", "onDelete"]).or(fallback),
        on_update: action(["updateRule", "onUpdateIntegrity"]).or(Some(Action::Cascade)),
        ..ForeignKey::default()
    }
}

/// The pivot table of a many-to-many relation.
#[must_use]
pub fn pivot(context: &Context, owner: ClassRef, relation: &Relation) -> Option<Table> {
    let program = context.program;
    if relation.options.has("pivotEntity") {
        return None;
    }
    let (near, far) = (super::entity::table_name(context, owner), super::entity::table_name(context, relation.class));
    let given = relation.options.text(program, "pivotTable");
    let name = given.unwrap_or_else(|| format!("{}_{}", near.name, snake(&relation.property)));
    let name = match name.split_once('.') {
        Some((schema, name)) => ObjectName::in_schema(schema, name),
        None => ObjectName { schema: near.schema.clone(), name: name.into() },
    };
    let mut table = Table { name, ..Table::default() };
    let is_self = owner == relation.class;
    for (index, (class, target, key)) in [(owner, near, "joinColumn"), (relation.class, far, "inverseJoinColumn")].into_iter().enumerate() {
        let word = snake(&program.class(class).name);
        let given = relation.options.text(program, key);
        let mut foreign =
            ForeignKey { target, on_delete: Some(Action::Cascade), on_update: Some(Action::Cascade), ..ForeignKey::default() };
        for prop in keys(context, class, 0) {
            let own = if is_self { format!("{word}_{}_{}", index + 1, prop.column.name) } else { format!("{word}_{}", prop.column.name) };
            let name: Name = given.clone().unwrap_or(own).into();
            foreign.columns.push(name.clone());
            foreign.target_columns.push(prop.column.name.clone());
            table.columns.push(Column { name, ty: referring_type(&prop.column).into(), ..Column::default() });
        }
        table.foreign_keys.push(foreign);
    }
    let keys: Vec<Name> = table.columns.iter().map(|column| column.name.clone()).collect();
    table.primary_key = Some(Key::of(keys));
    if relation.options.flag(program, "fixedOrder") == Some(true) {
        let name = relation.options.text(program, "fixedOrderColumn").unwrap_or_else(|| "id".to_owned());
        table.columns.insert(0, Column { name: name.as_str().into(), ty: "serial".into(), ..Column::default() });
        table.primary_key = Some(Key::of([name]));
    }
    (table.columns.len() > 1).then_some(table)
}
