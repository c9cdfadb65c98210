//! One file's outline: flat arenas in source order.

use serde::{Deserialize, Serialize};

use super::{Assign, At, Call, CallId, Class, ClassId, Export, Expr, FuncId, Function, Impl, Import, ModDecl, Pattern, Return, ScopeId};
use crate::base::Name;

/// What one file says, in source order.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Outline {
    /// Module docstring, `//!`.
    pub doc: Option<Name>,
    /// Scopes; 0 is the module. Never empty after lowering.
    pub scopes: Vec<Scope>,
    /// Imports, wherever they stand.
    pub imports: Vec<Import>,
    /// Exports (TypeScript, JavaScript).
    pub exports: Vec<Export>,
    /// Functions, methods, lambdas.
    pub functions: Vec<Function>,
    /// Classes and everything like them.
    pub classes: Vec<Class>,
    /// Rust `impl` blocks and trait bodies.
    pub impls: Vec<Impl>,
    /// Rust modules, TypeScript namespaces.
    pub mods: Vec<ModDecl>,
    /// Every call, decorators' and attributes' calls included.
    pub calls: Vec<Call>,
    /// Every binding of a value.
    pub assigns: Vec<Assign>,
    /// Every returned or raised value.
    pub returns: Vec<Return>,
    /// Longest member and index chains of two or more links inside functions that are not what is called
    /// (`req.query.page`, `request.json["name"]`).
    pub reads: Vec<Read>,
    /// Conditions of `if`, `match`, `switch` (a `case` is an `Eq` of the subject and the case).
    pub tests: Vec<Test>,
    /// Block comments that may hold a specification or describe what follows: `/** … */`.
    pub comments: Vec<Comment>,
    /// Whether the grammar met something it could not parse; the rest of the file stands.
    pub has_errors: bool,
}

/// A lexical scope.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Scope {
    /// What makes it.
    pub kind: ScopeKind,
    /// The scope around it; itself for the module.
    pub parent: ScopeId,
}

/// What makes a scope.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub enum ScopeKind {
    /// The file.
    #[default]
    Module,
    /// A Rust inline module or TypeScript namespace.
    Namespace(Name),
    /// A function's parameters and body.
    Function(FuncId),
    /// A class body.
    Class(ClassId),
    /// A `for` loop or comprehension: the pattern takes the values of the iterable (evaluated in the parent scope).
    Loop(Pattern, Expr),
    /// A block of a language with block scope.
    Block,
    /// A Rust `impl` or trait body (index into [`Outline::impls`]).
    Impl(u32),
}

/// A member or index chain that is read.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Read {
    /// The chain.
    pub expr: Expr,
    /// The innermost scope it stands in.
    pub scope: ScopeId,
    /// Where.
    pub at: At,
}

/// A condition.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Test {
    /// The condition.
    pub expr: Expr,
    /// The innermost scope it stands in.
    pub scope: ScopeId,
    /// Where.
    pub at: At,
}

/// A documentation comment.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Comment {
    /// Its text, markers removed.
    pub text: Name,
    /// Where it begins.
    pub at: At,
    /// The line it ends on.
    pub end_line: u32,
}

impl Outline {
    /// Gives back memory that is not used, once nothing is added any more.
    pub fn shrink(&mut self) {
        self.scopes.shrink_to_fit();
        self.imports.shrink_to_fit();
        self.exports.shrink_to_fit();
        self.functions.shrink_to_fit();
        self.classes.shrink_to_fit();
        self.impls.shrink_to_fit();
        self.mods.shrink_to_fit();
        self.calls.shrink_to_fit();
        self.assigns.shrink_to_fit();
        self.returns.shrink_to_fit();
        self.reads.shrink_to_fit();
        self.tests.shrink_to_fit();
        self.comments.shrink_to_fit();
    }

    /// The function behind an id.
    #[must_use]
    pub fn function(&self, id: FuncId) -> &Function {
        &self.functions[id.index()]
    }

    /// The class behind an id.
    #[must_use]
    pub fn class(&self, id: ClassId) -> &Class {
        &self.classes[id.index()]
    }

    /// The call behind an id.
    #[must_use]
    pub fn call(&self, id: CallId) -> &Call {
        &self.calls[id.index()]
    }

    /// The scope behind an id.
    #[must_use]
    pub fn scope(&self, id: ScopeId) -> &Scope {
        &self.scopes[id.index()]
    }

    /// A scope and those around it, innermost first, the module last.
    pub fn scopes_from(&self, id: ScopeId) -> impl Iterator<Item = (ScopeId, &Scope)> {
        let mut next = Some(id);
        std::iter::from_fn(move || {
            let id = next?;
            let scope = self.scope(id);
            next = (scope.parent != id).then_some(scope.parent);
            Some((id, scope))
        })
    }

    /// The innermost function around a scope.
    #[must_use]
    pub fn function_around(&self, id: ScopeId) -> Option<FuncId> {
        self.scopes_from(id).find_map(|(_, scope)| match scope.kind {
            ScopeKind::Function(function) => Some(function),
            _ => None,
        })
    }

    /// Whether `inner` is `outer` or lies in it.
    #[must_use]
    pub fn is_within(&self, inner: ScopeId, outer: ScopeId) -> bool {
        // A scope is opened after the one around it.
        self.scopes_from(inner).take_while(|(id, _)| *id >= outer).any(|(id, _)| id == outer)
    }
}
