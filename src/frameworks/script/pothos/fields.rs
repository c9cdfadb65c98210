//! The fields that a function gives: `(t) => ({ name: t.exposeString("name", { nullable: false }) })`.

use super::refs::Refs;
use crate::base::Name;
use crate::base::code::{Call, Expr};
use crate::facts::graphql::{GraphqlArgument, GraphqlField, GraphqlKind, base_of, non_null, nullable};
use crate::facts::program::{FuncRef, Meaning, Site};
use crate::frameworks::graphql::spot;
use crate::frameworks::script::literals::default_text;

/// A field, and the connection that it gives.
#[derive(Clone, Debug, Default)]
pub struct Found {
    /// The field.
    pub field: GraphqlField,
    /// The type of a node, when the field gives pages of them.
    pub node: Option<String>,
    /// Whether what the connection gives may be null.
    pub is_strict: bool,
}

impl Found {
    /// A field without a connection.
    #[must_use]
    pub fn plain(field: GraphqlField) -> Self {
        Self { field, node: None, is_strict: false }
    }
}

/// All fields of the object that a function gives.
#[must_use]
pub fn all(refs: &Refs, function: FuncRef, owner: &str, kind: GraphqlKind) -> Vec<Found> {
    let Some((object, at)) = refs.returned(function) else { return Vec::new() };
    let entries = refs.program.entries(&at, object).unwrap_or_default();
    entries.into_iter().filter_map(|(name, value, at)| Reading { refs, owner, kind }.field(&at, &name, value)).collect()
}

/// The one field that a function gives.
#[must_use]
pub fn one(refs: &Refs, function: FuncRef, name: &str, owner: &str) -> Option<Found> {
    let (value, at) = refs.returned(function)?;
    Reading { refs, owner, kind: GraphqlKind::Object }.field(&at, name, value)
}

struct Reading<'a, 'p> {
    refs: &'a Refs<'p>,
    owner: &'a str,
    kind: GraphqlKind,
}

