//! What one operation of Django REST framework takes and gives.

use super::described::{self, Description};
use super::viewsets::{self, Action};
use super::{filters, models, permissions, requests, responses, serializers, views};
use crate::base::Name;
use crate::base::code::{Expr, Op};
use crate::facts::finding::{BodyFinding, Location, Method, ParamFinding, ResponseFinding, Route, Security};
use crate::facts::program::{CallRef, ClassRef, FuncRef, Meaning, Mode, Program, Site};
use crate::facts::shape::{Member, Shape};
use crate::frameworks::python::literals::truth;

/// Fills in what a view's class and the action's method say.
pub fn describe(program: &dyn Program, class: ClassRef, name: &Name, action: &Action, route: &mut Route) {
    let handler = route.handler;
    let kind = kind_of(program, class, name, route.methods.first().copied(), handler);
    let description = described::of(program, class, &kind, name, handler);
    let reading = Reading { program, class, name, kind, action, handler, description: &description };
    reading.texts(route);
    route.security = permissions::security(program, class, action.declared, route.methods.first().copied().unwrap_or(Method::Get));
    reading.inputs(route);
    reading.responses(route);
    reading.lookup(route);
    described::parameters(&description, route);
    route.hidden |= description.excluded || program.class_attribute(class, "schema").is_some_and(|(value, _)| *value == Expr::Null);
}

/// The same for a function under `@api_view`.
pub fn describe_function(program: &dyn Program, function: FuncRef, route: &mut Route) {
    let description = described::of_function(program, function, &views::verb(route.methods.first().copied().unwrap_or(Method::Get)).into());
    if route.security == Security::Inherit {
        route.security = permissions::of_function(program, function, route.methods.first().copied().unwrap_or(Method::Get));
    }
    if let Some(body) = &description.request {
        route.body = body.clone().map(BodyFinding::json);
    } else if let Some(shape) = given_to_serializer(program, function) {
        route.body = Some(BodyFinding::json(shape));
    }
    if matches!(route.methods.first(), Some(Method::Get | Method::Head | Method::Delete)) && description.request.is_none() {
        route.body = None;
    }
    described::responses(&description, route);
    described::texts(&description, route);
    described::parameters(&description, route);
    route.hidden |= description.excluded;
}

/// The action that a verb of a generic view stands for; a viewset's actions are themselves.
fn kind_of(program: &dyn Program, class: ClassRef, name: &Name, method: Option<Method>, handler: Option<FuncRef>) -> Name {
    let bases = program.outside_bases(class);
    let has = |words: &[&str]| bases.iter().any(|base| words.iter().any(|word| base.rsplit('.').next().unwrap_or(base).starts_with(word)));
    let calls = |action: &str| {
        handler.is_some_and(|handler| {
            let outline = &program.file(handler.file).outline;
            let declared = outline.function(handler.id);
            outline.calls.iter().any(|call| {
                (declared.at.offset..declared.end).contains(&call.at.offset)
                    && call.method().is_some_and(|(of, called)| called == action && matches!(of, Expr::Ref(me) if me == "self"))
            })
        })
    };
    let kind = match (name.as_str(), method) {
        ("get", _) if calls("list") => "list",
        ("get", _) if calls("retrieve") => "retrieve",
        ("get", _) if handler.is_none() && has(&["List"]) => "list",
        ("get", _) if handler.is_none() && has(&["Retrieve"]) => "retrieve",
        ("post", _) if calls("create") || (handler.is_none() && has(&["Create", "ListCreate"])) => "create",
        ("put", _) if calls("update") || (handler.is_none() && has(&["Update", "RetrieveUpdate"])) => "update",
        ("patch", _) if calls("partial_update") || (handler.is_none() && has(&["Update", "RetrieveUpdate"])) => "partial_update",
        ("delete", _) if calls("destroy") || handler.is_none() => "destroy",
        (other, _) => other,
    };
    kind.into()
}

