//! What stands where a type may: `() => [User]`, `Int`, a class, and annotations where nothing is said.

use super::{FRAMEWORK, LIBRARIES};
use crate::base::Name;
use crate::base::code::{Call, ClassKind, Expr, Type};
use crate::facts::graphql::{GraphqlField, GraphqlKind, GraphqlType, base_of, non_null};
use crate::facts::program::{ClassRef, Meaning, Program, Site};
use crate::frameworks::graphql::spot;
use crate::frameworks::script::decorators::{Decor, decorators};

/// How deep lists nest.
const MAX_DEPTH: u32 = 8;

/// Reads types.
pub(super) struct Types<'p> {
    pub program: &'p dyn Program,
}

impl<'p> Types<'p> {
    /// The name of a class in the schema: what its decorator says, else its own.
    pub fn name_of(&self, class: ClassRef) -> String {
        let program = self.program;
        let declared = program.class(class);
        let decors = decorators(program, &program.around_class(class), &declared.decorators);
        let given = decors.iter().filter(|decor| decor.of(LIBRARIES).is_some()).find_map(|decor| {
            let first = decor.arg(0)?;
            program.text(&decor.site, first).plain().filter(|_| !matches!(first, Expr::Object(_) | Expr::Func(_)))
        });
        given.unwrap_or_else(|| declared.name.to_string())
    }

    /// The text of an option, whether options come first or second.
    pub fn option_text(&self, decor: &Decor<'p>, key: &str) -> Option<String> {
        let (expr, at) = self.option(decor, key)?;
        self.program.text(&at, expr).plain()
    }

    /// An option, at whatever position options stand.
    pub fn option(&self, decor: &Decor<'p>, key: &str) -> Option<(&'p Expr, Site)> {
        (0..3).find_map(|position| decor.option(self.program, position, key))
    }

    /// A type as GraphQL writes it, lists of what is never null; `None` when it is not known.
    pub fn named(&self, site: &Site, expr: &Expr) -> Option<String> {
        self.named_at(site, expr, 0)
    }

    fn named_at(&self, site: &Site, expr: &Expr, depth: u32) -> Option<String> {
        if depth > MAX_DEPTH {
            return None;
        }
        let program = self.program;
        match expr {
            Expr::List(items) => {
                let inner = self.named_at(site, items.first()?, depth + 1)?;
                return Some(format!("[{}]", non_null(&inner)));
            }
            Expr::Func(id) => {
                let facts = program.file(site.file);
                let value = facts.returns_of(*id).first().map(|index| &facts.outline.returns[*index as usize])?;
                return self.named_at(&Site::of_scope(site.file, value.scope), &value.value, depth + 1);
            }
            Expr::Str(name) => return Some(name.to_string()),
            _ => {}
        }
        match program.resolve(site, expr) {
            Meaning::Outside(path) => scalar(&path),
            Meaning::Class(class) => Some(self.of_class(class)),
            Meaning::Value(inner @ (Expr::List(_) | Expr::Func(_)), at) => self.named_at(&at, inner, depth + 1),
            Meaning::Value(Expr::Call(_), _) => {
                let (call, at) = program.resolve(site, expr).call().map(|(call, at)| (call, at.clone()))?;
                let made = program.call(call);
                match program.callee(call).outside().and_then(|path| path.rsplit('.').next().map(str::to_owned)).as_deref() {
                    Some("createUnionType") => self.union_name(&at, made),
                    _ => expr.last_name().map(Name::to_string),
                }
            }
            Meaning::Value(Expr::Object(_), _) | Meaning::Instance(_) => expr.last_name().map(Name::to_string),
            _ => None,
        }
    }

    /// The name of a class, or that under which its file registers an enum.
    fn of_class(&self, class: ClassRef) -> String {
        let program = self.program;
        if program.class(class).kind == ClassKind::Enum {
            let calls = program.file(class.file).outline.calls.iter();
            let mut registered = calls.filter(|call| call.callee.last_name().is_some_and(|name| name == "registerEnumType"));
            let is_it = |call: &&Call| {
                let given = call.positional(0).map(|given| program.resolve(&Site::of_call(class.file, call), given));
                given.and_then(|given| given.class()) == Some(class)
            };
            if let Some(name) = registered.find(is_it).and_then(|call| self.name_in_options(&Site::of_call(class.file, call), call, 1)) {
                return name;
            }
        }
        self.name_of(class)
    }

    /// A list of types, or a function that gives one.
    pub fn listed(&self, site: &Site, expr: &Expr) -> Vec<String> {
        let program = self.program;
        if let Expr::Func(id) = expr {
            let facts = program.file(site.file);
            let Some(value) = facts.returns_of(*id).first().map(|index| &facts.outline.returns[*index as usize]) else { return Vec::new() };
            return self.listed(&Site::of_scope(site.file, value.scope), &value.value);
        }
        match program.items(site, expr) {
            Some(items) => items.iter().filter_map(|(item, at)| self.named(at, item)).collect(),
            None => self.named(site, expr).into_iter().collect(),
        }
    }

