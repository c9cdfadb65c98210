//! Associations: the keys they add to models, and the tables between two models.

use super::attributes::Attribute;
use super::models::{Model, may_declare, position, position_named};
use crate::base::Name;
use crate::base::code::Expr;
use crate::facts::database::{Action, Column, ForeignKey, ObjectName};
use crate::facts::program::{FileId, Program, Site};
use crate::frameworks::script::tables::options::Options;
use crate::frameworks::script::tables::plural::singular;

/// A kind of association.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// `belongsTo`.
    BelongsTo,
    /// `hasOne`.
    HasOne,
    /// `hasMany`.
    HasMany,
    /// `belongsToMany`.
    Many,
}

impl Kind {
    /// By the method's or decorator's name.
    #[must_use]
    pub fn of(name: &str) -> Option<Self> {
        Some(match name {
            "belongsTo" | "BelongsTo" => Self::BelongsTo,
            "hasOne" | "HasOne" => Self::HasOne,
            "hasMany" | "HasMany" => Self::HasMany,
            "belongsToMany" | "BelongsToMany" => Self::Many,
            _ => return None,
        })
    }
}

/// An association of two models.
#[derive(Clone)]
pub struct Association<'p> {
    /// Its kind.
    pub kind: Kind,
    /// The model it is called on.
    pub source: usize,
    /// The other one.
    pub target: usize,
    /// Options.
    pub options: Options<'p>,
    /// The attribute of the key, when it is said.
    pub foreign_key: Option<String>,
    /// The other attribute of a table between.
    pub other_key: Option<String>,
    /// The table between: a model, or a name.
    pub through: Option<Through>,
}

/// What stands between two models.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Through {
    /// A model.
    Model(usize),
    /// A table of this name.
    Named(Name),
}

/// Adds what associations say to the models.
pub fn relate<'p>(program: &'p dyn Program, models: &mut Vec<Model<'p>>) {
    let mut found = Vec::new();
    for file in (0..program.file_count()).map(FileId).filter(|file| program.file(*file).language.is_script()) {
        let outline = &program.file(file).outline;
        for call in &outline.calls {
            let Some((receiver, method)) = call.method() else { continue };
            let Some(kind) = Kind::of(method).filter(|_| method.starts_with(char::is_lowercase)) else { continue };
            let site = Site::of_call(file, call);
            let source = match receiver {
                Expr::Ref(this) if this == "this" => own(program, models, &site),
                _ => position(models, program, &site, receiver),
            };
            let target = call.positional(0).and_then(|arg| position(models, program, &site, arg));
            let (Some(source), Some(target)) = (source, target) else { continue };
            let options = call.positional(1).map(|arg| Options::of(program, &site, arg)).unwrap_or_default();
            found.push(read(program, models, kind, (source, target), options));
        }
        if may_declare(program, file) {
            super::decorated::associations(program, file, models, &mut found);
        }
    }
    // What is said of a key counts before what follows from there being one.
    found.sort_by_key(|association: &Association| !association.options.has("onDelete"));
    for association in &found {
        apply(program, models, &found, association);
    }
    resolve_references(models);
}

/// The model whose class a scope lies in.
fn own(program: &dyn Program, models: &[Model], site: &Site) -> Option<usize> {
    let outline = &program.file(site.file).outline;
    outline.scopes_from(site.scope).find_map(|(_, scope)| match scope.kind {
        crate::base::code::ScopeKind::Class(id) => {
            models.iter().position(|model| model.class.is_some_and(|class| class.file == site.file && class.id == id))
        }
        _ => None,
    })
}

fn read<'p>(
    program: &'p dyn Program,
    models: &[Model<'p>],
    kind: Kind,
    (source, target): (usize, usize),
    options: Options<'p>,
) -> Association<'p> {
    let through = options.get("through").and_then(|(value, at)| through(program, models, at, value));
    let (foreign_key, other_key) = (key_name(program, &options, "foreignKey"), key_name(program, &options, "otherKey"));
    Association { kind, source, target, options, foreign_key, other_key, through }
}

/// `through: "user_roles"`, `through: UserRole`, `through: { model: UserRole }`.
#[must_use]
pub fn through(program: &dyn Program, models: &[Model], site: &Site, value: &Expr) -> Option<Through> {
    if let Some((_, inner, at)) = program.entries(site, value).and_then(|entries| entries.into_iter().find(|(name, ..)| name == "model")) {
        return through(program, models, &at, inner);
    }
    if let Some(name) = program.text(site, value).plain() {
        let known = models.iter().position(|model| model.name == name.as_str() || model.table.name == name.as_str());
        return Some(known.map_or_else(|| Through::Named(name.into()), Through::Model));
    }
    position(models, program, site, value).map(Through::Model)
}

