//! Annotations as GraphQL types: never null unless they say so.

use super::{FRAMEWORK, camel_of_name, declared, is_type_only, name_of};
use crate::base::Name;
use crate::base::code::{Expr, Type};
use crate::facts::graphql::{GraphqlField, GraphqlKind, GraphqlType, base_of, non_null, nullable};
use crate::facts::program::{CallRef, ClassRef, Meaning, Program, Site};
use crate::frameworks::graphql::spot;

/// How deep annotations and aliases nest.
const MAX_DEPTH: u32 = 16;

/// Reads annotations, and gathers the types that they make on the way: unions, generic types with their arguments, enums.
pub(super) struct Types<'p> {
    pub program: &'p dyn Program,
    pub found: Vec<GraphqlType>,
    /// What type variables stand for.
    filling: Vec<(Name, String)>,
    depth: u32,
}

impl<'p> Types<'p> {
    pub fn new(program: &'p dyn Program) -> Self {
        Self { program, found: Vec::new(), filling: Vec::new(), depth: 0 }
    }

    /// A class of the schema.
    pub fn class(&mut self, class: ClassRef) {
        let Some(said) = declared(self.program, class) else { return };
        let declared = self.program.class(class);
        let name = name_of(self.program, class);
        let doc = said.call.and_then(|call| call.keyword("description"));
        let doc = doc.and_then(|doc| self.program.text(&self.program.around_class(class), doc).plain()).unwrap_or_default();
        let spot = spot(self.program, class.file, &declared.name, declared.at.line);
        let mut one = GraphqlType { name: name.into(), kind: said.kind, doc, framework: FRAMEWORK.id, spot, ..GraphqlType::default() };
        one.fields = if said.kind == GraphqlKind::Enum { self.values(class) } else { self.fields(class, said.kind) };
        one.of = self.interfaces(class);
        self.found.push(one);
    }

    /// The interfaces among the bases of a class.
    fn interfaces(&self, class: ClassRef) -> Vec<Name> {
        let program = self.program;
        let bases = program.lineage(class).into_iter().filter(|base| *base != class);
        let own = bases.filter(|base| declared(program, *base).is_some_and(|said| said.kind == GraphqlKind::Interface));
        let mut names: Vec<Name> = own.map(|base| name_of(program, base).into()).collect();
        let is_node = program.outside_bases(class).iter().any(|base| is_node(base));
        names.extend(is_node.then(|| Name::from("Node")));
        names
    }

    /// The values of an enum class.
    fn values(&self, class: ClassRef) -> Vec<GraphqlField> {
        let program = self.program;
        let site = program.inside_class(class);
        let fields = program.class(class).fields.iter().filter(|field| field.default.is_some() && !field.name.starts_with('_'));
        let value = |field: &crate::base::code::Field| {
            let call = field.default.as_ref().and_then(|expr| program.resolve(&site, expr).call().map(|(call, _)| program.call(call)));
            let text = |key: &str| call.and_then(|call| call.keyword(key)).and_then(|expr| program.text(&site, expr).plain());
            let name = text("name").map_or_else(|| field.name.clone(), Name::from);
            GraphqlField {
                name,
                deprecated: text("deprecation_reason"),
                doc: text("description").unwrap_or_default(),
                ..GraphqlField::default()
            }
        };
        fields.map(value).collect()
    }

