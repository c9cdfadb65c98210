//! Models as classes declare them.

use super::fields::{self, Owner};
use super::history;
use super::meta::{constraint, each, index, together};
use super::outside::{self, Base};
use super::project::Project;
use super::state::{Field, Foreign, Kind, Model, Models, Options};
use super::translations;
use crate::base::Name;
use crate::base::code::{ClassId, Expr, ScopeId};
use crate::facts::finding::Place;
use crate::facts::program::{CallRef, ClassRef, FileId, Meaning, Program, Site};
use crate::frameworks::python::marshmallow::nested_class;

/// How deep bases are followed.
const MAX_DEPTH: u32 = 24;

/// The models of a project.
#[must_use]
pub fn models(project: &Project<'_>) -> Models {
    let program = project.program;
    let mut found = Models::default();
    for file in &project.files {
        if !may_have_models(program, *file) {
            continue;
        }
        for (id, declared) in (0u32..).zip(&program.file(*file).outline.classes) {
            let class = ClassRef { file: *file, id: ClassId(id) };
            if declared.scope != ScopeId(0) || declared.bases.is_empty() || !is_model(project, class) || is_abstract(program, class) {
                continue;
            }
            let made = model(project, class);
            for more in history::models(project, class, &made).into_iter().chain(translations::model(project, class, &made)) {
                found.0.entry(more.key()).or_insert(more);
            }
            found.0.entry(made.key()).or_insert(made);
        }
    }
    found
}

/// Tests' models and those of migrations make no tables.
fn may_have_models(program: &dyn Program, file: FileId) -> bool {
    let path = program.path(file);
    !path.split('/').any(|part| matches!(part, "tests" | "test" | "migrations" | "management"))
}

/// Whether a class is a model. What a call that makes a base is given is none of the bases.
#[must_use]
pub fn is_model(project: &Project<'_>, class: ClassRef) -> bool {
    is_model_at(project, class, 0)
}

fn is_model_at(project: &Project<'_>, class: ClassRef, depth: u32) -> bool {
    if let Some(known) = project.known.borrow().get(&class) {
        return *known;
    }
    let program = project.program;
    let is = depth <= MAX_DEPTH
        && bases_of(program, class).into_iter().any(|base| match base {
            Meaning::Class(base) => base != class && is_model_at(project, base, depth + 1),
            Meaning::Outside(path) => match outside::base(&path) {
                Base::Abstract(_) | Base::Concrete(_) => true,
                // A library's class among models that this class gives model fields.
                Base::Unknown => has_fields(program, class),
                Base::Plain => false,
            },
            _ => false,
        });
    project.known.borrow_mut().insert(class, is);
    is
}

/// What the bases of a class mean; calls are entered.
fn bases_of(program: &dyn Program, class: ClassRef) -> Vec<Meaning<'_>> {
    let declared = program.class(class);
    let at = Site { file: class.file, scope: declared.scope, offset: declared.at.offset, env: None };
    let of = |base| match program.resolve_type(&at, base) {
        Meaning::Value(value @ Expr::Call(_), at) => match program.produce(&at, value) {
            Meaning::Value(Expr::Call(id), at) => match program.callee(CallRef { file: at.file, id: *id }) {
                // `ExportModelOperationsMixin("order")`
                Meaning::Outside(path) => Meaning::Outside(path),
                _ => Meaning::Unknown,
            },
            made => made,
        },
        meaning => meaning,
    };
    declared.bases.iter().map(of).collect()
}

fn has_fields(program: &dyn Program, class: ClassRef) -> bool {
    nested_class(program, class, "Meta").is_some_and(|meta| {
        program
            .class(meta)
            .fields
            .iter()
            .any(|field| matches!(field.name.as_str(), "db_table" | "app_label" | "verbose_name" | "constraints"))
    }) || program.class(class).fields.iter().any(|field| {
        let Some(Expr::Call(id)) = &field.default else { return false };
        let callee = program.callee(CallRef { file: class.file, id: *id });
        callee.outside().is_some_and(|path| path.starts_with("django.db.models."))
    })
}

