//! Resources of a cloud: what came, went, was replaced or moved.

use std::collections::BTreeSet;

use super::settings;
use super::told::{Sides, Told};
use crate::contract::model::Evidence;
use crate::contract::model::infrastructure::{CloudResource, Infrastructure};
use crate::diff::Level;

/// What a resource is for, as far as its type tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Class {
    /// Holds data.
    Stateful,
    /// Queues, topics, streams.
    Queue,
    /// Says who may do what.
    Permission,
    /// Allows connections.
    Network,
    /// Forbids all connections but those it names.
    Policy,
    /// Backups.
    Backup,
    /// Guards against destruction.
    Lock,
    /// Scales others.
    Scaling,
    /// Watches others.
    Health,
    /// Is reached from outside.
    Public,
    /// Rules, alarms, dashboards.
    Stateless,
    /// Anything else.
    Other,
}

/// Pieces of types, in words joined by `_`; the first that is found decides.
const CLASSES: &[(Class, &[&str])] = &[
    (Class::Backup, &["backup_plan", "backup_selection", "backup_policy", "backup_schedule", "dlm_lifecycle", "backup_run"]),
    (Class::Lock, &["management_lock", "vault_lock", "liens_lien", "object_lock"]),
    (
        Class::Permission,
        &[
            "iam_",
            "role_assignment",
            "role_binding",
            "cluster_role",
            "lambda_permission",
            "bucket_policy",
            "access_policy",
            "kms_grant",
            "queue_policy",
            "topic_policy",
        ],
    ),
    (Class::Policy, &["network_policy"]),
    (
        Class::Network,
        &[
            "security_group_rule",
            "security_group_ingress",
            "security_group_egress",
            "ingress_rule",
            "egress_rule",
            "firewall",
            "network_security_rule",
        ],
    ),
    (
        Class::Scaling,
        &["autoscaling_policy", "appautoscaling", "pod_autoscaler", "autoscaler", "autoscale_setting", "scalable_target", "scaling_policy"],
    ),
    (Class::Health, &["health_check"]),
    (
        Class::Stateless,
        &["event_rule", "events_rule", "alarm", "dashboard", "alert", "metric_filter", "log_group", "notification_channel", "uptime_check"],
    ),
    (
        Class::Queue,
        &[
            "sqs_queue",
            "sns_topic",
            "kinesis_stream",
            "pubsub_topic",
            "pubsub_subscription",
            "servicebus_queue",
            "servicebus_topic",
            "eventhub",
            "mq_broker",
            "msk_cluster",
            "kafka_topic",
            "event_bus",
        ],
    ),
    (
        Class::Stateful,
        &[
            "db_instance",
            "db_cluster",
            "rds_cluster",
            "dynamodb_table",
            "dynamo_db_table",
            "s3_bucket",
            "efs_file_system",
            "ebs_volume",
            "redshift_cluster",
            "docdb_cluster",
            "neptune_cluster",
            "opensearch_domain",
            "elasticsearch_domain",
            "sql_database",
            "spanner",
            "bigtable",
            "bigquery",
            "storage_bucket",
            "storage_account",
            "storage_container",
            "cosmosdb",
            "postgresql_",
            "mysql_",
            "mssql_",
            "filestore",
            "compute_disk",
            "managed_disk",
            "persistent_volume",
            "database_cluster",
            "volume",
        ],
    ),
    (
        Class::Public,
        &[
            "_lb",
            "alb",
            "elb",
            "load_balancer",
            "eip",
            "global_address",
            "internet_gateway",
            "api_gateway",
            "function_url",
            "cloudfront_distribution",
        ],
    ),
];

/// The setting that says under which address a resource stood before.
const MOVED_FROM: &str = "moved_from";

/// What a type is for.
pub fn class_of(kind: &str) -> Class {
    let words = format!("{}_", words_of(kind));
    let found = CLASSES.iter().find(|(_, pieces)| {
        pieces.iter().any(|piece| words.contains(&format!("_{}", piece.trim_start_matches('_'))) || words.starts_with(piece))
    });
    found.map_or(Class::Other, |(class, _)| *class)
}

/// `AWS::RDS::DBInstance`, `aws_db_instance` → words joined by `_`.
fn words_of(kind: &str) -> String {
    let mut words = String::new();
    let mut was_lower = false;
    let chars: Vec<char> = kind.chars().collect();
    for (at, c) in chars.iter().enumerate() {
        let ends_capitals = c.is_ascii_uppercase() && chars.get(at + 1).is_some_and(char::is_ascii_lowercase) && at > 0;
        let begins = !c.is_ascii_alphanumeric() || c.is_ascii_uppercase() && (was_lower || ends_capitals);
        if begins && !words.is_empty() && !words.ends_with('_') {
            words.push('_');
        }
        if c.is_ascii_alphanumeric() {
            words.push(c.to_ascii_lowercase());
        }
        was_lower = c.is_ascii_lowercase() || c.is_ascii_digit();
    }
    words
}

/// Whether a name is one of a region.
pub fn is_region(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    let last = name.rsplit(['_', '-', '.']).next().unwrap_or(&name);
    matches!(last, "region" | "zone" | "location") || name.ends_with("availability_zone")
}

