//! Routes that are described for documents: `app.openapi(createRoute({…}), handler)`, `describeRoute({…})`.

use super::{TABLE, answers, inputs};
use crate::base::Name;
use crate::base::code::{Call, CallId, Expr, Key};
use crate::facts::finding::{
    BodyFinding, Findings, Location, Method, PathSyntax, PathText, Place, ResponseFinding, Route, SchemeKind, SchemeUse, Security,
};
use crate::facts::program::{CallRef, FileId, Meaning, Mode, Program, Site};
use crate::facts::shape::Shape;
use crate::frameworks::interpret;
use crate::frameworks::script::literals::literal;
use crate::frameworks::script::{guards, statuses};

/// How deep objects are spread within one another.
const MAX_DEPTH: u32 = 8;

/// Members of an object: names or keys of other kinds, values and where they are read.
type Members<'p> = Vec<(&'p Key, &'p Expr, Site)>;

/// `app.openapi(route, handler)`.
pub fn read(program: &dyn Program, file: FileId, findings: &mut Findings) {
    for (id, call) in (0u32..).zip(&program.file(file).outline.calls) {
        let Some((receiver, name)) = call.method() else { continue };
        if name != "openapi" || call.args.len() < 2 {
            continue;
        }
        let site = Site::of_call(file, call);
        if interpret::owners_of(&TABLE, program, &site, receiver).is_empty() {
            continue;
        }
        let here = CallRef { file, id: CallId(id) };
        for site in program.instances(&site, &[receiver, &call.args[0].value]) {
            for owner in interpret::owners_of(&TABLE, program, &site, receiver) {
                if let Some(mut route) = described(program, &site, call, here) {
                    route.owner = Some(owner);
                    findings.routes.push(route);
                }
            }
        }
    }
}

fn described(program: &dyn Program, site: &Site, call: &Call, here: CallRef) -> Option<Route> {
    let meaning = program.produce(site, call.positional(0)?);
    let (config, at) = match &meaning {
        // `createRoute({…})`, or a function of the program around it that was not entered.
        Meaning::Value(Expr::Call(id), at) => {
            let made = program.file(at.file).outline.call(*id);
            (made.args.iter().find(|arg| program.entries(at, &arg.value).is_some()).map(|arg| &arg.value)?, at.clone())
        }
        Meaning::Value(object @ Expr::Object(_), at) => (*object, at.clone()),
        _ => return None,
    };
    let members = members(program, &at, config, 0);
    let text = |key: &str| member(&members, key).and_then(|(value, at)| program.text(at, value).plain());
    let method = Method::of(&text("method")?)?;
    let (path, path_site) = member(&members, "path")?;
    let mut route = Route {
        framework: super::FRAMEWORK.id,
        methods: vec![method],
        path: PathText::new(program.text(path_site, path), PathSyntax::Curly),
        place: Place { file: here.file, symbol: Name::default(), line: call.at.line },
        ..Route::default()
    };
    super::unslash(&mut route.path);
    operation(program, &members, &mut route);
    request(program, &members, &mut route);
    middleware(program, &members, &mut route);
    if let Some(handler) = call.positional(1).and_then(|handler| interpret::handler_function(program, site, handler)) {
        route.handler = Some(handler);
        route.place.symbol = program.function(handler).name.clone();
        inputs::read(program, site, handler, &mut route);
        if route.responses.is_empty() {
            answers::read(program, site, handler, &mut route);
        }
    }
    if route.place.symbol.is_empty() {
        route.place.symbol = call.args[0].value.last_name().cloned().unwrap_or_default();
    }
    Some(route)
}

/// `describeRoute({…})` among a route's middleware.
pub fn describe_route(program: &dyn Program, site: &Site, expr: &Expr, route: &mut Route) {
    let meaning = program.produce(site, expr);
    let Some((call, at)) = meaning.call() else { return };
    if !matches!(program.callee(call), Meaning::Outside(path) if path.starts_with("hono-openapi") && path.ends_with(".describeRoute")) {
        return;
    }
    if let Some(config) = program.call(call).positional(0) {
        operation(program, &members(program, at, config, 0), route);
    }
}

