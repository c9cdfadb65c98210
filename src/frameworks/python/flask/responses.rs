//! What a view sends back: `return jsonify(…), 201`, dicts, `make_response`, templates.

use crate::base::code::{Call, Expr};
use crate::facts::finding::ResponseFinding;
use crate::facts::members::any_of;
use crate::facts::program::{FuncRef, Mode, Program, Site};
use crate::facts::shape::{Member, Shape};
use crate::frameworks::python::answers::{Answers, Library, Made, Sent, dumped, of_media};
use crate::frameworks::python::statuses::status_of;

const LIBRARY: Library = Library { call, value: |_, _, _| None, has_tuples: true, sends_values: true };

/// Libraries whose calls make responses.
const MODULES: &[&str] = &["flask", "quart", "werkzeug", "apiflask", "flask_restful", "flask_restx", "flask_restplus", "flask_smorest"];

/// The responses of a view.
#[must_use]
pub fn responses(program: &dyn Program, handler: FuncRef) -> Vec<ResponseFinding> {
    Answers { program, library: LIBRARY }.with_success(handler)
}

fn call(answers: &Answers, made: &Made) -> Option<Vec<Sent>> {
    let (root, name) = (made.path.split('.').next()?, made.path.rsplit('.').next()?);
    if !MODULES.contains(&root) {
        return None;
    }
    let (program, site) = (answers.program, made.site);
    let status = |position: usize, key: &str| made.call.arg(position, key).and_then(|expr| status_of(program, site, expr));
    Some(match name {
        "jsonify" => vec![Sent::json(200, jsonified(program, site, made.call))],
        "make_response" | "make_json_response" => {
            let mut inner = Vec::new();
            answers.value(site, made.call.positional(0)?, made.depth + 1, &mut inner);
            let said = status(1, "status");
            inner.into_iter().map(|one| Sent { status: said.unwrap_or(one.status), ..one }).collect()
        }
        "Response" => vec![response(program, site, made.call, status(1, "status").unwrap_or(200))],
        "redirect" => vec![Sent::nothing(status(1, "code").unwrap_or(302))],
        "render_template" | "render_template_string" => vec![Sent::page(200)],
        "send_file" | "send_from_directory" | "stream_with_context" => vec![Sent::bytes(200)],
        "abort" => Vec::new(),
        "marshal" => {
            let shape = made.call.positional(1).map(|model| super::restx::model(program, site, model, Mode::Write));
            vec![Sent::json(200, shape.unwrap_or_default())]
        }
        _ => return None,
    })
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
fn response(program: &dyn Program, at: &Site, made: &Call, status: u16) -> Sent {
    let said = ["mimetype", "content_type"].iter().find_map(|key| made.keyword(key)).and_then(|expr| program.text(at, expr).plain());
    let body = made.arg(0, "response");
    if let Some(shape) = body.and_then(|body| dumped(program, at, body)) {
        return Sent::json(status, shape);
    }
    match said.as_deref() {
        Some(media) => of_media(status, media),
        None if body.is_none() || status == 204 => Sent::nothing(status),
        None => Sent::page(status),
    }
}
