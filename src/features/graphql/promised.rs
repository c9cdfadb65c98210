//! What is served over GraphQL, in the contract's words.

use crate::contract::model::graphql::{
    GraphqlArgument, GraphqlContract, GraphqlDirective, GraphqlField, GraphqlOperation, GraphqlOperationKind, GraphqlRoot, GraphqlType,
    GraphqlTypeKind,
};
use crate::contract::model::{Confidence, Evidence, Origin};
use crate::facts::document::Spot;
use crate::facts::graphql::{self as found, GraphqlKind, GraphqlRootKind};
use crate::link::graphql::{Graphql, GraphqlServed};

/// All of it as one contract, whoever owns it.
#[must_use]
pub fn contract_of(graphql: &Graphql) -> GraphqlContract {
    GraphqlContract {
        operations: graphql.operations.iter().map(operation_of).collect(),
        types: graphql.types.iter().map(|one| type_of(one, true)).collect(),
        roots: graphql.roots.iter().filter_map(|(kind, one)| root_of(*kind, one)).collect(),
        directives: graphql.directives.iter().map(directive_of).collect(),
        on_schema: graphql.on_schema.iter().map(|(one, _)| one.clone()).collect(),
    }
}

/// What there is to say of a root type besides its fields, if anything. Code names the parts a root is made of, not the root.
pub(super) fn root_of(kind: GraphqlRootKind, one: &found::GraphqlType) -> Option<GraphqlRoot> {
    let root = GraphqlRoot {
        kind: kind_of(kind),
        name: one.name.to_string(),
        of: one.of.iter().map(ToString::to_string).collect(),
        directives: one.directives.clone(),
    };
    let usual = GraphqlRoot { kind: root.kind, name: root.kind.type_name().to_owned(), ..GraphqlRoot::default() };
    (one.is_text && root != usual).then_some(root)
}

/// A directive's definition.
pub(super) fn directive_of(one: &found::GraphqlDirective) -> GraphqlDirective {
    GraphqlDirective {
        name: one.name.to_string(),
        args: one.args.iter().map(argument_of).collect(),
        locations: one.locations.iter().map(ToString::to_string).collect(),
        is_repeatable: one.is_repeatable,
        description: one.doc.clone(),
        evidence: evidence_of(&one.spot),
    }
}

fn kind_of(kind: GraphqlRootKind) -> GraphqlOperationKind {
    match kind {
        GraphqlRootKind::Query => GraphqlOperationKind::Query,
        GraphqlRootKind::Mutation => GraphqlOperationKind::Mutation,
        GraphqlRootKind::Subscription => GraphqlOperationKind::Subscription,
    }
}

/// A field of a root type.
pub(super) fn operation_of(one: &GraphqlServed) -> GraphqlOperation {
    GraphqlOperation {
        kind: kind_of(one.kind),
        name: one.field.name.to_string(),
        args: one.field.args.iter().map(argument_of).collect(),
        returns: one.field.ty.clone(),
        description: one.field.doc.clone(),
        deprecated: one.field.deprecated.clone(),
        implemented_by: one.resolvers.iter().map(|resolver| evidence_of(&resolver.spot)).collect(),
        framework: one.framework.to_owned(),
        origin: origin_of(one.framework),
        confidence: if one.field.is_unsure { Confidence::Low } else { Confidence::High },
        evidence: evidence_of(&one.spot),
        directives: one.field.directives.clone(),
    }
}

fn origin_of(framework: &str) -> Origin {
    if framework.is_empty() { Origin::Document } else { Origin::Code }
}

fn evidence_of(spot: &Spot) -> Evidence {
    Evidence::new(&spot.file, spot.symbol.as_str(), spot.line)
}

/// A type.
pub(super) fn type_of(one: &found::GraphqlType, is_own: bool) -> GraphqlType {
    GraphqlType {
        name: one.name.to_string(),
        kind: match one.kind {
            GraphqlKind::Object => GraphqlTypeKind::Object,
            GraphqlKind::Interface => GraphqlTypeKind::Interface,
            GraphqlKind::Input => GraphqlTypeKind::Input,
            GraphqlKind::Enum => GraphqlTypeKind::Enum,
            GraphqlKind::Union => GraphqlTypeKind::Union,
            GraphqlKind::Scalar => GraphqlTypeKind::Scalar,
        },
        description: one.doc.clone(),
        of: one.of.iter().map(ToString::to_string).collect(),
        fields: one.fields.iter().map(field_of).collect(),
        is_own,
        origin: origin_of(one.framework),
        evidence: evidence_of(&one.spot),
        directives: one.directives.clone(),
    }
}

fn field_of(field: &found::GraphqlField) -> GraphqlField {
    GraphqlField {
        name: field.name.to_string(),
        ty: field.ty.clone(),
        args: field.args.iter().map(argument_of).collect(),
        default: field.default.clone(),
        description: field.doc.clone(),
        deprecated: field.deprecated.clone(),
        directives: field.directives.clone(),
    }
}

fn argument_of(arg: &found::GraphqlArgument) -> GraphqlArgument {
    GraphqlArgument {
        name: arg.name.to_string(),
        ty: arg.ty.clone(),
        default: arg.default.clone(),
        description: arg.doc.clone(),
        deprecated: arg.deprecated.clone(),
        directives: arg.directives.clone(),
    }
}
