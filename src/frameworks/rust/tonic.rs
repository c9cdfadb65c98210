//! tonic: `impl OrderService for Orders`, `OrderServiceClient::connect(…)`. Read from tonic 0.14.
//!
//! Generated modules are not read: `order_service_server` and `order_service_client` tell which service is meant.

use crate::base::Name;
use crate::base::code::{Call, Expr, Imported, Type};
use crate::base::language::Language;
use crate::facts::finding::{Findings, Place};
use crate::facts::framework::{Framework, Tells};
use crate::facts::grpc::{GrpcRole, GrpcUse};
use crate::facts::program::{FileId, Program};
use crate::frameworks::grpc::{Named, clients};

/// tonic.
pub const FRAMEWORK: Framework = Framework {
    id: "rust/tonic",
    label: "tonic",
    languages: &[Language::Rust],
    modules: &["tonic"],
    tells: &[Tells::Grpc],
    read: Some(read),
    types: None,
};

fn read(program: &dyn Program, file: FileId, findings: &mut Findings) {
    let outline = &program.file(file).outline;
    let module_of = |expr: &Expr, end: &str| -> Option<Name> {
        let path = expr.dotted()?;
        if path.split('.').any(|part| part.ends_with(end)) {
            return Some(path.into());
        }
        let first = path.split('.').next()?;
        let import = outline.imports.iter().find(|import| import.local == first)?;
        let whole = if let Imported::Name(name) = &import.what { format!("{}::{name}", import.module) } else { import.module.to_string() };
        whole.split("::").any(|part| part.ends_with(end)).then(|| whole.into())
    };
    for block in &outline.impls {
        let Some(Type::Named(named)) = &block.of_trait else { continue };
        let (Some(service), Some(from)) = (named.path.last_name(), module_of(&named.path, "_server")) else { continue };
        let owner = block.ty.last_name().cloned().unwrap_or_default();
        let mut add = |method: Option<Name>, symbol: Name, line: u32| {
            let place = Place { file, symbol, line };
            let (role, service) = (GrpcRole::Implements, service.clone());
            findings.grpc.push(GrpcUse { framework: FRAMEWORK.id, role, service, from: from.clone(), method, place });
        };
        add(None, owner.clone(), block.at.line);
        for function in block.methods.iter().map(|id| outline.function(*id)) {
            add(Some(function.name.clone()), format!("{owner}.{}", function.name).into(), function.at.line);
        }
    }
    let service_of = |path: &Expr| -> Option<Named> {
        let service = path.last_name()?.strip_suffix("Client").filter(|service| !service.is_empty())?;
        Some(Named { service: service.into(), from: module_of(path, "_client")? })
    };
    let fields = outline.classes.iter().flat_map(|class| &class.fields);
    let kept = fields.filter_map(|field| match &field.ty {
        Type::Named(named) => Some((format!("self.{}", field.name), service_of(&named.path)?)),
        _ => None,
    });
    let made = |call: &Call| {
        let Expr::Member(of, name) = &call.callee else { return None };
        matches!(name.as_str(), "connect" | "new" | "with_interceptor" | "with_origin").then(|| service_of(of)).flatten()
    };
    clients(program, file, FRAMEWORK.id, kept.collect(), made, findings);
}