struct Reading<'p> {
    program: &'p dyn Program,
    class: ClassRef,
    name: &'p Name,
    kind: Name,
    action: &'p Action,
    handler: Option<FuncRef>,
    description: &'p Description,
}

impl Reading<'_> {
    fn texts(&self, route: &mut Route) {
        let doc = self.handler.and_then(|handler| self.program.function(handler).doc.clone());
        let doc = doc.or_else(|| self.program.class(self.class).doc.clone());
        route.description = doc.map(|doc| Name::from(doc.trim())).filter(|doc| !doc.is_empty());
        described::texts(self.description, route);
    }

    fn inputs(&self, route: &mut Route) {
        let taken = self.handler.map(|handler| requests::taken(self.program, handler)).unwrap_or_default();
        let method = route.methods.first().copied().unwrap_or(Method::Get);
        let read = taken.body();
        route.params = taken.params;
        if self.kind == "list" {
            route.params.extend(filters::list(self.program, self.class));
        } else if self.kind == "retrieve" {
            route.params.extend(filters::detail(self.program, self.class));
        }
        let takes_body = matches!(method, Method::Post | Method::Put | Method::Patch);
        let declared = match &self.description.request {
            Some(said) => return route.body = said.clone().map(BodyFinding::json),
            None if takes_body => self.serializer(Mode::Read),
            None => None,
        };
        let given = self.handler.filter(|_| takes_body).and_then(|handler| given_to_serializer(self.program, handler));
        route.body = match (given.or(declared), read) {
            (Some(shape), _) => Some(BodyFinding::json(shape)),
            (None, read) if takes_body => read,
            _ => None,
        };
    }

    /// What stands in the path: the key of the model, or the field it is looked up by.
    fn lookup(&self, route: &mut Route) {
        let Some(model) = viewsets::model_of(self.program, self.class) else { return };
        let field = self.program.class_attribute(self.class, "lookup_field").and_then(|(value, at)| self.program.text(&at, value).plain());
        let shape = match field.as_deref() {
            None | Some("pk") => Some(models::key(self.program, model)),
            Some(name) => models::named(self.program, model, name).map(|field| field.shape),
        };
        let Some(shape) = shape.filter(|shape| !shape.is_any()) else { return };
        for name in [viewsets::lookup_name(self.program, self.class), "pk".to_owned()] {
            route.params.push(ParamFinding {
                name: name.into(),
                location: Location::Path,
                required: true,
                shape: shape.clone(),
                ..ParamFinding::default()
            });
        }
    }

    fn responses(&self, route: &mut Route) {
        let method = route.methods.first().copied().unwrap_or(Method::Get);
        let answered = self.handler.map(|handler| responses::responses(self.program, handler)).unwrap_or_default();
        let is_known =
            |response: &ResponseFinding| response.status.starts_with('2') && response.contents.iter().all(|(_, shape)| !shape.is_any());
        let told = answered.iter().any(|response| response.status.starts_with('2'));
        let is_telling = told && answered.iter().filter(|response| response.status.starts_with('2')).all(is_known);
        let status = match (self.kind.as_str(), method) {
            ("create", _) => "201",
            ("destroy", _) => "204",
            (_, Method::Delete) if !told => "204",
            _ => "200",
        };
        let standard = match self.kind.as_str() {
            "destroy" => Some(ResponseFinding::empty(status)),
            "list" => Some(ResponseFinding::json(status, self.page(self.serializer(Mode::Write).unwrap_or_default()))),
            _ if status == "204" => Some(ResponseFinding::empty(status)),
            _ => self.serializer(Mode::Write).map(|shape| ResponseFinding::json(status, shape)),
        };
        route.responses = match standard {
            Some(standard) if !is_telling => {
                let own = answered.iter().find(|response| response.status.starts_with('2')).map(|response| response.status.clone());
                let standard = ResponseFinding { status: own.unwrap_or(standard.status), ..standard };
                let others = answered.into_iter().filter(|response| !response.status.starts_with('2'));
                std::iter::once(standard).chain(others).collect()
            }
            _ => answered,
        };
        described::responses(self.description, route);
        self.paged(route);
    }

    /// A described list of serializers comes in pages, whatever the action.
    fn paged(&self, route: &mut Route) {
        let is_generic = ["serializer_class", "queryset"].iter().any(|name| self.program.class_attribute(self.class, name).is_some());
        if self.description.responses.is_empty() || !is_generic {
            return;
        }
        for response in route.responses.iter_mut().filter(|response| response.status.starts_with('2')) {
            for (_, shape) in &mut response.contents {
                if let Shape::List(inner) = shape
                    && matches!(**inner, Shape::Named(_) | Shape::OneOf(..))
                {
                    *shape = self.page((**inner).clone());
                }
            }
        }
    }

    /// The envelope around a list.
    fn page(&self, item: Shape) -> Shape {
        filters::envelope(self.program, self.class, item)
    }

    /// The serializer of this action.
    fn serializer(&self, mode: Mode) -> Option<Shape> {
        let class = self.serializer_class()?;
        let is_partial = mode == Mode::Read && (self.kind == "partial_update" || (self.kind == "patch"));
        Some(serializers::named(self.program, class, is_partial, mode))
    }

    fn serializer_class(&self) -> Option<ClassRef> {
        if let Some(call) = self.action.declared {
            let made = self.program.call(call);
            if let Some(said) = made.keyword("serializer_class") {
                return self.class_at(&Site::of_call(call.file, made), said);
            }
        }
        if let Some(getter) = self.program.method(self.class, "get_serializer_class")
            && let Some(class) = self.chosen(getter)
        {
            return Some(class);
        }
        let (value, at) = self.program.class_attribute(self.class, "serializer_class")?;
        self.class_at(&at, value)
    }

    fn class_at(&self, site: &Site, expr: &Expr) -> Option<ClassRef> {
        self.program.resolve(site, expr).class().filter(|class| serializers::is_serializer(self.program, *class))
    }

    /// What `get_serializer_class` returns for this action: behind the nearest test that names it, else from a dict of actions, else the last.
    fn chosen(&self, getter: FuncRef) -> Option<ClassRef> {
        let facts = self.program.file(getter.file);
        let declared = facts.outline.function(getter.id);
        let within = |offset: u32| (declared.at.offset..declared.end).contains(&offset);
        if let Some(class) = self.by_dicts() {
            return Some(class);
        }
        let returns: Vec<_> = facts
            .returns_of(getter.id)
            .iter()
            .map(|index| &facts.outline.returns[*index as usize])
            .filter(|value| !value.is_raise)
            .collect();
        let mut tests: Vec<(u32, Option<bool>)> = facts
            .outline
            .tests
            .iter()
            .filter(|test| within(test.at.offset))
            .map(|test| (test.at.offset, self.names_action(&Site::of_scope(getter.file, test.scope), &test.expr, 0)))
            .collect();
        tests.sort();
        let mut fallback = None;
        for value in &returns {
            let at = Site { file: getter.file, scope: value.scope, offset: value.at.offset, env: None };
            let Some(class) = self.class_at(&at, &value.value) else { continue };
            let nearest = tests.iter().rev().find(|(offset, _)| *offset < value.at.offset).and_then(|(_, named)| *named);
            match nearest {
                Some(true) => return Some(class),
                Some(false) => {}
                None => fallback = Some(class),
            }
            if std::ptr::eq(*value, returns[returns.len() - 1]) {
                fallback = Some(class);
            }
        }
        // The last one stands behind every test that did not name the action; `super()` asks for the attribute.
        let ends_in_super = returns.last().is_some_and(|value| {
            !matches!(value.value, Expr::Ref(_)) && self.class_at(&Site::of_scope(getter.file, value.scope), &value.value).is_none()
        });
        if ends_in_super { None } else { fallback }
    }

    /// Whether a test names this action; `None` when it is about something else.
    fn names_action(&self, site: &Site, test: &Expr, depth: u32) -> Option<bool> {
        let Expr::Binary(binary) = test else { return None };
        if depth < 6 && matches!(binary.op, Op::And | Op::Or) {
            let (left, right) = (self.names_action(site, &binary.left, depth + 1), self.names_action(site, &binary.right, depth + 1));
            return left.or(right).map(|_| left == Some(true) || right == Some(true));
        }
        let is_subject = |expr: &Expr| matches!(expr, Expr::Member(_, name) | Expr::Ref(name) if name == "action" || name == "method");
        let (subject, other) = match (is_subject(&binary.left), is_subject(&binary.right)) {
            (true, _) => (&binary.left, &binary.right),
            (_, true) => (&binary.right, &binary.left),
            _ => return None,
        };
        let names: Vec<String> = match self.program.items(site, other) {
            Some(items) => items.iter().filter_map(|(item, at)| self.program.text(at, item).plain()).collect(),
            None => self.program.text(site, other).plain().into_iter().collect(),
        };
        let is_method = subject.last_name().is_some_and(|name| name == "method");
        let mine: Vec<String> = if is_method {
            self.action
                .methods
                .iter()
                .filter(|(_, name)| name == self.name)
                .map(|(method, _)| views::verb(*method).to_uppercase())
                .collect()
        } else {
            vec![self.name.to_string(), self.kind.to_string()]
        };
        let is_mine = names.iter().any(|name| mine.contains(name));
        match binary.op {
            Op::Eq | Op::In => Some(is_mine),
            Op::Ne => Some(!is_mine),
            _ => None,
        }
    }

    /// `serializer_classes = {"list": UserListSerializer, "default": UserSerializer}`.
    fn by_dicts(&self) -> Option<ClassRef> {
        for class in self.program.lineage(self.class) {
            for field in &self.program.class(class).fields {
                if !field.name.contains("serializer") {
                    continue;
                }
                let Some(value @ Expr::Object(_)) = &field.default else { continue };
                let entries = self.program.entries(&self.program.inside_class(class), value).unwrap_or_default();
                let found = [self.name.as_str(), self.kind.as_str(), "default"]
                    .iter()
                    .find_map(|wanted| entries.iter().find(|(key, ..)| key == wanted))
                    .and_then(|(_, value, at)| self.class_at(at, value));
                if found.is_some() {
                    return found;
                }
            }
        }
        None
    }
}

