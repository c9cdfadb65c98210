//! What a handler and its dependencies take, found through every `Depends` below it.

use std::sync::Arc;

use super::body::{BodyField, Media};
use super::inputs::{Marker, bracketed, is_complex, marker, takes_request};
use super::taken::Taken;
use super::{raises, schemes};
use crate::base::Name;
use crate::base::code::{Call, Expr, ParamKind, Type};
use crate::facts::finding::{Location, ParamFinding, SchemeKind, SchemeUse};
use crate::facts::program::{CallRef, ClassRef, Entered, Env, Frame, FuncRef, Meaning, Mode, Program, Site};
use crate::facts::shape::Shape;
use crate::frameworks::python::annotations::{Annotation, inside_call};
use crate::frameworks::python::literals::{texts, truth};
use crate::frameworks::python::pydantic;

/// How deep dependencies may nest.
const MAX_DEPTH: u32 = 24;

/// Collects what is taken.
pub struct Collector<'p> {
    pub(super) program: &'p dyn Program,
    pub(super) taken: Taken,
    /// Functions, and the calls that made them.
    seen: Vec<(FuncRef, Env)>,
    /// Functions among the dependencies that turn requests away: their names.
    guards: Vec<Name>,
    raised: Vec<u16>,
    scopes: Vec<Name>,
    depth: u32,
}

impl<'p> Collector<'p> {
    /// Nothing collected yet.
    #[must_use]
    pub fn new(program: &'p dyn Program) -> Self {
        Self { program, taken: Taken::default(), seen: Vec::new(), guards: Vec::new(), raised: Vec::new(), scopes: Vec::new(), depth: 0 }
    }

    /// What was collected. A dependency that turns away who is not logged in is a guard where no scheme is declared.
    #[must_use]
    pub fn finish(mut self) -> Taken {
        if self.taken.security.is_empty() {
            let guards = std::mem::take(&mut self.guards);
            self.taken.security = guards.into_iter().map(|name| SchemeUse { name, kind: SchemeKind::Guard, scopes: Vec::new() }).collect();
        }
        self.taken
    }

    /// Statuses that are raised on the way, sorted.
    #[must_use]
    pub fn raised(&self) -> Vec<u16> {
        let mut raised = self.raised.clone();
        raised.sort_unstable();
        raised.dedup();
        raised
    }

    /// `dependencies=[Depends(…), …]`.
    pub fn listed(&mut self, site: &Site, list: Option<&'p Expr>) {
        let Some(list) = list else { return };
        for (item, at) in self.program.items(site, list).unwrap_or_default() {
            if let Some(Marker::Depends { target, scopes, site }) = marker(self.program, &at, item) {
                self.dependency(&site, target, None, scopes);
            }
        }
    }

    /// The class of a class-based view: its attributes and constructor are dependencies of every handler in it. Views are decorated
    /// (`@cbv(router)`, also under other names); of a plain class nothing is made for its handlers.
    pub fn view(&mut self, handler: FuncRef) {
        let Some(id) = self.program.function(handler).class else { return };
        let view = ClassRef { file: handler.file, id };
        if self.program.class(view).decorators.is_empty() {
            return;
        }
        for class in self.program.lineage(view).into_iter().rev() {
            let declared = self.program.file(class.file).outline.class(class.id);
            let site = self.program.inside_class(class);
            for field in &declared.fields {
                let annotation = Annotation::new(self.program, &site, &field.ty);
                let markers = field.default.iter().map(|expr| (expr, site.clone())).chain(annotation.metadata.iter().cloned());
                for (expr, at) in markers.collect::<Vec<_>>() {
                    if let Some(Marker::Depends { target, scopes, site }) = marker(self.program, &at, expr) {
                        self.dependency(&site, target, Some(&annotation), scopes);
                    }
                }
            }
        }
        if let Some(constructor) = self.program.method(view, "__init__") {
            self.function(constructor, None);
        }
    }

    /// Everything a function's parameters take.
    pub fn function(&mut self, function: FuncRef, env: Env) {
        if self.depth > MAX_DEPTH || self.seen.iter().any(|(seen, by)| *seen == function && *by == env) {
            return;
        }
        self.seen.push((function, env.clone()));
        self.depth += 1;
        let declared = self.program.file(function.file).outline.function(function.id);
        let site = Site { env, ..self.program.around(function) };
        for param in declared.params.iter().filter(|param| param.kind != ParamKind::Receiver) {
            if let Some(name) = param.name() {
                self.declared(&site, name, &param.ty, param.default.as_ref());
            }
        }
        self.raised.extend(raises::statuses(self.program, function));
        self.depth -= 1;
    }

