//! `pages/api/**`: a default export that is given every method, which it tells apart itself.

use crate::base::Name;
use crate::base::code::{Expr, FuncId, Op};
use crate::facts::finding::{Findings, Method, Route, Security};
use crate::facts::program::{FileId, FuncRef, Meaning, Program, Site};
use crate::frameworks::interpret;
use crate::frameworks::script::folders;
use crate::frameworks::script::functions::calls_in;
use crate::frameworks::script::guards;
use crate::frameworks::script::handler::answers::Answers;
use crate::frameworks::script::handler::{Declared, Dialect, Handling, Part, Root, is_inside};
use crate::frameworks::script::{trpc, web};

/// `handler(req, res)`.
const DIALECT: Dialect = Dialect {
    roots: &[Root::Request, Root::Response],
    parts: &[
        (Root::Request, &["query"], Part::Query),
        (Root::Request, &["body"], Part::Body),
        (Root::Request, &["headers"], Part::Headers),
        (Root::Request, &["cookies"], Part::Cookies),
    ],
    lookups: &[],
    passes: &[],
    answers: Answers { responders: &[(Root::Response, &[])], bodies: &[], statuses: &[(Root::Response, &["statusCode"])], returned: false },
};

/// How deep functions that a handler hands on to are searched for methods.
const MAX_DEPTH: u32 = 2;

/// Reads one file of `pages/api`.
pub fn read(program: &dyn Program, file: FileId, path: &str, findings: &mut Findings) {
    let path = path.strip_suffix("/index").unwrap_or(path);
    let by_method = chained(program, file);
    if !by_method.is_empty() {
        for (method, function, site) in by_method {
            findings.routes.push(described(program, file, path, &[method], Some(function), &site));
        }
        return;
    }
    let Some(exported) = web::exported(program, file, "default") else { return };
    if exported.function.is_none() && exported.wrapper.is_none() || trpc::hands_on(program, exported.function, exported.wrapper) {
        return;
    }
    let mut methods = Vec::new();
    if let Some(function) = exported.function {
        told_apart(program, function, 0, &mut methods);
    }
    methods.sort_unstable();
    methods.dedup();
    let is_told = !methods.is_empty();
    if !is_told {
        methods.push(Method::Get);
    }
    let mut route = described(program, file, path, &methods, exported.function, &exported.site);
    if !is_told && route.body.is_some() {
        route.methods = vec![Method::Post];
    }
    route.is_implied = !is_told;
    if let Some(call) = exported.wrapper
        && let Some(scheme) = guards::guard(program, &Site::of_call(call.file, program.call(call)), &Expr::Call(call.id))
    {
        route.security = Security::Schemes(vec![scheme]);
    }
    findings.routes.extend(bodiless(&mut route));
    findings.routes.push(route);
}

/// `DELETE` beside methods that send: the body that the handler reads is theirs.
fn bodiless(route: &mut Route) -> Option<Route> {
    let sends = route.methods.iter().any(|method| matches!(method, Method::Post | Method::Put | Method::Patch));
    if !sends || route.body.is_none() || !route.methods.contains(&Method::Delete) {
        return None;
    }
    route.methods.retain(|method| *method != Method::Delete);
    Some(Route { methods: vec![Method::Delete], body: None, ..route.clone() })
}

fn described(program: &dyn Program, file: FileId, path: &str, methods: &[Method], function: Option<FuncRef>, site: &Site) -> Route {
    let mut route = folders::route(super::FRAMEWORK.id, file, path, methods, "default");
    let Some(function) = function else { return route };
    route.handler = Some(function);
    let name = &program.function(function).name;
    if !name.is_empty() {
        route.place.symbol = name.clone();
    }
    let mut handling = Handling::new(program, &DIALECT, site);
    handling.enter(function);
    handling.run();
    handling.fill(&Declared::default(), &mut route);
    if methods.len() == 1
        && methods[0] == Method::Get
        && !route.is_implied
        && route.body.as_ref().is_some_and(|body| body.contents.iter().all(|(_, shape)| shape.is_any()))
    {
        route.body = None;
    }
    if let Some(scheme) = guards::in_handler(program, function) {
        route.security = Security::Schemes(vec![scheme]);
    }
    route
}

