//! Relations of an entity: which columns and keys they add, and the tables between two entities.

use super::Context;
use super::columns::{Prop, props};
use crate::base::Name;
use crate::base::code::Expr;
use crate::facts::database::{Action, Column, ForeignKey, Generated, Index, IndexPart, Key, ObjectName, Table};
use crate::facts::program::{ClassRef, FuncRef, Meaning, Program, Site};
use crate::frameworks::script::decorators::{Decor, decorators};
use crate::frameworks::script::tables::options::Options;

/// Keys of keys are followed this far.
const MAX_DEPTH: u32 = 6;

/// A kind of relation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// `@ManyToOne`.
    ManyToOne,
    /// `@OneToOne`.
    OneToOne,
    /// `@ManyToMany`.
    ManyToMany,
    /// `@TreeParent`.
    TreeParent,
}

/// A relation that may add columns.
pub struct Relation<'p> {
    /// The property.
    pub property: Name,
    /// Its kind.
    pub kind: Kind,
    /// The other side.
    pub target: Target,
    /// Options.
    pub options: Options<'p>,
    /// `@JoinColumn`s, as options; empty options for one that says nothing.
    pub joins: Vec<Options<'p>>,
    /// `@JoinTable`.
    pub join_table: Option<Options<'p>>,
    /// Its columns are of the primary key by a decorator of their own.
    pub is_primary: bool,
    /// Where it stands.
    pub line: u32,
}

/// The other side of a relation, as far as keys need it.
#[derive(Clone)]
pub struct Target {
    /// Its table.
    pub table: ObjectName,
    /// All its columns.
    pub props: Vec<Prop>,
}

impl Target {
    fn keys(&self) -> Vec<&Prop> {
        self.props.iter().filter(|prop| prop.is_primary).collect()
    }

    fn referenced(&self, name: Option<&str>) -> Option<&Prop> {
        match name {
            Some(name) => {
                self.props.iter().find(|prop| prop.property == name).or_else(|| self.props.iter().find(|prop| prop.column.name == name))
            }
            None => self.props.iter().find(|prop| prop.is_primary),
        }
    }
}

/// Which relations are asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Which {
    /// All.
    All,
    /// Those whose columns are of the primary key.
    Keys,
}

/// The relations that a class and its bases declare.
#[must_use]
pub fn relations<'p>(context: &Context<'p>, class: ClassRef, which: Which, depth: u32) -> Vec<Relation<'p>> {
    let program = context.program;
    let mut found: Vec<Relation> = Vec::new();
    if depth > MAX_DEPTH {
        return found;
    }
    for class in program.lineage(class).into_iter().rev() {
        let site = program.inside_class(class);
        for field in program.class(class).fields.iter().filter(|field| !field.decorators.is_empty()) {
            let decors = decorators(program, &site, &field.decorators);
            if which == Which::Keys && !is_key(program, &decors) {
                continue;
            }
            if let Some(relation) = relation(context, class, &field.name, &decors, (field.at.line, depth)) {
                found.retain(|known| known.property != relation.property);
                found.push(relation);
            }
        }
    }
    found
}

/// Whether the decorators of a property put it into the primary key.
fn is_key(program: &dyn Program, decors: &[Decor]) -> bool {
    decors.iter().any(|decor| match decor.of(&["typeorm"]) {
        Some("PrimaryColumn") => true,
        Some("ManyToOne" | "OneToOne") => {
            decor.args().into_iter().any(|arg| Options::of(program, &decor.site, arg).flag(program, "primary") == Some(true))
        }
        _ => false,
    })
}

