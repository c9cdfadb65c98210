//! Migrations run in their order over the models' state; what each does to the database is the difference of the tables that the state
//! makes before and after it.

use std::collections::BTreeMap;

use super::differ;
use super::operations::{Alter, Doing, File, Operation};
use super::project::Project;
use super::state::{self, Kind, Model, Models, Options};
use super::tables::{Made, Tables};
use crate::base::Name;
use crate::facts::database::{self, Change, ObjectName, Step};
use crate::facts::finding::Place;

/// How far a changed key is followed through keys that are foreign keys.
const MAX_KEYS: u32 = 8;

/// The state while migrations run.
pub struct Replay<'a> {
    project: &'a Project<'a>,
    /// The models.
    pub models: Models,
    /// Their tables.
    made: BTreeMap<Name, Vec<Made>>,
}

/// New names that a change gives, for what stays the same.
#[derive(Default)]
struct Renamed {
    /// Of a column of the model's own table.
    column: Option<(Name, Name)>,
    /// Of a field that joins.
    role: Option<(Name, Name)>,
}

impl<'a> Replay<'a> {
    /// Before the first migration.
    #[must_use]
    pub fn new(project: &'a Project<'a>) -> Self {
        Self { project, models: Models::default(), made: BTreeMap::new() }
    }

    /// Runs a migration.
    pub fn run(&mut self, file: &File) -> Vec<Step> {
        let mut steps = Vec::new();
        for operation in &file.operations {
            self.operate(&file.id.0, operation, &mut steps, 0);
        }
        for step in &mut steps {
            if let database::Doing::Change(change) = &mut step.doing {
                super::names::complete_change(change);
            }
        }
        steps
    }

    fn operate(&mut self, label: &str, operation: &Operation, steps: &mut Vec<Step>, depth: u32) {
        let mut push = |doing| steps.push(Step { doing, place: operation.place.clone() });
        match &operation.doing {
            Doing::Create(model) => self.create(model, &operation.place, steps),
            Doing::Delete(name) => self.delete(&state::key(label, name), &operation.place, steps),
            Doing::Rename(old, new) => self.rename(label, old, new, &operation.place, steps),
            Doing::Alter(model, alter) => self.alter(&state::key(label, model), alter, &operation.place, steps),
            Doing::Separate(database, state) if depth < 4 => {
                if !database.is_empty() {
                    let before = (self.models.clone(), self.made.clone());
                    database.iter().for_each(|operation| self.operate(label, operation, steps, depth + 1));
                    (self.models, self.made) = before;
                }
                self.only_state(label, state, depth);
            }
            Doing::Separate(..) => {}
            Doing::Sql(texts, state) => {
                texts.iter().for_each(|text| push(database::Doing::Sql(text.clone())));
                self.only_state(label, state, depth);
            }
            Doing::SqlFile(path, state) => {
                push(database::Doing::SqlFile(path.clone()));
                self.only_state(label, state, depth);
            }
            Doing::Extension(name) => push(database::Doing::Change(Change::CreateExtension(name.clone()))),
            Doing::Collation(name, sql) => {
                let change = Change::CreateType { name: ObjectName::new(name.clone()), sql: sql.clone() };
                push(database::Doing::Change(change));
            }
            Doing::Unknown(question) => push(database::Doing::Unknown(question.clone())),
        }
    }

    fn only_state(&mut self, label: &str, operations: &[Operation], depth: u32) {
        let mut unsaid = Vec::new();
        operations.iter().for_each(|operation| self.operate(label, operation, &mut unsaid, depth + 1));
    }

    fn tables(&self, key: &str) -> Vec<Made> {
        let tables = Tables { project: self.project, models: &self.models, in_migrations: true };
        self.models.0.get(key).map(|model| tables.of(model)).unwrap_or_default()
    }

    fn create(&mut self, model: &Model, place: &Place, steps: &mut Vec<Step>) {
        let key = model.key();
        self.models.0.insert(key.clone(), model.clone());
        let made = self.tables(&key);
        for made in &made {
            let change = Change::CreateTable { table: Box::new(made.table.clone()), if_absent: false };
            steps.push(Step { doing: database::Doing::Change(change), place: place.clone() });
        }
        self.made.insert(key, made);
    }

