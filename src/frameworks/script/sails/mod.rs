//! Sails: routes of `config/routes.js`, and those that follow from models and actions.
//!
//! - [`actions`]: finding the action that a target names, and what it reads and answers.
//! - [`shadows`]: routes that follow from the folders `api/models` and `api/controllers`.
//! - [`policies`]: what `config/policies.js` asks for.
//!
//! Read from Sails 0.12 and 1 (`sailsjs.com/documentation`). Routes by regular expression, the shortcuts of development and static
//! assets are left out on purpose.

mod actions;
mod policies;
mod shadows;

use crate::base::code::{Expr, Key, ScopeId};
use crate::base::language::Language;
use crate::facts::finding::{Findings, Method, PathSyntax, PathText, Place, ResponseFinding, Route, Security};
use crate::facts::framework::{Framework, Tells};
use crate::facts::program::{FileId, Meaning, Program, Site, Text};
use crate::facts::shape::Shape;
use actions::{Action, Actions};

/// Sails.
pub const FRAMEWORK: Framework = Framework {
    id: "script/sails",
    label: "Sails",
    languages: &[Language::TypeScript, Language::JavaScript],
    modules: &[],
    tells: &[Tells::Http],
    read: Some(read),
    types: None,
};

fn read(program: &dyn Program, file: FileId, findings: &mut Findings) {
    let Some(root) = program.package_with(file, "sails") else { return };
    let path = program.path(file);
    let below = if root.is_empty() { path } else { path.strip_prefix(root).unwrap_or_default().trim_start_matches('/') };
    if below.starts_with("config/") {
        custom(program, file, root, findings);
    } else if let Some(model) = below.strip_prefix("api/models/") {
        shadows::model(program, file, root, stem(model), findings);
    } else if let Some(controller) = below.strip_prefix("api/controllers/") {
        shadows::controller(program, file, root, stem(controller), findings);
    }
}

/// A path below an application's root.
fn below(root: &str, path: &str) -> String {
    if root.is_empty() { path.to_string() } else { format!("{root}/{path}") }
}

fn stem(path: &str) -> &str {
    path.rsplit_once('.').map_or(path, |(stem, _)| stem)
}

/// What a module exports as a whole: `module.exports = { … }`.
fn whole(program: &dyn Program, file: FileId) -> Option<Meaning<'_>> {
    let module = Meaning::Module(file, ScopeId(0));
    ["=", "default"].into_iter().map(|name| program.member(&module, name)).find(|found| !matches!(found, Meaning::Unknown))
}

/// The object a configuration file exports under a name: `module.exports.routes = { … }`.
fn configured<'p>(program: &'p dyn Program, file: FileId, name: &str) -> Option<(&'p Expr, Site)> {
    let named = program.member(&Meaning::Module(file, ScopeId(0)), name);
    let found = if matches!(named, Meaning::Unknown) { program.member(&whole(program, file)?, name) } else { named };
    found.value().map(|(value, site)| (value, site.clone()))
}

/// The object that `config/<file>` exports under a name.
fn config<'p>(program: &'p dyn Program, root: &str, name: &str) -> Option<(&'p Expr, Site)> {
    let file = ["js", "ts"].into_iter().find_map(|extension| program.file_at(&below(root, &format!("config/{name}.{extension}"))))?;
    configured(program, file, name)
}

/// Routes that are said: `'GET /user/:id': 'UserController.show'`.
fn custom(program: &dyn Program, file: FileId, root: &str, findings: &mut Findings) {
    let Some((object, site)) = configured(program, file, "routes") else { return };
    let Some(entries) = program.entries(&site, object) else { return };
    let actions = Actions::of(program, root);
    for (key, target, at) in entries {
        let Some((methods, path)) = address(&key) else { continue };
        if methods.len() > 1 && is_middleware(program, &at, target) {
            continue;
        }
        for method in methods {
            let mut route = Route {
                framework: FRAMEWORK.id,
                methods: vec![method],
                path: PathText::new(Text::known(path), PathSyntax::Colon),
                place: Place { file, symbol: key.clone(), line: line_of(object, &key) },
                ..Route::default()
            };
            if aim(program, &actions, &at, target, &mut route) {
                findings.routes.push(route);
            }
        }
    }
}

