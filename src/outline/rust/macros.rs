//! Macro calls: their arguments are read from the text by `reader`, or parsed as code by the grammar.
//!
//! Macros that print, log, assert or quote are calls without arguments.

use tree_sitter::Node;

use super::reader::{Reader, Style};
use super::{K, Lower, child, fields, first, named, parts};
use crate::base::Name;
use crate::base::code::{Arg, CallKind, Expr, FuncId, Return, Type};
use crate::base::language::Language;
use crate::outline::builder::{TextBuilder, at};
use crate::outline::parse;

/// How deep texts that only the grammar can read may stand in each other.
const MAX_FRAGMENTS: u32 = 3;

/// How long the arenas are: what was added since can be taken back.
pub(super) struct Mark([usize; 11]);

impl Lower<'_> {
    /// `m!(…)`, `m![…]`, `m! { … }`.
    pub(super) fn macro_call(&mut self, node: Node, is_item: bool) -> Expr {
        let Some(path) = child(node, fields().r#macro) else { return Expr::Hole };
        let Some(tree) = parts(node).into_iter().rev().find(|part| K::of(*part) == K::TokenTree) else { return Expr::Hole };
        let callee = self.path(path).expr;
        let name = callee.last_name().cloned().unwrap_or_default();
        if matches!(name.as_str(), "format" | "format_args" | "concat")
            && let Some(text) = self.text_macro(&name, tree)
        {
            return text;
        }
        let id = self.builder.reserve_call(at(node));
        let args = if is_silent(&name) { Vec::new() } else { self.macro_args(&name, tree, is_item) };
        let call = self.builder.call(id);
        call.callee = callee;
        call.kind = CallKind::Macro;
        call.args = args.into();
        if name == "bail"
            && let Some(function) = self.builder.function_around()
        {
            self.add_raise(Expr::Call(id), node, function);
        }
        Expr::Call(id)
    }

    fn add_raise(&mut self, value: Expr, node: Node, function: FuncId) {
        let scope = self.builder.scope();
        self.builder.outline.returns.push(Return { function, value, is_raise: true, at: at(node), scope });
    }

    fn macro_args(&mut self, name: &str, tree: Node, is_item: bool) -> Vec<Arg> {
        let is_block = self.builder.text(tree).starts_with('{');
        match name {
            "json" if is_block => {
                let range = tree.byte_range();
                let value = Reader::new(self, tree, range, Style::Macro).object().unwrap_or_default();
                vec![Arg { name: None, value }]
            }
            "anyhow" | "bail" | "eyre" => match self.text_macro("format", tree) {
                Some(value) => vec![Arg { name: None, value }],
                None => self.read_args(tree, Style::Macro),
            },
            "table" if is_item => self.table(tree),
            "joinable" if is_item => self.joinable(tree),
            "path" => self.segments(tree),
            "cfg_if" => {
                self.groups(tree, true);
                Vec::new()
            }
            _ if is_block => self.block_args(tree, is_item),
            _ => self.read_args(tree, Style::Macro),
        }
    }

    fn read_args(&mut self, tree: Node, style: Style) -> Vec<Arg> {
        let range = inside(tree);
        Reader::new(self, tree, range, style).members()
    }

    /// `path!("users" / u32 / ..)`: its segments one by one, types as types; any other `path!` as ever.
    fn segments(&mut self, tree: Node) -> Vec<Arg> {
        let mark = self.mark();
        let segments = Reader::new(self, tree, inside(tree), Style::Macro).segments();
        segments.unwrap_or_else(|| {
            self.rollback(&mark);
            self.read_args(tree, Style::Macro)
        })
    }

    /// `m! { … }`: expressions; else statements and items; else what its inner blocks hold.
    fn block_args(&mut self, tree: Node, is_item: bool) -> Vec<Arg> {
        let mark = self.mark();
        let before = std::mem::take(&mut self.is_unread);
        let args = self.read_args(tree, Style::Strict);
        let is_unread = std::mem::replace(&mut self.is_unread, before);
        if !is_unread {
            return args;
        }
        self.rollback(&mark);
        let range = tree.byte_range();
        if let Some(value) = self.parsed_block(tree, range.start, range.end, is_item) {
            return vec![Arg { name: None, value }];
        }
        self.groups(tree, false);
        vec![Arg::default()]
    }

    /// The blocks that stand in a token tree, as statements; `in_place` when they declare for what is around them.
    fn groups(&mut self, tree: Node, in_place: bool) {
        for group in named(tree) {
            if K::of(group) == K::TokenTree && self.builder.text(group).starts_with('{') {
                let range = group.byte_range();
                self.parsed_block(tree, range.start, range.end, in_place);
            }
        }
    }

    /// Text in braces as a block of the grammar; `None` when it is none.
    fn parsed_block(&mut self, node: Node, start: usize, end: usize, in_place: bool) -> Option<Expr> {
        self.with_fragment(node, start, end, |lower, block| {
            if K::of(block) != K::Block {
                return None;
            }
            Some(if in_place { lower.statements(&named(block)) } else { lower.block(block) })
        })
    }

    /// Text as an expression of the grammar; a hole when it is none.
    pub(super) fn parsed_expr(&mut self, node: Node, start: usize, end: usize) -> Expr {
        self.with_fragment(node, start, end, |lower, expr| Some(lower.expr(expr))).unwrap_or_default()
    }

    /// Parses text inside a node as one expression without errors.
    fn with_fragment(&mut self, node: Node, start: usize, end: usize, then: impl FnOnce(&mut Self, Node) -> Option<Expr>) -> Option<Expr> {
        if self.fragments >= MAX_FRAGMENTS {
            return None;
        }
        let tree = parse::fragment(Language::Rust, self.builder.source(), node, start, end)?;
        let statements = parts(tree.root_node());
        let [statement] = statements[..] else { return None };
        // Without its semicolon an expression may be taken for an error that holds just it.
        let inner = match K::of(statement) {
            K::ExpressionStatement => first(statement)?,
            K::Error => first(statement).filter(|inner| inner.byte_range() == statement.byte_range())?,
            _ => statement,
        };
        if inner.has_error() {
            return None;
        }
        self.fragments += 1;
        let expr = then(self, inner);
        self.fragments -= 1;
        expr
    }

    /// `format!("/{}/{x}", y)` and `concat!("a", "b")` as text; `None` when the format is no literal.
    fn text_macro(&mut self, name: &str, tree: Node) -> Option<Expr> {
        let mark = self.mark();
        let args = self.read_args(tree, Style::Macro);
        if name == "concat" {
            let mut text = TextBuilder::default();
            for arg in args {
                match arg.value {
                    Expr::Int(number) => text.push_str(&number.to_string()),
                    Expr::Bool(value) => text.push_str(if value { "true" } else { "false" }),
                    value => text.push(value),
                }
            }
            return Some(text.finish());
        }
        let text = args.split_first().and_then(|(format, args)| Some(formatted(format.value.as_str()?, args)));
        if text.is_none() {
            self.rollback(&mark);
        }
        text
    }

    /// Diesel's `table! { users (id) { id -> Integer, } }`: the table, its key, its columns, named as in the database.
    fn table(&mut self, tree: Node) -> Vec<Arg> {
        let range = inside(tree);
        let mut reader = Reader::new(self, tree, range, Style::Attribute);
        let mut args = Vec::new();
        let mut sql_name = None;
        loop {
            match reader.peek() {
                0 => break,
                b'#' => sql_name = reader.sql_name().or(sql_name),
                b'(' | b'{' => {
                    reader.pos += 1;
                    let members = reader.columns();
                    args.push(Arg { name: None, value: Expr::Args(members.into()) });
                }
                _ => match reader.path() {
                    Some(Expr::Ref(word)) if word == "use" => {
                        reader.skip_member();
                        reader.pos += 1;
                    }
                    Some(path) => args.push(Arg { name: None, value: path }),
                    None => reader.pos += 1,
                },
            }
        }
        args.extend(sql_name.map(|name| Arg { name: Some("sql_name".into()), value: Expr::Str(name) }));
        args
    }

    /// Diesel's `joinable!(posts -> users (author_id))`: the table, the one it refers to, the column.
    fn joinable(&mut self, tree: Node) -> Vec<Arg> {
        let range = inside(tree);
        let mut reader = Reader::new(self, tree, range, Style::Attribute);
        let mut args = Vec::new();
        while reader.peek() != 0 && args.len() < 3 {
            match reader.path() {
                Some(path) => args.push(Arg { name: None, value: path }),
                None => reader.pos += 1,
            }
        }
        args
    }

    /// Where the arenas stand.
    pub(super) fn mark(&self) -> Mark {
        let it = &self.builder.outline;
        Mark([
            it.calls.len(),
            it.functions.len(),
            it.scopes.len(),
            it.assigns.len(),
            it.returns.len(),
            it.reads.len(),
            it.tests.len(),
            it.classes.len(),
            it.impls.len(),
            it.imports.len(),
            it.mods.len(),
        ])
    }

    /// Takes back what was added since.
    pub(super) fn rollback(&mut self, mark: &Mark) {
        let it = &mut self.builder.outline;
        let [calls, functions, scopes, assigns, returns, reads, tests, classes, impls, imports, mods] = mark.0;
        it.calls.truncate(calls);
        it.functions.truncate(functions);
        it.scopes.truncate(scopes);
        it.assigns.truncate(assigns);
        it.returns.truncate(returns);
        it.reads.truncate(reads);
        it.tests.truncate(tests);
        it.classes.truncate(classes);
        it.impls.truncate(impls);
        it.imports.truncate(imports);
        it.mods.truncate(mods);
    }
}

