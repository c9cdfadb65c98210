//! The members of a model: annotated fields through the bases, aliases, defaults, computed fields.

use super::config;
use crate::base::Name;
use crate::base::code::{Call, Expr, Field, FuncId, Type};
use crate::facts::members::merge;
use crate::facts::program::{CallRef, ClassRef, FuncRef, Meaning, Mode, Program, Site};
use crate::facts::shape::{Member, Record, Shape};
use crate::frameworks::python::annotations::{Annotation, library_call};
use crate::frameworks::python::constraints::constrained;
use crate::frameworks::python::literals::{literal, texts, truth};

/// The shape of a model.
#[must_use]
pub fn shape(program: &dyn Program, class: ClassRef, mode: Mode) -> Shape {
    if let Some(root) = root(program, class, mode) {
        return root;
    }
    let reading = Reading { program, alias: config::alias_of(program, class, mode), mode, is_first: is_first_version(program, class) };
    let mut record = Record { doc: program.class(class).doc.clone(), ..Record::default() };
    merge(&mut record, Record { members: inherited(program, class), ..Record::default() });
    for class in program.lineage(class).into_iter().rev() {
        let members = reading.own(class);
        merge(&mut record, Record { members, ..Record::default() });
    }
    record.members.retain(|member| !member.name.is_empty());
    record.rest = match config::said(program, class, "extra").and_then(|(value, site)| extra(program, &site, value)).as_deref() {
        Some("forbid") => Some(Shape::Never),
        Some("allow") => Some(Shape::Any),
        _ => None,
    };
    Shape::Record(Box::new(record))
}

/// `extra="forbid"`, `extra=Extra.forbid`.
fn extra(program: &dyn Program, site: &Site, value: &Expr) -> Option<String> {
    program.text(site, value).plain().or_else(|| value.last_name().map(ToString::to_string))
}

/// pydantic 1: there, a field that may be `None` may be left out.
fn is_first_version(program: &dyn Program, class: ClassRef) -> bool {
    program.outside_bases(class).iter().any(|base| base.starts_with("pydantic.v1.") || base.starts_with("pydantic.generics."))
}

/// `class Tags(RootModel[list[str]])`, `root: list[str]`, `__root__: list[str]`.
fn root(program: &dyn Program, class: ClassRef, mode: Mode) -> Option<Shape> {
    let is_root = program.outside_bases(class).iter().any(|base| base.ends_with(".RootModel"));
    for class in program.lineage(class) {
        let declared = program.class(class);
        let site = program.inside_class(class);
        let field = declared.fields.iter().find(|field| field.name == "__root__" || (is_root && field.name == "root"));
        if let Some(field) = field {
            return Some(program.shape_of_type(&site, &field.ty, mode));
        }
        let around = program.around_class(class);
        let base = declared.bases.iter().find(|base| {
            program.resolve_type(&around, base).outside().is_some_and(|path| path.ends_with(".RootModel")) && !base.args().is_empty()
        });
        if let Some(arg) = base.and_then(|base| base.args().first()) {
            return Some(program.shape_of_type(&site, arg, mode));
        }
    }
    None
}

/// Members that a library's own base brings along.
fn inherited(program: &dyn Program, class: ClassRef) -> Vec<Member> {
    let bases = program.outside_bases(class);
    let has = |name: &str| bases.iter().any(|base| base == name);
    let flags = ["is_active", "is_superuser", "is_verified"];
    let email = || Shape::format("email");
    if has("fastapi_users.schemas.BaseUser") {
        let mut members = vec![Member::required("id", user_id(program, class)), Member::required("email", email())];
        members.extend(flags.map(|flag| Member::optional(flag, Shape::Bool)));
        return members;
    }
    if has("fastapi_users.schemas.BaseUserCreate") || has("fastapi_users.schemas.BaseUserUpdate") {
        let is_create = has("fastapi_users.schemas.BaseUserCreate");
        let mut members = vec![Member { required: is_create, ..Member::required("email", email()) }];
        members.push(Member { required: is_create, ..Member::required("password", Shape::Text(None)) });
        members.extend(flags.map(|flag| Member::optional(flag, Shape::Bool.or_null())));
        return members;
    }
    if bases.iter().any(|base| base.starts_with("beanie.") && base.ends_with(".Document")) {
        return vec![Member::optional("_id", Shape::Text(None).or_null())];
    }
    Vec::new()
}

