//! What runs: services, workloads, containers, functions; the images they run and are built on.

use std::collections::{BTreeMap, BTreeSet};

use super::images::{self, Reference, Step};
use super::ports;
use super::settings;
use super::told::{Sides, Told};
use crate::contract::model::infrastructure::{Function, Image, Infrastructure, Service};

/// What became of services.
#[derive(Debug, Default)]
pub struct Fate {
    /// Names of those that are gone.
    pub removed: BTreeSet<String>,
    /// Names of those that are new.
    pub added: BTreeSet<String>,
    /// Names of those whose image was told to differ.
    pub reimaged: BTreeSet<String>,
}

/// Compares what runs.
pub fn compare(told: &mut Told, before: &Infrastructure, after: &Infrastructure) -> Fate {
    let mut fate = Fate::default();
    let mut sides = Sides::of(&before.services, &after.services, |service| (service.platform.clone(), service.name.clone()));
    // The network name is the same, whatever runs it.
    let moved = sides.pair_by(|service| Some(service.name.clone()));
    let renamed = sides.pair_by(identity_of);
    for (old, new) in &renamed {
        if !new.aliases.contains(&old.name) {
            told.differs("infra-service-renamed", (&subject(old), ""), Some(&old.name), Some(&new.name));
        }
    }
    for service in &sides.gone {
        told.differs("infra-service-removed", (&subject(service), ""), service.image.as_deref().or(service.build.as_deref()), None);
        fate.removed.insert(service.name.clone());
    }
    for service in &sides.new {
        told.differs("infra-service-added", (&subject(service), ""), None, service.image.as_deref().or(service.build.as_deref()));
        fate.added.insert(service.name.clone());
    }
    for (old, new) in sides.both.iter().chain(&moved).chain(&renamed) {
        one(told, old, new, &mut fate);
    }
    bases(told, before, after);
    functions(told, &before.functions, &after.functions);
    fate
}

fn subject(service: &Service) -> String {
    format!("service {}", service.name)
}

/// What tells a service besides its name.
fn identity_of(service: &Service) -> Option<(String, String, String)> {
    let text = |part: &Option<String>| part.clone().unwrap_or_default();
    let identity = (text(&service.image), text(&service.build), text(&service.dockerfile));
    (identity != Default::default()).then_some(identity)
}

fn one(told: &mut Told, old: &Service, new: &Service, fate: &mut Fate) {
    let subject = subject(new);
    image(told, old, new, fate);
    ports::compare(told, &subject, (old, new));
    if old.command != new.command {
        told.differs("infra-command-changed", (&subject, "command"), old.command.as_deref(), new.command.as_deref());
    }
    let (left, right): (BTreeSet<&String>, BTreeSet<&String>) = (old.depends_on.iter().collect(), new.depends_on.iter().collect());
    // A service that is gone or new is told on its own.
    let is_told = |name: &String| fate.removed.contains(name) || fate.added.contains(name);
    if left.symmetric_difference(&right).any(|name| !is_told(name)) {
        let list = |names: &BTreeSet<&String>| names.iter().map(|name| name.as_str()).collect::<Vec<&str>>().join(", ");
        told.differs("infra-dependency-order-changed", (&subject, "dependsOn"), Some(&list(&left)), Some(&list(&right)));
    }
    replicas(told, &subject, old.replicas.as_deref(), new.replicas.as_deref());
    mounts(told, &subject, &old.mounts, &new.mounts);
    settings::of_service(told, &subject, &old.settings, &new.settings);
}

fn image(told: &mut Told, old: &Service, new: &Service, fate: &mut Fate) {
    let (Some(left), Some(right)) = (&old.image, &new.image) else { return };
    if left == right {
        return;
    }
    let step = images::step(left, right);
    // What is built here has the version of the code.
    if step == Step::Unpinned && new.build.is_some() {
        return;
    }
    fate.reimaged.insert(new.name.clone());
    told.differs(step.rule(), (&subject(new), "image"), Some(left), Some(right));
}

fn replicas(told: &mut Told, subject: &str, old: Option<&str>, new: Option<&str>) {
    if old == new {
        return;
    }
    // Where nothing is said there is one.
    let count = |text: Option<&str>| text.map_or(Some(1), |text| text.trim().parse::<u32>().ok());
    let (left, right) = (count(old), count(new));
    if left.is_some() && left == right {
        return;
    }
    let is_fewer = left.zip(right).is_some_and(|(left, right)| right < left);
    let rule = if is_fewer { "infra-replicas-decreased" } else { "infra-replicas-changed" };
    told.differs(rule, (subject, "replicas"), old, new);
}

/// Where volumes are seen: the same volume at another place, or no longer writable.
fn mounts(told: &mut Told, subject: &str, old: &[String], new: &[String]) {
    let by_source = |mounts: &[String]| -> BTreeMap<String, BTreeSet<String>> {
        let mut all: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
        for mount in mounts {
            // Folders of the repository hold code, not data.
            let Some((source, rest)) = mount.split_once(':').filter(|(source, _)| !source.starts_with(['.', '/', '~', '$'])) else {
                continue;
            };
            all.entry(source.to_owned()).or_default().insert(rest.to_owned());
        }
        all
    };
    let (old, new) = (by_source(old), by_source(new));
    let list = |places: &BTreeSet<String>| places.iter().cloned().collect::<Vec<String>>().join(", ");
    for (volume, places) in &old {
        let Some(now) = new.get(volume).filter(|now| !places.is_subset(now)) else { continue };
        let part = format!("volume {volume}");
        told.differs("infra-stateful-storage-changed", (subject, &part), Some(&list(places)), Some(&list(now)));
    }
}

/// Images that others are built on, and that pipelines work in: those of one repository.
fn bases(told: &mut Told, before: &Infrastructure, after: &Infrastructure) {
    let by_repository = |images: &[Image]| -> BTreeMap<(String, String), BTreeSet<String>> {
        let mut all: BTreeMap<(String, String), BTreeSet<String>> = BTreeMap::new();
        for image in images.iter().filter(|image| image.role != "runs") {
            let key = (image.role.clone(), Reference::of(&image.name).repository.to_owned());
            all.entry(key).or_default().insert(image.name.clone());
        }
        all
    };
    let new = by_repository(&after.images);
    for (key, old) in by_repository(&before.images) {
        let Some(now) = new.get(&key) else { continue };
        let (gone, come) = (old.difference(now), now.difference(&old));
        for (left, right) in gone.zip(come) {
            told.differs(images::step(left, right).rule(), (&format!("image {}", key.1), &key.0), Some(left), Some(right));
        }
    }
}

fn functions(told: &mut Told, before: &[Function], after: &[Function]) {
    let mut sides = Sides::of(before, after, |function| function.name.clone());
    let renamed = sides.pair_by(|function| function.handler.clone().map(|handler| (function.code.clone(), handler)));
    for (old, new) in &renamed {
        if !new.aliases.contains(&old.name) {
            told.differs("infra-service-renamed", (&format!("function {}", old.name), ""), Some(&old.name), Some(&new.name));
        }
    }
    for function in &sides.gone {
        told.tell("infra-service-removed", format!("function {}", function.name), "");
    }
    for function in &sides.new {
        told.tell("infra-service-added", format!("function {}", function.name), "");
    }
    for (old, new) in sides.both.iter().chain(&renamed) {
        if let (Some(left), Some(right)) = (&old.runtime, &new.runtime)
            && images::is_major_runtime_step(left, right)
        {
            told.differs("infra-runtime-major-changed", (&format!("function {}", new.name), "runtime"), Some(left), Some(right));
        }
    }
}
