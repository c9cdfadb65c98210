//! `api_contract.graphql`: the operations of a feature and all types they need, as a schema that builds by itself. What is
//! declared nowhere in the repository is a scalar.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use crate::contract::model::graphql::{
    GraphqlArgument, GraphqlContract, GraphqlDirective, GraphqlField, GraphqlOperationKind, GraphqlType, GraphqlTypeKind, SCALARS, base_of,
};

/// The document's name.
pub const GRAPHQL_CONTRACT: &str = "api_contract.graphql";

/// Opens every document.
pub const GRAPHQL_MARK: &str = "# Written by contract-agent from the source code. Do not edit: the next run overwrites it.\n";

/// Scalars that libraries bring along.
const COMMON: &[&str] = &[
    "Any",
    "Base64",
    "BigInt",
    "Byte",
    "Date",
    "DateTime",
    "Decimal",
    "Duration",
    "GlobalID",
    "JSON",
    "JSONObject",
    "JSONString",
    "LocalDate",
    "LocalDateTime",
    "LocalTime",
    "NaiveDate",
    "NaiveDateTime",
    "NaiveTime",
    "Time",
    "Timestamp",
    "UUID",
    "Upload",
    "Url",
    "Uuid",
    "Void",
    "Float64",
];

/// Directives that every schema has.
const BUILT_IN: &[&str] = &["skip", "include", "deprecated", "specifiedBy", "oneOf"];

/// Where clients put directives.
const EXECUTABLE: &[&str] =
    &["QUERY", "MUTATION", "SUBSCRIPTION", "FIELD", "FRAGMENT_DEFINITION", "FRAGMENT_SPREAD", "INLINE_FRAGMENT", "VARIABLE_DEFINITION"];

/// The document; empty when there is nothing to say.
#[must_use]
pub fn document_of(graphql: &GraphqlContract) -> String {
    if graphql.operations.is_empty() && !graphql.types.iter().any(|one| one.is_own) {
        return String::new();
    }
    let mut out = String::from(GRAPHQL_MARK);
    for kind in GraphqlOperationKind::ALL {
        let mut seen = BTreeSet::new();
        let operations = graphql.operations.iter().filter(|one| one.kind == kind && seen.insert(&one.name));
        let fields: Vec<GraphqlField> = operations
            .map(|one| GraphqlField {
                name: one.name.clone(),
                ty: one.returns.clone(),
                args: one.args.clone(),
                default: None,
                description: one.description.clone(),
                deprecated: one.deprecated.clone(),
                directives: Vec::new(),
            })
            .collect();
        if !fields.is_empty() {
            write!(out, "\ntype {} {{\n", kind.type_name()).expect("a string takes all");
            fields.iter().for_each(|one| field(&mut out, one));
            out.push_str("}\n");
        }
    }
    let needed = needed(graphql);
    let directives = directives(graphql);
    for one in &directives {
        definition(&mut out, one);
    }
    for one in needed.values() {
        declaration(&mut out, one);
    }
    for name in missing(graphql, &needed) {
        let note = if COMMON.contains(&name) { "" } else { "\"Declared nowhere in the repository.\"\n" };
        write!(out, "\n{note}scalar {name}\n").expect("a string takes all");
    }
    out
}

