//! Migrations: files with a class `Migration`, and the operations in them as they change the models' state.

use super::fields::{self, Owner};
use super::meta::{constraint, each, index, together};
use super::project::Project;
use super::raw::{collation, other, sql_file};
use super::state::{self, Constraint, Field, IndexSpec, Model, Options};
use crate::base::Name;
use crate::base::code::{Call, ClassId, Expr};
use crate::facts::finding::Place;
use crate::facts::program::{ClassRef, FileId, Meaning, Program, Site, Text};
use crate::frameworks::python::literals::truth;

/// How deep operations may nest in others.
const MAX_DEPTH: u32 = 8;

/// A migration: its label and name.
pub type Id = (Name, Name);

/// A migration.
#[derive(Debug)]
pub struct File {
    /// Label and name.
    pub id: Id,
    /// What runs before it.
    pub after: Vec<Id>,
    /// What runs after it (`run_before`).
    pub before: Vec<Id>,
    /// What it replaces.
    pub replaces: Vec<Id>,
    /// Its operations.
    pub operations: Vec<Operation>,
    /// Where it stands.
    pub place: Place,
}

/// An operation and where it stands.
#[derive(Clone, Debug)]
pub struct Operation {
    /// What it does.
    pub doing: Doing,
    /// Where it stands.
    pub place: Place,
}

/// What an operation does.
#[derive(Clone, Debug)]
pub enum Doing {
    /// `CreateModel`.
    Create(Box<Model>),
    /// `DeleteModel`.
    Delete(Name),
    /// `RenameModel`.
    Rename(Name, Name),
    /// A change of one model.
    Alter(Name, Box<Alter>),
    /// `SeparateDatabaseAndState`: the database's, the state's.
    Separate(Vec<Operation>, Vec<Operation>),
    /// `RunSQL`: texts, and what they mean for the state.
    Sql(Vec<Text>, Vec<Operation>),
    /// A file of SQL that is read and run.
    SqlFile(Text, Vec<Operation>),
    /// An extension of PostgreSQL.
    Extension(Name),
    /// A collation: its name and the statement that makes it.
    Collation(Name, Name),
    /// Not read: the question.
    Unknown(String),
}

/// A change of one model.
#[derive(Clone, Debug)]
pub enum Alter {
    /// `AddField`, `AlterField`.
    Fields(Vec<Field>),
    /// `RemoveField`.
    RemoveField(Name),
    /// `RenameField`.
    RenameField(Name, Name),
    /// `AlterModelTable`.
    Table(Option<Name>),
    /// `AlterModelTableComment`.
    Comment(Option<Name>),
    /// `AlterUniqueTogether`.
    Unique(Vec<Vec<Name>>),
    /// `AlterIndexTogether`.
    Together(Vec<Vec<Name>>),
    /// `AlterOrderWithRespectTo`.
    Order(Option<Name>),
    /// `AlterModelOptions` with `managed`.
    Managed(bool),
    /// `AddIndex`.
    AddIndex(IndexSpec),
    /// `RemoveIndex`.
    RemoveIndex(Name),
    /// `RenameIndex`, by name or by what was together.
    RenameIndex(Result<Name, Vec<Name>>, Name),
    /// `AddConstraint`.
    AddConstraint(Constraint),
    /// `RemoveConstraint`.
    RemoveConstraint(Name),
}

/// Reads the migration that a file holds.
#[must_use]
pub fn read(project: &Project<'_>, file: FileId) -> Option<File> {
    let program = project.program;
    let classes = &program.file(file).outline.classes;
    let (class, declared) = (0u32..).zip(classes).find(|(_, class)| class.name == "Migration" && !class.bases.is_empty())?;
    let class = ClassRef { file, id: ClassId(class) };
    let is_migration = program.outside_bases(class).iter().any(|base| base.starts_with("django.db.migrations"));
    if !is_migration {
        return None;
    }
    let path = program.path(file);
    let stem = path.rsplit('/').next().unwrap_or(path).trim_end_matches(".py");
    let label = project.label_of_migrations(file);
    let said = |name: &str| {
        let field = declared.fields.iter().rev().find(|field| field.name == name)?;
        let site = Site { offset: field.at.offset.saturating_add(1), ..program.inside_class(class) };
        Some((field.default.as_ref()?, site))
    };
    let ids = |name: &str| said(name).map(|(value, at)| ids_of(project, &at, value)).unwrap_or_default();
    let reader = Reader { project, label: &label, file };
    let operations = said("operations").map(|(value, at)| reader.list(&at, value, 0)).unwrap_or_default();
    Some(File {
        id: (label.clone(), stem.into()),
        after: ids("dependencies"),
        before: ids("run_before"),
        replaces: ids("replaces"),
        operations,
        place: Place { file, symbol: stem.into(), line: declared.at.line },
    })
}

