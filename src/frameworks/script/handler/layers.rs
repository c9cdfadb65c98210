//! Middleware of an owner: what `router.use(requireLogin)` says holds for the routes and mounts below it, in order.

use super::{flat, guards};
use crate::base::code::Expr;
use crate::facts::finding::{Mount, Origin, OwnerKey, Route, SchemeUse};
use crate::facts::program::{FileId, Program, Site};
use crate::frameworks::interpret::owners_of;
use crate::frameworks::table::Table;

/// How a framework puts middleware on an owner.
pub struct Layering {
    /// Its owners.
    pub table: &'static Table,
    /// Names of the calls.
    pub names: &'static [&'static str],
    /// Whether the first argument may be a path; else it names an event.
    pub has_paths: bool,
}

/// A guard that is in force from a place on.
struct Layer {
    owner: OwnerKey,
    file: FileId,
    line: u32,
    prefix: Option<String>,
    scheme: SchemeUse,
}

/// Adds to routes and mounts of a file what stands before them.
pub fn apply(layering: &Layering, program: &dyn Program, file: FileId, routes: &mut [Route], mounts: &mut [Mount]) {
    if routes.is_empty() && mounts.is_empty() {
        return;
    }
    let mut files: Vec<FileId> = vec![file];
    let owners = routes.iter().filter_map(|route| route.owner.as_ref()).chain(mounts.iter().map(|mount| &mount.parent));
    for owner in owners {
        if let Origin::Call(call) = owner.origin
            && !files.contains(&call.file)
        {
            files.push(call.file);
        }
    }
    let layers: Vec<Layer> = files.into_iter().flat_map(|file| layers_in(layering, program, file)).collect();
    for route in routes {
        let Some(owner) = route.owner.clone() else { continue };
        let path = route.path.text.plain();
        let found = in_force(&layers, &owner, file, route.place.line, path.as_deref());
        route.security.add(found);
    }
    for mount in mounts {
        let path = mount.prefix.text.plain();
        let found = in_force(&layers, &mount.parent, file, mount.place.line, path.as_deref());
        mount.traits.security.add(found);
    }
}

fn in_force(layers: &[Layer], owner: &OwnerKey, file: FileId, line: u32, path: Option<&str>) -> Vec<SchemeUse> {
    let holds = |layer: &&Layer| {
        layer.owner.origin == owner.origin
            && (layer.file != file || layer.line < line)
            && match (&layer.prefix, path) {
                (None, _) => true,
                (Some(prefix), Some(path)) => is_below(prefix, path),
                (Some(_), None) => false,
            }
    };
    layers.iter().filter(holds).map(|layer| layer.scheme.clone()).collect()
}

/// Whether a path lies below a prefix.
fn is_below(prefix: &str, path: &str) -> bool {
    let prefix = prefix.trim_end_matches(['*', '/']);
    path.strip_prefix(prefix).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

/// Guards that `use` puts on owners in a file.
fn layers_in(layering: &Layering, program: &dyn Program, file: FileId) -> Vec<Layer> {
    let outline = &program.file(file).outline;
    let mut found = Vec::new();
    for call in &outline.calls {
        let Some((receiver, name)) = call.method() else { continue };
        if !layering.names.contains(&name.as_str()) {
            continue;
        }
        let site = Site::of_call(file, call);
        let first = call.positional(0);
        let said = first.and_then(|first| if is_callable(first) { None } else { program.text(&site, first).plain() });
        let skipped = usize::from(said.is_some());
        let prefix = said.filter(|_| layering.has_paths);
        if name == "all" && !prefix.as_deref().is_some_and(|prefix| prefix.ends_with('*')) {
            continue;
        }
        // A guard next to a router holds for that router alone.
        if call.args.iter().any(|arg| !owners_of(layering.table, program, &site, &arg.value).is_empty()) {
            continue;
        }
        let schemes: Vec<SchemeUse> = call
            .args
            .iter()
            .skip(skipped)
            .flat_map(|arg| flat(program, &site, &arg.value))
            .filter_map(|(expr, at)| guards::guard(program, &at, expr))
            .collect();
        if schemes.is_empty() {
            continue;
        }
        for owner in owners_of(layering.table, program, &site, receiver) {
            found.extend(schemes.iter().map(|scheme| Layer {
                owner: owner.clone(),
                file,
                line: call.at.line,
                prefix: prefix.clone().filter(|prefix| !matches!(prefix.as_str(), "/" | "*" | "/*")),
                scheme: scheme.clone(),
            }));
        }
    }
    found
}

fn is_callable(expr: &Expr) -> bool {
    matches!(expr, Expr::Func(_) | Expr::Call(_) | Expr::List(_))
}
