//! What stands where a type may: `String`, `List(NonNull(User))`, `lambda: User`, `"app.types.User"`.

use super::{FRAMEWORK, sort_of};
use crate::base::code::Expr;
use crate::facts::graphql::{GraphqlField, GraphqlKind, GraphqlType, base_of, non_null};
use crate::facts::program::{CallRef, ClassRef, Meaning, Program, Site};
use crate::frameworks::graphql::spot;

/// How deep types nest.
const MAX_DEPTH: u32 = 12;

/// Reads types, and gathers those that are made on the way.
pub(super) struct Types<'p> {
    pub program: &'p dyn Program,
    pub found: Vec<GraphqlType>,
    depth: u32,
}

impl<'p> Types<'p> {
    pub fn new(program: &'p dyn Program) -> Self {
        Self { program, found: Vec::new(), depth: 0 }
    }

    /// A type as GraphQL writes it; `None` when the expression is no type of the schema.
    pub fn named(&mut self, site: &Site, expr: &Expr) -> Option<String> {
        if self.depth > MAX_DEPTH {
            return None;
        }
        self.depth += 1;
        let named = self.named_at(site, expr);
        self.depth -= 1;
        named
    }

    fn named_at(&mut self, site: &Site, expr: &Expr) -> Option<String> {
        let program = self.program;
        if let Expr::Str(path) = expr {
            return match program.named(site.file, path) {
                Meaning::Class(class) => Some(name_of(program, class)),
                _ => path.rsplit('.').next().map(str::to_owned),
            };
        }
        match program.resolve(site, expr) {
            Meaning::Class(class) => sort_of(program, class).map(|_| name_of(program, class)).or_else(|| self.of_enum(class)),
            Meaning::Outside(path) => scalar(&path).map(str::to_owned),
            Meaning::Value(Expr::Call(id), at) => self.made(CallRef { file: at.file, id: *id }, &at),
            Meaning::Value(Expr::Func(id), at) => {
                let facts = program.file(at.file);
                let value = facts.returns_of(*id).first().map(|index| &facts.outline.returns[*index as usize])?;
                self.named(&Site::of_scope(at.file, value.scope), &value.value)
            }
            Meaning::Function(function, _) => {
                let facts = program.file(function.file);
                let value = facts.returns_of(function.id).first().map(|index| &facts.outline.returns[*index as usize])?;
                self.named(&Site::of_scope(function.file, value.scope), &value.value)
            }
            _ => None,
        }
    }

    /// `List(X)`, `NonNull(X)`, `String()`, `Enum("Name", …)`, `UserInput(required=True)`.
    fn made(&mut self, call: CallRef, site: &Site) -> Option<String> {
        let program = self.program;
        let made = program.call(call);
        let at = site.moved(site.file, made.scope, made.at.offset);
        match program.callee(call) {
            Meaning::Class(class) => sort_of(program, class).map(|_| name_of(program, class)),
            Meaning::Outside(path) => {
                let name = path.strip_prefix("graphene")?.rsplit('.').next()?;
                match name {
                    "List" => Some(format!("[{}]", self.named(&at, made.arg(0, "of_type")?)?)),
                    "NonNull" => self.named(&at, made.arg(0, "of_type")?).map(|ty| non_null(&ty)),
                    "Dynamic" => self.named(&at, made.positional(0)?),
                    "Enum" => {
                        let name = program.text(&at, made.positional(0)?).plain()?;
                        let values = made.positional(1).and_then(|values| program.items(&at, values)).unwrap_or_default();
                        let value = |(item, at): &(&Expr, Site)| match item {
                            Expr::List(pair) => pair.first().and_then(|name| program.text(at, name).plain()),
                            other => program.text(at, other).plain(),
                        };
                        let names = values.iter().filter_map(value);
                        let fields = names.map(|name| GraphqlField { name: name.into(), ..GraphqlField::default() }).collect();
                        let spot = spot(program, site.file, &name, made.at.line);
                        let kind = GraphqlKind::Enum;
                        self.found.push(GraphqlType {
                            name: name.as_str().into(),
                            kind,
                            fields,
                            framework: FRAMEWORK.id,
                            spot,
                            ..GraphqlType::default()
                        });
                        Some(name)
                    }
                    "from_enum" => self.of_enum(program.resolve(&at, made.arg(0, "enum")?).class()?),
                    _ => scalar(&path).map(str::to_owned),
                }
            }
            _ => None,
        }
    }

