//! Viewsets of Django REST framework: their actions, through own and library bases.

use super::drf;
use crate::base::Name;
use crate::base::code::{Call, Expr};
use crate::facts::finding::{Method, Place, Route};
use crate::facts::program::{CallRef, ClassRef, FuncRef, Meaning, Program, Site, Text};
use crate::frameworks::interpret::methods_of;
use crate::frameworks::python::literals::truth;

/// What one path of a viewset answers.
#[derive(Clone, Debug)]
pub struct Action {
    /// Under a detail's path.
    pub detail: bool,
    /// Path below that; empty for the viewset's own.
    pub path: Text,
    /// Methods, with the action each of them is.
    pub methods: Vec<(Method, Name)>,
    /// The `@action(…)` that declares it.
    pub declared: Option<CallRef>,
}

/// Actions that routers know, with their methods.
pub const STANDARD: &[(&str, bool, Method)] = &[
    ("list", false, Method::Get),
    ("create", false, Method::Post),
    ("retrieve", true, Method::Get),
    ("update", true, Method::Put),
    ("partial_update", true, Method::Patch),
    ("destroy", true, Method::Delete),
];

/// The actions of a viewset: its own paths first, then those it declares. `mapped` is what its router maps besides the usual.
#[must_use]
pub fn actions(program: &dyn Program, class: ClassRef, mapped: &[(bool, Method, Name)]) -> Vec<Action> {
    let allowed = allowed(program, class);
    let mut found: Vec<Action> = Vec::new();
    for detail in [false, true] {
        let standard = STANDARD.iter().filter(|(name, of_detail, _)| *of_detail == detail && has(program, class, name));
        let mut methods: Vec<(Method, Name)> = standard.map(|(name, _, method)| (*method, Name::from(*name))).collect();
        let own = mapped.iter().filter(|(of_detail, method, name)| {
            *of_detail == detail && has(program, class, name) && !methods.iter().any(|(known, _)| known == method)
        });
        let own: Vec<(Method, Name)> = own.map(|(_, method, name)| (*method, name.clone())).collect();
        methods.extend(own);
        found.push(Action { detail, path: Text::default(), methods, declared: None });
    }
    for method in program.methods(class) {
        found.extend(declared(program, class, method));
    }
    if found.iter().all(|action| action.methods.is_empty()) && has_unknown_viewset(program, class) {
        found[0].methods = vec![(Method::Get, "list".into())];
        found[1].methods = vec![(Method::Get, "retrieve".into())];
    }
    if let Some(allowed) = allowed {
        found.iter_mut().for_each(|action| action.methods.retain(|(method, _)| allowed.contains(method)));
    }
    found.retain(|action| !action.methods.is_empty());
    found
}

/// `http_method_names = ["get", "post"]`.
#[must_use]
pub fn allowed(program: &dyn Program, class: ClassRef) -> Option<Vec<Method>> {
    let (value, at) = program.class_attribute(class, "http_method_names")?;
    let methods: Vec<Method> = match program.items(&at, value) {
        Some(items) => items.iter().filter_map(|(item, at)| Method::of(&program.text(at, item).plain()?)).collect(),
        None => methods_of(program, &at, value),
    };
    (!methods.is_empty()).then_some(methods)
}

/// Whether a viewset has an action: as a method, or from a library's base.
#[must_use]
pub fn has(program: &dyn Program, class: ClassRef, action: &str) -> bool {
    program.method(class, action).is_some() || program.outside_bases(class).iter().any(|base| gives(base, action))
}

fn gives(base: &str, action: &str) -> bool {
    let name = base.rsplit('.').next().unwrap_or(base);
    match name {
        _ if name.contains("ReadOnlyModelViewSet") => matches!(action, "list" | "retrieve"),
        _ if name.ends_with("ModelViewSet") => true,
        "ListModelMixin" => action == "list",
        "CreateModelMixin" | "BulkCreateModelMixin" => action == "create",
        "RetrieveModelMixin" => action == "retrieve",
        "UpdateModelMixin" => matches!(action, "update" | "partial_update"),
        "DestroyModelMixin" => action == "destroy",
        _ => false,
    }
}

/// A library's viewset of which nothing is known but its name.
fn has_unknown_viewset(program: &dyn Program, class: ClassRef) -> bool {
    program.outside_bases(class).iter().any(|base| base.ends_with("ViewSet") && !base.starts_with("rest_framework."))
}

/// `@action(detail=True, methods=["post"])`, with the functions that `@name.mapping.delete` adds.
fn declared(program: &dyn Program, class: ClassRef, method: FuncRef) -> Option<Action> {
    let function = program.function(method);
    let (call, kind) = function.decorators.iter().find_map(|decorator| {
        let Expr::Call(id) = decorator else { return None };
        let call = CallRef { file: method.file, id: *id };
        let path = action_symbol(program, call)?;
        Some((call, path))
    })?;
    let made = program.call(call);
    let site = Site::of_call(call.file, made);
    let detail = match kind {
        Kind::Detail => true,
        Kind::List => false,
        Kind::Either => truth(program, &site, made.arg(1, "detail")).unwrap_or(false),
    };
    let methods = made.arg(0, "methods").map(|methods| methods_of(program, &site, methods)).filter(|methods| !methods.is_empty());
    let path = match made.arg(2, "url_path").filter(|expr| **expr != Expr::Null) {
        Some(path) => program.text(&site, path),
        None => Text::known(&function.name),
    };
    let own = methods.unwrap_or_else(|| vec![Method::Get]).into_iter().map(|method| (method, function.name.clone()));
    let mut action = Action { detail, path, methods: own.collect(), declared: Some(call) };
    for other in program.methods(class) {
        let function_of = program.function(other);
        for decorator in &function_of.decorators {
            let mapped = match decorator {
                Expr::Call(id) => &program.file(other.file).outline.call(*id).callee,
                plain => plain,
            };
            if let Expr::Member(mapping, verb) = mapped
                && let Expr::Member(of, word) = mapping.as_ref()
                && word == "mapping"
                && matches!(of.as_ref(), Expr::Ref(name) if *name == function.name)
            {
                action.methods.extend(Method::of(verb).map(|verb| (verb, function_of.name.clone())));
            }
        }
    }
    Some(action)
}