fn relation<'p>(
    context: &Context<'p>,
    class: ClassRef,
    property: &Name,
    decors: &[Decor<'p>],
    (line, depth): (u32, u32),
) -> Option<Relation<'p>> {
    let program = context.program;
    let (decor, kind) = decors.iter().find_map(|decor| {
        let kind = match decor.of(&["typeorm"])? {
            "ManyToOne" => Kind::ManyToOne,
            "OneToOne" => Kind::OneToOne,
            "ManyToMany" => Kind::ManyToMany,
            "TreeParent" => Kind::TreeParent,
            _ => return None,
        };
        Some((decor, kind))
    })?;
    let joins: Vec<Options> =
        decors.iter().filter(|decor| decor.of(&["typeorm"]) == Some("JoinColumn")).flat_map(|join| joins_of(program, join)).collect();
    let join_table = decors
        .iter()
        .find(|decor| decor.of(&["typeorm"]) == Some("JoinTable"))
        .map(|decor| decor.arg(0).map(|options| Options::of(program, &decor.site, options)).unwrap_or_default());
    let owns = match kind {
        Kind::ManyToMany => join_table.is_some(),
        Kind::OneToOne => !joins.is_empty(),
        Kind::ManyToOne | Kind::TreeParent => true,
    };
    if !owns {
        return None;
    }
    let target =
        if kind == Kind::TreeParent { target_of_class(context, class, depth) } else { target(context, &decor.site, decor.arg(0)?, depth)? };
    let first = usize::from(kind != Kind::TreeParent);
    let options =
        decor.args().into_iter().skip(first).rev().map(|arg| Options::of(program, &decor.site, arg)).find(|options| !options.is_empty());
    let is_primary = decors.iter().any(|decor| matches!(decor.of(&["typeorm"]), Some("PrimaryColumn" | "PrimaryGeneratedColumn")));
    Some(Relation { property: property.clone(), kind, target, options: options.unwrap_or_default(), joins, join_table, is_primary, line })
}

/// `@JoinColumn()`, `@JoinColumn({ name })`, `@JoinColumn([{ … }, { … }])`.
fn joins_of<'p>(program: &'p dyn Program, join: &Decor<'p>) -> Vec<Options<'p>> {
    let Some(arg) = join.arg(0) else { return vec![Options::default()] };
    match program.items(&join.site, arg) {
        Some(items) => items.into_iter().map(|(item, at)| Options::of(program, &at, item)).collect(),
        None => vec![Options::of(program, &join.site, arg)],
    }
}

/// The class a lambda returns: `() => User`, `type => User`.
#[must_use]
pub fn lambda_class(program: &dyn Program, site: &Site, expr: &Expr) -> Option<ClassRef> {
    let (value, at) = lambda_returns(program, site, expr)?;
    program.resolve(&at, value).class()
}

/// What a lambda returns.
#[must_use]
pub fn lambda_returns<'p>(program: &'p dyn Program, site: &Site, expr: &Expr) -> Option<(&'p Expr, Site)> {
    let Expr::Func(id) = expr else { return None };
    let function = FuncRef { file: site.file, id: *id };
    let facts = program.file(site.file);
    let index = facts.returns_of(function.id).first()?;
    let returned = &facts.outline.returns[*index as usize];
    Some((&returned.value, Site { file: site.file, scope: returned.scope, offset: u32::MAX, env: site.env.clone() }))
}

/// The entity an argument names: a lambda, a class, or a name.
fn target(context: &Context, site: &Site, expr: &Expr, depth: u32) -> Option<Target> {
    let program = context.program;
    let class = match expr {
        Expr::Func(_) => {
            let (value, at) = lambda_returns(program, site, expr)?;
            if let Some(name) = value.as_str() {
                return super::schema::target_named(context, name, depth + 1);
            }
            match program.resolve(&at, value) {
                Meaning::Value(Expr::Call(id), made) => return super::schema::target_of_call(context, &made, *id, depth + 1),
                meaning => meaning.class()?,
            }
        }
        _ => match program.resolve(site, expr) {
            Meaning::Value(Expr::Str(name), _) => return super::schema::target_named(context, name, depth + 1),
            Meaning::Value(Expr::Call(id), made) => return super::schema::target_of_call(context, &made, *id, depth + 1),
            meaning => meaning.class()?,
        },
    };
    Some(target_of_class(context, class, depth))
}

