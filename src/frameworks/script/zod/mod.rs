//! zod 3 and 4: schema values, what parsing gives, and the types inferred from schemas.
//!
//! What a `transform` gives is known only as far as the returned value tells.

mod calls;
mod factories;
mod methods;
mod objects;
mod openapi;

use std::cell::Cell;

use crate::base::code::{CallId, Expr, Type};
use crate::base::language::Language;
use crate::facts::framework::{Framework, Tells, TypeReader};
use crate::facts::program::{Meaning, Mode, Program, Site};
use crate::facts::shape::{Member, Shape};

/// zod.
pub const FRAMEWORK: Framework = Framework {
    id: "script/zod",
    label: "zod",
    languages: &[Language::TypeScript, Language::Tsx, Language::JavaScript],
    modules: MODULES,
    tells: &[Tells::Types],
    read: None,
    types: Some(&Reader),
};

/// Modules that give out zod's own names, longer ones first.
const MODULES: &[&str] = &[
    "zod/v4/core",
    "zod/v4/mini",
    "zod/mini",
    "zod/v4",
    "zod/v3",
    "zod",
    "@zod/mini",
    "@hono/zod-openapi",
    "@asteasolutions/zod-to-openapi",
    "astro/zod",
    "astro:schema",
    "astro:content",
    "zod-openapi",
];

/// The name of zod's that a dotted path ends in: `object` of `zod.z.object`, `coerce.number` of `zod.coerce.number`.
fn symbol(path: &str) -> Option<&str> {
    let rest = MODULES.iter().find_map(|module| path.strip_prefix(module)?.strip_prefix('.'))?;
    Some(rest.strip_prefix("z.").or_else(|| rest.strip_prefix("zod.")).unwrap_or(rest))
}

/// A schema as far as it is read.
#[derive(Clone, Debug)]
struct Zod {
    /// What it takes (reading) or gives (writing).
    shape: Shape,
    /// Whether a member of this schema may be left out.
    optional: bool,
}

impl Zod {
    fn new(shape: Shape) -> Self {
        Self { shape, optional: false }
    }

    fn optional(shape: Shape) -> Self {
        Self { shape, optional: true }
    }

    fn map(self, change: impl FnOnce(Shape) -> Shape) -> Self {
        Self { shape: change(self.shape), ..self }
    }

    fn member(self, name: &str) -> Member {
        Member { name: name.into(), shape: self.shape, required: !self.optional, ..Member::default() }
    }
}

/// The shape of a schema value, when it is one of zod's.
#[must_use]
pub fn shape(program: &dyn Program, site: &Site, expr: &Expr, mode: Mode) -> Option<Shape> {
    Walk::begun(program, mode, |walk| walk.schema(site, expr).map(|found| found.shape))
}

struct Reader;

impl TypeReader for Reader {
    fn outside(&self, program: &dyn Program, path: &str, args: &[Type], site: &Site, mode: Mode) -> Option<Shape> {
        let of = |mode| args.first().map(|arg| program.shape_of_type(site, arg, mode));
        match symbol(path)? {
            "infer" | "output" | "TypeOf" | "Infer" => of(mode),
            "input" => of(Mode::Read),
            "ZodType" | "ZodSchema" | "Schema" | "ZodMiniType" | "ZodArray" | "ZodOptional" | "ZodNullable" => of(mode),
            "ZodString" => Some(Shape::Text(None)),
            "ZodNumber" => Some(Shape::Number),
            "ZodBoolean" => Some(Shape::Bool),
            _ => None,
        }
    }

    fn value(&self, program: &dyn Program, expr: &Expr, site: &Site, mode: Mode) -> Option<Shape> {
        let Expr::Call(id) = expr else { return None };
        if !program.file(site.file).language.is_script() {
            return None;
        }
        Walk::begun(program, mode, |walk| walk.value(site, *id).map(|found| found.shape))
    }
}

/// How deep schemas are followed.
const MAX_DEPTH: u32 = 48;
/// How many steps one schema may take: those that lead back to themselves would take ever more.
const MAX_STEPS: u32 = 10_000;

