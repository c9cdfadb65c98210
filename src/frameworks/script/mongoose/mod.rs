//! Mongoose: schemas as collections of documents, and who uses which. Nested objects are told as `a.b`.
//!
//! Read from Mongoose 8 (`mongoosejs.com/docs/guide.html`), with the decorators of `@nestjs/mongoose` and Typegoose.

pub mod decorated;
pub mod schema;
pub mod uses;

use crate::base::language::Language;
use crate::facts::finding::Findings;
use crate::facts::framework::{Framework, Tells};
use crate::facts::program::{FileId, Program};

/// The framework's id.
pub const ID: &str = "script/mongoose";

/// Mongoose.
pub const FRAMEWORK: Framework = Framework {
    id: ID,
    label: "Mongoose",
    languages: &[Language::TypeScript, Language::Tsx, Language::JavaScript],
    modules: &["mongoose", "@nestjs/mongoose", "@typegoose/typegoose"],
    tells: &[Tells::Tables],
    read: Some(read),
    types: None,
};

fn read(program: &dyn Program, file: FileId, findings: &mut Findings) {
    schema::read(program, file, findings);
    decorated::read(program, file, findings);
    uses::read(program, file, findings);
}
