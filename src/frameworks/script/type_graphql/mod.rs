//! Classes as GraphQL types and resolvers: type-graphql and Nest GraphQL. Read from type-graphql 2.0, `@nestjs/graphql` 13.
//!
//! - [`types`]: `() => [User]`, annotations, the classes behind them.
//! - [`fields`]: the fields of classes and what resolvers take.
//!
//! Nothing may be null unless `nullable` says so. What Nest's compiler plugin adds to classes without decorators is left out.

mod fields;
mod types;

use crate::base::Name;
use crate::base::code::{CallId, ClassId, FuncId};
use crate::base::language::Language;
use crate::facts::finding::Findings;
use crate::facts::framework::{Framework, Tells};
use crate::facts::graphql::{GraphqlField, GraphqlKind, GraphqlResolver, GraphqlRootKind, GraphqlType, base_of};
use crate::facts::program::{CallRef, ClassRef, FileId, FuncRef, Meaning, Program, Site};
use crate::frameworks::graphql::{imports, spot, spot_of};
use crate::frameworks::script::decorators::{Decor, decorators};
use types::Types;

/// type-graphql and Nest GraphQL.
pub const FRAMEWORK: Framework = Framework {
    id: "script/type_graphql",
    label: "type-graphql, Nest GraphQL",
    languages: &[Language::TypeScript, Language::Tsx, Language::JavaScript],
    modules: LIBRARIES,
    tells: &[Tells::Graphql],
    read: Some(read),
    types: None,
};

/// Where the decorators come from.
const LIBRARIES: &[&str] = &["@nestjs/graphql", "type-graphql", "@ptc-org/nestjs-query-graphql", "@nestjs-query/query-graphql"];

fn read(program: &dyn Program, file: FileId, findings: &mut Findings) {
    if !imports(program, file, LIBRARIES) {
        return;
    }
    let outline = &program.file(file).outline;
    let types = Types { program };
    for index in 0..u32::try_from(outline.classes.len()).unwrap_or_default() {
        class(&types, ClassRef { file, id: ClassId(index) }, findings);
    }
    for (index, call) in (0u32..).zip(&outline.calls) {
        let Meaning::Outside(path) = program.callee(CallRef { file, id: CallId(index) }) else { continue };
        let Some((library, name)) = path.rsplit_once('.') else { continue };
        if LIBRARIES.contains(&library) {
            let site = Site::of_call(file, call);
            match name {
                "registerEnumType" => findings.graphql.types.extend(types.enumeration(&site, call)),
                "createUnionType" => findings.graphql.types.extend(types.union(&site, call)),
                _ => {}
            }
        }
    }
}

fn class(types: &Types, class: ClassRef, findings: &mut Findings) {
    let program = types.program;
    let declared = program.class(class);
    let site = program.around_class(class);
    for decor in decorators(program, &site, &declared.decorators) {
        let kind = match decor.of(LIBRARIES) {
            Some("ObjectType") => GraphqlKind::Object,
            Some("InputType") => GraphqlKind::Input,
            Some("InterfaceType") => GraphqlKind::Interface,
            Some("Scalar") => GraphqlKind::Scalar,
            Some("Resolver") => return resolver(types, class, &decor, findings),
            _ => continue,
        };
        let spot = spot(program, class.file, &declared.name, declared.at.line);
        let name: Name = types.name_of(class).into();
        let mut one = GraphqlType { name, kind, framework: FRAMEWORK.id, spot, ..GraphqlType::default() };
        one.doc = types.option_text(&decor, "description").unwrap_or_default();
        if kind != GraphqlKind::Scalar {
            one.fields = types.fields(class, kind);
        }
        let implemented = [0, 1].into_iter().find_map(|position| decor.option(program, position, "implements"));
        for name in implemented.map(|(expr, at)| types.listed(&at, expr)).unwrap_or_default() {
            one.of.push(base_of(&name).into());
        }
        findings.graphql.types.push(one);
    }
}

/// The queries, mutations, subscriptions and fields of a resolver.
fn resolver(types: &Types, class: ClassRef, decor: &Decor, findings: &mut Findings) {
    let program = types.program;
    let parent = decor.arg(0).and_then(|expr| types.named(&decor.site, expr)).map(|ty| base_of(&ty).to_owned());
    let owner = &program.class(class).name;
    for method in program.methods(class) {
        let function = program.function(method);
        let site = program.around(method);
        for said in decorators(program, &site, &function.decorators) {
            let Some(word) = said.of(LIBRARIES) else { continue };
            let root = match word {
                "Query" => Some(GraphqlRootKind::Query),
                "Mutation" => Some(GraphqlRootKind::Mutation),
                "Subscription" => Some(GraphqlRootKind::Subscription),
                "ResolveField" | "FieldResolver" | "ResolveProperty" => None,
                _ => continue,
            };
            let Some(mut field) = types.member(method, &said) else {
                // `@Query("users")` answers a field that a document declares.
                let of = root.map_or_else(|| parent.clone().unwrap_or_default(), |root| root.type_name().to_owned());
                let field =
                    said.arg(0).and_then(|name| program.text(&said.site, name).plain()).map_or_else(|| function.name.clone(), Name::from);
                findings.graphql.resolvers.push(GraphqlResolver {
                    of: of.into(),
                    field,
                    framework: FRAMEWORK.id,
                    spot: spot_of(program, owner, method),
                });
                continue;
            };
            field.spot = Some(spot_of(program, owner, method));
            let name: Name = match (root, &parent) {
                (Some(root), _) => root.type_name().into(),
                (None, Some(parent)) => parent.as_str().into(),
                (None, None) => continue,
            };
            findings.graphql.types.push(part(types, name, root, field, method));
        }
    }
}

/// One field as a part of its type.
fn part(types: &Types, name: Name, root: Option<GraphqlRootKind>, field: GraphqlField, method: FuncRef) -> GraphqlType {
    let spot = spot_of(types.program, "", FuncRef { file: method.file, id: FuncId(method.id.0) });
    GraphqlType { name, root, is_extension: root.is_none(), fields: vec![field], framework: FRAMEWORK.id, spot, ..GraphqlType::default() }
}
