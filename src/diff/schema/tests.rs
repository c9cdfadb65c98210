use serde_json::{Value, json};

use super::{Comparer, Direction, Place, SchemaChange};
use crate::diff::catalogue::{self, Pair, Rule};
use crate::diff::change::Level;

/// All changes from one schema, or document of named schemas, to another.
fn changes(before: &Value, after: &Value, direction: Direction, place: Place) -> Vec<SchemaChange> {
    let mut comparer = Comparer::new(before, after);
    let mut changes = comparer.compare(before, after, direction, place);
    if before.get("components").is_some() {
        changes.extend(comparer.components());
    }
    changes
}

fn rules() -> Vec<&'static Rule> {
    let rules: Vec<_> = catalogue::rules().filter(|rule| rule.domain == "schema").collect();
    assert!(rules.len() > 250);
    rules
}

fn direction(rule: &Rule) -> Direction {
    if rule.direction.as_deref() == Some("output") { Direction::Output } else { Direction::Input }
}

fn told(rule: &Rule, pair: &Pair) -> Vec<SchemaChange> {
    changes(&pair.before, &pair.after, direction(rule), Place::Body)
}

/// `rule path level` of every change, for plain comparison.
fn check(direction: Direction, before: &Value, after: &Value, expected: &[&str]) {
    check_at(Place::Body, direction, before, after, expected);
}

fn check_at(place: Place, direction: Direction, before: &Value, after: &Value, expected: &[&str]) {
    let told: Vec<String> = changes(before, after, direction, place)
        .iter()
        .map(|change| format!("{} {} {:?}", change.rule, change.path, change.level).to_lowercase())
        .collect();
    assert_eq!(told, expected, "{before} → {after}");
}

#[test]
fn every_rule_fires_on_its_example_at_its_level() {
    let mut missing = Vec::new();
    for rule in rules() {
        let Some(example) = &rule.example else {
            missing.push(format!("{}: no example", rule.id));
            continue;
        };
        let told = told(rule, example);
        if !told.iter().any(|change| change.rule == rule.id && change.level == rule.level) {
            missing.push(format!("{}: {told:?}", rule.id));
        }
    }
    assert!(missing.is_empty(), "{}", missing.join("\n"));
}

#[test]
fn an_example_tells_one_thing() {
    let mut more = Vec::new();
    for rule in rules() {
        let Some(example) = &rule.example else { continue };
        let told = told(rule, example);
        // A schema cannot become recursive without another change.
        if told.len() != 1 && !rule.id.ends_with("recursion-changed") {
            more.push(format!("{}: {:?}", rule.id, told.iter().map(|change| &change.rule).collect::<Vec<_>>()));
        }
    }
    assert!(more.is_empty(), "{}", more.join("\n"));
}

#[test]
fn no_rule_fires_on_its_near_miss() {
    for rule in rules() {
        let Some(quiet) = &rule.quiet else { panic!("{}: no near miss", rule.id) };
        let told = told(rule, quiet);
        assert!(told.iter().all(|change| change.rule != rule.id), "{}: {told:?}", rule.id);
    }
}

#[test]
fn a_swapped_example_fires_the_inverse() {
    for rule in rules() {
        let (Some(example), Some(inverse)) = (&rule.example, &rule.inverse) else { continue };
        let swapped = Pair { before: example.after.clone(), after: example.before.clone() };
        let told = told(rule, &swapped);
        assert!(told.iter().any(|change| change.rule == *inverse), "{}: {told:?}", rule.id);
    }
}

#[test]
fn nothing_changes_from_a_schema_to_itself() {
    for rule in rules() {
        let pairs = rule.example.iter().chain(&rule.quiet).flat_map(|pair| [&pair.before, &pair.after]);
        for schema in pairs {
            for direction in [Direction::Input, Direction::Output] {
                let other = schema.clone();
                assert_eq!(changes(schema, &other, direction, Place::Body), [], "{}: {schema}", rule.id);
            }
        }
    }
}

#[test]
fn what_a_direction_does_not_use_breaks_nothing() {
    for rule in rules() {
        let mark = match (rule.direction.as_deref(), rule.level_when.iter().any(|when| when.when.starts_with("property is "))) {
            (Some("input"), true) => "readOnly",
            (Some("output"), true) => "writeOnly",
            _ => continue,
        };
        let Some(example) = &rule.example else { continue };
        let within = |schema: &Value| {
            let mut member = schema.clone();
            let inner = member.as_object_mut().expect("examples are objects");
            let definitions = inner.remove("$defs").unwrap_or_default();
            inner.insert(mark.to_owned(), json!(true));
            json!({"type": "object", "properties": {"member": member}, "$defs": definitions})
        };
        let (before, after) = (within(&example.before), within(&example.after));
        let told = changes(&before, &after, direction(rule), Place::Body);
        assert!(told.iter().any(|change| change.rule == rule.id), "{}: {told:?}", rule.id);
        assert!(told.iter().all(|change| change.level == Level::Info), "{}: {told:?}", rule.id);
    }
}
