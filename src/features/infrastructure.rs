//! What the repository needs to run, told feature by feature.
//!
//! Code's needs go to the feature that owns the file. A document's go to the feature whose code lies in its folder; a service
//! that is built from a folder goes to the feature of that folder; what is left goes to the feature that keeps the rest running.

use std::collections::{BTreeMap, BTreeSet};

use super::Given;
use crate::contract::model::infrastructure::{
    CloudResource, EnvVar, Function, Image, Infrastructure, Job, Needed, Pipeline, Port, Schedule, Service, Variable,
};
use crate::contract::model::{Confidence, Contract, Evidence, FeatureContract, FeatureKind, Origin};
use crate::facts::infrastructure::{self as facts, ImageRole, Section, Spot, Thing};
use crate::facts::program::Program;
use crate::link::infrastructure::Joined;

/// Fills the features of a contract; `owners` tells which of them owns each code file.
pub fn fill(given: &Given, owners: &[usize], joined: &Joined, contract: &mut Contract) {
    if joined.is_empty() {
        return;
    }
    let mut placed = Placed::new(given, owners, contract);
    for service in &joined.found.services {
        let place = service.build.as_deref().filter(|folder| !folder.is_empty()).and_then(|folder| placed.of_folder(folder));
        for (feature, spots) in placed.apart(&service.spots, place) {
            placed.of(feature).services.push(of_service(service, evidence(&spots)));
        }
    }
    for image in &joined.found.images {
        for (feature, spots) in placed.apart(&image.spots, None) {
            placed.of(feature).images.push(of_image(image, evidence(&spots)));
        }
    }
    for thing in &joined.found.things {
        for (feature, spots) in placed.apart(&thing.spots, None) {
            let needed = of_thing(given, thing, &spots);
            section_of(placed.of(feature), thing.section).push(needed);
        }
    }
    of_env(given, joined, &mut placed);
    of_templates(joined, &mut placed);
    placed.into(contract);
}

/// A variable goes to every feature that reads it, else to those that set it.
fn of_env(given: &Given, joined: &Joined, placed: &mut Placed) {
    for variable in &joined.env {
        let by = if variable.read_by.is_empty() { &variable.set_by } else { &variable.read_by };
        for (feature, spots) in placed.apart(by, None) {
            let read_by = if variable.read_by.is_empty() { Vec::new() } else { evidence(&spots) };
            let set_by = if variable.read_by.is_empty() { evidence(&spots) } else { evidence(&variable.set_by) };
            placed.of(feature).env_vars.push(EnvVar {
                name: variable.name.clone(),
                required: variable.is_required,
                default: variable.default.clone(),
                aliases: variable.aliases.clone(),
                origin: origin(given, &spots),
                confidence: Confidence::High,
                read_by,
                set_by,
            });
        }
    }
}

/// Resources, variables, functions, schedules and pipelines.
fn of_templates(joined: &Joined, placed: &mut Placed) {
    for resource in &joined.found.resources {
        for (feature, spots) in placed.apart(&resource.spots, None) {
            placed.of(feature).cloud_resources.push(of_resource(resource, evidence(&spots)));
        }
    }
    for variable in &joined.found.variables {
        for (feature, spots) in placed.apart(&variable.spots, None) {
            placed.of(feature).variables.push(of_variable(variable, evidence(&spots)));
        }
    }
    for function in &joined.found.functions {
        let place = function.code.as_deref().filter(|path| !path.is_empty()).and_then(|path| placed.of_path(path));
        for (feature, spots) in placed.apart(&function.spots, place) {
            placed.of(feature).functions.push(of_function(function, evidence(&spots)));
        }
    }
    for schedule in &joined.found.schedules {
        for (feature, spots) in placed.apart(&schedule.spots, None) {
            placed.of(feature).schedules.push(of_schedule(schedule, evidence(&spots)));
        }
    }
    for pipeline in &joined.found.pipelines {
        let feature = placed.of_file(&pipeline.file);
        placed.of(feature).pipelines.push(of_pipeline(pipeline));
    }
}

/// The features on their way, and where each file belongs.
struct Placed<'a> {
    given: &'a Given<'a>,
    owners: &'a [usize],
    /// For each folder with code in it or below, the features that own it and how many files.
    folders: BTreeMap<&'a str, BTreeMap<usize, usize>>,
    kinds: Vec<FeatureKind>,
    filled: BTreeMap<usize, Infrastructure>,
    /// Documents that belong to no feature that is there.
    stray: BTreeSet<String>,
}

