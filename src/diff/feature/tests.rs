use serde_json::{Map, Value, json};

use super::compare;
use crate::contract::documents::feature::FeatureDocument;
use crate::contract::documents::head::Head;
use crate::contract::model::{Database, Table};
use crate::diff::catalogue::{self, Pair, Rule};
use crate::diff::{Change, Promises, meta};

/// A feature's document from the parts that a case is about.
fn document(slug: &str, parts: &Value) -> FeatureDocument {
    let lists = ["documents", "languages", "frameworks", "entryPoints", "dependencies", "packages", "gaps", "problems", "files"];
    let mut whole: Map<String, Value> = lists.iter().map(|list| ((*list).to_owned(), json!([]))).collect();
    for (key, value) in [
        ("name", json!(slug)),
        ("slug", json!(slug)),
        ("kind", json!("feature")),
        ("purpose", json!("")),
        ("version", json!("0.1.0")),
        ("fingerprint", json!("")),
    ] {
        whole.insert(key.to_owned(), value);
    }
    let head = serde_json::to_value(Head::of("feature_contract")).expect("a head is JSON");
    whole.extend(head.as_object().cloned().unwrap_or_default());
    whole.extend(parts.as_object().cloned().unwrap_or_default());
    serde_json::from_value(Value::Object(whole)).expect("a feature's document")
}

/// One side of a case: features by slug, relationships, infrastructure, names of tables.
fn promises(side: &Value) -> Promises {
    let features = side["features"].as_object().into_iter().flatten().map(|(slug, parts)| (slug.clone(), document(slug, parts)));
    let names = side["tables"].as_array().into_iter().flatten().filter_map(Value::as_str);
    let tables = names.map(|name| Table { name: name.to_owned(), ..Table::default() }).collect();
    Promises {
        features: features.collect(),
        relationships: match &side["relationships"] {
            Value::Null => crate::contract::model::Relationships::default(),
            own => {
                let mut whole = json!({"features": [], "edges": [], "cycles": [], "layers": []});
                whole.as_object_mut().expect("an object").extend(own.as_object().cloned().unwrap_or_default());
                serde_json::from_value(whole).expect("relationships")
            }
        },
        infrastructure: side.get("infrastructure").cloned(),
        databases: vec![Database { tables, ..Database::default() }],
        ..Promises::default()
    }
}

fn changes(before: &Value, after: &Value) -> Vec<Change> {
    let (before, after) = (promises(before), promises(after));
    compare(&before, &after).into_iter().chain(meta::compare(&before, &after)).collect()
}

/// What is wrong with a rule's pairs.
fn faults(rule: &Rule, example: &Pair, quiet: &Pair) -> Vec<String> {
    let fires = |pair: &Pair| changes(&pair.before, &pair.after).into_iter().find(|change| change.rule == rule.id);
    let mut faults = Vec::new();
    match fires(example) {
        None => faults.push(format!("silent; {:?}", changes(&example.before, &example.after))),
        Some(change) if change.level != rule.level => faults.push(format!("at level {:?}", change.level)),
        Some(_) => {}
    }
    faults.extend(fires(quiet).map(|change| format!("loud: {change:?}")));
    for side in [&example.before, &example.after, &quiet.before, &quiet.after] {
        faults.extend(changes(side, side).first().map(|change| format!("differs from itself: {change:?}")));
    }
    if let Some(inverse) = &rule.inverse {
        let mirror = changes(&example.after, &example.before);
        faults.extend((!mirror.iter().any(|change| change.rule == *inverse)).then(|| format!("no `{inverse}` in {mirror:?}")));
    }
    faults.into_iter().map(|fault| format!("{}: {fault}", rule.id)).collect()
}

#[test]
fn examples_fire_and_near_misses_are_quiet() {
    let rules = catalogue::rules().filter(|rule| rule.domain == "feature" || rule.id == "meta-extraction-incomplete");
    let pairs: Vec<(&Rule, &Pair, &Pair)> = rules.filter_map(|rule| Some((rule, rule.example.as_ref()?, rule.quiet.as_ref()?))).collect();
    assert!(pairs.len() >= 20, "{} rules have examples", pairs.len());
    let faults: Vec<String> = pairs.into_iter().flat_map(|(rule, example, quiet)| faults(rule, example, quiet)).collect();
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}