enum Kind {
    Either,
    Detail,
    List,
}

/// Whether a decorator declares an action: the library's, or one of the program's that calls it.
fn action_symbol(program: &dyn Program, call: CallRef) -> Option<Kind> {
    match program.callee(call) {
        Meaning::Outside(path) => match path.rsplit('.').next()? {
            "action" if path.starts_with("rest_framework") => Some(Kind::Either),
            "detail_route" => Some(Kind::Detail),
            "list_route" => Some(Kind::List),
            _ => None,
        },
        _ => None,
    }
}

/// One route for each method of an action.
#[must_use]
pub fn routes(program: &dyn Program, class: ClassRef, action: &Action, base: &Route) -> Vec<Route> {
    let class_name = &program.class(class).name;
    let mut found = Vec::new();
    for (method, name) in &action.methods {
        let handler = program.method(class, name);
        let place = match handler {
            Some(handler) => Place { file: handler.file, symbol: Name::default(), line: program.function(handler).at.line },
            None => Place { file: class.file, symbol: Name::default(), line: program.class(class).at.line },
        };
        let mut route = Route {
            methods: vec![*method],
            handler,
            place: Place { symbol: format!("{class_name}.{name}").into(), ..place },
            ..base.clone()
        };
        drf::describe(program, class, name, action, &mut route);
        found.push(route);
    }
    found
}

/// The name of a viewset's path parameter: documents call the key `id`.
#[must_use]
pub fn lookup_name(program: &dyn Program, class: ClassRef) -> String {
    let attribute = |name: &str| program.class_attribute(class, name).and_then(|(value, at)| program.text(&at, value).plain());
    match attribute("lookup_url_kwarg").or_else(|| attribute("lookup_field")) {
        Some(name) if name != "pk" => name,
        _ => "id".to_owned(),
    }
}

/// The model of a viewset: of its queryset, or of its serializer.
#[must_use]
pub fn model_of(program: &dyn Program, class: ClassRef) -> Option<ClassRef> {
    for name in ["queryset", "model"] {
        if let Some((value, at)) = program.class_attribute(class, name)
            && let Some(model) = queried(program, &at, value, 0)
        {
            return Some(model);
        }
    }
    let getter = program.method(class, "get_queryset")?;
    let facts = program.file(getter.file);
    facts.returns_of(getter.id).iter().find_map(|index| {
        let returned = &facts.outline.returns[*index as usize];
        queried(program, &Site::of_scope(getter.file, returned.scope), &returned.value, 0)
    })
}

/// The model at the root of `Model.objects.filter(…).order_by(…)`.
#[must_use]
pub fn queried(program: &dyn Program, site: &Site, expr: &Expr, depth: u32) -> Option<ClassRef> {
    // From the root outwards: managers of own classes stand between a model and what is asked of it.
    let mut links = vec![expr];
    while let Some(next) = links.last().and_then(|link| match link {
        Expr::Call(id) => Some(&program.file(site.file).outline.call(*id).callee),
        Expr::Member(of, _) => Some(of.as_ref()),
        _ => None,
    }) {
        if links.len() > 64 {
            return None;
        }
        links.push(next);
    }
    let is_name = |link: &&&Expr| matches!(link, Expr::Ref(_) | Expr::Member(..));
    for link in links.iter().rev().filter(is_name) {
        match program.resolve(site, link) {
            Meaning::Class(class) => return Some(class),
            Meaning::Value(inner @ (Expr::Call(_) | Expr::Member(..)), at) if depth < 8 && !std::ptr::eq(inner, *link) => {
                return queried(program, &at, inner, depth + 1);
            }
            _ => {}
        }
    }
    None
}

/// The actions that `ViewSet.as_view({"get": "list"})` names.
#[must_use]
pub fn mapped(program: &dyn Program, site: &Site, made: &Call, class: ClassRef) -> Option<Action> {
    let map = made.arg(0, "actions")?;
    let entries = program.entries(site, map)?;
    let methods: Vec<(Method, Name)> =
        entries.into_iter().filter_map(|(verb, name, at)| Some((Method::of(&verb)?, program.text(&at, name).plain()?.into()))).collect();
    let declared = methods.iter().find_map(|(_, name)| {
        let function = program.method(class, name)?;
        program.function(function).decorators.iter().find_map(|decorator| match decorator {
            Expr::Call(id) => {
                action_symbol(program, CallRef { file: function.file, id: *id }).map(|_| CallRef { file: function.file, id: *id })
            }
            _ => None,
        })
    });
    let detail = methods.iter().any(|(_, name)| STANDARD.iter().any(|(known, detail, _)| known == name && *detail));
    (!methods.is_empty()).then(|| Action { detail, path: Text::default(), methods, declared })
}
