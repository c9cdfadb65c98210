//! Type parameters: which a class has, what they stand for along its bases, and what is left of those nobody fills in.

use super::Types;
use super::cache::filled;
use crate::base::Name;
use crate::base::code::{ClassKind, Expr, ScopeKind, Type};
use crate::base::language::Language;
use crate::facts::members::{Filling, cap, fill, fill_rest};
use crate::facts::program::{ClassRef, Meaning, Mode, Site};
use crate::facts::shape::{Generic, Shape, TypeKey, TypeSource};

/// How far bases are followed.
const MAX_BASES: u32 = 16;

impl Types<'_> {
    /// Names of a class's type parameters, in order.
    pub(super) fn params_of(&self, class: ClassRef) -> Vec<Name> {
        let declared = self.class(class);
        if !declared.type_params.is_empty() || self.language(class.file) != Language::Python {
            return declared.type_params.iter().map(|param| param.name.clone()).collect();
        }
        let site = Site::of_scope(class.file, declared.scope);
        let mut found = Vec::new();
        let listed = declared.bases.iter().find(|base| {
            !base.args().is_empty()
                && self.program.resolve_type(&site, base).is_any(&["typing.Generic", "typing.Protocol", "typing_extensions.Protocol"])
        });
        match listed {
            Some(base) => base.args().iter().for_each(|arg| self.variables_in(&site, arg, &mut found, 0)),
            None => declared.bases.iter().for_each(|base| base.args().iter().for_each(|arg| self.variables_in(&site, arg, &mut found, 0))),
        }
        found
    }

    fn variables_in(&self, site: &Site, ty: &Type, found: &mut Vec<Name>, depth: u32) {
        if depth > 8 {
            return;
        }
        match ty {
            Type::Named(named) => {
                if let Expr::Ref(name) = &named.path
                    && !found.contains(name)
                    && self.is_variable(site, ty)
                {
                    found.push(name.clone());
                }
                named.args.iter().for_each(|arg| self.variables_in(site, arg, found, depth + 1));
            }
            Type::Union(types) | Type::Tuple(types) => types.iter().for_each(|ty| self.variables_in(site, ty, found, depth + 1)),
            _ => {}
        }
    }

    /// Whether a name is bound to `TypeVar("T")`.
    fn is_variable(&self, site: &Site, ty: &Type) -> bool {
        self.variable_call(&self.program.resolve_type(site, ty)).is_some()
    }

    /// The call of `TypeVar` that a meaning is.
    fn variable_call(&self, meaning: &Meaning) -> Option<crate::facts::program::CallRef> {
        let (call, _) = meaning.call()?;
        let is_var = self.program.callee(call).is_any(&["typing.TypeVar", "typing_extensions.TypeVar", "builtins.TypeVar"]);
        is_var.then_some(call)
    }

    /// A name as a type parameter that is declared around the site.
    pub(super) fn declared_param(&self, site: &Site, name: &Name, mode: Mode) -> Option<Shape> {
        let outline = self.outline(site.file);
        for (_, scope) in outline.scopes_from(site.scope) {
            let owner = match &scope.kind {
                ScopeKind::Class(id) if outline.class(*id).type_params.iter().any(|param| param.name == *name) => {
                    Generic::Class(ClassRef { file: site.file, id: *id })
                }
                ScopeKind::Function(id) if outline.function(*id).type_params.iter().any(|param| param.name == *name) => {
                    Generic::Function(crate::facts::program::FuncRef { file: site.file, id: *id })
                }
                ScopeKind::Impl(index) => {
                    let Some(param) = self.impl_param(site, *index, name) else { continue };
                    return Some(param_shape(Generic::Class(param.0), param.1, mode));
                }
                _ => continue,
            };
            return Some(param_shape(owner, name.clone(), mode));
        }
        None
    }

    /// `T` within `impl<T> Page<T>`: the parameter of `Page` that it fills.
    fn impl_param(&self, site: &Site, index: u32, name: &Name) -> Option<(ClassRef, Name)> {
        let block = self.outline(site.file).impls.get(index as usize)?;
        let position = block
            .ty
            .args()
            .iter()
            .position(|arg| matches!(arg, Type::Named(named) if named.args.is_empty() && named.path == Expr::Ref(name.clone())))?;
        let around = Site::of_scope(site.file, block.scope);
        let class = self.program.resolve_type(&around, &block.ty).class()?;
        if self.program.resolve_type(&around, &block.ty.args()[position]).class().is_some() {
            return None;
        }
        self.params_of(class).get(position).map(|param| (class, param.clone()))
    }

    /// A Python type variable used at a site: the parameter of the class around it that lists it, else of the function.
    pub(super) fn variable(&self, site: &Site, name: &Name, meaning: &Meaning, mode: Mode) -> Option<Shape> {
        let call = self.variable_call(meaning)?;
        let outline = self.outline(site.file);
        let owner = outline.scopes_from(site.scope).find_map(|(_, scope)| {
            let id = match scope.kind {
                ScopeKind::Class(id) => id,
                ScopeKind::Function(id) => outline.function(id).class?,
                _ => return None,
            };
            let class = ClassRef { file: site.file, id };
            self.params_of(class).contains(name).then_some(class)
        });
        if let Some(class) = owner {
            return Some(param_shape(Generic::Class(class), name.clone(), mode));
        }
        // Nobody's: what it is bound to.
        let made = self.outline(call.file).call(call.id);
        let bound = made.keyword("bound").or_else(|| made.keyword("default"))?;
        Some(self.type_expr(&Site::of_call(call.file, made), bound, mode))
    }

    /// What the type parameters of a class and of its bases stand for when it is applied to arguments.
    pub(super) fn filling(&self, class: ClassRef, args: &[Shape], mode: Mode) -> Filling {
        let mut filling = Filling::new();
        self.fill_class(class, args, mode, &mut filling, 0);
        filling
    }

    fn fill_class(&self, class: ClassRef, args: &[Shape], mode: Mode, filling: &mut Filling, depth: u32) {
        if depth > MAX_BASES {
            return;
        }
        for (index, name) in self.params_of(class).into_iter().enumerate() {
            let source = TypeSource::Param(Generic::Class(class), name);
            if filling.iter().any(|(known, _)| *known == source) {
                continue;
            }
            let shape = match args.get(index) {
                Some(shape) => shape.clone(),
                None => fill(self.unfilled(&source, mode), filling),
            };
            filling.push((source, shape));
        }
        let declared = self.class(class);
        if declared.kind == ClassKind::Alias {
            return;
        }
        let site = Site::of_scope(class.file, declared.inner);
        for base in &declared.bases {
            let Some(parent) = self.program.resolve_type(&site, base).class().filter(|parent| *parent != class) else { continue };
            let mut args: Vec<Shape> = base.args().iter().map(|arg| fill(self.written(&site, arg, mode), filling)).collect();
            cap(&mut args, 4);
            self.fill_class(parent, &args, mode, filling, depth + 1);
        }
    }

    /// A parameter that nobody fills in: its default, else its bound, else anything.
    pub(super) fn unfilled(&self, source: &TypeSource, mode: Mode) -> Shape {
        let TypeSource::Param(owner, name) = source else { return Shape::Any };
        let (params, site) = match owner {
            Generic::Class(class) => (&self.class(*class).type_params, Site::of_scope(class.file, self.class(*class).inner)),
            Generic::Function(function) => {
                let declared = self.outline(function.file).function(function.id);
                (&declared.type_params, Site::of_scope(function.file, declared.inner))
            }
        };
        let Some(param) = params.iter().find(|param| param.name == *name) else {
            return self.unfilled_variable(&site, name, mode);
        };
        let ty = if param.default == Type::Unknown { &param.bound } else { &param.default };
        match ty {
            // Trait bounds say what it can do, not what it looks like.
            Type::Unknown | Type::Bounds(_) => Shape::Any,
            _ if self.language(site.file) == Language::Rust && param.default == Type::Unknown => Shape::Any,
            ty => self.written(&site, ty, mode),
        }
    }

    fn unfilled_variable(&self, site: &Site, name: &Name, mode: Mode) -> Shape {
        let name = Expr::Ref(name.clone());
        let meaning = self.program.resolve(&site.moved(site.file, crate::base::code::ScopeId(0), u32::MAX), &name);
        let Some(call) = self.variable_call(&meaning) else { return Shape::Any };
        let made = self.outline(call.file).call(call.id);
        let site = Site::of_call(call.file, made);
        made.keyword("default").or_else(|| made.keyword("bound")).map_or(Shape::Any, |bound| self.type_expr(&site, bound, mode))
    }

    /// The shape with every parameter that is left replaced by what is known of it.
    pub(super) fn closed(&self, shape: Shape, mode: Mode) -> Shape {
        // A bound may mention another parameter; what is left after that is anything.
        let once = fill_rest(shape, &|key| self.unfilled(&key.source, mode));
        fill_rest(once, &|_| Shape::Any)
    }
}

/// A type parameter as a shape: what it stands for in the expansion under way, else itself.
pub(super) fn param_shape(owner: Generic, name: Name, mode: Mode) -> Shape {
    let source = TypeSource::Param(owner, name.clone());
    filled(&source).unwrap_or_else(|| Shape::Named(Box::new(TypeKey { source, name, args: Vec::new(), mode })))
}
