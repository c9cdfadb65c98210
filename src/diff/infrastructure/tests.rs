use serde_json::{Value, json};

use super::compare;
use crate::diff::catalogue::{self, Pair};
use crate::diff::{Change, Level};

/// Cannot be seen in documents: what runs is not in them.
const UNSEEN: &[&str] = &["infra-drift-detected"];

fn between(before: &Value, after: &Value) -> Vec<Change> {
    compare(Some(before), Some(after))
}

fn rules(changes: &[Change]) -> Vec<&str> {
    changes.iter().map(|change| change.rule.as_str()).collect()
}

/// The level a rule is told at; none when it is not.
fn level_of(rule: &str, before: &Value, after: &Value) -> Option<Level> {
    between(before, after).into_iter().find(|change| change.rule == rule).map(|change| change.level)
}

#[test]
fn each_rule_fires_where_it_should_and_only_there() {
    let mut wrong = Vec::new();
    for rule in catalogue::rules().filter(|rule| rule.domain == "infra" && !UNSEEN.contains(&rule.id.as_str())) {
        let (Some(Pair { before, after }), Some(quiet)) = (&rule.example, &rule.quiet) else {
            wrong.push(format!("{}: no example", rule.id));
            continue;
        };
        let told = between(before, after);
        if told.len() != 1 || told[0].rule != rule.id || told[0].level != rule.level {
            wrong.push(format!("{}: tells {told:?}", rule.id));
        }
        if rules(&between(&quiet.before, &quiet.after)).contains(&rule.id.as_str()) {
            wrong.push(format!("{}: not quiet", rule.id));
        }
        let mirrored = between(after, before);
        if rule.inverse.as_ref().is_some_and(|inverse| !rules(&mirrored).contains(&inverse.as_str())) {
            wrong.push(format!("{}: mirrored {mirrored:?}", rule.id));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn a_port_that_is_open_to_the_outside_is_a_warning() {
    let ports = |ports: Value| json!({"services": [{"name": "api", "ports": ports}]});
    let (few, many) = (ports(json!([{"container": 80}])), ports(json!([{"container": 80}, {"container": 90, "published": "90"}])));
    assert_eq!(level_of("infra-port-added", &few, &many), Some(Level::Warning));
}

#[test]
fn what_holds_no_state_may_go() {
    let resources = |kinds: &[&str]| {
        let all: Vec<Value> = kinds.iter().map(|kind| json!({"type": kind, "name": "a"})).collect();
        json!({"cloud_resources": all})
    };
    let level = |kind: &str| level_of("infra-resource-removed", &resources(&["aws_vpc", kind]), &resources(&["aws_vpc"]));
    assert_eq!(level("aws_cloudwatch_metric_alarm"), Some(Level::Warning));
    assert_eq!(level("AWS::CloudWatch::Alarm"), Some(Level::Warning));
    assert_eq!(level("aws_ecr_repository"), Some(Level::Breaking));
    let alarm = |name: &str| json!({"cloud_resources": [{"type": "aws_cloudwatch_metric_alarm", "name": name}]});
    assert_eq!(level_of("infra-resource-replaced", &alarm("a"), &alarm("b")), Some(Level::Warning));
    assert_eq!(rules(&between(&resources(&["AWS::RDS::DBInstance"]), &resources(&[]))), ["infra-stateful-storage-removed"]);
}

#[test]
fn what_only_code_names_is_not_destroyed() {
    let named = |section: &str, origin: &str| json!({section: [{"name": "a", "origin": origin}]});
    for (section, rule) in [("buckets", "infra-stateful-storage-removed"), ("queues", "infra-queue-removed")] {
        assert_eq!(level_of(rule, &named(section, "code"), &json!({})), Some(Level::Info));
        assert_eq!(level_of(rule, &named(section, "document"), &json!({})), Some(Level::Breaking));
    }
}

#[test]
fn a_setting_that_is_still_set_for_nobody_is_a_warning() {
    let variable = |readers: Value| json!({"env_vars": [{"name": "A", "readBy": readers, "setBy": [{"file": "compose.yml"}]}]});
    let (read, unread) = (variable(json!([{"file": "a.py"}])), variable(json!([])));
    assert_eq!(level_of("infra-env-removed", &read, &unread), Some(Level::Warning));
}

#[test]
fn one_cause_is_told_once() {
    let before = json!({
        "services": [{"name": "db", "image": "postgres:16"}, {"name": "api", "dependsOn": ["db"]}],
        "datastores": [{"name": "postgres", "service": "db", "version": "16", "origin": "document"}],
        "images": [{"name": "postgres:16", "role": "runs"}],
        "queues": [{"name": "orders", "kind": "aws_sqs_queue", "origin": "document", "evidence": [{"file": "a.tf", "symbol": "aws_sqs_queue.orders"}]}],
        "cloud_resources": [{"type": "aws_sqs_queue", "name": "orders"}],
        "env_vars": [{"name": "TOKEN", "required": true, "readBy": [{"file": "a.py"}]}],
        "secrets": [{"name": "TOKEN"}],
    });
    let without = |key: &str| {
        let mut after = before.clone();
        after.as_object_mut().map(|members| members.remove(key));
        after
    };
    let mut after = before.clone();
    after["services"] = json!([{"name": "api"}]);
    after["datastores"] = json!([]);
    assert_eq!(rules(&between(&before, &after)), ["infra-service-removed"]);
    let mut after = before.clone();
    after["services"][0]["image"] = json!("postgres:18");
    after["datastores"][0]["version"] = json!("18");
    assert_eq!(rules(&between(&before, &after)), ["infra-image-major-changed"]);
    let mut after = without("queues");
    after["cloud_resources"] = json!([]);
    assert_eq!(rules(&between(&before, &after)), ["infra-queue-removed"]);
    let mut after = without("env_vars");
    after["secrets"] = json!([]);
    assert_eq!(rules(&between(&before, &after)), ["infra-secret-removed"]);
    assert_eq!(rules(&between(&after, &before)), ["infra-env-required-added"]);
}
