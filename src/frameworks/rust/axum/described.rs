//! aide: functions that change how an operation is described, and the attribute that makes them.

use crate::base::code::{Call, Expr, Type};
use crate::facts::finding::{ResponseFinding, Route, Security};
use crate::facts::program::{FuncRef, Mode, Program, Site};
use crate::frameworks::rust::attributes::{Attributes, literal};
use crate::frameworks::rust::http::types::TypeAt;
use crate::frameworks::rust::http::{auth, respond};

/// `#[aide_annotate(op_id = "…", op_summary = "…")]`.
pub fn attribute(program: &dyn Program, handler: FuncRef, route: &mut Route) {
    let function = program.file(handler.file).outline.function(handler.id);
    let attributes = Attributes::new(program, handler.file, &function.decorators);
    if !attributes.has("aide_annotate") {
        return;
    }
    let text = |key: &str| attributes.text("aide_annotate", key);
    if let Some(id) = text("op_id") {
        route.operation_id = Some(id.into());
    }
    if let Some(summary) = text("op_summary") {
        route.summary = Some(summary.into());
    }
}

/// What a function or closure over `TransformOperation` says.
pub fn transformed(program: &dyn Program, site: &Site, transform: &Expr, route: &mut Route) {
    let meaning = program.produce(site, transform);
    let Some(function) = meaning.function() else { return };
    let outline = &program.file(function.file).outline;
    let inner = program.function(function).inner;
    for call in outline.calls.iter().filter(|call| outline.is_within(call.scope, inner)) {
        let Some((_, name)) = call.method() else { continue };
        let mut at = Site::of_call(function.file, call);
        at.env = meaning.value().and_then(|(_, at)| at.env.clone());
        said(program, &at, name, call, route);
    }
}

fn said(program: &dyn Program, site: &Site, name: &str, call: &Call, route: &mut Route) {
    let text = || call.positional(0).and_then(|expr| program.text(site, expr).plain()).filter(|text| !text.is_empty());
    match name {
        "id" => route.operation_id = text().map(Into::into).or(route.operation_id.take()),
        "summary" => route.summary = text().map(Into::into).or(route.summary.take()),
        "description" => route.description = text().map(Into::into).or(route.description.take()),
        "tag" => {
            if let Some(tag) = text().map(crate::base::Name::from).filter(|tag| !route.tags.contains(tag)) {
                route.tags.push(tag);
            }
        }
        "hidden" => route.hidden = call.positional(0).is_none_or(|value| *value == Expr::Bool(true)),
        "security_requirement" | "security_requirement_scopes" => {
            if let Some(name) = text()
                && route.security == Security::Inherit
            {
                route.security = Security::Schemes(vec![auth::scheme(&name, crate::facts::finding::SchemeKind::Guard)]);
            }
        }
        "response" | "response_with" => response(program, site, call, route),
        _ => {}
    }
}

/// `.response::<200, Json<User>>()`.
fn response(program: &dyn Program, site: &Site, call: &Call, route: &mut Route) {
    let [Type::Value(status), ty, ..] = &*call.type_args else { return };
    let Some(status) = literal(program, site, status).and_then(|status| status.as_u64()) else { return };
    let content = respond::of_type(program, &TypeAt::new(ty, site.clone()), 0).and_then(|answer| answer.content);
    let content = content.or_else(|| {
        let shape = program.shape_of_type(site, ty, Mode::Write);
        (!shape.is_any()).then(|| ("application/json".into(), shape))
    });
    let status = status.to_string();
    route.responses.retain(|known| known.status != status.as_str());
    route.responses.push(ResponseFinding { contents: content.into_iter().collect(), ..ResponseFinding::empty(&status) });
}