    /// One parameter, as its annotation and default say.
    pub fn declared(&mut self, site: &Site, name: &Name, ty: &'p Type, default: Option<&'p Expr>) {
        let mut annotation = Annotation::new(self.program, site, ty);
        // Ninja's `Query[Filters]`.
        let bracketed = bracketed(self.program, &mut annotation);
        let said = annotation.metadata.iter().rev().find_map(|(expr, at)| marker(self.program, at, expr));
        let by_default = default.and_then(|expr| marker(self.program, site, expr));
        let plain_default = default.filter(|_| by_default.is_none());
        match by_default.or(said).or(bracketed) {
            Some(Marker::Depends { target, scopes, site }) => self.dependency(&site, target, Some(&annotation), scopes),
            Some(Marker::Param(location, call)) => self.param(site, name, &annotation, plain_default, Some((location, call))),
            Some(Marker::Body(media, call)) => self.body_field(site, name, &annotation, plain_default, media, Some(call)),
            None if takes_request(self.program, &annotation) => {}
            None => self.implicit(site, name, &annotation, plain_default),
        }
    }

    fn implicit(&mut self, site: &Site, name: &Name, annotation: &Annotation<'p>, default: Option<&'p Expr>) {
        let alternatives = annotation.alternatives(self.program);
        if alternatives.iter().any(|one| is_upload(self.program, one)) {
            return self.body_field(site, name, annotation, default, Media::File, None);
        }
        if is_complex(self.program, &annotation.shape(self.program, Mode::Read)) {
            return self.body_field(site, name, annotation, default, Media::Json, None);
        }
        self.param(site, name, annotation, default, None);
    }

    /// A dependency: its target, or the annotated class when it names none.
    fn dependency(&mut self, site: &Site, target: Option<&'p Expr>, annotation: Option<&Annotation<'p>>, scopes: Vec<Name>) {
        let meaning = match (target, annotation) {
            (Some(target), _) => self.program.produce(site, target),
            (None, Some(annotation)) => annotation.head(self.program),
            (None, None) => return,
        };
        let outer = std::mem::take(&mut self.scopes);
        self.scopes = outer.iter().chain(&scopes).cloned().collect();
        match (target.and_then(|target| self.stand_in(site, target, &meaning)), &meaning) {
            (Some(class), _) => self.class(class),
            (None, Meaning::Function(function, _)) => {
                let env = target.and_then(|target| self.made_by(site, target, *function));
                self.guarded(*function, env);
            }
            _ => self.target(meaning),
        }
        self.scopes = outer;
    }

    /// `Depends(filter_of("name"))`: the frame of the call whose function declares the dependency and returns it.
    fn made_by(&self, site: &Site, target: &'p Expr, inner: FuncRef) -> Env {
        let made = self.program.resolve(site, target);
        let (call, at) = made.call()?;
        let Meaning::Function(outer, _) = self.program.callee(call) else { return None };
        let (declared, around) = (self.program.function(inner), self.program.function(outer));
        let is_inside = outer.file == inner.file && (around.at.offset..around.end).contains(&declared.at.offset);
        let caller = inside_call(self.program.file(call.file).outline.call(call.id), at);
        let depth = caller.env.as_ref().map_or(0, |frame| frame.depth) + 1;
        let frame = || Frame { entered: Entered::Call { function: outer, call, caller: caller.clone() }, outer: caller.env.clone(), depth };
        (is_inside && outer != inner).then(|| Arc::new(frame()))
    }

    /// `Depends(as_query(Filter))`: a function that takes whatever the class it was made for takes.
    fn stand_in(&self, site: &Site, target: &'p Expr, made: &Meaning<'p>) -> Option<ClassRef> {
        let Expr::Call(id) = target else { return None };
        let params = &self.program.function(made.function()?).params;
        if params.is_empty() || !params.iter().all(|param| matches!(param.kind, ParamKind::Rest | ParamKind::KeywordRest)) {
            return None;
        }
        let call = self.program.file(site.file).outline.call(*id);
        call.args.iter().find_map(|arg| self.program.resolve(site, &arg.value).class())
    }

