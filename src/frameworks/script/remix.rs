//! Remix and React Router as a framework: resource routes, which have a `loader` or an `action` and no component.

use crate::base::language::Language;
use crate::facts::finding::{Findings, Method};
use crate::facts::framework::{Framework, Tells};
use crate::facts::program::{FileId, Program};
use crate::frameworks::script::{folders, web};

/// Remix.
pub const FRAMEWORK: Framework = Framework {
    id: "script/remix",
    label: "Remix",
    languages: &[Language::TypeScript, Language::Tsx, Language::JavaScript],
    modules: &[],
    tells: &[Tells::Http],
    read: Some(read),
    types: None,
};

const PACKAGES: &[&str] = &[
    "@remix-run/node",
    "@remix-run/react",
    "@remix-run/cloudflare",
    "@remix-run/deno",
    "@remix-run/server-runtime",
    "@remix-run/dev",
    "@react-router/dev",
    "@react-router/node",
];

const ACTIONS: &[Method] = &[Method::Post, Method::Put, Method::Patch, Method::Delete];

fn read(program: &dyn Program, file: FileId, findings: &mut Findings) {
    if !program.path(file).contains("app/routes/") {
        return;
    }
    let Some(spot) = folders::spot(program, file, &["app/routes"], PACKAGES, &["remix.config", "react-router.config"]) else { return };
    let outline = &program.file(file).outline;
    if outline.exports.iter().any(|export| export.name == "default") {
        return;
    }
    let path = served(spot.below);
    for (name, methods) in [("loader", &[Method::Get][..]), ("action", ACTIONS)] {
        let Some(exported) = web::exported(program, file, name) else { continue };
        let mut route = folders::route(FRAMEWORK.id, file, &path, methods, name);
        web::describe(program, &exported, &web::EVENT, &mut route);
        findings.routes.push(route);
    }
}

/// The path of a file's name: `contacts.$id_.edit` is `/contacts/[id]/edit`, `jokes[.]rss` is `/jokes.rss`.
fn served(below: &str) -> String {
    let below = below.strip_suffix("/route").or_else(|| below.strip_suffix("/index")).unwrap_or(below);
    let mut path = String::new();
    for segment in segments(below) {
        if segment.text.is_empty() || !segment.is_literal && segment.text.starts_with('_') || segment.text == "index" {
            continue;
        }
        let text = if segment.is_literal { segment.text.as_str() } else { segment.text.strip_suffix('_').unwrap_or(&segment.text) };
        let (text, is_optional) = match text.strip_prefix('(').and_then(|text| text.strip_suffix(')')) {
            Some(inner) => (inner, true),
            None => (text, false),
        };
        path.push('/');
        match text.strip_prefix('$') {
            Some("") => path.push_str("[...splat]"),
            Some(name) if is_optional => path.push_str(&format!("[[{name}]]")),
            Some(name) => path.push_str(&format!("[{name}]")),
            None => path.push_str(text),
        }
    }
    if path.is_empty() { "/".to_string() } else { path }
}

#[derive(Default)]
struct Segment {
    text: String,
    /// Something of it stands in `[…]`, where nothing has a meaning of its own.
    is_literal: bool,
}

fn segments(below: &str) -> Vec<Segment> {
    let mut found = vec![Segment::default()];
    let mut is_escaped = false;
    for c in below.chars() {
        match c {
            '[' if !is_escaped => is_escaped = true,
            ']' if is_escaped => is_escaped = false,
            '.' | '/' if !is_escaped => found.push(Segment::default()),
            c => {
                if let Some(last) = found.last_mut() {
                    last.text.push(c);
                    last.is_literal |= is_escaped;
                }
            }
        }
    }
    found
}
