//! Schemas put together of graphql-js's own objects: `new GraphQLObjectType({ name, fields })`, and graphql-relay's helpers.
//! Read from `graphql` 16 and `graphql-relay` 0.10.

mod fields;
mod relay;
mod types;

use crate::base::Name;
use crate::base::code::{Call, CallId};
use crate::base::language::Language;
use crate::facts::finding::Findings;
use crate::facts::framework::{Framework, Tells};
use crate::facts::graphql::{GraphqlField, GraphqlKind, GraphqlRoot, GraphqlRootKind, GraphqlType, base_of};
use crate::facts::program::{CallRef, FileId, Meaning, Program, Site};
use crate::frameworks::graphql::spot;
use types::Types;

/// graphql-js.
pub const FRAMEWORK: Framework = Framework {
    id: "script/graphql-js",
    label: "graphql-js objects, graphql-relay",
    languages: &[Language::TypeScript, Language::Tsx, Language::JavaScript],
    modules: &["graphql"],
    tells: &[Tells::Graphql],
    read: Some(read),
    types: None,
};

fn read(program: &dyn Program, file: FileId, findings: &mut Findings) {
    let types = Types { program };
    for (number, call) in (0u32..).zip(&program.file(file).outline.calls) {
        let is_near = call.callee.last_name().is_some_and(|name| {
            name.starts_with("GraphQL") || matches!(name.as_str(), "connectionDefinitions" | "mutationWithClientMutationId")
        });
        if !is_near {
            continue;
        }
        let Meaning::Outside(path) = program.callee(CallRef { file, id: CallId(number) }) else { continue };
        let Some(name) = types::library_name(&path) else { continue };
        let site = Site::of_call(file, call);
        match name {
            "GraphQLSchema" => roots(&types, &site, call, findings),
            "connectionDefinitions" => findings.graphql.types.extend(relay::connection(&types, &site, call)),
            "mutationWithClientMutationId" => findings.graphql.types.extend(relay::mutation(&types, &site, call)),
            _ => findings.graphql.types.extend(declared(&types, &site, call, name)),
        }
    }
}

/// `new GraphQLSchema({ query: RootQuery, mutation })`.
fn roots<'p>(types: &Types<'p>, site: &Site, call: &'p Call, findings: &mut Findings) {
    let Some(options) = call.positional(0).and_then(|options| types.program.entries(site, options)) else { return };
    for (key, value, at) in options {
        let Some(kind) = GraphqlRootKind::of(&key) else { continue };
        let Some(name) = types.written(&at, value) else { continue };
        let spot = spot(types.program, site.file, "", call.at.line);
        findings.graphql.roots.push(GraphqlRoot { kind, name: base_of(&name).into(), spot });
    }
}

/// A type as its constructor's options say it.
fn declared<'p>(types: &Types<'p>, site: &Site, call: &'p Call, constructor: &str) -> Option<GraphqlType> {
    let kind = match constructor {
        "GraphQLObjectType" => GraphqlKind::Object,
        "GraphQLInputObjectType" => GraphqlKind::Input,
        "GraphQLInterfaceType" => GraphqlKind::Interface,
        "GraphQLUnionType" => GraphqlKind::Union,
        "GraphQLEnumType" => GraphqlKind::Enum,
        "GraphQLScalarType" => GraphqlKind::Scalar,
        _ => return None,
    };
    let options = types.program.entries(site, call.positional(0)?)?;
    let option = |key: &str| options.iter().find(|(name, ..)| name == key).map(|(_, value, at)| (*value, at));
    let name: Name = option("name").and_then(|(value, at)| types.program.text(at, value).plain())?.into();
    let fields: Vec<GraphqlField> = match (kind, option("fields"), option("values")) {
        (GraphqlKind::Enum, _, Some((values, at))) => types.values(at, values),
        (_, Some((fields, at)), _) => types.fields(at, fields, &name, kind),
        _ => Vec::new(),
    };
    let members = if kind == GraphqlKind::Union { option("types") } else { option("interfaces") };
    let of = members.map(|(value, at)| types.listed(at, value)).unwrap_or_default();
    Some(GraphqlType {
        spot: spot(types.program, site.file, &name, call.at.line),
        doc: option("description").and_then(|(value, at)| types.program.text(at, value).plain()).unwrap_or_default(),
        of: of.iter().map(|ty| Name::from(base_of(ty))).collect(),
        framework: FRAMEWORK.id,
        name,
        kind,
        fields,
        ..GraphqlType::default()
    })
}
