//! `#[OpenApi] impl Api { #[oai(path = "/x", method = "get")] async fn … }`, mounted by `OpenApiService::new(Api, …)`.

use super::FRAMEWORK;
use crate::base::Name;
use crate::base::code::{Call, Expr, FuncId, Impl, ParamKind, Pattern, Type};
use crate::facts::finding::{
    BodyFinding, Findings, Location, Method, Mount, Origin, OwnerKey, ParamFinding, PathSyntax, PathText, Place, ResponseFinding, Route,
    SchemeKind,
};
use crate::facts::members::without_null;
use crate::facts::program::{CallRef, ClassRef, FileId, FuncRef, Meaning, Mode, Program, Site};
use crate::facts::shape::Shape;
use crate::frameworks::rust::attributes::Attributes;
use crate::frameworks::rust::http::builder::{self, Dialect};
use crate::frameworks::rust::http::types::{Head, TypeAt};
use crate::frameworks::rust::http::{self, auth, respond};

/// How deep mounted values may nest.
const MAX_DEPTH: u32 = 8;

/// Reads one file.
pub(super) fn read(dialect: &Dialect, program: &dyn Program, file: FileId, findings: &mut Findings) {
    let outline = &program.file(file).outline;
    for block in &outline.impls {
        let attributes = Attributes::new(program, file, &block.decorators);
        if attributes.has("OpenApi") && !http::is_test(program, file, block.scope) {
            service(program, file, block, attributes, findings);
        }
    }
    for call in &outline.calls {
        let Some((receiver, name)) = call.method() else { continue };
        if !matches!(name.as_str(), "nest" | "nest_no_strip") || http::is_test(program, file, call.scope) {
            continue;
        }
        let site = Site::of_call(file, call);
        let (Some(prefix), Some(child)) = (call.positional(0), call.positional(1)) else { continue };
        let Some(parent) = builder::node(dialect, program, &site, receiver) else { continue };
        let mut children = Vec::new();
        services(program, &site, child, &mut children, 0);
        if children.is_empty() {
            continue;
        }
        findings.mounts.push(Mount {
            framework: FRAMEWORK.id,
            parent,
            children: children.into_iter().map(OwnerKey::from).collect(),
            prefix: PathText::new(program.text(&site, prefix), PathSyntax::Colon),
            replaces_prefix: false,
            traits: crate::facts::finding::Traits::default(),
            place: Place { file, line: call.at.line, ..Place::default() },
        });
    }
}

/// The APIs behind `OpenApiService::new((UsersApi, PostsApi), "title", "1.0").server("…")`.
fn services(program: &dyn Program, site: &Site, expr: &Expr, found: &mut Vec<ClassRef>, depth: u32) {
    if depth > MAX_DEPTH {
        return;
    }
    match expr {
        Expr::List(items) => items.iter().for_each(|item| services(program, site, item, found, depth + 1)),
        Expr::Call(id) => {
            let call: &Call = program.file(site.file).outline.call(*id);
            let callee = program.callee(CallRef { file: site.file, id: *id });
            let is_service = http::symbols(program, site.file, &callee).iter().any(|path| path.ends_with("OpenApiService.new"));
            if is_service {
                if let Some(api) = call.positional(0) {
                    services(program, site, api, found, depth + 1);
                }
                return;
            }
            match callee {
                Meaning::Class(class) | Meaning::Function(_, Some(class)) => found.push(class),
                Meaning::Function(function, None) => {
                    let facts = program.file(function.file);
                    for index in facts.returns_of(function.id) {
                        let value = &facts.outline.returns[*index as usize];
                        let at = Site { file: function.file, scope: value.scope, offset: value.at.offset, env: None };
                        services(program, &at, &value.value, found, depth + 1);
                    }
                }
                _ => {
                    if let Some((receiver, _)) = call.method() {
                        services(program, site, receiver, found, depth + 1);
                    }
                }
            }
        }
        other => match program.resolve(site, other) {
            Meaning::Class(class) | Meaning::Instance(class) => found.push(class),
            Meaning::Value(value @ (Expr::Call(_) | Expr::List(_)), at) => services(program, &at, value, found, depth + 1),
            _ => {}
        },
    }
}

fn service(program: &dyn Program, file: FileId, block: &Impl, attributes: Attributes, findings: &mut Findings) {
    let Some(class) = program.resolve_type(&Site::of_scope(file, block.scope), &block.ty).class() else { return };
    let site = Site::of_scope(file, block.scope);
    let text = |key: &str| attributes.value("OpenApi", key).and_then(|expr| program.text(&site, expr).plain());
    let key = OwnerKey { origin: Origin::Class(class), env: None };
    findings.owners.push(crate::facts::finding::Owner {
        key: key.clone(),
        framework: FRAMEWORK.id,
        is_root: false,
        prefix: PathText::new(crate::facts::program::Text::known(&text("prefix_path").unwrap_or_default()), PathSyntax::Colon),
        traits: crate::facts::finding::Traits { tags: tag(attributes.value("OpenApi", "tag")), ..Default::default() },
        place: Place { file, symbol: program.class(class).name.clone(), line: block.at.line },
    });
    for id in &block.methods {
        operation(program, FuncRef { file, id: *id }, &key, findings);
    }
}

/// `ApiTags::User`, also as text.
fn tag(said: Option<&Expr>) -> Vec<Name> {
    match said {
        Some(Expr::Str(text)) => text.rsplit("::").next().map(Name::from).into_iter().collect(),
        Some(other) => other.last_name().cloned().into_iter().collect(),
        None => Vec::new(),
    }
}

