//! Procedures as HTTP operations: `GET <base>/users.byId?input=…` for queries, `POST` for mutations, where an adapter serves a router.
//!
//! Batching (`?batch=1`) is another way to call the same operations and is not told.

use super::FRAMEWORK;
use super::procedures::{self, Procedure};
use super::routers::Place as Router;
use crate::base::Name;
use crate::base::code::{Call, CallId, Expr};
use crate::facts::finding::{Findings, GapFinding, OwnerKey, PathSyntax, PathText, Place, Route};
use crate::facts::program::{CallRef, FileId, FuncRef, Program, Site, Text};
use crate::frameworks::interpret::owners_of;
use crate::frameworks::script::functions::calls_in;
use crate::frameworks::script::{express, fastify, hono, nextjs};

/// What serves a router, by its name.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Adapter {
    /// `app.use("/trpc", createExpressMiddleware({ router }))`.
    Express,
    /// `app.use("/trpc/*", trpcServer({ router }))`.
    Hono,
    /// `export default createNextApiHandler({ router })` in `pages/api/trpc/[trpc].ts`.
    Next,
    /// `fetchRequestHandler({ endpoint: "/api/trpc", router, req })`.
    Fetch,
    /// `createHTTPServer({ router, basePath })`.
    Alone,
}

const ADAPTERS: &[(&str, Adapter)] = &[
    ("createExpressMiddleware", Adapter::Express),
    ("trpcServer", Adapter::Hono),
    ("createNextApiHandler", Adapter::Next),
    ("fetchRequestHandler", Adapter::Fetch),
    ("createHTTPServer", Adapter::Alone),
    ("createHTTPHandler", Adapter::Alone),
    ("awsLambdaRequestHandler", Adapter::Alone),
];

/// The adapter that a call of the library is.
fn adapter(program: &dyn Program, call: CallRef) -> Option<Adapter> {
    let name = program.call(call).callee.last_name()?;
    let (_, adapter) = ADAPTERS.iter().find(|(known, _)| name == known)?;
    let callee = program.callee(call);
    let path = callee.outside()?;
    (path.starts_with("@trpc/server/") || path.starts_with("@hono/trpc-server")).then_some(*adapter)
}

/// Whether a function, or a call that makes one, hands requests on to procedures.
#[must_use]
pub fn hands_on(program: &dyn Program, function: Option<FuncRef>, made: Option<CallRef>) -> bool {
    let is_adapter = |call: CallRef| adapter(program, call).is_some();
    made.is_some_and(is_adapter) || function.is_some_and(|function| calls_in(program, function).any(|(call, _)| is_adapter(call)))
}

/// Reads the adapters of a file.
pub fn read(program: &dyn Program, file: FileId, findings: &mut Findings) {
    for (id, call) in (0u32..).zip(&program.file(file).outline.calls) {
        let call_ref = CallRef { file, id: CallId(id) };
        let site = Site::of_call(file, call);
        if let Some(adapter) = adapter(program, call_ref) {
            let Some(options) = call.positional(0) else { continue };
            let Some(router) = option(program, &site, options, "router") else { continue };
            let Some(router) = Router::of(program, &router.1, router.0) else { continue };
            let bases = bases(program, adapter, call_ref, &site, options);
            if bases.is_empty() {
                findings.gaps.push(GapFinding {
                    code: "mount-target-unknown".into(),
                    question: "at which path are these procedures served?".into(),
                    place: Place { file, symbol: Name::default(), line: call.at.line },
                });
            }
            serve(program, &router, &bases, findings);
        } else if let Some((receiver, name)) = call.method()
            && name == "register"
        {
            plugin(program, &site, call, receiver, findings);
        }
    }
}

/// `server.register(fastifyTRPCPlugin, { prefix: "/trpc", trpcOptions: { router } })`.
fn plugin(program: &dyn Program, site: &Site, call: &Call, receiver: &Expr, findings: &mut Findings) {
    let (Some(plugin), Some(options)) = (call.positional(0), call.positional(1)) else { return };
    let is_plugin = program.resolve(site, plugin).outside().is_some_and(|path| path.ends_with(".fastifyTRPCPlugin"));
    if !is_plugin {
        return;
    }
    let Some((inner, at)) = option(program, site, options, "trpcOptions") else { return };
    let Some(router) = option(program, &at, inner, "router").and_then(|(router, at)| Router::of(program, &at, router)) else { return };
    let prefix = option(program, site, options, "prefix").map(|(prefix, at)| program.text(&at, prefix)).unwrap_or_default();
    let owners = owners_of(&fastify::TABLE, program, site, receiver);
    let bases: Vec<Base> = owners.into_iter().map(|owner| Base { owner: Some(owner), path: prefix.clone() }).collect();
    serve(program, &router, &bases, findings);
}

