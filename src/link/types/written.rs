//! Types as written, whatever the language.

use serde_json::Value;

use super::Types;
use super::cache::is_expanding;
use crate::base::Name;
use crate::base::code::{ClassKind, Expr, Field, NamedType, ScopeId, ScopeKind, Type};
use crate::base::language::Language;
use crate::facts::file::Binding;
use crate::facts::members::{all_of, any_of, base, cap};
use crate::facts::program::{ClassRef, Meaning, Mode, Site};
use crate::facts::shape::{Generic, Member, Record, Shape, TypeKey, TypeSource};

/// How deep arguments of a generic type may nest.
const MAX_ARGS_DEPTH: u32 = 5;

impl Types<'_> {
    /// A type as a shape.
    pub(super) fn written(&self, site: &Site, ty: &Type, mode: Mode) -> Shape {
        match ty {
            Type::Unknown | Type::Function(_) => Shape::Any,
            Type::Named(named) => self.named(site, ty, named, mode),
            Type::Literal(expr) => self.literal_type(site, expr),
            Type::Union(types) => self.union(site, types, mode),
            Type::Inter(types) => all_of(types.iter().map(|ty| self.written(site, ty, mode))),
            Type::List(item) => self.list(site, item, mode),
            Type::Tuple(types) if types.is_empty() && self.language(site.file) == Language::Rust => Shape::Null,
            Type::Tuple(types) => Shape::Tuple(types.iter().map(|ty| self.written(site, ty, mode)).collect()),
            Type::Object(fields) => Shape::Record(Box::new(self.inline_record(site, fields, mode))),
            Type::Map(pair) => self.map(site, &pair.0, &pair.1, mode),
            Type::TypeOf(expr) => self.value(site, expr, mode),
            Type::KeyOf(of) => self.keys(site, of, mode),
            Type::Indexed(pair) => self.indexed(site, &pair.0, &pair.1, mode),
            Type::Mapped(mapped) => self.mapped(site, mapped, mode),
            Type::Bounds(types) => types.iter().map(|ty| self.written(site, ty, mode)).find(|shape| !shape.is_any()).unwrap_or_default(),
            Type::Value(expr) => self.type_expr(site, expr, mode),
        }
    }

    fn literal_type(&self, site: &Site, expr: &Expr) -> Shape {
        match expr {
            Expr::Null => Shape::Null,
            Expr::Template(_) => Shape::Text(None),
            expr => self.literal(site, expr).map_or(Shape::Any, |value| Shape::Enum(vec![value])),
        }
    }

    /// `undefined` is no value of a union: where it matters the member is optional.
    fn union(&self, site: &Site, types: &[Type], mode: Mode) -> Shape {
        any_of(types.iter().filter(|ty| !is_undefined(ty)).map(|ty| self.written(site, ty, mode)))
    }

    fn list(&self, site: &Site, item: &Type, mode: Mode) -> Shape {
        let is_bytes =
            self.language(site.file) == Language::Rust && matches!(item, Type::Named(named) if named.path == Expr::Ref("u8".into()));
        if is_bytes { Shape::Int.list() } else { self.written(site, item, mode).list() }
    }

    /// A map: of named members when its keys are known.
    pub(super) fn map(&self, site: &Site, key: &Type, value: &Type, mode: Mode) -> Shape {
        let value = self.written(site, value, mode);
        let keys = self.written(site, key, mode);
        match self.names_of(&keys) {
            Some(names) => Shape::record(names.into_iter().map(|name| Member::required(name, value.clone())).collect()),
            None => Shape::Map(Box::new(value)),
        }
    }

    /// The names among literals: `"a" | "b"`, an enum.
    pub(super) fn names_of(&self, keys: &Shape) -> Option<Vec<Name>> {
        match keys {
            Shape::Enum(values) => values.iter().map(name_of).collect(),
            Shape::Refined(inner, _) => self.names_of(inner),
            Shape::AnyOf(shapes) => {
                let parts: Option<Vec<Vec<Name>>> = shapes.iter().map(|shape| self.names_of(shape)).collect();
                parts.map(|parts| parts.concat())
            }
            Shape::Named(key) if !matches!(key.source, TypeSource::Param(..)) => match self.program.expand(key) {
                Shape::Named(_) => None,
                other => self.names_of(&other),
            },
            _ => None,
        }
    }

    /// The members of an object type written inline. Functions are no data.
    pub(super) fn inline_record(&self, site: &Site, fields: &[Field], mode: Mode) -> Record {
        let mut record = Record::default();
        for field in fields {
            if field.flags.is_static || field.flags.is_private || is_function(&field.ty) {
                continue;
            }
            match &field.ty {
                Type::Map(pair) if field.name.is_empty() || field.name.starts_with('[') => {
                    record.rest = Some(self.written(site, &pair.1, mode))
                }
                _ if field.name.is_empty() => {}
                ty => record.members.push(Member {
                    name: field.name.clone(),
                    shape: self.written(site, ty, mode),
                    required: !field.optional && !admits_undefined(ty),
                    doc: field.doc.clone(),
                    deprecated: is_deprecated(field.doc.as_deref()),
                    ..Member::default()
                }),
            }
        }
        record
    }

    fn named(&self, site: &Site, ty: &Type, named: &NamedType, mode: Mode) -> Shape {
        if let Expr::Ref(name) = &named.path {
            if let Some(param) = self.declared_param(site, name, mode) {
                return param;
            }
            if matches!(name.as_str(), "Self" | "this") {
                return self.class_around(site).map_or(Shape::Any, |class| self.itself(class, mode));
            }
        }
        if let Some(member) = self.enum_member(site, &named.path) {
            return member;
        }
        match self.program.resolve_type(site, ty) {
            Meaning::Class(class) => match self.applied_alias(site, named) {
                // `UserPage = Page[User]`
                Some((alias, at)) => self.written(&at, &alias, mode),
                None => self.applied(class, self.arguments(site, &named.args, mode), mode),
            },
            Meaning::Outside(path) => self.outside(&path, &named.args, site, mode),
            meaning @ Meaning::Value(..) => self.alias_value(site, named, &meaning, mode),
            _ => match &named.path {
                Expr::Ref(name) => self.outside(&format!("builtins.{name}"), &named.args, site, mode),
                _ => Shape::Any,
            },
        }
    }

    /// `Kind.A`: one value of an enum.
    fn enum_member(&self, site: &Site, path: &Expr) -> Option<Shape> {
        let Expr::Member(base, name) = path else { return None };
        if !self.language(site.file).is_script() {
            return None;
        }
        let class = self.program.resolve(site, base).class().filter(|class| self.class(*class).kind == ClassKind::Enum)?;
        let value = self.enum_values(class).into_iter().find(|(member, _)| member == name)?.1;
        value.map(|value| Shape::Enum(vec![value]))
    }

    /// A name of Python that is bound to a value: a type variable, `UserId = NewType(…)`, `Json = dict[str, Any]`, a schema.
    fn alias_value(&self, site: &Site, named: &NamedType, meaning: &Meaning, mode: Mode) -> Shape {
        if let Expr::Ref(name) = &named.path
            && let Some(param) = self.variable(site, name, meaning, mode)
        {
            return param;
        }
        let Some((expr, at)) = meaning.value() else { return Shape::Any };
        if let Some(class) = meaning.class().or_else(|| self.namesake(site, named, at)) {
            return self.applied(class, self.arguments(site, &named.args, mode), mode);
        }
        let Some(_step) = super::cache::ValueStep::enter() else { return Shape::Any };
        self.type_expr(at, expr, mode)
    }

    /// A generic class with its arguments that a name of this file is bound to, and where that is read.
    fn applied_alias(&self, site: &Site, named: &NamedType) -> Option<(Type, Site)> {
        let Expr::Ref(name) = &named.path else { return None };
        let (scope, bound) = self.binding(site, name)?;
        let Binding::Assign(index) = bound.to else { return None };
        let assign = self.outline(site.file).assigns.get(index as usize)?;
        let is_applied = named.args.is_empty() && matches!(assign.value, Expr::Index(_)) && bound.offset < site.offset;
        is_applied.then(|| (Type::spelled(&assign.value), site.moved(site.file, scope, assign.at.offset)))
    }

    /// In TypeScript a value and a type may share a name (`const Role = {…} as const; type Role = …`): the type.
    fn namesake(&self, site: &Site, named: &NamedType, at: &Site) -> Option<ClassRef> {
        let name = named.path.last_name().filter(|_| self.language(site.file).is_script())?;
        [site.file, at.file].into_iter().find_map(|file| {
            let bounds = self.program.file(file).bound(ScopeId(0), name);
            bounds.iter().find_map(|bound| if let Binding::Class(id) = bound.to { Some(ClassRef { file, id }) } else { None })
        })
    }

    /// Type arguments as shapes; values among them (constants, associated types) are left out.
    pub(super) fn arguments(&self, site: &Site, args: &[Type], mode: Mode) -> Vec<Shape> {
        args.iter().filter(|arg| !matches!(arg, Type::Value(Expr::Args(_)))).map(|arg| self.written(site, arg, mode)).collect()
    }

    /// A library's type: what its reader says, else what the standard library means by it.
    pub(super) fn outside(&self, path: &str, args: &[Type], site: &Site, mode: Mode) -> Shape {
        if let Some(shape) = self.readers.iter().find_map(|reader| reader.outside(self.program, path, args, site, mode)) {
            return shape;
        }
        match self.language(site.file) {
            Language::Python => self.python(path, args, site, mode),
            Language::Rust => self.rust(path, args, site, mode),
            Language::TypeScript | Language::Tsx | Language::JavaScript => self.script(path, args, site, mode),
        }
    }

    /// The first type argument.
    pub(super) fn first(&self, args: &[Type], site: &Site, mode: Mode) -> Shape {
        self.nth(args, 0, site, mode)
    }

    /// A type argument; anything when there is none.
    pub(super) fn nth(&self, args: &[Type], index: usize, site: &Site, mode: Mode) -> Shape {
        args.get(index).map_or(Shape::Any, |arg| self.written(site, arg, mode))
    }

    /// A class applied to arguments: its name. An alias that only names something simple is that.
    pub(super) fn applied(&self, class: ClassRef, mut args: Vec<Shape>, mode: Mode) -> Shape {
        let declared = self.class(class);
        if declared.kind == ClassKind::Trait {
            return Shape::Any;
        }
        cap(&mut args, MAX_ARGS_DEPTH);
        if args.iter().all(Shape::is_any) {
            args.clear();
        }
        let key = TypeKey { source: TypeSource::Class(class), name: declared.name.clone(), args, mode };
        if declared.kind == ClassKind::Alias && !is_expanding(&key.source) {
            let shape = self.program.expand(&key);
            if self.language(class.file) == Language::Rust || is_simple(&shape) {
                return shape;
            }
        }
        Shape::Named(Box::new(key))
    }

    /// A class applied to its own parameters.
    pub(super) fn itself(&self, class: ClassRef, mode: Mode) -> Shape {
        let params = self.params_of(class);
        self.applied(class, params.into_iter().map(|name| super::generic::param_shape(Generic::Class(class), name, mode)).collect(), mode)
    }

    /// The class whose body, method or `impl` block a site lies in.
    pub(super) fn class_around(&self, site: &Site) -> Option<ClassRef> {
        let outline = self.outline(site.file);
        outline.scopes_from(site.scope).find_map(|(_, scope)| match scope.kind {
            ScopeKind::Class(id) => Some(ClassRef { file: site.file, id }),
            ScopeKind::Function(id) => outline.function(id).class.map(|id| ClassRef { file: site.file, id }),
            ScopeKind::Impl(index) => {
                let block = outline.impls.get(index as usize)?;
                self.program.resolve_type(&Site::of_scope(site.file, block.scope), &block.ty).class()
            }
            _ => None,
        })
    }
}

