//! What every language's lowering shares: the outline being built, the scope it stands in, a bound on depth, and the
//! joining of text.
//!
//! Knows no grammar.

use tree_sitter::Node;

use crate::base::Name;
use crate::base::code::{
    At, Binary, Call, CallId, Class, ClassId, Expr, FuncId, Function, Impl, Op, Outline, Piece, Read, Scope, ScopeId, ScopeKind, Test,
};

/// How deep statements, expressions, types and patterns may nest before they become holes.
pub(super) const MAX_DEPTH: u32 = 200;

/// How deep the value of a chain (`a.b.c`, `a + b + c`) may nest before its beginning becomes a hole.
pub(super) const MAX_CHAIN: usize = 100;

/// An outline without content: one module scope.
pub(super) fn empty() -> Outline {
    Outline { scopes: vec![Scope::default()], ..Outline::default() }
}

/// The outline being built and where in it the lowering stands.
///
/// Ids are handed out before the insides of a thing are lowered (`reserve_call`, then fill), so that arenas come out in
/// source order.
pub(super) struct OutlineBuilder<'s> {
    /// What has been read so far.
    pub outline: Outline,
    source: &'s str,
    scopes: Vec<ScopeId>,
    depth: u32,
}

impl<'s> OutlineBuilder<'s> {
    /// An empty outline, standing in its module scope.
    pub fn new(source: &'s str) -> Self {
        Self { outline: empty(), source, scopes: vec![ScopeId(0)], depth: 0 }
    }

    /// The whole text.
    pub fn source(&self) -> &'s str {
        self.source
    }

    /// The text of a node.
    pub fn text(&self, node: Node) -> &'s str {
        self.slice(node.start_byte(), node.end_byte())
    }

    /// The text between two offsets; empty when they do not stand on characters.
    pub fn slice(&self, start: usize, end: usize) -> &'s str {
        self.source.get(start..end).unwrap_or_default()
    }

    /// The text of a node as a name.
    pub fn name(&self, node: Node) -> Name {
        Name::new(self.text(node))
    }

    /// The innermost scope.
    pub fn scope(&self) -> ScopeId {
        self.scopes.last().copied().unwrap_or_default()
    }

    /// The scopes around this place, the module first, the innermost last.
    pub fn scopes(&self) -> &[ScopeId] {
        &self.scopes
    }

    /// Opens a scope in the innermost one and enters it.
    pub fn push_scope(&mut self, kind: ScopeKind) -> ScopeId {
        let parent = self.scope();
        let id = ScopeId(count(self.outline.scopes.len()));
        self.outline.scopes.push(Scope { kind, parent });
        self.scopes.push(id);
        id
    }

    /// Enters a scope that was opened before (a second body of the same thing). Leave it with [`Self::pop_scope`].
    pub fn enter_scope(&mut self, id: ScopeId) {
        self.scopes.push(id);
    }

    /// Leaves the innermost scope; the module is never left.
    pub fn pop_scope(&mut self) {
        if self.scopes.len() > 1 {
            self.scopes.pop();
        }
    }

    /// Leaves the innermost scope for a moment: what follows is evaluated around it. Undo it with [`Self::enter_scope`].
    pub fn step_out(&mut self) -> ScopeId {
        let id = self.scope();
        self.pop_scope();
        id
    }

    /// One level deeper. `false`, and nothing to undo, when that is too deep: make a hole. Else [`Self::leave`] follows.
    #[must_use]
    pub fn enter(&mut self) -> bool {
        let is_open = self.depth < MAX_DEPTH;
        self.depth += u32::from(is_open);
        is_open
    }

    /// One level up again.
    pub fn leave(&mut self) {
        self.depth = self.depth.saturating_sub(1);
    }

    /// Enters a chain of so many links that is lowered without recursion, but may make a value that nests as deep: what
    /// stands in it may nest less. Give the result to [`Self::leave_chain`].
    pub fn enter_chain(&mut self, links: usize) -> u32 {
        let weight = count(links.min(MAX_CHAIN)) / 4;
        self.depth += weight;
        weight
    }

    /// Leaves a chain.
    pub fn leave_chain(&mut self, weight: u32) {
        self.depth = self.depth.saturating_sub(weight);
    }

    /// Hands out the id of a call that stands here; fill [`Self::call`] once its arguments are known.
    pub fn reserve_call(&mut self, at: At) -> CallId {
        let id = CallId(count(self.outline.calls.len()));
        let scope = self.scope();
        self.outline.calls.push(Call { at, scope, ..Call::default() });
        id
    }

    /// A reserved call.
    pub fn call(&mut self, id: CallId) -> &mut Call {
        &mut self.outline.calls[id.index()]
    }

    /// Hands out the id of a function declared in the innermost scope, and opens and enters its inner scope.
    pub fn open_function(&mut self, at: At) -> FuncId {
        let id = FuncId(count(self.outline.functions.len()));
        let scope = self.scope();
        self.outline.functions.push(Function { at, scope, ..Function::default() });
        let inner = self.push_scope(ScopeKind::Function(id));
        self.function(id).inner = inner;
        id
    }

    /// A function that was opened.
    pub fn function(&mut self, id: FuncId) -> &mut Function {
        &mut self.outline.functions[id.index()]
    }

    /// Hands out the id of a class declared in the innermost scope, and opens and enters its inner scope.
    pub fn open_class(&mut self, at: At) -> ClassId {
        let id = ClassId(count(self.outline.classes.len()));
        let scope = self.scope();
        self.outline.classes.push(Class { at, scope, ..Class::default() });
        let inner = self.push_scope(ScopeKind::Class(id));
        self.class(id).inner = inner;
        id
    }

    /// A class that was opened.
    pub fn class(&mut self, id: ClassId) -> &mut Class {
        &mut self.outline.classes[id.index()]
    }

    /// Hands out the index of an `impl` or trait body in the innermost scope, and opens and enters its inner scope.
    pub fn open_impl(&mut self, at: At) -> u32 {
        let id = count(self.outline.impls.len());
        let scope = self.scope();
        self.outline.impls.push(Impl { at, scope, ..Impl::default() });
        let inner = self.push_scope(ScopeKind::Impl(id));
        self.outline.impls[id as usize].inner = inner;
        id
    }

    /// The innermost function around this place.
    pub fn function_around(&self) -> Option<FuncId> {
        self.outline.function_around(self.scope())
    }

    /// The innermost scope that is a function, class, module or the like: where a language without block scopes binds.
    pub fn binding_scope(&self) -> ScopeId {
        let binds = |id: &&ScopeId| !matches!(self.outline.scope(**id).kind, ScopeKind::Loop(..) | ScopeKind::Block);
        self.scopes.iter().rev().find(binds).copied().unwrap_or_default()
    }

    /// A condition that stands here.
    pub fn add_test(&mut self, expr: Expr, at: At) {
        if expr != Expr::Hole {
            let scope = self.scope();
            self.outline.tests.push(Test { expr, scope, at });
        }
    }

    /// A chain that is read here; kept only inside functions.
    pub fn add_read(&mut self, expr: &Expr, at: At) {
        if self.function_around().is_some() {
            let scope = self.scope();
            self.outline.reads.push(Read { expr: expr.clone(), scope, at });
        }
    }

    /// The outline, with what has no ids put into source order.
    pub fn finish(self) -> Outline {
        let mut outline = self.outline;
        order(&mut outline.imports, |it| it.at);
        order(&mut outline.assigns, |it| it.at);
        order(&mut outline.returns, |it| it.at);
        order(&mut outline.reads, |it| it.at);
        order(&mut outline.tests, |it| it.at);
        outline
    }
}

