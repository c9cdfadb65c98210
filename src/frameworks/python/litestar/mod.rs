//! Litestar: decorated handlers with lists of paths, controllers, routers.
//!
//! - [`filters`]: query parameters that advanced-alchemy makes.
//! - [`handler`]: what one handler takes and gives.
//! - [`transfer`]: data transfer objects.
//!
//! A handler is served where its function is listed: it is an owner by itself. Read from Litestar 2. What an application's own
//! `dependencies` take is not known to the handlers below.

mod filters;
mod handler;
mod transfer;

use crate::base::Name;
use crate::base::code::{Call, CallId, ClassId, Expr, FuncId, Type};
use crate::base::language::Language;
use crate::facts::finding::{
    Findings, Method, Mount, Owner, OwnerKey, PathSyntax, PathText, Place, Route, SchemeKind, SchemeUse, Security, Traits,
};
use crate::facts::framework::{Framework, Tells, TypeReader};
use crate::facts::program::{CallRef, ClassRef, FileId, FuncRef, Meaning, Mode, Program, Site, Text};
use crate::facts::shape::{Member, Shape};
use crate::frameworks::interpret::methods_of;
use crate::frameworks::python::literals::{texts, truth};

/// Litestar.
pub const FRAMEWORK: Framework = Framework {
    id: "python/litestar",
    label: "Litestar",
    languages: &[Language::Python],
    modules: &["litestar", "starlite"],
    tells: &[Tells::Http],
    read: Some(read),
    types: Some(&Reader),
};

/// What makes owners: symbol, whether it serves by itself.
const OWNERS: &[(&str, bool)] = &[
    ("litestar.Litestar", true),
    ("litestar.app.Litestar", true),
    ("litestar.config.app.AppConfig", true),
    ("starlite.Starlite", true),
    ("litestar.Router", false),
    ("litestar.router.Router", false),
    ("starlite.Router", false),
];

const CONTROLLERS: &[&str] = &["litestar.Controller", "litestar.controller.Controller", "starlite.Controller"];

struct Reader;

