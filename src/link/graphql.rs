//! What was found of GraphQL, brought together: parts of one type joined, fields of root types as operations, copies of a
//! schema that the code itself declares left out.

use std::collections::{BTreeMap, BTreeSet};

use crate::base::Name;
use crate::facts::document::Spot;
use crate::facts::graphql::{
    GraphqlDirective, GraphqlField, GraphqlFindings, GraphqlKind, GraphqlResolver, GraphqlRootKind, GraphqlType, base_of,
};

/// All that a repository serves over GraphQL.
#[derive(Clone, Debug, Default)]
pub struct Graphql {
    /// The fields of root types.
    pub operations: Vec<GraphqlServed>,
    /// All other types.
    pub types: Vec<GraphqlType>,
    /// The root types themselves, without their fields: which each is, and all that is said of it.
    pub roots: Vec<(GraphqlRootKind, GraphqlType)>,
    /// Directives that are defined.
    pub directives: Vec<GraphqlDirective>,
    /// Directives put on the schema itself, and where.
    pub on_schema: Vec<(String, Spot)>,
}

/// A field of a root type.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct GraphqlServed {
    /// Of which root type.
    pub kind: GraphqlRootKind,
    /// The field.
    pub field: GraphqlField,
    /// Where it is declared.
    pub spot: Spot,
    /// The framework's id; empty for documents.
    pub framework: &'static str,
    /// Stands as schema text.
    pub is_text: bool,
    /// The functions that answer it, where a document declares it.
    pub resolvers: Vec<GraphqlResolver>,
}

impl Graphql {
    /// Joins what was found in a repository.
    #[must_use]
    pub fn new(found: GraphqlFindings) -> Self {
        let mut roots = usual_roots();
        roots.extend(found.roots.iter().map(|root| (root.name.clone(), root.kind)));
        Self::joined(found, &roots)
    }

    /// Joins what one document says, which is a whole schema: where it names its roots, no other types are.
    #[must_use]
    pub fn of_document(found: GraphqlFindings) -> Self {
        let is_told = found.roots.iter().any(|root| root.kind == GraphqlRootKind::Query);
        let mut roots = if is_told { BTreeMap::new() } else { usual_roots() };
        roots.extend(found.roots.iter().map(|root| (root.name.clone(), root.kind)));
        Self::joined(found, &roots)
    }

    fn joined(mut found: GraphqlFindings, roots: &BTreeMap<Name, GraphqlRootKind>) -> Self {
        found.types.sort();
        found.types.dedup();
        let (mut operations, mut root_types) = (Vec::new(), Vec::new());
        let mut by_name: BTreeMap<Name, Vec<GraphqlType>> = BTreeMap::new();
        for one in found.types {
            match one.root.or_else(|| roots.get(&one.name).copied()) {
                Some(kind) => {
                    root_types.push((kind, GraphqlType { fields: Vec::new(), ..one.clone() }));
                    operations.extend(served(kind, one));
                }
                None => by_name.entry(one.name.clone()).or_default().push(one),
            }
        }
        let mut types: Vec<GraphqlType> = by_name.into_values().flat_map(joined).collect();
        let mut operations = told_once(operations, &found.resolvers, roots);
        name_values(&mut operations, &mut types);
        inherit(&mut types);
        if operations.iter().any(|one| !one.is_text) {
            let reached = reached(&operations, &types);
            types.retain(|one| one.is_text || reached.contains(&one.name));
        }
        found.directives.sort_by(|one, other| (&one.name, &one.spot).cmp(&(&other.name, &other.spot)));
        found.on_schema.sort();
        Self { operations, types, roots: root_types, directives: found.directives, on_schema: found.on_schema }
    }

    /// Whether nothing was found.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.operations.is_empty() && self.types.is_empty()
    }
}

fn usual_roots() -> BTreeMap<Name, GraphqlRootKind> {
    let kinds = [GraphqlRootKind::Query, GraphqlRootKind::Mutation, GraphqlRootKind::Subscription];
    kinds.into_iter().map(|kind| (kind.type_name().into(), kind)).collect()
}

fn served(kind: GraphqlRootKind, one: GraphqlType) -> impl Iterator<Item = GraphqlServed> {
    let (spot, framework, is_text) = (one.spot, one.framework, one.is_text);
    one.fields.into_iter().map(move |field| {
        let spot = field.spot.clone().unwrap_or_else(|| spot.clone());
        GraphqlServed { kind, field, spot, framework, is_text, resolvers: Vec::new() }
    })
}

/// Each operation once: as the code says it, else as the first document does. Those of one name that are not the same stay.
fn told_once(
    mut operations: Vec<GraphqlServed>,
    resolvers: &[GraphqlResolver],
    roots: &BTreeMap<Name, GraphqlRootKind>,
) -> Vec<GraphqlServed> {
    let mut answers: BTreeMap<(GraphqlRootKind, &Name), Vec<&GraphqlResolver>> = BTreeMap::new();
    for resolver in resolvers {
        if let Some(kind) = roots.get(&resolver.of) {
            answers.entry((*kind, &resolver.field)).or_default().push(resolver);
        }
    }
    operations.sort();
    let in_code: BTreeSet<(GraphqlRootKind, Name)> =
        operations.iter().filter(|one| !one.is_text).map(|one| (one.kind, one.field.name.clone())).collect();
    let mut seen = BTreeSet::new();
    operations.retain(|one| !one.is_text || !in_code.contains(&(one.kind, one.field.name.clone())));
    operations.retain(|one| {
        let args: Vec<(Name, String)> = one.field.args.iter().map(|arg| (arg.name.clone(), arg.ty.clone())).collect();
        // What two programs of one repository each declare in code are two promises.
        let place = if !one.is_text { one.spot.clone() } else { Spot::default() };
        seen.insert((one.kind, one.field.name.clone(), one.field.ty.clone(), args, place))
    });
    for one in operations.iter_mut().filter(|one| one.is_text) {
        let found = answers.get(&(one.kind, &one.field.name)).into_iter().flatten();
        one.resolvers = found.map(|resolver| (*resolver).clone()).collect();
    }
    operations
}

