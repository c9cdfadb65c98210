//! `get(list).post(create)`: methods and handlers of one path.

use super::{handler_of, layers};
use crate::base::Name;
use crate::base::code::{CallKind, Expr};
use crate::facts::finding::{Method, SchemeUse};
use crate::facts::program::{CallRef, FuncRef, Program, Site};

/// How long a chain of methods may be.
const MAX_LINKS: u32 = 256;

/// A handler of a path.
#[derive(Clone, Debug)]
pub struct Handled<'p> {
    /// Its methods.
    pub methods: Vec<Method>,
    /// The function, when it is one of the program.
    pub handler: Option<FuncRef>,
    /// What it is called.
    pub name: Name,
    /// What layers around it ask for.
    pub schemes: Vec<SchemeUse>,
    /// aide: what changes its description.
    pub transform: Option<(&'p Expr, Site)>,
}

/// The handlers that an expression gives, in source order.
#[must_use]
pub fn of<'p>(program: &'p dyn Program, site: &Site, expr: &'p Expr) -> Vec<Handled<'p>> {
    let mut found = Vec::new();
    walk(program, site, expr, &mut Vec::new(), &mut found, 0);
    found.reverse();
    found
}

/// Walks a chain from its outer end: layers hold for what stands before them.
fn walk<'p>(program: &'p dyn Program, site: &Site, expr: &'p Expr, schemes: &mut Vec<SchemeUse>, found: &mut Vec<Handled<'p>>, depth: u32) {
    if depth > 6 {
        return;
    }
    let mut at = site.clone();
    let mut next = expr;
    for _ in 0..MAX_LINKS {
        let Expr::Call(id) = next else {
            // A name that is bound to such a chain.
            let meaning = program.resolve(&at, next);
            if let Some((value @ Expr::Call(_), site)) = meaning.value()
                && !std::ptr::eq(value, next)
            {
                walk(program, site, value, schemes, found, depth + 1);
            }
            return;
        };
        let call = program.file(at.file).outline.call(*id);
        let callee = program.callee(CallRef { file: at.file, id: *id });
        if let Some(path) = callee.outside() {
            let (module, name) = path.rsplit_once('.').unwrap_or(("", path));
            if (module.starts_with("axum") || module.starts_with("aide")) && !module.ends_with("MethodRouter") {
                add(program, &at, name, call, schemes, found);
            }
            return;
        }
        if callee.function().is_some() {
            let meaning = program.produce(&at, next);
            if let Some((value @ Expr::Call(inner), site)) = meaning.value()
                && (site.file, *inner) != (at.file, *id)
            {
                walk(program, site, value, schemes, found, depth + 1);
            }
            return;
        }
        let Some((receiver, name)) = call.method() else { return };
        match name.as_str() {
            "layer" | "route_layer" => {
                for arg in &call.args {
                    schemes.extend(layers::scheme(program, &at, &arg.value));
                }
            }
            "merge" => {
                if let Some(other) = call.positional(0) {
                    walk(program, &at, other, &mut schemes.clone(), found, depth + 1);
                }
            }
            _ => add(program, &at, name, call, schemes, found),
        }
        at = Site { file: at.file, scope: call.scope, offset: call.at.offset, env: at.env };
        next = receiver;
    }
}

fn add<'p>(
    program: &'p dyn Program,
    site: &Site,
    name: &str,
    call: &'p crate::base::code::Call,
    schemes: &[SchemeUse],
    found: &mut Vec<Handled<'p>>,
) {
    let verb = name.strip_suffix("_with").or_else(|| name.strip_suffix("_service")).unwrap_or(name);
    let (methods, position) = match verb {
        "any" => (Method::COMMON.to_vec(), 0),
        "on" => (call.positional(0).map(filtered).unwrap_or_default(), 1),
        _ => (Method::of(verb).filter(|_| verb != "del").into_iter().collect(), 0),
    };
    let Some(handler) = call.positional(position).filter(|_| !methods.is_empty()) else { return };
    let function = handler_of(program, site, handler, 0);
    found.push(Handled {
        methods,
        handler: function,
        name: handler.last_name().cloned().unwrap_or_default(),
        schemes: schemes.to_vec(),
        transform: call.positional(position + 1).filter(|_| name.ends_with("_with")).map(|expr| (expr, site.clone())),
    });
}

/// `MethodFilter::GET`, `MethodFilter::GET.or(MethodFilter::HEAD)`, `MethodFilter::GET | MethodFilter::HEAD`.
fn filtered(expr: &Expr) -> Vec<Method> {
    match expr {
        Expr::Member(_, name) => Method::of(name).into_iter().collect(),
        Expr::Binary(binary) => filtered(&binary.left).into_iter().chain(filtered(&binary.right)).collect(),
        _ => Vec::new(),
    }
}

/// The handlers of `routes!(list, create)`, and what layers around the macro ask for.
#[must_use]
pub fn listed(program: &dyn Program, site: &Site, expr: &Expr) -> (Vec<FuncRef>, Vec<SchemeUse>) {
    let mut schemes = Vec::new();
    let mut next = expr;
    for _ in 0..MAX_LINKS {
        let Expr::Call(id) = next else { break };
        let call = program.file(site.file).outline.call(*id);
        if call.kind == CallKind::Macro {
            let is_routes = program.callee(CallRef { file: site.file, id: *id }).is_any(&["utoipa_axum.routes", "builtins.routes"]);
            let handlers = call.args.iter().filter_map(|arg| handler_of(program, site, &arg.value, 0));
            return (if is_routes { handlers.collect() } else { Vec::new() }, schemes);
        }
        let Some((receiver, name)) = call.method() else { break };
        if matches!(name.as_str(), "layer" | "route_layer") {
            for arg in &call.args {
                schemes.extend(layers::scheme(program, site, &arg.value));
            }
        }
        next = receiver;
    }
    (Vec::new(), schemes)
}
