//! One side of a comparison: operations as the fields of their root types, all types alike.

use std::collections::BTreeSet;

use crate::contract::model::graphql::{
    GraphqlArgument, GraphqlContract, GraphqlDirective, GraphqlField, GraphqlOperation, GraphqlOperationKind, GraphqlTypeKind, base_of,
};

/// A type.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Type<'a> {
    pub name: String,
    pub kind: GraphqlTypeKind,
    pub description: &'a str,
    pub of: Vec<&'a str>,
    pub fields: Vec<Field<'a>>,
    pub directives: &'a [String],
    pub file: &'a str,
}

/// A field of an object, interface or input, or a value of an enum.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Field<'a> {
    pub name: &'a str,
    pub ty: &'a str,
    pub args: &'a [GraphqlArgument],
    pub default: Option<&'a String>,
    pub description: &'a str,
    pub deprecated: Option<&'a String>,
    pub directives: &'a [String],
    pub file: &'a str,
}

/// All that one side promises.
pub(super) struct Schema<'a> {
    /// The root types that there are.
    pub roots: Vec<(GraphqlOperationKind, Type<'a>)>,
    /// All other types, by name.
    pub types: Vec<Type<'a>>,
    /// Directives that are defined, by name.
    pub directives: Vec<&'a GraphqlDirective>,
    /// Directives put on the schema itself.
    pub on_schema: &'a [String],
    /// Names of types that are returned.
    pub returned: BTreeSet<&'a str>,
    /// Names of types that are taken.
    pub taken: BTreeSet<&'a str>,
}

impl<'a> Schema<'a> {
    /// Of a contract. What several features tell alike is one.
    pub fn new(contract: &'a GraphqlContract) -> Self {
        let roots: Vec<_> = GraphqlOperationKind::ALL.into_iter().filter_map(|kind| Some((kind, root(contract, kind)?))).collect();
        let mut types: Vec<Type> = contract.types.iter().map(type_of).collect();
        types.sort_by(|one, other| (&one.name, one.file).cmp(&(&other.name, other.file)));
        types.dedup();
        let mut directives: Vec<&GraphqlDirective> = contract.directives.iter().collect();
        directives.sort();
        directives.dedup();
        let mut schema =
            Self { roots, types, directives, on_schema: &contract.on_schema, returned: BTreeSet::new(), taken: BTreeSet::new() };
        let all = schema.roots.iter().map(|(_, root)| root).chain(&schema.types);
        for (kind, field) in all.flat_map(|one| one.fields.iter().map(|field| (one.kind, *field))) {
            let places = if kind == GraphqlTypeKind::Input { &mut schema.taken } else { &mut schema.returned };
            places.insert(base_of(field.ty));
            schema.taken.extend(field.args.iter().map(|arg| base_of(&arg.ty)));
        }
        schema
    }

    /// Whether there is a type of this name that is no root.
    pub fn has_type(&self, name: &str) -> bool {
        self.types.binary_search_by(|one| one.name.as_str().cmp(name)).is_ok()
    }

    /// Whether a root type has this name.
    pub fn has_root(&self, name: &str) -> bool {
        self.roots.iter().any(|(_, root)| root.name == name)
    }

    /// Whether a directive is defined.
    pub fn has_directive(&self, name: &str) -> bool {
        self.directives.iter().any(|one| one.name == name)
    }
}

/// A root type, when it has fields. One that has several names has them all.
fn root(contract: &GraphqlContract, kind: GraphqlOperationKind) -> Option<Type<'_>> {
    let mut fields: Vec<Field> = contract.operations.iter().filter(|one| one.kind == kind).map(field_of_operation).collect();
    fields.sort_by_key(|field| (field.name, field.file));
    fields.dedup();
    let file = fields.first()?.file;
    let said: Vec<_> = contract.roots.iter().filter(|root| root.kind == kind).collect();
    let names: BTreeSet<&str> = said.iter().map(|root| root.name.as_str()).filter(|name| !name.is_empty()).collect();
    let name = if names.is_empty() { kind.type_name().to_owned() } else { names.into_iter().collect::<Vec<_>>().join(", ") };
    Some(Type {
        name,
        kind: GraphqlTypeKind::Object,
        description: "",
        of: said.iter().flat_map(|root| root.of.iter().map(String::as_str)).collect(),
        fields,
        directives: said.first().map_or(&[], |root| &root.directives),
        file,
    })
}

fn field_of_operation(one: &GraphqlOperation) -> Field<'_> {
    Field {
        name: &one.name,
        ty: &one.returns,
        args: &one.args,
        default: None,
        description: &one.description,
        deprecated: one.deprecated.as_ref(),
        directives: &one.directives,
        file: &one.evidence.file,
    }
}

fn type_of(one: &crate::contract::model::graphql::GraphqlType) -> Type<'_> {
    Type {
        name: one.name.clone(),
        kind: one.kind,
        description: &one.description,
        of: one.of.iter().map(String::as_str).collect(),
        fields: one.fields.iter().map(|field| field_of(field, &one.evidence.file)).collect(),
        directives: &one.directives,
        file: &one.evidence.file,
    }
}

fn field_of<'a>(one: &'a GraphqlField, file: &'a str) -> Field<'a> {
    Field {
        name: &one.name,
        ty: &one.ty,
        args: &one.args,
        default: one.default.as_ref(),
        description: &one.description,
        deprecated: one.deprecated.as_ref(),
        directives: &one.directives,
        file,
    }
}