    /// A plain enum class.
    fn of_enum(&mut self, class: ClassRef) -> Option<String> {
        let program = self.program;
        let is_enum = program.outside_bases(class).iter().any(|base| base.starts_with("enum.") || base.ends_with("Choices"));
        let declared = program.class(class);
        is_enum.then(|| {
            let fields = declared.fields.iter().filter(|field| field.default.is_some() && !field.name.starts_with('_'));
            let fields = fields.map(|field| GraphqlField { name: field.name.clone(), ..GraphqlField::default() }).collect();
            let spot = spot(program, class.file, &declared.name, declared.at.line);
            let name = declared.name.clone();
            self.found.push(GraphqlType { name, kind: GraphqlKind::Enum, fields, framework: FRAMEWORK.id, spot, ..GraphqlType::default() });
            declared.name.to_string()
        })
    }

    /// `UserConnection` of `User`, with its edges.
    pub fn connection(&mut self, site: &Site, item: &str) -> String {
        let item = base_of(item).to_owned();
        if item.ends_with("Connection") {
            return item;
        }
        let stem = item.strip_suffix("Type").filter(|stem| stem.is_empty()).unwrap_or(&item);
        let (name, edge) = (format!("{stem}Connection"), format!("{stem}Edge"));
        let spot = spot(self.program, site.file, &item, 0);
        let field = |name: &str, ty: String| GraphqlField { name: name.into(), ty, ..GraphqlField::default() };
        let page = vec![
            field("hasNextPage", "Boolean!".into()),
            field("hasPreviousPage", "Boolean!".into()),
            field("startCursor", "String".into()),
            field("endCursor", "String".into()),
        ];
        let fields = vec![field("pageInfo", "PageInfo!".into()), field("edges", format!("[{edge}]!"))];
        let edges = vec![field("node", item.clone()), field("cursor", "String!".into())];
        for (name, fields) in [(name.as_str(), fields), (edge.as_str(), edges), ("PageInfo", page)] {
            self.found.push(GraphqlType {
                name: name.into(),
                fields,
                framework: FRAMEWORK.id,
                spot: spot.clone(),
                ..GraphqlType::default()
            });
        }
        name
    }
}

/// The name of a class in the schema: `Meta.name`, else its own.
pub(super) fn name_of(program: &dyn Program, class: ClassRef) -> String {
    let outline = &program.file(class.file).outline;
    let metas = outline.classes.iter().filter(|inner| inner.outer == Some(class.id) && inner.name == "Meta");
    let mut given = metas.flat_map(|meta| &meta.fields).filter(|field| field.name == "name");
    let text = given.next().and_then(|field| program.text(&program.inside_class(class), field.default.as_ref()?).plain());
    text.unwrap_or_else(|| program.class(class).name.to_string())
}

/// The scalar or interface that a class of Graphene stands for.
fn scalar(path: &str) -> Option<&'static str> {
    let name = path.strip_prefix("graphene")?.rsplit('.').next()?;
    Some(match name {
        "String" => "String",
        "Int" => "Int",
        "Float" => "Float",
        "Boolean" => "Boolean",
        "ID" | "GlobalID" => "ID",
        "UUID" => "UUID",
        "Date" => "Date",
        "DateTime" => "DateTime",
        "Time" => "Time",
        "Decimal" => "Decimal",
        "JSONString" => "JSONString",
        "GenericScalar" => "GenericScalar",
        "BigInt" => "BigInt",
        "Base64" => "Base64",
        "Upload" => "Upload",
        "Node" => "Node",
        "PageInfo" => "PageInfo",
        "ErrorType" => "ErrorType",
        _ => return None,
    })
}