impl TypeReader for Reader {
    fn outside(&self, program: &dyn Program, path: &str, args: &[Type], site: &Site, mode: Mode) -> Option<Shape> {
        let (module, name) = path.rsplit_once('.')?;
        if !matches!(module.split('.').next(), Some("litestar" | "advanced_alchemy" | "starlite")) {
            return None;
        }
        let first = || args.first().map_or(Shape::Any, |arg| program.shape_of_type(site, arg, mode));
        let items = || Member::required("items", first().list());
        let counts = |names: &[&'static str]| names.iter().map(|name| Member::required(*name, Shape::Int)).collect::<Vec<_>>();
        let page = |names: &[&'static str]| Some(Shape::record(std::iter::once(items()).chain(counts(names)).collect()));
        match name {
            "OffsetPagination" => page(&["limit", "offset", "total"]),
            "ClassicPagination" => page(&["page_size", "current_page", "total_pages"]),
            "DTOData" => Some(first()),
            _ => None,
        }
    }
}

fn read(program: &dyn Program, file: FileId, findings: &mut Findings) {
    let outline = &program.file(file).outline;
    for (id, call) in (0u32..).zip(&outline.calls) {
        let call_ref = CallRef { file, id: CallId(id) };
        owner(program, call_ref, call, findings);
        registered(program, call_ref, call, findings);
    }
    for (id, function) in (0u32..).zip(&outline.functions).filter(|(_, function)| function.class.is_none()) {
        let function_ref = FuncRef { file, id: FuncId(id) };
        for decorator in &function.decorators {
            routes(program, OwnerKey::from(function_ref), function_ref, decorator, None, findings);
        }
    }
    for (id, class) in (0u32..).zip(&outline.classes).filter(|(_, class)| !class.bases.is_empty()) {
        let class_ref = ClassRef { file, id: ClassId(id) };
        if program.outside_bases(class_ref).iter().any(|base| CONTROLLERS.contains(&base.as_str())) {
            controller(program, class_ref, class.name.clone(), class.at.line, findings);
        }
    }
}

/// `Litestar(route_handlers=[…])`, `Router(path="/users", route_handlers=[…])`.
fn owner(program: &dyn Program, call_ref: CallRef, call: &Call, findings: &mut Findings) {
    let is_root = match program.callee(call_ref) {
        Meaning::Outside(path) => OWNERS.iter().find(|(symbol, _)| *symbol == path).map(|(_, is_root)| *is_root),
        Meaning::Class(class) => {
            let bases = program.outside_bases(class);
            OWNERS.iter().find(|(symbol, _)| bases.iter().any(|base| base == symbol)).map(|(_, is_root)| *is_root)
        }
        _ => None,
    };
    let Some(is_root) = is_root else { return };
    let site = Site::of_call(call_ref.file, call);
    let text = |keyword: &str| call.keyword(keyword).map(|expr| program.text(&site, expr));
    let prefix = if is_root { text("path") } else { call.arg(0, "path").map(|expr| program.text(&site, expr)) };
    let said = |name: &str| call.keyword(name).map(|expr| (expr, site.clone()));
    findings.owners.push(Owner {
        key: OwnerKey::from(call_ref),
        framework: FRAMEWORK.id,
        is_root,
        prefix: PathText::new(prefix.unwrap_or_default(), PathSyntax::Curly),
        traits: traits(program, &said),
        place: Place { file: call_ref.file, symbol: Name::default(), line: call.at.line },
    });
    let list = if is_root { call.arg(0, "route_handlers") } else { call.keyword("route_handlers") };
    if let Some(list) = list {
        mount(program, OwnerKey::from(call_ref), &site, list, call.at.line, findings);
    }
}

/// `app.register(handler)`; `app_config.route_handlers.extend([…])` of a plugin, which serves on whatever application it is given to.
fn registered(program: &dyn Program, call_ref: CallRef, call: &Call, findings: &mut Findings) {
    let Some((receiver, name)) = call.method() else { return };
    let site = Site::of_call(call_ref.file, call);
    match (receiver, name.as_str()) {
        (Expr::Member(_, list), "extend" | "append") if list == "route_handlers" => {
            let Some(handlers) = call.positional(0) else { return };
            findings.owners.push(Owner {
                key: OwnerKey::from(call_ref),
                framework: FRAMEWORK.id,
                is_root: true,
                prefix: PathText::default(),
                traits: Traits { security: set_up(program, call_ref.file), ..Traits::default() },
                place: Place { file: call_ref.file, symbol: Name::default(), line: call.at.line },
            });
            mount(program, OwnerKey::from(call_ref), &site, handlers, call.at.line, findings);
        }
        (_, "register") => {
            for meaning in program.produce_all(&site, receiver) {
                let Some((made, _)) = meaning.call() else { continue };
                let is_owner = matches!(program.callee(made), Meaning::Outside(path) if OWNERS.iter().any(|(symbol, _)| *symbol == path));
                if let Some(handler) = call.arg(0, "value").filter(|_| is_owner) {
                    mount(program, OwnerKey::from(made), &site, handler, call.at.line, findings);
                }
            }
        }
        _ => {}
    }
}

/// Mounts the handlers of a list, or one handler.
fn mount(program: &dyn Program, parent: OwnerKey, site: &Site, list: &Expr, line: u32, findings: &mut Findings) {
    let instances = program.instances(site, &[list]);
    let listed = instances.iter().flat_map(|site| program.items(site, list).unwrap_or_else(|| vec![(list, site.clone())]));
    let mut children = Vec::new();
    for (item, at) in listed {
        for meaning in program.produce_all(&at, item) {
            let key = match meaning {
                Meaning::Function(function, _) => OwnerKey::from(function),
                Meaning::Class(class) => OwnerKey::from(class),
                Meaning::Value(Expr::Call(id), at) => OwnerKey::from(CallRef { file: at.file, id: *id }),
                _ => continue,
            };
            if key != parent && !children.contains(&key) {
                children.push(key);
            }
        }
    }
    if !children.is_empty() {
        findings.mounts.push(Mount {
            framework: FRAMEWORK.id,
            parent,
            children,
            prefix: PathText::default(),
            replaces_prefix: false,
            traits: Traits::default(),
            place: Place { file: site.file, symbol: Name::default(), line },
        });
    }
}

/// A controller, with the handlers of its bases.
fn controller(program: &dyn Program, class: ClassRef, name: Name, line: u32, findings: &mut Findings) {
    let prefix = program.class_attribute(class, "path").map(|(value, at)| program.text(&at, value)).unwrap_or_default();
    let said = |name: &str| program.class_attribute(class, name);
    findings.owners.push(Owner {
        key: OwnerKey::from(class),
        framework: FRAMEWORK.id,
        is_root: false,
        prefix: PathText::new(prefix, PathSyntax::Curly),
        traits: traits(program, &said),
        place: Place { file: class.file, symbol: name, line },
    });
    for method in program.methods(class) {
        let decorators = &program.file(method.file).outline.function(method.id).decorators;
        for decorator in decorators {
            routes(program, OwnerKey::from(class), method, decorator, Some(class), findings);
        }
    }
}

/// What an application, a router or a controller says for all handlers below.
fn traits<'p>(program: &'p dyn Program, said: &dyn Fn(&str) -> Option<(&'p Expr, Site)>) -> Traits {
    Traits {
        tags: said("tags").map(|(tags, at)| texts(program, &at, tags)).unwrap_or_default(),
        hidden: said("include_in_schema").is_some_and(|(value, at)| truth(program, &at, Some(value)) == Some(false)),
        security: security(program, said),
        ..Traits::default()
    }
}

/// `guards=[…]`, `security=[{"bearer": []}]`, an authentication backend that an application is made with.
fn security<'p>(program: &'p dyn Program, said: &dyn Fn(&str) -> Option<(&'p Expr, Site)>) -> Security {
    let scheme = |name: Name, kind: SchemeKind| SchemeUse { name, kind, scopes: Vec::new() };
    let mut security = Security::Inherit;
    if let Some((list, at)) = said("security") {
        let requirements = program.items(&at, list).unwrap_or_default().into_iter();
        let named = requirements.map(|(item, at)| program.entries(&at, item).unwrap_or_default());
        let alternatives: Vec<Vec<SchemeUse>> =
            named.map(|all| all.into_iter().map(|(name, ..)| scheme(name, SchemeKind::Bearer)).collect()).collect();
        if !alternatives.is_empty() {
            security = Security::any_of(alternatives);
        }
    }
    let mut add = |name: Name, kind: SchemeKind| security.add(vec![scheme(name, kind)]);
    if let Some((list, at)) = said("guards") {
        for (item, at) in program.items(&at, list).unwrap_or_default() {
            match program.produce(&at, item) {
                Meaning::Function(function, _) => add(program.function(function).name.clone(), SchemeKind::Guard),
                _ => item.last_name().into_iter().for_each(|name| add(name.clone(), SchemeKind::Guard)),
            }
        }
    }
    if let Some((list, at)) = said("on_app_init") {
        for (item, at) in program.items(&at, list).unwrap_or_default() {
            if let Expr::Member(of, _) = item
                && let Some(scheme) = backend(program, &at, of)
            {
                add(scheme.name, scheme.kind);
            }
        }
    }
    security
}

/// An authentication backend: whoever is not logged in is turned away by every handler that does not say otherwise.
fn backend(program: &dyn Program, site: &Site, expr: &Expr) -> Option<SchemeUse> {
    let meanings = program.produce_all(site, expr);
    let (call, path) = meanings.iter().find_map(|meaning| {
        let (call, _) = meaning.call()?;
        let path = program.callee(call).outside().filter(|path| path.starts_with("litestar."))?.to_owned();
        Some((call, path))
    })?;
    let (name, kind) = match path.rsplit('.').next()? {
        "JWTAuth" => ("JWTAuth", SchemeKind::Bearer),
        "OAuth2PasswordBearerAuth" => {
            let made = program.call(call);
            let token = made.keyword("token_url").and_then(|expr| program.text(&Site::of_call(call.file, made), expr).plain());
            ("OAuth2PasswordBearer", SchemeKind::OAuth2Password(token.unwrap_or_default().into()))
        }
        "JWTCookieAuth" => ("JWTCookieAuth", SchemeKind::Guard),
        "SessionAuth" => ("SessionAuth", SchemeKind::Guard),
        _ => return None,
    };
    Some(SchemeUse { name: name.into(), kind, scopes: Vec::new() })
}

/// The backend that a plugin of this file sets up: `auth.on_app_init(app_config)`.
fn set_up(program: &dyn Program, file: FileId) -> Security {
    let calls = &program.file(file).outline.calls;
    let found = calls.iter().filter_map(|call| match call.method() {
        Some((receiver, name)) if name == "on_app_init" => backend(program, &Site::of_call(file, call), receiver),
        _ => None,
    });
    let schemes: Vec<SchemeUse> = found.collect();
    if schemes.is_empty() { Security::Inherit } else { Security::Schemes(schemes) }
}

/// The methods a decorator of the library stands for.
fn methods(program: &dyn Program, call: CallRef) -> Option<Vec<Method>> {
    let path = program.callee(call);
    let path = path.outside()?;
    let (module, name) = path.rsplit_once('.')?;
    if !matches!(module, "litestar" | "litestar.handlers" | "litestar.handlers.http_handlers" | "starlite" | "starlite.handlers") {
        return None;
    }
    if matches!(name, "route" | "HTTPRouteHandler") {
        let made = program.call(call);
        let site = Site::of_call(call.file, made);
        let said = made.keyword("http_method").map(|expr| methods_of(program, &site, expr)).unwrap_or_default();
        return Some(if said.is_empty() { vec![Method::Get] } else { said });
    }
    matches!(name, "get" | "post" | "put" | "patch" | "delete" | "head").then(|| Method::of(name).into_iter().collect())
}

/// The routes a decorator of a handler says: one for each path.
fn routes(program: &dyn Program, owner: OwnerKey, handler: FuncRef, decorator: &Expr, class: Option<ClassRef>, findings: &mut Findings) {
    let Expr::Call(id) = decorator else { return };
    let call_ref = CallRef { file: handler.file, id: *id };
    let Some(methods) = methods(program, call_ref) else { return };
    let call = program.file(call_ref.file).outline.call(call_ref.id);
    let site = Site::of_call(call_ref.file, call);
    let paths: Vec<Text> = match call.arg(0, "path") {
        None => vec![Text::default()],
        Some(expr) => match program.items(&site, expr) {
            Some(items) => items.into_iter().map(|(item, at)| program.text(&at, item)).collect(),
            None => vec![program.text(&site, expr)],
        },
    };
    let function = program.function(handler);
    let said = |name: &str| call.keyword(name).map(|expr| (expr, site.clone()));
    let mut route = Route {
        framework: FRAMEWORK.id,
        owner: Some(owner),
        methods,
        handler: Some(handler),
        place: Place { file: handler.file, symbol: function.name.clone(), line: function.at.line },
        security: security(program, &said),
        ..Route::default()
    };
    let is_open = said("exclude_from_auth").is_some_and(|(value, at)| truth(program, &at, Some(value)) == Some(true));
    if is_open {
        route.security = Security::Open;
    }
    handler::describe(program, call, &site, class, &mut route);
    for path in paths {
        findings.routes.push(Route { path: PathText::new(path, PathSyntax::Curly), ..route.clone() });
    }
}