/// `foreignKey: "userId"`, `foreignKey: { name: "userId" }`.
fn key_name(program: &dyn Program, options: &Options, key: &str) -> Option<String> {
    let inner = options.inner(program, key);
    if inner.is_empty() { options.text(program, key) } else { inner.text(program, "name").or_else(|| inner.text(program, "fieldName")) }
}

/// Words joined as Sequelize does: `user_id` as `userId`, the first letter as it is.
fn joined(one: &str, other: &str) -> String {
    let mut out = String::new();
    let mut is_start = false;
    for c in format!("{one}_{other}").chars() {
        if matches!(c, '_' | '-' | ' ') {
            is_start = true;
        } else if std::mem::take(&mut is_start) {
            out.extend(c.to_uppercase());
        } else {
            out.push(c);
        }
    }
    out
}

fn key_of(model: &Model) -> Name {
    model.keys().first().map_or_else(|| "id".into(), |key| key.key.clone())
}

fn apply<'p>(program: &'p dyn Program, models: &mut Vec<Model<'p>>, all: &[Association<'p>], association: &Association<'p>) {
    let alias = association.options.text(program, "as");
    let (source, target) = (association.source, association.target);
    let said = |key: &str| association.options.text(program, key);
    match association.kind {
        Kind::BelongsTo => {
            let to = said("targetKey").map_or_else(|| key_of(&models[target]), Name::from);
            let name = association.foreign_key.clone();
            let name = name.unwrap_or_else(|| joined(&alias.unwrap_or_else(|| singular(&models[target].name)), &to));
            add_key(program, models, association, (source, target), (&name, &to));
        }
        Kind::HasMany | Kind::HasOne => {
            let to = said("sourceKey").map_or_else(|| key_of(&models[source]), Name::from);
            let name = association.foreign_key.clone().unwrap_or_else(|| {
                let word = alias.filter(|_| association.kind == Kind::HasOne).unwrap_or_else(|| models[source].name.to_string());
                joined(&singular(&word), &to)
            });
            add_key(program, models, association, (target, source), (&name, &to));
        }
        Kind::Many => between(program, models, all, association),
    }
}

/// Adds the attribute of a key to the model that holds it.
fn add_key(
    program: &dyn Program,
    models: &mut [Model],
    association: &Association,
    (holder, other): (usize, usize),
    (name, to): (&str, &Name),
) {
    let Some(referenced) = models[other].attributes.iter().find(|known| known.key == *to || known.column.name == *to).cloned() else {
        return;
    };
    let inner = association.options.inner(program, "foreignKey");
    let column = inner.text(program, "field").map_or_else(|| models[holder].column_of(name), Name::from);
    let target = models[other].table.clone();
    let known = models[holder].attributes.iter().position(|known| known.key == name || known.column.name == name);
    let at = known.unwrap_or_else(|| {
        let nullable = inner.flag(program, "allowNull") != Some(false);
        let column = Column { name: column, ty: referring(&referenced.column).into(), nullable, ..Column::default() };
        models[holder].attributes.push(Attribute { key: name.into(), column, ..Attribute::default() });
        models[holder].attributes.len() - 1
    });
    if association.options.flag(program, "constraints") == Some(false) {
        return;
    }
    let attribute = &mut models[holder].attributes[at];
    let action = |key: &str| association.options.text(program, key).as_deref().and_then(Action::of);
    let fallback = match (association.kind, attribute.column.nullable) {
        (_, true) => Action::SetNull,
        (Kind::BelongsTo, false) => Action::NoAction,
        _ => Action::Cascade,
    };
    let column = attribute.column.name.clone();
    let key = attribute.references.get_or_insert_with(|| ForeignKey {
        columns: vec![column],
        target,
        target_columns: vec![referenced.column.name.clone()],
        ..ForeignKey::default()
    });
    key.on_delete = key.on_delete.or(action("onDelete")).or(Some(fallback));
    key.on_update = key.on_update.or(action("onUpdate")).or(Some(Action::Cascade));
}

fn referring(column: &Column) -> &str {
    match column.ty.as_str() {
        "serial" => "integer",
        "bigserial" => "bigint",
        "smallserial" => "smallint",
        other => other,
    }
}

