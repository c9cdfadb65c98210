//! CherryPy: a tree of objects is the router; `@cherrypy.expose` methods, and classes under the method dispatcher.

use crate::base::Name;
use crate::base::code::{CallId, Expr, Param, ParamKind};
use crate::base::language::Language;
use crate::facts::finding::{BodyFinding, Findings, Location, Method, ParamFinding, PathSyntax, PathText, Place, Route};
use crate::facts::framework::{Framework, Tells};
use crate::facts::program::{CallRef, ClassRef, FileId, FuncRef, Meaning, Program, Site, Text};
use crate::facts::shape::{Member, Shape};
use crate::frameworks::python::literals::literal;
use crate::frameworks::python::requests::{self, Part};

/// How deep trees may be.
const MAX_DEPTH: u32 = 8;

/// CherryPy.
pub const FRAMEWORK: Framework = Framework {
    id: "python/cherrypy",
    label: "CherryPy",
    languages: &[Language::Python],
    modules: &["cherrypy"],
    tells: &[Tells::Http],
    read: Some(read),
    types: None,
};

fn read(program: &dyn Program, file: FileId, findings: &mut Findings) {
    let outline = &program.file(file).outline;
    for (id, call) in (0u32..).zip(&outline.calls) {
        let callee = program.callee(CallRef { file, id: CallId(id) });
        if !callee.is_any(&["cherrypy.quickstart", "cherrypy.tree.mount"]) {
            continue;
        }
        let site = Site::of_call(file, call);
        let Some(root) = call.arg(0, "root").and_then(|root| class_at(program, &site, root)) else { continue };
        let prefix = call.arg(1, "script_name").and_then(|path| program.text(&site, path).plain()).unwrap_or_default();
        tree(program, root, prefix.trim_end_matches('/'), 0, findings);
    }
}

fn class_at(program: &dyn Program, site: &Site, expr: &Expr) -> Option<ClassRef> {
    match program.produce(site, expr) {
        Meaning::Instance(class) => Some(class),
        Meaning::Value(Expr::Call(id), at) => program.callee(CallRef { file: at.file, id: *id }).class(),
        _ => None,
    }
}

/// What an object answers, and what hangs on it.
fn tree(program: &dyn Program, class: ClassRef, prefix: &str, depth: u32, findings: &mut Findings) {
    if depth > MAX_DEPTH {
        return;
    }
    let by_method = is_exposed_class(program, class);
    for method in program.methods(class) {
        let name = program.function(method).name.clone();
        if by_method {
            if let Some(verb) = Method::of(&name).filter(|_| *name == name.to_uppercase()) {
                findings.routes.push(resource(program, class, method, verb, prefix));
            }
        } else if is_exposed(program, method) {
            findings.routes.push(page(program, class, method, prefix));
        }
    }
    for of in program.lineage(class) {
        let site = program.inside_class(of);
        for field in &program.class(of).fields {
            if let Some(value @ Expr::Call(_)) = &field.default
                && let Some(child) = class_at(program, &site, value).filter(|child| *child != class)
            {
                tree(program, child, &format!("{prefix}/{}", field.name), depth + 1, findings);
            }
        }
    }
    // `self.users = Users()` in the constructor.
    if let Some(constructor) = program.method(class, "__init__") {
        let outline = &program.file(constructor.file).outline;
        let declared = outline.function(constructor.id);
        for assign in outline.assigns.iter().filter(|assign| (declared.at.offset..declared.end).contains(&assign.at.offset)) {
            if let crate::base::code::Pattern::Place(Expr::Member(_, name)) = &assign.target
                && let Some(child) =
                    class_at(program, &Site::of_scope(constructor.file, assign.scope), &assign.value).filter(|child| *child != class)
            {
                tree(program, child, &format!("{prefix}/{name}"), depth + 1, findings);
            }
        }
    }
}

fn is_expose(program: &dyn Program, site: &Site, decorator: &Expr) -> bool {
    match decorator {
        Expr::Call(id) => program.callee(CallRef { file: site.file, id: *id }).is_any(&["cherrypy.expose"]),
        other => program.resolve(site, other).is_any(&["cherrypy.expose"]),
    }
}

fn is_exposed(program: &dyn Program, method: FuncRef) -> bool {
    let site = program.around(method);
    program.function(method).decorators.iter().any(|decorator| is_expose(program, &site, decorator))
}

