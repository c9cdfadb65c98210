//! Django Ninja and Ninja Extra: APIs, routers, operations, authentication, pages, schemas of Django's models.
//!
//! Where an API is served is said in Django's URL patterns (`path("api/", api.urls)`), which mount it. Read from Django Ninja 1.

use crate::base::Name;
use crate::base::code::{Call, CallId, Expr, ParamKind, Type};
use crate::base::language::Language;
use crate::facts::finding::{
    Findings, Location, Method, Mount, Origin, OwnerKey, ParamFinding, PathSyntax, PathText, Place, ResponseFinding, Route, SchemeKind,
    SchemeUse, Security, Traits,
};
use crate::facts::framework::{Framework, Tells, TypeReader};
use crate::facts::members::merge;
use crate::facts::program::{CallRef, ClassRef, FileId, FuncRef, Meaning, Mode, Program, Site, TextPart};
use crate::facts::shape::{Member, Record, Shape};
use crate::frameworks::interpret;
use crate::frameworks::python::django::models;
use crate::frameworks::python::fastapi::{Collector, body_of, title};
use crate::frameworks::python::literals::{texts, truth};
use crate::frameworks::python::marshmallow::nested_class;
use crate::frameworks::python::pydantic;
use crate::frameworks::python::statuses::status_of;
use crate::frameworks::table::{At, Chain, Hooks, MountRule, OwnerRule, RouteRule, Said, Table, VERBS};

/// Django Ninja.
pub const FRAMEWORK: Framework = Framework {
    id: "python/ninja",
    label: "Django Ninja",
    languages: &[Language::Python],
    modules: &["ninja", "ninja_extra"],
    tells: &[Tells::Http, Tells::Types],
    read: Some(read),
    types: Some(&Reader),
};

/// What makes an API: Django's URL patterns mount it.
pub const APIS: &[&str] = &["ninja.NinjaAPI", "ninja.main.NinjaAPI", "ninja_extra.NinjaExtraAPI"];

/// How routes are told.
const TABLE: Table = Table {
    id: FRAMEWORK.id,
    syntax: PathSyntax::Curly,
    owners: &[
        OwnerRule { makes: APIS, is_root: false, prefix: At::Nowhere },
        OwnerRule { makes: &["ninja.Router", "ninja.router.Router", "ninja_extra.Router"], is_root: false, prefix: At::Nowhere },
    ],
    owner_types: &["ninja.NinjaAPI", "ninja.Router"],
    chain: Chain::No,
    routes: &[
        RouteRule::Verbs { names: VERBS, path: At::Arg(0, "path"), handler: At::Nowhere },
        RouteRule::Named {
            name: "api_operation",
            path: At::Arg(1, "path"),
            methods: At::Arg(0, "methods"),
            default: &[Method::Get],
            handler: At::Nowhere,
        },
    ],
    mounts: &[MountRule {
        name: "add_router",
        prefix: At::Arg(0, "prefix"),
        child: At::Arg(1, "router"),
        replaces_prefix: false,
        takes_functions: false,
    }],
    hooks: Hooks { route, owner: Some(shared), mount: Some(shared) },
};

fn read(program: &dyn Program, file: FileId, findings: &mut Findings) {
    let mut own = Findings::default();
    interpret::read(&TABLE, program, file, &mut own);
    for (id, call) in (0u32..).zip(&program.file(file).outline.calls) {
        named_router(program, CallRef { file, id: CallId(id) }, call, &mut own);
    }
    findings.append(own);
}

