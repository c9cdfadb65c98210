//! Workloads: what runs in pods, with its images, ports, variables and volumes.

use super::super::{containers, secret};
use super::kinds::{given, is_variable, put, spot_of, thing};
use super::{Manifest, Set, settings};
use crate::facts::infrastructure::{Infrastructure, Port, Schedule, Section, Service, Spot};
use crate::facts::tree::Node;

/// Reads a manifest, when it is a workload.
pub fn read(manifest: &Manifest, set: &Set, found: &mut Infrastructure) {
    let Some((spec, labels)) = pod_of(manifest) else { return };
    let spot = spot_of(manifest);
    let name = manifest.own_name();
    let mut all: Vec<&Node> = spec.items_at(&["containers"]).iter().collect();
    let main = all.first().copied();
    all.extend(spec.items_at(&["initContainers"]));
    let full = manifest.full(name);
    for container in &all {
        read_container(container, manifest, set, &full, &spot, found);
    }
    let mut service = Service {
        name: full.clone(),
        platform: "kubernetes",
        workload: manifest.kind().to_owned(),
        image: main.and_then(|container| container.text_of("image")).map(str::to_owned),
        command: main.and_then(command_of),
        ports: containers::joined_ports(all.iter().flat_map(|container| ports_of(container)).collect()),
        replicas: manifest.node.text_at(&["spec", "replicas"]).map(str::to_owned),
        mounts: mounts_of(spec, manifest),
        settings: settings::of(manifest, set, spec, main),
        spots: vec![spot.clone()],
        ..Service::default()
    };
    service.aliases.extend((full != name).then(|| name.to_owned()));
    service.aliases.push(format!("{}/{full}", manifest.kind().to_lowercase()));
    for other in fronts(set, labels) {
        let known = other.full(other.own_name());
        service.aliases.extend((known != full).then_some(known));
        publish(other, &all, &mut service.ports);
    }
    volumes(spec, manifest, found);
    if let Some(when) = manifest.node.text_at(&["spec", "schedule"]).filter(|_| manifest.kind() == "CronJob") {
        found.schedules.push(Schedule {
            name: full.clone(),
            schedule: when.to_owned(),
            target: service.command.clone(),
            aliases: (full != name).then(|| name.to_owned()).into_iter().collect(),
            spots: vec![spot],
        });
    }
    found.services.push(service);
}

/// The pod's specification and labels.
fn pod_of(manifest: &Manifest) -> Option<(&Node, &[(crate::base::Name, Node)])> {
    let template = match manifest.kind() {
        "Deployment" | "StatefulSet" | "DaemonSet" | "ReplicaSet" | "Job" | "ReplicationController" | "Rollout" | "DeploymentConfig" => {
            manifest.node.at(&["spec", "template"])?
        }
        "CronJob" => manifest.node.at(&["spec", "jobTemplate", "spec", "template"])?,
        "Service" if manifest.node.text_of("apiVersion").is_some_and(|api| api.starts_with("serving.knative.dev")) => {
            manifest.node.at(&["spec", "template"])?
        }
        "Pod" => &manifest.node,
        _ => return None,
    };
    Some((template.get("spec")?, template.entries_at(&["metadata", "labels"])))
}

fn read_container(container: &Node, manifest: &Manifest, set: &Set, service: &str, spot: &Spot, found: &mut Infrastructure) {
    if let Some(image) = container.text_of("image") {
        containers::image(image, image, spot, Some(service), found);
    }
    for entry in container.items_at(&["env"]) {
        let Some(name) = entry.text_of("name").filter(|name| is_variable(name)) else { continue };
        put(vec![(name.to_owned(), value_of(entry, set))], spot, found);
        if let Some(secret) = entry.text_at(&["valueFrom", "secretKeyRef", "name"]) {
            found.things.push(thing(manifest, Section::Secret, secret, "Secret"));
        }
    }
    for source in container.items_at(&["envFrom"]) {
        if let Some(name) = source.text_at(&["configMapRef", "name"]) {
            put(given(set, &["ConfigMap"], name), spot, found);
        }
        if let Some(name) = source.text_at(&["secretRef", "name"]) {
            put(given(set, &["Secret", "SealedSecret", "ExternalSecret"], name), spot, found);
            found.things.push(thing(manifest, Section::Secret, name, "Secret"));
        }
    }
}

