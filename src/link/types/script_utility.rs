//! TypeScript's types that are computed from others: utility types, `keyof`, `T["k"]`, mapped types.

use serde_json::Value;

use super::Types;
use crate::base::Name;
use crate::base::code::{Expr, Field, NamedType, Type};
use crate::facts::members::{any_of, without_null};
use crate::facts::program::{Mode, Site};
use crate::facts::shape::{Member, Record, Shape};

impl Types<'_> {
    /// `Partial<T>` and its like; [`Shape::Any`] for what is none.
    pub(super) fn utility(&self, name: &str, args: &[Type], site: &Site, mode: Mode) -> Shape {
        match name {
            "Partial" => self.each_member(args, site, mode, |member| Some(Member { required: false, ..member })),
            "Required" => {
                self.each_member(args, site, mode, |member| Some(Member { required: true, shape: without_null(member.shape), ..member }))
            }
            "Pick" | "Omit" => {
                let named = self.names_of(&self.nth(args, 1, site, mode)).unwrap_or_default();
                let keeps = name == "Pick";
                self.each_member(args, site, mode, |member| (named.contains(&member.name) == keeps).then_some(member))
            }
            "Exclude" | "Extract" => self.chosen(args, site, mode, name == "Extract"),
            "ReturnType" => self.signature(args, site).map_or(Shape::Any, |function| self.returned(function, mode)),
            "Parameters" => match self.signature(args, site) {
                Some(function) => {
                    let declared = self.outline(function.file).function(function.id);
                    let at = self.signature_site(function);
                    Shape::Tuple(declared.params.iter().map(|param| self.written(&at, &param.ty, mode)).collect())
                }
                None => Shape::Any,
            },
            "InstanceType" => match args.first() {
                Some(Type::TypeOf(expr)) => {
                    self.program.resolve(site, expr).class().map_or(Shape::Any, |class| self.applied(class, Vec::new(), mode))
                }
                _ => Shape::Any,
            },
            _ => Shape::Any,
        }
    }

    fn each_member(&self, args: &[Type], site: &Site, mode: Mode, change: impl Fn(Member) -> Option<Member>) -> Shape {
        let of = self.first(args, site, mode);
        let Some(record) = self.record_of(&of, 0) else { return of };
        let members = record.members.into_iter().filter_map(change).collect();
        Shape::Record(Box::new(Record { members, rest: record.rest, doc: None }))
    }

    /// Members of a union that are, or are not, among others.
    fn chosen(&self, args: &[Type], site: &Site, mode: Mode, keeps: bool) -> Shape {
        let (from, among) = (self.open(self.first(args, site, mode)), self.open(self.nth(args, 1, site, mode)));
        let among = alternatives(among);
        any_of(alternatives(from).into_iter().filter(|shape| {
            let is_there = among.contains(shape)
                || matches!(shape, Shape::Enum(values) if values.iter().all(Value::is_string)) && among.contains(&Shape::Text(None));
            is_there == keeps
        }))
    }

    /// A named union or enum opened.
    fn open(&self, shape: Shape) -> Shape {
        match &shape {
            Shape::Named(key) => match self.program.expand(key) {
                opened @ (Shape::AnyOf(_) | Shape::Enum(_)) => opened,
                _ => shape,
            },
            _ => shape,
        }
    }

    /// The function in `ReturnType<typeof f>`.
    fn signature(&self, args: &[Type], site: &Site) -> Option<crate::facts::program::FuncRef> {
        let Some(Type::TypeOf(expr)) = args.first() else { return None };
        self.program.resolve(site, expr).function()
    }

    /// `keyof T`.
    pub(super) fn keys(&self, site: &Site, of: &Type, mode: Mode) -> Shape {
        let names: Vec<Name> = match of {
            Type::TypeOf(expr) => match self.program.entries(site, expr) {
                Some(entries) => entries.into_iter().map(|(name, ..)| name).collect(),
                None => self.enum_names(site, expr),
            },
            of => match self.record_of(&self.written(site, of, mode), 0) {
                Some(record) => record.members.into_iter().map(|member| member.name).collect(),
                None => Vec::new(),
            },
        };
        if names.is_empty() { Shape::Text(None) } else { Shape::Enum(names.iter().map(|name| Value::from(name.as_str())).collect()) }
    }

    /// Of `typeof Color`, where that is an enum.
    fn enum_names(&self, site: &Site, expr: &Expr) -> Vec<Name> {
        match self.program.resolve(site, expr).class() {
            Some(class) => self.class(class).variants.iter().map(|variant| variant.name.clone()).collect(),
            None => Vec::new(),
        }
    }

    /// `T["k"]`, `T[number]`, `(typeof X)[keyof typeof X]`.
    pub(super) fn indexed(&self, site: &Site, of: &Type, key: &Type, mode: Mode) -> Shape {
        let is_number = matches!(key, Type::Named(named) if named.path == Expr::Ref("number".into()));
        if let Type::TypeOf(expr) = of
            && let Some(literals) = self.literals_in(site, expr, is_number)
            && (is_number || matches!(key, Type::KeyOf(_)))
        {
            return any_of([Shape::Enum(literals)]);
        }
        let of = self.written(site, of, mode);
        if is_number || matches!(key, Type::Literal(Expr::Int(_))) {
            return self.element(&of);
        }
        let Some(record) = self.record_of(&of, 0) else {
            return if let Shape::Map(value) = of { *value } else { Shape::Any };
        };
        match self.names_of(&self.written(site, key, mode)) {
            Some(names) => any_of(record.members.into_iter().filter(|member| names.contains(&member.name)).map(|member| member.shape)),
            None if matches!(key, Type::KeyOf(_)) => any_of(record.members.into_iter().map(|member| member.shape)),
            None => Shape::Any,
        }
    }

    /// The literals of a constant list or object, when it holds nothing else.
    fn literals_in(&self, site: &Site, expr: &Expr, is_list: bool) -> Option<Vec<Value>> {
        let values: Vec<Value> = if is_list {
            self.program.items(site, expr)?.into_iter().map(|(item, at)| self.literal(&at, item)).collect::<Option<_>>()?
        } else {
            self.program.entries(site, expr)?.into_iter().map(|(_, value, at)| self.literal(&at, value)).collect::<Option<_>>()?
        };
        let mut distinct: Vec<Value> = Vec::new();
        for value in values {
            if !distinct.contains(&value) {
                distinct.push(value);
            }
        }
        (!distinct.is_empty()).then_some(distinct)
    }

    /// What a list holds.
    pub(super) fn element(&self, shape: &Shape) -> Shape {
        match shape {
            Shape::List(item) => (**item).clone(),
            Shape::Tuple(items) => any_of(items.iter().cloned()),
            Shape::Refined(inner, _) => self.element(inner),
            Shape::AnyOf(shapes) => any_of(shapes.iter().filter(|shape| **shape != Shape::Null).map(|shape| self.element(shape))),
            Shape::Named(key) => match self.program.expand(key) {
                Shape::Named(_) => Shape::Any,
                opened => self.element(&opened),
            },
            _ => Shape::Any,
        }
    }

    /// `{ [K in Keys]: V }`.
    pub(super) fn mapped(&self, site: &Site, (param, keys, value, optional): &(Name, Type, Type, bool), mode: Mode) -> Shape {
        let source = match keys {
            Type::KeyOf(of) => self.record_of(&self.written(site, of, mode), 0),
            _ => None,
        };
        let Some(names) = self.names_of(&self.written(site, keys, mode)) else {
            return Shape::Map(Box::new(self.written(site, value, mode)));
        };
        let members = names.into_iter().map(|name| {
            let old = source.as_ref().and_then(|source| source.member(&name));
            let shape = self.written(site, &with_name(value, param, &name, 0), mode);
            Member { name, shape, required: !optional && old.is_none_or(|old| old.required), ..Member::default() }
        });
        Shape::record(members.collect())
    }
}

