//! async-graphql and Juniper: structs, enums and `impl` blocks as GraphQL types. Read from async-graphql 7.0, Juniper 0.16.
//!
//! - [`types`]: Rust types as GraphQL types.
//! - [`members`]: fields of structs and functions of `impl` blocks.
//!
//! Nothing may be null but `Option`; names are in camel case, values of enums in capitals, unless `rename_*` says otherwise.

mod members;
mod types;

use crate::base::Name;
use crate::base::case::Case;
use crate::base::code::{Class, ClassId, ClassKind, Expr, Impl};
use crate::base::language::Language;
use crate::facts::finding::Findings;
use crate::facts::framework::{Framework, Tells};
use crate::facts::graphql::{GraphqlField, GraphqlKind, GraphqlRoot, GraphqlRootKind, GraphqlType};
use crate::facts::program::{ClassRef, FileId, Meaning, Program, Site};
use crate::frameworks::graphql::{imports, spot};
use crate::frameworks::rust::attributes::Attributes;
use members::Reader;

/// async-graphql.
pub const ASYNC_GRAPHQL: Framework = Framework {
    id: "rust/async_graphql",
    label: "async-graphql",
    languages: &[Language::Rust],
    modules: &["async_graphql"],
    tells: &[Tells::Graphql],
    read: Some(|program, file, findings| read(&ASYNC, program, file, findings)),
    types: None,
};

/// Juniper.
pub const JUNIPER: Framework = Framework {
    id: "rust/juniper",
    label: "Juniper",
    languages: &[Language::Rust],
    modules: &["juniper"],
    tells: &[Tells::Graphql],
    read: Some(|program, file, findings| read(&JUNIPER_WORDS, program, file, findings)),
    types: None,
};

/// What a library calls things.
pub(super) struct Dialect {
    id: &'static str,
    module: &'static str,
    /// Derives, and the sort of type each makes.
    derives: &'static [(&'static str, GraphqlKind)],
    /// Attributes of `impl` blocks.
    blocks: &'static [&'static str],
    /// The type that makes a schema: its roots are the arguments of `build` or `new`.
    schemas: &'static [&'static str],
}

const ASYNC: Dialect = Dialect {
    id: "rust/async_graphql",
    module: "async_graphql",
    derives: &[
        ("SimpleObject", GraphqlKind::Object),
        ("MergedObject", GraphqlKind::Object),
        ("MergedSubscription", GraphqlKind::Object),
        ("InputObject", GraphqlKind::Input),
        ("OneofObject", GraphqlKind::Input),
        ("Enum", GraphqlKind::Enum),
        ("Union", GraphqlKind::Union),
        ("Interface", GraphqlKind::Interface),
    ],
    blocks: &["Object", "ComplexObject", "Subscription"],
    schemas: &["Schema"],
};

const JUNIPER_WORDS: Dialect = Dialect {
    id: "rust/juniper",
    module: "juniper",
    derives: &[
        ("GraphQLObject", GraphqlKind::Object),
        ("GraphQLInputObject", GraphqlKind::Input),
        ("GraphQLEnum", GraphqlKind::Enum),
        ("GraphQLUnion", GraphqlKind::Union),
        ("GraphQLInterface", GraphqlKind::Interface),
    ],
    blocks: &["graphql_object", "graphql_subscription", "object", "subscription"],
    schemas: &["RootNode"],
};

