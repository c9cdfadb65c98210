//! Next.js: handlers of the app router (`app/**/route.ts`) and of `pages/api`.
//!
//! Pages and server actions are no HTTP interface and are left out.

mod pages;

use crate::base::code::Expr;
use crate::base::language::Language;
use crate::facts::finding::Findings;
use crate::facts::framework::{Framework, Tells};
use crate::facts::program::{FileId, Meaning, Program, Site};
use crate::frameworks::script::folders::{self, Spot, VERBS};
use crate::frameworks::script::{trpc, web};

/// Next.js.
pub const FRAMEWORK: Framework = Framework {
    id: "script/nextjs",
    label: "Next.js",
    languages: &[Language::TypeScript, Language::Tsx, Language::JavaScript],
    modules: &[],
    tells: &[Tells::Http],
    read: Some(read),
    types: None,
};

const CONFIGS: &[&str] = &["next.config"];

fn read(program: &dyn Program, file: FileId, findings: &mut Findings) {
    let path = program.path(file);
    let name = path.rsplit('/').next().unwrap_or(path);
    let stem = name.split('.').next().unwrap_or(name);
    if stem == "route" && name.matches('.').count() == 1 {
        if let Some(spot) = folders::spot(program, file, &["src/app", "app"], &["next"], CONFIGS) {
            app_route(program, file, &spot, findings);
        }
    } else if path.contains("pages/api/")
        && !name.ends_with(".d.ts")
        && let Some(spot) = folders::spot(program, file, &["src/pages", "pages"], &["next"], CONFIGS)
        && (spot.below.starts_with("api/") || spot.below == "api")
    {
        pages::read(program, file, &prefixed(program, &spot, spot.below), findings);
    }
}

/// The path of a file of `pages/api`.
#[must_use]
pub fn api_path(program: &dyn Program, file: FileId) -> Option<String> {
    let spot = folders::spot(program, file, &["src/pages", "pages"], &["next"], CONFIGS)?;
    spot.below.starts_with("api/").then(|| prefixed(program, &spot, spot.below))
}

/// The path with the application's base path.
fn prefixed(program: &dyn Program, spot: &Spot, below: &str) -> String {
    let base = folders::config_of(program, spot.root, CONFIGS).and_then(|config| folders::configured(program, config, &["basePath"]));
    format!("{}/{below}", base.unwrap_or_default().trim_end_matches('/'))
}

fn app_route(program: &dyn Program, file: FileId, spot: &Spot, findings: &mut Findings) {
    let folder = spot.below.strip_suffix("route").unwrap_or(spot.below).trim_end_matches('/');
    // Private folders are not served.
    if folder.split('/').any(|segment| segment.starts_with('_')) {
        return;
    }
    let path = prefixed(program, spot, folder);
    for (verb, method) in VERBS {
        let Some(exported) = web::exported(program, file, verb) else { continue };
        if exported.wrapper.is_some_and(|call| is_served_elsewhere(program, call))
            || trpc::hands_on(program, exported.function, exported.wrapper)
            || matches!(*verb, "OPTIONS" | "HEAD")
        {
            continue;
        }
        let mut route = folders::route(FRAMEWORK.id, file, &path, &[*method], verb);
        web::describe(program, &exported, &web::REQUEST, &mut route);
        findings.routes.push(route);
    }
}

/// Adapters of frameworks that tell their own routes: `handle(app)` of Hono.
fn is_served_elsewhere(program: &dyn Program, call: crate::facts::program::CallRef) -> bool {
    let made = program.call(call);
    match program.callee(call) {
        Meaning::Outside(path) if path.starts_with("hono/") => true,
        // `app.fetch.bind(app)`, `toNextHandler(app)` of a program's own application.
        _ => made.args.iter().any(|arg| is_application(program, &Site::of_call(call.file, made), &arg.value)),
    }
}

fn is_application(program: &dyn Program, site: &Site, expr: &Expr) -> bool {
    matches!(expr, Expr::Ref(_) | Expr::Member(..)) && !super::hono::applications(program, site, expr).is_empty()
}
