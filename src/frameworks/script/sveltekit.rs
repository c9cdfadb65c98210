//! SvelteKit: endpoints in `+server.ts`. Pages and form actions are no HTTP interface and are left out.

use crate::base::language::Language;
use crate::facts::finding::{Findings, Method};
use crate::facts::framework::{Framework, Tells};
use crate::facts::program::{FileId, Program};
use crate::frameworks::script::folders::{self, Exports};
use crate::frameworks::script::web;

/// SvelteKit.
pub const FRAMEWORK: Framework = Framework {
    id: "script/sveltekit",
    label: "SvelteKit",
    languages: &[Language::TypeScript, Language::JavaScript],
    modules: &[],
    tells: &[Tells::Http],
    read: Some(read),
    types: None,
};

const EXPORTS: Exports =
    Exports { framework: FRAMEWORK.id, wide: &[("fallback", &Method::COMMON), ("ALL", &Method::COMMON)], dialect: &web::EVENT };

const CONFIGS: &[&str] = &["svelte.config"];

fn read(program: &dyn Program, file: FileId, findings: &mut Findings) {
    let path = program.path(file);
    if !path.contains("/+server.") {
        return;
    }
    let Some(spot) = folders::spot(program, file, &["src/routes"], &["@sveltejs/kit"], CONFIGS) else { return };
    let base =
        folders::config_of(program, spot.root, CONFIGS).and_then(|config| folders::configured(program, config, &["kit", "paths", "base"]));
    let folder = spot.below.strip_suffix("+server").unwrap_or(spot.below).trim_end_matches('/');
    let path = format!("{}/{folder}", base.unwrap_or_default());
    EXPORTS.read(program, file, &path, findings);
}
