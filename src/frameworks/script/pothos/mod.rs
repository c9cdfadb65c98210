//! Pothos: `builder.objectType("User", { fields: (t) => ({ … }) })`, with its plugins for Prisma, Drizzle, Relay, DataLoader and simple
//! objects. Read from `@pothos/core` 4: fields and arguments may be null unless they say otherwise.

mod fields;
mod refs;
mod relay;

use crate::base::Name;
use crate::base::code::{Call, CallId, Expr};
use crate::base::language::Language;
use crate::facts::finding::Findings;
use crate::facts::framework::{Framework, Tells};
use crate::facts::graphql::{GraphqlField, GraphqlKind, GraphqlRootKind, GraphqlType, base_of};
use crate::facts::program::{CallRef, FileId, FuncRef, Program, Site};
use crate::frameworks::graphql::spot;
use refs::Refs;

/// Pothos.
pub const FRAMEWORK: Framework = Framework {
    id: "script/pothos",
    label: "Pothos",
    languages: &[Language::TypeScript, Language::Tsx, Language::JavaScript],
    modules: &["@pothos/core"],
    tells: &[Tells::Graphql],
    read: Some(read),
    types: None,
};

/// The builder's methods that declare types of this kind.
fn kind_of(method: &str) -> Option<GraphqlKind> {
    Some(match method {
        "objectType" | "objectRef" | "prismaObject" | "prismaNode" | "node" | "simpleObject" | "drizzleObject" | "drizzleNode"
        | "loadableObject" | "loadableObjectRef" | "loadableNode" | "loadableNodeRef" => GraphqlKind::Object,
        "interfaceType" | "interfaceRef" | "prismaInterface" | "simpleInterface" | "loadableInterface" | "drizzleInterface" => {
            GraphqlKind::Interface
        }
        "unionType" | "loadableUnion" => GraphqlKind::Union,
        "enumType" => GraphqlKind::Enum,
        "inputType" | "inputRef" => GraphqlKind::Input,
        "scalarType" | "addScalarType" => GraphqlKind::Scalar,
        _ => return None,
    })
}

/// The root type that a method adds to, and whether it names one field.
fn root_of(method: &str) -> Option<(GraphqlRootKind, bool)> {
    let (word, is_one) = match method.strip_suffix("Fields").or_else(|| method.strip_suffix("Type")) {
        Some(word) => (word, false),
        None => (method.strip_suffix("Field")?, true),
    };
    GraphqlRootKind::of(word).filter(|_| word.chars().next().is_some_and(char::is_lowercase)).map(|root| (root, is_one))
}

fn read(program: &dyn Program, file: FileId, findings: &mut Findings) {
    let refs = Refs::new(program);
    for (number, call) in (0u32..).zip(&program.file(file).outline.calls) {
        let Some((receiver, method)) = call.method() else { continue };
        let is_ours = kind_of(method).is_some() || root_of(method).is_some() || EXTENDS.contains(&method.as_str());
        let site = Site::of_call(file, call);
        if !is_ours || !(refs.is_builder(&site, receiver) || method == "implement" && refs.is_of_builder(&site, receiver)) {
            continue;
        }
        let reading = Declaring { refs: &refs, site, call, reference: CallRef { file, id: CallId(number) } };
        reading.read(method, findings);
    }
    relay::nodes(&refs, file, findings);
}

/// Methods that add to what another call declares.
const EXTENDS: &[&str] = &[
    "drizzleObjectField",
    "drizzleObjectFields",
    "implement",
    "interfaceField",
    "interfaceFields",
    "objectField",
    "objectFields",
    "prismaObjectField",
    "prismaObjectFields",
    "relayMutationField",
];

/// One call on the builder.
struct Declaring<'a, 'p> {
    refs: &'a Refs<'p>,
    site: Site,
    call: &'p Call,
    reference: CallRef,
}