/// Own types, and those that they and the operations lead to, by name.
fn needed(graphql: &GraphqlContract) -> BTreeMap<&str, &GraphqlType> {
    let mut known: BTreeMap<&str, &GraphqlType> = BTreeMap::new();
    for one in &graphql.types {
        // A root type's name is taken by the operations.
        if !is_root(&one.name) && !SCALARS.contains(&one.name.as_str()) {
            known.entry(&one.name).or_insert(one);
        }
    }
    let mut open: Vec<&str> = known.values().filter(|one| one.is_own).map(|one| one.name.as_str()).collect();
    open.extend(
        graphql.operations.iter().flat_map(|one| one.args.iter().map(|arg| arg.ty.as_str()).chain([one.returns.as_str()])).map(base_of),
    );
    let mut taken = BTreeMap::new();
    open.extend(directives(graphql).iter().flat_map(|one| &one.args).map(|arg| base_of(&arg.ty)));
    while let Some(name) = open.pop() {
        if let Some(one) = known.get(name).filter(|_| !taken.contains_key(name)) {
            taken.insert(one.name.as_str(), *one);
            open.extend(names_in(one));
        }
    }
    // What implements an interface that is told is told: a client may get it.
    loop {
        let is_told = |name: &String| taken.contains_key(name.as_str());
        let more: Vec<&GraphqlType> = known
            .values()
            .filter(|one| one.kind == GraphqlTypeKind::Object && !taken.contains_key(one.name.as_str()) && one.of.iter().any(is_told))
            .copied()
            .collect();
        let mut open: Vec<&str> = more.iter().map(|one| one.name.as_str()).collect();
        if open.is_empty() {
            return taken;
        }
        while let Some(name) = open.pop() {
            if let Some(one) = known.get(name).filter(|_| !taken.contains_key(name)) {
                taken.insert(one.name.as_str(), *one);
                open.extend(names_in(one));
            }
        }
    }
}

fn is_root(name: &str) -> bool {
    GraphqlOperationKind::ALL.iter().any(|kind| kind.type_name() == name)
}

/// Every name that a type speaks of.
fn names_in(one: &GraphqlType) -> impl Iterator<Item = &str> {
    let fields = one.fields.iter().filter(|field| !field.ty.is_empty());
    let types = fields.flat_map(|field| field.args.iter().map(|arg| arg.ty.as_str()).chain([field.ty.as_str()]));
    types.map(base_of).chain(one.of.iter().map(String::as_str))
}

/// Names that nothing declares. A root type that has no operations here stands for itself.
fn missing<'a>(graphql: &'a GraphqlContract, needed: &BTreeMap<&'a str, &'a GraphqlType>) -> BTreeSet<&'a str> {
    let operations = &graphql.operations;
    let spoken = operations.iter().flat_map(|one| one.args.iter().map(|arg| arg.ty.as_str()).chain([one.returns.as_str()])).map(base_of);
    let inner = needed.values().flat_map(|one| names_in(one));
    let directives = directives(graphql);
    let given = directives.iter().flat_map(|one| &one.args).map(|arg| base_of(&arg.ty));
    let is_known = |name: &str| {
        let has_root = operations.iter().any(|one| one.kind.type_name() == name);
        needed.contains_key(name) || SCALARS.contains(&name) || has_root
    };
    spoken.chain(inner).chain(given).filter(|name| !is_known(name) && !name.is_empty()).collect()
}

/// The directives that clients may use, each name once.
fn directives(graphql: &GraphqlContract) -> Vec<&GraphqlDirective> {
    let mut seen: BTreeSet<&str> = BUILT_IN.iter().copied().collect();
    let is_for_clients = |one: &&GraphqlDirective| one.locations.iter().any(|place| EXECUTABLE.contains(&place.as_str()));
    graphql.directives.iter().filter(is_for_clients).filter(|one| seen.insert(&one.name)).collect()
}

fn definition(out: &mut String, one: &GraphqlDirective) {
    out.push('\n');
    description(out, 0, &one.description);
    let args = one.args.iter().map(argument).collect::<Vec<_>>().join(", ");
    let args = if args.is_empty() { args } else { format!("({args})") };
    let repeatable = if one.is_repeatable { " repeatable" } else { "" };
    writeln!(out, "directive @{}{args}{repeatable} on {}", one.name, one.locations.join(" | ")).expect("a string takes all");
}

