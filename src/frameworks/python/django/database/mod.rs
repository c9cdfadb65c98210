//! What Django makes of models and migrations in the database: tables, keys, indexes, constraints.
//!
//! - [`project`]: applications, their labels, settings that decide.
//! - [`state`], [`terms`]: models as migrations keep them, and the expressions in them.
//! - [`declared`], [`history`], [`translations`], [`outside`]: models of classes and of libraries.
//! - [`fields`], [`arguments`], [`kinds`]: fields and their types.
//! - [`meta`], [`expressions`]: indexes, constraints, conditions.
//! - [`operations`], [`raw`], [`order`], [`replay`], [`differ`]: migrations.
//! - [`tables`], [`keys`], [`names`], [`md5`]: the schema editor.
//! - [`uses`]: what code reads and writes.
//!
//! Migrations are run over the models' state as Django does it, so that what a migration does to the database is what the schema editor
//! would do. What functions of Python do to data (`RunPython`) changes no schema.

mod arguments;
mod declared;
mod differ;
mod expressions;
mod fields;
mod history;
mod keys;
mod kinds;
mod md5;
mod meta;
mod names;
mod operations;
mod order;
mod outside;
mod project;
mod raw;
mod replay;
mod state;
mod tables;
mod terms;
mod translations;
mod uses;

use std::collections::BTreeSet;

use crate::base::Name;
use crate::base::language::Language;
use crate::facts::database::{Migration, TableFinding};
use crate::facts::finding::{Findings, GapFinding, Place};
use crate::facts::program::{FileId, Program};
use project::Project;
use state::{Kind, Model, Models, Rule};
use tables::{Made, Tables};

const ID: &str = "python/django";

/// Reads all models and migrations at once, when asked about the first file that imports Django.
pub fn read(program: &dyn Program, file: FileId, findings: &mut Findings) {
    if !imports_django(program, file) || (0..file.0).map(FileId).any(|other| imports_django(program, other)) {
        return;
    }
    for project in project::projects(program) {
        of_project(&project, findings);
    }
}

fn imports_django(program: &dyn Program, file: FileId) -> bool {
    let facts = program.file(file);
    facts.language == Language::Python
        && facts.outline.imports.iter().any(|import| import.module == "django" || import.module.starts_with("django."))
}

fn of_project(project: &Project<'_>, findings: &mut Findings) {
    let migrated = migrate(project, findings);
    let mut declared = declared::models(project);
    complete(&mut declared, &migrated);
    let sequence: Name = project.root.as_str().into();
    let tables = Tables { project, models: &declared, in_migrations: false };
    for model in declared.0.values() {
        for made in tables.of(model) {
            for question in &made.unread {
                findings.gaps.push(GapFinding {
                    code: "schema-expression-unknown".into(),
                    question: question.clone(),
                    place: model.place.clone(),
                });
            }
            findings.tables.push(finding(made, &model.name, &sequence, &model.place));
        }
    }
    uses::read(project, &declared, findings);
    for (model, place) in outside_models(project, [&declared, &migrated]) {
        let tables = Tables { project, models: &declared, in_migrations: false };
        let own = tables.of(&model).into_iter().next();
        findings.tables.extend(own.map(|made| TableFinding { is_implied: true, ..finding(made, "", &sequence, &place) }));
    }
}

fn finding(mut made: Made, model: &str, sequence: &Name, place: &Place) -> TableFinding {
    names::complete(&mut made.table);
    let is_joining = !made.role.is_empty();
    TableFinding {
        framework: ID,
        table: made.table,
        enums: Vec::new(),
        dialect: None,
        model: if is_joining { Name::default() } else { model.into() },
        sequence: sequence.clone(),
        is_implied: is_joining,
        is_state: false,
        place: place.clone(),
    }
}

/// Runs the migrations of a project; the models as they are after the last one.
fn migrate(project: &Project<'_>, findings: &mut Findings) -> Models {
    let program = project.program;
    let in_folders = project.files.iter().filter(|file| {
        let path = program.path(**file);
        !path.ends_with("__init__.py") && path.contains('/')
    });
    let files = in_folders.filter_map(|file| operations::read(project, *file)).collect();
    let mut replay = replay::Replay::new(project);
    for (number, (file, after)) in order::ordered(files).into_iter().enumerate() {
        let name = |id: &operations::Id| Name::from(format!("{}.{}", id.0, id.1));
        findings.migrations.push(Migration {
            framework: ID,
            sequence: project.root.as_str().into(),
            id: name(&file.id),
            after: after.iter().map(name).collect(),
            position: name(&file.id),
            number: u128::try_from(number).ok(),
            dialect: None,
            steps: replay.run(&file),
            place: file.place.clone(),
            ..Migration::default()
        });
    }
    replay.models
}

/// What models say unreadably, migrations say plainly: fields that a library's base brings, conditions.
fn complete(declared: &mut Models, migrated: &Models) {
    for (key, model) in &mut declared.0 {
        let Some(known) = migrated.0.get(key) else { continue };
        if model.is_partial {
            for field in &known.fields {
                if model.field(&field.name).is_none() {
                    model.fields.push(field.clone());
                }
            }
        }
        for index in &mut model.options.indexes {
            let is_unread = index.condition.as_ref().is_some_and(|condition| !condition.is_known());
            if is_unread && let Some(plain) = known.options.indexes.iter().find(|known| known.name == index.name) {
                *index = plain.clone();
            }
        }
        for constraint in &mut model.options.constraints {
            if is_unread(&constraint.rule)
                && let Some(plain) = known.options.constraints.iter().find(|known| known.name == constraint.name)
            {
                *constraint = plain.clone();
            }
        }
    }
}

fn is_unread(rule: &Rule) -> bool {
    match rule {
        Rule::Check(condition) => !condition.is_known(),
        Rule::Unique { index, .. } | Rule::Exclude { index, .. } => {
            index.condition.as_ref().is_some_and(|condition| !condition.is_known())
                || index.parts.iter().any(|part| part.term.sql(&|name| Some((name.into(), Name::default()))).is_none())
        }
    }
}

/// The models of libraries that a project's models point to, with those that they point to, and who does.
fn outside_models(project: &Project<'_>, states: [&Models; 2]) -> Vec<(Model, Place)> {
    let mut seen: BTreeSet<Name> = BTreeSet::new();
    let mut found: Vec<(Model, Place)> = Vec::new();
    let own = states.iter().flat_map(|state| state.0.values()).filter(|model| model.has_table());
    let mut asked: Vec<(Name, Place)> = own.flat_map(|model| foreign(model).chain(joined(model))).collect();
    while let Some((key, place)) = asked.pop() {
        let is_own = states.iter().any(|state| state.0.contains_key(&key));
        if is_own || !seen.insert(key.clone()) {
            continue;
        }
        if let Some(model) = outside::model(project, &key) {
            let model = Model { place: place.clone(), ..model };
            asked.extend(foreign(&model));
            found.push((model, place));
        }
    }
    found.sort_by_key(|(model, _)| model.key());
    found
}

/// The models that a model's own table points to.
fn foreign(model: &Model) -> impl Iterator<Item = (Name, Place)> {
    model.fields.iter().filter_map(|field| match &field.kind {
        Kind::Foreign(foreign) => Some((foreign.to.clone(), model.place.clone())),
        _ => None,
    })
}

/// The models that a model's joining tables point to.
fn joined(model: &Model) -> impl Iterator<Item = (Name, Place)> {
    model.fields.iter().filter_map(|field| match &field.kind {
        Kind::Many(many) if !many.has_through => Some((many.to.clone(), model.place.clone())),
        _ => None,
    })
}
