//! Routers of Django REST framework, drf-nested-routers and drf-extensions: `router.register("users", UserViewSet)`.

use super::{FRAMEWORK, viewsets};
use crate::base::Name;
use crate::base::code::{Call, CallId, Expr};
use crate::facts::finding::{Findings, Method, Origin, OwnerKey, PathSyntax, PathText, Place, Route};
use crate::facts::program::{CallRef, ClassRef, FileId, Meaning, Program, Site, Text};
use crate::frameworks::python::literals::truth;

/// How deep routers may nest.
const MAX_DEPTH: u32 = 6;

/// Reads what is registered in one file.
pub fn read(program: &dyn Program, file: FileId, findings: &mut Findings) {
    let outline = &program.file(file).outline;
    for (id, call) in (0u32..).zip(&outline.calls) {
        let Some((receiver, name)) = call.method() else { continue };
        if name != "register" || call.args.len() < 2 {
            continue;
        }
        let site = Site::of_call(file, call);
        let routers = owners_of(program, &site, receiver);
        if routers.is_empty() {
            continue;
        }
        let args: Vec<&Expr> = call.args.iter().map(|arg| &arg.value).collect();
        for site in program.instances(&site, &args) {
            for router in owners_of(program, &site, receiver) {
                registered(program, &router, CallRef { file, id: CallId(id) }, &site, findings);
            }
        }
    }
}

/// The routers an expression denotes.
#[must_use]
pub fn owners_of(program: &dyn Program, site: &Site, expr: &Expr) -> Vec<OwnerKey> {
    let mut found: Vec<OwnerKey> = Vec::new();
    for meaning in program.produce_all(site, expr) {
        if let Some((call, at)) = meaning.call()
            && is_router(program, call)
        {
            let key = OwnerKey { origin: Origin::Call(call), env: at.env.clone() };
            if !found.contains(&key) {
                found.push(key);
            }
        }
    }
    found
}

/// Whether a call makes a router: a library's class of that name, or a class under one.
fn is_router(program: &dyn Program, call: CallRef) -> bool {
    let is_library = |path: &str| {
        let is_router = path.ends_with("Router") && path.contains('.') && !path.starts_with("fastapi") && !path.starts_with("ninja");
        is_router || crate::frameworks::python::ninja::APIS.contains(&path)
    };
    match program.callee(call) {
        Meaning::Outside(path) => is_library(&path),
        Meaning::Class(class) => program.outside_bases(class).iter().any(|base| is_library(base)),
        _ => false,
    }
}

/// One registration: the routes of a viewset, and of those nested below it.
fn registered(program: &dyn Program, router: &OwnerKey, call: CallRef, site: &Site, findings: &mut Findings) {
    let Origin::Call(made_by) = router.origin else { return };
    let made = program.call(call);
    let prefix = prefix_of(program, made_by, router, 0);
    let slash = slash_of(program, made_by);
    let (Some(path), Some(viewset)) = (made.arg(0, "prefix"), made.arg(1, "viewset")) else { return };
    let mapped = mapped(program, made_by);
    let said = Saying { program, router, slash, mapped, place: Place { file: call.file, symbol: Name::default(), line: made.at.line } };
    let own = prefix.then(program.text(site, path));
    said.viewset(site, made, &own, viewset, 0, findings);
}

struct Saying<'p> {
    program: &'p dyn Program,
    router: &'p OwnerKey,
    slash: &'static str,
    /// What the router's class maps besides the usual.
    mapped: Vec<(bool, Method, Name)>,
    place: Place,
}

impl Saying<'_> {
    fn viewset(&self, site: &Site, made: &Call, path: &Text, viewset: &Expr, depth: u32, findings: &mut Findings) {
        let Meaning::Class(class) = self.program.resolve(site, viewset) else { return };
        for action in viewsets::actions(self.program, class, &self.mapped) {
            let mut text = path.clone();
            if action.detail {
                text = text.then(Text::known(&format!("/{}", lookup(self.program, class, None))));
            }
            if !action.path.is_empty() {
                text = text.then(Text::known("/")).then(action.path.clone());
            }
            let route = Route {
                framework: FRAMEWORK.id,
                owner: Some(self.router.clone()),
                path: PathText::new(text.then(Text::known(self.slash)), PathSyntax::Regex),
                place: self.place.clone(),
                ..Route::default()
            };
            findings.routes.extend(viewsets::routes(self.program, class, &action, &route));
        }
        // `router.register("zaken", ZaakViewSet, [Nested("statussen", StatusViewSet)])`
        let Some(Expr::List(nested)) = made.positional(2).filter(|_| depth < MAX_DEPTH) else { return };
        let below =
            path.clone().then(Text::known(&format!("/{}/", lookup(self.program, class, Some(&basename(self.program, site, made, class))))));
        for item in nested {
            let Expr::Call(id) = item else { continue };
            let inner = self.program.file(site.file).outline.call(*id);
            if let (Some(path), Some(viewset)) = (inner.positional(0), inner.positional(1)) {
                let path = below.clone().then(self.program.text(site, path));
                self.viewset(site, inner, &path, viewset, depth + 1, findings);
            }
        }
    }
}

/// The path parameter of a viewset's details, as a named group; under a parent's name for what is nested below.
fn lookup(program: &dyn Program, class: ClassRef, parent: Option<&str>) -> String {
    let attribute = |name: &str| program.class_attribute(class, name).and_then(|(value, at)| program.text(&at, value).plain());
    let field = attribute("lookup_field").unwrap_or_else(|| "pk".to_owned());
    let regex = attribute("lookup_value_regex").filter(|regex| !regex.contains('/')).unwrap_or_else(|| "[^/.]+".to_owned());
    match parent {
        Some(parent) => format!("(?P<{parent}_{field}>{regex})"),
        None => format!("(?P<{}>{regex})", viewsets::lookup_name(program, class)),
    }
}

