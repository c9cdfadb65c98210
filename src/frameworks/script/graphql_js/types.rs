//! Types as graphql-js's objects say them: `new GraphQLNonNull(new GraphQLList(UserType))`.

use crate::base::code::{Call, Expr};
use crate::facts::graphql::{SCALARS, non_null};
use crate::facts::program::{CallRef, Meaning, Program, Site};

/// How deep types nest.
const MAX_DEPTH: u32 = 16;

/// Reads types.
pub struct Types<'p> {
    pub program: &'p dyn Program,
}

/// The name of a library's own symbol: `graphql.GraphQLString` is `GraphQLString`.
#[must_use]
pub fn library_name(path: &str) -> Option<&str> {
    let is_known = ["graphql", "graphql-relay", "graphql-scalars", "graphql-iso-date", "graphql-type-json"]
        .iter()
        .any(|library| path.strip_prefix(library).is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', '/'])));
    is_known.then(|| path.rsplit(['.', '/']).next()).flatten()
}

/// The scalar behind a symbol: `GraphQLID` is `ID`, `GraphQLDateTime` of graphql-scalars `DateTime`.
fn scalar(path: &str) -> Option<String> {
    let name = library_name(path)?;
    let plain = name.strip_prefix("GraphQL").unwrap_or(match name {
        "graphql-type-json" => "JSON",
        other => other,
    });
    let is_wrapper = matches!(plain, "NonNull" | "List" | "ObjectType" | "Schema" | "");
    (!is_wrapper && (SCALARS.contains(&plain) || plain.chars().next().is_some_and(char::is_uppercase))).then(|| plain.to_owned())
}

impl<'p> Types<'p> {
    /// A type as GraphQL writes it; `None` when it is not known.
    #[must_use]
    pub fn written(&self, site: &Site, expr: &'p Expr) -> Option<String> {
        self.written_at(site, expr, 0)
    }

    fn written_at(&self, site: &Site, expr: &'p Expr, depth: u32) -> Option<String> {
        if depth > MAX_DEPTH {
            return None;
        }
        let meaning = self.program.produce(site, expr);
        match &meaning {
            Meaning::Outside(path) => scalar(path),
            Meaning::Value(Expr::Call(_), _) => {
                let (call, at) = meaning.call()?;
                self.made(call, at, depth)
            }
            // `connection.edgeType`
            Meaning::Attribute(of, member) => {
                let (call, _) = of.call()?;
                self.of_connection(call, member)
            }
            _ => None,
        }
    }

    fn made(&self, reference: CallRef, at: &Site, depth: u32) -> Option<String> {
        let call = self.program.call(reference);
        let Meaning::Outside(path) = self.program.callee(reference) else { return None };
        let here = Site { env: at.env.clone(), ..Site::of_call(reference.file, call) };
        let first = call.positional(0);
        match library_name(&path)? {
            "GraphQLNonNull" => self.written_at(&here, first?, depth + 1).map(|inner| non_null(&inner)),
            "GraphQLList" => self.written_at(&here, first?, depth + 1).map(|inner| format!("[{inner}]")),
            name if name.starts_with("GraphQL") => self.named(&here, call),
            _ => None,
        }
    }

    /// The `name` in a constructor's options.
    #[must_use]
    pub fn named(&self, site: &Site, call: &'p Call) -> Option<String> {
        let options = self.program.entries(site, call.positional(0)?)?;
        options.iter().find(|(name, ..)| name == "name").and_then(|(_, value, at)| self.program.text(at, value).plain())
    }

    /// What a member of `connectionDefinitions({ nodeType: UserType })` is called.
    fn of_connection(&self, reference: CallRef, member: &str) -> Option<String> {
        let path = self.program.callee(reference).outside().map(str::to_owned)?;
        (library_name(&path)? == "connectionDefinitions").then_some(())?;
        let call = self.program.call(reference);
        let node = self.node_of(&Site::of_call(reference.file, call), call)?;
        match member {
            "connectionType" => Some(format!("{}Connection", node.0)),
            "edgeType" => Some(format!("{}Edge", node.0)),
            _ => None,
        }
    }

    /// Of `connectionDefinitions`: what its types are named by, and the type of a node.
    #[must_use]
    pub fn node_of(&self, site: &Site, call: &'p Call) -> Option<(String, String)> {
        let options = self.program.entries(site, call.positional(0)?)?;
        let option = |key: &str| options.iter().find(|(name, ..)| name == key).map(|(_, value, at)| (*value, at));
        let node = option("nodeType").and_then(|(value, at)| self.written(at, value))?;
        let name = option("name").and_then(|(value, at)| self.program.text(at, value).plain());
        Some((name.unwrap_or_else(|| node.trim_end_matches('!').to_owned()), node))
    }

    /// A list of types, or a function that gives one.
    #[must_use]
    pub fn listed(&self, site: &Site, expr: &'p Expr) -> Vec<String> {
        let (value, at) = self.given(site, expr);
        let items = self.program.items(&at, value).unwrap_or_default();
        items.iter().filter_map(|(item, at)| self.written(at, item)).collect()
    }

    /// What a function that is passed instead of a value gives: `fields: () => ({ … })`.
    #[must_use]
    pub fn given(&self, site: &Site, expr: &'p Expr) -> (&'p Expr, Site) {
        let Some(function) = self.program.resolve(site, expr).function() else { return (expr, site.clone()) };
        let facts = self.program.file(function.file);
        let mut returned = facts.returns_of(function.id).iter().filter_map(|index| facts.outline.returns.get(*index as usize));
        match returned.rfind(|returned| !returned.is_raise) {
            Some(returned) => {
                (&returned.value, Site { file: function.file, scope: returned.scope, offset: returned.at.offset, env: site.env.clone() })
            }
            None => (expr, site.clone()),
        }
    }
}
