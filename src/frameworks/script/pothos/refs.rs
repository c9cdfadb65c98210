//! What types are called: `builder.objectRef("User")`, a class, a name; and what the builder is told of them all.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::kind_of;
use crate::base::Name;
use crate::base::code::{Call, CallId, CallKind, Expr};
use crate::facts::graphql::{GraphqlField, non_null};
use crate::facts::program::{CallRef, FileId, FuncRef, Meaning, Program, Site};

/// How far names lead to one another.
const MAX_DEPTH: u32 = 12;

/// What the constructor of the builder is told.
#[derive(Debug, Default)]
pub struct Defaults {
    /// Fields may not be null unless they say so.
    pub is_strict: bool,
    /// Arguments must be given unless they say otherwise.
    pub is_required: bool,
    /// The Relay plugin is in use, and some type is a node.
    pub has_nodes: bool,
    /// Names that `prismaObject` and its like are given.
    pub models: BTreeSet<String>,
}

/// Reads names of types.
pub struct Refs<'p> {
    pub program: &'p dyn Program,
    pub defaults: Arc<Defaults>,
}

impl<'p> Refs<'p> {
    /// Worked out once for the program.
    #[must_use]
    pub fn new(program: &'p dyn Program) -> Self {
        Self { program, defaults: program.answers().once(|| defaults(program)) }
    }

    /// Whether an expression is a builder.
    #[must_use]
    pub fn is_builder(&self, site: &Site, expr: &'p Expr) -> bool {
        let meaning = self.program.produce(site, expr);
        if let Some((call, _)) = meaning.call() {
            return is_constructor(&self.program.callee(call));
        }
        // A parameter that is only known by its type.
        let typed = self.program.type_of(site, expr).map(|(ty, at)| self.program.resolve_type(&at, ty));
        typed.is_some_and(|meaning| is_constructor(&meaning))
            || matches!(expr, Expr::Ref(name) if name == "builder" && matches!(meaning, Meaning::Unknown))
    }

    /// Whether an expression is what a method of a builder gives: `builder.objectRef("User")`.
    #[must_use]
    pub fn is_of_builder(&self, site: &Site, expr: &'p Expr) -> bool {
        let meaning = self.program.resolve(site, expr);
        let Some((call, _)) = meaning.call() else { return false };
        let made = self.program.call(call);
        let Some((receiver, method)) = made.method() else { return false };
        kind_of(method).is_some() && self.is_builder(&Site::of_call(call.file, made), receiver)
    }

    /// Of `ref.implement(…)` the method that made the reference.
    #[must_use]
    pub fn implements(&self, site: &Site, call: &'p Call) -> Option<Name> {
        let (receiver, _) = call.method()?;
        let (made, _) = self.program.resolve(site, receiver).call().map(|(made, at)| (made, at.clone()))?;
        self.program.call(made).method().map(|(_, method)| method.clone())
    }

    /// A member of an options object.
    #[must_use]
    pub fn option(&self, site: &Site, options: &'p Expr, key: &str) -> Option<(&'p Expr, Site)> {
        let entries = self.program.entries(site, options)?;
        entries.into_iter().find(|(name, ..)| name == key).map(|(_, value, at)| (value, at))
    }

    /// A type as GraphQL writes it, lists of what is never null; `None` when it is not known.
    #[must_use]
    pub fn written(&self, site: &Site, expr: &'p Expr) -> Option<String> {
        self.written_at(site, expr, 0)
    }

    fn written_at(&self, site: &Site, expr: &'p Expr, depth: u32) -> Option<String> {
        if depth > MAX_DEPTH {
            return None;
        }
        if let Expr::List(items) = expr {
            return self.written_at(site, items.first()?, depth + 1).map(|inner| format!("[{}]", non_null(&inner)));
        }
        let meaning = self.program.resolve(site, expr);
        match &meaning {
            Meaning::Class(class) => Some(self.program.class(*class).name.to_string()),
            Meaning::Value(inner @ Expr::List(_), at) => self.written_at(at, inner, depth + 1),
            Meaning::Value(Expr::Call(_), _) => {
                let (call, at) = meaning.call()?;
                let made = self.program.call(call);
                // `t.listRef(User)`, `t.nonNull(…)`.
                if let Some((_, method)) = made.method()
                    && method == "listRef"
                {
                    let here = Site { env: at.env.clone(), ..Site::of_call(call.file, made) };
                    return self.written_at(&here, made.positional(0)?, depth + 1).map(|inner| format!("[{}]", non_null(&inner)));
                }
                self.name_of_call(call, depth).map(|name| name.to_string())
            }
            Meaning::Outside(path) if expr.last_name().is_some() => outside(path),
            _ => self.program.text(site, expr).plain().filter(|name| !name.is_empty()),
        }
    }

    /// What the type is called that a call on the builder declares.
    #[must_use]
    pub fn name_of_call(&self, call: CallRef, depth: u32) -> Option<Name> {
        if depth > MAX_DEPTH {
            return None;
        }
        let made = self.program.call(call);
        let site = Site::of_call(call.file, made);
        let (receiver, method) = made.method()?;
        if method == "implement" {
            let (inner, _) = self.program.resolve(&site, receiver).call().map(|(inner, at)| (inner, at.clone()))?;
            return self.name_of_call(inner, depth + 1);
        }
        kind_of(method)?;
        let options = made.positional(1);
        let said = ["name", "variant"].iter().find_map(|key| {
            let (value, at) = self.option(&site, options?, key)?;
            self.program.text(&at, value).plain()
        });
        let first = made.positional(0)?;
        let given = || match self.program.text(&site, first).plain().filter(|name| !name.is_empty()) {
            // The tables of Drizzle are named in the plural; their types must be told.
            Some(name) => Some(name),
            None => self.written_at(&site, first, depth + 1),
        };
        said.or_else(given).map(Name::from)
    }

