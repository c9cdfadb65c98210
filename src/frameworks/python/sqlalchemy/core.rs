//! Tables that are values: `users = Table("users", metadata, Column(…), …)`.

use super::ancestry::{metadata_of, object_name, of_metadata};
use super::column::Targets;
use super::draft::Draft;
use super::words::Said;
use crate::base::Name;
use crate::base::code::Expr;
use crate::facts::database::ObjectName;
use crate::facts::program::Program;

/// The name of a table value.
#[must_use]
pub fn name_of_table(program: &dyn Program, made: &Said) -> Option<ObjectName> {
    let name = program.text(&made.at, made.call.arg(0, "name")?).plain()?;
    let schema = made.keyword("schema").and_then(|(expr, at)| program.text(at, expr).plain()).map(Name::from);
    let schema = schema.or_else(|| of_metadata(program, metadata(program, made)).1);
    Some(object_name(schema, name.into()))
}

fn metadata<'p>(program: &'p dyn Program, made: &Said<'p>) -> Option<(&'p crate::base::code::Call, crate::facts::program::Site)> {
    let metadata = made.call.arg(1, "metadata")?;
    metadata_of(program, &made.at, metadata)
}

/// A table value on its way, and the schema of its metadata; `None` when it says no column.
#[must_use]
pub fn draft(program: &dyn Program, targets: &dyn Targets, made: &Said) -> Option<(Draft, Option<Name>)> {
    let (naming, schema) = of_metadata(program, metadata(program, made));
    let mut draft = Draft::new(name_of_table(program, made)?, naming);
    draft.doc = made.keyword("comment").and_then(|(expr, at)| program.text(at, expr).plain()).map(Name::from);
    items(program, targets, made, &mut draft);
    (!draft.columns.is_empty()).then_some((draft, schema))
}

/// The columns and constraints among the arguments.
pub fn items(program: &dyn Program, targets: &dyn Targets, made: &Said, draft: &mut Draft) {
    for arg in made.call.args.iter().filter(|arg| arg.name.is_none()).skip(1) {
        match &arg.value {
            Expr::Str(_) => {}
            expr => draft.read_item(program, targets, &made.at, expr),
        }
    }
}
