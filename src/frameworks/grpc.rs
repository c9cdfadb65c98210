//! What libraries of all languages share where they serve and call gRPC: clients by the names they are kept under.

use crate::base::Name;
use crate::base::code::{Call, CallId, Expr, Pattern, ScopeId};
use crate::facts::finding::{Findings, Place};
use crate::facts::grpc::{GrpcRole, GrpcUse};
use crate::facts::program::{FileId, Program};

/// A service as code names it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Named {
    /// The service's own name.
    pub service: Name,
    /// Where the code has it from.
    pub from: Name,
}

/// Where something stands, by the function around it.
#[must_use]
pub fn place(program: &dyn Program, file: FileId, scope: ScopeId, line: u32) -> Place {
    let outline = &program.file(file).outline;
    let around = outline.function_around(scope).map(|id| outline.function(id));
    let symbol = around.map(|function| match function.class {
        Some(class) => Name::from(format!("{}.{}", outline.class(class).name, function.name)),
        None => function.name.clone(),
    });
    Place { file, symbol: symbol.unwrap_or_default(), line }
}

/// Clients that a file makes, and the calls of their methods. `made` tells whether a call makes one; `kept` are members that hold
/// clients by their declared types.
pub fn clients(
    program: &dyn Program,
    file: FileId,
    framework: &'static str,
    kept: Vec<(String, Named)>,
    made: impl Fn(&Call) -> Option<Named>,
    findings: &mut Findings,
) {
    let outline = &program.file(file).outline;
    let mut known: Vec<(String, Named)> = kept;
    let mut makers: Vec<(CallId, Named)> = Vec::new();
    for (index, call) in (0u32..).zip(&outline.calls) {
        let Some(named) = made(call) else { continue };
        let Named { service, from } = named.clone();
        let place = place(program, file, call.scope, call.at.line);
        findings.grpc.push(GrpcUse { framework, role: GrpcRole::Calls, service, from, method: None, place });
        makers.push((CallId(index), named));
    }
    for assign in &outline.assigns {
        let Some((_, named)) = inner_call(outline, &assign.value).and_then(|id| makers.iter().find(|(made, _)| *made == id)) else {
            continue;
        };
        match &assign.target {
            Pattern::Name(name) => known.push((name.to_string(), named.clone())),
            Pattern::Place(expr) => known.extend(expr.dotted().map(|name| (name, named.clone()))),
            _ => {}
        }
    }
    if known.is_empty() && makers.is_empty() {
        return;
    }
    for call in &outline.calls {
        let Some((receiver, method)) = call.method() else { continue };
        let direct = inner_call(outline, receiver).and_then(|id| makers.iter().find(|(made, _)| *made == id)).map(|(_, named)| named);
        let named = direct.or_else(|| {
            let name = receiver.dotted()?;
            known.iter().find(|(known, _)| *known == name).map(|(_, named)| named)
        });
        if let Some(Named { service, from }) = named.cloned() {
            let place = place(program, file, call.scope, call.at.line);
            findings.grpc.push(GrpcUse { framework, role: GrpcRole::Calls, service, from, method: Some(method.clone()), place });
        }
    }
}

/// The call that gives a value, behind what is only chained to it: `Client::connect(x).await?`, `new Client(x)`.
fn inner_call(outline: &crate::base::code::Outline, expr: &Expr) -> Option<CallId> {
    let mut expr = expr;
    for _ in 0..8 {
        match expr {
            Expr::Call(id) => {
                let call = outline.call(*id);
                match call.method().map(|(receiver, name)| (receiver, name.as_str())) {
                    Some((receiver @ Expr::Call(_), "unwrap" | "expect" | "context" | "map_err" | "max_decoding_message_size")) => {
                        expr = receiver
                    }
                    _ => return Some(*id),
                }
            }
            Expr::Cast(pair) => expr = &pair.0,
            _ => return None,
        }
    }
    None
}
