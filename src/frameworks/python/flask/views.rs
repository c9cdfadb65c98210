//! Views that no decorator of a function says: `add_url_rule`, classes, resources.

use super::{FRAMEWORK, TABLE, describe, owners_of};
use crate::base::Name;
use crate::base::code::{Call, Expr};
use crate::facts::finding::{Findings, Method, OwnerKey, PathText, Place, Route};
use crate::facts::program::{CallRef, ClassRef, FileId, FuncRef, Meaning, Program, Site, Text};
use crate::frameworks::interpret::{decorated_by_caller, methods_of};

/// What is served at a path.
enum View {
    Function(FuncRef),
    Class(ClassRef),
}

/// `owner.add_url_rule(…)`, `api.add_resource(Users, "/users", "/people")`, `bp.route("/x")(view)`.
pub fn call(program: &dyn Program, call_ref: CallRef, call: &Call, findings: &mut Findings) {
    let Some((receiver, name)) = call.method() else { return wrapped(program, call_ref, call, findings) };
    let (paths, view): (Vec<&Expr>, Option<&Expr>) = match name.as_str() {
        "add_url_rule" => {
            let path = call.arg(0, "rule");
            let view = call.keyword("view_func").or_else(|| call.positional(2)).or_else(|| call.positional(1));
            (path.into_iter().collect(), view)
        }
        // A method of an own API class passes on what it is given.
        name if name == "add_resource" || (name.starts_with("add_") && name.contains("resource")) => {
            let paths = call.args.iter().filter(|arg| arg.name.is_none()).skip(1).map(|arg| &arg.value).collect();
            (paths, call.arg(0, "resource"))
        }
        _ => return,
    };
    let Some(view) = view else { return };
    let site = Site::of_call(call_ref.file, call);
    if owners_of(program, &site, receiver).is_empty() {
        return;
    }
    let mut exprs = vec![receiver, view];
    exprs.extend(&paths);
    for site in program.instances(&site, &exprs) {
        for owner in owners_of(program, &site, receiver) {
            let methods = call.keyword("methods").map(|methods| methods_of(program, &site, methods)).filter(|methods| !methods.is_empty());
            let Some(view) = view_of(program, &site, view) else { continue };
            for path in &paths {
                let said = Saying {
                    owner: owner.clone(),
                    path: program.text(&site, path),
                    methods: methods.clone(),
                    line: call.at.line,
                    file: call_ref.file,
                };
                routes(program, &view, &said, findings);
            }
        }
    }
}

/// `bp.route("/x", methods=["POST"])(view)`.
fn wrapped(program: &dyn Program, call_ref: CallRef, call: &Call, findings: &mut Findings) {
    let Expr::Call(inner) = &call.callee else { return };
    let inner = program.file(call_ref.file).outline.call(*inner);
    let (Some((receiver, name)), Some(view)) = (inner.method(), call.positional(0)) else { return };
    if name != "route" {
        return;
    }
    let site = Site::of_call(call_ref.file, inner);
    let Some(path) = inner.arg(0, "rule") else { return };
    if owners_of(program, &site, receiver).is_empty() {
        return;
    }
    for site in program.instances(&site, &[receiver, path, view]) {
        for owner in owners_of(program, &site, receiver) {
            let methods = inner.keyword("methods").map(|methods| methods_of(program, &site, methods));
            let said = Saying { owner, path: program.text(&site, path), methods, line: call.at.line, file: call_ref.file };
            if let Some(view) = view_of(program, &site, view) {
                routes(program, &view, &said, findings);
            }
        }
    }
}

