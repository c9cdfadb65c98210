//! HTTP statuses as Python spells them: `404`, `status.HTTP_404_NOT_FOUND`, `HTTPStatus.NOT_FOUND`.

use crate::base::code::Expr;
use crate::facts::program::{Meaning, Program, Site};

/// The status an expression stands for.
#[must_use]
pub fn status_of(program: &dyn Program, site: &Site, expr: &Expr) -> Option<u16> {
    if let Expr::Int(number) = expr {
        return u16::try_from(*number).ok().filter(|status| (100..600).contains(status));
    }
    // `HTTPStatus.OK.value`
    if let Expr::Member(of, name) = expr
        && name == "value"
    {
        return status_of(program, site, of);
    }
    match program.resolve(site, expr) {
        Meaning::Outside(path) => named(&path),
        Meaning::Value(Expr::Int(number), _) => u16::try_from(*number).ok().filter(|status| (100..600).contains(status)),
        _ => program.text(site, expr).plain()?.parse().ok().filter(|status| (100..600).contains(status)),
    }
}

fn named(path: &str) -> Option<u16> {
    let path = path.strip_suffix(".value").unwrap_or(path);
    let name = path.rsplit('.').next()?;
    if let Some(rest) = name.strip_prefix("HTTP_") {
        return rest.get(..3)?.parse().ok();
    }
    path.contains("HTTPStatus.").then(|| STATUSES.iter().find(|(known, _)| *known == name).map(|(_, status)| *status))?
}

/// The status of an error class, by its name: `NotFound`, `HTTPNotFound`; and of the answers among those of Pyramid: `HTTPFound`.
#[must_use]
pub fn named_error(name: &str) -> Option<u16> {
    let of = |name: &str| ERRORS.iter().find(|(known, _)| *known == name).map(|(_, status)| *status);
    let answer = |name: &str| ANSWERS.iter().find(|(known, _)| *known == name).map(|(_, status)| *status);
    of(name).or_else(|| name.strip_prefix("HTTP").and_then(|name| of(name).or_else(|| answer(name))))
}

/// Answers that are classes named `HTTPFound` and so on.
const ANSWERS: &[(&str, u16)] = &[
    ("Ok", 200),
    ("Created", 201),
    ("Accepted", 202),
    ("NoContent", 204),
    ("MovedPermanently", 301),
    ("Found", 302),
    ("SeeOther", 303),
    ("NotModified", 304),
    ("TemporaryRedirect", 307),
    ("PermanentRedirect", 308),
];

/// Errors of well-known libraries, by the last part of their names.
const ERRORS: &[(&str, u16)] = &[
    ("BadRequest", 400),
    ("ValidationError", 400),
    ("ParseError", 400),
    ("SuspiciousOperation", 400),
    ("Unauthorized", 401),
    ("NotAuthenticated", 401),
    ("AuthenticationFailed", 401),
    ("Forbidden", 403),
    ("PermissionDenied", 403),
    ("NotFound", 404),
    ("Http404", 404),
    ("MethodNotAllowed", 405),
    ("Conflict", 409),
    ("Gone", 410),
    ("RequestEntityTooLarge", 413),
    ("UnsupportedMediaType", 415),
    ("UnprocessableEntity", 422),
    ("Throttled", 429),
    ("TooManyRequests", 429),
    ("InternalServerError", 500),
    ("NotImplemented", 501),
    ("ServiceUnavailable", 503),
];

/// Members of `http.HTTPStatus`.
const STATUSES: &[(&str, u16)] = &[
    ("OK", 200),
    ("CREATED", 201),
    ("ACCEPTED", 202),
    ("NON_AUTHORITATIVE_INFORMATION", 203),
    ("NO_CONTENT", 204),
    ("RESET_CONTENT", 205),
    ("PARTIAL_CONTENT", 206),
    ("MULTI_STATUS", 207),
    ("MULTIPLE_CHOICES", 300),
    ("MOVED_PERMANENTLY", 301),
    ("FOUND", 302),
    ("SEE_OTHER", 303),
    ("NOT_MODIFIED", 304),
    ("TEMPORARY_REDIRECT", 307),
    ("PERMANENT_REDIRECT", 308),
    ("BAD_REQUEST", 400),
    ("UNAUTHORIZED", 401),
    ("PAYMENT_REQUIRED", 402),
    ("FORBIDDEN", 403),
    ("NOT_FOUND", 404),
    ("METHOD_NOT_ALLOWED", 405),
    ("NOT_ACCEPTABLE", 406),
    ("REQUEST_TIMEOUT", 408),
    ("CONFLICT", 409),
    ("GONE", 410),
    ("PRECONDITION_FAILED", 412),
    ("REQUEST_ENTITY_TOO_LARGE", 413),
    ("UNSUPPORTED_MEDIA_TYPE", 415),
    ("IM_A_TEAPOT", 418),
    ("UNPROCESSABLE_ENTITY", 422),
    ("UNPROCESSABLE_CONTENT", 422),
    ("LOCKED", 423),
    ("TOO_MANY_REQUESTS", 429),
    ("INTERNAL_SERVER_ERROR", 500),
    ("NOT_IMPLEMENTED", 501),
    ("BAD_GATEWAY", 502),
    ("SERVICE_UNAVAILABLE", 503),
    ("GATEWAY_TIMEOUT", 504),
];
