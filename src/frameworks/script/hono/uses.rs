//! Middleware of applications: `app.use(mw)`, `app.use("/path/*", mw)`. It holds for what is said behind it.

use std::collections::BTreeMap;

use super::TABLE;
use crate::base::code::Expr;
use crate::facts::finding::{Mount, Origin, OwnerKey, PathText, Route, SchemeUse, Security};
use crate::facts::program::{FileId, Program, Site};
use crate::frameworks::interpret::{base_owner, owners_of};
use crate::frameworks::script::guards;

/// Middleware of an application.
pub struct Use<'p> {
    /// The applications.
    pub owners: Vec<OwnerKey>,
    /// Paths it holds for, `*` for all.
    pattern: String,
    /// Where it is said.
    pub line: u32,
    /// What is used.
    pub middleware: Vec<(&'p Expr, Site)>,
}

/// A guard of an application.
struct Guarded {
    owners: Vec<OwnerKey>,
    pattern: String,
    line: u32,
    schemes: Vec<SchemeUse>,
}

/// Adds the guards that `use` says to the routes and mounts behind it. Of an application made in another file, all that file says
/// holds: routes are added to it once it is made.
pub fn apply(program: &dyn Program, file: FileId, routes: &mut [Route], mounts: &mut [Mount]) {
    let mut guards: BTreeMap<FileId, Vec<Guarded>> = BTreeMap::new();
    let mut add = |security: &mut Security, owner: &OwnerKey, line: u32, path: &PathText| {
        let owner = base_owner(&TABLE, program, owner);
        let home = if let Origin::Call(call) = owner.origin { call.file } else { file };
        for said_in in [file, home] {
            let known = guards.entry(said_in).or_insert_with(|| guards_in(program, said_in));
            add(security, known, &owner, if said_in == file { line } else { u32::MAX }, path);
        }
    };
    for route in routes {
        let Some(owner) = &route.owner else { continue };
        add(&mut route.security, owner, route.place.line, &route.path);
    }
    for mount in mounts {
        add(&mut mount.traits.security, &mount.parent, mount.place.line, &mount.prefix);
    }
}

fn guards_in(program: &dyn Program, file: FileId) -> Vec<Guarded> {
    middleware(program, file).into_iter().filter_map(|said| guarded(program, said)).collect()
}

fn guarded(program: &dyn Program, said: Use) -> Option<Guarded> {
    let schemes: Vec<SchemeUse> = said.middleware.iter().filter_map(|(expr, site)| guards::guard(program, site, expr)).collect();
    (!schemes.is_empty()).then_some(Guarded { owners: said.owners, pattern: said.pattern, line: said.line, schemes })
}

/// The middleware that a file gives applications.
#[must_use]
pub fn middleware(program: &dyn Program, file: FileId) -> Vec<Use<'_>> {
    let mut found = Vec::new();
    for call in &program.file(file).outline.calls {
        let Some((receiver, name)) = call.method() else { continue };
        if name != "use" || call.args.is_empty() {
            continue;
        }
        let site = Site::of_call(file, call);
        let owners: Vec<OwnerKey> =
            owners_of(&TABLE, program, &site, receiver).iter().map(|owner| base_owner(&TABLE, program, owner)).collect();
        if owners.is_empty() {
            continue;
        }
        let pattern = call.positional(0).and_then(|first| program.text(&site, first).plain());
        let skip = usize::from(pattern.is_some());
        let middleware = call.args.iter().skip(skip).map(|arg| (&arg.value, site.clone())).collect();
        found.push(Use { owners, pattern: pattern.unwrap_or_else(|| "*".to_string()), line: call.at.line, middleware });
    }
    found
}

fn add(security: &mut Security, uses: &[Guarded], owner: &OwnerKey, line: u32, path: &PathText) {
    let path = path.text.plain().unwrap_or_default();
    for said in uses {
        let is_same = said.owners.iter().any(|known| known.origin == owner.origin);
        if !is_same || said.line > line || !covers(&said.pattern, &path) {
            continue;
        }
        // A route that is said to be open stays so.
        if *security != Security::Open {
            security.add(said.schemes.clone());
        }
    }
}

/// Whether a pattern of `use` holds for a path.
fn covers(pattern: &str, path: &str) -> bool {
    let segments = |text: &str| text.split('/').filter(|part| !part.is_empty()).map(str::to_string).collect::<Vec<_>>();
    let (pattern, path) = (segments(pattern), segments(path));
    for (index, part) in pattern.iter().enumerate() {
        if part == "*" && index + 1 == pattern.len() {
            return true;
        }
        match path.get(index) {
            Some(segment) if part == segment || part == "*" || part.starts_with(':') => {}
            _ => return false,
        }
    }
    // `use("/admin", mw)` holds for that path alone.
    pattern.len() == path.len()
}
