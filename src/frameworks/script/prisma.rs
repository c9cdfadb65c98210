//! Prisma's client: who reads and writes which model, and raw SQL. The schema is a document of its own.
//!
//! Read from Prisma 6 (`prisma.io/docs/orm/reference/prisma-client-reference`).

use crate::base::code::{Expr, Type};
use crate::base::language::Language;
use crate::facts::database::{Access, ObjectName, Query};
use crate::facts::finding::Findings;
use crate::facts::framework::{Framework, Tells};
use crate::facts::program::{FileId, Program, Site};
use crate::frameworks::script::tables::found::{place, symbol_at, used};
use crate::frameworks::script::tables::naming::upper_first;

/// The framework's id.
const ID: &str = "script/prisma";

/// Prisma's client.
pub const FRAMEWORK: Framework = Framework {
    id: ID,
    label: "Prisma Client",
    languages: &[Language::TypeScript, Language::Tsx, Language::JavaScript],
    modules: &["@prisma/client", ".prisma/client"],
    tells: &[Tells::Tables],
    read: Some(read),
    types: None,
};

fn access(method: &str) -> Option<Access> {
    Some(match method {
        "findUnique" | "findUniqueOrThrow" | "findFirst" | "findFirstOrThrow" | "findMany" | "count" | "aggregate" | "groupBy" => {
            Access::Read
        }
        "create"
        | "createMany"
        | "createManyAndReturn"
        | "update"
        | "updateMany"
        | "updateManyAndReturn"
        | "upsert"
        | "delete"
        | "deleteMany" => Access::Write,
        _ => return None,
    })
}

fn read(program: &dyn Program, file: FileId, findings: &mut Findings) {
    for call in &program.file(file).outline.calls {
        let Some((receiver, method)) = call.method() else { continue };
        let site = Site::of_call(file, call);
        let at = || place(file, &symbol_at(program, file, call.scope), call.at.line);
        if matches!(method.as_str(), "$queryRaw" | "$executeRaw" | "$queryRawUnsafe" | "$executeRawUnsafe") {
            if let Some(sql) = call.positional(0) {
                findings.queries.push(Query { framework: ID, sql: program.text(&site, sql), place: at() });
            }
            continue;
        }
        let (Some(access), Expr::Member(client, model)) = (access(method), receiver) else { continue };
        if is_client(program, &site, client) {
            used(findings, ID, ObjectName::new(upper_first(model)), access, at());
        }
    }
}

/// Whether an expression is a client: by its type, by what it is made of, else by the names that clients and transactions go by.
fn is_client(program: &dyn Program, site: &Site, expr: &Expr) -> bool {
    if !matches!(expr, Expr::Ref(_) | Expr::Member(..)) {
        return false;
    }
    if let Some((ty @ Type::Named(_), at)) = program.type_of(site, expr)
        && let Some(path) = program.resolve_type(&at, ty).outside()
    {
        return path.ends_with("PrismaClient") || path.ends_with("TransactionClient");
    }
    if let Some(class) = program.class_of(site, expr) {
        return program.outside_bases(class).iter().any(|base| base.ends_with("PrismaClient") || base.ends_with("PrismaClient()"));
    }
    expr.last_name().is_some_and(|name| {
        let name = name.to_lowercase();
        name.contains("prisma") || matches!(name.as_str(), "db" | "tx" | "trx")
    })
}