    /// A list of types, or a function that gives one.
    #[must_use]
    pub fn listed(&self, site: &Site, expr: &'p Expr) -> Vec<Name> {
        let (value, at) =
            self.program.resolve(site, expr).function().and_then(|function| self.returned(function)).unwrap_or((expr, site.clone()));
        let items = self.program.items(&at, value).unwrap_or_default();
        items.iter().filter_map(|(item, at)| self.written(at, item)).map(Name::from).collect()
    }

    /// What a function gives.
    #[must_use]
    pub fn returned(&self, function: FuncRef) -> Option<(&'p Expr, Site)> {
        let facts = self.program.file(function.file);
        let mut returned = facts.returns_of(function.id).iter().filter_map(|index| facts.outline.returns.get(*index as usize));
        let returned = returned.rfind(|returned| !returned.is_raise)?;
        Some((&returned.value, Site { file: function.file, scope: returned.scope, offset: returned.at.offset, env: None }))
    }

    /// The values of an enum: a list of names, an object's keys, the members of a TypeScript enum.
    #[must_use]
    pub fn values(&self, site: &Site, expr: &'p Expr) -> Vec<GraphqlField> {
        let value = |name: Name| GraphqlField { name, ..GraphqlField::default() };
        if let Meaning::Class(class) = self.program.resolve(site, expr) {
            return self.program.class(class).variants.iter().map(|variant| value(variant.name.clone())).collect();
        }
        if let Some(items) = self.program.items(site, expr) {
            return items.iter().filter_map(|(item, at)| self.program.text(at, item).plain()).map(|name| value(name.into())).collect();
        }
        let entries = self.program.entries(site, expr).unwrap_or_default();
        let told = |(name, said, at): (Name, &'p Expr, Site)| {
            let text = |key: &str| self.option(&at, said, key).and_then(|(value, at)| self.program.text(&at, value).plain());
            GraphqlField { doc: text("description").unwrap_or_default(), deprecated: text("deprecationReason"), ..value(name.clone()) }
        };
        entries.into_iter().map(told).collect()
    }
}

/// A library's scalar or a generated class: `GraphQLDateTime`, `Prisma.User`.
fn outside(path: &str) -> Option<String> {
    let name = path.rsplit(['.', '/']).next()?;
    let plain = match name {
        "String" | "Boolean" => name,
        "Number" => "Float",
        "Date" => "Date",
        other => other.strip_prefix("GraphQL").unwrap_or(other),
    };
    plain.chars().next().is_some_and(char::is_uppercase).then(|| plain.to_owned())
}

/// Whether something is the constructor of a builder.
#[must_use]
pub fn is_constructor(meaning: &Meaning) -> bool {
    meaning.is_any(&["@pothos/core", "@pothos/core.SchemaBuilder", "@pothos/core.default"])
}

/// What the constructors of the program's builders say.
fn defaults(program: &dyn Program) -> Defaults {
    let mut found = Defaults::default();
    let (mut has_relay, mut has_nodes) = (false, false);
    for file in (0..program.file_count()).map(FileId).filter(|file| program.file(*file).language.is_script()) {
        for (number, call) in (0u32..).zip(&program.file(file).outline.calls) {
            let name = call.callee.last_name().map_or("", Name::as_str);
            let is_builders =
                call.method().is_some_and(|(of, _)| of.last_name().is_some_and(|name| name.to_ascii_lowercase().ends_with("builder")));
            if is_builders && matches!(name, "prismaObject" | "prismaNode") {
                found.models.extend(call.positional(0).and_then(Expr::as_str).map(str::to_owned));
            }
            has_nodes |= is_builders && matches!(name, "node" | "prismaNode" | "drizzleNode" | "loadableNode" | "loadableNodeRef");
            if call.kind != CallKind::New || !is_constructor(&program.callee(CallRef { file, id: CallId(number) })) {
                continue;
            }
            let site = Site::of_call(file, call);
            let options = call.positional(0).and_then(|options| program.entries(&site, options)).unwrap_or_default();
            for (key, value, at) in options {
                match key.as_str() {
                    "defaultFieldNullability" => found.is_strict = matches!(value, Expr::Bool(false)),
                    "defaultInputFieldRequiredness" => found.is_required = matches!(value, Expr::Bool(true)),
                    "defaults" => found.is_strict |= program.text(&at, value).plain().as_deref() == Some("v3"),
                    "plugins" => {
                        let plugins = program.items(&at, value).unwrap_or_default();
                        let is_relay = |plugin: &Expr, at: &Site| {
                            program.resolve(at, plugin).outside().is_some_and(|path| path.starts_with("@pothos/plugin-relay"))
                        };
                        has_relay |= plugins.iter().any(|(plugin, at)| is_relay(plugin, at));
                    }
                    _ => {}
                }
            }
        }
    }
    found.has_nodes = has_relay && has_nodes;
    found
}
