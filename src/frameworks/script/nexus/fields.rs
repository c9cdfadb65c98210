//! The calls in `definition(t)`: `t.nonNull.list.field("posts", { type: "Post" })`.

use super::refs::Refs;
use crate::base::Name;
use crate::base::code::{Call, Expr};
use crate::facts::graphql::{GraphqlField, base_of, non_null, nullable};
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
                _ => block.fields.extend(field(refs, &site, call, &steps, method, owner)),
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
        "connectionField" => return Some(connection(field)),
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

/// A connection of Nexus's plugin: its type is named after the node's.
fn connection(mut field: GraphqlField) -> GraphqlField {
    field.ty = format!("{}Connection", base_of(&field.ty));
    for (name, ty) in [("after", "String"), ("before", "String"), ("first", "Int"), ("last", "Int")] {
        field.args.push(crate::facts::graphql::GraphqlArgument { name: name.into(), ty: ty.to_owned(), ..Default::default() });
    }
    field
}

/// A field as its options say it; unsure when they name no type.
#[must_use]
pub fn of_options<'p>(refs: &Refs<'p>, site: &Site, name: Name, options: Option<&'p Expr>, line: u32, owner: &str) -> GraphqlField {
    let program = refs.program;
    let entries = options.and_then(|options| program.entries(site, options)).unwrap_or_default();
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
