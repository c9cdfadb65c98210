//! What a declaration, parameter, loop or assignment binds.

use super::Script;
use super::kids::{Kid, in_slot};
use super::kinds::{Kind, Slot};
use crate::base::Name;
use crate::base::code::{Expr, Key, Pattern, PatternField};

impl<'t> Script<'t> {
    /// A pattern, or the place that is assigned to.
    pub fn pattern(&mut self, kid: Kid<'t>) -> Pattern {
        match kid.kind {
            Kind::Identifier => match self.b.text(kid.node) {
                "" => Pattern::Ignore,
                text => Pattern::Name(Name::new(text)),
            },
            Kind::This => Pattern::Name(Name::new_static("this")),
            _ if self.b.enter() => {
                let pattern = self.compound_pattern(kid);
                self.b.leave();
                pattern
            }
            _ => Pattern::Ignore,
        }
    }

    fn compound_pattern(&mut self, kid: Kid<'t>) -> Pattern {
        match kid.kind {
            Kind::Member | Kind::Subscript => match self.place(kid) {
                Expr::Hole => Pattern::Ignore,
                place => Pattern::Place(place),
            },
            Kind::ObjectPattern => self.object_pattern(kid),
            Kind::ArrayPattern => self.array_pattern(kid),
            Kind::RestPattern => Pattern::Rest(Box::new(self.only_pattern(kid))),
            Kind::Paren | Kind::NonNull | Kind::Cast => self.only_pattern(kid),
            Kind::AssignmentPattern => self.defaulted(kid).0,
            _ => {
                self.expr(kid);
                Pattern::Ignore
            }
        }
    }

    fn only_pattern(&mut self, kid: Kid<'t>) -> Pattern {
        self.only(kid.node).map(|kid| self.pattern(kid)).unwrap_or_default()
    }

    /// `a = 1`: what is bound, and the default.
    pub fn defaulted(&mut self, kid: Kid<'t>) -> (Pattern, Option<Expr>) {
        if kid.kind != Kind::AssignmentPattern {
            return (self.pattern(kid), None);
        }
        let kids = self.open(kid.node);
        let target = in_slot(&kids, Slot::Left).map(|kid| self.pattern(kid)).unwrap_or_default();
        let default = in_slot(&kids, Slot::Right).map(|kid| self.expr(kid));
        self.close(kids);
        (target, default)
    }

    fn array_pattern(&mut self, kid: Kid<'t>) -> Pattern {
        let kids = self.open(kid.node);
        let mut items = Vec::with_capacity(kids.len());
        for kid in &kids {
            // `[, b]` leaves the first one out.
            while items.len() < kid.place as usize {
                items.push(Pattern::Ignore);
            }
            items.push(self.pattern(*kid));
        }
        self.close(kids);
        Pattern::List(items.into())
    }

    fn object_pattern(&mut self, kid: Kid<'t>) -> Pattern {
        let kids = self.open(kid.node);
        let fields = kids.iter().map(|kid| self.pattern_field(*kid)).collect();
        self.close(kids);
        Pattern::Object(fields)
    }

    fn pattern_field(&mut self, kid: Kid<'t>) -> PatternField {
        if kid.kind == Kind::PairPattern {
            let kids = self.open(kid.node);
            let key = match in_slot(&kids, Slot::Key).map(|kid| self.key(kid)) {
                Some(Key::Name(key)) => key,
                _ => Name::default(),
            };
            let (target, default) = in_slot(&kids, Slot::Value).map(|kid| self.defaulted(kid)).unwrap_or_default();
            self.close(kids);
            return PatternField { key, target, default };
        }
        let (target, default) = self.defaulted(kid);
        let key = match &target {
            Pattern::Name(name) => name.clone(),
            _ => Name::default(),
        };
        PatternField { key, target, default }
    }
}

/// The names that a pattern binds, in order.
pub(super) fn names_of(pattern: &Pattern, names: &mut Vec<Name>) {
    match pattern {
        Pattern::Name(name) => names.push(name.clone()),
        Pattern::List(items) => items.iter().for_each(|item| names_of(item, names)),
        Pattern::Object(fields) => fields.iter().for_each(|field| names_of(&field.target, names)),
        Pattern::Rest(inner) => names_of(inner, names),
        Pattern::Ignore | Pattern::Place(_) => {}
    }
}
