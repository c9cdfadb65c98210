//! Indexes and constraints of a model's table.

use super::names::{self, MAX_NAME};
use super::state::{Constraint, IndexSpec, Model, Part, Rule};
use super::tables::{Tables, columns_of, object};
use super::terms::{Term, ident, is_text};
use crate::base::Name;
use crate::facts::database::{Check, Index, IndexPart, Key, Table};

impl Tables<'_> {
    /// An index; `None` when it cannot be read.
    pub fn index(&self, model: &Model, spec: &IndexSpec) -> Option<Index> {
        let columns = |name: &str| self.column_of(model, name);
        let parts = spec.parts.iter().map(|part| self.part(model, part)).collect::<Option<Vec<_>>>()?;
        if parts.is_empty() {
            return None;
        }
        let condition = match &spec.condition {
            Some(condition) => Some(condition.sql(&columns)?.into()),
            None => None,
        };
        Some(Index {
            name: spec.name.clone().or_else(|| self.index_name(model, spec)),
            parts,
            method: spec.method.clone(),
            include: columns_of(model, &spec.include),
            condition,
            ..Index::default()
        })
    }

    fn index_name(&self, model: &Model, spec: &IndexSpec) -> Option<Name> {
        let of = |part: &Part| match &part.term {
            Term::Field(name) => Some((self.column_of(model, name)?.0, part.order.is_some())),
            _ => None,
        };
        let columns = spec.parts.iter().map(of).collect::<Option<Vec<_>>>()?;
        names::of_index(&object(&model.table()).name, &columns, spec.method.as_deref().unwrap_or("idx"))
    }

    fn part(&self, model: &Model, part: &Part) -> Option<IndexPart> {
        let columns = |name: &str| self.column_of(model, name);
        let words = [part.class.clone(), part.order.clone()];
        let options: Vec<Name> = words.into_iter().flatten().collect();
        let options = (!options.is_empty()).then(|| options.join(" ").into());
        match &part.term {
            Term::Field(name) => Some(IndexPart { text: columns(name)?.0, is_expression: false, options }),
            other => Some(IndexPart { text: other.sql(&columns)?.into(), is_expression: true, options }),
        }
    }

    /// Adds a constraint; `None` when it cannot be read.
    pub fn add_constraint(&self, model: &Model, constraint: &Constraint, table: &mut Table) -> Option<()> {
        let columns = |name: &str| self.column_of(model, name);
        match &constraint.rule {
            Rule::Check(condition) => {
                let condition = condition.sql(&columns)?.into();
                table.checks.push(Check { name: constraint.name.clone(), condition, is_whole: false });
            }
            Rule::Unique { index, deferrable, nulls_not_distinct } => {
                let plain = index.condition.is_none()
                    && index.include.is_empty()
                    && index.parts.iter().all(|part| part.class.is_none() && part.order.is_none() && matches!(part.term, Term::Field(_)));
                let made = self.index(model, index)?;
                if plain {
                    table.uniques.push(Key {
                        name: constraint.name.clone(),
                        columns: made.parts.into_iter().map(|part| part.text).collect(),
                        nulls_not_distinct: *nulls_not_distinct,
                        deferrable: deferrable.clone(),
                    });
                } else {
                    let unique = Index { name: constraint.name.clone(), unique: true, nulls_not_distinct: *nulls_not_distinct, ..made };
                    table.indexes.push(unique);
                }
            }
            Rule::Exclude { index, operators } => {
                let made = self.index(model, index)?;
                let condition = exclusion(&made, operators)?.into();
                table.checks.push(Check { name: constraint.name.clone(), condition, is_whole: true });
            }
        }
        Some(())
    }
}

/// `CHECK ("stock" >= 0)`, named as PostgreSQL names it.
#[must_use]
pub fn positive(table: &Table, column: &str) -> Check {
    let name: String = format!("{}_{column}_check", table.name.name).chars().take(MAX_NAME).collect();
    Check { name: Some(name.into()), condition: format!("{} >= 0", ident(column)).into(), is_whole: false }
}

/// The second index that Django puts on indexed text.
#[must_use]
pub fn like(column: &str, ty: &str) -> Option<Index> {
    let class = match ty {
        _ if !is_text(ty) || ty == "citext" => return None,
        "text" => "text_pattern_ops",
        _ if ty.starts_with("character varying") => "varchar_pattern_ops",
        _ => return None,
    };
    let part = IndexPart { options: Some(class.into()), ..IndexPart::column(column) };
    Some(Index { parts: vec![part], ..Index::default() })
}

/// `EXCLUDE USING gist ("room" WITH =, "during" WITH &&) WHERE (…)`.
fn exclusion(index: &Index, operators: &[Name]) -> Option<String> {
    let mut parts = Vec::new();
    for (part, operator) in index.parts.iter().zip(operators) {
        if operator.is_empty() {
            return None;
        }
        let of = if part.is_expression { format!("({})", part.text) } else { ident(&part.text) };
        parts.push(match &part.options {
            Some(options) => format!("{of} {options} WITH {operator}"),
            None => format!("{of} WITH {operator}"),
        });
    }
    let method = index.method.as_deref().unwrap_or("gist");
    let condition = index.condition.as_ref().map(|condition| format!(" WHERE ({condition})")).unwrap_or_default();
    (!parts.is_empty()).then(|| format!("EXCLUDE USING {method} ({}){condition}", parts.join(", ")))
}
