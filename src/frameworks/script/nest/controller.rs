//! The routes of a controller, inherited ones included.

use rayon::prelude::*;

use super::application::{App, joined, schemes, versions};
use super::{COMMON, FRAMEWORK, documented, guards, inputs, outputs};
use crate::base::Name;
use crate::base::code::Expr;
use crate::facts::finding::{Method, PathSyntax, PathText, Place, Route};
use crate::facts::members::fill;
use crate::facts::program::{ClassRef, FuncRef, Mode, Program, Site, Text};
use crate::frameworks::script::decorators::{Decor, decorators};
use crate::frameworks::script::inherited;

/// Decorators of routes.
const VERBS: &[(&str, &[Method])] = &[
    ("Get", &[Method::Get]),
    ("Post", &[Method::Post]),
    ("Put", &[Method::Put]),
    ("Patch", &[Method::Patch]),
    ("Delete", &[Method::Delete]),
    ("Head", &[Method::Head]),
    ("Options", &[Method::Options]),
    ("All", &Method::COMMON),
    ("Sse", &[Method::Get]),
];

/// A controller as its decorators say.
struct Controller<'p> {
    class: ClassRef,
    decors: Vec<Decor<'p>>,
    paths: Vec<Text>,
    versions: Option<Vec<String>>,
}

/// The routes of an application.
pub fn served(program: &dyn Program, app: &App) -> Vec<Route> {
    app.controllers.par_iter().flat_map_iter(|(class, prefixes)| of_class(program, app, *class, prefixes)).collect()
}

fn of_class(program: &dyn Program, app: &App, class: ClassRef, prefixes: &[Text]) -> Vec<Route> {
    let Some(controller) = controller(program, class) else { return Vec::new() };
    let mut routes = Vec::new();
    for method in program.methods(class) {
        let declared = program.function(method);
        if declared.decorators.is_empty() {
            continue;
        }
        let decors = decorators(program, &method_site(program, method), &declared.decorators);
        for decor in &decors {
            let Some((_, methods)) = decor.of(COMMON).and_then(|name| VERBS.iter().find(|(verb, _)| *verb == name)) else { continue };
            let paths = full_paths(program, app, &controller, prefixes, &decors, decor);
            for path in paths {
                routes.push(route(program, app, &controller, (method, &decors), path, methods));
            }
        }
    }
    routes
}

/// Decorators of methods are read in the class's body.
fn method_site(program: &dyn Program, method: FuncRef) -> Site {
    program.around(method)
}

fn controller(program: &dyn Program, class: ClassRef) -> Option<Controller<'_>> {
    let own = |class: ClassRef| decorators(program, &program.around_class(class), &program.class(class).decorators);
    let mut decors = own(class);
    let said = decors.iter().find(|decor| decor.of(COMMON) == Some("Controller"))?.clone();
    for base in program.lineage(class).into_iter().skip(1) {
        decors.extend(own(base).into_iter().filter(|decor| decor.of(COMMON) != Some("Controller")));
    }
    let mut paths = Vec::new();
    let mut version = None;
    if let Some(arg) = said.arg(0) {
        match program.entries(&said.site, arg) {
            Some(entries) => {
                for (key, value, at) in entries {
                    match key.as_str() {
                        "path" => paths = texts(program, &at, value),
                        "version" => version = Some(versions(program, &at, value)),
                        _ => {}
                    }
                }
            }
            None => paths = texts(program, &said.site, arg),
        }
    }
    if let Some(decor) = decors.iter().find(|decor| decor.of(COMMON) == Some("Version")) {
        version = decor.arg(0).map(|arg| versions(program, &decor.site, arg)).or(version);
    }
    if paths.is_empty() {
        paths.push(Text::default());
    }
    Some(Controller { class, decors, paths, versions: version })
}

/// A path, or a list of them.
fn texts(program: &dyn Program, site: &Site, expr: &Expr) -> Vec<Text> {
    match program.items(site, expr) {
        Some(items) => items.into_iter().map(|(item, at)| program.text(&at, item)).collect(),
        None => vec![program.text(site, expr)],
    }
}