impl<'p> Declaring<'_, 'p> {
    fn part(&self, name: &str, fields: Vec<GraphqlField>) -> GraphqlType {
        let spot = spot(self.refs.program, self.site.file, name, self.call.at.line);
        GraphqlType { name: name.into(), fields, framework: FRAMEWORK.id, spot, ..GraphqlType::default() }
    }

    fn read(&self, method: &str, findings: &mut Findings) {
        let found = &mut findings.graphql.types;
        if method == "relayMutationField" {
            return found.extend(relay::mutation(self.refs, &self.site, self.call));
        }
        if let Some((root, is_one)) = root_of(method) {
            let fields =
                if is_one { self.one_field(0, root.type_name()) } else { self.fields_at(0, root.type_name(), GraphqlKind::Object) };
            relay::connections(&fields, found);
            return found.push(GraphqlType { root: Some(root), ..self.part(root.type_name(), plain(fields)) });
        }
        if method.ends_with("Field") || method.ends_with("Fields") {
            let Some(name) = self.call.positional(0).and_then(|of| self.refs.written(&self.site, of)) else { return };
            let name = base_of(&name).to_owned();
            let fields = if method.ends_with("Fields") { self.fields_at(1, &name, GraphqlKind::Object) } else { self.one_field(1, &name) };
            relay::connections(&fields, found);
            return found.push(GraphqlType { is_extension: true, ..self.part(&name, plain(fields)) });
        }
        if let Some((one, fields)) = self.declared(method) {
            relay::connections(&fields, found);
            found.push(one);
        }
    }

    /// `queryField("users", (t) => t.field({ … }))`.
    fn one_field(&self, position: usize, owner: &str) -> Vec<fields::Found> {
        let Some(name) = self.call.positional(position).and_then(|name| self.refs.program.text(&self.site, name).plain()) else {
            return Vec::new();
        };
        let Some(function) = self.function(position + 1) else { return Vec::new() };
        fields::one(self.refs, function, &name, owner).into_iter().collect()
    }

    fn function(&self, position: usize) -> Option<FuncRef> {
        self.refs.program.resolve(&self.site, self.call.positional(position)?).function()
    }

    /// The fields that a function or the options at a position say.
    fn fields_at(&self, position: usize, owner: &str, kind: GraphqlKind) -> Vec<fields::Found> {
        if let Some(function) = self.function(position) {
            return fields::all(self.refs, function, owner, kind);
        }
        let Some((value, at)) = self.call.positional(position).and_then(|options| self.refs.option(&self.site, options, "fields")) else {
            return Vec::new();
        };
        let function = self.refs.program.resolve(&at, value).function();
        function.map(|function| fields::all(self.refs, function, owner, kind)).unwrap_or_default()
    }

    /// A type that the call declares, with its fields as they were found.
    fn declared(&self, method: &str) -> Option<(GraphqlType, Vec<fields::Found>)> {
        let program = self.refs.program;
        // `builder.objectRef("User").implement({ … })` says with its first argument what others say with their second.
        let (method, position) = match method {
            "implement" => (self.refs.implements(&self.site, self.call)?, 0),
            "objectRef" | "interfaceRef" | "inputRef" => return None,
            _ => (Name::from(method), 1),
        };
        let kind = kind_of(&method)?;
        let name = self.refs.name_of_call(self.reference, 0)?;
        let options = self.call.positional(position);
        let option = |key: &str| options.and_then(|options| self.refs.option(&self.site, options, key));
        let mut fields = match kind {
            GraphqlKind::Enum | GraphqlKind::Union | GraphqlKind::Scalar => Vec::new(),
            _ => self.fields_at(position, &name, kind),
        };
        let mut one = self.part(&name, Vec::new());
        one.kind = kind;
        one.doc = option("description").and_then(|(value, at)| program.text(&at, value).plain()).unwrap_or_default();
        let members = if kind == GraphqlKind::Union { option("types") } else { option("interfaces") };
        one.of = members.map(|(value, at)| self.refs.listed(&at, value)).unwrap_or_default();
        if matches!(method.as_str(), "prismaNode" | "node" | "drizzleNode" | "loadableNode" | "loadableNodeRef") {
            one.of.push("Node".into());
            fields.insert(0, fields::Found::plain(GraphqlField { name: "id".into(), ty: "ID!".to_owned(), ..GraphqlField::default() }));
        }
        one.fields = if kind == GraphqlKind::Enum { self.values(options) } else { plain(fields.clone()) };
        Some((one, fields))
    }

    /// `enumType(Role, { name: "Role" })`, `enumType("Role", { values: ["ADMIN", "USER"] as const })`.
    fn values(&self, options: Option<&'p Expr>) -> Vec<GraphqlField> {
        let listed = options.and_then(|options| self.refs.option(&self.site, options, "values"));
        match (listed, self.call.positional(0)) {
            (Some((values, at)), _) => self.refs.values(&at, values),
            (None, Some(given)) => self.refs.values(&self.site, given),
            _ => Vec::new(),
        }
    }
}

fn plain(fields: Vec<fields::Found>) -> Vec<GraphqlField> {
    fields.into_iter().map(|found| found.field).collect()
}
