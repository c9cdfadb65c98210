//! Tables of history: `history = HistoricalRecords()` of django-simple-history.

use super::project::Project;
use super::state::{Field, Foreign, Kind, Model, Options, Plain};
use crate::base::Name;
use crate::base::code::Expr;
use crate::facts::program::{CallRef, ClassRef, Meaning, Program};

/// The historical models of a model.
#[must_use]
pub fn models(project: &Project<'_>, class: ClassRef, model: &Model) -> Vec<Model> {
    let program = project.program;
    if model.options.is_proxy {
        return Vec::new();
    }
    let lineage = program.lineage(class);
    let records = lineage.iter().find_map(|owner| {
        let inherits = *owner != class;
        program.class(*owner).fields.iter().find_map(|field| {
            let Some(Expr::Call(id)) = &field.default else { return None };
            let call = CallRef { file: owner.file, id: *id };
            let says_inherit = || matches!(program.call(call).keyword("inherit"), Some(Expr::Bool(true)));
            (is_records(program, call) && (!inherits || says_inherit())).then_some(call)
        })
    });
    records.map(|call| historical(project, call, model)).into_iter().collect()
}

fn is_records(program: &dyn Program, call: CallRef) -> bool {
    let is = |path: &str| path.starts_with("simple_history.") && path.ends_with(".HistoricalRecords");
    match program.callee(call) {
        Meaning::Outside(path) => is(&path),
        Meaning::Class(class) => program.outside_bases(class).iter().any(|base| is(base)),
        _ => false,
    }
}

fn historical(project: &Project<'_>, call: CallRef, model: &Model) -> Model {
    let program = project.program;
    let made = program.call(call);
    let site = crate::facts::program::Site::of_call(call.file, made);
    let text = |keyword: &str| made.keyword(keyword).and_then(|expr| program.text(&site, expr).plain()).map(Name::from);
    let excluded = made.keyword("excluded_fields").map(|expr| crate::frameworks::python::literals::texts(program, &site, expr));
    let excluded = excluded.unwrap_or_default();
    let mut fields: Vec<Field> = model.fields.iter().filter(|field| !excluded.contains(&field.name)).filter_map(copied).collect();
    if !model.fields.iter().any(|field| field.is_key) {
        let ty = if project.auto_of(&model.label) == "BigAutoField" { "bigint" } else { "integer" };
        fields.insert(0, Field { indexed: true, ..Field::plain("id", ty) });
    }
    let user = Field { null: true, ..Field::foreign("history_user", &project.user) };
    let id = Plain { ty: "integer".into(), is_identity: true, is_positive: false };
    fields.extend([
        Field { is_key: true, ..Field::of("history_id", Kind::Plain(id)) },
        Field { indexed: true, ..Field::plain("history_date", "timestamp with time zone") },
        Field { null: true, ..Field::plain("history_change_reason", "character varying(100)") },
        Field::plain("history_type", "character varying(1)"),
        user,
    ]);
    Model {
        label: text("app").unwrap_or_else(|| model.label.clone()),
        name: format!("Historical{}", model.name).into(),
        fields,
        options: Options { table: text("table_name"), ..Options::default() },
        place: model.place.clone(),
        ..Model::default()
    }
}

/// A field as history keeps it: nothing is unique, nothing points anywhere for certain.
fn copied(field: &Field) -> Option<Field> {
    let mut copy = field.clone();
    copy.is_key = false;
    copy.unique = false;
    copy.indexed = field.indexed || field.unique || field.is_key;
    match &mut copy.kind {
        Kind::Many(_) | Kind::Composite(_) => return None,
        Kind::Foreign(Foreign { has_constraint, is_parent_link, .. }) => {
            *has_constraint = false;
            *is_parent_link = false;
            copy.null = true;
        }
        Kind::Plain(plain) => plain.is_identity = false,
        Kind::Generated(..) => {}
    }
    Some(copy)
}
