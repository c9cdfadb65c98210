//! Tide. Read from 0.16.

use super::http::builder::{self, Dialect};
use crate::base::language::Language;
use crate::facts::finding::{Findings, PathSyntax};
use crate::facts::framework::{Framework, Tells};
use crate::facts::program::{FileId, Program};

/// Tide.
pub const FRAMEWORK: Framework = Framework {
    id: "rust/tide",
    label: "Tide",
    languages: &[Language::Rust],
    modules: &["tide"],
    tells: &[Tells::Http],
    read: Some(read),
    types: None,
};

const DIALECT: Dialect = Dialect {
    id: FRAMEWORK.id,
    makes: &[
        ("tide.new", true, false),
        ("tide.with_state", true, false),
        ("tide.Server.new", true, false),
        ("tide.Server.with_state", true, false),
    ],
    owner_types: &["Server", "Route"],
    under: &["at"],
    prefixes: &[],
    mounts: &[("nest", false)],
    routes: &[],
    has_verbs: true,
    any: &["all"],
    layers: &["with"],
    syntax: |_| PathSyntax::Colon,
};

fn read(program: &dyn Program, file: FileId, findings: &mut Findings) {
    builder::read(&DIALECT, program, file, findings);
}
