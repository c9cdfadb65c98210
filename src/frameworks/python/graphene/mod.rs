//! Graphene and graphene-django. Read from Graphene 3.4 (`graphene/types`), graphene-django 3.2.
//!
//! - [`types`]: what stands where a type may: classes, `List(NonNull(X))`, lambdas, dotted text.
//!
//! Fields may be null unless they say `required=True`; names are in camel case. Of `DjangoObjectType` those fields are told that are
//! named, as far as the model tells their types; filters are left out.

mod django;
mod types;

use crate::base::Name;
use crate::base::code::{Call, CallId, ClassId, Expr};
use crate::base::language::Language;
use crate::facts::finding::Findings;
use crate::facts::framework::{Framework, Tells};
use crate::facts::graphql::{GraphqlArgument, GraphqlField, GraphqlKind, GraphqlRoot, GraphqlRootKind, GraphqlType, non_null};
use crate::facts::program::{CallRef, ClassRef, FileId, Meaning, Program, Site};
use crate::frameworks::graphql::{camel_of_snake, enum_member, imports, literal_text, spot};
use crate::frameworks::python::literals::literal;
use types::Types;

/// Graphene.
pub const FRAMEWORK: Framework = Framework {
    id: "python/graphene",
    label: "Graphene",
    languages: &[Language::Python],
    modules: &["graphene", "graphene_django", "graphene_sqlalchemy", "graphene_federation"],
    tells: &[Tells::Graphql],
    read: Some(read),
    types: None,
};

/// How deep mutations declare fields within fields.
const MAX_LINEAGE: usize = 32;

fn read(program: &dyn Program, file: FileId, findings: &mut Findings) {
    let outline = &program.file(file).outline;
    let may_declare = imports(program, file, FRAMEWORK.modules) || outline.classes.iter().any(|class| !class.bases.is_empty());
    if !may_declare {
        return;
    }
    let mut types = Types::new(program);
    for index in 0..u32::try_from(outline.classes.len()).unwrap_or_default() {
        types.class(ClassRef { file, id: ClassId(index) });
    }
    if imports(program, file, FRAMEWORK.modules) {
        for (index, call) in (0u32..).zip(&outline.calls) {
            let callee = program.callee(CallRef { file, id: CallId(index) });
            if callee.is_any(&["graphene.Schema", "graphene_federation.build_schema"]) {
                roots(program, file, call, findings);
            }
        }
    }
    findings.graphql.types.append(&mut types.found);
}

fn roots(program: &dyn Program, file: FileId, call: &Call, findings: &mut Findings) {
    let site = Site::of_call(file, call);
    for (position, keyword) in ["query", "mutation", "subscription"].into_iter().enumerate() {
        let (Some(expr), Some(kind)) = (call.arg(position, keyword), GraphqlRootKind::of(keyword)) else { continue };
        if let Meaning::Class(class) = program.resolve(&site, expr) {
            let name = types::name_of(program, class).into();
            findings.graphql.roots.push(GraphqlRoot { kind, name, spot: spot(program, file, keyword, call.at.line) });
        }
    }
}

/// What a class is by its bases.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Sort {
    Type(GraphqlKind),
    Mutation,
    Model,
}

/// What a class is, when Graphene knows it.
fn sort_of(program: &dyn Program, class: ClassRef) -> Option<Sort> {
    let bases = program.outside_bases(class);
    let mut ours = bases.iter().filter(|base| base.starts_with("graphene"));
    ours.find_map(|base| {
        Some(match base.rsplit('.').next()? {
            "ObjectType" => Sort::Type(GraphqlKind::Object),
            "InputObjectType" => Sort::Type(GraphqlKind::Input),
            "Interface" => Sort::Type(GraphqlKind::Interface),
            "Enum" => Sort::Type(GraphqlKind::Enum),
            "Union" => Sort::Type(GraphqlKind::Union),
            "Scalar" => Sort::Type(GraphqlKind::Scalar),
            "Mutation" | "ClientIDMutation" => Sort::Mutation,
            "DjangoObjectType" | "SQLAlchemyObjectType" => Sort::Model,
            "DjangoModelFormMutation" | "DjangoFormMutation" | "SerializerMutation" => Sort::Mutation,
            _ => return None,
        })
    })
}

