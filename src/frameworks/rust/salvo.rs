//! Salvo. Read from 0.70 to 0.80.

use super::http::builder::{self, Dialect};
use crate::base::language::Language;
use crate::facts::finding::{Findings, PathSyntax};
use crate::facts::framework::{Framework, Tells};
use crate::facts::program::{FileId, Program, Text};

/// Salvo.
pub const FRAMEWORK: Framework = Framework {
    id: "rust/salvo",
    label: "Salvo",
    languages: &[Language::Rust],
    modules: &["salvo", "salvo_core", "salvo_oapi"],
    tells: &[Tells::Http],
    read: Some(read),
    types: None,
};

const DIALECT: Dialect = Dialect {
    id: FRAMEWORK.id,
    makes: &[
        ("salvo.Router.new", true, false),
        ("salvo.Router.with_path", true, true),
        ("salvo.Router.with_hoop", true, false),
        ("salvo.prelude.Router.new", true, false),
        ("salvo.prelude.Router.with_path", true, true),
        ("salvo.prelude.Router.with_hoop", true, false),
        ("salvo.routing.Router.new", true, false),
        ("salvo.routing.Router.with_path", true, true),
        ("salvo.routing.Router.with_hoop", true, false),
        ("salvo_core.routing.Router.new", true, false),
        ("salvo_core.routing.Router.with_path", true, true),
    ],
    owner_types: &["Router"],
    under: &[],
    prefixes: &["path"],
    mounts: &[("push", false), ("unshift", false), ("append", false)],
    routes: &[],
    has_verbs: true,
    any: &["goal"],
    layers: &["hoop", "hoop_when"],
    syntax,
};

/// Up to 0.74 parameters are written `<id>`, from then on `{id}`.
fn syntax(text: &Text) -> PathSyntax {
    if text.plain().is_some_and(|text| text.contains('<')) { PathSyntax::Angle } else { PathSyntax::Curly }
}

fn read(program: &dyn Program, file: FileId, findings: &mut Findings) {
    builder::read(&DIALECT, program, file, findings);
}