/// `@cherrypy.expose class X`, `exposed = True`: its methods are named after verbs.
fn is_exposed_class(program: &dyn Program, class: ClassRef) -> bool {
    let site = program.around_class(class);
    program.class(class).decorators.iter().any(|decorator| is_expose(program, &site, decorator))
        || program.class_attribute(class, "exposed").is_some_and(|(value, _)| *value == Expr::Bool(true))
}

fn route(program: &dyn Program, class: ClassRef, method: FuncRef, verb: Method, path: &str) -> Route {
    let function = program.function(method);
    let taken = requests::taken(program, requests::Library { part }, method);
    Route {
        framework: FRAMEWORK.id,
        methods: vec![verb],
        path: PathText::new(Text::known(if path.is_empty() { "/" } else { path }), PathSyntax::Curly),
        handler: Some(method),
        place: Place {
            file: method.file,
            symbol: format!("{}.{}", program.class(class).name, function.name).into(),
            line: function.at.line,
        },
        body: taken.body().filter(|_| verb != Method::Get),
        params: taken.params,
        description: function.doc.clone(),
        ..Route::default()
    }
}

fn part(_program: &dyn Program, meaning: &Meaning) -> Option<(Part, Vec<Name>)> {
    let mut rest = meaning.outside()?.strip_prefix("cherrypy.request.")?.split('.');
    let part = match rest.next()? {
        "params" => Part::Query,
        "json" => Part::Json,
        "headers" => Part::Headers,
        "cookie" => Part::Cookies,
        _ => return None,
    };
    Some((part, rest.map(Name::from).collect()))
}

fn named(program: &dyn Program, method: FuncRef) -> Vec<(&Name, &Param)> {
    let params = program.file(method.file).outline.function(method.id).params.iter();
    params
        .filter(|param| matches!(param.kind, ParamKind::Normal | ParamKind::Positional | ParamKind::Keyword))
        .filter_map(|param| Some((param.name()?, param)))
        .collect()
}

fn shape(program: &dyn Program, method: FuncRef, param: &Param) -> Shape {
    match param.default.as_ref().and_then(|value| literal(program, &program.around(method), value)) {
        Some(value) if value.is_i64() => Shape::Int.with("default", value),
        Some(value) if value.is_string() => Shape::Text(None).with("default", value),
        _ => Shape::Text(None),
    }
}

/// Under the method dispatcher: what must be given stands in the path, the rest is sent along.
fn resource(program: &dyn Program, class: ClassRef, method: FuncRef, verb: Method, prefix: &str) -> Route {
    let params = named(program, method);
    let path =
        params.iter().filter(|(_, param)| param.default.is_none()).fold(prefix.to_owned(), |path, (name, _)| format!("{path}/{{{name}}}"));
    let mut route = route(program, class, method, verb, &path);
    let optional: Vec<&(&Name, &Param)> = params.iter().filter(|(_, param)| param.default.is_some()).collect();
    if matches!(verb, Method::Get | Method::Delete | Method::Head) {
        route.params.extend(optional.iter().map(|(name, param)| query(program, method, name, param)));
    } else if !optional.is_empty() && route.body.is_none() {
        let members = optional.iter().map(|(name, param)| Member::optional((*name).clone(), shape(program, method, param))).collect();
        let contents = vec![("application/x-www-form-urlencoded".into(), Shape::record(members))];
        route.body = Some(BodyFinding { required: false, contents, doc: None });
    }
    route
}

fn query(program: &dyn Program, method: FuncRef, name: &Name, param: &Param) -> ParamFinding {
    let required = param.default.is_none();
    ParamFinding {
        name: name.clone(),
        location: Location::Query,
        required,
        shape: shape(program, method, param),
        ..ParamFinding::default()
    }
}

/// An exposed method: `index` stands for the object itself.
fn page(program: &dyn Program, class: ClassRef, method: FuncRef, prefix: &str) -> Route {
    let name = &program.function(method).name;
    let path = if matches!(name.as_str(), "index" | "default") { format!("{prefix}/") } else { format!("{prefix}/{name}") };
    let mut route = route(program, class, method, Method::Get, &path);
    let params = named(program, method);
    route.params.extend(params.iter().map(|(name, param)| query(program, method, name, param)));
    route
}
