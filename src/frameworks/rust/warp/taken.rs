//! One alternative of a filter: what it asks for, what it takes out of a request, and the functions that are given it.

use super::super::http::auth;
use super::super::http::extract::{Extractor, Via};
use super::super::http::types::TypeAt;
use crate::base::Name;
use crate::base::code::{Expr, ParamKind, Type};
use crate::facts::finding::{BodyFinding, Location, Method, ParamFinding, SchemeKind, SchemeUse};
use crate::facts::members::without_null;
use crate::facts::program::{CallRef, FuncRef, Mode, Program, Site, Text};
use crate::facts::shape::Shape;

/// A segment of a path.
#[derive(Clone, Debug)]
pub(super) enum Piece {
    /// As it is.
    Fixed(Text),
    /// A parameter.
    Param {
        /// How a function calls it.
        name: Option<Name>,
        /// Its type.
        shape: Shape,
        /// Takes all that follows.
        is_rest: bool,
    },
}

/// What one value that is handed on was taken from.
#[derive(Clone, Debug)]
pub(super) enum Source {
    /// A segment, by its index.
    Path(usize),
    /// The query string.
    Query,
    /// A body of a media type, read into a type.
    Body(&'static str),
    /// A header or cookie; required or not.
    Named(Location, Name, bool),
    /// Something that is no part of the interface.
    Other,
    /// It is not known how many values these are.
    Several,
}

/// A value that is handed on.
#[derive(Clone, Debug)]
pub(super) struct Value<'p> {
    /// What it was taken from.
    pub source: Source,
    /// Its type, when the filter says it.
    pub ty: Option<TypeAt<'p>>,
}

impl<'p> Value<'p> {
    /// A value of a type that may be told later.
    pub fn new(source: Source, ty: Option<TypeAt<'p>>) -> Self {
        Self { source, ty }
    }
}

/// A function that is given values.
#[derive(Clone, Debug)]
pub(super) struct Step {
    /// As it is written.
    pub function: FuncRef,
    /// The one that answers: what a closure does nothing but call.
    pub answers: FuncRef,
    /// Where it is given.
    pub line: u32,
}

/// One alternative.
#[derive(Clone, Debug, Default)]
pub(super) struct Accepted<'p> {
    /// Methods; none stands for all.
    pub methods: Vec<Method>,
    /// The path.
    pub pieces: Vec<Piece>,
    /// Values not handed to a function yet.
    pub values: Vec<Value<'p>>,
    /// Parameters outside the path.
    pub params: Vec<ParamFinding>,
    /// The body.
    pub body: Option<BodyFinding>,
    /// What is asked of the caller.
    pub security: Vec<SchemeUse>,
    /// The functions, in order.
    pub steps: Vec<Step>,
}

impl<'p> Accepted<'p> {
    /// This and that.
    pub fn and(&self, other: &Self) -> Self {
        let mut both = self.clone();
        if both.methods.is_empty() {
            both.methods.clone_from(&other.methods);
        }
        let shift = both.pieces.len();
        both.pieces.extend(other.pieces.iter().cloned());
        both.values.extend(other.values.iter().cloned().map(|value| match value.source {
            Source::Path(index) => Value { source: Source::Path(index + shift), ..value },
            _ => value,
        }));
        for param in &other.params {
            if !both.params.iter().any(|known| known.name == param.name && known.location == param.location) {
                both.params.push(param.clone());
            }
        }
        both.body = both.body.or_else(|| other.body.clone());
        both.security.extend(other.security.iter().cloned());
        both.steps.extend(other.steps.iter().cloned());
        both
    }

    /// Hands the values to a function of the program.
    pub fn step(&mut self, program: &'p dyn Program, function: FuncRef, line: u32) {
        let taker = Taker::of(program, function);
        self.settle(program, Some(&taker));
        self.steps.push(Step { function, answers: taker.answers, line });
        self.values.push(Value::new(Source::Other, None));
    }

    /// Tells what all values are, with the names and types that a function gives them.
    pub fn settle(&mut self, program: &'p dyn Program, taker: Option<&Taker<'p>>) {
        let values = std::mem::take(&mut self.values);
        let count = values.len();
        let several = values.iter().position(|value| matches!(value.source, Source::Several));
        for (index, value) in values.into_iter().enumerate() {
            let param = taker.and_then(|taker| {
                let is_behind = several.is_some_and(|at| index >= at);
                let at = if is_behind { taker.params.len().checked_sub(count - index)? } else { index };
                taker.params.get(at)
            });
            let name = param.and_then(|param| param.0.clone());
            let ty = value.ty.or_else(|| param.and_then(|param| param.1.clone()));
            self.tell(program, value.source, name, ty, taker);
        }
    }