/// `@ns.route("/users", "/people") class Users(Resource)`, `@blp.route("/pets") class Pets(MethodView)`.
pub fn decorated_classes(program: &dyn Program, file: FileId, findings: &mut Findings) {
    let outline = &program.file(file).outline;
    for (id, class) in (0u32..).zip(&outline.classes) {
        for decorator in &class.decorators {
            let Expr::Call(call) = decorator else { continue };
            let call = outline.call(*call);
            let Some((receiver, name)) = call.method() else { continue };
            if !matches!(name.as_str(), "route" | "resource") {
                continue;
            }
            let site = Site::of_call(file, call);
            let view = View::Class(ClassRef { file, id: crate::base::code::ClassId(id) });
            for owner in owners_of(program, &site, receiver) {
                for arg in call.args.iter().filter(|arg| arg.name.as_deref().is_none_or(|name| name == "rule")) {
                    let said =
                        Saying { owner: owner.clone(), path: program.text(&site, &arg.value), methods: None, line: class.at.line, file };
                    routes(program, &view, &said, findings);
                }
            }
        }
    }
}

/// One path said for a view.
struct Saying {
    owner: OwnerKey,
    path: Text,
    methods: Option<Vec<Method>>,
    line: u32,
    file: FileId,
}

fn view_of(program: &dyn Program, site: &Site, expr: &Expr) -> Option<View> {
    let meaning = program.produce(site, expr);
    // What a decorator of the program's own registers is what that decorates.
    if let Meaning::Param(..) = meaning {
        return decorated_by_caller(program, site).map(View::Function);
    }
    match &meaning {
        Meaning::Class(class) => Some(View::Class(*class)),
        Meaning::Value(Expr::Call(_), at) => {
            let (call, _) = meaning.call()?;
            let made = program.call(call);
            let inside = at.moved(call.file, made.scope, made.at.offset);
            if let Some((receiver, name)) = made.method()
                && name == "as_view"
            {
                return program.resolve(&inside, receiver).class().map(View::Class);
            }
            // A wrapper around a view: `login_required(Users.as_view("users"))`.
            made.args.iter().find_map(|arg| match &arg.value {
                value @ (Expr::Ref(_) | Expr::Member(..) | Expr::Call(_)) => view_of(program, &inside, value),
                _ => None,
            })
        }
        other => other.function().map(View::Function),
    }
}

fn routes(program: &dyn Program, view: &View, said: &Saying, findings: &mut Findings) {
    let route = |methods: Vec<Method>, handler: FuncRef, symbol: Name, line: u32, file: FileId| Route {
        framework: FRAMEWORK.id,
        owner: Some(said.owner.clone()),
        methods,
        path: PathText::new(said.path.clone(), TABLE.syntax),
        handler: Some(handler),
        place: Place { file, symbol, line },
        ..Route::default()
    };
    match view {
        View::Function(function) => {
            let methods = said.methods.clone().unwrap_or_else(|| vec![Method::Get]);
            let name = program.function(*function).name.clone();
            findings.routes.extend(describe::function(program, route(methods, *function, name, said.line, said.file)));
        }
        View::Class(class) => {
            let class_name = &program.class(*class).name;
            for (methods, handler) in class_methods(program, *class, said.methods.as_deref()) {
                let function = program.function(handler);
                let symbol = format!("{class_name}.{}", function.name);
                let found = route(methods, handler, symbol.into(), function.at.line, handler.file);
                findings.routes.extend(describe::method(program, *class, found));
            }
        }
    }
}

/// The methods a class answers, with what answers them.
fn class_methods(program: &dyn Program, class: ClassRef, said: Option<&[Method]>) -> Vec<(Vec<Method>, FuncRef)> {
    let listed =
        program.class_attribute(class, "methods").map(|(value, at)| methods_of(program, &at, value)).filter(|methods| !methods.is_empty());
    let allowed = said.map(<[Method]>::to_vec).or(listed.clone());
    let mut found: Vec<(Vec<Method>, FuncRef)> = Vec::new();
    for method in program.methods(class) {
        let name = &program.function(method).name;
        let Some(verb) = Method::of(name).filter(|_| *name == name.to_lowercase() && name != "del") else { continue };
        if allowed.as_ref().is_none_or(|allowed| allowed.contains(&verb)) {
            found.push((vec![verb], method));
        }
    }
    if found.is_empty()
        && let Some(dispatch) = program.method(class, "dispatch_request")
    {
        found.push((allowed.unwrap_or_else(|| vec![Method::Get]), dispatch));
    }
    found.sort_by(|one, other| one.0.cmp(&other.0));
    found
}
