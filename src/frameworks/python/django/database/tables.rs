//! Models as the tables that Django's schema editor makes of them on PostgreSQL.
//!
//! Deleting is Python's work, so foreign keys say nothing of it; defaults are Python's too, unless they are `db_default`.

use super::keys::{like, positive};
use super::names;
use super::outside;
use super::project::Project;
use super::state::{Field, Kind, Many, Model, Models};
use super::terms::Term;
use crate::base::Name;
use crate::facts::database::{Column, ForeignKey, Generated, Index, IndexPart, Key, ObjectName, Table};

/// How many keys are followed to a key that is no foreign key.
const MAX_KEYS: u32 = 8;
const DEFERRED: &str = "DEFERRABLE INITIALLY DEFERRED";

/// Makes tables of models.
pub struct Tables<'a> {
    /// The project.
    pub project: &'a Project<'a>,
    /// Its models.
    pub models: &'a Models,
    /// Implied keys are what the settings say, whatever an application says: so it is while migrations run.
    pub in_migrations: bool,
}

/// A table of a model: of its own, or one that joins it with others.
#[derive(Clone, Debug, PartialEq)]
pub struct Made {
    /// The field it joins for; empty for the model's own.
    pub role: Name,
    /// The table.
    pub table: Table,
    /// What could not be read.
    pub unread: Vec<String>,
}

/// The key of a model as a foreign key sees it.
struct Target {
    table: ObjectName,
    column: Name,
    ty: Name,
    collation: Option<Name>,
    has_table: bool,
}

/// The table a model's `db_table` names: `schema"."table` is one in a schema.
#[must_use]
pub fn object(table: &str) -> ObjectName {
    let plain = table.trim_matches('"');
    match plain.split_once("\".\"") {
        Some((schema, name)) => ObjectName::in_schema(schema, name),
        None => ObjectName::new(plain),
    }
}

