//! Tornado: `Application([(r"/users/(\d+)", UserHandler)])`, `url(…)`, `add_handlers`; the methods of a handler's class are the verbs.

use crate::base::Name;
use crate::base::code::{CallId, Expr};
use crate::base::language::Language;
use crate::facts::finding::{BodyFinding, Findings, Location, Method, ParamFinding, PathSyntax, PathText, Place, Route, Security};
use crate::facts::framework::{Framework, Tells};
use crate::facts::program::{CallRef, ClassRef, FileId, FuncRef, Meaning, Program, Site};
use crate::facts::shape::{Member, Shape};
use crate::frameworks::python::fastapi::title;
use crate::frameworks::python::guards;

/// Tornado.
pub const FRAMEWORK: Framework = Framework {
    id: "python/tornado",
    label: "Tornado",
    languages: &[Language::Python],
    modules: &["tornado"],
    tells: &[Tells::Http],
    read: Some(read),
    types: None,
};

const APPLICATION: &str = "tornado.web.Application";

fn read(program: &dyn Program, file: FileId, findings: &mut Findings) {
    for (id, call) in (0u32..).zip(&program.file(file).outline.calls) {
        let call_ref = CallRef { file, id: CallId(id) };
        let site = Site::of_call(file, call);
        let list = match program.callee(call_ref) {
            Meaning::Outside(path) if path == APPLICATION => call.arg(0, "handlers"),
            Meaning::Class(class) if is_application(program, class) => call.arg(0, "handlers"),
            Meaning::Attribute(_, name) if name == "add_handlers" => call.positional(1),
            // `super().__init__(handlers)` of an application's own class.
            _ => match call.method() {
                Some((_, name)) if name == "__init__" && is_within_application(program, &site) => {
                    call.args.iter().map(|arg| &arg.value).find(|value| program.items(&site, value).is_some())
                }
                _ => None,
            },
        };
        let Some(list) = list else { continue };
        for (item, at) in program.items(&site, list).unwrap_or_default() {
            rule(program, &at, item, call.at.line, findings);
        }
    }
}

fn is_application(program: &dyn Program, class: ClassRef) -> bool {
    program.outside_bases(class).iter().any(|base| base == APPLICATION)
}

fn is_within_application(program: &dyn Program, site: &Site) -> bool {
    let outline = &program.file(site.file).outline;
    let class = outline.function_around(site.scope).and_then(|function| outline.function(function).class);
    class.is_some_and(|id| is_application(program, ClassRef { file: site.file, id }))
}

/// `(pattern, Handler)`, `url(pattern, Handler)`, `URLSpec(pattern, Handler)`.
fn rule(program: &dyn Program, site: &Site, item: &Expr, line: u32, findings: &mut Findings) {
    let meaning = program.produce(site, item);
    let Some((value, at)) = meaning.value() else { return };
    let (pattern, handler) = match value {
        Expr::List(parts) if parts.len() >= 2 => (&parts[0], &parts[1]),
        Expr::Call(id) => {
            let call = CallRef { file: at.file, id: *id };
            let callee = program.callee(call);
            let is_rule = callee.outside().is_some_and(|path| {
                path.starts_with("tornado.") && matches!(path.rsplit('.').next(), Some("url" | "URLSpec" | "Rule" | "PathMatches"))
            });
            let made = program.file(at.file).outline.call(*id);
            match (made.arg(0, "pattern"), made.arg(1, "handler")) {
                (Some(pattern), Some(handler)) if is_rule => (pattern, handler),
                _ => return,
            }
        }
        _ => return,
    };
    let Meaning::Class(class) = program.resolve(at, handler) else { return };
    let is_handler = program.outside_bases(class).iter().any(|base| base.starts_with("tornado.") && base.ends_with("RequestHandler"));
    if !is_handler {
        return;
    }
    let path = PathText::new(program.text(at, pattern), PathSyntax::Regex);
    for function in program.methods(class) {
        let name = &program.function(function).name;
        let Some(method) = Method::of(name).filter(|_| *name == name.to_lowercase()) else { continue };
        let symbol: Name = format!("{}.{name}", program.class(class).name).into();
        let mut route = Route {
            framework: FRAMEWORK.id,
            methods: vec![method],
            path: path.clone(),
            handler: Some(function),
            place: Place { file: function.file, symbol, line },
            security: guards::security(program, function),
            summary: Some(title(name).into()),
            description: program.function(function).doc.clone(),
            ..Route::default()
        };
        arguments(program, function, &mut route);
        if route.security == Security::Inherit {
            route.security = guards::of_decorators(program, &program.around_class(class), &program.class(class).decorators);
        }
        findings.routes.push(route);
    }
}

/// `self.get_argument("page", 1)`, `self.get_query_argument("q")`, `self.get_body_argument("name")`.
fn arguments(program: &dyn Program, handler: FuncRef, route: &mut Route) {
    let outline = &program.file(handler.file).outline;
    let inner = outline.function(handler.id).inner;
    let takes_body = !matches!(route.methods.first(), Some(Method::Get | Method::Head | Method::Delete));
    let mut form: Vec<Member> = Vec::new();
    for call in outline.calls.iter().filter(|call| outline.is_within(call.scope, inner)) {
        let Some((Expr::Ref(me), name)) = call.method() else { continue };
        let (is_body, is_list) = match name.as_str() {
            "get_argument" => (takes_body, false),
            "get_arguments" => (takes_body, true),
            "get_query_argument" => (false, false),
            "get_query_arguments" => (false, true),
            "get_body_argument" => (true, false),
            "get_body_arguments" => (true, true),
            _ => continue,
        };
        let site = Site::of_call(handler.file, call);
        let Some(name) = call.arg(0, "name").filter(|_| me == "self").and_then(|expr| program.text(&site, expr).plain()) else { continue };
        let required = call.arg(1, "default").is_none() && !is_list;
        let shape = if is_list { Shape::Text(None).list() } else { Shape::Text(None) };
        if is_body {
            form.retain(|known| known.name != name.as_str());
            form.push(Member { required, ..Member::optional(name, shape) });
        } else if !route.params.iter().any(|known| known.name == name.as_str()) {
            route.params.push(ParamFinding { name: name.into(), location: Location::Query, required, shape, ..ParamFinding::default() });
        }
    }
    if !form.is_empty() {
        let required = form.iter().any(|member| member.required);
        let contents = vec![("application/x-www-form-urlencoded".into(), Shape::record(form))];
        route.body = Some(BodyFinding { required, contents, doc: None });
    }
}