    /// What an annotation is by reflection.
    pub fn annotated(&self, site: &Site, ty: &Type) -> Option<String> {
        match ty {
            Type::Union(types) => types.iter().filter(|ty| !matches!(ty, Type::Literal(_))).find_map(|ty| self.annotated(site, ty)),
            Type::List(inner) => self.annotated(site, inner).map(|inner| format!("[{}]", non_null(&inner))),
            Type::Named(named) => match ty.last_name()?.as_str() {
                "string" => Some("String".to_owned()),
                "number" => Some("Float".to_owned()),
                "boolean" => Some("Boolean".to_owned()),
                "Date" => Some("DateTime".to_owned()),
                "Promise" | "Observable" | "Maybe" => self.annotated(site, named.args.first()?),
                "Array" | "Relation" if named.args.is_empty() => None,
                "Array" => self.annotated(site, named.args.first()?).map(|inner| format!("[{}]", non_null(&inner))),
                _ => match self.program.resolve_type(site, ty) {
                    Meaning::Class(class)
                        if self.program.class(class).kind == ClassKind::Class || self.program.class(class).kind == ClassKind::Enum =>
                    {
                        Some(self.of_class(class))
                    }
                    Meaning::Outside(path) => scalar(&path),
                    _ => None,
                },
            },
            _ => None,
        }
    }

    /// `registerEnumType(Role, { name: "Role", valuesMap: { ADMIN: { deprecationReason } } })`.
    pub fn enumeration(&self, site: &Site, call: &Call) -> Option<GraphqlType> {
        let program = self.program;
        let given = call.positional(0)?;
        let options = call.positional(1).and_then(|options| program.entries(site, options)).unwrap_or_default();
        let text = |key: &str| options.iter().find(|(name, ..)| name == key).and_then(|(_, expr, at)| program.text(at, expr).plain());
        let mut fields: Vec<GraphqlField> = match program.resolve(site, given) {
            Meaning::Class(class) => {
                let variants = program.class(class).variants.iter();
                variants.map(|variant| GraphqlField { name: variant.name.clone(), ..GraphqlField::default() }).collect()
            }
            _ => {
                let entries = program.entries(site, given).unwrap_or_default();
                entries.into_iter().map(|(name, ..)| GraphqlField { name, ..GraphqlField::default() }).collect()
            }
        };
        for (name, value, at) in
            options.iter().find(|(name, ..)| name == "valuesMap").and_then(|(_, map, at)| program.entries(at, map)).unwrap_or_default()
        {
            let said = program.entries(&at, value).unwrap_or_default();
            let text = |key: &str| said.iter().find(|(name, ..)| name == key).and_then(|(_, expr, at)| program.text(at, expr).plain());
            if let Some(field) = fields.iter_mut().find(|field| field.name == name) {
                field.deprecated = text("deprecationReason");
                field.doc = text("description").unwrap_or_default();
            }
        }
        let name: Name = text("name").map(Name::from).or_else(|| given.last_name().cloned())?;
        let spot = spot(program, site.file, &name, call.at.line);
        let doc = text("description").unwrap_or_default();
        Some(GraphqlType { name, kind: GraphqlKind::Enum, fields, doc, framework: FRAMEWORK.id, spot, ..GraphqlType::default() })
    }

    fn union_name(&self, site: &Site, call: &Call) -> Option<String> {
        self.name_in_options(site, call, 0)
    }

    /// The `name` in the options at a position.
    fn name_in_options(&self, site: &Site, call: &Call, position: usize) -> Option<String> {
        let options = self.program.entries(site, call.positional(position)?)?;
        options.iter().find(|(name, ..)| name == "name").and_then(|(_, expr, at)| self.program.text(at, expr).plain())
    }

    /// `createUnionType({ name: "Hit", types: () => [User, Order] as const })`.
    pub fn union(&self, site: &Site, call: &Call) -> Option<GraphqlType> {
        let name = self.union_name(site, call)?;
        let options = self.program.entries(site, call.positional(0)?)?;
        let (_, types, at) = options.iter().find(|(name, ..)| name == "types")?;
        let of = self.listed(at, types).iter().map(|ty| Name::from(base_of(ty))).collect();
        let spot = spot(self.program, site.file, &name, call.at.line);
        Some(GraphqlType { name: name.into(), kind: GraphqlKind::Union, of, framework: FRAMEWORK.id, spot, ..GraphqlType::default() })
    }
}

/// The scalar that a library's value or a global stands for.
fn scalar(path: &str) -> Option<String> {
    let name = path.rsplit('.').next()?;
    let plain = match name {
        "Int" | "GraphQLInt" => "Int",
        "Float" | "Number" | "GraphQLFloat" => "Float",
        "ID" | "GraphQLID" => "ID",
        "String" | "GraphQLString" => "String",
        "Boolean" | "GraphQLBoolean" => "Boolean",
        "Date" | "GraphQLISODateTime" | "GraphQLDateTime" => "DateTime",
        "GraphQLTimestamp" => "Timestamp",
        "graphql-type-json" => "JSON",
        "Object" => "JSON",
        other => other.strip_prefix("GraphQL").filter(|rest| !rest.is_empty())?,
    };
    Some(plain.to_owned())
}