    fn delete(&mut self, key: &Name, place: &Place, steps: &mut Vec<Step>) {
        self.models.0.remove(key);
        for made in self.made.remove(key).unwrap_or_default().iter().rev() {
            let change = Change::DropTable(made.table.name.clone());
            steps.push(Step { doing: database::Doing::Change(change), place: place.clone() });
        }
    }

    fn rename(&mut self, label: &str, old: &str, new: &Name, place: &Place, steps: &mut Vec<Step>) {
        let (from, to) = (state::key(label, old), state::key(label, new));
        let Some(mut model) = self.models.0.remove(&from) else { return };
        model.name = new.clone();
        self.models.0.insert(to.clone(), model);
        let affected = self.repoint(&from, &to);
        let before = self.made.remove(&from).unwrap_or_default();
        let own = before.first().map(|made| made.table.name.clone());
        self.settle(&to, before, &Renamed::default(), place, steps);
        let now = self.made.get(&to).and_then(|made| made.first()).map(|made| made.table.name.clone());
        for key in affected.iter().filter(|key| **key != to) {
            let mut before = self.made.get(key).cloned().unwrap_or_default();
            if let (Some(own), Some(now)) = (&own, &now) {
                before.iter_mut().for_each(|made| differ::retarget(&mut made.table, own, now));
            }
            self.settle(key, before, &Renamed::default(), place, steps);
        }
    }

    /// Points all that names a model to its new key.
    fn repoint(&mut self, from: &Name, to: &Name) -> Vec<Name> {
        let mut affected = Vec::new();
        for (key, model) in &mut self.models.0 {
            let mut is_affected = false;
            for target in model.fields.iter_mut().filter_map(|field| match &mut field.kind {
                Kind::Foreign(foreign) => Some(&mut foreign.to),
                Kind::Many(many) => Some(&mut many.to),
                _ => None,
            }) {
                if target == from {
                    *target = to.clone();
                    is_affected = true;
                }
            }
            model.parents.iter_mut().filter(|parent| *parent == from).for_each(|parent| *parent = to.clone());
            if is_affected {
                affected.push(key.clone());
            }
        }
        affected
    }

    fn alter(&mut self, key: &Name, alter: &Alter, place: &Place, steps: &mut Vec<Step>) {
        let Some(model) = self.models.0.get_mut(key) else { return };
        let mut before = self.made.get(key).cloned().unwrap_or_default();
        let mut renamed = Renamed::default();
        if let Alter::RenameField(old, new) = alter {
            renamed = rename_field(model, old, new);
            self.rename_references(key, old, new);
        } else if let Alter::RenameIndex(Ok(old), new) = alter {
            rename_index(model, old, new);
            let indexes = before.iter_mut().flat_map(|made| &mut made.table.indexes);
            if let Some(index) = indexes.into_iter().find(|index| index.name.as_ref() == Some(old)) {
                index.name = Some(new.clone());
                let change = Change::RenameIndex(old.clone(), new.clone());
                steps.push(Step { doing: database::Doing::Change(change), place: place.clone() });
            }
        } else {
            apply(model, alter);
        }
        if matches!(alter, Alter::Managed(_)) {
            let made = self.tables(key);
            self.made.insert(key.clone(), made);
            return;
        }
        self.settle(key, before, &renamed, place, steps);
    }

    /// Keys of other models that point to a renamed field.
    fn rename_references(&mut self, key: &Name, old: &Name, new: &Name) {
        for field in self.models.0.values_mut().flat_map(|model| &mut model.fields) {
            if let Kind::Foreign(foreign) = &mut field.kind
                && foreign.to == *key
                && foreign.to_field.as_ref() == Some(old)
            {
                foreign.to_field = Some(new.clone());
            }
        }
    }

    /// Makes a model's tables anew and says what changed, in the tables that point to it too.
    fn settle(&mut self, key: &Name, before: Vec<Made>, renamed: &Renamed, place: &Place, steps: &mut Vec<Step>) {
        self.settle_at(key, before, renamed, place, steps, 0);
    }

