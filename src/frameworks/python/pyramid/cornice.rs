//! Cornice: services whose methods are decorated, and resources that are classes.

use super::{FRAMEWORK, describe};
use crate::base::Name;
use crate::base::code::{Call, CallId, ClassId, Expr, FuncId};
use crate::facts::finding::{
    BodyFinding, Findings, Location, Method, Origin, Owner, OwnerKey, ParamFinding, PathSyntax, PathText, Place, Route, SchemeKind,
    SchemeUse, Traits,
};
use crate::facts::program::{CallRef, ClassRef, FileId, FuncRef, Mode, Program, Site};
use crate::facts::shape::Member;
use crate::frameworks::interpret::{handler_function, owners_of};
use crate::frameworks::table::{At, Chain, Hooks, OwnerRule, Table};

/// What views hang on.
const TABLE: Table = Table {
    id: FRAMEWORK.id,
    syntax: PathSyntax::Curly,
    owners: &[OwnerRule { makes: &["cornice.Service", "cornice.service.Service"], is_root: true, prefix: At::Arg(1, "path") }],
    owner_types: &[],
    chain: Chain::No,
    routes: &[],
    mounts: &[],
    hooks: Hooks { route: |_, _| {}, owner: None, mount: None },
};

/// Reads the services and resources of a file.
pub fn read(program: &dyn Program, file: FileId, findings: &mut Findings) {
    let outline = &program.file(file).outline;
    if !outline.imports.iter().any(|import| import.module.split('.').next() == Some("cornice")) {
        return;
    }
    for (id, call) in (0u32..).zip(&outline.calls) {
        owner(program, CallRef { file, id: CallId(id) }, call, findings);
    }
    for (id, function) in (0u32..).zip(&outline.functions).filter(|(_, function)| !function.decorators.is_empty()) {
        let handler = FuncRef { file, id: FuncId(id) };
        let site = program.around(handler);
        for decorator in &function.decorators {
            let (callee, call) = match decorator {
                Expr::Call(id) => (&outline.call(*id).callee, Some(outline.call(*id))),
                other => (other, None),
            };
            let Expr::Member(service, verb) = callee else { continue };
            if let Some(method) = Method::of(verb) {
                findings.routes.extend(routes(program, &site, service, method, call, handler));
            }
        }
    }
    for call in &outline.calls {
        if let Some((service, name)) = call.method()
            && name == "add_view"
        {
            let site = Site::of_call(file, call);
            let method = call.arg(0, "method").and_then(|method| program.text(&site, method).plain()).and_then(|name| Method::of(&name));
            let handler = call.arg(1, "view").and_then(|view| handler_function(program, &site, view));
            if let (Some(method), Some(handler)) = (method, handler) {
                findings.routes.extend(routes(program, &site, service, method, Some(call), handler));
            }
        }
    }
    resources(program, file, findings);
}

/// `users = Service(name="users", path="/users")`.
fn owner(program: &dyn Program, call_ref: CallRef, call: &Call, findings: &mut Findings) {
    let is_service = program.callee(call_ref).outside().is_some_and(|path| TABLE.owners[0].makes.contains(&path));
    if !is_service {
        return;
    }
    let site = Site::of_call(call_ref.file, call);
    let args: Vec<&Expr> = call.args.iter().map(|arg| &arg.value).collect();
    for site in program.instances(&site, &args) {
        let path = call.arg(1, "path").map(|path| program.text(&site, path)).unwrap_or_default();
        findings.owners.push(Owner {
            key: OwnerKey { origin: Origin::Call(call_ref), env: site.env.clone() },
            framework: FRAMEWORK.id,
            is_root: true,
            prefix: PathText::new(path, PathSyntax::Curly),
            traits: Traits::default(),
            place: Place { file: call_ref.file, symbol: Name::default(), line: call.at.line },
        });
    }
}

