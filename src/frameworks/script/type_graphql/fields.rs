//! The fields of classes, and what resolvers take and give.

use super::LIBRARIES;
use super::types::Types;
use crate::base::Name;
use crate::base::code::{Expr, Param, Type};
use crate::facts::graphql::{GraphqlArgument, GraphqlField, GraphqlKind, non_null, nullable};
use crate::facts::program::{CallRef, ClassRef, FuncRef, Meaning, Site};
use crate::frameworks::graphql::{enum_member, literal_text, spot, spot_of};
use crate::frameworks::script::decorators::{Decor, decorators};
use crate::frameworks::script::literals::literal;

/// How deep classes extend one another.
const MAX_DEPTH: u32 = 12;
/// Decorators that make a field.
const FIELDS: &[&str] = &["Field", "FilterableField", "IDField"];

impl<'p> Types<'p> {
    /// The fields of a class, those of its bases first.
    pub(super) fn fields(&self, class: ClassRef, kind: GraphqlKind) -> Vec<GraphqlField> {
        self.fields_at(class, kind, 0)
    }

    fn fields_at(&self, class: ClassRef, kind: GraphqlKind, depth: u32) -> Vec<GraphqlField> {
        let mut fields: Vec<GraphqlField> = Vec::new();
        if depth > MAX_DEPTH {
            return fields;
        }
        let program = self.program;
        let site = program.around_class(class);
        for base in &program.class(class).bases {
            let more = match base {
                Type::Value(expr) => self.mapped(&site, expr, kind, depth + 1),
                ty => match program.resolve_type(&site, ty) {
                    Meaning::Class(base) if base != class => self.fields_at(base, kind, depth + 1),
                    _ => Vec::new(),
                },
            };
            more.into_iter().for_each(|field| put(&mut fields, field));
        }
        self.own_fields(class, kind).into_iter().for_each(|field| put(&mut fields, field));
        fields
    }

    /// `PartialType(CreateUser)`, `PickType(User, ["name"] as const)`, and what the program's own functions return.
    fn mapped(&self, site: &Site, expr: &Expr, kind: GraphqlKind, depth: u32) -> Vec<GraphqlField> {
        let Expr::Call(id) = expr else { return Vec::new() };
        if depth > MAX_DEPTH {
            return Vec::new();
        }
        let program = self.program;
        let call = CallRef { file: site.file, id: *id };
        let made = program.call(call);
        let callee = program.callee(call);
        let of = |position: usize| -> Vec<GraphqlField> {
            let Some(arg) = made.positional(position) else { return Vec::new() };
            match program.resolve(site, arg) {
                Meaning::Class(class) => self.fields_at(class, kind, depth + 1),
                _ => self.mapped(site, arg, kind, depth + 1),
            }
        };
        let keys = || -> Vec<String> {
            let listed = made.positional(1).and_then(|keys| program.items(site, keys)).unwrap_or_default();
            listed.iter().filter_map(|(key, at)| program.text(at, key).plain()).collect()
        };
        let Some(path) = callee.outside() else {
            return match program.produce(site, expr) {
                Meaning::Class(class) | Meaning::Instance(class) => self.fields_at(class, kind, depth + 1),
                Meaning::Value(Expr::Class(id), at) => self.fields_at(ClassRef { file: at.file, id: *id }, kind, depth + 1),
                _ => Vec::new(),
            };
        };
        let mut fields = of(0);
        match path.rsplit('.').next().unwrap_or_default() {
            "PartialType" => fields.iter_mut().for_each(|field| field.ty = nullable(&field.ty)),
            "PickType" => {
                let keys = keys();
                fields.retain(|field| keys.iter().any(|key| field.name == *key));
            }
            "OmitType" => {
                let keys = keys();
                fields.retain(|field| !keys.iter().any(|key| field.name == *key));
            }
            "IntersectionType" => {
                for position in 1..made.args.len().min(16) {
                    of(position).into_iter().for_each(|field| put(&mut fields, field));
                }
            }
            _ => {}
        }
        fields
    }

    fn own_fields(&self, class: ClassRef, kind: GraphqlKind) -> Vec<GraphqlField> {
        let program = self.program;
        let owner = program.class(class);
        let site = program.inside_class(class);
        let mut fields = Vec::new();
        for field in &owner.fields {
            let decors = decorators(program, &site, &field.decorators);
            let Some(said) = decors.iter().find(|decor| decor.of(LIBRARIES).is_some_and(|name| FIELDS.contains(&name))) else { continue };
            let mut one = GraphqlField {
                name: self.option_text(said, "name").map_or_else(|| field.name.clone(), Name::from),
                spot: Some(spot(program, class.file, &format!("{}.{}", owner.name, field.name), field.at.line)),
                ..GraphqlField::default()
            };
            self.describe(said, &mut one);
            self.set_type(said, || self.annotated(&site, &field.ty), &mut one);
            if kind == GraphqlKind::Input {
                let initial = field.default.as_ref().map(|expr| (expr, site.clone()));
                one.default = self.option(said, "defaultValue").or(initial).and_then(|(expr, at)| self.literal(&at, expr));
            }
            fields.push(one);
        }
        for id in &owner.methods {
            let method = FuncRef { file: class.file, id: *id };
            let decors = decorators(program, &site, &program.function(method).decorators);
            if let Some(said) = decors.iter().find(|decor| decor.of(LIBRARIES).is_some_and(|name| FIELDS.contains(&name)))
                && let Some(mut field) = self.member(method, said)
            {
                field.spot = Some(spot_of(program, &owner.name, method));
                fields.push(field);
            }
        }
        fields
    }