/// `createRouter().get(f).post(g)`, `{ GET: f, POST: g }` given to a wrapper.
fn chained(program: &dyn Program, file: FileId) -> Vec<(Method, FuncRef, Site)> {
    let outline = &program.file(file).outline;
    let mut found = Vec::new();
    for call in &outline.calls {
        let site = Site::of_call(file, call);
        if let Some((receiver, name)) = call.method()
            && let Some(method) = verb(name)
            && call.args.len() <= 8
            && is_connect(program, &site, receiver)
            && let Some((function, site)) = call.args.last().and_then(|arg| handler(program, &site, &arg.value))
        {
            found.push((method, function, site));
        }
    }
    if !found.is_empty() {
        return found;
    }
    let module = Meaning::Module(file, crate::base::code::ScopeId(0));
    let meaning = program.member(&module, "default");
    let Some((call, at)) = meaning.call() else { return found };
    for arg in &program.call(call).args {
        for (name, value, at) in program.entries(at, &arg.value).unwrap_or_default() {
            if let (Some(method), Some((function, site))) = (verb(&name), handler(program, &at, value)) {
                found.push((method, function, site));
            }
        }
    }
    found
}

/// A handler, and where its body is read: one that a function makes (`make({ bodySchema: Order })`) under that call's frame.
fn handler(program: &dyn Program, site: &Site, expr: &Expr) -> Option<(FuncRef, Site)> {
    let function = interpret::handler_function(program, site, expr)?;
    let is_it = |id: FuncId, at: &Site| FuncRef { file: at.file, id } == function;
    match program.produce(site, expr) {
        Meaning::Value(Expr::Func(id), at) if is_it(*id, &at) => Some((function, at)),
        _ => Some((function, Site::module(site.file))),
    }
}

fn verb(name: &Name) -> Option<Method> {
    matches!(name.to_ascii_lowercase().as_str(), "get" | "post" | "put" | "patch" | "delete").then(|| Method::of(name)).flatten()
}

fn is_connect(program: &dyn Program, site: &Site, receiver: &Expr) -> bool {
    let mut expr = receiver.clone();
    for _ in 0..32 {
        let meaning = program.produce(site, &expr);
        let Some((call, _)) = meaning.call() else { return false };
        if call.file != site.file {
            return matches!(program.callee(call), Meaning::Outside(path) if is_connect_path(&path));
        }
        if let Meaning::Outside(path) = program.callee(call) {
            return is_connect_path(&path);
        }
        match program.call(call).method() {
            Some((inner, _)) => expr = inner.clone(),
            None => return false,
        }
    }
    false
}

fn is_connect_path(path: &str) -> bool {
    matches!(path, "next-connect" | "next-connect.default" | "next-connect.createRouter" | "next-connect.nc")
}

/// The methods that a handler tells apart: `req.method === "POST"`, `switch (req.method)`, `["GET"].includes(req.method)`.
fn told_apart(program: &dyn Program, function: FuncRef, depth: u32, methods: &mut Vec<Method>) {
    let declared = program.function(function);
    let outline = &program.file(function.file).outline;
    for test in outline.tests.iter().filter(|test| is_inside(declared, test.at)) {
        tested(&test.expr, methods, 0);
    }
    for (call, made) in calls_in(program, function) {
        if made.method().is_some_and(|(_, name)| name == "includes") && made.positional(0).is_some_and(is_method) {
            let receiver = made.method().map_or(&Expr::Hole, |(receiver, _)| receiver);
            let site = Site::of_call(function.file, made);
            let items = program.items(&site, receiver).unwrap_or_default();
            methods.extend(items.iter().filter_map(|(item, at)| Method::of(&program.text(at, item).plain()?)));
        }
        if depth < MAX_DEPTH
            && methods.is_empty()
            && made.args.iter().any(|arg| matches!(&arg.value, Expr::Ref(name) if name == "req" || name == "request"))
            && let Some(inner) = program.callee(call).function().filter(|inner| *inner != function)
        {
            told_apart(program, inner, depth + 1, methods);
        }
    }
}

fn is_method(expr: &Expr) -> bool {
    match expr {
        Expr::Member(_, name) | Expr::Ref(name) => name == "method",
        Expr::Cast(pair) => is_method(&pair.0),
        _ => false,
    }
}

fn tested(expr: &Expr, methods: &mut Vec<Method>, depth: u32) {
    let Expr::Binary(binary) = expr else { return };
    if depth > 16 {
        return;
    }
    match binary.op {
        Op::Eq | Op::Ne => {
            for (one, other) in [(&binary.left, &binary.right), (&binary.right, &binary.left)] {
                if is_method(one)
                    && let Some(method) = other.as_str().and_then(Method::of)
                    && !matches!(method, Method::Options | Method::Head)
                {
                    methods.push(method);
                }
            }
        }
        Op::And | Op::Or | Op::Coalesce => {
            tested(&binary.left, methods, depth + 1);
            tested(&binary.right, methods, depth + 1);
        }
        _ => {}
    }
}
