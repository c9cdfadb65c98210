//! Source code in one language-neutral form: what `outline` produces from the bytes of one file, and what `facts`,
//! `frameworks` and `link` read.
//!
//! It keeps what a promise may be told with (declarations, types, calls, bindings, returned values) and drops the rest
//! (arithmetic, control flow). Everything lives in flat arenas of one [`Outline`], addressed by small ids, in source order.
//! It knows no path and no other file.

pub mod decl;
pub mod expr;
pub mod outline;
pub mod types;

pub use decl::{
    Assign, Class, ClassKind, Export, ExportTarget, Field, Flags, Function, Impl, Import, Imported, ModDecl, Param, ParamKind, Return,
    TypeParam, Variant,
};
pub use expr::{Arg, Binary, Call, CallKind, Cond, Each, Entry, Expr, Key, Op, Pattern, PatternField, Piece};
pub use outline::{Comment, Outline, Read, Scope, ScopeKind, Test};
pub use types::{NamedType, Type};

use serde::{Deserialize, Serialize};

/// A place in a file: byte offset (orders things) and 1-based line (shown to people, never written to a contract).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct At {
    /// Byte offset of the first byte.
    pub offset: u32,
    /// 1-based line.
    pub line: u32,
}

macro_rules! id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        pub struct $name(pub u32);
        impl $name {
            /// The index into the arena.
            #[must_use]
            pub fn index(self) -> usize {
                self.0 as usize
            }
        }
    };
}

id!(
    /// Index into [`Outline::functions`].
    FuncId
);
id!(
    /// Index into [`Outline::classes`].
    ClassId
);
id!(
    /// Index into [`Outline::calls`].
    CallId
);
id!(
    /// Index into [`Outline::scopes`]. Scope 0 is the module itself.
    ScopeId
);