/// The members of an object, spreads opened.
fn members<'p>(program: &'p dyn Program, site: &Site, expr: &'p Expr, depth: u32) -> Members<'p> {
    if depth > MAX_DEPTH {
        return Vec::new();
    }
    match expr {
        Expr::Object(entries) => {
            let mut found = Vec::new();
            for entry in entries.iter() {
                match &entry.key {
                    Key::Spread => found.extend(members(program, site, &entry.value, depth + 1)),
                    key => found.push((key, &entry.value, site.clone())),
                }
            }
            found
        }
        Expr::Cast(pair) => members(program, site, &pair.0, depth + 1),
        other => match program.produce(site, other) {
            Meaning::Value(object @ (Expr::Object(_) | Expr::Cast(_)), at) => members(program, &at, object, depth + 1),
            _ => Vec::new(),
        },
    }
}

fn member<'m, 'p>(members: &'m Members<'p>, name: &str) -> Option<(&'p Expr, &'m Site)> {
    members.iter().rev().find(|(key, ..)| matches!(key, Key::Name(known) if known == name)).map(|(_, value, at)| (*value, at))
}

/// What OpenAPI says of an operation itself.
fn operation(program: &dyn Program, members: &Members, route: &mut Route) {
    let text = |key: &str| member(members, key).and_then(|(value, at)| program.text(at, value).plain()).filter(|text| !text.is_empty());
    route.summary = text("summary").map(Into::into).or(route.summary.take());
    route.description = text("description").map(Into::into).or(route.description.take());
    route.operation_id = text("operationId").map(Into::into).or(route.operation_id.take());
    let truth = |key: &str| member(members, key).is_some_and(|(value, at)| literal(program, at, value) == Some(true.into()));
    route.deprecated |= truth("deprecated");
    route.hidden |= truth("hide");
    if let Some((tags, at)) = member(members, "tags") {
        let items = program.items(at, tags).unwrap_or_default();
        route.tags.extend(items.iter().filter_map(|(tag, at)| program.text(at, tag).plain()).map(Name::from));
    }
    if let Some((said, at)) = member(members, "security") {
        route.security = security(program, at, said);
    }
    if let Some((said, at)) = member(members, "responses") {
        for (key, value, at) in self::members(program, at, said, 0) {
            responses(program, key, value, &at, route);
        }
        route.responses.sort_by(|a, b| a.status.cmp(&b.status));
    }
}

fn responses(program: &dyn Program, key: &Key, value: &Expr, at: &Site, route: &mut Route) {
    let status = match key {
        Key::Name(name) => Some(name.clone()),
        Key::Computed(expr) => statuses::of(program, at, expr).map(|status| Name::from(status.to_string())),
        Key::Spread => None,
    };
    let Some(status) = status.filter(|status| !route.responses.iter().any(|known| known.status == *status)) else { return };
    let (contents, doc) = contents(program, at, value, Mode::Write);
    route.responses.push(ResponseFinding { status, doc, contents, headers: Vec::new() });
}

/// `{ content: { "application/json": { schema } }, description }`, or what a helper makes of a schema and a description.
fn contents(program: &dyn Program, at: &Site, value: &Expr, mode: Mode) -> (Vec<(Name, Shape)>, Option<Name>) {
    if let Some((call, at)) = program.produce(at, value).call() {
        let made = program.call(call);
        if matches!(program.callee(call), Meaning::Outside(path) if path.starts_with("stoker/openapi/helpers.json")) {
            let doc = made.positional(1).and_then(|doc| program.text(at, doc).plain()).map(Into::into);
            let shape = made.positional(0).map_or(Shape::Any, |schema| program.shape_of_value(at, schema, mode));
            return (vec![("application/json".into(), shape)], doc);
        }
    }
    let members = members(program, at, value, 0);
    let doc = member(&members, "description").and_then(|(doc, at)| program.text(at, doc).plain()).map(Into::into);
    let mut found = Vec::new();
    if let Some((content, at)) = member(&members, "content") {
        for (key, value, at) in self::members(program, at, content, 0) {
            let media = match key {
                Key::Name(media) => Some(media.to_string()),
                Key::Computed(expr) => program.text(&at, expr).plain(),
                Key::Spread => None,
            };
            let inner = self::members(program, &at, value, 0);
            let shape = member(&inner, "schema").map_or(Shape::Any, |(schema, at)| schema_of(program, at, schema, mode));
            found.extend(media.map(|media| (Name::from(media), shape)));
        }
    }
    (found, doc)
}

/// A schema value, `resolver(schema)` around one, or a schema written as such.
fn schema_of(program: &dyn Program, at: &Site, schema: &Expr, mode: Mode) -> Shape {
    if let Some((call, at)) = program.resolve(at, schema).call()
        && matches!(program.callee(call), Meaning::Outside(path) if path.starts_with("hono-openapi") && path.ends_with(".resolver"))
        && let Some(inner) = program.call(call).positional(0)
    {
        return program.shape_of_value(at, inner, mode);
    }
    if let Expr::Object(_) = schema {
        return literal(program, at, schema).map_or(Shape::Any, |schema| Shape::Schema(Box::new(schema)));
    }
    program.shape_of_value(at, schema, mode)
}