/// A function for whatever comes by, which may hand on.
fn is_middleware(program: &dyn Program, site: &Site, target: &Expr) -> bool {
    program.resolve(site, target).function().is_some_and(|function| program.function(function).params.len() > 2)
}

fn line_of(object: &Expr, key: &str) -> u32 {
    let Expr::Object(entries) = object else { return 1 };
    entries.iter().find(|entry| matches!(&entry.key, Key::Name(name) if name == key)).map_or(1, |entry| entry.at.line)
}

/// `GET /users/:id`, `/users`, `all /users`.
fn address(key: &str) -> Option<(Vec<Method>, &str)> {
    let key = key.trim();
    let (methods, path) = match key.split_once(char::is_whitespace) {
        Some((verb, path)) if verb.eq_ignore_ascii_case("all") => (Method::COMMON.to_vec(), path.trim()),
        Some((verb, path)) => (vec![Method::of(verb)?], path.trim()),
        None => (Method::COMMON.to_vec(), key),
    };
    path.starts_with('/').then_some((methods, path))
}

/// Fills in what a target says; whether there is something that answers.
fn aim(program: &dyn Program, actions: &Actions, site: &Site, target: &Expr, route: &mut Route) -> bool {
    match program.resolve(site, target) {
        Meaning::Value(Expr::Str(text), _) => named(program, actions, text, route),
        Meaning::Value(object @ Expr::Object(_), at) => object_target(program, actions, &at, object, route),
        Meaning::Value(list @ Expr::List(_), at) => {
            let items = program.items(&at, list).unwrap_or_default();
            // `[{ policy: 'isLoggedIn' }, 'UserController.show']`
            let mut is_served = false;
            for (item, at) in items {
                is_served |= aim(program, actions, &at, item, route);
            }
            is_served
        }
        meaning => {
            let Some(function) = meaning.function() else { return false };
            actions::classic(program, function, route);
            true
        }
    }
}

/// `'UserController.show'`, `'user/show'`, or where a request is sent on to.
fn named(program: &dyn Program, actions: &Actions, target: &str, route: &mut Route) -> bool {
    if target.starts_with('/') || target.contains("://") {
        route.responses.push(ResponseFinding::empty("302"));
        return true;
    }
    let identity = actions::identity(target);
    route.place.symbol = target.into();
    if let Security::Inherit = route.security {
        route.security = policies::of(program, actions.root, &identity);
    }
    match actions.find(&identity) {
        Some(action) => action.describe(program, route),
        None => shadows::describe(program, actions.root, &identity, route),
    }
    true
}

/// `{ controller, action }`, `{ action }`, `{ view }`, `{ fn }`, `{ policy }`.
fn object_target(program: &dyn Program, actions: &Actions, site: &Site, object: &Expr, route: &mut Route) -> bool {
    let entries = program.entries(site, object).unwrap_or_default();
    let find = |name: &str| entries.iter().find(|(key, ..)| key == name);
    let text = |name: &str| find(name).and_then(|(_, value, at)| program.text(at, value).plain());
    if let Some(policy) = text("policy") {
        route.security = policies::named(program, actions.root, &policy);
        return false;
    }
    let target = match (text("controller"), text("action").or_else(|| text("target"))) {
        (Some(controller), Some(action)) => Some(format!("{controller}/{action}")),
        (Some(controller), None) => Some(format!("{controller}/index")),
        (None, action) => action,
    };
    if let Some(target) = target {
        return named(program, actions, &target, route);
    }
    if find("view").is_some() {
        let contents = vec![("text/html".into(), Shape::Text(None))];
        route.responses.push(ResponseFinding { contents, ..ResponseFinding::empty("200") });
        return true;
    }
    if let Some((_, value, at)) = find("fn") {
        let action = Action { value: program.resolve(at, value) };
        action.describe(program, route);
        return true;
    }
    find("response").is_some() || text("redirect").is_some()
}