impl<'a> Placed<'a> {
    fn new(given: &'a Given<'a>, owners: &'a [usize], contract: &Contract) -> Self {
        let mut folders: BTreeMap<&str, BTreeMap<usize, usize>> = BTreeMap::new();
        for file in given.system.file_ids() {
            let Some(owner) = owners.get(file.index()) else { continue };
            let mut path = given.system.path(file);
            while let Some((folder, _)) = path.rsplit_once('/') {
                *folders.entry(folder).or_default().entry(*owner).or_default() += 1;
                path = folder;
            }
        }
        let kinds = contract.features.iter().map(|feature| feature.kind).collect();
        Self { given, owners, folders, kinds, filled: BTreeMap::new(), stray: BTreeSet::new() }
    }

    fn of(&mut self, feature: usize) -> &mut Infrastructure {
        self.filled.entry(feature).or_default()
    }

    /// Places by feature. `known` is the feature when it is decided already.
    fn apart(&mut self, spots: &[Spot], known: Option<usize>) -> BTreeMap<usize, Vec<Spot>> {
        let mut apart: BTreeMap<usize, Vec<Spot>> = BTreeMap::new();
        for spot in spots {
            let feature = known.unwrap_or_else(|| self.of_file(&spot.file));
            apart.entry(feature).or_default().push(spot.clone());
        }
        apart
    }

    fn of_file(&mut self, path: &str) -> usize {
        if let Some(owner) = self.given.system.file_at(path).and_then(|file| self.owners.get(file.index())) {
            return *owner;
        }
        let folder = path.rsplit_once('/').map_or("", |(folder, _)| folder);
        self.of_folder(folder).unwrap_or_else(|| {
            let rest = self.rest();
            if rest == self.kinds.len() {
                self.stray.insert(path.to_owned());
            }
            rest
        })
    }

    /// The feature of a file or folder of code.
    fn of_path(&self, path: &str) -> Option<usize> {
        let file = self.given.system.file_at(path).and_then(|file| self.owners.get(file.index()).copied());
        file.or_else(|| self.of_folder(path))
    }

    /// The feature whose code lies in a folder: the only one, or the one that keeps the others running.
    fn of_folder(&self, folder: &str) -> Option<usize> {
        let owners = self.folders.get(folder)?;
        let mut keys = owners.keys();
        match (keys.next(), keys.next()) {
            (Some(only), None) => Some(*only),
            _ => {
                let runs = owners.iter().filter(|(feature, _)| self.kinds.get(**feature) == Some(&FeatureKind::Infrastructure));
                runs.max_by_key(|(feature, files)| (**files, std::cmp::Reverse(**feature))).map(|(feature, _)| *feature)
            }
        }
    }

    /// The feature that keeps the rest running: the only one, else the first that does; one behind the last has to be made.
    fn rest(&self) -> usize {
        match self.kinds.as_slice() {
            [_] => 0,
            kinds => kinds.iter().position(|kind| *kind == FeatureKind::Infrastructure).unwrap_or(kinds.len()),
        }
    }

    fn into(self, contract: &mut Contract) {
        if self.filled.contains_key(&self.kinds.len()) {
            contract.features.push(FeatureContract {
                name: "Infrastructure".into(),
                slug: "infrastructure".into(),
                kind: FeatureKind::Infrastructure,
                files: self.stray.into_iter().collect(),
                ..FeatureContract::default()
            });
        }
        for (feature, infrastructure) in self.filled {
            if let Some(feature) = contract.features.get_mut(feature) {
                feature.infrastructure = infrastructure;
            }
        }
    }
}

fn evidence(spots: &[Spot]) -> Vec<Evidence> {
    spots.iter().map(|spot| Evidence::new(spot.file.as_str(), spot.symbol.as_str(), spot.line)).collect()
}

/// Program code says it, or a document.
fn origin(given: &Given, spots: &[Spot]) -> Origin {
    if spots.iter().any(|spot| given.system.file_at(&spot.file).is_some()) { Origin::Code } else { Origin::Document }
}

fn of_service(service: &facts::Service, evidence: Vec<Evidence>) -> Service {
    Service {
        name: service.name.clone(),
        platform: service.platform.to_owned(),
        workload: service.workload.clone(),
        image: service.image.clone(),
        build: service.build.clone().map(|folder| if folder.is_empty() { ".".into() } else { folder }),
        dockerfile: service.dockerfile.clone(),
        command: service.command.clone(),
        ports: service.ports.iter().map(of_port).collect(),
        depends_on: service.depends_on.clone(),
        profiles: service.profiles.clone(),
        replicas: service.replicas.clone(),
        mounts: service.mounts.clone(),
        aliases: service.aliases.clone(),
        settings: service.settings.clone(),
        evidence,
        origin: Origin::Document,
        confidence: Confidence::High,
    }
}

