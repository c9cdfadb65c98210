//! Schema text in scripts (`gql` templates, `typeDefs`), and the maps of resolvers beside it: Apollo Server, GraphQL Yoga,
//! Mercurius, graphql-tools. Read from `@apollo/server` 4, `graphql-tag` 2.12. Templates of clients hold operations, which are
//! passed over.

use crate::base::Name;
use crate::base::code::{Call, CallKind, Expr, Piece};
use crate::base::language::Language;
use crate::facts::finding::Findings;
use crate::facts::framework::{Framework, Tells};
use crate::facts::graphql::{GraphqlResolver, GraphqlRootKind, GraphqlText};
use crate::facts::program::{FileId, Meaning, Program, Site, TextPart};
use crate::frameworks::graphql::{imports, spot};

/// Apollo Server and its like.
pub const FRAMEWORK: Framework = Framework {
    id: "script/apollo",
    label: "Apollo Server, GraphQL Yoga, Mercurius, graphql-tools",
    languages: &[Language::TypeScript, Language::Tsx, Language::JavaScript],
    modules: &[
        "@apollo/server",
        "@apollo/subgraph",
        "@graphql-tools/schema",
        "apollo-server",
        "apollo-server-express",
        "apollo-server-core",
        "apollo-server-lambda",
        "apollo-server-fastify",
        "apollo-server-koa",
        "apollo-server-micro",
        "graphql",
        "graphql-modules",
        "graphql-tag",
        "graphql-tools",
        "graphql-yoga",
        "mercurius",
    ],
    tells: &[Tells::Graphql],
    read: Some(read),
    types: None,
};

/// Members of options that hold schema text.
const TEXTS: &[&str] = &["typeDefs", "schema"];

fn read(program: &dyn Program, file: FileId, findings: &mut Findings) {
    let outline = &program.file(file).outline;
    let is_near = imports(program, file, FRAMEWORK.modules);
    for call in &outline.calls {
        let name = call.callee.last_name().map_or("", Name::as_str);
        let site = Site::of_call(file, call);
        match (call.kind, name) {
            (CallKind::Tagged, "gql" | "graphql") => {
                if let Some(template) = call.args.first() {
                    add(program, &site, &template.value, call.at.line, findings);
                }
            }
            (_, "buildSchema" | "gql" | "parse") if is_near => {
                if let Some(text) = call.positional(0) {
                    plain(program, &site, text, call.at.line, findings);
                }
            }
            _ if is_near => options(program, &site, call, findings),
            _ => {}
        }
    }
    // ``const typeDefs = `#graphql …` ``.
    for assign in &outline.assigns {
        let is_marked = match &assign.value {
            Expr::Str(text) => is_marked(text),
            Expr::Template(pieces) => matches!(pieces.first(), Some(Piece::Text(text)) if is_marked(text)),
            _ => false,
        };
        let site = Site { file, scope: assign.scope, offset: assign.at.offset, env: None };
        if is_marked {
            add(program, &site, &assign.value, assign.at.line, findings);
        } else if matches!(assign.value, Expr::Object(_)) {
            resolvers(program, &site, &assign.value, findings);
        }
    }
    for export in &outline.exports {
        if let crate::base::code::ExportTarget::Value(value @ Expr::Object(_)) = &export.target {
            resolvers(program, &Site::module(file), value, findings);
        }
    }
}

fn is_marked(text: &str) -> bool {
    text.trim_start().starts_with("#graphql")
}

/// `new ApolloServer({ typeDefs, resolvers })`, `makeExecutableSchema({…})`, `createSchema({…})`.
fn options(program: &dyn Program, site: &Site, call: &Call, findings: &mut Findings) {
    for arg in call.args.iter().filter(|arg| matches!(arg.value, Expr::Object(_))) {
        for (key, value, at) in program.entries(site, &arg.value).unwrap_or_default() {
            if TEXTS.contains(&key.as_str()) {
                match program.items(&at, value) {
                    Some(items) => items.iter().for_each(|(item, at)| plain(program, at, item, call.at.line, findings)),
                    None => plain(program, &at, value, call.at.line, findings),
                }
            } else if key == "resolvers" {
                match program.items(&at, value) {
                    Some(items) => items.iter().for_each(|(item, at)| resolvers(program, at, item, findings)),
                    None => resolvers(program, &at, value, findings),
                }
            }
        }
    }
}

/// A text that is no tagged template; those are read where they stand.
fn plain(program: &dyn Program, site: &Site, expr: &Expr, line: u32, findings: &mut Findings) {
    if let Meaning::Value(text @ (Expr::Str(_) | Expr::Template(_)), at) = program.resolve(site, expr) {
        add(program, &at, text, line, findings);
    }
}

/// Schema text; what is put into a template from elsewhere is read when it is plain text, else where it stands.
fn add(program: &dyn Program, site: &Site, expr: &Expr, line: u32, findings: &mut Findings) {
    let parts = program.text(site, expr).0;
    let text: String = parts.iter().map(|part| if let TextPart::Known(text) = part { text.as_str() } else { "" }).collect();
    if text.contains('{') || text.contains("scalar ") || text.contains("union ") {
        let spot = spot(program, site.file, "", line);
        findings.graphql.texts.push(GraphqlText { text, framework: FRAMEWORK.id, spot });
    }
}

/// `{ Query: { users: … }, Mutation: { … } }`.
fn resolvers(program: &dyn Program, site: &Site, expr: &Expr, findings: &mut Findings) {
    for (of, value, at) in program.entries(site, expr).unwrap_or_default() {
        if GraphqlRootKind::of(&of).is_none() || !of.starts_with(|c: char| c.is_uppercase()) {
            continue;
        }
        for (field, answer, at) in program.entries(&at, value).unwrap_or_default() {
            let line = program.resolve(&at, answer).function().map_or(0, |function| program.function(function).at.line);
            let spot = spot(program, at.file, &format!("{of}.{field}"), line);
            findings.graphql.resolvers.push(GraphqlResolver { of: of.clone(), field, framework: FRAMEWORK.id, spot });
        }
    }
}
