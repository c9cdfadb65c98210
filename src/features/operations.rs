//! Served operations → the contract's operations, with their schemas and security schemes.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::{Given, events};
use crate::base::Name;
use crate::contract::model::{
    Confidence, Content, Evidence, FeatureContract, Gap, Header, Location, Method, Operation, Origin, Parameter, RequestBody, Response,
    SecurityRequirement,
};
use crate::contract::settle::each_schema_mut;
use crate::facts::finding::{self, ParamFinding, Place, ResponseFinding, SchemeKind, SchemeUse};
use crate::facts::program::Program;
use crate::facts::shape::Shape;
use crate::link::http::Served;
use crate::link::schema::{self, SchemaBook};

/// The schemas of everything the repository serves, named once for all features.
pub fn schemas_of(given: &Given) -> schema::Schemas {
    let mut book = SchemaBook::new(given.system);
    given.http.operations.iter().flat_map(shapes_of).chain(events::shapes_of(given)).for_each(|shape| book.collect(shape));
    book.settle()
}

/// Fills a feature with the operations that are its own, by index. Those kept out of the framework's own document stay out of ours.
pub fn fill(given: &Given, schemas: &schema::Schemas, feature: &mut FeatureContract, indices: &[usize]) {
    let mut schema = |shape: &Shape| schemas.schema(shape);
    for served in indices.iter().filter_map(|index| given.http.operations.get(*index)) {
        let operation = operation(given, served, &mut schema);
        if served.hidden {
            feature.hidden.push(operation);
            continue;
        }
        feature.http.push(operation);
        for scheme in served.security.iter().flatten() {
            feature.security_schemes.insert(scheme.name.to_string(), scheme_object(scheme));
        }
    }
    let mut used: Vec<Value> = Vec::new();
    for operation in &mut feature.http {
        each_schema_mut(operation, &mut |schema| used.push(schema.clone()));
    }
    feature.schemas = schemas.reachable(&used);
}

/// Every shape an operation speaks of.
fn shapes_of(served: &Served) -> Vec<&Shape> {
    let mut shapes: Vec<&Shape> = served.params.iter().map(|param| &param.shape).collect();
    shapes.extend(served.body.iter().flat_map(|body| body.contents.iter().map(|(_, shape)| shape)));
    for response in &served.responses {
        shapes.extend(response.contents.iter().chain(&response.headers).map(|(_, shape)| shape));
    }
    shapes
}

type Schemas<'a> = &'a mut dyn FnMut(&Shape) -> Value;

fn operation(given: &Given, served: &Served, schema: Schemas) -> Operation {
    let evidence = evidence(given, &served.place);
    Operation {
        method: method(served.method),
        path: served.path.clone(),
        original_path: None,
        operation_id: text(served.operation_id.as_ref()),
        summary: text(served.summary.as_ref()),
        summary_by: None,
        description: text(served.description.as_ref()),
        tags: served.tags.iter().map(Name::to_string).collect(),
        deprecated: served.deprecated,
        parameters: served.params.iter().map(|param| parameter(param, schema)).collect(),
        request_body: served.body.as_ref().map(|body| RequestBody {
            required: body.required,
            description: text(body.doc.as_ref()),
            content: content(&body.contents, schema),
        }),
        responses: served.responses.iter().map(|response| (response.status.to_string(), self::response(response, schema))).collect(),
        security: (!served.security.is_empty()).then(|| served.security.iter().map(|schemes| requirement(schemes)).collect()),
        gaps: path_gap(served, &evidence).into_iter().collect(),
        evidence,
        origin: if served.is_documented { Origin::Document } else { Origin::Code },
        confidence: confidence(served),
        framework: served.framework.to_owned(),
    }
}

fn text(name: Option<&Name>) -> String {
    name.map(Name::to_string).unwrap_or_default()
}

fn evidence(given: &Given, place: &Place) -> Evidence {
    Evidence::new(given.system.path(place.file), place.symbol.as_str(), place.line)
}

