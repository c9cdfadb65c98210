//! Status codes by name: `StatusCode::NOT_FOUND`, `HttpResponse::NotFound()`, `Status::NotFound`.

use crate::base::code::Expr;
use crate::facts::program::{Program, Site};

/// The number of a status by its name, whatever the case.
#[must_use]
pub fn named(name: &str) -> Option<u16> {
    let plain: String = name.chars().filter(|c| *c != '_').map(|c| c.to_ascii_lowercase()).collect();
    Some(match plain.as_str() {
        "continue" => 100,
        "switchingprotocols" => 101,
        "ok" => 200,
        "created" => 201,
        "accepted" => 202,
        "nonauthoritativeinformation" => 203,
        "nocontent" => 204,
        "resetcontent" => 205,
        "partialcontent" => 206,
        "multistatus" => 207,
        "multiplechoices" => 300,
        "movedpermanently" => 301,
        "found" => 302,
        "seeother" => 303,
        "notmodified" => 304,
        "temporaryredirect" => 307,
        "permanentredirect" => 308,
        "badrequest" => 400,
        "unauthorized" => 401,
        "paymentrequired" => 402,
        "forbidden" => 403,
        "notfound" => 404,
        "methodnotallowed" => 405,
        "notacceptable" => 406,
        "requesttimeout" => 408,
        "conflict" => 409,
        "gone" => 410,
        "lengthrequired" => 411,
        "preconditionfailed" => 412,
        "payloadtoolarge" => 413,
        "uritoolong" => 414,
        "unsupportedmediatype" => 415,
        "rangenotsatisfiable" => 416,
        "imateapot" => 418,
        "unprocessableentity" => 422,
        "locked" => 423,
        "faileddependency" => 424,
        "upgraderequired" => 426,
        "preconditionrequired" => 428,
        "toomanyrequests" => 429,
        "internalservererror" => 500,
        "notimplemented" => 501,
        "badgateway" => 502,
        "serviceunavailable" => 503,
        "gatewaytimeout" => 504,
        "insufficientstorage" => 507,
        _ => return None,
    })
}

/// The status that an expression is: a number, a named constant of a library, `StatusCode::from_u16(202)`.
#[must_use]
pub fn of(program: &dyn Program, site: &Site, expr: &Expr) -> Option<u16> {
    match expr {
        Expr::Int(number) => u16::try_from(*number).ok().filter(|number| (100..600).contains(number)),
        Expr::Ref(_) | Expr::Member(..) => match program.resolve(site, expr) {
            crate::facts::program::Meaning::Outside(path) => {
                let (rest, name) = path.rsplit_once('.')?;
                let is_status = matches!(rest.rsplit('.').next(), Some("StatusCode" | "Status" | "status"));
                is_status.then(|| named(name)).flatten()
            }
            crate::facts::program::Meaning::Value(value @ (Expr::Int(_) | Expr::Call(_)), at) => of(program, &at, value),
            _ => None,
        },
        Expr::Call(id) => {
            let call = program.file(site.file).outline.call(*id);
            let (receiver, name) = call.method()?;
            match name.as_str() {
                "from_u16" | "try_from" | "new" => of(program, site, call.positional(0)?),
                "unwrap" | "expect" | "unwrap_or_default" | "into" | "as_u16" | "unwrap_or" => of(program, site, receiver),
                _ => None,
            }
        }
        _ => None,
    }
}