/// Prefix, version, module, controller, method: in this order.
fn full_paths(program: &dyn Program, app: &App, of: &Controller, modules: &[Text], decors: &[Decor], verb: &Decor) -> Vec<Text> {
    let own = match verb.arg(0) {
        Some(Expr::Object(_)) | None => vec![Text::default()],
        Some(arg) => texts(program, &verb.site, arg),
    };
    let said = decors
        .iter()
        .find(|decor| decor.of(COMMON) == Some("Version"))
        .and_then(|decor| Some(versions(program, &decor.site, decor.arg(0)?)));
    let parts: Vec<Text> = match &app.versioning {
        None => vec![Text::default()],
        Some(versioning) => {
            let versions = said.or_else(|| of.versions.clone()).unwrap_or_else(|| versioning.default.clone());
            let parts = versions
                .iter()
                .map(|version| if version.is_empty() { Text::default() } else { Text::known(&format!("{}{version}", versioning.prefix)) });
            let parts: Vec<Text> = parts.collect();
            if parts.is_empty() { vec![Text::default()] } else { parts }
        }
    };
    let none = [Text::default()];
    let modules = if modules.is_empty() { &none } else { modules };
    let mut found = Vec::new();
    for module in modules {
        for base in &of.paths {
            for path in &own {
                let bare = [module, base, path].into_iter().fold(Text::default(), |whole, part| joined(&whole, part));
                let is_excluded = bare.plain().is_some_and(|path| app.excluded.iter().any(|pattern| excludes(pattern, &path)));
                let prefix = if is_excluded { Text::default() } else { app.prefix.clone() };
                for version in &parts {
                    found.push(joined(&joined(&prefix, version), &bare));
                }
            }
        }
    }
    found
}

/// Whether a pattern of `exclude` holds for a path.
fn excludes(pattern: &str, path: &str) -> bool {
    let segments = |text: &str| -> Vec<String> { text.split('/').filter(|part| !part.is_empty()).map(str::to_owned).collect() };
    let (open, pattern) = match pattern.find(['*', '(', '{']) {
        Some(at) => (true, pattern.get(..at).unwrap_or_default()),
        None => (false, pattern),
    };
    let (pattern, path) = (segments(pattern), segments(path));
    let fits = pattern.iter().zip(&path).all(|(one, other)| one == other || one.starts_with(':'));
    fits && if open { path.len() >= pattern.len() } else { path.len() == pattern.len() }
}

fn route(
    program: &dyn Program,
    app: &App,
    of: &Controller,
    (handler, decors): (FuncRef, &[Decor]),
    path: Text,
    methods: &[Method],
) -> Route {
    let declared = program.function(handler);
    let class = program.class(of.class);
    let mut route = Route {
        framework: FRAMEWORK.id,
        methods: methods.to_vec(),
        path: PathText::new(path, PathSyntax::Colon),
        handler: Some(handler),
        place: Place { file: of.class.file, symbol: symbol(&class.name, &declared.name), line: declared.at.line },
        ..Route::default()
    };
    if handler.file != of.class.file {
        route.place.file = handler.file;
    }
    inputs::read(program, handler, decors, &mut route);
    let filling = inherited::filling(program, of.class, handler, Mode::Read);
    let contents = route.body.iter_mut().flat_map(|body| body.contents.iter_mut());
    contents.for_each(|(_, shape)| *shape = fill(std::mem::take(shape), &filling));
    outputs::read(program, of.class, handler, decors, &mut route);
    documented::apply(program, &of.decors, decors, &mut route);
    let all: Vec<Decor> = of.decors.iter().chain(decors).cloned().collect();
    let asked = guards::asked(program, &all);
    let mut security = schemes(app, |guard| guard.is_opened(&all));
    security.extend(asked.into_iter().filter(|guard| !guard.is_opened(&all)).map(|guard| guard.schemes));
    route.security = guards::settled(&security);
    route
}

fn symbol(class: &str, method: &str) -> Name {
    Name::from(format!("{class}.{method}"))
}
