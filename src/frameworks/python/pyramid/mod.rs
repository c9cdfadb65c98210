//! Pyramid: routes by name, views that are configured for them; Cornice on top of it.
//!
//! - [`views`]: which views serve which route.
//! - [`describe`]: what one view takes and gives.
//! - [`cornice`]: services and resources.
//!
//! Read from Pyramid 2 (`docs.pylonsproject.org/projects/pyramid`, URL dispatch and view configuration) and Cornice 6. Views without a
//! route (traversal) have no path that the code says; they are left out. So is `route_prefix_context`.

mod cornice;
mod describe;
mod views;

use crate::base::Name;
use crate::base::code::{Call, CallId, Expr, FuncId, ScopeId};
use crate::base::language::Language;
use crate::facts::finding::{Findings, Method, Mount, Owner, OwnerKey, PathSyntax, PathText, Place, Route, Traits};
use crate::facts::framework::{Framework, Tells};
use crate::facts::program::{CallRef, FileId, FuncRef, Meaning, Program, Site, Text, TextPart};
use crate::frameworks::interpret::{self, methods_of, owners_of};
use crate::frameworks::table::{At, Chain, Hooks, MountRule, OwnerRule, Table};

/// Pyramid.
pub const FRAMEWORK: Framework = Framework {
    id: "python/pyramid",
    label: "Pyramid, Cornice",
    languages: &[Language::Python],
    modules: &["pyramid", "cornice"],
    tells: &[Tells::Http],
    read: Some(read),
    types: None,
};

/// What routes hang on: a configuration, and functions that are given one.
const TABLE: Table = Table {
    id: FRAMEWORK.id,
    syntax: PathSyntax::Curly,
    owners: &[OwnerRule {
        makes: &["pyramid.config.Configurator", "pyramid.configuration.Configurator"],
        is_root: true,
        prefix: At::Keyword("route_prefix"),
    }],
    owner_types: &[],
    chain: Chain::No,
    routes: &[],
    mounts: &[MountRule {
        name: "include",
        prefix: At::Keyword("route_prefix"),
        child: At::Arg(0, "callable"),
        replaces_prefix: false,
        takes_functions: true,
    }],
    hooks: Hooks { route: |_, _| {}, owner: None, mount: None },
};

/// The function that an included module is entered by.
const ENTRY: &str = "includeme";

fn read(program: &dyn Program, file: FileId, findings: &mut Findings) {
    cornice::read(program, file, findings);
    let outline = &program.file(file).outline;
    let name_of = |call: &Call| call.callee.last_name().map_or("", |name| name.as_str()).to_owned();
    if !outline.calls.iter().any(|call| matches!(name_of(call).as_str(), "Configurator" | "include" | "add_route")) {
        return;
    }
    interpret::read(&TABLE, program, file, findings);
    entries(program, file, findings);
    let mut routes: Vec<Named> = Vec::new();
    for (id, call) in (0u32..).zip(&outline.calls) {
        let Some((receiver, name)) = call.method() else { continue };
        match name.as_str() {
            "include" => included(program, file, call, receiver, findings),
            "add_route" => routes.extend(named(program, CallRef { file, id: CallId(id) }, receiver)),
            _ => {}
        }
    }
    serve(program, routes, findings);
}

/// `def includeme(config)`: an owner of its own, served where it is included.
fn entries(program: &dyn Program, file: FileId, findings: &mut Findings) {
    let functions = (0u32..).zip(&program.file(file).outline.functions);
    for (id, function) in functions.filter(|(_, function)| function.name == ENTRY && function.scope == ScopeId(0)) {
        findings.owners.push(Owner {
            key: OwnerKey::from(FuncRef { file, id: FuncId(id) }),
            framework: FRAMEWORK.id,
            is_root: false,
            prefix: PathText::default(),
            traits: Traits::default(),
            place: Place { file, symbol: function.name.clone(), line: function.at.line },
        });
    }
}

