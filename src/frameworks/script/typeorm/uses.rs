//! Who reads and writes which table: repositories, entity managers, query builders, active records.

use super::{Context, ID, entity, shapes};
use crate::base::code::Call;
use crate::facts::database::Access;
use crate::facts::finding::Findings;
use crate::facts::program::{ClassRef, FileId, Mode, Program, Site};
use crate::facts::shape::{Shape, TypeSource};
use crate::frameworks::script::tables::found::{place, symbol_at, used};

fn access(method: &str) -> Option<Access> {
    Some(match method {
        "find" | "findBy" | "findOne" | "findOneBy" | "findOneOrFail" | "findOneByOrFail" | "findAndCount" | "findAndCountBy"
        | "findByIds" | "findTrees" | "findDescendants" | "findAncestors" | "count" | "countBy" | "exists" | "exist" | "existsBy"
        | "sum" | "average" | "minimum" | "maximum" | "getOne" | "getMany" | "getOneOrFail" | "getManyAndCount" | "getCount"
        | "getRawMany" | "getRawOne" | "stream" => Access::Read,
        "save" | "insert" | "update" | "upsert" | "delete" | "remove" | "softDelete" | "softRemove" | "restore" | "recover"
        | "increment" | "decrement" | "clear" => Access::Write,
        _ => return None,
    })
}

/// Reads the uses in a file that has repositories.
pub fn read(program: &dyn Program, file: FileId, findings: &mut Findings) {
    let outline = &program.file(file).outline;
    let imports = outline.imports.iter().any(|import| import.module.starts_with("typeorm") || import.module.starts_with("@nestjs/typeorm"));
    let makes = || outline.calls.iter().any(|call| call.callee.last_name().is_some_and(|name| name == "getRepository"));
    if !imports && !makes() {
        return;
    }
    let context = Context::of(program, file);
    for call in &outline.calls {
        let Some((_, method)) = call.method() else { continue };
        let Some(access) = access(method) else { continue };
        let Some(class) = entity_of(program, file, call) else { continue };
        if !entity::is_entity(&context, class) {
            continue;
        }
        let table = entity::table_name(&context, class);
        let at = place(file, &symbol_at(program, file, call.scope), call.at.line);
        used(findings, ID, table, access, at);
    }
}

/// The entity a call is about.
fn entity_of(program: &dyn Program, file: FileId, call: &Call) -> Option<ClassRef> {
    let site = Site::of_call(file, call);
    let (receiver, _) = call.method()?;
    // `manager.find(User, …)`.
    if receiver.last_name().is_some_and(|name| name.to_lowercase().ends_with("manager"))
        && let Some(class) = call.positional(0).and_then(|arg| program.resolve(&site, arg).class())
    {
        return Some(class);
    }
    match shapes::entity(program, &site, receiver, Mode::Write)? {
        Shape::Named(key) => match key.source {
            TypeSource::Class(class) => Some(class),
            _ => None,
        },
        _ => None,
    }
}