fn read(dialect: &'static Dialect, program: &dyn Program, file: FileId, findings: &mut Findings) {
    let outline = &program.file(file).outline;
    let speaks = imports(program, file, &[dialect.module]) || says_path(program, file, dialect.module);
    if !speaks {
        return;
    }
    let mut reader = Reader::new(program, dialect);
    for (index, declared) in (0u32..).zip(&outline.classes) {
        class(&mut reader, ClassRef { file, id: ClassId(index) }, declared);
    }
    for block in &outline.impls {
        let attributes = Attributes::new(program, file, &block.decorators);
        if let Some(word) = dialect.blocks.iter().find(|word| attributes.has(word)) {
            implemented(&mut reader, file, block, attributes, word);
        }
    }
    for call in &outline.calls {
        let Expr::Member(of, name) = &call.callee else { continue };
        let is_schema = matches!(name.as_str(), "build" | "new" | "build_with_ignore_name_conflicts")
            && of.last_name().is_some_and(|of| dialect.schemas.contains(&of.as_str()) || of.ends_with("Schema"));
        if !is_schema || call.args.len() < 3 {
            continue;
        }
        for (arg, kind) in call.args.iter().zip([GraphqlRootKind::Query, GraphqlRootKind::Mutation, GraphqlRootKind::Subscription]) {
            let site = Site::of_call(file, call);
            if let Some(class) = class_of(program, &site, &arg.value) {
                let name = reader.name_of(class).into();
                findings.graphql.roots.push(GraphqlRoot { kind, name, spot: spot(program, file, kind.type_name(), call.at.line) });
            }
        }
    }
    findings.graphql.types.append(&mut reader.found);
}

/// Whether an attribute or derive is written with the library's path.
fn says_path(program: &dyn Program, file: FileId, module: &str) -> bool {
    let outline = &program.file(file).outline;
    let names = |expr: &Expr| -> bool {
        let callee = if let Expr::Call(id) = expr { &outline.call(*id).callee } else { expr };
        callee.dotted().is_some_and(|path| path.starts_with(module))
    };
    let of_derive = |expr: &Expr| matches!(expr, Expr::Call(id) if outline.call(*id).args.iter().any(|arg| names(&arg.value)));
    outline.impls.iter().flat_map(|block| &block.decorators).any(names)
        || outline.classes.iter().flat_map(|class| &class.decorators).any(|expr| of_derive(expr) || names(expr))
}

/// The class of a root: `Query`, `Query::default()`, `Query { .. }`, `Query::new()`.
fn class_of(program: &dyn Program, site: &Site, expr: &Expr) -> Option<ClassRef> {
    if let Meaning::Class(class) | Meaning::Instance(class) = program.resolve(site, expr) {
        return Some(class);
    }
    if let Expr::Call(id) = expr {
        let callee = &program.file(site.file).outline.call(*id).callee;
        let named = if let Expr::Member(of, _) = callee { of } else { callee };
        if let Meaning::Class(class) = program.resolve(site, named) {
            return Some(class);
        }
    }
    program.class_of(site, expr)
}

fn class(reader: &mut Reader, class: ClassRef, declared: &Class) {
    let program = reader.program;
    let attributes = Attributes::new(program, class.file, &declared.decorators);
    let interface = declared.kind == ClassKind::Trait && attributes.has("graphql_interface");
    let derived = reader.dialect.derives.iter().find(|(name, _)| attributes.derives(name)).map(|(name, kind)| (*name, *kind));
    let Some((derive, kind)) = derived.or(interface.then_some(("graphql_interface", GraphqlKind::Interface))) else { return };
    let name: Name = reader.name_of(class).into();
    let spot = spot(program, class.file, &declared.name, declared.at.line);
    let mut one = GraphqlType { name, kind, framework: reader.dialect.id, spot, ..GraphqlType::default() };
    one.doc = attributes
        .text("graphql", "description")
        .or(attributes.text("graphql", "desc"))
        .or(declared.doc.as_deref())
        .unwrap_or_default()
        .to_owned();
    match kind {
        GraphqlKind::Enum => one.fields = values(declared, attributes, program, class.file),
        GraphqlKind::Union => one.of = reader.variants(class),
        _ if derive.starts_with("Merged") => one.fields = reader.merged(class),
        GraphqlKind::Interface => {
            one.fields = reader.interface_fields(class, attributes);
            let members = reader.variants(class);
            let members = members.into_iter().map(|name| GraphqlType {
                name,
                is_extension: true,
                of: vec![one.name.clone()],
                framework: reader.dialect.id,
                spot: one.spot.clone(),
                ..GraphqlType::default()
            });
            let members: Vec<GraphqlType> = members.collect();
            reader.found.extend(members);
        }
        _ => one.fields = reader.fields(class, kind),
    }
    if let Some(listed) = attributes.value("graphql", "impl").or(attributes.value("graphql", "implements")) {
        one.of.extend(listed.last_name().cloned());
    }
    reader.found.push(one);
}

