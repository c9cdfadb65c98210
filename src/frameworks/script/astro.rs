//! Astro: endpoints, which are pages that are no `.astro` files.

use crate::base::language::Language;
use crate::facts::finding::{Findings, Method};
use crate::facts::framework::{Framework, Tells};
use crate::facts::program::{FileId, Program};
use crate::frameworks::script::folders::{self, Exports};
use crate::frameworks::script::web;

/// Astro.
pub const FRAMEWORK: Framework = Framework {
    id: "script/astro",
    label: "Astro",
    languages: &[Language::TypeScript, Language::JavaScript],
    modules: &[],
    tells: &[Tells::Http],
    read: Some(read),
    types: None,
};

const EXPORTS: Exports = Exports { framework: FRAMEWORK.id, wide: &[("ALL", &Method::COMMON)], dialect: &web::EVENT };

const CONFIGS: &[&str] = &["astro.config"];

fn read(program: &dyn Program, file: FileId, findings: &mut Findings) {
    if !program.path(file).contains("src/pages/") {
        return;
    }
    let Some(spot) = folders::spot(program, file, &["src/pages"], &["astro"], CONFIGS) else { return };
    if spot.below.split('/').any(|segment| segment.starts_with('_')) || spot.below.ends_with(".d") {
        return;
    }
    let base = folders::config_of(program, spot.root, CONFIGS).and_then(|config| folders::configured(program, config, &["base"]));
    let below = if spot.below == "index" { "" } else { spot.below.strip_suffix("/index").unwrap_or(spot.below) };
    let path = format!("{}/{below}", base.unwrap_or_default().trim_end_matches('/'));
    EXPORTS.read(program, file, &path, findings);
}
