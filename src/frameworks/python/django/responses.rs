//! What Django's and Django REST framework's handlers send: `JsonResponse(…)`, `Response(serializer.data, status=201)`, `render(…)`.

use super::serializers;
use crate::base::code::Expr;
use crate::facts::finding::ResponseFinding;
use crate::facts::program::{FuncRef, Mode, Program, Site};
use crate::facts::shape::Shape;
use crate::frameworks::python::answers::{Answers, Library, Made, Sent, dumped, of_media};
use crate::frameworks::python::statuses::status_of;

const LIBRARY: Library = Library { call, value, has_tuples: false, sends_values: false };

/// The responses of a handler.
#[must_use]
pub fn responses(program: &dyn Program, handler: FuncRef) -> Vec<ResponseFinding> {
    Answers { program, library: LIBRARY }.responses(handler)
}

/// The responses of a plain view.
#[must_use]
pub fn of_view(program: &dyn Program, handler: FuncRef) -> Vec<ResponseFinding> {
    Answers { program, library: LIBRARY }.with_success(handler)
}

/// `serializer.data`.
fn value(program: &dyn Program, site: &Site, expr: &Expr) -> Option<Shape> {
    match expr {
        Expr::Member(of, name) if name == "data" => serializers::shape_at(program, site, of, Mode::Write),
        Expr::Ref(_) => {
            let meaning = program.resolve(site, expr);
            let (value, at) = meaning.value()?;
            if std::ptr::eq(value, expr) { None } else { self::value(program, at, value) }
        }
        _ => None,
    }
}

fn call(answers: &Answers, made: &Made) -> Option<Vec<Sent>> {
    let name = made.path.rsplit('.').next()?;
    let root = made.path.split('.').next()?;
    if !matches!(root, "django" | "rest_framework" | "drf_spectacular" | "ninja") {
        return None;
    }
    let (program, site) = (answers.program, made.site);
    let status = |position: usize| made.call.arg(position, "status").and_then(|expr| status_of(program, site, expr));
    let media = || made.call.keyword("content_type").and_then(|expr| program.text(site, expr).plain());
    Some(vec![match name {
        "Response" => {
            let status = status(1).unwrap_or(200);
            match made.call.arg(0, "data") {
                None | Some(Expr::Null) => Sent::nothing(status),
                Some(data) => Sent::json(status, answers.shape(site, data)),
            }
        }
        "JsonResponse" => {
            let shape = made.call.arg(0, "data").map(|data| answers.shape(site, data)).unwrap_or_default();
            Sent::json(made.call.keyword("status").and_then(|expr| status_of(program, site, expr)).unwrap_or(200), shape)
        }
        "HttpResponse" => {
            let status = made
                .call
                .keyword("status")
                .or_else(|| made.call.positional(2))
                .and_then(|expr| status_of(program, site, expr))
                .unwrap_or(200);
            let body = made.call.arg(0, "content");
            match (body.and_then(|body| dumped(program, site, body)), media()) {
                (Some(shape), _) => Sent::json(status, shape),
                (None, Some(media)) => of_media(status, &media),
                (None, None) if body.is_none() => Sent::nothing(status),
                (None, None) => Sent::page(status),
            }
        }
        "render" => Sent::page(made.call.keyword("status").and_then(|expr| status_of(program, site, expr)).unwrap_or(200)),
        "render_to_response" | "TemplateResponse" => Sent::page(200),
        "StreamingHttpResponse" | "FileResponse" => media().map_or_else(|| Sent::bytes(200), |media| of_media(200, &media)),
        "redirect" | "HttpResponseRedirect" => Sent::nothing(302),
        "HttpResponsePermanentRedirect" => Sent::nothing(301),
        "HttpResponseBadRequest" => Sent::nothing(400),
        "HttpResponseForbidden" => Sent::nothing(403),
        "HttpResponseNotFound" => Sent::nothing(404),
        "HttpResponseNotAllowed" => Sent::nothing(405),
        "HttpResponseServerError" => Sent::nothing(500),
        _ => return None,
    }])
}