/// The values of an enum, in capitals.
fn values(declared: &Class, attributes: Attributes, program: &dyn Program, file: FileId) -> Vec<GraphqlField> {
    let case = attributes.text("graphql", "rename_items").or(attributes.text("graphql", "rename_all")).map(case_of);
    let case = case.unwrap_or(Some(Case::ScreamingSnake));
    let value = |variant: &crate::base::code::Variant| {
        let said = Attributes::new(program, file, &variant.decorators);
        let name = said.text("graphql", "name").map_or_else(|| variant_name(&variant.name, case), Name::from);
        let doc = variant.doc.as_deref().unwrap_or_default().to_owned();
        GraphqlField { name, doc, deprecated: deprecation(said), ..GraphqlField::default() }
    };
    declared.variants.iter().map(value).collect()
}

fn variant_name(name: &str, case: Option<Case>) -> Name {
    match case {
        Some(Case::ScreamingSnake) => crate::base::case::snake(name).to_ascii_uppercase().into(),
        Some(case) => case.variant(name).into(),
        None => name.into(),
    }
}

/// A case by its name in either spelling; `None` leaves names as they are.
fn case_of(word: &str) -> Option<Case> {
    Some(match word {
        "lowercase" => Case::Lower,
        "UPPERCASE" => Case::Upper,
        "PascalCase" => Case::Pascal,
        "camelCase" => Case::Camel,
        "snake_case" => Case::Snake,
        "SCREAMING_SNAKE_CASE" => Case::ScreamingSnake,
        _ => return None,
    })
}

/// Why something is deprecated: by the library's attribute or Rust's own.
fn deprecation(said: Attributes) -> Option<String> {
    let given = said.value("graphql", "deprecation").or(said.value("graphql", "deprecated"));
    match given {
        Some(Expr::Str(reason)) => Some(reason.to_string()),
        Some(Expr::Bool(true)) => Some(String::new()),
        Some(_) => None,
        None if said.says("graphql", "deprecated") => Some(String::new()),
        None if said.has("deprecated") => Some(said.text("deprecated", "note").unwrap_or_default().to_owned()),
        None => None,
    }
}

/// `#[Object] impl Query { … }`.
fn implemented(reader: &mut Reader, file: FileId, block: &Impl, attributes: Attributes, word: &str) {
    let program = reader.program;
    let site = Site::of_scope(file, block.scope);
    let Some(class) = program.resolve_type(&site, &block.ty).class() else { return };
    let name = attributes.text(word, "name").map_or_else(|| reader.name_of(class), str::to_owned);
    let declared = program.class(class);
    let spot = spot(program, file, &declared.name, block.at.line);
    let mut one = GraphqlType { name: name.into(), framework: reader.dialect.id, spot, ..GraphqlType::default() };
    one.is_extension = word == "ComplexObject";
    one.fields = reader.methods(file, block, attributes, word);
    for key in ["impl", "interfaces"] {
        if let Some(listed) = attributes.value(word, key) {
            let names: Vec<&Expr> = if let Expr::List(items) = listed { items.iter().collect() } else { vec![listed] };
            one.of.extend(names.iter().filter_map(|name| name.last_name()).map(|name| Name::from(name.trim_end_matches("Value"))));
        }
    }
    reader.found.push(one);
}
