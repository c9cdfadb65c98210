//! HTTP statuses as JavaScript code names them: `HttpStatus.CREATED`, `StatusCodes.NOT_FOUND`, `NotFoundError`.

use crate::base::code::Expr;
use crate::facts::program::{Meaning, Program, Site};

/// Names of statuses, without case and separators.
const NAMED: &[(&str, u16)] = &[
    ("ok", 200),
    ("created", 201),
    ("accepted", 202),
    ("nonauthoritativeinformation", 203),
    ("nocontent", 204),
    ("resetcontent", 205),
    ("partialcontent", 206),
    ("movedpermanently", 301),
    ("found", 302),
    ("movedtemporarily", 302),
    ("seeother", 303),
    ("notmodified", 304),
    ("temporaryredirect", 307),
    ("permanentredirect", 308),
    ("badrequest", 400),
    ("unauthorized", 401),
    ("paymentrequired", 402),
    ("forbidden", 403),
    ("notfound", 404),
    ("methodnotallowed", 405),
    ("notacceptable", 406),
    ("requesttimeout", 408),
    ("conflict", 409),
    ("gone", 410),
    ("preconditionfailed", 412),
    ("payloadtoolarge", 413),
    ("unsupportedmediatype", 415),
    ("imateapot", 418),
    ("unprocessableentity", 422),
    ("baddata", 422),
    ("locked", 423),
    ("toomanyrequests", 429),
    ("internalservererror", 500),
    ("badimplementation", 500),
    ("notimplemented", 501),
    ("badgateway", 502),
    ("serviceunavailable", 503),
    ("gatewaytimeout", 504),
];

/// The status an expression is.
#[must_use]
pub fn of(program: &dyn Program, site: &Site, expr: &Expr) -> Option<u16> {
    match expr {
        Expr::Int(code) => valid(*code),
        Expr::Cond(cond) => of(program, site, &cond.yes),
        Expr::Ref(_) | Expr::Member(..) | Expr::Index(_) => match program.resolve(site, expr) {
            Meaning::Value(Expr::Int(code), _) => valid(*code),
            Meaning::Value(Expr::Str(code), _) => code.parse().ok().and_then(valid),
            Meaning::Outside(path) => named(path.rsplit('.').next().unwrap_or_default()),
            _ => None,
        },
        _ => None,
    }
}

fn valid(code: i64) -> Option<u16> {
    u16::try_from(code).ok().filter(|code| (100..600).contains(code))
}

/// The status of this name.
#[must_use]
pub fn named(name: &str) -> Option<u16> {
    let plain: String = name.chars().filter(|c| c.is_alphanumeric()).map(|c| c.to_ascii_lowercase()).collect();
    NAMED.iter().find(|(known, _)| *known == plain).map(|(_, code)| *code)
}

/// The status that an error class's name tells: `NotFoundError`, `ForbiddenException`, `Unauthorized`.
#[must_use]
pub fn of_error(name: &str) -> Option<u16> {
    let stem = ["HttpException", "Exception", "HttpError", "Error", "Http"]
        .iter()
        .fold(name, |name, suffix| name.strip_suffix(suffix).unwrap_or(name));
    let stem = stem.strip_prefix("Http").unwrap_or(stem);
    let status = match stem {
        "Validation" => Some(400),
        "Authentication" => Some(401),
        "Authorization" | "AccessDenied" | "PermissionDenied" => Some(403),
        "InternalServer" => Some(500),
        other => named(other),
    };
    status.filter(|status| *status >= 400)
}
