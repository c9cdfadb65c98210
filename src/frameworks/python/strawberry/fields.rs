//! The fields of a class: annotated names, methods under a decorator, resolvers.

use super::declared;
use super::types::{Types, is_node};
use crate::base::Name;
use crate::base::code::{Call, Expr, Field, Param, ParamKind, Type};
use crate::facts::graphql::{GraphqlArgument, GraphqlField, GraphqlKind, nullable};
use crate::facts::members::without_null;
use crate::facts::program::{CallRef, ClassRef, FuncRef, Meaning, Mode, Site};
use crate::facts::shape::Shape;
use crate::frameworks::graphql::{camel_of_snake, enum_member, literal_text, spot, spot_of};
use crate::frameworks::python::literals::literal;

/// Decorators and functions that make a field.
const MAKERS: &[&str] = &["field", "mutation", "subscription", "connection", "node", "create", "update", "delete", "offset_paginated"];

/// A call that makes a field, and where it is read.
type Made<'p> = (&'p Call, Site, Name);

impl<'p> Types<'p> {
    /// The fields of a class, those of its bases first.
    pub(super) fn fields(&mut self, class: ClassRef, kind: GraphqlKind) -> Vec<GraphqlField> {
        let mut fields: Vec<GraphqlField> = Vec::new();
        if self.program.outside_bases(class).iter().any(|base| is_node(base)) {
            fields.push(GraphqlField { name: "id".into(), ty: "ID!".into(), ..GraphqlField::default() });
        }
        let mut lineage = self.program.lineage(class);
        lineage.reverse();
        for part in lineage {
            if part != class && declared(self.program, part).is_none() {
                continue;
            }
            for field in self.own_fields(part, kind) {
                match fields.iter_mut().find(|known| known.name == field.name) {
                    Some(known) => *known = field,
                    None => fields.push(field),
                }
            }
        }
        fields
    }

    fn own_fields(&mut self, class: ClassRef, kind: GraphqlKind) -> Vec<GraphqlField> {
        let program = self.program;
        let owner = program.class(class);
        let mut fields = Vec::new();
        for field in &owner.fields {
            fields.extend(self.attribute(class, field, kind));
        }
        for id in &owner.methods {
            let method = FuncRef { file: class.file, id: *id };
            fields.extend(self.method(&owner.name, class, method));
        }
        fields
    }

    /// `name: str`, `age: int = strawberry.field(…)`, `users = strawberry.field(resolver=get_users)`.
    fn attribute(&mut self, class: ClassRef, field: &'p Field, kind: GraphqlKind) -> Option<GraphqlField> {
        let program = self.program;
        let site = program.inside_class(class);
        let owner = &program.class(class).name;
        let made = field.default.as_ref().and_then(|expr| self.maker(&site, expr));
        if field.ty == Type::Unknown && made.is_none() {
            return None;
        }
        let head = program.resolve_type(&site, &field.ty);
        if head.outside().is_some_and(|path| {
            path.ends_with(".Private") || path.ends_with(".ClassVar") || path.ends_with(".InitVar") || path.ends_with("NodeID")
        }) {
            return None;
        }
        let mut one = GraphqlField {
            name: camel_of_snake(&field.name).into(),
            spot: Some(spot(program, class.file, &format!("{owner}.{}", field.name), field.at.line)),
            ..GraphqlField::default()
        };
        let resolver = made.as_ref().and_then(|(call, at, _)| {
            let resolver = call.keyword("resolver").or_else(|| call.positional(0))?;
            program.resolve(at, resolver).function()
        });
        if let Some(resolver) = resolver {
            self.signature(resolver, &mut one);
        }
        let declared = if head.outside().is_some_and(|path| path.ends_with(".auto")) {
            self.automatic(class, field)
        } else {
            self.written(&site, &field.ty)
        };
        if let Some(ty) = declared {
            one.ty = ty;
        }
        self.options(made.as_ref(), &mut one);
        if kind == GraphqlKind::Input {
            one.default = self.default(&site, field.default.as_ref(), made.as_ref());
        }
        Some(self.known(one))
    }

