//! What `@nestjs/swagger` says of a route.

use super::SWAGGER;
use crate::base::Name;
use crate::base::code::Expr;
use crate::facts::finding::{BodyFinding, Location, ParamFinding, ResponseFinding, Route};
use crate::facts::program::{Mode, Program, Site};
use crate::facts::shape::Shape;
use crate::frameworks::script::class_validator::options;
use crate::frameworks::script::decorators::Decor;
use crate::frameworks::script::literals::literal;
use crate::frameworks::script::statuses;

/// Applies the decorators of a controller and of a handler.
pub fn apply(program: &dyn Program, class: &[Decor], method: &[Decor], route: &mut Route) {
    let tags = |decors: &[Decor]| -> Vec<Name> {
        let said = decors.iter().filter(|decor| decor.of(SWAGGER) == Some("ApiTags"));
        said.flat_map(|decor| decor.args().into_iter().filter_map(|arg| program.text(&decor.site, arg).plain()).collect::<Vec<_>>())
            .map(Name::from)
            .collect()
    };
    route.tags = tags(method);
    if route.tags.is_empty() {
        route.tags = tags(class);
    }
    let mut said: Vec<Name> = Vec::new();
    for decor in class.iter().chain(method) {
        let Some(name) = decor.of(SWAGGER) else { continue };
        match name {
            "ApiExcludeEndpoint" | "ApiExcludeController" => {
                route.hidden |= decor.arg(0).is_none_or(|arg| *arg != Expr::Bool(false));
            }
            "ApiOperation" => operation(program, decor, route),
            "ApiQuery" => param(program, decor, Location::Query, route),
            "ApiParam" => param(program, decor, Location::Path, route),
            "ApiHeader" => param(program, decor, Location::Header, route),
            "ApiBody" => body(program, decor, route),
            "ApiConsumes" => consumes(program, decor, route),
            _ => {
                if let Some(response) = response(program, name, decor) {
                    said.push(response.status.clone());
                    match route.responses.iter_mut().find(|known| known.status == response.status) {
                        Some(known) if response.contents.is_empty() => known.doc = response.doc.or(known.doc.take()),
                        Some(known) => *known = response,
                        None => route.responses.push(response),
                    }
                }
            }
        }
    }
    keep_documented(&said, route);
}

/// A success that is documented takes the place of the one that follows from the verb, when it says more.
fn keep_documented(said: &[Name], route: &mut Route) {
    let has_content = |response: &ResponseFinding| response.status.starts_with('2') && !response.contents.is_empty();
    let (told, implied): (Vec<&ResponseFinding>, Vec<&ResponseFinding>) =
        route.responses.iter().partition(|known| said.contains(&known.status));
    let is_told = told.iter().any(|known| has_content(known)) || !implied.iter().any(|known| has_content(known));
    if is_told && told.iter().any(|known| known.status.starts_with('2')) {
        route.responses.retain(|known| !known.status.starts_with('2') || said.contains(&known.status));
    }
}

type Entries<'p> = Vec<(Name, &'p Expr, Site)>;

fn entries<'p>(program: &'p dyn Program, decor: &Decor<'p>) -> Entries<'p> {
    decor.arg(0).and_then(|options| program.entries(&decor.site, options)).unwrap_or_default()
}

fn text(program: &dyn Program, entries: &Entries, key: &str) -> Option<Name> {
    let (_, value, at) = entries.iter().find(|(name, ..)| name == key)?;
    program.text(at, value).plain().filter(|text| !text.is_empty()).map(Name::from)
}

fn flag(program: &dyn Program, entries: &Entries, key: &str) -> Option<bool> {
    let (_, value, at) = entries.iter().find(|(name, ..)| name == key)?;
    literal(program, at, value)?.as_bool()
}

fn operation(program: &dyn Program, decor: &Decor, route: &mut Route) {
    let entries = entries(program, decor);
    route.summary = text(program, &entries, "summary").or(route.summary.take());
    route.description = text(program, &entries, "description").or(route.description.take());
    route.operation_id = text(program, &entries, "operationId").or(route.operation_id.take());
    route.deprecated |= flag(program, &entries, "deprecated") == Some(true);
    if let Some((_, tags, at)) = entries.iter().find(|(name, ..)| name == "tags") {
        let said = program.items(at, tags).unwrap_or_default();
        route.tags = said.into_iter().filter_map(|(tag, at)| program.text(&at, tag).plain()).map(Name::from).collect();
    }
}

