//! Settings and secrets: what the code reads and what has to exist.

use std::collections::BTreeSet;

use super::resources::is_region;
use super::told::{Sides, Told};
use crate::contract::model::Evidence;
use crate::contract::model::infrastructure::{EnvVar, Infrastructure, Needed};
use crate::diff::Level;

/// Compares settings and secrets. A setting that is a secret is told once.
pub fn compare(told: &mut Told, before: &Infrastructure, after: &Infrastructure) {
    let names = |secrets: &[Needed]| -> BTreeSet<String> { secrets.iter().map(|secret| secret.name.clone()).collect() };
    let (old, new) = (names(&before.secrets), names(&after.secrets));
    let mut silent = BTreeSet::new();
    let mut sides = Sides::of(&before.env_vars, &after.env_vars, |variable| variable.name.clone());
    for (left, right) in renamed(&mut sides) {
        silent.extend([left.name.clone(), right.name.clone()]);
        if !right.aliases.contains(&left.name) {
            told.differs("infra-env-renamed", (&subject(left), ""), Some(&left.name), Some(&right.name));
        }
    }
    for variable in &sides.gone {
        // Its secret is told to be gone.
        if !old.contains(&variable.name) || new.contains(&variable.name) {
            told.tell("infra-env-removed", subject(variable), "");
        }
    }
    for variable in &sides.new {
        added(told, variable, new.contains(&variable.name), &mut silent);
    }
    for (left, right) in &sides.both {
        one(told, left, right, &mut silent);
        if old.contains(&left.name) && !new.contains(&right.name) && left.default.is_none() && right.default.is_some() {
            silent.insert(left.name.clone());
            told.tell("infra-secret-in-plain-text", format!("secret {}", left.name), "");
        }
    }
    for name in old.difference(&new).filter(|name| !silent.contains(*name)) {
        told.tell("infra-secret-removed", format!("secret {name}"), "");
    }
    for name in new.difference(&old).filter(|name| !silent.contains(*name)) {
        told.tell("infra-secret-added", format!("secret {name}"), "");
    }
}

fn subject(variable: &EnvVar) -> String {
    format!("env {}", variable.name)
}

/// Settings that the same place reads under another name.
fn renamed<'a>(sides: &mut Sides<'a, EnvVar>) -> Vec<(&'a EnvVar, &'a EnvVar)> {
    let alias = |variable: &EnvVar| -> Option<(Vec<Evidence>, bool, Option<String>)> {
        (!variable.read_by.is_empty()).then(|| (variable.read_by.clone(), variable.required, variable.default.clone()))
    };
    sides.pair_by(alias)
}

/// Whether a program does not start when nobody sets it.
fn must_be_set(variable: &EnvVar) -> bool {
    variable.required && variable.default.is_none() && variable.set_by.is_empty()
}

fn added(told: &mut Told, variable: &EnvVar, is_secret: bool, silent: &mut BTreeSet<String>) {
    if variable.read_by.is_empty() {
        return;
    }
    if must_be_set(variable) {
        silent.insert(variable.name.clone());
        told.tell("infra-env-required-added", subject(variable), "");
    } else if !is_secret {
        told.differs("infra-env-optional-added", (&subject(variable), ""), None, variable.default.as_deref());
    }
}

fn one(told: &mut Told, old: &EnvVar, new: &EnvVar, silent: &mut BTreeSet<String>) {
    let name = subject(new);
    match (old.read_by.is_empty(), new.read_by.is_empty()) {
        (false, true) => {
            // Something still sets it: for whom?
            told.tell("infra-env-removed", name, "").level = Level::Warning;
        }
        (true, false) => added(told, new, false, silent),
        _ if must_be_set(new) && !must_be_set(old) => {
            told.differs("infra-env-required-added", (&name, "required"), old.default.as_deref(), None);
        }
        _ if old.default != new.default && !(must_be_set(old) && old.default.is_none()) => {
            let rule = if is_region(&old.name) { "infra-region-changed" } else { "infra-env-default-changed" };
            told.differs(rule, (&name, "default"), old.default.as_deref(), new.default.as_deref());
        }
        _ => {}
    }
}
