//! Dropshot: `#[endpoint { method = GET, path = "/x/{id}" }]` on functions, and on the methods of a described trait.
//!
//! Read from 0.16. Functions are served where an `ApiDescription` registers them; where that cannot be seen they count as well, since an
//! endpoint has no other use.

use super::attributes::Attributes;
use super::http::extract::Extractor;
use super::http::types::TypeAt;
use super::http::{self, macro_symbols, respond};
use crate::base::Name;
use crate::base::code::{Call, Expr, FuncId, ParamKind, Type};
use crate::base::language::Language;
use crate::facts::finding::{Findings, Method, PathSyntax, PathText, Place, Route};
use crate::facts::framework::{Framework, Tells};
use crate::facts::program::{FileId, FuncRef, Program};

/// Dropshot.
pub const FRAMEWORK: Framework = Framework {
    id: "rust/dropshot",
    label: "Dropshot",
    languages: &[Language::Rust],
    modules: &["dropshot"],
    tells: &[Tells::Http],
    read: Some(read),
    types: None,
};

fn read(program: &dyn Program, file: FileId, findings: &mut Findings) {
    if http::is_test_file(program, file) {
        return;
    }
    let outline = &program.file(file).outline;
    for (id, function) in (0u32..).zip(&outline.functions) {
        if function.flags.is_test || http::is_test(program, file, function.scope) {
            continue;
        }
        for decorator in &function.decorators {
            let Expr::Call(call) = decorator else { continue };
            let is_endpoint = macro_symbols(program, file, *call).iter().any(|path| path == "dropshot.endpoint")
                || is_described(program, file, FuncId(id), outline.call(*call));
            if is_endpoint {
                endpoint(program, FuncRef { file, id: FuncId(id) }, outline.call(*call), findings);
            }
        }
    }
}

/// Within `#[dropshot::api_description] trait Api`, `#[endpoint]` needs no import.
fn is_described(program: &dyn Program, file: FileId, function: FuncId, call: &Call) -> bool {
    let outline = &program.file(file).outline;
    let block = outline.impls.iter().find(|block| block.methods.contains(&function));
    let Some(block) = block.filter(|_| call.callee.last_name().is_some_and(|name| name == "endpoint")) else { return false };
    let site = crate::facts::program::Site::of_scope(file, block.scope);
    let is_described = |decorators: &[Expr]| Attributes::new(program, file, decorators).has("api_description");
    is_described(&block.decorators)
        || program
            .resolve_type(&site, &block.ty)
            .class()
            .is_some_and(|class| Attributes::new(program, class.file, &program.class(class).decorators).has("api_description"))
}

fn endpoint(program: &dyn Program, handler: FuncRef, call: &Call, findings: &mut Findings) {
    let function = program.file(handler.file).outline.function(handler.id);
    let around = program.around(handler);
    let (Some(method), Some(path)) = (call.keyword("method").and_then(Expr::last_name), call.keyword("path")) else { return };
    let Some(method) = Method::of(method) else { return };
    let text = |key: &str| call.keyword(key).and_then(|expr| program.text(&around, expr).plain()).map(Name::from);
    let is_set = |key: &str| matches!(call.keyword(key), Some(Expr::Bool(true)));
    let mut route = Route {
        framework: FRAMEWORK.id,
        methods: vec![method],
        path: PathText::new(program.text(&around, path), PathSyntax::Curly),
        handler: Some(handler),
        place: Place { file: handler.file, symbol: function.name.clone(), line: function.at.line },
        operation_id: text("operation_id").or_else(|| Some(function.name.clone())),
        deprecated: is_set("deprecated"),
        hidden: is_set("unpublished"),
        ..Route::default()
    };
    if let Some(Expr::List(tags)) = call.keyword("tags") {
        route.tags = tags.iter().filter_map(|tag| program.text(&around, tag).plain()).map(Name::from).collect();
    }
    let mut extractor = Extractor::new(program, Vec::new(), false);
    for param in function.params.iter().filter(|param| param.kind != ParamKind::Receiver && param.ty != Type::Unknown) {
        extractor.param(&TypeAt::signed(program, handler, &param.ty), Some(&param.pattern), false, 0);
    }
    route.params = extractor.taken.params;
    route.body = extractor.taken.body;
    route.security.add(extractor.taken.security);
    route.responses = respond::responses(program, handler);
    http::documented(program, handler, &mut route);
    findings.routes.push(route);
}
