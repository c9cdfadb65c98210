//! The calls in `definition(t)`: `t.nonNull.list.field("posts", { type: "Post" })`.

use super::FRAMEWORK;
use super::refs::Refs;
use crate::base::Name;
use crate::base::code::{Call, Expr};
use crate::facts::document::Spot;
use crate::facts::graphql::{GraphqlArgument, GraphqlField, GraphqlType, base_of, non_null, nullable};
use crate::facts::program::{FuncRef, Site};
use crate::frameworks::graphql::spot;
use crate::frameworks::script::literals::default_text;

/// What a definition says.
#[derive(Debug, Default)]
pub struct Block {
    /// Its fields.
    pub fields: Vec<GraphqlField>,
    /// Interfaces it implements, members of a union.
    pub of: Vec<Name>,
    /// Types that its fields bring along.
    pub types: Vec<GraphqlType>,
}

impl Block {
    /// Reads the calls on a definition's parameter.
    #[must_use]
    pub fn read(refs: &Refs, function: FuncRef, owner: &str) -> Self {
        let program = refs.program;
        let mut block = Self::default();
        let declared = program.function(function);
        let Some(builder) = declared.params.first().and_then(|param| param.name()) else { return block };
        for call in &program.file(function.file).outline.calls {
            if !(declared.at.offset..declared.end).contains(&call.at.offset) {
                continue;
            }
            let Some((steps, method)) = chain(&call.callee, builder) else { continue };
            let site = Site::of_call(function.file, call);
            match method.as_str() {
                "implements" | "members" => {
                    let named = call.args.iter().filter_map(|arg| refs.written(&site, &arg.value));
                    block.of.extend(named.map(|ty| Name::from(base_of(&ty))));
                }
                "modify" => {}
                _ => {
                    let Some(field) = field(refs, &site, call, &steps, method, owner) else { continue };
                    if let (true, Some(spot)) = (method == "connectionField", &field.spot) {
                        let node = base_of(&field.ty).trim_end_matches("Connection").to_owned();
                        block.types.extend(types_of_connection(&node, spot));
                    }
                    block.fields.push(field);
                }
            }
        }
        block
    }
}

/// Of `t.nonNull.list.string` the steps and the method.
fn chain<'e>(callee: &'e Expr, builder: &Name) -> Option<(Vec<&'e str>, &'e Name)> {
    let Expr::Member(receiver, method) = callee else { return None };
    let mut of: &Expr = receiver;
    let mut steps = Vec::new();
    for _ in 0..12 {
        match of {
            Expr::Ref(name) if *name == *builder => {
                steps.reverse();
                return Some((steps, method));
            }
            Expr::Member(inner, step) => {
                steps.push(step.as_str());
                of = inner;
            }
            _ => return None,
        }
    }
    None
}

fn field<'p>(refs: &Refs<'p>, site: &Site, call: &'p Call, steps: &[&str], method: &Name, owner: &str) -> Option<GraphqlField> {
    let program = refs.program;
    let first = call.positional(0)?;
    // `t.field({ name: "users", type: "User" })`
    let (name, options) = match program.text(site, first).plain() {
        Some(name) if !matches!(first, Expr::Object(_)) => (name, call.positional(1)),
        _ => {
            let entries = program.entries(site, first)?;
            let name = entries.iter().find(|(name, ..)| name == "name").and_then(|(_, value, at)| program.text(at, value).plain())?;
            (name, Some(first))
        }
    };
    let mut field = of_options(refs, site, name.as_str().into(), options, call.at.line, owner);
    match method.as_str() {
        "string" => field.ty = "String".to_owned(),
        "int" => field.ty = "Int".to_owned(),
        "float" => field.ty = "Float".to_owned(),
        "boolean" => field.ty = "Boolean".to_owned(),
        "id" => field.ty = "ID".to_owned(),
        "field" => {}
        "connectionField" => connection(refs, site, options, &mut field),
        // A scalar that its own type adds as a method: `t.dateTime("createdAt")`.
        other if field.is_unsure => field.ty = capital(other),
        _ => {}
    }
    field.is_unsure &= !matches!(method.as_str(), "string" | "int" | "float" | "boolean" | "id");
    wrap(refs, steps, options, site, &mut field);
    Some(field)
}

/// `dateTime` is `DateTime`.
fn capital(name: &str) -> String {
    let mut chars = name.chars();
    chars.next().map(|first| first.to_uppercase().chain(chars).collect()).unwrap_or_default()
}