/// A class as the other side, with the columns that its own key relations add.
#[must_use]
pub fn target_of_class(context: &Context, class: ClassRef, depth: u32) -> Target {
    let table = super::entity::table_name(context, class);
    let mut props = props(context, &table, class);
    for relation in relations(context, class, Which::Keys, depth + 1) {
        if relation.kind != Kind::ManyToMany {
            add_columns(context, &relation, &mut props);
        }
    }
    Target { table, props }
}

/// Adds the columns of a relation, and gives its foreign key.
pub fn add_columns(context: &Context, relation: &Relation, props: &mut Vec<Prop>) -> Option<ForeignKey> {
    let program = context.program;
    let is_key = relation.is_primary || relation.options.flag(program, "primary") == Some(true);
    let is_nullable = !is_key && relation.options.flag(program, "nullable") != Some(false);
    let mut key = ForeignKey { target: relation.target.table.clone(), ..ForeignKey::default() };
    let named: Vec<&Options> = relation.joins.iter().filter(|join| !join.is_empty()).collect();
    let pairs: Vec<(Option<String>, Option<String>)> = if named.is_empty() {
        relation.target.keys().iter().map(|prop| (None, Some(prop.property.clone()))).collect()
    } else if named.iter().any(|join| join.has("referencedColumnName")) {
        named.iter().map(|join| (join.text(program, "name"), join.text(program, "referencedColumnName"))).collect()
    } else {
        // Without a word on which column is meant, each of the key's columns takes the name that is there.
        let keys = relation.target.keys();
        let names = named.iter().map(|join| join.text(program, "name"));
        keys.iter().zip(names.chain(std::iter::repeat(None))).map(|(prop, name)| (name, Some(prop.property.clone()))).collect()
    };
    let before = props.len();
    for (name, referenced) in pairs {
        let other = relation.target.referenced(referenced.as_deref())?;
        let name = name.unwrap_or_else(|| context.naming.join_column(&relation.property, &other.property));
        key.columns.push(name.as_str().into());
        key.target_columns.push(other.column.name.clone());
        let of_property = |prop: &Prop| prop.property == relation.property.as_str();
        let known = props.iter().position(|prop| prop.column.name == name).or_else(|| props[..before].iter().position(of_property));
        match known.and_then(|index| props.get_mut(index)) {
            Some(prop) => {
                // Only the type's name follows the other side; length and precision are the column's own.
                let base = |ty: &str| ty.split('(').next().unwrap_or(ty).to_owned();
                let (own, referred) = (base(&prop.column.ty), base(referring_type(&other.column)));
                if own != referred {
                    prop.column.ty = referring_type(&other.column).into();
                }
                prop.is_primary |= is_key;
                if prop.property == relation.property.as_str() {
                    prop.column.name = name.into();
                }
            }
            None => props.push(Prop {
                property: relation.property.to_string(),
                column: Column {
                    name: name.into(),
                    ty: referring_type(&other.column).into(),
                    nullable: is_nullable,
                    default: relation.options.has("default").then(|| relation.options.text(program, "default").map(Name::from)).flatten(),
                    ..Column::default()
                },
                is_primary: is_key,
                ..Prop::default()
            }),
        }
    }
    let action = |name: &str| relation.options.text(program, name).as_deref().and_then(Action::of);
    key.on_delete = action("onDelete");
    key.on_update = action("onUpdate");
    key.name = named.iter().find_map(|join| join.text(program, "foreignKeyConstraintName")).map(Name::from);
    (!key.columns.is_empty()).then_some(key)
}

/// The type of a column that refers to a key: a serial is an integer there.
#[must_use]
pub fn referring_type(column: &Column) -> &str {
    match column.ty.as_str() {
        "serial" => "integer",
        "bigserial" => "bigint",
        "smallserial" => "smallint",
        other => other,
    }
}

