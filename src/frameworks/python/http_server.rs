//! The standard library's `http.server`: `do_GET` and the like, with paths told by comparisons of `self.path`.

use crate::base::Name;
use crate::base::code::{CallId, ClassId, Expr, Op};
use crate::base::language::Language;
use crate::facts::finding::{BodyFinding, Findings, Location, Method, ParamFinding, PathSyntax, PathText, Place, Route};
use crate::facts::framework::{Framework, Tells};
use crate::facts::program::{CallRef, ClassRef, FileId, FuncRef, Meaning, Program, Site, Text};
use crate::facts::shape::{Member, Shape};

/// `http.server`.
pub const FRAMEWORK: Framework = Framework {
    id: "python/http_server",
    label: "http.server",
    languages: &[Language::Python],
    modules: &["http.server"],
    tells: &[Tells::Http],
    read: Some(read),
    types: None,
};

const BASES: &[&str] = &["http.server.BaseHTTPRequestHandler", "http.server.SimpleHTTPRequestHandler", "http.server.CGIHTTPRequestHandler"];

fn read(program: &dyn Program, file: FileId, findings: &mut Findings) {
    let classes = (0u32..).zip(&program.file(file).outline.classes);
    for (id, declared) in classes {
        let class = ClassRef { file, id: ClassId(id) };
        if !program.outside_bases(class).iter().any(|base| BASES.contains(&base.as_str())) {
            continue;
        }
        for method in &declared.methods {
            let name = program.file(file).outline.function(*method).name.clone();
            if let Some(verb) = name.strip_prefix("do_").and_then(Method::of) {
                handler(program, &declared.name, FuncRef { file, id: *method }, verb, findings);
            }
        }
    }
}

/// One route for each path that is compared; what follows up to the next comparison is its own.
fn handler(program: &dyn Program, class: &Name, function: FuncRef, verb: Method, findings: &mut Findings) {
    let outline = &program.file(function.file).outline;
    let declared = outline.function(function.id);
    let mut paths: Vec<(u32, String)> = Vec::new();
    for test in outline.tests.iter().filter(|test| (declared.at.offset..declared.end).contains(&test.at.offset)) {
        let site = Site { file: function.file, scope: test.scope, offset: test.at.offset, env: None };
        compared(program, &site, &test.expr, 0, &mut |path| paths.push((test.at.offset, path)));
    }
    for (index, (start, path)) in paths.iter().enumerate() {
        let end = paths[index + 1..].iter().map(|(offset, _)| *offset).find(|offset| offset > start).unwrap_or(declared.end);
        let mut route = Route {
            framework: FRAMEWORK.id,
            methods: vec![verb],
            path: PathText::new(Text::known(path), PathSyntax::Curly),
            handler: Some(function),
            place: Place { file: function.file, symbol: format!("{class}.{}", declared.name).into(), line: declared.at.line },
            ..Route::default()
        };
        taken(program, function, *start, end, &mut route);
        findings.routes.push(route);
    }
}

/// `self.path == "/x"`, `parsed.path in ("/x", "/y")`, `self.path.startswith("/x")`.
fn compared(program: &dyn Program, site: &Site, test: &Expr, depth: u32, found: &mut impl FnMut(String)) {
    let is_path = |expr: &Expr| match expr {
        Expr::Member(_, name) => name == "path",
        Expr::Ref(name) => matches!(name.as_str(), "path" | "url" | "route"),
        _ => false,
    };
    let mut add = |text: Option<String>| {
        if let Some(path) = text.filter(|path| path.starts_with('/')) {
            found(path);
        }
    };
    match test {
        Expr::Binary(binary) if matches!(binary.op, Op::And | Op::Or) && depth < 8 => {
            compared(program, site, &binary.left, depth + 1, found);
            compared(program, site, &binary.right, depth + 1, found);
        }
        Expr::Binary(binary) if binary.op == Op::Eq && is_path(&binary.left) => add(program.text(site, &binary.right).plain()),
        Expr::Binary(binary) if binary.op == Op::Eq && is_path(&binary.right) => add(program.text(site, &binary.left).plain()),
        Expr::Binary(binary) if binary.op == Op::In && is_path(&binary.left) => {
            for (item, at) in program.items(site, &binary.right).unwrap_or_default() {
                add(program.text(&at, item).plain());
            }
        }
        Expr::Call(id) => {
            let call = program.file(site.file).outline.call(*id);
            if let Some((receiver, name)) = call.method()
                && name == "startswith"
                && is_path(receiver)
                && let Some(prefix) = call.positional(0).and_then(|expr| program.text(site, expr).plain())
            {
                let whole = if prefix.len() > 1 && prefix.ends_with('/') { format!("{prefix}{{path}}") } else { prefix };
                add(Some(whole));
            }
        }
        _ => {}
    }
}

/// What is read between two comparisons.
fn taken(program: &dyn Program, function: FuncRef, start: u32, end: u32, route: &mut Route) {
    let outline = &program.file(function.file).outline;
    let mut json: Vec<Member> = Vec::new();
    let mut form: Vec<Member> = Vec::new();
    for call in outline.calls.iter().filter(|call| (start..end).contains(&call.at.offset)) {
        let Some((receiver, method)) = call.method() else { continue };
        let at = Site::of_call(function.file, call);
        let Some(name) = call.positional(0).and_then(|expr| program.text(&at, expr).plain()).filter(|_| method == "get") else { continue };
        match source(program, &at, receiver) {
            Some(Source::Query) => param(route, Location::Query, name),
            Some(Source::Headers)
                if !matches!(name.to_ascii_lowercase().as_str(), "content-length" | "content-type" | "authorization" | "cookie") =>
            {
                param(route, Location::Header, name);
            }
            Some(Source::Json) => json.push(Member::optional(name, Shape::Any)),
            Some(Source::Form) => form.push(Member::optional(name, Shape::Text(None))),
            _ => {}
        }
    }
    let (media, members) = if json.is_empty() { ("application/x-www-form-urlencoded", form) } else { ("application/json", json) };
    if !members.is_empty() {
        route.body = Some(BodyFinding { required: false, contents: vec![(media.into(), Shape::record(members))], doc: None });
    }
}

fn param(route: &mut Route, location: Location, name: String) {
    if !route.params.iter().any(|known| known.name == name) {
        route.params.push(ParamFinding { name: name.into(), location, shape: Shape::Text(None), ..ParamFinding::default() });
    }
}

enum Source {
    Query,
    Headers,
    Json,
    Form,
}

fn source(program: &dyn Program, site: &Site, expr: &Expr) -> Option<Source> {
    if matches!(expr, Expr::Member(of, name) if name == "headers" && matches!(of.as_ref(), Expr::Ref(me) if me == "self")) {
        return Some(Source::Headers);
    }
    // Of several values the last that a call makes counts.
    let calls = program.produce_all(site, expr);
    calls.iter().rev().find_map(|meaning| {
        let Meaning::Value(Expr::Call(id), at) = meaning else { return None };
        let call = CallRef { file: at.file, id: CallId(id.0) };
        let is_query = program.call(call).positional(0).is_some_and(|arg| arg.last_name().is_some_and(|name| name == "query"));
        match program.callee(call).outside()? {
            "urllib.parse.parse_qs" if is_query => Some(Source::Query),
            "urllib.parse.parse_qs" => Some(Source::Form),
            "json.loads" | "json.load" => Some(Source::Json),
            _ => None,
        }
    })
}
