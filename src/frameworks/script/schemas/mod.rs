//! Schema values of other libraries than zod: joi, yup, valibot, typebox. One walk reads calls and chains; a library says what its
//! functions and methods mean.

pub mod joi;
pub mod typebox;
pub mod valibot;
pub mod yup;

use serde_json::Value;

use crate::base::Name;
use crate::base::code::{Call, CallId, Expr, Key};
use crate::facts::members::{base, merge};
use crate::facts::program::{Meaning, Mode, Program, Site};
use crate::facts::shape::{Member, Record, Shape};
use crate::frameworks::script::literals::literal;

/// How deep schemas are followed.
const MAX_DEPTH: u32 = 48;

/// What a library means by its names.
pub trait Library: Sync {
    /// The library's name that a dotted path ends in.
    fn symbol<'p>(&self, path: &'p str) -> Option<&'p str>;
    /// What a function makes.
    fn factory(&self, walk: &Walk, made: &Made, name: &str) -> Option<Found>;
    /// What a method makes of a schema.
    fn method(&self, _walk: &Walk, _made: &Made, _name: &str, _on: Found) -> Option<Found> {
        None
    }
}

/// A schema as far as it is read.
#[derive(Clone, Debug, Default)]
pub struct Found {
    /// Its shape.
    pub shape: Shape,
    /// Whether a member of it may be left out.
    pub optional: bool,
}

impl Found {
    /// A schema whose members must be there.
    #[must_use]
    pub fn new(shape: Shape) -> Self {
        Self { shape, optional: false }
    }

    /// A schema whose members may be left out.
    #[must_use]
    pub fn optional(shape: Shape) -> Self {
        Self { shape, optional: true }
    }

    /// Changes the shape.
    #[must_use]
    pub fn map(self, change: impl FnOnce(Shape) -> Shape) -> Self {
        Self { shape: change(self.shape), ..self }
    }

    /// With a keyword, when its value is known.
    #[must_use]
    pub fn with(self, keyword: Option<&str>, value: Option<Value>) -> Self {
        match (keyword, value) {
            (Some(keyword), Some(value)) => self.map(|shape| shape.with(keyword, value)),
            _ => self,
        }
    }

    /// The keyword that bounds it: of a text's length, a list's, or a number.
    #[must_use]
    pub fn sized(&self, text: &'static str, list: &'static str, number: &'static str) -> Option<&'static str> {
        match base(&self.shape) {
            Shape::Text(None) => Some(text),
            Shape::List(_) => Some(list),
            Shape::Int | Shape::Number => Some(number),
            _ => None,
        }
    }

    /// Of another shape, with what was said of it.
    #[must_use]
    pub fn replaced(self, by: Shape) -> Self {
        self.map(|shape| match shape {
            Shape::Refined(_, keywords) => Shape::Refined(Box::new(by), keywords),
            _ => by,
        })
    }
}

/// A call, and where its arguments are read.
pub struct Made<'c> {
    /// The call.
    pub call: &'c Call,
    /// Where it stands.
    pub at: Site,
}

impl Made<'_> {
    /// The argument at a position.
    #[must_use]
    pub fn arg(&self, position: usize) -> Option<&Expr> {
        self.call.positional(position)
    }
}

/// A walk over schema expressions of one library.
#[derive(Clone, Copy)]
pub struct Walk<'p> {
    /// All files.
    pub program: &'p dyn Program,
    /// The library.
    pub library: &'static dyn Library,
    /// Which way schemas are used.
    pub mode: Mode,
    depth: u32,
}

impl<'p> Walk<'p> {
    /// A walk that begins.
    #[must_use]
    pub fn new(program: &'p dyn Program, library: &'static dyn Library, mode: Mode) -> Self {
        Self { program, library, mode, depth: 0 }
    }

    fn deeper(self) -> Option<Self> {
        (self.depth < MAX_DEPTH).then_some(Self { depth: self.depth + 1, ..self })
    }

    /// What a call makes, when it is one of the library's.
    #[must_use]
    pub fn call(&self, site: &Site, id: CallId) -> Option<Found> {
        let walk = self.deeper()?;
        let call = self.program.file(site.file).outline.call(id);
        let at = site.moved(site.file, call.scope, call.at.offset);
        let chained = match &call.callee {
            Expr::Member(receiver, name) if matches!(**receiver, Expr::Call(_)) => Some((&**receiver, name)),
            callee => match self.program.resolve(&at, callee) {
                Meaning::Outside(path) => {
                    let name = self.library.symbol(&path)?;
                    return self.library.factory(&walk, &Made { call, at }, name);
                }
                Meaning::Attribute(..) => match callee {
                    Expr::Member(receiver, name) => Some((&**receiver, name)),
                    _ => None,
                },
                _ => None,
            },
        };
        if let Some((receiver, name)) = chained {
            let on = walk.schema(&at, receiver)?;
            return self.library.method(&walk, &Made { call, at }, name, on);
        }
        let expr = Expr::Call(id);
        match self.program.produce(&at, &expr) {
            Meaning::Value(Expr::Call(inner), inner_at) if *inner != id || inner_at.file != site.file => walk.call(&inner_at, *inner),
            _ => None,
        }
    }