/// The table between two entities.
#[must_use]
pub fn join_table(context: &Context, owner: &Target, relation: &Relation) -> Option<Table> {
    let program = context.program;
    let said = relation.join_table.as_ref()?;
    let other = &relation.target;
    let name = said.text(program, "name");
    let schema = said.text(program, "schema").map(Name::from).or_else(|| owner.table.schema.clone());
    let name = name.unwrap_or_else(|| context.naming.join_table(&owner.table.name, &other.table.name, &relation.property));
    let mut near = side(context, said, ("joinColumn", "joinColumns"), owner);
    let mut far = side(context, said, ("inverseJoinColumn", "inverseJoinColumns"), other);
    let clashes: Vec<Name> = near.iter().map(|(name, _)| name.clone()).filter(|name| far.iter().any(|(known, _)| known == name)).collect();
    for (index, list) in [&mut near, &mut far].into_iter().enumerate() {
        for (name, _) in list.iter_mut().filter(|(name, _)| clashes.contains(name)) {
            *name = format!("{name}_{}", index + 1).into();
        }
    }
    let mut table = Table { name: ObjectName { schema, name: name.into() }, ..Table::default() };
    for (name, column) in near.iter().chain(&far) {
        let ty = referring_type(column);
        table.columns.push(Column { name: name.clone(), ty: ty.into(), ..Column::default() });
    }
    table.primary_key = Some(Key::of(table.columns.iter().map(|column| column.name.clone())));
    let makes_keys = relation.options.flag(program, "createForeignKeyConstraints") != Some(false);
    for (list, target) in [(&near, owner), (&far, other)] {
        if list.is_empty() {
            return None;
        }
        let columns: Vec<Name> = list.iter().map(|(name, _)| name.clone()).collect();
        table.indexes.push(Index { parts: columns.iter().cloned().map(IndexPart::column).collect(), ..Index::default() });
        if makes_keys {
            table.foreign_keys.push(ForeignKey {
                columns,
                target: target.table.clone(),
                target_columns: list.iter().map(|(_, column)| column.name.clone()).collect(),
                on_delete: Some(Action::Cascade),
                on_update: Some(Action::Cascade),
                ..ForeignKey::default()
            });
        }
    }
    Some(table)
}

/// The columns of a join table that refer to one side: their names and what they refer to.
fn side<'t>(context: &Context, said: &Options, keys: (&str, &str), of: &'t Target) -> Vec<(Name, &'t Column)> {
    let program = context.program;
    let single = said.inner(program, keys.0);
    let mut given: Vec<Options> = if single.is_empty() { Vec::new() } else { vec![single] };
    if let Some((value, at)) = said.get(keys.1) {
        given.extend(program.items(at, value).unwrap_or_default().into_iter().map(|(item, at)| Options::of(program, &at, item)));
    }
    let referenced: Vec<String> = given.iter().filter_map(|join| join.text(program, "referencedColumnName")).collect();
    let props: Vec<&Prop> =
        if referenced.is_empty() { of.keys() } else { referenced.iter().filter_map(|name| of.referenced(Some(name))).collect() };
    props
        .into_iter()
        .map(|prop| {
            let named = given.iter().find(|join| {
                let referenced = join.text(program, "referencedColumnName");
                join.has("name") && referenced.is_none_or(|referenced| referenced == prop.property)
            });
            let name = named.and_then(|join| join.text(program, "name"));
            let name = name.unwrap_or_else(|| context.naming.join_table_column(&of.table.name, &prop.column.name));
            (name.into(), &prop.column)
        })
        .collect()
}

/// Whether the database makes the values of a column.
#[must_use]
pub fn is_generated(column: &Column) -> bool {
    column.ty.ends_with("serial") || matches!(column.generated, Some(Generated::AutoIncrement))
}
