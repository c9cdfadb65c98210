//! Which methods a view that is a function answers: as its decorators say, or as its tests of `request.method` tell.

use crate::base::code::{Expr, Op};
use crate::facts::finding::Method;
use crate::facts::program::{CallRef, FuncRef, Program, Site};
use crate::frameworks::interpret::methods_of;

/// `@api_view(["GET", "POST"])`.
#[must_use]
pub fn api_view(program: &dyn Program, function: FuncRef) -> Option<Vec<Method>> {
    let site = program.around(function);
    program.function(function).decorators.iter().find_map(|decorator| match decorator {
        Expr::Call(id) => {
            let call = CallRef { file: function.file, id: *id };
            let is_api = program.callee(call).outside().is_some_and(|path| path.ends_with("decorators.api_view"));
            let methods = program.call(call).arg(0, "http_method_names").map(|methods| methods_of(program, &site, methods));
            is_api.then(|| methods.filter(|methods| !methods.is_empty()).unwrap_or_else(|| vec![Method::Get]))
        }
        plain => {
            program.resolve(&site, plain).outside().is_some_and(|path| path.ends_with("decorators.api_view")).then(|| vec![Method::Get])
        }
    })
}

/// The methods of a plain function: as its decorators say, else as its tests of `request.method` tell.
#[must_use]
pub fn function_methods(program: &dyn Program, function: FuncRef) -> Vec<Method> {
    let site = program.around(function);
    for decorator in &program.function(function).decorators {
        let (callee, args) = match decorator {
            Expr::Call(id) => {
                let call = CallRef { file: function.file, id: *id };
                (program.callee(call), Some(program.call(call)))
            }
            plain => (program.resolve(&site, plain), None),
        };
        let Some(path) = callee.outside() else { continue };
        match path.rsplit('.').next().unwrap_or_default() {
            "require_GET" | "require_safe" => return vec![Method::Get],
            "require_POST" => return vec![Method::Post],
            "require_http_methods" => {
                let methods = args.and_then(|call| call.positional(0)).map(|methods| methods_of(program, &site, methods));
                if let Some(methods) = methods.filter(|methods| !methods.is_empty()) {
                    return methods;
                }
            }
            _ => {}
        }
    }
    tested_methods(program, function)
}

fn tested_methods(program: &dyn Program, function: FuncRef) -> Vec<Method> {
    let outline = &program.file(function.file).outline;
    let declared = outline.function(function.id);
    let within = |offset: u32| (declared.at.offset..declared.end).contains(&offset);
    let (mut equal, mut others) = (Vec::new(), Vec::new());
    for test in outline.tests.iter().filter(|test| within(test.at.offset)) {
        tested(program, &Site::of_scope(function.file, test.scope), &test.expr, &mut equal, &mut others, 0);
    }
    let mut found = equal.clone();
    // `if request.method != "POST": return HttpResponseNotAllowed(…)`: only that is answered.
    let is_refused = outline.calls.iter().any(|call| {
        within(call.at.offset)
            && call.callee.last_name().is_some_and(|name| name == "HttpResponseNotAllowed" || name == "HttpResponseBadRequest")
    });
    found.extend(&others);
    let reads_form = outline.reads.iter().any(|read| {
        within(read.at.offset) && matches!(&read.expr, Expr::Index(pair) if matches!(&pair.0, Expr::Member(_, name) if name == "POST"))
    });
    if found.is_empty() && reads_form {
        found.push(Method::Post);
    }
    if found.is_empty() || (!equal.is_empty() && !is_refused && !equal.contains(&Method::Get)) {
        found.push(Method::Get);
    }
    found.sort();
    found.dedup();
    found
}

fn tested(program: &dyn Program, site: &Site, expr: &Expr, equal: &mut Vec<Method>, others: &mut Vec<Method>, depth: u32) {
    let Expr::Binary(binary) = expr else { return };
    let is_method = |side: &Expr| matches!(side, Expr::Member(_, name) if name == "method");
    if depth < 8 && matches!(binary.op, Op::And | Op::Or) {
        tested(program, site, &binary.left, equal, others, depth + 1);
        tested(program, site, &binary.right, equal, others, depth + 1);
    }
    let other = match (is_method(&binary.left), is_method(&binary.right)) {
        (true, _) => &binary.right,
        (_, true) => &binary.left,
        _ => return,
    };
    let methods = methods_of(program, site, other);
    match binary.op {
        Op::Eq | Op::In => equal.extend(methods),
        Op::Ne => others.extend(methods),
        _ => {}
    }
}
