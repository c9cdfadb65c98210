//! What each kind of manifest says.

use super::super::{engines, set};
use super::{Manifest, Set, workload};
use crate::facts::infrastructure::{Infrastructure, Section, Spot, Thing};
use crate::facts::tree::Node;

/// Kinds of operators that are stores and brokers.
const STORES: &[(&str, &str, &str)] = &[
    ("postgresql.cnpg.io", "Cluster", "postgres"),
    ("acid.zalan.do", "postgresql", "postgres"),
    ("postgres-operator.crunchydata.com", "PostgresCluster", "postgres"),
    ("kafka.strimzi.io", "Kafka", "kafka"),
    ("rabbitmq.com", "RabbitmqCluster", "rabbitmq"),
    ("elasticsearch.k8s.elastic.co", "Elasticsearch", "elasticsearch"),
    ("mongodbcommunity.mongodb.com", "MongoDBCommunity", "mongodb"),
    ("mysql.oracle.com", "InnoDBCluster", "mysql"),
    ("redis.redis.opstreelabs.in", "Redis", "redis"),
    ("databases.spotahome.com", "RedisFailover", "redis"),
    ("clickhouse.altinity.com", "ClickHouseInstallation", "clickhouse"),
];

/// Reads the manifests of a set.
pub fn read(set: &Set, found: &mut Infrastructure) {
    for manifest in &set.manifests {
        workload::read(manifest, set, found);
        named(manifest, found);
        hosts(manifest, found);
    }
}

pub fn spot_of(manifest: &Manifest) -> Spot {
    Spot::new(manifest.file.as_str(), format!("{}/{}", manifest.kind(), manifest.own_name()), manifest.node.line)
}

fn named(manifest: &Manifest, found: &mut Infrastructure) {
    let api = manifest.node.text_of("apiVersion").unwrap_or_default();
    let kind = manifest.kind();
    let section = match kind {
        "Secret" | "SealedSecret" | "ExternalSecret" | "SopsSecret" | "SecretProviderClass" => Section::Secret,
        "PersistentVolumeClaim" => Section::Volume,
        "KafkaTopic" | "PubSubTopic" | "Topic" | "SNSTopic" => Section::Topic,
        "Queue" | "SQSQueue" => Section::Queue,
        "Bucket" | "ObjectBucketClaim" | "StorageBucket" => Section::Bucket,
        _ => {
            let group = api.split('/').next().unwrap_or_default();
            let Some((_, _, engine)) = STORES.iter().find(|(known, name, _)| *known == group && *name == kind) else { return };
            let mut thing = Thing::new(Section::Datastore, *engine, "", spot_of(manifest));
            thing.service = Some(manifest.full(manifest.own_name()));
            return found.things.push(thing);
        }
    };
    let name = if section == Section::Secret {
        manifest.node.text_at(&["spec", "target", "name"]).unwrap_or(manifest.own_name())
    } else {
        manifest.node.text_at(&["spec", "topicName"]).unwrap_or(manifest.own_name())
    };
    found.things.push(thing(manifest, section, name, kind));
}

/// A thing with its name in the cluster and the one it is written with.
pub fn thing(manifest: &Manifest, section: Section, name: &str, kind: &str) -> Thing {
    let mut thing = Thing::new(section, manifest.full(name), kind, spot_of(manifest));
    thing.aliases.extend((thing.name != name).then(|| name.to_owned()));
    thing
}

