//! Descriptions that decorators give: drf-spectacular's `@extend_schema` and `@extend_schema_view`, drf-yasg's `@swagger_auto_schema`.

use super::serializers::{self, on_wire};
use super::{models, settings};
use crate::base::Name;
use crate::base::code::{Call, Expr, Key};
use crate::facts::finding::{Location, ParamFinding, ResponseFinding, Route};
use crate::facts::program::{CallRef, ClassRef, FuncRef, Meaning, Mode, Program, Site};
use crate::facts::shape::Shape;
use crate::frameworks::python::literals::{self, literal, truth};
use crate::frameworks::python::statuses::status_of;

/// What is described.
#[derive(Clone, Debug, Default)]
pub struct Description {
    /// `request=`: a body, or none.
    pub request: Option<Option<Shape>>,
    /// `responses=`.
    pub responses: Vec<ResponseFinding>,
    params: Vec<ParamFinding>,
    left_out: Vec<(Name, Location)>,
    tags: Option<Vec<Name>>,
    summary: Option<Name>,
    description: Option<Name>,
    operation_id: Option<Name>,
    deprecated: bool,
    /// `exclude=True`.
    pub excluded: bool,
}

/// What is described of an action: on the class, for the action, on its method; the nearest counts.
#[must_use]
pub fn of(program: &dyn Program, class: ClassRef, kind: &Name, name: &Name, handler: Option<FuncRef>) -> Description {
    let mut description = Description::default();
    for of in program.lineage(class).into_iter().rev() {
        let site = program.around_class(of);
        for decorator in program.class(of).decorators.iter().rev() {
            on_class(program, &site, decorator, kind, name, &mut description);
        }
    }
    if let Some(handler) = handler {
        on_function(program, handler, name, &mut description);
    }
    description
}

/// What is described of a function.
#[must_use]
pub fn of_function(program: &dyn Program, function: FuncRef, verb: &Name) -> Description {
    let mut description = Description::default();
    on_function(program, function, verb, &mut description);
    description
}

fn on_function(program: &dyn Program, function: FuncRef, name: &Name, description: &mut Description) {
    let site = program.around(function);
    for decorator in program.function(function).decorators.iter().rev() {
        on_class(program, &site, decorator, name, name, description);
    }
}

/// The name of a library's decorator.
fn symbol(program: &dyn Program, call: CallRef) -> Option<String> {
    let callee = program.callee(call);
    let path = match &callee {
        Meaning::Outside(path) => path.clone(),
        _ => return None,
    };
    let is_known =
        path.starts_with("drf_spectacular") || path.starts_with("drf_yasg") || path.starts_with("django.") || path.contains("schema");
    is_known.then(|| path.rsplit('.').next().unwrap_or_default().to_owned())
}

fn on_class(program: &dyn Program, site: &Site, decorator: &Expr, kind: &Name, name: &Name, description: &mut Description) {
    let meaning = match decorator {
        Expr::Call(_) => Meaning::Value(decorator, site.clone()),
        other => program.resolve(site, other),
    };
    let Some((call, at)) = meaning.call() else { return };
    let made = program.call(call);
    let inside = at.moved(call.file, made.scope, made.at.offset);
    match symbol(program, call).as_deref() {
        Some("extend_schema_view") => {
            for wanted in [kind, name] {
                if let Some(said) = made.keyword(wanted) {
                    on_class(program, &inside, said, kind, name, description);
                    break;
                }
            }
        }
        Some("extend_schema") => {
            let methods = made.keyword("methods").map(|expr| literals::texts(program, &inside, expr)).unwrap_or_default();
            let is_other = !methods.is_empty()
                && name.len() < 8
                && !methods.iter().any(|method| method.eq_ignore_ascii_case(name))
                && crate::facts::finding::Method::of(name).is_some();
            if !is_other {
                Saying { program, site: &inside, made }.spectacular(description);
            }
        }
        Some("swagger_auto_schema") => Saying { program, site: &inside, made }.yasg(description),
        // `@method_decorator(name="list", decorator=swagger_auto_schema(…))`
        Some("method_decorator") => {
            let of = made.keyword("name").and_then(|expr| program.text(&inside, expr).plain());
            if of.is_some_and(|of| of == kind.as_str() || of == name.as_str())
                && let Some(inner) = made.arg(0, "decorator")
            {
                on_class(program, &inside, inner, kind, name, description);
            }
        }
        _ => {}
    }
}