impl Tables<'_> {
    /// The tables of a model.
    #[must_use]
    pub fn of(&self, model: &Model) -> Vec<Made> {
        if !model.has_table() {
            return Vec::new();
        }
        let mut made = vec![self.own(model)];
        for field in &model.fields {
            if let Kind::Many(many) = &field.kind
                && !many.has_through
                && !many.to.is_empty()
            {
                made.push(Made { role: field.name.clone(), table: self.joining(model, field, many), unread: Vec::new() });
            }
        }
        made
    }

    fn auto(&self, label: &str) -> &'static str {
        width(&if self.in_migrations { self.project.auto.clone() } else { self.project.auto_of(label) })
    }

    fn implied_key(&self, model: &Model) -> Column {
        let ty = self.auto(&model.label);
        Column { name: "id".into(), ty: ty.into(), generated: (ty != "uuid").then_some(Generated::IdentityByDefault), ..Column::default() }
    }

    fn own(&self, model: &Model) -> Made {
        let name = object(&model.table());
        let mut table = Table { name, doc: model.options.comment.clone(), ..Table::default() };
        let key = model.fields.iter().find(|field| field.is_key);
        if key.is_none() && !model.lost_key {
            table.columns.push(self.implied_key(model));
            table.primary_key = Some(Key::of(["id"]));
        }
        let mut unread = Vec::new();
        for field in &model.fields {
            self.add_field(model, field, &mut table, &mut unread);
        }
        if let Some(Kind::Composite(names)) = key.map(|field| &field.kind) {
            table.primary_key = Some(Key::of(columns_of(model, names)));
        }
        if model.options.ordered_by.is_some() && model.field("_order").is_none() {
            table.columns.push(Column { name: "_order".into(), ty: "integer".into(), ..Column::default() });
        }
        for names in &model.options.unique_together {
            table.uniques.push(Key::of(columns_of(model, names)));
        }
        for names in &model.options.index_together {
            let parts = columns_of(model, names).into_iter().map(IndexPart::column).collect();
            table.indexes.push(Index { parts, ..Index::default() });
        }
        for index in &model.options.indexes {
            match self.index(model, index) {
                Some(index) => table.indexes.push(index),
                None => unread.push(format!("what does the index {} of {} hold", spell(&index.name), model.name)),
            }
        }
        for constraint in &model.options.constraints {
            if self.add_constraint(model, constraint, &mut table).is_none() {
                unread.push(format!("what does the constraint {} of {} ask for", spell(&constraint.name), model.name));
            }
        }
        Made { role: Name::default(), table, unread }
    }

    fn add_field(&self, model: &Model, field: &Field, table: &mut Table, unread: &mut Vec<String>) {
        let Some(name) = field.column() else { return };
        let (ty, collation, target) = self.type_of(field, 0);
        let mut column = Column { name: name.clone(), ty, nullable: field.null && !field.is_key, collation, ..Column::default() };
        column.doc = field.comment.clone();
        match &field.kind {
            Kind::Plain(plain) => {
                column.generated = plain.is_identity.then_some(Generated::IdentityByDefault);
                if plain.is_positive {
                    table.checks.push(positive(table, &name));
                }
            }
            Kind::Generated(_, term) => {
                let columns = |name: &str| self.column_of(model, name);
                column.generated = term.sql(&columns).map(|sql| Generated::Stored(sql.into()));
            }
            _ => {}
        }
        if let Some(default) = &field.default {
            column.default = self.default_of(model, default, &column.ty);
            if column.default.is_none() {
                unread.push(format!("what is the default of {}.{}", model.name, field.name));
            }
        }
        if field.is_key {
            table.primary_key = Some(Key::of([name.clone()]));
        } else if field.unique {
            table.uniques.push(Key::of([name.clone()]));
        } else if field.indexed {
            let method = matches!(&field.kind, Kind::Plain(plain) if is_spatial(&plain.ty)).then(|| "gist".into());
            table.indexes.push(Index { parts: vec![IndexPart::column(name.clone())], method, ..Index::default() });
        }
        let is_loose = column.collation.as_ref().is_some_and(|collation| self.project.loose.borrow().contains(collation));
        if (field.is_key || field.unique || field.indexed) && !is_loose {
            table.indexes.extend(like(&name, &column.ty));
        }
        if let (Kind::Foreign(foreign), Some(target)) = (&field.kind, target)
            && foreign.has_constraint
            && target.has_table
        {
            table.foreign_keys.push(ForeignKey {
                columns: vec![name],
                target: target.table,
                target_columns: vec![target.column],
                on_delete: foreign.on_delete,
                deferrable: Some(DEFERRED.into()),
                ..ForeignKey::default()
            });
        }
        table.columns.push(column);
    }

    fn default_of(&self, model: &Model, default: &Term, ty: &str) -> Option<Name> {
        let columns = |name: &str| self.column_of(model, name);
        let sql = match default {
            Term::List(items) if items.is_empty() => "'{}'".to_owned(),
            Term::Text(text) if ty == "jsonb" => format!("'\"{}\"'", text.replace('\'', "''")),
            other => other.sql(&columns)?,
        };
        Some(sql.into())
    }

    /// The type of a field's column, its collation, and what it refers to.
    fn type_of(&self, field: &Field, depth: u32) -> (Name, Option<Name>, Option<Target>) {
        match &field.kind {
            Kind::Plain(plain) => (plain.ty.clone(), field.collation.clone(), None),
            Kind::Generated(ty, _) => (ty.clone(), field.collation.clone(), None),
            Kind::Foreign(foreign) => match self.target(&foreign.to, foreign.to_field.as_deref(), depth) {
                Some(target) => (target.ty.clone(), target.collation.clone(), Some(target)),
                None => ("integer".into(), None, None),
            },
            Kind::Many(_) | Kind::Composite(_) => (Name::default(), None, None),
        }
    }

    /// The key of a model.
    fn target(&self, key: &str, to_field: Option<&str>, depth: u32) -> Option<Target> {
        if key.is_empty() {
            return None;
        }
        let library;
        let model = match self.models.concrete(key) {
            Some(model) => model,
            None => match outside::model(self.project, key) {
                Some(model) => {
                    library = model;
                    &library
                }
                None => return Some(unknown_target(key)),
            },
        };
        let table = object(&model.table());
        let has_table = !model.options.is_proxy;
        let field = match to_field {
            Some(name) => model.field(name),
            None => model.fields.iter().find(|field| field.is_key),
        };
        let Some(field) = field else {
            let id = self.implied_key(model);
            return Some(Target { table, column: id.name, ty: self.key_type(model), collation: None, has_table });
        };
        let column = field.column()?;
        let (ty, collation, _) = if depth < MAX_KEYS { self.type_of(field, depth + 1) } else { ("integer".into(), None, None) };
        Some(Target { table, column, ty, collation, has_table })
    }

    fn key_type(&self, model: &Model) -> Name {
        self.auto(&model.label).into()
    }

    /// The column of a field and its type; `pk` is the key, `owner_id` may stand for `owner`.
    pub fn column_of(&self, model: &Model, name: &str) -> Option<(Name, Name)> {
        let of = |field: &Field| Some((field.column()?, self.type_of(field, 0).0));
        if let Some(field) = model.field(name) {
            return of(field);
        }
        if name == "pk" || name == "id" {
            return match model.fields.iter().find(|field| field.is_key) {
                Some(field) if name == "pk" => of(field),
                Some(_) => None,
                None => Some(("id".into(), self.key_type(model))),
            };
        }
        if name == "_order" && model.options.ordered_by.is_some() {
            return Some(("_order".into(), "integer".into()));
        }
        let related = name.strip_suffix("__pk").or_else(|| name.strip_suffix("__id")).or_else(|| name.strip_suffix("_id"))?;
        model.field(related).filter(|field| matches!(field.kind, Kind::Foreign(_))).and_then(of)
    }

    /// The table of a many-to-many field.
    fn joining(&self, model: &Model, field: &Field, many: &Many) -> Table {
        let name = many.table.as_deref().map_or_else(|| joined_name(&model.table(), &field.name), names::table);
        let mut table = Table { name: object(&name), ..Table::default() };
        // The settings alone decide here, as Django's migrations do not know what an application's config says.
        table.columns.push(Column {
            name: "id".into(),
            ty: width(&self.project.auto).into(),
            generated: Some(Generated::IdentityByDefault),
            ..Column::default()
        });
        table.primary_key = Some(Key::of(["id"]));
        let own = model.name.to_lowercase();
        let other = many.to.rsplit('.').next().unwrap_or(&many.to).to_owned();
        let is_same = own == other;
        let sides = [
            (if is_same { format!("from_{own}") } else { own }, model.key()),
            (if is_same { format!("to_{other}") } else { other }, many.to.clone()),
        ];
        let mut pair = Vec::new();
        for (name, key) in sides {
            let Some(target) = self.target(&key, None, 0) else { continue };
            let column: Name = format!("{name}_id").into();
            table.columns.push(Column {
                name: column.clone(),
                ty: target.ty.clone(),
                collation: target.collation.clone(),
                ..Column::default()
            });
            table.indexes.push(Index { parts: vec![IndexPart::column(column.clone())], ..Index::default() });
            table.indexes.extend(like(&column, &target.ty));
            if many.has_constraint && target.has_table {
                table.foreign_keys.push(ForeignKey {
                    columns: vec![column.clone()],
                    target: target.table,
                    target_columns: vec![target.column],
                    deferrable: Some(DEFERRED.into()),
                    ..ForeignKey::default()
                });
            }
            pair.push(column);
        }
        if let Some(order) = &many.sorted_by {
            table.columns.push(Column { name: order.clone(), ty: "integer".into(), ..Column::default() });
        }
        table.uniques.push(Key::of(pair));
        table
    }
}