/// `basename=`, else the name of the queryset's model.
fn basename(program: &dyn Program, site: &Site, made: &Call, class: ClassRef) -> String {
    let said = made.keyword("basename").or_else(|| made.keyword("base_name")).and_then(|expr| program.text(site, expr).plain());
    said.or_else(|| viewsets::model_of(program, class).map(|model| program.class(model).name.to_lowercase()))
        .unwrap_or_else(|| "parent".to_owned())
}

/// What a nested router puts before everything on it: `NestedSimpleRouter(router, "domains", lookup="domain")`.
fn prefix_of(program: &dyn Program, router: CallRef, key: &OwnerKey, depth: u32) -> Text {
    let made = program.call(router);
    let is_nested = match program.callee(router) {
        Meaning::Outside(path) => path.contains("Nested"),
        Meaning::Class(class) => program.outside_bases(class).iter().any(|base| base.contains("Nested")),
        _ => false,
    };
    let (Some(parent), Some(path)) = (made.arg(0, "parent_router"), made.arg(1, "parent_prefix")) else { return Text::default() };
    if !is_nested || depth > MAX_DEPTH {
        return Text::default();
    }
    let site = Site { env: key.env.clone(), ..Site::of_call(router.file, made) };
    let path = program.text(&site, path);
    let Some(outer) = owners_of(program, &site, parent).into_iter().next() else { return path.then(Text::known("/")) };
    let Origin::Call(outer_call) = outer.origin else { return path };
    let class = parent_viewset(program, outer_call, &path);
    let lookup_name = made.keyword("lookup").or_else(|| made.positional(2)).and_then(|expr| program.text(&site, expr).plain());
    let name = lookup_name.unwrap_or_else(|| "nested_1".to_owned());
    let group = class.map_or_else(|| format!("(?P<{name}_pk>[^/.]+)"), |class| lookup(program, class, Some(&name)));
    prefix_of(program, outer_call, &outer, depth + 1).then(path).then(Text::known(&format!("/{group}/")))
}

/// What the parent router has under a prefix.
fn parent_viewset(program: &dyn Program, router: CallRef, prefix: &Text) -> Option<ClassRef> {
    let outline = &program.file(router.file).outline;
    outline.calls.iter().find_map(|call| {
        let (receiver, name) = call.method()?;
        let site = Site::of_call(router.file, call);
        let is_same = name == "register" && program.text(&site, call.arg(0, "prefix")?) == *prefix;
        let is_on = is_same && owners_of(program, &site, receiver).iter().any(|key| key.origin == Origin::Call(router));
        if is_on { program.resolve(&site, call.arg(1, "viewset")?).class() } else { None }
    })
}

/// What stands at the end of every path of a router.
fn slash_of(program: &dyn Program, router: CallRef) -> &'static str {
    let made = program.call(router);
    let said = truth(program, &Site::of_call(router.file, made), made.keyword("trailing_slash"));
    if said == Some(false) {
        return "";
    }
    if said == Some(true) {
        return "/";
    }
    let Meaning::Class(class) = program.callee(router) else { return "/" };
    let by_attribute = program
        .class_attribute(class, "trailing_slash")
        .is_some_and(|(value, _)| matches!(value, Expr::Bool(false)) || value.as_str() == Some(""));
    let constructor = program.method(class, "__init__");
    let by_constructor = constructor.is_some_and(|constructor| {
        let outline = &program.file(constructor.file).outline;
        let declared = outline.function(constructor.id);
        outline.assigns.iter().any(|assign| {
            (declared.at.offset..declared.end).contains(&assign.at.offset)
                && matches!(&assign.target, crate::base::code::Pattern::Place(Expr::Member(_, name)) if name == "trailing_slash")
                && (assign.value.as_str().is_some_and(|text| text != "/") || assign.value == Expr::Bool(false))
        })
    });
    if by_attribute || by_constructor { "" } else { "/" }
}

/// `self.routes[0].mapping.update({"put": "bulk_update"})` in the constructor of an own router: the third route is the detail's.
fn mapped(program: &dyn Program, router: CallRef) -> Vec<(bool, Method, Name)> {
    let Meaning::Class(class) = program.callee(router) else { return Vec::new() };
    let Some(constructor) = program.method(class, "__init__") else { return Vec::new() };
    let outline = &program.file(constructor.file).outline;
    let declared = outline.function(constructor.id);
    let mut found = Vec::new();
    for call in outline.calls.iter().filter(|call| (declared.at.offset..declared.end).contains(&call.at.offset)) {
        let Some((Expr::Member(route, mapping), update)) = call.method() else { continue };
        let Expr::Index(pair) = route.as_ref() else { continue };
        let is_routes = matches!(&pair.0, Expr::Member(_, name) if name == "routes");
        if mapping != "mapping" || update != "update" || !is_routes {
            continue;
        }
        let site = Site::of_call(constructor.file, call);
        let entries = call.positional(0).and_then(|map| program.entries(&site, map)).unwrap_or_default();
        for (verb, action, at) in entries {
            let action = program.text(&at, action).plain();
            found.extend(Method::of(&verb).zip(action).map(|(method, action)| (pair.1 == Expr::Int(2), method, action.into())));
        }
    }
    found
}
