//! warp. Read from 0.3 and 0.4. There are no routers: a filter is a value that is combined with others, and what `warp::serve` is given
//! is served.
//!
//! - [`filters`]: a filter expression as the alternatives it accepts.
//! - [`parts`]: the library's own filters.
//! - [`taken`]: one alternative, and what its functions are given.

mod filters;
mod parts;
mod taken;

use std::collections::HashMap;

use self::filters::Filters;
use self::taken::{Accepted, Piece};
use super::http::{self, auth, is_test, is_test_file, respond, symbols};
use crate::base::Name;
use crate::base::code::CallId;
use crate::base::language::Language;
use crate::facts::finding::{Findings, Location, Method, ParamFinding, PathSyntax, PathText, Place, Route};
use crate::facts::framework::{Framework, Tells};
use crate::facts::program::{CallRef, FileId, FuncRef, Program, Site, Text};

/// warp.
pub const FRAMEWORK: Framework = Framework {
    id: "rust/warp",
    label: "warp",
    languages: &[Language::Rust],
    modules: &["warp"],
    tells: &[Tells::Http],
    read: Some(read),
    types: None,
};

/// Calls that are given what is served.
const SERVES: &[&str] = &["warp.serve", "warp.service", "warp.server.serve"];

fn read(program: &dyn Program, file: FileId, findings: &mut Findings) {
    if is_test_file(program, file) {
        return;
    }
    let mut routes = Routes::default();
    for (id, call) in (0u32..).zip(&program.file(file).outline.calls) {
        let place = CallRef { file, id: CallId(id) };
        let is_root = symbols(program, file, &program.callee(place)).iter().any(|path| SERVES.contains(&path.as_str()));
        let Some(served) = call.positional(0).filter(|_| is_root && !is_test(program, file, call.scope)) else { continue };
        for site in program.instances(&Site::of_call(file, call), &[served]) {
            for accepted in Filters::new(program).read(&site, served) {
                if let Some(route) = route(program, accepted) {
                    routes.add(route);
                }
            }
        }
    }
    findings.routes.append(&mut routes.found);
}

/// The routes of one file in the order they are tried.
#[derive(Default)]
struct Routes {
    found: Vec<Route>,
    /// Where the route of these methods and this path stands.
    known: HashMap<(Vec<Method>, Text), usize>,
}

impl Routes {
    /// Adds a route. The first filter that accepts a request answers it; one that also accepts it with less makes its parameters optional.
    fn add(&mut self, route: Route) {
        let next = self.found.len();
        let index = *self.known.entry((route.methods.clone(), route.path.text.clone())).or_insert(next);
        let Some(known) = self.found.get_mut(index) else {
            return self.found.push(route);
        };
        if known.handler == route.handler {
            for param in known.params.iter_mut().filter(|param| param.location != Location::Path) {
                param.required &= route.params.iter().any(|other| other.name == param.name && other.location == param.location);
            }
        }
    }
}

/// An alternative as a route; none when nothing of the program answers.
fn route<'p>(program: &'p dyn Program, mut accepted: Accepted<'p>) -> Option<Route> {
    accepted.settle(program, None);
    let (last, before) = accepted.steps.split_last()?;
    let handler = last.answers;
    let methods = if accepted.methods.is_empty() { Method::COMMON.to_vec() } else { accepted.methods.clone() };
    let mut route = Route {
        framework: FRAMEWORK.id,
        methods,
        handler: Some(handler),
        place: Place { file: handler.file, symbol: name_of(program, handler), line: last.line },
        params: accepted.params,
        body: accepted.body,
        responses: respond::responses(program, handler),
        ..Route::default()
    };
    let (path, params) = path_of(accepted.pieces);
    route.path = PathText::new(path, PathSyntax::Curly);
    params.into_iter().for_each(|param| http::add_param(&mut route, param));
    let mut schemes = accepted.security;
    if schemes.is_empty() {
        schemes.extend(before.iter().filter_map(|step| auth::guard(program, step.function, &name_of(program, step.function))));
    }
    route.security.add(schemes);
    http::documented(program, handler, &mut route);
    http::utoipa::apply(program, handler, &mut route);
    Some(route)
}

/// The path and the parameters in it.
fn path_of(pieces: Vec<Piece>) -> (Text, Vec<ParamFinding>) {
    let mut text = Text::default();
    let mut params: Vec<ParamFinding> = Vec::new();
    for piece in pieces {
        text = text.then(Text::known("/"));
        match piece {
            Piece::Fixed(fixed) => text = text.then(fixed),
            Piece::Param { name, shape, is_rest } => {
                let count = params.len() + 1;
                let mut name = name.unwrap_or_else(|| if is_rest { "tail".into() } else { format!("param{count}").into() });
                if params.iter().any(|known| known.name == name) {
                    name = format!("{name}{count}").into();
                }
                text = text.then(Text::known(&if is_rest { format!("{{*{name}}}") } else { format!("{{{name}}}") }));
                params.push(ParamFinding { name, location: Location::Path, required: true, shape, ..ParamFinding::default() });
            }
        }
    }
    (if text.is_empty() { Text::known("/") } else { text }, params)
}

/// The name of a function, of a closure that of the function around it.
fn name_of(program: &dyn Program, function: FuncRef) -> Name {
    let outline = &program.file(function.file).outline;
    let declared = outline.function(function.id);
    if !declared.name.is_empty() {
        return declared.name.clone();
    }
    let mut around = outline.scopes_from(declared.scope).filter_map(|(_, scope)| match scope.kind {
        crate::base::code::ScopeKind::Function(id) => Some(&outline.function(id).name),
        _ => None,
    });
    around.find(|name| !name.is_empty()).cloned().unwrap_or_default()
}