/// `config.include("shop.routes", route_prefix="/shop")`: a module or a function by its dotted name, or a module itself.
fn included(program: &dyn Program, file: FileId, call: &Call, receiver: &Expr, findings: &mut Findings) {
    let site = Site::of_call(file, call);
    let Some(target) = call.arg(0, "callable") else { return };
    if owners_of(&TABLE, program, &site, receiver).is_empty() {
        return;
    }
    for site in program.instances(&site, &[receiver, target]) {
        let meaning = match program.text(&site, target).plain() {
            Some(path) => program.named(file, &path),
            None if matches!(target, Expr::Ref(name) if name == "__name__") => Meaning::Module(file, ScopeId(0)),
            None => program.resolve(&site, target),
        };
        let entry = match &meaning {
            Meaning::Module(..) | Meaning::Namespace(_) => program.member(&meaning, ENTRY).function(),
            // The interpreter reads functions that are included as such.
            _ if matches!(target, Expr::Str(_) | Expr::Template(_)) => meaning.function(),
            _ => None,
        };
        let Some(entry) = entry else { continue };
        let prefix = call.arg(1, "route_prefix").map(|prefix| slashed(program.text(&site, prefix))).unwrap_or_default();
        for parent in owners_of(&TABLE, program, &site, receiver) {
            findings.mounts.push(Mount {
                framework: FRAMEWORK.id,
                parent,
                children: vec![OwnerKey::from(entry)],
                prefix: PathText::new(prefix.clone(), PathSyntax::Curly),
                replaces_prefix: false,
                traits: Traits::default(),
                place: Place { file, symbol: Name::default(), line: call.at.line },
            });
        }
    }
}

/// A route as it was added: what serves it is known by its name.
struct Named {
    name: String,
    owner: OwnerKey,
    path: Text,
    /// `request_method=`; empty when every method is let through.
    methods: Vec<Method>,
    place: Place,
}

/// `config.add_route("user", "/users/{id}", request_method="GET")`.
fn named(program: &dyn Program, call_ref: CallRef, receiver: &Expr) -> Vec<Named> {
    let call = program.call(call_ref);
    let site = Site::of_call(call_ref.file, call);
    let (Some(name), Some(pattern)) = (call.arg(0, "name"), call.arg(1, "pattern").or_else(|| call.keyword("path"))) else {
        return Vec::new();
    };
    if owners_of(&TABLE, program, &site, receiver).is_empty() {
        return Vec::new();
    }
    let mut found = Vec::new();
    for site in program.instances(&site, &[receiver, name, pattern]) {
        let Some(name) = program.text(&site, name).plain() else { continue };
        let path = stars(slashed(program.text(&site, pattern)));
        let methods = call.keyword("request_method").map(|methods| methods_of(program, &site, methods)).unwrap_or_default();
        for owner in owners_of(&TABLE, program, &site, receiver) {
            let place = Place { file: call_ref.file, symbol: name.as_str().into(), line: call.at.line };
            found.push(Named { name: name.clone(), owner, path: path.clone(), methods: methods.clone(), place });
        }
    }
    found
}

/// Puts the views of routes under their paths.
fn serve(program: &dyn Program, routes: Vec<Named>, findings: &mut Findings) {
    if routes.is_empty() {
        return;
    }
    let views = views::of_all(program);
    for named in routes {
        let mut served: Vec<Route> = Vec::new();
        for view in views.get(&named.name).into_iter().flatten() {
            for method in describe::methods(program, view, &named.methods) {
                let mut route = Route {
                    framework: FRAMEWORK.id,
                    owner: Some(named.owner.clone()),
                    methods: vec![method],
                    path: PathText::new(named.path.clone(), PathSyntax::Curly),
                    place: named.place.clone(),
                    ..Route::default()
                };
                describe::view(program, view, &mut route);
                // Views of one method are told apart by what a request asks for: the first stands for all.
                match served.iter_mut().find(|known| known.methods == route.methods) {
                    Some(known) => {
                        known.params.extend(route.params.into_iter().filter(|param| !known.params.contains(param)).collect::<Vec<_>>())
                    }
                    None => served.push(route),
                }
            }
        }
        findings.routes.extend(served);
    }
}

/// A pattern may leave out the slash before it.
fn slashed(path: Text) -> Text {
    match path.0.first() {
        Some(TextPart::Known(text)) if text.starts_with('/') => path,
        None => path,
        _ => Text::known("/").then(path),
    }
}

/// `*subpath` takes the rest of the path.
fn stars(path: Text) -> Text {
    let part = |part: TextPart| match part {
        TextPart::Known(text) => match text.split_once('*') {
            Some((before, name)) if !name.is_empty() && !before.ends_with(['{', '.', '+', ')', ']']) => {
                TextPart::Known(format!("{before}{{{name}}}").into())
            }
            _ => TextPart::Known(text),
        },
        hole @ TextPart::Hole(_) => hole,
    };
    Text(path.0.into_iter().map(part).collect())
}
