//! Routes that nobody says: RESTful ones of models, one for each action, as `config/blueprints.js` has them.

use super::actions::{self, Action, declared, is_controller, members};
use super::{FRAMEWORK, below, config, configured, policies, whole};
use crate::base::code::Expr;
use crate::facts::finding::{BodyFinding, Findings, Method, PathSyntax, PathText, Place, ResponseFinding, Route};
use crate::facts::program::{FileId, Meaning, Program, Site, Text};
use crate::facts::shape::{Member, Shape};

/// What `config/blueprints.js` says.
struct Blueprints<'p> {
    program: &'p dyn Program,
    root: &'p str,
    actions: bool,
    rest: bool,
    prefix: String,
    rest_prefix: String,
    is_plural: bool,
}

impl<'p> Blueprints<'p> {
    fn of(program: &'p dyn Program, root: &'p str) -> Self {
        let said = config(program, root, "blueprints");
        let entries = said.as_ref().and_then(|(object, site)| program.entries(site, object)).unwrap_or_default();
        let find = |name: &str| entries.iter().find(|(key, ..)| key == name);
        let flag = |name: &str| match find(name) {
            Some((_, Expr::Bool(is_on), _)) => Some(*is_on),
            _ => None,
        };
        let text = |name: &str| find(name).and_then(|(_, value, at)| program.text(at, value).plain()).unwrap_or_default();
        // Actions had routes unless it was said otherwise before version 1, and have none since. An application that neither says so
        // nor routes anything by hand would serve none of its actions; then their routes are taken as meant.
        let by_default = is_old(program, root) || said.is_none() && !has_custom(program, root);
        Self {
            program,
            root,
            actions: flag("actions").unwrap_or(by_default),
            rest: flag("rest").unwrap_or(true),
            prefix: text("prefix"),
            rest_prefix: text("restPrefix"),
            is_plural: flag("pluralize").unwrap_or(false),
        }
    }

    /// The path of a model's records.
    fn records(&self, name: &str) -> String {
        let name = if self.is_plural { plural(name) } else { name.to_string() };
        format!("{}{}/{name}", self.prefix, self.rest_prefix)
    }
}

/// Before version 1 databases were told in `config/connections.js`.
fn is_old(program: &dyn Program, root: &str) -> bool {
    program.file_at(&below(root, "config/connections.js")).is_some()
}

fn has_custom(program: &dyn Program, root: &str) -> bool {
    let routes = config(program, root, "routes").and_then(|(object, site)| program.entries(&site, object));
    routes.is_some_and(|routes| !routes.is_empty())
}

fn plural(name: &str) -> String {
    match name.strip_suffix('y') {
        Some(rest) if !rest.ends_with(['a', 'e', 'i', 'o', 'u']) => format!("{rest}ies"),
        _ if name.ends_with(['s', 'x', 'z']) || name.ends_with("ch") || name.ends_with("sh") => format!("{name}es"),
        _ => format!("{name}s"),
    }
}

/// The RESTful routes of a model.
pub fn model(program: &dyn Program, file: FileId, root: &str, name: &str, findings: &mut Findings) {
    let blueprints = Blueprints::of(program, root);
    if blueprints.rest && !name.contains('/') && whole(program, file).is_some() {
        rest(&blueprints, file, &name.to_lowercase(), findings);
    }
}

fn rest(blueprints: &Blueprints, file: FileId, name: &str, findings: &mut Findings) {
    let (program, root) = (blueprints.program, blueprints.root);
    let update = if is_old(program, root) { Method::Put } else { Method::Patch };
    let records = blueprints.records(name);
    let verbs = [
        (Method::Get, "", "find"),
        (Method::Post, "", "create"),
        (Method::Get, "/:id", "findone"),
        (update, "/:id", "update"),
        (Method::Delete, "/:id", "destroy"),
    ];
    let written = actions::Actions::of(program, root);
    for (method, tail, action) in verbs {
        let mut route = implied(file, &[method], &format!("{records}{tail}"), action);
        let identity = format!("{name}/{action}");
        route.security = policies::of(program, root, &identity);
        match written.find(&identity) {
            Some(own) => own.describe(program, &mut route),
            None => describe(program, root, &identity, &mut route),
        }
        findings.routes.push(route);
    }
}