/// A type with a literal in the place of a name: `T[K] | null` for `K` being `"id"`.
fn with_name(ty: &Type, param: &Name, name: &Name, depth: u32) -> Type {
    if depth > 32 {
        return Type::Unknown;
    }
    let one = |ty: &Type| with_name(ty, param, name, depth + 1);
    let each = |types: &[Type]| -> Box<[Type]> { types.iter().map(one).collect() };
    match ty {
        Type::Named(named) if named.path == Expr::Ref(param.clone()) => Type::Literal(Expr::Str(name.clone())),
        Type::Named(named) => Type::Named(Box::new(NamedType { path: named.path.clone(), args: each(&named.args) })),
        Type::Union(types) => Type::Union(each(types)),
        Type::Inter(types) => Type::Inter(each(types)),
        Type::Tuple(types) => Type::Tuple(each(types)),
        Type::List(item) => Type::List(Box::new(one(item))),
        Type::Indexed(pair) => Type::Indexed(Box::new((one(&pair.0), one(&pair.1)))),
        Type::Object(fields) => Type::Object(fields.iter().map(|field| Field { ty: one(&field.ty), ..field.clone() }).collect()),
        other => other.clone(),
    }
}

fn alternatives(shape: Shape) -> Vec<Shape> {
    match shape {
        Shape::AnyOf(shapes) => shapes.into_iter().flat_map(alternatives).collect(),
        Shape::Enum(values) => values.into_iter().map(|value| Shape::Enum(vec![value])).collect(),
        other => vec![other],
    }
}
