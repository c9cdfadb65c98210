//! hapi: routes are objects, plugins are objects with a `register` function that is given the server.
//!
//! - [`options`]: what a route's options say: validation, responses, tags.
//! - [`security`]: strategies, the server's default, and what a route says of them.
//!
//! Read from hapi 8 to 21 (`hapi.dev/api`). Files loaded by folder (`haute-couture`) are left out on purpose.

mod options;
mod security;

use crate::base::Name;
use crate::base::code::{CallId, Expr};
use crate::base::language::Language;
use crate::facts::finding::{Findings, Method, Mount, OwnerKey, PathSyntax, PathText, Place, Route, Traits};
use crate::facts::framework::{Framework, Tells};
use crate::facts::program::{CallRef, FileId, FuncRef, Meaning, Program, Site, Text, TextPart};
use crate::frameworks::interpret::{self, handler_function, owners_at};
use crate::frameworks::script::handler::answers::Answers;
use crate::frameworks::script::handler::{Declared, Dialect, Handling, Part, Root};
use crate::frameworks::table::{At, Chain, Hooks, MountRule, OwnerRule, Said, Table};

use options::Entries;

/// hapi.
pub const FRAMEWORK: Framework = Framework {
    id: "script/hapi",
    label: "hapi",
    languages: &[Language::TypeScript, Language::Tsx, Language::JavaScript],
    modules: &["@hapi/hapi", "hapi"],
    tells: &[Tells::Http],
    read: Some(read),
    types: None,
};

/// What makes servers.
const SERVERS: &[&str] = &[
    "@hapi/hapi.server",
    "@hapi/hapi.Server",
    "@hapi/hapi.default.server",
    "@hapi/hapi.default.Server",
    "hapi.server",
    "hapi.Server",
    "hapi.default.server",
    "hapi.default.Server",
];

/// How servers are told; routes and plugins are objects, read below.
const TABLE: Table = Table {
    id: FRAMEWORK.id,
    syntax: PathSyntax::Curly,
    owners: &[OwnerRule { makes: SERVERS, is_root: true, prefix: At::Nowhere }],
    owner_types: SERVERS,
    chain: Chain::No,
    routes: &[],
    mounts: &[MountRule { name: "register", prefix: At::Nowhere, child: At::Nowhere, replaces_prefix: false, takes_functions: true }],
    hooks: Hooks { route: |_: &Said, _: &mut Route| {}, owner: None, mount: None },
};

/// How handlers read and answer.
const DIALECT: Dialect = Dialect {
    roots: &[Root::Request, Root::Response],
    parts: &[
        (Root::Request, &["query"], Part::Query),
        (Root::Request, &["payload"], Part::Body),
        (Root::Request, &["params"], Part::Params),
        (Root::Request, &["headers"], Part::Headers),
        (Root::Request, &["state"], Part::Cookies),
    ],
    lookups: &[],
    passes: &[],
    answers: Answers { responders: &[(Root::Response, &[])], bodies: &[], statuses: &[], returned: true },
};

/// Lists of routes and plugins nest this deep.
const MAX_DEPTH: u32 = 8;

fn read(program: &dyn Program, file: FileId, findings: &mut Findings) {
    interpret::read(&TABLE, program, file, findings);
    let mut guarding = None;
    for (id, call) in (0u32..).zip(&program.file(file).outline.calls) {
        let call_ref = CallRef { file, id: CallId(id) };
        let Some((_, name)) = call.method() else { continue };
        match name.as_str() {
            "route" => owners_at(&TABLE, program, call_ref, |owner, site| {
                let Some(arg) = program.call(call_ref).positional(0) else { return };
                let guarding: &security::Guarding = guarding.get_or_insert_with(|| security::Guarding::of(program, file));
                for (object, at) in objects(program, &site, arg, 0) {
                    let said = RouteSaid { program, guarding, call: call_ref, owner: &owner };
                    said.routes(&at, object, findings);
                }
            }),
            "register" => owners_at(&TABLE, program, call_ref, |owner, site| {
                registered(program, call_ref, &owner, &site, findings);
            }),
            _ => {}
        }
    }
}

/// The objects that an argument stands for: itself, or those of a list, of lists in it, or of what a function returns.
fn objects<'p>(program: &'p dyn Program, site: &Site, expr: &'p Expr, depth: u32) -> Vec<(&'p Expr, Site)> {
    if depth > MAX_DEPTH {
        return Vec::new();
    }
    if let Some(items) = program.items(site, expr) {
        return items.into_iter().flat_map(|(item, at)| objects(program, &at, item, depth + 1)).collect();
    }
    match expr {
        Expr::Spread(inner) => objects(program, site, inner, depth + 1),
        Expr::Call(_) => match program.produce(site, expr) {
            Meaning::Value(inner, at) if !std::ptr::eq(inner, expr) => objects(program, &at, inner, depth + 1),
            _ => vec![(expr, site.clone())],
        },
        _ => vec![(expr, site.clone())],
    }
}

/// `server.register(plugin)`, `server.register([{ plugin, options, routes: { prefix } }], { routes: { prefix } })`.
fn registered(program: &dyn Program, call_ref: CallRef, owner: &OwnerKey, site: &Site, findings: &mut Findings) {
    let call = program.call(call_ref);
    let Some(arg) = call.positional(0) else { return };
    let common = call.positional(1).and_then(|options| prefix_of(program, site, options));
    for (plugin, at) in objects(program, site, arg, 0) {
        let Some(function) = plugin_function(program, &program.produce(&at, plugin), 0) else { continue };
        let prefix = prefix_of(program, &at, plugin).or_else(|| common.clone()).unwrap_or_default();
        findings.mounts.push(Mount {
            framework: FRAMEWORK.id,
            parent: owner.clone(),
            children: vec![OwnerKey::from(function)],
            prefix: PathText::new(prefix, TABLE.syntax),
            replaces_prefix: false,
            traits: Traits::default(),
            place: Place { file: call_ref.file, symbol: Name::default(), line: call.at.line },
        });
    }
}

