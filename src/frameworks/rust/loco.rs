//! Loco: controllers over axum's handlers. Read from 0.16.

use super::http::builder::{self, Dialect};
use crate::base::language::Language;
use crate::facts::finding::{Findings, PathSyntax};
use crate::facts::framework::{Framework, Tells};
use crate::facts::program::{FileId, Program, Text};

/// Loco.
pub const FRAMEWORK: Framework = Framework {
    id: "rust/loco",
    label: "Loco",
    languages: &[Language::Rust],
    modules: &["loco_rs"],
    tells: &[Tells::Http],
    read: Some(read),
    types: None,
};

const DIALECT: Dialect = Dialect {
    id: FRAMEWORK.id,
    makes: &[
        ("loco_rs.prelude.Routes.new", true, false),
        ("loco_rs.prelude.Routes.at", true, true),
        ("loco_rs.controller.Routes.new", true, false),
        ("loco_rs.controller.Routes.at", true, true),
        ("loco_rs.controller.routes.Routes.new", true, false),
        ("loco_rs.prelude.AppRoutes.with_default_routes", true, false),
        ("loco_rs.prelude.AppRoutes.empty", true, false),
        ("loco_rs.controller.AppRoutes.with_default_routes", true, false),
        ("loco_rs.controller.AppRoutes.empty", true, false),
        ("loco_rs.controller.app_routes.AppRoutes.with_default_routes", true, false),
    ],
    owner_types: &["Routes", "AppRoutes"],
    under: &[],
    prefixes: &["prefix"],
    mounts: &[("add_route", false), ("add_routes", false), ("nest_route", true), ("nest_routes", true)],
    routes: &["add"],
    has_verbs: false,
    any: &[],
    layers: &["layer"],
    syntax,
};

fn syntax(text: &Text) -> PathSyntax {
    if text.plain().is_some_and(|text| text.contains("/:") || text.starts_with(':')) { PathSyntax::Colon } else { PathSyntax::Curly }
}

fn read(program: &dyn Program, file: FileId, findings: &mut Findings) {
    builder::read(&DIALECT, program, file, findings);
}
