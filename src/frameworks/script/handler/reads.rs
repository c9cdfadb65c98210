//! What a function reads of the request: members, destructured names, lookups, and values given to typed places.

use super::sources::{Source, part_in};
use super::{Handling, Part, READ, Root, is_inside, tree, validators};
use crate::base::Name;
use crate::base::code::{Assign, Call, CallKind, Expr, Key, Op, Pattern, Piece, Type};
use crate::facts::members;
use crate::facts::program::{CallRef, FuncRef, Meaning, Site};
use crate::facts::shape::{Shape, TypeSource};
use crate::frameworks::script::inherited;

/// How deep expressions are gone through.
const MAX_DEPTH: u32 = 24;

impl<'p> Handling<'p> {
    /// Reads one function.
    pub(super) fn read_inputs(&mut self, function: FuncRef, depth: u32) {
        let program = self.program;
        let declared = program.function(function);
        let outline = &program.file(function.file).outline;
        for (position, param) in (0u32..).zip(&declared.params) {
            if let Some(given) = self.givens.get(&(function, position)).cloned() {
                self.pattern(&given, &param.pattern, &program.inside(function));
            }
        }
        for assign in outline.assigns.iter().filter(|assign| is_inside(declared, assign.at)) {
            let site = self.site(function, assign.scope, assign.at);
            self.assign(&site, assign);
        }
        for (call, made) in self.calls_in(function) {
            let site = self.site(function, made.scope, made.at);
            self.call(&site, call, made, depth);
        }
        for value in outline.returns.iter().filter(|value| is_inside(declared, value.at)) {
            let site = self.site(function, value.scope, value.at);
            self.visit(&site, &value.value, &Shape::Any, 0);
        }
        for test in outline.tests.iter().filter(|test| is_inside(declared, test.at)) {
            let site = self.site(function, test.scope, test.at);
            self.visit(&site, &test.expr, &Shape::Any, 0);
        }
        for read in outline.reads.iter().filter(|read| is_inside(declared, read.at)) {
            let site = self.site(function, read.scope, read.at);
            self.visit(&site, &read.expr, &Shape::Any, 0);
        }
    }

    fn assign(&mut self, site: &Site, assign: &Assign) {
        let hint = match (&assign.ty, &assign.target) {
            (Type::Unknown, Pattern::Place(place)) => self.program.shape_of_value(site, place, READ),
            (Type::Unknown, _) => Shape::Any,
            (ty, _) => self.program.shape_of_type(site, ty, READ),
        };
        self.visit(site, &assign.value, &hint, 0);
        if !matches!(assign.target, Pattern::Name(_) | Pattern::Place(_))
            && let Some(source) = self.source(site, &assign.value)
        {
            self.pattern(&source, &assign.target, site);
        }
    }

    /// Records what a pattern takes of a source.
    fn pattern(&mut self, source: &Source, pattern: &Pattern, site: &Site) {
        let Pattern::Object(fields) = pattern else { return };
        for field in fields.iter().filter(|field| !matches!(field.target, Pattern::Rest(_))) {
            let mut below = source.clone();
            below.path.push(field.key.clone());
            let shape = field.default.as_ref().map(|default| self.defaulted(site, default)).unwrap_or_default();
            match &field.target {
                Pattern::Object(_) => self.pattern(&below, &field.target, site),
                _ => self.record(&below, shape),
            }
        }
    }

    /// The shape of a value that is taken when none is given.
    fn defaulted(&self, site: &Site, default: &Expr) -> Shape {
        let shape = self.program.shape_of_value(site, default, READ);
        match literal(default) {
            Some(value) => shape.with("default", value),
            None => shape,
        }
    }

    /// Records a read.
    pub(super) fn record(&mut self, source: &Source, shape: Shape) {
        let Some((part, mut keys)) = self.part_of(source) else { return };
        if keys.last().is_some_and(|last| last == "length") {
            keys.pop();
            keys.push(tree::ELEMENTS.into());
        }
        let shape = if matches!(&shape, Shape::Named(key) if matches!(key.source, TypeSource::Param(..))) { Shape::Any } else { shape };
        if keys.is_empty() {
            let holds = matches!(members::base(&shape), Shape::List(_)) && part == Part::Body
                || self.program.record(&shape).is_some_and(|record| !record.members.is_empty());
            self.trees.entry(part).or_default().add(&[], if holds { shape } else { Shape::Any });
            return;
        }
        if part == Part::Query || part == Part::Headers {
            keys.truncate(2);
            if keys.get(1).is_some_and(|key| key != tree::ELEMENTS) {
                keys.truncate(1);
            }
        }
        self.trees.entry(part).or_default().add(&keys, shape);
    }

