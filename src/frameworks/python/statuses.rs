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
