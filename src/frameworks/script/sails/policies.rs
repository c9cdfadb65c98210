//! Policies: `config/policies.js`, and those that stand in routes.

use super::{below, config, whole};
use crate::base::code::Expr;
use crate::facts::finding::{SchemeUse, Security};
use crate::facts::program::{Program, Site};
use crate::frameworks::script::handler::guards;

/// What is asked for before an action: the nearest of what is said of it, of its folder or controller, of all.
pub fn of(program: &dyn Program, root: &str, identity: &str) -> Security {
    let Some((object, site)) = config(program, root, "policies") else { return Security::Inherit };
    let mut best: Option<(usize, Security)> = None;
    let mut offer = |pattern: &str, value: &Expr, at: &Site| {
        let fits = pattern == identity || pattern.strip_suffix('*').is_some_and(|prefix| identity.starts_with(prefix));
        if fits && best.as_ref().is_none_or(|(length, _)| *length <= pattern.len()) {
            best = Some((pattern.len(), said(program, root, at, value)));
        }
    };
    for (key, value, at) in program.entries(&site, object).unwrap_or_default() {
        let name = super::actions::identity(&key);
        match program.entries(&at, value) {
            // `UserController: { '*': 'isLoggedIn', login: true }`
            Some(inner) => {
                inner.iter().for_each(|(action, value, at)| offer(&format!("{name}/{}", action.to_lowercase()), value, at));
            }
            None if key.ends_with("Controller") => offer(&format!("{name}/*"), value, &at),
            None => offer(&name, value, &at),
        }
    }
    best.map_or(Security::Inherit, |(_, security)| security)
}

fn said(program: &dyn Program, root: &str, site: &Site, value: &Expr) -> Security {
    if let Expr::Bool(is_open) = value {
        return if *is_open { Security::Open } else { Security::Inherit };
    }
    let names = match program.items(site, value) {
        Some(items) => items.into_iter().filter_map(|(item, at)| program.text(&at, item).plain()).collect(),
        None => program.text(site, value).plain().into_iter().collect::<Vec<_>>(),
    };
    let schemes: Vec<SchemeUse> = names.iter().filter_map(|name| scheme(program, root, name)).collect();
    if schemes.is_empty() { Security::Open } else { Security::Schemes(schemes) }
}

/// `{ policy: 'isLoggedIn' }` in front of a route's target.
pub fn named(program: &dyn Program, root: &str, name: &str) -> Security {
    scheme(program, root, name).map_or(Security::Inherit, |scheme| Security::Schemes(vec![scheme]))
}

/// A policy that asks for a login: as its function shows, else as it is called.
fn scheme(program: &dyn Program, root: &str, name: &str) -> Option<SchemeUse> {
    let file = ["js", "ts"].into_iter().find_map(|extension| program.file_at(&below(root, &format!("api/policies/{name}.{extension}"))));
    let function = file.and_then(|file| whole(program, file)).and_then(|value| value.function());
    let shown = function.and_then(|function| guards::refusal(program, function, 0));
    let kind = shown.or_else(|| guards::by_name(name))?;
    Some(SchemeUse { name: name.into(), kind, scopes: Vec::new() })
}