    /// Goes through an expression; `hint` is what the place it is given to takes.
    pub(super) fn visit(&mut self, site: &Site, expr: &Expr, hint: &Shape, depth: u32) {
        if depth > MAX_DEPTH {
            return;
        }
        match expr {
            Expr::Ref(_) | Expr::Member(..) | Expr::Index(_) => match self.source(site, expr) {
                Some(source) => self.record(&source, hint.clone()),
                None => {
                    if let Expr::Member(base, _) = expr {
                        self.visit(site, base, &Shape::Any, depth + 1);
                    }
                }
            },
            // `await request.json()`: the value itself.
            Expr::Call(_) => {
                if let Some(source) = self.source(site, expr).filter(|source| !source.path.is_empty()) {
                    self.record(&source, hint.clone());
                }
            }
            Expr::Cast(pair) => {
                let shape = self.program.shape_of_type(site, &pair.1, READ);
                self.visit(site, &pair.0, if shape.is_any() { hint } else { &shape }, depth + 1);
            }
            Expr::Binary(binary) => self.binary(site, binary, hint, depth),
            Expr::Cond(cond) => {
                self.visit(site, &cond.test, &Shape::Any, depth + 1);
                self.visit(site, &cond.yes, hint, depth + 1);
                self.visit(site, &cond.no, hint, depth + 1);
            }
            Expr::Object(entries) => {
                let record = self.program.record(hint);
                for entry in entries.iter() {
                    let member = match &entry.key {
                        Key::Name(name) => record.as_ref().and_then(|record| record.member(name)).map(|member| member.shape.clone()),
                        Key::Spread => Some(hint.clone()),
                        Key::Computed(_) => None,
                    };
                    self.visit(site, &entry.value, &member.unwrap_or_default(), depth + 1);
                }
            }
            Expr::List(items) => items.iter().for_each(|item| self.visit(site, item, &Shape::Any, depth + 1)),
            Expr::Spread(inner) => self.visit(site, inner, hint, depth + 1),
            Expr::Template(pieces) => pieces.iter().for_each(|piece| {
                if let Piece::Expr(inner) = piece {
                    self.visit(site, inner, &Shape::Any, depth + 1);
                }
            }),
            _ => {}
        }
    }

    fn binary(&mut self, site: &Site, binary: &crate::base::code::Binary, hint: &Shape, depth: u32) {
        let with_default = match binary.op {
            Op::Or | Op::Coalesce if literal(&binary.right).is_some() => self.defaulted(site, &binary.right),
            Op::Eq | Op::Ne => match (&binary.left, &binary.right) {
                (_, Expr::Bool(_)) | (Expr::Bool(_), _) => Shape::Bool,
                (_, Expr::Str(_)) | (Expr::Str(_), _) => Shape::Text(None),
                _ => Shape::Any,
            },
            _ => hint.clone(),
        };
        self.visit(site, &binary.left, &with_default, depth + 1);
        self.visit(site, &binary.right, if matches!(binary.op, Op::Eq | Op::Ne) { &with_default } else { hint }, depth + 1);
    }

    fn call(&mut self, site: &Site, call: CallRef, made: &'p Call, depth: u32) {
        if self.lookup(site, made) {
            return;
        }
        if let Some((part, shape)) = validators::checked(self, site, made) {
            self.validate(part, shape);
        }
        if let Some((receiver, name)) = made.method() {
            self.receiver(site, receiver, name);
        }
        let meaning = self.program.callee(call);
        let function = match &meaning {
            Meaning::Class(class) if made.kind == CallKind::New => self.program.method(*class, "constructor"),
            other => other.function(),
        };
        let filling = match (&meaning, function) {
            (Meaning::Class(class), Some(function)) => inherited::filling(self.program, *class, function, READ),
            _ => members::Filling::new(),
        };
        for (position, arg) in (0u32..).zip(&made.args) {
            let hint = match function {
                Some(function) => members::fill(self.param_hint(function, position), &filling),
                None => self.outside_hint(site, &meaning, made, position),
            };
            self.visit(site, &arg.value, &hint, 0);
            let Some(function) = function.filter(|_| hint.is_any() || matches!(arg.value, Expr::Ref(_))) else { continue };
            if let Some(source) = self.source(site, &arg.value)
                && (hint.is_any() || source.path.is_empty() || self.part_of(&source).is_none())
            {
                self.hand_on(function, position, source, depth);
            }
        }
    }

