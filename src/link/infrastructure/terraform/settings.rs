//! What a resource's block says that others rely on: guards, backups, encryption, sizes, places, queues. And what blocks beside
//! it say: that it moved, or that it is no longer managed.

use std::collections::BTreeMap;

use super::Module;
use super::scope::Scope;
use crate::facts::hcl::{Block, Body, Expr};

/// Attributes that are kept; none of them holds a secret.
const KEPT: &[&str] = &[
    "allocated_storage",
    "availability_zone",
    "backup_retention_days",
    "backup_retention_period",
    "content_based_deduplication",
    "delay_seconds",
    "deletion_protection",
    "deletion_protection_enabled",
    "desired_capacity",
    "disk_size",
    "enable_message_ordering",
    "encrypted",
    "fifo_queue",
    "fifo_topic",
    "force_destroy",
    "https_only",
    "instance_class",
    "instance_type",
    "location",
    "machine_type",
    "max_capacity",
    "max_size",
    "message_retention_duration",
    "message_retention_seconds",
    "min_capacity",
    "min_size",
    "min_tls_version",
    "minimum_protocol_version",
    "minimum_tls_version",
    "node_type",
    "partitions",
    "public_network_access_enabled",
    "publicly_accessible",
    "region",
    "retention_period",
    "shard_count",
    "size",
    "skip_final_snapshot",
    "ssl_policy",
    "storage_class",
    "storage_encrypted",
    "storage_type",
    "tier",
    "transit_encryption_enabled",
    "visibility_timeout_seconds",
    "zone",
];

/// Blocks in which some of them stand, or that say something by being there.
const INSIDE: &[&str] = &["settings", "lifecycle", "point_in_time_recovery", "versioning", "backup_configuration", "site_config"];

/// The settings of a resource.
pub fn of(block: &Block, module: &Module<'_>, scope: &Scope) -> BTreeMap<String, String> {
    let mut settings = BTreeMap::new();
    put(&block.body, "", scope, &mut settings);
    for inner in INSIDE.iter().flat_map(|kind| block.body.blocks_of(kind)) {
        let prefix = if inner.kind == "lifecycle" { String::new() } else { format!("{}.", inner.kind) };
        put(&inner.body, &prefix, scope, &mut settings);
        if let Some(value) = inner.body.get("enabled").and_then(|value| known(value, scope)) {
            settings.insert(inner.kind.to_string(), value);
        }
        if let Some(value) = inner.body.get("prevent_destroy").and_then(Expr::plain) {
            settings.insert("prevent_destroy".to_owned(), value.to_owned());
        }
    }
    let address = block.labels.join(".");
    for (_, moved) in module.of("moved") {
        if let (Some(Expr::Path(from)), Some(Expr::Path(to))) = (moved.body.get("from"), moved.body.get("to"))
            && *to == address
        {
            settings.insert("moved_from".to_owned(), from.clone());
        }
    }
    settings
}

fn put(body: &Body, prefix: &str, scope: &Scope, settings: &mut BTreeMap<String, String>) {
    for (name, value) in body.attributes.iter().filter(|(name, _)| KEPT.contains(&name.as_str())) {
        settings.extend(known(value, scope).map(|value| (format!("{prefix}{name}"), value)));
    }
}

/// A value as it is written; what a variable's default says is told of the variable.
fn known(value: &Expr, scope: &Scope) -> Option<String> {
    Some(scope.written(value)).filter(|text| !text.is_empty() && !text.contains("${"))
}

/// The resources that a module no longer manages and does not destroy: type and name.
pub fn forgotten<'a>(module: &Module<'a>) -> impl Iterator<Item = (&'a str, &'a Block, &'a str, &'a str)> {
    module.of("removed").filter_map(|(file, block)| {
        let Some(Expr::Path(from)) = block.body.get("from") else { return None };
        let (kind, name) = from.split_once('.')?;
        let mut guards = block.body.blocks_of("lifecycle").filter_map(|guard| guard.body.get("destroy").and_then(Expr::plain));
        guards.any(|value| value == "false").then_some((file, block, kind, name))
    })
}
