//! Who reads and writes which table: `em.find(User, …)`, `EntityRepository<User>`.

use super::entity::{is_entity, table_name};
use super::{Context, ID};
use crate::base::code::{Expr, Type};
use crate::facts::database::Access;
use crate::facts::finding::Findings;
use crate::facts::program::{ClassRef, FileId, Site};
use crate::frameworks::script::tables::found::{place, symbol_at, used};

fn access(method: &str) -> Option<Access> {
    Some(match method {
        "find" | "findOne" | "findOneOrFail" | "findAll" | "findAndCount" | "findByCursor" | "count" | "getReference" | "qb"
        | "createQueryBuilder" => Access::Read,
        "create" | "insert" | "insertMany" | "upsert" | "upsertMany" | "nativeInsert" | "nativeUpdate" | "nativeDelete" | "assign" => {
            Access::Write
        }
        _ => return None,
    })
}

/// Reads the uses in a file.
pub fn read(context: &Context, file: FileId, findings: &mut Findings) {
    let program = context.program;
    for call in &program.file(file).outline.calls {
        let Some((receiver, method)) = call.method() else { continue };
        let Some(access) = access(method) else { continue };
        let site = Site::of_call(file, call);
        let given = call.positional(0).filter(|arg| matches!(arg, Expr::Ref(_))).and_then(|arg| program.resolve(&site, arg).class());
        let class = given.filter(|class| is_entity(context, *class)).or_else(|| of_repository(context, &site, receiver));
        let Some(class) = class.filter(|class| is_entity(context, *class)) else { continue };
        let at = place(file, &symbol_at(program, file, call.scope), call.at.line);
        used(findings, ID, table_name(context, class), access, at);
    }
}

/// The entity of `EntityRepository<User>`.
fn of_repository(context: &Context, site: &Site, receiver: &Expr) -> Option<ClassRef> {
    let program = context.program;
    let (ty @ Type::Named(named), at) = program.type_of(site, receiver)? else { return None };
    let path = program.resolve_type(&at, ty);
    if !path.outside()?.ends_with("EntityRepository") {
        return None;
    }
    program.resolve_type(&at, named.args.first()?).class()
}
