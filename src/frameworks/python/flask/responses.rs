//! What a view sends back: `return jsonify(…), 201`, dicts, `make_response`, templates, `abort(404)`.

use crate::base::Name;
use crate::base::code::{Call, CallId, Expr};
use crate::facts::finding::ResponseFinding;
use crate::facts::members::any_of;
use crate::facts::program::{CallRef, FuncRef, Meaning, Mode, Program, Site};
use crate::facts::shape::{Member, Shape};
use crate::frameworks::python::raised;
use crate::frameworks::python::statuses::status_of;

/// How deep responses may be wrapped in one another.
const MAX_DEPTH: u32 = 6;

/// One value sent.
#[derive(Clone, Debug)]
struct Sent {
    status: u16,
    media: Option<&'static str>,
    shape: Shape,
}

/// The responses of a view.
#[must_use]
pub fn responses(program: &dyn Program, handler: FuncRef) -> Vec<ResponseFinding> {
    let facts = program.file(handler.file);
    let mut sent = Vec::new();
    for index in facts.returns_of(handler.id) {
        let returned = &facts.outline.returns[*index as usize];
        if !returned.is_raise {
            let at = Site { file: handler.file, scope: returned.scope, offset: returned.at.offset, env: None };
            value(program, &at, &returned.value, 0, &mut sent);
        }
    }
    let mut found = gathered(sent);
    for status in raised::statuses(program, handler) {
        let status = status.to_string();
        if !found.iter().any(|known| known.status == status.as_str()) {
            found.push(ResponseFinding::empty(&status));
        }
    }
    found
}

/// One response for each status, with any of the shapes that were sent.
fn gathered(sent: Vec<Sent>) -> Vec<ResponseFinding> {
    let mut found: Vec<ResponseFinding> = Vec::new();
    for one in sent {
        let status = one.status.to_string();
        let content = one.media.map(|media| (Name::from(media), one.shape));
        match found.iter_mut().find(|known| known.status == status.as_str()) {
            None => found.push(ResponseFinding { contents: content.into_iter().collect(), ..ResponseFinding::empty(&status) }),
            Some(known) => {
                let Some((media, shape)) = content else { continue };
                match known.contents.iter_mut().find(|(other, _)| *other == media) {
                    Some((_, old)) if old.is_any() => *old = shape,
                    Some((_, old)) if !shape.is_any() => *old = any_of([std::mem::take(old), shape]),
                    Some(_) => {}
                    None => known.contents.push((media, shape)),
                }
            }
        }
    }
    found
}

fn value(program: &dyn Program, site: &Site, expr: &Expr, depth: u32, sent: &mut Vec<Sent>) {
    if depth > MAX_DEPTH || sent.len() > 32 {
        return;
    }
    match expr {
        Expr::List(items) if is_tuple(program, site, items) => {
            let status = items.get(1).and_then(|status| status_of(program, site, status)).unwrap_or(200);
            let mut inner = Vec::new();
            value(program, site, &items[0], depth + 1, &mut inner);
            sent.extend(inner.into_iter().map(|one| Sent { status, ..one }));
        }
        Expr::Cond(cond) => {
            value(program, site, &cond.yes, depth + 1, sent);
            value(program, site, &cond.no, depth + 1, sent);
        }
        Expr::Call(id) => call(program, site, *id, expr, depth, sent),
        Expr::Ref(_) => match program.resolve(site, expr) {
            Meaning::Value(head @ (Expr::Call(_) | Expr::List(_)), at) => value(program, &at, head, depth + 1, sent),
            _ => plain(program, site, expr, sent),
        },
        _ => plain(program, site, expr, sent),
    }
}

/// `body, status`, `body, status, headers`; a list of values is none.
fn is_tuple(program: &dyn Program, site: &Site, items: &[Expr]) -> bool {
    (2..=3).contains(&items.len())
        && (status_of(program, site, &items[1]).is_some()
            || matches!(items[1], Expr::Object(_)) && items.len() == 2 && !matches!(items[0], Expr::Object(_)))
}

/// A value that is no response object: text is a page, everything else JSON.
fn plain(program: &dyn Program, site: &Site, expr: &Expr, sent: &mut Vec<Sent>) {
    let one = match expr {
        Expr::Null => return,
        Expr::Str(text) if text.is_empty() => Sent { status: 200, media: None, shape: Shape::Any },
        Expr::Str(_) | Expr::Template(_) => Sent { status: 200, media: Some("text/html"), shape: Shape::Text(None) },
        _ => json(200, program.shape_of_value(site, expr, Mode::Write)),
    };
    sent.push(one);
}

fn json(status: u16, shape: Shape) -> Sent {
    let shape = if matches!(shape, Shape::Text(_)) { Shape::Any } else { shape };
    Sent { status, media: Some("application/json"), shape }
}