    /// A type as GraphQL writes it; `None` when it is not known.
    pub fn written(&mut self, site: &Site, ty: &Type) -> Option<String> {
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
            Type::Union(types) => self.union(site, &types.iter().collect::<Vec<_>>(), None),
            Type::Literal(Expr::Null) => Some("Void".to_owned()),
            Type::Value(expr) => self.spelled(site, expr),
            Type::Named(named) => {
                if let Expr::Ref(name) = &named.path
                    && let Some((_, filled)) = self.filling.iter().find(|(known, _)| known == name)
                {
                    return Some(filled.clone());
                }
                match self.program.resolve_type(site, ty) {
                    Meaning::Outside(path) => self.outside(site, &path, &named.args),
                    Meaning::Class(class) => self.of_class(site, class, &named.args),
                    Meaning::Value(expr, at) => self.spelled(&at, expr),
                    _ => None,
                }
            }
            _ => None,
        }
    }

    /// A value that stands for a type: an alias, `strawberry.union("X", (A, B))`, a scalar.
    fn spelled(&mut self, site: &Site, expr: &Expr) -> Option<String> {
        let Expr::Call(id) = expr else {
            let ty = Type::spelled(expr);
            return if matches!(ty, Type::Value(_)) { None } else { self.written(site, &ty) };
        };
        let call = CallRef { file: site.file, id: *id };
        let made = self.program.call(call);
        let at = Site::of_call(site.file, made);
        let text = |position: usize, key: &str| made.arg(position, key).and_then(|expr| self.program.text(&at, expr).plain());
        match self.program.callee(call).outside()? {
            "strawberry.union" => {
                let name = text(0, "name")?;
                let members = self.program.items(&at, made.arg(1, "types")?)?;
                let names: Vec<Name> =
                    members.iter().filter_map(|(member, at)| self.spelled(at, member)).map(|ty| base_of(&ty).into()).collect();
                let spot = spot(self.program, site.file, &name, made.at.line);
                self.add_union(&name, names, spot);
                Some(non_null(&name))
            }
            "strawberry.scalar" => {
                let given = made.keyword("name").and_then(|name| self.program.text(&at, name).plain());
                let name = given.or_else(|| self.new_type(&at, made.positional(0)?))?;
                let spot = spot(self.program, site.file, &name, made.at.line);
                let one = GraphqlType {
                    name: name.as_str().into(),
                    kind: GraphqlKind::Scalar,
                    framework: FRAMEWORK.id,
                    spot,
                    ..GraphqlType::default()
                };
                self.found.push(one);
                Some(non_null(&name))
            }
            "strawberry.enum" => self.spelled(&at, made.positional(0)?),
            "typing.NewType" => self.spelled(&at, made.positional(1)?),
            _ => None,
        }
    }

    /// The name in `NewType("Name", …)`.
    fn new_type(&self, site: &Site, expr: &Expr) -> Option<String> {
        match self.program.resolve(site, expr) {
            Meaning::Class(class) => Some(self.program.class(class).name.to_string()),
            meaning => {
                let (call, at) = meaning.call()?;
                self.program.text(at, self.program.call(call).positional(0)?).plain()
            }
        }
    }

    fn add_union(&mut self, name: &str, of: Vec<Name>, spot: crate::facts::document::Spot) {
        self.found.push(GraphqlType {
            name: name.into(),
            kind: GraphqlKind::Union,
            of,
            framework: FRAMEWORK.id,
            spot,
            ..GraphqlType::default()
        });
    }

    fn union(&mut self, site: &Site, types: &[&Type], name: Option<String>) -> Option<String> {
        let is_null = |ty: &Type| matches!(ty, Type::Literal(Expr::Null));
        let has_null = types.iter().any(|ty| is_null(ty) || self.is_unset(site, ty));
        let others: Vec<&Type> = types.iter().copied().filter(|ty| !is_null(ty) && !self.is_unset(site, ty)).collect();
        let written = match others.as_slice() {
            [one] => self.written(site, one)?,
            many => {
                let names: Vec<Name> = many.iter().filter_map(|ty| self.written(site, ty)).map(|ty| base_of(&ty).into()).collect();
                let name = name.unwrap_or_else(|| names.iter().map(Name::as_str).collect());
                let spot = spot(self.program, site.file, &name, 0);
                self.add_union(&name, names, spot);
                non_null(&name)
            }
        };
        Some(if has_null { nullable(&written) } else { written })
    }

    fn is_unset(&self, site: &Site, ty: &Type) -> bool {
        self.program.resolve_type(site, ty).outside().is_some_and(|path| path.ends_with("UnsetType"))
    }

    fn outside(&mut self, site: &Site, path: &str, args: &[Type]) -> Option<String> {
        let name = path.rsplit('.').next().unwrap_or(path);
        if let Some(scalar) = scalar(path, name) {
            return Some(non_null(scalar));
        }
        match name {
            "Optional" | "Maybe" => self.written(site, args.first()?).map(|ty| nullable(&ty)),
            "Union" => self.union(site, &args.iter().collect::<Vec<_>>(), None),
            "Annotated" => self.annotated(site, args),
            "List" | "list" | "Sequence" | "Iterable" | "Tuple" | "tuple" | "Set" | "set" | "FrozenSet" | "frozenset" | "Collection"
            | "QuerySet" | "ListType" => Some(format!("[{}]!", self.written(site, args.first()?)?)),
            "StreamableList" | "Streamable" => Some(format!("[{}]!", self.written(site, args.first()?)?)),
            "AsyncGenerator" | "AsyncIterator" | "AsyncIterable" | "Awaitable" | "Generator" | "Iterator" | "Final" | "Type" => {
                self.written(site, args.first()?)
            }
            "Coroutine" => self.written(site, args.get(2)?),
            "ListConnection" | "Connection" | "DjangoListConnection" | "DjangoCursorConnection" | "ListConnectionWithTotalCount" => {
                let item = self.written(site, args.first()?)?;
                Some(self.connection(site, base_of(&item), name.contains("Django") || name.ends_with("TotalCount")))
            }
            _ => None,
        }
    }

    /// `Annotated["User", strawberry.lazy(".users")]`, `Annotated[Union[A, B], strawberry.union("Result")]`.
    fn annotated(&mut self, site: &Site, args: &[Type]) -> Option<String> {
        let (inner, metadata) = args.split_first()?;
        for said in metadata {
            let Type::Value(Expr::Call(id)) = said else { continue };
            let call = CallRef { file: site.file, id: *id };
            let made = self.program.call(call);
            let at = Site::of_call(site.file, made);
            match self.program.callee(call).outside() {
                Some("strawberry.union") => {
                    let name = made.arg(0, "name").and_then(|name| self.program.text(&at, name).plain());
                    let (types, alone): (Vec<&Type>, _) = match inner {
                        Type::Union(types) => (types.iter().collect(), false),
                        Type::Named(named) if !named.args.is_empty() => (named.args.iter().collect(), false),
                        other => (vec![other], true),
                    };
                    if !alone {
                        return self.union(site, &types, name);
                    }
                }
                Some("strawberry.lazy") => {
                    if let Some(name) = inner.last_name().filter(|name| !is_type_only(self.program, site.file, name)) {
                        let module = made.positional(0).and_then(|module| self.program.text(&at, module).plain());
                        return Some(non_null(&self.lazy(site, name, module.as_deref())));
                    }
                }
                _ => {}
            }
        }
        self.written(site, inner)
    }

    /// The schema's name of a class in a module that is loaded late.
    fn lazy(&self, site: &Site, name: &Name, module: Option<&str>) -> String {
        let found = module.and_then(|module| match self.program.named(site.file, &format!("{module}.{name}")) {
            Meaning::Class(class) => Some(name_of(self.program, class)),
            _ => None,
        });
        found.unwrap_or_else(|| camel_of_name(name))
    }

    fn of_class(&mut self, site: &Site, class: ClassRef, args: &[Type]) -> Option<String> {
        let program = self.program;
        let declaration = program.class(class);
        if declaration.kind == crate::base::code::ClassKind::Alias {
            return self.written(&program.around_class(class), &declaration.alias);
        }
        if args.is_empty() || declared(program, class).is_none() {
            let is_enum = program.outside_bases(class).iter().any(|base| base.starts_with("enum.") || base.ends_with("TextChoices"));
            if is_enum && declared(program, class).is_none() {
                let spot = spot(program, class.file, &declaration.name, declaration.at.line);
                let fields = self.values(class);
                let name = declaration.name.clone();
                self.found.push(GraphqlType {
                    name,
                    kind: GraphqlKind::Enum,
                    fields,
                    framework: FRAMEWORK.id,
                    spot,
                    ..GraphqlType::default()
                });
            }
            return Some(non_null(&name_of(program, class)));
        }
        let filled: Vec<String> = args.iter().filter_map(|arg| self.written(site, arg)).collect();
        let name = filled.iter().map(|ty| generic_part(ty)).chain([name_of(program, class)]).collect::<String>();
        if !self.found.iter().any(|one| one.name == name) {
            let before = std::mem::replace(&mut self.filling, parameters(program, class).into_iter().zip(filled).collect());
            let kind = declared(program, class).map(|said| said.kind).unwrap_or_default();
            let spot = spot(program, class.file, &declaration.name, declaration.at.line);
            let at = self.found.len();
            self.found.push(GraphqlType { name: name.as_str().into(), kind, framework: FRAMEWORK.id, spot, ..GraphqlType::default() });
            let fields = self.fields(class, kind);
            self.found[at].fields = fields;
            self.filling = before;
        }
        Some(non_null(&name))
    }

    /// `UserConnection` with its edges.
    fn connection(&mut self, site: &Site, item: &str, has_count: bool) -> String {
        let name = format!("{item}Connection");
        let spot = spot(self.program, site.file, item, 0);
        let field = |name: &str, ty: &str| GraphqlField { name: name.into(), ty: ty.to_owned(), ..GraphqlField::default() };
        let edge = format!("{item}Edge");
        let mut fields = vec![field("pageInfo", "PageInfo!"), field("edges", &format!("[{edge}!]!"))];
        fields.extend(has_count.then(|| field("totalCount", "Int")));
        let page = vec![
            field("hasNextPage", "Boolean!"),
            field("hasPreviousPage", "Boolean!"),
            field("startCursor", "String"),
            field("endCursor", "String"),
        ];
        let edges = vec![field("cursor", "String!"), field("node", &format!("{item}!"))];
        for (name, fields) in [(name.as_str(), fields), (edge.as_str(), edges), ("PageInfo", page)] {
            let one = GraphqlType { name: name.into(), fields, framework: FRAMEWORK.id, spot: spot.clone(), ..GraphqlType::default() };
            self.found.push(one);
        }
        non_null(&name)
    }
}

