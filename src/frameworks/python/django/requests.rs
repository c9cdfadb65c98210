//! What Django's and Django REST framework's handlers read from `request`.

use crate::base::Name;
use crate::base::code::Expr;
use crate::facts::program::{FuncRef, Meaning, Program};
use crate::frameworks::python::requests::{self, Library, Part, Taken};

/// Everything a handler reads.
#[must_use]
pub fn taken(program: &dyn Program, handler: FuncRef) -> Taken {
    requests::taken(program, Library { part }, handler)
}

fn part(program: &dyn Program, meaning: &Meaning) -> Option<(Part, Vec<Name>)> {
    match meaning {
        Meaning::Attribute(of, name) if is_request(program, of) => {
            let part = match name.as_str() {
                "GET" | "query_params" | "QUERY_PARAMS" => Part::Query,
                "POST" => Part::Form,
                "FILES" => Part::Files,
                "data" | "DATA" => Part::Json,
                "body" => Part::Bytes,
                "headers" => Part::Headers,
                "COOKIES" => Part::Cookies,
                _ => return None,
            };
            Some((part, Vec::new()))
        }
        Meaning::Value(Expr::Call(_), _) => None,
        _ => None,
    }
}

/// `request`, `self.request`, an instance of an own request class.
fn is_request(program: &dyn Program, meaning: &Meaning) -> bool {
    match meaning {
        Meaning::Param(function, position) => {
            let declared = program.function(*function);
            let Some(param) = declared.params.get(*position as usize) else { return false };
            let named = param.name().is_some_and(|name| matches!(name.as_str(), "request" | "req" | "_request" | "http_request"));
            named
                || param
                    .ty
                    .last_name()
                    .is_some_and(|name| matches!(name.as_str(), "HttpRequest" | "Request" | "WSGIRequest" | "ASGIRequest"))
        }
        Meaning::Attribute(of, name) => name == "request" && matches!(of.as_ref(), Meaning::Instance(_) | Meaning::Param(..)),
        Meaning::Instance(class) => program.outside_bases(*class).iter().any(|base| base.ends_with("Request")),
        _ => false,
    }
}
