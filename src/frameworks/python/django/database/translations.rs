//! Tables of translations: `translations = TranslatedFields(title=models.CharField(…))` of django-parler.

use super::fields::{self, Owner};
use super::project::Project;
use super::state::{Field, Model, Options};
use crate::base::Name;
use crate::base::code::Expr;
use crate::facts::program::{CallRef, ClassRef, Program, Site};

/// The model that keeps a model's translated fields.
#[must_use]
pub fn model(project: &Project<'_>, class: ClassRef, model: &Model) -> Option<Model> {
    let program = project.program;
    let call = program.class(class).fields.iter().find_map(|field| {
        let Some(Expr::Call(id)) = &field.default else { return None };
        let call = CallRef { file: class.file, id: *id };
        is_translated(program, call).then_some(call)
    })?;
    let made = program.call(call);
    let site = Site::of_call(call.file, made);
    let name: Name = format!("{}Translation", model.name).into();
    let owner = Owner { label: &model.label, model: &name };
    let mut all = vec![Field { indexed: true, ..Field::plain("language_code", "character varying(15)") }];
    for arg in &made.args {
        if let Some(field) = arg.name.as_ref().filter(|name| *name != "meta" && *name != "**") {
            all.extend(fields::read(project, &owner, field, &site, &arg.value));
        }
    }
    all.push(Field { null: true, ..Field::foreign("master", &model.key()) });
    let table = format!("{}_translation", model.table());
    let together = vec![vec!["language_code".into(), "master".into()]];
    let options = Options { table: Some(table.into()), unique_together: together, ..Options::default() };
    Some(Model { label: model.label.clone(), name, fields: all, options, place: model.place.clone(), ..Model::default() })
}

fn is_translated(program: &dyn Program, call: CallRef) -> bool {
    program.callee(call).outside().is_some_and(|path| path.starts_with("parler.") && path.ends_with(".TranslatedFields"))
}
