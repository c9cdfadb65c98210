//! serde, and what describes types beside it: schemars, utoipa, validator, garde.
//!
//! - [`container`]: a struct or enum as a whole.
//! - [`fields`]: named members.
//! - [`variants`]: enums and how they are tagged.
//! - [`constraints`]: `#[validate(…)]`, `#[garde(…)]`, `#[schema(…)]`, `#[schemars(…)]` as JSON Schema keywords.
//! - [`types`]: types of well-known crates.
//!
//! Read from serde 1.0.219, schemars 0.8 to 1.0, utoipa 5.4.

mod constraints;
mod container;
pub(super) mod fields;
mod types;
mod variants;

use crate::base::code::{CallKind, ClassKind, Expr, Type};
use crate::base::language::Language;
use crate::facts::framework::{Framework, Tells, TypeReader};
use crate::facts::program::{ClassRef, Mode, Program, Site};
use crate::facts::shape::Shape;

pub use fields::{Reading, members};

/// serde.
pub const FRAMEWORK: Framework = Framework {
    id: "rust/serde",
    label: "serde, schemars, utoipa schemas, validator, garde",
    languages: &[Language::Rust],
    modules: &["serde", "schemars", "utoipa", "validator", "garde"],
    tells: &[Tells::Types],
    read: None,
    types: Some(&Reader),
};

struct Reader;

impl TypeReader for Reader {
    fn class(&self, program: &dyn Program, class: ClassRef, _args: &[Shape], mode: Mode) -> Option<Shape> {
        if program.file(class.file).language != Language::Rust {
            return None;
        }
        let kind = program.class(class).kind;
        if !matches!(kind, ClassKind::Struct | ClassKind::TupleStruct | ClassKind::Enum) {
            return None;
        }
        Some(container::shape(program, class, mode))
    }

    /// `json!({ "id": id })`.
    fn value(&self, program: &dyn Program, expr: &Expr, site: &Site, mode: Mode) -> Option<Shape> {
        let Expr::Call(id) = expr else { return None };
        let facts = program.file(site.file);
        if facts.language != Language::Rust {
            return None;
        }
        let call = facts.outline.call(*id);
        let is_json = call.kind == CallKind::Macro && call.callee.last_name().is_some_and(|name| name == "json");
        let held = call.positional(0).filter(|_| is_json)?;
        Some(program.shape_of_value(&Site::of_call(site.file, call), held, mode))
    }

    fn outside(&self, program: &dyn Program, path: &str, args: &[Type], site: &Site, mode: Mode) -> Option<Shape> {
        (program.file(site.file).language == Language::Rust).then(|| types::shape(program, path, args, site, mode)).flatten()
    }
}
