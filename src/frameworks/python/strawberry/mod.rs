//! Strawberry GraphQL. Read from 0.262 (`strawberry/types`, `strawberry/schema`), `strawberry-graphql-django` 0.60.
//!
//! - [`types`]: annotations as GraphQL types.
//! - [`fields`]: the fields of a class.
//!
//! What extensions and permissions add to a schema is left out; names are in camel case, as `StrawberryConfig` has it unless told
//! otherwise.

mod fields;
mod types;

use crate::base::Name;
use crate::base::code::{Call, CallId, Expr, Imported};
use crate::base::language::Language;
use crate::facts::finding::Findings;
use crate::facts::framework::{Framework, Tells};
use crate::facts::graphql::{GraphqlField, GraphqlKind, GraphqlRoot, GraphqlRootKind, GraphqlType};
use crate::facts::program::{CallRef, ClassRef, FileId, Meaning, Program, Site};
use crate::frameworks::graphql::{camel_of_snake, imports, spot};
use types::Types;

/// Strawberry.
pub const FRAMEWORK: Framework = Framework {
    id: "python/strawberry",
    label: "Strawberry",
    languages: &[Language::Python],
    modules: &["strawberry", "strawberry_django"],
    tells: &[Tells::Graphql],
    read: Some(read),
    types: None,
};

/// What a class is declared as: by which decorator, with which options.
struct Declared<'p> {
    kind: GraphqlKind,
    call: Option<&'p Call>,
}

fn read(program: &dyn Program, file: FileId, findings: &mut Findings) {
    if !imports(program, file, FRAMEWORK.modules) {
        return;
    }
    let outline = &program.file(file).outline;
    let mut types = Types::new(program);
    for (index, declared) in (0u32..).zip(&outline.classes) {
        let class = ClassRef { file, id: crate::base::code::ClassId(index) };
        // A generic class is told with its arguments, where it is used.
        if declared.type_params.is_empty() && !types::is_generic(program, class) {
            types.class(class);
        }
    }
    for (index, call) in (0u32..).zip(&outline.calls) {
        if let Meaning::Outside(path) = program.callee(CallRef { file, id: CallId(index) }) {
            called(&mut types, file, call, &path, findings);
        }
    }
    findings.graphql.types.append(&mut types.found);
}

fn called(types: &mut Types, file: FileId, call: &Call, path: &str, findings: &mut Findings) {
    let site = Site::of_call(file, call);
    let program = types.program;
    match path {
        "strawberry.Schema" | "strawberry.federation.Schema" | "strawberry.schema.Schema" | "strawberry.federation.schema.Schema" => {
            for (position, keyword) in ["query", "mutation", "subscription"].into_iter().enumerate() {
                let (Some(expr), Some(kind)) = (call.arg(position, keyword), GraphqlRootKind::of(keyword)) else { continue };
                let name = match program.resolve(&site, expr) {
                    Meaning::Class(class) => name_of(program, class),
                    Meaning::Value(Expr::Call(id), at) => {
                        let made = program.call(CallRef { file: at.file, id: *id });
                        made.arg(0, "name").and_then(|name| program.text(&at, name).plain()).unwrap_or_default()
                    }
                    _ => continue,
                };
                findings.graphql.roots.push(GraphqlRoot { kind, name: name.into(), spot: spot(program, file, keyword, call.at.line) });
            }
        }
        "strawberry.tools.merge_types" => {
            let (Some(name), Some(parts)) = (call.arg(0, "name"), call.arg(1, "types")) else { return };
            let Some(name) = program.text(&site, name).plain() else { return };
            let mut fields: Vec<GraphqlField> = Vec::new();
            for (part, at) in program.items(&site, parts).unwrap_or_default() {
                if let Meaning::Class(class) = program.resolve(&at, part) {
                    fields.extend(types.fields(class, GraphqlKind::Object));
                }
            }
            let spot = spot(program, file, &name, call.at.line);
            types.found.push(GraphqlType { name: name.into(), fields, framework: FRAMEWORK.id, spot, ..GraphqlType::default() });
        }
        _ => {}
    }
}

/// What a class is declared as, when it is.
fn declared(program: &dyn Program, class: ClassRef) -> Option<Declared<'_>> {
    let site = program.around_class(class);
    program.class(class).decorators.iter().find_map(|decorator| {
        let (path, call) = match decorator {
            Expr::Call(id) => {
                let call = CallRef { file: class.file, id: *id };
                (program.callee(call), Some(program.call(call)))
            }
            other => (program.resolve(&site, other), None),
        };
        let path = path.outside()?.to_owned();
        let is_ours = path.starts_with("strawberry.") || path.starts_with("strawberry_django.");
        let truth = |key: &str| call.and_then(|call| call.keyword(key)) == Some(&Expr::Bool(true));
        let kind = match path.rsplit('.').next()? {
            "type" if truth("is_input") => GraphqlKind::Input,
            "type" if truth("is_interface") => GraphqlKind::Interface,
            "type" | "node" | "interface_object" => GraphqlKind::Object,
            "interface" => GraphqlKind::Interface,
            "input" | "partial" | "filter" | "filter_type" | "order" | "order_type" => GraphqlKind::Input,
            "enum" => GraphqlKind::Enum,
            _ => return None,
        };
        is_ours.then_some(Declared { kind, call })
    })
}

/// The name of a class in the schema.
fn name_of(program: &dyn Program, class: ClassRef) -> String {
    let site = program.around_class(class);
    let given = declared(program, class).and_then(|declared| declared.call).and_then(|call| call.keyword("name"));
    match given.and_then(|name| program.text(&site, name).plain()) {
        Some(name) => name,
        None => camel_of_name(&program.class(class).name),
    }
}

/// Classes are named as they are; only underscores go.
fn camel_of_name(name: &str) -> String {
    if name.contains('_') { camel_of_snake(name) } else { name.to_owned() }
}

/// What a file imports a name as, for `strawberry.lazy(".orders")`.
fn is_type_only(program: &dyn Program, file: FileId, name: &Name) -> bool {
    let outline = &program.file(file).outline;
    outline.imports.iter().any(|import| import.local == *name && matches!(import.what, Imported::Name(_)))
}
