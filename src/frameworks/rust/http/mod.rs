//! What Rust's HTTP frameworks share: handlers are functions whose parameters are extractors and whose result is a response.
//!
//! - [`types`]: types as written, through aliases and type parameters.
//! - [`extract`]: parameters, bodies and guards; [`custom`]: extractors of the program.
//! - [`respond`]: returned types; [`returned`]: returned values.
//! - [`builder`]: routers that are built with calls; [`reads`]: what handlers read from a request object.
//! - [`auth`]: what asks for authentication.
//! - [`utoipa`]: its attribute on handlers; [`schemes`]: the security schemes that it declares.

pub mod auth;
pub mod builder;
mod builder_routes;
mod custom;
pub mod extract;
pub mod reads;
pub mod respond;
mod returned;
mod schemes;
pub mod statuses;
pub mod types;
pub mod utoipa;

use crate::base::Name;
use crate::base::code::{CallId, Expr, Imported, ScopeId, ScopeKind};
use crate::facts::finding::{Method, PathSyntax, Route};
use crate::facts::program::{CallRef, FileId, FuncRef, Meaning, Program, Site};

/// Fills in what a handler says: extractors, responses, documentation, and what utoipa says of it.
pub fn describe(program: &dyn Program, handler: FuncRef, route: &mut Route) {
    let function = program.function(handler);
    route.handler = Some(handler);
    if !function.name.is_empty() {
        route.place.symbol = function.name.clone();
    }
    let text = route.path.text.plain().unwrap_or_default();
    let mut extractor = extract::Extractor::new(program, placeholders(&text, route.path.syntax), route.methods == [Method::Get]);
    extractor.handler(handler);
    let taken = extractor.taken;
    for param in taken.params {
        add_param(route, param);
    }
    if route.body.is_none() {
        route.body = taken.body;
    }
    route.security.add(taken.security);
    if route.responses.is_empty() {
        route.responses = respond::responses(program, handler);
    }
    documented(program, handler, route);
    utoipa::apply(program, handler, route);
}

/// Adds a parameter that is not there yet.
pub fn add_param(route: &mut Route, param: crate::facts::finding::ParamFinding) {
    if !route.params.iter().any(|known| known.name == param.name && known.location == param.location) {
        route.params.push(param);
    }
}

/// The first line of the documentation is the summary, all else the description.
pub fn documented(program: &dyn Program, handler: FuncRef, route: &mut Route) {
    let function = program.function(handler);
    if let Some(doc) = &function.doc {
        let (summary, description) = doc.split_once('\n').unwrap_or((doc, ""));
        if route.summary.is_none() && !summary.trim().is_empty() {
            route.summary = Some(summary.trim().into());
        }
        if route.description.is_none() && !description.trim().is_empty() {
            route.description = Some(description.trim().into());
        }
    }
    let attributes = crate::frameworks::rust::attributes::Attributes::new(program, handler.file, &function.decorators);
    route.deprecated |= attributes.has("deprecated");
}

/// The names of the parameters in a path, in order.
#[must_use]
pub fn placeholders(path: &str, syntax: PathSyntax) -> Vec<Name> {
    let mut names = Vec::new();
    match syntax {
        PathSyntax::Curly => {
            for part in path.split('{').skip(1) {
                let inner = part.split('}').next().unwrap_or_default();
                let name = inner.split(':').next().unwrap_or_default().trim_start_matches('*').trim_start_matches('.');
                if !name.is_empty() {
                    names.push(name.into());
                }
            }
        }
        PathSyntax::Angle => {
            for part in path.split('<').skip(1) {
                let inner = part.split('>').next().unwrap_or_default().trim_end_matches('.').trim_start_matches('*');
                names.push(inner.split(':').next().unwrap_or_default().into());
            }
        }
        _ => {
            for part in path.split('/') {
                if let Some(name) = part.strip_prefix([':', '*']).filter(|name| !name.is_empty()) {
                    names.push(name.into());
                }
            }
        }
    }
    names
}

