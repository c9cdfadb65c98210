//! What lets a value or a type through: wrappers, constants, and functions that give back what they are given.

use crate::base::code::{Expr, Type};
use crate::base::language::Language;

pub(super) fn is_receiver(expr: &Expr) -> bool {
    matches!(expr, Expr::Ref(name) if matches!(name.as_str(), "self" | "this" | "cls"))
}

/// `as const`.
pub(super) fn is_const(ty: &Type) -> bool {
    *ty == Type::Unknown || matches!(ty, Type::Named(named) if named.path == Expr::Ref("const".into()))
}

/// The type of a list's elements, as written.
pub(super) fn element_type(ty: &Type) -> Option<&Type> {
    match ty {
        Type::List(item) => Some(item),
        Type::Union(types) => types.iter().find_map(element_type),
        Type::Named(named) => match (ty.last_name()?.as_str(), &*named.args) {
            ("dict" | "Dict" | "Mapping" | "Map" | "HashMap" | "BTreeMap" | "Record", [_, value]) => Some(value),
            ("Optional" | "Promise" | "Option" | "Result" | "Readonly" | "Box" | "Arc" | "Awaited", [inner, ..]) => element_type(inner),
            (_, [item]) => Some(item),
            _ => None,
        },
        _ => None,
    }
}

/// Types whose values are used as what they hold.
pub(super) fn is_wrapper(path: &str, args: usize, language: Language) -> bool {
    let name = path.rsplit('.').next().unwrap_or_default();
    let is_known = matches!(
        name,
        "Promise"
            | "PromiseLike"
            | "Awaited"
            | "Readonly"
            | "Partial"
            | "Required"
            | "NonNullable"
            | "Optional"
            | "Annotated"
            | "Final"
            | "ClassVar"
            | "Awaitable"
            | "Box"
            | "Arc"
            | "Rc"
            | "Option"
            | "Result"
            | "Cow"
            | "RefCell"
            | "Mutex"
            | "RwLock"
    );
    is_known || (language == Language::Rust && args == 1 && !path.starts_with("std.") && !path.starts_with("builtins."))
}

/// Library functions that give back what they are given.
pub(super) fn passes_argument(path: &str) -> bool {
    matches!(
        path,
        "builtins.Some"
            | "builtins.Ok"
            | "builtins.Box.new"
            | "std.sync.Arc.new"
            | "std.rc.Rc.new"
            | "builtins.Promise.resolve"
            | "copy.copy"
            | "copy.deepcopy"
            | "dataclasses.replace"
            | "builtins.structuredClone"
            | "std.sync.Mutex.new"
            | "std.sync.RwLock.new"
    )
}

/// Methods that give back their receiver.
pub(super) fn passes_receiver(name: &str) -> bool {
    matches!(
        name,
        "clone"
            | "to_owned"
            | "unwrap"
            | "expect"
            | "unwrap_or_default"
            | "as_ref"
            | "as_mut"
            | "borrow"
            | "borrow_mut"
            | "lock"
            | "read"
            | "write"
            | "into_inner"
            | "get_ref"
            | "ok_or"
            | "ok_or_else"
            | "map_err"
            | "catch"
            | "finally"
            | "deref"
            | "into"
            | "try_into"
            | "cloned"
            | "copied"
    )
}
