//! Objects of zod: their members, and what makes new objects from old ones.

use super::{Walk, Zod};
use crate::base::code::{Call, Expr, Key};
use crate::facts::members::merge;
use crate::facts::program::{Meaning, Site};
use crate::facts::shape::{Member, Record, Shape};
use crate::frameworks::script::literals::keys_of;

impl Walk<'_> {
    /// `z.object({…})`.
    pub(super) fn object(self, at: &Site, members: Option<&Expr>, name: &str) -> Shape {
        let members = members.map(|members| self.members(at, members)).unwrap_or_default();
        let rest = match name {
            "strictObject" => Some(Shape::Never),
            "looseObject" => Some(Shape::Any),
            _ => None,
        };
        Shape::Record(Box::new(Record { members, rest, doc: None }))
    }

    /// The members of a shape object: a literal with spreads, `X.shape`, a name for one.
    pub(super) fn members(self, at: &Site, expr: &Expr) -> Vec<Member> {
        let Some(walk) = self.deeper() else { return Vec::new() };
        match expr {
            Expr::Object(entries) => {
                let mut record = Record::default();
                for entry in entries {
                    let members = match &entry.key {
                        Key::Spread => walk.members(at, &entry.value),
                        Key::Name(name) => walk.member(at, name, &entry.value),
                        Key::Computed(key) => match self.program.text(at, key).plain() {
                            Some(name) => walk.member(at, &name, &entry.value),
                            None => Vec::new(),
                        },
                    };
                    merge(&mut record, Record { members, ..Record::default() });
                }
                record.members
            }
            Expr::Cast(pair) => walk.members(at, &pair.0),
            Expr::Cond(cond) => match walk.members(at, &cond.yes) {
                members if members.is_empty() => walk.members(at, &cond.no),
                members => members,
            },
            Expr::Member(base, name) if name == "shape" && matches!(**base, Expr::Call(_)) => {
                walk.schema(at, base).map(|found| walk.record(&found.shape).members).unwrap_or_default()
            }
            Expr::Ref(_) | Expr::Member(..) | Expr::Index(_) | Expr::Call(_) => walk.members_of(&self.program.produce(at, expr)),
            _ => Vec::new(),
        }
    }

    fn members_of(self, meaning: &Meaning) -> Vec<Member> {
        match meaning {
            Meaning::Value(Expr::Call(id), at) => match self.call(at, *id) {
                // A schema where its shape is expected: `extend(Other)` of zod's early days.
                Some(found) => self.record(&found.shape).members,
                None => Vec::new(),
            },
            Meaning::Value(value @ (Expr::Object(_) | Expr::Cond(_)), at) => self.members(at, value),
            Meaning::Attribute(of, name) if name == "shape" => self.members_of(of),
            _ => Vec::new(),
        }
    }

    fn member(self, at: &Site, name: &str, value: &Expr) -> Vec<Member> {
        match self.schema(at, value) {
            Some(found) => vec![found.member(name)],
            None => vec![Member::required(name, Shape::Any)],
        }
    }

    /// The members of a schema that is an object.
    pub(super) fn record(self, shape: &Shape) -> Record {
        self.program.record(shape).unwrap_or_default()
    }

    /// Methods of objects; `None` for those that are no object's.
    pub(super) fn object_method(self, at: &Site, made: &Call, name: &str, base: &Zod) -> Option<Zod> {
        let arg = made.positional(0);
        let keys = || arg.map(|arg| keys_of(self.program, at, arg)).unwrap_or_default();
        let mut record = match name {
            "extend" | "safeExtend" | "augment" | "merge" | "setKey" | "pick" | "omit" | "partial" | "deepPartial" | "required"
            | "strict" | "strip" | "passthrough" | "loose" | "nonstrict" | "catchall" | "keyof" => self.record(&base.shape),
            _ => return None,
        };
        match name {
            "extend" | "safeExtend" | "augment" => merge(&mut record, Record { members: self.members(at, arg?), ..Record::default() }),
            "merge" => {
                let other = self.schema(at, arg?)?;
                merge(&mut record, self.record(&other.shape));
            }
            "setKey" => merge(
                &mut record,
                Record { members: self.member(at, &self.program.text(at, arg?).plain()?, made.positional(1)?), ..Record::default() },
            ),
            "pick" => {
                let keys = keys();
                record.members.retain(|member| keys.contains(&member.name));
            }
            "omit" => {
                let keys = keys();
                record.members.retain(|member| !keys.contains(&member.name));
            }
            "partial" | "deepPartial" | "required" => {
                let keys = keys();
                let is_meant = |member: &Member| arg.is_none() || keys.contains(&member.name);
                record.members.iter_mut().filter(|member| is_meant(member)).for_each(|member| member.required = name == "required");
            }
            "strict" => record.rest = Some(Shape::Never),
            "passthrough" | "loose" | "nonstrict" => record.rest = Some(Shape::Any),
            "strip" => record.rest = None,
            "catchall" => record.rest = Some(self.schema(at, arg?)?.shape),
            "keyof" => {
                let names = record.members.iter().map(|member| member.name.as_str().into()).collect();
                return Some(Zod::new(Shape::Enum(names)));
            }
            _ => {}
        }
        record.doc = None;
        Some(Zod { shape: Shape::Record(Box::new(record)), optional: base.optional })
    }
}
