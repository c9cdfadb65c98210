//! What a handler answers: `c.json(value, status)`, `c.text`, `c.body`, `c.redirect`, errors thrown.

use crate::base::code::{Call, Expr};
use crate::facts::finding::Route;
use crate::facts::program::{FuncRef, Meaning, Mode, Program, Site};
use crate::facts::shape::Shape;

use super::inputs::context_name;
use crate::frameworks::script::web::answers::add;

/// Answers of a handler by status.
pub fn read(program: &dyn Program, site: &Site, handler: FuncRef, route: &mut Route) {
    let context = context_name(program, handler).unwrap_or_default();
    let declared = program.function(handler);
    let outline = &program.file(handler.file).outline;
    for call in &outline.calls {
        if call.at.offset < declared.at.offset || call.at.offset >= declared.end {
            continue;
        }
        let at = Site { env: site.env.clone(), ..Site::of_call(handler.file, call) };
        for (status, content) in answer(program, &at, call, &context) {
            add(route, status, content);
        }
    }
    route.responses.sort_by(|a, b| a.status.cmp(&b.status));
}

type Content = Option<(&'static str, Shape)>;

fn answer(program: &dyn Program, at: &Site, call: &Call, context: &str) -> Vec<(u16, Content)> {
    let by_context = call.method().filter(|(receiver, _)| matches!(receiver, Expr::Ref(name) if name == context && !name.is_empty()));
    let Some((_, name)) = by_context else { return thrown(program, at, call) };
    let value = || call.positional(0).map_or(Shape::Any, |value| program.shape_of_value(at, value, Mode::Write));
    let content: Content = match name.as_str() {
        "json" => Some(("application/json", value())),
        "text" => Some(("text/plain", Shape::Text(None))),
        "html" | "render" => Some(("text/html", Shape::Text(None))),
        "body" | "newResponse" => match call.positional(0) {
            None | Some(Expr::Null) => None,
            Some(_) => Some(("application/octet-stream", Shape::format("binary"))),
        },
        "redirect" => {
            let status = call.positional(1).map(|status| statuses(program, at, status)).unwrap_or_default();
            return vec![(status.first().copied().unwrap_or(302), None)];
        }
        "notFound" => return vec![(404, None)],
        _ => return Vec::new(),
    };
    let said = call.positional(1).map(|status| statuses(program, at, status)).unwrap_or_default();
    if call.positional(1).is_some() && said.is_empty() {
        return Vec::new();
    }
    let all = if said.is_empty() { vec![200] } else { said };
    all.into_iter().map(|status| (status, content.clone())).collect()
}

/// `throw new HTTPException(404)`.
fn thrown(program: &dyn Program, at: &Site, call: &Call) -> Vec<(u16, Content)> {
    match program.resolve(at, &call.callee) {
        Meaning::Outside(path) if path == "hono/http-exception.HTTPException" => {
            let status = call.positional(0).map(|status| statuses(program, at, status)).unwrap_or_default();
            status.into_iter().map(|status| (status, None)).collect()
        }
        _ => Vec::new(),
    }
}

/// The statuses an expression may be.
fn statuses(program: &dyn Program, at: &Site, expr: &Expr) -> Vec<u16> {
    let valid = |number: i64| u16::try_from(number).ok().filter(|status| (100..600).contains(status));
    match expr {
        Expr::Int(number) => valid(*number).into_iter().collect(),
        Expr::Cast(pair) => statuses(program, at, &pair.0),
        Expr::Cond(cond) => {
            let mut all = statuses(program, at, &cond.yes);
            all.extend(statuses(program, at, &cond.no));
            all
        }
        Expr::Object(_) => match program.entries(at, expr) {
            Some(entries) => {
                entries.iter().filter(|(key, ..)| key == "status").flat_map(|(_, value, at)| statuses(program, at, value)).collect()
            }
            None => Vec::new(),
        },
        Expr::Ref(_) | Expr::Member(..) | Expr::Index(_) => match program.resolve(at, expr) {
            Meaning::Value(Expr::Int(number), _) => valid(*number).into_iter().collect(),
            _ => match program.shape_of_value(at, expr, Mode::Write) {
                Shape::Enum(values) => values.iter().filter_map(serde_json::Value::as_i64).filter_map(valid).collect(),
                _ => Vec::new(),
            },
        },
        _ => Vec::new(),
    }
}