/// Where a node begins.
pub(super) fn at(node: Node) -> At {
    At { offset: count(node.start_byte()), line: count(node.start_position().row).saturating_add(1) }
}

/// The offset where a node ends.
pub(super) fn end(node: Node) -> u32 {
    count(node.end_byte())
}

fn count(number: usize) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}

fn order<T>(items: &mut [T], at: impl Fn(&T) -> At) {
    if !items.is_sorted_by_key(&at) {
        items.sort_by_key(at);
    }
}

/// Text joined piece by piece: adjacent literal text becomes one piece, text within text is taken apart.
#[derive(Default)]
pub(super) struct TextBuilder {
    pieces: Vec<Piece>,
    text: String,
}

impl TextBuilder {
    /// Adds literal text.
    pub fn push_str(&mut self, text: &str) {
        self.text.push_str(text);
    }

    /// Adds an expression; a literal or a template is taken apart.
    pub fn push(&mut self, expr: Expr) {
        match expr {
            Expr::Str(text) => self.text.push_str(&text),
            Expr::Template(pieces) => {
                for piece in pieces {
                    match piece {
                        Piece::Text(text) => self.text.push_str(&text),
                        Piece::Expr(expr) => self.push_piece(expr),
                    }
                }
            }
            expr => self.push_piece(expr),
        }
    }

    fn push_piece(&mut self, expr: Expr) {
        self.flush();
        self.pieces.push(Piece::Expr(expr));
    }

    fn flush(&mut self) {
        if !self.text.is_empty() {
            self.pieces.push(Piece::Text(Name::new(&self.text)));
            self.text.clear();
        }
    }

    /// A literal when nothing but text was added, else a template.
    pub fn finish(mut self) -> Expr {
        if self.pieces.is_empty() {
            return Expr::Str(Name::new(&self.text));
        }
        self.flush();
        Expr::Template(self.pieces.into())
    }
}

/// Whether an expression is text for certain.
pub(super) fn is_text(expr: &Expr) -> bool {
    matches!(expr, Expr::Str(_) | Expr::Template(_))
}

/// The operands of one `+` chain in order: a text when one of them is text, else nested additions.
///
/// Operands before the last [`MAX_CHAIN`] of an addition that is no text are dropped for a hole.
pub(super) fn add(operands: Vec<Expr>) -> Expr {
    if operands.iter().any(is_text) {
        let mut text = TextBuilder::default();
        operands.into_iter().for_each(|operand| text.push(operand));
        return text.finish();
    }
    chain(operands, |left, right| binary(Op::Add, left, right))
}

/// A left-deep chain of one operation, no deeper than [`MAX_CHAIN`].
pub(super) fn chain(mut operands: Vec<Expr>, join: impl Fn(Expr, Expr) -> Expr) -> Expr {
    let surplus = operands.len().saturating_sub(MAX_CHAIN);
    if surplus > 0 {
        operands.drain(..surplus);
        operands.insert(0, Expr::Hole);
    }
    operands.into_iter().reduce(join).unwrap_or_default()
}

/// A binary operation.
pub(super) fn binary(op: Op, left: Expr, right: Expr) -> Expr {
    Expr::Binary(Box::new(Binary { op, left, right }))
}
