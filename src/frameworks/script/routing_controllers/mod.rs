//! routing-controllers: classes whose decorated methods are operations, served by Express or Koa.
//!
//! - [`inputs`]: what a method's parameters take.
//!
//! Read from routing-controllers 0.10 and 0.11 (its README and `src/decorator`). Interceptors and `@Redirect` targets are left out
//! on purpose.

mod inputs;

use crate::base::Name;
use crate::base::code::{CallId, ClassId, Expr};
use crate::base::language::Language;
use crate::facts::finding::{
    Findings, Method, Mount, Origin, Owner, OwnerKey, PathSyntax, PathText, Place, ResponseFinding, Route, SchemeKind, SchemeUse, Security,
    Traits,
};
use crate::facts::framework::{Framework, Tells};
use crate::facts::program::{CallRef, ClassRef, FileId, FuncRef, Meaning, Mode, Program, Site, Text};
use crate::facts::shape::Shape;
use crate::frameworks::script::decorators::{Decor, decorators};
use crate::frameworks::script::handler::guards;
use crate::frameworks::script::statuses;

/// routing-controllers.
pub const FRAMEWORK: Framework = Framework {
    id: "script/routing_controllers",
    label: "routing-controllers",
    languages: &[Language::TypeScript, Language::Tsx],
    modules: LIBRARIES,
    tells: &[Tells::Http],
    read: Some(read),
    types: None,
};

/// Where its decorators come from.
const LIBRARIES: &[&str] = &["routing-controllers"];

const VERBS: &[(&str, &[Method])] = &[
    ("Get", &[Method::Get]),
    ("Post", &[Method::Post]),
    ("Put", &[Method::Put]),
    ("Patch", &[Method::Patch]),
    ("Delete", &[Method::Delete]),
    ("Head", &[Method::Head]),
    ("All", &Method::COMMON),
];

/// Functions that make a server, with the position of their options.
const SERVERS: &[(&str, usize)] = &[
    ("routing-controllers.createExpressServer", 0),
    ("routing-controllers.createKoaServer", 0),
    ("routing-controllers.useExpressServer", 1),
    ("routing-controllers.useKoaServer", 1),
];

fn read(program: &dyn Program, file: FileId, findings: &mut Findings) {
    servers(program, file, findings);
    for (class, decor) in controllers(program, file) {
        controller(program, class, &decor, findings);
    }
}

fn imports(program: &dyn Program, file: FileId) -> bool {
    program.file(file).outline.imports.iter().any(|import| LIBRARIES.contains(&import.module.as_str()))
}

/// The controllers of a file with their `@Controller`.
fn controllers(program: &dyn Program, file: FileId) -> Vec<(ClassRef, Decor<'_>)> {
    let outline = &program.file(file).outline;
    let mut found = Vec::new();
    for (id, class) in (0u32..).zip(&outline.classes).filter(|(_, class)| !class.decorators.is_empty()) {
        let class_ref = ClassRef { file, id: ClassId(id) };
        let decors = decorators(program, &program.around_class(class_ref), &class.decorators);
        let said = decors.into_iter().find(|decor| matches!(decor.of(LIBRARIES), Some("Controller" | "JsonController")));
        found.extend(said.map(|decor| (class_ref, decor)));
    }
    found
}

/// `createExpressServer({ routePrefix: "/api", controllers: [Users] })`: a server of its own.
fn servers(program: &dyn Program, file: FileId, findings: &mut Findings) {
    for (id, call) in (0u32..).zip(&program.file(file).outline.calls) {
        let call_ref = CallRef { file, id: CallId(id) };
        let Meaning::Outside(path) = program.callee(call_ref) else { continue };
        let Some((_, position)) = SERVERS.iter().find(|(name, _)| *name == path) else { continue };
        let site = Site::of_call(file, call);
        let entries = call.positional(*position).and_then(|options| program.entries(&site, options)).unwrap_or_default();
        let entry = |key: &str| entries.iter().rev().find(|(name, ..)| name == key).map(|(_, value, at)| (*value, at));
        let prefix = entry("routePrefix").map(|(prefix, at)| program.text(at, prefix)).unwrap_or_default();
        let place = Place { file, symbol: Name::default(), line: call.at.line };
        let key = OwnerKey { origin: Origin::Call(call_ref), env: None };
        findings.owners.push(Owner {
            key: key.clone(),
            framework: FRAMEWORK.id,
            is_root: true,
            prefix: PathText::new(prefix, PathSyntax::Colon),
            traits: Traits::default(),
            place: place.clone(),
        });
        findings.mounts.push(Mount {
            framework: FRAMEWORK.id,
            parent: key,
            children: entry("controllers").map(|(list, at)| listed(program, at, list)).unwrap_or_else(|| all(program)),
            prefix: PathText::default(),
            replaces_prefix: false,
            traits: Traits::default(),
            place,
        });
    }
}

