//! What graphql-relay makes: connections and mutations with one input.

use super::FRAMEWORK;
use super::types::Types;
use crate::base::code::Call;
use crate::facts::document::Spot;
use crate::facts::graphql::{GraphqlField, GraphqlKind, GraphqlType, nullable};
use crate::facts::program::Site;
use crate::frameworks::graphql::spot;

fn field(name: &str, ty: impl Into<String>) -> GraphqlField {
    GraphqlField { name: name.into(), ty: ty.into(), ..GraphqlField::default() }
}

fn object(name: &str, fields: Vec<GraphqlField>, spot: &Spot) -> GraphqlType {
    GraphqlType { name: name.into(), fields, framework: FRAMEWORK.id, spot: spot.clone(), ..GraphqlType::default() }
}

/// `connectionDefinitions({ nodeType: UserType, connectionFields, edgeFields })`.
pub fn connection<'p>(types: &Types<'p>, site: &Site, call: &'p Call) -> Vec<GraphqlType> {
    let program = types.program;
    let Some((name, node)) = types.node_of(site, call) else { return Vec::new() };
    let spot = spot(program, site.file, &format!("{name}Connection"), call.at.line);
    let options = call.positional(0).and_then(|options| program.entries(site, options)).unwrap_or_default();
    let more = |key: &str, owner: &str| {
        let found = options.iter().find(|(name, ..)| name == key);
        found.map(|(_, value, at)| types.fields(at, value, owner, GraphqlKind::Object)).unwrap_or_default()
    };
    let (edge, connection) = (format!("{name}Edge"), format!("{name}Connection"));
    let mut edge_fields = vec![field("node", nullable(&node)), field("cursor", "String!")];
    edge_fields.extend(more("edgeFields", &edge));
    let mut fields = vec![field("pageInfo", "PageInfo!"), field("edges", format!("[{edge}]"))];
    fields.extend(more("connectionFields", &connection));
    let page = [("hasNextPage", "Boolean!"), ("hasPreviousPage", "Boolean!"), ("startCursor", "String"), ("endCursor", "String")];
    vec![
        object(&connection, fields, &spot),
        object(&edge, edge_fields, &spot),
        object("PageInfo", page.iter().map(|(name, ty)| field(name, *ty)).collect(), &spot),
    ]
}

/// `mutationWithClientMutationId({ name, inputFields, outputFields })`: its input and its payload.
pub fn mutation<'p>(types: &Types<'p>, site: &Site, call: &'p Call) -> Vec<GraphqlType> {
    let program = types.program;
    let options = call.positional(0).and_then(|options| program.entries(site, options)).unwrap_or_default();
    let option = |key: &str| options.iter().find(|(name, ..)| name == key).map(|(_, value, at)| (*value, at));
    let Some(name) = option("name").and_then(|(value, at)| program.text(at, value).plain()) else { return Vec::new() };
    let spot = spot(program, site.file, &name, call.at.line);
    let (input, payload) = (format!("{name}Input"), format!("{name}Payload"));
    let told = |key: &str, owner: &str, kind| option(key).map(|(value, at)| types.fields(at, value, owner, kind)).unwrap_or_default();
    let mut input_fields = told("inputFields", &input, GraphqlKind::Input);
    input_fields.push(field("clientMutationId", "String"));
    let mut payload_fields = told("outputFields", &payload, GraphqlKind::Object);
    payload_fields.push(field("clientMutationId", "String"));
    vec![GraphqlType { kind: GraphqlKind::Input, ..object(&input, input_fields, &spot) }, object(&payload, payload_fields, &spot)]
}