/// The function that an expression names. Modules and functions have names of their own: after `mod home; pub use home::*;`,
/// `home` is also the function in it.
#[must_use]
pub fn function_of(program: &dyn Program, site: &Site, expr: &Expr) -> Option<FuncRef> {
    let meaning = program.resolve(site, expr);
    if let (Meaning::Module(..), Some(name)) = (&meaning, expr.last_name()) {
        return program.member(&meaning, name).function();
    }
    meaning.function()
}

/// Dotted paths that a meaning may have. A name that nothing in the file binds may come from a library's glob:
/// `use actix_web::web::*;`.
#[must_use]
pub fn symbols(program: &dyn Program, file: FileId, meaning: &Meaning) -> Vec<String> {
    let Some(path) = meaning.outside() else { return Vec::new() };
    let mut found = vec![path.to_owned()];
    if let Some(name) = path.strip_prefix("builtins.") {
        found.extend(globs(program, file).map(|module| format!("{module}.{name}")));
    }
    found
}

/// Dotted paths that an attribute macro may have. Macros have names of their own: under `use actix_web::get;`, `#[get("/")] fn get()` is
/// the library's macro on the program's function.
#[must_use]
pub fn macro_symbols(program: &dyn Program, file: FileId, id: CallId) -> Vec<String> {
    let outline = &program.file(file).outline;
    if let Expr::Ref(name) = &outline.call(id).callee {
        for import in outline.imports.iter().filter(|import| import.local == *name) {
            if let Imported::Name(taken) = &import.what
                && !is_own_module(&import.module)
            {
                return vec![format!("{}.{taken}", import.module.replace("::", "."))];
            }
        }
        if outline.functions.iter().any(|function| function.name == *name) {
            return globs(program, file).map(|module| format!("{module}.{name}")).collect();
        }
    }
    symbols(program, file, &program.callee(CallRef { file, id }))
}

fn is_own_module(module: &str) -> bool {
    matches!(module.split("::").next(), Some("crate" | "self" | "super" | "std" | "core"))
}

/// Modules of libraries whose names a file takes with a glob, dotted.
pub fn globs(program: &dyn Program, file: FileId) -> impl Iterator<Item = String> {
    let imports = program.file(file).outline.imports.iter().filter(|import| import.what == Imported::Glob);
    imports.filter(|import| !is_own_module(&import.module)).map(|import| import.module.replace("::", "."))
}

/// Whether code only runs in tests: under `#[cfg(test)]`, in a test function, in a folder of tests or benchmarks, or in an example beside
/// the package's own sources.
#[must_use]
pub fn is_test(program: &dyn Program, file: FileId, scope: ScopeId) -> bool {
    let outline = &program.file(file).outline;
    let is_marked = outline.scopes_from(scope).any(|(id, scope)| match &scope.kind {
        ScopeKind::Function(function) => outline.function(*function).flags.is_test,
        ScopeKind::Namespace(_) => outline.mods.iter().any(|module| module.inline == Some(id) && module.is_test),
        _ => false,
    });
    is_marked || is_test_file(program, file)
}

/// Whether a whole file is of that kind.
#[must_use]
pub fn is_test_file(program: &dyn Program, file: FileId) -> bool {
    let path = program.path(file);
    let mut folders: Vec<&str> = path.split('/').collect();
    let name = folders.pop().unwrap_or_default();
    if matches!(name, "tests.rs" | "test.rs" | "benches.rs") || folders.iter().any(|folder| matches!(*folder, "tests" | "test" | "benches"))
    {
        return true;
    }
    let Some(at) = folders.iter().position(|folder| *folder == "examples") else { return false };
    let mut package = folders[..at].join("/");
    if !package.is_empty() {
        package.push('/');
    }
    package.push_str("src/");
    (0..program.file_count()).any(|other| program.path(FileId(other)).starts_with(&package))
}
