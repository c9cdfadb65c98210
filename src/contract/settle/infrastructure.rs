//! What a feature needs to run, in its canonical form: sorted by name, what is said twice joined.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

use super::{settle_evidence, sort_unique};
use crate::contract::model::infrastructure::{EnvVar, Image, Infrastructure, Needed, Service};

/// Settles all sections.
pub fn settle(infrastructure: &mut Infrastructure) {
    joined(&mut infrastructure.services, |service| (service.name.clone(), service.platform.clone(), folder_of(service)), join_services);
    joined(&mut infrastructure.images, |image| (image.name.clone(), image.role.clone()), join_images);
    joined(&mut infrastructure.env_vars, |variable| variable.name.clone(), join_variables);
    for section in infrastructure.needed_mut() {
        joined(section, |needed| (needed.name.clone(), needed.service.clone()), join_needed);
        for needed in section {
            sort_unique(&mut needed.aliases);
            settle_evidence(&mut needed.evidence);
        }
    }
    for service in &mut infrastructure.services {
        sort_unique(&mut service.ports);
        sort_unique(&mut service.aliases);
        settle_evidence(&mut service.evidence);
    }
    for image in &mut infrastructure.images {
        sort_unique(&mut image.aliases);
        settle_evidence(&mut image.evidence);
    }
    for variable in &mut infrastructure.env_vars {
        sort_unique(&mut variable.aliases);
        settle_evidence(&mut variable.read_by);
        settle_evidence(&mut variable.set_by);
    }
    sort_unique(&mut infrastructure.cloud_resources);
    sort_unique(&mut infrastructure.variables);
    sort_unique(&mut infrastructure.functions);
    sort_unique(&mut infrastructure.schedules);
    sort_unique(&mut infrastructure.pipelines);
}

/// The folder of the first file that tells of a service: services of one name in different folders are different.
fn folder_of(service: &Service) -> String {
    let file = service.evidence.iter().map(|evidence| evidence.file.as_str()).min().unwrap_or_default();
    file.rsplit_once('/').map_or("", |(folder, _)| folder).to_owned()
}

fn joined<T, K: Ord>(list: &mut Vec<T>, key: impl Fn(&T) -> K, join: impl Fn(&mut T, T)) {
    let mut by_key: BTreeMap<K, T> = BTreeMap::new();
    for item in list.drain(..) {
        match by_key.entry(key(&item)) {
            Entry::Vacant(slot) => {
                slot.insert(item);
            }
            Entry::Occupied(mut slot) => join(slot.get_mut(), item),
        }
    }
    list.extend(by_key.into_values());
}

fn join_services(kept: &mut Service, other: Service) {
    kept.ports.extend(other.ports);
    kept.aliases.extend(other.aliases);
    other.settings.into_iter().for_each(|(name, value)| {
        kept.settings.entry(name).or_insert(value);
    });
    kept.evidence.extend(other.evidence);
}

fn join_images(kept: &mut Image, other: Image) {
    kept.aliases.extend(other.aliases);
    kept.evidence.extend(other.evidence);
}

fn join_variables(kept: &mut EnvVar, other: EnvVar) {
    kept.required |= other.required;
    kept.default = kept.default.take().or(other.default);
    kept.aliases.extend(other.aliases);
    kept.read_by.extend(other.read_by);
    kept.set_by.extend(other.set_by);
}

fn join_needed(kept: &mut Needed, other: Needed) {
    if kept.kind.is_empty() {
        kept.kind = other.kind;
    }
    kept.version = kept.version.take().or(other.version);
    kept.confidence = kept.confidence.min(other.confidence);
    kept.aliases.extend(other.aliases);
    kept.evidence.extend(other.evidence);
}