/// The value of a variable, when it is known and no secret.
fn value_of(entry: &Node, set: &Set) -> Option<String> {
    if let Some(value) = entry.text_of("value") {
        return Some(value.to_owned()).filter(|value| !value.contains("$(") && !value.contains("{{"));
    }
    let reference = entry.at(&["valueFrom", "configMapKeyRef"])?;
    let key = reference.text_of("key")?;
    given(set, &["ConfigMap"], reference.text_of("name")?).into_iter().find(|(name, _)| name == key)?.1
}

fn command_of(container: &Node) -> Option<String> {
    let words: Vec<&str> = container.items_at(&["command"]).iter().chain(container.items_at(&["args"])).filter_map(Node::text).collect();
    if words.is_empty() { None } else { secret::command(&words.join(" ")) }
}

fn ports_of(container: &Node) -> Vec<Port> {
    let port = |node: &Node| {
        let protocol = node.text_of("protocol").filter(|protocol| *protocol != "TCP").unwrap_or_default().to_lowercase();
        Some(Port { container: node.text_of("containerPort")?.parse().ok()?, published: None, protocol })
    };
    container.items_at(&["ports"]).iter().filter_map(port).collect()
}

/// The services that stand in front of pods with these labels.
fn fronts<'s>(set: &'s Set, labels: &[(crate::base::Name, Node)]) -> impl Iterator<Item = &'s Manifest> {
    let labels: Vec<(String, String)> =
        labels.iter().filter_map(|(key, value)| Some((key.to_string(), value.text()?.to_owned()))).collect();
    set.manifests.iter().filter(move |manifest| {
        let selector = manifest.node.entries_at(&["spec", "selector"]);
        let is_chosen = |(key, value): &(crate::base::Name, Node)| {
            labels.iter().any(|(name, label)| key == name.as_str() && value.text() == Some(label))
        };
        manifest.kind() == "Service" && !selector.is_empty() && selector.iter().all(is_chosen)
    })
}

/// What a service publishes of the ports of its pods, by number or name; a port nobody declared is one too.
fn publish(service: &Manifest, all: &[&Node], ports: &mut Vec<Port>) {
    for entry in service.node.items_at(&["spec", "ports"]) {
        let Some(outside) = entry.text_of("port") else { continue };
        let target = entry.text_of("targetPort").unwrap_or(outside);
        let by_name = || {
            let mut declared = all.iter().flat_map(|container| container.items_at(&["ports"]));
            declared.find(|port| port.text_of("name") == Some(target))?.text_of("containerPort")?.parse().ok()
        };
        let Some(number) = target.parse::<u16>().ok().or_else(by_name) else { continue };
        match ports.iter_mut().find(|port| port.container == number) {
            Some(port) => port.published = Some(outside.to_owned()),
            None => ports.push(Port { container: number, published: Some(outside.to_owned()), ..Port::default() }),
        }
    }
}

fn mounts_of(spec: &Node, manifest: &Manifest) -> Vec<String> {
    let claims = spec.items_at(&["volumes"]).iter().filter_map(|volume| volume.text_at(&["persistentVolumeClaim", "claimName"]));
    let templates =
        manifest.node.items_at(&["spec", "volumeClaimTemplates"]).iter().filter_map(|claim| claim.text_at(&["metadata", "name"]));
    claims.chain(templates).map(str::to_owned).collect()
}

/// Volumes that pods claim, secrets that they mount or pull images with.
fn volumes(spec: &Node, manifest: &Manifest, found: &mut Infrastructure) {
    for claim in manifest.node.items_at(&["spec", "volumeClaimTemplates"]).iter().filter_map(|claim| claim.text_at(&["metadata", "name"])) {
        found.things.push(thing(manifest, Section::Volume, claim, "PersistentVolumeClaim"));
    }
    for volume in spec.items_at(&["volumes"]) {
        if let Some(claim) = volume.text_at(&["persistentVolumeClaim", "claimName"]) {
            found.things.push(thing(manifest, Section::Volume, claim, "PersistentVolumeClaim"));
        }
        let projected = volume.items_at(&["projected", "sources"]).iter().filter_map(|source| source.text_at(&["secret", "name"]));
        for name in volume.text_at(&["secret", "secretName"]).into_iter().chain(projected) {
            found.things.push(thing(manifest, Section::Secret, name, "Secret"));
        }
    }
    for name in spec.items_at(&["imagePullSecrets"]).iter().filter_map(|secret| secret.text_of("name")) {
        found.things.push(thing(manifest, Section::Secret, name, "Secret"));
    }
}