/// A view of a service.
fn routes(program: &dyn Program, site: &Site, service: &Expr, method: Method, call: Option<&Call>, handler: FuncRef) -> Vec<Route> {
    let line = program.function(handler).at.line;
    let route = |owner: OwnerKey| {
        let mut route = Route {
            framework: FRAMEWORK.id,
            owner: Some(owner),
            methods: vec![method],
            place: Place { file: handler.file, symbol: Name::default(), line },
            ..Route::default()
        };
        describe::service(program, handler, &mut route);
        if let Some(call) = call {
            declared(program, site, call, &mut route);
        }
        route
    };
    owners_of(&TABLE, program, site, service).into_iter().map(route).collect()
}

/// `schema=`, `validators=`, `permission=` of a view.
fn declared(program: &dyn Program, site: &Site, call: &Call, route: &mut Route) {
    if let Some(permission) = call.keyword("permission").filter(|value| **value != Expr::Null) {
        let name = program.text(site, permission).plain().map(Name::from).or_else(|| permission.last_name().cloned());
        route.security.add(name.map(|name| SchemeUse { name, kind: SchemeKind::Guard, scopes: Vec::new() }).into_iter().collect());
    }
    let Some(schema) = call.keyword("schema") else { return };
    let shape = match program.resolve(site, schema).class() {
        Some(class) => program.shape_of_class(class, Vec::new(), Mode::Read),
        None => program.shape_of_value(site, schema, Mode::Read),
    };
    let Some(record) = program.record(&shape).filter(|record| !record.members.is_empty()) else { return };
    let validators = call.keyword("validators");
    let is_about = |word: &str| {
        let listed = validators.and_then(|list| program.items(site, list)).unwrap_or_default();
        let names = listed.iter().map(|(expr, _)| *expr).chain(validators).filter_map(Expr::last_name);
        names.into_iter().any(|name| name.contains(word))
    };
    let bodiless = route.methods.iter().all(|method| matches!(method, Method::Get | Method::Head | Method::Delete));
    if is_about("querystring") || (bodiless && !is_about("body")) {
        let param = |member: Member| ParamFinding {
            name: member.name,
            location: Location::Query,
            required: member.required,
            shape: member.shape,
            ..ParamFinding::default()
        };
        route.params.extend(record.members.into_iter().map(param));
    } else {
        route.body = Some(BodyFinding::json(shape));
    }
}

/// `@resource(collection_path="/users", path="/users/{id}")`: methods `get`, `collection_post`.
fn resources(program: &dyn Program, file: FileId, findings: &mut Findings) {
    let outline = &program.file(file).outline;
    for (id, class) in (0u32..).zip(&outline.classes).filter(|(_, class)| !class.decorators.is_empty()) {
        let class_ref = ClassRef { file, id: ClassId(id) };
        let site = program.around_class(class_ref);
        for decorator in &class.decorators {
            let Expr::Call(id) = decorator else { continue };
            if program.callee(CallRef { file, id: *id }).outside() != Some("cornice.resource.resource") {
                continue;
            }
            let call = outline.call(*id);
            let path = |key: &str| call.keyword(key).map(|path| program.text(&site, path));
            for handler in program.methods(class_ref) {
                let name = &program.function(handler).name;
                let (verb, path) = match name.strip_prefix("collection_") {
                    Some(verb) => (verb, path("collection_path")),
                    None => (name.as_str(), path("path")),
                };
                let (Some(method), Some(path)) = (Method::of(verb), path) else { continue };
                let symbol: Name = format!("{}.{name}", class.name).into();
                let mut route = Route {
                    framework: FRAMEWORK.id,
                    methods: vec![method],
                    path: PathText::new(path, PathSyntax::Curly),
                    place: Place { file, symbol, line: program.function(handler).at.line },
                    ..Route::default()
                };
                describe::service(program, handler, &mut route);
                findings.routes.push(route);
            }
        }
    }
}
