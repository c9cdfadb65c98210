//! Flask and Quart, with what is built on them: MethodView, Flask-RESTful, flask-restx, flask-smorest, APIFlask, flask-openapi3.
//!
//! - [`views`]: views and resources: what hangs on which path.
//! - [`describe`]: what one handler takes and gives.
//! - [`inputs`]: decorators that declare inputs and outputs: webargs, flask-smorest, APIFlask.
//! - [`restx`]: Flask-RESTful's and flask-restx's parsers and models.
//! - [`responses`]: what comes back.

mod describe;
mod inputs;
mod responses;
mod restx;
mod views;

use crate::base::Name;
use crate::base::code::{Call, CallId, Expr};
use crate::base::language::Language;
use crate::facts::finding::{Findings, Method, Mount, Origin, Owner, OwnerKey, PathSyntax, PathText, Place, Route, Security};
use crate::facts::framework::{Framework, Tells};
use crate::facts::program::{CallRef, FileId, Meaning, Program, Site, Text};
use crate::frameworks::interpret;
use crate::frameworks::python::guards;
use crate::frameworks::table::{At, Chain, Hooks, MountRule, OwnerRule, RouteRule, Said, Table, VERBS};

/// Flask and Quart.
pub const FRAMEWORK: Framework = Framework {
    id: "python/flask",
    label: "Flask, Quart",
    languages: &[Language::Python],
    modules: &[
        "flask",
        "quart",
        "flask_restful",
        "flask_restx",
        "flask_restplus",
        "flask_smorest",
        "apiflask",
        "flask_openapi3",
        "flask_appbuilder",
        "connexion",
    ],
    tells: &[Tells::Http],
    read: Some(read),
    types: None,
};

/// How routes are told.
pub const TABLE: Table = Table {
    id: FRAMEWORK.id,
    syntax: PathSyntax::Angle,
    owners: &[
        OwnerRule {
            makes: &[
                "flask.Flask",
                "flask.app.Flask",
                "quart.Quart",
                "quart.app.Quart",
                "apiflask.APIFlask",
                "flask_openapi3.OpenAPI",
                "flask_api.FlaskAPI",
                "connexion.App",
                "connexion.FlaskApp",
                "connexion.AsyncApp",
                "connexion.AioHttpApp",
                "connexion.ConnexionMiddleware",
                "connexion.apps.flask.FlaskApp",
                "connexion.apps.flask_app.FlaskApp",
                "connexion.apps.asynchronous.AsyncApp",
                "connexion.middleware.ConnexionMiddleware",
            ],
            is_root: true,
            prefix: At::Nowhere,
        },
        OwnerRule {
            makes: &[
                "flask.Blueprint",
                "flask.blueprints.Blueprint",
                "quart.Blueprint",
                "quart.blueprints.Blueprint",
                "flask_smorest.Blueprint",
                "flask_smorest.blueprint.Blueprint",
                "apiflask.APIBlueprint",
                "flask_openapi3.APIBlueprint",
                "flask_openapi3.APIView",
            ],
            is_root: false,
            prefix: At::Keyword("url_prefix"),
        },
        OwnerRule {
            makes: &["flask_restful.Api", "flask_restx.Api", "flask_restplus.Api", "flask_restx.api.Api"],
            is_root: false,
            prefix: At::Keyword("prefix"),
        },
        OwnerRule {
            makes: &["flask_restx.Namespace", "flask_restplus.Namespace", "flask_restx.namespace.Namespace"],
            is_root: false,
            prefix: At::Keyword("path"),
        },
        OwnerRule { makes: &["flask_smorest.Api"], is_root: false, prefix: At::Nowhere },
    ],
    owner_types: &[],
    // Connexion's `app.app` is Flask's.
    chain: Chain::Through(&["app"]),
    routes: &[
        RouteRule::Verbs { names: VERBS, path: At::Arg(0, "rule"), handler: At::Nowhere },
        RouteRule::Named {
            name: "route",
            path: At::Arg(0, "rule"),
            methods: At::Keyword("methods"),
            default: &[Method::Get],
            handler: At::Nowhere,
        },
    ],
    mounts: &[
        MountRule {
            name: "register_blueprint",
            prefix: At::Keyword("url_prefix"),
            child: At::Arg(0, "blueprint"),
            replaces_prefix: true,
            takes_functions: false,
        },
        MountRule {
            name: "register_api",
            prefix: At::Keyword("url_prefix"),
            child: At::Arg(0, "api"),
            replaces_prefix: true,
            takes_functions: false,
        },
        MountRule {
            name: "add_namespace",
            prefix: At::Arg(1, "path"),
            child: At::Arg(0, "ns"),
            replaces_prefix: true,
            takes_functions: false,
        },
    ],
    hooks: Hooks { route: |_: &Said, _| {}, owner: None, mount: None },
};