impl Types<'_> {
    /// A class of the schema.
    fn class(&mut self, class: ClassRef) {
        let program = self.program;
        let Some(sort) = sort_of(program, class) else { return };
        let declared = program.class(class);
        let meta = self.meta(class);
        if meta.is_some_and(|meta| {
            program.class(meta).fields.iter().any(|field| field.name == "abstract" && field.default == Some(Expr::Bool(true)))
        }) {
            return;
        }
        let spot = spot(program, class.file, &declared.name, declared.at.line);
        let kind = if let Sort::Type(kind) = sort { kind } else { GraphqlKind::Object };
        let mut one =
            GraphqlType { name: types::name_of(program, class).into(), kind, framework: FRAMEWORK.id, spot, ..GraphqlType::default() };
        one.doc = self.meta_text(class, "description").unwrap_or_default();
        match sort {
            Sort::Mutation => {
                one.fields = self.payload(class);
                if program.outside_bases(class).iter().any(|base| base.ends_with("ClientIDMutation")) {
                    self.client_input(class);
                }
            }
            Sort::Type(GraphqlKind::Enum) => one.fields = self.values(class),
            Sort::Type(GraphqlKind::Union) => one.of = self.meta_types(class, "types"),
            Sort::Type(GraphqlKind::Scalar) => {}
            Sort::Type(kind) => one.fields = self.fields(class, kind),
            Sort::Model => {
                one.fields = self.of_model(class);
                for field in self.fields(class, GraphqlKind::Object) {
                    match one.fields.iter_mut().find(|known| known.name == field.name) {
                        Some(known) => *known = field,
                        None => one.fields.push(field),
                    }
                }
            }
        }
        one.of.extend(self.meta_types(class, "interfaces"));
        self.found.push(one);
    }

    fn values(&self, class: ClassRef) -> Vec<GraphqlField> {
        let fields = self.program.class(class).fields.iter().filter(|field| field.default.is_some() && !field.name.starts_with('_'));
        fields.map(|field| GraphqlField { name: field.name.clone(), ..GraphqlField::default() }).collect()
    }

    /// `class Meta` of a class or its bases.
    fn meta(&self, class: ClassRef) -> Option<ClassRef> {
        self.inner(class, "Meta")
    }

    /// A class inside another.
    fn inner(&self, class: ClassRef, name: &str) -> Option<ClassRef> {
        let outline = &self.program.file(class.file).outline;
        let mut inner = (0u32..).zip(&outline.classes).filter(|(_, inner)| inner.outer == Some(class.id) && inner.name == name);
        inner.next().map(|(index, _)| ClassRef { file: class.file, id: ClassId(index) })
    }

    fn meta_value(&self, class: ClassRef, key: &str) -> Option<(&Expr, Site)> {
        let meta = self.meta(class)?;
        let field = self.program.class(meta).fields.iter().find(|field| field.name == key)?;
        Some((field.default.as_ref()?, self.program.inside_class(meta)))
    }

    fn meta_text(&self, class: ClassRef, key: &str) -> Option<String> {
        let (expr, at) = self.meta_value(class, key)?;
        self.program.text(&at, expr).plain()
    }

    /// Names of the types that a list of `Meta` holds.
    fn meta_types(&mut self, class: ClassRef, key: &str) -> Vec<Name> {
        let program = self.program;
        let Some((expr, at)) = self.meta_value(class, key).map(|(expr, at)| (expr.clone(), at)) else { return Vec::new() };
        let items: Vec<(Expr, Site)> = match program.items(&at, &expr) {
            Some(items) => items.into_iter().map(|(item, at)| (item.clone(), at)).collect(),
            None => vec![(expr, at)],
        };
        items.iter().filter_map(|(item, at)| self.named(at, item)).map(|ty| Name::from(crate::facts::graphql::base_of(&ty))).collect()
    }

    /// The fields of a class, those of its bases first.
    fn fields(&mut self, class: ClassRef, kind: GraphqlKind) -> Vec<GraphqlField> {
        let program = self.program;
        let mut fields: Vec<GraphqlField> = Vec::new();
        let mut lineage = program.lineage(class);
        lineage.truncate(MAX_LINEAGE);
        lineage.reverse();
        let interfaces = self.meta_value(class, "interfaces").map(|(expr, at)| (expr.clone(), at));
        if let Some((expr, at)) = interfaces {
            let items: Vec<ClassRef> = program
                .items(&at, &expr)
                .unwrap_or_default()
                .into_iter()
                .filter_map(|(item, at)| program.resolve(&at, item).class())
                .collect();
            lineage.splice(0..0, items);
        }
        for part in lineage {
            let site = program.inside_class(part);
            let owner = &program.class(part).name;
            for field in &program.class(part).fields {
                let Some(expr) = &field.default else { continue };
                let Some(mut one) = self.field(&site, expr, kind) else { continue };
                if one.name.is_empty() {
                    one.name = camel_of_snake(&field.name).into();
                }
                one.spot = Some(spot(program, part.file, &format!("{owner}.{}", field.name), field.at.line));
                match fields.iter_mut().find(|known| known.name == one.name) {
                    Some(known) => *known = one,
                    None => fields.push(one),
                }
            }
        }
        fields
    }

    /// A field: `String(required=True)`, `Field(User, id=ID())`, `List(User)`, `CreateUser.Field()`.
    fn field(&mut self, site: &Site, expr: &Expr, kind: GraphqlKind) -> Option<GraphqlField> {
        let program = self.program;
        let meaning = program.resolve(site, expr);
        let (call, at) = meaning.call()?;
        let made = program.call(call);
        let at = at.moved(at.file, made.scope, made.at.offset);
        if let Some((receiver, name)) = made.method()
            && name == "Field"
            && let Meaning::Class(class) = program.resolve(&at, receiver)
        {
            return self.mutation_field(class, made, &at);
        }
        let path = program.callee(call).outside().filter(|path| path.starts_with("graphene")).map(str::to_owned);
        let text = |key: &str| made.keyword(key).and_then(|expr| program.text(&at, expr).plain());
        let is_required = made.keyword("required") == Some(&Expr::Bool(true));
        let mut one = GraphqlField {
            name: text("name").unwrap_or_default().into(),
            doc: text("description").unwrap_or_default(),
            deprecated: text("deprecation_reason"),
            ..GraphqlField::default()
        };
        let last = path.as_deref().and_then(|path| path.rsplit('.').next());
        let ty = match last {
            Some("Field" | "InputField") => self.named(&at, made.arg(0, "type_").or_else(|| made.keyword("type"))?),
            Some("DjangoListField") => self.named(&at, made.positional(0)?).map(|ty| format!("[{}]", non_null(&ty))),
            Some("ConnectionField" | "DjangoConnectionField" | "DjangoFilterConnectionField" | "SQLAlchemyConnectionField") => {
                one.args.extend(django::paging());
                let item = self.named(&at, made.positional(0)?)?;
                Some(self.connection(&at, &item))
            }
            // Arguments of other fields are no fields of their own.
            Some("Argument") => return None,
            _ => self.named(&at, &Expr::Call(call.id)),
        };
        let ty = ty?;
        one.ty = if is_required { non_null(&ty) } else { ty };
        one.args.extend(self.arguments(made, &at));
        if kind == GraphqlKind::Input {
            one.default = made.keyword("default_value").and_then(|expr| self.default(&at, expr));
            one.args.clear();
        }
        Some(one)
    }

    fn default(&self, site: &Site, expr: &Expr) -> Option<String> {
        if let Expr::Member(base, name) = expr
            && name == "value"
            && let Some(member) = enum_member(self.program, site, base)
        {
            return Some(member.to_string());
        }
        enum_member(self.program, site, expr)
            .map(|member| member.to_string())
            .or_else(|| literal(self.program, site, expr).map(|value| literal_text(&value)))
    }

    /// The arguments of a field: keywords that are types, and `args={…}`.
    fn arguments(&mut self, made: &Call, site: &Site) -> Vec<GraphqlArgument> {
        let program = self.program;
        let mut args = Vec::new();
        if let Some(given) = made.keyword("args") {
            let entries: Vec<(Name, Expr, Site)> =
                program.entries(site, given).unwrap_or_default().into_iter().map(|(name, value, at)| (name, value.clone(), at)).collect();
            args.extend(entries.iter().filter_map(|(name, value, at)| self.argument(at, name, value)));
        }
        // Of a scalar such as `String(…)` keywords are arguments of the field it makes as well.
        let own = [
            "name",
            "description",
            "required",
            "deprecation_reason",
            "default_value",
            "resolver",
            "source",
            "args",
            "type",
            "type_",
            "of_type",
        ];
        for arg in &made.args {
            if let Some(name) = arg.name.as_ref().filter(|name| !own.contains(&name.as_str()) && *name != "**") {
                args.extend(self.argument(site, name, &arg.value));
            }
        }
        args
    }

    fn argument(&mut self, site: &Site, name: &Name, expr: &Expr) -> Option<GraphqlArgument> {
        let program = self.program;
        let meaning = program.resolve(site, expr);
        let Some((call, at)) = meaning.call() else {
            // `id=graphene.ID`: a type that is not made.
            let ty = self.named(site, expr)?;
            return Some(GraphqlArgument { name: camel_of_snake(name).into(), ty, ..GraphqlArgument::default() });
        };
        let made = program.call(call);
        let at = at.moved(at.file, made.scope, made.at.offset);
        let is_argument = program.callee(call).outside().is_some_and(|path| path.starts_with("graphene") && path.ends_with(".Argument"));
        let ty = if is_argument { self.named(&at, made.arg(0, "type_")?)? } else { self.named(&at, &Expr::Call(call.id))? };
        let text = |key: &str| made.keyword(key).and_then(|expr| program.text(&at, expr).plain());
        let is_required = made.keyword("required") == Some(&Expr::Bool(true));
        Some(GraphqlArgument {
            name: text("name").unwrap_or_else(|| camel_of_snake(name)).into(),
            ty: if is_required { non_null(&ty) } else { ty },
            default: made.keyword("default_value").and_then(|expr| self.default(&at, expr)),
            doc: text("description").unwrap_or_default(),
            deprecated: text("deprecation_reason"),
            ..GraphqlArgument::default()
        })
    }

    /// `CreateUser.Field()`: its arguments and its payload.
    fn mutation_field(&mut self, class: ClassRef, made: &Call, site: &Site) -> Option<GraphqlField> {
        let program = self.program;
        sort_of(program, class).filter(|sort| *sort == Sort::Mutation)?;
        let text = |key: &str| made.keyword(key).and_then(|expr| program.text(site, expr).plain());
        let mut one = GraphqlField {
            name: text("name").unwrap_or_default().into(),
            doc: text("description").or_else(|| self.meta_text(class, "description")).unwrap_or_default(),
            deprecated: text("deprecation_reason"),
            ty: self.output_of(class),
            ..GraphqlField::default()
        };
        if made.keyword("required") == Some(&Expr::Bool(true)) {
            one.ty = non_null(&one.ty);
        }
        if program.outside_bases(class).iter().any(|base| base.ends_with("ClientIDMutation")) {
            let ty = format!("{}Input!", client_name(program, class));
            one.args.push(GraphqlArgument { name: "input".into(), ty, ..GraphqlArgument::default() });
            return Some(one);
        }
        for part in program.lineage(class).into_iter().take(MAX_LINEAGE) {
            let Some(inner) = self.inner(part, "Arguments").or_else(|| self.inner(part, "Input")) else { continue };
            let mut parts = program.lineage(inner);
            parts.reverse();
            for inner in parts {
                let at = program.inside_class(inner);
                for field in &program.class(inner).fields {
                    if let Some(expr) = &field.default {
                        one.args.extend(self.argument(&at, &field.name, expr));
                    }
                }
            }
            break;
        }
        Some(one)
    }

    /// What a mutation gives: `Output`, else its own payload.
    fn output_of(&mut self, class: ClassRef) -> String {
        let program = self.program;
        let given = program.class_attribute(class, "Output").map(|(expr, at)| (expr.clone(), at));
        if let Some(ty) = given.and_then(|(expr, at)| self.named(&at, &expr)) {
            return ty;
        }
        if let Some(inner) = self.inner(class, "Output") {
            return types::name_of(program, inner);
        }
        if program.outside_bases(class).iter().any(|base| base.ends_with("ClientIDMutation")) {
            return format!("{}Payload", client_name(program, class));
        }
        types::name_of(program, class)
    }

    fn payload(&mut self, class: ClassRef) -> Vec<GraphqlField> {
        let is_client = self.program.outside_bases(class).iter().any(|base| base.ends_with("ClientIDMutation"));
        let mut fields = self.fields(class, GraphqlKind::Object);
        if is_client {
            fields.push(GraphqlField { name: "clientMutationId".into(), ty: "String".into(), ..GraphqlField::default() });
        }
        fields
    }

    /// The input type of a Relay mutation.
    fn client_input(&mut self, class: ClassRef) {
        let program = self.program;
        let declared = program.class(class);
        let mut fields = Vec::new();
        if let Some(inner) = self.inner(class, "Input") {
            fields = self.fields(inner, GraphqlKind::Input);
        }
        fields.push(GraphqlField { name: "clientMutationId".into(), ty: "String".into(), ..GraphqlField::default() });
        let name = format!("{}Input", client_name(program, class)).into();
        let spot = spot(program, class.file, &declared.name, declared.at.line);
        self.found.push(GraphqlType { name, kind: GraphqlKind::Input, fields, framework: FRAMEWORK.id, spot, ..GraphqlType::default() });
    }
}

/// The name that Relay's input and payload begin with.
fn client_name(program: &dyn Program, class: ClassRef) -> String {
    let name = types::name_of(program, class);
    name.strip_suffix("Payload").map_or(name.clone(), str::to_owned)
}
