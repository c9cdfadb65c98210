//! Ariadne: schema text in code, and the functions bound to its fields. Read from Ariadne 0.26.

use crate::base::code::{Call, CallId, Expr};
use crate::base::language::Language;
use crate::facts::finding::Findings;
use crate::facts::framework::{Framework, Tells};
use crate::facts::graphql::{GraphqlResolver, GraphqlText};
use crate::facts::program::{CallRef, FileId, Meaning, Program, Site, TextPart};
use crate::frameworks::graphql::{imports, spot, spot_of};

/// Ariadne.
pub const FRAMEWORK: Framework = Framework {
    id: "python/ariadne",
    label: "Ariadne",
    languages: &[Language::Python],
    modules: &["ariadne"],
    tells: &[Tells::Graphql],
    read: Some(read),
    types: None,
};

/// Calls whose first argument is schema text, or a list of it.
const SCHEMAS: &[&str] = &["ariadne.gql", "ariadne.make_executable_schema", "ariadne.contrib.federation.make_federated_schema"];

fn read(program: &dyn Program, file: FileId, findings: &mut Findings) {
    if !imports(program, file, FRAMEWORK.modules) {
        return;
    }
    let outline = &program.file(file).outline;
    for (index, call) in (0u32..).zip(&outline.calls) {
        let site = Site::of_call(file, call);
        if program.callee(CallRef { file, id: CallId(index) }).is_any(SCHEMAS) {
            texts(program, &site, call, findings);
        } else if let Some((receiver, "set_field")) = call.method().map(|(receiver, name)| (receiver, name.as_str())) {
            let function = call.positional(1).and_then(|function| program.resolve(&site, function).function());
            if let (Some(of), Some(field), Some(function)) = (object(program, &site, receiver), text(program, &site, call), function) {
                let spot = spot_of(program, "", function);
                findings.graphql.resolvers.push(GraphqlResolver { of: of.into(), field: field.into(), framework: FRAMEWORK.id, spot });
            }
        }
    }
    for function in &outline.functions {
        for decorator in &function.decorators {
            let Expr::Call(id) = decorator else { continue };
            let call = outline.call(*id);
            let Some((receiver, "field" | "source")) = call.method().map(|(receiver, name)| (receiver, name.as_str())) else { continue };
            let site = Site::of_call(file, call);
            if let (Some(of), Some(field)) = (object(program, &site, receiver), text(program, &site, call)) {
                let spot = spot(program, file, &function.name, function.at.line);
                findings.graphql.resolvers.push(GraphqlResolver { of: of.into(), field: field.into(), framework: FRAMEWORK.id, spot });
            }
        }
    }
}

fn text(program: &dyn Program, site: &Site, call: &Call) -> Option<String> {
    program.text(site, call.positional(0)?).plain()
}

/// The type that an object's fields are bound on: `QueryType()`, `ObjectType("User")`.
fn object(program: &dyn Program, site: &Site, expr: &Expr) -> Option<String> {
    let meaning = program.resolve(site, expr);
    let (call, at) = meaning.call()?;
    let callee = program.callee(call);
    Some(match callee.outside()?.strip_prefix("ariadne.")?.rsplit('.').next()? {
        "QueryType" => "Query".to_owned(),
        "MutationType" => "Mutation".to_owned(),
        "SubscriptionType" => "Subscription".to_owned(),
        "ObjectType" | "InterfaceType" | "FederatedObjectType" => program.text(at, program.call(call).positional(0)?).plain()?,
        _ => return None,
    })
}

/// Schema text among the arguments; what is loaded from a path is read as a document of its own.
fn texts(program: &dyn Program, site: &Site, call: &Call, findings: &mut Findings) {
    let Some(given) = call.positional(0).or_else(|| call.keyword("type_defs")) else { return };
    let mut add = |expr: &Expr, at: &Site| {
        if matches!(expr, Expr::Call(_)) || matches!(program.resolve(at, expr), Meaning::Value(Expr::Call(_), _)) {
            return;
        }
        let text: String =
            program.text(at, expr).0.iter().map(|part| if let TextPart::Known(text) = part { text.as_str() } else { "" }).collect();
        if text.contains('{') || text.contains("scalar") {
            let spot = spot(program, at.file, "", call.at.line);
            findings.graphql.texts.push(GraphqlText { text, framework: FRAMEWORK.id, spot });
        }
    };
    match program.items(site, given) {
        Some(items) => items.iter().for_each(|(item, at)| add(item, at)),
        None => add(given, site),
    }
}
