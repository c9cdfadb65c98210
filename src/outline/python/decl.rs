//! Functions, classes and what decorates them.

use tree_sitter::Node;

use super::Lowering;
use super::kind::{K, fields};
use crate::base::Name;
use crate::base::code::{ClassKind, Expr, Flags, Type, TypeParam};
use crate::outline::builder::{at, end};

impl<'t> Lowering<'_, '_, 't> {
    /// `@a @b def …`, `@a class …`.
    pub(super) fn decorated(&mut self, node: Node<'t>) {
        let mut decorators = Vec::new();
        self.each_named(node, |this, child| match K::of(child) {
            K::Decorator => {
                let decorator = this.first_named(child).map_or(Expr::Hole, |inner| this.expr(inner));
                decorators.push(decorator);
            }
            K::FunctionDefinition => this.function(child, std::mem::take(&mut decorators)),
            K::ClassDefinition => this.class(child, std::mem::take(&mut decorators)),
            _ => this.statement(child),
        });
    }

    /// `def`. Parameters, defaults and types are evaluated around it, the body within.
    pub(super) fn function(&mut self, node: Node<'t>, decorators: Vec<Expr>) {
        let class = self.class_here();
        let mut flags = flags_of(&decorators);
        flags.is_async = node.child(0).is_some_and(|first| K::of(first) == K::Async);
        let has_receiver = class.is_some() && !flags.is_static;
        let scope = self.b.binding_scope();
        let id = self.b.open_function(at(node));
        let inner = self.b.step_out();
        let name = node.child_by_field_id(fields().name).map(|name| self.b.name(name)).unwrap_or_default();
        let type_params = self.type_params(node);
        let params = node.child_by_field_id(fields().parameters).map(|params| self.params(params, has_receiver)).unwrap_or_default();
        let returns = node.child_by_field_id(fields().return_type).map(|ty| self.ty(ty)).unwrap_or_default();
        self.b.enter_scope(inner);
        let function = self.b.function(id);
        function.name = name;
        function.end = end(node);
        function.scope = scope;
        function.class = class;
        function.decorators = decorators;
        function.type_params = type_params;
        function.params = params;
        function.returns = returns;
        function.flags = flags;
        if let Some(class) = class {
            self.b.class(class).methods.push(id);
        }
        let doc = self.body(node);
        self.b.function(id).doc = doc;
        self.b.pop_scope();
    }

    /// `class`. Bases and keywords are evaluated around it, the body within.
    pub(super) fn class(&mut self, node: Node<'t>, decorators: Vec<Expr>) {
        let outer = self.class_here();
        let scope = self.b.binding_scope();
        let id = self.b.open_class(at(node));
        let inner = self.b.step_out();
        let name = node.child_by_field_id(fields().name).map(|name| self.b.name(name)).unwrap_or_default();
        let type_params = self.type_params(node);
        let mut bases = Vec::new();
        let mut keywords = Vec::new();
        if let Some(list) = node.child_by_field_id(fields().superclasses) {
            self.each_named(list, |this, child| match K::of(child) {
                K::KeywordArgument | K::DictionarySplat | K::Error => {
                    if let Some(arg) = this.argument(child) {
                        keywords.push((arg.name.unwrap_or_default(), arg.value));
                    }
                }
                _ => {
                    let base = this.ty(child);
                    bases.push(base);
                }
            });
        }
        self.b.enter_scope(inner);
        let class = self.b.class(id);
        class.name = name;
        class.end = end(node);
        class.scope = scope;
        class.outer = outer;
        class.decorators = decorators;
        class.type_params = type_params;
        class.bases = bases;
        class.keywords = keywords;
        let doc = self.body(node);
        self.b.class(id).doc = doc;
        self.b.pop_scope();
    }

    /// The body of a definition. Loops around it end at it.
    fn body(&mut self, node: Node<'t>) -> Option<Name> {
        let loops = std::mem::take(&mut self.loops);
        let used = std::mem::take(&mut self.used_loop);
        let elsewhere = self.elsewhere.len();
        let doc = node.child_by_field_id(fields().body).and_then(|body| self.block(body));
        if node.has_error() {
            self.errors_in(node);
        }
        self.elsewhere.truncate(elsewhere);
        self.loops = loops;
        self.used_loop = used;
        doc
    }

    /// `type X[T] = …`.
    pub(super) fn type_alias(&mut self, node: Node<'t>) {
        let (Some(left), Some(right)) = (node.child_by_field_id(fields().left), node.child_by_field_id(fields().right)) else {
            return self.insides(node);
        };
        let scope = self.b.binding_scope();
        let outer = self.class_here();
        let id = self.b.open_class(at(node));
        let left = self.first_named(left).unwrap_or(left);
        let (name, type_params) =
            if K::of(left) == K::GenericType { (self.first_named(left), self.type_params(left)) } else { (Some(left), Vec::new()) };
        let alias = self.ty(right);
        let name = name.map(|name| self.b.name(name)).unwrap_or_default();
        let class = self.b.class(id);
        class.kind = ClassKind::Alias;
        class.name = name;
        class.end = end(node);
        class.scope = scope;
        class.outer = outer;
        class.type_params = type_params;
        class.alias = alias;
        self.b.pop_scope();
    }

    /// `[T, U: int, *Ts]` after a name.
    fn type_params(&mut self, node: Node<'t>) -> Vec<TypeParam> {
        let mut params = Vec::new();
        self.each_named(node, |this, child| {
            if K::of(child) == K::TypeParameter {
                this.each_named(child, |this, param| {
                    let param = this.type_param(param);
                    params.push(param);
                });
            }
        });
        params
    }

    fn type_param(&mut self, node: Node<'t>) -> TypeParam {
        let inner = if K::of(node) == K::Type { self.first_named(node).unwrap_or(node) } else { node };
        if K::of(inner) != K::ConstrainedType {
            return TypeParam { name: self.b.text(inner).trim_start_matches('*').into(), ..TypeParam::default() };
        }
        let name = self.first_named(inner).map(|name| self.b.name(name)).unwrap_or_default();
        let last = u32::try_from(inner.named_child_count()).ok().and_then(|count| inner.named_child(count.checked_sub(1)?));
        let bound = last.map(|bound| self.ty(bound)).unwrap_or_default();
        TypeParam { name, bound, default: Type::Unknown }
    }
}

/// What decorators of the language itself say.
fn flags_of(decorators: &[Expr]) -> Flags {
    let mut flags = Flags::default();
    for name in decorators.iter().filter_map(Expr::last_name) {
        match name.as_str() {
            "staticmethod" => flags.is_static = true,
            "abstractmethod" => flags.is_abstract = true,
            "property" | "cached_property" | "setter" => flags.is_accessor = true,
            _ => {}
        }
    }
    flags
}