impl Reader<'_, '_, '_> {
    /// Texts and types between slashes; `None` when it is anything else.
    fn segments(&mut self) -> Option<Vec<Arg>> {
        let mut segments = Vec::new();
        while self.peek() != 0 {
            let value = if self.peek() == b'"' {
                self.primary()?
            } else if self.eat_all("..") {
                Expr::Spread(Box::default())
            } else {
                Expr::Type(Box::new(self.ty()?))
            };
            segments.push(Arg { name: None, value });
            if self.peek() != 0 && !self.eat(b'/') {
                return None;
            }
        }
        (segments.len() > 1).then_some(segments)
    }

    /// Columns of a table: `name -> Type`, or the names in its key. `#[sql_name = "…"]` renames the next one.
    fn columns(&mut self) -> Vec<Arg> {
        let mut columns = Vec::new();
        let mut sql_name = None;
        let mut max_length = None;
        loop {
            match self.peek() {
                0 => break,
                b',' => self.pos += 1,
                b'#' => {
                    let start = self.pos;
                    sql_name = self.sql_name().or(sql_name);
                    max_length = self.max_length(start).or(max_length);
                }
                b')' | b'}' => {
                    self.pos += 1;
                    break;
                }
                _ => {
                    let Some(Expr::Ref(name)) = self.path() else {
                        self.skip_member();
                        self.pos += usize::from(!matches!(self.peek(), b',' | b')' | b'}' | 0));
                        continue;
                    };
                    let ty = if self.eat_all("->") { self.ty() } else { None };
                    let arg = match ty {
                        Some(ty) => {
                            let ty = with_length(ty, max_length.take());
                            Arg { name: Some(sql_name.take().unwrap_or(name)), value: Expr::Type(Box::new(ty)) }
                        }
                        None => Arg { name: None, value: Expr::Ref(name) },
                    };
                    columns.push(arg);
                    if !matches!(self.peek(), b',' | b')' | b'}') {
                        self.skip_member();
                    }
                }
            }
        }
        columns
    }

    /// The name in `#[sql_name = "…"]`; other attributes are skipped.
    fn sql_name(&mut self) -> Option<Name> {
        let start = self.pos;
        self.skip_attribute();
        let text = self.slice(start, self.pos);
        let (_, name) = text.split_once("sql_name")?;
        let mut quoted = name.split('"');
        quoted.nth(1).map(Name::new)
    }

    /// The number in `#[max_length = 34]`, an attribute that begins at `start` and was gone over.
    fn max_length(&self, start: usize) -> Option<i64> {
        let text = self.slice(start, self.pos);
        let (_, length) = text.split_once("max_length")?;
        let digits: String = length.chars().filter(char::is_ascii_digit).collect();
        digits.parse().ok()
    }
}

