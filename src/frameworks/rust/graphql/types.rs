//! Rust types as GraphQL types: never null but `Option`.

use super::members::Reader;
use crate::base::Name;
use crate::base::code::{ClassKind, Expr, Type};
use crate::facts::graphql::{GraphqlField, GraphqlType, base_of, non_null, nullable};
use crate::facts::program::{ClassRef, Meaning, Site};
use crate::frameworks::graphql::spot;
use crate::frameworks::rust::attributes::Attributes;

/// How deep types nest.
const MAX_DEPTH: u32 = 16;

impl Reader<'_> {
    /// A type as GraphQL writes it; `None` when it is not known.
    pub(super) fn written(&mut self, site: &Site, ty: &Type) -> Option<String> {
        if self.depth > MAX_DEPTH {
            return None;
        }
        self.depth += 1;
        let written = self.written_at(site, ty);
        self.depth -= 1;
        written
    }

    fn written_at(&mut self, site: &Site, ty: &Type) -> Option<String> {
        match ty {
            Type::List(inner) => self.written(site, inner).map(|inner| format!("[{inner}]!")),
            Type::Bounds(bounds) => bounds.iter().find_map(|bound| self.item_of(site, bound)),
            Type::Named(named) => {
                if let Expr::Ref(name) = &named.path
                    && let Some((_, filled)) = self.filling.iter().find(|(known, _)| known == name)
                {
                    return Some(filled.clone());
                }
                let name = ty.last_name()?.clone();
                match self.program.resolve_type(site, ty) {
                    Meaning::Class(class) => self.of_class(site, class, &named.args),
                    _ => self.outside(site, &name, &named.args),
                }
            }
            _ => None,
        }
    }

    /// `Stream<Item = X>`.
    fn item_of(&mut self, site: &Site, bound: &Type) -> Option<String> {
        bound.last_name().filter(|name| matches!(name.as_str(), "Stream" | "Iterator" | "IntoIterator"))?;
        bound.args().iter().find_map(|arg| match arg {
            Type::Value(Expr::Args(args)) => args.iter().find(|arg| arg.name.as_deref() == Some("Item")).and_then(|arg| match &arg.value {
                Expr::Type(ty) => self.written(site, ty),
                other => self.written(site, &Type::spelled(other)),
            }),
            _ => None,
        })
    }

    fn outside(&mut self, site: &Site, name: &Name, args: &[Type]) -> Option<String> {
        let scalar = match name.as_str() {
            "i8" | "i16" | "i32" | "i64" | "isize" | "u8" | "u16" | "u32" | "u64" | "usize" => "Int",
            "f32" | "f64" => "Float",
            "String" | "str" | "char" => "String",
            "bool" => "Boolean",
            "ID" => "ID",
            "DateTime" => "DateTime",
            "OffsetDateTime" => "DateTime",
            "NaiveDate" if self.is_juniper() => "LocalDate",
            "NaiveDateTime" if self.is_juniper() => "LocalDateTime",
            "NaiveTime" if self.is_juniper() => "LocalTime",
            "NaiveDate" => "NaiveDate",
            "NaiveDateTime" => "NaiveDateTime",
            "NaiveTime" => "NaiveTime",
            "Uuid" if self.is_juniper() => "Uuid",
            "Uuid" => "UUID",
            "Url" => "Url",
            "Decimal" | "BigDecimal" => "Decimal",
            "Value" | "Json" => "JSON",
            "HashMap" | "BTreeMap" => "JSONObject",
            "Upload" => "Upload",
            "Any" => "_Any",
            "Cow" if args.is_empty() => "String",
            "Vec" | "HashSet" | "BTreeSet" | "VecDeque" | "LinkedList" | "IndexSet" => {
                return self.written(site, args.first()?).map(|inner| format!("[{inner}]!"));
            }
            "Option" | "MaybeUndefined" | "Nullable" => return self.written(site, args.first()?).map(|inner| nullable(&inner)),
            "Result" | "FieldResult" | "Box" | "Arc" | "Rc" | "Cow" | "Pin" | "Ref" | "BoxStream" | "LocalBoxStream" | "Lazy" => {
                return self.written(site, args.first()?);
            }
            "Stream" => return args.iter().find_map(|arg| self.written(site, arg)),
            "Connection" => {
                let item = self.written(site, args.get(1).or(args.first())?)?;
                return Some(self.connection(site, base_of(&item)));
            }
            _ => return None,
        };
        Some(non_null(scalar))
    }

    fn is_juniper(&self) -> bool {
        self.dialect.module == "juniper"
    }

    fn of_class(&mut self, site: &Site, class: ClassRef, args: &[Type]) -> Option<String> {
        let program = self.program;
        let declared = program.class(class);
        if declared.kind == ClassKind::Alias {
            let filled: Vec<(Name, String)> = self.filled(site, class, args);
            let before = std::mem::replace(&mut self.filling, filled);
            let written = self.written(&program.inside_class(class), &declared.alias);
            self.filling = before;
            return written;
        }
        let attributes = Attributes::new(program, class.file, &declared.decorators);
        if let Some(of) = concrete(attributes, args) {
            return Some(non_null(&of));
        }
        if declared.name == "Result" || declared.name == "FieldResult" {
            return self.written(site, args.first()?);
        }
        Some(non_null(&self.name_of(class)))
    }

    fn filled(&mut self, site: &Site, class: ClassRef, args: &[Type]) -> Vec<(Name, String)> {
        let params: Vec<Name> = self.program.class(class).type_params.iter().map(|param| param.name.clone()).collect();
        params.into_iter().zip(args).filter_map(|(name, arg)| Some((name, self.written(site, arg)?))).collect()
    }

    fn connection(&mut self, site: &Site, item: &str) -> String {
        let (name, edge) = (format!("{item}Connection"), format!("{item}Edge"));
        let spot = spot(self.program, site.file, item, 0);
        let field = |name: &str, ty: String| GraphqlField { name: name.into(), ty, ..GraphqlField::default() };
        let page = vec![
            field("hasPreviousPage", "Boolean!".into()),
            field("hasNextPage", "Boolean!".into()),
            field("startCursor", "String".into()),
            field("endCursor", "String".into()),
        ];
        let whole =
            vec![field("pageInfo", "PageInfo!".into()), field("edges", format!("[{edge}!]!")), field("nodes", format!("[{item}!]!"))];
        let edges = vec![field("node", format!("{item}!")), field("cursor", "String!".into())];
        for (name, fields) in [(name.as_str(), whole), (edge.as_str(), edges), ("PageInfo", page)] {
            self.found.push(GraphqlType {
                name: name.into(),
                fields,
                framework: self.dialect.id,
                spot: spot.clone(),
                ..GraphqlType::default()
            });
        }
        non_null(&name)
    }
}

/// `#[graphql(concrete(name = "UserPage", params(User)))]`.
fn concrete(attributes: Attributes, args: &[Type]) -> Option<String> {
    if args.is_empty() {
        return None;
    }
    let wanted: Vec<Name> = args.iter().filter_map(|arg| arg.last_name().cloned()).collect();
    attributes.args("graphql").filter_map(|arg| attributes.call_named(&arg.value, "concrete")).find_map(|call| {
        let params = call.args.iter().find_map(|arg| attributes.call_named(&arg.value, "params"))?;
        let names: Vec<Name> = params.args.iter().filter_map(|arg| arg.value.last_name().cloned()).collect();
        (names == wanted).then(|| call.keyword("name").and_then(Expr::as_str).map(str::to_owned)).flatten()
    })
}