fn implied(file: FileId, methods: &[Method], path: &str, symbol: &str) -> Route {
    Route {
        framework: FRAMEWORK.id,
        methods: methods.to_vec(),
        path: PathText::new(Text::known(path), PathSyntax::Colon),
        place: Place { file, symbol: symbol.into(), line: 1 },
        is_implied: true,
        ..Route::default()
    }
}

/// What the built-in action of an identity takes and gives: `user/find`.
pub fn describe(program: &dyn Program, root: &str, identity: &str, route: &mut Route) {
    let Some((model, action)) = identity.rsplit_once('/') else { return };
    let Some(members) = attributes(program, root, model) else { return };
    let record = || Shape::record(members.clone());
    let answer = match action {
        "find" => record().list(),
        "create" | "findone" | "update" | "destroy" => record(),
        _ => return,
    };
    if matches!(action, "create" | "update") && actions::takes_body(route) {
        let sent = members.iter().cloned().map(|member| Member { required: member.required && action == "create", ..member });
        route.body = Some(BodyFinding::json(Shape::record(sent.collect())));
    }
    route.responses.push(ResponseFinding::json("200", answer));
}

/// The attributes of a model.
fn attributes(program: &dyn Program, root: &str, model: &str) -> Option<Vec<Member>> {
    let folder = below(root, "api/models/");
    let mut files = (0..program.file_count()).map(FileId);
    let file =
        files.find(|file| program.path(*file).strip_prefix(&folder).is_some_and(|path| super::stem(path).eq_ignore_ascii_case(model)))?;
    let (object, site) = configured(program, file, "attributes")?;
    Some(declared(program, &site, object))
}

/// The routes of a file of actions.
pub fn controller(program: &dyn Program, file: FileId, root: &str, path: &str, findings: &mut Findings) {
    let blueprints = Blueprints::of(program, root);
    let identity = actions::identity(path);
    if !is_controller(program, file) {
        let action = whole(program, file).map(|value| Action { value });
        if let Some(action) = action.filter(|action| blueprints.actions && action.is_served(program)) {
            shadow(&blueprints, file, &identity, &action, findings);
        }
        return;
    }
    if is_bare(program, file) && blueprints.rest && attributes(program, root, &identity).is_none() && !has_custom(program, root) {
        // A controller without actions is there for those of its model.
        rest(&blueprints, file, &identity, findings);
    }
    for (name, value) in members(program, file) {
        let action = Action { value };
        let is_own = !matches!(name.as_str(), "find" | "findOne" | "create" | "update" | "destroy");
        if blueprints.actions && is_own && action.is_served(program) {
            shadow(&blueprints, file, &format!("{identity}/{}", name.to_lowercase()), &action, findings);
        }
    }
}

/// `module.exports = {}`.
fn is_bare(program: &dyn Program, file: FileId) -> bool {
    let is_empty = |value: &Expr, site: &Site| program.entries(site, value).is_some_and(|entries| entries.is_empty());
    matches!(whole(program, file), Some(Meaning::Value(value, site)) if is_empty(value, &site))
}

/// An action answers to its own identity, whatever the method; `index` to its folder's.
fn shadow(blueprints: &Blueprints, file: FileId, identity: &str, action: &Action, findings: &mut Findings) {
    let path = match identity.strip_suffix("index") {
        Some(folder) if folder.is_empty() || folder.ends_with('/') => folder.trim_end_matches('/'),
        _ => identity,
    };
    for method in Method::COMMON {
        let mut route = implied(file, &[method], &format!("{}/{path}", blueprints.prefix), identity);
        route.security = policies::of(blueprints.program, blueprints.root, identity);
        action.describe(blueprints.program, &mut route);
        findings.routes.push(route);
    }
}