/// `UserSerializer(data=request.data)` in a handler.
fn given_to_serializer(program: &dyn Program, handler: FuncRef) -> Option<Shape> {
    let outline = &program.file(handler.file).outline;
    let declared = outline.function(handler.id);
    let made = outline.calls.iter().enumerate().filter(|(_, call)| (declared.at.offset..declared.end).contains(&call.at.offset));
    made.filter(|(_, call)| call.keyword("data").is_some()).find_map(|(index, call)| {
        let id = crate::base::code::CallId(u32::try_from(index).ok()?);
        let Meaning::Class(class) = program.callee(CallRef { file: handler.file, id }) else { return None };
        let is_partial = truth(program, &Site::of_call(handler.file, call), call.keyword("partial")) == Some(true);
        let shape = serializers::is_serializer(program, class).then(|| serializers::named(program, class, is_partial, Mode::Read))?;
        let is_many = truth(program, &Site::of_call(handler.file, call), call.keyword("many")) == Some(true);
        Some(if is_many { shape.list() } else { shape })
    })
}

/// A page: `count`, `next`, `previous`, `results`.
#[must_use]
pub fn counted(item: Shape) -> Shape {
    let link = || Shape::format("uri").or_null();
    Shape::record(vec![
        Member::required("count", Shape::Int),
        Member::optional("next", link()),
        Member::optional("previous", link()),
        Member::required("results", item.list()),
    ])
}