    /// The schema an expression denotes.
    #[must_use]
    pub fn schema(&self, site: &Site, expr: &Expr) -> Option<Found> {
        let walk = self.deeper()?;
        match expr {
            Expr::Call(id) => walk.call(site, *id),
            Expr::Cast(pair) => walk.schema(site, &pair.0),
            Expr::Ref(_) | Expr::Member(..) | Expr::Index(_) => match self.program.resolve(site, expr) {
                Meaning::Value(Expr::Call(id), at) => {
                    let found = walk.call(&at, *id)?;
                    let named = self.program.shape_of_value(site, expr, self.mode);
                    Some(if named.is_any() { found } else { Found { shape: named, ..found } })
                }
                _ => None,
            },
            _ => None,
        }
    }

    /// The shape of an argument.
    #[must_use]
    pub fn shape(&self, made: &Made, position: usize) -> Shape {
        made.arg(position).and_then(|expr| self.schema(&made.at, expr)).map_or(Shape::Any, |found| found.shape)
    }

    /// The shapes of a list of schemas.
    #[must_use]
    pub fn shapes(&self, made: &Made, position: usize) -> Vec<Shape> {
        let items = made.arg(position).and_then(|expr| self.program.items(&made.at, expr)).unwrap_or_default();
        items.iter().map(|(item, at)| self.schema(at, item).map_or(Shape::Any, |found| found.shape)).collect()
    }

    /// The members of an object of schemas.
    #[must_use]
    pub fn members(&self, site: &Site, expr: &Expr) -> Vec<Member> {
        let Some(walk) = self.deeper() else { return Vec::new() };
        match expr {
            Expr::Object(entries) => {
                let mut record = Record::default();
                for entry in entries {
                    let members = match &entry.key {
                        Key::Spread => walk.members(site, &entry.value),
                        Key::Name(name) => vec![walk.member(site, name, &entry.value)],
                        Key::Computed(key) => match self.program.text(site, key).plain() {
                            Some(name) => vec![walk.member(site, &name, &entry.value)],
                            None => Vec::new(),
                        },
                    };
                    merge(&mut record, Record { members, ..Record::default() });
                }
                record.members
            }
            Expr::Cast(pair) => walk.members(site, &pair.0),
            Expr::Member(of, name) if matches!(name.as_str(), "entries" | "properties" | "fields") => {
                let found = walk.schema(site, of).and_then(|found| self.program.record(&found.shape));
                found.map(|record| record.members).unwrap_or_default()
            }
            Expr::Ref(_) | Expr::Member(..) | Expr::Call(_) => match self.program.produce(site, expr) {
                Meaning::Value(object @ Expr::Object(_), at) => walk.members(&at, object),
                _ => Vec::new(),
            },
            _ => Vec::new(),
        }
    }

    fn member(&self, site: &Site, name: &str, value: &Expr) -> Member {
        let found = match value {
            // joi takes objects as they are.
            Expr::Object(_) => Found::optional(Shape::record(self.members(site, value))),
            value => self.schema(site, value).unwrap_or_default(),
        };
        Member { name: name.into(), shape: found.shape, required: !found.optional, ..Member::default() }
    }

    /// The members of a shape that is an object.
    #[must_use]
    pub fn record(&self, shape: &Shape) -> Record {
        self.program.record(shape).unwrap_or_default()
    }

    /// The literal at a position.
    #[must_use]
    pub fn literal(&self, made: &Made, position: usize) -> Option<Value> {
        literal(self.program, &made.at, made.arg(position)?)
    }

    /// The number at a position.
    #[must_use]
    pub fn number(&self, made: &Made, position: usize) -> Option<Value> {
        self.literal(made, position).filter(Value::is_number)
    }

    /// The literals that all arguments are, lists opened.
    #[must_use]
    pub fn literals(&self, made: &Made) -> Vec<Value> {
        let mut values = Vec::new();
        for arg in &made.call.args {
            match literal(self.program, &made.at, if let Expr::Spread(inner) = &arg.value { inner } else { &arg.value }) {
                Some(Value::Array(items)) => values.extend(items),
                Some(value) => values.push(value),
                None => {}
            }
        }
        values
    }
}

/// An object with some members only, or without some.
#[must_use]
pub fn kept(mut record: Record, keys: &[Name], keeps: bool) -> Shape {
    record.members.retain(|member| keys.contains(&member.name) == keeps);
    Shape::Record(Box::new(record))
}

/// An object whose members all may, or must, be there.
#[must_use]
pub fn all_required(mut record: Record, required: bool) -> Shape {
    record.members.iter_mut().for_each(|member| member.required = required);
    Shape::Record(Box::new(record))
}