fn of_port(port: &facts::Port) -> Port {
    Port { container: port.container, published: port.published.clone(), protocol: port.protocol.clone() }
}

fn of_image(image: &facts::Image, evidence: Vec<Evidence>) -> Image {
    let role = match image.role {
        ImageRole::Runs => "runs",
        ImageRole::Base => "base",
        ImageRole::Tool => "tool",
    };
    Image {
        name: image.name.clone(),
        role: role.into(),
        aliases: image.aliases.clone(),
        evidence,
        origin: Origin::Document,
        confidence: if image.name.contains("${") { Confidence::Low } else { Confidence::High },
    }
}

fn of_thing(given: &Given, thing: &Thing, spots: &[Spot]) -> Needed {
    Needed {
        name: thing.name.clone(),
        kind: thing.kind.clone(),
        service: thing.service.clone(),
        version: thing.version.clone(),
        aliases: thing.aliases.clone(),
        evidence: evidence(spots),
        origin: origin(given, spots),
        confidence: if thing.is_implied { Confidence::Medium } else { Confidence::High },
    }
}

fn section_of(infrastructure: &mut Infrastructure, section: Section) -> &mut Vec<Needed> {
    match section {
        Section::Secret => &mut infrastructure.secrets,
        Section::Volume => &mut infrastructure.volumes,
        Section::Datastore => &mut infrastructure.datastores,
        Section::Bucket => &mut infrastructure.buckets,
        Section::Queue => &mut infrastructure.queues,
        Section::Topic => &mut infrastructure.topics,
        Section::ExternalHost => &mut infrastructure.external_hosts,
        Section::ThirdParty => &mut infrastructure.third_party,
        Section::Output => &mut infrastructure.outputs,
        Section::Provider => &mut infrastructure.providers,
        Section::IngressHost => &mut infrastructure.ingress_hosts,
        Section::DeployTarget => &mut infrastructure.deploy_targets,
        Section::Environment => &mut infrastructure.environments,
    }
}

fn of_resource(resource: &facts::CloudResource, evidence: Vec<Evidence>) -> CloudResource {
    let address =
        if resource.module.is_empty() { String::new() } else { format!("{}.{}.{}", resource.module, resource.kind, resource.name) };
    CloudResource {
        kind: resource.kind.clone(),
        name: resource.name.clone(),
        address,
        instances: resource.instances.clone(),
        settings: resource.settings.clone(),
        evidence,
        origin: Origin::Document,
        confidence: Confidence::High,
    }
}

fn of_variable(variable: &facts::Variable, evidence: Vec<Evidence>) -> Variable {
    Variable {
        name: variable.name.clone(),
        kind: variable.kind.clone(),
        required: variable.is_required,
        sensitive: variable.is_sensitive,
        default: variable.default.clone(),
        description: variable.description.clone(),
        evidence,
        origin: Origin::Document,
        confidence: Confidence::High,
    }
}

fn of_function(function: &facts::Function, evidence: Vec<Evidence>) -> Function {
    Function {
        name: function.name.clone(),
        runtime: function.runtime.clone(),
        handler: function.handler.clone(),
        code: function.code.clone(),
        events: function.events.clone(),
        aliases: function.aliases.clone(),
        evidence,
        origin: Origin::Document,
        confidence: Confidence::High,
    }
}

fn of_schedule(schedule: &facts::Schedule, evidence: Vec<Evidence>) -> Schedule {
    Schedule {
        name: schedule.name.clone(),
        schedule: schedule.schedule.clone(),
        target: schedule.target.clone(),
        aliases: schedule.aliases.clone(),
        evidence,
        origin: Origin::Document,
        confidence: Confidence::High,
    }
}

fn of_pipeline(pipeline: &facts::Pipeline) -> Pipeline {
    let job = |job: &facts::Job| Job {
        id: job.id.clone(),
        name: job.name.clone(),
        stage: job.stage.clone(),
        needs: job.needs.clone(),
        triggers: job.triggers.clone(),
        environment: job.environment.clone(),
        uses: job.uses.clone(),
    };
    Pipeline {
        file: pipeline.file.clone(),
        name: pipeline.name.clone(),
        platform: pipeline.platform.to_owned(),
        triggers: pipeline.triggers.clone(),
        jobs: pipeline.jobs.iter().map(job).collect(),
        includes: pipeline.includes.clone(),
        origin: Origin::Document,
        confidence: Confidence::High,
    }
}