fn said_shape(program: &dyn Program, entries: &Entries, mode: Mode) -> Shape {
    match entries.iter().find(|(name, ..)| name == "schema") {
        Some((_, schema, at)) => options::schema(program, at, schema, mode),
        None => options::shape_in(program, entries, mode),
    }
}

fn param(program: &dyn Program, decor: &Decor, location: Location, route: &mut Route) {
    let entries = entries(program, decor);
    let Some(name) = text(program, &entries, "name") else { return };
    let name = if location == Location::Header { Name::from(name.to_lowercase()) } else { name };
    let shape = said_shape(program, &entries, Mode::Read);
    let doc = text(program, &entries, "description");
    let is_required = flag(program, &entries, "required");
    match route.params.iter_mut().find(|known| known.name == name && known.location == location) {
        Some(known) => {
            if !shape.is_any() {
                known.shape = shape;
            }
            known.doc = doc.or(known.doc.take());
            known.required = is_required.unwrap_or(known.required);
        }
        None => route.params.push(ParamFinding {
            name,
            location,
            required: is_required.unwrap_or(location != Location::Header),
            shape: if shape.is_any() { Shape::Text(None) } else { shape },
            doc,
            deprecated: flag(program, &entries, "deprecated") == Some(true),
        }),
    }
}

fn body(program: &dyn Program, decor: &Decor, route: &mut Route) {
    let entries = entries(program, decor);
    let shape = said_shape(program, &entries, Mode::Read);
    if shape.is_any() {
        return;
    }
    let required = flag(program, &entries, "required").unwrap_or(true);
    let media = route
        .body
        .as_ref()
        .and_then(|body| body.contents.first())
        .map_or_else(|| Name::from("application/json"), |(media, _)| media.clone());
    route.body = Some(BodyFinding { required, contents: vec![(media, shape)], doc: text(program, &entries, "description") });
}

fn consumes(program: &dyn Program, decor: &Decor, route: &mut Route) {
    let Some(media) = decor.arg(0).and_then(|media| program.text(&decor.site, media).plain()) else { return };
    if let Some((known, _)) = route.body.as_mut().and_then(|body| body.contents.first_mut()) {
        *known = media.into();
    }
}

/// `@ApiOkResponse({ type: User, isArray: true })`, `@ApiResponse({ status: 404 })`.
fn response(program: &dyn Program, name: &str, decor: &Decor) -> Option<ResponseFinding> {
    let entries = entries(program, decor);
    let status = if name == "ApiResponse" {
        let (_, status, at) = entries.iter().find(|(key, ..)| key == "status")?;
        match statuses::of(program, at, status) {
            Some(status) => status.to_string(),
            None => program.text(at, status).plain().filter(|status| status == "default")?,
        }
    } else {
        status_of(name)?.to_owned()
    };
    let shape = said_shape(program, &entries, Mode::Write);
    let mut response = if shape.is_any() { ResponseFinding::empty(&status) } else { ResponseFinding::json(&status, shape) };
    response.doc = text(program, &entries, "description");
    Some(response)
}

fn status_of(name: &str) -> Option<&'static str> {
    let stem = name.strip_prefix("Api")?.strip_suffix("Response")?;
    Some(match stem {
        "Default" => "default",
        _ => {
            let code = statuses::named(stem)?;
            CODES.iter().find(|(known, _)| *known == code).map(|(_, text)| *text)?
        }
    })
}

/// Statuses as text, for those that have decorators.
const CODES: &[(u16, &str)] = &[
    (200, "200"),
    (201, "201"),
    (202, "202"),
    (204, "204"),
    (301, "301"),
    (302, "302"),
    (304, "304"),
    (400, "400"),
    (401, "401"),
    (402, "402"),
    (403, "403"),
    (404, "404"),
    (405, "405"),
    (406, "406"),
    (408, "408"),
    (409, "409"),
    (410, "410"),
    (412, "412"),
    (413, "413"),
    (415, "415"),
    (422, "422"),
    (429, "429"),
    (500, "500"),
    (501, "501"),
    (502, "502"),
    (503, "503"),
    (504, "504"),
];