    /// A method as a field; `None` when its decorator names nothing but a field that a document declares.
    pub(super) fn member(&self, method: FuncRef, said: &Decor<'p>) -> Option<GraphqlField> {
        let program = self.program;
        let function = program.function(method);
        let site = program.inside(method);
        let first_name = said.arg(0).filter(|arg| !matches!(arg, Expr::Func(_) | Expr::Object(_) | Expr::List(_)));
        let first_name = first_name.and_then(|arg| program.text(&said.site, arg).plain());
        let has_type = said.args().iter().any(|arg| self.is_type(said, arg));
        if first_name.is_some() && !has_type && said.of(LIBRARIES) != Some("Field") {
            return None;
        }
        let given = self.option_text(said, "name").or(first_name);
        let mut one = GraphqlField { name: given.map_or_else(|| function.name.clone(), Name::from), ..GraphqlField::default() };
        self.describe(said, &mut one);
        self.set_type(said, || self.annotated(&program.around(method), &function.returns), &mut one);
        for param in &function.params {
            self.argument(method, &site, param, &mut one.args);
        }
        Some(one)
    }

    /// Whether an argument of a decorator stands for a type.
    fn is_type(&self, said: &Decor<'p>, arg: &'p Expr) -> bool {
        match arg {
            Expr::Func(_) | Expr::List(_) => true,
            Expr::Str(_) | Expr::Object(_) | Expr::Template(_) => false,
            other => matches!(self.program.resolve(&said.site, other), Meaning::Class(_) | Meaning::Function(..) | Meaning::Outside(_)),
        }
    }

    fn describe(&self, said: &Decor<'p>, one: &mut GraphqlField) {
        one.doc = self.option_text(said, "description").unwrap_or_default();
        one.deprecated = self.option_text(said, "deprecationReason");
    }

    /// The type that a decorator says, else the annotation's, as `nullable` has it.
    fn set_type(&self, said: &Decor<'p>, annotated: impl FnOnce() -> Option<String>, one: &mut GraphqlField) {
        let told = said.args().into_iter().find(|arg| self.is_type(said, arg)).and_then(|arg| self.named(&said.site, arg));
        one.is_unsure = told.is_none() && said.args().iter().any(|arg| matches!(arg, Expr::Func(_)));
        let ty = told.or_else(annotated).unwrap_or_else(|| {
            one.is_unsure = true;
            "Unknown".to_owned()
        });
        one.ty = self.with_null(said, &ty);
    }

    fn with_null(&self, said: &Decor<'p>, ty: &str) -> String {
        let Some((expr, at)) = self.option(said, "nullable") else { return non_null(ty) };
        match (expr, self.program.text(&at, expr).plain().as_deref()) {
            (Expr::Bool(false), _) => non_null(ty),
            (_, Some("items")) => non_null(&ty.replace("!]", "]")),
            (_, Some("itemsAndList")) => ty.replace("!]", "]"),
            _ => nullable(ty),
        }
    }

    /// `@Args("id", { type: () => ID }) id: string`, `@Arg("id", () => ID) id`, `@Args() paging: Paging`.
    fn argument(&self, method: FuncRef, site: &Site, param: &'p Param, args: &mut Vec<GraphqlArgument>) {
        let program = self.program;
        let around = program.around(method);
        for said in decorators(program, &around, &param.decorators) {
            if !matches!(said.of(LIBRARIES), Some("Args" | "Arg")) {
                continue;
            }
            let first = said.arg(0).filter(|arg| !matches!(arg, Expr::Func(_) | Expr::Object(_)));
            let given = first.and_then(|arg| program.text(&said.site, arg).plain()).or_else(|| self.option_text(&said, "name"));
            let is_flat = said.of(LIBRARIES) == Some("Args") && given.is_none() && self.option(&said, "type").is_none();
            if is_flat {
                if let Meaning::Class(class) = program.resolve_type(site, &param.ty) {
                    args.extend(self.fields(class, GraphqlKind::Input).into_iter().map(argument_of));
                }
                continue;
            }
            let Some(name) = given.map(Name::from).or_else(|| param.name().cloned()) else { continue };
            let told = self.option(&said, "type").and_then(|(expr, at)| self.named(&at, expr));
            let told = told
                .or_else(|| said.args().into_iter().find(|arg| matches!(arg, Expr::Func(_))).and_then(|arg| self.named(&said.site, arg)));
            let ty = told.or_else(|| self.annotated(site, &param.ty)).unwrap_or_else(|| "Unknown".to_owned());
            let initial = param.default.as_ref().map(|expr| (expr, site.clone()));
            args.push(GraphqlArgument {
                name,
                ty: self.with_null(&said, &ty),
                default: self.option(&said, "defaultValue").or(initial).and_then(|(expr, at)| self.literal(&at, expr)),
                doc: self.option_text(&said, "description").unwrap_or_default(),
                deprecated: self.option_text(&said, "deprecationReason"),
                ..GraphqlArgument::default()
            });
        }
    }

    fn literal(&self, site: &Site, expr: &Expr) -> Option<String> {
        if let Some(member) = enum_member(self.program, site, expr) {
            return Some(member.to_string());
        }
        literal(self.program, site, expr).map(|value| literal_text(&value))
    }
}

fn argument_of(field: GraphqlField) -> GraphqlArgument {
    let GraphqlField { name, ty, default, doc, deprecated, directives, .. } = field;
    GraphqlArgument { name, ty, default, doc, deprecated, directives }
}

/// Adds a field; one of the same name takes the other's place.
fn put(fields: &mut Vec<GraphqlField>, field: GraphqlField) {
    match fields.iter_mut().find(|known| known.name == field.name) {
        Some(known) => *known = field,
        None => fields.push(field),
    }
}