/// `api.add_router("/events/", "events.api.router")`: the router by its dotted path.
fn named_router(program: &dyn Program, call_ref: CallRef, call: &Call, findings: &mut Findings) {
    let Some((receiver, name)) = call.method() else { return };
    let Some(Expr::Str(path)) = call.arg(1, "router").filter(|_| name == "add_router") else { return };
    let site = Site::of_call(call_ref.file, call);
    let meaning = program.named(call_ref.file, path);
    let Some((child, _)) = meaning.call() else { return };
    for parent in interpret::owners_of(&TABLE, program, &site, receiver) {
        findings.gaps.retain(|gap| gap.place.line != call.at.line);
        findings.mounts.push(Mount {
            framework: FRAMEWORK.id,
            parent,
            children: vec![OwnerKey { origin: Origin::Call(child), env: None }],
            prefix: PathText::new(call.arg(0, "prefix").map(|prefix| program.text(&site, prefix)).unwrap_or_default(), TABLE.syntax),
            replaces_prefix: false,
            traits: shared(program, &site, call_ref),
            place: Place { file: call_ref.file, symbol: Name::default(), line: call.at.line },
        });
    }
}

/// What an API, a router or its mount says for all operations below.
fn shared(program: &dyn Program, site: &Site, call: CallRef) -> Traits {
    let made = program.call(call);
    Traits {
        tags: made.keyword("tags").map(|tags| texts(program, site, tags)).unwrap_or_default(),
        security: security(program, site, made),
        ..Traits::default()
    }
}

/// `auth=django_auth`, `auth=[ApiKey(), Bearer()]`, `auth=None`.
fn security(program: &dyn Program, site: &Site, call: &Call) -> Security {
    let Some(auth) = call.keyword("auth") else { return Security::Inherit };
    if *auth == Expr::Null {
        return Security::Open;
    }
    let items = program.items(site, auth).unwrap_or_else(|| vec![(auth, site.clone())]);
    let schemes: Vec<SchemeUse> = items.iter().filter_map(|(item, at)| scheme(program, at, item)).collect();
    if schemes.is_empty() { Security::Inherit } else { Security::Schemes(schemes) }
}

fn scheme(program: &dyn Program, site: &Site, expr: &Expr) -> Option<SchemeUse> {
    let made = |name: &str, kind: SchemeKind| Some(SchemeUse { name: name.into(), kind, scopes: Vec::new() });
    let session = || SchemeKind::ApiKey(Location::Cookie, "sessionid".into());
    match program.produce(site, expr) {
        Meaning::Outside(path) => {
            let name = path.rsplit('.').next()?;
            if name.starts_with("django_auth") { made("SessionAuth", session()) } else { made(name, SchemeKind::Guard) }
        }
        Meaning::Function(function, _) => made(&program.function(function).name, SchemeKind::Guard),
        Meaning::Class(class) => of_class(program, class),
        Meaning::Value(Expr::Func(_), _) => made("auth", SchemeKind::Guard),
        Meaning::Value(Expr::Call(id), at) => match program.callee(CallRef { file: at.file, id: *id }) {
            Meaning::Class(class) => of_class(program, class),
            Meaning::Outside(path) => {
                let name = path.rsplit('.').next()?;
                made(name, if name.contains("JWT") || name.contains("Bearer") { SchemeKind::Bearer } else { SchemeKind::Guard })
            }
            _ => None,
        },
        _ => None,
    }
}

/// `class Key(APIKeyHeader): param_name = "X-Key"`.
fn of_class(program: &dyn Program, class: ClassRef) -> Option<SchemeUse> {
    let bases = program.outside_bases(class);
    let is = |name: &str| bases.iter().any(|base| base.ends_with(name));
    let param = program.class_attribute(class, "param_name").and_then(|(value, at)| program.text(&at, value).plain());
    let param: Name = param.unwrap_or_else(|| "key".to_owned()).into();
    let kind = if is("HttpBearer") || bases.iter().any(|base| base.contains("JWT")) {
        SchemeKind::Bearer
    } else if is("HttpBasicAuth") {
        SchemeKind::Basic
    } else if is("APIKeyHeader") {
        SchemeKind::ApiKey(Location::Header, param)
    } else if is("APIKeyQuery") {
        SchemeKind::ApiKey(Location::Query, param)
    } else if is("APIKeyCookie") || is("SessionAuth") {
        SchemeKind::ApiKey(Location::Cookie, param)
    } else {
        SchemeKind::Guard
    };
    Some(SchemeUse { name: program.class(class).name.clone(), kind, scopes: Vec::new() })
}