/// `[("shop", "0001_initial"), migrations.swappable_dependency(settings.AUTH_USER_MODEL)]`.
fn ids_of(project: &Project<'_>, site: &Site, value: &Expr) -> Vec<Id> {
    let program = project.program;
    let items = program.items(site, value).unwrap_or_default();
    items
        .iter()
        .filter_map(|(item, at)| match item {
            Expr::List(pair) => {
                let text = |index: usize| program.text(at, pair.get(index)?).plain().map(Name::from);
                Some((text(0)?, text(1)?))
            }
            Expr::Call(id) => {
                let call = program.file(at.file).outline.call(*id);
                let key = fields::target(project, &Owner { label: "", model: "" }, at, call.positional(0)?);
                Some((key.split('.').next()?.into(), "__first__".into()))
            }
            _ => None,
        })
        .collect()
}

struct Reader<'a> {
    project: &'a Project<'a>,
    label: &'a str,
    file: FileId,
}

impl Reader<'_> {
    fn program(&self) -> &dyn Program {
        self.project.program
    }

    fn list(&self, site: &Site, value: &Expr, depth: u32) -> Vec<Operation> {
        if depth > MAX_DEPTH {
            return Vec::new();
        }
        let items = self.program().items(site, value).unwrap_or_default();
        items.iter().filter_map(|(item, at)| self.operation(at, item, depth)).collect()
    }

    fn operation(&self, site: &Site, value: &Expr, depth: u32) -> Option<Operation> {
        let meaning = self.program().produce(site, value);
        let (call, at) = meaning.call()?;
        let name = self.named(call)?;
        let made = self.program().call(call);
        let site = at.moved(call.file, made.scope, made.at.offset);
        let model = text(self.program(), &site, made.arg(0, "model_name").or_else(|| made.arg(0, "name")));
        let place = Place { file: self.file, symbol: model.unwrap_or_else(|| name.clone()), line: made.at.line };
        let doing = self.doing(&name, made, &site, depth)?;
        Some(Operation { doing, place })
    }

    /// The name of an operation: Django's own, or what a class of the program extends.
    fn named(&self, call: crate::facts::program::CallRef) -> Option<Name> {
        let last = |path: &Name| Name::from(path.rsplit('.').next().unwrap_or(path));
        match self.program().callee(call) {
            Meaning::Outside(path) => Some(last(&path)),
            Meaning::Class(class) => self.program().outside_bases(class).first().map(last),
            _ => None,
        }
    }

    fn doing(&self, name: &str, call: &Call, site: &Site, depth: u32) -> Option<Doing> {
        let program = self.program();
        let said = |position: usize, keyword: &str| text(program, site, call.arg(position, keyword));
        let alter = |alter: Alter| said(0, "model_name").or_else(|| said(0, "name")).map(|model| Doing::Alter(model, Box::new(alter)));
        Some(match name {
            "CreateModel" => Doing::Create(Box::new(self.model(call, site)?)),
            "DeleteModel" => Doing::Delete(said(0, "name")?),
            "RenameModel" => Doing::Rename(said(0, "old_name")?, said(1, "new_name")?),
            "AddField" | "AlterField" => {
                let (model, field) = (said(0, "model_name")?, said(1, "name")?);
                let owner = Owner { label: self.label, model: &model };
                let fields = fields::read(self.project, &owner, &field, site, call.arg(2, "field")?);
                return alter(Alter::Fields(fields));
            }
            "RemoveField" => return alter(Alter::RemoveField(said(1, "name")?)),
            "RenameField" => return alter(Alter::RenameField(said(1, "old_name")?, said(2, "new_name")?)),
            "AlterModelTable" => return alter(Alter::Table(said(1, "table"))),
            "AlterModelTableComment" => return alter(Alter::Comment(said(1, "table_comment"))),
            "AlterUniqueTogether" => return alter(Alter::Unique(sets(program, site, call.arg(1, "unique_together")))),
            "AlterIndexTogether" => return alter(Alter::Together(sets(program, site, call.arg(1, "index_together")))),
            "AlterOrderWithRespectTo" => return alter(Alter::Order(said(1, "order_with_respect_to"))),
            "AlterModelOptions" => {
                let options = call.arg(1, "options").and_then(|expr| program.entries(site, expr)).unwrap_or_default();
                let managed =
                    options.iter().find(|(name, ..)| name == "managed").and_then(|(_, value, at)| truth(program, at, Some(value)));
                return managed.and_then(|managed| alter(Alter::Managed(managed)));
            }
            "AddIndex" | "AddIndexConcurrently" => return alter(Alter::AddIndex(index(program, site, call.arg(1, "index")?)?)),
            "RemoveIndex" | "RemoveIndexConcurrently" => return alter(Alter::RemoveIndex(said(1, "name")?)),
            "RenameIndex" => {
                let old = call.keyword("old_fields").map(|expr| crate::frameworks::python::literals::texts(program, site, expr));
                let old = match text(program, site, call.keyword("old_name")) {
                    Some(name) => Ok(name),
                    None => Err(old?),
                };
                return alter(Alter::RenameIndex(old, said(1, "new_name")?));
            }
            "AddConstraint" | "AddConstraintNotValid" => {
                return alter(Alter::AddConstraint(constraint(program, site, call.arg(1, "constraint")?)?));
            }
            "RemoveConstraint" => return alter(Alter::RemoveConstraint(said(1, "name")?)),
            "SeparateDatabaseAndState" => Doing::Separate(
                self.nested(call.arg(0, "database_operations"), site, depth),
                self.nested(call.arg(1, "state_operations"), site, depth),
            ),
            "RunSQL" => return self.sql(call, site, depth),
            "AlterModelManagers" | "RunPython" | "ValidateConstraint" | "AlterConstraint" | "RemoveCollation" => {
                return None;
            }
            "CreateCollation" => return collation(self.project, call, site),
            _ => return other(program, name, call, site),
        })
    }

    fn nested(&self, list: Option<&Expr>, site: &Site, depth: u32) -> Vec<Operation> {
        list.map(|list| self.list(site, list, depth + 1)).unwrap_or_default()
    }

    /// `RunSQL("…")`, `RunSQL(["…", ("…", params)])`, `RunSQL(open("x.sql").read())`.
    fn sql(&self, call: &Call, site: &Site, depth: u32) -> Option<Doing> {
        let program = self.program();
        let state = self.nested(call.arg(2, "state_operations"), site, depth);
        let said = call.arg(0, "sql")?;
        if matches!(said, Expr::Member(_, name) if name == "noop") {
            return Some(Doing::Sql(Vec::new(), state));
        }
        let mut texts = Vec::new();
        match program.items(site, said) {
            Some(items) => {
                for (item, at) in &items {
                    match item {
                        Expr::List(pair) => texts.extend(pair.first().map(|sql| program.text(at, sql))),
                        _ => texts.push(program.text(at, item)),
                    }
                }
            }
            None => texts.push(program.text(site, said)),
        }
        if let [text] = texts.as_slice()
            && text.plain().is_none()
            && let Some(path) = sql_file(program, site, said, 0)
        {
            return Some(Doing::SqlFile(path, state));
        }
        Some(Doing::Sql(texts, state))
    }

    fn model(&self, call: &Call, site: &Site) -> Option<Model> {
        let program = self.program();
        let name = text(program, site, call.arg(0, "name"))?;
        let owner = Owner { label: self.label, model: &name };
        let mut model = Model { label: self.label.into(), name: name.clone(), ..Model::default() };
        for (item, at) in call.arg(1, "fields").and_then(|list| program.items(site, list)).unwrap_or_default() {
            let Expr::List(pair) = item else { continue };
            if let (Some(field), Some(value)) = (pair.first().and_then(|name| program.text(&at, name).plain()), pair.get(1)) {
                model.fields.extend(fields::read(self.project, &owner, &field.into(), &at, value));
            }
        }
        let options = call.arg(2, "options").and_then(|dict| program.entries(site, dict)).unwrap_or_default();
        model.options = options_of(program, &options);
        let bases = call.arg(3, "bases").and_then(|list| program.items(site, list)).unwrap_or_default();
        for (base, at) in bases {
            let key = match program.text(&at, base).plain() {
                Some(text) => text.split_once('.').map(|(label, name)| state::key(label, name)),
                None => base_key(self.project, &at, base),
            };
            model.parents.extend(key);
        }
        model.place = Place { file: self.file, symbol: name, line: call.at.line };
        Some(model)
    }
}

