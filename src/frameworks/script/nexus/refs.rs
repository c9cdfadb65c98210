//! Types and arguments as Nexus writes them: `nonNull(list("User"))`, `stringArg({ default: "a" })`.

use crate::base::code::{Call, Expr};
use crate::facts::graphql::{GraphqlArgument, GraphqlField, non_null, nullable};
use crate::facts::program::{CallRef, Meaning, Program, Site};
use crate::frameworks::script::literals::default_text;

/// How deep types nest.
const MAX_DEPTH: u32 = 12;

/// Reads types.
pub struct Refs<'p> {
    pub program: &'p dyn Program,
    /// Fields may not be null unless they say so, as in the library's first versions.
    pub is_strict: bool,
}

impl<'p> Refs<'p> {
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
            Meaning::Value(Expr::Call(_), _) => {
                let (call, at) = meaning.call()?;
                let made = self.program.call(call);
                let here = Site { env: at.env.clone(), ..Site::of_call(call.file, made) };
                self.made(call, made, &here, depth)
            }
            // `type: User.name`, the constants of nexus-prisma: `User.$name`.
            Meaning::Attribute(of, member) if matches!(member.as_str(), "name" | "$name") => {
                let (call, _) = of.call()?;
                let made = self.program.call(call);
                self.named(&Site::of_call(call.file, made), made)
            }
            Meaning::Outside(path) => {
                let inner = path.strip_prefix("nexus-prisma.")?;
                Some(inner.split('.').next()?.to_owned())
            }
            _ => self.program.text(site, expr).plain().filter(|name| !name.is_empty()),
        }
    }

    fn made(&self, reference: CallRef, call: &'p Call, here: &Site, depth: u32) -> Option<String> {
        let Meaning::Outside(path) = self.program.callee(reference) else { return None };
        let inner = || self.written_at(here, call.positional(0)?, depth + 1);
        match path.rsplit('.').next()? {
            "nonNull" => inner().map(|ty| non_null(&ty)),
            "nullable" => inner().map(|ty| nullable(&ty)),
            "list" => inner().map(|ty| format!("[{ty}]")),
            _ => self.named(here, call),
        }
    }

    /// The `name` in the options of the call that declares a type.
    fn named(&self, site: &Site, call: &'p Call) -> Option<String> {
        let options = self.program.entries(site, call.positional(0)?)?;
        options.iter().find(|(name, ..)| name == "name").and_then(|(_, value, at)| self.program.text(at, value).plain())
    }

    /// What a function that is passed instead of a value gives: `mutationField("create", () => ({ … }))`.
    #[must_use]
    pub fn given(&self, site: &Site, expr: &'p Expr) -> (&'p Expr, Site) {
        let Some(function) = self.program.resolve(site, expr).function() else { return (expr, site.clone()) };
        let facts = self.program.file(function.file);
        let mut returned = facts.returns_of(function.id).iter().filter_map(|index| facts.outline.returns.get(*index as usize));
        match returned.rfind(|returned| !returned.is_raise) {
            Some(returned) => (&returned.value, Site { file: function.file, scope: returned.scope, offset: returned.at.offset, env: None }),
            None => (expr, site.clone()),
        }
    }

    /// The arguments of a field.
    #[must_use]
    pub fn arguments(&self, site: &Site, expr: &'p Expr) -> Vec<GraphqlArgument> {
        let entries = self.program.entries(site, expr).unwrap_or_default();
        entries
            .into_iter()
            .map(|(name, value, at)| {
                let mut found = GraphqlArgument { name, ..GraphqlArgument::default() };
                self.argument(&at, value, &mut found, 0);
                found
            })
            .collect()
    }

    /// `nonNull(stringArg({ default, description }))`, `arg({ type: "Sort" })`, `"String"`.
    fn argument(&self, site: &Site, expr: &'p Expr, found: &mut GraphqlArgument, depth: u32) {
        found.ty = "String".to_owned();
        let meaning = self.program.produce(site, expr);
        let Some((call, at)) = meaning.call().filter(|_| depth < MAX_DEPTH) else {
            found.ty = self.written(site, expr).unwrap_or_else(|| "String".to_owned());
            return;
        };
        let made = self.program.call(call);
        let here = Site { env: at.env.clone(), ..Site::of_call(call.file, made) };
        // `InputType.asArg({ default })`
        if let Some((of, method)) = made.method()
            && method == "asArg"
        {
            found.ty = self.written(&here, of).unwrap_or_else(|| "String".to_owned());
            return;
        }
        let callee = self.program.callee(call);
        let name = callee.outside().and_then(|path| path.rsplit('.').next()).unwrap_or_default();
        let first = made.positional(0);
        match (name, first) {
            ("nonNull" | "nullable" | "list", Some(inner)) => {
                self.argument(&here, inner, found, depth + 1);
                found.ty = match name {
                    "nonNull" => non_null(&found.ty),
                    "nullable" => nullable(&found.ty),
                    _ => format!("[{}]", found.ty),
                };
            }
            _ => match scalar_argument(name) {
                Some(scalar) => {
                    let options = first.and_then(|options| self.program.entries(&here, options)).unwrap_or_default();
                    let option = |key: &str| options.iter().find(|(name, ..)| name == key).map(|(_, value, at)| (*value, at));
                    let of_type = option("type").and_then(|(value, at)| self.written(at, value));
                    found.ty = if scalar.is_empty() { of_type.unwrap_or_else(|| "String".to_owned()) } else { scalar.to_owned() };
                    found.doc = option("description").and_then(|(value, at)| self.program.text(at, value).plain()).unwrap_or_default();
                    found.default = option("default").and_then(|(value, at)| default_text(self.program, at, value));
                }
                None => found.ty = self.written(site, expr).unwrap_or_else(|| "String".to_owned()),
            },
        }
    }

    /// `members: ["A", "B"]`, `members: { A: 1 }`, `members: [{ name: "A", value, description }]`.
    #[must_use]
    pub fn values(&self, site: &Site, expr: &'p Expr) -> Vec<GraphqlField> {
        let value = |name: String| GraphqlField { name: name.into(), ..GraphqlField::default() };
        if let Some(items) = self.program.items(site, expr) {
            let named = items.iter().filter_map(|(item, at)| {
                let Some(entries) = self.program.entries(at, item) else { return self.program.text(at, item).plain().map(value) };
                let text = |key: &str| {
                    entries.iter().find(|(name, ..)| name == key).and_then(|(_, value, at)| self.program.text(at, value).plain())
                };
                Some(GraphqlField { doc: text("description").unwrap_or_default(), deprecated: text("deprecation"), ..value(text("name")?) })
            });
            return named.collect();
        }
        if let Meaning::Class(class) = self.program.resolve(site, expr) {
            return self.program.class(class).variants.iter().map(|variant| value(variant.name.to_string())).collect();
        }
        let entries = self.program.entries(site, expr).unwrap_or_default();
        entries.into_iter().map(|(name, ..)| value(name.to_string())).collect()
    }
}

/// The scalar that an argument's function stands for; empty for `arg`, whose options say it.
fn scalar_argument(function: &str) -> Option<&'static str> {
    Some(match function {
        "arg" => "",
        "stringArg" => "String",
        "intArg" => "Int",
        "floatArg" => "Float",
        "booleanArg" => "Boolean",
        "idArg" => "ID",
        _ => return None,
    })
}