fn route(said: &Said, route: &mut Route) {
    let program = said.program;
    let call = program.call(said.call);
    let site = &said.site;
    let text = |keyword: &str| call.keyword(keyword).and_then(|expr| program.text(site, expr).plain()).map(Name::from);
    for part in &mut route.path.text.0 {
        if let TextPart::Known(known) = part {
            *known = converted(known).into();
        }
    }
    route.tags = call.keyword("tags").map(|tags| texts(program, site, tags)).unwrap_or_default();
    route.operation_id = text("operation_id");
    route.deprecated = truth(program, site, call.keyword("deprecated")) == Some(true);
    route.hidden = truth(program, site, call.keyword("include_in_schema")) == Some(false);
    route.security = security(program, site, call);
    let Some(handler) = said.handler else { return };
    let function = program.function(handler);
    route.summary = text("summary").or_else(|| Some(title(&function.name).into()));
    route.description = text("description").or_else(|| function.doc.clone());
    let mut collector = Collector::new(program);
    let around = program.around(handler);
    let declared = program.file(handler.file).outline.function(handler.id);
    let given =
        declared.params.iter().filter(|param| !matches!(param.kind, ParamKind::Receiver | ParamKind::Rest | ParamKind::KeywordRest));
    for param in given.skip(1) {
        if let Some(name) = param.name() {
            collector.declared(&around, name, &param.ty, param.default.as_ref());
        }
    }
    let taken = collector.finish();
    route.body = body_of(&taken);
    route.params = taken.params;
    route.responses = responses(program, site, call, handler);
    paginated(program, handler, route);
}

/// Django's converters stand first: `{int:id}` is `{id:int}`.
fn converted(path: &str) -> String {
    let mut text = String::with_capacity(path.len());
    let mut rest = path;
    while let Some((before, inside)) = rest.split_once('{') {
        text.push_str(before);
        text.push('{');
        let Some((param, after)) = inside.split_once('}') else {
            rest = inside;
            continue;
        };
        match param.split_once(':') {
            Some((kind, name)) if matches!(kind.trim(), "int" | "str" | "slug" | "uuid" | "path") => {
                text.push_str(&format!("{}:{}", name.trim(), kind.trim()));
            }
            _ => text.push_str(param),
        }
        text.push('}');
        rest = after;
    }
    text + rest
}

/// `response=UserOut`, `response={200: UserOut, codes_4xx: Error, 204: None}`.
fn responses(program: &dyn Program, site: &Site, call: &Call, handler: FuncRef) -> Vec<ResponseFinding> {
    let shape = |expr: &Expr, at: &Site| program.shape_of_type(at, &Type::spelled(expr), Mode::Write);
    let one = |status: &str, expr: &Expr, at: &Site| {
        if *expr == Expr::Null { ResponseFinding::empty(status) } else { ResponseFinding::json(status, shape(expr, at)) }
    };
    let Some(said) = call.keyword("response") else {
        let returns = &program.function(handler).returns;
        let known = match returns {
            Type::Unknown => Shape::Any,
            ty => program.shape_of_type(&program.around(handler), ty, Mode::Write),
        };
        return vec![ResponseFinding::json("200", known)];
    };
    let meaning = program.resolve(site, said);
    let Some((Expr::Object(entries), at)) = meaning.value() else { return vec![one("200", said, site)] };
    let mut found = Vec::new();
    for entry in entries.iter() {
        let statuses = match &entry.key {
            crate::base::code::Key::Name(name) => vec![name.to_string()],
            crate::base::code::Key::Computed(key) => match status_of(program, at, key) {
                Some(status) => vec![status.to_string()],
                None => codes(program, at, key),
            },
            crate::base::code::Key::Spread => continue,
        };
        found.extend(statuses.iter().map(|status| one(status, &entry.value, at)));
    }
    found
}