/// `class Meta: abstract = True`; it holds for this class alone.
fn is_abstract(program: &dyn Program, class: ClassRef) -> bool {
    let Some(meta) = nested_class(program, class, "Meta") else { return false };
    program.class(meta).fields.iter().any(|field| field.name == "abstract" && field.default == Some(Expr::Bool(true)))
}

/// What a model takes from its bases.
#[derive(Default)]
struct Gathered {
    /// Classes whose fields it has, base-most first, itself last.
    classes: Vec<ClassRef>,
    /// Fields of libraries' bases.
    library: Vec<Field>,
    parents: Vec<Name>,
    is_partial: bool,
}

fn gather(project: &Project<'_>, class: ClassRef, gathered: &mut Gathered, depth: u32) {
    let program = project.program;
    for base in bases_of(program, class).into_iter().rev() {
        match base {
            Meaning::Class(base) if base == class || depth > MAX_DEPTH || gathered.classes.contains(&base) => {}
            Meaning::Class(base) if !is_model(project, base) => {}
            Meaning::Class(base) if is_abstract(program, base) => gather(project, base, gathered, depth + 1),
            Meaning::Class(base) => gathered.parents.push(project.key_of(base)),
            Meaning::Outside(path) => match outside::base(&path) {
                Base::Abstract(fields) => gathered.library.extend(fields),
                Base::Concrete(key) => gathered.parents.push(key),
                Base::Unknown => gathered.is_partial = true,
                Base::Plain => gathered.is_partial |= is_library(&path),
            },
            _ => {}
        }
    }
    if !gathered.classes.contains(&class) {
        gathered.classes.push(class);
    }
}

/// Whether a class is of a library that may bring fields in a mixin.
fn is_library(path: &str) -> bool {
    !["django.", "builtins.", "typing.", "abc.", "enum."].iter().any(|start| path.starts_with(start))
}

/// One model.
fn model(project: &Project<'_>, class: ClassRef) -> Model {
    let program = project.program;
    let key = project.key_of(class);
    let label: Name = key.split('.').next().unwrap_or_default().into();
    let declared = program.class(class);
    let mut gathered = Gathered::default();
    gather(project, class, &mut gathered, 0);
    gathered.parents.reverse();
    let mut model = Model {
        label,
        name: declared.name.clone(),
        options: options(project, class, &key),
        parents: gathered.parents.clone(),
        is_partial: gathered.is_partial,
        place: Place { file: class.file, symbol: declared.name.clone(), line: declared.at.line },
        ..Model::default()
    };
    for field in gathered.library {
        model.put(field);
    }
    add_fields(project, &gathered.classes, &mut model);
    if !model.options.is_proxy {
        link_parents(&mut model);
    }
    model
}

/// The fields of classes, those of one file in the order they stand there.
fn add_fields(project: &Project<'_>, classes: &[ClassRef], model: &mut Model) {
    let program = project.program;
    let mut files: Vec<FileId> = Vec::new();
    classes.iter().for_each(|class| {
        if !files.contains(&class.file) {
            files.push(class.file)
        }
    });
    let mut own: Vec<((usize, u32), Field)> = Vec::new();
    let (label, name) = (model.label.clone(), model.name.clone());
    let owner = Owner { label: &label, model: &name };
    for class in classes {
        let rank = files.iter().position(|file| *file == class.file).unwrap_or_default();
        let inside = program.inside_class(*class);
        for said in &program.class(*class).fields {
            let Some(value) = &said.default else { continue };
            if matches!(value, Expr::Null) {
                own.retain(|(_, field)| field.name != said.name);
                model.fields.retain(|field| field.name != said.name);
                continue;
            }
            let site = inside.moved(class.file, inside.scope, said.at.offset.saturating_add(1));
            for field in fields::read(project, &owner, &said.name, &site, value) {
                own.retain(|(_, known)| known.name != field.name);
                model.fields.retain(|known| known.name != field.name);
                own.push(((rank, said.at.offset), field));
            }
        }
    }
    own.sort_by_key(|(place, _)| *place);
    model.fields.extend(own.into_iter().map(|(_, field)| field));
}

