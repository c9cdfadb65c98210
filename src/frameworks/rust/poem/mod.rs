//! Poem, and poem-openapi. Read from Poem 3 and poem-openapi 5.
//!
//! - [`services`]: `#[OpenApi] impl Api`.

mod services;

use super::http::builder::{self, Dialect};
use crate::base::language::Language;
use crate::facts::finding::{Findings, PathSyntax};
use crate::facts::framework::{Framework, Tells};
use crate::facts::program::{FileId, Program};

/// Poem.
pub const FRAMEWORK: Framework = Framework {
    id: "rust/poem",
    label: "Poem, poem-openapi",
    languages: &[Language::Rust],
    modules: &["poem", "poem_openapi"],
    tells: &[Tells::Http],
    read: Some(read),
    types: None,
};

const DIALECT: Dialect = Dialect {
    id: FRAMEWORK.id,
    makes: &[("poem.Route.new", true, false), ("poem.route.Route.new", true, false), ("poem.Route.default", true, false)],
    owner_types: &["Route"],
    under: &[],
    prefixes: &[],
    mounts: &[("nest", true), ("nest_no_strip", true)],
    routes: &["at"],
    has_verbs: false,
    any: &[],
    layers: &["with"],
    syntax: |_| PathSyntax::Colon,
};

fn read(program: &dyn Program, file: FileId, findings: &mut Findings) {
    builder::read(&DIALECT, program, file, findings);
    services::read(&DIALECT, program, file, findings);
}