/// `codes_4xx`, `frozenset({400, 401})`.
fn codes(program: &dyn Program, at: &Site, key: &Expr) -> Vec<String> {
    if let Meaning::Outside(path) = program.resolve(at, key) {
        let class = path.rsplit('.').next().and_then(|name| name.strip_prefix("codes_")).and_then(|name| name.chars().next());
        return class.filter(char::is_ascii_digit).map(|class| format!("{class}XX")).into_iter().collect();
    }
    let items = program.items(at, key).unwrap_or_default();
    items.iter().filter_map(|(item, at)| status_of(program, at, item)).map(|status| status.to_string()).collect()
}

/// `@paginate`, `@paginate(PageNumberPagination)`.
fn paginated(program: &dyn Program, handler: FuncRef, route: &mut Route) {
    let around = program.around(handler);
    let decorators = &program.file(handler.file).outline.function(handler.id).decorators;
    let found = decorators.iter().find_map(|decorator| match decorator {
        Expr::Call(id) => {
            let call = CallRef { file: handler.file, id: *id };
            is_paginate(&program.callee(call)).then(|| program.file(call.file).outline.call(call.id).positional(0))
        }
        other => is_paginate(&program.resolve(&around, other)).then_some(None),
    });
    let Some(class) = found else { return };
    let class = class.and_then(Expr::last_name).map_or("LimitOffsetPagination", Name::as_str);
    let names = if class.contains("PageNumber") { ["page", "page_size"] } else { ["limit", "offset"] };
    route.params.extend(names.map(|name| ParamFinding { name: name.into(), shape: Shape::Int, ..ParamFinding::default() }));
    for response in route.responses.iter_mut().filter(|response| response.status == "200") {
        for (_, shape) in &mut response.contents {
            let items = std::mem::take(shape);
            *shape = Shape::record(vec![Member::required("items", items), Member::required("count", Shape::Int)]);
        }
    }
}

fn is_paginate(meaning: &Meaning) -> bool {
    meaning.outside().is_some_and(|path| path.starts_with("ninja") && path.ends_with(".paginate"))
}

struct Reader;

impl TypeReader for Reader {
    fn class(&self, program: &dyn Program, class: ClassRef, _args: &[Shape], mode: Mode) -> Option<Shape> {
        let is_schema = program.outside_bases(class).iter().any(|base| base.starts_with("ninja") && base.ends_with("ModelSchema"));
        is_schema.then(|| model_schema(program, class, mode))
    }
}

/// `class UserOut(ModelSchema): class Meta: model = User; fields = ["id", "name"]`.
fn model_schema(program: &dyn Program, class: ClassRef, mode: Mode) -> Shape {
    let mut record = Record { doc: program.class(class).doc.clone(), ..Record::default() };
    let lineage = program.lineage(class);
    let meta = lineage.iter().find_map(|class| nested_class(program, *class, "Meta").or_else(|| nested_class(program, *class, "Config")));
    let said = |names: [&str; 2]| names.iter().find_map(|name| program.class_attribute(meta?, name));
    let model = said(["model", "model"]).and_then(|(value, at)| match program.resolve(&at, value) {
        Meaning::Class(model) => Some(model),
        _ => None,
    });
    let names = |keys: [&str; 2]| said(keys).map(|(value, at)| texts(program, &at, value)).unwrap_or_default();
    let (fields, exclude) = (names(["fields", "model_fields"]), names(["exclude", "model_exclude"]));
    let optional = names(["fields_optional", "model_fields_optional"]);
    let is_all = |names: &[Name]| names.iter().any(|name| name == "__all__");
    for field in model.map(|model| models::fields(program, model)).unwrap_or_default() {
        let is_listed = fields.is_empty() || is_all(&fields) || fields.contains(&field.name);
        if !is_listed || exclude.contains(&field.name) {
            continue;
        }
        let is_optional = field.nullable || is_all(&optional) || optional.contains(&field.name) || (field.is_key && mode == Mode::Read);
        let shape = if field.nullable { field.shape.or_null() } else { field.shape };
        record.members.push(Member { name: field.name, shape, required: !is_optional, doc: field.doc, ..Member::default() });
    }
    if let Shape::Record(own) = pydantic::shape(program, class, mode) {
        merge(&mut record, *own);
    }
    Shape::Record(Box::new(record))
}
