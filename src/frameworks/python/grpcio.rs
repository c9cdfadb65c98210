//! gRPC in Python: servicers and stubs of grpcio, services and stubs of grpclib and betterproto. Read from grpcio 1.76, grpclib 0.4.
//!
//! Generated modules are not read: their names tell which service is meant.

use crate::base::Name;
use crate::base::code::{Call, Expr, Import, Imported};
use crate::base::language::Language;
use crate::facts::finding::{Findings, Place};
use crate::facts::framework::{Framework, Tells};
use crate::facts::grpc::{GrpcRole, GrpcUse};
use crate::facts::program::{FileId, Program};
use crate::frameworks::grpc::{Named, clients};

/// grpcio, grpclib, betterproto.
pub const FRAMEWORK: Framework = Framework {
    id: "python/grpcio",
    label: "grpcio, grpclib, betterproto",
    languages: &[Language::Python],
    modules: &["grpc", "grpclib", "betterproto"],
    tells: &[Tells::Grpc],
    read: Some(read),
    types: None,
};

fn read(program: &dyn Program, file: FileId, findings: &mut Findings) {
    let outline = &program.file(file).outline;
    let generated: Vec<(&Name, Name)> = outline.imports.iter().filter_map(generated_by).collect();
    if generated.is_empty() {
        return;
    }
    let from = |expr: &Expr| -> Option<Name> {
        let mut first = expr;
        while let Expr::Member(base, _) = first {
            first = base;
        }
        let Expr::Ref(first) = first else { return None };
        generated.iter().find(|(local, _)| *local == first).map(|(_, module)| module.clone())
    };
    for class in &outline.classes {
        for base in &class.bases {
            let crate::base::code::Type::Named(named) = base else { continue };
            let Some(service) = base.last_name().and_then(|name| name.strip_suffix("Servicer").or_else(|| name.strip_suffix("Base")))
            else {
                continue;
            };
            let (Some(from), false) = (from(&named.path), service.is_empty()) else { continue };
            let mut add = |method: Option<Name>, symbol: Name, line: u32| {
                let place = Place { file, symbol, line };
                let (role, service) = (GrpcRole::Implements, service.into());
                findings.grpc.push(GrpcUse { framework: FRAMEWORK.id, role, service, from: from.clone(), method, place });
            };
            add(None, class.name.clone(), class.at.line);
            for function in class.methods.iter().map(|id| outline.function(*id)).filter(|function| !function.name.starts_with('_')) {
                add(Some(function.name.clone()), format!("{}.{}", class.name, function.name).into(), function.at.line);
            }
        }
    }
    let made = |call: &Call| {
        let service = call.callee.last_name()?.strip_suffix("Stub").filter(|service| !service.is_empty())?;
        Some(Named { service: service.into(), from: from(&call.callee)? })
    };
    clients(program, file, FRAMEWORK.id, Vec::new(), made, findings);
}

/// What an import of a generated module binds, and the module: `from acme.v1 import orders_pb2_grpc as pb`.
fn generated_by(import: &Import) -> Option<(&Name, Name)> {
    let is_generated = |name: &str| name.rsplit('.').next().is_some_and(|last| last.ends_with("_pb2_grpc") || last.ends_with("_grpc"));
    let is_service = |name: &str| ["Stub", "Servicer", "Base"].iter().any(|end| name.ends_with(end));
    match &import.what {
        Imported::Name(name) if is_generated(name) => Some((&import.local, format!("{}.{name}", import.module).into())),
        Imported::Name(name) if is_generated(&import.module) || is_service(name) && !import.module.starts_with("django") => {
            Some((&import.local, import.module.clone()))
        }
        Imported::Module | Imported::Path if is_generated(&import.module) => Some((&import.local, import.module.clone())),
        _ => None,
    }
}
