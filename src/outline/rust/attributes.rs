//! Attributes and documentation comments: what waits for the item it stands before.
//!
//! `#[cfg_attr(p, x, y)]` stays a decorator, and `x` and `y` are decorators after it, whatever `p` says.

use tree_sitter::Node;

use super::literals::doc_comment;
use super::reader::{Reader, Style};
use super::{K, Lower};
use crate::base::Name;
use crate::base::code::{Arg, CallKind, Comment, Expr, ScopeId};
use crate::outline::builder::at;

/// What was said before an item.
#[derive(Default)]
pub(super) struct Pending {
    /// Attributes in order, documentation left out.
    pub decorators: Vec<Expr>,
    /// `///`, `/** */` and `#[doc = "…"]`, one line each.
    pub doc: Option<String>,
    /// `#[test]`, `#[tokio::test]`, `#[cfg(test)]`.
    pub is_test: bool,
    /// `#[path = "…"]`.
    pub path: Option<Name>,
}

impl Lower<'_> {
    /// A comment: documentation of what follows, of the file, or nothing.
    pub(super) fn comment(&mut self, node: Node, pending: &mut Pending) {
        let text = self.builder.text(node);
        if let Some(doc) = doc_comment(text, '/') {
            if K::of(node) == K::BlockComment {
                let end_line = u32::try_from(node.end_position().row).unwrap_or(u32::MAX).saturating_add(1);
                self.builder.outline.comments.push(Comment { text: Name::new(&doc), at: at(node), end_line });
            }
            add_line(&mut pending.doc, &doc);
        } else if self.builder.scope() == ScopeId(0)
            && let Some(doc) = doc_comment(text, '!')
        {
            add_line(&mut self.doc, &doc);
        }
    }

    /// `#[…]`
    pub(super) fn attribute(&mut self, node: Node, pending: &mut Pending) {
        let Some(expr) = self.read_attribute(node, 1) else { return };
        match self.called(&expr) {
            Some((name, args)) if name == "doc" => {
                if let [Arg { name: None, value: Expr::Str(text) }] = args {
                    let text = text.clone();
                    add_line(&mut pending.doc, text.strip_prefix(' ').unwrap_or(&text));
                    self.builder.outline.calls.pop();
                    return;
                }
            }
            Some((name, [Arg { name: None, value: Expr::Str(path) }])) if name == "path" => pending.path = Some(path.clone()),
            Some((name, args)) if name == "cfg" => pending.is_test |= self.is_test_config(args),
            Some((name, args)) if name == "cfg_attr" => {
                let inner = args.get(1..).unwrap_or_default().to_vec();
                pending.decorators.push(expr);
                for arg in inner {
                    let decorator = self.configured(arg, at(node));
                    pending.is_test |= self.is_test_attribute(&decorator);
                    pending.decorators.push(decorator);
                }
                return;
            }
            _ => pending.is_test |= self.is_test_attribute(&expr),
        }
        pending.decorators.push(expr);
    }

    /// `#![cfg(test)]`, `#![doc = "…"]`; others are not read.
    pub(super) fn inner_attribute(&mut self, node: Node) {
        let calls = self.builder.outline.calls.len();
        let expr = self.read_attribute(node, 2).unwrap_or_default();
        let is_module = self.builder.scope() == ScopeId(0);
        let mut is_test = false;
        let mut doc = None;
        match self.called(&expr) {
            Some((name, args)) if name == "cfg" => is_test = self.is_test_config(args),
            Some((name, [Arg { name: None, value: Expr::Str(text) }])) if name == "doc" && is_module => doc = Some(text.clone()),
            _ => {}
        }
        self.is_in_test |= is_test;
        if let Some(text) = doc {
            add_line(&mut self.doc, text.strip_prefix(' ').unwrap_or(&text));
        }
        self.builder.outline.calls.truncate(calls);
    }

    fn read_attribute(&mut self, node: Node, marks: usize) -> Option<Expr> {
        let text = self.builder.text(node);
        let open = marks + text.get(marks..)?.find('[')? + 1;
        let close = text.rfind(']')?;
        Reader::new(self, node, node.start_byte() + open..node.start_byte() + close, Style::Attribute).attribute()
    }

    /// The name and arguments of an attribute that is a call.
    fn called(&self, expr: &Expr) -> Option<(&Name, &[Arg])> {
        let Expr::Call(id) = expr else { return None };
        let call = self.builder.outline.calls.get(id.index())?;
        Some((call.callee.last_name()?, &call.args))
    }

    /// An attribute inside `cfg_attr`.
    fn configured(&mut self, arg: Arg, at: crate::base::code::At) -> Expr {
        match arg.name {
            Some(name) => self.text_call(Expr::Ref(name), CallKind::Attribute, at, vec![Arg { name: None, value: arg.value }]),
            None => arg.value,
        }
    }

    /// Whether a configuration holds only in tests: `test`, `all(test, …)`, not `any(test, …)` or `not(test)`.
    fn is_test_config(&self, args: &[Arg]) -> bool {
        args.iter().any(|arg| match &arg.value {
            Expr::Ref(name) => arg.name.is_none() && name == "test",
            all @ Expr::Call(_) => match self.called(all) {
                Some((name, args)) => name == "all" && args.iter().any(|arg| arg.value.last_name().is_some_and(|name| name == "test")),
                None => false,
            },
            _ => false,
        })
    }

    fn is_test_attribute(&self, expr: &Expr) -> bool {
        let name = match expr {
            Expr::Call(id) => self.builder.outline.calls.get(id.index()).and_then(|call| call.callee.last_name()),
            expr => expr.last_name(),
        };
        name.is_some_and(|name| matches!(name.as_str(), "test" | "bench" | "rstest" | "test_case"))
    }
}

fn add_line(doc: &mut Option<String>, line: &str) {
    match doc {
        Some(doc) => {
            doc.push('\n');
            doc.push_str(line);
        }
        None => *doc = Some(line.to_owned()),
    }
}