fn read(program: &dyn Program, file: FileId, findings: &mut Findings) {
    let mut own = Findings::default();
    interpret::read(&TABLE, program, file, &mut own);
    for owner in &mut own.owners {
        owned(program, owner);
        findings.routes.extend(static_files(program, owner));
    }
    findings.gaps.append(&mut own.gaps);
    findings.owners.append(&mut own.owners);
    findings.mounts.append(&mut own.mounts);
    findings.given.append(&mut own.given);
    for route in own.routes {
        if route.handler.is_some() {
            findings.routes.extend(describe::function(program, route));
        }
    }
    let outline = &program.file(file).outline;
    for (id, call) in (0u32..).zip(&outline.calls) {
        let call_ref = CallRef { file, id: CallId(id) };
        extension(program, call_ref, call, findings);
        views::call(program, call_ref, call, findings);
    }
    views::decorated_classes(program, file, findings);
}

/// What the interpreter does not know of an owner: a namespace's default path, functions that run before its routes.
fn owned(program: &dyn Program, owner: &mut Owner) {
    let Origin::Call(call) = owner.key.origin else { return };
    let made = program.call(call);
    if program.callee(call).outside().is_some_and(|path| path.ends_with(".Namespace")) && made.arg(2, "path").is_none() {
        let site = Site { env: owner.key.env.clone(), ..Site::of_call(call.file, made) };
        if let Some(name) = made.arg(0, "name") {
            owner.prefix = PathText::new(Text::known("/").then(program.text(&site, name)), TABLE.syntax);
        }
    }
    if let Some(security) = before_requests(program, owner) {
        owner.traits.security = security;
    }
}

/// `Flask(__name__, static_url_path="/assets")` serves files there.
fn static_files(program: &dyn Program, owner: &Owner) -> Option<Route> {
    let Origin::Call(call) = owner.key.origin else { return None };
    let made = program.call(call);
    let site = Site { env: owner.key.env.clone(), ..Site::of_call(call.file, made) };
    let path = program.text(&site, made.keyword("static_url_path")?).plain()?;
    let path = format!("{}/<path:filename>", path.trim_end_matches('/'));
    (owner.is_root && path.starts_with('/')).then(|| Route {
        framework: FRAMEWORK.id,
        owner: Some(owner.key.clone()),
        methods: vec![Method::Get],
        path: PathText::new(Text::known(&path), TABLE.syntax),
        place: place(call, made),
        is_implied: true,
        ..Route::default()
    })
}

/// `@bp.before_request` functions that turn requests away; those of the file in which the owner is made.
fn before_requests(program: &dyn Program, owner: &Owner) -> Option<Security> {
    let file = owner.place.file;
    let outline = &program.file(file).outline;
    let mut schemes = Vec::new();
    let mut add = |site: &Site, receiver: &Expr, guard: &Expr| {
        let is_own = || interpret::owners_of(&TABLE, program, site, receiver).iter().any(|key| key.origin == owner.key.origin);
        if is_own() {
            schemes.extend(guards::guard(program, site, guard));
        }
    };
    for function in &outline.functions {
        for decorator in &function.decorators {
            if let Expr::Member(receiver, name) = decorator
                && name == "before_request"
            {
                add(&Site::of_scope(file, function.scope), receiver, &Expr::Ref(function.name.clone()));
            }
        }
    }
    for call in &outline.calls {
        if let Some((receiver, name)) = call.method()
            && name == "before_request"
            && let Some(guard) = call.positional(0)
        {
            add(&Site::of_call(file, call), receiver, guard);
        }
    }
    (!schemes.is_empty()).then_some(Security::Schemes(schemes))
}

