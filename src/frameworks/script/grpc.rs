//! gRPC in scripts: `addService` of grpc-js, `@GrpcMethod` of NestJS, routers of Connect, and their clients. Read from
//! `@grpc/grpc-js` 1.14, `@nestjs/microservices` 11, `@connectrpc/connect` 2.

use crate::base::Name;
use crate::base::code::{Call, CallKind, ClassId, Expr};
use crate::base::language::Language;
use crate::facts::finding::{Findings, Place};
use crate::facts::framework::{Framework, Tells};
use crate::facts::grpc::{GrpcRole, GrpcUse};
use crate::facts::program::{ClassRef, FileId, FuncRef, Program, Site};
use crate::frameworks::graphql::imports;
use crate::frameworks::grpc::{Named, clients, place};
use crate::frameworks::script::decorators::decorators;

/// grpc-js, NestJS, Connect.
pub const FRAMEWORK: Framework = Framework {
    id: "script/grpc",
    label: "grpc-js, Nest gRPC, Connect, nice-grpc",
    languages: &[Language::TypeScript, Language::Tsx, Language::JavaScript],
    modules: &["@grpc/grpc-js", "grpc", "@connectrpc/connect", "@bufbuild/connect", "nice-grpc", "@nestjs/microservices"],
    tells: &[Tells::Grpc],
    read: Some(read),
    types: None,
};

fn read(program: &dyn Program, file: FileId, findings: &mut Findings) {
    if !imports(program, file, FRAMEWORK.modules) {
        return;
    }
    let outline = &program.file(file).outline;
    for call in &outline.calls {
        let Some((_, "addService" | "service" | "add")) = call.method().map(|(receiver, name)| (receiver, name.as_str())) else { continue };
        let (Some(service), Some(answers)) = (call.positional(0).and_then(service_of), call.positional(1)) else { continue };
        let site = Site::of_call(file, call);
        let place = place(program, file, call.scope, call.at.line);
        let mut add = |method: Option<Name>, place: Place| {
            let Named { service, from } = service.clone();
            findings.grpc.push(GrpcUse { framework: FRAMEWORK.id, role: GrpcRole::Implements, service, from, method, place });
        };
        let Some(entries) = program.entries(&site, answers) else { continue };
        add(None, place.clone());
        for (name, answer, at) in entries {
            let function = program.resolve(&at, answer).function();
            let line = function.map_or(place.line, |function| program.function(function).at.line);
            let symbol = function.map(|function| program.function(function).name.clone()).filter(|name| !name.is_empty());
            let file = function.map_or(at.file, |function| function.file);
            add(Some(name.clone()), Place { file, symbol: symbol.unwrap_or(name), line });
        }
    }
    for index in 0..u32::try_from(outline.classes.len()).unwrap_or_default() {
        controller(program, ClassRef { file, id: ClassId(index) }, findings);
    }
    clients(program, file, FRAMEWORK.id, Vec::new(), made, findings);
}

/// `proto.acme.OrderService.service`, `OrderServiceService`.
fn service_of(expr: &Expr) -> Option<Named> {
    let path = expr.dotted()?;
    let path = path.strip_suffix(".service").unwrap_or(&path);
    let service = path.rsplit('.').next().filter(|name| name.starts_with(|c: char| c.is_uppercase()))?;
    Some(Named { service: service.into(), from: path.into() })
}

/// `new OrderServiceClient(…)`, `createClient(OrderService, transport)`, `client.getService("OrderService")`.
fn made(call: &Call) -> Option<Named> {
    let name = call.callee.last_name()?.as_str();
    match name {
        "createClient" | "createPromiseClient" | "createCallbackClient" => service_of(call.positional(0)?),
        "getService" => call.positional(0)?.as_str().map(|service| Named { service: service.into(), from: Name::default() }),
        _ if call.kind == CallKind::New && call.args.len() >= 2 => {
            let named = service_of(&call.callee)?;
            let service = named.service.strip_suffix("Client").map_or(named.service.clone(), Name::from);
            Some(Named { service, ..named })
        }
        _ => None,
    }
}

/// Takes a service, a method, the symbol that serves it and its line.
type Add<'a> = &'a mut dyn FnMut(&str, Option<Name>, Name, u32);

/// `@GrpcMethod("OrderService", "GetOrder")`, `@OrderServiceControllerMethods()`.
fn controller(program: &dyn Program, class: ClassRef, findings: &mut Findings) {
    let declared = program.class(class);
    let mut add = |service: &str, method: Option<Name>, symbol: Name, line: u32| {
        let place = Place { file: class.file, symbol, line };
        let (role, service) = (GrpcRole::Implements, service.into());
        findings.grpc.push(GrpcUse { framework: FRAMEWORK.id, role, service, from: Name::default(), method, place });
    };
    let outline = &program.file(class.file).outline;
    let methods = |add: Add, service: &str| {
        for function in declared.methods.iter().map(|id| outline.function(*id)) {
            add(service, Some(function.name.clone()), format!("{}.{}", declared.name, function.name).into(), function.at.line);
        }
    };
    for decor in decorators(program, &program.around_class(class), &declared.decorators) {
        if let Some(service) = decor.name.strip_suffix("ControllerMethods") {
            add(service, None, declared.name.clone(), declared.at.line);
            methods(&mut add, service);
        }
    }
    let mut served: Vec<String> = Vec::new();
    for id in &declared.methods {
        let method = FuncRef { file: class.file, id: *id };
        let function = program.function(method);
        for decor in decorators(program, &program.inside_class(class), &function.decorators) {
            if !matches!(decor.of(&["@nestjs/microservices"]), Some("GrpcMethod" | "GrpcStreamMethod" | "GrpcStreamCall")) {
                continue;
            }
            let text = |position: usize| decor.arg(position).and_then(|expr| program.text(&decor.site, expr).plain());
            let service = text(0).unwrap_or_else(|| declared.name.to_string());
            let name = text(1).map_or_else(|| function.name.clone(), Name::from);
            if !served.contains(&service) {
                add(&service, None, declared.name.clone(), declared.at.line);
                served.push(service.clone());
            }
            add(&service, Some(name), format!("{}.{}", declared.name, function.name).into(), function.at.line);
        }
    }
}