/// `BaseUser[uuid.UUID]`.
fn user_id(program: &dyn Program, class: ClassRef) -> Shape {
    let args = program.class(class).bases.iter().find_map(|base| base.args().first());
    args.map_or(Shape::Any, |arg| program.shape_of_type(&program.around_class(class), arg, Mode::Write))
}

struct Reading<'p> {
    program: &'p dyn Program,
    alias: Option<fn(&str) -> String>,
    mode: Mode,
    is_first: bool,
}

/// What `Field(…)` calls say of a field, the last one first.
struct Said<'p>(Vec<(&'p Call, Site)>);

impl<'p> Said<'p> {
    fn keyword(&self, name: &str) -> Option<(&'p Expr, &Site)> {
        self.0.iter().find_map(|(call, site)| call.keyword(name).map(|expr| (expr, site)))
    }
}

impl<'p> Reading<'p> {
    fn own(&self, class: ClassRef) -> Vec<Member> {
        let declared = self.program.file(class.file).outline.class(class.id);
        let site = self.program.inside_class(class);
        let mut members: Vec<Member> = declared.fields.iter().filter_map(|field| self.field(&site, field)).collect();
        if self.mode == Mode::Write {
            members.extend(declared.methods.iter().filter_map(|id| self.computed(class, *id)));
        }
        members
    }

    fn field(&self, site: &Site, field: &'p Field) -> Option<Member> {
        if field.name.starts_with('_') || field.name == "model_config" || self.is_no_field(site, field) {
            return None;
        }
        let annotation = Annotation::new(self.program, site, &field.ty);
        let said = self.said(site, &annotation, field.default.as_ref());
        if truth(self.program, site, said.keyword("exclude").map(|(expr, _)| expr)) == Some(true) && self.mode == Mode::Write {
            return None;
        }
        let mut shape = match &field.ty {
            Type::Unknown => self.program.shape_of_value(site, field.default.as_ref()?, self.mode),
            ty => self.program.shape_of_type(site, ty, self.mode),
        };
        let default = self.default(site, field, &said);
        let default_call = field.default.as_ref().and_then(|expr| self.field_call(site, expr));
        if let Some((call, at)) = &default_call {
            shape = constrained(self.program, at, call, shape);
        }
        if let Some((expr, at)) = said.keyword("discriminator") {
            shape = told_apart(shape, self.program.text(at, expr).plain());
        }
        let mut required = matches!(default, Default::Required);
        if let Default::Value(expr, at) = &default
            && let Some(value) = literal(self.program, at, expr).filter(|value| !value.is_null())
        {
            shape = shape.with("default", value);
        }
        if self.is_first && required && shape.is_nullable() && field.default.is_none() {
            required = false;
        }
        let description = said.keyword("description").and_then(|(expr, at)| self.program.text(at, expr).plain());
        let deprecated = said.keyword("deprecated").is_some_and(|(expr, _)| !matches!(expr, Expr::Null | Expr::Bool(false)));
        Some(Member {
            name: self.wire_name(&field.name, &said),
            shape,
            required,
            doc: description.map(Name::from).or_else(|| field.doc.clone()),
            deprecated,
            ..Member::default()
        })
    }

    /// Class variables, private attributes, relationships to other tables, names without annotation that are no data.
    fn is_no_field(&self, site: &Site, field: &Field) -> bool {
        if matches!(field.ty.last_name().map(Name::as_str), Some("ClassVar" | "InitVar")) {
            return true;
        }
        let Some(default) = &field.default else { return field.ty == Type::Unknown };
        if field.ty == Type::Unknown {
            return literal(self.program, site, default).is_none_or(|value| value.is_null());
        }
        match library_call(self.program, site, default) {
            Some((path, ..)) => path.ends_with(".PrivateAttr") || path.ends_with(".Relationship"),
            None => false,
        }
    }

    fn said(&self, site: &Site, annotation: &Annotation<'p>, default: Option<&'p Expr>) -> Said<'p> {
        let mut calls: Vec<(&'p Call, Site)> = default.and_then(|expr| self.field_call(site, expr)).into_iter().collect();
        calls.extend(annotation.metadata.iter().rev().filter_map(|(expr, at)| self.field_call(at, expr)));
        Said(calls)
    }

