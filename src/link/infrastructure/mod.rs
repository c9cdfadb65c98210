//! All documents about infrastructure and what the code needs to run, as one: Compose files laid over one another, images
//! with their defaults, and each environment variable with all its readers and setters.
//!
//! Values of secrets end here: nothing that is handed on holds one.

mod cloudformation;
mod compose;
mod containers;
mod docker;
mod engines;
mod env;
mod interpolate;
mod kubernetes;
mod paths;
mod pipelines;
mod platforms;
mod secret;
mod serverless;
mod terraform;

use std::collections::{BTreeMap, BTreeSet};

pub use env::EnvVar;

use crate::facts::infrastructure::{EnvAccess, EnvUse, Image, Infrastructure, Section, Service, Source, Spot, Thing};

/// What the repository needs, everything said once.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Joined {
    /// Everything but environment variables.
    pub found: Infrastructure,
    /// Environment variables, by name.
    pub env: Vec<EnvVar>,
}

impl Joined {
    /// Whether nothing is needed.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

/// Joins the documents of a repository with what was found in its code.
#[must_use]
pub fn join(sources: &[Source], code: &Infrastructure) -> Joined {
    let mut found = code.clone();
    let (dockerfiles, from_docker) = docker::read(sources);
    found.append(from_docker);
    found.append(compose::read(sources, &dockerfiles));
    found.append(kubernetes::read(sources));
    found.append(cloudformation::read(sources));
    found.append(serverless::read(sources));
    found.append(platforms::read(sources));
    found.append(terraform::read(sources));
    found.env.extend(env::listed(sources, &compose::env_files(sources)));
    let mut from_pipelines = pipelines::read(sources);
    let known: BTreeSet<&String> = found.env.iter().map(|one| &one.name).collect();
    // What a pipeline gives its own commands is nobody else's concern.
    from_pipelines.env.retain(|one| known.contains(&one.name));
    found.append(from_pipelines);
    joined_stores(&mut found.things);
    if found.services.is_empty() && found.functions.is_empty() {
        found.services = docker::services(&dockerfiles);
    }
    let env = env::join(std::mem::take(&mut found.env));
    found.things.extend(env.iter().filter_map(secret_of));
    hide(&mut found);
    settle(&mut found);
    Joined { found, env }
}

/// A store that code has a library for is the one that a document names, when there is one of that kind.
fn joined_stores(things: &mut [Thing]) {
    let named: Vec<(String, Vec<String>, Option<String>)> = things
        .iter()
        .filter(|thing| thing.section == Section::Datastore && !thing.is_implied)
        .map(|thing| (thing.name.clone(), thing.aliases.clone(), thing.service.clone()))
        .collect();
    for thing in things.iter_mut().filter(|thing| thing.section == Section::Datastore && thing.is_implied) {
        let same = |(name, aliases, _): &&(String, Vec<String>, Option<String>)| *name == thing.name || aliases.contains(&thing.name);
        if let Some((name, _, service)) = named.iter().find(same) {
            thing.name.clone_from(name);
            thing.service.clone_from(service);
        }
    }
}

/// A variable whose name is a secret's is one.
fn secret_of(variable: &EnvVar) -> Option<Thing> {
    let spots: Vec<Spot> = variable.read_by.iter().chain(&variable.set_by).cloned().collect();
    secret::is_secret_name(&variable.name).then(|| Thing {
        section: Section::Secret,
        name: variable.name.clone(),
        kind: "environment variable".into(),
        is_implied: true,
        spots,
        ..Thing::default()
    })
}

/// Takes away what must not be shown.
fn hide(found: &mut Infrastructure) {
    for variable in &mut found.variables {
        let is_hidden = variable.is_sensitive;
        let default = variable.default.take().filter(|_| !is_hidden);
        variable.default = default.and_then(|default| secret::shown(&variable.name, &default));
    }
    for service in &mut found.services {
        service.command = service.command.take().and_then(|command| secret::command(&command));
    }
}

/// Joins what is said twice.
fn settle(found: &mut Infrastructure) {
    found.services = merged(
        std::mem::take(&mut found.services),
        |service| {
            let folder = service.spots.first().map(|spot| paths::parent(&spot.file).to_owned()).unwrap_or_default();
            (service.platform, service.name.clone(), folder)
        },
        |kept: &mut Service, other| {
            kept.ports.extend(other.ports);
            kept.aliases.extend(other.aliases);
            other.settings.into_iter().for_each(|(name, value)| {
                kept.settings.entry(name).or_insert(value);
            });
            kept.spots.extend(other.spots);
        },
    );
    found.images = merged(
        std::mem::take(&mut found.images),
        |image| (image.name.clone(), image.role),
        |kept: &mut Image, other| {
            kept.aliases.extend(other.aliases);
            kept.spots.extend(other.spots);
        },
    );
    found.things = merged(
        std::mem::take(&mut found.things),
        |thing| (thing.section, thing.name.clone(), thing.service.clone()),
        |kept: &mut Thing, other| {
            kept.is_implied &= other.is_implied;
            if kept.kind.is_empty() || kept.kind == "environment variable" && !other.kind.is_empty() {
                kept.kind = other.kind;
            }
            kept.version = kept.version.take().or(other.version);
            kept.aliases.extend(other.aliases);
            kept.spots.extend(other.spots);
        },
    );
    for service in &mut found.services {
        service.ports = containers::joined_ports(std::mem::take(&mut service.ports));
        sort_unique(&mut service.aliases);
        sort_unique(&mut service.depends_on);
        sort_unique(&mut service.profiles);
        sort_unique(&mut service.mounts);
        sort_unique(&mut service.spots);
    }
    for image in &mut found.images {
        sort_unique(&mut image.aliases);
        sort_unique(&mut image.spots);
    }
    for thing in &mut found.things {
        sort_unique(&mut thing.aliases);
        sort_unique(&mut thing.spots);
    }
    sort_unique(&mut found.resources);
    sort_unique(&mut found.variables);
    sort_unique(&mut found.functions);
    sort_unique(&mut found.schedules);
    sort_unique(&mut found.pipelines);
}

/// Items of one key as one, sorted by key.
fn merged<T, K: Ord>(items: Vec<T>, key: impl Fn(&T) -> K, join: impl Fn(&mut T, T)) -> Vec<T> {
    let mut by_key: BTreeMap<K, T> = BTreeMap::new();
    for item in items {
        match by_key.entry(key(&item)) {
            std::collections::btree_map::Entry::Vacant(slot) => {
                slot.insert(item);
            }
            std::collections::btree_map::Entry::Occupied(mut slot) => join(slot.get_mut(), item),
        }
    }
    by_key.into_values().collect()
}

fn sort_unique<T: Ord>(list: &mut Vec<T>) {
    list.sort();
    list.dedup();
}

/// A setting of a variable.
fn set(name: &str, value: Option<String>, spot: &Spot) -> EnvUse {
    EnvUse { name: name.to_owned(), access: EnvAccess::Set(value), spot: spot.clone(), ..EnvUse::default() }
}
