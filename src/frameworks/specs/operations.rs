//! What one described operation says: parameters, body, responses, security.

use serde_json::{Map, Value};

use super::known::{set_body, set_param};
use super::whole::Reader;
use crate::base::Name;
use crate::facts::finding::{BodyFinding, Location, ParamFinding, ResponseFinding, Route, SchemeUse, Security};
use crate::facts::shape::{Member, Shape};

type Object = Map<String, Value>;

impl Reader<'_> {
    /// Adds what a described operation says to a route.
    pub fn operation(&self, route: &mut Route, operation: &Object) {
        let text = |key: &str| operation.get(key).and_then(Value::as_str).map(str::trim).filter(|text| !text.is_empty()).map(Name::from);
        route.summary = text("summary").or(route.summary.take());
        route.description = text("description").or(route.description.take());
        route.operation_id = text("operationId").or(route.operation_id.take());
        route.deprecated |= operation.get("deprecated").and_then(Value::as_bool).unwrap_or(false);
        for tag in operation.get("tags").and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str) {
            if !route.tags.iter().any(|known| known == tag) {
                route.tags.push(tag.into());
            }
        }
        self.parameters(route, operation);
        if let Some(body) = operation.get("requestBody").and_then(|body| self.object(body)) {
            let required = body.get("required").and_then(Value::as_bool).unwrap_or(false);
            set_body(route, BodyFinding { required, contents: self.contents(body, None), doc: doc_of(body) });
        }
        self.responses(route, operation);
        self.security(route, operation);
    }

    fn parameters(&self, route: &mut Route, operation: &Object) {
        let consumes = first_text(operation.get("consumes"));
        let mut form = Vec::new();
        let listed = operation.get("parameters").and_then(Value::as_array).into_iter().flatten();
        for said in listed.filter_map(|said| self.object(said)) {
            let name = said.get("name").and_then(Value::as_str).unwrap_or_default();
            let required = said.get("required").and_then(Value::as_bool).unwrap_or(false);
            let shape = self.parameter_shape(said);
            let location = match said.get("in").and_then(Value::as_str) {
                Some("path") => Location::Path,
                Some("query") => Location::Query,
                Some("header") => Location::Header,
                Some("cookie") => Location::Cookie,
                Some("body") => {
                    let media = consumes.unwrap_or("application/json");
                    set_body(route, BodyFinding { required, contents: vec![(media.into(), shape)], doc: doc_of(said) });
                    continue;
                }
                Some("formData") if !name.is_empty() => {
                    form.push(Member { name: name.into(), shape, required, doc: doc_of(said), ..Member::default() });
                    continue;
                }
                _ => continue,
            };
            if !name.is_empty() && name.len() < 200 {
                let deprecated = said.get("deprecated").and_then(Value::as_bool).unwrap_or(false);
                set_param(route, ParamFinding { name: name.into(), location, required, shape, doc: doc_of(said), deprecated });
            }
        }
        if !form.is_empty() {
            let media = consumes.unwrap_or("application/x-www-form-urlencoded");
            set_body(route, BodyFinding { required: true, contents: vec![(media.into(), Shape::record(form))], doc: None });
        }
    }

    /// Of a parameter or a header: its schema, the schema of its content, or (of Swagger 2) what stands beside its name.
    fn parameter_shape(&self, said: &Object) -> Shape {
        let in_content = || said.get("content")?.as_object()?.values().next()?.get("schema");
        match said.get("schema").or_else(in_content) {
            Some(schema) => self.shape(schema),
            None => self.shape_of_parameter(said),
        }
    }

    fn responses(&self, route: &mut Route, operation: &Object) {
        let Some(said) = operation.get("responses").and_then(Value::as_object) else { return };
        // A success of which the code knows nothing is the one that is described.
        if said.keys().any(|status| status.starts_with('2')) {
            let knows_nothing = |known: &ResponseFinding| known.contents.iter().all(|(_, shape)| shape.is_any());
            let is_told = |known: &ResponseFinding| said.contains_key(known.status.as_str());
            route.responses.retain(|known| !known.status.starts_with('2') || !knows_nothing(known) || is_told(known));
        }
        for (status, response) in said {
            let status = status.trim().to_ascii_lowercase();
            let is_status = status == "default" || (status.len() == 3 && status.starts_with(|c: char| ('1'..='5').contains(&c)));
            let Some(response) = self.object(response).filter(|_| is_status) else { continue };
            let found = ResponseFinding {
                status: status.to_uppercase().replace("DEFAULT", "default").into(),
                doc: doc_of(response),
                contents: self.contents(response, first_text(operation.get("produces"))),
                headers: self.headers(response),
            };
            match route.responses.iter_mut().find(|known| known.status == found.status) {
                Some(known) => {
                    known.doc = found.doc.or(known.doc.take());
                    if !found.contents.is_empty() && found.contents.iter().any(|(_, shape)| !shape.is_any()) {
                        known.contents = found.contents;
                    }
                }
                None => route.responses.push(found),
            }
        }
    }

    fn headers(&self, response: &Object) -> Vec<(Name, Shape)> {
        let said = response.get("headers").and_then(Value::as_object).into_iter().flatten();
        said.filter_map(|(name, header)| Some((name.as_str().into(), self.parameter_shape(self.object(header)?)))).collect()
    }

    /// Media types and schemas: `content` of OpenAPI 3, `schema` of 2.
    fn contents(&self, said: &Object, media: Option<&str>) -> Vec<(Name, Shape)> {
        if let Some(content) = said.get("content").and_then(Value::as_object) {
            let shape = |of: &Value| of.get("schema").map_or(Shape::Any, |schema| self.shape(schema));
            return content.iter().map(|(media, of)| (media.as_str().into(), shape(of))).collect();
        }
        match said.get("schema") {
            Some(schema) if schema.get("type").and_then(Value::as_str) == Some("file") => {
                vec![("application/octet-stream".into(), Shape::format("binary"))]
            }
            Some(schema) => vec![(media.unwrap_or("application/json").into(), self.shape(schema))],
            None => Vec::new(),
        }
    }

    fn security(&self, route: &mut Route, operation: &Object) {
        let Some(said) = operation.get("security").and_then(Value::as_array) else { return };
        let scheme = |(name, scopes): (&String, &Value)| SchemeUse {
            name: name.as_str().into(),
            kind: self.scheme(name),
            scopes: scopes.as_array().into_iter().flatten().filter_map(Value::as_str).map(Name::from).collect(),
        };
        let alternatives: Vec<Vec<SchemeUse>> =
            said.iter().filter_map(Value::as_object).map(|schemes| schemes.iter().map(scheme).collect()).collect();
        if alternatives.iter().any(|schemes| !schemes.is_empty()) && route.security == Security::Inherit {
            route.security = Security::any_of(alternatives);
        }
    }
}

fn doc_of(said: &Object) -> Option<Name> {
    said.get("description").and_then(Value::as_str).map(|text| text.trim().into())
}

/// The first text of a list.
fn first_text(list: Option<&Value>) -> Option<&str> {
    list?.as_array()?.first()?.as_str()
}