/// Hosts that requests come in under, and those that a service only stands for.
fn hosts(manifest: &Manifest, found: &mut Infrastructure) {
    let spec = manifest.node.get("spec");
    let Some(spec) = spec else { return };
    let mut hosts: Vec<(&str, Option<&str>)> = Vec::new();
    match manifest.kind() {
        "Ingress" => {
            for rule in spec.items_at(&["rules"]) {
                let backend = rule.items_at(&["http", "paths"]).first().and_then(|path| path.get("backend"));
                let service = backend.and_then(|backend| backend.text_at(&["service", "name"]).or_else(|| backend.text_of("serviceName")));
                hosts.extend(rule.text_of("host").map(|host| (host, service)));
            }
            let tls = spec.items_at(&["tls"]).iter().flat_map(|tls| tls.items_at(&["hosts"]));
            let more: Vec<&str> = tls.filter_map(Node::text).filter(|host| !hosts.iter().any(|(known, _)| known == host)).collect();
            hosts.extend(more.into_iter().map(|host| (host, None)));
        }
        "Route" => hosts.extend(spec.text_of("host").map(|host| (host, spec.text_at(&["to", "name"])))),
        "HTTPRoute" | "GRPCRoute" | "TLSRoute" => {
            hosts.extend(spec.items_at(&["hostnames"]).iter().filter_map(Node::text).map(|host| (host, None)))
        }
        "VirtualService" => {
            let texts = spec.items_at(&["hosts"]).iter().filter_map(Node::text);
            hosts.extend(texts.filter(|host| host.contains('.') && !host.ends_with(".local")).map(|host| (host, None)));
        }
        "Gateway" => {
            let listeners = spec.items_at(&["listeners"]).iter().filter_map(|listener| listener.text_of("hostname"));
            hosts.extend(listeners.map(|host| (host, None)));
            let servers = spec.items_at(&["servers"]).iter().flat_map(|server| server.items_at(&["hosts"]));
            hosts.extend(servers.filter_map(Node::text).filter(|host| *host != "*").map(|host| (host, None)));
        }
        "IngressRoute" => {
            let rules = spec.items_at(&["routes"]).iter().filter_map(|route| route.text_of("match"));
            hosts.extend(
                rules.flat_map(|rule| rule.split("Host(`").skip(1).filter_map(|rest| rest.split('`').next())).map(|host| (host, None)),
            );
        }
        "DomainMapping" => hosts.push((manifest.own_name(), None)),
        "Service" if spec.text_of("type") == Some("ExternalName") => {
            if let Some(host) = spec.text_of("externalName").filter(|host| !host.ends_with(".local")) {
                found.things.push(Thing::new(Section::ExternalHost, host, "", spot_of(manifest)));
            }
        }
        _ => {}
    }
    for (host, service) in hosts.into_iter().filter(|(host, _)| !host.is_empty()) {
        let mut thing = Thing::new(Section::IngressHost, host, "", spot_of(manifest));
        thing.service = service.map(|service| manifest.full(service));
        found.things.push(thing);
    }
}

/// The variables that a set's config maps and secrets give to those who take all of one.
pub fn given(set: &Set, kinds: &[&str], name: &str) -> Vec<(String, Option<String>)> {
    let named = set.manifests.iter().filter(|manifest| kinds.contains(&manifest.kind()) && manifest.own_name() == name);
    let mut given = Vec::new();
    for manifest in named {
        let is_secret = manifest.kind() != "ConfigMap";
        for path in [&["data"][..], &["stringData"], &["spec", "encryptedData"]] {
            let entries = manifest.node.entries_at(path).iter();
            given.extend(entries.map(|(key, value)| (key.to_string(), value.text().filter(|_| !is_secret).map(str::to_owned))));
        }
        let keys = manifest.node.items_at(&["spec", "data"]).iter().filter_map(|item| item.text_of("secretKey"));
        given.extend(keys.map(|key| (key.to_owned(), None)));
    }
    given.retain(|(key, _)| is_variable(key));
    given
}

/// Whether a key can be the name of a variable.
pub fn is_variable(name: &str) -> bool {
    name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_') && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
}

/// The engine of an image that a chart depends on by name: `postgresql`, `redis`.
pub fn engine_of_chart(name: &str) -> Option<engines::Engine> {
    engines::of_word(name).or_else(|| engines::of_image(name))
}

/// Adds variables that get values.
pub fn put(given: Vec<(String, Option<String>)>, spot: &Spot, found: &mut Infrastructure) {
    found.env.extend(given.into_iter().map(|(name, value)| set(&name, value, spot)));
}
