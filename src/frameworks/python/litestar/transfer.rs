//! Data transfer objects: `dto=WriteDTO` on a handler or controller, `class WriteDTO(DataclassDTO[User]): config = DTOConfig(exclude={"id"})`.

use crate::base::case;
use crate::base::code::{Call, Expr};
use crate::facts::finding::{BodyFinding, ResponseFinding};
use crate::facts::program::{ClassRef, Meaning, Program, Site};
use crate::facts::shape::Shape;
use crate::frameworks::python::literals::{texts, truth};

/// Reshapes the body as the `dto` in force says.
pub fn body(program: &dyn Program, call: &Call, site: &Site, class: Option<ClassRef>, body: &mut Option<BodyFinding>) {
    let Some(found) = in_force(program, call, site, class, &["dto"]) else { return };
    for (_, shape) in body.iter_mut().flat_map(|body| &mut body.contents) {
        *shape = found.reshape(program, std::mem::take(shape));
    }
}

/// Reshapes the response as the `return_dto`, else the `dto` in force says.
pub fn response(program: &dyn Program, call: &Call, site: &Site, class: Option<ClassRef>, response: &mut ResponseFinding) {
    let Some(found) = in_force(program, call, site, class, &["return_dto", "dto"]) else { return };
    for (_, shape) in &mut response.contents {
        *shape = found.reshape(program, std::mem::take(shape));
    }
}

/// What a transfer object leaves out and how it renames.
struct Transfer {
    exclude: Vec<crate::base::Name>,
    include: Vec<crate::base::Name>,
    rename: Option<fn(&str) -> String>,
    is_partial: bool,
}

fn in_force(program: &dyn Program, call: &Call, site: &Site, class: Option<ClassRef>, keywords: &[&str]) -> Option<Transfer> {
    let of_call = keywords.iter().find_map(|keyword| call.keyword(keyword).map(|expr| (expr, site.clone())));
    let said = of_call.or_else(|| keywords.iter().find_map(|keyword| program.class_attribute(class?, keyword)));
    let (expr, at) = said?;
    let Meaning::Class(transfer) = program.resolve(&at, expr) else { return None };
    let (config, at) = program.class_attribute(transfer, "config")?;
    let meaning = program.produce(&at, config);
    let (made, at) = meaning.call()?;
    let made = program.call(made);
    let names = |keyword: &str| made.keyword(keyword).map(|expr| texts(program, at, expr)).unwrap_or_default();
    let rename: Option<fn(&str) -> String> = match made.keyword("rename_strategy").and_then(Expr::as_str) {
        Some("camel") => Some(case::camel),
        Some("pascal") => Some(case::pascal),
        Some("kebab") => Some(case::kebab),
        Some("upper") => Some(str::to_uppercase),
        Some("lower") => Some(str::to_lowercase),
        _ => None,
    };
    let is_partial = truth(program, at, made.keyword("partial")) == Some(true);
    Some(Transfer { exclude: names("exclude"), include: names("include"), rename, is_partial })
}

impl Transfer {
    fn reshape(&self, program: &dyn Program, shape: Shape) -> Shape {
        match shape {
            Shape::List(item) => Shape::List(Box::new(self.reshape(program, *item))),
            Shape::Named(_) | Shape::Record(_) => match program.record(&shape) {
                Some(mut record) => {
                    record.members.retain(|member| {
                        !self.exclude.contains(&member.name) && (self.include.is_empty() || self.include.contains(&member.name))
                    });
                    for member in &mut record.members {
                        if let Some(rename) = self.rename {
                            member.name = rename(&member.name).into();
                        }
                        member.required &= !self.is_partial;
                    }
                    Shape::Record(Box::new(record))
                }
                None => shape,
            },
            other => other,
        }
    }
}