    fn settle_at(&mut self, key: &Name, before: Vec<Made>, renamed: &Renamed, place: &Place, steps: &mut Vec<Step>, depth: u32) {
        let old_key = key_of(&before);
        let after = self.tables(key);
        let mut changes = Vec::new();
        let retargeted = between(before, &after, renamed, &mut changes);
        steps.extend(changes.into_iter().map(|change| Step { doing: database::Doing::Change(change), place: place.clone() }));
        let new_key = key_of(&after);
        self.made.insert(key.clone(), after);
        for (old, new) in &retargeted {
            self.made.values_mut().flatten().for_each(|made| differ::retarget(&mut made.table, old, new));
        }
        if old_key == new_key || old_key.is_none() || depth > MAX_KEYS {
            return;
        }
        let dependents: Vec<Name> =
            self.models.0.iter().filter(|(other, model)| *other != key && points_to(model, key)).map(|(other, _)| other.clone()).collect();
        for other in dependents {
            let mut before = self.made.get(&other).cloned().unwrap_or_default();
            if let (Some((_, old)), Some((_, new))) = (&old_key, &new_key) {
                rename_target_column(&mut before, key, &self.made, old, new);
            }
            self.settle_at(&other, before, &Renamed::default(), place, steps, depth + 1);
        }
    }
}

/// The type of a table's key and its column; a change of either is felt by all keys that point to it.
fn key_of(made: &[Made]) -> Option<(Name, Name)> {
    let table = &made.first()?.table;
    let name = table.primary_key.as_ref()?.columns.first()?;
    let column = table.columns.iter().find(|column| column.name == *name)?;
    Some((column.ty.clone(), name.clone()))
}

/// Keys follow a renamed column.
fn rename_target_column(before: &mut [Made], key: &Name, made: &BTreeMap<Name, Vec<Made>>, old: &Name, new: &Name) {
    let Some(table) = made.get(key).and_then(|made| made.first()).map(|made| made.table.name.clone()) else { return };
    for key in before.iter_mut().flat_map(|made| &mut made.table.foreign_keys).filter(|key| key.target == table) {
        key.target_columns.iter_mut().filter(|column| *column == old).for_each(|column| *column = new.clone());
    }
}

fn points_to(model: &Model, key: &Name) -> bool {
    model.fields.iter().any(|field| match &field.kind {
        Kind::Foreign(foreign) => foreign.to == *key,
        Kind::Many(many) => many.to == *key,
        _ => false,
    })
}

/// The changes between a model's tables before and after; tables that got new names are returned.
fn between(before: Vec<Made>, after: &[Made], renamed: &Renamed, changes: &mut Vec<Change>) -> Vec<(ObjectName, ObjectName)> {
    let mut retargeted = Vec::new();
    let mut gone = Vec::new();
    let mut known: Vec<&Name> = Vec::new();
    for mut old in before {
        if let Some((from, to)) = &renamed.role
            && old.role == *from
        {
            old.role = to.clone();
        }
        let Some(new) = after.iter().find(|new| new.role == old.role) else {
            gone.push(Change::DropTable(old.table.name.clone()));
            continue;
        };
        known.push(&new.role);
        if old.table.name != new.table.name {
            changes.push(Change::RenameTable(old.table.name.clone(), new.table.name.clone()));
            retargeted.push((old.table.name.clone(), new.table.name.clone()));
            let (from, to) = (old.table.name.clone(), new.table.name.clone());
            differ::retarget(&mut old.table, &from, &to);
            old.table.name = to;
        }
        for (from, to) in &retargeted {
            differ::retarget(&mut old.table, from, to);
        }
        for (from, to) in renamed_columns(&old, new, renamed) {
            changes.push(Change::RenameColumn(new.table.name.clone(), from.clone(), to.clone()));
            differ::rename_column(&mut old.table, &from, &to);
        }
        differ::changes(&old.table, &new.table, changes);
    }
    changes.extend(gone.into_iter().rev());
    for made in after.iter().filter(|made| !known.contains(&&made.role)) {
        changes.push(Change::CreateTable { table: Box::new(made.table.clone()), if_absent: false });
    }
    retargeted
}