/// The keys to parents with tables of their own, where no field says them.
fn link_parents(model: &mut Model) {
    let mut links = Vec::new();
    for parent in model.parents.clone() {
        let is_linked = model
            .fields
            .iter()
            .any(|field| matches!(&field.kind, Kind::Foreign(foreign) if foreign.is_parent_link && foreign.to == parent));
        if is_linked {
            continue;
        }
        let name = parent.rsplit('.').next().unwrap_or(&parent).to_owned();
        let foreign = Foreign { to: parent, has_constraint: true, is_parent_link: true, ..Foreign::default() };
        let is_key = links.is_empty() && !model.fields.iter().any(|field| field.is_key);
        links.push(Field { is_key, unique: true, indexed: true, ..Field::of(format!("{name}_ptr"), Kind::Foreign(foreign)) });
    }
    for field in &mut model.fields {
        // `parent = OneToOneField(Parent, parent_link=True)` is the key.
        if let Kind::Foreign(foreign) = &field.kind
            && foreign.is_parent_link
            && links.is_empty()
        {
            field.is_key = true;
        }
    }
    model.fields.splice(0..0, links);
}

/// The class `Meta` that holds for a model: its own, else that of its nearest abstract base.
fn meta_of(project: &Project<'_>, class: ClassRef) -> Option<ClassRef> {
    let program = project.program;
    nested_class(program, class, "Meta").or_else(|| {
        let bases = program.lineage(class).into_iter().skip(1);
        bases.filter(|base| is_abstract(program, *base)).find_map(|base| nested_class(program, base, "Meta"))
    })
}

fn options(project: &Project<'_>, class: ClassRef, key: &str) -> Options {
    let program = project.program;
    let Some(meta) = meta_of(project, class) else { return Options::default() };
    let said = |name: &str| program.class_attribute(meta, name);
    let is = |name: &str, truth: bool| said(name).is_some_and(|(value, _)| *value == Expr::Bool(truth));
    let text = |name: &str| said(name).and_then(|(value, at)| program.text(&at, value).plain()).map(Name::from);
    let swapped = text("swappable").and_then(|setting| project.setting(&setting)).is_some_and(|model| model.to_lowercase() != key);
    let named = |name: Option<Name>| name.map(|name| spelled(&name, key));
    let mut indexes = said("indexes").map(|(value, at)| each(program, &at, value, index)).unwrap_or_default();
    let mut constraints = said("constraints").map(|(value, at)| each(program, &at, value, constraint)).unwrap_or_default();
    indexes.iter_mut().for_each(|index| index.name = named(index.name.take()));
    constraints.iter_mut().for_each(|constraint| constraint.name = named(constraint.name.take()));
    Options {
        table: text("db_table").filter(|table| !table.is_empty()),
        is_proxy: is("proxy", true),
        is_unmanaged: is("managed", false) || swapped,
        unique_together: said("unique_together").map(|(value, at)| together(program, &at, value)).unwrap_or_default(),
        index_together: said("index_together").map(|(value, at)| together(program, &at, value)).unwrap_or_default(),
        indexes,
        constraints,
        ordered_by: text("order_with_respect_to"),
        comment: text("db_table_comment"),
    }
}

/// `%(app_label)s_%(class)s_unique` in the name of an abstract base's constraint.
fn spelled(name: &str, key: &str) -> Name {
    let (label, class) = key.split_once('.').unwrap_or(("", key));
    name.replace("%(app_label)s", label).replace("%(class)s", class).into()
}
