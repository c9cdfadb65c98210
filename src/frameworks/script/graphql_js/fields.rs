//! Fields, arguments and values of graphql-js's objects: `{ type, args, resolve, deprecationReason }`.

use super::types::{Types, library_name};
use crate::base::Name;
use crate::base::code::Expr;
use crate::facts::graphql::{GraphqlArgument, GraphqlField, GraphqlKind};
use crate::facts::program::{Meaning, Site};
use crate::frameworks::graphql::spot;
use crate::frameworks::script::literals::default_text;

/// The members of an object, and where each is read.
type Members<'p> = Vec<(Name, &'p Expr, Site)>;

impl<'p> Types<'p> {
    /// The fields of a type, from an object or a function that gives one.
    pub fn fields(&self, site: &Site, expr: &'p Expr, owner: &str, kind: GraphqlKind) -> Vec<GraphqlField> {
        let (value, at) = self.given(site, expr);
        let entries = self.program.entries(&at, value).unwrap_or_default();
        entries.into_iter().map(|(name, value, at)| self.field(&at, name, value, owner, kind)).collect()
    }

    fn field(&self, site: &Site, name: Name, value: &'p Expr, owner: &str, kind: GraphqlKind) -> GraphqlField {
        let spot = spot(self.program, site.file, &format!("{owner}.{name}"), self.line_of(site, value));
        let mut field = GraphqlField { name, spot: Some(spot), ..GraphqlField::default() };
        let Some(options) = self.options(site, value) else {
            self.given_by_library(site, value, &mut field);
            return field;
        };
        let option = |key: &str| options.iter().find(|(name, ..)| name == key).map(|(_, value, at)| (*value, at));
        let text = |key: &str| option(key).and_then(|(value, at)| self.program.text(at, value).plain());
        let ty = option("type").and_then(|(value, at)| self.written(at, value));
        field.is_unsure = ty.is_none();
        field.ty = ty.unwrap_or_else(|| "String".to_owned());
        field.doc = text("description").unwrap_or_default();
        field.deprecated = text("deprecationReason");
        if kind == GraphqlKind::Input {
            field.default = option("defaultValue").and_then(|(value, at)| default_text(self.program, at, value));
        }
        field.args = option("args").map(|(value, at)| self.arguments(at, value)).unwrap_or_default();
        field
    }

    /// An options object, also one that a function of the program returns.
    fn options(&self, site: &Site, value: &'p Expr) -> Option<Members<'p>> {
        if let Some(entries) = self.program.entries(site, value) {
            return Some(entries);
        }
        let Meaning::Value(made @ Expr::Object(_), at) = self.program.produce(site, value) else { return None };
        self.program.entries(&at, made)
    }

    /// `globalIdField("User")`, a mutation of graphql-relay.
    fn given_by_library(&self, site: &Site, value: &'p Expr, field: &mut GraphqlField) {
        let meaning = self.program.produce(site, value);
        let made = meaning.call().and_then(|(call, _)| Some((call, self.program.callee(call).outside()?.to_owned())));
        match made.as_ref().and_then(|(call, path)| Some((call, library_name(path)?))) {
            Some((_, "globalIdField")) => field.ty = "ID!".to_owned(),
            Some((call, "mutationWithClientMutationId")) => {
                let made = self.program.call(*call);
                let name = self.named(&Site::of_call(call.file, made), made).unwrap_or_default();
                field.ty = format!("{name}Payload");
                field.args = vec![GraphqlArgument { name: "input".into(), ty: format!("{name}Input!"), ..GraphqlArgument::default() }];
            }
            _ => {
                field.ty = "String".to_owned();
                field.is_unsure = true;
            }
        }
    }

    fn arguments(&self, site: &Site, expr: &'p Expr) -> Vec<GraphqlArgument> {
        // `args: connectionArgs`
        if let Meaning::Outside(path) = self.program.resolve(site, expr) {
            return relay_arguments(&path);
        }
        let mut found = Vec::new();
        if let Expr::Object(entries) = expr {
            let spreads = entries.iter().filter(|entry| matches!(entry.key, crate::base::code::Key::Spread));
            for spread in spreads {
                if let Meaning::Outside(path) = self.program.resolve(site, &spread.value) {
                    found.extend(relay_arguments(&path));
                }
            }
        }
        for (name, value, at) in self.program.entries(site, expr).unwrap_or_default() {
            let options = self.options(&at, value).unwrap_or_default();
            let option = |key: &str| options.iter().find(|(name, ..)| name == key).map(|(_, value, at)| (*value, at));
            let text = |key: &str| option(key).and_then(|(value, at)| self.program.text(at, value).plain());
            found.push(GraphqlArgument {
                name,
                ty: option("type").and_then(|(value, at)| self.written(at, value)).unwrap_or_else(|| "String".to_owned()),
                default: option("defaultValue").and_then(|(value, at)| default_text(self.program, at, value)),
                doc: text("description").unwrap_or_default(),
                deprecated: text("deprecationReason"),
                directives: Vec::new(),
            });
        }
        found
    }

    /// `values: { ADMIN: { value: 1, deprecationReason }, USER: {} }`.
    pub fn values(&self, site: &Site, expr: &'p Expr) -> Vec<GraphqlField> {
        let entries = self.program.entries(site, expr).unwrap_or_default();
        let value = |(name, value, at): (Name, &'p Expr, Site)| {
            let options = self.options(&at, value).unwrap_or_default();
            let text =
                |key: &str| options.iter().find(|(name, ..)| name == key).and_then(|(_, value, at)| self.program.text(at, value).plain());
            GraphqlField {
                name,
                doc: text("description").unwrap_or_default(),
                deprecated: text("deprecationReason"),
                ..GraphqlField::default()
            }
        };
        entries.into_iter().map(value).collect()
    }

    fn line_of(&self, site: &Site, value: &Expr) -> u32 {
        let outline = &self.program.file(site.file).outline;
        match value {
            Expr::Object(entries) => entries.first().map_or(0, |entry| entry.at.line),
            Expr::Call(id) => outline.call(*id).at.line,
            _ => 0,
        }
    }
}

/// The arguments that Relay's connections take: `connectionArgs`, `forwardConnectionArgs`, `backwardConnectionArgs`.
fn relay_arguments(path: &str) -> Vec<GraphqlArgument> {
    let argument = |name: &str, ty: &str| GraphqlArgument { name: name.into(), ty: ty.to_owned(), ..GraphqlArgument::default() };
    let forward = || [argument("after", "String"), argument("first", "Int")];
    let backward = || [argument("before", "String"), argument("last", "Int")];
    match library_name(path) {
        Some("connectionArgs") => forward().into_iter().chain(backward()).collect(),
        Some("forwardConnectionArgs") => forward().into(),
        Some("backwardConnectionArgs") => backward().into(),
        _ => Vec::new(),
    }
}
