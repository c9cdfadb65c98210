//! Payloads that stand inside of what a handler takes: `job.data`, `ctx.params`.

use std::collections::BTreeSet;

use super::handlers::members_read;
use crate::base::Name;
use crate::base::code::{Expr, Param, Pattern, Type};
use crate::facts::program::{FuncRef, Meaning, Mode, Program, Site};
use crate::facts::shape::{Member, Shape};

/// Chains are no longer than this.
const LONGEST: usize = 16;

/// The shape of what stands at a path inside of a handler's parameter: by the envelope's type argument, else by what is read of it.
#[must_use]
pub fn inside(program: &dyn Program, function: FuncRef, number: usize, path: &[&str]) -> Option<Shape> {
    let param = program.function(function).params.get(number)?;
    let around = program.around(function);
    by_type(program, &around, &param.ty).or_else(|| by_pattern(program, function, param, path))
}

/// `Job<Mail>`, `Job<Mail>[]`.
fn by_type(program: &dyn Program, site: &Site, ty: &Type) -> Option<Shape> {
    let ty = match ty {
        Type::List(item) => item,
        other => other,
    };
    let Meaning::Outside(_) = program.resolve_type(site, ty) else { return None };
    let shape = program.shape_of_type(site, ty.args().first()?, Mode::Write);
    program.record(&shape).is_some_and(|record| !record.members.is_empty()).then_some(shape)
}

fn by_pattern(program: &dyn Program, function: FuncRef, param: &Param, path: &[&str]) -> Option<Shape> {
    let pattern = match &param.pattern {
        Pattern::List(items) => items.first()?,
        other => other,
    };
    match pattern {
        Pattern::Name(name) => read(program, function, name, path),
        Pattern::Object(fields) => {
            let (first, rest) = path.split_first()?;
            match &fields.iter().find(|field| field.key == **first)?.target {
                Pattern::Name(name) => read(program, function, name, rest),
                Pattern::Object(inner) if rest.is_empty() => of_names(inner.iter().map(|field| field.key.clone())),
                _ => None,
            }
        }
        _ => None,
    }
}

/// What a function reads of a name's member: `job.data.to`, `const { to } = job.data`, `const mail = job.data`.
fn read(program: &dyn Program, function: FuncRef, name: &Name, path: &[&str]) -> Option<Shape> {
    if path.is_empty() {
        return members_read(program, function, name);
    }
    let outline = &program.file(function.file).outline;
    let declared = outline.function(function.id);
    let within = |offset: u32| (declared.at.offset..declared.end).contains(&offset);
    let mut members: Vec<Name> = Vec::new();
    for assign in outline.assigns.iter().filter(|assign| within(assign.at.offset)) {
        let site = Site::of_scope(function.file, assign.scope);
        let (value, cast) = match &assign.value {
            Expr::Cast(pair) => (&pair.0, &pair.1),
            other => (other, &assign.ty),
        };
        match chain(value) {
            Some((root, steps)) if root == name && steps == path => {
                let shape = program.shape_of_type(&site, cast, Mode::Write);
                if !shape.is_any() {
                    return Some(shape);
                }
                match &assign.target {
                    Pattern::Object(fields) => members.extend(fields.iter().map(|field| field.key.clone())),
                    Pattern::Name(kept) => {
                        let record = members_read(program, function, kept).and_then(|shape| program.record(&shape));
                        members.extend(record.into_iter().flat_map(|record| record.members).map(|member| member.name));
                    }
                    _ => {}
                }
            }
            _ => {}
        }
    }
    let reads = outline.reads.iter().filter(|read| within(read.at.offset)).map(|read| &read.expr);
    let calls = outline.calls.iter().filter(|call| within(call.at.offset));
    let assigned = outline.assigns.iter().filter(|assign| within(assign.at.offset)).map(|assign| &assign.value);
    let passed = calls.flat_map(|call| call.args.iter().map(|arg| &arg.value));
    members.extend(reads.chain(passed).chain(assigned).filter_map(|expr| {
        let (root, steps) = chain(expr)?;
        let below = (root == name).then(|| steps.strip_prefix(path)).flatten()?;
        below.first().map(|step| Name::from(*step))
    }));
    of_names(members.into_iter())
}

fn of_names(names: impl Iterator<Item = Name>) -> Option<Shape> {
    let mut seen = BTreeSet::new();
    let members: Vec<Member> = names.filter(|name| seen.insert(name.clone())).map(|name| Member::required(name, Shape::Any)).collect();
    (!members.is_empty()).then(|| Shape::record(members))
}

/// Of `job.data.to` the root `job` and the steps.
fn chain(expr: &Expr) -> Option<(&Name, Vec<&str>)> {
    let mut steps = Vec::new();
    let mut at = expr;
    for _ in 0..LONGEST {
        at = match at {
            Expr::Ref(root) => {
                steps.reverse();
                return Some((root, steps));
            }
            Expr::Member(of, name) => {
                steps.push(name.as_str());
                of
            }
            Expr::Index(pair) => {
                steps.push(pair.1.as_str()?);
                &pair.0
            }
            Expr::Cast(pair) => &pair.0,
            _ => return None,
        };
    }
    None
}