fn call(program: &dyn Program, site: &Site, id: CallId, expr: &Expr, depth: u32, sent: &mut Vec<Sent>) {
    let call_ref = CallRef { file: site.file, id };
    let made = program.call(call_ref);
    let at = site.moved(site.file, made.scope, made.at.offset);
    let callee = program.resolve(&at, &made.callee);
    match &callee {
        Meaning::Outside(path) => library(program, &at, path, made, expr, depth, sent),
        _ if callee.function().is_some() => {
            // What an own function returns, read under the call.
            let shape = program.shape_of_value(site, expr, Mode::Write);
            let returned = program.produce_all(site, expr);
            let is_plain = returned.iter().all(|meaning| !matches!(meaning, Meaning::Value(Expr::List(_) | Expr::Call(_), _)));
            if returned.is_empty() || is_plain {
                return sent.push(json(200, shape));
            }
            for meaning in &returned {
                if let Meaning::Value(inner, at) = meaning
                    && !(std::ptr::eq(*inner, expr))
                {
                    value(program, at, inner, depth + 1, sent);
                }
            }
        }
        _ => plain(program, site, expr, sent),
    }
}

fn library(program: &dyn Program, at: &Site, path: &str, made: &Call, expr: &Expr, depth: u32, sent: &mut Vec<Sent>) {
    let name = path.rsplit('.').next().unwrap_or(path);
    let is_ours = ["flask", "quart", "werkzeug", "apiflask", "flask_restful", "flask_restx", "flask_smorest"]
        .iter()
        .any(|module| path.strip_prefix(module).is_some_and(|rest| rest.starts_with('.')));
    if !is_ours {
        return plain(program, at, expr, sent);
    }
    let status = |position: usize, key: &str| made.arg(position, key).and_then(|expr| status_of(program, at, expr));
    match name {
        "jsonify" => sent.push(json(200, jsonified(program, at, made))),
        "make_response" | "make_json_response" => {
            let Some(body) = made.positional(0) else { return };
            let mut inner = Vec::new();
            value(program, at, body, depth + 1, &mut inner);
            let said = status(1, "status");
            sent.extend(inner.into_iter().map(|one| Sent { status: said.unwrap_or(one.status), ..one }));
        }
        "Response" => sent.push(response(program, at, made, status(1, "status"))),
        "redirect" => sent.push(Sent { status: status(1, "code").unwrap_or(302), media: None, shape: Shape::Any }),
        "render_template" | "render_template_string" => {
            sent.push(Sent { status: 200, media: Some("text/html"), shape: Shape::Text(None) });
        }
        "send_file" | "send_from_directory" | "stream_with_context" => {
            sent.push(Sent { status: 200, media: Some("application/octet-stream"), shape: Shape::format("binary") });
        }
        "abort" => {}
        "marshal" => {
            let shape = made.positional(1).map(|model| super::restx::model(program, at, model, Mode::Write)).unwrap_or_default();
            sent.push(json(200, shape));
        }
        _ => plain(program, at, expr, sent),
    }
}

/// `jsonify(user)`, `jsonify(a=1, b=2)`, `jsonify(1, 2)`.
fn jsonified(program: &dyn Program, at: &Site, made: &Call) -> Shape {
    let plain: Vec<&Expr> = made.args.iter().filter(|arg| arg.name.is_none()).map(|arg| &arg.value).collect();
    let keyed = made.args.iter().filter_map(|arg| Some((arg.name.as_ref()?, &arg.value)));
    match plain.as_slice() {
        [] => {
            let mut members = Vec::new();
            for (name, expr) in keyed {
                let shape = program.shape_of_value(at, expr, Mode::Write);
                if name != "**" {
                    members.push(Member::required(name.clone(), shape));
                } else if let Some(record) = program.record(&shape) {
                    members.extend(record.members);
                }
            }
            Shape::record(members)
        }
        [one] => program.shape_of_value(at, one, Mode::Write),
        many => any_of(many.iter().map(|one| program.shape_of_value(at, one, Mode::Write))).list(),
    }
}

/// `Response(json.dumps(body), status=201, mimetype="application/json")`.
fn response(program: &dyn Program, at: &Site, made: &Call, status: Option<u16>) -> Sent {
    let said = ["mimetype", "content_type"].iter().find_map(|key| made.keyword(key)).and_then(|expr| program.text(at, expr).plain());
    let body = made.arg(0, "response");
    let dumped = body.and_then(|body| {
        let meaning = program.resolve(at, body);
        let (call, _) = meaning.call()?;
        let is_dumps = program.callee(call).is_any(&["json.dumps", "simplejson.dumps", "ujson.dumps", "flask.json.dumps", "orjson.dumps"]);
        let inner = program.call(call);
        is_dumps.then(|| program.shape_of_value(&Site::of_call(call.file, inner), inner.positional(0).unwrap_or(&Expr::Hole), Mode::Write))
    });
    let status = status.unwrap_or(200);
    match (dumped, said.as_deref()) {
        (Some(shape), _) => json(status, shape),
        (None, Some(text)) if text.contains("json") => json(status, Shape::Any),
        (None, Some(text)) if text.starts_with("text/html") => Sent { status, media: Some("text/html"), shape: Shape::Text(None) },
        (None, Some(text)) if text.starts_with("text/csv") => Sent { status, media: Some("text/csv"), shape: Shape::Text(None) },
        (None, Some(text)) if text.starts_with("text/") => Sent { status, media: Some("text/plain"), shape: Shape::Text(None) },
        (None, Some(_)) => Sent { status, media: Some("application/octet-stream"), shape: Shape::format("binary") },
        (None, None) if body.is_none() || status == 204 => Sent { status, media: None, shape: Shape::Any },
        (None, None) => Sent { status, media: Some("text/html"), shape: Shape::Text(None) },
    }
}