    /// A field of a type that is not known is told all the same.
    fn known(&self, mut one: GraphqlField) -> GraphqlField {
        if one.ty.is_empty() {
            one.ty = "Unknown".to_owned();
            one.is_unsure = true;
        }
        one
    }

    /// A method under `@strawberry.field`, `@strawberry.mutation` and their like.
    fn method(&mut self, owner: &Name, class: ClassRef, method: FuncRef) -> Option<GraphqlField> {
        let program = self.program;
        let site = program.inside_class(class);
        let function = program.function(method);
        let mut made = None;
        let is_field = function.decorators.iter().any(|decorator| match decorator {
            Expr::Call(_) => {
                made = self.maker(&site, decorator);
                made.is_some()
            }
            other => program.resolve(&site, other).outside().is_some_and(is_maker),
        });
        if !is_field {
            return None;
        }
        let mut one = GraphqlField {
            name: camel_of_snake(&function.name).into(),
            spot: Some(spot_of(program, owner, method)),
            ..GraphqlField::default()
        };
        self.signature(method, &mut one);
        if let Some((call, at, path)) = &made
            && path.ends_with(".connection")
        {
            if let Some(ty) = call.positional(0) {
                one.ty = self.written(at, &Type::spelled(ty)).unwrap_or(one.ty);
            }
            one.args.extend(paging());
        }
        self.options(made.as_ref(), &mut one);
        Some(self.known(one))
    }