/// A base that is a class: of the program, a model that has a table.
fn base_key(project: &Project<'_>, site: &Site, base: &Expr) -> Option<Name> {
    match project.program.resolve(site, base) {
        Meaning::Class(class) if super::declared::is_model(project, class) => Some(project.key_of(class)),
        Meaning::Outside(path) => match super::outside::base(&path) {
            super::outside::Base::Concrete(key) => Some(key),
            _ => None,
        },
        _ => None,
    }
}

fn options_of(program: &dyn Program, said: &[(Name, &Expr, Site)]) -> Options {
    let mut options = Options::default();
    for (name, value, at) in said {
        let value: &Expr = value;
        let is = |truth: bool| *value == Expr::Bool(truth);
        match name.as_str() {
            "db_table" => options.table = text(program, at, Some(value)).filter(|table| !table.is_empty()),
            "db_table_comment" => options.comment = text(program, at, Some(value)),
            "proxy" => options.is_proxy = is(true),
            "managed" => options.is_unmanaged = is(false),
            "unique_together" => options.unique_together = sets(program, at, Some(value)),
            "index_together" => options.index_together = sets(program, at, Some(value)),
            "indexes" => options.indexes = each(program, at, value, index),
            "constraints" => options.constraints = each(program, at, value, constraint),
            "order_with_respect_to" => options.ordered_by = text(program, at, Some(value)),
            _ => {}
        }
    }
    options
}

/// A text that is said.
#[must_use]
pub fn text(program: &dyn Program, site: &Site, expr: Option<&Expr>) -> Option<Name> {
    let expr = expr.filter(|expr| !matches!(expr, Expr::Null))?;
    program.text(site, expr).plain().map(Name::from)
}

fn sets(program: &dyn Program, site: &Site, expr: Option<&Expr>) -> Vec<Vec<Name>> {
    expr.map(|expr| together(program, site, expr)).unwrap_or_default()
}