fn operation(program: &dyn Program, handler: FuncRef, owner: &OwnerKey, findings: &mut Findings) {
    let function = program.file(handler.file).outline.function(FuncId(handler.id.0));
    let attributes = Attributes::new(program, handler.file, &function.decorators);
    let Some(path) = attributes.value("oai", "path") else { return };
    let site = program.inside(handler);
    let method = attributes.text("oai", "method").and_then(Method::of).unwrap_or(Method::Get);
    let mut route = Route {
        framework: FRAMEWORK.id,
        owner: Some(owner.clone()),
        methods: vec![method],
        path: PathText::new(program.text(&site, path), PathSyntax::Colon),
        handler: Some(handler),
        place: Place { file: handler.file, symbol: function.name.clone(), line: function.at.line },
        operation_id: attributes.text("oai", "operation_id").map(Name::from),
        tags: tag(attributes.value("oai", "tag")),
        deprecated: attributes.says("oai", "deprecated"),
        hidden: attributes.says("oai", "hidden"),
        ..Route::default()
    };
    for param in function.params.iter().filter(|param| param.kind != ParamKind::Receiver) {
        let name = match &param.pattern {
            Pattern::Name(name) => name.clone(),
            Pattern::List(parts) => match parts.first() {
                Some(Pattern::Name(name)) => name.clone(),
                _ => continue,
            },
            _ => continue,
        };
        let said = Attributes::new(program, handler.file, &param.decorators);
        let name = said.text("oai", "name").map_or(name, Name::from);
        input(program, &TypeAt::signed(program, handler, &param.ty), name, &mut route);
    }
    route.responses = responses(program, handler);
    http::documented(program, handler, &mut route);
    findings.routes.push(route);
}

fn input<'p>(program: &'p dyn Program, at: &TypeAt<'p>, name: Name, route: &mut Route) {
    match at.head(program) {
        Head::Outside(path, args) => {
            let Some(inner) = args.first() else { return };
            let shape = inner.shape(program, Mode::Read);
            let (location, is_path) = match path.rsplit('.').next().unwrap_or_default() {
                "Path" => (Location::Path, true),
                "Query" => (Location::Query, false),
                "Header" => (Location::Header, false),
                "Cookie" => (Location::Cookie, false),
                "Json" => return set_body(route, "application/json", shape),
                "Form" => return set_body(route, "application/x-www-form-urlencoded", shape),
                "Xml" => return set_body(route, "application/xml", shape),
                "PlainText" => return set_body(route, "text/plain", Shape::Text(None)),
                "Binary" => return set_body(route, "application/octet-stream", Shape::format("binary")),
                "Option" => return input(program, inner, name, route),
                _ => return,
            };
            let required = is_path || !shape.is_nullable();
            http::add_param(route, ParamFinding { name, location, required, shape: without_null(shape), ..ParamFinding::default() });
        }
        Head::Class(class, _) => {
            let attributes = Attributes::new(program, class.file, &program.class(class).decorators);
            if attributes.derives("SecurityScheme") {
                let kind = match attributes.text("oai", "ty") {
                    Some("basic") => SchemeKind::Basic,
                    Some("bearer") => SchemeKind::Bearer,
                    Some("api_key") => SchemeKind::ApiKey(Location::Header, attributes.text("oai", "key_name").unwrap_or_default().into()),
                    _ => SchemeKind::Guard,
                };
                route.security.add(vec![auth::scheme(&program.class(class).name, kind)]);
            } else if attributes.derives("Multipart") {
                set_body(route, "multipart/form-data", at.shape(program, Mode::Read));
            }
        }
        _ => {}
    }
}

fn set_body(route: &mut Route, media: &str, shape: Shape) {
    let required = !shape.is_nullable();
    route.body.get_or_insert_with(|| BodyFinding { required, contents: vec![(media.into(), without_null(shape))], doc: None });
}

/// What comes back; enums that derive `ApiResponse` list statuses.
fn responses(program: &dyn Program, handler: FuncRef) -> Vec<ResponseFinding> {
    let function = program.file(handler.file).outline.function(handler.id);
    let mut at = TypeAt::signed(program, handler, &function.returns);
    let mut found = Vec::new();
    for _ in 0..MAX_DEPTH {
        let head = at.head(program);
        let is_result = head.ends().is_some_and(|(_, name)| name == "Result");
        match head {
            Head::Outside(_, args) if is_result && !args.is_empty() => {
                if let Some(error) = args.get(1) {
                    found.extend(listed(program, error));
                }
                at = args[0].clone();
            }
            _ => break,
        }
    }
    let mut all = listed(program, &at);
    if all.is_empty() {
        all = respond::responses(program, handler);
    }
    for response in found {
        if !all.iter().any(|known| known.status == response.status) {
            all.push(response);
        }
    }
    all
}

/// `#[derive(ApiResponse)] enum { #[oai(status = 200)] Ok(Json<User>) }`.
fn listed<'p>(program: &'p dyn Program, at: &TypeAt<'p>) -> Vec<ResponseFinding> {
    let Head::Class(class, _) = at.head(program) else { return Vec::new() };
    let declared = program.file(class.file).outline.class(class.id);
    if !Attributes::new(program, class.file, &declared.decorators).derives("ApiResponse") {
        return Vec::new();
    }
    let site = program.inside_class(class);
    let variants = declared.variants.iter().filter_map(|variant| {
        let status = match Attributes::new(program, class.file, &variant.decorators).value("oai", "status")? {
            Expr::Int(status) => status.to_string(),
            _ => return None,
        };
        let content = variant
            .fields
            .first()
            .filter(|field| field.ty != Type::Unknown)
            .and_then(|field| respond::of_type(program, &TypeAt::new(&field.ty, site.clone()), 0))
            .and_then(|answer| answer.content);
        Some(ResponseFinding { doc: variant.doc.clone(), contents: content.into_iter().collect(), ..ResponseFinding::empty(&status) })
    });
    variants.collect()
}
