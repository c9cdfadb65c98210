//! The static type of an expression, as far as annotations, constructors and signatures tell; and the class it is an instance of.
//!
//! Shapes of values that no annotation speaks of are in `values`.

use super::Types;
use super::cache::StaticStep;
use super::pass::{element_type, is_const, is_receiver, is_wrapper, passes_argument, passes_receiver};
use crate::base::Name;
use crate::base::code::{Class, ClassKind, Expr, FuncId, Op, ParamKind, Pattern, ScopeId, ScopeKind, Type};
use crate::base::language::Language;
use crate::facts::file::{Binding, Bound};
use crate::facts::program::{CallRef, ClassRef, Entered, FileId, FuncRef, Meaning, Mode, Program, Site};
use crate::facts::shape::Shape;

/// How many steps are gone from an expression to its type.
const MAX_STEPS: u32 = 24;

/// What is known of an expression's type.
pub(super) enum Static<'e> {
    /// It is annotated: the type, and where that is read.
    Written(&'e Type, Site),
    /// It is an instance of a class, applied to these arguments when they are written.
    Made(ClassRef, Vec<Shape>),
}

/// The annotation that speaks of an expression, and where it is read; see [`Program::type_of`]. What a constructor makes has a
/// class, not a written type: see [`Types::class_of`].
#[must_use]
pub fn type_of<'p>(program: &'p dyn Program, site: &Site, expr: &'p Expr) -> Option<(&'p Type, Site)> {
    match Types::new(program, &[]).static_of(site, expr, 0)? {
        Static::Written(ty, at) => Some((ty, at)),
        Static::Made(..) => None,
    }
}

impl<'p> Types<'p> {
    /// The class an expression is an instance of, with its arguments.
    pub(super) fn instance(&self, site: &Site, expr: &Expr, mode: Mode) -> Option<(ClassRef, Vec<Shape>)> {
        let known = self.static_of(site, expr, 0)?;
        self.class_in(&known, mode, 0)
    }

    fn class_in(&self, known: &Static, mode: Mode, depth: u32) -> Option<(ClassRef, Vec<Shape>)> {
        match known {
            Static::Made(class, args) => Some((*class, args.clone())),
            Static::Written(ty, at) => self.class_of_type(at, ty, mode, depth),
        }
    }

    /// The class a type names, through what only wraps it.
    fn class_of_type(&self, site: &Site, ty: &Type, mode: Mode, depth: u32) -> Option<(ClassRef, Vec<Shape>)> {
        if depth > MAX_STEPS {
            return None;
        }
        match ty {
            Type::Union(types) => {
                let mut found = types.iter().filter_map(|ty| self.class_of_type(site, ty, mode, depth + 1));
                let first = found.next()?;
                found.all(|(class, _)| class == first.0).then_some(first)
            }
            Type::Inter(types) | Type::Bounds(types) => types.iter().find_map(|ty| self.class_of_type(site, ty, mode, depth + 1)),
            Type::Named(named) => {
                if matches!(&named.path, Expr::Ref(name) if matches!(name.as_str(), "Self" | "this")) {
                    return self.class_around(site).map(|class| (class, Vec::new()));
                }
                match self.program.resolve_type(site, ty) {
                    Meaning::Class(class) if self.class(class).kind == ClassKind::Alias => {
                        let declared = self.class(class);
                        self.class_of_type(&Site::of_scope(class.file, declared.inner), &declared.alias, mode, depth + 1)
                    }
                    Meaning::Class(class) => Some((class, self.arguments(site, &named.args, mode))),
                    Meaning::Outside(path) if is_wrapper(&path, named.args.len(), self.language(site.file)) => {
                        self.class_of_type(site, named.args.first()?, mode, depth + 1)
                    }
                    _ => None,
                }
            }
            _ => None,
        }
    }