/// So many interfaces are above one another.
const ABOVE: usize = 8;

/// What implements an interface has its fields; in code it need not say them again.
fn inherit(types: &mut [GraphqlType]) {
    for _ in 0..ABOVE {
        let interfaces: BTreeMap<Name, Vec<GraphqlField>> =
            types.iter().filter(|one| one.kind == GraphqlKind::Interface).map(|one| (one.name.clone(), one.fields.clone())).collect();
        let mut is_done = true;
        for one in types.iter_mut().filter(|one| !one.is_text && one.kind != GraphqlKind::Union && !one.of.is_empty()) {
            let above = one.of.iter().filter(|of| **of != one.name).filter_map(|of| interfaces.get(of)).flatten();
            let missing: Vec<GraphqlField> =
                above.filter(|field| !one.fields.iter().any(|known| known.name == field.name)).cloned().collect();
            for field in missing {
                if !one.fields.iter().any(|known| known.name == field.name) {
                    one.fields.push(field);
                    is_done = false;
                }
            }
        }
        if is_done {
            break;
        }
    }
}

/// Code gives the values of enums as texts; GraphQL writes their names.
fn name_values(operations: &mut [GraphqlServed], types: &mut [GraphqlType]) {
    let enums: BTreeSet<Name> = types.iter().filter(|one| one.kind == GraphqlKind::Enum).map(|one| one.name.clone()).collect();
    let name = |ty: &str, default: &mut Option<String>| {
        if let Some(text) = default.as_mut().filter(|text| text.contains('"') && enums.contains(base_of(ty))) {
            *text = text.replace('"', "");
        }
    };
    let fields = operations.iter_mut().map(|one| &mut one.field).chain(types.iter_mut().flat_map(|one| &mut one.fields));
    for field in fields {
        name(&field.ty, &mut field.default);
        field.args.iter_mut().for_each(|arg| name(&arg.ty, &mut arg.default));
    }
}

/// The names of types that operations lead to. Classes that only lend their fields to others are no types of the schema.
fn reached(operations: &[GraphqlServed], types: &[GraphqlType]) -> BTreeSet<Name> {
    let mut by_name: BTreeMap<&str, Vec<&GraphqlType>> = BTreeMap::new();
    let mut by_interface: BTreeMap<&str, Vec<&Name>> = BTreeMap::new();
    for one in types {
        by_name.entry(&one.name).or_default().push(one);
        if one.kind == GraphqlKind::Object {
            one.of.iter().for_each(|of| by_interface.entry(of).or_default().push(&one.name));
        }
    }
    let spoken = |field: &GraphqlField| -> Vec<Name> {
        let types = field.args.iter().map(|arg| arg.ty.as_str()).chain([field.ty.as_str()]);
        types.map(|ty| Name::from(base_of(ty))).collect()
    };
    let mut open: Vec<Name> = operations.iter().flat_map(|one| spoken(&one.field)).collect();
    let mut reached = BTreeSet::new();
    while let Some(name) = open.pop() {
        if reached.contains(&name) {
            continue;
        }
        for one in by_name.get(name.as_str()).into_iter().flatten() {
            open.extend(one.fields.iter().flat_map(spoken));
            open.extend(one.of.iter().cloned());
        }
        open.extend(by_interface.get(name.as_str()).into_iter().flatten().map(|name| (*name).clone()));
        reached.insert(name);
    }
    reached
}

/// The parts of one name as types: those the code declares, else one for each way that documents declare it.
fn joined(parts: Vec<GraphqlType>) -> Vec<GraphqlType> {
    let (extensions, mut bases): (Vec<GraphqlType>, Vec<GraphqlType>) = parts.into_iter().partition(|one| one.is_extension);
    if bases.iter().any(|one| !one.is_text) {
        bases.retain(|one| !one.is_text);
    }
    let mut types: Vec<GraphqlType> = Vec::new();
    for base in bases {
        let is_copy = |known: &GraphqlType| {
            let is_alike = known.kind == base.kind && known.of == base.of && alike(&known.fields, &base.fields);
            is_alike && (known.is_text || base.is_text)
        };
        if !types.iter().any(is_copy) {
            types.push(base);
        }
    }
    for extension in extensions {
        let near = |one: &&mut GraphqlType| shared(&one.spot.file, &extension.spot.file);
        match types.iter_mut().max_by_key(near) {
            Some(base) => extend(base, extension),
            None => types.push(GraphqlType { is_extension: false, ..extension }),
        }
    }
    types
}

fn alike(one: &[GraphqlField], other: &[GraphqlField]) -> bool {
    one.len() == other.len() && one.iter().zip(other).all(|(one, other)| one.name == other.name && one.ty == other.ty)
}

fn extend(base: &mut GraphqlType, extension: GraphqlType) {
    for field in extension.fields {
        match base.fields.iter_mut().find(|known| known.name == field.name) {
            // A resolver of a field that the type declares tells what it takes.
            Some(known) if known.args.is_empty() => known.args = field.args,
            Some(_) => {}
            None => base.fields.push(field),
        }
    }
    base.directives.extend(extension.directives);
    for name in extension.of {
        if !base.of.contains(&name) {
            base.of.push(name);
        }
    }
}

/// How many folders two paths share.
#[must_use]
pub fn shared(one: &str, other: &str) -> usize {
    one.split('/').zip(other.split('/')).take_while(|(one, other)| one == other).count()
}