    /// The `Field(…)` an expression is, also one that a function of the program makes.
    fn field_call(&self, site: &Site, expr: &'p Expr) -> Option<(&'p Call, Site)> {
        if !matches!(expr, Expr::Call(_) | Expr::Ref(_) | Expr::Member(..)) {
            return None;
        }
        let meaning = self.program.produce(site, expr);
        let (call, at) = meaning.call()?;
        let path = self.program.callee(call);
        let is_field = path.outside().is_some_and(|path| path.ends_with(".Field") || path.ends_with(".FieldInfo"));
        is_field.then(|| (self.program.file(call.file).outline.call(call.id), at.clone()))
    }

    fn default(&self, site: &Site, field: &'p Field, said: &Said<'p>) -> Default<'p> {
        let of_call = |call: &'p Call, at: &Site| match call.arg(0, "default") {
            Some(expr) if !is_ellipsis(expr) => Some(Default::Value(expr, at.clone())),
            _ if call.keyword("default_factory").is_some() => Some(Default::Made),
            _ => None,
        };
        if let Some(expr) = &field.default
            && self.field_call(site, expr).is_none()
        {
            return if is_ellipsis(expr) { Default::Required } else { Default::Value(expr, site.clone()) };
        }
        said.0.iter().find_map(|(call, at)| of_call(call, at)).unwrap_or(Default::Required)
    }

    fn wire_name(&self, name: &Name, said: &Said<'p>) -> Name {
        let own = if self.mode == Mode::Read { "validation_alias" } else { "serialization_alias" };
        for keyword in [own, "alias"] {
            let Some((expr, at)) = said.keyword(keyword) else { continue };
            if let Some(alias) = self.alias(at, expr) {
                return alias;
            }
        }
        self.alias.map_or_else(|| name.clone(), |make| make(name).into())
    }

    /// A text, or the first of `AliasChoices("a", "b")`, or the first step of `AliasPath("a", 0)`.
    fn alias(&self, site: &Site, expr: &'p Expr) -> Option<Name> {
        if let Some((_, call, at)) = library_call(self.program, site, expr) {
            let first = self.program.file(call.file).outline.call(call.id).positional(0)?;
            return texts(self.program, &at, first).into_iter().next();
        }
        self.program.text(site, expr).plain().map(Name::from)
    }

    /// `@computed_field @property def total(self) -> int`.
    fn computed(&self, class: ClassRef, id: FuncId) -> Option<Member> {
        let function = self.program.file(class.file).outline.function(id);
        let around = self.program.around(FuncRef { file: class.file, id });
        let decorator = function.decorators.iter().find(|decorator| {
            let callee = match decorator {
                Expr::Call(id) => self.program.callee(CallRef { file: class.file, id: *id }),
                other => self.program.resolve(&around, other),
            };
            matches!(callee, Meaning::Outside(path) if path.starts_with("pydantic.") && path.ends_with(".computed_field"))
        })?;
        let said = match decorator {
            Expr::Call(id) => Said(vec![(self.program.file(class.file).outline.call(*id), around.clone())]),
            _ => Said(Vec::new()),
        };
        let mut shape = self.program.shape_of_type(&around, &function.returns, self.mode);
        if function.returns == Type::Unknown
            && let Some((expr, at)) = said.keyword("return_type")
        {
            shape = self.program.shape_of_type(at, &Type::spelled(expr), self.mode);
        }
        let doc = said.keyword("description").and_then(|(expr, at)| self.program.text(at, expr).plain()).map(Name::from);
        let name = self.wire_name(&function.name, &said);
        Some(Member { name, shape, required: true, doc: doc.or_else(|| function.doc.clone()), read_only: true, ..Member::default() })
    }
}

/// What a field is without being given.
enum Default<'p> {
    /// It must be given.
    Required,
    /// This.
    Value(&'p Expr, Site),
    /// What a factory makes.
    Made,
}

/// `...`.
#[must_use]
pub fn is_ellipsis(expr: &Expr) -> bool {
    matches!(expr, Expr::Ref(name) if name == "..." || name == "Ellipsis")
}

/// A union whose members a property tells apart.
fn told_apart(shape: Shape, by: Option<String>) -> Shape {
    match (shape, by) {
        (Shape::AnyOf(shapes), Some(by)) => {
            let (nulls, shapes): (Vec<Shape>, Vec<Shape>) = shapes.into_iter().partition(|shape| *shape == Shape::Null);
            let one = Shape::OneOf(shapes, Some(by.into()));
            if nulls.is_empty() { one } else { one.or_null() }
        }
        (shape, _) => shape,
    }
}
