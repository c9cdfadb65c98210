//! How workloads are run: how they are watched, how much they may use, who they run as, which configuration they see as files.

use std::collections::BTreeMap;

use super::super::secret;
use super::{Manifest, Set};
use crate::facts::tree::Node;

/// The settings of a workload: those of its main container and of what scales it.
pub fn of(manifest: &Manifest, set: &Set, spec: &Node, main: Option<&Node>) -> BTreeMap<String, String> {
    let mut settings = BTreeMap::new();
    if let Some(container) = main {
        for probe in ["livenessProbe", "readinessProbe", "startupProbe"] {
            settings.extend(container.get(probe).and_then(probed).map(|check| (probe.to_owned(), check)));
        }
        for name in ["memory", "cpu"] {
            let limit = container.text_at(&["resources", "limits", name]);
            settings.extend(limit.map(|limit| (name.to_owned(), limit.to_owned())));
        }
        privileges(spec, container, &mut settings);
    }
    settings.extend(scaling(manifest, set).map(|bounds| ("scaling".to_owned(), bounds)));
    for volume in spec.items_at(&["volumes"]) {
        if let Some(name) = volume.text_at(&["configMap", "name"]) {
            settings.extend(keys_of(set, name).map(|keys| (format!("config {name}"), keys)));
        }
    }
    settings
}

/// `GET /health on http`, `TCP 5432`, or the command.
fn probed(probe: &Node) -> Option<String> {
    if let Some(get) = probe.get("httpGet") {
        return Some(format!("GET {} on {}", get.text_of("path").unwrap_or("/"), get.text_of("port")?));
    }
    if let Some(port) = probe.text_at(&["tcpSocket", "port"]) {
        return Some(format!("TCP {port}"));
    }
    if let Some(port) = probe.text_at(&["grpc", "port"]) {
        return Some(format!("gRPC {port}"));
    }
    let words: Vec<&str> = probe.items_at(&["exec", "command"]).iter().filter_map(Node::text).collect();
    secret::command(&words.join(" ")).filter(|command| !command.is_empty())
}

fn privileges(spec: &Node, container: &Node, settings: &mut BTreeMap<String, String>) {
    let user = container.text_at(&["securityContext", "runAsUser"]).or_else(|| spec.text_at(&["securityContext", "runAsUser"]));
    settings.extend(user.map(|user| ("user".to_owned(), user.to_owned())));
    if container.at(&["securityContext", "privileged"]).is_some_and(Node::is_true) {
        settings.insert("privileged".to_owned(), "true".to_owned());
    }
    let mut added: Vec<&str> = container.items_at(&["securityContext", "capabilities", "add"]).iter().filter_map(Node::text).collect();
    added.sort_unstable();
    if !added.is_empty() {
        settings.insert("capabilities".to_owned(), added.join(", "));
    }
}

/// The bounds of what scales it: `2-10`.
fn scaling(manifest: &Manifest, set: &Set) -> Option<String> {
    let scaler = set.manifests.iter().find(|other| {
        let target = other.node.at(&["spec", "scaleTargetRef"]);
        let is_target = |target: &Node| {
            target.text_of("name") == Some(manifest.own_name()) && target.text_of("kind").is_none_or(|kind| kind == manifest.kind())
        };
        matches!(other.kind(), "HorizontalPodAutoscaler" | "ScaledObject") && target.is_some_and(is_target)
    })?;
    let bound = |names: [&str; 2]| names.iter().find_map(|name| scaler.node.text_at(&["spec", name]));
    let (least, most) = (bound(["minReplicas", "minReplicaCount"]), bound(["maxReplicas", "maxReplicaCount"]));
    Some(format!("{}-{}", least.unwrap_or("1"), most?))
}

/// The keys of a config map.
fn keys_of(set: &Set, name: &str) -> Option<String> {
    let map = set.manifests.iter().find(|other| other.kind() == "ConfigMap" && other.own_name() == name)?;
    let mut keys: Vec<&str> = map.node.entries_at(&["data"]).iter().map(|(key, _)| key.as_str()).collect();
    keys.sort_unstable();
    Some(keys.join(", ")).filter(|keys| !keys.is_empty())
}
