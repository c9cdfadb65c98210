//! Nexus: `objectType({ name, definition(t) { t.nonNull.string("email") } })`. Read from `nexus` 1.3. Fields and arguments may be null
//! unless they say otherwise; in `@nexus/schema` fields may not.

mod fields;
mod refs;

use crate::base::Name;
use crate::base::code::{Call, CallId, Expr};
use crate::base::language::Language;
use crate::facts::finding::Findings;
use crate::facts::framework::{Framework, Tells};
use crate::facts::graphql::{GraphqlField, GraphqlKind, GraphqlRootKind, GraphqlType, base_of};
use crate::facts::program::{CallRef, FileId, Meaning, Program, Site};
use crate::frameworks::graphql::spot;
use fields::Block;
use refs::Refs;

/// Nexus.
pub const FRAMEWORK: Framework = Framework {
    id: "script/nexus",
    label: "Nexus",
    languages: &[Language::TypeScript, Language::Tsx, Language::JavaScript],
    modules: LIBRARIES,
    tells: &[Tells::Graphql],
    read: Some(read),
    types: None,
};

/// What it is imported from.
const LIBRARIES: &[&str] = &["nexus", "@nexus/schema", "nexus-prisma"];

/// The functions that declare something.
const DECLARES: &[&str] = &[
    "enumType",
    "extendInputType",
    "extendType",
    "inputObjectType",
    "interfaceType",
    "mutationField",
    "mutationType",
    "objectType",
    "queryField",
    "queryType",
    "scalarType",
    "subscriptionField",
    "subscriptionType",
    "unionType",
];

fn read(program: &dyn Program, file: FileId, findings: &mut Findings) {
    for (number, call) in (0u32..).zip(&program.file(file).outline.calls) {
        if !call.callee.last_name().is_some_and(|name| DECLARES.contains(&name.as_str())) {
            continue;
        }
        let Meaning::Outside(path) = program.callee(CallRef { file, id: CallId(number) }) else { continue };
        let Some((library, name)) = path.rsplit_once('.') else { continue };
        if !LIBRARIES.contains(&library) {
            continue;
        }
        let refs = Refs { program, is_strict: library == "@nexus/schema" };
        let site = Site::of_call(file, call);
        let reading = Declaring { refs: &refs, site: &site, call };
        match (name, root_of(name)) {
            ("queryField" | "mutationField" | "subscriptionField", Some(root)) => reading.root_fields(root, findings),
            (_, Some(root)) => {
                let options = call.positional(0);
                let block = options.and_then(|options| reading.block(options, root.type_name())).unwrap_or_default();
                let root_type = GraphqlType { root: Some(root), ..reading.part(root.type_name(), block.fields) };
                findings.graphql.types.push(root_type);
                findings.graphql.types.extend(block.types);
            }
            _ => reading.declared(name, findings),
        }
    }
}

fn root_of(name: &str) -> Option<GraphqlRootKind> {
    let word = name.strip_suffix("Type").or_else(|| name.strip_suffix("Field"))?;
    GraphqlRootKind::of(word)
}

/// One call that declares something.
struct Declaring<'a, 'p> {
    refs: &'a Refs<'p>,
    site: &'a Site,
    call: &'p Call,
}

impl<'p> Declaring<'_, 'p> {
    fn part(&self, name: &str, fields: Vec<GraphqlField>) -> GraphqlType {
        let spot = spot(self.refs.program, self.site.file, name, self.call.at.line);
        GraphqlType { name: name.into(), fields, framework: FRAMEWORK.id, spot, ..GraphqlType::default() }
    }

    /// The members of the options object.
    fn option(&self, options: &'p Expr, key: &str) -> Option<(&'p Expr, Site)> {
        let entries = self.refs.program.entries(self.site, options)?;
        entries.into_iter().find(|(name, ..)| name == key).map(|(_, value, at)| (value, at))
    }

    fn text(&self, options: &'p Expr, key: &str) -> Option<String> {
        let (value, at) = self.option(options, key)?;
        self.refs.program.text(&at, value).plain()
    }

    /// What `definition(t) { … }` says.
    fn block(&self, options: &'p Expr, owner: &str) -> Option<Block> {
        let (definition, at) = self.option(options, "definition")?;
        let function = self.refs.program.resolve(&at, definition).function()?;
        Some(Block::read(self.refs, function, owner))
    }

    /// `queryField("users", { type, args })`, `queryField((t) => { … })`.
    fn root_fields(&self, root: GraphqlRootKind, findings: &mut Findings) {
        let program = self.refs.program;
        let Some(first) = self.call.positional(0) else { return };
        let fields = match program.resolve(self.site, first).function() {
            Some(function) => {
                let block = Block::read(self.refs, function, root.type_name());
                findings.graphql.types.extend(block.types);
                block.fields
            }
            None => {
                let Some(name) = program.text(self.site, first).plain() else { return };
                let options = self.call.positional(1);
                vec![fields::of_options(self.refs, self.site, name.as_str().into(), options, self.call.at.line, root.type_name())]
            }
        };
        let root_type = GraphqlType { root: Some(root), ..self.part(root.type_name(), fields) };
        findings.graphql.types.push(root_type);
    }

    fn declared(&self, function: &str, findings: &mut Findings) {
        let Some((one, more)) = self.declared_type(function) else { return };
        findings.graphql.types.push(one);
        findings.graphql.types.extend(more);
    }

    /// A type, and those that its fields bring along.
    fn declared_type(&self, function: &str) -> Option<(GraphqlType, Vec<GraphqlType>)> {
        let program = self.refs.program;
        let options = self.call.positional(0)?;
        let extended = || self.option(options, "type").and_then(|(value, at)| self.refs.written(&at, value));
        let name: Name = match function {
            "extendType" | "extendInputType" => base_of(&extended()?).into(),
            _ => self.text(options, "name")?.into(),
        };
        let kind = match function {
            "enumType" => GraphqlKind::Enum,
            "inputObjectType" | "extendInputType" => GraphqlKind::Input,
            "interfaceType" => GraphqlKind::Interface,
            "scalarType" => GraphqlKind::Scalar,
            "unionType" => GraphqlKind::Union,
            _ => GraphqlKind::Object,
        };
        let block = self.block(options, &name).unwrap_or_default();
        let fields = match kind {
            GraphqlKind::Enum => self.option(options, "members").map(|(members, at)| self.refs.values(&at, members)).unwrap_or_default(),
            GraphqlKind::Union | GraphqlKind::Scalar => Vec::new(),
            _ => block.fields,
        };
        let root = GraphqlRootKind::of(&name).filter(|root| function == "extendType" && root.type_name() == name);
        let mut of = block.of;
        if let Some((members, at)) = self.option(options, "types").filter(|_| kind == GraphqlKind::Union) {
            let members = program.items(&at, members).unwrap_or_default();
            of.extend(members.iter().filter_map(|(member, at)| self.refs.written(at, member)).map(|ty| Name::from(base_of(&ty))));
        }
        let is_extension = function.starts_with("extend") && root.is_none();
        let doc = self.text(options, "description").unwrap_or_default();
        Some((GraphqlType { kind, root, is_extension, of, doc, ..self.part(&name, fields) }, block.types))
    }
}