/// `request: { params, query, headers, cookies, body }`.
fn request(program: &dyn Program, members: &Members, route: &mut Route) {
    let Some((said, at)) = member(members, "request") else { return };
    let said = self::members(program, at, said, 0);
    for (key, target) in [("params", "param"), ("query", "query"), ("headers", "header"), ("cookies", "cookie")] {
        if let Some((schema, at)) = member(&said, key) {
            inputs::take(program, route, target, program.shape_of_value(at, schema, Mode::Read));
        }
    }
    if let Some((body, at)) = member(&said, "body") {
        let (contents, doc) = contents(program, at, body, Mode::Read);
        let inner = self::members(program, at, body, 0);
        let required = member(&inner, "required").is_none_or(|(value, at)| literal(program, at, value) != Some(false.into()));
        route.body = Some(BodyFinding { required, contents, doc });
    }
}

fn middleware(program: &dyn Program, members: &Members, route: &mut Route) {
    let Some((said, at)) = member(members, "middleware") else { return };
    let listed = program.items(at, said).unwrap_or_else(|| vec![(said, at.clone())]);
    let schemes: Vec<SchemeUse> = listed.iter().filter_map(|(expr, at)| guards::guard(program, at, expr)).collect();
    if !schemes.is_empty() && route.security == Security::Inherit {
        route.security = Security::Schemes(schemes);
    }
}

/// `security: [{ Bearer: [] }]`: any of these; an empty list or object is open to all.
fn security(program: &dyn Program, at: &Site, said: &Expr) -> Security {
    let requirements = program.items(at, said).unwrap_or_default();
    let scheme = |(name, scopes, at): (Name, &Expr, Site)| {
        let scopes = program.items(&at, scopes).unwrap_or_default();
        let scopes = scopes.iter().filter_map(|(scope, at)| program.text(at, scope).plain()).map(Name::from).collect();
        SchemeUse { kind: registered(program, &name).unwrap_or(SchemeKind::Guard), name, scopes }
    };
    let schemes_of = |(requirement, at): (&Expr, Site)| -> Vec<SchemeUse> {
        program.entries(&at, requirement).unwrap_or_default().into_iter().map(scheme).collect()
    };
    Security::any_of(requirements.into_iter().map(schemes_of))
}

/// `registry.registerComponent("securitySchemes", name, {…})`, wherever it is said.
fn registered(program: &dyn Program, name: &str) -> Option<SchemeKind> {
    for file in (0..program.file_count()).map(FileId) {
        let facts = program.file(file);
        if !facts.language.is_script() {
            continue;
        }
        for call in &facts.outline.calls {
            let is_it = call.method().is_some_and(|(_, method)| method == "registerComponent")
                && call.positional(0).and_then(Expr::as_str) == Some("securitySchemes");
            let at = Site::of_call(file, call);
            if is_it && call.positional(1).and_then(|said| program.text(&at, said).plain()).as_deref() == Some(name) {
                return call.positional(2).and_then(|scheme| scheme_kind(program, &at, scheme));
            }
        }
    }
    let plain = name.to_ascii_lowercase();
    (plain.contains("bearer") || plain.contains("jwt")).then_some(SchemeKind::Bearer)
}

/// A security scheme as OpenAPI writes it.
fn scheme_kind(program: &dyn Program, at: &Site, scheme: &Expr) -> Option<SchemeKind> {
    let members = members(program, at, scheme, 0);
    let text = |key: &str| member(&members, key).and_then(|(value, at)| program.text(at, value).plain());
    Some(match (text("type")?.as_str(), text("scheme").as_deref()) {
        ("http", Some("basic")) => SchemeKind::Basic,
        ("http", Some("digest")) => SchemeKind::Digest,
        ("http", _) => SchemeKind::Bearer,
        ("apiKey", _) => {
            let location = match text("in").as_deref() {
                Some("query") => Location::Query,
                Some("cookie") => Location::Cookie,
                _ => Location::Header,
            };
            SchemeKind::ApiKey(location, text("name")?.into())
        }
        ("openIdConnect", _) => SchemeKind::OpenId(text("openIdConnectUrl")?.into()),
        _ => SchemeKind::Guard,
    })
}