/// The classes of a list; a list that names files by pattern takes all there are.
fn listed(program: &dyn Program, site: &Site, list: &Expr) -> Vec<OwnerKey> {
    let items = program.items(site, list).unwrap_or_default();
    let classes: Vec<OwnerKey> = items.iter().filter_map(|(item, at)| program.resolve(at, item).class()).map(OwnerKey::from).collect();
    if classes.is_empty() || classes.len() < items.len() { all(program) } else { classes }
}

fn all(program: &dyn Program) -> Vec<OwnerKey> {
    let files = (0..program.file_count()).map(FileId).filter(|file| imports(program, *file));
    files.flat_map(|file| controllers(program, file)).map(|(class, _)| OwnerKey::from(class)).collect()
}

fn controller(program: &dyn Program, class: ClassRef, said: &Decor, findings: &mut Findings) {
    let declared = program.class(class);
    let decors = decorators(program, &program.around_class(class), &declared.decorators);
    let prefix = said.arg(0).map(|path| program.text(&said.site, path)).unwrap_or_default();
    findings.owners.push(Owner {
        key: OwnerKey::from(class),
        framework: FRAMEWORK.id,
        is_root: false,
        prefix: PathText::new(prefix, PathSyntax::Colon),
        traits: Traits { security: security(program, &decors), ..Traits::default() },
        place: Place { file: class.file, symbol: declared.name.clone(), line: declared.at.line },
    });
    let is_json = said.of(LIBRARIES) == Some("JsonController");
    for method in program.methods(class) {
        let decors = decorators(program, &program.around(method), &program.function(method).decorators);
        for decor in &decors {
            let verb = decor.of(LIBRARIES).and_then(|name| VERBS.iter().find(|(known, _)| *known == name));
            let Some((_, methods)) = verb else { continue };
            findings.routes.push(operation(program, (class, method), &decors, decor, (methods, is_json)));
        }
    }
}

fn operation(
    program: &dyn Program,
    (class, method): (ClassRef, FuncRef),
    decors: &[Decor],
    verb: &Decor,
    (methods, is_json): (&[Method], bool),
) -> Route {
    let function = program.function(method);
    let path = verb.arg(0).map(|path| program.text(&verb.site, path)).unwrap_or_default();
    let mut route = Route {
        framework: FRAMEWORK.id,
        owner: Some(OwnerKey::from(class)),
        methods: methods.to_vec(),
        path: PathText::new(if path.plain().as_deref() == Some("/") { Text::default() } else { path }, PathSyntax::Colon),
        handler: Some(method),
        place: Place {
            file: class.file,
            symbol: format!("{}.{}", program.class(class).name, function.name).into(),
            line: function.at.line,
        },
        security: security(program, decors),
        description: function.doc.clone(),
        ..Route::default()
    };
    inputs::read(program, method, &mut route);
    let code = |name: &str| {
        let decor = decors.iter().find(|decor| decor.of(LIBRARIES) == Some(name))?;
        statuses::of(program, &decor.site, decor.arg(0)?)
    };
    let status = code("HttpCode").unwrap_or(200).to_string();
    let nothing = code("OnUndefined").or_else(|| code("OnNull")).map(|status| status.to_string());
    let shape = program.shape_of_type(&program.inside(method), &function.returns, Mode::Write);
    let is_page = decors.iter().any(|decor| matches!(decor.of(LIBRARIES), Some("Render" | "Redirect")));
    if shape == Shape::Null {
        route.responses.push(ResponseFinding::empty(&nothing.unwrap_or(status)));
        return route;
    }
    let has_body = !is_page && (is_json || !shape.is_any());
    route.responses.push(if has_body { ResponseFinding::json(&status, shape) } else { ResponseFinding::empty(&status) });
    route.responses.extend(nothing.filter(|nothing| *nothing != status).map(|nothing| ResponseFinding::empty(&nothing)));
    route
}

/// `@Authorized()`, and middleware of `@UseBefore` that asks for a login.
fn security(program: &dyn Program, decors: &[Decor]) -> Security {
    let mut schemes = Vec::new();
    for decor in decors {
        match decor.of(LIBRARIES) {
            Some("Authorized") => schemes.push(authorized()),
            Some("UseBefore") => {
                schemes.extend(decor.args().into_iter().filter_map(|arg| guards::guard(program, &decor.site, arg)));
            }
            _ => {}
        }
    }
    if schemes.is_empty() { Security::Inherit } else { Security::Schemes(schemes) }
}

/// What the application's `authorizationChecker` asks for.
fn authorized() -> SchemeUse {
    SchemeUse { kind: SchemeKind::Guard, name: "Authorized".into(), scopes: Vec::new() }
}