fn confidence(served: &Served) -> Confidence {
    if !served.holes.is_empty() {
        Confidence::Low
    } else if served.is_implied {
        Confidence::Medium
    } else {
        Confidence::High
    }
}

/// One question for all holes of a path: they are known by the same path and handler.
fn path_gap(served: &Served, evidence: &Evidence) -> Option<Gap> {
    let subject = format!("{} {}", method(served.method), served.path);
    let question = events::what_is(&served.holes, "this path")?;
    Some(Gap::new("route-path-unknown", subject, question, evidence.clone()))
}

/// A method as the contract has it.
pub fn method(method: finding::Method) -> Method {
    match method {
        finding::Method::Get => Method::Get,
        finding::Method::Put => Method::Put,
        finding::Method::Post => Method::Post,
        finding::Method::Delete => Method::Delete,
        finding::Method::Options => Method::Options,
        finding::Method::Head => Method::Head,
        finding::Method::Patch => Method::Patch,
        finding::Method::Trace => Method::Trace,
    }
}

fn location(location: finding::Location) -> Location {
    match location {
        finding::Location::Path => Location::Path,
        finding::Location::Query => Location::Query,
        finding::Location::Header => Location::Header,
        finding::Location::Cookie => Location::Cookie,
    }
}

fn parameter(param: &ParamFinding, schema: Schemas) -> Parameter {
    Parameter {
        name: param.name.to_string(),
        location: location(param.location),
        required: param.required || param.location == finding::Location::Path,
        schema: schema(&param.shape),
        description: text(param.doc.as_ref()),
        style: None,
        explode: None,
        deprecated: param.deprecated,
    }
}

fn content(contents: &[(Name, Shape)], schema: Schemas) -> Content {
    contents.iter().map(|(media, shape)| (media.to_string(), schema(shape))).collect()
}

fn response(response: &ResponseFinding, schema: Schemas) -> Response {
    let header = |(name, shape): &(Name, Shape), schema: Schemas| (name.to_string(), Header { schema: schema(shape), ..Header::default() });
    Response {
        description: text(response.doc.as_ref()),
        headers: response.headers.iter().map(|entry| header(entry, schema)).collect(),
        content: content(&response.contents, schema),
    }
}

fn requirement(schemes: &[SchemeUse]) -> SecurityRequirement {
    schemes.iter().map(|scheme| (scheme.name.to_string(), scheme.scopes.iter().map(Name::to_string).collect())).collect::<BTreeMap<_, _>>()
}

/// The OpenAPI security scheme object.
fn scheme_object(scheme: &SchemeUse) -> Value {
    match &scheme.kind {
        SchemeKind::Bearer => json!({"type": "http", "scheme": "bearer"}),
        SchemeKind::Basic => json!({"type": "http", "scheme": "basic"}),
        SchemeKind::Digest => json!({"type": "http", "scheme": "digest"}),
        SchemeKind::ApiKey(location, name) => json!({"type": "apiKey", "in": self::location(*location).key(), "name": name}),
        SchemeKind::OAuth2Password(token) => json!({"type": "oauth2", "flows": {"password": {"tokenUrl": url(token), "scopes": {}}}}),
        SchemeKind::OAuth2Code(authorize, token) => {
            json!({"type": "oauth2", "flows": {"authorizationCode": {"authorizationUrl": url(authorize), "tokenUrl": url(token), "scopes": {}}}})
        }
        SchemeKind::OpenId(discovery) => json!({"type": "openIdConnect", "openIdConnectUrl": url(discovery)}),
        SchemeKind::Guard => json!({
            "type": "http",
            "scheme": "bearer",
            "description": format!("Asked for by `{}`; the code does not say how credentials are sent.", scheme.name),
        }),
    }
}

/// A URL reference, never empty: the documents ask for one.
fn url(text: &str) -> &str {
    if text.is_empty() { "/" } else { text }
}