thread_local! {
    /// The steps that are left to the schema at hand.
    static STEPS: Cell<u32> = const { Cell::new(0) };
}

/// A walk over schema expressions.
#[derive(Clone, Copy)]
struct Walk<'p> {
    program: &'p dyn Program,
    mode: Mode,
    depth: u32,
}

impl<'p> Walk<'p> {
    /// A walk with steps of its own; those of the walk around it are as before afterwards.
    fn begun<T>(program: &'p dyn Program, mode: Mode, ask: impl FnOnce(Self) -> T) -> T {
        let before = STEPS.replace(MAX_STEPS);
        let answer = ask(Self { program, mode, depth: 0 });
        STEPS.set(before);
        answer
    }

    /// One step further in; `None` when that is too deep, or too many were taken.
    fn deeper(self) -> Option<Self> {
        let left = STEPS.get();
        STEPS.set(left.saturating_sub(1));
        (left > 0 && self.depth < MAX_DEPTH).then_some(Self { depth: self.depth + 1, ..self })
    }

    /// What a call is on the wire: a schema's own, or what parsing with it gives.
    fn value(self, site: &Site, id: CallId) -> Option<Zod> {
        let made = self.program.file(site.file).outline.call(id);
        let parsed = |receiver: &Expr| self.schema(&site.moved(site.file, made.scope, made.at.offset), receiver);
        match made.method().map(|(receiver, name)| (receiver, name.as_str())) {
            Some((receiver, "parse" | "parseAsync" | "decode" | "decodeAsync")) => parsed(receiver),
            Some((receiver, "safeParse" | "safeParseAsync" | "spa")) => Some(Zod::new(Shape::record(vec![
                Member::required("success", Shape::Bool),
                Member::required("data", parsed(receiver)?.shape),
                Member::optional("error", Shape::Any),
            ]))),
            _ => self.call(site, id),
        }
    }

    /// The schema an expression denotes.
    fn schema(self, site: &Site, expr: &Expr) -> Option<Zod> {
        let walk = self.deeper()?;
        match expr {
            Expr::Call(id) => walk.call(site, *id),
            Expr::Cast(pair) => walk.schema(site, &pair.0),
            Expr::Cond(cond) => {
                let (yes, no) = (walk.schema(site, &cond.yes)?, walk.schema(site, &cond.no)?);
                Some(Zod { shape: crate::facts::members::any_of([yes.shape, no.shape]), optional: yes.optional || no.optional })
            }
            Expr::Ref(_) | Expr::Member(..) | Expr::Index(_) => walk.named(site, expr),
            _ => None,
        }
    }

    /// A schema under a name: `User`, `schemas.User`, `User.shape.id`, `List.element`.
    fn named(self, site: &Site, expr: &Expr) -> Option<Zod> {
        match self.program.resolve(site, expr) {
            Meaning::Value(Expr::Call(id), at) => {
                let optional = self.is_optional(&at, *id)?;
                let shape = self.program.shape_of_value(site, expr, self.mode);
                let shape = if shape.is_any() { self.call(&at, *id)?.shape } else { shape };
                Some(Zod { shape, optional })
            }
            Meaning::Value(inner @ Expr::Cond(_), at) => self.schema(&at, inner),
            Meaning::Attribute(of, name) => self.attribute(&of, &name),
            _ => None,
        }
    }

    /// An attribute of a schema that is a schema itself: `X.shape.id`, `X.element`, `X.options[0]` is not read.
    fn attribute(self, of: &Meaning, name: &str) -> Option<Zod> {
        if let Meaning::Attribute(base, shape) = of
            && shape == "shape"
        {
            let (call, at) = base.call()?;
            let record = self.program.record(&self.call(at, call.id)?.shape)?;
            let member = record.member(name)?;
            return Some(Zod { shape: member.shape.clone(), optional: !member.required });
        }
        let (call, at) = of.call()?;
        let base = self.call(at, call.id)?;
        match (name, crate::facts::members::base(&base.shape)) {
            ("element", Shape::List(item)) => Some(Zod::new((**item).clone())),
            ("valueSchema", Shape::Map(item)) => Some(Zod::new((**item).clone())),
            _ => None,
        }
    }
}