impl<'p> Reading<'_, 'p> {
    fn field(&self, site: &Site, name: &str, value: &'p Expr) -> Option<Found> {
        let program = self.refs.program;
        let (call, at) = self.call_of(site, value)?;
        let (_, method) = call.method()?;
        let options_at = options_position(method, self.kind);
        let options = options_at.and_then(|position| call.positional(position));
        let option = |key: &str| options.and_then(|options| self.refs.option(&at, options, key));
        let text = |key: &str| option(key).and_then(|(value, at)| program.text(&at, value).plain());
        let spot = spot(program, at.file, &format!("{}.{name}", self.owner), call.at.line);
        let mut field = GraphqlField { name: name.into(), spot: Some(spot), ..GraphqlField::default() };
        let mut found = Found { is_strict: self.refs.defaults.is_strict, ..Found::default() };
        let ty = self.type_of(method, &at, call, options);
        field.is_unsure = ty.is_none();
        field.ty = ty.unwrap_or_else(|| "String".to_owned());
        field.doc = text("description").unwrap_or_default();
        field.deprecated = text("deprecationReason");
        field.args = option("args").map(|(value, at)| self.arguments(&at, value)).unwrap_or_default();
        if self.kind == GraphqlKind::Input {
            let is_required = option("required").map_or(self.refs.defaults.is_required, |(value, _)| matches!(value, Expr::Bool(true)));
            field.ty = required(&field.ty, is_required);
            field.default = option("defaultValue").and_then(|(value, at)| default_text(program, &at, value));
        } else if is_connection(method) {
            let node = base_of(&field.ty).to_owned();
            field.ty = self.connection_name(name, call, &at, method);
            let pages = [("after", "String"), ("before", "String"), ("first", "Int"), ("last", "Int")];
            field.args.extend(pages.map(|(name, ty)| GraphqlArgument {
                name: name.into(),
                ty: ty.to_owned(),
                ..GraphqlArgument::default()
            }));
            found.node = Some(node).filter(|_| !field.is_unsure);
            field.ty = self.with_null(&field.ty, option("nullable"));
        } else if method == "relationCount" {
            field.ty = non_null(&field.ty);
        } else {
            field.ty = self.with_null(&field.ty, option("nullable"));
        }
        found.field = field;
        Some(found)
    }

    /// The call on the builder of fields, also behind `t.withAuth(…)` and what a function of the program gives.
    fn call_of(&self, site: &Site, value: &'p Expr) -> Option<(&'p Call, Site)> {
        let meaning = self.refs.program.produce(site, value);
        let Meaning::Value(Expr::Call(_), _) = &meaning else { return None };
        let (reference, at) = meaning.call()?;
        let call = self.refs.program.call(reference);
        let here = Site { env: at.env.clone(), ..Site::of_call(reference.file, call) };
        let mut root = call.method()?.0;
        for _ in 0..8 {
            root = match root {
                Expr::Ref(_) => return Some((call, here)),
                Expr::Member(of, _) => of,
                Expr::Call(id) => &self.refs.program.file(reference.file).outline.call(*id).callee,
                _ => return None,
            };
        }
        None
    }

    /// The type that a method stands for, before nulls are thought of.
    fn type_of(&self, method: &str, site: &Site, call: &'p Call, options: Option<&'p Expr>) -> Option<String> {
        if let Some(ty) = scalar_of(method) {
            return Some(ty);
        }
        let said =
            || options.and_then(|options| self.refs.option(site, options, "type")).and_then(|(value, at)| self.refs.written(&at, value));
        let first = || call.positional(0).and_then(|first| self.refs.written(site, first));
        match method {
            "relationCount" => Some("Int".to_owned()),
            "node" | "nodeField" => said().or_else(|| Some("Node".to_owned())),
            "nodeList" => Some("[Node]".to_owned()),
            "globalID" => Some("ID".to_owned()),
            "globalIDList" => Some("[ID!]".to_owned()),
            // `t.relation("posts")`: the model's type is Prisma's to say.
            "relation" | "relatedConnection" => said().or_else(|| self.related(site, call)),
            "loadableList" => said().map(|ty| format!("[{}]", non_null(&ty))),
            "loadable"
            | "field"
            | "expose"
            | "prismaField"
            | "prismaFieldWithInput"
            | "prismaConnection"
            | "connection"
            | "drizzleField"
            | "drizzleConnection"
            | "fieldWithInput"
            | "loadableGroup"
            | "authField" => said(),
            "listRef" => first().map(|ty| format!("[{}]", non_null(&ty))),
            "variant" => first(),
            _ => said(),
        }
    }

    /// A relation whose name is that of a declared type, in the singular or plural: `posts` of `Post`.
    fn related(&self, site: &Site, call: &Call) -> Option<String> {
        let name = call.positional(0).and_then(|name| self.refs.program.text(site, name).plain())?;
        let capital = |word: &str| -> String {
            let mut chars = word.chars();
            chars.next().map(|first| first.to_uppercase().chain(chars).collect()).unwrap_or_default()
        };
        let singular = match name.strip_suffix("ies") {
            Some(stem) => format!("{stem}y"),
            None => name.strip_suffix('s').unwrap_or(&name).to_owned(),
        };
        let is_known = |wanted: &str| self.refs.defaults.models.contains(wanted);
        if is_known(&capital(&name)) {
            return Some(capital(&name));
        }
        Some(capital(&singular)).filter(|singular| is_known(singular)).map(|singular| format!("[{singular}!]"))
    }

    /// What `nullable` says: `true`, `false`, `{ list: false, items: true }`.
    fn with_null(&self, ty: &str, said: Option<(&'p Expr, Site)>) -> String {
        let is_null = |(value, at): &(&Expr, Site)| match self.refs.program.resolve(at, value) {
            Meaning::Value(Expr::Bool(is_null), _) => Some(*is_null),
            _ => None,
        };
        let Some(said) = said else { return required(ty, self.refs.defaults.is_strict) };
        if let Some(is_null) = is_null(&said) {
            return required(ty, !is_null);
        }
        let part = |key: &str| self.refs.option(&said.1, said.0, key).as_ref().and_then(is_null);
        let items = match part("items") {
            Some(true) => ty.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')).map(|inner| format!("[{}]", nullable(inner))),
            _ => None,
        };
        let is_required = part("list").map_or(self.refs.defaults.is_strict, |is_null| !is_null);
        required(items.as_deref().unwrap_or(ty), is_required)
    }

    /// `QueryPostsConnection`, or what the second options call it.
    fn connection_name(&self, field: &str, call: &'p Call, site: &Site, method: &str) -> String {
        let position = if method == "relatedConnection" { 2 } else { 1 };
        let told = call.positional(position).and_then(|second| match self.refs.option(site, second, "name") {
            Some((value, at)) => self.refs.program.text(&at, value).plain(),
            None => self.refs.written(site, second),
        });
        let mut chars = field.chars();
        let capital: String = chars.next().map(|first| first.to_uppercase().chain(chars).collect()).unwrap_or_default();
        told.unwrap_or_else(|| format!("{}{capital}Connection", self.owner))
    }

    /// `args: { id: t.arg.id({ required: true }), sort: t.arg({ type: Sort, defaultValue: "NEW" }) }`.
    fn arguments(&self, site: &Site, expr: &'p Expr) -> Vec<GraphqlArgument> {
        let entries = self.refs.program.entries(site, expr).unwrap_or_default();
        entries.into_iter().filter_map(|(name, value, at)| self.argument(&at, name, value)).collect()
    }

    fn argument(&self, site: &Site, name: Name, value: &'p Expr) -> Option<GraphqlArgument> {
        let program = self.refs.program;
        let meaning = program.produce(site, value);
        let (reference, at) = meaning.call()?;
        let call = program.call(reference);
        let here = Site { env: at.env.clone(), ..Site::of_call(reference.file, call) };
        let method = call.callee.last_name()?;
        let options = call.positional(0);
        let option = |key: &str| options.and_then(|options| self.refs.option(&here, options, key));
        let text = |key: &str| option(key).and_then(|(value, at)| program.text(&at, value).plain());
        let of_type = || option("type").and_then(|(value, at)| self.refs.written(&at, value));
        let ty = match method.as_str() {
            "globalID" => "ID".to_owned(),
            "globalIDList" => "[ID!]".to_owned(),
            scalar => scalar_of(scalar).or_else(of_type).unwrap_or_else(|| "String".to_owned()),
        };
        let is_required = option("required").map_or(self.refs.defaults.is_required, |(value, _)| matches!(value, Expr::Bool(true)));
        Some(GraphqlArgument {
            name,
            ty: required(&ty, is_required),
            default: option("defaultValue").and_then(|(value, at)| default_text(program, &at, value)),
            doc: text("description").unwrap_or_default(),
            deprecated: text("deprecationReason"),
            directives: Vec::new(),
        })
    }
}