fn declaration(out: &mut String, one: &GraphqlType) {
    out.push('\n');
    description(out, 0, &one.description);
    let of = |sign: &str| one.of.iter().map(String::as_str).collect::<Vec<_>>().join(sign);
    let name = &one.name;
    let head = match one.kind {
        GraphqlTypeKind::Scalar => format!("scalar {name}"),
        GraphqlTypeKind::Union if one.of.is_empty() => format!("scalar {name}"),
        GraphqlTypeKind::Union => format!("union {name} = {}", of(" | ")),
        GraphqlTypeKind::Input => format!("input {name}"),
        GraphqlTypeKind::Enum => format!("enum {name}"),
        GraphqlTypeKind::Object | GraphqlTypeKind::Interface => {
            let word = if one.kind == GraphqlTypeKind::Object { "type" } else { "interface" };
            if one.of.is_empty() { format!("{word} {name}") } else { format!("{word} {name} implements {}", of(" & ")) }
        }
    };
    out.push_str(&head);
    if one.fields.is_empty() || matches!(one.kind, GraphqlTypeKind::Scalar | GraphqlTypeKind::Union) {
        out.push('\n');
        return;
    }
    out.push_str(" {\n");
    one.fields.iter().for_each(|one| field(out, one));
    out.push_str("}\n");
}

fn field(out: &mut String, field: &GraphqlField) {
    description(out, 1, &field.description);
    out.push_str("  ");
    out.push_str(&field.name);
    if field.args.iter().any(|arg| !arg.description.is_empty()) {
        out.push_str("(\n");
        for arg in &field.args {
            description(out, 2, &arg.description);
            writeln!(out, "    {}", argument(arg)).expect("a string takes all");
        }
        out.push_str("  )");
    } else if !field.args.is_empty() {
        write!(out, "({})", field.args.iter().map(argument).collect::<Vec<_>>().join(", ")).expect("a string takes all");
    }
    if !field.ty.is_empty() {
        write!(out, ": {}", field.ty).expect("a string takes all");
    }
    if let Some(default) = &field.default {
        write!(out, " = {default}").expect("a string takes all");
    }
    out.push_str(&deprecation(field.deprecated.as_deref()));
    out.push('\n');
}

fn argument(arg: &GraphqlArgument) -> String {
    let default = arg.default.as_ref().map(|default| format!(" = {default}")).unwrap_or_default();
    format!("{}: {}{default}{}", arg.name, arg.ty, deprecation(arg.deprecated.as_deref()))
}

fn deprecation(reason: Option<&str>) -> String {
    match reason {
        None => String::new(),
        Some("") => " @deprecated".to_owned(),
        Some(reason) => format!(" @deprecated(reason: {})", quoted(reason)),
    }
}

/// A text as GraphQL quotes it: as JSON does.
fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

fn description(out: &mut String, depth: usize, text: &str) {
    let text = text.trim();
    if text.is_empty() {
        return;
    }
    let indent = "  ".repeat(depth);
    if !text.contains('\n') {
        writeln!(out, "{indent}{}", quoted(text)).expect("a string takes all");
        return;
    }
    let safe: String = text.replace("\"\"\"", "\\\"\"\"").chars().filter(|c| !c.is_control() || *c == '\n').collect();
    writeln!(out, "{indent}\"\"\"").expect("a string takes all");
    for line in safe.lines() {
        writeln!(out, "{}", format!("{indent}{line}").trim_end()).expect("a string takes all");
    }
    writeln!(out, "{indent}\"\"\"").expect("a string takes all");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn directives_for_clients_stand_in_the_document() {
        let arg =
            |ty: &str| GraphqlArgument { name: "every".into(), ty: ty.into(), default: Some("1".into()), ..GraphqlArgument::default() };
        let directive = |name: &str, place: &str| GraphqlDirective {
            name: name.into(),
            args: vec![arg("Seconds")],
            locations: vec![place.into()],
            is_repeatable: true,
            ..GraphqlDirective::default()
        };
        let one = GraphqlType { name: "A".into(), kind: GraphqlTypeKind::Scalar, is_own: true, ..GraphqlType::default() };
        let directives = vec![directive("live", "QUERY"), directive("key", "OBJECT"), directive("skip", "FIELD")];
        let document = document_of(&GraphqlContract { types: vec![one], directives, ..GraphqlContract::default() });
        let text = document.strip_prefix(GRAPHQL_MARK).expect("it is marked");
        let unknown = "\"Declared nowhere in the repository.\"\nscalar Seconds\n";
        assert_eq!(text, format!("\ndirective @live(every: Seconds = 1) repeatable on QUERY\n\nscalar A\n\n{unknown}"));
    }
}