fn option<'p>(program: &'p dyn Program, site: &Site, options: &'p Expr, key: &str) -> Option<(&'p Expr, Site)> {
    let entries = program.entries(site, options)?;
    entries.into_iter().rev().find(|(name, ..)| name == key).map(|(_, value, at)| (value, at))
}

/// Under which path procedures are served, and on what.
struct Base {
    owner: Option<OwnerKey>,
    path: Text,
}

fn bases(program: &dyn Program, adapter: Adapter, call: CallRef, site: &Site, options: &Expr) -> Vec<Base> {
    let options = program.call(call).args.iter().map(|arg| &arg.value).find(|arg| std::ptr::eq(*arg, options));
    let said = |key: &str| option(program, site, options?, key).map(|(value, at)| program.text(&at, value));
    let whole = |path: Text| vec![Base { owner: None, path }];
    match adapter {
        Adapter::Express | Adapter::Hono => {
            let found = used(program, adapter, call);
            if found.is_empty() { said("endpoint").map(whole).unwrap_or_default() } else { found }
        }
        Adapter::Fetch => said("endpoint").map(whole).unwrap_or_default(),
        Adapter::Alone => whole(said("basePath").unwrap_or_default()),
        Adapter::Next => match nextjs::api_path(program, call.file) {
            Some(path) => whole(Text::known(path.rsplit_once('/').map_or("", |(folder, _)| folder))),
            None => Vec::new(),
        },
    }
}

/// `app.use("/trpc", middleware)` of the file in which the middleware is made.
fn used(program: &dyn Program, adapter: Adapter, made: CallRef) -> Vec<Base> {
    let mut found = Vec::new();
    for call in &program.file(made.file).outline.calls {
        let Some((receiver, name)) = call.method() else { continue };
        let site = Site::of_call(made.file, call);
        let is_it = |expr: &Expr| *expr == Expr::Call(made.id) || program.resolve(&site, expr).call().is_some_and(|(call, _)| call == made);
        let is_candidate = |expr: &Expr| matches!(expr, Expr::Call(_) | Expr::Ref(_));
        if !matches!(name.as_str(), "use" | "all" | "route") || !call.args.iter().any(|arg| is_candidate(&arg.value) && is_it(&arg.value)) {
            continue;
        }
        let owners = match adapter {
            Adapter::Hono => hono::applications(program, &site, receiver),
            _ => owners_of(&express::TABLE, program, &site, receiver),
        };
        let pattern = call.positional(0).filter(|first| !is_it(first)).map(|first| program.text(&site, first)).unwrap_or_default();
        let path = match pattern.plain() {
            Some(text) => Text::known(text.trim_end_matches(['*', '/'])),
            None => pattern,
        };
        found.extend(owners.into_iter().map(|owner| Base { owner: Some(owner), path: path.clone() }));
    }
    found
}

/// Every procedure of a router under every path it is served at.
fn serve(program: &dyn Program, router: &Router, bases: &[Base], findings: &mut Findings) {
    if bases.is_empty() {
        return;
    }
    for procedure in procedures::of(program, router) {
        let Some(described) = procedures::described(program, &procedure) else { continue };
        for base in bases {
            findings.routes.push(Route {
                owner: base.owner.clone(),
                path: PathText::new(base.path.clone().then(Text::known(&format!("/{}", procedure.name))), PathSyntax::Colon),
                place: place(program, &procedure),
                framework: FRAMEWORK.id,
                ..described.clone()
            });
        }
    }
}

fn place(program: &dyn Program, procedure: &Procedure) -> Place {
    let call = procedure.place.call;
    Place { file: call.file, symbol: procedure.name.as_str().into(), line: program.call(call).at.line }
}