/// The function of a plugin: `{ name, register }`, `{ plugin: { … } }`, a module that exports either, or the function itself.
fn plugin_function<'p>(program: &'p dyn Program, plugin: &Meaning<'p>, depth: u32) -> Option<FuncRef> {
    if depth > MAX_DEPTH {
        return None;
    }
    if let Some(function) = plugin.function() {
        return Some(function);
    }
    ["plugin", "register", "default"].into_iter().find_map(|name| match program.member(plugin, name) {
        Meaning::Unknown | Meaning::Attribute(..) => None,
        Meaning::Value(inner @ Expr::Call(_), at) => plugin_function(program, &program.produce(&at, inner), depth + 1),
        inner => plugin_function(program, &inner, depth + 1),
    })
}

/// `routes: { prefix: "/v1" }` among the members of an object.
fn prefix_of(program: &dyn Program, site: &Site, options: &Expr) -> Option<Text> {
    let (_, routes, at) = program.entries(site, options)?.into_iter().rev().find(|(name, ..)| name == "routes")?;
    let (_, prefix, at) = program.entries(&at, routes)?.into_iter().rev().find(|(name, ..)| name == "prefix")?;
    Some(program.text(&at, prefix))
}

/// A call of `server.route`, on one owner.
struct RouteSaid<'p, 'a> {
    program: &'p dyn Program,
    guarding: &'a security::Guarding,
    call: CallRef,
    owner: &'a OwnerKey,
}

impl RouteSaid<'_, '_> {
    fn routes(&self, site: &Site, object: &Expr, findings: &mut Findings) {
        let program = self.program;
        let Some(entries) = program.entries(site, object) else { return };
        let entry = |key: &str| entries.iter().rev().find(|(name, ..)| name == key);
        let Some((_, path, path_site)) = entry("path") else { return };
        let methods = entry("method").map(|(_, expr, at)| interpret::methods_of(program, at, expr)).unwrap_or_default();
        let options = ["options", "config"].into_iter().filter_map(entry).flat_map(|(_, expr, at)| options::entries(program, at, expr));
        let options: Entries = options.collect();
        let own = options.iter().find(|(name, ..)| name == "handler");
        let handler = entry("handler").or(own).map(|(_, expr, at)| (*expr, handler_function(program, at, expr)));
        let function = handler.and_then(|(_, function)| function);
        let symbol = function.map(|function| program.function(function).name.clone()).filter(|name| !name.is_empty());
        let symbol = symbol.or_else(|| handler.and_then(|(expr, _)| expr.last_name().cloned())).unwrap_or_default();
        let mut route = Route {
            framework: FRAMEWORK.id,
            owner: Some(self.owner.clone()),
            methods: if methods.is_empty() { Method::COMMON.to_vec() } else { methods },
            path: PathText::new(program.text(path_site, path), TABLE.syntax),
            handler: function,
            place: self.place(site, function, symbol),
            ..Route::default()
        };
        if matches!(route.path.text.0.as_slice(), [TextPart::Hole(_)]) && function.is_none() {
            // Neither path nor handler is known: code that makes routes for others.
            return;
        }
        if route.path.text.plain().as_deref() == Some("/") {
            // A plugin's `/` is its prefix itself.
            route.path.text = Text::default();
        }
        self.fill(site, &options, &mut route);
        findings.routes.extend(without_optional(&route));
        findings.routes.push(route);
    }

    /// Where the object stands: routes of many files come through one call.
    fn place(&self, site: &Site, handler: Option<FuncRef>, symbol: Name) -> Place {
        let line = match handler.filter(|handler| handler.file == site.file) {
            _ if site.file == self.call.file => self.program.call(self.call).at.line,
            Some(handler) => self.program.function(handler).at.line,
            None => 1,
        };
        Place { file: site.file, symbol, line }
    }

    /// What the options and the handler say.
    fn fill(&self, site: &Site, options: &Entries, route: &mut Route) {
        let program = self.program;
        let mut declared = Declared::default();
        options::apply(program, options, &mut declared, route);
        options::typed(program, site, &program.call(self.call).type_args, route.handler, &mut declared);
        let auth = options.iter().rev().find(|(name, ..)| name == "auth").map(|(_, auth, at)| (*auth, at));
        route.security = self.guarding.security(program, self.owner, auth);
        let mut handling = Handling::new(program, &DIALECT, site);
        for (before, at) in options::steps(program, options) {
            if let Some(function) = handler_function(program, &at, before) {
                handling.enter(function);
            }
        }
        if let Some(handler) = route.handler {
            handling.enter(handler);
        }
        handling.run();
        handling.fill(&declared, route);
        if route.methods.iter().all(|method| matches!(method, Method::Get | Method::Head)) {
            route.body = None;
        }
        options::sent_as(program, options, route);
    }
}

/// `/items/{id?}` is also served as `/items`.
fn without_optional(route: &Route) -> Option<Route> {
    let Some(TextPart::Known(last)) = route.path.text.0.last() else { return None };
    let (before, _) = last.strip_suffix("?}")?.rsplit_once("/{")?;
    let mut shorter = route.clone();
    shorter.path.text.0.pop();
    shorter.path.text = shorter.path.text.then(Text::known(before));
    Some(shorter)
}