/// Columns that only have another name: the renamed one, or those of a joining table, which are named after its models.
fn renamed_columns(old: &Made, new: &Made, renamed: &Renamed) -> Vec<(Name, Name)> {
    if old.role.is_empty() {
        let exists = |table: &database::Table, name: &Name| table.columns.iter().any(|column| column.name == *name);
        return renamed.column.iter().filter(|(from, to)| exists(&old.table, from) && exists(&new.table, to)).cloned().collect();
    }
    let pairs = old.table.columns.iter().zip(&new.table.columns);
    pairs.filter(|(old, new)| old.name != new.name).map(|(old, new)| (old.name.clone(), new.name.clone())).collect()
}

fn apply(model: &mut Model, alter: &Alter) {
    match alter {
        Alter::Fields(fields) => fields.iter().for_each(|field| model.put(field.clone())),
        Alter::RemoveField(name) => {
            model.lost_key |= model.field(name).is_some_and(|field| field.is_key);
            model.fields.retain(|field| field.name != *name);
        }
        other => apply_option(model, other),
    }
}

fn apply_option(model: &mut Model, alter: &Alter) {
    let options = &mut model.options;
    match alter {
        Alter::Table(table) => options.table = table.clone().filter(|table| !table.is_empty()),
        Alter::Comment(comment) => options.comment.clone_from(comment),
        Alter::Unique(sets) => options.unique_together.clone_from(sets),
        Alter::Together(sets) => options.index_together.clone_from(sets),
        Alter::Order(field) => {
            options.ordered_by.clone_from(field);
            if field.is_none() {
                model.fields.retain(|field| field.name != "_order");
            }
        }
        Alter::Managed(managed) => options.is_unmanaged = !managed,
        Alter::AddIndex(index) => options.indexes.push(index.clone()),
        Alter::RemoveIndex(name) => options.indexes.retain(|index| index.name.as_ref() != Some(name)),
        Alter::RenameIndex(Err(fields), new) => {
            options.index_together.retain(|set| set != fields);
            let parts = fields.iter().map(|field| super::expressions::named_part(field)).collect();
            options.indexes.push(state::IndexSpec { name: Some(new.clone()), parts, ..state::IndexSpec::default() });
        }
        Alter::AddConstraint(constraint) => options.constraints.push(constraint.clone()),
        Alter::RemoveConstraint(name) => options.constraints.retain(|constraint| constraint.name.as_ref() != Some(name)),
        Alter::Fields(_) | Alter::RemoveField(_) | Alter::RenameField(..) | Alter::RenameIndex(Ok(_), _) => {}
    }
}

fn rename_index(model: &mut Model, old: &Name, new: &Name) {
    model.options.indexes.iter_mut().filter(|index| index.name.as_ref() == Some(old)).for_each(|index| index.name = Some(new.clone()));
}

fn rename_field(model: &mut Model, old: &Name, new: &Name) -> Renamed {
    let Some(field) = model.fields.iter_mut().find(|field| field.name == *old) else { return Renamed::default() };
    let from = field.column();
    field.name = new.clone();
    let to = field.column();
    rename_in_options(&mut model.options, old, new);
    match (from, to) {
        (Some(from), Some(to)) if from != to => Renamed { column: Some((from, to)), role: None },
        (None, None) => Renamed { column: None, role: Some((old.clone(), new.clone())) },
        _ => Renamed::default(),
    }
}

fn rename_in_options(options: &mut Options, old: &Name, new: &Name) {
    let sets = options.unique_together.iter_mut().chain(&mut options.index_together);
    sets.flatten().filter(|name| *name == old).for_each(|name| *name = new.clone());
    let constrained = options.constraints.iter_mut().filter_map(|constraint| match &mut constraint.rule {
        state::Rule::Unique { index, .. } | state::Rule::Exclude { index, .. } => Some(index),
        state::Rule::Check(_) => None,
    });
    for index in options.indexes.iter_mut().chain(constrained) {
        for part in &mut index.parts {
            if let super::terms::Term::Field(name) = &mut part.term
                && name == old
            {
                *name = new.clone();
            }
        }
        index.include.iter_mut().filter(|name| *name == old).for_each(|name| *name = new.clone());
    }
}