fn required(ty: &str, is_required: bool) -> String {
    if is_required { non_null(ty) } else { nullable(ty) }
}

fn is_connection(method: &str) -> bool {
    matches!(method, "connection" | "prismaConnection" | "relatedConnection" | "drizzleConnection")
}

/// Where the options of a method stand among its arguments; `None` when it has none.
fn options_position(method: &str, kind: GraphqlKind) -> Option<usize> {
    if kind == GraphqlKind::Input {
        return Some(0);
    }
    let is_named = method.starts_with("expose") || matches!(method, "relation" | "relatedConnection" | "relationCount" | "variant");
    Some(usize::from(is_named))
}

/// The scalar of `t.string`, `t.exposeString`, `t.stringList`, `t.arg.stringList`.
fn scalar_of(method: &str) -> Option<String> {
    let bare = method.strip_prefix("expose").unwrap_or(method);
    let (word, is_list) = bare.strip_suffix("List").map_or((bare, false), |word| (word, true));
    let scalar = match word {
        "string" | "String" => "String",
        "int" | "Int" => "Int",
        "float" | "Float" => "Float",
        "boolean" | "Boolean" => "Boolean",
        "id" | "ID" => "ID",
        _ => return None,
    };
    Some(if is_list { format!("[{scalar}!]") } else { scalar.to_owned() })
}

#[cfg(test)]
mod tests {
    use super::scalar_of;

    #[test]
    fn methods_are_named_after_scalars() {
        assert_eq!(scalar_of("exposeStringList").as_deref(), Some("[String!]"));
        assert_eq!(scalar_of("id").as_deref(), Some("ID"));
        assert_eq!(scalar_of("field"), None);
        assert_eq!(scalar_of("expose"), None);
    }
}
