//! Settings of services and resources, where a document says them: how much they may use, how they are watched, who they run
//! as, what is kept of them.

use std::collections::{BTreeMap, BTreeSet};

use super::told::Told;

/// Settings by name, as they are written.
pub type Settings = BTreeMap<String, String>;

/// Compares the settings of a service.
pub fn of_service(told: &mut Told, subject: &str, old: &Settings, new: &Settings) {
    let names: BTreeSet<&String> = old.keys().chain(new.keys()).collect();
    for name in names {
        let (left, right) = (old.get(name).map(String::as_str), new.get(name).map(String::as_str));
        if name.starts_with("config ") {
            keys(told, (subject, name), left, right);
        } else if left != right
            && let Some(rule) = rule_of(name, left, right)
        {
            told.differs(rule, (subject, name), left, right);
        }
    }
}

/// The rule that a change of a service's setting falls under; none when it is no promise.
fn rule_of(name: &str, old: Option<&str>, new: Option<&str>) -> Option<&'static str> {
    let is_less = || is_less(old, new);
    let rule = match name {
        "restart" => "infra-restart-policy-changed",
        "healthCheck" | "livenessProbe" | "readinessProbe" | "startupProbe" => match new {
            None => "infra-health-check-removed",
            Some(_) if old.is_some() => "infra-health-check-changed",
            Some(_) => return None,
        },
        // Without a limit there is more than with any.
        "memory" | "cpu" => return (is_less() || old.is_none()).then_some("infra-resource-limit-decreased"),
        "scaling" => "infra-autoscaling-changed",
        "user" => return (is_root(new) && !is_root(old)).then_some("infra-user-privilege-raised"),
        "privileged" => return (new == Some("true")).then_some("infra-user-privilege-raised"),
        "capabilities" => {
            let list = |text: Option<&str>| -> BTreeSet<String> {
                text.into_iter().flat_map(|text| text.split(", ")).map(str::to_owned).collect()
            };
            return (!list(new).is_subset(&list(old))).then_some("infra-user-privilege-raised");
        }
        _ => return None,
    };
    Some(rule)
}

/// Keys of a configuration that a service sees as files.
fn keys(told: &mut Told, place: (&str, &str), old: Option<&str>, new: Option<&str>) {
    let (Some(old), Some(new)) = (old, new) else { return };
    let list = |text: &str| -> BTreeSet<String> { text.split(", ").filter(|key| !key.is_empty()).map(str::to_owned).collect() };
    let (old, new) = (list(old), list(new));
    for key in old.difference(&new) {
        told.tell("infra-config-key-removed", place.0, format!("{} key {key}", place.1));
    }
    for key in new.difference(&old) {
        told.tell("infra-config-key-added", place.0, format!("{} key {key}", place.1));
    }
}

/// Whoever is not named is what the image says; that a name is gone may make it root.
fn is_root(user: Option<&str>) -> bool {
    user.is_none_or(|user| matches!(user.split(':').next(), Some("0" | "root")))
}

/// Whether a quantity (`512M`, `0.5`, `500m`, `2Gi`) shrank.
pub fn is_less(old: Option<&str>, new: Option<&str>) -> bool {
    let (Some(left), Some(right)) = (old.and_then(quantity), new.and_then(quantity)) else { return false };
    right < left
}

fn quantity(text: &str) -> Option<f64> {
    let text = text.trim();
    let end = text.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(text.len());
    let number: f64 = text[..end].parse().ok()?;
    let unit = match text[end..].trim().trim_end_matches(['b', 'B']) {
        "" => 1.0,
        "m" if !text.ends_with(['b', 'B']) => 0.001,
        "k" | "K" => 1e3,
        "Ki" => 1024.0,
        "m" | "M" => 1e6,
        "Mi" => 1_048_576.0,
        "g" | "G" => 1e9,
        "Gi" => 1_073_741_824.0,
        "T" | "t" => 1e12,
        "Ti" => 1_099_511_627_776.0,
        _ => return None,
    };
    Some(number * unit)
}

/// What is wanted of a resource's setting.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Wish {
    /// It stays true.
    Kept,
    /// It does not become true.
    Off,
    /// It does not shrink, and is not taken away.
    NotLess,
    /// It stays as it is.
    Same,
    /// It stays as it is once it was said.
    SameSaid,
}