    fn target(&mut self, meaning: Meaning<'p>) {
        match meaning {
            Meaning::Function(function, _) => self.guarded(function, None),
            Meaning::Value(Expr::Func(id), at) => self.guarded(FuncRef { file: at.file, id: *id }, at.env),
            Meaning::Class(class) => self.class(class),
            Meaning::Instance(class) => self.instance(class, None),
            Meaning::Value(Expr::Call(id), at) => self.made(CallRef { file: at.file, id: *id }, &at),
            Meaning::Outside(path) => self.library_class(&path),
            _ => {}
        }
    }

    /// A function among the dependencies. It guards when it answers 401.
    fn guarded(&mut self, function: FuncRef, env: Env) {
        let before = std::mem::take(&mut self.raised);
        self.function(function, env);
        let is_guard = self.raised.contains(&401);
        self.raised.extend(before);
        let name = &self.program.function(function).name;
        if is_guard && !self.guards.contains(name) {
            self.guards.push(name.clone());
        }
    }

    /// A class as a dependency: what its constructor takes.
    fn class(&mut self, class: ClassRef) {
        if self.depth > MAX_DEPTH {
            return;
        }
        if let Some(constructor) = self.program.method(class, "__init__") {
            return self.function(constructor, None);
        }
        let bases = self.program.outside_bases(class);
        if let Some(base) = bases.iter().find(|base| base.contains("OAuth2PasswordRequestForm")) {
            return self.library_class(&base.clone());
        }
        if pydantic::is_model(self.program, class) {
            return self.model(class);
        }
        self.depth += 1;
        for class in self.program.lineage(class).into_iter().rev() {
            let declared = self.program.file(class.file).outline.class(class.id);
            let site = self.program.inside_class(class);
            for field in declared.fields.iter().filter(|field| field.ty != Type::Unknown) {
                self.declared(&site, &field.name, &field.ty, field.default.as_ref());
            }
        }
        self.depth -= 1;
    }

    /// A model as a dependency: each field by itself.
    fn model(&mut self, class: ClassRef) {
        let shape = self.program.shape_of_class(class, Vec::new(), Mode::Read);
        for member in self.program.record(&shape).unwrap_or_default().members {
            if is_complex(self.program, &member.shape) {
                let field = BodyField {
                    name: member.name,
                    shape: member.shape,
                    required: member.required,
                    media: Media::Json,
                    embed: false,
                    is_model: true,
                    media_type: None,
                    doc: member.doc,
                };
                self.add_field(field);
            } else {
                self.add_param(ParamFinding {
                    name: member.name,
                    location: Location::Query,
                    required: member.required,
                    shape: member.shape,
                    doc: member.doc,
                    deprecated: member.deprecated,
                });
            }
        }
    }

    /// An object that is called: a scheme, or an instance of a class of the program.
    fn made(&mut self, call: CallRef, at: &Site) {
        let made = self.program.file(call.file).outline.call(call.id);
        let inside = inside_call(made, at);
        match self.program.callee(call) {
            Meaning::Outside(path) => {
                if let Some(scheme) = schemes::scheme(self.program, &inside, &path, made, None) {
                    self.add_scheme(scheme, Some((made, &inside)));
                } else if matches!(path.as_str(), "functools.partial" | "fastapi.Depends")
                    && let Some(target) = made.positional(0)
                {
                    let meaning = self.program.produce(&inside, target);
                    self.target(meaning);
                }
            }
            Meaning::Class(class) => self.instance(class, Some((call, inside))),
            Meaning::Attribute(of, name) => self.library_method(&of, &name),
            _ => {}
        }
    }

    fn instance(&mut self, class: ClassRef, made: Option<(CallRef, Site)>) {
        let base = self.program.outside_bases(class).into_iter().find(|base| schemes::class_of(base).is_some());
        if let Some(base) = base {
            let own = &self.program.class(class).name;
            let default = Call::default();
            let (call, site) = match &made {
                Some((call, site)) => (self.program.call(*call), site.clone()),
                None => (&default, self.program.inside_class(class)),
            };
            let scheme = schemes::scheme(self.program, &site, &base, call, Some(own));
            scheme.into_iter().for_each(|scheme| self.add_scheme(scheme, Some((call, &site))));
        }
        if let Some(method) = self.program.method(class, "__call__") {
            self.guarded(method, None);
        }
    }

