//! Shapes of values: what they are on the wire.

use std::sync::Arc;

use super::Types;
use super::cache::{CallStep, ValueStep, is_expanding};
use super::calls::mentions_params;
use super::pass::is_const;
use super::statics::Static;
use super::written::is_simple;
use crate::base::Name;
use crate::base::code::{Binary, Entry, Expr, Key, Op, Pattern, ScopeId, ScopeKind, Type};
use crate::facts::file::{Binding, pattern_names};
use crate::facts::members::{all_of, any_of, merge, without_null};
use crate::facts::program::{CallRef, Entered, Env, Frame, FuncRef, Meaning, Mode, Site};
use crate::facts::shape::{Member, Record, Shape, TypeKey, TypeSource};

/// Frames within one another.
const MAX_FRAMES: u32 = 6;

/// The frame of a function entered through a call; `None` when too many are open.
pub(super) fn frame(caller: &Site, call: CallRef, function: FuncRef) -> Option<Env> {
    let depth = caller.env.as_ref().map_or(0, |frame| frame.depth) + 1;
    let entered = Entered::Call { function, call, caller: caller.clone() };
    (depth <= MAX_FRAMES).then(|| Some(Arc::new(Frame { entered, outer: caller.env.clone(), depth })))
}

impl Types<'_> {
    /// A value as a shape.
    pub(super) fn value(&self, site: &Site, expr: &Expr, mode: Mode) -> Shape {
        let Some(_step) = ValueStep::enter() else { return Shape::Any };
        match expr {
            Expr::Null => Shape::Null,
            Expr::Bool(_) => Shape::Bool,
            Expr::Int(_) => Shape::Int,
            Expr::Float(_) => Shape::Number,
            Expr::Str(_) | Expr::Template(_) | Expr::Regex(_) => Shape::Text(None),
            Expr::List(items) => self.list_value(site, items, mode),
            Expr::Object(entries) => self.object_value(site, entries, mode),
            Expr::Cond(cond) => any_of([self.value(site, &cond.yes, mode), self.value(site, &cond.no, mode)]),
            Expr::Binary(binary) => self.binary_value(site, binary, mode),
            Expr::Each(each) => {
                let at = site.moved(site.file, each.scope, site.offset);
                // A pair may be a member of a dict comprehension.
                if matches!(&each.element, Expr::List(pair) if pair.len() == 2) {
                    Shape::Any
                } else {
                    self.value(&at, &each.element, mode).list()
                }
            }
            Expr::Cast(pair) if is_const(&pair.1) => self.value(site, &pair.0, mode),
            Expr::Cast(pair) => match self.written(site, &pair.1, mode) {
                Shape::Any => self.value(site, &pair.0, mode),
                shape => shape,
            },
            Expr::Spread(inner) => self.value(site, inner, mode),
            Expr::Type(ty) => self.written(site, ty, mode),
            Expr::Call(id) => self.call_value(site, CallRef { file: site.file, id: *id }, expr, mode),
            Expr::Ref(_) | Expr::Member(..) | Expr::Index(_) => self.name_value(site, expr, mode),
            Expr::Hole | Expr::Func(_) | Expr::Class(_) | Expr::Args(_) => Shape::Any,
        }
    }

    fn list_value(&self, site: &Site, items: &[Expr], mode: Mode) -> Shape {
        if items.is_empty() {
            return Shape::Any.list();
        }
        let shapes = items.iter().take(64).map(|item| match item {
            Expr::Spread(inner) => self.element(&self.value(site, inner, mode)),
            item => self.value(site, item, mode),
        });
        any_of(shapes).list()
    }

    /// An object literal: spreads of what has members are merged, of what has not stand beside.
    fn object_value(&self, site: &Site, entries: &[Entry], mode: Mode) -> Shape {
        let mut record = Record::default();
        for entry in entries {
            match &entry.key {
                Key::Name(_) if matches!(entry.value, Expr::Func(_)) => {}
                Key::Name(name) => {
                    let member = Member::required(name.clone(), self.value(site, &entry.value, mode));
                    merge(&mut record, Record { members: vec![member], ..Record::default() });
                }
                Key::Spread => match self.record_of(&self.value(site, &entry.value, mode), 0) {
                    Some(spread) => merge(&mut record, Record { doc: None, ..spread }),
                    None => record.rest = Some(Shape::Any),
                },
                Key::Computed(key) => match self.program.text(site, key).plain() {
                    Some(name) => {
                        let member = Member::required(name, self.value(site, &entry.value, mode));
                        merge(&mut record, Record { members: vec![member], ..Record::default() });
                    }
                    None => record.rest = Some(self.value(site, &entry.value, mode)),
                },
            }
        }
        match record.rest {
            Some(rest) if record.members.is_empty() => Shape::Map(Box::new(rest)),
            _ => Shape::Record(Box::new(record)),
        }
    }

    fn binary_value(&self, site: &Site, binary: &Binary, mode: Mode) -> Shape {
        let value = |expr| self.value(site, expr, mode);
        match binary.op {
            Op::Or | Op::Coalesce => any_of([without_null(value(&binary.left)), value(&binary.right)]),
            Op::And => value(&binary.right),
            Op::Eq | Op::Ne | Op::In => Shape::Bool,
            Op::Add => match (value(&binary.left), value(&binary.right)) {
                (Shape::List(one), Shape::List(other)) => any_of([*one, *other]).list(),
                (Shape::Int, Shape::Int) => Shape::Int,
                (Shape::Int | Shape::Number, Shape::Int | Shape::Number) => Shape::Number,
                (Shape::Text(_), _) | (_, Shape::Text(_)) => Shape::Text(None),
                _ => Shape::Any,
            },
            // `a | b` joins dicts.
            Op::BitOr => match (self.record_of(&value(&binary.left), 0), self.record_of(&value(&binary.right), 0)) {
                (Some(mut one), Some(other)) => {
                    merge(&mut one, other);
                    Shape::Record(Box::new(one))
                }
                _ => Shape::Any,
            },
            Op::BitAnd | Op::Other => Shape::Any,
        }
    }

    /// A name or a chain of members: its annotation, else what it is bound to, else a member of what it is read from.
    fn name_value(&self, site: &Site, expr: &Expr, mode: Mode) -> Shape {
        let annotated = self.annotated_value(site, expr, mode).filter(|shape| !shape.is_any());
        match annotated {
            // What a generic class or method gives is learnt from its call.
            Some(general) if mentions_params(&general, 0) => match self.unannotated_value(site, expr, mode) {
                Shape::Any if self.class_around(site).is_some_and(|class| !self.params_of(class).is_empty()) => general,
                Shape::Any => self.closed(general, mode),
                learnt => learnt,
            },
            Some(shape) => shape,
            None => self.unannotated_value(site, expr, mode),
        }
    }

    fn unannotated_value(&self, site: &Site, expr: &Expr, mode: Mode) -> Shape {
        let meaning = self.program.resolve(site, expr);
        if let Meaning::Value(head, at) = &meaning
            && !matches!(head, Expr::Ref(_) | Expr::Member(..) | Expr::Index(_))
        {
            let shape = self.schema_under_name(at, head, mode).unwrap_or_else(|| self.value(at, head, mode));
            if !shape.is_any() {
                return shape;
            }
        }
        match expr {
            Expr::Ref(name) => self.bound_value(site, name, mode),
            Expr::Member(base, name) => self.member_value(site, base, name, mode),
            Expr::Index(pair) => self.index_value(site, &pair.0, &pair.1, mode),
            _ => Shape::Any,
        }
    }

    /// A schema value that is bound to a name (`const User = z.object({…})`): under that name, when it is no simple one.
    fn schema_under_name(&self, site: &Site, head: &Expr, mode: Mode) -> Option<Shape> {
        let Expr::Call(id) = head else { return None };
        let call = CallRef { file: site.file, id: *id };
        let name = self.bound_name(call).filter(|_| site.env.is_none())?;
        let source = TypeSource::Call(call);
        let key = TypeKey { source: source.clone(), name, args: Vec::new(), mode };
        if is_expanding(&source) {
            return Some(Shape::Named(Box::new(key)));
        }
        match self.program.expand(&key) {
            shape if shape.is_any() => None,
            shape if is_simple(&shape) => Some(shape),
            _ => Some(Shape::Named(Box::new(key))),
        }
    }

    /// The name of a module that a call's value is bound to. Names inside functions say nothing to others.
    fn bound_name(&self, call: CallRef) -> Option<Name> {
        let outline = self.outline(call.file);
        let at = outline.call(call.id).at.offset;
        // Assignments stand in source order; the call of a chain stands at its last method's name.
        let before = outline.assigns.partition_point(|assign| assign.at.offset <= at);
        let bound = outline.assigns.get(..before)?.iter().rev().find(|assign| assign.value == Expr::Call(call.id))?;
        match &bound.target {
            Pattern::Name(name) if bound.scope == ScopeId(0) => Some(name.clone()),
            _ => None,
        }
    }

    fn annotated_value(&self, site: &Site, expr: &Expr, mode: Mode) -> Option<Shape> {
        if let Expr::Member(base, name) = expr
            && let Some((class, args)) = self.instance(site, base, mode)
            && let Some(found) = self.program.lineage(class).into_iter().find_map(|class| self.declared_member(class, name, 0))
        {
            let filling = self.filling(class, &args, mode);
            return Some(crate::facts::members::fill(self.static_shape(&found, mode), &filling));
        }
        self.static_of(site, expr, 0).map(|known| self.static_shape(&known, mode))
    }

    fn static_shape(&self, known: &Static, mode: Mode) -> Shape {
        match known {
            Static::Written(ty, at) => self.written(at, ty, mode),
            Static::Made(class, args) if args.is_empty() => self.itself(*class, mode),
            Static::Made(class, args) => self.applied(*class, args.clone(), mode),
        }
    }

    fn member_value(&self, site: &Site, base: &Expr, name: &Name, mode: Mode) -> Shape {
        let of = self.value(site, base, mode);
        self.member_shape(&of, name)
    }

    /// A member of a value.
    pub(super) fn member_shape(&self, of: &Shape, name: &str) -> Shape {
        if matches!(of, Shape::List(_) | Shape::Text(_) | Shape::Tuple(_)) {
            return if name == "length" { Shape::Int } else { Shape::Any };
        }
        if let Some(member) = self.record_of(of, 0).and_then(|record| record.member(name).cloned()) {
            return member.shape;
        }
        match of {
            Shape::Map(value) => (**value).clone(),
            _ => Shape::Any,
        }
    }

    fn index_value(&self, site: &Site, base: &Expr, key: &Expr, mode: Mode) -> Shape {
        let of = self.value(site, base, mode);
        match (key, &of) {
            (Expr::Int(position), Shape::Tuple(items)) => {
                usize::try_from(*position).ok().and_then(|position| items.get(position)).cloned().unwrap_or_default()
            }
            (Expr::Str(name), _) => self.member_shape(&of, name),
            (_, Shape::Map(value)) => (**value).clone(),
            (_, Shape::Text(_)) => Shape::Text(None),
            _ => self.element(&of),
        }
    }

    /// A name bound in a pattern, a loop, or as the parameter of a callback.
    fn bound_value(&self, site: &Site, name: &Name, mode: Mode) -> Shape {
        let Some((scope, bound)) = self.binding(site, name) else { return Shape::Any };
        let outline = self.outline(site.file);
        match bound.to {
            Binding::Param(function, position) => {
                let function = FuncRef { file: site.file, id: function };
                let Some(param) = outline.function(function.id).params.get(position as usize) else { return Shape::Any };
                let whole = match &param.ty {
                    Type::Unknown => self.given_value(site, function, position, mode),
                    ty => self.written(&self.signature_site(function), ty, mode),
                };
                self.part(&param.pattern, &whole, name)
            }
            Binding::Assign(index) => {
                let Some(assign) = outline.assigns.get(index as usize) else { return Shape::Any };
                let at = site.moved(site.file, scope, assign.at.offset);
                let whole = match &assign.ty {
                    Type::Unknown => self.value(&at, &assign.value, mode),
                    ty => self.written(&at, ty, mode),
                };
                self.part(&assign.target, &whole, name)
            }
            Binding::Loop(round) => {
                let ScopeKind::Loop(pattern, iterated) = &outline.scope(round).kind else { return Shape::Any };
                let at = site.moved(site.file, outline.scope(round).parent, site.offset);
                let element = self.element(&self.value(&at, iterated, mode));
                self.part(pattern, &element, name)
            }
            _ => Shape::Any,
        }
    }

    /// What a parameter without annotation is given: by the frame, by what calls the callback, by its default.
    fn given_value(&self, site: &Site, function: FuncRef, position: u32, mode: Mode) -> Shape {
        if let Some((value, at)) = self.given(site, function, position) {
            return self.value(&at, value, mode);
        }
        let declared = self.outline(function.file).function(function.id);
        if let Some(default) = declared.params.get(position as usize).and_then(|param| param.default.as_ref()) {
            return self.value(&Site::of_scope(function.file, declared.scope), default, mode);
        }
        let Some(call) = self.call_around(function).filter(|_| position == 0) else { return Shape::Any };
        let made = self.outline(call.file).call(call.id);
        let Some((receiver, method)) = made.method() else { return Shape::Any };
        let of = self.value(&Site { env: site.env.clone(), ..Site::of_call(call.file, made) }, receiver, mode);
        match (method.as_str(), &of) {
            ("then", _) => of,
            (_, Shape::List(_) | Shape::Tuple(_) | Shape::Refined(..)) => self.element(&of),
            // `option.map(|x| …)`
            ("map" | "and_then" | "map_or" | "filter", _) => without_null(of),
            _ => Shape::Any,
        }
    }

    /// The part of a value that a pattern binds to a name.
    fn part(&self, pattern: &Pattern, whole: &Shape, name: &Name) -> Shape {
        match pattern {
            Pattern::Name(bound) if bound == name => whole.clone(),
            Pattern::List(parts) => {
                let Some(position) = parts.iter().position(|part| pattern_names(part).contains(&name)) else { return Shape::Any };
                match whole {
                    Shape::Tuple(items) => items.get(position).map_or(Shape::Any, |item| self.part(&parts[position], item, name)),
                    // Rust patterns take the value out of what wraps it: `Json(body)`.
                    other if parts.len() == 1 && !matches!(other, Shape::List(_)) => self.part(&parts[position], other, name),
                    other => self.part(&parts[position], &self.element(other), name),
                }
            }
            Pattern::Object(fields) => {
                let Some(field) = fields.iter().find(|field| pattern_names(&field.target).contains(&name)) else { return Shape::Any };
                self.part(&field.target, &self.member_shape(whole, &field.key), name)
            }
            _ => Shape::Any,
        }
    }

    /// What a function returns: as it is written, else the shapes of its returned values.
    pub(super) fn returned(&self, function: FuncRef, mode: Mode) -> Shape {
        let declared = self.outline(function.file).function(function.id);
        let written = self.written(&self.signature_site(function), &declared.returns, mode);
        if written.is_any() { self.returned_values(function, &None, mode) } else { written }
    }

    /// The shapes of a function's returned values. Those of which nothing is known are left out when others are known.
    pub(super) fn returned_values(&self, function: FuncRef, env: &Env, mode: Mode) -> Shape {
        let Some(_step) = CallStep::enter(function) else { return Shape::Any };
        let facts = self.program.file(function.file);
        let returned = facts.returns_of(function.id).iter().filter_map(|index| facts.outline.returns.get(*index as usize));
        let shapes: Vec<Shape> = returned
            .filter(|value| !value.is_raise)
            .map(|value| {
                let at = Site { file: function.file, scope: value.scope, offset: value.at.offset, env: env.clone() };
                self.value(&at, &value.value, mode)
            })
            .filter(|shape| !shape.is_any())
            .collect();
        if shapes.is_empty() { Shape::Any } else { any_of(shapes) }
    }

    /// Several objects laid over one another: `Object.assign(a, b)`.
    pub(super) fn laid_over(&self, shapes: Vec<Shape>) -> Shape {
        let mut record = Record::default();
        for shape in &shapes {
            match self.record_of(shape, 0) {
                Some(over) => merge(&mut record, Record { doc: None, ..over }),
                None => return all_of(shapes),
            }
        }
        Shape::Record(Box::new(record))
    }
}