    /// A call of the library that makes a field.
    fn maker(&self, site: &Site, expr: &'p Expr) -> Option<Made<'p>> {
        let Expr::Call(id) = expr else { return None };
        let call = CallRef { file: site.file, id: *id };
        let path = self.program.callee(call).outside().filter(|path| is_maker(path)).map(Name::from)?;
        let made = self.program.call(call);
        Some((made, Site::of_call(site.file, made), path))
    }

    /// What the call that makes a field says of it.
    fn options(&mut self, made: Option<&Made<'p>>, one: &mut GraphqlField) {
        let Some((call, at, path)) = made else { return };
        let text = |key: &str| call.keyword(key).and_then(|expr| self.program.text(at, expr).plain());
        if let Some(name) = text("name") {
            one.name = name.into();
        }
        one.doc = text("description").unwrap_or_default();
        one.deprecated = text("deprecation_reason");
        if let Some(ty) = call.keyword("graphql_type") {
            one.ty = self.written(at, &Type::spelled(ty)).unwrap_or_else(|| one.ty.clone());
        }
        if path.starts_with("strawberry_django.mutations.") && one.args.is_empty() {
            let input = call.positional(0).and_then(|ty| self.written(at, &Type::spelled(ty)));
            one.args.extend(input.map(|ty| GraphqlArgument { name: "data".into(), ty, ..GraphqlArgument::default() }));
        }
    }

    /// What a resolver takes and gives.
    fn signature(&mut self, function: FuncRef, one: &mut GraphqlField) {
        let program = self.program;
        let site = program.around(function);
        let declared = program.function(function);
        one.ty = self.written(&site, &declared.returns).unwrap_or_default();
        for param in &declared.params {
            one.args.extend(self.argument(&site, param));
        }
    }

    fn argument(&mut self, site: &Site, param: &Param) -> Option<GraphqlArgument> {
        let program = self.program;
        let is_plain = matches!(param.kind, ParamKind::Normal | ParamKind::Keyword | ParamKind::Positional);
        let name = param.name().filter(|name| is_plain && !matches!(name.as_str(), "self" | "cls" | "info" | "root"))?;
        let head = program.resolve_type(site, &param.ty);
        if head.outside().is_some_and(|path| path.ends_with(".Info") || path.ends_with(".Parent")) {
            return None;
        }
        // The program's own `Info = strawberry.Info[Context, None]`.
        if let Meaning::Value(Expr::Index(pair), at) = &head
            && program.resolve(at, &pair.0).outside().is_some_and(|path| path.ends_with(".Info"))
        {
            return None;
        }
        let mut arg = GraphqlArgument { name: camel_of_snake(name).into(), ..GraphqlArgument::default() };
        for said in param.ty.args().iter().skip(1) {
            let Type::Value(Expr::Call(id)) = said else { continue };
            let call = CallRef { file: site.file, id: *id };
            if program.callee(call).is_any(&["strawberry.argument"]) {
                let made = program.call(call);
                let text = |key: &str| made.keyword(key).and_then(|expr| program.text(site, expr).plain());
                if let Some(name) = text("name") {
                    arg.name = name.into();
                }
                arg.doc = text("description").unwrap_or_default();
                arg.deprecated = text("deprecation_reason");
            }
        }
        arg.ty = self.written(site, &param.ty).unwrap_or_else(|| "Unknown".to_owned());
        arg.default = self.default(site, param.default.as_ref(), None);
        Some(arg)
    }

    /// A default as GraphQL writes it.
    fn default(&self, site: &Site, expr: Option<&'p Expr>, made: Option<&Made<'p>>) -> Option<String> {
        let program = self.program;
        if let Some((call, at, _)) = made {
            if let Some(expr) = call.keyword("default") {
                return self.default_text(at, expr);
            }
            let factory = call.keyword("default_factory")?;
            return program.resolve(at, factory).is_any(&["builtins.list"]).then(|| "[]".to_owned());
        }
        self.default_text(site, expr?)
    }

    fn default_text(&self, site: &Site, expr: &Expr) -> Option<String> {
        if let Some(member) = enum_member(self.program, site, expr) {
            return Some(member.to_string());
        }
        literal(self.program, site, expr).map(|value| literal_text(&value))
    }

    /// The type of a model's field, for `strawberry.auto`.
    fn automatic(&self, class: ClassRef, field: &Field) -> Option<String> {
        let program = self.program;
        let site = program.around_class(class);
        let said = declared(program, class)?.call?;
        let model = program.resolve(&site, said.positional(0).or_else(|| said.keyword("model"))?).class()?;
        if matches!(field.name.as_str(), "id" | "pk") {
            return Some("ID!".to_owned());
        }
        let record = program.record(&program.shape_of_class(model, Vec::new(), Mode::Write))?;
        let member = record.member(&field.name)?;
        let ty = of_shape(&without_null(member.shape.clone()))?;
        Some(if member.shape.is_nullable() { nullable(&ty) } else { ty })
    }
}

/// A shape's scalar, never null.
fn of_shape(shape: &Shape) -> Option<String> {
    Some(
        match shape {
            Shape::Bool => "Boolean!",
            Shape::Int => "Int!",
            Shape::Number => "Float!",
            Shape::Text(format) => match format.as_deref() {
                Some("date-time") => "DateTime!",
                Some("date") => "Date!",
                Some("time") => "Time!",
                Some("uuid") => "UUID!",
                Some("decimal") => "Decimal!",
                _ => "String!",
            },
            Shape::Refined(inner, _) => return of_shape(inner),
            Shape::List(inner) => return Some(format!("[{}]!", of_shape(inner)?)),
            _ => return None,
        }
        .to_owned(),
    )
}

fn is_maker(path: &str) -> bool {
    let is_ours = path.starts_with("strawberry.") || path.starts_with("strawberry_django.");
    is_ours && path.rsplit('.').next().is_some_and(|name| MAKERS.contains(&name))
}

/// What every connection takes.
fn paging() -> Vec<GraphqlArgument> {
    let arg = |name: &str, ty: &str| GraphqlArgument {
        name: name.into(),
        ty: ty.to_owned(),
        default: Some("null".into()),
        ..GraphqlArgument::default()
    };
    vec![arg("before", "String"), arg("after", "String"), arg("first", "Int"), arg("last", "Int")]
}