/// Whether a library's class is Relay's interface of things with an id.
pub(super) fn is_node(base: &str) -> bool {
    base.starts_with("strawberry") && base.ends_with("relay.Node")
}

/// What a type argument adds to the name of a generic type: `ListUser` of `[User!]!`.
fn generic_part(ty: &str) -> String {
    let base = base_of(ty);
    if ty.starts_with('[') { format!("{base}List") } else { base.to_owned() }
}

/// Whether a class has type parameters: `class Page(Generic[T])`.
pub(super) fn is_generic(program: &dyn Program, class: ClassRef) -> bool {
    !parameters(program, class).is_empty()
}

fn parameters(program: &dyn Program, class: ClassRef) -> Vec<Name> {
    let declared = program.class(class);
    let mut names: Vec<Name> = declared.type_params.iter().map(|param| param.name.clone()).collect();
    for base in declared.bases.iter().filter(|base| base.last_name().is_some_and(|name| name == "Generic")) {
        names.extend(base.args().iter().filter_map(|arg| arg.last_name().cloned()));
    }
    names
}

/// The scalar that a library's type stands for.
fn scalar(path: &str, name: &str) -> Option<&'static str> {
    Some(match path {
        "builtins.int" => "Int",
        "builtins.float" => "Float",
        "builtins.str" => "String",
        "builtins.bool" => "Boolean",
        "datetime.datetime" => "DateTime",
        "datetime.date" => "Date",
        "datetime.time" => "Time",
        "decimal.Decimal" => "Decimal",
        "uuid.UUID" => "UUID",
        _ if path.starts_with("strawberry") => match name {
            "ID" => "ID",
            "JSON" => "JSON",
            "Base16" => "Base16",
            "Base32" => "Base32",
            "Base64" => "Base64",
            "Upload" => "Upload",
            "Void" => "Void",
            "BigInt" => "BigInt",
            "GlobalID" => "GlobalID",
            "DjangoModelType" | "OneToOneInput" | "OneToManyInput" => "ID",
            "Node" => "Node",
            _ => return None,
        },
        _ => return None,
    })
}