/// Whether a shape needs no name of its own.
pub(super) fn is_simple(shape: &Shape) -> bool {
    match shape {
        Shape::List(_) | Shape::Map(_) | Shape::Named(_) => true,
        Shape::AnyOf(shapes) => shapes.iter().all(|shape| is_simple(shape) || matches!(shape, Shape::Enum(_))) && shapes.len() < 3,
        other => matches!(base(other), Shape::Any | Shape::Never | Shape::Null | Shape::Bool | Shape::Int | Shape::Number | Shape::Text(_)),
    }
}

/// A literal as the name of a member.
pub(super) fn name_of(value: &Value) -> Option<Name> {
    match value {
        Value::String(text) => Some(text.into()),
        Value::Number(number) => Some(number.to_string().into()),
        _ => None,
    }
}

/// `undefined`, `void`.
pub(super) fn is_undefined(ty: &Type) -> bool {
    matches!(ty, Type::Named(named) if matches!(&named.path, Expr::Ref(name) if name == "undefined" || name == "void"))
}

/// `T | undefined`.
pub(super) fn admits_undefined(ty: &Type) -> bool {
    is_undefined(ty) || matches!(ty, Type::Union(types) if types.iter().any(is_undefined))
}

/// A function type, or one that may be left out.
pub(super) fn is_function(ty: &Type) -> bool {
    match ty {
        Type::Function(_) => true,
        Type::Union(types) => {
            types.iter().any(is_function) && types.iter().all(|ty| is_function(ty) || is_undefined(ty) || *ty == Type::Literal(Expr::Null))
        }
        _ => false,
    }
}

/// Whether documentation says so.
pub(super) fn is_deprecated(doc: Option<&str>) -> bool {
    doc.is_some_and(|doc| doc.contains("@deprecated"))
}
