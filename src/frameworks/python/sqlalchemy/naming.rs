//! Names that a `MetaData(naming_convention={…})` gives to constraints and indexes.

use crate::base::Name;
use crate::base::code::Expr;
use crate::facts::database::ObjectName;
use crate::facts::program::{Program, Site};

/// Templates by kind: `pk`, `uq`, `fk`, `ck`, `ix`.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Naming {
    templates: Vec<(Name, Name)>,
}

/// A template with what it may speak of.
struct Filling<'a> {
    table: &'a ObjectName,
    columns: &'a [Name],
    referred: Option<(&'a ObjectName, &'a [Name])>,
    constraint: Option<&'a str>,
}

impl Naming {
    /// The convention that a dict says.
    #[must_use]
    pub fn of(program: &dyn Program, site: &Site, expr: &Expr) -> Self {
        let entries = program.entries(site, expr).unwrap_or_default();
        let known = entries.into_iter().filter_map(|(key, value, at)| Some((key, program.text(&at, value).plain()?.into())));
        Self { templates: known.collect() }
    }

    /// The convention of these templates.
    #[must_use]
    pub fn from_pairs(templates: &[(&str, &str)]) -> Self {
        Self { templates: templates.iter().map(|(key, template)| ((*key).into(), (*template).into())).collect() }
    }

    /// Whether it says nothing.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.templates.is_empty()
    }

    fn template(&self, kind: &str) -> Option<&Name> {
        self.templates.iter().find(|(key, _)| key == kind).map(|(_, template)| template)
    }

    /// The name of a primary key.
    #[must_use]
    pub fn primary_key(&self, table: &ObjectName, columns: &[Name]) -> Option<Name> {
        filled(self.template("pk")?, &Filling { table, columns, referred: None, constraint: None })
    }

    /// The name of an index that is not given one.
    #[must_use]
    pub fn index(&self, table: &ObjectName, columns: &[Name]) -> Option<Name> {
        let template = self.template("ix").map_or("ix_%(column_0_label)s", Name::as_str);
        filled(template, &Filling { table, columns, referred: None, constraint: None })
    }

    /// The name of a constraint: the given one, put into the template when that asks for it.
    #[must_use]
    pub fn given(
        &self,
        kind: &str,
        table: &ObjectName,
        given: Option<Name>,
        columns: &[Name],
        referred: Option<(&ObjectName, &[Name])>,
    ) -> Option<Name> {
        let Some(template) = self.template(kind) else { return given };
        let asks = template.contains("%(constraint_name)s");
        match &given {
            // Put in already, as `op.f("ck_users_age")` says.
            Some(name) if asks && is_filled(template, name, &Filling { table, columns, referred, constraint: Some("") }) => given,
            Some(name) if asks => filled(template, &Filling { table, columns, referred, constraint: Some(name) }).or(given),
            Some(_) => given,
            None if asks => None,
            None => filled(template, &Filling { table, columns, referred, constraint: None }),
        }
    }
}

/// Whether a name begins as the template does before the constraint's own name.
fn is_filled(template: &str, name: &str, filling: &Filling) -> bool {
    let before = template.split("%(constraint_name)s").next().unwrap_or_default();
    !before.is_empty() && filled(before, filling).is_some_and(|before| name.starts_with(before.as_str()))
}

/// A template with its tokens filled in; `None` when a token is not known.
fn filled(template: &str, filling: &Filling) -> Option<Name> {
    let mut text = String::new();
    let mut rest = template;
    while let Some((before, after)) = rest.split_once("%(") {
        text.push_str(before);
        let (token, behind) = after.split_once(')')?;
        text.push_str(&value(token, filling)?);
        rest = behind.strip_prefix('s')?;
    }
    text.push_str(rest);
    Some(text.into())
}

fn value(token: &str, filling: &Filling) -> Option<String> {
    match token {
        "table_name" => return Some(filling.table.name.to_string()),
        "constraint_name" => return filling.constraint.map(str::to_owned),
        "referred_table_name" => return filling.referred.map(|(table, _)| table.name.to_string()),
        _ => {}
    }
    if let Some(rest) = token.strip_prefix("referred_column_") {
        return of_columns(rest, filling.referred?.1, filling.referred?.0);
    }
    of_columns(token.strip_prefix("column_")?, filling.columns, filling.table)
}

/// `0_name`, `0N_name`, `0_N_label`.
fn of_columns(token: &str, columns: &[Name], table: &ObjectName) -> Option<String> {
    let (which, what) = token.rsplit_once('_')?;
    let spelled = |column: &Name| match what {
        "label" => match &table.schema {
            Some(schema) => format!("{schema}_{}_{column}", table.name),
            None => format!("{}_{column}", table.name),
        },
        _ => column.to_string(),
    };
    match which {
        "0N" => Some(columns.iter().map(spelled).collect()),
        "0_N" => Some(columns.iter().map(spelled).collect::<Vec<_>>().join("_")),
        number => columns.get(number.parse::<usize>().ok()?).map(spelled),
    }
}