struct Saying<'p> {
    program: &'p dyn Program,
    site: &'p Site,
    made: &'p Call,
}

impl Saying<'_> {
    fn text(&self, keyword: &str) -> Option<Name> {
        self.made
            .keyword(keyword)
            .and_then(|expr| models::text(self.program, self.site, expr))
            .map(|text| text.trim().into())
            .filter(|text: &Name| !text.is_empty())
    }

    fn shared(&self, description: &mut Description) {
        description.deprecated |= truth(self.program, self.site, self.made.keyword("deprecated")) == Some(true);
        if let Some(tags) = self.made.keyword("tags") {
            description.tags = Some(literals::texts(self.program, self.site, tags));
        }
        description.operation_id = self
            .text("operation_id")
            .or_else(|| self.made.positional(0).and_then(|expr| self.program.text(self.site, expr).plain()).map(Name::from))
            .or(description.operation_id.take());
        if let Some(responses) = self.made.keyword("responses") {
            description.responses = self.responses(responses);
        }
    }

    fn spectacular(&self, description: &mut Description) {
        self.shared(description);
        description.summary = self.text("summary").or(description.summary.take());
        description.description = self.text("description").or(description.description.take());
        description.excluded |= truth(self.program, self.site, self.made.keyword("exclude")) == Some(true);
        if let Some(request) = self.made.keyword("request") {
            description.request = Some(self.request(request));
        }
        for (item, at) in self.made.keyword("parameters").and_then(|list| self.program.items(self.site, list)).unwrap_or_default() {
            self.parameter(item, &at, description);
        }
    }

    fn yasg(&self, description: &mut Description) {
        self.shared(description);
        description.summary = self.text("operation_summary").or(description.summary.take());
        description.description = self.text("operation_description").or(description.description.take());
        description.excluded |= self.made.keyword("auto_schema") == Some(&Expr::Null);
        if let Some(request) = self.made.keyword("request_body") {
            description.request = Some(self.request(request));
        }
        if let Some(query) =
            self.made.keyword("query_serializer").and_then(|expr| serializers::shape_at(self.program, self.site, expr, Mode::Read))
        {
            self.members(&query, description);
        }
        for (item, at) in self.made.keyword("manual_parameters").and_then(|list| self.program.items(self.site, list)).unwrap_or_default() {
            self.parameter(item, &at, description);
        }
    }

    fn request(&self, request: &Expr) -> Option<Shape> {
        match request {
            Expr::Null => None,
            // `{"multipart/form-data": X}`
            Expr::Object(entries) if entries.iter().any(|entry| matches!(&entry.key, Key::Name(name) if name.contains('/'))) => {
                entries.first().map(|entry| serializers::schema(self.program, self.site, &entry.value, Mode::Read))
            }
            other => Some(serializers::schema(self.program, self.site, other, Mode::Read)),
        }
    }

    fn responses(&self, said: &Expr) -> Vec<ResponseFinding> {
        let meaning = self.program.resolve(self.site, said);
        let mut found = Vec::new();
        match (&meaning, said) {
            (Meaning::Value(object @ Expr::Object(_), at), _) => self.by_status(object, at, 0, &mut found),
            (_, Expr::Object(_)) => self.by_status(said, self.site, 0, &mut found),
            (_, Expr::Null) => {}
            _ => found.push(self.response("", self.site, said)),
        }
        found
    }

    fn by_status(&self, said: &Expr, site: &Site, depth: u32, found: &mut Vec<ResponseFinding>) {
        let Expr::Object(entries) = said else { return };
        for entry in entries.iter().filter(|_| depth < 6) {
            let status = match &entry.key {
                Key::Name(name) => Some(name.to_string()),
                Key::Computed(Expr::List(pair)) => {
                    pair.first().and_then(|status| status_of(self.program, site, status)).map(|status| status.to_string())
                }
                Key::Computed(key) => status_of(self.program, site, key).map(|status| status.to_string()),
                Key::Spread => {
                    if let Meaning::Value(inner, at) = self.program.resolve(site, &entry.value) {
                        self.by_status(inner, &at, depth + 1, found);
                    }
                    None
                }
            };
            let Some(status) = status.filter(|status| status == "default" || (status.len() == 3 && status.parse::<u16>().is_ok())) else {
                continue;
            };
            let response = self.response(&status, site, &entry.value);
            found.retain(|known| known.status != response.status);
            found.push(response);
        }
    }

    /// One response; an empty status stands for the action's own.
    fn response(&self, status: &str, site: &Site, said: &Expr) -> ResponseFinding {
        let mut response = ResponseFinding::empty(status);
        let meaning = self.program.resolve(site, said);
        if let Some((call, at)) = meaning.call()
            && self
                .program
                .callee(call)
                .outside()
                .is_some_and(|path| path.ends_with("OpenApiResponse") || path.ends_with("openapi.Response"))
        {
            let made = self.program.call(call);
            let inside = at.moved(call.file, made.scope, made.at.offset);
            response.doc = made.keyword("description").and_then(|expr| models::text(self.program, &inside, expr));
            let inner = made.keyword("response").or_else(|| made.keyword("schema")).or_else(|| {
                made.positional(usize::from(self.program.callee(call).outside().is_some_and(|path| path.ends_with("openapi.Response"))))
            });
            if let Some(inner) = inner.filter(|inner| **inner != Expr::Null) {
                response.contents.push(("application/json".into(), serializers::schema(self.program, &inside, inner, Mode::Write)));
            }
            return response;
        }
        match said {
            Expr::Null => {}
            Expr::Str(text) => response.doc = Some(text.clone()),
            Expr::Object(entries) if entries.is_empty() => {}
            other => response.contents.push(("application/json".into(), serializers::schema(self.program, site, other, Mode::Write))),
        }
        response
    }

    fn parameter(&self, item: &Expr, site: &Site, description: &mut Description) {
        let meaning = self.program.resolve(site, item);
        let Some((call, at)) = meaning.call() else {
            // A serializer stands for all of its fields.
            if let Some(shape) = serializers::shape_at(self.program, site, item, Mode::Read) {
                self.members(&shape, description);
            }
            return;
        };
        let path = self.program.callee(call).outside().map(str::to_owned).unwrap_or_default();
        let made = self.program.call(call);
        let inside = at.moved(call.file, made.scope, made.at.offset);
        if !path.ends_with(".OpenApiParameter") && !path.ends_with(".Parameter") {
            if let Some(shape) = serializers::shape_at(self.program, site, item, Mode::Read) {
                self.members(&shape, description);
            }
            return;
        }
        let is_yasg = path.ends_with("openapi.Parameter");
        let Some(name) = made.arg(0, "name").and_then(|expr| self.program.text(&inside, expr).plain()) else { return };
        let Some(location) = self.location(made, &inside, is_yasg) else { return };
        if truth(self.program, &inside, made.keyword("exclude")) == Some(true) {
            description.left_out.push((name.into(), location));
            return;
        }
        if truth(self.program, &inside, made.keyword("response")) == Some(true)
            || (location == Location::Header && matches!(made.keyword("response"), Some(Expr::List(_))))
        {
            return;
        }
        let mut shape = match made.arg(1, "type").filter(|_| !is_yasg) {
            Some(ty) => serializers::schema(self.program, &inside, ty, Mode::Read),
            None => yasg_type(self.program, &inside, made),
        };
        if let Some(serde_json::Value::Array(values)) = made.keyword("enum").and_then(|expr| literal(self.program, &inside, expr)) {
            shape = Shape::Enum(values);
        }
        if truth(self.program, &inside, made.keyword("many")) == Some(true) {
            shape = shape.list();
        }
        let required = truth(self.program, &inside, made.keyword("required")) == Some(true) || location == Location::Path;
        let doc = made.keyword("description").and_then(|expr| models::text(self.program, &inside, expr));
        let deprecated = truth(self.program, &inside, made.keyword("deprecated")) == Some(true);
        description.params.retain(|known| known.name != name || known.location != location);
        description.params.push(ParamFinding { name: name.into(), location, required, shape, doc, deprecated });
    }

    /// Where a parameter stands; `None` for parts of a body.
    fn location(&self, made: &Call, site: &Site, is_yasg: bool) -> Option<Location> {
        let place = ["location", "in_"].iter().find_map(|key| made.keyword(key)).or_else(|| made.positional(if is_yasg { 1 } else { 2 }));
        let Some(place) = place else { return Some(Location::Query) };
        let meaning = self.program.resolve(site, place);
        let said = meaning.outside().map(str::to_owned).or_else(|| self.program.text(site, place).plain()).unwrap_or_default();
        Some(match said.rsplit('.').next().unwrap_or_default().to_ascii_lowercase().as_str() {
            "path" | "in_path" => Location::Path,
            "header" | "in_header" => Location::Header,
            "cookie" => Location::Cookie,
            "in_body" | "in_form" => return None,
            _ => Location::Query,
        })
    }

    fn members(&self, shape: &Shape, description: &mut Description) {
        let is_camel = settings::is_camel(self.program);
        for member in self.program.record(shape).map(|record| record.members).unwrap_or_default() {
            let name = on_wire(&member.name, is_camel);
            description.params.retain(|known| known.name != name);
            description.params.push(ParamFinding {
                name,
                location: Location::Query,
                required: member.required,
                shape: member.shape,
                doc: member.doc,
                deprecated: false,
            });
        }
    }
}