/// Settings by the last part of their name, what is wanted of them, and the rule when it is otherwise. What is not here is
/// changed in place.
const OF_RESOURCES: &[(&[&str], Wish, &str)] = &[
    (&["managed"], Wish::Kept, "infra-resource-forgotten"),
    (
        &["deletion_protection", "deletion_protection_enabled", "prevent_destroy", "DeletionProtection", "DeletionPolicy"],
        Wish::Kept,
        "infra-deletion-protection-removed",
    ),
    (&["force_destroy", "skip_final_snapshot"], Wish::Off, "infra-deletion-protection-removed"),
    (
        &["backup_retention_period", "BackupRetentionPeriod", "backup_retention_days", "backup_window"],
        Wish::NotLess,
        "infra-backup-weakened",
    ),
    (&["point_in_time_recovery", "versioning", "backups"], Wish::Kept, "infra-backup-weakened"),
    (
        &["storage_encrypted", "StorageEncrypted", "encrypted", "Encrypted", "https_only", "transit_encryption_enabled"],
        Wish::Kept,
        "infra-tls-weakened",
    ),
    (&["min_tls_version", "minimum_tls_version", "minimum_protocol_version", "ssl_policy"], Wish::NotLess, "infra-tls-weakened"),
    (&["publicly_accessible", "PubliclyAccessible", "public_network_access_enabled"], Wish::Off, "infra-public-exposure-added"),
    (
        &["allocated_storage", "AllocatedStorage", "storage_type", "StorageType", "disk_size", "storage_class", "size"],
        Wish::SameSaid,
        "infra-stateful-storage-changed",
    ),
    (&["region", "location", "availability_zone", "AvailabilityZone", "zone"], Wish::SameSaid, "infra-region-changed"),
    (
        &[
            "message_retention_seconds",
            "message_retention_duration",
            "visibility_timeout_seconds",
            "fifo_queue",
            "fifo_topic",
            "delay_seconds",
            "redrive_policy",
            "retention_period",
            "shard_count",
            "partitions",
            "enable_message_ordering",
            "content_based_deduplication",
            "FifoQueue",
            "FifoTopic",
            "MessageRetentionPeriod",
            "VisibilityTimeout",
            "RedrivePolicy",
            "RetentionPeriodHours",
            "ShardCount",
        ],
        Wish::Same,
        "infra-queue-setting-changed",
    ),
    (
        &["min_size", "max_size", "desired_capacity", "min_capacity", "max_capacity", "MinSize", "MaxSize"],
        Wish::Same,
        "infra-autoscaling-changed",
    ),
];

/// Compares the settings of a resource.
pub fn of_resource(told: &mut Told, subject: &str, old: &Settings, new: &Settings) {
    let names: BTreeSet<&String> = old.keys().chain(new.keys()).collect();
    let mut is_updated = false;
    for name in names {
        let (left, right) = (old.get(name).map(String::as_str), new.get(name).map(String::as_str));
        if left == right {
            continue;
        }
        let last = name.rsplit('.').next().unwrap_or(name);
        let wished = OF_RESOURCES.iter().find(|(names, ..)| names.contains(&last));
        match wished.filter(|(_, wish, _)| !is_granted(*wish, left, right)) {
            Some((.., rule)) => {
                told.differs(rule, (subject, name), left, right);
            }
            None => is_updated = true,
        }
    }
    if is_updated {
        told.tell("infra-resource-updated", subject, "");
    }
}

fn is_granted(wish: Wish, old: Option<&str>, new: Option<&str>) -> bool {
    let is_on = |text: Option<&str>| matches!(text, Some("true" | "Retain" | "Snapshot" | "Enabled"));
    match wish {
        Wish::Kept => !is_on(old) && old.is_some() || is_on(new) || old.is_none() && new != Some("false"),
        Wish::Off => !is_on(new),
        Wish::NotLess => old.is_none() || new.is_some() && (is_less(new, old) || quantity(new.unwrap_or_default()).is_none() && new > old),
        Wish::Same => false,
        Wish::SameSaid => old.is_none() || new.is_none(),
    }
}