/// `Api(app)`, `api.init_app(app)`, `api.namespace("users")`: owners that hang on others without a call of the table's mounts.
fn extension(program: &dyn Program, call_ref: CallRef, call: &Call, findings: &mut Findings) {
    let site = Site::of_call(call_ref.file, call);
    if is_api(program, call_ref) {
        let parent = ["app", "blueprint"].iter().find_map(|key| call.arg(0, key));
        if let Some(parent) = parent.filter(|parent| **parent != Expr::Null) {
            for site in program.instances(&site, &[parent]) {
                let api = OwnerKey { origin: Origin::Call(call_ref), env: site.env.clone() };
                for parent in interpret::owners_of(&TABLE, program, &site, parent) {
                    findings.mounts.push(mount(parent, api.clone(), call_ref, call));
                }
            }
        }
        return;
    }
    let Some((receiver, name)) = call.method() else { return };
    match name.as_str() {
        "init_app" => {
            let Some(app) = call.arg(0, "app") else { return };
            let children = interpret::owners_of(&TABLE, program, &site, receiver);
            if children.is_empty() {
                return;
            }
            for site in program.instances(&site, &[app]) {
                for parent in interpret::owners_of(&TABLE, program, &site, app) {
                    for child in interpret::owners_of(&TABLE, program, &site, receiver) {
                        findings.mounts.push(mount(parent.clone(), child, call_ref, call));
                    }
                }
            }
        }
        "namespace" => {
            let parents = interpret::owners_of(&TABLE, program, &site, receiver);
            let Some(name) = call.positional(0).filter(|_| !parents.is_empty()) else { return };
            let path = match call.keyword("path") {
                Some(path) => program.text(&site, path),
                None => Text::known("/").then(program.text(&site, name)),
            };
            findings.owners.push(Owner {
                key: OwnerKey::from(call_ref),
                framework: FRAMEWORK.id,
                is_root: false,
                prefix: PathText::new(path, TABLE.syntax),
                traits: Default::default(),
                place: place(call_ref, call),
            });
            for parent in parents {
                findings.mounts.push(mount(parent, OwnerKey::from(call_ref), call_ref, call));
            }
        }
        _ => {}
    }
}

/// Whether a call makes the API object of an extension.
fn is_api(program: &dyn Program, call: CallRef) -> bool {
    let is_api = |path: &str| path.ends_with(".Api") && path.starts_with("flask_");
    match program.callee(call) {
        Meaning::Outside(path) => is_api(&path),
        Meaning::Class(class) => program.outside_bases(class).iter().any(|base| is_api(base)),
        _ => false,
    }
}

/// The owners an expression denotes, `api.namespace(…)` among them.
fn owners_of(program: &dyn Program, site: &Site, expr: &Expr) -> Vec<OwnerKey> {
    let mut found = interpret::owners_of(&TABLE, program, site, expr);
    if found.is_empty()
        && let Some((call, at)) = program.resolve(site, expr).call()
        && let Some((receiver, name)) = program.call(call).method()
        && name == "namespace"
        && !interpret::owners_of(&TABLE, program, &Site { env: at.env.clone(), ..Site::of_call(call.file, program.call(call)) }, receiver)
            .is_empty()
    {
        found.push(OwnerKey::from(call));
    }
    found
}

fn mount(parent: OwnerKey, child: OwnerKey, call_ref: CallRef, call: &Call) -> Mount {
    Mount {
        framework: FRAMEWORK.id,
        parent,
        children: vec![child],
        prefix: PathText::default(),
        replaces_prefix: false,
        traits: Default::default(),
        place: place(call_ref, call),
    }
}

fn place(call_ref: CallRef, call: &Call) -> Place {
    Place { file: call_ref.file, symbol: Name::default(), line: call.at.line }
}