fn yasg_type(program: &dyn Program, site: &Site, made: &Call) -> Shape {
    let kind = made.keyword("type").and_then(|expr| program.resolve(site, expr).outside().map(str::to_owned));
    match kind.as_deref().and_then(|path| path.rsplit('.').next()) {
        Some("TYPE_INTEGER") => Shape::Int,
        Some("TYPE_NUMBER") => Shape::Number,
        Some("TYPE_BOOLEAN") => Shape::Bool,
        Some("TYPE_ARRAY") => Shape::Text(None).list(),
        _ => Shape::Text(None),
    }
}

/// Texts, tags and the like.
pub fn texts(description: &Description, route: &mut Route) {
    route.summary = description.summary.clone().or(route.summary.take());
    route.description = description.description.clone().or(route.description.take());
    route.operation_id = description.operation_id.clone().or(route.operation_id.take());
    route.deprecated |= description.deprecated;
    if let Some(tags) = &description.tags {
        route.tags.clone_from(tags);
    }
}

/// Described parameters take the place of others of their name.
pub fn parameters(description: &Description, route: &mut Route) {
    for param in &description.params {
        route.params.retain(|known| known.name != param.name || known.location != param.location);
        route.params.push(param.clone());
    }
    route.params.retain(|known| !description.left_out.iter().any(|(name, location)| known.name == *name && known.location == *location));
}

/// Described responses take the place of all successes that were told otherwise.
pub fn responses(description: &Description, route: &mut Route) {
    if description.responses.is_empty() {
        return;
    }
    let own =
        route.responses.iter().find(|known| known.status.starts_with('2')).map_or_else(|| Name::from("200"), |known| known.status.clone());
    let has_success = description.responses.iter().any(|response| response.status.is_empty() || response.status.starts_with('2'));
    if has_success {
        route.responses.retain(|known| !known.status.starts_with('2'));
    }
    for response in &description.responses {
        let status = if response.status.is_empty() { own.clone() } else { response.status.clone() };
        route.responses.retain(|known| known.status != status);
        route.responses.push(ResponseFinding { status, ..response.clone() });
    }
}