    fn tell(&mut self, program: &'p dyn Program, source: Source, name: Option<Name>, ty: Option<TypeAt<'p>>, taker: Option<&Taker<'p>>) {
        match source {
            Source::Path(index) => {
                if let Some(Piece::Param { name: known, shape, .. }) = self.pieces.get_mut(index) {
                    *known = name.or(known.take());
                    if let Some(ty) = ty {
                        *shape = ty.shape(program, Mode::Read);
                    }
                }
            }
            Source::Query => {
                if let Some(ty) = ty {
                    let mut extractor = Extractor::new(program, Vec::new(), false);
                    extractor.via(Via::Query, &ty, false);
                    self.params.extend(extractor.taken.params);
                }
            }
            Source::Body(media) => {
                let shape = ty.map_or(Shape::Any, |ty| ty.shape(program, Mode::Read));
                let contents = vec![(media.into(), shape)];
                self.body.get_or_insert(BodyFinding { required: true, contents, doc: None });
            }
            Source::Named(location, name, required) => self.named(program, (location, name, required), ty, taker),
            Source::Other | Source::Several => {}
        }
    }

    /// A header or cookie. `authorization` is no parameter but a scheme.
    fn named(
        &mut self,
        program: &'p dyn Program,
        (location, name, required): (Location, Name, bool),
        ty: Option<TypeAt<'p>>,
        taker: Option<&Taker<'p>>,
    ) {
        if location == Location::Header && name.eq_ignore_ascii_case("authorization") {
            let kind = taker.map_or(SchemeKind::Guard, |taker| auth::evidence(program, taker.answers, 0).kind());
            if required || taker.is_some_and(|taker| auth::evidence(program, taker.answers, 0).refuses) {
                self.security.push(auth::scheme("authorization", kind));
            }
            return;
        }
        let is_plumbing =
            ["host", "accept", "content-type", "content-length", "connection", "upgrade"].contains(&name.to_ascii_lowercase().as_str());
        if location == Location::Header && is_plumbing {
            return;
        }
        let shape = ty.map_or(Shape::Text(None), |ty| without_null(ty.shape(program, Mode::Read)));
        self.params.push(ParamFinding { name, location, required, shape, ..ParamFinding::default() });
    }
}

/// What a function calls the values it is given, and of which types they are.
pub(super) struct Taker<'p> {
    /// Names and types by position.
    params: Vec<(Option<Name>, Option<TypeAt<'p>>)>,
    /// The function that answers.
    answers: FuncRef,
}

impl<'p> Taker<'p> {
    fn of(program: &'p dyn Program, function: FuncRef) -> Self {
        let declared = program.file(function.file).outline.function(function.id);
        let own = declared.params.iter().filter(|param| param.kind != ParamKind::Receiver);
        let mut params: Vec<_> = own
            .map(|param| {
                let ty = (param.ty != Type::Unknown).then(|| TypeAt::signed(program, function, &param.ty));
                (param.name().map(|name| clean(name)), ty)
            })
            .collect();
        let Some((call, called)) = passes_on(program, function) else { return Self { params, answers: function } };
        let target = program.file(called.file).outline.function(called.id);
        let given = target.params.iter().filter(|param| param.kind != ParamKind::Receiver);
        for (arg, param) in program.file(function.file).outline.call(call.id).args.iter().zip(given) {
            let Expr::Ref(name) = &arg.value else { continue };
            let own = params.iter_mut().find(|own| own.0.as_ref().is_some_and(|own| *own == clean(name)) && own.1.is_none());
            if let Some(own) = own.filter(|_| param.ty != Type::Unknown) {
                own.1 = Some(TypeAt::signed(program, called, &param.ty));
            }
        }
        Self { params, answers: called }
    }
}

fn clean(name: &str) -> Name {
    name.trim_start_matches('_').into()
}

/// `|id| handlers::show(id, db.clone())`: a closure that does nothing but call a function.
fn passes_on(program: &dyn Program, function: FuncRef) -> Option<(CallRef, FuncRef)> {
    let facts = program.file(function.file);
    if !facts.outline.function(function.id).name.is_empty() {
        return None;
    }
    let [only] = facts.returns_of(function.id) else { return None };
    let Expr::Call(id) = facts.outline.returns[*only as usize].value else { return None };
    let call = CallRef { file: function.file, id };
    Some((call, program.callee(call).function()?))
}

/// The type that a call is given: `param::<u32>()`.
pub(super) fn type_of_call<'p>(program: &'p dyn Program, place: CallRef, site: &Site) -> Option<TypeAt<'p>> {
    let ty = program.file(place.file).outline.call(place.id).type_args.first()?;
    let is_left_out = matches!(ty, Type::Unknown) || ty.last_name().is_some_and(|name| name == "_");
    (!is_left_out).then(|| TypeAt::new(ty, site.clone()))
}
