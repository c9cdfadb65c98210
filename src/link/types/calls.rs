//! Shapes of what calls give: instances, results of the program's functions, results of well-known library functions and methods.

use super::Types;
use super::pass::passes_receiver;
use super::values::frame;
use crate::base::code::{Call, CallKind, ClassKind, Expr, ParamKind, Type};
use crate::facts::members::{Filling, any_of, fill, unify, without_null};
use crate::facts::program::{CallRef, ClassRef, FuncRef, Meaning, Mode, Site};
use crate::facts::shape::{Generic, Member, Shape, TypeSource};

impl Types<'_> {
    /// A call, as the value it gives.
    pub(super) fn call_value(&self, site: &Site, call: CallRef, expr: &Expr, mode: Mode) -> Shape {
        if let Some(shape) = self.readers.iter().find_map(|reader| reader.value(self.program, expr, site, mode)) {
            return shape;
        }
        let made = self.outline(call.file).call(call.id);
        let at = site.moved(call.file, made.scope, made.at.offset);
        let meaning = self.program.callee(call);
        if let Some(class) = meaning.class() {
            return self.instance_value(&at, class, made, mode);
        }
        if let Some(function) = self.called(&at, call, &meaning) {
            return self.result(&at, call, function, mode);
        }
        match &meaning {
            Meaning::Outside(path) => self.outside_call(path, &at, made, mode),
            _ => match made.method() {
                Some((receiver, name)) => self.method_value(&at, receiver, name, made, mode),
                None => Shape::Any,
            },
        }
    }

    /// Type arguments of a call, written behind it or in its callee: `new Page<User>()`, `Page[User](…)`.
    pub(super) fn call_arguments(&self, site: &Site, made: &Call, mode: Mode) -> Vec<Shape> {
        if !made.type_args.is_empty() {
            return self.arguments(site, &made.type_args, mode);
        }
        match &made.callee {
            Expr::Index(_) => self.arguments(site, Type::spelled(&made.callee).args(), mode),
            _ => Vec::new(),
        }
    }

    /// An instance: of a generic class without written arguments, they are learnt from what it is made with.
    fn instance_value(&self, site: &Site, class: ClassRef, made: &Call, mode: Mode) -> Shape {
        let args = self.call_arguments(site, made, mode);
        let params = if args.is_empty() { self.params_of(class) } else { Vec::new() };
        if params.is_empty() {
            return self.applied(class, args, mode);
        }
        let mut filling = Filling::new();
        for (general, value) in self.paired(class, made, mode) {
            unify(&general, &self.value(site, value, mode), &mut filling);
        }
        if filling.is_empty() {
            return self.applied(class, Vec::new(), mode);
        }
        let args = params.into_iter().map(|name| {
            let source = TypeSource::Param(Generic::Class(class), name);
            filling.iter().find(|(known, _)| *known == source).map_or(Shape::Any, |(_, shape)| shape.clone())
        });
        self.applied(class, args.collect(), mode)
    }

    /// The types of a class's fields or constructor parameters, with the values given for them.
    fn paired<'e>(&self, class: ClassRef, made: &'e Call, mode: Mode) -> Vec<(Shape, &'e Expr)> {
        let declared = self.class(class);
        let site = Site::of_scope(class.file, declared.inner);
        let by_name = made.args.iter().filter_map(|arg| {
            let field = declared.fields.iter().find(|field| Some(&field.name) == arg.name.as_ref())?;
            Some((self.written(&site, &field.ty, mode), &arg.value))
        });
        let mut pairs: Vec<(Shape, &Expr)> = by_name.collect();
        if declared.kind == ClassKind::TupleStruct {
            pairs.extend(
                declared.fields.iter().zip(made.args.iter()).map(|(field, arg)| (self.written(&site, &field.ty, mode), &arg.value)),
            );
        }
        let constructor = self.program.method(class, "constructor").or_else(|| self.program.method(class, "__init__"));
        if let Some(function) = constructor {
            pairs.extend(self.given_to(function, made, mode));
        }
        pairs
    }

    /// The types of a function's parameters, with the values given for them.
    fn given_to<'e>(&self, function: FuncRef, made: &'e Call, mode: Mode) -> Vec<(Shape, &'e Expr)> {
        let declared = self.outline(function.file).function(function.id);
        let site = self.signature_site(function);
        let params = declared.params.iter().filter(|param| param.kind != ParamKind::Receiver).enumerate();
        params
            .filter(|(_, param)| param.ty != Type::Unknown)
            .filter_map(|(index, param)| {
                let value = made.arg(index, param.name().map_or("", |name| name.as_str()))?;
                Some((self.written(&site, &param.ty, mode), value))
            })
            .collect()
    }

    /// What a function of the program gives: by its signature, else by the values it returns.
    fn result(&self, site: &Site, call: CallRef, function: FuncRef, mode: Mode) -> Shape {
        let made = self.outline(call.file).call(call.id);
        let declared = self.outline(function.file).function(function.id);
        let written = self.written(&self.signature_site(function), &declared.returns, mode);
        if written.is_any() {
            let Some(env) = frame(site, call, function) else { return Shape::Any };
            let returned = self.returned_values(function, &env, mode);
            return if mentions_params(&returned, 0) {
                self.closed(fill(returned, &self.receiver_filling(site, made, mode)), mode)
            } else {
                returned
            };
        }
        if !mentions_params(&written, 0) {
            return written;
        }
        let mut filling = self.receiver_filling(site, made, mode);
        for (param, arg) in declared.type_params.iter().zip(self.arguments(site, &made.type_args, mode)) {
            filling.push((TypeSource::Param(Generic::Function(function), param.name.clone()), arg));
        }
        for (general, value) in self.given_to(function, made, mode) {
            unify(&general, &self.value(site, value, mode), &mut filling);
        }
        self.closed(fill(written, &filling), mode)
    }

    /// What the type parameters of a method's class stand for, by the receiver it is called on.
    fn receiver_filling(&self, site: &Site, made: &Call, mode: Mode) -> Filling {
        let Some((receiver, _)) = made.method() else { return Filling::new() };
        let Some((class, mut args)) = self.instance(site, receiver, mode) else { return Filling::new() };
        if args.is_empty()
            && !self.params_of(class).is_empty()
            && let Shape::Named(key) = self.value(site, receiver, mode)
            && key.source == TypeSource::Class(class)
        {
            args = key.args;
        }
        let mut filling = self.filling(class, &args, mode);
        if args.is_empty() {
            // Not written: arguments of the call may still tell.
            filling.retain(|(source, _)| !matches!(source, TypeSource::Param(Generic::Class(of), _) if *of == class));
        }
        filling
    }

    /// A function of a library that is known well.
    fn outside_call(&self, path: &str, site: &Site, made: &Call, mode: Mode) -> Shape {
        let value = |index: usize| made.positional(index).map_or(Shape::Any, |expr| self.value(site, expr, mode));
        match path {
            "builtins.dict" => self.dict_value(site, made, mode),
            "builtins.list" | "builtins.sorted" | "builtins.reversed" | "builtins.tuple" | "builtins.Array.from" | "builtins.Array" => {
                match made.positional(1) {
                    Some(callback) if path == "builtins.Array.from" => self.callback_result(site, callback, mode).list(),
                    _ => self.element(&value(0)).list(),
                }
            }
            "builtins.vec" => any_of(made.args.iter().map(|arg| self.value(site, &arg.value, mode))).list(),
            "builtins.set" | "builtins.frozenset" => self.element(&value(0)).list().with("uniqueItems", true),
            "builtins.str"
            | "builtins.repr"
            | "builtins.JSON.stringify"
            | "builtins.String"
            | "json.dumps"
            | "builtins.String.from"
            | "builtins.String.new" => Shape::Text(None),
            "builtins.int" | "builtins.len" | "builtins.parseInt" | "builtins.Date.now" => Shape::Int,
            "builtins.float" | "builtins.round" | "builtins.Number" | "builtins.parseFloat" | "time.time" => Shape::Number,
            "builtins.bool" | "builtins.any" | "builtins.all" | "builtins.isinstance" | "builtins.Boolean" | "builtins.Array.isArray" => {
                Shape::Bool
            }
            "builtins.min" | "builtins.max" | "builtins.next" => self.element(&value(0)),
            "builtins.Object.keys" => Shape::Text(None).list(),
            "builtins.Object.values" => self.held(&value(0)).list(),
            "builtins.Object.entries" => pairs(Shape::Text(None), self.held(&value(0))),
            "builtins.enumerate" => pairs(Shape::Int, self.element(&value(0))),
            "builtins.Object.assign" => self.laid_over(made.args.iter().map(|arg| self.value(site, &arg.value, mode)).collect()),
            "builtins.Object.fromEntries" => Shape::Map(Box::new(Shape::Any)),
            "builtins.Promise.all" | "asyncio.gather" => match made.positional(0) {
                Some(Expr::List(items)) => Shape::Tuple(items.iter().take(64).map(|item| self.value(site, item, mode)).collect()),
                _ if path == "asyncio.gather" => {
                    Shape::Tuple(made.args.iter().take(64).map(|arg| self.value(site, &arg.value, mode)).collect())
                }
                _ => value(0),
            },
            "builtins.Some"
            | "builtins.Ok"
            | "builtins.Box.new"
            | "builtins.Promise.resolve"
            | "builtins.structuredClone"
            | "copy.copy"
            | "copy.deepcopy"
            | "dataclasses.asdict"
            | "dataclasses.replace"
            | "std.sync.Arc.new"
            | "std.rc.Rc.new"
            | "builtins.Object.freeze" => value(0),
            "builtins.Err" => Shape::Never,
            "typing.cast" => made.positional(0).map_or(Shape::Any, |ty| self.type_expr(site, ty, mode)),
            "uuid.uuid1"
            | "uuid.uuid3"
            | "uuid.uuid4"
            | "uuid.uuid5"
            | "crypto.randomUUID"
            | "builtins.crypto.randomUUID"
            | "node:crypto.randomUUID" => Shape::format("uuid"),
            "datetime.datetime.now"
            | "datetime.datetime.utcnow"
            | "datetime.datetime.fromisoformat"
            | "datetime.datetime.fromtimestamp" => Shape::format("date-time"),
            "datetime.date.today" | "datetime.date.fromisoformat" => Shape::format("date"),
            path if path.starts_with("builtins.Math.") => Shape::Number,
            path => self.constructed(path, site, made, mode),
        }
    }

    /// What the members of an object hold.
    fn held(&self, of: &Shape) -> Shape {
        match self.record_of(of, 0) {
            Some(record) => any_of(record.members.into_iter().map(|member| member.shape)),
            None => self.member_shape(of, ""),
        }
    }

    /// `dict(a=1)`, `dict(x)`.
    fn dict_value(&self, site: &Site, made: &Call, mode: Mode) -> Shape {
        let named = made.args.iter().filter(|arg| arg.name.is_some());
        let members: Vec<Member> = named
            .filter(|arg| arg.name.as_deref() != Some("**"))
            .filter_map(|arg| Some(Member::required(arg.name.clone()?, self.value(site, &arg.value, mode))))
            .collect();
        match made.positional(0) {
            Some(from) => match self.value(site, from, mode) {
                Shape::Any | Shape::List(_) => Shape::Map(Box::new(Shape::Any)),
                from => self.laid_over(vec![from, Shape::record(members)]),
            },
            None if members.is_empty() => Shape::Map(Box::new(Shape::Any)),
            None => Shape::record(members),
        }
    }

    /// A library's class called: `new Date()`, `Decimal("1")`; Rust's `HashMap::new()`; else a method of a receiver.
    fn constructed(&self, path: &str, site: &Site, made: &Call, mode: Mode) -> Shape {
        let class =
            path.strip_suffix(".new").or_else(|| path.strip_suffix(".default")).or_else(|| path.strip_suffix(".from")).unwrap_or(path);
        if made.kind != CallKind::Plain || class.contains('.') {
            let shape = self.outside(class, &made.type_args, site, mode);
            if !shape.is_any() {
                return shape;
            }
        }
        match made.method() {
            Some((receiver, name)) => self.method_value(site, receiver, name, made, mode),
            None => Shape::Any,
        }
    }

    /// A method of a value of the standard library.
    fn method_value(&self, site: &Site, receiver: &Expr, name: &str, made: &Call, mode: Mode) -> Shape {
        match name {
            "toString" | "to_string" | "toLowerCase" | "toUpperCase" | "trim" | "join" | "lower" | "upper" | "strip" | "title"
            | "format" | "toFixed" | "hexdigest" | "decode" | "strftime" | "toLocaleString" => return Shape::Text(None),
            "toISOString" | "isoformat" | "to_rfc3339" => return Shape::format("date-time"),
            "getTime" | "indexOf" | "findIndex" | "len" | "timestamp_millis" => return Shape::Int,
            "includes" | "some" | "every" | "startswith" | "endswith" | "startsWith" | "endsWith" | "is_some" | "is_none" | "is_empty"
            | "contains" => {
                return Shape::Bool;
            }
            _ => {}
        }
        let of = self.value(site, receiver, mode);
        let callback = || made.positional(0).map_or(Shape::Any, |callback| self.callback_result(site, callback, mode));
        match name {
            "map" | "flatMap" | "flat_map" | "filter_map" => match (&of, name) {
                (_, "flatMap" | "flat_map") => self.element(&callback()).list(),
                (_, "filter_map") => without_null(callback()).list(),
                (of, _) if of.is_nullable() => callback().or_null(),
                _ => callback().list(),
            },
            "then" | "and_then" => callback(),
            "filter" | "slice" | "sort" | "reverse" | "toSorted" | "toReversed" | "concat" | "copy" | "iter" | "into_iter" | "collect"
            | "to_vec" | "rev" | "take" | "skip" | "chain" | "as_slice" | "unique" => of,
            "unwrap" | "expect" | "unwrap_or_default" | "unwrap_or" | "unwrap_or_else" | "ok_or" | "ok_or_else" => without_null(of),
            name if passes_receiver(name) => of,
            "find" | "at" | "first" | "last" | "pop" | "shift" => match self.element(&of) {
                Shape::Any => Shape::Any,
                found => found.or_null(),
            },
            "keys" => Shape::Text(None).list(),
            "values" => self.held(&of).list(),
            "items" | "entries" => pairs(Shape::Text(None), self.held(&of)),
            "get" => match made.positional(0) {
                Some(Expr::Str(key)) => self.member_shape(&of, key),
                _ => self.member_shape(&of, ""),
            },
            _ => Shape::Any,
        }
    }

    /// What a function given as an argument returns.
    fn callback_result(&self, site: &Site, callback: &Expr, mode: Mode) -> Shape {
        match callback {
            Expr::Func(id) => {
                let function = FuncRef { file: site.file, id: *id };
                let declared = self.outline(function.file).function(function.id);
                let written = self.written(&self.signature_site(function), &declared.returns, mode);
                if written.is_any() { self.returned_values(function, &site.env, mode) } else { written }
            }
            named => {
                let meaning = self.program.resolve(site, named);
                if let Some(function) = meaning.function() {
                    return self.returned(function, mode);
                }
                // `.map(UserDto::from)`, `.map(String)`.
                meaning.class().map_or(Shape::Any, |class| self.applied(class, Vec::new(), mode))
            }
        }
    }
}

fn pairs(key: Shape, value: Shape) -> Shape {
    Shape::Tuple(vec![key, value]).list()
}

/// Whether type parameters are left in a shape.
pub(super) fn mentions_params(shape: &Shape, depth: u32) -> bool {
    if depth > 64 {
        return false;
    }
    let any = |shapes: &[Shape]| shapes.iter().any(|shape| mentions_params(shape, depth + 1));
    match shape {
        Shape::Named(key) => matches!(key.source, TypeSource::Param(..)) || any(&key.args),
        Shape::List(inner) | Shape::Map(inner) | Shape::Refined(inner, _) => mentions_params(inner, depth + 1),
        Shape::Tuple(shapes) | Shape::AnyOf(shapes) | Shape::OneOf(shapes, _) | Shape::AllOf(shapes) => any(shapes),
        Shape::Record(record) => record.members.iter().any(|member| mentions_params(&member.shape, depth + 1)),
        _ => false,
    }
}
