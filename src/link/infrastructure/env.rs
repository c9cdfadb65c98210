//! Environment variables: who reads each, who sets it, whether it must be set, and what holds when it is not.

use std::collections::{BTreeMap, BTreeSet};

use super::{paths, secret};
use crate::facts::infrastructure::{Content, EnvAccess, EnvUse, Format, Source, Spot};

/// A variable with everything that is known of it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct EnvVar {
    /// Its name.
    pub name: String,
    /// Whether something fails or is left without when it is not set.
    pub is_required: bool,
    /// The value that holds when it is not set; never of a secret.
    pub default: Option<String>,
    /// Who reads it.
    pub read_by: Vec<Spot>,
    /// Who sets it, or lists it for people to fill in.
    pub set_by: Vec<Spot>,
    /// Other names that its readers accept.
    pub aliases: Vec<String>,
    /// What the repository's own files set it to; never of a secret.
    pub values: BTreeSet<String>,
}

/// The variables that files of variables list or set.
pub fn listed(sources: &[Source], given: &BTreeSet<String>) -> Vec<EnvUse> {
    let mut uses = Vec::new();
    for source in sources.iter().filter(|source| source.format == Format::Env) {
        let Content::Names(names) = &source.content else { continue };
        let is_example = ["example", "sample", "template", "dist", "defaults"].iter().any(|word| paths::last(&source.file).contains(word));
        let access = if is_example && !given.contains(&source.file) { EnvAccess::Listed } else { EnvAccess::Set(None) };
        let spot = Spot::new(source.file.as_str(), "", 0);
        uses.extend(names.iter().map(|name| EnvUse {
            name: name.to_string(),
            access: access.clone(),
            spot: spot.clone(),
            ..EnvUse::default()
        }));
    }
    uses
}

/// All uses by variable, sorted by name. A name that a reader accepts besides another is the same variable.
pub fn join(uses: Vec<EnvUse>) -> Vec<EnvVar> {
    let mut by_name: BTreeMap<String, Vec<EnvUse>> = BTreeMap::new();
    let main: BTreeMap<String, String> =
        uses.iter().flat_map(|one| one.aliases.iter().map(|alias| (alias.clone(), one.name.clone()))).collect();
    let own: BTreeSet<String> = uses.iter().filter(|one| is_read(&one.access)).map(|one| one.name.clone()).collect();
    for mut one in uses {
        if let Some(name) = main.get(&one.name).filter(|_| !own.contains(&one.name)) {
            one.name = name.clone();
        }
        by_name.entry(one.name.clone()).or_default().push(one);
    }
    by_name.into_iter().map(|(name, uses)| variable(name, uses)).collect()
}

fn is_read(access: &EnvAccess) -> bool {
    matches!(access, EnvAccess::Required | EnvAccess::Optional(_) | EnvAccess::Read)
}

fn variable(name: String, mut uses: Vec<EnvUse>) -> EnvVar {
    uses.sort();
    let mut variable = EnvVar { name, ..EnvVar::default() };
    let mut defaults: Vec<&String> = Vec::new();
    let (mut is_optional, mut is_read_bare) = (false, false);
    for one in &uses {
        variable.aliases.extend(one.aliases.iter().cloned());
        match &one.access {
            EnvAccess::Required => variable.is_required = true,
            EnvAccess::Optional(default) => {
                is_optional = true;
                defaults.extend(default);
            }
            EnvAccess::Read => is_read_bare = true,
            EnvAccess::Set(_) | EnvAccess::Listed => {}
        }
        let spots = if is_read(&one.access) { &mut variable.read_by } else { &mut variable.set_by };
        spots.push(one.spot.clone());
    }
    variable.is_required |= is_read_bare && !is_optional;
    // What images set is a default for all who run them.
    let set = uses.iter().filter_map(|one| match &one.access {
        EnvAccess::Set(Some(value)) => Some(value),
        _ => None,
    });
    let values = uses.iter().filter_map(|one| match &one.access {
        EnvAccess::Set(Some(value)) => secret::shown(&variable.name, value),
        _ => one.partial.as_deref().and_then(|value| secret::shown(&variable.name, value)),
    });
    variable.values = values.collect();
    let default = defaults.iter().find(|default| !default.is_empty()).or(defaults.first()).copied();
    let default = default.or_else(|| set.min().filter(|_| variable.read_by.is_empty()));
    variable.default = default.and_then(|default| secret::shown(&variable.name, default));
    for spots in [&mut variable.read_by, &mut variable.set_by] {
        spots.sort();
        spots.dedup_by(|a, b| (&a.file, &a.symbol) == (&b.file, &b.symbol));
    }
    variable.aliases.sort();
    variable.aliases.dedup();
    variable
}
