//! Documentation strings.

use std::borrow::Cow;

use tree_sitter::Node;

use super::Lowering;
use super::kind::K;
use crate::base::Name;
use crate::base::code::Expr;

impl<'t> Lowering<'_, '_, 't> {
    /// The text of a statement that is nothing but a string, its indentation removed.
    pub(super) fn doc_of(&mut self, statement: Node<'t>) -> Option<Name> {
        if K::of(statement) != K::ExpressionStatement || statement.named_child_count() != 1 {
            return None;
        }
        let string = self.first_named(statement)?;
        match K::of(string) {
            K::String | K::ConcatenatedString => {}
            _ => return None,
        }
        let prefix = self.b.text(string).split(['"', '\'']).next().unwrap_or_default();
        if prefix.contains(['f', 'F', 'b', 'B']) {
            return None;
        }
        match self.expr(string) {
            Expr::Str(text) => Some(clean(&text)),
            _ => None,
        }
    }
}

/// What `inspect.cleandoc` makes of a text: the common indentation of all lines but the first, leading blanks of the first,
/// and empty lines around it are gone.
fn clean(text: &str) -> Name {
    if !text.contains('\n') {
        return Name::new(text.trim_start_matches(' '));
    }
    let text = expand_tabs(text);
    let indent = |line: &str| line.len() - line.trim_start_matches(' ').len();
    let is_blank = |line: &&str| line.trim().is_empty();
    let margin = text.split('\n').skip(1).filter(|line| !is_blank(line)).map(indent).min().unwrap_or(0);
    let mut lines: Vec<&str> = text.split('\n').map(|line| line.get(margin.min(indent(line))..).unwrap_or(line)).collect();
    lines[0] = text.split('\n').next().unwrap_or_default().trim_start();
    let end = lines.iter().rposition(|line| !line.is_empty()).map_or(0, |last| last + 1);
    let start = lines.iter().position(|line| !line.is_empty()).unwrap_or(end);
    Name::new(lines[start..end].join("\n"))
}

fn expand_tabs(text: &str) -> Cow<'_, str> {
    if !text.contains('\t') {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len() + 32);
    let mut column = 0;
    for c in text.chars() {
        if c == '\t' {
            let width = 8 - column % 8;
            out.extend(std::iter::repeat_n(' ', width));
            column += width;
        } else {
            out.push(c);
            column = if c == '\n' { 0 } else { column + 1 };
        }
    }
    Cow::Owned(out)
}
