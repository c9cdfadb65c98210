//! What the Relay plugin adds: connections, mutations with one input, the `Node` interface.

use super::fields::{self, Found};
use super::refs::{Refs, is_constructor};
use super::{FRAMEWORK, plain};
use crate::base::code::{Call, CallId, CallKind};
use crate::facts::document::Spot;
use crate::facts::finding::Findings;
use crate::facts::graphql::{GraphqlArgument, GraphqlField, GraphqlKind, GraphqlRootKind, GraphqlType, base_of, non_null};
use crate::facts::program::{CallRef, FileId, Site};
use crate::frameworks::graphql::spot;

fn field(name: &str, ty: impl Into<String>) -> GraphqlField {
    GraphqlField { name: name.into(), ty: ty.into(), ..GraphqlField::default() }
}

fn object(name: &str, fields: Vec<GraphqlField>, spot: &Spot) -> GraphqlType {
    GraphqlType { name: name.into(), fields, framework: FRAMEWORK.id, spot: spot.clone(), ..GraphqlType::default() }
}

/// The connections and edges of fields that give pages.
pub fn connections(fields: &[Found], types: &mut Vec<GraphqlType>) {
    for found in fields {
        let (Some(node), Some(spot)) = (&found.node, &found.field.spot) else { continue };
        let name = base_of(&found.field.ty);
        let edge = format!("{name}Edge");
        let strict = |ty: String| if found.is_strict { non_null(&ty) } else { ty };
        types.push(object(name, vec![field("edges", strict(format!("[{edge}]"))), field("pageInfo", "PageInfo!")], spot));
        types.push(object(&edge, vec![field("cursor", "String!"), field("node", strict(node.clone()))], spot));
        let page = [("endCursor", "String"), ("hasNextPage", "Boolean!"), ("hasPreviousPage", "Boolean!"), ("startCursor", "String")];
        types.push(object("PageInfo", page.map(|(name, ty)| field(name, ty)).into(), spot));
    }
}

/// `relayMutationField("deleteItem", { inputFields }, { resolve }, { outputFields })`.
pub fn mutation<'p>(refs: &Refs<'p>, site: &Site, call: &'p Call) -> Vec<GraphqlType> {
    let program = refs.program;
    let Some(name) = call.positional(0).and_then(|name| program.text(site, name).plain()) else { return Vec::new() };
    let mut chars = name.chars();
    let capital: String = chars.next().map(|first| first.to_uppercase().chain(chars).collect()).unwrap_or_default();
    let named = |position: usize, usual: String| {
        let told = call.positional(position).and_then(|options| refs.option(site, options, "name"));
        told.and_then(|(value, at)| program.text(&at, value).plain()).unwrap_or(usual)
    };
    let told = |position: usize, key: &str, owner: &str, kind: GraphqlKind| {
        let function = call.positional(position).and_then(|options| refs.option(site, options, key));
        let function = function.and_then(|(value, at)| program.resolve(&at, value).function());
        function.map(|function| plain(fields::all(refs, function, owner, kind))).unwrap_or_default()
    };
    let (input, payload) = (named(1, format!("{capital}Input")), named(3, format!("{capital}Payload")));
    let spot = spot(program, site.file, &format!("Mutation.{name}"), call.at.line);
    let input_fields = told(1, "inputFields", &input, GraphqlKind::Input);
    let payload_fields = told(3, "outputFields", &payload, GraphqlKind::Object);
    let strict = |ty: String| if refs.defaults.is_strict { non_null(&ty) } else { ty };
    let argument = GraphqlArgument { name: "input".into(), ty: format!("{input}!"), ..GraphqlArgument::default() };
    let answer = GraphqlField { args: vec![argument], spot: Some(spot.clone()), ..field(&name, strict(payload.clone())) };
    vec![
        GraphqlType { kind: GraphqlKind::Input, ..object(&input, input_fields, &spot) },
        object(&payload, payload_fields, &spot),
        GraphqlType { root: Some(GraphqlRootKind::Mutation), ..object("Mutation", vec![answer], &spot) },
    ]
}

/// `node` and `nodes` of the root, where the builder is made and some type is a node.
pub fn nodes(refs: &Refs, file: FileId, findings: &mut Findings) {
    if !refs.defaults.has_nodes {
        return;
    }
    let program = refs.program;
    let calls = (0u32..).zip(&program.file(file).outline.calls);
    let mut made =
        calls.filter(|(number, call)| call.kind == CallKind::New && is_constructor(&program.callee(CallRef { file, id: CallId(*number) })));
    let Some((_, call)) = made.next() else { return };
    let spot = spot(program, file, "builder", call.at.line);
    let id = |name: &str, ty: &str| GraphqlArgument { name: name.into(), ty: ty.to_owned(), ..GraphqlArgument::default() };
    let one = GraphqlField { args: vec![id("id", "ID!")], spot: Some(spot.clone()), ..field("node", "Node") };
    let many = GraphqlField { args: vec![id("ids", "[ID!]!")], spot: Some(spot.clone()), ..field("nodes", "[Node]!") };
    findings.graphql.types.push(GraphqlType { root: Some(GraphqlRootKind::Query), ..object("Query", vec![one, many], &spot) });
    findings.graphql.types.push(GraphqlType { kind: GraphqlKind::Interface, ..object("Node", vec![field("id", "ID!")], &spot) });
}
