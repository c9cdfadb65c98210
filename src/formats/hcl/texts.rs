//! Texts of HCL: in quotes, with holes, and as heredocs.

use super::Reader;
use crate::facts::hcl::{Expr, Part};

impl Reader<'_> {
    pub(super) fn skip_text(&mut self) {
        self.bump();
        while let Some(c) = self.bump() {
            match c {
                '\\' => {
                    self.bump();
                }
                '"' => return,
                _ => {}
            }
        }
    }

    /// A text in quotes.
    pub(super) fn text_parts(&mut self) -> Vec<Part> {
        self.bump();
        let mut parts = Parts::default();
        while let Some(c) = self.peek() {
            match c {
                '"' => {
                    self.bump();
                    break;
                }
                '\n' => break,
                '\\' => {
                    self.bump();
                    parts.text.extend(self.bump().map(|c| match c {
                        'n' => '\n',
                        't' => '\t',
                        'r' => '\r',
                        c => c,
                    }));
                }
                _ => self.template(&mut parts),
            }
        }
        parts.done()
    }

    /// One character of a text, or a hole.
    fn template(&mut self, parts: &mut Parts) {
        if self.eat("$${") {
            parts.text.push_str("${");
        } else if self.eat("${") {
            self.eat("~");
            self.blank(true);
            let expr = self.expr();
            self.blank(true);
            self.eat("~");
            self.skip_to('}');
            self.eat("}");
            parts.hole(expr);
        } else {
            parts.text.extend(self.bump());
        }
    }

    /// `<<EOT` and `<<-EOT`.
    pub(super) fn heredoc(&mut self) -> Expr {
        self.eat("<<");
        self.eat("-");
        let Some(word) = self.word() else {
            self.line_end();
            return Expr::Other;
        };
        self.line_end();
        self.bump();
        let mut parts = Parts::default();
        while !self.is_done() {
            let line = self.rest().lines().next().unwrap_or_default();
            if line.trim() == word {
                self.line_end();
                break;
            }
            while self.peek().is_some_and(|c| c != '\n') {
                self.template(&mut parts);
            }
            parts.text.extend(self.bump());
        }
        Expr::Text(parts.done())
    }
}

/// A text on its way.
#[derive(Default)]
struct Parts {
    parts: Vec<Part>,
    text: String,
}

impl Parts {
    fn hole(&mut self, expr: Expr) {
        if !self.text.is_empty() {
            self.parts.push(Part::Text(std::mem::take(&mut self.text)));
        }
        self.parts.push(Part::Hole(expr));
    }

    fn done(mut self) -> Vec<Part> {
        if !self.text.is_empty() {
            self.parts.push(Part::Text(self.text));
        }
        self.parts
    }
}