/// A type with the length that `#[max_length = 34]` says, as its last argument.
fn with_length(ty: Type, max_length: Option<i64>) -> Type {
    match (ty, max_length) {
        (Type::Named(mut named), Some(length)) => {
            let mut args = named.args.into_vec();
            args.push(Type::Value(Expr::Int(length)));
            named.args = args.into();
            Type::Named(named)
        }
        (ty, _) => ty,
    }
}

/// The text between the delimiters of a token tree.
fn inside(tree: Node) -> std::ops::Range<usize> {
    let range = tree.byte_range();
    range.start + 1..range.end.saturating_sub(1).max(range.start + 1)
}

/// A format string with its arguments put in.
fn formatted(format: &str, args: &[Arg]) -> Expr {
    let mut text = TextBuilder::default();
    let mut next = args.iter().filter(|arg| arg.name.is_none());
    let mut rest = format;
    while let Some(start) = rest.find(['{', '}']) {
        text.push_str(&rest[..start]);
        let brace = &rest[start..=start];
        rest = &rest[start + 1..];
        if let Some(after) = rest.strip_prefix(brace) {
            text.push_str(brace);
            rest = after;
        } else if brace == "{" {
            let (hole, after) = rest.split_once('}').unwrap_or((rest, ""));
            let name = hole.split(':').next().unwrap_or_default().trim();
            text.push(match name {
                "" => next.next().map(|arg| arg.value.clone()).unwrap_or_default(),
                name => placed(name, args),
            });
            rest = after;
        }
    }
    text.push_str(rest);
    text.finish()
}

/// `{0}` or `{name}`: an argument, or a variable of that name.
fn placed(name: &str, args: &[Arg]) -> Expr {
    if let Ok(index) = name.parse::<usize>() {
        return args.get(index).map(|arg| arg.value.clone()).unwrap_or_default();
    }
    let named = args.iter().find(|arg| arg.name.as_ref().is_some_and(|it| it == name));
    named.map_or_else(|| Expr::Ref(name.into()), |arg| arg.value.clone())
}

/// Macros whose arguments promise nothing.
fn is_silent(name: &str) -> bool {
    const NAMES: [&str; 34] = [
        "print",
        "println",
        "eprint",
        "eprintln",
        "write",
        "writeln",
        "dbg",
        "panic",
        "todo",
        "unimplemented",
        "unreachable",
        "matches",
        "quote",
        "quote_spanned",
        "parse_quote",
        "trace",
        "debug",
        "info",
        "warn",
        "error",
        "log",
        "event",
        "span",
        "trace_span",
        "debug_span",
        "info_span",
        "warn_span",
        "error_span",
        "html",
        "rsx",
        "view",
        "compile_error",
        "prop_assert",
        "snapshot",
    ];
    NAMES.contains(&name) || name.starts_with("assert") || name.starts_with("debug_assert")
}