/// `belongsToMany`: two keys in the table between.
fn between<'p>(program: &'p dyn Program, models: &mut Vec<Model<'p>>, all: &[Association<'p>], association: &Association<'p>) {
    let (source, target) = (association.source, association.target);
    let Some(through) = &association.through else { return };
    let paired = all.iter().find(|other| {
        other.kind == Kind::Many
            && other.source == target
            && other.target == source
            && other.through == association.through
            && source != target
    });
    let (near_key, far_key) = (key_of(&models[source]), key_of(&models[target]));
    let near = association.foreign_key.clone().or_else(|| paired.and_then(|other| other.other_key.clone()));
    let near = near.unwrap_or_else(|| joined(&singular(&models[source].name), &near_key));
    let far = association.other_key.clone().or_else(|| paired.and_then(|other| other.foreign_key.clone()));
    let far = far.unwrap_or_else(|| {
        let alias = association.options.text(program, "as").filter(|_| source == target).map(|alias| singular(&alias));
        joined(&alias.unwrap_or_else(|| singular(&models[target].name)), &far_key)
    });
    let at = match through {
        Through::Model(at) => *at,
        Through::Named(name) => match position_named(models, name) {
            Some(at) => at,
            None => {
                models.push(implied(program, &models[source], name, association));
                models.len() - 1
            }
        },
    };
    let has_own_key =
        models[at].attributes.iter().any(|known| known.is_primary && !known.is_implied && known.key != near && known.key != far);
    models[at].attributes.retain(|known| !(known.is_implied && known.is_primary));
    for (name, other, key) in [(&near, source, &near_key), (&far, target, &far_key)] {
        add_between(program, models, association, (at, other), (name, key));
        if !has_own_key && let Some(attribute) = models[at].attributes.iter_mut().find(|known| known.key == name.as_str()) {
            attribute.is_primary = true;
            attribute.column.nullable = false;
        }
    }
    if has_own_key {
        let columns: Vec<Name> = [&near, &far].map(|name| models[at].column(name)).into();
        if !models[at].unique.iter().any(|known| known.iter().all(|column| columns.contains(column))) {
            models[at].unique.push(columns);
        }
    }
}

fn add_between(
    program: &dyn Program,
    models: &mut [Model],
    association: &Association,
    (holder, other): (usize, usize),
    (name, to): (&str, &Name),
) {
    let plain = Association { kind: Kind::HasMany, options: Options::default(), ..association.clone() };
    let had = models[holder].attributes.iter().any(|known| known.key == name && known.references.is_some());
    add_key(program, models, &plain, (holder, other), (name, to));
    let attribute = models[holder].attributes.iter_mut().find(|known| known.key == name || known.column.name == name);
    if let Some(key) = attribute.and_then(|attribute| attribute.references.as_mut())
        && !had
    {
        let action = |key: &str| association.options.text(program, key).as_deref().and_then(Action::of);
        key.on_delete = action("onDelete").or(Some(Action::Cascade));
        key.on_update = action("onUpdate").or(Some(Action::Cascade));
    }
}

/// The table between that no model declares.
fn implied<'p>(program: &'p dyn Program, source: &Model<'p>, name: &Name, association: &Association<'p>) -> Model<'p> {
    let mut model = source.clone();
    model.name = name.clone();
    model.other = name.clone();
    model.class = None;
    model.call = None;
    model.is_implied = true;
    model.unique = Vec::new();
    model.table = ObjectName { schema: source.table.schema.clone(), name: name.clone() };
    let has_dates = association.options.flag(program, "timestamps") != Some(false);
    let is_date = |known: &Attribute| known.is_implied && !known.is_primary && !known.column.nullable && known.column.default.is_none();
    model.attributes.retain(|known| has_dates && is_date(known));
    model.options = Options::default();
    model
}

/// Keys that name a model rather than a table.
fn resolve_references(models: &mut [Model]) {
    let targets: Vec<(usize, usize, ObjectName, Name)> = models
        .iter()
        .enumerate()
        .flat_map(|(at, model)| model.attributes.iter().enumerate().map(move |(index, attribute)| (at, index, attribute)))
        .filter_map(|(at, index, attribute)| {
            let key = attribute.references.as_ref()?;
            let of = match &attribute.refers_to_model {
                Some(name) => position_named(models, name)?,
                // `references: { model: "Users" }` may be a table or a model.
                None if models.iter().any(|model| model.table.name == key.target.name) => return None,
                None => position_named(models, &key.target.name)?,
            };
            Some((at, index, models[of].table.clone(), models[of].keys().first().map(|key| key.column.name.clone()).unwrap_or_default()))
        })
        .collect();
    for (at, index, table, column) in targets {
        if let Some(key) = models[at].attributes[index].references.as_mut() {
            key.target = table;
            if key.target_columns.is_empty() && !column.is_empty() {
                key.target_columns.push(column);
            }
        }
    }
}
