//! Types that stand where values stand: `List[User]` as an argument, `UserId = NewType("UserId", int)`, `A | B` assigned to a name.

use super::Types;
use crate::base::code::{Expr, NamedType, Op, Type};
use crate::facts::program::{CallRef, Mode, Site};
use crate::facts::shape::Shape;

const MAX_DEPTH: u32 = 64;

impl Types<'_> {
    /// An expression that stands for a type.
    pub(super) fn type_expr(&self, site: &Site, expr: &Expr, mode: Mode) -> Shape {
        if let Expr::Call(id) = expr {
            return self.type_call(site, CallRef { file: site.file, id: *id }, expr, mode);
        }
        match type_from(expr, 0) {
            Type::Value(inner) => self.literal(site, &inner).map_or(Shape::Any, |value| Shape::Enum(vec![value])),
            ty => self.written(site, &ty, mode),
        }
    }

    fn type_call(&self, site: &Site, call: CallRef, expr: &Expr, mode: Mode) -> Shape {
        if let Some(shape) = self.readers.iter().find_map(|reader| reader.value(self.program, expr, site, mode)) {
            return shape;
        }
        let made = self.outline(call.file).call(call.id);
        let Some(_step) = super::cache::ValueStep::enter() else { return Shape::Any };
        let callee = self.program.callee(call);
        match callee.outside() {
            Some("typing.NewType" | "typing_extensions.TypeAliasType" | "typing.TypeAliasType") => {
                made.positional(1).map_or(Shape::Any, |of| self.type_expr(&site.moved(site.file, made.scope, made.at.offset), of, mode))
            }
            _ => Shape::Any,
        }
    }
}

/// An expression as the type it spells; [`Type::Value`] when it spells none.
pub(super) fn type_from(expr: &Expr, depth: u32) -> Type {
    if depth > MAX_DEPTH {
        return Type::Unknown;
    }
    match expr {
        Expr::Hole => Type::Unknown,
        Expr::Null => Type::Literal(Expr::Null),
        Expr::Type(ty) => (**ty).clone(),
        Expr::Cast(pair) => type_from(&pair.0, depth + 1),
        Expr::Ref(_) | Expr::Member(..) => Type::Named(Box::new(NamedType { path: expr.clone(), args: Box::default() })),
        Expr::Index(pair) => generic_from(&pair.0, &pair.1, depth),
        Expr::Binary(binary) if binary.op == Op::BitOr => {
            Type::Union([type_from(&binary.left, depth + 1), type_from(&binary.right, depth + 1)].into())
        }
        Expr::Str(text) if is_dotted(text) => {
            let mut parts = text.split('.');
            let first = Expr::Ref(parts.next().unwrap_or_default().into());
            let path = parts.take(32).fold(first, |base, part| Expr::Member(Box::new(base), part.into()));
            Type::Named(Box::new(NamedType { path, args: Box::default() }))
        }
        other => Type::Value(other.clone()),
    }
}

fn generic_from(path: &Expr, args: &Expr, depth: u32) -> Type {
    let name = path.last_name().map_or("", |name| name.as_str());
    let listed: Vec<&Expr> = match args {
        Expr::List(items) => items.iter().collect(),
        one => vec![one],
    };
    let args = listed
        .into_iter()
        .enumerate()
        .map(|(index, arg)| match name {
            "Literal" => Type::Value(arg.clone()),
            "Annotated" if index > 0 => Type::Value(arg.clone()),
            _ => type_from(arg, depth + 1),
        })
        .collect();
    Type::Named(Box::new(NamedType { path: path.clone(), args }))
}

fn is_dotted(text: &str) -> bool {
    text.split('.').all(|part| {
        part.chars().next().is_some_and(|c| c == '_' || c.is_alphabetic()) && part.chars().all(|c| c == '_' || c.is_alphanumeric())
    })
}
