//! Classes made of others: `class UpdateUser extends PartialType(OmitType(CreateUser, ["id"] as const)) {}`.

use crate::base::code::Expr;
use crate::facts::members::merge;
use crate::facts::program::{CallRef, Meaning, Mode, Program, Site};
use crate::facts::shape::{Record, Shape};

/// Libraries with such functions.
const LIBRARIES: &[&str] = &["@nestjs/mapped-types", "@nestjs/swagger", "@nestjs/graphql"];

/// The shape such a call describes.
pub fn shape(program: &dyn Program, expr: &Expr, site: &Site, mode: Mode) -> Option<Shape> {
    let Expr::Call(id) = expr else { return None };
    let Meaning::Outside(path) = program.callee(CallRef { file: site.file, id: *id }) else { return None };
    let call = program.file(site.file).outline.call(*id);
    if path.as_str() == "nestjs-zod.createZodDto" || path.as_str() == "nestjs-zod/dto.createZodDto" {
        return call.positional(0).map(|schema| program.shape_of_value(site, schema, mode));
    }
    let (library, name) = path.rsplit_once('.')?;
    if !LIBRARIES.contains(&library) {
        return None;
    }
    let of = |position: usize| call.positional(position).map(|expr| members_of(program, site, expr, mode)).unwrap_or_default();
    let keys = || -> Vec<String> {
        let listed = call.positional(1).and_then(|keys| program.items(site, keys)).unwrap_or_default();
        listed.into_iter().filter_map(|(key, at)| program.text(&at, key).plain()).collect()
    };
    let mut record = of(0);
    match name {
        "PartialType" => record.members.iter_mut().for_each(|member| member.required = false),
        "PickType" => {
            let keys = keys();
            record.members.retain(|member| keys.iter().any(|key| member.name == *key));
        }
        "OmitType" => {
            let keys = keys();
            record.members.retain(|member| !keys.iter().any(|key| member.name == *key));
        }
        "IntersectionType" => {
            for position in 1..call.args.len().min(16) {
                merge(&mut record, of(position));
            }
        }
        _ => return None,
    }
    Some(Shape::Record(Box::new(Record { doc: None, ..record })))
}

fn members_of(program: &dyn Program, site: &Site, expr: &Expr, mode: Mode) -> Record {
    let shape = match program.resolve(site, expr) {
        Meaning::Class(class) => program.shape_of_class(class, Vec::new(), mode),
        _ => program.shape_of_value(site, expr, mode),
    };
    program.record(&shape).unwrap_or_default()
}