/// Compares the resources. Those that a section of their own tells of are told there.
pub fn compare(told: &mut Told, before: &Infrastructure, after: &Infrastructure, elsewhere: &BTreeSet<String>) {
    let mut sides = Sides::of(&before.cloud_resources, &after.cloud_resources, |resource| {
        (resource.kind.clone(), resource.name.clone(), resource.address.clone())
    });
    let mut moved = sides.pair_by(|resource| Some((resource.kind.clone(), resource.name.clone())));
    moved.extend(told_to_move(&mut sides));
    for (old, new) in &moved {
        told.differs("infra-resource-moved", (&subject(new), ""), Some(&address_of(old)), Some(&address_of(new)));
    }
    let module = |resource: &CloudResource| resource.address.rsplitn(3, '.').nth(2).map(str::to_owned);
    let mut replaced = sides.pair_by(|resource| Some((resource.name.clone(), module(resource))));
    let is_plain = |resource: &CloudResource| {
        let is_of_no_rule = matches!(class_of(&resource.kind), Class::Stateful | Class::Stateless | Class::Other);
        is_of_no_rule && !is_told(resource, elsewhere)
    };
    replaced.extend(sides.pair_by(|resource| is_plain(resource).then(|| (resource.kind.clone(), module(resource)))));
    for (old, new) in &replaced {
        let change = told.differs("infra-resource-replaced", (&subject(old), ""), Some(&address_of(old)), Some(&address_of(new)));
        if class_of(&old.kind) == Class::Stateless {
            change.level = Level::Warning;
        }
    }
    for resource in sides.gone.iter().filter(|resource| !is_told(resource, elsewhere)) {
        gone(told, resource);
    }
    for resource in sides.new.iter().filter(|resource| !is_told(resource, elsewhere)) {
        told.tell(rule_of_new(class_of(&resource.kind)), subject(resource), "");
    }
    for (old, new) in sides.both.iter().chain(&moved) {
        instances(told, old, new);
        settings::of_resource(told, &subject(new), &old.settings, &new.settings);
    }
}

/// Resources that say under which address they stood before.
fn told_to_move<'a>(sides: &mut Sides<'a, CloudResource>) -> Vec<(&'a CloudResource, &'a CloudResource)> {
    let gone: BTreeSet<String> = sides.gone.iter().map(|resource| address_of(resource)).collect();
    sides.pair_by(|resource| match resource.settings.get(MOVED_FROM) {
        Some(address) if gone.contains(address) => Some(address.clone()),
        _ => Some(address_of(resource)),
    })
}

fn subject(resource: &CloudResource) -> String {
    format!("resource {}", address_of(resource))
}

fn address_of(resource: &CloudResource) -> String {
    if resource.address.is_empty() { format!("{}.{}", resource.kind, resource.name) } else { resource.address.clone() }
}

/// The names that documents call a declaration by.
pub fn symbols(evidence: &[Evidence]) -> impl Iterator<Item = String> {
    evidence.iter().map(|evidence| evidence.symbol.clone()).filter(|symbol| !symbol.is_empty())
}

fn is_told(resource: &CloudResource, elsewhere: &BTreeSet<String>) -> bool {
    elsewhere.contains(&format!("{}.{}", resource.kind, resource.name))
        || elsewhere.contains(&address_of(resource))
        || elsewhere.contains(&resource.name)
}

fn gone(told: &mut Told, resource: &CloudResource) {
    let (rule, level) = match class_of(&resource.kind) {
        Class::Stateful => ("infra-stateful-storage-removed", None),
        Class::Queue => ("infra-queue-removed", None),
        Class::Permission => ("infra-permission-removed", None),
        Class::Network => ("infra-network-policy-tightened", None),
        Class::Policy => ("infra-network-policy-loosened", None),
        Class::Backup => ("infra-backup-weakened", None),
        Class::Lock => ("infra-deletion-protection-removed", None),
        Class::Scaling => ("infra-autoscaling-changed", None),
        Class::Health => ("infra-health-check-removed", None),
        Class::Stateless => ("infra-resource-removed", Some(Level::Warning)),
        Class::Public | Class::Other => ("infra-resource-removed", None),
    };
    let change = told.differs(rule, (&subject(resource), ""), Some(&resource.kind), None);
    change.level = level.unwrap_or(change.level);
}

fn rule_of_new(class: Class) -> &'static str {
    match class {
        Class::Permission => "infra-permission-added",
        Class::Network => "infra-network-policy-loosened",
        Class::Policy => "infra-network-policy-tightened",
        Class::Public => "infra-public-exposure-added",
        Class::Scaling => "infra-autoscaling-changed",
        _ => "infra-resource-added",
    }
}

/// A resource that is made several times, once for each key.
fn instances(told: &mut Told, old: &CloudResource, new: &CloudResource) {
    let (left, right): (BTreeSet<&String>, BTreeSet<&String>) = (old.instances.iter().collect(), new.instances.iter().collect());
    if left.is_empty() || right.is_empty() {
        return;
    }
    for key in left.difference(&right) {
        told.tell("infra-resource-removed", subject(new), format!("instance {key}"));
    }
    for key in right.difference(&left) {
        told.tell("infra-resource-added", subject(new), format!("instance {key}"));
    }
}