    /// Classes of libraries as dependencies.
    fn library_class(&mut self, path: &str) {
        let is_strict = path.ends_with(".OAuth2PasswordRequestFormStrict");
        if is_strict || path.ends_with(".OAuth2PasswordRequestForm") {
            password_form(is_strict).into_iter().for_each(|field| self.add_field(field));
        } else if let Some(class) = schemes::class_of(path) {
            let call = Call::default();
            let site = Site::module(crate::facts::program::FileId(0));
            let scheme = schemes::scheme(self.program, &site, path, &call, Some(&class.into()));
            scheme.into_iter().for_each(|scheme| self.add_scheme(scheme, None));
        }
    }

    /// `fastapi_users.current_user(active=True)`: who is not logged in is turned away.
    fn library_method(&mut self, of: &Meaning, name: &str) {
        let Some((call, _)) = of.call() else { return };
        let is_users = self.program.callee(call).outside().is_some_and(|path| path.starts_with("fastapi_users."));
        if is_users && name == "current_user" {
            self.add_scheme(SchemeUse { name: "OAuth2PasswordBearer".into(), kind: SchemeKind::Bearer, scopes: Vec::new() }, None);
        }
    }

    /// Adds a scheme; `made` is the call that makes it.
    fn add_scheme(&mut self, mut scheme: SchemeUse, made: Option<(&Call, &Site)>) {
        if made.is_some_and(|(call, site)| truth(self.program, site, call.keyword("auto_error")) == Some(false)) {
            self.taken.lenient.push(scheme.name.clone());
        }
        scheme.scopes = self.scopes.clone();
        match self.taken.security.iter_mut().find(|known| known.name == scheme.name) {
            Some(known) => known.scopes.extend(scheme.scopes.into_iter().filter(|scope| !known.scopes.contains(scope)).collect::<Vec<_>>()),
            None => self.taken.security.push(scheme),
        }
    }

    pub(super) fn add_param(&mut self, param: ParamFinding) {
        if !self.taken.params.iter().any(|known| known.name == param.name && known.location == param.location) {
            self.taken.params.push(param);
        }
    }

    pub(super) fn add_field(&mut self, field: BodyField) {
        if !self.taken.fields.iter().any(|known| known.name == field.name) {
            self.taken.fields.push(field);
        }
    }
}

/// `UploadFile`, or a list of them.
fn is_upload(program: &dyn Program, annotation: &Annotation) -> bool {
    let is_file = |path: &str| path.ends_with(".UploadFile") || path.ends_with(".UploadedFile");
    match annotation.head(program) {
        Meaning::Outside(path) if is_file(&path) => true,
        Meaning::Class(class) => program.outside_bases(class).iter().any(|base| is_file(base)),
        Meaning::Outside(_) => {
            let ty = annotation.to_type();
            ty.args().iter().any(|arg| program.resolve_type(&annotation.site, arg).outside().is_some_and(is_file))
        }
        _ => false,
    }
}

/// The fields of `OAuth2PasswordRequestForm`.
fn password_form(is_strict: bool) -> Vec<BodyField> {
    let field = |name: &'static str, shape: Shape, required: bool| BodyField {
        name: name.into(),
        shape,
        required,
        media: Media::Form,
        embed: false,
        is_model: false,
        media_type: None,
        doc: None,
    };
    let grant = Shape::Text(None).with("pattern", "^password$");
    vec![
        field("grant_type", if is_strict { grant } else { grant.or_null() }, is_strict),
        field("username", Shape::Text(None), true),
        field("password", Shape::format("password"), true),
        field("scope", Shape::Text(None).with("default", ""), false),
        field("client_id", Shape::Text(None).or_null(), false),
        field("client_secret", Shape::format("password").or_null(), false),
    ]
}

/// The scopes of `Security(…, scopes=[…])`.
pub(super) fn scopes_of(program: &dyn Program, site: &Site, scopes: Option<&Expr>) -> Vec<Name> {
    scopes.map(|scopes| texts(program, site, scopes)).unwrap_or_default()
}
