//! The fields of types that stand for models.

use super::types::Types;
use crate::base::code::Expr;
use crate::facts::graphql::{GraphqlArgument, GraphqlField, non_null};
use crate::facts::members::without_null;
use crate::facts::program::{ClassRef, Mode};
use crate::facts::shape::Shape;
use crate::frameworks::graphql::camel_of_snake;

impl Types<'_> {
    /// The fields that `Meta.fields` names, by what the model says of them.
    pub(super) fn of_model(&mut self, class: ClassRef) -> Vec<GraphqlField> {
        let program = self.program;
        let model = self.meta_value(class, "model").and_then(|(expr, at)| program.resolve(&at, expr).class());
        let Some(record) = model.and_then(|model| program.record(&program.shape_of_class(model, Vec::new(), Mode::Write))) else {
            return Vec::new();
        };
        let names = |key: &str| -> Option<Vec<String>> {
            let (expr, at) = self.meta_value(class, key)?;
            if let Expr::Str(_) = expr {
                return None;
            }
            Some(program.items(&at, expr)?.into_iter().filter_map(|(item, at)| program.text(&at, item).plain()).collect())
        };
        let (only, without) = (names("fields").or_else(|| names("only_fields")), names("exclude").unwrap_or_default());
        let mut fields = Vec::new();
        for member in &record.members {
            let is_told = only.as_ref().is_none_or(|only| only.iter().any(|name| member.name == *name))
                && !without.iter().any(|name| member.name == *name);
            let is_key = matches!(member.name.as_str(), "id" | "pk");
            let Some(ty) = (if is_key { Some("ID") } else { of_shape(&without_null(member.shape.clone())) }).filter(|_| is_told) else {
                continue;
            };
            let ty = if member.shape.is_nullable() { ty.to_owned() } else { non_null(ty) };
            fields.push(GraphqlField { name: camel_of_snake(&member.name).into(), ty, ..GraphqlField::default() });
        }
        fields
    }
}

fn of_shape(shape: &Shape) -> Option<&'static str> {
    Some(match shape {
        Shape::Bool => "Boolean",
        Shape::Int => "Int",
        Shape::Number => "Float",
        Shape::Text(format) => match format.as_deref() {
            Some("date-time") => "DateTime",
            Some("date") => "Date",
            Some("time") => "Time",
            Some("uuid") => "UUID",
            Some("decimal") => "Decimal",
            _ => "String",
        },
        Shape::Refined(inner, _) => return of_shape(inner),
        _ => return None,
    })
}

/// What every connection takes.
pub(super) fn paging() -> Vec<GraphqlArgument> {
    let arg = |name: &str, ty: &str| GraphqlArgument { name: name.into(), ty: ty.to_owned(), ..GraphqlArgument::default() };
    vec![arg("before", "String"), arg("after", "String"), arg("first", "Int"), arg("last", "Int")]
}