    /// `req.get("X-Id")`.
    fn lookup(&mut self, site: &Site, made: &Call) -> bool {
        let Some((receiver, name)) = made.method() else { return false };
        let known = self.dialect.lookups.iter().any(|(_, path, _)| path.last() == Some(&name.as_str()));
        if !known {
            return false;
        }
        let Some(mut source) = self.source(site, receiver) else { return false };
        source.path.push(name.clone());
        let Some((part, rest)) = part_in(self.dialect.lookups, &source) else { return false };
        let Some(key) = made.positional(0).and_then(|key| self.program.text(site, key).plain()) else { return false };
        if rest.is_empty() {
            self.trees.entry(part).or_default().add(&[Name::from(key)], Shape::Text(None));
        }
        true
    }

    /// What the receiver of a method is read as.
    fn receiver(&mut self, site: &Site, receiver: &Expr, method: &str) {
        if matches!(receiver, Expr::Call(_)) {
            return;
        }
        let Some(mut source) = self.source(site, receiver) else {
            return self.visit(site, receiver, &Shape::Any, 0);
        };
        match method {
            "map" | "forEach" | "filter" | "some" | "every" | "reduce" | "flatMap" | "join" | "push" | "find" => {
                source.path.push(tree::ELEMENTS.into());
                self.record(&source, Shape::Any);
            }
            "split" | "trim" | "toLowerCase" | "toUpperCase" | "startsWith" | "endsWith" | "replace" => {
                self.record(&source, Shape::Text(None));
            }
            "hasOwnProperty" => {}
            _ => self.record(&source, Shape::Any),
        }
    }

    /// What a parameter of the program's own function takes.
    fn param_hint(&self, function: FuncRef, position: u32) -> Shape {
        let declared = self.program.function(function);
        let Some(param) = declared.params.get(position as usize) else { return Shape::Any };
        if param.ty == Type::Unknown || self.givens.get(&(function, position)).is_some_and(|source| source.root != Root::Next) {
            return Shape::Any;
        }
        self.program.shape_of_type(&self.program.inside(function), &param.ty, READ)
    }

    /// What a library's function takes.
    fn outside_hint(&self, site: &Site, meaning: &Meaning, made: &Call, position: u32) -> Shape {
        match meaning.outside() {
            Some("builtins.Number" | "builtins.parseFloat") => Shape::Number,
            Some("builtins.parseInt" | "builtins.Number.parseInt" | "builtins.BigInt") if position == 0 => Shape::Int,
            Some("builtins.Boolean") => Shape::Bool,
            Some("builtins.String" | "builtins.encodeURIComponent" | "builtins.decodeURIComponent") => Shape::Text(None),
            Some("builtins.Array.isArray") => Shape::Any,
            Some("builtins.Date") if made.kind == CallKind::New => Shape::format("date-time"),
            Some(path) if position > 0 && is_merging(path) => {
                made.positional(0).map(|target| self.program.shape_of_value(site, target, READ)).unwrap_or_default()
            }
            _ => Shape::Any,
        }
    }
}

/// Whether a function lays its arguments over the first.
fn is_merging(path: &str) -> bool {
    let (library, name) = path.rsplit_once('.').unwrap_or((path, path));
    match library {
        "builtins.Object" => name == "assign",
        "lodash" | "lodash.default" | "lodash-es" | "lodash/fp" => {
            matches!(name, "merge" | "assign" | "extend" | "mergeWith" | "defaults" | "defaultsDeep")
        }
        "lodash/merge" | "lodash.merge" | "deepmerge" | "lodash/assign" => true,
        _ => matches!(path, "lodash/merge.default" | "deepmerge.default" | "ts-deepmerge.merge"),
    }
}

/// A literal as JSON.
#[must_use]
pub fn literal(expr: &Expr) -> Option<serde_json::Value> {
    match expr {
        Expr::Str(text) => Some(text.as_str().into()),
        Expr::Int(number) => Some((*number).into()),
        Expr::Bool(value) => Some((*value).into()),
        _ => None,
    }
}