/// The type of an automatic key by its class.
fn width(auto: &str) -> &'static str {
    if auto.contains("Big") {
        "bigint"
    } else if auto.contains("Small") {
        "smallint"
    } else if auto.contains("UUID") {
        "uuid"
    } else {
        "integer"
    }
}

/// The key of a library's model that is not known: by far most have an integer `id`.
fn unknown_target(key: &str) -> Target {
    Target { table: ObjectName::new(key.replace('.', "_")), column: "id".into(), ty: "integer".into(), collation: None, has_table: true }
}

/// The columns of fields; a name that is no field stands as it is.
#[must_use]
pub fn columns_of(model: &Model, names: &[Name]) -> Vec<Name> {
    names.iter().map(|name| model.field(name).and_then(Field::column).unwrap_or_else(|| name.clone())).collect()
}

fn spell(name: &Option<Name>) -> &str {
    name.as_deref().unwrap_or("without a name")
}

fn is_spatial(ty: &str) -> bool {
    ["geometry", "geography", "raster"].iter().any(|start| ty.starts_with(start))
}

/// The name of a joining table.
fn joined_name(table: &str, field: &str) -> Name {
    match table.strip_suffix('"') {
        Some(open) => format!("{open}_{field}\"").into(),
        None => names::table(&format!("{table}_{field}")),
    }
}
