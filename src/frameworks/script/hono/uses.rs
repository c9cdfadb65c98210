//! Middleware of applications: `app.use(mw)`, `app.use("/path/*", mw)`. It holds for what is said behind it.

use super::{TABLE, guards};
use crate::base::code::{CallId, Expr};
use crate::facts::finding::{Mount, OwnerKey, PathText, Route, SchemeUse, Security};
use crate::facts::program::{FileId, Program, Site};
use crate::frameworks::interpret::{base_owner, owners_of};

/// A guard of an application.
struct Use {
    owners: Vec<OwnerKey>,
    /// Paths it holds for, `*` for all.
    pattern: String,
    line: u32,
    schemes: Vec<SchemeUse>,
}

/// Adds the guards that `use` says to the routes and mounts behind it.
pub fn apply(program: &dyn Program, file: FileId, routes: &mut [Route], mounts: &mut [Mount]) {
    let uses = uses_in(program, file);
    if uses.is_empty() {
        return;
    }
    for route in routes {
        let Some(owner) = &route.owner else { continue };
        add(&mut route.security, &uses, &base_owner(&TABLE, program, owner), route.place.line, &route.path);
    }
    for mount in mounts {
        add(&mut mount.traits.security, &uses, &base_owner(&TABLE, program, &mount.parent), mount.place.line, &mount.prefix);
    }
}

fn uses_in(program: &dyn Program, file: FileId) -> Vec<Use> {
    let mut found = Vec::new();
    for (_, call) in (0u32..).map(CallId).zip(&program.file(file).outline.calls) {
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
        let middleware = call.args.iter().skip(skip).filter(|arg| !matches!(arg.value, Expr::Str(_)));
        let schemes: Vec<SchemeUse> = middleware.filter_map(|arg| guards::guard(program, &site, &arg.value)).collect();
        if !schemes.is_empty() {
            found.push(Use { owners, pattern: pattern.unwrap_or_else(|| "*".to_string()), line: call.at.line, schemes });
        }
    }
    found
}

fn add(security: &mut Security, uses: &[Use], owner: &OwnerKey, line: u32, path: &PathText) {
    let path = path.text.plain().unwrap_or_default();
    for said in uses {
        let is_same = said.owners.iter().any(|known| known.origin == owner.origin);
        if !is_same || said.line > line || !covers(&said.pattern, &path) {
            continue;
        }
        match security {
            Security::Schemes(schemes) => schemes
                .extend(said.schemes.iter().filter(|new| !schemes.iter().any(|old| old.name == new.name)).cloned().collect::<Vec<_>>()),
            _ => *security = Security::Schemes(said.schemes.clone()),
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