    /// What is known of an expression's type.
    pub(super) fn static_of<'e>(&self, site: &Site, expr: &'e Expr, steps: u32) -> Option<Static<'e>>
    where
        'p: 'e,
    {
        let _step = StaticStep::enter().filter(|_| steps <= MAX_STEPS)?;
        match expr {
            Expr::Cast(pair) if is_const(&pair.1) => self.static_of(site, &pair.0, steps + 1),
            Expr::Cast(pair) => Some(Static::Written(&pair.1, site.clone())),
            Expr::Ref(name) => self.static_of_name(site, name, expr, steps),
            Expr::Member(base, name) => {
                self.static_of_member(site, base, name, steps).or_else(|| self.static_of_meaning(site, expr, steps))
            }
            Expr::Call(id) => self.static_of_call(site, CallRef { file: site.file, id: *id }, steps),
            Expr::Cond(cond) => self.static_of(site, &cond.yes, steps + 1).or_else(|| self.static_of(site, &cond.no, steps + 1)),
            Expr::Binary(binary) if matches!(binary.op, Op::Or | Op::Coalesce) => {
                self.static_of(site, &binary.left, steps + 1).or_else(|| self.static_of(site, &binary.right, steps + 1))
            }
            Expr::Index(pair) => match self.static_of(site, &pair.0, steps + 1)? {
                Static::Written(ty, at) => element_type(ty).map(|ty| Static::Written(ty, at)),
                Static::Made(..) => None,
            },
            _ => None,
        }
    }

    /// The binding of a name that a site sees, and the scope it is in.
    pub(super) fn binding(&self, site: &Site, name: &str) -> Option<(ScopeId, Bound)> {
        let facts = self.program.file(site.file);
        let mut is_outside = false;
        for (id, scope) in facts.outline.scopes_from(site.scope) {
            let bounds = facts.bound(id, name);
            let is_hidden = is_outside && matches!(scope.kind, ScopeKind::Class(_) | ScopeKind::Impl(_));
            if !is_hidden && !bounds.is_empty() {
                let seen = bounds.iter().rev().find(|bound| is_outside || bound.offset == 0 || bound.offset < site.offset);
                return seen.or(bounds.first()).map(|bound| (id, *bound));
            }
            is_outside |= matches!(scope.kind, ScopeKind::Function(_));
        }
        None
    }

    fn static_of_name<'e>(&self, site: &Site, name: &Name, expr: &'e Expr, steps: u32) -> Option<Static<'e>>
    where
        'p: 'e,
    {
        let Some((scope, bound)) = self.binding(site, name) else {
            let is_receiver = matches!(name.as_str(), "this" | "self");
            return is_receiver.then(|| self.class_around(site)).flatten().map(|class| Static::Made(class, Vec::new()));
        };
        let outline = self.outline(site.file);
        match bound.to {
            Binding::Param(function, position) => self.static_of_param(site, FuncRef { file: site.file, id: function }, position, steps),
            Binding::Assign(index) => {
                let assign = outline.assigns.get(index as usize)?;
                if assign.is_append || !matches!(assign.target, Pattern::Name(_)) {
                    return None;
                }
                let at = site.moved(site.file, scope, assign.at.offset);
                if assign.ty == Type::Unknown {
                    self.static_of(&at, &assign.value, steps + 1)
                } else {
                    Some(Static::Written(&assign.ty, at))
                }
            }
            Binding::Loop(round) => {
                let ScopeKind::Loop(Pattern::Name(_), iterated) = &outline.scope(round).kind else { return None };
                let at = site.moved(site.file, outline.scope(round).parent, site.offset);
                match self.static_of(&at, iterated, steps + 1)? {
                    Static::Written(ty, at) => element_type(ty).map(|ty| Static::Written(ty, at)),
                    Static::Made(..) => None,
                }
            }
            Binding::Import(_) => self.static_of_meaning(site, expr, steps),
            _ => None,
        }
    }

    fn static_of_param<'e>(&self, site: &Site, function: FuncRef, position: u32, steps: u32) -> Option<Static<'e>>
    where
        'p: 'e,
    {
        let declared = self.outline(function.file).function(function.id);
        let param = declared.params.get(position as usize)?;
        if param.kind == ParamKind::Receiver {
            return self.class_around(&Site::of_scope(function.file, declared.inner)).map(|class| Static::Made(class, Vec::new()));
        }
        // `Json(user): Json<User>`: what the wrapper holds.
        if let (Pattern::List(parts), Type::Named(named), Language::Rust) = (&param.pattern, &param.ty, self.language(function.file))
            && let ([Pattern::Name(_)], [held]) = (&**parts, &*named.args)
        {
            return Some(Static::Written(held, self.signature_site(function)));
        }
        if !matches!(param.pattern, Pattern::Name(_)) || matches!(param.kind, ParamKind::Rest | ParamKind::KeywordRest) {
            return None;
        }
        if param.ty != Type::Unknown {
            return Some(Static::Written(&param.ty, self.signature_site(function)));
        }
        match self.given(site, function, position) {
            Some((value, at)) => self.static_of(&at, value, steps + 1),
            None => self.static_of(&Site::of_scope(function.file, declared.scope), param.default.as_ref()?, steps + 1),
        }
    }

    /// What the call that entered a function gives one of its parameters, and where that is read.
    pub(super) fn given(&self, site: &Site, function: FuncRef, position: u32) -> Option<(&'p Expr, Site)> {
        let declared = self.outline(function.file).function(function.id);
        let mut next = site.env.as_ref();
        while let Some(frame) = next {
            if let Entered::Call { function: entered, call, caller } = &frame.entered
                && *entered == function
            {
                let made = self.outline(call.file).call(call.id);
                let before = declared.params.iter().take(position as usize).filter(|param| param.kind != ParamKind::Receiver).count();
                let name = declared.params.get(position as usize)?.name().map_or("", Name::as_str);
                return made.arg(before, name).map(|value| (value, caller.clone()));
            }
            next = frame.outer.as_ref();
        }
        None
    }

    /// By what names lead to in other files.
    fn static_of_meaning<'e>(&self, site: &Site, expr: &'e Expr, steps: u32) -> Option<Static<'e>>
    where
        'p: 'e,
    {
        match self.program.resolve(site, expr) {
            Meaning::Instance(class) => Some(Static::Made(class, Vec::new())),
            Meaning::Value(head, at) if !matches!(head, Expr::Ref(_) | Expr::Member(..) | Expr::Index(_)) => {
                self.static_of(&at, head, steps + 1)
            }
            _ => None,
        }
    }

    fn static_of_member<'e>(&self, site: &Site, base: &'e Expr, name: &Name, steps: u32) -> Option<Static<'e>>
    where
        'p: 'e,
    {
        let known = self.static_of(site, base, steps + 1)?;
        let (class, _) = self.class_in(&known, Mode::Write, 0)?;
        self.program.lineage(class).into_iter().find_map(|class| self.declared_member(class, name, steps))
    }

    /// A field, a constructor's property, a value given to `self.name`, or a getter.
    pub(super) fn declared_member<'e>(&self, class: ClassRef, name: &Name, steps: u32) -> Option<Static<'e>>
    where
        'p: 'e,
    {
        let declared = self.class(class);
        let site = Site::of_scope(class.file, declared.inner);
        if let Some(field) = declared.fields.iter().find(|field| field.name == *name) {
            if field.ty != Type::Unknown {
                return Some(Static::Written(&field.ty, site));
            }
            if let Some(found) = field.default.as_ref().and_then(|value| self.static_of(&site, value, steps + 1)) {
                return Some(found);
            }
        }
        let outline = self.outline(class.file);
        for id in &declared.methods {
            let method = outline.function(*id);
            let property = method.params.iter().find(|param| param.is_property && param.name() == Some(name));
            if let Some(param) = property {
                return Some(Static::Written(&param.ty, Site::of_scope(class.file, method.inner)));
            }
            if method.name == *name && method.flags.is_accessor && method.returns != Type::Unknown {
                return Some(Static::Written(&method.returns, self.signature_site(FuncRef { file: class.file, id: *id })));
            }
        }
        self.self_assigned(class.file, declared, name, steps)
    }

    /// `self.name = value` in a method.
    fn self_assigned<'e>(&self, file: FileId, declared: &Class, name: &Name, steps: u32) -> Option<Static<'e>>
    where
        'p: 'e,
    {
        let outline = self.outline(file);
        let (begin, end) = (declared.at.offset, declared.end);
        let from = outline.assigns.partition_point(|assign| assign.at.offset < begin);
        let within = outline.assigns.iter().skip(from).take_while(|assign| assign.at.offset < end);
        within
            .filter(|assign| matches!(&assign.target, Pattern::Place(Expr::Member(base, member)) if member == name && is_receiver(base)))
            .find_map(|assign| {
                let at = Site::of_scope(file, assign.scope);
                if assign.ty == Type::Unknown {
                    self.static_of(&at, &assign.value, steps + 1)
                } else {
                    Some(Static::Written(&assign.ty, at))
                }
            })
    }

    fn static_of_call<'e>(&self, site: &Site, call: CallRef, steps: u32) -> Option<Static<'e>>
    where
        'p: 'e,
    {
        let made = self.outline(call.file).call(call.id);
        let at = site.moved(call.file, made.scope, made.at.offset);
        let meaning = self.program.callee(call);
        if let Some(class) = meaning.class() {
            return Some(Static::Made(class, self.call_arguments(&at, made, Mode::Write)));
        }
        if let Some(function) = self.called(&at, call, &meaning) {
            let declared = self.outline(function.file).function(function.id);
            if declared.returns != Type::Unknown {
                return Some(Static::Written(&declared.returns, self.signature_site(function)));
            }
            return self.static_of_returned(&at, call, function, steps);
        }
        if meaning.outside().is_some_and(passes_argument) {
            return self.static_of(&at, made.positional(0)?, steps + 1);
        }
        let (receiver, name) = made.method()?;
        if passes_receiver(name) { self.static_of(&at, receiver, steps + 1) } else { None }
    }

    /// The function of the program that a call calls: by name, else as a method of its receiver's class.
    pub(super) fn called(&self, site: &Site, call: CallRef, meaning: &Meaning) -> Option<FuncRef> {
        if let Some(function) = meaning.function() {
            return Some(function);
        }
        let (receiver, name) = self.outline(call.file).call(call.id).method()?;
        let (class, _) = self.instance(site, receiver, Mode::Write)?;
        self.program.method(class, name)
    }

    fn static_of_returned<'e>(&self, site: &Site, call: CallRef, function: FuncRef, steps: u32) -> Option<Static<'e>>
    where
        'p: 'e,
    {
        let facts = self.program.file(function.file);
        let env = super::values::frame(site, call, function)?;
        let returned = facts.returns_of(function.id).iter().filter_map(|index| facts.outline.returns.get(*index as usize));
        returned.filter(|value| !value.is_raise && value.value != Expr::Null).find_map(|value| {
            let at = Site { file: function.file, scope: value.scope, offset: value.at.offset, env: env.clone() };
            self.static_of(&at, &value.value, steps + 4)
        })
    }

    /// The function a lambda is an argument of a call with, looked for backwards from it.
    pub(super) fn call_around(&self, function: FuncRef) -> Option<CallRef> {
        let outline = self.outline(function.file);
        let begin = outline.function(function.id).at.offset;
        let is_given = |call: &crate::base::code::Call| call.args.iter().any(|arg| arg.value == Expr::Func(FuncId(function.id.0)));
        let before = (0u32..).zip(&outline.calls).filter(|(_, call)| call.at.offset <= begin);
        before
            .filter(|(_, call)| is_given(call))
            .last()
            .map(|(index, _)| CallRef { file: function.file, id: crate::base::code::CallId(index) })
    }
}