/// The modifiers before a method, outermost first, and those in its options.
fn wrap<'p>(refs: &Refs<'p>, steps: &[&str], options: Option<&'p Expr>, site: &Site, field: &mut GraphqlField) {
    let mut is_decided = field.ty.ends_with('!');
    for step in steps.iter().rev() {
        match *step {
            "nonNull" => {
                field.ty = non_null(&field.ty);
                is_decided = true;
            }
            "nullable" => {
                field.ty = nullable(&field.ty);
                is_decided = true;
            }
            "list" => {
                if refs.is_strict && !is_decided {
                    field.ty = non_null(&field.ty);
                }
                field.ty = format!("[{}]", field.ty);
                is_decided = false;
            }
            _ => {}
        }
    }
    let entries = options.and_then(|options| refs.program.entries(site, options)).unwrap_or_default();
    let said = entries.iter().find(|(name, ..)| name == "nullable").map(|(_, value, _)| matches!(value, Expr::Bool(true)));
    match said {
        Some(true) => field.ty = nullable(&field.ty),
        Some(false) => field.ty = non_null(&field.ty),
        None if refs.is_strict && !is_decided => field.ty = non_null(&field.ty),
        None => {}
    }
}

/// A connection of Nexus's plugin: its type is named after the node's, and its arguments follow from its options.
fn connection<'p>(refs: &Refs<'p>, site: &Site, options: Option<&'p Expr>, field: &mut GraphqlField) {
    let entries = options.and_then(|options| refs.program.entries(site, options)).unwrap_or_default();
    let option = |key: &str| entries.iter().find(|(name, ..)| name == key).map(|(_, value, at)| (*value, at));
    let is_off = |key: &str| matches!(option(key), Some((Expr::Bool(true), _)));
    let pages: &[(&str, &str)] = match (is_off("disableForwardPagination"), is_off("disableBackwardPagination")) {
        (true, _) => &[("before", "String"), ("last", "Int!")],
        (_, true) => &[("after", "String"), ("first", "Int!")],
        _ => &[("after", "String"), ("before", "String"), ("first", "Int"), ("last", "Int")],
    };
    field.args = option("additionalArgs").map(|(args, at)| refs.arguments(at, args)).unwrap_or_default();
    field.args.extend(pages.iter().map(|(name, ty)| GraphqlArgument { name: (*name).into(), ty: (*ty).to_owned(), ..Default::default() }));
    field.ty = format!("{}Connection", base_of(&field.ty));
}

/// The types of a connection, by the type of its node.
fn types_of_connection(node: &str, spot: &Spot) -> Vec<GraphqlType> {
    let field = |name: &str, ty: String| GraphqlField { name: name.into(), ty, ..GraphqlField::default() };
    let object = |name: String, fields: Vec<GraphqlField>| GraphqlType {
        name: name.into(),
        fields,
        framework: FRAMEWORK.id,
        spot: spot.clone(),
        ..GraphqlType::default()
    };
    let page = [("endCursor", "String"), ("hasNextPage", "Boolean!"), ("hasPreviousPage", "Boolean!"), ("startCursor", "String")];
    vec![
        object(format!("{node}Connection"), vec![field("edges", format!("[{node}Edge]")), field("pageInfo", "PageInfo!".to_owned())]),
        object(format!("{node}Edge"), vec![field("cursor", "String!".to_owned()), field("node", node.to_owned())]),
        object("PageInfo".to_owned(), page.map(|(name, ty)| field(name, ty.to_owned())).into()),
    ]
}

/// A field as its options say it; unsure when they name no type.
#[must_use]
pub fn of_options<'p>(refs: &Refs<'p>, site: &Site, name: Name, options: Option<&'p Expr>, line: u32, owner: &str) -> GraphqlField {
    let program = refs.program;
    let given = options.map(|options| refs.given(site, options));
    let entries = given.and_then(|(options, at)| program.entries(&at, options)).unwrap_or_default();
    let option = |key: &str| entries.iter().find(|(name, ..)| name == key).map(|(_, value, at)| (*value, at));
    let text = |key: &str| option(key).and_then(|(value, at)| program.text(at, value).plain());
    let ty = option("type").and_then(|(value, at)| refs.written(at, value));
    GraphqlField {
        spot: Some(spot(program, site.file, &format!("{owner}.{name}"), line)),
        is_unsure: ty.is_none(),
        ty: ty.unwrap_or_else(|| "String".to_owned()),
        args: option("args").map(|(value, at)| refs.arguments(at, value)).unwrap_or_default(),
        default: option("default").and_then(|(value, at)| default_text(program, at, value)),
        doc: text("description").unwrap_or_default(),
        deprecated: text("deprecation"),
        name,
        ..GraphqlField::default()
    }
}
